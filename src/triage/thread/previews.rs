//! What a person looks at: a page large, thumbnails, those that are missing and made
//! again, and what lists do not hold. Not for loading and drawing (`triage::looking`).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::event::{Event, Inspection, Looks, NotDrawn, ViewedPage};
use super::super::looking::{Looking, Wanted};
use super::super::queue::Target;
use crate::library::{LibraryError, Reader};
use crate::model::{BatchId, Page, PageId};

/// A thumbnail that is missing again this soon after it was made again cannot be
/// kept; making it over and over would only keep the processors busy.
const REDRAW_AGAIN_AFTER: Duration = Duration::from_secs(60);

/// A thumbnail that could not be made is tried again after this time, if it is
/// looked at: its source may be back.
const UNDRAWN_AGAIN_AFTER: Duration = Duration::from_secs(5);

/// What is being looked at, and which thumbnails were made again lately.
pub struct Previews {
    looking: Arc<Looking>,
    /// When thumbnails that are missing may be made again, by page.
    redraw_after: HashMap<PageId, Instant>,
}

impl Previews {
    pub fn new(looking: Arc<Looking>) -> Self {
        Self {
            looking,
            redraw_after: HashMap::new(),
        }
    }

    /// Has these thumbnails loaded and no others.
    pub fn thumbnails(&self, pages: impl Iterator<Item = (BatchId, PageId)>) {
        self.looking.thumbnails(pages);
    }

    /// Has these pages drawn and no others; what is told of those whose place they take.
    pub fn views(&self, wanted: Vec<Wanted>) -> impl Iterator<Item = Event> {
        let dropped = self.looking.views(wanted).into_iter();
        dropped.map(|Wanted { page, longest, .. }| Event::ViewDropped { page, longest })
    }

    /// A thumbnail is missing: whether it may be made again now.
    pub fn may_redraw(&mut self, page: PageId, now: Instant) -> bool {
        if self.redraw_after.get(&page).is_some_and(|then| *then > now) {
            return false;
        }
        self.redraw_after.retain(|_, then| *then > now);
        self.redraw_after.insert(page, now + REDRAW_AGAIN_AFTER);
        true
    }

    /// Thumbnails cannot be made: their pages stay as they are, and are tried again
    /// when they are looked at later.
    pub fn not_drawn(
        &mut self,
        target: &Target,
        pages: &[u32],
        reason: String,
        now: Instant,
    ) -> Event {
        let document = target.document();
        let pages: Vec<PageId> = pages
            .iter()
            .map(|&number| PageId { document, number })
            .collect();
        let then = now + UNDRAWN_AGAIN_AFTER;
        self.redraw_after
            .extend(pages.iter().map(|page| (*page, then)));
        Event::NoThumbnails { pages, reason }
    }
}

/// What drawing a page takes; `target` is its document.
pub fn wanted(mut target: Target, page: &Page, longest: u16) -> Wanted {
    // The engine that made the thumbnail: the other may have failed.
    if let Some(found) = &page.measurements {
        let engines = &mut target.opening.engines;
        engines.sort_by_key(|engine| *engine != found.engine);
    }
    Wanted {
        target,
        page: page.id,
        shape: page.shape,
        longest,
    }
}

/// A page is to be drawn that nobody knows.
pub fn unknown(page: PageId, longest: u16) -> Event {
    Event::View(ViewedPage {
        page,
        longest,
        picture: Err(NotDrawn::Other(
            "It is no longer in the library.".to_owned(),
        )),
    })
}

/// What lists do not hold of a page.
pub fn inspection(
    reader: &Reader,
    page: PageId,
    looks: Option<Looks>,
) -> Result<Inspection, LibraryError> {
    let failure = match reader.failure_of(page.document, Some(page.number))? {
        Some(failure) => Some(failure),
        None => reader.failure_of(page.document, None)?,
    };
    Ok(Inspection {
        page,
        text: reader.page_text(page)?,
        failure,
        findings: reader.findings_of(page)?,
        details: reader.details_of(page.document)?.map(Box::new),
        looks: looks.map(Arc::new),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{DocumentId, Source};
    use crate::worker::Opening;

    #[test]
    fn a_thumbnail_is_made_again_once_and_one_that_failed_is_tried_sooner() {
        let mut previews = Previews::new(Arc::default());
        let document = DocumentId(1);
        let page = |number| PageId { document, number };
        let start = Instant::now();
        assert!(previews.may_redraw(page(1), start));
        assert!(!previews.may_redraw(page(1), start + UNDRAWN_AGAIN_AFTER));
        assert!(
            previews.may_redraw(page(2), start),
            "pages do not wait for others"
        );
        let target = Target {
            batch: BatchId(1),
            opening: Opening {
                document,
                source: Source::File("a.pdf".into()),
                engines: vec![],
                passwords: vec![],
                expected: None,
                largest: 1,
            },
        };
        let told = previews.not_drawn(&target, &[1], "its file is gone".into(), start);
        assert!(matches!(told, Event::NoThumbnails { pages, .. } if pages == [page(1)]));
        assert!(!previews.may_redraw(page(1), start));
        assert!(previews.may_redraw(page(1), start + UNDRAWN_AGAIN_AFTER));
        assert!(!previews.may_redraw(page(2), start + UNDRAWN_AGAIN_AFTER));
    }
}
