//! Marks that follow each other from left to right, as letters of a line do. Not for what
//! they say, and not for lines that are to be read (`orientation`, `skew`).

use super::blobs::Blob;

/// A row that goes on.
struct Row<'a, T> {
    /// From its left.
    marks: Vec<&'a T>,
    /// Between which rows of pixels the next mark is looked for.
    top: u32,
    bottom: u32,
    right: u32,
}

/// The rows of these marks, each from its left: at most `gap` pixels from one mark to the
/// next. `blob` tells where a mark is.
pub(super) fn rows<'a, T>(
    mut marks: Vec<&'a T>,
    blob: impl Fn(&T) -> &Blob,
    gap: f32,
) -> Vec<Vec<&'a T>> {
    marks.sort_by_key(|mark| blob(mark).left);
    // Only rows that the next mark may reach are looked through.
    let mut open: Vec<Row<'a, T>> = Vec::new();
    let mut ended = Vec::new();
    for mark in marks {
        let at = blob(mark);
        ended.extend(open.extract_if(.., |row| at.left as f32 - row.right as f32 > gap));
        let beside = open
            .iter_mut()
            .find(|row| row.top <= at.bottom && at.top <= row.bottom);
        let Some(row) = beside else {
            open.push(Row {
                marks: vec![mark],
                top: at.top,
                bottom: at.bottom,
                right: at.right,
            });
            continue;
        };
        row.marks.push(mark);
        row.right = row.right.max(at.right);
        // Hyphens and apostrophes reach only a part of the line.
        if at.height() * 2 > row.bottom - row.top {
            (row.top, row.bottom) = (at.top, at.bottom);
        }
    }
    ended.extend(open);
    ended.into_iter().map(|row| row.marks).collect()
}

/// How many letters a mark may be: on coarse scans some touch.
pub(super) fn letters_of(blob: &Blob) -> u32 {
    /// What is longer is a dash or a rule.
    const MOST: u32 = 6;
    ((blob.width() + blob.height() / 2) / blob.height()).clamp(1, MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(left: u32, top: u32, width: u32, height: u32) -> Blob {
        Blob {
            left,
            top,
            right: left + width - 1,
            bottom: top + height - 1,
            pixels: width * height,
            ..Blob::default()
        }
    }

    fn lengths(marks: &[Blob]) -> Vec<usize> {
        let rows = rows(marks.iter().collect(), |mark| mark, 10.0);
        let mut lengths: Vec<usize> = rows.iter().map(Vec::len).collect();
        lengths.sort_unstable();
        lengths
    }

    #[test]
    fn letters_of_a_line_are_a_row_and_a_gap_ends_it() {
        let mut marks: Vec<Blob> = (0..8).map(|at| mark(at * 9, 50, 6, 9)).collect();
        assert_eq!(lengths(&marks), [8]);
        // A line below it, and one to its right.
        marks.extend((0..5).map(|at| mark(at * 9, 70, 6, 9)));
        marks.extend((0..3).map(|at| mark(100 + at * 9, 50, 6, 9)));
        assert_eq!(lengths(&marks), [3, 5, 8]);
    }

    #[test]
    fn what_is_small_does_not_end_a_row_and_one_may_rise() {
        let marks = [
            mark(0, 50, 6, 12),
            mark(8, 49, 2, 3),
            mark(12, 54, 6, 8),
            mark(20, 57, 5, 2),
            mark(28, 50, 6, 12),
        ];
        assert_eq!(lengths(&marks), [5]);
        let rising: Vec<Blob> = (0..30).map(|at| mark(at * 9, 200 - 2 * at, 6, 9)).collect();
        assert_eq!(lengths(&rising), [30]);
    }
}
