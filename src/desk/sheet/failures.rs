//! What failed in a batch, and which of that is listed: a page that failed only because its
//! document did is not, for the document's failure says it. Not for how the list looks
//! (`views::failures`).

use std::collections::HashMap;

use crate::model::{DocumentId, Failure};
use crate::triage::FailedId;

/// Failures of a batch, one of a document or a page.
#[derive(Default)]
pub struct Failures {
    all: HashMap<FailedId, Failure>,
    /// Those that are listed, in the order of the documents.
    listed: Vec<FailedId>,
    /// So many of those are of documents that somebody leaves out.
    left_out: usize,
    is_stale: bool,
}

impl Failures {
    pub(super) fn put(&mut self, failures: Vec<Failure>) {
        self.is_stale |= !failures.is_empty();
        let failures = failures.into_iter();
        let failures = failures.map(|failure| ((failure.document, failure.page), failure));
        self.all.extend(failures);
    }

    /// These have no failure record any more.
    pub(super) fn mend(&mut self, mended: &[FailedId]) {
        for id in mended {
            self.is_stale |= self.all.remove(id).is_some();
        }
    }

    /// Forgets those of a document and of its pages.
    pub(super) fn forget(&mut self, document: DocumentId) {
        self.all.retain(|(of, _), _| *of != document);
        self.is_stale = true;
    }

    /// Documents changed: others may be left out.
    pub(super) fn look_again(&mut self) {
        self.is_stale |= !self.all.is_empty();
    }

    /// Why a page, or a whole document, failed.
    pub fn of(&self, document: DocumentId, page: Option<u32>) -> Option<&Failure> {
        self.all.get(&(document, page))
    }

    /// Number of those that are listed.
    pub fn len(&self) -> usize {
        self.listed.len()
    }

    /// Number of those that somebody has still to deal with: what is left out is dealt with.
    pub fn open(&self) -> usize {
        self.listed.len() - self.left_out
    }

    /// Those that are listed, in the order of the documents; a document's own first.
    pub fn iter(&self) -> impl Iterator<Item = &Failure> {
        self.listed.iter().filter_map(|key| self.all.get(key))
    }

    /// Brings the list up to date; `place`: where a document stands among the others, and
    /// `is_left_out`: whether somebody leaves it out.
    pub(super) fn keep_up(
        &mut self,
        place: impl Fn(DocumentId) -> Option<usize>,
        is_left_out: impl Fn(DocumentId) -> bool,
    ) {
        if !std::mem::take(&mut self.is_stale) {
            return;
        }
        let is_own = |(document, page): &&FailedId| {
            page.is_none() || !self.all.contains_key(&(*document, None))
        };
        self.listed = self.all.keys().filter(is_own).copied().collect();
        self.listed
            .sort_by_key(|(document, page)| (place(*document), page.unwrap_or(0)));
        let left_out = self
            .listed
            .iter()
            .filter(|(document, page)| page.is_none() && is_left_out(*document));
        self.left_out = left_out.count();
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::{FailureKind, Stage};

    pub fn failure(document: i64, page: Option<u32>) -> Failure {
        Failure {
            circumstances: None,
            document: DocumentId(document),
            page,
            stage: Stage::Analyse,
            kind: FailureKind::WorkerDied,
            detail: String::new(),
            attempts: 2,
            at: 0,
            hash: None,
            version: String::new(),
        }
    }

    fn listed(failures: &mut Failures) -> Vec<(i64, Option<u32>)> {
        failures.keep_up(
            |document| Some(document.0 as usize),
            |document| document.0 == 2,
        );
        failures.iter().map(|f| (f.document.0, f.page)).collect()
    }

    #[test]
    fn failures_are_listed_once_until_they_are_mended() {
        let mut failures = Failures::default();
        // The second document failed as a whole: its page is not listed beside it.
        failures.put(vec![
            failure(2, Some(1)),
            failure(1, Some(2)),
            failure(2, None),
        ]);
        assert_eq!(listed(&mut failures), [(1, Some(2)), (2, None)]);
        // The second is left out.
        assert_eq!(failures.open(), 1);
        failures.mend(&[(DocumentId(2), None)]);
        assert_eq!(listed(&mut failures), [(1, Some(2)), (2, Some(1))]);
        failures.forget(DocumentId(2));
        assert_eq!(listed(&mut failures), [(1, Some(2))]);
    }
}
