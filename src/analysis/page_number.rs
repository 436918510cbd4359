//! The number that is printed on a page, from the lines at its top and bottom. Not
//! for what follows from several pages (`sequence`).

use std::sync::LazyLock;

use regex::Regex;

use crate::model::PrintedNumber;

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
    })
});

/// The number that a page's text says it has.
pub fn printed_number(text: &str) -> Option<PrintedNumber> {
    let patterns = PATTERNS.as_ref()?;
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .collect();
    let bottom = lines
        .len()
        .saturating_sub(LINES)
        .max(LINES.min(lines.len()));
    // The bottom is where it mostly is; what is certain counts for more.
    let outer: Vec<&str> = lines[bottom..]
        .iter()
        .rev()
        .chain(&lines[..LINES.min(lines.len())])
        .copied()
        .collect();
    let certain = outer.iter().find_map(|line| certain(patterns, line));
    certain.or_else(|| {
        // Alone, only the very first and last line can be meant.
        let ends = [lines.last(), lines.first()];
        ends.into_iter().flatten().find_map(|line| {
            let number = patterns.alone.captures(line)?[1].parse().ok()?;
            Some(PrintedNumber {
                number,
                of: None,
                certain: false,
            })
        })
    })
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
            });
        }
    }
    for pattern in [&patterns.page, &patterns.dashes] {
        if let Some(found) = pattern.captures(line) {
            return Some(PrintedNumber {
                number: found[1].parse().ok()?,
                of: None,
                certain: true,
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
    fn other_numbers_are_not_taken_for_it() {
        for line in [
            "Total 12",
            "2024-11-03",
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
