//! A whole file without its encryption, for engines that cannot decrypt it themselves. Not
//! for parts, which are never encrypted.

use std::collections::HashMap;
use std::sync::Arc;

use lopdf::{Dictionary, Object, ObjectId};

use super::document::Document;
use super::file::{Entry, Layout};
use super::numbers::ExactNumbers;
use super::serialise::Template;

/// The file without its encryption. None where it has none, or the password does not open
/// it.
pub fn decrypted(bytes: Arc<Vec<u8>>, password: &str) -> Option<Vec<u8>> {
    let document = Document::read(bytes, Some(password)).ok()?;
    if !document.is_encrypted() {
        return None;
    }
    let exact = ExactNumbers::of(document.bytes(), document.packed_contents());
    let mut objects = Vec::new();
    for number in document.numbers() {
        if let Ok(object) = document.get_object((number, 0))
            && !is_of_the_file(object)
        {
            objects.push((number, object));
        }
    }
    let own: HashMap<u32, u32> = objects.iter().map(|(number, _)| *number).zip(1..).collect();
    let renumbered = |id: ObjectId| own.get(&id.0).copied();
    let entries = objects.iter().map(|(_, object)| {
        let mut body = Vec::new();
        Template::of(object, &[&exact]).fill(&mut body, renumbered);
        match object {
            Object::Stream(stream) => Entry::Stream(body, stream.content.as_slice().into()),
            _ => Entry::Plain(body),
        }
    });
    let mut trailer = Dictionary::new();
    for key in [&b"Root"[..], b"Info"] {
        if let Ok(Object::Reference(id)) = document.trailer.get(key)
            && let Some(number) = renumbered(*id)
        {
            trailer.set(key, Object::Reference((number, 0)));
        }
    }
    let layout = Layout::new(&document.version, entries.collect(), trailer);
    let mut file = Vec::new();
    layout.write(&mut file).ok()?;
    Some(file)
}

/// It says where other objects are, which the new file says anew.
fn is_of_the_file(object: &Object) -> bool {
    let Object::Stream(stream) = object else {
        return false;
    };
    stream.dict.has_type(b"ObjStm") || stream.dict.has_type(b"XRef")
}
