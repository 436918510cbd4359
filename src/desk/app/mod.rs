//! The window: its parts, and a frame of it. Parts push what they ask for, and it is carried
//! out before the next part is drawn. How each part looks is in its own module.

mod acting;
mod deciding;
mod events;
mod intake;
mod middle;
mod panels;
mod reports;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::{Context, InputState, Key, Modifiers, Ui};

use self::intake::Intake;
use self::panels::Panels;
use super::{Waker, prepare, words};
use crate::desk::actions::Action;
use crate::desk::choices::Choices;
use crate::desk::dialogs::{Around, Dialogs, Question};
use crate::desk::keys;
use crate::desk::model::Model;
use crate::desk::panels::notices::Notices;
use crate::desk::pictures::Pictures;
use crate::desk::requests::Queue;
use crate::desk::seen::Seen;
use crate::desk::settings_file::Kept;
use crate::desk::sheet::Sheet;
use crate::desk::system::away::{Away, per_cent};
use crate::desk::theme;
use crate::desk::typed_ahead::TypedAhead;
use crate::desk::views::dragging;
use crate::desk::views::{View, Views};
use crate::model::BatchId;
use crate::triage::{Command, Destination, EngineChoice, Options, Session, StartError};

/// The window.
pub struct Desk {
    session: Session,
    waker: Waker,
    /// What the session told.
    model: Model,
    /// What the person chose.
    choices: Choices,
    /// What is drawn.
    panels: Panels,
    views: Views,
    dialogs: Dialogs,
    notices: Notices,
    /// Pictures of pages, and which of them can be seen.
    pictures: Pictures,
    seen: Seen,
    /// What is told to who looks elsewhere.
    away: Away,
    /// Files that come in.
    intake: Intake,
    typed_ahead: TypedAhead,
    /// Somebody wants to close it although files are being written.
    closes: bool,
    /// What was asked for and is not carried out yet.
    queue: Queue,
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
        let settings = &kept.settings;
        context.set_theme(settings.theme);
        theme::apply(context, settings.high_contrast, settings.still);
        context.set_zoom_factor(settings.zoom());
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
        let intake = Intake::new(paths.is_empty());
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
            model: Model::default(),
            choices: Choices::new(kept),
            panels: Panels::default(),
            views: Views::default(),
            dialogs: Dialogs::default(),
            notices,
            pictures: Pictures::default(),
            seen: Seen::default(),
            away: Away::default(),
            intake,
            typed_ahead: TypedAhead::default(),
            closes: false,
            queue: Queue::default(),
        }
    }

    /// The window is asked to close: whether it stays for now, since files are being written
    /// and nobody has said that they need not be.
    pub(super) fn stays_open(&mut self) -> bool {
        let writing = self.model.writing.in_words().filter(|_| !self.closes);
        let stays = writing.is_some();
        if let Some(writing) = writing {
            self.dialogs.question = Some(Question::Close { writing });
        }
        stays
    }

    /// Keys of what is shown, and then of all that can be done.
    fn keys(&mut self, ui: &Ui) {
        let context = ui.ctx();
        let is_covered = self.choices.opened.is_some();
        let view = self.views.get(self.choices.view());
        view.keys(context, is_covered, &mut self.queue);
        let typing = context.text_edit_focused();
        let zoomed = match (&mut self.choices.compare, &mut self.choices.judging) {
            _ if typing => false,
            (_, Some(judging)) => judging.zoom_keys(ui),
            (Some(compare), None) => compare.zoom_keys(ui),
            (None, None) => is_covered && self.pictures.large.keys(ui),
        };
        if zoomed {
            return;
        }
        let are_hidden = self.dialogs.hide_pages();
        for bound in keys::pressed(context) {
            if !(are_hidden && bound.decides()) {
                self.queue.push(bound);
            }
        }
        let asks = |input: &mut InputState| input.consume_key(Modifiers::NONE, Key::Questionmark);
        if !typing && context.input_mut(asks) {
            self.queue.push(Action::Help);
        }
    }

    /// What each key does, with the piles and presets that there are.
    fn install_keys(&self, context: &Context) {
        let settings = self.choices.settings();
        let presets = settings.presets.iter().map(|preset| preset.name.clone());
        let piles = self.choices.piles(self.model.sheet.as_ref());
        let table = settings.keys.table(&piles, presets);
        if *keys::table(context) != table {
            keys::install(context, table);
        }
    }

    /// A window beside this one.
    fn second_window(&mut self, context: &Context) {
        let findings = self.choices.settings().overlays;
        let listens = !self.dialogs.ask_something();
        // What is judged must not be seen beside what was decided.
        let sheet = self.model.sheet.as_ref();
        let sheet = sheet.filter(|_| self.choices.judging.is_none());
        let (textures, queue) = (&mut self.pictures.textures, &mut self.queue);
        let window = &mut self.pictures.second_window;
        window.ui(context, sheet, textures, (findings, listens), queue);
    }

    /// Notes what is on the screen, and asks for what of it is not known yet.
    fn look(&mut self, context: &Context) {
        let sheet = self.model.sheet.as_mut();
        if self.pictures.second_window.open
            && let Some(page) = sheet.as_ref().and_then(|sheet| sheet.selection.cursor())
        {
            self.seen.readable.push(page);
        }
        self.seen.note(context, sheet, &mut self.queue);
    }

    /// Tells how far it is where the window is not looked at.
    fn tell_elsewhere(&mut self, context: &Context) {
        let sheet = self.model.sheet.as_ref();
        let progress = sheet.and_then(|sheet| sheet.progress.as_ref());
        let state = progress.map(|progress| &progress.state);
        let is_looked_at = context.input(|input| input.focused);
        let analysed = sheet.and_then(Sheet::analysed);
        let share = progress.and_then(|progress| per_cent(progress, analysed));
        for command in self.away.follow(state, share, is_looked_at, Instant::now()) {
            context.send_viewport_cmd(command);
        }
    }

    /// Keeps settings; written only when a drag or a resize has ended.
    fn keep_settings(&mut self, context: &Context) {
        let kept = &mut self.choices.kept;
        if let Some(rect) = context.input(|input| input.viewport().inner_rect) {
            // As the system counts, which knows nothing of the size of everything.
            let size = rect.size() * context.zoom_factor();
            kept.settings.window = Some([size.x, size.y]);
        }
        kept.settings.zoom = context.zoom_factor();
        if !context.input(|input| input.pointer.any_down()) {
            kept.keep();
            if let Some(trouble) = kept.take_trouble() {
                self.notices.warn(trouble);
            }
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
        self.tell_elsewhere(context);
    }

    fn ui(&mut self, ui: &mut Ui, frame: &mut eframe::Frame) {
        let context = ui.ctx().clone();
        let sorts = self.choices.view() == View::Table;
        if self.model.keep_order(&context, sorts) {
            self.follow_cursor();
        }
        self.install_keys(&context);
        let is_asked = self.dialogs.ask_something();
        self.typed_ahead.follow(&context, is_asked);
        if !self.dialogs.ask_something() {
            self.dialogs.close_topmost(&context);
            self.keys(ui);
            self.carry_out(&context, frame);
            self.pasted(&context);
        }
        // While a dialog waits, keys are for it alone.
        let for_dialog = match self.dialogs.ask_something() {
            true => keys::take(&context),
            false => vec![],
        };
        for panel in Self::PANELS {
            panel(self, ui);
            self.carry_out(&context, frame);
        }
        self.seen.readable.clear();
        self.middle(ui);
        self.carry_out(&context, frame);
        if let Some(sheet) = &self.model.sheet {
            dragging::show(ui, sheet);
        }
        self.look(&context);
        self.second_window(&context);
        self.carry_out(&context, frame);
        if let Some(wanted) = self.pictures.ask(&mut self.choices) {
            self.queue.push(wanted);
        }
        self.model.inspect_cursor(&mut self.queue);

        context.input_mut(|input| input.events.extend(for_dialog));
        for dialog in Dialogs::ALL {
            let mut around = Around {
                frame,
                model: &mut self.model,
                choices: &mut self.choices,
                notices: &self.notices,
                queue: &mut self.queue,
            };
            dialog(&mut self.dialogs, &context, &mut around);
            self.carry_out(&context, frame);
        }
        self.follow_picking();
        self.dropped(&context);
        if let Some(wanted) = self.pictures.textures.end_frame(&context) {
            self.queue.push(Command::Thumbnails(wanted));
        }
        self.carry_out(&context, frame);
        self.keep_settings(&context);
    }
}

/// For tests: what the window knows.
impl Desk {
    /// The shown batch.
    pub fn shown_batch(&self) -> Option<BatchId> {
        self.model.shown()
    }
}
