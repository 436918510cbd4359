//! Bytes in scratch that no directory shows: files that were deleted while a program
//! has them open. They count on the disk until it closes them. Known on Linux, for
//! the programs of this user; nothing elsewhere.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::tree;

/// What the kernel writes behind the name of a deleted file.
const DELETED: &[u8] = b" (deleted)";

/// Bytes on disk of deleted files below `base` (absolute, without symbolic links)
/// that are still open.
pub(super) fn bytes(base: &Path) -> u64 {
    let is_below = |file: &Path| {
        let name = fs::read_link(file);
        name.is_ok_and(|name| {
            name.starts_with(base) && name.as_os_str().as_encoded_bytes().ends_with(DELETED)
        })
    };
    let mut open = Open::default();
    for process in processes() {
        open.add_files(&process, &is_below);
    }
    open.bytes
}

/// Bytes of deleted files on `device` that processes of a group have open, or in their
/// memory. Such a group may write in one directory only, so that whatever it holds was
/// there, however long its name was.
pub(super) fn bytes_of_group(group: u32, device: u64) -> u64 {
    let mut open = Open::default();
    let on_device = |file: &Path| {
        fs::metadata(file).is_ok_and(|metadata| tree::identity(&metadata).0 == device)
    };
    let in_group: Vec<PathBuf> = processes()
        .filter(|process| group_of(process) == Some(group))
        .collect();
    for process in &in_group {
        open.add_files(process, &on_device);
    }
    let in_files = open.bytes;
    let in_memory = in_group
        .iter()
        .flat_map(|process| fs::read_to_string(process.join("maps")))
        .fold(HashMap::new(), |mut mapped, maps| {
            for (file, bytes) in maps.lines().filter_map(deleted_mapping) {
                let most: &mut u64 = mapped.entry(file).or_default();
                *most = bytes.max(*most);
            }
            mapped
        });
    let in_memory: u64 = in_memory
        .into_iter()
        .filter(|((on, inode), _)| *on == device && !open.seen.contains(&(*on, *inode)))
        .map(|(_, bytes)| bytes)
        .sum();
    in_files.saturating_add(in_memory)
}

#[derive(Default)]
struct Open {
    seen: HashSet<(u64, u64)>,
    bytes: u64,
}

impl Open {
    /// Adds the deleted files that a process has open.
    fn add_files(&mut self, process: &Path, counts: &dyn Fn(&Path) -> bool) {
        // Another user's, or a process that has just ended: nothing can be seen.
        let files = fs::read_dir(process.join("fd"));
        for file in files.into_iter().flatten().flatten() {
            if !counts(&file.path()) {
                continue;
            }
            // The link leads to the file itself, whatever its name was.
            let Ok(metadata) = fs::metadata(file.path()) else {
                continue;
            };
            let (device, inode, links) = tree::identity(&metadata);
            if metadata.is_file() && links == 0 && self.seen.insert((device, inode)) {
                self.bytes = self.bytes.saturating_add(tree::disk_bytes(&metadata));
            }
        }
    }
}

/// The processes that there are, as folders of `/proc`.
fn processes() -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter(|entry| {
            let name = entry.file_name();
            name.as_encoded_bytes().iter().all(u8::is_ascii_digit)
        })
        .map(|entry| entry.path())
}

/// The group of a process: the third field after its name, which stands in parentheses
/// (`proc_pid_stat(5)`).
fn group_of(process: &Path) -> Option<u32> {
    let stat = fs::read_to_string(process.join("stat")).ok()?;
    let after_name = stat.rsplit(')').next()?;
    after_name.split_whitespace().nth(2)?.parse().ok()
}

/// The device, the inode and how far into the file a mapping reaches, of a line of
/// `/proc/<process>/maps`; none where its file was not deleted.
fn deleted_mapping(line: &str) -> Option<((u64, u64), u64)> {
    line.strip_suffix(" (deleted)")?;
    let mut fields = line.split_whitespace();
    let (from, to) = fields.next()?.split_once('-')?;
    let hexadecimal = |text| u64::from_str_radix(text, 16).ok();
    let offset = hexadecimal(fields.nth(1)?)?;
    let (major, minor) = fields.next()?.split_once(':')?;
    let device = device_number(hexadecimal(major)?, hexadecimal(minor)?);
    let inode = fields.next()?.parse().ok()?;
    let length = hexadecimal(to)?.checked_sub(hexadecimal(from)?)?;
    Some(((device, inode), offset.saturating_add(length)))
}

/// A device's number as `stat` tells it.
#[cfg(target_os = "linux")]
fn device_number(major: u64, minor: u64) -> u64 {
    let part = |number: u64| u32::try_from(number).unwrap_or(0);
    rustix::fs::makedev(part(major), part(minor))
}

#[cfg(not(target_os = "linux"))]
fn device_number(_: u64, _: u64) -> u64 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_mapping_of_a_deleted_file_counts_to_where_it_reaches() {
        let line = "7f00-7f0000003000 rw-s 00001000 08:01 42      /scratch/a b (deleted)";
        let found = deleted_mapping(line).unwrap();
        assert_eq!(found.0, (rustix::fs::makedev(8, 1), 42));
        assert_eq!(found.1, 0x7f00_0000_3000 - 0x7f00 + 0x1000);
        assert!(deleted_mapping(line.strip_suffix(" (deleted)").unwrap()).is_none());
        assert!(deleted_mapping("[heap] (deleted)").is_none());
    }
}
