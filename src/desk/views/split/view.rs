//! Pages in order with cuts between them. Only what is on screen is built. Not
//! for rules and for writing (`panel`).

use std::collections::HashSet;

use eframe::egui::scroll_area::{DragScroll, ScrollSource};
use eframe::egui::{
    self, Align, Align2, Button, Color32, CursorIcon, FontId, Id, Key, Label, Modifiers, Pos2,
    Rect, RichText, Role, ScrollArea, Sense, Stroke, StrokeKind, TextEdit, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};
use egui_material_icons::icons;

use super::super::grid::{paint_decision, paint_page, picture_rect};
use super::Split;
use super::editor::Place;
use super::offers;
use crate::desk::requests::{Queue, Request};
use crate::desk::sheet::Sheet;
use crate::desk::textures::Textures;
use crate::desk::theme::{CELL_CORNER, Palette, ROW, small};
use crate::desk::views::page_menu;
use crate::desk::{is_on_screen, words};
use crate::model::{DocumentId, FailureKind, Page, PageId};
use crate::names;

/// Room between pictures, where cuts are made.
const GAP: f32 = 20.0;
const CAPTION: f32 = 20.0;

/// Room below the pages of a part.
const BELOW: f32 = 12.0;

/// Rows beyond the screen that are laid out as well.
const AHEAD: f32 = 200.0;

/// Room that is kept beside the name of a part for what is said of it, and that of a letter of
/// the name, points.
const FACTS: f32 = 150.0;
const LETTER: f32 = 8.0;

/// Near the edge, in points, a dragged page scrolls the view, by so much a frame.
const EDGE: f32 = 48.0;
const SCROLL_STEP: f32 = 14.0;

/// What the view remembers between frames.
#[derive(Default)]
pub struct View {
    /// Bring the cursor into view.
    pub follow_cursor: bool,
    /// The part whose name is being typed.
    renaming: Option<(usize, String)>,
    /// Pages under the pointer that are being dragged.
    pub dragged: Option<HashSet<PageId>>,
    /// The pile that the pointer is on.
    pub over_pile: Option<String>,
    /// The name of a pile that is being typed.
    pub new_pile: String,
    /// How cells were laid out last.
    layout: Option<Layout>,
    /// The page that stays where it is when they are laid out otherwise, and how far below
    /// the upper edge it is, points.
    held: Option<(PageId, f32)>,
    /// The document that was chosen in the list.
    document: Option<DocumentId>,
}

impl View {
    /// Lets a person type a part's name.
    pub fn begin_rename(&mut self, part: usize, names: &[String]) {
        let name = names.get(part).map(String::as_str).unwrap_or_default();
        self.renaming = Some((part, names::file(name).to_owned()));
    }
}

/// What a person did in this frame, done after everything is drawn.
enum Deed {
    ToggleCut(Place),
    Join(usize),
    Rename(usize, Option<String>),
    PutOnPile(usize, Option<String>),
    Click(PageId),
    Drag(PageId),
    Restore(PageId),
    LeaveOut(HashSet<PageId>),
    Ask(Request),
}

/// Where cells are: the same for all groups.
#[derive(Clone, Copy, PartialEq)]
struct Layout {
    side: f32,
    columns: usize,
}

impl Layout {
    fn step(self) -> (f32, f32) {
        (self.side + GAP, self.side + CAPTION + 8.0)
    }

    fn height(self, pages: usize) -> f32 {
        ROW + pages.div_ceil(self.columns) as f32 * self.step().1 + BELOW
    }

    fn cell(self, corner: Pos2, index: usize) -> Rect {
        let (width, height) = self.step();
        let (row, column) = (index / self.columns, index % self.columns);
        let min = pos2(
            corner.x + GAP / 2.0 + column as f32 * width,
            corner.y + ROW + row as f32 * height,
        );
        Rect::from_min_size(min, vec2(self.side, self.side + CAPTION))
    }
}

impl Split {
    /// Draws the pages; returns those on screen, in order.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        sheet: &Sheet,
        textures: &mut Textures,
        side: f32,
        queue: &mut Queue,
    ) -> Vec<PageId> {
        let mut on_screen = Vec::new();
        let mut deeds = Vec::new();
        self.go_to_document(sheet);
        let columns = ((ui.available_width() - GAP) / (side + GAP))
            .floor()
            .max(1.0) as usize;
        let layout = Layout { side, columns };
        let held = self.view.held.filter(|_| self.view.layout != Some(layout));
        self.view.layout = Some(layout);
        self.cursor_keys(ui);
        let screen = ui.available_rect_before_wrap();
        // Dragging is for pages here.
        let source = ScrollSource {
            drag: DragScroll::Never,
            ..ScrollSource::ALL
        };
        let mut marker = None;
        let mut area = ScrollArea::vertical()
            .auto_shrink(false)
            .scroll_source(source);
        // In a window of another size, pages lie in other rows.
        if let Some((page, below)) = held
            && let Some(top) = self.top_of(page, layout)
        {
            area = area.vertical_scroll_offset((top - below).max(0.0));
        }
        let mut scrolled = 0.0;
        area.show_viewport(ui, |ui, viewport| {
            scrolled = viewport.min.y;
            let parts = self.editor.parts();
            let mut total: f32 = parts.iter().map(|p| layout.height(p.pages.len())).sum();
            let left_out = self.editor.excluded().len();
            if left_out > 0 {
                total += layout.height(left_out);
            }
            ui.set_height(total.max(1.0));
            self.scroll_to_cursor(ui, layout);
            self.auto_scroll(ui, screen);
            let pointer = ui.input(|input| input.pointer.interact_pos());
            let origin = ui.min_rect().min;
            let (above, below) = (viewport.min.y - AHEAD, viewport.max.y + AHEAD);
            let mut top = 0.0;
            for part in 0..self.editor.parts().len() {
                let height = layout.height(self.editor.parts()[part].pages.len());
                if top + height >= above && top <= below {
                    let corner = pos2(origin.x, origin.y + top);
                    self.heading(ui, sheet, part, corner, &mut deeds);
                    let found = self.part(
                        ui,
                        sheet,
                        textures,
                        (part, corner, layout),
                        &mut deeds,
                        &mut on_screen,
                    );
                    let area = Rect::from_min_size(corner, vec2(ui.available_width(), height));
                    if self.view.dragged.is_some()
                        && let Some(pointer) = pointer.filter(|p| area.contains(*p))
                    {
                        marker = Some(nearest_gap(layout, corner, part, found, pointer));
                    }
                }
                top += height;
            }
            if left_out > 0 && top <= below {
                let corner = pos2(origin.x, origin.y + top);
                self.left_out(
                    ui,
                    sheet,
                    textures,
                    (corner, layout),
                    &mut deeds,
                    &mut on_screen,
                );
            }
            if let Some((_, line)) = marker {
                let colour = Palette::of(ui).accent;
                ui.painter().rect_filled(line, 2, colour);
            }
        });
        self.hold(&on_screen, scrolled, layout);
        self.drag(ui, marker.map(|(place, _)| place));
        self.carry_out(ui, deeds, queue);
        on_screen
    }

    /// A document that is chosen in the list is brought into view; all stay in
    /// their order.
    fn go_to_document(&mut self, sheet: &Sheet) {
        let chosen = sheet.filter.document;
        if self.view.document == chosen {
            return;
        }
        self.view.document = chosen;
        let parts = self.editor.parts().iter();
        let mut pages = parts.flat_map(|part| part.pages.iter().map(|planned| planned.page));
        if let Some(first) = chosen.and_then(|id| pages.find(|page| page.document == id)) {
            self.select(first, false, false);
            self.view.follow_cursor = true;
        }
    }

    /// The name of a part and why it begins here.
    fn heading(
        &mut self,
        ui: &mut Ui,
        sheet: &Sheet,
        part: usize,
        corner: Pos2,
        deeds: &mut Vec<Deed>,
    ) {
        let palette = Palette::of(ui);
        let rect = Rect::from_min_size(corner, vec2(ui.available_width(), ROW));
        if !is_on_screen(ui, rect) {
            return;
        }
        ui.painter()
            .hline(rect.x_range(), rect.top(), Stroke::new(1.0, palette.line));
        let planned = &self.editor.parts()[part];
        let pages = planned.pages.len() as u64;
        let reason = planned.reason.label();
        let own_name = planned.name.is_some();
        let size = self
            .forecast
            .as_ref()
            .filter(|forecast| forecast.version == self.editor.version)
            .and_then(|forecast| forecast.sizes.get(part));
        let names = self.names.names.as_deref().unwrap_or_default();
        let name = names.get(part).cloned().unwrap_or_default();
        let area = UiBuilder::new()
            .id_salt(("part", part))
            .max_rect(rect.shrink2(vec2(GAP / 2.0, 2.0)))
            .layout(egui::Layout::right_to_left(Align::Center));
        let mut child = ui.new_child(area);
        // At the right first: what can be done is never cut off, what is said may be.
        if part > 0 {
            let join = format!("{}  Join", icons::ICON_CALL_MERGE.codepoint);
            let button = Button::new(join).frame_when_inactive(false);
            let help = "Join this part to the one before  (C on its first page)";
            if child.add(button).on_hover_text(help).clicked() {
                deeds.push(Deed::Join(part));
            }
        }
        if let Some(pile) = self.pile_menu(&mut child, part) {
            deeds.push(Deed::PutOnPile(part, pile));
        }
        if matches!(size, Some(Err(FailureKind::NeedsPassword)))
            && child.button("Type the password…").clicked()
        {
            let mut documents = planned.pages.iter().map(|planned| planned.page.document);
            let is_encrypted = |id: &DocumentId| sheet.document(*id).is_some_and(|d| d.encrypted);
            let asks = Request::AskForPasswords(documents.find(is_encrypted));
            deeds.push(Deed::Ask(asks));
        }
        let area = UiBuilder::new()
            .id_salt(("name of a part", part))
            .max_rect(child.available_rect_before_wrap())
            .layout(egui::Layout::left_to_right(Align::Center));
        let mut child = child.new_child(area);
        let room = child.available_width();
        if let Some((renamed, typed)) = &mut self.view.renaming
            && *renamed == part
        {
            let width = (room - FACTS).clamp(120.0, 320.0);
            let edit = child.add(TextEdit::singleline(typed).desired_width(width));
            if !edit.lost_focus() && !edit.has_focus() {
                edit.request_focus();
            }
            if edit.lost_focus() {
                let escaped = child.input(|input| input.key_pressed(Key::Escape));
                let typed = typed.trim().to_owned();
                if !escaped && typed != names::file(&name) {
                    deeds.push(Deed::Rename(part, (!typed.is_empty()).then_some(typed)));
                }
                self.view.renaming = None;
            }
        } else {
            let letters = ((room - FACTS) / LETTER).clamp(12.0, 60.0) as usize;
            let text = RichText::new(names::cut_middle(&name, letters)).strong();
            let label = Label::new(text).sense(Sense::click());
            let help = if own_name {
                "Named by hand. Click to rename; leave it empty for the template's name."
            } else {
                "Click to rename this part  (F2)"
            };
            let response = child.add(label).on_hover_text(help);
            let mut renames = response.clicked();
            let first = self.editor.parts()[part].pages.first();
            let document = first.map(|planned| planned.page.document);
            response.context_menu(|ui| {
                renames |= ui.button("Rename").clicked();
                if let Some(document) = document {
                    self.leave_out_menu(ui, part, document, deeds);
                }
            });
            if renames {
                self.view.renaming = Some((part, names::file(&name).to_owned()));
            }
        }
        child.add_space(6.0);
        let first = self.editor.parts()[part].pages.first();
        let holder = first.and_then(|planned| sheet.collection.holder(planned.page.document));
        let mut facts = words::counted(pages, "page", "pages");
        match size {
            Some(Ok(bytes)) => facts = format!("{facts}  {}", words::size(*bytes)),
            Some(Err(kind)) => {
                let why = RichText::new(kind.explanation()).color(palette.bad);
                child.add(Label::new(why).truncate());
            }
            None => {}
        }
        facts = format!("{facts}  · {reason}");
        if let Some(holder) = holder {
            facts = format!("{facts}  · attached to {}", names::file(&holder.name));
        }
        child.add(Label::new(RichText::new(facts).weak()).truncate());
    }

    /// The pages of a part and the gaps between them. Returns how many there are.
    fn part(
        &self,
        ui: &mut Ui,
        sheet: &Sheet,
        textures: &mut Textures,
        (part, corner, layout): (usize, Pos2, Layout),
        deeds: &mut Vec<Deed>,
        on_screen: &mut Vec<PageId>,
    ) -> usize {
        let planned = std::sync::Arc::clone(&self.editor.parts()[part]);
        for (index, page) in planned.pages.iter().enumerate() {
            let rect = layout.cell(corner, index);
            if !is_on_screen(ui, rect.expand(GAP)) {
                continue;
            }
            let Some(known) = sheet.page(page.page).cloned() else {
                continue;
            };
            on_screen.push(page.page);
            if index > 0 {
                self.gap(ui, rect, Place { part, page: index }, &known, deeds);
            }
            let name = sheet
                .document(page.page.document)
                .map_or("", |d| d.name.as_str());
            let label = format!("{name}, page {}", page.page.number);
            let label = match offers::is_separator(sheet, page.page) {
                true => format!("{label}, separator sheet"),
                false => label,
            };
            self.cell(
                ui,
                (sheet, textures),
                &known,
                page.turn,
                (rect, &label),
                deeds,
            );
        }
        planned.pages.len()
    }

    /// The room before a page: a click cuts there.
    fn gap(&self, ui: &Ui, cell: Rect, place: Place, page: &Page, deeds: &mut Vec<Deed>) {
        let left = pos2(cell.left() - GAP + 1.0, cell.top());
        let rect = Rect::from_min_size(left, vec2(GAP - 2.0, cell.height() - CAPTION));
        let id = Id::unique(("gap", page.id, place.part));
        let response = ui.interact(rect, id, Sense::click());
        let number = page.id.number;
        response.widget_info(|| {
            WidgetInfo::labeled(Role::Button, true, format!("Cut before page {number}"))
        });
        if response.hovered() && self.view.dragged.is_none() {
            let palette = Palette::of(ui);
            let x = rect.center().x;
            let line = Stroke::new(2.0, palette.accent);
            ui.painter().vline(x, rect.y_range(), line);
            let middle = pos2(x, rect.center().y);
            ui.painter().circle_filled(middle, 11.0, palette.panel);
            let icon = icons::ICON_CONTENT_CUT.codepoint;
            let font = FontId::proportional(16.0);
            ui.painter()
                .text(middle, Align2::CENTER_CENTER, icon, font, palette.accent);
            ui.set_cursor_icon(CursorIcon::PointingHand);
        }
        let response = response.on_hover_text(format!("Cut before page {number}  (C)"));
        if response.clicked() {
            deeds.push(Deed::ToggleCut(place));
        }
    }

    fn cell(
        &self,
        ui: &Ui,
        (sheet, textures): (&Sheet, &mut Textures),
        page: &Page,
        turn: u16,
        (rect, label): (Rect, &str),
        deeds: &mut Vec<Deed>,
    ) {
        let selected = self.selection.contains(&page.id);
        let id = Id::unique(("page in a part", page.id));
        let response = ui.interact(rect, id, Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::selected(Role::GridCell, true, selected, label));
        let palette = Palette::of(ui);
        let area = Rect::from_min_size(rect.min, vec2(layout_side(rect), layout_side(rect)));
        let dragged = self
            .view
            .dragged
            .as_ref()
            .is_some_and(|d| d.contains(&page.id));
        let picture = turned_picture(ui, textures, page, turn, area);
        if dragged {
            let veil = palette.ground.gamma_multiply(0.7);
            ui.painter().rect_filled(picture, 0, veil);
        }
        let edge = |by: f32, width: f32, colour: Color32| {
            let stroke = Stroke::new(width, colour);
            ui.painter()
                .rect_stroke(picture.expand(by), CELL_CORNER, stroke, StrokeKind::Middle);
        };
        if selected {
            edge(3.0, 2.0, palette.accent);
        } else if response.hovered() {
            edge(3.0, 1.0, palette.dim);
        }
        if self.selection.cursor() == Some(page.id) {
            edge(6.0, 1.0, palette.accent);
        }
        paint_decision(ui.painter(), &palette, picture, &sheet.decision(page.id));
        let words = match turn {
            0 => page.id.number.to_string(),
            turn => format!("{} · {turn}°", page.id.number),
        };
        let number = ui.painter().text(
            pos2(rect.center().x, rect.bottom() - CAPTION / 2.0 + 2.0),
            Align2::CENTER_CENTER,
            words,
            small(),
            if selected { palette.text } else { palette.dim },
        );
        if offers::is_separator(sheet, page.id) {
            ui.painter().text(
                pos2(number.right() + 6.0, number.center().y),
                Align2::LEFT_CENTER,
                icons::ICON_HORIZONTAL_SPLIT.codepoint,
                FontId::proportional(13.0),
                palette.accent,
            );
        }
        if response.secondary_clicked() && !selected {
            deeds.push(Deed::Click(page.id));
        }
        response.context_menu(|ui| self.cell_menu(ui, sheet, page.id, deeds));
        if response.double_clicked() {
            deeds.push(Deed::Ask(Request::Open(page.id)));
        } else if response.drag_started() {
            deeds.push(Deed::Drag(page.id));
        } else if response.clicked() {
            deeds.push(Deed::Click(page.id));
        }
        response.on_hover_text(format!(
            "{label}\nDrag to move, Delete to leave out, [ ] to turn"
        ));
    }

    /// What can be done with a page, its part and its document.
    fn cell_menu(&self, ui: &mut Ui, sheet: &Sheet, page: PageId, deeds: &mut Vec<Deed>) {
        let Some(place) = self.editor.place_of(page) else {
            return;
        };
        if ui.button("Open page").clicked() {
            deeds.push(Deed::Ask(Request::Open(page)));
        }
        let cut = match place.page {
            0 => "Join to the part before",
            _ => "Begin a part here",
        };
        let is_possible = place != Place { part: 0, page: 0 };
        if ui.add_enabled(is_possible, Button::new(cut)).clicked() {
            deeds.push(Deed::ToggleCut(place));
        }
        ui.separator();
        let chosen = match self.selection.contains(&page) {
            true => self.selection.items().clone(),
            false => HashSet::from([page]),
        };
        let pages = words::counted(chosen.len() as u64, "page", "pages");
        if ui.button(format!("Leave out {pages}")).clicked() {
            deeds.push(Deed::LeaveOut(chosen));
        }
        self.leave_out_menu(ui, place.part, page.document, deeds);
        ui.separator();
        let mut queue = Queue::default();
        page_menu::document_entries(ui, sheet, page.document, &mut queue);
        deeds.extend(std::iter::from_fn(|| queue.next()).map(Deed::Ask));
    }

    /// Leaving out a part or a document.
    fn leave_out_menu(
        &self,
        ui: &mut Ui,
        part: usize,
        document: DocumentId,
        deeds: &mut Vec<Deed>,
    ) {
        let all = || self.editor.parts().iter().flat_map(|part| &part.pages);
        if ui.button("Leave out this part").clicked() {
            let pages = self.editor.parts()[part].pages.iter();
            deeds.push(Deed::LeaveOut(pages.map(|planned| planned.page).collect()));
        }
        if ui.button("Leave out the whole document").clicked() {
            let of_it = all().filter(|planned| planned.page.document == document);
            deeds.push(Deed::LeaveOut(of_it.map(|planned| planned.page).collect()));
        }
    }

    /// Pages that are in no part, and why.
    fn left_out(
        &self,
        ui: &mut Ui,
        sheet: &Sheet,
        textures: &mut Textures,
        (corner, layout): (Pos2, Layout),
        deeds: &mut Vec<Deed>,
        on_screen: &mut Vec<PageId>,
    ) {
        let palette = Palette::of(ui);
        let excluded = self.editor.excluded();
        let text = format!(
            "Left out: {}. Click a page to take it back in.",
            words::counted(excluded.len() as u64, "page", "pages")
        );
        ui.painter().hline(
            corner.x..=corner.x + ui.available_width(),
            corner.y,
            Stroke::new(1.0, palette.line),
        );
        ui.painter().text(
            pos2(corner.x + GAP / 2.0, corner.y + ROW / 2.0),
            Align2::LEFT_CENTER,
            text,
            FontId::proportional(13.5),
            palette.dim,
        );
        for (index, page) in excluded.iter().enumerate() {
            let rect = layout.cell(corner, index);
            let Some(known) = sheet.page(page.page).cloned() else {
                continue;
            };
            if !is_on_screen(ui, rect) {
                continue;
            }
            on_screen.push(page.page);
            let id = Id::unique(("page left out", page.page));
            let response = ui.interact(rect, id, Sense::click());
            let label = format!(
                "Page {} is left out: {}",
                page.page.number,
                page.reason.label()
            );
            response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
            let area = Rect::from_min_size(rect.min, vec2(layout.side, layout.side));
            let picture = turned_picture(ui, textures, &known, 0, area);
            let veil = palette.ground.gamma_multiply(0.6);
            ui.painter().rect_filled(picture, 0, veil);
            let below = pos2(rect.center().x, rect.bottom() - CAPTION / 2.0 + 2.0);
            let number = ui.painter().text(
                below,
                Align2::CENTER_CENTER,
                page.page.number,
                small(),
                palette.dim,
            );
            let through = Stroke::new(1.0, palette.dim);
            ui.painter()
                .hline(number.expand(3.0).x_range(), number.center().y, through);
            if response.on_hover_text(label).clicked() {
                deeds.push(Deed::Restore(page.page));
            }
        }
    }

    /// Follows a drag to its end. Escape gives it up.
    fn drag(&mut self, ui: &Ui, marker: Option<Place>) {
        let Some(dragged) = &self.view.dragged else {
            return;
        };
        ui.set_cursor_icon(CursorIcon::Grabbing);
        if ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
            self.view.dragged = None;
            ui.ctx().stop_dragging();
            return;
        }
        if ui.input(|input| input.pointer.any_released()) {
            let dragged = dragged.clone();
            if let Some(pile) = self.view.over_pile.take() {
                self.editor.put_on_pile(&dragged, Some(&pile));
            } else if let Some(place) = marker {
                self.editor.move_to(&dragged, place);
            }
            self.view.dragged = None;
        }
    }

    fn auto_scroll(&self, ui: &Ui, screen: Rect) {
        if self.view.dragged.is_none() {
            return;
        }
        let Some(pointer) = ui.input(|input| input.pointer.hover_pos()) else {
            return;
        };
        if pointer.y < screen.top() + EDGE {
            ui.scroll_with_delta(vec2(0.0, SCROLL_STEP));
        } else if pointer.y > screen.bottom() - EDGE {
            ui.scroll_with_delta(vec2(0.0, -SCROLL_STEP));
        }
        ui.request_repaint();
    }

    fn scroll_to_cursor(&mut self, ui: &Ui, layout: Layout) {
        if !std::mem::take(&mut self.view.follow_cursor) {
            return;
        }
        let cursor = self.selection.cursor();
        if let Some(place) = cursor.and_then(|page| self.editor.place_of(page)) {
            let corner = ui.min_rect().min + vec2(0.0, self.top_of_part(place.part, layout));
            ui.scroll_to_rect(layout.cell(corner, place.page).expand(ROW), None);
        }
    }

    /// Holds the page under the cursor, or else the first on screen, where it is.
    fn hold(&mut self, on_screen: &[PageId], scrolled: f32, layout: Layout) {
        let cursor = self.selection.cursor();
        let cursor = cursor.filter(|cursor| on_screen.contains(cursor));
        let page = cursor.or(on_screen.first().copied());
        let top = page.and_then(|page| Some((page, self.top_of(page, layout)?)));
        self.view.held = top.map(|(page, top)| (page, top - scrolled));
    }

    /// Where a part begins, from the first on, points.
    fn top_of_part(&self, part: usize, layout: Layout) -> f32 {
        let before = self.editor.parts()[..part].iter();
        before.map(|part| layout.height(part.pages.len())).sum()
    }

    /// Where the cell of a page begins; none where it is left out.
    fn top_of(&self, page: PageId, layout: Layout) -> Option<f32> {
        let place = self.editor.place_of(page)?;
        let corner = pos2(0.0, self.top_of_part(place.part, layout));
        Some(layout.cell(corner, place.page).top())
    }

    fn cursor_keys(&mut self, ui: &Ui) {
        if ui.ctx().text_edit_focused() {
            return;
        }
        let columns = self.view.layout.map_or(1, |layout| layout.columns) as isize;
        for (key, by) in [
            (Key::ArrowLeft, -1),
            (Key::ArrowRight, 1),
            (Key::ArrowUp, -columns),
            (Key::ArrowDown, columns),
            (Key::PageUp, -columns * 3),
            (Key::PageDown, columns * 3),
            (Key::Home, isize::MIN / 2),
            (Key::End, isize::MAX / 2),
        ] {
            for (modifiers, extend) in [(Modifiers::SHIFT, true), (Modifiers::NONE, false)] {
                if ui.input_mut(|input| input.consume_key(modifiers, key)) {
                    self.move_cursor(by, extend);
                }
            }
        }
    }

    fn carry_out(&mut self, ui: &Ui, deeds: Vec<Deed>, queue: &mut Queue) {
        for deed in deeds {
            match deed {
                Deed::ToggleCut(place) => self.editor.toggle_cut(place),
                Deed::Join(part) => self.editor.join(part),
                Deed::Rename(part, name) => self.editor.rename(part, name),
                Deed::PutOnPile(part, pile) => {
                    let pages = self.editor.parts()[part].pages.iter();
                    let pages = pages.map(|planned| planned.page).collect();
                    self.editor.put_on_pile(&pages, pile.as_deref());
                }
                Deed::LeaveOut(pages) => self.editor.exclude(&pages),
                Deed::Ask(request) => queue.push(request),
                Deed::Restore(page) => self.editor.restore(&HashSet::from([page])),
                Deed::Drag(page) => {
                    if !self.selection.contains(&page) {
                        self.select(page, false, false);
                    }
                    self.view.dragged = Some(self.selection.items().clone());
                }
                Deed::Click(page) => {
                    let modifiers = ui.input(|input| input.modifiers);
                    self.select(page, modifiers.shift, modifiers.command);
                }
            }
        }
    }
}

fn layout_side(cell: Rect) -> f32 {
    cell.width()
}

/// A page's picture, turned as it will be, and where it is.
fn turned_picture(ui: &Ui, textures: &mut Textures, page: &Page, turn: u16, area: Rect) -> Rect {
    let texture = textures.get(page.id, page.measurements.is_some());
    let mut shown = page.clone();
    if turn % 180 == 90 {
        std::mem::swap(&mut shown.shape.width, &mut shown.shape.height);
    }
    let picture = picture_rect(ui, &shown, area);
    match texture {
        Some(placed) if turn != 0 => {
            use eframe::egui::emath::Rot2;
            // Drawn upright about the same middle, then turned.
            let upright = picture_rect(ui, page, area);
            let mut mesh = eframe::egui::Mesh::with_texture(placed.texture);
            mesh.add_rect_with_uv(upright, placed.uv, Color32::WHITE);
            mesh.rotate(
                Rot2::from_angle(f32::from(turn).to_radians()),
                upright.center(),
            );
            ui.painter().add(eframe::egui::Shape::mesh(mesh));
            let stroke = Stroke::new(1.0, Palette::of(ui).line);
            ui.painter()
                .rect_stroke(picture, 0, stroke, StrokeKind::Outside);
        }
        texture => paint_page(ui, &shown, picture, texture),
    }
    picture
}

/// The gap of a part that is nearest to the pointer, and the line that marks it.
fn nearest_gap(
    layout: Layout,
    corner: Pos2,
    part: usize,
    pages: usize,
    pointer: Pos2,
) -> (Place, Rect) {
    let (width, height) = layout.step();
    let row = (((pointer.y - corner.y - ROW) / height).floor().max(0.0)) as usize;
    let row = row.min(pages.saturating_sub(1) / layout.columns);
    let column = ((pointer.x - corner.x) / width).round().max(0.0) as usize;
    let column = column.min(layout.columns);
    let page = (row * layout.columns + column).min(pages);
    let column = page - row * layout.columns;
    let x = corner.x + column as f32 * width;
    let y = corner.y + ROW + row as f32 * height;
    let line = Rect::from_min_size(pos2(x - 1.5 + 1.0, y), vec2(3.0, layout.side));
    (Place { part, page }, line)
}
