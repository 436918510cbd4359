//! Files and folders that only this user may read, whatever the umask and the folder they
//! lie in: all that the program keeps for itself. Not for what a person asked for, such as
//! parts and tables, which follows the umask.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Reading and writing for this user, nothing for others.
#[cfg(unix)]
const FILE: u32 = 0o600;
/// The same for a folder.
#[cfg(unix)]
const FOLDER: u32 = 0o700;

/// Makes a folder, and those above it that are missing. One that is there stays as it is.
pub fn create_dir_all(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, FOLDER);
    builder.create(folder)
}

/// How files are opened; those that it makes are private.
pub fn options() -> OpenOptions {
    #[allow(unused_mut)]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, FILE);
    options
}

/// Makes a file, or empties the one that is there.
pub fn create(path: &Path) -> io::Result<File> {
    let file = options()
        .write(true)
        .create(true)
        .truncate(true)
        .open(path)?;
    close(path);
    Ok(file)
}

/// Makes a file that must be new.
pub fn create_new(path: &Path) -> io::Result<File> {
    options().write(true).create_new(true).open(path)
}

/// Writes a whole file.
pub fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    create(path)?.write_all(content)
}

/// Replaces a file, or makes it, whole or not at all, also after a power cut; of two that do so
/// at once each has its own.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let mut temporary = tempfile::Builder::new()
        .prefix(&format!(".{stem}-"))
        .suffix(".new")
        .tempfile_in(folder)?;
    temporary.write_all(content)?;
    temporary.as_file().sync_all()?;
    temporary.persist(path)?;
    Ok(())
}

/// Closes to others what an earlier version, or somebody else's hand, left open: a file or
/// a folder of the program's own, not what is in it. A link is left alone. Where it cannot
/// be done, as in another's folder, the log says so.
pub fn close(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;

        let Ok(found) = fs::symlink_metadata(path) else {
            return;
        };
        let mode = match (found.is_dir(), found.is_file()) {
            (true, _) => FOLDER,
            (_, true) => FILE,
            _ => return,
        };
        if found.permissions().mode() & 0o077 == 0 {
            return;
        }
        if let Err(error) = fs::set_permissions(path, fs::Permissions::from_mode(mode)) {
            tracing::warn!(%error, "a file of the program's own is open to others");
        }
    }
    #[cfg(not(unix))]
    let _ = fs::symlink_metadata(path);
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn what_is_made_or_closed_is_private_and_what_a_link_leads_to_is_left_alone() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("a/b");
        create_dir_all(&folder).unwrap();
        assert_eq!(
            (mode(&root.path().join("a")), mode(&folder)),
            (0o700, 0o700)
        );
        let file = folder.join("file");
        fs::write(&file, "wide").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        let link = folder.join("link");
        symlink(&file, &link).unwrap();
        close(&link);
        assert_eq!(mode(&file), 0o644);
        write(&file, b"narrow").unwrap();
        assert_eq!(mode(&file), 0o600);
        create_new(&folder.join("new")).unwrap();
        assert_eq!(mode(&folder.join("new")), 0o600);
    }
}
