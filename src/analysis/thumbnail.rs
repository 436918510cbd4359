//! Thumbnails: a picture in, a small JPEG out. Not for keeping them.

use jpeg_encoder::{ColorType, Encoder};
use thiserror::Error;

use crate::pdf::Picture;

/// Longest side of a thumbnail in pixels.
pub const THUMBNAIL_SIDE: u16 = 256;

/// JPEG quality, 1 to 100. At 256 px, text stays crisp enough to tell letters
/// from tables; 80 against 70 costs a third more bytes and no visible gain.
const QUALITY: u8 = 75;

/// The picture could not be encoded.
#[derive(Debug, Error)]
#[error("the thumbnail could not be encoded: {0}")]
pub struct ThumbnailError(#[from] jpeg_encoder::EncodingError);

/// Encodes a picture as JPEG, without colour where it has none: most pages are
/// black on white, and gray takes less than half the time and bytes.
pub fn encode_thumbnail(picture: &Picture) -> Result<Vec<u8>, ThumbnailError> {
    let side = |pixels: u32| u16::try_from(pixels).unwrap_or(u16::MAX);
    let (width, height) = (side(picture.width), side(picture.height));
    let mut jpeg = Vec::with_capacity(16 * 1024);
    let encoder = Encoder::new(&mut jpeg, QUALITY);
    if is_gray(picture) {
        let luma: Vec<u8> = picture.rgba.chunks_exact(4).map(|pixel| pixel[1]).collect();
        encoder.encode(&luma, width, height, ColorType::Luma)?;
    } else {
        encoder.encode(&picture.rgba, width, height, ColorType::Rgba)?;
    }
    Ok(jpeg)
}

fn is_gray(picture: &Picture) -> bool {
    picture
        .rgba
        .chunks_exact(4)
        .all(|pixel| pixel[0] == pixel[1] && pixel[1] == pixel[2])
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
