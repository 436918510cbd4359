//! What a sweep or a cleaning removed and what it left alone. Plain data; not for
//! deleting anything.

use serde::Serialize;

use super::journal::{self, Entry, Why};

/// Something that was removed (or, in a dry run, would be).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Removed {
    /// Path below the scratch directory, with `/` between folders.
    pub path: String,
    /// Whose it was: "copy 1f…", "batch 3 of 5f…" (a library).
    pub whose: String,
    /// Why it was removed.
    pub why: Why,
    /// Bytes freed, in disk blocks.
    pub bytes: u64,
    /// Files deleted.
    pub files: u64,
}

/// Something that was left where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftAlone {
    /// Path below the scratch directory, with `/` between folders.
    pub path: String,
    /// Why, in words.
    pub reason: String,
}

/// The result of a sweep.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SweepReport {
    /// What was removed.
    pub removed: Vec<Removed>,
    /// What was left alone.
    pub left: Vec<LeftAlone>,
}

impl SweepReport {
    /// Bytes freed in total.
    pub fn bytes(&self) -> u64 {
        self.removed.iter().map(|removed| removed.bytes).sum()
    }

    /// Files deleted in total.
    pub fn files(&self) -> u64 {
        self.removed.iter().map(|removed| removed.files).sum()
    }

    pub(super) fn leave(&mut self, path: String, reason: impl Into<String>) {
        let reason = reason.into();
        self.left.push(LeftAlone { path, reason });
    }

    /// Adds another report at the end.
    pub fn merge(&mut self, other: Self) {
        self.removed.extend(other.removed);
        self.left.extend(other.left);
    }

    /// The lines for the journal.
    pub(super) fn entries(&self) -> Vec<Entry> {
        let when = journal::now();
        self.removed
            .iter()
            .map(|removed| Entry {
                when,
                what: removed.path.clone(),
                whose: removed.whose.clone(),
                why: removed.why,
                bytes: removed.bytes,
                files: removed.files,
            })
            .collect()
    }
}
