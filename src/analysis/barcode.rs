//! Barcodes on a page: the usual linear ones and QR, Data Matrix, PDF417, Aztec.
//! A "Patch T" sheet in the wild mostly carries a Code 39 or Code 128 that says
//! PATCHT; one with real patch bars says the same here. Not for where they are.

use super::patch::patch;
use crate::pdf::Picture;

/// The resolution that the narrow bars of office labels need, in dots per inch.
pub const BARCODE_DPI: f32 = 200.0;

/// What the barcodes on a picture say, each once, sorted.
///
/// The picture is read a second time at half its size: a coarse scan that was
/// drawn larger than it is has soft edges, on which the reader finds nothing
/// (seen on scans of 100 dpi, tilted by 1°).
pub fn barcodes(picture: &Picture) -> Vec<String> {
    let gray = Gray::of(picture);
    let half = gray.half();
    let mut texts = half.read();
    texts.extend(gray.read());
    texts.extend(patch(&half).map(str::to_owned));
    texts.sort();
    texts.dedup();
    texts
}

/// A picture in shades of gray, one byte a pixel.
pub(super) struct Gray {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<u8>,
}

impl Gray {
    fn of(picture: &Picture) -> Self {
        let pixels = picture.rgba.chunks_exact(4).map(|pixel| {
            // Weights of ITU-R BT.601, in 256ths.
            let [r, g, b] = [pixel[0], pixel[1], pixel[2]].map(u32::from);
            ((77 * r + 150 * g + 29 * b) >> 8) as u8
        });
        Self {
            width: picture.width as usize,
            height: picture.height as usize,
            pixels: pixels.collect(),
        }
    }

    /// Each 2 × 2 pixels become one; an odd last row or column goes.
    fn half(&self) -> Self {
        let (width, height) = (self.width / 2, self.height / 2);
        let rows = self
            .pixels
            .chunks_exact((2 * self.width).max(1))
            .take(height);
        let pixels = rows.flat_map(|two| {
            let (above, below) = two.split_at(self.width);
            let pairs = above.chunks_exact(2).zip(below.chunks_exact(2));
            pairs.map(|(a, b)| {
                let sum = [a[0], a[1], b[0], b[1]].map(u16::from).iter().sum::<u16>();
                (sum / 4) as u8
            })
        });
        Self {
            width,
            height,
            pixels: pixels.collect(),
        }
    }

    fn read(&self) -> Vec<String> {
        let (Ok(width), Ok(height)) = (u32::try_from(self.width), u32::try_from(self.height))
        else {
            return Vec::new();
        };
        let found = rxing::helpers::detect_multiple_in_luma(self.pixels.clone(), width, height);
        let found = found.unwrap_or_default();
        found.iter().map(|code| code.getText().to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_picture_is_its_mean() {
        let gray = Gray {
            width: 5,
            height: 3,
            pixels: vec![0, 4, 8, 8, 9, 8, 4, 0, 8, 9, 1, 1, 1, 1, 1],
        };
        let half = gray.half();
        assert_eq!((half.width, half.height), (2, 1));
        assert_eq!(half.pixels, [4, 6]);
    }

    #[test]
    fn a_picture_of_nothing_says_nothing() {
        for (width, height) in [(0, 0), (1, 1), (40, 40)] {
            let gray = Gray {
                width,
                height,
                pixels: vec![255; width * height],
            };
            assert!(gray.read().is_empty());
            assert!(gray.half().read().is_empty());
        }
    }
}
