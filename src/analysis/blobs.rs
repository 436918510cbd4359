//! What stands together on a picture: connected sets of pixels, and the runs of rows
//! that they are made of. Not for what they are (`marks`, `dirt`).

use std::ops::Range;

use crate::pdf::Gray;

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

    fn join(&mut self, part: &Self) {
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
/// it to the left or to the right. What begins or ends with the picture does not rise
/// there.
fn contrast_and_edge(row: &[u8], run: Range<usize>) -> (u8, u8) {
    let contrast = row[run.clone()].iter().fold(0, |most, it| most.max(*it));
    // Of longer runs the outermost pixel may be half paper.
    let inner = usize::from(run.len() > 1);
    let rise = |level: usize, outside: Option<usize>| {
        let outside = outside.and_then(|at| row.get(at));
        outside.map_or(0, |outside| row[level].saturating_sub(*outside))
    };
    let left = rise(run.start + inner, run.start.checked_sub(1));
    let right = rise(run.end - 1 - inner, Some(run.end));
    (contrast, left.max(right))
}

/// Levels of a run added up, and their squares.
fn sums(run: &[u8]) -> (u32, u64) {
    run.iter().fold((0, 0), |(sum, squares), level| {
        let level = u32::from(*level);
        (sum + level, squares + u64::from(level * level))
    })
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
            let (sum, squares) = match edges {
                Edges::Measured => sums(&row[start..x]),
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
                sum,
                squares,
                runs: 1,
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
