//! What outcomes of jobs mean: results, refusals, second tries and failures.

use std::sync::Arc;
use std::time::Duration;

use super::super::event::Event;
use super::super::external::{finding_id, not_found};
use super::super::queue::{Target, Task};
use super::super::run::{Kept, Outcome, PageOutcome};
use super::{Pending, SessionThread, now_seconds};
use crate::analysis::printed_number;
use crate::library::PageDone;
use crate::model::{
    Circumstances, Disagreement, Document, DocumentId, DocumentStatus, EngineKind, Failure,
    FailureKind, LimitsThen, PageId, PageState, PrintedNumber, ScratchThen, Stage,
};
use crate::scratch::VolumeState;
use crate::worker::{Refusal, Scene};

impl SessionThread {
    pub(super) fn settle(&mut self, outcome: Outcome) {
        let went_through = matches!(
            outcome,
            Outcome::Opened { .. }
                | Outcome::Pages { .. }
                | Outcome::Redrawn { .. }
                | Outcome::Inspected { .. }
                | Outcome::Found { .. }
        );
        if went_through && self.held.is_some() {
            self.release();
        }
        match outcome {
            Outcome::Opened {
                target,
                result: Ok(opened),
                begun,
                ..
            } => self.pending.push(Pending::Opened(target, opened, begun)),
            Outcome::Opened {
                target,
                result: Err(refusal),
                scene,
                ..
            } => self.refuse(&target, &refusal, &scene),
            Outcome::Pages { target, pages } => self.settle_pages(&target, pages),
            Outcome::Redrawn { target, pages } => {
                let batch = target.batch;
                let pages = pages
                    .into_iter()
                    .filter_map(|number| {
                        let document = target.document();
                        self.open
                            .get(&batch)?
                            .pages
                            .get(PageId { document, number })
                            .cloned()
                    })
                    .collect();
                self.tell(Event::Pages(batch, pages));
            }
            Outcome::Undrawn {
                target,
                pages,
                reason,
            } => self.not_drawn(&target, &pages, reason),
            Outcome::Inspected { target, result } => {
                let document = target.document();
                match result {
                    Ok(details) => self.pending.push(Pending::Inspected(document, details)),
                    Err(refusal) => self.not_inspected(document, &refusal),
                }
            }
            Outcome::Lost {
                target,
                refusal,
                scene,
            } => self.refuse(&target, &refusal, &scene),
            Outcome::Ended {
                target,
                task,
                alone: false,
                error,
                ..
            } => {
                // Its last words may quote the document: not for the log.
                let kind = error.kind().as_str();
                tracing::warn!(document = target.document().0, kind, "a worker was lost");
                if !self.is_cancelled(target.batch) {
                    let target = Arc::new(with_other_engines(&target));
                    self.crew.queue(|queue| queue.add_alone(target, task));
                }
            }
            Outcome::Ended {
                target,
                task,
                alone: true,
                error,
                scene,
            } => {
                let refusal = Refusal::from(&error);
                match self.with_untried_engine(&target, &task) {
                    Some(target) => self
                        .crew
                        .queue(|queue| queue.add_alone(Arc::new(target), task)),
                    None => self.give_up(&target, &task, &refusal, &scene),
                }
            }
            Outcome::Found { finding } => self.pending.push(Pending::found(*finding)),
            Outcome::Held(reason) => self.hold(reason),
        }
    }

    /// The number that analysers have read on a page, if any has.
    fn number_read_before(&self, page: PageId) -> Option<PrintedNumber> {
        // What cannot be read now is read when an analyser looks again.
        let texts = self.library.reader().texts_read(page).ok()?;
        texts.iter().find_map(|text| printed_number(text))
    }

    pub(super) fn settle_pages(&mut self, target: &Target, pages: Vec<PageOutcome>) {
        for PageOutcome { number, result } in pages {
            let id = PageId {
                document: target.document(),
                number,
            };
            match result {
                Ok(Kept {
                    mut measurements,
                    text,
                    fingerprint,
                }) => {
                    if target.opening.engines != self.usual_engines {
                        // It ended the worker that drew it with the usual engine.
                        measurements.disagreement = Some(Disagreement::Failed);
                    }
                    if measurements.signals.printed.is_none() {
                        measurements.signals.printed = self.number_read_before(id);
                    }
                    self.pending.push(Pending::Page(Box::new(PageDone {
                        id,
                        measurements,
                        text,
                        fingerprint,
                        run: self.open.get(&target.batch).and_then(|open| open.run),
                    })));
                }
                Err((refusal, scene)) => {
                    let failure =
                        self.failure(id.document, Some(number), Stage::Analyse, &refusal, 1);
                    let engines = &target.opening.engines;
                    let failure = self.witnessed(failure, engines, &refusal, &scene);
                    self.pending.push(Pending::PageFailed(failure));
                }
            }
        }
    }

    /// A document cannot be opened, now or any more.
    pub(super) fn refuse(&mut self, target: &Target, refusal: &Refusal, scene: &Scene) {
        let id = target.document();
        let Some(document) = self
            .open
            .get(&target.batch)
            .and_then(|open| open.documents.get(&id))
            .cloned()
        else {
            return;
        };
        let expected = target.opening.expected;
        let is_of_its_content = expected.is_some() && expected == document.hash;
        if document.status == DocumentStatus::Again && is_of_its_content {
            // It is to be opened again already.
            return self.crew.queue(|queue| {
                queue.remove(|target| target.document() == id && target.opening.expected.is_some());
            });
        }
        self.crew
            .queue(|queue| queue.remove(|target| target.document() == id));
        if document.status == DocumentStatus::Ok && expected.is_some() && !is_of_its_content {
            // It has been opened again in the meantime.
            return self.enqueue_opened(&document);
        }
        let tried = self
            .open
            .get(&target.batch)
            .map(|open| open.passwords.as_slice());
        if refusal.kind == FailureKind::NeedsPassword
            && tried != Some(target.opening.passwords.as_slice())
        {
            // Passwords were typed while it was being opened.
            self.enqueue_document(&document);
            return;
        }
        let changed_anew = refusal.kind == FailureKind::Changed
            && self
                .open
                .get_mut(&target.batch)
                .is_some_and(|open| open.changed.insert(id));
        if changed_anew {
            // The analyst wants what is there now. Once: a file that changes
            // all the time ends in a record.
            let noted = self
                .library
                .write(|writer| writer.source_changed(id, document.bytes, document.modified));
            match noted {
                Ok(()) => return self.reopen(target.batch, id, document.bytes, document.modified),
                Err(error) => self.trouble("A changed document could not be taken in", &error),
            }
        }
        self.fail_document(&document, Stage::Open, refusal, 1, scene);
    }

    /// A document is opened with all engines, then without the first: where both
    /// end their worker, it may have been the others' fault, and the first is
    /// tried by itself.
    fn with_untried_engine(&self, target: &Target, task: &Task) -> Option<Target> {
        let (first, others) = self.usual_engines.split_first()?;
        let tried_others = !others.is_empty() && target.opening.engines == others;
        (*task == Task::Open && tried_others).then(|| {
            let mut alone = target.clone();
            alone.opening.engines = vec![*first];
            alone
        })
    }

    /// Something ended each worker that tried it.
    pub(super) fn give_up(
        &mut self,
        target: &Target,
        task: &Task,
        refusal: &Refusal,
        scene: &Scene,
    ) {
        let id = target.document();
        match task {
            Task::Open => {
                let document = self
                    .open
                    .get(&target.batch)
                    .and_then(|open| open.documents.get(&id))
                    .cloned();
                if let Some(document) = document {
                    let attempts = 1 + u32::try_from(self.usual_engines.len().max(1)).unwrap_or(1);
                    self.fail_document(&document, Stage::Open, refusal, attempts, scene);
                }
            }
            Task::Analyse(pages) => {
                for &page in pages {
                    let failure = self.failure(id, Some(page), Stage::Analyse, refusal, 2);
                    let engines = &target.opening.engines;
                    let failure = self.witnessed(failure, engines, refusal, scene);
                    self.pending.push(Pending::PageFailed(failure));
                }
            }
            Task::Redraw(pages) => self.not_drawn(target, pages, refusal.to_string()),
            Task::External(analyser, page) => {
                let finding = not_found(finding_id(target, analyser, *page), refusal.to_string());
                self.pending.push(Pending::found(finding));
            }
            Task::Inspect => self.not_inspected(id, refusal),
        }
    }

    /// A document cannot be inspected: what was found before stays, with the failure
    /// beside it.
    fn not_inspected(&mut self, document: DocumentId, refusal: &Refusal) {
        let failure = self.failure(document, None, Stage::Open, refusal, 1);
        self.pending.push(Pending::NotInspected(failure));
    }

    /// Records that a document failed, and with it all that its batch waits for in it:
    /// pages without results, and what analysers are to look at. This is the one place
    /// that gives a document up, so that its batch ends.
    pub(super) fn fail_document(
        &mut self,
        document: &Document,
        stage: Stage,
        refusal: &Refusal,
        attempts: u32,
        scene: &Scene,
    ) {
        let status = match refusal.kind {
            FailureKind::NeedsPassword => DocumentStatus::NeedsPassword,
            FailureKind::EmptyFile | FailureKind::NoPages => DocumentStatus::Empty,
            FailureKind::NotPdf => DocumentStatus::NotPdf,
            _ => DocumentStatus::Broken,
        };
        let (waiting, unanalysed) = self
            .open
            .get(&document.batch)
            .map(|open| {
                let pages = open.pages.of(document.id).iter();
                let waiting = pages.filter(|page| page.state == PageState::Waiting);
                let waiting: Vec<u32> = waiting.map(|page| page.id.number).collect();
                (waiting, open.unanalysed_in(document.id))
            })
            .unwrap_or_default();
        for id in unanalysed {
            let finding = not_found(id, refusal.to_string());
            self.pending.push(Pending::found(finding));
        }
        for page in waiting {
            let failure = self.failure(document.id, Some(page), stage, refusal, attempts);
            self.pending.push(Pending::PageFailed(failure));
        }
        let failure = self.failure(document.id, None, stage, refusal, attempts);
        let engines = self
            .open
            .get(&document.batch)
            .and_then(|open| open.engines.get(&document.id))
            .unwrap_or(&self.usual_engines);
        let failure = self.witnessed(failure, engines, refusal, scene);
        self.pending.push(Pending::DocumentFailed(status, failure));
    }

    pub(super) fn failure(
        &self,
        document: DocumentId,
        page: Option<u32>,
        stage: Stage,
        refusal: &Refusal,
        attempts: u32,
    ) -> Failure {
        let hash = self
            .batch_of
            .get(&document)
            .and_then(|batch| self.open.get(batch)?.documents.get(&document)?.hash);
        Failure {
            document,
            page,
            stage,
            kind: refusal.kind,
            detail: refusal.detail.clone(),
            attempts,
            at: now_seconds(),
            hash,
            version: env!("CARGO_PKG_VERSION").into(),
            circumstances: None,
        }
    }

    /// A failure with what surrounds it now.
    fn witnessed(
        &self,
        failure: Failure,
        engines: &[EngineKind],
        refusal: &Refusal,
        scene: &Scene,
    ) -> Failure {
        let circumstances = self.circumstances(engines, refusal, scene);
        Failure {
            circumstances: Some(Box::new(circumstances)),
            ..failure
        }
    }

    /// What surrounds a failure now.
    fn circumstances(
        &self,
        engines: &[EngineKind],
        refusal: &Refusal,
        scene: &Scene,
    ) -> Circumstances {
        let meter = self.scratch.meter();
        let place = self.crew.place();
        let limits = place.pool.limits();
        let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Circumstances {
            error_number: refusal.error_number,
            free_before: scene.free,
            scratch: ScratchThen {
                free: (meter.volume_state != VolumeState::Unknown).then_some(meter.free),
                total: meter.total,
                budget: meter.budget,
                floor: meter.floor,
                thumbnails: meter.this_batch + meter.other_batches,
                working: meter.working,
                other_copies: meter.other_copies,
                residue: meter.residue,
                reserved: meter.reserved,
                residue_is_cleaned: self.scratch.scratch().policy().residue,
            },
            limits: LimitsThen {
                open_deadline_ms: milliseconds(limits.open_deadline),
                page_deadline_ms: milliseconds(limits.page_deadline),
                memory: limits.memory,
                largest_document: limits.largest_document,
            },
            engines: engines.to_vec(),
            pdfium: place.pool.pdfium().map(|path| path.display().to_string()),
            platform: Circumstances::platform_now(),
            worker: scene.worker.clone(),
        }
    }
}

/// The same document, without the engine that was at work when the worker was
/// lost, if there is another.
fn with_other_engines(target: &Target) -> Target {
    let mut other = target.clone();
    if other.opening.engines.len() > 1 {
        other.opening.engines.remove(0);
    }
    other
}
