//! Watched folders: which files have come into them and settled since the last look. Looks
//! again and again instead of being told, for shares on a network tell nobody. Reads names,
//! sizes and times, and changes nothing. Not for taking files in (`ingest`), for moving them
//! afterwards (`triage::moving`), nor for keeping which folders are watched (`library`).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::super::intake;
use crate::model::{BatchId, WatchedFolder};

/// Between the end of a look and the next one, at least.
const LOOK_AFTER: Duration = Duration::from_secs(1);

/// And so many times as long as the last look took: a large folder on a slow share is not
/// looked into all the time.
const REST: u32 = 10;

/// A file is taken in once nobody has changed it for so long: longer than copying pauses.
const SETTLED_AFTER: Duration = Duration::from_secs(4);

/// How names end that browsers and copying programs give to what is not whole yet.
const UNFINISHED: [&str; 6] = [
    ".part",
    ".partial",
    ".filepart",
    ".crdownload",
    ".download",
    ".tmp",
];

/// Size in bytes, and when it was changed, in nanoseconds since 1970 (UTC).
type State = (u64, i64);

/// The folders that are watched.
#[derive(Debug, Default)]
pub struct Watching {
    batches: BTreeMap<BatchId, Watched>,
    /// Those that are watched only until the program ends.
    for_now: Vec<WatchedFolder>,
    /// A look is on its way.
    looking: bool,
    /// When the next one begins.
    next: Option<Instant>,
}

/// The watched folders of a batch.
#[derive(Debug, Default)]
struct Watched {
    folders: Vec<PathBuf>,
    /// Where files go from there once they are analysed; none: they stay.
    moved_to: Option<PathBuf>,
    files: HashMap<PathBuf, File>,
    /// Those that could not be read at the last look.
    unreadable: HashSet<PathBuf>,
}

/// A file that was seen.
#[derive(Clone, Copy, Debug)]
struct File {
    state: State,
    /// When it was first seen so.
    since: Instant,
    /// It was handed on in this state.
    is_taken: bool,
}

/// What was seen in the folders of one batch.
#[derive(Debug, Default)]
struct Seen {
    files: Vec<(PathBuf, State)>,
    unreadable: HashSet<PathBuf>,
}

/// What a look into all watched folders has seen.
#[derive(Debug)]
pub struct Look {
    took: Duration,
    batches: Vec<(BatchId, Seen)>,
}

/// Files that have settled.
#[derive(Debug, PartialEq, Eq)]
pub struct Settled {
    /// The batch that takes them in.
    pub batch: BatchId,
    /// All of its watched folders.
    pub folders: Vec<PathBuf>,
    /// The files.
    pub files: HashSet<PathBuf>,
}

/// What comes of a look.
#[derive(Debug, Default)]
pub struct Found {
    /// What is to be taken in.
    pub settled: Vec<Settled>,
    /// What a person should know, in sentences.
    pub said: Vec<String>,
}

impl Watching {
    /// Watches folders until the program ends; [`Watching::follow`] begins with it.
    pub fn watch(&mut self, folders: impl IntoIterator<Item = WatchedFolder>) {
        self.for_now.extend(folders);
    }

    /// Watches the folders of a batch no more.
    pub fn stop(&mut self, batch: BatchId) {
        self.for_now.retain(|watched| watched.batch != batch);
        self.batches.remove(&batch);
    }

    /// Watches these folders for good, and those until the program ends.
    pub fn follow(&mut self, for_good: Vec<WatchedFolder>) {
        let all = self.for_now.iter().chain(&for_good);
        let mut batches: BTreeMap<BatchId, (Vec<PathBuf>, Option<PathBuf>)> = BTreeMap::new();
        for watched in all {
            let (folders, moved_to) = batches.entry(watched.batch).or_default();
            if !folders.contains(&watched.folder) {
                folders.push(watched.folder.clone());
            }
            if moved_to.is_none() {
                moved_to.clone_from(&watched.moved_to);
            }
        }
        self.batches.retain(|batch, _| batches.contains_key(batch));
        for (batch, (folders, moved_to)) in batches {
            let watched = self.batches.entry(batch).or_default();
            (watched.folders, watched.moved_to) = (folders, moved_to);
        }
        self.next = None;
    }

    /// All that is watched.
    pub fn watched(&self) -> Vec<WatchedFolder> {
        let batches = self.batches.iter();
        let folders = batches.flat_map(|(batch, watched)| {
            let folders = watched.folders.iter();
            folders.map(|folder| WatchedFolder {
                batch: *batch,
                folder: folder.clone(),
                moved_to: watched.moved_to.clone(),
            })
        });
        folders.collect()
    }

    /// The watched folders of a batch, and where files go from there; none where they stay.
    pub fn moves(&self, batch: BatchId) -> Option<(&[PathBuf], &Path)> {
        let watched = self.batches.get(&batch)?;
        Some((&watched.folders, watched.moved_to.as_deref()?))
    }

    /// How long until the next look; none where none is to begin.
    pub fn next_look(&self, now: Instant) -> Option<Duration> {
        if self.looking || self.batches.is_empty() {
            return None;
        }
        let next = self.next.unwrap_or(now);
        Some(next.saturating_duration_since(now))
    }

    /// The folders to look into, once a look is due.
    pub fn begin(&mut self, now: Instant) -> Option<Vec<(BatchId, Vec<PathBuf>)>> {
        if self.next_look(now) != Some(Duration::ZERO) {
            return None;
        }
        self.looking = true;
        let batches = self.batches.iter();
        let folders = batches.map(|(batch, watched)| (*batch, watched.folders.clone()));
        Some(folders.collect())
    }

    /// A look has come to nothing.
    pub fn look_failed(&mut self, now: Instant) {
        self.looking = false;
        self.next = Some(now + LOOK_AFTER);
    }

    /// A look has ended.
    pub fn looked(&mut self, look: Look, now: Instant) -> Found {
        self.looking = false;
        self.next = Some(now + LOOK_AFTER.max(look.took * REST));
        let mut found = Found::default();
        for (batch, seen) in look.batches {
            let Some(watched) = self.batches.get_mut(&batch) else {
                continue;
            };
            let unreadable = seen.unreadable.difference(&watched.unreadable);
            found.said.extend(unreadable.map(|folder| {
                let folder = folder.display();
                format!("{folder} is watched and cannot be read; it is tried again.")
            }));
            let files = watched.settled(seen, now);
            if !files.is_empty() {
                found.settled.push(Settled {
                    batch,
                    folders: watched.folders.clone(),
                    files,
                });
            }
        }
        found
    }
}

impl Watched {
    /// Files that have been as they are for long enough, each state of each once.
    fn settled(&mut self, seen: Seen, now: Instant) -> HashSet<PathBuf> {
        let mut files = HashMap::with_capacity(seen.files.len());
        let mut settled = HashSet::new();
        for (path, state) in seen.files {
            let known = self.files.remove(&path);
            let mut file = known.filter(|file| file.state == state).unwrap_or(File {
                state,
                since: now,
                is_taken: false,
            });
            if !file.is_taken && now.saturating_duration_since(file.since) >= SETTLED_AFTER {
                file.is_taken = true;
                settled.insert(path.clone());
            }
            files.insert(path, file);
        }
        // Nothing has gone from a folder only because it could not be read.
        let gone = self.files.drain();
        let hidden = gone.filter(|(path, _)| {
            let mut folders = seen.unreadable.iter();
            folders.any(|folder| path.starts_with(folder))
        });
        files.extend(hidden);
        self.files = files;
        self.unreadable = seen.unreadable;
        settled
    }
}

/// Looks into folders.
pub fn look(folders: Vec<(BatchId, Vec<PathBuf>)>) -> Look {
    let began = Instant::now();
    let seen = |(batch, folders): (BatchId, Vec<PathBuf>)| {
        let mut seen = Seen::default();
        folders.iter().for_each(|folder| seen.look_into(folder));
        (batch, seen)
    };
    let batches = folders.into_iter().map(seen).collect();
    Look {
        took: began.elapsed(),
        batches,
    }
}

impl Seen {
    fn look_into(&mut self, folder: &Path) {
        for entry in intake::below(folder) {
            let entry = match entry {
                Ok(entry) if entry.depth() == 0 && !entry.file_type().is_dir() => {
                    self.unreadable.insert(folder.to_owned());
                    return;
                }
                Ok(entry) => entry,
                Err(error) => {
                    let unreadable = error.path().unwrap_or(folder);
                    self.unreadable.insert(unreadable.to_owned());
                    continue;
                }
            };
            // What has gone meanwhile is not there.
            if entry.file_type().is_file()
                && !is_unfinished(entry.path())
                && let Ok(metadata) = entry.metadata()
            {
                let state = (metadata.len(), intake::modified(&metadata));
                self.files.push((entry.into_path(), state));
            }
        }
    }
}

fn is_unfinished(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.to_ascii_lowercase();
    UNFINISHED.iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BATCH: BatchId = BatchId(1);

    fn of(batch: BatchId, folder: impl AsRef<Path>) -> WatchedFolder {
        WatchedFolder {
            batch,
            folder: folder.as_ref().to_owned(),
            moved_to: None,
        }
    }

    fn watching(folder: &Path) -> Watching {
        let mut watching = Watching::default();
        watching.follow(vec![of(BATCH, folder)]);
        watching
    }

    /// Looks at this time; the names of what has settled.
    fn settled(watching: &mut Watching, now: Instant) -> Vec<String> {
        let folders = watching.begin(now).expect("a look is due");
        assert_eq!(watching.next_look(now), None, "one at a time");
        let found = watching.looked(look(folders), now);
        let files = found.settled.into_iter().flat_map(|settled| settled.files);
        let name = |path: PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
        let mut names: Vec<String> = files.map(name).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_taken_in_once_nobody_changes_it_any_more() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text);
        write("a.pdf", "1").unwrap();
        write("b.pdf.part", "1").unwrap();
        write(".hidden.pdf", "1").unwrap();
        let mut watching = watching(folder.path());
        let mut now = Instant::now();
        let mut next = |watching: &mut Watching| {
            now += SETTLED_AFTER + LOOK_AFTER * 10;
            settled(watching, now)
        };
        assert_eq!(next(&mut watching), [""; 0], "seen for the first time");
        write("a.pdf", "12").unwrap();
        assert_eq!(next(&mut watching), [""; 0], "it grows");
        assert_eq!(next(&mut watching), ["a.pdf"]);
        assert_eq!(next(&mut watching), [""; 0], "once");
        std::fs::rename(
            folder.path().join("b.pdf.part"),
            folder.path().join("b.pdf"),
        )
        .unwrap();
        assert_eq!(next(&mut watching), [""; 0]);
        assert_eq!(next(&mut watching), ["b.pdf"]);
        write("a.pdf", "123").unwrap();
        assert_eq!(next(&mut watching), [""; 0]);
        assert_eq!(next(&mut watching), ["a.pdf"], "it has changed");
    }

    #[test]
    fn a_share_that_goes_and_comes_back_brings_nothing_new() {
        let place = tempfile::tempdir().unwrap();
        let (share, away) = (place.path().join("share"), place.path().join("away"));
        std::fs::create_dir(&share).unwrap();
        std::fs::write(share.join("a.pdf"), "1").unwrap();
        let mut watching = watching(&share);
        let mut now = Instant::now();
        let mut look_later = |watching: &mut Watching| {
            now += SETTLED_AFTER + LOOK_AFTER * 10;
            let folders = watching.begin(now).unwrap();
            watching.looked(look(folders), now)
        };
        look_later(&mut watching);
        assert_eq!(look_later(&mut watching).settled.len(), 1);
        std::fs::rename(&share, &away).unwrap();
        let gone = look_later(&mut watching);
        assert!(
            gone.said[0].contains("cannot be read; it is tried again"),
            "{:?}",
            gone.said
        );
        assert!(look_later(&mut watching).said.is_empty(), "said once");
        std::fs::rename(&away, &share).unwrap();
        for _ in 0..3 {
            let back = look_later(&mut watching);
            assert!(back.settled.is_empty() && back.said.is_empty());
        }
    }

    #[test]
    fn what_is_watched_is_followed_and_a_slow_look_is_rested_from() {
        let mut watching = Watching::default();
        let now = Instant::now();
        assert_eq!(watching.next_look(now), None);
        watching.watch([of(BatchId(2), "/now")]);
        let expected = vec![of(BATCH, "/good"), of(BatchId(2), "/now")];
        watching.follow(expected.clone());
        assert_eq!(watching.watched(), expected);
        assert!(watching.begin(now).is_some());
        let look = Look {
            took: Duration::from_secs(5),
            batches: vec![],
        };
        watching.looked(look, now);
        assert_eq!(watching.next_look(now), Some(Duration::from_secs(50)));
        watching.stop(BatchId(2));
        watching.follow(vec![]);
        assert_eq!(watching.watched(), []);
        assert_eq!(watching.next_look(now), None);
    }
}
