//! A window within the window: in the middle at first, closed by Escape or its
//! cross. Not for questions (`dialogs`).

use eframe::egui::{Align2, Context, InputState, Key, Modifiers, Ui, Window};

/// Shows a window while `open`; `width` is in points.
pub fn show(
    context: &Context,
    title: &str,
    open: &mut bool,
    width: f32,
    contents: impl FnOnce(&mut Ui),
) {
    let escape = |input: &mut InputState| input.consume_key(Modifiers::NONE, Key::Escape);
    if *open && context.input_mut(escape) {
        *open = false;
    }
    Window::new(title)
        .open(open)
        .collapsible(false)
        .default_width(width)
        .pivot(Align2::CENTER_CENTER)
        .default_pos(context.content_rect().center())
        .show(context, contents);
}
