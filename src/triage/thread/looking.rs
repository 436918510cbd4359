//! What a person looks at: a page large, thumbnails that are missing, and what
//! lists do not hold.

use std::time::Instant;

use super::super::event::{Event, Inspection, ViewedPage};
use super::super::looking::Wanted;
use super::super::queue::Target;
use super::{REDRAW_AGAIN_AFTER, SessionThread, UNDRAWN_AGAIN_AFTER};
use crate::library::LibraryError;
use crate::model::{Document, Page, PageId};

impl SessionThread {
    pub(super) fn document_and_page(&self, page: PageId) -> Option<(&Document, &Page)> {
        let open = self.open.get(self.batch_of.get(&page.document)?)?;
        Some((open.documents.get(&page.document)?, open.pages.get(page)?))
    }

    pub(super) fn view(&self, wanted: Vec<(PageId, u16)>) {
        let found = wanted.into_iter();
        let found = found.filter_map(|(page, longest)| self.wanted(page, longest));
        for dropped in self.looking.views(found.collect()) {
            let Wanted { page, longest, .. } = dropped;
            self.tell(Event::ViewDropped { page, longest });
        }
    }

    /// What drawing a page needs; tells where it is unknown.
    fn wanted(&self, page: PageId, longest: u16) -> Option<Wanted> {
        if let Some((document, known)) = self.document_and_page(page) {
            let mut target = self.target(document);
            // The engine that made the thumbnail: the other may have failed.
            if let Some(found) = &known.measurements {
                let engines = &mut target.opening.engines;
                engines.sort_by_key(|engine| *engine != found.engine);
            }
            Some(Wanted {
                target,
                page,
                shape: known.shape,
                longest,
            })
        } else {
            self.tell(Event::View(ViewedPage {
                page,
                longest,
                picture: Err("It is no longer in the library.".to_owned()),
            }));
            None
        }
    }

    pub(super) fn redraw(&mut self, page: PageId) {
        let now = Instant::now();
        if self.redraw_after.get(&page).is_some_and(|then| *then > now) {
            return;
        }
        self.redraw_after.retain(|_, then| *then > now);
        self.redraw_after.insert(page, now + REDRAW_AGAIN_AFTER);
        if let Some((document, known)) = self.document_and_page(page)
            && known.measurements.is_some()
        {
            let target = self.target(document);
            self.crew
                .queue(|queue| queue.add_redraw(target, [page.number]));
        }
    }

    /// Thumbnails cannot be made: their pages stay as they are, and are tried again
    /// when they are looked at later.
    pub(super) fn not_drawn(&mut self, target: &Target, pages: &[u32], reason: String) {
        let document = target.document();
        let pages: Vec<PageId> = pages
            .iter()
            .map(|&number| PageId { document, number })
            .collect();
        let then = Instant::now() + UNDRAWN_AGAIN_AFTER;
        self.redraw_after
            .extend(pages.iter().map(|page| (*page, then)));
        self.tell(Event::NoThumbnails { pages, reason });
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
