//! Looking up the texts that pages are asked for, beside the work that goes on: one query
//! at a time, and of those that come meanwhile only the newest. Not for the language of
//! queries (`query`).

use super::super::background;
use super::super::event::Event;
use super::super::query::{Hits, Query};
use super::super::terms::count_terms;
use super::{Message, SessionThread};
use crate::library::{LibraryError, Reader};
use crate::model::BatchId;

/// What is to be looked up.
#[derive(Clone, Debug)]
pub struct Search {
    pub batch: BatchId,
    /// As it was typed.
    pub typed: String,
    pub query: Query,
}

impl SessionThread {
    /// Looks up what was typed, or does so after what is looked up now.
    pub(super) fn search(&mut self, batch: BatchId, typed: String) {
        // What was analysed is found, even if not committed yet.
        self.commit();
        match Query::parse(&typed) {
            Ok(query) => {
                let search = Search {
                    batch,
                    typed,
                    query,
                };
                if let Some(search) = self.searching.ask(search) {
                    self.begin_search(search);
                }
            }
            Err(error) => self.tell(Event::Refused(error.to_string())),
        }
    }

    /// Counts where terms are.
    pub(super) fn count_terms(&mut self, batch: BatchId, terms: Vec<String>) {
        // What was analysed is found, even if not committed yet.
        self.commit();
        let (outbox, dir) = (self.outbox.clone(), self.library_dir.clone());
        let work = move || match Reader::open(&dir)? {
            Some(reader) => count_terms(&reader, batch, &terms),
            None => Ok(Vec::new()),
        };
        background::spawn("terms", work, move |found| {
            outbox.tell(match found {
                Ok(Ok(found)) => Event::TermsCounted(batch, found),
                Ok(Err(error)) => Event::Refused(format!("The terms were not searched: {error}")),
                Err(broken) => Event::Refused(format!("The terms were not searched: {broken}")),
            });
        });
    }

    fn begin_search(&self, search: Search) {
        let (outbox, messages) = (self.outbox.clone(), self.messages.clone());
        let dir = self.library_dir.clone();
        let work = move || -> Result<(Search, Hits), LibraryError> {
            let hits = match Reader::open(&dir)? {
                Some(reader) => search.query.look_up(&reader, search.batch)?,
                None => Hits::default(),
            };
            Ok((search, hits))
        };
        background::spawn("search", work, move |found| {
            let event = match found {
                Ok(Ok((search, hits))) => Event::SearchFound {
                    batch: search.batch,
                    typed: search.typed,
                    query: search.query,
                    hits,
                },
                Ok(Err(error)) => Event::Refused(format!("The texts were not searched: {error}")),
                Err(broken) => Event::Refused(format!("The texts were not searched: {broken}")),
            };
            outbox.tell(event);
            // Fails only when the program ends.
            let _ = messages.send(Message::Searched);
        });
    }

    /// Looks up what came meanwhile.
    pub(super) fn searched(&mut self) {
        if let Some(search) = self.searching.ended() {
            self.begin_search(search);
        }
    }
}
