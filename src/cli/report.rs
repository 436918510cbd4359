//! `report`: a batch as one page of HTML, for people who do not have the program. Not for
//! tables (`print`).

use serde_json::json;

use super::arguments::{Arguments, ReportArguments};
use super::output::{self, say};
use super::{CommandError, Ending, chosen, decide, reader};
use crate::format::counted;
use crate::triage::tables::{Report, save_report};
use crate::triage::{Places, Scratch};

/// Writes the report.
pub fn report(
    arguments: &Arguments,
    places: &Places,
    asked: &ReportArguments,
) -> Result<Ending, CommandError> {
    let reader = reader(&places.library)?;
    let batch = chosen(&reader, asked.batch)?.batch.id;
    let query = decide::query(asked.query.as_deref().unwrap_or_default())?;
    let report = Report::of(&reader, batch, None, &query)?;
    let scratch = Scratch::look(arguments.scratch_settings(places))?;
    let packs = scratch.packs(&reader.id()?);
    let replace = asked.overwrite && asked.out.is_file();
    save_report(&report, &reader, batch, &packs, &asked.out, replace)?;
    let pages = report.page_count();
    match arguments.json {
        true => output::print_json(&json!({ "file": asked.out, "pages": pages })),
        false => say!(
            "{}: {}",
            asked.out.display(),
            counted(pages as u64, "page", "pages")
        ),
    }
    Ok(Ending::Done)
}
