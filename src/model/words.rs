//! Words of a page as a whole: what stands between two of them, and the words of two
//! readings put together. Not for finding words (`pdf`, analysers).

use super::{Area, Finding, Word};

/// Letters of scripts that put no spaces between words: Thai, Lao, Tibetan,
/// Burmese and Khmer, kana, and the ideographs with their extensions (blocks of
/// Unicode 16).
pub fn stands_alone(letter: char) -> bool {
    matches!(u32::from(letter),
        0x0E00..=0x0EFF | 0x0F00..=0x0FFF | 0x1000..=0x109F | 0x1780..=0x17FF
        | 0x3040..=0x30FF | 0x31F0..=0x31FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF
        | 0xF900..=0xFAFF | 0xFF66..=0xFF9F | 0x20000..=0x323AF)
}

/// Whether a space stands between two words of a line.
pub fn are_spaced(before: &str, after: &str) -> bool {
    let alone = |letter: Option<char>| letter.is_some_and(stands_alone);
    !(alone(before.chars().next_back()) && alone(after.chars().next()))
}

/// Whether two words that follow each other stand in one line, upright or on its side.
pub fn share_line(one: &Area, other: &Area) -> bool {
    let overlap = |a: (f32, f32), b: (f32, f32)| {
        let shared = a.1.min(b.1) - a.0.max(b.0);
        shared >= (a.1 - a.0).min(b.1 - b.0) / 2.0
    };
    let rows = |area: &Area| (area.top, area.bottom);
    let columns = |area: &Area| (area.left, area.right);
    let is_upright = |area: &Area| area.right - area.left >= area.bottom - area.top;
    match is_upright(one) || is_upright(other) {
        true => overlap(rows(one), rows(other)),
        false => overlap(columns(one), columns(other)),
    }
}

/// The words that analysers read on a page: those of the first that tells where they stand.
pub fn words_read(findings: Vec<Finding>) -> Vec<Word> {
    let found = findings.into_iter().filter_map(|of| of.result.ok());
    let mut words = found.map(|found| found.words);
    words.find(|words| !words.is_empty()).unwrap_or_default()
}

/// Of the words that were read on the picture of a page, those that are not among the words
/// of its own text: their middle lies on none of these.
pub fn beside_own(own: &[Word], read: Vec<Word>) -> Vec<Word> {
    /// More are compared on no page that people made.
    const MOST: usize = 100_000_000;
    if own.len().saturating_mul(read.len()) > MOST {
        return Vec::new();
    }
    let is_own = |word: &Word| {
        let (x, y) = (
            f32::midpoint(word.area.left, word.area.right),
            f32::midpoint(word.area.top, word.area.bottom),
        );
        let on =
            |Area {
                 left,
                 top,
                 right,
                 bottom,
             }: Area| { (left..=right).contains(&x) && (top..=bottom).contains(&y) };
        own.iter().any(|own| on(own.area))
    };
    read.into_iter().filter(|word| !is_own(word)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_stand_where_scripts_have_them() {
        assert!(are_spaced("net", "amount"));
        assert!(!are_spaced("請求", "書"));
        assert!(are_spaced("請求", "INV12"));
        assert!(are_spaced("", ""));
    }

    #[test]
    fn what_a_page_says_itself_is_not_said_twice() {
        let word = |text: &str, left: f32| Word {
            text: text.to_owned(),
            area: Area {
                left,
                top: 0.1,
                right: left + 0.1,
                bottom: 0.12,
            },
        };
        let own = [word("FAX", 0.1)];
        let read = vec![word("F4X", 0.11), word("Dear", 0.3)];
        assert_eq!(beside_own(&own, read.clone()), [word("Dear", 0.3)]);
        assert_eq!(beside_own(&[], read.clone()), read);
    }
}
