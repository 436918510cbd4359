//! Lines of marks that are pale and soft. What shows through from the other side of a sheet
//! is, and so are carbon copies; but what shows through is mirrored, and its lines begin below
//! each other at the right. Not for sharp marks (`faint`), nor for scripts that are written from
//! right to left: there, both look the same.

use super::blobs::Blob;
use super::dirt::Sheet;
use super::rows::rows;

/// A line has so many marks at least, from edge to edge of the sheet.
const FEWEST_MARKS: usize = 4;

/// Two lines that follow each other begin or end at the same place where they are no further
/// apart, millimetres: on a tilted sheet each begins a little beside the one above.
const ALIGNED: f32 = 1.5;

/// So many of them begin below the one above; those are so many times as many as end below it,
/// and at least one of so many.
const FEWEST: usize = 2;
const TIMES: usize = 2;
const ONE_OF: usize = 3;

/// Whether lines begin below each other at the left, and end where they happen to: with marks
/// of which each has this blob.
pub(super) fn begin_at_the_left<T>(
    marks: Vec<&T>,
    blob: impl Fn(&T) -> &Blob,
    sheet: Sheet,
) -> bool {
    let lines = rows(marks, &blob, sheet.width);
    let mut lines: Vec<[f32; 3]> = lines
        .iter()
        .filter(|line| line.len() >= FEWEST_MARKS)
        .map(|line| {
            let blobs = || line.iter().map(|mark| blob(mark));
            let left = blobs().map(|blob| blob.left).min().unwrap_or(0);
            let right = blobs().map(|blob| blob.right).max().unwrap_or(0);
            let middles = blobs().map(|blob| (blob.top + blob.bottom) as f32 / 2.0);
            let middle = middles.sum::<f32>() / line.len() as f32;
            [middle, sheet.millimetres(left), sheet.millimetres(right)]
        })
        .collect();
    lines.sort_unstable_by(|a, b| a[0].total_cmp(&b[0]));
    let aligned = |side: usize| {
        let pairs = lines.windows(2);
        let aligned = pairs.filter(|pair| (pair[0][side] - pair[1][side]).abs() <= ALIGNED);
        aligned.count()
    };
    let (begin, end) = (aligned(1), aligned(2));
    begin >= FEWEST && begin > TIMES * end && begin * ONE_OF >= lines.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHEET: Sheet = Sheet {
        width: 827.0,
        height: 1169.0,
        millimetre: 100.0 / 25.4,
    };

    /// Lines of so many letters, the first letter of each so many pixels from the left, each
    /// line moved a little further.
    fn lines(lengths: &[u32], drift: u32) -> Vec<Blob> {
        let lines = (0..).zip(lengths);
        let letters = lines.flat_map(|(line, length)| {
            (0..*length).map(move |at| Blob {
                left: 90 + at * 10 + line * drift,
                right: 96 + at * 10 + line * drift,
                top: 300 + line * 17,
                bottom: 308 + line * 17,
                pixels: 40,
                ..Blob::default()
            })
        });
        letters.collect()
    }

    fn mirrored(blobs: Vec<Blob>) -> Vec<Blob> {
        let mirrored = blobs.into_iter().map(|blob| Blob {
            left: SHEET.width as u32 - 1 - blob.right,
            right: SHEET.width as u32 - 1 - blob.left,
            ..blob
        });
        mirrored.collect()
    }

    fn begin(blobs: &[Blob]) -> bool {
        begin_at_the_left(blobs.iter().collect(), |blob| blob, SHEET)
    }

    #[test]
    fn typed_lines_begin_at_the_left_and_those_that_show_through_do_not() {
        for drift in [0, 1] {
            let typed = lines(&[40, 33, 51, 47, 12], drift);
            assert!(begin(&typed));
            assert!(!begin(&mirrored(typed)));
        }
    }

    #[test]
    fn lines_that_are_as_long_as_each_other_and_single_ones_tell_nothing() {
        assert!(!begin(&lines(&[40, 40, 40, 40], 0)));
        assert!(!begin(&lines(&[40, 30], 0)));
        assert!(!begin(&[]));
    }
}
