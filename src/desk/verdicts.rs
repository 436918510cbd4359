//! What is said of pages, in words: the list of verdicts that pages can be chosen
//! by, and each with its evidence. Not for judging (`analysis::verdicts`).

use super::words;
use crate::model::{Page, Tone};
use crate::triage::{
    Blank, DocumentVerdicts, Kind, NeedsOcr, SequenceNote, Thresholds, Verdicts, judge,
};

/// A verdict that pages are chosen by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    Blank,
    AlmostBlank,
    Separator,
    HasBarcode,
    NeedsOcr,
    NeedsOcrInPart,
    Garbled,
    Skewed,
    Turned,
    LowResolution,
    Coloured,
    Scan,
    Written,
    Mixed,
    Drawing,
    NothingPainted,
    ExactDuplicate,
    NearDuplicate,
    SequenceBreak,
    MissedSeparator,
    Signed,
    Active,
    Unhealthy,
}

/// What is said of a page by what is around it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Its document.
    pub document: DocumentVerdicts,
    /// Its place in the document.
    pub note: Option<SequenceNote>,
    /// Another page paints exactly the same.
    pub exact_duplicate: bool,
    /// Another page looks the same.
    pub near_duplicate: bool,
}

impl Said {
    pub const ALL: [Self; 23] = [
        Self::Blank,
        Self::AlmostBlank,
        Self::Separator,
        Self::HasBarcode,
        Self::NeedsOcr,
        Self::NeedsOcrInPart,
        Self::Garbled,
        Self::Skewed,
        Self::Turned,
        Self::LowResolution,
        Self::Coloured,
        Self::Scan,
        Self::Written,
        Self::Mixed,
        Self::Drawing,
        Self::NothingPainted,
        Self::ExactDuplicate,
        Self::NearDuplicate,
        Self::SequenceBreak,
        Self::MissedSeparator,
        Self::Signed,
        Self::Active,
        Self::Unhealthy,
    ];

    /// It asks for something to be done with what stands on the page.
    pub fn is_about_content(self) -> bool {
        use Said::{
            ExactDuplicate, Garbled, HasBarcode, LowResolution, NearDuplicate, NeedsOcr,
            NeedsOcrInPart, Skewed, Turned,
        };
        matches!(
            self,
            NeedsOcr
                | NeedsOcrInPart
                | Garbled
                | Skewed
                | Turned
                | LowResolution
                | HasBarcode
                | ExactDuplicate
                | NearDuplicate
        )
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Blank => "Blank",
            Self::AlmostBlank => "Almost blank",
            Self::Separator => "Separator sheets",
            Self::HasBarcode => "With a barcode",
            Self::NeedsOcr => "Need text recognition",
            Self::NeedsOcrInPart => "Need recognition in part",
            Self::Garbled => "Garbled text",
            Self::Skewed => "Skewed",
            Self::Turned => "Sideways or upside down",
            Self::LowResolution => "Low resolution",
            Self::Coloured => "In colour",
            Self::Scan => "Scans",
            Self::Written => "Digital, not scanned",
            Self::Mixed => "Text and large pictures",
            Self::Drawing => "Drawings",
            Self::NothingPainted => "Completely empty",
            Self::ExactDuplicate => "The same as another page",
            Self::NearDuplicate => "Nearly the same as another",
            Self::SequenceBreak => "Page missing or doubled",
            Self::MissedSeparator => "Separator probably missed",
            Self::Signed => "In a signed document",
            Self::Active => "In a document with scripts or actions",
            Self::Unhealthy => "In a damaged or unusual document",
        }
    }

    /// Whether it is among the verdicts on a page.
    pub fn is_in(self, page: &Page, verdicts: &Verdicts, around: &Surroundings) -> bool {
        match self {
            Self::Blank => verdicts.blank == Some(Blank::Yes),
            Self::AlmostBlank => verdicts.blank == Some(Blank::Almost),
            Self::Separator => verdicts.separator == Some(true),
            Self::HasBarcode => page
                .measurements
                .as_ref()
                .and_then(|measured| measured.signals.barcodes.as_ref())
                .is_some_and(|codes| !codes.is_empty()),
            Self::NeedsOcr => verdicts.needs_ocr == Some(NeedsOcr::Yes),
            Self::NeedsOcrInPart => verdicts.needs_ocr == Some(NeedsOcr::Partial),
            Self::Garbled => verdicts.garbled == Some(true),
            Self::Skewed => verdicts.skewed,
            Self::Turned => verdicts.turned,
            Self::LowResolution => verdicts.low_resolution,
            Self::Coloured => verdicts.colour == Some(Tone::Colour),
            Self::Scan => matches!(verdicts.kind, Some(Kind::Scan | Kind::ScanOcr)),
            Self::Written => verdicts.kind == Some(Kind::Digital),
            Self::Mixed => verdicts.kind == Some(Kind::Mixed),
            Self::Drawing => verdicts.kind == Some(Kind::Vector),
            Self::NothingPainted => verdicts.structurally_empty == Some(true),
            Self::ExactDuplicate => around.exact_duplicate,
            Self::NearDuplicate => around.near_duplicate,
            Self::SequenceBreak => around.note.is_some_and(SequenceNote::is_break),
            Self::MissedSeparator => around.note.is_some_and(SequenceNote::is_missed_separator),
            Self::Signed => around.document.signed == Some(true),
            Self::Active => around.document.active == Some(true),
            Self::Unhealthy => around.document.unhealthy == Some(true),
        }
    }
}

/// What is said of a page: names, and verdicts with their evidence.
pub fn sentences(
    page: &Page,
    thresholds: &Thresholds,
    around: &Surroundings,
) -> Vec<(&'static str, String)> {
    let Some(measured) = &page.measurements else {
        return Vec::new();
    };
    let verdicts = judge(page, thresholds);
    let signals = &measured.signals;
    let mut said = Vec::new();
    let percent = |share: f32| format!("{:.1} %", share * 100.0);
    if let Some(kind) = verdicts.kind {
        said.push(("Kind", kind_in_words(kind).to_owned()));
    }
    let undrawn = signals.contents.as_ref().map_or(0, |c| c.undrawn);
    if let (Some(blank), Some(marks)) = (verdicts.blank, signals.marks) {
        let evidence = match blank {
            Blank::No if undrawn > 0 => {
                let undrawn = words::counted(undrawn.into(), "letter", "letters");
                format!("No, but look at it elsewhere: {undrawn} cannot be drawn, no font has them")
            }
            Blank::Yes if verdicts.structurally_empty == Some(true) => {
                "Yes: nothing is painted on it".to_owned()
            }
            Blank::Yes => format!("Yes: {} specks and stains, no mark", marks.dropped),
            Blank::Almost => format!("Almost: {} marks at top and bottom only", marks.border),
            Blank::No => format!("No: {} marks, up to {:.0} mm", marks.body, marks.largest),
        };
        said.push(("Blank", evidence));
    }
    if let (Some(needs), Some(contents)) = (verdicts.needs_ocr, &signals.contents) {
        let evidence = format!(
            "{}: pictures cover {}, {} readable characters",
            match needs {
                NeedsOcr::No => "No",
                NeedsOcr::Partial => "In part",
                NeedsOcr::Yes => "Yes",
            },
            percent(contents.image_cover),
            contents.readable
        );
        said.push(("Needs OCR", evidence));
    }
    if let (Some(colour), Some(tones)) = (verdicts.colour, signals.tones) {
        let evidence = match colour {
            Tone::Colour => format!("Colour: {:.2} % coloured", tones.coloured * 100.0),
            Tone::Gray => "Shades of gray".to_owned(),
            Tone::Mono => "Black and white".to_owned(),
        };
        said.push(("Colour", evidence));
    }
    if let Some(skew) = verdicts.skew {
        said.push(("Skew", skew_in_words(&verdicts, skew)));
    }
    if let Some(dpi) = verdicts.dpi {
        let low = if verdicts.low_resolution { ", low" } else { "" };
        said.push(("Resolution", format!("{dpi:.0} dpi{low}")));
    }
    if let Some(language) = &signals.text.language {
        said.push(("Language", language.clone()));
    }
    if verdicts.garbled == Some(true) {
        let text = &signals.text;
        let evidence = format!(
            "{} of {} characters are unknown, {} are letters or digits",
            text.unknown, text.characters, text.alphanumerics
        );
        said.push(("Garbled", evidence));
    }
    let codes = signals.barcodes.as_deref().unwrap_or_default();
    if !codes.is_empty() {
        let codes: Vec<String> = codes
            .iter()
            .map(|code| format!("{} ({})", code.text, code.kind))
            .collect();
        said.push(("Barcodes", codes.join(", ")));
    }
    if verdicts.separator == Some(true) {
        said.push(("Separator", "A sheet to be thrown away".to_owned()));
    }
    if let Some(printed) = signals.printed {
        let of = printed.of.map_or(String::new(), |of| format!(" of {of}"));
        said.push(("Printed number", format!("{}{of}", printed.number)));
    }
    if let Some(note) = around.note {
        let name = if note.is_break() {
            "Sequence"
        } else {
            "Separator"
        };
        said.push((name, note_in_words(note)));
    }
    if around.exact_duplicate {
        said.push((
            "Duplicate",
            "Another page paints exactly the same".to_owned(),
        ));
    }
    if around.near_duplicate {
        said.push(("Near duplicate", "Another page looks the same".to_owned()));
    }
    if around.document.signed == Some(true) {
        said.push(("Signed", "Its document has a signature".to_owned()));
    }
    if around.document.active == Some(true) {
        said.push((
            "Active",
            "Its document wants to run something; see below".to_owned(),
        ));
    }
    if around.document.unhealthy == Some(true) {
        said.push((
            "Health",
            "Its document is damaged or odd; see below".to_owned(),
        ));
    }
    said
}

/// Why a page is thought to stand in the wrong place.
pub fn note_in_words(note: SequenceNote) -> String {
    match note {
        SequenceNote::Missing { after, here } if here == after + 2 => {
            format!("Page {} is missing: {here} follows {after}", after + 1)
        }
        SequenceNote::Missing { after, here } => format!(
            "Pages {} to {} are missing: {here} follows {after}",
            after + 1,
            here - 1
        ),
        SequenceNote::OutOfOrder { after, here } if after == here => {
            format!("Page {here} is there twice")
        }
        SequenceNote::OutOfOrder { after, here } => format!("Page {here} follows page {after}"),
        SequenceNote::NumbersRestart => {
            "Probably missed before this page: printed numbers begin anew".to_owned()
        }
        SequenceNote::SizeChanges => {
            "Probably missed before this page: the size changes".to_owned()
        }
        SequenceNote::SpacingBreaks { pages } => {
            format!("Probably missed here: elsewhere one comes after {pages} pages")
        }
    }
}

pub fn kind_in_words(kind: Kind) -> &'static str {
    match kind {
        Kind::Digital => "Digital, not scanned",
        Kind::Scan => "Scan without text",
        Kind::ScanOcr => "Scan with a text layer",
        Kind::Mixed => "Text and large pictures",
        Kind::Vector => "Drawing",
        Kind::Empty => "Empty",
    }
}

fn skew_in_words(verdicts: &Verdicts, degrees: f32) -> String {
    let tilt = if verdicts.skewed {
        let side = if degrees > 0.0 {
            "clockwise"
        } else {
            "counter-clockwise"
        };
        format!("{:.1}° {side}", degrees.abs())
    } else {
        "Straight".to_owned()
    };
    if verdicts.turned {
        format!("{tilt}; its text does not stand upright")
    } else {
        tilt
    }
}
