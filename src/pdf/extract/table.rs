//! Where a file says that its objects are: its cross-reference tables and streams, newest
//! first (ISO 32000-1, 7.5.4 and 7.5.8). Not for whether they are there (`document`).

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use lopdf::{Dictionary, Object, Stream};
use memchr::memmem;

use super::LARGEST_STREAM;
use super::syntax::Reader;

/// Junk before the header is at most this long, in bytes.
const MOST_JUNK: usize = 64 << 10;

/// Where an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Nowhere: its number is not in use.
    Free,
    /// Bytes from the start of the file.
    At(usize),
    /// In the object stream of this number.
    Packed(u32),
}

/// What a file says of its objects.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) places: HashMap<u32, Place>,
    /// The newest trailer, with what only older ones have of the keys that matter.
    pub(super) trailer: Dictionary,
}

/// Keys that make a trailer useful.
pub(super) const TRAILER_KEYS: [&[u8]; 4] = [b"Root", b"Encrypt", b"ID", b"Info"];

/// Reads what the file says; none where that cannot be found or read.
pub(super) fn read(bytes: &[u8]) -> Option<Table> {
    let keyword = memmem::rfind(bytes, b"startxref")?;
    let start: usize = Reader::new(bytes, keyword + b"startxref".len()).digits()?;
    let header = header(bytes).unwrap_or(0);
    // Places count from the header where something was put before it.
    let tables = [0, header].into_iter();
    let mut tables = tables.filter_map(|shift| follow(bytes, start, shift));
    tables.find(|table| table.trailer.has(b"Root"))
}

/// Where the header is.
pub(super) fn header(bytes: &[u8]) -> Option<usize> {
    memmem::find(&bytes[..bytes.len().min(MOST_JUNK)], b"%PDF-")
}

fn follow(bytes: &[u8], start: usize, shift: usize) -> Option<Table> {
    let mut table = Table::default();
    let mut seen = HashSet::new();
    let mut next = Some(start);
    while let Some(at) = next
        && seen.insert(at)
    {
        let section = Section::read(bytes, at.checked_add(shift)?)?;
        next = section.place_of(b"Prev");
        let hidden = section.place_of(b"XRefStm");
        table.add(section.used, shift);
        // In hybrid files it has what old viewers are to take for free.
        if let Some(hidden) = hidden
            && let Some(hidden) = Section::read(bytes, hidden.checked_add(shift)?)
        {
            table.add(hidden.used, shift);
        }
        table.add(section.free, shift);
        for (key, value) in section.trailer {
            let is_newest = seen.len() == 1;
            if (is_newest || TRAILER_KEYS.contains(&key.as_slice())) && !table.trailer.has(&key) {
                table.trailer.set(key, value);
            }
        }
    }
    Some(table)
}

impl Table {
    /// Adds what an older section says of objects that newer ones do not mention.
    fn add(&mut self, places: Vec<(u32, Place)>, shift: usize) {
        for (number, place) in places {
            let place = match place {
                Place::At(at) => Place::At(at.saturating_add(shift)),
                other => other,
            };
            self.places.entry(number).or_insert(place);
        }
    }
}

/// A cross-reference table or stream.
struct Section {
    used: Vec<(u32, Place)>,
    free: Vec<(u32, Place)>,
    trailer: Dictionary,
}

impl Section {
    fn read(bytes: &[u8], at: usize) -> Option<Self> {
        let mut reader = Reader::new(bytes, at);
        if reader.keyword(b"xref") {
            Self::table(reader)
        } else {
            Self::stream(bytes, reader)
        }
    }

    fn table(mut reader: Reader) -> Option<Self> {
        let (mut used, mut free) = (Vec::new(), Vec::new());
        while !reader.keyword(b"trailer") {
            let first: u32 = reader.digits()?;
            let count: u32 = reader.digits()?;
            for number in first..first.saturating_add(count) {
                let mut line = reader.clone();
                let Some(at) = line.digits::<usize>() else {
                    break;
                };
                line.digits::<u64>()?;
                match line.word() {
                    b"n" => used.push((number, Place::At(at))),
                    b"f" => free.push((number, Place::Free)),
                    _ => break,
                }
                reader = line;
            }
        }
        let Object::Dictionary(trailer) = reader.object()? else {
            return None;
        };
        Some(Self {
            used,
            free,
            trailer,
        })
    }

    fn stream(bytes: &[u8], mut reader: Reader) -> Option<Self> {
        let stream = reader.indirect()?;
        let (Object::Dictionary(entries), Some(start)) = (stream.object, stream.content) else {
            return None;
        };
        let integers = |key: &[u8]| -> Option<Vec<usize>> {
            let items = entries.get(key).ok()?.as_array().ok()?.iter();
            items
                .map(|item| usize::try_from(item.as_i64().ok()?).ok())
                .collect()
        };
        let widths = integers(b"W")?;
        let [kind, field, index] = widths[..] else {
            return None;
        };
        if widths.iter().any(|width| *width > 8) || field == 0 {
            return None;
        }
        let length = entries.get(b"Length").ok().and_then(|it| it.as_i64().ok());
        let content = content(bytes, start, length);
        let stream = Stream::new(entries.clone(), bytes[content].to_vec());
        let rows = stream.get_plain_content_with_limit(LARGEST_STREAM).ok()?;
        let mut rows = rows.chunks_exact(kind + field + index);
        let ranges = integers(b"Index").unwrap_or_else(|| vec![0, usize::MAX]);
        let (mut used, mut free) = (Vec::new(), Vec::new());
        for range in ranges.chunks_exact(2) {
            let numbers = range[0]..range[0].saturating_add(range[1]);
            for (number, row) in numbers.zip(&mut rows) {
                let Ok(number) = u32::try_from(number) else {
                    break;
                };
                let value = |bytes: &[u8]| {
                    let bytes = bytes.iter();
                    bytes.fold(0u64, |value, byte| (value << 8) | u64::from(*byte))
                };
                let kind = if kind == 0 { 1 } else { value(&row[..kind]) };
                let field = value(&row[widths[0]..widths[0] + field]);
                match kind {
                    0 => free.push((number, Place::Free)),
                    1 => used.push((number, Place::At(usize::try_from(field).unwrap_or(0)))),
                    2 => used.push((number, Place::Packed(u32::try_from(field).unwrap_or(0)))),
                    _ => {}
                }
            }
        }
        Some(Self {
            used,
            free,
            trailer: entries,
        })
    }

    fn place_of(&self, key: &[u8]) -> Option<usize> {
        usize::try_from(self.trailer.get(key).ok()?.as_i64().ok()?).ok()
    }
}

/// The content of a stream that begins at `start`: as long as it says if it ends there, and
/// otherwise up to the keyword that ends it, as viewers take it.
pub(super) fn content(bytes: &[u8], start: usize, length: Option<i64>) -> Range<usize> {
    let start = start.min(bytes.len());
    let stated = length
        .and_then(|length| usize::try_from(length).ok())
        .and_then(|length| start.checked_add(length))
        .filter(|end| *end <= bytes.len());
    if let Some(end) = stated {
        let mut after = Reader::new(bytes, end);
        if after.keyword(b"endstream") || after.keyword(b"endobj") {
            return start..end;
        }
    }
    let rest = &bytes[start..];
    let is_end = |at: &usize| {
        let after = &rest[at + b"end".len()..];
        after.starts_with(b"stream") || after.starts_with(b"obj")
    };
    let end = memmem::find_iter(rest, b"end").find(is_end);
    let end = end.unwrap_or(rest.len());
    start..start + without_line_end(&rest[..end]).len()
}

/// The end of line before `endstream` is not part of the content.
fn without_line_end(content: &[u8]) -> &[u8] {
    content
        .strip_suffix(b"\r\n")
        .or_else(|| content.strip_suffix(b"\n"))
        .or_else(|| content.strip_suffix(b"\r"))
        .unwrap_or(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(file: &str) -> Option<HashMap<u32, Place>> {
        let at = file.find("xref").unwrap();
        read(format!("{file}\nstartxref\n{at}\n").as_bytes()).map(|table| table.places)
    }

    #[test]
    fn lines_of_any_length_are_read() {
        for line in ["0000000009 00000 n \n", "0000000009 00000 n\n", "9 0 n\r"] {
            let file = format!("%PDF-1.4\nxref\n3 1\n{line}trailer <</Root 1 0 R>>");
            assert_eq!(places(&file).unwrap()[&3], Place::At(9), "{line}");
        }
    }

    #[test]
    fn newer_sections_win_and_hidden_ones_stand_before_free_entries() {
        let old = "xref\n1 2\n5 0 n\n6 0 n\ntrailer<</Root 1 0 R>>\n";
        let new = "xref\n2 1\n0 1 f\ntrailer<</Size 3/Prev 0>>\n";
        let file = format!("{old}{new}startxref\n{}\n", old.len());
        let table = read(file.as_bytes()).unwrap();
        assert_eq!(table.places[&1], Place::At(5));
        assert_eq!(table.places[&2], Place::Free);
        assert!(table.trailer.has(b"Root"));
    }

    #[test]
    fn more_lines_than_there_are_end_with_the_table() {
        let file = "xref\n0 99999999\n5 0 n\ntrailer<</Root 1 0 R>>";
        assert_eq!(places(file).unwrap().len(), 1);
    }

    #[test]
    fn sections_that_follow_each_other_in_a_circle_end() {
        let file = "xref\n1 1\n5 0 n\ntrailer<</Root 1 0 R/Prev 0>>";
        assert_eq!(places(file).unwrap().len(), 1);
    }

    #[test]
    fn content_ends_where_it_says_or_at_its_keyword() {
        let file = b"abc\nendstream endobj";
        assert_eq!(content(file, 0, Some(3)), 0..3);
        assert_eq!(content(file, 0, Some(2)), 0..3);
        assert_eq!(content(file, 0, Some(1 << 40)), 0..3);
        assert_eq!(content(file, 0, None), 0..3);
        assert_eq!(content(b"abc\nendobj endstream", 0, None), 0..3);
        assert_eq!(content(b"abc", 0, None), 0..3);
        assert_eq!(content(b"a endstream b\nendstream", 0, Some(13)), 0..13);
    }
}
