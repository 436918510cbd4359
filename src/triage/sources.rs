//! The files that documents come from, known by what they are and not by how they are
//! spelt: no part and no table takes the place of one. Not for reading them.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::library::{LibraryError, Reader};

/// Files that are never written.
#[derive(Debug, Default)]
pub struct Sources {
    paths: Vec<PathBuf>,
    /// Found out when it is first asked for: mostly nothing is to be replaced.
    identities: OnceLock<HashSet<Identity>>,
}

/// What tells a file from all others.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Identity {
    /// The file itself, whatever names and links lead to it.
    #[cfg(unix)]
    File { device: u64, number: u64 },
    /// Its path without links, as the file system spells it.
    Path(PathBuf),
}

impl Sources {
    /// These files.
    pub fn new<'a>(files: impl IntoIterator<Item = &'a Path>) -> Self {
        Self {
            paths: files.into_iter().map(Path::to_owned).collect(),
            identities: OnceLock::new(),
        }
    }

    /// The files of all batches of a library.
    pub fn of_all(reader: &Reader) -> Result<Self, LibraryError> {
        let mut documents = Vec::new();
        for summary in reader.batches()? {
            documents.extend(reader.documents(summary.batch.id)?);
        }
        let files = documents.iter().map(|document| document.source.file());
        Ok(Self::new(files))
    }

    /// These files and more.
    pub fn with<'a>(&'a self, more: impl Iterator<Item = &'a Path>) -> Self {
        Self::new(self.paths.iter().map(PathBuf::as_path).chain(more))
    }

    /// Whether a path leads to one of these files: by its own name, through links of
    /// either kind, or in other letters where the file system sees no difference.
    pub fn include(&self, path: &Path) -> bool {
        let known = self.identities.get_or_init(|| {
            self.paths
                .iter()
                .flat_map(|path| identities(path))
                .collect()
        });
        identities(path).any(|identity| known.contains(&identity))
    }
}

fn identities(path: &Path) -> impl Iterator<Item = Identity> {
    #[cfg(unix)]
    let file = {
        use std::os::unix::fs::MetadataExt;
        fs::metadata(path).ok().map(|found| Identity::File {
            device: found.dev(),
            number: found.ino(),
        })
    };
    #[cfg(not(unix))]
    let file = None;
    let whole = fs::canonicalize(path).ok();
    // A link that leads nowhere, or a file that is gone.
    let name = whole.or_else(|| {
        let folder = match path.parent()? {
            folder if folder.as_os_str().is_empty() => Path::new("."),
            folder => folder,
        };
        Some(fs::canonicalize(folder).ok()?.join(path.file_name()?))
    });
    file.into_iter().chain(name.map(Identity::Path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_known_by_every_name_that_leads_to_it() {
        let place = tempfile::tempdir().unwrap();
        let (folder, other) = (place.path().join("in"), place.path().join("out"));
        fs::create_dir(&folder).unwrap();
        fs::create_dir(&other).unwrap();
        let file = folder.join("a.pdf");
        fs::write(&file, "a").unwrap();
        fs::write(other.join("b.pdf"), "a").unwrap();
        let archive = folder.join("c.zip");
        fs::write(&archive, "c").unwrap();
        let sources = Sources::new([file.as_path(), &archive]);
        assert!(sources.include(&file) && sources.include(&archive));
        assert!(sources.include(&other.join("../in/./a.pdf")));
        assert!(!sources.include(&other.join("b.pdf")));
        assert!(!sources.include(&other.join("none.pdf")));
        fs::hard_link(&file, other.join("hard.pdf")).unwrap();
        assert!(sources.include(&other.join("hard.pdf")));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&file, other.join("link.pdf")).unwrap();
            std::os::unix::fs::symlink(&folder, place.path().join("linked")).unwrap();
            assert!(sources.include(&other.join("link.pdf")));
            assert!(sources.include(&place.path().join("linked/a.pdf")));
        }
    }

    #[test]
    fn a_source_that_is_gone_keeps_its_name() {
        let place = tempfile::tempdir().unwrap();
        let gone = place.path().join("a.pdf");
        let sources = Sources::new([gone.as_path()]);
        assert!(sources.include(&gone));
        assert!(!sources.include(&place.path().join("b.pdf")));
    }
}
