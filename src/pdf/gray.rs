//! Pictures in shades of gray: a byte a pixel, a quarter of what colours take. Not for
//! measuring.

use super::Picture;
use super::picture::{scale_gray, scale_gray_sharply};

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
        let pixels = (top..bottom).flat_map(|y| &self.row(y)[left..right]);
        Self {
            width: right - left,
            height: bottom - top,
            pixels: pixels.copied().collect(),
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
        let from = (self.width.try_into().ok()?, self.height.try_into().ok()?);
        let pixels = scale_gray(&self.pixels, from, (width, height))?;
        Some(Self {
            width: width as usize,
            height: height as usize,
            pixels,
        })
    }

    /// As [`Gray::resized`], with sharper edges: for pixels that are each the mean of several
    /// already.
    pub fn resized_sharply(&self, width: u32, height: u32) -> Option<Self> {
        let from = (self.width.try_into().ok()?, self.height.try_into().ok()?);
        let pixels = scale_gray_sharply(&self.pixels, from, (width, height))?;
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
        let mut pixels = Vec::with_capacity(width * height);
        for two in rows {
            let (above, below) = two.split_at(self.width);
            let pairs = above.as_chunks().0.iter().zip(below.as_chunks().0);
            // A pair as one number: many at a time without taking them apart.
            let sum = |pair: &[u8; 2]| {
                let pair = u16::from_le_bytes(*pair);
                (pair & 0xff) + (pair >> 8)
            };
            pixels.extend(pairs.map(|(above, below)| ((sum(above) + sum(below)) / 4) as u8));
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
}
