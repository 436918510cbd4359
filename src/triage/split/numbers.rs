//! Which running numbers were given: beside the library, by their beginning, so that no
//! number is given twice, whichever window or command gives it, also where an export is cut
//! off in its middle. The same export once more has the numbers that it had. Not for
//! printing them (`pdf::extract`).

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::export::Export;
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
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Given {
    /// The first that is free.
    next: u64,
    /// The first that each export got, by [`Export::identity`].
    exports: BTreeMap<String, u64>,
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
    /// There are no numbers so large.
    #[error("there are no numbers so large")]
    TooLarge,
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

    /// An export with the numbers that it is to have, from `first` on, or where that is not
    /// said, those that it had before, or the next. They are given, unless it is only to be
    /// said which they would be. One without numbers or pages stays as it is.
    pub fn number(
        &self,
        export: Export,
        first: Option<u64>,
        only_say: bool,
    ) -> Result<Export, NumbersError> {
        let Some(numbering) = export.numbering().cloned() else {
            return Ok(export);
        };
        let count = export.page_count();
        if count == 0 {
            return Ok(export);
        }
        let numbering = self.give(numbering, first, count, &export.identity(), only_say)?;
        Ok(export.numbered(numbering))
    }

    fn give(
        &self,
        numbering: Numbering,
        first: Option<u64>,
        count: u64,
        export: &str,
        only_say: bool,
    ) -> Result<Numbering, NumbersError> {
        let _lock = match only_say {
            true => None,
            false => Some(self.lock()?),
        };
        let mut all = self.read()?;
        let mut given = all.get(numbering.prefix()).cloned().unwrap_or(Given {
            next: 1,
            exports: BTreeMap::new(),
        });
        let had = given.exports.get(export).copied();
        let first = first.or(had).unwrap_or(given.next);
        let numbering = numbering.starting_at(first);
        let next = first.checked_add(count).ok_or(NumbersError::TooLarge)?;
        if had == Some(first) {
            return Ok(numbering);
        }
        if first < given.next && !given.exports.is_empty() {
            return Err(NumbersError::Given {
                first: numbering.number(0),
                next: numbering.starting_at(given.next).number(0),
            });
        }
        if !only_say {
            given.next = next;
            given.exports.insert(export.to_owned(), first);
            all.insert(numbering.prefix().to_owned(), given);
            self.write(&all).map_err(|error| self.failed(error))?;
        }
        Ok(numbering)
    }

    /// One at a time.
    fn lock(&self) -> Result<FileLock, NumbersError> {
        let path = self.folder.join(LOCK);
        let locked = || {
            private::create_dir_all(&self.folder)?;
            regular_file::allow_writing(&path)?;
            let options = &mut private::options();
            let file = options
                .write(true)
                .create(true)
                .truncate(false)
                .open(&path)?;
            FileLock::wait(file)
        };
        locked().map_err(|error| NumbersError::File {
            path: path.clone(),
            error,
        })
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
        private::replace(&self.folder.join(FILE), &serde_json::to_vec_pretty(all)?)?;
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

    fn numbering(prefix: &str) -> Numbering {
        Numbering::new(prefix, 4, 0).unwrap()
    }

    /// The first number that an export of so many pages gets.
    fn first(
        given: &GivenNumbers,
        (prefix, from): (&str, Option<u64>),
        count: u64,
        export: &str,
    ) -> Result<u64, NumbersError> {
        let numbering = given.give(numbering(prefix), from, count, export, false);
        numbering.map(|numbering| numbering.first())
    }

    #[test]
    fn no_number_is_given_twice() {
        let dir = tempfile::tempdir().unwrap();
        let given = GivenNumbers::beside(dir.path());
        assert_eq!(first(&given, ("A", None), 10, "one").unwrap(), 1);
        assert_eq!(first(&given, ("B", Some(5)), 1, "one").unwrap(), 5);
        assert_eq!(first(&given, ("A", None), 1, "two").unwrap(), 11);
        let refused = first(&given, ("A", Some(10)), 1, "three").unwrap_err();
        assert_eq!(
            refused.to_string(),
            "A0010 was given already: the next number is A0012"
        );
        // Leaving some out is no harm.
        assert_eq!(first(&given, ("A", Some(100)), 1, "three").unwrap(), 100);
        assert_eq!(first(&given, ("A", None), 1, "four").unwrap(), 101);
        let too_large = first(&given, ("A", Some(u64::MAX)), 2, "five");
        assert!(matches!(too_large, Err(NumbersError::TooLarge)));
        // What is only said is not given.
        let said = given.give(numbering("A"), None, 9, "six", true).unwrap();
        assert_eq!(said.first(), 102);
        assert_eq!(first(&given, ("A", None), 1, "seven").unwrap(), 102);
    }

    #[test]
    fn the_same_export_again_has_the_numbers_that_it_had() {
        let dir = tempfile::tempdir().unwrap();
        let given = GivenNumbers::beside(dir.path());
        for _ in 0..2 {
            assert_eq!(first(&given, ("A", None), 10, "one").unwrap(), 1);
            assert_eq!(first(&given, ("A", None), 3, "two").unwrap(), 11);
        }
    }

    #[test]
    fn where_it_is_not_known_what_was_given_nothing_is() {
        let dir = tempfile::tempdir().unwrap();
        let given = GivenNumbers::beside(dir.path());
        fs::write(dir.path().join(FILE), "{\"A\": ").unwrap();
        assert!(first(&given, ("A", None), 1, "one").is_err());
    }

    #[test]
    fn many_at_once_get_different_numbers() {
        let dir = tempfile::tempdir().unwrap();
        let given = GivenNumbers::beside(dir.path());
        let mut firsts: Vec<u64> = std::thread::scope(|scope| {
            let threads = [0, 1, 2, 3].map(|thread| {
                let given = &given;
                let exports = (0..10).map(move |export| format!("{thread} {export}"));
                let firsts =
                    exports.map(move |export| first(given, ("A", None), 3, &export).unwrap());
                scope.spawn(move || firsts.collect::<Vec<u64>>())
            });
            let firsts = threads.into_iter().map(|it| it.join().unwrap());
            firsts.flatten().collect()
        });
        firsts.sort_unstable();
        let expected: Vec<u64> = (0..40).map(|at| 1 + 3 * at).collect();
        assert_eq!(firsts, expected);
    }
}
