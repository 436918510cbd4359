//! What a session is started with. Plain data.

use std::path::PathBuf;
use std::sync::Arc;

use super::analysers::Analysers;
use crate::model::{EngineChoice, EngineKind};
use crate::scratch::ScratchSettings;
use crate::worker::{WorkerLimits, WorkerProgram};

/// Called from other threads after an event was sent.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// What a session is started with.
#[derive(Clone)]
pub struct Options {
    /// Directory of the library.
    pub library: PathBuf,
    /// Scratch directory and its limits.
    pub scratch: ScratchSettings,
    /// Number of worker processes that analyse at the same time.
    pub workers: usize,
    /// What one worker may use.
    pub limits: WorkerLimits,
    /// How workers are started.
    pub program: WorkerProgram,
    /// Where engines are installed.
    pub engines: PathBuf,
    /// Which engines are used.
    pub engine: EngineChoice,
    /// External analysers.
    pub analysers: Analysers,
    /// Called after each event.
    pub wake: Wake,
}

impl Options {
    /// Engines to use, first to last.
    pub fn engines(&self) -> Vec<EngineKind> {
        available(self.engine, self.program.pdfium.is_some())
    }
}

/// The engines of a choice that there are, first to last. PDFium stays where it
/// alone was chosen: documents then say that it is missing.
pub fn available(choice: EngineChoice, has_pdfium: bool) -> Vec<EngineKind> {
    let order = choice.order().iter().copied();
    order
        .filter(|&kind| kind == EngineKind::Hayro || has_pdfium || choice == EngineChoice::Pdfium)
        .collect()
}
