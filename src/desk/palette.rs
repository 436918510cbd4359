//! The command palette: every action by name.

use eframe::egui::{Context, Id, Key, Modal, Modifiers, ScrollArea, TextEdit};

use super::actions::Action;
use super::names::has_words;
use super::theme::ROW;

/// An open palette.
#[derive(Default)]
pub struct CommandPalette {
    typed: String,
    chosen: usize,
}

/// Shows the palette; it is gone once an action was chosen or it was closed.
pub fn ui(context: &Context, palette: &mut Option<CommandPalette>) -> Option<Action> {
    let open = palette.as_mut()?;
    let mut action = None;
    let modal = Modal::new(Id::unique("command palette")).show(context, |ui| {
        ui.set_width(420.0);
        let key = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        if key(Key::ArrowDown) {
            open.chosen += 1;
        }
        if key(Key::ArrowUp) {
            open.chosen = open.chosen.saturating_sub(1);
        }
        let enter = key(Key::Enter);
        let label = ui.label("Command");
        let response = ui
            .add(TextEdit::singleline(&mut open.typed).desired_width(f32::INFINITY))
            .labelled_by(label.id);
        response.request_focus();
        let mut matching: Vec<Action> = Action::ALL
            .into_iter()
            .filter(|action| has_words(action.info().name, &open.typed))
            .collect();
        matching.sort_by_key(|action| action.info().name);
        open.chosen = open.chosen.min(matching.len().saturating_sub(1));
        ui.add_space(4.0);
        ScrollArea::vertical()
            .max_height(ROW * 12.0)
            .show(ui, |ui| {
                for (index, &entry) in matching.iter().enumerate() {
                    let button =
                        eframe::egui::Button::selectable(index == open.chosen, entry.text())
                            .shortcut_text(
                                entry
                                    .info()
                                    .key
                                    .map_or(String::new(), |key| context.format_shortcut(&key)),
                            )
                            .min_size([ui.available_width(), ROW].into());
                    if ui.add(button).on_hover_text(entry.info().help).clicked()
                        || (enter && index == open.chosen)
                    {
                        action = Some(entry);
                    }
                }
            });
        if matching.is_empty() {
            ui.weak("No command has these words.");
        }
    });
    if action.is_some() || modal.should_close() {
        *palette = None;
    }
    action
}
