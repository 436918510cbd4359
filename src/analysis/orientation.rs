//! Which way up the text of a scan is: more of it rises above its lines' small letters than
//! hangs below them, in Latin script (leptonica decides by the same
//! share, Bloomberg 2008). Not for how text is tilted (`skew`), and not for pages that state
//! the direction of their text.

use std::ops::Range;

use crate::pdf::{Ink, set_bits};

/// A page is looked at in strips so wide, in pixels (4 cm): within one, a line of text has
/// one place.
const STRIP: usize = 160;

/// Lines of text are so high with all that rises and hangs, in pixels: 6 to 30 points.
const LINE: std::ops::RangeInclusive<usize> = 7..=44;

/// Rows with less than this share of the strip's fullest row are between lines.
const BETWEEN: f32 = 0.06;

/// Small letters fill the rows with at least this share of their line's fullest.
const SMALL_LETTERS: f32 = 0.5;

/// A line of capitals or figures alone shows nothing: its small letters would fill more than
/// this share of it.
const MOST_FILLED: f32 = 0.8;

/// Fewer pieces of lines show nothing, nor does ink that is nearly as much above as below: the
/// difference is at least this share of both. Of English, German, French and Italian it is
/// 0.9 to 1 (drawn in three fonts, three sizes each); of Greek, of which more hangs, -0.6 to 0.
const FEWEST_LINES: usize = 12;
const CLEAR: f32 = 0.7;

/// What rises and hangs is at least this share of a line's ink. Of Latin text it is 0.03 and
/// more; of Cyrillic, of which more hangs than rises, less.
const REACHING: f32 = 0.028;

/// How much more of the text rises than hangs, as share of both, -1 to 1: below 0 it is
/// upside down. None where that cannot be told. `text` is the ink of a page's text at
/// about 100 dots per inch, tilted clockwise by `degrees`.
pub(super) fn rises(text: &Ink, degrees: f32) -> Option<f32> {
    let (mut above, mut below, mut all, mut lines) = (0u64, 0u64, 0u64, 0);
    let fall = degrees.to_radians().tan();
    for left in (0..text.width()).step_by(STRIP) {
        let profile = profile(text, left..(left + STRIP).min(text.width()), fall);
        for line in lines_of(&profile) {
            if let Some((rising, hanging)) = reaches(line) {
                above += rising;
                below += hanging;
                all += line.iter().map(|count| u64::from(*count)).sum::<u64>();
                lines += 1;
            }
        }
    }
    let both = (above + below) as f32;
    let share = (above as f32 - below as f32) / both.max(1.0);
    let reaches = both >= REACHING * all as f32;
    (lines >= FEWEST_LINES && share.abs() >= CLEAR && reaches).then_some(share)
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

/// Pixels of ink in each row of a strip, along the lines of text.
fn profile(text: &Ink, columns: Range<usize>, fall: f32) -> Vec<u32> {
    let mut profile = vec![0; text.height()];
    let middle = text.width() as f32 / 2.0;
    let fall = |x: usize| ((x as f32 - middle) * fall).round() as isize;
    let columns: Vec<usize> = columns.collect();
    // Columns beside each other fall alike, as many as are counted at a time.
    let alike = columns.chunk_by(|a, b| fall(*a) == fall(*b));
    for columns in alike.flat_map(|columns| columns.chunks(64)) {
        let (x, fall) = (columns[0] as i32, fall(columns[0]));
        for y in 0..text.height() {
            let cells = text.cells(x, y as i32, columns.len() as u32);
            if cells != 0
                && let Some(sum) = y
                    .checked_add_signed(-fall)
                    .and_then(|row| profile.get_mut(row))
            {
                *sum += cells.count_ones();
            }
        }
    }
    profile
}

/// The rows of each line of text.
fn lines_of(profile: &[u32]) -> impl Iterator<Item = &[u32]> {
    let fullest = profile.iter().copied().max().unwrap_or(0) as f32;
    let least = (fullest * BETWEEN).max(1.0);
    profile
        .split(move |count| (*count as f32) < least)
        .filter(|line| LINE.contains(&line.len()))
}

/// How much ink of a line rises above its small letters, and how much hangs below; none of
/// a line that shows neither.
fn reaches(line: &[u32]) -> Option<(u64, u64)> {
    let fullest = line.iter().copied().max()? as f32;
    let is_full = |count: &u32| *count as f32 >= fullest * SMALL_LETTERS;
    let first = line.iter().position(is_full)?;
    let last = line.iter().rposition(is_full)?;
    if (last + 1 - first) as f32 > MOST_FILLED * line.len() as f32 {
        return None;
    }
    // The rows next to the small letters have what is blurred of these.
    let sum = |rows: &[u32]| rows.iter().map(|count| u64::from(*count)).sum::<u64>();
    let above = sum(&line[..first.saturating_sub(1)]);
    let below = sum(line.get(last + 2..).unwrap_or_default());
    Some((above, below))
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

    #[test]
    fn text_that_rises_more_than_it_hangs_is_upright() {
        let upright = page(4, 1);
        assert!(rises(&upright, 0.0).unwrap() > 0.3);
        let upside_down = turned_back(&turned_back(&upright));
        assert!(rises(&upside_down, 0.0).unwrap() < -0.3);
    }

    #[test]
    fn text_that_shows_no_way_up_is_not_guessed_at() {
        assert_eq!(
            rises(&page(2, 2), 0.0).filter(|share| share.abs() > 0.3),
            None
        );
        // Capitals or figures alone.
        assert_eq!(rises(&page(0, 0), 0.0), None);
        let mut few = page(4, 1);
        let end = few.words().len() / few.height() * 120;
        few.words_mut()[end..].fill(0);
        assert_eq!(rises(&few, 0.0), None);
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
