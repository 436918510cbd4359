//! Where the ink of a page's text is, in cells of a third of a millimetre, drawn
//! roughly from the outlines of its glyphs: enough to compare pages, at a fraction
//! of the time that drawing takes. Not for anything that a person looks at.

use std::ops::Range;
use std::rc::Rc;

use hayro::kurbo::{Affine, BezPath, PathEl, Point, Rect, Shape, flatten};
use rustc_hash::FxHashMap;

use super::Gray;
use crate::wide::wide;

/// Side of a cell in millimetres, on pages up to this many cells long; larger
/// pages have larger cells.
const CELL: f32 = 0.3;
const MOST_CELLS: f32 = 1120.0;

/// Number and size of a look's cells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LookSize {
    /// Cells across.
    pub width: usize,
    /// Cells down.
    pub height: usize,
    /// Side of a cell in millimetres.
    pub cell: f32,
}

/// The cells of a page of so many millimetres.
pub fn look_size(width: f32, height: f32) -> LookSize {
    let cell = CELL.max(width.max(height) / MOST_CELLS);
    let cells = |side: f32| (side / cell).round().clamp(1.0, MOST_CELLS) as usize;
    LookSize {
        width: cells(width),
        height: cells(height),
        cell,
    }
}

/// Cells with ink, one bit each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ink {
    width: usize,
    height: usize,
    /// Words in a row; the last is empty, so that a word can be read from any place.
    stride: usize,
    words: Vec<u64>,
}

impl Ink {
    /// Without ink.
    pub fn new(width: usize, height: usize) -> Self {
        let stride = width.div_ceil(64) + 1;
        Self {
            width,
            height,
            stride,
            words: vec![0; stride * height],
        }
    }

    /// In the cells whose pixels have at least this level, a cell for each pixel.
    pub fn reaching(level: u8, picture: &Gray) -> Self {
        let mut ink = Self::new(picture.width, picture.height);
        let rows = picture.pixels.chunks_exact(picture.width.max(1));
        for (row, words) in rows.zip(ink.words.chunks_exact_mut(ink.stride)) {
            let (pixels, rest) = row.as_chunks();
            wide!({
                for (word, pixels) in words.iter_mut().zip(pixels) {
                    *word = packed(level, pixels);
                }
            });
            if let Some(word) = words.get_mut(pixels.len()) {
                let shifted = rest.iter().enumerate();
                *word = shifted.fold(0, |word, (at, pixel)| {
                    word | u64::from(*pixel >= level) << at
                });
            }
        }
        ink
    }

    /// Cells across.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Cells down.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The cells, 64 to a word, lowest bit first; each row begins a word and ends
    /// with an empty one.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// The same, to be changed.
    pub fn words_mut(&mut self) -> &mut [u64] {
        &mut self.words
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Puts ink into a cell.
    pub fn set(&mut self, x: usize, y: usize) {
        self.words[y * self.stride + x / 64] |= 1 << (x % 64);
    }

    /// Takes ink from a cell.
    pub fn clear(&mut self, x: usize, y: usize) {
        self.words[y * self.stride + x / 64] &= !(1 << (x % 64));
    }

    /// `count` cells of a row, up to 64, from a place that may lie outside.
    pub fn cells(&self, x: i32, y: i32, count: u32) -> u64 {
        if y < 0 || y >= self.height as i32 || x >= self.width as i32 || x <= -64 {
            return 0;
        }
        let row = &self.words[y as usize * self.stride..][..self.stride];
        let cells = if x < 0 {
            row[0] << -x
        } else {
            let (word, bit) = (x as usize / 64, x as usize % 64);
            let high = row.get(word + 1).copied().unwrap_or(0);
            row[word] >> bit | (high << 1) << (63 - bit)
        };
        cells & (u64::MAX >> (64 - count))
    }

    /// From where to where the cells of a row have ink.
    pub fn runs(&self, y: usize) -> impl Iterator<Item = Range<usize>> {
        let words = self.words[y * self.stride..][..self.stride].iter();
        let mut before = 0;
        let mut edges = words.enumerate().flat_map(move |(at, word)| {
            let changes = word ^ (word << 1 | before);
            before = word >> 63;
            set_bits(changes).map(move |bit| at * 64 + bit)
        });
        std::iter::from_fn(move || Some(edges.next()?..edges.next()?))
    }

    /// Puts ink into a row, from a place that may lie outside. It may reach beyond the
    /// last cell until the ink is [trimmed](Self::trim).
    fn add(&mut self, x: i32, y: i32, cells: u64) {
        if y < 0 || y >= self.height as i32 || x >= self.width as i32 || x <= -64 {
            return;
        }
        let row = &mut self.words[y as usize * self.stride..][..self.stride];
        if x < 0 {
            row[0] |= cells >> -x;
        } else {
            let (word, bit) = (x as usize / 64, x as usize % 64);
            row[word] |= cells << bit;
            if word + 1 < row.len() {
                row[word + 1] |= (cells >> 1) >> (63 - bit);
            }
        }
    }

    /// Takes away what stands beyond the last cell of each row.
    fn trim(&mut self) {
        let last = self.width / 64;
        for row in self.words.chunks_exact_mut(self.stride) {
            row[last] &= (1u64 << (self.width % 64)) - 1;
            row[last + 1..].fill(0);
        }
    }

    /// With ink in the cells left, right, above and below those with ink.
    pub fn widened(&self) -> Self {
        self.grown(|x, y| {
            let down = self.cells(x, y - 1, 64) | self.cells(x, y + 1, 64);
            self.beside(x, y) | down
        })
    }

    /// With ink in all cells beside those with ink, also across their corners.
    pub fn thickened(&self) -> Self {
        self.grown(|x, y| self.beside(x, y - 1) | self.beside(x, y) | self.beside(x, y + 1))
    }

    /// 64 cells of a row, and the ink of those left and right of each.
    fn beside(&self, x: i32, y: i32) -> u64 {
        self.cells(x - 1, y, 64) | self.cells(x, y, 64) | self.cells(x + 1, y, 64)
    }

    /// With the ink that `cells` tells for the 64 cells from a place on.
    fn grown(&self, cells: impl Fn(i32, i32) -> u64) -> Self {
        let mut grown = Self::new(self.width, self.height);
        for y in 0..self.height as i32 {
            for x in (0..self.width as i32).step_by(64) {
                grown.add(x, y, cells(x, y));
            }
        }
        grown.trim();
        grown
    }
}

/// Which of the pixels have at least this level, the first in the lowest bit.
#[inline(always)]
fn packed(level: u8, pixels: &[u8; 64]) -> u64 {
    // Takes the lowest bit of each of eight bytes to the highest byte.
    const TOGETHER: u64 = 0x0102_0408_1020_4080;
    let mut reaching = [0; 64];
    for (reaching, pixel) in reaching.iter_mut().zip(pixels) {
        *reaching = u8::from(*pixel >= level);
    }
    let eights = reaching.as_chunks().0.iter().enumerate();
    eights.fold(0, |word, (at, eight)| {
        let bits = u64::from_le_bytes(*eight).wrapping_mul(TOGETHER) >> 56;
        word | bits << (8 * at)
    })
}

/// Places of the bits that are set, the lowest first.
pub fn set_bits(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lowest = (bits != 0).then(|| bits.trailing_zeros() as usize);
        bits &= bits.wrapping_sub(1);
        lowest
    })
}

/// A glyph in cells.
#[derive(Debug)]
struct Stamp {
    left: i32,
    top: i32,
    rows: Vec<u64>,
}

/// Glyphs that were drawn before, for a whole document.
#[derive(Debug, Default)]
pub(super) struct Stamps {
    /// Asked for with each letter of a page; its keys are hashes for the most part.
    known: FxHashMap<(u128, [i32; 4]), Drawn>,
}

/// What is known of a glyph's shape.
#[derive(Debug)]
enum Drawn {
    /// It has none.
    Nothing,
    /// Smaller than a cell, or larger than 64.
    Unfit,
    /// In cells.
    Cells(Rc<Stamp>),
}

/// Draws the text of a page.
pub(super) struct Letters {
    ink: Ink,
    /// From points to cells.
    scale: Affine,
}

impl Letters {
    /// For a page of so many points.
    pub fn new(page: Rect) -> Self {
        const MILLIMETRES: f64 = 25.4 / 72.0;
        let (width, height) = (page.width() * MILLIMETRES, page.height() * MILLIMETRES);
        let size = look_size(width as f32, height as f32);
        Self {
            scale: Affine::scale_non_uniform(
                size.width as f64 / page.width().max(1.0),
                size.height as f64 / page.height().max(1.0),
            ),
            ink: Ink::new(size.width, size.height),
        }
    }

    /// Draws a glyph that `outline` gives, known by `identifier`. False for one without
    /// a shape.
    pub fn draw(
        &mut self,
        stamps: &mut Stamps,
        identifier: u128,
        placed: Affine,
        outline: impl FnOnce() -> BezPath,
    ) -> bool {
        /// Shapes are kept apart up to this share of an em.
        const STEPS: f64 = 4000.0;
        let [a, b, c, d, x, y] = (self.scale * placed).as_coeffs();
        let shape = [a, b, c, d];
        let key = (identifier, shape.map(|number| (number * STEPS) as i32));
        let drawn = stamps.known.entry(key).or_insert_with(|| {
            let outline = outline();
            if outline.is_empty() {
                return Drawn::Nothing;
            }
            let stamp = stamp(&outline, Affine::new([a, b, c, d, 0.0, 0.0]));
            stamp.map_or(Drawn::Unfit, |stamp| Drawn::Cells(Rc::new(stamp)))
        });
        let stamp = match drawn {
            Drawn::Nothing => return false,
            Drawn::Unfit => return true,
            Drawn::Cells(stamp) => stamp,
        };
        let (x, y) = (x.round(), y.round());
        if !(x.abs() < 1e6 && y.abs() < 1e6) {
            return true;
        }
        for (row, cells) in (y as i32 + stamp.top..).zip(&stamp.rows) {
            self.ink.add(x as i32 + stamp.left, row, *cells);
        }
        true
    }

    /// What was drawn.
    pub fn finish(mut self) -> Ink {
        self.ink.trim();
        self.ink
    }
}

/// A glyph in cells; none for one smaller than a cell or larger than 64.
fn stamp(outline: &BezPath, shape: Affine) -> Option<Stamp> {
    /// Places along each side of a cell, of which one within the outline makes it
    /// ink: the strokes of thin faces are thinner than a cell.
    const PLACES: f64 = 2.0;
    let mut path = outline.clone();
    path.apply_affine(shape);
    let bounds = path.bounding_box();
    let (left, top) = (bounds.x0.floor(), bounds.y0.floor());
    let (width, height) = (bounds.x1.ceil() - left, bounds.y1.ceil() - top);
    if !(1.0..=64.0).contains(&width) || !(1.0..=64.0).contains(&height) {
        return None;
    }
    path.apply_affine(Affine::translate((-left, -top)).then_scale(PLACES));
    let mut rows = vec![0; height as usize];
    for (line, inside) in inside(&path, PLACES * height) {
        let cells = (inside.start / PLACES as usize)..(inside.end.div_ceil(PLACES as usize));
        rows[line / PLACES as usize] |= ones(cells);
    }
    Some(Stamp {
        left: left as i32,
        top: top as i32,
        rows,
    })
}

/// The runs of squares of side 1 whose centres lie within a path (by the rule of winding
/// numbers), with the line of each, of so many lines. Each line is cut once by each edge:
/// asking the path about each centre takes a hundred times as long.
fn inside(path: &BezPath, lines: f64) -> Vec<(usize, Range<usize>)> {
    /// How far edges may be from their curves.
    const TOLERANCE: f64 = 0.02;
    let mut cuts: Vec<(usize, f64, i32)> = Vec::new();
    let mut edge = |from: Point, to: Point| {
        let (upper, lower, turn) = if from.y < to.y {
            (from, to, 1)
        } else {
            (to, from, -1)
        };
        let slope = (lower.x - upper.x) / (lower.y - upper.y);
        let from = (upper.y - 0.5).ceil().clamp(0.0, lines) as usize;
        let to = (lower.y - 0.5).ceil().clamp(0.0, lines) as usize;
        cuts.extend((from..to).map(|line| {
            let down = line as f64 + 0.5 - upper.y;
            (line, upper.x + down * slope, turn)
        }));
    };
    let (mut first, mut last) = (Point::ZERO, Point::ZERO);
    flatten(path, TOLERANCE, |element| {
        let to = match element {
            PathEl::MoveTo(to) => to,
            PathEl::LineTo(to) => return edge(std::mem::replace(&mut last, to), to),
            _ => first,
        };
        // What a path leaves open is closed when it is filled.
        edge(last, first);
        (first, last) = (to, to);
    });
    edge(last, first);
    cuts.sort_unstable_by(|one, other| one.0.cmp(&other.0).then(one.1.total_cmp(&other.1)));
    let mut winding = 0;
    let pairs = cuts.windows(2).filter_map(|cuts| {
        let [(line, from, turn), (next, to, _)] = *cuts else {
            return None;
        };
        winding = if line == next { winding + turn } else { 0 };
        let centres = (from - 0.5).ceil().max(0.0) as usize..(to - 0.5).ceil().max(0.0) as usize;
        (winding != 0 && !centres.is_empty()).then_some((line, centres))
    });
    pairs.collect()
}

/// A word with ones at these places, of 64.
fn ones(places: Range<usize>) -> u64 {
    let below = |end: usize| {
        let end = end.min(64) as u32;
        if end == 64 { u64::MAX } else { (1 << end) - 1 }
    };
    below(places.end) & !below(places.start)
}

#[cfg(test)]
mod tests {
    use hayro::kurbo::Circle;
    use proptest::prelude::*;

    use super::*;

    /// The squares whose centres a path winds around, asked one by one.
    fn asked(path: &BezPath, side: usize) -> Vec<(usize, usize)> {
        let centre = |at: usize| at as f64 + 0.5;
        let squares = (0..side).flat_map(|line| (0..side).map(move |at| (line, at)));
        squares
            .filter(|(line, at)| path.winding(Point::new(centre(*at), centre(*line))) != 0)
            .collect()
    }

    fn cut(path: &BezPath, side: usize) -> Vec<(usize, usize)> {
        let runs = inside(path, side as f64).into_iter();
        let mut squares: Vec<_> = runs
            .flat_map(|(line, run)| run.map(move |at| (line, at)))
            .collect();
        squares.dedup();
        squares
    }

    #[test]
    fn a_ring_has_a_hole() {
        let circle = |radius| Circle::new((20.2, 19.7), radius).to_path(0.001);
        let mut ring = circle(15.0);
        ring.extend(circle(6.0).reverse_subpaths());
        let squares = cut(&ring, 40);
        // Where an edge touches a centre it may fall either way.
        assert!(squares.len().abs_diff(asked(&ring, 40).len()) <= 4);
        assert!(squares.contains(&(10, 20)) && !squares.contains(&(20, 20)));
    }

    #[test]
    fn what_is_left_open_is_closed() {
        let mut open = BezPath::from_svg("M2 2 L30 2 L30 30 L2 30").unwrap();
        let squares = cut(&open, 40);
        open.close_path();
        assert_eq!(squares, asked(&open, 40));
        assert_eq!(squares.len(), 28 * 28);
    }

    proptest! {
        #[test]
        fn any_outline_is_cut_as_its_centres_say(
            corners in prop::collection::vec((0.0..40.0, 0.0..40.0), 3..12),
        ) {
            let mut path = BezPath::new();
            path.move_to(corners[0]);
            for corner in &corners[1..] {
                path.line_to(*corner);
            }
            path.close_path();
            prop_assert_eq!(cut(&path, 40), asked(&path, 40));
        }
    }
}
