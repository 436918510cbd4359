//! A batch in memory: what the session needs of it at hand while it works. Not
//! the truth: that is the library, and this follows it after each commit.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use super::decisions::Decisions;
use super::event::{Progress, RunState};
use super::families::Families;
use super::forecast::Expected;
use super::locating::Relocation;
use super::pages::Pages;
use super::progress::{Speedometer, expected_pages, time_left};
use crate::library::{FailedId, LibraryError, Reader, RunId};
use crate::model::{
    Batch, BatchId, BatchSummary, ContentHash, Document, DocumentId, DocumentStatus, EngineKind,
    Failure, FailureKind, FindingId, Page, PageId, PageKey, PageState, Secret, Source,
};

/// A batch in memory.
pub struct OpenBatch {
    pub batch: Batch,
    /// What people said of its pages.
    pub decisions: Decisions,
    pub documents: BTreeMap<DocumentId, Document>,
    pub pages: Pages,
    by_source: HashMap<Source, DocumentId>,
    /// Intake threads that are still looking for sources of it.
    pub intakes: usize,
    /// How many documents it had when sources were added that it was made of already.
    pub before_intake: Option<usize>,
    /// What the run before had found on pages that more than one run has measured.
    pub before: HashMap<PageId, Arc<Page>>,
    /// Passwords to try on each document; never written anywhere.
    pub passwords: Vec<Secret>,
    /// Engines to use on documents that ended a worker when they were opened
    /// with the usual ones.
    pub engines: HashMap<DocumentId, Vec<EngineKind>>,
    /// Documents that were opened and are still to be inspected.
    pub uninspected: HashSet<DocumentId>,
    /// What external analysers are still to look at.
    pub unanalysed: HashSet<FindingId>,
    /// What has a failure record: of documents and pages that failed, and of those that
    /// keep earlier results because a later try failed.
    pub failed: HashMap<FailedId, FailureKind>,
    /// The content that sources must have, where whoever listed them knew it.
    pub expected: HashMap<Source, ContentHash>,
    /// Documents whose source changed during this session already.
    pub changed: HashSet<DocumentId>,
    /// The run that goes on.
    pub run: Option<RunId>,
    pub speed: Speedometer,
}

impl OpenBatch {
    /// Reads a batch from the library; none where there is no such batch. `damage` gets a
    /// record of each page whose measurements cannot be read.
    pub fn load(
        reader: &Reader,
        id: BatchId,
        damage: &mut Vec<Failure>,
    ) -> Result<Option<Self>, LibraryError> {
        let Some(summary) = reader.batch(id)? else {
            return Ok(None);
        };
        let mut open = Self {
            batch: summary.batch,
            decisions: Decisions::new(reader.acts(id)?),
            documents: BTreeMap::new(),
            pages: Pages::default(),
            by_source: HashMap::new(),
            intakes: 0,
            before_intake: None,
            before: HashMap::new(),
            passwords: Vec::new(),
            engines: HashMap::new(),
            uninspected: reader.uninspected(id)?.into_iter().collect(),
            unanalysed: reader.findings_waiting(id)?.into_iter().collect(),
            failed: reader.failed(id)?.into_iter().collect(),
            expected: HashMap::new(),
            changed: HashSet::new(),
            run: None,
            speed: Speedometer::default(),
        };
        for document in reader.documents(id)? {
            open.put_document(document);
        }
        let (pages, unreadable) = reader.pages_and_damage(id)?;
        let keys = unreadable
            .iter()
            .map(|failure| (failure.document, failure.page));
        open.failed
            .extend(keys.map(|key| (key, FailureKind::NotKept)));
        damage.extend(unreadable);
        open.pages = pages.into_iter().collect();
        let before = reader.pages_before(id)?;
        open.before = before.into_iter().map(|page| (page.id, page)).collect();
        Ok(Some(open))
    }

    /// Reads documents and pages again, after the library changed many of them.
    pub fn reload(&mut self, reader: &Reader) -> Result<(), LibraryError> {
        // What is damaged was noted when it was loaded first.
        let Some(fresh) = Self::load(reader, self.batch.id, &mut Vec::new())? else {
            return Ok(());
        };
        self.batch = fresh.batch;
        self.decisions = fresh.decisions;
        self.documents = fresh.documents;
        self.pages = fresh.pages;
        self.before = fresh.before;
        self.by_source = fresh.by_source;
        self.uninspected = fresh.uninspected;
        self.unanalysed = fresh.unanalysed;
        self.failed = fresh.failed;
        Ok(())
    }

    /// Has documents, and pages of others, wait to be analysed again, as
    /// [`crate::library::Writer`] notes it: what is known of them stays until then. What
    /// changed.
    pub fn redo(
        &mut self,
        documents: &[DocumentId],
        pages: &[PageId],
    ) -> (Vec<Document>, Vec<Arc<Page>>) {
        let mut reopened = Vec::new();
        let mut again = pages.to_vec();
        for id in documents {
            let Some(document) = self.documents.get_mut(id) else {
                continue;
            };
            document.status = match document.pages {
                0 => DocumentStatus::Waiting,
                _ => DocumentStatus::Again,
            };
            reopened.push(document.clone());
            self.uninspected.remove(id);
            again.extend(self.pages.of(*id).iter().map(|page| page.id));
        }
        let again = again.into_iter().filter_map(|id| {
            self.pages.change(id, |page| {
                page.state = match page.state {
                    PageState::Done | PageState::Again => PageState::Again,
                    PageState::Waiting | PageState::Failed => PageState::Waiting,
                }
            })
        });
        (reopened, again.collect())
    }

    pub fn put_document(&mut self, document: Document) {
        self.by_source.insert(document.source.clone(), document.id);
        self.documents.insert(document.id, document);
    }

    /// Where the files of documents were, and where they are now, with the time of their last
    /// change.
    pub fn files_of(&self, found: &[Relocation]) -> HashMap<PathBuf, (PathBuf, i64)> {
        let files = found.iter().filter_map(|found| {
            let was = self.documents.get(&found.document)?.source.file();
            let now = found.source.file().to_owned();
            Some((was.to_owned(), (now, found.modified)))
        });
        files.collect()
    }

    /// Has all documents that lie in these files be where the files are now.
    pub fn follow_files(&mut self, files: &HashMap<PathBuf, (PathBuf, i64)>) -> Vec<Document> {
        let found = self.documents.values().filter_map(|document| {
            let (now, modified) = files.get(document.source.file())?;
            let entry = document.source.entry().unwrap_or_default();
            Some(Relocation {
                document: document.id,
                source: Source::at(now.clone(), entry),
                modified: *modified,
            })
        });
        let found: Vec<Relocation> = found.collect();
        self.relocate(&found)
    }

    /// Documents have their bytes at other places now; those that did.
    pub fn relocate(&mut self, found: &[Relocation]) -> Vec<Document> {
        let mut moved = Vec::new();
        for relocation in found {
            let Some(mut document) = self.documents.get(&relocation.document).cloned() else {
                continue;
            };
            self.by_source.remove(&document.source);
            document.source = relocation.source.clone();
            document.modified = relocation.modified;
            self.put_document(document.clone());
            moved.push(document);
        }
        moved
    }

    /// Its documents as they stand: what is attached to one behind it.
    pub fn in_order(&self) -> Vec<&Document> {
        let documents = self.documents.values();
        Families::of(documents.clone()).in_order(documents)
    }

    pub fn document_at(&self, source: &Source) -> Option<&Document> {
        self.documents.get(self.by_source.get(source)?)
    }

    /// The name of a page by its content; none before its document was read.
    pub fn key_of(&self, page: PageId) -> Option<PageKey> {
        let document = self.documents.get(&page.document)?;
        Some(PageKey {
            document: document.hash?,
            number: page.number,
        })
    }

    /// Documents that failed, and pages of others: what is tried when what failed is tried
    /// again, or what failed for this reason.
    pub fn what_failed(&self, reason: Option<FailureKind>) -> (Vec<DocumentId>, Vec<PageId>) {
        let is_meant = |id: &FailedId| reason.is_none() || self.failed.get(id) == reason.as_ref();
        let documents = self.documents.values();
        let failed =
            documents.filter(|d| d.status.is_failure() || self.failed.contains_key(&(d.id, None)));
        let documents = failed.map(|document| document.id);
        let documents = documents.filter(|id| is_meant(&(*id, None))).collect();
        let failed = |page: &&Arc<Page>| {
            let id = (page.id.document, Some(page.id.number));
            (page.state == PageState::Failed || self.failed.contains_key(&id)) && is_meant(&id)
        };
        let pages = self.pages.iter().filter(failed);
        (documents, pages.map(|page| page.id).collect())
    }

    /// What analysers are still to look at in a document.
    pub fn unanalysed_in(&self, document: DocumentId) -> Vec<FindingId> {
        let of_it = self.unanalysed.iter().filter(|id| id.document == document);
        let mut ids: Vec<FindingId> = of_it.cloned().collect();
        ids.sort();
        ids
    }

    /// Numbers of a document's pages that wait.
    pub fn waiting_pages(&self, document: DocumentId) -> Vec<u32> {
        let pages = self.pages.of(document).iter();
        let waiting = pages.filter(|page| page.state.waits());
        waiting.map(|page| page.id.number).collect()
    }

    /// All documents in order.
    pub fn all_documents(&self) -> Vec<Document> {
        self.documents.values().cloned().collect()
    }

    /// All pages in the order of the documents.
    pub fn all_pages(&self) -> Vec<Arc<Page>> {
        let documents = self.documents.keys();
        let pages = documents.flat_map(|document| self.pages.of(*document));
        pages.cloned().collect()
    }

    /// What failed, and is not of a document that somebody leaves out as a whole.
    fn is_open(&self, (document, page): FailedId) -> bool {
        let document = self.documents.get(&document);
        page.is_some() || document.is_none_or(|document| document.left_out.is_none())
    }

    pub fn summary(&self) -> BatchSummary {
        let count = |wanted: fn(&Document) -> bool| {
            self.documents.values().filter(|d| wanted(d)).count() as u64
        };
        let pages = self.pages.counts();
        BatchSummary {
            batch: self.batch.clone(),
            documents: self.documents.len() as u64,
            documents_waiting: count(|d| d.status.waits()),
            documents_failed: count(|d| d.status.is_failure()),
            documents_left_out: count(|d| d.left_out.is_some()),
            pages: pages.all,
            pages_done: pages.done,
            pages_failed: pages.failed,
            failures: self.failed.keys().filter(|id| self.is_open(**id)).count() as u64,
            bytes: self.bytes(|_| true),
        }
    }

    /// Something is left to do of what was found.
    pub fn has_work(&self) -> bool {
        !self.uninspected.is_empty() || !self.unanalysed.is_empty() || !self.summary().is_finished()
    }

    /// Nothing is left to do and nobody is looking for more.
    pub fn is_finished(&self) -> bool {
        self.intakes == 0 && !self.has_work()
    }

    /// Bytes of all documents with such a status.
    fn bytes(&self, is_such: fn(DocumentStatus) -> bool) -> u64 {
        let documents = self.documents.values();
        let with_status = documents.filter(|document| is_such(document.status));
        with_status.map(|document| document.bytes).sum()
    }

    /// What is known of its pages, for a forecast. Documents that were not opened
    /// yet count by their bytes.
    pub fn expected(&self) -> Expected {
        let summary = self.summary();
        let opened = self.bytes(DocumentStatus::is_opened);
        let documents = self
            .documents
            .values()
            .map(|document| match document.status {
                DocumentStatus::Ok | DocumentStatus::Again => document.pages.into(),
                DocumentStatus::Waiting => expected_pages(summary.pages, opened, document.bytes, 1)
                    .saturating_sub(summary.pages)
                    .max(1),
                _ => 0,
            });
        Expected {
            documents: documents.collect(),
            made: summary.pages_done,
        }
    }

    pub fn progress(&mut self, now: Instant, state: RunState) -> Progress {
        let summary = self.summary();
        let ended = summary.pages_done + summary.pages_failed;
        let running = state == RunState::Running;
        if running {
            self.speed.note(now, ended);
        } else {
            self.speed.reset();
        }
        // The pages of those that are opened again are known.
        let is_new = |status| status == DocumentStatus::Waiting;
        let new = self.documents.values().filter(|d| is_new(d.status));
        let expected = expected_pages(
            summary.pages,
            self.bytes(DocumentStatus::is_opened),
            self.bytes(is_new),
            new.count() as u64,
        );
        let speed = self.speed.pages_per_second().filter(|_| running);
        Progress {
            taking_in: self.intakes > 0,
            state,
            pages_per_second: speed,
            unanalysed: self.unanalysed.len() as u64,
            pages_expected: expected,
            time_left: time_left(expected.saturating_sub(ended), speed).filter(|_| running),
            summary,
        }
    }
}
