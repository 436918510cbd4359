//! Rules and frames on a straightened look: long thin lines, which scanners draw more
//! or less dark and programs do not count as letters. Not for those that stand alone
//! on the scan as it is, which `marks` finds.

use crate::pdf::{Ink, set_bits};

/// A rule is at least so long, in cells (25 mm on ordinary pages).
const LONG: usize = 83;

/// The sides of frames that end at rules are at least so long (3.6 mm): they are
/// higher than a letter.
const SHORT: usize = 12;

/// Cells around the end of a side in which a rule is looked for.
const NEAR: i32 = 2;

/// A rule is thinner than this many cells (1.5 mm): so far above and below it, most of
/// its length is bare.
const THICK: i32 = 5;

/// A straight line of cells.
#[derive(Clone, Copy)]
struct Line {
    left: usize,
    top: usize,
    length: usize,
    down: bool,
}

impl Line {
    fn cells(self) -> impl Iterator<Item = (usize, usize)> {
        (0..self.length).map(move |at| match self.down {
            true => (self.left, self.top + at),
            false => (self.left + at, self.top),
        })
    }

    /// The cells before its first and after its last.
    fn ends(self) -> [(i32, i32); 2] {
        let (x, y, length) = (self.left as i32, self.top as i32, self.length as i32);
        match self.down {
            true => [(x, y - 1), (x, y + length)],
            false => [(x - 1, y), (x + length, y)],
        }
    }

    /// Erases it, and the cells beside it where nothing goes on from them.
    fn erase(self, ink: &mut Ink, whole: &Ink) {
        for (x, y) in self.cells() {
            ink.clear(x, y);
            for aside in [-1, 1] {
                let at = |by: i32| match self.down {
                    true => (x as i32 + by, y as i32),
                    false => (x as i32, y as i32 + by),
                };
                let (beside, beyond) = (at(aside), at(2 * aside));
                let goes_on = whole.cells(beyond.0, beyond.1, 1) != 0;
                if whole.cells(beside.0, beside.1, 1) != 0 && !goes_on {
                    ink.clear(beside.0 as usize, beside.1 as usize);
                }
            }
        }
    }

    fn is_thin(self, ink: &Ink) -> bool {
        [-THICK, THICK].into_iter().all(|aside| {
            let inked = self.cells().filter(|(x, y)| {
                let (x, y) = (*x as i32, *y as i32);
                let (x, y) = if self.down {
                    (x + aside, y)
                } else {
                    (x, y + aside)
                };
                ink.cells(x, y, 1) != 0
            });
            inked.count() * 2 < self.length
        })
    }
}

/// Erases all rules, with the short sides of frames and their ragged edges. What
/// touches one stays.
pub(super) fn erase_rules(ink: &mut Ink) {
    let whole = ink.clone();
    let lines = lines(ink);
    let thin: Vec<Line> = lines
        .into_iter()
        .filter(|line| line.is_thin(&whole))
        .collect();
    for line in thin.iter().filter(|line| line.length >= LONG) {
        line.erase(ink, &whole);
    }
    // What is left of the whole ends where a rule was.
    let erased = |x: i32, y: i32| {
        (-NEAR..=NEAR).any(|dy| {
            let near = |ink: &Ink| ink.cells(x - NEAR, y + dy, 2 * NEAR as u32 + 1);
            near(&whole) & !near(ink) != 0
        })
    };
    let sides: Vec<&Line> = thin
        .iter()
        .filter(|line| line.length < LONG)
        .filter(|line| line.ends().into_iter().all(|(x, y)| erased(x, y)))
        .collect();
    for line in sides {
        line.erase(ink, &whole);
    }
}

/// All lines across and down that are long enough.
fn lines(ink: &Ink) -> Vec<Line> {
    let mut found = Vec::new();
    for down in [false, true] {
        let (right, below) = if down { (0, 1) } else { (1, 0) };
        for y in 0..ink.height() as i32 {
            for x in (0..ink.width() as i32).step_by(64) {
                let begun = starts(ink, (x, y), down);
                if begun == 0 {
                    continue;
                }
                let begins = begun & !starts(ink, (x - right, y - below), down);
                found.extend(set_bits(begins).map(|at| {
                    let x = x + at as i32;
                    let goes_on = |by: &usize| {
                        let by = *by as i32;
                        ink.cells(x + right * by, y + below * by, 1) == 1
                    };
                    Line {
                        left: x as usize,
                        top: y as usize,
                        length: (0..).take_while(goes_on).count(),
                        down,
                    }
                }));
            }
        }
    }
    found
}

/// From which of 64 cells of a row `SHORT` cells in a line have ink, to the right or down.
fn starts(ink: &Ink, (x, y): (i32, i32), down: bool) -> u64 {
    /// Letters are left soon by looking far away first.
    const ORDER: [i32; SHORT] = [0, 11, 6, 3, 9, 1, 2, 4, 5, 7, 8, 10];
    let mut all = u64::MAX;
    for by in ORDER {
        let (right, below) = if down { (0, by) } else { (by, 0) };
        all &= ink.cells(x + right, y + below, 64);
        if all == 0 {
            break;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(ink: &mut Ink, (left, top): (usize, usize), (width, height): (usize, usize)) {
        for y in top..top + height {
            for x in left..left + width {
                ink.set(x, y);
            }
        }
    }

    #[test]
    fn frames_go_and_what_stands_in_them_stays() {
        let mut letters = Ink::new(300, 200);
        for x in [70, 90, 110] {
            fill(&mut letters, (x, 60), (8, 14));
        }
        // One letter touches the frame.
        let mut framed = letters.clone();
        for top in [48, 74] {
            fill(&mut framed, (50, top), (200, 2));
        }
        fill(&mut framed, (50, 48), (2, 120));
        erase_rules(&mut framed);
        assert!(framed == letters);
    }

    #[test]
    fn lines_to_the_edges_of_the_page_go_too() {
        let mut ink = Ink::new(130, 130);
        fill(&mut ink, (0, 40), (130, 3));
        fill(&mut ink, (60, 0), (3, 130));
        erase_rules(&mut ink);
        assert!(ink.is_empty());
    }

    #[test]
    fn pictures_and_words_are_no_rules() {
        let mut ink = Ink::new(300, 200);
        fill(&mut ink, (10, 10), (150, 90));
        fill(&mut ink, (10, 150), (60, 3));
        let before = ink.clone();
        erase_rules(&mut ink);
        assert!(ink == before);
    }
}
