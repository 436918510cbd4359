//! External analysers as they are declared, and what they found. Plain data; not
//! for running them (`worker::analyser`).

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{DocumentId, Word, kept_words};

/// A command that is run for pages or documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Analyser {
    /// Names its columns: lower-case letters, digits, `-` and `_`.
    pub name: String,
    /// What it is for, in a sentence.
    pub about: String,
    /// Program and arguments. `{input}` stands for the input's file, `{page}` for
    /// the page's number, `{dpi}` for the resolution.
    pub command: Vec<String>,
    /// What it gets.
    pub input: AnalyserInput,
    /// How its output is read.
    pub output: AnalyserOutput,
    /// For which pages it is run unless others are asked for.
    pub pages: AnalyserPages,
    /// The most that it may write, bytes.
    pub scratch: u64,
    /// The most memory that each of its processes may take, bytes.
    pub memory: u64,
    /// Time allowed for one page or document.
    pub deadline: Duration,
}

/// What an analyser gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnalyserInput {
    /// Each page as a PDF of its own.
    PagePdf,
    /// Each page as a PNG picture.
    PagePng {
        /// Its resolution.
        dpi: u16,
    },
    /// The text of each page, UTF-8.
    PageText,
    /// Each document, as it is.
    Document,
}

impl AnalyserInput {
    /// It is run once for each page.
    pub fn is_page(self) -> bool {
        self != Self::Document
    }

    /// Name of the input's file.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::PagePdf => "page.pdf",
            Self::PagePng { .. } => "page.png",
            Self::PageText => "page.txt",
            Self::Document => "document.pdf",
        }
    }
}

/// How an analyser's output is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnalyserOutput {
    /// As the text of the page, UTF-8.
    Text,
    /// As the words of the page with their places, in the table that Tesseract prints
    /// (TSV, UTF-8).
    Words,
    /// As one JSON object, whose members are fields. A member `text` is the text.
    Json,
}

/// For which pages an analyser is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnalyserPages {
    /// All.
    All,
    /// Those that need text recognition, wholly or in part.
    NeedOcr,
}

/// What an analyser was run for. The page is none for a whole document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FindingId {
    /// The document.
    pub document: DocumentId,
    /// The page, from 1.
    pub page: Option<u32>,
    /// Name of the analyser.
    pub analyser: String,
}

/// What an analyser found, or why it found nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// For what it was run.
    pub id: FindingId,
    /// What it printed, or why that is of no use.
    pub result: Result<Found, String>,
    /// Why looking again found nothing: the result is that of an earlier run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_again: Option<String>,
    /// What it left in its directory, where that was anything.
    pub left: Option<Leftover>,
    /// Time that it took, milliseconds.
    pub ms: u32,
}

impl Finding {
    /// Why the latest look found nothing.
    pub fn problem(&self) -> Option<&str> {
        let latest = self.failed_again.as_ref();
        latest.or(self.result.as_ref().err()).map(String::as_str)
    }
}

/// Files that an analyser left behind, its input not among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leftover {
    /// Bytes on disk.
    pub bytes: u64,
    /// Files.
    pub files: u64,
}

/// What an analyser found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// The text of the page.
    pub text: Option<String>,
    /// Fields by their names.
    pub fields: BTreeMap<String, FieldValue>,
    /// The words of the text and where they stand, in the order in which they are read;
    /// empty where the analyser does not tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "kept_words")]
    pub words: Vec<Word>,
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum FieldValue {
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}

impl std::fmt::Display for FieldValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Flag(yes) => f.write_str(if *yes { "yes" } else { "no" }),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}
