//! Carries out what was asked for, in the one place that does. What is decided about pages
//! is in `deciding`, and files that come in are in `intake`. Not for what actions are called
//! (`actions`).

use eframe::egui::{Context, Theme, ViewportCommand, ViewportId};

use super::Desk;
use crate::desk::actions::Action;
use crate::desk::dialogs::palette::CommandPalette;
use crate::desk::dialogs::save_table::SaveTable;
use crate::desk::dialogs::{Picking, Question, Say};
use crate::desk::panels::folding::Side;
use crate::desk::panels::notices::Offer;
use crate::desk::requests::{PlaceFor, Request};
use crate::desk::settings::ThemeChoice;
use crate::desk::sheet::{Filter, Sheet};
use crate::desk::system::reveal;
use crate::desk::views::View;
use crate::desk::views::grid;
use crate::desk::{dialogs, manual};
use crate::model::{Document, DocumentId, PageId, Ruling};
use crate::triage::{Command, RecordName, RunState, Scope};

impl Desk {
    /// Carries out what was asked for, in order.
    pub(super) fn carry_out(&mut self, context: &Context, frame: &eframe::Frame) {
        while let Some(request) = self.queue.next() {
            self.do_it(context, frame, request);
        }
    }

    fn do_it(&mut self, context: &Context, frame: &eframe::Frame, request: Request) {
        match request {
            Request::Do(action) => self.act(context, frame, action),
            Request::Session(command) => {
                // What is saved next is offered to be saved beside it.
                let saved = match &command {
                    Command::SaveTable { path, .. } => Some(path),
                    Command::ExportPages { wanted, .. } => Some(&wanted.folder),
                    _ => None,
                };
                if let Some(saved) = saved {
                    self.choices.kept.settings.set_tables_folder(saved.parent());
                }
                self.session.send(command);
            }
            Request::Take(offer) => self.take_offer(offer),
            Request::TakeIn(paths, destination) => self.take_in(paths, destination),
            Request::Locate(folder) => self.locate(folder),
            Request::MoveTaken(folder) => self.move_taken(Some(folder)),
            Request::Choose(place) => {
                self.dialogs
                    .picking
                    .push(Picking::open(place, frame, context));
            }
            Request::CloseNow => {
                self.closes = true;
                context.send_viewport_cmd(ViewportCommand::Close);
            }
            Request::GoTo(page) => self.go_to(page),
            Request::Open(page) => self.choices.opened = Some(page),
            Request::Leave => self.leave(),
            Request::Turn(page, by) => self.pictures.large.turn(page, by),
            Request::FitPage => self.pictures.large.fit(),
            Request::Split(edit) => {
                if let Some(batch) = self.model.shown()
                    && let Some(split) = self.views.split.of(batch)
                {
                    split.act(edit);
                }
            }
            Request::ShowDocument(document) => self.show_document(document),
            Request::ShowPagesOf(query) => self.ask_for(query),
            Request::ShowSelected(pages) => self.show_selected(pages),
            Request::ShowView(view) => self.show_saved(&view),
            Request::DrawAnew => self.pictures.are_changed = true,
            Request::Resize(side) => self.resize(side),
            Request::PutOnPile(pile) => self.put_on_pile(pile),
            Request::AskForPile(pages) => self.ask_what_to_say_of(pages, Say::Pile),
            Request::SayPreset(preset) => self.say_preset(&preset),
            Request::Say(pages, changes) => self.say_of_chosen(pages, changes),
            Request::SayOfAll(pages, changes) => self.say_of(pages, changes),
            Request::Accept(rules) => self.accept(rules, |_| true),
            Request::KeepOnly(groups) => self.keep_only(&groups),
            Request::Judge => self.begin_judging(),
            Request::SavePagesOf(document) => self.save_pages(Some(document)),
            Request::AskForPasswords(document) => {
                if let Some(sheet) = &self.model.sheet {
                    self.dialogs.unlocking.ask(sheet, document);
                }
            }
            Request::AskToLeaveOut(document) => {
                if let Some(document) = self.document(document) {
                    self.dialogs.question = Some(Question::LeaveOut {
                        batch: document.batch,
                        document: document.id,
                        name: document.name.clone(),
                        typed: String::new(),
                    });
                }
            }
            Request::AskToForget(batch, name) => {
                self.dialogs.question = Some(Question::Forget { batch, name });
            }
            Request::ShowScratch => self.show_scratch(true),
            Request::Replay(record) => {
                let name = RecordName::of(&record.failure);
                self.views.failures.begin_replay(name);
                self.session.send(Command::Replay(record));
            }
            Request::Copy(text) => {
                context.copy_text(text);
                self.notices.tell("Copied.");
            }
            Request::CopyPath(document) => {
                if let Some(document) = self.document(document) {
                    context.copy_text(dialogs::text_of(document.source.file()));
                }
            }
            Request::ShowFolder(folder) => {
                if let Err(problem) = reveal::folder(&folder) {
                    self.notices.warn(problem);
                }
            }
            Request::Reveal(document, shown) => {
                if let Some(document) = self.document(document)
                    && let Err(problem) = reveal::document(document, shown)
                {
                    self.notices.warn(problem);
                }
            }
        }
    }

    /// A document of the shown batch.
    pub(super) fn document(&self, id: DocumentId) -> Option<&Document> {
        self.model.sheet.as_ref()?.document(id)
    }

    /// Shows a page of the open batch large.
    fn go_to(&mut self, page: PageId) {
        let sheet = self.model.sheet.as_mut();
        match sheet.filter(|sheet| sheet.document(page.document).is_some()) {
            Some(sheet) => {
                sheet.select(page, false, false);
                self.choices.opened = Some(page);
            }
            None => self
                .notices
                .tell("That page is in another batch; open it to see it large."),
        }
    }

    /// Goes back from what is shown large.
    fn leave(&mut self) {
        if self.choices.judging.take().is_some() {
            self.dialogs.sample.open = true;
            return;
        }
        if self.choices.compare.take().is_none() {
            self.choices.opened = None;
        }
        self.views.follow_cursor();
    }

    /// Shows all pages, with these selected.
    fn show_selected(&mut self, pages: Vec<PageId>) {
        let Some(sheet) = &mut self.model.sheet else {
            return;
        };
        sheet.show_all();
        if let Some(first) = pages.first() {
            sheet.selection.put_cursor(*first);
        }
        sheet.selection.set(pages);
        self.show(View::Grid);
    }

    /// Selects all that the view shows, or nothing.
    fn select(&mut self, all: bool) {
        if let Some(sheet) = &mut self.model.sheet {
            self.views.get(self.choices.view()).select(sheet, all);
        }
    }

    fn act(&mut self, context: &Context, frame: &eframe::Frame, action: Action) {
        let batch = self.model.sheet.as_ref().map(Sheet::id);
        if self.choices.judging.is_some() && self.judge(action) {
            return;
        }
        match action {
            Action::AddFiles => {
                self.dialogs
                    .picking
                    .push(Picking::open(PlaceFor::Files, frame, context));
            }
            Action::AddFolder => {
                self.dialogs
                    .picking
                    .push(Picking::open(PlaceFor::Folders, frame, context));
            }
            Action::AddPath => {
                self.dialogs.question = Some(Question::path(
                    self.model.sheet.as_ref().map(|sheet| &sheet.batch),
                ));
            }
            Action::WatchFolder => {
                self.dialogs
                    .picking
                    .push(Picking::open(PlaceFor::Watched, frame, context));
            }
            Action::Locate => {
                self.dialogs
                    .picking
                    .push(Picking::open(PlaceFor::Moved, frame, context));
            }
            Action::Reconcile => self.dialogs.reconcile.open ^= true,
            Action::BackUp => {
                self.dialogs
                    .picking
                    .push(Picking::open(PlaceFor::Backup, frame, context));
            }
            Action::MoveTaken => {
                self.dialogs
                    .picking
                    .push(Picking::open(PlaceFor::Taken, frame, context));
            }
            Action::LeaveTaken => self.move_taken(None),
            Action::StopWatching => {
                if let Some(batch) = batch {
                    self.session.send(Command::StopWatching(batch));
                }
            }
            Action::PauseOrResume => self.pause_or_resume(),
            Action::Cancel => {
                if let Some(batch) = batch {
                    self.session.send(Command::Cancel(batch));
                }
            }
            Action::ReprocessFailed => self.reprocess(Scope::Failed(None)),
            Action::ReprocessSelection => {
                if let Some(sheet) = &self.model.sheet {
                    let view = self.views.get(self.choices.view());
                    let mut pages = view.selected(sheet);
                    pages.sort();
                    if pages.is_empty() {
                        self.notices.tell("Select pages first.");
                    } else {
                        self.reprocess(Scope::Pages(pages));
                    }
                }
            }
            Action::ReprocessBatch => self.reprocess(Scope::All),
            Action::Changes => self.dialogs.changes.open = !self.dialogs.changes.open,
            Action::Passwords => self.queue.push(Request::AskForPasswords(None)),
            Action::Batches => self.dialogs.batches.open = !self.dialogs.batches.open,
            Action::Show(view) => self.show(view),
            Action::ToggleOverlays => self.choices.kept.settings.overlays ^= true,
            Action::ToggleFilmstrip => self.choices.kept.settings.filmstrip ^= true,
            Action::Compare => self.compare_selected(),
            Action::KeepOnly => self.keep_only_focused(),
            Action::OpenPage => {
                let view = self.views.get(self.choices.view());
                let opened = self.model.sheet.as_ref().and_then(|sheet| view.open(sheet));
                if let Some(opened) = opened {
                    self.queue.push(opened);
                }
            }
            Action::CopyText => self.copy_text(context),
            Action::Keep => self.rule(Some(Ruling::Keep)),
            Action::Reject => self.rule(Some(Ruling::Reject)),
            Action::Flag => self.rule(Some(Ruling::Flag)),
            Action::Undecide => self.rule(None),
            Action::Pile => self.ask_what_to_say(Say::Pile),
            Action::Tag => self.ask_what_to_say(Say::Tag),
            Action::Note => self.ask_what_to_say(Say::Note),
            Action::TakeOver => self.take_over(),
            Action::Accept => self.accept_chosen(),
            Action::NextUndecided => self.go_to_undecided(),
            Action::UndoDecision => self.step_back(false),
            Action::RedoDecision => self.step_back(true),
            Action::SelectAll => self.select(true),
            Action::SelectNone => self.select(false),
            Action::Larger => self.resize(self.shown_side() * grid::STEP),
            Action::Smaller => self.resize(self.shown_side() / grid::STEP),
            Action::ToggleDocuments => {
                let wanted = &mut self.choices.kept.settings.documents_shown;
                self.panels.folding.toggle(Side::Documents, wanted);
            }
            Action::ToggleInspector => {
                let wanted = &mut self.choices.kept.settings.inspector_shown;
                self.panels.folding.toggle(Side::Inspector, wanted);
            }
            Action::Search => {
                let wanted = &mut self.choices.kept.settings.documents_shown;
                self.panels.folding.show(Side::Documents, wanted);
                self.panels.focus_search = true;
            }
            Action::Thresholds => self.dialogs.thresholds.open = !self.dialogs.thresholds.open,
            Action::Rules => self.dialogs.rules.open = !self.dialogs.rules.open,
            Action::SayTheSame => self.ask_for_others(),
            Action::Headway => self.dialogs.headway.open = !self.dialogs.headway.open,
            Action::Sample => {
                self.dialogs.sample.open = !self.dialogs.sample.open;
                if let Some(batch) = batch {
                    self.session.send(Command::TellSample(batch));
                }
            }
            Action::Terms => self.dialogs.terms.open = !self.dialogs.terms.open,
            Action::Presets => self.dialogs.presets.open = !self.dialogs.presets.open,
            Action::SecondWindow => self.pictures.second_window.open ^= true,
            Action::Keys => self.dialogs.keys.open = !self.dialogs.keys.open,
            Action::SaveTable => {
                let settings = &self.choices.kept.settings;
                let sheet = self.model.sheet.as_ref();
                self.dialogs.save_table = sheet.map(|sheet| {
                    SaveTable::new(sheet, settings.view.about().saves, settings.tables_folder())
                });
            }
            Action::SavePages => self.save_pages(None),
            Action::Verify => {
                self.dialogs
                    .picking
                    .push(Picking::open(PlaceFor::Manifest, frame, context));
            }
            Action::ScratchSpace => self.show_scratch(!self.dialogs.scratch.open),
            Action::ShowAll => {
                if let Some(sheet) = &mut self.model.sheet {
                    sheet.show_all();
                }
            }
            Action::Theme => {
                let other = match context.theme() {
                    Theme::Dark => ThemeChoice::Light,
                    Theme::Light => ThemeChoice::Dark,
                };
                self.choices.settings_mut().theme = other;
                context.set_theme(other);
            }
            Action::Settings => self.dialogs.settings = !self.dialogs.settings,
            Action::Help => self.show_manual(context),
            Action::FirstSteps => self.dialogs.first_steps.open ^= true,
            Action::Notices => self.dialogs.notices ^= true,
            Action::About => self.dialogs.about.open = !self.dialogs.about.open,
            Action::FullScreen => {
                // The key may have been pressed in the second window.
                let (window, is_full) = context.input(|input| {
                    let mut windows = input.raw.viewports.iter();
                    let focused = windows.find(|(_, window)| window.focused == Some(true));
                    let (id, window) = focused.map_or_else(
                        || (ViewportId::ROOT, input.viewport()),
                        |(id, window)| (*id, window),
                    );
                    (id, window.fullscreen.unwrap_or(false))
                });
                let turned = ViewportCommand::Fullscreen(!is_full);
                context.send_viewport_cmd_to(window, turned);
            }
            Action::Quit => context.send_viewport_cmd(ViewportCommand::Close),
            Action::CommandPalette => self.dialogs.palette = Some(CommandPalette::default()),
            Action::PutBack => {
                let files = batch.and_then(|batch| self.model.taken_out.get(&batch).cloned());
                match (batch, files) {
                    (Some(batch), Some(files)) => self.put_back(batch, &files),
                    _ => self
                        .notices
                        .tell("Nothing was taken out of this batch since the program started."),
                }
            }
            Action::ForgetBatch => {
                if let Some(sheet) = &self.model.sheet {
                    self.dialogs.question = Some(Question::Forget {
                        batch: sheet.id(),
                        name: sheet.batch.name.clone(),
                    });
                }
            }
        }
    }

    /// Asks which pages are to be saved: those of this document first.
    fn save_pages(&mut self, document: Option<DocumentId>) {
        let Some(sheet) = &self.model.sheet else {
            return;
        };
        let settings = &self.choices.kept.settings;
        let mut selected = self.views.get(settings.view).selected(sheet);
        // As they stand in their documents, whatever they are sorted by.
        selected.sort();
        let folder = settings.tables_folder();
        let question = &mut self.dialogs.save_pages;
        question.ask(sheet, selected, document, folder);
    }

    /// Opens the manual where it is about what is on the screen, or closes it.
    fn show_manual(&mut self, context: &Context) {
        let manual = &mut self.dialogs.manual;
        if std::mem::take(&mut manual.open) {
            return;
        }
        let chapter = match self.model.sheet {
            None => manual::START,
            Some(_) if self.choices.is_large() => manual::LARGE,
            Some(_) => manual::of_view(self.choices.view()),
        };
        manual.show(context, chapter);
    }

    fn show_scratch(&mut self, open: bool) {
        self.dialogs.scratch.open = open;
        if open {
            self.session.send(Command::LookIntoScratch);
        }
    }

    /// Does what a notice offers.
    pub(super) fn take_offer(&mut self, offer: Offer) {
        match offer {
            Offer::CrashReport(report) => self.dialogs.crash_report.show(&report),
            Offer::ShowFolder(folder) => self.queue.push(Request::ShowFolder(folder)),
            Offer::PutBack(batch, files) => self.put_back(batch, &files),
            Offer::TakeOut(batch, documents) => {
                self.session.send(Command::TakeOut { batch, documents });
            }
        }
    }

    /// Puts the words that are marked on the large page, or all of the text of the page under
    /// the cursor, on the clipboard.
    fn copy_text(&mut self, context: &Context) {
        let large = &self.pictures.large;
        let marked = self.choices.opened.and_then(|_| large.marked_text());
        let shown = self.choices.opened.or(self.model.inspected);
        let inspection = self.model.inspection.as_ref();
        let inspection = inspection.filter(|of| Some(of.page) == shown);
        let whole = || inspection.and_then(|inspection| inspection.text.clone());
        match marked.or_else(whole).filter(|text| !text.is_empty()) {
            Some(text) => {
                context.copy_text(text);
                self.notices.tell("Copied.");
            }
            None => self.notices.tell("The page has no text."),
        }
    }

    pub(super) fn pause_or_resume(&self) {
        let state = self
            .model
            .sheet
            .as_ref()
            .and_then(|sheet| sheet.progress.as_ref());
        match state.map(|progress| &progress.state) {
            Some(RunState::Running | RunState::Held(_)) => self.session.send(Command::Pause),
            Some(RunState::Paused | RunState::Cancelled) => self.session.send(Command::Resume),
            Some(RunState::Finished | RunState::Lost(_)) | None => {}
        }
    }

    pub(super) fn reprocess(&self, scope: Scope) {
        if let Some(sheet) = &self.model.sheet {
            self.session.send(sheet.again(scope));
        }
    }

    pub(super) fn show(&mut self, view: View) {
        self.choices.kept.settings.view = view;
        self.choices.close_all();
        self.views.follow_cursor();
    }

    /// Shows only the pages of a document, or why it has none.
    pub(super) fn show_document(&mut self, document: DocumentId) {
        let Some(sheet) = &mut self.model.sheet else {
            return;
        };
        sheet.set_filter(Filter {
            document: Some(document),
            ..Filter::default()
        });
        let view = match self.choices.view() {
            view if view.about().shows_pages => view,
            _ => View::Grid,
        };
        self.show(view);
    }

    /// Side of pictures as they are shown: the window may have no room for what was chosen.
    fn shown_side(&self) -> f32 {
        let chosen = self.choices.settings().cell;
        chosen.min(self.views.grid.most())
    }

    /// Shows pictures with this side, points.
    fn resize(&mut self, side: f32) {
        self.choices.kept.settings.cell = side.clamp(grid::SMALLEST, grid::LARGEST);
        // The grid has its pages stay where they are.
        if self.choices.view() != View::Grid {
            self.views.follow_cursor();
        }
    }
}
