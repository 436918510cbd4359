//! Moving files out of watched folders once they were taken in and analysed, where a person
//! wants that: what could be read into one folder, what could not into *failed* within it, with
//! the reason beside it. Nothing is replaced, and what was not taken in stays. Not for seeing
//! what comes into folders (`thread::watching`).

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::intake;
use super::locating::{Relocation, locate};
use super::split::numbered;
use crate::format::counted;
use crate::model::{Document, FailureKind, Source};

/// Within the folder, what could not be read.
const FAILED: &str = "failed";

/// What is to be moved.
#[derive(Debug, Default)]
pub struct ToMove {
    /// The folders that are watched.
    pub folders: Vec<PathBuf>,
    /// The documents of their batch, each with why it could not be opened.
    pub documents: Vec<(Document, Option<FailureKind>)>,
    /// Where files go.
    pub to: PathBuf,
}

/// What was moved.
#[derive(Debug, Default)]
pub struct Moved {
    /// Where documents are from now on.
    pub found: Vec<Relocation>,
    /// How many files were moved.
    files: usize,
    /// What did not go well, in sentences.
    pub problems: Vec<String>,
}

impl Moved {
    /// How many files are at another place now, for people; none where none is.
    pub fn sentence(&self, to: &Path) -> Option<String> {
        let files = counted(self.files as u64, "file was", "files were");
        (self.files > 0).then(|| format!("{files} moved to {}.", to.display()))
    }
}

/// Why files cannot go from these folders to that one; none where they can.
pub fn cannot_move(folders: &[PathBuf], to: &Path) -> Option<String> {
    if to.exists() && !to.is_dir() {
        return Some(format!("{} is no folder.", to.display()));
    }
    let places_to = places(to);
    let within = folders.iter().find(|folder| {
        let folders = places(folder);
        let mut pairs = places_to
            .iter()
            .flat_map(|to| folders.iter().map(move |folder| (folder, to)));
        pairs.any(|(folder, to)| folder.starts_with(to) || to.starts_with(folder))
    })?;
    Some(format!(
        "{} and {} lie in each other: choose another folder for what was taken in.",
        to.display(),
        within.display()
    ))
}

/// A folder as it is written, and where links lead to.
fn places(folder: &Path) -> Vec<PathBuf> {
    let mut places = intake::absolute(&[folder.to_owned()]);
    places.extend(folder.canonicalize());
    places
}

/// Moves files, all of whose documents are settled. A file that an earlier run moved, and
/// could not note any more, is found where it went to.
pub fn move_away(wanted: ToMove) -> Moved {
    let is_watched = |file: &Path| {
        let mut folders = wanted.folders.iter();
        folders.find(|folder| file.starts_with(folder))
    };
    let mut files: HashMap<&Path, Vec<&(Document, Option<FailureKind>)>> = HashMap::new();
    let mut lost: Vec<Document> = Vec::new();
    for of_it in &wanted.documents {
        let file = of_it.0.source.file();
        match is_watched(file) {
            Some(_) if file.exists() => files.entry(file).or_default().push(of_it),
            Some(_) => lost.push(of_it.0.clone()),
            None => {}
        }
    }
    let mut moved = Moved::default();
    if !lost.is_empty() && wanted.to.is_dir() {
        moved.found = locate(&lost, &wanted.to).found;
    }
    let mut elsewhere: HashSet<&Path> = HashSet::new();
    let mut in_order: Vec<_> = files.into_iter().collect();
    in_order.sort_by_key(|(file, _)| *file);
    for (file, documents) in in_order {
        let Some(folder) = is_watched(file) else {
            continue;
        };
        if !is_as_taken_in(file, &documents) {
            continue;
        }
        let failed = documents.iter().find_map(|(_, failed)| *failed);
        let within = match failed {
            Some(_) => wanted.to.join(FAILED),
            None => wanted.to.clone(),
        };
        let below = file.strip_prefix(folder).unwrap_or(file);
        match to_free_name(file, &within.join(below)) {
            Ok(to) => {
                moved.files += 1;
                if let Some(kind) = failed {
                    moved.problems.extend(leave_reason(&to, kind));
                }
                let documents = documents.iter().map(|(document, _)| document);
                moved.found.extend(relocations(documents, &to));
            }
            // Somebody was quicker.
            Err(_) if !file.exists() => {}
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
                if elsewhere.insert(folder) {
                    moved.problems.push(format!(
                        "Files stay in {}: {} is on another disk. Choose a folder on the same.",
                        folder.display(),
                        wanted.to.display()
                    ));
                }
            }
            Err(error) => moved
                .problems
                .push(format!("{} stays: {error}.", file.display())),
        }
    }
    moved
}

/// A file is still the one that its documents were taken in from.
fn is_as_taken_in(file: &Path, documents: &[&(Document, Option<FailureKind>)]) -> bool {
    let Ok(metadata) = fs::symlink_metadata(file) else {
        return false;
    };
    let modified = intake::modified(&metadata);
    metadata.is_file()
        && documents.iter().all(|(document, _)| {
            let is_size = document.source.entry().is_some() || document.bytes == metadata.len();
            is_size && document.modified == modified
        })
}

/// Gives a file another name, or the next free one after that, and replaces nothing.
fn to_free_name(file: &Path, wanted: &Path) -> io::Result<PathBuf> {
    if let Some(folder) = wanted.parent() {
        fs::create_dir_all(folder)?;
    }
    let name = wanted.file_stem().unwrap_or_default().to_string_lossy();
    for count in 1.. {
        let to = match (count, wanted.extension()) {
            // As it is, whatever bytes are in it.
            (1, _) => wanted.to_owned(),
            (count, Some(ending)) => {
                let mut named = PathBuf::from(numbered(&name, count)).into_os_string();
                named.push(".");
                named.push(ending);
                wanted.with_file_name(named)
            }
            (count, None) => wanted.with_file_name(numbered(&name, count)),
        };
        match rename_to_new(file, &to) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            renamed => return renamed.map(|()| to),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Renames a file unless something has that name.
fn rename_to_new(file: &Path, to: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, file, CWD, to, RenameFlags::NOREPLACE) {
            // Not every file system can do that at once, shares of a network above all.
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {}
            renamed => return Ok(renamed?),
        }
    }
    // An empty file keeps the name until the other takes its place.
    fs::File::create_new(to)?;
    fs::rename(file, to).inspect_err(|_| {
        let _ = fs::remove_file(to);
    })
}

/// Writes beside a file why it could not be read; what a person should know where that cannot
/// be written.
fn leave_reason(file: &Path, kind: FailureKind) -> Option<String> {
    let mut name = file.file_name()?.to_owned();
    name.push(".txt");
    let to = file.with_file_name(name);
    let reason = format!("{}\n{}\n", kind.explanation(), kind.advice());
    let written = fs::File::create_new(&to).and_then(|mut file| {
        use io::Write;
        file.write_all(reason.as_bytes())
    });
    let error = written.err()?;
    Some(format!("{} could not be written: {error}.", to.display()))
}

fn relocations<'a>(
    documents: impl Iterator<Item = &'a Document>,
    to: &Path,
) -> impl Iterator<Item = Relocation> {
    let modified = fs::metadata(to).map_or(0, |metadata| intake::modified(&metadata));
    documents.map(move |document| Relocation {
        document: document.id,
        source: Source::at(to.to_owned(), document.source.entry().unwrap_or_default()),
        modified,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_that_lie_in_each_other_are_refused_however_they_are_written() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        fs::create_dir_all(at("in/done")).unwrap();
        let can = |to: &str| cannot_move(&[at("in")], &at(to)).is_none();
        assert!(can("out") && can("in two"));
        assert!(!can("in") && !can("in/done") && !can("in/not yet there") && !can("."));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(at("in"), at("link")).unwrap();
            assert!(!can("link/done"));
        }
    }

    #[test]
    fn a_file_gets_a_free_name_and_replaces_nothing() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        for (name, content) in [("a.pdf", "1"), ("to/a.pdf", "2"), ("b", "3")] {
            fs::create_dir_all(at(name).parent().unwrap()).unwrap();
            fs::write(at(name), content).unwrap();
        }
        let moved = to_free_name(&at("a.pdf"), &at("to/a.pdf")).unwrap();
        assert_eq!(moved, at("to/a (2).pdf"));
        assert_eq!(to_free_name(&at("b"), &at("new/b")).unwrap(), at("new/b"));
        let read = |name: &str| fs::read_to_string(at(name)).unwrap();
        assert_eq!(
            (read("to/a.pdf"), read("to/a (2).pdf")),
            ("2".into(), "1".into())
        );
        assert!(!at("a.pdf").exists() && !at("b").exists());
        let gone = to_free_name(&at("a.pdf"), &at("to/c.pdf")).unwrap_err();
        assert_eq!(gone.kind(), io::ErrorKind::NotFound);
        assert!(!at("to/c.pdf").exists());
    }
}
