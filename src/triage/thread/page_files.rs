//! Files of pages of an open batch: what would be written, and writing it, each on a thread
//! of its own, so that the analysis goes on beside them. Not for how files are made
//! (`triage::page_files`).

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use super::super::background;
use super::super::event::{Event, ExportState};
use super::super::options::Options;
use super::super::page_files::{PageSource, PagesExport, WantedPages};
use super::super::run::Crew;
use super::splitting::fresh;
use crate::library::{LibraryError, Reader};
use crate::model::BatchId;

/// What it holds on to between commands.
pub struct PageFiles {
    library: PathBuf,
    /// Workers that may be used at the same time.
    workers: usize,
    /// Stops the forecast that is under way: a later one answers.
    stop_forecast: Arc<AtomicBool>,
    /// Stops the files that are being written.
    stop: Arc<AtomicBool>,
    writing: Option<JoinHandle<()>>,
}

/// What is to be written: of a batch, from its documents.
pub type Asked = (BatchId, WantedPages, Vec<PageSource>);

impl PageFiles {
    pub fn new(options: &Options) -> Self {
        Self {
            library: options.library.clone(),
            workers: options.workers,
            stop_forecast: Arc::default(),
            stop: Arc::default(),
            writing: None,
        }
    }

    /// Says what would be written. `version` comes back with the answer.
    pub fn forecast(
        &mut self,
        asked: Asked,
        version: u64,
        tell: impl FnOnce(Event) + Send + 'static,
    ) {
        let stopped = fresh(&mut self.stop_forecast);
        let (library, workers, batch) = (self.library.clone(), self.workers, asked.0);
        let work = move || {
            let planned = planned(&library, asked, workers);
            planned.map(|planned| planned.map(|(export, _)| export.forecast()))
        };
        background::spawn("forecast of pages", work, move |forecast| {
            let forecast = match forecast {
                Ok(Some(Ok(forecast))) => Ok(Box::new(forecast)),
                Ok(Some(Err(error))) => Err(error.to_string()),
                Ok(None) => Ok(Box::default()),
                Err(broken) => Err(broken.to_string()),
            };
            if !stopped.load(Ordering::Relaxed) {
                tell(Event::PagesForecast {
                    batch,
                    version,
                    forecast,
                });
            }
        });
    }

    /// Writes files. One run at a time: what is asked for meanwhile is refused.
    pub fn write(
        &mut self,
        asked: Asked,
        crew: &Arc<Crew>,
        tell: impl Fn(Event) + Clone + Send + 'static,
    ) {
        let batch = asked.0;
        if self.writing.as_ref().is_some_and(|it| !it.is_finished()) {
            let words = "Other pages are being saved. Try again after that.";
            return tell(Event::PagesExport(
                batch,
                ExportState::Ended(Err(words.into())),
            ));
        }
        let stop = fresh(&mut self.stop);
        let (library, workers, crew) = (self.library.clone(), self.workers, Arc::clone(crew));
        let told = tell.clone();
        let work = move || {
            let planned = planned(&library, asked, workers).ok_or("the library is gone")?;
            let (export, reader) = planned.map_err(|error| error.to_string())?;
            let progress = |progress| {
                told(Event::PagesExport(batch, ExportState::Running(progress)));
            };
            let written = export.run(&crew.place().pool, &reader, &progress, &stop);
            written.map(Box::new).map_err(|error| error.to_string())
        };
        self.writing = background::spawn("pages", work, move |ended| {
            let ended = ended.unwrap_or_else(|broken| {
                Err(format!(
                    "Not all files were written: {broken}. Those that have their names are whole."
                ))
            });
            tell(Event::PagesExport(batch, ExportState::Ended(ended)));
        });
    }

    /// Stops what is being written; whole files stay.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Ends everything, with the session.
    pub fn end(&mut self) {
        self.stop_forecast.store(true, Ordering::Relaxed);
        self.stop();
        if let Some(writing) = self.writing.take() {
            // The hidden folder at the destination goes with it.
            let _ = writing.join();
        }
    }
}

/// What is to be written, and the library that it was read from; none where there is none.
fn planned(
    library: &Path,
    (batch, wanted, sources): Asked,
    workers: usize,
) -> Option<Result<(PagesExport, Reader), LibraryError>> {
    let reader = Reader::open(library).transpose()?;
    Some(reader.and_then(|reader| {
        let export = PagesExport::new(wanted, batch, sources, &reader, workers)?;
        Ok((export, reader))
    }))
}
