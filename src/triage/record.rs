//! Failure records as files: a failure with all that `replay` needs to bring it
//! about again. They name files and hold no content of theirs. Not for finding out
//! what failed (`thread::failures`).

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use crate::library::{LibraryError, Reader};
use crate::model::{ContentHash, Document, DocumentId, Failure, Source};

/// A failure, and where its document and those before it are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Path of the document below the batch's root.
    pub name: String,
    /// Where its bytes are.
    pub source: Source,
    /// What happened to it.
    pub failure: Failure,
    /// This document and those of the pages that the worker had analysed before.
    pub earlier: Vec<EarlierDocument>,
}

/// A document that a worker had seen before something failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierDocument {
    /// Its key in the library that the record comes from.
    pub id: DocumentId,
    /// Where its bytes are.
    pub source: Source,
    /// What it was, where that is known.
    pub hash: Option<ContentHash>,
}

/// How a record is named: the document's number and, for a page, a colon and the
/// page's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RecordName {
    /// The document.
    pub document: DocumentId,
    /// The page, from 1; none: the document as a whole.
    pub page: Option<u32>,
}

impl RecordName {
    /// The name of a failure's record.
    pub fn of(failure: &Failure) -> Self {
        Self {
            document: failure.document,
            page: failure.page,
        }
    }

    /// Reads a name such as `12` or `12:7`; none where it is something else.
    pub fn parse(text: &str) -> Option<Self> {
        let (document, page) = match text.split_once(':') {
            Some((document, page)) => (document, Some(page.parse().ok()?)),
            None => (text, None),
        };
        Some(Self {
            document: DocumentId(document.parse().ok()?),
            page,
        })
    }
}

impl std::fmt::Display for RecordName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.document.0)?;
        match self.page {
            Some(page) => write!(f, ":{page}"),
            None => Ok(()),
        }
    }
}

impl Record {
    /// Reads a record from the library; none where nothing of that name failed.
    pub fn find(reader: &Reader, name: RecordName) -> Result<Option<Self>, LibraryError> {
        let Some(failure) = reader.failure_of(name.document, name.page)? else {
            return Ok(None);
        };
        let mut documents = HashMap::new();
        for id in documents_of(&failure) {
            if let Some(document) = reader.document(id)? {
                documents.insert(id, document);
            }
        }
        Ok(Self::of(failure, |id| documents.get(&id)))
    }

    /// The record of a failure, with documents as `document` knows them; none where
    /// it does not know that which failed.
    pub fn of<'a>(
        failure: Failure,
        document: impl Fn(DocumentId) -> Option<&'a Document>,
    ) -> Option<Self> {
        let failed = document(failure.document)?;
        let earlier = documents_of(&failure).into_iter().filter_map(&document);
        Some(Self {
            name: failed.name.clone(),
            source: failed.source.clone(),
            earlier: earlier
                .map(|document| EarlierDocument {
                    id: document.id,
                    source: document.source.clone(),
                    hash: document.hash,
                })
                .collect(),
            failure,
        })
    }

    /// Reads a record from the text of its file.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The text of its file.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }
}

/// The document that failed, and those that the worker had seen before.
fn documents_of(failure: &Failure) -> BTreeSet<DocumentId> {
    let circumstances = failure.circumstances.as_deref();
    let earlier = circumstances.map(|known| known.worker.earlier.as_slice());
    let earlier = earlier.unwrap_or_default().iter().map(|page| page.document);
    earlier.chain([failure.document]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for text in ["12", "12:7"] {
            assert_eq!(RecordName::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "x", "12:", ":7", "a.json", "12:7:1"] {
            assert_eq!(RecordName::parse(text), None, "{text}");
        }
    }
}
