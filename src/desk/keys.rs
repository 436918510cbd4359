//! Which key does what: as it usually is, or as a person chose. Everything that a key can do
//! is bound here, so that no key serves two; views have some more of their own while they
//! are shown. Not for doing it (`app`).

use std::collections::BTreeMap;
use std::sync::Arc;

use eframe::egui::{Context, Event, Id, Key, KeyboardShortcut, Modifiers};
use serde::{Deserialize, Serialize};

use super::actions::{Action, Group};

/// Keys that the first piles have, unless a person chose others. The digits before them are
/// those of views.
const PILE_KEYS: [Key; 4] = [Key::Num6, Key::Num7, Key::Num8, Key::Num9];

/// Something that a key does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    Action(Action),
    /// Puts pages on this pile.
    Pile(String),
    /// Says what this preset says.
    Preset(String),
}

impl Bound {
    /// By which settings name it.
    fn id(&self) -> String {
        match self {
            Self::Action(action) => action.info().id.to_owned(),
            Self::Pile(name) => format!("pile {name}"),
            Self::Preset(name) => format!("preset {name}"),
        }
    }

    /// What people call it.
    pub fn name(&self) -> String {
        match self {
            Self::Action(action) => action.info().name.trim_end_matches('…').to_owned(),
            Self::Pile(name) => format!("Pile {name}"),
            Self::Preset(name) => name.clone(),
        }
    }

    /// It says something of pages: held down, it does so once. Going on and back is for
    /// holding.
    pub fn decides(&self) -> bool {
        match self {
            Self::Action(Action::NextUndecided | Action::UndoDecision | Action::RedoDecision) => {
                false
            }
            Self::Action(action) => action.info().group == Group::Deciding,
            Self::Pile(_) | Self::Preset(_) => true,
        }
    }
}

/// Keys that a person chose, as settings keep them: by what they do, written as
/// "Ctrl+Shift+K"; empty: none. What this program does not know stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Keys(BTreeMap<String, String>);

impl Keys {
    /// Gives something a key, or none. What had it before has none any more; returns that.
    pub fn set(
        &mut self,
        bound: &Bound,
        key: Option<KeyboardShortcut>,
        table: &Table,
    ) -> Option<Bound> {
        let before = key.and_then(|key| table.does(key)).cloned();
        let before = before.filter(|other| other != bound);
        if let Some(other) = &before {
            self.0.insert(other.id(), String::new());
        }
        self.0
            .insert(bound.id(), key.map_or(String::new(), written));
        before
    }

    /// All keys are as usual.
    pub fn reset(&mut self) {
        self.0.clear();
    }

    /// A person chose some.
    pub fn are_changed(&self) -> bool {
        !self.0.is_empty()
    }

    /// The table of what each key does, with these piles and presets.
    pub fn table(&self, piles: &[String], presets: impl Iterator<Item = String>) -> Table {
        let mut table = Table::default();
        let actions = Action::all();
        let actions = actions.map(|action| (Bound::Action(action), action.info().usual_key));
        let piles = piles.iter().enumerate().map(|(at, pile)| {
            let key = PILE_KEYS.get(at);
            let key = key.map(|key| KeyboardShortcut::new(Modifiers::NONE, *key));
            (Bound::Pile(pile.clone()), key)
        });
        let presets = presets.map(|preset| (Bound::Preset(preset), None));
        // What a person chose comes first: what is usual gives way to it.
        let (mut chosen, mut usual) = (Vec::new(), Vec::new());
        for (bound, usual_key) in actions.chain(piles).chain(presets) {
            match self.0.get(&bound.id()) {
                Some(written) => chosen.push((bound, read(written))),
                None => usual.push((bound, usual_key)),
            }
        }
        for (bound, key) in chosen.into_iter().chain(usual) {
            let key = key.filter(|key| table.does(*key).is_none());
            table.keys.push((bound, key));
        }
        // A key is taken by the first that fits: those with more modifiers come first.
        let modifiers = |key: &KeyboardShortcut| {
            let modifiers = key.modifiers;
            [modifiers.shift, modifiers.alt, modifiers.command]
                .into_iter()
                .filter(|is_held| *is_held)
                .count()
        };
        table
            .keys
            .sort_by_key(|(_, key)| std::cmp::Reverse(key.as_ref().map(modifiers)));
        table
    }
}

/// What each key does now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    keys: Vec<(Bound, Option<KeyboardShortcut>)>,
}

impl Table {
    /// The key of something.
    pub fn key(&self, bound: &Bound) -> Option<KeyboardShortcut> {
        let found = self.keys.iter().find(|(of, _)| of == bound);
        found.and_then(|(_, key)| *key)
    }

    /// What an event asks for, if it is a key that does something. `typing`: a text field has
    /// the focus, to which keys belong that type or edit.
    fn asks(&self, event: &Event, typing: bool) -> Option<&Bound> {
        let Event::Key {
            key,
            modifiers,
            pressed: true,
            ..
        } = event
        else {
            return None;
        };
        let is_it = |of: &KeyboardShortcut| {
            of.logical_key == *key && modifiers.matches_logically(of.modifiers)
        };
        let mut bound = self.keys.iter();
        let (bound, of) = bound.find(|(_, of)| of.as_ref().is_some_and(is_it))?;
        let is_edited = typing && of.as_ref().is_some_and(edits);
        (!is_edited).then_some(bound)
    }

    /// What a key does.
    pub fn does(&self, key: KeyboardShortcut) -> Option<&Bound> {
        let found = self.keys.iter().find(|(_, of)| *of == Some(key));
        found.map(|(bound, _)| bound)
    }
}

fn place() -> Id {
    Id::unique("what keys do")
}

/// Makes this table the one that holds.
pub fn install(context: &Context, table: Table) {
    context.data_mut(|data| data.insert_temp(place(), Arc::new(table)));
}

/// The table that holds.
pub fn table(context: &Context) -> Arc<Table> {
    let installed: Option<Arc<Table>> = context.data(|data| data.get_temp(place()));
    installed.unwrap_or_else(|| Arc::new(Keys::default().table(&[], std::iter::empty())))
}

/// The key of an action.
pub fn of(context: &Context, action: Action) -> Option<KeyboardShortcut> {
    table(context).key(&Bound::Action(action))
}

/// The key of anything as people write it; empty where it has none.
pub fn text(context: &Context, bound: &Bound) -> String {
    let key = table(context).key(bound);
    key.map_or(String::new(), |key| context.format_shortcut(&key))
}

/// What is asked for by the keys that were pressed. Keys without a modifier, and those that
/// edit text, are left alone while a text field has the focus. A held key says something of
/// pages once.
pub fn pressed(context: &Context) -> Vec<Bound> {
    let table = table(context);
    let typing = context.text_edit_focused();
    let mut pressed = Vec::new();
    // In the order in which they were pressed: on a slow frame there may be several.
    context.input_mut(|input| {
        input.events.retain(|event| {
            let Some(bound) = table.asks(event, typing) else {
                return true;
            };
            let is_held = matches!(event, Event::Key { repeat: true, .. });
            if !(is_held && bound.decides()) {
                pressed.push(bound.clone());
            }
            false
        });
    });
    pressed
}

/// Which event of this frame is a key that opens something to be typed into: what comes after
/// it is meant for that.
pub fn opens_field(context: &Context) -> Option<usize> {
    let table = table(context);
    let typing = context.text_edit_focused();
    let opens = |event: &Event| {
        let bound = table.asks(event, typing);
        matches!(bound, Some(Bound::Action(action)) if action.opens_field())
    };
    context.input(|input| input.events.iter().position(opens))
}

/// Takes the keys that were pressed, to be given back.
pub fn take(context: &Context) -> Vec<Event> {
    context.input_mut(|input| {
        let events = std::mem::take(&mut input.events);
        let is_key = |event: &Event| matches!(event, Event::Key { .. });
        let (keys, others) = events.into_iter().partition(is_key);
        input.events = others;
        keys
    })
}

/// In a text field it types something or edits what is typed.
fn edits(key: &KeyboardShortcut) -> bool {
    let types = !key.modifiers.command && !FUNCTION_KEYS.contains(&key.logical_key);
    types || EDITING.contains(&key.logical_key)
}

/// Without the command key these type nothing.
const FUNCTION_KEYS: [Key; 12] = [
    Key::F1,
    Key::F2,
    Key::F3,
    Key::F4,
    Key::F5,
    Key::F6,
    Key::F7,
    Key::F8,
    Key::F9,
    Key::F10,
    Key::F11,
    Key::F12,
];

/// With the command key these edit text: select all, copy, cut, paste, undo, redo.
const EDITING: [Key; 6] = [Key::A, Key::C, Key::X, Key::V, Key::Z, Key::Y];

/// Keys that move the cursor, close what is open, or that views keep for themselves,
/// whatever a person chooses.
const NOT_TO_BE_CHOSEN: [Key; 20] = [
    Key::Plus,
    Key::Equals,
    Key::Minus,
    Key::Num0,
    Key::OpenBracket,
    Key::CloseBracket,
    Key::Questionmark,
    Key::Escape,
    Key::Tab,
    Key::Backspace,
    Key::Delete,
    Key::Space,
    Key::ArrowUp,
    Key::ArrowDown,
    Key::ArrowLeft,
    Key::ArrowRight,
    Key::PageUp,
    Key::PageDown,
    Key::Home,
    Key::End,
];

/// A key that was pressed just now and can be chosen; Escape and Backspace by themselves
/// give none.
pub fn chosen_now(context: &Context) -> Option<Chosen> {
    context.input_mut(|input| {
        let found = input.events.iter().find_map(|event| match event {
            Event::Key {
                key,
                modifiers,
                pressed: true,
                ..
            } => Some((*key, *modifiers)),
            _ => None,
        });
        let (key, modifiers) = found?;
        let is_typed = |event: &Event| matches!(event, Event::Key { .. } | Event::Text(_));
        input.events.retain(|event| !is_typed(event));
        match key {
            Key::Escape => Some(Chosen::Nothing),
            Key::Backspace | Key::Delete => Some(Chosen::Key(None)),
            key if !modifiers.command && NOT_TO_BE_CHOSEN.contains(&key) => None,
            key => {
                let modifiers = Modifiers {
                    alt: modifiers.alt,
                    shift: modifiers.shift,
                    ..if modifiers.command {
                        Modifiers::COMMAND
                    } else {
                        Modifiers::NONE
                    }
                };
                Some(Chosen::Key(Some(KeyboardShortcut::new(modifiers, key))))
            }
        }
    })
}

/// What a person answers when asked for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// Leave it as it is.
    Nothing,
    /// This key, or none.
    Key(Option<KeyboardShortcut>),
}

/// As settings keep it.
fn written(key: KeyboardShortcut) -> String {
    let held = [
        (key.modifiers.command, "Ctrl+"),
        (key.modifiers.alt, "Alt+"),
        (key.modifiers.shift, "Shift+"),
    ];
    let held: String = held.iter().filter(|(is, _)| *is).map(|(_, n)| *n).collect();
    held + key.logical_key.name()
}

/// What [`written`] wrote; none for what it never writes.
fn read(written: &str) -> Option<KeyboardShortcut> {
    let mut rest = written;
    let mut modifiers = Modifiers::NONE;
    for (name, held) in [
        ("Ctrl+", Modifiers::COMMAND),
        ("Alt+", Modifiers::ALT),
        ("Shift+", Modifiers::SHIFT),
    ] {
        if let Some(after) = rest.strip_prefix(name) {
            rest = after;
            modifiers = modifiers.plus(held);
        }
    }
    Key::from_name(rest).map(|key| KeyboardShortcut::new(modifiers, key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(key: Key) -> KeyboardShortcut {
        KeyboardShortcut::new(Modifiers::NONE, key)
    }

    /// What keys ask for that are pressed in one frame, let go in between or `held`.
    fn pressed_in_one_frame(keys: &[(Modifiers, Key)], held: bool) -> Vec<Bound> {
        let event = |key: Key, modifiers, pressed| Event::Key {
            key,
            physical_key: None,
            pressed,
            repeat: false,
            modifiers,
        };
        let mut events = Vec::new();
        for (modifiers, key) in keys {
            events.push(event(*key, *modifiers, true));
            if !held {
                events.push(event(*key, *modifiers, false));
            }
        }
        let context = Context::default();
        let mut asked = Vec::new();
        let input = eframe::egui::RawInput {
            events,
            ..eframe::egui::RawInput::default()
        };
        let mut output = context.run_ui(input, |ui| asked.extend(pressed(ui.ctx())));
        // Nothing is drawn.
        output.textures_delta.clear();
        asked
    }

    #[test]
    fn keys_of_one_frame_are_taken_in_their_order() {
        let (reject, keep) = (Bound::Action(Action::Reject), Bound::Action(Action::Keep));
        let typed = [Key::X, Key::K, Key::K].map(|key| (Modifiers::NONE, key));
        let asked = pressed_in_one_frame(&typed, false);
        assert_eq!(asked, [reject, keep.clone(), keep]);
        // With the command key it is another one.
        let asked = pressed_in_one_frame(&[(Modifiers::COMMAND, Key::K)], false);
        assert_eq!(asked, [Bound::Action(Action::CommandPalette)]);
    }

    #[test]
    fn a_held_key_decides_once_whatever_is_held_with_it() {
        for modifiers in [Modifiers::NONE, Modifiers::SHIFT] {
            let held = pressed_in_one_frame(&[(modifiers, Key::X); 3], true);
            assert_eq!(held, [Bound::Action(Action::Reject)]);
        }
        let next = pressed_in_one_frame(&[(Modifiers::NONE, Key::N); 2], true);
        assert_eq!(next.len(), 2, "going on is for holding");
    }

    #[test]
    fn every_usual_key_is_written_and_read() {
        for action in Action::all() {
            if let Some(key) = action.info().usual_key {
                assert_eq!(read(&written(key)), Some(key), "{}", written(key));
            }
        }
        assert_eq!(read(""), None);
        assert_eq!(read("Ctrl+Rubbish"), None);
    }

    #[test]
    fn a_key_serves_one_thing_and_what_had_it_has_none() {
        let piles = ["Tax".to_owned(), "Ask".to_owned()];
        let presets = || ["Junk".to_owned()].into_iter();
        let mut keys = Keys::default();
        let table = keys.table(&piles, presets());
        assert_eq!(
            table.does(plain(Key::Num7)),
            Some(&Bound::Pile("Ask".into()))
        );
        let junk = Bound::Preset("Junk".into());
        assert_eq!(table.key(&junk), None);

        let had = keys.set(&junk, Some(plain(Key::X)), &table);
        assert_eq!(had, Some(Bound::Action(Action::Reject)));
        let table = keys.table(&piles, presets());
        assert_eq!(table.does(plain(Key::X)), Some(&junk));
        assert_eq!(table.key(&Bound::Action(Action::Reject)), None);

        let had = keys.set(&Bound::Action(Action::Reject), Some(plain(Key::Q)), &table);
        assert_eq!(had, None);
        let table = keys.table(&piles, presets());
        assert_eq!(
            table.does(plain(Key::Q)),
            Some(&Bound::Action(Action::Reject))
        );

        keys.reset();
        let table = keys.table(&piles, presets());
        assert_eq!(
            table.does(plain(Key::X)),
            Some(&Bound::Action(Action::Reject))
        );
    }

    #[test]
    fn what_a_person_chose_goes_before_what_a_later_version_brings() {
        let keys = Keys(BTreeMap::from([
            ("pile Old".to_owned(), "K".to_owned()),
            ("FromTheFuture".to_owned(), "X".to_owned()),
        ]));
        let table = keys.table(&["Old".to_owned()], std::iter::empty());
        assert_eq!(table.does(plain(Key::K)), Some(&Bound::Pile("Old".into())));
        assert_eq!(table.key(&Bound::Action(Action::Keep)), None);
        assert_eq!(
            table.does(plain(Key::X)),
            Some(&Bound::Action(Action::Reject))
        );
    }

    #[test]
    fn keys_with_more_modifiers_come_first() {
        let table = Keys::default().table(&[], std::iter::empty());
        let keys: Vec<_> = table.keys.iter().filter_map(|(_, key)| *key).collect();
        for (index, key) in keys.iter().enumerate() {
            for later in &keys[index + 1..] {
                let same = key.logical_key == later.logical_key
                    && key.modifiers.command == later.modifiers.command;
                assert!(!(same && later.modifiers.shift && !key.modifiers.shift));
            }
        }
    }
}
