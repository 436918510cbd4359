//! Printing tables: for people, and as CSV and JSON Lines for programs, with the same
//! columns under the same names. Not for what is in the tables of a batch (`triage`).

use std::io::{self, Write};
use std::path::Path;

use comfy_table::CellAlignment;
use comfy_table::presets::NOTHING;
use serde_json::{Value, json};

use super::arguments::Format;
use crate::model::{AnalyserInput, BatchSummary, Document, PageId};
use crate::triage::tables::{Table, names_of, plain, yes_or_no};
use crate::triage::{Analysers, program_of};

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
    let table = Table::new(
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
    );
    print(&table, format)
}

/// Prints pages that have what was searched for.
pub fn hits(documents: &[Document], hits: &[PageId], format: Format) -> io::Result<()> {
    let names = names_of(documents);
    let rows = hits
        .iter()
        .map(|page| vec![json!(names.get(&page.document)), json!(page.number)]);
    print(&Table::new(&["document", "page"], rows), format)
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
    let table = Table::new(
        &["analyser", "input", "installed", "command", "about"],
        rows,
    );
    print(&table, format)?;
    if !json {
        println!("\nYour own are declared in {}", file.display());
    }
    Ok(())
}

/// Prints a table.
pub fn print(table: &Table, format: Format) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match format {
        Format::Table => writeln!(out, "{}", for_people(table))?,
        Format::Csv => table.write_csv(&mut out)?,
        Format::Jsonl => table.write_json_lines(&mut out)?,
    }
    out.flush()
}

fn for_people(table: &Table) -> comfy_table::Table {
    let mut drawn = comfy_table::Table::new();
    drawn.load_style(NOTHING).set_header(&table.columns);
    let is_number = |column: usize| {
        table
            .rows
            .iter()
            .all(|row| row[column].is_number() || row[column].is_null())
    };
    for index in 0..table.columns.len() {
        if is_number(index)
            && let Some(column) = drawn.column_mut(index)
        {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for row in &table.rows {
        drawn.add_row(row.iter().map(shown));
    }
    drawn
}

/// File names may hold control characters that would command a terminal.
fn shown(value: &Value) -> String {
    plain(value)
        .chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}
