//! Finding documents: walks files, folders and archives and reports what is
//! there, in chunks, so that a batch of thousands appears at once. Reads names,
//! sizes and the first bytes of files, and writes nothing.

use std::cmp::Ordering;
use std::fs::{File, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use walkdir::{DirEntry, WalkDir};

use crate::library::NewDocument;
use crate::model::Source;
use crate::worker::{ArchiveLimits, Listing, Pool, Refusal};

/// Documents reported at a time.
const CHUNK: usize = 200;

/// A PDF's header stands in its first 1,024 bytes.
const HEADER_WITHIN: u64 = 1024;

/// A document that was found, and why it cannot be opened where that is known
/// already.
#[derive(Clone, Debug)]
pub struct Found {
    /// What the library is told.
    pub document: NewDocument,
    /// Refused before it was opened.
    pub refusal: Option<Refusal>,
}

/// Files that were not taken in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Files that are no PDFs, in folders and archives.
    pub others: usize,
    /// Symbolic links inside folders: they may lead anywhere.
    pub links: usize,
}

/// Walks `roots` and gives what it finds to `report`, which says whether to go
/// on.
pub fn walk(roots: &[PathBuf], pool: &Pool, mut report: impl FnMut(Vec<Found>) -> bool) -> LeftOut {
    let mut walk = Walk {
        pool,
        found: Vec::new(),
        left_out: LeftOut::default(),
        report: &mut report,
        going: true,
    };
    let folders = roots.iter().filter(|root| root.is_dir()).count();
    for root in roots {
        if root.is_dir() {
            // Several folders may hold files of the same name.
            let prefix = (folders > 1).then(|| file_name(root));
            walk.folder(root, prefix.as_deref());
        } else {
            walk.file(root, file_name(root), true);
        }
        if !walk.going {
            break;
        }
    }
    walk.hand_over();
    walk.left_out
}

struct Walk<'a> {
    pool: &'a Pool,
    found: Vec<Found>,
    left_out: LeftOut,
    report: &'a mut dyn FnMut(Vec<Found>) -> bool,
    going: bool,
}

impl Walk<'_> {
    fn folder(&mut self, root: &Path, prefix: Option<&str>) {
        let name = |path: &Path| {
            let below = path.strip_prefix(root).unwrap_or(path);
            let parts = below.components().map(|c| c.as_os_str().to_string_lossy());
            let parts = prefix.map(Into::into).into_iter().chain(parts);
            parts.collect::<Vec<_>>().join("/")
        };
        let entries = WalkDir::new(root)
            .follow_links(false)
            .sort_by(in_natural_order)
            .into_iter()
            .filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry));
        for entry in entries {
            if !self.going {
                return;
            }
            match entry {
                Ok(entry) if entry.file_type().is_file() => {
                    self.file(entry.path(), name(entry.path()), false);
                }
                Ok(entry) if entry.file_type().is_symlink() => self.left_out.links += 1,
                Ok(_) => {}
                // A folder that cannot be read gets a record like any document
                // that cannot be read.
                Err(error) => {
                    let path = error.path().unwrap_or(root).to_owned();
                    let name = name(&path);
                    self.take(Source::File(path), name, 0, 0, None);
                }
            }
        }
    }

    /// One file. `named`: a person named this very file, so it is taken in
    /// whatever it is.
    fn file(&mut self, path: &Path, name: String, named: bool) {
        let metadata = std::fs::metadata(path);
        let (bytes, modified) = metadata.as_ref().map_or((0, 0), |m| (m.len(), modified(m)));
        let extension = path
            .extension()
            .map(|extension| extension.to_ascii_lowercase())
            .unwrap_or_default();
        if extension == "zip" {
            self.archive(path, &name, (bytes, modified));
        } else if named || extension == "pdf" || starts_like_pdf(path) {
            self.take(Source::File(path.to_owned()), name, bytes, modified, None);
        } else {
            self.left_out.others += 1;
        }
    }

    fn archive(&mut self, path: &Path, name: &str, (bytes, modified): (u64, i64)) {
        match self.list(path) {
            Ok(listing) => {
                self.left_out.others += listing.others;
                let documents = listing.documents.into_iter().map(|entry| (entry, None));
                let refused = listing
                    .refused
                    .into_iter()
                    .map(|(entry, refusal)| (entry, Some(refusal)));
                for (entry, refusal) in documents.chain(refused) {
                    let name = format!("{name}/{}", entry.name);
                    let source = Source::ArchiveEntry {
                        archive: path.to_owned(),
                        entry: entry.name,
                    };
                    self.take(source, name, entry.bytes, modified, refusal);
                }
            }
            Err(refusal) => {
                let source = Source::File(path.to_owned());
                self.take(source, name.to_owned(), bytes, modified, Some(refusal));
            }
        }
    }

    fn list(&self, path: &Path) -> Result<Listing, Refusal> {
        let deadline = self.pool.limits().open_deadline;
        let listed = self
            .pool
            .lease(None)
            .and_then(|mut worker| worker.list(path, ArchiveLimits::default(), deadline));
        listed.unwrap_or_else(|error| Err(Refusal::from(&error)))
    }

    fn take(
        &mut self,
        source: Source,
        name: String,
        bytes: u64,
        modified: i64,
        refusal: Option<Refusal>,
    ) {
        let document = NewDocument {
            source,
            name,
            bytes,
            modified,
        };
        self.found.push(Found { document, refusal });
        if self.found.len() >= CHUNK {
            self.hand_over();
        }
    }

    fn hand_over(&mut self) {
        if !self.found.is_empty() {
            self.going &= (self.report)(std::mem::take(&mut self.found));
        }
    }
}

/// Name for a batch of these sources.
pub fn batch_name(roots: &[PathBuf]) -> String {
    match roots {
        [] => "Batch".into(),
        [root] => file_name(root),
        [first, rest @ ..] => format!("{} and {} more", file_name(first), rest.len()),
    }
}

/// Sources as they are remembered: absolute, so that the same sources are known
/// again from another working directory, and each once.
pub fn absolute(paths: &[PathBuf]) -> Vec<PathBuf> {
    let mut roots: Vec<PathBuf> = Vec::new();
    for path in paths {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
        // Removes a closing slash and dots, and keeps links as they are.
        let path: PathBuf = path.components().collect();
        if !roots.contains(&path) {
            roots.push(path);
        }
    }
    roots
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}

/// Hidden files are the business of programs: `.DS_Store`, `.git`, `._a.pdf`.
fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().as_encoded_bytes().starts_with(b".")
}

/// "scan 2" before "scan 10"; folders where their names fall.
fn in_natural_order(a: &DirEntry, b: &DirEntry) -> Ordering {
    let (a, b) = (
        a.file_name().to_string_lossy(),
        b.file_name().to_string_lossy(),
    );
    natord::compare_ignore_case(&a, &b).then_with(|| a.cmp(&b))
}

fn modified(metadata: &Metadata) -> i64 {
    metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .and_then(|since| i64::try_from(since.as_nanos()).ok())
        .unwrap_or(0)
}

fn starts_like_pdf(path: &Path) -> bool {
    let mut start = Vec::new();
    File::open(path).is_ok_and(|file| {
        file.take(HEADER_WITHIN).read_to_end(&mut start).is_ok()
            && start.windows(5).any(|window| window == b"%PDF-")
    })
}
