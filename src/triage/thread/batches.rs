//! The batches that are in memory, which of them a document is in, and which is shown.
//! Not for what a batch holds (`open_batch`).

use std::collections::{HashMap, HashSet};

use super::super::decisions::Decided;
use super::super::event::Event;
use super::super::open_batch::OpenBatch;
use super::external::without_text;
use crate::analysis::judge_document;
use crate::library::{LibraryError, Reader};
use crate::model::{BatchId, ContentHash, Document, DocumentId, Page, PageId};

/// Batches in memory.
#[derive(Default)]
pub struct Batches {
    open: HashMap<BatchId, OpenBatch>,
    /// Which batch a document of an open batch belongs to.
    of_document: HashMap<DocumentId, BatchId>,
    /// The batch that the face shows.
    pub shown: Option<BatchId>,
}

impl Batches {
    pub fn get(&self, batch: BatchId) -> Option<&OpenBatch> {
        self.open.get(&batch)
    }

    pub fn get_mut(&mut self, batch: BatchId) -> Option<&mut OpenBatch> {
        self.open.get_mut(&batch)
    }

    pub fn is_open(&self, batch: BatchId) -> bool {
        self.open.contains_key(&batch)
    }

    pub fn iter(&self) -> impl Iterator<Item = &OpenBatch> {
        self.open.values()
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut OpenBatch> {
        self.open.values_mut()
    }

    pub fn ids(&self) -> Vec<BatchId> {
        self.open.keys().copied().collect()
    }

    /// Adds a batch, or puts it in the place of what was known of it.
    pub fn put(&mut self, open: OpenBatch) {
        let batch = open.batch.id;
        let documents = open.documents.keys();
        self.of_document
            .extend(documents.map(|document| (*document, batch)));
        self.open.insert(batch, open);
    }

    /// Adds a document to its batch.
    pub fn put_document(&mut self, document: Document) {
        if let Some(open) = self.open.get_mut(&document.batch) {
            self.of_document.insert(document.id, document.batch);
            open.put_document(document);
        }
    }

    /// Documents are no longer in their batches.
    pub fn forget_documents(&mut self, gone: &HashSet<DocumentId>) {
        self.of_document
            .retain(|document, _| !gone.contains(document));
    }

    pub fn forget(&mut self, batch: BatchId) {
        self.open.remove(&batch);
        self.of_document.retain(|_, of| *of != batch);
        self.shown.take_if(|shown| *shown == batch);
    }

    /// The batch that a document is in.
    pub fn of(&self, document: DocumentId) -> Option<BatchId> {
        self.of_document.get(&document).copied()
    }

    /// The same, with what is known of it.
    pub fn holding(&self, document: DocumentId) -> Option<&OpenBatch> {
        self.get(self.of(document)?)
    }

    /// A document, in whichever batch it is.
    pub fn document(&self, id: DocumentId) -> Option<&Document> {
        self.holding(id)?.documents.get(&id)
    }

    /// The content of a document; none before it was read.
    pub fn hash(&self, document: DocumentId) -> Option<ContentHash> {
        self.document(document)?.hash
    }

    /// A page with its document and batch.
    pub fn page(&self, id: PageId) -> Option<(&OpenBatch, &Document, &Page)> {
        let open = self.holding(id.document)?;
        let document = open.documents.get(&id.document)?;
        Some((open, document, open.pages.get(id)?))
    }

    pub fn is_cancelled(&self, batch: BatchId) -> bool {
        self.get(batch).is_some_and(|open| open.batch.cancelled)
    }

    /// Sources of a batch are still being looked for.
    pub fn is_taking_in(&self) -> bool {
        self.iter().any(|open| open.intakes > 0)
    }
}

/// Everything that is known of a batch, for a face that shows it.
pub fn opened(open: &OpenBatch, reader: &Reader) -> Result<Event, LibraryError> {
    let batch = open.batch.id;
    let findings = reader.findings(batch)?;
    let details = reader.details(batch)?;
    Ok(Event::Opened {
        batch: open.batch.clone(),
        documents: open.all_documents(),
        pages: open.all_pages(),
        before: open.before.values().cloned().collect(),
        failures: reader.failures(batch)?,
        findings: findings.into_iter().map(without_text).collect(),
        thresholds: reader.thresholds(batch)?,
        judged: details
            .iter()
            .map(|(id, details)| (*id, judge_document(details)))
            .collect(),
        decided: Decided::of(&open.decisions, reader, batch)?,
    })
}
