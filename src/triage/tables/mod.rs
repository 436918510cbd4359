//! Tables of what is known of a batch, for other programs: the command line prints them
//! and the window saves them, with the same columns under the same names. Not for tables
//! that a person reads on a terminal (`cli`) or in the window (`desk`).

mod decisions;
mod documents;
mod duplicates;
mod failures;
mod pages;
#[cfg(feature = "parquet")]
mod parquet;
mod report;
mod runs;
mod sample;
mod save;
mod table;
mod workbook;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

pub use duplicates::duplicates;
pub use report::Report;
pub(super) use save::write_whole;
pub use save::{SaveError, TableFormat, save, save_report};
pub use table::{Table, plain, yes_or_no};

use super::decisions::{Decided, Decisions};
use super::duplicates::{describe, find};
use super::proposals::Proposals;
use super::query::Query;
use crate::analysis::Thresholds;
use crate::library::{LibraryError, Reader};
use crate::model::{
    BatchId, ContentHash, Document, DocumentDetails, DocumentId, Failure, Finding, Page, PageId,
};

/// What a table lists.
#[derive(Clone, Debug, PartialEq)]
pub enum Listed {
    /// All pages of a batch, in the order of its documents.
    Pages,
    /// The pages of it that are asked for, in the order of its documents.
    PagesWhere(Query),
    /// Just these pages of it, in this order.
    ThesePages(Vec<PageId>),
    /// Its documents.
    Documents,
    /// Those of them that have pages which are asked for.
    DocumentsWhere(Query),
    /// What failed in it.
    Failures,
    /// What was decided about its pages, act by act.
    Decisions,
    /// The runs over it.
    Runs,
    /// The sample of it that was drawn last, page by page.
    Sample,
    /// What pages say otherwise than the run before had found.
    Changes,
    /// Pages of the whole library that are the same, without those of which a person
    /// said that they are not.
    Duplicates,
}

impl Listed {
    /// The table of a batch.
    pub fn of(&self, reader: &Reader, batch: BatchId) -> Result<Table, LibraryError> {
        match self {
            Self::Pages => Ok(pages::pages(&Known::read(reader, batch)?, &find(reader)?.0)),
            Self::PagesWhere(query) => {
                let hits = query.look_up(reader, batch)?;
                let known = Known::read(reader, batch)?;
                Ok(pages::pages_where(&known, &find(reader)?.0, query, &hits))
            }
            Self::ThesePages(wanted) => Ok(these_pages(reader, batch, wanted)?.0),
            Self::Documents => Ok(documents::documents(&Known::read(reader, batch)?)),
            Self::DocumentsWhere(query) => {
                let having: HashSet<DocumentId> = pages_where(reader, batch, query)?
                    .into_iter()
                    .map(|page| page.document)
                    .collect();
                let known = Known::read(reader, batch)?;
                let mut table = documents::documents(&known);
                let mut ids = known.documents.iter().map(|document| document.id);
                table
                    .rows
                    .retain(|_| ids.next().is_some_and(|id| having.contains(&id)));
                Ok(table)
            }
            Self::Sample => Ok(sample::sample(
                &reader.documents(batch)?,
                reader.latest_sample(batch)?.as_ref(),
            )),
            Self::Failures => {
                let known = Known::read(reader, batch)?;
                Ok(failures::failures(&known.documents, &known.failures))
            }
            Self::Decisions => {
                let decisions = Decisions::new(reader.acts(batch)?);
                Ok(decisions::decisions(&reader.documents(batch)?, &decisions))
            }
            Self::Runs => Ok(runs::runs(&reader.runs(batch)?)),
            Self::Changes => Ok(runs::changes(
                &Known::read(reader, batch)?,
                &find(reader)?.0,
            )),
            Self::Duplicates => {
                let mut groups = find(reader)?.0.groups;
                groups.retain(|group| !group.dismissed);
                Ok(duplicates(&describe(reader, &groups)?))
            }
        }
    }
}

/// The table of these pages of a batch, in this order, and the pages that are in it: some may
/// be gone.
fn these_pages(
    reader: &Reader,
    batch: BatchId,
    wanted: &[PageId],
) -> Result<(Table, Vec<PageId>), LibraryError> {
    let mut known = Known::read(reader, batch)?;
    let mut table = pages::pages(&known, &find(reader)?.0);
    let ids = known.pages.drain(..).map(|page| page.id);
    let mut rows: HashMap<PageId, _> = ids.zip(table.rows).collect();
    let found = wanted.iter().filter_map(|id| Some((rows.remove(id)?, *id)));
    let (rows, ids) = found.unzip();
    table.rows = rows;
    Ok((table, ids))
}

/// The pages of a batch that are asked for, in the order of its documents.
pub fn pages_where(
    reader: &Reader,
    batch: BatchId,
    query: &Query,
) -> Result<Vec<PageId>, LibraryError> {
    let hits = query.look_up(reader, batch)?;
    let known = Known::read(reader, batch)?;
    Ok(pages::found(&known, &find(reader)?.0, query, &hits))
}

/// The pages of a batch of which a rule, by its place, proposes something.
pub fn pages_proposed(
    reader: &Reader,
    batch: BatchId,
    rule: usize,
) -> Result<Vec<PageId>, LibraryError> {
    let known = Known::read(reader, batch)?;
    Ok(pages::proposed_by(&known, &find(reader)?.0, rule))
}

/// What the library knows of a batch.
struct Known {
    documents: Vec<Document>,
    pages: Vec<Arc<Page>>,
    before: HashMap<PageId, Arc<Page>>,
    failures: Vec<Failure>,
    findings: Vec<Finding>,
    details: HashMap<DocumentId, DocumentDetails>,
    thresholds: Thresholds,
    decided: Decided,
    proposals: Proposals,
}

impl Known {
    /// Reads one state of it, whatever a run does in the meantime.
    fn read(reader: &Reader, batch: BatchId) -> Result<Self, LibraryError> {
        reader.consistent(|reader| {
            let (pages, damage) = reader.pages_and_damage(batch)?;
            let before = reader.pages_before(batch)?;
            let mut failures = reader.failures(batch)?;
            failures.extend(damage);
            Ok(Self {
                documents: reader.documents(batch)?,
                pages,
                before: before.into_iter().map(|page| (page.id, page)).collect(),
                failures,
                findings: reader.findings(batch)?,
                details: reader.details(batch)?,
                thresholds: reader.thresholds(batch)?,
                decided: Decided::read(reader, batch)?,
                proposals: Proposals::look_up(&reader.rules()?, reader, batch)?,
            })
        })
    }
}

/// The names of documents by their content; of several with the same bytes, the first.
fn names_by_content(documents: &[Document]) -> HashMap<ContentHash, &str> {
    let mut names = HashMap::new();
    for document in documents {
        if let Some(hash) = document.hash {
            names.entry(hash).or_insert(document.name.as_str());
        }
    }
    names
}

/// The names of documents.
pub fn names_of(documents: &[Document]) -> HashMap<DocumentId, &str> {
    let names = documents.iter();
    names
        .map(|document| (document.id, document.name.as_str()))
        .collect()
}

/// Pages of each document, which lie together.
fn by_document(pages: &[Arc<Page>]) -> impl Iterator<Item = (DocumentId, &[Arc<Page>])> {
    pages
        .chunk_by(|a, b| a.id.document == b.id.document)
        .filter_map(|pages| Some((pages.first()?.id.document, pages)))
}
