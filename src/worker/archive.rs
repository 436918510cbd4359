//! ZIP archives: which entries are PDFs, and the bytes of one entry, both within
//! limits. Entries are read in place; nothing is unpacked to disk. Runs in the
//! worker, because archives are as hostile as PDFs.

use std::fs::File;
use std::io::{self, BufReader, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use super::protocol::{ArchiveEntry, ArchiveLimits, Listing, Refusal};
use crate::model::FailureKind;

/// Lists the PDFs of an archive: those that are named so, and those that are
/// known by their content.
pub fn list(archive: File, limits: ArchiveLimits) -> Result<Listing, Refusal> {
    let mut zip = open(archive)?;
    if zip.len() > limits.entries {
        return Err(bad(format!(
            "it holds {} entries, more than {}",
            zip.len(),
            limits.entries
        )));
    }
    let mut listing = Listing::default();
    let mut total = 0u64;
    for index in 0..zip.len() {
        // Raw access needs no password and no supported compression.
        let (entry, packed, encrypted) = {
            let raw = zip.by_index_raw(index).map_err(refuse)?;
            if !raw.is_file() {
                continue;
            }
            let entry = ArchiveEntry {
                name: raw.name().map_err(refuse)?.into_owned(),
                bytes: raw.size(),
            };
            (entry, raw.compressed_size(), raw.encrypted())
        };
        if is_system_file(&entry.name) {
            continue;
        }
        let named = entry.name.to_ascii_lowercase().ends_with(".pdf");
        if !named && (encrypted || !starts_like_pdf(&mut zip, index)) {
            listing.others += 1;
            continue;
        }
        let refusal = if encrypted {
            Some(bad("the entry is encrypted by the archive"))
        } else if entry.bytes > limits.entry_bytes {
            Some(Refusal::new(
                FailureKind::TooLarge,
                format!("{} bytes unpacked", entry.bytes),
            ))
        } else if entry.bytes / packed.max(1) > limits.ratio {
            Some(bad(format!(
                "it unpacks to {} times its size, as bombs do",
                entry.bytes / packed.max(1)
            )))
        } else if total.saturating_add(entry.bytes) > limits.total_bytes {
            Some(bad("the archive unpacks to more than the limit"))
        } else {
            None
        };
        match refusal {
            Some(refusal) => listing.refused.push((entry, refusal)),
            None => {
                total += entry.bytes;
                listing.documents.push(entry);
            }
        }
    }
    Ok(listing)
}

/// The bytes of one entry, at most `largest` of them whatever the archive says.
pub fn read_entry(archive: File, name: &str, largest: u64) -> Result<Vec<u8>, Refusal> {
    let mut zip = open(archive)?;
    let mut entry = zip.by_name(name).map_err(|error| match error {
        ZipError::FileNotFound => Refusal::new(FailureKind::Vanished, "no longer in its archive"),
        other => refuse(other),
    })?;
    let mut bytes = Vec::new();
    let read = entry
        .by_ref()
        .take(largest.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| bad(format!("the entry cannot be unpacked: {error}")))?;
    if read as u64 > largest {
        return Err(Refusal::new(
            FailureKind::TooLarge,
            format!("more than {largest} bytes unpacked"),
        ));
    }
    Ok(bytes)
}

/// Files that macOS adds beside each real one.
fn is_system_file(name: &str) -> bool {
    name.starts_with("__MACOSX/") || name.rsplit('/').next().is_some_and(|n| n.starts_with("._"))
}

fn starts_like_pdf(zip: &mut ZipArchive<BufReader<File>>, index: usize) -> bool {
    let mut start = Vec::new();
    zip.by_index(index).is_ok_and(|entry| {
        entry.take(1024).read_to_end(&mut start).is_ok() && super::file::has_pdf_header(&start)
    })
}

fn open(archive: File) -> Result<ZipArchive<BufReader<File>>, Refusal> {
    ZipArchive::new(BufReader::new(archive)).map_err(refuse)
}

fn refuse(error: ZipError) -> Refusal {
    match error {
        ZipError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
            super::file::refuse_io(&error)
        }
        other => bad(other),
    }
}

fn bad(detail: impl ToString) -> Refusal {
    Refusal::new(FailureKind::BadArchive, detail)
}
