//! Whether the letters of a text are used as languages use them. A text layer whose letters
//! are a cipher, or of another script's code page, looks like text to everything but a
//! reader. Counts only; what is made of them is a verdict. Not for telling languages
//! (`quality`).

use std::collections::HashSet;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

use encoding_rs::{BIG5, EUC_KR, Encoding, GBK, SHIFT_JIS};
use rustc_hash::FxHashMap;

use super::letter_pairs::{ALPHABETS, Alphabet};
use super::text::folded;
use crate::model::LetterUse;

/// Longer texts are cut, in bytes: how letters are used is plain long before.
const LONGEST: usize = 6_000;

/// Vowels of languages in Latin script, without their accents.
const VOWELS: [char; 6] = ['a', 'e', 'i', 'o', 'u', 'y'];

/// Longer words with figures in them are no part numbers, but lines whose spaces were lost:
/// an IBAN has 34 letters and figures at most.
const LONGEST_NUMBER: usize = 34;

/// Words of one letter say nothing of pairs.
const SHORTEST: usize = 2;

/// What characters of everyday use are called in national standards of 1980 to 1987: GB 2312
/// and JIS X 0208 in their first level, Big5 likewise, KS X 1001 in its syllables. Their first
/// bytes, and from where on the second are: later standards filled up what is before. Of all
/// Chinese characters in Unicode they are a quarter at most, of Korean syllables a fifth.
static EVERYDAY: [(&Encoding, RangeInclusive<u8>, u8); 4] = [
    (GBK, 0xb0..=0xd7, 0xa1),
    (BIG5, 0xa4..=0xc6, 0x40),
    (SHIFT_JIS, 0x88..=0x97, 0x40),
    (EUC_KR, 0xb0..=0xc8, 0xa1),
];

/// The alphabet of each letter, and its place in it.
static PLACES: LazyLock<FxHashMap<char, (usize, usize)>> = LazyLock::new(|| {
    let alphabets = ALPHABETS.iter().enumerate();
    let letters = alphabets.flat_map(|(alphabet, found)| {
        let letters = found.letters.chars().enumerate();
        letters.map(move |(place, letter)| (letter, (alphabet, place)))
    });
    letters.collect()
});

/// Counts how letters are used. Each word counts once: what a list repeats again and again
/// is not how a language uses letters.
pub fn letter_use(text: &str) -> LetterUse {
    let text = &text[..text.floor_char_boundary(LONGEST)];
    let plain = folded(text);
    let mut tallies: Vec<Tally<'_>> = ALPHABETS.iter().enumerate().map(Tally::new).collect();
    let mut seen = HashSet::new();
    let mut letters = 0;
    for word in plain.split(|letter: char| !letter.is_alphanumeric()) {
        let length = word.chars().count();
        letters += word.chars().filter(|letter| letter.is_alphabetic()).count();
        // Part numbers are no words, and sums of files are none.
        let is_number = length <= LONGEST_NUMBER || word.chars().all(|it| it.is_ascii_hexdigit());
        if is_number && word.chars().any(char::is_numeric) {
            continue;
        }
        let alphabet = word.chars().find_map(|letter| PLACES.get(&letter));
        if let Some(tally) = alphabet.and_then(|(alphabet, _)| tallies.get_mut(*alphabet)) {
            tally.all += length;
            if length >= SHORTEST && seen.insert(word) {
                tally.word(word);
            }
        }
    }
    // Among other scripts, words in one are names and units; among codes, accidents.
    let is_most = |tally: &&Tally<'_>| tally.all > 0 && tally.all * 4 >= letters * 3;
    let most = tallies.iter().find(is_most);
    let (ideographs, everyday) = everyday(text);
    LetterUse {
        accented: accented(text),
        ideographs,
        everyday,
        broken: broken(text),
        ..most.map(Tally::letter_use).unwrap_or_default()
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Share of letters that are Latin ones with an accent, or of the few that have no form
/// without one.
fn accented(text: &str) -> f32 {
    let is_accented =
        |letter: &char| matches!(letter, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}');
    let letters = || text.chars().filter(|letter| letter.is_alphabetic());
    letters().filter(is_accented).count() as f32 / letters().count().max(1) as f32
}

/// Share of words with small letters that have a capital or a figure right after one of
/// these.
fn broken(text: &str) -> f32 {
    /// Shorter ones are units and formulas.
    const SHORTEST: usize = 4;
    let (mut words, mut broken) = (0u32, 0u32);
    for word in text.split(|letter: char| !letter.is_alphanumeric()) {
        let mut after_small = false;
        let mut is_broken = false;
        let (mut length, mut has_small) = (0, false);
        for letter in word.chars() {
            length += 1;
            is_broken |= after_small && (letter.is_uppercase() || letter.is_numeric());
            after_small = letter.is_lowercase();
            has_small |= after_small;
        }
        if length >= SHORTEST && has_small {
            words += 1;
            broken += u32::from(is_broken);
        }
    }
    broken as f32 / words.max(1) as f32
}

/// Characters of Chinese and syllables of Korean, and how many of them are of everyday use
/// in one country.
fn everyday(text: &str) -> (u32, u32) {
    let is_one =
        |letter: &char| matches!(letter, '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}');
    let written: String = text.chars().filter(is_one).collect();
    let of_one = EVERYDAY.iter().map(|(encoding, first, second)| {
        let (bytes, _, _) = encoding.encode(&written);
        let mut bytes = bytes.iter();
        let mut everyday = 0;
        // What it does not have becomes plain ASCII.
        while let Some(byte) = bytes.next() {
            if !byte.is_ascii() {
                let is_older = bytes.next().is_some_and(|other| other >= second);
                everyday += usize::from(is_older && first.contains(byte));
            }
        }
        everyday
    });
    (
        count(written.chars().count()),
        count(of_one.max().unwrap_or(0)),
    )
}

/// What is counted of the words of an alphabet.
struct Tally<'a> {
    alphabet: &'a Alphabet,
    /// Which of all it is.
    number: usize,
    /// Letters of all its words.
    all: usize,
    /// How many times each letter is in words that differ.
    counts: Vec<u32>,
    /// Pairs of letters in them, and how rare these are in sum.
    pairs: u32,
    rarity: u32,
}

impl<'a> Tally<'a> {
    fn new((number, alphabet): (usize, &'a Alphabet)) -> Self {
        Self {
            alphabet,
            number,
            all: 0,
            counts: vec![0; alphabet.gap()],
            pairs: 0,
            rarity: 0,
        }
    }

    fn word(&mut self, word: &str) {
        let gap = self.alphabet.gap();
        let mut before = Some(gap);
        let places = word.chars().map(|letter| {
            let (alphabet, place) = PLACES.get(&letter)?;
            (*alphabet == self.number).then_some(*place)
        });
        for here in places.chain([Some(gap)]) {
            if let Some(count) = here.and_then(|here| self.counts.get_mut(here)) {
                *count += 1;
            }
            let pair = before.zip(here);
            if let Some(rarity) = pair.and_then(|(a, b)| self.alphabet.rarity(a, b)) {
                self.pairs += 1;
                self.rarity += rarity;
            }
            before = here;
        }
    }

    fn letter_use(&self) -> LetterUse {
        let letters: u32 = self.counts.iter().sum();
        let same = self.counts.iter().map(|count| u64::from(*count));
        let same: u64 = same.map(|count| count * count.saturating_sub(1)).sum();
        let all = u64::from(letters) * u64::from(letters.saturating_sub(1));
        let vowels = self.alphabet.letters.chars().zip(&self.counts);
        let vowels = vowels.filter(|(letter, _)| VOWELS.contains(letter));
        LetterUse {
            letters,
            rarity: self.rarity as f32 / self.pairs.max(1) as f32,
            // Friedman's index of coincidence (1920).
            coincidence: same as f32 * self.counts.len() as f32 / all.max(1) as f32,
            vowels: self
                .alphabet
                .letters
                .contains(VOWELS)
                .then(|| vowels.map(|(_, count)| count).sum()),
            ..LetterUse::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LETTER: &str = "The tenant shall keep the premises in good repair and shall not alter \
        them without the written consent of the landlord, which shall not be withheld. Payment \
        is due within thirty days of receipt of this invoice by bank transfer. Please quote the \
        number above in all letters about it.";

    const RUSSIAN: &str = "Арендатор обязан содержать помещение в исправном состоянии и не \
        вправе изменять его без письменного согласия арендодателя, в котором не будет отказано.";

    /// Each letter moved on in its alphabet, as fonts that were cut down do.
    fn moved(text: &str, first: char, letters: u32, by: u32) -> String {
        let first = u32::from(first);
        let moved = |letter: char| match u32::from(letter).checked_sub(first) {
            Some(place) if place < letters => char::from_u32(first + (place + by) % letters),
            _ => Some(letter),
        };
        text.to_lowercase().chars().filter_map(moved).collect()
    }

    #[test]
    fn a_cipher_has_rare_pairs_and_is_as_uneven_as_its_language() {
        for (text, first, letters) in [(LETTER, 'a', 26), (RUSSIAN, 'а', 32)] {
            let plain = letter_use(text);
            let cipher = letter_use(&moved(text, first, letters, 3));
            assert!(plain.rarity < 8.7, "{plain:?}");
            assert!(cipher.rarity > 10.5, "{cipher:?}");
            assert!(plain.coincidence > 1.4 && cipher.coincidence > 1.4);
        }
        assert_eq!(letter_use(RUSSIAN).vowels, None);
    }

    #[test]
    fn a_cipher_is_one_where_its_spaces_are_lost_and_its_capitals_are_figures() {
        let text = "Sehr geehrte Frau Huber, wir danken Ihnen für Ihre Anfrage wegen der \
                    Überprüfung der Nebenkosten. Die Zählerstände haben wir noch einmal \
                    abgelesen und dabei festgestellt, dass die Ablesung fehlerhaft gewesen ist.";
        // Letters by the numbers of their glyphs, as fonts of one system have them.
        let moved = text
            .chars()
            .filter(|letter| *letter != ' ')
            .map(|letter| match letter {
                '!'..='~' => char::from_u32(letter as u32 - 29).unwrap_or(letter),
                other => other,
            });
        let moved: String = moved.collect();
        let plain = letter_use(&text.replace(' ', ""));
        let cipher = letter_use(&moved);
        assert!(cipher.letters >= 50, "{cipher:?}");
        assert!(cipher.rarity > plain.rarity + 1.0, "{plain:?} {cipher:?}");
    }

    #[test]
    fn words_count_once_and_codes_not_at_all() {
        let once = letter_use("Payment is due. ");
        assert_eq!(once.letters, 12);
        assert_eq!(letter_use(&"Payment is DUE. ".repeat(20)), once);
        assert_eq!(letter_use("KX204-Q17 BX99 and more").letters, 0);
        let sum = "d9e6762dd1c8eaf6d61b3c6192fc408d4d6d5f1176d0c29169bc24e71c3f274a";
        assert_eq!(letter_use(sum).letters, 0);
        // Names and units in a text of another script.
        let mixed = format!("{RUSSIAN} Acme Ltd, 12 kg");
        assert_eq!(letter_use(&mixed), letter_use(RUSSIAN));
        assert_eq!(letter_use(""), LetterUse::default());
    }

    #[test]
    fn letters_of_another_script_taken_for_latin_ones_break_words() {
        let misread = "ApeHAaTop o6R3aH coAepJKaTb noMeLLIeHHe B HcnpaBHoM cocToRHHH";
        assert!(
            letter_use(misread).broken > 0.7,
            "{:?}",
            letter_use(misread)
        );
        assert_eq!(letter_use(LETTER).broken, 0.0);
        assert_eq!(
            letter_use("Section 12b, 40kg, PDFs and McAdam iOS").broken,
            0.25
        );
    }

    #[test]
    fn accents_make_no_other_letter_and_are_counted() {
        let found = letter_use("Ärger ÉTÉ kůň");
        assert_eq!((found.letters, found.vowels), (11, Some(5)));
        assert_eq!(found.accented, 5.0 / 11.0);
    }

    #[test]
    fn characters_of_everyday_use_are_told_from_others() {
        let simplified = "承租人应当妥善保管租赁房屋,发现损坏应立即通知出租人";
        for (text, characters) in [
            (simplified, 25),
            ("承租人應當妥善保管租賃房屋", 13),
            ("임차인은 건물을 양호한 상태로", 13),
        ] {
            let found = letter_use(text);
            assert_eq!((found.ideographs, found.everyday), (characters, characters));
        }
        let moved = |letter| char::from_u32(u32::from(letter) + 0x80);
        let moved: String = simplified.chars().filter_map(moved).collect();
        let found = letter_use(&moved);
        assert!(found.everyday * 2 < found.ideographs, "{found:?}");
    }
}
