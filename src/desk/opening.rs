//! The window from its first frame on: while the session starts it says what that waits
//! for, then it is the desk. An old library takes minutes to be brought up to date, and
//! another copy may be cleaning scratch. Not for anything that needs a session (`app`).

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, TryRecvError, bounded};
use eframe::egui::{CentralPanel, Context, Label, Spinner, Ui, ViewportCommand};

use super::app::{Desk, Started, start};
use super::{theme, words};
use crate::triage::{Options, StartError};

/// After so long it is said that waiting helps.
const EXPLAINED_AFTER: Duration = Duration::from_secs(3);

/// The window.
pub enum Window {
    /// The session is being started on a thread of its own.
    Opening(Opening),
    /// It runs.
    Open(Box<Desk>),
    /// It cannot be started, for this reason.
    CannotStart(String),
}

/// A session that is being started.
pub struct Opening {
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
        theme::apply(context);
        let (send, started) = bounded(1);
        let library = options.library.clone();
        let wake = context.clone();
        let thread = thread::Builder::new().name("start".into()).spawn(move || {
            // Fails only where the window is closed already.
            let _ = send.send(start(&wake, options, &settings));
            wake.request_repaint();
        });
        match thread {
            Ok(_) => Self::Opening(Opening {
                started,
                since: Instant::now(),
                library,
                paths,
            }),
            Err(error) => Self::CannotStart(format!("no threads can be started: {error}")),
        }
    }

    /// Goes on once the session runs or cannot be started.
    fn follow(&mut self, context: &Context) {
        let Self::Opening(opening) = self else { return };
        let next = match opening.started.try_recv() {
            Ok(Ok(started)) => {
                let paths = std::mem::take(&mut opening.paths);
                Self::Open(Box::new(Desk::on(context, started, paths)))
            }
            Ok(Err(error)) => {
                tracing::error!(%error, "the session cannot be started");
                Self::CannotStart(error.to_string())
            }
            Err(TryRecvError::Disconnected) => Self::CannotStart(
                "an error in the program ended its start; the log has more".into(),
            ),
            Err(TryRecvError::Empty) => return,
        };
        *self = next;
    }
}

impl eframe::App for Window {
    fn logic(&mut self, context: &Context, frame: &mut eframe::Frame) {
        self.follow(context);
        if let Self::Open(desk) = self {
            desk.logic(context, frame);
        }
    }

    fn ui(&mut self, ui: &mut Ui, frame: &mut eframe::Frame) {
        match self {
            Self::Open(desk) => desk.ui(ui, frame),
            Self::Opening(opening) => opening.ui(ui),
            Self::CannotStart(reason) => cannot_start(ui, reason),
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

fn cannot_start(ui: &mut Ui, reason: &str) {
    CentralPanel::default().show(ui, |ui| {
        ui.add_space(ui.available_height() * 0.3);
        ui.vertical_centered(|ui| {
            ui.heading("Pagesieve cannot start");
            ui.add_space(8.0);
            ui.add(Label::new(reason).selectable(true));
            ui.add_space(16.0);
            if ui.button("Close").clicked() {
                ui.ctx().send_viewport_cmd(ViewportCommand::Close);
            }
        });
    });
}
