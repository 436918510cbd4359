//! Which running numbers were given: beside the library, by their beginning, so that no
//! number is given twice, whichever window or command gives it, also where an export is cut
//! off in its middle. The same export once more has the numbers that it had. Not for
//! printing them (`pdf::extract`).

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::file_lock::FileLock;
use crate::model::Numbering;
use crate::{private, regular_file};

/// The file in the library's folder, and the one that is locked while it changes.
const FILE: &str = "numbers.json";
const LOCK: &str = "numbers.lock";

/// The numbers that were given.
#[derive(Clone, Debug)]
pub struct GivenNumbers {
    folder: PathBuf,
}

/// What is kept of the numbers of one beginning.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Given {
    /// The first that is free.
    next: u64,
    /// The first of those that were given last, and the export that got them.
    last: (u64, String),
}

/// Why numbers are not given.
#[derive(Debug, thiserror::Error)]
pub enum NumbersError {
    /// Some of them were given before.
    #[error("{first} was given already: the next number is {next}")]
    Given {
        /// The first that was wanted.
        first: String,
        /// The first that is free.
        next: String,
    },
    /// What was given cannot be read or kept.
    #[error("which numbers were given cannot be kept in {}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        error: io::Error,
    },
}

impl GivenNumbers {
    /// Those of a library's folder.
    pub fn beside(library: &Path) -> Self {
        Self {
            folder: library.to_owned(),
        }
    }

    /// The first number that begins so for an export: the next one, or where it is the one
    /// that was numbered last, the one that it had. 1 where none was given.
    pub fn first(&self, prefix: &str, export: &str) -> Result<u64, NumbersError> {
        Ok(self
            .read()?
            .get(prefix)
            .map_or(1, |given| match &given.last {
                (first, of) if of == export => *first,
                _ => given.next,
            }))
    }

    /// Gives so many numbers to an export: from now on no other gets them.
    pub fn give(
        &self,
        numbering: &Numbering,
        count: u64,
        export: &str,
    ) -> Result<(), NumbersError> {
        let lock = self.folder.join(LOCK);
        let locked = || {
            private::create_dir_all(&self.folder)?;
            regular_file::allow_writing(&lock)?;
            let options = &mut private::options();
            let file = options
                .write(true)
                .create(true)
                .truncate(false)
                .open(&lock)?;
            FileLock::wait(file)
        };
        let _lock = locked().map_err(|error| NumbersError::File {
            path: lock.clone(),
            error,
        })?;
        let mut all = self.read()?;
        let first = numbering.first();
        let last = (first, export.to_owned());
        let given = all.get(numbering.prefix());
        if given.is_some_and(|given| given.last == last) {
            return Ok(());
        }
        let free = given.map_or(0, |given| given.next);
        if first < free {
            return Err(NumbersError::Given {
                first: numbering.number(0),
                next: numbering.clone().starting_at(free).number(0),
            });
        }
        let next = first.saturating_add(count);
        all.insert(numbering.prefix().to_owned(), Given { next, last });
        self.write(&all).map_err(|error| self.failed(error))
    }

    fn read(&self) -> Result<BTreeMap<String, Given>, NumbersError> {
        match regular_file::read(&self.folder.join(FILE)) {
            Ok(bytes) => {
                // One that cannot be read might give a number again: nothing is given then.
                serde_json::from_slice(&bytes).map_err(|error| self.failed(error.into()))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeMap::new()),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// On the disk before a number is printed.
    fn write(&self, all: &BTreeMap<String, Given>) -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(&serde_json::to_vec_pretty(all)?)?;
        file.as_file().sync_all()?;
        file.persist(self.folder.join(FILE))?;
        #[cfg(unix)]
        fs::File::open(&self.folder)?.sync_all()?;
        Ok(())
    }

    fn failed(&self, error: io::Error) -> NumbersError {
        NumbersError::File {
            path: self.folder.join(FILE),
            error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbering(prefix: &str, first: u64) -> Numbering {
        Numbering::new(prefix, 4, first).unwrap()
    }

    #[test]
    fn no_number_is_given_twice() {
        let dir = tempfile::tempdir().unwrap();
        let given = GivenNumbers::beside(dir.path());
        let first = |prefix, export| given.first(prefix, export).unwrap();
        assert_eq!(first("A", "one"), 1);
        given.give(&numbering("A", 1), 10, "one").unwrap();
        given.give(&numbering("B", 5), 1, "one").unwrap();
        assert_eq!((first("A", "two"), first("B", "two")), (11, 6));
        let refused = given.give(&numbering("A", 10), 1, "two").unwrap_err();
        assert_eq!(
            refused.to_string(),
            "A0010 was given already: the next number is A0011"
        );
        // Leaving some out is no harm.
        given.give(&numbering("A", 100), 1, "two").unwrap();
        assert_eq!(first("A", "three"), 101);
    }

    #[test]
    fn the_same_export_again_has_the_numbers_that_it_had() {
        let dir = tempfile::tempdir().unwrap();
        let given = GivenNumbers::beside(dir.path());
        for _ in 0..2 {
            assert_eq!(given.first("A", "one").unwrap(), 1);
            given.give(&numbering("A", 1), 10, "one").unwrap();
        }
        assert_eq!(given.first("A", "two").unwrap(), 11);
    }

    #[test]
    fn where_it_is_not_known_what_was_given_nothing_is() {
        let dir = tempfile::tempdir().unwrap();
        let given = GivenNumbers::beside(dir.path());
        fs::write(dir.path().join(FILE), "{\"A\": ").unwrap();
        assert!(given.first("A", "one").is_err());
        assert!(given.give(&numbering("A", 7), 1, "one").is_err());
    }

    #[test]
    fn two_at_once_get_different_numbers() {
        let dir = tempfile::tempdir().unwrap();
        let given = GivenNumbers::beside(dir.path());
        let took = |export: &str| {
            let first = given.first("A", export).unwrap();
            given.give(&numbering("A", first), 3, export).is_ok()
        };
        let took: usize = std::thread::scope(|scope| {
            let threads = [0, 1, 2, 3].map(|thread| {
                let exports = (0..20).map(move |export| format!("{thread} {export}"));
                scope.spawn(|| exports.filter(|export| took(export)).count())
            });
            threads.into_iter().map(|it| it.join().unwrap()).sum()
        });
        assert_eq!(given.first("A", "last").unwrap(), 1 + 3 * took as u64);
    }
}
