//! Ranges of pages as people write them: `1-3,7-`, `last-1`, `odd`. Pure. Not for what
//! is cut where (`rules`).

use std::ops::RangeInclusive;

/// A place among the pages of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// So many from the beginning; 1 is the first page.
    First(u32),
    /// So many from the end; 1 is the last page.
    Last(u32),
}

/// Pages of a document, whatever number of pages it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRange {
    from: Place,
    to: Place,
    only: Only,
}

/// Which pages of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Only {
    All,
    Odd,
    Even,
}

/// How ranges are written, for messages.
const FORMS: &str = "write 3, 1-3, 7-, last, r2 for the last but one, last-1 for all pages in \
                     reverse order, odd or even";

impl PageRange {
    /// All pages.
    pub const ALL: Self = Self {
        from: Place::First(1),
        to: Place::Last(1),
        only: Only::All,
    };

    /// Reads one range, or says what is wrong with it.
    fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let wrong = || format!("\"{text}\" is no range: {FORMS}");
        let place = |text: &str| place(text.trim()).ok_or_else(wrong);
        match text.to_ascii_lowercase().as_str() {
            "odd" => {
                return Ok(Self {
                    only: Only::Odd,
                    ..Self::ALL
                });
            }
            "even" => {
                return Ok(Self {
                    only: Only::Even,
                    ..Self::ALL
                });
            }
            _ => {}
        }
        let (from, to) = match text.split_once('-') {
            None => (place(text)?, place(text)?),
            Some((first, "")) => (place(first)?, Place::Last(1)),
            Some((first, last)) => (place(first)?, place(last)?),
        };
        Ok(Self {
            from,
            to,
            only: Only::All,
        })
    }

    /// The pages of the range in a document of so many; in reverse order where the
    /// range ends before it begins. Pages that the document does not have are left out.
    pub fn pages(&self, count: u32) -> Vec<u32> {
        // "7-" of five pages is none of them, and not the last in reverse order.
        if let (Place::First(first), Place::Last(_)) = (self.from, self.to)
            && first > count
        {
            return Vec::new();
        }
        let (from, to) = (self.from.number(count), self.to.number(count));
        let within = |range: RangeInclusive<i64>| {
            let (first, last) = (*range.start().max(&1), *range.end().min(&i64::from(count)));
            (first..=last).filter_map(|number| u32::try_from(number).ok())
        };
        let wanted = |number: &u32| match self.only {
            Only::All => true,
            Only::Odd => number % 2 == 1,
            Only::Even => number.is_multiple_of(2),
        };
        if from <= to {
            within(from..=to).filter(wanted).collect()
        } else {
            within(to..=from).filter(wanted).rev().collect()
        }
    }

    /// Whether the range names pages that a document of so many does not have.
    pub fn is_beyond(&self, count: u32) -> bool {
        let pages = 1..=i64::from(count);
        [self.from, self.to]
            .iter()
            // An open end is wherever the document ends.
            .any(|place| *place != Place::Last(1) && !pages.contains(&place.number(count)))
    }
}

impl std::fmt::Display for PageRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.only {
            Only::Odd => f.write_str("odd"),
            Only::Even => f.write_str("even"),
            Only::All if self.from == self.to => self.from.fmt(f),
            Only::All => write!(f, "{}-{}", self.from, self.to),
        }
    }
}

impl Place {
    fn number(self, count: u32) -> i64 {
        match self {
            Self::First(number) => number.into(),
            Self::Last(number) => i64::from(count) + 1 - i64::from(number),
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::First(number) => number.fmt(f),
            Self::Last(1) => f.write_str("last"),
            Self::Last(number) => write!(f, "r{number}"),
        }
    }
}

/// A page number; `last`, `end` or `z` for the last page; `r2` for the last but one.
fn place(text: &str) -> Option<Place> {
    let lower = text.to_ascii_lowercase();
    if matches!(lower.as_str(), "last" | "end" | "z") {
        return Some(Place::Last(1));
    }
    let (make, digits): (fn(u32) -> Place, &str) = match lower.strip_prefix('r') {
        Some(digits) => (Place::Last, digits),
        None => (Place::First, &lower),
    };
    // No sign: "+3" would be read as well.
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits
        .parse()
        .ok()
        .filter(|number| is_number && *number > 0)?;
    Some(make(number))
}

/// Reads ranges between commas, such as `1-3,7,12-`.
pub fn parse_ranges(text: &str) -> Result<Vec<PageRange>, String> {
    text.split(',').map(PageRange::parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pages(text: &str, count: u32) -> Vec<u32> {
        let ranges = parse_ranges(text).unwrap();
        ranges.iter().flat_map(|range| range.pages(count)).collect()
    }

    #[test]
    fn ranges_name_pages_from_either_end() {
        for (text, expected) in [
            ("2", &[2][..]),
            ("1-3,5-", &[1, 2, 3, 5]),
            ("1-last", &[1, 2, 3, 4, 5]),
            ("last-1", &[5, 4, 3, 2, 1]),
            ("LAST", &[5]),
            ("r2", &[4]),
            ("r3-r1", &[3, 4, 5]),
            ("r1-r3", &[5, 4, 3]),
            ("z-4, 2", &[5, 4, 2]),
            ("3-1", &[3, 2, 1]),
            ("odd", &[1, 3, 5]),
            ("even", &[2, 4]),
        ] {
            assert_eq!(pages(text, 5), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_there_is_left_out_and_known() {
        for (text, expected, beyond) in [
            ("4-9", &[4, 5][..], true),
            ("9-4", &[5, 4], true),
            ("8-9", &[], true),
            ("7-", &[], true),
            ("r9-2", &[1, 2], true),
            ("5-", &[5], false),
            ("last-1", &[5, 4, 3, 2, 1], false),
        ] {
            assert_eq!(pages(text, 5), expected, "{text}");
            let ranges = parse_ranges(text).unwrap();
            assert_eq!(ranges[0].is_beyond(5), beyond, "{text}");
        }
        assert!(pages("1-last", 0).is_empty() && pages("even", 1).is_empty());
    }

    #[test]
    fn ranges_that_make_no_sense_are_refused() {
        for text in [
            "",
            "0",
            "a",
            "1-b",
            "1--2",
            "-3",
            "+3",
            "r0",
            "r",
            "1,,2",
            "99999999999",
        ] {
            assert!(parse_ranges(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn pages_are_those_of_the_document(text in "[0-9rlastodevn,-]{0,12}", count in 0u32..40) {
            for range in parse_ranges(&text).unwrap_or_default() {
                prop_assert!(range.pages(count).iter().all(|page| (1..=count).contains(page)));
                let written = parse_ranges(&range.to_string()).unwrap();
                prop_assert_eq!(written, vec![range]);
            }
        }
    }
}
