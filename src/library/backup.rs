//! Copies of a library to keep elsewhere, made while others work with it, the way back from
//! one, and whether a library is sound. Not for putting together what several people decided
//! (`triage::joining`), nor for clients' files, which are in no library.

use std::fs::File;
use std::path::Path;

use rusqlite::Connection;
use tempfile::NamedTempFile;

use super::connection;
use super::error::{Doing, LibraryError, Result};
use super::reader::Reader;

/// Problems that are listed; a damaged library has thousands.
const MOST_PROBLEMS: usize = 20;

impl Reader {
    /// Writes a copy of the library as it is now into a new file, whole or not at all; its
    /// size in bytes. Whoever writes to the library goes on meanwhile.
    pub fn back_up(&self, to: &Path) -> Result<u64> {
        let copy = beside(to)?;
        let path = copy.path().to_str().ok_or_else(|| LibraryError::Path {
            path: copy.path().to_owned(),
        })?;
        // One consistent state, without the room of what was forgotten.
        self.connection()
            .execute("VACUUM INTO ?1", [path])
            .doing("copying the library")?;
        if let Some(problem) = problems(&connection::library_at(copy.path())?)?.first() {
            tracing::error!(problem, "a copy of the library is not sound");
            return Err(LibraryError::Misuse(
                "the copy is not sound; `pagesieve library check` says what is wrong",
            ));
        }
        put_in_place(copy, to)
    }

    /// What is wrong with the library; nothing where it is sound. Reads all of it.
    pub fn check(&self) -> Result<Vec<String>> {
        problems(self.connection())
    }
}

/// Makes a copy of a library the library of a directory that has none. It may be of an
/// earlier version, and is brought up to date when it is opened.
pub fn restore(copy: &Path, dir: &Path) -> Result<()> {
    if let Some(problem) = problems(&connection::library_at(copy)?)?.into_iter().next() {
        tracing::error!(problem, "a library that was to be restored is not sound");
        return Err(LibraryError::Misuse(
            "the file is damaged: take an earlier copy",
        ));
    }
    let _lock = connection::lock(dir, connection::LOCK_PATIENCE)?;
    let library = dir.join(connection::DATABASE);
    let mut there = beside(&library)?;
    let cannot = |error| LibraryError::io("cannot copy", copy, error);
    let mut from = File::open(copy).map_err(cannot)?;
    std::io::copy(&mut from, there.as_file_mut()).map_err(cannot)?;
    put_in_place(there, &library)?;
    Ok(())
}

/// A file of another name that only this user may read.
fn beside(to: &Path) -> Result<NamedTempFile> {
    let folder = match to.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if to.symlink_metadata().is_ok() {
        return Err(LibraryError::AlreadyThere(to.to_owned()));
    }
    let mut builder = tempfile::Builder::new();
    let named = builder.prefix(".pagesieve-").suffix(".partial");
    named
        .tempfile_in(folder)
        .map_err(|error| LibraryError::io("cannot write into", folder, error))
}

/// Gives a file its name once all of it is on the disk; its size in bytes.
fn put_in_place(file: NamedTempFile, to: &Path) -> Result<u64> {
    let cannot = |error| LibraryError::io("cannot write", to, error);
    file.as_file().sync_all().map_err(cannot)?;
    let bytes = file.as_file().metadata().map_err(cannot)?.len();
    match file.persist_noclobber(to) {
        Ok(_) => Ok(bytes),
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => {
            Err(LibraryError::AlreadyThere(to.to_owned()))
        }
        Err(error) => Err(cannot(error.error)),
    }
}

/// What is wrong with a database, at most so much as is worth reading.
fn problems(connection: &Connection) -> Result<Vec<String>> {
    let doing = "checking the library";
    let mut problems = Vec::new();
    let mut damage = connection
        .prepare(&format!("PRAGMA integrity_check({MOST_PROBLEMS})"))
        .doing(doing)?;
    let found = damage.query_map([], |row| row.get::<_, String>(0));
    for problem in found.doing(doing)? {
        match problem {
            Ok(problem) if problem == "ok" => {}
            Ok(problem) => problems.push(problem),
            // What is damaged beyond that stops the check itself.
            Err(error) => {
                problems.push(error.to_string());
                return Ok(problems);
            }
        }
    }
    let mut lost = connection
        .prepare("PRAGMA foreign_key_check")
        .doing(doing)?;
    let found = lost.query_map([], |row| {
        let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
        Ok(format!("a row of {table} belongs to no {parent}"))
    });
    for problem in found.doing(doing)?.take(MOST_PROBLEMS) {
        problems.push(problem.doing(doing)?);
    }
    Ok(problems)
}
