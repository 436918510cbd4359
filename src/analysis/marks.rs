//! Marks on a page that a person would keep: finds what stands together in ink
//! and drops specks, punch holes, dark edges, stains and what shows through from
//! the other side. Not for what is blank: that is a threshold over this.

use std::ops::Range;

use super::gray::Gray;
use crate::model::{Area, Marks};

/// Where page numbers and running headers are: so much of the height at the top
/// and at the bottom.
const BORDER: f32 = 0.1;

/// What differs from its paper by less than this share of the paper's brightness
/// is no ink: noise, show-through, stains.
const FAINT: f32 = 0.18;

/// A mark has somewhere at least this contrast, or edges that are sharp.
const STRONG: f32 = 0.42;

/// Contrast within so many pixels that makes an edge sharp, for fainter marks.
const SHARP: f32 = 0.2;

/// Smaller marks are specks, millimetres: a full stop has 0.4, an "i" 2.
const SPECK: f32 = 1.0;

/// Dark edges are at most so wide, as share of the page's side: a tilted sheet
/// shows a wedge of the scanner's lid.
const EDGE: f32 = 0.06;

/// Punch holes, millimetres: 5 to 8 across, at most so far from the edge.
const HOLE: Range<f32> = 4.5..9.5;
const HOLE_FROM_EDGE: f32 = 24.0;

/// Tiles in which the paper's brightness is taken, in pixels.
const TILE: usize = 32;

/// Of a drawn page so few pixels tell what its paper is.
const PAPER_SAMPLE: usize = 5;

/// A set of pixels that stand together. Pages have thousands, so they are small.
#[derive(Default)]
struct Blob {
    left: u32,
    top: u32,
    right: u32,
    bottom: u32,
    pixels: u32,
    contrast: u8,
    edge: u8,
}

impl Blob {
    fn width(&self) -> u32 {
        self.right - self.left + 1
    }

    fn height(&self) -> u32 {
        self.bottom - self.top + 1
    }

    fn join(&mut self, part: &Self) {
        self.left = self.left.min(part.left);
        self.top = self.top.min(part.top);
        self.right = self.right.max(part.right);
        self.bottom = self.bottom.max(part.bottom);
        self.pixels += part.pixels;
        self.contrast = self.contrast.max(part.contrast);
        self.edge = self.edge.max(part.edge);
    }
}

/// The darkness of each pixel relative to its paper, 0 to 255.
///
/// The paper's brightness is that of the brightest tenth of each tile, smoothed
/// over the tiles around, so shadows and tints are paper. A tile full of ink, as
/// in a photograph, takes over what is around it.
pub fn darkness(gray: &Gray) -> Gray {
    let columns = gray.width.div_ceil(TILE).max(1);
    let rows = gray.height.div_ceil(TILE).max(1);
    let mut paper = vec![0u8; columns * rows];
    for row in 0..rows {
        for column in 0..columns {
            let mut histogram = [0u32; 256];
            let mut count = 0;
            for y in row * TILE..((row + 1) * TILE).min(gray.height) {
                let line = &gray.row(y)[column * TILE..((column + 1) * TILE).min(gray.width)];
                for pixel in line.iter().step_by(2) {
                    histogram[usize::from(*pixel)] += 1;
                    count += 1;
                }
            }
            paper[row * columns + column] = brightest_tenth(&histogram, count);
        }
    }
    let whole = {
        let mut histogram = [0u32; 256];
        for level in &paper {
            histogram[usize::from(*level)] += 1;
        }
        median(&histogram, paper.len() as u32)
    };
    // Paper is never much darker than most of the page: what is, is ink or the
    // scanner's lid.
    let floor = (f32::from(whole) * 0.75) as u8;
    let smooth: Vec<u8> = (0..rows * columns)
        .map(|at| {
            let (row, column) = (at / columns, at % columns);
            let mut best = 0;
            for y in row.saturating_sub(1)..=(row + 1).min(rows - 1) {
                for x in column.saturating_sub(1)..=(column + 1).min(columns - 1) {
                    best = best.max(paper[y * columns + x]);
                }
            }
            best.min(whole.saturating_add(24)).max(floor).max(1)
        })
        .collect();
    let mut pixels = vec![0; gray.pixels.len()];
    for (y, (from, to)) in gray
        .pixels
        .chunks_exact(gray.width.max(1))
        .zip(pixels.chunks_exact_mut(gray.width.max(1)))
        .enumerate()
    {
        let tiles = &smooth[(y / TILE) * columns..][..columns];
        for ((from, to), paper) in from.chunks(TILE).zip(to.chunks_mut(TILE)).zip(tiles) {
            let scale = 65_280 / u32::from(*paper);
            for (from, to) in from.iter().zip(to) {
                let level = (u32::from(*from) * scale) >> 8;
                *to = 255 - level.min(255) as u8;
            }
        }
    }
    Gray {
        width: gray.width,
        height: gray.height,
        pixels,
    }
}

fn brightest_tenth(histogram: &[u32; 256], count: u32) -> u8 {
    let mut reached = 0;
    for level in (0..=255u8).rev() {
        reached += histogram[usize::from(level)];
        if reached * 10 >= count.max(1) {
            return level;
        }
    }
    0
}

fn median(histogram: &[u32; 256], count: u32) -> u8 {
    let mut reached = 0;
    for level in 0..=255u8 {
        reached += histogram[usize::from(level)];
        if reached * 2 >= count.max(1) {
            return level;
        }
    }
    255
}

/// A scanned page, looked at for marks.
pub struct ScanMarks {
    /// What was found.
    pub marks: Marks,
    /// The page's darkness without what a person would not keep, and without
    /// pictures, whose edges say nothing of how text is tilted.
    pub text: Gray,
    /// The same with pictures, but without rules and frames: how dark those come
    /// out depends on who draws them.
    pub look: Gray,
}

/// Marks on a page that was scanned. `darkness` is that of the page at about 100
/// dots per inch; `millimetre` is the size of a millimetre in pixels.
pub fn scanned_marks(darkness: Gray, millimetre: f32) -> ScanMarks {
    let threshold = (FAINT * 255.0) as u8;
    let Found { blobs, runs } = blobs(&darkness, threshold, Edges::Measured);
    let mut marks = Marks::default();
    let (width, height) = (darkness.width as f32, darkness.height as f32);
    let kinds: Vec<Mark> = blobs
        .iter()
        .map(|blob| {
            let dirt = is_faint(blob)
                || is_speck(blob, millimetre)
                || is_edge(blob, width, height)
                || is_hole(blob, width, height, millimetre);
            if dirt {
                Mark::Dirt
            } else if is_rule(blob, millimetre) {
                Mark::Rule
            } else if is_picture(blob, millimetre) {
                Mark::Picture
            } else {
                Mark::Text
            }
        })
        .collect();
    let parts: usize = blobs.iter().map(|blob| usize::from(blob.pixels > 0)).sum();
    let kept = blobs
        .iter()
        .zip(&kinds)
        .filter(|(blob, kind)| blob.pixels > 0 && **kind != Mark::Dirt)
        .map(|(blob, _)| blob);
    let kept: Vec<&Blob> = kept.collect();
    marks.dropped = u32::try_from(parts - kept.len()).unwrap_or(u32::MAX);
    count(&mut marks, &kept, &darkness, millimetre);
    let without = |dropped: &[Mark]| {
        let mut picture = darkness.clone();
        for run in &runs {
            if dropped.contains(&kinds[run.blob as usize]) {
                let row = run.row as usize * picture.width;
                // What is blurred beyond the threshold goes with it.
                let start = row + run.start.saturating_sub(1) as usize;
                let end = row + (run.end as usize + 1).min(picture.width);
                picture.pixels[start..end].fill(0);
            }
        }
        picture
    };
    ScanMarks {
        marks,
        text: without(&[Mark::Dirt, Mark::Picture]),
        look: without(&[Mark::Dirt, Mark::Rule]),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Dirt,
    Rule,
    Picture,
    Text,
}

/// Rules and frames: long, and mostly empty or thin. Millimetres.
fn is_rule(blob: &Blob, millimetre: f32) -> bool {
    const LONG: f32 = 25.0;
    const THIN: f32 = 1.6;
    const FILLED: f32 = 0.22;
    let (across, down) = (
        blob.width() as f32 / millimetre,
        blob.height() as f32 / millimetre,
    );
    let full = blob.pixels as f32 / (blob.width() * blob.height()) as f32;
    across.max(down) >= LONG && (across.min(down) <= THIN || full <= FILLED)
}

/// Photographs and filled areas: large both ways. Millimetres.
fn is_picture(blob: &Blob, millimetre: f32) -> bool {
    const LARGE: f32 = 20.0;
    (blob.width().min(blob.height()) as f32) >= LARGE * millimetre
}

/// Marks on a page that was never on paper: whatever is not its background.
/// `darkness` may be that of a thumbnail.
pub fn drawn_marks(picture: &Gray, millimetre: f32) -> Marks {
    let paper = {
        let mut histogram = [0u32; 256];
        for pixel in picture.pixels.iter().step_by(PAPER_SAMPLE) {
            histogram[usize::from(*pixel)] += 1;
        }
        let most = (0..=255u8).max_by_key(|level| histogram[usize::from(*level)]);
        most.unwrap_or(255)
    };
    let differences = Gray {
        width: picture.width,
        height: picture.height,
        pixels: picture
            .pixels
            .iter()
            .map(|pixel| pixel.abs_diff(paper))
            .collect(),
    };
    // A hairline at the size of a thumbnail leaves as much.
    const TRACE: u8 = 3;
    let found = blobs(&differences, TRACE, Edges::Left);
    let mut marks = Marks::default();
    let all: Vec<&Blob> = found.blobs.iter().filter(|blob| blob.pixels > 0).collect();
    count(&mut marks, &all, picture, millimetre);
    marks
}

fn count(marks: &mut Marks, blobs: &[&Blob], picture: &Gray, millimetre: f32) {
    let height = picture.height as f32;
    let (top, bottom) = (height * BORDER, height * (1.0 - BORDER));
    for blob in blobs {
        if (blob.bottom as f32) < top || blob.top as f32 >= bottom {
            marks.border += 1;
            continue;
        }
        marks.body += 1;
        marks.body_area += blob.pixels as f32 / (millimetre * millimetre);
        let longest = blob.width().max(blob.height()) as f32 / millimetre;
        if longest > marks.largest {
            marks.largest = longest;
            let across = |x: u32| x as f32 / picture.width as f32;
            let down = |y: u32| y as f32 / picture.height as f32;
            marks.largest_area = Some(Area {
                left: across(blob.left),
                top: down(blob.top),
                right: across(blob.right + 1),
                bottom: down(blob.bottom + 1),
            });
        }
    }
}

fn is_faint(blob: &Blob) -> bool {
    let share = |level: u8| f32::from(level) / 255.0;
    share(blob.contrast) < STRONG && share(blob.edge) < SHARP
}

fn is_speck(blob: &Blob, millimetre: f32) -> bool {
    (blob.width().max(blob.height()) as f32) < SPECK * millimetre
}

/// Whether it lies along an edge of the picture, as the scanner's lid does, or
/// runs across the whole of it, as a dirty sensor draws it.
fn is_edge(blob: &Blob, width: f32, height: f32) -> bool {
    let near = 0.012;
    let (left, right) = (blob.left as f32 / width, (blob.right + 1) as f32 / width);
    let (top, bottom) = (blob.top as f32 / height, (blob.bottom + 1) as f32 / height);
    let across = right - left;
    let down = bottom - top;
    let touches_side = left <= near || right >= 1.0 - near;
    let touches_end = top <= near || bottom >= 1.0 - near;
    let share = blob.pixels as f32 / (width * height);
    let frame = touches_side && touches_end && share < 2.0 * EDGE && {
        let full = blob.width() as f32 * blob.height() as f32;
        (blob.pixels as f32) < 0.3 * full
    };
    let line = (down >= 0.97 && across < 0.004) || (across >= 0.97 && down < 0.004);
    frame || line || (touches_side && across <= EDGE) || (touches_end && down <= EDGE * 0.6)
}

/// Whether it is a punch hole: round, of that size, near the long or short edge.
fn is_hole(blob: &Blob, width: f32, height: f32, millimetre: f32) -> bool {
    let (across, down) = (
        blob.width() as f32 / millimetre,
        blob.height() as f32 / millimetre,
    );
    let round = across / down > 0.75 && across / down < 1.33;
    // A disc fills 79 % of its box, an "S" half.
    let full = blob.pixels as f32 / (blob.width() * blob.height()) as f32;
    let middle_x = (blob.left + blob.right) as f32 / 2.0;
    let middle_y = (blob.top + blob.bottom) as f32 / 2.0;
    let from_side = middle_x.min(width - middle_x) / millimetre;
    let from_end = middle_y.min(height - middle_y) / millimetre;
    round
        && HOLE.contains(&across)
        && HOLE.contains(&down)
        && full > 0.66
        && full < 0.9
        && (from_side < HOLE_FROM_EDGE || from_end < HOLE_FROM_EDGE)
}

/// A stretch of a row that is part of a blob.
struct Run {
    row: u32,
    start: u32,
    end: u32,
    blob: u32,
}

/// Blobs, of which those without pixels have become parts of others, and the runs
/// that they are made of.
struct Found {
    blobs: Vec<Blob>,
    runs: Vec<Run>,
}

/// The first pixel from `x` on that reaches `threshold`, or the end of the row.
fn first_from(row: &[u8], mut x: usize, threshold: u8) -> usize {
    // Most of a page is paper: whole stretches of it are passed at once.
    const STRETCH: usize = 32;
    while let Some(stretch) = row.get(x..x + STRETCH)
        && stretch.iter().fold(0, |most, pixel| most.max(*pixel)) < threshold
    {
        x += STRETCH;
    }
    let rest = row.get(x..).unwrap_or_default();
    let found = rest.iter().position(|pixel| *pixel >= threshold);
    found.map_or(row.len(), |found| x + found)
}

/// The first pixel from `x` on that does not reach `threshold`, or the end of the row.
fn end_of_run(row: &[u8], x: usize, threshold: u8) -> usize {
    let rest = row.get(x..).unwrap_or_default();
    let found = rest.iter().position(|pixel| *pixel < threshold);
    found.map_or(row.len(), |found| x + found)
}

/// The most that a run of a row differs from its paper, and how steeply it rises from
/// it to the left or to the right.
fn contrast_and_edge(row: &[u8], run: Range<usize>) -> (u8, u8) {
    let contrast = row[run.clone()].iter().fold(0, |most, it| most.max(*it));
    let outside = |at: Option<usize>| at.and_then(|at| row.get(at)).copied().unwrap_or(0);
    // Of longer runs the outermost pixel may be half paper.
    let inner = usize::from(run.len() > 1);
    let rise = row[run.start + inner].saturating_sub(outside(run.start.checked_sub(1)));
    let fall = row[run.end - 1 - inner].saturating_sub(outside(Some(run.end)));
    (contrast, rise.max(fall))
}

/// Whether contrast and edges of blobs are measured: on pages that never were on paper
/// they tell nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Edges {
    Measured,
    Left,
}

/// Finds what stands together above `threshold`, diagonals included: runs of a
/// row are joined to those of the row before (a union–find over runs).
fn blobs(picture: &Gray, threshold: u8, edges: Edges) -> Found {
    fn root(parents: &mut [u32], mut at: u32) -> u32 {
        while parents[at as usize] != at {
            let above = parents[parents[at as usize] as usize];
            parents[at as usize] = above;
            at = above;
        }
        at
    }
    // Pictures have at most as many pixels as fit.
    let small = |n: usize| n as u32;
    let mut parents: Vec<u32> = Vec::new();
    let mut blobs: Vec<Blob> = Vec::new();
    let mut all: Vec<Run> = Vec::new();
    // Of `all`, those of the row before.
    let mut before = 0..0;
    for y in 0..picture.height {
        let row = picture.row(y);
        let first = all.len();
        let mut x = 0;
        let mut old = before.start;
        loop {
            x = first_from(row, x, threshold);
            if x == row.len() {
                break;
            }
            let start = x;
            x = end_of_run(row, x, threshold);
            let (contrast, edge) = match edges {
                Edges::Measured => contrast_and_edge(row, start..x),
                Edges::Left => (0, 0),
            };
            let (start, end, y) = (small(start), small(x), small(y));
            let part = Blob {
                left: start,
                top: y,
                right: end - 1,
                bottom: y,
                pixels: end - start,
                contrast,
                edge,
            };
            while old < before.end && all[old].end < start {
                old += 1;
            }
            // What it touches in the row before is one with it.
            let touching = all[old..before.end].iter();
            let joined = touching
                .take_while(|run| run.start <= end)
                .fold(None, |joined, run| {
                    let touched = root(&mut parents, run.blob);
                    let Some(joined) = joined else {
                        return Some(touched);
                    };
                    let (one, other) = (touched.min(joined), touched.max(joined));
                    parents[other as usize] = one;
                    Some(one)
                });
            let blob = match joined {
                Some(blob) => {
                    blobs[blob as usize].join(&part);
                    blob
                }
                None => {
                    let blob = small(blobs.len());
                    parents.push(blob);
                    blobs.push(part);
                    blob
                }
            };
            all.push(Run {
                row: y,
                start,
                end,
                blob,
            });
        }
        before = first..all.len();
    }
    for at in (0..blobs.len()).rev() {
        let to = root(&mut parents, small(at)) as usize;
        if to != at {
            let part = std::mem::take(&mut blobs[at]);
            blobs[to].join(&part);
        }
    }
    for run in &mut all {
        run.blob = root(&mut parents, run.blob);
    }
    Found { blobs, runs: all }
}
