//! Leaving documents out that cannot be read, for a reason that manifests give, where no
//! session is open. Not for taking documents out of a batch, nor for pages (`decisions`).

use std::path::Path;

use crate::library::{Library, LibraryError};
use crate::model::DocumentId;

/// Leaves documents of the library in a folder out, or takes that back where there is no
/// reason.
pub fn leave_out(
    dir: &Path,
    documents: &[DocumentId],
    reason: Option<&str>,
) -> Result<(), LibraryError> {
    let mut library = Library::open(dir)?;
    library.write(|writer| {
        let mut documents = documents.iter();
        documents.try_for_each(|document| writer.leave_out(*document, reason))
    })
}
