//! The middle of the window: the view that was chosen, what is shown large over it, or the
//! way in. How each view looks is in its own module.

use eframe::egui::{self, CentralPanel, Frame, Id, Key, Modifiers, Panel, RichText, Ui, UiBuilder};
use egui_material_icons::icons;

use super::Desk;
use crate::desk::actions::Action;
use crate::desk::large::filmstrip;
use crate::desk::panels::deciding;
use crate::desk::requests::Request;
use crate::desk::sheet::Sheet;
use crate::desk::theme::Palette;
use crate::desk::views::page_menu;
use crate::desk::views::{Scene, View, Views};
use crate::desk::words;
use crate::model::PageId;

impl Desk {
    /// The views, and what they are drawn with.
    fn scene(&mut self) -> (&mut Views, Scene<'_>) {
        let scene = Scene {
            model: &mut self.model,
            choices: &mut self.choices,
            pictures: &mut self.pictures,
            seen: &mut self.seen,
            unlocking: &mut self.dialogs.unlocking,
            queue: &mut self.queue,
        };
        (&mut self.views, scene)
    }

    pub(super) fn middle(&mut self, ui: &mut Ui) {
        let ground = Palette::of(ui).ground;
        CentralPanel::default()
            .frame(Frame::new().fill(ground).inner_margin(12))
            .show(ui, |ui| {
                if self.model.sheet.is_none() {
                    let steps = &self.dialogs.first_steps;
                    steps.screen(ui, can_drop(), &mut self.queue);
                } else {
                    self.bars(ui);
                    // Bars come and go; what stands below them keeps its menus and drags.
                    let below = UiBuilder::new().scope_id(Id::unique("view"));
                    ui.scope_builder(below, |ui| match self.choices.opened {
                        _ if self.choices.judging.is_some() => self.judged_page(ui),
                        _ if self.choices.compare.is_some() => self.compared_pages(ui),
                        Some(page) => self.large_page(ui, page),
                        None => self.view(ui),
                    });
                }
            });
    }

    fn view(&mut self, ui: &mut Ui) {
        let view = self.choices.view();
        let (views, mut scene) = self.scene();
        views.get(view).ui(ui, &mut scene);
    }

    /// The panel at the right of a view that has one of its own.
    pub(super) fn panel_of_view(&mut self, ui: &mut Ui) {
        let view = self.choices.view();
        let (views, mut scene) = self.scene();
        views.get(view).panel(ui, &mut scene);
    }

    /// What stands above pages: deciding, and why not all of them are shown.
    fn bars(&mut self, ui: &mut Ui) {
        // What was decided is not for who judges.
        if self.choices.judging.is_some() {
            return;
        }
        let decides = self.choices.view().about().decides;
        let is_large = self.choices.is_large();
        if is_large || decides {
            self.deciding_bar(ui);
        }
        if let Some(sheet) = &mut self.model.sheet
            && !is_large
        {
            let sorts = self.choices.view() == View::Table;
            only_some(ui, sheet, decides, sorts);
        }
    }

    /// The bar above pages.
    fn deciding_bar(&mut self, ui: &mut Ui) {
        let Some(sheet) = &self.model.sheet else {
            return;
        };
        if sheet.page_count() == 0 {
            return;
        }
        let piles = self.choices.piles(Some(sheet));
        // Of several documents nothing can be told at once.
        let of_documents = self.choices.view() == View::Documents && self.choices.opened.is_none();
        let page = sheet.selection.cursor().filter(|_| !of_documents);
        let settings = self.choices.settings_mut();
        let (presets, go_on) = (&settings.presets, &mut settings.go_on);
        deciding::ui(ui, sheet, page, &piles, presets, go_on, &mut self.queue);
        ui.add_space(6.0);
    }

    /// A page of the sample.
    fn judged_page(&mut self, ui: &mut Ui) {
        let Some(sheet) = &self.model.sheet else {
            return;
        };
        let (Some(judging), Some(sample)) = (
            &mut self.choices.judging,
            self.dialogs.sample.of(sheet.id()),
        ) else {
            self.choices.judging = None;
            return;
        };
        judging.ui(
            ui,
            sheet,
            sample,
            &mut self.pictures.textures,
            &mut self.queue,
        );
    }

    /// Pages side by side.
    fn compared_pages(&mut self, ui: &mut Ui) {
        let (Some(compare), Some(sheet)) = (&mut self.choices.compare, &mut self.model.sheet)
        else {
            return;
        };
        let findings = self.choices.kept.settings.overlays;
        let (textures, queue) = (&mut self.pictures.textures, &mut self.queue);
        // Of pages that have gone none has the focus.
        if !compare.ui(ui, sheet, textures, findings, queue) {
            queue.push(Request::Leave);
            return;
        }
        self.seen.readable = compare.pages();
        // What is said of it stands in the bar above.
        sheet.selection.put_cursor(compare.focused());
    }

    fn large_page(&mut self, ui: &mut Ui, id: PageId) {
        let Some(sheet) = &mut self.model.sheet else {
            return;
        };
        let Some(page) = sheet.page(id).cloned() else {
            self.choices.opened = None;
            return;
        };
        let mut leave = false;
        let mut by = 0;
        ui.horizontal(|ui| {
            let back = format!("{}  Back", icons::ICON_ARROW_BACK.codepoint);
            leave = ui
                .button(back)
                .on_hover_text("Back to the pages  (Esc)")
                .clicked();
            for (icon, name, step) in [
                (icons::ICON_CHEVRON_LEFT, "Previous page  (Left)", -1),
                (icons::ICON_CHEVRON_RIGHT, "Next page  (Right)", 1),
            ] {
                let response = ui.button(icon.codepoint);
                response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, name));
                if response.on_hover_text(name).clicked() {
                    by = step;
                }
            }
            let name = sheet.document(id.document).map_or("", |d| d.name.as_str());
            let turned = match self.pictures.large.turned(id) {
                0 => "",
                90 => ", turned right",
                180 => ", turned upside down",
                _ => ", turned left",
            };
            let title = format!("{name} · page {}{turned}", id.number);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if ui
                    .add_enabled(!self.pictures.large.is_fit(), egui::Button::new("Fit"))
                    .on_hover_text("Show the whole page  (0)")
                    .clicked()
                {
                    self.pictures.large.fit();
                }
                for (icon, name, turn) in [
                    (icons::ICON_ROTATE_RIGHT, "Turn right  (])", 90),
                    (icons::ICON_ROTATE_LEFT, "Turn left  ([)", 270),
                ] {
                    let response = ui.button(icon.codepoint);
                    let labelled = || egui::WidgetInfo::labeled(egui::Role::Button, true, name);
                    response.widget_info(labelled);
                    if response
                        .on_hover_text(format!("{name}; only here, the file stays as it is"))
                        .clicked()
                    {
                        self.pictures.large.turn(id, turn);
                    }
                }
                let strip = Action::ToggleFilmstrip;
                let icon = strip.info().icon.codepoint;
                let toggle = ui.toggle_value(&mut self.choices.kept.settings.filmstrip, icon);
                let labelled =
                    || egui::WidgetInfo::labeled(egui::Role::Button, true, strip.info().name);
                toggle.widget_info(labelled);
                toggle.on_hover_text(strip.tooltip(ui.ctx()));
                let findings = Action::ToggleOverlays;
                let icon = findings.info().icon.codepoint;
                ui.toggle_value(
                    &mut self.choices.kept.settings.overlays,
                    format!("{icon}  Findings"),
                )
                .on_hover_text(findings.tooltip(ui.ctx()));
                // What is left belongs to the title, which may be long.
                let left = egui::Layout::left_to_right(egui::Align::Center);
                ui.with_layout(left, |ui| {
                    ui.add(egui::Label::new(title).truncate()).on_hover_text(
                        "Scroll to zoom, drag to move. A drag over words marks them, and \
                             Ctrl+C copies them; the middle button always moves",
                    );
                });
            });
        });
        ui.add_space(8.0);
        if !ui.ctx().text_edit_focused() {
            let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
            // First it marks nothing any more.
            leave |= pressed(Key::Escape) && !self.pictures.large.unmark();
            if pressed(Key::ArrowRight) || pressed(Key::ArrowDown) || pressed(Key::PageDown) {
                by = 1;
            }
            for (key, turn) in [(Key::OpenBracket, 270), (Key::CloseBracket, 90)] {
                if pressed(key) {
                    self.pictures.large.turn(id, turn);
                }
            }
            if pressed(Key::ArrowLeft) || pressed(Key::ArrowUp) || pressed(Key::PageUp) {
                by = -1;
            }
        }
        let thumbnail = self.pictures.textures.get(id, page.measurements.is_some());
        let shown = sheet.shown_over_pages(self.choices.kept.settings.overlays);
        let mut near = vec![id];
        let mut chosen = None;
        if self.choices.kept.settings.filmstrip && ui.available_height() > 4.0 * filmstrip::HEIGHT {
            Panel::bottom("filmstrip")
                .exact_size(filmstrip::HEIGHT)
                .frame(Frame::new())
                .show_separator_line(false)
                .show(ui, |ui| {
                    let (pages, clicked) =
                        filmstrip::ui(ui, sheet, &mut self.pictures.textures, id);
                    near.extend(pages);
                    chosen = clicked;
                });
        }
        let queue = &mut self.queue;
        let (view, response) = self.pictures.large.ui(ui, &page, thumbnail, shown, queue);
        let picture = format!("Picture of page {}", id.number);
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, &picture));
        page_menu::on(&response, sheet, id, true, &mut self.queue);
        self.pictures.are_changed |= view.is_some();
        if by != 0 {
            sheet.selection.put_cursor(id);
            sheet.move_cursor(by, false);
            self.choices.opened = sheet.selection.cursor();
        }
        if leave {
            self.queue.push(Request::Leave);
        }
        if let Some(page) = chosen {
            self.queue.push(Request::GoTo(page));
        }
        self.seen.readable.push(id);
        self.seen.look_at(near, &mut self.queue);
    }
}

/// Says that pages are sorted otherwise than they lie, that only some are shown, and why; or
/// that a view shows all of them although a filter is on. Where a view `sorts`, the line is
/// always there: its headings are not to move away under the pointer.
fn only_some(ui: &mut Ui, sheet: &mut Sheet, is_filtered: bool, sorts: bool) {
    let reasons = sheet.reasons();
    let sorted = sheet.sorted_otherwise();
    if reasons.is_empty() && sorted.is_none() && !sorts {
        return;
    }
    ui.horizontal(|ui| {
        let warning = Palette::of(ui).warning;
        if reasons.is_empty() && sorted.is_none() {
            let all = words::counted(sheet.page_count() as u64, "page", "pages");
            ui.weak(format!("{all}, in the order of their documents"));
        }
        if let Some((field, descending)) = sorted {
            let order = match (descending, field.is_number()) {
                (false, _) => "",
                (true, true) => ", largest first",
                (true, false) => ", last first",
            };
            let clear = format!("{}  As they lie", icons::ICON_SORT.codepoint);
            let clear = ui
                .button(clear)
                .on_hover_text("Show pages in the order of their documents again");
            let said = format!("Sorted by {}{order}", field.column.heading);
            ui.label(RichText::new(said).color(warning));
            if clear.clicked() {
                sheet.sort_as_they_lie();
            }
        }
        if reasons.is_empty() {
            return;
        }
        let shown = words::grouped(sheet.order().len() as u64);
        let all = words::counted(sheet.page_count() as u64, "page", "pages");
        let clear = Action::ShowAll;
        let clear = ui.button(clear.text()).on_hover_text(clear.info().help);
        let reasons = reasons.join(", ");
        let said = match is_filtered {
            true => format!("{shown} of {all} shown: {reasons}"),
            false => format!("A filter is on ({reasons}); this view shows everything"),
        };
        ui.add(egui::Label::new(RichText::new(said).color(warning)).truncate());
        if clear.clicked() {
            sheet.show_all();
        }
    });
    ui.add_space(4.0);
}

/// On Wayland the window is never told of dropped files (winit#1881).
fn can_drop() -> bool {
    std::env::var_os("WAYLAND_DISPLAY").is_none_or(|display| display.is_empty())
}
