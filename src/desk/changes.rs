//! The window of changes: what pages that were analysed again say otherwise than before,
//! how many they are, showing them and taking the newer results back. Not for finding the
//! changes (`triage::changes`).

use eframe::egui::{Context, Grid, ScrollArea, Ui};

use super::sheet::Sheet;
use super::{window, words};
use crate::model::{BatchId, PageId};
use crate::triage::Thresholds;
use crate::triage::changes::Changed;

/// What was asked for in the window.
pub enum Asked {
    /// Show the pages of this query.
    Show(String),
    /// Have what was known of these pages before count again.
    TakeBack(Vec<PageId>),
}

/// The window's state.
#[derive(Default)]
pub struct ChangesWindow {
    pub open: bool,
    /// What it shows, until there is something newer.
    counted: Option<Counted>,
}

struct Counted {
    /// Of this batch, this many measurements, under these thresholds.
    of: (BatchId, u64, Thresholds),
    /// Number of pages that were analysed again.
    pages: usize,
    changes: Vec<(Changed, Vec<PageId>)>,
}

impl ChangesWindow {
    /// Shows the window while it is open.
    pub fn ui(&mut self, context: &Context, sheet: &Sheet) -> Option<Asked> {
        if !self.open {
            self.counted = None;
            return None;
        }
        let of = (sheet.id(), sheet.measured(), *sheet.thresholds());
        let counted = match self.counted.take() {
            Some(counted) if counted.of == of => counted,
            _ => Counted {
                pages: sheet.measured_again().len(),
                changes: sheet.changes(),
                of,
            },
        };
        let mut asked = None;
        let title = "What the last run changed";
        window::show(context, title, &mut self.open, 520.0, |ui| {
            asked = contents(ui, &counted, sheet);
        });
        self.counted = Some(counted);
        asked
    }
}

fn contents(ui: &mut Ui, counted: &Counted, sheet: &Sheet) -> Option<Asked> {
    let pages = |count: usize| words::counted(count as u64, "page", "pages");
    if counted.pages == 0 {
        ui.label(
            "No page of this batch was analysed more than once. After pages are processed again, \
             this shows what is said otherwise of them than before.",
        );
        return None;
    }
    if counted.changes.is_empty() {
        ui.label(format!(
            "{} analysed again: what is said of them is the same.",
            words::counted(counted.pages as u64, "page was", "pages were")
        ));
        return None;
    }
    ui.label(format!(
        "{} analysed again. What was known before is kept beside it.",
        words::counted(counted.pages as u64, "page was", "pages were")
    ));
    ui.add_space(8.0);
    let mut asked = None;
    let most = (ui.ctx().content_rect().height() - 280.0).max(120.0);
    ScrollArea::vertical().max_height(most).show(ui, |ui| {
        Grid::new("changes")
            .num_columns(4)
            .striped(true)
            .show(ui, |ui| {
                for (changed, which) in &counted.changes {
                    ui.label(changed.in_words());
                    ui.label(pages(which.len()));
                    let show = ui.button("Show");
                    if show.on_hover_text("Show these pages").clicked() {
                        asked = Some(Asked::Show(changed.query()));
                    }
                    let back = ui.button("Take back");
                    let help = "Have what was known of these pages before count again; \
                            once more brings the newer back";
                    if back.on_hover_text(help).clicked() {
                        asked = Some(Asked::TakeBack(which.clone()));
                    }
                    ui.end_row();
                }
            });
    });
    ui.add_space(8.0);
    let help = "Have what was known before count again, of all pages that were analysed again";
    let all = format!("Take all back: {}", pages(counted.pages));
    if ui.button(all).on_hover_text(help).clicked() {
        asked = Some(Asked::TakeBack(sheet.measured_again()));
    }
    asked
}
