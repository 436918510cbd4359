//! Bytes in scratch that no directory shows: files that were deleted while a program
//! has them open. They count on the disk until it closes them. Known on Linux, for
//! the programs of this user; nothing elsewhere.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use super::tree;

/// What the kernel writes behind the name of a deleted file.
const DELETED: &[u8] = b" (deleted)";

/// Bytes on disk of deleted files below `base` (absolute, without symbolic links)
/// that are still open.
pub(super) fn bytes(base: &Path) -> u64 {
    let mut seen = HashSet::new();
    let mut bytes: u64 = 0;
    for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let is_process = process
            .file_name()
            .as_encoded_bytes()
            .iter()
            .all(u8::is_ascii_digit);
        if !is_process {
            continue;
        }
        // Another user's, or a process that has just ended: nothing can be seen.
        let open_files = fs::read_dir(process.path().join("fd"));
        for file in open_files.into_iter().flatten().flatten() {
            let Ok(name) = fs::read_link(file.path()) else {
                continue;
            };
            let is_deleted = name.as_os_str().as_encoded_bytes().ends_with(DELETED);
            if !is_deleted || !name.starts_with(base) {
                continue;
            }
            // The link leads to the file itself, whatever its name was.
            if let Ok(metadata) = fs::metadata(file.path()) {
                let (device, inode, links) = tree::identity(&metadata);
                if metadata.is_file() && links == 0 && seen.insert((device, inode)) {
                    bytes = bytes.saturating_add(tree::disk_bytes(&metadata));
                }
            }
        }
    }
    bytes
}
