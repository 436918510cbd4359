//! The overview of batches: all of the library, how far each is and how large, found by
//! name and sorted; opened, renamed, archived and forgotten from here. Not for what a batch
//! holds (`sheet`), nor for changing between a few (`batch_menu`).

use std::cmp::Ordering;

use eframe::egui::{
    Align, Button, Checkbox, Context, Id, Key, Label, Layout, RichText, Role, Sense, TextEdit, Ui,
    WidgetInfo,
};
use egui_extras::{Column as TableColumn, TableBuilder, TableRow};
use egui_material_icons::icons;

use super::window;
use crate::desk::requests::{Queue, Request};
use crate::desk::theme::{Palette, ROW};
use crate::desk::views::table;
use crate::desk::words;
use crate::model::{Batch, BatchId, BatchSummary};
use crate::names;
use crate::triage::Command;

/// Width of the window, and height of its list at most, points.
const WIDTH: f32 = 760.0;
const HEIGHT: f32 = 460.0;

/// A column, by which batches sort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Column {
    Name,
    State,
    Documents,
    Pages,
    Failures,
    Size,
    #[default]
    Taken,
}

impl Column {
    const ALL: [Self; 7] = [
        Self::Name,
        Self::State,
        Self::Documents,
        Self::Pages,
        Self::Failures,
        Self::Size,
        Self::Taken,
    ];

    fn heading(self) -> &'static str {
        match self {
            Self::Name => "Batch",
            Self::State => "State",
            Self::Documents => "Documents",
            Self::Pages => "Pages",
            Self::Failures => "Failures",
            Self::Size => "Size",
            Self::Taken => "Taken in",
        }
    }

    /// Points; none: what the others leave.
    fn width(self) -> Option<f32> {
        match self {
            Self::Name => None,
            Self::State => Some(96.0),
            Self::Documents => Some(84.0),
            Self::Pages | Self::Failures => Some(70.0),
            Self::Size => Some(80.0),
            Self::Taken => Some(92.0),
        }
    }

    fn is_number(self) -> bool {
        !matches!(self, Self::Name | Self::State)
    }

    fn shown(self, summary: &BatchSummary) -> String {
        match self {
            Self::Name => names::whole(&summary.batch.name),
            Self::State => state(summary).to_owned(),
            Self::Documents => words::grouped(summary.documents),
            Self::Pages => words::grouped(summary.pages),
            Self::Failures => match summary.failures {
                0 => String::new(),
                failures => words::grouped(failures),
            },
            Self::Size => words::size(summary.bytes),
            Self::Taken => words::day(summary.batch.created),
        }
    }

    fn compare(self, a: &BatchSummary, b: &BatchSummary) -> Ordering {
        match self {
            Self::Name => a
                .batch
                .name
                .to_lowercase()
                .cmp(&b.batch.name.to_lowercase()),
            Self::State => state(a).cmp(state(b)),
            Self::Documents => a.documents.cmp(&b.documents),
            Self::Pages => a.pages.cmp(&b.pages),
            Self::Failures => a.failures.cmp(&b.failures),
            Self::Size => a.bytes.cmp(&b.bytes),
            Self::Taken => a.batch.created.cmp(&b.batch.created),
        }
    }
}

fn state(summary: &BatchSummary) -> &'static str {
    if summary.batch.archived {
        "Archived"
    } else if summary.is_finished() {
        "Finished"
    } else if summary.batch.cancelled {
        "Cancelled"
    } else {
        "Unfinished"
    }
}

/// The field for another name.
fn name_field() -> Id {
    Id::unique("new name of a batch")
}

/// The window's state.
#[derive(Default)]
pub struct BatchesWindow {
    pub open: bool,
    was_open: bool,
    typed: String,
    archived_too: bool,
    sort: Column,
    /// From the smallest to the largest.
    ascending: bool,
    /// The batch that gets another name, as it is typed, and whether that has just begun.
    renamed: Option<(BatchId, String, bool)>,
}

impl BatchesWindow {
    /// Shows the window while it is open. `shown`: the batch that is.
    pub fn ui(
        &mut self,
        context: &Context,
        batches: &[BatchSummary],
        shown: Option<BatchId>,
        queue: &mut Queue,
    ) {
        let mut open = self.open;
        let mut opened = None;
        window::show(context, "Batches", &mut open, WIDTH, |ui| {
            ui.horizontal(|ui| {
                let field = TextEdit::singleline(&mut self.typed)
                    .hint_text("Find by name")
                    .desired_width(260.0);
                let response = ui.add(field);
                response.widget_info(|| {
                    WidgetInfo::labeled(Role::TextInput, true, "Find a batch by name")
                });
                if !self.was_open {
                    response.request_focus();
                }
                let archived = batches.iter().filter(|summary| summary.batch.archived);
                let archived = archived.count() as u64;
                let text = format!("With archived ones ({})", words::grouped(archived));
                ui.add_enabled(archived > 0, Checkbox::new(&mut self.archived_too, text));
            });
            ui.add_space(4.0);
            let found = self.found(batches);
            if found.is_empty() {
                ui.weak(match batches.is_empty() {
                    true => "Drop files on the window: each drop is a batch.",
                    false => "No batch has these words in its name.",
                });
            } else {
                opened = self.list(ui, &found, shown, queue);
                ui.add_space(4.0);
                sum_up(ui, &found);
            }
        });
        if let Some(batch) = opened {
            queue.push(Command::Open(batch));
        }
        self.was_open = open;
        self.open = open && opened.is_none();
        if !open {
            self.renamed = None;
        }
    }

    /// What is listed, in its order.
    fn found<'a>(&self, batches: &'a [BatchSummary]) -> Vec<&'a BatchSummary> {
        let mut found: Vec<&BatchSummary> = batches
            .iter()
            .filter(|summary| self.archived_too || !summary.batch.archived)
            .filter(|summary| names::has_words(&summary.batch.name, &self.typed))
            .collect();
        found.sort_by(|a, b| {
            let order = self.sort.compare(a, b);
            let order = if self.ascending {
                order
            } else {
                order.reverse()
            };
            order.then(b.batch.id.cmp(&a.batch.id))
        });
        found
    }

    /// Lists them; returns one that is to be opened.
    fn list(
        &mut self,
        ui: &mut Ui,
        found: &[&BatchSummary],
        shown: Option<BatchId>,
        queue: &mut Queue,
    ) -> Option<BatchId> {
        let mut opened = None;
        let mut builder = TableBuilder::new(ui)
            .striped(false)
            .sense(Sense::click())
            .cell_layout(Layout::left_to_right(Align::Center))
            .max_scroll_height(HEIGHT)
            .auto_shrink([false, true]);
        for column in Column::ALL {
            builder = builder.column(match column.width() {
                Some(width) => TableColumn::exact(width).clip(true),
                None => TableColumn::remainder().at_least(160.0).clip(true),
            });
        }
        builder
            .header(ROW, |mut header| {
                for column in Column::ALL {
                    header.col(|ui| self.heading(ui, column));
                }
            })
            .body(|body| {
                body.rows(ROW, found.len(), |mut row| {
                    let summary = found[row.index()];
                    row.set_selected(shown == Some(summary.batch.id));
                    // Before the menu, in which it may begin.
                    let is_renamed = self.is_renamed(summary.batch.id);
                    self.row(&mut row, summary);
                    let response = row.response();
                    let name = &summary.batch.name;
                    response.widget_info(|| {
                        WidgetInfo::labeled(Role::Row, true, format!("Batch {name}"))
                    });
                    response.context_menu(|ui| {
                        if self.menu(ui, summary, queue) {
                            opened = Some(summary.batch.id);
                        }
                    });
                    if response.clicked() && !is_renamed {
                        opened = Some(summary.batch.id);
                    }
                    if is_renamed {
                        self.end_renaming(&response.ctx, queue);
                    }
                });
            });
        opened
    }

    fn heading(&mut self, ui: &mut Ui, column: Column) {
        let layout = match column.is_number() {
            true => Layout::right_to_left(Align::Center),
            false => Layout::left_to_right(Align::Center),
        };
        ui.with_layout(layout, |ui| {
            let arrow = table::arrow(self.sort == column, !self.ascending);
            let text = RichText::new(format!("{} {arrow}", column.heading())).strong();
            let button = Button::new(text).frame(false);
            if ui.add(button).on_hover_text("Sort by it").clicked() {
                self.ascending = match self.sort == column {
                    true => !self.ascending,
                    // Names from A on, and what is largest or newest first.
                    false => !column.is_number(),
                };
                self.sort = column;
            }
        });
    }

    fn row(&mut self, row: &mut TableRow<'_, '_>, summary: &BatchSummary) {
        for column in Column::ALL {
            row.col(|ui| {
                let palette = Palette::of(ui);
                if column == Column::Name
                    && let Some((_, typed, begins)) = self
                        .renamed
                        .as_mut()
                        .filter(|(batch, ..)| *batch == summary.batch.id)
                {
                    let field = TextEdit::singleline(typed)
                        .id(name_field())
                        .char_limit(Batch::LONGEST_NAME)
                        .desired_width(f32::INFINITY);
                    let response = ui.add(field);
                    response.widget_info(|| {
                        WidgetInfo::labeled(Role::TextInput, true, "New name of the batch")
                    });
                    if std::mem::take(begins) {
                        response.request_focus();
                    }
                    return;
                }
                let colour = match column {
                    Column::Failures => palette.bad,
                    Column::Name => palette.text,
                    Column::State if state(summary) == "Unfinished" => palette.warning,
                    _ => palette.dim,
                };
                let label = Label::new(RichText::new(column.shown(summary)).color(colour))
                    .selectable(false)
                    .truncate();
                match column.is_number() {
                    true => {
                        let right = Layout::right_to_left(Align::Center);
                        ui.with_layout(right, |ui| ui.add(label));
                    }
                    false => {
                        ui.add(label);
                    }
                }
            });
        }
    }

    fn is_renamed(&self, batch: BatchId) -> bool {
        self.renamed.as_ref().is_some_and(|(of, ..)| *of == batch)
    }

    /// Enter gives the new name, anything else that ends it leaves the old one.
    fn end_renaming(&mut self, context: &Context, queue: &mut Queue) {
        let pressed = |key| context.input(|input| input.key_pressed(key));
        if pressed(Key::Enter) {
            let renamed = self.renamed.take();
            if let Some((batch, typed, _)) = renamed
                && let Some(name) = Batch::name_of(&typed)
            {
                queue.push(Command::Rename(batch, name));
            }
        } else if pressed(Key::Escape)
            || context.memory(|memory| memory.focused() != Some(name_field()))
        {
            self.renamed = None;
        }
    }

    /// What can be done with a batch; true if it is to be opened.
    fn menu(&mut self, ui: &mut Ui, summary: &BatchSummary, queue: &mut Queue) -> bool {
        let (batch, name) = (summary.batch.id, &summary.batch.name);
        let entry = |ui: &mut Ui, icon: &str, text: &str| ui.button(format!("{icon}  {text}"));
        let opens = entry(ui, icons::ICON_FOLDER_OPEN.codepoint, "Open").clicked();
        if entry(ui, icons::ICON_EDIT.codepoint, "Rename…").clicked() {
            self.renamed = Some((batch, name.clone(), true));
        }
        let archived = summary.batch.archived;
        let (icon, text) = match archived {
            false => (icons::ICON_ARCHIVE.codepoint, "Archive"),
            true => (icons::ICON_UNARCHIVE.codepoint, "Bring back"),
        };
        let help = "Lists leave an archived batch out; all that is known of it stays";
        if entry(ui, icon, text).on_hover_text(help).clicked() {
            queue.push(Command::Archive(batch, !archived));
        }
        ui.separator();
        if entry(ui, icons::ICON_DELETE.codepoint, "Forget…").clicked() {
            queue.push(Request::AskToForget(batch, name.clone()));
        }
        opens
    }
}

fn sum_up(ui: &mut Ui, found: &[&BatchSummary]) {
    let sum = |of: fn(&BatchSummary) -> u64| found.iter().map(|summary| of(summary)).sum::<u64>();
    let said = [
        words::counted(found.len() as u64, "batch", "batches"),
        words::counted(sum(|s| s.documents), "document", "documents"),
        words::counted(sum(|s| s.pages), "page", "pages"),
        words::size(sum(|s| s.bytes)),
    ];
    ui.weak(format!(
        "{}. Right-click a batch for more.",
        said.join(", ")
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(id: i64, name: &str, pages: u64) -> BatchSummary {
        BatchSummary {
            batch: Batch {
                id: BatchId(id),
                name: name.to_owned(),
                created: id,
                cancelled: false,
                archived: name.starts_with("old"),
            },
            documents: 1,
            documents_waiting: 0,
            documents_failed: 0,
            documents_left_out: 0,
            pages,
            pages_done: pages,
            pages_failed: 0,
            failures: 0,
            bytes: pages * 1000,
        }
    }

    #[test]
    fn batches_are_found_and_sorted_and_archived_ones_left_out() {
        let batches = [
            summary(1, "Bravo", 9),
            summary(2, "alpha", 3),
            summary(3, "old alpha", 5),
        ];
        let mut window = BatchesWindow::default();
        let found = |window: &BatchesWindow| -> Vec<i64> {
            let found = window.found(&batches);
            found.iter().map(|summary| summary.batch.id.0).collect()
        };
        assert_eq!(found(&window), [2, 1], "the newest first");
        window.sort = Column::Pages;
        assert_eq!(found(&window), [1, 2]);
        (window.sort, window.ascending) = (Column::Name, true);
        window.archived_too = true;
        assert_eq!(found(&window), [2, 1, 3]);
        window.typed = "ALPHA".to_owned();
        assert_eq!(found(&window), [2, 3]);
    }
}
