//! The list of failures: what failed, why, and what to do about it.

use std::collections::{HashMap, HashSet};

use eframe::egui::{
    Button, Frame, Id, Key, Label, Margin, RichText, Role, ScrollArea, TextEdit, Ui, WidgetInfo,
};
use egui_material_icons::icons;

use super::names;
use super::sheet::Sheet;
use super::theme::{CORNER, Palette};
use super::words;
use crate::model::{DocumentId, Failure, FailureKind, PageId, Secret};
use crate::triage::{Record, RecordName};

/// Records built at most: nobody reads more, and each has its own height.
const MOST: usize = 500;

const REPLAY_HELP: &str = "Try it again as it was then: same limits, same free space, same files \
                           left behind, same pages before it";

/// Passwords that are typed beside locked documents.
#[derive(Default)]
pub struct Unlocking {
    typed: HashMap<DocumentId, String>,
    /// Documents on which one was tried.
    tried: HashSet<DocumentId>,
}

impl Unlocking {
    /// The field for a document's password; the password once it is entered.
    fn ui(&mut self, ui: &mut Ui, document: DocumentId, name: &str) -> Option<Secret> {
        let typed = self.typed.entry(document).or_default();
        // Its place changes when another document opens.
        let field = TextEdit::singleline(typed)
            .id(Id::unique(("password", document)))
            .password(true)
            .hint_text("Password")
            .desired_width(180.0);
        let response = ui.add(field);
        response.widget_info(|| {
            WidgetInfo::labeled(Role::PasswordInput, true, format!("Password for {name}"))
        });
        let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let unlock = ui.add_enabled(!typed.is_empty(), Button::new("Unlock"));
        let help = "The password is kept in memory only  (Enter)";
        let wanted = unlock.on_hover_text(help).clicked() || entered;
        if wanted && !typed.is_empty() {
            self.tried.insert(document);
            // What is typed next is the next password, and no shortcut.
            response.request_focus();
            return Some(Secret::from(std::mem::take(typed).as_str()));
        }
        if self.tried.contains(&document) && typed.is_empty() {
            ui.colored_label(Palette::of(ui).bad, "That password does not open it.");
        }
        None
    }
}

/// What came of replays, by record; none: one is under way.
pub type Replays = HashMap<RecordName, Option<String>>;

/// What was asked for in the list.
pub enum Asked {
    /// Try everything again that failed.
    AllAgain,
    /// Type passwords for all locked documents.
    Passwords,
    /// Try a document again.
    Document(DocumentId),
    /// Try a page again.
    Page(PageId),
    /// Try a password on a document.
    Unlock(DocumentId, Secret),
    /// Show a page.
    Show(PageId),
    /// Bring about the failure again.
    Replay(Box<Record>),
}

/// Draws the list.
pub fn ui(
    ui: &mut Ui,
    sheet: &Sheet,
    replays: &Replays,
    unlocking: &mut Unlocking,
) -> Option<Asked> {
    let count = sheet.failure_count();
    let mut asked = None;
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
        return None;
    }
    ui.horizontal(|ui| {
        let count = words::counted(count as u64, "failure", "failures");
        ui.label(RichText::new(count).strong());
        if ui.button("Try all again").clicked() {
            asked = Some(Asked::AllAgain);
        }
        let locked = sheet
            .failures()
            .any(|f| f.kind == FailureKind::NeedsPassword);
        if locked && ui.button("Passwords…").clicked() {
            asked = Some(Asked::Passwords);
        }
    });
    ui.add_space(8.0);
    let list = ScrollArea::vertical().id_salt(("failures", sheet.id()));
    list.auto_shrink(false).show(ui, |ui| {
        for failure in sheet.failures().take(MOST) {
            record(ui, sheet, failure, replays, unlocking, &mut asked);
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
    asked
}

fn record(
    ui: &mut Ui,
    sheet: &Sheet,
    failure: &Failure,
    replays: &Replays,
    unlocking: &mut Unlocking,
    asked: &mut Option<Asked>,
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
            if !failure.detail.is_empty() {
                let detail = RichText::new(&failure.detail).monospace().weak();
                ui.add(Label::new(detail).wrap().selectable(true));
            }
            ui.horizontal(|ui| {
                if locked {
                    if let Some(password) = unlocking.ui(ui, failure.document, name) {
                        *asked = Some(Asked::Unlock(failure.document, password));
                    }
                } else if ui.button("Try again").clicked() {
                    *asked = Some(match failure.page {
                        Some(number) => Asked::Page(PageId {
                            document: failure.document,
                            number,
                        }),
                        None => Asked::Document(failure.document),
                    });
                }
                if let Some(number) = failure.page
                    && ui.button("Show page").clicked()
                {
                    *asked = Some(Asked::Show(PageId {
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
                            *asked = record.map(|record| Asked::Replay(Box::new(record)));
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
