//! Drawn pages as pixels, and scaling them down. Not for measuring them (`analysis`).

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use super::Gray;
use crate::wide::wide;

/// An opaque picture, white where the page paints nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Width in pixels, at least 1.
    pub width: u32,
    /// Height in pixels, at least 1.
    pub height: u32,
    /// Rows from the top, 4 bytes a pixel: red, green, blue, 255.
    pub rgba: Vec<u8>,
}

impl From<Gray> for Picture {
    fn from(gray: Gray) -> Self {
        let rgba = gray
            .pixels
            .iter()
            .flat_map(|level| [*level, *level, *level, u8::MAX]);
        Self {
            width: gray.width as u32,
            height: gray.height as u32,
            rgba: rgba.collect(),
        }
    }
}

impl Picture {
    /// Without anything on it.
    pub fn white(width: u32, height: u32) -> Self {
        Self {
            width,
            height,
            rgba: vec![u8::MAX; width as usize * height as usize * 4],
        }
    }

    /// Red, green and blue of a pixel; white outside.
    pub fn pixel(&self, x: usize, y: usize) -> [u8; 3] {
        let at = (y * self.width as usize + x) * 4;
        match self.rgba.get(at..at + 3) {
            Some(&[red, green, blue]) => [red, green, blue],
            _ => [u8::MAX; 3],
        }
    }

    /// Nothing was painted, or only white.
    pub fn is_white(&self) -> bool {
        self.rgba.iter().all(|&byte| byte == u8::MAX)
    }

    /// There is no colour on it.
    pub fn is_gray(&self) -> bool {
        const STRETCH: usize = 4 * 256;
        self.rgba.chunks(STRETCH).all(are_gray)
    }

    /// Of half the size: each 2 × 2 pixels become their mean; an odd last row or column
    /// goes, unless it is the only one.
    pub fn half(&self) -> Self {
        let (width, height) = (self.width as usize, self.height as usize);
        if width < 2 || height < 2 {
            return self.clone();
        }
        let stride = width * 4;
        let mut rgba = vec![0; (width / 2) * (height / 2) * 4];
        let rows = rgba.chunks_exact_mut((width / 2) * 4);
        for (two, small) in self.rgba.chunks_exact(2 * stride).zip(rows) {
            let (above, below) = two.split_at(stride);
            let pairs = above.as_chunks::<8>().0.iter().zip(below.as_chunks().0);
            wide!({
                for ((above, below), small) in pairs.zip(small.as_chunks_mut::<4>().0) {
                    *small = mean(*above, *below);
                }
            });
        }
        Self {
            width: self.width / 2,
            height: self.height / 2,
            rgba,
        }
    }

    /// The picture at exactly `width` × `height` pixels. Where that is smaller, each
    /// pixel is the mean of what it covers and of the edges of its neighbours, by how
    /// near they are: narrow bars keep their widths at any scale.
    pub fn scaled(self, width: u32, height: u32) -> Self {
        match (self.width, self.height) == (width, height) {
            true => self,
            false => self.resized(width, height),
        }
    }

    /// As [`Picture::scaled`], beside this one.
    pub fn resized(&self, width: u32, height: u32) -> Self {
        // Halving is many times as quick, and does the same to what stays finer.
        if self.width / 4 >= width.max(1) && self.height / 4 >= height.max(1) {
            return self.half().resized(width, height);
        }
        let (from, to) = ((self.width, self.height), (width, height));
        match scale(&self.rgba, PixelType::U8x4, from, to) {
            Some(rgba) => Self {
                width,
                height,
                rgba,
            },
            // Pixels that do not fit their size show nothing.
            None => Self::white(width, height),
        }
    }
}

/// Pixels have no colour: compared without a branch, many at a time.
pub fn are_gray(rgba: &[u8]) -> bool {
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
#[inline(always)]
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

/// Gray pixels of `from` pixels across and down, at the size `to`; as
/// [`Picture::scaled`]. None where they do not fit their size.
pub(super) fn scale_gray(pixels: &[u8], from: (u32, u32), to: (u32, u32)) -> Option<Vec<u8>> {
    scale(pixels, PixelType::U8, from, to)
}

fn scale(pixels: &[u8], kind: PixelType, from: (u32, u32), to: (u32, u32)) -> Option<Vec<u8>> {
    let from = ImageRef::new(from.0, from.1, pixels, kind).ok()?;
    let mut scaled = Image::new(to.0, to.1, kind);
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Bilinear))
        .use_alpha(false);
    Resizer::new().resize(&from, &mut scaled, &options).ok()?;
    Some(scaled.into_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bars of three and a bit pixels, dark and light.
    fn bars() -> Picture {
        let (width, height) = (900, 40);
        let mut picture = Picture::white(width, height);
        for (at, pixel) in picture.rgba.chunks_exact_mut(4).enumerate() {
            let x = at % width as usize;
            if ((x as f32 / 3.125) as usize).is_multiple_of(2) {
                pixel[..3].fill(0);
            }
        }
        picture
    }

    #[test]
    fn narrow_bars_keep_their_widths_at_odd_scales() {
        for width in [800, 700, 640] {
            let small = bars().scaled(width, 30);
            assert_eq!((small.width, small.height), (width, 30));
            let bar = 3.125 * width as f32 / 900.0;
            // Each bar stands out from the one before, wherever its edges fall.
            let row = &small.rgba[..width as usize * 4];
            let level = |number: usize| {
                let middle = ((number as f32 + 0.5) * bar) as usize;
                i32::from(row[middle * 4])
            };
            for number in 1..(width as f32 / bar) as usize - 1 {
                let step = level(number) - level(number - 1);
                let expected = if number.is_multiple_of(2) {
                    -step
                } else {
                    step
                };
                assert!(expected > 40, "{width}: bar {number}: {step}");
            }
        }
    }

    #[test]
    fn pixels_that_do_not_fit_their_size_show_nothing() {
        let broken = Picture {
            width: 4,
            height: 4,
            rgba: vec![0; 7],
        };
        assert!(broken.scaled(2, 2).is_white());
    }

    #[test]
    fn the_same_size_is_the_same_picture() {
        assert_eq!(bars().scaled(900, 40), bars());
    }

    #[test]
    fn a_pixel_is_gray_where_its_channels_are_the_same() {
        assert!(are_gray(&[0, 0, 0, 255, 200, 200, 200, 7]));
        for coloured in [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [9, 8, 9, 0]] {
            assert!(!are_gray(&[[5, 5, 5, 255], coloured].concat()));
        }
    }

    #[test]
    fn coloured_pictures_shrink_channel_by_channel() {
        let picture = Picture {
            width: 4,
            height: 2,
            rgba: [[255, 0, 0, 255], [0, 255, 0, 255]].concat().repeat(4),
        };
        let small = picture.half();
        assert_eq!((small.width, small.height), (2, 1));
        assert_eq!(small.rgba, [127, 127, 0, 255].repeat(2));
        let pixels = [[1, 2, 3, 4], [255, 0, 9, 4], [255, 1, 0, 4], [254, 0, 1, 3]];
        let picture = Picture {
            width: 2,
            height: 2,
            rgba: pixels.concat(),
        };
        assert_eq!(
            picture.half().rgba,
            [765 / 4, 3 / 4, 13 / 4, 15 / 4].map(|it: u16| it as u8)
        );
    }
}
