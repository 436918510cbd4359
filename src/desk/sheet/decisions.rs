//! What people said of the pages of a batch, by the content of each, and which piles and tags
//! that makes. Not for saying it (`app`), nor for what rules propose (`proposed`).

use std::collections::{BTreeSet, HashSet};

use rayon::prelude::*;

use crate::model::{Change, Decision, PageKey};
use crate::triage::{Decided, EarlierDecision, Steps};

/// What is said of pages.
#[derive(Default)]
pub struct Decisions {
    all: Decided,
    /// Piles that pages are on, and tags that they have.
    piles: BTreeSet<String>,
    tags: BTreeSet<String>,
    /// Number of pages that are decided, and whether it is to be counted anew.
    decided: usize,
    is_stale: bool,
}

impl Decisions {
    /// All that is said.
    pub(super) fn put(&mut self, all: Decided) {
        self.all = all;
        self.is_stale = true;
        self.note_words();
    }

    /// What holds of some pages now, and what undoing and redoing would do.
    pub(super) fn change(&mut self, changed: Vec<(PageKey, Decision)>, steps: Steps) {
        for (page, decision) in changed {
            match decision.is_empty() {
                true => self.all.now.remove(&page),
                false => self.all.now.insert(page, decision),
            };
        }
        self.all.steps = steps;
        self.is_stale = true;
        self.note_words();
    }

    /// Pages came or went.
    pub(super) fn pages_changed(&mut self) {
        self.is_stale = true;
    }

    fn note_words(&mut self) {
        let said = || self.all.now.values();
        self.piles = said().filter_map(|said| said.pile.clone()).collect();
        self.tags = said().flat_map(|said| said.tags.iter().cloned()).collect();
    }

    /// Counts the pages that are decided, where that is to be done anew.
    pub(super) fn keep_up(&mut self, pages: impl ParallelIterator<Item = PageKey>) {
        if std::mem::take(&mut self.is_stale) {
            self.decided = match self.all.now.is_empty() {
                true => 0,
                false => pages.filter(|page| self.is_decided(page)).count(),
            };
        }
    }

    pub fn of(&self, page: &PageKey) -> Option<&Decision> {
        self.all.now.get(page)
    }

    /// Somebody kept, rejected or flagged it.
    pub fn is_decided(&self, page: &PageKey) -> bool {
        self.of(page).is_some_and(|said| said.ruling.is_some())
    }

    /// What was said of a page in another batch, where nothing is said of it here.
    pub fn earlier(&self, page: &PageKey) -> Option<&EarlierDecision> {
        self.all.earlier_of(page)
    }

    /// Somebody has seen a page.
    pub fn is_seen(&self, page: &PageKey) -> bool {
        self.all.seen.contains(page)
    }

    /// Notes a page as seen; false where it was already.
    pub(super) fn see(&mut self, page: PageKey) -> bool {
        self.all.seen.insert(page)
    }

    /// What undoing and redoing would do.
    pub fn steps(&self) -> &Steps {
        &self.all.steps
    }

    /// Number of pages that are decided.
    pub fn count(&self) -> usize {
        self.decided
    }

    /// Piles that pages are on.
    pub fn piles(&self) -> &BTreeSet<String> {
        &self.piles
    }

    /// Tags that pages have.
    pub fn tags(&self) -> &BTreeSet<String> {
        &self.tags
    }

    /// Piles that can be chosen: those a person keeps, then others that pages are on.
    pub fn piles_to_choose(&self, kept: &[String]) -> Vec<String> {
        let known: HashSet<&String> = kept.iter().collect();
        let others = self.piles.iter().filter(|pile| !known.contains(pile));
        kept.iter().chain(others).cloned().collect()
    }
}

/// Whether a page is ruled, or lies on a pile, otherwise than is to be said of it now.
pub(super) fn is_otherwise(said: &Decision, changes: &[Change]) -> bool {
    changes.iter().any(|change| match change {
        Change::Rule(ruling) => said.ruling.is_some() && said.ruling != *ruling,
        Change::Pile(pile) => said.pile.is_some() && said.pile != *pile,
        Change::Tag(_) | Change::Untag(_) | Change::Note(_) => false,
    })
}
