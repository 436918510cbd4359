//! The library: what is known about batches, documents and pages, kept in one
//! SQLite file so that it outlives the program, a crash and a power cut.
//!
//! One [`Library`] at a time may write (a lock file sees to that); any number
//! of [`Reader`]s, in this process or others, read at the same time and see
//! whole transactions only. Facts and measurements are stored. What follows
//! from them is worked out when it is asked for: verdicts elsewhere, which
//! document is a duplicate of which here. Not for files of clients, for
//! thumbnails, or for deciding what is done next.
//!
//! Counting a batch reads a row for each document: triggers keep the number of
//! done and failed pages there.

mod backup;
mod ballast;
mod connection;
mod decisions;
mod error;
mod families;
mod identity;
mod mark;
mod merge;
mod pages;
#[cfg(test)]
mod plans;
mod reader;
mod runs;
mod samples;
mod search;
mod short_json;
mod space;
mod values;
mod writer;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Transaction, TransactionBehavior};

pub use backup::restore;
pub use error::LibraryError;
pub use merge::{Merge, Piece, PieceDocument};
pub use reader::{FailedId, KeptFingerprint, Reader};
pub use runs::{Results, Run, RunId};
pub use search::marks as search_marks;
pub use space::LibrarySpace;
pub use writer::{Comparisons, DocumentOpened, NewDocument, Opened, PageDone, PagesStored, Writer};

use crate::file_lock::FileLock;
use crate::model::BatchId;
use ballast::Ballast;
use error::{Doing, Result};
use identity::FileIdentity;
use mark::Mark;

/// The only writer of a library, for as long as it lives.
#[derive(Debug)]
pub struct Library {
    id: String,
    // Closed before the lock is given up: fields are dropped in this order.
    reader: Reader,
    ballast: Ballast,
    mark: Mark,
    /// The file that is open, to be known again.
    file: FileIdentity,
    dir: PathBuf,
    _lock: FileLock,
}

impl Library {
    /// Opens the library in a directory for writing, makes both where they are
    /// missing, and brings an older one up to date. Waits a moment for another copy of
    /// the program that has it only to write something down.
    pub fn open(dir: &Path) -> Result<Self> {
        Self::open_within(dir, connection::LOCK_PATIENCE)
    }

    /// The same, but does not wait.
    pub fn open_if_free(dir: &Path) -> Result<Self> {
        Self::open_within(dir, Duration::ZERO)
    }

    fn open_within(dir: &Path, patience: Duration) -> Result<Self> {
        let lock = connection::lock(dir, patience)?;
        let connection = match connection::open_writer(dir) {
            Err(LibraryError::Full { .. }) if ballast::give_up(dir) => {
                connection::open_writer(dir)?
            }
            opened => opened?,
        };
        let reader = Reader::over(connection, &dir.join(connection::DATABASE));
        let id = reader.id()?;
        tracing::debug!(dir = %dir.display(), id, "library opened");
        Ok(Self {
            id,
            mark: Mark::new(dir, reader.connection())?,
            file: FileIdentity::of(&dir.join(connection::DATABASE))?,
            dir: dir.to_owned(),
            reader,
            ballast: Ballast::new(dir),
            _lock: lock,
        })
    }

    /// A random name that the library got when it was made.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Queries on the writing connection.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Room on the disk that is held beside the database for when it is full, bytes.
    pub fn ballast(&self) -> u64 {
        self.ballast.bytes()
    }

    /// What it holds on its disk, and the room there; none where that cannot be told.
    pub fn space(&self) -> Option<LibrarySpace> {
        LibrarySpace::of(&self.dir)
    }

    /// Transactions that were committed and were missing when it was opened, as after
    /// damage to the disk. What they held is done again.
    pub fn lost_transactions(&self) -> u64 {
        self.mark.lost()
    }

    /// Does some work as one transaction: all of it is kept, or nothing where
    /// the work returns an error, panics, or any of its steps failed.
    ///
    /// [`LibraryError::Full`] means that the disk had no room; the same work
    /// can be done again later; the first time at once, for the ballast has gone.
    ///
    /// [`LibraryError::Gone`] means that its file is not there now; the same work can be
    /// done once it is back.
    pub fn write<T>(&mut self, work: impl FnOnce(&Writer<'_>) -> Result<T>) -> Result<T> {
        let written = self
            .transaction(work)
            .map_err(|error| error.in_file(&self.dir.join(connection::DATABASE)));
        match &written {
            Ok(_) => self.ballast.restore(),
            Err(LibraryError::Full { .. }) => self.ballast.give_up(),
            Err(_) => {}
        }
        written
    }

    fn transaction<T>(&mut self, work: impl FnOnce(&Writer<'_>) -> Result<T>) -> Result<T> {
        let transaction = Transaction::new_unchecked(
            self.reader.connection(),
            // Takes the write lock now and not half-way.
            TransactionBehavior::Immediate,
        )
        .doing("beginning to write")?;
        let writer = Writer::new(&self.reader);
        // The transaction is rolled back where it is dropped without a commit.
        let value = work(&writer)?;
        writer.check()?;
        // SQLite goes on writing to a file that nobody finds any more.
        if FileIdentity::of(&self.dir.join(connection::DATABASE)).ok() != Some(self.file) {
            return Err(LibraryError::Gone {
                dir: self.dir.clone(),
            });
        }
        let commits = Mark::count(&transaction)?;
        transaction.commit().doing("committing what was written")?;
        self.mark.set(commits);
        Ok(value)
    }

    /// Ends writing and leaves the database as one file that needs no other beside it, so
    /// that it can be copied and read anywhere; its path. Opened again it is a library as
    /// before.
    pub fn seal(self) -> Result<PathBuf> {
        self.keep_log(false)?;
        Ok(self.dir.join(connection::DATABASE))
    }

    /// Makes one batch of the pieces of a merge, and returns it, as one transaction.
    pub fn merge(&mut self, merge: &Merge<'_>) -> Result<BatchId> {
        // A log would be written first and the database then. Without one, what is new is
        // written once; readers wait meanwhile, so that there must be nothing to read.
        let is_empty = self.reader.newest_batch()?.is_none() && self.keep_log(false).is_ok();
        let merged = self.write(|writer| writer.merge(merge));
        if is_empty {
            self.keep_log(true)?;
        }
        merged
    }

    /// Has a write-ahead log be kept, as usual, or not; an error while somebody reads.
    fn keep_log(&self, keep: bool) -> Result<()> {
        let mode = if keep { "WAL" } else { "DELETE" };
        let now: String = self
            .reader
            .connection()
            .pragma_update_and_check(None, "journal_mode", mode, |row| row.get(0))
            .doing("beginning or ending the write-ahead log")?;
        match now.eq_ignore_ascii_case(mode) || keep {
            true => Ok(()),
            false => Err(LibraryError::InUse {
                dir: self.dir.clone(),
            }),
        }
    }

    /// Gives the room of what was forgotten back to the disk. Takes a moment
    /// after a large batch; not within [`Self::write`].
    pub fn shrink(&mut self) -> Result<()> {
        let doing = "giving room back to the disk";
        let connection = self.reader.connection();
        let mut vacuum = connection
            .prepare("PRAGMA incremental_vacuum")
            .doing(doing)?;
        let mut steps = vacuum.query([]).doing(doing)?;
        while steps.next().doing(doing)?.is_some() {}
        // Does not wait for readers; what they hold back, a later one does.
        connection
            .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
            .doing(doing)
    }
}
