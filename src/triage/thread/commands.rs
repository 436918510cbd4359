//! Carrying out commands: opening, pausing, cancelling, processing again,
//! unlocking and forgetting batches.

use std::collections::HashSet;
use std::sync::Arc;

use super::super::command::{Command, Scope};
use super::super::decisions::Decided;
use super::super::event::Event;
use super::super::intake::each_once;
use super::super::open_batch::OpenBatch;
use super::super::queue::Target;
use super::external::without_text;
use super::previews::inspection;
use super::{Message, SessionThread, now_seconds, sampling, saving};
use crate::analysis::judge_document;
use crate::format::counted;
use crate::library::{LibraryError, Results};
use crate::model::{
    BatchId, Document, DocumentId, DocumentStatus, Failure, FailureKind, PageId, Secret,
};
use crate::worker::Opening;

impl SessionThread {
    pub(super) fn carry_out(&mut self, command: Command) -> Result<(), LibraryError> {
        match command {
            Command::TakeIn {
                paths,
                destination,
                passwords,
            } => self.start_intake(&paths, destination, passwords)?,
            Command::TakeInKnown { known, passwords } => {
                self.take_in_known(&known, passwords)?;
            }
            Command::Open(batch) => self.show(batch)?,
            Command::GoOn(batch) => {
                self.load(batch)?;
                let open = self.open.get(&batch);
                if open.is_some_and(|open| !open.batch.cancelled) {
                    self.go_on(batch)?;
                }
            }
            Command::Pause => self.pause(true),
            Command::Resume => self.pause(false),
            Command::Cancel(batch) => self.cancel(batch)?,
            Command::Reprocess {
                batch,
                scope,
                passwords,
            } => {
                self.load(batch)?;
                self.remember_passwords(batch, passwords);
                self.reprocess(batch, &scope)?;
            }
            Command::UseResults {
                batch,
                pages,
                which,
            } => self.use_results(batch, &pages, which)?,
            Command::Unlock {
                batch,
                document,
                passwords,
            } => self.unlock(batch, document, passwords)?,
            Command::RunAnalyser {
                batch,
                analyser,
                scope,
            } => self.run_analyser(batch, &analyser, &scope)?,
            Command::Search { batch, typed } => self.search(batch, typed),
            Command::KeepRules(rules) => {
                self.library.write(|writer| writer.keep_rules(&rules))?;
                if let Some(batch) = self.shown {
                    self.propose(batch)?;
                }
            }
            Command::Propose(batch) => self.propose(batch)?,
            Command::Decide { batch, said, rule } => self.decide(batch, said, rule.as_deref())?,
            Command::Seen { batch, pages } => self.note_seen(batch, &pages)?,
            Command::DrawSample {
                batch,
                pages,
                query,
                confidence,
                margin,
            } => {
                let wanted = (confidence, margin);
                let sample = sampling::draw(&mut self.library, batch, &pages, &query, wanted)?;
                self.tell(Event::Sampled(batch, Some(Box::new(sample))));
            }
            Command::JudgeSample {
                batch,
                place,
                judged,
            } => {
                let sample = sampling::judge(&mut self.library, batch, place, judged)?;
                let sample = sample.map(Box::new);
                self.tell_all(sample.map(|sample| Event::Sampled(batch, Some(sample))));
            }
            Command::TellSample(batch) => {
                let sample = self.library.reader().latest_sample(batch)?;
                self.tell(Event::Sampled(batch, sample.map(Box::new)));
            }
            Command::CountTerms { batch, terms } => {
                // What was analysed is counted, even if not committed yet.
                self.commit();
                self.searching.count_terms(batch, terms, self.teller());
            }
            Command::Tally(batch) => self.tally(batch)?,
            Command::UndoDecision(batch) => self.step_back(batch, false)?,
            Command::RedoDecision(batch) => self.step_back(batch, true)?,
            Command::KeepThresholds { batch, thresholds } => self
                .library
                .write(|writer| writer.keep_thresholds(batch, &thresholds))?,
            Command::StopAnalysers(batch) => self.stop_analysers(batch)?,
            Command::SetEngine(choice) => {
                self.engines.choose(choice);
                self.use_engines();
            }
            Command::InstallPdfium => {
                let answer = self.answer(Message::PdfiumInstalled);
                if self.engines.install(self.scratch.scratch(), answer) {
                    self.tell(self.engines.told());
                }
            }
            Command::DescribeEngines => self.engines.describe(self.crew.place(), self.teller()),
            Command::Look(pages) => {
                let documents = pages.iter().map(|page| page.document);
                self.crew.place().packs.protect(documents);
                self.crew.queue(|queue| queue.look_at(&pages));
            }
            Command::Thumbnails(pages) => {
                let known = pages
                    .into_iter()
                    .filter_map(|page| Some((*self.batch_of.get(&page.document)?, page)));
                self.previews.thumbnails(known);
            }
            Command::View(wanted) => {
                for (page, _) in &wanted {
                    self.load_document(page.document)?;
                }
                self.view(wanted);
            }
            Command::Inspect(page) => {
                let inspection = inspection(self.library.reader(), page)?;
                self.tell(Event::Inspection(inspection));
            }
            Command::TakeOut { batch, documents } => self.take_out(batch, &documents)?,
            Command::Forget(batch) => self.forget(batch)?,
            Command::Rename(batch, name) => {
                self.library
                    .write(|writer| writer.rename_batch(batch, &name))?;
                if let Some(open) = self.open.get_mut(&batch) {
                    open.batch.name = name;
                }
                self.tell_batches();
                self.tell_progress();
            }
            Command::Archive(batch, archived) => {
                self.library
                    .write(|writer| writer.set_archived(batch, archived))?;
                if let Some(open) = self.open.get_mut(&batch) {
                    open.batch.archived = archived;
                }
                self.tell_batches();
                self.tell_progress();
            }
            Command::BeginSplit(batch) => self.begin_split(batch),
            Command::KeepSplit { batch, plan } => {
                let kept = self.library.write(|writer| writer.keep_split(batch, &plan));
                if let Err(error) = kept {
                    self.trouble("The plan for splitting could not be kept", &error);
                }
            }
            Command::ProposeSplit { batch, rules } => {
                let (documents, tell) = (self.splittable(batch), self.teller());
                self.splitting
                    .propose(batch, *rules, documents, &self.crew, tell);
            }
            Command::ForecastSplit {
                batch,
                version,
                plan,
                options,
            } => {
                let (documents, tell) = (self.splittable(batch), self.teller());
                let asked = (batch, version);
                self.splitting
                    .forecast(asked, plan, options, documents, &self.crew, tell);
            }
            Command::ExportSplit {
                batch,
                plan,
                names,
                options,
            } => self.export_split(batch, (plan, names, options)),
            Command::StopExport => self.splitting.stop_export(),
            Command::CleanScratch => self.clean_scratch(),
            Command::LookIntoScratch => self.look_into_scratch(),
            Command::SaveTable {
                batch,
                listed,
                format,
                path,
                replace,
            } => {
                // What was analysed is in it, even if not committed yet.
                self.commit();
                let wanted = saving::Wanted {
                    batch,
                    listed,
                    format,
                    path,
                    replace,
                };
                let packs = self.crew.place().packs.clone();
                saving::save_table(&self.options.library, packs, wanted, self.teller());
            }
            Command::Verify(manifest) => saving::verify(manifest, self.teller()),
            Command::FindDuplicates => self.find_duplicates(),
            Command::DismissDuplicates { pages, restore } => {
                self.duplicates
                    .dismiss(&mut self.library, &pages, restore)?;
                match self.duplicates.told() {
                    Some(known) => self.tell(known),
                    None => self.find_duplicates(),
                }
            }
            Command::MoveScratch(folder) => self.move_scratch(folder.as_deref()),
            Command::Replay(record) => self.replay(record),
            Command::SetScratchPolicy(policy) => {
                if let Err(error) = self.scratch.set_policy(policy) {
                    self.trouble("The policy holds until the program ends", &error);
                }
                self.measure_scratch();
                self.look_into_scratch();
            }
        }
        Ok(())
    }

    pub(super) fn show(&mut self, batch: BatchId) -> Result<(), LibraryError> {
        self.load(batch)?;
        let reader = self.library.reader();
        let failures = reader.failures(batch)?;
        let findings = reader.findings(batch)?;
        let thresholds = reader.thresholds(batch)?;
        let details = reader.details(batch)?;
        let Some(open) = self.open.get(&batch) else {
            return Err(LibraryError::Missing {
                what: "batch",
                id: batch.0,
            });
        };
        let decided = Decided::of(&open.decisions, reader, batch)?;
        let event = Event::Opened {
            batch: open.batch.clone(),
            documents: open.all_documents(),
            pages: open.all_pages(),
            before: open.before.values().cloned().collect(),
            failures,
            findings: findings.into_iter().map(without_text).collect(),
            thresholds,
            judged: details
                .iter()
                .map(|(id, details)| (*id, judge_document(details)))
                .collect(),
            decided,
        };
        self.shown = Some(batch);
        self.tell(event);
        self.propose(batch)?;
        self.go_on(batch)?;
        self.tell_batches();
        self.tell_progress();
        self.measure_scratch();
        Ok(())
    }

    pub(super) fn load(&mut self, batch: BatchId) -> Result<(), LibraryError> {
        if self.open.contains_key(&batch) {
            return Ok(());
        }
        let mut damage = Vec::new();
        if let Some(open) = OpenBatch::load(self.library.reader(), batch, &mut damage)? {
            self.note_damage(damage)?;
            self.batch_of
                .extend(open.documents.keys().map(|document| (*document, batch)));
            self.open.insert(batch, open);
            self.drop_undeclared(batch)?;
        }
        Ok(())
    }

    /// Records pages whose measurements cannot be read, so that they can be tried again.
    fn note_damage(&mut self, damage: Vec<Failure>) -> Result<(), LibraryError> {
        if damage.is_empty() {
            return Ok(());
        }
        self.tell(Event::Trouble(format!(
            "What was measured on {} cannot be read from the library. They are listed as failed; \
             try them again.",
            counted(damage.len() as u64, "page", "pages")
        )));
        let at = now_seconds();
        self.library.write(|writer| {
            let mut records = damage.into_iter();
            records.try_for_each(|record| writer.page_unreadable(&Failure { at, ..record }))
        })
    }

    /// Loads the batch of a document: duplicates are found in all of them.
    fn load_document(&mut self, id: DocumentId) -> Result<(), LibraryError> {
        if !self.batch_of.contains_key(&id)
            && let Some(document) = self.library.reader().document(id)?
        {
            self.load(document.batch)?;
        }
        Ok(())
    }

    /// Queues what is unfinished, unless it is queued already.
    pub(super) fn go_on(&mut self, batch: BatchId) -> Result<(), LibraryError> {
        let Some(open) = self.open.get_mut(&batch) else {
            return Ok(());
        };
        if open.run.is_some() || !open.has_work() {
            return Ok(());
        }
        if open.batch.cancelled {
            open.batch.cancelled = false;
            self.library
                .write(|writer| writer.set_cancelled(batch, false))?;
        }
        self.enqueue_batch(batch);
        self.begin_run(batch);
        Ok(())
    }

    pub(super) fn enqueue_batch(&mut self, batch: BatchId) {
        let Some(open) = self.open.get(&batch) else {
            return;
        };
        for document in open.all_documents() {
            if document.status.waits() {
                self.enqueue_document(&document);
            } else {
                self.enqueue_opened(&document);
            }
        }
    }

    /// Queues what is left to do in a document that was opened, or failed.
    pub(super) fn enqueue_opened(&self, document: &Document) {
        let Some(open) = self.open.get(&document.batch) else {
            return;
        };
        let target = self.target(document);
        let is_opened = document.status.is_opened();
        let waiting = open.waiting_pages(document.id);
        self.crew.queue(|queue| {
            if is_opened && open.uninspected.contains(&document.id) {
                queue.add_inspection(target.clone());
            }
            if is_opened {
                queue.add_pages(target, waiting);
            }
        });
        self.enqueue_analysers_of(document.batch, document.id);
    }

    pub(super) fn enqueue_document(&self, document: &Document) {
        let open = self.open.get(&document.batch);
        let expected = open.and_then(|open| open.expected.get(&document.source));
        let target = Target {
            opening: Opening {
                expected: expected.copied(),
                ..self.target(document).opening
            },
            batch: document.batch,
        };
        self.crew.queue(|queue| queue.add_document(target));
    }

    pub(super) fn target(&self, document: &Document) -> Target {
        let open = self.open.get(&document.batch);
        let passwords = open.map(|open| open.passwords.clone()).unwrap_or_default();
        let engines = open.and_then(|open| open.engines.get(&document.id));
        Target {
            batch: document.batch,
            opening: Opening {
                document: document.id,
                source: document.source.clone(),
                engines: engines.unwrap_or(&self.usual_engines).clone(),
                passwords,
                expected: document.hash,
                largest: self.largest_document,
            },
        }
    }

    pub(super) fn pause(&mut self, paused: bool) {
        self.paused = paused;
        if !paused {
            // A cancelled batch that a person resumes goes on.
            if let Some(shown) = self.shown
                && let Err(error) = self.go_on(shown)
            {
                self.trouble("The batch could not go on", &error);
            }
        }
        self.crew.halt(self.paused || self.held.is_some());
        self.changed = true;
    }

    pub(super) fn cancel(&mut self, batch: BatchId) -> Result<(), LibraryError> {
        self.library
            .write(|writer| writer.set_cancelled(batch, true))?;
        self.crew
            .queue(|queue| queue.remove(|target| target.batch == batch));
        if let Some(open) = self.open.get_mut(&batch) {
            open.batch.cancelled = true;
        }
        self.end_run(batch, "cancelled");
        self.changed = true;
        self.tell_batches();
        Ok(())
    }

    /// Has documents and pages analysed again. What is known of them stays until newer
    /// results are there.
    pub(super) fn reprocess(&mut self, batch: BatchId, scope: &Scope) -> Result<(), LibraryError> {
        self.commit();
        self.load(batch)?;
        let Some(open) = self.open.get_mut(&batch) else {
            return self.show(batch);
        };
        let (documents, pages): (Vec<DocumentId>, Vec<PageId>) = match scope {
            Scope::All => (open.documents.keys().copied().collect(), vec![]),
            Scope::Failed => open.what_failed(),
            Scope::Documents(documents) => (documents.clone(), vec![]),
            Scope::Pages(pages) => (vec![], pages.clone()),
        };
        self.library.write(|writer| {
            writer.redo_documents(&documents)?;
            writer.redo_pages(&pages)?;
            writer.set_cancelled(batch, false)
        })?;
        open.changed.clear();
        open.batch.cancelled = false;
        let (documents, pages) = open.redo(&documents, &pages);
        self.crew
            .queue(|queue| queue.remove(|target| target.batch == batch));
        // What it has found already stays beside what is found now.
        self.end_run(batch, "superseded");
        if self.shown != Some(batch) {
            return self.show(batch);
        }
        self.tell(Event::Documents(batch, documents));
        self.tell(Event::Pages(batch, pages));
        self.go_on(batch)?;
        self.tell_batches();
        self.tell_progress();
        Ok(())
    }

    /// Has the results of one of the two runs that are kept count on these pages.
    fn use_results(
        &mut self,
        batch: BatchId,
        pages: &[PageId],
        which: Results,
    ) -> Result<(), LibraryError> {
        self.commit();
        self.load(batch)?;
        let changed = self
            .library
            .write(|writer| writer.use_results(pages, which))?;
        if let Err(error) = self.follow_results(batch, &changed) {
            // What is in memory is not what is kept: all of it is read again.
            tracing::warn!(%error, "pages whose results changed could not be read");
            if let Some(open) = self.open.get_mut(&batch) {
                open.reload(self.library.reader())?;
            }
            return self.show(batch);
        }
        let pages = counted(changed.len() as u64, "page", "pages");
        self.tell(Event::Notice(match which {
            Results::Before => format!("What was known before counts again on {pages}."),
            Results::Latest => format!("What the latest run found counts on {pages}."),
        }));
        self.changed = true;
        self.after_progress(batch);
        Ok(())
    }

    /// Has the pages in memory follow, and tells the face.
    fn follow_results(&mut self, batch: BatchId, changed: &[PageId]) -> Result<(), LibraryError> {
        let Some(open) = self.open.get_mut(&batch) else {
            return Ok(());
        };
        let (mut replaced, mut now) = (Vec::new(), Vec::new());
        for id in changed {
            let Some(fresh) = self.library.reader().page(*id)? else {
                continue;
            };
            match open.pages.get(*id) {
                Some(before) if before.measurements.is_some() => {
                    open.before.insert(*id, Arc::clone(before));
                    replaced.push(Arc::clone(before));
                }
                _ => {
                    open.before.remove(id);
                }
            }
            now.extend(open.pages.change(*id, |page| *page = fresh));
        }
        self.tell(Event::Replaced(batch, replaced));
        self.tell(Event::Pages(batch, now));
        Ok(())
    }

    pub(super) fn unlock(
        &mut self,
        batch: BatchId,
        document: Option<DocumentId>,
        passwords: Vec<Secret>,
    ) -> Result<(), LibraryError> {
        self.load(batch)?;
        self.remember_passwords(batch, passwords);
        let Some(open) = self.open.get(&batch) else {
            return Ok(());
        };
        let is_locked = |document: &&Document| {
            let failed = open.failed.get(&(document.id, None));
            document.status == DocumentStatus::NeedsPassword
                || failed == Some(&FailureKind::NeedsPassword)
        };
        let locked: Vec<DocumentId> = open
            .documents
            .values()
            .filter(is_locked)
            .map(|d| d.id)
            .filter(|id| document.is_none_or(|wanted| wanted == *id))
            .collect();
        if locked.is_empty() {
            return Ok(());
        }
        self.reprocess(batch, &Scope::Documents(locked))
    }

    pub(super) fn remember_passwords(&mut self, batch: BatchId, passwords: Vec<Secret>) {
        let Some(open) = self.open.get_mut(&batch) else {
            return;
        };
        for password in passwords {
            if !password.is_empty() && !open.passwords.contains(&password) {
                open.passwords.push(password);
            }
        }
    }

    /// Takes documents out of a batch.
    fn take_out(&mut self, batch: BatchId, documents: &[DocumentId]) -> Result<(), LibraryError> {
        self.load(batch)?;
        let Some(open) = self.open.get_mut(&batch) else {
            return Ok(());
        };
        let mut ids: HashSet<DocumentId> = documents.iter().copied().collect();
        ids.retain(|id| open.documents.contains_key(id));
        if ids.is_empty() {
            return Ok(());
        }
        let documents = open.documents.values();
        let gone = documents.filter(|document| ids.contains(&document.id));
        let gone: Vec<Document> = gone.cloned().collect();
        self.library
            .write(|writer| writer.take_out(batch, ids.iter().copied()))?;
        open.reload(self.library.reader())?;
        self.crew
            .queue(|queue| queue.remove(|target| ids.contains(&target.document())));
        self.batch_of.retain(|document, _| !ids.contains(document));
        self.crew.place().packs.remove_documents(batch, &ids);
        let files = gone
            .iter()
            .map(|document| document.source.file().to_owned());
        self.tell(Event::TakenOut {
            batch,
            files: each_once(&files.collect::<Vec<_>>()),
            names: gone.into_iter().map(|document| document.name).collect(),
        });
        if self.shown == Some(batch) {
            self.show(batch)?;
        }
        self.changed = true;
        self.after_progress(batch);
        self.tell_batches();
        Ok(())
    }

    pub(super) fn forget(&mut self, batch: BatchId) -> Result<(), LibraryError> {
        self.library.write(|writer| writer.forget_batch(batch))?;
        self.crew
            .queue(|queue| queue.remove(|target| target.batch == batch));
        self.open.remove(&batch);
        self.batch_of.retain(|_, of| *of != batch);
        self.crew.place().packs.remove_batch(batch);
        if self.shown == Some(batch) {
            self.shown = None;
        }
        self.tell_batches();
        self.measure_scratch();
        Ok(())
    }

    pub(super) fn begin_run(&mut self, batch: BatchId) {
        self.watch_library();
        let Some(open) = self.open.get_mut(&batch) else {
            return;
        };
        if open.run.is_some() {
            return;
        }
        let settings = &self.run_settings;
        match self
            .library
            .write(|writer| writer.start_run(batch, settings, now_seconds()))
        {
            Ok(run) => open.run = Some(run),
            Err(error) if error.is_fatal() => self.lose(&error),
            Err(error) => self.trouble("The run could not be noted", &error),
        }
    }

    pub(super) fn end_run(&mut self, batch: BatchId, outcome: &str) {
        let Some(run) = self.open.get_mut(&batch).and_then(|open| open.run.take()) else {
            return;
        };
        let noted = self
            .library
            .write(|writer| writer.finish_run(run, outcome, now_seconds()));
        match noted {
            Ok(()) => {}
            Err(error) if error.is_fatal() => self.lose(&error),
            Err(error) => self.trouble("The end of the run could not be noted", &error),
        }
    }

    /// Notes the end of a run once nothing is left to do.
    pub(super) fn after_progress(&mut self, batch: BatchId) {
        let finished = self
            .open
            .get(&batch)
            .is_some_and(|open| open.run.is_some() && open.is_finished());
        if finished {
            self.end_run(batch, "finished");
            self.tell_progress();
            self.tell_batches();
            self.measure_scratch();
        }
    }
}
