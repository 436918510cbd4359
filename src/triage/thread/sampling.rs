//! Drawing samples of pages and keeping what is said of them. Not for how many pages and
//! which (`triage::sample`).

use super::super::decisions::author;
use super::super::event::Event;
use super::super::sample::sample_of;
use super::SessionThread;
use crate::library::LibraryError;
use crate::model::{BatchId, Confidence, PageId, Ruling};

impl SessionThread {
    /// Draws a sample and tells it.
    pub(super) fn draw_sample(
        &mut self,
        batch: BatchId,
        pages: &[PageId],
        query: String,
        confidence: Confidence,
        margin: f64,
    ) -> Result<(), LibraryError> {
        let reader = self.library.reader();
        let sample = sample_of(reader, batch, pages, &query, confidence, margin)?;
        let sample = self
            .library
            .write(|writer| writer.add_sample(batch, &sample))?;
        self.tell(Event::Sampled(batch, Some(Box::new(sample))));
        Ok(())
    }

    /// Keeps what is said of a page of the sample, and tells the sample.
    pub(super) fn judge_sample(
        &mut self,
        batch: BatchId,
        place: usize,
        judged: Ruling,
    ) -> Result<(), LibraryError> {
        let Some(mut sample) = self.library.reader().latest_sample(batch)? else {
            return Ok(());
        };
        let Some(page) = sample.pages.get_mut(place) else {
            return Ok(());
        };
        page.judged = Some(judged);
        self.library
            .write(|writer| writer.judge_sample(sample.id, place, judged, &author()))?;
        self.tell(Event::Sampled(batch, Some(Box::new(sample))));
        Ok(())
    }

    /// Tells the sample that was drawn last.
    pub(super) fn tell_sample(&mut self, batch: BatchId) -> Result<(), LibraryError> {
        let sample = self.library.reader().latest_sample(batch)?;
        self.tell(Event::Sampled(batch, sample.map(Box::new)));
        Ok(())
    }
}
