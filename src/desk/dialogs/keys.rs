//! The window of keys: what each does, and giving it another. Not for what holds (`keys`).

use eframe::egui::{Button, Context, Role, ScrollArea, TextEdit, Ui, WidgetInfo};

use super::presets::Preset;
use super::window;
use crate::desk::actions::Group;
use crate::desk::keys::{self, Bound, Chosen, Keys};
use crate::desk::theme::{Palette, section};
use crate::names::{self, has_words};

/// Share of the width that names have, and width of a key's button, points.
const NAMES: f32 = 0.62;
const KEY: f32 = 150.0;

/// The window's state.
#[derive(Default)]
pub struct KeysWindow {
    pub open: bool,
    typed: String,
    /// What a key is being chosen for.
    waits: Option<Bound>,
    /// What lost its key to what.
    taken: Option<(String, String)>,
}

impl KeysWindow {
    /// The next key is for this window.
    pub fn waits(&self) -> bool {
        self.open && self.waits.is_some()
    }

    /// Shows the window while it is open.
    pub fn ui(&mut self, context: &Context, keys: &mut Keys, piles: &[String], presets: &[Preset]) {
        if !self.open {
            *self = Self::default();
            return;
        }
        if let Some(bound) = &self.waits
            && let Some(chosen) = keys::chosen_now(context)
        {
            if let Chosen::Key(key) = chosen {
                let lost = keys.set(bound, key, &keys::table(context));
                self.taken = lost.map(|lost| (lost.name(), bound.name()));
            }
            self.waits = None;
        }
        let mut open = self.open;
        window::show(context, "Keys", &mut open, 520.0, |ui| {
            ui.label("Click a key and press another. Backspace takes it away, Escape leaves it.");
            ui.add_space(4.0);
            ui.horizontal(|ui| {
                let field = TextEdit::singleline(&mut self.typed)
                    .hint_text("Find")
                    .desired_width(200.0);
                let field = ui.add(field);
                field.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Find a key"));
                field.on_hover_text("Show only what has these words in its name");
                let reset = ui.add_enabled(keys.are_changed(), Button::new("All as usual"));
                if reset.clicked() {
                    keys.reset();
                    self.taken = None;
                }
            });
            if let Some((lost, has)) = &self.taken {
                let said = format!(
                    "It was the key of “{lost}”, which has none now; it is that of “{has}”."
                );
                ui.colored_label(Palette::of(ui).warning, said);
            }
            ui.add_space(4.0);
            let most = (context.content_rect().height() - 240.0).max(120.0);
            ScrollArea::vertical().max_height(most).show(ui, |ui| {
                for group in Group::ALL {
                    self.group(ui, group.title(), group.actions().map(Bound::Action));
                }
                self.group(ui, "Piles", piles.iter().cloned().map(Bound::Pile));
                let presets = presets.iter().map(|preset| preset.name.clone());
                self.group(ui, "Presets", presets.map(Bound::Preset));
            });
        });
        self.open = open;
    }

    fn group(&mut self, ui: &mut Ui, title: &str, bound: impl Iterator<Item = Bound>) {
        let mut bound = bound
            .filter(|bound| has_words(&bound.name(), &self.typed))
            .peekable();
        if bound.peek().is_none() {
            return;
        }
        section(ui, title);
        let width = ui.available_width() * NAMES;
        for bound in bound {
            ui.horizontal(|ui| {
                ui.allocate_ui([width, ui.spacing().interact_size.y].into(), |ui| {
                    ui.set_min_width(width);
                    let name = ui.label(names::cut_middle(&bound.name(), 48));
                    if let Bound::Action(action) = &bound {
                        name.on_hover_text(action.info().help);
                    }
                });
                let waits = self.waits.as_ref() == Some(&bound);
                let key = keys::text(ui.ctx(), &bound);
                let shown = match (waits, key.is_empty()) {
                    (true, _) => "Press a key…",
                    (false, true) => "none",
                    (false, false) => &key,
                };
                let button = Button::selectable(waits, shown).min_size([KEY, 0.0].into());
                let response = ui.add(button.frame_when_inactive(true));
                let spoken = format!("Key of {}: {shown}", bound.name());
                response.widget_info(|| WidgetInfo::labeled(Role::Button, true, spoken.as_str()));
                if response.clicked() {
                    self.taken = None;
                    self.waits = (!waits).then_some(bound);
                }
            });
        }
    }
}
