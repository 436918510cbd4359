//! How files come in, and places that are chosen with the system's dialogs: dropped, pasted,
//! picked, put back. Not for taking files in (`triage`).

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Instant;

use eframe::egui::{Context, Event as InputEvent};

use super::Desk;
use crate::desk::dialogs::{self, Picked, Question};
use crate::desk::panels::notices::Offer;
use crate::desk::requests::PlaceFor;
use crate::desk::system::drops::{Dropped, Drops};
use crate::desk::views::View;
use crate::desk::words::counted;
use crate::model::{BatchId, DocumentId};
use crate::triage::{Command, Destination};

/// Files that come in.
pub struct Intake {
    drops: Drops,
    /// What was dropped last on the shown batch, until it is taken in.
    added: Option<Added>,
    /// When files were last given, until the first picture of them is there.
    pub given: Option<Instant>,
    /// Until the batches are known: whether the one that was shown last is opened then.
    pub opens_last: Option<bool>,
}

impl Intake {
    /// Nothing has come in. `opens_last`: nothing is to be taken in at once.
    pub fn new(opens_last: bool) -> Self {
        Self {
            drops: Drops::default(),
            added: None,
            given: None,
            opens_last: Some(opens_last),
        }
    }
}

/// Files dropped on a batch.
struct Added {
    batch: BatchId,
    /// The newest document before.
    newest: Option<DocumentId>,
    /// They are being taken in.
    began: bool,
}

impl Desk {
    /// Has files taken in.
    pub(in crate::desk) fn take_in(&mut self, paths: Vec<PathBuf>, destination: Destination) {
        if !paths.is_empty() {
            self.intake.given = Some(Instant::now());
            self.session.send(Command::TakeIn {
                paths,
                destination,
                passwords: vec![],
            });
        }
    }

    /// Has files of the shown batch be looked for that were moved.
    pub(in crate::desk) fn locate(&mut self, folder: PathBuf) {
        if let Some(batch) = self.model.shown() {
            self.session.send(Command::Locate { batch, folder });
        }
    }

    /// Takes files in again that were taken out of a batch.
    pub(super) fn put_back(&mut self, batch: BatchId, files: &[PathBuf]) {
        if let Some(taken_out) = self.model.taken_out.get_mut(&batch) {
            taken_out.retain(|file| !files.contains(file));
        }
        self.model.taken_out.retain(|_, files| !files.is_empty());
        self.intake.given = Some(Instant::now());
        let files = files.to_vec();
        self.session.send(Command::PutBack { batch, files });
    }

    /// Once all that was dropped on the shown batch is taken in, offers to undo it.
    pub(super) fn offer_to_undo_drop(&mut self) {
        let (Some(added), Some(sheet)) = (&mut self.intake.added, &self.model.sheet) else {
            return;
        };
        let taking_in = sheet.progress.as_ref().is_some_and(|now| now.taking_in);
        if added.batch != sheet.id() || taking_in || !added.began {
            added.began |= added.batch == sheet.id() && taking_in;
            return;
        }
        let ids = sheet.documents().iter().map(|document| document.id);
        let new: Vec<DocumentId> = ids.filter(|id| Some(*id) > added.newest).collect();
        let batch = added.batch;
        self.intake.added = None;
        if !new.is_empty() {
            let documents = match new[..] {
                [one] => sheet.document(one).map(|document| document.name.clone()),
                _ => None,
            };
            let count = counted(new.len() as u64, "document", "documents");
            let text = format!(
                "{} added to {}.",
                documents.unwrap_or(count),
                sheet.batch.name
            );
            self.notices.offer(text, Offer::TakeOut(batch, new));
        }
    }

    /// Follows the system's dialogs.
    pub(super) fn follow_picking(&mut self) {
        let mut at = 0;
        while let Some(picking) = self.dialogs.picking.get(at) {
            match picking.picked() {
                Some(picked) => {
                    let wanted = self.dialogs.picking.remove(at).wanted;
                    self.place_picked(wanted, picked);
                }
                None => at += 1,
            }
        }
    }

    fn place_picked(&mut self, wanted: PlaceFor, picked: Picked) {
        let paths = match picked {
            Picked::Paths(paths) => paths,
            Picked::NoDialog => {
                self.notices
                    .tell("This system shows no file dialog: type the path.");
                match wanted {
                    PlaceFor::Files | PlaceFor::Folders => {
                        let shown = self.model.sheet.as_ref().map(|sheet| &sheet.batch);
                        self.dialogs.question = Some(Question::path(shown));
                    }
                    PlaceFor::Watched => self.dialogs.question = Some(Question::watched()),
                    PlaceFor::Manifest => {
                        self.dialogs.question = Some(Question::Manifest {
                            typed: String::new(),
                        });
                    }
                    PlaceFor::Moved => {
                        self.dialogs.question = Some(Question::Moved {
                            typed: String::new(),
                        });
                    }
                    PlaceFor::Taken => {
                        self.dialogs.question = Some(Question::Taken {
                            typed: String::new(),
                        });
                    }
                    PlaceFor::Replacement(document) => self.ask_for_replacement(document),
                    PlaceFor::Backup => {
                        self.dialogs.question = Some(Question::Backup {
                            typed: String::new(),
                        });
                    }
                    PlaceFor::Parts
                    | PlaceFor::Pages
                    | PlaceFor::Scratch
                    | PlaceFor::Table(_)
                    | PlaceFor::Terms
                    | PlaceFor::List => {}
                }
                return;
            }
        };
        match wanted {
            PlaceFor::Files | PlaceFor::Folders => {
                return self.take_in(paths, Destination::Auto);
            }
            PlaceFor::Watched if !paths.is_empty() => {
                return self.session.send(Command::watch(paths));
            }
            _ => {}
        }
        let Some(place) = paths.into_iter().next() else {
            return;
        };
        match wanted {
            PlaceFor::Files | PlaceFor::Folders | PlaceFor::Watched => {}
            PlaceFor::Scratch => self.session.send(Command::MoveScratch(Some(place))),
            PlaceFor::Moved => self.locate(place),
            PlaceFor::Taken => self.move_taken(Some(place)),
            PlaceFor::Replacement(document) => {
                if let Some(batch) = self.document(document).map(|document| document.batch) {
                    let by = place;
                    self.session.send(Command::Replace {
                        batch,
                        document,
                        by,
                    });
                }
            }
            PlaceFor::List => self.dialogs.reconcile.read(&place),
            PlaceFor::Backup => self.session.send(Command::BackUp(place)),
            PlaceFor::Manifest => self.session.send(Command::Verify(place)),
            PlaceFor::Terms => self.read_terms(&place),
            PlaceFor::Parts => {
                self.views.split.set_folder(place);
            }
            PlaceFor::Pages => self.dialogs.save_pages.chosen(&place),
            PlaceFor::Table(_) => {
                if let Some(question) = &mut self.dialogs.save_table {
                    question.chosen(place);
                }
            }
        }
    }

    /// Has files of the shown batch go from its watched folders to another, or stay.
    pub(in crate::desk) fn move_taken(&mut self, moved_to: Option<PathBuf>) {
        if let Some(batch) = self.model.shown() {
            self.session.send(Command::MoveTaken { batch, moved_to });
        }
    }

    fn ask_for_replacement(&mut self, document: DocumentId) {
        if let Some(document) = self.document(document) {
            self.dialogs.question = Some(Question::Replacement {
                batch: document.batch,
                document: document.id,
                name: document.name.clone(),
                typed: String::new(),
            });
        }
    }

    /// Addresses that a file manager put on the clipboard.
    pub(super) fn pasted(&mut self, context: &Context) {
        if context.text_edit_focused() || self.dialogs.ask_something() {
            return;
        }
        let mut pasted: Vec<PathBuf> = context.input(|input| {
            let texts = input.raw.events.iter().filter_map(|event| match event {
                InputEvent::Paste(text) => Some(text.as_str()),
                _ => None,
            });
            texts
                .flat_map(str::lines)
                .map(dialogs::path_of)
                .filter(|path| path.is_absolute() && path.exists())
                .collect()
        });
        let mut seen = HashSet::new();
        pasted.retain(|path| seen.insert(path.clone()));
        if !pasted.is_empty() {
            self.take_in(pasted, Destination::Auto);
        }
    }

    pub(super) fn dropped(&mut self, context: &Context) {
        let batch = self
            .model
            .sheet
            .as_ref()
            .map(|sheet| (sheet.id(), sheet.batch.name.clone()));
        let name = batch.as_ref().map(|(_, name)| name.as_str());
        let dropped = self.intake.drops.ui(context, name);
        match (dropped, batch) {
            (Some(Dropped::AddToBatch(paths)), Some((batch, _))) => {
                let documents = self.model.sheet.iter().flat_map(|sheet| sheet.documents());
                let newest = documents.map(|document| document.id).max();
                self.intake.added = Some(Added {
                    batch,
                    newest,
                    began: false,
                });
                self.take_in(paths, Destination::Batch(batch));
            }
            (Some(Dropped::NewBatch(paths) | Dropped::AddToBatch(paths)), _) => {
                self.take_in(paths, Destination::Auto);
            }
            (Some(Dropped::Split(paths)), _) => {
                self.take_in(paths, Destination::Auto);
                self.show(View::Split);
            }
            (None, _) => {}
        }
    }
}
