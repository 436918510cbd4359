//! Whether parts were being written when the program ended before its time, by a crash or a
//! power cut: kept in a small file of the library's folder while it writes. Not for what was
//! written, which the manifest says, nor for going on, for which the same plan is written again.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::model::BatchId;
use crate::{private, regular_file};

/// Its name in the library's folder.
const FILE: &str = "writing.json";

/// Parts that are being written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Writing {
    /// The batch that is split.
    pub batch: BatchId,
    /// Where to.
    pub folder: PathBuf,
}

impl Writing {
    /// Notes that it begins. Where that cannot be kept, nobody is told after a crash, which
    /// is no reason not to write.
    pub fn begin(&self, library: &Path) {
        let kept = serde_json::to_vec(self).map_err(std::io::Error::from);
        let kept = kept.and_then(|kept| private::replace(&library.join(FILE), &kept));
        if let Err(error) = kept {
            tracing::warn!(%error, "that parts are written is not noted");
        }
    }

    /// Notes that it has ended, however it did.
    pub fn end(library: &Path) {
        // It may not have been there.
        let _ = fs::remove_file(library.join(FILE));
    }

    /// What was never ended; told once.
    pub fn broken_off(library: &Path) -> Option<Self> {
        let kept = regular_file::read(&library.join(FILE)).ok()?;
        Self::end(library);
        serde_json::from_slice(&kept).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_never_ended_is_told_once() {
        let library = tempfile::tempdir().unwrap();
        let library = library.path();
        let writing = Writing {
            batch: BatchId(7),
            folder: "/parts".into(),
        };
        writing.begin(library);
        Writing::end(library);
        assert_eq!(Writing::broken_off(library), None);
        writing.begin(library);
        assert_eq!(Writing::broken_off(library), Some(writing));
        assert_eq!(Writing::broken_off(library), None);
        fs::write(library.join(FILE), "torn").unwrap();
        assert_eq!(Writing::broken_off(library), None);
    }
}
