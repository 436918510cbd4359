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
use crate::desk::batches::BatchesWindow;
use crate::desk::canvas::Canvas;
use crate::desk::changes::ChangesWindow;
use crate::desk::compare::Compare;
use crate::desk::crash_report::CrashReport;
use crate::desk::dialogs::{Picked, Picking, Question};
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
use crate::desk::requests::{PlaceFor, Queue};
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
    Waker, dialogs, documents, failures, help, inspector, palette, prepare, settings_ui, shortage,
    status, theme, toolbar, words,
};
use crate::model::{Analyser, BatchId, BatchSummary, DocumentId, PageId};
use crate::triage::{
    Command, Destination, EngineChoice, Forecast, Inspection, Meter, Options, PdfiumState,
    RunState, Session, StartError,
};

/// While pages arrive, those that have what is searched for are looked up this often.
const SEARCH_AGAIN_AFTER: Duration = Duration::from_secs(1);

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
    /// The system's dialogs that are open.
    picking: Vec<Picking>,
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
    /// What was asked for and is not carried out yet.
    queue: Queue,
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
            picking: Vec::new(),
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
            queue: Queue::default(),
        }
    }

    fn top(&mut self, ui: &mut Ui) {
        let inner = Frame::new().inner_margin(Margin::symmetric(12, 0));
        let fill = Palette::of(ui).panel;
        Panel::top("top")
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
                        &mut self.queue,
                    );
                });
            });
    }

    fn bottom(&mut self, ui: &mut Ui) {
        let fill = Palette::of(ui).panel;
        Panel::bottom("bottom")
            .exact_size(theme::STATUS_BAR)
            .frame(
                Frame::new()
                    .inner_margin(Margin::symmetric(12, 0))
                    .fill(fill),
            )
            .show(ui, |ui| {
                let (meter, sheet) = (self.meter.as_ref(), self.sheet.as_ref());
                status::ui(ui, meter, sheet, &mut self.queue);
            });
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
        shortage::ui(ui, reason, &mut self.queue);
    }

    /// Follows the system's dialogs.
    fn follow_dialogs(&mut self) {
        let mut at = 0;
        while let Some(picking) = self.picking.get(at) {
            match picking.picked() {
                Some(picked) => {
                    let wanted = self.picking.remove(at).wanted;
                    self.place_picked(wanted, picked);
                }
                None => at += 1,
            }
        }
    }

    fn place_picked(&mut self, wanted: PlaceFor, picked: Picked) {
        let paths = match picked {
            Picked::Paths(paths) => paths,
            Picked::NoDialog => {
                self.notices
                    .tell("This system shows no file dialog: type the path.");
                match wanted {
                    PlaceFor::Files | PlaceFor::Folders => {
                        let shown = self.sheet.as_ref().map(|sheet| &sheet.batch);
                        self.question = Some(Question::path(shown));
                    }
                    PlaceFor::Manifest => {
                        self.question = Some(Question::Manifest {
                            typed: String::new(),
                        });
                    }
                    _ => {}
                }
                return;
            }
        };
        if matches!(wanted, PlaceFor::Files | PlaceFor::Folders) {
            self.take_in(paths, Destination::Auto);
            return;
        }
        let Some(place) = paths.into_iter().next() else {
            return;
        };
        match wanted {
            PlaceFor::Files | PlaceFor::Folders => {}
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

    /// Keys of what is shown, and then of all that can be done.
    fn keys(&mut self, ui: &Ui) {
        let context = ui.ctx();
        if self.kept.settings.view == View::Split
            && self.opened.is_none()
            && let Some(split) = &mut self.split
        {
            split.keys(context);
        }
        let typing = context.text_edit_focused();
        let undo = |input: &mut InputState| {
            !input.modifiers.shift && input.consume_key(Modifiers::COMMAND, Key::Z)
        };
        if self.kept.settings.view == View::Duplicates
            && self.duplicates.can_undo()
            && !typing
            && context.input_mut(undo)
        {
            self.duplicates.undo(&mut self.queue);
        }
        let zoomed = match (&mut self.compare, &mut self.judging) {
            _ if typing => false,
            (_, Some(judging)) => judging.zoom_keys(ui),
            (Some(compare), None) => compare.zoom_keys(ui),
            (None, None) => self.opened.is_some() && self.large.keys(ui),
        };
        if zoomed {
            return;
        }
        for bound in keys::pressed(context) {
            self.queue.push(bound);
        }
        let asks = |input: &mut InputState| input.consume_key(Modifiers::NONE, Key::Questionmark);
        if !typing && context.input_mut(asks) {
            self.queue.push(Action::Help);
        }
    }

    fn notices(&mut self, ui: &mut Ui) {
        self.notices.ui(ui, &mut self.queue);
    }

    fn question(&mut self, context: &Context) {
        dialogs::ask(context, &mut self.question, &mut self.queue);
    }

    fn palette(&mut self, context: &Context) {
        let documents = self.sheet.as_ref().map_or(&[][..], Sheet::documents);
        palette::ui(
            context,
            &mut self.command_palette,
            &self.batches,
            documents,
            &self.kept.settings,
            &mut self.queue,
        );
    }

    fn help_window(&mut self, context: &Context) {
        let (view, is_large) = (self.kept.settings.view, self.opened.is_some());
        help::ui(context, &mut self.help_open, view, is_large);
    }

    fn crash_window(&mut self, context: &Context) {
        self.crash_report.ui(context, &mut self.queue);
    }

    fn settings_window(&mut self, context: &Context) {
        let settings = &mut self.kept.settings;
        let theme = settings.theme;
        let open = &mut self.settings_open;
        settings_ui::ui(context, open, settings, &self.pdfium, &mut self.queue);
        if settings.theme != theme {
            context.set_theme(settings.theme);
        }
    }

    fn thresholds_window(&mut self, context: &Context) {
        if let Some(sheet) = &mut self.sheet {
            let profiles = &mut self.kept.settings.profiles;
            self.thresholds
                .ui(context, sheet, profiles, &mut self.queue);
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
        self.unlocking.dialog(context, sheet, &mut self.queue);
    }

    fn save_table_question(&mut self, context: &Context) {
        let (Some(question), Some(sheet)) = (&mut self.save_table, &self.sheet) else {
            return;
        };
        if question.ui(context, sheet, &mut self.queue) {
            self.save_table = None;
        }
    }

    fn overview(&mut self, context: &Context) {
        let shown = self.sheet.as_ref().map(Sheet::id);
        let (batches, queue) = (&self.batches, &mut self.queue);
        self.batches_window.ui(context, batches, shown, queue);
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
        let forecast = self.forecast.as_ref();
        self.scratch
            .ui(context, meter, forecast, shown, &mut self.queue);
        self.kept.settings.scratch_tab = self.scratch.tab;
    }

    fn sides(&mut self, ui: &mut Ui) {
        let Some(sheet) = &mut self.sheet else { return };
        let palette = Palette::of(ui);
        let focus_search = std::mem::take(&mut self.focus_search);
        self.folding.follow(ui.available_width());
        if self
            .folding
            .shows(Side::Documents, self.kept.settings.documents_shown)
        {
            let around = Frame::new().fill(palette.panel).inner_margin(8);
            Panel::left("documents")
                .default_size(240.0)
                .size_range(160.0..=480.0)
                .frame(around)
                .show(ui, |ui| {
                    let settings = &mut self.kept.settings;
                    let (view, saved) = (settings.view, &mut settings.saved);
                    documents::ui(ui, sheet, view, saved, focus_search, &mut self.queue);
                });
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
        let inspection = self.inspection.as_ref();
        let overlays = self.kept.settings.overlays;
        Panel::right("inspector")
            .default_size(320.0)
            .size_range(240.0..=900.0)
            .frame(frame)
            .show(ui, |ui| {
                inspector::ui(ui, sheet, inspection, preview, overlays, &mut self.queue);
            });
    }

    fn show_second_window(&mut self, context: &Context) {
        let findings = self.kept.settings.overlays;
        // What is judged must not be seen beside what was decided.
        let sheet = self.sheet.as_ref().filter(|_| self.judging.is_none());
        let listens = !self.asks_something();
        let (textures, queue) = (&mut self.textures, &mut self.queue);
        self.second_window
            .ui(context, sheet, textures, (findings, listens), queue);
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
        if !self.asks_something() {
            self.close_window(&context);
            self.keys(ui);
            self.carry_out(&context, frame);
            self.pasted(&context);
        }
        // While a dialog waits, keys are for it alone.
        let for_dialog = match self.asks_something() {
            true => keys::take(&context),
            false => vec![],
        };
        // What one part asks for is done before the next is drawn.
        for part in [Self::top, Self::bottom, Self::shortage, Self::notices] {
            part(self, ui);
            self.carry_out(&context, frame);
        }
        self.sides(ui);
        self.carry_out(&context, frame);
        self.readable.clear();
        self.middle(ui);
        self.carry_out(&context, frame);
        self.note_seen(&context);
        self.show_second_window(&context);
        self.carry_out(&context, frame);
        self.ask_for_views();
        self.inspect_cursor();

        context.input_mut(|input| input.events.extend(for_dialog));
        for dialog in [
            Self::question,
            Self::others_question,
            Self::unlocking_dialog,
            Self::rules_window,
            Self::preset_windows,
            Self::overview,
            Self::headway_window,
            Self::sample_window,
            Self::terms_window,
            Self::changes_window,
            Self::save_table_question,
            Self::palette,
            Self::help_window,
            Self::crash_window,
            Self::settings_window,
            Self::scratch_window,
            Self::thresholds_window,
        ] {
            dialog(self, &context);
            self.carry_out(&context, frame);
        }
        self.about.ui(&context, frame, &mut self.queue);
        self.carry_out(&context, frame);
        self.follow_dialogs();
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
