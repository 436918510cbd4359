//! The table of pages: where each stands, the verdicts on it, and what was measured.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::super::duplicates::Duplicates;
use super::table::{Table, rounded, yes_or_no};
use super::{Known, by_document, names_of, reason};
use crate::analysis::{
    Blank, DocumentVerdicts, Kind, NeedsOcr, SequenceNote, judge, judge_document, notes_of,
};
use crate::model::{Disagreement, DocumentId, Failure, Tone};

/// A row for each page, in the order of the documents.
pub fn pages(known: &Known, duplicates: &Duplicates) -> Table {
    let Known {
        documents,
        pages,
        failures,
        findings,
        details,
        thresholds,
    } = known;
    let verdicts_of: HashMap<DocumentId, DocumentVerdicts> = details
        .iter()
        .map(|(id, details)| (*id, judge_document(details)))
        .collect();
    let notes: Vec<Option<SequenceNote>> = by_document(pages)
        .flat_map(|(_, pages)| notes_of(pages, thresholds))
        .collect();
    let names = names_of(documents);
    let reasons: HashMap<(DocumentId, u32), &Failure> = failures
        .iter()
        .filter_map(|failure| Some(((failure.document, failure.page?), failure)))
        .collect();
    let rows = pages.iter().zip(&notes).map(|(page, note)| {
        let document = verdicts_of.get(&page.id.document);
        let (width, height) = page.shape.millimetres();
        let measured = page.measurements.as_ref();
        let signals = measured.map(|m| &m.signals);
        let contents = signals.and_then(|signals| signals.contents.as_ref());
        let marks = signals.and_then(|signals| signals.marks);
        let tones = signals.and_then(|signals| signals.tones);
        let verdicts = judge(page, thresholds);
        let failure = reasons.get(&(page.id.document, page.id.number));
        let barcodes = signals.and_then(|signals| signals.barcodes.as_ref());
        let share = |share: Option<f32>| share.map_or(Value::Null, |s| rounded(s.into(), 5));
        vec![
            json!(names.get(&page.id.document)),
            json!(page.id.number),
            json!(page.state.in_tables()),
            json!(verdicts.blank.map(Blank::as_str)),
            yes_or_no(verdicts.structurally_empty),
            json!(verdicts.kind.map(Kind::as_str)),
            json!(verdicts.needs_ocr.map(NeedsOcr::as_str)),
            json!(verdicts.colour.map(Tone::as_str)),
            verdicts
                .skew
                .map_or(Value::Null, |skew| rounded(skew.into(), 2)),
            json!(signals.and_then(|signals| signals.text.language.as_ref())),
            json!(duplicates.exact.get(&page.id)),
            json!(duplicates.near.get(&page.id)),
            json!(barcodes.map(|codes| {
                let texts: Vec<&str> = codes.iter().map(|code| code.text.as_str()).collect();
                texts.join(";")
            })),
            yes_or_no(verdicts.separator),
            yes_or_no(verdicts.garbled),
            verdicts
                .dpi
                .map_or(Value::Null, |dpi| rounded(dpi.into(), 0)),
            json!(page.shape.rotation),
            rounded(f64::from(width), 1),
            rounded(f64::from(height), 1),
            share(measured.and_then(|m| m.ink)),
            json!(measured.map(|m| m.characters)),
            json!(measured.map(|m| m.words)),
            yes_or_no(signals.map(|signals| signals.text.cut)),
            json!(contents.map(|contents| contents.images)),
            share(contents.map(|contents| contents.image_cover)),
            json!(marks.map(|marks| marks.body)),
            json!(marks.map(|marks| marks.border)),
            share(tones.map(|tones| tones.coloured)),
            share(tones.map(|tones| tones.gray)),
            yes_or_no(measured.map(|_| verdicts.turned)),
            json!(
                signals
                    .and_then(|signals| signals.printed)
                    .map(|printed| printed.number)
            ),
            yes_or_no(measured.map(|_| note.is_some_and(SequenceNote::is_break))),
            yes_or_no(measured.map(|_| note.is_some_and(SequenceNote::is_missed_separator))),
            yes_or_no(document.and_then(|document| document.signed)),
            yes_or_no(document.and_then(|document| document.active)),
            yes_or_no(document.and_then(|document| document.unhealthy)),
            json!(measured.map(|m| m.engine.as_str())),
            json!(
                measured
                    .and_then(|m| m.disagreement)
                    .map(Disagreement::as_str)
            ),
            measured.map_or(Value::Null, |m| rounded(f64::from(m.micros) / 1000.0, 2)),
            json!(failure.map(|failure| failure.kind.as_str())),
            json!(failure.map(|failure| reason(failure))),
        ]
    });
    let ids: Vec<_> = pages
        .iter()
        .map(|page| (page.id.document, Some(page.id.number)))
        .collect();
    Table::new(
        &[
            "document",
            "page",
            "status",
            "blank",
            "structurally_empty",
            "kind",
            "needs_ocr",
            "colour",
            "skew_deg",
            "language",
            "exact_dup_group",
            "near_dup_group",
            "barcodes",
            "separator",
            "garbled",
            "dpi",
            "rotate",
            "width_mm",
            "height_mm",
            "ink",
            "characters",
            "words",
            "text_cut",
            "images",
            "image_cover",
            "marks",
            "border_marks",
            "coloured",
            "gray",
            "turned",
            "printed_page",
            "sequence_break",
            "missed_separator",
            "signed",
            "active",
            "unhealthy",
            "engine",
            "disagreement",
            "ms",
            "failure",
            "reason",
        ],
        rows,
    )
    .with_findings(findings, &ids)
}
