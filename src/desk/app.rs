//! The window's state and layout: follows events, carries out actions, and puts
//! the parts where they belong. How each part looks is in its own module.

use std::cell::Cell;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::{
    self, CentralPanel, Context, Event as InputEvent, Frame, Key, Margin, Modifiers, Panel,
    RichText, Ui,
};
use egui_material_icons::icons;

use super::actions::Action;
use super::canvas::Canvas;
use super::dialogs::{self, Answer, Pick, Picked, Picking, Question};
use super::drops::{Dropped, Drops};
use super::duplicates::DuplicatesView;
use super::grid::{self, Grid};
use super::notices::Notices;
use super::palette::{self, CommandPalette};
use super::scratch::{self, ScratchWindow};
use super::settings::{Kept, View};
use super::sheet::Sheet;
use super::split::Split;
use super::textures::Textures;
use super::theme::{self, Palette};
use super::thresholds::{self, ThresholdsWindow};
use super::{
    Waker, documents, duplicates, failures, inspector, settings_ui, shortage, status, table,
    toolbar, words,
};
use crate::model::{Analyser, BatchId, BatchSummary, DocumentStatus, Finding, PageId, PageState};
use crate::triage::{
    Command, Destination, EngineChoice, Event, Forecast, Inspection, Meter, Options, PdfiumState,
    RecordName, RunState, Scope, Session, StartError, program_of,
};

/// While pages arrive, those that have what is searched for are looked up this often.
const SEARCH_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// What a folder is chosen for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FolderFor {
    /// Parts of documents.
    Parts,
    /// Temporary files.
    Scratch,
}

/// Events taken per frame; more wait for the next, so that a flood of results
/// does not hold up the window.
const EVENTS_PER_FRAME: usize = 400;

/// While pages arrive, a sorted or filtered order is made anew this often: more
/// often it would jump under the pointer.
const SORT_AFTER: Duration = Duration::from_secs(1);

/// The window.
pub struct Desk {
    session: Session,
    waker: Waker,
    kept: Kept,
    batches: Vec<BatchSummary>,
    sheet: Option<Sheet>,
    meter: Option<Meter>,
    textures: Textures,
    grid: Grid,
    split: Option<Split>,
    /// A dialog for the folder of parts.
    picking_folder: Option<(FolderFor, Picking)>,
    choose_folder: Option<FolderFor>,
    table_follows: bool,
    /// The preview in the inspector, and the page shown large.
    preview: Canvas,
    large: Canvas,
    opened: Option<PageId>,
    inspection: Option<Inspection>,
    inspected: Option<PageId>,
    looked_at: Vec<PageId>,
    ordered: Instant,
    searched: Instant,
    drops: Drops,
    picking: Option<Picking>,
    question: Option<Question>,
    command_palette: Option<CommandPalette>,
    settings_open: bool,
    scratch: ScratchWindow,
    forecast: Option<Forecast>,
    thresholds: ThresholdsWindow,
    /// What is typed next goes to the search.
    focus_search: bool,
    /// External analysers, and whether their program is on this machine.
    analysers: Vec<(Arc<Analyser>, bool)>,
    pdfium: PdfiumState,
    notices: Notices,
    replays: failures::Replays,
    duplicates: DuplicatesView,
    /// When files were last given, until the first picture of them is there.
    given: Cell<Option<Instant>>,
    /// Open the newest batch once the list of batches is there.
    open_newest: bool,
}

impl Desk {
    /// Starts the session and takes in `paths`; without any, opens the newest
    /// batch, which goes on if it is unfinished.
    pub fn new(
        context: &Context,
        mut options: Options,
        settings: &Path,
        paths: Vec<PathBuf>,
    ) -> Result<Self, StartError> {
        theme::apply(context);
        let kept = Kept::read(settings);
        context.set_theme(kept.settings.theme);
        if let Some(workers) = kept.settings.workers {
            options.workers = usize::from(workers);
        }
        if let Some(seconds) = kept.settings.page_deadline {
            options.limits.page_deadline = Duration::from_secs(seconds.into());
        }
        if options.engine == EngineChoice::Auto {
            options.engine = kept.settings.engine;
            // Chosen once, removed later: the window opens all the same.
            if options.program.pdfium.is_none() {
                options.engine = EngineChoice::Auto;
            }
        }
        let waker = Waker::new(context);
        let wake = waker.clone();
        options.wake = Arc::new(move || wake.wake());
        let session = Session::start(options)?;
        let mut notices = Notices::default();
        let swept = session.swept().bytes();
        if swept > 0 {
            let text = format!(
                "{} left behind by an earlier run was removed.",
                words::size(swept)
            );
            notices.tell(text);
        }
        let open_newest = paths.is_empty();
        if !paths.is_empty() {
            session.send(Command::TakeIn {
                paths,
                destination: Destination::Auto,
                passwords: vec![],
            });
        }
        Ok(Self {
            session,
            waker,
            kept,
            batches: Vec::new(),
            sheet: None,
            meter: None,
            textures: Textures::default(),
            grid: Grid::default(),
            split: None,
            picking_folder: None,
            choose_folder: None,
            table_follows: false,
            preview: Canvas::default(),
            large: Canvas::default(),
            opened: None,
            inspection: None,
            inspected: None,
            looked_at: Vec::new(),
            ordered: Instant::now(),
            searched: Instant::now(),
            drops: Drops::default(),
            picking: None,
            question: None,
            command_palette: None,
            settings_open: false,
            scratch: ScratchWindow::default(),
            forecast: None,
            thresholds: ThresholdsWindow::default(),
            focus_search: false,
            analysers: Vec::new(),
            pdfium: PdfiumState::Missing,
            notices,
            replays: failures::Replays::default(),
            duplicates: DuplicatesView::default(),
            given: Cell::new(None),
            open_newest,
        })
    }

    // Events.

    fn follow_events(&mut self, context: &Context) {
        self.waker.woken();
        for _ in 0..EVENTS_PER_FRAME {
            match self.session.events().try_recv() {
                Ok(event) => self.follow(context, event),
                Err(_) => return,
            }
        }
        context.request_repaint();
    }

    fn follow(&mut self, context: &Context, event: Event) {
        let shown = self.sheet.as_ref().map(Sheet::id);
        match event {
            Event::Batches(batches) => {
                self.batches = batches;
                if std::mem::take(&mut self.open_newest)
                    && let Some(newest) = self.batches.first()
                {
                    self.session.send(Command::Open(newest.batch.id));
                }
                if let Some(shown) = shown
                    && !self.batches.iter().any(|summary| summary.batch.id == shown)
                {
                    self.sheet = None;
                    self.opened = None;
                }
            }
            Event::Opened {
                batch,
                documents,
                pages,
                failures,
                findings,
                thresholds,
                judged,
            } => {
                let mut sheet = Sheet::new(batch, documents, pages, failures);
                sheet.put_judged(judged);
                self.session.send(Command::FindDuplicates);
                sheet.set_thresholds(thresholds, None);
                sheet.put_findings(findings);
                match self.sheet.take() {
                    Some(old) if old.id() == sheet.id() => sheet.keep_choices_of(old),
                    _ => {
                        self.textures.clear();
                        self.opened = None;
                        self.inspection = None;
                        self.inspected = None;
                    }
                }
                self.sheet = Some(sheet);
                self.grid = Grid::default();
            }
            Event::Engines { pdfium, .. } => self.pdfium = pdfium,
            Event::Progress(progress) => {
                if let Some(sheet) = &mut self.sheet
                    && sheet.id() == progress.summary.batch.id
                {
                    sheet.batch = progress.summary.batch.clone();
                    let was_done = sheet.progress.as_ref().map(|before| &before.state);
                    let ends = progress.state == RunState::Finished
                        && was_done.is_some_and(|state| *state != RunState::Finished);
                    if ends {
                        self.session.send(Command::FindDuplicates);
                    }
                    if (ends || self.searched.elapsed() >= SEARCH_AGAIN_AFTER)
                        && let Some(typed) = sheet.search_again()
                    {
                        self.searched = Instant::now();
                        let batch = sheet.id();
                        self.session.send(Command::Search { batch, typed });
                    }
                    sheet.progress = Some(progress);
                }
            }
            Event::Documents(batch, documents) if shown == Some(batch) => {
                let changed = |page: PageId| documents.iter().any(|d| d.id == page.document);
                if self.inspected.is_some_and(changed) {
                    self.inspected = None;
                }
                if let Some(sheet) = &mut self.sheet {
                    sheet.put_documents(documents);
                }
            }
            Event::Pages(batch, pages) if shown == Some(batch) => {
                for page in &pages {
                    self.textures.forget(page.id);
                    if self.inspected == Some(page.id) {
                        self.inspected = None;
                    }
                }
                if let Some(sheet) = &mut self.sheet {
                    sheet.put_pages(&pages);
                }
            }
            Event::PagesDropped(batch, document) if shown == Some(batch) => {
                if let Some(sheet) = &mut self.sheet {
                    for page in sheet.pages_of(document) {
                        self.textures.forget(page.id);
                        self.preview.forget(page.id);
                        self.large.forget(page.id);
                    }
                    sheet.drop_pages(document);
                }
            }
            Event::Failures(batch, failures) if shown == Some(batch) => {
                if let Some(sheet) = &mut self.sheet {
                    sheet.put_failures(failures);
                }
            }
            Event::Findings(batch, findings) if shown == Some(batch) => {
                let inspected = self.inspected;
                let is_shown = |finding: &Finding| {
                    inspected.is_some_and(|page| {
                        finding.id.document == page.document && finding.id.page == Some(page.number)
                    })
                };
                if findings.iter().any(is_shown) {
                    self.inspected = None;
                }
                if let Some(sheet) = &mut self.sheet {
                    sheet.put_findings(findings);
                }
            }
            Event::SearchFound {
                batch,
                typed,
                pages,
            } => {
                if let Some(sheet) = &mut self.sheet
                    && sheet.id() == batch
                    // Something else was typed since.
                    && sheet.typed.trim() == typed
                {
                    sheet.put_hits(typed, pages);
                }
            }
            Event::Analysers(analysers) => {
                self.analysers = analysers
                    .into_iter()
                    .map(|analyser| {
                        let installed = program_of(&analyser).is_some();
                        (analyser, installed)
                    })
                    .collect();
            }
            Event::Documents(..)
            | Event::Findings(..)
            | Event::Pages(..)
            | Event::PagesDropped(..)
            | Event::Failures(..) => {}
            Event::Scratch { meter, forecast } => {
                self.forecast = forecast;
                self.scratch.note(&meter);
                self.meter = Some(meter);
                // What is shown piece by piece has changed as well.
                if self.scratch.open {
                    self.session.send(Command::LookIntoScratch);
                }
            }
            Event::ScratchContents(contents) => self.scratch.arrive(contents, &self.batches),
            Event::Thumbnail(thumbnail) => {
                if let Some(given) = self.given.take() {
                    tracing::debug!(after = ?given.elapsed(), "first thumbnail");
                }
                self.textures.arrive(thumbnail);
            }
            Event::Judged(batch, judged) if shown == Some(batch) => {
                if let Some(sheet) = &mut self.sheet {
                    sheet.put_judged(judged);
                }
            }
            Event::Judged(..) => {}
            Event::Duplicates { found, groups } => {
                if let Some(sheet) = &mut self.sheet {
                    sheet.put_duplicates(found);
                }
                self.duplicates.arrive(groups);
            }
            Event::View(view) if self.duplicates.take(context, &view) => {}
            Event::View(view) => {
                self.preview.arrive(context, view.clone());
                self.large.arrive(context, view);
            }
            Event::SplitProposed(batch, plan) => {
                if let Some(split) = self.split_of(batch) {
                    split.proposed(plan);
                }
            }
            Event::SplitForecast {
                batch,
                version,
                sizes,
                free,
            } => {
                if let Some(split) = self.split_of(batch) {
                    split.forecast(version, sizes, free);
                }
            }
            Event::Export(state) => {
                if let Some(split) = &mut self.split {
                    split.exported(state);
                }
            }
            Event::Inspection(inspection) => self.inspection = Some(inspection),
            Event::Replayed(name, words) => {
                self.replays.insert(name, Some(words));
            }
            Event::Notice(text) => {
                self.notices.tell(text);
            }
            Event::Trouble(text) => {
                self.notices.warn(text);
            }
        }
    }

    fn split_of(&mut self, batch: BatchId) -> Option<&mut Split> {
        self.split.as_mut().filter(|split| split.batch() == batch)
    }

    // Actions.

    fn act(&mut self, context: &Context, frame: &eframe::Frame, action: Action) {
        let batch = self.sheet.as_ref().map(Sheet::id);
        match action {
            Action::AddFiles => self.picking = Some(Picking::open(Pick::Files, frame, context)),
            Action::AddFolder => self.picking = Some(Picking::open(Pick::Folder, frame, context)),
            Action::AddPath => {
                self.question = Some(Question::Path {
                    typed: String::new(),
                });
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
                    let mut pages: Vec<PageId> = sheet.selection.iter().copied().collect();
                    pages.sort();
                    if pages.is_empty() {
                        self.notices.tell("Select pages first.");
                    } else {
                        self.reprocess(Scope::Pages(pages));
                    }
                }
            }
            Action::ReprocessBatch => self.reprocess(Scope::All),
            Action::Passwords => {
                if batch.is_some() {
                    self.question = Some(Question::passwords(None));
                }
            }
            Action::ShowGrid => self.show(View::Grid),
            Action::ShowTable => self.show(View::Table),
            Action::ShowFailures => self.show(View::Failures),
            Action::ShowSplit => self.show(View::Split),
            Action::ToggleOverlays => self.kept.settings.overlays ^= true,
            Action::ShowDuplicates => self.show(View::Duplicates),
            Action::OpenPage => self.opened = self.sheet.as_ref().and_then(|sheet| sheet.cursor),
            Action::SelectAll => {
                if let Some(sheet) = &mut self.sheet {
                    sheet.select_all();
                }
            }
            Action::SelectNone => {
                if let Some(sheet) = &mut self.sheet {
                    sheet.selection.clear();
                }
            }
            Action::Larger => self.resize(grid::STEP),
            Action::Smaller => self.resize(-grid::STEP),
            Action::ToggleDocuments => {
                self.kept.settings.documents_shown = !self.kept.settings.documents_shown;
            }
            Action::ToggleInspector => {
                self.kept.settings.inspector_shown = !self.kept.settings.inspector_shown;
            }
            Action::Search => {
                self.kept.settings.documents_shown = true;
                self.focus_search = true;
            }
            Action::Thresholds => self.thresholds.open = !self.thresholds.open,
            Action::ScratchSpace => self.show_scratch(!self.scratch.open),
            Action::Settings => self.settings_open = !self.settings_open,
            Action::CommandPalette => self.command_palette = Some(CommandPalette::default()),
            Action::ForgetBatch => {
                if let Some(sheet) = &self.sheet {
                    self.question = Some(Question::Forget {
                        name: sheet.batch.name.clone(),
                    });
                }
            }
        }
    }

    fn pause_or_resume(&self) {
        let state = self
            .sheet
            .as_ref()
            .and_then(|sheet| sheet.progress.as_ref());
        match state.map(|progress| &progress.state) {
            Some(RunState::Running | RunState::Held(_)) => self.session.send(Command::Pause),
            Some(RunState::Paused | RunState::Cancelled) => self.session.send(Command::Resume),
            Some(RunState::Finished) | None => {}
        }
    }

    fn reprocess(&self, scope: Scope) {
        if let Some(sheet) = &self.sheet {
            self.session.send(Command::Reprocess {
                batch: sheet.id(),
                scope,
                passwords: vec![],
            });
        }
    }

    fn show(&mut self, view: View) {
        self.kept.settings.view = view;
        self.opened = None;
        self.table_follows = true;
        self.grid.follow_cursor = true;
    }

    fn resize(&mut self, by: f32) {
        let cell = &mut self.kept.settings.cell;
        *cell = (*cell + by).clamp(grid::SMALLEST, grid::LARGEST);
        self.grid.follow_cursor = true;
    }

    fn take_in(&self, paths: Vec<PathBuf>, destination: Destination) {
        if !paths.is_empty() {
            self.given.set(Some(Instant::now()));
            self.session.send(Command::TakeIn {
                paths,
                destination,
                passwords: vec![],
            });
        }
    }

    fn answer(&self, answer: Answer) {
        let Some(batch) = self.sheet.as_ref().map(Sheet::id) else {
            if let Answer::Path(path) = answer {
                self.take_in(vec![path], Destination::Auto);
            }
            return;
        };
        match answer {
            Answer::Passwords {
                document,
                passwords,
            } => self.session.send(Command::Unlock {
                batch,
                document,
                passwords,
            }),
            Answer::Path(path) => self.take_in(vec![path], Destination::Auto),
            Answer::Forget => self.session.send(Command::Forget(batch)),
        }
    }

    // Layout.

    fn top(&mut self, ui: &mut Ui, frame: &eframe::Frame) {
        let inner = Frame::new().inner_margin(Margin::symmetric(12, 0));
        let fill = Palette::of(ui).panel;
        let asked = Panel::top("top")
            .exact_size(theme::TOP_BAR)
            .frame(inner.fill(fill))
            .show(ui, |ui| {
                ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                    toolbar::ui(
                        ui,
                        &self.batches,
                        self.sheet.as_ref(),
                        self.kept.settings.view,
                        &self.analysers,
                    )
                })
                .inner
            })
            .inner;
        match asked {
            Some(toolbar::Asked::Do(action)) => {
                let context = ui.ctx().clone();
                self.act(&context, frame, action);
            }
            Some(toolbar::Asked::OpenBatch(batch)) => self.session.send(Command::Open(batch)),
            Some(toolbar::Asked::Analyse(analyser, whose)) => self.analyse(analyser, whose),
            Some(toolbar::Asked::StopAnalysers) => {
                if let Some(sheet) = &self.sheet {
                    self.session.send(Command::StopAnalysers(sheet.id()));
                }
            }
            None => {}
        }
    }

    fn analyse(&self, analyser: String, whose: toolbar::Whose) {
        let Some(sheet) = &self.sheet else { return };
        let scope = match whose {
            toolbar::Whose::All => Scope::All,
            toolbar::Whose::Failed => Scope::Failed,
            toolbar::Whose::Selected => Scope::Pages(sheet.selection.iter().copied().collect()),
        };
        self.session.send(Command::RunAnalyser {
            batch: sheet.id(),
            analyser,
            scope,
        });
    }

    fn bottom(&mut self, ui: &mut Ui) {
        let fill = Palette::of(ui).panel;
        let asked = Panel::bottom("bottom")
            .exact_size(theme::STATUS_BAR)
            .frame(
                Frame::new()
                    .inner_margin(Margin::symmetric(12, 0))
                    .fill(fill),
            )
            .show(ui, |ui| {
                status::ui(ui, self.meter.as_ref(), self.sheet.as_ref())
            })
            .inner;
        match asked {
            Some(status::Asked::Scratch) => self.show_scratch(true),
            Some(status::Asked::Failures) => self.show(View::Failures),
            None => {}
        }
    }

    /// The banner while work waits for space.
    fn shortage(&mut self, ui: &mut Ui) {
        let state = self
            .sheet
            .as_ref()
            .and_then(|sheet| Some(&sheet.progress.as_ref()?.state));
        let Some(RunState::Held(reason)) = state else {
            return;
        };
        match shortage::ui(ui, reason) {
            Some(shortage::Asked::MakeRoom) => self.show_scratch(true),
            Some(shortage::Asked::Pause) => self.session.send(Command::Pause),
            None => {}
        }
    }

    fn folder_picked(&mut self, wanted: FolderFor, picked: Picked) {
        let folder = match picked {
            Picked::Paths(paths) => paths.into_iter().next(),
            Picked::NoDialog => {
                self.notices
                    .tell("This system shows no file dialog: type the folder's path.");
                None
            }
        };
        let Some(folder) = folder else { return };
        match wanted {
            FolderFor::Scratch => self.session.send(Command::MoveScratch(Some(folder))),
            FolderFor::Parts => {
                if let Some(split) = &mut self.split {
                    split.form.folder = folder.display().to_string();
                }
            }
        }
    }

    fn show_scratch(&mut self, open: bool) {
        self.scratch.open = open;
        if open {
            self.session.send(Command::LookIntoScratch);
        }
    }

    fn scratch_window(&mut self, context: &Context) {
        let Some(meter) = &self.meter else { return };
        let shown = self.sheet.as_ref().map(Sheet::id);
        match self
            .scratch
            .ui(context, meter, self.forecast.as_ref(), shown)
        {
            Some(scratch::Asked::Policy(policy)) => {
                self.session.send(Command::SetScratchPolicy(policy));
            }
            Some(scratch::Asked::Move(folder)) => self.session.send(Command::MoveScratch(folder)),
            Some(scratch::Asked::ChooseFolder) => self.choose_folder = Some(FolderFor::Scratch),
            Some(scratch::Asked::Clean) => self.session.send(Command::CleanScratch),
            None => {}
        }
    }

    fn sides(&mut self, ui: &mut Ui) {
        let Some(sheet) = &mut self.sheet else { return };
        let palette = Palette::of(ui);
        let focus_search = std::mem::take(&mut self.focus_search);
        if self.kept.settings.documents_shown {
            let frame = Frame::new().fill(palette.panel).inner_margin(8);
            let asked = Panel::left("documents")
                .default_size(240.0)
                .size_range(160.0..=480.0)
                .frame(frame)
                .show(ui, |ui| documents::ui(ui, sheet, focus_search))
                .inner;
            match asked {
                Some(documents::Asked::Reprocess(document)) => {
                    self.session.send(Command::Reprocess {
                        batch: sheet.id(),
                        scope: Scope::Documents(vec![document]),
                        passwords: vec![],
                    });
                }
                Some(documents::Asked::Search(typed)) => self.session.send(Command::Search {
                    batch: sheet.id(),
                    typed,
                }),
                Some(documents::Asked::Unlock(document)) => {
                    let name = sheet
                        .document(document)
                        .map_or(String::new(), |d| d.name.clone());
                    self.question = Some(Question::passwords(Some((document, name))));
                }
                Some(documents::Asked::CopyPath(document)) => {
                    if let Some(document) = sheet.document(document) {
                        let path = document.source.file().display().to_string();
                        ui.ctx().copy_text(path);
                    }
                }
                None => {}
            }
        }
        if self.kept.settings.view == View::Split && self.opened.is_none() {
            self.split_panel(ui);
        } else if self.kept.settings.inspector_shown
            // Two pages side by side need the room.
            && (self.kept.settings.view != View::Duplicates || self.opened.is_some())
        {
            self.inspector(ui);
        }
    }

    fn inspector(&mut self, ui: &mut Ui) {
        let Some(sheet) = &self.sheet else { return };
        let palette = Palette::of(ui);
        let frame = Frame::new()
            .fill(palette.panel)
            .inner_margin(Margin::symmetric(12, 8));
        let is_large = self.opened.is_some();
        let thumbnail = sheet.cursor.and_then(|id| {
            let done = sheet.page(id)?.state == PageState::Done;
            self.textures.get(id, done)
        });
        let preview = (!is_large).then_some((&mut self.preview, thumbnail));
        let asked = Panel::right("inspector")
            .default_size(320.0)
            .size_range(240.0..=900.0)
            .frame(frame)
            .show(ui, |ui| {
                let overlays = self.kept.settings.overlays;
                inspector::ui(ui, sheet, self.inspection.as_ref(), preview, overlays)
            })
            .inner;
        let Some(cursor) = sheet.cursor else { return };
        if let Some(longest) = asked.view {
            self.session.send(Command::View {
                page: cursor,
                longest,
            });
        }
        if asked.again {
            self.session.send(Command::Reprocess {
                batch: sheet.id(),
                scope: Scope::Pages(vec![cursor]),
                passwords: vec![],
            });
        }
        if asked.unlock {
            let name = sheet
                .document(cursor.document)
                .map_or(String::new(), |d| d.name.clone());
            self.question = Some(Question::passwords(Some((cursor.document, name))));
        }
    }

    fn middle(&mut self, ui: &mut Ui, frame: &eframe::Frame) {
        let ground = Palette::of(ui).ground;
        CentralPanel::default()
            .frame(Frame::new().fill(ground).inner_margin(12))
            .show(ui, |ui| {
                if self.sheet.is_none() {
                    self.empty(ui, frame);
                } else if let Some(page) = self.opened {
                    self.large_page(ui, page);
                } else {
                    match self.kept.settings.view {
                        View::Grid => self.grid_view(ui),
                        View::Table => self.table_view(ui),
                        View::Failures => self.failures_view(ui),
                        View::Split => self.split_view(ui),
                        View::Duplicates => self.duplicates_view(ui),
                    }
                }
            });
    }

    fn empty(&mut self, ui: &mut Ui, frame: &eframe::Frame) {
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

    fn grid_view(&mut self, ui: &mut Ui) {
        let Some(sheet) = &mut self.sheet else { return };
        if sheet.order().is_empty() {
            nothing_here(ui, sheet);
            return;
        }
        let side = self.kept.settings.cell;
        let outcome = self.grid.ui(ui, sheet, &mut self.textures, side);
        if outcome.opened.is_some() {
            self.opened = outcome.opened;
        }
        self.look_at(outcome.on_screen);
    }

    fn table_view(&mut self, ui: &mut Ui) {
        let Some(sheet) = &mut self.sheet else { return };
        if sheet.order().is_empty() {
            nothing_here(ui, sheet);
            return;
        }
        let outcome = {
            let hidden = &mut self.kept.settings.hidden_columns;
            table::ui(ui, sheet, hidden, &mut self.table_follows)
        };
        if outcome.opened.is_some() {
            self.opened = outcome.opened;
        }
        self.look_at(outcome.on_screen);
    }

    /// The rules and what else belongs beside the split view.
    fn split_panel(&mut self, ui: &mut Ui) {
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
            self.split = Some(Split::new(batch, form));
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
        if asked.choose_folder {
            self.choose_folder = Some(FolderFor::Parts);
        }
    }

    /// Has an edited plan kept before it goes from here.
    fn keep_split(&mut self) {
        if let Some(keep) = self.split.as_mut().and_then(Split::keep) {
            self.session.send(keep);
        }
    }

    fn split_view(&mut self, ui: &mut Ui) {
        let (Some(sheet), Some(split)) = (&self.sheet, &mut self.split) else {
            return;
        };
        let side = self.kept.settings.cell;
        let outcome = split.ui(ui, sheet, &mut self.textures, side);
        if outcome.opened.is_some() {
            self.opened = outcome.opened;
        }
        self.look_at(outcome.on_screen);
    }

    fn failures_view(&mut self, ui: &mut Ui) {
        let Some(sheet) = &mut self.sheet else { return };
        let batch = sheet.id();
        match failures::ui(ui, sheet, &self.replays) {
            Some(failures::Asked::Replay(record)) => {
                let name = RecordName::of(&record.failure);
                self.replays.insert(name, None);
                self.session.send(Command::Replay(record));
            }
            Some(failures::Asked::AllAgain) => self.reprocess(Scope::Failed),
            Some(failures::Asked::Passwords) => self.question = Some(Question::passwords(None)),
            Some(failures::Asked::Document(document)) => {
                self.session.send(Command::Reprocess {
                    batch,
                    scope: Scope::Documents(vec![document]),
                    passwords: vec![],
                });
            }
            Some(failures::Asked::Page(page)) => self.reprocess(Scope::Pages(vec![page])),
            Some(failures::Asked::Unlock(document)) => {
                let name = sheet
                    .document(document)
                    .map_or(String::new(), |d| d.name.clone());
                self.question = Some(Question::passwords(Some((document, name))));
            }
            Some(failures::Asked::Show(page)) => {
                sheet.select(page, false, false);
                self.opened = Some(page);
            }
            None => {}
        }
    }

    fn duplicates_view(&mut self, ui: &mut Ui) {
        match self.duplicates.ui(ui) {
            Some(duplicates::Asked::View(page, longest)) => {
                self.session.send(Command::View { page, longest });
            }
            Some(duplicates::Asked::Dismiss { pages, restore }) => {
                self.session
                    .send(Command::DismissDuplicates { pages, restore });
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

    fn large_page(&mut self, ui: &mut Ui, id: PageId) {
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
            let title = format!("{name} · page {}", id.number);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if ui
                    .button("Fit")
                    .on_hover_text("Show the whole page  (0)")
                    .clicked()
                {
                    self.large.fit();
                }
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
            if pressed(Key::ArrowLeft) || pressed(Key::ArrowUp) || pressed(Key::PageUp) {
                by = -1;
            }
        }
        let thumbnail = self.textures.get(id, page.state == PageState::Done);
        let shown = sheet.shown_over_pages(self.kept.settings.overlays);
        let view = self.large.ui(ui, &page, thumbnail, shown);
        if let Some(longest) = view {
            self.session.send(Command::View { page: id, longest });
        }
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
        self.look_at(vec![id]);
    }

    fn look_at(&mut self, pages: Vec<PageId>) {
        if self.looked_at != pages {
            self.looked_at.clone_from(&pages);
            self.session.send(Command::Look(pages));
        }
    }

    /// Sorts and filters anew: at once when a person asked, and now and then
    /// while results arrive.
    fn keep_order(&mut self, context: &Context) {
        let Some(sheet) = &mut self.sheet else { return };
        sheet.keep_up();
        if !sheet.is_stale() {
            return;
        }
        if sheet.is_as_it_lies() || self.ordered.elapsed() >= SORT_AFTER || sheet.order().is_empty()
        {
            sheet.refresh();
            self.ordered = Instant::now();
        } else {
            context.request_repaint_after(SORT_AFTER);
        }
    }

    fn inspect_cursor(&mut self) {
        let Some(sheet) = &self.sheet else { return };
        if sheet.cursor != self.inspected {
            self.inspected = sheet.cursor;
            if let Some(page) = sheet.cursor {
                self.session.send(Command::Inspect(page));
            }
        }
    }

    /// Addresses that a file manager put on the clipboard.
    fn pasted(&self, context: &Context) {
        if context.text_edit_focused() || self.question.is_some() {
            return;
        }
        let pasted: Vec<PathBuf> = context.input(|input| {
            let texts = input.raw.events.iter().filter_map(|event| match event {
                InputEvent::Paste(text) => Some(text.as_str()),
                _ => None,
            });
            texts
                .flat_map(str::lines)
                .map(dialogs::path_of)
                .filter(|path| path.is_absolute() && path.exists())
                .collect()
        });
        let distinct: HashSet<&PathBuf> = pasted.iter().collect();
        if !distinct.is_empty() {
            self.take_in(pasted, Destination::Auto);
        }
    }

    fn dropped(&mut self, context: &Context) {
        let batch = self
            .sheet
            .as_ref()
            .map(|sheet| (sheet.id(), sheet.batch.name.clone()));
        let name = batch.as_ref().map(|(_, name)| name.as_str());
        let dropped = self.drops.ui(context, name);
        match (dropped, batch) {
            (Some(Dropped::AddToBatch(paths)), Some((batch, _))) => {
                self.take_in(paths, Destination::Batch(batch));
            }
            (Some(Dropped::NewBatch(paths) | Dropped::AddToBatch(paths)), _) => {
                self.take_in(paths, Destination::Auto);
            }
            (Some(Dropped::Split(paths)), _) => {
                self.take_in(paths, Destination::Auto);
                self.show(View::Split);
            }
            (None, _) => {}
        }
    }
}

/// On Wayland the window is never told of dropped files (winit#1881).
fn can_drop() -> bool {
    std::env::var_os("WAYLAND_DISPLAY").is_none_or(|display| display.is_empty())
}

fn nothing_here(ui: &mut Ui, sheet: &Sheet) {
    ui.add_space(ui.available_height() * 0.35);
    ui.vertical_centered(|ui| {
        let taking_in = sheet
            .progress
            .as_ref()
            .is_some_and(|progress| progress.taking_in);
        let filtered = sheet.filter.document.and_then(|id| sheet.document(id));
        match filtered {
            Some(document) if document.status.is_failure() => {
                ui.heading(document.status.label());
                if let Some(failure) = sheet.failure(document.id, None) {
                    ui.label(failure.kind.explanation());
                    ui.weak(failure.kind.advice());
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

impl Drop for Desk {
    fn drop(&mut self) {
        // Carried out before the session ends: it takes what comes in order.
        self.keep_split();
    }
}

impl eframe::App for Desk {
    fn logic(&mut self, context: &Context, _: &mut eframe::Frame) {
        self.follow_events(context);
    }

    fn ui(&mut self, ui: &mut Ui, frame: &mut eframe::Frame) {
        let context = ui.ctx().clone();
        self.keep_order(&context);
        let quiet = self.question.is_none() && self.command_palette.is_none();
        if quiet {
            if self.kept.settings.view == View::Split
                && self.opened.is_none()
                && let Some(split) = &mut self.split
            {
                split.keys(&context);
            }
            let zoomed = self.opened.is_some() && self.large.keys(ui);
            if !zoomed {
                for action in Action::pressed(&context) {
                    self.act(&context, frame, action);
                }
            }
            self.pasted(&context);
        }
        self.top(ui, frame);
        self.bottom(ui);
        self.shortage(ui);
        self.sides(ui);
        self.middle(ui, frame);
        self.inspect_cursor();

        if let Some(answer) = dialogs::ask(&context, &mut self.question) {
            self.answer(answer);
        }
        if let Some(action) = palette::ui(&context, &mut self.command_palette) {
            self.act(&context, frame, action);
        }
        let theme = self.kept.settings.theme;
        let asked = settings_ui::ui(
            &context,
            &mut self.settings_open,
            &mut self.kept.settings,
            &self.pdfium,
        );
        match asked {
            Some(settings_ui::Asked::Engine(choice)) => {
                self.session.send(Command::SetEngine(choice));
            }
            Some(settings_ui::Asked::InstallPdfium) => self.session.send(Command::InstallPdfium),
            Some(settings_ui::Asked::Scratch) => self.show_scratch(true),
            None => {}
        }
        self.scratch_window(&context);
        if let Some(sheet) = &mut self.sheet {
            let profiles = &mut self.kept.settings.profiles;
            let asked = self.thresholds.ui(&context, sheet, profiles);
            if let Some(thresholds::Asked::Keep(thresholds)) = asked {
                self.session.send(Command::KeepThresholds {
                    batch: sheet.id(),
                    thresholds: Box::new(thresholds),
                });
            }
        }
        if self.kept.settings.theme != theme {
            context.set_theme(self.kept.settings.theme);
        }
        if let Some(picked) = self.picking.as_ref().and_then(Picking::picked) {
            self.picking = None;
            match picked {
                Picked::Paths(paths) => self.take_in(paths, Destination::Auto),
                Picked::NoDialog => {
                    self.notices
                        .tell("This system shows no file dialog: type the path.");
                    self.question = Some(Question::Path {
                        typed: String::new(),
                    });
                }
            }
        }
        if let Some(wanted) = self.choose_folder.take() {
            let picking = Picking::open(Pick::OneFolder, frame, &context);
            self.picking_folder = Some((wanted, picking));
        }
        if let Some((wanted, picking)) = &self.picking_folder
            && let Some(picked) = picking.picked()
        {
            let wanted = *wanted;
            self.picking_folder = None;
            self.folder_picked(wanted, picked);
        }
        self.dropped(&context);
        self.notices.ui(&context);
        if let Some(wanted) = self.textures.end_frame(&context) {
            self.session.send(Command::Thumbnails(wanted));
        }
        if let Some(rect) = context.input(|input| input.viewport().inner_rect) {
            self.kept.settings.window = Some([rect.width(), rect.height()]);
        }
        // Written only when a drag or a resize has ended.
        if !context.input(|input| input.pointer.any_down()) {
            self.kept.keep();
        }
    }
}

/// For tests: what the window knows.
impl Desk {
    /// The shown batch.
    pub fn shown_batch(&self) -> Option<BatchId> {
        self.sheet.as_ref().map(Sheet::id)
    }
}
