//! The session as a face holds it: start, send commands, receive events. The
//! work is done on the session's own thread (`thread`).

use std::io::ErrorKind;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Sender, bounded, unbounded};
use thiserror::Error;

use super::background::caught;
use super::command::Command;
use super::event::Event;
use super::looking::Looking;
use super::options::Options;
use super::outbox::{Events, outbox};
use super::run::{Crew, Workplace};
use super::thread::{Message, SessionThread};
use crate::library::{Library, LibraryError};
use crate::model::EngineChoice;
use crate::scratch::{Scratch, ScratchError, SweepReport};
use crate::worker::Pool;

/// Outcomes that may wait for the session's thread; tasks wait beyond that.
const WAITING_OUTCOMES: usize = 256;

/// How long the end of the session waits for tasks to give up their workers.
const PATIENCE_AT_END: Duration = Duration::from_secs(3);

/// Why a session cannot be started.
#[derive(Debug, Error)]
pub enum StartError {
    /// The library cannot be opened.
    #[error("the library cannot be opened: {0}")]
    Library(#[from] LibraryError),
    /// Scratch cannot be used.
    #[error("scratch cannot be used: {0}")]
    Scratch(#[from] ScratchError),
    /// PDFium alone is asked for, and is not there.
    #[error("PDFium is not installed: `pagesieve engine install` does that")]
    NoPdfium,
    /// The system gives no threads.
    #[error("no threads can be started: {0}")]
    Threads(String),
    /// The program has an error.
    #[error("an error in the program ended its start; the log has more")]
    Panicked,
}

impl StartError {
    /// What can be done about it, where that is not said with the reason.
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            Self::Library(LibraryError::InUse { .. }) => Some(
                "Wait until its work is done, or close it, and start again; or name another \
                 library with --library.",
            ),
            Self::Library(error) if error.is_not_writable() => Some(
                "Pagesieve has to write there. Allow that (it may be a medium, a share or a \
                 folder that is read-only), or name another library with --library.",
            ),
            Self::Scratch(ScratchError::Io { source, .. })
                if matches!(
                    source.kind(),
                    ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
                ) =>
            {
                Some(
                    "Pagesieve has to write there. Allow that, or name another folder with \
                     --scratch.",
                )
            }
            error if error.is_shortage() => Some("Free some space there, and start again."),
            _ => None,
        }
    }

    /// The disk of the library or of scratch is full: later there may be room.
    pub fn is_shortage(&self) -> bool {
        match self {
            Self::Library(error) => matches!(error, LibraryError::Full { .. }),
            Self::Scratch(ScratchError::Io { source, .. }) => matches!(
                source.kind(),
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded
            ),
            _ => false,
        }
    }
}

/// A running session. Dropping it ends all work; what is unfinished goes on the
/// next time.
pub struct Session {
    messages: Sender<Message>,
    events: Events,
    crew: Arc<Crew>,
    looking: Arc<Looking>,
    thread: Option<JoinHandle<()>>,
    swept: SweepReport,
}

impl Session {
    /// Opens library and scratch, sweeps residue of earlier runs, and starts
    /// the session's threads. No worker is started before there is work.
    pub fn start(options: Options) -> Result<Self, StartError> {
        if options.engine == EngineChoice::Pdfium && options.program.pdfium.is_none() {
            return Err(StartError::NoPdfium);
        }
        let library = Library::open(&options.library)?;
        let (scratch, swept) = Scratch::open(options.scratch.clone())?;
        let packs = scratch.packs(library.id());
        let pool = Pool::new(options.program.clone(), scratch.clone(), options.limits);
        let (send_outcome, outcomes) = bounded(WAITING_OUTCOMES);
        let crew = Crew::new(
            options.workers.max(1),
            Workplace { pool, packs },
            send_outcome,
        )
        .map_err(|error| StartError::Threads(error.to_string()))?;
        let crew = Arc::new(crew);
        let (messages, inbox) = unbounded();
        let (outbox, events) = outbox(Arc::clone(&options.wake));
        let missing = {
            let messages = messages.clone();
            move |page| {
                let _ = messages.send(Message::ThumbnailMissing(page));
            }
        };
        let looking = Looking::start(&crew, options.library.clone(), outbox.clone(), missing)
            .map_err(|error| StartError::Threads(error.to_string()))?;
        let session = SessionThread::new(
            library,
            scratch,
            Arc::clone(&crew),
            Arc::clone(&looking),
            &options,
            outbox.clone(),
            messages.clone(),
        );
        let thread = std::thread::Builder::new()
            .name("session".into())
            .spawn(move || {
                if let Err(broken) = caught(|| session.run(&inbox, &outcomes)) {
                    outbox.tell(Event::Broken(format!(
                        "Pagesieve cannot go on and has to be started again: there was {broken}. \
                         What was done is kept."
                    )));
                }
            })
            .map_err(|error| StartError::Threads(error.to_string()))?;
        Ok(Self {
            messages,
            events,
            crew,
            looking,
            thread: Some(thread),
            swept,
        })
    }

    /// Asks for something; carried out in order.
    pub fn send(&self, command: Command) {
        // Fails only after the session's thread has ended by a panic, which it
        // reports by itself.
        let _ = self.messages.send(Message::Command(command));
    }

    /// What happens.
    pub fn events(&self) -> &Events {
        &self.events
    }

    /// What the sweep at the start removed.
    pub fn swept(&self) -> &SweepReport {
        &self.swept
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.looking.close();
        let _ = self.messages.send(Message::Stop);
        self.crew.halt(true);
        self.crew.place().pool.stop();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the session's thread ended by a panic");
        }
        // Tasks hold the scratch directory; it is swept when the last one ends.
        let until = std::time::Instant::now() + PATIENCE_AT_END;
        let is_busy = || self.crew.active() > 0 || self.crew.is_fetching_ahead();
        while is_busy() && std::time::Instant::now() < until {
            std::thread::sleep(Duration::from_millis(5));
        }
        self.crew.place().pool.dismiss_idle();
    }
}
