//! How the text that lies over a scan agrees with what is seen of it: words that the scan
//! itself hides under a bar, and lines of marks that no text lies over. Not for what is
//! painted over text (`pdf::concealed`), nor for what follows from the counts (`verdicts`).

use std::collections::HashSet;

use crate::model::{Area, Concealment, HiddenText};
use crate::pdf::{Gray, ScanLetter};

/// A letter is looked at so far around its middle, in shares of its em: where it is seen,
/// this is half ink and half paper.
const AROUND: f32 = 0.22;

/// What is blackened is darker than this, of 255, and levels vary by less (standard
/// deviation): white letters in a dark heading vary by three times as much, noise by less.
const BLACK: f32 = 80.0;
const FLAT: f32 = 14.0;

/// Where a letter is seen, levels vary by more.
const INKED: f32 = 20.0;

/// Letters lie where they are seen if so many do at least, and so many for each that lies on
/// bare paper: else the whole text stands elsewhere, and hides nothing.
const FEWEST_SEEN: usize = 5;
const SEEN: usize = 3;

/// So many letters at least are words, and so many of them differ: recognition reads stripes
/// into bars as well.
const FEWEST: usize = 3;

/// Bars that are told.
const MOST_BARS: usize = 8;

/// Letters of words that are kept.
const LONGEST_WORDS: usize = 200;

/// Words of a scan's text that stand under a flat dark bar of it. `gray` is its brightness.
pub(super) fn blackened(gray: &Gray, letters: &[ScanLetter]) -> Vec<HiddenText> {
    let looks: Vec<Look> = letters.iter().map(|letter| look(gray, letter)).collect();
    let count = |of: Look| looks.iter().filter(|look| **look == of).count();
    if count(Look::Black) < FEWEST
        || count(Look::Seen) < FEWEST_SEEN
        || count(Look::Seen) < SEEN * count(Look::Bare)
    {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut from = 0;
    while from < letters.len() && found.len() < MOST_BARS {
        let black = looks[from..]
            .iter()
            .take_while(|look| **look == Look::Black);
        let to = from + black.count();
        let bar = &letters[from..to];
        if let [first, .., last] = bar
            && ends_in_paper(gray, first, -1)
            && ends_in_paper(gray, last, 1)
        {
            found.extend(told(bar));
        }
        from = to + 1;
    }
    found
}

/// What a scan shows where a letter stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Black,
    Seen,
    Bare,
    /// Beside the page, or too small to be told.
    Unknown,
}

fn look(gray: &Gray, letter: &ScanLetter) -> Look {
    let (width, height) = (gray.width as f32, gray.height as f32);
    let reach = AROUND * letter.size * height;
    let side = |at: f32, length: f32| {
        let from = (at * length - reach).max(0.0);
        let to = (at * length + reach).min(length);
        (from as usize, to as usize)
    };
    let ((left, right), (top, bottom)) = (side(letter.x, width), side(letter.y, height));
    if right.saturating_sub(left) < 2 || bottom.saturating_sub(top) < 2 {
        return Look::Unknown;
    }
    let (mut count, mut sum, mut squares) = (0.0, 0.0, 0.0);
    for y in top..bottom {
        for level in gray.row(y).get(left..right).unwrap_or_default() {
            let level = f32::from(*level);
            count += 1.0;
            sum += level;
            squares += level * level;
        }
    }
    let mean = sum / f32::max(count, 1.0);
    let spread = (squares / f32::max(count, 1.0) - mean * mean)
        .max(0.0)
        .sqrt();
    if mean <= BLACK && spread < FLAT {
        Look::Black
    } else if spread > INKED {
        Look::Seen
    } else {
        Look::Bare
    }
}

/// Whether what is dark where a letter stands ends, this way along its line, in paper from
/// below the line to above it. Where white letters come first, it is the ground of a heading
/// whose text layer is not quite in its place.
fn ends_in_paper(gray: &Gray, letter: &ScanLetter, step: isize) -> bool {
    /// No letter reaches so far both up and down from the middle of small ones, in ems.
    const BEYOND: f32 = 0.48;
    let em = letter.size * gray.height as f32;
    let (x, y) = (letter.x * gray.width as f32, letter.y * gray.height as f32);
    let is_light = |x: usize, y: usize| {
        let level = gray.row(y).get(x);
        level.is_some_and(|level| f32::from(*level) > BLACK)
    };
    let row = (y.max(0.0) as usize).min(gray.height.saturating_sub(1));
    let rows =
        ((y - BEYOND * em).max(0.0) as usize)..((y + BEYOND * em) as usize + 1).min(gray.height);
    let columns = std::iter::successors(Some(x.max(0.0) as usize), |x| {
        x.checked_add_signed(step).filter(|x| *x < gray.width)
    });
    let mut light = columns.skip_while(|x| !is_light(*x, row)).peekable();
    // A bar up to the edge of the page.
    light.peek().is_none()
        || light
            .take(em as usize + 1)
            .any(|x| rows.clone().all(|y| is_light(x, y)))
}

/// The words of a bar, where they are words.
fn told(letters: &[ScanLetter]) -> Option<HiddenText> {
    let kinds: HashSet<char> = letters.iter().map(|letter| letter.character).collect();
    if kinds.len() < FEWEST {
        return None;
    }
    let mut area = Area {
        left: 1.0,
        top: 1.0,
        right: 0.0,
        bottom: 0.0,
    };
    let mut words = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let half = letter.size / 2.0;
        area.left = area.left.min(letter.x - half).max(0.0);
        area.top = area.top.min(letter.y - half).max(0.0);
        area.right = area.right.max(letter.x + half).min(1.0);
        area.bottom = area.bottom.max(letter.y + half).min(1.0);
        if at < LONGEST_WORDS {
            if letter.begins_word && at > 0 {
                words.push(' ');
            }
            words.push(letter.character);
        }
    }
    Some(HiddenText {
        how: Concealment::Blackened,
        letters: u32::try_from(letters.len()).unwrap_or(u32::MAX),
        area,
        words,
    })
}

/// Left, top, right and bottom of a mark in pixels, the last ones part of it.
pub(super) type Place = [u32; 4];

/// Marks may be letters, or words whose letters touch, from so high to so high, and up to
/// so wide; millimetres.
const HEIGHTS: std::ops::Range<f32> = 0.8..10.0;
const WIDEST: f32 = 30.0;

/// A letter of text reads marks so far from its middle, in ems, and in millimetres at most:
/// lines of a text layer are seldom as long as those of the scan.
const READS: (f32, f32) = (2.0, 0.9);
const READS_MOST: f32 = 15.0;

/// Letters follow each other by so many heights, and one is at most so many times as high
/// as the other. Pages of noise and of pictures have few that do.
const FOLLOWS: std::ops::RangeInclusive<f32> = -0.5..=2.0;
const AS_HIGH: f32 = 2.5;

/// So many marks that follow each other are part of a line.
const LINE: u32 = 3;

/// How many of the marks of a scan stand in lines as letters do, without text over them. The
/// page has so many pixels, and a millimetre so many.
pub(super) fn unread(
    marks: &[Place],
    (width, height): (usize, usize),
    millimetre: f32,
    letters: &[ScanLetter],
) -> u32 {
    let size = (width as f32 / millimetre, height as f32 / millimetre);
    let read = Read::of(letters, size);
    let mut left: Vec<[f32; 4]> = marks
        .iter()
        .map(|mark| mark.map(|at| at as f32 / millimetre))
        .filter(|[left, top, right, bottom]| {
            HEIGHTS.contains(&(bottom - top))
                && right - left <= WIDEST
                && !read.has((left + right) / 2.0, (top + bottom) / 2.0)
        })
        .collect();
    left.sort_by(|a, b| a[0].total_cmp(&b[0]));
    // Of each millimetre of height, the last mark that stands there and how many it follows.
    let mut lines: Vec<Option<([f32; 4], u32)>> = vec![None; size.1 as usize + 3];
    let mut count = 0u32;
    for mark in left {
        let row = mark[3] as usize + 1;
        let near = lines.get(row - 1..=row + 1).unwrap_or_default();
        let before = near
            .iter()
            .flatten()
            .filter(|(last, _)| follows(last, &mark));
        let before = before.map(|(_, before)| *before).max();
        let length = before.map_or(1, |before| before + 1);
        count += match length.cmp(&LINE) {
            std::cmp::Ordering::Less => 0,
            std::cmp::Ordering::Equal => LINE,
            std::cmp::Ordering::Greater => 1,
        };
        if let Some(line) = lines.get_mut(row) {
            *line = Some((mark, length));
        }
    }
    count
}

fn follows(before: &[f32; 4], next: &[f32; 4]) -> bool {
    let height = |mark: &[f32; 4]| mark[3] - mark[1];
    let (one, other) = (height(before), height(next));
    let high = one.max(other);
    high <= AS_HIGH * one.min(other) && FOLLOWS.contains(&((next[0] - before[2]) / high))
}

/// Where text is that can be read, in cells of a millimetre.
struct Read {
    columns: usize,
    cells: Vec<bool>,
}

impl Read {
    fn of(letters: &[ScanLetter], (width, height): (f32, f32)) -> Self {
        let (columns, rows) = (width as usize + 1, height as usize + 1);
        let mut cells = vec![false; columns * rows];
        for letter in letters {
            let size = letter.size * height;
            let side = |at: f32, reach: f32, most: usize| {
                let reach = (reach * size).min(READS_MOST);
                (at - reach).max(0.0) as usize..((at + reach).max(0.0) as usize + 1).min(most)
            };
            let across = side(letter.x * width, READS.0, columns);
            for row in side(letter.y * height, READS.1, rows) {
                if let Some(cells) = cells.get_mut(row * columns..(row + 1) * columns)
                    && let Some(cells) = cells.get_mut(across.clone())
                {
                    cells.fill(true);
                }
            }
        }
        Self { columns, cells }
    }

    fn has(&self, x: f32, y: f32) -> bool {
        let at = y as usize * self.columns + x as usize;
        self.cells.get(at).copied().unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text of one line: letters of 10 points on A4, from the left, so high up.
    fn line(text: &str, y: f32) -> Vec<ScanLetter> {
        let letters = text.chars().enumerate();
        let letters = letters.filter(|(_, character)| *character != ' ');
        letters
            .map(|(at, character)| ScanLetter {
                character,
                x: 0.1 + 0.01 * at as f32,
                y,
                size: 0.012,
                begins_word: text[..at].ends_with(' '),
            })
            .collect()
    }

    /// Draws a stroke of this level where each letter is.
    fn stroke(gray: &mut Gray, letters: &[ScanLetter], level: u8) {
        let (width, height) = (gray.width as f32, gray.height as f32);
        for letter in letters {
            let (x, y) = ((letter.x * width) as usize, (letter.y * height) as usize);
            for row in y - 4..y + 4 {
                gray.pixels[row * gray.width + x] = level;
            }
        }
    }

    /// White paper with strokes where letters are, and flat black from row to row.
    fn scan(letters: &[ScanLetter], bar: std::ops::Range<usize>) -> Gray {
        let (width, height) = (600, 840);
        let mut gray = Gray {
            width,
            height,
            pixels: vec![250; width * height],
        };
        stroke(&mut gray, letters, 20);
        for row in bar {
            gray.pixels[row * width..(row + 1) * width].fill(12);
        }
        gray
    }

    #[test]
    fn words_under_a_bar_of_the_scan_are_told() {
        let mut letters = line("the tenant shall keep", 0.2);
        letters.extend(line("Claimant Rosamund Hale", 0.3));
        letters.extend(line("and pay the rent", 0.4));
        let gray = scan(&letters, 240..265);
        let found = blackened(&gray, &letters);
        let words: Vec<_> = found.iter().map(|hidden| hidden.words.as_str()).collect();
        assert_eq!(words, ["Claimant Rosamund Hale"]);
        assert_eq!(found[0].how, Concealment::Blackened);
        assert!(found[0].area.top > 0.28 && found[0].area.bottom < 0.32);
        // Without a bar, and with one that nothing stands under.
        assert_eq!(blackened(&scan(&letters, 0..0), &letters), []);
        assert_eq!(blackened(&scan(&letters, 400..430), &letters), []);
    }

    #[test]
    fn white_letters_in_a_dark_bar_are_seen() {
        let mut letters = line("the tenant shall keep", 0.2);
        letters.extend(line("Claimant Rosamund Hale", 0.3));
        let mut gray = scan(&letters, 240..265);
        stroke(&mut gray, &letters[18..], 240);
        assert_eq!(blackened(&gray, &letters), []);
    }

    #[test]
    fn the_bare_end_of_a_dark_heading_hides_nothing() {
        let mut letters = line("the tenant shall keep", 0.2);
        letters.extend(line("Claimant Rosamund Hale", 0.3));
        let mut gray = scan(&letters, 240..265);
        // The heading is shorter than its text layer.
        stroke(&mut gray, &letters[18..34], 240);
        assert_eq!(blackened(&gray, &letters), []);
    }

    #[test]
    fn text_that_stands_elsewhere_hides_nothing() {
        let seen = line("the tenant shall keep", 0.2);
        let gray = scan(&seen, 240..265);
        let mut letters = line("words of another page", 0.6);
        letters.extend(line("Claimant Rosamund Hale", 0.3));
        assert_eq!(blackened(&gray, &letters), []);
    }

    /// Marks of a line of so many letters, at 4 pixels to the millimetre.
    fn marks(count: u32, bottom: u32) -> Vec<Place> {
        (0..count)
            .map(|at| [80 + 9 * at, bottom - 8, 86 + 9 * at, bottom])
            .collect()
    }

    #[test]
    fn marks_in_lines_without_text_are_unread() {
        let mut all = marks(40, 400);
        all.extend(marks(40, 500));
        let size = (840, 1188);
        assert_eq!(unread(&all, size, 4.0, &[]), 80);
        // Text over the first of them.
        let text = line(&"a".repeat(45), 398.0 / 1188.0);
        assert_eq!(unread(&all, size, 4.0, &text), 40);
        // Marks that follow nothing.
        let strewn: Vec<_> = (0..60)
            .map(|at| {
                [
                    100 + (at * 137) % 600,
                    60 + 17 * at,
                    106 + (at * 137) % 600,
                    68 + 17 * at,
                ]
            })
            .collect();
        assert_eq!(unread(&strewn, size, 4.0, &[]), 0);
    }
}
