//! The middle of the window: the view that was chosen, a page shown large, or the
//! way in. How each view looks is in its own module.

use eframe::egui::{
    self, CentralPanel, Frame, Id, Key, Margin, Modifiers, Panel, RichText, Ui, UiBuilder,
};
use egui_material_icons::icons;

use super::{Desk, PlaceFor};
use crate::desk::actions::Action;
use crate::desk::settings::View;
use crate::desk::sheet::Sheet;
use crate::desk::split::Split;
use crate::desk::theme::Palette;
use crate::desk::unlocking::{Asked, Unlocking};
use crate::desk::{
    compare, documents_table, duplicates, dwelling, failures, filmstrip, page_menu, reveal, sample,
    table, theme, words,
};
use crate::model::{Document, DocumentStatus, FailureKind, PageId};
use crate::triage::{Command, RecordName, RunState, Scope};

impl Desk {
    pub(super) fn middle(&mut self, ui: &mut Ui, frame: &eframe::Frame) {
        let ground = Palette::of(ui).ground;
        CentralPanel::default()
            .frame(Frame::new().fill(ground).inner_margin(12))
            .show(ui, |ui| {
                if self.sheet.is_none() {
                    self.empty(ui, frame);
                } else {
                    self.bars(ui, frame);
                    // Bars come and go; what stands below them keeps its menus and drags.
                    let below = UiBuilder::new().scope_id(Id::unique("view"));
                    ui.scope_builder(below, |ui| match (self.opened, self.kept.settings.view) {
                        _ if self.judging.is_some() => self.judged_page(ui, frame),
                        _ if self.compare.is_some() => self.compared_pages(ui, frame),
                        (Some(page), _) => self.large_page(ui, frame, page),
                        (None, View::Grid) => self.grid_view(ui, frame),
                        (None, View::Table) => self.table_view(ui, frame),
                        (None, View::Documents) => self.documents_view(ui, frame),
                        (None, View::Failures) => self.failures_view(ui),
                        (None, View::Split) => self.split_view(ui, frame),
                        (None, View::Duplicates) => self.duplicates_view(ui, frame),
                    });
                }
            });
    }

    /// What stands above pages: deciding, and why not all of them are shown.
    fn bars(&mut self, ui: &mut Ui, frame: &eframe::Frame) {
        // What was decided is not for who judges.
        if self.judging.is_some() {
            return;
        }
        let view = self.kept.settings.view;
        let shows_pages = matches!(view, View::Grid | View::Table | View::Documents);
        let is_large = self.opened.is_some() || self.compare.is_some();
        if is_large || shows_pages {
            self.deciding_bar(ui, frame);
        }
        if let Some(sheet) = &mut self.sheet
            && !is_large
        {
            only_some(ui, sheet, shows_pages);
        }
    }

    pub(super) fn empty(&mut self, ui: &mut Ui, frame: &eframe::Frame) {
        let palette = Palette::of(ui);
        ui.add_space((ui.available_height() * 0.28).max(24.0));
        let mut action = None;
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
                            action = Some(choice);
                        }
                    }
                });
            });
            ui.add_space(12.0);
            ui.weak("On the command line: pagesieve process FOLDER");
        });
        if let Some(action) = action {
            let context = ui.ctx().clone();
            self.act(&context, frame, action);
        }
    }

    fn nothing_here(&mut self, ui: &mut Ui) {
        let Some(sheet) = &self.sheet else { return };
        if let Some(asked) = nothing_to_show(ui, sheet, &mut self.unlocking) {
            self.unlock(asked);
        }
    }

    pub(super) fn grid_view(&mut self, ui: &mut Ui, frame: &eframe::Frame) {
        let Some(sheet) = &mut self.sheet else { return };
        if sheet.order().is_empty() {
            self.nothing_here(ui);
            return;
        }
        let side = self.kept.settings.cell;
        let outcome = self.grid.ui(ui, sheet, &mut self.textures, side);
        if outcome.opened.is_some() {
            self.opened = outcome.opened;
        }
        if side >= dwelling::READABLE {
            self.readable.clone_from(&outcome.on_screen);
        }
        self.look_at(outcome.on_screen);
        if let Some(asked) = outcome.asked {
            self.page_menu(ui.ctx(), frame, asked);
        }
    }

    pub(super) fn table_view(&mut self, ui: &mut Ui, frame: &eframe::Frame) {
        let Some(sheet) = &mut self.sheet else { return };
        if sheet.order().is_empty() && sheet.without_pages().next().is_none() {
            self.nothing_here(ui);
            return;
        }
        let outcome = {
            let columns = &mut self.kept.settings.columns;
            table::ui(ui, sheet, columns, &mut self.table_follows)
        };
        if outcome.opened.is_some() {
            self.opened = outcome.opened;
        }
        self.look_at(outcome.on_screen);
        if outcome.failures {
            self.show(View::Failures);
        }
        if let Some(asked) = outcome.asked {
            self.page_menu(ui.ctx(), frame, asked);
        }
    }

    fn documents_view(&mut self, ui: &mut Ui, frame: &eframe::Frame) {
        let Some(sheet) = &mut self.sheet else { return };
        let batch = sheet.id();
        let asked = self.documents_table.ui(ui, sheet);
        // The inspector tells of the document by its first page.
        if let Some(document) = self.documents_table.cursor()
            && sheet.cursor.map(|page| page.document) != Some(document)
            && let Some(first) = sheet.pages_of(document).first()
        {
            sheet.cursor = Some(first.id);
        }
        // No page is on the screen: how many will change is said first.
        self.look_at(vec![]);
        match asked {
            Some(documents_table::Asked::Do(action)) => {
                let context = ui.ctx().clone();
                self.act(&context, frame, action);
            }
            Some(documents_table::Asked::Only(document)) => {
                self.kept.settings.view = View::Grid;
                self.show_document(document);
            }
            Some(documents_table::Asked::Reprocess(documents)) => {
                self.reprocess(Scope::Documents(documents));
            }
            Some(documents_table::Asked::TakeOut(documents)) => {
                self.session.send(Command::TakeOut { batch, documents });
            }
            Some(documents_table::Asked::Unlock(document)) => {
                self.unlocking.ask(Some(document));
            }
            Some(documents_table::Asked::Page(asked)) => self.page_menu(ui.ctx(), frame, asked),
            None => {}
        }
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
        let asked = Panel::right("split panel")
            .default_size(300.0)
            .size_range(260.0..=600.0)
            .frame(frame)
            .show(ui, |ui| split.panel(ui, sheet))
            .inner;
        if self.kept.settings.split != split.form {
            self.kept.settings.split = split.form.clone();
        }
        for command in asked.commands {
            self.session.send(command);
        }
        if let Some(folder) = asked.open_folder
            && let Err(problem) = reveal::folder(&folder)
        {
            self.notices.warn(problem);
        }
        if asked.choose_folder {
            self.choose_place = Some(PlaceFor::Parts);
        }
    }

    /// Has an edited plan kept before it goes from here.
    pub(super) fn keep_split(&mut self) {
        if let Some(keep) = self.split.as_mut().and_then(Split::keep) {
            self.session.send(keep);
        }
    }

    pub(super) fn split_view(&mut self, ui: &mut Ui, frame: &eframe::Frame) {
        let (Some(sheet), Some(split)) = (&self.sheet, &mut self.split) else {
            return;
        };
        let side = self.kept.settings.cell;
        let outcome = split.ui(ui, sheet, &mut self.textures, side);
        if outcome.opened.is_some() {
            self.opened = outcome.opened;
        }
        self.look_at(outcome.on_screen);
        if let Some(asked) = outcome.asked {
            self.page_menu(ui.ctx(), frame, asked);
        }
    }

    pub(super) fn failures_view(&mut self, ui: &mut Ui) {
        let Some(sheet) = &mut self.sheet else { return };
        let batch = sheet.id();
        match failures::ui(ui, sheet, &self.replays, &mut self.unlocking) {
            Some(failures::Asked::Replay(record)) => {
                let name = RecordName::of(&record.failure);
                self.replays.insert(name, None);
                self.session.send(Command::Replay(record));
            }
            Some(failures::Asked::AllAgain) => self.reprocess(Scope::Failed),
            Some(failures::Asked::Passwords) => self.unlocking.ask(None),
            Some(failures::Asked::Document(document)) => {
                self.session.send(Command::Reprocess {
                    batch,
                    scope: Scope::Documents(vec![document]),
                    passwords: vec![],
                });
            }
            Some(failures::Asked::Page(page)) => self.reprocess(Scope::Pages(vec![page])),
            Some(failures::Asked::Unlock(document, password)) => {
                self.session.send(Command::Unlock {
                    batch,
                    document: Some(document),
                    passwords: vec![password],
                });
            }
            Some(failures::Asked::Show(page)) => {
                sheet.select(page, false, false);
                self.opened = Some(page);
            }
            None => {}
        }
    }

    pub(super) fn duplicates_view(&mut self, ui: &mut Ui, frame: &eframe::Frame) {
        let sheet = self.sheet.as_ref();
        let progress = sheet.and_then(|sheet| sheet.progress.as_ref());
        let more_to_come = progress.is_some_and(|progress| progress.state != RunState::Finished);
        let asked = self.duplicates.ui(ui, sheet, more_to_come);
        self.of_duplicates(ui.ctx(), frame, asked);
    }

    /// Does what was asked for in the view of duplicates.
    pub(super) fn of_duplicates(
        &mut self,
        context: &egui::Context,
        frame: &eframe::Frame,
        asked: Option<duplicates::Asked>,
    ) {
        match asked {
            Some(duplicates::Asked::View(page, longest)) => {
                self.session.send(Command::View(vec![(page, longest)]));
            }
            Some(duplicates::Asked::Dismiss { groups, restore }) => {
                for pages in groups {
                    self.session
                        .send(Command::DismissDuplicates { pages, restore });
                }
            }
            Some(duplicates::Asked::KeepOnly(groups)) => self.keep_only(&groups),
            Some(duplicates::Asked::Menu(asked)) => self.page_menu(context, frame, asked),
            Some(duplicates::Asked::TakeOut(documents)) => {
                for (batch, documents) in documents {
                    self.session.send(Command::TakeOut { batch, documents });
                }
            }
            Some(duplicates::Asked::Open(page)) => {
                if let Some(sheet) = &mut self.sheet
                    && sheet.page(page).is_some()
                {
                    sheet.select(page, false, false);
                    self.opened = Some(page);
                } else {
                    self.notices
                        .tell("That page is in another batch; open it to see it large.");
                }
            }
            None => {}
        }
    }

    /// A page of the sample.
    fn judged_page(&mut self, ui: &mut Ui, frame: &eframe::Frame) {
        let Some(sheet) = &self.sheet else { return };
        let (Some(judging), Some(sample)) = (&mut self.judging, self.sample.of(sheet.id())) else {
            self.judging = None;
            return;
        };
        match judging.ui(ui, sheet, sample, &mut self.textures) {
            Some(sample::Judged::Leave) => {
                self.judging = None;
                self.sample.open = true;
            }
            Some(sample::Judged::Do(action)) => {
                let context = ui.ctx().clone();
                self.act(&context, frame, action);
            }
            Some(sample::Judged::View) => self.views_changed = true,
            None => {}
        }
    }

    /// Pages side by side.
    fn compared_pages(&mut self, ui: &mut Ui, frame: &eframe::Frame) {
        let (Some(compare), Some(sheet)) = (&mut self.compare, &mut self.sheet) else {
            return;
        };
        let findings = self.kept.settings.overlays;
        let (asked, is_new) = compare.ui(ui, sheet, &mut self.textures, findings);
        // Of pages that have gone none has the focus.
        if asked == Some(compare::Asked::Leave) {
            self.compare = None;
            self.grid.follow_cursor = true;
            self.table_follows = true;
            return;
        }
        self.readable = compare.pages();
        // What is said of it stands in the bar above.
        sheet.cursor = Some(compare.focused());
        self.views_changed |= is_new;
        if let Some(compare::Asked::Do(action)) = asked {
            let context = ui.ctx().clone();
            self.act(&context, frame, action);
        }
    }

    pub(super) fn large_page(&mut self, ui: &mut Ui, frame: &eframe::Frame, id: PageId) {
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
        let asked = page_menu::on(&response, sheet, id, true);
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
            self.opened = None;
            self.grid.follow_cursor = true;
            self.table_follows = true;
        }
        if let Some(page) = chosen {
            sheet.select(page, false, false);
            self.opened = Some(page);
        }
        self.readable.push(id);
        self.look_at(near);
        if let Some(asked) = asked {
            self.page_menu(ui.ctx(), frame, asked);
        }
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
fn locked(ui: &mut Ui, document: &Document, unlocking: &mut Unlocking) -> Option<Asked> {
    ui.heading(DocumentStatus::NeedsPassword.label());
    ui.label(FailureKind::NeedsPassword.explanation());
    ui.weak(FailureKind::NeedsPassword.advice());
    ui.add_space(8.0);
    let row = ui.allocate_ui([270.0, theme::ROW].into(), |ui| {
        ui.horizontal_wrapped(|ui| unlocking.field_in_focus(ui, document))
    });
    let password = row.inner.inner?;
    Some(Asked {
        document: Some(document.id),
        passwords: vec![password],
    })
}

/// What stands where pages would be. A password that is typed for the document that was
/// chosen, once it is entered.
fn nothing_to_show(ui: &mut Ui, sheet: &Sheet, unlocking: &mut Unlocking) -> Option<Asked> {
    let mut asked = None;
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
            asked = locked(ui, document, unlocking);
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
    asked
}
