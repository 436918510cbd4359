//! Scratch: the only place for temporary bytes, and the only code that makes them.
//! Not for sources, exports or the library's database.
//!
//! ```text
//! <scratch>/pagesieve-scratch.json               makes the directory ours
//!           policy.json                          what is deleted when
//!           elsewhere.json                       where scratch is, if it was moved
//!           sweep.lock                           one copy sweeps at a time
//!           journal.jsonl                        each deletion
//!           copies/<id>/owner.lock               held as long as the copy lives
//!           copies/<id>/promised                 granted to the copy, not yet written
//!           copies/<id>/fetched/                what was fetched, while there is room
//!           copies/<id>/slots/<n>/slot.lock      held as long as the worker lives
//!           copies/<id>/slots/<n>/work/          what the worker may fill
//!           thumbnails/<library>/library.lock    held by the copy that writes it
//!           thumbnails/<library>/<batch>/<document>.pack
//! ```
//!
//! | module | what it knows |
//! |---|---|
//! | `budget` | who may use how many bytes (pure) |
//! | `shared_ledger` | the same among threads |
//! | `space` | the disk: free bytes, defaults |
//! | `policy` | what is deleted when |
//! | `elsewhere` | moving to another directory |
//! | `marker` | whether a directory is ours |
//! | `copies`, `slot` | who lives, and what the dead left |
//! | `shelf`, `packs`, `pack` | thumbnails: room, use, format |
//! | `fetched` | files from elsewhere: room, use |
//! | `meter` | who holds what |
//! | `journal`, `report` | what was deleted |
//! | `tree` | measuring and deleting directories |
//! | `unattributed` | what is deleted and still open |
//!
//! The journal, the marker and the locks are written without a lease: they are
//! small and bounded, and have to work when nothing else fits.

mod budget;
mod copies;
mod elsewhere;
mod fetched;
mod journal;
mod marker;
mod meter;
mod pack;
mod packs;
mod policy;
mod report;
mod shared_ledger;
#[cfg(test)]
mod shared_ledger_orders;
mod shelf;
mod slot;
mod space;
mod tree;
mod unattributed;

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{self, Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

pub use budget::{Holder, LeaseEntry, LeaseId, Ledger, Owner, Purpose, Shortage, ShortageCause};
pub use elsewhere::bring_thumbnails;
pub use fetched::{Fetched, FetchedError, Fetching};
pub use journal::{Entry as JournalEntry, Why};
pub use meter::{Meter, VolumeState};
pub use packs::{PackError, Packs};
pub use policy::{LibraryBatch, Policy, Preset};
pub use report::{LeftAlone, Removed, SweepReport};
pub use slot::{Leftovers, WorkerSlot};
pub use space::{Files, Space, available_memory, default_budget, default_floor, is_ram_backed};

use crate::model::BatchId;
use crate::private;
use copies::{OwnCopy, SweepLock};
use journal::Journal;
use shared_ledger::SharedLedger;
use shelf::Shelf;

/// Where scratch is and how much it may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScratchSettings {
    /// The usual directory. Missing or empty, or marked by an earlier run. Where it
    /// says that scratch was moved, the directory that it names is used.
    pub dir: PathBuf,
    /// The most that scratch may hold, bytes, whatever the policy says.
    pub budget: Option<u64>,
    /// Free space that is never used, bytes; see [`default_floor`].
    pub floor: Option<u64>,
    /// Treat the disk as if it offered no more than so many bytes to scratch, what
    /// it holds included: for seeing again what happened on a fuller disk.
    pub offered: Option<u64>,
}

/// Why scratch cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScratchError {
    /// The directory is somebody else's. Nothing in it was touched.
    #[error("{} is not a scratch directory of Pagesieve: {reason}", dir.display())]
    NotOurs {
        /// The directory.
        dir: PathBuf,
        /// What speaks against it.
        reason: &'static str,
    },
    /// Scratch cannot move into itself.
    #[error("{} is inside of scratch", dir.display())]
    Inside {
        /// The directory.
        dir: PathBuf,
    },
    /// A worker still has the slot.
    #[error("worker slot {number} is still in use")]
    SlotInUse {
        /// The slot's number.
        number: usize,
    },
    /// The system refused something.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// What was tried: "create", "read" …
        doing: &'static str,
        /// On what.
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

/// What [`Scratch::clean`] is to remove besides residue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CleanWhat {
    /// Only what dead copies left.
    Residue,
    /// Also all thumbnails but those of one batch of one library.
    OtherThumbnails {
        /// The library of the batch to keep.
        library_id: String,
        /// The batch to keep.
        keep: BatchId,
    },
    /// Also all thumbnails that no other running copy uses.
    AllThumbnails,
}

/// The marked directory, with what is needed to look at it and to delete in it.
#[derive(Debug)]
struct Place {
    /// Absolute, without symbolic links.
    base: PathBuf,
    /// The file system that is never left.
    device: u64,
    /// See [`ScratchSettings::offered`].
    offered: Option<u64>,
    journal: Journal,
}

impl Place {
    fn space(&self) -> io::Result<Space> {
        let space = Space::of(&self.base)?;
        Ok(match self.offered {
            None => space,
            Some(offered) => {
                let used = tree::measure(&self.base, self.device).bytes;
                Space {
                    free: space.free.min(offered.saturating_sub(used)),
                    ..space
                }
            }
        })
    }

    /// The path below the scratch directory, with `/` between folders.
    fn relative(&self, path: &Path) -> String {
        let below = path.strip_prefix(&self.base).unwrap_or(path);
        let parts: Vec<_> = below
            .components()
            .map(|part| part.as_os_str().to_string_lossy())
            .collect();
        parts.join("/")
    }
}

/// What all clones of one [`Scratch`], its leases, slots and packs share.
#[derive(Debug)]
struct Shared {
    place: Place,
    /// The directory that says where scratch is.
    usual: PathBuf,
    /// Where scratch should be, but cannot be reached.
    unreachable: Option<PathBuf>,
    /// Where the usual directory said that scratch is, when that was last read or
    /// written here.
    signpost: Mutex<Option<PathBuf>>,
    ram_backed: bool,
    /// A budget that this copy was started with, in place of the policy's.
    given_budget: Mutex<Option<u64>>,
    policy: Mutex<Policy>,
    own: OwnCopy,
    only_looks: bool,
    ledger: SharedLedger,
    shelf: Shelf,
    /// What was fetched, to have it give way.
    fetched: Mutex<Vec<sync::Weak<fetched::Files>>>,
    survey: Mutex<meter::Survey>,
    slots: Mutex<HashSet<usize>>,
}

impl Shared {
    /// Asks the ledger for `wanted` bytes with the space that is free now; a shortage
    /// where that cannot be read.
    fn ask_ledger<T>(
        &self,
        wanted: u64,
        question: impl FnOnce(&mut Ledger, u64) -> Result<T, Shortage>,
    ) -> Result<T, Shortage> {
        let is_default = self.named_budget().is_none();
        let free = |ledger: &mut Ledger| match self.place.space() {
            Ok(space) if space.files.is_some_and(Files::are_scarce) => {
                Err(ledger.shortage(wanted, wanted, ShortageCause::Files))
            }
            Ok(space) => {
                if is_default {
                    self.follow_disk(ledger, space.free);
                }
                Ok(space.free)
            }
            Err(error) => {
                tracing::warn!(%error, "free space cannot be read");
                Err(ledger.shortage(wanted, wanted, ShortageCause::Unreadable))
            }
        };
        self.ledger.ask(free, question)
    }

    fn policy(&self) -> Policy {
        lock(&self.policy).clone()
    }

    /// The budget that was given or that the policy names; none: the default.
    fn named_budget(&self) -> Option<u64> {
        let given = *lock(&self.given_budget);
        given.or(lock(&self.policy).budget)
    }

    /// Takes over a policy that this or another copy wrote. Thumbnails above a
    /// smaller budget go when the next one is kept.
    fn follow_policy(&self, policy: Policy) {
        let before = std::mem::replace(&mut *lock(&self.policy), policy);
        if lock(&self.policy).budget != before.budget {
            self.set_budget();
        }
    }

    /// Sets the budget as it is named, or to the default for the disk as it is.
    fn set_budget(&self) {
        let named = self.named_budget();
        let free = self.place.space().map(|space| space.free);
        let mut ledger = self.ledger.lock();
        match (named, free) {
            (Some(bytes), _) => ledger.set_budget(bytes),
            (None, Ok(free)) => {
                let budget = self.default_budget_of(&ledger, free);
                ledger.set_budget(budget);
            }
            (None, Err(error)) => tracing::warn!(%error, "free space cannot be read"),
        }
    }

    /// Raises the default budget to what the disk offers now: it may have been
    /// full when this copy started. Never lowers it, or others who fill the disk
    /// would make this copy throw its own away.
    fn follow_disk(&self, ledger: &mut Ledger, free: u64) {
        let budget = self.default_budget_of(ledger, free);
        if budget > ledger.budget() {
            ledger.set_budget(budget);
        }
    }

    /// The default budget, where so much is free besides what is kept already.
    fn default_budget_of(&self, ledger: &Ledger, free: u64) -> u64 {
        let memory = available_memory_of(self.ram_backed);
        default_budget(free.saturating_add(ledger.retained()), memory)
    }

    /// Asks the ledger, and once more after making room.
    fn ask<T>(
        &self,
        bytes: u64,
        mut question: impl FnMut(&mut Ledger, u64) -> Result<T, Shortage>,
    ) -> Result<T, Shortage> {
        let mut ask = || self.one_copy_at_a_time(|| self.ask_ledger(bytes, &mut question));
        match ask() {
            Err(shortage) if self.relieve(&shortage, None) > 0 => ask(),
            answer => answer,
        }
    }

    /// Copies that share a budget are granted something one after the other, each
    /// knowing what the others hold and were promised.
    fn one_copy_at_a_time<T>(&self, grant: impl FnOnce() -> T) -> T {
        let sweep_lock = SweepLock::wait(&self.place.base);
        if let Ok(sweep_lock) = &sweep_lock
            && self.own.has_company()
        {
            self.survey_now(sweep_lock);
        }
        let granted = grant();
        self.promise();
        granted
    }

    /// Tells the other copies what this one was granted and has not written.
    fn promise(&self) {
        let unwritten = self.ledger.lock().unwritten();
        if let Err(error) = self.own.promise(unwritten) {
            tracing::debug!(%error, "other copies do not know what was promised to this one");
        }
    }

    /// Removes what dead copies left, and looks at what is there then.
    fn sweep_residue(&self, dry_run: bool) -> SweepReport {
        match SweepLock::wait(&self.place.base) {
            Ok(lock) => {
                let report = copies::sweep(&self.place, Some(&self.own.id), dry_run);
                self.survey_now(&lock);
                report
            }
            Err(error) => {
                let mut report = SweepReport::default();
                report.leave("copies".to_owned(), error.to_string());
                report
            }
        }
    }
}

/// Memory that a RAM-backed scratch directory shares with everybody.
fn available_memory_of(ram_backed: bool) -> Option<u64> {
    ram_backed.then(available_memory).flatten()
}

impl Drop for Shared {
    fn drop(&mut self) {
        if self.only_looks {
            self.own.remove(&self.place);
            return;
        }
        self.clean_at_exit();
        if self.policy().at_exit {
            self.own.remove(&self.place);
        }
    }
}

/// What opening and closing scratch does besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Opening {
    /// Deletes what the policy says, at the beginning and at the end.
    ToWork,
    /// Deletes nothing but what this copy makes itself.
    ToLook,
}

/// Scratch as one running copy of the program has it. Clones are the same copy;
/// when the last one is gone (leases, slots and packs count), so is the copy's
/// directory.
#[derive(Clone, Debug)]
pub struct Scratch {
    shared: Arc<Shared>,
}

impl Scratch {
    /// Marks the directory if it is new, removes what dead copies left, and
    /// registers this copy.
    pub fn open(settings: ScratchSettings) -> Result<(Self, SweepReport), ScratchError> {
        Self::open_for(Opening::ToWork, settings)
    }

    /// The same for somebody who wants to see what there is: whatever the policy says,
    /// nothing is deleted, neither now nor at the end.
    pub fn look(settings: ScratchSettings) -> Result<Self, ScratchError> {
        Ok(Self::open_for(Opening::ToLook, settings)?.0)
    }

    fn open_for(
        opening: Opening,
        settings: ScratchSettings,
    ) -> Result<(Self, SweepReport), ScratchError> {
        marker::claim(&settings.dir)?;
        elsewhere::put_up(&settings.dir);
        let moved = elsewhere::read(&settings.dir);
        // Its disk may not be there: work goes on in the usual place.
        let reached = moved.as_deref().filter(|dir| {
            marker::claim(dir)
                .inspect_err(|error| tracing::warn!(%error, "scratch is where it usually is"))
                .is_ok()
        });
        let dir = reached.unwrap_or(&settings.dir).to_owned();
        let unreachable = moved.filter(|moved| *moved != dir);
        Self::open_in(opening, &dir, &settings, unreachable)
    }

    /// Opens scratch in this very directory, which is marked.
    fn open_in(
        opening: Opening,
        dir: &Path,
        settings: &ScratchSettings,
        unreachable: Option<PathBuf>,
    ) -> Result<(Self, SweepReport), ScratchError> {
        let base = dir
            .canonicalize()
            .map_err(ScratchError::io("resolve", dir))?;
        let metadata =
            std::fs::symlink_metadata(&base).map_err(ScratchError::io("look at", &base))?;
        let place = Place {
            device: tree::identity(&metadata).0,
            offered: settings.offered,
            journal: Journal::new(&base),
            base,
        };
        close_to_others(&place.base);
        let sweep_lock = SweepLock::wait(&place.base)
            .map_err(ScratchError::io("lock the sweep of", &place.base))?;
        // Before anything is made: a disk full of residue has no room for it.
        let policy = Policy::read(&place.base);
        let only_looks = opening == Opening::ToLook;
        let mut report = SweepReport::default();
        if policy.residue && !only_looks {
            report = copies::sweep(&place, None, false);
        }
        let own = match OwnCopy::register(&place) {
            Err(error) if only_looks => {
                tracing::debug!(%error, "no room to register; looking needs none");
                OwnCopy::unregistered(&place)
            }
            own => own.map_err(ScratchError::io("register in", &place.base))?,
        };

        let space = place
            .space()
            .map_err(ScratchError::io("read the free space of", &place.base))?;
        let ram_backed = is_ram_backed(&place.base);
        let floor = settings.floor.unwrap_or_else(|| default_floor(space.total));
        let shared = Arc::new(Shared {
            usual: settings.dir.clone(),
            signpost: Mutex::new(elsewhere::read(&settings.dir)),
            unreachable,
            ram_backed,
            given_budget: Mutex::new(settings.budget),
            policy: Mutex::new(policy),
            own,
            only_looks,
            ledger: SharedLedger::new(Ledger::new(0, floor)),
            shelf: Shelf::default(),
            fetched: Mutex::default(),
            survey: Mutex::default(),
            slots: Mutex::default(),
            place,
        });
        shared.survey_now(&sweep_lock);
        drop(sweep_lock);
        shared.set_budget();
        if !only_looks {
            report.merge(shared.trim());
        }
        Ok((Self { shared }, report))
    }

    /// The scratch directory.
    pub fn dir(&self) -> &Path {
        &self.shared.place.base
    }

    /// Where scratch should be, if its disk is not there now.
    pub fn unreachable(&self) -> Option<&Path> {
        self.shared.unreachable.as_deref()
    }

    /// Scratch is in its usual directory.
    pub fn is_usual(&self) -> bool {
        let usual = self.shared.usual.canonicalize();
        usual.is_ok_and(|usual| usual == *self.dir())
    }

    /// Another copy has moved scratch away since this one opened it.
    pub fn was_moved(&self) -> bool {
        elsewhere::read(&self.shared.usual) != *lock(&self.shared.signpost)
    }

    /// Opens scratch in another folder; none: in its usual directory. The rules stay
    /// the same, and so does a budget that somebody set; the default one follows the new
    /// disk. What was here stays until it is dropped; others learn of it by
    /// [`Self::announce`].
    pub fn move_to(&self, folder: Option<&Path>) -> Result<Self, ScratchError> {
        let usual = &self.shared.usual;
        let dir = match folder {
            Some(folder) => {
                // Made absolute as it is written: it need not be there yet.
                let folder =
                    std::path::absolute(folder).map_err(ScratchError::io("find", folder))?;
                if folder != *self.dir() && folder.starts_with(self.dir()) {
                    return Err(ScratchError::Inside { dir: folder });
                }
                elsewhere::claim_in(&folder)?
            }
            None => {
                marker::claim(usual)?;
                usual.clone()
            }
        };
        let dir = dir
            .canonicalize()
            .map_err(ScratchError::io("resolve", &dir))?;
        if dir == *self.dir() {
            return Ok(self.clone());
        }
        // Whatever the rules were there: a person moves a directory, and not to other rules.
        self.policy()
            .write(&dir)
            .map_err(ScratchError::io("write the policy of", &dir))?;
        let settings = ScratchSettings {
            dir: usual.clone(),
            budget: self.given_budget(),
            floor: None,
            offered: None,
        };
        let (moved, _) = Self::open_in(Opening::ToWork, &dir, &settings, None)?;
        Ok(moved)
    }

    /// Has all copies use this directory from their next start on. Where the disk
    /// of the usual directory is full, that may have to wait until things were
    /// brought along.
    pub fn announce(&self) -> Result<(), ScratchError> {
        let usual = &self.shared.usual;
        let now = (!self.is_usual()).then(|| self.dir().to_owned());
        elsewhere::write(usual, now.as_deref())
            .map_err(ScratchError::io("note the move in", usual))?;
        *lock(&self.shared.signpost) = now;
        Ok(())
    }

    /// The id of this copy of the program.
    pub fn copy_id(&self) -> &str {
        &self.shared.own.id
    }

    /// Asks for the permission to use `bytes` of scratch. Residue and old
    /// thumbnails give way where that helps. Dropping the lease ends it.
    pub fn lease(&self, owner: Owner, purpose: Purpose, bytes: u64) -> Result<Lease, Shortage> {
        let id = self.shared.ask(bytes, |ledger, free| {
            ledger.request(owner, purpose, bytes, free)
        })?;
        Ok(Lease {
            shared: Arc::clone(&self.shared),
            id,
        })
    }

    /// An empty directory for one worker process. What an earlier worker left in
    /// it is deleted, counted and journalled.
    pub fn slot(&self, number: usize) -> Result<WorkerSlot, ScratchError> {
        WorkerSlot::begin(Arc::clone(&self.shared), number)
    }

    /// The thumbnails of a library.
    pub fn packs(&self, library_id: &str) -> Packs {
        Packs::new(Arc::clone(&self.shared), library_id)
    }

    /// Who holds what. Cheap enough to be called every two seconds.
    pub fn meter(&self, this_batch: Option<BatchId>, library_id: &str) -> Meter {
        self.shared.meter(this_batch, library_id)
    }

    /// Removes residue and, where asked for, thumbnails; a dry run only says what
    /// it would remove.
    pub fn clean(&self, dry_run: bool, what: &CleanWhat) -> Result<SweepReport, ScratchError> {
        // The marker may have gone or changed since the start.
        marker::claim(&self.shared.place.base)?;
        let mut report = self.shared.sweep_residue(dry_run);
        let keep = match what {
            CleanWhat::Residue => return Ok(report),
            CleanWhat::OtherThumbnails { library_id, keep } => {
                Some((shelf::directory_name(library_id), *keep))
            }
            CleanWhat::AllThumbnails => None,
        };
        let doomed = |pack: &shelf::Pack| {
            let kept = keep.as_ref().is_some_and(|(library, batch)| {
                **library == *pack.key.library && *batch == pack.key.batch
            });
            !kept
                && !self.shared.is_kept(&pack.key)
                && pack.bytes.load(std::sync::atomic::Ordering::Relaxed) > 0
        };
        if dry_run {
            for pack in self.shared.shelf.select(doomed) {
                let place = &self.shared.place;
                report.removed.push(Removed {
                    path: place.relative(&shelf::pack_path(place, &pack.key)),
                    whose: shelf::whose(&pack.key),
                    why: Why::Asked,
                    bytes: pack.bytes.load(std::sync::atomic::Ordering::Relaxed),
                    files: 1,
                });
            }
        } else {
            report.merge(self.shared.delete_packs(Why::Asked, doomed));
        }
        Ok(report)
    }

    /// The cleanup policy.
    pub fn policy(&self) -> Policy {
        self.shared.policy()
    }

    /// The budget that this copy was started with, in place of the policy's.
    pub fn given_budget(&self) -> Option<u64> {
        *lock(&self.shared.given_budget)
    }

    /// Changes the policy, for all copies that share the directory. A budget
    /// that this copy was started with gives way to it.
    pub fn set_policy(&self, policy: Policy) -> Result<(), ScratchError> {
        let shared = &*self.shared;
        let base = &shared.place.base;
        let written = SweepLock::wait(base).and_then(|_lock| policy.write(base));
        // It holds here, even where it cannot be kept: mostly the disk is full,
        // and a person wants room.
        let given = lock(&shared.given_budget).take();
        shared.follow_policy(policy);
        if given.is_some() {
            shared.set_budget();
        }
        shared.trim();
        written.map_err(ScratchError::io("write the policy of", base))
    }

    /// Bytes of the thumbnails of each batch of a library, and under none those
    /// of other libraries; largest first. Those that another running copy writes
    /// are not among them.
    pub fn thumbnails_by_batch(&self, library_id: &str) -> Vec<(Option<BatchId>, u64)> {
        let library = shelf::directory_name(library_id);
        self.shared.shelf.by_batch(&library)
    }

    /// Free bytes on the disk; none where they cannot be read.
    pub fn free(&self) -> Option<u64> {
        self.shared.place.space().ok().map(|space| space.free)
    }

    /// Free space that is never used, bytes.
    pub fn floor(&self) -> u64 {
        self.shared.ledger.lock().floor()
    }

    /// The latest deletions, newest first.
    pub fn deletions(&self, most: usize) -> Vec<JournalEntry> {
        self.shared.place.journal.latest(most)
    }
}

/// Closes what an earlier version left open to others. The directory itself may be a
/// person's choice, and stays as it is.
fn close_to_others(base: &Path) {
    for name in [
        marker::NAME,
        policy::NAME,
        elsewhere::NAME,
        journal::NAME,
        journal::OLD_NAME,
        copies::SWEEP_LOCK,
        copies::DIRECTORY,
        shelf::DIRECTORY,
    ] {
        private::close(&base.join(name));
    }
}

/// Makes what a dead copy would have left behind in a scratch directory: so many
/// bytes that nobody owns.
pub fn make_residue(dir: &Path, bytes: u64) -> Result<(), ScratchError> {
    marker::claim(dir)?;
    copies::make_residue(dir, bytes).map_err(ScratchError::io("fill", dir))
}

/// Has what dead copies left stay in a scratch directory.
pub fn keep_residue(dir: &Path) -> Result<(), ScratchError> {
    let policy = Policy {
        residue: false,
        ..Policy::read(dir)
    };
    policy
        .write(dir)
        .map_err(ScratchError::io("write the policy of", dir))
}

/// A bounded permission to use scratch. Ends when dropped.
#[derive(Debug)]
pub struct Lease {
    shared: Arc<Shared>,
    id: LeaseId,
}

impl Lease {
    /// The most bytes it allows.
    pub fn granted(&self) -> u64 {
        self.shared
            .ledger
            .lock()
            .lease(self.id)
            .map_or(0, |entry| entry.granted)
    }

    /// Asks for `bytes` more, before they are written.
    pub fn grow(&self, bytes: u64) -> Result<(), Shortage> {
        self.shared
            .ask(bytes, |ledger, free| ledger.grow(self.id, bytes, free))
    }

    /// Tells how many bytes its owner uses now (a total, not a step).
    pub fn record_written(&self, total: u64) {
        self.shared.ledger.lock().record_written(self.id, total);
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.shared.ledger.lock().release(self.id);
        self.shared.promise();
    }
}

/// Locks a mutex. A panic elsewhere must not take scratch down with it, and no
/// value here is left half-changed by one.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// 16 bytes in hex that no other copy has: from the system's randomness (each
/// `RandomState` is seeded with it), the clock and the process id.
fn random_id() -> String {
    let mut hasher = blake3::Hasher::new();
    for _ in 0..4 {
        hasher.update(&RandomState::new().hash_one(0).to_le_bytes());
    }
    if let Ok(since) = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
        hasher.update(&since.as_nanos().to_le_bytes());
    }
    hasher.update(&std::process::id().to_le_bytes());
    hasher.finalize().to_hex()[..32].to_owned()
}
