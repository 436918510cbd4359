//! Short notices in the corner: they come, can be closed, and go by themselves.
//! Nothing moves and nothing is drawn while they stand. Not for failures of
//! documents, which have a list.

use std::time::{Duration, Instant};

use eframe::egui::{Align2, Area, Button, Context, Frame, Id, Label, Order, RichText, vec2};
use egui_material_icons::icons;

use super::names;
use super::theme::{CORNER, Palette, STATUS_BAR};

/// Notices shown at a time; older ones go.
const MOST: usize = 4;

/// How long a notice and a trouble stay.
const NOTICE: Duration = Duration::from_secs(6);
const TROUBLE: Duration = Duration::from_secs(30);

/// How long stays what is so to the end of the program: as good as for ever.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);

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

    /// Draws them, the newest below.
    pub fn ui(&mut self, context: &Context) {
        let now = Instant::now();
        self.0.retain(|notice| notice.until > now);
        let Some(next) = self.0.iter().map(|notice| notice.until).min() else {
            return;
        };
        context.request_repaint_after(next - now);
        let mut closed = None;
        Area::new(Id::unique("notices"))
            .order(Order::Foreground)
            .anchor(Align2::RIGHT_BOTTOM, vec2(-12.0, -STATUS_BAR - 12.0))
            .show(context, |ui| {
                let palette = Palette::of(ui);
                for (index, notice) in self.0.iter().enumerate() {
                    let (icon, colour) = if notice.is_trouble {
                        (icons::ICON_ERROR, palette.bad)
                    } else {
                        (icons::ICON_INFO, palette.accent)
                    };
                    Frame::new()
                        .fill(palette.raised)
                        .stroke((1.0, palette.line))
                        .corner_radius(CORNER)
                        .inner_margin(10)
                        .show(ui, |ui| {
                            ui.set_max_width(380.0);
                            ui.horizontal(|ui| {
                                ui.label(RichText::new(icon.codepoint).color(colour).size(16.0));
                                ui.add(Label::new(&notice.text).wrap());
                                let cross = RichText::new(icons::ICON_CLOSE.codepoint);
                                let button = Button::new(cross).frame(false);
                                if ui.add(button).on_hover_text("Close").clicked() {
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
