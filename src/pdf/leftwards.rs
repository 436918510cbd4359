//! Letters of scripts that run from right to left and that were painted from left to right,
//! as many programs paint them: put into the order in which they are read. Not for lines
//! and columns (`reading_order`).

use unicode_bidi::{BidiClass, bidi_class};
use unicode_normalization::UnicodeNormalization;

/// Whether a letter's script runs from right to left; none for what has no direction.
pub(super) fn runs_leftwards(letter: char) -> Option<bool> {
    // Hebrew is the first of them; most pages have none.
    if letter < '\u{590}' {
        return letter.is_alphabetic().then_some(false);
    }
    match bidi_class(letter) {
        BidiClass::L => Some(false),
        BidiClass::R | BidiClass::AL => Some(true),
        _ => None,
    }
}

/// Arabic letters as they are typed, where a font names the shapes that they take beside
/// others (Unicode's presentation forms).
pub(super) fn typed(letter: char) -> impl Iterator<Item = char> {
    let is_shape = matches!(letter, '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}');
    let typed = is_shape.then(|| std::iter::once(letter).nfkc());
    typed
        .into_iter()
        .flatten()
        .chain((!is_shape).then_some(letter))
}

/// Glyphs of one line from the first letter that runs leftwards to the last. Places are
/// those of bytes in the page's text.
pub(super) struct Stretch {
    from: usize,
    /// Where each glyph begins; a number is one.
    glyphs: Vec<usize>,
    /// After the last letter, and how many glyphs there are up to it.
    to: usize,
    kept: usize,
    /// Letters that stand to the right of the one before, less those to its left.
    rightwards: i32,
    last: f64,
    number: Number,
}

/// Where in a number the last glyph is: numbers are read from left to right.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Number {
    Outside,
    Digit,
    /// A point, a comma, a colon or a sign after a digit.
    Separator,
}

impl Stretch {
    /// It begins with the glyph at this place in the text, `along` the direction of writing.
    pub fn new(at: usize, along: f64) -> Self {
        Self {
            from: at,
            glyphs: Vec::new(),
            to: at,
            kept: 0,
            rightwards: 0,
            last: along,
            number: Number::Outside,
        }
    }

    /// Its letters were painted from right to left so far, if there are several.
    pub fn goes_left(&self) -> bool {
        self.rightwards <= 0
    }

    /// A letter that runs leftwards follows, or the first.
    pub fn letter(&mut self, at: usize, along: f64) {
        self.rightwards += i32::from(along > self.last) - i32::from(along < self.last);
        self.last = along;
        self.glyphs.push(at);
        self.number = Number::Outside;
    }

    /// What has no direction of its own follows: a space, a digit or a sign.
    pub fn other(&mut self, at: usize, glyph: &str) {
        let is = |class: fn(char) -> bool| !glyph.is_empty() && glyph.chars().all(class);
        let (before, now) = (self.number, is(is_digit));
        match (before, now) {
            // It goes on, with what stands between its digits.
            (Number::Digit, true) => {}
            (Number::Separator, true) => drop(self.glyphs.pop()),
            _ => self.glyphs.push(at),
        }
        self.number = match before {
            _ if now => Number::Digit,
            Number::Digit if is(is_separator) => Number::Separator,
            _ => Number::Outside,
        };
    }

    /// The letter that was noted last ends there.
    pub fn letter_ends(&mut self, at: usize) {
        (self.to, self.kept) = (at, self.glyphs.len());
    }

    /// Puts it into the order in which it is read, if it is not; its place in the text if
    /// that has changed.
    pub fn put_in_order(&self, text: &mut String) -> Option<std::ops::Range<usize>> {
        let painted = text.get(self.from..self.to)?;
        if self.rightwards <= 0 {
            return None;
        }
        let glyphs = self.glyphs.get(..self.kept)?;
        let mut read = String::with_capacity(painted.len());
        let mut end = self.to;
        for begin in glyphs.iter().rev() {
            let glyph = painted.get(begin - self.from..end - self.from)?;
            read.extend(glyph.chars().map(mirrored));
            end = *begin;
        }
        if read.len() != painted.len() {
            return None;
        }
        text.replace_range(self.from..self.to, &read);
        Some(self.from..self.to)
    }
}

fn is_digit(letter: char) -> bool {
    matches!(bidi_class(letter), BidiClass::EN | BidiClass::AN)
}

/// What stands between digits of one number, of a date or of a time.
fn is_separator(letter: char) -> bool {
    matches!(bidi_class(letter), BidiClass::CS | BidiClass::ES)
}

/// What opens on one side opens on the other in text that runs the other way.
pub fn mirrored(letter: char) -> char {
    match letter {
        '(' => ')',
        ')' => '(',
        '[' => ']',
        ']' => '[',
        '{' => '}',
        '}' => '{',
        '<' => '>',
        '>' => '<',
        '«' => '»',
        '»' => '«',
        other => other,
    }
}
