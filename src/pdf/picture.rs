//! Drawn pages as pixels, and scaling them down. Not for measuring them (`analysis`).

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

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

    /// The picture at exactly `width` × `height` pixels. Where that is smaller, each
    /// pixel is the mean of what it covers and of the edges of its neighbours, by how
    /// near they are: narrow bars keep their widths at any scale.
    pub fn scaled(self, width: u32, height: u32) -> Self {
        if (self.width, self.height) == (width, height) {
            return self;
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

/// Gray pixels of `from` pixels across and down, at the size `to`; as
/// [`Picture::scaled`]. None where they do not fit their size.
pub fn scale_gray(pixels: &[u8], from: (u32, u32), to: (u32, u32)) -> Option<Vec<u8>> {
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
}
