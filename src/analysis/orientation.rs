//! Which way up the text of a scan is. More of it rises above its lines' small letters than
//! hangs below them, in Latin script (leptonica decides by the same share, Bloomberg 2008); and
//! full stops and commas stand at the foot of a line, in any script. Not for how text is
//! tilted (`skew`), and not for pages that state the direction of their text.

use std::ops::RangeInclusive;

use crate::pdf::{Ink, set_bits};

/// A page is looked at in strips so wide, in pixels (3 cm), as many as a row has bits: within
/// one, a line of text has one place.
const STRIP: usize = u128::BITS as usize;

/// Lines of text are so high with all that rises and hangs, in pixels: 6 to 30 points.
const LINE: RangeInclusive<usize> = 7..=44;

/// Rows with less than this share of the strip's fullest row are between lines.
const BETWEEN: f32 = 0.06;

/// Small letters fill the rows with at least this share of their line's fullest.
const SMALL_LETTERS: f32 = 0.5;

/// A line of capitals or figures alone has nothing that rises: its small letters would fill
/// more than this share of it.
const MOST_FILLED: f32 = 0.8;

/// Fewer pieces of lines show nothing, nor does ink that is nearly as much above as below: the
/// difference is at least this share of both. Of English, German, French and Italian it is
/// 0.9 to 1 (drawn in three fonts, three sizes each); of Greek, of which more hangs, -0.6 to 0.
const FEWEST_LINES: usize = 12;
const CLEAR: f32 = 0.7;

/// What rises and hangs is at least this share of a line's ink. Of Latin text it is 0.03 and
/// more; of Cyrillic, of which more hangs than rises, less.
const REACHING: f32 = 0.028;

/// Of Latin text so much rises and hangs in sans serif type too, and so much of it rises; of
/// Cyrillic, 0.032 at most where it seems clear.
const LATIN: f32 = 0.04;
const ONE_SIDE: f32 = 0.92;

/// Full stops and commas are so wide at most, in shares of the height of small letters, and end
/// below the middle of these by so much, or as much above it where they are upside down.
const MARK: f32 = 0.45;
const FROM_MIDDLE: f32 = 0.05;

/// The letters of lines in which it is looked for are at least so high, in pixels: of smaller
/// ones, pieces of letters are as small as full stops.
const LEAST_HEIGHT: usize = 6;

/// Where so much more of the letters rises than hangs, as share of both, marks that say the
/// opposite are none.
const LEANS: f32 = 0.3;

/// Pages of which fewer pieces are lines, as one of so many, are of figures or capitals: their
/// marks may be degrees, minutes and apostrophes as well as full stops.
const WRITTEN: usize = 3;

/// Fewer of them show nothing, and so many more stand low than high, as share of both. Of 11
/// languages in 5 fonts it is 0.9 to 1, of French, with its apostrophes, 0.5.
const FEWEST_MARKS: u32 = 6;
const CLEAR_MARKS: f32 = 0.7;

/// How clearly the text of a page is upright, -1 to 1: below 0 it is upside down. None where
/// that cannot be told. `text` is the ink of a page's text at about 100 dots per inch, tilted
/// clockwise by `degrees`, and `all` that of all of it: full stops are as small as dirt.
pub(super) fn rises(text: &Ink, all: impl FnOnce() -> Ink, degrees: f32) -> Option<f32> {
    let seen = Seen::of(text, degrees);
    let letters = seen.letters();
    if letters.is_some() && seen.is_latin() {
        return letters;
    }
    let marks = Seen::of(&all(), degrees).marks();
    let leaning = seen.share().filter(|share| share.abs() >= LEANS);
    match (leaning, marks.filter(|_| seen.is_written())) {
        (Some(letters), Some(marks)) if letters * marks < 0.0 => None,
        (_, marks) => letters.or(marks),
    }
}

/// What lines of text show.
#[derive(Default)]
struct Seen {
    /// Ink above small letters, and below them, and all of it, in pixels.
    above: u64,
    below: u64,
    all: u64,
    /// Pieces of lines that this was counted in.
    lines: usize,
    /// All pieces of lines, of capitals and figures too.
    pieces: usize,
    /// Marks at the foot of lines, and at their head.
    low: u32,
    high: u32,
}

impl Seen {
    fn of(ink: &Ink, degrees: f32) -> Self {
        let mut seen = Self::default();
        let fall = degrees.to_radians().tan();
        for left in (0..ink.width()).step_by(STRIP) {
            for line in lines_of(&strip(ink, left, fall)) {
                seen.line(line);
            }
        }
        seen
    }

    fn line(&mut self, line: &[u128]) {
        self.pieces += 1;
        let counts: Vec<u32> = line.iter().map(|row| row.count_ones()).collect();
        let fullest = counts.iter().copied().max().unwrap_or(0) as f32;
        let is_full = |count: &u32| *count as f32 >= fullest * SMALL_LETTERS;
        let (first, last) = (
            counts.iter().position(is_full).unwrap_or(0),
            counts.iter().rposition(is_full).unwrap_or(0),
        );
        let height = last + 1 - first;
        if height as f32 <= MOST_FILLED * line.len() as f32 {
            // The rows next to the small letters have what is blurred of these.
            let sum = |rows: &[u32]| rows.iter().map(|count| u64::from(*count)).sum::<u64>();
            self.above += sum(&counts[..first.saturating_sub(1)]);
            self.below += sum(counts.get(last + 2..).unwrap_or_default());
            self.all += sum(&counts);
            self.lines += 1;
        }
        if height < LEAST_HEIGHT {
            return;
        }
        let from_middle = |share: f32| first as f32 + height as f32 * (0.5 + share);
        let upper = (from_middle(-FROM_MIDDLE) as usize).min(line.len());
        let lower = (from_middle(FROM_MIDDLE).ceil() as usize).min(line.len());
        let inked = |rows: &[u128]| rows.iter().fold(0, |all, row| all | row);
        let (not_low, not_high) = (inked(&line[..lower]), inked(&line[upper..]));
        let widest = ((height as f32 * MARK) as u32).max(2);
        let (mut low, mut high) = (0, 0);
        let all = not_low | not_high;
        for mark in runs(all) {
            let size: u32 = line.iter().map(|row| (row & mark).count_ones()).sum();
            // They stand by a word; dirt does not, nor do dittos.
            let is_by_word = beside(mark, widest) & all != 0;
            if mark.count_ones() <= widest && size > 1 && is_by_word {
                match (not_low & mark, not_high & mark) {
                    (0, _) => low |= mark,
                    (_, 0) => high |= mark,
                    _ => {}
                }
            }
        }
        self.low += alone(low, 2 * widest);
        self.high += alone(high, 2 * widest);
    }

    /// How much more of the letters rises than hangs, as share of both.
    fn letters(&self) -> Option<f32> {
        let reaches = (self.above + self.below) as f32 >= REACHING * self.all as f32;
        self.share().filter(|share| share.abs() >= CLEAR && reaches)
    }

    /// The same, however clear that is.
    fn share(&self) -> Option<f32> {
        let both = (self.above + self.below) as f32;
        let share = (self.above as f32 - self.below as f32) / both.max(1.0);
        (self.lines >= FEWEST_LINES && self.is_written()).then_some(share)
    }

    /// A good part of the pieces are lines of small letters.
    fn is_written(&self) -> bool {
        self.lines * WRITTEN >= self.pieces
    }

    /// Whether so much rises and hangs as in no other script, and nearly all of it to one side:
    /// marks that stand high are then degrees or apostrophes.
    fn is_latin(&self) -> bool {
        let both = (self.above + self.below) as f32;
        let one_side = self.above.max(self.below) as f32;
        both >= LATIN * self.all as f32 && one_side >= ONE_SIDE * both
    }

    /// How many more marks stand low than high, as share of both.
    fn marks(&self) -> Option<f32> {
        let both = self.low + self.high;
        let share = (self.low as f32 - self.high as f32) / both.max(1) as f32;
        let enough = both >= FEWEST_MARKS && self.pieces >= FEWEST_LINES;
        (enough && share.abs() >= CLEAR_MARKS).then_some(share)
    }
}

/// Stretches of bits, each on its own; what touches the edge may go on beyond it.
fn runs(mut bits: u128) -> impl Iterator<Item = u128> {
    let all = std::iter::from_fn(move || {
        let first = bits & bits.wrapping_neg();
        let run = bits & !bits.wrapping_add(first);
        bits &= !run;
        (run != 0).then_some(run)
    });
    const EDGES: u128 = 1 | 1 << (u128::BITS - 1);
    all.filter(|run| run & EDGES == 0)
}

/// How many of these marks have none beside them, within so many pixels: quotes and dittos
/// are two, and dots that lead the eye many.
fn alone(marks: u128, reach: u32) -> u32 {
    let is_alone = |mark: &u128| beside(*mark, reach) & marks == 0;
    runs(marks).filter(is_alone).map(|_| 1).sum()
}

/// The bits within so many of a stretch, but for the stretch.
fn beside(run: u128, reach: u32) -> u128 {
    let near = (1..=reach).fold(0, |all, by| all | run << by | run >> by);
    near & !run
}

/// The same page turned by a quarter against the clock.
pub(super) fn turned_back(ink: &Ink) -> Ink {
    let mut turned = Ink::new(ink.height(), ink.width());
    for y in 0..ink.height() {
        for first in (0..ink.width()).step_by(64) {
            for at in set_bits(ink.cells(first as i32, y as i32, 64)) {
                turned.set(y, ink.width() - 1 - first - at);
            }
        }
    }
    turned
}

/// The rows of a strip, along the lines of text.
fn strip(text: &Ink, left: usize, fall: f32) -> Vec<u128> {
    let mut rows = vec![0; text.height()];
    let middle = text.width() as f32 / 2.0;
    let fall = |x: usize| ((x as f32 - middle) * fall).round() as isize;
    let columns: Vec<usize> = (left..(left + STRIP).min(text.width())).collect();
    // Columns beside each other fall alike, as many as are read at a time.
    let alike = columns.chunk_by(|a, b| fall(*a) == fall(*b));
    for columns in alike.flat_map(|columns| columns.chunks(64)) {
        let (x, fall) = (columns[0], fall(columns[0]));
        for y in 0..text.height() {
            let cells = text.cells(x as i32, y as i32, columns.len() as u32);
            if cells != 0
                && let Some(row) = y
                    .checked_add_signed(-fall)
                    .and_then(|row| rows.get_mut(row))
            {
                *row |= u128::from(cells) << (x - left);
            }
        }
    }
    rows
}

/// The rows of each line of text.
fn lines_of(rows: &[u128]) -> impl Iterator<Item = &[u128]> {
    let fullest = rows.iter().map(|row| row.count_ones()).max().unwrap_or(0) as f32;
    let least = (fullest * BETWEEN).max(1.0);
    rows.split(move |row| (row.count_ones() as f32) < least)
        .filter(|line| LINE.contains(&line.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of words: small letters of 7 pixels, of which some rise by 4, fewer hang by 3.
    fn page(rising: usize, hanging: usize) -> Ink {
        let mut ink = Ink::new(800, 1100);
        for line in 0..30 {
            for letter in (0..80).filter(|letter| letter % 6 != 5) {
                let (left, top) = (60 + letter * 8, 80 + line * 30);
                let up = if (letter + line) % 10 < rising { 4 } else { 0 };
                let down = if (letter + line) % 10 >= 10 - hanging {
                    3
                } else {
                    0
                };
                for y in top - up..top + 7 + down {
                    (left..left + 2).for_each(|x| ink.set(x, y));
                }
                for y in [top, top + 6] {
                    (left..left + 6).for_each(|x| ink.set(x, y));
                }
            }
        }
        ink
    }

    fn way_up(ink: &Ink) -> Option<f32> {
        rises(ink, || ink.clone(), 0.0)
    }

    #[test]
    fn text_that_rises_more_than_it_hangs_is_upright() {
        let upright = page(4, 1);
        assert!(way_up(&upright).unwrap() > 0.3);
        let upside_down = turned_back(&turned_back(&upright));
        assert!(way_up(&upside_down).unwrap() < -0.3);
    }

    #[test]
    fn full_stops_stand_at_the_foot_where_letters_rise_as_much_as_they_hang() {
        let mut upright = page(3, 3);
        for line in 0..30 {
            let (left, foot) = (60 + 8 * (5 + 6 * (line % 9)), 80 + line * 30 + 6);
            for y in foot - 1..=foot {
                (left..left + 2).for_each(|x| upright.set(x, y));
            }
        }
        assert!(way_up(&upright).unwrap() > 0.9);
        let upside_down = turned_back(&turned_back(&upright));
        assert!(way_up(&upside_down).unwrap() < -0.9);
    }

    #[test]
    fn marks_beside_each_other_are_not_counted() {
        assert_eq!(alone(0b110 | 0b110 << 60 | 0b11 << 100, 4), 3);
        // A pair of quotes, and a row of dots.
        assert_eq!(alone(0b1101100 | 0b1 << 60, 4), 1);
        assert_eq!(alone(0b1_0010_0100_1000 << 20, 4), 0);
    }

    #[test]
    fn stretches_of_bits_are_told_apart() {
        let bits = 0b1011_0110 | 1 << 127;
        assert_eq!(
            runs(bits).collect::<Vec<_>>(),
            [0b110, 0b11_0000, 0b1000_0000]
        );
        assert_eq!(runs(0).count(), 0);
        assert_eq!(runs(u128::MAX).count(), 0);
    }

    #[test]
    fn text_that_shows_no_way_up_is_not_guessed_at() {
        assert_eq!(way_up(&page(2, 2)).filter(|share| share.abs() > 0.3), None);
        // Capitals or figures alone.
        assert_eq!(way_up(&page(0, 0)), None);
        let mut few = page(4, 1);
        let end = few.words().len() / few.height() * 120;
        few.words_mut()[end..].fill(0);
        assert_eq!(way_up(&few), None);
    }

    #[test]
    fn a_page_turned_back_is_turned_by_a_quarter_against_the_clock() {
        let mut ink = Ink::new(3, 2);
        ink.set(2, 0);
        ink.set(0, 1);
        let turned = turned_back(&ink);
        let mut expected = Ink::new(2, 3);
        expected.set(0, 0);
        expected.set(1, 2);
        assert_eq!(turned, expected);
    }
}
