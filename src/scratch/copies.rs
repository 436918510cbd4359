//! Running copies of the program: each registers a directory under a lock that it
//! holds as long as it lives, and removes what dead copies left behind. Not for
//! what is inside a copy's directory beyond its locks.
//!
//! A process id proves nothing and an owner's lock alone is not enough: a worker
//! outlives a killed owner and goes on writing. Residue is therefore reclaimed
//! only by somebody who has taken the owner's lock and those of all its slots.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::journal::Why;
use super::report::{Removed, SweepReport};
use super::{Place, marker, tree};
use crate::file_lock::FileLock;
use crate::{number_file, private};

pub(super) const DIRECTORY: &str = "copies";
const OWNER_LOCK: &str = "owner.lock";
const SLOTS: &str = "slots";
/// Bytes that a copy was granted and has not written yet: the others cannot see
/// them on the disk.
const PROMISED: &str = "promised";
/// Name of the lock in a slot's directory.
pub(super) const SLOT_LOCK: &str = "slot.lock";
pub(super) const SWEEP_LOCK: &str = "sweep.lock";
/// Length of a copy's id: 16 random bytes in hex.
const ID_LENGTH: usize = 32;

/// The registration of this copy. Alive as long as this value lives.
#[derive(Debug)]
pub(super) struct OwnCopy {
    pub id: String,
    pub dir: PathBuf,
    /// None where it is not registered.
    lock: Option<FileLock>,
}

impl OwnCopy {
    /// A copy without a directory, which can only look. Others do not see it.
    pub(super) fn unregistered(place: &Place) -> Self {
        let id = super::random_id();
        Self {
            dir: place.base.join(DIRECTORY).join(&id),
            id,
            lock: None,
        }
    }

    /// Makes and locks a directory for this copy. To be called under the sweep
    /// lock: a sweeper could otherwise meet the directory before it is locked.
    pub(super) fn register(place: &Place) -> io::Result<Self> {
        let id = super::random_id();
        let dir = place.base.join(DIRECTORY).join(&id);
        private::create_dir_all(&dir.join(SLOTS))?;
        let lock = private::options()
            .read(true)
            .write(true)
            .create_new(true)
            .open(dir.join(OWNER_LOCK))?;
        let own = Self {
            id,
            dir,
            lock: Some(FileLock::wait(lock)?),
        };
        // Takes its block now, before anything is granted.
        if let Err(error) = own.promise(0) {
            tracing::debug!(%error, "other copies will not know what is promised to this one");
        }
        Ok(own)
    }

    /// Where the slot of this number lives.
    pub(super) fn slot_dir(&self, number: usize) -> PathBuf {
        self.dir.join(SLOTS).join(number.to_string())
    }

    /// This copy's lock is still in place. Where somebody removed it, others take
    /// this copy for dead.
    pub(super) fn is_registered(&self) -> bool {
        tree::is_plain_file(&self.dir.join(OWNER_LOCK))
    }

    /// Tells the other copies how many bytes this one will yet write.
    pub(super) fn promise(&self, bytes: u64) -> io::Result<()> {
        number_file::write(&self.dir.join(PROMISED), bytes)
    }

    /// Another copy runs, or has left something.
    pub(super) fn has_company(&self) -> bool {
        let copies = self
            .dir
            .parent()
            .and_then(|copies| fs::read_dir(copies).ok());
        copies.is_some_and(|copies| copies.count() > 1)
    }

    /// Where all slots live.
    pub(super) fn slots_dir(&self) -> PathBuf {
        self.dir.join(SLOTS)
    }

    /// Removes this copy's directory at its end. A slot whose worker still runs
    /// stays, and with it the directory: a later start sweeps it.
    pub(super) fn remove(&self, place: &Place) {
        if self.lock.is_none() {
            return;
        }
        let mut report = SweepReport::default();
        let what = format!("{DIRECTORY}/{}", self.id);
        match hold_slots(&self.dir) {
            Slots::Free(_locks) => {
                remove_copy(place, &self.dir, &what, &self.id, Why::Exit, &mut report);
            }
            Slots::Busy(numbers) => {
                tracing::warn!(?numbers, "workers outlive the program; their files stay");
            }
            Slots::Unclear(reason) => {
                tracing::warn!(reason, "the directory of this copy stays");
            }
        }
        place.journal.record(&report.entries());
    }
}

/// Bytes that the running copy in `dir` was granted and has not written yet.
pub(super) fn promised(dir: &Path) -> u64 {
    number_file::read(&dir.join(PROMISED)).unwrap_or(0)
}

/// Makes the directory of a copy that died, with one file of so many bytes.
pub(super) fn make_residue(base: &Path, bytes: u64) -> io::Result<()> {
    if bytes == 0 {
        return Ok(());
    }
    let slot = base
        .join(DIRECTORY)
        .join(super::random_id())
        .join(SLOTS)
        .join("0");
    private::create_dir_all(&slot)?;
    let file = private::create_new(&slot.join("left behind"))?;
    tree::allocate(&file, bytes)
}

/// Only one copy sweeps or registers at a time; others wait.
#[derive(Debug)]
pub(super) struct SweepLock {
    _lock: FileLock,
}

impl SweepLock {
    /// Waits for the lock.
    pub(super) fn wait(base: &Path) -> io::Result<Self> {
        let _lock = FileLock::wait(open_lock(base)?)?;
        Ok(Self { _lock })
    }

    /// The lock, unless somebody has it or it cannot be had.
    pub(super) fn try_take(base: &Path) -> Option<Self> {
        let _lock = FileLock::try_take(open_lock(base).ok()?).ok()?;
        Some(Self { _lock })
    }
}

fn open_lock(base: &Path) -> io::Result<File> {
    marker::keep(base)?;
    private::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(base.join(SWEEP_LOCK))
}

/// What the locks tell about another copy.
pub(super) enum Life {
    /// It runs.
    Running,
    /// It is dead, and workers of these slots are not.
    OrphanedWorkers(Vec<String>),
    /// The locks cannot be read.
    Unclear(String),
    /// It is dead; the locks are ours as long as they are kept.
    Dead { _locks: Vec<FileLock> },
}

/// Directories of all copies with a name this program gives, and what else lies
/// beside them.
pub(super) fn list(place: &Place) -> (Vec<(String, PathBuf)>, Vec<String>) {
    let mut copies = Vec::new();
    let mut strangers = Vec::new();
    let root = place.base.join(DIRECTORY);
    if !tree::is_plain_directory(&root) {
        return (copies, strangers);
    }
    for entry in fs::read_dir(root).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        let ours = name.len() == ID_LENGTH
            && name.bytes().all(|byte| byte.is_ascii_hexdigit())
            && tree::is_plain_directory(&path);
        if ours {
            copies.push((name, path));
        } else {
            strangers.push(name);
        }
    }
    (copies, strangers)
}

/// Tries all locks of the copy in `dir`. To be called under the sweep lock.
pub(super) fn probe(dir: &Path) -> Life {
    let owner = match try_hold(&dir.join(OWNER_LOCK)) {
        Hold::Taken(file) => Some(file),
        // The copy died before it had locked: registering is done under the
        // sweep lock, so it cannot be about to.
        Hold::Missing => None,
        Hold::Busy => return Life::Running,
        Hold::Failed(error) => return Life::Unclear(error.to_string()),
    };
    match hold_slots(dir) {
        Slots::Free(mut locks) => {
            locks.extend(owner);
            Life::Dead { _locks: locks }
        }
        Slots::Busy(numbers) => Life::OrphanedWorkers(numbers),
        Slots::Unclear(reason) => Life::Unclear(reason),
    }
}

/// Removes what dead copies left. To be called under the sweep lock. `own` is
/// the id of this copy, if it is registered already.
pub(super) fn sweep(place: &Place, own: Option<&str>, dry_run: bool) -> SweepReport {
    let mut report = SweepReport::default();
    let (copies, strangers) = list(place);
    for name in strangers {
        report.leave(format!("{DIRECTORY}/{name}"), "not made by this program");
    }
    for (id, dir) in copies {
        if own == Some(id.as_str()) {
            continue;
        }
        let what = format!("{DIRECTORY}/{id}");
        match probe(&dir) {
            Life::Running => report.leave(what, "its copy of the program is running"),
            Life::OrphanedWorkers(numbers) => {
                let numbers = numbers.join(", ");
                report.leave(
                    what,
                    format!("its worker is still running (slot {numbers})"),
                );
            }
            Life::Unclear(reason) => {
                report.leave(what, format!("its locks cannot be read: {reason}"));
            }
            Life::Dead { .. } if dry_run => {
                let usage = tree::measure(&dir, place.device);
                report.removed.push(Removed {
                    path: what,
                    whose: format!("copy {id}"),
                    why: Why::Residue,
                    bytes: usage.bytes,
                    files: usage.files,
                });
            }
            Life::Dead { _locks } => {
                remove_copy(place, &dir, &what, &id, Why::Residue, &mut report);
            }
        }
    }
    if !dry_run {
        place.journal.record(&report.entries());
    }
    report
}

fn remove_copy(
    place: &Place,
    dir: &Path,
    what: &str,
    id: &str,
    why: Why,
    report: &mut SweepReport,
) {
    let removal = tree::remove(dir, place.device);
    for (path, reason) in removal.left {
        report.leave(place.relative(&path), reason);
    }
    report.removed.push(Removed {
        path: what.to_owned(),
        whose: format!("copy {id}"),
        why,
        bytes: removal.freed.bytes,
        files: removal.freed.files,
    });
}

enum Slots {
    Free(Vec<FileLock>),
    Busy(Vec<String>),
    Unclear(String),
}

fn hold_slots(copy: &Path) -> Slots {
    let entries = match fs::read_dir(copy.join(SLOTS)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Slots::Free(Vec::new()),
        Err(error) => return Slots::Unclear(error.to_string()),
    };
    let mut locks = Vec::new();
    let mut busy = Vec::new();
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => return Slots::Unclear(error.to_string()),
        };
        match try_hold(&entry.path().join(SLOT_LOCK)) {
            Hold::Taken(file) => locks.push(file),
            Hold::Missing => {}
            Hold::Busy => busy.push(entry.file_name().to_string_lossy().into_owned()),
            Hold::Failed(error) => return Slots::Unclear(error.to_string()),
        }
    }
    if busy.is_empty() {
        Slots::Free(locks)
    } else {
        busy.sort();
        Slots::Busy(busy)
    }
}

/// The outcome of trying one lock.
pub(super) enum Hold {
    Taken(FileLock),
    Busy,
    /// There is no such regular file, so nobody can be about to lock it.
    Missing,
    Failed(io::Error),
}

/// Tries to lock an existing file.
pub(super) fn try_hold(path: &Path) -> Hold {
    if !tree::is_plain_file(path) {
        return Hold::Missing;
    }
    let file = match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Hold::Missing,
        Err(error) => return Hold::Failed(error),
    };
    match FileLock::try_take(file) {
        Ok(lock) => Hold::Taken(lock),
        Err(TryLockError::WouldBlock) => Hold::Busy,
        Err(TryLockError::Error(error)) => Hold::Failed(error),
    }
}
