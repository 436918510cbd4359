//! Small disks in memory, to be filled.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A small disk of its own; unmounted when dropped.
pub struct Disk(pub PathBuf, Option<TempDir>);

impl Disk {
    /// A disk with these options, such as `16m` or `16m,nr_inodes=60`, in a place of
    /// its own. None, with a word on why, where this machine forbids mounts.
    pub fn new(size: &str) -> Option<Self> {
        let place = tempfile::tempdir().unwrap();
        let mut disk = Self::mount(place.path().to_owned(), size)?;
        disk.1 = Some(place);
        Some(disk)
    }

    /// The same, mounted at a path.
    pub fn mount(path: PathBuf, size: &str) -> Option<Self> {
        std::fs::create_dir_all(&path).unwrap();
        let options = format!("size={size}");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "tmpfs"])
            .arg(&path)
            .status();
        if mounted.is_ok_and(|status| status.success()) {
            Some(Self(path, None))
        } else {
            super::skip::skip("mount", "no disk can be mounted");
            None
        }
    }

    /// Mounts it anew with other options, such as `ro`.
    pub fn remount(&self, options: &str) {
        let remounted = Command::new("mount")
            .args(["-o", &format!("remount,{options}")])
            .arg(&self.0)
            .status();
        assert!(remounted.unwrap().success());
    }

    /// Writes a file until the disk is full.
    pub fn fill(&self, path: &Path) {
        let mut file = File::create(path).unwrap();
        while file.write_all(&[1; 4096]).is_ok() {}
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
