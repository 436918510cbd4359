//! Marks on a page that a person would keep: finds what stands together in ink
//! and drops what is dirt or too pale for ink. Not for what is blank: that is a
//! threshold over this.

use super::blobs::{Blob, Edges, Found, blobs};
use super::dirt::{FAINT, Sheet, dirt, is_pale};
use super::faint::noise;
use super::rows::{letters_of, rows};
use crate::model::{Area, Marks};
use crate::pdf::Gray;

/// Where page numbers and running headers are: so much of the height at the top
/// and at the bottom.
const BORDER: f32 = 0.1;

/// Ink is so many times as dark as the noise of the paper is wide, up to this share of its
/// brightness: beyond, pale ink would be lost with it.
const ABOVE_NOISE: f32 = 4.0;
const MOST_NOISE: f32 = 0.4;

/// Letters of a line at the top or bottom are at most so far apart, words included; what
/// stands at the left, in the middle and to the right is not one line. Millimetres.
const WORDS_APART: f32 = 5.0;

/// Of a drawn page so few pixels tell what its paper is.
const PAPER_SAMPLE: usize = 5;

/// A scanned page, looked at for marks.
pub struct ScanMarks {
    /// What was found.
    pub marks: Marks,
    /// How dark the darkest of them is, as share of the paper's brightness.
    pub darkest: f32,
    /// The page's darkness without what a person would not keep, and without
    /// pictures, whose edges say nothing of how text is tilted.
    pub text: Gray,
    /// The same with pictures, but without rules and frames: how dark those come
    /// out depends on who draws them.
    pub look: Gray,
    /// Marks in the look.
    pub in_look: u32,
    /// Where the marks of its body are that may be letters: left, top, right and bottom.
    pub letters: Vec<[u32; 4]>,
}

/// Marks on a page that was scanned. `darkness` is that of the page at about 100
/// dots per inch; `millimetre` is the size of a millimetre in pixels.
pub fn scanned_marks(darkness: &Gray, millimetre: f32) -> ScanMarks {
    // What a page looks like must not change with the noise of one scan of it.
    let fixed = Sorted::above(FAINT, darkness, millimetre);
    let above_noise = (ABOVE_NOISE * noise(darkness)).min(MOST_NOISE);
    let louder = (above_noise > FAINT).then(|| Sorted::above(above_noise, darkness, millimetre));
    let kept = louder.as_ref().unwrap_or(&fixed);
    let (marks, darkest) = kept.marks(darkness, millimetre);
    ScanMarks {
        marks,
        darkest,
        letters: kept.letters(darkness.height),
        in_look: u32::try_from(fixed.kept().count()).unwrap_or(u32::MAX),
        text: fixed.without(&[Mark::Dirt, Mark::Picture], darkness),
        look: fixed.without(&[Mark::Dirt, Mark::Rule], darkness),
    }
}

/// What of a scan's darkness a person would not keep, and its text: as
/// [`ScanMarks::text`].
pub(super) fn dirt_of(darkness: &Gray, millimetre: f32) -> (Gray, Gray) {
    let sorted = Sorted::above(FAINT, darkness, millimetre);
    let mut dirt = darkness.clone();
    let clean = sorted.without(&[Mark::Dirt], darkness);
    for (level, clean) in dirt.pixels.iter_mut().zip(&clean.pixels) {
        *level -= clean;
    }
    (dirt, sorted.without(&[Mark::Dirt, Mark::Picture], darkness))
}

/// What stands out by more than a threshold, each with what it is.
struct Sorted {
    found: Found,
    kinds: Vec<Mark>,
}

impl Sorted {
    fn above(share: f32, darkness: &Gray, millimetre: f32) -> Self {
        let found = blobs(darkness, (share * 255.0) as u8, Edges::Measured);
        let dirt = dirt(&found, Sheet::of(darkness, millimetre));
        let kinds = found.blobs.iter().zip(dirt).map(|(blob, dirt)| {
            if dirt || is_pale(blob) {
                Mark::Dirt
            } else if is_rule(blob, millimetre) {
                Mark::Rule
            } else if is_picture(blob, millimetre) {
                Mark::Picture
            } else {
                Mark::Text
            }
        });
        Self {
            kinds: kinds.collect(),
            found,
        }
    }

    fn kept(&self) -> impl Iterator<Item = &Blob> {
        let blobs = self.found.blobs.iter().zip(&self.kinds);
        let kept = blobs.filter(|(blob, kind)| blob.pixels > 0 && **kind != Mark::Dirt);
        kept.map(|(blob, _)| blob)
    }

    fn letters(&self, height: usize) -> Vec<[u32; 4]> {
        let blobs = self.found.blobs.iter().zip(&self.kinds);
        let text = blobs.filter(|(blob, kind)| {
            blob.pixels > 0 && **kind == Mark::Text && !in_border(blob, height as f32)
        });
        let places = text.map(|(blob, _)| [blob.left, blob.top, blob.right, blob.bottom]);
        places.collect()
    }

    /// What a person would keep, counted, and how dark the darkest of it is, as share of
    /// the paper's brightness.
    fn marks(&self, darkness: &Gray, millimetre: f32) -> (Marks, f32) {
        let all = self.found.blobs.iter().filter(|blob| blob.pixels > 0);
        let all = all.count();
        let kept: Vec<&Blob> = self.kept().collect();
        let darkest = kept.iter().map(|blob| blob.contrast).max();
        let mut marks = Marks {
            dropped: u32::try_from(all - kept.len()).unwrap_or(u32::MAX),
            ..Marks::default()
        };
        count(&mut marks, &kept, darkness, millimetre);
        (marks, f32::from(darkest.unwrap_or(0)) / 255.0)
    }

    /// The page without what is of these kinds.
    fn without(&self, dropped: &[Mark], darkness: &Gray) -> Gray {
        let mut picture = darkness.clone();
        for run in &self.found.runs {
            if dropped.contains(&self.kinds[run.blob as usize]) {
                let row = run.row as usize * picture.width;
                // What is blurred beyond the threshold goes with it.
                let start = row + run.start.saturating_sub(1) as usize;
                let end = row + (run.end as usize + 1).min(picture.width);
                picture.pixels[start..end].fill(0);
            }
        }
        picture
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

/// Whether it lies where page numbers and running headers are.
pub(super) fn in_border(blob: &Blob, height: f32) -> bool {
    (blob.bottom as f32) < height * BORDER || blob.top as f32 >= height * (1.0 - BORDER)
}

fn count(marks: &mut Marks, blobs: &[&Blob], picture: &Gray, millimetre: f32) {
    let mut border: Vec<&Blob> = Vec::new();
    for blob in blobs {
        if in_border(blob, picture.height as f32) {
            border.push(blob);
            marks.border += 1;
            let down = blob.height() as f32 / millimetre;
            marks.border_height = marks.border_height.max(down);
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
    let rows = rows(border, |blob| blob, WORDS_APART * millimetre);
    let letters = rows.iter().map(|row| {
        let letters = row.iter().filter(|blob| !is_rule(blob, millimetre));
        letters.map(|blob| letters_of(blob)).sum()
    });
    marks.border_line = letters.max().unwrap_or(0);
}
