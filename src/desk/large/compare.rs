//! Two to four pages side by side, zoomed and moved in step, to be decided one against the
//! other. Not for pages that the program found to be the same (`duplicates`).

use eframe::egui::{
    Align, Key, Label, Layout, Modifiers, Rect, RichText, Role, Sense, Stroke, StrokeKind, Ui,
    UiBuilder, WidgetInfo, pos2, vec2,
};
use egui_material_icons::icons;

use super::canvas::{Canvas, Lens};
use crate::desk::actions::Action;
use crate::desk::panels::deciding;
use crate::desk::requests::{Queue, Request};
use crate::desk::sheet::Sheet;
use crate::desk::textures::Textures;
use crate::desk::theme::{Palette, ROW};
use crate::model::PageId;

/// So many pages can be compared: more would be too small to read.
pub const MOST: usize = 4;

/// Between pages, points.
const GAP: f32 = 8.0;

/// The pages that are compared, and how.
pub struct Compare {
    panes: Vec<(PageId, Canvas)>,
    /// Which of them has the focus.
    focus: usize,
    lens: Lens,
}

impl Compare {
    /// Of these pages; none if they are not two to four.
    pub fn new(mut pages: Vec<PageId>, first: Option<PageId>) -> Option<Self> {
        if !(2..=MOST).contains(&pages.len()) {
            return None;
        }
        pages.dedup();
        let focus = pages.iter().position(|page| Some(*page) == first);
        let panes = pages.into_iter().map(|page| (page, Canvas::default()));
        Some(Self {
            panes: panes.collect(),
            focus: focus.unwrap_or(0),
            lens: Lens::default(),
        })
    }

    /// The page that is decided about.
    pub fn focused(&self) -> PageId {
        self.panes[self.focus].0
    }

    /// All of them, as they stand.
    pub fn pages(&self) -> Vec<PageId> {
        self.panes.iter().map(|(page, _)| *page).collect()
    }

    /// Those that do not have the focus.
    pub fn others(&self) -> Vec<PageId> {
        let mut pages = self.pages();
        pages.remove(self.focus);
        pages
    }

    /// Gives the next page the focus; the last one keeps it.
    pub fn go_on(&mut self) {
        self.focus = (self.focus + 1).min(self.panes.len() - 1);
    }

    /// What the pages are drawn on.
    pub fn canvases(&mut self) -> impl Iterator<Item = &mut Canvas> {
        self.panes.iter_mut().map(|(_, pane)| pane)
    }

    /// Keys that zoom; true if one was used.
    pub fn zoom_keys(&mut self, ui: &Ui) -> bool {
        let (_, pane) = &mut self.panes[self.focus];
        pane.set_lens(self.lens);
        let used = pane.keys(ui);
        self.lens = pane.lens();
        used
    }

    /// Draws them; false once there are no two pages left.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        sheet: &Sheet,
        textures: &mut Textures,
        findings: bool,
        queue: &mut Queue,
    ) -> bool {
        self.panes.retain(|(page, _)| sheet.page(*page).is_some());
        if self.panes.len() < 2 {
            return false;
        }
        self.focus = self.focus.min(self.panes.len() - 1);
        self.bar(ui, queue);
        ui.add_space(GAP);
        if !ui.ctx().text_edit_focused() {
            self.keys(ui, queue);
        }
        let area = ui.available_rect_before_wrap();
        ui.allocate_rect(area, Sense::hover());
        let (columns, rows) = match self.panes.len() {
            4 => (2, 2),
            columns => (columns, 1),
        };
        let size = vec2(
            (area.width() - GAP * (columns - 1) as f32) / columns as f32,
            (area.height() - GAP * (rows - 1) as f32) / rows as f32,
        );
        let mut is_new = false;
        let before = self.lens;
        for at in 0..self.panes.len() {
            let (column, row) = (at % columns, at / columns);
            let corner = pos2(
                area.left() + column as f32 * (size.x + GAP),
                area.top() + row as f32 * (size.y + GAP),
            );
            let rect = Rect::from_min_size(corner, size);
            is_new |= self.pane(ui, (at, rect), sheet, textures, findings, queue);
        }
        if is_new {
            queue.push(Request::DrawAnew);
        }
        if self.lens != before {
            ui.ctx().request_repaint();
        }
        true
    }

    fn bar(&self, ui: &mut Ui, queue: &mut Queue) {
        ui.horizontal(|ui| {
            let back = format!("{}  Back", icons::ICON_ARROW_BACK.codepoint);
            let back = ui.button(back).on_hover_text("Back to the pages  (Esc)");
            if back.clicked() {
                queue.push(Request::Leave);
            }
            ui.label(format!("Comparing {} pages", self.panes.len()));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let only = Action::KeepOnly;
                let only = ui.button(only.text()).on_hover_text(only.tooltip(ui.ctx()));
                if only.clicked() {
                    queue.push(Action::KeepOnly);
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let help = "Arrows choose the page that is decided about; scroll to zoom, \
                                drag to move, all in step";
                    ui.add(Label::new(RichText::new(help).weak()).truncate());
                });
            });
        });
    }

    fn keys(&mut self, ui: &Ui, queue: &mut Queue) {
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        if pressed(Key::ArrowRight) || pressed(Key::ArrowDown) {
            self.go_on();
        }
        if pressed(Key::ArrowLeft) || pressed(Key::ArrowUp) {
            self.focus = self.focus.saturating_sub(1);
        }
        if pressed(Key::Escape) {
            queue.push(Request::Leave);
        }
    }

    /// Draws a page; true if it is to be drawn at another size.
    fn pane(
        &mut self,
        ui: &mut Ui,
        (at, rect): (usize, Rect),
        sheet: &Sheet,
        textures: &mut Textures,
        findings: bool,
        queue: &mut Queue,
    ) -> bool {
        let focused = at == self.focus;
        let (id, pane) = &mut self.panes[at];
        let Some(page) = sheet.page(*id) else {
            return false;
        };
        let palette = Palette::of(ui);
        let (line, width) = match focused {
            true => (palette.accent, 2.0),
            false => (palette.line, 1.0),
        };
        ui.painter()
            .rect_stroke(rect, 4, Stroke::new(width, line), StrokeKind::Inside);
        let inside = UiBuilder::new()
            .id_salt(("compared", at))
            .max_rect(rect.shrink(6.0));
        let mut is_new = false;
        ui.scope_builder(inside, |ui| {
            ui.allocate_ui(vec2(ui.available_width(), ROW), |ui| {
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let said = deciding::in_words(&sheet.decision(*id)).join(", ");
                    let ruling = sheet.decision(*id).ruling;
                    let colour = ruling.map_or(palette.dim, |of| deciding::colour(&palette, of));
                    let icon = ruling.map_or("", deciding::icon);
                    let said = format!("{icon} {said}");
                    if said.len() > 1 {
                        ui.add(Label::new(RichText::new(said).color(colour)).truncate());
                    }
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                        let name = RichText::new(sheet.name_of(*id));
                        ui.add(Label::new(if focused { name.strong() } else { name }).truncate());
                    });
                });
            });
            pane.set_lens(self.lens);
            let thumbnail = textures.get(*id, page.measurements.is_some());
            let shown = sheet.shown_over_pages(findings);
            let (wanted, response) = pane.ui(ui, page, thumbnail, shown, queue);
            is_new = wanted.is_some();
            let name = sheet.name_of(*id);
            response.widget_info(|| WidgetInfo::selected(Role::Image, true, focused, &name));
            if response.contains_pointer() || response.dragged() {
                self.lens = pane.lens();
            }
            if response.clicked() || response.dragged() {
                self.focus = at;
            }
        });
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DocumentId;

    fn pages(count: u32) -> Vec<PageId> {
        let page = |number| PageId {
            document: DocumentId(1),
            number,
        };
        (1..=count).map(page).collect()
    }

    #[test]
    fn two_to_four_pages_are_compared() {
        for (count, can) in [(0, false), (1, false), (2, true), (4, true), (5, false)] {
            assert_eq!(Compare::new(pages(count), None).is_some(), can, "{count}");
        }
    }

    #[test]
    fn the_focus_goes_on_and_stays_on_the_last() {
        let three = pages(3);
        let mut compare = Compare::new(three.clone(), Some(three[1])).unwrap();
        assert_eq!(compare.focused(), three[1]);
        assert_eq!(compare.others(), [three[0], three[2]]);
        compare.go_on();
        compare.go_on();
        assert_eq!(compare.focused(), three[2]);
    }
}
