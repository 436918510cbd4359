//! The table of documents: what is known of each, and the sums over its pages.

use std::collections::HashMap;

use serde_json::json;

use super::table::{Table, yes_or_no};
use super::{Known, by_document, names_of};
use crate::analysis::{Sums, judge_document, sum_up};
use crate::model::{DocumentDetails, DocumentId, Failure, SecurityName};

/// A row for each document.
pub fn documents(known: &Known) -> Table {
    let Known {
        documents,
        pages,
        failures,
        findings,
        details,
        thresholds,
        ..
    } = known;
    let names = names_of(documents);
    let reasons: HashMap<DocumentId, &Failure> = failures
        .iter()
        .filter(|failure| failure.page.is_none())
        .map(|failure| (failure.document, failure))
        .collect();
    let sums: HashMap<DocumentId, Sums> = by_document(pages)
        .map(|(id, pages)| (id, sum_up(pages, thresholds)))
        .collect();
    let rows = documents.iter().map(|document| {
        let sums = sums.get(&document.id);
        let sum = |of: fn(&Sums) -> u32| json!(sums.map(of));
        let verdicts = details.get(&document.id).map(judge_document);
        let failure = reasons.get(&document.id);
        let inspected = details.get(&document.id);
        let structure = inspected.and_then(|details| details.structure.as_ref());
        let has = |name| yes_or_no(inspected.and_then(|details| details.has(name)));
        vec![
            json!(document.name),
            json!(document.status.in_tables()),
            json!(document.pages),
            yes_or_no(inspected.and_then(DocumentDetails::has_javascript)),
            has(SecurityName::Launch),
            has(SecurityName::OpenAction),
            yes_or_no(inspected.and_then(DocumentDetails::has_attachments)),
            has(SecurityName::XFA),
            yes_or_no(Some(
                document.encrypted || structure.is_some_and(|found| found.encryption.is_some()),
            )),
            yes_or_no(structure.map(|found| found.signatures > 0)),
            yes_or_no(structure.map(|found| found.acroform)),
            json!(inspected.map(DocumentDetails::revisions)),
            yes_or_no(inspected.map(|details| !details.hidden_names().is_empty())),
            json!(structure.map(|found| found.fonts.len())),
            yes_or_no(inspected.map(DocumentDetails::counts_differ)),
            yes_or_no(verdicts.and_then(|verdicts| verdicts.active)),
            yes_or_no(verdicts.and_then(|verdicts| verdicts.unhealthy)),
            sum(|sums| sums.blank),
            sum(|sums| sums.almost_blank),
            sum(|sums| sums.scans),
            sum(|sums| sums.needs_ocr),
            sum(|sums| sums.needs_ocr_in_part),
            sum(|sums| sums.garbled),
            sum(|sums| sums.coloured),
            sum(|sums| sums.skewed),
            sum(|sums| sums.turned),
            sum(|sums| sums.low_resolution),
            sum(|sums| sums.separators),
            sum(|sums| sums.with_barcodes),
            sum(|sums| sums.sequence_breaks),
            sum(|sums| sums.missed_separators),
            json!(sums.map(|sums| {
                let languages = sums.languages().into_iter();
                let listed: Vec<String> = languages
                    .map(|(language, pages)| format!("{language} {pages}"))
                    .collect();
                listed.join(";")
            })),
            json!(document.bytes),
            json!(document.hash.map(|hash| hash.to_string())),
            json!(document.duplicate_of.and_then(|id| names.get(&id))),
            json!(failure.map(|failure| failure.kind.as_str())),
            json!(failure.map(|failure| failure.reason())),
        ]
    });
    let ids: Vec<_> = documents
        .iter()
        .map(|document| (document.id, None))
        .collect();
    Table::new(
        &[
            "document",
            "status",
            "pages",
            "javascript",
            "launch",
            "open_action",
            "embedded_file",
            "xfa",
            "encrypted",
            "signed",
            "acroform",
            "revisions",
            "hidden_names",
            "fonts",
            "page_counts_differ",
            "active",
            "unhealthy",
            "blank_pages",
            "almost_blank_pages",
            "scan_pages",
            "needs_ocr_pages",
            "needs_ocr_in_part_pages",
            "garbled_pages",
            "colour_pages",
            "skewed_pages",
            "turned_pages",
            "low_resolution_pages",
            "separator_pages",
            "barcode_pages",
            "sequence_breaks",
            "missed_separators",
            "languages",
            "bytes",
            "blake3",
            "duplicate_of",
            "failure",
            "reason",
        ],
        rows,
    )
    .with_findings(findings, &ids)
}
