//! How much the library holds on its disk, and how much room it has there. Reads only.

use std::path::Path;

/// Files of the database: itself, what was committed last, and the index of that.
const FILES: [&str; 3] = ["library.sqlite", "library.sqlite-wal", "library.sqlite-shm"];

/// Room that is kept free on a large disk, bytes: what a group of results can take at
/// most, the log of it and the index of its text.
const LARGEST_FLOOR: u64 = 256 << 20;

/// Of a small disk this share is kept free.
const FLOOR_SHARE: u64 = 20;

/// The library on its disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LibrarySpace {
    /// Bytes of the database.
    pub held: u64,
    /// Bytes that this user may still use on the disk.
    pub free: u64,
    /// Bytes that must stay free for results to be stored; see [`Self::is_short`].
    pub floor: u64,
}

impl LibrarySpace {
    /// Looks at the library in a directory; none where the disk cannot be asked.
    pub(super) fn of(dir: &Path) -> Option<Self> {
        let disk = fs4::statvfs(dir).ok()?;
        let sizes = FILES.iter().map(|name| {
            let metadata = std::fs::metadata(dir.join(name));
            metadata.map_or(0, |metadata| metadata.len())
        });
        Some(Self {
            held: sizes.sum(),
            free: disk.available_space(),
            floor: (disk.total_space() / FLOOR_SHARE).min(LARGEST_FLOOR),
        })
    }

    /// New work has to wait: what is under way needs the rest.
    pub fn is_short(&self) -> bool {
        self.free < self.floor
    }
}
