//! Measuring and deleting directory trees: no symbolic link is followed, no other
//! file system is entered, a hard-linked file counts once. Not for deciding what
//! may be deleted.

#[cfg(unix)]
mod handles;
#[cfg(not(unix))]
mod paths;

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

#[cfg(unix)]
pub(super) use handles::{measure, remove, remove_contents};
#[cfg(not(unix))]
pub(super) use paths::{measure, remove, remove_contents};

/// What a tree takes up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    /// Bytes in disk blocks, of all but directories.
    pub bytes: u64,
    /// Bytes in disk blocks of the directories below the top.
    pub directory_bytes: u64,
    /// Directories are moved about so much that some may not have been seen.
    pub moves: bool,
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
                files: 2,
                ..Usage::default()
            }
        );
        let freed = remove(&tree, device).freed;
        assert_eq!((freed.bytes, freed.files), (0, 2));
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

    /// Makes a directory in another, again and again, and a file at the bottom, as a
    /// program does that never names a whole path.
    fn deep_tree(top: &Path, name: &str, depth: usize) {
        use rustix::fs::{CWD, Mode, OFlags, mkdirat, openat};
        let open = OFlags::RDONLY | OFlags::DIRECTORY;
        let mut here = openat(CWD, top, open, Mode::empty()).unwrap();
        for _ in 0..depth {
            mkdirat(&here, name, Mode::RWXU).unwrap();
            here = openat(&here, name, open, Mode::empty()).unwrap();
        }
        let create = OFlags::WRONLY | OFlags::CREATE;
        let file = openat(&here, "hidden", create, Mode::RUSR | Mode::WUSR).unwrap();
        rustix::io::write(&file, &[1; 8192]).unwrap();
    }

    #[test]
    fn paths_longer_than_the_system_takes_hide_nothing_and_are_deleted() {
        let root = tempfile::tempdir().unwrap();
        let tree = root.path().join("tree");
        fs::create_dir(&tree).unwrap();
        let long = "n".repeat(200);
        // The second is too deep for recursion, too.
        deep_tree(&tree, &long, 40);
        deep_tree(&tree, "d", 6_000);
        let device = device(&tree);
        let usage = measure(&tree, device);
        assert_eq!((usage.bytes, usage.files), (2 * 8192, 2));
        let removal = remove_contents(&tree, device);
        assert!(removal.left.is_empty(), "{:?}", removal.left);
        assert_eq!((removal.freed.bytes, removal.freed.files), (2 * 8192, 2));
        assert_eq!(fs::read_dir(&tree).unwrap().count(), 0);
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
