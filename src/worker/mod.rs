//! Worker processes: the host's pool of them, the protocol, and the child's own
//! loop. A worker opens one document at a time and answers for its pages. Users'
//! own commands, external analysers, are run here as well. Not for deciding what is
//! processed when (`triage`) or how (`pdf`, `analysis`).

pub mod analyser;
pub mod archive;
pub mod bounds;
mod child;
mod extraction;
pub mod fence;
mod file;
mod handing;
pub mod machine;
#[cfg(not(target_os = "linux"))]
mod memory;
pub mod page_file;
mod pool;
mod process;
pub mod protocol;
pub mod signature;
mod word_table;

use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

use crate::model::{FailureKind, PageShape};

pub use child::{Place, run as run_child};
pub use pool::{LeasedWorker, Pool, Scene};
pub use process::Interrupted;
pub use protocol::{
    Analysed, ArchiveEntry, ArchiveLimits, Bookmark, Description, Extracted, Extraction, FileForm,
    FileInto, FileOrder, Layer, LeftOut, Listing, Opened, Opening, PartOrder, PartSource, Refusal,
    Splittable, View,
};

/// How workers are started.
#[derive(Clone, Debug)]
pub struct WorkerProgram {
    /// The program's own executable.
    pub executable: PathBuf,
    /// PDFium's library, if there is one.
    pub pdfium: Option<PathBuf>,
    /// A directory that workers write parts to, if they may.
    pub output: Option<PathBuf>,
}

/// What one worker may use. Passing a limit ends or replaces the worker, never
/// the batch.
#[derive(Clone, Copy, Debug)]
pub struct WorkerLimits {
    /// Time allowed for opening a small document; see [`Self::open_deadline_for`].
    pub open_deadline: Duration,
    /// Time allowed for one page of ordinary size; see [`Self::deadline_for`].
    pub page_deadline: Duration,
    /// Most address space that a worker may take, in bytes; what a page may
    /// take grows up to this, see [`fence::page_memory`].
    pub memory: u64,
    /// A worker is replaced by a fresh one after so many pages.
    pub recycle_after_pages: u32,
    /// A worker that holds more memory than this after a job, in bytes, is
    /// replaced.
    pub recycle_above_memory: u64,
    /// Documents larger than this, in bytes, are refused: a worker holds a
    /// document in memory.
    pub largest_document: u64,
}

impl Default for WorkerLimits {
    fn default() -> Self {
        Self {
            open_deadline: Duration::from_secs(60),
            page_deadline: Duration::from_secs(30),
            memory: 4 << 30,
            recycle_after_pages: 5_000,
            recycle_above_memory: 1 << 30,
            largest_document: 2 << 30,
        }
    }
}

/// Pages up to this many square points, ISO A2, have the usual deadline.
const ORDINARY_AREA: f64 = 1191.0 * 1684.0;

/// However large a page is, it gets no more than this many times the deadline.
const LONGEST_DEADLINE: f64 = 8.0;

/// A slow drive or network reads so many bytes in a second, at least.
const SLOWEST_READ: u64 = 8 << 20;

impl WorkerLimits {
    /// Time allowed for opening a document of so many bytes: they are to be read first.
    pub fn open_deadline_for(&self, bytes: u64) -> Duration {
        self.open_deadline + Duration::from_secs(bytes / SLOWEST_READ)
    }

    /// Time allowed for one page: grows with its area beyond ISO A2, for plans
    /// hold more than letters.
    pub fn deadline_for(&self, shape: PageShape) -> Duration {
        let area = f64::from(shape.width) * f64::from(shape.height);
        let times = (area / ORDINARY_AREA).clamp(1.0, LONGEST_DEADLINE);
        self.page_deadline
            .mul_f64(if times.is_nan() { 1.0 } else { times })
    }
}

/// Why a worker gave no answer. The worker is gone afterwards.
#[derive(Debug, Error)]
pub enum WorkerError {
    /// The process could not be started.
    #[error("a worker process could not be started: {0}")]
    Start(#[source] std::io::Error),
    /// The process ended before it answered.
    #[error("the worker process ended: {0}")]
    Died(String),
    /// It said what it was not asked, or what cannot be; it was killed.
    #[error("the worker process answered something else than it was asked")]
    OutOfStep,
    /// The host's own task panicked, with this message.
    #[error("an error in the program itself ({0})")]
    HostPanicked(String),
    /// A page needed more memory than a worker may take.
    #[error("it needed more memory than allowed")]
    OutOfMemory,
    /// No answer within the deadline; the process was killed.
    #[error("no answer within {} s", .0.as_secs_f32())]
    DeadlinePassed(Duration),
    /// What it was to read lies in object storage, and there is no room now to fetch it. The
    /// worker was not asked, and is still there.
    #[error("{0}")]
    NoRoom(String),
    /// The program is about to end.
    #[error("the program is about to end")]
    Stopped,
}

impl From<&WorkerError> for Refusal {
    fn from(error: &WorkerError) -> Self {
        let refusal = Self::new(error.kind(), error);
        match error {
            WorkerError::Start(cause) => Self {
                error_number: cause.raw_os_error(),
                ..refusal
            },
            _ => refusal,
        }
    }
}

impl WorkerError {
    /// The same error for another record: of the system's own error the words stay.
    pub fn again(&self) -> Self {
        match self {
            Self::Start(_) => Self::Died(self.to_string()),
            Self::Died(words) => Self::Died(words.clone()),
            Self::OutOfStep => Self::OutOfStep,
            Self::HostPanicked(said) => Self::HostPanicked(said.clone()),
            Self::OutOfMemory => Self::OutOfMemory,
            Self::NoRoom(words) => Self::NoRoom(words.clone()),
            Self::DeadlinePassed(deadline) => Self::DeadlinePassed(*deadline),
            Self::Stopped => Self::Stopped,
        }
    }

    /// The kind for the failure record of the page or document at fault.
    pub fn kind(&self) -> FailureKind {
        match self {
            Self::Start(_) | Self::Died(_) | Self::OutOfStep | Self::Stopped => {
                FailureKind::WorkerDied
            }
            Self::HostPanicked(_) => FailureKind::ProgramFailed,
            Self::OutOfMemory => FailureKind::OutOfMemory,
            Self::NoRoom(_) => FailureKind::Unreadable,
            Self::DeadlinePassed(_) => FailureKind::DeadlinePassed,
        }
    }
}
