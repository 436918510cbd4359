//! The window from its first frame on: while the session starts it says what that waits
//! for, then it is the desk. An old library takes minutes to be brought up to date, and
//! another copy may be cleaning scratch. Not for anything that needs a session (`app`).

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, TryRecvError, bounded};
use eframe::egui::{CentralPanel, Context, Label, Spinner, Ui, UserAttentionType, ViewportCommand};

use super::app::{Desk, Started, start};
use super::{prepare, words};
use crate::desk::system::handover::{self, Guests};
use crate::triage::{Destination, Options, Places, StartError};

/// After so long it is said that waiting helps.
const EXPLAINED_AFTER: Duration = Duration::from_secs(3);

/// The window.
pub struct Window {
    state: State,
    /// What second starts bring; none where another process takes that. Below the session:
    /// the next start waits until that has ended.
    guests: Option<Guests>,
    /// Why the session could not be started.
    failure: Arc<OnceLock<StartError>>,
    /// For the desk: where logs and reports of crashes are.
    places: Option<Places>,
}

enum State {
    /// The session is being started on a thread of its own.
    Opening(Opening),
    /// It runs.
    Open(Box<Desk>),
    /// It cannot be started.
    CannotStart,
}

/// A session that is being started.
struct Opening {
    started: Receiver<Result<Started, StartError>>,
    since: Instant,
    library: PathBuf,
    paths: Vec<PathBuf>,
}

impl Window {
    /// Starts a session and takes in `paths` once it runs; without any, opens the newest
    /// batch.
    pub fn new(
        context: &Context,
        options: Options,
        settings: PathBuf,
        paths: Vec<PathBuf>,
    ) -> Self {
        prepare(context);
        let (send, started) = bounded(1);
        let library = options.library.clone();
        let wake = context.clone();
        let thread = thread::Builder::new().name("start".into()).spawn(move || {
            // Fails only where the window is closed already.
            let _ = send.send(start(&wake, options, &settings));
            wake.request_repaint();
        });
        let failure = Arc::new(OnceLock::new());
        let state = match thread {
            Ok(_) => State::Opening(Opening {
                started,
                since: Instant::now(),
                library,
                paths,
            }),
            Err(error) => {
                failure.get_or_init(|| StartError::Threads(error.to_string()));
                State::CannotStart
            }
        };
        Self {
            state,
            guests: None,
            failure,
            places: None,
        }
    }

    /// Leaves there why the session cannot be started, if it cannot.
    pub(super) fn tell_failure(&mut self, told: Arc<OnceLock<StartError>>) {
        let before = std::mem::replace(&mut self.failure, told);
        if let Some(failure) = Arc::into_inner(before).and_then(OnceLock::into_inner) {
            self.failure.get_or_init(|| failure);
        }
    }

    /// Tells where logs and reports of crashes are.
    pub(super) fn put_places(&mut self, places: Places) {
        self.places = Some(places);
    }

    /// Takes what second starts on the same library bring.
    pub(super) fn take_guests(&mut self, context: &Context, place: handover::Place) {
        let wake = context.clone();
        match place.listen(move || wake.request_repaint()) {
            Ok(guests) => self.guests = Some(guests),
            Err(error) => tracing::warn!(%error, "second starts cannot be listened to"),
        }
    }

    /// Goes on once the session runs or cannot be started.
    fn follow(&mut self, context: &Context) {
        let State::Opening(opening) = &mut self.state else {
            return;
        };
        let failure = match opening.started.try_recv() {
            Ok(Ok(started)) => {
                let paths = std::mem::take(&mut opening.paths);
                let mut desk = Box::new(Desk::on(context, started, paths));
                if let Some(places) = &self.places {
                    desk.put_places(places);
                }
                self.state = State::Open(desk);
                return;
            }
            Ok(Err(error)) => error,
            Err(TryRecvError::Disconnected) => StartError::Panicked,
            Err(TryRecvError::Empty) => return,
        };
        tracing::error!(error = %failure, "the session cannot be started");
        self.failure.get_or_init(|| failure);
        self.state = State::CannotStart;
    }

    /// A window that is to be closed takes nothing more; it stays where files are being written,
    /// until somebody says that it need not, and where somebody has just started the program
    /// again.
    fn close(&mut self, context: &Context) {
        // Once a frame, though it is laid out twice.
        let is_asked = context.input(|input| input.viewport().close_requested());
        if !is_asked || context.current_pass_index() > 0 {
            return;
        }
        let is_writing = match &mut self.state {
            State::Open(desk) => desk.stays_open(),
            State::Opening(_) | State::CannotStart => false,
        };
        if is_writing || self.guests.as_ref().is_some_and(|guests| !guests.close()) {
            context.send_viewport_cmd(ViewportCommand::CancelClose);
        }
    }

    /// Comes to the front for each second start, with the files that it brings.
    fn welcome(&mut self, context: &Context) {
        while let Some(paths) = self.guests.as_ref().and_then(Guests::next) {
            for command in [
                ViewportCommand::Minimized(false),
                ViewportCommand::Focus,
                // Where the system lets no window come to the front by itself.
                ViewportCommand::RequestUserAttention(UserAttentionType::Informational),
            ] {
                context.send_viewport_cmd(command);
            }
            match &mut self.state {
                State::Open(desk) => desk.take_in(paths, Destination::Auto),
                State::Opening(opening) => opening.paths.extend(paths),
                State::CannotStart => {}
            }
        }
    }
}

impl eframe::App for Window {
    fn logic(&mut self, context: &Context, frame: &mut eframe::Frame) {
        self.follow(context);
        self.close(context);
        self.welcome(context);
        if let State::Open(desk) = &mut self.state {
            desk.logic(context, frame);
        }
    }

    fn ui(&mut self, ui: &mut Ui, frame: &mut eframe::Frame) {
        match &mut self.state {
            State::Open(desk) => desk.ui(ui, frame),
            State::Opening(opening) => opening.ui(ui),
            State::CannotStart => cannot_start(ui, self.failure.get()),
        }
    }
}

impl Opening {
    fn ui(&self, ui: &mut Ui) {
        let waited = self.since.elapsed();
        CentralPanel::default().show(ui, |ui| {
            ui.add_space(ui.available_height() * 0.35);
            ui.vertical_centered(|ui| {
                ui.add(Spinner::new().size(28.0));
                ui.add_space(12.0);
                ui.heading("Opening the library");
                ui.add_space(4.0);
                ui.weak(self.library.display().to_string());
                if waited >= EXPLAINED_AFTER {
                    ui.add_space(12.0);
                    ui.label(format!(
                        "A library of an earlier version is brought up to date, or another copy \
                         of Pagesieve is cleaning scratch. This goes on by itself ({}).",
                        words::time(waited)
                    ));
                }
            });
        });
        ui.ctx().request_repaint_after(Duration::from_millis(100));
    }
}

fn cannot_start(ui: &mut Ui, failure: Option<&StartError>) {
    let reason = failure.map_or(String::new(), |failure| {
        words::sentence(&failure.to_string())
    });
    CentralPanel::default().show(ui, |ui| {
        ui.add_space(ui.available_height() * 0.3);
        ui.vertical_centered(|ui| {
            ui.set_max_width(640.0);
            ui.heading("Pagesieve cannot start");
            ui.add_space(8.0);
            ui.add(Label::new(reason).wrap().selectable(true));
            if let Some(advice) = failure.and_then(StartError::advice) {
                ui.add_space(8.0);
                ui.add(Label::new(advice).wrap().selectable(true));
            }
            ui.add_space(16.0);
            if ui.button("Close").clicked() {
                ui.ctx().send_viewport_cmd(ViewportCommand::Close);
            }
        });
    });
}
