//! The table of documents: a column for each field, and a row for each document.

use std::collections::HashMap;

use super::super::families::Families;
use super::super::fields::{DOCUMENT, DocumentSubject};
use super::table::Table;
use super::{Known, by_document, names_of};
use crate::analysis::{Sums, judge_document, sum_up};
use crate::model::{DocumentId, Failure, PageKey};

/// A row for each document.
pub fn documents(known: &Known) -> Table {
    let documents = &known.documents;
    let names = names_of(documents);
    let families = Families::of(documents.iter());
    let failures = known.failures.iter();
    let reasons: HashMap<DocumentId, &Failure> = failures
        .filter(|failure| failure.page.is_none())
        .map(|failure| (failure.document, failure))
        .collect();
    let sums: HashMap<DocumentId, Sums> = by_document(&known.pages)
        .map(|(id, pages)| (id, sum_up(pages, &known.thresholds)))
        .collect();
    let rows = documents.iter().map(|document| {
        let details = known.details.get(&document.id);
        let is_decided = |number: &u32| {
            let page = document.hash.map(|hash| PageKey {
                document: hash,
                number: *number,
            });
            let said = page.and_then(|page| known.decided.now.get(&page));
            said.is_some_and(|said| said.ruling.is_some())
        };
        let decided = (1..=document.pages).filter(is_decided).count();
        let original = document.duplicate_of.and_then(|id| names.get(&id));
        let subject = DocumentSubject {
            document,
            sums: sums.get(&document.id),
            decided: u32::try_from(decided).unwrap_or(u32::MAX),
            verdicts: details.map(judge_document),
            details,
            failure: reasons.get(&document.id).copied(),
            original: original.copied(),
            attached_to: families
                .holder(document.id)
                .and_then(|holder| names.get(&holder).copied()),
        };
        let fields = DOCUMENT.iter();
        let values = fields.map(|field| (field.value)(&subject).in_tables(field.kind));
        values.collect()
    });
    let ids: Vec<_> = documents
        .iter()
        .map(|document| (document.id, None))
        .collect();
    let names: Vec<&str> = DOCUMENT.iter().map(|field| field.name).collect();
    Table::new(&names, rows).with_findings(&known.findings, &ids)
}
