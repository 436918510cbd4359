//! `leave-out` and `replace`: say of documents that cannot be read why they are not in what
//! is handed over, or which file takes their place. Not for decisions about pages (`decide`).

use std::path::Path;

use serde_json::json;

use super::arguments::{LeaveOutArguments, ReplaceArguments};
use super::output::{self, say};
use super::{CommandError, Ending, chosen, reader};
use crate::format::counted;
use crate::model::{Document, DocumentId};
use crate::triage::{Command, cannot_replace, leave_out as keep};

/// Leaves documents out, or takes that back.
pub fn leave_out(
    library: &Path,
    asked: &LeaveOutArguments,
    json: bool,
) -> Result<Ending, CommandError> {
    let reader = reader(library)?;
    let batch = chosen(&reader, asked.batch)?.batch.id;
    let known = reader.documents(batch)?;
    let documents = asked.documents.iter();
    let ids = documents.map(|name| unreadable(&known, name).map(|document| document.id));
    let ids: Vec<DocumentId> = ids.collect::<Result<_, _>>()?;
    let reason = asked.reason.as_deref().map(str::trim);
    if reason.is_some_and(str::is_empty) {
        return Err(CommandError::Usage("the reason is empty".into()));
    }
    keep(library, &ids, reason)?;
    if json {
        output::print_json(&json!({ "documents": asked.documents, "left_out": reason }));
    } else {
        let documents = counted(ids.len() as u64, "document", "documents");
        match reason {
            Some(reason) => say!("{documents} left out: {reason}"),
            None => say!("{documents} not left out any more"),
        }
    }
    Ok(Ending::Done)
}

/// The document of this name, which could not be opened.
fn unreadable<'a>(known: &'a [Document], name: &str) -> Result<&'a Document, CommandError> {
    let found = known.iter().find(|document| document.name == name);
    let problem = match found {
        None => format!("there is no document {name}; `pagesieve documents` lists them"),
        Some(document) if !document.status.is_failure() => {
            format!("{name} can be read: its pages are decided about with `pagesieve decide`")
        }
        Some(document) => return Ok(document),
    };
    Err(CommandError::Usage(problem))
}

/// What has a document replaced by a file.
pub fn replace(library: &Path, asked: &ReplaceArguments) -> Result<Command, CommandError> {
    let reader = reader(library)?;
    let batch = chosen(&reader, asked.batch)?.batch.id;
    let known = reader.documents(batch)?;
    let document = unreadable(&known, &asked.document)?;
    match cannot_replace(document, &asked.by) {
        Some(problem) => Err(CommandError::Usage(problem)),
        None => Ok(Command::Replace {
            batch,
            document: document.id,
            by: asked.by.clone(),
        }),
    }
}
