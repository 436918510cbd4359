//! `verify`: says whether files that were handed over are as they were written.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::output::{self, complain, say};
use super::{CommandError, Ending};
use crate::triage::split;

/// Names in a message of one kind.
const NAMED: usize = 20;

/// Checks the files that a manifest names.
pub fn verify(manifest: &Path, sources: &[PathBuf], json: bool) -> Result<Ending, CommandError> {
    super::check_paths(sources)?;
    let found = split::verify(manifest, sources).map_err(|error| {
        CommandError::Usage(format!("{} is no manifest: {error}", manifest.display()))
    })?;
    if json {
        output::print_json(&json!({
            "right": found.is_right(),
            "same": found.same,
            "bytes": found.bytes,
            "changed": found.changed,
            "missing": found.missing,
            "never_written": found.never_written,
            "left_out": found.left_out,
            "contradictions": found.contradictions,
            "elsewhere": found.elsewhere,
            "unknown": found.unknown,
            "pages_missing": found.pages_missing,
            "sources_found": found.sources_found,
            "sources_missing": found.sources_missing,
        }));
    } else {
        for sentence in found.sentences(NAMED) {
            complain!("pagesieve: {sentence}");
        }
        say!("{}", found.summary());
    }
    Ok(match found.is_right() {
        true => Ending::Done,
        false => Ending::SomeFailed,
    })
}
