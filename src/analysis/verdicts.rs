//! Verdicts: what measurements mean for an analyst, under thresholds that can be
//! moved. Pure and cheap: every page of a batch is judged anew whenever a
//! threshold moves. Not for measuring.

use serde::{Deserialize, Serialize};

use crate::model::{Barcode, Contents, Marks, Page, PlacedImage, Signals, TextQuality, Tone};

/// Where the lines are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Thresholds {
    /// A page with as many marks in its body is not blank; fewer are dirt.
    pub blank_marks: u32,
    /// A page is coloured from this share of coloured pixels.
    pub coloured_share: f32,
    /// A page is gray from this share of gray pixels.
    pub gray_share: f32,
    /// A page is skewed from so many degrees.
    pub skew_degrees: f32,
    /// A picture's resolution is low below so many dots per inch.
    pub low_dpi: f32,
    /// Fewer readable characters than this are no text layer.
    pub readable: u32,
    /// A page is a picture from this share that pictures cover.
    pub scan_cover: f32,
    /// Pictures that cover less say nothing about what a page is.
    pub picture_cover: f32,
    /// Text is garbled from this share of unknown characters.
    pub unknown_share: f32,
    /// A sheet with a separator's code and more marks than this is a page with a
    /// sticker.
    pub separator_marks: u32,
}

impl Default for Thresholds {
    /// Tuned on labelled pages; 60 % and 15 % are OCRmyPDF's and leptonica's
    /// neighbourhood.
    fn default() -> Self {
        Self {
            blank_marks: 1,
            coloured_share: 0.0002,
            gray_share: 0.002,
            skew_degrees: 0.3,
            low_dpi: 150.0,
            readable: 40,
            scan_cover: 0.5,
            picture_cover: 0.15,
            unknown_share: 0.03,
            separator_marks: 250,
        }
    }
}

/// Whether there is anything on a page that a person would keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Blank {
    /// There is.
    No,
    /// There may be: something on it is paler than ink.
    Faint,
    /// Only a page number or a running header.
    Almost,
    /// Nothing.
    Yes,
}

/// What a page is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text that a program wrote.
    Digital,
    /// A picture of a page without text.
    Scan,
    /// A picture of a page with a text layer.
    ScanOcr,
    /// Text that a program wrote, and large pictures.
    Mixed,
    /// Only paths.
    Vector,
    /// Nothing at all.
    Empty,
}

/// Whether text recognition would find more text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NeedsOcr {
    /// It would not.
    No,
    /// In a part of the page.
    Partial,
    /// On the whole page.
    Yes,
}

macro_rules! words {
    ($name:ident { $($variant:ident => $word:literal),+ }) => {
        impl $name {
            /// The word used in tables for other programs.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }
    };
}

words!(Blank { No => "no", Faint => "faint", Almost => "almost", Yes => "yes" });
words!(NeedsOcr { No => "no", Partial => "partial", Yes => "yes" });
words!(Kind {
    Digital => "digital",
    Scan => "scan",
    ScanOcr => "scan_ocr",
    Mixed => "mixed",
    Vector => "vector",
    Empty => "empty"
});

/// What is said of a page. None: not known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Verdicts {
    /// See [`Blank`].
    pub blank: Option<Blank>,
    /// Nothing is painted, if only in white.
    pub structurally_empty: Option<bool>,
    /// See [`Kind`].
    pub kind: Option<Kind>,
    /// See [`NeedsOcr`].
    pub needs_ocr: Option<NeedsOcr>,
    /// The tone of its content.
    pub colour: Option<Tone>,
    /// Degrees by which it must be turned counter-clockwise.
    pub skew: Option<f32>,
    /// It is skewed by more than the threshold.
    pub skewed: bool,
    /// By how many degrees clockwise its text lies off upright: 0, 90, 180 or 270; none
    /// where that is not known.
    pub turned: Option<u16>,
    /// A sheet to be thrown away.
    pub separator: Option<bool>,
    /// A sheet of one dark or strong colour, as they are put between documents.
    pub divider: Option<bool>,
    /// Its text cannot be read by programs.
    pub garbled: Option<bool>,
    /// Resolution of its largest picture.
    pub dpi: Option<f32>,
    /// That is low.
    pub low_resolution: bool,
}

impl Verdicts {
    /// Its text has to be recognised, wholly or in part; garbled text as well.
    pub fn needs_recognition(&self) -> bool {
        matches!(self.needs_ocr, Some(NeedsOcr::Yes | NeedsOcr::Partial))
            || self.garbled == Some(true)
    }
}

/// What codes on separator sheets say, in capitals and without spaces and marks: patch
/// codes with and without a text of their own, and what other programs print (NAPS2,
/// Stirling-PDF, Paperless-ngx and what scanning services sell).
const SEPARATORS: [&str; 13] = [
    "PATCHT",
    "PATCH2",
    "PATCH3",
    "PATCH",
    "SEPARATOR",
    "SEPARATORSHEET",
    "SEP",
    "DOCSEP",
    "DOCUMENTSEPARATOR",
    "ADARNEXTDOC",
    "HTTPSGITHUBCOMSTIRLINGTOOLSSTIRLINGPDF",
    "HTTPSGITHUBCOMFROOODLESTIRLINGPDF",
    "HTTPSSTIRLINGPDFCOM",
];

/// Whether a barcode's text is that of a separator sheet: it is one of the words, not
/// only part of it.
pub fn is_separator_code(text: &str) -> bool {
    let letters = text.chars().filter(|letter| letter.is_alphanumeric());
    let plain: String = letters.flat_map(char::to_uppercase).collect();
    SEPARATORS.contains(&plain.as_str())
}

/// Judges a page; nothing is known of one that is not done.
pub fn judge(page: &Page, thresholds: &Thresholds) -> Verdicts {
    match &page.measurements {
        Some(measured) => judge_signals(&measured.signals, thresholds),
        None => Verdicts::default(),
    }
}

/// Judges what was measured on a page.
pub fn judge_signals(signals: &Signals, thresholds: &Thresholds) -> Verdicts {
    let contents = signals.contents.as_ref();
    let blank = signals
        .marks
        .map(|marks| blank(&marks, contents, thresholds));
    let divider = signals.marks.map(|marks| marks.solid);
    let explained =
        contents.is_some_and(|contents| is_explained(contents, signals.marks, thresholds));
    let kind = contents.map(|contents| match kind(contents, thresholds) {
        // The background of a slide.
        Kind::Scan | Kind::ScanOcr if explained => Kind::Mixed,
        kind => kind,
    });
    let garbled = garbled(signals, thresholds);
    let dpi = contents.and_then(resolution);
    let shows_direction =
        blank != Some(Blank::Yes) && divider != Some(true) && kind != Some(Kind::Empty);
    let skew = signals.skew.filter(|_| shows_direction);
    Verdicts {
        blank,
        structurally_empty: contents.map(|contents| contents.empty),
        kind,
        needs_ocr: contents.map(|contents| {
            let garbled = garbled == Some(true);
            let needed = needs_ocr(contents, blank, garbled, thresholds);
            match divider {
                Some(true) => NeedsOcr::No,
                _ if explained => NeedsOcr::No,
                _ if is_unread(contents, signals.marks, thresholds) => {
                    needed.max(if contents.inner_readable < thresholds.readable {
                        NeedsOcr::Yes
                    } else {
                        NeedsOcr::Partial
                    })
                }
                _ => needed,
            }
        }),
        colour: signals.tones.map(|tones| {
            let stated = contents.map_or(Tone::Mono, |contents| contents.tone);
            let seen = if tones.coloured >= thresholds.coloured_share {
                Tone::Colour
            } else if tones.gray >= gray_share(contents, thresholds) {
                Tone::Gray
            } else {
                Tone::Mono
            };
            stated.max(seen)
        }),
        skew: skew.map(|skew| skew.degrees),
        skewed: skew.is_some_and(|skew| skew.degrees.abs() >= thresholds.skew_degrees),
        turned: skew
            .filter(|skew| skew.confidence.is_none() || skew.rises.is_some())
            .map(|skew| skew.text_turned),
        separator: contents.is_some().then(|| separator(signals, thresholds)),
        divider,
        garbled,
        dpi,
        // As people read it: a picture of 149.9 dots is one of 150.
        low_resolution: dpi.is_some_and(|dpi| dpi.round() < thresholds.low_dpi)
            && contents.is_some_and(|contents| contents.image_cover >= thresholds.scan_cover),
    }
}

/// A page of so many marks is written on.
const WRITTEN: u32 = 60;

/// The share of gray pixels from which a page is gray: fewer on drawn pages with small
/// pictures, for nothing else on them is looked at.
fn gray_share(contents: Option<&Contents>, thresholds: &Thresholds) -> f32 {
    /// A portrait of 10 mm has half the share of a page that dirt on a scan may have.
    const OF_PICTURES: f32 = 0.25;
    let is_drawn =
        contents.is_some_and(|it| it.glyphs > 0 && it.image_cover < thresholds.picture_cover);
    thresholds.gray_share * if is_drawn { OF_PICTURES } else { 1.0 }
}

/// Higher marks at the top or bottom are no page number and no running header,
/// millimetres: capitals of 14 points are 3.5 high, and a tilted rule rises as much.
pub(super) const HIGHEST_FURNITURE: f32 = 5.0;

/// With so many letters side by side, a line at the top or bottom is a sentence: that one
/// agrees, or has read what is on the other side. Running headers are shorter, or in parts.
pub(super) const LONGEST_FURNITURE: u32 = 40;

fn blank(marks: &Marks, contents: Option<&Contents>, thresholds: &Thresholds) -> Blank {
    // Somebody put it there, however little of it is drawn.
    let has_more = |contents: &Contents| {
        contents.annotations > 0 || contents.undrawn > 0 || !contents.undrawn_parts.is_empty()
    };
    if contents.is_some_and(has_more) {
        return Blank::No;
    }
    let empty = contents.is_some_and(|contents| contents.empty);
    // Page numbers and running headers are in small type; a signature or a stamp is not.
    let is_furniture =
        marks.border_height <= HIGHEST_FURNITURE && marks.border_line < LONGEST_FURNITURE;
    if marks.solid || !empty && (marks.body >= thresholds.blank_marks || !is_furniture) {
        Blank::No
    } else if !empty && marks.faint > 0 {
        Blank::Faint
    } else if !empty && marks.border > 0 {
        Blank::Almost
    } else if contents.is_some_and(is_written) {
        Blank::No
    } else {
        Blank::Yes
    }
}

/// There is text on it that is not what was read on a picture: a program finds it, whether
/// a person sees it or not, and whether it was drawn or not.
fn is_written(contents: &Contents) -> bool {
    /// Fewer characters are no word.
    const WORD: u32 = 3;
    // What was read on a picture cannot be seen.
    let is_layer = contents.images > 0 && contents.glyphs < WORD;
    contents.readable >= WORD && !is_layer
}

/// The resolution of the largest picture; of several that cover as much of the page, as
/// those of which mixed rasters are made, that of the finest: it has the letters.
fn resolution(contents: &Contents) -> Option<f32> {
    const AS_LARGE: f32 = 0.8;
    let area = |image: &&PlacedImage| {
        let area = image.area;
        (area.right - area.left) * (area.bottom - area.top)
    };
    let largest = contents.largest_images.first()?;
    let least = area(&largest) * AS_LARGE;
    let images = contents.largest_images.iter();
    let large = images.filter(|image| area(image) >= least);
    large.map(PlacedImage::mean_dpi).reduce(f32::max)
}

fn kind(contents: &Contents, thresholds: &Thresholds) -> Kind {
    let cover = contents.image_cover;
    if contents.empty {
        return Kind::Empty;
    }
    let has_pictures = contents.images > 0 && cover >= thresholds.picture_cover;
    if contents.glyphs >= thresholds.readable {
        return if has_pictures {
            Kind::Mixed
        } else {
            Kind::Digital
        };
    }
    if cover >= thresholds.scan_cover || contents.glyphs == 0 && contents.images > 0 && has_pictures
    {
        return if contents.hidden_glyphs > 0 {
            Kind::ScanOcr
        } else {
            Kind::Scan
        };
    }
    if contents.glyphs + contents.hidden_glyphs == 0 {
        return match (contents.images, contents.paths) {
            (_, 1..) => Kind::Vector,
            (1.., 0) => Kind::Scan,
            (0, 0) => Kind::Digital,
        };
    }
    if has_pictures && contents.glyphs > 0 {
        Kind::Mixed
    } else if has_pictures {
        Kind::ScanOcr
    } else {
        Kind::Digital
    }
}

fn needs_ocr(
    contents: &Contents,
    blank: Option<Blank>,
    garbled: bool,
    thresholds: &Thresholds,
) -> NeedsOcr {
    /// Share of the text that lies over pictures, below which they are not read.
    const OVER: f32 = 0.05;
    let cover = contents.image_cover;
    if blank == Some(Blank::Yes) {
        return NeedsOcr::No;
    }
    if is_outlined(contents) {
        return match contents.readable < thresholds.readable {
            true => NeedsOcr::Yes,
            false => NeedsOcr::Partial,
        };
    }
    let unreadable = contents.inner_readable < thresholds.readable || garbled;
    let short_but_read = contents.hidden_glyphs > 0 && contents.readable > 0 && !garbled;
    if cover >= thresholds.scan_cover && unreadable && !short_but_read {
        NeedsOcr::Yes
    } else if cover >= thresholds.picture_cover && contents.over_images < OVER {
        if contents.glyphs + contents.hidden_glyphs == 0 {
            NeedsOcr::Yes
        } else {
            NeedsOcr::Partial
        }
    } else {
        NeedsOcr::No
    }
}

/// Whether much of a page's text is drawn as shapes, without a text layer for it. Titles and
/// labels of charts are less than three lines.
fn is_outlined(contents: &Contents) -> bool {
    const LINES: u32 = 150;
    /// Of pages with other text it is this part at least, as one of so many.
    const PART: u32 = 4;
    let outlined = contents.outlined.saturating_sub(contents.hidden_glyphs);
    outlined >= LINES && outlined.saturating_mul(PART) >= contents.readable
}

/// Whether the marks on a page that a picture covers are no more than the letters that a
/// program wrote over it: the picture is a background.
fn is_explained(contents: &Contents, marks: Option<Marks>, thresholds: &Thresholds) -> bool {
    let readable = contents.readable.min(contents.glyphs);
    let covered = contents.image_cover >= thresholds.scan_cover;
    marks.is_some_and(|marks| {
        let all_read = marks.faint == 0 && marks.unread < WRITTEN && !marks.solid;
        covered && readable > 0 && marks.body <= readable && all_read
    })
}

/// Whether a picture of a page has far more marks than its text has letters: a text layer
/// of a page number, a line typed over a scan, a form filled in on one. Letters that touch
/// are one mark; ideographs are several. Or whether a good part of them has no text over it:
/// its text stands elsewhere.
fn is_unread(contents: &Contents, marks: Option<Marks>, thresholds: &Thresholds) -> bool {
    /// So many marks for each letter that can be read.
    const MARKS: u32 = 5;
    /// Of all marks, those in lines without text; scans with a sound layer have a tenth.
    const UNREAD: f32 = 0.35;
    contents.image_cover >= thresholds.scan_cover
        && marks.is_some_and(|marks| {
            let apart =
                marks.unread >= WRITTEN && marks.unread as f32 >= UNREAD * marks.body as f32;
            let little = marks.body > contents.readable.saturating_mul(MARKS);
            apart || marks.body >= WRITTEN && little
        })
}

/// Whether the text of a page cannot be read: many unknown characters, hardly
/// any letters and digits, or nearly nothing but white space.
fn garbled(signals: &Signals, thresholds: &Thresholds) -> Option<bool> {
    const FEWEST_UNKNOWN: f32 = 6.0;
    const FEWEST_ALPHANUMERICS: f32 = 0.3;
    const MOST_WHITE: f32 = 0.7;
    /// Shorter texts may be a rule of dots or a row of prices.
    const ENOUGH: u32 = 5;
    let text = &signals.text;
    if text.characters == 0 {
        return Some(false);
    }
    let characters = text.characters as f32;
    let printed = (text.characters - text.white_space).max(1) as f32;
    let unknown = text.unknown as f32;
    let many_unknown = unknown > FEWEST_UNKNOWN.max(thresholds.unknown_share * characters)
        || unknown >= printed * 0.5;
    let few_letters =
        text.characters >= ENOUGH && (text.alphanumerics as f32) < FEWEST_ALPHANUMERICS * printed;
    let all_white = text.characters >= ENOUGH && text.white_space as f32 > MOST_WHITE * characters;
    let unlikely = is_unlikely(text);
    Some(many_unknown || few_letters || all_white || unlikely || is_misread(signals, thresholds))
}

/// Whether the text layer of a scan is of another script, read as Latin letters: the shapes
/// of Cyrillic and Greek ones are most like a mixture of small ones, capitals and figures.
/// A poor layer in the right script has a tenth of such words.
fn is_misread(signals: &Signals, thresholds: &Thresholds) -> bool {
    const ENOUGH: u32 = 60;
    const BROKEN: f32 = 0.3;
    let is_layer = |contents: &Contents| {
        contents.hidden_glyphs > contents.glyphs && contents.image_cover >= thresholds.scan_cover
    };
    signals.contents.as_ref().is_some_and(is_layer)
        && signals.text.letters >= ENOUGH
        && signals.text.letter_use.broken >= BROKEN
}

/// Whether no language uses letters so: a cipher of one, as fonts without a table of their
/// letters leave it, text without its vowels, or one of another script read by the wrong code
/// page. Tuned on messages of programs in 100 languages and ciphers of them, and on lists of
/// names, abbreviations, symbols and commands.
pub fn is_unlikely(text: &TextQuality) -> bool {
    /// Fewer letters may be a few names.
    const ENOUGH: u32 = 50;
    /// Pairs of letters are rarer in no language (Xhosa has 9.1), and lists of Polish names
    /// come near; the fewer letters there are, the more rare pairs may be by chance.
    const RAREST: f32 = 9.75;
    const CHANCE: f32 = 20.0;
    /// Letters of codes are as by lot, those of a few words and of genes more uneven.
    const UNEVEN: std::ops::RangeInclusive<f32> = 1.2..=6.0;
    /// One letter stands for nearly all; its words differ by their length only.
    const ONE_LETTER: f32 = 10.0;
    /// Codes often have no vowels, to make no words; without them a text has fewer letters,
    /// and is more uneven.
    const NO_VOWELS: std::ops::RangeInclusive<f32> = 1.7..=6.0;
    const ENOUGH_LETTERS: u32 = 100;
    const FEWEST_VOWELS: f32 = 0.04;
    const LOST_VOWELS: f32 = 0.06;
    /// Of Vietnamese, with the most accents, it is 0.25.
    const MOST_ACCENTED: f32 = 0.45;
    /// In codes of capitals, small letters and digits all words are broken as well, but they
    /// have no accents: those are of a text that was shifted.
    const ALL_BROKEN: f32 = 0.9;
    const SOME_ACCENTED: f32 = 0.01;
    /// Of names of people it is 0.84.
    const FEWEST_EVERYDAY: f32 = 0.65;
    const ENOUGH_IDEOGRAPHS: u32 = 30;
    let used = &text.letter_use;
    let share = |count: u32, all: u32| count as f32 / all.max(1) as f32;
    let other_script = text.letters >= ENOUGH && used.accented > MOST_ACCENTED;
    let shifted =
        text.letters >= ENOUGH && used.broken > ALL_BROKEN && used.accented > SOME_ACCENTED;
    let other_characters = used.ideographs >= ENOUGH_IDEOGRAPHS
        && share(used.everyday, used.ideographs) < FEWEST_EVERYDAY;
    // Of other alphabets nothing is known of vowels.
    let vowels = used.vowels.map(|vowels| share(vowels, used.letters));
    let rarest = RAREST + CHANCE / used.letters.max(1) as f32;
    let cipher = UNEVEN.contains(&used.coincidence)
        && used.rarity > rarest
        && vowels.is_none_or(|vowels| vowels >= FEWEST_VOWELS);
    let holes = used.letters >= ENOUGH_LETTERS
        && NO_VOWELS.contains(&used.coincidence)
        && vowels.is_some_and(|vowels| vowels < LOST_VOWELS);
    let one_letter = text.letters >= ENOUGH_LETTERS && used.coincidence > ONE_LETTER;
    other_script
        || shifted
        || other_characters
        || one_letter
        || used.letters >= ENOUGH && (cipher || holes)
}

fn separator(signals: &Signals, thresholds: &Thresholds) -> bool {
    let codes = signals.barcodes.as_deref().unwrap_or_default();
    let little_else = is_little(signals, thresholds);
    codes
        .iter()
        .any(|code| is_separator_code(&code.text) && is_sheet(code, little_else))
}

/// Whether a page is little more than a sheet for a code.
pub fn is_little(signals: &Signals, thresholds: &Thresholds) -> bool {
    let marks = signals.marks.map_or(0, |marks| marks.body);
    let annotations = signals.contents.as_ref().map_or(0, |c| c.annotations);
    marks.max(signals.text.alphanumerics) <= thresholds.separator_marks && annotations == 0
}

/// Whether a page with a code is a sheet to be thrown away: it has hardly more than
/// the code, or the code again and again. Sheets for sale explain themselves at length,
/// but show the code along each edge, so that it is read whichever way the sheet is put
/// in; a sticker on a letter is there once.
pub fn is_sheet(code: &Barcode, little_else: bool) -> bool {
    little_else || code.copies >= 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Area;

    /// A page that a picture covers, with so many marks, seen and hidden letters.
    fn page(body: u32, glyphs: u32, hidden_glyphs: u32) -> Signals {
        let readable = glyphs + hidden_glyphs;
        Signals {
            contents: Some(Contents {
                glyphs,
                hidden_glyphs,
                readable,
                inner_readable: readable,
                over_images: if readable > 0 { 1.0 } else { 0.0 },
                images: 1,
                image_cover: 1.0,
                ..Contents::default()
            }),
            marks: Some(Marks {
                body,
                ..Marks::default()
            }),
            ..Signals::default()
        }
    }

    fn says(text: &str) -> Signals {
        Signals {
            text: crate::analysis::text_quality(text),
            ..Signals::default()
        }
    }

    #[test]
    fn text_whose_letters_no_language_uses_so_is_garbled_and_part_numbers_are_not() {
        let garbled = |text: &str| garbled(&says(text), &Thresholds::default());
        let letter = "The tenant shall keep the premises in good repair and shall not alter them \
                      without the written consent of the landlord, which shall not be withheld. Payment is \
                      due within thirty days of receipt of this invoice by bank transfer. Please \
                      quote the number above in letters, and send them to the address below.";
        assert_eq!(garbled(letter), Some(false));
        let moved = |letter: char| match letter {
            'a'..='z' => ((letter as u8 - b'a' + 3) % 26 + b'a') as char,
            other => other,
        };
        let cipher: String = letter.to_lowercase().chars().map(moved).collect();
        assert_eq!(garbled(&cipher), Some(true));
        let no_vowels: String = letter.chars().filter(|c| !"aeiou".contains(*c)).collect();
        assert_eq!(garbled(&no_vowels), Some(true));
        let other_script = "Àðåíäàòîð îáÿçàí ñîäåðæàòü ïîìåùåíèå â èñïðàâíîì ñîñòîÿíèè ".repeat(3);
        assert_eq!(garbled(&other_script), Some(true));
        let parts: String = (100..400)
            .map(|number| format!("KX{number}-Q{} ", number % 97))
            .collect();
        assert_eq!(garbled(&parts), Some(false));
        let polish = "Najemca zobowiązany jest utrzymywać lokal w dobrym stanie i nie może go \
                      zmieniać bez pisemnej zgody wynajmującego. Płatność jest wymagalna w ciągu \
                      trzydziestu dni od otrzymania niniejszej faktury przelewem bankowym.";
        assert_eq!(garbled(polish), Some(false));
        let names = "Kowalczyk Zbigniew; Wyszyńska Grażyna; Szczepański Krzysztof; Strzyżewska \
                     Małgorzata; Nguyễn Thị Hằng; Þórsdóttir Guðrún; Ng Kwok Wing; Hrdlička Vlk";
        assert_eq!(garbled(names), Some(false));
        let parts = "QTY UOM DESC HEX CAP SCR BRKT ASSY FRT BLK WHT GRN PLTD STL ALUM MTG";
        assert_eq!(garbled(&parts.repeat(9)), Some(false));
        // By the numbers of glyphs instead of letters: 29 less, which leaves no spaces.
        let german = "Für die geänderte Rückzahlung bitten wir höflich um Ihre Bestätigung. Über \
                      den Verkäufer läuft die Prüfung noch bis Ende März";
        let number = |letter: char| match letter {
            ' ' => None,
            '!'..='z' => Some((letter as u8 - 29) as char),
            other => Some(other),
        };
        assert_eq!(garbled(german), Some(false));
        let numbers: String = german.chars().filter_map(number).collect();
        assert_eq!(garbled(&numbers), Some(true));
        let code = "pX7qVb2LkTz9RmWc4YhNf8DsJg3UaQe6".repeat(9);
        assert_eq!(garbled(&code), Some(false));
        let one_letter = "aaa aaaaa aa aaaaaa aaaa ".repeat(9);
        assert_eq!(garbled(&one_letter), Some(true));
        let characters =
            "承租人应当妥善保管租赁房屋发现损坏应立即通知出租人未经出租人书面同意不得改建";
        assert_eq!(garbled(characters), Some(false));
        let moved = |letter| char::from_u32(u32::from(letter) + 0x80);
        let moved: String = characters.chars().filter_map(moved).collect();
        assert_eq!(garbled(&moved), Some(true));
    }

    #[test]
    fn a_scan_needs_recognition_where_its_text_is_only_a_little_of_it() {
        let needs = |signals: &Signals| judge_signals(signals, &Thresholds::default()).needs_ocr;
        // A text layer of all that is there, also of a short page.
        assert_eq!(needs(&page(900, 0, 1000)), Some(NeedsOcr::No));
        assert_eq!(needs(&page(30, 0, 30)), Some(NeedsOcr::No));
        // Only of the page number; a line or a form typed over a scan.
        assert_eq!(needs(&page(900, 0, 2)), Some(NeedsOcr::Yes));
        assert_eq!(needs(&page(900, 12, 0)), Some(NeedsOcr::Yes));
        assert_eq!(needs(&page(900, 110, 0)), Some(NeedsOcr::Partial));
    }

    #[test]
    fn a_slide_on_a_background_is_no_scan_and_needs_no_recognition() {
        let said = judge_signals(&page(8, 9, 0), &Thresholds::default());
        assert_eq!(said.needs_ocr, Some(NeedsOcr::No));
        assert_eq!(said.kind, Some(Kind::Mixed));
    }

    #[test]
    fn a_page_with_words_that_nothing_was_drawn_of_is_not_blank() {
        let blank = |signals: &Signals| judge_signals(signals, &Thresholds::default()).blank;
        assert_eq!(blank(&page(0, 10, 0)), Some(Blank::No));
        // What was read on the picture of an empty page.
        assert_eq!(blank(&page(0, 0, 10)), Some(Blank::Yes));
        assert_eq!(blank(&page(0, 0, 0)), Some(Blank::Yes));
    }

    #[test]
    fn a_sheet_of_one_colour_is_a_divider_and_neither_blank_nor_to_be_recognised() {
        let mut solid = page(0, 0, 0);
        if let Some(marks) = &mut solid.marks {
            marks.solid = true;
        }
        let said = judge_signals(&solid, &Thresholds::default());
        assert_eq!(said.divider, Some(true));
        assert_eq!(said.blank, Some(Blank::No));
        assert_eq!(said.needs_ocr, Some(NeedsOcr::No));
    }

    #[test]
    fn faint_writing_is_recognised_and_high_marks_at_the_edge_are_content() {
        let said = |faint, border, border_height| {
            let mut signals = page(0, 0, 0);
            signals.marks = Some(Marks {
                faint,
                border,
                border_height,
                ..Marks::default()
            });
            let said = judge_signals(&signals, &Thresholds::default());
            (said.blank, said.needs_ocr)
        };
        assert_eq!(said(0, 0, 0.0), (Some(Blank::Yes), Some(NeedsOcr::No)));
        assert_eq!(said(3, 0, 0.0), (Some(Blank::Faint), Some(NeedsOcr::Yes)));
        assert_eq!(said(0, 2, 3.0).0, Some(Blank::Almost));
        assert_eq!(said(0, 2, 9.0).0, Some(Blank::No));
    }

    #[test]
    fn mixed_rasters_have_the_resolution_of_their_letters() {
        let image = |right, dpi| PlacedImage {
            area: Area {
                right,
                ..Area::WHOLE
            },
            dpi: [dpi, dpi],
        };
        let dpi = |images: &[PlacedImage]| {
            let contents = Contents {
                largest_images: images.to_vec(),
                ..Contents::default()
            };
            resolution(&contents)
        };
        assert_eq!(dpi(&[image(1.0, 50.0), image(1.0, 400.0)]), Some(400.0));
        assert_eq!(dpi(&[image(1.0, 200.0), image(0.1, 600.0)]), Some(200.0));
        assert_eq!(dpi(&[]), None);
    }

    #[test]
    fn a_separator_says_one_of_the_words_and_no_more() {
        for text in [
            "PATCHT",
            "Patch T",
            "*PATCH2*",
            "_SEP",
            "ADAR-NEXTDOC",
            "separator",
        ] {
            assert!(is_separator_code(text), "{text}");
        }
        for text in [
            "DISPATCH",
            "SEPARATE",
            "SEPARATE your waste",
            "PATCH1",
            "PATCH4",
            "ASN00012",
            "",
        ] {
            assert!(!is_separator_code(text), "{text}");
        }
    }
}
