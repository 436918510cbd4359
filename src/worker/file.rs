//! Reading source files, for reading only and within limits, with refusals that
//! say what stood in the way.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::protocol::Refusal;
use crate::model::FailureKind;
use crate::regular_file;

/// Reads a file whole, if it is not larger than `largest` bytes.
pub(super) fn read_file(file: &File, largest: u64) -> Result<Vec<u8>, Refusal> {
    let length = file.metadata().map_err(|e| refuse_io(&e))?.len();
    if length > largest {
        return Err(Refusal::new(
            FailureKind::TooLarge,
            format!("{length} bytes, more than {largest}"),
        ));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    // The file may grow while it is read.
    file.take(largest)
        .read_to_end(&mut bytes)
        .map_err(|e| refuse_io(&e))?;
    Ok(bytes)
}

/// Opens a regular file for reading. Pipes and devices are refused before they
/// are opened: opening a pipe can wait for ever.
pub(super) fn open_regular(path: &Path) -> Result<File, Refusal> {
    let metadata = std::fs::metadata(path).map_err(|e| refuse_io(&e))?;
    if metadata.is_dir() {
        // A folder that could not be looked through says why.
        std::fs::read_dir(path).map_err(|e| refuse_io(&e))?;
    }
    if !metadata.is_file() {
        return Err(Refusal::new(FailureKind::Unreadable, "not a regular file"));
    }
    // Something else may stand there by now: opening it must not wait either.
    regular_file::open(path).map_err(|e| refuse_io(&e))
}

pub(super) fn refuse_io(error: &io::Error) -> Refusal {
    let kind = match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => FailureKind::Vanished,
        io::ErrorKind::PermissionDenied => FailureKind::PermissionDenied,
        _ => FailureKind::Unreadable,
    };
    Refusal::by_system(kind, error)
}
