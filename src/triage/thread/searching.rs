//! Looking up the texts that pages are asked for, beside the work that goes on: one query
//! at a time, and of those that come meanwhile only the newest. Not for the language of
//! queries (`query`).

use std::path::{Path, PathBuf};

use super::super::background::{self, Turns};
use super::super::event::Event;
use super::super::query::{Hits, Query};
use super::super::terms::count_terms;
use crate::library::{LibraryError, Reader};
use crate::model::BatchId;

/// What is to be looked up.
#[derive(Clone, Debug)]
pub struct Search {
    batch: BatchId,
    /// As it was typed.
    typed: String,
    query: Query,
}

impl Search {
    /// Reads what was typed; the error says what cannot be read.
    pub fn of(batch: BatchId, typed: String) -> Result<Self, String> {
        let query = Query::parse(&typed).map_err(|error| error.to_string())?;
        Ok(Self {
            batch,
            typed,
            query,
        })
    }
}

/// Searches of one library.
pub struct Searching {
    library: PathBuf,
    turns: Turns<Search>,
}

impl Searching {
    pub fn new(library: &Path) -> Self {
        Self {
            library: library.to_owned(),
            turns: Turns::default(),
        }
    }

    /// Looks something up, or does so after what is looked up now.
    pub fn search(&mut self, search: Search, answer: impl FnOnce(Event) + Send + 'static) {
        if let Some(search) = self.turns.ask(search) {
            self.begin(search, answer);
        }
    }

    /// A search has ended: looks up what came meanwhile.
    pub fn go_on(&mut self, answer: impl FnOnce(Event) + Send + 'static) {
        if let Some(search) = self.turns.ended() {
            self.begin(search, answer);
        }
    }

    fn begin(&self, search: Search, answer: impl FnOnce(Event) + Send + 'static) {
        let library = self.library.clone();
        let work = move || -> Result<(Search, Hits), LibraryError> {
            let hits = match Reader::open(&library)? {
                Some(reader) => search.query.look_up(&reader, search.batch)?,
                None => Hits::default(),
            };
            Ok((search, hits))
        };
        background::spawn("search", work, move |found| {
            answer(match found {
                Ok(Ok((search, hits))) => Event::SearchFound {
                    batch: search.batch,
                    typed: search.typed,
                    query: search.query,
                    hits,
                },
                Ok(Err(error)) => Event::Refused(format!("The texts were not searched: {error}")),
                Err(broken) => Event::Refused(format!("The texts were not searched: {broken}")),
            });
        });
    }

    /// Counts where terms are.
    pub fn count_terms(
        &self,
        batch: BatchId,
        terms: Vec<String>,
        tell: impl FnOnce(Event) + Send + 'static,
    ) {
        let library = self.library.clone();
        let work = move || match Reader::open(&library)? {
            Some(reader) => count_terms(&reader, batch, &terms),
            None => Ok(Vec::new()),
        };
        background::spawn("terms", work, move |found| {
            tell(match found {
                Ok(Ok(found)) => Event::TermsCounted(batch, found),
                Ok(Err(error)) => Event::Refused(format!("The terms were not searched: {error}")),
                Err(broken) => Event::Refused(format!("The terms were not searched: {broken}")),
            });
        });
    }
}

#[cfg(test)]
mod tests {
    use crossbeam_channel::bounded;

    use super::*;

    #[test]
    fn of_what_is_typed_meanwhile_the_newest_is_looked_up() {
        let folder = tempfile::tempdir().unwrap();
        let mut searching = Searching::new(folder.path());
        let (sender, told) = bounded(4);
        let answer = || {
            let sender = sender.clone();
            move |event| sender.send(event).unwrap()
        };
        for typed in ["one", "two", "three"] {
            let search = Search::of(BatchId(1), typed.into()).unwrap();
            searching.search(search, answer());
        }
        let mut typed = Vec::new();
        for _ in 0..2 {
            match told.recv().unwrap() {
                Event::SearchFound { typed: of, .. } => typed.push(of),
                other => panic!("{other:?}"),
            }
            searching.go_on(answer());
        }
        assert_eq!(typed, ["one", "three"]);
        assert!(told.is_empty());
    }
}
