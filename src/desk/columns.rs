//! The columns of the table: what each shows of a page, and what pages are sorted
//! by. Not for drawing.

use std::cmp::Ordering;

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
                Kind::Digital => "Digital",
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
    pub fn key<'a>(self, page: &'a Page, verdicts: &Verdicts) -> Option<Key<'a>> {
        let measured = page.measurements.as_ref();
        let signals = measured.map(|measured| &measured.signals);
        let number: f64 = match self {
            Self::Document => 0.0,
            Self::Page => page.id.number.into(),
            Self::State => match page.state {
                PageState::Failed => 0.0,
                PageState::Waiting | PageState::Again => 1.0,
                PageState::Done => 2.0,
            },
            Self::Kind => f64::from(verdicts.kind? as u8),
            Self::Blank => -f64::from(verdicts.blank? as u8),
            Self::NeedsOcr => -f64::from(verdicts.needs_ocr? as u8),
            Self::Colour => -f64::from(verdicts.colour? as u8),
            Self::Skew => -f64::from(verdicts.skew?.abs()),
            Self::Resolution => verdicts.dpi?.into(),
            Self::Language => return signals?.text.language.as_deref().map(Key::text),
            Self::Barcodes => {
                let codes = signals?.barcodes.as_ref()?;
                let texts = codes.iter().map(|code| code.text.as_str()).collect();
                return (!codes.is_empty()).then_some(Key::Texts(texts));
            }
            Self::Size => page.shape.width.into(),
            Self::Ink => measured?.ink?.into(),
            Self::Characters => measured?.characters.into(),
            Self::Words => measured?.words.into(),
            Self::Time => measured?.micros.into(),
        };
        Some(Key::Number(number))
    }
}

/// What a page is sorted by in one column: all of them are of one kind.
#[derive(Clone, Debug)]
pub enum Key<'a> {
    /// By size.
    Number(f64),
    /// As people order names, "INV-9" before "INV-10", the first text first.
    Texts(Vec<&'a str>),
}

impl<'a> Key<'a> {
    fn text(text: &'a str) -> Self {
        Self::Texts(vec![text])
    }

    /// Which of two comes first.
    pub fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            (Self::Texts(a), Self::Texts(b)) => {
                let differ = |(a, b): (&&str, &&str)| natord::compare_ignore_case(a, b);
                let mut orders = a.iter().zip(b).map(differ);
                let first = orders.find(|order| order.is_ne());
                first.unwrap_or_else(|| a.len().cmp(&b.len()))
            }
            (Self::Number(_), Self::Texts(_)) => Ordering::Less,
            (Self::Texts(_), Self::Number(_)) => Ordering::Greater,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_sort_whole_and_as_people_order_names() {
        let sorted = ["deu", "eng", "INV-2024-2", "INV-2024-10", "INV-2025-001"];
        let mut texts = sorted;
        texts.reverse();
        texts.sort_by(|a, b| Key::text(a).compare(&Key::text(b)));
        assert_eq!(texts, sorted);
        let several = |texts: &[&'static str]| Key::Texts(texts.to_vec());
        assert!(several(&["A"]).compare(&several(&["A", "B"])).is_lt());
    }
}
