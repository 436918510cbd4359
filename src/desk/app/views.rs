//! The middle of the window: the view that was chosen, a page shown large, or the
//! way in. How each view looks is in its own module.

use eframe::egui::{
    self, CentralPanel, Frame, Id, Key, Margin, Modifiers, Panel, RichText, Ui, UiBuilder,
};
use egui_material_icons::icons;

use super::Desk;
use crate::desk::actions::Action;
use crate::desk::requests::{Queue, Request};
use crate::desk::settings::View;
use crate::desk::sheet::Sheet;
use crate::desk::split::Split;
use crate::desk::theme::Palette;
use crate::desk::unlocking::Unlocking;
use crate::desk::{dwelling, failures, filmstrip, page_menu, table, theme, words};
use crate::model::{Document, DocumentStatus, FailureKind, PageId};
use crate::triage::RunState;

impl Desk {
    pub(super) fn middle(&mut self, ui: &mut Ui) {
        let ground = Palette::of(ui).ground;
        CentralPanel::default()
            .frame(Frame::new().fill(ground).inner_margin(12))
            .show(ui, |ui| {
                if self.sheet.is_none() {
                    self.empty(ui);
                } else {
                    self.bars(ui);
                    // Bars come and go; what stands below them keeps its menus and drags.
                    let below = UiBuilder::new().scope_id(Id::unique("view"));
                    ui.scope_builder(below, |ui| match (self.opened, self.kept.settings.view) {
                        _ if self.judging.is_some() => self.judged_page(ui),
                        _ if self.compare.is_some() => self.compared_pages(ui),
                        (Some(page), _) => self.large_page(ui, page),
                        (None, View::Grid) => self.grid_view(ui),
                        (None, View::Table) => self.table_view(ui),
                        (None, View::Documents) => self.documents_view(ui),
                        (None, View::Failures) => self.failures_view(ui),
                        (None, View::Split) => self.split_view(ui),
                        (None, View::Duplicates) => self.duplicates_view(ui),
                    });
                }
            });
    }

    /// What stands above pages: deciding, and why not all of them are shown.
    fn bars(&mut self, ui: &mut Ui) {
        // What was decided is not for who judges.
        if self.judging.is_some() {
            return;
        }
        let view = self.kept.settings.view;
        let shows_pages = matches!(view, View::Grid | View::Table | View::Documents);
        let is_large = self.opened.is_some() || self.compare.is_some();
        if is_large || shows_pages {
            self.deciding_bar(ui);
        }
        if let Some(sheet) = &mut self.sheet
            && !is_large
        {
            only_some(ui, sheet, shows_pages);
        }
    }

    pub(super) fn empty(&mut self, ui: &mut Ui) {
        let palette = Palette::of(ui);
        ui.add_space((ui.available_height() * 0.28).max(24.0));
        let queue = &mut self.queue;
        ui.vertical_centered(|ui| {
            let icon = icons::ICON_PICTURE_AS_PDF.codepoint;
            ui.label(RichText::new(icon).size(64.0).color(palette.accent));
            ui.add_space(12.0);
            let title = if can_drop() {
                "Drop PDFs, folders or ZIP archives here"
            } else {
                "Choose PDFs or folders, or paste their paths"
            };
            ui.label(RichText::new(title).size(22.0));
            ui.add_space(4.0);
            ui.weak(
                "Every page is shown, measured and accounted for. Nothing leaves this machine.",
            );
            ui.add_space(20.0);
            ui.allocate_ui([320.0, theme::ROW].into(), |ui| {
                ui.horizontal(|ui| {
                    for choice in [Action::AddFiles, Action::AddFolder] {
                        let button =
                            egui::Button::new(choice.text()).min_size([152.0, 36.0].into());
                        if ui
                            .add(button)
                            .on_hover_text(choice.tooltip(ui.ctx()))
                            .clicked()
                        {
                            queue.push(choice);
                        }
                    }
                });
            });
            ui.add_space(12.0);
            ui.weak("On the command line: pagesieve process FOLDER");
        });
    }

    fn nothing_here(&mut self, ui: &mut Ui) {
        let Some(sheet) = &self.sheet else { return };
        nothing_to_show(ui, sheet, &mut self.unlocking, &mut self.queue);
    }

    pub(super) fn grid_view(&mut self, ui: &mut Ui) {
        let Some(sheet) = &mut self.sheet else { return };
        if sheet.order().is_empty() {
            self.nothing_here(ui);
            return;
        }
        let side = self.kept.settings.cell;
        let (textures, queue) = (&mut self.textures, &mut self.queue);
        let on_screen = self.grid.ui(ui, sheet, textures, side, queue);
        if side >= dwelling::READABLE {
            self.readable.clone_from(&on_screen);
        }
        self.look_at(on_screen);
    }

    pub(super) fn table_view(&mut self, ui: &mut Ui) {
        let Some(sheet) = &mut self.sheet else { return };
        if sheet.order().is_empty() && sheet.without_pages().next().is_none() {
            self.nothing_here(ui);
            return;
        }
        let (columns, follow) = (&mut self.kept.settings.columns, &mut self.table_follows);
        let on_screen = table::ui(ui, sheet, columns, follow, &mut self.queue);
        self.look_at(on_screen);
    }

    fn documents_view(&mut self, ui: &mut Ui) {
        let Some(sheet) = &mut self.sheet else { return };
        self.documents_table.ui(ui, sheet, &mut self.queue);
        // The inspector tells of the document by its first page.
        if let Some(document) = self.documents_table.cursor()
            && sheet.cursor.map(|page| page.document) != Some(document)
            && let Some(first) = sheet.pages_of(document).first()
        {
            sheet.cursor = Some(first.id);
        }
        // No page is on the screen: how many will change is said first.
        self.look_at(vec![]);
    }

    /// The rules and what else belongs beside the split view.
    pub(super) fn split_panel(&mut self, ui: &mut Ui) {
        let Some(batch) = self.sheet.as_ref().map(Sheet::id) else {
            return;
        };
        if self
            .split
            .as_ref()
            .is_none_or(|split| split.batch() != batch)
        {
            self.keep_split();
            let form = self.kept.settings.split.clone();
            let mut split = Split::new(batch, form);
            // What pages were put on while they were decided about.
            if let Some(sheet) = &self.sheet {
                split.form.piles = sheet.piles(&split.form.piles);
            }
            self.split = Some(split);
        }
        let (Some(sheet), Some(split)) = (&self.sheet, &mut self.split) else {
            return;
        };
        let frame = Frame::new()
            .fill(Palette::of(ui).panel)
            .inner_margin(Margin::symmetric(12, 8));
        Panel::right("split panel")
            .default_size(300.0)
            .size_range(260.0..=600.0)
            .frame(frame)
            .show(ui, |ui| split.panel(ui, sheet, &mut self.queue));
        if self.kept.settings.split != split.form {
            self.kept.settings.split = split.form.clone();
        }
    }

    /// Has an edited plan kept before it goes from here.
    pub(super) fn keep_split(&mut self) {
        if let Some(keep) = self.split.as_mut().and_then(Split::keep) {
            self.session.send(keep);
        }
    }

    pub(super) fn split_view(&mut self, ui: &mut Ui) {
        let (Some(sheet), Some(split)) = (&self.sheet, &mut self.split) else {
            return;
        };
        let side = self.kept.settings.cell;
        let on_screen = split.ui(ui, sheet, &mut self.textures, side, &mut self.queue);
        self.look_at(on_screen);
    }

    pub(super) fn failures_view(&mut self, ui: &mut Ui) {
        let Some(sheet) = &self.sheet else { return };
        let (unlocking, queue) = (&mut self.unlocking, &mut self.queue);
        failures::ui(ui, sheet, &self.replays, unlocking, queue);
    }

    pub(super) fn duplicates_view(&mut self, ui: &mut Ui) {
        let sheet = self.sheet.as_ref();
        let progress = sheet.and_then(|sheet| sheet.progress.as_ref());
        let more_to_come = progress.is_some_and(|progress| progress.state != RunState::Finished);
        let queue = &mut self.queue;
        self.duplicates.ui(ui, sheet, more_to_come, queue);
    }

    /// A page of the sample.
    fn judged_page(&mut self, ui: &mut Ui) {
        let Some(sheet) = &self.sheet else { return };
        let (Some(judging), Some(sample)) = (&mut self.judging, self.sample.of(sheet.id())) else {
            self.judging = None;
            return;
        };
        judging.ui(ui, sheet, sample, &mut self.textures, &mut self.queue);
    }

    /// Pages side by side.
    fn compared_pages(&mut self, ui: &mut Ui) {
        let (Some(compare), Some(sheet)) = (&mut self.compare, &mut self.sheet) else {
            return;
        };
        let findings = self.kept.settings.overlays;
        let (textures, queue) = (&mut self.textures, &mut self.queue);
        // Of pages that have gone none has the focus.
        if !compare.ui(ui, sheet, textures, findings, queue) {
            queue.push(Request::Leave);
            return;
        }
        self.readable = compare.pages();
        // What is said of it stands in the bar above.
        sheet.cursor = Some(compare.focused());
    }

    pub(super) fn large_page(&mut self, ui: &mut Ui, id: PageId) {
        let Some(sheet) = &mut self.sheet else { return };
        let Some(page) = sheet.page(id).cloned() else {
            self.opened = None;
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
                (icons::ICON_CHEVRON_LEFT, "Previous page  (←)", -1),
                (icons::ICON_CHEVRON_RIGHT, "Next page  (→)", 1),
            ] {
                let response = ui.button(icon.codepoint);
                response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, name));
                if response.on_hover_text(name).clicked() {
                    by = step;
                }
            }
            let name = sheet.document(id.document).map_or("", |d| d.name.as_str());
            let turned = match self.large.turned(id) {
                0 => "",
                90 => ", turned right",
                180 => ", turned upside down",
                _ => ", turned left",
            };
            let title = format!("{name} · page {}{turned}", id.number);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if ui
                    .add_enabled(!self.large.is_fit(), egui::Button::new("Fit"))
                    .on_hover_text("Show the whole page  (0)")
                    .clicked()
                {
                    self.large.fit();
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
                        self.large.turn(id, turn);
                    }
                }
                let strip = Action::ToggleFilmstrip;
                let icon = strip.info().icon.codepoint;
                let toggle = ui.toggle_value(&mut self.kept.settings.filmstrip, icon);
                let labelled =
                    || egui::WidgetInfo::labeled(egui::Role::Button, true, strip.info().name);
                toggle.widget_info(labelled);
                toggle.on_hover_text(strip.tooltip(ui.ctx()));
                let findings = Action::ToggleOverlays;
                let icon = findings.info().icon.codepoint;
                ui.toggle_value(
                    &mut self.kept.settings.overlays,
                    format!("{icon}  Findings"),
                )
                .on_hover_text(findings.tooltip(ui.ctx()));
                // What is left belongs to the title, which may be long.
                let left = egui::Layout::left_to_right(egui::Align::Center);
                ui.with_layout(left, |ui| {
                    ui.add(egui::Label::new(title).truncate())
                        .on_hover_text("Scroll to zoom, drag to move");
                });
            });
        });
        ui.add_space(8.0);
        if !ui.ctx().text_edit_focused() {
            let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
            leave |= pressed(Key::Escape);
            if pressed(Key::ArrowRight) || pressed(Key::ArrowDown) || pressed(Key::PageDown) {
                by = 1;
            }
            for (key, turn) in [(Key::OpenBracket, 270), (Key::CloseBracket, 90)] {
                if pressed(key) {
                    self.large.turn(id, turn);
                }
            }
            if pressed(Key::ArrowLeft) || pressed(Key::ArrowUp) || pressed(Key::PageUp) {
                by = -1;
            }
        }
        let thumbnail = self.textures.get(id, page.measurements.is_some());
        let shown = sheet.shown_over_pages(self.kept.settings.overlays);
        let mut near = vec![id];
        let mut chosen = None;
        if self.kept.settings.filmstrip && ui.available_height() > 4.0 * filmstrip::HEIGHT {
            Panel::bottom("filmstrip")
                .exact_size(filmstrip::HEIGHT)
                .frame(Frame::new())
                .show_separator_line(false)
                .show(ui, |ui| {
                    let (pages, clicked) = filmstrip::ui(ui, sheet, &mut self.textures, id);
                    near.extend(pages);
                    chosen = clicked;
                });
        }
        let (view, response) = self.large.ui(ui, &page, thumbnail, shown);
        page_menu::on(&response, sheet, id, true, &mut self.queue);
        self.views_changed |= view.is_some();
        if let Some(problem) = &self.large.problem {
            ui.colored_label(Palette::of(ui).bad, problem);
        }
        if by != 0 {
            sheet.cursor = Some(id);
            sheet.move_cursor(by, false);
            self.opened = sheet.cursor;
        }
        if leave {
            self.queue.push(Request::Leave);
        }
        if let Some(page) = chosen {
            self.queue.push(Request::GoTo(page));
        }
        self.readable.push(id);
        self.look_at(near);
    }
}

/// Says that pages are sorted otherwise than they lie, that only some are shown, and why; or
/// that a view shows all of them although a filter is on.
fn only_some(ui: &mut Ui, sheet: &mut Sheet, is_filtered: bool) {
    let reasons = sheet.reasons();
    let sorted = sheet.sorted_otherwise();
    if reasons.is_empty() && sorted.is_none() {
        return;
    }
    ui.horizontal(|ui| {
        let warning = Palette::of(ui).warning;
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
        let clear = format!("{}  Show all", icons::ICON_FILTER_ALT_OFF.codepoint);
        let clear = ui
            .button(clear)
            .on_hover_text("Clear the filter and the search");
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

/// What stands where the pages of a locked document would be.
fn locked(
    ui: &mut Ui,
    sheet: &Sheet,
    document: &Document,
    unlocking: &mut Unlocking,
    queue: &mut Queue,
) {
    ui.heading(DocumentStatus::NeedsPassword.label());
    ui.label(FailureKind::NeedsPassword.explanation());
    ui.weak(FailureKind::NeedsPassword.advice());
    ui.add_space(8.0);
    let row = ui.allocate_ui([270.0, theme::ROW].into(), |ui| {
        ui.horizontal_wrapped(|ui| unlocking.field_in_focus(ui, document))
    });
    if let Some(password) = row.inner.inner {
        queue.push(sheet.unlock(Some(document.id), vec![password]));
    }
}

/// What stands where pages would be.
fn nothing_to_show(ui: &mut Ui, sheet: &Sheet, unlocking: &mut Unlocking, queue: &mut Queue) {
    ui.add_space(ui.available_height() * 0.35);
    ui.vertical_centered(|ui| {
        let taking_in = sheet
            .progress
            .as_ref()
            .is_some_and(|progress| progress.taking_in);
        let filtered = sheet.filter.document.and_then(|id| sheet.document(id));
        if let Some(document) = filtered
            && unlocking.is_about(sheet, document)
        {
            locked(ui, sheet, document, unlocking, queue);
            return;
        }
        match filtered {
            Some(document) if document.status.is_failure() => {
                ui.heading(document.status.label());
                if let Some(failure) = sheet.failure(document.id, None) {
                    failures::why(ui, failure);
                }
            }
            Some(document) if document.status == DocumentStatus::Waiting => {
                ui.weak("Not opened yet.");
            }
            _ if taking_in => {
                ui.spinner();
                ui.weak("Looking for PDFs…");
            }
            _ if sheet.documents().is_empty() => {
                ui.heading("No PDFs were found there");
                ui.weak("Drop other files or folders, or add them above.");
            }
            _ => {
                ui.weak("No pages to show.");
            }
        }
    });
}
