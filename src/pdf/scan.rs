//! Pages that are just one JPEG, as scanners make them: found while a page is
//! interpreted, and drawn by decoding the JPEG at reduced scale. Decoding at
//! full scale, only to throw most of it away, is what takes an engine its time
//! on such pages. Not for any other page: where in doubt, the engine draws.

use hayro::hayro_interpret::{BlendMode, ClipPath, Image as DrawnImage, ImageDrawProps};
use hayro::kurbo::{Affine, Rect, Shape};
use hayro_syntax::object::{Array, Dict, Name, Object, Stream};
use image::{RgbaImage, imageops};
use turbojpeg::{Colorspace, Decompressor, Image, PixelFormat, ScalingFactor};

use super::Picture;

/// Scales at which a JPEG's blocks can be decoded, in eighths, all but the whole.
const EIGHTHS: std::ops::Range<usize> = 1..8;

/// A progressive JPEG with more scans than this is made to hold a processor up;
/// ordinary ones have about ten.
const MOST_SCANS: u32 = 100;

/// Larger pictures are drawn by the engine, in pixels: nobody looks at so many.
const MOST_PIXELS: usize = 1 << 26;

/// By how much an edge may be off before it counts, in points.
const TOLERANCE: f64 = 0.5;

/// A page's one picture.
pub(super) struct Scan {
    jpeg: Vec<u8>,
    width: usize,
    height: usize,
    /// From the picture's pixels to points from the page's top left corner.
    to_page: Affine,
}

/// Watches what a page paints, to find out whether it is a scan.
#[derive(Default)]
pub(super) struct ScanFinder {
    scan: Option<Scan>,
    /// Something else was painted, or the picture is not painted plainly.
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

    /// A picture is painted on a page of `page`'s size.
    pub fn image(&mut self, image: &DrawnImage<'_, '_>, props: &ImageDrawProps<'_>, page: Rect) {
        let plain = self.groups.iter().all(|plain| *plain)
            && props.soft_mask.is_none()
            && props.blend_mode == BlendMode::Normal;
        if self.spoiled || self.scan.is_some() || !plain {
            self.spoiled = true;
            return;
        }
        self.scan = match image {
            DrawnImage::Raster(raster) => plain_jpeg(raster.stream(), props.transform),
            DrawnImage::Stencil(_) => None,
        };
        let seen = self.scan.as_ref().is_some_and(|scan| {
            let shown = scan.bounds().intersect(page);
            self.clips.iter().all(|clip| {
                clip.is_some_and(|clip| clip.inflate(TOLERANCE, TOLERANCE).contains_rect(shown))
            })
        });
        self.spoiled = !seen;
    }

    /// The scan that the page is, if it is one.
    pub fn finish(self) -> Option<Scan> {
        self.scan.filter(|_| !self.spoiled)
    }
}

/// The picture, if it is a JPEG that every engine shows as the JPEG says:
/// without masks, colours to convert or values to map.
fn plain_jpeg(stream: &Stream<'_>, to_page: Affine) -> Option<Scan> {
    let dict = stream.dict();
    let is_jpeg = match dict.get::<Object<'_>>(b"Filter".as_slice())? {
        Object::Name(name) => &*name == b"DCTDecode",
        Object::Array(filters) => {
            let mut names = filters.iter::<Name<'_>>();
            names.next().is_some_and(|name| &*name == b"DCTDecode") && names.next().is_none()
        }
        _ => false,
    };
    let odd = [
        "SMask",
        "Mask",
        "SMaskInData",
        "Decode",
        "DecodeParms",
        "ImageMask",
        "OC",
    ];
    let number = |key: &str| {
        let number = dict.get::<u32>(key.as_bytes())?;
        usize::try_from(number).ok()
    };
    if !is_jpeg
        || odd.iter().any(|key| dict.contains_key(key.as_bytes()))
        || number("BitsPerComponent") != Some(8)
        || !is_plain_colour(dict)
    {
        return None;
    }
    Some(Scan {
        width: number("Width")?,
        height: number("Height")?,
        jpeg: stream.raw_data().into_owned(),
        to_page,
    })
}

/// Gray or RGB as screens show it. ICC profiles of scanners are near enough to
/// that for a small picture.
fn is_plain_colour(dict: &Dict<'_>) -> bool {
    match dict.get::<Object<'_>>(b"ColorSpace".as_slice()) {
        Some(Object::Name(name)) => matches!(&*name, b"DeviceGray" | b"DeviceRGB"),
        Some(Object::Array(space)) => {
            let is_icc = space
                .iter::<Name<'_>>()
                .next()
                .is_some_and(|name| &*name == b"ICCBased");
            is_icc && has_one_or_three_channels(&space)
        }
        _ => false,
    }
}

fn has_one_or_three_channels(space: &Array<'_>) -> bool {
    let profile = space.iter::<Stream<'_>>().next();
    let channels = profile.and_then(|profile| profile.dict().get::<u32>(b"N".as_slice()));
    matches!(channels, Some(1 | 3))
}

impl Scan {
    /// Where it lies on the page, in points from the top left corner.
    fn bounds(&self) -> Rect {
        let picture = Rect::new(0.0, 0.0, self.width as f64, self.height as f64);
        self.to_page.transform_rect_bbox(picture)
    }

    /// Draws the page, of `page` points, to exactly `width` × `height` pixels.
    /// None where the engine does better: at scales near the JPEG's own, or where
    /// the JPEG is not what its dictionary says.
    pub fn draw(&self, page: (f32, f32), width: u16, height: u16) -> Option<Picture> {
        let scale = Affine::scale_non_uniform(
            f64::from(width) / f64::from(page.0),
            f64::from(height) / f64::from(page.1),
        );
        let [a, b, c, d, _, _] = (scale * self.to_page).as_coeffs();
        let (columns, rows) = (self.width as f64, self.height as f64);
        let upright = (b * columns).abs() < 0.5 && (c * rows).abs() < 0.5;
        let sideways = (a * columns).abs() < 0.5 && (d * rows).abs() < 0.5;
        if upright == sideways {
            return None;
        }
        let place = scale.transform_rect_bbox(self.bounds());
        let (left, top) = (place.x0.round(), place.y0.round());
        let shown_width = (place.x1.round() - left).max(1.0);
        let shown_height = (place.y1.round() - top).max(1.0);
        let size = shown_width * shown_height;
        if size.is_nan() || size > MOST_PIXELS as f64 {
            return None;
        }
        let shown = (shown_width as u32, shown_height as u32);
        let before = if sideways { (shown.1, shown.0) } else { shown };

        let decoded = self.decode(before.0 as usize, before.1 as usize)?;
        let small = decoded.scaled(before.0, before.1);
        let mut small = RgbaImage::from_raw(small.width, small.height, small.rgba)?;
        // Rows become columns first, then what is mirrored is mirrored back.
        let (mirrored_across, mirrored_down) = if sideways {
            small = imageops::flip_horizontal(&imageops::rotate90(&small));
            (c < 0.0, b < 0.0)
        } else {
            (a < 0.0, d < 0.0)
        };
        if mirrored_across {
            imageops::flip_horizontal_in_place(&mut small);
        }
        if mirrored_down {
            imageops::flip_vertical_in_place(&mut small);
        }
        let mut canvas =
            RgbaImage::from_pixel(width.into(), height.into(), image::Rgba([u8::MAX; 4]));
        imageops::replace(&mut canvas, &small, left as i64, top as i64);
        Some(Picture {
            width: width.into(),
            height: height.into(),
            rgba: canvas.into_raw(),
        })
    }

    /// Decodes at the smallest scale that is at least as large as asked for.
    fn decode(&self, width: usize, height: usize) -> Option<Picture> {
        let mut decompressor = Decompressor::new().ok()?;
        decompressor.set_scan_limit(MOST_SCANS).ok()?;
        let header = decompressor.read_header(&self.jpeg).ok()?;
        let colour = header.colorspace;
        let plain = matches!(
            colour,
            Colorspace::Gray | Colorspace::YCbCr | Colorspace::RGB
        );
        if !plain || (header.width, header.height) != (self.width, self.height) {
            return None;
        }
        let factor = EIGHTHS
            .map(|eighths| ScalingFactor::new(eighths, 8))
            .find(|factor| {
                factor.scale(header.width) >= width && factor.scale(header.height) >= height
            })?;
        let scaled = header.scaled(factor);
        if scaled.width.checked_mul(scaled.height)? > MOST_PIXELS {
            return None;
        }
        decompressor.set_scaling_factor(factor).ok()?;
        let mut pixels = vec![0; scaled.width * scaled.height * 4];
        let output = Image {
            pixels: pixels.as_mut_slice(),
            width: scaled.width,
            pitch: scaled.width * 4,
            height: scaled.height,
            format: PixelFormat::RGBA,
        };
        decompressor.decompress(&self.jpeg, output).ok()?;
        Some(Picture {
            width: u32::try_from(scaled.width).ok()?,
            height: u32::try_from(scaled.height).ok()?,
            rgba: pixels,
        })
    }
}
