//! Builds a page's text from positioned glyphs: where a gap is a space and
//! where a jump is a new line. Not for the order of lines (`reading_order`), nor for
//! counting or judging text.

use super::MOST_TEXT;
use super::leftwards::{Stretch, runs_leftwards, typed};
use super::reading_order::{Run, reading_order};
use crate::model::{Area, Word};

/// A gap between two glyphs wider than this share of the font size is a space.
/// Poppler and MuPDF use 0.1 to 0.2; letter-spaced headings need the larger.
const SPACE_GAP: f64 = 0.2;

/// A move across the writing direction of more than this share of the font
/// size starts a new line; smaller ones are super- and subscripts.
const LINE_JUMP: f64 = 0.6;

/// What stands apart by more font sizes may be of another column.
const RUN_GAP: f64 = 1.5;

/// Where one glyph stands, in points from the page's top left corner.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placement {
    /// Origin of the glyph.
    pub origin: (f64, f64),
    /// Unit vector of the writing direction.
    pub direction: (f64, f64),
    /// Distance to the origin of the next glyph along the direction.
    pub advance: f64,
    /// Font size.
    pub size: f64,
}

/// Collects glyphs in painting order.
#[derive(Default)]
pub(super) struct TextBuilder {
    text: String,
    last: Option<Placement>,
    words: Vec<PlacedWord>,
    runs: Vec<Run>,
    /// Letters that run leftwards.
    stretch: Option<Stretch>,
}

/// A word and the box around it.
#[derive(Clone, Copy, Debug)]
struct PlacedWord {
    /// Where it begins and ends in the text, in bytes.
    from: usize,
    to: usize,
    /// Left, top, right and bottom, points.
    edges: [f64; 4],
}

/// Glyphs reach so far above and below their baseline, in shares of the font size:
/// those of most Latin fonts do.
const ABOVE: f64 = 0.78;
const BELOW: f64 = 0.22;

impl TextBuilder {
    pub fn push(&mut self, characters: &str, place: Placement) {
        if let Some(last) = self.last {
            let end = (
                last.origin.0 + last.direction.0 * last.advance,
                last.origin.1 + last.direction.1 * last.advance,
            );
            let moved = (place.origin.0 - end.0, place.origin.1 - end.1);
            let (dx, dy) = place.direction;
            let along = moved.0 * dx + moved.1 * dy;
            let across = moved.0 * dy - moved.1 * dx;
            let size = last.size.max(place.size);
            if across.abs() > size * LINE_JUMP || along < -size * 2.0 {
                self.end_line();
                self.begin_run(place);
            } else if along > size * SPACE_GAP {
                self.space();
                if along > size * RUN_GAP {
                    self.begin_run(place);
                }
            }
        } else {
            self.begin_run(place);
        }
        if let Some(run) = self.runs.last_mut() {
            let (from, to) = along(place, run.direction);
            run.left = run.left.min(from.min(to));
            run.right = run.right.max(from.max(to));
            run.size = run.size.max(place.size);
        }
        let leftwards = characters.chars().find_map(runs_leftwards);
        let (at, place_along) = (self.text.len(), along(place, place.direction).0);
        match leftwards {
            Some(true) => {
                let stretch = self
                    .stretch
                    .get_or_insert_with(|| Stretch::new(at, place_along));
                stretch.letter(at, place_along);
            }
            Some(false) => self.end_stretch(),
            None => {
                if let Some(stretch) = &mut self.stretch {
                    stretch.other(at, characters);
                }
            }
        }
        for character in characters.chars().flat_map(typed) {
            if self.text.len() > MOST_TEXT {
                break;
            }
            if character.is_whitespace() {
                self.space();
            } else if !character.is_control() {
                self.text.push(character);
                self.extend_word(character.len_utf8(), place);
            }
        }
        if leftwards == Some(true)
            && let Some(stretch) = &mut self.stretch
        {
            stretch.letter_ends(self.text.len());
        }
        self.last = Some(place);
    }

    /// What ran leftwards ends, and stands in the order in which it is read.
    fn end_stretch(&mut self) {
        let stretch = self.stretch.take();
        let moved = stretch.and_then(|stretch| stretch.put_in_order(&mut self.text));
        let Some(moved) = moved else { return };
        // A full stop before it, or a digit after it, is no part of what was moved.
        for end in [moved.start, moved.end] {
            let over = self
                .words
                .iter()
                .rposition(|word| word.from < end && end < word.to);
            if let Some(at) = over {
                let word = self.words[at];
                self.words[at].to = end;
                self.words.insert(at + 1, PlacedWord { from: end, ..word });
            }
        }
        let first = self.words.partition_point(|word| word.from < moved.start);
        let last = self.words.partition_point(|word| word.to <= moved.end);
        let Some(words) = self.words.get_mut(first..last) else {
            return;
        };
        for word in words.iter_mut() {
            let turned = |at: usize| moved.start + moved.end - at;
            (word.from, word.to) = (turned(word.to), turned(word.from));
        }
        words.reverse();
    }

    fn begin_run(&mut self, place: Placement) {
        self.end_stretch();
        let (from, to) = along(place, place.direction);
        let ((x, y), (dx, dy)) = (place.origin, place.direction);
        self.runs.push(Run {
            text: self.text.len()..self.text.len(),
            words: self.words.len()..self.words.len(),
            direction: place.direction,
            left: from.min(to),
            right: from.max(to),
            baseline: y * dx - x * dy,
            size: place.size,
            leftwards: false,
        });
    }

    /// The last so many bytes of the text are a glyph at that place.
    fn extend_word(&mut self, bytes: usize, place: Placement) {
        let (to, from) = (self.text.len(), self.text.len() - bytes);
        let ((x, y), (dx, dy)) = (place.origin, place.direction);
        let end = (x + dx * place.advance, y + dy * place.advance);
        // The way up from the baseline, where y grows downwards.
        let up = (dy * place.size, -dx * place.size);
        let mut edges = [f64::MAX, f64::MAX, f64::MIN, f64::MIN];
        for (x, y) in [(x, y), end] {
            for share in [ABOVE, -BELOW] {
                let (x, y) = (x + up.0 * share, y + up.1 * share);
                edges = [
                    edges[0].min(x),
                    edges[1].min(y),
                    edges[2].max(x),
                    edges[3].max(y),
                ];
            }
        }
        match self.words.last_mut().filter(|word| word.to == from) {
            Some(word) => {
                let known = word.edges;
                word.to = to;
                word.edges = [
                    known[0].min(edges[0]),
                    known[1].min(edges[1]),
                    known[2].max(edges[2]),
                    known[3].max(edges[3]),
                ];
            }
            None => self.words.push(PlacedWord { from, to, edges }),
        }
    }

    fn space(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with([' ', '\n']) {
            if let Some(stretch) = &mut self.stretch {
                stretch.other(self.text.len(), " ");
            }
            self.text.push(' ');
        }
    }

    fn end_line(&mut self) {
        self.end_stretch();
        if self.text.ends_with(' ') {
            self.text.pop();
        }
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    /// The text as a person reads it, and where its words are.
    pub fn finish(mut self) -> PlacedText {
        self.end_stretch();
        self.text.truncate(self.text.trim_end().len());
        self.end_runs();
        match reading_order(&self.runs) {
            Some(lines) => self.in_order(&lines),
            None => PlacedText {
                text: self.text,
                words: self.words,
            },
        }
    }

    /// Notes where each run ends, and leaves out those without text.
    fn end_runs(&mut self) {
        let (mut text, mut words) = (self.text.len(), self.words.len());
        for run in self.runs.iter_mut().rev() {
            run.text.start = run.text.start.min(text);
            run.text.end = text;
            run.words.end = words;
            (text, words) = (run.text.start, run.words.start);
            let letters = self.text[run.text.clone()].trim_end();
            run.text.end = run.text.start + letters.len();
            run.leftwards = letters.chars().find_map(runs_leftwards).unwrap_or(false);
        }
        self.runs.retain(|run| !run.text.is_empty());
    }

    fn in_order(self, lines: &[Vec<usize>]) -> PlacedText {
        let mut text = String::with_capacity(self.text.len());
        let mut words = Vec::with_capacity(self.words.len());
        for line in lines {
            if !text.is_empty() {
                text.push('\n');
            }
            for (place, run) in line.iter().map(|at| &self.runs[*at]).enumerate() {
                if place > 0 {
                    text.push(' ');
                }
                let to = text.len();
                let from = run.text.start;
                text.push_str(&self.text[run.text.clone()]);
                words.extend(self.words[run.words.clone()].iter().map(|word| PlacedWord {
                    from: word.from - from + to,
                    to: word.to - from + to,
                    ..*word
                }));
            }
        }
        PlacedText { text, words }
    }
}

/// From where to where a glyph reaches along a direction.
fn along(place: Placement, (dx, dy): (f64, f64)) -> (f64, f64) {
    let (x, y) = place.origin;
    let from = x * dx + y * dy;
    let (across, down) = place.direction;
    (from, from + place.advance * (across * dx + down * dy))
}

/// A page's text and where its words are.
pub(super) struct PlacedText {
    /// The text; no white space ends it.
    pub text: String,
    words: Vec<PlacedWord>,
}

impl PlacedText {
    /// Its words on a page of that size in points.
    pub fn words(&self, width: f64, height: f64) -> Vec<Word> {
        let share = |length: f64, whole: f64| (length / whole.max(1.0)).clamp(0.0, 1.0) as f32;
        let words = self.words.iter().filter_map(|word| {
            let [left, top, right, bottom] = word.edges;
            Some(Word {
                text: self.text.get(word.from..word.to)?.to_owned(),
                area: Area {
                    left: share(left, width),
                    top: share(top, height),
                    right: share(right, width),
                    bottom: share(bottom, height),
                },
            })
        });
        words.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(glyphs: &[(&str, f64, f64)]) -> String {
        let mut builder = TextBuilder::default();
        for &(characters, x, y) in glyphs {
            builder.push(
                characters,
                Placement {
                    origin: (x, y),
                    direction: (1.0, 0.0),
                    advance: 5.0,
                    size: 10.0,
                },
            );
        }
        builder.finish().text
    }

    #[test]
    fn a_glyph_that_stands_for_very_much_fills_the_page_and_no_more() {
        let much = "ab ".repeat(MOST_TEXT);
        let text = write(&[(much.as_str(), 0.0, 0.0), (much.as_str(), 0.0, 50.0)]);
        assert!((MOST_TEXT..MOST_TEXT + 8).contains(&text.len()));
    }

    #[test]
    fn touching_glyphs_are_one_word() {
        assert_eq!(write(&[("a", 0.0, 0.0), ("b", 5.0, 0.0)]), "ab");
    }

    #[test]
    fn a_gap_is_a_space_and_a_painted_space_is_not_doubled() {
        assert_eq!(write(&[("a", 0.0, 0.0), ("b", 9.0, 0.0)]), "a b");
        assert_eq!(
            write(&[("a", 0.0, 0.0), (" ", 5.0, 0.0), ("b", 13.0, 0.0)]),
            "a b"
        );
    }

    #[test]
    fn a_lower_baseline_is_a_new_line_but_a_subscript_is_not() {
        assert_eq!(write(&[("a", 0.0, 0.0), ("b", 0.0, 12.0)]), "a\nb");
        assert_eq!(write(&[("H", 0.0, 0.0), ("2", 5.0, 3.0)]), "H2");
    }

    #[test]
    fn words_have_boxes_around_their_glyphs() {
        let mut builder = TextBuilder::default();
        for (characters, x) in [("a", 10.0), ("b", 15.0), ("c", 40.0)] {
            let place = Placement {
                origin: (x, 50.0),
                direction: (1.0, 0.0),
                advance: 5.0,
                size: 10.0,
            };
            builder.push(characters, place);
        }
        let placed = builder.finish();
        assert_eq!(placed.text, "ab c");
        let words = placed.words(100.0, 100.0);
        let [ab, c] = words.as_slice() else {
            panic!("{words:?}");
        };
        assert_eq!((ab.text.as_str(), c.text.as_str()), ("ab", "c"));
        let near = |a: f32, b: f32| (a - b).abs() < 0.001;
        assert!(
            near(ab.area.left, 0.1) && near(ab.area.right, 0.2),
            "{ab:?}"
        );
        assert!(
            near(ab.area.top, 0.422) && near(ab.area.bottom, 0.522),
            "{ab:?}"
        );
    }

    /// Glyphs beside each other, and spaces where there is a space.
    fn row(glyphs: &str) -> Vec<(String, f64, f64)> {
        let glyphs = glyphs.chars().enumerate();
        let glyphs = glyphs.filter(|(_, glyph)| *glyph != ' ');
        glyphs
            .map(|(at, glyph)| (glyph.to_string(), at as f64 * 5.0, 0.0))
            .collect()
    }

    fn write_row(glyphs: &[(String, f64, f64)]) -> String {
        let glyphs: Vec<_> = glyphs
            .iter()
            .map(|(glyph, x, y)| (glyph.as_str(), *x, *y))
            .collect();
        write(&glyphs)
    }

    #[test]
    fn what_runs_leftwards_is_read_so_whichever_way_it_was_painted() {
        // As it is seen, from left to right.
        let seen: String = "العربية (نص) 2012 هنا".chars().rev().collect();
        let seen = seen
            .replace("2102", "2012")
            .replace(')', "[")
            .replace('(', ")")
            .replace('[', "(");
        assert_eq!(write_row(&row(&seen)), "العربية (نص) 2012 هنا");
        let seen = ["ח״ש", "1,250.00", "12/05/2012", "לכה"];
        let read = ["הכל", "12/05/2012", "1,250.00", "ש״ח"];
        assert_eq!(write_row(&row(&seen.join(" "))), read.join(" "));
        // Each letter to the left of the one before.
        let mut read: Vec<_> = row("שלום").into_iter().collect();
        for (_, x, _) in &mut read {
            *x = 100.0 - *x;
        }
        assert_eq!(write_row(&read), "שלום");
        // Between words of the other direction, and as shapes of letters.
        assert_eq!(write_row(&row("see םולש here")), "see שלום here");
        assert_eq!(write_row(&row("\u{fee1}\u{fefc}\u{fe91}")), "بلام");
    }

    #[test]
    fn words_that_were_put_in_order_stay_where_they_stand() {
        let mut builder = TextBuilder::default();
        for (glyph, x, y) in row(".םולש תיב") {
            let place = Placement {
                origin: (x, y),
                direction: (1.0, 0.0),
                advance: 5.0,
                size: 10.0,
            };
            builder.push(&glyph, place);
        }
        let placed = builder.finish();
        assert_eq!(placed.text, ".בית שלום");
        let words = placed.words(100.0, 100.0);
        let places: Vec<_> = words
            .iter()
            .map(|w| (w.text.as_str(), w.area.left > 0.2))
            .collect();
        assert_eq!(places, [(".", false), ("בית", true), ("שלום", false)]);
    }

    #[test]
    fn a_jump_back_on_the_same_baseline_is_a_new_line() {
        assert_eq!(write(&[("a", 100.0, 0.0), ("b", 0.0, 0.0)]), "a\nb");
    }
}
