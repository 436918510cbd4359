//! Builds a page's text from positioned glyphs: where a gap is a space and
//! where a jump is a new line. Not for counting or judging text.

/// A gap between two glyphs wider than this share of the font size is a space.
/// Poppler and MuPDF use 0.1 to 0.2; letter-spaced headings need the larger.
const SPACE_GAP: f64 = 0.2;

/// A move across the writing direction of more than this share of the font
/// size starts a new line; smaller ones are super- and subscripts.
const LINE_JUMP: f64 = 0.6;

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
}

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
            } else if along > size * SPACE_GAP {
                self.space();
            }
        }
        for character in characters.chars() {
            if character.is_whitespace() {
                self.space();
            } else if !character.is_control() {
                self.text.push(character);
            }
        }
        self.last = Some(place);
    }

    fn space(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with([' ', '\n']) {
            self.text.push(' ');
        }
    }

    fn end_line(&mut self) {
        if self.text.ends_with(' ') {
            self.text.pop();
        }
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    pub fn finish(mut self) -> String {
        self.text.truncate(self.text.trim_end().len());
        self.text
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
        builder.finish()
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
    fn a_jump_back_on_the_same_baseline_is_a_new_line() {
        assert_eq!(write(&[("a", 100.0, 0.0), ("b", 0.0, 0.0)]), "a\nb");
    }
}
