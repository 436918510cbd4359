//! Shows files and folders with the system's own programs: the viewer for PDFs, the file
//! manager for folders. Not for reading anything.

use std::path::Path;

use crate::model::{Address, Document, Source};

/// What is to be shown of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    File,
    Folder,
}

/// A document that the system's viewer can open: a file of its own whose name says PDF. A
/// file that says it is something else might be run instead of shown.
pub fn has_file(document: &Document) -> bool {
    let Source::File(path) = &document.source else {
        return false;
    };
    let ends = |ending: &std::ffi::OsStr| ending.eq_ignore_ascii_case("pdf");
    !Address::is(path) && path.extension().is_some_and(ends)
}

/// Shows a document's file, or the folder that its file or archive is in. On failure, what
/// happened and what to do.
pub fn document(document: &Document, shown: Shown) -> Result<(), String> {
    let file = document.source.file();
    if Address::is(file) {
        return Err(format!(
            "{} is in object storage, which the system's programs do not open: {}",
            document.name,
            file.display()
        ));
    }
    match shown {
        Shown::File if has_file(document) => open(file),
        Shown::File => Err(format!(
            "{} is not opened: it is no file of its own whose name ends in .pdf. Open its folder \
             instead.",
            document.name
        )),
        Shown::Folder => folder(file.parent().unwrap_or(file)),
    }
}

/// Shows a folder.
pub fn folder(folder: &Path) -> Result<(), String> {
    match folder.is_dir() {
        true => open(folder),
        false => Err(format!("{} is no longer there.", folder.display())),
    }
}

fn open(path: &Path) -> Result<(), String> {
    if !path.exists() {
        return Err(format!("{} is no longer there.", path.display()));
    }
    open::that_detached(path).map_err(|error| {
        tracing::warn!(%error, "the system opens no file");
        format!(
            "The system has no program that opens {}. Open it yourself.",
            path.display()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{BatchId, DocumentId, DocumentStatus};

    fn document_of(source: Source) -> Document {
        Document {
            id: DocumentId(1),
            batch: BatchId(1),
            source,
            name: "letter.pdf".into(),
            bytes: 1,
            modified: 0,
            hash: None,
            status: DocumentStatus::Ok,
            pages: 1,
            encrypted: false,
            duplicate_of: None,
            left_out: None,
        }
    }

    #[test]
    fn only_what_calls_itself_a_pdf_is_opened_by_the_system() {
        let entry = Source::Within {
            file: "/a/letters.pdf".into(),
            entry: "letter.pdf".into(),
        };
        for (source, is) in [
            (Source::File("/a/letter.PDF".into()), true),
            (Source::File("/a/letter.exe".into()), false),
            (Source::File("/a/letter".into()), false),
            (entry, false),
            (Source::File("s3://bucket/letter.pdf".into()), false),
        ] {
            assert_eq!(has_file(&document_of(source)), is);
        }
    }

    #[test]
    fn what_is_in_object_storage_is_said_to_be_there() {
        let object = document_of(Source::File("s3://bucket/in/letter.pdf".into()));
        for shown in [Shown::File, Shown::Folder] {
            let said = document(&object, shown).unwrap_err();
            assert!(said.contains("s3://bucket/in/letter.pdf"), "{said}");
        }
    }

    #[test]
    fn what_has_gone_is_said() {
        let gone = document_of(Source::File("/nowhere/at all/letter.pdf".into()));
        for shown in [Shown::File, Shown::Folder] {
            let said = document(&gone, shown).unwrap_err();
            assert!(said.contains("no longer there"), "{said}");
        }
    }
}
