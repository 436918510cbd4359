//! What a face can ask the session for. Plain data; carried out in order on the
//! session's thread.

use std::path::PathBuf;
use std::sync::Arc;

use super::intake::KnownSources;
use super::page_files::WantedPages;
use super::record::Record;
use super::split::{ExportOptions, Rules};
use super::tables::{Listed, TableFormat};
use crate::analysis::Thresholds;
use crate::library::Results;
use crate::model::{
    BatchId, Change, Confidence, DocumentId, EngineChoice, FailureKind, PageId, ProposalRule,
    Ruling, Secret, SplitPlan,
};
use crate::scratch::Policy;

/// Where taken-in files go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// To the newest batch of just these sources, where there is one: it goes
    /// on if unfinished, else takes in what is new or changed. Otherwise to a
    /// new batch.
    Auto,
    /// Always to a new batch.
    New,
    /// To this batch.
    Batch(BatchId),
}

/// Which pages are processed again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All documents and pages.
    All,
    /// Documents and pages that failed: all, or those that failed for this reason.
    Failed(Option<FailureKind>),
    /// Just these documents.
    Documents(Vec<DocumentId>),
    /// Just these pages.
    Pages(Vec<PageId>),
}

impl Command {
    /// Watches folders for good.
    pub fn watch(folders: Vec<PathBuf>) -> Self {
        Self::Watch {
            folders,
            for_good: true,
            moved_to: None,
            passwords: Vec::new(),
        }
    }
}

/// A request to the session.
#[derive(Clone, Debug)]
pub enum Command {
    /// Take in files, folders and archives.
    TakeIn {
        /// What the analyst dropped, picked or named.
        paths: Vec<PathBuf>,
        /// Where it goes.
        destination: Destination,
        /// Passwords to try on locked documents.
        passwords: Vec<Secret>,
    },
    /// Take in again what was taken out of a batch, under the names that it had.
    PutBack {
        /// The batch.
        batch: BatchId,
        /// The files, as [`super::Event::TakenOut`] told them.
        files: Vec<PathBuf>,
    },
    /// Take in documents that were found already, and go on with the library's newest batch
    /// if there is one: the library is one of this work alone.
    TakeInKnown {
        /// The documents.
        known: Arc<KnownSources>,
        /// Passwords to try on locked documents.
        passwords: Vec<Secret>,
    },
    /// Take in what comes into folders from now on, and what is there, each file once nobody
    /// changes it any more; told by [`super::Event::Watched`].
    Watch {
        /// The folders.
        folders: Vec<PathBuf>,
        /// Also after the program was closed and started again.
        for_good: bool,
        /// Where files go once they are analysed; none: they stay.
        moved_to: Option<PathBuf>,
        /// Passwords to try on locked documents.
        passwords: Vec<Secret>,
    },
    /// Take in no more of what comes into the folders of a batch.
    StopWatching(BatchId),
    /// Have files go from the watched folders of a batch to another once they are analysed,
    /// or stay where they are; told by [`super::Event::Watched`].
    MoveTaken {
        /// The batch.
        batch: BatchId,
        /// Where they go.
        moved_to: Option<PathBuf>,
    },
    /// Load a batch, show it and go on with it if it is unfinished.
    Open(BatchId),
    /// Go on with a batch that is unfinished and was not cancelled, without showing it.
    GoOn(BatchId),
    /// Start no more work; what is running is finished and kept.
    Pause,
    /// Go on after a pause.
    Resume,
    /// Stop a batch; it can be resumed with [`Command::Open`].
    Cancel(BatchId),
    /// Process again.
    Reprocess {
        /// The batch.
        batch: BatchId,
        /// What of it.
        scope: Scope,
        /// Passwords to try on locked documents.
        passwords: Vec<Secret>,
    },
    /// Have the results of one of the two runs that are kept count on these pages; told by
    /// [`super::Event::Pages`].
    UseResults {
        /// The batch.
        batch: BatchId,
        /// The pages.
        pages: Vec<PageId>,
        /// Which results.
        which: Results,
    },
    /// Have an external analyser look at a batch; told by
    /// [`super::Event::Findings`].
    RunAnalyser {
        /// The batch.
        batch: BatchId,
        /// Its name.
        analyser: String,
        /// All: what it is declared for. Failed: where it found nothing.
        scope: Scope,
    },
    /// Have external analysers look at no more of a batch.
    StopAnalysers(BatchId),
    /// Say something of pages; told by [`super::Event::Decided`].
    Decide {
        /// The batch.
        batch: BatchId,
        /// What is said of which pages.
        said: Vec<(Vec<PageId>, Vec<Change>)>,
        /// What made a person say all of it at once, and is taken back as one; none: each
        /// was said by itself.
        rule: Option<String>,
    },
    /// Note that a person has seen pages.
    Seen {
        /// The batch.
        batch: BatchId,
        /// The pages.
        pages: Vec<PageId>,
    },
    /// Draw a sample of these pages, to be judged without seeing what was decided; told by
    /// [`super::Event::Sampled`].
    DrawSample {
        /// The batch.
        batch: BatchId,
        /// The pages that it is drawn from.
        pages: Vec<PageId>,
        /// What asked for them, for people.
        query: String,
        /// How sure its result is to be.
        confidence: Confidence,
        /// How far its result may be off, as a share.
        margin: f64,
    },
    /// Keep what somebody says of the page at a place of a batch's sample; told by
    /// [`super::Event::Sampled`].
    JudgeSample {
        /// The batch.
        batch: BatchId,
        /// The place, from 0.
        place: usize,
        /// What is said of it.
        judged: Ruling,
    },
    /// Tell the sample of a batch that was drawn last; told by [`super::Event::Sampled`].
    TellSample(BatchId),
    /// Count where each of these terms is in a batch; told by [`super::Event::TermsCounted`].
    CountTerms {
        /// The batch.
        batch: BatchId,
        /// The terms.
        terms: Vec<String>,
    },
    /// Tell who decided how much in a batch; told by [`super::Event::Tallied`].
    Tally(BatchId),
    /// Take back what was said last in a batch.
    UndoDecision(BatchId),
    /// Say again what was taken back last.
    RedoDecision(BatchId),
    /// Keep where the lines between verdicts are drawn in a batch.
    KeepThresholds {
        /// The batch.
        batch: BatchId,
        /// The lines.
        thresholds: Box<Thresholds>,
    },
    /// Look up the texts of a query; told by [`super::Event::SearchFound`]. One that cannot
    /// be read is told by [`super::Event::Refused`].
    Search {
        /// The batch.
        batch: BatchId,
        /// What was typed.
        typed: String,
    },
    /// Keep the rules that propose, in place of those there were; told by
    /// [`super::Event::Proposals`].
    KeepRules(Vec<ProposalRule>),
    /// Look up anew what rules propose in a batch; told by [`super::Event::Proposals`].
    Propose(BatchId),
    /// Try passwords on all documents of a batch that need one: clients lock many with the
    /// same. They are kept in memory until the program ends, and nowhere else.
    Unlock {
        /// The batch.
        batch: BatchId,
        /// Tried in order.
        passwords: Vec<Secret>,
    },
    /// These pages are on screen: do them first.
    Look(Vec<PageId>),
    /// Load thumbnails; replaces what was asked before and is not loaded yet.
    Thumbnails(Vec<PageId>),
    /// Draw pages large, each with the length of its longest side in pixels; replaces what
    /// was asked before and is not drawn yet, which is told by
    /// [`super::Event::ViewDropped`].
    View(Vec<(PageId, u16)>),
    /// Tell everything about a page that lists do not hold.
    Inspect(PageId),
    /// Take documents out of a batch, with all that was measured of them; told by
    /// [`super::Event::TakenOut`]. Sources stay untouched, and so does what was said of
    /// pages of this content.
    TakeOut {
        /// The batch.
        batch: BatchId,
        /// The documents.
        documents: Vec<DocumentId>,
    },
    /// Leave documents out that cannot be read, for a reason that stands in manifests, or
    /// take that back; told by [`super::Event::Documents`].
    LeaveOut {
        /// The batch.
        batch: BatchId,
        /// The documents.
        documents: Vec<DocumentId>,
        /// Why; none takes it back.
        reason: Option<String>,
    },
    /// Leave a document out that cannot be read, and take in another file instead of it.
    Replace {
        /// The batch.
        batch: BatchId,
        /// The document.
        document: DocumentId,
        /// The file.
        by: PathBuf,
    },
    /// Take a batch out of the library. Sources stay untouched.
    Forget(BatchId),
    /// Put a batch away, or bring it back.
    Archive(BatchId, bool),
    /// Give the batch another name.
    Rename(BatchId, String),
    /// Begin to split a batch: with the plan that was kept, or with whole
    /// documents; told by [`super::Event::SplitProposed`].
    BeginSplit(BatchId),
    /// Keep a plan that a person has edited, for the next start.
    KeepSplit {
        /// The batch.
        batch: BatchId,
        /// As it is now.
        plan: SplitPlan,
    },
    /// Propose how to split a batch's documents; told by
    /// [`super::Event::SplitProposed`].
    ProposeSplit {
        /// The batch.
        batch: BatchId,
        /// Where to cut.
        rules: Box<Rules>,
    },
    /// Say how large parts would be; told by [`super::Event::SplitForecast`].
    ForecastSplit {
        /// The batch.
        batch: BatchId,
        /// Comes back with the answer.
        version: u64,
        /// The parts.
        plan: SplitPlan,
        /// How they would be written.
        options: ExportOptions,
    },
    /// Write parts; told by [`super::Event::Export`].
    ExportSplit {
        /// The batch.
        batch: BatchId,
        /// The parts.
        plan: SplitPlan,
        /// A name for each, without its ending.
        names: Vec<String>,
        /// How they are written.
        options: ExportOptions,
    },
    /// Stop writing parts; those that are complete stay.
    StopExport,
    /// Say what files of pages there would be; told by [`super::Event::PagesForecast`].
    ForecastPages {
        /// The batch.
        batch: BatchId,
        /// Comes back with the answer.
        version: u64,
        /// What would be written.
        wanted: WantedPages,
    },
    /// Write files of pages; told by [`super::Event::PagesExport`].
    ExportPages {
        /// The batch.
        batch: BatchId,
        /// What is written.
        wanted: WantedPages,
    },
    /// Stop writing files of pages; those that are whole stay.
    StopPages,
    /// Delete residue and thumbnails of other batches.
    CleanScratch,
    /// Save a table; told by [`super::Event::Notice`] or [`super::Event::Trouble`].
    SaveTable {
        /// The batch.
        batch: BatchId,
        /// What it lists.
        listed: Listed,
        /// How it is saved.
        format: TableFormat,
        /// The file.
        path: PathBuf,
        /// It may replace a file that is there.
        replace: bool,
    },
    /// Look below a folder for sources of a batch that are not where they were, and try again
    /// what failed for that; told by [`super::Event::Documents`] and [`super::Event::Notice`].
    Locate {
        /// The batch.
        batch: BatchId,
        /// The folder.
        folder: PathBuf,
    },
    /// Write a copy of the library into this new file.
    BackUp(PathBuf),
    /// Check the files that a manifest names; told by [`super::Event::Notice`] or
    /// [`super::Event::Trouble`].
    Verify(PathBuf),
    /// Look for pages of the library that are the same.
    FindDuplicates,
    /// A person says of pages that they are not the same; or takes that back.
    DismissDuplicates {
        /// The pages of a group.
        pages: Vec<PageId>,
        /// They are the same after all.
        restore: bool,
    },
    /// Have scratch in another folder; none: where it usually is.
    MoveScratch(Option<PathBuf>),
    /// Bring about a failure again, as it was.
    Replay(Box<Record>),
    /// Tell who holds scratch, what cleaning would delete and what was deleted;
    /// told by [`super::Event::ScratchContents`].
    LookIntoScratch,
    /// Use these engines for work that is handed out from now on.
    SetEngine(EngineChoice),
    /// Download PDFium and install it; told by [`super::Event::Engines`].
    InstallPdfium,
    /// Tell which engines there are, and how the fence around workers stands; told by
    /// [`super::Event::EnginesDescribed`].
    DescribeEngines,
    /// Change the cleanup policy, and with it the budget of scratch.
    SetScratchPolicy(Policy),
}
