//! The text of a page as it is written: its own, and what analysers have read on it.

use crate::library::{LibraryError, Reader};
use crate::model::PageId;

/// Between what a page says itself and what was read on it.
const BETWEEN: &str = "\n\n";

/// The text of a page; none where it was not read yet.
pub fn of(reader: &Reader, page: PageId) -> Result<Option<String>, LibraryError> {
    let own = reader.page_text(page)?;
    let read = reader.texts_read(page)?;
    if own.is_none() && read.is_empty() {
        return Ok(None);
    }
    let texts = own.into_iter().chain(read);
    let texts: Vec<String> = texts.filter(|text| !text.trim().is_empty()).collect();
    Ok(Some(texts.join(BETWEEN)))
}
