//! The menu that a page has under the right mouse button: in the grid, in the table and
//! where it is large. Not for doing what is asked (`app`).

use eframe::egui::{Button, Response, Ui};

use super::actions::Action;
use super::reveal::{self, Shown};
use super::sheet::Sheet;
use super::words;
use crate::model::{DocumentId, PageId};

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Show the page large.
    Open(PageId),
    /// Show only the pages of this document.
    Only(DocumentId),
    /// What [`Action`] does, with the selection.
    Do(Action),
    /// Show the document's file or folder with the system's program.
    Reveal(DocumentId, Shown),
    /// Put the path of its file on the clipboard.
    CopyPath(DocumentId),
    /// Take the document out of the batch.
    TakeOut(DocumentId),
}

/// Shows the menu of a page where it was asked for. `is_large`: the page is shown large
/// already.
pub fn on(response: &Response, sheet: &Sheet, page: PageId, is_large: bool) -> Option<Asked> {
    let mut asked = None;
    response.context_menu(|ui| asked = entries(ui, sheet, page, is_large));
    asked
}

/// The same where a page stands alone and nothing is selected.
pub fn on_one(response: &Response, sheet: &Sheet, page: PageId) -> Option<Asked> {
    let mut asked = None;
    response.context_menu(|ui| {
        asked = open_entries(ui, sheet, page);
        ui.separator();
        document_entries(ui, sheet, page.document, &mut asked);
    });
    asked
}

fn entries(ui: &mut Ui, sheet: &Sheet, page: PageId, is_large: bool) -> Option<Asked> {
    let document = sheet.document(page.document)?;
    let mut asked = match is_large {
        true => None,
        false => open_entries(ui, sheet, page),
    };
    let mut entry = |ui: &mut Ui, text: &str, asks: Asked| {
        if ui.button(text).clicked() {
            asked = Some(asks);
        }
    };
    let selected = sheet.selection.len().max(1) as u64;
    let pages = words::counted(selected, "page", "pages");
    ui.separator();
    for action in [Action::Keep, Action::Reject, Action::Flag, Action::Undecide] {
        entry(ui, &action.text(), Asked::Do(action));
    }
    ui.separator();
    let same = Action::SayTheSame;
    entry(ui, &same.text(), Asked::Do(same));
    ui.separator();
    let again = Asked::Do(Action::ReprocessSelection);
    entry(ui, &format!("Process {pages} again"), again);
    document_entries(ui, sheet, document.id, &mut asked);
    asked
}

/// Entries that show a page, or only its document.
fn open_entries(ui: &mut Ui, sheet: &Sheet, page: PageId) -> Option<Asked> {
    let mut asked = None;
    if ui.button("Open page").clicked() {
        asked = Some(Asked::Open(page));
    }
    let only = sheet.filter.document == Some(page.document);
    let document = Button::new("Only this document");
    if ui.add_enabled(!only, document).clicked() {
        asked = Some(Asked::Only(page.document));
    }
    asked
}

/// Entries that pages and documents share.
pub fn document_entries(
    ui: &mut Ui,
    sheet: &Sheet,
    document: DocumentId,
    asked: &mut Option<Asked>,
) {
    let Some(document) = sheet.document(document) else {
        return;
    };
    let file = ui
        .add_enabled(reveal::has_file(document), Button::new("Open file"))
        .on_hover_text("With this system's program for PDFs, which may run what the file contains")
        .on_disabled_hover_text("It lies in an archive, or its name does not end in .pdf");
    if file.clicked() {
        *asked = Some(Asked::Reveal(document.id, Shown::File));
    }
    if ui.button("Open folder").clicked() {
        *asked = Some(Asked::Reveal(document.id, Shown::Folder));
    }
    if ui.button("Copy path").clicked() {
        *asked = Some(Asked::CopyPath(document.id));
    }
    ui.separator();
    let out = ui.button("Take the document out of the batch");
    let help = "What was measured of it goes; the file stays where it is";
    if out.on_hover_text(help).clicked() {
        *asked = Some(Asked::TakeOut(document.id));
    }
}
