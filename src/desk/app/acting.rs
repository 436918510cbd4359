//! What actions and answers of a person do. Not for what they are called (`actions`).

use std::path::PathBuf;
use std::time::Instant;

use eframe::egui::{Context, ViewportCommand};

use super::Desk;
use crate::desk::actions::Action;
use crate::desk::dialogs::{Picking, Question, Say};
use crate::desk::folding::Side;
use crate::desk::grid;
use crate::desk::notices::Offer;
use crate::desk::palette::CommandPalette;
use crate::desk::requests::{PlaceFor, Request};
use crate::desk::save_table::SaveTable;
use crate::desk::settings::View;
use crate::desk::sheet::{Filter, Sheet};
use crate::desk::{dialogs, reveal};
use crate::model::{BatchId, Document, DocumentId, PageId, Ruling};
use crate::triage::{Command, Destination, RecordName, RunState, Scope};

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
                // The next table is offered to be saved beside it.
                if let Command::SaveTable { path, .. } = &command {
                    self.kept.settings.set_tables_folder(path.parent());
                }
                self.session.send(command);
            }
            Request::Take(offer) => self.take_offer(offer),
            Request::TakeIn(paths, destination) => self.take_in(paths, destination),
            Request::Choose(place) => {
                self.picking.push(Picking::open(place, frame, context));
            }
            Request::GoTo(page) => self.go_to(page),
            Request::Open(page) => self.opened = Some(page),
            Request::Leave => self.leave(),
            Request::ShowDocument(document) => self.show_document(document),
            Request::ShowPagesOf(query) => self.ask_for(query),
            Request::ShowSelected(pages) => self.show_selected(pages),
            Request::ShowView(view) => self.show_saved(&view),
            Request::DrawAnew => self.views_changed = true,
            Request::PutOnPile(pile) => self.put_on_pile(pile),
            Request::SayPreset(preset) => self.say_preset(&preset),
            Request::Say(pages, changes) => self.say_of_chosen(pages, changes),
            Request::SayOfAll(pages, changes) => self.say_of(pages, changes),
            Request::Accept(rules) => self.accept(rules, |_| true),
            Request::KeepOnly(groups) => self.keep_only(&groups),
            Request::Judge => self.begin_judging(),
            Request::AskForPasswords(document) => self.unlocking.ask(document),
            Request::AskToForget(batch, name) => {
                self.question = Some(Question::Forget { batch, name });
            }
            Request::ShowScratch => self.show_scratch(true),
            Request::Replay(record) => {
                let name = RecordName::of(&record.failure);
                self.replays.insert(name, None);
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
    fn document(&self, id: DocumentId) -> Option<&Document> {
        self.sheet.as_ref()?.document(id)
    }

    /// Shows a page of the open batch large.
    fn go_to(&mut self, page: PageId) {
        let sheet = self.sheet.as_mut();
        match sheet.filter(|sheet| sheet.document(page.document).is_some()) {
            Some(sheet) => {
                sheet.select(page, false, false);
                self.opened = Some(page);
            }
            None => self
                .notices
                .tell("That page is in another batch; open it to see it large."),
        }
    }

    /// Goes back from what is shown large.
    fn leave(&mut self) {
        if self.judging.take().is_some() {
            self.sample.open = true;
            return;
        }
        if self.compare.take().is_none() {
            self.opened = None;
        }
        self.grid.follow_cursor = true;
        self.table_follows = true;
    }

    /// Shows all pages, with these selected.
    fn show_selected(&mut self, pages: Vec<PageId>) {
        let Some(sheet) = &mut self.sheet else { return };
        sheet.show_all();
        sheet.cursor = pages.first().copied();
        sheet.selection = pages.into_iter().collect();
        self.show(View::Grid);
    }

    pub(super) fn act(&mut self, context: &Context, frame: &eframe::Frame, action: Action) {
        let batch = self.sheet.as_ref().map(Sheet::id);
        if self.judging.is_some() && self.judge(action) {
            return;
        }
        match action {
            Action::AddFiles => {
                self.picking
                    .push(Picking::open(PlaceFor::Files, frame, context));
            }
            Action::AddFolder => {
                self.picking
                    .push(Picking::open(PlaceFor::Folders, frame, context));
            }
            Action::AddPath => {
                self.question = Some(Question::path(
                    self.sheet.as_ref().map(|sheet| &sheet.batch),
                ));
            }
            Action::PauseOrResume => self.pause_or_resume(),
            Action::Cancel => {
                if let Some(batch) = batch {
                    self.session.send(Command::Cancel(batch));
                }
            }
            Action::ReprocessFailed => self.reprocess(Scope::Failed),
            Action::ReprocessSelection => {
                if let Some(sheet) = &self.sheet {
                    let mut pages: Vec<PageId> = match self.kept.settings.view {
                        View::Documents => self.documents_table.pages(sheet),
                        _ => sheet.selection.iter().copied().collect(),
                    };
                    pages.sort();
                    if pages.is_empty() {
                        self.notices.tell("Select pages first.");
                    } else {
                        self.reprocess(Scope::Pages(pages));
                    }
                }
            }
            Action::ReprocessBatch => self.reprocess(Scope::All),
            Action::Changes => self.changes.open = !self.changes.open,
            Action::Passwords => {
                if batch.is_some() {
                    self.unlocking.ask(None);
                }
            }
            Action::Batches => self.batches_window.open = !self.batches_window.open,
            Action::ShowGrid => self.show(View::Grid),
            Action::ShowTable => self.show(View::Table),
            Action::ShowDocuments => self.show(View::Documents),
            Action::ShowFailures => self.show(View::Failures),
            Action::ShowSplit => self.show(View::Split),
            Action::ToggleOverlays => self.kept.settings.overlays ^= true,
            Action::ToggleFilmstrip => self.kept.settings.filmstrip ^= true,
            Action::ShowDuplicates => self.show(View::Duplicates),
            Action::Compare => self.compare_selected(),
            Action::KeepOnly => self.keep_only_focused(),
            Action::OpenPage if self.kept.settings.view == View::Documents => {
                if let Some(document) = self.documents_table.cursor() {
                    self.kept.settings.view = View::Grid;
                    self.show_document(document);
                }
            }
            Action::OpenPage => self.opened = self.sheet.as_ref().and_then(|sheet| sheet.cursor),
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
            Action::SelectAll if self.kept.settings.view == View::Documents => {
                self.documents_table.choose_all();
            }
            Action::SelectAll => {
                if let Some(sheet) = &mut self.sheet {
                    sheet.select_all();
                }
            }
            Action::SelectNone if self.kept.settings.view == View::Documents => {
                self.documents_table.choose_none();
            }
            Action::SelectNone => {
                if let Some(sheet) = &mut self.sheet {
                    sheet.selection.clear();
                }
            }
            Action::Larger => self.resize(grid::STEP),
            Action::Smaller => self.resize(-grid::STEP),
            Action::ToggleDocuments => {
                let wanted = &mut self.kept.settings.documents_shown;
                self.folding.toggle(Side::Documents, wanted);
            }
            Action::ToggleInspector => {
                let wanted = &mut self.kept.settings.inspector_shown;
                self.folding.toggle(Side::Inspector, wanted);
            }
            Action::Search => {
                let wanted = &mut self.kept.settings.documents_shown;
                self.folding.show(Side::Documents, wanted);
                self.focus_search = true;
            }
            Action::Thresholds => self.thresholds.open = !self.thresholds.open,
            Action::Rules => self.rules.open = !self.rules.open,
            Action::SayTheSame => self.ask_for_others(),
            Action::Headway => self.headway.open = !self.headway.open,
            Action::Sample => {
                self.sample.open = !self.sample.open;
                if let Some(batch) = batch {
                    self.session.send(Command::TellSample(batch));
                }
            }
            Action::Terms => self.terms.open = !self.terms.open,
            Action::Presets => self.presets.open = !self.presets.open,
            Action::SecondWindow => self.second_window.open ^= true,
            Action::Keys => self.keys_window.open = !self.keys_window.open,
            Action::SaveTable => {
                let settings = &self.kept.settings;
                let sheet = self.sheet.as_ref();
                self.save_table = sheet
                    .map(|sheet| SaveTable::new(sheet, settings.view, settings.tables_folder()));
            }
            Action::Verify => {
                self.picking
                    .push(Picking::open(PlaceFor::Manifest, frame, context));
            }
            Action::ScratchSpace => self.show_scratch(!self.scratch.open),
            Action::Settings => self.settings_open = !self.settings_open,
            Action::Help => self.help_open = !self.help_open,
            Action::About => self.about.open = !self.about.open,
            Action::FullScreen => {
                let is_full = context.input(|i| i.viewport().fullscreen.unwrap_or(false));
                context.send_viewport_cmd(ViewportCommand::Fullscreen(!is_full));
            }
            Action::Quit => context.send_viewport_cmd(ViewportCommand::Close),
            Action::CommandPalette => self.command_palette = Some(CommandPalette::default()),
            Action::PutBack => {
                let files = batch.and_then(|batch| self.taken_out.get(&batch).cloned());
                match (batch, files) {
                    (Some(batch), Some(files)) => self.put_back(batch, &files),
                    _ => self
                        .notices
                        .tell("Nothing was taken out of this batch since the program started."),
                }
            }
            Action::ForgetBatch => {
                if let Some(sheet) = &self.sheet {
                    self.question = Some(Question::Forget {
                        batch: sheet.id(),
                        name: sheet.batch.name.clone(),
                    });
                }
            }
        }
    }

    /// Does what a notice offers.
    pub(super) fn take_offer(&mut self, offer: Offer) {
        match offer {
            Offer::CrashReport(report) => self.crash_report.show(&report),
            Offer::PutBack(batch, files) => self.put_back(batch, &files),
            Offer::TakeOut(batch, documents) => {
                self.session.send(Command::TakeOut { batch, documents });
            }
        }
    }

    /// Takes files in again that were taken out of a batch.
    pub(super) fn put_back(&mut self, batch: BatchId, files: &[PathBuf]) {
        if let Some(taken_out) = self.taken_out.get_mut(&batch) {
            taken_out.retain(|file| !files.contains(file));
        }
        self.taken_out.retain(|_, files| !files.is_empty());
        self.take_in(files.to_vec(), Destination::Batch(batch));
    }

    pub(super) fn pause_or_resume(&self) {
        let state = self
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
        if let Some(sheet) = &self.sheet {
            self.session.send(sheet.again(scope));
        }
    }

    pub(super) fn show(&mut self, view: View) {
        self.kept.settings.view = view;
        self.opened = None;
        self.compare = None;
        self.judging = None;
        self.table_follows = true;
        self.grid.follow_cursor = true;
    }

    /// Shows only the pages of a document, or why it has none.
    pub(super) fn show_document(&mut self, document: DocumentId) {
        let Some(sheet) = &mut self.sheet else { return };
        sheet.set_filter(Filter {
            document: Some(document),
            ..Filter::default()
        });
        let is_pages = matches!(
            self.kept.settings.view,
            View::Grid | View::Table | View::Split
        );
        let view = if is_pages {
            self.kept.settings.view
        } else {
            View::Grid
        };
        self.show(view);
    }

    pub(super) fn resize(&mut self, by: f32) {
        let cell = &mut self.kept.settings.cell;
        *cell = (*cell + by).clamp(grid::SMALLEST, grid::LARGEST);
        self.grid.follow_cursor = true;
    }

    pub(in crate::desk) fn take_in(&self, paths: Vec<PathBuf>, destination: Destination) {
        if !paths.is_empty() {
            self.given.set(Some(Instant::now()));
            self.session.send(Command::TakeIn {
                paths,
                destination,
                passwords: vec![],
            });
        }
    }
}
