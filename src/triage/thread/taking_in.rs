//! Taking in what intake finds: new documents, changed ones, and those that
//! cannot be opened from the start.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::super::background::{self, Broken};
use super::super::command::Destination;
use super::super::event::Event;
use super::super::intake::{self, Found, KnownSources, NotTaken};
use super::{Message, SessionThread, now_seconds};
use crate::library::{LibraryError, NewDocument};
use crate::model::{BatchId, DocumentId, DocumentStatus, Secret, Stage};
use crate::worker::Scene;

impl SessionThread {
    pub(super) fn start_intake(
        &mut self,
        paths: &[PathBuf],
        destination: Destination,
        passwords: Vec<Secret>,
    ) -> Result<(), LibraryError> {
        let roots = intake::each_once(paths);
        let known = match destination {
            Destination::Auto => self.library.reader().batch_with_roots(&roots)?,
            Destination::New => None,
            Destination::Batch(batch) => {
                self.library
                    .write(|writer| writer.add_roots(batch, &roots))?;
                Some(batch)
            }
        };
        let batch = match known {
            Some(batch) => batch,
            None => {
                let name = intake::batch_name(&roots);
                self.library
                    .write(|writer| writer.create_batch(&name, &roots, now_seconds()))?
            }
        };
        self.load(batch)?;
        match self.open.get_mut(&batch) {
            Some(open) => open.intakes += 1,
            None => return Ok(()),
        }
        self.unlock(batch, None, passwords)?;
        self.show(batch)?;
        let (crew, messages) = (Arc::clone(&self.crew), self.messages.clone());
        let found = messages.clone();
        let work = move || {
            let report = |more| found.send(Message::Found(batch, more)).is_ok();
            intake::walk(&roots, &crew.place().pool, report)
        };
        background::spawn("intake", work, move |walked| {
            // Fails only when the session is gone.
            let _ = messages.send(Message::IntakeEnded(batch, walked));
        });
        Ok(())
    }

    /// Takes in what somebody has found already.
    pub(super) fn take_in_known(
        &mut self,
        known: &KnownSources,
        passwords: Vec<Secret>,
    ) -> Result<(), LibraryError> {
        let batch = match self.library.reader().newest_batch()? {
            Some(known) => known.batch.id,
            None => self
                .library
                .write(|writer| writer.create_batch(&known.name, &known.roots, now_seconds()))?,
        };
        self.load(batch)?;
        if let Some(open) = self.open.get_mut(&batch) {
            open.intakes += 1;
            // Before anything is opened.
            open.expected.clone_from(&known.expected);
        }
        self.remember_passwords(batch, passwords);
        self.show(batch)?;
        for found in known.documents.chunks(intake::CHUNK) {
            self.take_in(batch, found.to_vec());
        }
        self.intake_ended(batch, Ok(NotTaken::default()));
        Ok(())
    }

    /// Takes in what intake found. What the library has no room for waits, as other
    /// work does, and its batch does not end before.
    pub(super) fn take_in(&mut self, batch: BatchId, found: Vec<Found>) {
        let waits = found.clone();
        match self.try_to_take_in(batch, found) {
            Ok(()) => {}
            Err(error) if error.is_fatal() => self.lose(&error),
            // One that cannot be taken in costs itself.
            Err(error) if error.is_of_a_row() => match &waits[..] {
                [one] => {
                    let what = format!("{} could not be taken in", one.document.name);
                    self.trouble(&what, &error);
                }
                _ => {
                    for one in waits {
                        self.take_in(batch, vec![one]);
                    }
                }
            },
            Err(error) => {
                if let Some(open) = self.open.get_mut(&batch) {
                    open.intakes += 1;
                }
                self.untaken.push((batch, waits));
                self.hold(format!("Documents cannot be taken in: {error}"));
            }
        }
    }

    fn try_to_take_in(&mut self, batch: BatchId, found: Vec<Found>) -> Result<(), LibraryError> {
        let Some(open) = self.open.get(&batch) else {
            return Ok(());
        };
        let mut changed: Vec<(DocumentId, NewDocument)> = Vec::new();
        let mut fresh: Vec<NewDocument> = Vec::new();
        let mut refusals = HashMap::new();
        for Found { document, refusal } in found {
            if let Some(refusal) = refusal {
                refusals.insert(document.source.clone(), refusal);
            }
            match open.document_at(&document.source) {
                None => fresh.push(document),
                Some(known)
                    if known.bytes != document.bytes || known.modified != document.modified =>
                {
                    changed.push((known.id, document));
                }
                Some(_) => {}
            }
        }
        let added = self.library.write(|writer| {
            for (id, document) in &changed {
                writer.source_changed(*id, document.bytes, document.modified)?;
            }
            writer.add_documents(batch, &fresh)
        })?;
        for (id, document) in changed {
            self.reopen(batch, id, document.bytes, document.modified);
        }
        let mut documents = Vec::with_capacity(added.len());
        for document in added {
            self.batch_of.insert(document.id, batch);
            match refusals.remove(&document.source) {
                Some(refusal) => {
                    self.fail_document(&document, Stage::Intake, &refusal, 1, &Scene::default())
                }
                None => self.enqueue_document(&document),
            }
            if let Some(open) = self.open.get_mut(&batch) {
                open.put_document(document.clone());
            }
            documents.push(document);
        }
        self.tell(Event::Documents(batch, documents));
        self.begin_run(batch);
        self.changed = true;
        Ok(())
    }

    pub(super) fn intake_ended(&mut self, batch: BatchId, walked: Result<NotTaken, Broken>) {
        let not_taken = walked.unwrap_or_else(|broken| {
            self.refused("Not all files could be looked through", &broken);
            NotTaken::default()
        });
        let Some(open) = self.open.get_mut(&batch) else {
            return;
        };
        open.intakes = open.intakes.saturating_sub(1);
        self.changed = true;
        if not_taken != NotTaken::default() {
            self.tell(Event::NotTaken(batch, Box::new(not_taken)));
        }
        self.after_progress(batch);
        self.tell_batches();
    }

    /// The source of a document is not what it was: it is opened again. What is known of
    /// its former content stays until then.
    pub(super) fn reopen(&mut self, batch: BatchId, id: DocumentId, bytes: u64, modified: i64) {
        self.crew
            .queue(|queue| queue.remove(|target| target.document() == id));
        let Some(open) = self.open.get_mut(&batch) else {
            return;
        };
        open.uninspected.remove(&id);
        let Some(document) = open.documents.get_mut(&id) else {
            return;
        };
        document.bytes = bytes;
        document.modified = modified;
        document.status = if document.pages > 0 {
            DocumentStatus::Again
        } else {
            DocumentStatus::Waiting
        };
        let document = document.clone();
        self.enqueue_document(&document);
        self.tell(Event::Documents(batch, vec![document]));
    }
}
