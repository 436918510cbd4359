//! Reading objects from bytes as forgivingly as viewers do: an array or dictionary that
//! is not closed ends with its object, a number is what its first digits say, and what
//! makes no sense is passed over. Where viewers differ, PDFium is followed. Not for
//! finding objects in a file (`table`, `search`).

use lopdf::{Dictionary, Object, StringFormat};
use memchr::memmem;

/// Arrays and dictionaries within each other; PDFium follows as many.
const DEEPEST: usize = 64;

/// An object that stands by itself in a file.
pub(super) struct Indirect {
    pub(super) number: u32,
    pub(super) generation: u16,
    pub(super) object: Object,
    /// Where the content of a stream begins; none for other objects.
    pub(super) content: Option<usize>,
}

/// Reads bytes from a place on.
#[derive(Clone)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Something lies too deep to be read.
    too_deep: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self {
            bytes,
            at: at.min(bytes.len()),
            too_deep: false,
        }
    }

    /// Where it stands.
    pub(super) fn place(&self) -> usize {
        self.at
    }

    fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at..]
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Passes over white space and comments.
    pub(super) fn skip_blank(&mut self) {
        while let Some(byte) = self.peek() {
            if is_blank(byte) {
                self.at += 1;
            } else if byte == b'%' {
                let rest = self.rest();
                self.at += memchr::memchr2(b'\r', b'\n', rest).unwrap_or(rest.len());
            } else {
                break;
            }
        }
    }

    /// Passes over a keyword if it comes next; what follows need not be parted from it.
    pub(super) fn keyword(&mut self, keyword: &[u8]) -> bool {
        self.skip_blank();
        let is_next = self.rest().starts_with(keyword);
        if is_next {
            self.at += keyword.len();
        }
        is_next
    }

    /// The next run of characters that are neither blank nor delimiters; may be empty.
    pub(super) fn word(&mut self) -> &'a [u8] {
        self.skip_blank();
        let rest = self.rest();
        let length = rest.iter().take_while(|byte| is_regular(**byte)).count();
        self.at += length;
        &rest[..length]
    }

    /// A number of digits only.
    pub(super) fn digits<T: std::str::FromStr>(&mut self) -> Option<T> {
        self.skip_blank();
        let rest = self.rest();
        let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number = std::str::from_utf8(&rest[..length]).ok()?.parse().ok()?;
        self.at += length;
        Some(number)
    }

    /// The beginning of an object that stands by itself, "4 0 obj": its number and
    /// generation.
    pub(super) fn head(&mut self) -> Option<(u32, u16)> {
        let number = self.digits()?;
        // Generations beyond what the format allows do not matter: numbers decide.
        let generation: u64 = self.digits()?;
        let generation = u16::try_from(generation).unwrap_or(u16::MAX);
        self.keyword(b"obj").then_some((number, generation))
    }

    /// An object that stands by itself; of a stream, its dictionary and where its content
    /// begins. None where no object begins here, or it cannot be read.
    pub(super) fn indirect(&mut self) -> Option<Indirect> {
        let (number, generation) = self.head()?;
        let object = self.object()?;
        let mut content = None;
        if matches!(object, Object::Dictionary(_)) && self.keyword(b"stream") {
            let blank = |byte: &&u8| matches!(byte, b' ' | b'\t');
            let spaces = self.rest().iter().take_while(blank).count();
            let after = &self.rest()[spaces..];
            match after {
                [b'\r', b'\n', ..] => self.at += spaces + 2,
                [b'\r' | b'\n', ..] => self.at += spaces + 1,
                _ => {}
            }
            content = Some(self.at);
        }
        Some(Indirect {
            number,
            generation,
            object,
            content,
        })
    }

    /// The next object; none where nothing that could be one comes, or it lies too deep.
    pub(super) fn object(&mut self) -> Option<Object> {
        let object = self.value(DEEPEST);
        object.filter(|_| !self.too_deep)
    }

    fn value(&mut self, depth: usize) -> Option<Object> {
        if depth == 0 {
            self.too_deep = true;
            return None;
        }
        self.skip_blank();
        match self.peek()? {
            b'/' => Some(Object::Name(self.name())),
            b'(' => Some(self.literal_string()),
            b'[' => Some(Object::Array(self.array(depth))),
            b'<' if self.rest().starts_with(b"<<") => {
                Some(Object::Dictionary(self.dictionary(depth)))
            }
            b'<' => Some(self.hexadecimal_string()),
            byte if is_regular(byte) => self.simple(),
            _ => None,
        }
    }

    /// A number, reference or constant; nothing is read where it is neither.
    fn simple(&mut self) -> Option<Object> {
        let before = self.at;
        let word = self.word();
        match word {
            b"true" => Some(Object::Boolean(true)),
            b"false" => Some(Object::Boolean(false)),
            b"null" => Some(Object::Null),
            _ if word[0].is_ascii_digit() || b"+-.".contains(&word[0]) => {
                Some(self.reference(word).unwrap_or_else(|| number(word)))
            }
            _ => {
                self.at = before;
                None
            }
        }
    }

    /// A reference whose first number has been read. All objects are known by their
    /// number alone, as in viewers: one number is one object whatever its generation.
    fn reference(&mut self, first: &[u8]) -> Option<Object> {
        let number: u32 = decimal(first)?;
        let mut ahead = self.clone();
        let _: u64 = decimal(ahead.word())?;
        if ahead.word() != b"R" {
            return None;
        }
        self.at = ahead.at;
        Some(match number {
            0 => Object::Null,
            number => Object::Reference((number, 0)),
        })
    }

    /// A name after its slash. A number sign without two digits is part of it.
    fn name(&mut self) -> Vec<u8> {
        let rest = &self.rest()[1..];
        let written = rest.iter().take_while(|byte| is_regular(**byte)).count();
        self.at += 1 + written;
        decoded_name(&rest[..written])
    }

    fn literal_string(&mut self) -> Object {
        let rest = &self.rest()[1..];
        let mut text = Vec::new();
        let (mut at, mut open) = (0, 1);
        while let Some(&byte) = rest.get(at) {
            at += 1;
            match byte {
                b'(' => open += 1,
                b')' => open -= 1,
                b'\\' => {
                    at += escaped(&rest[at..], &mut text);
                    continue;
                }
                _ => {}
            }
            if open == 0 {
                break;
            }
            text.push(byte);
        }
        if open > 0 {
            // It is never closed: it ends at the latest with its object.
            if let Some(end) = memmem::find(rest, b"endobj") {
                at = end;
                let line = memchr::memchr2(b'\r', b'\n', &rest[..end]).unwrap_or(end);
                text = rest[..line].to_vec();
            }
        }
        self.at += 1 + at;
        Object::String(text, StringFormat::Literal)
    }

    /// What is no digit is passed over; a digit is missing at the end where they are odd.
    fn hexadecimal_string(&mut self) -> Object {
        let rest = &self.rest()[1..];
        let length = memchr::memchr(b'>', rest).unwrap_or(rest.len());
        self.at = (self.at + 1 + length + 1).min(self.bytes.len());
        let digits = rest[..length].iter().filter_map(|byte| hex(*byte));
        let digits: Vec<u8> = digits.collect();
        let bytes = digits.chunks(2);
        let bytes = bytes.map(|pair| (pair[0] << 4) | pair.get(1).copied().unwrap_or(0));
        Object::String(bytes.collect(), StringFormat::Hexadecimal)
    }

    fn array(&mut self, depth: usize) -> Vec<Object> {
        self.at += 1;
        let mut items = Vec::new();
        while !self.too_deep {
            if let Some(item) = self.value(depth - 1) {
                items.push(item);
                continue;
            }
            match self.peek() {
                Some(b']') => {
                    self.at += 1;
                    break;
                }
                Some(_) if !self.rest().starts_with(b">>") && !self.is_at_end_of_object() => {
                    self.skip_nonsense();
                }
                _ => break,
            }
        }
        items
    }

    fn dictionary(&mut self, depth: usize) -> Dictionary {
        self.at += 2;
        let mut entries = Dictionary::new();
        while !self.too_deep {
            self.skip_blank();
            match self.peek() {
                Some(b'/') => {
                    let key = self.name();
                    if let Some(value) = self.value(depth - 1) {
                        entries.set(key, value);
                    }
                }
                Some(b'>') if self.rest().starts_with(b">>") => {
                    self.at += 2;
                    break;
                }
                Some(_) if !self.is_at_end_of_object() => {
                    if self.value(depth - 1).is_none() {
                        self.skip_nonsense();
                    }
                }
                _ => break,
            }
        }
        entries
    }

    /// A keyword that no value contains, so that something was not closed.
    fn is_at_end_of_object(&self) -> bool {
        let ends: [&[u8]; 3] = [b"endobj", b"endstream", b"stream"];
        ends.iter().any(|end| self.rest().starts_with(end))
    }

    /// Passes over a word or character that begins no value.
    fn skip_nonsense(&mut self) {
        if self.word().is_empty() && self.at < self.bytes.len() {
            self.at += 1;
        }
    }
}

/// Reads what follows a backslash in a string; how many bytes that takes.
fn escaped(rest: &[u8], text: &mut Vec<u8>) -> usize {
    let Some(&byte) = rest.first() else {
        return 0;
    };
    match byte {
        b'n' => text.push(b'\n'),
        b'r' => text.push(b'\r'),
        b't' => text.push(b'\t'),
        b'b' => text.push(8),
        b'f' => text.push(12),
        b'0'..=b'7' => {
            let digits = rest.iter().take(3);
            let digits = digits.take_while(|byte| (b'0'..=b'7').contains(*byte));
            let mut length = 0;
            let value = digits.fold(0u32, |value, digit| {
                length += 1;
                value * 8 + u32::from(digit - b'0')
            });
            text.push((value & 0xff) as u8);
            return length;
        }
        b'\r' if rest.get(1) == Some(&b'\n') => return 2,
        b'\r' | b'\n' => {}
        other => text.push(other),
    }
    1
}

/// A name as it was written, without its escapes. A number sign that two digits do not
/// follow stands for itself.
pub(super) fn decoded_name(written: &[u8]) -> Vec<u8> {
    let mut name = Vec::with_capacity(written.len());
    let mut rest = written;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'#'
            && let [high, low, after @ ..] = after
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            name.push((high << 4) | low);
            rest = after;
        } else {
            name.push(byte);
        }
    }
    name
}

/// The value of a hexadecimal digit.
pub(super) fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// A word of digits only.
fn decimal<T: std::str::FromStr>(word: &[u8]) -> Option<T> {
    let is_decimal = !word.is_empty() && word.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(word)
        .ok()
        .filter(|_| is_decimal)?
        .parse()
        .ok()
}

/// The number that a word begins with; 0 without digits. As in PDFium a whole number has one
/// sign at most, and of several before a fraction the first counts.
fn number(word: &[u8]) -> Object {
    let signs = word.iter().take_while(|byte| b"+-".contains(*byte)).count();
    let negative = word.first() == Some(&b'-');
    let plain = &word[signs..];
    let count = |text: &[u8]| text.iter().take_while(|b| b.is_ascii_digit()).count();
    let whole = count(plain);
    let mut length = whole;
    if plain.get(whole) == Some(&b'.') {
        length += 1 + count(&plain[whole + 1..]);
    }
    let text = std::str::from_utf8(&plain[..length]).unwrap_or_default();
    if length == whole {
        if text.is_empty() || signs > 1 {
            return Object::Integer(0);
        }
        if let Ok(value) = text.parse::<i64>() {
            return Object::Integer(if negative { -value } else { value });
        }
    }
    let value: f32 = text.parse().unwrap_or(0.0);
    let value = if value.is_finite() { value } else { f32::MAX };
    Object::Real(if negative { -value } else { value })
}

/// White space (ISO 32000-1, table 1).
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

/// Neither white space nor a delimiter (ISO 32000-1, table 2).
pub(super) fn is_regular(byte: u8) -> bool {
    !is_blank(byte) && !b"()<>[]{}/%".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> String {
        let object = Reader::new(text.as_bytes(), 0).object();
        object.map_or("nothing".to_owned(), |object| {
            let bytes = super::super::serialise::serialised(&object, &[]);
            String::from_utf8_lossy(&bytes).into_owned()
        })
    }

    #[test]
    fn objects_are_read_as_written() {
        for (written, read_as) in [
            (
                "[1 -2 +3 4.5 -.5 true false null]",
                "[1 -2 3 4.5 -0.5 true false null]",
            ),
            ("<</A/B/C(x(y)\\053)/D<4142>>>", "<</A/B/C(x(y)+)/D<4142>>>"),
            ("[1 0 R 2 0 R 3 4]", "[1 0 R 2 0 R 3 4]"),
            ("[1 %comment\n 0\r\nR]", "[1 0 R]"),
            ("<</A 3 7 R/A 4 0 R>>", "<</A 4 0 R>>"),
        ] {
            assert_eq!(read(written), read_as, "{written}");
        }
    }

    #[test]
    fn odd_numbers_are_what_their_first_digits_say() {
        for (written, read_as) in [
            ("--5", "0"),
            ("--5.5", "-5.5"),
            (".", "0.0"),
            ("-.", "-0.0"),
            ("-", "0"),
            ("4.5.6", "4.5"),
            ("12-34", "12"),
            ("99999999999999999999", "100000000000000000000.0"),
        ] {
            assert_eq!(read(written), read_as, "{written}");
        }
    }

    #[test]
    fn what_is_not_closed_ends_with_its_object() {
        for (written, read_as) in [
            ("<</A[1 2 >> endobj", "<</A[1 2]>>"),
            ("<</A 1 endobj /B 2", "<</A 1>>"),
            ("<</A<</B 1>>/C 2 stream", "<</A<</B 1>>/C 2>>"),
            ("<</A (open \n/B 1>> endobj 7", "<</A(open )>>"),
            ("<</A 1>/B 2>>", "<</A 1/B 2>>"),
            ("<</A <41zz42>/B/C>>", "<</A<4142>/B/C>>"),
        ] {
            assert_eq!(read(written), read_as, "{written}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_passed_over() {
        for (written, read_as) in [
            ("<</Name /Scan image /Width 8>>", "<</Name/Scan/Width 8>>"),
            ("<</A /B>>", "<</A/B>>"),
            ("<</A>>", "<<>>"),
            ("[1 x ) 2]", "[1 2]"),
            ("<</We#ZZird/x#/y 1>>", "<</We#ZZird/x#/y 1>>"),
        ] {
            assert_eq!(read(written), read_as, "{written}");
        }
        assert_eq!(read("endobj"), "nothing");
    }

    #[test]
    fn too_deep_is_nothing() {
        assert_eq!(read(&"[".repeat(100_000)), "nothing");
        assert_ne!(read(&"[".repeat(20)), "nothing");
    }

    #[test]
    fn objects_begin_in_many_ways() {
        for head in [
            "4 0 obj<<>>",
            "4 0 obj\r<<>>",
            " 4  00000 obj %x\n<<>>",
            "4 70000 obj <<>>",
        ] {
            let read = Reader::new(head.as_bytes(), 0).indirect();
            assert!(read.is_some_and(|it| it.number == 4), "{head}");
        }
        for stream in [
            "4 0 obj<<>>stream\nx",
            "4 0 obj<<>> stream \r\nx",
            "4 0 obj<<>>stream\rx",
        ] {
            let read = Reader::new(stream.as_bytes(), 0).indirect();
            assert_eq!(read.unwrap().content, Some(stream.len() - 1), "{stream}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut reader = Reader::new(&bytes, 0);
            while reader.place() < bytes.len() {
                let before = reader.place();
                let _ = reader.object();
                if reader.place() == before {
                    reader.skip_nonsense();
                }
                reader.too_deep = false;
            }
        }
    }
}
