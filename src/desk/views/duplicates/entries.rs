//! Rows of the list of duplicates: groups of pages, and documents that are the same page by
//! page as one row. Pure; not for drawing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::model::{BatchId, DocumentId, PageId, Ruling};
use crate::triage::{DescribedGroup, DuplicatePage, Duplicates, Sameness};

/// A row: one group, or the groups of all pages of documents that are wholly the same.
pub struct Entry {
    /// At least one, each with two pages or more; in the order of the pages.
    pub groups: Vec<DescribedGroup>,
}

/// Which groups are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    #[default]
    All,
    Exact,
    Near,
    Similar,
}

impl Kind {
    pub const ALL: [Self; 4] = [Self::All, Self::Exact, Self::Near, Self::Similar];

    /// For people, after a number.
    pub fn label(self) -> &'static str {
        match self {
            Self::All => "in all",
            Self::Exact => "exact",
            Self::Near => "scanned again",
            Self::Similar => "similar",
        }
    }

    pub fn has(self, entry: &Entry) -> bool {
        let of_kind = match self {
            Self::All => return true,
            Self::Exact => Sameness::Exact,
            Self::Near => Sameness::Near,
            Self::Similar => Sameness::Similar,
        };
        entry.groups.first().map(|group| group.sameness) == Some(of_kind)
    }
}

impl Entry {
    /// A person said of all its groups that they are none.
    pub fn is_dismissed(&self) -> bool {
        self.groups.iter().all(|group| group.dismissed)
    }

    /// Somebody has decided about all its pages.
    pub fn is_settled(&self, decision: impl Fn(PageId) -> Option<Ruling>) -> bool {
        self.groups.iter().all(|group| {
            let ruling = |page: &DuplicatePage| decision(page.page.id);
            let open = group.pages.iter().filter(|page| ruling(page).is_none());
            group.sameness != Sameness::Similar && open.count() == 0
        })
    }

    /// One of its pages is in this batch.
    pub fn is_in(&self, batch: BatchId) -> bool {
        self.all_pages().any(|page| page.batch == batch)
    }

    /// Its pages.
    pub fn pages(&self) -> impl Iterator<Item = PageId> {
        self.all_pages().map(|page| page.page.id)
    }

    fn all_pages(&self) -> impl Iterator<Item = &DuplicatePage> {
        self.groups.iter().flat_map(|group| &group.pages)
    }

    /// What is kept and what is rejected for it, group by group, if the document of `page` is
    /// kept: the others, but for those in the same batch that are the same file at another
    /// place, which share its decision.
    pub fn kept(&self, page: &DuplicatePage) -> Vec<(DuplicatePage, Vec<DuplicatePage>)> {
        let cloned = |others: Vec<&DuplicatePage>| others.into_iter().cloned().collect();
        let of_groups = self.kept_of_groups(page);
        of_groups
            .map(|(kept, others)| (kept.clone(), cloned(others)))
            .collect()
    }

    /// Whether anything is rejected for it; if not, the others are the very same file.
    pub fn has_others(&self, page: &DuplicatePage) -> bool {
        let mut of_groups = self.kept_of_groups(page);
        of_groups.any(|(_, others)| !others.is_empty())
    }

    fn kept_of_groups<'a>(
        &'a self,
        page: &'a DuplicatePage,
    ) -> impl Iterator<Item = (&'a DuplicatePage, Vec<&'a DuplicatePage>)> {
        let is_kept = move |other: &DuplicatePage| match self.groups.len() {
            1 => other.page.id == page.page.id,
            _ => other.page.id.document == page.page.id.document,
        };
        self.groups.iter().filter_map(move |group| {
            let kept = group.pages.iter().find(|other| is_kept(other))?;
            let shares = |other: &DuplicatePage| {
                other.batch == kept.batch
                    && other.hash.is_some()
                    && other.hash == kept.hash
                    && other.page.id.number == kept.page.id.number
            };
            let others = group.pages.iter().filter(|other| !is_kept(other));
            let others = others.filter(|other| !shares(other));
            Some((kept, others.collect()))
        })
    }

    /// Other documents of its batch that are the very same file as that of `page`, by batch.
    pub fn same_files(&self, page: &DuplicatePage) -> BTreeMap<BatchId, Vec<DocumentId>> {
        let is_same = |other: &&DuplicatePage| {
            other.batch == page.batch
                && other.hash.is_some()
                && other.hash == page.hash
                && other.page.id.document != page.page.id.document
        };
        let others = self.all_pages().filter(is_same);
        let documents: BTreeSet<DocumentId> = others.map(|other| other.page.id.document).collect();
        match documents.is_empty() {
            true => BTreeMap::new(),
            false => BTreeMap::from([(page.batch, documents.into_iter().collect())]),
        }
    }
}

/// The rows, in the order of the library.
pub fn entries(found: &Duplicates, groups: Vec<DescribedGroup>) -> Vec<Entry> {
    let mut known = HashMap::new();
    let mut rows: Vec<Entry> = Vec::new();
    let mut of_documents: HashMap<Vec<u32>, usize> = HashMap::new();
    for group in groups.into_iter().filter(|group| group.pages.len() > 1) {
        let next = rows.len();
        let row = match whole(found, &group, &mut known) {
            Some(pages) => *of_documents.entry(pages.clone()).or_insert(next),
            None => next,
        };
        match rows.get_mut(row) {
            Some(row) => row.groups.push(group),
            None => rows.push(Entry {
                groups: vec![group],
            }),
        }
    }
    rows
}

/// The numbers of the groups that the pages of a document are in; none where one is in none.
type Pages = HashMap<DocumentId, Option<Vec<u32>>>;

/// The groups of all pages of the documents of a group, if these are all the same page by
/// page, and each has one page in it.
fn whole<'a>(
    found: &Duplicates,
    group: &DescribedGroup,
    known: &'a mut Pages,
) -> Option<&'a Vec<u32>> {
    let first = &group.pages.first()?.page.id;
    let mut pages = group.pages.iter();
    let is_exact = group.sameness == Sameness::Exact;
    if !is_exact || group.dismissed || pages.any(|page| page.page.id.number != first.number) {
        return None;
    }
    for page in &group.pages {
        let document = page.page.id.document;
        known.entry(document).or_insert_with(|| {
            let ids = (1..=page.document_pages).map(|number| PageId { document, number });
            ids.map(|id| found.exact.get(&id).copied()).collect()
        });
    }
    let first = known.get(&first.document)?.as_ref()?;
    let same = |page: &DuplicatePage| {
        let pages = known.get(&page.page.id.document);
        pages.is_some_and(|pages| pages.as_ref() == Some(first))
    };
    (first.len() > 1 && group.pages.iter().all(same)).then_some(first)
}
