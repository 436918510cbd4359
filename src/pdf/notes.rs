//! What people wrote upon a page and what it does not paint: comments, and the values of form
//! fields. For finding it; not for what is painted of annotations (`text`), nor for counting
//! them.

use hayro_syntax::object::{Array, Dict, Name, Object};

use super::text_string::decoded;

/// Annotations of a page that are looked at.
const MOST_ANNOTATIONS: usize = 2_000;

/// Bytes of one note, and of all notes of a page, that are read.
const LONGEST_NOTE: usize = 1 << 13;
const MOST_NOTES: usize = 1 << 16;

/// Deeper trees of form fields are not honest ones.
const DEEPEST_FIELD: usize = 32;

/// Flag of an annotation that nobody is to see (ISO 32000-1, 12.5.3).
const HIDDEN: i32 = 1 << 1;

/// Flag of a text field that holds a password (12.7.4.3).
const PASSWORD: i32 = 1 << 13;

/// The notes of a page, given as it lies in the file.
pub(super) fn notes(page: &Dict<'_>) -> Vec<String> {
    let Some(annotations) = page.get::<Array<'_>>(b"Annots".as_slice()) else {
        return Vec::new();
    };
    let mut left = MOST_NOTES;
    let annotations = annotations.iter::<Dict<'_>>().take(MOST_ANNOTATIONS);
    let notes = annotations.flat_map(|annotation| said(&annotation));
    let notes = notes.map(|note| note.split_whitespace().collect::<Vec<_>>().join(" "));
    let notes = notes.filter(|note| !note.is_empty());
    let within = notes.take_while(|note| {
        let fits = note.len() <= left;
        left = left.saturating_sub(note.len());
        fits
    });
    within.collect()
}

/// What one annotation says.
fn said(annotation: &Dict<'_>) -> Vec<String> {
    let flags = annotation.get::<i32>(b"F".as_slice()).unwrap_or(0);
    if flags & HIDDEN != 0 {
        return Vec::new();
    }
    match annotation.get::<Name<'_>>(b"Subtype".as_slice()).as_deref() {
        Some(b"Widget") => value(annotation),
        // A popup shows what another says; the others are no notes.
        Some(b"Popup" | b"Link" | b"PrinterMark" | b"TrapNet") | None => Vec::new(),
        // An answer that only changes a state, as "accepted".
        Some(_) if annotation.contains_key(b"StateModel".as_slice()) => Vec::new(),
        Some(_) => {
            let note = annotation.get::<Object<'_>>(b"Contents".as_slice());
            note.and_then(text).into_iter().collect()
        }
    }
}

/// What was filled in or chosen in a field. What it does not say itself it inherits.
fn value(widget: &Dict<'_>) -> Vec<String> {
    let mut field = Some(widget.clone());
    let (mut kind, mut flags, mut value) = (None, None, None);
    for _ in 0..DEEPEST_FIELD {
        let Some(one) = field else { break };
        kind = kind.or_else(|| one.get::<Name<'_>>(b"FT".as_slice()));
        flags = flags.or_else(|| one.get::<i32>(b"Ff".as_slice()));
        value = value.or_else(|| one.get::<Object<'_>>(b"V".as_slice()));
        field = one.get::<Dict<'_>>(b"Parent".as_slice());
    }
    let is_read = match kind.as_deref() {
        Some(b"Tx") => flags.unwrap_or(0) & PASSWORD == 0,
        Some(b"Ch") => true,
        _ => false,
    };
    match value.filter(|_| is_read) {
        Some(Object::Array(choices)) => {
            let choices = choices.iter::<Object<'_>>().take(MOST_ANNOTATIONS);
            choices.filter_map(text).collect()
        }
        Some(one) => text(one).into_iter().collect(),
        None => Vec::new(),
    }
}

/// A text string, or a stream of one, as long values are kept.
fn text(object: Object<'_>) -> Option<String> {
    match object {
        Object::String(text) => Some(decoded(text.as_bytes(), LONGEST_NOTE)),
        Object::Stream(stream) => Some(decoded(&stream.decoded().ok()?, LONGEST_NOTE)),
        _ => None,
    }
}
