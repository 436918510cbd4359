//! The pages of a batch, each held once: the session and the faces hold the same ones,
//! and a page that changes is made anew. Counts are kept, so that nothing has to pass over
//! all pages to tell how far a batch is. Not for what is said of pages (`decisions`).

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::{DocumentId, Page, PageId, PageState};

/// The pages of a batch, by document, first to last.
#[derive(Default)]
pub struct Pages {
    by_document: HashMap<DocumentId, Vec<Arc<Page>>>,
    counts: PageCounts,
}

/// Numbers of pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PageCounts {
    /// All of them.
    pub all: u64,
    /// Those that have results and do not wait for newer ones.
    pub done: u64,
    /// Those that failed.
    pub failed: u64,
}

impl PageCounts {
    fn add(&mut self, page: &Page) {
        self.all += 1;
        self.done += u64::from(page.state == PageState::Done);
        self.failed += u64::from(page.state == PageState::Failed);
    }

    fn remove(&mut self, page: &Page) {
        self.all -= 1;
        self.done -= u64::from(page.state == PageState::Done);
        self.failed -= u64::from(page.state == PageState::Failed);
    }
}

impl Pages {
    /// The pages of a document; empty before it was opened.
    pub fn of(&self, document: DocumentId) -> &[Arc<Page>] {
        self.by_document.get(&document).map_or(&[], Vec::as_slice)
    }

    /// One page.
    pub fn get(&self, id: PageId) -> Option<&Arc<Page>> {
        self.of(id.document).get(place(id)?)
    }

    /// All pages; those of a document stand together.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Page>> {
        self.by_document.values().flatten()
    }

    /// How many there are.
    pub fn counts(&self) -> PageCounts {
        self.counts
    }

    /// Puts the pages of a document in place of those it had.
    pub fn put(&mut self, document: DocumentId, pages: Vec<Arc<Page>>) {
        self.take(document);
        pages.iter().for_each(|page| self.counts.add(page));
        self.by_document.insert(document, pages);
    }

    /// Takes the pages of a document out.
    pub fn take(&mut self, document: DocumentId) -> Vec<Arc<Page>> {
        let pages = self.by_document.remove(&document).unwrap_or_default();
        pages.iter().for_each(|page| self.counts.remove(page));
        pages
    }

    /// Changes a page; it as it is then, none where there is no such page. Whoever holds
    /// the page keeps it as it was.
    pub fn change(&mut self, id: PageId, change: impl FnOnce(&mut Page)) -> Option<Arc<Page>> {
        let pages = self.by_document.get_mut(&id.document)?;
        let page = pages.get_mut(place(id)?)?;
        self.counts.remove(page);
        change(Arc::make_mut(page));
        self.counts.add(page);
        Some(Arc::clone(page))
    }
}

impl FromIterator<Arc<Page>> for Pages {
    /// Takes pages by document and number.
    fn from_iter<T: IntoIterator<Item = Arc<Page>>>(pages: T) -> Self {
        let mut all = Self::default();
        for page in pages {
            all.counts.add(&page);
            all.by_document
                .entry(page.id.document)
                .or_default()
                .push(page);
        }
        all
    }
}

/// Where a page stands among those of its document.
fn place(id: PageId) -> Option<usize> {
    usize::try_from(id.number).ok()?.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PageShape;

    fn page(document: i64, number: u32, state: PageState) -> Arc<Page> {
        Arc::new(Page {
            id: PageId {
                document: DocumentId(document),
                number,
            },
            shape: PageShape::bounded(595.0, 842.0, 0),
            state,
            measurements: None,
        })
    }

    fn counted(pages: &Pages) -> PageCounts {
        let mut counts = PageCounts::default();
        pages.iter().for_each(|page| counts.add(page));
        counts
    }

    #[test]
    fn counts_follow_every_change() {
        let mut pages: Pages = [
            page(1, 1, PageState::Waiting),
            page(1, 2, PageState::Done),
            page(2, 1, PageState::Failed),
        ]
        .into_iter()
        .collect();
        let (all, done, failed) = (3, 1, 1);
        assert_eq!(pages.counts(), PageCounts { all, done, failed });
        let held = Arc::clone(pages.get(page(1, 1, PageState::Done).id).unwrap());
        let now = pages.change(held.id, |page| page.state = PageState::Done);
        assert_eq!(now.unwrap().state, PageState::Done);
        assert_eq!(held.state, PageState::Waiting);
        assert_eq!(pages.counts(), counted(&pages));
        pages.put(DocumentId(2), vec![page(2, 1, PageState::Again)]);
        assert_eq!(pages.counts(), counted(&pages));
        assert_eq!(pages.take(DocumentId(1)).len(), 2);
        assert_eq!(pages.counts(), counted(&pages));
        let none = pages.change(page(1, 1, PageState::Done).id, |_| panic!("there is none"));
        assert!(none.is_none());
    }
}
