//! What was found on a page, drawn over its picture: pictures with their resolution,
//! the largest mark, barcodes, text that lies hidden, the way its lines run, and the words that were searched
//! for. Not for what is said of a page in words (`verdicts`).

use eframe::egui::{Align2, Color32, FontId, Painter, Rect, Stroke, StrokeKind, pos2, vec2};

use crate::desk::dialogs::terms;
use crate::desk::theme::Palette;
use crate::model::{Area, Page, Word};
use crate::triage::terms::question;
use crate::triage::{Blank, Thresholds, judge, search_marks};

/// Something to draw over a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Overlay {
    pub kind: OverlayKind,
    pub area: Area,
    /// What stands beside it; may be empty.
    pub label: String,
}

/// What it shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OverlayKind {
    Picture,
    /// The largest mark of the page's body.
    Mark,
    Barcode,
    /// Text that a program reads and a person does not see.
    Hidden,
    /// Lines of text run at this angle, degrees; positive climbs to the right.
    Lines(f32),
    /// A word of the text layer.
    Word,
    /// What was searched for.
    Hit,
    /// A term, by its place in the list.
    Term(usize),
    /// A word that a person marked.
    Marked,
}

/// Pages that are shown narrower than this cannot be read, points.
const SMALL: f32 = 320.0;

/// What was measured on a page and has a place on it.
pub fn of_page(page: &Page, thresholds: &Thresholds) -> Vec<Overlay> {
    let Some(measured) = &page.measurements else {
        return Vec::new();
    };
    let signals = &measured.signals;
    let verdicts = judge(page, thresholds);
    let mut overlays = Vec::new();
    let mut add = |kind, area, label| overlays.push(Overlay { kind, area, label });
    for image in signals
        .contents
        .iter()
        .flat_map(|contents| &contents.largest_images)
    {
        let label = format!("{:.0} dpi", image.mean_dpi());
        add(OverlayKind::Picture, image.area, label);
    }
    if verdicts.blank != Some(Blank::Yes)
        && let Some(marks) = signals.marks
        && let Some(area) = marks.largest_area
    {
        add(OverlayKind::Mark, area, format!("{:.0} mm", marks.largest));
    }
    for hidden in signals
        .contents
        .iter()
        .flat_map(|contents| &contents.hidden_text)
    {
        add(OverlayKind::Hidden, hidden.area, hidden.words.clone());
    }
    for code in signals.barcodes.iter().flatten() {
        add(
            OverlayKind::Barcode,
            code.area,
            format!("{} {}", code.kind, code.text),
        );
    }
    if verdicts.skewed
        && let Some(degrees) = verdicts.skew
    {
        let middle = Area {
            left: 0.08,
            top: 0.5,
            right: 0.92,
            bottom: 0.5,
        };
        // Content that must be turned counter-clockwise falls to the right.
        add(
            OverlayKind::Lines(-degrees),
            middle,
            format!("{:.1}°", degrees.abs()),
        );
    }
    overlays
}

/// The words of a page; those that were searched for stand out, and without `all`
/// only those are shown.
pub fn of_words(words: &[Word], typed: &str, all: bool) -> Vec<Overlay> {
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let marked = search_marks(&texts, typed);
    words
        .iter()
        .zip(marked)
        .filter(|(_, hit)| all || *hit)
        .map(|(word, hit)| Overlay {
            kind: if hit {
                OverlayKind::Hit
            } else {
                OverlayKind::Word
            },
            area: word.area,
            label: String::new(),
        })
        .collect()
}

/// Words that a person marked.
pub fn of_marked(words: &[Word]) -> Vec<Overlay> {
    let overlay = |word: &Word| Overlay {
        kind: OverlayKind::Marked,
        area: word.area,
        label: String::new(),
    };
    words.iter().map(overlay).collect()
}

/// The words that are terms, the first of each in a row with the number of the term.
pub fn of_terms(words: &[Word], terms: &[String]) -> Vec<Overlay> {
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let mut overlays = Vec::new();
    for (place, term) in terms.iter().enumerate() {
        let marked = search_marks(&texts, &question(term));
        for (at, word) in words.iter().enumerate().filter(|(at, _)| marked[*at]) {
            let begins = at == 0 || !marked[at - 1];
            overlays.push(Overlay {
                kind: OverlayKind::Term(place),
                area: word.area,
                label: if begins {
                    (place + 1).to_string()
                } else {
                    String::new()
                },
            });
        }
    }
    overlays
}

/// Where an area is on a page that was turned clockwise, degrees.
fn turned(area: Area, turn: u16) -> Area {
    let Area {
        left,
        top,
        right,
        bottom,
    } = area;
    let (left, top, right, bottom) = match turn {
        90 => (1.0 - bottom, left, 1.0 - top, right),
        180 => (1.0 - right, 1.0 - bottom, 1.0 - left, 1.0 - top),
        270 => (top, 1.0 - right, bottom, 1.0 - left),
        _ => (left, top, right, bottom),
    };
    Area {
        left,
        top,
        right,
        bottom,
    }
}

/// Draws overlays on a page that is shown in `page`, turned clockwise by so many degrees.
pub fn paint(painter: &Painter, page: Rect, turn: u16, overlays: &[Overlay]) {
    // Pages are white in both themes.
    let palette = Palette::on_paper();
    // On pictures too small to read, these would hide everything.
    let is_small = page.width() < SMALL;
    for overlay in overlays {
        if is_small && overlay.kind == OverlayKind::Word {
            continue;
        }
        // A page that was turned is looked at for something else than its skew.
        if !turn.is_multiple_of(180) && matches!(overlay.kind, OverlayKind::Lines(_)) {
            continue;
        }
        let area = turned(overlay.area, turn);
        let at = |x: f32, y: f32| page.min + vec2(x * page.width(), y * page.height());
        let rect = Rect::from_min_max(at(area.left, area.top), at(area.right, area.bottom));
        let (colour, width) = match overlay.kind {
            OverlayKind::Picture => (palette.geometry, 1.5),
            OverlayKind::Mark => (palette.accent, 1.5),
            OverlayKind::Barcode => (palette.duplicate, 2.0),
            OverlayKind::Hidden => (palette.bad, 2.0),
            OverlayKind::Lines(_) => (palette.geometry, 1.5),
            OverlayKind::Word => (palette.dim.gamma_multiply(0.5), 0.5),
            OverlayKind::Hit => (palette.warning, 1.0),
            OverlayKind::Term(place) => (terms::colour(place), 1.0),
            OverlayKind::Marked => (palette.accent, 0.0),
        };
        let stroke = Stroke::new(width, colour);
        match overlay.kind {
            OverlayKind::Marked => {
                painter.rect_filled(rect.expand(1.0), 0, colour.gamma_multiply(0.3));
            }
            OverlayKind::Lines(degrees) => lines(painter, page, degrees, stroke),
            OverlayKind::Hit | OverlayKind::Term(_) => {
                let marked = rect.expand(1.0);
                painter.rect_filled(marked, 2, colour.gamma_multiply(0.3));
                painter.rect_stroke(marked, 2, stroke, StrokeKind::Outside);
            }
            _ => {
                painter.rect_stroke(rect, 0, stroke, StrokeKind::Inside);
            }
        }
        if !overlay.label.is_empty() && !is_small {
            label(painter, page, rect, overlay, colour);
        }
    }
}

/// A few lines across the page that run as its text does, beside one that is level.
fn lines(painter: &Painter, page: Rect, degrees: f32, stroke: Stroke) {
    let half = page.width() * 0.42;
    let rise = half * degrees.to_radians().tan();
    for share in [0.25, 0.5, 0.75] {
        let middle = page.min + vec2(page.width() * 0.5, page.height() * share);
        let ends = [middle + vec2(-half, rise), middle + vec2(half, -rise)];
        painter.line_segment(ends, stroke);
        let level = [middle + vec2(-half, 0.0), middle + vec2(half, 0.0)];
        let faint = Stroke::new(0.5, stroke.color.gamma_multiply(0.5));
        painter.line_segment(level, faint);
    }
}

fn label(painter: &Painter, page: Rect, rect: Rect, overlay: &Overlay, colour: Color32) {
    const SIZE: f32 = 11.0;
    const LONGEST: usize = 40;
    let text: String = overlay.label.chars().take(LONGEST).collect();
    let font = FontId::proportional(SIZE);
    let galley = painter.layout_no_wrap(text, font, Color32::WHITE);
    let room = galley.size() + vec2(6.0, 2.0);
    let above = rect.top() - room.y >= page.top();
    let top = if above {
        rect.top() - room.y
    } else {
        rect.top()
    };
    let left = rect.left().min(page.right() - room.x).max(page.left());
    let ground = Rect::from_min_size(pos2(left, top), room);
    painter.rect_filled(ground, 2, colour);
    let anchor = Align2::LEFT_TOP.pos_in_rect(&ground) + vec2(3.0, 1.0);
    painter.galley(anchor, galley, Color32::WHITE);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_turns_with_its_page() {
        let area = Area {
            left: 0.1,
            top: 0.2,
            right: 0.3,
            bottom: 0.6,
        };
        let corners = |a: Area| [a.left, a.top, a.right, a.bottom].map(|at| (at * 10.0).round());
        assert_eq!(corners(turned(area, 90)), [4.0, 1.0, 8.0, 3.0]);
        assert_eq!(corners(turned(area, 180)), [7.0, 4.0, 9.0, 8.0]);
        let back = turned(turned(area, 90), 270);
        assert_eq!(corners(back), corners(area));
    }

    #[test]
    fn only_hits_are_shown_unless_all_words_are_wanted() {
        let word = |text: &str| Word {
            text: text.to_owned(),
            area: Area::default(),
        };
        let words = [word("Net"), word("amount"), word("due")];
        let hits = of_words(&words, "net", false);
        assert_eq!(hits.len(), 1);
        assert_eq!(hits[0].kind, OverlayKind::Hit);
        assert_eq!(of_words(&words, "net", true).len(), 3);
        assert!(of_words(&words, "", false).is_empty());
    }
}
