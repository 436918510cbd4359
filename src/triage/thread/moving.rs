//! Moving scratch to another directory while work goes on.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use super::super::background;
use super::super::event::Event;
use super::super::run::Workplace;
use super::{Message, SessionThread};
use crate::scratch::{Scratch, bring_thumbnails};

/// How long jobs that began in the place before may take to end there, and how
/// often that is looked at. What they leave after that is swept later.
const PATIENCE: Duration = Duration::from_secs(600);
const LOOK_AFTER: Duration = Duration::from_millis(100);

impl SessionThread {
    pub(super) fn move_scratch(&mut self, folder: Option<&Path>) {
        match self.scratch.move_to(folder) {
            Ok(moved) if moved.dir() == self.scratch.dir() => {
                self.tell(Event::Notice("Scratch is there already.".into()));
            }
            Ok(moved) => self.work_in(moved),
            Err(error) => self.trouble("Scratch stays where it is", &error),
        }
        self.look_into_scratch();
    }

    /// Follows where another copy of the program has moved scratch.
    pub(super) fn follow_scratch(&mut self) {
        if !self.scratch.was_moved() {
            return;
        }
        match Scratch::open(self.options.scratch.clone()) {
            Ok((moved, _)) => self.work_in(moved),
            Err(error) => tracing::warn!(%error, "scratch was moved and cannot be opened there"),
        }
    }

    /// Has jobs that begin from now on use this scratch directory, and brings the
    /// thumbnails along.
    fn work_in(&mut self, moved: Scratch) {
        let packs = moved.packs(self.library.id());
        let pool = self.crew.place().pool.in_scratch(moved.clone());
        let before = self.crew.move_to(Workplace {
            pool,
            packs: packs.clone(),
        });
        let dir = moved.dir().display().to_string();
        let outbox = self.outbox.clone();
        let messages = self.messages.clone();
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
            let _ = messages.send(Message::ScratchMoved);
            if let Some(trouble) = trouble {
                outbox.tell(Event::Trouble(trouble));
            }
        });
        self.moving.extend(moving);
        self.tell(Event::Notice(format!("Scratch is now in {dir}.")));
        if self.held.is_some() {
            self.try_again();
        }
        self.measure_scratch();
    }
}
