//! What pages of a batch are asked for: what is typed above them, what is wrong with it, and
//! what has what was asked for. Pure. Not for the field and its chips (`asking`), reading
//! what is typed (`triage::query`) and looking texts up, which the session does.

use std::collections::HashSet;

use crate::desk::panels::search;
use crate::model::DocumentId;
use crate::triage::fields::Subject;
use crate::triage::query::{Hits, Query, QueryError};

/// What pages are asked for, now and since what was looked up last.
#[derive(Default)]
pub struct Question {
    /// As it stands in the field.
    pub typed: String,
    problem: Option<QueryError>,
    /// What was given out to be looked up last.
    wanted: String,
    asked: Option<Asked>,
    /// How much was measured when it was looked up last.
    looked_up: u64,
}

/// A question that was looked up.
struct Asked {
    typed: String,
    query: Query,
    /// The texts in it, to be marked on pages.
    texts: String,
    /// Pages that have them.
    hits: Hits,
    /// What of the batch is asked for; none until it was counted.
    found: Option<Found>,
    /// Documents that have some, or whose names are asked for; none until that was looked
    /// up.
    documents: Option<HashSet<DocumentId>>,
}

/// What was found of what is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Pages that have it.
    pub pages: usize,
    /// Documents that are called so.
    pub named: usize,
}

/// What follows from what is typed now.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// The same is asked for as before.
    Same,
    /// All pages are.
    All,
    /// This is to be looked up.
    LookUp(String),
}

impl Question {
    /// What follows from what is typed now. While its last term cannot be read, which may be
    /// half typed, the terms before it are asked for; what is wrong in the middle of it leaves
    /// everything as it was until it is mended.
    pub fn next(&mut self) -> Next {
        let typed = search::as_typed(&self.typed);
        let (typed, query) = match Query::parse(&typed) {
            Ok(query) => {
                self.problem = None;
                (typed, query)
            }
            Err(problem) => {
                let terms = before_last(&typed, &problem);
                self.problem = Some(problem);
                let Some((terms, query)) = terms else {
                    return Next::Same;
                };
                (terms, query)
            }
        };
        let before = self.asked.as_ref().map_or("", |asked| &asked.typed);
        self.wanted.clone_from(&typed);
        if typed == before {
            return Next::Same;
        }
        if query.is_empty() {
            self.asked = None;
            return Next::All;
        }
        Next::LookUp(typed)
    }

    /// What is wrong with what is typed.
    pub fn problem(&self) -> Option<&QueryError> {
        self.problem.as_ref()
    }

    /// This was given out last to be looked up: nothing else was asked for since.
    pub fn is_wanted(&self, typed: &str) -> bool {
        self.wanted == typed
    }

    /// It was looked up.
    pub fn put(&mut self, typed: String, query: Query, hits: Hits) {
        self.asked = Some(Asked {
            typed,
            texts: query.texts().join(" "),
            query,
            hits,
            found: None,
            documents: None,
        });
    }

    /// What was asked for, if pages were measured since: `measured` grows with them.
    pub fn again(&mut self, measured: u64) -> Option<String> {
        let asked = self.asked.as_ref()?;
        let has_more = std::mem::replace(&mut self.looked_up, measured) != measured;
        has_more.then(|| asked.typed.clone())
    }

    /// What is asked for was looked for: how much was found, and the documents that have some
    /// or whose names are asked for.
    pub fn found(&mut self, found: Found, documents: HashSet<DocumentId>) {
        if let Some(asked) = &mut self.asked {
            asked.found = Some(found);
            asked.documents = Some(documents);
        }
    }

    /// How much is asked for, where not all is and it was counted.
    pub fn count(&self) -> Option<Found> {
        self.asked.as_ref().and_then(|asked| asked.found)
    }

    /// What is asked for, as it was looked up; none: all pages are.
    pub fn asked(&self) -> Option<&str> {
        self.asked.as_ref().map(|asked| asked.typed.as_str())
    }

    /// The texts in it; empty where none are.
    pub fn texts(&self) -> &str {
        self.asked.as_ref().map_or("", |asked| &asked.texts)
    }

    /// Whether it asks for a page.
    pub fn asks_for(&self, subject: &Subject) -> bool {
        let asked = self.asked.as_ref();
        asked.is_none_or(|asked| asked.query.asks_for(subject, &asked.hits))
    }

    /// Whether a page has what is asked for, whatever its document is called.
    pub fn is_on(&self, subject: &Subject) -> bool {
        let asked = self.asked.as_ref();
        asked.is_none_or(|asked| asked.query.is_on(subject, &asked.hits))
    }

    /// Whether it asks for a name.
    pub fn names(&self, name: &str) -> bool {
        let asked = self.asked.as_ref();
        asked.is_none_or(|asked| search::is_named(name, &asked.typed))
    }

    /// Whether a document has what is asked for; any does where nothing is.
    pub fn has(&self, document: DocumentId) -> bool {
        let asked = self.asked.as_ref();
        let documents = asked.and_then(|asked| asked.documents.as_ref());
        documents.is_none_or(|documents| documents.contains(&document))
    }

    /// The pages of a document are no more.
    pub fn forget(&mut self, document: DocumentId) {
        if let Some(asked) = &mut self.asked {
            for pages in &mut asked.hits.0 {
                pages.retain(|page| page.document != document);
            }
        }
    }

    /// Goes on with what was asked of the same batch before it was loaded anew.
    pub fn keep(&mut self, old: Self) {
        self.typed = old.typed;
        self.wanted = old.wanted;
        self.asked = old.asked;
    }
}

/// The terms before the last one, where that one cannot be read and the others can.
fn before_last(typed: &str, problem: &QueryError) -> Option<(String, Query)> {
    let last = typed.rfind(char::is_whitespace).map_or(0, |at| at + 1);
    if problem.at < last {
        return None;
    }
    let terms = typed[..last].trim_end();
    let query = Query::parse(terms).ok()?;
    Some((terms.to_owned(), query))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typing(question: &mut Question, typed: &str) -> Next {
        typed.clone_into(&mut question.typed);
        question.next()
    }

    fn put(question: &mut Question, typed: &str) {
        let query = Query::parse(typed).unwrap();
        question.put(typed.to_owned(), query, Hits::default());
    }

    #[test]
    fn a_last_term_that_is_half_typed_asks_for_nothing_yet() {
        let mut question = Question::default();
        assert_eq!(
            typing(&mut question, "kind:scan"),
            Next::LookUp("kind:scan".to_owned())
        );
        put(&mut question, "kind:scan");
        assert_eq!(typing(&mut question, "kind:scan blank:y"), Next::Same);
        assert!(question.problem().is_some() && question.is_wanted("kind:scan"));
        let whole = "kind:scan blank:yes";
        assert_eq!(typing(&mut question, whole), Next::LookUp(whole.to_owned()));
        assert!(question.problem().is_none());
        // A word that turns out to be the name of a field has found nothing.
        let mut question = Question::default();
        typing(&mut question, "blank");
        put(&mut question, "blank*");
        assert_eq!(typing(&mut question, "blank:"), Next::All);
        assert_eq!(typing(&mut question, "blank:y"), Next::Same);
    }

    #[test]
    fn what_is_wrong_in_the_middle_leaves_what_was_asked_for() {
        let mut question = Question::default();
        typing(&mut question, "kind:scan");
        put(&mut question, "kind:scan");
        assert_eq!(typing(&mut question, "blank:y kind:scan"), Next::Same);
        assert_eq!(question.asked(), Some("kind:scan"));
        assert!(question.problem().is_some());
    }
}
