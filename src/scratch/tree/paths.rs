//! Walking a tree by paths, for systems whose directory handles are not known here.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::Path;

use super::{Removal, Usage, disk_bytes, identity};

/// What `path` and everything below it takes up on the file system `device`.
/// What cannot be read counts as nothing.
pub fn measure(path: &Path, device: u64) -> Usage {
    let mut usage = Usage::default();
    add_usage(path, device, &mut HashSet::new(), &mut usage);
    usage
}

fn add_usage(path: &Path, device: u64, seen: &mut HashSet<u64>, usage: &mut Usage) {
    let Ok(metadata) = fs::symlink_metadata(path) else {
        return;
    };
    let (own_device, inode, links) = identity(&metadata);
    if own_device != device {
        return;
    }
    if metadata.is_dir() {
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            add_usage(&entry.path(), device, seen, usage);
        }
    } else {
        usage.files += 1;
        if links <= 1 || seen.insert(inode) {
            usage.bytes += disk_bytes(&metadata);
        }
    }
}

/// Deletes `path` and everything below it.
pub fn remove(path: &Path, device: u64) -> Removal {
    let mut removal = Removal::default();
    remove_into(path, device, &mut removal);
    removal
}

/// Deletes everything below the directory `path` and keeps the directory.
pub fn remove_contents(path: &Path, device: u64) -> Removal {
    let mut removal = Removal::default();
    remove_entries(path, device, &mut removal);
    removal
}

fn remove_into(path: &Path, device: u64, removal: &mut Removal) {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) => return note(path, error, removal),
    };
    let (own_device, _, links) = identity(&metadata);
    if own_device != device {
        let reason = "it is on another file system".to_owned();
        removal.left.push((path.to_owned(), reason));
        return;
    }
    if metadata.is_dir() {
        let left_before = removal.left.len();
        remove_entries(path, device, removal);
        if removal.left.len() == left_before
            && let Err(error) = fs::remove_dir(path)
        {
            note(path, error, removal);
        }
        return;
    }
    match fs::remove_file(path) {
        Ok(()) => {
            removal.freed.files += 1;
            if links <= 1 {
                removal.freed.bytes += disk_bytes(&metadata);
            }
        }
        Err(error) => note(path, error, removal),
    }
}

fn remove_entries(path: &Path, device: u64, removal: &mut Removal) {
    match fs::read_dir(path) {
        Ok(entries) => {
            for entry in entries {
                match entry {
                    Ok(entry) => remove_into(&entry.path(), device, removal),
                    Err(error) => note(path, error, removal),
                }
            }
        }
        Err(error) => note(path, error, removal),
    }
}

/// Gone already is as good as deleted.
fn note(path: &Path, error: io::Error, removal: &mut Removal) {
    if error.kind() != io::ErrorKind::NotFound {
        removal.left.push((path.to_owned(), error.to_string()));
    }
}
