//! Files that are attached to a document, wherever in it, each by itself: PDFs among them
//! are documents of their own. Not for taking them along into parts (`attachments`).

use std::collections::HashSet;
use std::sync::Arc;

use lopdf::{Dictionary, Object, ObjectId};

use super::ExtractError;
use super::document::Document;
use crate::pdf::text_string::text_string;

/// The files that are attached to a document.
pub struct AttachedFiles {
    document: Document,
    files: Vec<AttachedFile>,
}

/// A file that is attached to a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachedFile {
    /// Its name, as the document states it; empty where it has none.
    pub name: String,
    stream: ObjectId,
}

impl AttachedFiles {
    /// Finds the files that objects of a document specify, in the order of these. Streams are
    /// passed over, so that one of many files is found without reading the others. `password`
    /// is the one that opens the document, if any.
    pub fn read(bytes: Arc<Vec<u8>>, password: Option<&str>) -> Result<Self, ExtractError> {
        let document = Document::read(bytes, password)?;
        let mut files = Vec::new();
        let mut seen = HashSet::new();
        for number in document.numbers() {
            if document.is_stream((number, 0)) {
                continue;
            }
            let mut waiting: Vec<&Object> = document.get_object((number, 0)).into_iter().collect();
            while let Some(object) = waiting.pop() {
                let entries = match object {
                    Object::Array(items) => {
                        waiting.extend(items.iter().rev());
                        continue;
                    }
                    Object::Dictionary(entries) => entries,
                    _ => continue,
                };
                if let Some(file) = specified(&document, entries)
                    && seen.insert(file.stream)
                {
                    files.push(file);
                }
                waiting.extend(entries.iter().map(|(_, value)| value));
            }
        }
        Ok(Self { document, files })
    }

    /// All of them.
    pub fn files(&self) -> &[AttachedFile] {
        &self.files
    }

    /// The size of one in the document, in bytes.
    pub fn packed(&self, file: &AttachedFile) -> u64 {
        match self.document.get_object(file.stream) {
            Ok(Object::Stream(stream)) => stream.content.len() as u64,
            _ => 0,
        }
    }

    /// The bytes of one, unpacked; a reason in words where they cannot be had or are more
    /// than `most`.
    pub fn content(&self, file: &AttachedFile, most: usize) -> Result<Vec<u8>, String> {
        match self.document.get_object(file.stream) {
            Ok(Object::Stream(stream)) => stream
                .get_plain_content_with_limit(most)
                .map_err(|error| error.to_string()),
            _ => Err("it is not in the document".into()),
        }
    }
}

/// The file that a dictionary specifies, if it embeds one (ISO 32000-2, 7.11.3 and 7.11.4).
fn specified(document: &Document, entries: &Dictionary) -> Option<AttachedFile> {
    let (_, embedded) = document.dereference(entries.get(b"EF").ok()?).ok()?;
    let embedded = embedded.as_dict().ok()?;
    let stream = ["UF", "F", "Unix", "Mac", "DOS"]
        .iter()
        .find_map(|key| embedded.get(key.as_bytes()).ok()?.as_reference().ok())?;
    if !document.is_stream(stream) {
        return None;
    }
    let names = ["UF", "F", "Unix", "Mac", "DOS"].iter();
    let name = names.filter_map(|key| {
        let (_, name) = document
            .dereference(entries.get(key.as_bytes()).ok()?)
            .ok()?;
        text_string(name)
    });
    Some(AttachedFile {
        name: name
            .map(|name| name.trim().to_owned())
            .find(|name| !name.is_empty())
            .unwrap_or_default(),
        stream,
    })
}
