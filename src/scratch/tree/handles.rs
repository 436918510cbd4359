//! Walking a tree by directory handles: each step names one entry of one open directory,
//! so that a path may be longer than the system takes, and nobody can put a link in the
//! way. As deep as it goes: no recursion, and two open directories at a time.

use std::collections::HashSet;
use std::ffi::{CStr, CString, OsStr};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{
    AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat, fchmod, fstat, openat, statat, unlinkat,
};
use rustix::io::Errno;

use super::{Removal, Usage};

/// How often a measurement begins again because something was moved under it.
const ATTEMPTS: u32 = 10;

/// Longer paths are cut in reports.
const LONGEST_TOLD: usize = 1000;

/// What is done with what is found.
trait Task {
    /// An entry that is no directory.
    fn file(&mut self, dir: BorrowedFd<'_>, name: &CStr, found: &Stat) -> io::Result<()>;
    /// A directory whose entries have all been seen.
    fn directory(&mut self, parent: BorrowedFd<'_>, name: &CStr, found: &Stat) -> io::Result<()>;
    /// Something stood in the way.
    fn failed(&mut self, path: PathBuf, why: String);
}

/// Something was moved from where it had been found.
struct Moved;

/// One directory on the way down.
struct Level {
    /// Its name in the one above; empty for the top.
    name: CString,
    found: Stat,
    /// Directories in it that are still to be entered.
    below: Vec<CString>,
    /// Something in it failed.
    failed: bool,
}

/// What `path` and everything below it takes up on the file system `device`.
pub fn measure(path: &Path, device: u64) -> Usage {
    let mut most = Usage::default();
    for _ in 0..ATTEMPTS {
        let mut task = Measure::default();
        let ended = match open_top(path, device) {
            Ok(Top::Directory(top)) => walk(top, path, device, &mut task),
            Ok(Top::File(found)) => {
                task.count(&found);
                Ok(())
            }
            // What cannot be read counts as nothing.
            Ok(Top::Elsewhere) | Err(_) => Ok(()),
        };
        if ended.is_ok() {
            return task.usage;
        }
        if task.usage.bytes >= most.bytes {
            most = task.usage;
        }
    }
    Usage {
        moves: true,
        ..most
    }
}

/// Deletes `path` and everything below it.
pub fn remove(path: &Path, device: u64) -> Removal {
    let mut task = Remove::default();
    match open_top(path, device) {
        Ok(Top::Directory(top)) => {
            if walk(top, path, device, &mut task).is_err() {
                task.failed(path.to_owned(), MOVED.to_owned());
            } else if task.0.left.is_empty()
                && let Err(error) = unlinkat(CWD, path, AtFlags::REMOVEDIR)
            {
                task.fail(path, error.into());
            }
        }
        Ok(Top::File(found)) => match unlinkat(CWD, path, AtFlags::empty()) {
            Ok(()) => task.count(&found),
            Err(error) => task.fail(path, error.into()),
        },
        Ok(Top::Elsewhere) => task.failed(path.to_owned(), ELSEWHERE.to_owned()),
        Err(error) => task.fail(path, error),
    }
    task.0
}

/// Deletes everything below the directory `path` and keeps the directory.
pub fn remove_contents(path: &Path, device: u64) -> Removal {
    let mut task = Remove::default();
    match open_top(path, device) {
        Ok(Top::Directory(top)) => {
            if walk(top, path, device, &mut task).is_err() {
                task.failed(path.to_owned(), MOVED.to_owned());
            }
        }
        Ok(Top::File(_)) => task.fail(path, io::ErrorKind::NotADirectory.into()),
        Ok(Top::Elsewhere) => task.failed(path.to_owned(), ELSEWHERE.to_owned()),
        Err(error) => task.fail(path, error),
    }
    task.0
}

const ELSEWHERE: &str = "it is on another file system";
const MOVED: &str = "it was moved while it was deleted";

/// What is at the top of a tree.
enum Top {
    Directory(OwnedFd),
    File(Stat),
    /// On another file system.
    Elsewhere,
}

fn open_top(path: &Path, device: u64) -> io::Result<Top> {
    let found = statat(CWD, path, AtFlags::SYMLINK_NOFOLLOW)?;
    if device_of(&found) != device {
        return Ok(Top::Elsewhere);
    }
    if !is_directory(&found) {
        return Ok(Top::File(found));
    }
    let name = CString::new(path.as_os_str().as_bytes())?;
    Ok(Top::Directory(open_directory(CWD, &name)?))
}

/// Visits all that is below `top`, the deepest first.
fn walk(top: OwnedFd, path: &Path, device: u64, task: &mut impl Task) -> Result<(), Moved> {
    let mut here = top;
    let mut levels: Vec<Level> = Vec::new();
    let first = read(&here, CString::default(), &levels, path, device, task);
    match first {
        Some(level) => levels.push(level),
        None => return Ok(()),
    }
    loop {
        let Some(level) = levels.last_mut() else {
            return Ok(());
        };
        if let Some(name) = level.below.pop() {
            let opened = open_directory(here.as_fd(), &name);
            let below = match opened {
                Ok(below) => below,
                Err(error) => {
                    level.failed = true;
                    tell(task, path, &levels, &name, error);
                    continue;
                }
            };
            match read(&below, name, &levels, path, device, task) {
                Some(entered) => {
                    levels.push(entered);
                    here = below;
                }
                None => {
                    if let Some(level) = levels.last_mut() {
                        level.failed = true;
                    }
                }
            }
            continue;
        }
        let Some(done) = levels.pop() else {
            return Ok(());
        };
        let Some(above) = levels.last_mut() else {
            return Ok(());
        };
        let parent = open_directory(here.as_fd(), c"..").map_err(|_| Moved)?;
        let found = fstat(&parent).map_err(|_| Moved)?;
        if (found.st_dev, found.st_ino) != (above.found.st_dev, above.found.st_ino) {
            return Err(Moved);
        }
        here = parent;
        above.failed |= done.failed;
        // One that keeps something cannot go.
        if !done.failed
            && let Err(error) = task.directory(here.as_fd(), &done.name, &done.found)
        {
            above.failed = true;
            tell(task, path, &levels, &done.name, error);
        }
    }
}

/// Reads a directory: what is none in it is dealt with, directories are noted. None where
/// it cannot be read.
fn read(
    dir: &OwnedFd,
    name: CString,
    levels: &[Level],
    path: &Path,
    device: u64,
    task: &mut impl Task,
) -> Option<Level> {
    let opened = fstat(dir).and_then(|found| Ok((found, Dir::read_from(dir)?)));
    let (found, entries) = match opened {
        Ok(opened) => opened,
        Err(error) => {
            tell(task, path, levels, &name, error.into());
            return None;
        }
    };
    let mut level = Level {
        name,
        found,
        below: Vec::new(),
        failed: false,
    };
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                level.failed = true;
                tell(task, path, levels, &level.name, error.into());
                break;
            }
        };
        let name = entry.file_name();
        if name == c"." || name == c".." {
            continue;
        }
        let dealt = match statat(dir, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) if device_of(&found) != device => Err(io::Error::other(ELSEWHERE)),
            Ok(found) if is_directory(&found) => {
                level.below.push(name.to_owned());
                Ok(())
            }
            Ok(found) => task.file(dir.as_fd(), name, &found),
            Err(error) => Err(error.into()),
        };
        if let Err(error) = dealt
            && error.kind() != io::ErrorKind::NotFound
        {
            level.failed = true;
            let mut place = place(path, levels);
            push(&mut place, &level.name);
            push(&mut place, name);
            task.failed(place, error.to_string());
        }
    }
    Some(level)
}

/// Opens a directory, follows no link, and makes it accessible where it is not: tools
/// leave such directories behind, and they are ours.
fn open_directory(parent: BorrowedFd<'_>, name: &CStr) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let opened = match openat(parent, name, flags, Mode::empty()) {
        Err(Errno::ACCESS) => {
            make_accessible(parent, name)?;
            openat(parent, name, flags, Mode::empty())
        }
        opened => opened,
    }?;
    let mode = Mode::from_raw_mode(fstat(&opened)?.st_mode);
    if !mode.contains(Mode::RWXU) {
        // Where this fails, so does what follows, and that is told.
        let _ = fchmod(&opened, mode | Mode::RWXU);
    }
    Ok(opened)
}

/// Changes the mode of the directory itself, whatever takes its name meanwhile.
#[cfg(target_os = "linux")]
fn make_accessible(parent: BorrowedFd<'_>, name: &CStr) -> io::Result<()> {
    use std::os::fd::AsRawFd;

    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let found = openat(parent, name, flags, Mode::empty())?;
    let link = format!("/proc/self/fd/{}", found.as_raw_fd());
    Ok(rustix::fs::chmod(link, Mode::RWXU)?)
}

#[cfg(not(target_os = "linux"))]
fn make_accessible(parent: BorrowedFd<'_>, name: &CStr) -> io::Result<()> {
    Ok(rustix::fs::chmodat(
        parent,
        name,
        Mode::RWXU,
        AtFlags::SYMLINK_NOFOLLOW,
    )?)
}

// The kernel's types differ between systems.
#[allow(clippy::unnecessary_cast)]
fn device_of(found: &Stat) -> u64 {
    found.st_dev as u64
}

fn is_directory(found: &Stat) -> bool {
    FileType::from_raw_mode(found.st_mode) == FileType::Directory
}

fn tell(task: &mut impl Task, path: &Path, levels: &[Level], name: &CStr, error: io::Error) {
    // Gone already is as good as deleted.
    if error.kind() != io::ErrorKind::NotFound {
        let mut place = place(path, levels);
        push(&mut place, name);
        task.failed(place, error.to_string());
    }
}

/// The path of a level, for people.
fn place(path: &Path, levels: &[Level]) -> PathBuf {
    let mut place = path.to_owned();
    for level in levels {
        push(&mut place, &level.name);
        if place.as_os_str().len() > LONGEST_TOLD {
            place.push("…");
            break;
        }
    }
    place
}

fn push(place: &mut PathBuf, name: &CStr) {
    if !name.is_empty() {
        place.push(OsStr::from_bytes(name.to_bytes()));
    }
}

#[derive(Default)]
struct Measure {
    seen: HashSet<u64>,
    usage: Usage,
}

impl Measure {
    fn count(&mut self, found: &Stat) {
        self.usage.files += 1;
        if found.st_nlink <= 1 || self.seen.insert(found.st_ino) {
            self.usage.bytes = self.usage.bytes.saturating_add(blocks(found));
        }
    }
}

impl Task for Measure {
    fn file(&mut self, _: BorrowedFd<'_>, _: &CStr, found: &Stat) -> io::Result<()> {
        self.count(found);
        Ok(())
    }

    fn directory(&mut self, _: BorrowedFd<'_>, _: &CStr, found: &Stat) -> io::Result<()> {
        self.usage.directory_bytes = self.usage.directory_bytes.saturating_add(blocks(found));
        Ok(())
    }

    fn failed(&mut self, _: PathBuf, _: String) {}
}

#[derive(Default)]
struct Remove(Removal);

impl Remove {
    fn count(&mut self, found: &Stat) {
        self.0.freed.files += 1;
        if found.st_nlink <= 1 {
            self.0.freed.bytes = self.0.freed.bytes.saturating_add(blocks(found));
        }
    }

    fn fail(&mut self, path: &Path, error: io::Error) {
        if error.kind() != io::ErrorKind::NotFound {
            self.failed(path.to_owned(), error.to_string());
        }
    }
}

impl Task for Remove {
    fn file(&mut self, dir: BorrowedFd<'_>, name: &CStr, found: &Stat) -> io::Result<()> {
        unlinkat(dir, name, AtFlags::empty())?;
        self.count(found);
        Ok(())
    }

    fn directory(&mut self, parent: BorrowedFd<'_>, name: &CStr, _: &Stat) -> io::Result<()> {
        Ok(unlinkat(parent, name, AtFlags::REMOVEDIR)?)
    }

    fn failed(&mut self, path: PathBuf, why: String) {
        self.0.left.push((path, why));
    }
}

/// Bytes that it takes up on the disk: the unit of `st_blocks` is 512 bytes on every Unix.
fn blocks(found: &Stat) -> u64 {
    u64::try_from(found.st_blocks).unwrap_or(0) * 512
}
