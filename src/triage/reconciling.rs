//! A client's list of what was sent, compared with what a batch holds: what is missing, what
//! is too much, and which documents have other numbers of pages. Not for taking in what is
//! missing (`intake`).

use std::collections::HashMap;

use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

use super::families::Families;
use crate::model::{Document, DocumentId};

/// The most rows that a list has.
const MOST_ROWS: usize = 200_000;

/// Words in the heading of a column of names, and in one of numbers of pages.
const NAMES: [&str; 7] = [
    "file", "name", "document", "path", "datei", "dokument", "fichier",
];
const PAGES: [&str; 5] = ["page", "pp", "seite", "sheets", "blatt"];

/// Why a list cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ListError {
    /// It has no rows.
    #[error("there are no names in it")]
    Empty,
    /// It is longer than any list that a person made.
    #[error("it has more than {MOST_ROWS} rows")]
    TooLong,
    /// It is no table.
    #[error("it is no table of commas, semicolons or tabs ({0})")]
    NoTable(String),
}

/// A document that a client says was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name or path, as it stands in the list.
    pub name: String,
    /// Number of its pages, where the list says it.
    pub pages: Option<u64>,
}

/// A document that has other pages than the list says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherPages {
    /// The document.
    pub document: DocumentId,
    /// Its name in the batch.
    pub name: String,
    /// How many the list says.
    pub listed: u64,
    /// How many it has; none where it could not be opened.
    pub found: Option<u64>,
}

/// How a batch differs from a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Documents in the list.
    pub listed: usize,
    /// Pages of those, where the list says it of each.
    pub listed_pages: Option<u64>,
    /// Documents of the batch.
    pub found: usize,
    /// Their pages.
    pub found_pages: u64,
    /// In the list and not in the batch.
    pub missing: Vec<Listed>,
    /// In the batch and not in the list.
    pub surplus: Vec<(DocumentId, String)>,
    /// In both, with other numbers of pages.
    pub other_pages: Vec<OtherPages>,
}

impl Reconciled {
    /// The batch holds what the list says and nothing else.
    pub fn agrees(&self) -> bool {
        self.missing.is_empty() && self.surplus.is_empty() && self.other_pages.is_empty()
    }
}

/// Reads a list: a table with commas, semicolons or tabs, whose first row may be headings,
/// or a name a line. Text that is not UTF-8 is read as Windows-1252, as spreadsheets write.
pub fn read_list(bytes: &[u8]) -> Result<Vec<Listed>, ListError> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
        Err(_) => encoding_rs::WINDOWS_1252.decode(bytes).0.into_owned(),
    };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(&text))
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut columns = None;
    let mut listed = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| ListError::NoTable(error.to_string()))?;
        let columns = match &columns {
            Some(columns) => columns,
            None => match Columns::headed(&row) {
                Some(headed) => {
                    columns = Some(headed);
                    continue;
                }
                None => &*columns.insert(Columns::guessed(&row)),
            },
        };
        let name = row.get(columns.name).unwrap_or_default().trim();
        if name.is_empty() {
            continue;
        }
        if listed.len() == MOST_ROWS {
            return Err(ListError::TooLong);
        }
        let pages = columns.pages.and_then(|at| row.get(at));
        listed.push(Listed {
            name: name.to_owned(),
            pages: pages.and_then(|pages| pages.trim().parse().ok()),
        });
    }
    match listed.is_empty() {
        true => Err(ListError::Empty),
        false => Ok(listed),
    }
}

/// What stands between columns: of the usual characters the one that is in the first line
/// most often.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    let count = |of: u8| first.bytes().filter(|byte| *byte == of).count();
    let usual = [b',', b';', b'\t'];
    let most = usual.into_iter().rev().max_by_key(|of| count(*of));
    most.unwrap_or(b',')
}

/// Which columns of a list are read.
struct Columns {
    name: usize,
    pages: Option<usize>,
}

impl Columns {
    /// By their headings; none where a row has none.
    fn headed(row: &csv::StringRecord) -> Option<Self> {
        let has = |heading: &str, words: &[&str]| {
            let heading = heading.trim().to_lowercase();
            // A name in the first row is no heading.
            !heading.contains('.') && words.iter().any(|word| heading.contains(word))
        };
        let pages = row.iter().position(|heading| has(heading, &PAGES));
        let mut headings = row.iter().enumerate();
        let name = headings.find(|(at, heading)| Some(*at) != pages && has(heading, &NAMES));
        Some(Self {
            name: name?.0,
            pages,
        })
    }

    /// Without headings: a name first, and pages in the first column of numbers after it.
    fn guessed(row: &csv::StringRecord) -> Self {
        let is_number = |field: &str| field.trim().parse::<u64>().is_ok();
        let name = row.iter().position(|field| !is_number(field));
        let name = name.unwrap_or(0);
        let pages = row.iter().skip(name + 1).position(is_number);
        Self {
            name,
            pages: pages.map(|after| name + 1 + after),
        }
    }
}

/// Compares a batch with a list. Documents are known by their path where the list has it,
/// else by their file name, whatever the case and with `.pdf` or without; each is one row.
/// What is attached to a document came with it: only a list that names it counts it.
pub fn reconcile(list: &[Listed], documents: &[Document]) -> Reconciled {
    let mut by_path: HashMap<String, Vec<usize>> = HashMap::new();
    let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
    let families = Families::of(documents.iter());
    let is_attached = |at: &usize| families.holder(documents[*at].id).is_some();
    // Those that are taken last come first.
    let mut last_first: Vec<usize> = (0..documents.len()).rev().collect();
    last_first.sort_by_key(|at| !is_attached(at));
    for at in last_first {
        let document = &documents[at];
        let path = key(&document.name);
        let name = file_name(&path).to_owned();
        by_path.entry(path).or_default().push(at);
        by_name.entry(name).or_default().push(at);
    }
    let mut row_of: Vec<Option<usize>> = vec![None; documents.len()];
    let mut claim = |row: usize, known: &mut HashMap<String, Vec<usize>>, key: &str| {
        let candidates = known.get_mut(key)?;
        while let Some(at) = candidates.pop() {
            if row_of[at].is_none() {
                row_of[at] = Some(row);
                return Some(at);
            }
        }
        None
    };
    let keys: Vec<String> = list.iter().map(|listed| key(&listed.name)).collect();
    // Whole paths first: a file name alone might take another's document.
    let mut found: Vec<Option<usize>> = (0..list.len())
        .map(|row| claim(row, &mut by_path, &keys[row]))
        .collect();
    for (row, found) in found.iter_mut().enumerate() {
        if found.is_none() {
            *found = claim(row, &mut by_name, file_name(&keys[row]));
        }
    }

    let mut reconciled = Reconciled {
        listed: list.len(),
        listed_pages: list.iter().map(|listed| listed.pages).sum(),
        ..Reconciled::default()
    };
    for (listed, found) in list.iter().zip(found) {
        let Some(document) = found.and_then(|at| documents.get(at)) else {
            reconciled.missing.push(listed.clone());
            continue;
        };
        let pages = match document.status.is_failure() {
            true => None,
            false => Some(u64::from(document.pages)),
        };
        if let Some(says) = listed.pages
            && Some(says) != pages
        {
            reconciled.other_pages.push(OtherPages {
                document: document.id,
                name: document.name.clone(),
                listed: says,
                found: pages,
            });
        }
    }
    for (at, (document, row)) in documents.iter().zip(&row_of).enumerate() {
        if row.is_none() && is_attached(&at) {
            continue;
        }
        reconciled.found += 1;
        reconciled.found_pages += u64::from(document.pages);
        if row.is_none() {
            let surplus = (document.id, document.name.clone());
            reconciled.surplus.push(surplus);
        }
    }
    reconciled
}

/// What a path is compared by.
fn key(path: &str) -> String {
    let path = path.trim().replace('\\', "/").to_lowercase();
    let path = path.strip_suffix(".pdf").unwrap_or(&path);
    path.nfc().collect()
}

fn file_name(key: &str) -> &str {
    key.rsplit('/').next().unwrap_or(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{BatchId, DocumentStatus, Source};

    fn document(id: i64, name: &str, pages: u32) -> Document {
        Document {
            id: DocumentId(id),
            batch: BatchId(1),
            source: Source::File(name.into()),
            name: name.to_owned(),
            bytes: 1,
            modified: 0,
            hash: None,
            status: match pages {
                0 => DocumentStatus::Broken,
                _ => DocumentStatus::Ok,
            },
            pages,
            encrypted: false,
            duplicate_of: None,
            left_out: None,
        }
    }

    fn rows(list: &str) -> Vec<(String, Option<u64>)> {
        let list = read_list(list.as_bytes()).unwrap();
        list.into_iter().map(|row| (row.name, row.pages)).collect()
    }

    #[test]
    fn lists_are_read_as_people_write_them() {
        let expected = [("a.pdf".to_owned(), Some(3)), ("b, c.pdf".to_owned(), None)];
        for list in [
            "a.pdf,3\n\"b, c.pdf\",\n",
            "No;File name;Pages\n1;a.pdf;3\n2;b, c.pdf;unknown\n",
            "\u{feff}Pages\tDokument\n3\ta.pdf\n\tb, c.pdf\n",
            "1;a.pdf;3\n2;b, c.pdf\n",
        ] {
            assert_eq!(rows(list), expected, "{list}");
        }
        assert_eq!(rows("letter\n\n invoice \n").len(), 2);
        let german = read_list(b"Datei;Seiten\nM\xfcller;2\n").unwrap();
        assert_eq!(german[0].name, "Müller");
        assert_eq!(read_list(b""), Err(ListError::Empty));
        assert_eq!(read_list(b"Name,Pages\n"), Err(ListError::Empty));
        let long = "a\n".repeat(MOST_ROWS + 1);
        assert_eq!(read_list(long.as_bytes()), Err(ListError::TooLong));
    }

    #[test]
    fn what_is_attached_is_too_much_only_where_its_document_is() {
        let attached = Document {
            source: Source::at("mail.pdf".into(), "letter.pdf"),
            ..document(2, "mail.pdf/letter.pdf", 5)
        };
        let documents = [
            document(1, "mail.pdf", 1),
            attached,
            document(3, "letter.pdf", 2),
        ];
        let reconciled = |list: &[u8]| reconcile(&read_list(list).unwrap(), &documents);
        let found = reconciled(b"File,Pages\nmail.pdf,1\nletter.pdf,2\n");
        assert!(found.agrees(), "{found:?}");
        assert_eq!((found.found, found.found_pages), (2, 3));
        let all = reconciled(b"File,Pages\nmail.pdf,1\nletter.pdf,2\nmail.pdf/letter.pdf,5\n");
        assert!(all.agrees(), "{all:?}");
        assert_eq!(all.found, 3);
    }

    #[test]
    fn what_lacks_and_what_is_too_much_is_found() {
        let documents = [
            document(1, "2024/scan.pdf", 3),
            document(2, "2025/scan.pdf", 4),
            document(3, "Letter.PDF", 2),
            document(4, "broken.pdf", 0),
            document(5, "extra.pdf", 1),
        ];
        let list = read_list(
            b"File,Pages\nscan,3\n2024\\scan.pdf,3\nletter,2\nbroken.pdf,7\ngone.pdf,2\n",
        );
        let found = reconcile(&list.unwrap(), &documents);
        assert_eq!((found.listed, found.listed_pages), (5, Some(17)));
        assert_eq!((found.found, found.found_pages), (5, 10));
        let missing: Vec<&str> = found.missing.iter().map(|row| &row.name[..]).collect();
        assert_eq!(missing, ["gone.pdf"]);
        assert_eq!(found.surplus, [(DocumentId(5), "extra.pdf".to_owned())]);
        let other = found.other_pages.iter();
        let other: Vec<_> = other
            .map(|of| (&of.name[..], of.listed, of.found))
            .collect();
        // The path takes its own document, and the bare name the one that is left.
        assert_eq!(
            other,
            [("2025/scan.pdf", 3, Some(4)), ("broken.pdf", 7, None)]
        );
        assert!(!found.agrees());
        let same = read_list(b"letter.pdf,2").unwrap();
        assert!(reconcile(&same, &documents[2..3]).agrees());
    }
}
