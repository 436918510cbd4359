//! Printing lists: for people the columns that matter, fitted to the terminal, and a line
//! that sums up; for programs CSV and JSON Lines with all columns. Not for what is in the
//! lists of a batch (`triage`) or for drawing (`layout`).

use std::io::{self, Write};
use std::path::Path;

use console::{Style, Term};
use serde_json::{Value, json};

use super::CommandError;
use super::arguments::Format;
use super::layout::{Cell, Column, Kind, draw};
use super::output::{for_this_output, is_terminal, say, write_out};
use crate::format::{counted, grouped, local_time, size, visible};
use crate::model::{AnalyserInput, BatchSummary, Document, DocumentStatus, PageId};
use crate::triage::tables::{Table, names_of, plain, yes_or_no};
use crate::triage::terms::TermHits;
use crate::triage::{Analysers, program_of};

/// Places in a line where no terminal says how many there are.
const USUAL_WIDTH: usize = 80;

/// What is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    Batches,
    Documents,
    Pages,
    Failures,
    Duplicates,
    Hits,
    Analysers,
    Decisions,
    Runs,
    Changes,
    Sample,
    Terms,
    Differences,
}

/// How a list is wanted.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// For whom.
    pub format: Format,
    /// Names of columns; "all" stands for all. None: those that matter to people, and all
    /// for programs.
    pub columns: Vec<String>,
}

impl List {
    /// Columns that matter to people most of the time.
    fn usual(self) -> &'static [&'static str] {
        match self {
            Self::Batches => &[
                "batch",
                "name",
                "state",
                "documents",
                "documents_failed",
                "pages",
                "pages_failed",
                "created",
            ],
            Self::Documents => &[
                "document",
                "status",
                "pages",
                "failed_pages",
                "needs_ocr_pages",
                "blank_pages",
                "bytes",
                "reason",
            ],
            Self::Pages => &[
                "document",
                "page",
                "status",
                "kind",
                "blank",
                "needs_ocr",
                "language",
                "barcodes",
                "reason",
            ],
            Self::Failures => &["record", "document", "page", "stage", "at", "reason"],
            Self::Duplicates => &["group", "kind", "keep", "batch", "document", "page"],
            Self::Hits => &["document", "page"],
            Self::Decisions => &["at", "author", "what", "holds", "document", "page"],
            Self::Analysers => &["analyser", "input", "installed", "about"],
            Self::Runs => &["run", "started", "finished", "outcome", "pages", "engine"],
            Self::Changes => &["column", "before", "now", "pages"],
            Self::Terms => &["term", "pages", "documents"],
            Self::Sample => &["place", "document", "page", "said", "judged", "overturned"],
            Self::Differences => &["document", "difference", "listed_pages", "pages"],
        }
    }

    /// The line below the table.
    fn summary(self, table: &Table) -> String {
        let rows = table.rows.len() as u64;
        let all = |column: &str| column_of(table, column);
        let number = |column: &str, wanted: &dyn Fn(&Value) -> bool| {
            all(column).filter(|value| wanted(value)).count() as u64
        };
        let sum = |column: &str| all(column).filter_map(Value::as_u64).sum::<u64>();
        let different = |column: &str| {
            let mut values: Vec<String> = all(column).map(plain).collect();
            values.sort_unstable();
            values.dedup();
            values.len() as u64
        };
        let is = |word: &'static str| move |value: &Value| value == word;
        let pages_are = |needs_ocr: u64, blank: u64| {
            let parts = [(needs_ocr, "need OCR"), (blank, "blank")];
            parts.map(|(pages, words)| (pages, format!("{} {words}", grouped(pages))))
        };
        match self {
            Self::Batches => sentence(
                counted(rows, "batch", "batches"),
                [part(number("state", &is("unfinished")), "unfinished")],
                [],
            ),
            Self::Documents => sentence(
                counted(rows, "document", "documents"),
                [
                    part(number("status", &is_failure), "failed"),
                    part(number("status", &is("waiting")), "waiting"),
                    (rows, counted(sum("pages"), "page", "pages")),
                    part(sum("failed_pages"), "of them failed"),
                ],
                pages_are(sum("needs_ocr_pages"), sum("blank_pages")),
            ),
            Self::Pages => sentence(
                counted(rows, "page", "pages"),
                [
                    part(number("status", &is("failed")), "failed"),
                    part(number("status", &is("waiting")), "waiting"),
                ],
                pages_are(number("needs_ocr", &is("yes")), number("blank", &is("yes"))),
            ),
            Self::Failures => counted(rows, "failure", "failures"),
            Self::Duplicates => format!(
                "{} in {}",
                counted(rows, "page", "pages"),
                counted(different("group"), "group", "groups"),
            ),
            Self::Decisions => counted(different("act"), "act of deciding", "acts of deciding"),
            Self::Hits => format!(
                "{} in {}",
                counted(rows, "page", "pages"),
                counted(different("document"), "document", "documents"),
            ),
            Self::Analysers => counted(rows, "analyser", "analysers"),
            Self::Runs => counted(rows, "run", "runs"),
            Self::Changes => counted(rows, "change", "changes"),
            Self::Terms => sentence(
                counted(rows, "term", "terms"),
                [part(number("pages", &|value| *value == 0), "nowhere")],
                [],
            ),
            Self::Differences => sentence(
                counted(rows, "difference", "differences"),
                [
                    part(number("difference", &is("missing")), "missing"),
                    part(number("difference", &is("surplus")), "not in the list"),
                    part(number("difference", &is("other_pages")), "of other pages"),
                ],
                [],
            ),
            Self::Sample => sentence(
                format!("sample of {}", counted(rows, "page", "pages")),
                [
                    part(number("judged", &|value| !value.is_null()), "judged"),
                    part(number("overturned", &is("yes")), "overturned"),
                ],
                [],
            ),
        }
    }
}

fn part(number: u64, words: &str) -> (u64, String) {
    (number, format!("{} {words}", grouped(number)))
}

/// "102 documents, 9 failed; 51 blank": what there is none of is left out.
fn sentence<const N: usize, const M: usize>(
    first: String,
    of_them: [(u64, String); N],
    more: [(u64, String); M],
) -> String {
    let there = |parts: &[(u64, String)]| -> Vec<String> {
        let there = parts.iter().filter(|(number, _)| *number > 0);
        there.map(|(_, words)| words.clone()).collect()
    };
    let (mut words, more) = (vec![first], there(&more));
    words.extend(there(&of_them));
    let mut text = words.join(", ");
    if !more.is_empty() {
        text += &format!("; {}", more.join(", "));
    }
    text
}

fn is_failure(status: &Value) -> bool {
    let status = status.as_str().and_then(DocumentStatus::from_word);
    status.is_some_and(DocumentStatus::is_failure)
}

fn column_of<'a>(table: &'a Table, name: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    let index = table.columns.iter().position(|column| column == name);
    let rows = table.rows.iter();
    rows.filter_map(move |row| row.get(index?))
}

/// Prints a list.
pub fn print(list: List, table: Table, wanted: &Wanted) -> Result<(), CommandError> {
    let columns = chosen(list, &table, wanted)?;
    if wanted.format == Format::Table {
        for_people(list, &table, &columns);
        return Ok(());
    }
    if wanted.format.is_binary() && is_terminal() {
        let problem = "this format is no text: put it into a file, as in `> pages.xlsx`";
        return Err(CommandError::Usage(problem.into()));
    }
    let table = table.only(&columns);
    write_out(|out| for_programs(out, &table, wanted.format));
    Ok(())
}

/// Indices of the wanted columns.
fn chosen(list: List, table: &Table, wanted: &Wanted) -> Result<Vec<usize>, CommandError> {
    let named = |name: &str| table.columns.iter().position(|column| column == name);
    let all = 0..table.columns.len();
    match wanted.columns.as_slice() {
        [] if wanted.format == Format::Table => Ok(list
            .usual()
            .iter()
            .filter_map(|name| named(name))
            .filter(|index| table.rows.iter().any(|row| says_something(&row[*index])))
            .collect()),
        [] => Ok(all.collect()),
        [word] if word == "all" => Ok(all.collect()),
        names => names
            .iter()
            .map(|name| {
                // Titles of tables have spaces in their place.
                named(&name.trim().replace([' ', '-'], "_")).ok_or_else(|| {
                    CommandError::Usage(format!(
                        "there is no column {name}; there are {}",
                        table.columns.join(", ")
                    ))
                })
            })
            .collect(),
    }
}

/// Unknown, empty and 0 in each row make a column that people need not see.
fn says_something(value: &Value) -> bool {
    !matches!(plain(value).as_str(), "" | "0")
}

fn for_programs(out: &mut dyn Write, table: &Table, format: Format) -> io::Result<()> {
    let write = |out: &mut dyn Write| match format {
        Format::Csv => table.write_csv(out),
        Format::Xlsx => {
            // Its parts are written out of order.
            let mut whole = io::Cursor::new(Vec::new());
            table.write_workbook(&mut whole)?;
            out.write_all(whole.get_ref())
        }
        #[cfg(feature = "parquet")]
        Format::Parquet => {
            let mut whole = Vec::new();
            table.write_parquet(&mut whole)?;
            out.write_all(&whole)
        }
        Format::Jsonl | Format::Table => table.write_json_lines(out),
    };
    if !is_terminal() {
        return write(out);
    }
    // A person looks at what is for programs: it commands no terminal either.
    let mut text = Vec::new();
    write(&mut text)?;
    for line in String::from_utf8_lossy(&text).lines() {
        match format {
            Format::Csv => writeln!(out, "{}", visible(line))?,
            _ => writeln!(out, "{}", for_this_output(line))?,
        }
    }
    Ok(())
}

fn for_people(list: List, table: &Table, columns: &[usize]) {
    let colours = console::colors_enabled();
    let title = if colours {
        Style::new().bold()
    } else {
        Style::new()
    };
    let shown: Vec<Column> = columns
        .iter()
        .map(|index| Column {
            title: table.columns[*index].replace('_', " "),
            kind: kind_of(table, *index),
        })
        .collect();
    let cells_of = |row: &Vec<Value>| -> Vec<Cell> {
        let cells = columns.iter();
        cells
            .map(|index| cell(&table.columns[*index], &row[*index], colours))
            .collect()
    };
    let rows: Vec<Vec<Cell>> = table.rows.iter().map(cells_of).collect();
    write_out(|out| {
        if !rows.is_empty() {
            writeln!(out, "{}", draw(&shown, &rows, width(), &title))?;
        }
        writeln!(out, "{}", list.summary(table))
    });
}

fn kind_of(table: &Table, index: usize) -> Kind {
    match table.columns[index].as_str() {
        "reason" | "about" => Kind::Sentence,
        "created" | "at" => Kind::Word,
        "document" | "duplicate_of" | "name" | "barcodes" | "command" => Kind::Name,
        // Fields of analysers hold any text.
        column if column.contains('.') => Kind::Name,
        _ => {
            let is_number = |row: &Vec<Value>| row[index].is_number() || row[index].is_null();
            match table.rows.iter().all(is_number) {
                true => Kind::Number,
                false => Kind::Word,
            }
        }
    }
}

/// A value as a person writes it.
fn cell(column: &str, value: &Value, colours: bool) -> Cell {
    let text = match (column, value.as_u64()) {
        ("created" | "at", Some(_)) => value.as_i64().and_then(local_time),
        ("bytes" | "free_before" | "residue", Some(bytes)) => Some(size(bytes)),
        (name, Some(bytes)) if name.ends_with(".left_bytes") => Some(size(bytes)),
        ("batch" | "group" | "page" | "error_number", _) => None,
        (_, Some(number)) => Some(grouped(number)),
        _ => None,
    };
    let text = text.unwrap_or_else(|| plain(value));
    let style = match (colours, column) {
        (true, "status" | "state") => style_of(&text),
        (true, "reason") => Style::new().dim(),
        _ => Style::new(),
    };
    Cell {
        text: visible(&text).into_owned(),
        style,
    }
}

fn style_of(status: &str) -> Style {
    match status {
        "ok" | "done" | "finished" => Style::new().green(),
        "waiting" | "unfinished" | "cancelled" | "needs_password" => Style::new().yellow(),
        _ => Style::new().red(),
    }
}

/// Places in a line of the terminal, or in one that is as wide as `COLUMNS` says.
fn width() -> usize {
    let terminal = Term::stdout().size_checked();
    let terminal = terminal.map(|(_, columns)| usize::from(columns));
    let named = || std::env::var("COLUMNS").ok()?.parse().ok();
    terminal
        .or_else(named)
        .filter(|columns| *columns > 0)
        .unwrap_or(USUAL_WIDTH)
}

/// Prints where terms are.
pub fn terms(hits: &[TermHits], wanted: &Wanted) -> Result<(), CommandError> {
    let rows = hits
        .iter()
        .map(|hits| vec![json!(hits.term), json!(hits.pages), json!(hits.documents)]);
    print(
        List::Terms,
        Table::new(&["term", "pages", "documents"], rows),
        wanted,
    )
}

/// Prints batches.
pub fn batches(batches: &[BatchSummary], wanted: &Wanted) -> Result<(), CommandError> {
    let rows = batches.iter().map(|summary| {
        let state = if summary.batch.archived {
            "archived"
        } else if summary.is_finished() {
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
            json!(summary.documents_left_out),
            json!(summary.pages),
            json!(summary.pages_done),
            json!(summary.pages_failed),
            json!(summary.batch.created),
            json!(summary.bytes),
        ]
    });
    let table = Table::new(
        &[
            "batch",
            "name",
            "state",
            "documents",
            "documents_failed",
            "documents_left_out",
            "pages",
            "pages_done",
            "pages_failed",
            "created",
            "bytes",
        ],
        rows,
    );
    print(List::Batches, table, wanted)
}

/// Prints pages that have what was searched for.
pub fn hits(documents: &[Document], hits: &[PageId], wanted: &Wanted) -> Result<(), CommandError> {
    let names = names_of(documents);
    let rows = hits
        .iter()
        .map(|page| vec![json!(names.get(&page.document)), json!(page.number)]);
    print(List::Hits, Table::new(&["document", "page"], rows), wanted)
}

/// Prints the external analysers, and where a user declares more.
pub fn analysers(analysers: &Analysers, file: &Path, wanted: &Wanted) -> Result<(), CommandError> {
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
    let table = Table::new(
        &["analyser", "input", "installed", "command", "about"],
        rows,
    );
    print(List::Analysers, table, wanted)?;
    if wanted.format == Format::Table {
        say!("Your own are declared in {}", file.display());
        for line in fence_around_analysers().lines() {
            say!("{line}");
        }
    }
    Ok(())
}

/// What an analyser can and cannot do besides looking at its page.
fn fence_around_analysers() -> &'static str {
    if cfg!(target_os = "linux") {
        "They can read every file that you can, and run every program. They cannot\n\
         write outside of their own directory, reach a network, or act on other\n\
         programs (for signals, Linux 6.12 or later)."
    } else {
        "On this system they can do all that you can: no fence stands around them."
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents() -> Table {
        let row = |name: &str, status: &str, pages: u64, blank: u64| {
            vec![
                json!(name),
                json!(status),
                json!(pages),
                json!(blank),
                json!(6_500_000),
            ]
        };
        let rows = [
            row("a.pdf", "ok", 1_532, 2),
            row("b.pdf", "ok", 1, 0),
            row("locked.pdf", "needs_password", 0, 0),
        ];
        let columns = ["document", "status", "pages", "blank_pages", "bytes"];
        Table::new(&columns, rows.into_iter())
    }

    fn wanted(columns: &[&str], format: Format) -> Wanted {
        Wanted {
            format,
            columns: columns.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    #[test]
    fn a_list_is_summed_up_and_what_there_is_none_of_is_left_out() {
        assert_eq!(
            List::Documents.summary(&documents()),
            "3 documents, 1 failed, 1,533 pages; 2 blank"
        );
        let none = Table::new(&["document"], std::iter::empty());
        assert_eq!(List::Documents.summary(&none), "0 documents");
    }

    #[test]
    fn people_see_the_columns_that_say_something_and_programs_all() {
        let table = documents();
        let chosen = |table: &Table, names: &[&str], format| {
            chosen(List::Documents, table, &wanted(names, format)).map_err(|e| e.to_string())
        };
        assert_eq!(chosen(&table, &[], Format::Table), Ok(vec![0, 1, 2, 3, 4]));
        let one = Table {
            columns: table.columns.clone(),
            rows: vec![table.rows[1].clone()],
        };
        assert_eq!(chosen(&one, &[], Format::Table), Ok(vec![0, 1, 2, 4]));
        assert_eq!(chosen(&one, &[], Format::Csv), Ok(vec![0, 1, 2, 3, 4]));
        assert_eq!(
            chosen(&one, &["all"], Format::Table),
            Ok(vec![0, 1, 2, 3, 4])
        );
        let named = chosen(&table, &["bytes", "document"], Format::Csv);
        assert_eq!(named, Ok(vec![4, 0]));
        let refused = chosen(&table, &["size"], Format::Table).unwrap_err();
        assert!(
            refused.contains("no column size") && refused.contains("bytes"),
            "{refused}"
        );
    }

    #[test]
    fn values_are_as_people_write_them() {
        let shown = |column, value| cell(column, &value, false).text;
        assert_eq!(shown("bytes", json!(6_500_000)), "6.5 MB");
        assert_eq!(shown("pages", json!(1_533)), "1,533");
        assert_eq!(shown("page", json!(1_533)), "1533");
        assert_eq!(shown("skew_deg", json!(-1.5)), "-1.5");
        assert_eq!(shown("reason", Value::Null), "");
        assert_eq!(
            shown("document", json!("\u{202e}fdp.exe")),
            "\u{fffd}fdp.exe"
        );
        assert!(shown("created", json!(1_773_061_500)).starts_with("2026-03-09 "));
    }
}
