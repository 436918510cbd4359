//! The table of pages that are the same.

use serde_json::json;

use super::super::duplicates::DescribedGroup;
use super::table::{Table, yes_or_no};

/// A row for each page of each group of pages that are the same.
pub fn duplicates(groups: &[DescribedGroup]) -> Table {
    let rows = groups.iter().zip(1..).flat_map(|(group, number)| {
        group.pages.iter().map(move |page| {
            vec![
                json!(number),
                json!(group.sameness.as_str()),
                yes_or_no(Some(page.best.is_some())),
                json!(page.batch),
                json!(page.document),
                json!(page.page.id.number),
                yes_or_no(Some(group.dismissed)),
            ]
        })
    });
    Table::new(
        &[
            "group",
            "kind",
            "keep",
            "batch",
            "document",
            "page",
            "dismissed",
        ],
        rows,
    )
}
