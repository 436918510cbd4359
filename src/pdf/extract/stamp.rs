//! A line of text that is printed into a corner of a page, so that it can be read, searched
//! and copied. Not for choosing the words
//! (`model::Numbering`) nor the corner (`pdf::free_corner`).

use lopdf::{Object, dictionary};

use super::over::{Lies, Over};
use super::part::Assembly;

/// A corner of a page as it is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Corner {
    /// At the bottom right, where numbers are looked for.
    #[default]
    BottomRight,
    /// At the bottom left.
    BottomLeft,
    /// At the top right.
    TopRight,
    /// At the top left.
    TopLeft,
}

impl Corner {
    /// All of them, the usual one first.
    pub const ALL: [Self; 4] = [
        Self::BottomRight,
        Self::BottomLeft,
        Self::TopRight,
        Self::TopLeft,
    ];

    fn is_at_right(self) -> bool {
        matches!(self, Self::BottomRight | Self::TopRight)
    }

    fn is_at_top(self) -> bool {
        matches!(self, Self::TopRight | Self::TopLeft)
    }

    /// Where words stand on a page of this size as it is shown, in points: left, bottom,
    /// width and height. What does not fit is made smaller.
    pub fn place(self, words: &str, (width, height): (f32, f32)) -> [f32; 4] {
        let letters = words.chars().count().max(1) as f32;
        let margin = MARGIN.min(width / 8.0).min(height / 8.0);
        let size = SIZE.min((width - 2.0 * margin) / (letters * WIDTH));
        let size = size.min(height / 4.0);
        let long = letters * WIDTH * size;
        let left = match self.is_at_right() {
            true => width - margin - long,
            false => margin,
        };
        let bottom = match self.is_at_top() {
            true => height - margin - size,
            false => margin,
        };
        [left, bottom, long, size]
    }
}

/// Words, and where they are printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Printable ASCII.
    pub words: String,
    /// The corner.
    pub corner: Corner,
}

/// Size of the letters, in points.
const SIZE: f32 = 9.0;

/// Width of each letter, in sizes: Courier's are equally wide (ISO 32000-1, 9.6.2.2).
const WIDTH: f32 = 0.6;

/// From the edges of the page, in points (6 mm): printers reach it.
const MARGIN: f32 = 17.0;

/// The name of the font among the resources of a page: no program calls one so.
const FONT: &str = "PagesieveNumber";

impl Assembly<'_> {
    /// Prints a stamp on a page that lies so.
    pub(super) fn stamp(&mut self, over: &mut Over, lies: Lies, stamp: &Stamp) {
        let font = self.stamp_font();
        over.fonts.push((FONT, font));
        over.content.extend(words_on(lies, stamp));
    }

    /// The font of stamps, once for all pages.
    fn stamp_font(&mut self) -> u32 {
        if let Some(font) = self.stamp_font {
            return font;
        }
        let font = dictionary! {
            "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Courier-Bold",
            "Encoding" => "WinAnsiEncoding",
        };
        let font = self.add(&Object::Dictionary(font));
        self.stamp_font = Some(font);
        font
    }
}

/// The content that prints a stamp, on white, so that it can be read wherever it stands. It
/// is marked as no part of what the page says (ISO 32000-1, 14.8.2.2), as numbers of this
/// kind are. It is as long in every corner: sizes are known before any page is drawn.
fn words_on(lies: Lies, stamp: &Stamp) -> Vec<u8> {
    let points = |units: f32| units * lies.unit;
    let (width, height) = lies.size();
    let place = stamp
        .corner
        .place(&stamp.words, (points(width), points(height)));
    let [along, up, long, size] = place.map(|points| points / lies.unit);
    let [a, b, c, d, x, y] = lies.at(along, up);
    let words: String = stamp.words.chars().flat_map(escaped).collect();
    let number = |number: f32| format!("{number:012.3}");
    let around = size / 4.0;
    format!(
        "/Artifact <</Type /Pagination /Subtype /BatesN>> BDC q {a} {b} {c} {d} {x} {y} cm \
         1 g {less} {less} {wide} {high} re f BT 0 g /{FONT} {size} Tf ({words}) Tj ET Q EMC\n",
        x = number(x),
        y = number(y),
        less = number(-around),
        wide = number(long + 2.0 * around),
        high = number(size + 2.0 * around),
        size = number(size),
    )
    .into_bytes()
}

/// A letter as it stands in a string of content.
fn escaped(letter: char) -> impl Iterator<Item = char> {
    let escape = matches!(letter, '(' | ')' | '\\').then_some('\\');
    escape.into_iter().chain([letter])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(corner: Corner) -> Stamp {
        Stamp {
            words: "A(1)".into(),
            corner,
        }
    }

    #[test]
    fn words_stand_within_any_page() {
        for corner in Corner::ALL {
            for size in [(595.0, 842.0), (40.0, 20.0), (8.0, 900.0), (1.0, 1.0)] {
                let [left, bottom, long, high] = corner.place(&"9".repeat(52), size);
                assert!(
                    left >= -0.01 && left + long <= size.0 + 1.0,
                    "{corner:?} {size:?}"
                );
                assert!(
                    bottom >= 0.0 && bottom + high <= size.1 + 1.0,
                    "{corner:?} {size:?}"
                );
            }
        }
    }

    fn on(rotated: i64, unit: f32, corner: Corner) -> String {
        let lies = Lies {
            shown: [0.0, 0.0, 200.0 / unit, 100.0 / unit],
            unit,
            rotated,
        };
        String::from_utf8(words_on(lies, &stamp(corner))).unwrap()
    }

    #[test]
    fn words_run_as_the_page_is_shown() {
        // Four letters of 5.4 points, 12.5 from the edges.
        for (rotated, expected) in [
            (0, "1 0 0 1 00000165.900 00000012.500 cm"),
            (90, "0 1 -1 0 00000187.500 00000065.900 cm"),
            (180, "-1 0 0 -1 00000034.100 00000087.500 cm"),
            (-90, "0 -1 1 0 00000012.500 00000034.100 cm"),
        ] {
            let words = on(rotated, 1.0, Corner::BottomRight);
            assert!(words.contains(expected), "{words}");
            assert!(words.contains("(A\\(1\\)) Tj"), "{words}");
        }
        // Of units of ten points the same takes a tenth as many.
        let words = on(0, 10.0, Corner::BottomRight);
        assert!(words.contains("00000016.590 00000001.250 cm"), "{words}");
    }

    #[test]
    fn words_take_as_many_bytes_in_every_corner() {
        let lengths = Corner::ALL.map(|corner| on(90, 1.0, corner).len());
        assert!(lengths.iter().all(|length| *length == lengths[0]));
    }
}
