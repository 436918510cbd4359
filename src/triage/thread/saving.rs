//! Saving tables and checking manifests, beside the work that goes on.

use std::error::Error;
use std::path::{Path, PathBuf};

use super::super::background;
use super::super::event::Event;
use super::super::sources::Sources;
use super::super::split;
use super::super::tables::{Listed, SaveError, TableFormat, save};
use super::SessionThread;
use crate::library::{LibraryError, Reader};
use crate::model::BatchId;

impl SessionThread {
    /// Saves a table on a thread of its own: of a large library it takes seconds.
    pub(super) fn save_table(
        &mut self,
        batch: BatchId,
        listed: Listed,
        format: TableFormat,
        path: PathBuf,
        replace: bool,
    ) {
        // What was analysed is in it, even if not committed yet.
        self.commit();
        let outbox = self.outbox.clone();
        let library = self.library_dir.clone();
        let shown = path.display().to_string();
        let work = move || read_and_save(&library, batch, &listed, format, &path, replace);
        background::spawn("table", work, move |saved| {
            let not_saved =
                |error: &dyn Error| Event::Trouble(format!("The table was not saved: {error}"));
            let event = match saved {
                Ok(Ok(1)) => Event::Notice(format!("1 row is saved in {shown}.")),
                Ok(Ok(rows)) => Event::Notice(format!("{rows} rows are saved in {shown}.")),
                Ok(Err(error)) => not_saved(&error),
                Err(broken) => not_saved(&broken),
            };
            outbox.tell(event);
        });
    }
}

/// Names in a sentence about a manifest.
const NAMED: usize = 3;

impl SessionThread {
    /// Checks the files that a manifest names, on a thread of its own: all are read.
    pub(super) fn verify(&self, manifest: PathBuf) {
        let outbox = self.outbox.clone();
        let shown = manifest.display().to_string();
        let work = move || split::verify(&manifest, &[]);
        background::spawn("verify", work, move |found| {
            let not_checked =
                |error: &dyn Error| Event::Trouble(format!("{shown} was not checked: {error}"));
            let event = match found {
                Ok(Ok(found)) if found.is_right() => {
                    Event::Notice(format!("{shown}: {}.", found.summary()))
                }
                Ok(Ok(found)) => {
                    let problems = found.sentences(NAMED).join("; ");
                    Event::Trouble(format!("{shown}: {}. But {problems}.", found.summary()))
                }
                Ok(Err(error)) => not_checked(&error),
                Err(broken) => not_checked(&broken),
            };
            outbox.tell(event);
        });
    }
}

/// The files of all batches.
fn sources(reader: &Reader) -> Result<Sources, LibraryError> {
    let mut documents = Vec::new();
    for summary in reader.batches()? {
        documents.extend(reader.documents(summary.batch.id)?);
    }
    let files = documents.iter().map(|document| document.source.file());
    Ok(Sources::new(files))
}

/// The number of rows that were saved.
fn read_and_save(
    library: &Path,
    batch: BatchId,
    listed: &Listed,
    format: TableFormat,
    path: &Path,
    replace: bool,
) -> Result<usize, SaveError> {
    let Some(reader) = Reader::open(library)? else {
        return Ok(0);
    };
    if replace && sources(&reader)?.include(path) {
        return Err(SaveError::IsSource(path.to_owned()));
    }
    let table = listed.of(&reader, batch)?;
    save(&table, path, format, replace)?;
    Ok(table.rows.len())
}
