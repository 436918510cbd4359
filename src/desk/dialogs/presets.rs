//! Presets: several things that are said of pages with one key or click, under a name. The
//! window in which they are made. Not for saying them (`app`), nor for their keys (`keys`).

use eframe::egui::{Button, ComboBox, Context, Role, TextEdit, Ui, WidgetInfo};
use egui_material_icons::icons;
use serde::{Deserialize, Serialize};

use super::window;
use crate::desk::keys::{self, Bound};
use crate::desk::theme::{Palette, section};
use crate::model::{Change, Ruling};
use crate::names;

/// What is said of pages at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preset {
    /// On its button.
    pub name: String,
    /// What it says, in order.
    pub changes: Vec<Change>,
}

/// The window's state: a preset that is being made.
#[derive(Default)]
pub struct PresetsWindow {
    pub open: bool,
    name: String,
    /// None: nothing about that.
    ruling: Option<Change>,
    pile: String,
    tag: String,
    note: String,
}

impl PresetsWindow {
    /// Shows the window while it is open.
    pub fn ui(&mut self, context: &Context, presets: &mut Vec<Preset>) {
        let mut open = self.open;
        window::show(context, "Presets", &mut open, 460.0, |ui| {
            ui.label(
                "A preset says several things of pages with one click, or with a key of its own.",
            );
            ui.add_space(8.0);
            list(ui, presets);
            section(ui, "A new one");
            self.form(ui, presets);
        });
        self.open = open;
    }

    fn form(&mut self, ui: &mut Ui, presets: &mut Vec<Preset>) {
        let field = |ui: &mut Ui, name: &str, typed: &mut String, hint: &str| {
            let label = ui.label(name);
            ui.add(
                TextEdit::singleline(typed)
                    .hint_text(hint)
                    .desired_width(260.0),
            )
            .labelled_by(label.id);
            ui.end_row();
        };
        eframe::egui::Grid::new("preset")
            .num_columns(2)
            .spacing([24.0, 8.0])
            .show(ui, |ui| {
                field(ui, "Name", &mut self.name, "Junk");
                ui.label("Decision");
                let shown = self
                    .ruling
                    .as_ref()
                    .map_or("As it is".to_owned(), Change::in_words);
                ComboBox::from_id_salt("decision of the preset")
                    .selected_text(shown)
                    .show_ui(ui, |ui| {
                        ui.selectable_value(&mut self.ruling, None, "As it is");
                        let rulings = Ruling::ALL.map(Some).into_iter().chain([None]);
                        for change in rulings.map(Change::Rule) {
                            let words = change.in_words();
                            ui.selectable_value(&mut self.ruling, Some(change), words);
                        }
                    });
                ui.end_row();
                field(ui, "Pile", &mut self.pile, "as it is");
                field(ui, "Tag", &mut self.tag, "none besides");
                field(ui, "Note", &mut self.note, "as it is");
            });
        let preset = self.made();
        let problem = problem(&preset, presets);
        if let Some(problem) = problem.as_ref().filter(|_| !preset.name.is_empty()) {
            ui.colored_label(Palette::of(ui).bad, problem);
        }
        ui.add_space(4.0);
        let add = ui.add_enabled(problem.is_none(), Button::new("Add preset"));
        let add = add.on_disabled_hover_text("It needs a name, and something to say");
        if add.clicked() {
            presets.push(preset);
            *self = Self {
                open: self.open,
                ..Self::default()
            };
        }
    }

    /// The preset as it is typed.
    fn made(&self) -> Preset {
        let typed = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let pile = typed(&self.pile).map(|pile| Change::Pile(Some(pile)));
        let changes = self.ruling.clone().into_iter().chain(pile);
        let changes = changes.chain(typed(&self.tag).map(Change::Tag));
        Preset {
            name: self.name.trim().to_owned(),
            changes: changes.chain(typed(&self.note).map(Change::Note)).collect(),
        }
    }
}

/// Why it cannot be added.
fn problem(preset: &Preset, presets: &[Preset]) -> Option<String> {
    // A name has the bounds of a tag: it stands on a button.
    let name = Change::Tag(preset.name.clone()).problem();
    let name = name.map(|problem| problem.replace("tag", "preset"));
    name.or_else(|| {
        let is_there = presets.iter().any(|other| other.name == preset.name);
        is_there.then(|| "There is a preset of this name.".to_owned())
    })
    .or_else(|| preset.changes.iter().find_map(Change::problem))
    .or_else(|| {
        let says_nothing = preset.changes.is_empty();
        says_nothing.then(|| "It says nothing yet.".to_owned())
    })
}

fn list(ui: &mut Ui, presets: &mut Vec<Preset>) {
    let mut gone = None;
    for (place, preset) in presets.iter().enumerate() {
        ui.horizontal(|ui| {
            let remove = ui.button(icons::ICON_CLOSE.codepoint);
            let help = format!("Remove the preset {}", preset.name);
            remove.widget_info(|| WidgetInfo::labeled(Role::Button, true, help.as_str()));
            if remove.on_hover_text(help.as_str()).clicked() {
                gone = Some(place);
            }
            ui.strong(names::cut_middle(&preset.name, 24));
            let key = keys::text(ui.ctx(), &Bound::Preset(preset.name.clone()));
            if !key.is_empty() {
                ui.weak(key);
            }
            ui.label(names::cut_middle(
                &Change::all_in_words(&preset.changes),
                48,
            ))
            .on_hover_text(Change::all_in_words(&preset.changes));
        });
    }
    if let Some(place) = gone {
        presets.remove(place);
    }
    if !presets.is_empty() {
        ui.weak("Keys are chosen under “Keys…” (Ctrl+K finds it).");
        ui.add_space(8.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preset_says_what_was_typed_and_nothing_else() {
        let window = PresetsWindow {
            name: " Junk ".into(),
            ruling: Some(Change::Rule(Some(Ruling::Reject))),
            tag: "old".into(),
            ..PresetsWindow::default()
        };
        let made = window.made();
        assert_eq!(made.name, "Junk");
        assert_eq!(Change::all_in_words(&made.changes), "Reject, Tag old");
        assert_eq!(problem(&made, &[]), None);
        assert!(problem(&made, std::slice::from_ref(&made)).is_some());
        assert!(problem(&PresetsWindow::default().made(), &[]).is_some());
    }
}
