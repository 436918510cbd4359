//! The journal of deletions: when, what, whose, why and how many bytes, one JSON
//! object a line. Not for anything but deletions, and never in their way: where
//! the journal cannot be written, a warning goes to the log instead.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::marker;
use crate::file_lock::FileLock;
use crate::{private, regular_file};

/// At this size the journal becomes the old journal and a new one begins, so that
/// the two together stay below 2 MiB and a batch.
const ROTATE_AT: u64 = 1024 * 1024;
pub(super) const NAME: &str = "journal.jsonl";
pub(super) const OLD_NAME: &str = "journal.old.jsonl";

/// Why something was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Its owner was dead.
    Residue,
    /// A worker left it in its slot.
    Leftover,
    /// Other thumbnails needed the room and it was used least recently.
    Eviction,
    /// It was not used for longer than the policy allows.
    Age,
    /// The copy of the program that made it ended.
    Exit,
    /// A person or the program asked for it.
    Asked,
}

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Seconds since 1970 (UTC).
    pub when: i64,
    /// Path below the scratch directory, with `/` between folders.
    pub what: String,
    /// Whose it was: "copy 1f…", "batch 3 of 5f…" (a library).
    pub whose: String,
    /// Why it was deleted.
    pub why: Why,
    /// Bytes freed.
    pub bytes: u64,
    /// Files deleted.
    pub files: u64,
}

/// Writes the journal of one scratch directory.
#[derive(Debug)]
pub(super) struct Journal {
    dir: PathBuf,
}

impl Journal {
    pub(super) fn new(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
        }
    }

    /// Appends the entries with one write.
    pub(super) fn record(&self, entries: &[Entry]) {
        if entries.is_empty() {
            return;
        }
        if let Err(error) = self.append(entries) {
            for entry in entries {
                tracing::warn!(?entry, %error, "a deletion could not be journalled");
            }
        }
    }

    fn append(&self, entries: &[Entry]) -> io::Result<()> {
        let mut lines = Vec::new();
        for entry in entries {
            serde_json::to_writer(&mut lines, entry)?;
            lines.push(b'\n');
        }
        let path = self.dir.join(NAME);
        marker::keep(&self.dir)?;
        let file = open(&path)?;
        // Other copies write here as well; the lock keeps two from rotating at once.
        let mut lock = FileLock::wait(file)?;
        if fs::metadata(&path).is_ok_and(|metadata| metadata.len() >= ROTATE_AT) {
            fs::rename(&path, self.dir.join(OLD_NAME))?;
            return open(&path)?.write_all(&lines);
        }
        lock.write_all(&lines)
    }

    /// The latest entries, newest first. A line that cannot be read is passed
    /// over: a crash may have cut it.
    pub(super) fn latest(&self, most: usize) -> Vec<Entry> {
        let mut entries = Vec::new();
        for name in [NAME, OLD_NAME] {
            if entries.len() == most {
                break;
            }
            let Ok(text) = regular_file::read_to_string(&self.dir.join(name)) else {
                continue;
            };
            let read = text
                .lines()
                .rev()
                .filter_map(|line| serde_json::from_str(line).ok());
            entries.extend(read.take(most - entries.len()));
        }
        entries
    }

    /// Bytes that the journal takes up.
    pub(super) fn bytes(&self) -> u64 {
        [NAME, OLD_NAME]
            .iter()
            .filter_map(|name| fs::symlink_metadata(self.dir.join(name)).ok())
            .map(|metadata| super::tree::disk_bytes(&metadata))
            .sum()
    }
}

fn open(path: &Path) -> io::Result<File> {
    regular_file::allow_writing(path)?;
    private::options().append(true).create(true).open(path)
}

/// Seconds since 1970, for entries.
pub(super) fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| {
            i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(what: &str) -> Entry {
        Entry {
            when: now(),
            what: what.to_owned(),
            whose: "batch 1".to_owned(),
            why: Why::Asked,
            bytes: 1,
            files: 1,
        }
    }

    #[test]
    fn entries_come_back_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::new(dir.path());
        journal.record(&[entry("a"), entry("b")]);
        journal.record(&[entry("c")]);
        let text = fs::read_to_string(dir.path().join(NAME)).unwrap();
        let names: Vec<String> = text
            .lines()
            .map(|line| serde_json::from_str::<Entry>(line).unwrap().what)
            .collect();
        assert_eq!(names, ["a", "b", "c"]);
    }

    #[test]
    fn a_directory_that_was_emptied_is_marked_again_and_one_of_others_is_left() {
        let root = tempfile::tempdir().unwrap();
        let (ours, others) = (root.path().join("ours"), root.path().join("others"));
        marker::claim(&ours).unwrap();
        fs::remove_dir_all(&ours).unwrap();
        Journal::new(&ours).record(&[entry("a")]);
        marker::claim(&ours).unwrap();
        assert_eq!(Journal::new(&ours).latest(2).len(), 1);
        fs::create_dir(&others).unwrap();
        fs::write(others.join("letter"), "").unwrap();
        Journal::new(&others).record(&[entry("a")]);
        assert_eq!(fs::read_dir(&others).unwrap().count(), 1);
    }

    #[test]
    fn the_latest_come_first_and_a_cut_line_is_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::new(dir.path());
        journal.record(&[entry("a"), entry("b"), entry("c")]);
        let path = dir.path().join(NAME);
        fs::rename(&path, dir.path().join(OLD_NAME)).unwrap();
        journal.record(&[entry("d")]);
        fs::write(
            &path,
            fs::read_to_string(&path).unwrap() + "{\"when\":1,\"wh",
        )
        .unwrap();
        let names = |most| -> Vec<String> {
            let latest = journal.latest(most).into_iter();
            latest.map(|entry| entry.what).collect()
        };
        assert_eq!(names(10), ["d", "c", "b", "a"]);
        assert_eq!(names(2), ["d", "c"]);
        assert!(names(0).is_empty());
    }

    #[test]
    fn the_size_is_capped_and_the_old_half_kept() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::new(dir.path());
        let many: Vec<Entry> = (0..1000).map(|_| entry(&"x".repeat(200))).collect();
        for _ in 0..12 {
            journal.record(&many);
        }
        journal.record(&[entry("last")]);
        let length = |name| fs::metadata(dir.path().join(name)).unwrap().len();
        assert!(length(NAME) < 2 * ROTATE_AT);
        assert!((ROTATE_AT..2 * ROTATE_AT).contains(&length(OLD_NAME)));
        let text = fs::read_to_string(dir.path().join(NAME)).unwrap();
        assert!(text.lines().last().unwrap().contains("\"last\""));
    }
}
