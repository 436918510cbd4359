//! Whether the letters of a text are used as languages use them. A text layer whose letters
//! are a cipher, or of another script's code page, looks like text to everything but a
//! reader. Counts only; what is made of them is a verdict. Not for telling languages
//! (`quality`).

use unicode_normalization::UnicodeNormalization;

use crate::model::LetterUse;

/// Vowels of languages in Latin script, without their accents.
const VOWELS: &[u8] = b"aeiouy";

/// Consonants that nearly all of them use most.
const COMMON: &[u8] = b"dlmnrst";

/// Counts how letters are used.
pub fn letter_use(text: &str) -> LetterUse {
    let mut found = LetterUse::default();
    let mut counts = [0u32; 26];
    for letter in text.chars() {
        if !letter.is_ascii_alphabetic() && ('\u{c0}'..='\u{ff}').contains(&letter) {
            found.upper_half += 1;
        }
        let plain = match letter {
            'a'..='z' | 'A'..='Z' => Some(letter),
            // Others have no form without an accent.
            '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => [letter].into_iter().nfd().next(),
            _ => None,
        };
        let Some(plain) = plain.filter(char::is_ascii_alphabetic) else {
            continue;
        };
        let plain = plain.to_ascii_lowercase() as u8;
        counts[usize::from(plain - b'a')] += 1;
        found.latin += 1;
        found.vowels += u32::from(VOWELS.contains(&plain));
        found.common += u32::from(COMMON.contains(&plain));
    }
    let pairs: u64 = counts
        .iter()
        .map(|count| u64::from(*count) * u64::from(count.saturating_sub(1)))
        .sum();
    let latin = u64::from(found.latin);
    // Friedman's index of coincidence (1920): how likely two letters are the same.
    let all = (latin * latin.saturating_sub(1)).max(1);
    found.coincidence = pairs as f32 / all as f32;
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const LETTER: &str = "The tenant shall keep the premises in good repair and shall not alter \
        them without the written consent of the landlord, which shall not be withheld. Payment \
        is due within thirty days of receipt of this invoice by bank transfer. Please quote the \
        number above in all letters about it.";

    /// Each letter moved on in the alphabet, as fonts that were cut down do.
    fn moved(text: &str, by: u8) -> String {
        let moved = |letter: char| match letter {
            'a'..='z' => ((letter as u8 - b'a' + by) % 26 + b'a') as char,
            other => other,
        };
        text.to_lowercase().chars().map(moved).collect()
    }

    #[test]
    fn a_cipher_uses_other_letters_as_often_as_a_language_does() {
        let (plain, cipher) = (letter_use(LETTER), letter_use(&moved(LETTER, 3)));
        assert_eq!(plain.latin, cipher.latin);
        assert_eq!(plain.coincidence, cipher.coincidence);
        assert!(plain.vowels + plain.common > plain.latin * 7 / 10);
        assert!(cipher.vowels + cipher.common < cipher.latin / 2);
    }

    #[test]
    fn accents_make_no_other_letter() {
        let found = letter_use("Ärger ÉTÉ łódź Привет 12");
        assert_eq!((found.latin, found.vowels), (11, 5));
        assert_eq!(found.upper_half, 4);
        assert_eq!(letter_use("").coincidence, 0.0);
    }
}
