//! The holes of binders and tractors along the edges of a scanned sheet: whole, as rings, as
//! crescents, torn. Not for single round holes, nor for other dirt (`dirt`).

use std::ops::Range;

use super::blobs::{Blob, Found};
use super::dirt::{SPECK, Sheet};

/// Holes of any shape, whole or what is seen of them, millimetres; torn ones reach to
/// the edge.
const ANY_HOLE: Range<f32> = 2.2..13.0;
const TORN_HOLE: f32 = 20.0;
const ANY_HOLE_FROM_EDGE: f32 = 20.0;

/// How far apart the middles of two holes are, millimetres: ISO 838 has 80, what is
/// bound at the top in North America 70 (2¾ inches), its binders 108 (4¼ inches).
const HOLES_APART: [f32; 3] = [80.0, 69.9, 108.0];

/// So far they may be off, across and along the edge: a torn one has its middle
/// elsewhere.
const HOLES_OFF: f32 = 4.0;

/// Where more stands along the edge than this, it is writing.
const MOST_ALONG_EDGE: usize = 12;

/// Holes of tractors and binders: at least so many in a row, so far apart and so far
/// from the edge, millimetres (tractors: 12.7 apart, 6 from the edge).
const FEWEST_IN_ROW: usize = 6;
const ROW_APART: Range<f32> = 3.5..15.0;
const ROW_FROM_EDGE: f32 = 14.0;
const IN_ROW: Range<f32> = 1.5..9.0;

/// What is full of ink in its box from this share on is a hole through which something dark
/// was seen: a disc is by 79 %, a tick or initials are by a third at most.
const FILLED: f32 = 0.5;

/// The pixels of a ring, and of the part of one that is seen, are off its radius by at most
/// this share of it (root of the mean square): of rings and crescents it is 0.04 to 0.14, of
/// ticks, crosses and letters mostly 0.15 to 0.5.
const OFF_RING: f32 = 0.145;

/// Such rings have radii of so many millimetres.
const RADIUS: Range<f32> = 1.2..6.5;

#[derive(Clone, Copy)]
enum Side {
    Left,
    Right,
    Top,
    Bottom,
}

/// Something near an edge that may be a hole; millimetres along that edge and from it.
struct Hole {
    along: Range<f32>,
    from: Range<f32>,
    blobs: Vec<usize>,
}

impl Hole {
    fn of(at: usize, blob: &Blob, sheet: Sheet, side: Side) -> Self {
        let range = |from: u32, to: u32| sheet.millimetres(from)..sheet.millimetres(to + 1);
        let across = range(blob.left, blob.right);
        let down = range(blob.top, blob.bottom);
        let back = |range: Range<f32>, length: f32| {
            let length = length / sheet.millimetre;
            length - range.end..length - range.start
        };
        let (along, from) = match side {
            Side::Left => (down, across),
            Side::Right => (down, back(across, sheet.width)),
            Side::Top => (across, down),
            Side::Bottom => (across, back(down, sheet.height)),
        };
        Self {
            along,
            from,
            blobs: vec![at],
        }
    }

    fn middle(&self) -> (f32, f32) {
        let middle = |range: &Range<f32>| f32::midpoint(range.start, range.end);
        (middle(&self.along), middle(&self.from))
    }

    fn long(&self) -> f32 {
        self.along.end - self.along.start
    }

    fn deep(&self) -> f32 {
        self.from.end - self.from.start
    }

    /// A ring may be broken in parts.
    fn is_beside(&self, other: &Self) -> bool {
        const GAP: f32 = 1.5;
        let near =
            |a: &Range<f32>, b: &Range<f32>| a.start <= b.end + GAP && b.start <= a.end + GAP;
        near(&self.along, &other.along) && near(&self.from, &other.from)
    }

    fn join(&mut self, other: Self) {
        let both = |a: &Range<f32>, b: &Range<f32>| a.start.min(b.start)..a.end.max(b.end);
        self.along = both(&self.along, &other.along);
        self.from = both(&self.from, &other.from);
        self.blobs.extend(other.blobs);
    }

    fn may_be_one(&self) -> bool {
        let is_torn = self.from.start <= 2.5;
        let deep = if is_torn { TORN_HOLE } else { ANY_HOLE.end };
        ANY_HOLE.contains(&self.long()) && (ANY_HOLE.start..deep).contains(&self.deep())
    }

    /// They are as far apart as the holes of a binder.
    fn is_paired_with(&self, other: &Self) -> bool {
        let ((along, from), (other_along, other_from)) = (self.middle(), other.middle());
        let apart = (along - other_along).abs();
        let alike = self.long() <= 1.8 * other.long() && other.long() <= 1.8 * self.long();
        alike
            && (from - other_from).abs() <= HOLES_OFF
            && HOLES_APART
                .iter()
                .any(|known| (apart - known).abs() <= HOLES_OFF)
    }

    /// They are of one size and as far from the edge.
    fn is_alike(&self, other: &Self) -> bool {
        let near = |one: f32, other: f32| one <= 1.3 * other && other <= 1.3 * one;
        near(self.long(), other.long())
            && near(self.deep(), other.deep())
            && (self.middle().1 - other.middle().1).abs() <= HOLES_OFF / 2.0
    }
}

/// Whether the ink of these blobs fills its box, or lies on a circle: two ticks in the margin
/// may be as far apart as two holes.
fn is_shaped(found: &Found, blobs: &[usize], sheet: Sheet) -> bool {
    let of_it = blobs.iter().map(|at| &found.blobs[*at]);
    let mut whole = Blob::default();
    (whole.left, whole.top) = (u32::MAX, u32::MAX);
    of_it.for_each(|blob| whole.join(blob));
    let full = whole.pixels as f32 / (whole.width() * whole.height()) as f32;
    full >= FILLED || is_on_circle(found, blobs, &whole, sheet)
}

/// Whether pixels lie on one circle, fitted by least squares of the squared distances (Kåsa
/// 1976).
fn is_on_circle(found: &Found, blobs: &[usize], whole: &Blob, sheet: Sheet) -> bool {
    // Row by row.
    let first = found.runs.partition_point(|run| run.row < whole.top);
    let runs = found.runs[first..].iter();
    let runs = runs
        .take_while(|run| run.row <= whole.bottom)
        .filter(|run| blobs.contains(&(run.blob as usize)));
    let places: Vec<(f64, f64)> = runs
        .flat_map(|run| (run.start..run.end).map(move |x| (x, run.row)))
        .map(|(x, y)| (f64::from(x), f64::from(y)))
        .collect();
    let count = places.len() as f64;
    let mean = |of: &dyn Fn(f64, f64) -> f64| {
        places.iter().map(|(x, y)| of(*x, *y)).sum::<f64>() / count.max(1.0)
    };
    let (mean_x, mean_y) = (mean(&|x, _| x), mean(&|_, y| y));
    let (xx, yy, xy) = (
        mean(&|x, _| (x - mean_x).powi(2)),
        mean(&|_, y| (y - mean_y).powi(2)),
        mean(&|x, y| (x - mean_x) * (y - mean_y)),
    );
    let square = |x: f64, y: f64| (x - mean_x).powi(2) + (y - mean_y).powi(2);
    let along = mean(&|x, y| square(x, y) * (x - mean_x)) / 2.0;
    let down = mean(&|x, y| square(x, y) * (y - mean_y)) / 2.0;
    let determinant = xx * yy - xy * xy;
    if determinant <= f64::EPSILON {
        return false;
    }
    let centre_x = (along * yy - down * xy) / determinant;
    let centre_y = (down * xx - along * xy) / determinant;
    let radius = (centre_x.powi(2) + centre_y.powi(2) + xx + yy).sqrt();
    let off = mean(&|x, y| {
        let far = (x - mean_x - centre_x).hypot(y - mean_y - centre_y);
        (far - radius).powi(2)
    });
    RADIUS.contains(&(radius as f32 / sheet.millimetre))
        && off.sqrt() <= f64::from(OFF_RING) * radius
}

/// Marks what lies along the edges as holes do.
pub(super) fn mark_holes(found: &Found, sheet: Sheet, dirt: &mut [bool]) {
    for side in [Side::Left, Side::Right, Side::Top, Side::Bottom] {
        mark_along(found, sheet, side, dirt);
    }
}

fn mark_along(found: &Found, sheet: Sheet, side: Side, dirt: &mut [bool]) {
    let mut along: Vec<Hole> = Vec::new();
    for (at, blob) in found.blobs.iter().enumerate() {
        if blob.pixels == 0 || sheet.across(blob).max(sheet.down(blob)) < SPECK {
            continue;
        }
        let mut hole = Hole::of(at, blob, sheet, side);
        if hole.middle().1 > ANY_HOLE_FROM_EDGE || hole.long() > TORN_HOLE {
            continue;
        }
        let mut at = 0;
        while at < along.len() {
            if along[at].is_beside(&hole) {
                hole.join(along.swap_remove(at));
                at = 0;
            } else {
                at += 1;
            }
        }
        along.push(hole);
    }
    along.sort_by(|a, b| a.along.start.total_cmp(&b.along.start));
    let mut holes = in_row(&along, sheet, side);
    if along.len() <= MOST_ALONG_EDGE {
        let candidates: Vec<&Hole> = along.iter().filter(|hole| hole.may_be_one()).collect();
        let mut lie_so = paired(&candidates);
        lie_so.retain(|hole| is_shaped(found, &hole.blobs, sheet));
        let paired = paired(&lie_so);
        // Binders of other countries have more of them, at other distances.
        let alike = candidates
            .iter()
            .filter(|hole| paired.iter().any(|other| hole.is_alike(other)));
        holes.extend(alike.flat_map(|hole| &hole.blobs));
    }
    for at in holes {
        dirt[at] = true;
    }
}

/// Those that lie as pairs do with another of them.
fn paired<'a>(holes: &[&'a Hole]) -> Vec<&'a Hole> {
    let has_pair = |hole: &&Hole| holes.iter().any(|other| hole.is_paired_with(other));
    holes.iter().copied().filter(has_pair).collect()
}

/// The blobs of holes that follow each other at even distances along most of an edge.
fn in_row(along: &[Hole], sheet: Sheet, side: Side) -> Vec<usize> {
    /// How far from each other sizes and distances may be, as shares.
    const ALIKE: f32 = 0.25;
    let row: Vec<&Hole> = along
        .iter()
        .filter(|hole| IN_ROW.contains(&hole.long()) && IN_ROW.contains(&hole.deep()))
        .filter(|hole| hole.middle().1 <= ROW_FROM_EDGE)
        .collect();
    if row.len() < FEWEST_IN_ROW {
        return Vec::new();
    }
    let middle_of = |values: &mut Vec<f32>| {
        let at = values.len() / 2;
        *values.select_nth_unstable_by(at, f32::total_cmp).1
    };
    let long = middle_of(&mut row.iter().map(|hole| hole.long()).collect());
    let deep = middle_of(&mut row.iter().map(|hole| hole.deep()).collect());
    let from = middle_of(&mut row.iter().map(|hole| hole.middle().1).collect());
    let near = |value: f32, usual: f32| (value - usual).abs() <= usual * ALIKE;
    let alike: Vec<&Hole> = row
        .iter()
        .copied()
        .filter(|hole| near(hole.long(), long) && near(hole.deep(), deep))
        .filter(|hole| (hole.middle().1 - from).abs() <= HOLES_OFF / 2.0)
        .collect();
    if alike.len() < FEWEST_IN_ROW || alike.len() * 10 < row.len() * 8 {
        return Vec::new();
    }
    let gaps: Vec<f32> = alike
        .windows(2)
        .map(|two| two[1].middle().0 - two[0].middle().0)
        .collect();
    let apart = middle_of(&mut gaps.clone());
    let even = gaps.iter().filter(|gap| {
        let steps = (*gap / apart).round().max(1.0);
        (*gap - steps * apart).abs() <= apart * ALIKE
    });
    let side = match side {
        Side::Left | Side::Right => sheet.height,
        Side::Top | Side::Bottom => sheet.width,
    } / sheet.millimetre;
    let reach: f32 = gaps.iter().sum();
    let is_row =
        ROW_APART.contains(&apart) && even.count() * 10 >= gaps.len() * 9 && reach >= side / 2.0;
    let blobs = alike.iter().flat_map(|hole| hole.blobs.iter().copied());
    if is_row { blobs.collect() } else { Vec::new() }
}
