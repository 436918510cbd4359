//! Passwords of locked documents: the field beside a document, and the dialog for one or
//! for all. It stays until what it is about is open, so that what is typed after a wrong
//! password is the next one and no shortcut. Not for trying passwords (`triage`).

use std::collections::{HashMap, HashSet};

use eframe::egui::{
    Button, Context, Id, Key, KeyboardShortcut, Modal, Modifiers, RichText, Role, TextEdit, Ui,
    WidgetInfo,
};

use super::is_closed;
use crate::desk::requests::Queue;
use crate::desk::sheet::Sheet;
use crate::desk::theme::Palette;
use crate::desk::words;
use crate::model::{Document, DocumentId, FailureKind, Secret};
use crate::names;

/// Ends what has several lines.
const DONE: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Enter);

/// Names of documents that are still locked, in a sentence.
const NAMED: usize = 3;

/// Passwords that are typed for locked documents.
#[derive(Default)]
pub struct Unlocking {
    typed: HashMap<DocumentId, String>,
    /// Documents on which one was tried.
    tried: HashSet<DocumentId>,
    /// Documents that were open before and are not now, for passwords end with the program:
    /// those that were asked about, and whether one is being tried.
    closed_again: HashMap<DocumentId, bool>,
    /// The document whose field was there last, and in which frame.
    last: Option<(DocumentId, u64)>,
    dialog: Option<Dialog>,
}

enum Dialog {
    One(DocumentId),
    All { typed: String, tried: bool },
}

impl Unlocking {
    /// Opens the dialog for a document, or for all of the batch.
    pub fn ask(&mut self, sheet: &Sheet, document: Option<DocumentId>) {
        let known = document.and_then(|document| sheet.document(document));
        if let Some(known) = known
            && !self.is_about(sheet, known)
        {
            self.closed_again.insert(known.id, false);
        }
        self.dialog = Some(match document {
            Some(document) => Dialog::One(document),
            None => Dialog::All {
                typed: String::new(),
                tried: false,
            },
        });
    }

    /// A document was to be read, and how that went.
    pub fn learn(&mut self, document: DocumentId, read: Result<(), FailureKind>) {
        if read == Err(FailureKind::NeedsPassword) {
            if let Some(is_tried) = self.closed_again.get_mut(&document) {
                *is_tried = false;
            }
        } else {
            self.closed_again.remove(&document);
        }
    }

    /// The dialog is open.
    pub fn is_open(&self) -> bool {
        self.dialog.is_some()
    }

    /// The field for a document's password; the password once it is entered. It stays while
    /// one is tried.
    pub fn field(&mut self, ui: &mut Ui, document: &Document) -> Option<Secret> {
        self.typed_into(ui, document, false)
    }

    /// The same, which takes the keyboard when it was not there before.
    pub fn field_in_focus(&mut self, ui: &mut Ui, document: &Document) -> Option<Secret> {
        let now = ui.ctx().cumulative_frame_nr();
        let last = self.last.replace((document.id, now));
        let was_there = last.is_some_and(|(of, frame)| of == document.id && frame + 1 >= now);
        self.typed_into(ui, document, !was_there)
    }

    /// The document is locked, or a password is being tried on it.
    pub fn is_about(&self, sheet: &Sheet, document: &Document) -> bool {
        let is_tried = self.tried.contains(&document.id) && document.status.waits();
        is_locked(sheet, document) || is_tried
    }

    fn typed_into(
        &mut self,
        ui: &mut Ui,
        document: &Document,
        takes_keyboard: bool,
    ) -> Option<Secret> {
        let typed = self.typed.entry(document.id).or_default();
        let is_tried = self.closed_again.get(&document.id) == Some(&true);
        let is_tried = is_tried || document.status.waits();
        let is_wrong = self.tried.contains(&document.id) && !is_tried;
        let hint = match is_wrong {
            true => RichText::new("That does not open it").color(Palette::of(ui).bad),
            false => RichText::new("Password"),
        };
        // Its place changes when another document opens.
        let field = TextEdit::singleline(typed)
            .id(Id::unique(("password", document.id)))
            .password(true)
            .hint_text(hint)
            .desired_width(180.0);
        let response = ui.add(field);
        response.widget_info(|| {
            let wrong = if is_wrong {
                ". That password does not open it."
            } else {
                ""
            };
            let label = format!("Password for {}{wrong}", document.name);
            WidgetInfo::labeled(Role::PasswordInput, true, label)
        });
        if takes_keyboard {
            response.request_focus();
        }
        let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let unlock = ui.add_enabled(!typed.is_empty(), Button::new("Unlock"));
        let help =
            "It is tried on each locked document of this batch, and kept in memory only  (Enter)";
        let wanted = unlock.on_hover_text(help).clicked() || entered;
        if wanted && !typed.is_empty() {
            self.tried.insert(document.id);
            if let Some(is_tried) = self.closed_again.get_mut(&document.id) {
                *is_tried = true;
            }
            // What is typed next is the next password, and no shortcut.
            response.request_focus();
            return Some(Secret::from(std::mem::take(typed).as_str()));
        }
        if is_tried {
            ui.spinner();
        }
        None
    }

    /// Draws the dialog; it is gone once what it is about is open, or it was closed.
    pub fn dialog(&mut self, context: &Context, sheet: &Sheet, queue: &mut Queue) {
        let dialog = self.dialog.take();
        let Some(mut dialog) = dialog.filter(|dialog| !self.is_done(dialog, sheet)) else {
            return;
        };
        let modal = Modal::new(Id::unique("unlock")).show(context, |ui| {
            ui.set_width(420.0);
            match &mut dialog {
                Dialog::One(document) => self.one_ui(ui, sheet, *document, queue),
                Dialog::All { typed, tried } => all_ui(ui, sheet, typed, tried, queue),
            }
        });
        if !is_closed(&modal) {
            self.dialog = Some(dialog);
        }
    }

    /// Nothing that a dialog is about is locked any more.
    fn is_done(&self, dialog: &Dialog, sheet: &Sheet) -> bool {
        let is_open = |document: &Document| !document.status.waits() && !is_locked(sheet, document);
        match dialog {
            Dialog::One(id) => {
                let is_open = sheet.document(*id).is_none_or(is_open);
                is_open && !self.closed_again.contains_key(id)
            }
            Dialog::All { tried, .. } => *tried && sheet.documents().iter().all(is_open),
        }
    }

    fn one_ui(&mut self, ui: &mut Ui, sheet: &Sheet, id: DocumentId, queue: &mut Queue) {
        ui.heading("Password");
        ui.add_space(8.0);
        let Some(document) = sheet.document(id) else {
            return;
        };
        let shown = names::cut_middle(&document.name, 60);
        ui.label(format!(
            "For {shown}, and tried on each locked document of this batch. It is kept in memory only."
        ));
        ui.horizontal_wrapped(|ui| {
            if let Some(password) = self.field_in_focus(ui, document) {
                queue.push(sheet.unlock(vec![password]));
            }
        });
        ui.add_space(12.0);
        if ui.button("Close").clicked() {
            ui.close();
        }
    }
}

fn all_ui(ui: &mut Ui, sheet: &Sheet, typed: &mut String, tried: &mut bool, queue: &mut Queue) {
    let documents = sheet.documents().iter();
    let locked: Vec<&Document> = documents.filter(|d| is_locked(sheet, d)).collect();
    ui.heading("Passwords for this batch");
    ui.add_space(8.0);
    let explanation =
        "One a line; all are tried on each locked document. They are kept in memory only.";
    let label = ui.label(explanation);
    let edit = TextEdit::multiline(typed).desired_rows(5);
    let response = ui
        .add(edit.desired_width(f32::INFINITY))
        .labelled_by(label.id);
    if !response.has_focus() && typed.is_empty() {
        response.request_focus();
    }
    let entered = ui.input_mut(|input| input.consume_shortcut(&DONE));
    if *tried || locked.is_empty() {
        let said = still_locked(&locked);
        ui.colored_label(Palette::of(ui).warning, said);
    }
    ui.add_space(12.0);
    ui.horizontal(|ui| {
        let ready = !typed.trim().is_empty();
        let unlock = ui
            .add_enabled(ready, Button::new("Unlock"))
            .on_hover_text(ui.ctx().format_shortcut(&DONE))
            .clicked();
        if unlock || (entered && ready) {
            *tried = true;
            let passwords = typed.lines().filter(|line| !line.is_empty());
            queue.push(sheet.unlock(passwords.map(Into::into).collect()));
        }
        if ui.button("Close").clicked() {
            ui.close();
        }
    });
}

/// What is locked although passwords were tried.
fn still_locked(locked: &[&Document]) -> String {
    if locked.is_empty() {
        return "No document of this batch is locked.".to_owned();
    }
    let shown = locked.iter().take(NAMED);
    let shown: Vec<String> = shown.map(|d| names::cut_middle(&d.name, 40)).collect();
    let count = words::counted(locked.len() as u64, "document is", "documents are");
    let more = match locked.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{count} still locked: {}{more}", shown.join(", "))
}

/// A document needs a password, and none is being tried on it.
pub fn is_locked(sheet: &Sheet, document: &Document) -> bool {
    let failure = sheet.failures.of(document.id, None);
    failure.is_some_and(|failure| failure.kind == FailureKind::NeedsPassword)
        && !document.status.waits()
}
