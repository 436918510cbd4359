//! The documents of a batch and the pages of each, in the order in which they lie: what is
//! attached to a document stands behind it. Not for what is said of them, nor for which of the
//! pages are shown.

mod families;

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::model::{Document, DocumentId, Page, PageId, PageKey};
use crate::triage::Families;

/// Documents with their pages.
#[derive(Default)]
pub struct Collection {
    documents: Vec<Document>,
    /// Where each document stands.
    index: HashMap<DocumentId, usize>,
    /// Which of them are attached to which.
    families: Families,
    /// Pages by document, parallel to `documents`.
    pages: Vec<Vec<Arc<Page>>>,
}

/// What became of a page that was put into a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Put {
    /// It stands behind those of its document that there were.
    Added,
    /// It stands for what was known of it before.
    Replaced,
    /// Its document is not here, or pages before it are not.
    Homeless,
}

impl Collection {
    /// Takes documents in, or what is known of them now; true where others stand in another
    /// place than before.
    pub(super) fn put_documents(&mut self, documents: Vec<Document>) -> bool {
        let known = self.documents.len();
        for document in documents {
            match self.index.get(&document.id) {
                Some(&at) => self.documents[at] = document,
                None => {
                    self.index.insert(document.id, self.documents.len());
                    self.documents.push(document);
                    self.pages.push(Vec::new());
                }
            }
        }
        let mut new = self.documents[known..].iter();
        // What others are attached to may come after them, when it was taken out and back.
        let may_move = !self.is_without_families() && new.len() > 0
            || new.any(|document| document.source.entry().is_some());
        may_move && self.bring_families_together()
    }

    pub(super) fn put_page(&mut self, page: &Arc<Page>) -> Put {
        let Some(&at) = self.index.get(&page.id.document) else {
            return Put::Homeless;
        };
        let known = &mut self.pages[at];
        let slot = page.id.number as usize - 1;
        if let Some(old) = known.get_mut(slot) {
            *old = Arc::clone(page);
            Put::Replaced
        } else if slot == known.len() {
            known.push(Arc::clone(page));
            Put::Added
        } else {
            Put::Homeless
        }
    }

    pub(super) fn drop_pages(&mut self, document: DocumentId) {
        if let Some(&at) = self.index.get(&document) {
            self.pages[at].clear();
        }
    }

    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    pub fn document(&self, id: DocumentId) -> Option<&Document> {
        self.documents.get(self.place(id)?)
    }

    /// Documents, each with its pages.
    pub fn each(&self) -> impl Iterator<Item = (&Document, &[Arc<Page>])> {
        let pages = self.pages.iter().map(Vec::as_slice);
        self.documents.iter().zip(pages)
    }

    /// Where a document stands among the others.
    pub fn place(&self, document: DocumentId) -> Option<usize> {
        self.index.get(&document).copied()
    }

    pub fn pages_of(&self, document: DocumentId) -> &[Arc<Page>] {
        self.place(document).map_or(&[], |at| &self.pages[at])
    }

    pub fn page(&self, id: PageId) -> Option<&Arc<Page>> {
        let pages = self.pages_of(id.document);
        pages.get((id.number as usize).checked_sub(1)?)
    }

    /// All pages as they lie in the documents.
    pub fn pages(&self) -> impl Iterator<Item = &Arc<Page>> {
        self.pages.iter().flatten()
    }

    /// The same, many at a time.
    pub fn par_pages(&self) -> impl ParallelIterator<Item = &Arc<Page>> {
        self.pages.par_iter().flatten()
    }

    pub fn page_count(&self) -> usize {
        self.pages.iter().map(Vec::len).sum()
    }

    /// The name of a page by its content; none before its document was read.
    pub fn key_of(&self, page: PageId) -> Option<PageKey> {
        Some(PageKey {
            document: self.document(page.document)?.hash?,
            number: page.number,
        })
    }

    /// The first page of this name.
    pub fn page_of(&self, key: &PageKey) -> Option<PageId> {
        let mut documents = self.documents.iter();
        let document = documents.find(|document| document.hash == Some(key.document))?;
        Some(PageId {
            document: document.id,
            number: key.number,
        })
    }
}
