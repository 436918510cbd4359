//! Where a picture lies on a page that is drawn, and putting it there. Not for
//! decoding it.

use hayro::kurbo::{Affine, Rect};
use image::{ImageBuffer, Luma, Pixel, Rgba, imageops};

use crate::pdf::{Gray, Picture};

/// Larger pictures are drawn by the engine, in pixels: nobody looks at so many.
pub(super) const MOST_PIXELS: usize = 1 << 26;

/// A picture's place on a canvas of pixels.
pub(super) struct Place {
    canvas: (u32, u32),
    left: i64,
    top: i64,
    /// As it is shown.
    shown: (u32, u32),
    /// Its rows are shown as columns.
    sideways: bool,
    mirrored_across: bool,
    mirrored_down: bool,
}

impl Place {
    /// That of a picture of `size` pixels, which `to_page` takes to points, on a page of
    /// `page` points that is drawn to `canvas` pixels. None where it is askew, or so
    /// large that it is left to the engine.
    pub fn new(
        size: (usize, usize),
        to_page: Affine,
        page: (f32, f32),
        canvas: (u32, u32),
    ) -> Option<Self> {
        let to_canvas = Affine::scale_non_uniform(
            f64::from(canvas.0) / f64::from(page.0),
            f64::from(canvas.1) / f64::from(page.1),
        ) * to_page;
        let [a, b, c, d, _, _] = to_canvas.as_coeffs();
        let (columns, rows) = (size.0 as f64, size.1 as f64);
        let upright = (b * columns).abs() < 0.5 && (c * rows).abs() < 0.5;
        let sideways = (a * columns).abs() < 0.5 && (d * rows).abs() < 0.5;
        if upright == sideways {
            return None;
        }
        let place = to_canvas.transform_rect_bbox(Rect::new(0.0, 0.0, columns, rows));
        let (left, top) = (nearest(place.x0), nearest(place.y0));
        let width = (nearest(place.x1) - left).max(1.0);
        let height = (nearest(place.y1) - top).max(1.0);
        let pixels = width * height;
        if pixels.is_nan() || pixels > MOST_PIXELS as f64 {
            return None;
        }
        // Rows become columns first, then what is mirrored is mirrored back.
        let (mirrored_across, mirrored_down) = if sideways {
            (c < 0.0, b < 0.0)
        } else {
            (a < 0.0, d < 0.0)
        };
        Some(Self {
            canvas,
            left: left as i64,
            top: top as i64,
            shown: (width as u32, height as u32),
            sideways,
            mirrored_across,
            mirrored_down,
        })
    }

    /// Columns and rows that the picture is to have before it is put here.
    pub fn size(&self) -> (u32, u32) {
        let (width, height) = self.shown;
        if self.sideways {
            (height, width)
        } else {
            (width, height)
        }
    }

    /// A picture of that size on a page, on which there may be others.
    pub fn put(&self, picture: Picture, page: Option<Picture>) -> Option<Picture> {
        let page = self.turn_and_put(raw(picture)?, page.and_then(raw), Rgba([u8::MAX; 4]))?;
        Some(Picture {
            width: page.width(),
            height: page.height(),
            rgba: page.into_raw(),
        })
    }

    /// The same in shades of gray.
    pub fn put_gray(&self, picture: Gray, page: Option<Gray>) -> Option<Gray> {
        let page = self.turn_and_put(raw_gray(picture)?, page.and_then(raw_gray), Luma([u8::MAX]));
        let page = page?;
        Some(Gray {
            width: page.width() as usize,
            height: page.height() as usize,
            pixels: page.into_raw(),
        })
    }

    fn turn_and_put<P: Pixel<Subpixel = u8> + 'static>(
        &self,
        mut picture: ImageBuffer<P, Vec<u8>>,
        page: Option<ImageBuffer<P, Vec<u8>>>,
        white: P,
    ) -> Option<ImageBuffer<P, Vec<u8>>> {
        if picture.dimensions() != self.size() {
            return None;
        }
        if self.sideways {
            picture = imageops::flip_horizontal(&imageops::rotate90(&picture));
        }
        if self.mirrored_across {
            imageops::flip_horizontal_in_place(&mut picture);
        }
        if self.mirrored_down {
            imageops::flip_vertical_in_place(&mut picture);
        }
        // A scan mostly fills its page.
        if (self.left, self.top) == (0, 0) && self.shown == self.canvas {
            return Some(picture);
        }
        let (width, height) = self.canvas;
        let white = || ImageBuffer::from_pixel(width, height, white);
        let mut page = page.unwrap_or_else(white);
        imageops::replace(&mut page, &picture, self.left, self.top);
        Some(page)
    }
}

/// The nearest whole number; of two strips that meet, the same, however their edges were
/// computed.
fn nearest(edge: f64) -> f64 {
    const FINE: f64 = 1024.0;
    ((edge * FINE).round() / FINE).round()
}

fn raw(picture: Picture) -> Option<ImageBuffer<Rgba<u8>, Vec<u8>>> {
    ImageBuffer::from_raw(picture.width, picture.height, picture.rgba)
}

fn raw_gray(gray: Gray) -> Option<ImageBuffer<Luma<u8>, Vec<u8>>> {
    let (width, height) = (gray.width.try_into().ok()?, gray.height.try_into().ok()?);
    ImageBuffer::from_raw(width, height, gray.pixels)
}
