//! Files dropped on the window: the overlay with its targets, and which target
//! was meant. Not for taking the files in.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use eframe::egui::{
    Align2, Area, Color32, Context, Event, FontId, Id, Order, Pos2, Rect, Stroke, StrokeKind, pos2,
};
use egui_material_icons::icons;

use super::theme::Palette;

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
            if batch.is_some() && pointer.is_none() {
                context.request_repaint_after(POINTER_WITHIN);
                return None;
            }
        }
        let (_, since) = self.waiting.as_ref()?;
        if batch.is_some() && pointer.is_none() && since.elapsed() < POINTER_WITHIN {
            context.request_repaint_after(POINTER_WITHIN);
            return None;
        }
        let (paths, _) = self.waiting.take()?;
        Some(match (batch, pointer) {
            (Some(_), Some(at)) if adds(screen, at) => Dropped::AddToBatch(paths),
            _ => Dropped::NewBatch(paths),
        })
    }
}

/// The right half of the window is for the shown batch.
fn adds(screen: Rect, at: Pos2) -> bool {
    at.x > screen.center().x
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
            let new = icons::ICON_CREATE_NEW_FOLDER.codepoint;
            let add = icons::ICON_NOTE_ADD.codepoint;
            let sources = "Files, folders and ZIP archives; they are only read";
            match batch {
                None => target(
                    screen,
                    new,
                    "Drop to start a batch",
                    sources,
                    palette.accent,
                ),
                Some(name) => {
                    let (left, right) = screen.split_left_right_at_fraction(0.5);
                    target(left, new, "New batch", sources, palette.accent);
                    let title = format!("Add to {}", super::words::cut_middle(name, 32));
                    target(right, add, &title, sources, palette.geometry);
                }
            }
        });
}
