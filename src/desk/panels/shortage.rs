//! The banner while work waits for space: what is missing, and what to press.
//! Calm, since nothing has failed. Not for failures, which have a list.

use eframe::egui::{Align, Button, Frame, Label, Layout, Margin, Panel, RichText, Ui};
use egui_material_icons::icons;

use crate::desk::requests::{Queue, Request};
use crate::desk::theme::Palette;
use crate::triage::Command;

/// Draws the banner with the session's words for what is missing.
pub fn ui(ui: &mut Ui, reason: &str, queue: &mut Queue) {
    let palette = Palette::of(ui);
    let frame = Frame::new()
        .fill(palette.raised)
        .inner_margin(Margin::symmetric(12, 8));
    Panel::top("shortage").frame(frame).show(ui, |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let pause = "Stop asking; go on by hand";
            if ui.button("Pause").on_hover_text(pause).clicked() {
                queue.push(Command::Pause);
            }
            let room = Button::new("Make room…").fill(palette.accent.gamma_multiply(0.35));
            let help =
                "See who holds scratch, clean it, raise its budget, or move it to another disk";
            if ui.add(room).on_hover_text(help).clicked() {
                queue.push(Request::ShowScratch);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let icon = icons::ICON_HOURGLASS_EMPTY.codepoint;
                ui.label(RichText::new(icon).size(20.0).color(palette.warning));
                ui.vertical(|ui| {
                    let title = "Work waits for room. Nothing is lost, nothing has failed.";
                    ui.label(RichText::new(title).strong());
                    let more = format!("Why: {reason}. It goes on by itself once there is room.");
                    ui.add(Label::new(RichText::new(more).size(12.0)).wrap());
                });
            });
        });
    });
}
