//! A list of terms, as reviewers of documents are given: on how many pages and in how many
//! documents each is. Not for one question at a time (`query`).

use std::collections::HashSet;

use crate::library::{LibraryError, Reader};
use crate::model::BatchId;

/// The most terms that a list has; more are left out.
pub const MOST_TERMS: usize = 1000;

/// The longest term, in bytes; longer lines are no terms.
const LONGEST_TERM: usize = 200;

/// Where a term is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermHits {
    /// As it stands in the list.
    pub term: String,
    /// Number of pages that have it.
    pub pages: usize,
    /// Number of documents that have it.
    pub documents: usize,
}

/// The terms of a list: one a line, each once; empty lines and those that begin with `#` are
/// left out.
pub fn terms_of(list: &str) -> Vec<String> {
    let mut seen = HashSet::new();
    let lines = list.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#') && line.len() <= LONGEST_TERM)
        .map(str::to_owned)
        .filter(|term| seen.insert(term.clone()))
        .take(MOST_TERMS)
        .collect()
}

/// What asks for the pages that have a term: its words one after the other; a word that
/// ends with `*` is a beginning.
pub fn question(term: &str) -> String {
    let plain = term.replace('"', " ");
    let mut words = plain.split_whitespace();
    match (words.next(), words.next()) {
        (Some(word), None) if is_plain(word) => word.to_owned(),
        _ => format!("\"{}\"", plain.trim()),
    }
}

/// It says nothing but itself in the language of questions.
fn is_plain(word: &str) -> bool {
    word != "OR"
        && word
            .trim_end_matches('*')
            .chars()
            .all(char::is_alphanumeric)
}

/// Counts where each term is in a batch.
pub fn count_terms(
    reader: &Reader,
    batch: BatchId,
    terms: &[String],
) -> Result<Vec<TermHits>, LibraryError> {
    let hits = terms.iter().map(|term| {
        let pages = reader.search(batch, &question(term))?;
        let documents: HashSet<_> = pages.iter().map(|page| page.document).collect();
        Ok(TermHits {
            term: term.clone(),
            pages: pages.len(),
            documents: documents.len(),
        })
    });
    hits.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::query::Query;

    #[test]
    fn a_list_has_a_term_a_line_each_once() {
        let list = "# of the client\nnet amount\n\n  Müller \nnet amount\n";
        assert_eq!(terms_of(list), ["net amount", "Müller"]);
        assert!(terms_of(&"x".repeat(LONGEST_TERM + 1)).is_empty());
        let many: String = (0..2 * MOST_TERMS).map(|n| format!("{n}\n")).collect();
        assert_eq!(terms_of(&many).len(), MOST_TERMS);
    }

    #[test]
    fn whatever_a_term_is_it_can_be_asked_for() {
        for (term, asked) in [
            ("invoice", "invoice"),
            ("invoi*", "invoi*"),
            ("net amount", "\"net amount\""),
            ("blank:yes", "\"blank:yes\""),
            ("OR", "\"OR\""),
            ("-lease", "\"-lease\""),
            ("(a", "\"(a\""),
            ("say \"so\"", "\"say  so\""),
        ] {
            assert_eq!(question(term), asked);
            assert!(Query::parse(&question(term)).is_ok(), "{term}");
        }
    }
}
