//! Counts over a page's text, and the form in which it is compared. Not for language
//! or quality of the text.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

/// How much text a page has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TextCounts {
    /// Characters other than white space.
    pub characters: u32,
    /// Words by Unicode's word boundaries (UAX #29) that hold a letter or digit.
    pub words: u32,
}

/// Text without what makes no difference to people who look for it: in lower case,
/// without accents, wide and joined forms of letters as plain ones (NFKC).
pub fn folded(text: &str) -> String {
    text.nfkd()
        .filter(|letter| !is_combining_mark(*letter))
        .flat_map(char::to_lowercase)
        .nfc()
        .collect()
}

/// Counts characters and words.
pub fn count_text(text: &str) -> TextCounts {
    // No word goes on in the next line.
    let lines = text.split('\n').map(count_line);
    lines.fold(TextCounts::default(), |all, line| TextCounts {
        characters: all.characters.saturating_add(line.characters),
        words: all.words.saturating_add(line.words),
    })
}

fn count_line(line: &str) -> TextCounts {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    if line.is_ascii() {
        let spaces = line.bytes().filter(u8::is_ascii_whitespace).count();
        return TextCounts {
            characters: count(line.len() - spaces),
            words: ascii_words(line.as_bytes()),
        };
    }
    TextCounts {
        characters: count(line.chars().filter(|c| !c.is_whitespace()).count()),
        words: count(line.unicode_words().count()),
    }
}

/// The words of an ASCII line, where UAX #29 comes down to a few rules, at
/// a tenth of the cost: most lines of client pages are plain ASCII.
fn ascii_words(text: &[u8]) -> u32 {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let mut words = 0;
    let mut at = 0;
    while at < text.len() {
        if !is_word(text[at]) {
            at += 1;
            continue;
        }
        let mut has_content = false;
        while at < text.len() {
            let here = text[at];
            if is_word(here) {
                has_content |= here != b'_';
                at += 1;
            } else if joins(text, at) {
                at += 1;
            } else {
                break;
            }
        }
        words += u32::from(has_content);
    }
    words
}

/// Whether the mark at `at` stands inside a word: `don't`, `example.com`,
/// `1,234.5` (rules WB6, WB7, WB11 and WB12).
fn joins(text: &[u8], at: usize) -> bool {
    let (Some(&before), Some(&after)) = (
        at.checked_sub(1).and_then(|i| text.get(i)),
        text.get(at + 1),
    ) else {
        return false;
    };
    match text[at] {
        b'\'' | b'.' => {
            before.is_ascii_alphabetic() && after.is_ascii_alphabetic()
                || before.is_ascii_digit() && after.is_ascii_digit()
        }
        b':' => before.is_ascii_alphabetic() && after.is_ascii_alphabetic(),
        b',' | b';' => before.is_ascii_digit() && after.is_ascii_digit(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_of_several_scripts() {
        assert_eq!(
            count_text("Don't pay 1,234.50 EUR"),
            TextCounts {
                characters: 19,
                words: 4
            }
        );
        assert_eq!(count_text("Счёт № 17 от мая").words, 4);
        assert_eq!(count_text(" \n\t "), TextCounts::default());
        assert_eq!(count_text("--- ... ---").words, 0);
    }

    proptest! {
        #[test]
        fn the_quick_count_agrees_with_the_library(text in "[ -~\n]{0,80}") {
            prop_assert_eq!(
                ascii_words(text.as_bytes()) as usize,
                text.unicode_words().count()
            );
        }

        #[test]
        fn lines_are_counted_one_by_one(text in "[ -~é“”—ж\n\r]{0,80}") {
            prop_assert_eq!(count_text(&text).words as usize, text.unicode_words().count());
        }
    }
}
