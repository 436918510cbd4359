//! The table of the sample of a batch: what was decided of each page, and what was judged.

use serde_json::json;

use super::names_by_content;
use super::table::{Table, yes_or_no};
use crate::model::{Document, Ruling, Sample};

/// A row for each page of the sample, in the order in which they are judged; none where
/// there is no sample.
pub fn sample(documents: &[Document], sample: Option<&Sample>) -> Table {
    let names = names_by_content(documents);
    let pages = sample.map_or(&[][..], |sample| &sample.pages);
    let rows = pages.iter().enumerate().map(|(place, page)| {
        vec![
            json!(place + 1),
            json!(names.get(&page.page.document)),
            json!(page.page.number),
            json!(page.said.map_or("none", Ruling::as_str)),
            json!(page.judged.map(Ruling::as_str)),
            yes_or_no(page.judged.map(|_| page.is_overturned())),
        ]
    });
    Table::new(
        &["place", "document", "page", "said", "judged", "overturned"],
        rows,
    )
}
