//! Black and white, a bit a pixel, and shades of gray from it. Not for decoding it.

use crate::pdf::Gray;

/// A picture in black and white; each row starts with a byte of its own.
pub(super) struct Bits {
    rows: Vec<u8>,
    width: usize,
    height: usize,
    /// What turns its bits into 1 for white.
    flip: u8,
}

/// The pixels of each byte, 255 where its bit is set, the highest bit first.
static PIXELS: [[u8; 8]; 256] = {
    let mut pixels = [[0; 8]; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut bit = 0;
        while bit < 8 {
            if byte >> (7 - bit) & 1 == 1 {
                pixels[byte][bit] = u8::MAX;
            }
            bit += 1;
        }
        byte += 1;
    }
    pixels
};

impl Bits {
    /// Set bits are white, or black where `inverted`. None where rows are missing.
    pub fn new(rows: Vec<u8>, width: usize, height: usize, inverted: bool) -> Option<Self> {
        let flip = if inverted { u8::MAX } else { 0 };
        (rows.len() >= width.div_ceil(8) * height).then_some(Self {
            rows,
            width,
            height,
            flip,
        })
    }

    /// In shades of gray, at this size.
    pub fn gray(&self, width: u32, height: u32) -> Option<Gray> {
        let fits = self.width / 2 >= width as usize && self.height / 2 >= height as usize;
        let mut gray = if fits { self.half() } else { self.whole() };
        while gray.width / 2 >= width as usize && gray.height / 2 >= height as usize {
            gray = gray.half();
        }
        gray.at(width, height)
    }

    fn rows(&self) -> impl Iterator<Item = &[u8]> {
        let stride = self.width.div_ceil(8).max(1);
        self.rows.chunks_exact(stride).take(self.height)
    }

    fn whole(&self) -> Gray {
        let mut pixels = Vec::with_capacity(self.width * self.height + 8);
        for row in self.rows() {
            let start = pixels.len();
            for byte in row {
                pixels.extend_from_slice(&PIXELS[usize::from(byte ^ self.flip)]);
            }
            pixels.truncate(start + self.width);
        }
        Gray {
            width: self.width,
            height: self.height,
            pixels,
        }
    }

    /// Of half the size: the white ones of each 2 × 2 pixels are counted. An odd last row
    /// or column goes.
    fn half(&self) -> Gray {
        let (width, height) = (self.width / 2, self.height / 2);
        let mut pixels = Vec::with_capacity(width * height + 4 * size_of::<Word>());
        let mut rows = self.rows();
        while let (Some(above), Some(below)) = (rows.next(), rows.next()) {
            let start = pixels.len();
            let ((above, above_rest), (below, below_rest)) = (above.as_chunks(), below.as_chunks());
            for (above, below) in above.iter().zip(below) {
                let both = Word::from_ne_bytes(*above) & Word::from_ne_bytes(*below);
                let one = Word::from_ne_bytes(*above) | Word::from_ne_bytes(*below);
                // Most of a page is bare.
                if both == one && (one == 0 || one == Word::MAX) {
                    let level = one.to_ne_bytes()[0] ^ self.flip;
                    pixels.extend_from_slice(&[level; 4 * size_of::<Word>()]);
                } else {
                    self.halve(above, below, &mut pixels);
                }
            }
            self.halve(above_rest, below_rest, &mut pixels);
            pixels.truncate(start + width);
        }
        Gray {
            width,
            height,
            pixels,
        }
    }

    fn halve(&self, above: &[u8], below: &[u8], pixels: &mut Vec<u8>) {
        let counted = |byte: &u8| COUNTED[usize::from(byte ^ self.flip)];
        for (above, below) in above.iter().zip(below) {
            pixels.extend_from_slice(&levels(counted(above) + counted(below)).to_be_bytes());
        }
    }
}

/// Bits that are looked at together.
type Word = u64;

/// The number of bits that are set in each pair of a byte, a byte for each, the highest
/// first.
static COUNTED: [u32; 256] = {
    let mut counted = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let pairs = byte as u32 - ((byte as u32 >> 1) & 0x55);
        counted[byte] =
            (pairs & 0xc0) << 18 | (pairs & 0x30) << 12 | (pairs & 0x0c) << 6 | (pairs & 0x03);
        byte += 1;
    }
    counted
};

/// Brightness by the number of white pixels of four, in each byte: 0, 64, 128, 191 and 255.
fn levels(counts: u32) -> u32 {
    const EACH: u32 = 0x0101_0101;
    (counts << 6).wrapping_sub(((counts + EACH) >> 2) & EACH)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three rows of ten pixels; a set bit is white.
    const ROWS: [u8; 6] = [0b1100_1010, 0x40, 0b1101_1000, 0xff, 0, 0];

    #[test]
    fn half_of_the_bits_is_what_half_of_the_pixels_is() {
        for inverted in [false, true] {
            let bits = Bits::new(ROWS.into(), 10, 3, inverted).unwrap();
            let (half, whole) = (bits.half(), bits.whole());
            assert_eq!((half.width, half.height), (5, 1));
            assert_eq!((whole.width, whole.height), (10, 3));
            let pairs = half.pixels.iter().zip(whole.half().pixels);
            for (counted, mean) in pairs {
                assert!(counted.abs_diff(mean) <= 1, "{counted} {mean}");
            }
        }
    }

    #[test]
    fn set_bits_are_white_or_black() {
        let set = |inverted| Bits::new(ROWS.into(), 10, 3, inverted).unwrap().whole();
        assert_eq!(set(false).row(0), [255, 255, 0, 0, 255, 0, 255, 0, 0, 255]);
        assert_eq!(set(true).row(0), [0, 0, 255, 255, 0, 255, 0, 255, 255, 0]);
    }

    #[test]
    fn a_picture_without_its_last_row_is_none() {
        assert!(Bits::new(ROWS[..5].into(), 10, 3, false).is_none());
    }
}
