//! The line of text at the top of a page, by where words stand and not by the order
//! in which they are painted: programs often paint headers last. Not for whole texts.

use crate::model::{Area, PageShape, Word};

/// Words are on one line where they overlap by this share of the lower one's height.
const OVERLAP: f32 = 0.5;

/// Longer lines say nothing more, in characters.
const LONGEST: usize = 1000;

/// The words of the topmost line, in the order in which they are read; none on a page
/// without words, and where text runs sideways: there the top is not where it begins.
pub fn top_line(words: &[Word], shape: PageShape) -> Option<String> {
    if runs_sideways(words, shape) {
        return None;
    }
    let has_letters = |word: &&Word| word.text.chars().any(|letter| !letter.is_whitespace());
    let written = || words.iter().filter(has_letters);
    let first = written().min_by(|a, b| a.area.top.total_cmp(&b.area.top))?;
    let mut line: Vec<&Word> = written()
        .filter(|word| overlap(word.area, first.area))
        .collect();
    line.sort_by(|a, b| a.area.left.total_cmp(&b.area.left));
    let from_right = line
        .iter()
        .filter(|word| runs_from_right(&word.text))
        .count();
    if from_right * 2 > line.len() {
        line.reverse();
    }
    let line: Vec<&str> = line.iter().map(|word| word.text.trim()).collect();
    Some(line.join(" ").chars().take(LONGEST).collect())
}

/// Whether most words are higher than wide.
fn runs_sideways(words: &[Word], shape: PageShape) -> bool {
    let long = words.iter().filter(|word| word.text.chars().count() >= 3);
    let (mut sideways, mut all) = (0, 0);
    for Word { area, .. } in long {
        let (width, height) = (area.right - area.left, area.bottom - area.top);
        sideways += usize::from(height * shape.height > width * shape.width);
        all += 1;
    }
    sideways * 2 > all
}

fn overlap(a: Area, b: Area) -> bool {
    let shared = a.bottom.min(b.bottom) - a.top.max(b.top);
    let lower = (a.bottom - a.top).min(b.bottom - b.top);
    shared > lower * OVERLAP || shared == lower
}

/// Whether a word is of a script that runs from right to left: Hebrew, Arabic and
/// their neighbours (blocks of Unicode 16).
fn runs_from_right(word: &str) -> bool {
    word.chars().any(
        |letter| matches!(u32::from(letter), 0x0590..=0x08FF | 0xFB1D..=0xFDFF | 0xFE70..=0xFEFC),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const A4: PageShape = PageShape {
        width: 595.0,
        height: 842.0,
        rotation: 0,
    };

    fn word(text: &str, left: f32, top: f32, height: f32) -> Word {
        Word {
            text: text.into(),
            area: Area {
                left,
                top,
                right: left + 0.1,
                bottom: top + height,
            },
        }
    }

    #[test]
    fn the_top_line_is_that_which_stands_highest() {
        let words = [
            word("Dear", 0.1, 0.3, 0.02),
            word("1001", 0.3, 0.101, 0.02),
            word("Invoice", 0.1, 0.1, 0.02),
            word("below", 0.1, 0.125, 0.02),
        ];
        assert_eq!(top_line(&words, A4).as_deref(), Some("Invoice 1001"));
        assert_eq!(top_line(&[], A4), None);
        assert_eq!(top_line(&[word(" ", 0.1, 0.1, 0.02)], A4), None);
    }

    #[test]
    fn small_words_beside_large_ones_are_on_their_line() {
        let words = [
            word("INVOICE", 0.1, 0.1, 0.06),
            word("No. 7", 0.5, 0.13, 0.02),
        ];
        assert_eq!(top_line(&words, A4).as_deref(), Some("INVOICE No. 7"));
        // Words without height are on the line where they stand.
        let flat = [word("a", 0.1, 0.1, 0.0), word("b", 0.2, 0.1, 0.0)];
        assert_eq!(top_line(&flat, A4).as_deref(), Some("a b"));
    }

    #[test]
    fn text_that_runs_sideways_has_no_line_at_the_top() {
        assert_eq!(top_line(&[word("Page", 0.1, 0.1, 0.2)], A4), None);
    }

    #[test]
    fn scripts_from_the_right_are_read_from_the_right() {
        let words = [
            word("17", 0.1, 0.1, 0.02),
            word("חשבונית", 0.6, 0.1, 0.02),
            word("מספר", 0.3, 0.1, 0.02),
        ];
        assert_eq!(top_line(&words, A4).as_deref(), Some("חשבונית מספר 17"));
    }
}
