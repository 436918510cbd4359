//! Between the model's types and SQLite's values: paths, words, counts. Not for
//! queries.

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};

use rusqlite::Row;
use rusqlite::types::{FromSqlError, ToSqlOutput, Type, ValueRef};

use super::error::Result;

/// A path as it is stored: the system's own bytes.
#[cfg(unix)]
pub(super) fn path_value(path: &Path) -> Result<ToSqlOutput<'_>> {
    use std::os::unix::ffi::OsStrExt;
    Ok(ToSqlOutput::Borrowed(ValueRef::Blob(
        path.as_os_str().as_bytes(),
    )))
}

/// A path as it is stored: text.
#[cfg(not(unix))]
pub(super) fn path_value(path: &Path) -> Result<ToSqlOutput<'_>> {
    match path.to_str() {
        Some(text) => Ok(ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes()))),
        None => Err(super::LibraryError::Path {
            path: path.to_owned(),
        }),
    }
}

/// Reads what [`path_value`] stored.
pub(super) fn path_at(row: &Row<'_>, column: usize) -> rusqlite::Result<PathBuf> {
    let value = row.get_ref(column)?;
    let bytes = value.as_bytes().map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, value.data_type(), error.into())
    })?;
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        Ok(PathBuf::from(std::ffi::OsStr::from_bytes(bytes)))
    }
    #[cfg(not(unix))]
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(PathBuf::from(text)),
        Err(error) => Err(rusqlite::Error::FromSqlConversionFailure(
            column,
            Type::Text,
            error.into(),
        )),
    }
}

/// The hash of a look as it is stored: its numbers, little end first.
pub(super) fn look_value(hash: &[u64; 4]) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (chunk, number) in bytes.chunks_exact_mut(8).zip(hash) {
        chunk.copy_from_slice(&number.to_le_bytes());
    }
    bytes
}

/// Reads what [`look_value`] stored.
pub(super) fn look_at(bytes: [u8; 32]) -> [u64; 4] {
    std::array::from_fn(|at| {
        let chunk = std::array::from_fn(|byte| bytes[at * 8 + byte]);
        u64::from_le_bytes(chunk)
    })
}

/// A stored word that the model does not know.
#[derive(Debug)]
struct UnknownWord(String);

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown word {:?}", self.0)
    }
}

impl Error for UnknownWord {}

/// Reads one of the model's words.
pub(super) fn word_at<T>(
    row: &Row<'_>,
    column: usize,
    from_word: fn(&str) -> Option<T>,
) -> rusqlite::Result<T> {
    let value = row.get_ref(column)?;
    let error = |error| rusqlite::Error::FromSqlConversionFailure(column, value.data_type(), error);
    let word = value
        .as_str()
        .map_err(|e: FromSqlError| error(Box::new(e)))?;
    from_word(word).ok_or_else(|| error(Box::new(UnknownWord(word.to_owned()))))
}

/// Reads a count, which is never negative.
pub(super) fn count_at(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let stored: i64 = row.get(column)?;
    u64::try_from(stored).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Integer, error.into())
    })
}

/// A count as it is stored. No file is larger than SQLite's largest integer.
pub(super) fn count_value(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A length as it is stored and read: 0 where it is no number that anybody can work
/// with. SQLite would take "not a number" for NULL.
pub(super) fn length_value(length: f32) -> f32 {
    if length.is_finite() { length } else { 0.0 }
}
