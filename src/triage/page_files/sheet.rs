//! Contact sheets: many pages small on one, each with its name below, to be printed or leafed
//! through. Where each stands, and putting them there. Not for drawing pages (`worker`), nor
//! for writing files (`write`).

use image::imageops::{self, FilterType};
use image::{ImageFormat, ImageReader, Limits, RgbaImage};

use crate::lettering::{Lettering, Line};
use crate::model::PageShape;
use crate::pdf::Picture;
use crate::worker::page_file::size;

/// How many pages can stand beside each other.
pub const COLUMNS: std::ops::RangeInclusive<u8> = 2..=8;

/// A sheet is A4 with 200 dots an inch: so many pixels.
const WIDTH: u32 = 1654;
const HEIGHT: u32 = 2339;

/// The paper of a sheet.
pub const PAPER: PageShape = PageShape {
    width: 595.276,
    height: 841.89,
    rotation: 0,
};

/// In pixels: around everything, above the pages, between them, and below each.
const MARGIN: u32 = 70;
const HEAD: u32 = 60;
const GAP: u32 = 26;
const CAPTION: u32 = 58;

/// Sizes of letters in pixels: of the title, of names, and of what is said of pages.
const TITLE: f32 = 30.0;
const NAME: f32 = 21.0;
const SAID: f32 = 19.0;

/// Grays of letters and of the line around a page.
const BLACK: u8 = 20;
const SOFT: u8 = 95;
const FRAME: u8 = 170;

/// The longest side of a picture that a worker drew for a sheet, in pixels.
const LONGEST: u32 = 4096;

/// How a sheet is divided. Lengths are in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Division {
    columns: u32,
    rows: u32,
    /// Room for the picture of a page.
    width: u32,
    height: u32,
}

/// What stands at one place of a sheet.
pub struct Cell<'a> {
    /// The picture as PNG; none where the page cannot be drawn.
    pub picture: Option<RgbaImage>,
    /// What it is called.
    pub caption: &'a Caption,
}

/// What stands below a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caption {
    /// The document.
    pub name: String,
    /// The page, and what was decided about it.
    pub said: String,
}

impl Division {
    /// So many pages beside each other, and as many rows as pages of A4 leave room for.
    pub fn new(columns: u8) -> Self {
        let columns = u32::from(columns.clamp(*COLUMNS.start(), *COLUMNS.end()));
        let width = (WIDTH - 2 * MARGIN - (columns - 1) * GAP) / columns;
        let room = HEIGHT - 2 * MARGIN - HEAD;
        let usual = width as f32 * PAPER.height / PAPER.width + (CAPTION + GAP) as f32;
        let rows = ((room as f32 / usual).round() as u32).max(1);
        Self {
            columns,
            rows,
            width,
            height: room / rows - CAPTION - GAP,
        }
    }

    /// How many pages a sheet has.
    pub fn pages(self) -> usize {
        (self.columns * self.rows) as usize
    }

    /// The resolution at which a page fills its place, in dots an inch.
    pub fn dpi(self, shape: PageShape) -> u16 {
        /// Points are counted, an inch has 72.
        const POINTS: f32 = 72.0;
        let (wide, high) = size(shape, POINTS as u16);
        let along = self.width as f32 / f32::from(wide);
        let down = self.height as f32 / f32::from(high);
        // One more than too few.
        ((POINTS * along.min(down)).ceil() as u16).clamp(1, *super::DPI.end())
    }

    /// Where a page's place begins.
    fn corner(self, place: usize) -> (u32, u32) {
        let place = place as u32;
        let (column, row) = (place % self.columns, place / self.columns);
        (
            MARGIN + column * (self.width + GAP),
            MARGIN + HEAD + row * (self.height + CAPTION + GAP),
        )
    }
}

/// Reads a picture that a worker drew; none where it is none.
pub fn read(png: &[u8]) -> Option<RgbaImage> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST);
    limits.max_image_height = Some(LONGEST);
    let mut reader = ImageReader::with_format(std::io::Cursor::new(png), ImageFormat::Png);
    reader.limits(limits);
    Some(reader.decode().ok()?.into_rgba8())
}

/// Puts pages on a sheet, in their order.
pub fn compose(
    lettering: &mut Lettering,
    (title, number): (&str, &str),
    division: Division,
    cells: &[Cell<'_>],
) -> Picture {
    let mut sheet = RgbaImage::from_pixel(WIDTH, HEIGHT, image::Rgba([255; 4]));
    for (place, cell) in cells.iter().enumerate() {
        let (left, top) = division.corner(place);
        let (room, high) = (division.width, division.height);
        let picture = cell
            .picture
            .as_ref()
            .map(|picture| fitted(picture, division));
        let size = picture.as_ref().map_or((room, high), RgbaImage::dimensions);
        // In the middle, and above its name.
        let at = (left + (room - size.0) / 2, top + high - size.1);
        if let Some(picture) = picture {
            imageops::replace(&mut sheet, &picture, at.0.into(), at.1.into());
        }
        frame(&mut sheet, at, size);
    }
    let mut sheet = Picture {
        width: WIDTH,
        height: HEIGHT,
        rgba: sheet.into_raw(),
    };
    let width = WIDTH - 2 * MARGIN;
    let right = WIDTH - MARGIN - lettering.width(number, NAME).min(width / 6);
    let mut write = |text, size, gray, at, width| {
        let line = Line {
            text,
            size,
            gray,
            at,
            width,
        };
        lettering.draw(&mut sheet, line);
    };
    write(title, TITLE, BLACK, (MARGIN, MARGIN - 6), width * 4 / 5);
    write(number, NAME, SOFT, (right, MARGIN + 2), width / 6);
    for (place, cell) in cells.iter().enumerate() {
        let (left, top) = division.corner(place);
        let below = top + division.height;
        let (name, said) = (&cell.caption.name, &cell.caption.said);
        write(name, NAME, BLACK, (left, below + 4), division.width);
        write(said, SAID, SOFT, (left, below + 30), division.width);
        if cell.picture.is_none() {
            let at = (left + 12, top + division.height / 2);
            let width = division.width.saturating_sub(24);
            write("cannot be drawn", SAID, SOFT, at, width);
        }
    }
    sheet
}

/// A picture no larger than its place.
fn fitted(picture: &RgbaImage, division: Division) -> RgbaImage {
    let (width, height) = picture.dimensions();
    let along = division.width as f32 / width as f32;
    let down = division.height as f32 / height as f32;
    let scale = along.min(down).min(1.0);
    let scaled = |length: u32, most: u32| ((length as f32 * scale).round() as u32).clamp(1, most);
    let size = (
        scaled(width, division.width),
        scaled(height, division.height),
    );
    match size == (width, height) {
        true => picture.clone(),
        false => imageops::resize(picture, size.0, size.1, FilterType::Triangle),
    }
}

/// A line around a page, just outside of it.
fn frame(sheet: &mut RgbaImage, (left, top): (u32, u32), (width, height): (u32, u32)) {
    let (right, bottom) = (left + width, top + height);
    let gray = image::Rgba([FRAME, FRAME, FRAME, 255]);
    for x in left - 1..=right {
        sheet.put_pixel(x, top - 1, gray);
        sheet.put_pixel(x, bottom, gray);
    }
    for y in top - 1..=bottom {
        sheet.put_pixel(left - 1, y, gray);
        sheet.put_pixel(right, y, gray);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(width: f32, height: f32) -> PageShape {
        PageShape {
            width,
            height,
            rotation: 0,
        }
    }

    #[test]
    fn places_fill_the_sheet_and_lie_on_it_beside_each_other() {
        for columns in COLUMNS {
            let division = Division::new(columns);
            let all = (0..division.pages()).map(|place| division.corner(place));
            let all: Vec<(u32, u32)> = all.collect();
            for (at, one) in all.iter().enumerate() {
                assert!(one.0 + division.width <= WIDTH - MARGIN);
                let below = one.1 + division.height + CAPTION;
                assert!(below <= HEIGHT - MARGIN, "{columns}: {below}");
                for other in &all[at + 1..] {
                    let beside = one.0.abs_diff(other.0) >= division.width + GAP;
                    let above = one.1.abs_diff(other.1) >= division.height + CAPTION + GAP;
                    assert!(beside || above, "{columns}: {one:?} {other:?}");
                }
            }
        }
        assert_eq!(Division::new(0), Division::new(2));
    }

    #[test]
    fn pages_of_any_shape_are_drawn_as_large_as_their_place() {
        let division = Division::new(4);
        for shape in [
            PAPER,
            page(842.0, 595.0),
            page(3000.0, 200.0),
            page(50.0, 5000.0),
            page(20_000.0, 20_000.0),
        ] {
            let (width, height) = size(shape, division.dpi(shape));
            let (width, height) = (u32::from(width), u32::from(height));
            assert!(width >= division.width || height >= division.height);
            assert!(width.max(height) <= 2 * division.width.max(division.height) + 400);
            let picture = fitted(&RgbaImage::new(width, height), division);
            assert!(picture.width() <= division.width && picture.height() <= division.height);
        }
        let broken = page(f32::NAN, f32::NAN);
        assert!(division.dpi(broken) >= 1);
    }

    #[test]
    fn each_page_stands_at_its_place_and_what_cannot_be_drawn_is_told() {
        let division = Division::new(3);
        let caption = Caption {
            name: "Lease.pdf".into(),
            said: "page 1".into(),
        };
        let gray =
            |level: u8| RgbaImage::from_pixel(120, 90, image::Rgba([level, level, level, 255]));
        let pictures = [Some(gray(10)), None, Some(gray(200))];
        let cells = pictures.map(|picture| Cell {
            picture,
            caption: &caption,
        });
        let title = ("A batch", "1 of 1");
        let sheet = compose(&mut Lettering::default(), title, division, &cells);
        let level = |x: u32, y: u32| sheet.rgba[((y * WIDTH + x) * 4) as usize];
        // The middle of what stands lowest in each place.
        let within = |place: usize| {
            let (left, top) = division.corner(place);
            level(left + division.width / 2, top + division.height - 45)
        };
        assert_eq!(
            [within(0), within(1), within(2), within(3)],
            [10, 255, 200, 255]
        );
        let has_ink_below = |place: usize| {
            let (left, top) = division.corner(place);
            let mut rows = top + division.height + 4..top + division.height + CAPTION;
            rows.any(|y| (left..left + division.width).any(|x| level(x, y) < 100))
        };
        assert!([0, 1, 2].into_iter().all(has_ink_below) && !has_ink_below(3));
    }

    #[test]
    fn what_is_no_picture_is_none() {
        assert!(read(b"no picture").is_none());
    }
}
