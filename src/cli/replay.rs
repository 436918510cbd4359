//! `replay`: finds a failure record, by its name in the library or in a file, and
//! brings about the failure again.

use std::path::Path;

use serde_json::json;

use super::output::{self, say};
use super::{CommandError, Ending};
use crate::model::Secret;
use crate::regular_file;
use crate::triage::{Options, Record, RecordName, ReplayEnding, replay};

/// The record of that name in the library, or in the file of that name.
pub fn find(name: &str, library: &Path) -> Result<Record, CommandError> {
    let Some(name) = RecordName::parse(name) else {
        let text = regular_file::read_to_string(Path::new(name)).map_err(|error| {
            CommandError::Usage(format!("the record {name} cannot be read: {error}"))
        })?;
        return Record::from_json(&text)
            .map_err(|error| CommandError::Usage(format!("{name} is no record: {error}")));
    };
    Record::find(&super::reader(library)?, name)?.ok_or_else(|| {
        CommandError::Usage(format!(
            "there is no record {name}; `pagesieve failures` lists them"
        ))
    })
}

/// Prints a record as its file.
pub fn print(record: &Record) -> Result<Ending, CommandError> {
    output::print_json_text(&record.to_json().map_err(std::io::Error::other)?);
    Ok(Ending::Done)
}

/// Tries again what failed and says how it went.
pub fn run(
    record: &Record,
    passwords: &[Secret],
    options: &Options,
    as_json: bool,
) -> Result<Ending, CommandError> {
    let replayed = replay(record, passwords, options)?;
    let (word, ending) = match &replayed.ending {
        ReplayEnding::Same(_) => ("same", Ending::SomeFailed),
        ReplayEnding::Other(_) => ("other", Ending::SomeFailed),
        ReplayEnding::Shortage(_) => ("shortage", Ending::CanGoOn),
        ReplayEnding::Done => ("done", Ending::Done),
    };
    if as_json {
        let now = match &replayed.ending {
            ReplayEnding::Same(refusal) | ReplayEnding::Other(refusal) => {
                Some(refusal.kind.as_str())
            }
            _ => None,
        };
        let line = json!({
            "record": RecordName::of(&record.failure).to_string(),
            "ending": word,
            "kind_then": record.failure.kind.as_str(),
            "kind_now": now,
            "earlier_pages": replayed.earlier,
            "swept": replayed.swept,
            "differences": replayed.differences,
        });
        output::print_json(&line);
        return Ok(ending);
    }
    let page = record.failure.page.map(|page| format!(", page {page}"));
    say!("{}{}", record.name, page.unwrap_or_default());
    say!("then: {}", record.failure.kind.explanation());
    say!("now:  {}", replayed.in_words());
    Ok(ending)
}
