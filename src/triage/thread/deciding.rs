//! Keeping what people say of pages, and taking it back. Not for what holds
//! (`triage::decisions`).

use std::collections::HashMap;

use super::super::decisions::{author, once_each};
use super::super::event::Event;
use super::super::proposals::Proposals;
use super::{SessionThread, now_seconds};
use crate::library::LibraryError;
use crate::model::{BatchId, Change, ContentHash, Deed, PageId, PageKey};

impl SessionThread {
    /// Says something of pages, all of it in one step, or says why it cannot be.
    pub(super) fn decide(
        &mut self,
        batch: BatchId,
        said: Vec<(Vec<PageId>, Vec<Change>)>,
        rule: Option<&str>,
    ) -> Result<(), LibraryError> {
        let mut changes = said.iter().flat_map(|(_, changes)| changes);
        if let Some(problem) = changes.find_map(Change::problem) {
            self.tell(Event::Refused(problem));
            return Ok(());
        }
        self.load(batch)?;
        let Some(open) = self.open.get(&batch) else {
            return Ok(());
        };
        let deeds = said.into_iter().filter_map(|(pages, changes)| {
            let pages = once_each(pages.iter().filter_map(|page| open.key_of(*page)));
            let says_something = !pages.is_empty() && !changes.is_empty();
            says_something.then_some(Deed::Change { changes, pages })
        });
        self.do_and_tell(batch, deeds.collect(), rule, false)
    }

    /// Looks up what rules propose, and tells it.
    pub(super) fn propose(&mut self, batch: BatchId) -> Result<(), LibraryError> {
        // What was analysed is found, even if not committed yet.
        self.commit();
        let reader = self.library.reader();
        let proposals = Proposals::look_up(&reader.rules()?, reader, batch)?;
        self.tell(Event::Proposals(batch, proposals));
        Ok(())
    }

    /// Notes that the user has seen pages.
    pub(super) fn note_seen(
        &mut self,
        batch: BatchId,
        pages: &[PageId],
    ) -> Result<(), LibraryError> {
        let Some(open) = self.open.get(&batch) else {
            return Ok(());
        };
        let keys = once_each(pages.iter().filter_map(|page| open.key_of(*page)));
        self.library
            .write(|writer| writer.note_seen(batch, now_seconds(), &author(), &keys))
    }

    /// Tells who decided how much.
    pub(super) fn tally(&mut self, batch: BatchId) -> Result<(), LibraryError> {
        self.load(batch)?;
        if let Some(open) = self.open.get(&batch) {
            let mut copies: HashMap<ContentHash, usize> = HashMap::new();
            for hash in open.documents.values().filter_map(|document| document.hash) {
                *copies.entry(hash).or_default() += 1;
            }
            let places = |page: &PageKey| copies.get(&page.document).copied().unwrap_or(0);
            self.tell(Event::Tallied(batch, open.decisions.tally(places)));
        }
        Ok(())
    }

    /// Takes back what was said last, or says it again.
    pub(super) fn step_back(&mut self, batch: BatchId, again: bool) -> Result<(), LibraryError> {
        self.load(batch)?;
        let Some(open) = self.open.get(&batch) else {
            return Ok(());
        };
        let acts = open.decisions.step(again).into_iter();
        self.do_and_tell(batch, acts.map(Deed::Undo).collect(), None, true)
    }

    /// Kept first: what could not be kept was not said.
    fn do_and_tell(
        &mut self,
        batch: BatchId,
        deeds: Vec<Deed>,
        rule: Option<&str>,
        show: bool,
    ) -> Result<(), LibraryError> {
        if deeds.is_empty() {
            return Ok(());
        }
        let (at, author) = (now_seconds(), author());
        let acts = self.library.write(|writer| {
            let acts = deeds.iter().cloned();
            let acts = acts.map(|deed| writer.add_act(batch, at, &author, rule, deed));
            acts.collect::<Result<Vec<_>, _>>()
        })?;
        let Some(open) = self.open.get_mut(&batch) else {
            return Ok(());
        };
        let mut changed: Vec<PageKey> = Vec::new();
        for act in acts {
            changed.extend(open.decisions.add(act));
        }
        let changed = once_each(changed.into_iter())
            .into_iter()
            .map(|page| (page, open.decisions.of(&page)))
            .collect();
        let steps = open.decisions.steps();
        self.tell(Event::Decided {
            batch,
            changed,
            steps,
            show,
        });
        Ok(())
    }
}
