//! The hidden folder beside a result in which its shard is done: on the same file system,
//! so that the result appears by renaming. A killed run leaves it behind and the next one
//! goes on in it, where it has the same to do; a lock keeps two from it at a time. Not
//! scratch: what is here is to be kept.
//!
//! ```text
//! .NAME.pagesieve-shard/lock       held as long as a run lives
//!                       task       what is being done here
//!                       library/   the library of the shard
//!                       result/    what is about to become NAME
//! ```

use std::fs::{self, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::ShardError;
use crate::file_lock::FileLock;
use crate::private;

/// The folder, for as long as a run is at work in it.
#[derive(Debug)]
pub struct Workplace {
    dir: PathBuf,
    result: PathBuf,
    _lock: FileLock,
}

impl Workplace {
    /// Takes the folder beside a result, and makes it where it is missing. What is there of
    /// another task is removed: `task` is all that has to be the same for a run to go on.
    pub fn take(result: &Path, task: &str) -> Result<Self, ShardError> {
        let not_a_folder = || ShardError::NotAFolder {
            path: result.to_owned(),
        };
        let parent = result.parent().ok_or_else(not_a_folder)?;
        let mut name = std::ffi::OsString::from(".");
        name.push(result.file_name().ok_or_else(not_a_folder)?);
        name.push(".pagesieve-shard");
        let dir = parent.join(name);
        fs::create_dir_all(parent).map_err(ShardError::io("make", parent))?;
        private::create_dir_all(&dir).map_err(ShardError::io("make", &dir))?;
        let lock = lock(&dir, result)?;
        let place = Self {
            dir,
            result: result.to_owned(),
            _lock: lock,
        };
        place
            .begin(task)
            .map_err(ShardError::io("make ready", &place.dir))?;
        Ok(place)
    }

    fn begin(&self, task: &str) -> io::Result<()> {
        remove(&self.staging())?;
        private::create_dir_all(&self.staging())?;
        let noted = self.dir.join("task");
        if fs::read_to_string(&noted).is_ok_and(|noted| noted == task) {
            return Ok(());
        }
        remove(&self.library())?;
        private::write(&noted, task.as_bytes())
    }

    /// The folder of the shard's library.
    pub fn library(&self) -> PathBuf {
        self.dir.join("library")
    }

    /// The folder that is made ready and then gets the result's name.
    pub fn staging(&self) -> PathBuf {
        self.dir.join("result")
    }

    /// The result.
    pub fn result(&self) -> &Path {
        &self.result
    }

    /// Starts over: what was done here is of no use.
    pub fn clear(&self) -> Result<(), ShardError> {
        remove(&self.library()).map_err(ShardError::io("remove", &self.library()))
    }

    /// The result is there: removes the folder. Whoever waits for its lock then finds the
    /// result, so that it is no harm that the lock goes too.
    pub fn dissolve(self) {
        if let Err(error) = fs::remove_dir_all(&self.dir) {
            tracing::warn!(%error, "the folder in which a shard was done stays behind");
        }
    }
}

fn lock(dir: &Path, result: &Path) -> Result<FileLock, ShardError> {
    let path = dir.join("lock");
    let file = private::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(ShardError::io("open", &path))?;
    FileLock::try_take(file).map_err(|error| match error {
        TryLockError::WouldBlock => ShardError::AtWork {
            dir: result.to_owned(),
        },
        TryLockError::Error(source) => ShardError::io("lock", &path)(source),
    })
}

/// Removes a folder with all that is in it, if it is there.
fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_run_at_a_time_and_the_next_goes_on_with_the_same_task_alone() {
        let dir = tempfile::tempdir().unwrap();
        let result = dir.path().join("new/shard-0");
        let place = Workplace::take(&result, "one").unwrap();
        fs::create_dir_all(place.library()).unwrap();
        fs::write(place.library().join("x"), "done so far").unwrap();
        fs::write(place.staging().join("x"), "half").unwrap();
        let other = Workplace::take(&result, "one").unwrap_err();
        assert!(matches!(other, ShardError::AtWork { .. }) && other.may_pass());
        drop(place);

        let again = Workplace::take(&result, "one").unwrap();
        assert!(again.library().join("x").exists());
        assert_eq!(fs::read_dir(again.staging()).unwrap().count(), 0);
        drop(again);
        let other = Workplace::take(&result, "two").unwrap();
        assert!(!other.library().exists());
        other.dissolve();
        assert_eq!(fs::read_dir(result.parent().unwrap()).unwrap().count(), 0);
    }

    #[test]
    fn a_result_needs_a_name() {
        for path in ["/", "/a/.."] {
            let error = Workplace::take(Path::new(path), "").unwrap_err();
            assert!(matches!(error, ShardError::NotAFolder { .. }));
        }
    }
}
