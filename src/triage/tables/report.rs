//! A report of a batch for people who do not have the program: one page of HTML that needs
//! nothing beside it, with small pictures, a filter and a style for printing. Every text in
//! it is text, whatever it looks like. Not for programs (`table`).

use std::io::{self, Write};

use base64::display::Base64Display;
use base64::engine::general_purpose::STANDARD;

use super::table::{Table, plain};
use super::{Listed, pages_where, these_pages};
use crate::format::counted;
use crate::library::{LibraryError, Reader};
use crate::model::{BatchId, PageId};
use crate::scratch::Packs;

use super::super::query::Query;

/// The page, with places for what is in it.
const PAGE: &str = include_str!("../../../assets/report.html");

/// Pictures beyond these would make a file that no browser opens.
const MOST_PICTURES: usize = 2000;

/// Rows beyond these as well.
const MOST_PAGES: usize = 50_000;

/// What of pages is told, where any page has it.
const OF_PAGES: [&str; 22] = [
    "document",
    "page",
    "status",
    "decision",
    "pile",
    "tags",
    "note",
    "blank",
    "kind",
    "needs_ocr",
    "garbled",
    "colour",
    "language",
    "skewed",
    "turned",
    "barcodes",
    "separator",
    "hidden_words",
    "exact_dup_group",
    "near_dup_group",
    "sequence_break",
    "reason",
];

/// What of documents is told, where any has it.
const OF_DOCUMENTS: [&str; 11] = [
    "document",
    "status",
    "pages",
    "failed_pages",
    "blank_pages",
    "scan_pages",
    "needs_ocr_pages",
    "garbled_pages",
    "languages",
    "encrypted",
    "reason",
];

/// What a report tells.
pub struct Report {
    title: String,
    summary: String,
    documents: Table,
    pages: Table,
    ids: Vec<PageId>,
}

impl Report {
    /// Of these pages of a batch, or of those that a query asks for, as they are at one time.
    pub fn of(
        reader: &Reader,
        batch: BatchId,
        pages: Option<Vec<PageId>>,
        query: &Query,
    ) -> Result<Self, LibraryError> {
        reader.consistent(|reader| Self::read(reader, batch, pages, query))
    }

    fn read(
        reader: &Reader,
        batch: BatchId,
        pages: Option<Vec<PageId>>,
        query: &Query,
    ) -> Result<Self, LibraryError> {
        let wanted = match pages {
            Some(pages) => pages,
            None => pages_where(reader, batch, query)?,
        };
        let named = reader.batch(batch)?.ok_or(LibraryError::Missing {
            what: "batch",
            id: batch.0,
        })?;
        let (pages, ids) = these_pages(reader, batch, &wanted)?;
        let all = counted(named.pages, "page", "pages");
        let shown = match ids.len() as u64 {
            some if some == named.pages => all,
            some => format!("{some} of {all}"),
        };
        let documents = counted(named.documents, "document", "documents");
        let failures = match named.failures {
            0 => String::new(),
            some => format!(", {}", counted(some, "failure", "failures")),
        };
        let pictures = match ids.len() > MOST_PICTURES {
            true => format!("; pictures of the first {MOST_PICTURES}"),
            false => String::new(),
        };
        Ok(Self {
            title: named.batch.name,
            summary: format!("{documents}, {shown}{failures}{pictures}. Made by Pagesieve."),
            documents: told(Listed::Documents.of(reader, batch)?, &OF_DOCUMENTS),
            pages: told(pages, &OF_PAGES),
            ids,
        })
    }

    /// Number of pages in it.
    pub fn page_count(&self) -> usize {
        self.ids.len()
    }

    /// Writes it, with the thumbnails that are in scratch.
    pub fn write(&self, batch: BatchId, packs: &Packs, out: &mut dyn Write) -> io::Result<()> {
        if self.ids.len() > MOST_PAGES {
            return Err(io::Error::other(format!(
                "no browser opens a report of {} pages: choose at most {MOST_PAGES}, or save a \
                 table",
                self.ids.len()
            )));
        }
        let mut left = PAGE;
        while let Some((before, rest)) = left.split_once("{{") {
            let (place, rest) = rest.split_once("}}").unwrap_or((rest, ""));
            out.write_all(before.as_bytes())?;
            match place {
                "title" => write!(out, "{}", Escaped(&self.title))?,
                "summary" => write!(out, "{}", Escaped(&self.summary))?,
                "documents" => write_table(out, "documents", &self.documents, |_, _| Ok(()))?,
                _ => write_table(out, "pages", &self.pages, |out, row| {
                    let page = self.ids.get(row).filter(|_| row < MOST_PICTURES);
                    let picture = page.and_then(|page| packs.read(batch, *page).ok().flatten());
                    match picture {
                        Some(jpeg) => write!(
                            out,
                            "<img alt=\"\" loading=\"lazy\" src=\"data:image/jpeg;base64,{}\">",
                            Base64Display::new(&jpeg, &STANDARD)
                        ),
                        None => Ok(()),
                    }
                })?,
            }
            left = rest;
        }
        out.write_all(left.as_bytes())
    }
}

/// These columns of a table, where they say anything.
fn told(table: Table, columns: &[&str]) -> Table {
    let named = |name: &&str| table.columns.iter().position(|column| column == name);
    let says_something = |column: &usize| {
        let mut values = table.rows.iter().map(|row| plain(&row[*column]));
        *column < 2 || values.any(|value| !matches!(value.as_str(), "" | "0" | "no" | "none"))
    };
    let columns: Vec<usize> = columns
        .iter()
        .filter_map(named)
        .filter(says_something)
        .collect();
    table.only(&columns)
}

/// A table whose rows begin with what `first` writes.
fn write_table(
    out: &mut dyn Write,
    id: &str,
    table: &Table,
    first: impl Fn(&mut dyn Write, usize) -> io::Result<()>,
) -> io::Result<()> {
    write!(out, "<table id=\"{id}\"><thead><tr><th></th>")?;
    for name in &table.columns {
        write!(out, "<th>{}</th>", Escaped(&name.replace('_', " ")))?;
    }
    out.write_all(b"</tr></thead><tbody>\n")?;
    for (at, row) in table.rows.iter().enumerate() {
        out.write_all(b"<tr><td>")?;
        first(out, at)?;
        out.write_all(b"</td>")?;
        for value in row {
            let class = if value.is_number() {
                " class=\"number\""
            } else {
                ""
            };
            write!(out, "<td{class}>{}</td>", Escaped(&plain(value)))?;
        }
        out.write_all(b"</tr>\n")?;
    }
    out.write_all(b"</tbody></table>")
}

/// Text that stays text in HTML. Characters that would turn the line round, or that HTML
/// has no place for, are shown as what cannot be shown.
struct Escaped<'a>(&'a str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        use std::fmt::Write;
        for letter in self.0.chars() {
            match letter {
                '&' => out.write_str("&amp;")?,
                '<' => out.write_str("&lt;")?,
                '>' => out.write_str("&gt;")?,
                '"' => out.write_str("&quot;")?,
                '\'' => out.write_str("&#39;")?,
                '\n' | '\t' => out.write_char(' ')?,
                letter if letter.is_control() => out.write_char('\u{fffd}')?,
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => out.write_char('\u{fffd}')?,
                letter => out.write_char(letter)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_text_whatever_they_look_like() {
        let rows = [vec![
            json!("<script>alert(1)</script>&\"'.pdf"),
            json!(3),
            json!("\u{202e}fdp.exe\u{7}\n"),
        ]];
        let table = Table::new(&["document", "page", "note"], rows.into_iter());
        let mut out = Vec::new();
        write_table(&mut out, "pages", &table, |_, _| Ok(())).unwrap();
        let html = String::from_utf8(out).unwrap();
        assert!(!html.contains("<script"), "{html}");
        assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#39;.pdf"));
        assert!(html.contains("<td class=\"number\">3</td>"));
        assert!(html.contains("\u{fffd}fdp.exe\u{fffd} "));
    }

    #[test]
    fn columns_that_say_nothing_are_left_out_and_what_tells_pages_apart_stays() {
        let rows = [vec![
            json!("a.pdf"),
            json!(1),
            json!("no"),
            json!("none"),
            json!("yes"),
        ]];
        let names = ["document", "page", "skewed", "decision", "blank"];
        let table = told(Table::new(&names, rows.into_iter()), &OF_PAGES);
        assert_eq!(table.columns, ["document", "page", "blank"]);
    }

    #[test]
    fn the_page_has_a_place_for_all_that_is_told() {
        for place in ["{{title}}", "{{summary}}", "{{documents}}", "{{pages}}"] {
            assert!(PAGE.contains(place), "{place}");
        }
        assert_eq!(PAGE.matches("{{").count(), 5);
    }
}
