//! How a query that is being typed may go on: names of fields, their words, and texts that
//! pages have. Not for reading it (`parse`).

use super::super::fields::{Field, Kind, PAGE};
use super::example;

/// So many texts are offered; more would be a list to read.
const MOST: usize = 6;

/// A way in which what was typed may go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// It takes the place of the last term.
    pub term: String,
    /// What it asks for.
    pub help: String,
}

/// Ways in which what was typed may go on, and the byte at which its last term begins.
/// `known`: texts that a field says of pages.
pub fn completions<'a>(
    typed: &str,
    known: impl Fn(&Field) -> Vec<&'a str>,
) -> (usize, Vec<Completion>) {
    let start = last_term(typed);
    let begun = &typed[start..];
    let name = begun.len() - begun.trim_start_matches(in_name).len();
    let (name, rest) = begun.split_at(name);
    let found = match (rest.chars().next(), Field::named(name)) {
        (None, _) => of_fields(name),
        (Some(':' | '='), Some(field)) => of_values(field, &rest[1..], known),
        _ => Vec::new(),
    };
    (start, found)
}

/// The term that asks for pages of which a field says this text and nothing else.
pub fn exactly(field: &str, text: &str) -> String {
    format!("{field}=\"{}\"", text.replace('"', "\"\""))
}

fn in_name(letter: char) -> bool {
    letter.is_ascii_lowercase() || letter == '_'
}

/// Where the term begins that is being typed.
fn last_term(typed: &str) -> usize {
    let (mut start, mut quoted) = (0, false);
    for (at, letter) in typed.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' => start = at + 1,
            '-' if at == start => start = at + 1,
            space if space.is_whitespace() => start = at + space.len_utf8(),
            _ => {}
        }
    }
    start
}

fn of_fields(begun: &str) -> Vec<Completion> {
    if begun.is_empty() {
        return Vec::new();
    }
    let fields = PAGE.iter().filter(|field| field.name.starts_with(begun));
    let found: Vec<Completion> = fields
        .map(|field| Completion {
            term: format!("{}:", field.name),
            help: format!("{}\n{}", example(field), field.help),
        })
        .collect();
    // After one letter of many names nothing can be guessed.
    if found.len() > MOST {
        Vec::new()
    } else {
        found
    }
}

fn of_values<'a>(
    field: &Field,
    begun: &str,
    known: impl Fn(&Field) -> Vec<&'a str>,
) -> Vec<Completion> {
    let wanted = begun.trim_start_matches('"').to_lowercase();
    let term = |term: String, help: &str| Completion {
        term,
        help: help.to_owned(),
    };
    let word = |word: &str, help: &str| term(format!("{}:{word}", field.name), help);
    let mut found: Vec<Completion> = match field.kind {
        Kind::Word(choices) => {
            let meant = choices.iter();
            let meant = meant.filter(|choice| choice.word.starts_with(&wanted));
            meant.map(|choice| word(choice.word, choice.help)).collect()
        }
        Kind::YesNo => {
            let meant = ["yes", "no"].into_iter();
            let meant = meant.filter(|answer| answer.starts_with(&wanted));
            meant.map(|answer| word(answer, field.help)).collect()
        }
        Kind::Text | Kind::Texts => {
            let texts = known(field).into_iter();
            let texts = texts.filter(|text| text.to_lowercase().contains(&wanted));
            let texts = texts.map(|text| term(exactly(field.name, text), "All of it, not a part"));
            let mut offers: Vec<Completion> = texts.take(MOST).collect();
            if "any".starts_with(&wanted) && !known(field).is_empty() {
                offers.push(word("any", "Whatever it says"));
            }
            offers
        }
        Kind::Count | Kind::Bytes | Kind::Number { .. } | Kind::Tilt { .. } | Kind::Share => {
            Vec::new()
        }
    };
    // What is typed already needs no offer.
    let typed = |sign: &str| format!("{}{sign}{begun}", field.name);
    found.retain(|offer| offer.term != typed(":") && offer.term != typed("="));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::query::Query;

    fn offered(typed: &str) -> Vec<String> {
        let known = |field: &Field| match field.name {
            "pile" => vec!["Tax", "Taxi", "the \"old\" ones"],
            _ => vec![],
        };
        let (start, offers) = completions(typed, known);
        let terms = offers.into_iter().map(|offer| offer.term);
        terms
            .inspect(|term| assert!(start <= typed.len(), "{term}"))
            .collect()
    }

    #[test]
    fn fields_are_completed() {
        assert_eq!(offered("blank:yes -ske"), ["skew_deg:", "skewed:"]);
        assert!(offered("").is_empty());
        assert!(offered("blank:yes ").is_empty());
        for field in &PAGE {
            assert!(Query::parse(&example(field)).is_ok(), "{field:?}");
        }
    }

    #[test]
    fn words_and_texts_of_fields_are_completed_exactly() {
        assert_eq!(offered("garbled:y"), ["garbled:yes"]);
        assert!(offered("garbled:yes").is_empty());
        assert_eq!(offered("-(blank:al"), ["blank:almost"]);
        assert_eq!(offered("pile:tax"), ["pile=\"Tax\"", "pile=\"Taxi\""]);
        assert_eq!(offered("pile=\"Taxi"), ["pile=\"Taxi\""]);
        assert_eq!(offered("pile:\"the \"\"o"), Vec::<String>::new());
        assert_eq!(
            offered("pile:a"),
            ["pile=\"Tax\"", "pile=\"Taxi\"", "pile:any"]
        );
        assert_eq!(offered("pile:").last().unwrap(), "pile:any");
        assert_eq!(offered("pile:old"), ["pile=\"the \"\"old\"\" ones\""]);
        assert!(offered("pile=\"Taxi\"").is_empty());
        assert!(offered("document:a").is_empty());
    }
}
