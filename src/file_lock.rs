//! Locks on files, which prove that a process lives. Not for locks between
//! threads.

use std::fs::{File, TryLockError};
use std::io::{self, Write};

/// A lock that is free again when this is dropped, and when the process ends,
/// however it does.
#[derive(Debug)]
pub struct FileLock(File);

impl FileLock {
    /// Waits until nobody else has the lock.
    pub fn wait(file: File) -> io::Result<Self> {
        file.lock()?;
        Ok(Self(file))
    }

    /// Takes the lock, unless somebody else has it.
    pub fn try_take(file: File) -> Result<Self, TryLockError> {
        file.try_lock()?;
        Ok(Self(file))
    }

    /// The locked file.
    pub fn file(&self) -> &File {
        &self.0
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // Closing is not enough: a child process that is just being started
        // has a copy of the file for a moment, and the lock with it.
        if let Err(error) = self.0.unlock() {
            tracing::warn!(%error, "a lock could not be released");
        }
    }
}

impl Write for FileLock {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_lock_is_free_although_a_copy_of_its_file_is_open() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let lock = FileLock::try_take(File::create(&path).unwrap()).unwrap();
        let copy = lock.file().try_clone().unwrap();
        let other = || FileLock::try_take(File::open(&path).unwrap());
        assert!(matches!(other(), Err(TryLockError::WouldBlock)));
        drop(lock);
        other().unwrap();
        drop(copy);
    }
}
