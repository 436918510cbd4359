//! Share of a page that is ink, relative to the brightness of its own paper.
//! Not for deciding what is blank: that is a threshold over this.

use crate::pdf::Gray;

/// Outer share of each side that is not looked at: scanner edges and shadows
/// are no ink (NAPS2 ignores 1 %).
const MARGIN: f32 = 0.01;

/// A pixel this much darker than the paper is ink. scanprep takes the mean
/// minus 50; the paper's own brightness instead of the mean keeps dense pages
/// from hiding their ink.
const DARKER_THAN_PAPER: u8 = 50;

/// The paper's brightness is taken from every so many pixels: enough of them
/// remain for a tenth to be steady.
const PAPER_SAMPLE: usize = 8;

/// Share of ink, 0 to 1; none for a picture with no pixels inside the margin.
///
/// The paper is the brightest level that a tenth of the page reaches: white on
/// born-digital pages, the tint on yellowish scans.
pub fn ink_share(picture: &Gray) -> Option<f32> {
    let (width, height) = (picture.width, picture.height);
    let inset = |side: usize| (side as f32 * MARGIN).ceil() as usize;
    let (left, top) = (inset(width), inset(height));
    // Pages a pixel or two wide have no margin to spare.
    let columns = if width > 2 * left {
        left..width - left
    } else {
        0..width
    };
    let rows = if height > 2 * top {
        top..height - top
    } else {
        0..height
    };
    let row = |row: usize| &picture.row(row)[columns.clone()];

    let mut histogram = [0u32; 256];
    for pixels in rows.clone().map(row) {
        for pixel in pixels.iter().step_by(PAPER_SAMPLE) {
            histogram[usize::from(*pixel)] += 1;
        }
    }
    let threshold = paper_level(&histogram)?.saturating_sub(DARKER_THAN_PAPER);
    let mut ink = 0;
    for pixels in rows.clone().map(row) {
        // Without branches, so that many pixels are counted at a time.
        let dark = pixels.iter().map(|pixel| u32::from(*pixel < threshold));
        ink += dark.sum::<u32>();
    }
    Some(ink as f32 / (rows.len() * columns.len()) as f32)
}

/// The brightest level that a tenth of the pixels reaches; none without pixels.
fn paper_level(histogram: &[u32; 256]) -> Option<u8> {
    let total: u32 = histogram.iter().sum();
    let mut reached = 0;
    (0..=255u8).rev().find(|level| {
        reached += histogram[usize::from(*level)];
        total > 0 && reached * 10 >= total
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::Picture;

    fn page(width: u32, height: u32, colour: impl Fn(u32, u32) -> [u8; 3]) -> Gray {
        let rgba = (0..height)
            .flat_map(|y| (0..width).map(move |x| (x, y)))
            .flat_map(|(x, y)| {
                let [r, g, b] = colour(x, y);
                [r, g, b, 255]
            })
            .collect();
        Gray::of(&Picture {
            width,
            height,
            rgba,
        })
    }

    #[test]
    fn white_and_tinted_paper_have_no_ink() {
        assert_eq!(ink_share(&page(100, 100, |_, _| [255; 3])), Some(0.0));
        assert_eq!(
            ink_share(&page(100, 100, |_, _| [235, 220, 170])),
            Some(0.0)
        );
    }

    #[test]
    fn a_dark_half_is_half() {
        let half = page(200, 200, |x, _| if x < 100 { [0; 3] } else { [250; 3] });
        let ink = ink_share(&half).unwrap();
        assert!((ink - 0.5).abs() < 0.01, "{ink}");
    }

    #[test]
    fn the_outer_edge_is_not_ink() {
        let edge = page(200, 200, |x, _| if x == 0 { [0; 3] } else { [255; 3] });
        assert_eq!(ink_share(&edge), Some(0.0));
    }

    #[test]
    fn one_pixel_wide_pages_are_measured() {
        assert_eq!(ink_share(&page(1, 256, |_, _| [255; 3])), Some(0.0));
    }

    #[test]
    fn a_picture_without_pixels_is_unknown() {
        assert_eq!(ink_share(&page(0, 0, |_, _| [0; 3])), None);
    }
}
