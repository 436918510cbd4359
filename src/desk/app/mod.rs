//! The window's state and layout: follows events, carries out actions, and puts
//! the parts where they belong. How each part looks is in its own module.

mod acting;
mod deciding;
mod events;
mod reports;
mod views;

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::{
    self, Context, Event as InputEvent, Frame, InputState, Key, Margin, Modifiers, Panel, Ui,
};

use crate::desk::about::AboutWindow;
use crate::desk::actions::Action;
use crate::desk::batch_menu::BatchMenu;
use crate::desk::batches::{self, BatchesWindow};
use crate::desk::canvas::Canvas;
use crate::desk::changes::ChangesWindow;
use crate::desk::compare::Compare;
use crate::desk::crash_report::CrashReport;
use crate::desk::dialogs::{Pick, Picked, Picking, Question};
use crate::desk::documents_table::DocumentsTable;
use crate::desk::drops::{Dropped, Drops};
use crate::desk::duplicates::DuplicatesView;
use crate::desk::dwelling::Dwelling;
use crate::desk::folding::{Folding, Side};
use crate::desk::grid::Grid;
use crate::desk::headway::HeadwayWindow;
use crate::desk::keys;
use crate::desk::keys_window::KeysWindow;
use crate::desk::notices::Notices;
use crate::desk::palette::CommandPalette;
use crate::desk::presets::PresetsWindow;
use crate::desk::rules::RulesWindow;
use crate::desk::sample::{Judging, SampleWindow};
use crate::desk::save_table::SaveTable;
use crate::desk::scratch::ScratchWindow;
use crate::desk::second_window::SecondWindow;
use crate::desk::settings::View;
use crate::desk::settings_file::Kept;
use crate::desk::sheet::Sheet;
use crate::desk::split::Split;
use crate::desk::spread::Spread;
use crate::desk::terms::TermsWindow;
use crate::desk::textures::Textures;
use crate::desk::theme::Palette;
use crate::desk::thresholds::ThresholdsWindow;
use crate::desk::unlocking::Unlocking;
use crate::desk::{
    Waker, dialogs, documents, failures, help, inspector, palette, prepare, save_table,
    saved_views, scratch, settings_ui, shortage, status, theme, thresholds, toolbar, unlocking,
    words,
};
use crate::model::{Analyser, BatchId, BatchSummary, DocumentId, PageId};
use crate::triage::{
    Command, Destination, EngineChoice, Forecast, Inspection, Meter, Options, PdfiumState,
    RunState, Scope, Session, StartError,
};

/// While pages arrive, those that have what is searched for are looked up this often.
const SEARCH_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// What a folder or a file is chosen for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum PlaceFor {
    /// Parts of documents.
    Parts,
    /// Temporary files.
    Scratch,
    /// A table; the dialog begins with this file.
    Table(PathBuf),
    /// A manifest that is to be checked.
    Manifest,
    /// A list of terms.
    Terms,
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
    /// A dialog for a place to write to.
    picking_place: Option<(PlaceFor, Picking)>,
    choose_place: Option<PlaceFor>,
    table_follows: bool,
    documents_table: DocumentsTable,
    /// The preview in the inspector, and the page shown large.
    preview: Canvas,
    large: Canvas,
    second_window: SecondWindow,
    /// Pages are to be drawn at other sizes than were asked for.
    views_changed: bool,
    opened: Option<PageId>,
    /// Pages that are shown side by side.
    compare: Option<Compare>,
    /// When the cursor moved by itself, because its page is not shown any more.
    cursor_moved: Instant,
    inspection: Option<Inspection>,
    inspected: Option<PageId>,
    looked_at: Vec<PageId>,
    ordered: Instant,
    /// When proposals were last worked out anew.
    proposed: Instant,
    rules: RulesWindow,
    batches_window: BatchesWindow,
    presets: PresetsWindow,
    headway: HeadwayWindow,
    terms: TermsWindow,
    sample: SampleWindow,
    /// A page of the sample is judged.
    judging: Option<Judging>,
    /// Pages that can be read on the screen now.
    readable: Vec<PageId>,
    dwelling: Dwelling,
    keys_window: KeysWindow,
    changes: ChangesWindow,
    searched: Instant,
    drops: Drops,
    picking: Option<Picking>,
    question: Option<Question>,
    /// Asks of which other pages the same is to be said.
    spread: Option<Spread>,
    save_table: Option<SaveTable>,
    command_palette: Option<CommandPalette>,
    settings_open: bool,
    help_open: bool,
    unlocking: Unlocking,
    about: AboutWindow,
    crash_report: CrashReport,
    scratch: ScratchWindow,
    forecast: Option<Forecast>,
    thresholds: ThresholdsWindow,
    /// What is typed next goes to the search.
    focus_search: bool,
    /// External analysers, and whether their program is on this machine.
    analysers: Vec<(Arc<Analyser>, bool)>,
    pdfium: PdfiumState,
    notices: Notices,
    folding: Folding,
    replays: failures::Replays,
    duplicates: DuplicatesView,
    batch_menu: BatchMenu,
    /// What was dropped last on the shown batch, until it is taken in.
    added: Option<Added>,
    /// When files were last given, until the first picture of them is there.
    given: Cell<Option<Instant>>,
    /// Open the batch that was shown last once the list of batches is there.
    open_last: bool,
    /// Batches that were unfinished were told to go on.
    gone_on: bool,
    /// Files of documents that were taken out of batches since the program started.
    taken_out: HashMap<BatchId, Vec<PathBuf>>,
}

/// Files dropped on a batch.
struct Added {
    batch: BatchId,
    /// The newest document before.
    newest: Option<DocumentId>,
    /// They are being taken in.
    began: bool,
}

/// A session that runs, and what the window needs beside it.
pub struct Started {
    session: Session,
    waker: Waker,
    kept: Kept,
}

/// Reads the settings and starts a session as they say. May take long; see
/// [`Session::start`].
pub fn start(
    context: &Context,
    mut options: Options,
    settings: &Path,
) -> Result<Started, StartError> {
    let kept = Kept::read(settings);
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
    Ok(Started {
        session: Session::start(options)?,
        waker,
        kept,
    })
}

impl Desk {
    /// Starts a session and shows it; see [`Self::on`].
    pub fn new(
        context: &Context,
        options: Options,
        settings: &Path,
        paths: Vec<PathBuf>,
    ) -> Result<Self, StartError> {
        prepare(context);
        Ok(Self::on(context, start(context, options, settings)?, paths))
    }

    /// Shows a session and takes in `paths`; without any, opens the batch that was shown
    /// last. Batches that are unfinished go on.
    pub fn on(context: &Context, started: Started, paths: Vec<PathBuf>) -> Self {
        let Started {
            session,
            waker,
            mut kept,
        } = started;
        context.set_theme(kept.settings.theme);
        let mut notices = Notices::default();
        if let Some(trouble) = kept.take_trouble() {
            notices.warn(trouble);
        }
        let swept = session.swept().bytes();
        if swept > 0 {
            let text = format!(
                "{} left behind by an earlier run was removed.",
                words::size(swept)
            );
            notices.tell(text);
        }
        let open_last = paths.is_empty();
        if !paths.is_empty() {
            session.send(Command::TakeIn {
                paths,
                destination: Destination::Auto,
                passwords: vec![],
            });
        }
        Self {
            session,
            waker,
            kept,
            batches: Vec::new(),
            sheet: None,
            meter: None,
            textures: Textures::default(),
            grid: Grid::default(),
            split: None,
            picking_place: None,
            choose_place: None,
            table_follows: false,
            documents_table: DocumentsTable::default(),
            preview: Canvas::default(),
            large: Canvas::default(),
            second_window: SecondWindow::default(),
            views_changed: false,
            opened: None,
            compare: None,
            cursor_moved: Instant::now(),
            inspection: None,
            inspected: None,
            looked_at: Vec::new(),
            ordered: Instant::now(),
            proposed: Instant::now(),
            rules: RulesWindow::default(),
            batches_window: BatchesWindow::default(),
            presets: PresetsWindow::default(),
            headway: HeadwayWindow::default(),
            terms: TermsWindow::default(),
            sample: SampleWindow::default(),
            judging: None,
            readable: Vec::new(),
            dwelling: Dwelling::default(),
            keys_window: KeysWindow::default(),
            changes: ChangesWindow::default(),
            searched: Instant::now(),
            drops: Drops::default(),
            picking: None,
            question: None,
            spread: None,
            save_table: None,
            command_palette: None,
            settings_open: false,
            help_open: false,
            unlocking: Unlocking::default(),
            about: AboutWindow::default(),
            crash_report: CrashReport::default(),
            scratch: ScratchWindow::default(),
            forecast: None,
            thresholds: ThresholdsWindow::default(),
            focus_search: false,
            analysers: Vec::new(),
            pdfium: PdfiumState::Missing,
            notices,
            folding: Folding::default(),
            replays: failures::Replays::default(),
            duplicates: DuplicatesView::default(),
            batch_menu: BatchMenu::default(),
            added: None,
            given: Cell::new(None),
            open_last,
            gone_on: false,
            taken_out: HashMap::new(),
        }
    }

    // Events.

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
                        &mut self.batch_menu,
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

    fn place_picked(&mut self, wanted: &PlaceFor, picked: Picked) {
        let place = match picked {
            Picked::Paths(paths) => paths.into_iter().next(),
            Picked::NoDialog => {
                self.notices
                    .tell("This system shows no file dialog: type the path.");
                if *wanted == PlaceFor::Manifest {
                    self.question = Some(Question::Manifest {
                        typed: String::new(),
                    });
                }
                None
            }
        };
        let Some(place) = place else { return };
        match wanted {
            PlaceFor::Scratch => self.session.send(Command::MoveScratch(Some(place))),
            PlaceFor::Manifest => self.session.send(Command::Verify(place)),
            PlaceFor::Terms => self.read_terms(&place),
            PlaceFor::Parts => {
                if let Some(split) = &mut self.split {
                    split.form.folder = place;
                }
            }
            PlaceFor::Table(_) => {
                if let Some(question) = &mut self.save_table {
                    question.chosen(place);
                }
            }
        }
    }

    /// Escape closes a window before it leaves the page below it.
    fn close_window(&mut self, context: &Context) {
        let open = [
            &mut self.help_open,
            &mut self.about.open,
            &mut self.crash_report.open,
            &mut self.settings_open,
            &mut self.keys_window.open,
            &mut self.presets.open,
            &mut self.batches_window.open,
            &mut self.headway.open,
            &mut self.terms.open,
            &mut self.sample.open,
            &mut self.rules.open,
            &mut self.changes.open,
            &mut self.thresholds.open,
            &mut self.scratch.open,
        ];
        let Some(open) = open.into_iter().find(|open| **open) else {
            return;
        };
        let escape = |input: &mut InputState| input.consume_key(Modifiers::NONE, Key::Escape);
        // What pops up over a window, as a menu, and a field that is typed in come first.
        let is_taken = egui::Popup::is_any_open(context) || context.text_edit_focused();
        if !is_taken && context.input_mut(escape) {
            *open = false;
        }
    }

    /// A dialog waits for an answer: what is typed is for it alone.
    fn asks_something(&self) -> bool {
        self.question.is_some()
            || self.spread.is_some()
            || self.save_table.is_some()
            || self.command_palette.is_some()
            || self.unlocking.is_open()
            || self.keys_window.waits()
    }

    fn unlocking_dialog(&mut self, context: &Context) {
        let Some(sheet) = &self.sheet else { return };
        if let Some(asked) = self.unlocking.dialog(context, sheet) {
            self.unlock(asked);
        }
    }

    /// Has passwords tried.
    fn unlock(&self, asked: unlocking::Asked) {
        if let Some(sheet) = &self.sheet {
            self.session.send(Command::Unlock {
                batch: sheet.id(),
                document: asked.document,
                passwords: asked.passwords,
            });
        }
    }

    fn save_table_question(&mut self, context: &Context) {
        let (Some(question), Some(sheet)) = (&mut self.save_table, &self.sheet) else {
            return;
        };
        match question.ui(context, sheet) {
            Some(save_table::Asked::Save {
                listed,
                format,
                path,
                replace,
            }) => {
                self.kept.settings.set_tables_folder(path.parent());
                self.session.send(Command::SaveTable {
                    batch: sheet.id(),
                    listed,
                    format,
                    path,
                    replace,
                });
                self.save_table = None;
            }
            Some(save_table::Asked::Choose(path)) => {
                self.choose_place = Some(PlaceFor::Table(path));
            }
            Some(save_table::Asked::Close) => self.save_table = None,
            None => {}
        }
    }

    fn overview(&mut self, context: &Context) {
        let shown = self.sheet.as_ref().map(Sheet::id);
        match self.batches_window.ui(context, &self.batches, shown) {
            Some(batches::Asked::Open(batch)) => {
                self.batches_window.open = false;
                self.session.send(Command::Open(batch));
            }
            Some(batches::Asked::Rename(batch, name)) => {
                self.session.send(Command::Rename(batch, name));
            }
            Some(batches::Asked::Archive(batch, archived)) => {
                self.session.send(Command::Archive(batch, archived));
            }
            Some(batches::Asked::Forget(batch, name)) => {
                self.question = Some(Question::Forget { batch, name });
            }
            None => {}
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
        self.scratch.tab = self.kept.settings.scratch_tab;
        let asked = self
            .scratch
            .ui(context, meter, self.forecast.as_ref(), shown);
        self.kept.settings.scratch_tab = self.scratch.tab;
        match asked {
            Some(scratch::Asked::Policy(policy)) => {
                self.session.send(Command::SetScratchPolicy(policy));
            }
            Some(scratch::Asked::Move(folder)) => self.session.send(Command::MoveScratch(folder)),
            Some(scratch::Asked::ChooseFolder) => self.choose_place = Some(PlaceFor::Scratch),
            Some(scratch::Asked::Clean) => self.session.send(Command::CleanScratch),
            None => {}
        }
    }

    fn sides(&mut self, ui: &mut Ui, frame: &eframe::Frame) {
        let Some(sheet) = &mut self.sheet else { return };
        let palette = Palette::of(ui);
        let focus_search = std::mem::take(&mut self.focus_search);
        let mut of_page = None;
        let mut saved = None;
        self.folding.follow(ui.available_width());
        if self
            .folding
            .shows(Side::Documents, self.kept.settings.documents_shown)
        {
            let around = Frame::new().fill(palette.panel).inner_margin(8);
            let asked = Panel::left("documents")
                .default_size(240.0)
                .size_range(160.0..=480.0)
                .frame(around)
                .show(ui, |ui| {
                    let settings = &mut self.kept.settings;
                    documents::ui(ui, sheet, settings.view, &mut settings.saved, focus_search)
                })
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
                Some(documents::Asked::Saved(chosen)) => saved = Some(chosen),
                Some(documents::Asked::Unlock(document)) => self.unlocking.ask(Some(document)),
                Some(documents::Asked::Page(asked)) => of_page = Some(asked),
                None => {}
            }
        }
        if self.kept.settings.view == View::Split && self.opened.is_none() {
            self.split_panel(ui);
        } else if self.folding.shows(Side::Inspector, self.kept.settings.inspector_shown)
            // Two pages side by side need the room.
            && self.compare.is_none()
            // What was decided stands there.
            && self.judging.is_none()
            && (self.kept.settings.view != View::Duplicates || self.opened.is_some())
        {
            self.inspector(ui);
        }
        if let Some(asked) = of_page {
            self.page_menu(ui.ctx(), frame, asked);
        }
        match saved {
            Some(saved_views::Chosen::View(view)) => self.show_saved(&view),
            Some(saved_views::Chosen::Question(question)) => self.ask_for(question),
            None => {}
        }
    }

    fn inspector(&mut self, ui: &mut Ui) {
        let Some(sheet) = &self.sheet else { return };
        let palette = Palette::of(ui);
        let frame = Frame::new()
            .fill(palette.panel)
            .inner_margin(Margin::symmetric(12, 8));
        let is_large = self.opened.is_some() || self.compare.is_some();
        let thumbnail = sheet.cursor.and_then(|id| {
            let measured = sheet.page(id)?.measurements.is_some();
            self.textures.get(id, measured)
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
        self.views_changed |= asked.view.is_some();
        if asked.again {
            self.session.send(Command::Reprocess {
                batch: sheet.id(),
                scope: Scope::Pages(vec![cursor]),
                passwords: vec![],
            });
        }
        if asked.unlock {
            self.unlocking.ask(Some(cursor.document));
        }
    }

    fn show_second_window(&mut self, context: &Context, frame: &eframe::Frame) {
        let findings = self.kept.settings.overlays;
        // What is judged must not be seen beside what was decided.
        let sheet = self.sheet.as_ref().filter(|_| self.judging.is_none());
        let (pressed, is_new) = self
            .second_window
            .ui(context, sheet, &mut self.textures, findings);
        self.views_changed |= is_new;
        if !self.asks_something() {
            self.follow_bound(context, frame, pressed);
        }
    }

    /// Asks for all pages that are shown large and not drawn yet, at once: what is asked for
    /// later takes the place of what was asked before.
    fn ask_for_views(&mut self) {
        if !std::mem::take(&mut self.views_changed) {
            return;
        }
        let wanted = self.canvases().into_iter();
        let wanted = wanted.filter_map(|canvas| canvas.awaits()).collect();
        self.session.send(Command::View(wanted));
    }

    /// Everything that pages are drawn on large.
    fn canvases(&mut self) -> Vec<&mut Canvas> {
        let judged = self.judging.as_mut().map(|judging| &mut judging.canvas);
        let compared = self.compare.iter_mut().flat_map(Compare::canvases);
        let single = [
            &mut self.large,
            &mut self.preview,
            &mut self.second_window.canvas,
        ];
        judged.into_iter().chain(compared).chain(single).collect()
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
        sheet.let_sort(self.kept.settings.view == View::Table);
        if sheet.proposes_anew() && self.proposed.elapsed() >= SORT_AFTER {
            sheet.propose();
            self.proposed = Instant::now();
        } else if sheet.proposes_anew() {
            context.request_repaint_after(SORT_AFTER);
        }
        if !sheet.is_stale() {
            return;
        }
        let is_due = sheet.is_as_it_lies() || self.ordered.elapsed() >= SORT_AFTER;
        if is_due || sheet.is_awaited() || sheet.order().is_empty() {
            sheet.refresh();
            self.ordered = Instant::now();
            if sheet.take_new_choice() {
                self.follow_cursor();
            }
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
        if context.text_edit_focused() || self.asks_something() {
            return;
        }
        let mut pasted: Vec<PathBuf> = context.input(|input| {
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
        let mut seen = HashSet::new();
        pasted.retain(|path| seen.insert(path.clone()));
        if !pasted.is_empty() {
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
                let documents = self.sheet.iter().flat_map(|sheet| sheet.documents());
                let newest = documents.map(|document| document.id).max();
                self.added = Some(Added {
                    batch,
                    newest,
                    began: false,
                });
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
        self.install_keys(&context);
        let quiet = !self.asks_something();
        if quiet {
            self.close_window(&context);
        }
        if quiet {
            if self.kept.settings.view == View::Split
                && self.opened.is_none()
                && let Some(split) = &mut self.split
            {
                split.keys(&context);
            }
            let undo = |input: &mut InputState| {
                !input.modifiers.shift && input.consume_key(Modifiers::COMMAND, Key::Z)
            };
            if self.kept.settings.view == View::Duplicates
                && self.duplicates.can_undo()
                && !context.text_edit_focused()
                && context.input_mut(undo)
            {
                let asked = self.duplicates.undo();
                self.of_duplicates(&context, frame, asked);
            }
            let zoomed = match (&mut self.compare, &mut self.judging) {
                _ if context.text_edit_focused() => false,
                (_, Some(judging)) => judging.zoom_keys(ui),
                (Some(compare), None) => compare.zoom_keys(ui),
                (None, None) => self.opened.is_some() && self.large.keys(ui),
            };
            if !zoomed {
                self.follow_keys(&context, frame);
                let asks =
                    |input: &mut InputState| input.consume_key(Modifiers::NONE, Key::Questionmark);
                if !context.text_edit_focused() && context.input_mut(asks) {
                    self.act(&context, frame, Action::Help);
                }
            }
            self.pasted(&context);
        }
        // While a dialog waits, keys are for it alone.
        let for_dialog = match self.asks_something() {
            true => keys::take(&context),
            false => vec![],
        };
        self.top(ui, frame);
        self.bottom(ui);
        self.shortage(ui);
        if let Some(offer) = self.notices.ui(ui) {
            self.take_offer(offer);
        }
        self.sides(ui, frame);
        self.readable.clear();
        self.middle(ui, frame);
        self.note_seen(&context);
        self.show_second_window(&context, frame);
        self.ask_for_views();
        self.inspect_cursor();

        context.input_mut(|input| input.events.extend(for_dialog));
        if let Some(answer) = dialogs::ask(&context, &mut self.question) {
            self.answer(answer);
        }
        self.others_question(&context);
        self.unlocking_dialog(&context);
        self.rules_window(&context);
        self.preset_windows(&context);
        self.overview(&context);
        self.headway_window(&context, frame);
        self.sample_window(&context);
        self.terms_window(&context);
        self.changes_window(&context);
        self.save_table_question(&context);
        let documents = self.sheet.as_ref().map_or(&[][..], Sheet::documents);
        match palette::ui(
            &context,
            &mut self.command_palette,
            &self.batches,
            documents,
            &self.kept.settings,
        ) {
            Some(palette::Chosen::Do(action)) => self.act(&context, frame, action),
            Some(palette::Chosen::Batch(batch)) => self.session.send(Command::Open(batch)),
            Some(palette::Chosen::Document(document)) => self.show_document(document),
            Some(palette::Chosen::View(view)) => self.show_saved(&view),
            Some(palette::Chosen::Preset(preset)) => self.say_preset(&preset),
            None => {}
        }
        let (view, is_large) = (self.kept.settings.view, self.opened.is_some());
        help::ui(&context, &mut self.help_open, view, is_large);
        self.reports(&context, frame);
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
                    let shown = self.sheet.as_ref().map(|sheet| sheet.batch.name.as_str());
                    self.question = Some(Question::path(shown));
                }
            }
        }
        if let Some(wanted) = self.choose_place.take() {
            let pick = match &wanted {
                PlaceFor::Parts | PlaceFor::Scratch => Pick::OneFolder,
                PlaceFor::Table(path) => Pick::NewFile(path.clone()),
                PlaceFor::Manifest => Pick::Manifest,
                PlaceFor::Terms => Pick::Terms,
            };
            let picking = Picking::open(pick, frame, &context);
            self.picking_place = Some((wanted, picking));
        }
        if let Some((_, picking)) = &self.picking_place
            && let Some(picked) = picking.picked()
            && let Some((wanted, _)) = self.picking_place.take()
        {
            self.place_picked(&wanted, picked);
        }
        self.dropped(&context);
        if let Some(wanted) = self.textures.end_frame(&context) {
            self.session.send(Command::Thumbnails(wanted));
        }
        if let Some(rect) = context.input(|input| input.viewport().inner_rect) {
            self.kept.settings.window = Some([rect.width(), rect.height()]);
        }
        // Written only when a drag or a resize has ended.
        if !context.input(|input| input.pointer.any_down()) {
            self.kept.keep();
            if let Some(trouble) = self.kept.take_trouble() {
                self.notices.warn(trouble);
            }
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
