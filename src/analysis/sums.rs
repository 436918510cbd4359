//! What is said of the pages of a document, summed up. Pure; not for what inspecting
//! the document found (`document`).

use std::borrow::Borrow;
use std::collections::BTreeMap;

use super::sequence::notes_of;
use super::verdicts::{Blank, Kind, NeedsOcr, Thresholds, judge};
use crate::model::{Contents, Language, Page, PageState, Tone};

/// Numbers of pages of which something is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// That could not be drawn or read.
    pub failed: u32,
    /// Of which a part cannot be shown: letters, pictures, layers that are off.
    pub undrawn: u32,
    /// Blank.
    pub blank: u32,
    /// Only a page number or a running header.
    pub almost_blank: u32,
    /// Scans, with a text layer or without.
    pub scans: u32,
    /// Needing text recognition, as a whole.
    pub needs_ocr: u32,
    /// Needing it in part.
    pub needs_ocr_in_part: u32,
    /// With text that programs cannot read.
    pub garbled: u32,
    /// In colour.
    pub coloured: u32,
    /// Skewed.
    pub skewed: u32,
    /// Sideways or upside down.
    pub turned: u32,
    /// Scans of low resolution.
    pub low_resolution: u32,
    /// Separator sheets.
    pub separators: u32,
    /// With a barcode.
    pub with_barcodes: u32,
    /// Where pages are missing, doubled or elsewhere by their printed numbers.
    pub sequence_breaks: u32,
    /// Where a separator was probably not recognised.
    pub missed_separators: u32,
    /// By language.
    pub languages: BTreeMap<Language, u32>,
}

impl Sums {
    /// The languages, the most frequent first.
    pub fn languages(&self) -> Vec<(&str, u32)> {
        let mut languages: Vec<(&str, u32)> = self
            .languages
            .iter()
            .map(|(language, pages)| (language.as_str(), *pages))
            .collect();
        languages.sort_by_key(|(_, pages)| std::cmp::Reverse(*pages));
        languages
    }
}

/// Sums up the pages of one document, in order.
pub fn sum_up<P: Borrow<Page>>(pages: &[P], thresholds: &Thresholds) -> Sums {
    let mut sums = Sums::default();
    let add = |to: &mut u32, is: bool| *to += u32::from(is);
    for page in pages.iter().map(Borrow::borrow) {
        let verdicts = judge(page, thresholds);
        let blank = verdicts.blank;
        add(&mut sums.failed, page.state == PageState::Failed);
        add(&mut sums.blank, blank == Some(Blank::Yes));
        add(&mut sums.almost_blank, blank == Some(Blank::Almost));
        let is_scan = matches!(verdicts.kind, Some(Kind::Scan | Kind::ScanOcr));
        add(&mut sums.scans, is_scan);
        let needs = verdicts.needs_ocr;
        add(&mut sums.needs_ocr, needs == Some(NeedsOcr::Yes));
        add(
            &mut sums.needs_ocr_in_part,
            needs == Some(NeedsOcr::Partial),
        );
        add(&mut sums.garbled, verdicts.garbled == Some(true));
        add(&mut sums.coloured, verdicts.colour == Some(Tone::Colour));
        add(&mut sums.skewed, verdicts.skewed);
        add(
            &mut sums.turned,
            verdicts.turned.is_some_and(|turned| turned != 0),
        );
        add(&mut sums.low_resolution, verdicts.low_resolution);
        add(&mut sums.separators, verdicts.separator == Some(true));
        if let Some(measured) = &page.measurements {
            let contents = measured.signals.contents.as_ref();
            let lacks = |of: &Contents| of.undrawn > 0 || !of.undrawn_parts.is_empty();
            add(&mut sums.undrawn, contents.is_some_and(lacks));
            let codes = measured.signals.barcodes.as_ref();
            let has_codes = codes.is_some_and(|codes| !codes.is_empty());
            add(&mut sums.with_barcodes, has_codes);
            if let Some(language) = measured.signals.text.language {
                *sums.languages.entry(language).or_default() += 1;
            }
        }
    }
    for note in notes_of(pages, thresholds).into_iter().flatten() {
        add(&mut sums.sequence_breaks, note.is_break());
        add(&mut sums.missed_separators, note.is_missed_separator());
    }
    sums
}
