//! The cleanup policy: how much scratch may hold, and what is deleted when. Kept
//! as a file in the scratch directory, so that all copies of the program that
//! share it have one policy. Not for deleting anything.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::model::BatchId;
use crate::{private, regular_file};

/// Name of the policy in the scratch directory.
pub(super) const NAME: &str = "policy.json";

/// 1 MiB and 1 GB, in bytes.
const MIB: u64 = 1024 * 1024;
const GB: u64 = 1_000_000_000;

/// What is deleted when. What a running job holds, sources, exports and results
/// are never deleted, whatever the policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    /// The most that scratch may hold, bytes; none:
    /// [`default_budget`](super::default_budget).
    pub budget: Option<u64>,
    /// Delete what crashed copies left: at start, and when room is needed.
    pub residue: bool,
    /// Empty the directory of a worker or an analyser when its job ends.
    pub after_jobs: bool,
    /// Delete this copy's directory when it ends.
    pub at_exit: bool,
    /// Delete thumbnails when the program ends.
    pub thumbnails_at_exit: bool,
    /// Delete thumbnails that were not used for so many days, at start and at
    /// the end; none: age is no reason.
    pub thumbnails_days: Option<u32>,
    /// The most that thumbnails may hold, bytes; none: the budget alone counts.
    pub thumbnails_most: Option<u64>,
    /// Batches whose thumbnails are only deleted with the batch.
    pub keep: BTreeSet<LibraryBatch>,
    /// Batches whose thumbnails are deleted when the program ends.
    pub discard: BTreeSet<LibraryBatch>,
}

/// A batch with a rule of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LibraryBatch {
    /// Id of its library.
    pub library: String,
    /// The batch in it.
    pub batch: BatchId,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            budget: None,
            residue: true,
            after_jobs: true,
            at_exit: true,
            thumbnails_at_exit: false,
            thumbnails_days: Some(90),
            thumbnails_most: None,
            keep: BTreeSet::new(),
            discard: BTreeSet::new(),
        }
    }
}

/// A policy with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// The default: the budget follows the disk.
    Normal,
    /// For a disk that others need.
    Careful,
    /// For an instance with 512 MiB of temporary space.
    Small,
}

impl Preset {
    /// All presets.
    pub const ALL: [Self; 3] = [Self::Normal, Self::Careful, Self::Small];

    /// The word for it on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Careful => "careful",
            Self::Small => "small",
        }
    }

    /// The reverse of [`Self::as_str`].
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.as_str() == word)
    }

    /// The policy, without rules of single batches.
    pub fn policy(self) -> Policy {
        let normal = Policy::default();
        match self {
            Self::Normal => normal,
            Self::Careful => Policy {
                budget: Some(2 * GB),
                thumbnails_days: Some(14),
                ..normal
            },
            Self::Small => Policy {
                budget: Some(512 * MIB),
                thumbnails_days: Some(1),
                thumbnails_most: Some(128 * MIB),
                ..normal
            },
        }
    }
}

impl Policy {
    /// The preset that this is, whatever batches are kept.
    pub fn preset(&self) -> Option<Preset> {
        let rules = Self {
            keep: BTreeSet::new(),
            discard: BTreeSet::new(),
            ..self.clone()
        };
        Preset::ALL
            .into_iter()
            .find(|preset| preset.policy() == rules)
    }

    /// Reads the policy of a scratch directory. One that is missing or broken
    /// counts as the default: cleaning too little is what this program is against.
    pub(super) fn read(dir: &Path) -> Self {
        match regular_file::read(&dir.join(NAME)) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_else(|error| {
                tracing::warn!(%error, "the cleanup policy cannot be read");
                Self::default()
            }),
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    tracing::warn!(%error, "the cleanup policy cannot be read");
                }
                Self::default()
            }
        }
    }

    /// Writes it, whole or not at all. To be called under the sweep lock.
    pub(super) fn write(&self, dir: &Path) -> io::Result<()> {
        let temporary = dir.join(format!("{NAME}.new"));
        let written = serde_json::to_vec_pretty(self)
            .map_err(io::Error::from)
            .and_then(|text| private::write(&temporary, &text))
            .and_then(|()| fs::rename(&temporary, dir.join(NAME)));
        written.inspect_err(|_| {
            // Half a file is of no use; what cannot be removed is written over.
            let _ = fs::remove_file(&temporary);
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_lasts_and_a_broken_one_cleans_as_usual() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Policy::read(dir.path()), Policy::default());
        let policy = Policy {
            thumbnails_at_exit: true,
            keep: BTreeSet::from([LibraryBatch {
                library: "a".into(),
                batch: BatchId(3),
            }]),
            ..Preset::Small.policy()
        };
        policy.write(dir.path()).unwrap();
        assert_eq!(Policy::read(dir.path()), policy);
        fs::write(dir.path().join(NAME), "{").unwrap();
        assert_eq!(Policy::read(dir.path()), Policy::default());
    }

    #[test]
    fn what_an_older_program_did_not_write_is_as_by_default() {
        let policy: Policy = serde_json::from_str(r#"{"residue":false}"#).unwrap();
        let expected = Policy {
            residue: false,
            ..Policy::default()
        };
        assert_eq!(policy, expected);
    }

    #[test]
    fn presets_are_known_again_whatever_is_kept() {
        for preset in Preset::ALL {
            let mut policy = preset.policy();
            assert_eq!(Preset::from_word(preset.as_str()), Some(preset));
            policy.keep.insert(LibraryBatch {
                library: "a".into(),
                batch: BatchId(1),
            });
            assert_eq!(policy.preset(), Some(preset));
            policy.thumbnails_at_exit = true;
            assert_eq!(policy.preset(), None);
        }
    }
}
