//! The terms of a query as it was typed: one is added, taken away or turned round without
//! typing. Not for what a query asks for ([`Query`]).

use std::ops::Range;

use super::parse::things;
use super::{Node, Query};

/// How a term stands in a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stance {
    /// It is not among what all pages have to be.
    Absent,
    /// All pages have to be so.
    Wanted,
    /// None may be so.
    Unwanted,
}

/// What was typed, term by term.
pub struct Terms<'a> {
    typed: &'a str,
    /// Where each is that all pages have to be, and what it asks for.
    known: Vec<(Range<usize>, Node)>,
    /// All of it is one thing: alternatives without parentheses around them.
    is_alternatives: bool,
}

impl<'a> Terms<'a> {
    /// Those of what was typed; none where that is not understood.
    pub fn of(typed: &'a str) -> Option<Self> {
        let whole = Query::parse(typed).ok()?;
        let listed = match whole.is_empty() {
            true => Some(Vec::new()),
            false => things(typed),
        };
        Some(Self {
            typed,
            is_alternatives: listed.is_none(),
            known: listed.unwrap_or_else(|| vec![(0..typed.len(), whole.root)]),
        })
    }

    /// How a term stands in it; one that is not understood is absent.
    pub fn stance(&self, term: &str) -> Stance {
        let Ok(wanted) = Query::parse(term) else {
            return Stance::Absent;
        };
        let has = |node: &Node| self.known.iter().any(|(_, known)| known == node);
        if has(&wanted.root) {
            Stance::Wanted
        } else if has(&Node::Not(Box::new(wanted.root))) {
            Stance::Unwanted
        } else {
            Stance::Absent
        }
    }

    /// What is typed once a term stands so. It stands first: a word at the end is still
    /// being typed.
    pub fn with(&self, term: &str, stance: Stance) -> String {
        let asked = Query::parse(term).map(|query| query.root);
        let asked = asked.unwrap_or(Node::All(Vec::new()));
        let refused = Node::Not(Box::new(asked.clone()));
        let new = match stance {
            Stance::Absent => None,
            Stance::Wanted => Some(term.to_owned()),
            Stance::Unwanted => Some(format!("-{term}")),
        };
        let others = self.known.iter();
        let others = others.filter(|(_, known)| *known != asked && *known != refused);
        let others = others.map(|(at, _)| {
            let typed = self.typed[at.clone()].trim();
            match self.is_alternatives {
                true => format!("({typed})"),
                false => typed.to_owned(),
            }
        });
        let all: Vec<String> = new.into_iter().chain(others).collect();
        // After a space, the last word is whole.
        let end = self.typed.ends_with(char::is_whitespace) && all.len() > 1;
        all.join(" ") + if end { " " } else { "" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::fields::Said;

    fn with(typed: &str, term: &str, stance: Stance) -> String {
        Terms::of(typed).unwrap().with(term, stance)
    }

    #[test]
    fn terms_come_and_go_and_the_rest_stays_as_it_was_typed() {
        use Stance::{Absent, Unwanted, Wanted};
        for (typed, stance, becomes) in [
            ("", Wanted, "blank:yes"),
            ("", Unwanted, "-blank:yes"),
            ("", Absent, ""),
            ("net amo", Wanted, "blank:yes net amo"),
            ("net amount ", Wanted, "blank:yes net amount "),
            ("blank:yes net amo", Absent, "net amo"),
            ("net  blank=YES \"a b\"", Absent, "net \"a b\""),
            ("net -blank:yes", Wanted, "blank:yes net"),
            ("net -blank:yes", Absent, "net"),
            ("blank:yes", Unwanted, "-blank:yes"),
            ("a OR b", Wanted, "blank:yes (a OR b)"),
            ("(a) OR (b)", Wanted, "blank:yes ((a) OR (b))"),
            ("(a OR b) (c OR d)", Wanted, "blank:yes (a OR b) (c OR d)"),
            // One of alternatives is none of what all have to be.
            ("blank:yes OR b", Absent, "(blank:yes OR b)"),
        ] {
            assert_eq!(with(typed, "blank:yes", stance), becomes, "{typed}");
        }
        assert!(Terms::of("blank:perhaps").is_none());
        assert!(Terms::of("(a").is_none());
    }

    #[test]
    fn whatever_can_be_said_is_a_term_that_comes_and_goes() {
        for said in Said::all() {
            let term = said.question();
            for typed in ["", "harbour", "a OR b"] {
                for stance in [Stance::Wanted, Stance::Unwanted] {
                    let added = with(typed, &term, stance);
                    let terms = Terms::of(&added).unwrap();
                    assert_eq!(terms.stance(&term), stance, "{added}");
                    let gone = terms.with(&term, Stance::Absent);
                    assert_eq!(Terms::of(&gone).unwrap().stance(&term), Stance::Absent);
                }
            }
        }
    }
}
