//! Events on their way from the session to its face. What waits folds into each other:
//! of two counts only the newer is kept, and changes of pages become one list. So a face
//! that does not look, as a minimised window, makes nothing grow but with its batch. Not
//! for what events say (`event`).

use std::collections::VecDeque;
use std::collections::hash_map::{Entry, HashMap};
use std::hash::Hash;
use std::mem::discriminant;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use super::event::{Event, ExportState};
use super::options::Wake;

/// From so many changes on a list keeps only the newest of each page or document.
const LONG: usize = 4096;

/// Events that were not received yet.
struct Waiting {
    /// Oldest first.
    events: VecDeque<Event>,
    /// From so many changes on a list is made short: twice what was left of one then, so
    /// that the work for one change stays small.
    long: usize,
}

impl Default for Waiting {
    fn default() -> Self {
        Self {
            events: VecDeque::new(),
            long: LONG,
        }
    }
}

/// Where the session puts events.
#[derive(Clone)]
pub struct Outbox {
    waiting: Arc<Mutex<Waiting>>,
    /// Rung once for all events that wait.
    bell: Sender<()>,
    wake: Wake,
}

/// Where a face takes events from.
pub struct Events {
    waiting: Arc<Mutex<Waiting>>,
    bell: Receiver<()>,
}

/// Makes both ends; `wake` is called after each event.
pub fn outbox(wake: Wake) -> (Outbox, Events) {
    let waiting = Arc::<Mutex<Waiting>>::default();
    let (ring, bell) = bounded(1);
    let events = Events {
        waiting: Arc::clone(&waiting),
        bell,
    };
    let bell = ring;
    (
        Outbox {
            waiting,
            bell,
            wake,
        },
        events,
    )
}

impl Outbox {
    /// Tells the face.
    pub fn tell(&self, event: Event) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.put(event);
        drop(waiting);
        // Fails where it was rung already, or the face is gone.
        let _ = self.bell.try_send(());
        (self.wake)();
    }
}

impl Events {
    /// The next event; none where none waits.
    pub fn try_recv(&self) -> Option<Event> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.pop()
    }

    /// The next event, once there is one.
    pub fn recv_timeout(&self, timeout: Duration) -> Result<Event, RecvTimeoutError> {
        let until = Instant::now() + timeout;
        loop {
            if let Some(event) = self.try_recv() {
                return Ok(event);
            }
            match self.bell.recv_deadline(until) {
                Ok(()) => {}
                // It was told, and the bell not heard.
                Err(error) => return self.try_recv().ok_or(error),
            }
        }
    }
}

impl Waiting {
    fn pop(&mut self) -> Option<Event> {
        let event = self.events.pop_front();
        if self.events.is_empty() {
            self.long = LONG;
        }
        event
    }

    /// Puts an event behind those that wait, or into one of them.
    fn put(&mut self, event: Event) {
        /// Joins the list of one kind of event to the latest of that kind and batch.
        macro_rules! join {
            ($kind:ident($batch:ident, $items:ident), $stops:expr, $key:expr) => {{
                let left = self.join(
                    $items,
                    |event| match event {
                        Event::$kind(of, list) if *of == $batch => Some(list),
                        _ => None,
                    },
                    $stops,
                    $key,
                );
                self.events
                    .extend(left.map(|items| Event::$kind($batch, items)));
            }};
        }
        let nothing = |_: &Event| false;
        match event {
            Event::Documents(batch, list) => join!(Documents(batch, list), nothing, |of| of.id),
            Event::Pages(batch, list) => {
                // Their documents, and what was known before, have to be known first.
                let first =
                    |event: &Event| matches!(event, Event::Documents(..) | Event::Replaced(..));
                join!(Pages(batch, list), first, |page| page.id);
            }
            Event::Replaced(batch, list) => join!(Replaced(batch, list), nothing, |page| page.id),
            Event::Judged(batch, list) => join!(Judged(batch, list), nothing, |(of, _)| *of),
            Event::Findings(batch, list) => {
                join!(Findings(batch, list), nothing, |found| found.id.clone());
            }
            event => {
                let said = |before: &Event| replaces(&event, before);
                if let Some(before) = self.events.iter().rposition(said) {
                    self.events.remove(before);
                }
                self.events.push_back(event);
            }
        }
    }

    /// Puts items into the latest list that waits for them, unless something came after it
    /// that they have to come after; gives them back where there is no such list.
    fn join<T, K: Eq + Hash>(
        &mut self,
        items: Vec<T>,
        list: impl Fn(&mut Event) -> Option<&mut Vec<T>>,
        stops: impl Fn(&Event) -> bool,
        key: impl Fn(&T) -> K,
    ) -> Option<Vec<T>> {
        for event in self.events.iter_mut().rev() {
            if begins_anew(event) || stops(event) {
                break;
            }
            if let Some(known) = list(event) {
                known.extend(items);
                keep_latest(known, &mut self.long, key);
                return None;
            }
        }
        Some(items)
    }
}

/// What comes later is about other pages than what came before.
fn begins_anew(event: &Event) -> bool {
    matches!(
        event,
        Event::Opened { .. } | Event::PagesDropped(..) | Event::TakenOut { .. }
    )
}

/// Whether an event says all that an earlier one did, as it is now.
fn replaces(event: &Event, earlier: &Event) -> bool {
    match (event, earlier) {
        (Event::Progress(now), Event::Progress(before)) => {
            now.summary.batch.id == before.summary.batch.id
                && now.state == before.state
                && now.taking_in == before.taking_in
        }
        (
            Event::Export(of, ExportState::Running(_)),
            Event::Export(before, ExportState::Running(_)),
        )
        | (
            Event::PagesExport(of, ExportState::Running(_)),
            Event::PagesExport(before, ExportState::Running(_)),
        ) => of == before,
        (
            Event::Batches(_)
            | Event::Watched(_)
            | Event::Scratch { .. }
            | Event::ScratchContents(_),
            _,
        ) => discriminant(event) == discriminant(earlier),
        _ => false,
    }
}

/// Of a long list, keeps what it says last of each: at the place where it was said first,
/// so that pages stay in their order.
fn keep_latest<T, K: Eq + Hash>(list: &mut Vec<T>, long: &mut usize, key: impl Fn(&T) -> K) {
    if list.len() < *long {
        return;
    }
    let mut places: HashMap<K, usize> = HashMap::new();
    let mut latest: Vec<T> = Vec::with_capacity(list.len());
    for item in list.drain(..) {
        match places.entry(key(&item)) {
            Entry::Occupied(place) => latest[*place.get()] = item,
            Entry::Vacant(place) => {
                place.insert(latest.len());
                latest.push(item);
            }
        }
    }
    *long = LONG.max(2 * latest.len());
    *list = latest;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        Batch, BatchId, BatchSummary, Document, DocumentId, DocumentStatus, Page, PageId,
        PageShape, PageState, Source,
    };
    use crate::triage::{Progress, RunState};

    const BATCH: BatchId = BatchId(1);

    fn page(document: i64, number: u32, state: PageState) -> Arc<Page> {
        Arc::new(Page {
            id: PageId {
                document: DocumentId(document),
                number,
            },
            shape: PageShape::bounded(595.0, 842.0, 0),
            state,
            measurements: None,
        })
    }

    fn document(id: i64) -> Document {
        Document {
            id: DocumentId(id),
            batch: BATCH,
            source: Source::File(format!("/{id}.pdf").into()),
            name: format!("{id}.pdf"),
            bytes: 1,
            modified: 0,
            hash: None,
            status: DocumentStatus::Ok,
            pages: 1,
            encrypted: false,
            duplicate_of: None,
            left_out: None,
        }
    }

    fn progress(pages_done: u64, state: RunState) -> Event {
        let batch = Batch {
            id: BATCH,
            name: "batch".into(),
            created: 0,
            cancelled: false,
            archived: false,
        };
        Event::Progress(Progress {
            summary: BatchSummary {
                batch,
                documents: 1,
                documents_waiting: 0,
                documents_failed: 0,
                documents_left_out: 0,
                pages: 10,
                pages_done,
                pages_failed: 0,
                failures: 0,
                bytes: 0,
            },
            taking_in: false,
            state,
            pages_per_second: None,
            pages_expected: 10,
            unanalysed: 0,
            time_left: None,
        })
    }

    fn silent() -> (Outbox, Events) {
        outbox(Arc::new(|| {}))
    }

    #[test]
    fn a_face_that_does_not_look_for_a_whole_run_finds_few_events_and_the_latest_of_each() {
        let (outbox, events) = silent();
        let documents = 300;
        for id in 1..=documents {
            outbox.tell(Event::Documents(BATCH, vec![document(id)]));
            let pages = (1..=20).map(|number| page(id, number, PageState::Waiting));
            outbox.tell(Event::Pages(BATCH, pages.collect()));
            for number in 1..=20 {
                let done = page(id, number, PageState::Done);
                outbox.tell(Event::Pages(BATCH, vec![done]));
                outbox.tell(progress(number.into(), RunState::Running));
            }
        }
        let mut told = Vec::new();
        while let Some(event) = events.try_recv() {
            told.push(event);
        }
        let [
            Event::Documents(_, known),
            Event::Pages(_, pages),
            Event::Progress(progress),
        ] = &told[..]
        else {
            panic!("{} events", told.len());
        };
        assert_eq!(known.len() as i64, documents);
        assert_eq!(progress.summary.pages_done, 20);
        let all = documents as usize * 20;
        assert!(pages.len() < 3 * all, "{} for {all} pages", pages.len());
        let mut latest = HashMap::new();
        for page in pages {
            latest.insert(page.id, page.state);
        }
        assert_eq!(latest.len(), all);
        assert!(latest.values().all(|state| *state == PageState::Done));
        // In the order of their numbers when they are met first.
        let mut first: HashMap<DocumentId, u32> = HashMap::new();
        for page in pages {
            let met = first.entry(page.id.document).or_default();
            assert!(page.id.number <= *met + 1);
            *met = (*met).max(page.id.number);
        }
    }

    #[test]
    fn pages_that_were_dropped_in_between_are_told_before_and_after() {
        let (outbox, events) = silent();
        outbox.tell(Event::Pages(BATCH, vec![page(1, 1, PageState::Done)]));
        outbox.tell(Event::PagesDropped(BATCH, DocumentId(1)));
        outbox.tell(Event::Pages(BATCH, vec![page(1, 1, PageState::Waiting)]));
        assert!(matches!(events.try_recv(), Some(Event::Pages(..))));
        assert!(matches!(events.try_recv(), Some(Event::PagesDropped(..))));
        assert!(matches!(events.try_recv(), Some(Event::Pages(..))));
        assert!(events.try_recv().is_none());
    }

    #[test]
    fn no_state_of_a_batch_is_left_out() {
        let (outbox, events) = silent();
        let state = |state| progress(1, state);
        for state in [
            state(RunState::Running),
            state(RunState::Paused),
            state(RunState::Running),
            state(RunState::Finished),
        ] {
            outbox.tell(state);
        }
        let told = std::iter::from_fn(|| events.try_recv()).map(|event| match event {
            Event::Progress(progress) => progress.state,
            other => panic!("{other:?}"),
        });
        let told: Vec<RunState> = told.collect();
        let expected = [RunState::Paused, RunState::Running, RunState::Finished];
        assert_eq!(told, expected);
    }

    #[test]
    fn who_waits_gets_what_was_told_and_hears_when_nobody_is_there_to_tell() {
        let (outbox, events) = silent();
        let soon = Duration::from_millis(1);
        let nothing = events.recv_timeout(soon).map(|_| ());
        assert_eq!(nothing, Err(RecvTimeoutError::Timeout));
        outbox.tell(Event::Notice("a".into()));
        outbox.tell(Event::Notice("b".into()));
        drop(outbox);
        let long = Duration::from_secs(60);
        assert!(events.recv_timeout(long).is_ok());
        assert!(events.recv_timeout(long).is_ok());
        let nothing = events.recv_timeout(long).map(|_| ());
        assert_eq!(nothing, Err(RecvTimeoutError::Disconnected));
    }
}
