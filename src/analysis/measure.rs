//! Everything that is measured on one page, from what engines tell of it. Decides
//! which pages are looked at closely. Not for verdicts.

use std::cell::OnceCell;

use super::barcode::{BARCODE_DPI, FIRST_LOOK_DPI, barcodes, may_hold_codes};
use super::faint::look_closer;
use super::fingerprint::Fingerprint;
use super::ink::ink_share;
use super::layer::{blackened, unread};
use super::marks::{drawn_marks, scanned_marks};
use super::orientation::{rises, turned_back};
use super::page_number::{printed_number, stamped_number};
use super::paper::{darkness, is_solid, may_be_solid};
use super::quality::text_quality;
use super::skew::{skew, text_ink};
use super::thumbnail::THUMBNAIL_SIDE;
use super::tones::{Looked, gray_tones, tones};
use super::verdicts::is_separator_code;
use crate::model::{Area, Barcode, Contents, Marks, PageShape, Signals, Skew};
use crate::pdf::{Gray, Ink, PageContents, PageError, Picture, Sheet, SheetSize, fit};

/// Longest side of a page that is looked at closely, in pixels: ISO A3 at the
/// resolution of barcodes. Labels on larger plans are larger too.
const LARGEST: f32 = 3400.0;

/// Pages that pictures cover by this share are looked at as scans.
const SCAN_COVER: f32 = 0.3;

/// With nothing else on the page they are from this share on: a receipt on a large
/// page.
const SMALL_SCAN_COVER: f32 = 0.05;

/// So many bars or modules beside each other may be a barcode.
const BARS: u32 = 16;

/// Smaller pictures hold no barcode, in points (10 mm).
const SMALLEST_CODE: f32 = 28.0;

/// Pages with fewer marks or glyphs look like many others: no fingerprint tells
/// them apart.
const FEWEST_MARKS: u32 = 30;

/// Pages of which pictures cover more are not told apart by their text.
const MOST_PICTURES: f32 = 0.1;

/// Tilts that text states are believed up to here; what is turned further is
/// meant to be.
const WIDEST_TILT: f32 = 20.0;

/// How closely a page is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Drawn at the size of its thumbnail.
    Drawn,
    /// Drawn at the resolution of barcodes.
    Scanned,
}

/// What was measured.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Signals.
    pub signals: Signals,
    /// Share of ink; none where there is no picture to measure.
    pub ink: Option<f32>,
    /// The page at the size of a thumbnail.
    pub thumbnail: Picture,
    /// What it looks like; none for pages with next to nothing on them.
    pub fingerprint: Option<Fingerprint>,
    /// There is something on it.
    pub has_marks: bool,
    /// The page is to be drawn once more, large, and read for barcodes.
    pub may_hold_barcodes: bool,
}

/// How closely a page is to be looked at. Without its contents one that has no
/// text may be a scan.
pub fn depth(contents: Option<&Contents>, has_text: bool) -> Depth {
    let close = match contents {
        Some(contents) if contents.glyphs == 0 && contents.paths == 0 => {
            contents.image_cover >= SMALL_SCAN_COVER
        }
        Some(contents) => contents.image_cover >= SCAN_COVER,
        None => !has_text,
    };
    if close { Depth::Scanned } else { Depth::Drawn }
}

/// Pixels that a page of `shape` is drawn to.
pub fn size(shape: PageShape, depth: Depth) -> (u16, u16) {
    match depth {
        Depth::Drawn => fit(shape, THUMBNAIL_SIDE),
        Depth::Scanned => {
            let longest = shape.width.max(shape.height) * BARCODE_DPI / 72.0;
            fit(
                shape,
                // A scan of that resolution has exactly so many, and is not resampled.
                longest.clamp(f32::from(THUMBNAIL_SIDE), LARGEST).round() as u16,
            )
        }
    }
}

/// Pixels of a page that is looked at as a scan.
pub fn sheet_size(shape: PageShape) -> SheetSize {
    SheetSize::with_half(size(shape, Depth::Scanned))
}

/// Pixels to which a scan is decoded at first, where that is much quicker: its picture has
/// twice or four times [`FIRST_LOOK_DPI`], and JPEGs and black and white are decoded at half
/// or a quarter of their size in no time.
pub fn first_look_size(shape: PageShape, contents: &Contents) -> Option<SheetSize> {
    const NEARLY: std::ops::Range<f32> = 0.97 * FIRST_LOOK_DPI..1.07 * FIRST_LOOK_DPI;
    let [image] = contents.largest_images.as_slice() else {
        return None;
    };
    let scales = [2.0, 4.0].map(|scale| image.dpi.map(|dpi| dpi / scale));
    let nearly = |dpi: &[f32; 2]| dpi.iter().all(|dpi| NEARLY.contains(dpi));
    let dpi = scales.into_iter().find(nearly)?;
    let longest = shape.width.max(shape.height) * dpi[0].max(dpi[1]) / 72.0;
    // Two thirds of it are no smaller than a thumbnail.
    let sizes = 1.5 * f32::from(THUMBNAIL_SIDE)..=LARGEST * FIRST_LOOK_DPI / BARCODE_DPI;
    let gray = sizes
        .contains(&longest)
        .then(|| fit(shape, longest.round() as u16));
    gray.map(SheetSize::with_two_thirds)
}

/// Measures a page that was drawn to the [`size`] of [`Depth::Drawn`].
pub fn measure(
    picture: Picture,
    shape: PageShape,
    page: Option<PageContents>,
    text: &str,
) -> Measured {
    let stated = page.as_ref().and_then(stated_skew);
    let may_be_patch = page.as_ref().is_some_and(|page| page.may_be_patch);
    let (contents, letters) = page.map(|page| (page.contents, page.letters)).unzip();
    let gray = Gray::of(&picture);
    let pictures: Vec<Area> = contents
        .iter()
        .flat_map(|contents: &Contents| &contents.largest_images)
        .map(|image| image.area)
        .collect();
    let millimetre = pixels_per_millimetre(gray.width, gray.height, shape);
    let marks = drawn_marks(&gray, millimetre);
    let signals = Signals {
        tones: Some(tones(&picture, Looked::Pictures(&pictures))),
        marks: Some(marks),
        skew: stated,
        ..signals_of(text)
    };
    let may_hold_barcodes = contents.as_ref().is_some_and(|contents| {
        may_be_patch
            || contents.bars >= BARS
            || pictures.iter().any(|area| may_be_code(&gray, *area, shape))
    });
    // Pictures and drawings are not in the look of the text.
    let tells = contents.as_ref().is_some_and(|contents| {
        contents.glyphs >= FEWEST_MARKS && contents.image_cover < MOST_PICTURES
    });
    Measured {
        ink: ink_share(&gray),
        thumbnail: picture,
        fingerprint: letters.filter(|_| tells).and_then(Fingerprint::of),
        has_marks: marks.body + marks.border > 0,
        signals: Signals {
            contents,
            ..signals
        },
        may_hold_barcodes,
    }
}

/// Measures a page of the [`sheet_size`], or of the [`first_look_size`]: where that does
/// not tell enough, `draw` draws it to the former; fails where that does.
pub fn measure_sheet(
    sheet: &Sheet,
    shape: PageShape,
    page: Option<PageContents>,
    text: &str,
    draw: impl Fn() -> Result<Sheet, PageError>,
) -> Result<Measured, PageError> {
    let stated = page.as_ref().and_then(stated_skew);
    let (mut contents, layer) = page.map(|page| (page.contents, page.layer)).unzip();
    let layer = layer.unwrap_or_default();
    let (width, height) = sheet_size(shape).gray;
    let is_whole =
        (sheet.gray.width, sheet.gray.height) == (usize::from(width), usize::from(height));
    let half = match is_whole {
        true => sheet.gray.half(),
        false => sheet.gray.two_thirds(),
    };
    let drawn = OnceCell::new();
    let closer = || match (is_whole, drawn.get()) {
        (true, _) => Ok(sheet),
        (_, Some(drawn)) => Ok(drawn),
        (_, None) => draw().map(|sheet| drawn.get_or_init(|| sheet)),
    };
    let millimetre = pixels_per_millimetre(half.width, half.height, shape);
    let codes = match is_whole {
        true => barcodes(Some(&sheet.gray), &half),
        false if may_hold_codes(&sheet.gray) => page_barcodes(closer()?),
        false => barcodes(None, &half),
    };
    let area = scanned_area(contents.as_ref());
    let tones = match &sheet.colours {
        Some(colours) => tones(colours, Looked::Scan(area)),
        None => gray_tones(&half, area),
    };
    let dark = darkness(&half);
    let mut found = scanned_marks(&dark, millimetre);
    let small = || match &sheet.colours {
        Some(colours) => colours.clone(),
        None => half.clone().into(),
    };
    let largest = contents
        .as_ref()
        .and_then(|contents| contents.largest_images.first());
    let dpi = largest.map(|image| image.mean_dpi());
    let views = || Ok([small(), closer()?.picture()]);
    found.marks = look_closer(&found, &dark, views, millimetre, dpi)?;
    let pale = found.marks.faint > 0;
    let solid = match &sheet.colours {
        Some(colours) => is_solid(colours, millimetre, pale),
        None => may_be_solid(&half) && is_solid(&half.clone().into(), millimetre, pale),
    };
    if !layer.is_empty() {
        let size = (half.width, half.height);
        found.marks.unread = unread(&found.letters, size, millimetre, &layer);
        if let Some(contents) = &mut contents {
            contents.hidden_text.extend(blackened(&half, &layer));
        }
    }
    if solid {
        found.marks = Marks {
            solid: true,
            ..Marks::default()
        };
    }
    let inked = without_codes(text_ink(&found.text), &codes);
    let mut skew = skew(&inked).or(stated);
    if let Some(skew) = skew.as_mut().filter(|skew| skew.confidence.is_some()) {
        find_way_up(skew, &inked, || without_codes(text_ink(&dark), &codes));
    }
    let degrees = skew.map_or(0.0, |skew| skew.degrees);
    let marks = found.marks.body + found.marks.border;
    let tells = marks.min(found.in_look) >= FEWEST_MARKS
        && !codes.iter().any(|code| is_separator_code(&code.text));
    let fingerprint = tells
        .then(|| Fingerprint::of_scan(&found.look, millimetre, degrees))
        .flatten();
    let (width, height) = fit(shape, THUMBNAIL_SIDE);
    let thumbnail = match &sheet.colours {
        Some(colours) => colours.resized(width.into(), height.into()),
        None => resized(&half, (width, height)).into(),
    };
    Ok(Measured {
        ink: ink_share(&Gray::of(&thumbnail)),
        thumbnail,
        fingerprint,
        has_marks: marks > 0,
        signals: Signals {
            barcodes: Some(codes),
            tones: Some(tones),
            marks: Some(found.marks),
            skew,
            contents,
            ..signals_of(text)
        },
        may_hold_barcodes: false,
    })
}

/// At this size; white where that cannot be.
fn resized(gray: &Gray, (width, height): (u16, u16)) -> Gray {
    let resized = gray.resized(width.into(), height.into());
    resized.unwrap_or_else(|| Gray {
        width: width.into(),
        height: height.into(),
        pixels: vec![u8::MAX; usize::from(width) * usize::from(height)],
    })
}

/// Without what lies on codes and around them: their bars are columns on a page that stands
/// upright, and no marks that stand at the foot of a line.
fn without_codes(mut ink: Ink, codes: &[Barcode]) -> Ink {
    /// So much of the page around them, and of their own size: what was read of a worn code may
    /// be a part of it.
    const AROUND: f32 = 0.01;
    const OWN: f32 = 0.25;
    for Barcode { area, .. } in codes {
        let reach = |from: f32, to: f32, cells: usize| {
            let by = AROUND + OWN * (to - from);
            let place = |share: f32| (share.clamp(0.0, 1.0) * cells as f32) as usize;
            place(from - by)..place(to + by)
        };
        let across = reach(area.left, area.right, ink.width());
        for y in reach(area.top, area.bottom, ink.height()) {
            across.clone().for_each(|x| ink.clear(x, y));
        }
    }
    ink
}

/// Notes which way up the text of a scan is, where that shows: by its ink, and by all ink.
fn find_way_up(skew: &mut Skew, text: &Ink, all: impl FnOnce() -> Ink) {
    let rises = match skew.text_turned {
        90 => rises(&turned_back(text), || turned_back(&all()), skew.degrees),
        _ => rises(text, all, skew.degrees),
    };
    if rises.is_some_and(|rises| rises < 0.0) {
        skew.text_turned = (skew.text_turned + 180) % 360;
    }
    skew.rises = rises.map(f32::abs);
}

fn signals_of(text: &str) -> Signals {
    Signals {
        text: text_quality(text),
        printed: printed_number(text),
        stamp: stamped_number(text),
        ..Signals::default()
    }
}

/// The part of a page that its pictures cover; the whole where they are not all known.
fn scanned_area(contents: Option<&Contents>) -> Area {
    let images = contents
        .filter(|contents| contents.images as usize == contents.largest_images.len())
        .map(|contents| contents.largest_images.as_slice());
    let areas = images.unwrap_or_default().iter().map(|image| image.area);
    areas
        .reduce(|all, area| Area {
            left: all.left.min(area.left).max(0.0),
            top: all.top.min(area.top).max(0.0),
            right: all.right.max(area.right).min(1.0),
            bottom: all.bottom.max(area.bottom).min(1.0),
        })
        .unwrap_or(Area::WHOLE)
}

/// The barcodes of a page of the size of [`Depth::Scanned`].
pub fn page_barcodes(sheet: &Sheet) -> Vec<Barcode> {
    barcodes(Some(&sheet.gray), &sheet.gray.half())
}

/// The direction of a page's text as a tilt from the nearest upright or sideways one.
fn stated_skew(page: &PageContents) -> Option<Skew> {
    let direction = page.text_direction?;
    let quarter = (direction / 90.0).round();
    let degrees = direction - quarter * 90.0;
    (degrees.abs() <= WIDEST_TILT).then_some(Skew {
        degrees,
        confidence: None,
        text_turned: (quarter as u16 % 4) * 90,
        rises: None,
    })
}

fn pixels_per_millimetre(width: usize, height: usize, shape: PageShape) -> f32 {
    let (across, down) = shape.millimetres();
    let pixels = width.max(height) as f32;
    let millimetres = across.max(down);
    if millimetres > 0.0 {
        pixels / millimetres
    } else {
        1.0
    }
}

/// Whether a picture on a thumbnail may be a barcode: large enough, and partly
/// dark.
fn may_be_code(gray: &Gray, area: Area, shape: PageShape) -> bool {
    const DARK: std::ops::Range<f32> = 0.15..0.8;
    let (wide, high) = (
        (area.right - area.left) * shape.width,
        (area.bottom - area.top) * shape.height,
    );
    if wide.max(high) < SMALLEST_CODE {
        return false;
    }
    let across = |share: f32| ((share * gray.width as f32) as usize).min(gray.width);
    let down = |share: f32| ((share * gray.height as f32) as usize).min(gray.height);
    let (left, right) = (across(area.left), across(area.right));
    let (mut sum, mut count) = (0u64, 0u64);
    for y in down(area.top)..down(area.bottom) {
        for pixel in &gray.row(y)[left..right.max(left)] {
            sum += u64::from(255 - pixel);
            count += 1;
        }
    }
    count > 0 && DARK.contains(&(sum as f32 / count as f32 / 255.0))
}
