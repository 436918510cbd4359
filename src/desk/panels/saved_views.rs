//! Views that are kept under a name: which pages, in which order, in the grid or in the
//! table; and what was asked for lately. The menu beside the search for both. Not for
//! finding the pages (`triage::query`).

use eframe::egui::containers::menu::{MenuButton, MenuConfig};
use eframe::egui::{
    Button, Id, Key, PopupCloseBehavior, RichText, Role, ScrollArea, TextEdit, Ui, WidgetInfo,
};
use egui_material_icons::icons;
use serde::{Deserialize, Serialize};

use crate::desk::requests::{Queue, Request};
use crate::desk::sheet::Sheet;
use crate::desk::theme::{ROW, section};
use crate::desk::views::View;
use crate::names;
use crate::triage::fields::Field;

/// So many questions are remembered.
const MOST_ASKED: usize = 30;

/// The longest question that is remembered, in bytes, and of which a view can be kept.
const LONGEST: usize = 2000;

/// Width of the menu, points, and characters of a name or question that it has room for.
const WIDTH: f32 = 340.0;
const CHARACTERS: usize = 40;

/// A view that was kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedView {
    pub name: String,
    /// The grid or the table.
    pub view: View,
    /// Which pages; empty: all.
    pub query: String,
    /// Name of the field that the table is sorted by.
    pub sort: String,
    /// From the last to the first.
    pub descending: bool,
}

/// Views and questions that settings keep.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedViews {
    /// By name, in the order in which they were made.
    pub kept: Vec<SavedView>,
    /// What was asked for, the latest first.
    lately: Vec<String>,
}

impl SavedView {
    /// What is shown now, under a name.
    fn of(name: &str, sheet: &Sheet, view: View) -> Self {
        Self {
            name: name.to_owned(),
            view: match view {
                View::Table => View::Table,
                _ => View::Grid,
            },
            query: sheet.question.typed.trim().to_owned(),
            sort: sheet.sort.name.to_owned(),
            descending: sheet.descending,
        }
    }

    /// The field that the table is sorted by; none that this version does not know.
    pub fn sorted_by(&self) -> Option<&'static Field> {
        Field::named(&self.sort)
    }

    /// Which pages it shows, for people.
    pub fn pages(&self) -> &str {
        match self.query.as_str() {
            "" => "All pages",
            query => query,
        }
    }
}

impl SavedViews {
    /// Remembers what was asked for.
    pub fn ask(&mut self, question: &str) {
        let question = question.trim();
        if question.is_empty() || question.len() > LONGEST {
            return;
        }
        self.lately.retain(|earlier| earlier != question);
        self.lately.insert(0, question.to_owned());
        self.lately.truncate(MOST_ASKED);
    }

    /// With the arrow keys, the questions before and after what is typed; true once it is
    /// another.
    pub fn step(&self, ui: &Ui, typed: &mut String) -> bool {
        let place = self.lately.iter().position(|earlier| earlier == typed);
        let pressed = |key| ui.input(|input| input.key_pressed(key));
        let wanted = match place {
            _ if pressed(Key::ArrowUp) => self.lately.get(place.map_or(0, |at| at + 1)),
            Some(at) if at > 0 && pressed(Key::ArrowDown) => self.lately.get(at - 1),
            _ => None,
        };
        if let Some(wanted) = wanted {
            typed.clone_from(wanted);
        }
        wanted.is_some()
    }
}

/// Draws the button and, when that was clicked, the menu. `view` is the one that is shown.
pub fn menu(ui: &mut Ui, sheet: &Sheet, view: View, saved: &mut SavedViews, queue: &mut Queue) {
    let icon = icons::ICON_BOOKMARKS.codepoint;
    // A click on the field for a name leaves it open.
    let stays = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    let (response, _) = MenuButton::new(icon).config(stays).ui(ui, |ui| {
        ui.set_min_width(WIDTH);
        section(ui, "Kept views");
        if saved.kept.is_empty() {
            ui.weak("None yet: a view is which pages are shown, and how.");
        }
        let mut gone = None;
        ScrollArea::vertical()
            .id_salt("kept")
            .max_height(ROW * 10.0)
            .show(ui, |ui| {
                for (at, view) in saved.kept.iter().enumerate() {
                    ui.horizontal(|ui| {
                        let remove = ui.button(icons::ICON_CLOSE.codepoint);
                        let help = format!("Forget the view {}", view.name);
                        remove
                            .widget_info(|| WidgetInfo::labeled(Role::Button, true, help.as_str()));
                        if remove.on_hover_text(help.as_str()).clicked() {
                            gone = Some(at);
                        }
                        let name = names::cut_middle(&view.name, CHARACTERS);
                        if entry(ui, &name).on_hover_text(view.pages()).clicked() {
                            queue.push(Request::ShowView(view.clone()));
                            ui.close();
                        }
                    });
                }
            });
        if let Some(at) = gone {
            saved.kept.remove(at);
        }
        keep(ui, sheet, view, saved);
        if saved.lately.is_empty() {
            return;
        }
        ui.add_space(8.0);
        section(ui, "Asked lately");
        ScrollArea::vertical()
            .id_salt("lately")
            .max_height(ROW * 8.0)
            .show(ui, |ui| {
                for question in &saved.lately {
                    let shown = names::cut_middle(question, CHARACTERS);
                    if entry(ui, &shown).on_hover_text(question).clicked() {
                        queue.push(Request::ShowPagesOf(question.clone()));
                        ui.close();
                    }
                }
            });
    });
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Kept views"));
    response.on_hover_text("Kept views, and what was asked for lately");
}

fn entry(ui: &mut Ui, text: &str) -> eframe::egui::Response {
    let button = Button::selectable(false, text);
    ui.add(button.min_size([ui.available_width(), ROW].into()))
}

/// The field for the name of what is shown now.
fn keep(ui: &mut Ui, sheet: &Sheet, view: View, saved: &mut SavedViews) {
    let id = Id::unique("name of a view");
    let mut name: String = ui.data(|data| data.get_temp(id)).unwrap_or_default();
    ui.horizontal(|ui| {
        let field = TextEdit::singleline(&mut name)
            .hint_text("Keep what is shown as…")
            .char_limit(100)
            .desired_width(WIDTH - 70.0);
        let response = ui.add(field);
        response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Name of the view"));
        let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let made = SavedView::of(name.trim(), sheet, view);
        let ready = !made.name.is_empty() && made.query.len() <= LONGEST && sheet.is_question();
        let text = RichText::new("Keep");
        let keep = ui
            .add_enabled(ready, Button::new(text))
            .on_disabled_hover_text(
                "It needs a name; and the choice of one document cannot be kept",
            );
        if (keep.clicked() || entered) && ready {
            saved.kept.retain(|other| other.name != made.name);
            saved.kept.push(made);
            name.clear();
        }
    });
    ui.data_mut(|data| data.insert_temp(id, name));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_question_comes_first_and_once() {
        let mut saved = SavedViews::default();
        for question in ["blank:yes", " ", "dpi<200", "blank:yes "] {
            saved.ask(question);
        }
        assert_eq!(saved.lately, ["blank:yes", "dpi<200"]);
        for number in 0..2 * MOST_ASKED {
            saved.ask(&number.to_string());
        }
        assert_eq!(saved.lately.len(), MOST_ASKED);
        saved.ask(&"x".repeat(LONGEST + 1));
        assert_eq!(saved.lately[0], (2 * MOST_ASKED - 1).to_string());
    }
}
