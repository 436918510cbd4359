//! The window that compares the batch with a client's list: what is missing, what is too
//! much, and which documents have other numbers of pages. Not for comparing them (`triage`).

use std::path::Path;

use eframe::egui::{Context, Grid, Key, RichText, Role, ScrollArea, TextEdit, Ui, WidgetInfo};
use egui_material_icons::icons;

use super::path_of;
use super::window;
use crate::desk::requests::{PlaceFor, Queue, Request};
use crate::desk::sheet::Sheet;
use crate::desk::theme::Palette;
use crate::desk::words;
use crate::model::{BatchId, DocumentId};
use crate::names;
use crate::regular_file;
use crate::triage::{ListedDocument, Reconciled, read_list, reconcile};

/// Width of the window, points, and characters of a name that it has room for.
const WIDTH: f32 = 520.0;
/// Of differences so much is seen at once where there is room, points.
const TALL: f32 = 420.0;
const NAME: usize = 52;

/// The window's state.
#[derive(Default)]
pub struct ReconcileWindow {
    pub open: bool,
    /// The path that is typed.
    typed: String,
    /// The list, or why it cannot be read, and the name of its file.
    list: Option<(String, Result<Vec<ListedDocument>, String>)>,
    /// What was found out, and of what.
    found: Option<(Compared, Reconciled)>,
}

/// What tells whether a batch is still as it was when it was compared.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Compared {
    batch: BatchId,
    documents: usize,
    pages: u64,
    failures: usize,
}

impl Compared {
    fn of(sheet: &Sheet) -> Self {
        let documents = sheet.documents();
        Self {
            batch: sheet.id(),
            documents: documents.len(),
            pages: documents.iter().map(|of| u64::from(of.pages)).sum(),
            failures: sheet.failures.len(),
        }
    }
}

impl ReconcileWindow {
    /// Reads a list, and shows the window.
    pub fn read(&mut self, file: &Path) {
        let read = regular_file::read(file).map_err(|error| error.to_string());
        let list = read.and_then(|bytes| read_list(&bytes).map_err(|error| error.to_string()));
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        self.list = Some((name.into_owned(), list));
        self.found = None;
        self.open = true;
    }

    /// Shows the window while it is open.
    pub fn ui(&mut self, context: &Context, sheet: &Sheet, queue: &mut Queue) {
        if !self.open {
            return;
        }
        let mut open = self.open;
        window::show(context, "Compare with a list", &mut open, WIDTH, |ui| {
            self.contents(ui, sheet, queue);
        });
        self.open = open;
    }

    fn contents(&mut self, ui: &mut Ui, sheet: &Sheet, queue: &mut Queue) {
        ui.horizontal(|ui| {
            let choose = format!("{}  Choose a list…", icons::ICON_FILE_OPEN.codepoint);
            let help = "A CSV file with a name a row, and a column of pages if there is one";
            if ui.button(choose).on_hover_text(help).clicked() {
                queue.push(Request::Choose(PlaceFor::List));
            }
            let field = TextEdit::singleline(&mut self.typed)
                .hint_text("or type its path")
                .desired_width(f32::INFINITY);
            let response = ui.add(field);
            response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Path of the list"));
            let entered = ui.input(|input| input.key_pressed(Key::Enter));
            if response.lost_focus() && entered && !self.typed.trim().is_empty() {
                self.read(&path_of(&self.typed));
            }
        });
        ui.add_space(4.0);
        if let Some((name, Ok(_))) = &self.list {
            ui.weak(names::cut_middle(name, NAME));
        }
        let list = match &self.list {
            None => {
                ui.weak(
                    "The client's list of what was sent is compared with what is here: names, \
                     and numbers of pages where the list has them.",
                );
                return;
            }
            Some((_, Err(problem))) => {
                let colour = Palette::of(ui).bad;
                ui.colored_label(colour, format!("The list cannot be read: {problem}."));
                return;
            }
            Some((_, Ok(list))) => list,
        };
        let documents = sheet.documents();
        // Results arrive while it is open.
        let now = Compared::of(sheet);
        let (_, found) = match &mut self.found {
            Some(found) if found.0 == now => found,
            found => found.insert((now, reconcile(list, documents))),
        };
        summary(ui, found);
        differences(ui, found, queue);
    }
}

/// "The list has 213 documents and 1,907 pages; here are 212 documents and 1,904 pages."
fn summary(ui: &mut Ui, found: &Reconciled) {
    let documents = |number: usize| words::counted(number as u64, "document", "documents");
    let pages = |number: u64| words::counted(number, "page", "pages");
    let listed = match found.listed_pages {
        Some(number) => format!("{} and {}", documents(found.listed), pages(number)),
        None => documents(found.listed),
    };
    ui.label(format!(
        "The list has {listed}; here are {} and {}.",
        documents(found.found),
        pages(found.found_pages)
    ));
    if found.agrees() {
        let text = format!("{}  They agree.", icons::ICON_CHECK.codepoint);
        ui.colored_label(Palette::of(ui).good, text);
    }
}

fn differences(ui: &mut Ui, found: &Reconciled, queue: &mut Queue) {
    let most = (ui.ctx().content_rect().height() - 280.0).max(120.0);
    let list = ScrollArea::vertical().max_height(most);
    let list = list.min_scrolled_height(most.min(TALL));
    list.auto_shrink([false, true]).show(ui, |ui| {
        section(ui, "Missing", found.missing.len(), |ui, at| {
            let listed = &found.missing[at];
            ui.label(names::cut_middle(&listed.name, NAME));
            ui.weak(
                listed
                    .pages
                    .map_or_else(String::new, |pages| words::counted(pages, "page", "pages")),
            );
        });
        section(
            ui,
            "Other numbers of pages",
            found.other_pages.len(),
            |ui, at| {
                let other = &found.other_pages[at];
                document(ui, other.document, &other.name, queue);
                let here = match other.found {
                    Some(pages) => words::grouped(pages),
                    None => "not opened".to_owned(),
                };
                ui.weak(format!("{here}, listed {}", words::grouped(other.listed)));
            },
        );
        section(ui, "Not in the list", found.surplus.len(), |ui, at| {
            let (id, name) = &found.surplus[at];
            document(ui, *id, name, queue);
            ui.weak("");
        });
    });
}

/// Differences of one kind, where there are any.
fn section(ui: &mut Ui, title: &str, count: usize, mut row: impl FnMut(&mut Ui, usize)) {
    /// More are in the table that the command line prints.
    const MOST: usize = 500;
    if count == 0 {
        return;
    }
    ui.add_space(8.0);
    let title = format!("{title}: {}", words::grouped(count as u64));
    ui.label(RichText::new(&title).strong());
    Grid::new(title)
        .num_columns(2)
        .spacing([16.0, 4.0])
        .striped(true)
        .show(ui, |ui| {
            for at in 0..count.min(MOST) {
                row(ui, at);
                ui.end_row();
            }
        });
    if count > MOST {
        let more = words::grouped((count - MOST) as u64);
        ui.weak(format!("and {more} more; `pagesieve reconcile` lists all"));
    }
}

fn document(ui: &mut Ui, id: DocumentId, name: &str, queue: &mut Queue) {
    let link = ui.link(names::cut_middle(name, NAME));
    if link.on_hover_text("Show its pages").clicked() {
        queue.push(Request::ShowDocument(id));
    }
}
