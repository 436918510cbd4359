//! Lists as tables for people, CSV and JSON Lines for programs. The three hold
//! the same columns under the same names.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, Write};
use std::path::Path;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use serde_json::{Map, Value, json};

use super::arguments::Format;
use crate::model::{
    AnalyserInput, BatchId, BatchSummary, Disagreement, Document, DocumentDetails, DocumentId,
    Failure, FieldValue, Finding, Page, PageId, SecurityName, Tone,
};
use crate::triage::{
    Analysers, Blank, DescribedGroup, DocumentVerdicts, Duplicates, Kind, LibraryError, NeedsOcr,
    Reader, RecordName, SequenceNote, Sums, Thresholds, judge, judge_document, notes_of,
    program_of, sum_up,
};

/// A list: names of its columns, and rows of as many values. `Null` is unknown.
struct List {
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
}

impl List {
    fn new(columns: &[&str], rows: impl Iterator<Item = Vec<Value>>) -> Self {
        Self {
            columns: columns.iter().map(|name| (*name).to_owned()).collect(),
            rows: rows.collect(),
        }
    }

    /// Adds columns for what external analysers found; `ids` has the document and
    /// page of each row.
    fn with_findings(mut self, findings: &[Finding], ids: &[(DocumentId, Option<u32>)]) -> Self {
        let mut by_row: HashMap<_, HashMap<(&str, &str), Value>> = HashMap::new();
        for finding in findings {
            let id = &finding.id;
            let row = by_row.entry((id.document, id.page)).or_default();
            let fields = found_fields(finding).into_iter();
            row.extend(fields.map(|(field, value)| ((id.analyser.as_str(), field), value)));
        }
        let found = ids.iter().filter_map(|id| by_row.get(id));
        let names: BTreeSet<(&str, &str)> = found.flat_map(HashMap::keys).copied().collect();
        for (row, id) in self.rows.iter_mut().zip(ids) {
            let mut found = by_row.remove(id).unwrap_or_default();
            let values = names.iter().map(|name| found.remove(name));
            row.extend(values.map(Option::unwrap_or_default));
        }
        let names = names
            .iter()
            .map(|(analyser, field)| format!("{analyser}.{field}"));
        self.columns.extend(names);
        self
    }
}

/// What of a finding stands in lists, by field.
fn found_fields(finding: &Finding) -> BTreeMap<&str, Value> {
    let mut fields = BTreeMap::new();
    match &finding.result {
        Ok(found) => {
            for (name, value) in &found.fields {
                let value = match value {
                    FieldValue::Flag(yes) => yes_or_no(Some(*yes)),
                    FieldValue::Number(number) => json!(number),
                    FieldValue::Text(text) => json!(text),
                };
                fields.insert(name.as_str(), value);
            }
            if let Some(text) = &found.text {
                fields.insert("text", json!(text));
            }
        }
        Err(problem) => {
            fields.insert("problem", json!(problem));
        }
    }
    if let Some(left) = finding.left {
        fields.insert("left_bytes", json!(left.bytes));
        fields.insert("left_files", json!(left.files));
    }
    fields
}

/// Prints batches.
pub fn batches(batches: &[BatchSummary], format: Format) -> io::Result<()> {
    let rows = batches.iter().map(|summary| {
        let state = if summary.is_finished() {
            "finished"
        } else if summary.batch.cancelled {
            "cancelled"
        } else {
            "unfinished"
        };
        vec![
            json!(summary.batch.id),
            json!(summary.batch.name),
            json!(state),
            json!(summary.documents),
            json!(summary.documents_failed),
            json!(summary.pages),
            json!(summary.pages_done),
            json!(summary.pages_failed),
            json!(summary.batch.created),
        ]
    });
    List::new(
        &[
            "batch",
            "name",
            "state",
            "documents",
            "documents_failed",
            "pages",
            "pages_done",
            "pages_failed",
            "created",
        ],
        rows,
    )
    .print(format)
}

/// What the library knows of a batch, for lists of documents and pages.
pub struct Tables {
    documents: Vec<Document>,
    pages: Vec<Page>,
    failures: Vec<Failure>,
    findings: Vec<Finding>,
    details: HashMap<DocumentId, DocumentDetails>,
    thresholds: Thresholds,
}

impl Tables {
    /// Reads all of it.
    pub fn read(reader: &Reader, batch: BatchId) -> Result<Self, LibraryError> {
        Ok(Self {
            documents: reader.documents(batch)?,
            pages: reader.pages(batch)?,
            failures: reader.failures(batch)?,
            findings: reader.findings(batch)?,
            details: reader.details(batch)?,
            thresholds: reader.thresholds(batch)?,
        })
    }
}

/// Prints documents.
pub fn documents(tables: &Tables, format: Format) -> io::Result<()> {
    let Tables {
        documents,
        pages,
        failures,
        findings,
        details,
        thresholds,
    } = tables;
    let names: HashMap<DocumentId, &str> =
        documents.iter().map(|d| (d.id, d.name.as_str())).collect();
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
            json!(document.status.as_str()),
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
            json!(failure.map(|failure| reason(failure))),
        ]
    });
    let ids: Vec<_> = documents
        .iter()
        .map(|document| (document.id, None))
        .collect();
    List::new(
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
    .print(format)
}

/// Prints pages.
pub fn pages(tables: &Tables, duplicates: &Duplicates, format: Format) -> io::Result<()> {
    let Tables {
        documents,
        pages,
        failures,
        findings,
        details,
        thresholds,
    } = tables;
    let verdicts_of: HashMap<DocumentId, DocumentVerdicts> = details
        .iter()
        .map(|(id, details)| (*id, judge_document(details)))
        .collect();
    let notes: Vec<Option<SequenceNote>> = by_document(pages)
        .flat_map(|(_, pages)| notes_of(pages, thresholds))
        .collect();
    let names: HashMap<DocumentId, &str> =
        documents.iter().map(|d| (d.id, d.name.as_str())).collect();
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
            json!(page.state.as_str()),
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
    List::new(
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
    .print(format)
}

/// Prints pages that have what was searched for.
pub fn hits(documents: &[Document], hits: &[PageId], format: Format) -> io::Result<()> {
    let names: HashMap<DocumentId, &str> =
        documents.iter().map(|d| (d.id, d.name.as_str())).collect();
    let rows = hits
        .iter()
        .map(|page| vec![json!(names.get(&page.document)), json!(page.number)]);
    List::new(&["document", "page"], rows).print(format)
}

/// Prints the external analysers, and where a user declares more.
pub fn analysers(analysers: &Analysers, file: &Path, json: bool) -> io::Result<()> {
    let rows = analysers.iter().map(|analyser| {
        let program = program_of(analyser);
        let input = match analyser.input {
            AnalyserInput::PagePng { dpi } => format!("page-png, {dpi} dpi"),
            AnalyserInput::PagePdf => "page-pdf".into(),
            AnalyserInput::PageText => "page-text".into(),
            AnalyserInput::Document => "document".into(),
        };
        vec![
            json!(analyser.name),
            json!(input),
            yes_or_no(Some(program.is_some())),
            json!(analyser.command.join(" ")),
            json!(analyser.about),
        ]
    });
    let format = if json { Format::Jsonl } else { Format::Table };
    List::new(
        &["analyser", "input", "installed", "command", "about"],
        rows,
    )
    .print(format)?;
    if !json {
        println!("\nYour own are declared in {}", file.display());
    }
    Ok(())
}

/// Prints groups of pages that are the same, a row for each page.
pub fn duplicates(groups: &[DescribedGroup], format: Format) -> io::Result<()> {
    let rows = groups.iter().zip(1..).flat_map(|(group, number)| {
        group.pages.iter().map(move |page| {
            vec![
                json!(number),
                json!(if group.exact { "exact" } else { "near" }),
                yes_or_no(Some(page.keep)),
                json!(page.batch),
                json!(page.document),
                json!(page.page.id.number),
                yes_or_no(Some(group.dismissed)),
            ]
        })
    });
    List::new(
        &[
            "group",
            "kind",
            "keep",
            "batch",
            "document",
            "page",
            "dismissed",
        ],
        rows,
    )
    .print(format)
}

/// Prints failures, with the names of their records.
pub fn failures(documents: &[Document], failures: &[Failure], format: Format) -> io::Result<()> {
    let names: HashMap<DocumentId, &str> =
        documents.iter().map(|d| (d.id, d.name.as_str())).collect();
    let rows = failures.iter().map(|failure| {
        let circumstances = failure.circumstances.as_deref();
        vec![
            json!(RecordName::of(failure).to_string()),
            json!(names.get(&failure.document)),
            json!(failure.page),
            json!(failure.stage.as_str()),
            json!(failure.kind.as_str()),
            json!(failure.attempts),
            json!(circumstances.and_then(|known| known.error_number)),
            json!(circumstances.and_then(|known| known.free_before)),
            json!(circumstances.map(|known| known.scratch.residue)),
            json!(failure.at),
            json!(reason(failure)),
        ]
    });
    List::new(
        &[
            "record",
            "document",
            "page",
            "stage",
            "kind",
            "attempts",
            "error_number",
            "free_before",
            "residue",
            "at",
            "reason",
        ],
        rows,
    )
    .print(format)
}

/// Pages of each document, which lie together.
fn by_document(pages: &[Page]) -> impl Iterator<Item = (DocumentId, &[Page])> {
    pages
        .chunk_by(|a, b| a.id.document == b.id.document)
        .filter_map(|pages| Some((pages.first()?.id.document, pages)))
}

fn reason(failure: &Failure) -> String {
    let explanation = failure.kind.explanation();
    if failure.detail.is_empty() {
        explanation.to_owned()
    } else {
        format!("{explanation} ({})", failure.detail)
    }
}

fn yes_or_no(answer: Option<bool>) -> Value {
    json!(answer.map(|yes| if yes { "yes" } else { "no" }))
}

fn rounded(number: f64, digits: i32) -> Value {
    let scale = 10f64.powi(digits);
    // Adding 0 makes 0 of what rounds to −0.
    json!((number * scale).round() / scale + 0.0)
}

impl List {
    fn print(self, format: Format) -> io::Result<()> {
        let mut out = io::BufWriter::new(io::stdout().lock());
        match format {
            Format::Table => writeln!(out, "{}", self.table())?,
            Format::Csv => self.csv(&mut out)?,
            Format::Jsonl => {
                for row in self.rows {
                    let names = self.columns.iter().cloned();
                    let object: Map<String, Value> = names.zip(row).collect();
                    writeln!(out, "{}", Value::Object(object))?;
                }
            }
        }
        out.flush()
    }

    fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_style(NOTHING).set_header(&self.columns);
        let is_number = |column: usize| {
            self.rows
                .iter()
                .all(|row| row[column].is_number() || row[column].is_null())
        };
        for index in 0..self.columns.len() {
            if is_number(index)
                && let Some(column) = table.column_mut(index)
            {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        for row in &self.rows {
            table.add_row(row.iter().map(shown));
        }
        table
    }

    fn csv(&self, out: &mut impl Write) -> io::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(&self.columns)?;
        for row in &self.rows {
            writer.write_record(row.iter().map(plain))?;
        }
        writer.flush()
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// File names may hold control characters that would command a terminal.
fn shown(value: &Value) -> String {
    plain(value)
        .chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}
