//! Families: documents and what is attached to them, as a reader that opens attachments sees
//! them. Told by where their bytes are. Not for finding attachments (`worker`).

use std::collections::{HashMap, HashSet};

use crate::model::{Document, DocumentId, Source};

/// Which documents of a batch are attached to which.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Families {
    holders: HashMap<DocumentId, DocumentId>,
    /// Documents that have others attached.
    holding: HashSet<DocumentId>,
}

impl Families {
    /// Those of a batch.
    pub fn of<'a>(documents: impl Iterator<Item = &'a Document> + Clone) -> Self {
        let within = documents.clone().filter(|d| d.source.entry().is_some());
        let mut within = within.peekable();
        if within.peek().is_none() {
            return Self::default();
        }
        let by_source: HashMap<&Source, DocumentId> =
            documents.map(|d| (&d.source, d.id)).collect();
        let holder = |document: &Document| {
            let around = document.source.all_around();
            // An archive on the way is no document.
            let mut holders = around.filter_map(|source| by_source.get(&source).copied());
            Some((document.id, holders.next()?))
        };
        let holders: HashMap<DocumentId, DocumentId> = within.filter_map(holder).collect();
        Self {
            holding: holders.values().copied().collect(),
            holders,
        }
    }

    /// Nothing is attached to anything.
    pub fn is_empty(&self) -> bool {
        self.holders.is_empty()
    }

    /// Documents as they stand in a batch: what is attached to one behind it, otherwise as
    /// they come.
    pub fn in_order<'a>(&self, documents: impl Iterator<Item = &'a Document>) -> Vec<&'a Document> {
        let mut attached: HashMap<DocumentId, Vec<&Document>> = HashMap::new();
        let mut heads = Vec::new();
        for document in documents {
            match self.holder(document.id) {
                Some(holder) => attached.entry(holder).or_default().push(document),
                None => heads.push(document),
            }
        }
        let mut ordered = Vec::new();
        let mut waiting: Vec<&Document> = heads.into_iter().rev().collect();
        while let Some(document) = waiting.pop() {
            ordered.push(document);
            let of_it = attached.remove(&document.id).unwrap_or_default();
            waiting.extend(of_it.into_iter().rev());
        }
        ordered
    }

    /// How many documents one is attached to, one to the other.
    pub fn depth(&self, document: DocumentId) -> usize {
        std::iter::successors(self.holder(document), |holder| self.holder(*holder)).count()
    }

    /// How many documents are attached to one.
    pub fn count_attached(&self, document: DocumentId) -> usize {
        self.holders.values().filter(|of| **of == document).count()
    }

    /// A document has others attached to it.
    pub fn holds(&self, document: DocumentId) -> bool {
        self.holding.contains(&document)
    }

    /// A document has others attached to it, or is attached to one.
    pub fn has_family(&self, document: DocumentId) -> bool {
        self.holders.contains_key(&document) || self.holds(document)
    }

    /// The document that another is attached to, itself or in an archive.
    pub fn holder(&self, document: DocumentId) -> Option<DocumentId> {
        self.holders.get(&document).copied()
    }

    /// The document that is attached to none and that all of its family hang on.
    pub fn head(&self, document: DocumentId) -> DocumentId {
        let mut head = document;
        while let Some(holder) = self.holder(head) {
            head = holder;
        }
        head
    }

    /// The family of a document, itself among them, in no order; alone where it has none.
    pub fn family(&self, document: DocumentId) -> HashSet<DocumentId> {
        let head = self.head(document);
        let attached = self.holders.keys().copied();
        let mut family: HashSet<DocumentId> =
            attached.filter(|of| self.head(*of) == head).collect();
        family.insert(head);
        family
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::model::{BatchId, DocumentStatus, entry_path};

    fn document(id: i64, file: &str, entry: &str) -> Document {
        Document {
            id: DocumentId(id),
            batch: BatchId(1),
            source: Source::at(PathBuf::from(file), entry),
            name: String::new(),
            bytes: 1,
            modified: 0,
            hash: None,
            status: DocumentStatus::Ok,
            pages: 1,
            encrypted: false,
            duplicate_of: None,
            left_out: None,
        }
    }

    #[test]
    fn a_document_belongs_to_the_nearest_that_holds_it() {
        let step = |within: &str, name: &str| {
            let name = name.to_owned();
            entry_path::join(within, &entry_path::Step { name, nth: 1 })
        };
        let packed = step(&step("", "letters.zip"), "b.pdf");
        let documents = [
            document(1, "/mail.pdf", ""),
            document(2, "/mail.pdf", &step("", "a.pdf")),
            document(3, "/mail.pdf", &packed),
            document(4, "/mail.pdf", &step(&packed, "c.pdf")),
            document(5, "/all.zip", &step("", "d.pdf")),
            document(6, "/all.zip", &step("", "e.pdf")),
        ];
        let families = Families::of(documents.iter());
        let holders: Vec<Option<i64>> = (1..=6)
            .map(|id| families.holder(DocumentId(id)).map(|holder| holder.0))
            .collect();
        assert_eq!(holders, [None, Some(1), Some(1), Some(3), None, None]);
        let coming = [5, 3, 1, 6, 4, 2].map(|id| &documents[id - 1]);
        let ordered = families.in_order(coming.into_iter());
        let ordered: Vec<i64> = ordered.iter().map(|document| document.id.0).collect();
        assert_eq!(ordered, [5, 1, 3, 4, 2, 6]);
        assert_eq!(families.depth(DocumentId(4)), 2);
        assert_eq!(families.count_attached(DocumentId(1)), 2);
        let mut family: Vec<i64> = families.family(DocumentId(4)).iter().map(|d| d.0).collect();
        family.sort();
        assert_eq!(family, [1, 2, 3, 4]);
        assert_eq!(families.family(DocumentId(5)).len(), 1);
        let has: Vec<bool> = (1..=6)
            .map(|id| families.has_family(DocumentId(id)))
            .collect();
        assert_eq!(has, [true, true, true, true, false, false]);
    }
}
