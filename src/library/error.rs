//! What can go wrong with the library, in words for people. Not for failures
//! of documents and pages: those are data (`model::Failure`).

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Why the library could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LibraryError {
    /// Another process, or another part of this one, writes to it.
    #[error("the library in {} is in use by another Pagesieve", dir.display())]
    InUse {
        /// The library's directory.
        dir: PathBuf,
    },

    /// The disk has no room for what was to be written. Nothing of the
    /// transaction was kept; it can be tried again once there is room.
    #[error("the disk is full ({doing})")]
    Full {
        /// What was being done.
        doing: &'static str,
        /// What SQLite or the system said.
        source: Box<dyn Error + Send + Sync>,
    },

    /// Made or changed by a newer program.
    #[error(
        "the library was made by a newer Pagesieve: it has schema {found}, and this one knows \
         schemas up to {known}"
    )]
    Newer {
        /// The library's schema.
        found: i32,
        /// The newest schema that this program knows.
        known: i32,
    },

    /// Has to be brought up to date first, which needs a writer.
    #[error(
        "the library has schema {found} and must first be brought to schema {known}; opening it \
         for writing does that"
    )]
    Older {
        /// The library's schema.
        found: i32,
        /// The schema that this program reads.
        known: i32,
    },

    /// The file is no longer where it was opened: deleted, moved, or its disk taken away.
    #[error(
        "the library in {} is gone: it was deleted, moved or replaced, or its drive was taken \
         away. Put it back", dir.display()
    )]
    Gone {
        /// The library's directory.
        dir: PathBuf,
    },

    /// A file with the library's name that is something else.
    #[error("{} is not a library of Pagesieve", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },

    /// The file is damaged.
    #[error(
        "the library {} is damaged ({doing}: {source}). Put a copy of it that is sound in its \
         place, or move its folder away and process the sources again", file.display()
    )]
    Damaged {
        /// The library's file.
        file: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// What SQLite said.
        source: rusqlite::Error,
    },

    /// A row holds a value that no version wrote, or that cannot be read.
    #[error("a row of the library cannot be read ({doing}): {source}")]
    Unreadable {
        /// What was being done.
        doing: &'static str,
        /// What is wrong.
        source: rusqlite::Error,
    },

    /// The library refuses a value: no row may hold it, or it could not be read again.
    #[error("the library refuses what was to be stored ({doing}): {source}")]
    Refused {
        /// What was being done.
        doing: &'static str,
        /// What is wrong.
        source: rusqlite::Error,
    },

    /// There is no such batch, document or run. Nothing was changed, and the
    /// transaction can go on.
    #[error("there is no {what} {id} in the library")]
    Missing {
        /// What was looked for.
        what: &'static str,
        /// Its id.
        id: i64,
    },

    /// The request contradicts itself. Nothing was changed.
    #[error("not possible: {0}")]
    Misuse(&'static str),

    /// There is a file of that name, and none is replaced.
    #[error("{} is there already", .0.display())]
    AlreadyThere(PathBuf),

    /// A path that this system cannot spell in Unicode.
    #[error("the path {} cannot be stored", path.display())]
    Path {
        /// The path.
        path: PathBuf,
    },

    /// An earlier step of the same transaction failed, so none of it is kept.
    #[error("nothing was written, because an earlier step of the same transaction failed")]
    RolledBack,

    /// The system refused something about a file or directory.
    #[error("{doing} {}: {source}", path.display())]
    Io {
        /// What was being done, ready to be followed by the path.
        doing: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },

    /// Anything else that SQLite reports.
    #[error("the database reports an error ({doing}): {source}")]
    Sqlite {
        /// What was being done.
        doing: &'static str,
        /// What SQLite said.
        source: rusqlite::Error,
    },
}

/// The result of everything in this room.
pub(super) type Result<T, E = LibraryError> = std::result::Result<T, E>;

impl LibraryError {
    /// Sorts an error of the system.
    pub(super) fn io(doing: &'static str, path: &Path, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full {
                doing,
                source: source.into(),
            },
            _ => Self::Io {
                doing,
                path: path.to_owned(),
                source,
            },
        }
    }

    /// It is about one row: others can be stored and read beside it.
    pub fn is_of_a_row(&self) -> bool {
        matches!(
            self,
            Self::Unreadable { .. }
                | Self::Refused { .. }
                | Self::Missing { .. }
                | Self::Misuse(_)
                | Self::Path { .. }
        )
    }

    /// Its folder or one of its files may only be read.
    pub fn is_not_writable(&self) -> bool {
        match self {
            Self::Io { source, .. } => matches!(
                source.kind(),
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
            ),
            Self::Sqlite {
                source: rusqlite::Error::SqliteFailure(error, _),
                ..
            } => matches!(
                error.code,
                ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen
            ),
            _ => false,
        }
    }

    /// The library as a whole can be used no more; trying again does not help.
    pub fn is_fatal(&self) -> bool {
        matches!(self, Self::Damaged { .. })
    }

    /// Names the file that is damaged.
    pub(super) fn in_file(self, file: &Path) -> Self {
        match self {
            Self::Damaged { doing, source, .. } => Self::Damaged {
                file: file.to_owned(),
                doing,
                source,
            },
            error => error,
        }
    }

    /// Sorts an error of SQLite. [`Self::in_file`] names the file.
    pub(super) fn sqlite(doing: &'static str, source: rusqlite::Error) -> Self {
        /// `SQLITE_IOERR_SHMSIZE`: no room for the index of the write-ahead log.
        const NO_ROOM_FOR_LOG_INDEX: i32 = 10 | (19 << 8);
        match source {
            rusqlite::Error::SqliteFailure(error, _)
                if error.code == ErrorCode::DiskFull
                    || error.extended_code == NO_ROOM_FOR_LOG_INDEX =>
            {
                Self::Full {
                    doing,
                    source: source.into(),
                }
            }
            rusqlite::Error::SqliteFailure(error, _)
                if matches!(
                    error.code,
                    ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase
                ) =>
            {
                Self::Damaged {
                    file: PathBuf::new(),
                    doing,
                    source,
                }
            }
            rusqlite::Error::SqliteFailure(error, _)
                if matches!(
                    error.code,
                    ErrorCode::ConstraintViolation | ErrorCode::TooBig | ErrorCode::TypeMismatch
                ) =>
            {
                Self::Refused { doing, source }
            }
            rusqlite::Error::ToSqlConversionFailure(_) => Self::Refused { doing, source },
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::Utf8Error(..)
            | rusqlite::Error::InvalidColumnType(..) => Self::Unreadable { doing, source },
            _ => Self::Sqlite { doing, source },
        }
    }
}

/// Says what was being done when SQLite failed.
pub(super) trait Doing<T> {
    /// Turns SQLite's error into the library's.
    fn doing(self, doing: &'static str) -> Result<T>;
}

impl<T> Doing<T> for rusqlite::Result<T> {
    fn doing(self, doing: &'static str) -> Result<T> {
        self.map_err(|source| LibraryError::sqlite(doing, source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(code: i32) -> rusqlite::Error {
        rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None)
    }

    #[test]
    fn what_may_only_be_read_is_told_with_its_reason() {
        // SQLITE_READONLY, SQLITE_READONLY_DIRECTORY.
        for code in [8, 1544] {
            assert!(LibraryError::sqlite("opening", failure(code)).is_not_writable());
        }
        for (kind, is) in [
            (io::ErrorKind::ReadOnlyFilesystem, true),
            (io::ErrorKind::PermissionDenied, true),
            (io::ErrorKind::NotFound, false),
        ] {
            let error = LibraryError::io("cannot open", Path::new("x"), kind.into());
            assert_eq!(error.is_not_writable(), is);
            let reason = io::Error::from(kind).to_string();
            assert!(error.to_string().contains(&reason), "{error}");
        }
    }

    #[test]
    fn no_room_is_told_from_other_trouble() {
        for code in [13, 4874] {
            assert!(matches!(
                LibraryError::sqlite("testing", failure(code)),
                LibraryError::Full { .. }
            ));
        }
        for code in [10, 778, 5] {
            assert!(matches!(
                LibraryError::sqlite("testing", failure(code)),
                LibraryError::Sqlite { .. }
            ));
        }
        for code in [11, 26] {
            assert!(matches!(
                LibraryError::sqlite("testing", failure(code)),
                LibraryError::Damaged { .. }
            ));
        }
        let io = |kind| LibraryError::io("opening", Path::new("x"), io::Error::from(kind));
        assert!(matches!(
            io(io::ErrorKind::StorageFull),
            LibraryError::Full { .. }
        ));
        assert!(matches!(
            io(io::ErrorKind::PermissionDenied),
            LibraryError::Io { .. }
        ));
    }
}
