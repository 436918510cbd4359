//! The settings window.

use eframe::egui::{Button, Context, DragValue, Grid, Slider, Ui};

use super::window;
use crate::desk::requests::{Queue, Request};
use crate::desk::settings::{Settings, ThemeChoice, ZOOM};
use crate::desk::views::grid;
use crate::triage::engines::PDFIUM_VERSION;
use crate::triage::{Command, EngineChoice, PdfiumState};

/// Shows the window while `open`.
pub fn ui(
    context: &Context,
    open: &mut bool,
    settings: &mut Settings,
    pdfium: &PdfiumState,
    queue: &mut Queue,
) {
    window::show(context, "Settings", open, 460.0, |ui| {
        Grid::new("settings")
            .num_columns(2)
            .spacing([24.0, 12.0])
            .show(ui, |ui| {
                appearance(ui, settings);
                ui.label("Scratch space");
                let help = "Budget, cleaning, and what was deleted";
                if ui.button("Scratch space…").on_hover_text(help).clicked() {
                    queue.push(Request::ShowScratch);
                }
                ui.end_row();
                workers(ui, settings);
                engines(ui, settings, pdfium, queue);
            });
    });
}

fn appearance(ui: &mut Ui, settings: &mut Settings) {
    ui.label("Theme");
    ui.horizontal(|ui| {
        for (choice, name) in [
            (ThemeChoice::System, "System"),
            (ThemeChoice::Dark, "Dark"),
            (ThemeChoice::Light, "Light"),
        ] {
            let button = Button::selectable(settings.theme == choice, name);
            if ui.add(button).clicked() {
                settings.theme = choice;
            }
        }
    });
    ui.end_row();
    ui.label("Looks");
    ui.vertical(|ui| {
        ui.checkbox(&mut settings.high_contrast, "High contrast")
            .on_hover_text("Black and white grounds, lines that are easier to see");
        ui.checkbox(&mut settings.still, "No motion")
            .on_hover_text("Nothing slides or fades");
    });
    ui.end_row();
    zoom(ui);
    let label = ui.label("Picture size");
    ui.add(
        Slider::new(&mut settings.cell, grid::SMALLEST..=grid::LARGEST)
            .logarithmic(true)
            .show_value(false),
    )
    .labelled_by(label.id);
    ui.end_row();
}

/// The size of everything; egui keeps it, and changes it by keys.
fn zoom(ui: &mut Ui) {
    let now = ui.ctx().zoom_factor();
    let mut wanted = None;
    ui.label("Size of everything");
    ui.horizontal(|ui| {
        for (sign, help, to) in [
            ("−", "Smaller  (Ctrl and −)", (now - 0.1).max(ZOOM.0)),
            ("+", "Larger  (Ctrl and +)", (now + 0.1).min(ZOOM.1)),
        ] {
            if ui.button(sign).on_hover_text(help).clicked() {
                wanted = Some((to * 10.0).round() / 10.0);
            }
        }
        let text = format!("{:.0} %", now * 100.0);
        let whole = ui.add_enabled(now != 1.0, Button::new(text));
        if whole
            .on_hover_text("As the system has it  (Ctrl and 0)")
            .clicked()
        {
            wanted = Some(1.0);
        }
    });
    ui.end_row();
    if let Some(wanted) = wanted {
        ui.ctx().set_zoom_factor(wanted);
    }
}

fn workers(ui: &mut Ui, settings: &mut Settings) {
    let label = ui.label("Worker processes");
    ui.horizontal(|ui| {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let mut workers = settings
            .workers
            .unwrap_or(u16::try_from(cores).unwrap_or(1));
        let value = DragValue::new(&mut workers).range(1..=64).speed(0.05);
        if ui.add(value).labelled_by(label.id).changed() {
            settings.workers = Some(workers);
        }
        ui.weak("from the next start");
    });
    ui.end_row();
    let label = ui.label("Time allowed for a page");
    ui.horizontal(|ui| {
        let mut seconds = settings.page_deadline.unwrap_or(30);
        let value = DragValue::new(&mut seconds)
            .range(1..=3600)
            .suffix(" s")
            .speed(0.2);
        if ui.add(value).labelled_by(label.id).changed() {
            settings.page_deadline = Some(seconds);
        }
        ui.weak("from the next start");
    });
    ui.end_row();
}

fn engines(ui: &mut Ui, settings: &mut Settings, pdfium: &PdfiumState, queue: &mut Queue) {
    let has_pdfium = matches!(pdfium, PdfiumState::Ready(_));
    ui.label("Pages are drawn by");
    ui.horizontal(|ui| {
        for choice in EngineChoice::ALL {
            let (name, help) = match choice {
                EngineChoice::Auto => (
                    "Both",
                    "hayro first; PDFium where hayro fails or draws nothing",
                ),
                EngineChoice::Hayro => ("hayro", "Only hayro, which is built in"),
                EngineChoice::Pdfium => ("PDFium", "Only PDFium, which must be installed"),
            };
            let button = Button::selectable(settings.engine == choice, name);
            let enabled = choice != EngineChoice::Pdfium || has_pdfium;
            if ui
                .add_enabled(enabled, button)
                .on_hover_text(help)
                .clicked()
            {
                settings.engine = choice;
                queue.push(Command::SetEngine(choice));
            }
        }
    });
    ui.end_row();
    ui.label("PDFium");
    match pdfium {
        PdfiumState::Ready(path) => {
            let path = path.display().to_string();
            ui.label("Installed").on_hover_text(path);
        }
        PdfiumState::Installing => {
            ui.horizontal(|ui| {
                ui.spinner();
                ui.label("Downloading PDFium, 4 MB…");
            });
        }
        PdfiumState::Missing | PdfiumState::Failed(_) => {
            ui.vertical(|ui| {
                ui.set_max_width(300.0);
                if let PdfiumState::Failed(reason) = pdfium {
                    ui.label(reason);
                }
                let help = format!(
                    "Downloads version {PDFIUM_VERSION} with pip, checks it and keeps it for this \
                     user. Nothing else in Pagesieve uses the network."
                );
                if ui.button("Install PDFium").on_hover_text(help).clicked() {
                    queue.push(Command::InstallPdfium);
                }
            });
        }
    }
    ui.end_row();
}
