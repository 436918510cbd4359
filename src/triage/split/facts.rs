//! What rules look at, gathered from workers for documents that are in no
//! library. Not for deciding where to cut (`rules`).

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::earlier::EarlierParts;
use super::rules::Rules;
use crate::analysis::{
    Blank, InSequence, Thresholds, is_little, is_sheet, judge_signals, number_restarts,
    reading_order,
};
use crate::library::{LibraryError, Reader};
use crate::model::{
    Barcode, BatchId, ContentHash, Decision, DocumentId, EngineKind, FailureKind, PageId, PageKey,
    PageShape, PrintedNumber, Ruling, Secret, Signals, Source,
};
use crate::triage::decisions::Decisions;
use crate::triage::intake::{self, NotTaken};
use crate::worker::{Bookmark, LeasedWorker, Opening, PartSource, Pool, Refusal, WorkerError};

/// What rules look at on a page.
#[derive(Clone, Debug, PartialEq)]
pub struct PageFacts {
    /// Its size.
    pub shape: PageShape,
    /// It is judged blank. One that was not measured is not.
    pub blank: bool,
    /// It has hardly more than its codes.
    pub little_else: bool,
    /// Its barcodes; none where it was not looked for any.
    pub codes: Option<Vec<PageCode>>,
    /// The number that is printed on it, where a rule asks for it.
    pub printed: Option<PrintedNumber>,
    /// Its top line of text, where a rule asks for it.
    pub top_line: Option<String>,
    /// Degrees clockwise by which its text lies off upright; none where that is not known.
    pub turned: Option<u16>,
    /// A person rejected it.
    pub rejected: bool,
    /// A person wants it kept: they said so, or put it on a pile.
    pub kept: bool,
    /// The pile that a person put it on.
    pub pile: Option<String>,
}

/// A barcode on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageCode {
    /// What it says.
    pub text: String,
    /// The page is a sheet for this code, to be thrown away.
    pub sheet: bool,
}

impl PageFacts {
    /// What is known of a page: nothing but its size where it was not measured.
    pub fn new(shape: PageShape, signals: Option<&Signals>, thresholds: &Thresholds) -> Self {
        let judged = signals.map(|signals| judge_signals(signals, thresholds));
        let measured = signals.filter(|signals| signals.marks.is_some());
        let mut page = Self {
            shape,
            blank: judged.is_some_and(|judged| judged.blank == Some(Blank::Yes)),
            little_else: measured.is_some_and(|signals| is_little(signals, thresholds)),
            codes: None,
            printed: signals.and_then(|signals| signals.printed),
            top_line: None,
            turned: judged.and_then(|judged| judged.turned),
            rejected: false,
            kept: false,
            pile: None,
        };
        if let Some(codes) = signals.and_then(|signals| signals.barcodes.as_ref()) {
            page.set_codes(codes);
        }
        page
    }

    fn set_codes(&mut self, codes: &[Barcode]) {
        let codes = codes.iter().map(|code| PageCode {
            text: code.text.clone(),
            sheet: is_sheet(code, self.little_else),
        });
        self.codes = Some(codes.collect());
    }
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
    /// show for them. Pages for which `is_separator` says so separate documents.
    pub fn number_restarts(&self, is_separator: impl Fn(&PageFacts) -> bool) -> BTreeSet<u32> {
        let pages = self.in_sequence(is_separator);
        let printed = number_restarts(&pages).into_iter();
        let printed = printed.filter_map(|index| u32::try_from(index + 1).ok());
        printed.chain(self.label_restarts.iter().copied()).collect()
    }

    /// The numbers of its pages in the order in which they are read, where that is known to
    /// be another than that in which they lie.
    pub fn reading_order(&self, is_separator: impl Fn(&PageFacts) -> bool) -> Option<Vec<u32>> {
        let order = reading_order(&self.in_sequence(is_separator))?.into_iter();
        let numbers = order.filter_map(|index| u32::try_from(index + 1).ok());
        Some(numbers.collect())
    }

    fn in_sequence(&self, is_separator: impl Fn(&PageFacts) -> bool) -> Vec<InSequence> {
        let pages = self.pages.iter().map(|page| InSequence {
            printed: page.printed,
            stamp: None,
            shape: page.shape,
            separator: is_separator(page),
        });
        pages.collect()
    }

    /// Takes over what people said of its pages; `hash` is that of its content.
    pub fn take_decisions(&mut self, hash: ContentHash, said: &HashMap<PageKey, Decision>) {
        for (number, page) in (1..).zip(&mut self.pages) {
            let key = PageKey {
                document: hash,
                number,
            };
            if let Some(said) = said.get(&key) {
                page.rejected = said.ruling == Some(Ruling::Reject);
                page.pile.clone_from(&said.pile);
                page.kept = said.ruling == Some(Ruling::Keep) || said.pile.is_some();
            }
        }
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
    /// Somebody leaves it out, for this reason.
    pub left_out: Option<String>,
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
    /// There are documents, and no other that might have been one, but for those that
    /// somebody leaves out.
    pub fn is_complete(&self) -> bool {
        let mut refused = self.refused.iter();
        refused.all(|refused| refused.left_out.is_some())
            && !(self.documents.is_empty() && self.earlier.is_empty())
    }
}

/// Finds documents below `roots`, opens each and gathers what the rules need. A
/// document that several of them lead to is there once.
pub fn gather(
    roots: &[PathBuf],
    passwords: &[Secret],
    engines: &[EngineKind],
    rules: &Rules,
    thresholds: &Thresholds,
    pool: &Pool,
) -> Result<Gathered, WorkerError> {
    let roots = intake::absolute(roots);
    let mut found = Vec::new();
    let mut not_taken = intake::walk(&roots, None, pool, |more| {
        found.extend(more);
        true
    });
    let mut known = HashSet::new();
    found.retain(|found| known.insert(found.document.source.clone()));
    let results: Vec<_> = found
        .into_par_iter()
        .enumerate()
        .map(|(index, found)| {
            let document = DocumentId(i64::try_from(index).unwrap_or(i64::MAX));
            let (name, source) = (found.document.name.clone(), found.document.source.clone());
            let opening = Opening {
                document,
                source: found.document.source,
                engines: engines.to_vec(),
                passwords: passwords.to_vec(),
                expected: None,
                largest: pool.limits().largest_document,
            };
            let result = match found.refusal {
                Some(refusal) => Ok(Err(refusal)),
                None => one(&name, opening, rules, thresholds, pool),
            };
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
            left_out: None,
        });
    }
    for file in not_taken.take_containers() {
        gathered.refused.push(RefusedDocument {
            name: file.name,
            source: Source::File(file.path),
            refusal: Refusal::new(FailureKind::NotPdf, file.reason),
            left_out: None,
        });
    }
    gathered.not_taken = not_taken;
    leave_out_earlier(&mut gathered, &roots);
    Ok(gathered)
}

/// The newest batch of exactly these sources; none where the library has none.
pub(super) fn batch_of(
    library: &Path,
    roots: &[PathBuf],
) -> Result<Option<(Reader, BatchId)>, LibraryError> {
    let Some(reader) = Reader::open(library)? else {
        return Ok(None);
    };
    let batch = reader.batch_with_roots(&intake::absolute(roots))?;
    Ok(batch.map(|batch| (reader, batch)))
}

/// Where the lines between verdicts are drawn for these sources: as in the newest batch
/// of exactly them, and as usual where the library has none.
pub fn thresholds_of(library: &Path, roots: &[PathBuf]) -> Thresholds {
    let kept = batch_of(library, roots).and_then(|found| {
        let thresholds = found.map(|(reader, batch)| reader.thresholds(batch));
        thresholds.transpose()
    });
    kept.unwrap_or_else(|error| {
        tracing::warn!(%error, "the usual thresholds are used");
        None
    })
    .unwrap_or_default()
}

/// Takes over what people said of pages in the newest batch of exactly these sources, and
/// which documents they leave out.
pub fn take_decisions(
    gathered: &mut Gathered,
    library: &Path,
    roots: &[PathBuf],
) -> Result<(), LibraryError> {
    let Some((reader, batch)) = batch_of(library, roots)? else {
        return Ok(());
    };
    let said = Decisions::new(reader.acts(batch)?);
    for document in &mut gathered.documents {
        if let Some(hash) = document.source.opening.expected {
            document.facts.take_decisions(hash, said.now());
        }
    }
    let known = reader.documents(batch)?;
    for refused in &mut gathered.refused {
        let same = known.iter().find(|known| known.source == refused.source);
        refused.left_out = same.and_then(|known| known.left_out.clone());
    }
    Ok(())
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

/// Opens a document and gathers what the rules need.
fn one(
    name: &str,
    opening: Opening,
    rules: &Rules,
    thresholds: &Thresholds,
    pool: &Pool,
) -> Result<Result<SplitDocument, Refusal>, WorkerError> {
    let mut worker = pool.lease(None)?;
    let opened = match worker.open(&opening)? {
        Ok(opened) => opened,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let pages = opened.shapes.iter();
    let mut facts = DocumentFacts {
        document: opening.document,
        pages: pages
            .map(|shape| PageFacts::new(*shape, None, thresholds))
            .collect(),
        bookmarks: vec![],
        label_restarts: vec![],
        signed: false,
    };
    if rules.need_measurements() {
        measure(&mut worker, &mut facts, thresholds)?;
    }
    if let Err(refusal) = look_inside(&mut worker, rules, &mut facts)? {
        return Ok(Err(refusal));
    }
    let pages = facts.page_count();
    Ok(Ok(SplitDocument {
        name: name.to_owned(),
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

/// Measures all pages. One that cannot be drawn stays unknown, and no rule cuts
/// there for what is on it.
fn measure(
    worker: &mut LeasedWorker<'_>,
    facts: &mut DocumentFacts,
    thresholds: &Thresholds,
) -> Result<(), WorkerError> {
    let numbers: Vec<u32> = (1..=facts.page_count()).collect();
    let pages = &mut facts.pages;
    worker.analyse(&numbers, |number, analysed| {
        if let Ok(analysed) = analysed
            && let Some(page) = page_of(pages, number)
        {
            let signals = Some(&analysed.measurements.signals);
            *page = PageFacts::new(page.shape, signals, thresholds);
        }
    })
}

/// Gathers what is not measured on pages, from the document that the worker has open:
/// bookmarks and labels, barcodes where it was not looked for any, and top lines.
pub fn look_inside(
    worker: &mut LeasedWorker<'_>,
    rules: &Rules,
    facts: &mut DocumentFacts,
) -> Result<Result<(), Refusal>, WorkerError> {
    let pages = &mut facts.pages;
    if rules.need_barcodes() {
        let unread = (1..)
            .zip(pages.iter())
            .filter(|(_, page)| page.codes.is_none());
        let unread: Vec<u32> = unread.map(|(number, _)| number).collect();
        worker.barcodes(&unread, |number, found| {
            if let (Some(page), Ok(found)) = (page_of(pages, number), found) {
                page.set_codes(&found);
            }
        })?;
    }
    if rules.need_text() {
        let numbers: Vec<u32> = (1..).zip(pages.iter()).map(|(number, _)| number).collect();
        worker.top_lines(&numbers, |number, line| {
            if let Some(page) = page_of(pages, number) {
                page.top_line = line;
            }
        })?;
    }
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
    Ok(Ok(()))
}

fn page_of(pages: &mut [PageFacts], number: u32) -> Option<&mut PageFacts> {
    pages.get_mut((number as usize).checked_sub(1)?)
}

/// The first line of a text that has any letters.
pub fn first_line(text: &str) -> Option<String> {
    let lines = text.lines().map(str::trim);
    lines
        .into_iter()
        .find(|line| !line.is_empty())
        .map(Into::into)
}
