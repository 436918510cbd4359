//! Running numbers that are printed on pages that go out ("ACME000123"), as lawyers number
//! what they hand over. Not for numbers that pages bring (`analysis::page_number`).

use serde::{Deserialize, Serialize};

/// Running numbers: a beginning, and digits that count up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbering {
    /// What each number begins with.
    prefix: String,
    /// At least so many digits follow; shorter numbers get zeros.
    digits: u8,
    /// The first number.
    first: u64,
}

/// Why pages cannot be numbered so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberingError {
    /// The beginning is too long.
    #[error("a number begins with at most {} letters", Numbering::LONGEST_PREFIX)]
    TooLong,
    /// The beginning has letters that the font of all viewers does not have.
    #[error("a number begins with letters from A to Z, digits and signs")]
    OtherLetters,
    /// The beginning ends in a digit: its numbers might be those of another beginning.
    #[error("what a number begins with ends in no digit")]
    EndsInDigit,
    /// There are no digits, or too many.
    #[error("a number has 1 to {} digits", Numbering::MOST_DIGITS)]
    Digits,
}

impl Numbering {
    /// Letters of the longest beginning.
    pub const LONGEST_PREFIX: usize = 40;

    /// Digits that numbers may be filled up to.
    pub const MOST_DIGITS: u8 = 12;

    /// The beginning, the least number of digits, and the first number.
    pub fn new(prefix: &str, digits: u8, first: u64) -> Result<Self, NumberingError> {
        if prefix.chars().count() > Self::LONGEST_PREFIX {
            return Err(NumberingError::TooLong);
        }
        if !prefix.chars().all(|letter| matches!(letter, ' '..='~')) {
            return Err(NumberingError::OtherLetters);
        }
        if prefix.ends_with(|letter: char| letter.is_ascii_digit()) {
            return Err(NumberingError::EndsInDigit);
        }
        if !(1..=Self::MOST_DIGITS).contains(&digits) {
            return Err(NumberingError::Digits);
        }
        Ok(Self {
            prefix: prefix.to_owned(),
            digits,
            first,
        })
    }

    /// What each number begins with.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The first number.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// The same, beginning elsewhere.
    pub fn starting_at(self, first: u64) -> Self {
        Self { first, ..self }
    }

    /// The number of a page, the first of all being page 0.
    pub fn number(&self, page: u64) -> String {
        let number = self.first.saturating_add(page);
        let digits = usize::from(self.digits);
        format!("{}{number:0digits$}", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_filled_up_and_go_on_beyond_their_digits() {
        let numbering = Numbering::new("ACME-", 3, 998).unwrap();
        let numbers = [0, 1, 2].map(|page| numbering.number(page));
        assert_eq!(numbers, ["ACME-998", "ACME-999", "ACME-1000"]);
        assert_eq!(Numbering::new("", 6, 7).unwrap().number(0), "000007");
    }

    #[test]
    fn what_viewers_cannot_show_is_refused() {
        let refused = |prefix: &str, digits| Numbering::new(prefix, digits, 1).unwrap_err();
        assert_eq!(refused(&"A".repeat(41), 6), NumberingError::TooLong);
        assert_eq!(refused("Größe", 6), NumberingError::OtherLetters);
        assert_eq!(refused("A\n", 6), NumberingError::OtherLetters);
        assert_eq!(refused("A1", 6), NumberingError::EndsInDigit);
        assert_eq!(refused("A", 0), NumberingError::Digits);
        assert_eq!(refused("A", 13), NumberingError::Digits);
    }
}
