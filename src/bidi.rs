//! The order in which letters stand in a line: Arabic and Hebrew run from right to left,
//! which the window's text does not know of by itself. Not for what is typed into fields
//! and not for terminals, which order letters themselves.

use std::borrow::Cow;

use unicode_bidi::{BidiClass, BidiInfo, Level, bidi_class};

use crate::pdf::mirrored;

/// A name in the order in which it is read, within a line that runs from left to right:
/// its ending stays at its end.
pub fn name_in_order(name: &str) -> Cow<'_, str> {
    in_order(name, Some(Level::ltr()))
}

/// Text in the order in which it is read, each paragraph running as its first letter does.
pub fn text_in_order(text: &str) -> Cow<'_, str> {
    in_order(text, None)
}

/// Words of one script are shaped as wholes and in their own direction, so only words
/// and what stands between them are put in order here (Unicode Standard Annex 9).
fn in_order(text: &str, direction: Option<Level>) -> Cow<'_, str> {
    if !runs_leftwards(text) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let end = line.trim_end_matches('\n').len();
        let order = BidiInfo::new(&line[..end], direction);
        for paragraph in &order.paragraphs {
            let (levels, runs) = order.visual_runs(paragraph, paragraph.range.clone());
            for run in runs {
                let piece = &line[run.clone()];
                if levels[run.start].is_ltr() {
                    push_rightwards(&mut shown, piece);
                } else {
                    push_leftwards(&mut shown, piece);
                }
            }
        }
        shown.push_str(&line[end..]);
    }
    Cow::Owned(shown)
}

/// A run as it is, but for Arabic digits: they are shaped with the script's letters, that is
/// leftwards, although numbers run rightwards.
fn push_rightwards(shown: &mut String, run: &str) {
    let is_digit = |character: char| bidi_class(character) == BidiClass::AN;
    let mut digits: Vec<char> = Vec::new();
    for character in run.chars() {
        if is_digit(character) {
            digits.push(character);
        } else {
            shown.extend(digits.drain(..).rev());
            shown.push(character);
        }
    }
    shown.extend(digits.into_iter().rev());
}

/// The words of a run from the last to the first.
fn push_leftwards(shown: &mut String, run: &str) {
    let mut pieces: Vec<&str> = Vec::new();
    let mut start = 0;
    let mut before_is_word = false;
    for (at, character) in run.char_indices() {
        let is_word = is_of_a_word(character);
        if at > start && !(is_word && before_is_word) {
            pieces.push(&run[start..at]);
            start = at;
        }
        before_is_word = is_word;
    }
    pieces.push(&run[start..]);
    for piece in pieces.into_iter().rev() {
        shown.extend(piece.chars().map(mirrored));
    }
}

/// Whether any letter of a text runs from right to left.
pub fn runs_leftwards(text: &str) -> bool {
    use BidiClass::{AL, AN, R};

    // Most text is ASCII and is not looked at letter by letter.
    !text.is_ascii() && text.chars().any(|c| matches!(bidi_class(c), AL | AN | R))
}

/// A letter that runs leftwards, or a mark on one.
fn is_of_a_word(character: char) -> bool {
    matches!(
        bidi_class(character),
        BidiClass::AL | BidiClass::R | BidiClass::NSM
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_runs_rightwards_stays_as_it_is() {
        for text in ["", "Invoice (2).pdf", "請求書.pdf", "Ελλάδα"] {
            assert!(matches!(name_in_order(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn words_that_run_leftwards_stand_from_right_to_left() {
        // Letters of a word are put in order by the font.
        assert_eq!(name_in_order("חוזה שכירות.pdf"), "שכירות חוזה.pdf");
        assert_eq!(name_in_order("עקד 2024 (א).pdf"), "(א) 2024 עקד.pdf");
        assert_eq!(name_in_order("A חוזה שכירות B"), "A שכירות חוזה B");
        assert_eq!(text_in_order("שלום עולם, hello"), "hello ,עולם שלום");
        assert_eq!(text_in_order("one\nשלום עולם\ntwo"), "one\nעולם שלום\ntwo");
        // The font turns these digits around once more.
        assert_eq!(name_in_order("عقد ٢٠٢٥.pdf"), "٥٢٠٢ عقد.pdf");
    }
}
