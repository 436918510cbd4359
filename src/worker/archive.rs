//! What lies in ZIP archives, and what is attached to documents: which of it are PDFs, also
//! in archives within, and the bytes of one, all within limits. It is read in place; nothing
//! is unpacked to disk. What may hold PDFs and is not taken in is named with the reason.
//! Runs in the worker, because archives are as hostile as PDFs.

use std::collections::HashMap;
use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use zip::ZipReadOptions;
use zip::read::{Config, ZipFileEntry};
use zip::result::ZipError;
use zip::unstable::read::ZipIterable;

use super::file::{read_file, refuse_io};
use super::protocol::{ArchiveEntry, ArchiveLimits, LeftOut, Listing, Refusal};
use super::signature::{Container, ENOUGH, container, has_pdf_header, makes_a_package};
use crate::model::entry_path::{self, Step};
use crate::model::{FailureKind, Secret};
use crate::pdf::extract::{AttachedFiles, ExtractError};

/// Lists the PDFs of an archive: those that are named so, and those that are known by
/// their content.
pub fn list(archive: File, limits: ArchiveLimits) -> Result<Listing, Refusal> {
    let packed = archive.metadata().map_err(|e| refuse_io(&e))?.len();
    let mut lister = Lister::new(packed, limits);
    let place = Place {
        path: String::new(),
        shown: String::new(),
        depth: 1,
    };
    lister.archive(BufReader::new(archive), &place)?;
    Ok(lister.listing)
}

/// Lists the PDFs that are attached to a document, as [`list`] does. The document is
/// `within` its file, see [`entry_path`]; `password` is the one that opened it, if any.
pub fn list_attached(
    document: &Arc<Vec<u8>>,
    password: Option<&str>,
    within: &str,
    limits: ArchiveLimits,
) -> Result<Listing, Refusal> {
    let attached = AttachedFiles::read(Arc::clone(document), password);
    let attached = attached.map_err(|error| refuse_attached(&error))?;
    let mut lister = Lister::new(document.len() as u64, limits);
    let place = Place {
        path: within.to_owned(),
        shown: String::new(),
        depth: match within {
            "" => 1,
            within => 1 + entry_path::steps(within).len(),
        },
    };
    lister.attached(&attached, &place);
    Ok(lister.listing)
}

/// Reads what lies in files. The document that something was attached to last is kept: what
/// else is attached to it is mostly asked for next.
#[derive(Default)]
pub struct EntryReader {
    kept: Option<(Holder, AttachedFiles)>,
}

/// A document that others are attached to.
#[derive(PartialEq, Eq)]
struct Holder {
    /// The file that it is or lies in, and what tells that the file is the same still.
    file: PathBuf,
    length: u64,
    modified: Option<SystemTime>,
    /// See [`entry_path`]; empty: the file itself.
    within: String,
}

/// Larger documents are not kept, in bytes.
const LARGEST_KEPT: usize = 64 << 20;

impl EntryReader {
    /// Gives up what is kept.
    pub fn forget(&mut self) {
        self.kept = None;
    }

    /// The bytes of what lies at a path in an open file, at most `largest` of them whatever
    /// the file says. `passwords` are tried on documents on the way.
    pub fn read(
        &mut self,
        (path, file): (&Path, File),
        entry: &str,
        largest: u64,
        passwords: &[Secret],
    ) -> Result<Vec<u8>, Refusal> {
        let steps = entry_path::steps(entry);
        let limits = ArchiveLimits::default();
        let Some((last, before)) = steps.split_last() else {
            return Err(gone());
        };
        if steps.len() > limits.depth {
            return Err(bad("archives lie too deep in it"));
        }
        let metadata = file.metadata().map_err(|e| refuse_io(&e))?;
        let holder = Holder {
            file: path.to_owned(),
            length: metadata.len(),
            modified: metadata.modified().ok(),
            within: entry_path::around(entry).to_owned(),
        };
        if let Some((kept, files)) = &self.kept
            && *kept == holder
        {
            return read_attached(files, last, largest);
        }
        self.kept = None;
        let mut inner: Option<Vec<u8>> = None;
        for step in before {
            let most = limits.inner_bytes;
            inner = Some(match inner {
                None => match document_in(&file)? {
                    Some(document) => read_attached(&opened(document, passwords)?, step, most)?,
                    None => read_step(BufReader::new(&file), step, most)?,
                },
                Some(bytes) if is_pdf(&bytes) => {
                    read_attached(&opened(bytes, passwords)?, step, most)?
                }
                Some(bytes) => read_step(Cursor::new(bytes), step, most)?,
            });
        }
        let document = match inner {
            None => match document_in(&file)? {
                Some(document) => document,
                None => return read_step(BufReader::new(&file), last, largest),
            },
            Some(bytes) if is_pdf(&bytes) => bytes,
            Some(bytes) => return read_step(Cursor::new(bytes), last, largest),
        };
        let is_small = document.len() <= LARGEST_KEPT;
        let files = opened(document, passwords)?;
        let read = read_attached(&files, last, largest);
        self.kept = is_small.then_some((holder, files));
        read
    }
}

/// The bytes of a file that is a document; none of an archive, which is read in place.
fn document_in(mut file: &File) -> Result<Option<Vec<u8>>, Refusal> {
    let mut start = Vec::new();
    let begun = file.take(ENOUGH as u64).read_to_end(&mut start);
    begun
        .and_then(|_| file.rewind())
        .map_err(|e| refuse_io(&e))?;
    match is_pdf(&start) {
        true => read_file(file, ArchiveLimits::default().entry_bytes).map(Some),
        false => Ok(None),
    }
}

/// What is attached to a document, opened with the first password that does.
fn opened(document: Vec<u8>, passwords: &[Secret]) -> Result<AttachedFiles, Refusal> {
    let document = Arc::new(document);
    let tried = passwords.iter().map(|password| Some(password.as_str()));
    let opened = std::iter::once(None)
        .chain(tried)
        .map(|password| AttachedFiles::read(Arc::clone(&document), password))
        .find(|opened| !matches!(opened, Err(ExtractError::Locked)));
    opened
        .unwrap_or(Err(ExtractError::Locked))
        .map_err(|error| refuse_attached(&error))
}

/// The bytes of one file that is attached.
fn read_attached(files: &AttachedFiles, step: &Step, largest: u64) -> Result<Vec<u8>, Refusal> {
    let mut nth = Numbering::default();
    let mut all = files.files().iter();
    let file = all.find(|file| nth.step(name_of_attached(&file.name)) == *step);
    let most = usize::try_from(largest).unwrap_or(usize::MAX);
    files
        .content(file.ok_or_else(gone)?, most)
        .map_err(|error| bad(cannot_be_unpacked(error)))
}

/// The bytes of one entry of one archive.
fn read_step(archive: impl Read + Seek, step: &Step, largest: u64) -> Result<Vec<u8>, Refusal> {
    let mut zip = open(archive)?;
    let files = zip.files().map_err(refuse)?;
    let mut before = 0;
    while let Some(entry) = files.next() {
        let entry = entry.map_err(refuse)?;
        if !entry.is_file() || name_of(&entry) != step.name {
            continue;
        }
        before += 1;
        if before < step.nth {
            continue;
        }
        let opened = entry.with_reader(files.reader_mut(), ZipReadOptions::new());
        let mut bytes = Vec::new();
        opened
            .map_err(refuse)?
            .take(largest.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|error| bad(format!("the entry cannot be unpacked: {error}")))?;
        return match bytes.len() as u64 > largest {
            true => Err(Refusal::new(
                FailureKind::TooLarge,
                format!("more than {largest} bytes unpacked"),
            )),
            false => Ok(bytes),
        };
    }
    Err(gone())
}

/// Collects what an archive and those within it hold.
struct Lister {
    limits: ArchiveLimits,
    listing: Listing,
    /// Entries of any kind until now.
    entries: usize,
    /// Bytes that may still be unpacked.
    left: u64,
}

/// An archive within the outermost.
struct Place {
    /// See [`entry_path`]; empty for the outermost.
    path: String,
    /// What people see before the names of its entries.
    shown: String,
    /// The outermost is 1.
    depth: usize,
}

/// An entry by what the archive states of it.
struct Stated {
    bytes: u64,
    packed: u64,
}

/// Tells apart entries of one name.
#[derive(Default)]
struct Numbering(HashMap<String, u32>);

impl Numbering {
    fn step(&mut self, name: &str) -> Step {
        let nth = self.0.entry(name.to_owned()).or_insert(0);
        *nth += 1;
        Step {
            name: name.to_owned(),
            nth: *nth,
        }
    }
}

impl Lister {
    fn new(packed: u64, limits: ArchiveLimits) -> Self {
        Self {
            limits,
            listing: Listing::default(),
            entries: 0,
            // Of a small archive that unpacks to very much, it is the bombs' turn.
            left: packed
                .saturating_mul(limits.ratio)
                .max(limits.any_total)
                .min(limits.total_bytes),
        }
    }

    /// No more entries than the limit.
    fn count(&mut self, entries: usize) -> Result<(), Refusal> {
        self.entries = self.entries.saturating_add(entries);
        match self.entries > self.limits.entries {
            true => {
                let most = self.limits.entries;
                Err(bad(format!("it holds more than {most} entries")))
            }
            false => Ok(()),
        }
    }

    /// What is attached to a document.
    fn attached(&mut self, attached: &AttachedFiles, place: &Place) {
        let room = self.limits.entries.saturating_sub(self.entries);
        let (files, more) = attached.files().split_at(attached.files().len().min(room));
        self.entries += files.len();
        if !more.is_empty() {
            let (all, first) = (attached.files().len(), files.len());
            let reason = format!("{all} files are attached, and the first {first} were looked at");
            self.leave_out(format!("{}…", place.shown), &reason, true);
        }
        let mut nth = Numbering::default();
        for file in files {
            let step = nth.step(name_of_attached(&file.name));
            let packed = attached.packed(file);
            let most = packed.max(1).saturating_mul(self.limits.ratio + 1);
            let most = most.min(self.limits.entry_bytes).min(self.left);
            let most = usize::try_from(most).unwrap_or(usize::MAX);
            let content = attached.content(file, most).map_err(cannot_be_unpacked);
            let stated = Stated {
                bytes: content.as_ref().map_or(0, |content| content.len() as u64),
                packed,
            };
            let left = self.left;
            self.entry(&step, place, &stated, content.map(Cursor::new));
            // What was no document was unpacked all the same.
            self.left = self.left.min(left.saturating_sub(stated.bytes));
        }
    }

    fn archive(&mut self, archive: impl Read + Seek, place: &Place) -> Result<(), Refusal> {
        let mut zip = open(archive)?;
        self.count(zip.len())?;
        let files = zip.files().map_err(refuse)?;
        let mut nth = Numbering::default();
        while let Some(entry) = files.next() {
            let entry = entry.map_err(refuse)?;
            let name = name_of(&entry);
            if !entry.is_file() || is_system_file(&name) {
                continue;
            }
            let step = nth.step(&name);
            let stated = Stated {
                bytes: entry.size(),
                packed: entry.compressed_size(),
            };
            let content = match entry.encrypted() {
                true => Err(io::Error::other("it is encrypted by the archive")),
                false => entry
                    .with_reader(files.reader_mut(), ZipReadOptions::new())
                    .map_err(cannot_be_unpacked),
            };
            self.entry(&step, place, &stated, content);
        }
        Ok(())
    }

    /// One file of an archive, or one that is attached to a document.
    fn entry(
        &mut self,
        step: &Step,
        place: &Place,
        stated: &Stated,
        content: io::Result<impl Read>,
    ) {
        let shown = format!("{}{}", place.shown, told_apart(step));
        if step.name.len() > self.limits.name_bytes || entry_path::is_confusing(&step.name) {
            return self.leave_out(shown, "its name is none that files have", true);
        }
        let found = ArchiveEntry {
            path: entry_path::join(&place.path, step),
            name: shown,
            bytes: stated.bytes,
        };
        let is_named = step.name.to_ascii_lowercase().ends_with(".pdf");
        let mut start = Vec::new();
        let content = content.and_then(|mut content| {
            content
                .by_ref()
                .take(ENOUGH as u64)
                .read_to_end(&mut start)
                .map_err(cannot_be_unpacked)?;
            Ok(content)
        });
        match (container(&step.name, &start), content) {
            (_, Err(error)) if is_named => self.listing.refused.push((found, bad(error))),
            (_, Err(error)) => self.leave_out(found.name, &error.to_string(), true),
            // Where it is none, it gets its record when it is opened.
            (None | Some(Container::Foreign(_)), Ok(_)) if is_named || is_pdf(&start) => {
                self.document(found, stated, place.depth);
            }
            (None, Ok(_)) => self.leave_out(found.name, "it is no PDF", false),
            (Some(Container::Foreign(words)), Ok(_)) => {
                self.leave_out(found.name, words, true);
            }
            (Some(Container::Zip), Ok(content)) => {
                self.inner(found, stated, start, content, place.depth);
            }
        }
    }

    /// An archive in an archive. What is wrong with it costs itself only.
    fn inner(
        &mut self,
        found: ArchiveEntry,
        stated: &Stated,
        mut bytes: Vec<u8>,
        content: impl Read,
        depth: usize,
    ) {
        let most = self.limits.inner_bytes;
        let refusal = if depth >= self.limits.depth {
            Some(format!("archives lie more than {} deep in it", depth))
        } else if stated.bytes > most {
            Some(format!("it is an archive of more than {most} bytes"))
        } else {
            self.beyond(stated)
        };
        if let Some(refusal) = refusal {
            self.leave_out(found.name, &format!("{refusal}; unpack it first"), true);
            return;
        }
        let more = (most + 1).saturating_sub(bytes.len() as u64);
        match content.take(more).read_to_end(&mut bytes) {
            Ok(_) if bytes.len() as u64 <= most => {}
            Ok(_) => {
                self.leave_out(found.name, "it is larger than it says", true);
                return;
            }
            Err(error) => {
                self.leave_out(found.name, &format!("it cannot be unpacked: {error}"), true);
                return;
            }
        }
        self.left = self.left.saturating_sub(bytes.len() as u64);
        if is_package(&bytes) {
            self.leave_out(found.name, "it is no PDF", false);
            return;
        }
        let place = Place {
            path: found.path,
            shown: format!("{}/", found.name),
            depth: depth + 1,
        };
        if let Err(refusal) = self.archive(Cursor::new(bytes), &place) {
            self.leave_out(found.name, &refusal.to_string(), true);
        }
    }

    fn document(&mut self, found: ArchiveEntry, stated: &Stated, depth: usize) {
        let refusal = if depth > self.limits.depth {
            Some(bad(format!(
                "documents are attached to each other more than {} deep",
                self.limits.depth
            )))
        } else if stated.bytes > self.limits.entry_bytes {
            Some(Refusal::new(
                FailureKind::TooLarge,
                format!("{} bytes unpacked", stated.bytes),
            ))
        } else {
            self.beyond(stated).map(bad)
        };
        match refusal {
            Some(refusal) => self.listing.refused.push((found, refusal)),
            None => {
                self.left = self.left.saturating_sub(stated.bytes);
                self.listing.documents.push(found);
            }
        }
    }

    /// Why an entry is not unpacked, whatever it is.
    fn beyond(&self, stated: &Stated) -> Option<String> {
        let times = stated.bytes / stated.packed.max(1);
        if times > self.limits.ratio {
            Some(format!("it unpacks to {times} times its size, as bombs do"))
        } else if stated.bytes > self.left {
            Some("the archive unpacks to more than the limit".into())
        } else {
            None
        }
    }

    fn leave_out(&mut self, name: String, reason: &str, may_hold_pdfs: bool) {
        self.listing.left_out.push(LeftOut {
            name,
            reason: reason.to_owned(),
            may_hold_pdfs,
        });
    }
}

/// By its content it is a PDF, and no archive that holds one.
fn is_pdf(start: &[u8]) -> bool {
    let start = &start[..start.len().min(ENOUGH)];
    has_pdf_header(start) && container("", start).is_none()
}

/// What a file is called that is attached without a name.
fn name_of_attached(name: &str) -> &str {
    match name {
        "" => "attachment",
        name => name,
    }
}

/// A name for people that tells apart entries of the same name.
fn told_apart(step: &Step) -> String {
    if step.nth == 1 {
        return step.name.clone();
    }
    match step.name.rsplit_once('.') {
        Some((stem, ending)) => format!("{stem} ({}).{ending}", step.nth),
        None => format!("{} ({})", step.name, step.nth),
    }
}

/// It is a document or a program that is built like an archive.
fn is_package(bytes: &[u8]) -> bool {
    open(Cursor::new(bytes)).is_ok_and(|mut zip| {
        zip.files().is_ok_and(|files| {
            files
                .flatten()
                .any(|entry| makes_a_package(&name_of(&entry)))
        })
    })
}

/// The name of an entry; bytes that are no text are replaced.
fn name_of(entry: &ZipFileEntry<'_>) -> String {
    match entry.name() {
        Ok(name) => name.into_owned(),
        Err(_) => String::from_utf8_lossy(entry.name_raw()).into_owned(),
    }
}

/// Files that macOS adds beside each real one.
fn is_system_file(name: &str) -> bool {
    name.starts_with("__MACOSX/") || name.rsplit('/').next().is_some_and(|n| n.starts_with("._"))
}

fn open<R: Read + Seek>(archive: R) -> Result<ZipIterable<R>, Refusal> {
    ZipIterable::try_new(archive, Config::default()).map_err(refuse)
}

fn refuse(error: ZipError) -> Refusal {
    match error {
        ZipError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => refuse_io(&error),
        other => bad(other),
    }
}

fn cannot_be_unpacked(error: impl Display) -> io::Error {
    io::Error::other(format!("it cannot be unpacked: {error}"))
}

fn refuse_attached(error: &ExtractError) -> Refusal {
    match error {
        ExtractError::Locked => Refusal::new(
            FailureKind::NeedsPassword,
            "the document that it is attached to",
        ),
        error => Refusal::new(FailureKind::Damaged, error),
    }
}

fn gone() -> Refusal {
    Refusal::new(FailureKind::Vanished, "no longer in what held it")
}

fn bad(detail: impl ToString) -> Refusal {
    Refusal::new(FailureKind::BadArchive, detail)
}
