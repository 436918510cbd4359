//! Measuring and deleting directory trees: no symbolic link is followed, no other
//! file system is entered, a hard-linked file counts once. Not for deciding what
//! may be deleted.

use std::collections::HashSet;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

/// What a tree takes up. Directories themselves are not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    /// Bytes in disk blocks.
    pub bytes: u64,
    /// Number of files and links.
    pub files: u64,
}

/// What a deletion freed and what it could not or may not delete.
#[derive(Debug, Default)]
pub(super) struct Removal {
    /// What was deleted; bytes of a hard-linked file count with its last link.
    pub freed: Usage,
    /// What is still there, and why.
    pub left: Vec<(PathBuf, String)>,
}

/// Bytes a file takes up on disk.
pub(super) fn disk_bytes(metadata: &Metadata) -> u64 {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        // The unit of st_blocks is 512 bytes on every Unix.
        metadata.blocks() * 512
    }
    #[cfg(not(unix))]
    metadata.len()
}

/// Device, inode and number of links. Zeros and one where the system does not
/// tell.
pub(super) fn identity(metadata: &Metadata) -> (u64, u64, u64) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        (metadata.dev(), metadata.ino(), metadata.nlink())
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        (0, 0, 1)
    }
}

/// Gives a file so many bytes that take up room on the disk.
pub(super) fn allocate(file: &fs::File, bytes: u64) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    rustix::fs::fallocate(file, rustix::fs::FallocateFlags::empty(), 0, bytes)?;
    #[cfg(not(target_os = "linux"))]
    file.set_len(bytes)?;
    Ok(())
}

/// A regular file is at `path`, not a link to one.
pub(super) fn is_plain_file(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file())
}

/// A directory is at `path`, not a link to one.
pub(super) fn is_plain_directory(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

/// What `path` and everything below it takes up on the file system `device`.
/// What cannot be read counts as nothing.
pub(super) fn measure(path: &Path, device: u64) -> Usage {
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
pub(super) fn remove(path: &Path, device: u64) -> Removal {
    let mut removal = Removal::default();
    remove_into(path, device, &mut removal);
    removal
}

/// Deletes everything below the directory `path` and keeps the directory.
pub(super) fn remove_contents(path: &Path, device: u64) -> Removal {
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
    // A directory without write permission keeps its entries: tools leave such
    // directories behind, and they are ours to delete.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if let Ok(metadata) = fs::symlink_metadata(path)
            && metadata.is_dir()
            && metadata.permissions().mode() & 0o700 != 0o700
        {
            // Where this fails, so does the deletion, and that is reported.
            let _ = fs::set_permissions(path, fs::Permissions::from_mode(0o700));
        }
    }
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

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn device(path: &Path) -> u64 {
        identity(&fs::symlink_metadata(path).unwrap()).0
    }

    #[test]
    fn links_are_deleted_and_their_targets_are_not() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("precious"), "kept").unwrap();
        let root = tempfile::tempdir().unwrap();
        let tree = root.path().join("tree");
        fs::create_dir(&tree).unwrap();
        symlink(outside.path(), tree.join("folder")).unwrap();
        symlink(outside.path().join("precious"), tree.join("file")).unwrap();
        assert_eq!(measure(&tree, device(&tree)).files, 2);
        let removal = remove(&tree, device(&tree));
        assert!(removal.left.is_empty());
        assert!(!tree.exists());
        let kept = fs::read_to_string(outside.path().join("precious")).unwrap();
        assert_eq!(kept, "kept");
    }

    #[test]
    fn a_hard_linked_file_counts_once_and_is_freed_with_its_last_link() {
        let root = tempfile::tempdir().unwrap();
        let tree = root.path().join("tree");
        fs::create_dir(&tree).unwrap();
        fs::write(tree.join("one"), vec![1; 8192]).unwrap();
        fs::hard_link(tree.join("one"), tree.join("two")).unwrap();
        fs::hard_link(tree.join("one"), root.path().join("outside")).unwrap();
        let device = device(&tree);
        assert_eq!(
            measure(&tree, device),
            Usage {
                bytes: 8192,
                files: 2
            }
        );
        assert_eq!(remove(&tree, device).freed, Usage { bytes: 0, files: 2 });
        assert_eq!(
            remove(&root.path().join("outside"), device).freed.bytes,
            8192
        );
    }

    #[test]
    fn read_only_directories_do_not_stop_a_deletion() {
        let root = tempfile::tempdir().unwrap();
        let inner = root.path().join("tree/inner");
        fs::create_dir_all(&inner).unwrap();
        fs::write(inner.join("file"), "x").unwrap();
        fs::set_permissions(&inner, fs::Permissions::from_mode(0o500)).unwrap();
        let removal = remove(&root.path().join("tree"), device(root.path()));
        assert!(removal.left.is_empty(), "{:?}", removal.left);
        assert!(!inner.exists());
    }

    #[test]
    fn another_device_is_left_alone() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("file"), "x").unwrap();
        let removal = remove(&root.path().join("file"), device(root.path()) + 1);
        assert_eq!(removal.left.len(), 1);
        assert!(root.path().join("file").exists());
    }
}
