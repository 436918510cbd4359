//! Pictures in shades of gray, which pictures are that already, and smaller ones of
//! pictures. Not for measuring.

use crate::pdf::{Picture, scale_gray};

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

    /// At `factor` times its size; as it is where that cannot be.
    pub fn scaled(&self, factor: f32) -> Self {
        let side = |side: usize| ((side as f32 * factor) as usize).max(1);
        let (width, height) = (side(self.width), side(self.height));
        let size = |width: usize, height: usize| (width as u32, height as u32);
        let (from, to) = (size(self.width, self.height), size(width, height));
        scale_gray(&self.pixels, from, to).map_or_else(
            || self.clone(),
            |pixels| Self {
                width,
                height,
                pixels,
            },
        )
    }

    /// Each 2 × 2 pixels become one; an odd last row or column goes.
    pub fn half(&self) -> Self {
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

    /// One row.
    pub fn row(&self, row: usize) -> &[u8] {
        &self.pixels[row * self.width..(row + 1) * self.width]
    }
}

/// A picture of half the size: each 2 × 2 pixels become their mean; an odd last
/// row or column goes, unless it is the only one.
pub fn half(picture: &Picture) -> Picture {
    let (width, height) = (picture.width as usize, picture.height as usize);
    if width < 2 || height < 2 {
        return picture.clone();
    }
    let stride = width * 4;
    let mut rgba = vec![0; (width / 2) * (height / 2) * 4];
    let rows = rgba.chunks_exact_mut((width / 2) * 4);
    for (two, small) in picture.rgba.chunks_exact(2 * stride).zip(rows) {
        let (above, below) = two.split_at(stride);
        let pairs = above.as_chunks::<8>().0.iter().zip(below.as_chunks().0);
        for ((above, below), small) in pairs.zip(small.as_chunks_mut::<4>().0) {
            *small = mean(*above, *below);
        }
    }
    Picture {
        width: picture.width / 2,
        height: picture.height / 2,
        rgba,
    }
}

/// The picture has no colour.
pub fn is_gray(picture: &Picture) -> bool {
    const STRETCH: usize = 4 * 256;
    picture.rgba.chunks(STRETCH).all(are_gray)
}

/// Some pixels have no colour: compared without a branch, many at a time.
pub(super) fn are_gray(rgba: &[u8]) -> bool {
    let (pixels, _) = rgba.as_chunks::<4>();
    let differences = pixels.iter().map(|pixel| {
        // Red beside green and green beside blue, in the lower half.
        let pixel = u32::from_le_bytes(*pixel);
        (pixel ^ (pixel >> 8)) & 0xffff
    });
    differences.fold(0, |all, difference| all | difference) == 0
}

/// The mean of two pixels and of the two below them, channel by channel: every second
/// channel has the room of its neighbour for its sum.
fn mean(above: [u8; 8], below: [u8; 8]) -> [u8; 4] {
    const EVEN: u64 = 0x00ff_00ff_00ff_00ff;
    let (above, below) = (u64::from_le_bytes(above), u64::from_le_bytes(below));
    let sums = |above: u64, below: u64| {
        let two = (above & EVEN) + (below & EVEN);
        let four = (two & 0xffff_ffff) + (two >> 32);
        (four >> 2) & EVEN
    };
    let pixel = sums(above, below) | sums(above >> 8, below >> 8) << 8;
    (pixel as u32).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pixel_is_gray_where_its_channels_are_the_same() {
        assert!(are_gray(&[0, 0, 0, 255, 200, 200, 200, 7]));
        for coloured in [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [9, 8, 9, 0]] {
            assert!(!are_gray(&[[5, 5, 5, 255], coloured].concat()));
        }
    }

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
    fn coloured_pictures_shrink_channel_by_channel() {
        let picture = Picture {
            width: 4,
            height: 2,
            rgba: [[255, 0, 0, 255], [0, 255, 0, 255]].concat().repeat(4),
        };
        let small = half(&picture);
        assert_eq!((small.width, small.height), (2, 1));
        assert_eq!(small.rgba, [127, 127, 0, 255].repeat(2));
        let pixels = [[1, 2, 3, 4], [255, 0, 9, 4], [255, 1, 0, 4], [254, 0, 1, 3]];
        let picture = Picture {
            width: 2,
            height: 2,
            rgba: pixels.concat(),
        };
        assert_eq!(
            half(&picture).rgba,
            [765 / 4, 3 / 4, 13 / 4, 15 / 4].map(|it: u16| it as u8)
        );
    }
}
