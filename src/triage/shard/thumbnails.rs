//! Thumbnails of a shard in its result: one archive of pictures, each by the place of its
//! document in the plan and the number of its page. Not for keeping them (`scratch`): they
//! can be made again, so that one that is missing is no failure.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::plan::Plan;
use crate::library::{LibraryError, Reader};
use crate::model::{BatchId, DocumentId, PageId};
use crate::scratch::{PackError, Packs};

/// The name of the archive within a result.
pub const THUMBNAILS: &str = "thumbnails.zip";

/// No thumbnail is larger, in bytes: it would not fit into a pack.
const LARGEST: u64 = 16 << 20;

/// Writes the thumbnails of a shard's batch to a file.
pub fn save(
    packs: &Packs,
    reader: &Reader,
    batch: BatchId,
    (plan, index): (&Plan, u32),
    file: &Path,
) -> io::Result<()> {
    let documents = reader.documents(batch).map_err(io::Error::other)?;
    let mut archive = ZipWriter::new(BufWriter::new(File::create_new(file)?));
    // They are compressed already.
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let places = (0u32..).zip(&plan.inputs);
    let places = places.filter(|(_, input)| input.shard == index);
    for (document, (place, _)) in documents.iter().zip(places) {
        for page in packs.pages(batch, document.id) {
            if let Some(picture) = packs.read(batch, page).map_err(io::Error::other)? {
                archive.start_file(format!("{place}/{}.jpg", page.number), stored)?;
                archive.write_all(&picture)?;
            }
        }
    }
    archive.finish()?.flush()
}

/// Keeps the thumbnails of a file with those of a merged batch, as far as there is room.
pub fn bring(
    file: &Path,
    documents: &[DocumentId],
    batch: BatchId,
    packs: &Packs,
) -> io::Result<()> {
    let mut archive = ZipArchive::new(BufReader::new(File::open(file)?))?;
    for entry in 0..archive.len() {
        let entry = archive.by_index(entry)?;
        let Some(page) = page_of(&entry.name()?, documents) else {
            continue;
        };
        let mut picture = Vec::new();
        entry.take(LARGEST).read_to_end(&mut picture)?;
        match packs.append(batch, page, &picture) {
            Ok(()) => {}
            // The others are made when they are looked at.
            Err(PackError::Shortage(_)) => break,
            Err(error) => return Err(io::Error::other(error)),
        }
    }
    Ok(())
}

/// The documents of a batch in order.
pub fn documents(reader: &Reader, batch: BatchId) -> Result<Vec<DocumentId>, LibraryError> {
    let documents = reader.documents(batch)?.into_iter();
    Ok(documents.map(|document| document.id).collect())
}

fn page_of(name: &str, documents: &[DocumentId]) -> Option<PageId> {
    let (place, number) = name.strip_suffix(".jpg")?.split_once('/')?;
    Some(PageId {
        document: *documents.get(place.parse::<usize>().ok()?)?,
        number: number.parse().ok()?,
    })
}
