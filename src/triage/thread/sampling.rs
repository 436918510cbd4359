//! Drawing samples of pages and keeping what is said of them. Not for how many pages and
//! which (`triage::sample`).

use super::super::decisions::author;
use super::super::sample::sample_of;
use crate::library::{Library, LibraryError};
use crate::model::{BatchId, Confidence, PageId, Ruling, Sample};

/// Draws a sample and keeps it.
pub fn draw(
    library: &mut Library,
    batch: BatchId,
    pages: &[PageId],
    query: &str,
    (confidence, margin): (Confidence, f64),
) -> Result<Sample, LibraryError> {
    let sample = sample_of(library.reader(), batch, pages, query, confidence, margin)?;
    library.write(|writer| writer.add_sample(batch, &sample))
}

/// Keeps what is said of the page at a place of the sample that was drawn last; the
/// sample then, none where it has no such place.
pub fn judge(
    library: &mut Library,
    batch: BatchId,
    place: usize,
    judged: Ruling,
) -> Result<Option<Sample>, LibraryError> {
    let Some(mut sample) = library.reader().latest_sample(batch)? else {
        return Ok(None);
    };
    let Some(page) = sample.pages.get_mut(place) else {
        return Ok(None);
    };
    page.judged = Some(judged);
    library.write(|writer| writer.judge_sample(sample.id, place, judged, &author()))?;
    Ok(Some(sample))
}
