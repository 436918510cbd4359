//! Scratch while the session goes on: measured, looked into, cleaned, and moved to another
//! directory. Not for who may use how much of it (`scratch`).

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::super::background;
use super::super::event::{Event, ScratchContents};
use super::super::forecast::{Expected, forecast};
use super::super::run::{Crew, Workplace};
use crate::library::{Library, LibrarySpace};
use crate::model::BatchId;
use crate::scratch::{
    CleanWhat, Meter, Policy, Scratch, ScratchError, ScratchSettings, bring_thumbnails,
};

/// Scratch is measured this often while there is work.
const MEASURE_AFTER: Duration = Duration::from_secs(2);

/// So many of the latest deletions are told.
const DELETIONS_TOLD: usize = 500;

/// How long jobs that began in the place before may take to end there, and how
/// often that is looked at. What they leave after that is swept later.
const PATIENCE: Duration = Duration::from_secs(600);
const LOOK_AFTER: Duration = Duration::from_millis(100);

/// The scratch directory that work begins in.
pub struct ScratchKeeper {
    scratch: Scratch,
    settings: ScratchSettings,
    /// The library whose thumbnails it holds.
    library: String,
    measured: Instant,
    /// Threads that bring things along to where scratch was moved.
    moving: Vec<JoinHandle<()>>,
}

impl ScratchKeeper {
    pub fn new(scratch: Scratch, settings: &ScratchSettings, library: &Library) -> Self {
        Self {
            scratch,
            settings: settings.clone(),
            library: library.id().to_owned(),
            measured: Instant::now(),
            moving: Vec::new(),
        }
    }

    /// Where work begins now.
    pub fn current(&self) -> &Scratch {
        &self.scratch
    }

    /// What the person should know of it at the start.
    pub fn trouble_at_start(&self) -> Option<Event> {
        let dir = self.scratch.unreachable()?.display();
        Some(Event::Trouble(format!(
            "Scratch was moved to {dir}, which is not there. It is where it usually is."
        )))
    }

    /// It was not measured lately.
    pub fn is_due(&self) -> bool {
        self.measured.elapsed() >= MEASURE_AFTER
    }

    /// Where another copy of the program has moved scratch, if one has.
    pub fn followed(&self) -> Option<Scratch> {
        if !self.scratch.was_moved() {
            return None;
        }
        let opened = Scratch::open(self.settings.clone());
        let failed = |error: &ScratchError| {
            tracing::warn!(%error, "scratch was moved and cannot be opened there");
        };
        opened.inspect_err(failed).ok().map(|(moved, _)| moved)
    }

    /// Measures who holds how much. `space` is that of the library, with its ballast;
    /// `shown` the batch on screen and what is expected of it.
    pub fn measure(
        &mut self,
        (space, ballast): (Option<LibrarySpace>, u64),
        shown: Option<BatchId>,
        expected: Option<&Expected>,
    ) -> Event {
        self.measured = Instant::now();
        let meter = Meter {
            ballast,
            library: space.map_or(0, |space| space.held),
            library_free: space.map(|space| space.free),
            library_floor: space.map_or(0, |space| space.floor),
            ..self.scratch.meter(shown, &self.library)
        };
        let forecast = expected.and_then(|expected| forecast(expected, &meter));
        Event::Scratch { meter, forecast }
    }

    /// Who holds scratch now, whoever is on screen.
    pub fn meter(&self) -> Meter {
        self.scratch.meter(None, &self.library)
    }

    /// What it holds, piece by piece.
    pub fn contents(&self, shown: Option<BatchId>) -> Result<Event, ScratchError> {
        let cleaning = self.scratch.clean(true, &self.what_to_clean(shown))?;
        Ok(Event::ScratchContents(ScratchContents {
            library: self.library.clone(),
            dir: self.scratch.dir().to_owned(),
            is_usual: self.scratch.is_usual(),
            policy: self.scratch.policy(),
            given_budget: self.scratch.given_budget(),
            batches: self.scratch.thumbnails_by_batch(&self.library),
            cleaning,
            deletions: self.scratch.deletions(DELETIONS_TOLD),
        }))
    }

    /// Deletes what is not needed, and says how much that was.
    pub fn clean(&self, shown: Option<BatchId>) -> Result<Event, ScratchError> {
        let report = self.scratch.clean(false, &self.what_to_clean(shown))?;
        Ok(Event::Notice(match report.bytes() {
            0 => "Scratch is clean already.".into(),
            bytes => {
                let size = bytesize::ByteSize::b(bytes).display().si();
                format!("{size} of scratch were freed.")
            }
        }))
    }

    /// What a cleaning deletes: all thumbnails but those on screen.
    fn what_to_clean(&self, shown: Option<BatchId>) -> CleanWhat {
        match shown {
            Some(keep) => CleanWhat::OtherThumbnails {
                library_id: self.library.clone(),
                keep,
            },
            None => CleanWhat::AllThumbnails,
        }
    }

    pub fn set_policy(&self, policy: Policy) -> Result<(), ScratchError> {
        self.scratch.set_policy(policy)
    }

    /// Opens scratch in another folder; none where it is there already.
    pub fn opened_in(&self, folder: Option<&Path>) -> Result<Option<Scratch>, ScratchError> {
        let moved = self.scratch.move_to(folder)?;
        Ok((moved.dir() != self.scratch.dir()).then_some(moved))
    }

    /// Has jobs that begin from now on use this scratch directory, and brings the
    /// thumbnails along. `answer` is called once they are there, with what went wrong.
    pub fn work_in(
        &mut self,
        moved: Scratch,
        crew: &Crew,
        answer: impl FnOnce(Option<Event>) + Send + 'static,
    ) -> Event {
        let packs = moved.packs(&self.library);
        let pool = crew.place().pool.in_scratch(moved.clone());
        let before = crew.move_to(Workplace {
            pool,
            packs: packs.clone(),
        });
        let dir = moved.dir().display().to_string();
        let place = moved.clone();
        self.scratch = moved;
        let work = move || {
            let mut bytes = bring_thumbnails(&before.packs, &packs);
            // The disk that was left may be full to the last byte.
            let early = place.announce();
            // Jobs that began there keep thumbnails there to their end.
            let until = Instant::now() + PATIENCE;
            let is_ending = || before.pool.stopped().load(Ordering::Relaxed);
            while Arc::strong_count(&before) > 1 && Instant::now() < until && !is_ending() {
                thread::sleep(LOOK_AFTER);
            }
            bytes += bring_thumbnails(&before.packs, &packs);
            tracing::info!(bytes, "thumbnails were brought along");
            drop(before);
            early.or_else(|_| place.announce())
        };
        let moving = background::spawn("moving scratch", work, move |brought| {
            let trouble = match brought {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(format!(
                    "Other copies of the program do not know that scratch was moved: {error}"
                )),
                Err(broken) => Some(format!("Thumbnails were not brought along: {broken}")),
            };
            answer(trouble.map(Event::Trouble));
        });
        self.moving.extend(moving);
        Event::Notice(format!("Scratch is now in {dir}."))
    }

    /// Waits until everything was brought along, with the session.
    pub fn end(&mut self) {
        for moving in self.moving.drain(..) {
            if moving.join().is_err() {
                tracing::error!("moving scratch ended by a panic");
            }
        }
    }
}
