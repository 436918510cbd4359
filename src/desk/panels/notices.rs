//! Short notices in the corner above the status bar, at the right of the pages: they come, can
//! be closed, and go by themselves, and can be read again in a window. They lie over that
//! corner and move nothing, and nothing is drawn anew while they stand. Not for failures of
//! documents, which have a list.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use eframe::egui::{
    Align, Align2, Area, Button, Context, Frame, Id, Label, Layout, Margin, Order, RichText, Role,
    ScrollArea, Ui, WidgetInfo, vec2,
};
use egui_material_icons::icons;

use crate::desk::dialogs::window;
use crate::desk::requests::{Queue, Request};
use crate::desk::theme::{CORNER, Palette};
use crate::model::{BatchId, DocumentId};
use crate::names;

/// What a notice offers to do, on a button in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Take files in again that were taken out of a batch.
    PutBack(BatchId, Vec<PathBuf>),
    /// Take out again what was added to a batch.
    TakeOut(BatchId, Vec<DocumentId>),
    /// Show the report of a crash.
    CrashReport(PathBuf),
    /// Show a folder in which something was written.
    ShowFolder(PathBuf),
}

impl Offer {
    const fn button(&self) -> (&'static str, &'static str) {
        match self {
            Self::PutBack(..) => ("Put back", "Take them in again"),
            Self::TakeOut(..) => ("Take out again", "They were added by the last drop"),
            Self::CrashReport(_) => ("Show report", "To read it, and to copy it if you like"),
            Self::ShowFolder(_) => ("Open folder", "Show what was written"),
        }
    }

    /// The batch that it changes.
    const fn batch(&self) -> Option<BatchId> {
        match self {
            Self::PutBack(batch, _) | Self::TakeOut(batch, _) => Some(*batch),
            Self::CrashReport(_) | Self::ShowFolder(_) => None,
        }
    }
}

/// Notices that can be read again; older ones are forgotten.
const KEPT_TO_READ: usize = 200;

/// Notices shown at a time; older ones go.
const MOST: usize = 4;

/// How long a notice and a trouble stay.
const NOTICE: Duration = Duration::from_secs(6);
const TROUBLE: Duration = Duration::from_secs(30);

/// How long something can be taken back in its notice.
const OFFER: Duration = Duration::from_secs(30);

/// How long stays what is so to the end of the program: as good as for ever.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);

/// Width of a notice at most, and what is left around it, points.
const WIDTH: f32 = 460.0;
const AROUND: f32 = 8.0;

/// Where there is less room at the right of the pages, they lie over what is beside them as
/// well, points.
const LEAST: f32 = 300.0;

/// Room for the cross at the right end, points.
const CROSS: f32 = 32.0;

/// Room for the button of what is offered, points.
const OFFERED: f32 = 130.0;

struct Notice {
    /// Counts up.
    id: u64,
    text: String,
    is_trouble: bool,
    offer: Option<Offer>,
    until: Instant,
}

/// What the key that undoes would take of what is offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Last {
    /// Something else was done since, or nothing is offered.
    #[default]
    Other,
    /// What this notice offers to take back was done last.
    Offered(u64),
    /// What was offered last is being taken back; the offer to do it again that comes of
    /// that is for the button alone.
    TakenBack,
}

/// What was done last once this is taken.
const fn after(offer: &Offer) -> Last {
    match offer {
        // There is nothing to take back: nothing is offered for what was put back.
        Offer::PutBack(..) | Offer::CrashReport(_) | Offer::ShowFolder(_) => Last::Other,
        Offer::TakeOut(..) => Last::TakenBack,
    }
}

/// A notice, to be read again.
struct Told {
    /// Where the user is, "14:05".
    at: String,
    text: String,
    is_trouble: bool,
}

/// The notices on screen, and those before.
#[derive(Default)]
pub struct Notices {
    shown: Vec<Notice>,
    /// The newest first.
    told: VecDeque<Told>,
    last: Last,
    next: u64,
}

impl Notices {
    /// Tells something.
    pub fn tell(&mut self, text: impl Into<String>) {
        self.add(text.into(), false, None, NOTICE);
    }

    /// Tells something that can be taken back.
    pub fn offer(&mut self, text: impl Into<String>, offer: Offer) {
        self.last = match self.last {
            Last::TakenBack => Last::Other,
            Last::Other | Last::Offered(_) => Last::Offered(self.next),
        };
        self.add(text.into(), false, Some(offer), OFFER);
    }

    /// Tells that something was written in a folder.
    pub fn tell_of_folder(&mut self, text: impl Into<String>, folder: PathBuf) {
        self.add(text.into(), false, Some(Offer::ShowFolder(folder)), OFFER);
    }

    /// Takes away what would change a batch that is no longer shown.
    pub fn leave_batch(&mut self) {
        self.something_was_done();
        self.shown
            .retain(|notice| notice.offer.as_ref().and_then(Offer::batch).is_none());
    }

    /// Something else that can be undone was done.
    pub fn something_was_done(&mut self) {
        self.last = Last::Other;
    }

    /// Takes what is offered if it is what was done last, as the key that undoes does.
    pub fn take_back(&mut self) -> Option<Offer> {
        let Last::Offered(id) = self.last else {
            return None;
        };
        let place = self.shown.iter().position(|notice| notice.id == id)?;
        let offer = self.shown.remove(place).offer?;
        self.last = after(&offer);
        Some(offer)
    }

    /// Tells that something went wrong.
    pub fn warn(&mut self, text: impl Into<String>) {
        self.add(text.into(), true, None, TROUBLE);
    }

    /// Tells what goes on being so until it is closed.
    pub fn keep(&mut self, text: impl Into<String>) {
        self.add(text.into(), true, None, KEPT);
    }

    /// The same with something to do, which is nothing that could be undone.
    pub fn keep_offer(&mut self, text: impl Into<String>, offer: Offer) {
        self.add(text.into(), true, Some(offer), KEPT);
    }

    fn add(&mut self, text: String, is_trouble: bool, offer: Option<Offer>, stays: Duration) {
        // Names of files stand in it.
        let text = names::whole(&text);
        self.shown.retain(|notice| notice.text != text);
        self.told.push_front(Told {
            at: jiff::Zoned::now().strftime("%H:%M").to_string(),
            text: text.clone(),
            is_trouble,
        });
        self.told.truncate(KEPT_TO_READ);
        let id = self.next;
        self.next += 1;
        self.shown.push(Notice {
            id,
            text,
            is_trouble,
            offer,
            until: Instant::now() + stays,
        });
        let surplus = self.shown.len().saturating_sub(MOST);
        self.shown.drain(..surplus);
    }

    /// Shows what was told in a window while it is `open`.
    pub fn window(&self, context: &Context, open: &mut bool) {
        window::show(context, "Notices", open, 560.0, |ui| {
            if self.told.is_empty() {
                ui.weak("Nothing was told since the program started.");
            }
            let most = context.content_rect().height() - 160.0;
            ScrollArea::vertical().max_height(most).show(ui, |ui| {
                ui.set_min_width(ui.available_width());
                for told in &self.told {
                    ui.horizontal_top(|ui| {
                        ui.weak(&told.at);
                        mark(ui, told.is_trouble);
                        ui.add(Label::new(&told.text).wrap().selectable(true));
                    });
                }
            });
        });
    }

    /// Draws them over the corner at the right and below of what other panels have left of
    /// `ui`, the newest below.
    pub fn ui(&mut self, ui: &Ui, queue: &mut Queue) {
        let now = Instant::now();
        self.shown.retain(|notice| notice.until > now);
        let next = self.shown.iter().map(|notice| notice.until).min();
        let Some(next) = next else { return };
        ui.ctx().request_repaint_after(next - now);
        let palette = Palette::of(ui);
        let (mut closed, mut taken) = (None, None);
        let frame = Frame::new()
            .fill(palette.raised)
            .stroke((1.0, palette.line))
            .corner_radius(CORNER)
            .inner_margin(Margin::symmetric(12, 4));
        let room = ui.available_rect_before_wrap();
        let corner = room.right_bottom() - vec2(AROUND, AROUND);
        let width = WIDTH.min(room.width().max(LEAST) - 2.0 * AROUND);
        let area = Area::new(Id::unique("notices"))
            .order(Order::Foreground)
            .pivot(Align2::RIGHT_BOTTOM)
            .fixed_pos(corner);
        area.show(ui.ctx(), |ui| {
            ui.set_width(width);
            for (index, notice) in self.shown.iter().enumerate() {
                frame.show(ui, |ui| {
                    ui.horizontal(|ui| {
                        mark(ui, notice.is_trouble);
                        let beside = if notice.offer.is_some() { OFFERED } else { 0.0 };
                        let room = vec2(ui.available_width() - CROSS - beside, 0.0);
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
                            if let Some(offer) = &notice.offer {
                                let (name, help) = offer.button();
                                let name = RichText::new(name).color(palette.accent);
                                let button = Button::new(name).stroke((1.0, palette.accent));
                                if ui.add(button).on_hover_text(help).clicked() {
                                    (closed, taken) = (Some(index), Some(offer.clone()));
                                }
                            }
                        });
                    });
                });
            }
        });
        if let Some(index) = closed {
            self.shown.remove(index);
        }
        if let Some(offer) = taken {
            self.last = after(&offer);
            queue.push(Request::Take(offer));
        }
    }
}

/// Whether something went wrong.
fn mark(ui: &mut Ui, is_trouble: bool) {
    let palette = Palette::of(ui);
    let (icon, colour) = match is_trouble {
        true => (icons::ICON_ERROR, palette.bad),
        false => (icons::ICON_INFO, palette.accent),
    };
    ui.label(RichText::new(icon.codepoint).color(colour).size(16.0));
}
