//! What is typed to search: the beginning of a word finds it while it is typed. The lines
//! around what was found. Not for what can be asked (`triage::query`), the index (`library`),
//! and drawing hits over pages (`overlays`).

use crate::names;
use crate::triage::search_marks;

/// So many lines of a page are shown around what was found, and so many letters of each.
const LINES: usize = 6;
const LETTERS: usize = 120;

/// What is to be searched for, with the last word as a beginning while it may go on.
pub fn as_typed(typed: &str) -> String {
    let in_quotes = typed.matches('"').count() % 2 == 1;
    let last = typed.rsplit(char::is_whitespace).next().unwrap_or_default();
    // What is asked of fields, OR and what is left out are no words of a page.
    let is_word = last != "OR" && last.chars().all(|letter| !"-():<>=\"".contains(letter));
    let goes_on = is_word && typed.ends_with(char::is_alphanumeric) && !in_quotes;
    let typed = typed.trim();
    match goes_on {
        true => format!("{typed}*"),
        false => typed.to_owned(),
    }
}

/// The same as a person knows it.
pub fn spoken(typed: &str) -> &str {
    typed.trim_end_matches('*')
}

/// Every word of it is in a name.
pub fn is_named(name: &str, typed: &str) -> bool {
    let plain = typed.replace(['"', '*'], " ");
    !plain.trim().is_empty() && names::has_words(name, &plain)
}

/// The lines of a page that have what was searched for, cut around it, and whether there
/// are more.
pub fn lines(text: &str, typed: &str) -> (Vec<String>, bool) {
    if typed.is_empty() {
        return (Vec::new(), false);
    }
    let words: Vec<(usize, &str)> = text
        .lines()
        .enumerate()
        .flat_map(|(line, text)| text.split_whitespace().map(move |word| (line, word)))
        .collect();
    let plain: Vec<&str> = words.iter().map(|(_, word)| *word).collect();
    let marks = search_marks(&plain, typed);
    let mut found: Vec<String> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let line = words[at].0;
        let end = at + words[at..].iter().take_while(|(of, _)| *of == line).count();
        if let Some(hit) = (at..end).find(|word| marks[*word]) {
            if found.len() == LINES {
                return (found, true);
            }
            found.push(around(&plain[at..end], hit - at));
        }
        at = end;
    }
    (found, false)
}

/// A line as far as it has room, with the word at `hit` in it.
fn around(words: &[&str], hit: usize) -> String {
    let length = |word: &str| word.chars().count() + 1;
    // Half of the room before it.
    let (mut first, mut used) = (hit, length(words[hit]));
    while first > 0 && used + length(words[first - 1]) <= LETTERS / 2 {
        first -= 1;
        used += length(words[first]);
    }
    let mut end = hit + 1;
    while end < words.len() && used + length(words[end]) <= LETTERS {
        used += length(words[end]);
        end += 1;
    }
    let before = if first > 0 { "… " } else { "" };
    let after = if end < words.len() { " …" } else { "" };
    format!("{before}{}{after}", words[first..end].join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_is_a_beginning_while_it_may_go_on() {
        for (typed, searched) in [
            ("invo", "invo*"),
            ("net amo", "net amo*"),
            ("net amount ", "net amount"),
            ("\"net amount\"", "\"net amount\""),
            ("\"net amo", "\"net amo"),
            ("invo*", "invo*"),
            ("blank:yes", "blank:yes"),
            ("dpi<200 OR", "dpi<200 OR"),
            ("blank:no lea", "blank:no lea*"),
            ("-lease", "-lease"),
            ("  ", ""),
        ] {
            assert_eq!(as_typed(typed), searched, "{typed}");
        }
    }

    #[test]
    fn names_have_what_was_typed() {
        assert!(is_named("letters/Invoice 7.pdf", "invo*"));
        assert!(is_named("letters/Invoice 7.pdf", "7 invoice"));
        assert!(!is_named("letters/Invoice 7.pdf", "lease*"));
        assert!(!is_named("letters/Invoice 7.pdf", "\"\""));
    }

    #[test]
    fn lines_around_what_was_found_are_cut_around_it() {
        let long = format!("{} harbour {}", "before ".repeat(40), "after ".repeat(40));
        let text = format!("The first line\n{long}\nHarbours are ports");
        let (found, more) = lines(&text, "harb*");
        assert_eq!(found.len(), 2);
        assert!(found[0].starts_with("… ") && found[0].ends_with(" …"));
        assert!(found[0].contains("harbour") && found[0].chars().count() <= LETTERS + 4);
        assert_eq!(found[1], "Harbours are ports");
        assert!(!more);
        assert!(lines(&"port\n".repeat(9), "port").1);
        assert!(lines(&text, "").0.is_empty());
    }
}
