//! What the session tells a face. Plain data.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use super::decisions::{Decided, Steps, Tally};
use super::duplicates::{DescribedGroup, Duplicates};
use super::engines::EngineStatus;
use super::forecast::Forecast;
use super::intake::NotTaken;
use super::page_files::{PagesForecast, PagesReport};
use super::proposals::Proposals;
use super::query::{Hits, Query};
use super::record::RecordName;
use super::split::{ExportProgress, ExportReport, LayerForecast};
use super::terms::TermHits;
use crate::analysis::{DocumentVerdicts, Thresholds};
use crate::library::FailedId;
use crate::model::{
    Analyser, Batch, BatchId, BatchSummary, Decision, Document, DocumentDetails, DocumentId,
    EngineChoice, Failure, FailureKind, Finding, Page, PageId, PageKey, Sample, SplitPlan,
    WatchedFolder, Word,
};
use crate::scratch::{JournalEntry, Meter, Policy, SweepReport};

/// Something happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// The list of batches changed; newest first.
    Batches(Vec<BatchSummary>),
    /// The folders that are watched, and the batches that take in what comes into them.
    Watched(Vec<WatchedFolder>),
    /// A batch was opened: everything the library holds of it.
    Opened {
        /// The batch.
        batch: Batch,
        /// Its documents in their order.
        documents: Vec<Document>,
        /// Their pages in the same order.
        pages: Vec<Arc<Page>>,
        /// What the run before had found on some of them.
        before: Vec<Arc<Page>>,
        /// Its failure records.
        failures: Vec<Failure>,
        /// What external analysers found.
        findings: Vec<Finding>,
        /// Where the lines between verdicts are drawn.
        thresholds: Thresholds,
        /// What is said of the documents that were inspected.
        judged: Vec<(DocumentId, DocumentVerdicts)>,
        /// What people said of the pages.
        decided: Decided,
    },
    /// Something was said of pages, or taken back.
    Decided {
        /// The batch.
        batch: BatchId,
        /// What holds of the pages now.
        changed: Vec<(PageKey, Decision)>,
        /// What undoing and redoing would do.
        steps: Steps,
        /// It was taken back or done again: show where.
        show: bool,
    },
    /// The sample of a batch that was drawn last, as it is now.
    Sampled(BatchId, Option<Box<Sample>>),
    /// Where terms are in a batch, in the order in which they were asked for.
    TermsCounted(BatchId, Vec<TermHits>),
    /// Who decided how much in a batch.
    Tallied(BatchId, Tally),
    /// Sources were looked through, and not everything in them was taken in.
    NotTaken(BatchId, Box<NotTaken>),
    /// Documents are new or changed.
    Documents(BatchId, Vec<Document>),
    /// Documents were taken out of a batch.
    TakenOut {
        /// The batch.
        batch: BatchId,
        /// Their names.
        names: Vec<String>,
        /// Their files, each once: taking them in again puts them back.
        files: Vec<PathBuf>,
    },
    /// Pages are new or changed. All pages of a document that was just opened
    /// come in one event.
    Pages(BatchId, Vec<Arc<Page>>),
    /// Pages were analysed again: what the run before had found on them.
    Replaced(BatchId, Vec<Arc<Page>>),
    /// All pages of a document are gone: its source has other content.
    PagesDropped(BatchId, DocumentId),
    /// Passwords came: what was refused for lack of one is worth another try.
    PasswordsCame(BatchId),
    /// Failure records were written.
    Failures(BatchId, Vec<Failure>),
    /// These pages, and documents as a whole, have no failure record any more.
    Mended(BatchId, Vec<FailedId>),
    /// Documents were inspected: what is said of them.
    Judged(BatchId, Vec<(DocumentId, DocumentVerdicts)>),
    /// The library was looked through for pages that are the same.
    Duplicates {
        /// Which belong together.
        found: Duplicates,
        /// The groups, for people.
        groups: Vec<DescribedGroup>,
    },
    /// External analysers have looked at pages or documents.
    Findings(BatchId, Vec<Finding>),
    /// The texts of a query were looked up.
    SearchFound {
        /// The batch.
        batch: BatchId,
        /// What was typed.
        typed: String,
        /// What it asks for.
        query: Query,
        /// The pages that have its texts.
        hits: Hits,
    },
    /// The rules, and what their texts found in a batch.
    Proposals(BatchId, Proposals),
    /// Which external analysers there are.
    Analysers(Vec<Arc<Analyser>>),
    /// Counts, speed and state.
    Progress(Progress),
    /// Which engines are used, and how PDFium is.
    Engines {
        /// What was chosen.
        choice: EngineChoice,
        /// PDFium.
        pdfium: PdfiumState,
    },
    /// What a worker says of the engines and of the fence around it, or why none does.
    EnginesDescribed(Result<EngineStatus, String>),
    /// What scratch holds.
    Scratch {
        /// Who holds how much.
        meter: Meter,
        /// What the shown batch will need; none where no batch is shown.
        forecast: Option<Forecast>,
    },
    /// What scratch holds, piece by piece.
    ScratchContents(ScratchContents),
    /// A thumbnail was loaded.
    Thumbnail(Thumbnail),
    /// Thumbnails are missing and cannot be made now. What is known of the pages is as
    /// before.
    NoThumbnails {
        /// The pages.
        pages: Vec<PageId>,
        /// Why, in words.
        reason: String,
    },
    /// A page was drawn large, or why not.
    View(ViewedPage),
    /// A page is not drawn large: another that was asked for later took its place. Who
    /// still wants it asks again.
    ViewDropped {
        /// The page.
        page: PageId,
        /// The longest side that was asked for, in pixels.
        longest: u16,
    },
    /// Everything about one page.
    Inspection(Inspection),
    /// How a batch's documents could be split, or why that cannot be told, in a
    /// sentence.
    SplitProposed(BatchId, Result<SplitPlan, String>),
    /// How large the parts of a plan would be.
    SplitForecast {
        /// The batch.
        batch: BatchId,
        /// The version that was asked for.
        version: u64,
        /// Bytes of each part, or why it cannot be made.
        sizes: Vec<Result<u64, FailureKind>>,
        /// Bytes that are free at the destination.
        free: Option<u64>,
        /// What they get of text layers, where those are wanted.
        layers: Option<LayerForecast>,
    },
    /// Parts of a batch are being written, or that has ended. Each export that was
    /// asked for ends, whatever becomes of it.
    Export(BatchId, ExportState),
    /// What files of pages there would be, or why that cannot be told.
    PagesForecast {
        /// The batch.
        batch: BatchId,
        /// As it was asked for.
        version: u64,
        /// What would be written.
        forecast: Result<Box<PagesForecast>, String>,
    },
    /// Files of pages are being written, or that has ended: each that was asked for ends.
    PagesExport(BatchId, ExportState<PagesReport>),
    /// Something else is being written or checked, in words such as "Saving pages.html".
    Began(String),
    /// What was begun with these words has ended, well or not.
    Ended(String),
    /// A failure was brought about again, or could not be; in words.
    Replayed(RecordName, String),
    /// Something the analyst should know, in a sentence.
    Notice(String),
    /// Something went wrong that has no record in the library, in a sentence.
    Trouble(String),
    /// The same of a command, or of taking in documents, that was not carried out: what it
    /// was to bring about will not come.
    Refused(String),
    /// The session has ended by an error of its own, in a sentence: nothing is carried
    /// out any more.
    Broken(String),
}

/// How writing files goes: parts of documents, unless another report is named.
#[derive(Clone, Debug)]
pub enum ExportState<R = ExportReport> {
    /// It goes on.
    Running(ExportProgress),
    /// It has ended: with a report, or for a reason in a sentence.
    Ended(Result<Box<R>, String>),
}

/// PDFium on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PdfiumState {
    /// Not installed.
    Missing,
    /// It is being downloaded and installed.
    Installing,
    /// Its library.
    Ready(PathBuf),
    /// Why it could not be installed, in a sentence.
    Failed(String),
}

/// What the session is doing with a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunState {
    /// Nothing left to do.
    Finished,
    /// At work.
    Running,
    /// A person paused it.
    Paused,
    /// A person cancelled the batch.
    Cancelled,
    /// Something is missing (mostly space); goes on by itself once it is there.
    /// With the words that say what.
    Held(String),
    /// The library is damaged: nothing can be kept any more. With the words
    /// that say which file, and what to do.
    Lost(String),
}

/// How far a batch is.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// Counts.
    pub summary: BatchSummary,
    /// Sources are still being looked for.
    pub taking_in: bool,
    /// What goes on.
    pub state: RunState,
    /// Pages per second over the last seconds; none when nothing runs.
    pub pages_per_second: Option<f64>,
    /// Pages expected in all, those of documents not opened yet estimated.
    pub pages_expected: u64,
    /// What external analysers are still to look at, pages and documents.
    pub unanalysed: u64,
    /// Time left; none when it cannot be told.
    pub time_left: Option<Duration>,
}

/// What scratch holds, piece by piece.
#[derive(Clone, Debug, Default)]
pub struct ScratchContents {
    /// Id of the library.
    pub library: String,
    /// The scratch directory.
    pub dir: PathBuf,
    /// It is the usual one; nobody moved it.
    pub is_usual: bool,
    /// The cleanup policy.
    pub policy: Policy,
    /// A budget that this copy was started with, in place of the policy's.
    pub given_budget: Option<u64>,
    /// Bytes of the thumbnails of each batch, and under none those of other
    /// libraries; largest first.
    pub batches: Vec<(Option<BatchId>, u64)>,
    /// What [`super::Command::CleanScratch`] would delete now.
    pub cleaning: SweepReport,
    /// The latest deletions, newest first.
    pub deletions: Vec<JournalEntry>,
}

/// A decoded thumbnail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thumbnail {
    /// The page.
    pub page: PageId,
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// Rows from the top, 4 bytes a pixel, opaque.
    pub rgba: Vec<u8>,
}

/// A page drawn large.
#[derive(Clone, Debug)]
pub struct ViewedPage {
    /// The page.
    pub page: PageId,
    /// The longest side that was asked for, in pixels.
    pub longest: u16,
    /// What was drawn, or why there is nothing.
    pub picture: Result<DrawnPage, NotDrawn>,
}

/// Why a page could not be drawn, in a sentence.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum NotDrawn {
    /// The document or the page cannot be read.
    #[error("{}", .0.explanation())]
    Refused(FailureKind),
    /// There is no such page, or nobody to draw it.
    #[error("{0}")]
    Other(String),
}

/// A page as it was drawn.
#[derive(Clone, Debug)]
pub struct DrawnPage {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// Rows from the top, 4 bytes a pixel, opaque.
    pub rgba: Vec<u8>,
    /// Its words, where an engine can tell where they stand.
    pub words: Vec<Word>,
}

/// What lists do not hold of a page.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// The page.
    pub page: PageId,
    /// Its text; none before it is done.
    pub text: Option<String>,
    /// Why it, or its document, failed.
    pub failure: Option<Failure>,
    /// What external analysers found on it.
    pub findings: Vec<Finding>,
    /// What inspecting its document found; none before that is done.
    pub details: Option<Box<DocumentDetails>>,
    /// What it looked like before it was analysed again, and looks like now; none where that
    /// is the same, or is not known any more.
    pub looks: Option<Arc<Looks>>,
}

/// A page before and after it was analysed again, small.
#[derive(Clone, Debug)]
pub struct Looks {
    /// As the run before drew it.
    pub before: Thumbnail,
    /// As the latest run drew it.
    pub now: Thumbnail,
}
