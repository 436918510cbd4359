//! Small disks in memory, to be filled.

use std::path::PathBuf;
use std::process::Command;

/// A small disk of its own; unmounted when dropped.
pub struct Disk(pub PathBuf);

impl Disk {
    /// None, with a word on why, where this machine forbids mounts.
    pub fn mount(path: PathBuf, size: &str) -> Option<Self> {
        std::fs::create_dir_all(&path).unwrap();
        let options = format!("size={size}");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "tmpfs"])
            .arg(&path)
            .status();
        if mounted.is_ok_and(|status| status.success()) {
            Some(Self(path))
        } else {
            println!("skipped: cannot mount");
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
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}
