//! The table of pages: a column for each field, and a row for each page that is asked
//! for.

use std::collections::HashMap;

use super::super::duplicates::Duplicates;
use super::super::fields::{Before, PAGE, Subject, Surroundings};
use super::super::proposals::Proposal;
use super::super::query::{Hits, Query};
use super::table::Table;
use super::{Known, by_document, names_of};
use crate::analysis::{DocumentVerdicts, SequenceNote, judge, judge_document, notes_of};
use crate::model::{ContentHash, DocumentId, Failure, Page, PageId, PageKey};

/// What is known of the pages of a batch by what is around them.
pub(super) struct Around<'a> {
    known: &'a Known,
    duplicates: &'a Duplicates,
    names: HashMap<DocumentId, &'a str>,
    hashes: HashMap<DocumentId, ContentHash>,
    verdicts: HashMap<DocumentId, DocumentVerdicts>,
    reasons: HashMap<(DocumentId, u32), &'a Failure>,
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
            hashes: documents
                .filter_map(|document| Some((document.id, document.hash?)))
                .collect(),
            verdicts: details
                .map(|(id, details)| (*id, judge_document(details)))
                .collect(),
            reasons: failures
                .filter_map(|failure| Some(((failure.document, failure.page?), failure)))
                .collect(),
        }
    }

    fn subject(&self, page: &'a Page, note: Option<SequenceNote>) -> Subject<'_> {
        let document = page.id.document;
        let key = self.hashes.get(&document).map(|hash| PageKey {
            document: *hash,
            number: page.id.number,
        });
        let decided = &self.known.decided;
        let decision = key.and_then(|key| decided.now.get(&key));
        let earlier = key.and_then(|key| decided.earlier.get(&key));
        Subject {
            page,
            document: self.names.get(&document).copied().unwrap_or_default(),
            verdicts: judge(page, &self.known.thresholds),
            before: self
                .known
                .before
                .get(&page.id)
                .map(|page| Before::of(page, &self.known.thresholds)),
            around: Surroundings {
                document: self.verdicts.get(&document).copied().unwrap_or_default(),
                note,
                exact_group: self.duplicates.exact.get(&page.id).copied(),
                near_group: self.duplicates.near.get(&page.id).copied(),
                similar_group: self.duplicates.similar.get(&page.id).copied(),
            },
            failure: self.reasons.get(&(document, page.id.number)).copied(),
            decision,
            seen: key.is_some_and(|key| decided.seen.contains(&key)),
            earlier: earlier.filter(|_| decision.is_none()),
            proposed: None,
        }
    }

    /// All pages, in the order of the documents.
    pub(super) fn subjects(&self) -> impl Iterator<Item = Subject<'_>> {
        by_document(&self.known.pages).flat_map(|(_, pages)| {
            let notes = notes_of(pages, &self.known.thresholds);
            let pages = pages.iter().zip(notes);
            pages.map(|(page, note)| self.subject(page, note))
        })
    }

    /// What rules propose, page by page.
    fn proposed(&self) -> HashMap<PageId, Proposal> {
        let of = |subject: Subject<'_>| Some((subject.page.id, self.known.proposals.of(&subject)?));
        self.subjects().filter_map(of).collect()
    }

    /// All pages, with what is proposed of them.
    fn subjects_with<'s>(
        &'s self,
        proposed: &'s HashMap<PageId, Proposal>,
    ) -> impl Iterator<Item = Subject<'s>> {
        self.subjects().map(|subject| Subject {
            proposed: proposed.get(&subject.page.id).map(|p| p.words.as_str()),
            ..subject
        })
    }
}

/// The pages of which a rule proposes something, in the order of the documents.
pub fn proposed_by(known: &Known, duplicates: &Duplicates, rule: usize) -> Vec<PageId> {
    let around = Around::new(known, duplicates);
    let is_meant = |subject: &Subject| {
        let proposal = known.proposals.of(subject);
        proposal.is_some_and(|proposal| proposal.is_by(rule))
    };
    let meant = around.subjects().filter(is_meant);
    meant.map(|subject| subject.page.id).collect()
}

/// A row for each page, in the order of the documents.
pub fn pages(known: &Known, duplicates: &Duplicates) -> Table {
    pages_where(known, duplicates, &Query::default(), &Hits::default())
}

/// A row for each page that is asked for, in the order of the documents.
pub fn pages_where(known: &Known, duplicates: &Duplicates, query: &Query, hits: &Hits) -> Table {
    let around = Around::new(known, duplicates);
    let proposed = around.proposed();
    let asked: Vec<Subject> = around
        .subjects_with(&proposed)
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
    let around = Around::new(known, duplicates);
    let proposed = around.proposed();
    let asked = around
        .subjects_with(&proposed)
        .filter(|subject| query.asks_for(subject, hits));
    asked.map(|subject| subject.page.id).collect()
}
