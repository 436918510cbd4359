//! What a person would not keep of a scanned page: specks, the scanner's lid and shadows
//! at the edges of the sheet, streaks of dust, staples and punch holes. Not for holes that
//! tell by how they lie (`holes`), nor for what is too pale to tell (`faint`).

use std::ops::Range;

use super::blobs::{Blob, Found};
use super::holes::mark_holes;
use crate::pdf::Gray;

/// What differs from its paper by less than this share of the paper's brightness
/// is no ink: noise, show-through, stains.
pub(super) const FAINT: f32 = 0.18;

/// A mark has somewhere at least this contrast, or edges that are sharp.
pub(super) const STRONG: f32 = 0.42;

/// Contrast within so many pixels that makes an edge sharp, for fainter marks.
const SHARP: f32 = 0.2;

/// Smaller marks are specks, millimetres: a full stop has 0.4, an "i" 2.
pub(super) const SPECK: f32 = 1.0;

/// On a page with more specks than this some lie together by chance: what has less ink
/// than so many square millimetres is one too. A full stop has 0.13, an "i" 0.4.
const SPECKLED: usize = 100;
const SPECKS_TOGETHER: f32 = 0.12;

/// With more than this more lie together.
const VERY_SPECKLED: usize = 1500;
const MANY_SPECKS_TOGETHER: f32 = 0.25;
const LARGE_SPECK: f32 = 1.4;

/// Dust of that size stands so far from all else, millimetres, where there are no more marks
/// than so many: on pages that are written on it does no harm.
const ALONE: f32 = 8.0;
const MOST_WITH_GRAINS: usize = 150;

/// Dark edges are at most so wide, as share of the page's side: a tilted sheet
/// shows a wedge of the scanner's lid.
const EDGE: f32 = 0.06;

/// What begins so near to the edge of the picture, as share of its side, touches it.
const NEAR: f32 = 0.012;

/// Punch holes, millimetres: 5 to 8 across, at most so far from the edge.
const HOLE: Range<f32> = 4.5..9.5;
const HOLE_FROM_EDGE: f32 = 24.0;

/// Dust on the sensor draws lines along the way of the sheet: at most so wide, of pieces
/// so long, millimetres, and together this share of the sheet. A table has more of them.
const STREAK: f32 = 1.2;
const STREAK_PIECE: f32 = 6.0;
const STREAK_SHARE: f32 = 0.4;
const MOST_STREAKS: usize = 8;

/// Staples: so long, so wide with their shadow, so far from both edges of a corner, in
/// millimetres; at most so dark, and at most so many beside each other.
const STAPLE: Range<f32> = 5.5..16.0;
const STAPLE_WIDE: f32 = 0.9;
const STAPLE_FROM_EDGE: f32 = 25.0;
const DARKEST_STAPLE: f32 = 0.7;
const MOST_STAPLES: usize = 3;

/// Where a staple went through the sheet, millimetres; its two holes are as far apart as it is
/// long, letters of that size are not.
const PRONG: f32 = 1.7;
const MOST_PRONGS: usize = 4;

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

    pub(super) fn millimetres(&self, pixels: u32) -> f32 {
        pixels as f32 / self.millimetre
    }

    pub(super) fn across(&self, blob: &Blob) -> f32 {
        self.millimetres(blob.width())
    }

    pub(super) fn down(&self, blob: &Blob) -> f32 {
        self.millimetres(blob.height())
    }
}

/// Which of the blobs are dirt; those without pixels are.
pub(super) fn dirt(found: &Found, sheet: Sheet) -> Vec<bool> {
    let blobs = &found.blobs;
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
    mark_holes(found, sheet, &mut dirt);
    mark_grains(blobs, sheet, &mut dirt);
    dirt
}

/// Marks grains of dust that are as large as a full stop and stand alone.
fn mark_grains(blobs: &[Blob], sheet: Sheet, dirt: &mut [bool]) {
    let left = || (0..blobs.len()).filter(|at| !dirt[*at]);
    if left().take(MOST_WITH_GRAINS + 1).count() > MOST_WITH_GRAINS {
        return;
    }
    let is_small = |blob: &Blob| sheet.across(blob).max(sheet.down(blob)) <= LARGE_SPECK;
    let is_alone = |at: &usize| {
        let others = left().filter(|other| other != at);
        let mut gaps = others.map(|other| gap(&blobs[*at], &blobs[other], sheet));
        gaps.all(|gap| gap >= ALONE)
    };
    let grains = left().filter(|at| is_small(&blobs[*at]) && is_alone(at));
    for at in grains.collect::<Vec<_>>() {
        dirt[at] = true;
    }
}

/// How much is between two marks, millimetres.
fn gap(one: &Blob, other: &Blob, sheet: Sheet) -> f32 {
    let beyond = |end: u32, start: u32| sheet.millimetres(start.saturating_sub(end));
    let across = beyond(one.right, other.left) + beyond(other.right, one.left);
    let down = beyond(one.bottom, other.top) + beyond(other.bottom, one.top);
    across.hypot(down)
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

/// Whether it touches one of the edges of the picture.
pub(super) fn touches_an_edge(blob: &Blob, sheet: Sheet) -> bool {
    touched(blob, sheet).contains(&true)
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
    const SHADOW: f32 = 0.4;
    const MOST_LID: f32 = 0.97;
    let edges = touched(blob, sheet)
        .into_iter()
        .filter(|edge| *edge)
        .count();
    if edges == 0 {
        return false;
    }
    let share = blob.pixels as f32 / (sheet.width * sheet.height);
    let (mean, apart) = blob.levels();
    // A shadow has no edge. It does not cover the sheet as a photograph does, which has
    // lighter and darker parts.
    if f32::from(blob.edge) / 255.0 < SHARP {
        return share <= SHADOW || apart <= EVEN_GRAY;
    }
    // Beside a lid there is a sheet, if only a receipt; in a negative there are only letters.
    if share > MOST_LID {
        return false;
    }
    let full = blob.pixels as f32 / (blob.width() * blob.height()) as f32;
    let whole = blob.runs as f32 <= BROKEN * blob.height() as f32;
    let even = mean >= DARK && apart <= EVEN_DARK || mean >= GRAY && apart <= EVEN_GRAY;
    let thick = sheet.across(blob).min(sheet.down(blob)) >= 2.0;
    whole && even && thick && (full >= FULL || edges >= 2)
}

/// Whether it is a punch hole: round, of that size, near the long or short edge, and with
/// nothing in it, as a sticker with a number has.
fn is_hole(blob: &Blob, sheet: Sheet) -> bool {
    /// Rows of it that are broken, as a share of all.
    const BROKEN: f32 = 0.1;
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
        && blob.runs as f32 <= (1.0 + BROKEN) * blob.height() as f32
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

/// Marks staples, the shadows of those that were taken out and their holes: straight, thin, not
/// as dark as ink, or two dots, and nothing else is in their corner of the sheet.
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
    for corner in &corners {
        let (prongs, others): (Vec<usize>, Vec<usize>) =
            corner.iter().partition(|at| is_prong(&blobs[**at], sheet));
        let is_pair = |one: usize| {
            let apart = |other: &usize| apart(&blobs[one], &blobs[*other], sheet);
            prongs.iter().any(|other| STAPLE.contains(&apart(other)))
        };
        let are_few = others.len() <= MOST_STAPLES && prongs.len() <= MOST_PRONGS;
        let are_staples = others.iter().all(|at| is_staple(&blobs[*at], sheet));
        if are_few && are_staples && prongs.iter().all(|at| is_pair(*at)) {
            for at in corner {
                dirt[*at] = true;
            }
        }
    }
}

/// Whether it is a dot.
fn is_prong(blob: &Blob, sheet: Sheet) -> bool {
    const ROUND: f32 = 1.8;
    let (across, down) = (sheet.across(blob), sheet.down(blob));
    across.max(down) <= PRONG && across.max(down) <= ROUND * across.min(down)
}

/// How far the middles of two are apart, millimetres.
fn apart(one: &Blob, other: &Blob, sheet: Sheet) -> f32 {
    let middle = |from: u32, to: u32| sheet.millimetres(from + to) / 2.0;
    let across = middle(one.left, one.right) - middle(other.left, other.right);
    let down = middle(one.top, one.bottom) - middle(other.top, other.bottom);
    across.hypot(down)
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
