//! The session's thread: carries out commands, decides what outcomes mean,
//! commits them to the library in groups and only then believes them and tells
//! the face. It alone writes to the library.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crossbeam_channel::{Receiver, Sender, after, never, select};

use super::command::{Command, Destination, Scope};
use super::event::{Event, Inspection, RunState};
use super::intake::{self, Found, LeftOut};
use super::looking::{Looking, Wanted};
use super::open_batch::OpenBatch;
use super::queue::{Target, Task};
use super::run::{Crew, Outcome, PageOutcome};
use super::session::{Options, Wake};
use crate::library::{Library, LibraryError, NewDocument, Opened as LibraryOpened, PageDone};
use crate::model::{
    BatchId, Document, DocumentId, DocumentStatus, Failure, FailureKind, Page, PageId, PageState,
    Stage,
};
use crate::scratch::{CleanWhat, Scratch};
use crate::worker::{Opened, Opening, Refusal};

/// Results are committed at least this often while there are any.
const COMMIT_AFTER: Duration = Duration::from_millis(50);

/// Results are committed when there are this many.
const COMMIT_PAGES: usize = 256;

/// Progress is told at most this often.
const TELL_AFTER: Duration = Duration::from_millis(100);

/// Scratch is measured this often while there is work.
const MEASURE_AFTER: Duration = Duration::from_secs(2);

/// Work that is held is tried again after this time.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(2);

/// A thumbnail that is missing again this soon after it was made again cannot be
/// kept; making it over and over would only keep the processors busy.
const REDRAW_AGAIN_AFTER: Duration = Duration::from_secs(60);

/// Workers are ended after so long without work.
const IDLE_AFTER: Duration = Duration::from_secs(20);

/// What arrives beside outcomes.
pub enum Message {
    Command(Command),
    /// Intake found documents for a batch.
    Found(BatchId, Vec<Found>),
    /// An intake for a batch has ended.
    IntakeEnded(BatchId, LeftOut),
    /// A thumbnail is not in scratch.
    ThumbnailMissing(PageId),
    Stop,
}

/// A result that waits for its commit.
enum Pending {
    /// With the number of its first pages that are being analysed already.
    Opened(Arc<Target>, Opened, u32),
    Page(PageDone),
    PageFailed(Failure),
    DocumentFailed(DocumentStatus, Failure),
}

impl Pending {
    fn document(&self) -> DocumentId {
        match self {
            Self::Opened(target, ..) => target.document(),
            Self::Page(page) => page.id.document,
            Self::PageFailed(failure) | Self::DocumentFailed(_, failure) => failure.document,
        }
    }
}

pub struct SessionThread {
    library: Library,
    scratch: Scratch,
    crew: Arc<Crew>,
    looking: Arc<Looking>,
    events: Sender<Event>,
    wake: Wake,
    messages: Sender<Message>,
    largest_document: u64,
    run_settings: String,
    open: HashMap<BatchId, OpenBatch>,
    /// Which batch a document of an open batch belongs to.
    batch_of: HashMap<DocumentId, BatchId>,
    /// The batch that the face shows.
    shown: Option<BatchId>,
    pending: Vec<Pending>,
    paused: bool,
    /// Why work is held. Stays until something goes through again, so that a
    /// try that fails does not show as work.
    held: Option<String>,
    /// When thumbnails were last made again, by page.
    redrawn: HashMap<PageId, Instant>,
    committed: Instant,
    told: Instant,
    measured: Instant,
    changed: bool,
}

impl SessionThread {
    pub fn new(
        library: Library,
        scratch: Scratch,
        crew: Arc<Crew>,
        looking: Arc<Looking>,
        options: &Options,
        events: Sender<Event>,
        messages: Sender<Message>,
    ) -> Self {
        let now = Instant::now();
        Self {
            library,
            scratch,
            crew,
            looking,
            events,
            wake: Arc::clone(&options.wake),
            messages,
            largest_document: options.limits.largest_document,
            run_settings: serde_json::json!({
                "version": env!("CARGO_PKG_VERSION"),
                "engine": "hayro",
                "workers": options.workers,
                "page_deadline_s": options.limits.page_deadline.as_secs_f64(),
            })
            .to_string(),
            open: HashMap::new(),
            batch_of: HashMap::new(),
            shown: None,
            pending: Vec::new(),
            paused: false,
            held: None,
            redrawn: HashMap::new(),
            committed: now,
            told: now,
            measured: now,
            changed: false,
        }
    }

    /// Runs until [`Message::Stop`].
    pub fn run(mut self, messages: &Receiver<Message>, outcomes: &Receiver<Outcome>) {
        self.tell_batches();
        self.measure_scratch();
        loop {
            let tick = self.next_tick().map_or_else(never, after);
            select! {
                recv(messages) -> message => match message {
                    Ok(Message::Stop) | Err(_) => break,
                    Ok(message) => self.receive(message),
                },
                recv(outcomes) -> outcome => match outcome {
                    Ok(outcome) => self.settle(outcome),
                    Err(_) => break,
                },
                recv(tick) -> _ => {}
            }
            // Whatever else is there already goes into the same commit.
            while self.pending.len() < COMMIT_PAGES {
                match outcomes.try_recv() {
                    Ok(outcome) => self.settle(outcome),
                    Err(_) => break,
                }
            }
            self.keep_up();
        }
        for outcome in outcomes.try_iter() {
            self.settle(outcome);
        }
        self.commit();
        let unfinished: Vec<BatchId> = self.open.keys().copied().collect();
        for batch in unfinished {
            self.end_run(batch, "interrupted");
        }
    }

    /// When to look again without being asked; none while idle.
    fn next_tick(&self) -> Option<Duration> {
        if !self.pending.is_empty() || self.changed {
            Some(Duration::from_millis(10))
        } else if self.held.is_some() || self.is_working() {
            Some(Duration::from_millis(500))
        } else if !self.crew.pool.is_empty() {
            Some(IDLE_AFTER)
        } else {
            None
        }
    }

    fn is_working(&self) -> bool {
        self.crew.active() > 0 || self.open.values().any(|batch| batch.intakes > 0)
    }

    fn keep_up(&mut self) {
        let now = Instant::now();
        let urgent = self
            .pending
            .iter()
            .any(|pending| !matches!(pending, Pending::Page(_)));
        let due = self.committed.elapsed() >= COMMIT_AFTER || self.crew.active() == 0;
        let retry = self.held.is_none() || self.committed.elapsed() >= TRY_AGAIN_AFTER;
        if !self.pending.is_empty()
            && retry
            && (urgent || due || self.pending.len() >= COMMIT_PAGES)
        {
            self.commit();
        }
        if self.held.is_some() && self.committed.elapsed() >= TRY_AGAIN_AFTER {
            self.committed = now;
            self.try_again();
        }
        if self.changed && self.told.elapsed() >= TELL_AFTER {
            self.told = now;
            self.changed = false;
            self.tell_progress();
        }
        if self.is_working() && self.measured.elapsed() >= MEASURE_AFTER {
            self.measure_scratch();
        }
        if !self.is_working()
            && self.committed.elapsed() >= IDLE_AFTER
            && self.told.elapsed() >= IDLE_AFTER
        {
            self.crew.pool.dismiss_idle();
        }
    }

    fn tell(&self, event: Event) {
        // Fails only when the face is gone.
        let _ = self.events.send(event);
        (self.wake)();
    }

    /// Tells the face about an error that has no record, and gives it to the
    /// log.
    fn trouble(&self, what: &str, error: &dyn std::error::Error) {
        tracing::error!(error = %error, "{what}");
        self.tell(Event::Trouble(format!("{what}: {error}")));
    }

    fn receive(&mut self, message: Message) {
        match message {
            Message::Command(command) => {
                if let Err(error) = self.carry_out(command) {
                    self.trouble("The library could not do that", &error);
                }
            }
            Message::Found(batch, found) => {
                if let Err(error) = self.take_in(batch, found) {
                    self.trouble("Documents could not be taken in", &error);
                }
            }
            Message::IntakeEnded(batch, left_out) => self.intake_ended(batch, left_out),
            Message::ThumbnailMissing(page) => self.redraw(page),
            Message::Stop => {}
        }
    }

    fn carry_out(&mut self, command: Command) -> Result<(), LibraryError> {
        match command {
            Command::TakeIn {
                paths,
                destination,
                passwords,
            } => self.start_intake(&paths, destination, passwords)?,
            Command::Open(batch) => self.show(batch)?,
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
            Command::Unlock {
                batch,
                document,
                passwords,
            } => self.unlock(batch, document, passwords)?,
            Command::Look(pages) => {
                let documents = pages.iter().map(|page| page.document);
                self.crew.packs.protect(documents);
                self.crew.queue(|queue| queue.look_at(&pages));
            }
            Command::Thumbnails(pages) => {
                let known = pages
                    .into_iter()
                    .filter_map(|page| Some((*self.batch_of.get(&page.document)?, page)));
                self.looking.thumbnails(known);
            }
            Command::View { page, longest } => self.view(page, longest),
            Command::Inspect(page) => self.inspect(page)?,
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
            Command::CleanScratch => self.clean_scratch(),
            Command::SetScratchBudget(bytes) => {
                self.scratch.set_budget(bytes);
                self.measure_scratch();
            }
        }
        Ok(())
    }

    // Intake.

    fn start_intake(
        &mut self,
        paths: &[PathBuf],
        destination: Destination,
        passwords: Vec<String>,
    ) -> Result<(), LibraryError> {
        let roots = intake::absolute(paths);
        let known = match destination {
            Destination::Auto => self.library.reader().batch_with_roots(&roots)?,
            Destination::New => None,
            Destination::Batch(batch) => {
                self.library
                    .write(|writer| writer.add_roots(batch, &roots))?;
                Some(batch)
            }
        };
        let batch = match known {
            Some(batch) => batch,
            None => {
                let name = intake::batch_name(&roots);
                self.library
                    .write(|writer| writer.create_batch(&name, &roots, now_seconds()))?
            }
        };
        self.load(batch)?;
        match self.open.get_mut(&batch) {
            Some(open) => open.intakes += 1,
            None => return Ok(()),
        }
        self.unlock(batch, None, passwords)?;
        self.show(batch)?;
        let (crew, messages) = (Arc::clone(&self.crew), self.messages.clone());
        let started = thread::Builder::new().name("intake".into()).spawn(move || {
            let report = |found| messages.send(Message::Found(batch, found)).is_ok();
            let left_out = intake::walk(&roots, &crew.pool, report);
            let _ = messages.send(Message::IntakeEnded(batch, left_out));
        });
        if let Err(error) = started {
            self.intake_ended(batch, LeftOut::default());
            self.trouble("The files could not be looked through", &error);
        }
        Ok(())
    }

    fn take_in(&mut self, batch: BatchId, found: Vec<Found>) -> Result<(), LibraryError> {
        let Some(open) = self.open.get(&batch) else {
            return Ok(());
        };
        let mut changed: Vec<(DocumentId, NewDocument)> = Vec::new();
        let mut fresh: Vec<NewDocument> = Vec::new();
        let mut refusals = HashMap::new();
        for Found { document, refusal } in found {
            if let Some(refusal) = refusal {
                refusals.insert(document.source.clone(), refusal);
            }
            match open.document_at(&document.source) {
                None => fresh.push(document),
                Some(known)
                    if known.bytes != document.bytes || known.modified != document.modified =>
                {
                    changed.push((known.id, document));
                }
                Some(_) => {}
            }
        }
        let added = self.library.write(|writer| {
            for (id, document) in &changed {
                writer.source_changed(*id, document.bytes, document.modified)?;
            }
            writer.add_documents(batch, &fresh)
        })?;
        for (id, document) in changed {
            self.drop_pages(batch, id, document.bytes, document.modified);
        }
        let mut documents = Vec::with_capacity(added.len());
        for document in added {
            self.batch_of.insert(document.id, batch);
            match refusals.remove(&document.source) {
                Some(refusal) => self.fail_document(&document, Stage::Intake, &refusal, 1),
                None => self.enqueue_document(&document),
            }
            if let Some(open) = self.open.get_mut(&batch) {
                open.put_document(document.clone());
            }
            documents.push(document);
        }
        self.tell(Event::Documents(batch, documents));
        self.begin_run(batch);
        self.changed = true;
        Ok(())
    }

    fn intake_ended(&mut self, batch: BatchId, left_out: LeftOut) {
        let Some(open) = self.open.get_mut(&batch) else {
            return;
        };
        open.intakes = open.intakes.saturating_sub(1);
        self.changed = true;
        if open.documents.is_empty() && open.intakes == 0 {
            self.tell(Event::Notice("No PDFs were found there.".into()));
        }
        if left_out.others > 0 {
            let files = counted(
                left_out.others,
                "file is no PDF and was",
                "files are no PDFs and were",
            );
            self.tell(Event::Notice(format!("{files} left out.")));
        }
        if left_out.links > 0 {
            let links = counted(left_out.links, "symbolic link was", "symbolic links were");
            self.tell(Event::Notice(format!("{links} not followed.")));
        }
        self.after_progress(batch);
        self.tell_batches();
    }

    /// The source of a document has other content: what was known is gone.
    fn drop_pages(&mut self, batch: BatchId, id: DocumentId, bytes: u64, modified: i64) {
        self.crew
            .queue(|queue| queue.remove(|target| target.document() == id));
        let Some(open) = self.open.get_mut(&batch) else {
            return;
        };
        open.pages.remove(&id);
        let Some(document) = open.documents.get_mut(&id) else {
            return;
        };
        document.bytes = bytes;
        document.modified = modified;
        document.hash = None;
        document.status = DocumentStatus::Waiting;
        document.pages = 0;
        document.duplicate_of = None;
        let document = document.clone();
        self.crew.packs.remove_document(batch, id);
        self.enqueue_document(&document);
        self.tell(Event::PagesDropped(batch, id));
        self.tell(Event::Documents(batch, vec![document]));
    }

    // Opening and ending.

    fn show(&mut self, batch: BatchId) -> Result<(), LibraryError> {
        self.load(batch)?;
        let failures = self.library.reader().failures(batch)?;
        let Some(open) = self.open.get(&batch) else {
            self.tell(Event::Notice("That batch is no longer there.".into()));
            return Ok(());
        };
        let event = Event::Opened {
            batch: open.batch.clone(),
            documents: open.all_documents(),
            pages: open.all_pages(),
            failures,
        };
        self.shown = Some(batch);
        self.tell(event);
        self.go_on(batch)?;
        self.tell_batches();
        self.tell_progress();
        self.measure_scratch();
        Ok(())
    }

    fn load(&mut self, batch: BatchId) -> Result<(), LibraryError> {
        if self.open.contains_key(&batch) {
            return Ok(());
        }
        if let Some(open) = OpenBatch::load(self.library.reader(), batch)? {
            self.batch_of
                .extend(open.documents.keys().map(|document| (*document, batch)));
            self.open.insert(batch, open);
        }
        Ok(())
    }

    /// Queues what is unfinished, unless it is queued already.
    fn go_on(&mut self, batch: BatchId) -> Result<(), LibraryError> {
        let Some(open) = self.open.get_mut(&batch) else {
            return Ok(());
        };
        if open.run.is_some() || open.summary().is_finished() {
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

    fn enqueue_batch(&mut self, batch: BatchId) {
        let Some(open) = self.open.get(&batch) else {
            return;
        };
        let documents = open.all_documents();
        for document in &documents {
            match document.status {
                DocumentStatus::Waiting => self.enqueue_document(document),
                DocumentStatus::Ok => {
                    let waiting = self
                        .open
                        .get(&batch)
                        .map(|open| open.waiting_pages(document.id))
                        .unwrap_or_default();
                    let target = self.target(document);
                    self.crew.queue(|queue| queue.add_pages(target, waiting));
                }
                _ => {}
            }
        }
    }

    fn enqueue_document(&self, document: &Document) {
        let target = Target {
            opening: Opening {
                expected: None,
                ..self.target(document).opening
            },
            batch: document.batch,
        };
        self.crew.queue(|queue| queue.add_document(target));
    }

    fn target(&self, document: &Document) -> Target {
        let passwords = self
            .open
            .get(&document.batch)
            .map(|open| open.passwords.clone())
            .unwrap_or_default();
        Target {
            batch: document.batch,
            opening: Opening {
                document: document.id,
                source: document.source.clone(),
                passwords,
                expected: document.hash,
                largest: self.largest_document,
            },
        }
    }

    fn pause(&mut self, paused: bool) {
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

    fn cancel(&mut self, batch: BatchId) -> Result<(), LibraryError> {
        self.crew
            .queue(|queue| queue.remove(|target| target.batch == batch));
        self.library
            .write(|writer| writer.set_cancelled(batch, true))?;
        if let Some(open) = self.open.get_mut(&batch) {
            open.batch.cancelled = true;
        }
        self.end_run(batch, "cancelled");
        self.changed = true;
        self.tell_batches();
        Ok(())
    }

    fn reprocess(&mut self, batch: BatchId, scope: &Scope) -> Result<(), LibraryError> {
        self.commit();
        self.load(batch)?;
        let Some(open) = self.open.get_mut(&batch) else {
            return Ok(());
        };
        let failed = |document: &&Document| document.status.is_failure();
        let (documents, pages): (Vec<DocumentId>, Vec<PageId>) = match scope {
            Scope::All => (open.documents.keys().copied().collect(), vec![]),
            Scope::Failed => (
                open.documents
                    .values()
                    .filter(failed)
                    .map(|d| d.id)
                    .collect(),
                open.pages
                    .values()
                    .flatten()
                    .filter(|page| page.state == PageState::Failed)
                    .map(|page| page.id)
                    .collect(),
            ),
            Scope::Documents(documents) => (documents.clone(), vec![]),
            Scope::Pages(pages) => (vec![], pages.clone()),
        };
        self.crew
            .queue(|queue| queue.remove(|target| target.batch == batch));
        self.library.write(|writer| {
            writer.reset_documents(&documents)?;
            writer.reset_pages(&pages)?;
            writer.set_cancelled(batch, false)
        })?;
        open.changed.clear();
        open.reload(self.library.reader())?;
        // Results of the former run that still arrive are as good as new ones.
        if open.run.is_some() {
            self.enqueue_batch(batch);
        }
        self.show(batch)
    }

    fn unlock(
        &mut self,
        batch: BatchId,
        document: Option<DocumentId>,
        passwords: Vec<String>,
    ) -> Result<(), LibraryError> {
        self.load(batch)?;
        self.remember_passwords(batch, passwords);
        let Some(open) = self.open.get(&batch) else {
            return Ok(());
        };
        let locked: Vec<DocumentId> = open
            .documents
            .values()
            .filter(|d| d.status == DocumentStatus::NeedsPassword)
            .map(|d| d.id)
            .filter(|id| document.is_none_or(|wanted| wanted == *id))
            .collect();
        if locked.is_empty() {
            return Ok(());
        }
        self.reprocess(batch, &Scope::Documents(locked))
    }

    fn remember_passwords(&mut self, batch: BatchId, passwords: Vec<String>) {
        let Some(open) = self.open.get_mut(&batch) else {
            return;
        };
        for password in passwords {
            if !password.is_empty() && !open.passwords.contains(&password) {
                open.passwords.push(password);
            }
        }
    }

    fn forget(&mut self, batch: BatchId) -> Result<(), LibraryError> {
        self.crew
            .queue(|queue| queue.remove(|target| target.batch == batch));
        self.library.write(|writer| writer.forget_batch(batch))?;
        self.open.remove(&batch);
        self.batch_of.retain(|_, of| *of != batch);
        self.crew.packs.remove_batch(batch);
        if self.shown == Some(batch) {
            self.shown = None;
        }
        self.tell_batches();
        self.measure_scratch();
        Ok(())
    }

    fn begin_run(&mut self, batch: BatchId) {
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
            Err(error) => self.trouble("The run could not be noted", &error),
        }
    }

    fn end_run(&mut self, batch: BatchId, outcome: &str) {
        let Some(run) = self.open.get_mut(&batch).and_then(|open| open.run.take()) else {
            return;
        };
        let noted = self
            .library
            .write(|writer| writer.finish_run(run, outcome, now_seconds()));
        if let Err(error) = noted {
            self.trouble("The end of the run could not be noted", &error);
        }
    }

    /// Notes the end of a run once nothing is left to do.
    fn after_progress(&mut self, batch: BatchId) {
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

    // Looking.

    fn document_and_page(&self, page: PageId) -> Option<(&Document, &Page)> {
        let open = self.open.get(self.batch_of.get(&page.document)?)?;
        Some((open.documents.get(&page.document)?, open.page(page)?))
    }

    fn view(&self, page: PageId, longest: u16) {
        if let Some((document, known)) = self.document_and_page(page) {
            self.looking.view(Wanted {
                target: self.target(document),
                page,
                shape: known.shape,
                longest,
            });
        }
    }

    fn redraw(&mut self, page: PageId) {
        let recently = |made: &Instant| made.elapsed() < REDRAW_AGAIN_AFTER;
        if self.redrawn.get(&page).is_some_and(recently) {
            return;
        }
        self.redrawn.retain(|_, made| recently(made));
        self.redrawn.insert(page, Instant::now());
        if let Some((document, known)) = self.document_and_page(page)
            && known.state == PageState::Done
        {
            let target = self.target(document);
            self.crew
                .queue(|queue| queue.add_redraw(target, [page.number]));
        }
    }

    fn inspect(&self, page: PageId) -> Result<(), LibraryError> {
        let reader = self.library.reader();
        let failure = match reader.failure_of(page.document, Some(page.number))? {
            Some(failure) => Some(failure),
            None => reader.failure_of(page.document, None)?,
        };
        self.tell(Event::Inspection(Inspection {
            page,
            text: reader.page_text(page)?,
            failure,
        }));
        Ok(())
    }

    // Outcomes.

    fn settle(&mut self, outcome: Outcome) {
        let went_through = matches!(
            outcome,
            Outcome::Opened { .. } | Outcome::Pages { .. } | Outcome::Redrawn { .. }
        );
        if went_through && self.held.is_some() {
            self.release();
        }
        match outcome {
            Outcome::Opened {
                target,
                result: Ok(opened),
                begun,
            } => self.pending.push(Pending::Opened(target, opened, begun)),
            Outcome::Opened {
                target,
                result: Err(refusal),
                ..
            } => self.refuse(&target, &refusal),
            Outcome::Pages { target, pages } => self.settle_pages(&target, pages),
            Outcome::Redrawn { target, pages } => {
                let batch = target.batch;
                let pages = pages
                    .into_iter()
                    .filter_map(|number| {
                        let document = target.document();
                        self.open
                            .get(&batch)?
                            .page(PageId { document, number })
                            .copied()
                    })
                    .collect();
                self.tell(Event::Pages(batch, pages));
            }
            Outcome::Lost { target, refusal } => self.refuse(&target, &refusal),
            Outcome::Ended {
                target,
                task,
                alone: false,
                error,
            } => {
                // Its last words may quote the document: not for the log.
                let kind = error.kind().as_str();
                tracing::warn!(document = target.document().0, kind, "a worker was lost");
                if !self.is_cancelled(target.batch) {
                    self.crew.queue(|queue| queue.add_alone(target, task));
                }
            }
            Outcome::Ended {
                target,
                task,
                alone: true,
                error,
            } => self.give_up(
                &target,
                &task,
                &Refusal {
                    kind: error.kind(),
                    detail: error.to_string(),
                },
            ),
            Outcome::Held(reason) => self.hold(reason),
        }
    }

    fn settle_pages(&mut self, target: &Target, pages: Vec<PageOutcome>) {
        for PageOutcome { number, result } in pages {
            let id = PageId {
                document: target.document(),
                number,
            };
            match result {
                Ok((measurements, text)) => self.pending.push(Pending::Page(PageDone {
                    id,
                    measurements,
                    text,
                })),
                Err(refusal) => {
                    let failure =
                        self.failure(id.document, Some(number), Stage::Analyse, &refusal, 1);
                    self.pending.push(Pending::PageFailed(failure));
                }
            }
        }
    }

    /// A document cannot be opened, now or any more.
    fn refuse(&mut self, target: &Target, refusal: &Refusal) {
        let id = target.document();
        self.crew
            .queue(|queue| queue.remove(|target| target.document() == id));
        let Some(document) = self
            .open
            .get(&target.batch)
            .and_then(|open| open.documents.get(&id))
            .cloned()
        else {
            return;
        };
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
            self.commit();
            let reset = self
                .library
                .write(|writer| writer.source_changed(id, document.bytes, document.modified));
            match reset {
                Ok(()) => self.drop_pages(target.batch, id, document.bytes, document.modified),
                Err(error) => self.trouble("A changed document could not be taken in", &error),
            }
            return;
        }
        self.fail_document(&document, Stage::Open, refusal, 1);
    }

    /// Something ended its worker twice.
    fn give_up(&mut self, target: &Target, task: &Task, refusal: &Refusal) {
        let id = target.document();
        match task {
            Task::Open => {
                let document = self
                    .open
                    .get(&target.batch)
                    .and_then(|open| open.documents.get(&id))
                    .cloned();
                if let Some(document) = document {
                    self.fail_document(&document, Stage::Open, refusal, 2);
                }
            }
            Task::Analyse(pages) => {
                for &page in pages {
                    let failure = self.failure(id, Some(page), Stage::Analyse, refusal, 2);
                    self.pending.push(Pending::PageFailed(failure));
                }
            }
            // It has its measurements; only its picture is missing.
            Task::Redraw(_) => {}
        }
    }

    /// Records that a document failed, and with it its pages that wait.
    fn fail_document(
        &mut self,
        document: &Document,
        stage: Stage,
        refusal: &Refusal,
        attempts: u32,
    ) {
        let status = match refusal.kind {
            FailureKind::NeedsPassword => DocumentStatus::NeedsPassword,
            FailureKind::EmptyFile | FailureKind::NoPages => DocumentStatus::Empty,
            FailureKind::NotPdf => DocumentStatus::NotPdf,
            _ => DocumentStatus::Broken,
        };
        let waiting = self
            .open
            .get(&document.batch)
            .map(|open| open.waiting_pages(document.id))
            .unwrap_or_default();
        for page in waiting {
            let failure = self.failure(document.id, Some(page), stage, refusal, attempts);
            self.pending.push(Pending::PageFailed(failure));
        }
        let failure = self.failure(document.id, None, stage, refusal, attempts);
        self.pending.push(Pending::DocumentFailed(status, failure));
    }

    fn failure(
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
        }
    }

    // Committing.

    /// Commits what is pending, then believes it. On an error everything stays
    /// pending and work is held until it goes through.
    fn commit(&mut self) {
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
                        writer.pages_done(std::slice::from_ref(page))?;
                    }
                    Pending::PageFailed(failure) => {
                        writer.page_failed(failure)?;
                    }
                    Pending::DocumentFailed(status, failure) => {
                        writer.document_failed(*status, failure)?;
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

    fn believe(&mut self, opened: Vec<crate::library::DocumentOpened>) {
        let mut opened = opened.into_iter();
        let mut pages: HashMap<BatchId, Vec<Page>> = HashMap::new();
        let mut documents: HashMap<BatchId, Vec<Document>> = HashMap::new();
        let mut failures: HashMap<BatchId, Vec<Failure>> = HashMap::new();
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
                        pages.entry(target.batch).or_default().extend(all);
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
                        pages.entry(batch).or_default().push(*page);
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
                        pages.entry(batch).or_default().push(*page);
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
                    if let Some(document) = open.documents.get_mut(&failure.document) {
                        document.status = status;
                        document.encrypted |= status == DocumentStatus::NeedsPassword;
                        documents.entry(batch).or_default().push(document.clone());
                    }
                    failures.entry(batch).or_default().push(failure);
                }
            }
        }
        for (batch, documents) in documents {
            self.tell(Event::Documents(batch, documents));
        }
        for (batch, pages) in pages {
            self.tell(Event::Pages(batch, pages));
        }
        for (batch, failures) in failures {
            self.tell(Event::Failures(batch, failures));
        }
        self.changed = true;
        let batches: Vec<BatchId> = self.open.keys().copied().collect();
        for batch in batches {
            self.after_progress(batch);
        }
    }

    /// A document was opened: its pages are known and those that wait are
    /// queued. Returns the documents that changed by it.
    fn believe_opened(
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
            kept.copied().unwrap_or(Page {
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
        let mut waiting = open.waiting_pages(id);
        waiting.retain(|number| *number > begun);
        if !open.batch.cancelled {
            let target = self.target(&document);
            self.crew.queue(|queue| queue.add_pages(target, waiting));
        }
        changed
    }

    fn is_cancelled(&self, batch: BatchId) -> bool {
        self.open
            .get(&batch)
            .is_some_and(|open| open.batch.cancelled)
    }

    fn hold(&mut self, reason: String) {
        self.crew.halt(true);
        if self.held.as_ref() != Some(&reason) {
            tracing::warn!(reason, "work is held");
        }
        self.held = Some(reason);
        self.committed = Instant::now();
        self.changed = true;
        self.measure_scratch();
    }

    fn release(&mut self) {
        self.held = None;
        self.crew.halt(self.paused);
        self.changed = true;
    }

    /// Held work is tried again; where the cause is still there the crew halts
    /// by itself and says so.
    fn try_again(&mut self) {
        if self.pending.is_empty() {
            self.crew.halt(self.paused);
        } else {
            self.commit();
        }
    }

    // Telling.

    fn tell_batches(&self) {
        match self.library.reader().batches() {
            Ok(batches) => self.tell(Event::Batches(batches)),
            Err(error) => self.trouble("The batches could not be listed", &error),
        }
    }

    fn tell_progress(&mut self) {
        let now = Instant::now();
        let (paused, held) = (self.paused, self.held.clone());
        let progress: Vec<_> = self
            .open
            .values_mut()
            .map(|open| {
                let state = if open.is_finished() {
                    RunState::Finished
                } else if open.batch.cancelled {
                    RunState::Cancelled
                } else if paused {
                    RunState::Paused
                } else if let Some(reason) = held.clone() {
                    RunState::Held(reason)
                } else {
                    RunState::Running
                };
                open.progress(now, state)
            })
            .collect();
        for progress in progress {
            self.tell(Event::Progress(progress));
        }
    }

    fn clean_scratch(&mut self) {
        let what = match self.shown {
            Some(keep) => CleanWhat::OtherThumbnails {
                library_id: self.library.id().to_owned(),
                keep,
            },
            None => CleanWhat::AllThumbnails,
        };
        match self.scratch.clean(false, &what) {
            Ok(report) if report.bytes() == 0 => {
                self.tell(Event::Notice("Scratch is clean already.".into()));
            }
            Ok(report) => {
                let size = bytesize::ByteSize::b(report.bytes()).display().si();
                self.tell(Event::Notice(format!("{size} of scratch were freed.")));
            }
            Err(error) => self.trouble("Scratch could not be cleaned", &error),
        }
        self.measure_scratch();
    }

    fn measure_scratch(&mut self) {
        self.measured = Instant::now();
        let meter = self.scratch.meter(self.shown, self.library.id());
        self.tell(Event::Scratch(meter));
    }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    if count == 1 {
        format!("1 {one}")
    } else {
        format!("{count} {many}")
    }
}

fn now_seconds() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_secs()).ok())
        .unwrap_or(0)
}
