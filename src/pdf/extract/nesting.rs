//! How a page's content nests its graphics states and marks, so that what is added after it
//! stands outside of all of them. Reads just enough of content for that: not its operands.

/// What content leaves open, and what it closes that it did not open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Nesting {
    /// Graphics states that it restores without having saved them.
    pub(super) restored: usize,
    /// Graphics states that it saves and does not restore.
    pub(super) saved: usize,
    /// Marked pieces that it begins and does not end.
    pub(super) marked: usize,
}

impl Nesting {
    /// Nobody nests deeper.
    const MOST: usize = 1_000;

    /// Of content, whole and unpacked.
    pub(super) fn of(content: &[u8]) -> Self {
        let mut found = Self::default();
        let mut rest = content;
        while let Some(token) = next(&mut rest) {
            match token {
                b"q" => found.saved += 1,
                b"Q" if found.saved > 0 => found.saved -= 1,
                b"Q" => found.restored += 1,
                b"BMC" | b"BDC" => found.marked += 1,
                b"EMC" => found.marked = found.marked.saturating_sub(1),
                b"ID" => skip_image(&mut rest),
                _ => {}
            }
        }
        Self {
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

/// The next piece between spaces and delimiters that is in no string and no comment (ISO
/// 32000-1, 7.2); names keep their slash.
fn next<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    loop {
        let first = *rest.first()?;
        match first {
            b'(' => skip_string(rest),
            b'%' => {
                let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
                *rest = &rest[end.unwrap_or(rest.len())..];
            }
            // Hexadecimal digits are no operators; those of dictionaries are two.
            b'<' if rest.get(1) != Some(&b'<') => {
                let end = rest.iter().position(|byte| *byte == b'>');
                *rest = &rest[end.map_or(rest.len(), |end| end + 1)..];
            }
            b'/' => {
                let more = rest[1..].iter();
                let end = more.take_while(|byte| !is_space(**byte) && !is_delimiter(**byte));
                *rest = &rest[1 + end.count()..];
            }
            byte if is_space(byte) || is_delimiter(byte) => *rest = &rest[1..],
            _ => {
                let bytes = rest.iter();
                let bytes = bytes.take_while(|byte| !is_space(**byte) && !is_delimiter(**byte));
                let (token, after) = rest.split_at(bytes.count());
                *rest = after;
                return Some(token);
            }
        }
    }
}

fn skip_string(rest: &mut &[u8]) {
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(byte) = rest.get(at) {
        match byte {
            b'\\' => at += 1,
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            break;
        }
    }
    *rest = &rest[at.min(rest.len())..];
}

/// Goes on after the data of an inline image: behind an `EI` that stands alone.
fn skip_image(rest: &mut &[u8]) {
    let is_end = |at: usize| {
        let before = at == 0 || is_space(rest[at - 1]);
        let after = rest.get(at + 2);
        before && after.is_none_or(|byte| is_space(*byte))
    };
    let ends = memchr::memmem::find_iter(rest, b"EI");
    let end = ends.map(|at| (at, is_end(at))).find(|(_, ends)| *ends);
    *rest = &rest[end.map_or(rest.len(), |(at, _)| at + 2)..];
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

    proptest! {
        #[test]
        fn any_bytes_can_be_read(content in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Nesting::of(&content);
        }
    }
}
