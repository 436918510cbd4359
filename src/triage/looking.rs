//! What a person looks at right now: a thread that loads thumbnails, and one
//! that draws a page large. Each keeps only the newest request, so that nothing
//! queues up behind a person who scrolls. Not for analysis.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

use super::background::caught;
use super::event::{DrawnPage, Event, Looks, NotDrawn, Thumbnail, ViewedPage};
use super::outbox::Outbox;
use super::queue::Target;
use super::run::Crew;
use crate::analysis::{Decoded, thumbnails_differ};
use crate::library::{LibraryError, Reader};
use crate::model::words::{beside_own, words_read};
use crate::model::{BatchId, PageId, PageShape, Word};
use crate::pdf::fit;
use crate::scratch::{PackError, Packs};
use crate::worker::Refusal;

/// A request for a large view of a page.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub target: Target,
    pub page: PageId,
    pub shape: PageShape,
    pub longest: u16,
}

/// The newest requests.
#[derive(Default)]
struct Desk {
    thumbnails: VecDeque<(BatchId, PageId)>,
    views: VecDeque<Wanted>,
    closed: bool,
}

/// Both threads' mailbox.
#[derive(Default)]
pub struct Looking {
    desk: Mutex<Desk>,
    changed: Condvar,
}

impl Looking {
    /// Starts both threads. `library` has the words that analysers read; `outbox` gets what
    /// was loaded; `missing` gets pages whose thumbnail is not in scratch.
    pub fn start(
        crew: &Arc<Crew>,
        library: PathBuf,
        outbox: Outbox,
        missing: impl Fn(PageId) + Send + 'static,
    ) -> std::io::Result<Arc<Self>> {
        let looking = Arc::new(Self::default());
        let (me, with, told) = (Arc::clone(&looking), Arc::clone(crew), outbox.clone());
        thread::Builder::new()
            .name("thumbnails".into())
            .spawn(move || {
                while let Some((batch, page)) = me.wait(|desk| desk.thumbnails.pop_front()) {
                    // A panic costs the request: a picture that cannot be decoded is
                    // made anew.
                    let _ = caught(|| match caught(|| load(&with, batch, page)) {
                        Ok(Some(thumbnail)) => told.tell(Event::Thumbnail(thumbnail)),
                        Ok(None) | Err(_) => missing(page),
                    });
                }
            })?;
        let (me, with) = (Arc::clone(&looking), Arc::clone(crew));
        thread::Builder::new().name("view".into()).spawn(move || {
            while let Some(wanted) = me.wait(|desk| desk.views.pop_front()) {
                let drawn = caught(|| draw(&with, &library, &wanted));
                let view = Event::View(ViewedPage {
                    page: wanted.page,
                    longest: wanted.longest,
                    picture: drawn.unwrap_or_else(|broken| {
                        Err(NotDrawn::Other(format!("There is {broken}.")))
                    }),
                });
                let _ = caught(|| outbox.tell(view));
            }
        })?;
        Ok(looking)
    }

    /// Asks for these thumbnails and no others.
    pub fn thumbnails(&self, pages: impl Iterator<Item = (BatchId, PageId)>) {
        self.change(|desk| desk.thumbnails = pages.collect());
    }

    /// Asks for these views, in this order, and no others. Returns those whose place they
    /// take and which are not asked for again: they are not drawn.
    pub fn views(&self, wanted: Vec<Wanted>) -> Vec<Wanted> {
        let asked = |of: &Wanted| (of.page, of.longest);
        let again: Vec<_> = wanted.iter().map(asked).collect();
        let before = self.change(|desk| std::mem::replace(&mut desk.views, wanted.into()));
        let mut dropped = Vec::from(before);
        dropped.retain(|of| !again.contains(&asked(of)));
        dropped
    }

    /// Ends both threads.
    pub fn close(&self) {
        self.change(|desk| desk.closed = true);
    }

    fn change<T>(&self, change: impl FnOnce(&mut Desk) -> T) -> T {
        let changed = change(&mut self.desk.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
        changed
    }

    /// Waits for something to do; none once it is closed.
    fn wait<T>(&self, take: impl Fn(&mut Desk) -> Option<T>) -> Option<T> {
        let mut desk = self.desk.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if desk.closed {
                return None;
            }
            if let Some(taken) = take(&mut desk) {
                return Some(taken);
            }
            desk = self
                .changed
                .wait(desk)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

fn load(crew: &Crew, batch: BatchId, page: PageId) -> Option<Thumbnail> {
    let jpeg = match crew.place().packs.read(batch, page) {
        Ok(jpeg) => jpeg?,
        Err(error) => {
            tracing::warn!(document = page.document.0, number = page.number, %error, "thumbnail not read");
            return None;
        }
    };
    decoded(page, &jpeg)
}

/// A page before and after it was analysed again, where a person sees a difference.
pub fn looks(packs: &Packs, batch: BatchId, page: PageId) -> Option<Looks> {
    let read = || {
        let before = packs.read_earlier(batch, page)?;
        Ok::<_, PackError>(before.zip(packs.read(batch, page)?))
    };
    let (before, now) = match read() {
        Ok(both) => both.filter(|(before, now)| before != now)?,
        Err(error) => {
            tracing::warn!(document = page.document.0, number = page.number, %error, "thumbnails not read");
            return None;
        }
    };
    let looks = Looks {
        before: decoded(page, &before)?,
        now: decoded(page, &now)?,
    };
    let [one, other] = [&looks.before, &looks.now].map(|thumbnail| Decoded {
        width: thumbnail.width,
        rgba: &thumbnail.rgba,
    });
    thumbnails_differ(&one, &other).then_some(looks)
}

fn decoded(page: PageId, jpeg: &[u8]) -> Option<Thumbnail> {
    let picture = image::load_from_memory_with_format(jpeg, image::ImageFormat::Jpeg).ok()?;
    let rgba = picture.into_rgba8();
    Some(Thumbnail {
        page,
        width: rgba.width() as usize,
        height: rgba.height() as usize,
        rgba: rgba.into_raw(),
    })
}

fn draw(crew: &Crew, library: &Path, wanted: &Wanted) -> Result<DrawnPage, NotDrawn> {
    let document = wanted.page.document;
    let refused = |refusal: Refusal| NotDrawn::Refused(refusal.kind);
    let place = crew.place();
    let mut worker = place.pool.lease(Some(document)).map_err(other)?;
    if worker.open_document().map(|open| open.document) != Some(document) {
        let opened = worker.open(&wanted.target.opening).map_err(other)?;
        opened.map_err(refused)?;
    }
    let size = fit(wanted.shape, wanted.longest);
    let view = worker.view(wanted.page.number, size).map_err(other)?;
    let view = view.map_err(refused)?;
    Ok(DrawnPage {
        width: view.width as usize,
        height: view.height as usize,
        rgba: view.rgba,
        words: with_read(view.words, library, wanted.page),
    })
}

fn other(error: impl ToString) -> NotDrawn {
    NotDrawn::Other(error.to_string())
}

/// The words of a page's own text, and after them those that analysers have read on its
/// picture.
fn with_read(mut own: Vec<Word>, library: &Path, page: PageId) -> Vec<Word> {
    let findings = || match Reader::open(library)? {
        Some(reader) => reader.findings_of(page),
        None => Ok(Vec::new()),
    };
    let read: Result<_, LibraryError> = findings();
    match read {
        Ok(findings) => own.extend(beside_own(&own, words_read(findings))),
        Err(error) => {
            let (document, number) = (page.document.0, page.number);
            tracing::warn!(document, number, %error, "recognised words are not shown");
        }
    }
    own
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{DocumentId, Source};
    use crate::worker::Opening;

    fn wanted(number: u32) -> Wanted {
        let document = DocumentId(1);
        Wanted {
            target: Target {
                batch: BatchId(1),
                opening: Opening {
                    document,
                    source: Source::File("/a.pdf".into()),
                    engines: vec![],
                    passwords: vec![],
                    expected: None,
                    largest: 1,
                },
            },
            page: PageId { document, number },
            shape: PageShape {
                width: 595.0,
                height: 842.0,
                rotation: 0,
            },
            longest: 1280,
        }
    }

    #[test]
    fn who_asked_for_a_view_learns_that_another_takes_its_place() {
        let looking = Looking::default();
        let ask = |pages: &[u32]| {
            let dropped = looking.views(pages.iter().map(|page| wanted(*page)).collect());
            let numbers = dropped.iter().map(|wanted| wanted.page.number);
            numbers.collect::<Vec<_>>()
        };
        assert!(ask(&[1, 2]).is_empty());
        assert_eq!(ask(&[2, 3]), [1], "what is asked for again is still drawn");
        let drawn = looking.wait(|desk| desk.views.pop_front());
        assert_eq!(drawn.map(|wanted| wanted.page.number), Some(2));
        assert_eq!(ask(&[4]), [3]);
    }
}
