//! Families in a collection: documents stand behind those that they are attached to, and are
//! asked for together. Not for telling who is attached to whom (`triage::Families`).

use std::collections::{BTreeSet, HashSet};

use super::Collection;
use crate::model::{Document, DocumentId, PageId};
use crate::triage::Families;

impl Collection {
    /// Puts documents behind those that they are attached to, as the library does, whichever
    /// of them came first. False: they stood there already.
    pub(super) fn bring_families_together(&mut self) -> bool {
        self.families = Families::of(self.documents.iter());
        let ordered = self.families.in_order(self.documents.iter());
        let order: Vec<usize> = ordered.iter().map(|of| self.index[&of.id]).collect();
        if order.is_sorted() {
            return false;
        }
        let mut pages = std::mem::take(&mut self.pages);
        let mut documents: Vec<Option<Document>> = self.documents.drain(..).map(Some).collect();
        for at in order {
            let Some(document) = documents[at].take() else {
                continue;
            };
            self.index.insert(document.id, self.documents.len());
            self.documents.push(document);
            self.pages.push(std::mem::take(&mut pages[at]));
        }
        true
    }

    /// Nothing is attached to any document.
    pub fn is_without_families(&self) -> bool {
        self.families.is_empty()
    }

    /// The document that is attached to none and that another hangs on; itself, where it is
    /// attached to none.
    pub fn head<'a>(&'a self, document: &'a Document) -> &'a Document {
        match self.families.has_family(document.id) {
            true => self
                .document(self.families.head(document.id))
                .unwrap_or(document),
            false => document,
        }
    }

    /// How many documents one is attached to, one to the other.
    pub fn depth(&self, document: DocumentId) -> usize {
        self.families.depth(document)
    }

    /// How many documents are attached to one.
    pub fn count_attached(&self, document: DocumentId) -> usize {
        self.families.count_attached(document)
    }

    /// The document that another is attached to.
    pub fn holder(&self, document: DocumentId) -> Option<&Document> {
        self.document(self.families.holder(document)?)
    }

    /// The names of documents that others are attached to.
    pub fn names_of_holders(&self) -> Vec<&str> {
        let documents = self.documents.iter();
        let holders = documents.filter(|document| self.families.holds(document.id));
        holders.map(|document| document.name.as_str()).collect()
    }

    /// The documents that are attached to one.
    pub fn attached(&self, holder: DocumentId) -> impl Iterator<Item = &Document> {
        let documents = self.documents.iter();
        documents.filter(move |document| self.families.holder(document.id) == Some(holder))
    }

    /// A document has others attached to it, or is attached to one.
    pub fn has_family(&self, document: DocumentId) -> bool {
        self.families.has_family(document)
    }

    /// The families of which some documents are among these and some are not, by the document
    /// that the others are attached to.
    pub fn split_families(&self, documents: &HashSet<DocumentId>) -> Vec<DocumentId> {
        let with_family = documents.iter().filter(|id| self.has_family(**id));
        let heads: BTreeSet<DocumentId> = with_family.map(|id| self.families.head(*id)).collect();
        let heads = heads.into_iter();
        heads
            .filter(|head| !self.families.family(*head).is_subset(documents))
            .collect()
    }

    /// The names of a document and of all that are attached to it.
    pub fn names_of_family(&self, head: DocumentId) -> Vec<&str> {
        let family = self.families.family(head);
        let documents = self.documents.iter();
        let documents = documents.filter(|document| family.contains(&document.id));
        documents.map(|document| document.name.as_str()).collect()
    }

    /// The pages of a document and of all that are attached to it or that it is attached to.
    pub fn pages_of_family(&self, document: DocumentId) -> Vec<PageId> {
        let family = self.families.family(document);
        let documents = self.documents.iter().zip(&self.pages);
        documents
            .filter(|(document, _)| family.contains(&document.id))
            .flat_map(|(_, pages)| pages.iter().map(|page| page.id))
            .collect()
    }
}
