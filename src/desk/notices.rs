//! Short notices above the status bar: they come, can be closed, and go by themselves.
//! They cover nothing, and nothing is drawn while they stand. Not for failures of
//! documents, which have a list.

use std::time::{Duration, Instant};

use eframe::egui::{
    Align, Button, Frame, Label, Layout, Margin, Panel, RichText, Role, Ui, WidgetInfo, vec2,
};
use egui_material_icons::icons;

use super::names;
use super::theme::Palette;

/// Notices shown at a time; older ones go.
const MOST: usize = 4;

/// How long a notice and a trouble stay.
const NOTICE: Duration = Duration::from_secs(6);
const TROUBLE: Duration = Duration::from_secs(30);

/// How long stays what is so to the end of the program: as good as for ever.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);

/// Room for the cross at the right end, points.
const CROSS: f32 = 32.0;

struct Notice {
    text: String,
    is_trouble: bool,
    until: Instant,
}

/// The notices on screen.
#[derive(Default)]
pub struct Notices(Vec<Notice>);

impl Notices {
    /// Tells something.
    pub fn tell(&mut self, text: impl Into<String>) {
        self.add(text.into(), false, NOTICE);
    }

    /// Tells that something went wrong.
    pub fn warn(&mut self, text: impl Into<String>) {
        self.add(text.into(), true, TROUBLE);
    }

    /// Tells what goes on being so until it is closed.
    pub fn keep(&mut self, text: impl Into<String>) {
        self.add(text.into(), true, KEPT);
    }

    fn add(&mut self, text: String, is_trouble: bool, stays: Duration) {
        // Names of files stand in it.
        let text = names::whole(&text);
        self.0.retain(|notice| notice.text != text);
        self.0.push(Notice {
            text,
            is_trouble,
            until: Instant::now() + stays,
        });
        let surplus = self.0.len().saturating_sub(MOST);
        self.0.drain(..surplus);
    }

    /// Draws them in lines of their own above the status bar, the newest below: nothing is
    /// under them.
    pub fn ui(&mut self, ui: &mut Ui) {
        let now = Instant::now();
        self.0.retain(|notice| notice.until > now);
        let Some(next) = self.0.iter().map(|notice| notice.until).min() else {
            return;
        };
        ui.ctx().request_repaint_after(next - now);
        let palette = Palette::of(ui);
        let mut closed = None;
        let frame = Frame::new()
            .fill(palette.raised)
            .inner_margin(Margin::symmetric(12, 4));
        Panel::bottom("notices").frame(frame).show(ui, |ui| {
            for (index, notice) in self.0.iter().enumerate() {
                let (icon, colour) = if notice.is_trouble {
                    (icons::ICON_ERROR, palette.bad)
                } else {
                    (icons::ICON_INFO, palette.accent)
                };
                ui.horizontal(|ui| {
                    ui.label(RichText::new(icon.codepoint).color(colour).size(16.0));
                    let room = vec2(ui.available_width() - CROSS, 0.0);
                    ui.allocate_ui(room, |ui| ui.add(Label::new(&notice.text).wrap()));
                    let end = Layout::right_to_left(Align::Center);
                    ui.with_layout(end, |ui| {
                        let cross = RichText::new(icons::ICON_CLOSE.codepoint);
                        let response = ui.add(Button::new(cross).frame(false));
                        response.widget_info(|| {
                            WidgetInfo::labeled(Role::Button, true, "Close the notice")
                        });
                        if response.on_hover_text("Close").clicked() {
                            closed = Some(index);
                        }
                    });
                });
            }
        });
        if let Some(index) = closed {
            self.0.remove(index);
        }
    }
}
