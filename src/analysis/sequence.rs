//! What the pages of a document say together: whether pages are missing or there
//! twice, and where a separator sheet was probably not recognised. Pure; not for a
//! page by itself (`verdicts`).

use super::verdicts::{Thresholds, judge};
use crate::model::{Page, PageShape, PrintedNumber};

/// A page of a document, in order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InSequence {
    /// The number that is printed on it.
    pub printed: Option<PrintedNumber>,
    /// Its size.
    pub shape: PageShape,
    /// It is a separator sheet.
    pub separator: bool,
}

/// What is odd about where a page stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SequenceNote {
    /// Pages between this one and the one before are missing, by their numbers.
    Missing {
        /// The number before.
        after: u32,
        /// The number of this one.
        here: u32,
    },
    /// The number does not come after the one before.
    OutOfOrder {
        /// The number before.
        after: u32,
        /// The number of this one.
        here: u32,
    },
    /// Numbers begin anew, and there was no separator.
    NumbersRestart,
    /// The size changes, which elsewhere only happens at separators.
    SizeChanges,
    /// Separators come after so many pages, and here there is none.
    SpacingBreaks {
        /// Pages between two separators.
        pages: u32,
    },
}

impl SequenceNote {
    /// A page is missing, doubled, or elsewhere.
    pub fn is_break(self) -> bool {
        matches!(self, Self::Missing { .. } | Self::OutOfOrder { .. })
    }

    /// A separator sheet should be here and was not recognised.
    pub fn is_missed_separator(self) -> bool {
        !self.is_break()
    }
}

/// Notes for the pages of one document as they are judged.
pub fn notes_of(pages: &[Page], thresholds: &Thresholds) -> Vec<Option<SequenceNote>> {
    let places: Vec<InSequence> = pages
        .iter()
        .map(|page| InSequence {
            printed: page.measurements.as_ref().and_then(|m| m.signals.printed),
            shape: page.shape,
            separator: judge(page, thresholds).separator == Some(true),
        })
        .collect();
    notes(&places)
}

/// So many stretches between separators of one length make a rule …
const ENOUGH_STRETCHES: usize = 3;

/// Notes for the pages of one document.
pub fn notes(pages: &[InSequence]) -> Vec<Option<SequenceNote>> {
    let mut notes = vec![None; pages.len()];
    let has_separators = pages.iter().any(|page| page.separator);
    numbers(pages, has_separators, &mut notes);
    if has_separators {
        let stretches = stretches(pages);
        sizes(pages, &stretches, &mut notes);
        spacing(&stretches, &mut notes);
    }
    notes
}

/// Follows the printed numbers. Pages without one may or may not count: blank backs
/// and inserts do not, so only what cannot be explained so is noted.
fn numbers(pages: &[InSequence], has_separators: bool, notes: &mut [Option<SequenceNote>]) {
    let mut before: Option<(usize, u32)> = None;
    for (at, page) in pages.iter().enumerate() {
        if page.separator {
            before = None;
            continue;
        }
        let Some(here) = supported(pages, at) else {
            continue;
        };
        if let Some((place, after)) = before {
            let steps = u32::try_from(at - place).unwrap_or(u32::MAX);
            notes[at] = match here {
                _ if (after + 1..=after.saturating_add(steps)).contains(&here) => None,
                1 if has_separators => Some(SequenceNote::NumbersRestart),
                // Several documents in one file, and nothing that parts them.
                1 => None,
                _ if here > after => Some(SequenceNote::Missing { after, here }),
                _ => Some(SequenceNote::OutOfOrder { after, here }),
            };
        }
        before = Some((at, here));
    }
}

/// Pages, by index, at which printed numbers begin anew: a number that does not go on from
/// the one before, or says another number of pages, after as many pages without one as it
/// takes to count up to it.
pub fn number_restarts(pages: &[InSequence]) -> Vec<usize> {
    let mut restarts = Vec::new();
    let mut before: Option<(usize, PrintedNumber)> = None;
    for (at, page) in pages.iter().enumerate() {
        if page.separator {
            // What comes after is another document anyway.
            before = None;
            continue;
        }
        let (Some(_), Some(here)) = (supported(pages, at), page.printed) else {
            continue;
        };
        if let Some((place, last)) = before {
            let other_count = last
                .of
                .zip(here.of)
                .is_some_and(|(last, here)| last != here);
            let begins = here.number <= last.number || other_count;
            let first = (at + 1).checked_sub(here.number as usize);
            restarts.extend(first.filter(|first| begins && *first > place));
        }
        before = Some((at, here));
    }
    restarts
}

/// The number of a page, if it is certain or a neighbour's agrees with it: a number
/// alone on a line may be anything.
fn supported(pages: &[InSequence], at: usize) -> Option<u32> {
    let printed = pages[at].printed?;
    let of = |at: usize| pages.get(at).and_then(|page| page.printed);
    let follows = at
        .checked_sub(1)
        .and_then(of)
        .is_some_and(|before| before.number + 1 == printed.number);
    let goes_on = of(at + 1).is_some_and(|next| next.number == printed.number + 1);
    (printed.certain || follows || goes_on).then_some(printed.number)
}

/// Stretches of pages between separators: first page and number of pages.
fn stretches(pages: &[InSequence]) -> Vec<(usize, usize)> {
    let mut stretches = Vec::new();
    let mut first = 0;
    for at in 0..=pages.len() {
        if pages.get(at).is_none_or(|page| page.separator) {
            if at > first {
                stretches.push((first, at - first));
            }
            first = at + 1;
        }
    }
    stretches
}

/// Where all stretches but one are of one size each, and that one changes once.
fn sizes(pages: &[InSequence], stretches: &[(usize, usize)], notes: &mut [Option<SequenceNote>]) {
    if stretches.len() < ENOUGH_STRETCHES {
        return;
    }
    let changes = stretches.iter().flat_map(|(first, length)| {
        (first + 1..first + length)
            .filter(|at| !pages[at - 1].shape.is_same_size(&pages[*at].shape))
    });
    let changes: Vec<usize> = changes.collect();
    if let [at] = changes.as_slice() {
        notes[*at].get_or_insert(SequenceNote::SizeChanges);
    }
}

/// Where most stretches have one length, and some are a multiple of it.
fn spacing(stretches: &[(usize, usize)], notes: &mut [Option<SequenceNote>]) {
    let mut lengths: Vec<usize> = stretches.iter().map(|(_, length)| *length).collect();
    lengths.sort_unstable();
    let Some(usual) = lengths
        .chunk_by(|a, b| a == b)
        .max_by_key(|same| same.len())
        .filter(|same| same.len() >= ENOUGH_STRETCHES && same.len() * 2 > lengths.len())
        .map(|same| same[0])
    else {
        return;
    };
    for &(first, length) in stretches {
        // The sheet itself is a page where it was not recognised, or it is gone.
        for period in [usual, usual + 1] {
            let sheets = length.saturating_sub(usual) / period;
            if sheets > 0 && length == usual + sheets * period {
                for sheet in 0..sheets {
                    let at = first + usual + sheet * period;
                    let pages = u32::try_from(usual).unwrap_or(u32::MAX);
                    notes[at].get_or_insert(SequenceNote::SpacingBreaks { pages });
                }
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A4: PageShape = PageShape {
        width: 595.0,
        height: 842.0,
        rotation: 0,
    };

    fn page(number: Option<u32>, certain: bool) -> InSequence {
        InSequence {
            printed: number.map(|number| PrintedNumber {
                number,
                of: None,
                certain,
            }),
            shape: A4,
            separator: false,
        }
    }

    fn printed(numbers: &[u32]) -> Vec<InSequence> {
        numbers
            .iter()
            .map(|number| match number {
                0 => page(None, false),
                1000 => InSequence {
                    separator: true,
                    ..page(None, false)
                },
                number => page(Some(*number), true),
            })
            .collect()
    }

    fn noted(pages: &[InSequence]) -> Vec<(usize, SequenceNote)> {
        let notes = notes(pages).into_iter().enumerate();
        notes.filter_map(|(at, note)| Some((at, note?))).collect()
    }

    #[test]
    fn numbers_begin_anew_at_another_one_and_at_pages_without_that_lead_to_two() {
        let pages = |numbers: &[u32]| -> Vec<InSequence> {
            let number = |number: &u32| (*number > 0).then_some(*number);
            numbers.iter().map(|n| page(number(n), true)).collect()
        };
        for (numbers, expected) in [
            (&[1, 2, 1, 2, 3][..], &[2][..]),
            (&[1, 2, 0, 2, 3], &[2]),
            (&[1, 0, 2, 0, 0, 3, 4], &[]),
            (&[5, 6, 0, 0, 3], &[2]),
            (&[1, 1, 1], &[1, 2]),
            // Doubled and misplaced pages are no beginnings.
            (&[1, 2, 2, 3], &[]),
            (&[3, 2, 1], &[2]),
            (&[0, 0, 1, 2], &[]),
        ] {
            assert_eq!(number_restarts(&pages(numbers)), expected, "{numbers:?}");
        }
        let mut letters = pages(&[1, 0, 2]);
        for (page, of) in [(0, 1), (2, 2)] {
            letters[page].printed.as_mut().unwrap().of = Some(of);
        }
        assert_eq!(number_restarts(&letters), [1]);
    }

    #[test]
    fn missing_and_doubled_pages_are_noted() {
        assert_eq!(noted(&printed(&[1, 2, 3, 4])), []);
        let missing = SequenceNote::Missing { after: 2, here: 5 };
        assert_eq!(noted(&printed(&[1, 2, 5, 6])), [(2, missing)]);
        let twice = SequenceNote::OutOfOrder { after: 2, here: 2 };
        assert_eq!(noted(&printed(&[1, 2, 2, 3])), [(2, twice)]);
    }

    #[test]
    fn pages_without_a_number_may_count_or_not() {
        // Covers and blank backs.
        assert_eq!(noted(&printed(&[0, 2, 3, 0, 5, 0, 6, 0, 7])), []);
        let missing = SequenceNote::Missing { after: 2, here: 5 };
        assert_eq!(noted(&printed(&[1, 2, 0, 5])), [(3, missing)]);
    }

    #[test]
    fn a_number_alone_needs_a_neighbour_that_agrees() {
        let lone = |numbers: &[u32]| -> Vec<InSequence> {
            numbers.iter().map(|n| page(Some(*n), false)).collect()
        };
        assert_eq!(noted(&lone(&[120, 7, 44, 12])), []);
        let missing = SequenceNote::Missing { after: 2, here: 9 };
        assert_eq!(noted(&lone(&[1, 2, 9, 10])), [(2, missing)]);
    }

    #[test]
    fn numbers_that_begin_anew_tell_of_a_missed_separator() {
        let restart = SequenceNote::NumbersRestart;
        assert_eq!(noted(&printed(&[1, 2, 1000, 1, 2, 1, 2])), [(5, restart)]);
        // Without any separators these are just several documents in a file.
        assert_eq!(noted(&printed(&[1, 2, 1, 2, 3])), []);
        assert_eq!(noted(&printed(&[1, 2, 1000, 1, 1000, 1, 2])), []);
    }

    #[test]
    fn regular_spacing_tells_where_one_is_missing() {
        let breaks = SequenceNote::SpacingBreaks { pages: 2 };
        let sheets = [0, 0, 1000, 0, 0, 1000, 0, 0, 1000];
        let gone = [&sheets[..], &[0, 0, 0, 0]].concat();
        assert_eq!(noted(&printed(&gone)), [(11, breaks)]);
        let unread = [&sheets[..], &[0, 0, 0, 0, 0]].concat();
        assert_eq!(noted(&printed(&unread)), [(11, breaks)]);
        let irregular = [0, 1000, 0, 0, 1000, 0, 0, 0, 1000, 0, 0, 0, 0];
        assert_eq!(noted(&printed(&irregular)), []);
    }

    #[test]
    fn a_change_of_size_tells_where_sizes_change_at_separators_only() {
        let mut pages = printed(&[0, 0, 1000, 0, 1000, 0, 0, 0]);
        for page in &mut pages[6..] {
            page.shape.height = 400.0;
        }
        assert_eq!(noted(&pages), [(6, SequenceNote::SizeChanges)]);
        pages[0].shape.width = 200.0;
        assert_eq!(noted(&pages), []);
    }
}
