//! The order in which a person reads what was painted in another: rows from top to bottom,
//! columns one after the other (a recursive XY cut: Nagy and Seth, 1984). Most programs
//! paint in reading order, and know better than the positions tell what belongs together;
//! theirs stays unless it goes back again and again. Not for where words end (`text`).

use std::ops::Range;

/// A piece of text on one baseline, painted in one go. Lengths in points, along the
/// direction of writing and across it (downwards on an upright page).
#[derive(Clone, Debug)]
pub(super) struct Run {
    /// Where it is in the text, in bytes.
    pub text: Range<usize>,
    /// Its words, by number.
    pub words: Range<usize>,
    /// Unit vector of the direction of writing.
    pub direction: (f64, f64),
    /// Where it begins and ends along its direction.
    pub left: f64,
    pub right: f64,
    /// Where it stands across.
    pub baseline: f64,
    /// Font size.
    pub size: f64,
    /// Its first letter is of a script that runs from right to left.
    pub leftwards: bool,
    /// It begins with a small letter, as a line within a sentence.
    pub goes_on: bool,
}

/// Runs of one row that stand nearer, in shares of the font size, are parts of a word.
const SAME_WORD: f64 = 0.2;

impl Run {
    /// Whether a space is between it and the next in its row.
    pub fn is_apart_from(&self, next: &Self) -> bool {
        let gap = match self.leftwards && next.leftwards {
            true => self.left - next.right,
            false => next.left - self.right,
        };
        // What overlaps by more was not painted as one.
        let near = SAME_WORD * self.size.max(next.size);
        !(-2.0 * near..=near).contains(&gap)
    }
}

/// Baselines nearer than this share of the font size are one row.
const SAME_ROW: f64 = 0.5;

/// Painting that goes back so many times, and at so large a share of all its moves, follows
/// no reader. A header or a page number that is painted last goes back once.
const FEWEST_BACK: usize = 2;
const BACK_SHARE: usize = 10;

/// Columns of text stand apart by so many font sizes at least, are so wide at least, and
/// letters fill so much of their rows; what fills less is a table, read row by row.
const GUTTER: f64 = 1.5;
const NARROWEST_COLUMN: f64 = 8.0;
const FILLED: f64 = 0.5;

/// Blocks stand apart by so many font sizes of bare paper.
const BLOCK_GAP: f64 = 0.5;

/// Blocks within blocks are told apart so deep.
const DEEPEST: usize = 16;

/// Columns that were painted across have so many rows at least, and so large a share of
/// their lines, as one part of so many, go on within a sentence: those of tables do not.
const FEWEST_ACROSS: usize = 3;
const GOING_ON: usize = 2;

/// The lines that a person reads, as numbers of runs; none where they were painted in order.
pub(super) fn reading_order(runs: &[Run]) -> Option<Vec<Vec<usize>>> {
    let moves = || runs.iter().zip(runs.iter().skip(1));
    let back = moves().filter(|(before, after)| goes_back(before, after));
    let back = back.count();
    if back < FEWEST_BACK || back * BACK_SHARE < runs.len() {
        let across = moves().filter(|(before, after)| goes_across(before, after));
        return match across.count() >= FEWEST_ACROSS {
            true => columns_across(runs),
            false => None,
        };
    }
    // What runs in another direction is another block, in the order of painting.
    let mut directions: Vec<Vec<usize>> = Vec::new();
    for (at, run) in runs.iter().enumerate() {
        let is_one = |block: &Vec<usize>| {
            block
                .first()
                .is_some_and(|first| is_parallel(run, &runs[*first]))
        };
        match directions.iter().position(is_one) {
            Some(known) => directions[known].push(at),
            // Text on a circle.
            None if directions.len() >= DEEPEST => directions[DEEPEST - 1].push(at),
            None => directions.push(vec![at]),
        }
    }
    let mut lines = Vec::new();
    for block in directions {
        let mut blocks = Blocks::of(runs, false);
        blocks.read(block, DEEPEST, &mut lines);
    }
    Some(lines)
}

/// The lines of a page in one direction that was painted row by row though sentences go on
/// within its columns; none where it has no such columns.
fn columns_across(runs: &[Run]) -> Option<Vec<Vec<usize>>> {
    let first = runs.first()?;
    if !runs.iter().all(|run| is_parallel(first, run)) {
        return None;
    }
    let (mut blocks, mut lines) = (Blocks::of(runs, true), Vec::new());
    blocks.read((0..runs.len()).collect(), DEEPEST, &mut lines);
    blocks.found_columns.then_some(lines)
}

/// Whether `after` stands beside `before`, where a column may begin.
fn goes_across(before: &Run, after: &Run) -> bool {
    let size = before.size.max(after.size);
    let is_level = (before.baseline - after.baseline).abs() <= size * SAME_ROW;
    is_parallel(before, after) && is_level && after.left - before.right >= size * GUTTER
}

fn is_parallel(a: &Run, b: &Run) -> bool {
    let ((ax, ay), (bx, by)) = (a.direction, b.direction);
    ax * bx + ay * by > 0.99
}

/// Whether a reader of `before` would have read `after` earlier. Up and beyond its end may
/// be the next column.
fn goes_back(before: &Run, after: &Run) -> bool {
    if !is_parallel(before, after) {
        return false;
    }
    let leftwards = before.leftwards && after.leftwards;
    let is_beyond = match leftwards {
        true => after.right <= before.left,
        false => after.left >= before.right,
    };
    let is_before = match leftwards {
        true => after.left >= before.right,
        false => after.right <= before.left,
    };
    let up = before.baseline - after.baseline;
    let row = before.size.max(after.size) * SAME_ROW;
    (up > row && !is_beyond) || (up.abs() <= row && is_before)
}

struct Blocks<'a> {
    runs: &'a [Run],
    /// Columns are those of running text only.
    are_sentences: bool,
    found_columns: bool,
}

impl<'a> Blocks<'a> {
    fn of(runs: &'a [Run], are_sentences: bool) -> Self {
        Self {
            runs,
            are_sentences,
            found_columns: false,
        }
    }

    /// Adds the lines of a block: of its columns, of the blocks above each other, or its rows.
    fn read(&mut self, mut block: Vec<usize>, depth: usize, lines: &mut Vec<Vec<usize>>) {
        let size = self.usual_size(&block);
        if depth > 0 && block.len() > 1 {
            let parts = self.columns(&mut block, size);
            self.found_columns |= parts.is_some();
            let parts = parts.or_else(|| self.above_and_below(&mut block, size));
            if let Some((first, second)) = parts {
                self.read(first, depth - 1, lines);
                self.read(second, depth - 1, lines);
                return;
            }
        }
        lines.extend(self.rows(block).into_iter().map(|row| row.runs));
    }

    /// Parts a block at the widest gap that goes through all of its rows, where both sides
    /// are columns of text.
    fn columns(&self, block: &mut [usize], size: f64) -> Option<(Vec<usize>, Vec<usize>)> {
        let at = self.widest_gap(block, size * GUTTER, |run| (run.left, run.right))?;
        let (left, right) = block.split_at(at);
        if !self.is_column(left, size) || !self.is_column(right, size) {
            return None;
        }
        let (left, right) = (left.to_vec(), right.to_vec());
        let leftwards = block.iter().filter(|at| self.runs[**at].leftwards).count();
        Some(match leftwards * 2 > block.len() {
            true => (right, left),
            false => (left, right),
        })
    }

    /// Parts a block at its widest gap between rows.
    fn above_and_below(&self, block: &mut [usize], size: f64) -> Option<(Vec<usize>, Vec<usize>)> {
        let high = |run: &Run| (run.baseline - run.size, run.baseline);
        let at = self.widest_gap(block, size * BLOCK_GAP, high)?;
        let (above, below) = block.split_at(at);
        Some((above.to_vec(), below.to_vec()))
    }

    /// Sorts a block along one axis, and says before which of its runs the widest gap lies
    /// that nothing reaches into.
    fn widest_gap(
        &self,
        block: &mut [usize],
        least: f64,
        extent: impl Fn(&Run) -> (f64, f64),
    ) -> Option<usize> {
        let extent = |at: &usize| extent(&self.runs[*at]);
        block.sort_by(|a, b| extent(a).0.total_cmp(&extent(b).0));
        let mut reached = extent(block.first()?).1;
        let mut widest = None;
        for (place, at) in block.iter().enumerate().skip(1) {
            let (from, to) = extent(at);
            let gap = from - reached;
            if gap >= least && widest.is_none_or(|(_, known)| gap > known) {
                widest = Some((place, gap));
            }
            reached = reached.max(to);
        }
        widest.map(|(place, _)| place)
    }

    fn is_column(&self, block: &[usize], size: f64) -> bool {
        let runs = || block.iter().map(|at| &self.runs[*at]);
        let left = runs().map(|run| run.left).fold(f64::MAX, f64::min);
        let right = runs().map(|run| run.right).fold(f64::MIN, f64::max);
        let rows = self.rows(block.to_vec()).len();
        let covered: f64 = runs().map(|run| run.right - run.left).sum();
        let width = right - left;
        let going_on = runs().filter(|run| run.goes_on).count();
        if self.are_sentences && (rows < FEWEST_ACROSS || going_on * GOING_ON < rows) {
            return false;
        }
        rows > 1 && width >= NARROWEST_COLUMN * size && covered >= FILLED * width * rows as f64
    }

    /// Rows from top to bottom, each in the direction in which most of it runs.
    fn rows(&self, mut block: Vec<usize>) -> Vec<Row> {
        let run = |at: &usize| &self.runs[*at];
        block.sort_by(|a, b| run(a).baseline.total_cmp(&run(b).baseline));
        let mut rows: Vec<Row> = Vec::new();
        for at in block {
            let (baseline, size) = (run(&at).baseline, run(&at).size);
            match rows.last_mut() {
                Some(row) if baseline - row.baseline <= size.max(row.size) * SAME_ROW => {
                    row.runs.push(at);
                }
                _ => rows.push(Row {
                    baseline,
                    size,
                    runs: vec![at],
                }),
            }
        }
        for row in &mut rows {
            let leftwards = row.runs.iter().filter(|at| run(at).leftwards).count();
            match leftwards * 2 > row.runs.len() {
                true => row
                    .runs
                    .sort_by(|a, b| run(b).right.total_cmp(&run(a).right)),
                false => row.runs.sort_by(|a, b| run(a).left.total_cmp(&run(b).left)),
            }
        }
        rows
    }

    fn usual_size(&self, block: &[usize]) -> f64 {
        let mut sizes: Vec<f64> = block.iter().map(|at| self.runs[*at].size).collect();
        let middle = sizes.len() / 2;
        match sizes.is_empty() {
            true => 0.0,
            false => *sizes.select_nth_unstable_by(middle, f64::total_cmp).1,
        }
    }
}

/// Runs on one baseline.
struct Row {
    baseline: f64,
    size: f64,
    runs: Vec<usize>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A run of 10 points' size at a place, so long.
    fn run(left: f64, baseline: f64, length: f64) -> Run {
        Run {
            text: 0..1,
            words: 0..1,
            direction: (1.0, 0.0),
            left,
            right: left + length,
            baseline,
            size: 10.0,
            leftwards: false,
            goes_on: false,
        }
    }

    fn read(runs: &[Run]) -> Option<Vec<usize>> {
        reading_order(runs).map(|lines| lines.concat())
    }

    #[test]
    fn what_is_painted_in_order_stays_and_so_do_columns() {
        let two_columns: Vec<Run> = (0..2)
            .flat_map(|column| {
                (0..6).map(move |row| {
                    run(
                        50.0 + 250.0 * f64::from(column),
                        f64::from(row) * 12.0,
                        200.0,
                    )
                })
            })
            .collect();
        assert_eq!(read(&two_columns), None);
        // A header that is painted last.
        let mut page: Vec<Run> = (5..40)
            .map(|row| run(50.0, f64::from(row) * 12.0, 400.0))
            .collect();
        page.push(run(50.0, 20.0, 100.0));
        assert_eq!(read(&page), None);
    }

    #[test]
    fn lines_from_the_bottom_up_are_turned_around() {
        let lines: Vec<Run> = (0..4)
            .rev()
            .map(|row| run(50.0, f64::from(row) * 12.0, 150.0))
            .collect();
        assert_eq!(read(&lines), Some(vec![3, 2, 1, 0]));
    }

    #[test]
    fn words_in_any_order_are_read_along_their_row() {
        let words = [
            run(200.0, 100.0, 30.0),
            run(50.0, 100.4, 30.0),
            run(120.0, 99.8, 40.0),
            run(90.0, 112.0, 30.0),
            run(50.0, 112.0, 30.0),
        ];
        let lines = reading_order(&words).unwrap();
        assert_eq!(lines, [vec![1, 2, 0], vec![4, 3]]);
    }

    #[test]
    fn scripts_that_run_leftwards_are_read_from_the_right() {
        let leftwards = |left: f64, baseline: f64| Run {
            leftwards: true,
            ..run(left, baseline, 30.0)
        };
        let in_order: Vec<Run> = [200.0, 150.0, 100.0]
            .map(|left| leftwards(left, 50.0))
            .into();
        assert_eq!(read(&in_order), None);
        let words = [
            leftwards(100.0, 50.0),
            leftwards(150.0, 50.0),
            leftwards(200.0, 50.0),
        ];
        assert_eq!(read(&words), Some(vec![2, 1, 0]));
    }

    #[test]
    fn columns_painted_row_by_row_from_the_bottom_are_read_one_after_the_other() {
        let mut runs = Vec::new();
        for row in (0..8).rev() {
            for column in [1, 0] {
                runs.push(run(
                    50.0 + 250.0 * f64::from(column),
                    100.0 + f64::from(row) * 12.0,
                    210.0,
                ));
            }
        }
        // A heading over both.
        runs.push(run(50.0, 40.0, 460.0));
        let order = read(&runs).unwrap();
        let column = |at: &usize| runs[*at].left > 200.0;
        assert_eq!(order[0], 16);
        assert!(order[1..9].iter().all(|at| !column(at)), "{order:?}");
        assert!(order[9..].iter().all(column), "{order:?}");
    }

    #[test]
    fn columns_painted_across_are_read_one_after_the_other_where_sentences_go_on() {
        let across = |goes_on: bool| -> Vec<Run> {
            let rows = (0..6).flat_map(|row| [(row, 0), (row, 1)]);
            let runs = rows.map(|(row, column)| Run {
                goes_on: goes_on && row > 0,
                ..run(
                    50.0 + 250.0 * f64::from(column),
                    100.0 + f64::from(row) * 12.0,
                    190.0 + 10.0 * f64::from(row % 3),
                )
            });
            runs.collect()
        };
        let order = read(&across(true)).unwrap();
        assert_eq!(order, [0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11]);
        // Cells of a table.
        assert_eq!(read(&across(false)), None);
    }

    #[test]
    fn a_table_is_read_row_by_row() {
        let mut runs = Vec::new();
        for row in (0..8).rev() {
            runs.push(run(400.0, 100.0 + f64::from(row) * 12.0, 30.0));
            runs.push(run(50.0, 100.0 + f64::from(row) * 12.0, 120.0));
        }
        let lines = reading_order(&runs).unwrap();
        assert_eq!(lines.len(), 8);
        assert_eq!(lines[0], [15, 14]);
    }
}
