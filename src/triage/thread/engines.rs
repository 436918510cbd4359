//! Which engines are used from now on, and installing PDFium while the session
//! goes on.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::super::background;
use super::super::engines::{Found, FoundBy, InstallError, find, install, status_in};
use super::super::event::{Event, PdfiumState};
use super::super::options::{Options, available};
use super::{Message, SessionThread};
use crate::model::EngineChoice;

impl SessionThread {
    /// Uses these engines for work that is handed out from now on.
    pub(super) fn set_engine(&mut self, choice: EngineChoice) {
        self.engine = choice;
        self.engines = available(choice, self.crew.place().pool.pdfium().is_some());
        self.tell_engines();
    }

    /// Downloads and installs PDFium on a thread of its own.
    pub(super) fn install_pdfium(&mut self) {
        if self.pdfium == PdfiumState::Installing {
            return;
        }
        self.stop_install.store(false, Ordering::Relaxed);
        let (engines, scratch) = (self.engines_dir.clone(), self.scratch.clone());
        let (stop, messages) = (Arc::clone(&self.stop_install), self.messages.clone());
        self.pdfium = PdfiumState::Installing;
        let work = move || install(&engines, &scratch, &stop);
        background::spawn("install", work, move |installed| {
            let installed = installed.unwrap_or_else(|broken| Err(InstallError::Broken(broken)));
            // Fails only when the session is gone.
            let _ = messages.send(Message::PdfiumInstalled(installed));
        });
        self.tell_engines();
    }

    pub(super) fn pdfium_installed(&mut self, installed: Result<PathBuf, InstallError>) {
        self.pdfium = match installed {
            Ok(path) => {
                self.crew.place().pool.use_pdfium(path.clone());
                PdfiumState::Ready(path)
            }
            Err(InstallError::Cancelled) => PdfiumState::Missing,
            Err(error) => {
                tracing::warn!(%error, "PDFium could not be installed");
                PdfiumState::Failed(error.to_string())
            }
        };
        self.set_engine(self.engine);
    }

    /// Asks a fresh worker, beside the work that goes on.
    pub(super) fn describe_engines(&self) {
        let (place, outbox) = (self.crew.place(), self.outbox.clone());
        let found = place.pool.pdfium().map(|path| {
            let found = find(None, &self.engines_dir).filter(|found| found.path == path);
            let by = FoundBy::Setting;
            found.unwrap_or(Found { path, by })
        });
        let work = move || status_in(&place.pool, found.as_ref());
        background::spawn("describe", work, move |described| {
            let described = described.unwrap_or_else(|broken| Err(broken.into()));
            let described = described.map_err(|error| error.to_string());
            outbox.tell(Event::EnginesDescribed(described));
        });
    }

    pub(super) fn tell_engines(&self) {
        self.tell(Event::Engines {
            choice: self.engine,
            pdfium: self.pdfium.clone(),
        });
    }
}

/// What is known of PDFium at the start.
pub(super) fn pdfium_at_start(options: &Options) -> PdfiumState {
    match &options.program.pdfium {
        Some(path) => PdfiumState::Ready(path.clone()),
        None => PdfiumState::Missing,
    }
}
