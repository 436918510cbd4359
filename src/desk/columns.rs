//! The columns of the table: what each shows of a page, and what pages are sorted
//! by. Not for drawing.

use serde::{Deserialize, Serialize};

use super::words;
use crate::model::{Page, PageState, Tone};
use crate::triage::{Blank, Kind, NeedsOcr, Verdicts};

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// Pages as they lie in the documents.
    Document,
    Page,
    State,
    Kind,
    Blank,
    NeedsOcr,
    Colour,
    Skew,
    Resolution,
    Language,
    Barcodes,
    Size,
    Ink,
    Characters,
    Words,
    Time,
}

impl Column {
    /// All columns, in the order of the table.
    pub const ALL: [Self; 16] = [
        Self::Document,
        Self::Page,
        Self::State,
        Self::Kind,
        Self::Blank,
        Self::NeedsOcr,
        Self::Colour,
        Self::Skew,
        Self::Resolution,
        Self::Language,
        Self::Barcodes,
        Self::Size,
        Self::Ink,
        Self::Characters,
        Self::Words,
        Self::Time,
    ];

    /// Columns that are not shown until a person wants them.
    pub const USUALLY_HIDDEN: [Self; 4] = [Self::Size, Self::Ink, Self::Words, Self::Time];

    pub fn name(self) -> &'static str {
        match self {
            Self::Document => "Document",
            Self::Page => "Page",
            Self::State => "State",
            Self::Kind => "Kind",
            Self::Blank => "Blank",
            Self::NeedsOcr => "OCR",
            Self::Colour => "Colour",
            Self::Skew => "Skew °",
            Self::Resolution => "dpi",
            Self::Language => "Language",
            Self::Barcodes => "Barcodes",
            Self::Size => "Size",
            Self::Ink => "Ink %",
            Self::Characters => "Characters",
            Self::Words => "Words",
            Self::Time => "ms",
        }
    }

    pub fn help(self) -> &'static str {
        match self {
            Self::Document => "The file, in the order of intake",
            Self::Page => "Number of the page in its document",
            Self::State => "Failed, waiting or done",
            Self::Kind => "What the page is made of",
            Self::Blank => "Nothing on it that a person would keep, or almost nothing",
            Self::NeedsOcr => "Text recognition would find more text",
            Self::Colour => "Of the content, not of the paper",
            Self::Skew => "Degrees to turn it counter-clockwise so that it stands straight",
            Self::Resolution => "Of the largest picture, dots per inch",
            Self::Language => "Of its text",
            Self::Barcodes => "What its barcodes say",
            Self::Size => "Paper, as a viewer shows it; sorts by width",
            Self::Ink => "Share of the page that is darker than its paper",
            Self::Characters => "Characters of the text layer",
            Self::Words => "Words of the text layer",
            Self::Time => "Time that the page took",
        }
    }

    /// Usual width in points; none takes what is left.
    pub fn width(self) -> Option<f32> {
        match self {
            Self::Document => None,
            Self::Page => Some(44.0),
            Self::State | Self::Language | Self::Characters => Some(76.0),
            Self::Kind => Some(84.0),
            Self::Blank | Self::Skew | Self::Ink | Self::Words => Some(58.0),
            Self::NeedsOcr => Some(56.0),
            Self::Colour => Some(64.0),
            Self::Resolution | Self::Time => Some(48.0),
            Self::Barcodes => Some(110.0),
            Self::Size => Some(132.0),
        }
    }

    /// Numbers stand at the right.
    pub fn is_number(self) -> bool {
        matches!(
            self,
            Self::Page
                | Self::Skew
                | Self::Resolution
                | Self::Ink
                | Self::Characters
                | Self::Words
                | Self::Time
        )
    }

    /// What it shows of a page; none where that is not known. The document's name
    /// and the state are not known here.
    pub fn text(self, page: &Page, verdicts: &Verdicts) -> Option<String> {
        let measured = page.measurements.as_ref();
        let signals = measured.map(|measured| &measured.signals);
        Some(match self {
            Self::Document | Self::State => return None,
            Self::Page => words::grouped(page.id.number.into()),
            Self::Kind => match verdicts.kind? {
                Kind::Digital => "Program",
                Kind::Scan => "Scan",
                Kind::ScanOcr => "Scan, text",
                Kind::Mixed => "Mixed",
                Kind::Vector => "Drawing",
                Kind::Empty => "Empty",
            }
            .to_owned(),
            Self::Blank => match verdicts.blank? {
                Blank::Yes => "Yes",
                Blank::Almost => "Almost",
                Blank::No => "",
            }
            .to_owned(),
            Self::NeedsOcr => match verdicts.needs_ocr? {
                NeedsOcr::Yes => "Yes",
                NeedsOcr::Partial => "In part",
                NeedsOcr::No => "",
            }
            .to_owned(),
            Self::Colour => match verdicts.colour? {
                Tone::Mono => "",
                Tone::Gray => "Gray",
                Tone::Colour => "Colour",
            }
            .to_owned(),
            // Adding 0 makes 0 of what rounds to −0.
            Self::Skew => format!("{:.1}", (verdicts.skew? * 10.0).round() / 10.0 + 0.0),
            Self::Resolution => format!("{:.0}", verdicts.dpi?),
            Self::Language => signals?.text.language.clone()?,
            Self::Barcodes => {
                let codes = signals?.barcodes.as_ref()?.iter();
                let said: Vec<&str> = codes.map(|code| code.text.as_str()).collect();
                said.join("; ")
            }
            Self::Size => words::paper(page.shape),
            Self::Ink => format!("{:.2}", measured?.ink? * 100.0),
            Self::Characters => words::grouped(measured?.characters.into()),
            Self::Words => words::grouped(measured?.words.into()),
            Self::Time => format!("{:.1}", f64::from(measured?.micros) / 1000.0),
        })
    }

    /// What pages are sorted by; none, where it is not known, comes last. What
    /// deserves a look comes before what does not.
    pub fn key(self, page: &Page, verdicts: &Verdicts) -> Option<f64> {
        let measured = page.measurements.as_ref();
        let signals = measured.map(|measured| &measured.signals);
        match self {
            Self::Document => Some(0.0),
            Self::Page => Some(page.id.number.into()),
            Self::State => Some(match page.state {
                PageState::Failed => 0.0,
                PageState::Waiting => 1.0,
                PageState::Done => 2.0,
            }),
            Self::Kind => verdicts.kind.map(|kind| f64::from(kind as u8)),
            Self::Blank => verdicts.blank.map(|blank| -f64::from(blank as u8)),
            Self::NeedsOcr => verdicts.needs_ocr.map(|needs| -f64::from(needs as u8)),
            Self::Colour => verdicts.colour.map(|tone| -f64::from(tone as u8)),
            Self::Skew => verdicts.skew.map(|degrees| -f64::from(degrees.abs())),
            Self::Resolution => verdicts.dpi.map(f64::from),
            Self::Language => signals?.text.language.as_deref().map(by_letters),
            Self::Barcodes => {
                let first = signals?.barcodes.as_ref()?.first()?;
                Some(by_letters(&first.text))
            }
            Self::Size => Some(page.shape.width.into()),
            Self::Ink => measured?.ink.map(f64::from),
            Self::Characters => Some(measured?.characters.into()),
            Self::Words => Some(measured?.words.into()),
            Self::Time => Some(measured?.micros.into()),
        }
    }
}

/// A number that sorts as the beginning of the text does.
fn by_letters(text: &str) -> f64 {
    let bytes = text.bytes().chain(std::iter::repeat(0)).take(6);
    bytes.fold(0.0, |number, byte| number * 256.0 + f64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_sort_as_letters_do() {
        let mut texts = ["eng", "deu", "", "INV-2", "INV-1", "fra"];
        texts.sort_by(|a, b| by_letters(a).total_cmp(&by_letters(b)));
        assert_eq!(texts, ["", "INV-1", "INV-2", "deu", "eng", "fra"]);
    }
}
