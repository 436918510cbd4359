//! Words that were recognised on the picture of a page, put over it so that viewers find,
//! mark and copy them: text that paints nothing (rendering mode 3; ISO 32000-1, 9.3.6) in a
//! font whose glyphs paint nothing either. Each word is as wide as it is on the picture, and
//! words of a line stand on one line, which may climb or be on its side. Not for recognising
//! words, and not for choosing the pages (`triage`).

use std::collections::HashMap;
use std::fmt::Write;

use lopdf::{Dictionary, Object, StringFormat, dictionary};
use unicode_bidi::BidiInfo;
use unicode_segmentation::UnicodeSegmentation;

use super::super::leftwards;
use super::over::{Lies, Over};
use super::part::{Assembly, reference};
use crate::model::Word;
use crate::model::words::{are_spaced, share_line, stands_alone};

/// The name of the font among the resources of a page: no program calls one so.
const FONT: &str = "PagesieveLayer";

/// The name of the font itself.
const FONT_NAME: &str = "PagesieveGlyphless";

/// A TrueType font with one glyph, 500 of 1,000 units wide: a line from 220 below the baseline
/// to 780 above it and back, which encloses nothing. Without it PDFium finds no place for a
/// letter, and leaves out words of one. Its tables are `head`, `hhea`, `maxp`, `OS/2`, `hmtx`,
/// `cmap`, `loca`, `glyf`, `name` and `post`.
const FONT_FILE: &[u8] = include_bytes!("../../../assets/glyphless.ttf");

/// Its measures, in sizes.
const WIDTH: f32 = 0.5;
const BELOW: f32 = 0.22;

/// A line may be tilted by so much: more is a mistake of the recognition.
const MOST_TILT: f32 = 0.18;

/// Words higher than so many times the usual word of their line are no part of it: a rule, a
/// picture.
const TOO_HIGH: f32 = 1.8;

/// Letters that a font can have besides the one that stands for none.
const MOST_LETTERS: usize = 65_000;

/// The font of text layers, once for all pages of a part.
#[derive(Debug, Default)]
pub(super) struct LayerFont {
    /// Its number, once there is one.
    number: Option<u32>,
    /// The codes of letters, from 1.
    codes: HashMap<String, u16>,
}

impl LayerFont {
    /// The code of a letter with its marks; none where the font is full.
    fn code(&mut self, letter: &str) -> Option<u16> {
        if let Some(code) = self.codes.get(letter) {
            return Some(*code);
        }
        if self.codes.len() >= MOST_LETTERS {
            return None;
        }
        let code = u16::try_from(self.codes.len() + 1).ok()?;
        self.codes.insert(letter.to_owned(), code);
        Some(code)
    }

    /// What the codes stand for, as viewers read it (ISO 32000-1, 9.10.3).
    fn to_unicode(&self) -> String {
        /// Most entries of a list.
        const LIST: usize = 100;
        let mut letters: Vec<(&str, u16)> = self
            .codes
            .iter()
            .map(|(letter, code)| (letter.as_str(), *code))
            .collect();
        letters.sort_unstable_by_key(|(_, code)| *code);
        let mut map = String::from(
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n\
             /CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n\
             /CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n\
             1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n",
        );
        for list in letters.chunks(LIST) {
            let _ = writeln!(map, "{} beginbfchar", list.len());
            for (letter, code) in list {
                let _ = write!(map, "<{code:04X}> <");
                for unit in letter.encode_utf16() {
                    let _ = write!(map, "{unit:04X}");
                }
                map.push_str(">\n");
            }
            map.push_str("endbfchar\n");
        }
        map.push_str("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
        map
    }
}

impl Assembly<'_> {
    /// Puts words over a page that lies so.
    pub(super) fn layer(&mut self, over: &mut Over, lies: Lies, words: &[Word]) {
        let font = match self.layer_font.number {
            Some(font) => font,
            None => self.reserve(),
        };
        self.layer_font.number = Some(font);
        over.fonts.push((FONT, font));
        over.packed
            .extend(content(&mut self.layer_font, lies, words).into_bytes());
    }

    /// Puts the font of all layers in its place, if there are any.
    pub(super) fn put_layer_font(&mut self) {
        let font = std::mem::take(&mut self.layer_font);
        let Some(number) = font.number else { return };
        let length = i64::try_from(FONT_FILE.len()).unwrap_or(i64::MAX);
        let file = self.add_packed(dictionary! { "Length1" => length }, FONT_FILE);
        let bounds = [0, -220, 500, 780].map(Object::Integer).to_vec();
        let descriptor = self.add(&Object::Dictionary(dictionary! {
            "Type" => "FontDescriptor", "FontName" => FONT_NAME,
            // Equally wide, with letters of its own.
            "Flags" => 5, "FontBBox" => bounds, "ItalicAngle" => 0,
            "Ascent" => 780, "Descent" => -220, "CapHeight" => 780, "StemV" => 80,
            "FontFile2" => reference(file),
        }));
        // All codes have the one glyph.
        let glyphs = self.add_packed(Dictionary::new(), &vec![0; 2 * (font.codes.len() + 1)]);
        let ascii = |text: &str| Object::String(text.into(), StringFormat::Literal);
        let descendant = self.add(&Object::Dictionary(dictionary! {
            "Type" => "Font", "Subtype" => "CIDFontType2", "BaseFont" => FONT_NAME,
            "CIDSystemInfo" => dictionary! {
                "Registry" => ascii("Adobe"), "Ordering" => ascii("Identity"), "Supplement" => 0,
            },
            "FontDescriptor" => reference(descriptor),
            "CIDToGIDMap" => reference(glyphs),
            "DW" => 500,
        }));
        let unicode = self.add_packed(Dictionary::new(), font.to_unicode().as_bytes());
        self.put(
            number,
            &Object::Dictionary(dictionary! {
                "Type" => "Font", "Subtype" => "Type0", "BaseFont" => FONT_NAME,
                "Encoding" => "Identity-H",
                "DescendantFonts" => vec![reference(descendant)],
                "ToUnicode" => reference(unicode),
            }),
        );
    }
}

/// The content that puts words over a page.
fn content(font: &mut LayerFont, lies: Lies, words: &[Word]) -> String {
    let [a, b, c, d, x, y] = lies.at(0.0, 0.0);
    let mut content = format!("q {a} {b} {c} {d} {} {} cm BT 3 Tr\n", number(x), number(y));
    for line in words.chunk_by(|one, next| share_line(&one.area, &next.area)) {
        push_line(&mut content, font, lies.size(), line);
    }
    content.push_str("ET Q\n");
    content
}

/// The way in which a line is written: along it, and up from it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Way {
    along: [f32; 2],
    up: [f32; 2],
}

impl Way {
    const RIGHTWARDS: Self = Self {
        along: [1.0, 0.0],
        up: [0.0, 1.0],
    };
    const UPWARDS: Self = Self {
        along: [0.0, 1.0],
        up: [-1.0, 0.0],
    };
    const DOWNWARDS: Self = Self {
        along: [0.0, -1.0],
        up: [1.0, 0.0],
    };

    /// That of a line on a page of this size.
    fn of((width, height): (f32, f32), line: &[Word]) -> Self {
        let is_tall = |word: &&Word| {
            let area = word.area;
            let (wide, high) = (
                (area.right - area.left) * width,
                (area.bottom - area.top) * height,
            );
            high > wide * 1.5 && word.text.chars().nth(1).is_some()
        };
        let tall = line.iter().filter(is_tall).count();
        if tall * 2 <= line.len() {
            return Self::RIGHTWARDS;
        }
        let alone = || line.iter().all(|word| word.text.chars().all(stands_alone));
        match (line.first(), line.last()) {
            (Some(first), Some(last)) if last.area.top > first.area.top => Self::DOWNWARDS,
            // One word alone: ideographs are set downwards, words on margins upwards.
            (Some(first), Some(last)) if last.area.top == first.area.top && alone() => {
                Self::DOWNWARDS
            }
            _ => Self::UPWARDS,
        }
    }

    /// A word on a page of this size, seen in this way.
    fn place(self, (width, height): (f32, f32), word: &Word) -> Placed {
        let area = word.area;
        // From the bottom of the page.
        let corners = [
            [area.left * width, (1.0 - area.bottom) * height],
            [area.right * width, (1.0 - area.top) * height],
        ];
        let on = |axis: [f32; 2]| {
            let [one, other] = corners.map(|[x, y]| x * axis[0] + y * axis[1]);
            [one.min(other), one.max(other)]
        };
        let ([from, to], [bottom, top]) = (on(self.along), on(self.up));
        Placed {
            from,
            to,
            bottom,
            top,
        }
    }
}

/// Where a word stands, seen in the way of its line.
#[derive(Clone, Copy, Debug)]
struct Placed {
    from: f32,
    to: f32,
    bottom: f32,
    top: f32,
}

impl Placed {
    fn middle(self) -> f32 {
        f32::midpoint(self.from, self.to)
    }

    fn high(self) -> f32 {
        self.top - self.bottom
    }
}

fn push_line(content: &mut String, font: &mut LayerFont, size: (f32, f32), line: &[Word]) {
    let way = Way::of(size, line);
    let words = line.iter().map(|word| (word, way.place(size, word)));
    let mut words: Vec<(&Word, Placed)> = words.collect();
    if runs_leftwards(line) {
        // As programs paint such lines, and viewers expect it.
        words.sort_by(|(_, one), (_, other)| one.from.total_cmp(&other.from));
    }
    let mut heights: Vec<f32> = words.iter().map(|(_, place)| place.high()).collect();
    heights.sort_unstable_by(f32::total_cmp);
    let usual = heights.get(heights.len() / 2).copied().unwrap_or_default();
    let of_line = words.iter().map(|(_, place)| *place);
    let of_line: Vec<Placed> = of_line
        .filter(|place| place.high() <= usual * TOO_HIGH)
        .collect();
    let tilt = tilt(&of_line, usual);
    // Where the line crosses the beginning, and the bounds of its letters from there.
    let rise = |place: &Placed| tilt * place.middle();
    let lean = |place: &Placed| {
        // A box around a tilted word is higher than the word.
        let lean = tilt.abs() * (place.to - place.from) / 2.0;
        lean.min(place.high() / 4.0)
    };
    let bottoms = of_line.iter().map(|at| at.bottom + lean(at) - rise(at));
    let tops = of_line.iter().map(|at| at.top - lean(at) - rise(at));
    let bottom = bottoms.fold(f32::INFINITY, f32::min);
    let top = tops.fold(f32::NEG_INFINITY, f32::max);

    for (at, (word, place)) in words.iter().enumerate() {
        // Each word is level: programs take one that climbs for several.
        let (bottom, high) = match place.high() <= usual * TOO_HIGH {
            true => (bottom + rise(place), top - bottom),
            false => (place.bottom, place.high()),
        };
        let next = words.get(at + 1);
        let is_spaced = next.is_some_and(|(next, _)| are_spaced(&word.text, &next.text));
        let written = Written {
            corner: [0, 1].map(|at| place.from * way.along[at] + bottom * way.up[at]),
            way,
            wide: place.to - place.from,
            high,
        };
        push_word(content, font, (&word.text, is_spaced), written);
    }
}

/// Most words of a line are of scripts that run from right to left.
fn runs_leftwards(line: &[Word]) -> bool {
    let leftwards = |word: &&Word| word.text.chars().find_map(leftwards::runs_leftwards);
    let leftwards = line.iter().filter(|word| leftwards(word) == Some(true));
    leftwards.count() * 2 > line.len()
}

/// By how much a line climbs; 0 where its words tell of none that matters: letters that
/// reach below the line move the bounds of words as well.
fn tilt(places: &[Placed], high: f32) -> f32 {
    let count = places.len() as f32;
    let mean = |of: &dyn Fn(&Placed) -> f32| places.iter().map(of).sum::<f32>() / count;
    let height = |place: &Placed| f32::midpoint(place.bottom, place.top);
    let (x, y) = (mean(&|place| place.middle()), mean(&height));
    let across = mean(&|place| (place.middle() - x).powi(2));
    let both = mean(&|place| (place.middle() - x) * (height(place) - y));
    let tilt = both / across;
    let ends = places.first().zip(places.last());
    let long = ends.map_or(0.0, |(first, last)| (last.middle() - first.middle()).abs());
    let matters = places.len() > 2 && tilt.abs() <= MOST_TILT && tilt.abs() * long > high / 2.0;
    // Not a number where all stand at one place.
    if matters { tilt } else { 0.0 }
}

/// Where and how large a word is written.
#[derive(Clone, Copy, Debug)]
struct Written {
    /// The lower left corner of its box, as the page is shown.
    corner: [f32; 2],
    way: Way,
    wide: f32,
    high: f32,
}

/// Writes a word, and a space after it where one is wanted.
fn push_word(
    content: &mut String,
    font: &mut LayerFont,
    (word, is_spaced): (&str, bool),
    written: Written,
) {
    let Written {
        corner,
        way,
        wide,
        high,
    } = written;
    let letters = as_painted(word);
    let letters = letters.iter().filter_map(|letter| font.code(letter));
    let codes: Vec<u16> = letters.collect();
    if codes.is_empty() || !(wide > 0.0 && high > 0.0) {
        return;
    }
    // A letter of the size of the line, and how wide it has to be.
    let letter = wide / codes.len() as f32;
    let stretched = letter / (WIDTH * high) * 100.0;
    let blank = is_spaced.then_some(" ").and_then(|blank| font.code(blank));
    let [x, y] = [0, 1].map(|at| corner[at] + BELOW * high * way.up[at]);
    let [[a, b], [c, d]] = [way.along, way.up];
    let matrix = [a, b, c, d, x, y].map(number).join(" ");
    let _ = write!(
        content,
        "{} Tz /{FONT} {} Tf {matrix} Tm <",
        number(stretched),
        number(high)
    );
    for code in codes.into_iter().chain(blank) {
        let _ = write!(content, "{code:04X}");
    }
    content.push_str("> Tj\n");
}

/// The letters of a word from left to right, each with its marks, as programs paint Arabic
/// and Hebrew too and viewers expect it (Unicode Standard Annex 9).
fn as_painted(word: &str) -> Vec<&str> {
    let order = BidiInfo::new(word, None);
    if !order.has_rtl() {
        return word.graphemes(true).collect();
    }
    let mut letters = Vec::new();
    for paragraph in &order.paragraphs {
        let (levels, runs) = order.visual_runs(paragraph, paragraph.range.clone());
        for run in runs {
            let leftwards = levels.get(run.start).is_some_and(|level| level.is_rtl());
            let run = word.get(run).unwrap_or_default().graphemes(true);
            match leftwards {
                true => letters.extend(run.rev()),
                false => letters.extend(run),
            }
        }
    }
    letters
}

/// A number as content has it, in few letters.
fn number(number: f32) -> String {
    let text = format!("{number:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    match text {
        "-0" => "0".to_owned(),
        text => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Area;

    /// A page of 1,000 by 1,000, so that its shares are thousands.
    fn on(rotated: i64, words: &[(&str, [f32; 4])]) -> (Vec<String>, LayerFont) {
        let lies = Lies {
            shown: [0.0, 0.0, 1000.0, 1000.0],
            unit: 1.0,
            rotated,
        };
        let words: Vec<Word> = words
            .iter()
            .map(|(text, edges)| {
                let [left, top, right, bottom] = edges.map(|edge| edge / 1000.0);
                let area = Area {
                    left,
                    top,
                    right,
                    bottom,
                };
                let text = (*text).to_owned();
                Word { text, area }
            })
            .collect();
        let mut font = LayerFont::default();
        let content = content(&mut font, lies, &words);
        (content.lines().map(str::to_owned).collect(), font)
    }

    #[test]
    fn words_of_a_line_stand_on_one_baseline_each_as_wide_as_it_is() {
        // The first reaches below the line, the second does not.
        let (lines, font) = on(
            0,
            &[
                ("gap", [100.0, 100.0, 130.0, 120.0]),
                ("no", [140.0, 105.0, 160.0, 115.0]),
            ],
        );
        assert_eq!(lines[0], "q 1 0 0 1 0 0 cm BT 3 Tr");
        // Three letters, and a space; 10 wide of the 10 that the font has.
        let first = "100 Tz /PagesieveLayer 20 Tf 1 0 0 1 100 884.4 Tm <0001000200030004> Tj";
        assert_eq!(lines[1], first);
        let second = "100 Tz /PagesieveLayer 20 Tf 1 0 0 1 140 884.4 Tm <00050006> Tj";
        assert_eq!(lines[2], second);
        assert_eq!(lines[3], "ET Q");
        assert_eq!(font.codes[" "], 4);
        assert!(font.to_unicode().contains("<0001> <0067>\n"));
    }

    #[test]
    fn a_layer_lies_as_its_page_is_shown() {
        let word = [("a", [100.0, 100.0, 110.0, 120.0])];
        for (rotated, expected) in [
            (90, "q 0 1 -1 0 1000 0 cm"),
            (-180, "q -1 0 0 -1 1000 1000 cm"),
            (270, "q 0 -1 1 0 0 1000 cm"),
        ] {
            let (lines, _) = on(rotated, &word);
            assert!(lines[0].starts_with(expected), "{}", lines[0]);
        }
    }

    #[test]
    fn a_line_may_be_tilted_or_on_its_side() {
        // It falls by 30 over 600.
        let tilted: Vec<(&str, [f32; 4])> = (0..7_u8)
            .map(|at| {
                let (x, y) = (100.0 + 100.0 * f32::from(at), 100.0 + 5.0 * f32::from(at));
                ("word", [x, y, x + 40.0, y + 20.0])
            })
            .collect();
        let (lines, _) = on(0, &tilted);
        assert_eq!(lines.len(), 9);
        assert!(lines[1..8].iter().all(|line| line.contains(" Tf 1 0 0 1 ")));
        // From the first word to the last it falls by 30.
        let at = |line: &str| {
            let mut numbers = line.split(' ').filter_map(|part| part.parse::<f32>().ok());
            numbers.nth(7).unwrap()
        };
        let falls = at(&lines[1]) - at(&lines[7]);
        assert!((falls - 30.0).abs() < 0.5, "{falls}");
        let upwards = [
            ("one", [20.0, 500.0, 40.0, 560.0]),
            ("two", [20.0, 420.0, 40.0, 480.0]),
        ];
        let (lines, _) = on(0, &upwards);
        assert!(lines[1].contains(" 0 1 -1 0 35.6 440 Tm"), "{}", lines[1]);
        assert!(lines[2].contains(" 0 1 -1 0 35.6 520 Tm"), "{}", lines[2]);
        let downwards = [upwards[1], upwards[0]];
        let (lines, _) = on(0, &downwards);
        assert!(lines[1].contains(" 0 -1 1 0 24.4 580 Tm"), "{}", lines[1]);
    }

    #[test]
    fn a_rule_beside_words_makes_their_line_no_higher() {
        let (lines, _) = on(
            0,
            &[
                ("net", [100.0, 100.0, 130.0, 120.0]),
                ("sum", [140.0, 100.0, 170.0, 120.0]),
                ("|", [180.0, 80.0, 182.0, 160.0]),
            ],
        );
        assert!(lines[1].contains(" 20 Tf"), "{}", lines[1]);
        assert!(lines[3].contains(" 80 Tf"), "{}", lines[3]);
    }

    #[test]
    fn letters_are_painted_from_left_to_right_with_their_marks() {
        assert_eq!(as_painted("abc"), ["a", "b", "c"]);
        assert_eq!(as_painted("שָל12"), ["1", "2", "ל", "שָ"]);
        let (lines, font) = on(
            0,
            &[
                ("של", [200.0, 100.0, 220.0, 120.0]),
                ("אב", [100.0, 100.0, 120.0, 120.0]),
                ("請求", [100.0, 200.0, 120.0, 220.0]),
                ("書", [120.0, 200.0, 130.0, 220.0]),
            ],
        );
        // The last word is the first from the left, and no space is between ideographs.
        assert!(lines[1].contains(" 100 884.4 Tm"), "{}", lines[1]);
        assert_eq!(font.codes.len(), 8);
        assert!(lines[3].ends_with("> Tj") && lines[3].len() > 20);
        assert!(font.to_unicode().contains("<8ACB>"));
    }

    #[test]
    fn places_that_are_none_write_nothing() {
        let (lines, _) = on(
            0,
            &[
                ("a", [100.0, 100.0, 100.0, 120.0]),
                ("", [100.0, 100.0, 120.0, 120.0]),
                ("b", [f32::NAN, 0.0, 1.0, 1.0]),
                ("c", [100.0, 100.0, 120.0, 100.0]),
            ],
        );
        assert_eq!(lines.len(), 2, "{lines:?}");
    }
}
