//! The list of documents at the left: how far each is, and which one is shown.

use eframe::egui::{
    Align2, Color32, FontId, Id, Rect, Response, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2,
    vec2,
};
use egui_material_icons::icons;

use crate::desk::requests::{Queue, Request};
use crate::desk::sheet::{Filter, Sheet};
use crate::desk::theme::{CORNER, Palette, ROW, small};
use crate::desk::views::{dragging, failures, page_menu};
use crate::desk::{is_on_screen, words};
use crate::model::{BatchId, Document, DocumentId, DocumentStatus, FailureKind};
use crate::names;
use crate::triage::Scope;

/// By so much documents stand further right than the folder that they are in, points.
const INDENT: f32 = 12.0;

/// Draws the list. `asking` draws what stands above it: where pages are asked for.
pub fn ui(
    ui: &mut Ui,
    sheet: &mut Sheet,
    asking: impl FnOnce(&mut Ui, &mut Sheet, &mut Queue),
    queue: &mut Queue,
) {
    let mut choose = None;
    let all = sheet.filter.document.is_none();
    let total: usize = sheet.documents().len();
    let label = format!(
        "All {}",
        words::counted(total as u64, "document", "documents")
    );
    let palette = Palette::of(ui);
    let whole = Row {
        indent: 0.0,
        icon: (icons::ICON_FOLDER.codepoint, palette.dim),
        name: (&label, palette.text),
        right: "",
        selected: all,
    };
    if row(ui, &whole).clicked() {
        choose = Some(None);
    }
    asking(ui, sheet, queue);
    ui.separator();
    let lines = lines(ui, sheet);
    ScrollArea::vertical()
        .auto_shrink(false)
        .show_rows(ui, ROW, lines.len(), |ui, range| {
            for line in &lines[range] {
                let index = match line {
                    Line::Document(index) => *index,
                    Line::Folder(name, documents) => {
                        folder(ui, sheet.batch.id, name, *documents);
                        continue;
                    }
                };
                let Some(document) = sheet.documents().get(index) else {
                    continue;
                };
                let shown = sheet.filter.document == Some(document.id);
                let response = line_of(ui, sheet, document, shown);
                if response.clicked() {
                    choose = Some(if shown { None } else { Some(document.id) });
                }
                dragging::begin_with_document(&response, sheet, document.id);
                let response = response.on_hover_ui(|ui| tooltip(ui, sheet, document));
                response.context_menu(|ui| {
                    let failure = sheet.failures.of(document.id, None);
                    if failure.is_some_and(|failure| failure.kind == FailureKind::NeedsPassword)
                        && ui.button("Type the password…").clicked()
                    {
                        queue.push(Request::AskForPasswords(Some(document.id)));
                    }
                    if ui.button("Process again").clicked() {
                        queue.push(sheet.again(Scope::Documents(vec![document.id])));
                    }
                    ui.separator();
                    page_menu::document_entries(ui, sheet, document.id, queue);
                });
            }
        });
    if let Some(document) = choose {
        sheet.set_filter(Filter {
            document,
            ..sheet.filter
        });
    }
}

/// A line of the list.
#[derive(Debug, PartialEq, Eq)]
enum Line {
    /// Above documents of the same folder, with the number of them.
    Folder(String, usize),
    /// A document, by its place in the batch.
    Document(usize),
}

/// The lines of the list: documents, those in a folder under its name, but for those in
/// folders that are folded.
fn lines(ui: &Ui, sheet: &Sheet) -> Vec<Line> {
    let documents = sheet.documents().iter().enumerate();
    let asked = documents.filter(|(_, document)| sheet.question.has(document.id));
    // What is attached to a document stands with it, wherever its own name leads.
    let named: Vec<(usize, &str)> = asked
        .map(|(at, document)| (at, sheet.collection.head(document).name.as_str()))
        .collect();
    let folded = |folder: &str| {
        let id = fold_id(sheet.batch.id, folder);
        ui.data(|data| data.get_temp(id)).unwrap_or(false)
    };
    lines_of(&named, folded)
}

/// Of documents by their places, and names whose folders they stand in.
fn lines_of(named: &[(usize, &str)], folded: impl Fn(&str) -> bool) -> Vec<Line> {
    let mut lines = Vec::with_capacity(named.len() + 1);
    for same in named.chunk_by(|(_, a), (_, b)| names::folder(a) == names::folder(b)) {
        let folder = names::folder(same[0].1);
        if !folder.is_empty() {
            lines.push(Line::Folder(folder.to_owned(), same.len()));
        }
        if folder.is_empty() || !folded(folder) {
            lines.extend(same.iter().map(|(at, _)| Line::Document(*at)));
        }
    }
    lines
}

/// Where the window keeps whether a folder is folded.
fn fold_id(batch: BatchId, folder: &str) -> Id {
    Id::unique(("folded", batch, folder))
}

/// The line above the documents of a folder; a click folds or unfolds it.
fn folder(ui: &mut Ui, batch: BatchId, name: &str, documents: usize) {
    let id = fold_id(batch, name);
    let folded = ui.data(|data| data.get_temp(id)).unwrap_or(false);
    let icon = if folded {
        icons::ICON_KEYBOARD_ARROW_RIGHT
    } else {
        icons::ICON_KEYBOARD_ARROW_DOWN
    };
    let dim = Palette::of(ui).dim;
    let line = Row {
        indent: 0.0,
        icon: (icon.codepoint, dim),
        name: (name, dim),
        right: &words::grouped(documents as u64),
        selected: false,
    };
    let response = row(ui, &line);
    if response.on_hover_text(name).clicked() {
        ui.data_mut(|data| data.insert_temp(id, !folded));
    }
}

/// The line of a document.
fn line_of(ui: &mut Ui, sheet: &Sheet, document: &Document, shown: bool) -> Response {
    let palette = Palette::of(ui);
    let done = done_pages(sheet, document.id);
    let (icon, colour) = match document.status {
        DocumentStatus::Waiting | DocumentStatus::Again => (icons::ICON_SCHEDULE, palette.dim),
        DocumentStatus::NeedsPassword => (icons::ICON_LOCK, palette.warning),
        DocumentStatus::Ok if done < document.pages => (icons::ICON_PENDING, palette.accent),
        DocumentStatus::Ok if document.duplicate_of.is_some() => {
            (icons::ICON_CONTENT_COPY, palette.duplicate)
        }
        DocumentStatus::Ok => (icons::ICON_DESCRIPTION, palette.good),
        _ => (icons::ICON_ERROR, palette.bad),
    };
    let right = match document.status {
        DocumentStatus::Ok if done < document.pages => format!("{done}/{}", document.pages),
        DocumentStatus::Ok | DocumentStatus::Again => words::grouped(document.pages.into()),
        // The lock says it, and why stands in the tip.
        DocumentStatus::Waiting | DocumentStatus::NeedsPassword => String::new(),
        other => other.label().to_owned(),
    };
    let in_folder = !names::folder(&sheet.collection.head(document).name).is_empty();
    let steps = usize::from(in_folder) + sheet.collection.depth(document.id);
    let line = Row {
        indent: INDENT * steps as f32,
        icon: (icon.codepoint, colour),
        name: (names::file(&document.name), palette.text),
        right: &right,
        selected: shown,
    };
    row(ui, &line)
}

fn done_pages(sheet: &Sheet, document: DocumentId) -> u32 {
    let ended = sheet
        .pages_of(document)
        .iter()
        .filter(|page| !page.state.waits())
        .count();
    u32::try_from(ended).unwrap_or(u32::MAX)
}

fn tooltip(ui: &mut Ui, sheet: &Sheet, document: &Document) {
    ui.label(names::whole(&document.name));
    ui.weak(words::size(document.bytes));
    if let Some(holder) = sheet.collection.holder(document.id) {
        ui.label(format!("Attached to {}", holder.name));
    }
    let attached = sheet.collection.count_attached(document.id) as u64;
    if attached > 0 {
        let attached = words::counted(attached, "document", "documents");
        ui.label(format!("{attached} attached to it"));
    }
    if let Some(failure) = sheet.failures.of(document.id, None) {
        failures::why(ui, failure);
    }
    if let Some(original) = document.duplicate_of.and_then(|id| sheet.document(id)) {
        ui.label(format!("The same bytes as {}", original.name));
    }
}

/// What a line of the list shows.
struct Row<'a> {
    /// Further right by so many points.
    indent: f32,
    icon: (&'a str, Color32),
    /// Cut in the middle where it does not fit.
    name: (&'a str, Color32),
    /// At the right end.
    right: &'a str,
    selected: bool,
}

fn row(ui: &mut Ui, line: &Row<'_>) -> Response {
    let palette = Palette::of(ui);
    let (name, name_colour) = line.name;
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::selected(Role::ListItem, true, line.selected, name));
    if !is_on_screen(ui, rect) {
        return response;
    }
    let painter = ui.painter().with_clip_rect(rect);
    if line.selected {
        painter.rect_filled(rect, CORNER, palette.accent.gamma_multiply(0.22));
    } else if response.hovered() {
        painter.rect_filled(rect, CORNER, palette.raised);
    }
    let middle = rect.center().y;
    painter.text(
        pos2(rect.left() + line.indent + 6.0, middle),
        Align2::LEFT_CENTER,
        line.icon.0,
        FontId::proportional(16.0),
        line.icon.1,
    );
    let right = painter.text(
        pos2(rect.right() - 6.0, middle),
        Align2::RIGHT_CENTER,
        line.right,
        small(),
        palette.dim,
    );
    let space = Rect::from_min_max(
        pos2(rect.left() + line.indent + 28.0, rect.top()),
        pos2(right.left() - 6.0, rect.bottom()),
    );
    let font = FontId::proportional(13.5);
    let name = names::fitted(&painter, name, font, name_colour, space.width());
    let painter = ui.painter().with_clip_rect(space);
    let top = middle - name.size().y / 2.0;
    painter.galley(pos2(space.left(), top), name, name_colour);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_stand_under_their_folders() {
        let names = [
            "a.pdf",
            "letters/b.pdf",
            "letters/c.pdf",
            "old/d.pdf",
            "z.pdf",
        ];
        let folder = |name: &str, documents| Line::Folder(name.to_owned(), documents);
        let expected = [
            Line::Document(0),
            folder("letters", 2),
            folder("old", 1),
            Line::Document(3),
            Line::Document(4),
        ];
        let named: Vec<(usize, &str)> = names.into_iter().enumerate().collect();
        assert_eq!(lines_of(&named, |folder| folder == "letters"), expected);
    }
}
