//! Barcodes on a page: the usual linear ones and QR, Data Matrix, PDF417, Aztec.
//! A "Patch T" sheet in the wild mostly carries a Code 39 or Code 128 that says
//! PATCHT; one with real patch bars says the same here. Not for what follows
//! from a code: a separator is a verdict.

use zxingcpp::{BarcodeFormat, ImageFormat, ImageView};

use super::patch::patch;
use crate::model::{Area, Barcode};
use crate::pdf::Gray;
use crate::wide::wide;

/// The resolution that the narrow bars of office labels need, in dots per inch.
pub const BARCODE_DPI: f32 = 200.0;

/// The resolution at which it shows whether there may be a code, in dots per inch: about
/// this.
pub const FIRST_LOOK_DPI: f32 = 150.0;

/// By how much the part of a page is enlarged that looks like a code and was not read.
const ENLARGED: f32 = 2.0;

/// The reader looks along rows and columns; bars that lean by more than this, in degrees, are
/// straightened for it.
const LEANING: f32 = 4.0;

/// Mean square of what four pixels differ by across and down, in a tile that tells it.
const STEEP_LEANING: f32 = 400.0;

/// So many tiles of bars say by how much they lean.
const FEWEST_BARS: usize = 8;

/// What was read from the worn edge of a code is less than this share as high, and at most
/// this share of the code's height away.
const WORN: f32 = 0.5;
const AWAY: f32 = 0.25;

/// What looks like a code is read with so many tiles around it, for a code needs bare paper
/// around it, and with more where its bars go on: its widest ones fill a tile and do not look
/// like a code alone. What is nearer to each other than twice as many is read together.
const AROUND: usize = 4;
const ALONG: usize = 12;

/// A label of 100 × 50 mm with what is around it is less than one in so many parts of a
/// page.
const LABEL_SHARE: usize = 5;

/// What is read. Rarer types find themselves in ordinary text too easily, and UPC-E in the left
/// half of every eighth EAN-13 that leans.
const FORMATS: [BarcodeFormat; 12] = [
    BarcodeFormat::Codabar,
    BarcodeFormat::Code39,
    BarcodeFormat::Code93,
    BarcodeFormat::Code128,
    BarcodeFormat::ITF,
    BarcodeFormat::EAN13,
    BarcodeFormat::EAN8,
    BarcodeFormat::UPCA,
    BarcodeFormat::PDF417,
    BarcodeFormat::Aztec,
    BarcodeFormat::QRCode,
    BarcodeFormat::DataMatrix,
];

/// Types without a check digit of their own say something only from so many
/// characters.
const UNCHECKED: [BarcodeFormat; 3] = [
    BarcodeFormat::Codabar,
    BarcodeFormat::Code39,
    BarcodeFormat::ITF,
];
const SHORTEST_UNCHECKED: usize = 4;

/// Types that hold enough to correct what was misread of them.
const CORRECTING: [BarcodeFormat; 4] = [
    BarcodeFormat::PDF417,
    BarcodeFormat::Aztec,
    BarcodeFormat::QRCode,
    BarcodeFormat::DataMatrix,
];

/// Whether there may be a code on a page of `gray` at about [`FIRST_LOOK_DPI`].
pub(super) fn may_hold_codes(gray: &Gray) -> bool {
    !code_like::<COARSE_TILE, COARSE_LANES>(gray).is_empty()
}

/// The barcodes on a page of `gray` at about [`BARCODE_DPI`] and of `half` of
/// that, from top to bottom. Codes that say the same are one. Without `gray`, where it
/// shows no code: those that show on `half`.
pub fn barcodes(gray: Option<&Gray>, half: &Gray) -> Vec<Barcode> {
    let mut found = gray.map_or_else(Vec::new, |gray| read_places(gray, half));
    // Drawn so, it may not even look like a code.
    if found.is_empty() {
        let places = code_like::<TILE, TILE>(half).into_iter();
        found = places
            .flat_map(|place| read_part(half, place, Seen::AsDrawn))
            .collect();
    }
    if let Some(patch) = patch(half) {
        let [left, top, right, bottom] = patch.place;
        let place = area(half, left, top, right, bottom);
        // Four bars of a barcode may look like a patch.
        if found.iter().all(|code| !overlap(code.area, place)) {
            found.push(Barcode {
                text: patch.name.to_owned(),
                kind: "Patch".to_owned(),
                area: place,
                copies: 1,
            });
        }
    }
    drop_misread(&mut found);
    found.sort_by(|a, b| a.area.top.total_cmp(&b.area.top).then(a.text.cmp(&b.text)));
    let mut distinct: Vec<Barcode> = Vec::new();
    for code in found {
        match distinct.iter_mut().find(|known| known.text == code.text) {
            Some(known) => known.copies += 1,
            None => distinct.push(code),
        }
    }
    distinct
}

/// The codes where the page has what codes look like.
fn read_places(gray: &Gray, half: &Gray) -> Vec<Barcode> {
    let places = code_like::<TILE, TILE>(gray);
    let as_drawn: Vec<Vec<Barcode>> = places
        .iter()
        .map(|place| read_part(gray, *place, Seen::AsDrawn))
        .collect();
    let sure = as_drawn.concat();
    let mut found = sure.clone();
    for (place, codes) in places.iter().zip(&as_drawn) {
        let again = if codes.is_empty() {
            read_again(gray, half, *place)
        } else if !codes.iter().all(corrects_itself) {
            // Of several codes in one place the reader sees some only when they are enlarged.
            read_part(gray, *place, Seen::Enlarged)
        } else {
            Vec::new()
        };
        let again = again.into_iter();
        found.extend(again.filter(|code| sure.iter().all(|sure| !is_read_again(code, sure, gray))));
    }
    found
}

/// Whether a code that was read in a further try is one that was read as it is drawn. Each try
/// may misread a code that is worn (seen on an EAN that lay on text, read at half its size), but
/// for those that correct what is misread: others within a tile of it are taken for it too.
fn is_read_again(code: &Barcode, sure: &Barcode, gray: &Gray) -> bool {
    let high = sure.area.bottom - sure.area.top;
    let reach = match corrects_itself(code) {
        true => 0.0,
        false => high * AWAY + TILE as f32 / gray.height.max(1) as f32,
    };
    let around = Area {
        top: sure.area.top - reach,
        bottom: sure.area.bottom + reach,
        ..sure.area
    };
    overlap(code.area, around)
}

/// How a part of a page is shown to the reader.
#[derive(Clone, Copy)]
enum Seen {
    AsDrawn,
    Enlarged,
    /// Turned so that leaning bars stand upright.
    Straightened,
    /// White for black: some codes are printed so, and the reader looks for few of them.
    Inverted,
}

/// The codes of a part of the page in which the reader saw none as it is drawn.
fn read_again(gray: &Gray, half: &Gray, place: Tiles) -> Vec<Barcode> {
    // Bars of two pixels and a half, softly drawn, run into each other for the reader;
    // enlarged they do not (seen on ITF and EAN scanned at 300 dpi).
    let enlarged = || read_part(gray, place, Seen::Enlarged);
    // A coarse scan that was drawn larger than it is has soft edges, on which the reader
    // finds nothing (seen on scans of 100 dpi, tilted by 1°).
    let halved = || read_part(half, place.halved(), Seen::AsDrawn);
    let straightened = || read_part(gray, place, Seen::Straightened);
    let inverted = || read_part(gray, place, Seen::Inverted);
    let tries: [&dyn Fn() -> Vec<Barcode>; 4] = [&enlarged, &halved, &straightened, &inverted];
    // Pictures are no labels.
    let tries = match place.is_label(gray) {
        true => tries.as_slice(),
        false => &tries[1..2],
    };
    let mut read = tries.iter().map(|look| look());
    read.find(|codes| !codes.is_empty()).unwrap_or_default()
}

/// By how many degrees bars lean clockwise from the nearest way in which they stand or lie
/// straight; none where they do not, or are few.
fn leaning(gray: &Gray) -> Option<f32> {
    let (mut count, mut along, mut aslant) = (0, 0.0, 0.0);
    for top in (0..gray.height.saturating_sub(TILE)).step_by(TILE) {
        for left in (0..gray.width.saturating_sub(TILE)).step_by(TILE) {
            let (mut xx, mut yy, mut xy) = (0i32, 0i32, 0i32);
            for y in top..top + TILE {
                let (row, next) = (&gray.row(y)[left..], &gray.row(y + 1)[left..]);
                // In the middle of four pixels both slopes are those of one place.
                for x in 0..TILE {
                    let [a, b] = [row[x], row[x + 1]].map(i32::from);
                    let [c, d] = [next[x], next[x + 1]].map(i32::from);
                    let (dx, dy) = (b + d - a - c, c + d - a - b);
                    xx += dx * dx;
                    yy += dy * dy;
                    xy += dx * dy;
                }
            }
            let sum = (xx + yy) as f32;
            let slopes = [(xx - yy) as f32, 2.0 * xy as f32];
            let is_steep = sum >= STEEP_LEANING * (TILE * TILE) as f32;
            if is_steep && slopes[0].hypot(slopes[1]) >= ONE_WAY * sum {
                count += 1;
                along += slopes[0];
                aslant += slopes[1];
            }
        }
    }
    // Slopes that run the other way are those of the same bars: angles count twice.
    let degrees = aslant.atan2(along).to_degrees() / 2.0;
    let leaning = degrees - (degrees / 90.0).round() * 90.0;
    (count >= FEWEST_BARS && leaning.abs() >= LEANING).then_some(leaning)
}

fn read(gray: &Gray) -> Vec<Barcode> {
    let view = ImageView::from_slice(&gray.pixels, gray.width, gray.height, ImageFormat::Lum);
    let Ok(view) = view else {
        return Vec::new();
    };
    // Without "harder" the narrow bars of labels are missed (a Code 39 of 0.25 mm
    // at 200 dpi); looking for smaller copies of the page finds nothing more.
    let reader = zxingcpp::read()
        .formats(FORMATS)
        .try_harder(true)
        .try_rotate(true)
        .try_invert(false)
        .try_downscale(false);
    let codes = reader.from(&view).unwrap_or_default();
    codes
        .into_iter()
        .filter(|code| {
            let length = code.text().chars().count();
            let unchecked = UNCHECKED.contains(&code.symbology());
            length >= if unchecked { SHORTEST_UNCHECKED } else { 1 }
        })
        .map(|code| {
            let place = code.position();
            let corners = [
                place.top_left,
                place.top_right,
                place.bottom_right,
                place.bottom_left,
            ];
            let xs = corners.map(|corner| corner.x as f32);
            let ys = corners.map(|corner| corner.y as f32);
            let least = |values: [f32; 4]| values.into_iter().fold(f32::MAX, f32::min);
            let most = |values: [f32; 4]| values.into_iter().fold(f32::MIN, f32::max);
            Barcode {
                text: code.text(),
                kind: format!("{:?}", code.format()),
                area: area(gray, least(xs), least(ys), most(xs), most(ys)),
                copies: 1,
            }
        })
        .collect()
}

fn corrects_itself(code: &Barcode) -> bool {
    let mut kinds = CORRECTING.iter().map(|format| format!("{format:?}"));
    kinds.any(|kind| kind == code.kind)
}

/// Reads one part of the page.
fn read_part(gray: &Gray, place: Tiles, seen: Seen) -> Vec<Barcode> {
    let [left, top, right, bottom] = place.pixels(gray);
    let part = gray.part(left, top, right, bottom);
    let mut found = match seen {
        Seen::AsDrawn => read(&part),
        Seen::Enlarged => read(&part.scaled(ENLARGED)),
        Seen::Straightened => {
            leaning(&part).map_or_else(Vec::new, |degrees| read(&turned(&part, -degrees)))
        }
        Seen::Inverted => read(&inverted(&part)),
    };
    let whole = area(gray, left as f32, top as f32, right as f32, bottom as f32);
    let (wide, high) = (whole.right - whole.left, whole.bottom - whole.top);
    for code in &mut found {
        code.area = match seen {
            // The corners of what was turned are not those of the page.
            Seen::Straightened => whole,
            _ => Area {
                left: whole.left + code.area.left * wide,
                top: whole.top + code.area.top * high,
                right: whole.left + code.area.right * wide,
                bottom: whole.top + code.area.bottom * high,
            },
        };
    }
    found
}

fn inverted(gray: &Gray) -> Gray {
    Gray {
        pixels: gray.pixels.iter().map(|level| u8::MAX - level).collect(),
        ..*gray
    }
}

/// Turned about its middle by so many degrees clockwise, with white where nothing was.
fn turned(gray: &Gray, degrees: f32) -> Gray {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (wide, high) = (gray.width as f32, gray.height as f32);
    let width = (wide * cos.abs() + high * sin.abs()) as usize;
    let height = (wide * sin.abs() + high * cos.abs()) as usize;
    let mut pixels = vec![u8::MAX; width * height];
    for (y, row) in pixels.chunks_exact_mut(width.max(1)).enumerate() {
        let down = y as f32 - (height as f32 - 1.0) / 2.0;
        for (x, pixel) in row.iter_mut().enumerate() {
            let right = x as f32 - (width as f32 - 1.0) / 2.0;
            let from_x = right * cos + down * sin + (wide - 1.0) / 2.0;
            let from_y = down * cos - right * sin + (high - 1.0) / 2.0;
            if let Some(level) = between(gray, from_x, from_y) {
                *pixel = level;
            }
        }
    }
    Gray {
        width,
        height,
        pixels,
    }
}

/// The brightness at a place between four pixels; none outside.
fn between(gray: &Gray, x: f32, y: f32) -> Option<u8> {
    if x < 0.0 || y < 0.0 {
        return None;
    }
    let (left, top) = (x as usize, y as usize);
    if left + 1 >= gray.width || top + 1 >= gray.height {
        return None;
    }
    let (across, down) = (x.fract(), y.fract());
    let on_row = |row: usize| {
        let row = &gray.row(row)[left..left + 2];
        f32::from(row[0]) * (1.0 - across) + f32::from(row[1]) * across
    };
    Some((on_row(top) * (1.0 - down) + on_row(top + 1) * down).round() as u8)
}

/// Drops what was read from the worn edge of another code: it stands at the upper or lower
/// edge of that one, is much lower, and says nearly the same. So do labels in a column, but
/// they are as high, and what corrects itself is not misread.
fn drop_misread(found: &mut Vec<Barcode>) {
    let nearly = |a: &str, b: &str| {
        let count = a.chars().count();
        let differ = a.chars().zip(b.chars()).filter(|(a, b)| a != b).count();
        a != b && count == b.chars().count() && differ * 3 <= count
    };
    let high = |code: &Barcode| code.area.bottom - code.area.top;
    let better = found.clone();
    found.retain(|code| {
        let is_worn_edge_of = |other: &Barcode| {
            let beside = other.area.left < code.area.right && code.area.left < other.area.right;
            let between =
                (other.area.top - code.area.bottom).max(code.area.top - other.area.bottom);
            beside
                && between <= AWAY * high(other)
                && high(code) < WORN * high(other)
                && nearly(&other.text, &code.text)
        };
        corrects_itself(code) || !better.iter().any(is_worn_edge_of)
    });
}

fn overlap(a: Area, b: Area) -> bool {
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}

fn area(gray: &Gray, left: f32, top: f32, right: f32, bottom: f32) -> Area {
    let (width, height) = (gray.width.max(1) as f32, gray.height.max(1) as f32);
    Area {
        left: left / width,
        top: top / height,
        right: right / width,
        bottom: bottom / height,
    }
}

/// Side of the tiles that are looked at, in pixels: 2.5 mm.
const TILE: usize = 20;

/// The same on a page that is drawn coarser, at [`FIRST_LOOK_DPI`]; and the pixels of a row
/// that are taken together for it, one more than count.
const COARSE_TILE: usize = 15;
const COARSE_LANES: usize = 16;

/// Mean square of the brightness' slope in a tile of bars: five edges across. Bars that
/// stand out from their paper by less than [`STRONG`] are less steep: faded ones, and those
/// on coloured paper.
const STEEP: f32 = 900.0;
const STRONG: f32 = 150.0;

/// Shades that differ by less are no bars, nor are those that differ by less than so many
/// times what bare paper does.
const FLAT: u8 = 30;
const ABOVE_PAPER: u8 = 2;

/// From this share of its slopes in one direction a tile shows bars.
const ONE_WAY: f32 = 0.7;

/// Share of a tile of modules that is dark.
const HALF_DARK: std::ops::Range<f32> = 0.22..0.78;

/// Tiles beside each other, from the first to before the last.
#[derive(Clone, Copy)]
struct Tiles {
    columns: (usize, usize),
    rows: (usize, usize),
}

impl Tiles {
    /// With another tile.
    fn with(self, column: usize, row: usize) -> Self {
        let both = |(from, to): (usize, usize), at: usize| (from.min(at), to.max(at + 1));
        Self {
            columns: both(self.columns, column),
            rows: both(self.rows, row),
        }
    }

    /// With so many more at both sides and above and below, where there are any.
    fn with_around(self, (across, down): (usize, usize), columns: usize, rows: usize) -> Self {
        let wider = |(from, to): (usize, usize), by: usize, most: usize| {
            (from.saturating_sub(by), (to + by).min(most))
        };
        Self {
            columns: wider(self.columns, across, columns),
            rows: wider(self.rows, down, rows),
        }
    }

    /// The same place where tiles are twice as large.
    fn halved(self) -> Self {
        let half = |(from, to): (usize, usize)| (from / 2, to.div_ceil(2));
        Self {
            columns: half(self.columns),
            rows: half(self.rows),
        }
    }

    /// They may be a label: pictures are larger.
    fn is_label(self, gray: &Gray) -> bool {
        let [left, top, right, bottom] = self.pixels(gray);
        let share = (right - left) * (bottom - top) * LABEL_SHARE;
        share <= gray.width * gray.height
    }

    /// Their pixels: left, top, right, bottom. The last tile has what remains.
    fn pixels(self, gray: &Gray) -> [usize; 4] {
        let to = |last: usize, side: usize| match (last + 1) * TILE > side {
            true => side,
            false => last * TILE,
        };
        [
            self.columns.0 * TILE,
            self.rows.0 * TILE,
            to(self.columns.1, gray.width),
            to(self.rows.1, gray.height),
        ]
    }
}

/// Where the page has what bars or modules look like. Reading takes many times as long
/// as this, and few pages have a code; most have some letters that look like one.
///
/// Bars: four tiles of five in a row whose slopes all run along the row; a rule is
/// steep as well, but across its length. Modules: seven tiles of nine in a square
/// that are half dark and steep, or all four of a square that may stand between the
/// others; lines of text leave more white between them.
/// Tiles have sides of `SIDE` pixels.
fn code_like<const SIDE: usize, const LANES: usize>(gray: &Gray) -> Vec<Tiles> {
    let side = SIDE;
    let (columns, rows) = (gray.width / side, gray.height / side);
    if columns < 3 || rows < 3 {
        return vec![Tiles {
            columns: (0, columns),
            rows: (0, rows),
        }];
    }
    let shades = shades::<SIDE, LANES>(gray, columns, rows);
    let strong = ABOVE_PAPER.saturating_mul(bare_range(&shades)).max(FLAT);
    let mut tiles = vec![Tile::default(); rows * columns];
    wide!({
        for (at, (tile, shades)) in tiles.iter_mut().zip(&shades).enumerate() {
            if shades.range() >= strong {
                let place = (at % columns * side, at / columns * side);
                *tile = Tile::of::<SIDE, LANES>(gray, place, *shades);
            }
        }
    });
    let showing = |fits: fn(&Tile) -> bool| tiles.iter().map(fits).collect::<Vec<bool>>();
    let upright = showing(|tile| tile.has_bars() && tile.across);
    let lying = showing(|tile| tile.has_bars() && !tile.across);
    let modules = showing(Tile::has_modules);
    let count = |place: Tiles, showing: &[bool]| {
        let (left, right) = place.columns;
        let rows = (place.rows.0..place.rows.1).map(|row| row * columns);
        let shown = rows.map(|row| showing[row + left..row + right].iter());
        shown
            .map(|row| row.filter(|shows| **shows).count())
            .sum::<usize>()
    };
    // Tiles that are to be read.
    let mut wanted = vec![false; rows * columns];
    for row in 0..rows {
        for column in 0..columns {
            let mut look = |(wide, high), least, around, showing: &[bool]| {
                let place = Tiles {
                    columns: (column, column + wide),
                    rows: (row, row + high),
                };
                let is_inside = place.columns.1 <= columns && place.rows.1 <= rows;
                if is_inside && count(place, showing) >= least {
                    let place = place.with_around(around, columns, rows);
                    for row in place.rows.0..place.rows.1 {
                        let (left, right) = place.columns;
                        wanted[row * columns + left..row * columns + right].fill(true);
                    }
                }
            };
            look((5, 1), 4, (ALONG, AROUND), &upright);
            look((1, 5), 4, (AROUND, ALONG), &lying);
            look((3, 3), 7, (AROUND, AROUND), &modules);
            if modules[row * columns + column]
                && is_small_code::<SIDE, LANES>(gray, (column * side, row * side), strong)
            {
                look((1, 1), 1, (AROUND, AROUND), &modules);
            }
        }
    }
    connected(wanted, columns)
}

/// The range of shades of the paper alone: a quarter of the tiles have a smaller one.
fn bare_range(shades: &[Shades]) -> u8 {
    let mut ranges: Vec<u8> = shades.iter().map(Shades::range).collect();
    let quarter = ranges.len() / 4;
    match ranges.is_empty() {
        true => 0,
        false => *ranges.select_nth_unstable(quarter).1,
    }
}

/// Whether a square of two tiles a side, all of modules, lies on the tile at this place: a
/// code of 6 mm holds one wherever the tiles begin.
fn is_small_code<const SIDE: usize, const LANES: usize>(
    gray: &Gray,
    (left, top): (usize, usize),
    strong: u8,
) -> bool {
    let side = SIDE;
    let has_modules = |x: usize, y: usize| {
        let is_inside = x + side <= gray.width && y + side <= gray.height;
        is_inside && {
            let shades = Shades::of::<SIDE, LANES>(gray, (x, y));
            shades.range() >= strong && Tile::of::<SIDE, LANES>(gray, (x, y), shades).has_modules()
        }
    };
    // In equal steps up to the tile itself.
    let step = if side.is_multiple_of(2) {
        side / 2
    } else {
        side / 3
    };
    let begins = |at: usize| (at.saturating_sub(side)..=at).step_by(step);
    begins(top).any(|y| {
        begins(left).any(|x| {
            [(0, 0), (side, side), (side, 0), (0, side)]
                .into_iter()
                .all(|(right, down)| has_modules(x + right, y + down))
        })
    })
}

/// The boxes around tiles that are connected by their sides.
fn connected(mut wanted: Vec<bool>, columns: usize) -> Vec<Tiles> {
    let mut found = Vec::new();
    let mut waiting = Vec::new();
    for first in 0..wanted.len() {
        waiting.push(first);
        let mut place: Option<Tiles> = None;
        while let Some(at) = waiting.pop() {
            if !wanted.get_mut(at).is_some_and(std::mem::take) {
                continue;
            }
            let (column, row) = (at % columns, at / columns);
            let alone = Tiles {
                columns: (column, column + 1),
                rows: (row, row + 1),
            };
            place = Some(place.unwrap_or(alone).with(column, row));
            if column > 0 {
                waiting.push(at - 1);
            }
            if column + 1 < columns {
                waiting.push(at + 1);
            }
            waiting.extend(at.checked_sub(columns));
            waiting.push(at + columns);
        }
        found.extend(place);
    }
    found
}

#[derive(Clone, Default)]
struct Tile {
    /// By how much its brightest pixel is brighter than its darkest.
    range: u8,
    /// Mean square of the slope; nothing where it is flat.
    steep: f32,
    /// How much the slopes run one way, 0 to 1: the coherence of the structure
    /// tensor.
    one_way: f32,
    /// They run more across than down, as those of upright bars do.
    across: bool,
    /// Share of pixels that are darker than the middle of its range.
    dark: f32,
}

impl Tile {
    fn has_bars(&self) -> bool {
        self.is_steep() && self.one_way >= ONE_WAY
    }

    fn has_modules(&self) -> bool {
        self.is_steep() && HALF_DARK.contains(&self.dark)
    }

    fn is_steep(&self) -> bool {
        let strength = (f32::from(self.range) / STRONG).min(1.0);
        self.steep >= STEEP * strength * strength
    }

    /// That with its first pixel at a place, of `SIDE` pixels in a row; `LANES` of them are
    /// taken at a time, of which the others count for nothing.
    #[inline(always)]
    fn of<const SIDE: usize, const LANES: usize>(
        gray: &Gray,
        (left, top): (usize, usize),
        shades: Shades,
    ) -> Self {
        // Slopes reach to the next pixels, to the right and below.
        let left = left.min(gray.width.saturating_sub(SIDE + 1));
        let lanes = |x: usize, y: usize| lanes::<LANES>(gray, x, y);
        let (mut xx, mut yy, mut xy) = (0i32, 0i32, 0i32);
        for y in top..(top + SIDE).min(gray.height - 1) {
            let (Some(row), Some(next)) = (lanes(left, y), lanes(left, y + 1)) else {
                break;
            };
            let Some(right) = lanes(left + 1, y) else {
                break;
            };
            for x in 0..LANES {
                let counts = -i16::from(x < SIDE);
                let here = i16::from(row[x]);
                let dx = i32::from((i16::from(right[x]) - here) & counts);
                let dy = i32::from((i16::from(next[x]) - here) & counts);
                xx += dx * dx;
                yy += dy * dy;
                xy += dx * dy;
            }
        }
        let middle = shades.darkest / 2 + shades.brightest / 2;
        let mut dark = 0;
        for row in (top..(top + SIDE).min(gray.height)).filter_map(|y| lanes(left, y)) {
            for (x, level) in row.iter().enumerate() {
                dark += u32::from(*level < middle && x < SIDE);
            }
        }
        let area = (SIDE * SIDE) as f32;
        let sum = xx as f32 + yy as f32;
        let apart = ((xx - yy) as f32).hypot(2.0 * xy as f32);
        Self {
            range: shades.range(),
            steep: sum / area,
            one_way: if sum > 0.0 { apart / sum } else { 0.0 },
            across: xx > yy,
            dark: dark as f32 / area,
        }
    }
}

/// Pixels from a place on, as they follow in a row and then in the next.
fn lanes<const LANES: usize>(gray: &Gray, x: usize, y: usize) -> Option<&[u8; LANES]> {
    gray.pixels.get(y * gray.width + x..)?.first_chunk()
}

/// The darkest and the brightest pixel of a tile, with those that are taken with it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Shades {
    darkest: u8,
    brightest: u8,
}

impl Shades {
    /// By how much the brightest is brighter.
    fn range(&self) -> u8 {
        self.brightest.saturating_sub(self.darkest)
    }

    /// Of the tile with its first pixel at a place.
    fn of<const SIDE: usize, const LANES: usize>(gray: &Gray, (left, top): (usize, usize)) -> Self {
        let left = left.min(gray.width.saturating_sub(SIDE + 1));
        let rows = top..(top + SIDE).min(gray.height);
        let rows = rows.filter_map(|y| lanes::<LANES>(gray, left, y));
        let (mut darkest, mut brightest) = ([u8::MAX; LANES], [0; LANES]);
        for row in rows {
            darken(&mut darkest, row);
            brighten(&mut brightest, row);
        }
        Self::along(&darkest, &brightest)
    }

    /// From the darkest and the brightest of each column.
    fn along(darkest: &[u8], brightest: &[u8]) -> Self {
        Self {
            darkest: darkest.iter().copied().fold(u8::MAX, u8::min),
            brightest: brightest.iter().copied().fold(0, u8::max),
        }
    }
}

/// The shades of so many tiles across and down, row by row: a row of tiles is looked at as a
/// whole, many columns of pixels at a time.
fn shades<const SIDE: usize, const LANES: usize>(
    gray: &Gray,
    columns: usize,
    rows: usize,
) -> Vec<Shades> {
    let mut shades = Vec::with_capacity(rows * columns);
    let (mut darkest, mut brightest) = (vec![0; gray.width], vec![0; gray.width]);
    for top in (0..rows).map(|row| row * SIDE) {
        darkest.fill(u8::MAX);
        brightest.fill(0);
        wide!({
            for y in top..top + SIDE {
                darken(&mut darkest, gray.row(y));
                brighten(&mut brightest, gray.row(y));
            }
        });
        shades.extend((0..columns).map(|column| {
            let left = (column * SIDE).min(gray.width.saturating_sub(SIDE + 1));
            let across = left..(left + LANES).min(gray.width);
            Shades::along(&darkest[across.clone()], &brightest[across])
        }));
    }
    shades
}

/// Keeps the darker of two pixels in each column.
#[inline(always)]
fn darken(darkest: &mut [u8], row: &[u8]) {
    for (darkest, level) in darkest.iter_mut().zip(row) {
        *darkest = (*darkest).min(*level);
    }
}

/// Keeps the brighter of two pixels in each column.
#[inline(always)]
fn brighten(brightest: &mut [u8], row: &[u8]) {
    for (brightest, level) in brightest.iter_mut().zip(row) {
        *brightest = (*brightest).max(*level);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shades_of_a_row_of_tiles_are_those_of_each_tile() {
        let (width, height) = (83, 61);
        let pixels = (0..width * height).map(|at| (at * at / 7 % 256) as u8);
        let gray = Gray {
            width,
            height,
            pixels: pixels.collect(),
        };
        let (columns, rows) = (width / COARSE_TILE, height / COARSE_TILE);
        let places = (0..rows * columns).map(|at| {
            let place = (at % columns * COARSE_TILE, at / columns * COARSE_TILE);
            Shades::of::<COARSE_TILE, COARSE_LANES>(&gray, place)
        });
        let together = shades::<COARSE_TILE, COARSE_LANES>(&gray, columns, rows);
        assert_eq!(together, places.collect::<Vec<_>>());
    }

    fn code(format: BarcodeFormat, text: &str, turn: i32) -> Gray {
        let barcode = zxingcpp::create(format).from_str(text).unwrap();
        // Modules of half a millimetre, bars of a third.
        let square = matches!(format, BarcodeFormat::QRCode | BarcodeFormat::DataMatrix);
        let image = zxingcpp::write()
            .scale(if square { 4 } else { 3 })
            .rotate(turn)
            .add_quiet_zones(true);
        let image = barcode.to_image_with(&image).unwrap();
        let (width, height) = (image.width() as usize, image.height() as usize);
        let (page_width, page_height) = (width + 400, height + 300);
        let mut pixels = vec![250; page_width * page_height];
        for (y, row) in image.data().chunks_exact(width).enumerate() {
            pixels[(y + 133) * page_width + 217..][..width].copy_from_slice(row);
        }
        Gray {
            width: page_width,
            height: page_height,
            pixels,
        }
    }

    #[test]
    fn codes_of_all_kinds_are_read_in_place() {
        for (format, text) in [
            (BarcodeFormat::Code39, "PATCHT"),
            (BarcodeFormat::Code128, "Order 4711"),
            (BarcodeFormat::QRCode, "https://example.com"),
            (BarcodeFormat::DataMatrix, "A label that says somewhat more"),
            (BarcodeFormat::EAN13, "4006381333931"),
        ] {
            for turn in [0, 90, 180] {
                let gray = code(format, text, turn);
                let found = barcodes(Some(&gray), &gray.half());
                assert_eq!(found.len(), 1, "{format:?} {turn}");
                let first_look = gray.scaled(FIRST_LOOK_DPI / BARCODE_DPI);
                assert!(may_hold_codes(&first_look), "{format:?} {turn}");
                assert_eq!(found[0].text, text);
                let area = found[0].area;
                assert!(area.left > 0.2 && area.right < 0.9, "{area:?}");
            }
        }
    }

    /// The same in other shades: what is black and what is white.
    fn in_shades(gray: &Gray, black: u8, white: u8) -> Gray {
        let range = u32::from(white - black);
        let shade = |level: &u8| black + (u32::from(*level) * range / 255) as u8;
        Gray {
            pixels: gray.pixels.iter().map(shade).collect(),
            ..*gray
        }
    }

    #[test]
    fn faded_codes_and_codes_on_dark_paper_are_read() {
        for format in [BarcodeFormat::Code128, BarcodeFormat::QRCode] {
            let full = code(format, "PATCHT", 0);
            for (black, white) in [(175, 250), (10, 80), (30, 75)] {
                let gray = in_shades(&full, black, white);
                let found = barcodes(Some(&gray), &gray.half());
                assert_eq!(found.len(), 1, "{format:?} {black} on {white}");
                let first_look = gray.scaled(FIRST_LOOK_DPI / BARCODE_DPI);
                assert!(may_hold_codes(&first_look), "{format:?} {black} on {white}");
            }
        }
    }

    /// A QR code of so many pixels a module and page, at some place.
    fn small_code(module: usize, (left, top): (usize, usize)) -> Gray {
        let barcode = zxingcpp::create(BarcodeFormat::QRCode);
        let barcode = barcode.from_str("ASN0042").unwrap();
        let image = zxingcpp::write().scale(1).add_quiet_zones(false);
        let image = barcode.to_image_with(&image).unwrap();
        let (width, height) = (image.width() as usize, image.height() as usize);
        let mut gray = Gray {
            width: 600,
            height: 500,
            pixels: vec![250; 600 * 500],
        };
        for y in 0..height * module {
            for x in 0..width * module {
                let level = image.data()[y / module * width + x / module];
                gray.pixels[(top + y) * 600 + left + x] = level.min(250);
            }
        }
        gray
    }

    #[test]
    fn a_sticker_of_six_millimetres_is_read_wherever_it_lies() {
        // 21 modules of 2 pixels, at 200 dpi.
        for offset in 0..TILE {
            let gray = small_code(2, (203 + offset, 131 + offset * 7 % TILE));
            let found = barcodes(Some(&gray), &gray.half());
            assert_eq!(found.len(), 1, "{offset}");
            let first_look = gray.scaled(FIRST_LOOK_DPI / BARCODE_DPI);
            assert!(may_hold_codes(&first_look), "{offset}");
            assert_eq!(found[0].text, "ASN0042");
        }
    }

    /// On a page on which it is a label.
    fn on_a_page(label: &Gray) -> Gray {
        let (width, height) = (label.width + 1000, label.height + 1200);
        let mut pixels = vec![250; width * height];
        for (y, row) in label.pixels.chunks_exact(label.width).enumerate() {
            pixels[(y + 500) * width + 400..][..label.width].copy_from_slice(row);
        }
        Gray {
            width,
            height,
            pixels,
        }
    }

    /// Pages below each other, the wider ones cut.
    fn below_each_other(pages: &[Gray]) -> Gray {
        let width = pages.iter().map(|page| page.width).min().unwrap();
        let rows = pages.iter().flat_map(|page| page.pixels.chunks(page.width));
        Gray {
            width,
            height: pages.iter().map(|page| page.height).sum(),
            pixels: rows.flat_map(|row| row[..width].to_vec()).collect(),
        }
    }

    #[test]
    fn labels_in_a_column_that_say_nearly_the_same_are_all_read() {
        for format in [
            BarcodeFormat::QRCode,
            BarcodeFormat::Code128,
            BarcodeFormat::Code39,
        ] {
            let texts = ["ASN00110", "ASN00111", "ASN00112", "ASN00113"];
            let labels = texts.map(|text| code(format, text, 0));
            let page = below_each_other(&labels);
            let found = barcodes(Some(&page), &page.half());
            let found: Vec<&str> = found.iter().map(|code| code.text.as_str()).collect();
            assert_eq!(found, texts, "{format:?}");
        }
    }

    #[test]
    fn what_was_read_from_a_worn_edge_is_dropped() {
        let linear = |text: &str, top, bottom| Barcode {
            text: text.to_owned(),
            kind: "EAN13".to_owned(),
            area: Area {
                left: 0.2,
                top,
                right: 0.4,
                bottom,
            },
            copies: 1,
        };
        let whole = linear("4006381333931", 0.2, 0.3);
        let mut found = vec![whole.clone(), linear("4006381833931", 0.305, 0.31)];
        drop_misread(&mut found);
        assert_eq!(found, [whole]);
    }

    #[test]
    fn codes_in_white_on_black_are_read() {
        for format in [
            BarcodeFormat::QRCode,
            BarcodeFormat::DataMatrix,
            BarcodeFormat::Code128,
        ] {
            let mut label = code(format, "Order 4711", 0);
            let (width, height) = (label.width, label.height);
            for (y, row) in label.pixels.chunks_exact_mut(width).enumerate() {
                if (133..height - 167).contains(&y) {
                    for level in &mut row[217..width - 183] {
                        *level = u8::MAX - *level;
                    }
                }
            }
            let page = on_a_page(&label);
            let found = barcodes(Some(&page), &page.half());
            assert_eq!(found.len(), 1, "{format:?}");
            assert_eq!(found[0].text, "Order 4711");
            let first_look = page.scaled(FIRST_LOOK_DPI / BARCODE_DPI);
            assert!(may_hold_codes(&first_look), "{format:?}");
        }
    }

    #[test]
    fn leaning_bars_are_straightened() {
        let upright = code(BarcodeFormat::Code128, "Order 4711", 0);
        for degrees in [-60.0, -45.0, 30.0, 45.0] {
            let page = on_a_page(&turned(&upright, degrees));
            let found = barcodes(Some(&page), &page.half());
            assert_eq!(found.len(), 1, "{degrees}");
            assert_eq!(found[0].text, "Order 4711");
        }
    }

    #[test]
    fn a_picture_of_nothing_says_nothing() {
        for (width, height) in [(0, 0), (1, 1), (40, 40), (400, 300)] {
            let gray = Gray {
                width,
                height,
                pixels: vec![255; width * height],
            };
            assert!(barcodes(Some(&gray), &gray.half()).is_empty());
        }
    }
}
