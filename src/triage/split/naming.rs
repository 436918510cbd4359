//! Names of parts: a template with fields in braces, made safe for every file
//! system. Pure.

use std::collections::HashSet;

use unicode_segmentation::UnicodeSegmentation;

/// Longest name of a part without its ending, in bytes. File systems allow 255; the
/// rest is for the ending and for the numbers of files of one name.
const LONGEST: usize = 230;

/// What a name can be made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// The batch, or the folder that a document came from.
    pub client: String,
    /// The document's name without its ending.
    pub document: String,
    /// Number of the part within its document, from 1.
    pub part: u32,
    /// Its pages, such as `3-7`.
    pub pages: String,
    /// Its title; the document's name where it has none.
    pub title: String,
    /// What the separator sheet before it says; empty where there is none.
    pub barcode: String,
    /// The pile that it is put on; empty where it is on none.
    pub pile: String,
    /// Today, as `2026-11-25`.
    pub date: String,
}

/// A template that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Client,
    Document,
    /// With at least so many digits.
    Part(usize),
    Pages,
    Title,
    Barcode,
    Pile,
    Date,
}

impl Template {
    /// Names for documents that stay whole.
    pub const WHOLE: &str = "{document}";
    /// Names for documents that become several parts.
    pub const SEVERAL: &str = "{document}-{part:03}";

    /// Understands a template, or says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((field, after)) = after.split_once('}') else {
                return Err("a field lacks its closing brace".into());
            };
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            pieces.push(field_named(field)?);
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        if pieces.is_empty() {
            return Err("a name cannot be empty".into());
        }
        Ok(Self(pieces))
    }

    /// Names say which pile a part is on.
    pub fn has_pile(&self) -> bool {
        self.0.contains(&Piece::Pile)
    }

    /// The name for a part, without its ending, safe as a file name. One that would
    /// be too long loses the ends of its longest texts, never the part's number.
    pub fn name(&self, fields: &Fields) -> String {
        let pieces = self.0.iter().map(|piece| match piece {
            Piece::Part(digits) => format!("{:0digits$}", fields.part),
            Piece::Text(text) => text.clone(),
            Piece::Client => fields.client.clone(),
            Piece::Document => fields.document.clone(),
            Piece::Pages => fields.pages.clone(),
            Piece::Title => fields.title.clone(),
            Piece::Barcode => fields.barcode.clone(),
            Piece::Pile => fields.pile.clone(),
            Piece::Date => fields.date.clone(),
        });
        let mut pieces: Vec<String> = pieces.collect();
        let length = |pieces: &[String]| pieces.iter().map(String::len).sum::<usize>();
        while length(&pieces) > LONGEST {
            let texts = pieces.iter_mut().zip(&self.0);
            let texts = texts.filter(|(_, piece)| !matches!(piece, Piece::Part(_)));
            match texts.max_by_key(|(text, _)| text.len()) {
                Some((longest, _)) if !longest.is_empty() => drop_last(longest),
                _ => break,
            }
        }
        safe(&pieces.concat())
    }
}

/// Removes the last character as people see it: a letter goes with its accents.
fn drop_last(text: &mut String) {
    let last = text.grapheme_indices(true).next_back();
    text.truncate(last.map_or(0, |(at, _)| at));
}

/// Characters that are not seen and change the direction of those around them: a
/// name with them can look like another one.
fn turns_text(character: char) -> bool {
    matches!(
        character,
        '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
    )
}

fn field_named(field: &str) -> Result<Piece, String> {
    let (name, format) = field.split_once(':').unwrap_or((field, ""));
    let digits = || match format {
        "" => Ok(1),
        digits => match digits.parse() {
            Ok(digits @ 1..=9) => Ok(digits),
            _ => Err(format!(
                "\"{{{field}}}\": write {{part:03}} for three digits"
            )),
        },
    };
    match (name, format) {
        ("part", _) => digits().map(Piece::Part),
        ("client", "") => Ok(Piece::Client),
        ("document", "") => Ok(Piece::Document),
        ("pages", "") => Ok(Piece::Pages),
        ("title", "") => Ok(Piece::Title),
        ("barcode", "") => Ok(Piece::Barcode),
        ("pile", "") => Ok(Piece::Pile),
        ("date", "") => Ok(Piece::Date),
        _ => Err(format!(
            "\"{{{field}}}\" is unknown: there are {{client}}, {{document}}, {{part:03}}, \
             {{pages}}, {{title}}, {{barcode}}, {{pile}} and {{date}}"
        )),
    }
}

/// A text as a file name, without its ending, that every file system takes.
pub fn safe(name: &str) -> String {
    let options = sanitize_filename::Options {
        windows: true,
        truncate: false,
        replacement: "_",
    };
    let name: String = name.chars().filter(|c| !turns_text(*c)).collect();
    // First, or they would be replaced at the end instead of left out.
    let name = name.trim_matches(['.', ' ']);
    let mut name = sanitize_filename::sanitize_with_options(name, options);
    while name.len() > LONGEST {
        drop_last(&mut name);
    }
    let short = name.trim_matches(['.', ' ']);
    // A leading dash looks like an option to other programs.
    match short.strip_prefix('-') {
        _ if short.is_empty() => "part".to_owned(),
        Some(rest) => format!("_{rest}"),
        None => short.to_owned(),
    }
}

/// A document's name without folders and ending.
pub fn stem(name: &str) -> String {
    let file = name.rsplit('/').next().unwrap_or(name);
    match file.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && ending.eq_ignore_ascii_case("pdf") => {
            stem.to_owned()
        }
        _ => file.to_owned(),
    }
}

/// Numbers names that are there more than once, in any case of letters.
pub fn distinct(names: Vec<String>) -> Vec<String> {
    let mut taken: HashSet<String> = HashSet::new();
    names
        .into_iter()
        .map(|name| {
            let free = (1..)
                .map(|count| numbered(&name, count))
                .find(|candidate| taken.insert(candidate.to_lowercase()));
            free.unwrap_or(name)
        })
        .collect()
}

/// The name for the first, second … file of one name.
pub fn numbered(name: &str, count: u32) -> String {
    match count {
        0 | 1 => name.to_owned(),
        count => format!("{name} ({count})"),
    }
}

/// A number with its noun, for messages.
pub fn counted(count: usize, one: &str, many: &str) -> String {
    let noun = if count == 1 { one } else { many };
    format!("{count} {noun}")
}

/// Page numbers in short: `1-3,7`.
pub fn page_ranges(numbers: impl IntoIterator<Item = u32>) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    let words = ranges.iter().map(|(first, last)| {
        if first == last {
            first.to_string()
        } else {
            format!("{first}-{last}")
        }
    });
    words.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fields() -> Fields {
        Fields {
            client: "Winter".into(),
            document: "scan 07".into(),
            part: 3,
            pages: "5-9".into(),
            title: "Lease: 2024/25".into(),
            barcode: "*4711*".into(),
            pile: "Leases".into(),
            date: "2026-11-25".into(),
        }
    }

    #[test]
    fn templates_are_filled_in() {
        let name = |text| Template::parse(text).unwrap().name(&fields());
        assert_eq!(name("{document}-{part:03}"), "scan 07-003");
        assert_eq!(
            name("{client} {title} p{pages}"),
            "Winter Lease_ 2024_25 p5-9"
        );
        assert_eq!(name("{date}"), "2026-11-25");
        assert_eq!(name("{pile} {barcode}"), "Leases _4711_");
    }

    #[test]
    fn unknown_fields_are_named() {
        assert!(
            Template::parse("{dokument}")
                .unwrap_err()
                .contains("dokument")
        );
        assert!(Template::parse("{part:x}").is_err());
        assert!(Template::parse("{part").is_err());
        assert!(Template::parse("").is_err());
    }

    #[test]
    fn names_are_safe_everywhere() {
        for (from, to) in [
            ("a/b\\c", "a_b_c"),
            ("..", "part"),
            ("CON", "_"),
            ("-rf", "_rf"),
            (" x. ", "x"),
        ] {
            assert_eq!(safe(from), to, "{from}");
        }
    }

    #[test]
    fn long_names_keep_the_number_and_whole_characters() {
        for text in ["x", "ж", "家", "e\u{301}", "👩\u{200d}👧"] {
            let fields = Fields {
                document: text.repeat(300),
                part: 17,
                ..fields()
            };
            let name = |template| Template::parse(template).unwrap().name(&fields);
            for template in ["{document}-{part:03}", "{part:03}-{document} {client}"] {
                let name = name(template);
                assert!(name.len() <= LONGEST && name.len() > LONGEST - 20, "{name}");
                assert!(name.contains("017"), "{name}");
                let texts: usize = name.matches(text).map(str::len).sum();
                assert!(name.len() - texts <= "017- Winter".len(), "{name}");
            }
            assert!(safe(&text.repeat(300)).len() <= LONGEST);
        }
    }

    #[test]
    fn characters_that_turn_text_around_are_left_out() {
        assert_eq!(safe("invoice\u{202e}fdp.exe"), "invoicefdp.exe");
        assert_eq!(safe("\u{2066}a\u{2069}\u{feff}"), "a");
    }

    #[test]
    fn names_that_differ_only_in_case_are_numbered() {
        let names = ["a", "A", "b", "a (2)"].map(String::from).to_vec();
        assert_eq!(distinct(names), ["a", "A (2)", "b", "a (2) (2)"]);
    }

    #[test]
    fn page_numbers_in_a_row_are_ranges() {
        assert_eq!(page_ranges([1, 2, 3, 7, 9, 10]), "1-3,7,9-10");
    }

    proptest! {
        #[test]
        fn any_text_makes_a_name(text in ".{0,300}") {
            let name = safe(&text);
            prop_assert!(!name.is_empty() && name.len() <= LONGEST);
            prop_assert!(!name.contains(['/', '\\', '\0', ':']));
        }
    }
}
