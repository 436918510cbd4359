//! Committing results in groups, and believing them once they are committed.

use std::collections::HashMap;
use std::time::Instant;

use super::super::event::Event;
use super::super::queue::Target;
use super::external::without_text;
use super::{Pending, SessionThread};
use crate::analysis::{DocumentVerdicts, judge_document};
use crate::library::Opened as LibraryOpened;
use crate::model::{
    BatchId, Document, DocumentId, DocumentStatus, Failure, Finding, Page, PageId, PageState,
};
use crate::worker::Opened;

impl SessionThread {
    /// Commits what is pending, then believes it. On an error everything stays
    /// pending and work is held until it goes through.
    pub(super) fn commit(&mut self) {
        // A batch may have been forgotten while its pages were analysed.
        let known = &self.batch_of;
        self.pending
            .retain(|result| known.contains_key(&result.document()));
        if self.pending.is_empty() {
            return;
        }
        self.committed = Instant::now();
        let pending = &self.pending;
        let committed = self.library.write(|writer| {
            let mut opened = Vec::new();
            for result in pending {
                match result {
                    Pending::Opened(target, document, _) => {
                        opened.push(writer.document_opened(
                            target.document(),
                            &LibraryOpened {
                                hash: document.hash,
                                bytes: document.bytes,
                                encrypted: document.encrypted,
                                shapes: &document.shapes,
                            },
                        )?);
                    }
                    Pending::Page(page) => {
                        writer.pages_done(std::slice::from_ref(&**page))?;
                    }
                    Pending::PageFailed(failure) => {
                        writer.page_failed(failure)?;
                    }
                    Pending::DocumentFailed(status, failure) => {
                        writer.document_failed(*status, failure)?;
                    }
                    Pending::Found(finding, number) => {
                        if writer.found(finding)?
                            && let Some((page, number)) = *number
                        {
                            writer.page_numbered(page, number)?;
                        }
                    }
                    Pending::Inspected(document, details) => {
                        writer.document_inspected(*document, details)?;
                    }
                }
            }
            Ok(opened)
        });
        let opened = match committed {
            Ok(opened) => opened,
            Err(error) => {
                tracing::error!(%error, "results could not be committed");
                self.hold(format!("The library cannot be written: {error}"));
                return;
            }
        };
        // What could not be committed was what held the work.
        if self.held.is_some() {
            self.release();
        }
        self.believe(opened);
    }

    pub(super) fn believe(&mut self, opened: Vec<crate::library::DocumentOpened>) {
        let mut opened = opened.into_iter();
        let mut pages: HashMap<BatchId, Vec<Page>> = HashMap::new();
        let mut documents: HashMap<BatchId, Vec<Document>> = HashMap::new();
        let mut failures: HashMap<BatchId, Vec<Failure>> = HashMap::new();
        let mut findings: HashMap<BatchId, Vec<Finding>> = HashMap::new();
        let mut judged: HashMap<BatchId, Vec<(DocumentId, DocumentVerdicts)>> = HashMap::new();
        for result in std::mem::take(&mut self.pending) {
            match result {
                Pending::Opened(target, document, begun) => {
                    let Some(stored) = opened.next() else {
                        continue;
                    };
                    let changed = self.believe_opened(&target, &document, begun, &stored);
                    documents.entry(target.batch).or_default().extend(changed);
                    if let Some(open) = self.open.get(&target.batch)
                        && let Some(all) = open.pages.get(&target.document())
                    {
                        pages
                            .entry(target.batch)
                            .or_default()
                            .extend(all.iter().cloned());
                    }
                }
                Pending::Page(done) => {
                    let Some(&batch) = self.batch_of.get(&done.id.document) else {
                        continue;
                    };
                    let Some(open) = self.open.get_mut(&batch) else {
                        continue;
                    };
                    if let Some(page) = open.page_mut(done.id) {
                        page.state = PageState::Done;
                        page.measurements = Some(done.measurements);
                        pages.entry(batch).or_default().push(page.clone());
                    }
                }
                Pending::PageFailed(failure) => {
                    let Some(&batch) = self.batch_of.get(&failure.document) else {
                        continue;
                    };
                    let Some(open) = self.open.get_mut(&batch) else {
                        continue;
                    };
                    let id = PageId {
                        document: failure.document,
                        number: failure.page.unwrap_or(0),
                    };
                    if let Some(page) = open.page_mut(id) {
                        page.state = PageState::Failed;
                        page.measurements = None;
                        pages.entry(batch).or_default().push(page.clone());
                    }
                    failures.entry(batch).or_default().push(failure);
                }
                Pending::DocumentFailed(status, failure) => {
                    let Some(&batch) = self.batch_of.get(&failure.document) else {
                        continue;
                    };
                    let Some(open) = self.open.get_mut(&batch) else {
                        continue;
                    };
                    open.uninspected.remove(&failure.document);
                    if let Some(document) = open.documents.get_mut(&failure.document) {
                        document.status = status;
                        document.encrypted |= status == DocumentStatus::NeedsPassword;
                        documents.entry(batch).or_default().push(document.clone());
                    }
                    failures.entry(batch).or_default().push(failure);
                }
                Pending::Found(finding, number) => {
                    let Some(&batch) = self.batch_of.get(&finding.id.document) else {
                        continue;
                    };
                    let Some(open) = self.open.get_mut(&batch) else {
                        continue;
                    };
                    open.unanalysed.remove(&finding.id);
                    if let Some((id, number)) = number
                        && let Some(page) = open.page_mut(id)
                        && let Some(measured) = &mut page.measurements
                        && measured.signals.printed.is_none()
                    {
                        measured.signals.printed = Some(number);
                        pages.entry(batch).or_default().push(page.clone());
                    }
                    findings
                        .entry(batch)
                        .or_default()
                        .push(without_text(*finding));
                }
                Pending::Inspected(id, details) => {
                    let Some(&batch) = self.batch_of.get(&id) else {
                        continue;
                    };
                    let Some(open) = self.open.get_mut(&batch) else {
                        continue;
                    };
                    open.uninspected.remove(&id);
                    let verdicts = judge_document(&details);
                    judged.entry(batch).or_default().push((id, verdicts));
                    documents
                        .entry(batch)
                        .or_default()
                        .extend(open.documents.get(&id).cloned());
                }
            }
        }
        for (batch, documents) in documents {
            self.tell(Event::Documents(batch, documents));
        }
        for (batch, pages) in pages {
            self.tell(Event::Pages(batch, pages));
        }
        for (batch, judged) in judged {
            self.tell(Event::Judged(batch, judged));
        }
        for (batch, failures) in failures {
            self.tell(Event::Failures(batch, failures));
        }
        for (batch, findings) in findings {
            self.tell(Event::Findings(batch, findings));
        }
        self.changed = true;
        let batches: Vec<BatchId> = self.open.keys().copied().collect();
        for batch in batches {
            self.after_progress(batch);
        }
    }

    /// A document was opened: its pages are known and those that wait are
    /// queued. Returns the documents that changed by it.
    pub(super) fn believe_opened(
        &mut self,
        target: &Target,
        opened: &Opened,
        begun: u32,
        stored: &crate::library::DocumentOpened,
    ) -> Vec<Document> {
        let id = target.document();
        let Some(open) = self.open.get_mut(&target.batch) else {
            return Vec::new();
        };
        let Some(document) = open.documents.get_mut(&id) else {
            return Vec::new();
        };
        if target.opening.engines != self.engines {
            open.engines.insert(id, target.opening.engines.clone());
        }
        document.status = DocumentStatus::Ok;
        document.hash = Some(opened.hash);
        document.bytes = opened.bytes;
        document.encrypted = opened.encrypted;
        document.pages = u32::try_from(opened.shapes.len()).unwrap_or(u32::MAX);
        document.duplicate_of = stored.duplicate_of;
        let document = document.clone();
        let mut changed = vec![document.clone()];
        for duplicate in &stored.duplicates {
            if let Some(other) = open.documents.get_mut(duplicate) {
                other.duplicate_of = Some(id);
                changed.push(other.clone());
            }
        }
        let before = open.pages.remove(&id).unwrap_or_default();
        let pages = opened.shapes.iter().zip(1u32..).map(|(shape, number)| {
            let kept = before
                .get(number as usize - 1)
                .filter(|_| stored.kept.binary_search(&number).is_ok());
            kept.cloned().unwrap_or(Page {
                id: PageId {
                    document: id,
                    number,
                },
                shape: *shape,
                state: PageState::Waiting,
                measurements: None,
            })
        });
        let pages = pages.collect();
        open.pages.insert(id, pages);
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
        }
        changed
    }
}
