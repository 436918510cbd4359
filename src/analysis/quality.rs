//! How good the text of a page is, and in what language. Not for counting words
//! (`text`), and not for what is garbled: that is a threshold over this.

use encoding_rs::WINDOWS_1252;

use super::letters::letter_use;
use crate::model::{Language, TextQuality};

/// With fewer letters a language is a guess.
const ENOUGH_LETTERS: u32 = 100;

/// Longer texts are cut, in bytes: a language is certain long before.
const LONGEST: usize = 2_000;

/// Parts of a text in several languages are so long at least, in bytes.
const PART: usize = 200;

/// Marks that lead the eye over a gap, to a page number or to where a form is filled in.
const LEADERS: [char; 10] = ['.', '_', '-', '–', '—', '·', '•', '…', '=', '*'];

/// Counts kinds of characters, and tells the language of text that has enough
/// letters of it (by trigrams, with whatlang's own measure of being sure).
///
/// Of a line of leaders, as in a table of contents, only the first counts, and no space
/// between them: such a page may have more dots than letters, and each of its words can
/// be read.
pub fn text_quality(text: &str) -> TextQuality {
    let mut found = TextQuality::default();
    let mut last = None;
    let mut spaces = 0;
    let mut before = ' ';
    for character in text.chars() {
        // Both halves of one letter are none.
        if is_half_of(before, character) {
            found.unknown += 2;
        }
        before = character;
        if character.is_whitespace() {
            spaces += 1;
            continue;
        }
        let leads_on = last == Some(character) && LEADERS.contains(&character);
        if !leads_on {
            found.white_space += spaces;
            found.characters += spaces + 1;
            last = Some(character);
        }
        spaces = 0;
        if matches!(character, '\u{fffd}' | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..) {
            found.unknown += 1;
        } else if character.is_alphabetic() {
            found.letters += 1;
            found.alphanumerics += 1;
        } else if character.is_numeric() {
            found.alphanumerics += 1;
        }
    }
    found.white_space += spaces;
    found.characters += spaces;
    if found.letters >= ENOUGH_LETTERS && found.unknown * 10 < found.characters {
        found.language = language(text);
    }
    found.letter_use = letter_use(text);
    found
}

/// The language of a text; of one in two languages, that of most of its parts.
fn language(text: &str) -> Option<Language> {
    let text = &text[..text.floor_char_boundary(LONGEST)];
    told(text).or_else(|| {
        let parts = parts(text);
        let found: Vec<Language> = parts.iter().filter_map(|part| told(part)).collect();
        let times = |language: &Language| found.iter().filter(|other| *other == language).count();
        let most = found.iter().rev().max_by_key(|language| times(language))?;
        // Of text in none, parts are taken for this or that.
        (times(most) >= 2 && times(most) * 3 >= parts.len()).then_some(*most)
    })
}

/// Whole lines of a text, put together until they are long enough to tell their language.
fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut first, mut end) = (0, 0);
    for line in text.split_inclusive('\n') {
        end += line.len();
        if end - first >= PART {
            parts.push(&text[first..end]);
            first = end;
        }
    }
    parts
}

fn told(text: &str) -> Option<Language> {
    let info = whatlang::detect(text)?;
    let language = Language::named(info.lang().code());
    language.filter(|_| info.is_reliable())
}

/// Whether two characters are the bytes of one letter with an accent in UTF-8, read by the
/// code page Windows-1252 or ISO 8859-1: no language has a sign within a word after these
/// capitals.
fn is_half_of(first: char, second: char) -> bool {
    if !matches!(first, '\u{c2}'..='\u{c5}') {
        return false;
    }
    // What the bytes from 0x80 to 0xBF are in one and the other.
    let mut letter = [0; 4];
    let (bytes, ..) = WINDOWS_1252.encode(second.encode_utf8(&mut letter));
    let byte = bytes.first().copied().unwrap_or_default();
    matches!(second, '\u{80}'..='\u{bf}') || (0x80..0xa0).contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_told_from_enough_text() {
        let texts = [
            (
                "eng",
                "The tenant shall keep the premises in good repair and shall not alter them \
                 without the written consent of the landlord, which shall not be withheld.",
            ),
            (
                "deu",
                "Der Mieter hat die Räume in gutem Zustand zu halten und darf sie ohne die \
                 schriftliche Zustimmung des Vermieters nicht verändern oder untervermieten.",
            ),
            (
                "fra",
                "Le locataire doit maintenir les lieux en bon état et ne peut les modifier sans \
                 l'accord écrit du bailleur, qui ne sera pas refusé sans raison valable.",
            ),
            (
                "rus",
                "Арендатор обязан содержать помещение в исправном состоянии и не вправе изменять \
                 его без письменного согласия арендодателя, в котором не будет отказано.",
            ),
        ];
        for (code, text) in texts {
            assert_eq!(text_quality(text).language, Language::named(code));
        }
        assert_eq!(text_quality("Invoice 12, page 3").language, None);
    }

    #[test]
    fn a_text_in_two_languages_has_one_of_them() {
        let english = "The tenant shall keep the premises in good repair and shall not make any\n\
            alteration without the written consent of the landlord. Rent is payable on the third\n\
            working day of each month by standing order. Where a payment is late, interest\n\
            accrues at four per cent above the base rate. Either party may end this agreement.\n";
        let german = "Der Mieter hat die Räume pfleglich zu behandeln und Schäden unverzüglich\n\
            anzuzeigen. Größere Veränderungen bedürfen der schriftlichen Zustimmung des\n\
            Vermieters. Die Miete ist spätestens am dritten Werktag eines jeden Monats im Voraus\n\
            zu überweisen. Bei Verzug werden Zinsen in Höhe von fünf Prozentpunkten berechnet.\n";
        for text in [format!("{english}{german}"), format!("{german}{english}")] {
            let language = text_quality(&text).language;
            let expected = ["eng", "deu"].map(Language::named);
            assert!(expected.contains(&language), "{language:?}");
        }
    }

    #[test]
    fn leaders_of_a_table_of_contents_count_once() {
        let line = "Milling capacity ............ . . . . . . 12\nTotal ________ EUR\n";
        let found = text_quality(line);
        assert_eq!(
            found.characters,
            text_quality("Milling capacity . 12\nTotal _ EUR\n").characters
        );
        assert_eq!((found.letters, found.alphanumerics), (23, 25));
        // What cannot be read is no leader.
        assert_eq!(text_quality("???? ????").characters, 9);
        assert_eq!(text_quality("....").characters, 1);
    }

    #[test]
    fn letters_that_were_read_by_the_wrong_code_page_are_unknown() {
        for (text, unknown) in [
            ("KÃ¶nigsdÃ¶rfer", 4),
            ("PaÅ„stwo peÅ‚ne", 4),
            ("São Ângelo, Ærø, ÅNGSTRÖM, Ãrea; 20 °C", 0),
        ] {
            assert_eq!(text_quality(text).unknown, unknown, "{text}");
        }
    }

    #[test]
    fn characters_are_counted_by_kind() {
        let found = text_quality("Ab 1\u{fffd}\u{e001}!");
        let expected = TextQuality {
            characters: 7,
            unknown: 2,
            alphanumerics: 3,
            letters: 2,
            white_space: 1,
            letter_use: letter_use("Ab"),
            ..TextQuality::default()
        };
        assert_eq!(found, expected);
    }
}
