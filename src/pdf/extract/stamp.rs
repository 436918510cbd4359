//! A line of text that is printed into a corner of a page, after all that the page paints
//! itself, so that it can be read, searched and copied. Not for choosing the words
//! (`model::Numbering`) nor the corner (`worker::extraction`).

use lopdf::content::Operation;
use lopdf::{Dictionary, Object, dictionary};

use super::original::Original;
use super::part::{Assembly, reference};
use super::resources::whole_content;

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
        let size = SIZE.min((width - 2.0 * MARGIN).max(1.0) / (letters * WIDTH));
        let size = size.min((height / 4.0).max(1.0));
        let margin = MARGIN.min(width / 8.0).min(height / 8.0);
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

/// The box of a page that says none (A4, ISO 216).
const USUAL_BOX: [f32; 4] = [0.0, 0.0, 595.0, 842.0];

impl Assembly<'_> {
    /// Prints a stamp on a page that is otherwise complete.
    pub(super) fn stamp(
        &mut self,
        source: usize,
        page: &Dictionary,
        own: &mut Dictionary,
        stamp: &Stamp,
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
        let font = dictionary! {
            "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Courier-Bold",
            "Encoding" => "WinAnsiEncoding",
        };
        let font = self.add(&Object::Dictionary(font));
        fonts.set(FONT, reference(font));
        resources.set("Font", fonts);
        own.set("Resources", resources);

        let rotated = own.get(b"Rotate").and_then(Object::as_float).unwrap_or(0.0) as i64;
        let shown = shown_box(original, page);
        let words = words_on(shown, rotated, stamp);
        let begin = self.add_stream(Dictionary::new(), b"q\n".to_vec());
        let open = original.states_left_open(page);
        let end = ["\nQ".repeat(open + 1).into_bytes(), b"\n".to_vec(), words].concat();
        let end = self.add_stream(Dictionary::new(), end);
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
        let contents = contents.chain([reference(end)]).collect();
        own.set("Contents", Object::Array(contents));
    }
}

impl Original {
    /// Graphics states that a page's content saves and does not restore; as far as it can
    /// be read.
    fn states_left_open(&self, page: &Dictionary) -> usize {
        let parts: Vec<&Object> = match self.value(page, b"Contents") {
            Object::Array(parts) => parts.iter().map(|part| self.resolve(part)).collect(),
            whole => vec![whole],
        };
        let mut content = Vec::new();
        for part in parts {
            if let Object::Stream(stream) = part {
                content.extend(whole_content(stream).unwrap_or_default());
                content.push(b'\n');
            }
        }
        let operations = lopdf::content::Content::decode(&content);
        let operations = operations.map(|content| content.operations);
        let depth = |depth: usize, operation: &Operation| match operation.operator.as_str() {
            "q" => depth + 1,
            "Q" => depth.saturating_sub(1),
            _ => depth,
        };
        operations.unwrap_or_default().iter().fold(0, depth)
    }
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

/// The content that prints a stamp. It is marked as no part of what the page says (ISO
/// 32000-1, 14.8.2.2), as numbers of this kind are.
fn words_on([left, bottom, right, top]: [f32; 4], rotated: i64, stamp: &Stamp) -> Vec<u8> {
    let (width, height) = (right - left, top - bottom);
    let rotated = rotated.rem_euclid(360);
    let shown = match rotated {
        90 | 270 => (height, width),
        _ => (width, height),
    };
    let [along, up, _, size] = stamp.corner.place(&stamp.words, shown);
    // Where that is on the page as it lies, and which way the text runs there.
    let (x, y, [a, b, c, d]) = match rotated {
        90 => (right - up, bottom + along, [0, 1, -1, 0]),
        180 => (right - along, top - up, [-1, 0, 0, -1]),
        270 => (left + up, top - along, [0, -1, 1, 0]),
        _ => (left + along, bottom + up, [1, 0, 0, 1]),
    };
    let words: String = stamp.words.chars().flat_map(escaped).collect();
    let number = |number: f32| format!("{number:.2}");
    format!(
        "/Artifact <</Type /Pagination /Subtype /BatesN>> BDC q BT 0 g /{FONT} {} Tf \
         {a} {b} {c} {d} {} {} Tm ({words}) Tj ET Q EMC\n",
        number(size),
        number(x),
        number(y),
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

    #[test]
    fn words_run_as_the_page_is_shown() {
        let on = |rotated| {
            let words = words_on(
                [0.0, 0.0, 200.0, 100.0],
                rotated,
                &stamp(Corner::BottomRight),
            );
            String::from_utf8(words).unwrap()
        };
        // Four letters of 5.4 points, 12.5 from the edges.
        assert!(
            on(0).contains("1 0 0 1 165.90 12.50 Tm (A\\(1\\)) Tj"),
            "{}",
            on(0)
        );
        assert!(on(90).contains("0 1 -1 0 187.50 65.90 Tm"), "{}", on(90));
        assert!(on(180).contains("-1 0 0 -1 34.10 87.50 Tm"), "{}", on(180));
        assert!(on(-90).contains("0 -1 1 0 12.50 34.10 Tm"), "{}", on(-90));
    }
}
