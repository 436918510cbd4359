//! The table of decisions: who said what of which page, and when.

use serde_json::{Value, json};

use super::super::decisions::Decisions;
use super::names_by_content;
use super::table::{Table, yes_or_no};
use crate::model::{Change, Deed, Document};

/// A row for each page of each act, oldest first.
pub fn decisions(documents: &[Document], decisions: &Decisions) -> Table {
    let names = names_by_content(documents);
    let mut rows: Vec<Vec<Value>> = Vec::new();
    for (act, holds) in decisions.acts() {
        let mut row = |what: Value, document: Value, page: Value, hash: Value| {
            rows.push(vec![
                json!(act.id.0),
                json!(act.at),
                json!(act.author),
                json!(act.rule),
                what,
                yes_or_no(Some(holds)),
                document,
                page,
                hash,
            ]);
        };
        match &act.deed {
            Deed::Undo(undone) => {
                let what = json!(format!("Take back {}", undone.0));
                row(what, Value::Null, Value::Null, Value::Null);
            }
            Deed::Change { changes, pages } => {
                let what: Vec<String> = changes.iter().map(in_full).collect();
                let what = what.join(", ");
                for page in pages {
                    row(
                        json!(what),
                        json!(names.get(&page.document)),
                        json!(page.number),
                        json!(page.document),
                    );
                }
            }
        }
    }
    Table::new(
        &[
            "act", "at", "author", "rule", "what", "holds", "document", "page", "blake3",
        ],
        rows.into_iter(),
    )
}

fn in_full(change: &Change) -> String {
    match change {
        Change::Note(note) if !note.is_empty() => format!("Note: {note}"),
        change => change.in_words(),
    }
}
