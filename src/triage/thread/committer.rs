//! Results on their way into the library: stored in groups, and one by one where the
//! library refuses some. Not for what is made of them once they are stored (`believing`).

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::external::not_found;
use super::super::queue::Target;
use super::external::number_read;
use super::failures::Failed;
use crate::library::{
    DocumentOpened, Library, LibraryError, Opened as LibraryOpened, PageDone, Writer,
};
use crate::model::{
    ContentHash, DocumentDetails, DocumentId, DocumentStatus, Failure, FailureKind, Finding,
    PageId, PrintedNumber, Stage,
};
use crate::worker::{Opened, Refusal};

/// Results are committed at least this often while there are any.
const COMMIT_AFTER: Duration = Duration::from_millis(50);

/// Results are committed when there are this many.
const COMMIT_PAGES: usize = 256;

/// Work that is held is tried again after this time.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(2);

/// A result that waits for its commit.
#[derive(Debug)]
pub enum Pending {
    /// With the number of its first pages that are being analysed already.
    Opened(Arc<Target>, Opened, u32),
    Page(Box<PageDone>),
    PageFailed(Failure),
    DocumentFailed(DocumentStatus, Failure),
    Inspected(DocumentId, Box<DocumentDetails>),
    /// A document could not be inspected.
    NotInspected(Failure),
    /// With the number that the analyser read on the page, if any.
    Found(Box<Finding>, Option<(PageId, PrintedNumber)>),
}

impl Pending {
    pub fn found(finding: Finding) -> Self {
        let number = number_read(&finding);
        Self::Found(Box::new(finding), number)
    }

    pub fn document(&self) -> DocumentId {
        match self {
            Self::Opened(target, ..) => target.document(),
            Self::Page(page) => page.id.document,
            Self::Inspected(document, _) => *document,
            Self::Found(finding, _) => finding.id.document,
            Self::PageFailed(failure)
            | Self::DocumentFailed(_, failure)
            | Self::NotInspected(failure) => failure.document,
        }
    }

    /// A face waits for it.
    fn is_urgent(&self) -> bool {
        matches!(self, Self::Opened(..) | Self::DocumentFailed(..))
    }
}

/// What the library answers to a result that it has stored.
#[derive(Debug)]
pub enum Stored {
    Opened(DocumentOpened),
    Found(Option<Finding>),
    /// What another run had found on the page is kept beside it.
    Replaced,
    /// Details of an earlier inspection stay.
    Kept,
    Plain,
}

/// What has become of results.
#[derive(Debug, Default)]
pub struct Committed {
    /// Those that are stored.
    pub stored: Vec<(Pending, Stored)>,
    /// Those that the library refuses, and why.
    pub refused: Vec<(Pending, LibraryError)>,
    /// Why the others are still pending.
    pub problem: Option<LibraryError>,
}

/// Results that wait, and when results were stored last.
pub struct Committer {
    pending: Vec<Pending>,
    /// When it was tried last; what is held begins to wait anew as well.
    tried: Instant,
}

impl Committer {
    pub fn new() -> Self {
        Self {
            pending: Vec::new(),
            tried: Instant::now(),
        }
    }

    pub fn add(&mut self, result: Pending) {
        self.pending.push(result);
    }

    pub fn extend(&mut self, results: impl IntoIterator<Item = Pending>) {
        self.pending.extend(results);
    }

    /// Nothing waits.
    pub fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// There are enough for a group.
    pub fn is_full(&self) -> bool {
        self.pending.len() >= COMMIT_PAGES
    }

    /// Drops what waits: it can be kept no more.
    pub fn clear(&mut self) {
        self.pending.clear();
    }

    /// Whether what waits is to be committed now. `held`: an earlier try failed. `idle`:
    /// nothing else is coming.
    pub fn is_due(&self, held: bool, idle: bool) -> bool {
        let may = !held || self.may_try_again();
        let due = idle || self.is_full() || self.tried.elapsed() >= COMMIT_AFTER;
        !self.is_empty() && may && (due || self.pending.iter().any(Pending::is_urgent))
    }

    /// What is held has waited long enough.
    pub fn may_try_again(&self) -> bool {
        self.tried.elapsed() >= TRY_AGAIN_AFTER
    }

    /// Has what is held wait anew.
    pub fn wait(&mut self) {
        self.tried = Instant::now();
    }

    /// Nothing was stored for this long.
    pub fn is_idle_for(&self, time: Duration) -> bool {
        self.tried.elapsed() >= time
    }

    /// Stores what is pending of documents that are `known`: a batch may have been
    /// forgotten while its pages were analysed. None where there is nothing. A result that
    /// the library refuses costs itself; on any other error everything that is not stored
    /// stays pending.
    pub fn commit(
        &mut self,
        library: &mut Library,
        known: impl Fn(DocumentId) -> bool,
    ) -> Option<Committed> {
        self.pending.retain(|result| known(result.document()));
        if self.pending.is_empty() {
            return None;
        }
        self.wait();
        let pending = std::mem::take(&mut self.pending);
        let stored: Result<Vec<Stored>, LibraryError> =
            library.write(|writer| pending.iter().map(|result| store(writer, result)).collect());
        Some(match stored {
            Ok(stored) => Committed {
                stored: pending.into_iter().zip(stored).collect(),
                ..Committed::default()
            },
            Err(error) if error.is_of_a_row() => self.commit_each(library, pending),
            Err(error) => {
                self.pending = pending;
                Committed {
                    problem: Some(error),
                    ..Committed::default()
                }
            }
        })
    }

    /// Stores results one by one: some are refused.
    fn commit_each(&mut self, library: &mut Library, pending: Vec<Pending>) -> Committed {
        let mut committed = Committed::default();
        let mut results = pending.into_iter();
        for result in results.by_ref() {
            match library.write(|writer| store(writer, &result)) {
                Ok(stored) => committed.stored.push((result, stored)),
                Err(error) if error.is_of_a_row() => committed.refused.push((result, error)),
                Err(error) => {
                    self.pending.push(result);
                    self.pending.extend(results);
                    committed.problem = Some(error);
                    break;
                }
            }
        }
        committed
    }
}

/// What takes the place of a result that the library refuses.
#[derive(Debug)]
pub enum Instead {
    /// This is to be stored.
    Failure(Pending),
    /// The document has failed, for this reason.
    DocumentFailed(Refusal),
    /// It was a failure: it is believed all the same, so that its batch ends. The next
    /// start tries again what it belongs to.
    Believed(Pending),
}

/// Finds that. `hash` is the content of the document.
pub fn instead_of(result: Pending, hash: Option<ContentHash>, error: &LibraryError) -> Instead {
    let document = result.document();
    // The error may quote the document: not for the log.
    tracing::error!(document = document.0, "a result was refused by the library");
    let refusal = Refusal::new(FailureKind::NotKept, error);
    let failed = |page, stage| Failed {
        document,
        hash,
        page,
        stage,
        attempts: 1,
    };
    match result {
        Pending::Page(done) => {
            let failed = failed(Some(done.id.number), Stage::Analyse);
            Instead::Failure(Pending::PageFailed(failed.record(&refusal)))
        }
        Pending::Opened(..) => Instead::DocumentFailed(refusal),
        Pending::Inspected(..) => {
            let failed = failed(None, Stage::Open);
            Instead::Failure(Pending::NotInspected(failed.record(&refusal)))
        }
        Pending::Found(finding, _) if finding.result.is_ok() => {
            let finding = not_found(finding.id, refusal.to_string());
            Instead::Failure(Pending::found(finding))
        }
        result => Instead::Believed(result),
    }
}

/// Stores a result.
fn store(writer: &Writer<'_>, result: &Pending) -> Result<Stored, LibraryError> {
    match result {
        Pending::Opened(target, document, _) => writer
            .document_opened(
                target.document(),
                &LibraryOpened {
                    hash: document.hash,
                    bytes: document.bytes,
                    encrypted: document.encrypted,
                    shapes: &document.shapes,
                },
            )
            .map(Stored::Opened),
        Pending::Page(page) => {
            let stored = writer.pages_done(std::slice::from_ref(&**page))?;
            Ok(match stored.replaced.is_empty() {
                true => Stored::Plain,
                false => Stored::Replaced,
            })
        }
        Pending::PageFailed(failure) => {
            writer.page_failed(failure)?;
            Ok(Stored::Plain)
        }
        Pending::DocumentFailed(status, failure) => {
            writer.document_failed(*status, failure)?;
            Ok(Stored::Plain)
        }
        Pending::Found(finding, number) => {
            let stored = writer.found(finding)?;
            if stored.is_some()
                && let Some((page, number)) = *number
            {
                writer.page_numbered(page, number)?;
            }
            Ok(Stored::Found(stored))
        }
        Pending::Inspected(document, details) => {
            writer.document_inspected(*document, details)?;
            Ok(Stored::Plain)
        }
        Pending::NotInspected(failure) => {
            if writer.keep_details(failure.document)? {
                writer.record_failure(failure)?;
                return Ok(Stored::Kept);
            }
            writer.document_inspected(failure.document, &not_inspected(failure))?;
            Ok(Stored::Plain)
        }
    }
}

/// The details of a document that cannot be inspected: why.
pub fn not_inspected(failure: &Failure) -> DocumentDetails {
    let (kind, detail) = (failure.kind, failure.detail.clone());
    DocumentDetails {
        problem: Some(Refusal::new(kind, detail).to_string()),
        ..DocumentDetails::default()
    }
}
