//! Looking for pages that are the same, beside the work that goes on.

use std::sync::Arc;
use std::thread;

use super::super::duplicates::{describe, find};
use super::super::event::Event;
use super::{Message, SessionThread};
use crate::library::{LibraryError, Reader};
use crate::model::PageId;

impl SessionThread {
    /// Looks through the library, or once more when that has ended: there may be
    /// more by now.
    pub(super) fn find_duplicates(&mut self) {
        if self.finding_duplicates {
            self.find_duplicates_again = true;
            return;
        }
        let (events, messages) = (self.events.clone(), self.messages.clone());
        let (wake, dir) = (Arc::clone(&self.wake), self.library_dir.clone());
        let look = move || -> Result<Option<Event>, LibraryError> {
            let Some(reader) = Reader::open(&dir)? else {
                return Ok(None);
            };
            let found = find(&reader)?;
            let groups = describe(&reader, &found.groups)?;
            Ok(Some(Event::Duplicates { found, groups }))
        };
        let started = thread::Builder::new()
            .name("duplicates".into())
            .spawn(move || {
                let event = look().unwrap_or_else(|error| {
                    Some(Event::Trouble(format!(
                        "Pages that are the same could not be looked for: {error}"
                    )))
                });
                // Both fail only when the program ends.
                if let Some(event) = event {
                    let _ = events.send(event);
                    wake();
                }
                let _ = messages.send(Message::DuplicatesFound);
            });
        match started {
            Ok(_) => self.finding_duplicates = true,
            Err(error) => self.trouble("Pages that are the same cannot be looked for", &error),
        }
    }

    pub(super) fn duplicates_found(&mut self) {
        self.finding_duplicates = false;
        if std::mem::take(&mut self.find_duplicates_again) {
            self.find_duplicates();
        }
    }

    pub(super) fn dismiss_duplicates(
        &mut self,
        pages: &[PageId],
        restore: bool,
    ) -> Result<(), LibraryError> {
        self.library.write(|writer| match restore {
            false => writer.dismiss_duplicates(pages),
            true => writer.restore_duplicates(pages),
        })?;
        self.find_duplicates();
        Ok(())
    }
}
