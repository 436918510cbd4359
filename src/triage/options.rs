//! What a session is started with. Plain data.

use std::path::PathBuf;
use std::sync::Arc;

use crate::scratch::ScratchSettings;
use crate::worker::WorkerLimits;

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
    /// The program's own executable, which workers are started from.
    pub executable: PathBuf,
    /// Called after each event.
    pub wake: Wake,
}
