//! The session's thread: takes what is in the inbox, has the parts do it, commits what
//! comes of it in groups and only then believes it and tells the face. It alone writes to
//! the library.
//!
//! Each part is a module with its own few fields; it knows neither the thread nor other
//! parts' state, is passed what it needs and returns what is to be told and done next.
//! The thread routes: commands (`commands`), outcomes of jobs and commits (`outcomes`),
//! and the loop here. Not for deciding anything that a part can decide.

mod batches;
mod believing;
mod brake;
mod commands;
mod committer;
mod deciding;
mod duplicates;
mod engines;
mod external;
mod failures;
mod ingest;
mod outcomes;
mod page_files;
mod previews;
mod reprocessing;
mod runs;
mod sampling;
mod saving;
mod scheduler;
mod scratch_keeper;
mod searching;
mod splitting;
mod watching;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crossbeam_channel::{Receiver, Sender, after, never, select};

use batches::Batches;
use brake::{Brake, Watched};
use committer::Committer;
use duplicates::FindingDuplicates;
use engines::Engines;
use ingest::Ingest;
use page_files::PageFiles;
use previews::Previews;
use scheduler::Scheduler;
use scratch_keeper::ScratchKeeper;
use searching::Searching;
use splitting::Splitting;
use watching::Watching;

use super::background::{self, Broken};
use super::command::Command;
use super::engines::InstallError;
use super::event::Event;
use super::intake::{Found, NotTaken};
use super::locating::Located;
use super::looking::Looking;
use super::moving::Moved;
use super::open_batch::OpenBatch;
use super::options::Options;
use super::outbox::Outbox;
use super::run::{Crew, Outcome};
use super::split::Writing;
use crate::library::{Library, LibraryError};
use crate::model::{BatchId, PageId};
use crate::scratch::Scratch;

/// Progress is told at most this often.
const TELL_AFTER: Duration = Duration::from_millis(100);

/// Workers are ended after so long without work.
const IDLE_AFTER: Duration = Duration::from_secs(20);

/// What arrives beside outcomes.
pub enum Message {
    Command(Command),
    /// Intake found documents for a batch.
    Found(BatchId, Vec<Found>),
    /// An intake for a batch has ended.
    IntakeEnded(BatchId, Result<NotTaken, Broken>),
    /// Sources of a batch were looked for below a folder.
    Located(BatchId, PathBuf, Result<Located, Broken>),
    /// Files of a batch were moved out of its watched folders, to this one.
    Moved(BatchId, PathBuf, Result<Moved, Broken>),
    /// Watched folders were looked into.
    LookedIntoFolders(Result<watching::Look, Broken>),
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

/// The thread: what all parts work on, and the parts.
pub struct SessionThread {
    library: Library,
    batches: Batches,
    outbox: Outbox,
    messages: Sender<Message>,
    /// What the session was started with.
    options: Options,

    ingest: Ingest,
    watching: Watching,
    scheduler: Scheduler,
    committer: Committer,
    brake: Brake,
    scratch: ScratchKeeper,
    previews: Previews,
    splitting: Splitting,
    page_files: PageFiles,
    searching: Searching,
    duplicates: FindingDuplicates,
    engines: Engines,

    /// When progress is told.
    progress: Progress,
}

/// When progress is told.
struct Progress {
    told: Instant,
    /// There is something new to tell.
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
        Self {
            ingest: Ingest::default(),
            watching: Watching::default(),
            scheduler: Scheduler::new(crew, options),
            committer: Committer::new(),
            brake: Brake::default(),
            scratch: ScratchKeeper::new(scratch, &options.scratch, &library),
            previews: Previews::new(looking),
            splitting: Splitting::new(options),
            page_files: PageFiles::new(options),
            searching: Searching::new(&options.library),
            duplicates: FindingDuplicates::new(&options.library),
            engines: Engines::new(options),
            progress: Progress {
                told: Instant::now(),
                changed: false,
            },
            library,
            batches: Batches::default(),
            outbox,
            messages,
            options: options.clone(),
        }
    }

    /// Runs until [`Message::Stop`].
    pub fn run(mut self, messages: &Receiver<Message>, outcomes: &Receiver<Outcome>) {
        self.tell_at_start();
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
            while !self.committer.is_full() {
                match outcomes.try_recv() {
                    Ok(outcome) => self.settle(outcome),
                    Err(_) => break,
                }
            }
            self.keep_up();
        }
        self.engines.stop();
        self.splitting.end();
        self.page_files.end();
        for outcome in outcomes.try_iter() {
            self.settle(outcome);
        }
        self.commit();
        self.scratch.end();
        for batch in self.batches.ids() {
            self.end_run(batch, "interrupted");
        }
    }

    fn tell_at_start(&mut self) {
        self.tell_batches();
        self.follow_watched();
        self.tell(self.engines.told());
        self.tell_all(external::told(self.scheduler.analysers()));
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
        if let Some(writing) = Writing::broken_off(&self.options.library) {
            self.tell_broken_off(&writing);
        }
        self.tell_all(self.scratch.trouble_at_start());
        self.measure_scratch();
    }

    fn tell_broken_off(&mut self, writing: &Writing) {
        let batch = self.library.reader().batch(writing.batch).ok().flatten();
        let name = batch.map_or_else(
            || "a batch that is gone".to_owned(),
            |summary| format!("“{}”", summary.batch.name),
        );
        self.tell(Event::Trouble(format!(
            "The parts of {name} were not all written to {} when the program ended. Those that \
             have their names there are whole; write the same plan once more, and it goes on \
             from there.",
            writing.folder.display()
        )));
    }

    /// When to look again without being asked; none while idle.
    fn next_tick(&self) -> Option<Duration> {
        if self.brake.is_lost() {
            return None;
        }
        let next = [self.next_work(), self.watching.next_look(Instant::now())];
        next.into_iter().flatten().min()
    }

    fn next_work(&self) -> Option<Duration> {
        if !self.committer.is_empty() || self.progress.changed {
            Some(Duration::from_millis(10))
        } else if self.brake.is_held() || self.is_working() {
            Some(Duration::from_millis(500))
        } else if !self.scheduler.place().pool.is_empty() {
            Some(IDLE_AFTER)
        } else {
            None
        }
    }

    fn is_working(&self) -> bool {
        self.scheduler.crew().active() > 0 || self.batches.is_taking_in()
    }

    fn keep_up(&mut self) {
        if self.brake.is_lost() {
            return;
        }
        if let Some(folders) = self.watching.begin(Instant::now()) {
            let answer = self.answer(Message::LookedIntoFolders);
            background::spawn("watching", move || watching::look(folders), answer);
        }
        let idle = self.scheduler.crew().active() == 0;
        if self.committer.is_due(self.brake.is_held(), idle) {
            self.commit();
        }
        let waits = self.brake.is_held() || self.ingest.waits();
        if waits && self.committer.may_try_again() {
            self.committer.wait();
            self.watch_library();
            self.try_again();
        }
        if self.progress.changed && self.progress.told.elapsed() >= TELL_AFTER {
            self.progress.told = Instant::now();
            self.progress.changed = false;
            self.tell_progress();
        }
        if self.is_working() && self.scratch.is_due() {
            self.watch_library();
            self.measure_scratch();
        }
        if !self.is_working()
            && self.committer.is_idle_for(IDLE_AFTER)
            && self.progress.told.elapsed() >= IDLE_AFTER
        {
            self.scheduler.place().pool.dismiss_idle();
        }
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
            Message::Located(batch, folder, located) => {
                if let Err(error) = self.located(batch, &folder, located) {
                    self.not_carried_out(&error);
                }
            }
            Message::Moved(batch, to, moved) => {
                if let Err(error) = self.moved(batch, &to, moved) {
                    self.not_carried_out(&error);
                }
            }
            Message::LookedIntoFolders(look) => self.looked_into_folders(look),
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
                    self.scheduler.place().pool.use_pdfium(library);
                }
                self.use_engines();
            }
            Message::Stop => {}
        }
    }

    fn tell(&self, event: Event) {
        self.outbox.tell(event);
    }

    fn tell_all(&self, events: impl IntoIterator<Item = Event>) {
        events.into_iter().for_each(|event| self.tell(event));
    }

    /// Tells the face from another thread.
    fn teller(&self) -> impl Fn(Event) + Clone + Send + 'static {
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
        self.scheduler.crew().halt(true);
        self.brake.lose(error);
        self.committer.clear();
        self.ingest.clear();
        self.tell_progress();
    }

    fn hold(&mut self, reason: String) {
        self.scheduler.crew().halt(true);
        self.brake.hold(reason);
        self.committer.wait();
        self.progress.changed = true;
        self.measure_scratch();
    }

    fn release(&mut self) {
        if self.brake.release() {
            self.scheduler.crew().halt(self.brake.halts());
            self.progress.changed = true;
        }
    }

    /// Has work wait before the library's disk is full. What was analysed already is
    /// stored while it can be.
    fn watch_library(&mut self) {
        match self.brake.watch(self.library.space()) {
            Watched::Same => {}
            Watched::Short(reason) => self.hold(reason),
            Watched::Enough => self.release(),
        }
    }

    /// Held work is tried again; where the cause is still there the crew halts
    /// by itself and says so.
    fn try_again(&mut self) {
        for (batch, found) in self.ingest.take_waiting() {
            if let Some(open) = self.batches.get_mut(batch) {
                open.intakes = open.intakes.saturating_sub(1);
            }
            self.take_in(batch, found);
            // Nothing of it may have been new.
            self.after_progress(batch);
        }
        if !self.committer.is_empty() {
            self.commit();
        } else if let Some(halted) = self.brake.try_again() {
            self.scheduler.crew().halt(halted);
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
        for open in self.batches.iter_mut() {
            let state = self.brake.state_of(open);
            self.outbox.tell(Event::Progress(open.progress(now, state)));
        }
    }

    fn measure_scratch(&mut self) {
        if let Some(moved) = self.scratch.followed() {
            self.work_in(moved);
        }
        let shown = self.batches.shown;
        let open = shown.and_then(|batch| self.batches.get(batch));
        let expected = open.map(OpenBatch::expected);
        let library = (self.library.space(), self.library.ballast());
        let measured = self.scratch.measure(library, shown, expected.as_ref());
        self.tell(measured);
    }

    fn look_into_scratch(&self) {
        match self.scratch.contents(self.batches.shown) {
            Ok(contents) => self.tell(contents),
            Err(error) => self.trouble("Scratch could not be looked into", &error),
        }
    }

    /// Has work go on in this scratch directory.
    fn work_in(&mut self, moved: Scratch) {
        let (tell, brought) = (self.teller(), self.answer(|()| Message::ScratchMoved));
        let crew = self.scheduler.crew();
        let said = self.scratch.work_in(moved, crew, move |trouble| {
            brought(());
            trouble.into_iter().for_each(tell);
        });
        self.tell(said);
        if self.brake.is_held() {
            self.try_again();
        }
        self.measure_scratch();
    }

    /// Tells the end of a search, and has the next one begin.
    fn tell_search(&self) -> impl FnOnce(Event) + Send + 'static {
        let (tell, ended) = (self.teller(), self.answer(|()| Message::Searched));
        move |event| {
            tell(event);
            ended(());
        }
    }

    /// Follows which folders the library says are watched.
    fn follow_watched(&mut self) {
        match self.library.reader().watched() {
            Ok(watched) => self.watching.follow(watched),
            Err(error) => self.trouble("Watched folders could not be looked up", &error),
        }
        self.tell(Event::Watched(self.watching.watched()));
    }

    fn looked_into_folders(&mut self, look: Result<watching::Look, Broken>) {
        let found = match look {
            Ok(look) => self.watching.looked(look, Instant::now()),
            Err(broken) => {
                self.watching.look_failed(Instant::now());
                return self.trouble("Watched folders could not be looked into", &broken);
            }
        };
        self.tell_all(found.said.into_iter().map(Event::Trouble));
        for settled in found.settled {
            if let Err(error) = self.take_in_settled(settled) {
                self.not_carried_out(&error);
            }
        }
    }

    fn find_duplicates(&mut self) {
        if self.duplicates.ask() {
            self.begin_to_find_duplicates();
        }
    }

    fn begin_to_find_duplicates(&self) {
        let openings = self.scheduler.openings(self.batches.iter());
        let answer = self.answer(Message::DuplicatesFound);
        self.duplicates
            .begin(self.scheduler.crew(), openings, answer);
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

    /// Has work that is handed out from now on use the engines that were chosen and are
    /// there.
    fn use_engines(&mut self) {
        let order = self.engines.order(&self.scheduler.place().pool);
        self.scheduler.use_engines(order);
        self.tell(self.engines.told());
    }

    /// A thumbnail is missing.
    fn redraw(&mut self, page: PageId) {
        if self.previews.may_redraw(page, Instant::now())
            && let Some((open, document, known)) = self.batches.page(page)
            && known.measurements.is_some()
        {
            let target = self.scheduler.target(open, document);
            self.scheduler.redraw(target, page.number);
        }
    }
}

pub(super) fn now_seconds() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_secs()).ok())
        .unwrap_or(0)
}
