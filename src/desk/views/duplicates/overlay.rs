//! Two pictures of a page laid over each other: what only one of them has stands out. Pure;
//! not for drawing.

use eframe::egui::{Color32, ColorImage};

/// Pages are shifted against each other by at most this share of their size to lie
/// on each other: scanners feed paper a little differently each time.
const FARTHEST: f32 = 0.03;

/// Longest side of the pictures that are compared to find the shift.
const COARSE: usize = 200;

/// Pixels darker than this are ink.
const INK: u8 = 150;

/// Where two pictures lie best on each other, and what only one of them has.
pub fn lay_over(a: &ColorImage, b: &ColorImage, only_a: Color32, only_b: Color32) -> ColorImage {
    let (shift_x, shift_y) = shift(a, b);
    let [width, height] = a.size;
    let mut image = ColorImage::filled(a.size, Color32::WHITE);
    let dark = |picture: &ColorImage, x: f32, y: f32| {
        let [width, height] = picture.size;
        let inside = (0.0..1.0).contains(&x) && (0.0..1.0).contains(&y);
        let at = (y * height as f32) as usize * width + (x * width as f32) as usize;
        inside
            && picture
                .pixels
                .get(at)
                .is_some_and(|pixel| luma(*pixel) < INK)
    };
    for row in 0..height {
        for column in 0..width {
            let x = (column as f32 + 0.5) / width as f32;
            let y = (row as f32 + 0.5) / height as f32;
            let both = (dark(a, x, y), dark(b, x + shift_x, y + shift_y));
            image.pixels[row * width + column] = match both {
                (true, true) => Color32::from_gray(120),
                (true, false) => only_a,
                (false, true) => only_b,
                (false, false) => continue,
            };
        }
    }
    image
}

fn luma(pixel: Color32) -> u8 {
    let [r, g, b, _] = pixel.to_array().map(u32::from);
    // Rec. 601 weights.
    ((r * 299 + g * 587 + b * 114) / 1000) as u8
}

/// By which share of its size `b` is to be shifted to lie on `a`: the place at which
/// their ink, drawn small, differs least.
fn shift(a: &ColorImage, b: &ColorImage) -> (f32, f32) {
    let side = |picture: &ColorImage| {
        let [width, height] = picture.size;
        let scale = COARSE as f32 / width.max(height).max(1) as f32;
        [width, height].map(|side| ((side as f32 * scale) as usize).max(1))
    };
    let size = side(a);
    let (a, b) = (shrink(a, size), shrink(b, size));
    let most = (COARSE as f32 * FARTHEST).ceil() as isize;
    let mut best = (f32::MAX, 0, 0);
    for dy in -most..=most {
        for dx in -most..=most {
            let far = (dx * dx + dy * dy) as f32;
            // Of equals the one that shifts least.
            let cost = cost(&a, &b, size, dx, dy) + far * 1e-6;
            if cost < best.0 {
                best = (cost, dx, dy);
            }
        }
    }
    (
        best.1 as f32 / size[0] as f32,
        best.2 as f32 / size[1] as f32,
    )
}

/// Mean darkness of the cells of a coarse picture, 0 to 1.
fn shrink(picture: &ColorImage, [width, height]: [usize; 2]) -> Vec<f32> {
    let [full_width, full_height] = picture.size;
    let mut cells = Vec::with_capacity(width * height);
    for row in 0..height {
        let rows = row * full_height / height..((row + 1) * full_height / height).max(1);
        for column in 0..width {
            let columns = column * full_width / width..((column + 1) * full_width / width).max(1);
            let mut sum = 0.0;
            let mut count = 0.0f32;
            for y in rows.clone() {
                for x in columns.clone() {
                    if let Some(pixel) = picture.pixels.get(y * full_width + x) {
                        sum += 1.0 - f32::from(luma(*pixel)) / 255.0;
                        count += 1.0;
                    }
                }
            }
            cells.push(sum / count.max(1.0));
        }
    }
    cells
}

fn cost(a: &[f32], b: &[f32], [width, height]: [usize; 2], dx: isize, dy: isize) -> f32 {
    let mut sum = 0.0;
    for row in 0..height {
        let Some(other) = row.checked_add_signed(dy).filter(|row| *row < height) else {
            sum += a[row * width..(row + 1) * width].iter().sum::<f32>();
            continue;
        };
        for column in 0..width {
            let here = a[row * width + column];
            let there = column
                .checked_add_signed(dx)
                .filter(|column| *column < width)
                .map_or(0.0, |column| b[other * width + column]);
            sum += (here - there).abs();
        }
    }
    sum / (width * height) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page with a few bars, shifted by so many pixels.
    fn bars(shift: usize) -> ColorImage {
        let mut image = ColorImage::filled([400, 400], Color32::WHITE);
        for (top, left) in [(40, 60), (120, 200), (260, 90)] {
            for y in top..top + 12 {
                for x in left..left + 80 {
                    image.pixels[(y + shift) * 400 + x + shift] = Color32::BLACK;
                }
            }
        }
        image
    }

    #[test]
    fn shifted_pages_lie_on_each_other_and_a_new_mark_stands_out() {
        let (a, mut b) = (bars(0), bars(8));
        let (x, y) = shift(&a, &b);
        assert!(
            (x - 0.02).abs() < 0.006 && (y - 0.02).abs() < 0.006,
            "{x} {y}"
        );
        let count =
            |image: &ColorImage, colour| image.pixels.iter().filter(|p| **p == colour).count();
        let same = lay_over(&a, &b, Color32::RED, Color32::BLUE);
        assert_eq!(count(&same, Color32::BLUE) + count(&same, Color32::RED), 0);
        for y in 350..370 {
            for x in 300..320 {
                b.pixels[y * 400 + x] = Color32::BLACK;
            }
        }
        let found = lay_over(&a, &b, Color32::RED, Color32::BLUE);
        assert_eq!(count(&found, Color32::BLUE), 400);
        assert_eq!(count(&found, Color32::RED), 0);
    }
}
