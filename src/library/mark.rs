//! The high-water mark: how many transactions were committed, kept in a file beside
//! the database. A damaged journal can take committed transactions with it, and the
//! database says nothing of that: it is sound, only older. The mark tells. Not for
//! getting anything back: what is missing waits again and is done again.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension};

use super::error::{Doing, Result};
use crate::number_file;

/// Name of the file in the library's directory.
pub(super) const NAME: &str = "mark";

/// Where the database counts its own transactions.
const COUNT: &str = "UPDATE meta SET value = CAST(value AS INTEGER) + 1
                     WHERE key = 'commits' RETURNING CAST(value AS INTEGER)";

/// The mark of one library.
#[derive(Debug)]
pub(super) struct Mark {
    path: PathBuf,
    lost: u64,
}

impl Mark {
    /// Compares the mark with the database, and sets it to what is there.
    pub(super) fn new(dir: &Path, connection: &Connection) -> Result<Self> {
        let stored = connection
            .query_row(
                "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'commits'",
                [],
                |row| row.get::<_, i64>(0),
            )
            .optional()
            .doing("counting transactions")?
            .map_or(0, i64::unsigned_abs);
        let path = dir.join(NAME);
        let marked = number_file::read(&path).unwrap_or(stored);
        let mark = Self {
            path,
            lost: marked.saturating_sub(stored),
        };
        if marked != stored {
            mark.set(stored);
        }
        Ok(mark)
    }

    /// Transactions that were committed and are no longer in the database.
    pub(super) fn lost(&self) -> u64 {
        self.lost
    }

    /// Counts a transaction, within it.
    pub(super) fn count(connection: &Connection) -> Result<u64> {
        connection
            .prepare_cached(COUNT)
            .and_then(|mut count| count.query_row([], |row| row.get(0)))
            .map(i64::unsigned_abs)
            .doing("counting transactions")
    }

    /// So many are committed.
    pub(super) fn set(&self, commits: u64) {
        if let Err(error) = number_file::write(&self.path, commits) {
            tracing::debug!(%error, "the high-water mark of the library cannot be set");
        }
    }
}
