//! Words that are marked on a page: a drag that begins on one marks up to where it ends, in
//! the order in which they are read. Not for where words stand (`pdf`), nor for the text
//! beside a page (`inspector`).

use std::ops::RangeInclusive;

use eframe::egui::{Vec2, vec2};

use crate::model::words::{are_spaced, share_line};
use crate::model::{Area, Word};

/// What is marked, by places among a page's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marking {
    /// The word on which the drag began, and the one that it has come to.
    ends: Option<(usize, usize)>,
    /// The drag goes on.
    is_drawn: bool,
}

impl Marking {
    /// Begins at a word.
    pub fn begin(&mut self, word: usize) {
        self.ends = Some((word, word));
        self.is_drawn = true;
    }

    /// A drag that marks goes on.
    pub fn is_drawn(&self) -> bool {
        self.is_drawn
    }

    /// Marks up to this word.
    pub fn extend(&mut self, to: usize) {
        self.ends = self.ends.map(|(from, _)| (from, to));
    }

    /// The drag has ended.
    pub fn rest(&mut self) {
        self.is_drawn = false;
    }

    /// The places of the words; none: nothing is marked.
    pub fn range(&self) -> Option<RangeInclusive<usize>> {
        let (from, to) = self.ends?;
        Some(from.min(to)..=from.max(to))
    }

    /// What is marked of these words; none: nothing.
    pub fn of<'a>(&self, words: &'a [Word]) -> Option<&'a [Word]> {
        words.get(self.range()?)
    }
}

/// The word at a place of a page of this width and height, or the nearest of those that are
/// no farther from it than they are high; both directions from 0 to 1.
pub fn word_at(words: &[Word], place: Vec2, size: Vec2) -> Option<usize> {
    let high = |area: &Area| {
        let (across, down) = (area.right - area.left, area.bottom - area.top);
        (across * size.x).min(down * size.y)
    };
    let distances = words.iter().map(|word| {
        let distance = away(&word.area, place, size).length();
        (distance, high(&word.area))
    });
    let near = distances
        .enumerate()
        .filter(|(_, (distance, high))| distance <= high);
    let nearest = near.min_by(|(_, (a, _)), (_, (b, _))| a.total_cmp(b));
    nearest.map(|(at, _)| at)
}

/// The word that is nearest to a place of a page of this width and height: first of all one
/// of its row.
pub fn nearest(words: &[Word], place: Vec2, size: Vec2) -> Option<usize> {
    /// Between rows is as far as so much within one: beside the end of a line, its last word
    /// is meant, however near the line below.
    const ACROSS: f32 = 40.0;
    let distance = |area: &Area| (away(area, place, size) * vec2(1.0, ACROSS)).length_sq();
    let distances = words.iter().map(|word| distance(&word.area)).enumerate();
    let nearest = distances.min_by(|(_, a), (_, b)| a.total_cmp(b));
    nearest.map(|(at, _)| at)
}

/// How far a place of a page of this size lies beside and above or below an area.
fn away(area: &Area, place: Vec2, size: Vec2) -> Vec2 {
    let beyond = |value: f32, least: f32, most: f32| (least - value).max(value - most).max(0.0);
    let x = beyond(place.x, area.left, area.right);
    let y = beyond(place.y, area.top, area.bottom);
    vec2(x, y) * size
}

/// Words as text, each line of the page on one of its own.
pub fn text(words: &[Word]) -> String {
    let mut text = String::new();
    let mut before: Option<&Word> = None;
    for word in words {
        match before {
            None => {}
            Some(before) if !share_line(&before.area, &word.area) => text.push('\n'),
            Some(before) if are_spaced(&before.text, &word.text) => text.push(' '),
            Some(_) => {}
        }
        text.push_str(&word.text);
        before = Some(word);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str, left: f32, top: f32) -> Word {
        Word {
            text: text.to_owned(),
            area: Area {
                left,
                top,
                right: left + 0.1,
                bottom: top + 0.02,
            },
        }
    }

    fn words() -> Vec<Word> {
        vec![
            word("The", 0.1, 0.1),
            word("first", 0.22, 0.102),
            word("and", 0.1, 0.14),
            word("the", 0.22, 0.14),
            word("second", 0.34, 0.14),
        ]
    }

    #[test]
    fn what_is_marked_is_copied_line_by_line_whichever_way_it_was_drawn() {
        let words = words();
        let mut marking = Marking::default();
        assert_eq!(marking.of(&words), None);
        for (from, to) in [(1, 3), (3, 1)] {
            marking.begin(from);
            marking.extend(to);
            assert_eq!(text(marking.of(&words).unwrap()), "first\nand the");
        }
        assert_eq!(text(&words), "The first\nand the second");
    }

    #[test]
    fn a_drag_begins_on_a_word_and_follows_the_nearest() {
        let words = words();
        let page = vec2(595.0, 842.0);
        assert_eq!(word_at(&words, vec2(0.25, 0.11), page), Some(1));
        // Between two words, and a little beside the first of a line.
        assert_eq!(word_at(&words, vec2(0.206, 0.11), page), Some(0));
        assert_eq!(word_at(&words, vec2(0.09, 0.15), page), Some(2));
        assert_eq!(word_at(&words, vec2(0.6, 0.11), page), None);
        assert_eq!(nearest(&words, vec2(0.9, 0.15), page), Some(4));
        assert_eq!(nearest(&words, vec2(0.0, 0.11), page), Some(0));
        assert_eq!(nearest(&[], vec2(0.0, 0.0), page), None);
    }
}
