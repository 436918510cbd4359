//! Worker slots: a directory for one worker process, empty when it begins and gone
//! when it ends, with a lock that the worker itself holds. Not for leases (the
//! caller asks for one) and not for starting processes.

use std::fmt;
use std::fs::{self, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::copies::{Hold, SLOT_LOCK, try_hold};
use super::journal::Why;
use super::report::{Removed, SweepReport};
use super::{ScratchError, Shared, lock, tree, unattributed};
use crate::file_lock::FileLock;
use crate::format::size;
use crate::private;

/// The directory inside a slot that the worker may fill.
const WORK: &str = "work";

/// What was found in a slot that should have been empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leftovers {
    /// Bytes in disk blocks.
    pub bytes: u64,
    /// Number of files.
    pub files: u64,
}

impl Leftovers {
    /// Nothing was left.
    pub fn is_empty(&self) -> bool {
        self.files == 0
    }
}

impl fmt::Display for Leftovers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.files == 1 { "" } else { "s" };
        write!(
            f,
            "left {} in {} file{plural}",
            size(self.bytes),
            self.files
        )
    }
}

/// A directory for one worker process. Dropping it removes the directory, unless
/// the worker still holds it: then it stays until a later sweep.
#[derive(Debug)]
pub struct WorkerSlot {
    shared: Arc<Shared>,
    number: usize,
    dir: PathBuf,
    found: Leftovers,
}

impl WorkerSlot {
    pub(super) fn begin(shared: Arc<Shared>, number: usize) -> Result<Self, ScratchError> {
        if !lock(&shared.slots).insert(number) {
            return Err(ScratchError::SlotInUse { number });
        }
        let dir = shared.own.slot_dir(number);
        // From here on dropping gives the number back.
        let mut slot = Self {
            shared,
            number,
            dir,
            found: Leftovers::default(),
        };
        if !slot.shared.own.is_registered() {
            let error = io::Error::new(io::ErrorKind::NotFound, "its lock was removed");
            return Err(ScratchError::io("use", &slot.shared.own.dir)(error));
        }
        if let Hold::Busy = try_hold(&slot.dir.join(SLOT_LOCK)) {
            return Err(ScratchError::SlotInUse { number });
        }
        private::create_dir_all(&slot.work_dir())
            .map_err(ScratchError::io("create", &slot.work_dir()))?;
        private::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(slot.dir.join(SLOT_LOCK))
            .map_err(ScratchError::io("create the lock of", &slot.dir))?;
        slot.found = slot.clear()?;
        Ok(slot)
    }

    /// The slot's own directory: what the worker passes to [`Self::hold`].
    pub fn path(&self) -> &Path {
        &self.dir
    }

    /// The directory that the worker may fill: its working directory, home and
    /// place for temporary files.
    pub fn work_dir(&self) -> PathBuf {
        self.dir.join(WORK)
    }

    /// The same for the slot at `path`, as the worker itself knows it.
    pub fn work_dir_of(path: &Path) -> PathBuf {
        path.join(WORK)
    }

    /// What an earlier worker had left here when this slot began.
    pub fn found(&self) -> Leftovers {
        self.found
    }

    /// Its number.
    pub fn number(&self) -> usize {
        self.number
    }

    /// What is in the work directory now.
    pub fn leftovers(&self) -> Leftovers {
        let usage = tree::measure(&self.work_dir(), self.shared.place.device);
        Leftovers {
            bytes: usage.bytes,
            files: usage.files,
        }
    }

    /// Bytes that are used now, in disk blocks: what is in the work directory, its folders
    /// too. The largest number where folders are moved about so that it cannot be told:
    /// nothing honest needs that.
    pub fn used(&self) -> u64 {
        let device = self.shared.place.device;
        let usage = tree::measure(&self.work_dir(), device);
        match usage.moves {
            true => u64::MAX,
            // The command has its lock open, and may write into it.
            false => usage
                .bytes
                .saturating_add(usage.directory_bytes)
                .saturating_add(tree::measure(&self.dir.join(SLOT_LOCK), device).bytes),
        }
    }

    /// The same, with files that processes of a group deleted and have open still.
    pub fn used_by(&self, group: u32) -> u64 {
        let open = unattributed::bytes_of_group(group, self.shared.place.device);
        self.used().saturating_add(open)
    }

    /// Empties the work directory, between two jobs of one worker, and tells what
    /// the last one left. What is deleted is journalled.
    pub fn clear(&self) -> Result<Leftovers, ScratchError> {
        if !lock(&self.shared.policy).after_jobs {
            return Ok(Leftovers::default());
        }
        let place = &self.shared.place;
        let work = self.work_dir();
        if !tree::is_plain_directory(&work) {
            // The worker removed it, or put something else in its place.
            tree::remove(&work, place.device);
            private::create_dir_all(&work).map_err(ScratchError::io("create", &work))?;
        }
        let removal = tree::remove_contents(&work, place.device);
        let left = Leftovers {
            bytes: removal.freed.bytes,
            files: removal.freed.files,
        };
        if !left.is_empty() {
            let report = SweepReport {
                removed: vec![Removed {
                    path: place.relative(&work),
                    whose: format!("worker {} of copy {}", self.number, self.shared.own.id),
                    why: Why::Leftover,
                    bytes: left.bytes,
                    files: left.files,
                }],
                left: Vec::new(),
            };
            place.journal.record(&report.entries());
        }
        match removal.left.into_iter().next() {
            None => Ok(left),
            Some((path, reason)) => Err(ScratchError::io("empty", &path)(io::Error::other(reason))),
        }
    }

    /// Called by the worker process when it starts, with [`Self::path`]: proves
    /// that it lives until the returned lock is dropped. Fails where the slot is
    /// gone or somebody else has it; the worker then has to end.
    pub fn hold(path: &Path) -> io::Result<FileLock> {
        let lock_path = path.join(SLOT_LOCK);
        let file = OpenOptions::new().read(true).write(true).open(&lock_path)?;
        let lock = FileLock::try_take(file).map_err(|error| match error {
            TryLockError::WouldBlock => {
                io::Error::new(io::ErrorKind::WouldBlock, "the slot is in use")
            }
            TryLockError::Error(error) => error,
        })?;
        // A sweep may have deleted the file between the two steps; a lock on
        // what is no longer there protects nothing.
        let held = tree::identity(&lock.file().metadata()?);
        let there = tree::identity(&fs::symlink_metadata(&lock_path)?);
        if held == there {
            Ok(lock)
        } else {
            Err(io::Error::new(io::ErrorKind::NotFound, "the slot is gone"))
        }
    }
}

impl Drop for WorkerSlot {
    fn drop(&mut self) {
        if !lock(&self.shared.policy).after_jobs {
            lock(&self.shared.slots).remove(&self.number);
            return;
        }
        match try_hold(&self.dir.join(SLOT_LOCK)) {
            Hold::Taken(_lock) => {
                if let Err(error) = self.clear() {
                    tracing::warn!(%error, "a worker slot could not be emptied");
                }
                for (path, reason) in tree::remove(&self.dir, self.shared.place.device).left {
                    tracing::warn!(path = %path.display(), reason, "a worker slot stays");
                }
            }
            Hold::Busy => tracing::warn!(number = self.number, "a worker outlives its slot"),
            Hold::Missing => {}
            Hold::Failed(error) => tracing::warn!(%error, "a worker slot stays"),
        }
        lock(&self.shared.slots).remove(&self.number);
    }
}
