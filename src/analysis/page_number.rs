//! The numbers that are printed on a page, from the lines at its top and bottom: its own,
//! and one that was stamped on it to be cited by. Not for what follows from several pages
//! (`sequence`).

use std::sync::LazyLock;

use regex::Regex;

use crate::model::{PrintedNumber, Series};

/// So many lines at the top and at the bottom may hold it: running titles and
/// addresses stand beside it.
const LINES: usize = 3;

/// Longer lines are prose, bytes.
const LONGEST: usize = 160;

/// The word for a page, and for "of", in the languages that clients write.
const PAGE: &str = r"(?:page|pages|seite|blatt|pagina|página|pág\.?|pag\.?|p\.|s\.|sida|side|strona|str\.?|стр\.?|страница|σελίδα|第)";
const OF: &str = r"(?:of|von|de|di|sur|av|af|van|z|из|από|/)";

struct Patterns {
    /// "Page 3 of 8", wherever it stands in the line.
    page_of: Regex,
    /// "Page 3" at the end of the line.
    page: Regex,
    /// "3 / 8" or "3 of 8" alone.
    of: Regex,
    /// "- 3 -" alone.
    dashes: Regex,
    /// "3" alone.
    alone: Regex,
    /// `[ 3 ]` alone.
    bracketed: Regex,
    /// "iii" alone.
    roman: Regex,
    /// "A-3" or "2-3" alone.
    section: Regex,
    /// "ACME-0000101" at the end of the line.
    stamp: Regex,
    /// "0000101" alone.
    padded: Regex,
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| {
    let pattern = |text: String| Regex::new(&text).ok();
    Some(Patterns {
        page_of: pattern(format!(
            r"(?i)(?:^|\W){PAGE}\s*([0-9]{{1,4}})\s*{OF}\s*([0-9]{{1,4}})(?:[^0-9]|$)"
        ))?,
        page: pattern(format!(r"(?i)(?:^|\W){PAGE}\s*([0-9]{{1,4}})\s*页?$"))?,
        of: pattern(format!(
            r"(?i)^\(?([0-9]{{1,4}})\s*{OF}\s*([0-9]{{1,4}})\)?$"
        ))?,
        dashes: pattern(r"^[-–—~]\s*([0-9]{1,4})\s*[-–—~]$".to_owned())?,
        alone: pattern(r"^([1-9][0-9]{0,3})$".to_owned())?,
        bracketed: pattern(r"^[\[({<|·•]\s*([1-9][0-9]{0,3})\s*[\])}>|·•]$".to_owned())?,
        roman: pattern(r"^[-–—]?\s*([ivxlc]{1,9}|[IVXLC]{1,9})\s*[-–—]?$".to_owned())?,
        section: pattern(r"^([A-Z]|[1-9][0-9]?)\s?[-–]\s?([1-9][0-9]{0,2})$".to_owned())?,
        stamp: pattern(
            r"(?:^|\s)([A-Z][A-Z0-9]{0,11}?(?:[-_.][A-Z0-9]{1,12}?){0,3}?[-_. ]?)([0-9]{5,10})$"
                .to_owned(),
        )?,
        padded: pattern(r"^()(0[0-9]{5,9})$".to_owned())?,
    })
});

/// The number that a page's text says it has.
pub fn printed_number(text: &str) -> Option<PrintedNumber> {
    let patterns = PATTERNS.as_ref()?;
    let lines = Lines::of(text);
    let outer = lines.outer();
    let certain = outer.iter().find_map(|line| certain(patterns, line));
    certain.or_else(|| {
        // Alone, only the very first and last line can be meant.
        let ends = [lines.0.last(), lines.0.first()];
        ends.into_iter()
            .flatten()
            .find_map(|line| alone(patterns, line))
    })
}

/// The number that was stamped on a page: letters of a party or a case, and digits enough
/// for many pages, filled up with zeros or right behind the letters.
pub fn stamped_number(text: &str) -> Option<String> {
    let patterns = PATTERNS.as_ref()?;
    let lines = Lines::of(text);
    lines.outer().into_iter().find_map(|line| {
        if line.len() > LONGEST || !line.ends_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let mut found = [&patterns.stamp, &patterns.padded].into_iter();
        let found = found.find_map(|pattern| pattern.captures(line))?;
        let (prefix, digits) = (&found[1], &found[2]);
        // "INVOICE 20241103" is a date.
        let is_stamp = digits.starts_with('0') || (digits.len() > 5 && !prefix.ends_with(' '));
        is_stamp.then(|| format!("{prefix}{digits}"))
    })
}

/// The lines of a page's text that hold something.
struct Lines<'a>(Vec<&'a str>);

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        let lines = text.lines().map(str::trim);
        Self(lines.filter(|line| !line.is_empty()).collect())
    }

    /// Those where numbers stand, what is at the bottom first: there they mostly are.
    fn outer(&self) -> Vec<&'a str> {
        let Self(lines) = self;
        let top = LINES.min(lines.len());
        let bottom = lines.len().saturating_sub(LINES).max(top);
        let (top, bottom) = (&lines[..top], &lines[bottom..]);
        bottom.iter().rev().chain(top).copied().collect()
    }
}

/// Numbers that are years where nothing else is said.
const YEARS: std::ops::RangeInclusive<u32> = 1900..=2099;

/// The number in a line that holds nothing else.
fn alone(patterns: &Patterns, line: &str) -> Option<PrintedNumber> {
    let (number, series) = if let Some(found) = patterns.alone.captures(line) {
        let number = found[1].parse().ok()?;
        // More footers hold the year than documents have so many pages.
        if YEARS.contains(&number) {
            return None;
        }
        (number, Series::Arabic)
    } else if let Some(found) = patterns.bracketed.captures(line) {
        (found[1].parse().ok()?, Series::Arabic)
    } else if let Some(found) = patterns.roman.captures(line) {
        (roman(&found[1])?, Series::Roman)
    } else {
        let found = patterns.section.captures(line)?;
        let section = match found[1].parse::<u32>() {
            Ok(number) => char::from_u32(FIRST_SECTION + number)?,
            Err(_) => found[1].chars().next()?,
        };
        (found[2].parse().ok()?, Series::Section(section))
    };
    Some(PrintedNumber {
        number,
        of: None,
        certain: false,
        series,
    })
}

/// Sections that are numbers are characters from here on, out of the way of letters.
const FIRST_SECTION: u32 = 0xE000;

/// What a Roman number is worth, if it is written as one.
fn roman(written: &str) -> Option<u32> {
    let written = written.to_lowercase();
    // The largest is 399: pages before the body of a book are fewer.
    (1..400).find(|number| roman_of(*number) == written)
}

/// A number up to 399 in small Roman letters.
pub fn roman_of(number: u32) -> String {
    const LETTERS: [(u32, &str); 9] = [
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ];
    let mut left = number;
    let mut written = String::new();
    for (worth, letters) in LETTERS {
        while left >= worth {
            written += letters;
            left -= worth;
        }
    }
    written
}

fn certain(patterns: &Patterns, line: &str) -> Option<PrintedNumber> {
    // Most lines have no digit, or nothing else, and those of prose are long.
    let digits = line.bytes().filter(u8::is_ascii_digit).count();
    if line.len() > LONGEST || digits == 0 || digits == line.len() {
        return None;
    }
    for pattern in [&patterns.page_of, &patterns.of] {
        if let Some(found) = pattern.captures(line) {
            let (number, of) = (found[1].parse().ok()?, found[2].parse().ok()?);
            // "3 of 2" is something else.
            return (1..=of).contains(&number).then_some(PrintedNumber {
                number,
                of: Some(of),
                certain: true,
                series: Series::Arabic,
            });
        }
    }
    for pattern in [&patterns.page, &patterns.dashes] {
        if let Some(found) = pattern.captures(line) {
            return Some(PrintedNumber {
                number: found[1].parse().ok()?,
                of: None,
                certain: true,
                series: Series::Arabic,
            });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<(u32, Option<u32>, bool)> {
        printed_number(text).map(|found| (found.number, found.of, found.certain))
    }

    #[test]
    fn numbers_are_read_as_people_print_them() {
        let body = "\nDear Sir,\nwe write about the 12 invoices\nof 2024\nYours\n";
        for (line, expected) in [
            ("Page 3 of 8", (3, Some(8), true)),
            ("Acme Ltd · Invoice 77 · page 3/8", (3, Some(8), true)),
            ("Seite 3 von 8", (3, Some(8), true)),
            ("Стр. 3 из 8", (3, Some(8), true)),
            ("página 12 de 120", (12, Some(120), true)),
            ("- 3 -", (3, None, true)),
            ("Annual report    p. 41", (41, None, true)),
            ("3 / 8", (3, Some(8), true)),
            ("17", (17, None, false)),
            ("[ 17 ]", (17, None, false)),
            ("(17)", (17, None, false)),
            ("| 17 |", (17, None, false)),
        ] {
            assert_eq!(
                found(&format!("Title{body}{line}")),
                Some(expected),
                "{line}"
            );
            assert_eq!(
                found(&format!("{line}{body}Footer")),
                Some(expected),
                "{line}"
            );
        }
    }

    #[test]
    fn roman_numbers_and_those_of_sections_are_series_of_their_own() {
        let read = |line: &str| {
            let found = printed_number(&format!("Title\nText\nmore\nand more\n{line}"))?;
            assert!(!found.certain);
            Some((found.number, found.series))
        };
        assert_eq!(read("iv"), Some((4, Series::Roman)));
        assert_eq!(read("- XIX -"), Some((19, Series::Roman)));
        assert_eq!(read("A-3"), Some((3, Series::Section('A'))));
        let second = read("2-14");
        assert_eq!(second.unwrap().0, 14);
        assert_ne!(second.unwrap().1, read("3-14").unwrap().1);
        for other in [
            "iiii", "vx", "mix", "civil", "Iv", "31-12-24", "AB-3", "A-0",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
        assert_eq!((1..400).filter_map(|n| roman(&roman_of(n))).count(), 399);
    }

    #[test]
    fn stamps_are_read_at_the_ends_of_outer_lines() {
        let read = |line: &str| stamped_number(&format!("Title\nText\nmore\nand more\n{line}"));
        for (line, stamp) in [
            ("ACME-0000101", "ACME-0000101"),
            ("Confidential   ACME_DEF.0000101", "ACME_DEF.0000101"),
            ("SMITH 000123", "SMITH 000123"),
            ("ABC1234567", "ABC1234567"),
            ("0000101", "0000101"),
        ] {
            assert_eq!(read(line).as_deref(), Some(stamp), "{line}");
        }
        for other in [
            "INVOICE 20241103",
            "Tel 0301234567",
            "12345678",
            "ACME-12345 and more",
            "acme-000012",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
        // In the body it is a citation.
        let body = "a\nb\nc\nas ACME-0000101\nd\ne\nf";
        assert_eq!(stamped_number(body), None);
    }

    #[test]
    fn other_numbers_are_not_taken_for_it() {
        for line in [
            "Total 12",
            "2024-11-03",
            "2024",
            "9 / 8",
            "00123",
            "12345",
            "Suite 12",
            "1.5",
        ] {
            assert_eq!(
                found(&format!("Title\nText\nmore\nand more\n{line}")),
                None,
                "{line}"
            );
        }
        // A number in the body is none, whatever stands before it.
        assert_eq!(found("a\nb\nc\nd\nsee page 3 of 8\ne\nf\ng\nh"), None);
        assert_eq!(found(""), None);
    }
}
