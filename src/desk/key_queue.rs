//! Keys take turns: a frame gets one key, so that whatever looks at it, a field, a view or the
//! list of all keys, meets it in its order. On a slow frame several were pressed, and each of
//! these would take its own first. Not for what keys do (`keys`).

use std::collections::{HashSet, VecDeque};

use eframe::egui::{Context, Event, Key, Plugin, RawInput, ViewportId};

/// What was pressed in the main window and has not had its frame yet.
#[derive(Default)]
pub struct KeyQueue {
    waiting: VecDeque<Event>,
    /// Keys that are held down, as far as they had their frame.
    held: HashSet<Key>,
}

impl Plugin for KeyQueue {
    fn debug_name(&self) -> &'static str {
        "key queue"
    }

    fn input_hook(&mut self, context: &Context, input: &mut RawInput) {
        if input.viewport_id != ViewportId::ROOT {
            return;
        }
        self.waiting.extend(input.events.drain(..));
        input.events = self.turn(context.text_edit_focused());
        if !self.waiting.is_empty() {
            context.request_repaint();
        }
    }
}

impl KeyQueue {
    /// What the next frame gets. `typing`: a field has the focus. What is typed into it keeps
    /// its order there, and comes at once; keys that edit, leave or confirm come alone.
    fn turn(&mut self, typing: bool) -> Vec<Event> {
        let mut turn = Vec::new();
        let mut pressed = None;
        while let Some(event) = self.waiting.pop_front() {
            if let Some(key) = press(&event) {
                let types = matches!(self.waiting.front(), Some(Event::Text(_)));
                let kind = match key {
                    _ if typing && types => Press::Typed,
                    Some(key) if self.held.contains(&key) => Press::Held(key),
                    Some(key) => Press::New(key),
                    None => Press::Clipboard,
                };
                if pressed.is_some_and(|before| !kind.goes_with(before)) {
                    self.waiting.push_front(event);
                    break;
                }
                pressed = Some(kind);
                self.held.extend(key);
            }
            if let Event::Key {
                key,
                pressed: false,
                ..
            } = &event
            {
                self.held.remove(key);
            }
            turn.push(event);
        }
        turn
    }
}

/// How a key is pressed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Press {
    Typed,
    New(Key),
    /// It was down already: the system repeats it.
    Held(Key),
    /// Copying, cutting and pasting come without a key.
    Clipboard,
}

impl Press {
    /// Which of the two was first makes no difference, or what gets them keeps their order.
    fn goes_with(self, before: Self) -> bool {
        match (before, self) {
            (Self::Typed, Self::Typed) => true,
            // A held key is not to go on after it is let go, however slow the frames are.
            (Self::New(before) | Self::Held(before), Self::Held(key)) => before == key,
            _ => false,
        }
    }
}

/// The key, where an event is one that was pressed; none of those that the system makes a
/// command of.
fn press(event: &Event) -> Option<Option<Key>> {
    match event {
        Event::Key {
            key, pressed: true, ..
        } => Some(Some(*key)),
        Event::Copy | Event::Cut | Event::Paste(_) => Some(None),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use eframe::egui::Modifiers;

    use super::*;

    fn key(key: Key, pressed: bool) -> Event {
        Event::Key {
            key,
            physical_key: None,
            pressed,
            repeat: false,
            modifiers: Modifiers::NONE,
        }
    }

    /// A key is pressed and let go; letters type themselves.
    fn stroke(of: Key) -> Vec<Event> {
        let text = of.name().to_lowercase();
        let text = (text.len() == 1).then_some(Event::Text(text));
        let pressed = std::iter::once(key(of, true)).chain(text);
        pressed.chain([key(of, false)]).collect()
    }

    /// The keys that each frame gets.
    fn turns(events: Vec<Event>, typing: bool) -> Vec<Vec<Key>> {
        let mut queue = KeyQueue {
            waiting: events.into(),
            ..KeyQueue::default()
        };
        let mut turns = Vec::new();
        while !queue.waiting.is_empty() {
            let turn = queue.turn(typing);
            turns.push(turn.iter().filter_map(|e| press(e)?).collect());
        }
        turns
    }

    #[test]
    fn each_key_has_its_frame_in_the_order_in_which_they_were_pressed() {
        let pressed = [
            Key::ArrowRight,
            Key::K,
            Key::ArrowLeft,
            Key::ArrowLeft,
            Key::X,
        ];
        let frames = turns(pressed.into_iter().flat_map(stroke).collect(), false);
        assert_eq!(frames, pressed.map(|key| vec![key]));
    }

    #[test]
    fn what_is_typed_comes_at_once_and_what_edits_it_alone() {
        let pressed = [Key::A, Key::B, Key::Enter, Key::C, Key::Backspace, Key::D];
        let frames = turns(pressed.into_iter().flat_map(stroke).collect(), true);
        let expected = [
            vec![Key::A, Key::B],
            vec![Key::Enter],
            vec![Key::C],
            vec![Key::Backspace],
            vec![Key::D],
        ];
        assert_eq!(frames, expected);
    }

    #[test]
    fn a_held_key_is_no_queue_that_goes_on_after_it_is_let_go() {
        let mut events = vec![key(Key::ArrowDown, true); 20];
        events.push(key(Key::ArrowDown, false));
        events.extend(stroke(Key::K));
        let frames = turns(events, false);
        assert_eq!(frames, [vec![Key::ArrowDown; 20], vec![Key::K]]);
    }
}
