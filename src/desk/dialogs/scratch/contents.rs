//! What scratch holds: whose it is, what a cleaning would delete before it does,
//! and what was deleted. Worded once, when it arrives.

use eframe::egui::{Align, Label, Layout, RichText, ScrollArea, Ui};
use egui_extras::{Column, TableBuilder};

use crate::desk::dialogs::text_of;
use crate::desk::panels::meter;
use crate::desk::requests::Queue;
use crate::desk::theme::{self, Palette};
use crate::desk::words;
use crate::model::{BatchId, BatchSummary};
use crate::names;
use crate::triage::{Command, Meter, Policy, ScratchContents, Why};

/// Height of a line in the lists, points.
const LINE: f32 = 20.0;

/// What scratch held when it was last looked into, in words.
pub struct Contents {
    pub policy: Policy,
    pub library: String,
    /// A budget that this copy was started with, in place of the policy's.
    pub given: Option<u64>,
    pub dir: String,
    pub is_usual: bool,
    batches: Vec<(String, u64)>,
    would_go: Vec<Piece>,
    would_go_bytes: u64,
    would_stay: Vec<String>,
    deletions: Vec<Piece>,
}

impl Contents {
    pub fn new(found: ScratchContents, batches: &[BatchSummary]) -> Self {
        let library = found.library.as_str();
        let name = |batch: &Option<BatchId>| {
            batch.map_or("Other libraries".into(), |id| name_of(id, batches))
        };
        let would_go = found.cleaning.removed.iter().map(|removed| Piece {
            heading: whose_in_words(&removed.whose, library, batches),
            why: match removed.why {
                Why::Asked => "thumbnails",
                why => why_in_words(why),
            },
            files: removed.files,
            bytes: removed.bytes,
        });
        let deletions = found.deletions.iter().map(|entry| Piece {
            heading: format!(
                "{}  {}",
                when_in_words(entry.when),
                whose_in_words(&entry.whose, library, batches)
            ),
            why: why_in_words(entry.why),
            files: entry.files,
            bytes: entry.bytes,
        });
        let held = found.batches.iter();
        Self {
            batches: held.map(|(batch, bytes)| (name(batch), *bytes)).collect(),
            would_go: together(would_go),
            would_go_bytes: found.cleaning.bytes(),
            would_stay: found
                .cleaning
                .left
                .iter()
                .map(|left| format!("{} stays: {}", left.path, left.reason))
                .collect(),
            deletions: together(deletions),
            policy: found.policy,
            given: found.given_budget,
            dir: text_of(&found.dir),
            is_usual: found.is_usual,
            library: found.library,
        }
    }

    pub fn ui(&self, ui: &mut Ui, meter: &Meter, queue: &mut Queue) {
        ui.columns(2, |columns| {
            heading(&mut columns[0], "Who holds it");
            meter::holders(&mut columns[0], meter);
            heading(&mut columns[1], "Thumbnails by batch");
            self.by_batch(&mut columns[1]);
        });
        ui.add_space(4.0);
        ui.separator();
        if self.cleaning(ui) {
            queue.push(Command::CleanScratch);
        }
        ui.separator();
        heading(ui, "What was deleted");
        if self.deletions.is_empty() {
            ui.weak("Nothing yet.");
        } else {
            list(ui, "deletions", 6, &self.deletions);
        }
    }

    fn by_batch(&self, ui: &mut Ui) {
        if self.batches.is_empty() {
            ui.weak("None are kept.");
        }
        ScrollArea::vertical()
            .id_salt("by batch")
            .max_height(9.0 * LINE)
            .show(ui, |ui| {
                theme::amounts("by batch").show(ui, |ui| {
                    for (name, bytes) in &self.batches {
                        ui.weak(names::cut_middle(name, 28)).on_hover_text(name);
                        ui.label(words::size(*bytes));
                        ui.end_row();
                    }
                });
            });
    }

    /// Lists what would go; true when it shall.
    fn cleaning(&self, ui: &mut Ui) -> bool {
        let mut asked = false;
        heading(ui, "Clean now");
        ui.weak(
            "Deletes what earlier runs left behind and the thumbnails of other batches. \
             Results, sources and parts stay.",
        );
        if self.would_go.is_empty() {
            ui.label("There is nothing to clean.");
        } else {
            list(ui, "would go", 5, &self.would_go);
            ui.horizontal(|ui| {
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let text = format!("Delete {}", words::size(self.would_go_bytes));
                    asked = ui.button(text).clicked();
                });
            });
        }
        for stays in &self.would_stay {
            ui.colored_label(Palette::of(ui).warning, stays);
        }
        asked
    }
}

fn heading(ui: &mut Ui, text: &str) {
    ui.add_space(4.0);
    ui.label(RichText::new(text).strong());
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

/// The journal names batches by number and library.
fn whose_in_words(whose: &str, library: &str, batches: &[BatchSummary]) -> String {
    if let Some((number, of)) = whose
        .strip_prefix("batch ")
        .and_then(|rest| rest.split_once(" of "))
        && let Ok(number) = number.parse()
    {
        return match of == library {
            true => name_of(BatchId(number), batches),
            false => format!("Batch {number} of another library"),
        };
    }
    match whose.starts_with("copy ") {
        true => "A copy of the program".to_owned(),
        false => whose.to_owned(),
    }
}

fn why_in_words(why: Why) -> &'static str {
    match why {
        Why::Residue => "left behind by an earlier run",
        Why::Leftover => "left in its place by a worker",
        Why::Eviction => "room was needed for newer thumbnails",
        Why::Age => "unused for too long",
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
    fn a_batch_of_another_library_is_not_taken_for_one_of_this() {
        let batch = crate::model::Batch {
            id: BatchId(3),
            name: "Miller".into(),
            created: 0,
            cancelled: false,
            archived: false,
        };
        let batches = [BatchSummary {
            batch,
            documents: 0,
            documents_waiting: 0,
            documents_failed: 0,
            documents_left_out: 0,
            pages: 0,
            pages_done: 0,
            pages_failed: 0,
            failures: 0,
            bytes: 0,
        }];
        let words = |whose| whose_in_words(whose, "here", &batches);
        assert_eq!(words("batch 3 of here"), "Miller");
        assert_eq!(words("batch 3 of there"), "Batch 3 of another library");
        assert_eq!(words("batch 4 of here"), "Batch 4");
        assert_eq!(words("copy 12ab"), "A copy of the program");
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
