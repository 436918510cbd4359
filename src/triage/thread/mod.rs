//! The session's thread: carries out commands, decides what outcomes mean,
//! commits them to the library in groups and only then believes them and tells
//! the face. It alone writes to the library.

mod commands;
mod commit;
mod deciding;
mod duplicates;
mod engines;
mod external;
mod outcomes;
mod previews;
mod sampling;
mod saving;
mod scratch_keeper;
mod searching;
mod splitting;
mod taking_in;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crossbeam_channel::{Receiver, Sender, after, never, select};

use duplicates::FindingDuplicates;
use engines::Engines;
use previews::Previews;
use scratch_keeper::ScratchKeeper;
use searching::{Search, Searching};
use splitting::{MayExport, Splitting, splittable, unsplittable, up_to_date};

use super::analysers::Analysers;
use super::background::{self, Broken};
use super::closer::Openings;
use super::command::Command;
use super::engines::InstallError;
use super::event::{Event, RunState};
use super::intake::{Found, NotTaken};
use super::looking::Looking;
use super::open_batch::OpenBatch;
use super::options::Options;
use super::outbox::Outbox;
use super::queue::Target;
use super::record::{Record, RecordName};
use super::replay::replay;
use super::run::{Crew, Outcome};
use super::split::{ExportOptions, SplitDocument};
use crate::library::{Library, LibraryError, LibrarySpace, PageDone};
use crate::model::{
    BatchId, Document, DocumentDetails, DocumentId, DocumentStatus, EngineKind, Failure, Finding,
    Page, PageId, PrintedNumber, SplitPlan,
};
use crate::scratch::Scratch;
use crate::worker::Opened;

/// Results are committed at least this often while there are any.
const COMMIT_AFTER: Duration = Duration::from_millis(50);

/// Results are committed when there are this many.
const COMMIT_PAGES: usize = 256;

/// Progress is told at most this often.
const TELL_AFTER: Duration = Duration::from_millis(100);

/// Work that is held is tried again after this time.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(2);

/// Workers are ended after so long without work.
const IDLE_AFTER: Duration = Duration::from_secs(20);

/// What arrives beside outcomes.
pub enum Message {
    Command(Command),
    /// Intake found documents for a batch.
    Found(BatchId, Vec<Found>),
    /// An intake for a batch has ended.
    IntakeEnded(BatchId, Result<NotTaken, Broken>),
    /// An export has ended.
    ExportEnded(BatchId, splitting::Ended),
    /// An installation of PDFium has ended.
    PdfiumInstalled(Result<PathBuf, InstallError>),
    /// A search for pages that are the same has ended.
    DuplicatesFound(duplicates::Answer),
    /// What was asked for was looked up.
    Searched,
    /// What was in scratch before it was moved was brought along.
    ScratchMoved,
    /// A thumbnail is not in scratch.
    ThumbnailMissing(PageId),
    Stop,
}

/// A result that waits for its commit.
enum Pending {
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
    fn found(finding: Finding) -> Self {
        let number = external::number_read(&finding);
        Self::Found(Box::new(finding), number)
    }

    fn document(&self) -> DocumentId {
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
}

pub struct SessionThread {
    library: Library,
    scratch: ScratchKeeper,
    crew: Arc<Crew>,
    previews: Previews,
    outbox: Outbox,
    messages: Sender<Message>,
    largest_document: u64,
    /// What the session was started with.
    options: Options,
    /// Engines to use, first to last.
    usual_engines: Vec<EngineKind>,
    engines: Engines,
    analysers: Analysers,
    splitting: Splitting,
    run_settings: String,
    open: HashMap<BatchId, OpenBatch>,
    /// Which batch a document of an open batch belongs to.
    batch_of: HashMap<DocumentId, BatchId>,
    /// The batch that the face shows.
    shown: Option<BatchId>,
    pending: Vec<Pending>,
    paused: bool,
    /// What intake found and the library could not take yet.
    untaken: Vec<(BatchId, Vec<Found>)>,
    /// Why the library can be used no more. Nothing is done or kept from then on.
    lost: Option<String>,
    /// Why work is held. Stays until something goes through again, so that a
    /// try that fails does not show as work.
    held: Option<String>,
    /// It is held because the library's disk is nearly full.
    is_library_short: bool,
    duplicates: FindingDuplicates,
    searching: Searching,
    committed: Instant,
    told: Instant,
    changed: bool,
}

impl SessionThread {
    pub fn new(
        library: Library,
        scratch: Scratch,
        crew: Arc<Crew>,
        looking: Arc<Looking>,
        options: &Options,
        outbox: Outbox,
        messages: Sender<Message>,
    ) -> Self {
        let now = Instant::now();
        Self {
            scratch: ScratchKeeper::new(scratch, &options.scratch, &library),
            library,
            crew,
            previews: Previews::new(looking),
            outbox,
            messages,
            largest_document: options.limits.largest_document,
            options: options.clone(),
            usual_engines: options.engines(),
            engines: Engines::new(options),
            analysers: options.analysers.clone(),
            splitting: Splitting::new(options),
            run_settings: serde_json::json!({
                "version": env!("CARGO_PKG_VERSION"),
                "engine": options.engine.as_str(),
                "workers": options.workers,
                "page_deadline_s": options.limits.page_deadline.as_secs_f64(),
            })
            .to_string(),
            open: HashMap::new(),
            batch_of: HashMap::new(),
            shown: None,
            pending: Vec::new(),
            paused: false,
            untaken: Vec::new(),
            lost: None,
            held: None,
            is_library_short: false,
            duplicates: FindingDuplicates::new(&options.library),
            searching: Searching::new(&options.library),
            committed: now,
            told: now,
            changed: false,
        }
    }

    /// Runs until [`Message::Stop`].
    pub fn run(mut self, messages: &Receiver<Message>, outcomes: &Receiver<Outcome>) {
        self.tell_batches();
        self.tell(self.engines.told());
        self.tell_analysers();
        if self.library.lost_transactions() > 0 {
            tracing::warn!(
                count = self.library.lost_transactions(),
                "transactions were lost"
            );
            self.tell(Event::Trouble(
                "The latest results were lost, as after damage to the disk. They are worked out \
                 again when their batch is opened."
                    .into(),
            ));
        }
        self.tell_all(self.scratch.trouble_at_start());
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
        self.engines.stop();
        self.splitting.end();
        for outcome in outcomes.try_iter() {
            self.settle(outcome);
        }
        self.commit();
        self.scratch.end();
        let unfinished: Vec<BatchId> = self.open.keys().copied().collect();
        for batch in unfinished {
            self.end_run(batch, "interrupted");
        }
    }

    /// When to look again without being asked; none while idle.
    fn next_tick(&self) -> Option<Duration> {
        if self.lost.is_some() {
            None
        } else if !self.pending.is_empty() || self.changed {
            Some(Duration::from_millis(10))
        } else if self.held.is_some() || self.is_working() {
            Some(Duration::from_millis(500))
        } else if !self.crew.place().pool.is_empty() {
            Some(IDLE_AFTER)
        } else {
            None
        }
    }

    fn is_working(&self) -> bool {
        self.crew.active() > 0 || self.open.values().any(|batch| batch.intakes > 0)
    }

    fn keep_up(&mut self) {
        if self.lost.is_some() {
            return;
        }
        let now = Instant::now();
        let urgent = self
            .pending
            .iter()
            .any(|pending| matches!(pending, Pending::Opened(..) | Pending::DocumentFailed(..)));
        let due = self.committed.elapsed() >= COMMIT_AFTER || self.crew.active() == 0;
        let retry = self.held.is_none() || self.committed.elapsed() >= TRY_AGAIN_AFTER;
        if !self.pending.is_empty()
            && retry
            && (urgent || due || self.pending.len() >= COMMIT_PAGES)
        {
            self.commit();
        }
        let waits = self.held.is_some() || !self.untaken.is_empty();
        if waits && self.committed.elapsed() >= TRY_AGAIN_AFTER {
            self.committed = now;
            self.watch_library();
            self.try_again();
        }
        if self.changed && self.told.elapsed() >= TELL_AFTER {
            self.told = now;
            self.changed = false;
            self.tell_progress();
        }
        if self.is_working() && self.scratch.is_due() {
            self.watch_library();
            self.measure_scratch();
        }
        if !self.is_working()
            && self.committed.elapsed() >= IDLE_AFTER
            && self.told.elapsed() >= IDLE_AFTER
        {
            self.crew.place().pool.dismiss_idle();
        }
    }

    fn tell(&self, event: Event) {
        self.outbox.tell(event);
    }

    fn tell_all(&self, events: impl IntoIterator<Item = Event>) {
        events.into_iter().for_each(|event| self.tell(event));
    }

    /// Tells the face from another thread.
    fn teller(&self) -> impl Fn(Event) + Send + 'static {
        let outbox = self.outbox.clone();
        move |event| outbox.tell(event)
    }

    /// Puts an answer from another thread into the inbox.
    fn answer<T>(
        &self,
        message: impl FnOnce(T) -> Message + Send + 'static,
    ) -> impl FnOnce(T) + Send + 'static {
        let messages = self.messages.clone();
        // Fails only when the session is gone.
        move |answer| drop(messages.send(message(answer)))
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
                    self.not_carried_out(&error);
                }
            }
            Message::Found(batch, found) => self.take_in(batch, found),
            Message::IntakeEnded(batch, walked) => self.intake_ended(batch, walked),
            Message::ExportEnded(batch, ended) => {
                self.splitting.export_ended();
                self.tell(splitting::ended(batch, ended));
            }
            Message::DuplicatesFound(found) => self.duplicates_found(found),
            Message::Searched => {
                let answer = self.tell_search();
                self.searching.go_on(answer);
            }
            Message::ScratchMoved => {
                self.measure_scratch();
                self.look_into_scratch();
            }
            Message::ThumbnailMissing(page) => self.redraw(page),
            Message::PdfiumInstalled(installed) => {
                if let Some(library) = self.engines.installed(installed) {
                    self.crew.place().pool.use_pdfium(library);
                }
                self.use_engines();
            }
            Message::Stop => {}
        }
    }

    /// The same where what was asked for will not come.
    fn refused(&self, what: &str, error: &dyn std::error::Error) {
        tracing::error!(error = %error, "{what}");
        self.tell(Event::Refused(format!("{what}: {error}.")));
    }

    fn not_carried_out(&mut self, error: &LibraryError) {
        if error.is_fatal() {
            self.lose(error);
        }
        self.refused("The library could not do that", error);
    }

    /// The library can be used no more: all work ends.
    fn lose(&mut self, error: &LibraryError) {
        self.crew.halt(true);
        if self.lost.is_none() {
            tracing::error!(%error, "the library is lost");
            self.lost = Some(error.to_string());
        }
        self.pending.clear();
        self.untaken.clear();
        self.tell_progress();
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
        // What was under way still ends, and says nothing of the library's disk.
        if self.is_library_short {
            return;
        }
        self.held = None;
        self.crew.halt(self.paused || self.lost.is_some());
        self.changed = true;
    }

    /// Has work wait before the library's disk is full: afterwards not even the reason
    /// could be stored. What was analysed already is stored while it can be.
    pub(super) fn watch_library(&mut self) {
        let space = self.library.space().filter(LibrarySpace::is_short);
        let was_short = std::mem::replace(&mut self.is_library_short, space.is_some());
        match space {
            Some(_) if was_short => {}
            Some(space) => self.hold(format!(
                "the disk of the library has {} left, and {} must stay free for results",
                bytesize::ByteSize::b(space.free).display().si(),
                bytesize::ByteSize::b(space.floor).display().si(),
            )),
            None if was_short => self.release(),
            None => {}
        }
    }

    /// Held work is tried again; where the cause is still there the crew halts
    /// by itself and says so.
    fn try_again(&mut self) {
        for (batch, found) in std::mem::take(&mut self.untaken) {
            if let Some(open) = self.open.get_mut(&batch) {
                open.intakes = open.intakes.saturating_sub(1);
            }
            self.take_in(batch, found);
        }
        if !self.pending.is_empty() {
            self.commit();
        } else if !self.is_library_short {
            self.crew.halt(self.paused);
        }
    }

    /// Has work that is handed out from now on use the engines that were chosen and are
    /// there.
    fn use_engines(&mut self) {
        self.usual_engines = self.engines.order(&self.crew.place().pool);
        self.tell(self.engines.told());
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

    /// Tells the end of a search, and has the next one begin.
    fn tell_search(&self) -> impl FnOnce(Event) + Send + 'static {
        let (tell, ended) = (self.teller(), self.answer(|()| Message::Searched));
        move |event| {
            tell(event);
            ended(());
        }
    }

    fn document_and_page(&self, page: PageId) -> Option<(&Document, &Page)> {
        let open = self.open.get(self.batch_of.get(&page.document)?)?;
        Some((open.documents.get(&page.document)?, open.pages.get(page)?))
    }

    /// Has pages drawn large.
    fn view(&self, pages: Vec<(PageId, u16)>) {
        let mut wanted = Vec::new();
        for (page, longest) in pages {
            match self.document_and_page(page) {
                Some((document, page)) => {
                    wanted.push(previews::wanted(self.target(document), page, longest));
                }
                None => self.tell(previews::unknown(page, longest)),
            }
        }
        self.tell_all(self.previews.views(wanted));
    }

    /// A thumbnail is missing.
    fn redraw(&mut self, page: PageId) {
        if self.previews.may_redraw(page, Instant::now())
            && let Some((document, known)) = self.document_and_page(page)
            && known.measurements.is_some()
        {
            let target = self.target(document);
            self.crew
                .queue(|queue| queue.add_redraw(target, [page.number]));
        }
    }

    /// Thumbnails cannot be made.
    fn not_drawn(&mut self, target: &Target, pages: &[u32], reason: String) {
        let told = self
            .previews
            .not_drawn(target, pages, reason, Instant::now());
        self.tell(told);
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
                let refused = self.open.get(&batch).map(unsplittable);
                let documents = (self.splittable(batch), refused.unwrap_or_default());
                let tell = self.teller();
                let answer = self.answer(move |ended| Message::ExportEnded(batch, ended));
                self.splitting
                    .export(batch, planned, documents, &self.crew, tell, answer);
            }
        }
    }

    /// The documents of a batch whose pages are known.
    fn splittable(&self, batch: BatchId) -> Vec<SplitDocument> {
        let open = self.open.get(&batch);
        open.map_or_else(Vec::new, |open| {
            splittable(open, self.library.reader(), |document| {
                self.target(document).opening
            })
        })
    }

    fn find_duplicates(&mut self) {
        if self.duplicates.ask() {
            self.begin_to_find_duplicates();
        }
    }

    fn begin_to_find_duplicates(&self) {
        let passwords = self.open.iter();
        let openings = Openings {
            engines: self.usual_engines.clone(),
            passwords: passwords
                .map(|(batch, open)| (*batch, open.passwords.clone()))
                .collect(),
            largest: self.largest_document,
        };
        let answer = self.answer(Message::DuplicatesFound);
        self.duplicates.begin(&self.crew, openings, answer);
    }

    fn duplicates_found(&mut self, found: duplicates::Answer) {
        match found {
            Ok(Some(found)) => {
                self.duplicates.take(found, &mut self.library);
                self.tell_all(self.duplicates.told());
            }
            Ok(None) => {}
            Err(error) => self.trouble("Pages that are the same could not be looked for", &error),
        }
        if self.duplicates.ended() {
            self.begin_to_find_duplicates();
        }
    }

    fn tell_batches(&self) {
        match self.library.reader().batches() {
            Ok(batches) => self.tell(Event::Batches(batches)),
            Err(error) => self.trouble("The batches could not be listed", &error),
        }
    }

    fn tell_progress(&mut self) {
        let now = Instant::now();
        let (paused, held, lost) = (self.paused, self.held.clone(), self.lost.clone());
        let progress: Vec<_> = self
            .open
            .values_mut()
            .map(|open| {
                let state = if let Some(reason) = lost.clone() {
                    RunState::Lost(reason)
                } else if open.is_finished() {
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

    /// Brings about a failure again, beside the work that goes on.
    fn replay(&mut self, record: Box<Record>) {
        let name = RecordName::of(&record.failure);
        let passwords = self
            .batch_of
            .get(&name.document)
            .and_then(|batch| self.open.get(batch))
            .map(|open| open.passwords.clone())
            .unwrap_or_default();
        let options = self.options.clone();
        let outbox = self.outbox.clone();
        let work = move || replay(&record, &passwords, &options);
        background::spawn("replay", work, move |replayed| {
            let words = match replayed {
                Ok(Ok(replayed)) => replayed.in_words(),
                Ok(Err(error)) => format!("It cannot be tried: {error}"),
                Err(broken) => format!("It cannot be tried: {broken}"),
            };
            outbox.tell(Event::Replayed(name, words));
        });
    }

    fn look_into_scratch(&self) {
        match self.scratch.contents(self.shown) {
            Ok(contents) => self.tell(contents),
            Err(error) => self.trouble("Scratch could not be looked into", &error),
        }
    }

    fn clean_scratch(&mut self) {
        match self.scratch.clean(self.shown) {
            Ok(said) => self.tell(said),
            Err(error) => self.trouble("Scratch could not be cleaned", &error),
        }
        self.measure_scratch();
    }

    fn measure_scratch(&mut self) {
        if let Some(moved) = self.scratch.followed() {
            self.work_in(moved);
        }
        let open = self.shown.and_then(|batch| self.open.get(&batch));
        let expected = open.map(OpenBatch::expected);
        let library = (self.library.space(), self.library.ballast());
        let measured = self.scratch.measure(library, self.shown, expected.as_ref());
        self.tell(measured);
    }

    fn move_scratch(&mut self, folder: Option<&Path>) {
        match self.scratch.opened_in(folder) {
            Ok(Some(moved)) => self.work_in(moved),
            Ok(None) => self.tell(Event::Notice("Scratch is there already.".into())),
            Err(error) => self.trouble("Scratch stays where it is", &error),
        }
        self.look_into_scratch();
    }

    /// Has work go on in this scratch directory.
    fn work_in(&mut self, moved: Scratch) {
        let (tell, brought) = (self.teller(), self.answer(|()| Message::ScratchMoved));
        let said = self.scratch.work_in(moved, &self.crew, move |trouble| {
            brought(());
            trouble.map(tell);
        });
        self.tell(said);
        if self.held.is_some() {
            self.try_again();
        }
        self.measure_scratch();
    }
}

pub(super) fn now_seconds() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_secs()).ok())
        .unwrap_or(0)
}
