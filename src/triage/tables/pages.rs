//! The table of pages: a column for each field.

use std::collections::HashMap;

use super::super::duplicates::Duplicates;
use super::super::fields::{PAGE, Subject, Surroundings};
use super::table::Table;
use super::{Known, by_document, names_of};
use crate::analysis::{DocumentVerdicts, SequenceNote, judge, judge_document, notes_of};
use crate::model::{ContentHash, DocumentId, Failure, PageKey};

/// A row for each page, in the order of the documents.
pub fn pages(known: &Known, duplicates: &Duplicates) -> Table {
    let verdicts_of: HashMap<DocumentId, DocumentVerdicts> = known
        .details
        .iter()
        .map(|(id, details)| (*id, judge_document(details)))
        .collect();
    let notes: Vec<Option<SequenceNote>> = by_document(&known.pages)
        .flat_map(|(_, pages)| notes_of(pages, &known.thresholds))
        .collect();
    let names = names_of(&known.documents);
    let reasons: HashMap<(DocumentId, u32), &Failure> = known
        .failures
        .iter()
        .filter_map(|failure| Some(((failure.document, failure.page?), failure)))
        .collect();
    let documents = known.documents.iter();
    let hashes: HashMap<DocumentId, ContentHash> = documents
        .filter_map(|document| Some((document.id, document.hash?)))
        .collect();
    let rows = known.pages.iter().zip(&notes).map(|(page, note)| {
        let document = page.id.document;
        let key = hashes.get(&document).map(|hash| PageKey {
            document: *hash,
            number: page.id.number,
        });
        let subject = Subject {
            page,
            document: names.get(&document).copied().unwrap_or_default(),
            verdicts: judge(page, &known.thresholds),
            around: Surroundings {
                document: verdicts_of.get(&document).copied().unwrap_or_default(),
                note: *note,
                exact_group: duplicates.exact.get(&page.id).copied(),
                near_group: duplicates.near.get(&page.id).copied(),
            },
            failure: reasons.get(&(document, page.id.number)).copied(),
            decision: key.and_then(|key| known.decided.now.get(&key)),
            earlier: key
                .filter(|key| !known.decided.now.contains_key(key))
                .and_then(|key| known.decided.earlier.get(&key)),
        };
        PAGE.iter().map(|field| field.in_tables(&subject)).collect()
    });
    let ids: Vec<_> = known
        .pages
        .iter()
        .map(|page| (page.id.document, Some(page.id.number)))
        .collect();
    let names: Vec<&str> = PAGE.iter().map(|field| field.name).collect();
    Table::new(&names, rows).with_findings(&known.findings, &ids)
}
