//! What is put over a page after all that it paints itself: content of its own, with its
//! fonts among the resources of the page. Whatever the page leaves open, a scale or a state,
//! is closed before. Not for what is put there (`stamp`, `text_layer`).

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use lopdf::{Dictionary, Object};

use super::nesting::Nesting;
use super::original::Original;
use super::part::{Assembly, reference};
use super::resources::{LARGEST_CONTENT, whole_content};
use crate::model::PageShape;

/// The box of a page that says none (A4, ISO 216).
const USUAL_BOX: [f32; 4] = [0.0, 0.0, 595.0, 842.0];

/// What is put over a page.
#[derive(Debug, Default)]
pub(super) struct Over {
    /// Names and numbers of the fonts that it uses. No program calls its own so.
    pub fonts: Vec<(&'static str, u32)>,
    /// What it paints, in the units of the page. It is written as it is.
    pub content: Vec<u8>,
    /// What it paints after that, which may be long and is packed.
    pub packed: Vec<u8>,
}

impl Assembly<'_> {
    /// Puts something over a page that is otherwise complete.
    pub(super) fn put_over(
        &mut self,
        source: usize,
        page: &Dictionary,
        own: &mut Dictionary,
        over: Over,
    ) {
        let original = self.originals[source];
        let mut resources = match own.get(b"Resources") {
            Ok(Object::Dictionary(resources)) => resources.clone(),
            // They are those of other pages as well: this page gets its own.
            _ => match original.value(page, b"Resources") {
                Object::Dictionary(all) => self.localised_entries(source, all, &[]),
                _ => Dictionary::new(),
            },
        };
        let fonts = original
            .entries(page, b"Resources")
            .and_then(|all| original.entries(all, b"Font"));
        let mut fonts = match (resources.get(b"Font"), fonts) {
            (Ok(Object::Dictionary(fonts)), _) => fonts.clone(),
            (Ok(_), Some(fonts)) => self.localised_entries(source, fonts, &[]),
            _ => Dictionary::new(),
        };
        for (name, font) in over.fonts {
            fonts.set(name, reference(font));
        }
        resources.set("Font", fonts);
        own.set("Resources", resources);

        let nesting = original.nesting(page);
        let begin = self.add_stream(Dictionary::new(), b"q\n".repeat(nesting.restored + 1));
        let end = [
            nesting.ending,
            b"\nEMC".repeat(nesting.marked),
            b"\nQ".repeat(nesting.saved + 1),
            b"\n".to_vec(),
            over.content,
        ];
        let end = self.add_stream(Dictionary::new(), end.concat());
        let packed = match over.packed.is_empty() {
            true => None,
            false => Some(self.add_packed(Dictionary::new(), &over.packed)),
        };
        let contents = match own.get(b"Contents") {
            Ok(Object::Array(parts)) => parts.clone(),
            Ok(whole @ Object::Reference(_)) => match original.value(page, b"Contents") {
                Object::Array(parts) => {
                    let parts = parts.iter().map(|part| self.localised(source, part));
                    parts.collect()
                }
                _ => vec![whole.clone()],
            },
            _ => Vec::new(),
        };
        let contents = [reference(begin)].into_iter().chain(contents);
        let contents = contents.chain([reference(end)]);
        let contents = contents.chain(packed.map(reference)).collect();
        own.set("Contents", Object::Array(contents));
    }

    /// Adds an own stream, packed, and returns its number.
    pub(super) fn add_packed(&mut self, mut entries: Dictionary, content: &[u8]) -> u32 {
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
        // Writing to memory cannot fail.
        let packed = packed.write_all(content).and_then(|()| packed.finish());
        match packed {
            Ok(packed) => {
                entries.set("Filter", "FlateDecode");
                self.add_stream(entries, packed)
            }
            Err(_) => self.add_stream(entries, content.to_vec()),
        }
    }
}

impl Original {
    /// What a page's content leaves open, as far as it can be read.
    fn nesting(&self, page: &Dictionary) -> Nesting {
        let parts: Vec<&Object> = match self.value(page, b"Contents") {
            Object::Array(parts) => parts.iter().map(|part| self.resolve(part)).collect(),
            whole => vec![whole],
        };
        let mut content = Vec::new();
        for part in parts {
            if let Object::Stream(stream) = part
                && content.len() <= LARGEST_CONTENT
            {
                let plain = whole_content(stream).or_else(|| {
                    let plain = stream.get_plain_content_with_limit(LARGEST_CONTENT);
                    plain.ok()
                });
                content.extend(plain.unwrap_or_default());
                content.push(b'\n');
            }
        }
        Nesting::of(&content)
    }
}

/// How a page lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lies {
    /// What of it is shown, in its own units: left, bottom, right, top.
    pub shown: [f32; 4],
    /// Its unit, in points.
    pub unit: f32,
    /// Degrees by which it is turned clockwise.
    pub rotated: i64,
}

impl Lies {
    /// How a page of an original lies that says to be turned so.
    pub fn of(original: &Original, page: &Dictionary, rotate: &Object) -> Self {
        Self {
            shown: shown_box(original, page),
            unit: unit(original, page),
            rotated: rotate.as_float().unwrap_or(0.0) as i64,
        }
    }

    /// Width and height of what is shown, as viewers show it, in the page's units.
    pub fn size(self) -> (f32, f32) {
        let [left, bottom, right, top] = self.shown;
        let (width, height) = (right - left, top - bottom);
        match self.rotated.rem_euclid(360) {
            90 | 270 => (height, width),
            _ => (width, height),
        }
    }

    /// The matrix that leads from what is shown, so far along from its left and up from its
    /// bottom, to the page as it lies.
    pub fn at(self, along: f32, up: f32) -> [f32; 6] {
        let [left, bottom, right, top] = self.shown;
        match self.rotated.rem_euclid(360) {
            90 => [0.0, 1.0, -1.0, 0.0, right - up, bottom + along],
            180 => [-1.0, 0.0, 0.0, -1.0, right - along, top - up],
            270 => [0.0, -1.0, 1.0, 0.0, left + up, top - along],
            _ => [1.0, 0.0, 0.0, 1.0, left + along, bottom + up],
        }
    }
}

/// The unit of a page, in points (ISO 32000-1, table 30).
fn unit(original: &Original, page: &Dictionary) -> f32 {
    let unit = original.value(page, b"UserUnit").as_float();
    let unit = unit.ok().filter(|unit| unit.is_finite() && *unit > 0.0);
    unit.unwrap_or(1.0)
        .clamp(PageShape::SMALLEST_UNIT, PageShape::LARGEST_UNIT)
}

/// What of a page is shown, in its own units: left, bottom, right, top.
fn shown_box(original: &Original, page: &Dictionary) -> [f32; 4] {
    let rectangle = |key: &[u8]| {
        let numbers = original.items(page, key).iter();
        let numbers = numbers.map(|number| original.resolve(number).as_float().ok());
        let [a, b, c, d] = numbers.collect::<Option<Vec<f32>>>()?[..] else {
            return None;
        };
        let sorted = [a.min(c), b.min(d), a.max(c), b.max(d)];
        (sorted[0] < sorted[2] && sorted[1] < sorted[3]).then_some(sorted)
    };
    let media = rectangle(b"MediaBox").unwrap_or(USUAL_BOX);
    let crop = rectangle(b"CropBox").unwrap_or(media);
    let both = [
        media[0].max(crop[0]),
        media[1].max(crop[1]),
        media[2].min(crop[2]),
        media[3].min(crop[3]),
    ];
    match both[0] < both[2] && both[1] < both[3] {
        true => both,
        false => media,
    }
}
