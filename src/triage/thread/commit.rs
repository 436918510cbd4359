//! Committing results in groups, and believing them once they are committed.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use super::super::event::Event;
use super::super::external::not_found;
use super::super::open_batch::OpenBatch;
use super::super::queue::Target;
use super::external::without_text;
use super::{Pending, SessionThread};
use crate::analysis::{DocumentVerdicts, judge_document};
use crate::library::{
    DocumentOpened, FailedId, LibraryError, Opened as LibraryOpened, PageDone, Writer,
};
use crate::model::{
    BatchId, Document, DocumentDetails, DocumentId, DocumentStatus, Failure, FailureKind, Finding,
    Page, PageId, PageState, Stage,
};
use crate::worker::{Opened, Refusal, Scene};

/// What the library answers to a result that it has stored.
enum Stored {
    Opened(DocumentOpened),
    Found(Option<Finding>),
    /// What another run had found on the page is kept beside it.
    Replaced,
    /// Details of an earlier inspection stay.
    Kept,
    Plain,
}

/// What faces are told of a commit, by batch.
#[derive(Default)]
struct News {
    pages: HashMap<BatchId, Vec<Arc<Page>>>,
    replaced: HashMap<BatchId, Vec<Arc<Page>>>,
    documents: HashMap<BatchId, Vec<Document>>,
    failures: HashMap<BatchId, Vec<Failure>>,
    mended: HashMap<BatchId, Vec<FailedId>>,
    findings: HashMap<BatchId, Vec<Finding>>,
    judged: HashMap<BatchId, Vec<(DocumentId, DocumentVerdicts)>>,
}

impl SessionThread {
    /// Commits what is pending, then believes it. A result that the library refuses
    /// costs itself. On any other error everything stays pending and work is held until
    /// it goes through.
    pub(super) fn commit(&mut self) {
        // A batch may have been forgotten while its pages were analysed.
        let known = &self.batch_of;
        self.pending
            .retain(|result| known.contains_key(&result.document()));
        if self.pending.is_empty() {
            return;
        }
        self.committed = Instant::now();
        let pending = std::mem::take(&mut self.pending);
        let committed = self
            .library
            .write(|writer| pending.iter().map(|result| store(writer, result)).collect());
        match committed {
            Ok(stored) => self.believe(pending.into_iter().zip::<Vec<Stored>>(stored)),
            Err(error) if error.is_of_a_row() => self.commit_each(pending),
            Err(error) => {
                self.pending = pending;
                self.not_committed(&error);
            }
        }
    }

    /// Commits results one by one: some are refused.
    fn commit_each(&mut self, pending: Vec<Pending>) {
        let mut believed = Vec::new();
        let mut refused = Vec::new();
        let mut results = pending.into_iter();
        for result in results.by_ref() {
            match self.library.write(|writer| store(writer, &result)) {
                Ok(stored) => believed.push((result, stored)),
                Err(error) if error.is_of_a_row() => refused.push((result, error)),
                Err(error) => {
                    self.pending.push(result);
                    self.pending.extend(results);
                    self.not_committed(&error);
                    break;
                }
            }
        }
        self.believe(believed);
        for (result, error) in refused {
            self.not_stored(result, &error);
        }
    }

    fn not_committed(&mut self, error: &LibraryError) {
        tracing::error!(%error, "results could not be committed");
        if error.is_fatal() {
            self.lose(error);
        } else {
            self.hold(format!("The library cannot be written: {error}"));
        }
    }

    /// The library refuses a result: a failure takes its place. Where that is refused as
    /// well, it is believed all the same, so that the batch ends; the next start tries
    /// again what it belongs to.
    fn not_stored(&mut self, result: Pending, error: &LibraryError) {
        let id = result.document();
        // The error may quote the document: not for the log.
        tracing::error!(document = id.0, "a result was refused by the library");
        let refusal = Refusal::new(FailureKind::NotKept, error);
        match result {
            Pending::Page(done) => {
                let failure = self.failure(id, Some(done.id.number), Stage::Analyse, &refusal, 1);
                self.pending.push(Pending::PageFailed(failure));
            }
            Pending::Opened(target, ..) => {
                self.crew
                    .queue(|queue| queue.remove(|target| target.document() == id));
                let open = self.open.get(&target.batch);
                if let Some(document) = open.and_then(|open| open.documents.get(&id)).cloned() {
                    let scene = Scene::default();
                    self.fail_document(&document, Stage::Open, &refusal, 1, &scene);
                }
            }
            Pending::Inspected(..) => {
                let failure = self.failure(id, None, Stage::Open, &refusal, 1);
                self.pending.push(Pending::NotInspected(failure));
            }
            Pending::Found(finding, _) if finding.result.is_ok() => {
                let finding = not_found(finding.id, refusal.to_string());
                self.pending.push(Pending::found(finding));
            }
            result => {
                let name = self.name_of(id);
                self.trouble(&format!("A failure of {name} could not be recorded"), error);
                self.believe([(result, Stored::Plain)]);
            }
        }
    }

    fn name_of(&self, document: DocumentId) -> String {
        let open = self
            .batch_of
            .get(&document)
            .and_then(|id| self.open.get(id));
        let known = open.and_then(|open| open.documents.get(&document));
        known.map_or_else(String::new, |document| document.name.clone())
    }

    fn believe(&mut self, results: impl IntoIterator<Item = (Pending, Stored)>) {
        // What could not be committed was what held the work.
        if self.held.is_some() && self.pending.is_empty() {
            self.release();
        }
        let mut news = News::default();
        for (result, stored) in results {
            let Some(&batch) = self.batch_of.get(&result.document()) else {
                continue;
            };
            if let (Pending::Opened(target, opened, begun), Stored::Opened(stored)) =
                (&result, &stored)
            {
                self.believe_opened(target, opened, *begun, stored, &mut news);
            } else if let Some(open) = self.open.get_mut(&batch) {
                believe_one(open, result, stored, &mut news);
            }
        }
        self.tell_news(news);
        self.changed = true;
        let batches: Vec<BatchId> = self.open.keys().copied().collect();
        for batch in batches {
            self.after_progress(batch);
        }
    }

    fn tell_news(&self, news: News) {
        for (batch, documents) in news.documents {
            self.tell(Event::Documents(batch, documents));
        }
        for (batch, pages) in news.replaced {
            self.tell(Event::Replaced(batch, pages));
        }
        for (batch, pages) in news.pages {
            self.tell(Event::Pages(batch, pages));
        }
        for (batch, judged) in news.judged {
            self.tell(Event::Judged(batch, judged));
        }
        for (batch, mended) in news.mended {
            self.tell(Event::Mended(batch, mended));
        }
        for (batch, failures) in news.failures {
            self.tell(Event::Failures(batch, failures));
        }
        for (batch, findings) in news.findings {
            self.tell(Event::Findings(batch, findings));
        }
    }

    /// A document was opened: its pages are known and those that wait are
    /// queued.
    fn believe_opened(
        &mut self,
        target: &Target,
        opened: &Opened,
        begun: u32,
        stored: &DocumentOpened,
        news: &mut News,
    ) {
        let (batch, id) = (target.batch, target.document());
        let Some(open) = self.open.get_mut(&batch) else {
            return;
        };
        let Some(document) = open.documents.get_mut(&id) else {
            return;
        };
        if target.opening.engines != self.usual_engines {
            open.engines.insert(id, target.opening.engines.clone());
        }
        document.status = DocumentStatus::Ok;
        document.hash = Some(opened.hash);
        document.bytes = opened.bytes;
        document.encrypted = opened.encrypted;
        document.pages = u32::try_from(opened.shapes.len()).unwrap_or(u32::MAX);
        document.duplicate_of = stored.duplicate_of;
        let document = document.clone();
        let changed = news.documents.entry(batch).or_default();
        changed.push(document.clone());
        for duplicate in &stored.duplicates {
            if let Some(other) = open.documents.get_mut(duplicate) {
                other.duplicate_of = Some(id);
                changed.push(other.clone());
            }
        }
        let before = open.pages.take(id);
        let other_pages = !stored.same_content || before.len() > opened.shapes.len();
        let drops = other_pages && !before.is_empty();
        let mut kept = if stored.same_content {
            before
        } else {
            Vec::new()
        }
        .into_iter();
        let pages = opened.shapes.iter().zip(1u32..).map(|(shape, number)| {
            let (state, measurements) = match kept.next() {
                Some(page) => (page.state, page.measurements.clone()),
                None => (PageState::Waiting, None),
            };
            Arc::new(Page {
                id: PageId {
                    document: id,
                    number,
                },
                shape: *shape,
                state,
                measurements,
            })
        });
        let pages: Vec<Arc<Page>> = pages.collect();
        news.pages
            .entry(batch)
            .or_default()
            .extend(pages.iter().cloned());
        let has_page = |number: u32| number as usize <= pages.len();
        open.before.retain(|page, _| {
            page.document != id || (stored.same_content && has_page(page.number))
        });
        if drops {
            // The face drops all that it knows of the document's pages.
            let replaced = news.replaced.entry(batch).or_default();
            replaced.retain(|page| page.id.document != id);
            let before = open.before.values();
            replaced.extend(before.filter(|page| page.id.document == id).cloned());
        }
        let is_gone = |(of, page): &FailedId| {
            let stays = stored.same_content && page.is_some_and(has_page);
            *of == id && !stays
        };
        let gone: Vec<FailedId> = open
            .failed
            .keys()
            .filter(|id| is_gone(id))
            .copied()
            .collect();
        for failed in &gone {
            open.failed.remove(failed);
        }
        news.mended.entry(batch).or_default().extend(gone);
        open.unanalysed
            .retain(|wanted| wanted.document != id || wanted.page.is_none_or(has_page));
        open.pages.put(id, pages);
        open.uninspected.insert(id);
        let mut waiting = open.waiting_pages(id);
        waiting.retain(|number| *number > begun);
        if !open.batch.cancelled {
            let target = self.target(&document);
            let inspected_next = begun == document.pages;
            self.crew.queue(|queue| {
                if !inspected_next {
                    queue.add_inspection(target.clone());
                }
                queue.add_pages(target, waiting);
            });
            self.enqueue_analysers_of(batch, id);
        }
        if drops {
            // Pictures of the former content. Those of the first pages of the new one may
            // be among them, and are made again when they are looked at.
            self.crew.place().packs.remove_document(batch, id);
            self.tell(Event::PagesDropped(batch, id));
        }
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
fn not_inspected(failure: &Failure) -> DocumentDetails {
    let (kind, detail) = (failure.kind, failure.detail.clone());
    DocumentDetails {
        problem: Some(Refusal::new(kind, detail).to_string()),
        ..DocumentDetails::default()
    }
}

/// Has a batch in memory follow what was stored, but for documents that were opened.
fn believe_one(open: &mut OpenBatch, result: Pending, stored: Stored, news: &mut News) {
    let batch = open.batch.id;
    match result {
        Pending::Opened(..) => {}
        Pending::Page(done) => {
            let PageDone {
                id, measurements, ..
            } = *done;
            if let (Stored::Replaced, Some(before)) = (stored, open.pages.get(id)) {
                open.before.insert(id, Arc::clone(before));
                news.replaced
                    .entry(batch)
                    .or_default()
                    .push(Arc::clone(before));
            }
            let page = open.pages.change(id, |page| {
                page.state = PageState::Done;
                page.measurements = Some(measurements);
            });
            news.pages.entry(batch).or_default().extend(page);
            let failed = (id.document, Some(id.number));
            if open.failed.remove(&failed).is_some() {
                news.mended.entry(batch).or_default().push(failed);
            }
        }
        Pending::PageFailed(failure) => {
            let id = PageId {
                document: failure.document,
                number: failure.page.unwrap_or(0),
            };
            let page = open.pages.change(id, |page| {
                page.state = match page.measurements {
                    Some(_) => PageState::Done,
                    None => PageState::Failed,
                };
            });
            let Some(page) = page else {
                return;
            };
            news.pages.entry(batch).or_default().push(page);
            failed(open, failure, news);
        }
        Pending::DocumentFailed(status, failure) => {
            let id = failure.document;
            open.uninspected.remove(&id);
            if let Some(document) = open.documents.get_mut(&id) {
                document.status = match document.pages {
                    0 => status,
                    _ => DocumentStatus::Ok,
                };
                document.encrypted |= status == DocumentStatus::NeedsPassword;
                news.documents
                    .entry(batch)
                    .or_default()
                    .push(document.clone());
            }
            let pages = open.pages.of(id).iter();
            let again = pages.filter(|page| page.state == PageState::Again);
            let again: Vec<PageId> = again.map(|page| page.id).collect();
            let again = again.into_iter().filter_map(|page| {
                let stays = |page: &mut Page| page.state = PageState::Done;
                open.pages.change(page, stays)
            });
            news.pages.entry(batch).or_default().extend(again);
            failed(open, failure, news);
        }
        Pending::Found(finding, number) => {
            open.unanalysed.remove(&finding.id);
            if let Some((id, number)) = number
                && let Some(page) = open.pages.get(id)
                && let Some(measured) = &page.measurements
                && measured.signals.printed.is_none()
            {
                let page = open.pages.change(id, |page| {
                    if let Some(measured) = &mut page.measurements {
                        measured.signals.printed = Some(number);
                    }
                });
                news.pages.entry(batch).or_default().extend(page);
            }
            let now = match stored {
                Stored::Found(Some(now)) => now,
                _ => *finding,
            };
            let findings = news.findings.entry(batch).or_default();
            findings.push(without_text(now));
        }
        Pending::Inspected(id, details) => inspected(open, id, &details, news),
        Pending::NotInspected(failure) => match stored {
            Stored::Kept => {
                open.uninspected.remove(&failure.document);
                failed(open, failure, news);
            }
            _ => inspected(open, failure.document, &not_inspected(&failure), news),
        },
    }
}

fn failed(open: &mut OpenBatch, failure: Failure, news: &mut News) {
    open.failed
        .insert((failure.document, failure.page), failure.kind);
    news.failures
        .entry(open.batch.id)
        .or_default()
        .push(failure);
}

fn inspected(open: &mut OpenBatch, id: DocumentId, details: &DocumentDetails, news: &mut News) {
    let batch = open.batch.id;
    open.uninspected.remove(&id);
    let verdicts = judge_document(details);
    news.judged.entry(batch).or_default().push((id, verdicts));
    let document = open.documents.get(&id).cloned();
    news.documents.entry(batch).or_default().extend(document);
}
