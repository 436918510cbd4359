//! What a person would not keep of a scanned page: specks, the scanner's lid and shadows
//! at the edges of the sheet, streaks of dust, punch holes and those that tractors and
//! binders need. Not for what is too pale to tell (`faint`).

use std::ops::Range;

use super::blobs::Blob;
use crate::pdf::Gray;

/// What differs from its paper by less than this share of the paper's brightness
/// is no ink: noise, show-through, stains.
pub(super) const FAINT: f32 = 0.18;

/// A mark has somewhere at least this contrast, or edges that are sharp.
pub(super) const STRONG: f32 = 0.42;

/// Contrast within so many pixels that makes an edge sharp, for fainter marks.
const SHARP: f32 = 0.2;

/// Smaller marks are specks, millimetres: a full stop has 0.4, an "i" 2.
const SPECK: f32 = 1.0;

/// On a page with more specks than this some lie together by chance: what has less ink
/// than so many square millimetres is one too. A full stop has 0.13, an "i" 0.4.
const SPECKLED: usize = 100;
const SPECKS_TOGETHER: f32 = 0.12;

/// With more than this more lie together.
const VERY_SPECKLED: usize = 1500;
const MANY_SPECKS_TOGETHER: f32 = 0.25;
const LARGE_SPECK: f32 = 1.4;

/// Dark edges are at most so wide, as share of the page's side: a tilted sheet
/// shows a wedge of the scanner's lid.
const EDGE: f32 = 0.06;

/// What begins so near to the edge of the picture, as share of its side, touches it.
const NEAR: f32 = 0.012;

/// Punch holes, millimetres: 5 to 8 across, at most so far from the edge.
const HOLE: Range<f32> = 4.5..9.5;
const HOLE_FROM_EDGE: f32 = 24.0;

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

/// Dust on the sensor draws lines along the way of the sheet: at most so wide, of pieces
/// so long, millimetres, and together this share of the sheet. A table has more of them.
const STREAK: f32 = 1.2;
const STREAK_PIECE: f32 = 6.0;
const STREAK_SHARE: f32 = 0.4;
const MOST_STREAKS: usize = 8;

/// Staples: so long, so wide with their shadow, so far from both edges of a corner, in
/// millimetres; at most so dark, and at most so many beside each other.
const STAPLE: Range<f32> = 4.0..16.0;
const STAPLE_WIDE: f32 = 0.9;
const STAPLE_FROM_EDGE: f32 = 25.0;
const DARKEST_STAPLE: f32 = 0.7;
const MOST_STAPLES: usize = 3;

/// The size of a page, and of a millimetre on it, in pixels.
#[derive(Clone, Copy)]
pub(super) struct Sheet {
    pub width: f32,
    pub height: f32,
    pub millimetre: f32,
}

impl Sheet {
    pub(super) fn of(page: &Gray, millimetre: f32) -> Self {
        Self {
            width: page.width as f32,
            height: page.height as f32,
            millimetre,
        }
    }

    fn millimetres(&self, pixels: u32) -> f32 {
        pixels as f32 / self.millimetre
    }

    fn across(&self, blob: &Blob) -> f32 {
        self.millimetres(blob.width())
    }

    fn down(&self, blob: &Blob) -> f32 {
        self.millimetres(blob.height())
    }
}

/// Which of the blobs are dirt; those without pixels are.
pub(super) fn dirt(blobs: &[Blob], sheet: Sheet) -> Vec<bool> {
    let small = |blob: &&Blob| blob.pixels > 0 && sheet.across(blob).max(sheet.down(blob)) < SPECK;
    let specks = blobs.iter().filter(small).count();
    let mut dirt: Vec<bool> = blobs
        .iter()
        .map(|blob| {
            blob.pixels == 0
                || is_speck(blob, specks, sheet)
                || is_edge(blob, sheet)
                || is_lid(blob, sheet)
                || is_hole(blob, sheet)
        })
        .collect();
    mark_streaks(blobs, sheet, &mut dirt);
    mark_staples(blobs, sheet, &mut dirt);
    for side in [Side::Left, Side::Right, Side::Top, Side::Bottom] {
        mark_holes(blobs, sheet, side, &mut dirt);
    }
    dirt
}

/// Whether it is too pale and too soft for ink.
pub(super) fn is_pale(blob: &Blob) -> bool {
    let share = |level: u8| f32::from(level) / 255.0;
    share(blob.contrast) < STRONG && share(blob.edge) < SHARP
}

fn is_speck(blob: &Blob, specks: usize, sheet: Sheet) -> bool {
    let size = sheet.across(blob).max(sheet.down(blob));
    let ink = blob.sum as f32 / 255.0 / (sheet.millimetre * sheet.millimetre);
    size < SPECK
        || specks > SPECKLED && ink < SPECKS_TOGETHER
        || specks > VERY_SPECKLED && (size < LARGE_SPECK || ink < MANY_SPECKS_TOGETHER)
}

/// Which edges of the picture it touches: left, right, top, bottom.
fn touched(blob: &Blob, sheet: Sheet) -> [bool; 4] {
    [
        blob.left as f32 / sheet.width <= NEAR,
        (blob.right + 1) as f32 / sheet.width >= 1.0 - NEAR,
        blob.top as f32 / sheet.height <= NEAR,
        (blob.bottom + 1) as f32 / sheet.height >= 1.0 - NEAR,
    ]
}

/// Whether it lies along an edge of the picture, as the scanner's lid does, or
/// runs across the whole of it, as a dirty sensor draws it.
fn is_edge(blob: &Blob, sheet: Sheet) -> bool {
    let [left, right, top, bottom] = touched(blob, sheet);
    let (touches_side, touches_end) = (left || right, top || bottom);
    let across = blob.width() as f32 / sheet.width;
    let down = blob.height() as f32 / sheet.height;
    let share = blob.pixels as f32 / (sheet.width * sheet.height);
    let frame = touches_side && touches_end && share < 2.0 * EDGE && {
        let full = blob.width() as f32 * blob.height() as f32;
        (blob.pixels as f32) < 0.3 * full
    };
    let line = (down >= 0.97 && across < 0.004) || (across >= 0.97 && down < 0.004);
    frame || line || (touches_side && across <= EDGE) || (touches_end && down <= EDGE * 0.6)
}

/// Whether it is the scanner's lid beside a sheet that is smaller than the glass or lies
/// askew, or a shadow that falls from the edge: without anything on it. Letters in a
/// dark bar break its rows, pictures have lighter and darker parts.
fn is_lid(blob: &Blob, sheet: Sheet) -> bool {
    const DARK: f32 = 0.7;
    const EVEN_DARK: f32 = 0.15;
    const GRAY: f32 = 0.3;
    const EVEN_GRAY: f32 = 0.08;
    const FULL: f32 = 0.35;
    const BROKEN: f32 = 2.2;
    let edges = touched(blob, sheet)
        .into_iter()
        .filter(|edge| *edge)
        .count();
    if edges == 0 {
        return false;
    }
    // A shadow has no edge.
    if f32::from(blob.edge) / 255.0 < SHARP {
        return true;
    }
    let full = blob.pixels as f32 / (blob.width() * blob.height()) as f32;
    let whole = blob.runs as f32 <= BROKEN * blob.height() as f32;
    let (mean, apart) = blob.levels();
    let even = mean >= DARK && apart <= EVEN_DARK || mean >= GRAY && apart <= EVEN_GRAY;
    let thick = sheet.across(blob).min(sheet.down(blob)) >= 2.0;
    whole && even && thick && (full >= FULL || edges >= 2)
}

/// Whether it is a punch hole: round, of that size, near the long or short edge.
fn is_hole(blob: &Blob, sheet: Sheet) -> bool {
    let (across, down) = (sheet.across(blob), sheet.down(blob));
    let round = across / down > 0.75 && across / down < 1.33;
    // A disc fills 79 % of its box, an "S" half.
    let full = blob.pixels as f32 / (blob.width() * blob.height()) as f32;
    let middle_x = (blob.left + blob.right) as f32 / 2.0;
    let middle_y = (blob.top + blob.bottom) as f32 / 2.0;
    let from_side = middle_x.min(sheet.width - middle_x) / sheet.millimetre;
    let from_end = middle_y.min(sheet.height - middle_y) / sheet.millimetre;
    round
        && HOLE.contains(&across)
        && HOLE.contains(&down)
        && full > 0.66
        && full < 0.9
        && (from_side < HOLE_FROM_EDGE || from_end < HOLE_FROM_EDGE)
}

/// Marks what dust on the sensor has drawn, whole lines and broken ones.
fn mark_streaks(blobs: &[Blob], sheet: Sheet, dirt: &mut [bool]) {
    let middle = |blob: &Blob| sheet.millimetres(blob.left + blob.right) / 2.0;
    let mut pieces: Vec<&Blob> = blobs
        .iter()
        .filter(|blob| blob.pixels > 0 && sheet.across(blob) <= STREAK)
        .filter(|blob| sheet.down(blob) >= STREAK_PIECE)
        .collect();
    pieces.sort_by(|a, b| middle(a).total_cmp(&middle(b)));
    let columns = pieces.chunk_by(|a, b| middle(b) - middle(a) <= STREAK / 2.0);
    let streaks: Vec<f32> = columns
        .filter(|pieces| {
            let long: f32 = pieces.iter().map(|piece| piece.height() as f32).sum();
            long >= STREAK_SHARE * sheet.height
        })
        .map(|pieces| pieces.iter().map(|piece| middle(piece)).sum::<f32>() / pieces.len() as f32)
        .collect();
    if streaks.len() > MOST_STREAKS {
        return;
    }
    for (blob, dirt) in blobs.iter().zip(dirt) {
        let on_streak = |x: &f32| (middle(blob) - x).abs() <= STREAK / 2.0;
        *dirt |= sheet.across(blob) <= STREAK && streaks.iter().any(on_streak);
    }
}

/// Marks staples and the shadows of those that were taken out: straight, thin, not as dark as
/// ink, and nothing else is in their corner of the sheet.
fn mark_staples(blobs: &[Blob], sheet: Sheet, dirt: &mut [bool]) {
    let corner = STAPLE_FROM_EDGE * sheet.millimetre;
    let (right, bottom) = (sheet.width - corner, sheet.height - corner);
    let corner_of = |blob: &Blob| {
        let is_left = (blob.right as f32) < corner;
        let is_top = (blob.bottom as f32) < corner;
        let in_corner =
            (is_left || blob.left as f32 > right) && (is_top || blob.top as f32 > bottom);
        in_corner.then(|| usize::from(is_left) + 2 * usize::from(is_top))
    };
    let mut corners: [Vec<usize>; 4] = Default::default();
    for (at, blob) in blobs.iter().enumerate().filter(|(at, _)| !dirt[*at]) {
        if let Some(corner) = corner_of(blob) {
            corners[corner].push(at);
        }
    }
    for corner in corners.iter().filter(|corner| corner.len() <= MOST_STAPLES) {
        if corner.iter().all(|at| is_staple(&blobs[*at], sheet)) {
            for at in corner {
                dirt[*at] = true;
            }
        }
    }
}

fn is_staple(blob: &Blob, sheet: Sheet) -> bool {
    /// A line that turns back crosses rows again; two staples may touch.
    const STRAIGHT: f32 = 1.5;
    let long = sheet.across(blob).hypot(sheet.down(blob));
    let area = blob.pixels as f32 / (sheet.millimetre * sheet.millimetre);
    STAPLE.contains(&long)
        && area <= STAPLE_WIDE * long
        && blob.runs as f32 <= STRAIGHT * blob.height() as f32
        && f32::from(blob.contrast) / 255.0 <= DARKEST_STAPLE
}

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

/// Marks what lies along an edge as holes do.
fn mark_holes(blobs: &[Blob], sheet: Sheet, side: Side, dirt: &mut [bool]) {
    let mut along: Vec<Hole> = Vec::new();
    for (at, blob) in blobs.iter().enumerate() {
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
        let paired = candidates
            .iter()
            .filter(|hole| candidates.iter().any(|other| hole.is_paired_with(other)));
        let paired: Vec<&&Hole> = paired.collect();
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
