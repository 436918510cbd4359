//! Searching a file's bytes without parsing them: finds what a parser passes
//! over or never reaches. One pass, no allocation that grows with the file.

use memchr::{memchr2, memmem};

use crate::model::{RawFindings, SecurityName};

/// Longer names are none that are looked for, escapes included.
const LONGEST_NAME: usize = 64;

/// The header stands in the first 1,024 bytes (ISO 32000-1, annex H.3.4.1).
const HEADER_WITHIN: usize = 1024;

/// A linearised file says so in its first object, near its start.
const LINEARIZED_WITHIN: usize = 2048;

/// Searches the bytes outside of streams.
pub fn scan(bytes: &[u8]) -> RawFindings {
    let mut found = RawFindings {
        version: version(bytes),
        linearized: memmem::find(&bytes[..bytes.len().min(LINEARIZED_WITHIN)], b"/Linearized")
            .is_some(),
        ..RawFindings::default()
    };
    let mut last_end = None;
    let end_of_stream = memmem::Finder::new("endstream");
    let mut at = 0;
    while let Some(next) = bytes.get(at..).and_then(|rest| memchr2(b'/', b's', rest)) {
        at += next;
        if bytes[at] == b'/' {
            at += 1 + name(&bytes[at + 1..], &mut found);
        } else if starts_stream(bytes, at) {
            // Packed data holds any bytes, names by chance among them.
            match end_of_stream.find(&bytes[at..]) {
                Some(length) => at += length + "endstream".len(),
                None => at += "stream".len(),
            }
        } else {
            at += 1;
        }
    }
    for end in memmem::find_iter(bytes, b"%%EOF") {
        found.ends += 1;
        last_end = Some(end + "%%EOF".len());
    }
    if let Some(end) = last_end {
        let after = &bytes[end..];
        found.bytes_after_end = after.trim_ascii().len() as u64;
    }
    found
}

fn version(bytes: &[u8]) -> Option<String> {
    let start = &bytes[..bytes.len().min(HEADER_WITHIN)];
    let at = memmem::find(start, b"%PDF-")? + "%PDF-".len();
    let version: String = start[at..]
        .iter()
        .take(3)
        .map(|byte| char::from(*byte))
        .collect();
    version
        .chars()
        .all(|c| c.is_ascii_digit() || c == '.')
        .then_some(version)
}

/// The keyword `stream`, after a dictionary and not within `endstream`.
fn starts_stream(bytes: &[u8], at: usize) -> bool {
    let before = &bytes[..at];
    bytes[at..].starts_with(b"stream") && before.trim_ascii_end().ends_with(b">>")
}

/// Reads a name after its slash, counts it, and returns its length as written.
fn name(bytes: &[u8], found: &mut RawFindings) -> usize {
    let mut decoded = [0; LONGEST_NAME];
    let (mut length, mut at, mut escaped) = (0, 0, false);
    while let Some(&byte) = bytes.get(at) {
        if byte <= b' ' || b"()<>[]{}/%".contains(&byte) {
            break;
        }
        let escape = (byte == b'#')
            .then(|| hexadecimal(bytes.get(at + 1..at + 3)?))
            .flatten();
        at += if escape.is_some() { 3 } else { 1 };
        escaped |= escape.is_some_and(|byte| byte.is_ascii_alphanumeric());
        if length == LONGEST_NAME {
            return at;
        }
        decoded[length] = escape.unwrap_or(byte);
        length += 1;
    }
    if escaped {
        found.escaped_names += 1;
    }
    if let Some(name) = SecurityName::from_bytes(&decoded[..length]) {
        *found.names.entry(name).or_default() += 1;
    }
    at
}

fn hexadecimal(digits: &[u8]) -> Option<u8> {
    let digits = std::str::from_utf8(digits).ok()?;
    u8::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn count(bytes: &[u8], name: SecurityName) -> u32 {
        scan(bytes).names.get(&name).copied().unwrap_or(0)
    }

    #[test]
    fn names_are_found_whole_and_with_escapes() {
        let bytes = b"<</S/JavaScript/JS(x)>> <</S /J#61vaScript>> /JSX /JavaScripts";
        assert_eq!(count(bytes, SecurityName::JavaScript), 2);
        assert_eq!(count(bytes, SecurityName::JS), 1);
        assert_eq!(scan(bytes).escaped_names, 1);
    }

    #[test]
    fn an_escape_that_is_needed_is_no_trick() {
        assert_eq!(scan(b"/Times#20New#20Roman").escaped_names, 0);
    }

    #[test]
    fn what_lies_in_streams_is_not_read() {
        let bytes = b"<</Length 9>>stream\n/Launch /JS\nendstream /Launch";
        assert_eq!(count(bytes, SecurityName::Launch), 1);
        assert_eq!(count(bytes, SecurityName::JS), 0);
    }

    #[test]
    fn a_stream_that_never_ends_hides_nothing() {
        assert_eq!(count(b"<<>>stream\n /Launch", SecurityName::Launch), 1);
    }

    #[test]
    fn revisions_and_what_follows_the_end_are_seen() {
        let found = scan(b"%PDF-1.4\n%%EOF\nmore\n%%EOF\n  hidden ");
        assert_eq!(found.version.as_deref(), Some("1.4"));
        assert_eq!(found.ends, 2);
        assert_eq!(found.bytes_after_end, 6);
    }

    proptest! {
        #[test]
        fn any_bytes_are_searched_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = scan(&bytes);
        }

        #[test]
        fn every_name_is_counted_however_it_is_written(
            names in prop::collection::vec((0usize..12, any::<u16>()), 0..20),
        ) {
            let mut bytes = Vec::new();
            let mut expected = RawFindings::default();
            for (index, escapes) in names {
                let name = SecurityName::ALL[index];
                bytes.push(b'/');
                for (position, byte) in name.as_str().bytes().enumerate() {
                    if escapes >> (position % 16) & 1 == 1 {
                        bytes.extend(format!("#{byte:02x}").bytes());
                    } else {
                        bytes.push(byte);
                    }
                }
                bytes.push(b' ');
                *expected.names.entry(name).or_default() += 1;
            }
            prop_assert_eq!(scan(&bytes).names, expected.names);
        }
    }
}
