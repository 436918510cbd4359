//! Files dropped on the window: the overlay with its targets, and which target
//! was meant. Not for taking the files in.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use eframe::egui::{
    Align2, Area, Color32, Context, Event, FontId, Id, Order, Pos2, Rect, Stroke, StrokeKind, pos2,
    vec2,
};
use egui_material_icons::icons;

use crate::desk::theme::Palette;
use crate::names;

/// While files hang over the window, the system does not say where the pointer
/// is; it does so just after the drop. Without a word within this time the drop
/// is a new batch.
const POINTER_WITHIN: Duration = Duration::from_millis(250);

/// What a drop is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dropped {
    /// A batch of its own.
    NewBatch(Vec<PathBuf>),
    /// More of the shown batch.
    AddToBatch(Vec<PathBuf>),
    /// A batch of its own, to be split at once.
    Split(Vec<PathBuf>),
}

/// Where files can be dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    New,
    Add,
    Split,
}

/// Drops that wait for the pointer.
#[derive(Default)]
pub struct Drops {
    waiting: Option<(Vec<PathBuf>, Instant)>,
}

impl Drops {
    /// Draws the overlay while files hang over the window, and says what was
    /// dropped. `batch`: the name of the shown batch.
    pub fn ui(&mut self, context: &Context, batch: Option<&str>) -> Option<Dropped> {
        let (dropped, hovering, pointer) = context.input(|input| {
            let dropped: Vec<PathBuf> = input
                .raw
                .dropped_files
                .iter()
                .map(|file| file.path().to_owned())
                .collect();
            let moved = input.raw.events.iter().rev().find_map(|event| match event {
                Event::PointerMoved(position) => Some(*position),
                _ => None,
            });
            (dropped, !input.raw.hovered_files.is_empty(), moved)
        });
        let screen = context.content_rect();
        if hovering {
            overlay(context, screen, batch);
        }
        if !dropped.is_empty() {
            let waiting = self.waiting.get_or_insert_with(|| (vec![], Instant::now()));
            waiting.0.extend(dropped);
            if pointer.is_none() {
                context.request_repaint_after(POINTER_WITHIN);
                return None;
            }
        }
        let (_, since) = self.waiting.as_ref()?;
        if pointer.is_none() && since.elapsed() < POINTER_WITHIN {
            context.request_repaint_after(POINTER_WITHIN);
            return None;
        }
        let (paths, _) = self.waiting.take()?;
        Some(
            match pointer.map(|at| target_at(screen, batch.is_some(), at)) {
                Some(Target::Add) => Dropped::AddToBatch(paths),
                Some(Target::Split) => Dropped::Split(paths),
                Some(Target::New) | None => Dropped::NewBatch(paths),
            },
        )
    }
}

/// The targets from left to right.
fn targets(has_batch: bool) -> &'static [Target] {
    match has_batch {
        true => &[Target::New, Target::Add, Target::Split],
        false => &[Target::New, Target::Split],
    }
}

fn target_at(screen: Rect, has_batch: bool, at: Pos2) -> Target {
    let targets = targets(has_batch);
    let share = ((at.x - screen.left()) / screen.width()).clamp(0.0, 0.999);
    targets[(share * targets.len() as f32) as usize]
}

fn overlay(context: &Context, screen: Rect, batch: Option<&str>) {
    Area::new(Id::unique("drop overlay"))
        .order(Order::Foreground)
        .fixed_pos(screen.min)
        .interactable(false)
        .show(context, |ui| {
            let palette = Palette::of(ui);
            let painter = ui.painter();
            let veil = palette.ground.gamma_multiply(0.92);
            painter.rect_filled(screen, 0, veil);
            let target = |rect: Rect, icon: &str, title: &str, words: &str, colour: Color32| {
                let rect = rect.shrink(24.0);
                painter.rect_filled(rect, 12, palette.panel);
                painter.rect_stroke(rect, 12, Stroke::new(2.0, colour), StrokeKind::Inside);
                let middle = rect.center();
                let text = |y: f32, words: &str, size: f32, colour: Color32| {
                    painter.text(
                        pos2(middle.x, middle.y + y),
                        Align2::CENTER_CENTER,
                        words,
                        FontId::proportional(size),
                        colour,
                    );
                };
                text(-56.0, icon, 56.0, colour);
                text(8.0, title, 22.0, palette.text);
                text(38.0, words, 13.5, palette.dim);
            };
            let sources = "Files, folders and ZIP archives; they are only read";
            let targets = targets(batch.is_some());
            let width = screen.width() / targets.len() as f32;
            for (index, kind) in targets.iter().enumerate() {
                let left = screen.left() + index as f32 * width;
                let rect =
                    Rect::from_min_size(pos2(left, screen.top()), vec2(width, screen.height()));
                let name = names::cut_middle(batch.unwrap_or_default(), 24);
                let (icon, title, words, colour) = match kind {
                    Target::New => (
                        icons::ICON_CREATE_NEW_FOLDER,
                        "New batch".to_owned(),
                        sources,
                        palette.accent,
                    ),
                    Target::Add => (
                        icons::ICON_NOTE_ADD,
                        format!("Add to {name}"),
                        sources,
                        palette.geometry,
                    ),
                    Target::Split => (
                        icons::ICON_CONTENT_CUT,
                        "Split".to_owned(),
                        "A new batch, in the split view",
                        palette.duplicate,
                    ),
                };
                target(rect, icon.codepoint, &title, words, colour);
            }
        });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_overlay_is_divided_from_left_to_right() {
        let screen = Rect::from_min_size(pos2(0.0, 0.0), vec2(900.0, 600.0));
        let at = |x: f32, has_batch| target_at(screen, has_batch, pos2(x, 300.0));
        assert_eq!(
            [at(10.0, false), at(890.0, false)],
            [Target::New, Target::Split]
        );
        let three = [at(10.0, true), at(450.0, true), at(2000.0, true)];
        assert_eq!(three, [Target::New, Target::Add, Target::Split]);
    }
}
