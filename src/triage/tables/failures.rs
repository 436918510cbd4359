//! The table of failures.

use serde_json::json;

use super::super::record::RecordName;
use super::names_of;
use super::table::Table;
use crate::model::{Document, Failure};

/// A row for each failure, with the name of its record.
pub fn failures(documents: &[Document], failures: &[Failure]) -> Table {
    let names = names_of(documents);
    let rows = failures.iter().map(|failure| {
        let circumstances = failure.circumstances.as_deref();
        vec![
            json!(RecordName::of(failure).to_string()),
            json!(names.get(&failure.document)),
            json!(failure.page),
            json!(failure.stage.as_str()),
            json!(failure.kind.as_str()),
            json!(failure.attempts),
            json!(circumstances.and_then(|known| known.error_number)),
            json!(circumstances.and_then(|known| known.free_before)),
            json!(circumstances.map(|known| known.scratch.residue)),
            json!(failure.at),
            json!(failure.reason()),
        ]
    });
    Table::new(
        &[
            "record",
            "document",
            "page",
            "stage",
            "kind",
            "attempts",
            "error_number",
            "free_before",
            "residue",
            "at",
            "reason",
        ],
        rows,
    )
}
