//! What a page paints: counted while the page is interpreted for its text. Not
//! for pixels, and not for what follows from the counts (`analysis`).

use std::borrow::Cow;
use std::collections::BTreeMap;

use hayro::hayro_interpret::{
    BlendMode, DrawMode, DrawProps, Image, ImageDrawProps, Paint, SoftMask, StrokeProps,
};
use hayro::kurbo::{Affine, BezPath, PathEl, Point, Rect, Shape};
use hayro_syntax::object::{Name, Object, Stream};

use super::concealed::{Concealed, Letter, ScanLetter, cell};
use super::letters::{Ink, Letters, Stamps};
use super::outlined::Outlined;
use crate::model::{Area, Concealment, Contents, PlacedImage, Tone};

/// The page is looked at in so many cells along each side to tell what covers
/// what.
const CELLS: usize = 64;

/// Pictures that are kept with their place.
const KEPT_IMAGES: usize = 8;

/// Outer share of each side in which text says nothing about the page's body:
/// running headers, stamps. OCRmyPDF leaves out as much.
const MARGIN: f64 = 0.125;

/// A colour is one from this difference between its strongest and weakest
/// channel; leptonica takes 60 of 255.
const COLOURED: u8 = 60;

/// Shades between these are gray; what is darker is black, what is lighter
/// white.
const GRAY: std::ops::Range<u8> = 80..225;

/// A rectangle that covers this share of the page is its paper.
const PAPER: f64 = 0.8;

/// A page that pictures cover by this share may be a scan.
const SCAN_COVER: f32 = 0.3;

/// Bars and modules of barcodes are at most so wide, in points (the wide bars of patch codes
/// have 14.4), and follow each other as near; they end on one line. Rules of tables lie
/// further apart.
const WIDEST_BAR: f64 = 15.0;
const BAR_GAP: f64 = 8.0;
const BAR_ENDS: f64 = 0.6;

/// The bars of a patch code are at least so wide, points, lie at least so far apart, and are
/// four (Kodak's A-61599: 5.8 points both, printed up to a fifth smaller). Cells of tables
/// touch.
const NARROWEST_PATCH: f64 = 4.6;
const PATCH_BARS: u32 = 4;

/// A path of so many straight pieces may be a barcode in one.
const BARS_IN_A_PATH: usize = 8;

/// What a glyph stands for is looked at up to so many bytes (ISO 32000-1, 9.10.3: 512
/// in the font).
const LONGEST_GLYPH: usize = 1024;

/// No picture has more pixels for each inch that anybody sees.
const FINEST: f64 = 1e6;

/// What is painted lets nothing through from this opacity on.
const OPAQUE: f32 = 0.99;

/// A path is a rectangle if it has no more elements than this and fills this share of the
/// box around it.
const RECTANGLE: usize = 6;
const RECTANGULAR: f64 = 0.98;

/// With round corners, twice as many, and this share.
const NEARLY: f64 = 0.9;

/// A page of which this share of the letters stands upright is not turned by the others: a
/// running header and a page number are less of a table that lies on its side.
const STANDS: f64 = 0.15;

/// A line is at least so wide to each side, in points.
const LINE: f64 = 0.5;

/// Opacities below this show nothing.
const TRANSPARENT: f32 = 0.01;

/// Collects what a page of a size in points paints.
pub(super) struct ContentsBuilder {
    page: Rect,
    found: Contents,
    glyphs: u64,
    /// Visible glyphs in each cell, rows from the top.
    visible: Vec<u16>,
    /// All glyphs in each cell.
    all: Vec<u16>,
    /// Cells that pictures cover.
    covered: Vec<bool>,
    clips: Vec<Clip>,
    /// Of the groups that are open, how many show nothing, and how many let something
    /// through.
    transparent: usize,
    sheer: usize,
    groups: Vec<Group>,
    concealed: Concealed,
    after_space: bool,
    painted: bool,
    /// The figure before, where it may be a bar.
    bar: Option<Rect>,
    /// Figures up to that one which follow each other as the bars of a patch code do.
    patch_bars: u32,
    may_be_patch: bool,
    directions: Directions,
    letters: Letters,
    outlined: Outlined,
    content: ContentHasher,
}

/// Where text on a page runs to.
#[derive(Clone, Debug, Default)]
pub(super) struct Directions {
    /// Glyphs by tenths of degrees clockwise of upright.
    glyphs: BTreeMap<u16, u32>,
    /// The last direction and how many glyphs ran there, not counted yet: most follow
    /// each other.
    run: ((f64, f64), u32),
}

impl Directions {
    fn push(&mut self, direction: (f64, f64)) {
        if direction != self.run.0 {
            self.end_run();
            self.run = (direction, 0);
        }
        self.run.1 += 1;
    }

    fn end_run(&mut self) {
        let ((x, y), count) = std::mem::take(&mut self.run);
        if count > 0 {
            let degrees = y.atan2(x).to_degrees().rem_euclid(360.0);
            let tenths = (degrees * 10.0).round() as u16 % 3600;
            *self.glyphs.entry(tenths).or_default() += count;
        }
    }

    /// The direction, in degrees clockwise of upright, of more than half of the
    /// glyphs; none where there is no such direction, or much of the page stands upright
    /// nevertheless, as the title of a chart whose labels are turned.
    pub fn main(mut self) -> Option<f32> {
        self.end_run();
        let total: u32 = self.glyphs.values().sum();
        let (tenths, most) = self.glyphs.iter().max_by_key(|(_, count)| **count)?;
        let degrees = f32::from(*tenths) / 10.0;
        let is_turned = (45.0..=315.0).contains(&degrees);
        let upright = self.glyphs.get(&0).copied().unwrap_or(0);
        let stands = is_turned && f64::from(upright) >= STANDS * f64::from(total);
        (most * 2 > total && !stands).then_some(degrees)
    }
}

/// What interpreting a page tells besides its text.
#[derive(Clone, Debug)]
pub struct PageContents {
    /// Counts.
    pub contents: Contents,
    /// The direction of most of its text, degrees clockwise of upright.
    pub text_direction: Option<f32>,
    /// Where the ink of its text is.
    pub letters: Ink,
    /// Letters that lie over or under pictures that cover much of it: its text layer, and
    /// what was typed upon it.
    pub layer: Vec<ScanLetter>,
    /// A hash of everything that it paints and of the text it carries: the same
    /// for pages that are the same, whatever file holds them. None for a page
    /// that paints nothing.
    pub hash: Option<[u8; 32]>,
    /// It has figures that follow each other as the bars of a patch code do.
    pub may_be_patch: bool,
}

/// How far figures lie apart, points, where one may be the bar or module of a barcode that
/// follows the other.
fn gap(one: Rect, other: Rect) -> Option<f64> {
    let level = |a: f64, b: f64| (a - b).abs() <= BAR_ENDS;
    let beside = level(one.y0, other.y0) && level(one.y1, other.y1);
    let below = level(one.x0, other.x0) && level(one.x1, other.x1);
    let across = (other.x0 - one.x1).max(one.x0 - other.x1);
    let down = (other.y0 - one.y1).max(one.y0 - other.y1);
    let gaps = [beside.then_some(across), below.then_some(down)];
    let mut gaps = gaps.into_iter().flatten();
    gaps.find(|gap| (-BAR_ENDS..=BAR_GAP).contains(gap))
}

impl ContentsBuilder {
    pub fn new(page: Rect) -> Self {
        let mut content = ContentHasher::default();
        content.number(page.width());
        content.number(page.height());
        Self {
            page,
            found: Contents::default(),
            glyphs: 0,
            visible: vec![0; CELLS * CELLS],
            all: vec![0; CELLS * CELLS],
            covered: vec![false; CELLS * CELLS],
            clips: Vec::new(),
            transparent: 0,
            sheer: 0,
            groups: Vec::new(),
            concealed: Concealed::new(page),
            after_space: false,
            painted: false,
            bar: None,
            patch_bars: 0,
            may_be_patch: false,
            directions: Directions::default(),
            letters: Letters::new(page),
            outlined: Outlined::default(),
            content,
        }
    }

    /// `is_rectangle`: all within the bounds is shown.
    pub fn push_clip(&mut self, bounds: Rect, is_rectangle: bool) {
        self.clips.push(Clip {
            bounds: self.shown().intersect(bounds),
            is_rectangle: is_rectangle && self.shows_all(),
        });
        self.content.tag(b'c');
        self.content.rect(bounds);
    }

    pub fn pop_clip(&mut self) {
        self.clips.pop();
        self.content.tag(b'C');
    }

    /// A group that is painted as a whole; `plain` where it is neither masked nor blended
    /// with what is below.
    pub fn push_group(&mut self, opacity: f32, plain: bool) {
        let group = Group {
            shows_nothing: opacity < TRANSPARENT,
            is_sheer: opacity < OPAQUE || !plain,
        };
        self.groups.push(group);
        self.transparent += usize::from(group.shows_nothing);
        self.sheer += usize::from(group.is_sheer);
        self.content.tag(b'g');
        self.content.number(opacity.into());
    }

    pub fn pop_group(&mut self) {
        let group = self.groups.pop().unwrap_or_default();
        self.transparent -= usize::from(group.shows_nothing);
        self.sheer -= usize::from(group.is_sheer);
    }

    fn shown(&self) -> Rect {
        self.clips.last().map_or(self.page, |clip| clip.bounds)
    }

    /// All within [`Self::shown`] is shown.
    fn shows_all(&self) -> bool {
        self.clips.last().is_none_or(|clip| clip.is_rectangle)
    }

    /// A glyph that stands for `characters` (none: nothing is known). True for one that
    /// people are to see and read.
    pub fn glyph(
        &mut self,
        characters: Option<&str>,
        code: u32,
        placed: &PlacedGlyph,
        paint: Option<Painted>,
    ) -> bool {
        let middle = placed.middle;
        self.content.tag(b't');
        let characters = characters.map(|all| &all[..all.floor_char_boundary(LONGEST_GLYPH)]);
        match characters {
            Some(characters) => self.content.bytes(characters.as_bytes()),
            None => self.content.bytes(&code.to_le_bytes()),
        }
        self.content.affine(placed.transform);
        if let Some(paint) = paint {
            self.content.paint(paint);
        }
        if characters.is_some_and(|characters| characters.trim().is_empty()) {
            self.after_space = true;
            return false;
        }
        self.painted = true;
        let letter = characters
            .and_then(|characters| characters.chars().find(|one| one.is_alphanumeric()))
            .filter(|_| middle.is_finite())
            .map(|character| Letter {
                character,
                middle,
                size: placed.size,
                is_larger: placed.is_larger,
                begins_word: std::mem::take(&mut self.after_space),
            });
        let Some((column, row)) = cell(self.page, CELLS, middle) else {
            if let Some(letter) = letter {
                self.concealed.unseen(Concealment::BesidePage, letter);
            }
            return false;
        };
        let at = row * CELLS + column;
        self.glyphs += 1;
        self.all[at] = self.all[at].saturating_add(1);
        let is_clipped = !self.shown().contains(middle);
        let visible = paint.filter(|paint| self.transparent == 0 && paint.alpha >= TRANSPARENT);
        let seen = visible.is_some() && !is_clipped;
        if let Some(paint) = visible.filter(|_| seen) {
            self.visible[at] = self.visible[at].saturating_add(1);
            self.tone(paint);
        }
        if let Some(letter) = letter
            && !is_clipped
        {
            match visible {
                Some(paint) => {
                    // What blends with the ground is not judged by its colour.
                    let colour = paint.colour().filter(|_| self.sheer == 0);
                    self.concealed.painted(letter, colour, paint.alpha);
                }
                None => self.concealed.unseen(Concealment::Invisible, letter),
            }
        }
        self.directions.push(placed.direction);
        if characters.is_some_and(|characters| characters.chars().all(is_known)) {
            self.found.readable += 1;
            let inner = |at: f64, from: f64, to: f64| {
                let margin = (to - from) * MARGIN;
                at > from + margin && at < to - margin
            };
            let page = self.page;
            let inside = inner(middle.x, page.x0, page.x1) && inner(middle.y, page.y0, page.y1);
            self.found.inner_readable += u32::from(inside);
        }
        seen && paint.is_some_and(|paint| !paint.is_white())
            && characters.is_some_and(|characters| characters.chars().all(has_a_shape))
    }

    /// Draws the shape of a glyph that is painted; `is_seen` where people are to read it.
    pub fn letter(
        &mut self,
        stamps: &mut Stamps,
        identifier: u128,
        placed: Affine,
        is_seen: bool,
        outline: impl FnOnce() -> BezPath,
    ) {
        let has_shape = self.letters.draw(stamps, identifier, placed, outline);
        self.found.undrawn += u32::from(is_seen && !has_shape);
    }

    /// A path that is filled or stroked.
    pub fn path(&mut self, path: &BezPath, transform: Affine, paint: Painted, mode: &DrawMode) {
        self.content.path(path, transform, paint);
        for piece in straight_pieces(path) {
            self.bar(transform.transform_rect_bbox(piece));
        }
        let bounds = path.bounding_box();
        match mode {
            DrawMode::Stroke(stroke) => self.line(path, transform, paint, stroke),
            _ => {
                if self.transparent == 0 && paint.alpha >= TRANSPARENT {
                    self.outlined.path(path, transform);
                }
                self.area_of_colour(transform, bounds, paint, || {
                    is_nearly_rectangle(path, bounds)
                });
            }
        }
        self.figure(transform.transform_rect_bbox(bounds), paint, mode);
    }

    /// A rectangle that is filled or stroked.
    pub fn rect(&mut self, rect: &Rect, transform: Affine, paint: Painted, mode: &DrawMode) {
        self.content.tag(b'r');
        self.content.rect(*rect);
        self.content.affine(transform);
        self.content.paint(paint);
        match mode {
            DrawMode::Stroke(stroke) => {
                self.line(&rect.to_path(0.1), transform, paint, stroke);
            }
            _ => self.area_of_colour(transform, *rect, paint, || true),
        }
        self.figure(transform.transform_rect_bbox(*rect), paint, mode);
    }

    /// Something is filled: what lies under it may be hidden, and letters upon it may not be
    /// seen.
    fn area_of_colour(
        &mut self,
        transform: Affine,
        bounds: Rect,
        paint: Painted,
        is_rectangle: impl FnOnce() -> bool,
    ) {
        if self.transparent > 0 || paint.alpha < TRANSPARENT {
            return;
        }
        let place = transform
            .transform_rect_bbox(bounds)
            .intersect(self.shown());
        let is_solid = self.paints_whole(transform) && paint.alpha >= OPAQUE;
        match paint.colour().filter(|_| is_solid && is_rectangle()) {
            Some(colour) => self.concealed.shape(place, colour),
            None => self.concealed.paint(place),
        }
    }

    /// A rectangle covers all of its place, and lets nothing through.
    fn paints_whole(&self, transform: Affine) -> bool {
        is_upright(transform) && self.sheer == 0 && self.shows_all()
    }

    /// A path is stroked: straight upright strokes are shapes.
    fn line(&mut self, path: &BezPath, transform: Affine, paint: Painted, stroke: &StrokeProps) {
        if self.transparent > 0 || paint.alpha < TRANSPARENT {
            return;
        }
        let is_whole = stroke.dash_array.is_empty() && self.paints_whole(transform);
        let is_solid = is_whole && paint.alpha >= OPAQUE;
        let colour = paint.colour().filter(|_| is_solid);
        let [a, b, c, d, _, _] = transform.as_coeffs();
        let half = f64::from(stroke.line_width) / 2.0 * a.hypot(b).max(c.hypot(d));
        let half = half.max(LINE);
        for piece in path.segments() {
            let place = transform.transform_rect_bbox(piece.bounding_box());
            let (across, down) = (place.width(), place.height());
            // What a stroke paints throughout, though it leans a little.
            let stroke = match across >= down {
                true => place.inflate(0.0, half - down),
                false => place.inflate(half - across, 0.0),
            };
            let is_bar = stroke.width() > 0.0 && stroke.height() > 0.0 && across.min(down) < half;
            match colour.filter(|_| is_bar) {
                Some(colour) => {
                    let stroke = stroke.intersect(self.shown());
                    self.concealed.shape(stroke, colour);
                }
                None => {
                    let around = place.inflate(half, half).intersect(self.shown());
                    self.concealed.paint(around);
                }
            }
        }
    }

    fn figure(&mut self, bounds: Rect, paint: Painted, mode: &DrawMode) {
        self.painted = true;
        let seen = bounds.intersect(self.shown());
        if self.transparent > 0
            || seen.width() < 0.0
            || seen.height() < 0.0
            || paint.alpha < TRANSPARENT
        {
            return;
        }
        self.found.paths += 1;
        let filled = !matches!(mode, DrawMode::Stroke(_));
        if filled && seen.area() >= self.page.area() * PAPER {
            return;
        }
        self.bar(bounds);
        self.tone(paint);
    }

    /// Counts a figure that may be the next bar of a barcode, or the next module
    /// of a square one.
    fn bar(&mut self, bounds: Rect) {
        let narrow = |bar: Rect| bar.width().min(bar.height());
        let bar = (narrow(bounds) <= WIDEST_BAR).then_some(bounds);
        let pair = self.bar.zip(bar);
        let gap = pair.and_then(|(before, bar)| gap(before, bar));
        self.found.bars += u32::from(gap.is_some());
        let is_of_patch = bar.is_some_and(|bar| narrow(bar) >= NARROWEST_PATCH);
        self.patch_bars = match gap {
            Some(gap) if is_of_patch && gap >= NARROWEST_PATCH => self.patch_bars + 1,
            _ => u32::from(is_of_patch),
        };
        self.may_be_patch |= self.patch_bars >= PATCH_BARS;
        self.bar = bar;
    }

    /// A picture, and what its stream holds [`unpacked`].
    pub fn image(
        &mut self,
        image: &Image<'_, '_>,
        unpacked: Option<&[u8]>,
        props: &ImageDrawProps<'_>,
    ) {
        self.painted = true;
        let (width, height) = (f64::from(image.width()), f64::from(image.height()));
        let (stream, opaque) = match image {
            Image::Raster(raster) => (raster.stream(), props.soft_mask.is_none()),
            Image::Stencil(stencil) => (stencil.stream(), false),
        };
        self.content.picture(width, height, props.transform);
        match unpacked {
            Some(pixels) => self.content.bytes(pixels),
            None => self.content.bytes(&stream.raw_data()),
        }
        let opaque = opaque
            && !stream.dict().contains_key(b"SMask".as_slice())
            && !stream.dict().contains_key(b"Mask".as_slice());
        let [a, b, c, d, _, _] = props.transform.as_coeffs();
        let (across, down) = (a.hypot(b), c.hypot(d));
        let bounds = props
            .transform
            .transform_rect_bbox(Rect::new(0.0, 0.0, width, height))
            .intersect(self.shown());
        // Sizes that are no numbers are not seen either.
        let has_area = bounds.width() > 0.0 && bounds.height() > 0.0 && bounds.is_finite();
        let is_seen = has_area && across > 0.0 && down > 0.0;
        if self.transparent > 0 || !is_seen {
            return;
        }
        let is_plain = is_plain(props.soft_mask.as_ref(), props.blend_mode);
        let is_solid = opaque && is_plain && self.paints_whole(props.transform);
        self.concealed.picture(bounds, is_solid);
        self.found.images += 1;
        self.found.largest_images.push(PlacedImage {
            area: self.area(bounds),
            dpi: [across, down].map(|pixel| (72.0 / pixel).min(FINEST) as f32),
        });
        if self.found.largest_images.len() > 4 * KEPT_IMAGES {
            self.keep_largest();
        }
        let to_image = props.transform.inverse();
        let side = |at: f64, from: f64, length: f64| {
            (((at - from) / length * CELLS as f64).floor() as i64).clamp(0, CELLS as i64 - 1)
                as usize
        };
        let (page_width, page_height) = (self.page.width(), self.page.height());
        for row in
            side(bounds.y0, self.page.y0, page_height)..=side(bounds.y1, self.page.y0, page_height)
        {
            for column in side(bounds.x0, self.page.x0, page_width)
                ..=side(bounds.x1, self.page.x0, page_width)
            {
                let middle = Point::new(
                    self.page.x0 + (column as f64 + 0.5) / CELLS as f64 * page_width,
                    self.page.y0 + (row as f64 + 0.5) / CELLS as f64 * page_height,
                );
                let on = to_image * middle;
                let inside = (0.0..=width).contains(&on.x) && (0.0..=height).contains(&on.y);
                if inside && bounds.contains(middle) {
                    let cell = row * CELLS + column;
                    self.covered[cell] = true;
                    if opaque {
                        self.visible[cell] = 0;
                    }
                }
            }
        }
    }

    /// All that was found. Resolutions count `unit` points for each of the page's.
    pub fn finish(mut self, unit: f32) -> PageContents {
        self.keep_largest();
        self.found.largest_images.truncate(KEPT_IMAGES);
        for image in &mut self.found.largest_images {
            image.dpi = image.dpi.map(|dpi| (dpi / unit).min(FINEST as f32));
        }
        let visible: u64 = self.visible.iter().map(|count| u64::from(*count)).sum();
        let over: u64 = self
            .all
            .iter()
            .zip(&self.covered)
            .filter(|(_, covered)| **covered)
            .map(|(count, _)| u64::from(*count))
            .sum();
        let small = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        let covered = self.covered.iter().filter(|covered| **covered).count();
        self.found.glyphs = small(visible);
        self.found.hidden_glyphs = small(self.glyphs.saturating_sub(visible));
        self.found.over_images = if self.glyphs > 0 {
            over as f32 / self.glyphs as f32
        } else {
            0.0
        };
        self.found.image_cover = covered as f32 / (CELLS * CELLS) as f32;
        let layer = match self.found.image_cover >= SCAN_COVER {
            true => self.concealed.letters(),
            false => Vec::new(),
        };
        self.found.hidden_text = self.concealed.finish(self.found.image_cover);
        self.found.outlined = self.outlined.finish();
        self.found.empty = !self.painted;
        PageContents {
            text_direction: self.directions.main(),
            letters: self.letters.finish(),
            layer,
            hash: self.painted.then(|| self.content.finish()),
            may_be_patch: self.may_be_patch,
            contents: self.found,
        }
    }

    fn keep_largest(&mut self) {
        let size = |image: &PlacedImage| {
            (image.area.right - image.area.left) * (image.area.bottom - image.area.top)
        };
        self.found
            .largest_images
            .sort_by(|a, b| size(b).total_cmp(&size(a)));
        self.found.largest_images.truncate(2 * KEPT_IMAGES);
    }

    fn area(&self, rect: Rect) -> Area {
        let share = |at: f64, from: f64, length: f64| ((at - from) / length) as f32;
        Area {
            left: share(rect.x0, self.page.x0, self.page.width()),
            top: share(rect.y0, self.page.y0, self.page.height()),
            right: share(rect.x1, self.page.x0, self.page.width()),
            bottom: share(rect.y1, self.page.y0, self.page.height()),
        }
    }

    fn tone(&mut self, paint: Painted) {
        if self.found.tone == Tone::Colour {
            return;
        }
        // A pattern's colours are seen in the picture of the page.
        if let Some([red, green, blue, alpha]) = paint.rgba {
            let seen =
                |channel: u8| 255 - (u16::from(255 - channel) * u16::from(alpha) / 255) as u8;
            let channels = [seen(red), seen(green), seen(blue)];
            let most = channels.into_iter().fold(0, u8::max);
            let least = channels.into_iter().fold(255, u8::min);
            let tone = if most - least >= COLOURED {
                Tone::Colour
            } else if GRAY.contains(&most) {
                Tone::Gray
            } else {
                Tone::Mono
            };
            self.found.tone = self.found.tone.max(tone);
        }
    }
}

/// What a picture's stream holds once unpacked; none where it is packed in a way that
/// nobody unpacks and packs anew.
pub fn unpacked<'a>(stream: &Stream<'a>) -> Option<Cow<'a, [u8]>> {
    is_lossless(stream).then(|| stream.decoded().ok()).flatten()
}

/// Whether a stream is packed, if at all, in ways that do not know pictures.
fn is_lossless(stream: &Stream<'_>) -> bool {
    let plain = |name: Name<'_>| {
        matches!(
            &*name,
            b"FlateDecode"
                | b"Fl"
                | b"LZWDecode"
                | b"LZW"
                | b"RunLengthDecode"
                | b"RL"
                | b"ASCIIHexDecode"
                | b"AHx"
                | b"ASCII85Decode"
                | b"A85"
        )
    };
    let dict = stream.dict();
    let filter = dict
        .get::<Object<'_>>(b"Filter".as_slice())
        .or_else(|| dict.get::<Object<'_>>(b"F".as_slice()));
    match filter {
        None => true,
        Some(Object::Name(name)) => plain(name),
        Some(Object::Array(filters)) => filters.iter::<Name<'_>>().all(plain),
        Some(_) => false,
    }
}

/// The boxes of a path's pieces, where it has many and they are all straight.
fn straight_pieces(path: &BezPath) -> Vec<Rect> {
    let mut pieces: Vec<Rect> = Vec::new();
    for element in path.elements() {
        match *element {
            PathEl::MoveTo(to) => pieces.push(Rect::from_points(to, to)),
            PathEl::LineTo(to) => match pieces.last_mut() {
                Some(piece) => *piece = piece.union_pt(to),
                None => return Vec::new(),
            },
            PathEl::ClosePath => {}
            PathEl::QuadTo(..) | PathEl::CurveTo(..) => return Vec::new(),
        }
    }
    if pieces.len() < BARS_IN_A_PATH {
        pieces.clear();
    }
    pieces
}

/// Whether a character says something: it is not the mark for an unknown one and
/// not of a private use area.
fn is_known(character: char) -> bool {
    !matches!(character, '\u{fffd}' | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..)
        && !character.is_control()
}

/// A known character of which a font draws something.
fn has_a_shape(character: char) -> bool {
    // Hyphens that are not shown, joiners, marks of direction, choices of variants.
    const WITHOUT: [std::ops::RangeInclusive<char>; 6] = [
        '\u{ad}'..='\u{ad}',
        '\u{200b}'..='\u{200f}',
        '\u{2028}'..='\u{202e}',
        '\u{2060}'..='\u{206f}',
        '\u{fe00}'..='\u{fe0f}',
        '\u{feff}'..='\u{feff}',
    ];
    is_known(character)
        && !character.is_whitespace()
        && !WITHOUT.iter().any(|range| range.contains(&character))
}

/// Neither masked nor blended with what is below.
pub(super) fn is_plain(mask: Option<&SoftMask<'_>>, blend_mode: BlendMode) -> bool {
    mask.is_none() && matches!(blend_mode, BlendMode::Normal)
}

/// A path fills the box around it.
pub(super) fn is_rectangle(path: &BezPath, bounds: Rect) -> bool {
    path.elements().len() <= RECTANGLE && path.area().abs() >= RECTANGULAR * bounds.area()
}

/// A path fills the box around it but for its corners, which may be round.
fn is_nearly_rectangle(path: &BezPath, bounds: Rect) -> bool {
    path.elements().len() <= 2 * RECTANGLE && path.area().abs() >= NEARLY * bounds.area()
}

/// Upright or turned by a half: rectangles stay rectangles.
fn is_upright(transform: Affine) -> bool {
    let [_, b, c, _, _, _] = transform.as_coeffs();
    b.abs() < 1e-6 && c.abs() < 1e-6
}

/// Where a glyph stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlacedGlyph {
    /// From the glyph's units to the page.
    pub transform: Affine,
    /// Its middle on the page.
    pub middle: Point,
    /// Where its line runs to.
    pub direction: (f64, f64),
    /// Height of its em in points.
    pub size: f64,
    /// What is drawn of it is higher than that.
    pub is_larger: bool,
}

/// What is shown of the page, within all clips so far.
#[derive(Clone, Copy, Debug)]
struct Clip {
    bounds: Rect,
    /// All within the bounds is shown.
    is_rectangle: bool,
}

/// A group of what is painted.
#[derive(Clone, Copy, Debug, Default)]
struct Group {
    shows_nothing: bool,
    is_sheer: bool,
}

/// What something is painted with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Painted {
    /// None for a pattern.
    rgba: Option<[u8; 4]>,
    alpha: f32,
    /// Neither masked nor blended with what is below.
    is_plain: bool,
}

impl Painted {
    pub fn with(props: &DrawProps<'_>) -> Self {
        let is_plain = is_plain(props.soft_mask.as_ref(), props.blend_mode);
        match &props.paint {
            Paint::Color(colour) => {
                let colour = colour.to_rgba();
                Self {
                    rgba: Some(colour.to_rgba8()),
                    alpha: colour.components()[3],
                    is_plain,
                }
            }
            Paint::Pattern(_) => Self {
                rgba: None,
                alpha: 1.0,
                is_plain,
            },
        }
    }

    /// Its colour, where it is one and is seen as it is.
    fn colour(self) -> Option<[u8; 3]> {
        let rgba = self.rgba.filter(|_| self.is_plain);
        rgba.map(|[red, green, blue, _]| [red, green, blue])
    }

    fn is_white(self) -> bool {
        self.rgba
            .is_some_and(|[red, green, blue, _]| red.min(green).min(blue) >= WHITE)
    }
}

/// A colour whose channels are this and more is not seen on paper, of 255.
const WHITE: u8 = 250;

/// Hashes what a page paints. Coordinates count in hundredths of a point, so
/// that numbers that are written differently are the same.
#[derive(Default)]
struct ContentHasher {
    hasher: blake3::Hasher,
    /// Small pieces are hashed together.
    pending: Vec<u8>,
}

impl ContentHasher {
    const TOGETHER: usize = 1 << 16;

    fn tag(&mut self, tag: u8) {
        self.pending.push(tag);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.pending.extend((bytes.len() as u64).to_le_bytes());
        if bytes.len() < Self::TOGETHER {
            self.pending.extend(bytes);
            self.flush();
        } else {
            self.hasher.update(&self.pending);
            self.pending.clear();
            self.hasher.update(bytes);
        }
    }

    fn number(&mut self, number: f64) {
        let hundredths = (number * 100.0).round() as i64;
        self.pending.extend((hundredths as i32).to_le_bytes());
        self.flush();
    }

    fn flush(&mut self) {
        if self.pending.len() >= Self::TOGETHER {
            self.hasher.update(&self.pending);
            self.pending.clear();
        }
    }

    fn rect(&mut self, rect: Rect) {
        for number in [rect.x0, rect.y0, rect.x1, rect.y1] {
            self.number(number);
        }
    }

    fn affine(&mut self, affine: Affine) {
        let [a, b, c, d, e, f] = affine.as_coeffs();
        // The four that turn and scale are small numbers.
        for number in [a * 100.0, b * 100.0, c * 100.0, d * 100.0, e, f] {
            self.number(number);
        }
    }

    fn paint(&mut self, paint: Painted) {
        match paint.rgba {
            Some(rgba) => self.pending.extend(rgba),
            None => self.tag(b'p'),
        }
    }

    fn path(&mut self, path: &BezPath, transform: Affine, paint: Painted) {
        self.tag(b'f');
        self.affine(transform);
        self.paint(paint);
        let mut point = |tag: u8, points: &[Point]| {
            self.tag(tag);
            for point in points {
                self.number(point.x);
                self.number(point.y);
            }
        };
        for element in path.elements() {
            match *element {
                PathEl::MoveTo(to) => point(b'm', &[to]),
                PathEl::LineTo(to) => point(b'l', &[to]),
                PathEl::QuadTo(a, to) => point(b'q', &[a, to]),
                PathEl::CurveTo(a, b, to) => point(b'b', &[a, b, to]),
                PathEl::ClosePath => point(b'z', &[]),
            }
        }
    }

    /// A picture of this size, whose pixels follow.
    fn picture(&mut self, width: f64, height: f64, transform: Affine) {
        self.tag(b'i');
        self.number(width);
        self.number(height);
        self.affine(transform);
    }

    fn finish(mut self) -> [u8; 32] {
        self.hasher.update(&self.pending);
        *self.hasher.finalize().as_bytes()
    }
}
