//! Builds a page's text from positioned glyphs: where a gap is a space and
//! where a jump is a new line. Not for the order of lines (`reading_order`), nor for
//! counting or judging text.

use rustc_hash::FxHashMap;

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

/// The same character within this share of the font size is painted once more, to be bold or
/// to cast a shadow. No two letters of a word stand so near.
const SAME_PLACE: f64 = 0.1;

/// Glyphs are looked for in cells so wide, points, as those of large shadowed titles.
const CELL: f64 = 3.0;

/// Glyphs whose places are known for that: the pages of fine print have fewer.
const MOST_PLACES: usize = 50_000;

/// So many letters that stand apart evenly, by at most this share of the font size, are a
/// word that is set wide.
const FEWEST_WIDE: usize = 4;
const MOST_WIDE: usize = 64;
const WIDEST_SET: f64 = 0.6;
const EVEN: f64 = 0.1;

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
    /// Where glyphs stand, by character and cell.
    places: FxHashMap<(char, i32, i32), (f64, f64)>,
    /// What is painted goes over what was painted before.
    retraces: bool,
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
        if self.is_painted_again(characters, place) {
            return;
        }
        let leftwards = characters.chars().find_map(runs_leftwards);
        if let Some(last) = self.last {
            let (mut along, across) = last.moved_to(place);
            let size = last.size.max(place.size);
            // Letter by letter to the left: the gap is on that side.
            let gap = -along - last.advance - place.advance;
            let goes_left = self.stretch.as_ref().is_some_and(Stretch::goes_left);
            if leftwards == Some(true) && goes_left && gap > -size * SPACE_GAP {
                along = gap;
            }
            if across.abs() > size * LINE_JUMP || along < -size * 2.0 {
                self.end_line();
                self.begin_run(place);
            } else if leftwards != Some(true)
                && self.stretch.is_none()
                && along + place.advance < size * SPACE_GAP - last.advance
            {
                // It stands wholly to the left of the last; accents stand over it.
                self.begin_run(place);
            } else if along > size * SPACE_GAP {
                // Where letters are painted one by one, others may belong between them.
                let is_apart = along > size * RUN_GAP || self.is_lone_letter();
                self.space();
                if is_apart {
                    self.begin_run(place);
                }
            }
        } else {
            self.begin_run(place);
        }
        // A space belongs to no run: it would join it to the next.
        let is_space = characters.chars().all(char::is_whitespace);
        if let Some(run) = self.runs.last_mut().filter(|_| !is_space) {
            let (from, to) = along(place, run.direction);
            run.left = run.left.min(from.min(to));
            run.right = run.right.max(from.max(to));
            run.size = run.size.max(place.size);
        }
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

    /// Whether the run is a single letter so far, and none that runs leftwards.
    fn is_lone_letter(&self) -> bool {
        let run = self
            .runs
            .last()
            .and_then(|run| self.text.get(run.text.start..));
        let letters = run.map_or(0, |run| run.trim_end().chars().take(2).count());
        letters == 1 && self.stretch.is_none()
    }

    /// Whether the same stands there already; notes what stands there. Only where painting
    /// goes back there may be something.
    fn is_painted_again(&mut self, characters: &str, place: Placement) -> bool {
        let Some(character) = characters.chars().next() else {
            return false;
        };
        let goes_back = |last: Placement| last.moved_to(place).0 < -SAME_PLACE * place.size;
        self.retraces = self.retraces || self.last.is_some_and(goes_back);
        let (x, y) = place.origin;
        let cell = |at: f64| (at / CELL).floor() as i32;
        if self.retraces {
            let reach = (SAME_PLACE * place.size).min(CELL);
            let near = |at: f64| cell(at - reach)..=cell(at + reach);
            let is_same = |(left, top): &(f64, f64)| (left - x).hypot(top - y) <= reach;
            let known = near(x).any(|column| {
                near(y).any(|row| {
                    let known = self.places.get(&(character, column, row));
                    known.is_some_and(is_same)
                })
            });
            if known {
                return true;
            }
            self.retraces = false;
        }
        if self.places.len() < MOST_PLACES {
            self.places.insert((character, cell(x), cell(y)), (x, y));
        }
        false
    }

    /// What stands for the glyphs that follow, as the document says, was written: this is
    /// one of them.
    pub fn stood_for(&mut self, place: Placement) {
        if let Some(word) = self.words.last_mut()
            && word.to == self.text.len()
        {
            word.extend(place);
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
        let ((x, y), (dx, dy)) = (place.origin, place.direction);
        self.runs.push(Run {
            text: self.text.len()..self.text.len(),
            words: self.words.len()..self.words.len(),
            direction: place.direction,
            left: f64::MAX,
            right: f64::MIN,
            baseline: y * dx - x * dy,
            size: place.size,
            leftwards: false,
            goes_on: false,
        });
    }

    /// The last so many bytes of the text are a glyph at that place.
    fn extend_word(&mut self, bytes: usize, place: Placement) {
        let (to, from) = (self.text.len(), self.text.len() - bytes);
        let run = self.runs.last().map_or(0, |run| run.text.start);
        let last = self.words.last_mut();
        match last.filter(|word| word.to == from && from > run) {
            Some(word) => {
                word.to = to;
                word.extend(place);
            }
            None => {
                let edges = [f64::MAX, f64::MAX, f64::MIN, f64::MIN];
                let mut word = PlacedWord { from, to, edges };
                word.extend(place);
                self.words.push(word);
            }
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
        let mut placed = match reading_order(&self.runs) {
            Some(lines) => self.in_order(&lines),
            None => PlacedText {
                text: self.text,
                words: self.words,
            },
        };
        placed.close_wide_words();
        placed
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
            run.goes_on = letters.starts_with(char::is_lowercase);
        }
        self.runs.retain(|run| !run.text.is_empty());
    }

    fn in_order(self, lines: &[Vec<usize>]) -> PlacedText {
        let mut text = String::with_capacity(self.text.len());
        let mut words: Vec<PlacedWord> = Vec::with_capacity(self.words.len());
        for line in lines {
            if !text.is_empty() {
                text.push('\n');
            }
            let mut before: Option<&Run> = None;
            for run in line.iter().map(|at| &self.runs[*at]) {
                let is_apart = before.map(|before| before.is_apart_from(run));
                if is_apart == Some(true) {
                    text.push(' ');
                }
                before = Some(run);
                let to = text.len();
                let from = run.text.start;
                text.push_str(&self.text[run.text.clone()]);
                let mut moved = self.words[run.words.clone()].iter().map(|word| PlacedWord {
                    from: word.from - from + to,
                    to: word.to - from + to,
                    ..*word
                });
                // Letters that were painted one by one are one word.
                if is_apart == Some(false)
                    && let Some(last) = words.last_mut()
                {
                    moved.next().into_iter().for_each(|word| last.join(word));
                }
                words.extend(moved);
            }
        }
        PlacedText { text, words }
    }
}

impl Placement {
    /// How far another glyph stands from the end of this one, along its own direction and
    /// across it.
    fn moved_to(self, next: Self) -> (f64, f64) {
        let end = (
            self.origin.0 + self.direction.0 * self.advance,
            self.origin.1 + self.direction.1 * self.advance,
        );
        let moved = (next.origin.0 - end.0, next.origin.1 - end.1);
        let (dx, dy) = next.direction;
        (moved.0 * dx + moved.1 * dy, moved.0 * dy - moved.1 * dx)
    }
}

impl PlacedWord {
    /// A glyph is part of it.
    fn extend(&mut self, place: Placement) {
        let ((x, y), (dx, dy)) = (place.origin, place.direction);
        let end = (x + dx * place.advance, y + dy * place.advance);
        // The way up from the baseline, where y grows downwards.
        let up = (dy * place.size, -dx * place.size);
        for (x, y) in [(x, y), end] {
            for share in [ABOVE, -BELOW] {
                let (x, y) = (x + up.0 * share, y + up.1 * share);
                self.edges = around(self.edges, [x, y, x, y]);
            }
        }
    }

    /// What follows it is part of it.
    fn join(&mut self, next: Self) {
        self.to = next.to;
        self.edges = around(self.edges, next.edges);
    }
}

/// Around two boxes.
fn around(one: [f64; 4], other: [f64; 4]) -> [f64; 4] {
    [
        one[0].min(other[0]),
        one[1].min(other[1]),
        one[2].max(other[2]),
        one[3].max(other[3]),
    ]
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
    /// Makes words of letters that stand apart evenly.
    fn close_wide_words(&mut self) {
        let is_letter = |text: &str, word: &PlacedWord| {
            let mut letters = text.get(word.from..word.to).unwrap_or_default().chars();
            letters.next().is_some_and(char::is_alphabetic) && letters.next().is_none()
        };
        let singles = self.words.iter().filter(|word| is_letter(&self.text, word));
        if singles.count() < FEWEST_WIDE {
            return;
        }
        let mut text = String::with_capacity(self.text.len());
        let mut words = Vec::with_capacity(self.words.len());
        // Up to where the text is taken over, and the next of its words.
        let (mut taken, mut at) = (0, 0);
        while let Some(first) = self.words.get(at) {
            let rest = &self.words[at..];
            let singles = rest.iter().take(MOST_WIDE);
            let singles = singles.take_while(|word| is_letter(&self.text, word));
            let wide = evenly_set(&self.text, rest, singles.count());
            text.push_str(self.text.get(taken..first.from).unwrap_or_default());
            let mut joined = PlacedWord {
                from: text.len(),
                ..*first
            };
            for word in &rest[..wide] {
                text.push_str(self.text.get(word.from..word.to).unwrap_or_default());
                joined.edges = around(joined.edges, word.edges);
                taken = word.to;
            }
            joined.to = text.len();
            words.push(joined);
            at += wide;
        }
        text.push_str(self.text.get(taken..).unwrap_or_default());
        (self.text, self.words) = (text, words);
    }

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

/// How many of the words, of which so many are single letters, are one that is set wide; 1
/// where they are not.
fn evenly_set(text: &str, words: &[PlacedWord], singles: usize) -> usize {
    let gap = |pair: &[PlacedWord]| match pair {
        [before, next] if text.get(before.to..next.from) == Some(" ") => {
            let height = (before.edges[3] - before.edges[1]).max(f64::MIN_POSITIVE);
            let level = (before.edges[1] - next.edges[1]).abs() <= EVEN * height;
            level.then(|| (next.edges[0] - before.edges[2]) / height)
        }
        _ => None,
    };
    let mut gaps = words[..singles].windows(2).map_while(gap);
    let Some(first) = gaps.next().filter(|gap| (0.0..WIDEST_SET).contains(gap)) else {
        return 1;
    };
    let even = 2 + gaps.take_while(|gap| (gap - first).abs() <= EVEN).count();
    // A letter on its own may stand before a word that is set wide.
    let letters = words[..even].iter();
    let letters: String = letters
        .filter_map(|word| text.get(word.from..word.to))
        .collect();
    // An alphabet is no word, nor are variables.
    let is_word = !letters.starts_with(char::is_lowercase) && !letters.chars().is_sorted();
    match even >= FEWEST_WIDE && is_word {
        true => even,
        false => 1,
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
    fn what_is_painted_twice_is_written_once() {
        // Each letter, a little to the right, as programs make text bold.
        let bold = [
            ("a", 0.0, 0.0),
            ("a", 0.3, 0.0),
            ("n", 5.0, 0.0),
            ("n", 5.3, 0.0),
        ];
        assert_eq!(write(&bold), "an");
        // A whole line, and then one like it below.
        let line = |x: f64, y: f64| {
            [
                ("l", x, y),
                ("l", x + 5.0, y),
                (" ", x + 10.0, y),
                ("o", x + 15.0, y),
            ]
        };
        let shadowed = [line(0.0, 0.0), line(0.4, 0.4), line(0.0, 20.0)].concat();
        assert_eq!(write(&shadowed), "ll o\nll o");
    }

    #[test]
    fn letters_in_any_order_make_words() {
        let letters = [
            ("h", 20.0, 0.0),
            ("d", 10.0, 0.0),
            ("o", 0.0, 0.0),
            ("c", 15.0, 0.0),
            ("r", 5.0, 0.0),
            ("n", 40.0, 0.0),
            ("i", 35.0, 0.0),
        ];
        assert_eq!(write(&letters), "ordch in");
    }

    #[test]
    fn letters_that_stand_apart_evenly_are_a_word() {
        let wide = |text: &str, step: f64| {
            let glyphs = text.chars().enumerate();
            let glyphs: Vec<_> = glyphs
                .map(|(at, glyph)| (glyph.to_string(), at as f64 * step, 0.0))
                .collect();
            write_row(&glyphs)
        };
        assert_eq!(wide("MAHNUNG", 8.0), "MAHNUNG");
        // Two words of it.
        let (first, second) = ("LETZTE", "MAHNUNG");
        let mut glyphs: Vec<_> = Vec::new();
        for (word, from) in [(first, 0.0), (second, 54.0)] {
            let letters = word.chars().enumerate();
            glyphs.extend(letters.map(|(at, c)| (c.to_string(), from + at as f64 * 8.0, 0.0)));
        }
        assert_eq!(write_row(&glyphs), "LETZTE MAHNUNG");
        // Alphabets, figures of a table, and letters that lie farther apart.
        assert_eq!(wide("ABCDE", 8.0), "A B C D E");
        assert_eq!(wide("zyxwv", 8.0), "z y x w v");
        assert_eq!(wide("1234", 8.0), "1 2 3 4");
        assert_eq!(wide("ABCD", 14.0), "A B C D");
    }

    #[test]
    fn hebrew_that_is_painted_letter_by_letter_to_the_left_has_its_spaces() {
        let mut glyphs = row("הסכם מכר");
        for (_, x, _) in &mut glyphs {
            *x = 100.0 - *x;
        }
        assert_eq!(write_row(&glyphs), "הסכם מכר");
    }

    #[test]
    fn what_glyphs_stand_for_is_one_word_around_them() {
        let mut builder = TextBuilder::default();
        let place = |x| Placement {
            origin: (x, 50.0),
            direction: (1.0, 0.0),
            advance: 5.0,
            size: 10.0,
        };
        builder.push("Whitsun", place(10.0));
        builder.stood_for(place(15.0));
        builder.stood_for(place(20.0));
        builder.push("x", place(40.0));
        let placed = builder.finish();
        assert_eq!(placed.text, "Whitsun x");
        let words = placed.words(100.0, 100.0);
        assert!((words[0].area.right - 0.25).abs() < 0.001, "{words:?}");
    }

    #[test]
    fn a_jump_back_on_the_same_baseline_is_a_new_line() {
        assert_eq!(write(&[("a", 100.0, 0.0), ("b", 0.0, 0.0)]), "a\nb");
    }
}
