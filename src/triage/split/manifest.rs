//! The manifest of an export: each part with its hash and where its pages come
//! from, and each page that is in no part with the reason, so that every page is
//! accounted for. Plain data for other programs.

use serde::{Deserialize, Serialize};

use super::export::{Outcome, PartResult};
use super::facts::{RefusedDocument, SplitDocument};
use crate::model::remark::in_words;
use crate::model::{Difference, PageId, Proof, Remark, SplitPlan};

/// How names of manifests begin and end; between is what tells plans apart.
pub const BEGINNING: &str = "pagesieve-";
pub const ENDING: &str = ".json";

/// How their content begins.
pub const START: &str = "{\n  \"generator\": \"Pagesieve ";

/// What a manifest tells of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MadeBy {
    /// Documents were taken apart.
    #[default]
    Split,
    /// Documents were put together.
    Merge,
}

/// The manifest as it is written.
#[derive(Debug, Serialize)]
pub struct Manifest<'a> {
    /// The program that wrote it.
    generator: &'static str,
    made_by: MadeBy,
    /// Every part is there, and every source is in them or left out.
    complete: bool,
    sources: Vec<SourceEntry<'a>>,
    parts: Vec<PartEntry<'a>>,
    excluded: Vec<ExcludedEntry>,
    /// The file that those were written to, where that was wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    excluded_file: Option<FileEntry<'a>>,
}

#[derive(Debug, Serialize)]
struct FileEntry<'a> {
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blake3: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
}

#[derive(Debug, Serialize)]
struct SourceEntry<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pages: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blake3: Option<String>,
    /// Why it could not be split.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    /// Why somebody left it out then.
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct PartEntry<'a> {
    #[serde(flatten)]
    file: FileEntry<'a>,
    /// Whether each page shows what it shows in its source.
    proof: ProofEntry<'a>,
    /// What did not come along from the sources, in words and for programs.
    #[serde(skip_serializing_if = "String::is_empty")]
    note: String,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    remarks: &'a [Remark],
    begins: crate::model::CutReason,
    #[serde(skip_serializing_if = "Option::is_none")]
    barcode: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pile: Option<&'a str>,
    pages: Vec<PageEntry>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum ProofEntry<'a> {
    NotAsked,
    Proved,
    Differs(Vec<DifferenceEntry>),
    NotProved(&'a str),
}

impl<'a> From<&'a Proof> for ProofEntry<'a> {
    fn from(proof: &'a Proof) -> Self {
        match proof {
            Proof::NotAsked => Self::NotAsked,
            Proof::Proved => Self::Proved,
            Proof::NotProved(why) => Self::NotProved(why),
            Proof::Differs(pages) => {
                let pages = pages.iter();
                let pages = pages.map(|&(page, what)| DifferenceEntry { page, what });
                Self::Differs(pages.collect())
            }
        }
    }
}

#[derive(Debug, Serialize)]
struct DifferenceEntry {
    /// Number of the page in the part, from 1.
    page: u32,
    what: Difference,
}

#[derive(Debug, Serialize)]
struct PageEntry {
    /// Place among the sources, from 0.
    source: usize,
    page: u32,
    #[serde(skip_serializing_if = "is_upright")]
    turn: u16,
    /// What is printed on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    /// What was recognised on it is put over it as text.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    text_layer: bool,
}

#[derive(Debug, Serialize)]
struct ExcludedEntry {
    source: usize,
    page: u32,
    reason: crate::model::ExclusionReason,
}

fn is_upright(turn: &u16) -> bool {
    *turn == 0
}

/// What is put over pages.
pub struct PutOver<'a> {
    /// What is printed on a page of a part, by their places.
    pub number: &'a dyn Fn(usize, usize) -> Option<String>,
    /// Whether a page gets a text layer.
    pub layer: &'a dyn Fn(PageId) -> bool,
}

impl<'a> Manifest<'a> {
    /// Describes an export and what became of it.
    pub fn new(
        made_by: MadeBy,
        plan: &'a SplitPlan,
        documents: &'a [SplitDocument],
        refused: &'a [RefusedDocument],
        results: &'a [PartResult],
        excluded_file: Option<&'a PartResult>,
        over: &PutOver<'_>,
    ) -> Self {
        let place = |document| {
            let mut places = documents.iter();
            places.position(|known| known.facts.document == document)
        };
        let page = |page: &crate::model::PlannedPage, number, text_layer| {
            Some(PageEntry {
                source: place(page.page.document)?,
                page: page.page.number,
                turn: page.turn,
                number,
                text_layer,
            })
        };
        let parts = plan.parts.iter().zip(results).enumerate();
        let parts = parts.map(|(at, (part, result))| {
            let pages = part.pages.iter().enumerate();
            let remarks = result
                .written()
                .map_or(&[][..], |extracted| &extracted.remarks);
            PartEntry {
                file: FileEntry::new(result),
                note: in_words([remarks]),
                remarks,
                proof: ProofEntry::from(&result.proof),
                begins: part.reason,
                barcode: part.barcode.as_deref(),
                pile: part.pile.as_deref(),
                pages: pages
                    .filter_map(|(place, planned)| {
                        let number = (over.number)(at, place).filter(|_| result.is_there());
                        let layer = result.is_there() && (over.layer)(planned.page);
                        page(planned, number, layer)
                    })
                    .collect(),
            }
        });
        let excluded = plan.excluded.iter().filter_map(|excluded| {
            Some(ExcludedEntry {
                source: place(excluded.page.document)?,
                page: excluded.page.number,
                reason: excluded.reason,
            })
        });
        let sources = documents.iter().map(|document| SourceEntry {
            name: &document.name,
            pages: Some(document.source.pages),
            blake3: document
                .source
                .opening
                .expected
                .map(|hash| hash.to_string()),
            failure: None,
            left_out: None,
        });
        let complete = refused.iter().all(|refused| refused.left_out.is_some())
            && results
                .iter()
                .chain(excluded_file)
                .all(PartResult::is_there);
        let refused = refused.iter().map(|refused| SourceEntry {
            name: &refused.name,
            pages: None,
            blake3: None,
            failure: Some(refused.refusal.to_string()),
            left_out: refused.left_out.as_deref(),
        });
        Self {
            generator: concat!("Pagesieve ", env!("CARGO_PKG_VERSION")),
            made_by,
            complete,
            sources: sources.chain(refused).collect(),
            parts: parts.collect(),
            excluded: excluded.collect(),
            excluded_file: excluded_file.map(FileEntry::new),
        }
    }
}

impl<'a> FileEntry<'a> {
    fn new(result: &'a PartResult) -> Self {
        let written = result.written();
        Self {
            file: &result.file,
            bytes: written.map(|extracted| extracted.bytes),
            blake3: written.and_then(|extracted| Some(extracted.hash?.to_string())),
            failure: match &result.outcome {
                Outcome::Failed(refusal) => Some(refusal.to_string()),
                Outcome::NotDone => Some("not done".to_owned()),
                Outcome::Written(_) | Outcome::AlreadyThere(_) => None,
            },
        }
    }
}
