//! `library`: copies of it and the way back from them, whether it is sound, and taking over
//! what people decided in libraries of their own. Not for putting together pages and
//! measurements, which `shard merge` does.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::{Value, json};

use super::output::{self, complain, say};
use super::{CommandError, Ending, reader};
use crate::format::{counted, local_time, size};
use crate::library::{Library, restore};
use crate::model::Change;
use crate::triage::{Conflict, Said, join_decisions};

/// Conflicts that are named; `--json` names all.
const NAMED: usize = 20;

/// What to do with the library.
#[derive(Debug, Subcommand)]
pub enum LibraryVerb {
    /// Take over what was decided in other libraries, of the same documents
    ///
    /// Documents are known by their content. Where two people said different things of one
    /// page, what is here stays, and the page is listed; the exit code is then 65. Done
    /// again it does nothing.
    Merge {
        /// Directories of the other libraries
        #[arg(required = true, value_name = "LIBRARY")]
        libraries: Vec<PathBuf>,
    },
    /// Write a copy of the library into a file, also while others work with it
    ///
    /// It holds what was measured, read and decided; clients' files and thumbnails are not
    /// in it.
    Backup {
        /// The file, which must be new
        file: PathBuf,
    },
    /// Make a copy the library, in a directory that has none
    Restore {
        /// A file that `pagesieve library backup` wrote
        file: PathBuf,
    },
    /// Read all of the library and say whether it is sound
    Check,
}

/// Does what was asked for.
pub fn library(library: &Path, verb: &LibraryVerb, as_json: bool) -> Result<Ending, CommandError> {
    match verb {
        LibraryVerb::Merge { libraries } => merge(library, libraries, as_json),
        LibraryVerb::Backup { file } => {
            let bytes = reader(library)?.back_up(file)?;
            match as_json {
                true => output::print_json(&json!({ "file": file, "bytes": bytes })),
                false => say!("{} holds the library ({})", file.display(), size(bytes)),
            }
            Ok(Ending::Done)
        }
        LibraryVerb::Restore { file } => {
            restore(file, library)?;
            // Brings one of an earlier version up to date.
            let batches = Library::open(library)?.reader().batches()?.len();
            match as_json {
                true => output::print_json(&json!({ "batches": batches })),
                false => {
                    let batches = counted(batches as u64, "batch", "batches");
                    say!("{} has {batches}", library.display());
                }
            }
            Ok(Ending::Done)
        }
        LibraryVerb::Check => {
            let problems = reader(library)?.check()?;
            if as_json {
                output::print_json(&json!({ "problems": problems }));
            } else if problems.is_empty() {
                say!("{} is sound", library.display());
            }
            match problems.is_empty() {
                true => Ok(Ending::Done),
                false => {
                    for problem in problems {
                        complain!("pagesieve: {problem}");
                    }
                    complain!(
                        "pagesieve: put a copy that is sound in its place, or move {} away and \
                         process the sources again",
                        library.display()
                    );
                    Ok(Ending::SomeFailed)
                }
            }
        }
    }
}

fn merge(library: &Path, libraries: &[PathBuf], as_json: bool) -> Result<Ending, CommandError> {
    let joined = join_decisions(library, libraries)?;
    let conflicts = &joined.conflicts;
    if as_json {
        output::print_json(&json!({
            "added": joined.added,
            "elsewhere": joined.elsewhere,
            "conflicts": conflicts.iter().map(conflict_json).collect::<Vec<_>>(),
        }));
    } else {
        say!(
            "{} taken over",
            counted(joined.added, "act was", "acts were")
        );
        if joined.elsewhere > 0 {
            let acts = counted(joined.elsewhere, "act is", "acts are");
            say!("{acts} about documents that are not here");
        }
        for conflict in conflicts.iter().take(NAMED) {
            let (document, page) = (&conflict.document, conflict.page);
            let (here, there) = (in_words(&conflict.here), in_words(&conflict.there));
            complain!("pagesieve: {document}, page {page}: {here} stays, not {there}");
        }
        if conflicts.len() > NAMED {
            let more = counted((conflicts.len() - NAMED) as u64, "page", "pages");
            complain!("pagesieve: so it is with {more} more; --json names all");
        }
    }
    Ok(match conflicts.is_empty() {
        true => Ending::Done,
        false => Ending::SomeFailed,
    })
}

/// "Reject (ann, 2026-11-29 14:28)".
fn in_words(said: &Said) -> String {
    let what = Change::all_in_words(&said.changes);
    let when = local_time(said.at).map_or_else(String::new, |when| format!(", {when}"));
    format!("{what} ({}{when})", said.author)
}

fn conflict_json(conflict: &Conflict) -> Value {
    let said = |said: &Said| {
        json!({
            "author": said.author,
            "at": said.at,
            "what": Change::all_in_words(&said.changes),
        })
    };
    json!({
        "batch": conflict.batch.0,
        "document": conflict.document,
        "page": conflict.page,
        "here": said(&conflict.here),
        "there": said(&conflict.there),
    })
}
