//! Finding documents: walks files, folders, archives and what lies below addresses in object
//! storage, and reports what is there, in chunks, so that a batch of thousands appears at
//! once. Reads names, sizes and the first bytes of files, and writes nothing.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use std::time::{Duration, UNIX_EPOCH};

use walkdir::{DirEntry, WalkDir};

use crate::library::NewDocument;
use crate::model::{Address, ContentHash, Source};
use crate::objects::{Object, ObjectError};
use crate::worker::signature::{Container, ENOUGH, container, has_pdf_header};
use crate::worker::{ArchiveLimits, Listing, Pool, Refusal, WorkerError};

/// Documents reported at a time.
pub const CHUNK: usize = 200;

/// How soon an archive is asked for again that there was no room to fetch.
const ROOM_LOOKED_FOR_AFTER: Duration = Duration::from_millis(200);

/// Files that were not taken in and are remembered by name.
const MOST_NAMED: usize = 1_000;

/// A document that was found, and why it cannot be opened where that is known
/// already.
#[derive(Clone, Debug)]
pub struct Found {
    /// What the library is told.
    pub document: NewDocument,
    /// Refused before it was opened.
    pub refusal: Option<Refusal>,
}

/// Documents that somebody has found already, as a plan of shards has them.
#[derive(Clone, Debug)]
pub struct KnownSources {
    /// Name of the batch.
    pub name: String,
    /// What it is remembered by.
    pub roots: Vec<PathBuf>,
    /// Its documents, in order.
    pub documents: Vec<Found>,
    /// The content that documents must have, where that is known; another is refused.
    pub expected: HashMap<Source, ContentHash>,
}

/// A file that was not taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOutFile {
    /// The file on disk: itself, or the archive that holds it.
    pub path: PathBuf,
    /// Its name for people.
    pub name: String,
    /// Why, in words that go on after "it".
    pub reason: String,
    /// PDFs may be in it that nobody sees.
    pub may_hold_pdfs: bool,
}

/// What was not taken in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotTaken {
    /// Files in folders and archives, those that may hold PDFs first; at most so many
    /// as are worth reading.
    pub files: Vec<LeftOutFile>,
    /// Further files.
    pub more: usize,
    /// Files that may hold PDFs, named or not.
    pub containers: usize,
    /// Symbolic links inside folders: they may lead anywhere.
    pub links: usize,
    /// What was named, and holds no PDF.
    pub empty: Vec<PathBuf>,
}

impl NotTaken {
    /// How many files.
    pub fn count(&self) -> usize {
        self.files.len() + self.more
    }

    /// Notes a file that was not taken in.
    pub fn add(&mut self, file: LeftOutFile) {
        self.containers += usize::from(file.may_hold_pdfs);
        if self.files.len() < MOST_NAMED {
            self.files.push(file);
            return;
        }
        self.more += 1;
        // What may hold PDFs is named before what does not.
        if file.may_hold_pdfs
            && let Some(other) = self.files.iter_mut().rfind(|other| !other.may_hold_pdfs)
        {
            *other = file;
        }
    }

    /// Takes out the files that may hold PDFs.
    pub fn take_containers(&mut self) -> Vec<LeftOutFile> {
        self.containers = 0;
        let files = std::mem::take(&mut self.files).into_iter();
        let (containers, others) = files.partition(|file| file.may_hold_pdfs);
        self.files = others;
        containers
    }

    /// What a person should know of it, in sentences, with up to so many names.
    pub fn sentences(&self, names: usize) -> Vec<String> {
        let empty = self.empty.iter();
        let mut said: Vec<String> = empty
            .map(|path| format!("No PDFs were found in {}.", path.display()))
            .collect();
        let containers = self.files.iter().filter(|file| file.may_hold_pdfs);
        said.extend(
            containers
                .take(names)
                .map(|file| format!("{} was left out: {}.", file.name, file.reason)),
        );
        if self.containers > names {
            let more = self.containers - names;
            said.push(format!(
                "{} left out.",
                counted(more, "more was", "more were")
            ));
        }
        let others = self.count() - self.containers;
        if others > 0 {
            let files = counted(
                others,
                "file is no PDF and was",
                "files are no PDFs and were",
            );
            let named = self.files.iter().filter(|file| !file.may_hold_pdfs);
            let named = named.map(|file| file.name.as_str()).take(names);
            let named = named.collect::<Vec<_>>().join(", ");
            let more = if others > names { " and others" } else { "" };
            said.push(match names {
                0 => format!("{files} left out."),
                _ => format!("{files} left out: {named}{more}."),
            });
        }
        if self.links > 0 {
            let links = counted(self.links, "symbolic link was", "symbolic links were");
            said.push(format!("{links} not followed."));
        }
        said
    }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    if count == 1 {
        format!("1 {one}")
    } else {
        format!("{count} {many}")
    }
}

/// What there is below a folder, itself included, in the order in which people read names;
/// hidden files and what is in hidden folders left out.
pub fn below(folder: &Path) -> impl Iterator<Item = walkdir::Result<DirEntry>> {
    WalkDir::new(folder)
        .follow_links(false)
        .sort_by(in_natural_order)
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry))
}

/// Walks `roots` and gives what it finds to `report`, which says whether to go
/// on. `only`: of the files in folders just these.
pub fn walk(
    roots: &[PathBuf],
    only: Option<&HashSet<PathBuf>>,
    pool: &Pool,
    mut report: impl FnMut(Vec<Found>) -> bool,
) -> NotTaken {
    let mut walk = Walk {
        pool,
        only,
        found: Vec::new(),
        taken: 0,
        not_taken: NotTaken::default(),
        report: &mut report,
        going: true,
    };
    let is_folder = |root: &&PathBuf| Address::is(root) || root.is_dir();
    let folders = roots.iter().filter(is_folder).count();
    for root in roots {
        let before = walk.taken;
        // Several folders may hold files of the same name.
        let prefix = (folders > 1).then(|| file_name(root));
        if let Some(address) = Address::of(root) {
            walk.address(&address, prefix.as_deref());
        } else if root.is_dir() {
            walk.folder(root, prefix.as_deref());
        } else {
            walk.file(root, file_name(root), true);
        }
        if !walk.going {
            break;
        }
        if walk.taken == before && only.is_none() {
            walk.not_taken.empty.push(root.clone());
        }
    }
    walk.hand_over();
    walk.not_taken.files.sort_by_key(|file| !file.may_hold_pdfs);
    walk.not_taken
}

struct Walk<'a> {
    pool: &'a Pool,
    only: Option<&'a HashSet<PathBuf>>,
    found: Vec<Found>,
    /// Documents until now.
    taken: usize,
    not_taken: NotTaken,
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
        for entry in below(root) {
            if !self.going {
                return;
            }
            match entry {
                Ok(entry) if self.only.is_some_and(|only| !only.contains(entry.path())) => {}
                Ok(entry) if entry.file_type().is_file() => {
                    self.file(entry.path(), name(entry.path()), false);
                }
                Ok(entry) if entry.file_type().is_symlink() => self.not_taken.links += 1,
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

    /// An object, or all that are below a name. What cannot be had gets its record, as a
    /// file that is not there does.
    fn address(&mut self, address: &Address, prefix: Option<&str>) {
        let name = file_name(&address.path());
        match self.objects_at(address) {
            Ok(Objects::One(object)) => self.object(&object, name, true),
            Ok(Objects::Below(objects)) => {
                for (below, object) in objects {
                    if !self.going {
                        return;
                    }
                    let path = object.address.path();
                    if self.only.is_some_and(|only| !only.contains(&path)) {
                        continue;
                    }
                    let name = match prefix {
                        Some(prefix) => format!("{prefix}/{below}"),
                        None => below,
                    };
                    self.object(&object, name, false);
                }
            }
            Err(ObjectError::Stopped) => self.going = false,
            Err(error) => {
                let source = Source::File(address.path());
                self.take(source, name, 0, 0, Some(Refusal::from(error)));
            }
        }
    }

    fn objects_at(&self, address: &Address) -> Result<Objects, ObjectError> {
        let (objects, stopped) = (self.pool.objects(), self.pool.stopped());
        let missing = match address.key.as_str() {
            "" => None,
            _ => match objects.look_at(address, stopped) {
                Ok(object) => return Ok(Objects::One(object)),
                // A store that says nothing of single objects may list them all the same.
                Err(error @ (ObjectError::NotThere(_) | ObjectError::NotAllowed(_))) => Some(error),
                Err(error) => return Err(error),
            },
        };
        let found = objects.below(address, stopped)?;
        match missing {
            Some(error) if found.is_empty() => Err(error),
            _ => Ok(Objects::Below(in_order(address, found))),
        }
    }

    /// One object, as with [`Self::file`].
    fn object(&mut self, object: &Object, name: String, named: bool) {
        let told = (object.version.bytes, object.version.modified);
        // What calls itself a PDF is taken in whatever it is: no byte of it is asked for.
        let start = match named || ends_like_pdf(&name) {
            true => Ok(Vec::new()),
            false => {
                let (objects, stopped) = (self.pool.objects(), self.pool.stopped());
                objects.start_of(object, ENOUGH as u64, stopped)
            }
        };
        match start {
            Ok(start) => self.found(&object.address.path(), name, &start, named, told),
            Err(ObjectError::Stopped) => self.going = false,
            Err(error) => {
                let source = Source::File(object.address.path());
                self.take(source, name, told.0, told.1, Some(Refusal::from(error)));
            }
        }
    }

    /// One file. `named`: a person named this very file, so it is taken in
    /// whatever it is.
    fn file(&mut self, path: &Path, name: String, named: bool) {
        let metadata = std::fs::metadata(path);
        let told = metadata.as_ref().map_or((0, 0), |m| (m.len(), modified(m)));
        self.found(path, name, &start_of(path), named, told);
    }

    /// A file or an object with this beginning, so many bytes, and last changed then.
    fn found(
        &mut self,
        path: &Path,
        name: String,
        start: &[u8],
        named: bool,
        (bytes, modified): (u64, i64),
    ) {
        match container(&name, start) {
            Some(Container::Zip) => self.archive(path, &name, (bytes, modified)),
            // A person named it: it gets its record.
            None | Some(_) if named || ends_like_pdf(&name) || has_pdf_header(start) => {
                self.take(Source::File(path.to_owned()), name, bytes, modified, None);
            }
            Some(Container::Foreign(words)) => self.leave_out(path, name, words, true),
            None => self.leave_out(path, name, "it is no PDF", false),
        }
    }

    fn leave_out(&mut self, path: &Path, name: String, reason: &str, may_hold_pdfs: bool) {
        self.not_taken.add(LeftOutFile {
            path: path.to_owned(),
            name,
            reason: reason.to_owned(),
            may_hold_pdfs,
        });
    }

    fn archive(&mut self, path: &Path, name: &str, (bytes, modified): (u64, i64)) {
        match self.list(path) {
            Ok(listing) => {
                let (found, left_out) = within(path, name, modified, listing);
                left_out
                    .into_iter()
                    .for_each(|file| self.not_taken.add(file));
                found.into_iter().for_each(|found| self.put(found));
            }
            Err(refusal) => {
                let source = Source::File(path.to_owned());
                self.take(source, name.to_owned(), bytes, modified, Some(refusal));
            }
        }
    }

    fn list(&self, path: &Path) -> Result<Listing, Refusal> {
        let deadline = self.pool.limits().open_deadline;
        loop {
            let listed = self
                .pool
                .lease(None)
                .and_then(|mut worker| worker.list(path, ArchiveLimits::default(), deadline));
            match listed {
                // It goes on once there is room.
                Err(WorkerError::NoRoom(_)) if !self.pool.stopped().load(Relaxed) => {
                    thread::sleep(ROOM_LOOKED_FOR_AFTER);
                }
                listed => return listed.unwrap_or_else(|error| Err(Refusal::from(&error))),
            }
        }
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
        self.put(Found { document, refusal });
    }

    fn put(&mut self, found: Found) {
        self.taken += 1;
        self.found.push(found);
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

/// What an address leads to.
enum Objects {
    One(Object),
    /// Each with its name below the address, in order.
    Below(Vec<(String, Object)>),
}

/// What is below an address as people read names; without what is hidden, and without the
/// empty objects by which some programs mark folders.
fn in_order(address: &Address, found: Vec<Object>) -> Vec<(String, Object)> {
    let named = found.into_iter().filter_map(|object| {
        let below = address.below(&object.address)?.to_owned();
        let is_hidden = below.split('/').any(|part| part.starts_with('.'));
        (!is_hidden).then_some((below, object))
    });
    let mut named: Vec<_> = named.collect();
    named.sort_by(|(a, _), (b, _)| {
        let parts = a.split('/').zip(b.split('/'));
        let mut orders = parts.map(|(a, b)| natural_order(a, b));
        let first = orders.find(|order| order.is_ne());
        first.unwrap_or_else(|| a.cmp(b))
    });
    let marks_folder = |at: usize| {
        let (name, object) = &named[at];
        let next = named
            .get(at + 1)
            .and_then(|(next, _)| next.strip_prefix(&**name));
        object.version.bytes == 0 && next.is_some_and(|rest| rest.starts_with('/'))
    };
    let kept: Vec<bool> = (0..named.len()).map(|at| !marks_folder(at)).collect();
    let mut kept = kept.into_iter();
    named.retain(|_| kept.next().unwrap_or(true));
    named
}

/// The documents that lie in a file, in an archive or attached to a document, and what of it
/// was not taken in. `name` is that of what holds them, `modified` the time of the file.
pub fn within(
    file: &Path,
    name: &str,
    modified: i64,
    listing: Listing,
) -> (Vec<Found>, Vec<LeftOutFile>) {
    let documents = listing.documents.into_iter().map(|entry| (entry, None));
    let refused = listing.refused.into_iter();
    let refused = refused.map(|(entry, refusal)| (entry, Some(refusal)));
    let found = documents.chain(refused).map(|(entry, refusal)| Found {
        document: NewDocument {
            source: Source::at(file.to_owned(), &entry.path),
            name: format!("{name}/{}", entry.name),
            bytes: entry.bytes,
            modified,
        },
        refusal,
    });
    let left_out = listing.left_out.into_iter().map(|left| LeftOutFile {
        path: file.to_owned(),
        name: format!("{name}/{}", left.name),
        reason: left.reason,
        may_hold_pdfs: left.may_hold_pdfs,
    });
    (found.collect(), left_out.collect())
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
/// again from another working directory.
pub fn absolute(paths: &[PathBuf]) -> Vec<PathBuf> {
    let absolute = |path: &PathBuf| {
        let path = whole(path).unwrap_or_else(|_| path.clone());
        match Address::is(&path) {
            true => path,
            // Removes a closing slash and dots, and keeps links as they are.
            false => path.components().collect(),
        }
    };
    paths.iter().map(absolute).collect()
}

/// A path from the root on; an address as it is written everywhere.
pub fn whole(path: &Path) -> io::Result<PathBuf> {
    match Address::of(path) {
        Some(address) => Ok(address.path()),
        None => std::path::absolute(path),
    }
}

/// The same, each once.
pub fn each_once(paths: &[PathBuf]) -> Vec<PathBuf> {
    let mut seen = HashSet::new();
    let paths = absolute(paths).into_iter();
    paths.filter(|path| seen.insert(path.clone())).collect()
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
    natural_order(&a, &b)
}

fn natural_order(a: &str, b: &str) -> Ordering {
    natord::compare_ignore_case(a, b).then_with(|| a.cmp(b))
}

/// When a file was changed last, nanoseconds since 1970 (UTC); 0 where that is not known.
pub fn modified(metadata: &Metadata) -> i64 {
    metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .and_then(|since| i64::try_from(since.as_nanos()).ok())
        .unwrap_or(0)
}

fn ends_like_pdf(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with(".pdf")
}

/// The first bytes of a file; fewer, or none, where it cannot be read. Only regular files
/// are opened: opening a pipe can wait for ever.
fn start_of(path: &Path) -> Vec<u8> {
    let mut start = Vec::new();
    if std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
        && let Ok(file) = File::open(path)
    {
        // What cannot be read gets its record when it is opened.
        let _ = file.take(ENOUGH as u64).read_to_end(&mut start);
    }
    start
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_hold_pdfs_is_named_however_much_else_there_is() {
        let file = |number: usize, may_hold_pdfs| LeftOutFile {
            path: PathBuf::new(),
            name: format!("{number}"),
            reason: "it is a TAR archive; unpack it first".into(),
            may_hold_pdfs,
        };
        let mut not_taken = NotTaken::default();
        for number in 0..MOST_NAMED + 10 {
            not_taken.add(file(number, false));
        }
        not_taken.add(file(7_777, true));
        assert_eq!(not_taken.count(), MOST_NAMED + 11);
        let said = not_taken.sentences(3);
        assert_eq!(
            said,
            [
                "7777 was left out: it is a TAR archive; unpack it first.",
                "1010 files are no PDFs and were left out: 0, 1, 2 and others.",
            ]
        );
    }
}
