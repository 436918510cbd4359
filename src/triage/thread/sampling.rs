//! Drawing samples of pages and keeping what is said of them. Not for how many pages and
//! which (`triage::sample`).

use std::hash::{BuildHasher, RandomState};

use super::super::decisions::{author, once_each};
use super::super::event::Event;
use super::super::sample::{draw, size};
use super::{SessionThread, now_seconds};
use crate::library::LibraryError;
use crate::model::{BatchId, Confidence, PageId, Ruling, Sample, SampleId, SamplePage};

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
        self.load(batch)?;
        let Some(open) = self.open.get(&batch) else {
            return Ok(());
        };
        let keys = once_each(pages.iter().filter_map(|page| open.key_of(*page)));
        let drawn = draw(&keys, size(keys.len(), confidence, margin), seed());
        let sample = Sample {
            // It gets its number when it is kept.
            id: SampleId(0),
            query,
            population: keys.len() as u64,
            confidence,
            margin,
            at: now_seconds(),
            author: author(),
            pages: drawn
                .into_iter()
                .map(|page| SamplePage {
                    page,
                    said: open.decisions.of(&page).ruling,
                    judged: None,
                })
                .collect(),
        };
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
        if let Some(sample) = self.library.reader().latest_sample(batch)? {
            self.library
                .write(|writer| writer.judge_sample(sample.id, place, judged, &author()))?;
        }
        self.tell_sample(batch)
    }

    /// Tells the sample that was drawn last.
    pub(super) fn tell_sample(&mut self, batch: BatchId) -> Result<(), LibraryError> {
        let sample = self.library.reader().latest_sample(batch)?;
        self.tell(Event::Sampled(batch, sample.map(Box::new)));
        Ok(())
    }
}

/// Other than before each time, by the numbers that the standard library draws for its maps.
fn seed() -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for part in 0u8..4 {
        let drawn = RandomState::new().hash_one(part);
        hasher.update(&drawn.to_le_bytes());
    }
    *hasher.finalize().as_bytes()
}
