//! Saving tables and checking manifests, beside the work that goes on.

use std::error::Error;
use std::path::{Path, PathBuf};

use super::super::background;
use super::super::event::Event;
use super::super::query::Query;
use super::super::split;
use super::super::tables::{Listed, Report, SaveError, TableFormat, save, save_report};
use super::SessionThread;
use crate::library::Reader;
use crate::model::BatchId;
use crate::scratch::Packs;

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
        let packs = self.crew.place().packs.clone();
        let work = move || read_and_save(&library, &packs, batch, listed, format, &path, replace);
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

/// The number of rows that were saved.
fn read_and_save(
    library: &Path,
    packs: &Packs,
    batch: BatchId,
    listed: Listed,
    format: TableFormat,
    path: &Path,
    replace: bool,
) -> Result<usize, SaveError> {
    let Some(reader) = Reader::open(library)? else {
        return Ok(0);
    };
    if format == TableFormat::Report {
        let pages = match listed {
            Listed::ThesePages(pages) => Some(pages),
            _ => None,
        };
        let report = Report::of(&reader, batch, pages, &Query::default())?;
        save_report(&report, &reader, batch, packs, path, replace)?;
        return Ok(report.page_count());
    }
    let table = listed.of(&reader, batch)?;
    save(&table, &reader, path, format, replace)?;
    Ok(table.rows.len())
}
