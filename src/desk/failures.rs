//! The list of failures: what failed, why, and what to do about it.

use std::collections::HashMap;

use eframe::egui::{Frame, Key, Label, Margin, RichText, ScrollArea, Ui};
use egui_material_icons::icons;

use super::actions::{Action, plain};
use super::names;
use super::requests::{Queue, Request};
use super::save_table::What;
use super::sheet::Sheet;
use super::theme::{CORNER, Palette};
use super::unlocking::Unlocking;
use super::views::{About, Beside, Draw, Scene};
use super::words;
use crate::model::{Failure, FailureKind, PageId};
use crate::triage::{Record, RecordName, Scope};

/// Records built at most: nobody reads more, and each has its own height.
const MOST: usize = 500;

const REPLAY_HELP: &str = "Try it again under the circumstances of the first time: same limits, same free space, same files \
                           left behind, same pages before it";

/// What it is.
pub const ABOUT: About = About {
    name: "Failures",
    help: "What failed, why, and what to do",
    icon: icons::ICON_ERROR,
    usual_key: plain(Key::Num3),
    manual: "What could not be opened or analysed, why, and what to do about it. Locked \
             documents take their password here.",
    keys: &[],
    saves: What::Failures,
    decides: false,
    has_pictures: false,
    shows_pages: false,
    beside: Beside::Inspector,
    counts: Some(Sheet::failure_count),
};

/// The view's state.
#[derive(Default)]
pub struct FailuresView {
    replays: Replays,
}

impl FailuresView {
    /// A failure is being brought about again.
    pub fn begin_replay(&mut self, record: RecordName) {
        self.replays.insert(record, None);
    }

    /// What came of it.
    pub fn replayed(&mut self, record: RecordName, words: String) {
        self.replays.insert(record, Some(words));
    }
}

impl Draw for FailuresView {
    fn ui(&mut self, ui: &mut Ui, scene: &mut Scene<'_>) {
        if let Some(sheet) = &scene.model.sheet {
            draw(ui, sheet, &self.replays, scene.unlocking, scene.queue);
        }
    }
}

/// What came of replays, by record; none: one is under way.
type Replays = HashMap<RecordName, Option<String>>;

/// Draws the list.
fn draw(
    ui: &mut Ui,
    sheet: &Sheet,
    replays: &Replays,
    unlocking: &mut Unlocking,
    queue: &mut Queue,
) {
    let count = sheet.failure_count();
    if count == 0 {
        ui.add_space(ui.available_height() * 0.3);
        ui.vertical_centered(|ui| {
            let palette = Palette::of(ui);
            let icon = icons::ICON_TASK_ALT.codepoint;
            ui.label(RichText::new(icon).size(40.0).color(palette.good));
            ui.heading("Nothing has failed");
            ui.weak(
                "Documents and pages that cannot be processed are listed here, with the reason.",
            );
        });
        return;
    }
    ui.horizontal(|ui| {
        let count = words::counted(count as u64, "failure", "failures");
        ui.label(RichText::new(count).strong());
        if ui.button("Try all again").clicked() {
            queue.push(Action::ReprocessFailed);
        }
        let locked = sheet
            .failures()
            .any(|f| f.kind == FailureKind::NeedsPassword);
        if locked && ui.button("Passwords…").clicked() {
            queue.push(Request::AskForPasswords(None));
        }
    });
    ui.add_space(8.0);
    let list = ScrollArea::vertical().id_salt(("failures", sheet.id()));
    list.auto_shrink(false).show(ui, |ui| {
        for failure in sheet.failures().take(MOST) {
            record(ui, sheet, failure, replays, unlocking, queue);
            ui.add_space(8.0);
        }
        if count > MOST {
            let more = count - MOST;
            ui.weak(format!(
                "{} more; `pagesieve documents --format csv` lists all",
                words::grouped(more as u64)
            ));
        }
    });
}

/// Why something failed and what to do, line by line.
pub fn why(ui: &mut Ui, failure: &Failure) {
    ui.label(failure.kind.explanation());
    detail(ui, failure);
    ui.weak(failure.kind.advice());
}

fn detail(ui: &mut Ui, failure: &Failure) {
    if !failure.detail.is_empty() {
        let detail = RichText::new(&failure.detail).monospace().weak();
        ui.add(Label::new(detail).wrap().selectable(true));
    }
}

fn record(
    ui: &mut Ui,
    sheet: &Sheet,
    failure: &Failure,
    replays: &Replays,
    unlocking: &mut Unlocking,
    queue: &mut Queue,
) {
    let palette = Palette::of(ui);
    let name = sheet
        .document(failure.document)
        .map_or("", |d| d.name.as_str());
    let locked = failure.kind == FailureKind::NeedsPassword;
    let (icon, colour) = if locked {
        (icons::ICON_LOCK, palette.warning)
    } else {
        (icons::ICON_ERROR, palette.bad)
    };
    Frame::new()
        .fill(palette.panel)
        .stroke((1.0, palette.line))
        .corner_radius(CORNER)
        .inner_margin(Margin::symmetric(12, 8))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.horizontal(|ui| {
                ui.label(RichText::new(icon.codepoint).color(colour).size(18.0));
                ui.add(
                    Label::new(RichText::new(names::whole(name)).strong())
                        .truncate()
                        .selectable(true),
                );
                if let Some(page) = failure.page {
                    ui.weak(format!("page {page}"));
                }
            });
            ui.label(format!(
                "{} {}",
                failure.kind.explanation(),
                failure.kind.advice()
            ));
            detail(ui, failure);
            ui.horizontal(|ui| {
                if locked {
                    let document = sheet.document(failure.document);
                    let password = document.and_then(|document| unlocking.field(ui, document));
                    if let Some(password) = password {
                        queue.push(sheet.unlock(Some(failure.document), vec![password]));
                    }
                } else if ui.button("Try again").clicked() {
                    let document = failure.document;
                    queue.push(sheet.again(match failure.page {
                        Some(number) => Scope::Pages(vec![PageId { document, number }]),
                        None => Scope::Documents(vec![document]),
                    }));
                }
                if let Some(number) = failure.page
                    && ui.button("Show page").clicked()
                {
                    queue.push(Request::GoTo(PageId {
                        document: failure.document,
                        number,
                    }));
                }
                copy(ui, sheet, name, failure);
                let name = RecordName::of(failure);
                match replays.get(&name) {
                    Some(None) => {
                        ui.spinner();
                    }
                    _ => {
                        if ui.button("Replay").on_hover_text(REPLAY_HELP).clicked() {
                            let record = Record::of(failure.clone(), |id| sheet.document(id));
                            if let Some(record) = record {
                                queue.push(Request::Replay(Box::new(record)));
                            }
                        }
                    }
                }
            });
            if let Some(Some(words)) = replays.get(&RecordName::of(failure)) {
                ui.add(
                    Label::new(RichText::new(words).weak())
                        .wrap()
                        .selectable(true),
                );
            }
        });
}

/// Copies the record, for people or for another machine.
fn copy(ui: &mut Ui, sheet: &Sheet, name: &str, failure: &Failure) {
    ui.menu_button("Copy", |ui| {
        if ui.button("As text").clicked() {
            let page = failure
                .page
                .map_or(String::new(), |n| format!(", page {n}"));
            ui.ctx().copy_text(format!(
                "{name}{page}: {} ({}; {}; tried {}×; record {})\n{}",
                failure.kind.explanation(),
                failure.kind.as_str(),
                failure.stage.as_str(),
                failure.attempts,
                RecordName::of(failure),
                failure.detail,
            ));
        }
        let help = "With limits, free space, what was left behind and what the worker had done \
                    before; `pagesieve replay` reads it from a file";
        if ui
            .button("As a record for replay")
            .on_hover_text(help)
            .clicked()
        {
            let record = Record::of(failure.clone(), |id| sheet.document(id));
            match record.map(|record| record.to_json()) {
                Some(Ok(json)) => ui.ctx().copy_text(json),
                Some(Err(error)) => tracing::warn!(%error, "a record cannot be copied"),
                None => {}
            }
        }
    });
}
