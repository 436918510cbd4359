//! The table of pages: a column for each field, and a row for each page that is asked
//! for.

use std::collections::HashMap;

use super::super::decisions::EarlierDecision;
use super::super::duplicates::Duplicates;
use super::super::families::Families;
use super::super::fields::{Knowledge, PAGE, Subject, Surroundings};
use super::super::proposals::Proposal;
use super::super::query::{Hits, Query};
use super::table::Table;
use super::{Known, by_document, names_of};
use crate::analysis::{DocumentVerdicts, SequenceNote, Thresholds, judge_document, notes_of};
use crate::model::{ContentHash, Decision, DocumentId, Failure, Page, PageId, PageKey};

/// What is known of the pages of a batch by what is around them.
pub(super) struct Around<'a> {
    known: &'a Known,
    duplicates: &'a Duplicates,
    names: HashMap<DocumentId, &'a str>,
    families: Families,
    hashes: HashMap<DocumentId, ContentHash>,
    verdicts: HashMap<DocumentId, DocumentVerdicts>,
    reasons: HashMap<(DocumentId, u32), &'a Failure>,
    /// What the place of each page in its document says, first to last.
    notes: HashMap<DocumentId, Vec<Option<SequenceNote>>>,
    /// What rules propose, once that was asked.
    proposed: HashMap<PageId, Proposal>,
}

impl<'a> Around<'a> {
    pub(super) fn new(known: &'a Known, duplicates: &'a Duplicates) -> Self {
        let documents = known.documents.iter();
        let details = known.details.iter();
        let failures = known.failures.iter();
        Self {
            known,
            duplicates,
            names: names_of(&known.documents),
            families: Families::of(known.documents.iter()),
            hashes: documents
                .filter_map(|document| Some((document.id, document.hash?)))
                .collect(),
            verdicts: details
                .map(|(id, details)| (*id, judge_document(details)))
                .collect(),
            reasons: failures
                .filter_map(|failure| Some(((failure.document, failure.page?), failure)))
                .collect(),
            notes: by_document(&known.pages)
                .map(|(id, pages)| (id, notes_of(pages, &known.thresholds)))
                .collect(),
            proposed: HashMap::new(),
        }
    }

    /// All pages, in the order of the documents.
    pub(super) fn subjects(&self) -> impl Iterator<Item = Subject<'_>> {
        self.known.pages.iter().map(|page| Subject::new(page, self))
    }

    /// All pages as rules see them.
    fn before_rules(&self) -> impl Iterator<Item = Subject<'_>> {
        let pages = self.known.pages.iter();
        pages.map(|page| Subject::before_rules(page, self))
    }

    /// The same, and what rules propose.
    fn with_proposals(mut self) -> Self {
        let of = |subject: Subject<'_>| Some((subject.page.id, self.known.proposals.of(&subject)?));
        self.proposed = self.before_rules().filter_map(of).collect();
        self
    }

    fn key_of(&self, page: PageId) -> Option<PageKey> {
        self.hashes.get(&page.document).map(|hash| PageKey {
            document: *hash,
            number: page.number,
        })
    }
}

impl Knowledge for Around<'_> {
    fn document_name(&self, document: DocumentId) -> &str {
        self.names.get(&document).copied().unwrap_or_default()
    }

    fn attached_to(&self, document: DocumentId) -> Option<&str> {
        self.names.get(&self.families.holder(document)?).copied()
    }

    fn thresholds(&self) -> &Thresholds {
        &self.known.thresholds
    }

    fn before(&self, page: PageId) -> Option<&Page> {
        self.known.before.get(&page).map(AsRef::as_ref)
    }

    fn surroundings(&self, page: PageId) -> Surroundings {
        Surroundings::of(page, &self.verdicts, &self.notes, self.duplicates)
    }

    fn failure(&self, page: PageId) -> Option<&Failure> {
        self.reasons.get(&(page.document, page.number)).copied()
    }

    fn decision(&self, page: PageId) -> Option<&Decision> {
        self.known.decided.now.get(&self.key_of(page)?)
    }

    fn is_seen(&self, page: PageId) -> bool {
        let key = self.key_of(page);
        key.is_some_and(|key| self.known.decided.seen.contains(&key))
    }

    fn earlier(&self, page: PageId) -> Option<&EarlierDecision> {
        self.known.decided.earlier_of(&self.key_of(page)?)
    }

    fn proposed(&self, page: PageId) -> Option<&str> {
        self.proposed.get(&page).map(|p| p.words.as_str())
    }
}

/// The pages of which a rule proposes something, in the order of the documents.
pub fn proposed_by(known: &Known, duplicates: &Duplicates, rule: usize) -> Vec<PageId> {
    let around = Around::new(known, duplicates);
    let is_meant = |subject: &Subject| {
        let proposal = known.proposals.of(subject);
        proposal.is_some_and(|proposal| proposal.is_by(rule))
    };
    let meant = around.before_rules().filter(is_meant);
    meant.map(|subject| subject.page.id).collect()
}

/// A row for each page, in the order of the documents.
pub fn pages(known: &Known, duplicates: &Duplicates) -> Table {
    pages_where(known, duplicates, &Query::default(), &Hits::default())
}

/// A row for each page that is asked for, in the order of the documents.
pub fn pages_where(known: &Known, duplicates: &Duplicates, query: &Query, hits: &Hits) -> Table {
    let around = Around::new(known, duplicates).with_proposals();
    let asked: Vec<Subject> = around
        .subjects()
        .filter(|subject| query.asks_for(subject, hits))
        .collect();
    let ids: Vec<_> = asked
        .iter()
        .map(|subject| (subject.page.id.document, Some(subject.page.id.number)))
        .collect();
    let rows = asked
        .iter()
        .map(|subject| PAGE.iter().map(|field| field.in_tables(subject)).collect());
    let names: Vec<&str> = PAGE.iter().map(|field| field.name).collect();
    Table::new(&names, rows).with_findings(&known.findings, &ids)
}

/// The pages that are asked for, in the order of the documents.
pub fn found(known: &Known, duplicates: &Duplicates, query: &Query, hits: &Hits) -> Vec<PageId> {
    let around = Around::new(known, duplicates).with_proposals();
    let asked = around
        .subjects()
        .filter(|subject| query.asks_for(subject, hits));
    asked.map(|subject| subject.page.id).collect()
}
