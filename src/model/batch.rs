//! A batch: what a client sent, taken in together.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Key of a batch in the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BatchId(pub i64);

/// What a client sent, taken in together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// Key in the library.
    pub id: BatchId,
    /// Name shown to people: the folder's or the first file's name.
    pub name: String,
    /// When it was taken in, seconds since 1970 (UTC).
    pub created: i64,
    /// A person stopped it: what is waiting stays so until they resume it.
    pub cancelled: bool,
    /// A person put it away: lists leave it out.
    pub archived: bool,
}

impl Batch {
    /// The longest name, in bytes.
    pub const LONGEST_NAME: usize = 1000;

    /// A name that was typed, as it is kept; none for one that no batch can have.
    pub fn name_of(typed: &str) -> Option<String> {
        let name = typed.trim();
        let can = !name.is_empty()
            && name.len() <= Self::LONGEST_NAME
            && !name.contains(char::is_control);
        can.then(|| name.to_owned())
    }
}

/// A folder whose files are taken in as they come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchedFolder {
    /// The batch that takes them in.
    pub batch: BatchId,
    /// The folder.
    pub folder: PathBuf,
    /// Where files go from there once they are analysed; none: they stay.
    pub moved_to: Option<PathBuf>,
}

/// A batch with the counts that tell how far it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchSummary {
    /// The batch itself.
    #[serde(flatten)]
    pub batch: Batch,
    /// Documents in it.
    pub documents: u64,
    /// Documents that have not been opened yet.
    pub documents_waiting: u64,
    /// Documents that could not be opened (each has a failure record).
    pub documents_failed: u64,
    /// Of these, documents that somebody leaves out for a reason.
    pub documents_left_out: u64,
    /// Pages found so far.
    pub pages: u64,
    /// Pages with all measurements.
    pub pages_done: u64,
    /// Pages that failed (each has a failure record).
    pub pages_failed: u64,
    /// Failure records: of the documents and pages that failed, and of those that keep
    /// earlier results because opening or analysing them again failed; not those of
    /// documents that are left out.
    pub failures: u64,
    /// Bytes of its documents.
    pub bytes: u64,
}

impl BatchSummary {
    /// Nothing is left to do: each document was opened or failed, each page is
    /// done or failed.
    pub fn is_finished(&self) -> bool {
        self.documents_waiting == 0 && self.pages_done + self.pages_failed == self.pages
    }

    /// Something failed, and nobody leaves it out.
    pub fn has_failures(&self) -> bool {
        let open = self
            .documents_failed
            .saturating_sub(self.documents_left_out);
        open > 0 || self.pages_failed > 0 || self.failures > 0
    }
}
