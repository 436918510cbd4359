//! Which of several copies of a page is best kept, and what speaks for it. Not for finding
//! copies (`duplicates`).

use std::cmp::Ordering;

use crate::analysis::{Kind, Thresholds, judge};
use crate::model::Page;

/// What speaks for a page before its copies, the weightiest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merit {
    /// A program wrote it, and another is a scan.
    Written,
    /// It is a scan with a text layer.
    TextLayer,
    /// Its text can be read.
    Readable,
    /// It has more dots for each inch.
    Finer,
    /// It lies straighter.
    Straighter,
    /// It came first, and is as good as the others.
    First,
}

impl Merit {
    /// After "Best kept".
    pub fn label(self) -> &'static str {
        match self {
            Self::Written => "written by a program",
            Self::TextLayer => "has a text layer",
            Self::Readable => "its text can be read",
            Self::Finer => "more dots per inch",
            Self::Straighter => "lies straighter",
            Self::First => "came first, as good as the others",
        }
    }
}

/// What a page is worth beside its copies.
#[derive(Clone, Copy)]
struct Worth {
    /// 2: a program wrote it; 1: it has a text layer; 0: it has none.
    text: u8,
    is_readable: bool,
    /// For each inch.
    dots: u32,
    /// Degrees.
    skew: f32,
}

/// More dots and larger tilts count as these.
const FINEST: f32 = 1200.0;
const MOST_SKEWED: f32 = 20.0;

impl Worth {
    fn of(page: &Page) -> Self {
        let verdicts = judge(page, &Thresholds::default());
        Self {
            text: match verdicts.kind {
                Some(Kind::Digital | Kind::Mixed | Kind::Vector) => 2,
                Some(Kind::ScanOcr) => 1,
                Some(Kind::Scan | Kind::Empty) | None => 0,
            },
            is_readable: verdicts.garbled != Some(true),
            dots: verdicts.dpi.unwrap_or(0.0).min(FINEST).round() as u32,
            skew: verdicts.skew.unwrap_or(0.0).abs().min(MOST_SKEWED),
        }
    }

    /// The better one is the greater, and what tells them apart.
    fn compare(self, other: Self) -> (Ordering, Merit) {
        let text = match self.text.max(other.text) {
            2 => Merit::Written,
            _ => Merit::TextLayer,
        };
        let orders = [
            (self.text.cmp(&other.text), text),
            (self.is_readable.cmp(&other.is_readable), Merit::Readable),
            (self.dots.cmp(&other.dots), Merit::Finer),
            (other.skew.total_cmp(&self.skew), Merit::Straighter),
        ];
        let mut orders = orders.into_iter();
        let first = orders.find(|(order, _)| order.is_ne());
        first.unwrap_or((Ordering::Equal, Merit::First))
    }
}

/// The place of the page that is best kept, and what it has before the next best; of equals
/// the first. None of no pages.
pub fn best<'a>(pages: impl Iterator<Item = &'a Page>) -> Option<(usize, Merit)> {
    let mut ranked: Vec<(usize, Worth)> = pages.map(Worth::of).enumerate().collect();
    // The sort is stable.
    ranked.sort_by(|(_, a), (_, b)| b.compare(*a).0);
    let (place, worth) = *ranked.first()?;
    let merit = match ranked.get(1) {
        Some((_, next)) => worth.compare(*next).1,
        None => Merit::First,
    };
    Some((place, merit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn worth(text: u8, is_readable: bool, dots: u32, skew: f32) -> Worth {
        Worth {
            text,
            is_readable,
            dots,
            skew,
        }
    }

    #[test]
    fn the_weightiest_difference_decides_and_is_told() {
        let written = worth(2, true, 0, 0.0);
        for (better, worse, merit) in [
            (written, worth(1, true, 600, 0.0), Merit::Written),
            (
                worth(1, true, 150, 2.0),
                worth(0, true, 300, 0.0),
                Merit::TextLayer,
            ),
            (written, worth(2, false, 0, 0.0), Merit::Readable),
            (
                worth(0, true, 300, 1.0),
                worth(0, true, 200, 0.0),
                Merit::Finer,
            ),
            (
                worth(0, true, 300, 0.1),
                worth(0, true, 300, 1.0),
                Merit::Straighter,
            ),
        ] {
            assert_eq!(better.compare(worse), (Ordering::Greater, merit));
            assert_eq!(worse.compare(better), (Ordering::Less, merit));
        }
        assert_eq!(written.compare(written), (Ordering::Equal, Merit::First));
    }
}
