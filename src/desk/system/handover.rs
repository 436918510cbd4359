//! One window for each library: a second start hands its files to the first and ends.
//! The first holds a lock beside the library and looks into a folder there, which only
//! this user may read; nothing goes over a network. A window that closes looks no more, and
//! a start in that moment waits until it is gone. Not for the library's own lock, which
//! the command line takes as well (`library`).

use std::collections::VecDeque;
use std::fs::{self, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{RecvTimeoutError, Sender, bounded};
use serde::{Deserialize, Serialize};

use crate::file_lock::FileLock;
use crate::model::lossless_path;
use crate::triage::whole;
use crate::{private, regular_file};

/// The folder within the library's, and the file in it that the first window locks.
const FOLDER: &str = "window";
const LOCK: &str = "lock";

/// Ending of the files that a second start leaves for the first.
const REQUEST: &str = "request";

/// How often the first window looks. One look costs some microseconds.
const EVERY: Duration = Duration::from_millis(200);

/// How long a second start waits for the first to take what it brings, or to be gone.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a second start brings.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Request {
    paths: Vec<Named>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Named(#[serde(with = "lossless_path")] PathBuf);

/// Who has the window of a library.
#[derive(Debug)]
pub enum Turn {
    /// This process; the lock lasts as long as this does.
    Ours(Place),
    /// Another process, which has taken the files and comes to the front.
    Theirs,
    /// Another process, which does not answer.
    Silent,
}

/// The place of the first window.
#[derive(Debug)]
pub struct Place {
    folder: PathBuf,
    _lock: FileLock,
}

/// What second starts bring while the window is open. While this is held, the place is: a
/// window that closes drops it last.
#[derive(Debug)]
pub struct Guests {
    brought: Brought,
    /// Dropped, it ends the thread.
    _stop: Sender<()>,
    _place: Place,
}

/// What has been brought and nobody has asked for yet; none once nothing is taken any more.
#[derive(Clone, Debug)]
struct Brought(Arc<Mutex<Option<VecDeque<Vec<PathBuf>>>>>);

impl Brought {
    fn lock(&self) -> MutexGuard<'_, Option<VecDeque<Vec<PathBuf>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes the place of the window of a library, or hands `paths` to the process that has it.
///
/// # Errors
///
/// Where nothing can be written beside the library.
pub fn take_turn(library: &Path, paths: &[PathBuf]) -> io::Result<Turn> {
    let folder = library.join(FOLDER);
    private::create_dir_all(&folder)?;
    match take_place(&folder)? {
        Some(place) => Ok(Turn::Ours(place)),
        None => hand_over(&folder, paths),
    }
}

/// Takes the place; none where another process has it.
fn take_place(folder: &Path) -> io::Result<Option<Place>> {
    let path = folder.join(LOCK);
    regular_file::allow_writing(&path)?;
    let file = private::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)?;
    match FileLock::try_take(file) {
        Ok(lock) => {
            remove_old(folder);
            Ok(Some(Place {
                folder: folder.to_owned(),
                _lock: lock,
            }))
        }
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn hand_over(folder: &Path, paths: &[PathBuf]) -> io::Result<Turn> {
    let paths = paths.iter().map(|path| whole(path).map(Named));
    let request = Request {
        paths: paths.collect::<io::Result<_>>()?,
    };
    // Whole before it has the ending that is looked for.
    let mut file = tempfile::Builder::new().tempfile_in(folder)?;
    serde_json::to_writer(&mut file, &request)?;
    let path = folder.join(format!("{}.{REQUEST}", std::process::id()));
    file.persist(&path)?;
    let until = Instant::now() + PATIENCE;
    while path.exists() {
        // The first was closing, and is gone.
        if let Ok(Some(place)) = take_place(folder) {
            let _ = fs::remove_file(&path);
            return Ok(Turn::Ours(place));
        }
        if Instant::now() >= until {
            // Taken in this moment after all, if it is gone.
            return Ok(match fs::remove_file(&path) {
                Ok(()) => Turn::Silent,
                Err(_) => Turn::Theirs,
            });
        }
        thread::sleep(EVERY / 10);
    }
    Ok(Turn::Theirs)
}

impl Place {
    /// Looks for what second starts bring, on a thread of its own, and calls `wake` for each.
    ///
    /// # Errors
    ///
    /// Where the system gives no thread.
    pub fn listen(self, wake: impl Fn() + Send + 'static) -> io::Result<Guests> {
        let brought = Brought(Arc::new(Mutex::new(Some(VecDeque::new()))));
        let (stop, stopped) = bounded::<()>(0);
        let (folder, into) = (self.folder.clone(), brought.clone());
        thread::Builder::new()
            .name("second starts".into())
            .spawn(move || {
                while stopped.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                    // Held while requests are taken: none is, once the window closes.
                    let mut brought = into.lock();
                    let Some(waiting) = brought.as_mut() else {
                        return;
                    };
                    let before = waiting.len();
                    waiting.extend(take(&folder));
                    if waiting.len() > before {
                        wake();
                    }
                }
            })?;
        Ok(Guests {
            brought,
            _stop: stop,
            _place: self,
        })
    }
}

impl Guests {
    /// What the next second start has brought: perhaps no paths at all.
    pub fn next(&self) -> Option<Vec<PathBuf>> {
        self.brought.lock().as_mut()?.pop_front()
    }

    /// Takes nothing more: the window closes. False, and nothing has changed, where something
    /// was brought that nobody has asked for yet: who brought it relies on the window.
    pub fn close(&self) -> bool {
        let mut brought = self.brought.lock();
        let is_clear = brought.as_ref().is_none_or(VecDeque::is_empty);
        if is_clear {
            *brought = None;
        }
        is_clear
    }
}

fn requests(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == REQUEST))
}

/// Takes all requests away, in no order.
fn take(folder: &Path) -> impl Iterator<Item = Vec<PathBuf>> {
    requests(folder).filter_map(|path| {
        let text = regular_file::read_to_string(&path);
        if let Err(error) = fs::remove_file(&path) {
            tracing::warn!(%error, "what a second start brought cannot be taken away");
            return None;
        }
        match serde_json::from_str::<Request>(&text.ok()?) {
            Ok(request) => Some(request.paths.into_iter().map(|Named(path)| path).collect()),
            Err(error) => {
                tracing::warn!(%error, "what a second start brought cannot be read");
                None
            }
        }
    })
}

/// Removes what was meant for a window that is gone: who left it waits no longer.
fn remove_old(folder: &Path) {
    for path in requests(folder) {
        let left = fs::metadata(&path).and_then(|data| data.modified());
        let age = left.ok().and_then(|left| left.elapsed().ok());
        if age.is_none_or(|age| age > PATIENCE) {
            let _ = fs::remove_file(&path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_start_hands_its_files_to_the_first() {
        let library = tempfile::tempdir().unwrap();
        let Turn::Ours(place) = take_turn(library.path(), &[]).unwrap() else {
            panic!("the place is free");
        };
        let (woken, wake) = bounded(1);
        let guests = place.listen(move || woken.send(()).unwrap()).unwrap();
        let brought = [PathBuf::from("/a/letter.pdf"), PathBuf::from("/b")];
        let turn = take_turn(library.path(), &brought).unwrap();
        assert!(matches!(turn, Turn::Theirs));
        wake.recv().unwrap();
        assert_eq!(guests.next().as_deref(), Some(&brought[..]));
        assert_eq!(guests.next(), None);
        drop(guests);
        let turn = take_turn(library.path(), &brought).unwrap();
        assert!(matches!(turn, Turn::Ours(_)));
    }

    #[test]
    fn a_window_that_closes_takes_nothing_and_the_next_start_has_its_place() {
        let library = tempfile::tempdir().unwrap();
        let Turn::Ours(place) = take_turn(library.path(), &[]).unwrap() else {
            panic!("the place is free");
        };
        let guests = place.listen(|| {}).unwrap();
        assert!(guests.close());
        let (folder, path) = (library.path().join(FOLDER), library.path().to_owned());
        let second = thread::spawn(move || take_turn(&path, &["/a/letter.pdf".into()]));
        while requests(&folder).next().is_none() {
            thread::yield_now();
        }
        // As the session ends, and everything with it.
        drop(guests);
        assert!(matches!(second.join().unwrap().unwrap(), Turn::Ours(_)));
        assert_eq!(requests(&folder).count(), 0);
    }

    #[test]
    fn a_window_does_not_close_over_what_was_just_brought() {
        let library = tempfile::tempdir().unwrap();
        let Turn::Ours(place) = take_turn(library.path(), &[]).unwrap() else {
            panic!("the place is free");
        };
        let guests = place.listen(|| {}).unwrap();
        let turn = take_turn(library.path(), &["/a/letter.pdf".into()]).unwrap();
        assert!(matches!(turn, Turn::Theirs));
        assert!(!guests.close());
        assert!(guests.next().is_some());
        assert!(guests.close());
    }

    #[test]
    fn a_window_that_does_not_look_is_silent_and_gets_nothing_later() {
        let library = tempfile::tempdir().unwrap();
        let first = take_turn(library.path(), &[]).unwrap();
        let turn = take_turn(library.path(), &[]).unwrap();
        assert!(matches!(turn, Turn::Silent));
        assert_eq!(take(&library.path().join(FOLDER)).count(), 0);
        drop(first);
    }
}
