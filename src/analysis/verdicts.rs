//! Verdicts: what measurements mean for an analyst, under thresholds that can be
//! moved. Pure and cheap: every page of a batch is judged anew whenever a
//! threshold moves. Not for measuring.

use serde::{Deserialize, Serialize};

use crate::model::{Barcode, Contents, Marks, Page, Signals, Tone};

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

words!(Blank { No => "no", Almost => "almost", Yes => "yes" });
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
    /// Its text lies sideways or upside down.
    pub turned: bool,
    /// A sheet to be thrown away.
    pub separator: Option<bool>,
    /// Its text cannot be read by programs.
    pub garbled: Option<bool>,
    /// Resolution of its largest picture.
    pub dpi: Option<f32>,
    /// That is low.
    pub low_resolution: bool,
}

/// What codes on separator sheets say, in capitals: "Patch" codes with and
/// without a text of their own, and the words of other programs.
const SEPARATORS: [&str; 5] = ["PATCHT", "PATCH", "SEPARATOR", "SEPARATE", "_SEP"];

/// Whether a barcode's text is that of a separator sheet.
pub fn is_separator_code(text: &str) -> bool {
    let text = text.to_uppercase();
    SEPARATORS.iter().any(|word| text.contains(word))
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
    let kind = contents.map(|contents| kind(contents, thresholds));
    let garbled = garbled(signals, thresholds);
    let dpi = contents
        .and_then(|contents| contents.largest_images.first())
        .map(|image| image.mean_dpi());
    let shows_direction = blank != Some(Blank::Yes) && kind != Some(Kind::Empty);
    let skew = signals.skew.filter(|_| shows_direction);
    Verdicts {
        blank,
        structurally_empty: contents.map(|contents| contents.empty),
        kind,
        needs_ocr: contents.map(|contents| {
            let garbled = garbled == Some(true);
            needs_ocr(contents, blank, garbled, thresholds)
        }),
        colour: signals.tones.map(|tones| {
            let stated = contents.map_or(Tone::Mono, |contents| contents.tone);
            let seen = if tones.coloured >= thresholds.coloured_share {
                Tone::Colour
            } else if tones.gray >= thresholds.gray_share {
                Tone::Gray
            } else {
                Tone::Mono
            };
            stated.max(seen)
        }),
        skew: skew.map(|skew| skew.degrees),
        skewed: skew.is_some_and(|skew| skew.degrees.abs() >= thresholds.skew_degrees),
        turned: skew.is_some_and(|skew| skew.text_turned != 0),
        separator: contents.is_some().then(|| separator(signals, thresholds)),
        garbled,
        dpi,
        // As people read it: a picture of 149.9 dots is one of 150.
        low_resolution: dpi.is_some_and(|dpi| dpi.round() < thresholds.low_dpi)
            && contents.is_some_and(|contents| contents.image_cover >= thresholds.scan_cover),
    }
}

fn blank(marks: &Marks, contents: Option<&Contents>, thresholds: &Thresholds) -> Blank {
    // Somebody put them there, however little of them is drawn.
    if contents.is_some_and(|contents| contents.annotations > 0 || contents.undrawn > 0) {
        return Blank::No;
    }
    let empty = contents.is_some_and(|contents| contents.empty);
    if !empty && marks.body >= thresholds.blank_marks {
        Blank::No
    } else if !empty && marks.border > 0 {
        Blank::Almost
    } else {
        Blank::Yes
    }
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
    Some(many_unknown || few_letters || all_white)
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
