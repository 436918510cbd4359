//! The window. It holds a compact table of the shown batch, follows the
//! session's events and sends it commands; all work is done elsewhere, and it
//! draws nothing while nothing changes. Not for the command line.
//!
//! ```text
//! model     what the session told           choices   what a person chose
//! sheet     the shown batch, page by page   requests  what is asked for, on one queue
//! actions   all that can be done            keys      which key does it
//! views     one list of what can stand in the middle
//! panels    what stands around that         dialogs   windows and questions over it
//! large     one page, large                 system    the desktop around the window
//! app       the parts together: a frame, events, and carrying requests out
//! ```

mod actions;
mod app;
mod choices;
mod dialogs;
mod dwelling;
mod key_queue;
mod keys;
mod large;
mod manual;
mod model;
mod opening;
mod panels;
mod pictures;
mod requests;
mod seen;
mod selection;
mod settings;
mod settings_file;
mod sheet;
mod system;
mod textures;
mod theme;
mod typed_ahead;
mod views;
mod words;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use eframe::egui::{self, ViewportBuilder};
use thiserror::Error;

use crate::triage::{Options, Places, StartError};
pub use app::Desk;
pub use manual::html as manual;
pub use opening::Window;
use system::handover::{Turn, take_turn};
use system::{away, scripts, spoken};

/// The window's name to the system; the `.desktop` file has the same.
const APP_ID: &str = "pagesieve";

/// How the window's part ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was closed.
    Closed,
    /// A window on the same library was open; it has taken the paths and comes to the front.
    HandedOver,
}

/// Why there was no window to work in.
#[derive(Debug, Error)]
pub enum WindowError {
    /// The session could not be started; the window has said so.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The system opens no window.
    #[error(
        "the window cannot be opened: {0}. `pagesieve process FOLDER` does the same work without one"
    )]
    NoWindow(String),
}

/// What the system said, without the places in sources of others that it comes from.
fn in_words(error: &eframe::Error) -> String {
    let said = error.to_string();
    let words = said.split_whitespace();
    let words: Vec<&str> = words.filter(|word| !word.contains(".rs:")).collect();
    let said = words.join(" ").replace(" at ", " ");
    let screen = |name| std::env::var(name).ok().filter(|screen| !screen.is_empty());
    match screen("WAYLAND_DISPLAY").or_else(|| screen("DISPLAY")) {
        Some(screen) => format!(
            "the screen {screen} cannot be used ({said}); DISPLAY or WAYLAND_DISPLAY names one \
             that can be, as in a session on a desktop"
        ),
        None => said,
    }
}

/// Opens the window and returns when it is closed; at once where one on the same library
/// is open and takes `paths`.
pub fn run(options: Options, places: &Places, paths: Vec<PathBuf>) -> Result<Ended, WindowError> {
    // Where nothing can be written there, opening the library says so.
    let place = match take_turn(&options.library, &paths) {
        Ok(Turn::Theirs) => return Ok(Ended::HandedOver),
        Ok(Turn::Ours(place)) => Some(place),
        Ok(Turn::Silent) | Err(_) => None,
    };
    if !has_screen() {
        let reason = "there is no screen: neither DISPLAY nor WAYLAND_DISPLAY is set, as they \
                      are in a session on a desktop";
        return Err(WindowError::NoWindow(reason.into()));
    }
    let size = settings_file::Kept::peek(&places.settings).window;
    let viewport = ViewportBuilder::default()
        .with_title(away::TITLE)
        .with_app_id(APP_ID)
        .with_icon(icon().unwrap_or_default())
        .with_inner_size(size.unwrap_or([1280.0, 800.0]))
        .with_min_inner_size([900.0, 600.0]);
    let native = eframe::NativeOptions {
        viewport,
        renderer: eframe::Renderer::Glow,
        // It would hold up the frame that needs a font; see `scripts`.
        system_font_fallback: false,
        ..Default::default()
    };
    let settings = places.settings.clone();
    // As this window was started, which may name others.
    let reported = Places {
        library: options.library.clone(),
        scratch: options.scratch.dir.clone(),
        ..places.clone()
    };
    let failure = Arc::new(OnceLock::new());
    let told = Arc::clone(&failure);
    eframe::run_native(
        APP_ID,
        native,
        Box::new(move |creation| {
            scripts::install(&creation.egui_ctx);
            let mut window = Window::new(&creation.egui_ctx, options, settings, paths);
            window.tell_failure(told);
            window.put_places(reported);
            if let Some(place) = place {
                window.take_guests(&creation.egui_ctx, place);
            }
            Ok(Box::new(window))
        }),
    )
    .map_err(|error| WindowError::NoWindow(in_words(&error)))?;
    match Arc::into_inner(failure).and_then(OnceLock::into_inner) {
        Some(error) => Err(error.into()),
        None => Ok(Ended::Closed),
    }
}

/// The program's icon. Wayland takes it from the `.desktop` file instead.
fn icon() -> Option<egui::IconData> {
    let png = include_bytes!("../../assets/icons/128.png");
    eframe::icon_data::from_png_bytes(png).ok()
}

/// Gives a context the window's looks, and its words to those who listen.
fn prepare(context: &egui::Context) {
    theme::add_icons(context);
    theme::apply(context, false, false);
    context.add_plugin(key_queue::KeyQueue::default());
    context.add_plugin(spoken::Spoken {
        window: away::TITLE,
    });
}

/// Whether any of it can be seen. Unlike egui's own question, this one is answered in the
/// same way in a frame that is laid out twice: what was left out of the first time would
/// lose its open menu.
fn is_on_screen(ui: &egui::Ui, rect: egui::Rect) -> bool {
    rect.intersects(ui.clip_rect())
}

/// Other systems always have one, or say themselves what is missing.
fn has_screen() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux")
        || ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"]
            .map(is_set)
            .contains(&true)
}

/// Asks for one frame however many events arrive before it is drawn: a flood of
/// requests would hold the window up.
#[derive(Clone)]
struct Waker {
    context: egui::Context,
    asked: Arc<AtomicBool>,
}

impl Waker {
    fn new(context: &egui::Context) -> Self {
        Self {
            context: context.clone(),
            asked: Arc::default(),
        }
    }

    fn wake(&self) {
        if !self.asked.swap(true, Ordering::AcqRel) {
            self.context.request_repaint();
        }
    }

    /// To be called before events are read.
    fn woken(&self) {
        self.asked.store(false, Ordering::Release);
    }
}
