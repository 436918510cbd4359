//! ZIP archives: which entries are PDFs, also in archives within, and the bytes of one
//! entry, all within limits. Entries are read in place; nothing is unpacked to disk.
//! What may hold PDFs and is not taken in is named with the reason. Runs in the worker,
//! because archives are as hostile as PDFs.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek};

use zip::ZipReadOptions;
use zip::read::{Config, ZipFileEntry};
use zip::result::ZipError;
use zip::unstable::read::ZipIterable;

use super::entry_path::{self, Step};
use super::file::refuse_io;
use super::protocol::{ArchiveEntry, ArchiveLimits, LeftOut, Listing, Refusal};
use super::signature::{Container, ENOUGH, container, has_pdf_header, makes_a_package};
use crate::model::FailureKind;

/// Lists the PDFs of an archive: those that are named so, and those that are known by
/// their content.
pub fn list(archive: File, limits: ArchiveLimits) -> Result<Listing, Refusal> {
    let packed = archive.metadata().map_err(|e| refuse_io(&e))?.len();
    let mut lister = Lister {
        limits,
        listing: Listing::default(),
        entries: 0,
        // Of a small archive that unpacks to very much, it is the bombs' turn.
        left: packed
            .saturating_mul(limits.ratio)
            .max(limits.any_total)
            .min(limits.total_bytes),
    };
    let place = Place {
        path: String::new(),
        shown: String::new(),
        depth: 1,
    };
    lister.archive(BufReader::new(archive), &place)?;
    Ok(lister.listing)
}

/// The bytes of one entry, at most `largest` of them whatever the archive says.
pub fn read_entry(archive: File, path: &str, largest: u64) -> Result<Vec<u8>, Refusal> {
    let mut steps = entry_path::steps(path).into_iter();
    let Some(first) = steps.next() else {
        return Err(gone());
    };
    let limits = ArchiveLimits::default();
    if steps.len() + 1 > limits.depth {
        return Err(bad("archives lie too deep in it"));
    }
    let most = |is_last: bool| match is_last {
        true => largest,
        false => limits.inner_bytes,
    };
    let mut bytes = read_step(BufReader::new(archive), &first, most(steps.len() == 0))?;
    while let Some(step) = steps.next() {
        bytes = read_step(Cursor::new(bytes), &step, most(steps.len() == 0))?;
    }
    Ok(bytes)
}

/// The bytes of one entry of one archive.
fn read_step(archive: impl Read + Seek, step: &Step, largest: u64) -> Result<Vec<u8>, Refusal> {
    let mut zip = open(archive)?;
    let files = zip.files().map_err(refuse)?;
    let mut before = 0;
    while let Some(entry) = files.next() {
        let entry = entry.map_err(refuse)?;
        if name_of(&entry) != step.name {
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
    is_encrypted: bool,
}

impl Lister {
    fn archive(&mut self, archive: impl Read + Seek, place: &Place) -> Result<(), Refusal> {
        let mut zip = open(archive)?;
        self.entries = self.entries.saturating_add(zip.len());
        if self.entries > self.limits.entries {
            let most = self.limits.entries;
            return Err(bad(format!("it holds more than {most} entries")));
        }
        let files = zip.files().map_err(refuse)?;
        let mut seen: HashMap<String, u32> = HashMap::new();
        while let Some(entry) = files.next() {
            let entry = entry.map_err(refuse)?;
            let name = name_of(&entry);
            if !entry.is_file() || is_system_file(&name) {
                continue;
            }
            let nth = *seen
                .entry(name.clone())
                .and_modify(|nth| *nth += 1)
                .or_insert(1);
            let step = Step { name, nth };
            let shown = format!("{}{}", place.shown, told_apart(&step));
            if step.name.len() > self.limits.name_bytes || entry_path::is_confusing(&step.name) {
                self.leave_out(shown, "its name is none that files have", true);
                continue;
            }
            let stated = Stated {
                bytes: entry.size(),
                packed: entry.compressed_size(),
                is_encrypted: entry.encrypted(),
            };
            let found = ArchiveEntry {
                path: entry_path::join(&place.path, &step),
                name: shown,
                bytes: stated.bytes,
            };
            let is_named = step.name.to_ascii_lowercase().ends_with(".pdf");
            if stated.is_encrypted {
                let reason = "it is encrypted by the archive";
                match is_named {
                    true => self.listing.refused.push((found, bad(reason))),
                    false => self.leave_out(found.name, reason, true),
                }
                continue;
            }
            let content = entry.with_reader(files.reader_mut(), ZipReadOptions::new());
            let mut start = Vec::new();
            let content = content.map_err(io::Error::other).and_then(|mut content| {
                content
                    .by_ref()
                    .take(ENOUGH as u64)
                    .read_to_end(&mut start)?;
                Ok(content)
            });
            match (container(&step.name, &start), content) {
                // Where it is none, it gets its record when it is opened.
                (None | Some(Container::Foreign(_)), _)
                    if is_named || has_pdf_header(&start) && container("", &start).is_none() =>
                {
                    self.document(found, &stated);
                }
                (_, Err(error)) => {
                    self.leave_out(found.name, &format!("it cannot be unpacked: {error}"), true);
                }
                (None, Ok(_)) => self.leave_out(found.name, "it is no PDF", false),
                (Some(Container::Foreign(words)), Ok(_)) => {
                    self.leave_out(found.name, words, true);
                }
                (Some(Container::Zip), Ok(content)) => {
                    self.inner(found, &stated, start, content, place.depth);
                }
            }
        }
        Ok(())
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

    fn document(&mut self, found: ArchiveEntry, stated: &Stated) {
        let refusal = match stated.bytes > self.limits.entry_bytes {
            true => Some(Refusal::new(
                FailureKind::TooLarge,
                format!("{} bytes unpacked", stated.bytes),
            )),
            false => self.beyond(stated).map(bad),
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

fn gone() -> Refusal {
    Refusal::new(FailureKind::Vanished, "no longer in its archive")
}

fn bad(detail: impl ToString) -> Refusal {
    Refusal::new(FailureKind::BadArchive, detail)
}
