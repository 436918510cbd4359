//! The hayro engine: pure Rust, compiled in, needs no set-up. Not for deciding
//! when to use it.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hayro::hayro_interpret::font::{Glyph, GlyphRun};
use hayro::hayro_interpret::hayro_cmap::{BfString, WritingMode};
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps,
    InterpreterCache, InterpreterSettings, InterpreterWarning, SoftMask, TransformExt,
    interpret_page,
};
use hayro::kurbo::{Affine, BezPath, Point, Rect, Shape};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::vello_cpu::{
    Pixmap, RasterizerSettings, RenderContext, Resources as RasterizerResources, TargetInit,
};
use hayro::{RenderCache, RenderSettings};
use hayro_syntax::object::{Array, Dict, Name, Object};
use hayro_syntax::page::{Page, Rotation};
use hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use self_cell::self_cell;

use super::concealed::{TOO_SMALL, on_layers_off};
use super::contents::{self, ContentsBuilder, PageContents, Painted, PlacedGlyph};
use super::glyph_letters::GlyphLetters;
use super::layers_off::{LayersOff, Shown, has_layers_off, with_all_layers};
use super::letters::Stamps;
use super::lost_contents::are_lost;
use super::notes::notes;
use super::page_order::page_order;
use super::painting::{Outlines, PaintingReader};
use super::scan::{Scan, ScanFinder};
use super::substitute_fonts;
use super::text::{PlacedText, Placement, TextBuilder};
use super::text_string::decoded;
use super::undrawn::{PictureReader, has_unreadable_forms};
use super::{Engine, OpenDocument, OpenError, PageError, Picture, Sheet, SheetSize};
use crate::model::{Contents, EngineKind, PageShape, Undrawn, Word};

/// Glyph outlines count 1,000 units to the em.
const UNITS_PER_EM: f64 = 1000.0;

/// Used where a font does not say how wide a glyph is, in ems.
const USUAL_ADVANCE: f64 = 0.5;

/// The hayro engine.
#[derive(Clone, Copy, Debug, Default)]
pub struct HayroEngine;

impl Engine for HayroEngine {
    fn open(
        &self,
        bytes: Arc<Vec<u8>>,
        password: Option<&str>,
    ) -> Result<Box<dyn OpenDocument>, OpenError> {
        let all = Arc::clone(&bytes);
        let pdf =
            Pdf::new_with_password(bytes, password.unwrap_or_default()).map_err(
                |error| match error {
                    LoadPdfError::Invalid => OpenError::Damaged,
                    LoadPdfError::Decryption(DecryptionError::PasswordProtected) => {
                        OpenError::NeedsPassword
                    }
                    LoadPdfError::Decryption(other) => {
                        OpenError::UnsupportedEncryption(format!("{other:?}"))
                    }
                },
            )?;
        let has_layers_off = password.is_none() && has_layers_off(&pdf);
        let lacks_pictures = Arc::new(AtomicBool::new(false));
        let failing = Arc::clone(&lacks_pictures);
        Ok(Box::new(HayroDocument {
            pages: owned_pages(pdf),
            file: has_layers_off.then_some(all),
            all_layers: OnceCell::new(),
            lacks_pictures,
            settings: InterpreterSettings {
                font_resolver: Arc::new(substitute_fonts::resolve),
                warning_sink: Arc::new(move |warning| {
                    if matches!(warning, InterpreterWarning::ImageDecodeFailure) {
                        failing.store(true, Ordering::Relaxed);
                    }
                }),
                ..InterpreterSettings::default()
            },
            canvas: RefCell::new(Canvas {
                context: RenderContext::new(1, 1),
                resources: RasterizerResources::default(),
            }),
            read: RefCell::new(None),
            stamps: RefCell::default(),
            letters: RefCell::default(),
            outlines: RefCell::default(),
        }))
    }
}

/// An open document.
struct HayroDocument {
    pages: OwnedPages,
    /// Its bytes, where it has layers that are off.
    file: Option<Arc<Vec<u8>>>,
    /// The same pages with all layers on, once they were asked for.
    all_layers: OnceCell<Option<OwnedPages>>,
    /// Pictures could not be decoded of the page that was read and drawn last.
    lacks_pictures: Arc<AtomicBool>,
    settings: InterpreterSettings,
    canvas: RefCell<Canvas>,
    /// What the page that was read last says: it is drawn and then asked for
    /// its text, and interpreting takes a fifth of a text page's time.
    read: RefCell<Option<Rc<Reading>>>,
    /// Glyphs whose shapes are known.
    stamps: RefCell<Stamps>,
    /// What glyphs stand for of which the document does not say it.
    letters: RefCell<GlyphLetters>,
    /// Glyphs whose outlines are hashed.
    outlines: RefCell<Outlines>,
}

/// What interpreting a page tells.
struct Reading {
    number: u32,
    text: PlacedText,
    /// What it paints.
    contents: PageContents,
    /// The page is just one picture.
    scan: Option<Scan>,
}

impl HayroDocument {
    fn read(&self, number: u32) -> Result<Rc<Reading>, PageError> {
        if let Some(reading) = &*self.read.borrow()
            && reading.number == number
        {
            return Ok(Rc::clone(reading));
        }
        self.lacks_pictures.store(false, Ordering::Relaxed);
        let reading = self.pages.with_dependent(|pdf, pages| {
            let page = pages.readable(pdf, number)?;
            let (width, height) = page.render_dimensions();
            let area = Rect::new(0.0, 0.0, width.into(), height.into());
            let mut reader = PageReader {
                page: area,
                text: TextBuilder::default(),
                contents: ContentsBuilder::new(area),
                stamps: &mut self.stamps.borrow_mut(),
                letters: &mut self.letters.borrow_mut(),
                scan: ScanFinder::default(),
                said: Vec::new(),
                shown: self.file.is_some().then(Shown::default),
            };
            pages.interpret(page, &self.settings, &mut reader);
            if has_drawn_annotation(page) {
                reader.scan.painted();
            }
            let mut contents = reader.contents.finish(user_unit(page));
            if let Some(shown) = reader.shown {
                self.look_for_layers(number, area, shown, &mut contents.contents);
            }
            contents.contents.annotations = filled_annotations(page);
            Ok(Rc::new(Reading {
                number,
                text: reader.text.finish(),
                contents,
                scan: reader.scan.finish(),
            }))
        })?;
        *self.read.borrow_mut() = Some(Rc::clone(&reading));
        Ok(reading)
    }

    /// Adds what stands on a page besides what is shown of it, on layers that are off.
    fn look_for_layers(&self, number: u32, page: Rect, shown: Shown, contents: &mut Contents) {
        let all = self.all_layers.get_or_init(|| {
            let pdf = Pdf::new(Arc::new(with_all_layers(self.file.as_deref()?)?)).ok()?;
            Some(owned_pages(pdf))
        });
        let Some(all) = all else {
            // What is on them cannot be told, and a page of which nothing is shown may be
            // all on them.
            if contents.empty && self.paints(number).unwrap_or(true) {
                contents.undrawn_parts.push(Undrawn::Layer);
            }
            return;
        };
        all.with_dependent(|_, pages| {
            let mut reader = LayersOff::new(shown);
            if let Ok(of_all) = pages.get(number) {
                pages.interpret(of_all, &self.settings, &mut reader);
            }
            contents
                .hidden_text
                .extend(on_layers_off(page, reader.letters()));
            if reader.has_more() {
                contents.undrawn_parts.push(Undrawn::Layer);
            }
        });
    }
}

fn owned_pages(pdf: Pdf) -> OwnedPages {
    OwnedPages::new(pdf, |pdf| Pages {
        pages: pdf.pages(),
        order: page_order(pdf),
        drawing: RenderCache::new(),
        reading: InterpreterCache::new(),
    })
}

self_cell!(
    /// A document's pages together with the document that they borrow from.
    struct OwnedPages {
        owner: Pdf,
        #[not_covariant]
        dependent: Pages,
    }
);

/// Pages with the caches that they share.
struct Pages<'a> {
    pages: &'a [Page<'a>],
    /// Indices of pages in the order in which they are shown.
    order: Vec<usize>,
    drawing: RenderCache<'a>,
    reading: InterpreterCache<'a>,
}

impl<'a> Pages<'a> {
    fn get(&self, number: u32) -> Result<&'a Page<'a>, PageError> {
        (number as usize)
            .checked_sub(1)
            .and_then(|index| self.pages.get(*self.order.get(index)?))
            .ok_or(PageError::NoSuchPage(number))
    }

    /// The same for a page whose contents are not lost.
    fn readable(&self, pdf: &Pdf, number: u32) -> Result<&'a Page<'a>, PageError> {
        let page = self.get(number)?;
        match are_lost(pdf, page) {
            true => Err(PageError::Failed(
                number,
                "its contents are damaged and cannot be read".to_owned(),
            )),
            false => Ok(page),
        }
    }

    /// Lets a device see what a page paints.
    fn interpret(
        &self,
        page: &'a Page<'a>,
        settings: &InterpreterSettings,
        device: &mut impl Device<'a>,
    ) {
        let (width, height) = page.render_dimensions();
        let area = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
        let transform = page.initial_transform(true).to_kurbo();
        self.interpret_at(page, transform, area, settings, device);
    }

    /// The same, with the page moved by `transform` and its visible part at `area` then.
    fn interpret_at(
        &self,
        page: &'a Page<'a>,
        transform: Affine,
        area: Rect,
        settings: &InterpreterSettings,
        device: &mut impl Device<'a>,
    ) {
        let mut context = Context::new(
            transform,
            area,
            &self.reading,
            page.xref(),
            settings.clone(),
        );
        interpret_page(page, &mut context, device);
    }
}

/// What is needed to paint, kept from page to page: making it anew costs a
/// twentieth of a text page.
struct Canvas {
    context: RenderContext,
    resources: RasterizerResources,
}

impl OpenDocument for HayroDocument {
    fn engine(&self) -> EngineKind {
        EngineKind::Hayro
    }

    fn page_count(&self) -> u32 {
        self.pages
            .with_dependent(|_, pages| u32::try_from(pages.order.len()).unwrap_or(u32::MAX))
    }

    fn shape(&self, number: u32) -> Result<PageShape, PageError> {
        self.pages.with_dependent(|_, pages| {
            let page = pages.get(number)?;
            let (width, height) = page.render_dimensions();
            let unit = user_unit(page);
            Ok(PageShape {
                width: width * unit,
                height: height * unit,
                rotation: match page.rotation() {
                    Rotation::None => 0,
                    Rotation::Horizontal => 90,
                    Rotation::Flipped => 180,
                    Rotation::FlippedHorizontal => 270,
                },
            })
        })
    }

    fn draw(&self, number: u32, width: u16, height: u16) -> Result<Picture, PageError> {
        self.pages.with_dependent(|_, pages| {
            let page = pages.get(number)?;
            if is_cut_away(page) {
                let why = "its crop box is empty, and readers differ on what is to be seen then";
                return Err(PageError::Failed(number, why.to_owned()));
            }
            let (page_width, page_height) = page.render_dimensions();
            let reading = self.read(number)?;
            if let Some(scan) = &reading.scan
                && let Some(picture) = scan.draw((page_width, page_height), width, height)
            {
                return Ok(picture);
            }
            let Canvas { context, resources } = &mut *self.canvas.borrow_mut();
            context.reset_and_resize(width, height);
            let transform = Affine::scale_non_uniform(
                f64::from(width) / f64::from(page_width),
                f64::from(height) / f64::from(page_height),
            ) * page.initial_transform(true).to_kurbo();
            hayro::render_into(
                page,
                &pages.drawing,
                &self.settings,
                &RenderSettings::default(),
                context,
                transform,
            );
            context.flush();
            let mut pixels = Pixmap::new(width, height);
            context.render_with(
                &mut pixels,
                resources,
                RasterizerSettings {
                    target_init: TargetInit::Clear(WHITE),
                    ..Default::default()
                },
            );
            Ok(Picture {
                width: u32::from(width),
                height: u32::from(height),
                // Premultiplied, and everything is opaque on a white ground.
                rgba: pixels.data_as_u8_slice().to_vec(),
            })
        })
    }

    fn sheet(&self, number: u32, size: SheetSize) -> Option<Sheet> {
        let reading = self.read(number).ok()?;
        let page = self.pages.with_dependent(|_, pages| {
            let page = pages.get(number).ok()?;
            Some(page.render_dimensions())
        });
        reading.scan.as_ref()?.sheet(page?, size)
    }

    fn text(&self, number: u32) -> Result<String, PageError> {
        Ok(self.read(number)?.text.text.clone())
    }

    fn notes(&self, number: u32) -> Vec<String> {
        self.pages.with_dependent(|_, pages| {
            let page = pages.get(number);
            page.map(|page| notes(page.raw())).unwrap_or_default()
        })
    }

    fn words(&self, number: u32) -> Option<Vec<Word>> {
        let reading = self.read(number).ok()?;
        let size = self.pages.with_dependent(|_, pages| {
            let page = pages.get(number).ok()?;
            Some(page.render_dimensions())
        });
        let (width, height) = size?;
        Some(reading.text.words(width.into(), height.into()))
    }

    fn contents(&self, number: u32) -> Option<PageContents> {
        Some(self.read(number).ok()?.contents.clone())
    }

    fn lacks_pictures(&self) -> bool {
        self.lacks_pictures.load(Ordering::Relaxed)
    }

    fn undrawn(&self, number: u32) -> Vec<Undrawn> {
        self.pages.with_dependent(|_, pages| {
            let Ok(page) = pages.get(number) else {
                return Vec::new();
            };
            let reading = self.read(number).ok();
            let scan = reading.as_ref().and_then(|reading| reading.scan.as_ref());
            let is_sure = scan.is_some_and(Scan::is_all_or_nothing) && !self.lacks_pictures();
            let mut pictures = PictureReader::default();
            if !is_sure {
                pages.interpret(page, &self.settings, &mut pictures);
            }
            let pictures = (pictures.unreadable > 0).then_some(Undrawn::Picture);
            let forms = has_unreadable_forms(page).then_some(Undrawn::Form);
            pictures.into_iter().chain(forms).collect()
        })
    }

    fn painting(&self, number: u32) -> Option<[u8; 32]> {
        self.pages.with_dependent(|_, pages| {
            let page = pages.get(number).ok()?;
            let seen = page.intersected_crop_box();
            let area = Rect::new(seen.x0, seen.y0, seen.x1, seen.y1);
            let outlines = &mut *self.outlines.borrow_mut();
            let mut reader = PaintingReader::new(area, outlines);
            // As it lies in its file: how it is turned for viewers is no matter.
            pages.interpret_at(page, Affine::IDENTITY, area, &self.settings, &mut reader);
            reader.finish()
        })
    }

    fn paints(&self, number: u32) -> Result<bool, PageError> {
        self.pages.with_dependent(|pdf, pages| {
            let page = pages.readable(pdf, number)?;
            let has_content = page
                .page_stream()
                .is_some_and(|content| !content.trim_ascii().is_empty());
            Ok(has_content || has_drawn_annotation(page))
        })
    }
}

/// Whether the boxes of a page leave nothing of it, though it has some size: the engine would
/// draw it empty, others pass over such a crop box.
fn is_cut_away(page: &Page<'_>) -> bool {
    let is_empty = |area: hayro_syntax::object::Rect| area.width() <= 0.0 || area.height() <= 0.0;
    is_empty(page.intersected_crop_box()) && !is_empty(page.media_box())
}

/// Whether the page has an annotation of a kind that viewers draw, with an
/// appearance of its own or without.
fn has_drawn_annotation(page: &Page<'_>) -> bool {
    let Some(annotations) = page.raw().get::<Array<'_>>(b"Annots".as_slice()) else {
        return false;
    };
    annotations.iter::<Dict<'_>>().any(|annotation| {
        annotation
            .get::<Name<'_>>(b"Subtype".as_slice())
            .is_none_or(|kind| !matches!(&*kind, b"Link" | b"Popup"))
    })
}

/// Deeper trees of form fields are not honest ones.
const DEEPEST_FIELD: usize = 32;

/// Annotations of a page that hold something that somebody put there.
fn filled_annotations(page: &Page<'_>) -> u32 {
    let Some(annotations) = page.raw().get::<Array<'_>>(b"Annots".as_slice()) else {
        return 0;
    };
    let filled = annotations.iter::<Dict<'_>>().filter(|annotation| {
        match annotation.get::<Name<'_>>(b"Subtype".as_slice()).as_deref() {
            Some(b"Link" | b"Popup" | b"PrinterMark" | b"TrapNet") => false,
            Some(b"Widget") => is_filled_in(annotation),
            _ => true,
        }
    });
    u32::try_from(filled.count()).unwrap_or(u32::MAX)
}

fn parent_field<'a>(field: &Dict<'a>) -> Option<Dict<'a>> {
    field.get::<Dict<'_>>(b"Parent".as_slice())
}

/// Whether the field of a widget has a value: text, a choice, a signature, or a box
/// that is ticked. What it does not say itself it inherits.
fn is_filled_in(widget: &Dict<'_>) -> bool {
    const PUSH_BUTTON: i32 = 1 << 16;
    let fields = || std::iter::successors(Some(widget.clone()), parent_field).take(DEEPEST_FIELD);
    let is_off = |name: &Name<'_>| &**name == b"Off";
    let kind = fields().find_map(|field| field.get::<Name<'_>>(b"FT".as_slice()));
    if kind.as_deref() == Some(b"Btn") {
        let flags = fields().find_map(|field| field.get::<i32>(b"Ff".as_slice()));
        let state = widget.get::<Name<'_>>(b"AS".as_slice());
        let state = state.or_else(|| fields().find_map(|f| f.get::<Name<'_>>(b"V".as_slice())));
        return flags.unwrap_or(0) & PUSH_BUTTON == 0 && state.is_some_and(|name| !is_off(&name));
    }
    let value = fields().find_map(|field| field.get::<Object<'_>>(b"V".as_slice()));
    match value {
        Some(Object::String(text)) => {
            let text = text.as_bytes();
            // A byte order mark alone is no text.
            text.iter()
                .any(|byte| !byte.is_ascii_whitespace() && !matches!(byte, 0 | 0xfe | 0xff))
        }
        Some(Object::Array(choices)) => choices.raw_iter().next().is_some(),
        Some(Object::Null(_)) | None => false,
        Some(_) => true,
    }
}

/// `/UserUnit`: points per unit of the page. Values that no reader believes count as
/// 1, the default.
fn user_unit(page: &Page<'_>) -> f32 {
    page.raw()
        .get::<f32>(b"UserUnit".as_slice())
        .filter(|unit| (PageShape::SMALLEST_UNIT..=PageShape::LARGEST_UNIT).contains(unit))
        .unwrap_or(1.0)
}

/// Whether a letter that stands for this is as unknown as one that stands for nothing.
fn is_control(characters: &str) -> bool {
    let is_control = |letter: char| letter.is_control() && !letter.is_whitespace();
    !characters.is_empty() && characters.chars().all(is_control)
}

/// Whether a glyph is more than a gap.
fn is_drawn(glyph: &Glyph<'_>) -> bool {
    match glyph {
        Glyph::Outline(outline) => !outline.outline().elements().is_empty(),
        Glyph::Type3(_) => true,
    }
}

/// Whether more is drawn of a glyph than letters have that are too small to be seen.
fn is_larger(glyph: &Glyph<'_>, placed: Affine) -> bool {
    match glyph {
        Glyph::Outline(outline) => {
            let drawn = placed.transform_rect_bbox(outline.outline().bounding_box());
            drawn.height().max(drawn.width()) > TOO_SMALL
        }
        // It has units of its own, and may draw anything.
        Glyph::Type3(_) => true,
    }
}

/// A device that paints nothing. It keeps the glyphs, invisible ones too (the
/// text layer of a scan is invisible), counts what is painted, and notices
/// whether the page is a scan.
struct PageReader<'s> {
    page: Rect,
    text: TextBuilder,
    contents: ContentsBuilder,
    stamps: &'s mut Stamps,
    letters: &'s mut GlyphLetters,
    scan: ScanFinder,
    /// Of the parts of the page that are open, what the document says they stand for.
    said: Vec<Option<Said>>,
    /// What is shown, where something may not be.
    shown: Option<Shown>,
}

impl PageReader<'_> {
    /// So many glyphs, paths or pictures are painted.
    fn painted(&mut self, count: usize) {
        if let Some(shown) = &mut self.shown {
            shown.painted(count);
        }
    }
}

/// Where a glyph stands, and its middle.
pub(super) fn placed(glyph: &Glyph<'_>, placed: Affine, vertical: bool) -> (Placement, Point) {
    let [a, b, c, d, e, f] = placed.as_coeffs();
    let advance = match glyph {
        Glyph::Outline(outline) => outline.advance_width(),
        Glyph::Type3(type3) => type3.advance_width(),
    }
    .map_or(USUAL_ADVANCE, |units| f64::from(units) / UNITS_PER_EM);
    let (x, y, advance) = if vertical {
        (-c, -d, 1.0)
    } else {
        (a, b, advance)
    };
    let em = x.hypot(y) * UNITS_PER_EM;
    let place = Placement {
        origin: (e, f),
        direction: if em > 0.0 {
            (x * UNITS_PER_EM / em, y * UNITS_PER_EM / em)
        } else {
            (1.0, 0.0)
        },
        advance: advance * em,
        size: c.hypot(d) * UNITS_PER_EM,
    };
    let (dx, dy) = place.direction;
    let middle = Point::new(
        e + dx * place.advance / 2.0 + dy * place.size / 3.0,
        f + dy * place.advance / 2.0 - dx * place.size / 3.0,
    );
    (place, middle)
}

/// What glyphs stand for where the document says so itself (`/ActualText`).
enum Said {
    /// It is to be written where the first of them stands.
    Waiting(String),
    /// It was.
    Written,
}

/// Deeper parts of pages, and longer texts than these, in bytes, are not looked at.
const DEEPEST_PART: usize = 64;
const LONGEST_SAID: usize = 4096;

impl PageReader<'_> {
    /// Takes down what a glyph stands for.
    fn write(&mut self, characters: &str, place: Placement) {
        // The outermost part says it for those within.
        match self.said.iter_mut().flatten().next() {
            None => self.text.push(characters, place),
            Some(Said::Written) => self.text.stood_for(place),
            Some(said) => {
                if let Said::Waiting(text) = std::mem::replace(said, Said::Written) {
                    self.text.push(&text, place);
                }
            }
        }
    }
}

impl<'a> Device<'a> for PageReader<'_> {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        if !matches!(mode, DrawMode::Invisible) {
            self.scan.painted();
            self.painted(run.glyphs().len());
        }
        let vertical = run.writing_mode() == WritingMode::Vertical;
        let paint = (!matches!(mode, DrawMode::Invisible)).then(|| Painted::with(&props));
        for positioned in run.glyphs() {
            let glyph: &Glyph<'a> = positioned;
            let transform = props.transform * positioned.transform();
            let (place, middle) = placed(glyph, transform, vertical);
            let mut buffer = [0; 4];
            let unicode = glyph.as_unicode();
            let by_font = match (glyph, &unicode) {
                (Glyph::Outline(outline), None) => self.letters.of(outline).map(str::to_owned),
                _ => None,
            };
            let characters = match &unicode {
                Some(BfString::Char(character)) => Some(&*character.encode_utf8(&mut buffer)),
                Some(BfString::String(characters)) => Some(characters.as_str()),
                None => by_font.as_deref(),
            };
            let characters = characters.filter(|all| !(is_control(all) && is_drawn(glyph)));
            if let (Some(shown), Some(characters)) = (&mut self.shown, characters)
                && let Some(character) = characters.chars().next()
            {
                shown.letter(character, middle);
            }
            self.write(characters.unwrap_or("\u{fffd}"), place);
            let is_seen = self.contents.glyph(
                characters,
                glyph.char_code(),
                &PlacedGlyph {
                    transform,
                    middle,
                    direction: place.direction,
                    size: place.size,
                    is_larger: place.size <= TOO_SMALL && is_larger(glyph, transform),
                },
                paint,
            );
            if let (Glyph::Outline(outline), Some(_)) = (glyph, paint) {
                self.contents.letter(
                    self.stamps,
                    outline.identifier().cache_key(),
                    transform,
                    is_seen,
                    || outline.outline(),
                );
            }
        }
    }

    fn begin_marked_content(&mut self, _: &[u8], properties: Option<&Dict<'_>>) {
        let text = properties
            .filter(|_| self.said.len() < DEEPEST_PART)
            .and_then(|said| said.get::<hayro_syntax::object::String<'_>>(b"ActualText".as_slice()))
            .map(|text| decoded(text.as_bytes(), LONGEST_SAID));
        self.said.push(text.map(Said::Waiting));
    }

    fn end_marked_content(&mut self) {
        self.said.pop();
    }

    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, mode: &DrawMode) {
        self.scan.painted();
        self.painted(1);
        self.contents
            .path(path, props.transform, Painted::with(&props), mode);
    }

    fn draw_rect(&mut self, rect: &Rect, props: DrawProps<'a>, mode: &DrawMode) {
        self.scan.painted();
        self.painted(1);
        self.contents
            .rect(rect, props.transform, Painted::with(&props), mode);
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        self.painted(1);
        let unpacked = contents::unpacked(match &image {
            Image::Raster(raster) => raster.stream(),
            Image::Stencil(stencil) => stencil.stream(),
        });
        self.contents.image(&image, unpacked.as_deref(), &props);
        self.scan.image(&image, unpacked, &props, self.page);
    }

    fn push_clip_path(&mut self, clip: &ClipPath) {
        self.scan.push_clip_path(clip);
        let bounds = clip.path.bounding_box();
        let is_rectangle = contents::is_rectangle(&clip.path, bounds);
        self.contents.push_clip(bounds, is_rectangle);
    }

    fn push_clip_rect(&mut self, clip: &Rect) {
        self.scan.push_clip_rect(*clip);
        self.contents.push_clip(*clip, true);
    }

    fn pop_clip(&mut self) {
        self.scan.pop_clip();
        self.contents.pop_clip();
    }

    fn push_transparency_group(
        &mut self,
        opacity: f32,
        mask: Option<SoftMask<'a>>,
        blend_mode: BlendMode,
    ) {
        self.scan.push_group(opacity, mask.is_some(), blend_mode);
        let plain = contents::is_plain(mask.as_ref(), blend_mode);
        self.contents.push_group(opacity, plain);
    }

    fn pop_transparency_group(&mut self) {
        self.scan.pop_group();
        self.contents.pop_group();
    }
}
