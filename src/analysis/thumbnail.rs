//! Thumbnails: a picture in, a small JPEG out. Not for keeping them.

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
