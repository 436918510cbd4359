//! The routing of what comes back: outcomes of jobs go to the parts that decide what they
//! mean, results into the committer, and what was committed to batches and the face.

use std::time::Instant;

use super::super::background::Broken;
use super::super::event::Event;
use super::super::external::{finding_id, not_found};
use super::super::intake::{Found, NotTaken};
use super::super::queue::{Target, Task};
use super::super::run::{Kept, Outcome, PageOutcome};
use super::believing::{JustOpened, News, believe};
use super::committer::{Committed, Instead, Pending, Stored, instead_of};
use super::external::number_read_before;
use super::failures::{Failed, circumstances, given_up};
use super::ingest::{self, Taken, Taking, reopen};
use super::scheduler::{AfterRefusal, after_refusal, with_other_engines};
use super::{SessionThread, runs};
use crate::library::{LibraryError, PageDone};
use crate::model::{
    BatchId, Circumstances, Disagreement, Document, DocumentId, EngineKind, LeftOutWithin, PageId,
    Stage,
};
use crate::worker::{Listing, Refusal, Scene};

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
        if went_through && self.brake.is_held() {
            self.release();
        }
        match outcome {
            Outcome::Opened {
                target,
                result: Ok(opened),
                begun,
                ..
            } => self.committer.add(Pending::Opened(target, opened, begun)),
            Outcome::Opened {
                target,
                result: Err(refusal),
                scene,
                ..
            }
            | Outcome::Lost {
                target,
                refusal,
                scene,
            } => self.refuse(&target, &refusal, &scene),
            // The source changed while a worker was at what it was before.
            Outcome::Pages { target, .. } | Outcome::Inspected { target, .. }
                if self.is_of_former_content(&target) => {}
            Outcome::Pages { target, pages } => {
                for page in pages {
                    let result = self.page_result(&target, page);
                    self.committer.add(result);
                }
            }
            Outcome::Redrawn { target, pages } => {
                let document = target.document();
                let open = self.batches.get(target.batch);
                let pages = pages.into_iter().filter_map(|number| {
                    let page = open?.pages.get(PageId { document, number });
                    page.cloned()
                });
                self.tell(Event::Pages(target.batch, pages.collect()));
            }
            Outcome::Undrawn {
                target,
                pages,
                reason,
            } => self.not_drawn(&target, &pages, reason),
            Outcome::Inspected {
                target,
                result,
                attached,
            } => {
                let document = target.document();
                let left_out = attached.map(|listed| {
                    let batch = target.batch;
                    self.take_in_attached(batch, document, listed)
                });
                match result {
                    Ok(mut details) => {
                        details.left_out = left_out.unwrap_or_default();
                        self.committer.add(Pending::Inspected(document, details));
                    }
                    Err(refusal) => self.not_inspected(document, &refusal),
                }
            }
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
                if !self.batches.is_cancelled(target.batch) {
                    self.scheduler.try_alone(with_other_engines(&target), task);
                }
            }
            Outcome::Ended {
                target,
                task,
                alone: true,
                error,
                scene,
            } => match self.scheduler.with_untried_engine(&target, &task) {
                Some(target) => self.scheduler.try_alone(target, task),
                None => self.give_up(&target, task, &Refusal::from(&error), &scene),
            },
            Outcome::Found { finding } => self.committer.add(Pending::found(*finding)),
            Outcome::Held(reason) => self.hold(reason),
        }
    }

    /// Whether work was on content that its document does not have any more.
    fn is_of_former_content(&self, target: &Target) -> bool {
        let now = self.batches.hash(target.document());
        let worked_on = target.opening.expected;
        worked_on.is_some() && now.is_some() && worked_on != now
    }

    /// A page was analysed, or refused.
    fn page_result(&self, target: &Target, page: PageOutcome) -> Pending {
        let id = PageId {
            document: target.document(),
            number: page.number,
        };
        match page.result {
            Ok(Kept {
                mut measurements,
                text,
                fingerprint,
            }) => {
                if target.opening.engines != self.scheduler.engines() {
                    // It ended the worker that drew it with the usual engine.
                    measurements.disagreement = Some(Disagreement::Failed);
                }
                if measurements.signals.printed.is_none() {
                    measurements.signals.printed = number_read_before(self.library.reader(), id);
                }
                Pending::Page(Box::new(PageDone {
                    id,
                    measurements,
                    text,
                    fingerprint,
                    run: self.batches.get(target.batch).and_then(|open| open.run),
                }))
            }
            Err((refusal, scene)) => self.page_failed(target, page.number, 1, &refusal, &scene),
        }
    }

    fn page_failed(
        &self,
        target: &Target,
        page: u32,
        attempts: u32,
        refusal: &Refusal,
        scene: &Scene,
    ) -> Pending {
        let failed = self.failed(target.document(), Some(page), Stage::Analyse, attempts);
        let circumstances = self.circumstances(&target.opening.engines, refusal, scene);
        Pending::PageFailed(failed.witnessed(refusal, circumstances))
    }

    /// A document cannot be opened, now or any more.
    fn refuse(&mut self, target: &Target, refusal: &Refusal, scene: &Scene) {
        let id = target.document();
        let Some(open) = self.batches.get_mut(target.batch) else {
            return;
        };
        let Some(document) = open.documents.get(&id).cloned() else {
            return;
        };
        let changed = open.changed.contains(&id);
        let next = after_refusal(&document, target, refusal, &open.passwords, changed);
        if next == AfterRefusal::DropFormer {
            return self.scheduler.drop_of_content(id);
        }
        self.scheduler.drop_document(id);
        match next {
            AfterRefusal::DropFormer => {}
            AfterRefusal::GoOn => self.scheduler.add_opened(open, &document),
            AfterRefusal::TryPasswords => self.scheduler.add_document(open, &document),
            AfterRefusal::OpenAnew => {
                open.changed.insert(id);
                let source = (document.bytes, document.modified);
                let noted = self
                    .library
                    .write(|writer| writer.source_changed(id, source.0, source.1));
                match noted {
                    Ok(()) => self.reopen(target.batch, id, source),
                    Err(error) => {
                        self.trouble("A changed document could not be taken in", &error);
                        self.fail_document(&document, (Stage::Open, 1), refusal, scene);
                    }
                }
            }
            AfterRefusal::Fail => {
                self.fail_document(&document, (Stage::Open, 1), refusal, scene);
            }
        }
    }

    /// Something ended each worker that tried it.
    fn give_up(&mut self, target: &Target, task: Task, refusal: &Refusal, scene: &Scene) {
        match task {
            Task::Open => {
                let open = self.batches.get(target.batch);
                let document = open.and_then(|open| open.documents.get(&target.document()));
                if let Some(document) = document.cloned() {
                    let engines = self.scheduler.engines().len().max(1);
                    let attempts = 1 + u32::try_from(engines).unwrap_or(1);
                    self.fail_document(&document, (Stage::Open, attempts), refusal, scene);
                }
            }
            Task::Analyse(pages) => {
                for page in pages {
                    let failed = self.page_failed(target, page, 2, refusal, scene);
                    self.committer.add(failed);
                }
            }
            Task::Redraw(pages) => self.not_drawn(target, &pages, refusal.to_string()),
            Task::External(analyser, page) => {
                let finding = not_found(finding_id(target, &analyser, page), refusal.to_string());
                self.committer.add(Pending::found(finding));
            }
            Task::Inspect => self.not_inspected(target.document(), refusal),
        }
    }

    /// Thumbnails cannot be made.
    fn not_drawn(&mut self, target: &Target, pages: &[u32], reason: String) {
        let told = self
            .previews
            .not_drawn(target, pages, reason, Instant::now());
        self.tell(told);
    }

    /// A document cannot be inspected: what was found before stays, with the failure
    /// beside it.
    fn not_inspected(&mut self, document: DocumentId, refusal: &Refusal) {
        let failed = self.failed(document, None, Stage::Open, 1);
        self.committer
            .add(Pending::NotInspected(failed.record(refusal)));
    }

    /// A document failed, and with it all that its batch waits for in it.
    fn fail_document(
        &mut self,
        document: &Document,
        tried: (Stage, u32),
        refusal: &Refusal,
        scene: &Scene,
    ) {
        let Some(open) = self.batches.get(document.batch) else {
            return;
        };
        let engines = open.engines.get(&document.id);
        let engines = engines.map_or(self.scheduler.engines(), Vec::as_slice);
        let circumstances = self.circumstances(engines, refusal, scene);
        let given_up = given_up(open, document, tried, refusal, circumstances);
        self.committer.extend(given_up);
    }

    fn failed(
        &self,
        document: DocumentId,
        page: Option<u32>,
        stage: Stage,
        attempts: u32,
    ) -> Failed {
        Failed {
            document,
            hash: self.batches.hash(document),
            page,
            stage,
            attempts,
        }
    }

    /// What surrounds a failure now.
    fn circumstances(
        &self,
        engines: &[EngineKind],
        refusal: &Refusal,
        scene: &Scene,
    ) -> Circumstances {
        let pool = &self.scheduler.place().pool;
        circumstances(&self.scratch, pool, engines, refusal, scene)
    }

    /// Takes in what intake found.
    pub(super) fn take_in(&mut self, batch: BatchId, found: Vec<Found>) {
        let Some(open) = self.batches.get_mut(batch) else {
            return;
        };
        for taking in self.ingest.take_in(&mut self.library, open, found) {
            match taking {
                Taking::Taken(taken) => self.taken_in(batch, taken),
                Taking::NotTaken(name, error) => {
                    self.trouble(&format!("{name} could not be taken in"), &error);
                }
                Taking::Waits(error) => {
                    self.hold(format!("Documents cannot be taken in: {error}"));
                }
                Taking::Lost(error) => self.lose(&error),
            }
        }
    }

    /// Takes in the PDFs that are attached to a document, and tells of what else is and may
    /// hold PDFs; returns the beginning of that, to be kept with the document.
    fn take_in_attached(
        &mut self,
        batch: BatchId,
        document: DocumentId,
        listed: Result<Listing, Refusal>,
    ) -> Vec<LeftOutWithin> {
        let open = self.batches.get(batch);
        let known = open.and_then(|open| Some((open, open.documents.get(&document)?)));
        let Some((open, document)) = known else {
            return Vec::new();
        };
        let (found, left_out) = ingest::attached(open, document, listed);
        self.take_in(batch, found);
        let mut not_taken = NotTaken::default();
        left_out.into_iter().for_each(|file| not_taken.add(file));
        let kept = not_taken.files.iter().map(|file| LeftOutWithin {
            name: file.name.clone(),
            reason: file.reason.clone(),
        });
        let kept = kept.collect();
        if not_taken != NotTaken::default() {
            self.tell(Event::NotTaken(batch, Box::new(not_taken)));
        }
        kept
    }

    /// A document has other content now: what was attached to it is opened again, for it may
    /// be other content as well, or gone. What is known of it stays until then.
    fn reopen_attached(&mut self, holder: &Document) {
        let Some(open) = self.batches.get(holder.batch) else {
            return;
        };
        let attached = ingest::attached_to(open, holder);
        let modified = holder.modified;
        let noted = self.library.write(|writer| {
            attached
                .iter()
                .try_for_each(|(id, bytes)| writer.source_changed(*id, *bytes, modified))
        });
        match noted {
            Ok(()) => {
                for (id, bytes) in attached {
                    self.reopen(holder.batch, id, (bytes, modified));
                }
            }
            Err(error) => self.trouble("What is attached could not be opened again", &error),
        }
    }

    /// Documents are in the library: the batch follows, and they are opened.
    fn taken_in(&mut self, batch: BatchId, taken: Taken) {
        for (id, document) in taken.changed {
            self.reopen(batch, id, (document.bytes, document.modified));
        }
        let mut documents = Vec::with_capacity(taken.added.len());
        for (document, refusal) in taken.added {
            self.batches.put_document(document.clone());
            match refusal {
                Some(refusal) => {
                    let scene = Scene::default();
                    self.fail_document(&document, (Stage::Intake, 1), &refusal, &scene);
                }
                None => self.open_document(&document),
            }
            documents.push(document);
        }
        self.tell(Event::Documents(batch, documents));
        if !self.batches.is_cancelled(batch) {
            self.begin_run(batch);
        }
        self.progress.changed = true;
    }

    /// Queues a document to be opened, unless its batch was cancelled: then it waits until a
    /// person resumes that.
    fn open_document(&self, document: &Document) {
        if let Some(open) = self.batches.get(document.batch)
            && !open.batch.cancelled
        {
            self.scheduler.add_document(open, document);
        }
    }

    /// The source of a document is not what it was: it is opened again.
    fn reopen(&mut self, batch: BatchId, id: DocumentId, source: (u64, i64)) {
        self.scheduler.drop_document(id);
        if let Some(open) = self.batches.get_mut(batch)
            && let Some(document) = reopen(open, id, source)
        {
            self.open_document(&document);
            self.tell(Event::Documents(batch, vec![document]));
        }
    }

    pub(super) fn intake_ended(&mut self, batch: BatchId, walked: Result<NotTaken, Broken>) {
        let not_taken = walked.unwrap_or_else(|broken| {
            self.refused("Not all files could be looked through", &broken);
            NotTaken::default()
        });
        let Some(open) = self.batches.get_mut(batch) else {
            return;
        };
        open.intakes = open.intakes.saturating_sub(1);
        let before = open.before_intake.take_if(|_| open.intakes == 0);
        let is_known = before == Some(open.documents.len());
        self.progress.changed = true;
        if not_taken != NotTaken::default() {
            self.tell(Event::NotTaken(batch, Box::new(not_taken)));
        } else if is_known {
            let words = "All that was added is in this batch already; what changed is read anew.";
            self.tell(Event::Notice(words.into()));
        }
        self.after_progress(batch);
        self.tell_batches();
    }

    /// Commits what is pending, then believes it. Where that cannot be done, work is held
    /// until it goes through.
    pub(super) fn commit(&mut self) {
        let batches = &self.batches;
        let known = |document| batches.of(document).is_some();
        let committed = self.committer.commit(&mut self.library, known);
        let Some(Committed {
            stored,
            refused,
            problem,
        }) = committed
        else {
            return;
        };
        if let Some(error) = problem {
            tracing::error!(%error, "results could not be committed");
            if error.is_fatal() {
                self.lose(&error);
            } else {
                self.hold(format!("The library cannot be written: {error}"));
            }
            if stored.is_empty() && refused.is_empty() {
                return;
            }
        }
        self.believe(stored);
        for (result, error) in refused {
            self.not_stored(result, &error);
        }
    }

    /// The library refuses a result: a failure takes its place.
    fn not_stored(&mut self, result: Pending, error: &LibraryError) {
        let id = result.document();
        match instead_of(result, self.batches.hash(id), error) {
            Instead::Failure(failure) => self.committer.add(failure),
            Instead::DocumentFailed(refusal) => {
                self.scheduler.drop_document(id);
                if let Some(document) = self.batches.document(id).cloned() {
                    let scene = Scene::default();
                    self.fail_document(&document, (Stage::Open, 1), &refusal, &scene);
                }
            }
            Instead::Believed(result) => {
                let document = self.batches.document(id);
                let name = document.map_or("", |document| document.name.as_str());
                self.trouble(&format!("A failure of {name} could not be recorded"), error);
                self.believe([(result, Stored::Plain)]);
            }
        }
    }

    /// Has batches and the face follow what was stored.
    fn believe(&mut self, results: impl IntoIterator<Item = (Pending, Stored)>) {
        // What could not be committed was what held the work.
        if self.brake.is_held() && self.committer.is_empty() {
            self.release();
        }
        let mut news = News::default();
        let mut holders = Vec::new();
        for (result, stored) in results {
            let batch = self.batches.of(result.document());
            let Some(open) = batch.and_then(|batch| self.batches.get_mut(batch)) else {
                continue;
            };
            let engines = self.scheduler.engines();
            let Some(opened) = believe(open, result, stored, engines, &mut news) else {
                continue;
            };
            let JustOpened {
                document,
                waiting,
                inspect,
                drops,
            } = opened;
            if !open.batch.cancelled {
                self.scheduler.add_pages(open, &document, waiting, inspect);
                let unanalysed = open.unanalysed_in(document.id);
                self.scheduler.add_external(open, &unanalysed);
            }
            if drops {
                // Pictures of the former content. Those of the first pages of the new one
                // may be among them, and are made again when they are looked at.
                let place = self.scheduler.place();
                place.packs.remove_document(document.batch, document.id);
                self.tell(Event::PagesDropped(document.batch, document.id));
                holders.push(document);
            }
        }
        self.tell_all(news.told());
        self.progress.changed = true;
        for holder in holders {
            self.reopen_attached(&holder);
        }
        for batch in self.batches.ids() {
            self.after_progress(batch);
        }
    }

    pub(super) fn begin_run(&mut self, batch: BatchId) {
        self.watch_library();
        let Some(open) = self.batches.get_mut(batch) else {
            return;
        };
        let engine = self.engines.choice();
        match runs::begin(&mut self.library, open, &self.options, engine) {
            Ok(()) => {}
            Err(error) if error.is_fatal() => self.lose(&error),
            Err(error) => self.trouble("The run could not be noted", &error),
        }
    }

    pub(super) fn end_run(&mut self, batch: BatchId, outcome: &str) {
        let Some(open) = self.batches.get_mut(batch) else {
            return;
        };
        match runs::end(&mut self.library, open, outcome) {
            Ok(()) => {}
            Err(error) if error.is_fatal() => self.lose(&error),
            Err(error) => self.trouble("The end of the run could not be noted", &error),
        }
    }

    /// Notes the end of a run once nothing is left to do.
    pub(super) fn after_progress(&mut self, batch: BatchId) {
        let open = self.batches.get(batch);
        if open.is_some_and(|open| open.run.is_some() && open.is_finished()) {
            self.end_run(batch, "finished");
            self.tell_progress();
            self.tell_batches();
            self.measure_scratch();
            self.move_away(batch);
        }
    }
}
