//! The documents of a batch as rows: how far each is and what its pages are, sorted by any of
//! it; chosen and acted on as pages are, all pages of a document at once. Not for the list at
//! the left (`documents`), nor for pages (`table`).

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use eframe::egui::{
    Align, Button, Context, Key, Label, Layout, Modifiers, RichText, Role, ScrollArea, Sense, Ui,
    WidgetInfo,
};
use egui_extras::{Column as TableColumn, TableBuilder};
use egui_material_icons::icons;

use super::{About, Beside, Draw, Scene};
use super::{dragging, failures, page_menu, table};
use crate::analysis::Sums;
use crate::desk::actions::{Action, plain};
use crate::desk::dialogs::save_table::What;
use crate::desk::requests::{Queue, Request};
use crate::desk::selection::Selection;
use crate::desk::sheet::Sheet;
use crate::desk::theme::{Palette, ROW};
use crate::desk::words;
use crate::model::{DocumentId, DocumentStatus, PageId};
use crate::names;
use crate::triage::fields::{DocumentField, DocumentSubject};
use crate::triage::{Command, Scope};

/// While pages arrive, rows are made anew this often.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Width of a letter as names have them, points.
const LETTER: f32 = 6.5;

/// What it is.
pub const ABOUT: About = About {
    name: "Documents",
    help: "Documents as rows; what is decided there holds for all their pages",
    icon: icons::ICON_DESCRIPTION,
    usual_key: plain(Key::Num0),
    chapter: (
        "documents",
        include_str!("../../../assets/manual/documents.md"),
    ),
    keys: &[
        (
            "Arrows",
            "Go from row to row; with Shift, choose on the way",
        ),
        ("Enter", "Show only the pages of this document"),
        (
            "Delete",
            "Take the chosen documents out of the batch; their files stay",
        ),
    ],
    saves: What::Documents,
    decides: true,
    has_pictures: false,
    shows_pages: false,
    beside: Beside::Inspector,
    counts: None,
};

/// A document as a row.
struct Row {
    id: DocumentId,
    /// In the order of the columns.
    shown: Vec<Option<String>>,
}

/// The view's state.
#[derive(Default)]
pub struct DocumentsTable {
    selection: Selection<DocumentId>,
    sort: Option<&'static DocumentField>,
    descending: bool,
    rows: Vec<Row>,
    /// What the rows were made for: the batch's pages and decisions as they were.
    made_for: Option<Made>,
    made_at: Option<Instant>,
}

/// What rows are made for; others are made once one of it differs.
#[derive(PartialEq)]
struct Made {
    batch: crate::model::BatchId,
    version: u64,
    measured: u64,
    decided: (usize, usize),
    documents: u64,
    sort: Option<&'static str>,
    descending: bool,
}

impl Made {
    /// They differ by what the program found alone.
    fn is_of_one_choice(&self, other: &Self) -> bool {
        let of = |made: &Self| (made.batch, made.version, made.decided, made.descending);
        of(self) == of(other) && self.sort == other.sort
    }
}

impl DocumentsTable {
    /// All pages of the documents that are chosen.
    fn pages(&self, sheet: &Sheet) -> Vec<PageId> {
        let chosen = self.documents(sheet).into_iter();
        chosen
            .flat_map(|document| sheet.pages_of(document))
            .map(|page| page.id)
            .collect()
    }

    /// The documents that are chosen, as they stand in the batch.
    fn documents(&self, sheet: &Sheet) -> Vec<DocumentId> {
        let documents = sheet.documents().iter().map(|document| document.id);
        documents
            .filter(|document| self.selection.contains(document))
            .collect()
    }

    fn draw(&mut self, ui: &mut Ui, sheet: &Sheet, queue: &mut Queue) {
        self.make_rows(ui.ctx(), sheet);
        self.keys(ui, sheet, queue);
        self.bar(ui, sheet, queue);
        ui.add_space(4.0);
        ScrollArea::horizontal().show(ui, |ui| self.list(ui, sheet, queue));
    }

    /// Takes the chosen documents out of the batch.
    fn take_out(&self, sheet: &Sheet) -> Command {
        Command::TakeOut {
            batch: sheet.id(),
            documents: self.documents(sheet),
        }
    }

    /// Documents that have pages which are shown; all of them where nothing is asked for.
    fn make_rows(&mut self, context: &Context, sheet: &Sheet) {
        let made = Made {
            batch: sheet.id(),
            version: sheet.version,
            measured: sheet.measured(),
            decided: sheet.decided(),
            documents: sheet.documents_changed(),
            sort: self.sort.map(|field| field.name),
            descending: self.descending,
        };
        if self.made_for.as_ref() == Some(&made) {
            return;
        }
        // While pages arrive, now and then is enough; what a person chose is shown at once.
        let is_chosen = self
            .made_for
            .as_ref()
            .is_none_or(|old| !old.is_of_one_choice(&made));
        if let Some(made_at) = self.made_at.filter(|_| !is_chosen)
            && made_at.elapsed() < AGAIN_AFTER
        {
            context.request_repaint_after(AGAIN_AFTER);
            return;
        }
        if self
            .made_for
            .as_ref()
            .is_some_and(|old| old.batch != made.batch)
        {
            *self = Self {
                sort: self.sort,
                descending: self.descending,
                ..Self::default()
            };
        }
        self.made_for = Some(made);
        self.made_at = Some(Instant::now());
        let shown: BTreeSet<DocumentId> = match sheet.reasons().is_empty() {
            true => sheet
                .documents()
                .iter()
                .map(|document| document.id)
                .collect(),
            false => sheet.order().iter().map(|page| page.document).collect(),
        };
        let documents = sheet.documents().iter();
        let documents = documents.filter(|document| shown.contains(&document.id));
        let known: Vec<(DocumentId, Sums, u32)> = documents
            .map(|document| {
                let pages = sheet.pages_of(document.id).iter();
                let decided = pages.filter(|page| sheet.decision(page.id).ruling.is_some());
                let decided = u32::try_from(decided.count()).unwrap_or(u32::MAX);
                (document.id, sheet.sums(document.id), decided)
            })
            .collect();
        let mut subjects: Vec<DocumentSubject<'_>> = known
            .iter()
            .filter_map(|(id, sums, decided)| {
                let document = sheet.document(*id)?;
                let original = document.duplicate_of.and_then(|id| sheet.document(id));
                Some(DocumentSubject {
                    document,
                    sums: (document.pages > 0).then_some(sums),
                    decided: *decided,
                    verdicts: sheet.judged(*id),
                    details: None,
                    failure: sheet.failures.of(*id, None),
                    original: original.map(|document| document.name.as_str()),
                    attached_to: sheet
                        .collection
                        .holder(*id)
                        .map(|holder| holder.name.as_str()),
                })
            })
            .collect();
        if let Some(field) = self.sort {
            subjects.sort_by(|a, b| {
                let (a, b) = ((field.value)(a), (field.value)(b));
                a.compare(&b, field.kind, self.descending)
            });
        }
        let columns = DocumentField::columns();
        self.rows = subjects
            .iter()
            .map(|subject| Row {
                id: subject.document.id,
                shown: columns
                    .iter()
                    .map(|(field, _)| (field.value)(subject).shown(field.kind))
                    .collect(),
            })
            .collect();
        let there: BTreeSet<DocumentId> = self.rows.iter().map(|row| row.id).collect();
        self.selection.retain(|document| there.contains(document));
    }

    fn bar(&self, ui: &mut Ui, sheet: &Sheet, queue: &mut Queue) {
        ui.horizontal(|ui| {
            let chosen = self.selection.len();
            let pages = self.selection.items().iter();
            let pages: usize = pages.map(|document| sheet.pages_of(*document).len()).sum();
            let said = match chosen {
                0 => words::counted(self.rows.len() as u64, "document", "documents"),
                _ => format!(
                    "{} with {} chosen",
                    words::counted(chosen as u64, "document", "documents"),
                    words::counted(pages as u64, "page", "pages")
                ),
            };
            ui.label(said);
            let again = format!("{}  Process again", icons::ICON_REPLAY.codepoint);
            if ui.add_enabled(chosen > 0, Button::new(again)).clicked() {
                queue.push(sheet.again(Scope::Documents(self.documents(sheet))));
            }
            let out = format!("{}  Take out", icons::ICON_REMOVE_CIRCLE.codepoint);
            let out = ui.add_enabled(chosen > 0, Button::new(out));
            let help = "Takes them out of the batch, with what was measured; the files stay";
            if out.on_hover_text(help).clicked() {
                queue.push(self.take_out(sheet));
            }
            if chosen == 0 {
                let help = "Click rows to choose; what is decided then holds for all their pages";
                ui.add(Label::new(RichText::new(help).weak()).truncate());
            }
        });
    }

    fn keys(&mut self, ui: &Ui, sheet: &Sheet, queue: &mut Queue) {
        for (by, extend) in table::steps(ui) {
            let shown = self.shown();
            self.selection.step(by, extend, &shown);
        }
        if ui.ctx().text_edit_focused() {
            return;
        }
        let delete = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Delete));
        if delete && !self.selection.is_empty() {
            queue.push(self.take_out(sheet));
        }
    }

    /// The documents as they are shown.
    fn shown(&self) -> Vec<DocumentId> {
        self.rows.iter().map(|row| row.id).collect()
    }

    fn list(&mut self, ui: &mut Ui, sheet: &Sheet, queue: &mut Queue) {
        let columns = DocumentField::columns();
        let mut builder = TableBuilder::new(ui)
            .striped(false)
            .sense(Sense::click_and_drag())
            .cell_layout(Layout::left_to_right(Align::Center))
            .auto_shrink(false);
        for (_, column) in &columns {
            let column = TableColumn::initial(column.width).at_least(40.0);
            builder = builder.column(column.clip(true).resizable(true));
        }
        let mut clicked = None;
        builder
            .header(ROW, |mut header| {
                for (field, column) in &columns {
                    header.col(|ui| self.heading(ui, field, column.heading));
                }
            })
            .body(|body| {
                body.rows(ROW, self.rows.len(), |mut row| {
                    let line = &self.rows[row.index()];
                    let selected = self.selection.contains(&line.id);
                    row.set_selected(selected);
                    for ((field, _), shown) in columns.iter().zip(&line.shown) {
                        row.col(|ui| cell(ui, field, shown.as_deref()));
                    }
                    let Some(document) = sheet.document(line.id) else {
                        return;
                    };
                    let response = row.response();
                    response.widget_info(|| {
                        let name = format!("Document {}", document.name);
                        WidgetInfo::selected(Role::Row, true, selected, name)
                    });
                    let modifiers = response.ctx.input(|input| input.modifiers);
                    if response.clicked() {
                        clicked = Some((line.id, modifiers.shift, modifiers.command));
                    }
                    let takes_it = response.secondary_clicked() || response.drag_started();
                    if takes_it && !selected {
                        clicked = Some((line.id, false, false));
                    }
                    match selected {
                        true => dragging::begin(&response, || self.pages(sheet)),
                        false => dragging::begin_with_document(&response, sheet, line.id),
                    }
                    if response.double_clicked() {
                        queue.push(Request::ShowDocument(line.id));
                    }
                    response.context_menu(|ui| self.menu(ui, sheet, line.id, queue));
                    if document.status.is_failure()
                        && let Some(failure) = sheet.failures.of(line.id, None)
                    {
                        response.on_hover_ui(|ui| failures::why(ui, failure));
                    }
                });
            });
        if let Some((document, extend, toggle)) = clicked {
            let shown = self.shown();
            self.selection.select(document, extend, toggle, &shown);
        }
    }

    fn menu(&self, ui: &mut Ui, sheet: &Sheet, document: DocumentId, queue: &mut Queue) {
        if ui.button("Only this document").clicked() {
            queue.push(Request::ShowDocument(document));
        }
        let locked = sheet
            .document(document)
            .is_some_and(|document| document.status == DocumentStatus::NeedsPassword);
        if locked && ui.button("Type the password…").clicked() {
            queue.push(Request::AskForPasswords(Some(document)));
        }
        ui.separator();
        for action in [Action::Keep, Action::Reject, Action::Flag, Action::Undecide] {
            if ui.button(action.text()).clicked() {
                queue.push(action);
            }
        }
        ui.separator();
        let chosen = self.documents(sheet);
        let text = words::counted(chosen.len() as u64, "document", "documents");
        if ui.button(format!("Process {text} again")).clicked() {
            queue.push(sheet.again(Scope::Documents(chosen)));
        }
        page_menu::document_entries(ui, sheet, document, queue);
    }

    fn heading(&mut self, ui: &mut Ui, field: &'static DocumentField, name: &str) {
        let palette = Palette::of(ui);
        let sorted = self.sort.is_some_and(|sort| sort.name == field.name);
        let arrow = table::arrow(sorted, self.descending);
        let colour = if sorted { palette.accent } else { palette.dim };
        let text = RichText::new(format!("{name} {arrow}"))
            .color(colour)
            .size(12.0);
        let layout = match field.is_number() {
            true => Layout::right_to_left(Align::Center),
            false => Layout::left_to_right(Align::Center),
        };
        ui.with_layout(layout, |ui| {
            let response = ui.add(Button::new(text).frame(false));
            response.widget_info(|| {
                WidgetInfo::labeled(
                    Role::ColumnHeader,
                    true,
                    format!("Sort documents by {name}"),
                )
            });
            if response
                .on_hover_text(field.help.replace('`', ""))
                .clicked()
            {
                // Of numbers the largest are looked for first.
                self.descending = match sorted {
                    true => !self.descending,
                    false => field.is_number(),
                };
                self.sort = Some(field);
            }
        });
    }
}

impl Draw for DocumentsTable {
    fn ui(&mut self, ui: &mut Ui, scene: &mut Scene<'_>) {
        let Some(sheet) = &mut scene.model.sheet else {
            return;
        };
        self.draw(ui, sheet, scene.queue);
        // The inspector tells of the document by its first page.
        if let Some(document) = self.selection.cursor()
            && sheet.selection.cursor().map(|page| page.document) != Some(document)
            && let Some(first) = sheet.pages_of(document).first()
        {
            sheet.selection.put_cursor(first.id);
        }
        // No page is on the screen: how many will change is said first.
        scene.seen.look_at(vec![], scene.queue);
    }

    fn chosen(&self, sheet: &Sheet) -> Vec<PageId> {
        self.pages(sheet)
    }

    fn selected(&self, sheet: &Sheet) -> Vec<PageId> {
        self.pages(sheet)
    }

    fn select(&mut self, _: &mut Sheet, all: bool) {
        match all {
            true => self.selection.set(self.shown()),
            false => self.selection.clear(),
        }
    }

    fn open(&self, _: &Sheet) -> Option<Request> {
        self.selection.cursor().map(Request::ShowDocument)
    }
}

fn cell(ui: &mut Ui, field: &DocumentField, shown: Option<&str>) {
    let palette = Palette::of(ui);
    let text = match shown {
        None => return,
        // Where there is nothing of it, nothing catches the eye.
        Some("0") => return,
        Some(text) => text,
    };
    let colour = match field.name {
        "document" => palette.text,
        "status" => palette.bad,
        "active" | "unhealthy" => palette.warning,
        "duplicate_of" => palette.duplicate,
        _ => palette.dim,
    };
    let shown = match field.name {
        "document" | "duplicate_of" | "attached_to" => {
            let room = ui.available_width() / LETTER;
            names::cut_middle(text, (room as usize).max(8))
        }
        _ => text.to_owned(),
    };
    let label = Label::new(RichText::new(shown).color(colour));
    let label = label.selectable(false).truncate();
    match field.is_number() {
        true => {
            let right = Layout::right_to_left(Align::Center);
            ui.with_layout(right, |ui| ui.add(label));
        }
        false => {
            ui.add(label);
        }
    }
}
