//! What the disk under scratch offers: free and total bytes, whether it lives in
//! memory, and the defaults for budget and floor that follow. Not for deciding
//! who gets the bytes; that is the ledger's.

use std::io;
use std::path::Path;

const MIB: u64 = 1024 * 1024;
const GIB: u64 = 1024 * MIB;

/// No default budget is larger: thumbnails of some 3 million pages fit.
const LARGEST_BUDGET: u64 = 20 * GIB;
/// The floor of an ordinary disk is at least this: room for other programs' logs,
/// updates and swap files.
const SMALLEST_FLOOR: u64 = 2 * GIB;
/// The floor is at most this: 5 % of a large disk would be a waste.
const LARGEST_FLOOR: u64 = 10 * GIB;

/// What the disk offers to this user now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// Bytes this user may still use (reserved blocks are not among them).
    pub free: u64,
    /// Size of the file system.
    pub total: u64,
    /// Its room for files; none where it has no such limit.
    pub files: Option<Files>,
}

/// How many files (inodes) the file system has room for. A disk can be full with
/// bytes to spare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Files {
    /// Files that this user may still make.
    pub free: u64,
    /// Files that it can hold.
    pub total: u64,
}

impl Files {
    /// So many are never used: 5 %, as with bytes.
    pub fn floor(self) -> u64 {
        self.total / 20
    }

    /// The floor is reached.
    pub fn are_scarce(self) -> bool {
        self.free <= self.floor()
    }
}

impl Space {
    /// Reads the numbers of the file system that holds `path`.
    #[cfg(unix)]
    pub fn of(path: &Path) -> io::Result<Self> {
        let stats = rustix::fs::statvfs(path)?;
        let bytes = |blocks: u64| blocks.saturating_mul(stats.f_frsize);
        Ok(Self {
            free: bytes(stats.f_bavail),
            total: bytes(stats.f_blocks),
            // File systems that make inodes as they need them say 0.
            files: (stats.f_files > 0).then_some(Files {
                free: stats.f_favail,
                total: stats.f_files,
            }),
        })
    }

    /// Reads the numbers of the file system that holds `path`.
    #[cfg(not(unix))]
    pub fn of(path: &Path) -> io::Result<Self> {
        let stats = fs4::statvfs(path)?;
        Ok(Self {
            free: stats.available_space(),
            total: stats.total_space(),
            files: None,
        })
    }
}

/// The default budget: half of what is available, at most 20 GiB; in memory also
/// at most a quarter of the memory that is available.
///
/// `available` is the free space plus what scratch itself retains, so that the
/// budget does not shrink from start to start. `memory` is none for a disk.
pub fn default_budget(available: u64, memory: Option<u64>) -> u64 {
    let budget = (available / 2).min(LARGEST_BUDGET);
    memory.map_or(budget, |memory| budget.min(memory / 4))
}

/// The default floor: the larger of 5 % and 2 GiB, at most 10 GiB. Where that is
/// more than a quarter of the file system, 5 % alone: a 512 MiB instance would
/// otherwise never get a byte.
pub fn default_floor(total: u64) -> u64 {
    let share = total / 20;
    let floor = share.clamp(SMALLEST_FLOOR, LARGEST_FLOOR);
    if floor > total / 4 { share } else { floor }
}

/// The file system of `path` (absolute, no symbolic links) lives in memory.
/// Known on Linux only; false elsewhere.
pub fn is_ram_backed(path: &Path) -> bool {
    std::fs::read_to_string("/proc/self/mounts")
        .ok()
        .and_then(|mounts| mounted_type(&mounts, path).map(is_memory_type))
        .unwrap_or(false)
}

/// Memory that programs can still get, in bytes. Known on Linux only.
pub fn available_memory() -> Option<u64> {
    parse_available_memory(&std::fs::read_to_string("/proc/meminfo").ok()?)
}

fn is_memory_type(kind: &str) -> bool {
    matches!(kind, "tmpfs" | "ramfs" | "devtmpfs")
}

/// Type of the file system mounted deepest above `path`; of several at one place
/// the last one is on top.
fn mounted_type<'a>(mounts: &'a str, path: &Path) -> Option<&'a str> {
    let mut deepest = None;
    for line in mounts.lines() {
        let mut fields = line.split(' ');
        let (Some(_), Some(point), Some(kind)) = (fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        let point = unescape(point);
        if path.starts_with(&point) {
            let depth = Path::new(&point).components().count();
            if deepest.is_none_or(|(found, _)| depth >= found) {
                deepest = Some((depth, kind));
            }
        }
    }
    deepest.map(|(_, kind)| kind)
}

/// The kernel writes blanks, tabs, line ends and backslashes as three octal digits.
fn unescape(field: &str) -> String {
    [
        ("\\040", " "),
        ("\\011", "\t"),
        ("\\012", "\n"),
        ("\\134", "\\"),
    ]
    .into_iter()
    .fold(field.to_owned(), |text, (code, plain)| {
        text.replace(code, plain)
    })
}

fn parse_available_memory(text: &str) -> Option<u64> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_is_half_with_two_caps() {
        assert_eq!(default_budget(10 * GIB, None), 5 * GIB);
        assert_eq!(default_budget(100 * GIB, None), 20 * GIB);
        assert_eq!(default_budget(10 * GIB, Some(8 * GIB)), 2 * GIB);
        assert_eq!(default_budget(16 * MIB, Some(8 * GIB)), 8 * MIB);
    }

    #[test]
    fn the_floor_suits_large_and_tiny_disks() {
        assert_eq!(default_floor(1000 * GIB), 10 * GIB);
        assert_eq!(default_floor(100 * GIB), 5 * GIB);
        assert_eq!(default_floor(20 * GIB), 2 * GIB);
        assert_eq!(default_floor(7 * GIB), 7 * GIB / 20);
        assert_eq!(default_floor(512 * MIB), 512 * MIB / 20);
        assert_eq!(default_floor(16 * MIB), 16 * MIB / 20);
    }

    #[test]
    fn the_deepest_and_last_mount_counts() {
        let mounts = "/dev/a / ext4 rw 0 0\ntmpfs /tmp tmpfs rw 0 0\n\
                      /dev/b /tmp/my\\040disk ext4 rw 0 0\ntmpfs /over tmpfs rw 0 0\n\
                      /dev/c /over xfs rw 0 0\n";
        let kind = |path| mounted_type(mounts, Path::new(path));
        assert_eq!(kind("/home/x"), Some("ext4"));
        assert_eq!(kind("/tmp/x"), Some("tmpfs"));
        assert_eq!(kind("/tmpfoo"), Some("ext4"));
        assert_eq!(kind("/tmp/my disk/x"), Some("ext4"));
        assert_eq!(kind("/over/x"), Some("xfs"));
    }

    #[test]
    fn available_memory_is_read_in_kibibytes() {
        let text = "MemTotal:       100 kB\nMemAvailable:   2048 kB\n";
        assert_eq!(parse_available_memory(text), Some(2 * MIB));
        assert_eq!(parse_available_memory("MemTotal: 1 kB\n"), None);
    }
}
