//! The list of failures: what failed, why, and what to do about it, reason by reason. All of
//! them are listed, however many: only lines that are on screen are built.

use std::cmp::Reverse;
use std::collections::HashMap;

use eframe::egui::{Align, Button, Key, Label, Layout, RichText, ScrollArea, Ui};
use egui_material_icons::icons;

use super::{About, Beside, Draw, Scene};
use crate::desk::actions::{Action, plain};
use crate::desk::dialogs::save_table::What;
use crate::desk::dialogs::unlocking::Unlocking;
use crate::desk::requests::{PlaceFor, Queue, Request};
use crate::desk::sheet::Sheet;
use crate::desk::theme::{Palette, ROW};
use crate::desk::words;
use crate::model::{Failure, FailureKind, PageId};
use crate::names;
use crate::triage::{Command, Record, RecordName, Scope};

/// By how much failures stand to the right of their reason, points.
const INDENT: f32 = 26.0;

/// Width of the field for a password with its button, points.
const PASSWORD: f32 = 256.0;

const REPLAY_HELP: &str = "Try it again under the circumstances of the first time: same limits, same free space, same files \
                           left behind, same pages before it";

/// What it is.
pub const ABOUT: About = About {
    name: "Failures",
    help: "What failed, why, and what to do",
    icon: icons::ICON_ERROR,
    usual_key: plain(Key::Num3),
    chapter: (
        "failures",
        include_str!("../../../assets/manual/failures.md"),
    ),
    keys: &[],
    saves: What::Failures,
    decides: false,
    has_pictures: false,
    shows_pages: false,
    beside: Beside::Inspector,
    counts: Some(|sheet| sheet.failures.open()),
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
    let count = sheet.failures.len();
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
        let left_out = sheet.failures.len() - sheet.failures.open();
        if left_out > 0 {
            ui.weak(format!("{} left out", words::grouped(left_out as u64)));
        }
        if ui.button("Try all again").clicked() {
            queue.push(Action::ReprocessFailed);
        }
        let locked = sheet
            .failures
            .iter()
            .any(|f| f.kind == FailureKind::NeedsPassword);
        if locked && ui.button("Passwords…").clicked() {
            queue.push(Request::AskForPasswords(None));
        }
    });
    ui.add_space(8.0);
    let lines = lines(sheet, replays);
    let list = ScrollArea::vertical().id_salt(("failures", sheet.id()));
    list.auto_shrink(false)
        .show_rows(ui, ROW, lines.len(), |ui, rows| {
            for line in &lines[rows] {
                ui.allocate_ui([ui.available_width(), ROW].into(), |ui| match line {
                    Line::Reason(kind, count) => reason(ui, sheet, *kind, *count, queue),
                    Line::Advice(kind) => {
                        ui.horizontal_centered(|ui| {
                            ui.add_space(INDENT);
                            ui.weak(kind.advice());
                        });
                    }
                    Line::Failure(failure) => {
                        record(ui, sheet, failure, replays, unlocking, queue);
                    }
                    Line::Replayed(words) => {
                        ui.horizontal_centered(|ui| {
                            ui.add_space(2.0 * INDENT);
                            let words = Label::new(RichText::new(*words).weak()).truncate();
                            ui.add(words.selectable(true));
                        });
                    }
                });
            }
        });
}

/// A line of the list; all are equally high.
#[derive(Clone, Copy)]
enum Line<'a> {
    /// Why so many things failed.
    Reason(FailureKind, usize),
    /// What to do about it.
    Advice(FailureKind),
    /// One of them.
    Failure(&'a Failure),
    /// What came of bringing it about again.
    Replayed(&'a str),
}

/// What failed, by its reason, the most frequent first.
fn lines<'a>(sheet: &'a Sheet, replays: &'a Replays) -> Vec<Line<'a>> {
    let mut by_kind: Vec<(FailureKind, Vec<&Failure>)> = Vec::new();
    for failure in sheet.failures.iter() {
        match by_kind.iter_mut().find(|(kind, _)| *kind == failure.kind) {
            Some((_, failures)) => failures.push(failure),
            None => by_kind.push((failure.kind, vec![failure])),
        }
    }
    by_kind.sort_by_key(|(_, failures)| Reverse(failures.len()));
    let mut lines = Vec::new();
    for (kind, failures) in by_kind {
        lines.push(Line::Reason(kind, failures.len()));
        lines.push(Line::Advice(kind));
        for failure in failures {
            lines.push(Line::Failure(failure));
            if let Some(Some(words)) = replays.get(&RecordName::of(failure)) {
                lines.push(Line::Replayed(words));
            }
        }
    }
    lines
}

/// A reason, and what can be done with all that failed for it.
fn reason(ui: &mut Ui, sheet: &Sheet, kind: FailureKind, count: usize, queue: &mut Queue) {
    let palette = Palette::of(ui);
    let is_locked = kind == FailureKind::NeedsPassword;
    let (icon, colour) = match is_locked {
        true => (icons::ICON_LOCK, palette.warning),
        false => (icons::ICON_ERROR, palette.bad),
    };
    ui.horizontal_centered(|ui| {
        ui.label(RichText::new(icon.codepoint).color(colour).size(18.0));
        ui.label(RichText::new(kind.explanation()).strong());
        ui.weak(words::grouped(count as u64));
        if kind == FailureKind::Vanished && ui.button("Locate…").clicked() {
            queue.push(Action::Locate);
        }
        if count > 1 && !is_locked && ui.button("Try these again").clicked() {
            queue.push(sheet.again(Scope::Failed(Some(kind))));
        }
    });
}

/// Why something failed and what to do, line by line.
pub fn why(ui: &mut Ui, failure: &Failure) {
    ui.label(failure.kind.explanation());
    if let Some(detail) = detail(failure) {
        ui.add(detail.wrap());
    }
    ui.weak(failure.kind.advice());
}

/// What is known beside the reason.
fn detail(failure: &Failure) -> Option<Label> {
    let detail = RichText::new(&failure.detail).monospace().weak();
    (!failure.detail.is_empty()).then(|| Label::new(detail).selectable(true))
}

fn record(
    ui: &mut Ui,
    sheet: &Sheet,
    failure: &Failure,
    replays: &Replays,
    unlocking: &mut Unlocking,
    queue: &mut Queue,
) {
    let name = sheet
        .document(failure.document)
        .map_or("", |document| document.name.as_str());
    ui.horizontal_centered(|ui| {
        ui.add_space(INDENT);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            actions(ui, sheet, failure, replays, unlocking, queue);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let shown = Label::new(names::whole(name)).truncate();
                ui.add(shown.selectable(true)).on_hover_text(name);
                if let Some(page) = failure.page {
                    ui.weak(format!("page {page}"));
                }
                if let Some(reason) = left_out(sheet, failure) {
                    let said = RichText::new(format!("Left out: {reason}")).italics();
                    ui.add(Label::new(said).truncate()).on_hover_text(reason);
                } else if let Some(detail) = detail(failure) {
                    ui.add(detail.truncate()).on_hover_text(&failure.detail);
                }
            });
        });
    });
}

/// Why somebody leaves the document out that failed as a whole.
fn left_out<'a>(sheet: &'a Sheet, failure: &Failure) -> Option<&'a str> {
    let document = sheet.document(failure.document);
    let document = document.filter(|_| failure.page.is_none())?;
    document.left_out.as_deref()
}

/// Leaves a document out that failed as a whole, or takes that back.
fn leave_out(ui: &mut Ui, sheet: &Sheet, failure: &Failure, queue: &mut Queue) {
    if failure.page.is_some() {
        return;
    }
    if left_out(sheet, failure).is_some() {
        let help = "It counts as a failure again, and manifests as incomplete";
        if ui.button("Take back").on_hover_text(help).clicked() {
            queue.push(Command::LeaveOut {
                batch: sheet.id(),
                documents: vec![failure.document],
                reason: None,
            });
        }
    } else {
        let help = "It is dealt with: the reason stands in manifests, which are complete \
                    without it";
        if ui.button("Leave out…").on_hover_text(help).clicked() {
            queue.push(Request::AskToLeaveOut(failure.document));
        }
    }
}

/// What can be done about a failure, from right to left.
fn actions(
    ui: &mut Ui,
    sheet: &Sheet,
    failure: &Failure,
    replays: &Replays,
    unlocking: &mut Unlocking,
    queue: &mut Queue,
) {
    let document = sheet.document(failure.document);
    if let Some(None) = replays.get(&RecordName::of(failure)) {
        ui.spinner();
    }
    ui.menu_button("More", |ui| more(ui, sheet, failure, replays, queue));
    leave_out(ui, sheet, failure, queue);
    if let Some(number) = failure.page
        && ui.button("Show page").clicked()
    {
        queue.push(Request::GoTo(PageId {
            document: failure.document,
            number,
        }));
    }
    if failure.kind == FailureKind::NeedsPassword {
        let password = document.and_then(|document| {
            let left_to_right = Layout::left_to_right(Align::Center);
            let field = |ui: &mut Ui| unlocking.field(ui, document);
            ui.allocate_ui_with_layout([PASSWORD, ROW].into(), left_to_right, field)
                .inner
        });
        if let Some(password) = password {
            queue.push(sheet.unlock(vec![password]));
        }
    } else if ui.button("Try again").clicked() {
        let document = failure.document;
        queue.push(sheet.again(match failure.page {
            Some(number) => Scope::Pages(vec![PageId { document, number }]),
            None => Scope::Documents(vec![document]),
        }));
    }
}

/// What is done less often about a failure.
fn more(ui: &mut Ui, sheet: &Sheet, failure: &Failure, replays: &Replays, queue: &mut Queue) {
    if failure.page.is_none() && left_out(sheet, failure).is_none() {
        let help = "Take in another file instead of it; manifests say by which it was replaced";
        let name = "Replace by another file…";
        if ui.button(name).on_hover_text(help).clicked() {
            queue.push(Request::Choose(PlaceFor::Replacement(failure.document)));
        }
    }
    let is_under_way = matches!(replays.get(&RecordName::of(failure)), Some(None));
    let replay = ui.add_enabled(!is_under_way, Button::new("Replay"));
    if replay.on_hover_text(REPLAY_HELP).clicked() {
        let record = Record::of(failure.clone(), |id| sheet.document(id));
        if let Some(record) = record {
            queue.push(Request::Replay(Box::new(record)));
        }
    }
    ui.separator();
    copy(ui, sheet, failure);
}

/// Copies the record, for people or for another machine.
fn copy(ui: &mut Ui, sheet: &Sheet, failure: &Failure) {
    if ui.button("Copy as text").clicked() {
        let name = sheet
            .document(failure.document)
            .map_or("", |document| &document.name);
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
    let name = "Copy as a record for replay";
    if ui.button(name).on_hover_text(help).clicked() {
        let record = Record::of(failure.clone(), |id| sheet.document(id));
        match record.map(|record| record.to_json()) {
            Some(Ok(json)) => ui.ctx().copy_text(json),
            Some(Err(error)) => tracing::warn!(%error, "a record cannot be copied"),
            None => {}
        }
    }
}
