//! Objects as bytes. An object that many parts share is serialised once, with
//! holes where it refers to others, and each part fills in its own numbers. Not
//! for the file around the objects (`file`).

use std::io::Write as _;

use lopdf::Writer;
use lopdf::{Dictionary, Object, ObjectId};

use super::numbers::ExactNumbers;
use super::syntax::is_regular;

/// Bytes that a reference usually takes, "12345 0 R".
const REFERENCE: usize = 9;

/// The body of an object with holes for the numbers of others.
#[derive(Debug, Default)]
pub struct Template {
    bytes: Vec<u8>,
    /// Where each reference belongs, and what it refers to, in order.
    holes: Vec<(usize, ObjectId)>,
}

impl Template {
    /// Serialises an object; of a stream, its dictionary with the length that
    /// its content has. Numbers are written as in the documents that they come from.
    pub fn of(object: &Object, exact: &[&ExactNumbers]) -> Self {
        let mut template = Self::default();
        match object {
            Object::Stream(stream) => {
                let mut dictionary = stream.dict.clone();
                let length = i64::try_from(stream.content.len()).unwrap_or(i64::MAX);
                dictionary.set("Length", length);
                template.dictionary(&dictionary, exact);
            }
            other => template.object(other, exact),
        }
        template
    }

    /// Appends the body to `to`. `number` gives the new number of an object, or
    /// none where it does not come along.
    pub fn fill(&self, to: &mut Vec<u8>, mut number: impl FnMut(ObjectId) -> Option<u32>) {
        to.reserve(self.bytes.len() + REFERENCE * self.holes.len());
        let mut done = 0;
        for (at, id) in &self.holes {
            to.extend_from_slice(&self.bytes[done..*at]);
            done = *at;
            match number(*id) {
                Some(number) => reference(to, number),
                None => to.extend_from_slice(b"null"),
            }
        }
        to.extend_from_slice(&self.bytes[done..]);
    }

    fn object(&mut self, object: &Object, exact: &[&ExactNumbers]) {
        match object {
            Object::Array(items) => {
                self.bytes.push(b'[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 && Writer::need_separator(item) {
                        self.bytes.push(b' ');
                    }
                    self.object(item, exact);
                }
                self.bytes.push(b']');
            }
            Object::Dictionary(dictionary) => self.dictionary(dictionary, exact),
            Object::Reference(id) => self.holes.push((self.bytes.len(), *id)),
            Object::Name(name) => self.name(name),
            // A stream is never inside of another object.
            Object::Stream(_) => self.bytes.extend_from_slice(b"null"),
            Object::Real(number)
                if let Some(written) = exact.iter().find_map(|it| it.get(*number)) =>
            {
                if *number < 0.0 {
                    self.bytes.push(b'-');
                }
                self.bytes.extend_from_slice(written);
            }
            // Writing to memory cannot fail.
            simple => drop(Writer::write_object(&mut self.bytes, simple)),
        }
    }

    /// A number sign without two digits stays as it is: viewers differ in what they make of
    /// it, and content may have the same name.
    fn name(&mut self, name: &[u8]) {
        self.bytes.push(b'/');
        for (at, &byte) in name.iter().enumerate() {
            let after = name.get(at + 1..at + 3).unwrap_or_default();
            let is_escape = after.len() == 2 && after.iter().all(u8::is_ascii_hexdigit);
            if byte == b'#' && !is_escape
                || is_regular(byte) && byte.is_ascii_graphic() && byte != b'#'
            {
                self.bytes.push(byte);
            } else {
                // Writing to memory cannot fail.
                let _ = write!(self.bytes, "#{byte:02X}");
            }
        }
    }

    fn dictionary(&mut self, dictionary: &Dictionary, exact: &[&ExactNumbers]) {
        self.bytes.extend_from_slice(b"<<");
        for (key, value) in dictionary.iter() {
            self.name(key);
            if Writer::need_separator(value) {
                self.bytes.push(b' ');
            }
            self.object(value, exact);
        }
        self.bytes.extend_from_slice(b">>");
    }
}

/// Serialises an object whose references are new numbers already.
pub fn serialised(object: &Object, exact: &[&ExactNumbers]) -> Vec<u8> {
    let template = Template::of(object, exact);
    let mut bytes = Vec::new();
    template.fill(&mut bytes, |(number, _)| Some(number));
    bytes
}

fn reference(to: &mut Vec<u8>, number: u32) {
    // Writing to memory cannot fail.
    let _ = write!(to, "{number} 0 R");
}

#[cfg(test)]
mod tests {
    use super::*;
    use lopdf::dictionary;

    fn sample() -> Object {
        Object::Dictionary(dictionary! {
            "A" => Object::Reference((7, 0)),
            "B" => vec![1.into(), Object::Reference((8, 0)), Object::Null, "N".into(), 2.5.into()],
            "C#" => Object::string_literal("(a\\"),
        })
    }

    #[test]
    fn holes_are_filled_with_new_numbers() {
        let template = Template::of(&sample(), &[]);
        let mut bytes = Vec::new();
        template.fill(&mut bytes, |(number, _)| (number == 7).then_some(123));
        assert_eq!(
            String::from_utf8_lossy(&bytes),
            "<</A 123 0 R/B[1 null null/N 2.5]/C#(\\(a\\\\)>>"
        );
    }

    #[test]
    fn new_numbers_are_written_as_they_are() {
        assert!(serialised(&sample(), &[]).starts_with(b"<</A 7 0 R"));
    }
}
