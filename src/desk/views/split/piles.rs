//! Piles: named places that parts are put on, by dropping pages on them, by a
//! click, or in the menu of a part. Not for what a pile is at the destination
//! (`triage::split`): a folder.

use eframe::egui::containers::menu::MenuButton;
use eframe::egui::{
    Align, Button, Key, Layout, Role, Stroke, StrokeKind, TextEdit, Ui, WidgetInfo, vec2,
};
use egui_material_icons::icons;

use super::Split;
use crate::desk::sheet::Decisions;
use crate::desk::theme::{Palette, section};
use crate::desk::words;
use crate::names;

/// What was clicked in the row of a pile.
enum Clicked {
    PutChosenPages,
    TakeAway,
}

impl Split {
    /// Piles, each a place to drop pages on.
    pub(super) fn piles_ui(&mut self, ui: &mut Ui) {
        section(ui, "Piles");
        self.view.over_pile = None;
        for pile in self.piles() {
            match self.pile_row(ui, &pile) {
                Some(Clicked::PutChosenPages) => {
                    self.editor.put_on_pile(&self.chosen(), Some(&pile));
                }
                Some(Clicked::TakeAway) => self.take_away(&pile),
                None => {}
            }
        }
        self.new_pile_ui(ui);
    }

    /// A pile and what is on it.
    fn pile_row(&mut self, ui: &mut Ui, pile: &str) -> Option<Clicked> {
        let mut clicked = None;
        let text = match self.editor.piles().get(pile) {
            Some((parts, pages)) => {
                let parts = words::counted(*parts as u64, "part", "parts");
                let pages = words::counted(*pages as u64, "page", "pages");
                format!("{pile}: {parts}, {pages}")
            }
            None => pile.to_owned(),
        };
        across(ui, |ui| {
            let remove = Button::new(icons::ICON_CLOSE.codepoint).frame_when_inactive(false);
            let help = "Take the pile away; its parts stay";
            let remove = ui.add(remove);
            remove.widget_info(|| {
                WidgetInfo::labeled(Role::Button, true, format!("Take away the pile {pile}"))
            });
            if remove.on_hover_text(help).clicked() {
                clicked = Some(Clicked::TakeAway);
            }
            let icon = icons::ICON_FOLDER.codepoint;
            // With a text at its right, even none, the other is at its left.
            let button = Button::new(format!("{icon}  {text}"))
                .right_text("")
                .min_size(vec2(ui.available_width(), 24.0))
                .truncate();
            let response = ui.add(button);
            let pointer = ui.input(|input| input.pointer.interact_pos());
            let is_over = pointer.is_some_and(|pointer| response.rect.contains(pointer));
            if self.view.dragged.is_some() && is_over {
                let stroke = Stroke::new(2.0, Palette::of(ui).accent);
                ui.painter()
                    .rect_stroke(response.rect, 4, stroke, StrokeKind::Middle);
                self.view.over_pile = Some(pile.to_owned());
            }
            let help = "Drop pages here, or click to put the chosen pages on this pile. Its \
                        parts are written to a folder of its name.";
            if response.on_hover_text(help).clicked() {
                clicked = Some(Clicked::PutChosenPages);
            }
        });
        clicked
    }

    /// Takes a pile away; its parts are on none then.
    fn take_away(&mut self, pile: &str) {
        self.form.piles.retain(|known| known != pile);
        let parts = self.editor.parts().iter();
        let on_it = parts.filter(|part| part.pile.as_deref() == Some(pile));
        let pages = on_it.flat_map(|part| part.pages.iter().map(|planned| planned.page));
        let pages = pages.collect();
        self.editor.put_on_pile(&pages, None);
    }

    fn new_pile_ui(&mut self, ui: &mut Ui) {
        across(ui, |ui| {
            let named = !self.view.new_pile.trim().is_empty();
            let add = ui.add_enabled(named, Button::new("Add"));
            add.widget_info(|| WidgetInfo::labeled(Role::Button, named, "Add pile"));
            let edit = TextEdit::singleline(&mut self.view.new_pile)
                .hint_text("New pile")
                .desired_width(ui.available_width() - 8.0);
            let edit = ui.add(edit);
            edit.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "New pile"));
            let entered = edit.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
            if named && (add.clicked() || entered) {
                let name = std::mem::take(&mut self.view.new_pile).trim().to_owned();
                if !self.piles().contains(&name) {
                    self.form.piles.push(name);
                }
            }
        });
    }

    /// Parts can be put on piles that pages were put on while they were decided about.
    pub fn know_piles(&mut self, decisions: &Decisions) {
        self.form.piles = decisions.piles_to_choose(&self.form.piles);
    }

    /// Piles that were made, and those that parts are on.
    fn piles(&self) -> Vec<String> {
        let mut piles = self.form.piles.clone();
        for pile in self.editor.piles().keys() {
            if !piles.iter().any(|known| known == pile) {
                piles.push((*pile).to_owned());
            }
        }
        piles
    }

    /// The pile that a part is on, and the others to choose from; nothing where
    /// there are no piles.
    pub(super) fn pile_menu(&self, ui: &mut Ui, part: usize) -> Option<Option<String>> {
        let piles = self.piles();
        let own = self.editor.parts()[part].pile.clone();
        if piles.is_empty() {
            return None;
        }
        let mut chosen = None;
        let icon = icons::ICON_FOLDER.codepoint;
        let name = own.as_deref().unwrap_or("No pile");
        let title = format!("{icon}  {}", names::cut_middle(name, 24));
        let button = Button::new(title).frame_when_inactive(false);
        let (response, _) = MenuButton::from_button(button).ui(ui, |ui| {
            for pile in piles {
                let is_own = own.as_ref() == Some(&pile);
                if ui.selectable_label(is_own, &pile).clicked() {
                    chosen = Some(Some(pile));
                    ui.close();
                }
            }
            ui.separator();
            if ui.selectable_label(own.is_none(), "No pile").clicked() {
                chosen = Some(None);
                ui.close();
            }
        });
        response.on_hover_text("The pile of this part");
        chosen
    }
}

/// A row that begins at its right end, so that what is left fills it.
pub(super) fn across(ui: &mut Ui, add: impl FnOnce(&mut Ui)) {
    let size = vec2(ui.available_width(), 28.0);
    ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), add);
}
