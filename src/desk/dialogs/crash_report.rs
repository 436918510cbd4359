//! The window in which a person reads, copies and finds the report of a crash. Not for
//! writing it (`crate::crash`).

use std::path::{Path, PathBuf};

use eframe::egui::{Context, Label, RichText, ScrollArea};

use super::window;
use crate::crash;
use crate::desk::requests::{Queue, Request};

/// The window, with the report that it shows.
#[derive(Default)]
pub struct CrashReport {
    pub open: bool,
    path: PathBuf,
    text: String,
}

impl CrashReport {
    /// Opens the window on a report.
    pub fn show(&mut self, report: &Path) {
        self.text = crash::read(report)
            .unwrap_or_else(|error| format!("The report cannot be read: {error}."));
        self.path = report.to_owned();
        self.open = true;
    }

    /// Shows the window while it is open.
    pub fn ui(&mut self, context: &Context, queue: &mut Queue) {
        if !self.open {
            return;
        }
        let Self { open, path, text } = self;
        window::show(context, "What went wrong", open, 640.0, |ui| {
            ui.label(
                "This was written when something in Pagesieve itself went wrong. It holds nothing \
                 of your documents and has been sent to nobody.",
            );
            ui.add_space(8.0);
            let most = context.content_rect().height() * 0.5;
            ScrollArea::both().max_height(most).show(ui, |ui| {
                let text = RichText::new(&*text).monospace();
                ui.add(Label::new(text).extend().selectable(true));
            });
            ui.add_space(8.0);
            ui.horizontal(|ui| {
                if ui.button("Copy the report").clicked() {
                    queue.push(Request::Copy(text.clone()));
                }
                if ui.button("Open its folder").clicked()
                    && let Some(folder) = path.parent()
                {
                    queue.push(Request::ShowFolder(folder.to_owned()));
                }
            });
        });
    }
}
