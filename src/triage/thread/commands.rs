//! The routing of commands: each goes to the part that carries it out, and what comes of
//! it to the crew, the batches and the face.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::super::background::{self, Broken};
use super::super::command::{Command, Destination, Scope};
use super::super::event::{Event, Looks};
use super::super::intake::{self, KnownSources, NotTaken, each_once};
use super::super::leaving_out;
use super::super::locating::{Located, locate, relocate};
use super::super::looking;
use super::super::moving::{Moved, ToMove, cannot_move, move_away};
use super::super::open_batch::OpenBatch;
use super::super::page_files::{PageSource, WantedPages};
use super::super::record::{Record, RecordName};
use super::super::replay::replay;
use super::super::split::{ExportOptions, SplitDocument};
use super::batches::opened;
use super::ingest::attached_to;
use super::searching::Search;
use super::splitting::{MayExport, splittable, unsplittable, up_to_date};
use super::watching::Settled;
use super::{
    Message, SessionThread, deciding, external, ingest, now_seconds, page_files, previews,
    reprocessing, sampling, saving, splitting,
};
use crate::format::counted;
use crate::library::{LibraryError, Results};
use crate::model::{
    BatchId, Document, DocumentId, Failure, PageId, Secret, SplitPlan, WatchedFolder,
};

impl SessionThread {
    pub(super) fn carry_out(&mut self, command: Command) -> Result<(), LibraryError> {
        match command {
            Command::TakeIn {
                paths,
                destination,
                passwords,
            } => self.start_intake(&paths, destination, passwords)?,
            Command::PutBack { batch, files } => self.put_back(batch, files)?,
            Command::TakeInKnown { known, passwords } => {
                self.take_in_known(&known, passwords)?;
            }
            Command::Watch {
                folders,
                for_good,
                moved_to,
                passwords,
            } => self.watch(&folders, for_good, moved_to, passwords)?,
            Command::StopWatching(batch) => {
                self.watching.stop(batch);
                self.library
                    .write(|writer| writer.watch(batch, &[], None))?;
                self.follow_watched();
            }
            Command::MoveTaken { batch, moved_to } => self.move_taken(batch, moved_to)?,
            Command::Open(batch) => self.show(batch)?,
            Command::GoOn(batch) => {
                self.load(batch)?;
                if !self.batches.is_cancelled(batch) {
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
            Command::Unlock { batch, passwords } => self.unlock(batch, passwords)?,
            Command::RunAnalyser {
                batch,
                analyser,
                scope,
            } => self.run_analyser(batch, &analyser, &scope)?,
            Command::StopAnalysers(batch) => self.stop_analysers(batch)?,
            Command::Search { batch, typed } => self.search(batch, typed),
            Command::CountTerms { batch, terms } => {
                // What was analysed is counted, even if not committed yet.
                self.commit();
                self.searching.count_terms(batch, terms, self.teller());
            }
            Command::KeepRules(rules) => {
                self.library.write(|writer| writer.keep_rules(&rules))?;
                if let Some(batch) = self.batches.shown {
                    self.propose(batch)?;
                }
            }
            Command::Propose(batch) => self.propose(batch)?,
            Command::Decide { batch, said, rule } => self.decide(batch, said, rule.as_deref())?,
            Command::UndoDecision(batch) => self.step_back(batch, false)?,
            Command::RedoDecision(batch) => self.step_back(batch, true)?,
            Command::Seen { batch, pages } => {
                if let Some(open) = self.batches.get(batch) {
                    deciding::note_seen(&mut self.library, open, &pages)?;
                }
            }
            Command::Tally(batch) => {
                self.load(batch)?;
                self.tell_all(self.batches.get(batch).map(deciding::tally));
            }
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
            Command::KeepThresholds { batch, thresholds } => self
                .library
                .write(|writer| writer.keep_thresholds(batch, &thresholds))?,
            Command::SetEngine(choice) => {
                self.engines.choose(choice);
                self.use_engines();
            }
            Command::InstallPdfium => {
                let answer = self.answer(Message::PdfiumInstalled);
                if self.engines.install(self.scratch.current(), answer) {
                    self.tell(self.engines.told());
                }
            }
            Command::DescribeEngines => {
                self.engines.describe(self.scheduler.place(), self.teller());
            }
            Command::Look(pages) => self.scheduler.look_at(&pages),
            Command::Thumbnails(pages) => {
                let known = pages
                    .into_iter()
                    .filter_map(|page| Some((self.batches.of(page.document)?, page)));
                self.previews.thumbnails(known);
            }
            Command::View(wanted) => {
                for (page, _) in &wanted {
                    self.load_document(page.document)?;
                }
                self.view(wanted);
            }
            Command::Inspect(page) => {
                let looks = self.looks(page);
                let inspection = previews::inspection(self.library.reader(), page, looks)?;
                self.tell(Event::Inspection(inspection));
            }
            Command::TakeOut { batch, documents } => self.take_out(batch, &documents)?,
            Command::LeaveOut {
                batch,
                documents,
                reason,
            } => self.leave_out(batch, &documents, reason.as_deref())?,
            Command::Replace {
                batch,
                document,
                by,
            } => self.replace(batch, document, by)?,
            Command::Forget(batch) => self.forget(batch)?,
            Command::Rename(batch, name) => {
                self.library
                    .write(|writer| writer.rename_batch(batch, &name))?;
                if let Some(open) = self.batches.get_mut(batch) {
                    open.batch.name = name;
                }
                self.tell_batches();
                self.tell_progress();
            }
            Command::Archive(batch, archived) => {
                self.library
                    .write(|writer| writer.set_archived(batch, archived))?;
                if let Some(open) = self.batches.get_mut(batch) {
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
                let crew = self.scheduler.crew();
                self.splitting.propose(batch, *rules, documents, crew, tell);
            }
            Command::ForecastSplit {
                batch,
                version,
                plan,
                options,
            } => {
                let (documents, tell) = (self.splittable(batch), self.teller());
                let (asked, crew) = ((batch, version), self.scheduler.crew());
                self.splitting
                    .forecast(asked, plan, options, documents, crew, tell);
            }
            Command::ExportSplit {
                batch,
                plan,
                names,
                options,
            } => self.export_split(batch, (plan, names, options)),
            Command::StopExport => self.splitting.stop_export(),
            Command::ForecastPages {
                batch,
                version,
                wanted,
            } => {
                let asked = self.page_files_of(batch, wanted);
                self.page_files.forecast(asked, version, self.teller());
            }
            Command::ExportPages { batch, wanted } => {
                let asked = self.page_files_of(batch, wanted);
                let (crew, tell) = (self.scheduler.crew(), self.teller());
                self.page_files.write(asked, crew, tell);
            }
            Command::StopPages => self.page_files.stop(),
            Command::CleanScratch => {
                match self.scratch.clean(self.batches.shown) {
                    Ok(said) => self.tell(said),
                    Err(error) => self.trouble("Scratch could not be cleaned", &error),
                }
                self.measure_scratch();
            }
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
                let packs = self.scheduler.place().packs.clone();
                saving::save_table(&self.options.library, packs, wanted, self.teller());
            }
            Command::Locate { batch, folder } => {
                self.load(batch)?;
                if let Some(open) = self.batches.get(batch) {
                    let (documents, below) = (open.all_documents(), folder.clone());
                    let work = move || locate(&documents, &below);
                    let answer = move |located| Message::Located(batch, folder, located);
                    background::spawn("locating", work, self.answer(answer));
                }
            }
            Command::BackUp(file) => {
                // What was analysed is in it, even if not committed yet.
                self.commit();
                saving::back_up(&self.options.library, file, self.teller());
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

    /// Has a batch in memory, where there is such a batch.
    fn load(&mut self, batch: BatchId) -> Result<(), LibraryError> {
        if self.batches.is_open(batch) {
            return Ok(());
        }
        let mut damage = Vec::new();
        if let Some(open) = OpenBatch::load(self.library.reader(), batch, &mut damage)? {
            self.note_damage(damage)?;
            self.batches.put(open);
        }
        if let Some(open) = self.batches.get_mut(batch) {
            external::drop_undeclared(&mut self.library, open, self.scheduler.analysers())?;
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
        if self.batches.of(id).is_none()
            && let Some(document) = self.library.reader().document(id)?
        {
            self.load(document.batch)?;
        }
        Ok(())
    }

    fn show(&mut self, batch: BatchId) -> Result<(), LibraryError> {
        self.load(batch)?;
        let Some(open) = self.batches.get(batch) else {
            return Err(LibraryError::Missing {
                what: "batch",
                id: batch.0,
            });
        };
        let opened = opened(open, self.library.reader())?;
        self.batches.shown = Some(batch);
        self.tell(opened);
        self.propose(batch)?;
        self.go_on(batch)?;
        self.tell_batches();
        self.tell_progress();
        self.measure_scratch();
        Ok(())
    }

    /// Queues what is unfinished, unless it is queued already.
    fn go_on(&mut self, batch: BatchId) -> Result<(), LibraryError> {
        let Some(open) = self.batches.get_mut(batch) else {
            return Ok(());
        };
        if open.run.is_some() {
            return Ok(());
        }
        // What is still being looked for goes on as well.
        let has_work = open.has_work();
        if open.batch.cancelled && (has_work || open.intakes > 0) {
            open.batch.cancelled = false;
            self.library
                .write(|writer| writer.set_cancelled(batch, false))?;
        }
        if has_work {
            self.scheduler.add_batch(open);
            self.begin_run(batch);
        }
        Ok(())
    }

    fn pause(&mut self, paused: bool) {
        self.brake.pause(paused);
        if !paused {
            // A cancelled batch that a person resumes goes on.
            if let Some(shown) = self.batches.shown
                && let Err(error) = self.go_on(shown)
            {
                self.trouble("The batch could not go on", &error);
            }
        }
        self.scheduler.crew().halt(self.brake.halts());
        self.progress.changed = true;
    }

    fn cancel(&mut self, batch: BatchId) -> Result<(), LibraryError> {
        self.library
            .write(|writer| writer.set_cancelled(batch, true))?;
        self.scheduler.drop_batch(batch);
        if let Some(open) = self.batches.get_mut(batch) {
            open.batch.cancelled = true;
        }
        self.end_run(batch, "cancelled");
        self.progress.changed = true;
        self.tell_batches();
        Ok(())
    }

    fn start_intake(
        &mut self,
        paths: &[PathBuf],
        destination: Destination,
        passwords: Vec<Secret>,
    ) -> Result<(), LibraryError> {
        let roots = each_once(paths);
        let batch = ingest::batch_for(&mut self.library, &roots, destination)?;
        self.load(batch)?;
        match self.batches.get_mut(batch) {
            Some(open) => {
                open.intakes += 1;
                let known = open.documents.len();
                open.before_intake = (known > 0).then_some(known);
            }
            None => return Ok(()),
        }
        self.unlock(batch, passwords)?;
        self.show(batch)?;
        self.walk(batch, roots, None);
        Ok(())
    }

    /// Takes in again what was taken out: from the folders that it came from, which its names
    /// begin with.
    fn put_back(&mut self, batch: BatchId, files: Vec<PathBuf>) -> Result<(), LibraryError> {
        let roots = self.library.reader().roots(batch)?;
        self.load(batch)?;
        let Some(open) = self.batches.get_mut(batch) else {
            return Ok(());
        };
        open.intakes += 1;
        self.show(batch)?;
        let mut from: Vec<PathBuf> = roots.into_iter().filter(|root| root.is_dir()).collect();
        let is_below = |file: &&PathBuf| from.iter().any(|folder| file.starts_with(folder));
        let (below, others): (Vec<_>, Vec<_>) = files.iter().partition(is_below);
        let below: HashSet<PathBuf> = below.into_iter().cloned().collect();
        from.extend(others.into_iter().cloned());
        self.walk(batch, from, Some(below));
        Ok(())
    }

    /// Has files be looked through for a batch, which has counted that it is.
    fn walk(&self, batch: BatchId, roots: Vec<PathBuf>, only: Option<HashSet<PathBuf>>) {
        let messages = self.messages.clone();
        let found = move |found| messages.send(Message::Found(batch, found)).is_ok();
        let answer = self.answer(move |walked| Message::IntakeEnded(batch, walked));
        ingest::walk(roots, only, self.scheduler.crew(), found, answer);
    }

    /// Has folders be watched for their batch, made where there is none.
    fn watch(
        &mut self,
        folders: &[PathBuf],
        for_good: bool,
        moved_to: Option<PathBuf>,
        passwords: Vec<Secret>,
    ) -> Result<(), LibraryError> {
        let folders = each_once(folders);
        let moved_to = moved_to.and_then(|folder| each_once(&[folder]).pop());
        if let Some(problem) = moved_to.as_deref().and_then(|to| cannot_move(&folders, to)) {
            self.tell(Event::Refused(problem));
            return Ok(());
        }
        let batch = ingest::batch_for(&mut self.library, &folders, Destination::Auto)?;
        if for_good {
            self.library
                .write(|writer| writer.watch(batch, &folders, moved_to.as_deref()))?;
        } else {
            let folders = folders.into_iter();
            self.watching.watch(folders.map(|folder| WatchedFolder {
                batch,
                folder,
                moved_to: moved_to.clone(),
            }));
        }
        self.load(batch)?;
        self.unlock(batch, passwords)?;
        self.show(batch)?;
        self.follow_watched();
        Ok(())
    }

    /// Has files go from the watched folders of a batch to another, or stay.
    fn move_taken(
        &mut self,
        batch: BatchId,
        moved_to: Option<PathBuf>,
    ) -> Result<(), LibraryError> {
        let watched = self.watching.watched().into_iter();
        let of_it = watched.filter(|watched| watched.batch == batch);
        let folders: Vec<PathBuf> = of_it.map(|watched| watched.folder).collect();
        let moved_to = moved_to.and_then(|folder| each_once(&[folder]).pop());
        if let Some(problem) = moved_to.as_deref().and_then(|to| cannot_move(&folders, to)) {
            self.tell(Event::Refused(problem));
            return Ok(());
        }
        self.library
            .write(|writer| writer.watch(batch, &folders, moved_to.as_deref()))?;
        self.follow_watched();
        self.load(batch)?;
        self.move_away(batch);
        Ok(())
    }

    /// Moves what was taken in out of watched folders, where that is wanted and all of the
    /// batch is analysed.
    pub(super) fn move_away(&self, batch: BatchId) {
        let Some((folders, to)) = self.watching.moves(batch) else {
            return;
        };
        let Some(open) = self.batches.get(batch).filter(|open| open.is_finished()) else {
            return;
        };
        let documents = open.documents.values().map(|document| {
            let failed = open.failed.get(&(document.id, None));
            let failed = failed.filter(|_| document.status.is_failure());
            (document.clone(), failed.copied())
        });
        let wanted = ToMove {
            folders: folders.to_vec(),
            documents: documents.collect(),
            to: to.to_owned(),
        };
        let to = wanted.to.clone();
        let answer = self.answer(move |moved| Message::Moved(batch, to, moved));
        background::spawn("moving", move || move_away(wanted), answer);
    }

    /// Files were moved out of watched folders: that is where their documents are from now on.
    pub(super) fn moved(
        &mut self,
        batch: BatchId,
        to: &Path,
        moved: Result<Moved, Broken>,
    ) -> Result<(), LibraryError> {
        let moved = match moved {
            Ok(moved) => moved,
            Err(broken) => {
                self.refused("Files could not be moved", &broken);
                return Ok(());
            }
        };
        self.library.write(|writer| {
            let mut found = moved.found.iter();
            found.try_for_each(|found| {
                writer.source_moved(found.document, &found.source, found.modified)
            })
        })?;
        let open = self.batches.get(batch);
        let files = open.map(|open| open.files_of(&moved.found));
        let files = files.unwrap_or_default();
        let mut told = Vec::new();
        for open in self.batches.iter_mut() {
            let documents = open.follow_files(&files);
            told.push(Event::Documents(open.batch.id, documents));
        }
        self.tell_all(told);
        self.tell_all(moved.sentence(to).map(Event::Notice));
        self.tell_all(moved.problems.into_iter().map(Event::Trouble));
        Ok(())
    }

    /// Sources were looked for: those that were found are where documents come from now.
    pub(super) fn located(
        &mut self,
        batch: BatchId,
        folder: &Path,
        located: Result<Located, Broken>,
    ) -> Result<(), LibraryError> {
        let located = match located {
            Ok(located) => located,
            Err(broken) => {
                self.refused("The folder could not be looked through", &broken);
                return Ok(());
            }
        };
        let Some(open) = self.batches.get_mut(batch) else {
            return Ok(());
        };
        let found = located.found.len();
        if found > 0 {
            relocate(&mut self.library, batch, folder, &located.found)?;
        }
        let moved = open.relocate(&located.found);
        let failed: Vec<DocumentId> = moved
            .iter()
            .filter(|document| open.failed.contains_key(&(document.id, None)))
            .map(|document| document.id)
            .collect();
        self.tell(Event::Documents(batch, moved));
        self.tell(Event::Notice(located.sentence(folder)));
        if !failed.is_empty() {
            self.reprocess(batch, &Scope::Documents(failed))?;
        }
        Ok(())
    }

    /// Takes in what has settled in watched folders.
    pub(super) fn take_in_settled(&mut self, settled: Settled) -> Result<(), LibraryError> {
        self.load(settled.batch)?;
        if let Some(open) = self.batches.get_mut(settled.batch) {
            open.intakes += 1;
            self.walk(settled.batch, settled.folders, Some(settled.files));
        }
        Ok(())
    }

    /// Takes in what somebody has found already.
    fn take_in_known(
        &mut self,
        known: &KnownSources,
        passwords: Vec<Secret>,
    ) -> Result<(), LibraryError> {
        let batch = ingest::batch_of_known(&mut self.library, known)?;
        self.load(batch)?;
        if let Some(open) = self.batches.get_mut(batch) {
            open.intakes += 1;
            // Before anything is opened.
            open.expected.clone_from(&known.expected);
        }
        self.remember_passwords(batch, passwords);
        self.show(batch)?;
        for found in known.documents.chunks(intake::CHUNK) {
            self.take_in(batch, found.to_vec());
        }
        self.intake_ended(batch, Ok(NotTaken::default()));
        Ok(())
    }

    /// Has documents and pages analysed again.
    fn reprocess(&mut self, batch: BatchId, scope: &Scope) -> Result<(), LibraryError> {
        self.commit();
        self.load(batch)?;
        let Some(open) = self.batches.get_mut(batch) else {
            return self.show(batch);
        };
        let redone = reprocessing::redo(&mut self.library, open, scope)?;
        self.scheduler.drop_batch(batch);
        // What it has found already stays beside what is found now.
        self.end_run(batch, "superseded");
        if self.batches.shown != Some(batch) {
            return self.show(batch);
        }
        self.tell(Event::Documents(batch, redone.documents));
        self.tell(Event::Pages(batch, redone.pages));
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
        let reader = self.library.reader();
        if let Some(open) = self.batches.get_mut(batch) {
            match reprocessing::follow_results(reader, open, &changed) {
                Ok(swapped) => {
                    self.tell(Event::Replaced(batch, swapped.replaced));
                    self.tell(Event::Pages(batch, swapped.pages));
                }
                Err(error) => {
                    // What is in memory is not what is kept: all of it is read again.
                    tracing::warn!(%error, "pages whose results changed could not be read");
                    open.reload(reader)?;
                    return self.show(batch);
                }
            }
        }
        let pages = counted(changed.len() as u64, "page", "pages");
        self.tell(Event::Notice(reprocessing::in_words(which, &pages)));
        self.progress.changed = true;
        self.after_progress(batch);
        Ok(())
    }

    fn unlock(&mut self, batch: BatchId, passwords: Vec<Secret>) -> Result<(), LibraryError> {
        self.load(batch)?;
        self.remember_passwords(batch, passwords);
        // Also where all were opened before: passwords end with the program.
        self.tell(Event::PasswordsCame(batch));
        let open = self.batches.get(batch);
        let locked = open.map(reprocessing::locked);
        match locked {
            Some(locked) if !locked.is_empty() => self.reprocess(batch, &Scope::Documents(locked)),
            _ => Ok(()),
        }
    }

    fn remember_passwords(&mut self, batch: BatchId, passwords: Vec<Secret>) {
        if let Some(open) = self.batches.get_mut(batch) {
            reprocessing::remember(open, passwords);
        }
    }

    /// Notes what an analyser is to look at, and begins.
    fn run_analyser(
        &mut self,
        batch: BatchId,
        name: &str,
        scope: &Scope,
    ) -> Result<(), LibraryError> {
        let Some(analyser) = self.scheduler.analysers().get(name).cloned() else {
            self.tell(Event::Refused(format!("There is no analyser {name}.")));
            return Ok(());
        };
        self.load(batch)?;
        let Some(open) = self.batches.get_mut(batch) else {
            return Ok(());
        };
        let wanted = external::wanted(self.library.reader(), open, &analyser, scope)?;
        if wanted.is_empty() {
            self.tell(Event::Notice(format!(
                "{name}: there is nothing to look at."
            )));
            return self.show_unless_shown(batch);
        }
        let new = external::begin(&mut self.library, open, wanted)?;
        if open.run.is_some() && !open.batch.cancelled {
            self.scheduler.add_external(open, &new);
        } else {
            self.go_on(batch)?;
        }
        self.progress.changed = true;
        self.show_unless_shown(batch)
    }

    fn show_unless_shown(&mut self, batch: BatchId) -> Result<(), LibraryError> {
        if self.batches.shown == Some(batch) {
            return Ok(());
        }
        self.show(batch)
    }

    fn stop_analysers(&mut self, batch: BatchId) -> Result<(), LibraryError> {
        self.library
            .write(|writer| writer.drop_waiting_findings(batch))?;
        self.scheduler.drop_external(batch);
        if let Some(open) = self.batches.get_mut(batch) {
            open.unanalysed.clear();
        }
        self.progress.changed = true;
        self.after_progress(batch);
        Ok(())
    }

    /// Looks up what was typed.
    fn search(&mut self, batch: BatchId, typed: String) {
        // What was analysed is found, even if not committed yet.
        self.commit();
        match Search::of(batch, typed) {
            Ok(search) => {
                let answer = self.tell_search();
                self.searching.search(search, answer);
            }
            Err(problem) => self.tell(Event::Refused(problem)),
        }
    }

    /// Looks up what rules propose, and tells it.
    fn propose(&mut self, batch: BatchId) -> Result<(), LibraryError> {
        // What was analysed is found, even if not committed yet.
        self.commit();
        let proposals = deciding::proposals(self.library.reader(), batch)?;
        self.tell(proposals);
        Ok(())
    }

    /// Says something of pages, or says why it cannot be.
    fn decide(
        &mut self,
        batch: BatchId,
        said: deciding::Said,
        rule: Option<&str>,
    ) -> Result<(), LibraryError> {
        if let Some(problem) = deciding::problem(&said) {
            self.tell(Event::Refused(problem));
            return Ok(());
        }
        self.load(batch)?;
        if let Some(open) = self.batches.get_mut(batch) {
            let decided = deciding::decide(&mut self.library, open, said, rule)?;
            self.tell_all(decided);
        }
        Ok(())
    }

    /// Takes back what was said last, or says it again.
    fn step_back(&mut self, batch: BatchId, again: bool) -> Result<(), LibraryError> {
        self.load(batch)?;
        if let Some(open) = self.batches.get_mut(batch) {
            let decided = deciding::step_back(&mut self.library, open, again)?;
            self.tell_all(decided);
        }
        Ok(())
    }

    /// Has pages drawn large.
    fn view(&self, pages: Vec<(PageId, u16)>) {
        let mut wanted = Vec::new();
        for (id, longest) in pages {
            match self.batches.page(id) {
                Some((open, document, page)) => {
                    let target = self.scheduler.target(open, document);
                    wanted.push(previews::wanted(target, page, longest));
                }
                None => self.tell(previews::unknown(id, longest)),
            }
        }
        self.tell_all(self.previews.views(wanted));
    }

    /// What a page looked like before it was analysed again, and looks like now.
    fn looks(&self, page: PageId) -> Option<Looks> {
        let open = self.batches.holding(page.document)?;
        open.before.get(&page)?;
        looking::looks(&self.scheduler.place().packs, open.batch.id, page)
    }

    /// Leaves documents out that cannot be read, for a reason, or takes that back.
    fn leave_out(
        &mut self,
        batch: BatchId,
        documents: &[DocumentId],
        reason: Option<&str>,
    ) -> Result<(), LibraryError> {
        self.load(batch)?;
        self.library.write(|writer| {
            let mut documents = documents.iter();
            documents.try_for_each(|document| writer.leave_out(*document, reason))
        })?;
        let Some(open) = self.batches.get_mut(batch) else {
            return Ok(());
        };
        let mut changed = Vec::new();
        for id in documents {
            if let Some(document) = open.documents.get_mut(id) {
                document.left_out = reason.map(str::to_owned);
                changed.push(document.clone());
            }
        }
        self.tell(Event::Documents(batch, changed));
        Ok(())
    }

    /// Leaves a document out that cannot be read, and takes in a file instead of it.
    fn replace(
        &mut self,
        batch: BatchId,
        document: DocumentId,
        by: PathBuf,
    ) -> Result<(), LibraryError> {
        self.load(batch)?;
        let open = self.batches.get(batch);
        let Some(replaced) = open.and_then(|open| open.documents.get(&document)) else {
            return Ok(());
        };
        if let Some(problem) = leaving_out::cannot_replace(replaced, &by) {
            self.tell(Event::Refused(problem));
            return Ok(());
        }
        let reason = leaving_out::replaced_by(&by);
        self.leave_out(batch, &[document], Some(&reason))?;
        self.start_intake(&[by], Destination::Batch(batch), Vec::new())
    }

    /// Takes documents out of a batch.
    fn take_out(&mut self, batch: BatchId, documents: &[DocumentId]) -> Result<(), LibraryError> {
        self.load(batch)?;
        let Some(open) = self.batches.get_mut(batch) else {
            return Ok(());
        };
        let mut ids: HashSet<DocumentId> = documents.iter().copied().collect();
        ids.retain(|id| open.documents.contains_key(id));
        if ids.is_empty() {
            return Ok(());
        }
        // What is attached came with them, and comes back with them.
        let holders = ids.iter().filter_map(|id| open.documents.get(id));
        let attached = holders.flat_map(|holder| attached_to(open, holder));
        let attached: Vec<DocumentId> = attached.map(|(id, _)| id).collect();
        ids.extend(attached);
        let documents = open.documents.values();
        let gone = documents.filter(|document| ids.contains(&document.id));
        let gone: Vec<Document> = gone.cloned().collect();
        self.library
            .write(|writer| writer.take_out(batch, ids.iter().copied()))?;
        open.reload(self.library.reader())?;
        self.scheduler.drop_documents(&ids);
        self.batches.forget_documents(&ids);
        self.scheduler.place().packs.remove_documents(batch, &ids);
        let files = gone
            .iter()
            .map(|document| document.source.file().to_owned());
        self.tell(Event::TakenOut {
            batch,
            files: each_once(&files.collect::<Vec<_>>()),
            names: gone.into_iter().map(|document| document.name).collect(),
        });
        if self.batches.shown == Some(batch) {
            self.show(batch)?;
        }
        self.progress.changed = true;
        self.after_progress(batch);
        self.tell_batches();
        Ok(())
    }

    fn forget(&mut self, batch: BatchId) -> Result<(), LibraryError> {
        let was_shown = self.batches.shown == Some(batch);
        self.library.write(|writer| writer.forget_batch(batch))?;
        self.scheduler.drop_batch(batch);
        self.batches.forget(batch);
        self.scheduler.place().packs.remove_batch(batch);
        self.watching.stop(batch);
        self.follow_watched();
        self.tell_batches();
        self.measure_scratch();
        // Another takes its place, as when the program starts.
        if was_shown && let Some(newest) = self.library.reader().newest_batch()? {
            self.load(newest.batch.id)?;
            self.show(newest.batch.id)?;
        }
        Ok(())
    }

    /// Tells the plan that was kept for a batch, with what has come since as whole
    /// documents.
    fn begin_split(&self, batch: BatchId) {
        let kept = self.library.reader().split_plan(batch);
        let kept = kept.unwrap_or_else(|error| {
            self.trouble("The plan for splitting cannot be read", &error);
            None
        });
        let plan = up_to_date(kept.unwrap_or_default(), &self.splittable(batch));
        self.tell(Event::SplitProposed(batch, Ok(plan)));
    }

    /// Writes the parts of a plan, or says why not now.
    fn export_split(&mut self, batch: BatchId, planned: (SplitPlan, Vec<String>, ExportOptions)) {
        match self.splitting.may_export(batch) {
            // It goes on and will end.
            MayExport::UnderWay => {}
            MayExport::AfterAnother => {
                let words = "Parts of another batch are being written. Try again after that.";
                self.tell(splitting::ended(batch, Err(words.into())));
            }
            MayExport::Now => {
                let refused = self.batches.get(batch).map(unsplittable);
                let documents = (self.splittable(batch), refused.unwrap_or_default());
                let tell = self.teller();
                let answer = self.answer(move |ended| Message::ExportEnded(batch, ended));
                let crew = self.scheduler.crew();
                self.splitting
                    .export(batch, planned, documents, crew, tell, answer);
            }
        }
    }

    /// What is to be written of pages of a batch, with the documents that they are in.
    fn page_files_of(&mut self, batch: BatchId, wanted: WantedPages) -> page_files::Asked {
        // What was analysed is in it, even if not committed yet.
        self.commit();
        let open = self.batches.get(batch).into_iter();
        let sources = open.flat_map(|open| {
            let documents = open.documents.values();
            documents.map(|document| {
                PageSource::new(document, self.scheduler.target(open, document).opening)
            })
        });
        (batch, wanted, sources.collect())
    }

    /// The documents of a batch whose pages are known.
    fn splittable(&self, batch: BatchId) -> Vec<SplitDocument> {
        let open = self.batches.get(batch);
        open.map_or_else(Vec::new, |open| {
            splittable(open, self.library.reader(), |document| {
                self.scheduler.target(open, document).opening
            })
        })
    }

    fn move_scratch(&mut self, folder: Option<&Path>) {
        match self.scratch.opened_in(folder) {
            Ok(Some(moved)) => self.work_in(moved),
            Ok(None) => self.tell(Event::Notice("Scratch is there already.".into())),
            Err(error) => self.trouble("Scratch stays where it is", &error),
        }
        self.look_into_scratch();
    }

    /// Brings about a failure again, beside the work that goes on.
    fn replay(&self, record: Box<Record>) {
        let name = RecordName::of(&record.failure);
        let open = self.batches.holding(name.document);
        let passwords = open.map(|open| open.passwords.clone()).unwrap_or_default();
        let (options, tell) = (self.options.clone(), self.teller());
        let work = move || replay(&record, &passwords, &options);
        background::spawn("replay", work, move |replayed| {
            let words = match replayed {
                Ok(Ok(replayed)) => replayed.in_words(),
                Ok(Err(error)) => format!("It cannot be tried: {error}"),
                Err(broken) => format!("It cannot be tried: {broken}"),
            };
            tell(Event::Replayed(name, words));
        });
    }
}
