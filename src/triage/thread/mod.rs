//! The session's thread: carries out commands, decides what outcomes mean,
//! commits them to the library in groups and only then believes them and tells
//! the face. It alone writes to the library.

mod commands;
mod commit;
mod deciding;
mod duplicates;
mod engines;
mod external;
mod looking;
mod moving;
mod outcomes;
mod sampling;
mod saving;
mod searching;
mod splitting;
mod taking_in;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crossbeam_channel::{Receiver, Sender, after, never, select};

use duplicates::{DuplicatesError, FoundDuplicates};
use searching::Search;

use super::analysers::Analysers;
use super::background::{self, Broken, Turns};
use super::command::Command;
use super::engines::InstallError;
use super::event::{Event, PdfiumState, RunState, ScratchContents};
use super::forecast::forecast;
use super::intake::{Found, NotTaken};
use super::looking::Looking;
use super::open_batch::OpenBatch;
use super::options::Options;
use super::outbox::Outbox;
use super::queue::Target;
use super::record::{Record, RecordName};
use super::replay::replay;
use super::run::{Crew, Outcome};
use super::split::ExportReport;
use crate::library::{Library, LibraryError, LibrarySpace, PageDone};
use crate::model::{
    BatchId, DocumentDetails, DocumentId, DocumentStatus, EngineChoice, EngineKind, Failure,
    Finding, PageId, PrintedNumber,
};
use crate::scratch::{CleanWhat, Meter, Scratch};
use crate::worker::Opened;

/// Results are committed at least this often while there are any.
const COMMIT_AFTER: Duration = Duration::from_millis(50);

/// Results are committed when there are this many.
const COMMIT_PAGES: usize = 256;

/// Progress is told at most this often.
const TELL_AFTER: Duration = Duration::from_millis(100);

/// Scratch is measured this often while there is work.
const MEASURE_AFTER: Duration = Duration::from_secs(2);

/// So many of the latest deletions are told.
const DELETIONS_TOLD: usize = 500;

/// Work that is held is tried again after this time.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(2);

/// A thumbnail that is missing again this soon after it was made again cannot be
/// kept; making it over and over would only keep the processors busy.
const REDRAW_AGAIN_AFTER: Duration = Duration::from_secs(60);

/// A thumbnail that could not be made is tried again after this time, if it is
/// looked at: its source may be back.
const UNDRAWN_AGAIN_AFTER: Duration = Duration::from_secs(5);

/// Workers are ended after so long without work.
const IDLE_AFTER: Duration = Duration::from_secs(20);

/// What arrives beside outcomes.
pub enum Message {
    Command(Command),
    /// Intake found documents for a batch.
    Found(BatchId, Vec<Found>),
    /// An intake for a batch has ended.
    IntakeEnded(BatchId, Result<NotTaken, Broken>),
    /// An export has ended, with a report or for a reason in a sentence.
    ExportEnded(BatchId, Result<ExportReport, String>),
    /// An installation of PDFium has ended.
    PdfiumInstalled(Result<PathBuf, InstallError>),
    /// A search for pages that are the same has ended; none where there is no library.
    DuplicatesFound(Result<Option<Box<FoundDuplicates>>, DuplicatesError>),
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
    scratch: Scratch,
    crew: Arc<Crew>,
    looking: Arc<Looking>,
    outbox: Outbox,
    messages: Sender<Message>,
    largest_document: u64,
    /// What the session was started with.
    options: Options,
    /// Engines to use, first to last.
    engines: Vec<EngineKind>,
    engine: EngineChoice,
    analysers: Analysers,
    /// Where engines are installed.
    engines_dir: PathBuf,
    pdfium: PdfiumState,
    stop_install: Arc<AtomicBool>,
    splitting: splitting::Splitting,
    library_dir: PathBuf,
    workers: usize,
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
    /// When thumbnails that are missing may be made again, by page.
    redraw_after: HashMap<PageId, Instant>,
    finding_duplicates: Turns<()>,
    searching: Turns<Search>,
    /// What the last search for pages that are the same found.
    duplicates: Option<Box<FoundDuplicates>>,
    /// Threads that bring things along to where scratch was moved.
    moving: Vec<JoinHandle<()>>,
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
        outbox: Outbox,
        messages: Sender<Message>,
    ) -> Self {
        let now = Instant::now();
        Self {
            library,
            scratch,
            crew,
            looking,
            outbox,
            messages,
            largest_document: options.limits.largest_document,
            options: options.clone(),
            engines: options.engines(),
            engine: options.engine,
            analysers: options.analysers.clone(),
            engines_dir: options.engines.clone(),
            pdfium: engines::pdfium_at_start(options),
            stop_install: Arc::default(),
            splitting: splitting::Splitting::default(),
            library_dir: options.library.clone(),
            workers: options.workers,
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
            redraw_after: HashMap::new(),
            finding_duplicates: Turns::default(),
            searching: Turns::default(),
            duplicates: None,
            moving: Vec::new(),
            committed: now,
            told: now,
            measured: now,
            changed: false,
        }
    }

    /// Runs until [`Message::Stop`].
    pub fn run(mut self, messages: &Receiver<Message>, outcomes: &Receiver<Outcome>) {
        self.tell_batches();
        self.tell_engines();
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
        if let Some(dir) = self.scratch.unreachable() {
            let dir = dir.display();
            self.tell(Event::Trouble(format!(
                "Scratch was moved to {dir}, which is not there. It is where it usually is."
            )));
        }
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
        self.stop_install.store(true, Ordering::Relaxed);
        self.end_splitting();
        for outcome in outcomes.try_iter() {
            self.settle(outcome);
        }
        self.commit();
        for moving in self.moving.drain(..) {
            if moving.join().is_err() {
                tracing::error!("moving scratch ended by a panic");
            }
        }
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
        if self.is_working() && self.measured.elapsed() >= MEASURE_AFTER {
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
            Message::ExportEnded(batch, ended) => self.export_ended(batch, ended),
            Message::DuplicatesFound(found) => self.duplicates_found(found),
            Message::Searched => self.searched(),
            Message::ScratchMoved => {
                self.measure_scratch();
                self.look_into_scratch();
            }
            Message::ThumbnailMissing(page) => self.redraw(page),
            Message::PdfiumInstalled(installed) => self.pdfium_installed(installed),
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

    /// What a cleaning deletes: all thumbnails but those on screen.
    fn what_to_clean(&self) -> CleanWhat {
        match self.shown {
            Some(keep) => CleanWhat::OtherThumbnails {
                library_id: self.library.id().to_owned(),
                keep,
            },
            None => CleanWhat::AllThumbnails,
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
        match self.scratch.clean(true, &self.what_to_clean()) {
            Ok(cleaning) => self.tell(Event::ScratchContents(ScratchContents {
                library: self.library.id().to_owned(),
                dir: self.scratch.dir().to_owned(),
                is_usual: self.scratch.is_usual(),
                policy: self.scratch.policy(),
                given_budget: self.scratch.given_budget(),
                batches: self.scratch.thumbnails_by_batch(self.library.id()),
                cleaning,
                deletions: self.scratch.deletions(DELETIONS_TOLD),
            })),
            Err(error) => self.trouble("Scratch could not be looked into", &error),
        }
    }

    fn clean_scratch(&mut self) {
        match self.scratch.clean(false, &self.what_to_clean()) {
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
        self.follow_scratch();
        let space = self.library.space();
        let meter = Meter {
            ballast: self.library.ballast(),
            library: space.map_or(0, |space| space.held),
            library_free: space.map(|space| space.free),
            library_floor: space.map_or(0, |space| space.floor),
            ..self.scratch.meter(self.shown, self.library.id())
        };
        let shown = self.shown.and_then(|batch| self.open.get(&batch));
        let forecast = shown.and_then(|open| forecast(&open.expected(), &meter));
        self.tell(Event::Scratch { meter, forecast });
    }
}

pub(super) fn now_seconds() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_secs()).ok())
        .unwrap_or(0)
}
