//! The window. It holds a compact table of the shown batch, follows the
//! session's events and sends it commands; all work is done elsewhere, and it
//! draws nothing while nothing changes. Not for the command line.

mod actions;
mod app;
mod batch_menu;
mod bidi;
mod canvas;
mod deciding;
mod details;
mod dialogs;
mod documents;
mod drops;
mod duplicates;
mod failures;
mod grid;
mod help;
mod inspector;
mod marks;
mod meter;
mod names;
mod notices;
mod opening;
mod overlays;
mod palette;
mod save_table;
mod scratch;
mod settings;
mod settings_file;
mod settings_ui;
mod sheet;
mod shortage;
mod split;
mod status;
mod table;
mod textures;
mod theme;
mod thresholds;
mod toolbar;
mod window;
mod words;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use eframe::egui::{self, ViewportBuilder};

use crate::triage::{Options, Places};
pub use app::Desk;
pub use opening::Window;

/// The window's name to the system; the `.desktop` file has the same.
const APP_ID: &str = "pagesieve";

/// Opens the window and returns when it is closed.
pub fn run(options: Options, places: &Places, paths: Vec<PathBuf>) -> eframe::Result {
    let size = settings_file::Kept::peek(&places.settings).window;
    let viewport = ViewportBuilder::default()
        .with_title("Pagesieve")
        .with_app_id(APP_ID)
        .with_inner_size(size.unwrap_or([1280.0, 800.0]))
        .with_min_inner_size([900.0, 600.0]);
    let native = eframe::NativeOptions {
        viewport,
        renderer: eframe::Renderer::Glow,
        ..Default::default()
    };
    let settings = places.settings.clone();
    eframe::run_native(
        APP_ID,
        native,
        Box::new(move |creation| {
            let window = Window::new(&creation.egui_ctx, options, settings, paths);
            Ok(Box::new(window))
        }),
    )
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
