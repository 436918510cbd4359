//! Noting in the library when a run of a batch begins and ends. Not for what is done in
//! it.

use super::super::open_batch::OpenBatch;
use super::super::options::Options;
use super::now_seconds;
use crate::library::{Library, LibraryError};
use crate::model::EngineChoice;

/// Begins a run with the engine that is chosen by now, unless one goes on.
pub fn begin(
    library: &mut Library,
    open: &mut OpenBatch,
    options: &Options,
    engine: EngineChoice,
) -> Result<(), LibraryError> {
    if open.run.is_none() {
        let (batch, settings) = (open.batch.id, settings(options, engine));
        let run = library.write(|writer| writer.start_run(batch, &settings, now_seconds()))?;
        open.run = Some(run);
    }
    Ok(())
}

/// Ends the run that goes on, if one does.
pub fn end(library: &mut Library, open: &mut OpenBatch, outcome: &str) -> Result<(), LibraryError> {
    let Some(run) = open.run.take() else {
        return Ok(());
    };
    library.write(|writer| writer.finish_run(run, outcome, now_seconds()))
}

/// What a run was done with, for the library.
fn settings(options: &Options, engine: EngineChoice) -> String {
    serde_json::json!({
        "version": env!("CARGO_PKG_VERSION"),
        "engine": engine.as_str(),
        "workers": options.workers,
        "page_deadline_s": options.limits.page_deadline.as_secs_f64(),
    })
    .to_string()
}
