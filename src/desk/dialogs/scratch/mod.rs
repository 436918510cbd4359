//! The window of scratch: its budget, what it holds now, the rules by which it is
//! cleaned, and how it went. The bar that is always on screen is `meter`.

mod contents;
mod history;
mod rules;

use std::cell::Cell;
use std::path::Path;

use bytesize::ByteSize;
use eframe::egui::{Button, Context, DragValue, ScrollArea, TextEdit, Ui};
use serde::{Deserialize, Serialize};

use self::contents::Contents;
use self::history::History;
use super::window;
use super::{path_of, say_where};
use crate::desk::requests::{PlaceFor, Queue, Request};
use crate::desk::theme::Palette;
use crate::desk::{theme, words};
use crate::model::{BatchId, BatchSummary};
use crate::triage::{Command, Forecast, Meter, Policy, Preset, ScratchContents, VolumeState};

/// 1 GB, as sizes are shown.
const GB: u64 = 1_000_000_000;

/// The least budget, GB: with less, thumbnails would be made again all the time.
const LEAST: f64 = 0.1;

/// The parts of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tab {
    #[default]
    Now,
    Rules,
    History,
}

/// The window's state.
#[derive(Default)]
pub struct ScratchWindow {
    pub open: bool,
    pub tab: Tab,
    /// What scratch held when it was last looked into.
    contents: Option<Contents>,
    history: History,
    /// A budget that is being typed or dragged, GB.
    typed: Option<f64>,
    /// What was typed last was less than there may be.
    is_raised: bool,
    /// A folder to move to that is being typed.
    folder: String,
    /// Height of the window with the tallest tab that was shown, points.
    tallest: f32,
}

impl ScratchWindow {
    /// What scratch holds was looked at.
    pub fn arrive(&mut self, contents: ScratchContents, batches: &[BatchSummary]) {
        let contents = Contents::new(contents, batches);
        let before = self.contents.as_ref().map(|contents| &contents.dir);
        if before != Some(&contents.dir) {
            self.folder.clone_from(&contents.dir);
        }
        self.contents = Some(contents);
    }

    /// Scratch was measured.
    pub fn note(&mut self, meter: &Meter) {
        self.history.note(meter);
    }

    /// Shows the window while it is open.
    pub fn ui(
        &mut self,
        context: &Context,
        meter: &Meter,
        forecast: Option<&Forecast>,
        shown: Option<BatchId>,
        queue: &mut Queue,
    ) {
        let mut open = self.open;
        window::show(context, "Scratch space", &mut open, 580.0, |ui| {
            // The window does not jump between tabs: a lower one has the room of the tallest.
            let room = context.content_rect().bottom() - ui.min_rect().top() - 24.0;
            let room = room.max(0.0);
            ui.set_min_height(self.tallest.min(room));
            let all = ScrollArea::vertical().max_height(room).show(ui, |ui| {
                self.budget(ui, meter, queue);
                self.place(ui, queue);
                if let Some(forecast) = forecast {
                    ui.weak(forecast_in_words(forecast));
                }
                if meter.ram_backed {
                    ui.weak("This place is RAM-backed: what is kept here uses memory.");
                }
                self.tabs(ui, meter, shown, queue);
            });
            self.tallest = self.tallest.max(all.content_size.y);
        });
        self.open = open;
    }

    fn tabs(&mut self, ui: &mut Ui, meter: &Meter, shown: Option<BatchId>, queue: &mut Queue) {
        ui.add_space(4.0);
        ui.horizontal(|ui| {
            for (tab, name) in [
                (Tab::Now, "Now"),
                (Tab::Rules, "Rules"),
                (Tab::History, "History"),
            ] {
                ui.selectable_value(&mut self.tab, tab, name);
            }
        });
        ui.separator();
        match (self.tab, &mut self.contents) {
            (Tab::History, _) => self.history.ui(ui, meter),
            (_, None) => {
                ui.spinner();
            }
            (Tab::Now, Some(contents)) => contents.ui(ui, meter, queue),
            (Tab::Rules, Some(contents)) => {
                let policy = rules::ui(ui, &contents.policy, &contents.library, shown);
                if let Some(policy) = policy {
                    queue.push(Command::SetScratchPolicy(policy));
                }
            }
        }
    }

    /// Where scratch is, and moving it. The row is there before scratch was looked into,
    /// so that nothing below it moves once it was.
    fn place(&mut self, ui: &mut Ui, queue: &mut Queue) {
        let dir = self.contents.as_ref().map(|contents| contents.dir.as_str());
        let is_usual = self
            .contents
            .as_ref()
            .is_none_or(|contents| contents.is_usual);
        ui.horizontal(|ui| {
            if dir.is_none() {
                ui.disable();
            }
            let label = ui.label("Folder");
            let help = "Where temporary files are kept. Work that goes on moves along.";
            let edit = TextEdit::singleline(&mut self.folder).desired_width(300.0);
            ui.add(edit).labelled_by(label.id).on_hover_text(help);
            let typed = self.folder.trim();
            let other = !typed.is_empty() && dir.is_some_and(|dir| dir != typed);
            let help = "Keep temporary files there from now on, in every copy of the program";
            if ui
                .add_enabled(other, Button::new("Move"))
                .on_hover_text(help)
                .clicked()
            {
                queue.push(Command::MoveScratch(Some(path_of(typed))));
            }
            if ui.button("Choose…").clicked() {
                queue.push(Request::Choose(PlaceFor::Scratch));
            }
            if !is_usual && ui.button("Move back").clicked() {
                queue.push(Command::MoveScratch(None));
            }
        });
        let typed = self.folder.trim();
        say_where(ui, Path::new(typed), &path_of(typed));
    }

    fn budget(&mut self, ui: &mut Ui, meter: &Meter, queue: &mut Queue) {
        let mut chosen = None;
        ui.horizontal(|ui| {
            let label = ui.label("Budget");
            let mut gigabytes = self.typed.unwrap_or(meter.budget as f64 / GB as f64);
            let too_little = Cell::new(None);
            let read = |typed: &str| {
                let gigabytes = gigabytes_of(typed)?;
                too_little.set(Some(gigabytes < LEAST));
                Some(gigabytes)
            };
            let value = DragValue::new(&mut gigabytes)
                .range(LEAST..=10_000.0)
                // What was given when the program was started stays as it is.
                .clamp_existing_to_range(false)
                .custom_parser(read)
                .speed(0.1)
                .max_decimals(2)
                .suffix(" GB");
            let help = "The most that temporary files may take. Old thumbnails go when it is used \
                        up; they are made again when needed.";
            let response = ui.add(value).labelled_by(label.id).on_hover_text(help);
            if response.changed() {
                self.typed = Some(gigabytes);
                self.is_raised = false;
            }
            self.is_raised = too_little.get().unwrap_or(self.is_raised);
            if self.is_raised {
                let least = words::size((LEAST * GB as f64) as u64);
                ui.colored_label(Palette::of(ui).warning, format!("{least} is the least"));
            }
            let policy = self.contents.as_ref().map(|contents| &contents.policy);
            if !response.dragged()
                && !response.has_focus()
                && let Some(gigabytes) = self.typed.take()
                && let Some(policy) = policy
            {
                chosen = Some(Policy {
                    budget: Some((gigabytes * GB as f64) as u64),
                    ..policy.clone()
                });
            }
            let given = self.contents.as_ref().and_then(|contents| contents.given);
            for preset in Preset::ALL {
                let (name, help) = preset_in_words(preset);
                let is_chosen = given.is_none() && policy.and_then(Policy::preset) == Some(preset);
                let button = Button::selectable(is_chosen, name);
                if let Some(policy) = policy
                    && ui.add(button).on_hover_text(help).clicked()
                {
                    chosen = Some(Policy {
                        keep: policy.keep.clone(),
                        discard: policy.discard.clone(),
                        ..preset.policy()
                    });
                }
            }
            if meter.volume_state != VolumeState::Unknown {
                ui.weak(format!("{} free on the disk", words::size(meter.free)));
            }
        });
        if let Some(policy) = chosen {
            queue.push(Command::SetScratchPolicy(policy));
        }
    }
}

/// A budget as people type it, in GB: "0.5", "12 MB", "512MiB"; none where it is no size.
fn gigabytes_of(typed: &str) -> Option<f64> {
    let typed = typed.trim();
    let plain = typed.parse().ok().filter(|number: &f64| number.is_finite());
    plain.or_else(|| {
        let size: ByteSize = typed.parse().ok()?;
        Some(size.as_u64() as f64 / GB as f64)
    })
}

fn preset_in_words(preset: Preset) -> (&'static str, &'static str) {
    match preset {
        Preset::Normal => (
            "Normal",
            "Half of what is free, 20 GiB at most; thumbnails unused for 90 days go",
        ),
        Preset::Careful => (
            "Careful",
            "2 GB, where others need the disk; thumbnails unused for 14 days go",
        ),
        Preset::Small => (
            "Small",
            "512 MiB, for a small machine; a quarter of it for thumbnails",
        ),
    }
}

/// "Enough for all 80 files", "Short by 1.2 GB at file 61 of 80".
pub fn forecast_in_words(forecast: &Forecast) -> String {
    let files = words::counted(forecast.documents, "file", "files");
    let scratch = match forecast.short {
        None => format!(
            "Enough for {}{files}: thumbnails of this batch will take {}.",
            if forecast.documents > 1 { "all " } else { "" },
            words::size(forecast.need)
        ),
        Some(short) => format!(
            "Short by {} at file {} of {}: the oldest thumbnails will give way and be made again \
             when they are looked at.",
            words::size(short.bytes),
            words::grouped(short.document),
            words::grouped(forecast.documents),
        ),
    };
    match forecast.library_missing {
        0 => scratch,
        missing => format!(
            "{scratch} The library's disk is short by {} for the results: work will wait there.",
            words::size(missing)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_understood_as_people_type_it() {
        for (typed, gigabytes) in [
            ("2", Some(2.0)),
            (" 0.5 GB ", Some(0.5)),
            ("12 MB", Some(0.012)),
            ("1500mb", Some(1.5)),
            ("512MiB", Some(0.536_870_912)),
            ("much", None),
            ("inf", None),
            ("", None),
        ] {
            assert_eq!(gigabytes_of(typed), gigabytes, "{typed}");
        }
    }
}
