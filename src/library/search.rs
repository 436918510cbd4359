//! The index of all page text, in any script, and the language of what is typed to
//! search it. Not for showing hits.
//!
//! The index is SQLite's FTS5, whose words end at spaces. In scripts that write
//! none between words each letter is a word of its own; what is searched for is
//! taken apart in the same way and has to follow in the same order.

use rusqlite::{Connection, OptionalExtension, params};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::model::words::stands_alone;
use crate::model::{DocumentId, PageId};

/// Text as the index takes it: joined and full-width letters as plain ones (NFKC).
fn searchable(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let text: String = text.nfkc().collect();
    taken_apart(&text)
}

fn taken_apart(text: &str) -> String {
    let mut apart = String::with_capacity(text.len() + text.len() / 8);
    let mut alone = false;
    for letter in text.chars() {
        let is_alone = stands_alone(letter);
        if alone || is_alone {
            apart.push(' ');
        }
        apart.push(letter);
        alone = is_alone;
    }
    apart
}

/// The words that hyphens part at the ends of lines, whole.
fn rejoined(text: &str) -> String {
    const HYPHENS: [char; 3] = ['-', '\u{ad}', '\u{2010}'];
    let mut whole = String::new();
    let mut lines = text.lines().peekable();
    while let (Some(line), Some(next)) = (lines.next(), lines.peek()) {
        let Some(line) = line.trim_end().strip_suffix(HYPHENS) else {
            continue;
        };
        let is_end = |letter: char| !letter.is_alphabetic();
        let begin = line.rsplit(is_end).next().unwrap_or_default();
        let end = next.trim_start().split(is_end).next().unwrap_or_default();
        if !begin.is_empty() && !end.is_empty() {
            whole.push('\n');
            whole.push_str(begin);
            whole.push_str(end);
        }
    }
    whole
}

/// What was typed, as FTS5 takes it: all words have to be there; those in
/// quotation marks one after the other; `word*` stands for all words that begin so.
/// None where there is nothing to search for.
pub(super) fn query(typed: &str) -> Option<String> {
    let terms: Vec<String> = terms(typed)
        .filter_map(|(words, begins)| term(words, begins))
        .collect();
    (!terms.is_empty()).then(|| terms.join(" AND "))
}

/// What was typed, taken apart: words or phrases, and whether only their beginning
/// was typed.
fn terms(typed: &str) -> impl Iterator<Item = (&str, bool)> {
    typed.split('"').enumerate().flat_map(|(index, piece)| {
        let (phrase, words) = match index % 2 {
            1 => (Some((piece, false)), ""),
            _ => (None, piece),
        };
        let words = words.split_whitespace();
        let words = words.map(|word| (word.trim_end_matches('*'), word.ends_with('*')));
        phrase.into_iter().chain(words)
    })
}

fn term(words: &str, begins: bool) -> Option<String> {
    let has_word = words.chars().any(char::is_alphanumeric);
    let star = if begins { "*" } else { "" };
    if !has_word {
        return None;
    }
    let quoted = |words: &str| format!("\"{}\"{star}", words.trim());
    let mut ways = vec![quoted(&searchable(words))];
    // Earlier versions indexed the letters as they are.
    for way in [quoted(&taken_apart(words)), quoted(&parted(words))] {
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    Some(match &ways[..] {
        [only] => only.clone(),
        ways => format!("({})", ways.join(" OR ")),
    })
}

/// With a space between letters and figures: what one person writes as INV2024 another
/// writes as INV 2024.
fn parted(words: &str) -> String {
    let mut apart = String::new();
    let mut before: Option<char> = None;
    for letter in searchable(words).chars() {
        let meet = |a: char, b: char| a.is_alphabetic() && b.is_numeric();
        if before.is_some_and(|before| meet(before, letter) || meet(letter, before)) {
            apart.push(' ');
        }
        apart.push(letter);
        before = Some(letter);
    }
    apart
}

/// Which of the words of a page, in their order, are what was typed: the same that
/// the index finds, without the marks on letters and whatever their case.
pub fn marks(words: &[&str], typed: &str) -> Vec<bool> {
    let mut tokens: Vec<(String, usize)> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        tokens.extend(tokens_of(word).map(|token| (token, at)));
    }
    let mut marked = vec![false; words.len()];
    let ways = terms(typed).flat_map(|(term, begins)| {
        let parted = parted(term);
        let parted = (parted != term).then_some((parted, begins));
        std::iter::once((term.to_owned(), begins)).chain(parted)
    });
    for (term, begins) in ways {
        let wanted: Vec<String> = tokens_of(&term).collect();
        let Some((last, first)) = wanted.split_last() else {
            continue;
        };
        for run in tokens.windows(wanted.len()) {
            let Some(((end, _), begin)) = run.split_last() else {
                continue;
            };
            let ends = if begins {
                end.starts_with(last.as_str())
            } else {
                end == last
            };
            if ends && begin.iter().map(|(token, _)| token).eq(first) {
                for (_, at) in run {
                    marked[*at] = true;
                }
            }
        }
    }
    marked
}

/// A text's words as the index has them: letters and digits only, in lower case,
/// without marks.
fn tokens_of(text: &str) -> impl Iterator<Item = String> {
    let plain: String = searchable(text)
        .nfd()
        .filter(|letter| !is_combining_mark(*letter))
        .flat_map(char::to_lowercase)
        .collect();
    let tokens: Vec<String> = plain
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|token| !token.is_empty())
        .map(str::to_owned)
        .collect();
    tokens.into_iter()
}

/// What analysers have read on a page, by the names of the analysers.
pub(super) fn texts_read(sql: &Connection, page: PageId) -> rusqlite::Result<Vec<String>> {
    let mut statement = sql.prepare_cached(
        "SELECT json_extract(finding, '$.result.Ok.text') FROM finding
         WHERE document = ?1 AND page = ?2 AND finding IS NOT NULL ORDER BY analyser",
    )?;
    let read = statement.query_map(params![page.document.0, page.number], |row| {
        row.get::<_, Option<String>>(0)
    })?;
    read.filter_map(rusqlite::Result::transpose).collect()
}

/// Brings the index up to date for a page: its own text, and what analysers read.
pub(super) fn index_page(sql: &Connection, page: PageId) -> rusqlite::Result<()> {
    let own = sql
        .prepare_cached("SELECT id, text FROM page_text WHERE document = ?1 AND number = ?2")?
        .query_row(params![page.document.0, page.number], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
        })
        .optional()?;
    let Some((id, mut text)) = own else {
        return Ok(());
    };
    for more in texts_read(sql, page)? {
        text.push('\n');
        text.push_str(&more);
    }
    sql.prepare_cached("DELETE FROM page_search WHERE rowid = ?1")?
        .execute([id])?;
    sql.prepare_cached("INSERT INTO page_search (rowid, text) VALUES (?1, ?2)")?
        .execute(params![id, indexed(&text)])?;
    Ok(())
}

/// What the index takes of a text.
pub(super) fn indexed(text: &str) -> String {
    let mut whole = searchable(text);
    whole.push_str(&searchable(&rejoined(text)));
    whole
}

/// Makes the index for a library that had none.
pub(super) fn index_all(sql: &Connection) -> rusqlite::Result<()> {
    let mut statement = sql.prepare("SELECT document, number FROM page_text")?;
    let pages = statement.query_map([], |row| {
        Ok(PageId {
            document: DocumentId(row.get(0)?),
            number: row.get(1)?,
        })
    })?;
    for page in pages.collect::<rusqlite::Result<Vec<_>>>()? {
        index_page(sql, page)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_phrases_and_beginnings_are_told_apart() {
        let asked = |typed| query(typed).unwrap_or_default();
        assert_eq!(asked("net amount"), r#""net" AND "amount""#);
        assert_eq!(asked(r#""net amount" due"#), r#""net amount" AND "due""#);
        assert_eq!(asked("invo*"), r#""invo"*"#);
        assert_eq!(asked(r#"a "b"#), r#""a" AND "b""#);
        assert_eq!(asked("AND OR NOT ("), r#""AND" AND "OR" AND "NOT""#);
        assert_eq!(asked("INV2024"), r#"("INV2024" OR "INV 2024")"#);
        assert_eq!(query(" * \"\" - "), None);
    }

    #[test]
    fn the_words_that_were_typed_are_marked() {
        let words = [
            "The",
            "NET",
            "amount,",
            "net",
            "of",
            "Résumé-fees",
            "invoices",
        ];
        let marked = |typed| {
            let marks = marks(&words, typed).into_iter().enumerate();
            marks
                .filter_map(|(at, is)| is.then_some(at))
                .collect::<Vec<_>>()
        };
        assert_eq!(marked("net"), [1, 3]);
        assert_eq!(marked("\"net amount\""), [1, 2]);
        assert_eq!(marked("invo* resume"), [5, 6]);
        assert!(marked("invo").is_empty());
        assert_eq!(marked("\"amount net\""), [2, 3]);
        assert!(marked("*").is_empty());
    }

    #[test]
    fn scripts_without_spaces_are_taken_apart() {
        assert_eq!(searchable("請求書 2026"), " 請 求 書  2026");
        assert_eq!(query("請求*").unwrap(), "\"請 求\"*");
        assert_eq!(searchable("Straße 5"), "Straße 5");
    }

    #[test]
    fn joined_and_wide_letters_are_plain_ones() {
        assert_eq!(searchable("con\u{fb01}rm ＩＮＶ１２"), "confirm INV12");
        assert_eq!(
            query("\u{fb01}nal").unwrap(),
            "(\"final\" OR \"\u{fb01}nal\")"
        );
    }

    #[test]
    fn words_parted_at_the_ends_of_lines_are_whole() {
        assert_eq!(
            rejoined("of the cooper-\native - \nsociety\u{ad}\nlaw 12-\n13"),
            "\ncooperative\nsocietylaw"
        );
        assert_eq!(rejoined("no line-end"), "");
    }
}
