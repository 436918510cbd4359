//! The first screen: what the program is for, the ways in, the sample batch, and where things
//! are kept. It stands in the middle while there is no batch, and opens as a window later. Not
//! for how things are done (`manual`).

use std::path::{Path, PathBuf};

use eframe::egui::{Align, Button, Context, Label, Layout, RichText, ScrollArea, Ui, vec2};
use egui_material_icons::{MaterialIcon, icons};

use super::window;
use crate::desk::actions::Action;
use crate::desk::requests::{Queue, Request};
use crate::desk::theme::{self, Palette};
use crate::triage::{Destination, Places, sample_batch};

/// Width of what stands on it, points.
const WIDTH: f32 = 660.0;

/// What is done with a batch, in three steps.
const STEPS: [(MaterialIcon, &str, &str); 3] = [
    (
        icons::ICON_GRID_VIEW,
        "See",
        "Every page at once, with what was measured on it, and every file that cannot be read.",
    ),
    (
        icons::ICON_CHECK,
        "Decide",
        "Keep, reject, flag, put on piles; by page, by document, by rule. Nothing is lost.",
    ),
    (
        icons::ICON_CONTENT_CUT,
        "Hand over",
        "Parts, each proved against its source, tables and reports. Sources are only read.",
    ),
];

/// The screen.
#[derive(Default)]
pub struct FirstSteps {
    /// It is open as a window.
    pub open: bool,
    /// What is kept where, with a sentence for each.
    kept: Vec<(&'static str, PathBuf, &'static str)>,
    /// None where it is not beside the program.
    sample: Option<PathBuf>,
}

impl FirstSteps {
    /// Where this window keeps what.
    pub fn put_places(&mut self, places: &Places) {
        let folder = |file: &Path| file.parent().unwrap_or(file).to_owned();
        self.kept = vec![
            (
                "Library",
                places.library.clone(),
                "What was measured, read and decided",
            ),
            (
                "Scratch",
                places.scratch.clone(),
                "Thumbnails, and what is needed while pages are analysed",
            ),
            (
                "Settings",
                folder(&places.settings),
                "How this window is, and your own analysers",
            ),
            (
                "Logs",
                places.logs.clone(),
                "Seven days, nothing of a document",
            ),
        ];
        self.sample = sample_batch();
    }

    /// Draws it in the middle of the window. `can_drop`: files can be dropped here.
    pub fn screen(&self, ui: &mut Ui, can_drop: bool, queue: &mut Queue) {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            ui.add_space((ui.available_height() * 0.1 - 24.0).max(8.0));
            ui.vertical_centered(|ui| {
                let icon = icons::ICON_PICTURE_AS_PDF.codepoint;
                let accent = Palette::of(ui).accent;
                ui.label(RichText::new(icon).size(56.0).color(accent));
                ui.add_space(8.0);
                let title = if can_drop {
                    "Drop PDFs, folders or ZIP archives here"
                } else {
                    "Choose PDFs or folders, or paste their paths"
                };
                ui.label(RichText::new(title).size(22.0));
                ui.add_space(16.0);
                let width = WIDTH.min(ui.available_width());
                ui.allocate_ui(vec2(width, 0.0), |ui| self.contents(ui, queue));
            });
        });
    }

    /// Draws it as a window while it is open.
    pub fn ui(&mut self, context: &Context, queue: &mut Queue) {
        let mut open = self.open;
        window::show(context, "First steps", &mut open, WIDTH, |ui| {
            self.contents(ui, queue);
        });
        self.open = open;
    }

    fn contents(&self, ui: &mut Ui, queue: &mut Queue) {
        self.ways_in(ui, queue);
        ui.add_space(20.0);
        ui.columns(STEPS.len(), |columns| {
            for (ui, (icon, name, about)) in columns.iter_mut().zip(STEPS) {
                ui.with_layout(Layout::top_down(Align::Min), |ui| {
                    ui.label(RichText::new(format!("{}  {name}", icon.codepoint)).strong());
                    ui.add(Label::new(RichText::new(about).weak()).wrap());
                });
            }
        });
        ui.add_space(20.0);
        ui.with_layout(Layout::top_down(Align::Min), |ui| self.places(ui, queue));
        ui.add_space(12.0);
        ui.with_layout(Layout::top_down(Align::Min), |ui| {
            ui.weak("The same on the command line: pagesieve process FOLDER");
        });
    }

    /// Files, a folder, the sample batch, and the manual.
    fn ways_in(&self, ui: &mut Ui, queue: &mut Queue) {
        ui.columns(4, |columns| {
            let tall = |text: String, ui: &Ui| {
                Button::new(text).min_size(vec2(ui.available_width(), 36.0))
            };
            let act = |ui: &mut Ui, action: Action, queue: &mut Queue| {
                let button = ui.add(tall(action.text(), ui));
                if button.on_hover_text(action.tooltip(ui.ctx())).clicked() {
                    queue.push(action);
                }
            };
            let [files, folder, ui, manual] = columns else {
                return;
            };
            act(files, Action::AddFiles, queue);
            act(folder, Action::AddFolder, queue);
            let text = format!("{}  Sample batch", icons::ICON_EXPLORE.codepoint);
            let button = tall(text, ui);
            let button = ui
                .add_enabled(self.sample.is_some(), button)
                .on_hover_text("Open a small batch that has one of everything")
                .on_disabled_hover_text("The sample batch is not beside the program");
            if let Some(sample) = self.sample.as_ref().filter(|_| button.clicked()) {
                queue.push(Request::TakeIn(vec![sample.clone()], Destination::Auto));
            }
            act(manual, Action::Help, queue);
        });
    }

    /// Where things are kept.
    fn places(&self, ui: &mut Ui, queue: &mut Queue) {
        if self.kept.is_empty() {
            return;
        }
        theme::section(ui, "Where things are kept, all of it on this machine");
        for (name, path, about) in &self.kept {
            let line = ui.horizontal(|ui| {
                ui.allocate_ui(vec2(64.0, theme::ROW), |ui| {
                    ui.set_min_width(64.0);
                    ui.weak(*name);
                });
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let button = ui.add_enabled(path.is_dir(), Button::new("Open"));
                    let button = button
                        .on_hover_text(format!("Show the folder: {name}"))
                        .on_disabled_hover_text("There is nothing yet");
                    if button.clicked() {
                        queue.push(Request::ShowFolder(path.clone()));
                    }
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                        let path = path.display().to_string();
                        ui.add(Label::new(path).truncate().selectable(true));
                    });
                });
            });
            line.response.on_hover_text(*about);
        }
    }
}
