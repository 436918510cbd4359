//! The menu that a page has under the right mouse button: in the grid, in the table and
//! where it is large. Not for doing what is asked (`app`).

use eframe::egui::{Button, Response, Ui};

use crate::desk::actions::Action;
use crate::desk::requests::{Queue, Request};
use crate::desk::sheet::Sheet;
use crate::desk::system::reveal::{self, Shown};
use crate::desk::words;
use crate::model::{DocumentId, PageId};
use crate::triage::Command;

/// Shows the menu of a page where it was asked for. `is_large`: the page is shown large
/// already.
pub fn on(response: &Response, sheet: &Sheet, page: PageId, is_large: bool, queue: &mut Queue) {
    response.context_menu(|ui| entries(ui, sheet, page, is_large, queue));
}

/// The same where a page stands alone and nothing is selected.
pub fn on_one(response: &Response, sheet: &Sheet, page: PageId, queue: &mut Queue) {
    response.context_menu(|ui| {
        open_entries(ui, sheet, page, queue);
        ui.separator();
        document_entries(ui, sheet, page.document, queue);
    });
}

fn entries(ui: &mut Ui, sheet: &Sheet, page: PageId, is_large: bool, queue: &mut Queue) {
    let Some(document) = sheet.document(page.document) else {
        return;
    };
    if !is_large {
        open_entries(ui, sheet, page, queue);
    }
    let mut entry = |ui: &mut Ui, text: &str, action: Action| {
        if ui.button(text).clicked() {
            queue.push(action);
        }
    };
    let selected = sheet.selection.len().max(1) as u64;
    let pages = words::counted(selected, "page", "pages");
    ui.separator();
    for action in [Action::Keep, Action::Reject, Action::Flag, Action::Undecide] {
        entry(ui, &action.text(), action);
    }
    ui.separator();
    if is_large {
        let copy = Action::CopyText;
        entry(ui, &copy.text(), copy);
        ui.separator();
    }
    let save = Action::SavePages;
    entry(ui, &save.text(), save);
    let same = Action::SayTheSame;
    entry(ui, &same.text(), same);
    ui.separator();
    let again = Action::ReprocessSelection;
    entry(ui, &format!("Process {pages} again"), again);
    document_entries(ui, sheet, document.id, queue);
}

/// Entries that show a page, or only its document.
fn open_entries(ui: &mut Ui, sheet: &Sheet, page: PageId, queue: &mut Queue) {
    if ui.button("Open page").clicked() {
        queue.push(Request::Open(page));
    }
    let only = sheet.filter.document == Some(page.document);
    let document = Button::new("Only this document");
    if ui.add_enabled(!only, document).clicked() {
        queue.push(Request::ShowDocument(page.document));
    }
}

/// Entries that pages and documents share.
pub fn document_entries(ui: &mut Ui, sheet: &Sheet, document: DocumentId, queue: &mut Queue) {
    let Some(document) = sheet.document(document) else {
        return;
    };
    let file = ui
        .add_enabled(reveal::has_file(document), Button::new("Open file"))
        .on_hover_text("With this system's program for PDFs, which may run what the file contains")
        .on_disabled_hover_text("It lies in an archive, or its name does not end in .pdf");
    if file.clicked() {
        queue.push(Request::Reveal(document.id, Shown::File));
    }
    if ui.button("Open folder").clicked() {
        queue.push(Request::Reveal(document.id, Shown::Folder));
    }
    if ui.button("Copy path").clicked() {
        queue.push(Request::CopyPath(document.id));
    }
    let save = Button::new("Save the document's pages…");
    let save = ui.add_enabled(document.status.is_opened(), save);
    if save
        .on_hover_text("As pictures or text, each page as a file")
        .on_disabled_hover_text("It has no pages that could be saved")
        .clicked()
    {
        queue.push(Request::SavePagesOf(document.id));
    }
    ui.separator();
    let out = ui.button("Take the document out of the batch");
    let help = "What was measured of it goes; the file stays where it is";
    if out.on_hover_text(help).clicked() {
        queue.push(Command::TakeOut {
            batch: sheet.id(),
            documents: vec![document.id],
        });
    }
}
