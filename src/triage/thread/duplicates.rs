//! Looking for pages that are the same, beside the work that goes on.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::super::background::{self, Broken};
use super::super::closer::{LooksTaken, Openings};
use super::super::duplicates::{
    DescribedGroup, Duplicates, describe, find_closely, is_dismissed, keep,
};
use super::super::event::Event;
use super::{Message, SessionThread};
use crate::library::{Comparisons, LibraryError, Reader};
use crate::model::PageId;

impl SessionThread {
    /// Looks through the library, or once more when that has ended: there may be
    /// more by now.
    pub(super) fn find_duplicates(&mut self) {
        if self.finding_duplicates.ask(()).is_some() {
            self.begin_to_find_duplicates();
        }
    }

    fn begin_to_find_duplicates(&self) {
        let messages = self.messages.clone();
        let dir = self.library_dir.clone();
        let crew = Arc::clone(&self.crew);
        let passwords = self.open.iter();
        let openings = Openings {
            engines: self.engines.clone(),
            passwords: passwords
                .map(|(batch, open)| (*batch, open.passwords.clone()))
                .collect(),
            largest: self.largest_document,
        };
        let look = move || -> Result<Option<FoundDuplicates>, LibraryError> {
            let Some(reader) = Reader::open(&dir)? else {
                return Ok(None);
            };
            let stop = Arc::clone(&crew);
            let mut looks = LooksTaken::new(crew, &reader, openings);
            let stopped = || stop.place().pool.stopped().load(Ordering::Relaxed);
            let (found, comparisons) = find_closely(&reader, Some(&mut looks), &stopped)?;
            let groups = describe(&reader, &found.groups)?;
            Ok(Some(FoundDuplicates {
                found,
                groups,
                comparisons,
            }))
        };
        background::spawn("duplicates", look, move |looked| {
            let found = match looked {
                Ok(Ok(found)) => Ok(found.map(Box::new)),
                Ok(Err(error)) => Err(DuplicatesError::Library(error)),
                Err(broken) => Err(DuplicatesError::Broken(broken)),
            };
            // Fails only when the program ends.
            let _ = messages.send(Message::DuplicatesFound(found));
        });
    }

    /// Tells what was found, and keeps what comparing told.
    pub(super) fn duplicates_found(
        &mut self,
        found: Result<Option<Box<FoundDuplicates>>, DuplicatesError>,
    ) {
        match found {
            Ok(Some(mut found)) => {
                let comparisons = std::mem::take(&mut found.comparisons);
                if let Err(error) = keep(&mut self.library, &comparisons) {
                    // They are compared again the next time.
                    tracing::warn!(%error, "comparisons of pages were not kept");
                }
                self.duplicates = Some(found);
                self.tell_duplicates();
            }
            Ok(None) => {}
            Err(error) => self.trouble("Pages that are the same could not be looked for", &error),
        }
        if self.finding_duplicates.ended().is_some() {
            self.begin_to_find_duplicates();
        }
    }

    fn tell_duplicates(&self) {
        if let Some(known) = &self.duplicates {
            self.tell(Event::Duplicates {
                found: known.found.clone(),
                groups: known.groups.clone(),
            });
        }
    }

    /// Notes what a person said of a group. Nothing is compared for that.
    pub(super) fn dismiss_duplicates(
        &mut self,
        pages: &[PageId],
        restore: bool,
    ) -> Result<(), LibraryError> {
        self.library.write(|writer| match restore {
            false => writer.dismiss_duplicates(pages),
            true => writer.restore_duplicates(pages),
        })?;
        let dismissals = self.library.reader().dismissals()?;
        match &mut self.duplicates {
            Some(known) => known.dismiss(&dismissals),
            None => self.find_duplicates(),
        }
        self.tell_duplicates();
        Ok(())
    }
}

/// Why pages could not be compared.
#[derive(Debug, thiserror::Error)]
pub enum DuplicatesError {
    #[error(transparent)]
    Library(LibraryError),
    #[error(transparent)]
    Broken(Broken),
}

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
