//! One picture of a page and where it lies: decoded no larger than it is shown. Not for
//! what else is on the page.

use std::borrow::Cow;

use hayro::kurbo::{Affine, Rect};
use hayro_syntax::object::Stream;

use super::jpeg::{self, Planes};
use super::place::Place;
use super::source::{self, Source};
use crate::pdf::{Gray, Picture};
use crate::wide::wide;

/// A picture that is decoded here.
pub(super) struct Piece {
    source: Source,
    /// Columns and rows.
    size: (usize, usize),
    /// From its pixels to points from the page's top left corner.
    to_page: Affine,
}

impl Piece {
    /// The picture in a stream, if it is of a kind that is decoded here; `unpacked` is what
    /// the stream holds, where that is known.
    pub fn of(
        stream: &Stream<'_>,
        unpacked: Option<Cow<'_, [u8]>>,
        to_page: Affine,
    ) -> Option<Self> {
        let size = source::size(stream)?;
        Some(Self {
            source: Source::of(stream, unpacked, size)?,
            size,
            to_page,
        })
    }

    /// As [`super::Scan::is_all_or_nothing`].
    pub fn is_all_or_nothing(&self) -> bool {
        matches!(self.source, Source::Jpeg(_) | Source::Gray(_))
    }

    /// Where it lies on the page, in points from the top left corner.
    pub fn bounds(&self) -> Rect {
        let picture = Rect::new(0.0, 0.0, self.size.0 as f64, self.size.1 as f64);
        self.to_page.transform_rect_bbox(picture)
    }

    /// Where it lies when a page of `page` points is drawn to `canvas` pixels.
    pub fn place(&self, page: (f32, f32), canvas: (u32, u32)) -> Option<Place> {
        Place::new(self.size, self.to_page, page, canvas)
    }

    /// The picture at this size; none where it is smaller or damaged.
    pub fn picture(&self, (width, height): (u32, u32)) -> Option<Picture> {
        if self.size.0 < width as usize || self.size.1 < height as usize {
            return None;
        }
        let picture = match &self.source {
            Source::Jpeg(bytes) => jpeg::decode(bytes, self.size, (width, height))?,
            Source::Bits(bits) => bits.gray(width, height)?.into(),
            Source::Gray(gray) => gray.resized(width, height)?.into(),
        };
        Some(picture.scaled(width, height))
    }

    /// Its brightness at this size, and its chroma, if it has any, at whatever it is kept.
    pub fn planes(&self, (width, height): (u32, u32)) -> Option<Planes> {
        let gray = match &self.source {
            Source::Jpeg(bytes) => {
                let planes = jpeg::planes(bytes, self.size, (width, height))?;
                return Some(Planes {
                    brightness: planes.brightness.at(width, height)?,
                    chroma: planes.chroma.filter(|planes| planes.iter().any(has_colour)),
                });
            }
            Source::Bits(bits) => bits.gray(width, height)?,
            Source::Gray(gray) => gray.resized(width, height)?,
        };
        Some(Planes {
            brightness: gray,
            chroma: None,
        })
    }
}

/// A plane of chroma that is off the middle somewhere by more than what rounding leaves.
fn has_colour(chroma: &Gray) -> bool {
    const NONE: std::ops::RangeInclusive<u8> = 127..=129;
    chroma.pixels.iter().any(|pixel| !NONE.contains(pixel))
}

/// A picture of this size in its colours, as JFIF computes them.
pub(super) fn coloured(
    brightness: &Gray,
    chroma: &[Gray; 2],
    (width, height): (u32, u32),
) -> Option<Picture> {
    let size = (width as usize, height as usize);
    let brightness = brightness.halved(width, height)?;
    // Chroma mostly has half the size of the brightness, which this is.
    let [blue, red] = chroma
        .each_ref()
        .map(|plane| match (plane.width, plane.height) == size {
            true => Some(Cow::Borrowed(plane)),
            false => plane.resized(width, height).map(Cow::Owned),
        });
    let (blue, red) = (blue?, red?);
    let planes = brightness.pixels.iter().zip(&blue.pixels).zip(&red.pixels);
    let mut rgba = vec![u8::MAX; size.0 * size.1 * 4];
    wide!({
        for (pixel, ((y, blue), red)) in rgba.as_chunks_mut().0.iter_mut().zip(planes) {
            *pixel = rgba_of(*y, *blue, *red);
        }
    });
    Some(Picture {
        width,
        height,
        rgba,
    })
}

/// A colour from its brightness and chroma. Sixteenths in numbers of 16 bits each:
/// processors multiply many of these at a time.
#[inline(always)]
fn rgba_of(y: u8, blue: u8, red: u8) -> [u8; 4] {
    let y = (i16::from(y) << 4) + 8;
    let off_middle = |chroma: u8| (i16::from(chroma) - 128) << 8;
    // In 4,096ths.
    let share = |chroma: i16, of: i16| ((i32::from(chroma) * i32::from(of)) >> 16) as i16;
    let level = |sixteenths: i16| (sixteenths >> 4).clamp(0, 255) as u8;
    let (blue, red) = (off_middle(blue), off_middle(red));
    let r = level(y + share(red, 5743));
    let g = level(y - share(blue, 1410) - share(red, 2925));
    let b = level(y + share(blue, 7258));
    [r, g, b, u8::MAX]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_those_of_jfif() {
        for (y, blue, red) in [(0, 0, 0), (255, 255, 255), (76, 85, 255), (29, 255, 107)] {
            let (level, cb, cr) = (
                f32::from(y),
                f32::from(blue) - 128.0,
                f32::from(red) - 128.0,
            );
            let exact = [
                level + 1.402 * cr,
                level - 0.344_14 * cb - 0.714_14 * cr,
                level + 1.772 * cb,
            ];
            for (level, exact) in rgba_of(y, blue, red).into_iter().zip(exact) {
                assert!((f32::from(level) - exact.clamp(0.0, 255.0)).abs() <= 1.0);
            }
        }
    }
}
