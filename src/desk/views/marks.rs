//! Marks: what is said of a page as small icons under its picture, those that matter
//! most first. Not for what there is to say (`triage::fields`), nor for evidence, which
//! the inspector gives.

use std::sync::LazyLock;

use eframe::egui::{Align2, Color32, Context, FontId, Painter, Pos2, Response, pos2};

use crate::desk::sheet::Sheet;
use crate::desk::theme::Palette;
use crate::model::Page;
use crate::triage::fields::{Mark, Role, Said};

/// So many are drawn; the others are in the tooltip.
pub const MOST: usize = 4;

/// Room that each takes, in points.
const ADVANCE: f32 = 16.0;
const SIZE: f32 = 13.0;

/// All marks, those that matter most first.
static MARKS: LazyLock<Vec<(Said, &Mark)>> = LazyLock::new(|| {
    let marks = Said::all().filter_map(|said| Some((said, said.mark()?)));
    let mut marks: Vec<_> = marks.collect();
    marks.sort_by_key(|(_, mark)| mark.rank);
    marks
});

/// The marks of a page. A page that is not measured has none.
pub fn marks(sheet: &Sheet, page: &Page) -> Vec<&'static Mark> {
    if page.measurements.is_none() {
        return Vec::new();
    }
    let subject = sheet.subject(page);
    let thrown_away = subject.verdicts().separator == Some(true);
    MARKS
        .iter()
        .filter(|(_, mark)| !mark.of_document || page.id.number == 1)
        .filter(|(_, mark)| !(thrown_away && mark.about_content))
        .filter(|(said, _)| said.is_said_of(&subject))
        .map(|(_, mark)| *mark)
        .collect()
}

/// Tells a screen reader what they say of the page that `response` is.
pub fn tell(context: &Context, response: &Response, marks: &[&Mark]) {
    if marks.is_empty() {
        return;
    }
    context.accesskit_node_builder(response.id, |node| {
        let words: Vec<&str> = marks.iter().map(|mark| mark.words).collect();
        node.set_description(words.join(", "));
    });
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
            colour(palette, mark.role),
        );
    }
}

fn colour(palette: &Palette, role: Role) -> Color32 {
    match role {
        Role::Dim => palette.dim,
        Role::Good => palette.good,
        Role::Warning => palette.warning,
        Role::Bad => palette.bad,
        Role::Accent => palette.accent,
        Role::Geometry => palette.geometry,
        Role::Duplicate => palette.duplicate,
    }
}
