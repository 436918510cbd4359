//! The hidden folder within the destination where files are made that a person asked for,
//! such as parts: on the same file system, so that a complete file appears under its name by
//! renaming. It is gone at the end, whichever way that comes; what a killed run leaves is cleared
//! by the next into the same destination. Not scratch: the user's disk.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::file_lock::FileLock;
use crate::model::ContentHash;
use crate::regular_file;
use crate::triage::sources::Sources;

/// Space at a destination that is never taken, in bytes.
pub const SPARE: u64 = 64 << 20;

const PREFIX: &str = ".pagesieve-";
const SUFFIX: &str = ".partial";
/// The lock within: free when the run that made the folder is dead. It also
/// tells such a folder from one that only has its name.
const LOCK: &str = "lock";
const MARK: &[u8] = b"parts that Pagesieve is making\n";

/// How often a folder is made anew that vanished while it was made.
const MOST_TRIES: u32 = 8;

/// The folder, for as long as parts are made.
pub struct Staging {
    dir: PathBuf,
    /// None only while it is dropped.
    lock: Option<FileLock>,
}

impl Staging {
    /// Makes the destination where it is missing, clears what dead runs left
    /// there, and makes a fresh folder in it.
    pub fn new(destination: &Path) -> io::Result<Self> {
        fs::create_dir_all(destination)?;
        clear(destination)?;
        let mut tries = 0;
        loop {
            match Self::make(destination) {
                // Another run that starts just now took it for a dead one's.
                Err(error)
                    if tries < MOST_TRIES
                        && matches!(
                            error.kind(),
                            io::ErrorKind::NotFound | io::ErrorKind::WouldBlock
                        ) =>
                {
                    tries += 1;
                }
                made => return made,
            }
        }
    }

    fn make(destination: &Path) -> io::Result<Self> {
        let made = tempfile::Builder::new()
            .prefix(PREFIX)
            .suffix(SUFFIX)
            .tempdir_in(destination)?;
        let lock = File::create_new(made.path().join(LOCK))?;
        let mut lock = FileLock::try_take(lock)?;
        lock.write_all(MARK)?;
        Ok(Self {
            dir: made.keep(),
            lock: Some(lock),
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.dir
    }

    /// Waits until what was written is on the disk. One call for many parts is
    /// hundreds of times faster than one for each.
    #[cfg(target_os = "linux")]
    pub fn flush(&self, _: &[&str]) -> io::Result<()> {
        Ok(rustix::fs::syncfs(File::open(&self.dir)?)?)
    }

    /// Waits until these files are on the disk.
    #[cfg(not(target_os = "linux"))]
    pub fn flush(&self, names: &[&str]) -> io::Result<()> {
        for name in names {
            File::options()
                .write(true)
                .open(self.dir.join(name))?
                .sync_all()?;
        }
        Ok(())
    }

    /// Removes a file that gets no name.
    pub fn discard(&self, name: &str) {
        // What stays goes with the folder.
        let _ = fs::remove_file(self.dir.join(name));
    }

    /// Gives a file its final name, unless something has that name.
    pub fn publish(&self, name: &str, to: &Path) -> io::Result<Published> {
        let made = tempfile::TempPath::try_from_path(self.dir.join(name))?;
        match made.persist_noclobber(to) {
            Ok(()) => Ok(Published::Done),
            Err(error) => {
                // It stays here for another name.
                let _ = error.path.keep();
                match error.error.kind() {
                    io::ErrorKind::AlreadyExists => Ok(Published::Taken),
                    _ => Err(error.error),
                }
            }
        }
    }

    /// Gives a file its final name, in place of one that may be there, unless that is
    /// a source, or no file at all but a device or a pipe: those stay, whatever was asked
    /// for.
    pub fn replace(&self, name: &str, to: &Path, sources: &Sources) -> io::Result<Published> {
        let is_other = fs::symlink_metadata(to).is_ok_and(|there| {
            let kind = there.file_type();
            !kind.is_file() && !kind.is_symlink()
        });
        if is_other || sources.include(to) {
            return Ok(Published::Taken);
        }
        fs::rename(self.dir.join(name), to)?;
        Ok(Published::Done)
    }
}

/// Whether a file has got its final name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// It has.
    Done,
    /// Another file has that name and keeps it.
    Taken,
}

impl Drop for Staging {
    fn drop(&mut self) {
        // Not everywhere can a file be removed that is open.
        self.lock = None;
        if let Err(error) = remove(&self.dir) {
            tracing::warn!(%error, "the folder for parts could not be removed");
        }
    }
}

/// Removes the folders of dead runs.
fn clear(destination: &Path) -> io::Result<()> {
    for entry in fs::read_dir(destination)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        // No link is followed: the type is the entry's own.
        let is_folder = entry.file_type()?.is_dir();
        if is_folder && name.starts_with(PREFIX) && name.ends_with(SUFFIX) && is_dead(&entry.path())
        {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

/// Removes a folder, its lock last: a run that is killed meanwhile leaves a
/// folder that is still known for ours.
fn remove(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name() != LOCK {
            fs::remove_file(entry.path())?;
        }
    }
    fs::remove_dir_all(folder)
}

/// A folder is ours where its lock has our mark; one that was killed at its very
/// beginning has nothing else in it and less of the mark.
fn is_dead(folder: &Path) -> bool {
    let lock = folder.join(LOCK);
    let read = || -> io::Result<Vec<u8>> {
        let mut mark = Vec::new();
        let longest = MARK.len() as u64 + 1;
        regular_file::open(&lock)?
            .take(longest)
            .read_to_end(&mut mark)?;
        Ok(mark)
    };
    let mark = match read() {
        Ok(mark) => mark,
        Err(error) if error.kind() == io::ErrorKind::NotFound => vec![],
        Err(_) => return false,
    };
    let just_begun = || {
        let entries = fs::read_dir(folder).map(|entries| entries.count());
        MARK.starts_with(&mark) && entries.is_ok_and(|count| count <= usize::from(lock.exists()))
    };
    let is_ours = mark == MARK || just_begun();
    is_ours && File::open(&lock).map_or(true, |lock| FileLock::try_take(lock).is_ok())
}

/// Bytes that can be used in a folder, or where it would be made.
pub fn free_at(folder: &Path) -> io::Result<u64> {
    // The nearest folder that is there already.
    let mut folder = folder;
    while !folder.exists() {
        folder = match folder.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
    }
    fs4::available_space(folder).map(|free| free.saturating_sub(SPARE))
}

/// Whether the system wrote nothing because there is no room.
pub fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

/// The BLAKE3 of a regular file; none where it cannot be read.
pub fn hash_of(path: &Path) -> Option<ContentHash> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(regular_file::open(path).ok()?).ok()?;
    Some(ContentHash(*hasher.finalize().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_dead_runs_go_and_others_stay() {
        let place = tempfile::tempdir().unwrap();
        let dead = place.path().join(".pagesieve-dead.partial");
        let foreign = place.path().join(".pagesieve-foreign.partial");
        for folder in [&dead, &foreign] {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join("part"), "x").unwrap();
        }
        fs::write(dead.join(LOCK), MARK).unwrap();
        // Killed before it had a lock, and before the lock had its mark.
        let begun = [".pagesieve-a.partial", ".pagesieve-b.partial"].map(|n| place.path().join(n));
        for folder in &begun {
            fs::create_dir(folder).unwrap();
        }
        fs::write(begun[1].join(LOCK), &MARK[..5]).unwrap();
        let living = Staging::new(place.path()).unwrap();
        assert!(!dead.exists() && !begun[0].exists() && !begun[1].exists());
        assert!(foreign.exists());
        let other = Staging::new(place.path()).unwrap();
        assert!(living.path().exists());
        drop(other);
        drop(living);
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
    }

    #[test]
    fn nothing_is_replaced_unasked() {
        let place = tempfile::tempdir().unwrap();
        let staging = Staging::new(place.path()).unwrap();
        let to = place.path().join("a.pdf");
        fs::write(&to, "old").unwrap();
        fs::write(staging.path().join("1"), "new").unwrap();
        assert_eq!(staging.publish("1", &to).unwrap(), Published::Taken);
        assert_eq!(fs::read(&to).unwrap(), b"old");
        let free = place.path().join("b.pdf");
        assert_eq!(staging.publish("1", &free).unwrap(), Published::Done);
        assert_eq!(fs::read(free).unwrap(), b"new");
    }

    #[test]
    fn sources_are_never_replaced() {
        let place = tempfile::tempdir().unwrap();
        let source = place.path().join("a.pdf");
        fs::write(&source, "source").unwrap();
        let sources = Sources::new([source.as_path()]);
        let staging = Staging::new(place.path()).unwrap();
        fs::write(staging.path().join("1"), "part").unwrap();
        let replaced = staging.replace("1", &source, &sources).unwrap();
        assert_eq!(replaced, Published::Taken);
        assert_eq!(fs::read(&source).unwrap(), b"source");
        #[cfg(unix)]
        {
            let pipe = place.path().join("pipe");
            let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
            let fifo = rustix::fs::FileType::Fifo;
            rustix::fs::mknodat(rustix::fs::CWD, &pipe, fifo, mode, 0).unwrap();
            let replaced = staging.replace("1", &pipe, &sources).unwrap();
            assert_eq!(replaced, Published::Taken);
            assert!(!fs::symlink_metadata(&pipe).unwrap().is_file());
            // Nor is one waited for that stands where a dead run's lock would.
            let folder = place.path().join(".pagesieve-x.partial");
            fs::create_dir(&folder).unwrap();
            rustix::fs::mknodat(rustix::fs::CWD, folder.join(LOCK), fifo, mode, 0).unwrap();
            drop(Staging::new(place.path()).unwrap());
            assert!(folder.exists());
        }
        let other = place.path().join("b.pdf");
        fs::write(&other, "old").unwrap();
        let replaced = staging.replace("1", &other, &sources).unwrap();
        assert_eq!(replaced, Published::Done);
        assert_eq!(fs::read(&other).unwrap(), b"part");
    }
}
