//! Thumbnails: a picture in, a small JPEG out, and whether two show the same. Not for keeping
//! them.

use thiserror::Error;
use turbojpeg::{Image, PixelFormat, Subsamp};

use crate::pdf::Picture;

/// Longest side of a thumbnail in pixels.
pub const THUMBNAIL_SIDE: u16 = 256;

/// JPEG quality, 1 to 100. At 256 px, text stays crisp enough to tell letters
/// from tables; 80 against 75 costs a sixth more bytes and no visible gain.
const QUALITY: i32 = 75;

/// The picture could not be encoded.
#[derive(Debug, Error)]
#[error("the thumbnail could not be encoded: {0}")]
pub struct ThumbnailError(#[from] turbojpeg::Error);

/// Encodes a picture as JPEG, without colour where it has none.
///
/// libjpeg-turbo takes a fifth of the time of the encoders in pure Rust that
/// were tried, which with those was a fifth of a text page's whole time.
pub fn encode_thumbnail(picture: &Picture) -> Result<Vec<u8>, ThumbnailError> {
    let width = picture.width as usize;
    let image = Image {
        pixels: picture.rgba.as_slice(),
        width,
        pitch: width * 4,
        height: picture.height as usize,
        format: PixelFormat::RGBA,
    };
    let subsampling = if picture.is_gray() {
        Subsamp::Gray
    } else {
        Subsamp::Sub2x2
    };
    Ok(turbojpeg::compress(image, QUALITY, subsampling)?.to_vec())
}

/// A picture that was decoded.
pub struct Decoded<'a> {
    /// Width in pixels.
    pub width: usize,
    /// Rows from the top, 4 bytes a pixel.
    pub rgba: &'a [u8],
}

/// Whether two thumbnails of a page show something else, to a person: engines smooth edges
/// each in its own way, which is none.
pub fn thumbnails_differ(one: &Decoded<'_>, other: &Decoded<'_>) -> bool {
    /// Side of the squares whose means are compared, pixels: smoothed edges vanish in them,
    /// and a word is larger.
    const SQUARE: usize = 4;
    /// Levels of 255 by which means differ where something else is shown.
    const LEVELS: u32 = 24;
    if one.width != other.width || one.rgba.len() != other.rgba.len() {
        return true;
    }
    let along = one.width.div_ceil(SQUARE);
    let sums = |pixels: &Decoded<'_>| {
        let mut sums: Vec<([u32; 3], u32)> = Vec::new();
        for (at, pixel) in pixels.rgba.chunks_exact(4).enumerate() {
            let (x, y) = (at % pixels.width, at / pixels.width);
            let square = y / SQUARE * along + x / SQUARE;
            if square >= sums.len() {
                sums.resize(square + 1, ([0; 3], 0));
            }
            let (sum, count) = &mut sums[square];
            for (sum, level) in sum.iter_mut().zip(pixel) {
                *sum += u32::from(*level);
            }
            *count += 1;
        }
        sums
    };
    let pairs = sums(one).into_iter().zip(sums(other));
    let mut pairs = pairs.filter(|((_, count), _)| *count > 0);
    pairs.any(|((one, count), (other, _))| {
        let mut levels = one.iter().zip(other);
        levels.any(|(one, other)| one.abs_diff(other) > LEVELS * count)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(jpeg: &[u8]) -> image::DynamicImage {
        image::load_from_memory_with_format(jpeg, image::ImageFormat::Jpeg).unwrap()
    }

    #[test]
    fn gray_pages_are_encoded_without_colour() {
        let picture = Picture {
            width: 20,
            height: 10,
            rgba: [200, 200, 200, 255].repeat(200),
        };
        let image = decode(&encode_thumbnail(&picture).unwrap());
        assert_eq!((image.width(), image.height()), (20, 10));
        assert_eq!(image.color(), image::ColorType::L8);
    }

    #[test]
    fn only_what_a_person_sees_is_a_difference() {
        let page = |paint: &dyn Fn(usize, usize) -> u8| -> Vec<u8> {
            let pixels = (0..64 * 80).map(|at| paint(at % 64, at / 64));
            pixels.flat_map(|gray| [gray, gray, gray, 255]).collect()
        };
        let letters = page(&|x, y| if x % 9 < 3 && y % 11 < 5 { 60 } else { 255 });
        let smoothed = page(&|x, y| match (x % 9, y % 11) {
            (0..3, 0..5) => 68,
            (3, 0..5) => 246,
            _ => 255,
        });
        let word_less = page(&|x, y| match (x, y) {
            (18..36, 22..27) => 255,
            _ if x % 9 < 3 && y % 11 < 5 => 60,
            _ => 255,
        });
        let differ = |other: &[u8], width| {
            let letters = Decoded {
                width: 64,
                rgba: &letters,
            };
            thumbnails_differ(&letters, &Decoded { width, rgba: other })
        };
        assert!(!differ(&letters, 64) && !differ(&smoothed, 64));
        assert!(differ(&word_less, 64));
        assert!(differ(&letters, 80), "it has another shape");
    }

    #[test]
    fn colour_survives() {
        let picture = Picture {
            width: 16,
            height: 16,
            rgba: [220, 30, 30, 255].repeat(256),
        };
        let image = decode(&encode_thumbnail(&picture).unwrap()).to_rgb8();
        let pixel = image.get_pixel(8, 8);
        assert!(pixel[0] > 200 && pixel[1] < 60, "{pixel:?}");
    }
}
