//! A window within the window: in the middle at first, closed by its cross, and by Escape
//! where all of them are (`dialogs`). It grows downwards, so that what is clicked stays where
//! it is. Not for questions (`dialogs`).

use eframe::egui::{Align2, Context, Pos2, Ui, Window, pos2};

use crate::desk::theme::TOP_BAR;

/// Shows a window while `open`; `width` is in points.
pub fn show(
    context: &Context,
    title: &str,
    open: &mut bool,
    width: f32,
    contents: impl FnOnce(&mut Ui),
) {
    Window::new(title)
        .open(open)
        .collapsible(false)
        .default_width(width)
        .max_width((context.content_rect().width() - 32.0).max(width.min(320.0)))
        .pivot(Align2::CENTER_TOP)
        .default_pos(below_the_bar(context))
        .show(context, contents);
}

fn below_the_bar(context: &Context) -> Pos2 {
    let screen = context.content_rect();
    pos2(screen.center().x, screen.top() + TOP_BAR + 24.0)
}
