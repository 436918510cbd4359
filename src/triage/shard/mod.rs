//! Shards: a batch that is too much for one machine, planned once, run in parts by
//! whatever starts commands on many machines, and merged into one library. Not for
//! scheduling, queues or clusters: an engine for batches has those.
//!
//! ```text
//! plan      what there is, whose turn it is to do it, and a hash over all of that
//! run       one shard: a session with a library of its own in a hidden folder; its
//!           result appears complete, or not at all
//! merge     checks that the results are those of one plan, none missing and none
//!           changed, and makes one batch of them in one transaction
//! ```
//!
//! | module | what it knows |
//! |---|---|
//! | `plan` | the plan as data and as a file; roots |
//! | `planning` | making a plan: looking, opening, balancing |
//! | `workplace` | the hidden folder beside a result, and its lock |
//! | `result` | a result as a folder: manifest, mark of success, publishing |
//! | `thumbnails` | pictures of pages in a result |
//! | `remote` | results in object storage |
//! | `merge` | which results belong together, and merging them |
//!
//! Whole documents are dealt out and never pages of one: opening a document notes all its
//! pages, and a batch ends when none of them waits, so that half a document would be a
//! batch that never ends. A document of 100,000 pages keeps all cores of one machine busy
//! for as long as it takes.

mod merge;
mod plan;
mod planning;
mod remote;
mod result;
mod thumbnails;
mod workplace;

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

pub use merge::{Merged, merge};
pub use plan::{Input, Place, Plan, PlanFile, Root, Roots, Share};
pub use planning::{Planned, plan};
pub use remote::{Brought, bring, finished_at, put, remove_local};
pub use result::{FailedInput, FileEntry, Manifest, finished, publish};
pub use thumbnails::{THUMBNAILS, save as save_thumbnails};
pub use workplace::Workplace;

use crate::library::LibraryError;
use crate::model::{Address, ContentHash};
use crate::objects::ObjectError;
use crate::worker::WorkerError;

use super::tables::SaveError;

/// Why something about shards cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum ShardError {
    /// The system refused something about a file or folder.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// What was tried: "read", "rename" …
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Something in object storage cannot be had, or put there.
    #[error("{address}: {source}")]
    Store {
        /// Where.
        address: Address,
        /// Why.
        source: ObjectError,
    },
    /// The file is no plan.
    #[error("{} is not a plan of shards: {why}", path.display())]
    NotAPlan {
        /// The file.
        path: PathBuf,
        /// What speaks against it.
        why: String,
    },
    /// The plan is not what was written.
    #[error(
        "the plan {} was changed after it was made: its hash is another. Make it again with \
         `pagesieve shard plan`", path.display()
    )]
    PlanAltered {
        /// The file.
        path: PathBuf,
    },
    /// The plan has fewer shards.
    #[error("there is no shard {index}: the plan has {shards}, counted from 0")]
    NoSuchShard {
        /// The shard that was asked for.
        index: u32,
        /// How many there are.
        shards: usize,
    },
    /// A folder was named for a root that the plan does not have.
    #[error("the plan has no root {name}; it has {known}")]
    NoSuchRoot {
        /// The name that was given.
        name: String,
        /// The names that there are.
        known: String,
    },
    /// A root's folder is not on this machine.
    #[error(
        "the root {name} is not here: {} is no folder. Say where it is with --root {name}=DIR",
        folder.display()
    )]
    RootMissing {
        /// Its name.
        name: String,
        /// Where it should be.
        folder: PathBuf,
    },
    /// A result has to be a folder with a name.
    #[error("{} cannot be the folder of a result", path.display())]
    NotAFolder {
        /// What was named.
        path: PathBuf,
    },
    /// The folder for the result has something else in it.
    #[error(
        "{} holds something else than the result of shard {index} of this plan; nothing in it \
         was touched", dir.display()
    )]
    Occupied {
        /// The folder.
        dir: PathBuf,
        /// The shard.
        index: u32,
    },
    /// Another process is at work on the same result.
    #[error("another run is at work on {}", dir.display())]
    AtWork {
        /// The folder of the result.
        dir: PathBuf,
    },
    /// A folder that was named has no finished result.
    #[error("{} is not a finished result of a shard: {why}", dir.display())]
    NotAResult {
        /// The folder.
        dir: PathBuf,
        /// What speaks against it.
        why: String,
    },
    /// A result is not what its run has written.
    #[error("{} is not what its shard has written: its size or hash is another", file.display())]
    ResultAltered {
        /// The file.
        file: PathBuf,
    },
    /// A result is of another plan.
    #[error("{} is the result of another plan ({theirs}, not {ours})", dir.display())]
    OtherPlan {
        /// The folder.
        dir: PathBuf,
        /// The plan it is of.
        theirs: ContentHash,
        /// The plan that was named.
        ours: ContentHash,
    },
    /// Two results are of one shard.
    #[error("shard {index} is there twice: {} and {}", first.display(), second.display())]
    Twice {
        /// The shard.
        index: u32,
        /// One folder.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// Shards have no result.
    #[error("these shards lack: {}", listed(.0))]
    Lacking(Vec<u32>),
    /// A result holds other documents than its shard has in the plan.
    #[error("{} holds other documents than the plan has for its shard", dir.display())]
    OtherDocuments {
        /// The folder.
        dir: PathBuf,
    },
    /// The library.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// Workers.
    #[error(transparent)]
    Worker(#[from] WorkerError),
    /// The plan cannot be written.
    #[error(transparent)]
    Save(#[from] SaveError),
}

impl ShardError {
    /// Says what was tried when the system refused it, and on what.
    pub fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            doing,
            path,
            source,
        }
    }

    /// The same may go well later or elsewhere: there was no room, another run was at
    /// work, or the system had a reason that passes.
    pub fn may_pass(&self) -> bool {
        let passes = |error: &io::Error| {
            !matches!(
                error.kind(),
                ErrorKind::NotFound
                    | ErrorKind::PermissionDenied
                    | ErrorKind::ReadOnlyFilesystem
                    | ErrorKind::NotADirectory
                    | ErrorKind::IsADirectory
                    | ErrorKind::AlreadyExists
                    | ErrorKind::InvalidInput
                    | ErrorKind::Unsupported
            )
        };
        match self {
            Self::Io { source, .. } => passes(source),
            Self::Save(SaveError::CannotWrite { error, .. }) => passes(error),
            Self::AtWork { .. } => true,
            Self::Store { source, .. } => source.may_pass(),
            Self::Library(error) => matches!(
                error,
                LibraryError::InUse { .. } | LibraryError::Full { .. } | LibraryError::Gone { .. }
            ),
            Self::Worker(error) => matches!(
                error,
                WorkerError::Start(_) | WorkerError::Stopped | WorkerError::NoRoom(_)
            ),
            _ => false,
        }
    }
}

/// "0, 3 to 7 and 12".
fn listed(numbers: &[u32]) -> String {
    let runs = numbers.chunk_by(|a, b| a + 1 == *b);
    let mut words: Vec<String> = runs
        .flat_map(|run| match run {
            [first, .., last] if run.len() > 2 => vec![format!("{first} to {last}")],
            few => few.iter().map(u32::to_string).collect(),
        })
        .collect();
    match words.pop() {
        None => String::new(),
        Some(last) if words.is_empty() => last,
        Some(last) => format!("{} and {last}", words.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_follow_each_other_are_listed_together() {
        assert_eq!(listed(&[2]), "2");
        assert_eq!(listed(&[0, 1]), "0 and 1");
        assert_eq!(listed(&[0, 3, 4, 5, 6, 7, 12]), "0, 3 to 7 and 12");
    }
}
