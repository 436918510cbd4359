//! What a person looks at: a page large, thumbnails that are missing, and what
//! lists do not hold.

use std::time::Instant;

use super::super::event::{Event, Inspection, ViewedPage};
use super::super::looking::Wanted;
use super::{REDRAW_AGAIN_AFTER, SessionThread};
use crate::library::LibraryError;
use crate::model::{Document, Page, PageId, PageState};

impl SessionThread {
    pub(super) fn document_and_page(&self, page: PageId) -> Option<(&Document, &Page)> {
        let open = self.open.get(self.batch_of.get(&page.document)?)?;
        Some((open.documents.get(&page.document)?, open.page(page)?))
    }

    pub(super) fn view(&self, page: PageId, longest: u16) {
        if let Some((document, known)) = self.document_and_page(page) {
            let mut target = self.target(document);
            // The engine that made the thumbnail: the other may have failed.
            if let Some(found) = &known.measurements {
                let engines = &mut target.opening.engines;
                engines.sort_by_key(|engine| *engine != found.engine);
            }
            self.looking.view(Wanted {
                target,
                page,
                shape: known.shape,
                longest,
            });
        } else {
            self.tell(Event::View(ViewedPage {
                page,
                longest,
                picture: Err("It is no longer in the library.".to_owned()),
            }));
        }
    }

    pub(super) fn redraw(&mut self, page: PageId) {
        let recently = |made: &Instant| made.elapsed() < REDRAW_AGAIN_AFTER;
        if self.redrawn.get(&page).is_some_and(recently) {
            return;
        }
        self.redrawn.retain(|_, made| recently(made));
        self.redrawn.insert(page, Instant::now());
        if let Some((document, known)) = self.document_and_page(page)
            && known.state == PageState::Done
        {
            let target = self.target(document);
            self.crew
                .queue(|queue| queue.add_redraw(target, [page.number]));
        }
    }

    pub(super) fn inspect(&self, page: PageId) -> Result<(), LibraryError> {
        let reader = self.library.reader();
        let failure = match reader.failure_of(page.document, Some(page.number))? {
            Some(failure) => Some(failure),
            None => reader.failure_of(page.document, None)?,
        };
        self.tell(Event::Inspection(Inspection {
            page,
            text: reader.page_text(page)?,
            failure,
            findings: reader.findings_of(page)?,
            details: reader.details_of(page.document)?.map(Box::new),
        }));
        Ok(())
    }
}
