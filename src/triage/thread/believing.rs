//! Has batches in memory follow what was stored, and gathers what faces are told of it.
//! Not for storing it (`committer`).

use std::collections::HashMap;
use std::sync::Arc;

use super::super::event::Event;
use super::super::open_batch::OpenBatch;
use super::super::queue::Target;
use super::committer::{Pending, Stored, not_inspected};
use super::external::without_text;
use crate::analysis::{DocumentVerdicts, judge_document};
use crate::library::{DocumentOpened, FailedId, PageDone};
use crate::model::{
    BatchId, Document, DocumentDetails, DocumentId, DocumentStatus, EngineKind, Failure, Finding,
    Page, PageId, PageState,
};
use crate::worker::Opened;

/// What faces are told of a commit, by batch.
#[derive(Default)]
pub struct News {
    pages: HashMap<BatchId, Vec<Arc<Page>>>,
    replaced: HashMap<BatchId, Vec<Arc<Page>>>,
    documents: HashMap<BatchId, Vec<Document>>,
    failures: HashMap<BatchId, Vec<Failure>>,
    mended: HashMap<BatchId, Vec<FailedId>>,
    findings: HashMap<BatchId, Vec<Finding>>,
    judged: HashMap<BatchId, Vec<(DocumentId, DocumentVerdicts)>>,
}

impl News {
    /// In the order in which a face can follow.
    pub fn told(self) -> impl Iterator<Item = Event> {
        /// One kind of event.
        fn each<T>(
            news: HashMap<BatchId, Vec<T>>,
            event: fn(BatchId, Vec<T>) -> Event,
        ) -> impl Iterator<Item = Event> {
            news.into_iter()
                .map(move |(batch, list)| event(batch, list))
        }
        each(self.documents, Event::Documents)
            .chain(each(self.replaced, Event::Replaced))
            .chain(each(self.pages, Event::Pages))
            .chain(each(self.judged, Event::Judged))
            .chain(each(self.mended, Event::Mended))
            .chain(each(self.failures, Event::Failures))
            .chain(each(self.findings, Event::Findings))
    }
}

/// A document that was opened: what is next for it.
#[derive(Debug)]
pub struct JustOpened {
    pub document: Document,
    /// Pages that are to be analysed and are not yet.
    pub waiting: Vec<u32>,
    /// It is to be inspected. Where all its pages are being analysed already, that
    /// follows by itself.
    pub inspect: bool,
    /// It has other content than before: what was known of its pages is gone.
    pub drops: bool,
}

/// Has a batch in memory follow a result that was stored. `engines` are the usual ones.
/// What is next for a document where one was opened.
pub fn believe(
    open: &mut OpenBatch,
    result: Pending,
    stored: Stored,
    engines: &[EngineKind],
    news: &mut News,
) -> Option<JustOpened> {
    if let (Pending::Opened(target, opened, begun), Stored::Opened(stored)) = (&result, &stored) {
        return believe_opened(open, (target, opened, *begun), stored, engines, news);
    }
    believe_one(open, result, stored, news);
    None
}

/// A document was opened: its pages are known, and which of them wait.
fn believe_opened(
    open: &mut OpenBatch,
    (target, opened, begun): (&Target, &Opened, u32),
    stored: &DocumentOpened,
    engines: &[EngineKind],
    news: &mut News,
) -> Option<JustOpened> {
    let (batch, id) = (target.batch, target.document());
    let document = open.documents.get_mut(&id)?;
    if target.opening.engines != engines {
        open.engines.insert(id, target.opening.engines.clone());
    }
    document.status = DocumentStatus::Ok;
    document.left_out = None;
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
    let has_page = |number: u32| number as usize <= pages.len();
    open.before
        .retain(|page, _| page.document != id || (stored.same_content && has_page(page.number)));
    if drops {
        // The face drops all that it knows of the document's pages, before it is told this.
        let told = news.pages.entry(batch).or_default();
        told.retain(|page| page.id.document != id);
        let failures = news.failures.entry(batch).or_default();
        failures.retain(|failure| failure.document != id || failure.page.is_none());
        let replaced = news.replaced.entry(batch).or_default();
        replaced.retain(|page| page.id.document != id);
        let before = open.before.values();
        replaced.extend(before.filter(|page| page.id.document == id).cloned());
    }
    news.pages
        .entry(batch)
        .or_default()
        .extend(pages.iter().cloned());
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
    Some(JustOpened {
        inspect: begun != document.pages,
        document,
        waiting,
        drops,
    })
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

#[cfg(test)]
mod tests {
    use super::super::failures::Failed;
    use super::*;
    use crate::library::{Library, NewDocument};
    use crate::model::{ContentHash, FailureKind, PageShape, Source, Stage};
    use crate::worker::{Opening, Refusal};

    #[test]
    fn nothing_is_told_of_pages_that_a_document_of_other_content_does_not_have() {
        let folder = tempfile::tempdir().unwrap();
        let mut library = Library::open(folder.path()).unwrap();
        let source = Source::File("a.pdf".into());
        let document = NewDocument {
            source: source.clone(),
            name: "a.pdf".into(),
            bytes: 1,
            modified: 0,
        };
        let (batch, document) = library
            .write(|writer| {
                let batch = writer.create_batch("a", &[], 0)?;
                let added = writer.add_documents(batch, &[document])?;
                Ok((batch, added[0].id))
            })
            .unwrap();
        let open = OpenBatch::load(library.reader(), batch, &mut Vec::new());
        let mut open = open.unwrap().unwrap();
        let target = Target {
            batch,
            opening: Opening {
                document,
                source,
                engines: vec![],
                passwords: vec![],
                expected: None,
                largest: 1,
            },
        };
        let opened = |content, pages| {
            let opened = Opened {
                hash: ContentHash([content; 32]),
                bytes: 1,
                encrypted: false,
                shapes: vec![PageShape::bounded(595.0, 842.0, 0); pages],
            };
            let stored = DocumentOpened {
                duplicate_of: None,
                duplicates: vec![],
                same_content: false,
            };
            let pending = Pending::Opened(Arc::new(target.clone()), opened, 1);
            (pending, Stored::Opened(stored))
        };
        let (result, stored) = opened(1, 3);
        let next = believe(&mut open, result, stored, &[], &mut News::default()).unwrap();
        assert_eq!(
            (next.waiting, next.inspect, next.drops),
            (vec![2, 3], true, false)
        );
        let failed = Failed {
            document,
            hash: None,
            page: Some(3),
            stage: Stage::Analyse,
            attempts: 1,
        };
        let failure = failed.record(&Refusal::new(FailureKind::Damaged, ""));
        let mut news = News::default();
        believe(
            &mut open,
            Pending::PageFailed(failure),
            Stored::Plain,
            &[],
            &mut news,
        );
        let (result, stored) = opened(2, 1);
        let next = believe(&mut open, result, stored, &[], &mut news).unwrap();
        assert_eq!(
            (next.waiting, next.inspect, next.drops),
            (vec![], false, true)
        );
        for event in news.told() {
            match event {
                Event::Pages(_, pages) => {
                    let numbers: Vec<u32> = pages.iter().map(|page| page.id.number).collect();
                    assert_eq!(numbers, [1]);
                }
                Event::Failures(_, failures) => assert!(failures.is_empty()),
                _ => {}
            }
        }
    }
}
