//! Finding objects by their beginnings, where the file says wrongly or not at all where
//! they are. Not for reading them.

use std::collections::HashMap;

use lopdf::{Dictionary, Object};
use memchr::memmem;

use super::syntax::{Reader, is_blank};
use super::table::{TRAILER_KEYS, content};

/// Digits of the largest number of an object, and of a generation.
const DIGITS: usize = 10;

/// What is in a file.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Where each object begins; of several with one number the last, as it is the newest.
    pub(super) places: HashMap<u32, usize>,
    /// Object streams, in order.
    pub(super) packed: Vec<u32>,
    /// What the trailers say, the last first.
    pub(super) trailer: Dictionary,
}

/// Searches the file outside of streams.
pub(super) fn search(bytes: &[u8]) -> Found {
    let mut found = Found::default();
    let mut trailers = Vec::new();
    let mut catalog = None;
    let mut from = 0;
    // "obj" begins objects, "trailer" says what they belong to.
    for at in memmem::find_iter(bytes, b"obj") {
        let Some(start) = (at >= from).then(|| beginning(bytes, at)).flatten() else {
            continue;
        };
        trailers.extend(trailers_in(&bytes[from.min(start)..start]));
        from = at;
        let mut reader = Reader::new(bytes, start);
        let Some(object) = reader.indirect() else {
            // It is there and cannot be read, which is for others to say.
            let number = Reader::new(bytes, start).digits();
            found.places.extend(number.map(|number| (number, start)));
            continue;
        };
        from = reader.place();
        found.places.insert(object.number, start);
        let Object::Dictionary(entries) = object.object else {
            continue;
        };
        if let Some(start) = object.content {
            let length = entries.get(b"Length").and_then(Object::as_i64).ok();
            from = content(bytes, start, length).end;
        }
        if entries.has_type(b"ObjStm") {
            found.packed.push(object.number);
        } else if entries.has_type(b"XRef") {
            trailers.push(entries);
        } else if entries.has_type(b"Catalog") {
            catalog = Some(object.number);
        }
    }
    trailers.extend(trailers_in(&bytes[from..]));
    for trailer in trailers.iter().rev() {
        for key in TRAILER_KEYS {
            if let Ok(value) = trailer.get(key)
                && !found.trailer.has(key)
            {
                found.trailer.set(key, value.clone());
            }
        }
    }
    if let Some(catalog) = catalog
        && !found.trailer.has(b"Root")
    {
        found.trailer.set("Root", Object::Reference((catalog, 0)));
    }
    found
}

/// Where an object begins whose "obj" is at `at`.
fn beginning(bytes: &[u8], at: usize) -> Option<usize> {
    let before = |end: usize| {
        let digits = bytes[..end].iter().rev().take(DIGITS);
        let digits = digits.take_while(|byte| byte.is_ascii_digit()).count();
        (digits > 0).then(|| end - digits)
    };
    let blank = |end: usize| {
        let blank = bytes[..end].iter().rev().take(DIGITS);
        end - blank.take_while(|byte| is_blank(**byte)).count()
    };
    let generation = before(blank(at))?;
    let end = blank(generation);
    (end < generation).then(|| before(end))?
}

fn trailers_in(between: &[u8]) -> impl Iterator<Item = Dictionary> {
    memmem::find_iter(between, b"trailer").filter_map(|at| {
        let mut reader = Reader::new(between, at + b"trailer".len());
        match reader.object() {
            Some(Object::Dictionary(entries)) => Some(entries),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_found_by_their_whole_number() {
        let file = b"%PDF-1.4\n14 0 obj\n<<>>\nendobj 5 0 obj<<>>endobj\r6 0\robj<<>>";
        let found = search(file).places;
        let mut numbers: Vec<_> = found.into_iter().collect();
        numbers.sort_unstable();
        assert_eq!(numbers, [(5, 30), (6, 48), (14, 9)]);
    }

    #[test]
    fn the_last_of_several_is_meant_and_streams_hide_what_is_in_them() {
        let file = b"1 0 obj<</A 1>>endobj 1 0 obj<</A 2>>endobj\n\
            2 0 obj<</Length 16>>stream\n1 0 obj<<>>endobj\nendstream endobj\n\
            trailer<</Root 1 0 R/Info 7 0 R>>trailer<</Root 9 0 R>>";
        let found = search(file);
        assert_eq!(found.places[&1], 22);
        let root = found.trailer.get(b"Root").unwrap().as_reference().unwrap();
        assert_eq!(root, (9, 0));
        assert!(found.trailer.has(b"Info"));
    }

    #[test]
    fn a_catalog_stands_in_for_a_trailer() {
        let found = search(b"3 0 obj<</Type/Catalog>>endobj");
        assert!(found.trailer.has(b"Root"));
    }
}
