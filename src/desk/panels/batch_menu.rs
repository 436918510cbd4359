//! The menu of batches: all of the library, found by typing, and what can be done with
//! the one that is shown. Not for what a batch holds (`sheet`).

use eframe::egui::{Button, Key, Label, Modifiers, RichText, ScrollArea, TextEdit, Ui};
use egui_material_icons::icons;

use super::toolbar::entry;
use crate::desk::actions::Action;
use crate::desk::model::Model;
use crate::desk::requests::Queue;
use crate::desk::sheet::Sheet;
use crate::desk::theme::ROW;
use crate::desk::words;
use crate::model::BatchSummary;
use crate::names;
use crate::triage::Command;

/// Narrower windows cut the name of the batch to so many characters, others to more.
const NARROW: f32 = 1100.0;
const SHORT_NAME: usize = 14;
const LONG_NAME: usize = 32;

/// Width of the menu, points, and characters of a name that it has room for.
const WIDTH: f32 = 420.0;
const NAME_IN_LIST: usize = 34;

/// Rows of the list that are seen at once.
const ROWS: f32 = 14.0;

/// With fewer batches than this there is nothing to search for.
const SEARCHED_FROM: usize = 8;

/// What was typed and chosen in the menu while it is open.
#[derive(Default)]
pub struct BatchMenu {
    typed: String,
    chosen: usize,
    was_open: bool,
}

impl BatchMenu {
    /// Draws its button and, when that was clicked, the menu.
    pub fn ui(&mut self, ui: &mut Ui, model: &Model, queue: &mut Queue) {
        let (batches, sheet) = (&model.batches[..], model.sheet.as_ref());
        let name = sheet.map_or("No batch", |sheet| sheet.batch.name.as_str());
        let narrow = ui.available_width() < NARROW;
        let most = if narrow { SHORT_NAME } else { LONG_NAME };
        let text = format!(
            "{} {}",
            names::cut_middle(name, most),
            icons::ICON_ARROW_DROP_DOWN.codepoint
        );
        let menu = ui.menu_button(RichText::new(text).strong(), |ui| {
            ui.set_min_width(WIDTH);
            if batches.is_empty() {
                ui.weak("No batches yet");
            } else {
                self.list(ui, batches, sheet, queue);
            }
            ui.separator();
            entry(ui, Action::Batches, queue);
            if let Some(watched) = model.watched_of_shown().next() {
                entry(ui, Action::StopWatching, queue);
                let moves = match watched.moved_to {
                    Some(_) => Action::LeaveTaken,
                    None => Action::MoveTaken,
                };
                entry(ui, moves, queue);
            }
            if !batches.is_empty() {
                entry(ui, Action::BackUp, queue);
            }
            if sheet.is_some() {
                for action in [
                    Action::Reconcile,
                    Action::SaveTable,
                    Action::SavePages,
                    Action::Verify,
                    Action::Passwords,
                    Action::Locate,
                    Action::PutBack,
                    Action::ForgetBatch,
                ] {
                    entry(ui, action, queue);
                }
            }
        });
        let is_open = menu.inner.is_some();
        if !is_open {
            *self = Self::default();
        }
        self.was_open = is_open;
        menu.response.on_hover_text(name);
    }

    fn list(
        &mut self,
        ui: &mut Ui,
        batches: &[BatchSummary],
        sheet: Option<&Sheet>,
        queue: &mut Queue,
    ) {
        if batches.len() >= SEARCHED_FROM {
            let field = TextEdit::singleline(&mut self.typed)
                .hint_text(format!("Find one of {} batches", batches.len()))
                .desired_width(f32::INFINITY);
            let response = ui.add(field);
            response.widget_info(|| {
                eframe::egui::WidgetInfo::labeled(
                    eframe::egui::Role::TextInput,
                    true,
                    "Find a batch",
                )
            });
            if response.changed() {
                self.chosen = 0;
            }
            if !self.was_open {
                response.request_focus();
            }
        }
        let found: Vec<&BatchSummary> = batches
            .iter()
            .filter(|summary| !summary.batch.archived)
            .filter(|summary| names::has_words(&summary.batch.name, &self.typed))
            .collect();
        let key = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        let before = self.chosen;
        if key(Key::ArrowDown) {
            self.chosen += 1;
        }
        if key(Key::ArrowUp) {
            self.chosen = self.chosen.saturating_sub(1);
        }
        let enter = key(Key::Enter);
        self.chosen = self.chosen.min(found.len().saturating_sub(1));
        let moved = self.chosen != before;
        if found.is_empty() {
            ui.weak("No batch has these words in its name.");
        }
        ScrollArea::vertical().max_height(ROW * ROWS).show_rows(
            ui,
            ROW,
            found.len(),
            |ui, rows| {
                for at in rows {
                    let summary = found[at];
                    let shown = sheet.is_some_and(|sheet| sheet.id() == summary.batch.id);
                    let is_chosen = at == self.chosen && self.typed_or_moved();
                    let clicked = row(ui, summary, shown || is_chosen);
                    if clicked || (enter && at == self.chosen) {
                        queue.push(Command::Open(summary.batch.id));
                        ui.close();
                    }
                }
                if moved {
                    let top = ui.min_rect().top() + self.chosen as f32 * ROW;
                    let row = eframe::egui::Rect::from_min_size(
                        [ui.min_rect().left(), top].into(),
                        [1.0, ROW].into(),
                    );
                    ui.scroll_to_rect(row, None);
                }
            },
        );
    }

    fn typed_or_moved(&self) -> bool {
        !self.typed.is_empty() || self.chosen > 0
    }
}

/// A batch: its name, when it was taken in, and how far it is.
fn row(ui: &mut Ui, summary: &BatchSummary, selected: bool) -> bool {
    let pages = words::counted(summary.pages, "page", "pages");
    let mut state = if summary.is_finished() {
        pages
    } else {
        let ended = summary.pages_done + summary.pages_failed;
        format!("{} of {pages}", words::grouped(ended))
    };
    if summary.has_failures() {
        // As many as are listed: also of what keeps its earlier results.
        let failures = words::counted(summary.failures, "failure", "failures");
        state = format!("{state}, {failures}");
    }
    let day = words::day(summary.batch.created);
    let name = names::cut_middle(&summary.batch.name, NAME_IN_LIST);
    let button = Button::selectable(selected, name)
        .shortcut_text(format!("{state}   {day}"))
        .min_size([ui.available_width(), ROW].into());
    ui.add(button)
        .on_hover_ui(|ui| {
            ui.add(Label::new(&summary.batch.name));
        })
        .clicked()
}
