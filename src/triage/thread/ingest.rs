//! Taking in what intake finds: new documents and changed ones, and what the library has
//! no room for yet. Not for looking through files (`intake`).

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::super::background::{self, Broken};
use super::super::command::Destination;
use super::super::intake::{self, Found, KnownSources, LeftOutFile, NotTaken};
use super::super::open_batch::OpenBatch;
use super::super::run::Crew;
use super::now_seconds;
use crate::library::{Library, LibraryError, NewDocument};
use crate::model::{BatchId, Document, DocumentId, DocumentStatus};
use crate::worker::{Listing, Refusal};

/// What intake found and the library could not take yet.
#[derive(Debug, Default)]
pub struct Ingest {
    untaken: Vec<(BatchId, Vec<Found>)>,
}

/// What has become of documents that were found.
#[derive(Debug)]
pub enum Taking {
    Taken(Taken),
    /// One cannot be taken in, and costs itself.
    NotTaken(String, LibraryError),
    /// They wait until the library has room, and their batch does not end before.
    Waits(LibraryError),
    /// The library can take no more.
    Lost(LibraryError),
}

/// Documents that were taken in.
#[derive(Debug)]
pub struct Taken {
    /// Known ones, whose source is not what it was.
    pub changed: Vec<(DocumentId, NewDocument)>,
    /// New ones, and why they cannot be opened where that is known already.
    pub added: Vec<(Document, Option<Refusal>)>,
}

impl Ingest {
    /// Something waits.
    pub fn waits(&self) -> bool {
        !self.untaken.is_empty()
    }

    /// Drops what waits: it can be kept no more.
    pub fn clear(&mut self) {
        self.untaken.clear();
    }

    /// Takes out what waits, to be tried again.
    pub fn take_waiting(&mut self) -> Vec<(BatchId, Vec<Found>)> {
        std::mem::take(&mut self.untaken)
    }

    /// Takes in what intake found: all at once, or one by one where one is at fault.
    pub fn take_in(
        &mut self,
        library: &mut Library,
        open: &mut OpenBatch,
        found: Vec<Found>,
    ) -> Vec<Taking> {
        match take_in(library, open, &found) {
            Ok(taken) => vec![Taking::Taken(taken)],
            Err(error) if error.is_fatal() => vec![Taking::Lost(error)],
            Err(error) if error.is_of_a_row() => match &found[..] {
                [one] => vec![Taking::NotTaken(one.document.name.clone(), error)],
                _ => {
                    let each = found.into_iter();
                    each.flat_map(|one| self.take_in(library, open, vec![one]))
                        .collect()
                }
            },
            Err(error) => {
                open.intakes += 1;
                self.untaken.push((open.batch.id, found));
                vec![Taking::Waits(error)]
            }
        }
    }
}

fn take_in(
    library: &mut Library,
    open: &OpenBatch,
    found: &[Found],
) -> Result<Taken, LibraryError> {
    let mut changed: Vec<(DocumentId, NewDocument)> = Vec::new();
    let mut new: Vec<NewDocument> = Vec::new();
    let mut refusals = HashMap::new();
    for Found { document, refusal } in found {
        if let Some(refusal) = refusal {
            refusals.insert(&document.source, refusal);
        }
        match open.document_at(&document.source) {
            None => new.push(document.clone()),
            Some(known) if known.bytes != document.bytes || known.modified != document.modified => {
                changed.push((known.id, document.clone()));
            }
            Some(_) => {}
        }
    }
    let added = library.write(|writer| {
        for (id, document) in &changed {
            writer.source_changed(*id, document.bytes, document.modified)?;
        }
        writer.add_documents(open.batch.id, &new)
    })?;
    let with_refusal = |document: Document| {
        let refusal = refusals.remove(&document.source).cloned();
        (document, refusal)
    };
    Ok(Taken {
        changed,
        added: added.into_iter().map(with_refusal).collect(),
    })
}

/// Documents that lie in one file on disk, at most: each could have as many attached again.
const MOST_WITHIN: usize = 20_000;

/// The PDFs that are attached to a document, and what else is attached that may hold some:
/// data, pictures and the like are no part of a batch.
pub fn attached(
    open: &OpenBatch,
    document: &Document,
    listed: Result<Listing, Refusal>,
) -> (Vec<Found>, Vec<LeftOutFile>) {
    let file = document.source.file();
    let left_out = |reason: String| LeftOutFile {
        path: file.to_owned(),
        name: document.name.clone(),
        reason,
        may_hold_pdfs: true,
    };
    let listing = match listed {
        Ok(listing) => listing,
        Err(refusal) => {
            let reason = format!("what is attached to it cannot be read: {refusal}");
            return (Vec::new(), vec![left_out(reason)]);
        }
    };
    let (mut found, mut others) = intake::within(file, &document.name, document.modified, listing);
    others.retain(|other| other.may_hold_pdfs);
    let is_known = |found: &Found| open.document_at(&found.document.source).is_some();
    let mut new = found.iter().filter(|found| !is_known(found)).count();
    if new > 0 {
        let documents = open.documents.values();
        let within =
            documents.filter(|other| other.source.entry().is_some() && other.source.file() == file);
        let room = MOST_WITHIN.saturating_sub(within.count());
        if new > room {
            others.push(left_out(format!(
                "more than {MOST_WITHIN} documents are attached to it and to each other"
            )));
            new = 0;
            found.retain(|found| {
                new += usize::from(!is_known(found));
                is_known(found) || new <= room
            });
        }
    }
    (found, others)
}

/// The documents that lie in a document, with their sizes.
pub fn attached_to(open: &OpenBatch, holder: &Document) -> Vec<(DocumentId, u64)> {
    let file = holder.source.file();
    let is_in_it = |other: &&Document| {
        let mut around = other.source.all_around();
        other.source.file() == file && around.any(|source| source == holder.source)
    };
    let attached = open.documents.values().filter(is_in_it);
    attached.map(|other| (other.id, other.bytes)).collect()
}

/// The batch that files are taken into, made where there is none.
pub fn batch_for(
    library: &mut Library,
    roots: &[PathBuf],
    destination: Destination,
) -> Result<BatchId, LibraryError> {
    let known = match destination {
        Destination::Auto => library.reader().batch_with_roots(roots)?,
        Destination::New => None,
        Destination::Batch(batch) => {
            library.write(|writer| writer.add_roots(batch, roots))?;
            Some(batch)
        }
    };
    match known {
        Some(batch) => Ok(batch),
        None => {
            let name = intake::batch_name(roots);
            library.write(|writer| writer.create_batch(&name, roots, now_seconds()))
        }
    }
}

/// The batch of documents that somebody has found already: the library's newest, made
/// where there is none.
pub fn batch_of_known(
    library: &mut Library,
    known: &KnownSources,
) -> Result<BatchId, LibraryError> {
    match library.reader().newest_batch()? {
        Some(newest) => Ok(newest.batch.id),
        None => {
            library.write(|writer| writer.create_batch(&known.name, &known.roots, now_seconds()))
        }
    }
}

/// Looks through files on a thread of its own, in folders through `only` these where it is
/// given. `found` gets what is there, and says whether to go on.
pub fn walk(
    roots: Vec<PathBuf>,
    only: Option<HashSet<PathBuf>>,
    crew: &Arc<Crew>,
    found: impl Fn(Vec<Found>) -> bool + Send + 'static,
    answer: impl FnOnce(Result<NotTaken, Broken>) + Send + 'static,
) {
    let crew = Arc::clone(crew);
    let work = move || intake::walk(&roots, only.as_ref(), &crew.place().pool, found);
    background::spawn("intake", work, answer);
}

/// The source of a document is not what it was: it is to be opened again. What is known of
/// its former content stays until then.
pub fn reopen(
    open: &mut OpenBatch,
    id: DocumentId,
    (bytes, modified): (u64, i64),
) -> Option<Document> {
    open.uninspected.remove(&id);
    let document = open.documents.get_mut(&id)?;
    document.bytes = bytes;
    document.modified = modified;
    document.status = if document.pages > 0 {
        DocumentStatus::Again
    } else {
        DocumentStatus::Waiting
    };
    Some(document.clone())
}
