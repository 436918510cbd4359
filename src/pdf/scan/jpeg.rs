//! A JPEG decoded no larger than it is needed. Not for finding it.

use turbojpeg::{
    Colorspace, DecompressHeader, Decompressor, Image, PixelFormat, ScalingFactor, YuvImage,
    yuv_pixels_len,
};

use super::place::MOST_PIXELS;
use crate::pdf::{Gray, Picture};

/// Scales at which blocks are decoded, in eighths. At the scales between, libjpeg-turbo
/// takes longer than for the whole, for want of vector code.
const EIGHTHS: [usize; 4] = [1, 2, 4, 8];

/// A progressive JPEG with more scans than this is made to hold a processor up;
/// ordinary ones have about ten.
const MOST_SCANS: u32 = 100;

/// Brightness and what is left of the colours beside it, as a JPEG keeps them.
pub(super) struct Planes {
    pub brightness: Gray,
    /// How blue and how red, 128 for neither; none of a gray picture.
    pub chroma: Option<[Gray; 2]>,
}

/// Decodes at the smallest scale that is at least `least` pixels across and down, or
/// whole. None where the JPEG is damaged, not of `size` pixels, or of no plain colours.
pub(super) fn decode(jpeg: &[u8], size: (usize, usize), least: (u32, u32)) -> Option<Picture> {
    let (mut decompressor, header) = open(jpeg, size, least)?;
    let mut rgba = vec![0; header.width * header.height * 4];
    let output = Image {
        pixels: rgba.as_mut_slice(),
        width: header.width,
        pitch: header.width * 4,
        height: header.height,
        format: PixelFormat::RGBA,
    };
    decompressor.decompress(jpeg, output).ok()?;
    Some(Picture {
        width: u32::try_from(header.width).ok()?,
        height: u32::try_from(header.height).ok()?,
        rgba,
    })
}

/// The same without converting colours: what measures want of a page is mostly its
/// brightness, and of the colours little. None for a JPEG that keeps red, green and blue.
pub(super) fn planes(jpeg: &[u8], size: (usize, usize), least: (u32, u32)) -> Option<Planes> {
    let (mut decompressor, header) = open(jpeg, size, least)?;
    if header.colorspace == Colorspace::RGB {
        return None;
    }
    let (width, height, subsamp) = (header.width, header.height, header.subsamp);
    let mut image = YuvImage {
        pixels: vec![0; yuv_pixels_len(width, 1, height, subsamp).ok()?],
        width,
        align: 1,
        height,
        subsamp,
    };
    decompressor
        .decompress_to_yuv(jpeg, image.as_deref_mut())
        .ok()?;
    let (brightness, chroma) = (image.y_size(), image.uv_size());
    let mut pixels = image.pixels;
    let has_chroma = header.colorspace != Colorspace::Gray;
    let chroma = has_chroma.then(|| {
        let rest = pixels.split_off(brightness.0 * brightness.1);
        let (blue, red) = rest.split_at(chroma.0 * chroma.1);
        [blue, red].map(|plane| gray(chroma, plane.to_vec()))
    });
    let padded = gray(brightness, pixels);
    Some(Planes {
        brightness: match brightness == (width, height) {
            true => padded,
            false => padded.part(0, 0, width, height),
        },
        chroma,
    })
}

fn gray((width, height): (usize, usize), pixels: Vec<u8>) -> Gray {
    Gray {
        width,
        height,
        pixels,
    }
}

/// A decompressor that is set to the scale, and the header as scaled.
fn open(
    jpeg: &[u8],
    size: (usize, usize),
    least: (u32, u32),
) -> Option<(Decompressor, DecompressHeader)> {
    let mut decompressor = Decompressor::new().ok()?;
    decompressor.set_scan_limit(MOST_SCANS).ok()?;
    let header = decompressor.read_header(jpeg).ok()?;
    let plain = matches!(
        header.colorspace,
        Colorspace::Gray | Colorspace::YCbCr | Colorspace::RGB
    );
    if !plain || (header.width, header.height) != size {
        return None;
    }
    let (width, height) = (least.0 as usize, least.1 as usize);
    let scales = EIGHTHS.map(|eighths| ScalingFactor::new(eighths, 8));
    let enough = scales.into_iter().find(|factor| {
        factor.scale(header.width) >= width && factor.scale(header.height) >= height
    });
    let factor = enough.unwrap_or(ScalingFactor::ONE);
    let scaled = header.scaled(factor);
    if scaled.width.checked_mul(scaled.height)? > MOST_PIXELS {
        return None;
    }
    decompressor.set_scaling_factor(factor).ok()?;
    Some((decompressor, scaled))
}
