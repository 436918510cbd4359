//! Pages that are just one picture, whole or in strips, as scanners make them: found
//! while a page is interpreted, and decoded straight to what is asked for. Decoding to
//! the engine's full colours, and resampling those, is what takes an engine its time on
//! such pages. Not for any other page: where in doubt, the engine draws.

mod bits;
mod jpeg;
mod piece;
mod place;
mod source;

use std::borrow::Cow;

use hayro::hayro_interpret::{BlendMode, ClipPath, Image as DrawnImage, ImageDrawProps};
use hayro::kurbo::{Rect, Shape};

use self::piece::Piece;
pub(super) use self::source::size;
use super::{Gray, Picture, Sheet, SheetSize};

/// By how much an edge may be off before it counts, in points.
const TOLERANCE: f64 = 0.5;

/// Scanners cut a page into some ten strips or tiles; the engine draws what has more.
const MOST_PIECES: usize = 64;

/// A page's picture, in the order in which its pieces are painted.
pub(super) struct Scan {
    pieces: Vec<Piece>,
}

/// Watches what a page paints, to find out whether it is a scan.
#[derive(Default)]
pub(super) struct ScanFinder {
    pieces: Vec<Piece>,
    /// Something else was painted, or a picture is not painted plainly.
    spoiled: bool,
    clips: Vec<Option<Rect>>,
    /// Of the groups that are open, whether each paints plainly.
    groups: Vec<bool>,
}

impl ScanFinder {
    /// Something other than a picture is painted.
    pub fn painted(&mut self) {
        self.spoiled = true;
    }

    pub fn push_clip_path(&mut self, clip: &ClipPath) {
        let bounds = clip.path.bounding_box();
        let is_rect = (clip.path.area().abs() - bounds.area()).abs() <= TOLERANCE;
        self.clips.push(is_rect.then_some(bounds));
    }

    pub fn push_clip_rect(&mut self, clip: Rect) {
        self.clips.push(Some(clip));
    }

    pub fn pop_clip(&mut self) {
        self.clips.pop();
    }

    pub fn push_group(&mut self, opacity: f32, has_mask: bool, blend_mode: BlendMode) {
        let plain = opacity >= 1.0 && !has_mask && blend_mode == BlendMode::Normal;
        self.groups.push(plain);
    }

    pub fn pop_group(&mut self) {
        self.groups.pop();
    }

    /// A picture is painted on a page of `page`'s size; `unpacked` is what its stream holds,
    /// where that is known.
    pub fn image(
        &mut self,
        image: &DrawnImage<'_, '_>,
        unpacked: Option<Cow<'_, [u8]>>,
        props: &ImageDrawProps<'_>,
        page: Rect,
    ) {
        let plain = self.groups.iter().all(|plain| *plain)
            && props.soft_mask.is_none()
            && props.blend_mode == BlendMode::Normal;
        let piece = match image {
            _ if self.spoiled || !plain || self.pieces.len() == MOST_PIECES => None,
            DrawnImage::Raster(raster) => Piece::of(raster.stream(), unpacked, props.transform),
            DrawnImage::Stencil(_) => None,
        };
        let piece = piece.filter(|piece| {
            let shown = piece.bounds().intersect(page);
            self.clips.iter().all(|clip| {
                clip.is_some_and(|clip| clip.inflate(TOLERANCE, TOLERANCE).contains_rect(shown))
            })
        });
        self.spoiled |= piece.is_none();
        self.pieces.extend(piece);
    }

    /// The scan that the page is, if it is one.
    pub fn finish(self) -> Option<Scan> {
        let found = !self.spoiled && !self.pieces.is_empty();
        found.then_some(Scan {
            pieces: self.pieces,
        })
    }
}

impl Scan {
    /// Whether its pictures can only be decoded whole or not at all: what is missing of a fax
    /// comes out white.
    pub fn is_all_or_nothing(&self) -> bool {
        self.pieces.iter().all(Piece::is_all_or_nothing)
    }

    /// Draws the page, of `page` points, to exactly `width` × `height` pixels. None where
    /// the engine does better: larger than the picture is, or where that is not what its
    /// dictionary says.
    pub fn draw(&self, page: (f32, f32), width: u16, height: u16) -> Option<Picture> {
        let canvas = (u32::from(width), u32::from(height));
        let mut drawn = None;
        for piece in &self.pieces {
            let place = piece.place(page, canvas)?;
            drawn = Some(place.put(piece.picture(place.size())?, drawn)?);
        }
        drawn
    }

    /// The page at exactly this size, as measures take it. None where the engine is to
    /// draw it.
    pub fn sheet(&self, page: (f32, f32), size: SheetSize) -> Option<Sheet> {
        let pixels = |(width, height): (u16, u16)| (u32::from(width), u32::from(height));
        let (canvas, coarse) = (pixels(size.gray), pixels(size.colours));
        let mut gray: Option<Gray> = None;
        let mut colours = None;
        for piece in &self.pieces {
            let place = piece.place(page, canvas)?;
            let planes = piece.planes(place.size())?;
            if let Some(chroma) = &planes.chroma {
                // What has no colours so far is beside it in gray.
                let before = || gray.as_ref()?.resized(coarse.0, coarse.1);
                let before = colours.or_else(|| before().map(Picture::from));
                let place = piece.place(page, coarse)?;
                let picture = piece::coloured(&planes.brightness, chroma, place.size())?;
                colours = Some(place.put(picture, before)?);
            } else if let Some(before) = colours {
                let place = piece.place(page, coarse)?;
                let (across, down) = place.size();
                let picture = planes.brightness.resized(across, down)?.into();
                colours = Some(place.put(picture, Some(before))?);
            }
            gray = Some(place.put_gray(planes.brightness, gray)?);
        }
        Some(Sheet {
            gray: gray?,
            colours,
            drawn: None,
        })
    }
}
