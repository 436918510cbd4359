//! Looking for pages that are the same, beside the work that goes on, and the latest
//! answer. Not for comparing them (`triage::duplicates`).

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use thiserror::Error;

use super::super::background::{self, Broken, Turns};
use super::super::closer::{LooksTaken, Openings};
use super::super::duplicates::{
    DescribedGroup, Duplicates, describe, find_closely, is_dismissed, keep,
};
use super::super::event::Event;
use super::super::run::Crew;
use crate::library::{Comparisons, Library, LibraryError, Reader};
use crate::model::PageId;

/// Why pages could not be compared.
#[derive(Debug, Error)]
pub enum DuplicatesError {
    #[error(transparent)]
    Library(LibraryError),
    #[error(transparent)]
    Broken(Broken),
}

/// What a search ends with; none where there is no library.
pub type Answer = Result<Option<Box<FoundDuplicates>>, DuplicatesError>;

/// The latest answer to which pages are the same.
pub struct FoundDuplicates {
    found: Duplicates,
    groups: Vec<DescribedGroup>,
    /// What is not in the library yet.
    comparisons: Comparisons,
}

impl FoundDuplicates {
    fn dismiss(&mut self, dismissals: &[BTreeSet<PageId>]) {
        self.found.dismiss(dismissals);
        for group in &mut self.groups {
            group.dismissed =
                is_dismissed(group.pages.iter().map(|page| &page.page.id), dismissals);
        }
    }
}

/// Searches of one library for pages that are the same.
pub struct FindingDuplicates {
    library: PathBuf,
    turns: Turns<()>,
    /// What the last search found.
    known: Option<Box<FoundDuplicates>>,
}

impl FindingDuplicates {
    pub fn new(library: &Path) -> Self {
        Self {
            library: library.to_owned(),
            turns: Turns::default(),
            known: None,
        }
    }

    /// Asks for a search; true where it is to begin now. Otherwise another is under way, and
    /// it begins after that: there may be more by then.
    #[must_use]
    pub fn ask(&mut self) -> bool {
        self.turns.ask(()).is_some()
    }

    /// A search has ended; true where another is to begin now.
    #[must_use]
    pub fn ended(&mut self) -> bool {
        self.turns.ended().is_some()
    }

    /// Looks through the library on a thread of its own.
    pub fn begin(
        &self,
        crew: &Arc<Crew>,
        openings: Openings,
        answer: impl FnOnce(Answer) + Send + 'static,
    ) {
        let (library, crew) = (self.library.clone(), Arc::clone(crew));
        let look = move || -> Result<Option<FoundDuplicates>, LibraryError> {
            let Some(reader) = Reader::open(&library)? else {
                return Ok(None);
            };
            let stop = Arc::clone(&crew);
            let looks = RefCell::new(LooksTaken::new(crew, &reader, openings));
            let closer = |page, lying| looks.borrow_mut().take(page, lying);
            let stopped = || stop.place().pool.stopped().load(Ordering::Relaxed);
            let (found, comparisons) = find_closely(&reader, Some(&closer), &stopped)?;
            let groups = describe(&reader, &found.groups)?;
            Ok(Some(FoundDuplicates {
                found,
                groups,
                comparisons,
            }))
        };
        background::spawn("duplicates", look, move |looked| {
            answer(match looked {
                Ok(Ok(found)) => Ok(found.map(Box::new)),
                Ok(Err(error)) => Err(DuplicatesError::Library(error)),
                Err(broken) => Err(DuplicatesError::Broken(broken)),
            });
        });
    }

    /// Takes what was found, and keeps what comparing told.
    pub fn take(&mut self, mut found: Box<FoundDuplicates>, library: &mut Library) {
        let comparisons = std::mem::take(&mut found.comparisons);
        if let Err(error) = keep(library, &comparisons) {
            // They are compared again the next time.
            tracing::warn!(%error, "comparisons of pages were not kept");
        }
        self.known = Some(found);
    }

    /// Notes what a person said of a group. Nothing is compared for that.
    pub fn dismiss(
        &mut self,
        library: &mut Library,
        pages: &[PageId],
        restore: bool,
    ) -> Result<(), LibraryError> {
        library.write(|writer| match restore {
            false => writer.dismiss_duplicates(pages),
            true => writer.restore_duplicates(pages),
        })?;
        let dismissals = library.reader().dismissals()?;
        if let Some(known) = &mut self.known {
            known.dismiss(&dismissals);
        }
        Ok(())
    }

    /// What is known, for the face; none before the first search has ended.
    pub fn told(&self) -> Option<Event> {
        let known = self.known.as_ref()?;
        Some(Event::Duplicates {
            found: known.found.clone(),
            groups: known.groups.clone(),
        })
    }
}
