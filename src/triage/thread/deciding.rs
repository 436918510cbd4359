//! Keeping what people say of pages, and taking it back. Kept first: what could not be
//! kept was not said. Not for what holds (`triage::decisions`).

use std::collections::HashMap;

use super::super::decisions::{author, once_each};
use super::super::event::Event;
use super::super::open_batch::OpenBatch;
use super::super::proposals::Proposals;
use super::now_seconds;
use crate::library::{Library, LibraryError, Reader};
use crate::model::{BatchId, Change, ContentHash, Deed, PageId, PageKey};

/// What is said of which pages.
pub type Said = Vec<(Vec<PageId>, Vec<Change>)>;

/// Why something cannot be said; none where it can.
pub fn problem(said: &Said) -> Option<String> {
    let mut changes = said.iter().flat_map(|(_, changes)| changes);
    changes.find_map(Change::problem)
}

/// Says something of pages, all of it in one step; none where nothing is said.
pub fn decide(
    library: &mut Library,
    open: &mut OpenBatch,
    said: Said,
    rule: Option<&str>,
) -> Result<Option<Event>, LibraryError> {
    let deeds = said.into_iter().filter_map(|(pages, changes)| {
        let pages = once_each(pages.iter().filter_map(|page| open.key_of(*page)));
        let says_something = !pages.is_empty() && !changes.is_empty();
        says_something.then_some(Deed::Change { changes, pages })
    });
    let deeds: Vec<Deed> = deeds.collect();
    keep(library, open, &deeds, rule, false)
}

/// Takes back what was said last, or says it again; none where there is nothing.
pub fn step_back(
    library: &mut Library,
    open: &mut OpenBatch,
    again: bool,
) -> Result<Option<Event>, LibraryError> {
    let acts = open.decisions.step(again).into_iter();
    let deeds: Vec<Deed> = acts.map(Deed::Undo).collect();
    keep(library, open, &deeds, None, true)
}

fn keep(
    library: &mut Library,
    open: &mut OpenBatch,
    deeds: &[Deed],
    rule: Option<&str>,
    show: bool,
) -> Result<Option<Event>, LibraryError> {
    if deeds.is_empty() {
        return Ok(None);
    }
    let batch = open.batch.id;
    let (at, author) = (now_seconds(), author());
    let acts = library.write(|writer| {
        let acts = deeds.iter().cloned();
        let acts = acts.map(|deed| writer.add_act(batch, at, &author, rule, deed));
        acts.collect::<Result<Vec<_>, _>>()
    })?;
    let mut changed: Vec<PageKey> = Vec::new();
    for act in acts {
        changed.extend(open.decisions.add(act));
    }
    let changed = once_each(changed.into_iter())
        .into_iter()
        .map(|page| (page, open.decisions.of(&page)))
        .collect();
    Ok(Some(Event::Decided {
        batch,
        changed,
        steps: open.decisions.steps(),
        show,
    }))
}

/// Notes that the user has seen pages.
pub fn note_seen(
    library: &mut Library,
    open: &OpenBatch,
    pages: &[PageId],
) -> Result<(), LibraryError> {
    let keys = once_each(pages.iter().filter_map(|page| open.key_of(*page)));
    library.write(|writer| writer.note_seen(open.batch.id, now_seconds(), &author(), &keys))
}

/// Who decided how much.
pub fn tally(open: &OpenBatch) -> Event {
    let mut copies: HashMap<ContentHash, usize> = HashMap::new();
    for hash in open.documents.values().filter_map(|document| document.hash) {
        *copies.entry(hash).or_default() += 1;
    }
    let places = |page: &PageKey| copies.get(&page.document).copied().unwrap_or(0);
    Event::Tallied(open.batch.id, open.decisions.tally(places))
}

/// Looks up what rules propose.
pub fn proposals(reader: &Reader, batch: BatchId) -> Result<Event, LibraryError> {
    let proposals = Proposals::look_up(&reader.rules()?, reader, batch)?;
    Ok(Event::Proposals(batch, proposals))
}
