//! A closer look at a scanned page that seems to be empty: whether anything on it that is
//! too pale for ink may be writing all the same. Pencil, worn ribbons, thermal paper and
//! yellow markers are pale and sharp; what shows through from the other side of a sheet is
//! pale and soft, for the paper scatters its light. Not for ordinary pages (`marks`).

use super::blobs::{Blob, Edges, blobs};
use super::dirt::{SPECK, STRONG, Sheet, dirt};
use super::edge_words::letters_on_tabs;
use super::marks::{ScanMarks, in_border};
use super::paper::{colourfulness, darkness, median};
use super::rows::{letters_of, rows};
use super::soft_lines::begin_at_the_left;
use super::uneven::is_patchy;
use super::verdicts::{HIGHEST_FURNITURE, LONGEST_FURNITURE};
use crate::model::Marks;
use crate::pdf::{Gray, PageError, Picture};

/// The palest writing, as share of the paper's brightness: pencil and worn thermal paper
/// have 0.15; what is paler mostly shows through from the other side.
const PALEST: f32 = 0.08;

/// The palest writing in colour, by how much darker it is in one colour than in another:
/// the pink of a crayon has 0.14, chroma as JPEGs keep it is off by 0.04.
const PALEST_COLOUR: f32 = 0.09;

/// Marks are so many times as dark as the noise of the paper is wide.
const ABOVE_NOISE: f32 = 5.0;

/// Larger marks are folds and shadows, millimetres, or the rules of a form.
const LARGEST: f32 = 120.0;

/// So many of them that are sharp are rules: a sheet is folded at three places at most. A grid
/// is one mark, which crosses each row so many times.
const FEWEST_RULES: usize = 4;
const CROSSES: u32 = 6;

/// Rules are at most so high where something is written on them, millimetres.
const RULE: f32 = 20.0;

/// How sharp large marks are is told from a part in their middle, of so many millimetres: a grid
/// has 0.32 at 150 dots per inch and more on finer scans, folds have up to 0.27.
const PART: f32 = 30.0;
const SHARP_GRID: f32 = 0.29;

/// The palest lines that may be writing although they are soft, as share of the paper's
/// brightness: carbon copies have 0.08 to 0.25 where they are darkest.
const PALEST_LINES: f32 = 0.05;

/// They are so many times as dark as the noise of the paper is wide: where they stand tells
/// more than how dark they are.
const LINES_ABOVE_NOISE: f32 = 4.0;

/// So many letters beside each other where page numbers stand are one.
const FEWEST_OF_NUMBER: u32 = 3;

/// The share of its darkness that a mark gains from one pixel to the next, at 200 dots
/// per inch, where its edge is steepest: print has 0.7, what shows through 0.2 to 0.3.
const SHARP: f32 = 0.47;

/// Noise makes the steepest edge steeper, by so many times its share of the darkness.
const OF_NOISE: f32 = 2.5;

/// The same of most marks of a row: pencil that a scanner blurs has 0.4, and what shows
/// through sharply up to 0.34.
const SHARP_ROW: f32 = 0.38;

/// The same of rows in a colour of their own: how much darker they are in one colour than in
/// another, as share of their darkness. Blurred carbon copies have 0.5 to 1, what shows
/// through a sheet in black 0.1 from noise.
const OWN_COLOUR: f32 = 0.4;

/// A stroke of this length is writing by itself, in millimetres; shorter marks where so
/// many stand beside each other.
const STROKE: f32 = 6.0;
const IN_A_ROW: usize = 4;

/// Where writing is joined a row has fewer marks, as long as so many letters and so high,
/// millimetres; the pieces of rules and folds are lower.
const JOINED: u32 = 6;
const JOINED_HIGH: f32 = 2.0;

/// Marks of a row are at most so far apart, millimetres.
const GAP: f32 = 6.0;

/// Smaller marks are dots and small letters, millimetres; larger ones that are full are stains.
const SMALL: f32 = 4.0;

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
    let [small, large] = views()?;
    let mut faint = faint_marks(dark, &small, &large, millimetre);
    if faint.writing() == 0 {
        faint.others = other_signs(dark, &small, &large, millimetre);
    }
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
    if marks.body == 0 && faint.writing() > 0 {
        return Marks {
            faint: faint.writing(),
            ..marks
        };
    }
    if all == 0 && faint.in_number >= FEWEST_OF_NUMBER {
        return Marks {
            border: faint.in_number,
            ..marks
        };
    }
    if all == 0 || faint.writing() > 0 || faint.sharp * SOFT > all {
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
    /// Those that may be strokes of a pen.
    strokes: u32,
    /// Those that may be letters of a row.
    in_rows: u32,
    /// Those with sharp edges.
    sharp: u32,
    /// Letters in the longest sharp row where page numbers stand.
    in_number: u32,
    /// What tells in another way that there is something: see [`other_signs`].
    others: u32,
}

/// Signs of something on a page on which no mark is sharp: a title on a tab, lines that are not
/// those of the other side, the rules of a form, in which what is written is lost, and paper
/// that is no paper.
fn other_signs(dark: &Gray, small: &Picture, large: &Picture, millimetre: f32) -> u32 {
    let sheet = Sheet::of(dark, millimetre);
    let letters = letters_on_tabs(dark, sheet);
    if letters > 0 {
        return letters;
    }
    let noise = noise(dark);
    let soft = kept(
        dark,
        PALEST_LINES.max(LINES_ABOVE_NOISE * noise),
        None,
        sheet,
    );
    let soft: Vec<&(Blob, f32)> = soft.iter().collect();
    let is_there = begin_at_the_left(soft, |(blob, _)| blob, sheet)
        || is_ruled(dark, large, sheet, noise)
        || is_patchy(&Gray::of(small), noise);
    u32::from(is_there)
}

/// Whether there are rules as of a form or of graph paper: those that show through are soft.
fn is_ruled(dark: &Gray, large: &Picture, sheet: Sheet, noise: f32) -> bool {
    let threshold = PALEST_LINES.max(ABOVE_NOISE * noise) * 255.0;
    let found = blobs(dark, threshold as u8, Edges::Measured);
    let dirt = dirt(&found, sheet);
    let (least, high) = (LARGEST * sheet.millimetre, RULE * sheet.millimetre);
    let scale = large.width as f32 / sheet.width.max(1.0);
    let is_sharp = |blob: &Blob, least: f32| {
        let noise = noise * 255.0 / f32::from(blob.contrast.max(1));
        let sharp = sharpness(large, &middle_of(blob, sheet), scale);
        sharp - OF_NOISE * noise >= least
    };
    let mut rules = 0;
    for (blob, dirt) in found.blobs.iter().zip(dirt) {
        let (across, down) = (blob.width() as f32, blob.height() as f32);
        if blob.pixels == 0 || across.max(down) < least {
            continue;
        }
        let is_low = across.min(down) <= high;
        // A grid reaches the edges of the sheet, as a lid around it does.
        let is_grid = !is_low && blob.runs >= CROSSES * blob.height();
        if is_grid && is_sharp(blob, SHARP_GRID) {
            return true;
        }
        rules += usize::from(is_low && !dirt && is_sharp(blob, SHARP_ROW));
        if rules == FEWEST_RULES {
            return true;
        }
    }
    false
}

/// A part of a large mark.
fn middle_of(blob: &Blob, sheet: Sheet) -> Blob {
    let part = (PART * sheet.millimetre) as u32 / 2;
    let around = |from: u32, to: u32| {
        let middle = u32::midpoint(from, to);
        (from.max(middle.saturating_sub(part)), to.min(middle + part))
    };
    let ((left, right), (top, bottom)) =
        (around(blob.left, blob.right), around(blob.top, blob.bottom));
    Blob {
        left,
        top,
        right,
        bottom,
        ..Blob::default()
    }
}

/// The pale marks on a page. `dark` is the darkness of `small`, the page at about 100 dots
/// per inch and with `millimetre` pixels to the millimetre; `large` is the page at twice that.
fn faint_marks(dark: &Gray, small: &Picture, large: &Picture, millimetre: f32) -> Faint {
    let noise_of_it = noise(dark);
    let colours = (!small.is_gray()).then(|| {
        let mut colours = colourfulness(small);
        hide_edges(&mut colours, dark);
        colours
    });
    let in_gray = |dark: &Gray| {
        let sheet = Sheet::of(dark, millimetre);
        let scale = large.width as f32 / sheet.width.max(1.0);
        let palest = PALEST.max(ABOVE_NOISE * noise(dark));
        let kept = kept(dark, palest, colours.as_ref(), sheet);
        let marks = kept.iter().map(|(blob, colour)| Pale {
            blob,
            sharp: sharpness(large, blob, scale),
            noise: noise_of_it * 255.0 / f32::from(blob.contrast.max(1)),
            colour: *colour,
        });
        Faint::of(&marks.collect::<Vec<_>>(), sheet)
    };
    let mut faint = in_gray(dark);
    if faint.writing() == 0 {
        // The dots of a worn ribbon fade where pixels are blended. Dust does not.
        let darkest = darkness(&darkest(&Gray::of(large)));
        faint.in_rows = in_gray(&darkest).in_rows;
    }
    if let Some(colours) = &colours {
        let coloured = in_colour(colours, Sheet::of(colours, millimetre));
        faint.strokes += coloured.strokes;
        faint.in_rows += coloured.in_rows;
        faint.sharp += coloured.writing();
    }
    faint
}

/// Half the size: of each 2 × 2 pixels the darkest.
fn darkest(gray: &Gray) -> Gray {
    let (width, height) = (gray.width / 2, gray.height / 2);
    let pairs = gray.pixels.chunks_exact((2 * gray.width).max(1));
    let rows = pairs.flat_map(|two| {
        let (above, below) = two.split_at(gray.width);
        let (above, below) = (above.as_chunks::<2>().0, below.as_chunks::<2>().0);
        let both = above.iter().zip(below);
        both.map(|([a, b], [c, d])| *a.min(b).min(c).min(d))
    });
    Gray {
        width,
        height,
        pixels: rows.take(width * height).collect(),
    }
}

/// The marks that are darker in one colour than in another, as those of pens and markers,
/// crayons and carbon paper: what shows through has the colour of its paper.
fn in_colour(colours: &Gray, sheet: Sheet) -> Faint {
    let palest = PALEST_COLOUR.max(ABOVE_NOISE * noise(colours));
    let kept = kept(colours, palest, None, sheet);
    let marks = kept.iter().map(|(blob, _)| Pale {
        blob,
        sharp: 1.0,
        noise: 0.0,
        colour: 1.0,
    });
    Faint::of(&marks.collect::<Vec<_>>(), sheet)
}

/// Where ink or a lid is dark, its edges are coloured: scanners see red, green and blue not
/// quite at the same place.
fn hide_edges(colours: &mut Gray, dark: &Gray) {
    const WIDE: usize = 2;
    let (width, height) = (dark.width, dark.height);
    for y in 0..height {
        for (x, level) in dark.row(y).iter().enumerate() {
            if f32::from(*level) < STRONG * 255.0 {
                continue;
            }
            for y in y.saturating_sub(WIDE)..(y + WIDE + 1).min(height) {
                let around = x.saturating_sub(WIDE)..(x + WIDE + 1).min(width);
                if let Some(row) = colours.pixels.get_mut(y * width..(y + 1) * width) {
                    row[around].fill(0);
                }
            }
        }
    }
}

/// What stands out from its paper, is no dirt and no fold or shadow; each with how much of
/// its darkness is of its own colour.
fn kept(dark: &Gray, palest: f32, colours: Option<&Gray>, sheet: Sheet) -> Vec<(Blob, f32)> {
    let found = blobs(dark, (palest * 255.0) as u8, Edges::Measured);
    let mut coloured = vec![0u32; found.blobs.len()];
    let is_same = |colours: &&Gray| (colours.width, colours.height) == (dark.width, dark.height);
    if let Some(colours) = colours.filter(is_same) {
        for run in &found.runs {
            let levels = &colours.row(run.row as usize)[run.start as usize..run.end as usize];
            let levels = levels.iter().map(|level| u32::from(*level));
            coloured[run.blob as usize] += levels.sum::<u32>();
        }
    }
    let dirt = dirt(&found, sheet);
    let largest = LARGEST * sheet.millimetre;
    let all = found.blobs.into_iter().zip(coloured).zip(dirt);
    let kept =
        all.filter(|((blob, _), dirt)| !dirt && (blob.width().max(blob.height()) as f32) < largest);
    kept.map(|((blob, coloured), _)| {
        let share = coloured as f32 / blob.sum.max(1) as f32;
        (blob, share)
    })
    .collect()
}

/// A mark that is paler than ink.
struct Pale<'a> {
    blob: &'a Blob,
    /// See [`sharpness`].
    sharp: f32,
    /// How wide the noise of the paper is, as share of the mark's darkness.
    noise: f32,
    /// How much of its darkness is of its own colour.
    colour: f32,
}

impl Pale<'_> {
    /// How sharp it is beyond what noise makes of it.
    fn sharpness(&self) -> f32 {
        self.sharp - OF_NOISE * self.noise
    }
}

impl Faint {
    /// How many may be writing.
    fn writing(self) -> u32 {
        let marks = self.strokes.saturating_add(self.in_rows);
        marks.saturating_add(self.others)
    }

    /// What of these marks may be writing: strokes that are sharp, and marks in rows most of
    /// which are, but for what stands where page numbers do and is no larger.
    fn of(marks: &[Pale<'_>], sheet: Sheet) -> Self {
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let may_be = |mark: &&Pale<'_>| !is_blot(mark.blob, sheet.millimetre);
        let marks: Vec<&Pale<'_>> = marks.iter().filter(may_be).collect();
        let sharp = marks.iter().filter(|mark| mark.sharpness() >= SHARP);
        let sharp: Vec<&Pale<'_>> = sharp.copied().collect();
        let strokes = sharp.iter().filter(|mark| is_stroke(mark.blob, sheet));
        let strokes = strokes.count();
        let in_rows = |marks: Vec<&Pale<'_>>| {
            let rows = rows(marks, |mark| mark.blob, GAP * sheet.millimetre);
            let written = rows.iter().filter(|row| is_written(row, sheet));
            written.map(Vec::len).sum::<usize>()
        };
        Self {
            sharp: count(sharp.len()),
            strokes: count(strokes),
            in_number: letters_of_number(marks.clone(), sheet),
            in_rows: count(in_rows(sharp).max(in_rows(marks))),
            others: 0,
        }
    }
}

/// The letters of the longest row where page numbers stand that are no larger than those and
/// mostly sharp.
fn letters_of_number(marks: Vec<&Pale<'_>>, sheet: Sheet) -> u32 {
    let is_small = |mark: &&Pale<'_>| {
        sheet.down(mark.blob) <= HIGHEST_FURNITURE && in_border(mark.blob, sheet.height)
    };
    let rows = rows(marks, |mark| mark.blob, GAP * sheet.millimetre);
    let rows = rows.iter().filter(|row| {
        row.iter().all(is_small) && are_most(row, |mark| mark.sharpness() >= SHARP_ROW)
    });
    let letters = rows.map(|row| row.iter().map(|mark| letters_of(mark.blob)).sum());
    letters.max().unwrap_or(0)
}

/// Whether most marks of a row are so.
fn are_most(row: &[&Pale<'_>], so: impl Fn(&Pale<'_>) -> bool) -> bool {
    row.iter().filter(|mark| so(mark)).count() * 2 >= row.len()
}

/// Whether it is as long as a stroke; where page numbers stand, as large as a signature.
fn is_stroke(blob: &Blob, sheet: Sheet) -> bool {
    let (across, down) = (blob.width() as f32, blob.height() as f32);
    let large = HIGHEST_FURNITURE * sheet.millimetre;
    across.max(down) >= STROKE * sheet.millimetre
        && (!in_border(blob, sheet.height) || across.min(down) > large)
}

/// Stains and the rings of cups are about as high as wide, and full, hollow or larger than
/// what is written.
fn is_blot(blob: &Blob, millimetre: f32) -> bool {
    const LARGE: f32 = 25.0;
    const FULL: f32 = 0.62;
    /// Rings are as high as wide and no smaller than a glass; large letters are fuller.
    const GLASS: f32 = 12.0;
    const HOLLOW: f32 = 0.25;
    let (across, down) = (blob.width() as f32, blob.height() as f32);
    let (least, most) = (across.min(down), across.max(down));
    let side = least / millimetre;
    let full = blob.pixels as f32 / (across * down);
    let is_stain = side >= LARGE || side >= SMALL && full >= FULL;
    let is_ring = most <= 1.15 * least && side >= GLASS && full <= HOLLOW;
    most <= 1.6 * least && is_stain || is_ring
}

/// Whether a row is long and most of it sharp, or is a word or two of joined letters that all
/// are; where page numbers stand, longer than those.
fn is_written(row: &[&Pale<'_>], sheet: Sheet) -> bool {
    let letters = row.iter().map(|mark| letters_of(mark.blob)).sum::<u32>();
    let is_in_border = row.iter().all(|mark| in_border(mark.blob, sheet.height));
    let is_sharp = |mark: &Pale<'_>| mark.sharpness() >= SHARP_ROW;
    if !is_in_border && row.len() < IN_A_ROW {
        let is_joined = |mark: &&Pale<'_>| is_sharp(mark) && sheet.down(mark.blob) >= JOINED_HIGH;
        return letters >= JOINED && row.iter().all(is_joined);
    }
    // The pieces of a fold are lower than letters.
    (!is_in_border || letters >= LONGEST_FURNITURE)
        && are_most(row, |mark| sheet.down(mark.blob) >= SPECK)
        && (are_most(row, is_sharp) || are_most(row, |mark| mark.colour >= OWN_COLOUR))
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

#[cfg(test)]
mod tests {
    use super::*;

    const SHEET: Sheet = Sheet {
        width: 827.0,
        height: 1169.0,
        millimetre: 100.0 / 25.4,
    };

    /// How many of the marks in a row may be writing: each so long and high, in pixels.
    fn writing(sizes: &[(u32, u32)], top: u32, sharp: f32) -> Faint {
        let mut left = 100;
        let blobs = sizes.iter().map(|(wide, high)| {
            let blob = Blob {
                left,
                top,
                right: left + wide - 1,
                bottom: top + high - 1,
                pixels: wide * high / 4,
                ..Blob::default()
            };
            left += wide + 8;
            blob
        });
        let blobs: Vec<Blob> = blobs.collect();
        let pale = blobs.iter().map(|blob| Pale {
            blob,
            sharp,
            noise: 0.0,
            colour: 0.0,
        });
        Faint::of(&pale.collect::<Vec<_>>(), SHEET)
    }

    #[test]
    fn two_joined_words_are_writing_where_all_of_them_is_sharp() {
        let words = [(56, 14), (45, 15)];
        assert_eq!(writing(&words, 400, 0.40).writing(), 2);
        assert_eq!(writing(&words, 400, 0.34).writing(), 0);
        // Pieces of a rule, and what is as long as one letter or two.
        assert_eq!(writing(&[(20, 2), (16, 3)], 400, 0.40).writing(), 0);
        assert_eq!(writing(&[(12, 14), (10, 15)], 400, 0.40).writing(), 0);
    }

    #[test]
    fn the_pieces_of_a_fold_are_no_letters() {
        let pieces = [(12, 2), (14, 3), (11, 2), (13, 2), (12, 2)];
        assert_eq!(writing(&pieces, 400, 0.40).writing(), 0);
        let letters = [(7, 9), (6, 12), (7, 9), (8, 9), (7, 9)];
        assert_eq!(writing(&letters, 400, 0.40).writing(), 5);
    }

    #[test]
    fn a_short_pale_line_at_the_foot_is_a_page_number() {
        let letters = [(7, 9), (6, 12), (7, 9), (8, 9), (7, 9)];
        let at_the_foot = writing(&letters, 1120, 0.40);
        assert_eq!((at_the_foot.writing(), at_the_foot.in_number), (0, 5));
        assert_eq!(writing(&letters, 1120, 0.30).in_number, 0);
    }
}
