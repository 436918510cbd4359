//! Whether a value holds only numbers that can be stored and read back. JSON has no
//! word for "infinite" or "not a number" and keeps null in their place, which is no
//! number when it is read. The value is walked as serde sees it, so that a field which
//! is new is looked at without being named here.

use std::fmt;

use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

/// A number that is infinite or none at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} is not a finite number")]
pub struct NotFinite {
    /// The fields that lead to it, joined by dots; empty for a bare number.
    pub field: String,
}

impl serde::ser::Error for NotFinite {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self {
            field: message.to_string(),
        }
    }
}

/// Looks at each number of a value. Errors: the first that is not finite.
pub fn check_finite(value: &(impl Serialize + ?Sized)) -> Result<(), NotFinite> {
    value.serialize(Walk)
}

/// Names the field that a number was found in.
fn within(field: &str, found: Result<(), NotFinite>) -> Result<(), NotFinite> {
    found.map_err(|inner| NotFinite {
        field: match inner.field.as_str() {
            "" => field.to_owned(),
            below => format!("{field}.{below}"),
        },
    })
}

/// Walks a value and keeps nothing of it.
#[derive(Clone, Copy)]
struct Walk;

/// Values that hold no number with a point.
macro_rules! always_finite {
    ($($name:ident: $type:ty),* $(,)?) => {
        $(fn $name(self, _: $type) -> Result<(), NotFinite> {
            Ok(())
        })*
    };
}

impl Serializer for Walk {
    type Ok = ();
    type Error = NotFinite;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    always_finite! {
        serialize_bool: bool,
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_u64: u64,
        serialize_char: char,
        serialize_str: &str,
        serialize_bytes: &[u8],
        serialize_unit_struct: &'static str,
    }

    fn serialize_f32(self, number: f32) -> Result<(), NotFinite> {
        self.serialize_f64(number.into())
    }

    fn serialize_f64(self, number: f64) -> Result<(), NotFinite> {
        match number.is_finite() {
            true => Ok(()),
            false => Err(NotFinite {
                field: String::new(),
            }),
        }
    }

    fn serialize_none(self) -> Result<(), NotFinite> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), NotFinite> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), NotFinite> {
        Ok(())
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
    ) -> Result<(), NotFinite> {
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), NotFinite> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), NotFinite> {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self, NotFinite> {
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, NotFinite> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, NotFinite> {
        Ok(self)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, NotFinite> {
        Ok(self)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self, NotFinite> {
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, NotFinite> {
        Ok(self)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, NotFinite> {
        Ok(self)
    }

    /// As the worker's protocol does: texts stay the same in either form.
    fn is_human_readable(&self) -> bool {
        false
    }
}

/// Parts of a value that have no names of their own.
macro_rules! nameless {
    ($($part:ident :: $add:ident),* $(,)?) => {
        $(impl $part for Walk {
            type Ok = ();
            type Error = NotFinite;

            fn $add<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotFinite> {
                value.serialize(*self)
            }

            fn end(self) -> Result<(), NotFinite> {
                Ok(())
            }
        })*
    };
}

nameless! {
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field,
}

/// Parts of a value that have names.
macro_rules! named {
    ($($part:ident),* $(,)?) => {
        $(impl $part for Walk {
            type Ok = ();
            type Error = NotFinite;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                field: &'static str,
                value: &T,
            ) -> Result<(), NotFinite> {
                within(field, value.serialize(*self))
            }

            fn end(self) -> Result<(), NotFinite> {
                Ok(())
            }
        })*
    };
}

named!(SerializeStruct, SerializeStructVariant);

impl SerializeMap for Walk {
    type Ok = ();
    type Error = NotFinite;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), NotFinite> {
        key.serialize(*self)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotFinite> {
        value.serialize(*self)
    }

    fn end(self) -> Result<(), NotFinite> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        Area, Barcode, Concealment, Contents, EngineKind, HiddenText, Language, LetterUse, Marks,
        Measurements, PlacedImage, PrintedNumber, Series, Signals, Skew, TextQuality, Tone, Tones,
        Undrawn,
    };
    use serde_json::Value;

    /// Measurements that have everything there can be. Without "and the rest" in it, for
    /// a new field to be filled in here.
    fn full() -> Measurements {
        let area = Area::WHOLE;
        Measurements {
            ink: Some(0.5),
            characters: 1,
            words: 1,
            engine: EngineKind::Hayro,
            disagreement: None,
            micros: 1,
            signals: Signals {
                contents: Some(Contents {
                    glyphs: 1,
                    hidden_glyphs: 1,
                    inner_readable: 1,
                    readable: 1,
                    over_images: 0.5,
                    paths: 1,
                    bars: 1,
                    outlined: 1,
                    images: 1,
                    image_cover: 0.5,
                    largest_images: vec![PlacedImage {
                        area,
                        dpi: [300.5, 300.5],
                    }],
                    tone: Tone::Mono,
                    annotations: 1,
                    undrawn: 1,
                    undrawn_parts: vec![Undrawn::Picture],
                    blacked_out: 1,
                    hidden_text: vec![HiddenText {
                        how: Concealment::UnderShape,
                        letters: 3,
                        area,
                        words: "abc".into(),
                    }],
                    empty: false,
                }),
                marks: Some(Marks {
                    body: 1,
                    border: 1,
                    body_area: 0.5,
                    largest: 0.5,
                    largest_area: Some(area),
                    dropped: 1,
                    border_height: 1.5,
                    border_line: 1,
                    faint: 1,
                    solid: false,
                    unread: 1,
                }),
                tones: Some(Tones {
                    coloured: 0.5,
                    gray: 0.5,
                }),
                skew: Some(Skew {
                    degrees: 0.5,
                    confidence: Some(0.5),
                    text_turned: 0,
                    rises: None,
                }),
                text: TextQuality {
                    characters: 1,
                    unknown: 1,
                    alphanumerics: 1,
                    letters: 1,
                    white_space: 1,
                    language: Language::named("eng"),
                    letter_use: LetterUse {
                        letters: 1,
                        rarity: 0.5,
                        coincidence: 0.5,
                        vowels: Some(1),
                        accented: 0.5,
                        ideographs: 1,
                        everyday: 1,
                        broken: 0.5,
                    },
                    cut: false,
                },
                barcodes: Some(vec![Barcode {
                    text: "a".into(),
                    kind: "QRCode".into(),
                    area,
                    copies: 1,
                }]),
                printed: Some(PrintedNumber {
                    number: 1,
                    of: Some(2),
                    certain: true,
                    series: Series::Arabic,
                }),
                stamp: Some("A-00001".into()),
            },
        }
    }

    /// Where numbers are in a value.
    fn numbers(value: &Value, path: &str, found: &mut Vec<String>) {
        match value {
            Value::Number(_) => found.push(path.to_owned()),
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    numbers(item, &format!("{path}/{at}"), found);
                }
            }
            Value::Object(fields) => {
                for (name, value) in fields {
                    numbers(value, &format!("{path}/{name}"), found);
                }
            }
            _ => {}
        }
    }

    #[test]
    fn each_number_of_a_measured_page_is_looked_at() {
        let honest = full();
        check_finite(&honest).unwrap();
        let value = serde_json::to_value(&honest).unwrap();
        let mut places = Vec::new();
        numbers(&value, "", &mut places);
        let mut spoiled = 0;
        for place in places {
            let mut value = value.clone();
            // Too large for a number of 32 bits, so it is read as infinite.
            *value.pointer_mut(&place).unwrap() = 1e300.into();
            if let Ok(measured) = serde_json::from_value::<Measurements>(value) {
                assert!(check_finite(&measured).is_err(), "{place}");
                spoiled += 1;
            }
        }
        assert!(spoiled >= 20, "{spoiled} numbers with a point");
    }

    #[test]
    fn the_field_is_named() {
        let mut page = full();
        if let Some(marks) = &mut page.signals.marks {
            marks.largest = f32::NAN;
        }
        let error = check_finite(&page).unwrap_err();
        assert_eq!(error.field, "signals.marks.largest");
    }
}
