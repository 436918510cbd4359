//! Fields: everything that can be known of a page, one entry each. Columns and sorting,
//! filters with their counts, marks under pictures, movable lines, the inspector's
//! verdicts, tables for other programs and their document are made from this list. Not
//! for measuring (`analysis`), nor for drawing (`desk`).

mod documents;
mod pages;
mod subject;
mod value;

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;
use serde_json::Value as Json;

pub use documents::{DOCUMENT, DocumentColumn, DocumentField, DocumentSubject};
pub use pages::{PAGE, kind_in_words};
#[cfg(test)]
pub(crate) use subject::Known;
pub use subject::{Knowledge, Subject, Surroundings};
pub use value::Value;

use crate::analysis::Thresholds;
use crate::model::{Page, Signals};

/// Something that can be known of a page.
pub struct Field {
    /// In tables for other programs, in JSON and in settings; never changed.
    pub name: &'static str,
    /// For people.
    pub label: &'static str,
    /// One sentence that says what it is.
    pub help: &'static str,
    /// What its values are.
    pub kind: Kind,
    /// Takes it from what is known of a page.
    pub value: for<'a> fn(&Subject<'a>) -> Value<'a>,
    /// Its column in the window.
    pub column: Column,
    /// What it says of a page, with the evidence; none where it says nothing.
    pub evidence: Option<fn(&Subject) -> Option<String>>,
    /// What pages can be chosen and marked by.
    pub flags: &'static [Flag],
    /// The line between its answers, which a person can move.
    pub line: Option<Line>,
    /// Of what it says of pages, where that is wrong or not said: a sentence for the manual.
    pub fails: Option<&'static str>,
}

/// What the values of a field are.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A whole number.
    Count,
    /// A number of bytes.
    Bytes,
    /// A number.
    Number {
        /// Digits after the point in tables.
        decimals: i32,
        /// Digits after the point in the window.
        shown: usize,
    },
    /// The same, and the largest, whatever its sign, comes first.
    Tilt {
        /// Digits after the point in tables.
        decimals: i32,
        /// Digits after the point in the window.
        shown: usize,
    },
    /// A share from 0 to 1, shown in per cent.
    Share,
    /// Yes or no.
    YesNo,
    /// One of these words; those that deserve a look come first.
    Word(&'static [Choice]),
    /// A text.
    Text,
    /// Several texts.
    Texts,
}

/// A word that a field may say.
#[derive(Debug)]
pub struct Choice {
    /// In tables.
    pub word: &'static str,
    /// In the window's table; empty where it is what most pages say.
    pub label: &'static str,
    /// When it is said.
    pub help: &'static str,
}

/// A column of the window's table.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Short, above the column.
    pub heading: &'static str,
    /// Points; none: what is left.
    pub width: Option<f32>,
    /// It is shown until a person hides it; else it is hidden until one shows it.
    pub shown: bool,
}

/// What is said of a page where a field has certain values: pages are chosen by it, and
/// marked where it has an icon.
#[derive(Debug)]
pub struct Flag {
    /// In the list of what pages can be chosen by.
    pub label: &'static str,
    /// The values, as words of tables; none: any value.
    pub words: &'static [&'static str],
    /// The mark under the page's picture.
    pub mark: Option<Mark>,
    /// On the chip that asks for it in one click; none: only the longer list has it.
    pub chip: Option<&'static str>,
}

/// A mark under a picture.
#[derive(Debug)]
pub struct Mark {
    /// One letter of the icon font.
    pub icon: &'static str,
    /// What its colour says.
    pub role: Role,
    /// What it says of one page.
    pub words: &'static str,
    /// Those with a smaller number matter more.
    pub rank: u8,
    /// It is about the whole document, and stands at its first page.
    pub of_document: bool,
    /// It asks for work on what stands on the page; a sheet that will be thrown away
    /// needs none.
    pub about_content: bool,
}

/// What a colour says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It matters little.
    Dim,
    /// All is well.
    Good,
    /// Look at it.
    Warning,
    /// Something is wrong.
    Bad,
    /// Neither good nor bad.
    Accent,
    /// It is about the shape of the page, or how it lies.
    Geometry,
    /// It is about other pages that are the same.
    Duplicate,
}

/// A line between answers that can be moved.
pub struct Line {
    /// For people.
    pub name: &'static str,
    /// What lies on either side.
    pub help: &'static str,
    /// After the number.
    pub unit: &'static str,
    /// Smallest and largest value.
    pub range: (f64, f64),
    /// Small values matter as much as large ones.
    pub logarithmic: bool,
    /// Where it is.
    pub get: fn(&Thresholds) -> f64,
    /// Moves it.
    pub set: fn(&mut Thresholds, f64),
    /// The measurement that is compared; none where it was not taken.
    pub measured: fn(&Signals) -> Option<f64>,
}

/// A flag of a field.
#[derive(Clone, Copy)]
pub struct Said {
    field: &'static Field,
    flag: &'static Flag,
}

impl Field {
    /// The field of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        PAGE.iter().find(|field| field.name == name)
    }

    /// Numbers stand at the right.
    pub fn is_number(&self) -> bool {
        matches!(
            self.kind,
            Kind::Count | Kind::Bytes | Kind::Number { .. } | Kind::Tilt { .. } | Kind::Share
        )
    }

    /// Places of pages, sorted by what the field says of them; those of which it says the
    /// same stay as they lie.
    pub fn sorted<'a, P: Sync>(
        &self,
        descending: bool,
        pages: &'a [P],
        subject: impl Fn(&'a P) -> Subject<'a> + Sync,
    ) -> Vec<usize> {
        let pages = pages.par_iter().enumerate();
        if let Kind::Text | Kind::Texts = self.kind {
            let values = pages.map(|(at, page)| ((self.value)(&subject(page)), at));
            let mut values: Vec<_> = values.collect();
            values.par_sort_by(|(a, _), (b, _)| a.compare(b, self.kind, descending));
            return values.into_iter().map(|(_, at)| at).collect();
        }
        // Numbers sort several times faster than what they stand for.
        let ranks = pages.map(|(at, page)| {
            let value = (self.value)(&subject(page));
            (value.rank(self.kind, descending), at)
        });
        let mut ranks: Vec<_> = ranks.collect();
        ranks.par_sort_unstable();
        ranks.into_iter().map(|(_, at)| at).collect()
    }

    /// What stands in the window's table; none where it is not known.
    pub fn shown(&self, subject: &Subject) -> Option<String> {
        (self.value)(subject).shown(self.kind)
    }

    /// What stands in tables for other programs.
    pub fn in_tables(&self, subject: &Subject) -> Json {
        (self.value)(subject).in_tables(self.kind)
    }
}

impl PartialEq for Field {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Field {}

impl std::fmt::Debug for Field {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.name)
    }
}

impl Said {
    /// Everything that pages can be chosen by, in the order of the fields.
    pub fn all() -> impl Iterator<Item = Self> {
        let of = |field: &'static Field| field.flags.iter().map(move |flag| Self { field, flag });
        PAGE.iter().flat_map(of)
    }

    /// In the list of what pages can be chosen by.
    pub fn label(self) -> &'static str {
        self.flag.label
    }

    /// The term that asks for the pages of which it is said.
    pub fn question(self) -> String {
        let words = match self.flag.words {
            [] => "any".to_owned(),
            words => words.join(","),
        };
        format!("{}:{words}", self.field.name)
    }

    /// On its chip, where it has one.
    pub fn chip(self) -> Option<&'static str> {
        self.flag.chip
    }

    /// It is known once pages were compared with each other, and not before.
    pub fn is_compared(self) -> bool {
        matches!(self.field.name, "exact_dup_group" | "near_dup_group")
    }

    /// The mark under pictures.
    pub fn mark(self) -> Option<&'static Mark> {
        self.flag.mark.as_ref()
    }

    /// Whether it is said of a page.
    pub fn is_said_of(self, subject: &Subject) -> bool {
        (self.field.value)(subject).is_one_of(self.flag.words)
    }
}

impl PartialEq for Said {
    fn eq(&self, other: &Self) -> bool {
        self.field == other.field && self.flag.label == other.flag.label
    }
}

impl Eq for Said {}

impl std::fmt::Debug for Said {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{:?}:{:?}", self.field, self.flag.words)
    }
}

/// The lines that can be moved, in the order of the fields.
pub fn lines() -> impl Iterator<Item = &'static Line> {
    PAGE.iter().filter_map(|field| field.line.as_ref())
}

impl Line {
    /// How far a page is from the line, in shares of it; pages on which it was not
    /// measured are farthest.
    pub fn distance(&self, page: &Page, thresholds: &Thresholds) -> f64 {
        let measured = page.measurements.as_ref();
        let value = measured.and_then(|measured| (self.measured)(&measured.signals));
        let line = (self.get)(thresholds);
        value.map_or(f64::INFINITY, |value| (value - line).abs() / line.max(1e-9))
    }

    /// Place of a value between the smallest and the largest, from 0 to 1.
    pub fn place(&self, value: f64) -> f64 {
        let (least, most) = self.range;
        let value = value.clamp(least, most);
        if self.logarithmic {
            (value / least).ln() / (most / least).ln()
        } else {
            (value - least) / (most - least)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLES: &str = include_str!("../../../assets/tables.md");

    /// What the document of tables says of a field.
    fn documented(field: &Field) -> String {
        meaning(field.name, field.help, field.kind)
    }

    fn meaning(name: &str, help: &str, kind: Kind) -> String {
        let mut meaning = help.to_owned();
        if let Kind::Word(choices) = kind {
            for choice in choices {
                meaning += &match choice.help {
                    "" => format!("; `{}`", choice.word),
                    help => format!("; `{}`: {help}", choice.word),
                };
            }
        }
        format!("| `{name}` | {meaning} |\n")
    }

    #[test]
    fn the_document_of_tables_is_the_list_of_fields() {
        let expected: String = PAGE.iter().map(documented).collect();
        let start = TABLES.find("| `document` |").unwrap();
        let end = start + TABLES[start..].find("\n\n").unwrap() + 1;
        assert_eq!(
            TABLES[start..end],
            expected,
            "assets/tables.md, pages, should have:\n{expected}"
        );
        let fields = DOCUMENT.iter();
        let lines = fields.map(|field| meaning(field.name, field.help, field.kind));
        let expected: String = lines.collect();
        assert!(
            TABLES.contains(&expected),
            "assets/tables.md, documents, should have:\n{expected}"
        );
    }

    #[test]
    fn names_tell_fields_and_what_is_said_apart() {
        let names: std::collections::HashSet<_> = PAGE.iter().map(|field| field.name).collect();
        assert_eq!(names.len(), PAGE.len());
        for name in names {
            assert!(
                name.chars().all(|c| c.is_ascii_lowercase() || c == '_'),
                "{name}"
            );
        }
        let said: Vec<_> = Said::all().collect();
        for (at, one) in said.iter().enumerate() {
            assert!(!said[at + 1..].contains(one), "{one:?}");
            assert!(!one.label().is_empty());
        }
    }

    #[test]
    fn flags_say_what_their_fields_can_say() {
        for field in &PAGE {
            for word in field.flags.iter().flat_map(|flag| flag.words) {
                let can = match field.kind {
                    Kind::Word(choices) => choices.iter().any(|choice| choice.word == *word),
                    Kind::YesNo => ["yes", "no"].contains(word),
                    _ => false,
                };
                assert!(can, "{field:?} never says {word}");
            }
        }
    }
}
