//! Tables of the runs over a batch, and of what the latest results say otherwise than those
//! of the run before.

use serde_json::{Value, json};

use super::super::changes::{changes as changes_of, tally};
use super::super::duplicates::Duplicates;
use super::table::Table;
use super::{Known, pages};
use crate::library::Run;

/// A row for each run, oldest first.
pub fn runs(runs: &[Run]) -> Table {
    let rows = runs.iter().map(|run| {
        let settings: Value = serde_json::from_str(&run.settings).unwrap_or_default();
        vec![
            json!(run.id.0),
            json!(run.started),
            json!(run.finished),
            json!(run.outcome),
            json!(run.pages),
            settings["engine"].clone(),
            settings["version"].clone(),
        ]
    });
    Table::new(
        &[
            "run", "started", "finished", "outcome", "pages", "engine", "version",
        ],
        rows,
    )
}

/// A row for each thing that changed, those of the most pages first.
pub fn changes(known: &Known, duplicates: &Duplicates) -> Table {
    let around = pages::Around::new(known, duplicates);
    let found = around.subjects();
    let found = found.map(|subject| (subject.page.id, changes_of(&subject)));
    let rows = tally(found).into_iter().map(|(changed, pages)| {
        vec![
            json!(changed.field),
            json!(changed.before),
            json!(changed.now),
            json!(pages.len()),
        ]
    });
    Table::new(&["column", "before", "now", "pages"], rows)
}
