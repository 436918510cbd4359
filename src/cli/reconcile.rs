//! `reconcile`: prints how a batch differs from a client's list. Not for comparing them
//! (`triage`).

use std::path::Path;

use serde_json::json;

use super::output::complain;
use super::print::{self, List, Wanted};
use super::{CommandError, Ending, chosen, reader};
use crate::format::counted;
use crate::regular_file;
use crate::triage::tables::Table;
use crate::triage::{Reconciled, read_list, reconcile as compare};

/// Prints what is missing, what is too much, and where numbers of pages differ.
pub fn reconcile(
    library: &Path,
    file: &Path,
    batch: Option<i64>,
    wanted: &Wanted,
) -> Result<Ending, CommandError> {
    let unreadable = |error: &dyn std::error::Error| {
        CommandError::Configuration(format!("{}: {error}", file.display()))
    };
    let list = regular_file::read(file).map_err(|error| unreadable(&error))?;
    let list = read_list(&list).map_err(|error| unreadable(&error))?;
    let reader = reader(library)?;
    let batch = chosen(&reader, batch)?.batch.id;
    let found = compare(&list, &reader.documents(batch)?);
    print::print(List::Differences, table(&found), wanted)?;
    let documents = |number: usize| counted(number as u64, "document", "documents");
    let pages = |number: u64| counted(number, "page", "pages");
    complain!(
        "listed: {}{}; in the batch: {}, {}",
        documents(found.listed),
        found
            .listed_pages
            .map_or_else(String::new, |number| format!(", {}", pages(number))),
        documents(found.found),
        pages(found.found_pages)
    );
    Ok(match found.agrees() {
        true => Ending::Done,
        false => Ending::SomeFailed,
    })
}

fn table(found: &Reconciled) -> Table {
    let missing = found.missing.iter().map(|listed| {
        vec![
            json!(listed.name),
            json!("missing"),
            json!(listed.pages),
            json!(null),
        ]
    });
    let surplus = found
        .surplus
        .iter()
        .map(|(_, name)| vec![json!(name), json!("surplus"), json!(null), json!(null)]);
    let other = found.other_pages.iter().map(|other| {
        vec![
            json!(other.name),
            json!("other_pages"),
            json!(other.listed),
            json!(other.found),
        ]
    });
    Table::new(
        &["document", "difference", "listed_pages", "pages"],
        missing.chain(surplus).chain(other),
    )
}
