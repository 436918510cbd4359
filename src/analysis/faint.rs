//! A closer look at a scanned page that seems to be empty: whether anything on it that is
//! too pale for ink may be writing all the same. Pencil, worn ribbons, thermal paper and
//! yellow markers are pale and sharp; what shows through from the other side of a sheet is
//! pale and soft, for the paper scatters its light. Not for ordinary pages (`marks`).

use super::blobs::{Blob, Edges, blobs};
use super::dirt::{Sheet, dirt};
use super::marks::{ScanMarks, in_border};
use super::paper::{darkness_in_colours, median};
use crate::model::Marks;
use crate::pdf::{Gray, PageError, Picture};

/// The palest writing, as share of the paper's brightness: pencil and worn thermal paper
/// have 0.15; what is paler mostly shows through from the other side.
const PALEST: f32 = 0.08;

/// The palest writing in colour, by how much darker it is in one colour than in gray.
const PALEST_COLOUR: f32 = 0.06;

/// Marks are so many times as dark as the noise of the paper is wide.
const ABOVE_NOISE: f32 = 5.0;

/// Larger marks are folds and shadows, millimetres.
const LARGEST: f32 = 120.0;

/// The share of its darkness that a mark gains from one pixel to the next, at 200 dots
/// per inch, where its edge is steepest.
const SHARP: f32 = 0.47;

/// Noise makes the steepest edge steeper, by so many times its share of the darkness.
const OF_NOISE: f32 = 2.5;

/// A stroke of this length is writing by itself, in millimetres; shorter marks where so
/// many stand beside each other.
const STROKE: f32 = 6.0;
const IN_A_ROW: usize = 4;

/// Marks of a row are at most so far apart, millimetres.
const GAP: f32 = 6.0;

/// Where the darkest mark of a page is paler than this, as share of the paper's
/// brightness, it is looked at more closely; what shows through is paler than that.
const PALEST_INK: f32 = 0.6;
const DARKEST_BACK: f32 = 0.48;

/// On coarser scans, in dots per inch, all edges are soft.
const FINE_DPI: f32 = 140.0;

/// Marks of a scanned page, once those that are all pale were looked at more closely.
/// `dark` is the darkness of the first of the views, which has about 100 dots per inch and
/// `millimetre` pixels to the millimetre; the other is about twice as large. Most pages do
/// without them. `dpi` is the resolution of the scan, where it is known.
pub(super) fn look_closer(
    found: &ScanMarks,
    dark: &Gray,
    views: impl FnOnce() -> Result<[Picture; 2], PageError>,
    millimetre: f32,
    dpi: Option<f32>,
) -> Result<Marks, PageError> {
    if found.marks.body > 0 && found.darkest >= PALEST_INK {
        return Ok(found.marks);
    }
    let sheet = Sheet::of(dark, millimetre);
    let [small, large] = views()?;
    let faint = faint_marks(dark, &small, &large, sheet);
    let is_fine = dpi.is_some_and(|dpi| dpi >= FINE_DPI);
    let may_show_through = is_fine && found.darkest < DARKEST_BACK;
    Ok(closer(found.marks, faint, may_show_through))
}

/// What a closer look makes of marks that are all pale: sharp ones among them are
/// writing; where hardly any are, they show through from the other side, or are faint
/// where that cannot be.
fn closer(marks: Marks, faint: Faint, may_show_through: bool) -> Marks {
    /// So many soft marks for each sharp one: dust lies on backs as well.
    const SOFT: u32 = 20;
    let all = marks.body + marks.border;
    if marks.body == 0 && faint.writing > 0 {
        return Marks {
            faint: faint.writing,
            ..marks
        };
    }
    if all == 0 || faint.writing > 0 || faint.sharp * SOFT > all {
        return marks;
    }
    let dropped = marks.dropped.saturating_add(all);
    if may_show_through {
        return Marks {
            dropped,
            ..Marks::default()
        };
    }
    Marks {
        faint: marks.body,
        body: 0,
        body_area: 0.0,
        largest: 0.0,
        largest_area: None,
        ..marks
    }
}

/// Pale marks on a page.
#[derive(Clone, Copy, Debug, Default)]
struct Faint {
    /// Those that may be writing: strokes, and marks in rows.
    writing: u32,
    /// Those with sharp edges.
    sharp: u32,
}

/// The pale marks on a page. `dark` is the darkness of `small`, the page at
/// about 100 dots per inch, whose size is `sheet`; `large` is the page at twice that.
fn faint_marks(dark: &Gray, small: &Picture, large: &Picture, sheet: Sheet) -> Faint {
    let noise_of_it = noise(dark);
    let found = blobs(dark, above(PALEST, noise_of_it), Edges::Measured);
    let dirt_of_it = dirt(&found.blobs, sheet);
    let largest = LARGEST * sheet.millimetre;
    let scale = large.width as f32 / sheet.width.max(1.0);
    let left = found.blobs.iter().zip(dirt_of_it);
    let left = left.filter(|(blob, dirt)| {
        !dirt && (blob.width().max(blob.height()) as f32) < largest && {
            let contrast = f32::from(blob.contrast) / 255.0;
            sharpness(large, blob, scale) >= SHARP + OF_NOISE * noise_of_it / contrast
        }
    });
    let left: Vec<&Blob> = left.map(|(blob, _)| blob).collect();
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let coloured = match small.is_gray() {
        true => 0,
        false => coloured_writing(dark, small, sheet),
    };
    Faint {
        writing: count(writing(&left, sheet) + coloured),
        sharp: count(left.len() + coloured),
    }
}

/// How many marks are darker in one colour than in gray, as those of pens and markers:
/// nothing that shows through is.
fn coloured_writing(dark: &Gray, small: &Picture, sheet: Sheet) -> usize {
    let mut colours = darkness_in_colours(small);
    for (colour, gray) in colours.pixels.iter_mut().zip(&dark.pixels) {
        *colour = colour.saturating_sub(*gray);
    }
    let found = blobs(
        &colours,
        above(PALEST_COLOUR, noise(&colours)),
        Edges::Measured,
    );
    let left = found.blobs.iter().zip(dirt(&found.blobs, sheet));
    let left = left.filter(|(_, dirt)| !dirt);
    let left: Vec<&Blob> = left.map(|(blob, _)| blob).collect();
    writing(&left, sheet)
}

/// The level from which on marks stand out from their paper.
fn above(palest: f32, noise: f32) -> u8 {
    (palest.max(ABOVE_NOISE * noise) * 255.0) as u8
}

/// How many of these marks may be writing: strokes, and marks in rows, but for what
/// stands where page numbers do.
fn writing(marks: &[&Blob], sheet: Sheet) -> usize {
    let may_be = |blob: &&&Blob| !in_border(blob, sheet.height) && !is_blot(blob, sheet.millimetre);
    let mut marks: Vec<&Blob> = marks.iter().filter(may_be).copied().collect();
    marks.sort_by_key(|blob| blob.left);
    let stroke = STROKE * sheet.millimetre;
    let is_stroke = |blob: &&&Blob| blob.width().max(blob.height()) as f32 >= stroke;
    let strokes = marks.iter().filter(is_stroke).count();
    strokes + in_rows(&marks, GAP * sheet.millimetre)
}

/// Stains and the rings of cups are about as high as wide, and larger than letters.
fn is_blot(blob: &Blob, millimetre: f32) -> bool {
    const LARGE: f32 = 12.0;
    let (across, down) = (blob.width() as f32, blob.height() as f32);
    across.min(down) >= LARGE * millimetre && across.max(down) <= 1.6 * across.min(down)
}

/// How many marks stand in rows of several.
fn in_rows(marks: &[&Blob], gap: f32) -> usize {
    // The last mark of each row, and how many it has.
    let mut rows: Vec<(&Blob, usize)> = Vec::new();
    for &mark in marks {
        let beside = rows.iter_mut().find(|(last, _)| {
            let overlap = last.top <= mark.bottom && mark.top <= last.bottom;
            overlap && mark.left as f32 - last.right as f32 <= gap
        });
        match beside {
            Some((last, count)) => (*last, *count) = (mark, *count + 1),
            None => rows.push((mark, 1)),
        }
    }
    let long = rows.iter().map(|(_, count)| count);
    long.filter(|count| **count >= IN_A_ROW).sum()
}

/// How wide the noise of a page is (standard deviation), as share of the paper's
/// brightness: from the median difference of neighbours, which marks do not reach.
pub(super) fn noise(dark: &Gray) -> f32 {
    // The median of the difference of two normal variables, in their deviations.
    const MEDIAN: f32 = 0.954;
    let mut histogram = [0u32; 256];
    for y in (0..dark.height).step_by(3) {
        let row = dark.row(y);
        for &[a, _, b] in row.as_chunks().0 {
            // Paper that is brighter than its tile's is cut off at 0.
            if a > 0 || b > 0 {
                histogram[usize::from(a.abs_diff(b))] += 1;
            }
        }
    }
    let middle = median(&histogram).unwrap_or(0);
    f32::from(middle) / 255.0 / MEDIAN
}

/// The steepest edge of a mark as share of its darkness, in whichever of red, green and
/// blue it is darkest; both over three pixels along the edge, so that noise counts for
/// less. The picture is `scale` times, about twice, as large as that of the mark.
fn sharpness(large: &Picture, blob: &Blob, scale: f32) -> f32 {
    let (width, height) = (large.width as usize, large.height as usize);
    let around = |from: u32, to: u32, side: usize| {
        let enlarged = |place: u32| (place as f32 * scale) as usize;
        let from = enlarged(from).saturating_sub(4);
        from..(enlarged(to) + 6).min(side.saturating_sub(3))
    };
    let (columns, rows) = (
        around(blob.left, blob.right, width),
        around(blob.top, blob.bottom, height),
    );
    let mut sharpest = (0u16, 0u16);
    for channel in 0..3 {
        let at = |x: usize, y: usize| u16::from(large.rgba[(y * width + x) * 4 + channel]);
        let across = |x: usize, y: usize| at(x, y) + at(x + 1, y) + at(x + 2, y);
        let down = |x: usize, y: usize| at(x, y) + at(x, y + 1) + at(x, y + 2);
        let (mut least, mut most, mut steepest) = (u16::MAX, 0u16, 0u16);
        for y in rows.clone() {
            for x in columns.clone() {
                let (here, beside) = (down(x, y), down(x + 1, y));
                let (flat, below) = (across(x, y), across(x, y + 1));
                least = least.min(here).min(flat);
                most = most.max(here).max(flat);
                steepest = steepest
                    .max(here.abs_diff(beside))
                    .max(flat.abs_diff(below));
            }
        }
        sharpest = sharpest.max((most.saturating_sub(least), steepest));
    }
    let (darkness, steepest) = sharpest;
    f32::from(steepest) / f32::from(darkness.max(1))
}
