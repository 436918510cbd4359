//! What rules look at, gathered from workers for documents that are in no
//! library. Not for deciding where to cut (`rules`).

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::earlier::EarlierParts;
use super::rules::Rules;
use crate::analysis::{InSequence, number_restarts};
use crate::model::{
    ContentHash, DocumentId, EngineKind, FailureKind, PageId, PageShape, PrintedNumber, Secret,
    Source,
};
use crate::triage::intake::{self, Found, NotTaken};
use crate::worker::{
    Bookmark, LeasedWorker, Opened, Opening, PartSource, Pool, Refusal, WorkerError,
};

/// What rules look at on a page.
#[derive(Clone, Debug, PartialEq)]
pub struct PageFacts {
    /// Its size.
    pub shape: PageShape,
    /// Share of its area that is not white, where a rule asks for it.
    pub ink: Option<f32>,
    /// Its first line of text, where a rule asks for it.
    pub first_line: Option<String>,
    /// The number that is printed on it, where a rule asks for it.
    pub printed: Option<PrintedNumber>,
    /// What its barcodes say, where a rule asks for it.
    pub barcodes: Vec<String>,
}

/// What rules look at in a document.
#[derive(Clone, Debug, PartialEq)]
pub struct DocumentFacts {
    /// The document.
    pub document: DocumentId,
    /// Its pages.
    pub pages: Vec<PageFacts>,
    /// Its bookmarks.
    pub bookmarks: Vec<Bookmark>,
    /// Pages at which the numbers that viewers show begin anew.
    pub label_restarts: Vec<u32>,
    /// It has signatures.
    pub signed: bool,
}

impl DocumentFacts {
    /// Pages at which numbers begin anew: those printed on them, or those that viewers
    /// show for them.
    pub fn number_restarts(&self) -> BTreeSet<u32> {
        let pages: Vec<InSequence> = self
            .pages
            .iter()
            .map(|page| InSequence {
                printed: page.printed,
                shape: page.shape,
                separator: false,
            })
            .collect();
        let printed = number_restarts(&pages).into_iter();
        let printed = printed.filter_map(|index| u32::try_from(index + 1).ok());
        printed.chain(self.label_restarts.iter().copied()).collect()
    }

    /// Number of its pages.
    pub fn page_count(&self) -> u32 {
        u32::try_from(self.pages.len()).unwrap_or(u32::MAX)
    }

    /// One of its pages.
    pub fn page(&self, number: u32) -> PageId {
        PageId {
            document: self.document,
            number,
        }
    }
}

/// A document that can be split.
#[derive(Clone, Debug)]
pub struct SplitDocument {
    /// Its name, with folders.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// How its parts are made.
    pub source: PartSource,
    /// What rules look at.
    pub facts: DocumentFacts,
}

/// A document that cannot be split.
#[derive(Clone, Debug)]
pub struct RefusedDocument {
    /// Its name, with folders.
    pub name: String,
    /// Where its bytes are.
    pub source: Source,
    /// Why.
    pub refusal: Refusal,
}

/// What was found to split.
#[derive(Debug, Default)]
pub struct Gathered {
    /// Documents in order.
    pub documents: Vec<SplitDocument>,
    /// Those that cannot be split; what may hold documents and was not opened among
    /// them.
    pub refused: Vec<RefusedDocument>,
    /// Names of parts of earlier runs, which are not split again.
    pub earlier: Vec<String>,
    /// What else was not taken in.
    pub not_taken: NotTaken,
}

impl Gathered {
    /// There are documents, and no other that might have been one.
    pub fn is_complete(&self) -> bool {
        self.refused.is_empty() && !(self.documents.is_empty() && self.earlier.is_empty())
    }
}

/// Finds documents below `roots`, opens each and gathers what the rules need. `repeated`:
/// a document that several of them lead to is there as often; else once.
pub fn gather(
    roots: &[PathBuf],
    passwords: &[Secret],
    engines: &[EngineKind],
    rules: &Rules,
    repeated: bool,
    pool: &Pool,
) -> Result<Gathered, WorkerError> {
    let roots = intake::absolute(roots);
    let mut found = Vec::new();
    let mut not_taken = intake::walk(&roots, pool, |more| {
        found.extend(more);
        true
    });
    if !repeated {
        let mut known = HashSet::new();
        found.retain(|found| known.insert(found.document.source.clone()));
    }
    let results: Vec<_> = found
        .into_par_iter()
        .enumerate()
        .map(|(index, found)| {
            let document = DocumentId(i64::try_from(index).unwrap_or(i64::MAX));
            let (name, source) = (found.document.name.clone(), found.document.source.clone());
            let result = one(document, found, passwords, engines, rules, pool);
            (name, source, result)
        })
        .collect();
    let mut gathered = Gathered::default();
    for (name, source, result) in results {
        let refusal = match result {
            Ok(Ok(document)) => {
                gathered.documents.push(document);
                continue;
            }
            Ok(Err(refusal)) => refusal,
            Err(WorkerError::Start(error)) => return Err(WorkerError::Start(error)),
            Err(error) => Refusal::from(&error),
        };
        gathered.refused.push(RefusedDocument {
            name,
            source,
            refusal,
        });
    }
    for file in not_taken.take_containers() {
        gathered.refused.push(RefusedDocument {
            name: file.name,
            source: Source::File(file.path),
            refusal: Refusal::new(FailureKind::NotPdf, file.reason),
        });
    }
    gathered.not_taken = not_taken;
    leave_out_earlier(&mut gathered, &roots);
    Ok(gathered)
}

/// Leaves out parts of earlier runs that were found in folders. A file that somebody
/// named is meant.
fn leave_out_earlier(gathered: &mut Gathered, roots: &[PathBuf]) {
    let folders = |document: &SplitDocument| -> Vec<PathBuf> {
        let Source::File(path) = &document.source.opening.source else {
            return Vec::new();
        };
        let within = |folder: &&Path| roots.iter().any(|root| folder.starts_with(root));
        let folders = path.ancestors().skip(1).take_while(within);
        folders.map(Path::to_owned).collect()
    };
    let all: BTreeSet<PathBuf> = gathered.documents.iter().flat_map(folders).collect();
    let parts = EarlierParts::of(&all);
    let hash = |document: &SplitDocument| document.source.opening.expected;
    let hashes: HashSet<ContentHash> = gathered.documents.iter().filter_map(hash).collect();
    let is_earlier = |document: &SplitDocument| {
        let named = roots
            .iter()
            .any(|root| root == document.source.opening.source.file());
        !named && hash(document).is_some_and(|hash| parts.include(hash, &hashes))
    };
    let (earlier, documents) = std::mem::take(&mut gathered.documents)
        .into_iter()
        .partition::<Vec<_>, _>(is_earlier);
    gathered.documents = documents;
    gathered.earlier = earlier.into_iter().map(|document| document.name).collect();
}

fn one(
    id: DocumentId,
    found: Found,
    passwords: &[Secret],
    engines: &[EngineKind],
    rules: &Rules,
    pool: &Pool,
) -> Result<Result<SplitDocument, Refusal>, WorkerError> {
    if let Some(refusal) = found.refusal {
        return Ok(Err(refusal));
    }
    let opening = Opening {
        document: id,
        source: found.document.source,
        engines: engines.to_vec(),
        passwords: passwords.to_vec(),
        expected: None,
        largest: pool.limits().largest_document,
    };
    let mut worker = pool.lease(None)?;
    let opened = match worker.open(&opening)? {
        Ok(opened) => opened,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let mut facts = shapes(id, &opened);
    if rules.need_navigation() {
        match worker.splittable()? {
            Ok(splittable) => {
                facts.bookmarks = splittable.bookmarks;
                facts.label_restarts = splittable.label_restarts;
                facts.signed = splittable.signed;
            }
            Err(refusal) => return Ok(Err(refusal)),
        }
    }
    if rules.need_measurements() {
        measure(&mut worker, &mut facts)?;
    }
    if rules.need_barcodes() {
        read_barcodes(&mut worker, &mut facts)?;
    }
    let pages = facts.page_count();
    Ok(Ok(SplitDocument {
        name: found.document.name,
        bytes: opened.bytes,
        source: PartSource {
            opening: Opening {
                expected: Some(opened.hash),
                ..opening
            },
            pages,
        },
        facts,
    }))
}

fn shapes(document: DocumentId, opened: &Opened) -> DocumentFacts {
    let pages = opened.shapes.iter().map(|shape| PageFacts {
        shape: *shape,
        ink: None,
        first_line: None,
        printed: None,
        barcodes: vec![],
    });
    DocumentFacts {
        document,
        pages: pages.collect(),
        bookmarks: vec![],
        label_restarts: vec![],
        signed: false,
    }
}

/// Measures all pages. One that cannot be drawn stays unknown, and no rule cuts
/// there for what is on it.
fn measure(worker: &mut LeasedWorker<'_>, facts: &mut DocumentFacts) -> Result<(), WorkerError> {
    let numbers: Vec<u32> = (1..=facts.page_count()).collect();
    let pages = &mut facts.pages;
    worker.analyse(&numbers, |number, analysed| {
        if let Ok(analysed) = analysed
            && let Some(page) = pages.get_mut(number as usize - 1)
        {
            page.ink = analysed.measurements.ink;
            page.first_line = first_line(&analysed.text);
            page.printed = analysed.measurements.signals.printed;
        }
    })
}

/// Reads the barcodes of all pages of the document that the worker has open.
pub fn read_barcodes(
    worker: &mut LeasedWorker<'_>,
    facts: &mut DocumentFacts,
) -> Result<(), WorkerError> {
    let numbers: Vec<u32> = (1..=facts.page_count()).collect();
    let pages = &mut facts.pages;
    worker.barcodes(&numbers, |number, found| {
        if let Some(page) = pages.get_mut(number as usize - 1) {
            page.barcodes = found.unwrap_or_default();
        }
    })
}

/// The first line of a text that has any letters.
pub fn first_line(text: &str) -> Option<String> {
    let lines = text.lines().map(str::trim);
    lines
        .into_iter()
        .find(|line| !line.is_empty())
        .map(Into::into)
}
