//! What rules propose of the pages of a batch. Not for the rules (`triage::Proposals`), nor for
//! accepting what they propose (`app`).

use std::collections::HashMap;

use crate::model::{PageId, ProposalRule};
use crate::triage::{Proposal, Proposals};

/// Rules, once they were looked up, and what they propose.
#[derive(Default)]
pub struct Proposed {
    rules: Option<Proposals>,
    of_pages: HashMap<PageId, Proposal>,
    is_stale: bool,
}

impl Proposed {
    /// The rules were looked up.
    pub(super) fn put_rules(&mut self, rules: Proposals) {
        self.rules = Some(rules);
    }

    /// The rules of `old`: what they propose of the pages is to be worked out.
    pub(super) fn keep_rules(&mut self, old: Self) {
        self.rules = old.rules;
    }

    /// Something else is known of pages than when proposals were worked out.
    pub(super) fn pages_changed(&mut self) {
        self.is_stale = true;
    }

    /// All that is proposed now.
    pub(super) fn put(&mut self, of_pages: HashMap<PageId, Proposal>) {
        self.is_stale = false;
        self.of_pages = of_pages;
    }

    /// What is proposed of a page now.
    pub(super) fn put_of(&mut self, page: PageId, proposal: Option<Proposal>) {
        match proposal {
            Some(proposal) => self.of_pages.insert(page, proposal),
            None => self.of_pages.remove(&page),
        };
    }

    /// The rules, where they were looked up.
    pub(super) fn proposals(&self) -> Option<&Proposals> {
        self.rules.as_ref()
    }

    /// The rules that propose; none until they were looked up.
    pub fn rules(&self) -> impl Iterator<Item = &ProposalRule> {
        self.rules.iter().flat_map(Proposals::rules)
    }

    /// The rules were looked up: there are no others.
    pub fn knows_rules(&self) -> bool {
        self.rules.is_some()
    }

    /// What is proposed is to be worked out anew.
    pub fn is_stale(&self) -> bool {
        self.is_stale && self.rules().next().is_some()
    }

    /// Rules ask for texts, which pages may have by now.
    pub fn asks_for_texts(&self) -> bool {
        self.rules.as_ref().is_some_and(Proposals::ask_for_texts)
    }

    /// What is proposed of a page.
    pub fn of(&self, page: PageId) -> Option<&Proposal> {
        self.of_pages.get(&page)
    }

    /// A rule proposes something of a page.
    pub fn is_by(&self, page: PageId, rule: usize) -> bool {
        self.of(page).is_some_and(|proposal| proposal.is_by(rule))
    }

    /// Number of pages of which a rule proposes something.
    pub fn count(&self, rule: usize) -> usize {
        let proposals = self.of_pages.values();
        proposals.filter(|proposal| proposal.is_by(rule)).count()
    }

    /// Number of pages of which any rule does.
    pub fn count_all(&self) -> usize {
        self.of_pages.len()
    }
}
