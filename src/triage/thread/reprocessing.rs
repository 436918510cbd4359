//! Having documents and pages analysed again, and choosing between what two runs have
//! found. Not for queueing them (`scheduler`).

use std::sync::Arc;

use super::super::command::Scope;
use super::super::open_batch::OpenBatch;
use crate::library::{Library, LibraryError, Reader, Results};
use crate::model::{Document, DocumentId, DocumentStatus, FailureKind, Page, PageId, Secret};

/// Documents and pages that wait to be analysed again.
#[derive(Debug)]
pub struct Redone {
    pub documents: Vec<Document>,
    pub pages: Vec<Arc<Page>>,
}

/// Has documents and pages wait to be analysed again. What is known of them stays until
/// newer results are there.
pub fn redo(
    library: &mut Library,
    open: &mut OpenBatch,
    scope: &Scope,
) -> Result<Redone, LibraryError> {
    let (documents, pages): (Vec<DocumentId>, Vec<PageId>) = match scope {
        Scope::All => (open.documents.keys().copied().collect(), vec![]),
        Scope::Failed(kind) => open.what_failed(*kind),
        Scope::Documents(documents) => (documents.clone(), vec![]),
        Scope::Pages(pages) => (vec![], pages.clone()),
    };
    library.write(|writer| {
        writer.redo_documents(&documents)?;
        writer.redo_pages(&pages)?;
        writer.set_cancelled(open.batch.id, false)
    })?;
    open.changed.clear();
    open.batch.cancelled = false;
    let (documents, pages) = open.redo(&documents, &pages);
    Ok(Redone { documents, pages })
}

/// Documents that failed for want of a password.
pub fn locked(open: &OpenBatch) -> Vec<DocumentId> {
    let is_locked = |document: &&Document| {
        let failed = open.failed.get(&(document.id, None));
        document.status == DocumentStatus::NeedsPassword
            || failed == Some(&FailureKind::NeedsPassword)
    };
    let locked = open.documents.values().filter(is_locked);
    locked.map(|document| document.id).collect()
}

/// Remembers passwords, to be tried on each document of the batch.
pub fn remember(open: &mut OpenBatch, passwords: Vec<Secret>) {
    for password in passwords {
        if !password.is_empty() && !open.passwords.contains(&password) {
            open.passwords.push(password);
        }
    }
}

/// Pages on which other results count now.
#[derive(Debug, Default)]
pub struct Swapped {
    /// What counted before.
    pub replaced: Vec<Arc<Page>>,
    pub pages: Vec<Arc<Page>>,
}

/// Has pages in memory follow what the library says of their results.
pub fn follow_results(
    reader: &Reader,
    open: &mut OpenBatch,
    changed: &[PageId],
) -> Result<Swapped, LibraryError> {
    let mut swapped = Swapped::default();
    for id in changed {
        let Some(fresh) = reader.page(*id)? else {
            continue;
        };
        match open.pages.get(*id) {
            Some(before) if before.measurements.is_some() => {
                swapped.replaced.push(Arc::clone(before));
                open.before.insert(*id, Arc::clone(before));
            }
            _ => {
                open.before.remove(id);
            }
        }
        let page = open.pages.change(*id, |page| *page = fresh);
        swapped.pages.extend(page);
    }
    Ok(swapped)
}

/// What is said of it to the person.
pub fn in_words(which: Results, pages: &str) -> String {
    match which {
        Results::Before => format!("What was known before counts again on {pages}."),
        Results::Latest => format!("What the latest run found counts on {pages}."),
    }
}
