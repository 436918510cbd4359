//! What stands together on a picture: connected sets of pixels, and the runs of rows
//! that they are made of. Not for what they are (`marks`, `dirt`).

use std::ops::Range;

use crate::pdf::{Gray, Ink};

/// A set of pixels that stand together. Pages have thousands, so they are small.
#[derive(Default)]
pub(super) struct Blob {
    pub left: u32,
    pub top: u32,
    pub right: u32,
    pub bottom: u32,
    pub pixels: u32,
    pub contrast: u8,
    pub edge: u8,
    /// Of the levels of its pixels, and of their squares.
    pub sum: u32,
    pub squares: u64,
    /// Stretches of rows that it is made of.
    pub runs: u32,
}

impl Blob {
    pub fn width(&self) -> u32 {
        self.right - self.left + 1
    }

    pub fn height(&self) -> u32 {
        self.bottom - self.top + 1
    }

    /// Takes in another that is part of it.
    pub fn join(&mut self, part: &Self) {
        self.left = self.left.min(part.left);
        self.top = self.top.min(part.top);
        self.right = self.right.max(part.right);
        self.bottom = self.bottom.max(part.bottom);
        self.pixels += part.pixels;
        self.contrast = self.contrast.max(part.contrast);
        self.edge = self.edge.max(part.edge);
        self.sum += part.sum;
        self.squares += part.squares;
        self.runs += part.runs;
    }

    /// The mean of its levels and how far they are from it (standard deviation), 0 to 1.
    pub fn levels(&self) -> (f32, f32) {
        let count = f64::from(self.pixels.max(1));
        let mean = f64::from(self.sum) / count;
        let variance = self.squares as f64 / count - mean * mean;
        (
            (mean / 255.0) as f32,
            (variance.max(0.0).sqrt() / 255.0) as f32,
        )
    }
}

/// A stretch of a row that is part of a blob.
pub(super) struct Run {
    pub row: u32,
    pub start: u32,
    pub end: u32,
    pub blob: u32,
}

/// Blobs, of which those without pixels have become parts of others, and the runs
/// that they are made of.
pub(super) struct Found {
    pub blobs: Vec<Blob>,
    pub runs: Vec<Run>,
}

impl Found {
    /// Moves all, as found on a part of a picture, to where it is on the whole.
    pub fn shift(&mut self, across: u32, down: u32) {
        for blob in self.blobs.iter_mut().filter(|blob| blob.pixels > 0) {
            blob.left += across;
            blob.right += across;
            blob.top += down;
            blob.bottom += down;
        }
        for run in &mut self.runs {
            run.start += across;
            run.end += across;
            run.row += down;
        }
    }
}

/// How steeply a run of a row rises from its paper to the left or to the right. What
/// begins or ends with the picture does not rise there.
fn edge(row: &[u8], run: &Range<usize>) -> u8 {
    // Of longer runs the outermost pixel may be half paper.
    let inner = usize::from(run.len() > 1);
    let rise = |level: usize, outside: Option<usize>| {
        let outside = outside.and_then(|at| row.get(at));
        outside.map_or(0, |outside| row[level].saturating_sub(*outside))
    };
    let left = rise(run.start + inner, run.start.checked_sub(1));
    let right = rise(run.end - 1 - inner, Some(run.end));
    left.max(right)
}

/// Whether levels and edges of blobs are measured: on pages that never were on paper
/// they tell nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Edges {
    Measured,
    Left,
}

/// Finds what stands together above `threshold`, diagonals included: runs of a
/// row are joined to those of the row before (a union–find over runs).
pub(super) fn blobs(picture: &Gray, threshold: u8, edges: Edges) -> Found {
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
    let inked = Ink::reaching(threshold, picture);
    for y in 0..picture.height {
        let row = picture.row(y);
        let first = all.len();
        let mut old = before.start;
        for run in inked.runs(y) {
            let mut part = Blob {
                left: small(run.start),
                top: small(y),
                right: small(run.end - 1),
                bottom: small(y),
                pixels: small(run.len()),
                runs: 1,
                ..Blob::default()
            };
            if edges == Edges::Measured {
                part.edge = edge(row, &run);
                for level in &row[run.clone()] {
                    part.contrast = part.contrast.max(*level);
                    part.sum += u32::from(*level);
                    part.squares += u64::from(u32::from(*level) * u32::from(*level));
                }
            }
            let (start, end, y) = (part.left, part.right + 1, part.top);
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
