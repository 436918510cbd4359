//! Two pages that look alike, compared closely enough to see one other digit: where their
//! ink is, in cells of 0.15 mm, straightened, laid over each other piece by piece, and what
//! of it is connected on one page and not there on the other; where nothing is, how dark
//! their strokes are, for small print (`strokes`). Only pages that are alike as
//! a whole are looked at so closely (`fingerprint`); not for grouping them (`duplicates`).

use super::fingerprint::{Lying, dark, for_each_cell, strong};
use super::marks::dirt_of;
use super::paper::darkness;
use super::skew::{skew, text_ink};
use super::strokes::{self, Laid, Strokes, differing};
use crate::model::{Area, PageShape};
use crate::pdf::{Gray, Ink, Sheet, look_size};

/// So many cells lie along the side of one cell of an ordinary look.
const FINER: usize = 2;

/// Side of the pieces that are laid over each other, in cells (3.6 mm: a word of two or
/// three letters), and the step from one to the next.
const SIDE: usize = strokes::SIDE;
const STEP: usize = SIDE / 2;

/// Pieces with less ink say nothing, in cells.
const WORTH: u32 = 8;

/// By how many cells a piece may lie beside where the one before it lay: paper stretches,
/// and scanners do.
const REACH: i32 = 4;

/// By how many cells it may lie beside where the page as a whole does.
const FARTHEST: i32 = 12;

/// Ink that is connected and has no trace of ink of the other page beside it is a difference
/// from so many cells on (0.14 mm²), however rough the scans are. Scans of one page, some
/// blurred, bold, pale, bitonal, coarse or copied at 97 %, left five at most.
const DIFFERENCE: u32 = 6;

/// On scans that leave less nearly everywhere, less is a difference: this many times what
/// they leave and so many cells, but never less than what one scan of a page leaves beside
/// another: up to three cells. An 8 of 12 points has three or four more than a 6.
const TIMES: u32 = 2;
const BESIDES: u32 = 2;
const LEAST_DIFFERENCE: u32 = 4;

/// What scans leave is what more squares than this have: other numbers stand in fewer. Squares
/// have sides of so many cells (7.5 mm).
const MANY: usize = 8;
const SQUARE: i32 = 50;

/// Where there are so many differences, nobody needs more of them.
const MOST_PLACES: usize = 24;

/// Differences nearer than this are one place, in cells (7.5 mm).
const ONE_PLACE: i32 = 50;

/// What is this share as dark as ink may be ink on another scan of the page, and covers it:
/// small print and thin rules come out pale, now on one scan, now on the other.
const TRACE: f32 = 0.6;

/// What is wider and higher than this is the shade of a field and no stroke, millimetres.
const SHADE: f32 = 1.8;

/// What lies nearer to the edge than this share of the side is not compared: it is on one
/// scan and not on the other. Stamps of courts and of fax machines stand at 2 %.
const MARGIN: f32 = 0.012;

/// What is paler than this share of strong ink is as good as bare.
const FAINTEST: f32 = 0.08;

/// Pale strokes, as of a pencil, are a difference where the other page is bare: what is
/// connected has so many cells in a piece, is so wide and high, which folds are not, and goes
/// on through so many pieces; and the other is this share as dark there at most.
const PALE: u32 = 30;
const PALE_SIDE: i32 = 8;
const FEWEST_PALE: usize = 3;
const BARE: f32 = 0.3;

/// Where a page has ink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloseLook {
    /// Where it surely has.
    pub ink: Ink,
    /// Where there is ink or a trace of it.
    pub traces: Ink,
    /// Of the ink, what is dirt: it may be missing on the other page. Without cells where there
    /// is none.
    pub dirt: Ink,
    /// How dark that is.
    pub strokes: Strokes,
}

impl CloseLook {
    /// Of a page that was taken at the size of scans. What is on it is enlarged by `scale`,
    /// to lie over a page that was copied a little larger, and `turned` upside down.
    pub fn of(sheet: &Sheet, shape: PageShape, (scale, turned): (f32, bool)) -> Self {
        let half = sheet.gray.half();
        let (across, down) = shape.millimetres();
        let millimetres = across.max(down).max(1.0);
        let of_pixels = |gray: &Gray| gray.width.max(gray.height) as f32 / millimetres;
        let coarse = darkness(&half);
        let (dirt, text) = dirt_of(&coarse, of_pixels(&half));
        let upright = if turned { 180.0 } else { 0.0 };
        let degrees = upright + skew(&text_ink(&text)).map_or(0.0, |skew| skew.degrees);
        let fine = darkness(&sheet.gray);
        let size = look_size(across, down);
        let (width, height) = (size.width * FINER, size.height * FINER);
        let cell = size.cell / FINER as f32 / scale;
        let cells = |gray: &Gray, least: f32| {
            let mut ink = Ink::new(width, height);
            let step = cell * of_pixels(gray);
            for_each_cell(
                gray,
                degrees,
                step,
                (width, height),
                (least, MARGIN),
                |x, y, _| {
                    ink.set(x, y);
                },
            );
            ink
        };
        let (dirt, dark) = (cells(&dirt, 1.0), dark(&fine));
        let ink = cells(&fine, dark);
        // A gray field is no trace of what may be written in it.
        let unshaded = without(&fine, &shade(&coarse, of_pixels(&half)));
        let mut traces = cells(&unshaded, dark * TRACE);
        for (traces, ink) in traces.words_mut().iter_mut().zip(ink.words()) {
            *traces |= ink;
        }
        let strong = f32::from(strong(&fine));
        let mut strokes = Strokes::new(width, height);
        let step = cell * of_pixels(&fine);
        for_each_cell(
            &smooth(&smooth(&unshaded)),
            degrees,
            step,
            (width, height),
            (FAINTEST * strong, MARGIN),
            |x, y, level| strokes.set(x, y, level / strong),
        );
        Self {
            ink,
            traces,
            strokes,
            dirt: match dirt.is_empty() {
                true => Ink::new(0, 0),
                false => dirt.thickened().thickened(),
            },
        }
    }
}

/// Each pixel becomes the mean of the nine around it; those at the edge stay.
fn smooth(darkness: &Gray) -> Gray {
    let (width, height) = (darkness.width, darkness.height);
    let mut smooth = darkness.clone();
    let mut columns = vec![0u16; width];
    for y in 1..height.saturating_sub(1) {
        let rows = [y - 1, y, y + 1].map(|y| darkness.row(y));
        for (x, sum) in columns.iter_mut().enumerate() {
            *sum = rows.iter().map(|row| u16::from(row[x])).sum();
        }
        let row = smooth.pixels[y * width..(y + 1) * width].iter_mut().skip(1);
        for (pixel, three) in row.zip(columns.windows(3)) {
            *pixel = (three.iter().sum::<u16>() / 9) as u8;
        }
    }
    smooth
}

/// The darkness of what is wider and higher than strokes are.
fn shade(darkness: &Gray, millimetre: f32) -> Gray {
    let reach = (SHADE / 2.0 * millimetre).round() as usize;
    spread(&spread(darkness, reach, u8::min), reach, u8::max)
}

/// Each pixel becomes what `pick` chooses of those that are so many across and down from it.
fn spread(gray: &Gray, reach: usize, pick: impl Fn(u8, u8) -> u8) -> Gray {
    let (width, height) = (gray.width, gray.height);
    let mut across = gray.clone();
    let rows = across.pixels.chunks_exact_mut(width.max(1));
    for (to, from) in rows.zip(gray.pixels.chunks_exact(width.max(1))) {
        for step in 1..=reach.min(width) {
            for (to, from) in to.iter_mut().zip(&from[step..]) {
                *to = pick(*to, *from);
            }
            for (to, from) in to[step..].iter_mut().zip(from) {
                *to = pick(*to, *from);
            }
        }
    }
    let mut down = across.clone();
    for step in 1..=reach.min(height) {
        let (from, step) = (&across.pixels, step * width);
        for (to, from) in down.pixels.iter_mut().zip(&from[step..]) {
            *to = pick(*to, *from);
        }
        for (to, from) in down.pixels[step..].iter_mut().zip(from) {
            *to = pick(*to, *from);
        }
    }
    down
}

/// A darkness without that of a picture of half its size.
fn without(darkness: &Gray, half: &Gray) -> Gray {
    let mut left = darkness.clone();
    let rows = left.pixels.chunks_exact_mut(darkness.width.max(1));
    let halves = half.pixels.chunks_exact(half.width.max(1));
    let halves = halves.flat_map(|row| [row, row]);
    for (row, half) in rows.zip(halves) {
        for (two, half) in row.chunks_mut(2).zip(half) {
            for level in two {
                *level = level.saturating_sub(*half);
            }
        }
    }
    left
}

/// Where two pages differ, as places on `a`; none where they are one page. `b` was taken
/// enlarged and turned as it lies.
pub fn differences(a: &CloseLook, b: &CloseLook, lying: Lying) -> Vec<Area> {
    let (right, down) = lying.shift;
    let shift = (right * FINER as i32, down * FINER as i32);
    let mut left = Left::new(a.ink.width(), a.ink.height());
    left.add(a, &b.traces.widened(), shift, (0, 0));
    let back = (-shift.0, -shift.1);
    let laid = std::mem::take(&mut left.laid);
    left.add(b, &a.traces.widened(), back, back);
    let (width, height) = (a.ink.width() as f32, a.ink.height() as f32);
    let mut places = left.differences();
    if places.is_empty() {
        let (a, b) = ((&a.strokes, &a.dirt), (&b.strokes, &b.dirt));
        let pieces = differing(a, b, &laid).into_iter();
        places = pieces.map(|laid| middle(laid.place)).collect();
    }
    places.extend(pale_strokes(a, b, shift));
    let of_other = pale_strokes(b, a, back).into_iter();
    places.extend(of_other.map(|place| shifted(place, back)));
    let areas = joined(places).into_iter();
    let areas = areas.map(|[left, top, right, bottom]| Area {
        left: (left as f32 / width).clamp(0.0, 1.0),
        top: (top as f32 / height).clamp(0.0, 1.0),
        right: (right as f32 / width).clamp(0.0, 1.0),
        bottom: (bottom as f32 / height).clamp(0.0, 1.0),
    });
    areas.collect()
}

/// The pieces of a page with pale strokes, and no ink, of which the other page, which lies
/// `shift` from it, has next to nothing.
fn pale_strokes(page: &CloseLook, other: &CloseLook, shift: (i32, i32)) -> Vec<Place> {
    let (a, b) = (&page.strokes, &other.strokes);
    let mut found = Vec::new();
    for top in (0..page.ink.height() as i32).step_by(SIDE) {
        for left in (0..page.ink.width() as i32).step_by(SIDE) {
            if Piece::of(page, left, top).count >= WORTH {
                continue;
            }
            let rows: [u64; SIDE] = std::array::from_fn(|row| {
                let cells = |ink: &Ink| ink.cells(left, top + row as i32, SIDE as u32);
                cells(&page.traces) & !cells(&page.dirt)
            });
            let has_strokes = connected(rows)
                .iter()
                .any(|(count, [left, top, right, bottom])| {
                    *count >= PALE && (right - left).min(bottom - top) >= PALE_SIDE
                });
            let there = (left + shift.0, top + shift.1);
            if has_strokes && b.darkness(there) < BARE * a.darkness((left, top)) {
                found.push(middle((left, top)));
            }
        }
    }
    match found.len() >= FEWEST_PALE {
        true => found,
        false => Vec::new(),
    }
}

/// The middle of a piece with this left and top.
fn middle((left, top): (i32, i32)) -> Place {
    let (first, last) = ((SIDE / 4) as i32, (SIDE * 3 / 4) as i32);
    [left + first, top + first, left + last, top + last]
}

/// Left, top, right and bottom, in cells; the last ones left out.
type Place = [i32; 4];

/// What pages have in each square that the other leaves uncovered: the most connected ink,
/// in cells, and its place.
struct Left {
    columns: i32,
    rows: i32,
    squares: Vec<(u32, Place)>,
    /// How many places are differences in any case.
    found: usize,
    /// Where each piece lies on the other page.
    laid: Vec<Laid>,
}

impl Left {
    fn new(width: usize, height: usize) -> Self {
        let along = |cells: usize| cells as i32 / SQUARE + 1;
        let (columns, rows) = (along(width), along(height));
        Self {
            columns,
            rows,
            squares: vec![(0, Place::default()); (columns * rows) as usize],
            found: 0,
            laid: Vec::new(),
        }
    }

    /// Adds the ink of a page that the other's widened traces, which lie `shift` from it, do
    /// not cover, in places `aside` from where they are on it.
    fn add(&mut self, page: &CloseLook, other: &Ink, shift: (i32, i32), aside: (i32, i32)) {
        let columns = page.ink.width().div_ceil(STEP);
        // How far the piece above lay beside the page as a whole.
        let mut above = vec![(0, 0); columns];
        for top in (0..page.ink.height()).step_by(STEP) {
            let mut before = None;
            for (column, above) in above.iter_mut().enumerate() {
                let piece = Piece::of(page, (column * STEP) as i32, top as i32);
                if piece.count < WORTH {
                    continue;
                }
                let near: (i32, i32) = before.unwrap_or(*above);
                let (moved, uncovered) = piece.laid_over(other, shift, near);
                if uncovered < DIFFERENCE {
                    before = Some(moved);
                    *above = moved;
                }
                let place = (shift.0 + moved.0, shift.1 + moved.1);
                self.laid.push(Laid {
                    place: (piece.left, piece.top),
                    other: (piece.left + place.0, piece.top + place.1),
                });
                for (count, place) in piece.left_uncovered(other, place) {
                    self.note(count, shifted(place, aside));
                }
                if self.found >= MOST_PLACES {
                    return;
                }
            }
        }
    }

    fn note(&mut self, count: u32, place: Place) {
        self.found += usize::from(count >= DIFFERENCE);
        // What lies beyond the edge counts as if it lay on it.
        let x = (place[0] / SQUARE).clamp(0, self.columns - 1);
        let y = (place[1] / SQUARE).clamp(0, self.rows - 1);
        let square = self.squares.get_mut((y * self.columns + x) as usize);
        if let Some(most) = square.filter(|most| count > most.0) {
            *most = (count, place);
        }
    }

    /// The places of what is more than these scans leave of one page.
    fn differences(self) -> Vec<Place> {
        let mut counts: Vec<u32> = self.squares.iter().map(|(count, _)| *count).collect();
        counts.sort_unstable_by(|a, b| b.cmp(a));
        let ordinary = counts.get(MANY).copied().unwrap_or_default();
        let least = (TIMES * ordinary + BESIDES).clamp(LEAST_DIFFERENCE, DIFFERENCE);
        let squares = self.squares.into_iter();
        let differing = squares.filter(|(count, _)| *count >= least);
        differing.map(|(_, place)| place).collect()
    }
}

/// A piece of a page.
struct Piece {
    left: i32,
    top: i32,
    /// Its ink, without dirt.
    rows: [u64; SIDE],
    /// Cells with ink.
    count: u32,
}

impl Piece {
    fn of(page: &CloseLook, left: i32, top: i32) -> Self {
        let side = SIDE as u32;
        let rows: [u64; SIDE] = std::array::from_fn(|row| {
            let y = top + row as i32;
            page.ink.cells(left, y, side) & !page.dirt.cells(left, y, side)
        });
        Self {
            left,
            top,
            count: rows.iter().map(|row| row.count_ones()).sum(),
            rows,
        }
    }

    /// Where it lies best on the other page, beside where the page as a whole lies, and how
    /// many of its cells are uncovered there. What lies well is not moved.
    fn laid_over(&self, other: &Ink, shift: (i32, i32), near: (i32, i32)) -> ((i32, i32), u32) {
        let at = |moved: (i32, i32)| {
            let rows = self.uncovered(other, (shift.0 + moved.0, shift.1 + moved.1));
            rows.iter().map(|row| row.count_ones()).sum::<u32>()
        };
        let mut best = (near, at(near));
        let mut farther = REACH.pow(2) * 2;
        if best.1 == 0 {
            return best;
        }
        for down in -REACH..=REACH {
            for right in -REACH..=REACH {
                let moved = (near.0 + right, near.1 + down);
                if moved.0.abs().max(moved.1.abs()) > FARTHEST {
                    continue;
                }
                let (uncovered, far) = (at(moved), right.pow(2) + down.pow(2));
                if (uncovered, far) < (best.1, farther) {
                    best = (moved, uncovered);
                    farther = far;
                }
            }
        }
        best
    }

    /// Its ink that the other page has not, once it is moved so.
    fn uncovered(&self, other: &Ink, (right, down): (i32, i32)) -> [u64; SIDE] {
        std::array::from_fn(|row| {
            let y = self.top + down + row as i32;
            self.rows[row] & !other.cells(self.left + right, y, SIDE as u32)
        })
    }

    /// Connected ink that is uncovered: how many cells, and their place.
    fn left_uncovered(&self, other: &Ink, moved: (i32, i32)) -> Vec<(u32, Place)> {
        let found = connected(self.uncovered(other, moved)).into_iter();
        let here = (self.left, self.top);
        found
            .map(|(count, place)| (count, shifted(place, here)))
            .collect()
    }
}

/// What of a piece is connected: how many cells, and the box around them.
fn connected(mut rows: [u64; SIDE]) -> Vec<(u32, Place)> {
    let mut found = Vec::new();
    for row in 0..SIDE {
        while rows[row] != 0 {
            let first = (rows[row].trailing_zeros() as i32, row as i32);
            found.push(take_connected(&mut rows, first));
        }
    }
    found
}

/// A place that lies so much farther right and down.
fn shifted([left, top, right, bottom]: Place, (x, y): (i32, i32)) -> Place {
    [left + x, top + y, right + x, bottom + y]
}

/// Takes away a cell and all that are connected with it. How many they were, and the box
/// around them.
fn take_connected(rows: &mut [u64; SIDE], first: (i32, i32)) -> (u32, Place) {
    let (mut count, mut place) = (0, [first.0, first.1, first.0 + 1, first.1 + 1]);
    let mut waiting = vec![first];
    while let Some((x, y)) = waiting.pop() {
        let is_inside = x >= 0 && x < SIDE as i32;
        let Some(row) = usize::try_from(y).ok().and_then(|y| rows.get_mut(y)) else {
            continue;
        };
        if !is_inside || *row >> x & 1 == 0 {
            continue;
        }
        *row &= !(1 << x);
        count += 1;
        place = [
            place[0].min(x),
            place[1].min(y),
            place[2].max(x + 1),
            place[3].max(y + 1),
        ];
        for down in -1..=1 {
            for right in -1..=1 {
                waiting.push((x + right, y + down));
            }
        }
    }
    (count, place)
}

/// Places that are near each other as one.
fn joined(places: Vec<Place>) -> Vec<Place> {
    let near = |a: &Place, b: &Place| {
        a[0] - ONE_PLACE < b[2]
            && b[0] - ONE_PLACE < a[2]
            && a[1] - ONE_PLACE < b[3]
            && b[1] - ONE_PLACE < a[3]
    };
    let mut found: Vec<Place> = Vec::new();
    for mut place in places {
        while let Some(at) = found.iter().position(|other| near(&place, other)) {
            let other = found.swap_remove(at);
            place = [
                place[0].min(other[0]),
                place[1].min(other[1]),
                place[2].max(other[2]),
                place[3].max(other[3]),
            ];
        }
        found.push(place);
    }
    found.sort_unstable_by_key(|[left, top, ..]| (*top, *left));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Figures of a pocket calculator, each of seven strokes that are so thick, on rows;
    /// `figure` says which strokes each has.
    fn page(thick: usize, moved: (usize, usize), figure: impl Fn(usize) -> u8) -> CloseLook {
        let mut ink = Ink::new(1400, 1980);
        for at in 0..400 {
            let (left, top) = (150 + at % 40 * 26 + moved.0, 200 + at / 40 * 60 + moved.1);
            let strokes = figure(at);
            for stroke in (0..7).filter(|stroke| strokes >> stroke & 1 == 1) {
                let (x, y, wide, high) = match stroke {
                    0..3 => (0, stroke * 9, 12, thick),
                    3..5 => (0, (stroke - 3) * 9, thick, 9),
                    _ => (12, (stroke - 5) * 9, thick, 9),
                };
                for y in y..y + high {
                    for x in x..x + wide {
                        ink.set(left + x, top + y);
                    }
                }
            }
        }
        CloseLook {
            traces: ink.clone(),
            strokes: Strokes::default(),
            ink,
            dirt: Ink::new(1400, 1980),
        }
    }

    /// At a sheet of A4.
    fn look(gray: Gray) -> CloseLook {
        let sheet = Sheet {
            gray,
            colours: None,
            drawn: None,
        };
        let shape = PageShape {
            width: 595.0,
            height: 842.0,
            rotation: 0,
        };
        CloseLook::of(&sheet, shape, (1.0, false))
    }

    fn moved(shift: (i32, i32)) -> Lying {
        Lying {
            shift,
            scale: 1.0,
            turned: false,
        }
    }

    const EIGHT: u8 = 0b111_1111;
    const THREE: u8 = 0b110_0111;

    fn figures(at: usize) -> u8 {
        [EIGHT, THREE, 0b110_0000, 0b101_1111][at * 7 % 4]
    }

    #[test]
    fn a_line_at_the_top_of_a_page_is_a_difference() {
        /// Bars as high as small print, 6 mm from the edge of a page of 210 mm.
        fn page(has_line: bool) -> CloseLook {
            let (width, height) = (1240, 1754);
            let mut gray = Gray {
                width,
                height,
                pixels: vec![255; width * height],
            };
            let tops = (10..20).map(|line| line * 60).chain(has_line.then_some(36));
            for top in tops {
                for y in top..top + 12 {
                    let row = &mut gray.pixels[y * width + 160..(y + 1) * width - 160];
                    row.chunks_exact_mut(9).for_each(|bar| bar[..3].fill(0));
                }
            }
            look(gray)
        }
        let places = differences(&page(true), &page(false), moved((0, 0)));
        assert!(places.iter().any(|place| place.top < 0.03), "{places:?}");
        assert_eq!(differences(&page(true), &page(true), moved((0, 0))), []);
    }

    #[test]
    fn a_signature_in_pencil_is_a_difference_and_a_fold_is_none() {
        /// Bars of print, and below them what `pale` draws.
        fn page(pale: impl Fn(usize, usize) -> bool) -> CloseLook {
            let (width, height) = (1240, 1754);
            let mut gray = Gray {
                width,
                height,
                pixels: vec![250; width * height],
            };
            for (at, pixel) in gray.pixels.iter_mut().enumerate() {
                let (x, y) = (at % width, at / width);
                let is_print = (300..900).contains(&y) && y % 60 < 12 && x % 9 < 3;
                let is_inside = (160..width - 160).contains(&x);
                if is_print && is_inside {
                    *pixel = 20;
                } else if pale(x, y) {
                    *pixel = 165;
                }
            }
            look(gray)
        }
        let bare = page(|_, _| false);
        // Waves of 40 mm, as of a hand.
        let signed = page(|x, y| {
            let wave = 1200.0 + 24.0 * (x as f32 / 9.0).sin();
            (600..840).contains(&x) && (y as f32 - wave).abs() < 4.0
        });
        let folded = page(|x, y| y > 1000 && (x + y / 20).abs_diff(700) < 2);
        let places = differences(&bare, &signed, moved((0, 0)));
        assert!(places.iter().any(|place| place.top > 0.6), "{places:?}");
        assert_eq!(differences(&signed, &signed, moved((0, 0))), []);
        assert_eq!(differences(&bare, &folded, moved((0, 0))), []);
    }

    #[test]
    fn a_page_printed_thinner_and_elsewhere_is_the_same() {
        let (bold, thin) = (page(3, (0, 0), figures), page(2, (6, 4), figures));
        assert_eq!(differences(&bold, &thin, moved((3, 2))), []);
        assert_eq!(differences(&thin, &bold, moved((-3, -2))), []);
    }

    #[test]
    fn one_other_figure_is_a_difference_and_its_place_is_told() {
        let one = page(2, (0, 0), figures);
        let place = 40 * 5 + 4;
        assert_eq!(figures(place), EIGHT);
        let other = page(
            2,
            (5, 3),
            |at| if at == place { THREE } else { figures(at) },
        );
        for places in [
            differences(&one, &other, moved((2, 1))),
            differences(&other, &one, moved((-2, -1))),
        ] {
            let [area] = places[..] else {
                panic!("{places:?}");
            };
            let (x, y) = ((150.0 + 4.0 * 26.0) / 1400.0, (200.0 + 5.0 * 60.0) / 1980.0);
            assert!((area.left - x).abs() < 0.01 && (area.top - y).abs() < 0.01);
        }
    }

    #[test]
    fn little_is_a_difference_on_clean_scans_and_none_where_as_much_is_left_everywhere() {
        let one = page(2, (0, 0), figures);
        let longer = |figures: &[usize]| {
            let mut longer = page(2, (0, 0), self::figures);
            for at in figures {
                // Of these the uppermost cells are beyond what moving the page covers.
                let (left, top) = (150 + at % 40 * 26, 200 + at / 40 * 60);
                for y in 1..=4 {
                    longer.ink.set(left + 5, top - y);
                    longer.ink.set(left + 6, top - y);
                }
            }
            longer
        };
        let ends_above: Vec<usize> = (0..400).filter(|at| figures(*at) & 1 == 1).collect();
        let few = longer(&ends_above[100..101]);
        assert_eq!(differences(&few, &one, moved((0, 0))).len(), 1);
        let everywhere = longer(&ends_above);
        assert_eq!(differences(&everywhere, &one, moved((0, 0))), []);
    }

    #[test]
    fn a_gray_field_does_not_hide_what_is_written_in_it() {
        let mut field = Gray {
            width: 60,
            height: 40,
            pixels: vec![0; 60 * 40],
        };
        for y in 10..30 {
            for x in 10..50 {
                let is_stroke = (28..31).contains(&x) && (14..26).contains(&y);
                field.pixels[y * 60 + x] = if is_stroke { 220 } else { 70 };
            }
        }
        let shade = shade(&field, 4.0);
        assert_eq!(shade.pixels[20 * 60 + 29], 70);
        assert_eq!(shade.pixels[10 * 60 + 10], 70);
        assert_eq!(shade.pixels[9 * 60 + 10], 0);
        let mut fine = Gray {
            width: 121,
            height: 80,
            pixels: vec![0; 121 * 80],
        };
        for (y, row) in fine.pixels.chunks_exact_mut(121).enumerate() {
            for (x, level) in row.iter_mut().enumerate().take(120) {
                *level = field.pixels[y / 2 * 60 + x / 2];
            }
        }
        let left = without(&fine, &shade);
        assert_eq!(left.pixels[40 * 121 + 40], 0);
        assert_eq!(left.pixels[40 * 121 + 58], 150);
    }

    #[test]
    fn dirt_may_be_missing_and_a_stroke_more_may_not() {
        let one = page(2, (0, 0), figures);
        let mut other = page(2, (0, 0), figures);
        for y in 1200..1230 {
            for x in 300..304 {
                other.ink.set(x, y);
            }
        }
        assert_eq!(differences(&one, &other, moved((0, 0))).len(), 1);
        for y in 1198..1232 {
            for x in 298..306 {
                other.dirt.set(x, y);
            }
        }
        assert_eq!(differences(&one, &other, moved((0, 0))), []);
    }

    #[test]
    fn paper_that_was_stretched_is_the_same_page() {
        let one = page(2, (0, 0), figures);
        let mut stretched = Ink::new(1400, 1980);
        // By half a percent: seven cells from edge to edge.
        for y in 0..1980 {
            for x in 0..1400 {
                let from = |at: usize| (at as f32 / 1.005).round() as i32;
                if one.ink.cells(from(x), from(y), 1) == 1 {
                    stretched.set(x, y);
                }
            }
        }
        let other = CloseLook {
            traces: stretched.clone(),
            strokes: Strokes::default(),
            ink: stretched,
            dirt: Ink::new(0, 0),
        };
        assert_eq!(differences(&one, &other, moved((2, 1))), []);
    }
}
