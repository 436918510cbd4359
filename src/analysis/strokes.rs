//! How dark the strokes of two pages are that lie over each other: one other digit in small
//! print shows in that, where cells that have ink or none are too coarse to tell
//! (`close_look`). Not for laying pages over each other.

use serde::{Deserialize, Serialize};

use crate::pdf::Ink;

/// Cells are kept in stretches of so many; where a stretch has no ink it takes no room.
const STRETCH: usize = 64;

/// Stands for a stretch without ink.
const BARE: u32 = u32::MAX;

/// A cell as dark as strong ink has this level.
const STRONG: f32 = 160.0;

/// How dark the cells of a page are, as share of its strong ink.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strokes {
    width: usize,
    /// Where the levels of each stretch begin, row by row.
    starts: Vec<u32>,
    levels: Vec<u8>,
}

impl Strokes {
    /// A page of so many cells, all bare.
    pub(super) fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            starts: vec![BARE; width.div_ceil(STRETCH) * height],
            levels: Vec::new(),
        }
    }

    /// How dark a cell is, as share of strong ink.
    pub(super) fn set(&mut self, x: usize, y: usize, share: f32) {
        let stretch = y * self.width.div_ceil(STRETCH) + x / STRETCH;
        let Some(start) = self.starts.get_mut(stretch) else {
            return;
        };
        if *start == BARE {
            *start = u32::try_from(self.levels.len()).unwrap_or(BARE);
            self.levels.resize(self.levels.len() + STRETCH, 0);
        }
        if let Some(cell) = self.levels.get_mut(*start as usize + x % STRETCH) {
            *cell = (share * STRONG) as u8;
        }
    }

    /// Whether they are of as many cells as a page's ink.
    pub fn fit(&self, ink: &Ink) -> bool {
        let stretches = ink.width().div_ceil(STRETCH) * ink.height();
        self.width == ink.width() && self.starts.len() == stretches
    }

    /// How dark the cells of a piece are together, from its left and top on.
    pub(super) fn darkness(&self, place: (i32, i32)) -> f32 {
        let square: Square<SIDE> = self.square(place);
        square.iter().flatten().sum()
    }

    /// The levels of a square from its left and top on.
    fn square<const N: usize>(&self, (left, top): (i32, i32)) -> [[f32; N]; N] {
        let stride = self.width.div_ceil(STRETCH);
        let mut square = [[0.0; N]; N];
        for (y, row) in (top..).zip(&mut square) {
            let Ok(y) = usize::try_from(y) else { continue };
            for (x, cell) in (left..).zip(row) {
                let Some(x) = usize::try_from(x).ok().filter(|x| *x < self.width) else {
                    continue;
                };
                let start = self.starts.get(y * stride + x / STRETCH);
                let Some(start) = start.filter(|start| **start != BARE) else {
                    continue;
                };
                let level = self.levels.get(*start as usize + x % STRETCH);
                *cell = level.copied().map_or(0.0, f32::from);
            }
        }
        square
    }
}

/// Side of the pieces that are compared, in cells; and with a cell around.
pub(super) const SIDE: usize = 24;
const FRAMED: usize = SIDE + 2;

/// By how many cells a piece may lie beside where it was laid.
const REACH: usize = 3;
const AROUND: usize = FRAMED + 2 * REACH + 2;

/// What differs is laid so many cells beside that, too.
const ELSEWHERE: [i32; 5] = [-6, -3, 0, 3, 6];

/// Cells nearer to the edge of a piece are in the middle of others.
const MIDDLE: std::ops::Range<usize> = 6..20;

/// By how much more all of a piece may be darker on one page, as a share.
const GAIN: std::ops::RangeInclusive<f32> = 0.7..=1.4;

/// Strokes that are darker by so many times what a tenth of all pieces exceeds are a
/// difference. Scans of one page, one of them worn and tilted, leave 4.9 times that at most; a
/// digit of 7 to 10 points four times and more, 15 times where both were scanned alike.
const TIMES: f32 = 5.5;
const ORDINARY: usize = 10;

/// But never less than this share of strong ink is, and never more is needed: between scans of
/// 100 dots per inch or of black and white nothing but 0.29 was left.
const LEAST: f32 = 0.095;
const MOST: f32 = 0.33;

/// One page and how it lies with another: its strokes, and what of it is dirt.
pub(super) type Side<'a> = (&'a Strokes, &'a Ink);

/// A piece of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Laid {
    /// Its left and top.
    pub place: (i32, i32),
    /// Where these lie on the other page.
    pub other: (i32, i32),
}

/// The pieces of page `a`, laid on page `b`, in which strokes differ by more than they do in
/// most.
pub(super) fn differing(a: Side, b: Side, laid: &[Laid]) -> Vec<Laid> {
    let apart = laid.iter().map(|laid| apart(a, b, *laid).most);
    let apart: Vec<f32> = apart.collect();
    let mut sorted = apart.clone();
    sorted.sort_unstable_by(|a, b| b.total_cmp(a));
    let ordinary = sorted.get(sorted.len() / ORDINARY).copied();
    let most = (TIMES * ordinary.unwrap_or_default()).clamp(LEAST, MOST);
    let differing = laid.iter().zip(apart).filter(|(_, apart)| *apart > most);
    let differing = differing.map(|(laid, _)| *laid);
    // Ink lies well in more than one place where a page was copied larger or smaller.
    let lies_elsewhere = |laid: &Laid| {
        let moved = ELSEWHERE.into_iter().flat_map(|right| {
            ELSEWHERE.map(|down| Laid {
                other: (laid.other.0 + right, laid.other.1 + down),
                ..*laid
            })
        });
        let moved = moved.map(|laid| self::apart(a, b, laid));
        let best = moved.min_by(|a, b| a.as_laid.total_cmp(&b.as_laid));
        best.is_some_and(|best| best.most <= most)
    };
    differing.filter(|laid| !lies_elsewhere(laid)).collect()
}

type Square<const N: usize> = [[f32; N]; N];

/// How far the strokes of a piece are apart on two pages.
struct Apart {
    /// By how much those in its middle are darker on one page than anything beside them on the
    /// other, as share of strong ink.
    most: f32,
    /// The squares of all differences, as it is laid.
    as_laid: f32,
}

fn apart((a, a_dirt): Side, (b, b_dirt): Side, laid: Laid) -> Apart {
    let beyond = |(left, top): (i32, i32), cells: i32| (left - cells, top - cells);
    let one: Square<FRAMED> = a.square(beyond(laid.place, 1));
    let around: Square<AROUND> = b.square(beyond(laid.other, REACH as i32 + 2));
    let best = best_laid(&one, &around);
    let mut other = best.square;
    let dirt: [u64; FRAMED] = std::array::from_fn(|y| {
        let row = |dirt: &Ink, (left, top): (i32, i32)| {
            dirt.cells(left - 1, top - 1 + y as i32, FRAMED as u32)
        };
        let (right, down) = best.moved;
        row(a_dirt, laid.place) | row(b_dirt, (laid.other.0 + right, laid.other.1 + down))
    });
    let is_clean = |x: usize, y: usize| dirt[y] >> x & 1 == 0;
    let (mut both, mut squares) = (0.0, 0.0);
    for (y, (one, other)) in one.iter().zip(&other).enumerate() {
        let cells = one.iter().zip(other).enumerate();
        for (_, (one, other)) in cells.filter(|(x, _)| is_clean(*x, y)) {
            both += one * other;
            squares += other * other;
        }
    }
    let gain = (both / f32::max(squares, 1.0)).clamp(*GAIN.start(), *GAIN.end());
    for level in other.iter_mut().flatten() {
        *level *= gain;
    }
    let beside = |square: &Square<FRAMED>, x: usize, y: usize| {
        let here = square[y][x];
        let near = [
            square[y - 1][x],
            square[y + 1][x],
            square[y][x - 1],
            square[y][x + 1],
        ];
        // Half-way to the next cell: strokes of rough scans lie so far beside each other.
        let half_way = near.into_iter().map(|near| (here + near) / 2.0);
        half_way.fold(here, f32::max)
    };
    let mut most = 0.0f32;
    for y in MIDDLE {
        for x in MIDDLE.filter(|x| is_clean(*x, y)) {
            let more = one[y][x] - beside(&other, x, y);
            let less = other[y][x] - beside(&one, x, y);
            most = most.max(more).max(less);
        }
    }
    Apart {
        most: most / STRONG,
        as_laid: best.squares,
    }
}

/// A part of a page that is laid under a piece.
struct Under {
    square: Square<FRAMED>,
    /// By how many cells it lies beside the middle of what is around.
    moved: (i32, i32),
    /// The squares of all differences.
    squares: f32,
}

/// The part of `around` that is most like a piece, between its cells.
fn best_laid(one: &Square<FRAMED>, around: &Square<AROUND>) -> Under {
    let apart = |(x, y): (usize, usize)| -> f32 {
        let rows = one.iter().zip(&around[y..]);
        rows.map(|(one, other)| {
            let cells = one.iter().zip(&other[x..]);
            cells.map(|(one, other)| (one - other).powi(2)).sum::<f32>()
        })
        .sum()
    };
    let mut known = [[None; 2 * REACH + 3]; 2 * REACH + 3];
    let mut at = |(x, y): (usize, usize)| *known[y][x].get_or_insert_with(|| apart((x, y)));
    let mut best = (REACH + 1, REACH + 1);
    // Downhill, from cell to cell.
    loop {
        let before = best;
        for y in before.1 - 1..=before.1 + 1 {
            for x in before.0 - 1..=before.0 + 1 {
                let is_inside = [x, y].iter().all(|at| (1..=2 * REACH + 1).contains(at));
                if is_inside && at((x, y)) < at(best) {
                    best = (x, y);
                }
            }
        }
        if best == before {
            break;
        }
    }
    let (x, y) = best;
    let here = at(best);
    // Where a parabola through the nearest is lowest.
    let between = |before: f32, after: f32| {
        let bend = before - 2.0 * here + after;
        match bend > f32::EPSILON {
            true => ((before - after) / (2.0 * bend)).clamp(-0.5, 0.5),
            false => 0.0,
        }
    };
    let right = between(at((x - 1, y)), at((x + 1, y)));
    let down = between(at((x, y - 1)), at((x, y + 1)));
    let moved = [x, y].map(|at| at as i32 - REACH as i32 - 1);
    let first = |moved: f32, at: usize| if moved < 0.0 { at - 1 } else { at };
    let (left, top) = (first(right, x), first(down, y));
    let (right, down) = (right.rem_euclid(1.0), down.rem_euclid(1.0));
    let cell = |x: usize, y: usize| {
        let along = |y: usize| around[y][x] * (1.0 - right) + around[y][x + 1] * right;
        along(y) * (1.0 - down) + along(y + 1) * down
    };
    let square = std::array::from_fn(|y| std::array::from_fn(|x| cell(left + x, top + y)));
    Under {
        square,
        moved: moved.into(),
        squares: here,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SIZE: (usize, usize) = (640, 400);

    /// Figures of a pocket calculator, a millimetre and a half high, with strokes that are so
    /// dark, moved by parts of a cell; `figure` says which strokes each has.
    fn page(dark: f32, moved: (f32, f32), figure: impl Fn(usize) -> u8) -> Strokes {
        let mut strokes = Strokes::new(SIZE.0, SIZE.1);
        for at in 0..400 {
            let (left, top) = (30 + at % 40 * 14, 30 + at / 40 * 30);
            let lines = (0..7).filter(|line| figure(at) >> line & 1 == 1);
            let lines = lines.map(|line| match line {
                0..3 => ((0.0, line as f32 * 5.0), (6.0, line as f32 * 5.0)),
                3..5 => (
                    (0.0, (line - 3) as f32 * 5.0),
                    (0.0, (line - 2) as f32 * 5.0),
                ),
                _ => (
                    (6.0, (line - 5) as f32 * 5.0),
                    (6.0, (line - 4) as f32 * 5.0),
                ),
            });
            let lines: Vec<((f32, f32), (f32, f32))> = lines.collect();
            for y in 0..18 {
                for x in 0..13 {
                    let (right, down) = (x as f32 - 3.0 - moved.0, y as f32 - 3.0 - moved.1);
                    // Darkness falls off with the distance from the middle of a stroke.
                    let far = lines.iter().map(|((left, top), (to_right, to_bottom))| {
                        let nearest = (right.clamp(*left, *to_right), down.clamp(*top, *to_bottom));
                        (right - nearest.0).hypot(down - nearest.1)
                    });
                    let far = far.fold(f32::INFINITY, f32::min);
                    let level = dark * (-far * far / 2.0).exp();
                    if level > 0.05 {
                        strokes.set(left + x, top + y, level);
                    }
                }
            }
        }
        strokes
    }

    /// The pieces of a page that is laid by so many cells beside where it lies.
    fn laid(beside: (i32, i32)) -> Vec<Laid> {
        let tops = (0..SIZE.1 as i32).step_by(SIDE / 2);
        let places = tops.flat_map(|top| {
            let lefts = (0..SIZE.0 as i32).step_by(SIDE / 2);
            lefts.map(move |left| (left, top))
        });
        let laid = places.map(|place| Laid {
            place,
            other: (place.0 + beside.0, place.1 + beside.1),
        });
        laid.collect()
    }

    const FIVE: u8 = 0b100_1111;
    const SIX: u8 = 0b101_1111;
    const PLACE: usize = 40 * 5 + 7;

    fn figures(at: usize) -> u8 {
        match at {
            PLACE => FIVE,
            _ => [FIVE, SIX, 0b110_0111, 0b111_1111, 0b110_0000][at * 7 % 5],
        }
    }

    fn other(at: usize) -> u8 {
        if at == PLACE { SIX } else { figures(at) }
    }

    #[test]
    fn one_other_figure_differs_and_its_place_is_told() {
        let clean = Ink::new(0, 0);
        let (one, changed) = (
            page(0.7, (0.0, 0.0), figures),
            page(0.6, (0.4, -0.3), other),
        );
        for (a, b) in [(&one, &changed), (&changed, &one)] {
            let found = differing((a, &clean), (b, &clean), &laid((2, -1)));
            assert!(!found.is_empty());
            for piece in found {
                let (x, y) = (30 + 7 * 14, 30 + 5 * 30);
                assert!((x - 20..x + 10).contains(&piece.place.0), "{piece:?}");
                assert!((y - 20..y + 16).contains(&piece.place.1), "{piece:?}");
            }
        }
    }

    #[test]
    fn paler_print_that_lies_elsewhere_is_the_same() {
        let clean = Ink::new(0, 0);
        let (one, paler) = (
            page(0.7, (0.0, 0.0), figures),
            page(0.55, (0.5, 0.4), figures),
        );
        for beside in [(0, 0), (2, -2), (7, 5)] {
            let found = differing((&one, &clean), (&paler, &clean), &laid(beside));
            assert_eq!(found, [], "{beside:?}");
        }
    }

    #[test]
    fn dirt_is_no_stroke() {
        let clean = Ink::new(0, 0);
        let one = page(0.7, (0.0, 0.0), figures);
        let mut speck = one.clone();
        let mut dirt = Ink::new(SIZE.0, SIZE.1);
        for (x, y) in (200..204).flat_map(|x| (140..144).map(move |y| (x, y))) {
            speck.set(x, y, 0.9);
            dirt.set(x, y);
        }
        let dirt = dirt.thickened();
        assert_ne!(
            differing((&speck, &clean), (&one, &clean), &laid((0, 0))),
            []
        );
        assert_eq!(
            differing((&speck, &dirt), (&one, &clean), &laid((0, 0))),
            []
        );
        assert_eq!(
            differing((&one, &clean), (&speck, &dirt), &laid((0, 0))),
            []
        );
    }

    #[test]
    fn a_page_without_pieces_differs_in_none() {
        let (bare, clean) = (Strokes::default(), Ink::new(0, 0));
        assert_eq!(differing((&bare, &clean), (&bare, &clean), &[]), []);
        assert_eq!(
            differing((&bare, &clean), (&bare, &clean), &laid((0, 0))),
            []
        );
    }

    proptest! {
        #[test]
        fn each_level_is_where_it_was_set(
            width in 1usize..150, height in 1usize..40,
            dots in prop::collection::vec(any::<(u16, u16, u8)>(), 0..60),
        ) {
            let mut strokes = Strokes::new(width, height);
            let mut expected = vec![vec![0.0; width]; height];
            for (x, y, level) in dots {
                let (x, y) = (usize::from(x) % width, usize::from(y) % height);
                let level = level.min(STRONG as u8);
                strokes.set(x, y, (f32::from(level) + 0.5) / STRONG);
                expected[y][x] = f32::from(level);
            }
            prop_assert!(strokes.fit(&Ink::new(width, height)));
            prop_assert!(!strokes.fit(&Ink::new(width, height + 1)));
            for (y, row) in expected.iter().enumerate() {
                for (x, level) in row.iter().enumerate() {
                    let [[found]] = strokes.square::<1>((x as i32, y as i32));
                    prop_assert_eq!(found, *level);
                }
            }
        }
    }
}
