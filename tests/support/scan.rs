//! Turns clean pages into scans: drawn to pixels, then skewed, stained and compressed.

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};
use jpeg_encoder::{ColorType, Encoder};

use super::pdf::{Page, PdfBuilder};
use super::prng::Prng;

/// A gray picture.
pub struct Picture {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<u8>,
}

/// What scanning does to a page.
#[derive(Clone)]
pub struct Look {
    /// Clockwise.
    pub skew_degrees: f64,
    /// How bright bare paper comes out.
    pub paper: u8,
    /// How bright black comes out.
    pub black: u8,
    /// The largest deviation of a pixel by chance.
    pub noise: u8,
    pub stains: usize,
    pub punch_holes: bool,
    pub seed: u64,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            skew_degrees: 0.0,
            paper: 240,
            black: 38,
            noise: 5,
            stains: 0,
            punch_holes: false,
            seed: 1,
        }
    }
}

/// Draws one page (counted from 0) in gray.
pub fn render(pdf: &[u8], page: usize, dpi: f32) -> Picture {
    let pdf = Pdf::new(pdf.to_vec()).expect("a sound PDF");
    let page = &pdf.pages()[page];
    let scale = dpi / 72.0;
    let pixmap = hayro::render(
        page,
        &RenderCache::new(),
        &InterpreterSettings::default(),
        &RenderSettings::default(),
        &PixmapSettings {
            x_scale: scale,
            y_scale: scale,
            bg_color: WHITE,
        },
    );
    let pixels = pixmap
        .data_as_u8_slice()
        .chunks_exact(4)
        .map(|p| ((u32::from(p[0]) * 77 + u32::from(p[1]) * 150 + u32::from(p[2]) * 29) >> 8) as u8)
        .collect();
    Picture {
        width: usize::from(pixmap.width()),
        height: usize::from(pixmap.height()),
        pixels,
    }
}

/// Puts a clean picture through the scanner.
pub fn age(clean: &Picture, look: &Look) -> Picture {
    let mut chance = Prng::new(look.seed);
    let blots = blots(clean, look, &mut chance);
    let (sin, cos) = look.skew_degrees.to_radians().sin_cos();
    let (middle_x, middle_y) = (clean.width as f64 / 2.0, clean.height as f64 / 2.0);
    let (paper, black) = (f64::from(look.paper), f64::from(look.black));
    let mut pixels = Vec::with_capacity(clean.pixels.len());
    for y in 0..clean.height {
        let dy = y as f64 - middle_y;
        let near = |blot: &&Blot| (y as f64 - blot.y).abs() <= blot.radius;
        let blots: Vec<&Blot> = blots.iter().filter(near).collect();
        for x in 0..clean.width {
            let dx = x as f64 - middle_x;
            let source_x = cos * dx + sin * dy + middle_x;
            let source_y = cos * dy - sin * dx + middle_y;
            let gray = match look.skew_degrees {
                0.0 => f64::from(clean.pixels[y * clean.width + x]),
                _ => sample(clean, source_x, source_y),
            };
            let ink = 1.0 - gray / 255.0;
            let mut value = paper - ink * (paper - black);
            for blot in &blots {
                value = blot.over(value, x as f64, y as f64);
            }
            let noise = f64::from(look.noise);
            value += chance.between(-noise, noise);
            pixels.push(value.clamp(0.0, 255.0) as u8);
        }
    }
    Picture {
        width: clean.width,
        height: clean.height,
        pixels,
    }
}

/// Encodes a picture as a gray JPEG.
pub fn jpeg(picture: &Picture, quality: u8) -> Vec<u8> {
    encode(picture, &picture.pixels, quality, ColorType::Luma)
}

/// Encodes a picture as a colour JPEG on paper of the given tint.
pub fn tinted_jpeg(picture: &Picture, tint: [f64; 3], quality: u8) -> Vec<u8> {
    let pixels: Vec<u8> = picture
        .pixels
        .iter()
        .flat_map(|&gray| tint.map(|t| (f64::from(gray) * t).min(255.0) as u8))
        .collect();
    encode(picture, &pixels, quality, ColorType::Rgb)
}

/// Adds a page that shows a picture at its resolution, over the text layer if there is one.
pub fn add_page(
    pdf: &mut PdfBuilder,
    picture: &Picture,
    dpi: f64,
    quality: u8,
    layer: Option<Page>,
) {
    let data = jpeg(picture, quality);
    let image = pdf.jpeg(data, picture.width as u32, picture.height as u32, 1);
    place(pdf, image, picture, dpi, layer);
}

/// The same in colour, on tinted paper.
pub fn add_tinted_page(
    pdf: &mut PdfBuilder,
    picture: &Picture,
    dpi: f64,
    quality: u8,
    tint: [f64; 3],
    layer: Option<Page>,
) {
    let data = tinted_jpeg(picture, tint, quality);
    let image = pdf.jpeg(data, picture.width as u32, picture.height as u32, 3);
    place(pdf, image, picture, dpi, layer);
}

/// Adds a page that shows pixels of three channels, over the text layer if there is one.
pub fn add_rgb_page(
    pdf: &mut PdfBuilder,
    rgb: &[u8],
    (width, height): (usize, usize),
    dpi: f64,
    quality: u8,
    layer: Option<Page>,
) {
    let picture = Picture {
        width,
        height,
        pixels: Vec::new(),
    };
    let data = encode(&picture, rgb, quality, ColorType::Rgb);
    let image = pdf.jpeg(data, width as u32, height as u32, 3);
    place(pdf, image, &picture, dpi, layer);
}

/// A picture in black and white, rows padded to whole bytes, a set bit white.
pub fn bits(picture: &Picture) -> Vec<u8> {
    let rows = picture.pixels.chunks(picture.width);
    rows.flat_map(|row| row.chunks(8).map(pack)).collect()
}

/// Adds a page that shows a picture in black and white, one bit for each pixel.
pub fn add_bilevel_page(pdf: &mut PdfBuilder, picture: &Picture, dpi: f64) {
    let image = pdf.bilevel(bits(picture), picture.width as u32, picture.height as u32);
    place(pdf, image, picture, dpi, None);
}

fn place(
    pdf: &mut PdfBuilder,
    image: lopdf::ObjectId,
    picture: &Picture,
    dpi: f64,
    layer: Option<Page>,
) {
    let width = picture.width as f64 * 72.0 / dpi;
    let height = picture.height as f64 * 72.0 / dpi;
    let mut page = layer.unwrap_or_else(|| Page::new(width, height));
    page.image(image, 0.0, 0.0, page.width, page.height);
    pdf.add(page);
}

fn encode(picture: &Picture, pixels: &[u8], quality: u8, colour: ColorType) -> Vec<u8> {
    let mut data = Vec::new();
    let mut encoder = Encoder::new(&mut data, quality);
    // The chroma of tinted paper is so uniform that tables made for it have a single code, and
    // not every decoder copes with that.
    encoder.set_optimized_huffman_tables(colour == ColorType::Luma);
    encoder
        .encode(pixels, picture.width as u16, picture.height as u16, colour)
        .expect("encoding to memory");
    data
}

fn pack(pixels: &[u8]) -> u8 {
    pixels
        .iter()
        .enumerate()
        .filter(|(_, pixel)| **pixel >= 128)
        .fold(0, |byte, (i, _)| byte | (0x80 >> i))
}

/// The brightness between pixels; white outside.
fn sample(picture: &Picture, x: f64, y: f64) -> f64 {
    let (width, height) = (picture.width as i64, picture.height as i64);
    let at = |x: i64, y: i64| -> f64 {
        if x < 0 || y < 0 || x >= width || y >= height {
            return 255.0;
        }
        f64::from(picture.pixels[(y * width + x) as usize])
    };
    // As `floor`, which is a call into the C library here and takes longer than all
    // the rest.
    let whole = |value: f64| value as i64 - i64::from(value < (value as i64) as f64);
    let (left, top) = (whole(x), whole(y));
    let (across, down) = (x - left as f64, y - top as f64);
    let upper = at(left, top) * (1.0 - across) + at(left + 1, top) * across;
    let lower = at(left, top + 1) * (1.0 - across) + at(left + 1, top + 1) * across;
    upper * (1.0 - down) + lower * down
}

/// A round mark on the paper: a hole, a stain or the ring of a cup.
struct Blot {
    x: f64,
    y: f64,
    radius: f64,
    /// How far the mark reaches inwards from its radius, and how much it darkens.
    thickness: f64,
    darkness: f64,
}

impl Blot {
    fn over(&self, value: f64, x: f64, y: f64) -> f64 {
        let (dx, dy) = (x - self.x, y - self.y);
        let square = dx * dx + dy * dy;
        if square > self.radius * self.radius {
            return value;
        }
        let depth = self.radius - square.sqrt();
        if depth > self.thickness {
            return value;
        }
        let soft = (depth / 3.0).min(1.0);
        value * (1.0 - self.darkness * soft)
    }
}

fn blots(picture: &Picture, look: &Look, chance: &mut Prng) -> Vec<Blot> {
    let (width, height) = (picture.width as f64, picture.height as f64);
    let mut blots = Vec::new();
    if look.punch_holes {
        // Two holes, 80 mm apart, 11 mm from the left edge of an A4 sheet.
        let millimetre = height / 297.0;
        for offset in [-40.0, 40.0] {
            blots.push(Blot {
                x: 11.0 * millimetre + chance.between(-3.0, 3.0),
                y: height / 2.0 + offset * millimetre,
                radius: 3.0 * millimetre,
                thickness: 3.0 * millimetre,
                darkness: 0.72,
            });
        }
    }
    for i in 0..look.stains {
        let ring = i == 0 && look.stains > 2;
        let radius = if ring {
            width * 0.055
        } else {
            chance.between(3.0, 14.0)
        };
        blots.push(Blot {
            x: chance.between(width * 0.15, width * 0.9),
            y: chance.between(height * 0.55, height * 0.92),
            radius,
            thickness: if ring { 9.0 } else { radius },
            darkness: chance.between(0.06, 0.12),
        });
    }
    blots
}
