//! All that a page paints, and its text, as one hash: two pages with the same hash look
//! the same at any size, for the engine would paint the same with the same. Not for
//! telling how much differs, and not for duplicates, which may differ a little
//! (`contents`).

use std::collections::HashMap;

use hayro::hayro_interpret::font::{Glyph, GlyphRun};
use hayro::hayro_interpret::hayro_cmap::BfString;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Device, DrawMode, DrawProps, FillRule, Image, ImageDrawProps, Paint,
    SoftMask, StrokeProps,
};
use hayro::kurbo::{Affine, BezPath, PathEl, Point, Rect};
use hayro_syntax::object::{Dict, Object, Stream};

/// Objects of a picture lie at most so deep within each other.
const DEEPEST: usize = 12;

/// Hashes of the outlines of glyphs, by the key that the engine gives them.
pub(super) type Outlines = HashMap<u128, [u8; 32]>;

/// A device that hashes what it is given.
pub(super) struct PaintingReader<'o> {
    hasher: blake3::Hasher,
    /// Small pieces are hashed together.
    pending: Vec<u8>,
    outlines: &'o mut Outlines,
    painted: bool,
    exact: bool,
}

impl<'o> PaintingReader<'o> {
    const TOGETHER: usize = 1 << 16;

    /// For a page whose visible part is `area`, in its own coordinates.
    pub fn new(area: Rect, outlines: &'o mut Outlines) -> Self {
        let mut reader = Self {
            hasher: blake3::Hasher::new(),
            pending: Vec::new(),
            outlines,
            painted: false,
            exact: true,
        };
        reader.rect(area);
        reader
    }

    /// The hash; none where the page paints nothing, or in ways whose sameness cannot
    /// be told without drawing it.
    pub fn finish(mut self) -> Option<[u8; 32]> {
        self.hasher.update(&self.pending);
        let hash = *self.hasher.finalize().as_bytes();
        (self.exact && self.painted).then_some(hash)
    }

    fn tag(&mut self, tag: u8) {
        if self.pending.len() >= Self::TOGETHER {
            self.hasher.update(&self.pending);
            self.pending.clear();
        }
        self.pending.push(tag);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.pending.extend((bytes.len() as u64).to_le_bytes());
        self.pending.extend(bytes);
    }

    fn number(&mut self, number: f64) {
        self.pending.extend(number.to_le_bytes());
    }

    fn point(&mut self, point: Point) {
        self.number(point.x);
        self.number(point.y);
    }

    fn rect(&mut self, rect: Rect) {
        self.point(Point::new(rect.x0, rect.y0));
        self.point(Point::new(rect.x1, rect.y1));
    }

    fn affine(&mut self, affine: Affine) {
        for number in affine.as_coeffs() {
            self.number(number);
        }
    }

    fn path(&mut self, path: &BezPath) {
        for element in path.elements() {
            let (tag, points): (u8, &[Point]) = match element {
                PathEl::MoveTo(to) => (b'm', &[*to]),
                PathEl::LineTo(to) => (b'l', &[*to]),
                PathEl::QuadTo(by, to) => (b'q', &[*by, *to]),
                PathEl::CurveTo(by, and, to) => (b'b', &[*by, *and, *to]),
                PathEl::ClosePath => (b'z', &[]),
            };
            self.tag(tag);
            for point in points {
                self.point(*point);
            }
        }
        self.tag(b'.');
    }

    fn fill(&mut self, rule: FillRule) {
        self.tag(match rule {
            FillRule::NonZero => b'n',
            FillRule::EvenOdd => b'e',
        });
    }

    fn stroke(&mut self, stroke: &StrokeProps) {
        self.tag(b's');
        let StrokeProps {
            line_width,
            line_cap,
            line_join,
            miter_limit,
            dash_array,
            dash_offset,
        } = stroke;
        self.tag(*line_cap as u8);
        self.tag(*line_join as u8);
        for number in [line_width, miter_limit, dash_offset]
            .into_iter()
            .chain(dash_array)
        {
            self.number(f64::from(*number));
        }
        self.tag(b'.');
    }

    fn mode(&mut self, mode: &DrawMode) {
        match mode {
            DrawMode::Fill(rule) => self.fill(*rule),
            DrawMode::Stroke(stroke) => self.stroke(stroke),
            DrawMode::FillAndStroke(rule, stroke) => {
                self.fill(*rule);
                self.stroke(stroke);
            }
            DrawMode::Invisible => self.tag(b'i'),
        }
    }

    fn paint(&mut self, paint: &Paint<'_>) {
        match paint {
            Paint::Color(colour) => {
                for component in colour.to_rgba().components() {
                    self.number(f64::from(component));
                }
            }
            Paint::Pattern(_) => self.exact = false,
        }
    }

    fn props(&mut self, props: &DrawProps<'_>) {
        self.painted = true;
        self.affine(props.transform);
        self.paint(&props.paint);
        self.composed(props.soft_mask.as_ref(), props.blend_mode);
    }

    fn composed(&mut self, mask: Option<&SoftMask<'_>>, blend: BlendMode) {
        self.exact &= mask.is_none();
        self.tag(blend as u8);
    }

    /// A stream with all that it refers to.
    fn stream(&mut self, stream: &Stream<'_>, depth: usize) {
        self.dict(stream.dict(), depth);
        self.bytes(&stream.raw_data());
    }

    fn dict(&mut self, dict: &Dict<'_>, depth: usize) {
        let mut keys: Vec<_> = dict.keys().collect();
        keys.sort_by(|a, b| a.as_ref().cmp(b.as_ref()));
        for key in keys {
            // How long it is packed changes nothing; what describes it paints nothing.
            if matches!(key.as_ref(), b"Length" | b"Metadata" | b"StructParent") {
                continue;
            }
            if let Some(value) = dict.get::<Object<'_>>(key.as_ref()) {
                self.bytes(key.as_ref());
                self.object(&value, depth + 1);
            }
        }
        self.tag(b'>');
    }

    fn object(&mut self, object: &Object<'_>, depth: usize) {
        if depth > DEEPEST {
            self.exact = false;
            return;
        }
        match object {
            Object::Null(_) => self.tag(b'0'),
            Object::Boolean(yes) => self.tag(u8::from(*yes)),
            Object::Number(number) => self.number(number.as_f64()),
            Object::String(text) => self.bytes(text.as_bytes()),
            Object::Name(name) => self.bytes(name.as_ref()),
            Object::Dict(dict) => self.dict(dict, depth),
            Object::Stream(stream) => self.stream(stream, depth),
            Object::Array(items) => {
                for item in items.iter::<Object<'_>>() {
                    self.object(&item, depth + 1);
                }
                self.tag(b']');
            }
        }
    }
}

/// Whether the colours of a picture are told by itself and not by the page's resources.
fn tells_its_colours(dict: &Dict<'_>) -> bool {
    let space = dict
        .get::<Object<'_>>(b"ColorSpace".as_slice())
        .or_else(|| dict.get::<Object<'_>>(b"CS".as_slice()));
    match space.and_then(Object::into_name) {
        Some(name) => matches!(
            name.as_ref(),
            b"DeviceGray" | b"DeviceRGB" | b"DeviceCMYK" | b"G" | b"RGB" | b"CMYK"
        ),
        None => true,
    }
}

impl<'a> Device<'a> for PaintingReader<'_> {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        self.tag(b'T');
        self.mode(mode);
        self.props(&props);
        for positioned in run.glyphs() {
            self.tag(b't');
            self.affine(positioned.transform());
            let glyph: &Glyph<'a> = positioned;
            self.pending.extend(glyph.char_code().to_le_bytes());
            let mut buffer = [0; 4];
            match &glyph.as_unicode() {
                Some(BfString::Char(char)) => self.bytes(char.encode_utf8(&mut buffer).as_bytes()),
                Some(BfString::String(chars)) => self.bytes(chars.as_bytes()),
                None => self.tag(b'?'),
            }
            match glyph {
                Glyph::Outline(outline) => {
                    let key = outline.identifier().cache_key();
                    let known = self.outlines.get(&key).copied();
                    let hash = known.unwrap_or_else(|| {
                        let mut alone = PaintingReader::new(Rect::ZERO, &mut *self.outlines);
                        alone.path(&outline.outline());
                        alone.hasher.update(&alone.pending);
                        let hash = *alone.hasher.finalize().as_bytes();
                        self.outlines.insert(key, hash);
                        hash
                    });
                    self.pending.extend(hash);
                }
                Glyph::Type3(type3) => {
                    type3.interpret(self, props.transform, positioned.transform(), &props.paint);
                }
            }
        }
    }

    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, mode: &DrawMode) {
        self.tag(b'P');
        self.path(path);
        self.mode(mode);
        self.props(&props);
    }

    fn draw_rect(&mut self, rect: &Rect, props: DrawProps<'a>, mode: &DrawMode) {
        self.tag(b'R');
        self.rect(*rect);
        self.mode(mode);
        self.props(&props);
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        self.tag(b'I');
        self.painted = true;
        self.affine(props.transform);
        self.composed(props.soft_mask.as_ref(), props.blend_mode);
        match image {
            Image::Raster(raster) => {
                let stream = raster.stream();
                self.exact &= tells_its_colours(stream.dict());
                self.stream(stream, 0);
            }
            // What a stencil is painted with cannot be told.
            Image::Stencil(_) => self.exact = false,
        }
    }

    fn push_clip_path(&mut self, clip: &ClipPath) {
        self.tag(b'c');
        self.path(&clip.path);
        self.fill(clip.fill);
    }

    fn push_clip_rect(&mut self, clip: &Rect) {
        self.tag(b'k');
        self.rect(*clip);
    }

    fn pop_clip(&mut self) {
        self.tag(b'C');
    }

    fn push_transparency_group(
        &mut self,
        opacity: f32,
        mask: Option<SoftMask<'a>>,
        blend_mode: BlendMode,
    ) {
        self.tag(b'g');
        self.number(f64::from(opacity));
        self.composed(mask.as_ref(), blend_mode);
    }

    fn pop_transparency_group(&mut self) {
        self.tag(b'G');
    }
}
