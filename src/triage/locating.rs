//! Sources that were moved, found again below a folder by what is in them: the same bytes,
//! whatever they are called now. Only reads. Not for sources that have other content, which
//! are taken in anew (`intake`).

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::intake;
use super::staging::hash_of;
use crate::format::counted;
use crate::library::{Library, LibraryError};
use crate::model::{Address, BatchId, ContentHash, Document, DocumentId, Source};

/// A document whose source was found again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relocation {
    /// The document.
    pub document: DocumentId,
    /// Where its bytes are now.
    pub source: Source,
    /// When that file was changed last, nanoseconds since 1970 (UTC).
    pub modified: i64,
}

/// What a search has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Located {
    /// Documents that are to be found at another place from now on.
    pub found: Vec<Relocation>,
    /// How many are still missing.
    pub missing: usize,
}

impl Located {
    /// What came of it, for people.
    pub fn sentence(&self, folder: &Path) -> String {
        let documents = |number: usize| counted(number as u64, "document", "documents");
        let folder = folder.display();
        match (self.found.len(), self.missing) {
            (0, 0) => "All documents are where they were.".to_owned(),
            (0, missing) => format!("None of {} is below {folder}.", documents(missing)),
            (found, 0) => format!("{} found below {folder}.", documents(found)),
            (found, missing) => format!(
                "{} found below {folder}; {missing} still missing.",
                documents(found)
            ),
        }
    }
}

/// A file below the folder.
struct Candidate {
    path: PathBuf,
    bytes: u64,
    modified: i64,
    /// Once it was read; none inside where that failed.
    hash: Option<Option<ContentHash>>,
    /// It is the source of a document.
    is_taken: bool,
}

/// Looks below a folder for the documents of a batch whose files are not where they were.
/// Files are compared by size before they are read. What is attached to a document is where
/// that is found. An archive is known by its name: its entries are checked against the
/// content that was read when they are opened.
pub fn locate(documents: &[Document], folder: &Path) -> Located {
    // What is in object storage does not move about on this machine.
    let is_there = |document: &&Document| {
        let file = document.source.file();
        Address::is(file) || file.exists()
    };
    let (there, missing): (Vec<&Document>, Vec<&Document>) =
        documents.iter().partition(|document| is_there(document));
    let taken: HashSet<&Path> = there.iter().map(|of| of.source.file()).collect();
    let mut candidates = candidates(folder, &taken);
    let mut located = Located::default();
    // Files before what lies in them.
    let (files, within): (Vec<&Document>, Vec<&Document>) = missing
        .into_iter()
        .partition(|document| document.source.entry().is_none());
    let mut at: HashMap<&Path, Option<usize>> = HashMap::new();
    for document in files.into_iter().chain(within) {
        let was = document.source.file();
        let found = match document.source.entry() {
            None => {
                let found = file(&mut candidates, document, was);
                if let Some(found) = found {
                    candidates[found].is_taken = true;
                }
                at.insert(was, found);
                found
            }
            Some(_) => *at.entry(was).or_insert_with(|| same_name(&candidates, was)),
        };
        let found = found.map(|found| {
            let file = candidates[found].path.clone();
            Source::at(file, document.source.entry().unwrap_or_default())
        });
        match found {
            Some(source) => {
                let at = candidates.iter().find(|of| of.path == source.file());
                located.found.push(Relocation {
                    document: document.id,
                    modified: at.map_or(0, |of| of.modified),
                    source,
                });
            }
            None => located.missing += 1,
        }
    }
    located
}

/// Keeps where documents were found, and what their batch is known by: the folder, and of
/// what it was known by before what still holds something of it.
pub fn relocate(
    library: &mut Library,
    batch: BatchId,
    folder: &Path,
    found: &[Relocation],
) -> Result<(), LibraryError> {
    library.write(|writer| {
        for relocation in found {
            writer.source_moved(relocation.document, &relocation.source, relocation.modified)?;
        }
        writer.add_roots(batch, &[folder.to_owned()])?;
        // Takes out the roots below which nothing is left.
        writer.take_out(batch, [])
    })
}

fn candidates(folder: &Path, taken: &HashSet<&Path>) -> Vec<Candidate> {
    let files = intake::below(folder).filter_map(Result::ok);
    let files = files.filter(|entry| entry.file_type().is_file());
    files
        .filter(|entry| !taken.contains(entry.path()))
        .filter_map(|entry| {
            let metadata = entry.metadata().ok()?;
            Some(Candidate {
                bytes: metadata.len(),
                modified: intake::modified(&metadata),
                path: entry.into_path(),
                hash: None,
                is_taken: false,
            })
        })
        .collect()
}

/// The file that holds a document's bytes; of several, one of the same name.
fn file(candidates: &mut [Candidate], document: &Document, was: &Path) -> Option<usize> {
    let name = was.file_name();
    let mut of_its_size: Vec<usize> = candidates
        .iter()
        .enumerate()
        .filter(|(_, of)| of.bytes == document.bytes && !of.is_taken)
        .map(|(at, _)| at)
        .collect();
    of_its_size.sort_by_key(|at| candidates[*at].path.file_name() != name);
    match document.hash {
        Some(hash) => of_its_size
            .into_iter()
            .find(|at| candidates[*at].hash() == Some(hash)),
        // It was never read: the same name and size have to do.
        None => of_its_size
            .into_iter()
            .find(|at| candidates[*at].path.file_name() == name),
    }
}

/// The only file of an archive's name.
fn same_name(candidates: &[Candidate], archive: &Path) -> Option<usize> {
    let name = archive.file_name();
    let all = candidates.iter().enumerate();
    let mut same = all.filter(|(_, of)| of.path.file_name() == name);
    match (same.next(), same.next()) {
        (Some((at, _)), None) => Some(at),
        _ => None,
    }
}

impl Candidate {
    fn hash(&mut self) -> Option<ContentHash> {
        *self.hash.get_or_insert_with(|| hash_of(&self.path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DocumentStatus;

    fn document(id: i64, path: &Path, content: &str) -> Document {
        Document {
            id: DocumentId(id),
            batch: BatchId(1),
            source: Source::File(path.to_owned()),
            name: path.to_string_lossy().into_owned(),
            bytes: content.len() as u64,
            modified: 0,
            hash: Some(ContentHash(*blake3::hash(content.as_bytes()).as_bytes())),
            status: DocumentStatus::Ok,
            pages: 1,
            encrypted: false,
            duplicate_of: None,
            left_out: None,
        }
    }

    #[test]
    fn files_are_known_by_their_content_and_each_is_found_once() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        std::fs::create_dir(at("new")).unwrap();
        for (name, content) in [
            ("stays.pdf", "here"),
            ("new/renamed.pdf", "same bytes"),
            ("new/b.pdf", "copied"),
            ("new/a.pdf", "copied"),
            ("new/other.pdf", "not its"),
        ] {
            std::fs::write(at(name), content).unwrap();
        }
        let mut never_read = document(6, &at("old/b.pdf"), "copied");
        never_read.hash = None;
        let attached = Document {
            source: Source::at(at("old/first.pdf"), "annex.pdf"),
            ..document(7, &at("old/first.pdf"), "its annex")
        };
        let documents = [
            document(1, &at("stays.pdf"), "here"),
            document(2, &at("old/first.pdf"), "same bytes"),
            document(3, &at("old/a.pdf"), "copied"),
            document(4, &at("old/other.pdf"), "was its"),
            document(5, &at("old/gone.pdf"), "gone altogether"),
            never_read,
            attached,
        ];
        let located = locate(&documents, place.path());
        let found: Vec<(i64, &Path)> = located
            .found
            .iter()
            .map(|of| (of.document.0, of.source.file()))
            .collect();
        assert_eq!(
            found,
            [
                (2, &*at("new/renamed.pdf")),
                (3, &*at("new/a.pdf")),
                (6, &*at("new/b.pdf")),
                (7, &*at("new/renamed.pdf")),
            ]
        );
        assert_eq!(located.missing, 2);
        assert_eq!(located.found[3].source.entry(), Some("annex.pdf"));
        assert_eq!(locate(&documents, &at("nowhere")).missing, 6);
    }
}
