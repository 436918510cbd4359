//! What is typed before the field is there that it is meant for: on a slow frame, letters
//! arrive together with the key that opens a field, or before it is drawn. They wait until
//! something can be typed into, and are no keys meanwhile. Not for what keys do (`keys`).

use eframe::egui::{Context, Event};

use super::keys;

/// So many frames a field has to be there; what was typed is dropped then.
const PATIENCE: u8 = 4;

/// What waits for a field.
#[derive(Default)]
pub struct TypedAhead {
    typed: Vec<Event>,
    /// A field was asked for, and is waited for in so many frames more.
    frames: u8,
}

impl TypedAhead {
    /// To be called before a frame looks at any key: holds back what is typed after a key that
    /// opens a field, and gives it back once there is one. `is_asked`: a question has the keys
    /// to itself, and opens nothing.
    pub fn follow(&mut self, context: &Context, is_asked: bool) {
        if self.frames > 0 {
            self.frames -= 1;
            self.typed.extend(take_typed(context, 0));
            if context.text_edit_focused() {
                self.frames = 0;
                let typed = std::mem::take(&mut self.typed);
                context.input_mut(|input| {
                    input.events.splice(0..0, typed);
                });
            } else if self.frames == 0 {
                self.typed.clear();
            }
        }
        if !is_asked && let Some(opened) = keys::opens_field(context) {
            self.frames = PATIENCE;
            self.typed = take_typed(context, opened + 1);
            // A key that opens a field is no letter in it.
            if let Some(Event::Text(_)) = self.typed.first() {
                self.typed.remove(0);
            }
        }
        if self.frames > 0 {
            context.request_repaint();
        }
    }
}

/// Takes away what was typed in this frame, from one of its events on.
fn take_typed(context: &Context, from: usize) -> Vec<Event> {
    let is_typed = |event: &Event| {
        matches!(
            event,
            Event::Key { .. } | Event::Text(_) | Event::Paste(_) | Event::Ime(_)
        )
    };
    context.input_mut(|input| {
        let after = input.events.split_off(from);
        let (typed, others): (Vec<_>, Vec<_>) = after.into_iter().partition(is_typed);
        input.events.extend(others);
        typed
    })
}
