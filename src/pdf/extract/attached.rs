//! Files that are attached to a document, wherever in it, each by itself: PDFs among them
//! are documents of their own. Not for taking them along into parts (`attachments`).

use std::collections::HashSet;
use std::sync::Arc;

use lopdf::{DecompressError, Dictionary, Object, ObjectId};

use super::ExtractError;
use super::document::Document;
use crate::pdf::text_string::text_string;

/// Under which names and files stand, the better ones first.
const KEYS: [&[u8]; 5] = [b"UF", b"F", b"Unix", b"Mac", b"DOS"];

/// References to references are followed this far.
const LONGEST_CHAIN: usize = 8;

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
    /// Finds the files that objects of a document specify, in the order of these, and after
    /// them those that no object does. Their content is not read, so that one of many is
    /// found without reading the others. `password` is the one that opens the document, if
    /// any.
    pub fn read(bytes: Arc<Vec<u8>>, password: Option<&str>) -> Result<Self, ExtractError> {
        let document = Document::read(bytes, password)?;
        let mut files = Vec::new();
        let mut unspecified = Vec::new();
        for number in document.numbers() {
            let id = (number, 0);
            if let Some(entries) = document.stream_entries(id) {
                if entries.has_type(b"EmbeddedFile") {
                    unspecified.push(id);
                }
                continue;
            }
            let mut waiting: Vec<&Object> = document.get_object(id).into_iter().collect();
            while let Some(object) = waiting.pop() {
                match object {
                    Object::Array(items) => waiting.extend(items.iter().rev()),
                    Object::Dictionary(entries) => {
                        files.extend(specified(&document, entries));
                        waiting.extend(entries.iter().map(|(_, value)| value));
                    }
                    _ => {}
                }
            }
        }
        let unspecified = unspecified.into_iter().map(|stream| AttachedFile {
            name: String::new(),
            stream,
        });
        files.extend(unspecified);
        let mut seen = HashSet::new();
        files.retain(|file| seen.insert(file.stream));
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
        let Ok(Object::Stream(stream)) = self.document.get_object(file.stream) else {
            return Err("it cannot be read".into());
        };
        let content = stream.get_plain_content_with_limit(most);
        content.map_err(|error| match error {
            lopdf::Error::Decompress(DecompressError::MemoryLimitExceeded { limit }) => {
                format!("it unpacks to more than {limit} bytes")
            }
            lopdf::Error::Unimplemented(_) => "how it is packed is not known".into(),
            _ => "its content is damaged".into(),
        })
    }
}

/// The files that a dictionary specifies (ISO 32000-2, 7.11.3 and 7.11.4): one, where it does
/// not embed others for other systems.
fn specified(document: &Document, entries: &Dictionary) -> Vec<AttachedFile> {
    let embedded = entries.get(b"EF").ok();
    let embedded = embedded.and_then(|embedded| document.dereference(embedded).ok());
    let Some((_, Object::Dictionary(embedded))) = embedded else {
        return Vec::new();
    };
    let names = KEYS.iter().filter_map(|key| {
        let (_, name) = document.dereference(entries.get(key).ok()?).ok()?;
        text_string(name)
    });
    let mut names = names.map(|name| name.trim().to_owned());
    let name = names.find(|name| !name.is_empty()).unwrap_or_default();
    let streams = KEYS.iter().filter_map(|key| embedded.get(key).ok());
    streams
        .filter_map(|stream| stream_of(document, stream))
        .map(|stream| AttachedFile {
            name: name.clone(),
            stream,
        })
        .collect()
}

/// The stream that references lead to.
fn stream_of<'a>(document: &'a Document, mut object: &'a Object) -> Option<ObjectId> {
    for _ in 0..LONGEST_CHAIN {
        let id = object.as_reference().ok()?;
        if document.stream_entries(id).is_some() {
            return Some(id);
        }
        object = document.get_object(id).ok()?;
    }
    None
}
