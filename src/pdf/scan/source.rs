//! The picture that a page is, as its file keeps it: which kinds are decoded here, being
//! what scanners write, and every engine would show them alike. Not for where it lies.

use std::borrow::Cow;

use hayro_syntax::Filter;
use hayro_syntax::object::stream::ImageDecodeParams;
use hayro_syntax::object::{Array, Dict, Name, Object, Stream};

use super::bits::Bits;
use super::place::MOST_PIXELS;
use crate::pdf::Gray;

/// A picture that is decoded here.
pub(super) enum Source {
    /// As it is; decoded when it is known how large.
    Jpeg(Vec<u8>),
    /// Black and white.
    Bits(Bits),
    /// A byte a pixel.
    Gray(Gray),
}

/// What colours of a picture mean.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Colours {
    Gray,
    Rgb,
}

/// Columns and rows of a picture.
pub(in crate::pdf) fn size(stream: &Stream<'_>) -> Option<(usize, usize)> {
    let dict = stream.dict();
    let number = |key: &[u8]| usize::try_from(dict.get::<u32>(key)?).ok();
    Some((number(b"Width")?, number(b"Height")?))
}

impl Source {
    /// The picture; none where it has masks, colours to convert or values to map, is
    /// damaged, or is kept in another way.
    pub fn of(
        stream: &Stream<'_>,
        unpacked: Option<Cow<'_, [u8]>>,
        (width, height): (usize, usize),
    ) -> Option<Self> {
        let dict = stream.dict();
        let odd = ["SMask", "Mask", "SMaskInData", "ImageMask", "OC"];
        if odd.iter().any(|key| dict.contains_key(key.as_bytes()))
            || width.checked_mul(height)? > MOST_PIXELS
        {
            return None;
        }
        let filters = stream.filters();
        let bits = dict.get::<u32>(b"BitsPerComponent".as_slice());
        if let [Filter::DctDecode] = filters[..] {
            let plain = ["Decode", "DecodeParms"]
                .iter()
                .all(|key| !dict.contains_key(key.as_bytes()));
            return (plain && bits == Some(8) && colours(dict).is_some())
                .then(|| Self::Jpeg(from_start(&stream.raw_data()).to_vec()));
        }
        let is_fax = matches!(
            filters.last(),
            Some(Filter::CcittFaxDecode | Filter::Jbig2Decode)
        );
        let is_packed = filters.iter().all(|filter| {
            matches!(
                filter,
                Filter::FlateDecode | Filter::LzwDecode | Filter::RunLengthDecode
            )
        });
        if colours(dict) != Some(Colours::Gray) || !(is_fax || is_packed) {
            return None;
        }
        let inverted = is_inverted(dict)?;
        let decoded = |depth: u8| {
            if let Some(unpacked) = unpacked {
                return Some(unpacked.into_owned());
            }
            let params = ImageDecodeParams {
                // Keeps bits packed.
                is_indexed: depth == 1,
                bpc: Some(depth),
                num_components: Some(1),
                target_dimension: None,
                width: width.try_into().ok()?,
                height: height.try_into().ok()?,
            };
            let decoded = stream.decoded_image(&params).ok()?;
            let as_said = decoded.image_data.as_ref().is_none_or(|data| {
                (data.width as usize, data.height as usize) == (width, height)
                    && data.bits_per_component == depth
            });
            as_said.then(|| decoded.data.into_owned())
        };
        match bits {
            Some(1) | None if bits.is_some() || is_fax => {
                Bits::new(decoded(1)?, width, height, inverted).map(Self::Bits)
            }
            Some(8) if is_packed && !inverted => {
                let mut pixels = decoded(8)?;
                if pixels.len() < width * height {
                    return None;
                }
                pixels.truncate(width * height);
                Some(Self::Gray(Gray {
                    width,
                    height,
                    pixels,
                }))
            }
            _ => None,
        }
    }
}

/// A JPEG from where it begins: some writers leave a line break or a header of their own
/// before it.
fn from_start(data: &[u8]) -> &[u8] {
    /// Bytes that are looked at.
    const NEAR: usize = 1024;
    let near = data.get(..NEAR).unwrap_or(data);
    let start = memchr::memmem::find(near, b"\xff\xd8\xff").unwrap_or_default();
    data.get(start..).unwrap_or(data)
}

/// Whether a picture in shades of gray maps its values the other way round; none where it
/// maps them in yet another way.
fn is_inverted(dict: &Dict<'_>) -> Option<bool> {
    let Some(map) = dict.get::<Array<'_>>(b"Decode".as_slice()) else {
        return (!dict.contains_key(b"Decode".as_slice())).then_some(false);
    };
    let map: Vec<f32> = map.iter::<f32>().collect();
    match map[..] {
        [0.0, 1.0] => Some(false),
        [1.0, 0.0] => Some(true),
        _ => None,
    }
}

/// Gray or RGB as screens show it. ICC profiles of scanners are near enough to
/// that for a small picture.
fn colours(dict: &Dict<'_>) -> Option<Colours> {
    let of_channels = |channels| match channels {
        1 => Some(Colours::Gray),
        3 => Some(Colours::Rgb),
        _ => None,
    };
    match dict.get::<Object<'_>>(b"ColorSpace".as_slice())? {
        Object::Name(name) => match &*name {
            b"DeviceGray" => Some(Colours::Gray),
            b"DeviceRGB" => Some(Colours::Rgb),
            _ => None,
        },
        Object::Array(space) => {
            let mut space = space.flex_iter();
            if &*space.next::<Name<'_>>()? != b"ICCBased" {
                return None;
            }
            let profile = space.next::<Stream<'_>>()?;
            of_channels(profile.dict().get::<u32>(b"N".as_slice())?)
        }
        _ => None,
    }
}
