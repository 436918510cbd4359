//! What a page paints and no drawing of it shows: pictures and forms that cannot be decoded,
//! and forms in forms, deeper than the engine goes. Looked for where a page comes out bare, for
//! it would be called blank. Not for layers that are off (`layers_off`).

use std::collections::BTreeMap;

use hayro::hayro_interpret::font::GlyphRun;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, SoftMask,
};
use hayro::kurbo::BezPath;
use hayro_ccitt::{DecodeSettings, DecoderContext, EncodingMode};
use hayro_syntax::Filter;
use hayro_syntax::content::UntypedIter;
use hayro_syntax::object::{Array, Dict, Name, Object, ObjectIdentifier, Stream};
use hayro_syntax::page::{Page, Resources};

use super::scan;

/// Forms in forms that the engine goes into.
const DEEPEST_FORM: u32 = 50;

/// Forms of a page that are looked at; more are no honest ones.
const MOST_FORMS: usize = 10_000;

/// A picture that breaks off before this share of its rows is not read: writers that count them
/// wrongly are off by less.
const ROWS: f32 = 0.9;

/// Decodes the pictures of a page, as small as their format allows, and counts those of which
/// nothing comes, or not all.
#[derive(Default)]
pub(super) struct PictureReader {
    /// Pictures that cannot be read to their end.
    pub unreadable: usize,
}

impl<'a> Device<'a> for PictureReader {
    fn draw_image(&mut self, image: Image<'a, '_>, _: ImageDrawProps<'a>) {
        /// Pixels across and down.
        const SMALL: Option<(u32, u32)> = Some((16, 16));
        // Rows that come, each as high as so many of the picture's own.
        let mut rows = 0.0;
        let stream = match &image {
            Image::Raster(raster) => {
                raster.with_rgba(
                    |data, _| rows = data.height() as f32 * data.scale_factors().1,
                    SMALL,
                );
                raster.stream()
            }
            Image::Stencil(stencil) => {
                stencil.with_stencil(
                    |data, _| rows = data.height as f32 * data.scale_factors.1,
                    SMALL,
                );
                stencil.stream()
            }
        };
        let size = scan::size(stream);
        if let Some(fax) = size.and_then(|(_, height)| fax_rows(stream, height)) {
            rows = rows.min(fax as f32);
        }
        let wanted = size.map_or(1.0, |(_, height)| height as f32);
        self.unreadable += usize::from(rows < wanted * ROWS);
    }

    fn draw_glyph_run(&mut self, _: &GlyphRun<'_, 'a>, _: DrawProps<'a>, _: &DrawMode) {}
    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn pop_clip(&mut self) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn pop_transparency_group(&mut self) {}
}

/// How many rows come of a picture that is kept as faxes are: the engine shows what is missing
/// in white. None for others.
fn fax_rows(stream: &Stream<'_>, height: usize) -> Option<usize> {
    struct Rows(usize);
    impl hayro_ccitt::Decoder for Rows {
        fn push_row(&mut self, _: &[u32]) {
            self.0 += 1;
        }
    }
    let [Filter::CcittFaxDecode] = stream.filters()[..] else {
        return None;
    };
    let dict = stream.dict();
    let said = ["DecodeParms", "DP"].iter().find_map(|key| {
        let key = key.as_bytes();
        let one = || dict.get::<Dict<'_>>(key);
        one().or_else(|| dict.get::<Array<'_>>(key)?.flex_iter().next::<Dict<'_>>())
    });
    let said = said.unwrap_or_default();
    let flag = |key: &[u8], usual| said.get::<bool>(key).unwrap_or(usual);
    let settings = DecodeSettings {
        columns: said.get::<u32>(b"Columns".as_slice()).unwrap_or(1728),
        rows: u32::try_from(height).ok()?,
        end_of_block: flag(b"EndOfBlock", true),
        end_of_line: flag(b"EndOfLine", false),
        rows_are_byte_aligned: flag(b"EncodedByteAlign", false),
        encoding: match said.get::<i32>(b"K".as_slice()).unwrap_or(0) {
            ..0 => EncodingMode::Group4,
            0 => EncodingMode::Group3_1D,
            1.. => EncodingMode::Group3_2D,
        },
        strict: false,
    };
    let mut rows = Rows(0);
    // As far as it goes.
    _ = hayro_ccitt::decode(
        &stream.raw_data(),
        &mut rows,
        &mut DecoderContext::new(settings),
    );
    Some(rows.0)
}

/// Whether forms that a page paints are deeper in others than the engine goes, or cannot be
/// decoded.
pub(super) fn has_unreadable_forms(page: &Page<'_>) -> bool {
    let mut entered: BTreeMap<ObjectIdentifier, u32> = BTreeMap::new();
    let of_page = page.page_stream().unwrap_or_default();
    let mut open = forms(of_page, page.resources(), 1, &mut entered);
    let mut looked_at = 0;
    while let Some((form, resources, depth)) = open.pop() {
        looked_at += 1;
        let Ok(content) = form.decoded_data() else {
            return true;
        };
        if depth > DEEPEST_FORM || looked_at > MOST_FORMS {
            return true;
        }
        open.extend(forms(&content, &resources, depth + 1, &mut entered));
    }
    false
}

/// A form, what it finds its objects in, and how many forms deep it lies.
type Form<'a> = (Stream<'a>, Resources<'a>, u32);

/// The forms that a content stream paints and that were not entered as deep before.
fn forms<'a>(
    content: &[u8],
    resources: &Resources<'a>,
    depth: u32,
    entered: &mut BTreeMap<ObjectIdentifier, u32>,
) -> Vec<Form<'a>> {
    let mut found = Vec::new();
    let mut instructions = UntypedIter::new(content);
    while let Some(instruction) = instructions.next() {
        if &**instruction.operator != b"Do" {
            continue;
        }
        let Some(Object::Name(name)) = instruction.operands().next() else {
            continue;
        };
        let Some(form) = resources.get_x_object(name).filter(is_form) else {
            continue;
        };
        let before = entered.entry(form.obj_id()).or_default();
        if *before < depth {
            *before = depth;
            let own = form.dict().get::<Dict<'_>>(b"Resources".as_slice());
            let own = own.map_or_else(|| resources.clone(), Resources::new);
            found.push((form, own, depth));
        }
    }
    found
}

fn is_form(object: &Stream<'_>) -> bool {
    let kind = object.dict().get::<Name<'_>>(b"Subtype".as_slice());
    kind.is_some_and(|kind| &*kind == b"Form")
}
