//! Files that were fetched from elsewhere, for as long as there is room for them: each under
//! a lease, known by a key. What was used least recently gives way, and can be fetched again.
//! Not for fetching (`objects`).
//!
//! A file may be open while it gives way: whoever reads it reads to its end. Workers do so
//! at once, so that its bytes are on the disk only a moment longer.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};

use super::budget::{Owner, Purpose, Shortage};
use super::journal::Why;
use super::report::{Removed, SweepReport};
use super::{Lease, Scratch, Shared, lock, shelf};
use crate::private;

/// Below the directory of a copy.
pub(super) const DIRECTORY: &str = "fetched";

/// At most one part in so many of the budget is kept of them, unless a single one is larger.
const SHARE: u64 = 4;

/// Why there is no file to write to.
#[derive(Debug, thiserror::Error)]
pub enum FetchedError {
    /// There is no room for it now.
    #[error(transparent)]
    Shortage(#[from] Shortage),
    /// The system refused something.
    #[error("a file in scratch cannot be made: {0}")]
    Io(#[from] io::Error),
}

/// The files that this copy has fetched. Clones are the same; with the last one they are gone.
#[derive(Clone, Debug)]
pub struct Fetched {
    shared: Arc<Shared>,
    files: Arc<Files>,
}

/// The files, as scratch knows of them to have them give way.
#[derive(Debug, Default)]
pub(super) struct Files(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    by_key: HashMap<String, Kept>,
    /// Grows with each use.
    clock: u64,
    /// How many files there have been: the next one's name.
    made: u64,
}

/// A file that goes with this value.
#[derive(Debug)]
struct Kept {
    path: PathBuf,
    /// What it takes up on the disk.
    bytes: u64,
    used: u64,
    /// Ends after the file is gone.
    lease: Lease,
}

impl Drop for Kept {
    fn drop(&mut self) {
        // What cannot be removed now goes with the copy's directory.
        let _ = fs::remove_file(&self.path);
    }
}

impl Scratch {
    /// Nothing yet, and room for what is fetched.
    pub fn fetched(&self) -> Fetched {
        let files = Arc::new(Files::default());
        lock(&self.shared.fetched).push(Arc::downgrade(&files));
        Fetched {
            shared: Arc::clone(&self.shared),
            files,
        }
    }
}

impl Fetched {
    /// Opens the file of this key for reading; none where it is not there, or not any more.
    pub fn open(&self, key: &str) -> Option<File> {
        let mut known = lock(&self.files.0);
        let now = known.tick();
        let kept = known.by_key.get_mut(key)?;
        kept.used = now;
        File::open(&kept.path).ok()
    }

    /// Whether so many bytes more are kept without having others give way.
    pub fn has_room(&self, bytes: u64) -> bool {
        let most = self.shared.ledger.lock().budget() / SHARE;
        self.files.bytes().saturating_add(shelf::in_blocks(bytes)) <= most
    }

    /// A file for so many bytes. Others give way where that helps.
    pub fn begin(&self, bytes: u64) -> Result<Fetching, FetchedError> {
        let bytes = shelf::in_blocks(bytes);
        let most = self.shared.ledger.lock().budget() / SHARE;
        let kept = self.files.bytes();
        if kept.saturating_add(bytes) > most {
            let surplus = kept.saturating_add(bytes) - most;
            self.files.give_way(&self.shared, surplus);
        }
        let scratch = Scratch {
            shared: Arc::clone(&self.shared),
        };
        let lease = scratch.lease(Owner::Fetched, Purpose::Fetched, bytes)?;
        let folder = self.shared.own.dir.join(DIRECTORY);
        private::create_dir_all(&folder)?;
        let path = folder.join(lock(&self.files.0).next_name());
        let file = private::create_new(&path)?;
        let kept = Kept {
            path,
            bytes,
            used: 0,
            lease,
        };
        Ok(Fetching {
            fetched: self.clone(),
            written: 0,
            file,
            kept,
        })
    }

    /// Drops the file of this key.
    pub fn forget(&self, key: &str) {
        let forgotten = lock(&self.files.0).by_key.remove(key);
        drop(forgotten);
    }
}

/// A file that is being fetched: gone with this value unless it is kept.
#[derive(Debug)]
pub struct Fetching {
    fetched: Fetched,
    file: File,
    written: u64,
    kept: Kept,
}

impl Fetching {
    /// Bytes that were written.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Writes what comes next. More than was asked for is an error
    /// ([`io::ErrorKind::FileTooLarge`]).
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let written = self.written + bytes.len() as u64;
        if written > self.kept.bytes {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.file.write_all(bytes)?;
        self.written = written;
        self.kept.lease.record_written(written);
        Ok(())
    }

    /// Keeps the file under a key, in place of what had it, and opens it for reading.
    pub fn keep(self, key: String) -> io::Result<File> {
        let Self {
            fetched, mut kept, ..
        } = self;
        let file = File::open(&kept.path)?;
        let mut known = lock(&fetched.files.0);
        kept.used = known.tick();
        let before = known.by_key.insert(key, kept);
        drop(known);
        drop(before);
        Ok(file)
    }
}

impl Known {
    fn tick(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }

    fn next_name(&mut self) -> String {
        self.made += 1;
        // Another place for fetched files may be in the same directory.
        format!("{}-{}", self.made, super::random_id())
    }
}

impl Files {
    fn bytes(&self) -> u64 {
        let known = lock(&self.0);
        let bytes = known.by_key.values().map(|kept| kept.bytes);
        bytes.fold(0, u64::saturating_add)
    }

    /// Drops those that were used least recently until `missing` bytes are freed. Returns the
    /// bytes freed.
    fn give_way(&self, shared: &Shared, missing: u64) -> u64 {
        let mut doomed = Vec::new();
        let mut freed: u64 = 0;
        {
            let mut known = lock(&self.0);
            let mut by_use: Vec<(u64, String)> = known
                .by_key
                .iter()
                .map(|(key, kept)| (kept.used, key.clone()))
                .collect();
            by_use.sort_unstable();
            for (_, key) in by_use {
                if freed >= missing {
                    break;
                }
                if let Some(kept) = known.by_key.remove(&key) {
                    freed = freed.saturating_add(kept.bytes);
                    doomed.push(kept);
                }
            }
        }
        let mut report = SweepReport::default();
        for kept in doomed {
            report.removed.push(Removed {
                path: shared.place.relative(&kept.path),
                whose: format!("copy {}", shared.own.id),
                why: Why::Eviction,
                bytes: kept.bytes,
                files: 1,
            });
        }
        shared.place.journal.record(&report.entries());
        freed
    }
}

impl Shared {
    /// Has fetched files give way until `missing` bytes are freed. Returns the bytes freed.
    pub(super) fn give_up_fetched(&self, missing: u64) -> u64 {
        let places: Vec<Arc<Files>> = {
            let mut places = lock(&self.fetched);
            places.retain(|place| place.strong_count() > 0);
            places.iter().filter_map(Weak::upgrade).collect()
        };
        let mut freed: u64 = 0;
        for place in places {
            if freed < missing {
                freed = freed.saturating_add(place.give_way(self, missing - freed));
            }
        }
        freed
    }

    /// Where fetched files of this copy are.
    pub(super) fn fetched_dir(&self) -> PathBuf {
        let own: &Path = &self.own.dir;
        own.join(DIRECTORY)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::scratch::{ScratchSettings, ShortageCause};

    fn scratch(budget: u64) -> (tempfile::TempDir, Scratch) {
        let dir = tempfile::tempdir().unwrap();
        let settings = ScratchSettings {
            dir: dir.path().join("scratch"),
            budget: Some(budget),
            floor: Some(0),
            offered: None,
        };
        let scratch = Scratch::open(settings).unwrap().0;
        (dir, scratch)
    }

    fn fetch(fetched: &Fetched, key: &str, bytes: usize) -> Result<File, FetchedError> {
        let mut fetching = fetched.begin(bytes as u64)?;
        fetching.write(&vec![7; bytes])?;
        Ok(fetching.keep(key.to_owned())?)
    }

    #[test]
    fn what_was_used_least_recently_gives_way_and_is_read_to_its_end() {
        let (_dir, scratch) = scratch(400 << 10);
        let fetched = scratch.fetched();
        let mut first = fetch(&fetched, "first", 40 << 10).unwrap();
        fetch(&fetched, "second", 40 << 10).unwrap();
        assert!(fetched.open("first").is_some());
        fetch(&fetched, "third", 40 << 10).unwrap();
        assert!(fetched.open("second").is_none(), "a quarter is kept");
        assert!(fetched.open("third").is_some());
        // One that is larger than that share has all others give way.
        fetch(&fetched, "large", 300 << 10).unwrap();
        assert!(fetched.open("first").is_none());
        let mut bytes = Vec::new();
        first.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes.len(), 40 << 10);
        // Other work comes first.
        let lease = scratch.lease(Owner::Replay, Purpose::Replay, 200 << 10);
        assert!(lease.is_ok() && fetched.open("large").is_none());
        match fetched.begin(1 << 20) {
            Err(FetchedError::Shortage(short)) => assert_eq!(short.cause, ShortageCause::TooLarge),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_not_kept_leaves_nothing_and_nothing_outgrows_its_lease() {
        let (_dir, scratch) = scratch(1 << 20);
        let fetched = scratch.fetched();
        let mut fetching = fetched.begin(10).unwrap();
        fetching.write(b"0123456789").unwrap();
        assert_eq!(fetching.written(), 10);
        let more = fetching.write(&[0; 8 << 10]).unwrap_err();
        assert_eq!(more.kind(), io::ErrorKind::FileTooLarge);
        drop(fetching);
        fetch(&fetched, "kept", 10).unwrap();
        fetch(&fetched, "kept", 20).unwrap();
        let files = || fs::read_dir(scratch.shared.fetched_dir()).unwrap().count();
        assert_eq!(files(), 1);
        fetched.forget("kept");
        assert_eq!(files(), 0);
        assert_eq!(scratch.shared.ledger.lock().held(), 0);
    }
}
