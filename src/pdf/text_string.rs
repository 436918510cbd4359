//! Text strings of PDFs (titles, names of fields): decodes their encodings. Not for
//! text that pages show (`text`).

use lopdf::{Object, StringFormat, decode_text_string};

/// In UTF-16 this character stands before and after the code of a language
/// (ISO 32000-1, 7.9.2.2), which is no part of the text.
const LANGUAGE_MARK: char = '\u{1b}';

/// Decodes a text string: UTF-16 in either byte order, UTF-8, or PDFDocEncoding
/// where no byte order mark says otherwise. Code units that stand for nothing become
/// U+FFFD. None for an object that is no string.
pub(super) fn text_string(object: &Object) -> Option<String> {
    Some(decode(object.as_str().ok()?))
}

/// The bytes of a text string decoded, cut to `most` bytes where a character ends. Costs no
/// more than the text that is kept, however long the string is.
pub(super) fn decoded(bytes: &[u8], most: usize) -> String {
    // No encoding takes more than two bytes for one of UTF-8; a byte order mark is extra.
    let mut text = decode(&bytes[..bytes.len().min(most.saturating_mul(2).saturating_add(4))]);
    text.truncate(text.floor_char_boundary(most));
    text
}

fn decode(bytes: &[u8]) -> String {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let (units, _) = bytes.as_chunks::<2>();
        let units = units.iter().map(|bytes| unit(*bytes));
        let decoded = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
        without_languages(decoded)
    };
    match bytes {
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        // Not in the standard, but written and read by others.
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        other => {
            let other = Object::String(other.to_vec(), StringFormat::Literal);
            decode_text_string(&other).unwrap_or_default()
        }
    }
}

/// The same, cut as [`decoded`] cuts it.
pub(super) fn text_string_within(object: &Object, most: usize) -> Option<String> {
    let mut text = decoded(object.as_str().ok()?, most);
    text.shrink_to_fit();
    Some(text)
}

/// Leaves out the codes of languages.
fn without_languages(characters: impl Iterator<Item = char>) -> String {
    let mut within = false;
    let mut text = String::new();
    for character in characters {
        match character {
            LANGUAGE_MARK => within = !within,
            other if !within => text.push(other),
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_string_costs_what_is_kept_of_it() {
        let long = Object::String(vec![b'a'; 1 << 20], StringFormat::Literal);
        let text = text_string_within(&long, 10).unwrap();
        assert_eq!(text, "aaaaaaaaaa");
        assert!(text.capacity() < 100);
        let wide = Object::String(utf16("ééé", u16::to_be_bytes), StringFormat::Literal);
        assert_eq!(text_string_within(&wide, 5).unwrap(), "éé");
        assert_eq!(text_string_within(&wide, 6).unwrap(), "ééé");
        assert_eq!(text_string_within(&wide, 0).unwrap(), "");
    }

    fn read(bytes: &[u8]) -> Option<String> {
        text_string(&Object::String(bytes.to_vec(), StringFormat::Literal))
    }

    fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        "\u{feff}"
            .encode_utf16()
            .chain(text.encode_utf16())
            .flat_map(unit)
            .collect()
    }

    #[test]
    fn every_encoding_of_a_text_is_read() {
        let text = "Miete für Zoë € 𝛼";
        for bytes in [
            utf16(text, u16::to_be_bytes),
            utf16(text, u16::to_le_bytes),
            format!("\u{feff}{text}").into_bytes(),
        ] {
            assert_eq!(read(&bytes).as_deref(), Some(text));
        }
        // PDFDocEncoding: bullet, euro, and what it shares with Latin-1.
        assert_eq!(read(b"\x80 \xa0 Z\xfcrich").as_deref(), Some("• € Zürich"));
    }

    #[test]
    fn broken_text_keeps_what_can_be_read() {
        // A lone surrogate, then an odd byte at the end.
        assert_eq!(
            read(b"\xfe\xff\0a\xd8\0\0bc").as_deref(),
            Some("a\u{fffd}b")
        );
        assert_eq!(read(b"\xef\xbb\xbfa\xff").as_deref(), Some("a\u{fffd}"));
        assert_eq!(text_string(&Object::Integer(1)), None);
    }

    #[test]
    fn codes_of_languages_are_no_text() {
        let bytes = utf16("\u{1b}de-DE\u{1b}Vertrag", u16::to_be_bytes);
        assert_eq!(read(&bytes).as_deref(), Some("Vertrag"));
    }
}
