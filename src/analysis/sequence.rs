//! What the pages of a document say together: whether pages are missing, there twice, or
//! in the order of a scanner that reads one side at a time, and where a separator sheet was
//! probably not recognised. Pure; not for a page by itself (`verdicts`).

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::verdicts::{Thresholds, judge};
use crate::model::{Page, PageShape, PrintedNumber, Series};

/// A page of a document, in order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InSequence {
    /// The number that is printed on it.
    pub printed: Option<PrintedNumber>,
    /// The number that was stamped on it.
    pub stamp: Option<Stamp>,
    /// Its size.
    pub shape: PageShape,
    /// It is a separator sheet.
    pub separator: bool,
}

/// A number that was stamped on a page to be cited by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Tells what stands before the number, and its number of digits, from others.
    series: u64,
    number: u32,
}

impl Stamp {
    /// Reads one as it stands on a page, such as ACME-0000101.
    pub fn read(stamp: &str) -> Option<Self> {
        let prefix = stamp.trim_end_matches(|c: char| c.is_ascii_digit());
        let digits = &stamp[prefix.len()..];
        let mut hasher = DefaultHasher::new();
        (prefix, digits.len()).hash(&mut hasher);
        Some(Self {
            series: hasher.finish(),
            number: digits.parse().ok()?,
        })
    }
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
        /// What kind of number.
        of: Counted,
    },
    /// The number does not come after the one before.
    OutOfOrder {
        /// The number before.
        after: u32,
        /// The number of this one.
        here: u32,
        /// What kind of number.
        of: Counted,
    },
    /// Here begin the backs of the sheets whose fronts are before.
    Backs {
        /// They were scanned from the last sheet to the first.
        reversed: bool,
    },
    /// From here on the pages lie from the last to the first.
    Backwards,
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

/// What kind of number tells where a page belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Its printed number.
    Printed(Series),
    /// A number that was stamped on it.
    Stamped,
}

impl SequenceNote {
    /// A page is missing, doubled, or elsewhere.
    pub fn is_break(self) -> bool {
        matches!(
            self,
            Self::Missing { .. } | Self::OutOfOrder { .. } | Self::Backs { .. } | Self::Backwards
        )
    }

    /// A separator sheet should be here and was not recognised.
    pub fn is_missed_separator(self) -> bool {
        !self.is_break()
    }
}

/// Notes for the pages of one document as they are judged.
pub fn notes_of<P: Borrow<Page>>(
    pages: &[P],
    thresholds: &Thresholds,
) -> Vec<Option<SequenceNote>> {
    let places: Vec<InSequence> = pages
        .iter()
        .map(Borrow::borrow)
        .map(|page| {
            let signals = page.measurements.as_ref().map(|m| &m.signals);
            InSequence {
                printed: signals.and_then(|signals| signals.printed),
                stamp: signals.and_then(|signals| Stamp::read(signals.stamp.as_ref()?)),
                shape: page.shape,
                separator: judge(page, thresholds).separator == Some(true),
            }
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
    match scanned(pages) {
        Some(Scanned::Stacks { backs, reversed }) => {
            notes[backs] = Some(SequenceNote::Backs { reversed });
        }
        Some(Scanned::Backwards) => notes[0] = Some(SequenceNote::Backwards),
        None => numbers(pages, has_separators, &mut notes),
    }
    stamps(pages, &mut notes);
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
    let in_pairs = are_in_pairs(pages);
    let gaps = filled_gaps(pages);
    let mut before: Option<(usize, PrintedNumber)> = None;
    for (at, page) in pages.iter().enumerate() {
        if page.separator {
            before = None;
            continue;
        }
        let filled = gaps.get(&at).copied();
        let Some(here) = supported(pages, at).or(filled) else {
            continue;
        };
        // Where the body begins after "iv", nothing is missing.
        if let Some((place, last)) = before.filter(|(_, last)| last.series == here.series) {
            let (after, number) = (last.number, here.number);
            let of = Counted::Printed(here.series);
            notes[at] = match number {
                // The same page in two languages, side by side.
                here if in_pairs && here == after => None,
                1 if has_separators => Some(SequenceNote::NumbersRestart),
                // Several documents in one file, and nothing that parts them.
                1 => None,
                here => misplaced(after, here, at - place, of),
            };
        }
        before = Some((at, here));
    }
}

/// Each number is there twice, one page after the other.
fn are_in_pairs(pages: &[InSequence]) -> bool {
    let numbers = (0..pages.len()).filter_map(|at| printed_on(pages, at));
    let numbers: Vec<(Series, u32)> = numbers.map(|n| (n.series, n.number)).collect();
    let (pairs, rest) = numbers.as_chunks::<2>();
    pairs.len() > 1 && rest.is_empty() && pairs.iter().all(|[one, other]| one == other)
}

/// What is odd about a number that comes so many pages after another.
fn misplaced(after: u32, here: u32, pages: usize, of: Counted) -> Option<SequenceNote> {
    let steps = u32::try_from(pages).unwrap_or(u32::MAX);
    match here {
        _ if (after.saturating_add(1)..=after.saturating_add(steps)).contains(&here) => None,
        _ if here > after => Some(SequenceNote::Missing { after, here, of }),
        _ => Some(SequenceNote::OutOfOrder { after, here, of }),
    }
}

/// Follows the stamps, where most pages have one of the same series and some follow each
/// other: else they are numbers of invoices or the like. A page is cited by its stamp, so
/// what is odd about it stays noted only where nothing else is.
fn stamps(pages: &[InSequence], notes: &mut [Option<SequenceNote>]) {
    let placed = pages.iter().enumerate();
    let placed = placed.filter_map(|(at, page)| Some((at, page.stamp?)));
    let placed: Vec<(usize, Stamp)> = placed.collect();
    let pairs = || placed.iter().zip(placed.iter().skip(1));
    let same = pairs().filter(|((_, a), (_, b))| a.series == b.series);
    let follow = same.filter(|((_, a), (_, b))| a.number.checked_add(1) == Some(b.number));
    // More than half, but for one: of three pages with a gap, two follow each other.
    if placed.len() * 2 < pages.len() || follow.count() * 2 < placed.len().saturating_sub(1) {
        return;
    }
    for ((place, last), (at, here)) in pairs() {
        if last.series == here.series {
            let odd = misplaced(last.number, here.number, at - place, Counted::Stamped);
            notes[*at] = notes[*at].or(odd);
        }
    }
}

/// An order in which the pages of a document were scanned, other than that in which they
/// are read.
#[derive(Clone, Copy)]
enum Scanned {
    /// Two stacks, of a scanner that reads one side at a time.
    Stacks {
        /// Index of the first page of the second stack.
        backs: usize,
        /// The second stack was scanned from its last sheet to its first.
        reversed: bool,
    },
    /// From the last page to the first.
    Backwards,
}

/// Pages with a number that it takes to know such an order.
const ENOUGH_NUMBERS: usize = 4;

/// The same where the numbers stand alone on their lines.
const ENOUGH_LONE_NUMBERS: usize = 6;

/// Knows pages that lie backwards, and fronts that are followed by their backs: the numbers
/// go by twos, and those of the second half lie between those of the first. The back of the
/// last sheet may be missing, and so may be some numbers, as on blank backs.
fn scanned(pages: &[InSequence]) -> Option<Scanned> {
    let numbered = (0..pages.len()).filter_map(|at| printed_on(pages, at));
    let numbers: Vec<PrintedNumber> = numbered.collect();
    let enough = match numbers.iter().all(|printed| printed.certain) {
        true => ENOUGH_NUMBERS,
        false => ENOUGH_LONE_NUMBERS,
    };
    let one_series = numbers
        .windows(2)
        .all(|pair| pair[0].series == pair[1].series);
    // A separator parts documents, and each has an order of its own.
    let separated = pages.iter().any(|page| page.separator);
    if numbers.len() < enough || numbers.len() * 5 < pages.len() * 4 || !one_series || separated {
        return None;
    }
    let backs = pages.len().div_ceil(2);
    let stacks = [true, false].map(|reversed| Scanned::Stacks { backs, reversed });
    let mut orders = stacks.into_iter().chain([Scanned::Backwards]);
    orders.find(|scanned| {
        let order = order_of(pages.len(), *scanned);
        let mut places = vec![0; pages.len()];
        for (place, at) in order.into_iter().enumerate() {
            places[at] = place;
        }
        // How far each number is before its place: the same for all.
        let offsets = places.iter().enumerate().filter_map(|(at, place)| {
            let place = i64::try_from(*place).ok()?;
            Some(i64::from(printed_on(pages, at)?.number) - place)
        });
        let offsets: Vec<i64> = offsets.collect();
        offsets.windows(2).all(|pair| pair[0] == pair[1])
    })
}

/// Indices of pages as they are read.
fn order_of(pages: usize, scanned: Scanned) -> Vec<usize> {
    let Scanned::Stacks { backs, reversed } = scanned else {
        return (0..pages).rev().collect();
    };
    let back_of = |sheet: usize| {
        let at = match reversed {
            // The last back may be missing: the stack begins with the one before.
            true => (pages - 1).checked_sub(sheet)?,
            false => backs + sheet,
        };
        (backs..pages).contains(&at).then_some(at)
    };
    let sheets = 0..backs;
    sheets
        .flat_map(|sheet| [Some(sheet), back_of(sheet)])
        .flatten()
        .collect()
}

/// The order in which the pages of a document are read, by index, where it is another than
/// that in which they lie: their fronts were scanned, and then their backs, or the last page
/// was scanned first.
pub fn reading_order(pages: &[InSequence]) -> Option<Vec<usize>> {
    Some(order_of(pages.len(), scanned(pages)?))
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
            // The body after "iv" is no other document.
            let begins = last.series == here.series && (here.number <= last.number || other_count);
            let first = (at + 1).checked_sub(here.number as usize);
            restarts.extend(first.filter(|first| begins && *first > place));
        }
        before = Some((at, here));
    }
    restarts
}

/// Numbers alone on their lines that are years in a document of fewer pages.
const YEARS: std::ops::RangeInclusive<u32> = 1900..=2100;

/// The number that is printed on a page, unless it is rather a year.
fn printed_on(pages: &[InSequence], at: usize) -> Option<PrintedNumber> {
    let printed = pages[at].printed?;
    let is_year = !printed.certain
        && YEARS.contains(&printed.number)
        && pages.len() < *YEARS.start() as usize;
    (!is_year).then_some(printed)
}

/// The number of a page, if it is certain or a neighbour's agrees with it: a number
/// alone on a line may be anything.
fn supported(pages: &[InSequence], at: usize) -> Option<PrintedNumber> {
    let printed = printed_on(pages, at)?;
    let of = |at: usize| {
        let found = pages.get(at).and_then(|page| page.printed);
        found.filter(|found| found.series == printed.series)
    };
    let follows = at
        .checked_sub(1)
        .and_then(of)
        .is_some_and(|before| before.number + 1 == printed.number);
    let goes_on = of(at + 1).is_some_and(|next| next.number == printed.number + 1);
    (printed.certain || follows || goes_on).then_some(printed)
}

/// Numbers alone on their lines that no neighbour agrees with, by page, and that the others
/// lack: two pages that were swapped. Most of the others follow each other.
fn filled_gaps(pages: &[InSequence]) -> BTreeMap<usize, PrintedNumber> {
    let numbered = (0..pages.len()).filter_map(|at| Some((at, printed_on(pages, at)?)));
    let (known, alone): (Vec<_>, Vec<_>) =
        numbered.partition(|(at, _)| supported(pages, *at).is_some());
    let series = known.first().map(|(_, printed)| printed.series);
    let is_one = |(_, printed): &(usize, PrintedNumber)| Some(printed.series) == series;
    if known.len() <= alone.len() || !known.iter().all(is_one) {
        return BTreeMap::new();
    }
    let taken: BTreeSet<u32> = known.iter().map(|(_, printed)| printed.number).collect();
    let first = taken.first().copied().unwrap_or_default();
    let numbers = known.len() + alone.len();
    let is_lacking = |number: u32| {
        let place = number.checked_sub(first);
        place.is_some_and(|place| (place as usize) < numbers) && !taken.contains(&number)
    };
    alone
        .iter()
        .filter(|found| is_one(found) && is_lacking(found.1.number))
        .copied()
        .collect()
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
                series: Series::Arabic,
            }),
            stamp: None,
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
    fn years_are_no_page_numbers_and_two_languages_no_doubled_pages() {
        let lone = |numbers: &[u32]| -> Vec<InSequence> {
            numbers.iter().map(|n| page(Some(*n), false)).collect()
        };
        assert_eq!(noted(&lone(&[2018, 2019, 2021, 2022])), []);
        let years = lone(&[2001, 2003, 2005, 2007, 2002, 2004, 2006, 2008]);
        assert_eq!(reading_order(&years), None);
        assert_eq!(noted(&printed(&[1, 1, 2, 2, 3, 3])), []);
        // One page that is there twice is told.
        assert_eq!(noted(&printed(&[1, 2, 2, 3])).len(), 1);
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

    fn gap(after: u32, here: u32) -> SequenceNote {
        let of = Counted::Printed(Series::Arabic);
        SequenceNote::Missing { after, here, of }
    }

    #[test]
    fn series_of_numbers_are_followed_each_for_itself() {
        let of = |numbers: &[(u32, Series)]| -> Vec<InSequence> {
            let page_of = |&(number, series): &(u32, Series)| {
                let mut page = page(Some(number), false);
                page.printed.as_mut().unwrap().series = series;
                page
            };
            numbers.iter().map(page_of).collect()
        };
        let (roman, arabic) = (Series::Roman, Series::Arabic);
        let front = [(1, roman), (2, roman), (1, arabic), (2, arabic)];
        assert_eq!(noted(&of(&front)), []);
        assert!(number_restarts(&of(&front)).is_empty());
        let gap = [(1, roman), (2, roman), (4, roman), (5, roman)];
        let missing = SequenceNote::Missing {
            after: 2,
            here: 4,
            of: Counted::Printed(roman),
        };
        assert_eq!(noted(&of(&gap)), [(2, missing)]);
        let (a, b) = (Series::Section('A'), Series::Section('B'));
        assert_eq!(noted(&of(&[(1, a), (2, a), (1, b), (2, b), (3, b)])), []);
    }

    #[test]
    fn stamps_have_no_gaps() {
        let stamped = |stamps: &[&str]| -> Vec<InSequence> {
            let page_of = |stamp: &&str| InSequence {
                stamp: Stamp::read(stamp),
                ..page(None, false)
            };
            stamps.iter().map(page_of).collect()
        };
        let of = Counted::Stamped;
        let missing = SequenceNote::Missing {
            after: 102,
            here: 105,
            of,
        };
        let gap = ["ACME-0000101", "ACME-0000102", "ACME-0000105"];
        assert_eq!(noted(&stamped(&gap)), [(2, missing)]);
        assert_eq!(noted(&stamped(&gap[..2])), []);
        // Another party's pages among them.
        let two = ["A-00001", "A-00002", "B-00071", "B-00072"];
        assert_eq!(noted(&stamped(&two)), []);
        // Invoices.
        let invoices = ["R-00012", "R-00040", "R-00041", "R-00077", "R-00102"];
        assert_eq!(noted(&stamped(&invoices)), []);
        let twice = ["A-00001", "A-00002", "A-00002", "A-00003"];
        let doubled = SequenceNote::OutOfOrder {
            after: 2,
            here: 2,
            of,
        };
        assert_eq!(noted(&stamped(&twice)), [(2, doubled)]);
    }

    #[test]
    fn fronts_and_their_backs_are_known_whichever_way_they_were_scanned() {
        let backs = |reversed| SequenceNote::Backs { reversed };
        for (numbers, at, reversed, order) in [
            (&[1, 3, 5, 6, 4, 2][..], 3, true, &[0, 5, 1, 4, 2, 3][..]),
            (&[1, 3, 5, 2, 4, 6], 3, false, &[0, 3, 1, 4, 2, 5]),
            // The last sheet has no back.
            (&[1, 3, 5, 4, 2], 3, true, &[0, 4, 1, 3, 2]),
            (&[7, 9, 8, 10], 2, false, &[0, 2, 1, 3]),
            // A back without its number.
            (&[1, 3, 5, 6, 0, 2], 3, true, &[0, 5, 1, 4, 2, 3]),
        ] {
            let pages = printed(numbers);
            assert_eq!(noted(&pages), [(at, backs(reversed))], "{numbers:?}");
            assert_eq!(reading_order(&pages).unwrap(), order, "{numbers:?}");
        }
        for numbers in [
            &[1, 2, 3, 4, 5, 6][..],
            &[1, 3, 5, 7, 9, 11],
            &[1, 3, 2],
            &[1, 3, 5, 2, 4, 7],
            &[1, 3, 0, 0, 4, 2],
        ] {
            assert_eq!(reading_order(&printed(numbers)), None, "{numbers:?}");
        }
        let lone = |numbers: &[u32]| -> Vec<InSequence> {
            numbers.iter().map(|n| page(Some(*n), false)).collect()
        };
        assert!(reading_order(&lone(&[1, 3, 5, 6, 4, 2])).is_some());
        assert!(reading_order(&lone(&[1, 3, 4, 2])).is_none());
    }

    #[test]
    fn pages_that_lie_backwards_are_known() {
        let lone = |numbers: &[u32]| -> Vec<InSequence> {
            numbers.iter().map(|n| page(Some(*n), false)).collect()
        };
        let backwards = [(0, SequenceNote::Backwards)];
        for pages in [
            printed(&[4, 3, 2, 1]),
            printed(&[9, 8, 0, 6, 5, 4]),
            lone(&[8, 7, 6, 5, 4, 3, 2, 1]),
        ] {
            assert_eq!(noted(&pages), backwards);
            let order: Vec<usize> = (0..pages.len()).rev().collect();
            assert_eq!(reading_order(&pages).unwrap(), order);
        }
        for pages in [
            printed(&[3, 2, 1]),
            printed(&[5, 4, 2, 1]),
            lone(&[5, 4, 3, 2]),
            lone(&[2021, 2020, 2019, 2018, 2017, 2016]),
        ] {
            assert_eq!(reading_order(&pages), None);
        }
    }

    #[test]
    fn swapped_pages_are_noted_where_their_numbers_stand_alone() {
        let lone = |numbers: &[u32]| -> Vec<InSequence> {
            numbers.iter().map(|n| page(Some(*n), false)).collect()
        };
        let of = Counted::Printed(Series::Arabic);
        let swapped = SequenceNote::OutOfOrder {
            after: 5,
            here: 4,
            of,
        };
        let notes = [(3, gap(3, 5)), (4, swapped), (5, gap(4, 6))];
        assert_eq!(noted(&lone(&[1, 2, 3, 5, 4, 6, 7])), notes);
        let last = SequenceNote::OutOfOrder {
            after: 6,
            here: 5,
            of,
        };
        assert_eq!(
            noted(&lone(&[1, 2, 3, 4, 6, 5])),
            [(4, gap(4, 6)), (5, last)]
        );
        // Other numbers on other pages.
        assert_eq!(noted(&lone(&[1, 2, 3, 12, 90, 6, 7])), []);
    }

    #[test]
    fn missing_and_doubled_pages_are_noted() {
        assert_eq!(noted(&printed(&[1, 2, 3, 4])), []);
        let missing = gap(2, 5);
        assert_eq!(noted(&printed(&[1, 2, 5, 6])), [(2, missing)]);
        let twice = SequenceNote::OutOfOrder {
            after: 2,
            here: 2,
            of: Counted::Printed(Series::Arabic),
        };
        assert_eq!(noted(&printed(&[1, 2, 2, 3])), [(2, twice)]);
    }

    #[test]
    fn pages_without_a_number_may_count_or_not() {
        // Covers and blank backs.
        assert_eq!(noted(&printed(&[0, 2, 3, 0, 5, 0, 6, 0, 7])), []);
        let missing = gap(2, 5);
        assert_eq!(noted(&printed(&[1, 2, 0, 5])), [(3, missing)]);
    }

    #[test]
    fn a_number_alone_needs_a_neighbour_that_agrees() {
        let lone = |numbers: &[u32]| -> Vec<InSequence> {
            numbers.iter().map(|n| page(Some(*n), false)).collect()
        };
        assert_eq!(noted(&lone(&[120, 7, 44, 12])), []);
        let missing = gap(2, 9);
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
