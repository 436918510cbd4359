//! Ballast: a file beside the database that holds room on the disk. SQLite can
//! neither add nor delete nor tidy up on a full disk; when that happens the ballast
//! goes, and with its room results can be stored and space be made. Not for
//! scratch, which has a floor.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::private;

/// Name of the file in the library's directory.
pub(super) const NAME: &str = "ballast";

/// Room that it holds, bytes: the results of some 10,000 pages.
const SIZE: u64 = 64 << 20;

/// It is laid where the disk has so many times its size free: it is no use to fill
/// a small disk with it.
const PLENTY: u64 = 8;

/// One that went is laid again after this time at the earliest.
const LAY_AGAIN_AFTER: Duration = Duration::from_secs(60);

/// The ballast of one library.
#[derive(Debug)]
pub(super) struct Ballast {
    path: PathBuf,
    is_laid: bool,
    tried: Instant,
}

impl Ballast {
    /// Lays it, unless it is there or the disk has no room to spare.
    pub(super) fn new(dir: &Path) -> Self {
        let path = dir.join(NAME);
        Self {
            is_laid: lay(&path),
            path,
            tried: Instant::now(),
        }
    }

    /// Room that it holds now, bytes.
    pub(super) fn bytes(&self) -> u64 {
        if self.is_laid { SIZE } else { 0 }
    }

    /// The disk is full: gives the room up, if there is any.
    pub(super) fn give_up(&mut self) {
        self.tried = Instant::now();
        if !std::mem::take(&mut self.is_laid) {
            return;
        }
        match fs::remove_file(&self.path) {
            Ok(()) => tracing::warn!("the disk is full; the ballast was given up"),
            Err(error) => tracing::warn!(%error, "the ballast cannot be given up"),
        }
    }

    /// Something was stored: lays it again, where it went and there is room.
    pub(super) fn restore(&mut self) {
        if !self.is_laid && self.tried.elapsed() >= LAY_AGAIN_AFTER {
            self.tried = Instant::now();
            self.is_laid = lay(&self.path);
        }
    }
}

/// Gives up the ballast of a library that is not open; false where there is none.
pub(super) fn give_up(dir: &Path) -> bool {
    fs::remove_file(dir.join(NAME)).is_ok()
}

fn lay(path: &Path) -> bool {
    let is_there = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.len() == SIZE);
    let Some(dir) = path.parent().filter(|_| !is_there) else {
        return is_there;
    };
    if !fs4::available_space(dir).is_ok_and(|free| free >= SIZE * PLENTY) {
        return false;
    }
    let laid = private::create(path).and_then(|file| allocate(&file));
    if let Err(error) = &laid {
        tracing::debug!(%error, "there is no ballast");
        // An allocation that fails half-way keeps its blocks until the file goes.
        let _ = fs::remove_file(path);
    }
    laid.is_ok()
}

/// Takes room on the disk, without writing it.
#[cfg(target_os = "linux")]
fn allocate(file: &File) -> io::Result<()> {
    rustix::fs::fallocate(file, rustix::fs::FallocateFlags::empty(), 0, SIZE)?;
    Ok(())
}

/// Elsewhere room cannot be taken without writing it, which takes too long.
#[cfg(not(target_os = "linux"))]
fn allocate(_: &File) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
