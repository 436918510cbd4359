//! Document inspection: what is in a file besides what its pages show. Bytes
//! in, facts out; runs in workers only, for the parser reads everything into
//! memory and can end its process on a hostile file. Not for judging.

mod boxes;
mod raw;
mod structure;

use crate::model::DocumentDetails;

/// Inspects a document. `password` is the one that opened it, if any.
pub fn inspect(bytes: &[u8], password: Option<&str>) -> DocumentDetails {
    let (structure, problem) = match structure::read(bytes, password) {
        Ok(structure) => (Some(structure), None),
        Err(problem) => (None, Some(problem)),
    };
    DocumentDetails {
        raw: raw::scan(bytes),
        page_counts: structure
            .iter()
            .map(|structure| ("lopdf".to_owned(), structure.pages))
            .collect(),
        structure,
        problem,
        left_out: Vec::new(),
    }
}
