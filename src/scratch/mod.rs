//! Scratch: the only place for temporary bytes, and the only code that makes
//! them. Each byte has an owner and a lease, the sum stays within a budget, and
//! the disk keeps its floor. Not for sources, the library or exports.
//!
//! ```text
//! pagesieve-scratch.json             the marker: nothing is deleted without it
//! journal.jsonl                      each deletion: what, whose, why, how much
//! copies.lock                        held while a copy registers or sweeps
//! copies/ID/owner.lock               locked as long as that copy runs
//! copies/ID/slots/N/slot.lock        locked as long as that worker runs
//! thumbnails/LIBRARY/BATCH/DOCUMENT.pack
//! ```

mod budget;
mod copies;
mod journal;
mod marker;
mod meter;
mod pack;
mod packs;
mod space;
mod tree;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use thiserror::Error;

use crate::model::BatchId;
use budget::{LeaseId, Ledger};
use copies::OwnCopy;
use journal::Journal;
use packs::Shelf;
use space::Space;

pub use budget::{Holder, Owner, Purpose, Shortage, ShortageCause};
pub use copies::WorkerSlot;
pub use journal::{Entry, Why};
pub use meter::{Meter, VolumeState};
pub use packs::{PackError, Packs};

/// Where scratch is and how much it may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScratchSettings {
    /// The directory; made where it is missing, refused where it is not ours.
    pub dir: PathBuf,
    /// The most bytes that it may hold; none: see [`space::default_budget`].
    pub budget: Option<u64>,
    /// Free bytes that the disk keeps; none: see [`space::default_floor`].
    pub floor: Option<u64>,
}

/// Why scratch cannot be used.
#[derive(Debug, Error)]
pub enum ScratchError {
    /// The directory is somebody else's, and is left alone.
    #[error("{} is not a scratch directory of Pagesieve: {reason}", dir.display())]
    NotOurs {
        /// The directory.
        dir: PathBuf,
        /// How that is known.
        reason: &'static str,
    },
    /// The system refused something.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl ScratchError {
    fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            doing,
            path,
            source,
        }
    }
}

/// What a sweep removed, or would remove.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SweepReport {
    /// What was removed.
    pub removed: Vec<Entry>,
    /// What could not be removed (path below scratch), and why.
    pub left: Vec<(String, String)>,
    /// Bytes that were removed.
    pub bytes: u64,
}

impl SweepReport {
    fn add(&mut self, entry: Entry) {
        self.bytes += entry.bytes;
        self.removed.push(entry);
    }
}

/// The scratch directory as one running copy of the program holds it. Clones
/// share it; when the last one is dropped, what this copy made for itself is
/// removed.
#[derive(Clone)]
pub struct Scratch(Arc<Shared>);

struct Shared {
    dir: PathBuf,
    /// Device of the directory: no other one is ever entered.
    device: u64,
    journal: Journal,
    copy: OwnCopy,
    ledger: Mutex<Ledger>,
    shelf: Mutex<Shelf>,
    others: Mutex<meter::Others>,
    ram_backed: bool,
}

impl Scratch {
    /// Marks the directory, registers this copy and sweeps what dead copies
    /// left behind.
    pub fn open(settings: ScratchSettings) -> Result<(Self, SweepReport), ScratchError> {
        marker::claim(&settings.dir)?;
        let dir = std::fs::canonicalize(&settings.dir)
            .map_err(ScratchError::io("find", &settings.dir))?;
        let metadata =
            std::fs::symlink_metadata(&dir).map_err(ScratchError::io("look at", &dir))?;
        let (device, ..) = tree::identity(&metadata);
        let journal = Journal::new(&dir);
        let mut report = SweepReport::default();
        let copy = OwnCopy::register(&dir, device, &journal, &mut report)?;

        let shelf = Shelf::find(&dir, device);
        let space = Space::of(&dir).ok();
        let ram_backed = space::is_ram_backed(&dir);
        let memory = ram_backed.then(space::available_memory).flatten();
        let budget = settings.budget.unwrap_or_else(|| {
            let free = space.map_or(0, |space| space.free);
            space::default_budget(free.saturating_add(shelf.bytes()), memory)
        });
        let floor = settings
            .floor
            .unwrap_or_else(|| space.map_or(0, |space| space::default_floor(space.total)));
        let mut ledger = Ledger::new(budget, floor);
        ledger.recount_retained(0, shelf.bytes());
        let shared = Shared {
            dir,
            device,
            journal,
            copy,
            ledger: Mutex::new(ledger),
            shelf: Mutex::new(shelf),
            others: Mutex::default(),
            ram_backed,
        };
        Ok((Self(Arc::new(shared)), report))
    }

    /// Asks for `bytes` of scratch. Dropping the lease gives them back.
    pub fn lease(&self, owner: Owner, purpose: Purpose, bytes: u64) -> Result<Lease, Shortage> {
        let mut ledger = self.0.ledger();
        let free = self.0.free(&ledger, bytes)?;
        let id = ledger.request(owner, purpose, bytes, free)?;
        drop(ledger);
        Ok(Lease {
            scratch: self.clone(),
            id,
        })
    }

    /// An empty directory for the worker process of this number; removed when
    /// the slot is dropped.
    pub fn slot(&self, number: usize) -> Result<WorkerSlot, ScratchError> {
        WorkerSlot::make(self, number)
    }

    /// The thumbnails of a library.
    pub fn packs(&self, library: &str) -> Packs {
        Packs::new(self.clone(), library)
    }

    /// Changes the budget. Nothing is taken back at once: what no longer fits
    /// is evicted as new bytes are asked for.
    pub fn set_budget(&self, bytes: u64) {
        self.0.ledger().set_budget(bytes);
    }

    /// Deletes residue of dead copies, and thumbnails except those of `keep`
    /// (library and batch). With `dry_run` only says what would be deleted.
    pub fn clean(
        &self,
        dry_run: bool,
        keep: Option<(&str, BatchId)>,
    ) -> Result<SweepReport, ScratchError> {
        let mut report = SweepReport::default();
        let shared = &self.0;
        if dry_run {
            copies::list_residue(&shared.dir, shared.device, &shared.copy.id, &mut report);
        } else {
            copies::sweep(
                &shared.dir,
                shared.device,
                &shared.copy.id,
                &shared.journal,
                &mut report,
            )?;
        }
        packs::clean(self, dry_run, keep, &mut report);
        shared.others().forget();
        Ok(report)
    }

    /// Who holds what. Other copies and residue are measured again at most
    /// every few seconds.
    pub fn meter(&self, this_batch: Option<BatchId>, library: &str) -> Meter {
        meter::measure(&self.0, this_batch, library)
    }
}

impl Shared {
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn others(&self) -> MutexGuard<'_, meter::Others> {
        self.others.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Free bytes on the disk; a shortage where they cannot be read.
    fn free(&self, ledger: &Ledger, wanted: u64) -> Result<u64, Shortage> {
        Space::of(&self.dir)
            .map(|space| space.free)
            .map_err(|_| ledger.shortage(wanted, wanted, ShortageCause::Unreadable))
    }

    /// A path below scratch, for reports.
    fn below(&self, path: &Path) -> String {
        below(&self.dir, path)
    }
}

fn below(dir: &Path, path: &Path) -> String {
    let below = path.strip_prefix(dir).unwrap_or(path);
    let parts = below
        .components()
        .map(|part| part.as_os_str().to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.copy.leave(&self.dir, self.device, &self.journal);
    }
}

/// A bounded permission to use scratch.
pub struct Lease {
    scratch: Scratch,
    id: LeaseId,
}

impl Lease {
    /// Asks for more, before it is written.
    pub fn grow(&self, bytes: u64) -> Result<(), Shortage> {
        let shared = &self.scratch.0;
        let mut ledger = shared.ledger();
        let free = shared.free(&ledger, bytes)?;
        ledger.grow(self.id, bytes, free)
    }

    /// Bytes that were granted and not yet used.
    pub fn left(&self) -> u64 {
        self.scratch
            .0
            .ledger()
            .lease(self.id)
            .map_or(0, |lease| lease.granted.saturating_sub(lease.written))
    }

    /// These bytes are on disk now and stay there without the lease.
    fn retain(&self, bytes: u64) {
        self.scratch.0.ledger().retain(self.id, bytes);
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.scratch.0.ledger().release(self.id);
    }
}

/// A random name of 32 hexadecimal digits. The standard library's hash keys are
/// random for each process and differ at each use, which is all that is needed
/// to tell copies apart.
fn random_id() -> String {
    use std::hash::{BuildHasher, RandomState};
    let part = || RandomState::new().hash_one((std::process::id(), std::time::Instant::now()));
    format!("{:016x}{:016x}", part(), part())
}
