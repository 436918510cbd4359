//! The marker that makes a directory ours: nothing is ever deleted in a directory
//! without it. Not for locks or for anything that changes while running.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::ScratchError;
use super::tree;
use crate::{private, regular_file};

/// Name of the marker in the scratch directory.
pub(super) const NAME: &str = "pagesieve-scratch.json";
const PROGRAM: &str = "pagesieve";

/// Another copy that marks the same directory now needs a moment between creating
/// the file and filling it.
const READ_ATTEMPTS: u32 = 10;
const READ_PAUSE: Duration = Duration::from_millis(20);

/// The content of the marker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Marker {
    program: String,
    owner: String,
    /// Device and inode of the directory itself; 0 where there are none.
    device: u64,
    inode: u64,
    /// When the directory was made, nanoseconds since 1970; none where the file
    /// system does not tell. Some file systems get a new device number with each
    /// mount, so a changed device alone is no proof of a copy: the same inode
    /// with the same birth is the same directory.
    #[serde(default)]
    born: Option<u64>,
}

impl Marker {
    fn for_directory(dir: &Path, owner: String) -> io::Result<Self> {
        let metadata = fs::symlink_metadata(dir)?;
        let (device, inode, _) = tree::identity(&metadata);
        let born = metadata
            .created()
            .ok()
            .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
            .and_then(|since| u64::try_from(since.as_nanos()).ok());
        Ok(Self {
            program: PROGRAM.to_owned(),
            owner,
            device,
            inode,
            born,
        })
    }

    /// The marker was made for the directory that `here` describes.
    fn belongs_to(&self, here: &Self) -> bool {
        let same_device = self.device == here.device;
        let same_birth = self.born.is_some() && self.born == here.born;
        self.program == PROGRAM && self.inode == here.inode && (same_device || same_birth)
    }
}

/// Makes sure that `dir` carries our marker: a missing or empty directory gets
/// one, a directory with foreign content or a copied marker is refused.
pub(super) fn claim(dir: &Path) -> Result<(), ScratchError> {
    private::create_dir_all(dir).map_err(ScratchError::io("create", dir))?;
    let path = dir.join(NAME);
    for _ in 0..READ_ATTEMPTS {
        match read(&path) {
            Ok(Some(marker)) => return check(dir, &marker),
            Ok(None) if !path.exists() => {
                if !is_empty(dir)? {
                    // Another copy may have marked it since: look again.
                    if path.exists() {
                        continue;
                    }
                    return Err(not_ours(dir, "it is not empty and has no marker"));
                }
                match write(dir, &path) {
                    Ok(()) => return Ok(()),
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                    Err(error) => return Err(ScratchError::io("mark", dir)(error)),
                }
            }
            Ok(None) => {}
            Err(error) => return Err(ScratchError::io("read the marker of", dir)(error)),
        }
        std::thread::sleep(READ_PAUSE);
    }
    // A marker without content and nothing beside it: whoever began it died.
    let alone = fs::read_dir(dir)
        .map_err(ScratchError::io("read", dir))?
        .count()
        == 1;
    let empty = fs::symlink_metadata(&path).is_ok_and(|m| m.is_file() && m.len() == 0);
    if alone && empty {
        fs::remove_file(&path)
            .and_then(|()| write(dir, &path))
            .map_err(ScratchError::io("mark", dir))
    } else {
        Err(not_ours(dir, "its marker cannot be read"))
    }
}

/// Makes sure that `dir` still carries our marker, before a file is made beside it: whoever
/// empties the directory while the program runs takes the marker too, and with anything but
/// the marker in it the next start would refuse it.
pub(super) fn keep(dir: &Path) -> io::Result<()> {
    match dir.join(NAME).exists() {
        true => Ok(()),
        false => claim(dir).map_err(io::Error::other),
    }
}

fn check(dir: &Path, marker: &Marker) -> Result<(), ScratchError> {
    let here =
        Marker::for_directory(dir, String::new()).map_err(ScratchError::io("look at", dir))?;
    if marker.program != PROGRAM {
        return Err(not_ours(dir, "its marker is another program's"));
    }
    if !marker.belongs_to(&here) {
        let reason = "its marker was made for another directory; perhaps it was copied";
        return Err(not_ours(dir, reason));
    }
    Ok(())
}

/// None where the marker is missing, not a regular file, or not (yet) readable
/// as one.
fn read(path: &Path) -> io::Result<Option<Marker>> {
    if !tree::is_plain_file(path) {
        return Ok(None);
    }
    match regular_file::read(path) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn write(dir: &Path, path: &Path) -> io::Result<()> {
    let marker = Marker::for_directory(dir, super::random_id())?;
    let bytes = serde_json::to_vec_pretty(&marker)?;
    let mut file = private::create_new(path)?;
    file.write_all(&bytes).inspect_err(|_| {
        // Half a marker would lock us out of our own directory.
        let _ = fs::remove_file(path);
    })
}

fn is_empty(dir: &Path) -> Result<bool, ScratchError> {
    let mut entries = fs::read_dir(dir).map_err(ScratchError::io("read", dir))?;
    Ok(entries.next().is_none())
}

fn not_ours(dir: &Path, reason: &'static str) -> ScratchError {
    ScratchError::NotOurs {
        dir: dir.to_owned(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_directory_is_marked_once() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("new/scratch");
        claim(&dir).unwrap();
        let first = fs::read(dir.join(NAME)).unwrap();
        claim(&dir).unwrap();
        assert_eq!(fs::read(dir.join(NAME)).unwrap(), first);
    }

    #[test]
    fn an_empty_marker_of_a_dead_copy_is_replaced() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join(NAME), "").unwrap();
        claim(root.path()).unwrap();
        claim(root.path()).unwrap();
        assert!(fs::metadata(root.path().join(NAME)).unwrap().len() > 0);
    }

    #[cfg(unix)]
    #[test]
    fn a_copied_marker_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let (one, two) = (root.path().join("one"), root.path().join("two"));
        claim(&one).unwrap();
        fs::create_dir(&two).unwrap();
        fs::copy(one.join(NAME), two.join(NAME)).unwrap();
        let answer = claim(&two);
        assert!(
            matches!(answer, Err(ScratchError::NotOurs { .. })),
            "{answer:?}"
        );
    }

    #[test]
    fn a_new_device_number_needs_the_same_birth() {
        let here = Marker {
            program: PROGRAM.to_owned(),
            owner: String::new(),
            device: 1,
            inode: 7,
            born: Some(5),
        };
        let moved = Marker {
            device: 2,
            ..here.clone()
        };
        assert!(moved.belongs_to(&here));
        assert!(
            !Marker {
                born: Some(6),
                ..moved.clone()
            }
            .belongs_to(&here)
        );
        assert!(
            !Marker {
                born: None,
                ..moved.clone()
            }
            .belongs_to(&Marker {
                born: None,
                ..here.clone()
            })
        );
        assert!(
            !Marker {
                inode: 8,
                ..here.clone()
            }
            .belongs_to(&here)
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_marker_that_is_a_link_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let (one, two) = (root.path().join("one"), root.path().join("two"));
        claim(&one).unwrap();
        fs::create_dir(&two).unwrap();
        std::os::unix::fs::symlink(one.join(NAME), two.join(NAME)).unwrap();
        assert!(matches!(claim(&two), Err(ScratchError::NotOurs { .. })));
    }
}
