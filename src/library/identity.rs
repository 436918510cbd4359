//! Which file stands at a path. Not for what is in it.

use std::fs::Metadata;
use std::path::Path;

use super::error::{LibraryError, Result};

/// What tells a file from others: device and inode; on systems without those, that it is
/// there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileIdentity {
    device: u64,
    inode: u64,
}

impl FileIdentity {
    /// The file at a path; an error where there is none.
    pub(super) fn of(path: &Path) -> Result<Self> {
        match std::fs::metadata(path) {
            Ok(metadata) => Ok(Self::from(&metadata)),
            Err(error) => Err(LibraryError::io("cannot look at", path, error)),
        }
    }
}

#[cfg(unix)]
impl From<&Metadata> for FileIdentity {
    fn from(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;

        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
        }
    }
}

#[cfg(not(unix))]
impl From<&Metadata> for FileIdentity {
    fn from(_: &Metadata) -> Self {
        Self {
            device: 0,
            inode: 0,
        }
    }
}
