//! The window of changes: what pages that were analysed again say otherwise than before,
//! how many they are, showing them and taking the newer results back. Not for finding the
//! changes (`triage::changes`).

use std::time::{Duration, Instant};

use eframe::egui::{Context, Grid, ScrollArea, Ui};

use super::window;
use crate::desk::requests::{Queue, Request};
use crate::desk::sheet::Sheet;
use crate::desk::words;
use crate::model::{BatchId, PageId};
use crate::triage::changes::Changed;
use crate::triage::{Command, Results, Thresholds};

/// Which results count, on buttons.
const CHOICES: [(Results, &str, &str); 2] = [
    (
        Results::Before,
        "Use before",
        "What was known of these pages before counts again; the latest stays beside it",
    ),
    (
        Results::Latest,
        "Use latest",
        "What the latest run found on these pages counts, as it does at first",
    ),
];

/// Changes are counted this often while pages are analysed.
const COUNTED_AGAIN_AFTER: Duration = Duration::from_secs(2);

/// The window's state.
#[derive(Default)]
pub struct ChangesWindow {
    pub open: bool,
    /// What it shows, until there is something newer.
    counted: Option<Counted>,
}

struct Counted {
    /// Of this batch, under these thresholds.
    of: (BatchId, Thresholds),
    /// After so many measurements, and when.
    measured: (u64, Instant),
    /// Number of pages that were analysed again.
    pages: usize,
    changes: Vec<(Changed, Vec<PageId>)>,
}

impl ChangesWindow {
    /// Shows the window while it is open.
    pub fn ui(&mut self, context: &Context, sheet: &Sheet, queue: &mut Queue) {
        if !self.open {
            self.counted = None;
            return;
        }
        let of = (sheet.id(), *sheet.thresholds());
        let is_current = |counted: &Counted| {
            let (measured, at) = counted.measured;
            counted.of == of && (measured == sheet.measured() || at.elapsed() < COUNTED_AGAIN_AFTER)
        };
        let counted = match self.counted.take().filter(is_current) {
            Some(counted) => counted,
            None => Counted {
                pages: sheet.measured_again().len(),
                changes: sheet.changes(),
                measured: (sheet.measured(), Instant::now()),
                of,
            },
        };
        if counted.measured.0 != sheet.measured() {
            context.request_repaint_after(COUNTED_AGAIN_AFTER);
        }
        let title = "What the last run changed";
        window::show(context, title, &mut self.open, 520.0, |ui| {
            contents(ui, &counted, sheet, queue);
        });
        self.counted = Some(counted);
    }
}

fn contents(ui: &mut Ui, counted: &Counted, sheet: &Sheet, queue: &mut Queue) {
    let pages = |count: usize| words::counted(count as u64, "page", "pages");
    if counted.pages == 0 {
        ui.label(
            "No page of this batch was analysed more than once. After pages are processed again, \
             this shows what is said otherwise of them than before.",
        );
        return;
    }
    if counted.changes.is_empty() {
        ui.label(format!(
            "{} analysed again: what is said of them is the same.",
            words::counted(counted.pages as u64, "page was", "pages were")
        ));
        return;
    }
    ui.label(format!(
        "{} analysed again. What was known before is kept beside it.",
        words::counted(counted.pages as u64, "page was", "pages were")
    ));
    ui.add_space(8.0);
    let batch = sheet.id();
    let most = (ui.ctx().content_rect().height() - 280.0).max(120.0);
    ScrollArea::vertical().max_height(most).show(ui, |ui| {
        Grid::new("changes")
            .num_columns(5)
            .striped(true)
            .show(ui, |ui| {
                for (changed, pages_of) in &counted.changes {
                    ui.label(changed.in_words());
                    ui.label(pages(pages_of.len()));
                    let show = ui.button("Show");
                    if show.on_hover_text("Show these pages").clicked() {
                        queue.push(Request::ShowPagesOf(changed.query()));
                    }
                    for (which, name, help) in CHOICES {
                        if ui.button(name).on_hover_text(help).clicked() {
                            queue.push(Command::UseResults {
                                batch,
                                pages: pages_of.clone(),
                                which,
                            });
                        }
                    }
                    ui.end_row();
                }
            });
    });
    ui.add_space(8.0);
    ui.horizontal(|ui| {
        ui.label(format!("All {}:", pages(counted.pages)));
        for (which, name, help) in CHOICES {
            let name = format!("{name}, all");
            if ui.button(name).on_hover_text(help).clicked() {
                queue.push(Command::UseResults {
                    batch,
                    pages: sheet.measured_again(),
                    which,
                });
            }
        }
    });
}
