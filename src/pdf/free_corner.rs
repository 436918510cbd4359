//! Finds a corner of a page in which nothing stands, for what is to be printed there. Not
//! for printing it (`extract`).

use super::extract::Corner;
use super::{Gray, OpenFile, fit};
use crate::model::PageShape;

/// Longest side of the picture that is looked at, in pixels: a letter of 6 points on A4 is
/// 4 pixels high.
const LONGEST: u16 = 560;

/// A pixel that is darker than the lightest of its corner by this much is ink, of 255: the
/// paper of scans is not even.
const INK: u8 = 48;

/// The first corner of a page, turned clockwise by so many degrees, that has room for
/// words; none where all are taken, or the page cannot be drawn.
pub fn free_corner(file: &OpenFile, number: u32, turn: u16, words: &str) -> Option<Corner> {
    let shape = file.shape(number);
    let (width, height) = fit(shape, LONGEST);
    let gray = Gray::of(&file.draw(number, width, height).ok()?.picture);
    let mut corners = Corner::ALL.into_iter();
    corners.find(|corner| is_free(&gray, place(*corner, words, shape, turn)))
}

/// Where words in a corner of the turned page stand on the page as it is drawn: left, top,
/// right and bottom, in shares of its sides.
fn place(corner: Corner, words: &str, shape: PageShape, turn: u16) -> [f32; 4] {
    let turned = match turn {
        90 | 270 => (shape.height, shape.width),
        _ => (shape.width, shape.height),
    };
    let [left, bottom, long, high] = corner.place(words, turned);
    let (left, right) = (left / turned.0, (left + long) / turned.0);
    let (top, bottom) = (1.0 - (bottom + high) / turned.1, 1.0 - bottom / turned.1);
    match turn {
        90 => [top, 1.0 - right, bottom, 1.0 - left],
        180 => [1.0 - right, 1.0 - bottom, 1.0 - left, 1.0 - top],
        270 => [1.0 - bottom, left, 1.0 - top, right],
        _ => [left, top, right, bottom],
    }
}

fn is_free(gray: &Gray, [left, top, right, bottom]: [f32; 4]) -> bool {
    let pixels = |from: f32, to: f32, side: usize| {
        let from = (from * side as f32).floor().max(0.0) as usize;
        let to = (to * side as f32).ceil().max(0.0) as usize;
        from.min(side)..to.min(side)
    };
    let columns = pixels(left, right, gray.width);
    let rows = pixels(top, bottom, gray.height);
    let inside = || rows.clone().flat_map(|y| &gray.row(y)[columns.clone()]);
    let lightest = inside().max().copied().unwrap_or(u8::MAX);
    lightest > 2 * INK && inside().all(|pixel| lightest - pixel < INK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_corner_of_a_turned_page_is_where_it_lies_on_the_page_as_it_was() {
        let shape = PageShape::bounded(600.0, 800.0, 0);
        let middle = |turn| {
            let [left, top, right, bottom] = place(Corner::BottomRight, "A", shape, turn);
            ((left + right) / 2.0 > 0.5, (top + bottom) / 2.0 > 0.5)
        };
        // To the right, and at the bottom.
        assert_eq!(middle(0), (true, true));
        assert_eq!(middle(90), (true, false));
        assert_eq!(middle(180), (false, false));
        assert_eq!(middle(270), (false, true));
    }

    #[test]
    fn ink_takes_a_corner_and_paper_that_is_not_even_does_not() {
        let mut gray = Gray {
            width: 100,
            height: 100,
            pixels: vec![230; 10_000],
        };
        let corner = [0.7, 0.9, 0.95, 0.97];
        gray.pixels[9_380] = 200;
        assert!(is_free(&gray, corner));
        gray.pixels[9_380] = 120;
        assert!(!is_free(&gray, corner));
        assert!(is_free(&gray, [0.1, 0.1, 0.2, 0.2]));
        gray.pixels.fill(20);
        assert!(!is_free(&gray, corner));
    }
}
