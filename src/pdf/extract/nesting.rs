//! How a page's content nests its graphics states and marks, and what it leaves unfinished,
//! so that what is added after it stands outside of all of it. Reads just enough of content
//! for that: not its operands.

/// What content leaves open, and what it closes that it did not open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Nesting {
    /// Graphics states that it restores without having saved them.
    pub(super) restored: usize,
    /// Graphics states that it saves and does not restore.
    pub(super) saved: usize,
    /// Marked pieces that it begins and does not end.
    pub(super) marked: usize,
    /// What ends the string, image, arrays and dictionaries in the midst of which it stops,
    /// without which readers take what follows as a part of them.
    pub(super) ending: Vec<u8>,
}

/// What begins a piece of content that goes on until it is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    Array,
    Dictionary,
    /// An inline image whose data has not begun.
    Image,
}

impl Open {
    fn ending(self) -> &'static [u8] {
        match self {
            Self::Array => b"\n]",
            Self::Dictionary => b"\n>>",
            Self::Image => b"\nID EI",
        }
    }
}

impl Nesting {
    /// Nobody nests deeper.
    const MOST: usize = 1_000;

    /// Of content, whole and unpacked.
    pub(super) fn of(content: &[u8]) -> Self {
        let mut found = Self::default();
        let mut open = Vec::new();
        let mut content = Tokens {
            rest: content,
            ending: Vec::new(),
        };
        while let Some(token) = content.next() {
            match token {
                b"[" => open.push(Open::Array),
                b"<<" => open.push(Open::Dictionary),
                b"]" if open.last() == Some(&Open::Array) => drop(open.pop()),
                b">>" if open.last() == Some(&Open::Dictionary) => drop(open.pop()),
                b"BI" => open.push(Open::Image),
                b"q" => found.saved += 1,
                b"Q" if found.saved > 0 => found.saved -= 1,
                b"Q" => found.restored += 1,
                b"BMC" | b"BDC" => found.marked += 1,
                b"EMC" => found.marked = found.marked.saturating_sub(1),
                b"ID" => {
                    open.clear();
                    content.skip_image();
                }
                _ => {}
            }
            open.truncate(Self::MOST);
        }
        let mut ending = content.ending;
        for open in open.iter().rev() {
            ending.extend_from_slice(open.ending());
        }
        Self {
            ending,
            restored: found.restored.min(Self::MOST),
            saved: found.saved.min(Self::MOST),
            marked: found.marked.min(Self::MOST),
        }
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b'\0' | b'\t' | b'\n' | b'\x0c' | b'\r' | b' ')
}

fn is_delimiter(byte: u8) -> bool {
    b"()<>[]{}/%".contains(&byte)
}

/// Content that is still to be read.
struct Tokens<'a> {
    rest: &'a [u8],
    /// What ends the string or image with which content stops.
    ending: Vec<u8>,
}

impl<'a> Tokens<'a> {
    /// The next piece between spaces that is in no string, name or comment (ISO 32000-1,
    /// 7.2): an operator, a number, or what begins and ends arrays and dictionaries.
    fn next(&mut self) -> Option<&'a [u8]> {
        loop {
            match *self.rest {
                [] => return None,
                [b'(', ..] => self.skip_string(),
                [b'%', ..] => {
                    let end = |byte: &u8| matches!(byte, b'\n' | b'\r');
                    let end = self.rest.iter().position(end);
                    self.take(end.unwrap_or(self.rest.len()));
                }
                [b'<', b'<', ..] | [b'>', b'>', ..] => return Some(self.take(2)),
                [b'[' | b']', ..] => return Some(self.take(1)),
                // Hexadecimal digits are no operators.
                [b'<', ..] => match memchr::memchr(b'>', self.rest) {
                    Some(end) => drop(self.take(end + 1)),
                    None => self.stop_within(b"\n>"),
                },
                [b'/', ..] => {
                    self.take(1);
                    self.take_regular();
                }
                [byte, ..] if is_space(byte) || is_delimiter(byte) => drop(self.take(1)),
                _ => return Some(self.take_regular()),
            }
        }
    }

    fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at(count);
        self.rest = rest;
        taken
    }

    fn take_regular(&mut self) -> &'a [u8] {
        let end = |byte: &u8| is_space(*byte) || is_delimiter(*byte);
        let end = self.rest.iter().position(end);
        self.take(end.unwrap_or(self.rest.len()))
    }

    /// Nothing follows, and what content stops in is ended so.
    fn stop_within(&mut self, ending: &[u8]) {
        self.rest = &[];
        self.ending = ending.to_vec();
    }

    fn skip_string(&mut self) {
        let mut depth = 0usize;
        let mut at = 0;
        while let Some(byte) = self.rest.get(at) {
            match byte {
                b'\\' => at += 1,
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            at += 1;
            if depth == 0 {
                self.take(at);
                return;
            }
        }
        // After a line break, which a backslash at the very end may make its own.
        self.stop_within(&[b"\n".as_slice(), &b")".repeat(depth)].concat());
    }

    /// Goes on after the data of an inline image: behind an `EI` that stands alone.
    fn skip_image(&mut self) {
        let data = self.rest;
        let is_end = |at: usize| {
            let before = at == 0 || is_space(data[at - 1]);
            before && data.get(at + 2).is_none_or(|byte| is_space(*byte))
        };
        match memchr::memmem::find_iter(data, b"EI").find(|at| is_end(*at)) {
            Some(end) => drop(self.take(end + 2)),
            None => self.stop_within(b"\nEI"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn nesting(content: &str) -> (usize, usize, usize) {
        let found = Nesting::of(content.as_bytes());
        (found.restored, found.saved, found.marked)
    }

    #[test]
    fn what_is_left_open_is_counted_and_so_is_what_was_not_opened() {
        assert_eq!(nesting("q 1 0 0 1 0 0 cm Q"), (0, 0, 0));
        assert_eq!(nesting("Q q q /OC /L BDC"), (1, 2, 1));
        assert_eq!(nesting("q Q Q Q q"), (2, 1, 0));
        assert_eq!(nesting("EMC /P BMC EMC"), (0, 0, 0));
    }

    #[test]
    fn operators_in_strings_names_comments_and_images_are_none() {
        assert_eq!(
            nesting("(q \\) q (q) q) Tj <71> Tj /q gs % q\nq"),
            (0, 1, 0)
        );
        assert_eq!(nesting("BI /W 1 ID q EIq q EI q"), (0, 1, 0));
        assert_eq!(nesting("<</q(q)>>BDC"), (0, 0, 1));
        assert_eq!(nesting("q(unfinished q"), (0, 1, 0));
    }

    #[test]
    fn what_content_stops_in_is_ended() {
        let ending = |content: &str| {
            let found = Nesting::of(content.as_bytes());
            String::from_utf8(found.ending).unwrap()
        };
        for whole in [
            "(a(b)c) Tj [(a)] TJ",
            "/P <</A [1]>> BDC",
            "BI ID x EI",
            "] >> )",
        ] {
            assert_eq!(ending(whole), "", "{whole}");
        }
        assert_eq!(ending("(a (b) (c"), "\n))");
        assert_eq!(ending("(a\\"), "\n)");
        assert_eq!(ending("<6162"), "\n>");
        assert_eq!(ending("/P <</A [1 (x"), "\n)\n]\n>>");
        assert_eq!(ending("BI /W 1"), "\nID EI");
        assert_eq!(ending("BI /W 1 ID abc"), "\nEI");
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_read(content in prop::collection::vec(any::<u8>(), 0..200)) {
            let found = Nesting::of(&content);
            let ended = [content, found.ending, b"\n".to_vec()].concat();
            prop_assert!(Nesting::of(&ended).ending.is_empty());
        }
    }
}
