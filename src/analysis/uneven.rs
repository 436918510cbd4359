//! Sheets on which the paper itself seems lighter and darker from place to place: so
//! washed-out photographs and large pale areas come out, which are as bright as paper is.
//! Not for what is darker than any paper (`marks`), nor for what is solid (`paper`).

use super::paper::{DARKEST_PAPER, Tiles};
use crate::pdf::Gray;

/// Of three tiles in a line the middle one is off the mean of its neighbours by this share of
/// the sheet's brightness, twice taken: photographs of a tenth of all brightness have many, of
/// 0.03 still; gradients, creases and rings of cups leave 0.012.
const UNEVEN: f32 = 0.02;

/// So many tiles, and both from left to right and from top to bottom: where a sheet was folded
/// it is uneven in one direction only. A photograph of 60 × 40 mm has 15 and 20.
const FEWEST: usize = 8;

/// So many tiles along the edges are not looked at: shadows fall there.
const EDGE: usize = 3;

/// Whether it is uneven in patches. `gray` is the page at about 100 dots per inch, and `noise`
/// how wide its noise is as share of the paper's brightness: of the brightest of noisy paper
/// each tile has another.
pub(super) fn is_patchy(gray: &Gray, noise: f32) -> bool {
    let tiles = Tiles::of(gray);
    let sheet = f32::from(tiles.sheet().max(1));
    let least = UNEVEN.max(noise);
    let share = |column: usize, row: usize| {
        let level = tiles.levels[row * tiles.columns + column];
        f32::from(level) / sheet
    };
    let is_uneven = |three: [f32; 3]| {
        // What is darker is a lid, or ink.
        let is_paper = three.iter().all(|share| *share >= DARKEST_PAPER);
        let [before, middle, after] = three;
        is_paper && (before - 2.0 * middle + after).abs() >= least
    };
    let (mut across, mut down) = (0, 0);
    for row in EDGE..tiles.rows.saturating_sub(EDGE) {
        for column in EDGE..tiles.columns.saturating_sub(EDGE) {
            let beside = [column - 1, column, column + 1];
            let below = [row - 1, row, row + 1];
            across += usize::from(is_uneven(beside.map(|column| share(column, row))));
            down += usize::from(is_uneven(below.map(|row| share(column, row))));
        }
    }
    across.min(down) >= FEWEST
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(level: impl Fn(f32, f32) -> f32) -> Gray {
        let (width, height) = (827usize, 1169usize);
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let pixels = places.map(|(x, y)| {
            let noise = ((x * 7 + y * 13) % 5) as f32;
            (level(x as f32, y as f32) + noise).clamp(0.0, 255.0) as u8
        });
        Gray {
            width,
            height,
            pixels: pixels.collect(),
        }
    }

    fn is_patchy(level: impl Fn(f32, f32) -> f32) -> bool {
        super::is_patchy(&sheet(level), 0.01)
    }

    #[test]
    fn a_washed_out_photograph_is_patchy_all_over_the_sheet_or_on_a_part_of_it() {
        let hills = |x: f32, y: f32| 205.0 + 22.0 * (x * 0.02).sin() * (y * 0.023).cos();
        assert!(is_patchy(hills));
        assert!(is_patchy(|x, y| {
            let is_inside = (300.0..540.0).contains(&x) && (400.0..560.0).contains(&y);
            if is_inside { hills(x, y) } else { 235.0 }
        }));
    }

    #[test]
    fn plain_shaded_and_folded_sheets_and_dark_lids_are_not() {
        assert!(!is_patchy(|_, _| 235.0));
        assert!(!is_patchy(|x, y| 240.0 - 0.03 * x - 0.02 * y));
        // A shadow where a book is bound.
        assert!(!is_patchy(|x, _| 235.0 - 90.0 * (-x / 25.0).exp()));
        // Two parts of a letter face the light in another way.
        assert!(!is_patchy(|_, y| if y < 390.0 { 236.0 } else { 222.0 }));
        assert!(!is_patchy(|x, y| {
            let is_sheet = (150.0..700.0).contains(&x) && (200.0..800.0).contains(&y);
            if is_sheet { 236.0 } else { 30.0 }
        }));
    }
}
