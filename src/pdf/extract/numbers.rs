//! Decimal numbers as a document writes them. The parser keeps about seven digits of
//! each, and a page whose edge moves by a hundred thousandth of a point is drawn in other
//! shades. Not for numbers in content, which is never written anew.

use std::collections::HashMap;

use memchr::{memchr, memmem};

/// With fewer digits nothing is lost.
const FEWEST_DIGITS: usize = 7;

/// Longer numbers are none.
const LONGEST: usize = 32;

/// More are not kept: no honest document has as many.
const MOST: usize = 100_000;

/// Numbers without their sign, as they were written, by what the parser keeps of them.
#[derive(Debug, Default)]
pub struct ExactNumbers(HashMap<u32, Box<[u8]>>);

impl ExactNumbers {
    /// Those of a file and of its object streams, unpacked.
    pub fn of<'a>(file: &[u8], packed: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut found = Self::default();
        found.collect_outside_streams(file);
        for objects in packed {
            found.collect(objects);
        }
        found
    }

    /// How a number was written, without its sign; none where the shortest way to write
    /// it is the same number.
    pub fn get(&self, number: f32) -> Option<&[u8]> {
        self.0
            .get(&number.abs().to_bits())
            .map(|written| &**written)
    }

    fn collect_outside_streams(&mut self, mut bytes: &[u8]) {
        let begin = memmem::Finder::new(b"stream");
        let end = memmem::Finder::new(b"endstream");
        while let Some(at) = begin.find(bytes) {
            let (before, rest) = bytes.split_at(at);
            self.collect(before);
            bytes = match end.find(rest) {
                Some(at) => &rest[at + b"endstream".len()..],
                None => &[],
            };
        }
        self.collect(bytes);
    }

    fn collect(&mut self, text: &[u8]) {
        let mut from = 0;
        while let Some(point) = memchr(b'.', &text[from..]).map(|at| from + at) {
            let digits = |text: &mut dyn Iterator<Item = &u8>| {
                text.take(LONGEST)
                    .take_while(|b| b.is_ascii_digit())
                    .count()
            };
            let before = digits(&mut text[from..point].iter().rev());
            let after = digits(&mut text[point + 1..].iter());
            let number = &text[point - before..point + 1 + after];
            from = point + 1 + after;
            if before + after >= FEWEST_DIGITS
                && number.len() <= LONGEST
                && self.0.len() < MOST
                && let Some(kept) = shortened(number)
            {
                self.0
                    .entry(kept.to_bits())
                    .or_insert_with(|| number.into());
            }
        }
    }
}

/// What the parser keeps of a number; none where that is the number itself.
fn shortened(number: &[u8]) -> Option<f32> {
    let text = std::str::from_utf8(number).ok()?;
    let kept: f32 = text.parse().ok()?;
    let exact: f64 = text.parse().ok()?;
    let shortest: f64 = kept.to_string().parse().ok()?;
    (kept.is_finite() && shortest != exact).then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_would_lose_digits_are_known() {
        let mut found = ExactNumbers::default();
        found.collect_outside_streams(
            b"[0 0 595.27559 841.889763779528]/M[-122.061111 12.5 0.00000912 1.5]\n\
              stream\n77.1234567 endstream\n88.1234567",
        );
        let get = |number: &str| {
            let written = found.get(number.parse().unwrap());
            written.map(|it| String::from_utf8_lossy(it).into_owned())
        };
        for (number, written) in [
            ("595.2756", "595.27559"),
            ("841.88976", "841.889763779528"),
            ("-122.06111", "122.061111"),
            ("88.12346", "88.1234567"),
        ] {
            assert_eq!(get(number).as_deref(), Some(written));
        }
        for same in ["12.5", "0.00000912", "1.5", "77.12346"] {
            assert_eq!(get(same), None, "{same}");
        }
    }
}
