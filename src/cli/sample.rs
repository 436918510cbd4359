//! `sample`: draws pages at random for quality control, and lists the sample that was drawn
//! last with what was judged. Judging needs eyes, and is done in the window.

use std::path::Path;

use super::arguments::SampleArguments;
use super::output::complain;
use super::print::{self, List, Wanted};
use super::{CommandError, Ending, chosen, decide, reader};
use crate::library::{Library, Reader};
use crate::model::{BatchId, Confidence};
use crate::triage::query::Query;
use crate::triage::sample::{estimate, sample_of};
use crate::triage::tables::{Listed, pages_where};

/// Draws a sample where one is asked for, and lists the latest.
pub fn sample(
    library: &Path,
    asked: &SampleArguments,
    wanted: &Wanted,
) -> Result<Ending, CommandError> {
    let reader = reader(library)?;
    let batch = chosen(&reader, asked.batch)?.batch.id;
    if asked.draw {
        draw(library, &reader, batch, asked)?;
    }
    print::print(List::Sample, Listed::Sample.of(&reader, batch)?, wanted)?;
    let Some(sample) = reader.latest_sample(batch)? else {
        complain!("pagesieve: no sample was drawn; `pagesieve sample --draw` draws one");
        return Ok(Ending::Done);
    };
    if let Some(found) = estimate(&sample) {
        let percent = |share: f64| format!("{:.1} %", share * 100.0);
        complain!(
            "{} judged otherwise than decided; of all pages {} to {} at {} % confidence",
            percent(found.share),
            percent(found.least),
            percent(found.most),
            sample.confidence.percent()
        );
    }
    Ok(Ending::Done)
}

fn draw(
    library: &Path,
    reader: &Reader,
    batch: BatchId,
    asked: &SampleArguments,
) -> Result<(), CommandError> {
    let typed = asked.query.as_deref().unwrap_or_default();
    let query = match typed {
        "" => Query::default(),
        typed => decide::query(typed)?,
    };
    let confidence = Confidence::of_percent(asked.confidence)
        .ok_or_else(|| CommandError::Usage("the confidence is 90, 95 or 99 per cent".into()))?;
    let pages = pages_where(reader, batch, &query)?;
    let sample = sample_of(
        reader,
        batch,
        &pages,
        typed,
        confidence,
        asked.margin / 100.0,
    )?;
    // Nobody else writes meanwhile.
    let mut library = Library::open(library)?;
    library.write(|writer| writer.add_sample(batch, &sample).map(|_| ()))?;
    Ok(())
}
