//! What stands where pages would be: why there are none, and what to do about it.

use eframe::egui::Ui;

use super::Scene;
use super::failures;
use crate::desk::dialogs::unlocking::Unlocking;
use crate::desk::requests::Queue;
use crate::desk::sheet::Sheet;
use crate::desk::theme;
use crate::model::{Document, DocumentStatus, FailureKind, PageId};

/// What stands where the pages of a locked document would be.
fn locked(
    ui: &mut Ui,
    sheet: &Sheet,
    document: &Document,
    unlocking: &mut Unlocking,
    queue: &mut Queue,
) {
    ui.heading(DocumentStatus::NeedsPassword.label());
    ui.label(FailureKind::NeedsPassword.explanation());
    ui.weak(FailureKind::NeedsPassword.advice());
    ui.add_space(8.0);
    let row = ui.allocate_ui([270.0, theme::ROW].into(), |ui| {
        ui.horizontal_wrapped(|ui| unlocking.field_in_focus(ui, document))
    });
    if let Some(password) = row.inner.inner {
        queue.push(sheet.unlock(vec![password]));
    }
}

/// What stands where pages would be.
pub fn ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let Some(sheet) = &scene.model.sheet else {
        return;
    };
    let is_watched = scene.model.watched_of_shown().next().is_some();
    let (unlocking, queue) = (&mut *scene.unlocking, &mut *scene.queue);
    ui.add_space(ui.available_height() * 0.35);
    ui.vertical_centered(|ui| {
        let taking_in = sheet
            .progress
            .as_ref()
            .is_some_and(|progress| progress.taking_in);
        let filtered = sheet.filter.document.and_then(|id| sheet.document(id));
        if let Some(document) = filtered
            && unlocking.is_about(sheet, document)
        {
            locked(ui, sheet, document, unlocking, queue);
            return;
        }
        match filtered {
            Some(document) if document.status.is_failure() => {
                ui.heading(document.status.label());
                if let Some(failure) = sheet.failures.of(document.id, None) {
                    failures::why(ui, failure);
                }
            }
            Some(document) if document.status == DocumentStatus::Waiting => {
                ui.weak("Not opened yet.");
                // It comes first: of its pages nothing is known but that there is one.
                let first = PageId {
                    document: document.id,
                    number: 1,
                };
                scene.seen.look_at(vec![first], queue);
            }
            _ if taking_in => {
                ui.spinner();
                ui.weak("Looking for PDFs…");
            }
            _ if is_watched && sheet.documents().is_empty() => {
                ui.heading("Nothing has come yet");
                ui.weak("The folder is watched: each file is shown here once it is whole.");
            }
            _ if sheet.documents().is_empty() => {
                ui.heading("No PDFs were found there");
                ui.weak("Drop other files or folders, or add them above.");
            }
            _ => {
                ui.weak("No pages to show.");
            }
        }
    });
}
