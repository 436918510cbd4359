//! The rubber band of the grid: pages are selected by dragging around them. Not for which
//! pages it touches (`grid`).

use std::collections::HashSet;

use eframe::egui::{
    Id, InputState, Key, Modifiers, Pos2, Rect, Sense, Stroke, StrokeKind, Ui, pos2, vec2,
};

use crate::desk::sheet::Sheet;
use crate::desk::theme::Palette;
use crate::model::PageId;

/// Two corners of an area in the whole grid, the upper left one first: points from its
/// beginning. f64: a million rows are more than f32 can count.
pub type Corners = ((f64, f64), (f64, f64));

/// Near the edge, in points, it scrolls the grid, by so much a frame.
const EDGE: f32 = 24.0;
const SCROLL_STEP: f32 = 14.0;

/// The band while it is drawn.
#[derive(Default)]
pub struct Band {
    drawn: Option<Drawn>,
    /// Escape was pressed: the rest of the drag does nothing.
    given_up: bool,
}

struct Drawn {
    from: (f64, f64),
    to: (f64, f64),
    /// What was selected before, and stays so.
    before: HashSet<PageId>,
}

impl Band {
    /// Follows the pointer over the part of the grid that is on screen, whose beginning is
    /// at `origin`. The area it spans, if it has changed.
    pub fn drag(&mut self, ui: &Ui, sheet: &mut Sheet, origin: Pos2) -> Option<Corners> {
        let screen = ui.clip_rect();
        let ground = ui.interact(screen, Id::unique("rubber band"), Sense::drag());
        let here = |at: Pos2| (f64::from(at.x - origin.x), f64::from(at.y - origin.y));
        let escape = |input: &mut InputState| input.consume_key(Modifiers::NONE, Key::Escape);
        if let Some(drawn) = self.drawn.take_if(|_| ui.input_mut(escape)) {
            sheet.selection.set(drawn.before);
            self.given_up = true;
        }
        if !ground.dragged() {
            *self = Self::default();
            return None;
        }
        // A press that may still become a click is none.
        let (drags, from) = ui.input(|input| {
            let pointer = &input.pointer;
            (pointer.is_decidedly_dragging(), pointer.press_origin())
        });
        if !drags || self.given_up {
            return None;
        }
        if self.drawn.is_none() {
            let from = from?;
            let adds = ui.input(|input| input.modifiers.shift || input.modifiers.command);
            let before = match adds {
                true => sheet.selection.items().clone(),
                false => HashSet::new(),
            };
            let (from, to) = (here(from), here(from));
            self.drawn = Some(Drawn { from, to, before });
        }
        let drawn = self.drawn.as_mut()?;
        let pointer = ground.interact_pointer_pos()?;
        let scroll = if pointer.y < screen.top() + EDGE {
            SCROLL_STEP
        } else if pointer.y > screen.bottom() - EDGE {
            -SCROLL_STEP
        } else {
            0.0
        };
        if scroll != 0.0 {
            ui.scroll_with_delta(vec2(0.0, scroll));
            ui.ctx().request_repaint();
        }
        drawn.to = here(pointer);
        Some(drawn.corners())
    }

    /// Selects what it has caught.
    pub fn select(&self, sheet: &mut Sheet, caught: Vec<PageId>) {
        let Some(drawn) = &self.drawn else { return };
        if let Some(last) = caught.last() {
            sheet.selection.put_cursor(*last);
        }
        let before = drawn.before.iter().copied();
        sheet.selection.set(before.chain(caught));
    }

    /// Draws it.
    pub fn paint(&self, ui: &Ui, origin: Pos2) {
        let Some(drawn) = &self.drawn else { return };
        let (from, to) = drawn.corners();
        let at = |(x, y): (f64, f64)| pos2(origin.x + x as f32, origin.y + y as f32);
        let area = Rect::from_min_max(at(from), at(to));
        let accent = Palette::of(ui).accent;
        ui.painter()
            .rect_filled(area, 2, accent.gamma_multiply(0.12));
        let stroke = Stroke::new(1.0, accent);
        ui.painter()
            .rect_stroke(area, 2, stroke, StrokeKind::Inside);
    }
}

impl Drawn {
    fn corners(&self) -> Corners {
        let (from, to) = (self.from, self.to);
        (
            (from.0.min(to.0), from.1.min(to.1)),
            (from.0.max(to.0), from.1.max(to.1)),
        )
    }
}
