//! What was found on a page: numbers and facts from its content, its pixels and
//! its text. Plain data that the library keeps as JSON, so a field that is new
//! has a default. Not for verdicts: those are thresholds over these
//! (`analysis::verdicts`).

use serde::{Deserialize, Serialize};

/// A place on a page in shares of its width and height, from the top left
/// corner of the page as viewers show it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Area {
    /// Left edge, 0 to 1.
    pub left: f32,
    /// Top edge, 0 to 1.
    pub top: f32,
    /// Right edge, 0 to 1.
    pub right: f32,
    /// Bottom edge, 0 to 1.
    pub bottom: f32,
}

impl Area {
    /// All of a page.
    pub const WHOLE: Self = Self {
        left: 0.0,
        top: 0.0,
        right: 1.0,
        bottom: 1.0,
    };
}

/// A word of a page's text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// The word.
    pub text: String,
    /// Where it stands.
    pub area: Area,
}

/// Signals of one page. What could not be found out is absent, never 0.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Signals {
    /// What the page paints; none where no engine could tell.
    pub contents: Option<Contents>,
    /// What a person would keep of its pixels.
    pub marks: Option<Marks>,
    /// How much of it is coloured or gray.
    pub tones: Option<Tones>,
    /// By how much its content is turned; none where nothing shows a direction.
    pub skew: Option<Skew>,
    /// How good its text is.
    pub text: TextQuality,
    /// Its barcodes; none where it was not looked for any, because neither its
    /// pictures nor its paths can be one.
    pub barcodes: Option<Vec<Barcode>>,
    /// The number that is printed on it, by its own text or as an analyser has read it.
    pub printed: Option<PrintedNumber>,
    /// The number that was stamped on it, as it stands there, such as ACME-0000101.
    pub stamp: Option<String>,
}

/// The number of a page as it is printed on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrintedNumber {
    /// The number.
    pub number: u32,
    /// How many pages there are, where that is printed too.
    #[serde(default)]
    pub of: Option<u32>,
    /// It is said to be a page's number; else it is a number alone on a line.
    #[serde(default)]
    pub certain: bool,
    /// What it counts on from.
    #[serde(default)]
    pub series: Series,
}

/// Numbers that are counted together: only those of one series follow each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Series {
    /// 1, 2, 3.
    #[default]
    Arabic,
    /// i, ii, iii, as before the body of a book.
    Roman,
    /// or 2-1, 2-2: pages of a section, which is a letter or a number.
    Section(char),
}

/// What a page paints, as interpreting its content tells.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contents {
    /// Glyphs that can be seen, spaces left out.
    pub glyphs: u32,
    /// Glyphs that cannot be seen: of an invisible text layer, or under a
    /// picture.
    pub hidden_glyphs: u32,
    /// Glyphs, seen or not, that stand for a known character and lie within the
    /// page, an eighth of each side left out.
    pub inner_readable: u32,
    /// Glyphs, seen or not, that stand for a known character.
    pub readable: u32,
    /// Of all glyphs, the share that lies over or under pictures, 0 to 1.
    pub over_images: f32,
    /// Paths that are filled or stroked.
    pub paths: u32,
    /// Of the paths and their pieces, those that stand beside the one before as
    /// bars and modules of barcodes do.
    pub bars: u32,
    /// Letters that are drawn as shapes and stand in lines, as nearly as that can be told.
    pub outlined: u32,
    /// Number of pictures.
    pub images: u32,
    /// Share of the page that pictures cover, 0 to 1.
    pub image_cover: f32,
    /// The pictures that cover most, largest first.
    pub largest_images: Vec<PlacedImage>,
    /// The strongest tone that glyphs and paths are painted in.
    pub tone: Tone,
    /// Nothing at all is painted, if only in white.
    pub empty: bool,
    /// Annotations that hold something that somebody put there: notes, stamps, drawings,
    /// fields that are filled in. Links, popups and empty fields hold nothing.
    pub annotations: u32,
    /// Glyphs that can be seen and stand for a known character, and that could not be
    /// drawn: neither the document nor this machine has a font for them.
    #[serde(default)]
    pub undrawn: u32,
    /// Parts of the page that no picture of it shows.
    #[serde(default)]
    pub undrawn_parts: Vec<Undrawn>,
    /// Letters and figures under dark filled shapes, as versions before
    /// [`Self::hidden_text`] counted them.
    #[serde(default)]
    pub blacked_out: u32,
    /// Letters and figures that a program reads and a person does not see.
    #[serde(default)]
    pub hidden_text: Vec<HiddenText>,
}

/// A part of a page that no picture of it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Undrawn {
    /// A picture that cannot be decoded, or not to its end.
    Picture,
    /// A form that cannot be decoded, or lies deeper in others than engines go.
    Form,
    /// Something on a layer that is off.
    Layer,
}

impl Undrawn {
    /// The word used in tables for other programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Picture => "picture",
            Self::Form => "form",
            Self::Layer => "layer",
        }
    }

    /// The words shown to people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Picture => "a picture on it cannot be decoded",
            Self::Form => "a part of it cannot be decoded or lies too deep in others",
            Self::Layer => "something is on a layer that is off",
        }
    }
}

/// Letters and figures that a program reads and a person does not see.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HiddenText {
    /// Why a person does not see them.
    pub how: Concealment,
    /// How many there are, spaces left out.
    pub letters: u32,
    /// Around them, or the shape that hides them; the edge of the page for those beside it.
    pub area: Area,
    /// The first of them, in the order in which they are painted.
    pub words: String,
}

/// Why a person does not see letters that a program reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Concealment {
    /// A filled shape lies over them: a redaction that hides nothing.
    UnderShape,
    /// A picture lies over them.
    UnderPicture,
    /// They are painted in the colour of what is below, as white on white.
    SameColour,
    /// They are too small to be seen.
    TooSmall,
    /// They lie outside of what is shown of the page.
    BesidePage,
    /// They are not painted at all, and are no text layer of a scan.
    Invisible,
    /// The scan that they are the text layer of is blackened there.
    Blackened,
    /// They are on a layer that is off.
    LayerOff,
}

/// A picture on a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlacedImage {
    /// Where it lies.
    pub area: Area,
    /// Its pixels for each inch, across and down.
    pub dpi: [f32; 2],
}

impl PlacedImage {
    /// Its resolution as one number: the geometric mean of both directions.
    pub fn mean_dpi(&self) -> f32 {
        (self.dpi[0] * self.dpi[1]).sqrt()
    }
}

/// How colourful something is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Black on white, or nothing.
    #[default]
    Mono,
    /// Shades of gray.
    Gray,
    /// Colours.
    Colour,
}

impl Tone {
    /// The word used in tables for other programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mono => "mono",
            Self::Gray => "gray",
            Self::Colour => "colour",
        }
    }
}

/// Marks on a page that a person would keep: without specks, punch holes, dark
/// edges, stains and what shows through from the other side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Marks {
    /// Marks in the body of the page.
    pub body: u32,
    /// Marks at the top and bottom, where page numbers and running headers are.
    pub border: u32,
    /// Area of the body's marks, square millimetres.
    pub body_area: f32,
    /// Longest side of the body's largest mark, millimetres.
    pub largest: f32,
    /// Where the body's largest mark is.
    pub largest_area: Option<Area>,
    /// Marks that a person would not keep.
    pub dropped: u32,
    /// Height of the highest mark at the top and bottom, millimetres.
    pub border_height: f32,
    /// Letters in the longest line at the top and bottom, from gap to gap and as nearly as
    /// marks tell; 0 where that was not counted.
    pub border_line: u32,
    /// Marks that are paler than ink and may be writing all the same; looked for only
    /// where the body has no others.
    pub faint: u32,
    /// The sheet is of one dark or strong colour, and nothing stands on it.
    pub solid: bool,
    /// Marks of a scan that stand in lines as letters do, and that no text lies over.
    pub unread: u32,
}

/// How much of a page's content is coloured or gray, the tint of its paper
/// taken away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tones {
    /// Share of pixels that are clearly coloured, 0 to 1.
    pub coloured: f32,
    /// Share of pixels in even shades of gray, 0 to 1.
    pub gray: f32,
}

/// By how much the content of a page is turned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Skew {
    /// Degrees by which the page must be turned counter-clockwise to stand
    /// straight, as viewers show it; -20 to 20.
    pub degrees: f32,
    /// How many times better the best angle is than the typical one; none for
    /// text whose direction the page states.
    pub confidence: Option<f32>,
    /// Degrees by which text runs clockwise of upright: 0, 90, 180 or 270. Where only pixels
    /// tell and [`Skew::rises`] is none, 0 stands for upside down as well, and 90 for 270.
    pub text_turned: u16,
    /// How clearly the text is upright once it is turned so, 0 to 1: how much more of it rises
    /// above small letters than hangs below them, or how many more marks stand low, as share of
    /// both; none where the page states the direction of its text, or that shows no way up.
    #[serde(default)]
    pub rises: Option<f32>,
}

/// How good the text of a page is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TextQuality {
    /// All characters, white space included.
    pub characters: u32,
    /// Characters that no font explains, or of a private use area.
    pub unknown: u32,
    /// Letters and digits.
    pub alphanumerics: u32,
    /// Letters.
    pub letters: u32,
    /// White space.
    pub white_space: u32,
    /// Its language; none where there is too little text to tell.
    pub language: Option<Language>,
    /// How its letters are used.
    pub letter_use: LetterUse,
    /// The page has more text than is kept of one; all counts are of what is kept.
    pub cut: bool,
}

/// How the letters of a text are used. Those with accents count as those without, and words
/// that are there several times count once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LetterUse {
    /// Letters of the alphabet in which the text is written; 0 where that is none that is
    /// known or not one.
    pub letters: u32,
    /// How rare pairs of these letters are in languages, on average: how many times all pairs
    /// have to be halved to be as few. 7.5 to 9 in any language, 10 to 12 in a cipher.
    pub rarity: f32,
    /// How many times as likely two of these are the same letter as two drawn by lot: 1.2
    /// to 4 in any language, in plain text or in a cipher of one.
    pub coincidence: f32,
    /// Of these, A, E, I, O, U and Y; none in other alphabets.
    pub vowels: Option<u32>,
    /// Share of all letters that are Latin ones with accents, 0 to 1.
    pub accented: f32,
    /// Characters of Chinese and syllables of Korean, all of them.
    pub ideographs: u32,
    /// Of these, those of everyday use.
    pub everyday: u32,
    /// Share of words in which a capital or a figure follows a small letter, 0 to 1.
    pub broken: f32,
}

/// A barcode on a page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Barcode {
    /// What it says.
    pub text: String,
    /// Its type, such as `Code128` or `QRCode`; `Patch` for patch bars.
    pub kind: String,
    /// Where it is; the topmost, where the page shows it more than once.
    pub area: Area,
    /// How many times the page shows it.
    #[serde(default = "once")]
    pub copies: u32,
}

/// A code that an earlier version kept.
fn once() -> u32 {
    1
}

/// A language, as ISO 639-3 names it: `eng`, `deu`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language([u8; 3]);

impl Language {
    /// The language of a code of three small letters; none for any other text.
    pub fn named(code: &str) -> Option<Self> {
        let code: [u8; 3] = code.as_bytes().try_into().ok()?;
        code.iter()
            .all(u8::is_ascii_lowercase)
            .then_some(Self(code))
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl TryFrom<String> for Language {
    type Error = &'static str;

    fn try_from(code: String) -> Result<Self, Self::Error> {
        Self::named(&code).ok_or("a language is three small letters")
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.as_str().to_owned()
    }
}
