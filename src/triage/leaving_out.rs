//! Leaving documents out that cannot be read, for a reason that manifests give: one that a
//! person types, or that another file takes their place. Not for taking documents out of a
//! batch, nor for pages (`decisions`).

use std::path::Path;

use crate::library::{Library, LibraryError};
use crate::model::{Document, DocumentId};

/// Leaves documents of the library in a folder out, where no session is open, or takes that
/// back where there is no reason.
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

/// The reason that manifests give where a file takes the place of a document.
pub fn replaced_by(file: &Path) -> String {
    let name = file.file_name().unwrap_or(file.as_os_str());
    format!("replaced by {}", name.to_string_lossy())
}

/// Why a file cannot take the place of a document; none where it can.
pub fn cannot_replace(document: &Document, file: &Path) -> Option<String> {
    let name = &document.name;
    let problem = if document.status.is_opened() {
        format!("{name} can be read: take it out and add the other file")
    } else if !file.is_file() {
        format!("{} is not a file that is there", file.display())
    } else if file.canonicalize().ok() == document.source.file().canonicalize().ok() {
        format!("{name} is this file: try it again instead")
    } else {
        return None;
    };
    Some(problem)
}
