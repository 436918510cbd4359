//! Keeping what people say of pages, and taking it back. Not for what holds
//! (`triage::decisions`).

use super::super::decisions::{author, once_each};
use super::super::event::Event;
use super::{SessionThread, now_seconds};
use crate::library::LibraryError;
use crate::model::{BatchId, Change, Deed, PageId};

impl SessionThread {
    /// Says something of pages, or says why it cannot be.
    pub(super) fn decide(
        &mut self,
        batch: BatchId,
        pages: &[PageId],
        changes: Vec<Change>,
        rule: Option<&str>,
    ) -> Result<(), LibraryError> {
        if let Some(problem) = changes.iter().find_map(Change::problem) {
            self.tell(Event::Refused(problem));
            return Ok(());
        }
        self.load(batch)?;
        let Some(open) = self.open.get(&batch) else {
            return Ok(());
        };
        let keys = once_each(pages.iter().filter_map(|page| open.key_of(*page)));
        if keys.is_empty() || changes.is_empty() {
            return Ok(());
        }
        let deed = Deed::Change {
            changes,
            pages: keys,
        };
        self.do_and_tell(batch, deed, rule, false)
    }

    /// Takes back what was said last, or says it again.
    pub(super) fn step_back(&mut self, batch: BatchId, again: bool) -> Result<(), LibraryError> {
        self.load(batch)?;
        let Some(open) = self.open.get(&batch) else {
            return Ok(());
        };
        let Some(act) = open.decisions.step(again).map(|act| act.id) else {
            return Ok(());
        };
        self.do_and_tell(batch, Deed::Undo(act), None, true)
    }

    /// Kept first: what could not be kept was not said.
    fn do_and_tell(
        &mut self,
        batch: BatchId,
        deed: Deed,
        rule: Option<&str>,
        show: bool,
    ) -> Result<(), LibraryError> {
        let (at, author) = (now_seconds(), author());
        let act = self
            .library
            .write(|writer| writer.add_act(batch, at, &author, rule, deed))?;
        let Some(open) = self.open.get_mut(&batch) else {
            return Ok(());
        };
        let changed = open.decisions.add(act);
        let changed = changed
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
