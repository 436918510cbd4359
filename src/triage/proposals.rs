//! Proposals: what rules would say of pages. A rule is a query and a change; nothing is
//! decided by it until a person accepts it. Not for keeping rules (`library`), nor for
//! what was decided (`decisions`).

use super::fields::Subject;
use super::query::{Hits, Query};
use crate::library::{LibraryError, Reader};
use crate::model::{BatchId, Change, Decision, ProposalRule, Ruling};

/// Rules whose texts were looked up in a batch. One that cannot be read proposes nothing.
#[derive(Clone, Debug, Default)]
pub struct Proposals(Vec<(ProposalRule, Query, Hits)>);

/// What rules propose of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposal {
    /// The places of the rules, in order.
    pub rules: Vec<usize>,
    /// What they propose, in words of queries and tables: "reject", "pile Tax".
    pub words: String,
}

impl Proposal {
    /// A rule proposes it, among others maybe.
    pub fn is_by(&self, rule: usize) -> bool {
        self.rules.contains(&rule)
    }
}

impl Proposals {
    /// Looks the texts of all rules up in a batch.
    pub fn look_up(
        rules: &[ProposalRule],
        reader: &Reader,
        batch: BatchId,
    ) -> Result<Self, LibraryError> {
        let looked_up = rules.iter().map(|rule| {
            // What is wrong with a rule is said where it is written. It finds no page.
            let query = Query::parse(&rule.query).unwrap_or_default();
            let hits = query.look_up(reader, batch)?;
            Ok((rule.clone(), query, hits))
        });
        Ok(Self(looked_up.collect::<Result<_, LibraryError>>()?))
    }

    /// The rules.
    pub fn rules(&self) -> impl Iterator<Item = &ProposalRule> {
        self.0.iter().map(|(rule, ..)| rule)
    }

    /// A rule asks for texts, which pages may get later.
    pub fn ask_for_texts(&self) -> bool {
        self.0.iter().any(|(_, query, _)| !query.texts().is_empty())
    }

    /// What is proposed of a page; none where no rule asks for it, or all is said already.
    pub fn of(&self, subject: &Subject) -> Option<Proposal> {
        let nothing = Decision::default();
        let said = subject.decision().unwrap_or(&nothing);
        let applies = |(_, (rule, query, hits)): &(usize, &(ProposalRule, Query, Hits))| {
            !query.is_empty() && adds_to(&rule.change, said) && query.asks_for(subject, hits)
        };
        let rules: Vec<_> = self.0.iter().enumerate().filter(applies).collect();
        let words = rules.iter().map(|(_, (rule, ..))| in_words(&rule.change));
        (!rules.is_empty()).then(|| Proposal {
            words: words.collect::<Vec<_>>().join(", "),
            rules: rules.iter().map(|(place, _)| *place).collect(),
        })
    }
}

/// A change says something of which nothing is said yet: a person's word stands against
/// any rule.
fn adds_to(change: &Change, said: &Decision) -> bool {
    match change {
        Change::Rule(ruling) => ruling.is_some() && said.ruling.is_none(),
        Change::Pile(pile) => pile.is_some() && said.pile.is_none(),
        Change::Tag(tag) => !said.tags.contains(tag),
        Change::Note(note) => !note.is_empty() && said.note.is_empty(),
        Change::Untag(_) => false,
    }
}

/// What a change says, in words of queries and tables.
fn in_words(change: &Change) -> String {
    match change {
        Change::Rule(ruling) => ruling.map_or("none", Ruling::as_str).to_owned(),
        Change::Pile(pile) => format!("pile {}", pile.as_deref().unwrap_or("none")),
        Change::Tag(tag) => format!("tag {tag}"),
        Change::Untag(tag) => format!("no tag {tag}"),
        Change::Note(_) => "note".to_owned(),
    }
}
