//! What is handed out to the crew, and what it is done with: documents to open, pages to
//! analyse, what is tried again after a worker was lost. Not for the order in which that
//! is done (`queue`) or for doing it (`run`).

use std::collections::HashSet;
use std::sync::Arc;

use super::super::analysers::Analysers;
use super::super::closer::Openings;
use super::super::open_batch::OpenBatch;
use super::super::options::Options;
use super::super::queue::{Target, Task};
use super::super::run::{Crew, Workplace};
use crate::model::{
    Analyser, BatchId, Document, DocumentId, DocumentStatus, EngineKind, FailureKind, FindingId,
    PageId, Secret,
};
use crate::worker::{Opening, Refusal};

/// The crew, and what it works with.
pub struct Scheduler {
    crew: Arc<Crew>,
    /// Engines that documents are opened with, first to last.
    engines: Vec<EngineKind>,
    analysers: Analysers,
    /// Larger documents are refused, in bytes.
    largest_document: u64,
}

impl Scheduler {
    pub fn new(crew: Arc<Crew>, options: &Options) -> Self {
        Self {
            crew,
            engines: options.engines(),
            analysers: options.analysers.clone(),
            largest_document: options.limits.largest_document,
        }
    }

    pub fn crew(&self) -> &Arc<Crew> {
        &self.crew
    }

    /// Where jobs that begin now are done.
    pub fn place(&self) -> Arc<Workplace> {
        self.crew.place()
    }

    /// Engines that documents are opened with, first to last.
    pub fn engines(&self) -> &[EngineKind] {
        &self.engines
    }

    /// Uses these engines for what is handed out from now on.
    pub fn use_engines(&mut self, engines: Vec<EngineKind>) {
        self.engines = engines;
    }

    pub fn analysers(&self) -> &Analysers {
        &self.analysers
    }

    /// How any document of the library is opened.
    pub fn openings<'a>(&self, batches: impl Iterator<Item = &'a OpenBatch>) -> Openings {
        Openings {
            engines: self.engines.clone(),
            passwords: batches
                .map(|open| (open.batch.id, open.passwords.clone()))
                .collect(),
            largest: self.largest_document,
        }
    }

    /// A document as jobs are given it: with the content that it is known to have.
    pub fn target(&self, open: &OpenBatch, document: &Document) -> Target {
        let engines = open.engines.get(&document.id);
        Target {
            batch: document.batch,
            opening: Opening {
                document: document.id,
                source: document.source.clone(),
                engines: engines.unwrap_or(&self.engines).clone(),
                passwords: open.passwords.clone(),
                expected: document.hash,
                largest: self.largest_document,
            },
        }
    }

    /// Queues all that is left to do in a batch.
    pub fn add_batch(&self, open: &OpenBatch) {
        for document in open.documents.values() {
            if document.status.waits() {
                self.add_document(open, document);
            } else {
                self.add_opened(open, document);
            }
        }
    }

    /// Queues a document to be opened, whatever is in it by now.
    pub fn add_document(&self, open: &OpenBatch, document: &Document) {
        let mut target = self.target(open, document);
        target.opening.expected = open.expected.get(&document.source).copied();
        self.crew.queue(|queue| queue.add_document(target));
    }

    /// Queues what is left to do in a document that was opened, or failed.
    pub fn add_opened(&self, open: &OpenBatch, document: &Document) {
        if document.status.is_opened() {
            let inspect = open.uninspected.contains(&document.id);
            self.add_pages(open, document, open.waiting_pages(document.id), inspect);
        }
        self.add_external(open, &open.unanalysed_in(document.id));
    }

    /// Queues pages of a document to be analysed, and the document to be inspected.
    pub fn add_pages(&self, open: &OpenBatch, document: &Document, pages: Vec<u32>, inspect: bool) {
        let target = self.target(open, document);
        self.crew.queue(|queue| {
            if inspect {
                queue.add_inspection(target.clone());
            }
            queue.add_pages(target, pages);
        });
    }

    /// Queues what external analysers are to look at, where the document is open to them.
    pub fn add_external(&self, open: &OpenBatch, wanted: &[FindingId]) {
        for of_document in wanted.chunk_by(|a, b| a.document == b.document) {
            let document = of_document
                .first()
                .and_then(|id| open.documents.get(&id.document));
            // One that is to be opened first is looked at after that.
            let Some(document) = document.filter(|d| !d.status.waits()) else {
                continue;
            };
            let looks: Vec<(Arc<Analyser>, Option<u32>)> = of_document
                .iter()
                .filter_map(|id| Some((Arc::clone(self.analysers.get(&id.analyser)?), id.page)))
                .collect();
            let target = self.target(open, document);
            self.crew.queue(|queue| queue.add_external(target, looks));
        }
    }

    /// Queues a thumbnail to be made again.
    pub fn redraw(&self, target: Target, page: u32) {
        self.crew.queue(|queue| queue.add_redraw(target, [page]));
    }

    /// Queues what has ended its worker, to be tried alone.
    pub fn try_alone(&self, target: Target, task: Task) {
        self.crew
            .queue(|queue| queue.add_alone(Arc::new(target), task));
    }

    /// A document was opened with all engines, then without the first: where both ended
    /// their worker, it may have been the others' fault, and the first is tried by itself.
    pub fn with_untried_engine(&self, target: &Target, task: &Task) -> Option<Target> {
        let (first, others) = self.engines.split_first()?;
        let tried_others = !others.is_empty() && target.opening.engines == others;
        (*task == Task::Open && tried_others).then(|| {
            let mut alone = target.clone();
            alone.opening.engines = vec![*first];
            alone
        })
    }

    /// These pages are on screen.
    pub fn look_at(&self, pages: &[PageId]) {
        let documents = pages.iter().map(|page| page.document);
        self.place().packs.protect(documents);
        self.crew.queue(|queue| queue.look_at(pages));
    }

    /// Drops all that is queued of a batch.
    pub fn drop_batch(&self, batch: BatchId) {
        self.crew
            .queue(|queue| queue.remove(|target| target.batch == batch));
    }

    /// Drops what external analysers are to look at in a batch.
    pub fn drop_external(&self, batch: BatchId) {
        self.crew.queue(|queue| queue.remove_external(batch));
    }

    /// Drops all that is queued of a document.
    pub fn drop_document(&self, document: DocumentId) {
        self.crew
            .queue(|queue| queue.remove(|target| target.document() == document));
    }

    /// The same of several.
    pub fn drop_documents(&self, gone: &HashSet<DocumentId>) {
        self.crew
            .queue(|queue| queue.remove(|target| gone.contains(&target.document())));
    }

    /// Drops what is queued of a document by its content, not that it is opened.
    pub fn drop_of_content(&self, document: DocumentId) {
        self.crew.queue(|queue| {
            queue.remove(|target| {
                target.document() == document && target.opening.expected.is_some()
            });
        });
    }
}

/// The same document, without the engine that was at work when the worker was
/// lost, if there is another.
pub fn with_other_engines(target: &Target) -> Target {
    let mut other = target.clone();
    if other.opening.engines.len() > 1 {
        other.opening.engines.remove(0);
    }
    other
}

/// What is done about a document that cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterRefusal {
    /// It is to be opened again already: only what was asked of its former content is
    /// dropped.
    DropFormer,
    /// It has been opened again in the meantime: what is left to do there is queued.
    GoOn,
    /// Passwords were typed while it was being opened: they are tried.
    TryPasswords,
    /// Its source has changed: the analyst wants what is there now.
    OpenAnew,
    /// It has failed.
    Fail,
}

/// Decides that. `passwords` are those known now; `changed` says that the source has
/// changed before in this session: one that changes all the time ends in a record.
pub fn after_refusal(
    document: &Document,
    target: &Target,
    refusal: &Refusal,
    passwords: &[Secret],
    changed: bool,
) -> AfterRefusal {
    let expected = target.opening.expected;
    let is_of_its_content = expected.is_some() && expected == document.hash;
    if document.status == DocumentStatus::Again && is_of_its_content {
        AfterRefusal::DropFormer
    } else if document.status == DocumentStatus::Ok && expected.is_some() && !is_of_its_content {
        AfterRefusal::GoOn
    } else if refusal.kind == FailureKind::NeedsPassword
        && passwords != target.opening.passwords.as_slice()
    {
        AfterRefusal::TryPasswords
    } else if refusal.kind == FailureKind::Changed && !changed {
        AfterRefusal::OpenAnew
    } else {
        AfterRefusal::Fail
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ContentHash, Source};

    fn document(status: DocumentStatus, hash: Option<ContentHash>) -> Document {
        Document {
            id: DocumentId(1),
            batch: BatchId(1),
            source: Source::File("a.pdf".into()),
            name: "a.pdf".into(),
            status,
            hash,
            bytes: 1,
            modified: 0,
            pages: 1,
            encrypted: false,
            duplicate_of: None,
            left_out: None,
        }
    }

    fn target(expected: Option<ContentHash>, passwords: &[&str]) -> Target {
        Target {
            batch: BatchId(1),
            opening: Opening {
                document: DocumentId(1),
                source: Source::File("a.pdf".into()),
                engines: vec![EngineKind::Pdfium, EngineKind::Hayro],
                passwords: passwords.iter().map(|word| Secret::from(*word)).collect(),
                expected,
                largest: 1,
            },
        }
    }

    #[test]
    fn a_document_that_is_refused_fails_only_where_nothing_else_can_be_done() {
        let (here, former) = (Some(ContentHash([1; 32])), Some(ContentHash([2; 32])));
        let after = |status, hash, target: &Target, kind, known: &[&str], changed| {
            let known: Vec<Secret> = known.iter().map(|word| Secret::from(*word)).collect();
            let refusal = Refusal::new(kind, "");
            after_refusal(&document(status, hash), target, &refusal, &known, changed)
        };
        use DocumentStatus::{Again, Ok, Waiting};
        use FailureKind::{Changed, Damaged, NeedsPassword};
        let by_content = target(former, &[]);
        let afresh = target(None, &["a"]);
        assert_eq!(
            after(Again, former, &by_content, Damaged, &[], false),
            AfterRefusal::DropFormer
        );
        assert_eq!(
            after(Ok, here, &by_content, Damaged, &[], false),
            AfterRefusal::GoOn
        );
        assert_eq!(
            after(Ok, former, &by_content, Damaged, &[], false),
            AfterRefusal::Fail
        );
        assert_eq!(
            after(Waiting, None, &afresh, NeedsPassword, &["a", "b"], false),
            AfterRefusal::TryPasswords
        );
        assert_eq!(
            after(Waiting, None, &afresh, NeedsPassword, &["a"], false),
            AfterRefusal::Fail
        );
        assert_eq!(
            after(Ok, former, &by_content, Changed, &[], false),
            AfterRefusal::OpenAnew
        );
        assert_eq!(
            after(Ok, former, &by_content, Changed, &[], true),
            AfterRefusal::Fail
        );
    }

    #[test]
    fn another_engine_is_tried_after_the_one_that_lost_its_worker() {
        let other = with_other_engines(&target(None, &[]));
        assert_eq!(other.opening.engines, [EngineKind::Hayro]);
        let same = with_other_engines(&other);
        assert_eq!(
            same.opening.engines,
            [EngineKind::Hayro],
            "there is no other"
        );
    }
}
