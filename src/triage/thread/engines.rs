//! Which engines were chosen, and installing PDFium beside the work that goes on. Not for
//! which engines a document is opened with (`scheduler`).

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::super::background;
use super::super::engines::{Found, FoundBy, InstallError, find, install, status_in};
use super::super::event::{Event, PdfiumState};
use super::super::options::{Options, available};
use super::super::run::Workplace;
use crate::model::{EngineChoice, EngineKind};
use crate::scratch::Scratch;
use crate::worker::Pool;

/// What was chosen, and how PDFium is.
pub struct Engines {
    choice: EngineChoice,
    /// Where engines are installed.
    dir: PathBuf,
    pdfium: PdfiumState,
    /// The library that workers use; one that cannot be renewed stays.
    library: Option<PathBuf>,
    stop_install: Arc<AtomicBool>,
}

impl Engines {
    /// What is known of them at the start.
    pub fn new(options: &Options) -> Self {
        Self {
            choice: options.engine,
            dir: options.engines.clone(),
            pdfium: ready_or_missing(options.program.pdfium.clone()),
            library: options.program.pdfium.clone(),
            stop_install: Arc::default(),
        }
    }

    /// Which are used, and how PDFium is, for the face.
    pub fn told(&self) -> Event {
        Event::Engines {
            choice: self.choice,
            pdfium: self.pdfium.clone(),
        }
    }

    pub fn choice(&self) -> EngineChoice {
        self.choice
    }

    pub fn choose(&mut self, choice: EngineChoice) {
        self.choice = choice;
    }

    /// The engines of the choice that there are, first to last.
    pub fn order(&self, pool: &Pool) -> Vec<EngineKind> {
        available(self.choice, pool.pdfium().is_some())
    }

    /// Downloads and installs PDFium on a thread of its own; false where that is under way.
    pub fn install(
        &mut self,
        scratch: &Scratch,
        answer: impl FnOnce(Result<PathBuf, InstallError>) + Send + 'static,
    ) -> bool {
        if self.pdfium == PdfiumState::Installing {
            return false;
        }
        self.pdfium = PdfiumState::Installing;
        self.stop_install.store(false, Ordering::Relaxed);
        let (dir, scratch) = (self.dir.clone(), scratch.clone());
        let stop = Arc::clone(&self.stop_install);
        let work = move || install(&dir, &scratch, &stop);
        background::spawn("install", work, move |installed| {
            answer(installed.unwrap_or_else(|broken| Err(InstallError::Broken(broken))));
        });
        true
    }

    /// An installation has ended; the library that workers are to use from now on.
    pub fn installed(&mut self, installed: Result<PathBuf, InstallError>) -> Option<PathBuf> {
        let library = match installed {
            Ok(path) => Some(path),
            Err(InstallError::Cancelled) => None,
            Err(error) => {
                tracing::warn!(%error, "PDFium could not be installed");
                self.pdfium = PdfiumState::Failed(error.to_string());
                return None;
            }
        };
        if library.is_some() {
            self.library.clone_from(&library);
        }
        self.pdfium = ready_or_missing(self.library.clone());
        library
    }

    /// Asks a fresh worker, beside the work that goes on.
    pub fn describe(&self, place: Arc<Workplace>, tell: impl FnOnce(Event) + Send + 'static) {
        let found = place.pool.pdfium().map(|path| {
            let found = find(None, &self.dir).filter(|found| found.path == path);
            let by = FoundBy::Setting;
            found.unwrap_or(Found { path, by })
        });
        let work = move || status_in(&place.pool, found.as_ref());
        background::spawn("describe", work, move |described| {
            let described = described.unwrap_or_else(|broken| Err(broken.into()));
            let described = described.map_err(|error| error.to_string());
            tell(Event::EnginesDescribed(described));
        });
    }

    /// Stops an installation, with the session.
    pub fn stop(&self) {
        self.stop_install.store(true, Ordering::Relaxed);
    }
}

fn ready_or_missing(library: Option<PathBuf>) -> PdfiumState {
    library.map_or(PdfiumState::Missing, PdfiumState::Ready)
}
