//! One picture of a page and where it lies: decoded no larger than it is shown. Not for
//! what else is on the page.

use hayro::kurbo::{Affine, Rect};
use hayro_syntax::object::Stream;

use super::jpeg::{self, Planes};
use super::place::Place;
use super::source::{self, Source};
use crate::pdf::{Gray, Picture};

/// A picture that is decoded here.
pub(super) struct Piece {
    source: Source,
    /// Columns and rows.
    size: (usize, usize),
    /// From its pixels to points from the page's top left corner.
    to_page: Affine,
}

impl Piece {
    /// The picture in a stream, if it is of a kind that is decoded here.
    pub fn of(stream: &Stream<'_>, to_page: Affine) -> Option<Self> {
        let size = source::size(stream)?;
        Some(Self {
            source: Source::of(stream, size)?,
            size,
            to_page,
        })
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

/// A picture of this size in its colours, as JFIF computes them, in 1,024ths.
pub(super) fn coloured(
    brightness: &Gray,
    [blue, red]: &[Gray; 2],
    (width, height): (u32, u32),
) -> Option<Picture> {
    let [brightness, blue, red] = [brightness, blue, red].map(|plane| plane.resized(width, height));
    let (brightness, blue, red) = (brightness?, blue?, red?);
    let mut rgba = vec![u8::MAX; width as usize * height as usize * 4];
    let planes = brightness.pixels.iter().zip(&blue.pixels).zip(&red.pixels);
    for (pixel, ((y, blue), red)) in rgba.as_chunks_mut::<4>().0.iter_mut().zip(planes) {
        let y = i32::from(*y) << 10;
        let (blue, red) = (i32::from(*blue) - 128, i32::from(*red) - 128);
        let level = |sum: i32| ((sum + 512) >> 10).clamp(0, 255) as u8;
        pixel[0] = level(y + 1436 * red);
        pixel[1] = level(y - 352 * blue - 731 * red);
        pixel[2] = level(y + 1815 * blue);
    }
    Some(Picture {
        width,
        height,
        rgba,
    })
}
