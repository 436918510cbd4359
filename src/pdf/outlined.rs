//! Letters that are drawn as shapes, as programs export text whose font they may not embed:
//! shapes of the size of letters, of many kinds, one after the other along a line. Not for
//! what they say, which only recognition tells, and not for bars and modules of codes
//! (`contents`).

use hayro::kurbo::{Affine, BezPath, PathEl, Point, Rect};

/// Heights of letters in points, from the smallest print to a title.
const HEIGHTS: std::ops::Range<f64> = 1.5..60.0;

/// Letters are at most so many times as wide as the highest of their line is high.
const WIDEST: f64 = 2.5;

/// The next letter begins so far after the one before, in heights of the line: it may reach
/// below it a little, and a space may be between them.
const FOLLOWS: std::ops::RangeInclusive<f64> = -0.4..=1.6;

/// A line has so many letters at least: labels of charts and maps have fewer.
const FEWEST: u32 = 12;

/// Of a line's letters so many differ in shape, up to so many that are told apart: those of a
/// border or of a row of dots do not.
const KINDS: usize = 6;

/// One of so many letters has curves, or many corners in their place.
const CURVED: u32 = 4;
const MANY_CORNERS: u32 = 10;

/// Counts them while a page is painted.
#[derive(Default)]
pub(super) struct Outlined {
    line: Option<Line>,
    letters: u32,
}

/// Shapes that follow each other along a line.
struct Line {
    top: f64,
    bottom: f64,
    /// Of the last letter.
    left: f64,
    right: f64,
    letters: u32,
    curved: u32,
    kinds: Vec<(u32, i32, i32)>,
}

/// A closed part of a path.
#[derive(Clone, Copy)]
struct Piece {
    bounds: Rect,
    corners: u32,
    is_curved: bool,
}

impl Outlined {
    /// A path is filled.
    pub fn path(&mut self, path: &BezPath, transform: Affine) {
        let mut piece: Option<Piece> = None;
        for element in path.elements() {
            let (points, is_curved): (&[Point], bool) = match element {
                PathEl::MoveTo(to) => {
                    let to = transform * *to;
                    let begun = piece.replace(Piece {
                        bounds: Rect::from_points(to, to),
                        corners: 0,
                        is_curved: false,
                    });
                    self.piece(begun);
                    continue;
                }
                PathEl::LineTo(to) => (&[*to], false),
                PathEl::QuadTo(by, to) => (&[*by, *to], true),
                PathEl::CurveTo(by, and, to) => (&[*by, *and, *to], true),
                PathEl::ClosePath => continue,
            };
            if let Some(piece) = &mut piece {
                for point in points {
                    piece.bounds = piece.bounds.union_pt(transform * *point);
                }
                piece.corners += 1;
                piece.is_curved |= is_curved;
            }
        }
        self.piece(piece);
    }

    fn piece(&mut self, piece: Option<Piece>) {
        let Some(piece) = piece.filter(|piece| HEIGHTS.contains(&piece.bounds.height())) else {
            return;
        };
        let bounds = piece.bounds;
        if let Some(line) = &mut self.line {
            let height = line.bottom - line.top;
            let middle = (bounds.y0 + bounds.y1) / 2.0;
            let is_level = bounds.height() <= WIDEST * height
                && (line.top - height / 2.0..line.bottom + height / 2.0).contains(&middle);
            // The inner side of an O, an accent, the left part of a letter after its right one.
            let is_part =
                bounds.x0 >= line.left - height && bounds.x1 <= line.right + height / 10.0;
            if is_level && is_part {
                return;
            }
            let follows = FOLLOWS.contains(&((bounds.x0 - line.right) / height));
            if is_level && follows && bounds.width() <= WIDEST * height.max(bounds.height()) {
                line.add(piece);
                return;
            }
        }
        self.end_line();
        let mut line = Line {
            top: bounds.y0,
            bottom: bounds.y1,
            left: bounds.x0,
            right: bounds.x1,
            letters: 0,
            curved: 0,
            kinds: Vec::new(),
        };
        line.add(piece);
        self.line = Some(line);
    }

    fn end_line(&mut self) {
        let of_text = self.line.take().filter(|line| {
            line.letters >= FEWEST
                && line.kinds.len() >= KINDS
                && line.curved * CURVED >= line.letters
        });
        let letters = of_text.map_or(0, |line| line.letters);
        self.letters = self.letters.saturating_add(letters);
    }

    /// How many there are in lines.
    pub fn finish(mut self) -> u32 {
        self.end_line();
        self.letters
    }
}

impl Line {
    fn add(&mut self, piece: Piece) {
        /// Shapes are kept apart by so many parts of a point.
        const PARTS: f64 = 5.0;
        let bounds = piece.bounds;
        (self.left, self.right) = (bounds.x0, bounds.x1);
        (self.top, self.bottom) = (self.top.min(bounds.y0), self.bottom.max(bounds.y1));
        self.letters = self.letters.saturating_add(1);
        self.curved += u32::from(piece.is_curved || piece.corners >= MANY_CORNERS);
        let part = |length: f64| (length * PARTS).round() as i32;
        let kind = (piece.corners, part(bounds.width()), part(bounds.height()));
        if self.kinds.len() < KINDS && !self.kinds.contains(&kind) {
            self.kinds.push(kind);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A shape with a curve, so wide and high, with so many corners.
    fn letter(x: f64, y: f64, (width, height): (f64, f64), corners: u32) -> BezPath {
        let mut path = BezPath::new();
        path.move_to((x, y));
        path.curve_to((x, y - height), (x, y - height), (x + width, y - height));
        for corner in 0..corners {
            path.line_to((x + width / f64::from(corner + 2), y));
        }
        path.close_path();
        path
    }

    fn count(paths: &[BezPath]) -> u32 {
        let mut outlined = Outlined::default();
        for path in paths {
            outlined.path(path, Affine::IDENTITY);
        }
        outlined.finish()
    }

    /// A line of letters of so many kinds.
    fn line(y: f64, letters: u32, kinds: u32) -> Vec<BezPath> {
        let all = (0..letters).map(|at| {
            let kind = at % kinds;
            let size = (4.0 + 0.3 * f64::from(kind), 6.0 + f64::from(kind % 3));
            letter(60.0 + 6.0 * f64::from(at), y, size, kind)
        });
        all.collect()
    }

    #[test]
    fn shapes_of_many_kinds_along_lines_are_letters() {
        let page: Vec<_> = (0..5)
            .flat_map(|row| line(100.0 + 14.0 * f64::from(row), 40, 11))
            .collect();
        assert_eq!(count(&page), 200);
        // All in one path.
        let all: BezPath = page
            .iter()
            .flat_map(|path| path.elements().to_vec())
            .collect();
        assert_eq!(count(&[all]), 200);
    }

    #[test]
    fn dots_labels_and_bars_are_not() {
        assert_eq!(count(&line(100.0, 60, 1)), 0);
        let labels: Vec<_> = (0..20)
            .flat_map(|row| line(30.0 * f64::from(row), 8, 8))
            .collect();
        assert_eq!(count(&labels), 0);
        let bars: Vec<_> = (0..40)
            .map(|at| {
                let left = 10.0 * f64::from(at);
                let bar = Rect::new(left, 100.0, left + 6.0, 104.0 + f64::from(at % 9));
                hayro::kurbo::Shape::to_path(&bar, 0.1)
            })
            .collect();
        assert_eq!(count(&bars), 0);
    }
}
