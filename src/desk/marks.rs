//! Marks: what is said of a page as small icons under its picture, those that matter
//! most first. Not for evidence, which the inspector gives.

use eframe::egui::{Align2, Color32, FontId, Painter, Pos2, pos2};
use egui_material_icons::icons;

use super::sheet::Sheet;
use super::theme::Palette;
use super::verdicts::Said;
use crate::model::Page;
use crate::triage::judge;

/// So many are drawn; the others are in the tooltip.
pub const MOST: usize = 4;

/// Room that each takes, in points.
const ADVANCE: f32 = 16.0;
const SIZE: f32 = 13.0;

/// One thing that is said of a page.
#[derive(Clone, Copy)]
pub struct Mark {
    said: Said,
    icon: &'static str,
    colour: fn(&Palette) -> Color32,
    /// What it says, of one page.
    pub words: &'static str,
    /// It is said of the whole document, and marked on its first page.
    of_document: bool,
}

const fn mark(
    said: Said,
    icon: &'static str,
    colour: fn(&Palette) -> Color32,
    words: &'static str,
) -> Mark {
    Mark {
        said,
        icon,
        colour,
        words,
        of_document: false,
    }
}

const fn of_document(mark: Mark) -> Mark {
    Mark {
        of_document: true,
        ..mark
    }
}

/// All marks, those that matter most first.
const MARKS: [Mark; 17] = [
    of_document(mark(
        Said::Active,
        icons::ICON_BOLT.codepoint,
        |palette| palette.bad,
        "Its document wants to run something",
    )),
    of_document(mark(
        Said::Unhealthy,
        icons::ICON_HEALING.codepoint,
        |palette| palette.bad,
        "Its document is damaged or odd",
    )),
    of_document(mark(
        Said::Signed,
        icons::ICON_SIGNATURE.codepoint,
        |palette| palette.good,
        "Its document is signed",
    )),
    mark(
        Said::Blank,
        icons::ICON_CHECK_BOX_OUTLINE_BLANK.codepoint,
        |palette| palette.dim,
        "Blank",
    ),
    mark(
        Said::AlmostBlank,
        icons::ICON_SHORT_TEXT.codepoint,
        |palette| palette.dim,
        "Almost blank",
    ),
    mark(
        Said::Separator,
        icons::ICON_HORIZONTAL_SPLIT.codepoint,
        |palette| palette.accent,
        "Separator sheet",
    ),
    mark(
        Said::MissedSeparator,
        icons::ICON_QUESTION_MARK.codepoint,
        |palette| palette.warning,
        "A separator was probably missed here",
    ),
    mark(
        Said::SequenceBreak,
        icons::ICON_FORMAT_LIST_NUMBERED.codepoint,
        |palette| palette.warning,
        "A page is missing or doubled here",
    ),
    mark(
        Said::Garbled,
        icons::ICON_TRANSLATE.codepoint,
        |palette| palette.warning,
        "Garbled text",
    ),
    mark(
        Said::NeedsOcr,
        icons::ICON_DOCUMENT_SCANNER.codepoint,
        |palette| palette.warning,
        "Needs text recognition",
    ),
    mark(
        Said::NeedsOcrInPart,
        icons::ICON_DOCUMENT_SCANNER.codepoint,
        |palette| palette.dim,
        "Needs text recognition in part",
    ),
    mark(
        Said::Turned,
        icons::ICON_SCREEN_ROTATION.codepoint,
        |palette| palette.geometry,
        "Sideways or upside down",
    ),
    mark(
        Said::Skewed,
        icons::ICON_ROTATE_RIGHT.codepoint,
        |palette| palette.geometry,
        "Skewed",
    ),
    mark(
        Said::LowResolution,
        icons::ICON_GRAIN.codepoint,
        |palette| palette.geometry,
        "Low resolution",
    ),
    mark(
        Said::ExactDuplicate,
        icons::ICON_CONTENT_COPY.codepoint,
        |palette| palette.duplicate,
        "The same as another page",
    ),
    mark(
        Said::NearDuplicate,
        icons::ICON_FILE_COPY.codepoint,
        |palette| palette.duplicate,
        "Nearly the same as another page",
    ),
    mark(
        Said::HasBarcode,
        icons::ICON_BARCODE.codepoint,
        |palette| palette.dim,
        "With a barcode",
    ),
];

/// The marks of a page. A page that is not measured has none.
pub fn marks(sheet: &Sheet, page: &Page) -> Vec<&'static Mark> {
    if page.measurements.is_none() {
        return Vec::new();
    }
    let verdicts = judge(page, sheet.thresholds());
    let around = sheet.surroundings(page.id);
    // A sheet that will be thrown away needs no work, whatever else it is.
    let thrown_away = verdicts.separator == Some(true);
    MARKS
        .iter()
        .filter(|mark| !mark.of_document || page.id.number == 1)
        .filter(|mark| !(thrown_away && mark.said.is_about_content()))
        .filter(|mark| mark.said.is_in(page, &verdicts, &around))
        .collect()
}

/// Width that the first of them take, in points.
pub fn width(marks: &[&Mark]) -> f32 {
    marks.len().min(MOST) as f32 * ADVANCE
}

/// Draws the first of them in a row from its left end.
pub fn paint(painter: &Painter, palette: &Palette, marks: &[&Mark], left: Pos2) {
    for (at, mark) in (0u8..).zip(marks.iter().take(MOST)) {
        painter.text(
            pos2(left.x + f32::from(at) * ADVANCE, left.y),
            Align2::LEFT_CENTER,
            mark.icon,
            FontId::proportional(SIZE),
            (mark.colour)(palette),
        );
    }
}
