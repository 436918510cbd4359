//! What was measured on a page, as the JSON that is kept of it: what says nothing is left
//! out, for the model's defaults take its place, and a library of a million pages is read in
//! half the time. Not for values that are kept once for a document or a batch.

use std::sync::LazyLock;

use serde::Serialize;
use serde_json::{Map, Value};

use super::writer::json_value;
use crate::model::{Contents, Marks, Signals, TextQuality, Tones};

/// What the parts of signals are where nothing was found.
static NOTHING_FOUND: LazyLock<Map<String, Value>> = LazyLock::new(|| {
    let parts = [
        ("contents", as_value(&Contents::default())),
        ("marks", as_value(&Marks::default())),
        ("tones", as_value(&Tones::default())),
        ("text", as_value(&TextQuality::default())),
    ];
    parts
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .collect()
});

fn as_value(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// Signals as they are kept; refused where they could not be read again.
pub(super) fn signals_value(signals: &Signals) -> rusqlite::Result<String> {
    let mut value = as_value(signals);
    if let Value::Object(parts) = &mut value {
        for (name, nothing) in NOTHING_FOUND.iter() {
            if let Some(part) = parts.get_mut(name) {
                shorten(part, nothing);
            }
        }
        parts.retain(|_, part| !part.is_null());
    }
    let short = value.to_string();
    // A field whose default is another than its type's would be read as something else.
    match serde_json::from_str::<Signals>(&short) {
        Ok(read) if read == *signals => Ok(short),
        _ => json_value(signals),
    }
}

/// Leaves out of an object what it says in common with another.
fn shorten(value: &mut Value, nothing: &Value) {
    if let (Value::Object(fields), Value::Object(nothing)) = (value, nothing) {
        fields.retain(|name, field| nothing.get(name) != Some(field));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Area, Barcode, PlacedImage, PrintedNumber, Skew};

    fn read(json: &str) -> Signals {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn what_says_nothing_is_left_out_and_read_back() {
        assert_eq!(
            signals_value(&Signals::default()).unwrap(),
            r#"{"text":{}}"#
        );
        let found = Signals {
            contents: Some(Contents {
                glyphs: 7,
                largest_images: vec![PlacedImage::default()],
                ..Contents::default()
            }),
            marks: Some(Marks::default()),
            skew: Some(Skew::default()),
            barcodes: Some(vec![Barcode {
                text: String::new(),
                kind: String::new(),
                area: Area::default(),
                copies: 1,
            }]),
            printed: Some(PrintedNumber::default()),
            ..Signals::default()
        };
        let json = signals_value(&found).unwrap();
        assert_eq!(read(&json), found);
        assert!(
            json.len() < serde_json::to_string(&found).unwrap().len() * 3 / 4,
            "{json}"
        );
        // No barcode at all is not the same as not having looked for any.
        let none = Signals {
            barcodes: Some(vec![]),
            ..Signals::default()
        };
        assert_eq!(read(&signals_value(&none).unwrap()), none);
    }

    #[test]
    fn what_cannot_be_read_again_is_refused_as_before() {
        let endless = Signals {
            tones: Some(Tones {
                coloured: f32::INFINITY,
                gray: 0.0,
            }),
            ..Signals::default()
        };
        assert!(signals_value(&endless).is_err());
    }
}
