//! Running copies of the program and their workers: who is alive, and what the
//! dead left behind. Locks are the proof of life; process ids prove nothing. A
//! copy is dead only when its own lock and those of all its workers are free: a
//! worker may outlive its host for a moment and still write.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::journal::{self, Entry, Journal, Why};
use super::{Scratch, ScratchError, SweepReport, below, tree};

const COPIES: &str = "copies";
const COPIES_LOCK: &str = "copies.lock";
const OWNER_LOCK: &str = "owner.lock";
const SLOTS: &str = "slots";
const SLOT_LOCK: &str = "slot.lock";

/// This copy's own directory.
pub(super) struct OwnCopy {
    /// Random name.
    pub id: String,
    path: PathBuf,
    /// Held as long as this copy runs.
    _lock: File,
}

impl OwnCopy {
    /// Makes and locks this copy's directory, and sweeps those of dead copies.
    pub fn register(
        dir: &Path,
        device: u64,
        journal: &Journal,
        report: &mut SweepReport,
    ) -> Result<Self, ScratchError> {
        let id = super::random_id();
        sweep(dir, device, &id, journal, report)?;
        let _turn = take_turn(dir)?;
        let path = dir.join(COPIES).join(&id);
        fs::create_dir_all(path.join(SLOTS)).map_err(ScratchError::io("create", &path))?;
        let lock = open_lock(&path.join(OWNER_LOCK)).map_err(ScratchError::io("lock", &path))?;
        lock.lock().map_err(ScratchError::io("lock", &path))?;
        Ok(Self {
            id,
            path,
            _lock: lock,
        })
    }

    /// Removes what this copy made for itself.
    pub fn leave(&self, dir: &Path, device: u64, journal: &Journal) {
        // Without the turn the worst is that another copy sweeps it first.
        let _turn = take_turn(dir).ok();
        let removal = tree::remove(&self.path, device);
        if removal.freed.bytes > 0 {
            journal.record(&[Entry {
                when: journal::now(),
                what: below(dir, &self.path),
                whose: format!("copy {}", self.id),
                why: Why::Exit,
                bytes: removal.freed.bytes,
                files: removal.freed.files,
            }]);
        }
    }
}

/// Removes the directories of dead copies.
pub(super) fn sweep(
    dir: &Path,
    device: u64,
    own: &str,
    journal: &Journal,
    report: &mut SweepReport,
) -> Result<(), ScratchError> {
    let _turn = take_turn(dir)?;
    for (id, path) in others(dir, own) {
        if is_alive(&path) {
            continue;
        }
        let removal = tree::remove(&path, device);
        let entry = Entry {
            when: journal::now(),
            what: below(dir, &path),
            whose: format!("copy {id}"),
            why: Why::Residue,
            bytes: removal.freed.bytes,
            files: removal.freed.files,
        };
        journal.record(std::slice::from_ref(&entry));
        report.add(entry);
        let left = removal.left.into_iter();
        report
            .left
            .extend(left.map(|(path, why)| (below(dir, &path), why)));
    }
    Ok(())
}

/// Lists what [`sweep`] would remove.
pub(super) fn list_residue(dir: &Path, device: u64, own: &str, report: &mut SweepReport) {
    for (id, path) in others(dir, own) {
        if !is_alive(&path) {
            let usage = tree::measure(&path, device);
            report.add(Entry {
                when: journal::now(),
                what: below(dir, &path),
                whose: format!("copy {id}"),
                why: Why::Residue,
                bytes: usage.bytes,
                files: usage.files,
            });
        }
    }
}

/// Bytes of other live copies, and of dead ones.
pub(super) fn measure_others(dir: &Path, device: u64, own: &str) -> (u64, u64) {
    let (mut alive, mut dead) = (0, 0);
    for (_, path) in others(dir, own) {
        let bytes = tree::measure(&path, device).bytes;
        if is_alive(&path) {
            alive += bytes;
        } else {
            dead += bytes;
        }
    }
    (alive, dead)
}

fn others(dir: &Path, own: &str) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(dir.join(COPIES))
        .into_iter()
        .flatten()
        .flatten();
    entries
        .filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())))
        .filter(|(id, path)| id != own && tree::is_plain_directory(path))
        .collect()
}

/// Registering and sweeping take turns: a copy whose directory is there and not
/// locked yet would look dead.
fn take_turn(dir: &Path) -> Result<File, ScratchError> {
    let path = dir.join(COPIES_LOCK);
    let lock = open_lock(&path).map_err(ScratchError::io("lock", &path))?;
    lock.lock().map_err(ScratchError::io("lock", &path))?;
    Ok(lock)
}

fn is_alive(copy: &Path) -> bool {
    is_held(&copy.join(OWNER_LOCK))
        || fs::read_dir(copy.join(SLOTS))
            .into_iter()
            .flatten()
            .flatten()
            .any(|slot| is_held(&slot.path().join(SLOT_LOCK)))
}

/// Whether a process holds the lock. When in doubt, somebody does.
fn is_held(lock: &Path) -> bool {
    if !tree::is_plain_file(lock) {
        return false;
    }
    match OpenOptions::new().read(true).write(true).open(lock) {
        Ok(file) => !matches!(file.try_lock(), Ok(())),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

fn open_lock(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
}

/// One worker process's directory: its working directory and the place for its
/// temporary files. Empty when it is made, gone when it is dropped.
pub struct WorkerSlot {
    scratch: Scratch,
    path: PathBuf,
}

impl WorkerSlot {
    pub(super) fn make(scratch: &Scratch, number: usize) -> Result<Self, ScratchError> {
        let path = scratch.0.copy.path.join(SLOTS).join(number.to_string());
        fs::create_dir_all(&path).map_err(ScratchError::io("create", &path))?;
        let _ = tree::remove_contents(&path, scratch.0.device);
        Ok(Self {
            scratch: scratch.clone(),
            path,
        })
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Called by the worker process: locks its slot for as long as it lives.
    pub fn hold(path: &Path) -> io::Result<File> {
        let lock = open_lock(&path.join(SLOT_LOCK))?;
        match lock.try_lock() {
            Ok(()) => Ok(lock),
            Err(TryLockError::WouldBlock) => Err(io::ErrorKind::WouldBlock.into()),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

impl Drop for WorkerSlot {
    fn drop(&mut self) {
        let shared = &self.scratch.0;
        let removal = tree::remove(&self.path, shared.device);
        // Its lock is a file as well.
        let files = removal.freed.files.saturating_sub(1);
        if removal.freed.bytes > 0 && files > 0 {
            let bytes = removal.freed.bytes;
            tracing::warn!(bytes, files, "a worker left files in its slot");
            shared.journal.record(&[Entry {
                when: journal::now(),
                what: shared.below(&self.path),
                whose: format!("copy {}", shared.copy.id),
                why: Why::Leftover,
                bytes,
                files,
            }]);
        }
    }
}
