//! Saving tables and copies of the library and checking manifests, beside the work that goes
//! on. Each says when it begins and that it has ended.

use std::error::Error;
use std::path::{Path, PathBuf};

use super::super::background;
use super::super::event::Event;
use super::super::query::Query;
use super::super::split;
use super::super::tables::{Listed, Report, SaveError, TableFormat, save, save_report};
use crate::format::{counted, size};
use crate::library::{LibraryError, Reader};
use crate::model::BatchId;
use crate::scratch::Packs;

/// Names in a sentence about a manifest.
const NAMED: usize = 3;

/// A table that is to be saved.
#[derive(Debug)]
pub struct Wanted {
    pub batch: BatchId,
    pub listed: Listed,
    pub format: TableFormat,
    pub path: PathBuf,
    /// It may replace a file that is there.
    pub replace: bool,
}

/// Saves a table of a library on a thread of its own: of a large one it takes seconds.
pub fn save_table(
    library: &Path,
    packs: Packs,
    wanted: Wanted,
    tell: impl Fn(Event) + Send + 'static,
) {
    let library = library.to_owned();
    let shown = wanted.path.display().to_string();
    let ended = begin(format!("Saving {}", name_of(&wanted.path)), &tell);
    let work = move || read_and_save(&library, &packs, wanted);
    background::spawn("table", work, move |saved| {
        tell(ended);
        let not_saved =
            |error: &dyn Error| Event::Trouble(format!("The table was not saved: {error}"));
        tell(match saved {
            Ok(Ok(rows)) => {
                let rows = counted(rows as u64, "row is", "rows are");
                Event::Notice(format!("{rows} saved in {shown}."))
            }
            Ok(Err(error)) => not_saved(&error),
            Err(broken) => not_saved(&broken),
        });
    });
}

/// Writes a copy of a library, on a thread of its own.
pub fn back_up(library: &Path, file: PathBuf, tell: impl Fn(Event) + Send + 'static) {
    let (library, shown) = (library.to_owned(), file.display().to_string());
    let ended = begin("Backing up the library".to_owned(), &tell);
    let work = move || -> Result<Option<u64>, LibraryError> {
        match Reader::open(&library)? {
            Some(reader) => reader.back_up(&file).map(Some),
            None => Ok(None),
        }
    };
    background::spawn("backup", work, move |copied| {
        tell(ended);
        let not_copied =
            |error: &dyn Error| Event::Trouble(format!("The library was not backed up: {error}"));
        tell(match copied {
            Ok(Ok(Some(bytes))) => Event::Notice(format!(
                "The library is backed up in {shown} ({}).",
                size(bytes)
            )),
            Ok(Ok(None)) => Event::Trouble("There is no library to back up yet.".into()),
            Ok(Err(error)) => not_copied(&error),
            Err(broken) => not_copied(&broken),
        });
    });
}

/// Checks the files that a manifest names, on a thread of its own: all are read.
pub fn verify(manifest: PathBuf, tell: impl Fn(Event) + Send + 'static) {
    let shown = manifest.display().to_string();
    let ended = begin(format!("Checking {}", name_of(&manifest)), &tell);
    let work = move || split::verify(&manifest, &[]);
    background::spawn("verify", work, move |found| {
        tell(ended);
        let not_checked =
            |error: &dyn Error| Event::Trouble(format!("{shown} was not checked: {error}"));
        tell(match found {
            Ok(Ok(found)) if found.is_right() => {
                Event::Notice(format!("{shown}: {}.", found.summary()))
            }
            Ok(Ok(found)) => {
                let problems = found.sentences(NAMED).join("; ");
                Event::Trouble(format!("{shown}: {}. But {problems}.", found.summary()))
            }
            Ok(Err(error)) => not_checked(&error),
            Err(broken) => not_checked(&broken),
        });
    });
}

/// Says in words that something begins; what says in the end that it has ended.
fn begin(words: String, tell: &impl Fn(Event)) -> Event {
    tell(Event::Began(words.clone()));
    Event::Ended(words)
}

/// The name of a file without its folder.
fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

/// The number of rows that were saved.
fn read_and_save(library: &Path, packs: &Packs, wanted: Wanted) -> Result<usize, SaveError> {
    let Wanted {
        batch,
        listed,
        format,
        path,
        replace,
    } = wanted;
    let Some(reader) = Reader::open(library)? else {
        return Ok(0);
    };
    if format == TableFormat::Report {
        let pages = match listed {
            Listed::ThesePages(pages) => Some(pages),
            _ => None,
        };
        let report = Report::of(&reader, batch, pages, &Query::default())?;
        save_report(&report, &reader, batch, packs, &path, replace)?;
        return Ok(report.page_count());
    }
    let table = listed.of(&reader, batch)?;
    save(&table, &reader, &path, format, replace)?;
    Ok(table.rows.len())
}
