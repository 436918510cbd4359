//! The window of scratch: who holds it, its budget, what a cleaning would delete
//! before it does, and what was deleted. The bar that is always on screen is
//! `meter`.

use eframe::egui::{
    Align, Align2, Button, Context, DragValue, InputState, Key, Label, Layout, Modifiers, RichText,
    ScrollArea, Ui, Window,
};
use egui_extras::{Column, TableBuilder};

use super::meter;
use super::theme::{self, Palette};
use super::words;
use crate::model::{BatchId, BatchSummary};
use crate::triage::{JournalEntry, Meter, ScratchContents, SweepReport, VolumeState, Why};

/// What was asked for in the window.
pub enum Asked {
    /// Use another budget, bytes; none is the default.
    Budget(Option<u64>),
    /// Delete what is listed.
    Clean,
}

/// 1 GB, as sizes are shown.
const GB: u64 = 1_000_000_000;

/// The budget of a small cloud instance, bytes.
const SMALL: u64 = 512 * 1024 * 1024;

/// The budget for a machine whose disk is needed by others, bytes.
const CAREFUL: u64 = 2 * GB;

/// Height of a line in the lists, points.
const LINE: f32 = 20.0;

/// The window's state.
#[derive(Default)]
pub struct ScratchWindow {
    pub open: bool,
    /// What scratch held when it was last looked into.
    pub contents: Option<ScratchContents>,
}

impl ScratchWindow {
    /// Shows the window while it is open.
    pub fn ui(
        &mut self,
        context: &Context,
        meter: &Meter,
        budget: &mut Option<u64>,
        batches: &[BatchSummary],
    ) -> Option<Asked> {
        let escape = |input: &mut InputState| input.consume_key(Modifiers::NONE, Key::Escape);
        if self.open && context.input_mut(escape) {
            self.open = false;
        }
        let mut asked = None;
        let contents = self.contents.as_ref();
        Window::new("Scratch space")
            .open(&mut self.open)
            .collapsible(false)
            .default_width(560.0)
            .pivot(Align2::CENTER_CENTER)
            .default_pos(context.content_rect().center())
            .show(context, |ui| {
                asked = budget_ui(ui, meter, budget);
                ui.add_space(8.0);
                ui.separator();
                ui.columns(2, |columns| {
                    heading(&mut columns[0], "Who holds it");
                    meter::holders(&mut columns[0], meter);
                    heading(&mut columns[1], "Thumbnails by batch");
                    by_batch(&mut columns[1], contents, batches);
                });
                ui.add_space(4.0);
                ui.separator();
                let Some(contents) = contents else {
                    ui.spinner();
                    return;
                };
                if cleaning(ui, &contents.cleaning, batches) {
                    asked = Some(Asked::Clean);
                }
                ui.separator();
                heading(ui, "What was deleted");
                deletions(ui, &contents.deletions, batches);
            });
        asked
    }
}

fn heading(ui: &mut Ui, text: &str) {
    ui.add_space(4.0);
    ui.label(RichText::new(text).strong());
}

fn budget_ui(ui: &mut Ui, meter: &Meter, budget: &mut Option<u64>) -> Option<Asked> {
    let mut chosen = None;
    ui.horizontal(|ui| {
        let label = ui.label("Budget");
        let mut gigabytes = meter.budget as f64 / GB as f64;
        let value = DragValue::new(&mut gigabytes)
            .range(0.1..=10_000.0)
            .speed(0.1)
            .max_decimals(2)
            .suffix(" GB");
        let help = "The most that temporary files may take. Old thumbnails go when it is used up; \
                    they are made again when needed.";
        let response = ui.add(value).labelled_by(label.id).on_hover_text(help);
        if response.changed() {
            chosen = Some(Some((gigabytes * GB as f64) as u64));
        }
        let presets = [
            ("Normal", None, "Half of what is free, 20 GiB at most"),
            ("Careful", Some(CAREFUL), "2 GB, where others need the disk"),
            ("Small", Some(SMALL), "512 MiB, for a small machine"),
        ];
        for (name, bytes, help) in presets {
            let button = Button::selectable(*budget == bytes, name);
            if ui.add(button).on_hover_text(help).clicked() {
                chosen = Some(bytes);
            }
        }
        if meter.volume_state != VolumeState::Unknown {
            ui.weak(format!("{} free on the disk", words::size(meter.free)));
        }
    });
    *budget = chosen.unwrap_or(*budget);
    chosen.map(Asked::Budget)
}

fn by_batch(ui: &mut Ui, contents: Option<&ScratchContents>, batches: &[BatchSummary]) {
    let held = contents.map_or(&[][..], |contents| &contents.batches);
    if held.is_empty() {
        ui.weak("None are kept.");
    }
    ScrollArea::vertical()
        .id_salt("by batch")
        .max_height(9.0 * LINE)
        .show(ui, |ui| {
            theme::amounts("by batch").show(ui, |ui| {
                for (batch, bytes) in held {
                    let name = batch.map_or("Other libraries".into(), |id| name_of(id, batches));
                    ui.weak(words::cut_middle(&name, 28)).on_hover_text(&name);
                    ui.label(words::size(*bytes));
                    ui.end_row();
                }
            });
        });
}

/// Lists what would go; true when it shall.
fn cleaning(ui: &mut Ui, would_go: &SweepReport, batches: &[BatchSummary]) -> bool {
    let mut asked = false;
    heading(ui, "Clean now");
    ui.weak(
        "Deletes what crashed runs left behind and the thumbnails of other batches. \
         Results, sources and parts stay.",
    );
    if would_go.removed.is_empty() {
        ui.label("There is nothing to clean.");
    } else {
        let pieces = would_go.removed.iter();
        let lines = together(pieces.map(|removed| Piece {
            heading: whose_in_words(&removed.whose, batches),
            why: match removed.why {
                Why::Asked => "thumbnails",
                why => why_in_words(why),
            },
            files: removed.files,
            bytes: removed.bytes,
        }));
        list(ui, "would go", 5, &lines);
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let text = format!("Delete {}", words::size(would_go.bytes()));
                asked = ui.button(text).clicked();
            });
        });
    }
    for left in &would_go.left {
        let text = format!("{} stays: {}", left.path, left.reason);
        ui.colored_label(Palette::of(ui).warning, text);
    }
    asked
}

fn deletions(ui: &mut Ui, deletions: &[JournalEntry], batches: &[BatchSummary]) {
    if deletions.is_empty() {
        ui.weak("Nothing yet.");
        return;
    }
    let lines = together(deletions.iter().map(|entry| Piece {
        heading: format!(
            "{}  {}",
            when_in_words(entry.when),
            whose_in_words(&entry.whose, batches)
        ),
        why: why_in_words(entry.why),
        files: entry.files,
        bytes: entry.bytes,
    }));
    list(ui, "deletions", 6, &lines);
}

/// Something that would go or has gone.
#[derive(Debug, PartialEq)]
struct Piece {
    heading: String,
    why: &'static str,
    files: u64,
    bytes: u64,
}

/// Neighbours of one heading and for one reason as one piece: a batch has a file
/// for each document.
fn together(pieces: impl Iterator<Item = Piece>) -> Vec<Piece> {
    let mut merged: Vec<Piece> = Vec::new();
    for piece in pieces {
        match merged.last_mut() {
            Some(last) if last.heading == piece.heading && last.why == piece.why => {
                last.files += piece.files;
                last.bytes += piece.bytes;
            }
            _ => merged.push(piece),
        }
    }
    merged
}

/// A list of three columns, of which only the lines on screen are laid out.
fn list(ui: &mut Ui, id: &str, most_lines: usize, pieces: &[Piece]) {
    let height = pieces.len().min(most_lines) as f32 * (LINE + ui.spacing().item_spacing.y);
    ui.push_id(id, |ui| {
        TableBuilder::new(ui)
            .striped(true)
            .max_scroll_height(height)
            .min_scrolled_height(height)
            .column(Column::exact(220.0).clip(true))
            .column(Column::remainder().clip(true))
            .column(Column::exact(84.0))
            .body(|body| {
                body.rows(LINE, pieces.len(), |mut row| {
                    let piece = &pieces[row.index()];
                    let files = words::counted(piece.files, "file", "files");
                    let why = format!("{files}, {}", piece.why);
                    for text in [&piece.heading, &why] {
                        row.col(|ui| {
                            ui.add(Label::new(RichText::new(text).size(12.0)).truncate());
                        });
                    }
                    row.col(|ui| {
                        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                            ui.label(RichText::new(words::size(piece.bytes)).size(12.0));
                        });
                    });
                });
            });
    });
}

fn name_of(id: BatchId, batches: &[BatchSummary]) -> String {
    batches
        .iter()
        .find(|summary| summary.batch.id == id)
        .map_or_else(
            || format!("Batch {}", id.0),
            |summary| summary.batch.name.clone(),
        )
}

/// The journal names batches by number.
fn whose_in_words(whose: &str, batches: &[BatchSummary]) -> String {
    match whose.strip_prefix("batch ").map(str::parse) {
        Some(Ok(number)) => name_of(BatchId(number), batches),
        _ if whose.starts_with("copy ") => "A copy of the program".to_owned(),
        _ => whose.to_owned(),
    }
}

fn why_in_words(why: Why) -> &'static str {
    match why {
        Why::Residue => "left behind by a crashed run",
        Why::Leftover => "left in its place by a worker",
        Why::Eviction => "room was needed for newer thumbnails",
        Why::Exit => "the program was closed",
        Why::Asked => "cleaned by request",
    }
}

/// "2026-03-01 14:05" where the analyst is.
fn when_in_words(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(
        |_| String::new(),
        |when| {
            when.to_zoned(jiff::tz::TimeZone::system())
                .strftime("%Y-%m-%d %H:%M")
                .to_string()
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(heading: &str, why: &'static str) -> Piece {
        Piece {
            heading: heading.to_owned(),
            why,
            files: 1,
            bytes: 10,
        }
    }

    #[test]
    fn neighbours_of_one_owner_and_reason_are_one_line() {
        let lines = together(
            [
                piece("a", "asked"),
                piece("a", "asked"),
                piece("a", "room"),
                piece("b", "asked"),
                piece("a", "asked"),
            ]
            .into_iter(),
        );
        let said: Vec<_> = lines
            .iter()
            .map(|line| (line.heading.as_str(), line.files, line.bytes))
            .collect();
        assert_eq!(
            said,
            [("a", 2, 20), ("a", 1, 10), ("b", 1, 10), ("a", 1, 10)]
        );
    }
}
