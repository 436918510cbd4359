//! What a glyph stands for where its document does not say: by the font that the document
//! brings along, its own table of characters or the name that it gives the glyph. Not for what
//! documents say (the engine), and not for fonts of this machine, whose glyphs are others.

use hayro::hayro_interpret::font::OutlineGlyph;
use rustc_hash::FxHashMap;
use skrifa::{FontRef, GlyphId, MetadataProvider};

use super::substitute_fonts::is_substitute;

/// Glyphs that are looked for in a document: few fonts have more.
const MOST_GLYPHS: usize = 5_000;

/// What was found, glyph by glyph.
#[derive(Default)]
pub(super) struct GlyphLetters(FxHashMap<u128, Option<String>>);

impl GlyphLetters {
    /// What a glyph stands for by its font.
    pub fn of(&mut self, glyph: &OutlineGlyph) -> Option<&str> {
        let Self(found) = self;
        let key = glyph.identifier().cache_key();
        if found.len() >= MOST_GLYPHS && !found.contains_key(&key) {
            return None;
        }
        found
            .entry(key)
            .or_insert_with(|| letters(glyph))
            .as_deref()
    }
}

fn letters(glyph: &OutlineGlyph) -> Option<String> {
    let font = glyph.font_data()?;
    let bytes = (*font.data).as_ref();
    if is_substitute(bytes) {
        return None;
    }
    let font = FontRef::new(bytes).ok()?;
    let glyph = GlyphId::new(glyph.glyph_id().to_u32());
    let name = font.glyph_names().get(glyph);
    let named = name.and_then(|name| by_name(name.as_str()));
    let by_table = || {
        let mut table = font.charmap().mappings();
        let (code, _) = table.find(|(_, other)| *other == glyph)?;
        char::from_u32(code).map(String::from)
    };
    let says_something = |letters: &String| letters.chars().all(is_letter);
    named.or_else(by_table).filter(says_something)
}

/// Private use areas and control characters stand for nothing.
fn is_letter(letter: char) -> bool {
    !matches!(letter, '\u{e000}'..='\u{f8ff}' | '\u{fffd}' | '\u{f0000}'..) && !letter.is_control()
}

/// The letters in a name such as `uni0644.init`, of a form of a letter, `uni06440627` of
/// several joined, or `u1F600` (Adobe's conventions for names of glyphs).
fn by_name(name: &str) -> Option<String> {
    let base = name.split('.').next()?;
    if let Some(digits) = base.strip_prefix("uni")
        && digits.len() >= 4
        && digits.len() % 4 == 0
        && digits.is_ascii()
    {
        let codes = digits.as_bytes().chunks(4);
        return codes
            .map(|code| letter(std::str::from_utf8(code).ok()?))
            .collect();
    }
    let digits = base.strip_prefix('u')?;
    let letter = (4..=6).contains(&digits.len()).then(|| letter(digits))?;
    letter.map(String::from)
}

/// The character of a number in hexadecimal digits.
fn letter(digits: &str) -> Option<char> {
    let code = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let code = code.then(|| u32::from_str_radix(digits, 16).ok())?;
    char::from_u32(code?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_glyphs_say_what_they_stand_for() {
        for (name, letters) in [
            ("uni0644", Some("ل")),
            ("uni0644.init", Some("ل")),
            ("uni06440627.isol", Some("لا")),
            ("u1F600", Some("😀")),
            ("u0041", Some("A")),
            ("uni064", None),
            ("uniD800", None),
            ("uni+064", None),
            ("gid1004", None),
            ("a", None),
            ("u", None),
            ("", None),
        ] {
            assert_eq!(by_name(name).as_deref(), letters, "{name}");
        }
    }
}
