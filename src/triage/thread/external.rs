//! What external analysers are to look at: chosen, noted, queued and stopped.

use std::collections::HashSet;
use std::sync::Arc;

use super::super::command::Scope;
use super::super::event::Event;
use super::super::external::not_found;
use super::SessionThread;
use crate::analysis::{NeedsOcr, Thresholds, judge, printed_number};
use crate::library::LibraryError;
use crate::model::{
    Analyser, AnalyserPages, BatchId, DocumentId, Finding, FindingId, Page, PageId, PrintedNumber,
};

/// The page of a finding, with the number that is printed on it by what the analyser
/// read.
pub fn number_read(finding: &Finding) -> Option<(PageId, PrintedNumber)> {
    let page = PageId {
        document: finding.id.document,
        number: finding.id.page?,
    };
    let text = finding.result.as_ref().ok()?.text.as_deref()?;
    Some((page, printed_number(text)?))
}

/// A finding for lists: texts are asked for page by page.
pub fn without_text(mut finding: Finding) -> Finding {
    if let Ok(found) = &mut finding.result {
        found.text = None;
    }
    finding
}

impl SessionThread {
    pub(super) fn tell_analysers(&self) {
        if let Some(problem) = self.analysers.problem() {
            self.tell(Event::Trouble(format!(
                "Your own analysers are left out until their file is mended and Pagesieve is \
                 started again. {problem}"
            )));
        }
        self.tell(Event::Analysers(self.analysers.iter().cloned().collect()));
    }

    /// Notes what an analyser is to look at, and begins.
    pub(super) fn run_analyser(
        &mut self,
        batch: BatchId,
        name: &str,
        scope: &Scope,
    ) -> Result<(), LibraryError> {
        let Some(analyser) = self.analysers.get(name).cloned() else {
            self.tell(Event::Refused(format!("There is no analyser {name}.")));
            return Ok(());
        };
        self.load(batch)?;
        let reader = self.library.reader();
        let thresholds = reader.thresholds(batch)?;
        let failed = reader.findings(batch)?;
        let failed = failed
            .into_iter()
            .filter(|finding| finding.id.analyser == name && finding.problem().is_some())
            .map(|finding| finding.id);
        let Some(open) = self.open.get_mut(&batch) else {
            return Ok(());
        };
        let id = |document, page| FindingId {
            document,
            page,
            analyser: name.to_owned(),
        };
        let wanted: Vec<FindingId> = if *scope == Scope::Failed {
            failed.collect()
        } else if analyser.input.is_page() {
            let pages = open.documents.keys().flat_map(|id| open.pages.of(*id));
            let named: HashSet<PageId> = match scope {
                Scope::Pages(pages) => pages.iter().copied().collect(),
                _ => HashSet::new(),
            };
            let measured = pages.filter(|page| page.measurements.is_some());
            measured
                .filter(|page| match scope {
                    Scope::Pages(_) => named.contains(&page.id),
                    Scope::Documents(wanted) => {
                        wanted.contains(&page.id.document) && is_for(&analyser, page, &thresholds)
                    }
                    Scope::All | Scope::Failed => is_for(&analyser, page, &thresholds),
                })
                .map(|page| id(page.id.document, Some(page.id.number)))
                .collect()
        } else {
            let documents = open.documents.values();
            documents
                .filter(|document| document.status.is_opened())
                .filter(|document| match scope {
                    Scope::Documents(wanted) => wanted.contains(&document.id),
                    Scope::Pages(wanted) => wanted.iter().any(|p| p.document == document.id),
                    Scope::All | Scope::Failed => true,
                })
                .map(|document| id(document.id, None))
                .collect()
        };
        if wanted.is_empty() {
            self.tell(Event::Notice(format!(
                "{name}: there is nothing to look at."
            )));
            return self.show_unless_shown(batch);
        }
        // One that waits already is queued already.
        let fresh: Vec<FindingId> = wanted
            .into_iter()
            .filter(|id| !open.unanalysed.contains(id))
            .collect();
        self.library.write(|writer| writer.begin_findings(&fresh))?;
        open.unanalysed.extend(fresh.iter().cloned());
        if open.run.is_some() && !open.batch.cancelled {
            self.enqueue_external(batch, &fresh);
        } else {
            self.go_on(batch)?;
        }
        self.changed = true;
        self.show_unless_shown(batch)
    }

    fn show_unless_shown(&mut self, batch: BatchId) -> Result<(), LibraryError> {
        if self.shown == Some(batch) {
            return Ok(());
        }
        self.show(batch)
    }

    pub(super) fn stop_analysers(&mut self, batch: BatchId) -> Result<(), LibraryError> {
        self.library
            .write(|writer| writer.drop_waiting_findings(batch))?;
        self.crew.queue(|queue| queue.remove_external(batch));
        if let Some(open) = self.open.get_mut(&batch) {
            open.unanalysed.clear();
        }
        self.changed = true;
        self.after_progress(batch);
        Ok(())
    }

    /// Queues what waits for analysers in a document that was opened.
    pub(super) fn enqueue_analysers_of(&self, batch: BatchId, document: DocumentId) {
        if let Some(open) = self.open.get(&batch) {
            self.enqueue_external(batch, &open.unanalysed_in(document));
        }
    }

    fn enqueue_external(&self, batch: BatchId, wanted: &[FindingId]) {
        let Some(open) = self.open.get(&batch) else {
            return;
        };
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
            let target = self.target(document);
            self.crew.queue(|queue| queue.add_external(target, looks));
        }
    }

    /// Forgets what waits for analysers that are no longer declared: nobody would
    /// ever look at it.
    pub(super) fn drop_undeclared(&mut self, batch: BatchId) -> Result<(), LibraryError> {
        let analysers = &self.analysers;
        let reason = match analysers.problem() {
            Some(problem) => format!("its declaration cannot be read: {problem}"),
            None => "the analyser is no longer declared".to_owned(),
        };
        let Some(open) = self.open.get_mut(&batch) else {
            return Ok(());
        };
        let gone: Vec<Finding> = open
            .unanalysed
            .iter()
            .filter(|id| analysers.get(&id.analyser).is_none())
            .map(|id| not_found(id.clone(), reason.clone()))
            .collect();
        if gone.is_empty() {
            return Ok(());
        }
        self.library.write(|writer| {
            for finding in &gone {
                writer.found(finding)?;
            }
            Ok(())
        })?;
        for finding in gone {
            open.unanalysed.remove(&finding.id);
        }
        Ok(())
    }
}

/// It is declared for such pages. Garbled text has to be recognised as well.
fn is_for(analyser: &Analyser, page: &Page, thresholds: &Thresholds) -> bool {
    let said = judge(page, thresholds);
    match analyser.pages {
        AnalyserPages::All => true,
        AnalyserPages::NeedOcr => {
            matches!(said.needs_ocr, Some(NeedsOcr::Yes | NeedsOcr::Partial))
                || said.garbled == Some(true)
        }
    }
}
