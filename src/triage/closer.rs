//! Takes close looks of pages by workers, from the sources of their documents, so that pages
//! which look alike can be told apart. Not for comparing them (`duplicates`).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::run::Crew;
use crate::analysis::CloseLook;
use crate::library::Reader;
use crate::model::{BatchId, DocumentId, EngineKind, PageId, Secret};
use crate::worker::{Opening, WorkerError};

/// What it takes to open any document of the library.
pub struct Openings {
    /// Engines to use, first to last.
    pub engines: Vec<EngineKind>,
    /// Passwords that were typed for batches.
    pub passwords: HashMap<BatchId, Vec<Secret>>,
    /// Larger documents are refused, in bytes.
    pub largest: u64,
}

/// Takes close looks.
pub struct LooksTaken<'a> {
    crew: Arc<Crew>,
    library: &'a Reader,
    openings: Openings,
    /// Documents that cannot be had now, or whose pages end workers: they are not tried
    /// again.
    lost: HashSet<DocumentId>,
}

impl<'a> LooksTaken<'a> {
    pub fn new(crew: Arc<Crew>, library: &'a Reader, openings: Openings) -> Self {
        Self {
            crew,
            library,
            openings,
            lost: HashSet::new(),
        }
    }

    /// The look of a page, enlarged by `scale` and `turned` upside down; none where its source
    /// cannot be had.
    pub fn take(&mut self, page: PageId, (scale, turned): (f32, bool)) -> Option<CloseLook> {
        if self.lost.contains(&page.document) {
            return None;
        }
        let taken = self.try_to_take(page, (scale, turned));
        match taken {
            Ok(look) => look,
            Err(error) => {
                tracing::info!(%error, document = page.document.0, number = page.number, "no close look");
                self.lost.insert(page.document);
                None
            }
        }
    }

    /// None for a page that cannot be drawn.
    fn try_to_take(&self, page: PageId, lying: (f32, bool)) -> Result<Option<CloseLook>, NoLook> {
        let place = self.crew.place();
        let mut worker = place.pool.lease(Some(page.document))?;
        if worker.open_document().map(|open| open.document) != Some(page.document) {
            let document = self.library.document(page.document);
            let document = document.map_err(|_| NoLook::Unknown)?;
            let document = document.ok_or(NoLook::Unknown)?;
            let passwords = self.openings.passwords.get(&document.batch);
            let opening = Opening {
                document: document.id,
                source: document.source,
                engines: self.openings.engines.clone(),
                passwords: passwords.cloned().unwrap_or_default(),
                expected: document.hash,
                largest: self.openings.largest,
            };
            if let Err(refusal) = worker.open(&opening)? {
                return Err(NoLook::Refused(refusal.kind.explanation()));
            }
        }
        Ok(worker.close_look(page.number, lying)?.ok())
    }
}

/// Why the pages of a document cannot be looked at.
#[derive(Debug, thiserror::Error)]
enum NoLook {
    #[error("the library does not know the document")]
    Unknown,
    #[error("{0}")]
    Refused(&'static str),
    #[error(transparent)]
    Worker(#[from] WorkerError),
}
