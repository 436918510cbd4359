//! The shown batch in memory: documents, pages, failures, and the order in which
//! pages are shown. Follows the session's events. Pure; not for drawing.

mod collection;
mod decisions;
mod failures;
mod proposed;
mod question;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::selection::Selection;
use crate::desk::large::canvas::Shown;
use crate::desk::panels::search;
use crate::model::{
    Batch, BatchId, Change, Decision, Document, DocumentId, Failure, Finding, Page, PageId,
    PageKey, Secret,
};
use crate::names;
use crate::triage::changes::{Changed, changes, tally};
use crate::triage::fields::{Field, Knowledge, PAGE, Said, Subject, Surroundings, lines};
use crate::triage::query::{Hits, Query};
use crate::triage::{
    Command, Decided, DocumentVerdicts, Duplicates, EarlierDecision, FailedId, Progress, Proposals,
    Scope, SequenceNote, Steps, Sums, Thresholds, judge, notes_of, sum_up,
};

use collection::{Collection, Put};
pub use decisions::Decisions;
use decisions::is_otherwise;
use failures::Failures;
use proposed::Proposed;
use question::Next;
pub use question::{Found, Question};

/// What external analysers made of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looked {
    /// One has found something.
    Found,
    /// One has failed.
    Failed,
    /// One has left files behind.
    LeftFiles,
}

impl Looked {
    pub const ALL: [Self; 3] = [Self::Found, Self::Failed, Self::LeftFiles];

    pub fn label(self) -> &'static str {
        match self {
            Self::Found => "With a result of an analyser",
            Self::Failed => "Analyser failed",
            Self::LeftFiles => "Analyser left files behind",
        }
    }

    fn of(self, finding: &Finding) -> bool {
        match self {
            Self::Found => finding.result.is_ok(),
            Self::Failed => finding.problem().is_some(),
            Self::LeftFiles => finding.left.is_some(),
        }
    }
}

/// What is shown and what is known of it at one moment; another once either changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edition {
    batch: BatchId,
    shown: u64,
    /// It changes by results that come in, not by what a person does.
    measured: u64,
    documents: u64,
    said: u64,
}

impl Edition {
    /// Of the same batch, only results came in between.
    pub fn differs_by_results(&self, other: &Self) -> bool {
        self.batch == other.batch && self.measured != other.measured
    }
}

/// What is shown of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only this document.
    pub document: Option<DocumentId>,
    /// Only pages of which external analysers made this.
    pub looked: Option<Looked>,
    /// Only pages that are judged differently than by the usual thresholds, those
    /// nearest to the line first.
    pub flipped: bool,
}

impl Filter {
    /// It asks for something of pages themselves.
    fn is_about_pages(&self) -> bool {
        self.looked.is_some() || self.flipped
    }
}

/// Pages that are the same page, by the groups that they are in.
pub struct Copies<'a> {
    numbers: [&'a HashMap<PageId, u32>; 2],
    groups: [HashMap<u32, Vec<PageId>>; 2],
}

impl Copies<'_> {
    /// The copies of a page, in order.
    pub fn of(&self, page: PageId) -> Vec<PageId> {
        let kinds = self.numbers.iter().zip(&self.groups);
        let groups = kinds.filter_map(|(numbers, groups)| groups.get(numbers.get(&page)?));
        let mut copies: Vec<PageId> = groups.flatten().copied().collect();
        copies.retain(|copy| *copy != page);
        copies.sort();
        copies.dedup();
        copies
    }
}

/// How much of something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    pub done: u64,
    pub all: u64,
}

/// Sorted by it, pages stand as they lie in the documents.
const AS_THEY_LIE: &Field = &PAGE[0];

/// A batch as the window knows it.
pub struct Sheet {
    pub batch: Batch,
    pub progress: Option<Progress>,
    pub collection: Collection,
    /// What the run before had found on some of them.
    before: HashMap<PageId, Arc<Page>>,
    pub failures: Failures,
    /// What external analysers found, texts left out; under page 0 for documents.
    findings: HashMap<PageId, Vec<Finding>>,
    /// What the table is sorted by.
    pub sort: &'static Field,
    pub descending: bool,
    /// The view that is shown sorts: the table does, pictures stand as they lie.
    sorts: bool,
    pub filter: Filter,
    order: Vec<PageId>,
    stale: bool,
    is_new_choice: bool,
    /// A person waits for the order to be made anew.
    is_awaited: bool,
    /// Grows whenever the order changes.
    pub version: u64,
    thresholds: Thresholds,
    /// Which threshold was moved last, by its place among [`lines`].
    moved: Option<usize>,
    /// Number of pages that are judged differently than by the usual thresholds.
    flipped: usize,
    flipped_stale: bool,
    /// Grows whenever a page is measured, compared with others, or fails.
    measured: u64,
    /// What is said of documents that were inspected.
    judged: HashMap<DocumentId, DocumentVerdicts>,
    /// What is odd about where pages stand, by document, and the documents for which
    /// that is to be worked out anew.
    notes: HashMap<DocumentId, Vec<Option<SequenceNote>>>,
    notes_stale: HashSet<DocumentId>,
    /// Pages of the library that are the same.
    duplicates: Duplicates,
    /// They were looked for since pages were analysed last.
    are_compared: bool,
    /// What external analysers were given since they had nothing to do.
    for_analysers: u64,
    /// What people said of the pages.
    pub decisions: Decisions,
    /// What rules propose of them.
    pub proposed: Proposed,
    /// What pages are asked for.
    pub question: Question,
    /// Terms that are marked on pages.
    terms: Vec<String>,
    /// Grows whenever something is known anew of a document.
    documents_changed: u64,
    /// Grows whenever something is said of pages or proposed, or some were seen.
    said_changed: u64,
    /// Goes up whenever external analysers have found something.
    found_changed: u64,
    pub selection: Selection<PageId>,
}

impl Sheet {
    pub fn new(
        batch: Batch,
        documents: Vec<Document>,
        pages: Vec<Arc<Page>>,
        failures: Vec<Failure>,
    ) -> Self {
        let mut sheet = Self {
            batch,
            progress: None,
            collection: Collection::default(),
            before: HashMap::new(),
            failures: Failures::default(),
            findings: HashMap::new(),
            sort: AS_THEY_LIE,
            descending: false,
            sorts: false,
            filter: Filter::default(),
            order: Vec::new(),
            stale: true,
            is_new_choice: false,
            is_awaited: false,
            version: 0,
            thresholds: Thresholds::default(),
            moved: None,
            flipped: 0,
            flipped_stale: false,
            measured: 0,
            judged: HashMap::new(),
            notes: HashMap::new(),
            notes_stale: HashSet::new(),
            duplicates: Duplicates::default(),
            are_compared: false,
            for_analysers: 0,
            decisions: Decisions::default(),
            proposed: Proposed::default(),
            question: Question::default(),
            terms: Vec::new(),
            documents_changed: 0,
            said_changed: 0,
            found_changed: 0,
            selection: Selection::default(),
        };
        sheet.put_documents(documents);
        sheet.put_pages(&pages);
        sheet.put_failures(failures);
        sheet
    }

    /// Takes over what a person chose, when the same batch is loaded anew.
    pub fn keep_choices_of(&mut self, old: Self) {
        self.sort = old.sort;
        self.descending = old.descending;
        self.sorts = old.sorts;
        self.filter = old.filter;
        self.moved = old.moved;
        self.question.keep(old.question);
        self.proposed.keep_rules(old.proposed);
        // Documents may have been taken out since.
        let mut selection = old.selection;
        selection.retain(|page| self.page(*page).is_some());
        self.selection = selection;
        let only = self.filter.document;
        self.filter.document = only.filter(|document| self.document(*document).is_some());
        self.version = old.version + 1;
    }

    /// What has some of it processed again.
    pub fn again(&self, scope: Scope) -> Command {
        Command::Reprocess {
            batch: self.id(),
            scope,
            passwords: vec![],
        }
    }

    /// What has passwords tried on a document, or on all that are locked.
    pub fn unlock(&self, passwords: Vec<Secret>) -> Command {
        Command::Unlock {
            batch: self.id(),
            passwords,
        }
    }

    pub fn id(&self) -> BatchId {
        self.batch.id
    }

    pub fn put_documents(&mut self, documents: Vec<Document>) {
        self.documents_changed += 1;
        self.failures.look_again();
        self.stale |= self.collection.put_documents(documents);
    }

    pub fn put_pages(&mut self, pages: &[Arc<Page>]) {
        self.decisions.pages_changed();
        self.measured += 1;
        self.flipped_stale = true;
        self.proposed.pages_changed();
        self.are_compared &= pages.iter().all(|page| page.measurements.is_none());
        for page in pages {
            match self.collection.put_page(page) {
                Put::Added => self.stale = true,
                Put::Replaced => self.stale |= !self.is_as_it_lies(),
                Put::Homeless => continue,
            }
            self.notes_stale.insert(page.id.document);
        }
    }

    /// Pages were analysed again: what the run before had found on them.
    pub fn put_before(&mut self, before: Vec<Arc<Page>>) {
        let before = before.into_iter().map(|page| (page.id, page));
        self.before.extend(before);
        self.measured += 1;
        self.stale |= !self.is_as_it_lies();
    }

    /// What the latest runs changed, each with its pages.
    pub fn changes(&self) -> Vec<(Changed, Vec<PageId>)> {
        let pages: Vec<&PageId> = self.before.keys().collect();
        let changes = pages.into_par_iter().filter_map(|id| {
            let page = self.page(*id)?;
            Some((*id, changes(&self.subject(page))))
        });
        tally(changes.collect::<Vec<_>>())
    }

    /// Pages that more than one run has measured.
    pub fn measured_again(&self) -> Vec<PageId> {
        self.before.keys().copied().collect()
    }

    pub fn drop_pages(&mut self, document: DocumentId) {
        self.documents_changed += 1;
        self.before.retain(|page, _| page.document != document);
        self.measured += 1;
        self.decisions.pages_changed();
        self.collection.drop_pages(document);
        self.notes.remove(&document);
        self.judged.remove(&document);
        self.findings.retain(|page, _| page.document != document);
        self.question.forget(document);
        self.failures.forget(document);
        self.selection.retain(|page| page.document != document);
        self.stale = true;
    }

    /// These have no failure record any more.
    pub fn mended(&mut self, mended: &[FailedId]) {
        self.documents_changed += 1;
        self.failures.mend(mended);
    }

    pub fn put_failures(&mut self, failures: Vec<Failure>) {
        self.documents_changed += 1;
        self.measured += 1;
        if !failures.is_empty() {
            self.proposed.pages_changed();
        }
        self.failures.put(failures);
    }

    pub fn put_findings(&mut self, findings: Vec<Finding>) {
        self.stale |= self.filter.looked.is_some() && !findings.is_empty();
        self.found_changed += findings.len() as u64;
        for finding in findings {
            let page = PageId {
                document: finding.id.document,
                number: finding.id.page.unwrap_or(0),
            };
            let known = self.findings.entry(page).or_default();
            known.retain(|old| old.id.analyser != finding.id.analyser);
            known.push(finding);
        }
    }

    /// What is to be looked up now, if that is something else than before.
    pub fn next_search(&mut self) -> Option<String> {
        match self.question.next() {
            Next::Same => None,
            Next::All => {
                self.chosen_anew();
                None
            }
            Next::LookUp(typed) => Some(typed),
        }
    }

    /// The texts of what was typed were looked up.
    pub fn put_asked(&mut self, typed: String, query: Query, hits: Hits) {
        self.question.put(typed, query, hits);
        self.chosen_anew();
    }

    /// Grows whenever something is known anew of a document.
    pub fn documents_changed(&self) -> u64 {
        self.documents_changed
    }

    /// Grows whenever something is said of pages or proposed, or some were seen.
    pub fn said_changed(&self) -> u64 {
        self.said_changed
    }

    /// A number that goes up whenever external analysers have found something.
    pub fn found_changed(&self) -> u64 {
        self.found_changed
    }

    /// What is shown can be asked for of other batches: it is not the choice of a document,
    /// nor of what no question asks for, nor half-typed.
    pub fn is_question(&self) -> bool {
        let filter = &self.filter;
        let is_chosen = filter.document.is_some() || filter.looked.is_some() || filter.flipped;
        !is_chosen && self.question.problem().is_none()
    }

    /// Marks these terms on pages.
    pub fn mark_terms(&mut self, terms: &[String]) {
        if self.terms != terms {
            self.terms = terms.to_vec();
        }
    }

    /// What is shown over a page that is shown large.
    pub fn shown_over_pages(&self, found: bool) -> Shown<'_> {
        Shown {
            found,
            thresholds: &self.thresholds,
            typed: self.question.texts(),
            terms: &self.terms,
        }
    }

    /// What was asked for, if pages were measured since.
    pub fn search_again(&mut self) -> Option<String> {
        self.question.again(self.measured)
    }

    /// What external analysers found on a page, or, under number 0, on a document.
    pub fn findings(&self, page: PageId) -> &[Finding] {
        self.findings.get(&page).map_or(&[], Vec::as_slice)
    }

    /// Number of pages of which external analysers made this.
    pub fn count_looked(&self, looked: Looked) -> usize {
        self.findings
            .iter()
            .filter(|(page, _)| page.number > 0)
            .filter(|(_, findings)| findings.iter().any(|finding| looked.of(finding)))
            .count()
    }

    pub fn documents(&self) -> &[Document] {
        self.collection.documents()
    }

    pub fn document(&self, id: DocumentId) -> Option<&Document> {
        self.collection.document(id)
    }

    pub fn pages_of(&self, document: DocumentId) -> &[Arc<Page>] {
        self.collection.pages_of(document)
    }

    pub fn page(&self, id: PageId) -> Option<&Arc<Page>> {
        self.collection.page(id)
    }

    /// Where the lines between verdicts are drawn.
    pub fn thresholds(&self) -> &Thresholds {
        &self.thresholds
    }

    /// Draws the lines anew; `moved` is the one that was moved, among [`lines`].
    pub fn set_thresholds(&mut self, thresholds: Thresholds, moved: Option<usize>) {
        self.thresholds = thresholds;
        self.proposed.pages_changed();
        self.moved = moved;
        self.stale = true;
        let documents = self.collection.documents().iter();
        self.notes_stale
            .extend(documents.map(|document| document.id));
        self.count_flipped();
        self.filter.flipped &= self.flipped > 0;
    }

    fn count_flipped(&mut self) {
        self.flipped_stale = false;
        self.flipped = if self.thresholds == Thresholds::default() {
            0
        } else {
            let pages = self.collection.par_pages();
            pages.filter(|page| self.is_flipped(page)).count()
        };
    }

    /// This is the line that was moved last.
    pub fn is_moving(&self, moved: Option<usize>) -> bool {
        moved.is_some() && self.moved == moved
    }

    /// Number of pages that are judged differently than by the usual thresholds.
    pub fn flipped(&self) -> usize {
        self.flipped
    }

    fn is_flipped(&self, page: &Page) -> bool {
        judge(page, &self.thresholds) != judge(page, &Thresholds::default())
    }

    /// Grows whenever a page is measured.
    pub fn measured(&self) -> u64 {
        self.measured
    }

    /// All pages as they lie in the documents.
    pub fn pages(&self) -> impl Iterator<Item = &Arc<Page>> {
        self.collection.pages()
    }

    /// Documents were inspected.
    pub fn put_judged(&mut self, judged: Vec<(DocumentId, DocumentVerdicts)>) {
        self.documents_changed += 1;
        self.stale |= !self.is_as_it_lies() && !judged.is_empty();
        if !judged.is_empty() {
            self.proposed.pages_changed();
        }
        self.judged.extend(judged);
    }

    /// What is said of a document; none before it was inspected.
    pub fn judged(&self, document: DocumentId) -> Option<DocumentVerdicts> {
        self.judged.get(&document).copied()
    }

    /// Pages of this batch that are the same page: painted exactly the same, or scanned anew.
    pub fn copies(&self) -> Copies<'_> {
        let of = |numbers: &HashMap<PageId, u32>| {
            let mut groups: HashMap<u32, Vec<PageId>> = HashMap::new();
            for (page, group) in numbers {
                if self.page(*page).is_some() {
                    groups.entry(*group).or_default().push(*page);
                }
            }
            groups
        };
        Copies {
            numbers: [&self.duplicates.exact, &self.duplicates.near],
            groups: [of(&self.duplicates.exact), of(&self.duplicates.near)],
        }
    }

    /// A page as people name it: its document and its number.
    pub fn name_of(&self, page: PageId) -> String {
        let document = self.document(page.document);
        let name = document.map_or("", |document| names::file(&document.name));
        format!("{} · page {}", names::cut_middle(name, 40), page.number)
    }

    /// The library was looked through for pages that are the same.
    pub fn put_duplicates(&mut self, duplicates: Duplicates) {
        self.stale |= !self.is_as_it_lies();
        self.proposed.pages_changed();
        self.measured += 1;
        self.duplicates = duplicates;
        self.are_compared = true;
    }

    /// Pages were compared with each other since they were analysed.
    pub fn are_compared(&self) -> bool {
        self.are_compared
    }

    /// Another page that is exactly the same, or else nearly: the first of this batch.
    pub fn copy_of(&self, page: PageId, exactly: bool) -> Option<PageId> {
        let groups = match exactly {
            true => &self.duplicates.exact,
            false => &self.duplicates.near,
        };
        let group = groups.get(&page)?;
        let is_other = |(other, of): &(&PageId, &u32)| {
            *of == group && **other != page && self.page(**other).is_some()
        };
        let others = groups.iter().filter(is_other);
        others.map(|(other, _)| *other).min()
    }

    /// How far it is.
    pub fn put_progress(&mut self, progress: Progress) {
        let before = self.progress.as_ref();
        let before = before.map_or(0, |progress| progress.unanalysed);
        self.for_analysers = match progress.unanalysed {
            0 => 0,
            now => self.for_analysers + now.saturating_sub(before),
        };
        self.progress = Some(progress);
    }

    /// How much external analysers have looked at of what they were given since they had
    /// nothing to do; none while they have nothing.
    pub fn analysed(&self) -> Option<Share> {
        let left = self.progress.as_ref()?.unanalysed;
        (left > 0).then(|| Share {
            done: self.for_analysers.saturating_sub(left),
            all: self.for_analysers,
        })
    }

    /// All that people said of the pages.
    pub fn put_decided(&mut self, decided: Decided) {
        self.said_changed += 1;
        self.decisions.put(decided);
        self.proposed.pages_changed();
        self.stale |= !self.is_as_it_lies();
    }

    /// What holds of some pages now, and what undoing and redoing would do. The pages as
    /// they are shown follow at once.
    pub fn put_decisions(&mut self, changed: Vec<(PageKey, Decision)>, steps: Steps) {
        self.said_changed += 1;
        let keys: HashSet<PageKey> = changed.iter().map(|(key, _)| *key).collect();
        self.decisions.change(changed, steps);
        if self.proposed.rules().next().is_some() {
            let pages = self.pages().map(|page| page.id);
            let is_changed = |page: &PageId| {
                self.collection
                    .key_of(*page)
                    .is_some_and(|k| keys.contains(&k))
            };
            let pages: Vec<PageId> = pages.filter(is_changed).collect();
            self.propose_of(&pages);
        }
        self.count_decided();
        self.selection.settle();
        self.stale |= !self.is_as_it_lies();
        self.refresh();
    }

    /// Texts that a field says of pages, where they are few enough to be offered.
    pub fn texts_of(&self, field: &Field) -> Vec<&str> {
        match field.name {
            "pile" => self.decisions.piles().iter().map(String::as_str).collect(),
            "tags" => self.decisions.tags().iter().map(String::as_str).collect(),
            "document" => self.documents().iter().map(|d| d.name.as_str()).collect(),
            "attached_to" => self.collection.names_of_holders(),
            _ => Vec::new(),
        }
    }

    /// The pages on a pile, in the order of the batch.
    pub fn pages_on(&self, pile: &str) -> Vec<PageId> {
        let is_on = |page: PageId| {
            let said = self.said(page);
            said.is_some_and(|said| said.pile.as_deref() == Some(pile))
        };
        let pages = self.pages().map(|page| page.id);
        pages.filter(|page| is_on(*page)).collect()
    }

    /// What is said of a page.
    pub fn decision(&self, page: PageId) -> Decision {
        self.said(page).cloned().unwrap_or_default()
    }

    /// How many of these pages are ruled, or lie on a pile, otherwise than is to be said of
    /// them now.
    pub fn decided_otherwise(&self, pages: &[PageId], changes: &[Change]) -> usize {
        let said = pages.iter().filter_map(|page| self.said(*page));
        said.filter(|said| is_otherwise(said, changes)).count()
    }

    pub fn said(&self, page: PageId) -> Option<&Decision> {
        self.decisions.of(&self.collection.key_of(page)?)
    }

    /// What was said of a page in another batch, where nothing is said of it here.
    pub fn earlier(&self, page: PageId) -> Option<&EarlierDecision> {
        self.decisions.earlier(&self.collection.key_of(page)?)
    }

    /// Number of pages that are decided, and of all pages.
    pub fn decided(&self) -> (usize, usize) {
        (self.decisions.count(), self.page_count())
    }

    fn count_decided(&mut self) {
        let pages = self.collection.par_pages();
        let keys = pages.filter_map(|page| self.collection.key_of(page.id));
        self.decisions.keep_up(keys);
    }

    fn is_decided(&self, page: PageId) -> bool {
        let key = self.collection.key_of(page);
        key.is_some_and(|key| self.decisions.is_decided(&key))
    }

    /// Goes to the next page that nobody has decided about, from the first one again after
    /// the last. False: there is none.
    pub fn go_to_undecided(&mut self) -> bool {
        let cursor = self.selection.cursor();
        let at = cursor.and_then(|page| self.position(page));
        let after = at.map_or(0, |at| at + 1);
        let (before, behind) = self.order.split_at(after.min(self.order.len()));
        let mut pages = behind.iter().chain(before);
        let next = pages.find(|page| !self.is_decided(**page)).copied();
        if let Some(next) = next {
            self.select(next, false, false);
        }
        next.is_some()
    }

    /// Pages that a decision is about: those that are selected, or the one under the
    /// cursor.
    pub fn chosen(&self) -> Vec<PageId> {
        self.selection.chosen(&self.order)
    }

    /// What is known of a page.
    pub fn subject<'a>(&'a self, page: &'a Page) -> Subject<'a> {
        Subject::new(page, self)
    }

    /// Somebody has seen a page.
    pub fn is_seen(&self, page: PageId) -> bool {
        let key = self.collection.key_of(page);
        key.is_some_and(|key| self.decisions.is_seen(&key))
    }

    /// Notes pages as seen; returns those that were not yet.
    pub fn put_seen(&mut self, mut pages: Vec<PageId>) -> Vec<PageId> {
        pages.retain(|page| {
            let key = self.collection.key_of(*page);
            key.is_some_and(|key| self.decisions.see(key))
        });
        self.said_changed += u64::from(!pages.is_empty());
        // A page that is being read is not taken away from under the eyes: the order is
        // made anew with the next thing that changes it.
        pages
    }

    /// Number of pages that are neither decided nor seen.
    pub fn unreviewed(&self) -> usize {
        let is_left = |page: &&Arc<Page>| !self.is_decided(page.id) && !self.is_seen(page.id);
        self.collection.par_pages().filter(is_left).count()
    }

    /// The rules were looked up.
    pub fn put_proposals(&mut self, proposals: Proposals) {
        self.proposed.put_rules(proposals);
        self.propose();
    }

    /// Works out anew what is proposed of each page.
    pub fn propose(&mut self) {
        let Some(proposals) = self.proposed.proposals() else {
            return;
        };
        let of =
            |page: &Arc<Page>| Some((page.id, proposals.of(&Subject::before_rules(page, self))?));
        let proposed = self.collection.par_pages().filter_map(of).collect();
        self.proposed.put(proposed);
        self.said_changed += 1;
        self.stale |= !self.is_as_it_lies();
    }

    /// The same for these pages, of which something was said.
    fn propose_of(&mut self, pages: &[PageId]) {
        for id in pages {
            let proposals = self.proposed.proposals();
            let page = self.page(*id);
            let proposal = proposals
                .zip(page)
                .and_then(|(proposals, page)| proposals.of(&Subject::before_rules(page, self)));
            self.proposed.put_of(*id, proposal);
        }
    }

    /// Pages of which a rule proposes something, in the order of the documents.
    pub fn proposed_by(&self, rule: usize) -> Vec<PageId> {
        let pages = self.pages().map(|page| page.id);
        pages
            .filter(|page| self.proposed.is_by(*page, rule))
            .collect()
    }

    /// The pages of a document, summed up.
    pub fn sums(&self, document: DocumentId) -> Sums {
        sum_up(self.pages_of(document), &self.thresholds)
    }

    /// Follows the sequence of pages in documents that changed.
    fn note_sequences(&mut self) {
        for document in std::mem::take(&mut self.notes_stale) {
            let notes = notes_of(self.pages_of(document), &self.thresholds);
            self.notes.insert(document, notes);
        }
    }

    /// Number of these pages of which each is said, in the order of [`Said::all`].
    pub fn count_said(&self, pages: &[PageId]) -> Vec<usize> {
        let none = || vec![0; Said::all().count()];
        let count = |mut counts: Vec<usize>, page: &PageId| {
            let Some(page) = self.page(*page) else {
                return counts;
            };
            let subject = self.subject(page);
            for (count, said) in counts.iter_mut().zip(Said::all()) {
                *count += usize::from(said.is_said_of(&subject));
            }
            counts
        };
        let add = |mut counts: Vec<usize>, more: Vec<usize>| {
            let both = counts.iter_mut().zip(more);
            both.for_each(|(count, more)| *count += more);
            counts
        };
        pages.par_iter().fold(none, count).reduce(none, add)
    }

    /// What is shown and what is known of it, as numbers that change with it.
    pub fn edition(&self) -> Edition {
        Edition {
            batch: self.id(),
            shown: self.version,
            measured: self.measured,
            documents: self.documents_changed,
            said: self.said_changed,
        }
    }

    /// Whether pages are shown as they lie in the documents, whatever is measured
    /// on them.
    pub fn is_as_it_lies(&self) -> bool {
        let filter = &self.filter;
        self.sorted_by() == (AS_THEY_LIE, false)
            && filter.looked.is_none()
            && !filter.flipped
            && self.question.asked().is_none()
    }

    pub fn set_sort(&mut self, sort: &'static Field) {
        if self.sort == sort {
            self.descending = !self.descending;
        } else {
            self.sort = sort;
            self.descending = false;
        }
        self.stale = true;
        self.is_awaited = true;
    }

    /// Sorts by a field, from the last to the first if `descending`.
    pub fn sort_by(&mut self, sort: &'static Field, descending: bool) {
        (self.sort, self.descending) = (sort, descending);
        self.chosen_anew();
    }

    /// Tells whether the view that is shown sorts its pages.
    pub fn let_sort(&mut self, sorts: bool) {
        let before = self.sorted_by();
        self.sorts = sorts;
        self.stale |= self.sorted_by() != before;
    }

    /// What pages are sorted by now, and whether from the last to the first.
    fn sorted_by(&self) -> (&'static Field, bool) {
        match self.sorts {
            true => (self.sort, self.descending),
            false => (AS_THEY_LIE, false),
        }
    }

    /// Whether pages of a document stand together, in their order.
    pub fn is_by_document(&self) -> bool {
        self.sorted_by() == (AS_THEY_LIE, false) && !(self.filter.flipped && self.moved.is_some())
    }

    /// What pages are sorted by and whether from the last to the first, where they do not
    /// stand as they lie in the documents.
    pub fn sorted_otherwise(&self) -> Option<(&'static Field, bool)> {
        Some(self.sorted_by()).filter(|sort| *sort != (AS_THEY_LIE, false))
    }

    /// Has pages stand as they lie in the documents.
    pub fn sort_as_they_lie(&mut self) {
        self.sort_by(AS_THEY_LIE, false);
    }

    /// Shows all pages again.
    pub fn show_all(&mut self) {
        self.set_filter(Filter::default());
        self.question.typed.clear();
        // Clears what was asked for, as emptying the field by hand does.
        self.next_search();
    }

    /// Number of pages there are, shown or not.
    pub fn page_count(&self) -> usize {
        self.collection.page_count()
    }

    /// Why only some pages are shown, reason by reason; empty where all are.
    pub fn reasons(&self) -> Vec<String> {
        let filter = &self.filter;
        let document = filter.document.and_then(|id| self.document(id));
        let document = document.map(|d| format!("of {}", names::cut_middle(&d.name, 40)));
        let looked = filter.looked.map(|looked| looked.label().to_owned());
        let flipped = "judged differently than by the usual thresholds";
        let flipped = filter.flipped.then(|| flipped.to_owned());
        let words = self.question.asked();
        let words = words.map(|asked| format!("with “{}”", search::spoken(asked)));
        let all = [document, looked, flipped, words];
        all.into_iter().flatten().collect()
    }

    pub fn set_filter(&mut self, filter: Filter) {
        if self.filter != filter {
            self.filter = filter;
            self.chosen_anew();
        }
    }

    /// A person chose which pages are shown.
    fn chosen_anew(&mut self) {
        self.stale = true;
        self.is_new_choice = true;
        self.is_awaited = true;
    }

    /// A person chose which pages are shown since this was asked last: the page under the
    /// cursor has another place.
    pub fn take_new_choice(&mut self) -> bool {
        std::mem::take(&mut self.is_new_choice)
    }

    /// The order is to be made anew.
    pub fn is_stale(&self) -> bool {
        self.stale
    }

    /// The order is to be made anew because a person chose so, not because results came.
    pub fn is_awaited(&self) -> bool {
        self.is_awaited
    }

    /// Brings what is cheap up to date: once a frame.
    pub fn keep_up(&mut self) {
        let collection = &self.collection;
        self.failures.keep_up(
            |document| collection.place(document),
            |document| {
                let document = collection.document(document);
                document.is_some_and(|document| document.left_out.is_some())
            },
        );
        self.note_sequences();
        self.count_decided();
        if self.flipped_stale {
            self.count_flipped();
        }
    }

    /// The order is kept while results arrive would make it jump; the caller
    /// decides when to call this.
    pub fn refresh(&mut self) {
        if !std::mem::take(&mut self.stale) {
            return;
        }
        self.version += 1;
        let is_asked = std::mem::take(&mut self.is_awaited);
        self.note_sequences();
        let asked = self.asked_for();
        let found = self.question.asked().is_some().then(|| {
            let named = self.documents().iter();
            let named = named.filter(|document| self.question.names(&document.name));
            let named = named.map(|document| document.id);
            let has_it = |page: &&&Arc<Page>| self.question.is_on(&self.subject(page));
            let (having, only_named): (Vec<_>, Vec<_>) = asked.par_iter().partition(has_it);
            let document = |page: &&Arc<Page>| page.id.document;
            let named: HashSet<DocumentId> =
                named.chain(only_named.into_iter().map(document)).collect();
            let found = Found {
                pages: having.len(),
                named: named.len(),
            };
            let having = having.into_iter().map(document);
            (found, named.iter().copied().chain(having).collect())
        });
        let order = self.ordered(asked);
        if let Some((found, documents)) = found {
            self.question.found(found, documents);
        }
        let before = std::mem::replace(&mut self.order, order);
        let mut selection = std::mem::take(&mut self.selection);
        let place = |page: &PageId| (self.collection.place(page.document), page.number);
        selection.follow(&before, &self.order, is_asked, place);
        self.selection = selection;
    }

    /// The pages that are asked for, as they lie in the documents.
    fn asked_for(&self) -> Vec<&Arc<Page>> {
        match self.question.asked() {
            Some(_) => {
                let pages = self.collection.par_pages();
                let is_asked = |page: &&Arc<Page>| self.question.asks_for(&self.subject(page));
                pages.filter(is_asked).collect()
            }
            None => self.pages().collect(),
        }
    }

    /// Of pages that are asked for, those that are shown, in the order in which they are.
    fn ordered(&self, mut asked: Vec<&Arc<Page>>) -> Vec<PageId> {
        let filter = self.filter;
        if let Some(only) = filter.document {
            asked.retain(|page| page.id.document == only);
        }
        let shown: Vec<&Arc<Page>> = match filter.is_about_pages() {
            true => asked
                .into_par_iter()
                .filter(|page| self.is_let_through(page))
                .collect(),
            false => asked,
        };
        if let Some(line) = self.moved.and_then(|moved| lines().nth(moved))
            && filter.flipped
        {
            let mut near = shown;
            near.par_sort_by(|a, b| {
                let of = |page| line.distance(page, &self.thresholds);
                of(a).total_cmp(&of(b))
            });
            return near.into_iter().map(|page| page.id).collect();
        }
        let (sort, descending) = self.sorted_by();
        if sort == AS_THEY_LIE {
            let mut order: Vec<PageId> = shown.into_iter().map(|page| page.id).collect();
            if descending {
                order.reverse();
            }
            return order;
        }
        let sorted = sort.sorted(descending, &shown, |page| self.subject(page));
        sorted.into_iter().map(|at| shown[at].id).collect()
    }

    /// Whether the filter lets a page through, whatever its document.
    fn is_let_through(&self, page: &Page) -> bool {
        let filter = self.filter;
        let has_looked = |only: Looked| {
            let mut findings = self.findings(page.id).iter();
            findings.any(|finding| only.of(finding))
        };
        filter.looked.is_none_or(has_looked) && (!filter.flipped || self.is_flipped(page))
    }

    /// Documents that could not be opened, where what is shown does not leave them out.
    pub fn without_pages(&self) -> impl Iterator<Item = &Document> {
        let filter = self.filter;
        let documents = self.collection.each();
        documents
            .filter(move |_| !filter.is_about_pages())
            .filter(|(document, pages)| document.status.is_failure() && pages.is_empty())
            .map(|(document, _)| document)
            .filter(move |document| filter.document.is_none_or(|only| only == document.id))
            .filter(|document| self.question.names(&document.name))
    }

    /// Pages as they are shown.
    pub fn order(&self) -> &[PageId] {
        &self.order
    }

    pub fn position(&self, page: PageId) -> Option<usize> {
        self.order.iter().position(|id| *id == page)
    }

    /// Moves the cursor by so many places, and the selection with it.
    pub fn move_cursor(&mut self, by: isize, extend: bool) {
        self.selection.step(by, extend, &self.order);
    }

    /// Selects as lists do: alone, up to here (`extend`), or in addition
    /// (`toggle`).
    pub fn select(&mut self, page: PageId, extend: bool, toggle: bool) {
        self.selection.select(page, extend, toggle, &self.order);
    }

    pub fn select_all(&mut self) {
        self.selection.set(self.order.iter().copied());
    }

    /// "12 pages of 3 documents" as numbers.
    pub fn selected(&self) -> (usize, usize) {
        let pages = self.selection.items().iter();
        let documents: HashSet<_> = pages.map(|page| page.document).collect();
        (self.selection.len(), documents.len())
    }
}

impl Knowledge for Sheet {
    fn document_name(&self, document: DocumentId) -> &str {
        let document = self.document(document);
        document.map_or("", |document| document.name.as_str())
    }

    fn attached_to(&self, document: DocumentId) -> Option<&str> {
        Some(self.collection.holder(document)?.name.as_str())
    }

    fn thresholds(&self) -> &Thresholds {
        &self.thresholds
    }

    fn before(&self, page: PageId) -> Option<&Page> {
        self.before.get(&page).map(AsRef::as_ref)
    }

    fn surroundings(&self, page: PageId) -> Surroundings {
        Surroundings::of(page, &self.judged, &self.notes, &self.duplicates)
    }

    fn failure(&self, page: PageId) -> Option<&Failure> {
        self.failures.of(page.document, Some(page.number))
    }

    fn decision(&self, page: PageId) -> Option<&Decision> {
        self.said(page)
    }

    fn is_seen(&self, page: PageId) -> bool {
        Self::is_seen(self, page)
    }

    fn earlier(&self, page: PageId) -> Option<&EarlierDecision> {
        Self::earlier(self, page)
    }

    fn proposed(&self, page: PageId) -> Option<&str> {
        self.proposed.of(page).map(|p| p.words.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::failures::tests::failure;
    use super::*;
    use crate::model::DocumentStatus;
    use crate::model::PageState;
    use crate::model::{EngineKind, Measurements, PageShape, Source, entry_path};

    fn batch() -> Batch {
        Batch {
            id: BatchId(1),
            name: "batch".into(),
            created: 0,
            cancelled: false,
            archived: false,
        }
    }

    fn document(id: i64) -> Document {
        Document {
            id: DocumentId(id),
            batch: BatchId(1),
            source: Source::File(format!("/{id}.pdf").into()),
            name: format!("{id}.pdf"),
            bytes: 1,
            modified: 0,
            hash: None,
            status: DocumentStatus::Ok,
            pages: 3,
            encrypted: false,
            duplicate_of: None,
            left_out: None,
        }
    }

    fn page(document: i64, number: u32, ink: Option<f32>) -> Arc<Page> {
        Arc::new(Page {
            id: PageId {
                document: DocumentId(document),
                number,
            },
            shape: PageShape {
                width: 595.0,
                height: 842.0,
                rotation: 0,
            },
            state: if ink.is_some() {
                PageState::Done
            } else {
                PageState::Waiting
            },
            measurements: ink.map(|ink| Measurements {
                ink: Some(ink),
                characters: 1,
                words: 1,
                engine: EngineKind::Hayro,
                disagreement: None,
                micros: 1,
                signals: Default::default(),
            }),
        })
    }

    fn ink() -> &'static Field {
        Field::named("ink").unwrap()
    }

    fn sheet() -> Sheet {
        let pages = [
            page(1, 1, Some(0.5)),
            page(1, 2, None),
            page(2, 1, Some(0.1)),
            page(2, 2, Some(0.9)),
        ];
        let mut sheet = Sheet::new(
            batch(),
            vec![document(1), document(2)],
            pages.into(),
            vec![],
        );
        sheet.refresh();
        sheet
    }

    /// Asks for the pages of a query that needs no texts looked up.
    fn ask(sheet: &mut Sheet, typed: &str) {
        let query = Query::parse(typed).unwrap();
        sheet.put_asked(typed.to_owned(), query, Hits::default());
    }

    fn shown(sheet: &Sheet) -> Vec<(i64, u32)> {
        sheet
            .order()
            .iter()
            .map(|page| (page.document.0, page.number))
            .collect()
    }

    #[test]
    fn pages_lie_as_in_the_documents() {
        assert_eq!(shown(&sheet()), [(1, 1), (1, 2), (2, 1), (2, 2)]);
    }

    #[test]
    fn what_is_attached_to_a_document_stands_behind_it_whenever_it_comes() {
        let attached = |id: i64, holder: i64, entry: &str| Document {
            source: Source::at(format!("/{holder}.pdf").into(), entry),
            pages: 0,
            ..document(id)
        };
        let mut sheet = Sheet::new(batch(), vec![document(1), document(2)], vec![], vec![]);
        sheet.put_pages(&[page(2, 1, None)]);
        let letter = entry_path::steps("letter.pdf").remove(0);
        let annex = entry_path::join("contract.pdf", &letter);
        sheet.put_documents(vec![attached(3, 1, "contract.pdf")]);
        sheet.put_documents(vec![attached(4, 2, "letter.pdf"), attached(5, 1, &annex)]);
        sheet.put_documents(vec![attached(6, 1, "second.pdf")]);
        let ids: Vec<i64> = sheet.documents().iter().map(|d| d.id.0).collect();
        assert_eq!(ids, [1, 3, 5, 6, 2, 4]);
        // One that was taken out and comes back has its own behind it again.
        sheet.put_documents(vec![attached(7, 9, "first.pdf"), document(8), document(9)]);
        let ids: Vec<i64> = sheet.documents().iter().map(|d| d.id.0).collect();
        assert_eq!(ids, [1, 3, 5, 6, 2, 4, 8, 9, 7]);
        assert_eq!(sheet.pages_of(DocumentId(2)).len(), 1);
        assert_eq!(sheet.collection.holder(DocumentId(5)).unwrap().id.0, 3);
        assert!(
            sheet.collection.has_family(DocumentId(2))
                && sheet.collection.has_family(DocumentId(4))
        );
        sheet.put_pages(&[page(5, 1, None), page(1, 1, None)]);
        let pages = sheet.collection.pages_of_family(DocumentId(6));
        let pages: Vec<i64> = pages.iter().map(|page| page.document.0).collect();
        assert_eq!(pages, [1, 5]);
        let chosen = |ids: &[i64]| ids.iter().map(|id| DocumentId(*id)).collect();
        assert_eq!(
            sheet.collection.split_families(&chosen(&[5, 2, 4])),
            [DocumentId(1)]
        );
        assert_eq!(sheet.collection.split_families(&chosen(&[1, 3, 5, 6])), []);
    }

    #[test]
    fn unknown_values_come_last_either_way() {
        let mut sheet = sheet();
        sheet.let_sort(true);
        sheet.set_sort(ink());
        sheet.refresh();
        assert_eq!(shown(&sheet), [(2, 1), (1, 1), (2, 2), (1, 2)]);
        sheet.set_sort(ink());
        sheet.refresh();
        assert_eq!(shown(&sheet), [(2, 2), (1, 1), (2, 1), (1, 2)]);
    }

    #[test]
    fn pictures_stand_as_they_lie_whatever_the_table_is_sorted_by() {
        let mut sheet = sheet();
        sheet.let_sort(true);
        sheet.set_sort(ink());
        sheet.refresh();
        assert!(!sheet.is_by_document());
        sheet.let_sort(false);
        assert!(sheet.is_stale() && sheet.is_by_document());
        sheet.refresh();
        assert_eq!(shown(&sheet), [(1, 1), (1, 2), (2, 1), (2, 2)]);
    }

    #[test]
    fn copies_are_unknown_until_pages_were_compared_and_after_new_ones_came() {
        let mut sheet = sheet();
        assert!(!sheet.are_compared());
        let (one, other) = (page(1, 1, Some(0.5)).id, page(2, 1, Some(0.1)).id);
        let elsewhere = page(7, 1, None).id;
        sheet.put_duplicates(Duplicates {
            near: [(one, 1), (other, 1), (elsewhere, 1)].into(),
            ..Duplicates::default()
        });
        assert!(sheet.are_compared());
        assert_eq!(sheet.copy_of(one, false), Some(other));
        assert_eq!(sheet.copy_of(one, true), None);
        sheet.put_pages(&[page(2, 3, None)]);
        assert!(sheet.are_compared());
        sheet.put_pages(&[page(2, 3, Some(0.2))]);
        assert!(!sheet.are_compared());
    }

    #[test]
    fn names_are_counted_apart_from_the_pages_that_have_what_is_asked_for() {
        let mut sheet = sheet();
        let hits = Hits(vec![[page(1, 2, None).id].into()]);
        for (typed, hits, pages, named) in [
            ("2.pdf", Hits(vec![HashSet::new()]), 0, 1),
            ("2.pdf", hits, 1, 1),
        ] {
            sheet.put_asked(typed.to_owned(), Query::parse(typed).unwrap(), hits);
            sheet.refresh();
            assert_eq!(sheet.question.count(), Some(Found { pages, named }));
        }
    }

    #[test]
    fn why_only_some_pages_are_shown_is_said_until_all_are() {
        let mut sheet = sheet();
        assert!(sheet.reasons().is_empty());
        sheet.set_filter(Filter {
            document: Some(DocumentId(2)),
            looked: Some(Looked::Failed),
            ..Filter::default()
        });
        sheet.question.typed = "words".into();
        let query = Query::parse("words").unwrap();
        sheet.put_asked("words".into(), query, Hits::default());
        sheet.refresh();
        let document = sheet.documents()[1].name.clone();
        let expected = [
            format!("of {document}"),
            "Analyser failed".to_owned(),
            "with “words”".to_owned(),
        ];
        assert_eq!(sheet.reasons(), expected);
        sheet.show_all();
        sheet.next_search();
        sheet.refresh();
        assert!(sheet.reasons().is_empty());
        assert_eq!(sheet.order().len(), sheet.page_count());
    }

    #[test]
    fn what_a_person_chose_waits_for_nothing_and_results_do() {
        let mut sheet = sheet();
        sheet.let_sort(true);
        sheet.refresh();
        assert!(!sheet.is_awaited());
        sheet.set_sort(ink());
        assert!(sheet.is_awaited());
        sheet.refresh();
        sheet.put_pages(&[page(1, 2, Some(0.3))]);
        assert!(sheet.is_stale() && !sheet.is_awaited());
        ask(&mut sheet, "blank:yes");
        assert!(sheet.is_awaited());
    }

    #[test]
    fn a_filter_shows_one_document() {
        let mut sheet = sheet();
        sheet.set_filter(Filter {
            document: Some(DocumentId(2)),
            ..Filter::default()
        });
        sheet.refresh();
        assert_eq!(shown(&sheet), [(2, 1), (2, 2)]);
    }

    #[test]
    fn results_do_not_make_the_natural_order_stale() {
        let mut sheet = sheet();
        sheet.put_pages(&[page(1, 2, Some(0.3))]);
        assert!(!sheet.is_stale());
        sheet.put_pages(&[page(1, 3, None)]);
        assert!(sheet.is_stale());
    }

    #[test]
    fn a_page_that_keeps_earlier_results_has_its_failure_beside_them() {
        let mut sheet = sheet();
        sheet.put_failures(vec![failure(1, Some(2))]);
        sheet.put_pages(&[page(1, 2, Some(0.2))]);
        sheet.keep_up();
        assert_eq!(sheet.failures.len(), 1);
        sheet.mended(&[(DocumentId(1), Some(2))]);
        sheet.keep_up();
        assert_eq!(sheet.failures.len(), 0);
    }

    /// A batch whose first document has four pages, of which some are undecided.
    fn undecided() -> Sheet {
        let document = Document {
            hash: Some(crate::model::ContentHash([1; 32])),
            ..document(1)
        };
        let pages = (1..=4).map(|number| page(1, number, Some(0.5))).collect();
        let mut sheet = Sheet::new(batch(), vec![document], pages, vec![]);
        ask(&mut sheet, "decision:none");
        sheet.refresh();
        sheet
    }

    fn decide(sheet: &mut Sheet, number: u32) {
        let key = PageKey {
            document: crate::model::ContentHash([1; 32]),
            number,
        };
        let decision = Decision {
            ruling: Some(crate::model::Ruling::Reject),
            ..Decision::default()
        };
        sheet.put_decisions(vec![(key, decision)], Steps::default());
    }

    fn cursor(sheet: &Sheet) -> Option<u32> {
        sheet.selection.cursor().map(|page| page.number)
    }

    #[test]
    fn a_page_that_leaves_makes_room_for_the_next_one_and_the_last_for_the_one_before() {
        let mut sheet = undecided();
        sheet.select(sheet.order()[1], false, false);
        decide(&mut sheet, 2);
        assert_eq!(cursor(&sheet), Some(3));
        assert_eq!(sheet.chosen().len(), 1);
        decide(&mut sheet, 3);
        assert_eq!(cursor(&sheet), Some(4));
        decide(&mut sheet, 4);
        assert_eq!(cursor(&sheet), Some(1));
        decide(&mut sheet, 1);
        assert_eq!(cursor(&sheet), None);
        assert!(sheet.chosen().is_empty());
        assert_eq!(sheet.decided(), (4, 4));
    }

    #[test]
    fn a_cursor_that_went_on_by_itself_skips_nothing_when_its_page_leaves() {
        let mut sheet = undecided();
        sheet.select(sheet.order()[0], false, false);
        sheet.move_cursor(1, false);
        decide(&mut sheet, 1);
        assert_eq!(cursor(&sheet), Some(2));
    }

    #[test]
    fn when_the_filter_changes_the_nearest_page_that_is_left_has_the_cursor() {
        let mut sheet = undecided();
        decide(&mut sheet, 1);
        decide(&mut sheet, 4);
        ask(&mut sheet, "");
        sheet.refresh();
        sheet.select(sheet.order()[1], false, false);
        ask(&mut sheet, "decision:reject");
        sheet.refresh();
        assert_eq!(cursor(&sheet), Some(4));
    }

    #[test]
    fn the_next_undecided_page_comes_after_the_cursor_and_then_from_the_first() {
        let mut sheet = undecided();
        ask(&mut sheet, "");
        sheet.refresh();
        decide(&mut sheet, 3);
        sheet.select(sheet.order()[1], false, false);
        assert!(sheet.go_to_undecided());
        assert_eq!(cursor(&sheet), Some(4));
        assert!(sheet.go_to_undecided());
        assert_eq!(cursor(&sheet), Some(1));
        for number in [1, 2, 4] {
            decide(&mut sheet, number);
        }
        assert!(!sheet.go_to_undecided());
    }
}
