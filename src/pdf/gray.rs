//! Pictures in shades of gray: a byte a pixel, a quarter of what colours take. Not for
//! measuring.

use super::Picture;
use super::picture::scale_gray;
use crate::wide::wide;

/// A picture in shades of gray, one byte a pixel, rows from the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gray {
    /// Pixels in a row.
    pub width: usize,
    /// Number of rows.
    pub height: usize,
    /// Brightness, row by row.
    pub pixels: Vec<u8>,
}

impl Gray {
    /// Brightness as ITU-R BT.601 weighs it, in 256ths.
    pub fn of(picture: &Picture) -> Self {
        let pixels = picture.rgba.chunks_exact(4).map(|pixel| {
            let [r, g, b] = [pixel[0], pixel[1], pixel[2]].map(u32::from);
            ((77 * r + 150 * g + 29 * b) >> 8) as u8
        });
        Self {
            width: picture.width as usize,
            height: picture.height as usize,
            pixels: pixels.collect(),
        }
    }

    /// The part between these columns and rows, the last ones left out.
    pub fn part(&self, left: usize, top: usize, right: usize, bottom: usize) -> Self {
        let mut pixels = Vec::with_capacity((right - left) * (bottom - top));
        for y in top..bottom {
            pixels.extend_from_slice(&self.row(y)[left..right]);
        }
        Self {
            width: right - left,
            height: bottom - top,
            pixels,
        }
    }

    /// At this size, as [`Picture::scaled`]; none where its pixels do not fit its size.
    pub fn at(self, width: u32, height: u32) -> Option<Self> {
        if (self.width, self.height) == (width as usize, height as usize) {
            return Some(self);
        }
        self.resized(width, height)
    }

    /// As [`Gray::at`], beside this one.
    pub fn resized(&self, width: u32, height: u32) -> Option<Self> {
        // Halving is many times as quick, and does the same to what stays finer.
        if self.width / 4 >= width.max(1) as usize && self.height / 4 >= height.max(1) as usize {
            return self.half().resized(width, height);
        }
        let from = (self.width.try_into().ok()?, self.height.try_into().ok()?);
        let pixels = scale_gray(&self.pixels, from, (width, height))?;
        Some(Self {
            width: width as usize,
            height: height as usize,
            pixels,
        })
    }

    /// At `factor` times its size; as it is where that cannot be.
    pub fn scaled(&self, factor: f32) -> Self {
        let side = |side: usize| ((side as f32 * factor) as usize).max(1);
        let (width, height) = (side(self.width), side(self.height));
        self.resized(width as u32, height as u32)
            .unwrap_or_else(|| self.clone())
    }

    /// Nothing is on it, or only white.
    pub fn is_white(&self) -> bool {
        self.pixels.iter().all(|pixel| *pixel == u8::MAX)
    }

    /// Each 2 × 2 pixels become one; an odd last row or column goes.
    pub fn half(&self) -> Self {
        let (width, height) = (self.width / 2, self.height / 2);
        let rows = self
            .pixels
            .chunks_exact((2 * self.width).max(1))
            .take(height);
        let mut pixels = vec![0; width * height];
        for (two, row) in rows.zip(pixels.chunks_exact_mut(width.max(1))) {
            let (above, below) = two.split_at(self.width);
            let pairs = above.as_chunks().0.iter().zip(below.as_chunks().0);
            // A pair as one number: many at a time without taking them apart.
            let sum = |pair: &[u8; 2]| {
                let pair = u16::from_le_bytes(*pair);
                (pair & 0xff) + (pair >> 8)
            };
            wide!({
                for (pixel, (above, below)) in row.iter_mut().zip(pairs) {
                    *pixel = ((sum(above) + sum(below)) / 4) as u8;
                }
            });
        }
        Self {
            width,
            height,
            pixels,
        }
    }

    /// As [`Gray::resized`], the same but at the edges, and quicker where that is exactly half
    /// the size.
    pub fn halved(&self, width: u32, height: u32) -> Option<Self> {
        let (width, height) = (width as usize, height as usize);
        if (self.width, self.height) != (2 * width, 2 * height) || width < 3 {
            return self.resized(width as u32, height as u32);
        }
        // Beyond its edges the picture goes on as it ends.
        let row = |y: usize| self.row(y.min(self.height - 1));
        let mut pixels = vec![0; width * height];
        let mut blended = vec![0; self.width];
        for (y, to) in pixels.chunks_exact_mut(width).enumerate() {
            let inner = row(2 * y).iter().zip(row(2 * y + 1));
            let outer = row((2 * y).saturating_sub(1)).iter().zip(row(2 * y + 2));
            wide!({
                for (to, ((b, c), (a, d))) in blended.iter_mut().zip(inner.zip(outer)) {
                    *to = quarters(*a, [*b, *c], *d);
                }
                let pairs = blended.as_chunks::<2>().0;
                let (first, last) = (pairs[0], pairs[width - 1]);
                let around = pairs.iter().zip(&pairs[2..]);
                for ((to, pair), (before, after)) in to[1..].iter_mut().zip(&pairs[1..]).zip(around)
                {
                    *to = quarters(before[1], *pair, after[0]);
                }
                to[0] = quarters(first[0], first, pairs[1][0]);
                to[width - 1] = quarters(pairs[width - 2][1], last, last[1]);
            });
        }
        Some(Self {
            width,
            height,
            pixels,
        })
    }

    /// Each 3 × 3 pixels become 2 × 2, each mostly of what it covers whole; what is left of
    /// them to the right and below goes.
    pub fn two_thirds(&self) -> Self {
        let (width, height) = (self.width / 3 * 2, self.height / 3 * 2);
        let mut pixels = Vec::with_capacity(width * height);
        let mut blended = vec![0; self.width];
        for three in self.pixels.chunks_exact((3 * self.width).max(1)) {
            let (above, rest) = three.split_at(self.width);
            let (middle, below) = rest.split_at(self.width);
            for whole in [above, below] {
                wide!({
                    for (blended, (whole, half)) in blended.iter_mut().zip(whole.iter().zip(middle))
                    {
                        *blended = mostly(*whole, *half);
                    }
                });
                two_of_three(&blended, &mut pixels);
            }
        }
        Self {
            width,
            height,
            pixels,
        }
    }

    /// One row.
    pub fn row(&self, row: usize) -> &[u8] {
        &self.pixels[row * self.width..(row + 1) * self.width]
    }
}

/// The mean of two pixels, three quarters of it, and of those around them.
#[inline(always)]
fn quarters(before: u8, [first, second]: [u8; 2], after: u8) -> u8 {
    let inner = u16::from(first) + u16::from(second);
    let outer = u16::from(before) + u16::from(after);
    ((3 * inner + outer + 4) / 8) as u8
}

/// Sixteenths of a pixel that is covered whole, and of one that is covered by half: somewhat
/// sharper than their mean, as each is the mean of several already.
const WHOLE: u16 = 11;
const HALF: u16 = 16 - WHOLE;

/// A pixel of one that it covers whole and one that it covers by half.
#[inline(always)]
fn mostly(whole: u8, half: u8) -> u8 {
    ((WHOLE * u16::from(whole) + HALF * u16::from(half) + 8) / 16) as u8
}

/// Makes two pixels of each three of a row, as [`mostly`], four at a time.
fn two_of_three(row: &[u8], pixels: &mut Vec<u8>) {
    /// Every other byte, and eight in each of them.
    const EVEN: u64 = 0x00ff_00ff_00ff_00ff;
    const EIGHT: u64 = 0x0008_0008_0008_0008;
    let (whole, half) = (u64::from(WHOLE), u64::from(HALF));
    let mut at = 0;
    while let Some(six) = row.get(at..).and_then(|row| row.first_chunk()) {
        let six = u64::from_le_bytes(*six);
        // The first and third of each three, and twice the second, each with room for a product.
        let wholes = six & 0x00ff_00ff | six << 8 & 0x00ff_00ff_0000_0000;
        let halves = six >> 8 & 0xff | six & 0xff_0000_0000;
        let halves = halves | halves << 16;
        let mixed = (whole * wholes + half * halves + EIGHT) >> 4 & EVEN;
        let pairs = mixed | mixed >> 8;
        let four = [pairs as u16, (pairs >> 32) as u16];
        pixels.extend_from_slice(&four[0].to_le_bytes());
        pixels.extend_from_slice(&four[1].to_le_bytes());
        at += 6;
    }
    for [first, second, third] in row[at..].as_chunks().0 {
        pixels.extend([mostly(*first, *second), mostly(*third, *second)]);
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
    fn two_thirds_of_a_row_are_made_alike_wherever_they_stand() {
        let row: Vec<u8> = (0..31u32).map(|at| (at * 83 % 256) as u8).collect();
        let gray = Gray {
            width: row.len(),
            height: 3,
            pixels: row.repeat(3),
        };
        let small = gray.two_thirds();
        assert_eq!((small.width, small.height), (20, 2));
        let threes = row.as_chunks().0.iter();
        let expected: Vec<u8> = threes
            .flat_map(|[a, b, c]| [mostly(*a, *b), mostly(*c, *b)])
            .collect();
        assert_eq!(small.pixels, expected.repeat(2));
    }

    #[test]
    fn halving_quickly_is_resampling() {
        let (width, height) = (61, 40);
        let pixels = (0..width * height).map(|at| (at * at / 7 % 256) as u8);
        let gray = Gray {
            width,
            height,
            pixels: pixels.collect(),
        };
        let gray = gray.part(0, 0, 60, 40);
        let (quick, slow) = (gray.halved(30, 20).unwrap(), gray.resized(30, 20).unwrap());
        for y in 1..19 {
            assert_eq!(quick.row(y)[1..29], slow.row(y)[1..29], "{y}");
        }
    }
}
