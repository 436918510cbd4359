//! The question which table is to be saved, how, and where. Not for what is in it
//! (`triage`).

use std::path::{Path, PathBuf};

use directories::UserDirs;
use eframe::egui::{Button, Context, Id, Key, Modal, RadioButton, TextEdit, Ui};

use super::{is_closed, path_of, take_keyboard, text_of};
use crate::desk::requests::{PlaceFor, Queue, Request};
use crate::desk::sheet::Sheet;
use crate::desk::words;
use crate::triage::Command;
use crate::triage::split::safe;
use crate::triage::tables::{Listed, TableFormat};

/// What can be listed, with its words on screen and in the name of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Pages,
    Documents,
    Failures,
    Duplicates,
}

impl What {
    const ALL: [Self; 4] = [
        Self::Pages,
        Self::Documents,
        Self::Failures,
        Self::Duplicates,
    ];

    fn label(self) -> &'static str {
        match self {
            Self::Pages => "Pages",
            Self::Documents => "Documents",
            Self::Failures => "Failures",
            Self::Duplicates => "Duplicates",
        }
    }

    fn help(self) -> &'static str {
        match self {
            Self::Pages => "A row for each page: verdicts, and everything that was measured",
            Self::Documents => "A row for each document: what is in it, and sums over its pages",
            Self::Failures => "A row for each failure, with its reason",
            Self::Duplicates => "Pages of the whole library that are the same",
        }
    }
}

/// The question, while it is open.
pub struct SaveTable {
    what: What,
    format: TableFormat,
    shown_only: bool,
    /// Path of the file.
    typed: String,
    /// A file that is there and that a person agreed to replace.
    may_replace: Option<PathBuf>,
    batch: String,
}

impl SaveTable {
    /// Asks for a table of the shown batch, `what` first; `folder` is where one was saved
    /// last.
    pub fn new(sheet: &Sheet, what: What, folder: Option<&Path>) -> Self {
        let user = UserDirs::new();
        let usual = user
            .as_ref()
            .map(|dirs| dirs.document_dir().unwrap_or(dirs.home_dir()));
        let mut question = Self {
            what,
            format: TableFormat::Workbook,
            // A query that leaves nothing, as once all is decided, is not what is to be saved.
            shown_only: shows_less(sheet) && !sheet.order().is_empty(),
            typed: String::new(),
            may_replace: None,
            batch: sheet.batch.name.clone(),
        };
        let folder = folder
            .filter(|folder| folder.is_dir())
            .or(usual)
            .unwrap_or(Path::new(""));
        question.typed = text_of(&folder.join(question.file_name()));
        question
    }

    /// The file that the system's dialog has chosen; it has asked whether to replace it.
    pub fn chosen(&mut self, path: PathBuf) {
        self.typed = text_of(&path);
        self.follow_ending();
        self.may_replace = Some(path);
    }

    /// Draws it; true once it was answered or closed.
    pub fn ui(&mut self, context: &Context, sheet: &Sheet, queue: &mut Queue) -> bool {
        let mut is_done = false;
        let modal = Modal::new(Id::unique("save table")).show(context, |ui| {
            ui.set_width(460.0);
            ui.heading("Save a table");
            ui.add_space(8.0);
            let before = self.file_name();
            ui.horizontal(|ui| {
                for what in What::ALL {
                    ui.selectable_value(&mut self.what, what, what.label())
                        .on_hover_text(what.help());
                }
            });
            ui.weak(self.what.help());
            if self.what == What::Pages && shows_less(sheet) {
                let shown = sheet.order().len() as u64;
                let text = format!("Only {}, in their order", pages_shown(shown));
                ui.checkbox(&mut self.shown_only, text);
            }
            ui.add_space(8.0);
            for format in TableFormat::ALL.iter().copied() {
                let name = match format {
                    TableFormat::Workbook => "Workbook for spreadsheets (XLSX)",
                    TableFormat::Spreadsheet => "Plain table for spreadsheets (CSV)",
                    TableFormat::JsonLines => "For programs (JSON Lines)",
                    #[cfg(feature = "parquet")]
                    TableFormat::Parquet => "For programs that compute with columns (Parquet)",
                    TableFormat::Report => "Report with pictures for any browser (HTML)",
                };
                let can = format != TableFormat::Report || self.what == What::Pages;
                let button = RadioButton::new(self.format == format, name);
                if ui.add_enabled(can, button).clicked() {
                    self.format = format;
                }
            }
            if self.format == TableFormat::Report && self.what != What::Pages {
                self.format = TableFormat::Workbook;
            }
            ui.add_space(8.0);
            self.rename(&before);
            self.end_as_chosen();
            is_done = self.place_ui(ui, sheet, queue);
        });
        is_done || is_closed(&modal)
    }

    /// The path, and what is done with it; true once that was decided.
    fn place_ui(&mut self, ui: &mut Ui, sheet: &Sheet, queue: &mut Queue) -> bool {
        let mut is_done = false;
        let label = ui.label("File");
        let entered = ui
            .horizontal(|ui| {
                let width = ui.available_width() - 96.0;
                let field = TextEdit::singleline(&mut self.typed).desired_width(width);
                let field = ui.add(field).labelled_by(label.id);
                take_keyboard(&field);
                if field.changed() {
                    self.follow_ending();
                }
                if ui.button("Choose…").clicked() {
                    let place = PlaceFor::Table(path_of(&self.typed));
                    queue.push(Request::Choose(place));
                }
                field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter))
            })
            .inner;
        let path = path_of(&self.typed);
        let folder = path.parent().is_some_and(Path::is_dir);
        let is_there = path.exists();
        if !folder {
            ui.weak("There is no such folder.");
        } else if is_there {
            ui.weak("There is such a file already.");
        }
        ui.add_space(12.0);
        ui.horizontal(|ui| {
            let name = if is_there { "Replace" } else { "Save" };
            let ready = folder && !path.is_dir();
            let save = ui.add_enabled(ready, Button::new(name)).clicked();
            let agreed = !is_there || self.may_replace.as_ref() == Some(&path);
            if save || (entered && ready && agreed) {
                is_done = true;
                queue.push(Command::SaveTable {
                    batch: sheet.id(),
                    listed: self.listed(sheet),
                    format: self.format,
                    path: path.clone(),
                    replace: is_there,
                });
            }
            if ui.button("Cancel").clicked() {
                is_done = true;
            }
        });
        is_done
    }

    /// Who types the ending of a format wants that format.
    fn follow_ending(&mut self) {
        if let Some(format) = TableFormat::of(&path_of(&self.typed)) {
            self.format = format;
        }
    }

    /// A file has the ending of what is in it, where it had that of another format.
    fn end_as_chosen(&mut self) {
        let path = path_of(&self.typed);
        if TableFormat::of(&path).is_some_and(|format| format != self.format) {
            self.typed = text_of(&path.with_extension(self.format.ending()));
        }
    }

    fn listed(&self, sheet: &Sheet) -> Listed {
        match self.what {
            What::Pages if self.shown_only && shows_less(sheet) => {
                Listed::ThesePages(sheet.order().to_vec())
            }
            What::Pages => Listed::Pages,
            What::Documents => Listed::Documents,
            What::Failures => Listed::Failures,
            What::Duplicates => Listed::Duplicates,
        }
    }

    /// The usual name of the file.
    fn file_name(&self) -> String {
        let what = self.what.label().to_lowercase();
        let name = safe(&format!("{} {what}", self.batch));
        format!("{name}.{}", self.format.ending())
    }

    /// Follows what is chosen with the name of the file, unless a person gave it another
    /// than `before`.
    fn rename(&mut self, before: &str) {
        let name = self.file_name();
        let path = path_of(&self.typed);
        if name != before && path.file_name().is_some_and(|file| file == before) {
            self.typed = text_of(&path.with_file_name(name));
        }
    }
}

/// Fewer pages are shown than there are.
fn shows_less(sheet: &Sheet) -> bool {
    sheet.order().len() < sheet.pages().count()
}

fn pages_shown(count: u64) -> String {
    match count {
        1 => "the page that is shown".to_owned(),
        count => format!("the {} pages that are shown", words::grouped(count)),
    }
}
