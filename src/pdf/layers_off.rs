//! Layers of a document that are off when it is opened, and what stands on them: found by
//! reading a page once more with all layers on. Not for the layers of parts (`extract`).

use hayro::hayro_interpret::font::{Glyph, GlyphRun};
use hayro::hayro_interpret::hayro_cmap::{BfString, WritingMode};
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, SoftMask,
};
use hayro::kurbo::{BezPath, Point};
use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, Name};
use rustc_hash::FxHashSet;

use super::concealed::Letter;
use super::hayro::placed;

/// Layers are looked for in files of up to so many bytes: the file is in memory once more.
const MOST_BYTES: usize = 1 << 27;

/// Letters of a page, and of its layers that are off, up to so many.
const MOST_LETTERS: usize = 50_000;

/// Where a catalog says which layers there are.
const LAYERS: &[u8] = b"/OCProperties";

/// Whether layers of a document are off when it is opened.
pub(super) fn has_layers_off(pdf: &Pdf) -> bool {
    let xref = pdf.xref();
    let catalog = xref.get::<Dict<'_>>(xref.root_id());
    let layers = catalog.and_then(|catalog| catalog.get::<Dict<'_>>(b"OCProperties".as_slice()));
    let Some(shown) = layers.and_then(|layers| layers.get::<Dict<'_>>(b"D".as_slice())) else {
        return false;
    };
    let off = shown.get::<Array<'_>>(b"OFF".as_slice());
    let base = shown.get::<Name<'_>>(b"BaseState".as_slice());
    off.is_some_and(|off| off.raw_iter().next().is_some())
        || base.is_some_and(|base| &*base == b"OFF")
}

/// The file with all layers on: without the entry that says which are off, by another name
/// as long. None where it is packed.
pub(super) fn with_all_layers(file: &[u8]) -> Option<Vec<u8>> {
    if file.len() > MOST_BYTES {
        return None;
    }
    let mut all = file.to_vec();
    let places = memchr::memmem::find_iter(file, LAYERS);
    let mut found = false;
    for place in places {
        if let Some(last) = all.get_mut(place + LAYERS.len() - 1) {
            *last = b'_';
            found = true;
        }
    }
    found.then_some(all)
}

/// What is shown of a page that may have more.
#[derive(Default)]
pub(super) struct Shown {
    /// Letters and where they stand, in points.
    letters: FxHashSet<(char, i32, i32)>,
    /// Glyphs, paths and pictures.
    painted: usize,
}

impl Shown {
    /// A glyph of a page is read, of which this is known.
    pub fn letter(&mut self, character: char, middle: Point) {
        if self.letters.len() < MOST_LETTERS {
            self.letters.insert(known_as(character, middle));
        }
    }

    /// So many things more are painted.
    pub fn painted(&mut self, count: usize) {
        self.painted += count;
    }
}

/// As what a letter that stands there is known.
fn known_as(character: char, middle: Point) -> (char, i32, i32) {
    (character, middle.x.round() as i32, middle.y.round() as i32)
}

/// Reads a page with all layers on, and keeps what is not shown without.
pub(super) struct LayersOff {
    shown: Shown,
    letters: Vec<Letter>,
    painted: usize,
}

impl LayersOff {
    /// For a page of which this is shown.
    pub fn new(shown: Shown) -> Self {
        Self {
            shown,
            letters: Vec::new(),
            painted: 0,
        }
    }

    /// The letters that are not shown.
    pub fn letters(&self) -> &[Letter] {
        &self.letters
    }

    /// More is painted than is shown.
    pub fn has_more(&self) -> bool {
        self.painted > self.shown.painted
    }
}

impl<'a> Device<'a> for LayersOff {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        if matches!(mode, DrawMode::Invisible) {
            return;
        }
        self.painted += run.glyphs().len();
        let vertical = run.writing_mode() == WritingMode::Vertical;
        let mut begins_word = false;
        for positioned in run.glyphs() {
            let glyph: &Glyph<'a> = positioned;
            let (place, middle) = placed(glyph, props.transform * positioned.transform(), vertical);
            let character = match glyph.as_unicode() {
                Some(BfString::Char(character)) => Some(character),
                Some(BfString::String(characters)) => characters.chars().next(),
                None => None,
            };
            let letter = character.filter(|character| character.is_alphanumeric());
            let Some(character) = letter.filter(|_| middle.is_finite()) else {
                begins_word = true;
                continue;
            };
            if self.letters.len() < MOST_LETTERS
                && !self.shown.letters.contains(&known_as(character, middle))
            {
                self.letters.push(Letter {
                    character,
                    middle,
                    size: place.size,
                    is_larger: false,
                    begins_word: std::mem::take(&mut begins_word),
                });
            }
        }
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {
        self.painted += 1;
    }

    fn draw_rect(&mut self, _: &hayro::kurbo::Rect, _: DrawProps<'a>, _: &DrawMode) {
        self.painted += 1;
    }

    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {
        self.painted += 1;
    }

    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn pop_clip(&mut self) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn pop_transparency_group(&mut self) {}
}
