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
    /// Its size in the document, in bytes.
    pub packed: u64,
    stream: ObjectId,
}

impl AttachedFiles {
    /// Finds the files in the objects of a document, in the order of these. `password` is
    /// the one that opens it, if any.
    pub fn read(bytes: Arc<Vec<u8>>, password: Option<&str>) -> Result<Self, ExtractError> {
        let document = Document::read(bytes, password)?;
        let mut files = Vec::new();
        let mut seen = HashSet::new();
        for number in document.numbers() {
            let Ok(object) = document.get_object((number, 0)) else {
                continue;
            };
            let mut waiting = vec![object];
            while let Some(object) = waiting.pop() {
                let entries = match object {
                    Object::Array(items) => {
                        waiting.extend(items.iter().rev());
                        continue;
                    }
                    Object::Dictionary(entries) => entries,
                    Object::Stream(stream) => &stream.dict,
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
    let Ok(Object::Stream(content)) = document.get_object(stream) else {
        return None;
    };
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
        packed: content.content.len() as u64,
        stream,
    })
}
