//! Carrying out a plan: parts are made by workers in a hidden folder of the
//! destination and appear under their names when they are complete. What is
//! complete stays whatever happens then, and the same plan goes on from there.

use std::collections::{HashMap, HashSet, VecDeque};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::super::background::caught;
use super::earlier::LeftBehind;
use super::facts::{RefusedDocument, SplitDocument};
use super::layers::{LayerForecast, TextLayers};
use super::manifest::{self, MadeBy, Manifest, PutOver};
use super::naming::{distinct, numbered};
use super::numbers::NumbersError;
use crate::format::{counted, size};
use crate::library::LibraryError;
use crate::model::remark::in_words;
use crate::model::{
    ContentHash, CutReason, DocumentId, FailureKind, Numbering, PageId, PlannedPart, Proof,
    SplitPlan,
};
use crate::regular_file;
use crate::triage::sources::Sources;
use crate::triage::staging::{Published, SPARE, Staging, free_at, hash_of, is_full};
use crate::worker::{
    Extracted, Extraction, Interrupted, LeasedWorker, PartOrder, Pool, Refusal, WorkerError,
};

/// Parts that one worker makes at a time, at most: a run that is cancelled ends
/// after these.
const MOST_PARTS: usize = 64;

/// Pages with text layers of one request, but for those of a part that has more: their words
/// are sent with it.
const MOST_LAYERS: usize = 1000;

/// Parts are published after so many bytes, or so much time: waiting for the
/// disk costs the same for one as for many.
const PUBLISH_BYTES: u64 = 256 << 20;
const PUBLISH_AFTER: Duration = Duration::from_secs(2);

/// What a number on a page adds to its part, at most.
const MOST_BYTES_OF_NUMBER: u64 = 4 << 10;

/// How parts are written.
#[derive(Clone, Debug, Default)]
pub struct ExportOptions {
    /// The folder; made where it is missing.
    pub destination: PathBuf,
    /// Files that are there may be replaced.
    pub overwrite: bool,
    /// Pages of signed documents are welcome although parts are not signed.
    pub drop_signatures: bool,
    /// Workers at a time.
    pub workers: usize,
    /// Write a manifest beside the parts, of something that was made so; none: no manifest.
    pub manifest: Option<MadeBy>,
    /// Where pages that are left out are written to; none: nowhere.
    pub excluded: Option<ExcludedFile>,
    /// What becomes of files that earlier runs made of the same documents.
    pub earlier: Earlier,
    /// Give a part its name only if no page of it is known to differ from its source.
    pub prove: bool,
    /// Numbers that are printed on the pages of parts, in their order; none: no numbers.
    pub numbering: Option<Numbering>,
    /// Pages whose text has to be recognised get what was recognised as a text layer, see
    /// [`Export::with_layers`].
    pub searchable: bool,
}

/// What becomes of files beside the parts that earlier runs made of the same documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Earlier {
    /// They are not looked for: what is written is not all that was.
    #[default]
    Leave,
    /// They are named.
    Name,
    /// They go, once everything was written that there is.
    Remove,
}

/// The PDF for pages that are in no part.
#[derive(Clone, Debug)]
pub enum ExcludedFile {
    /// Exactly this file.
    Exactly(PathBuf),
    /// One beside the parts, of this name without its ending, or numbered where that is
    /// taken.
    Beside(String),
}

/// A plan with all that it takes to carry it out.
pub struct Export {
    /// Which pages become which part.
    pub plan: SplitPlan,
    /// The documents that pages come from.
    pub documents: Vec<SplitDocument>,
    /// Documents that could not be split.
    refused: Vec<RefusedDocument>,
    /// Names of the parts, without their ending; equal ones are numbered.
    names: Vec<String>,
    /// How many pages are in the parts before each.
    pages_before: Vec<u64>,
    /// The name of the one part, ending included: it gets this one or none.
    exact: Option<OsString>,
    /// Files that are no more to be replaced than sources.
    kept: Vec<PathBuf>,
    /// Text layers of pages.
    layers: TextLayers,
    options: ExportOptions,
}

/// How far an export is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExportProgress {
    /// Files that are settled.
    pub done: usize,
    /// All files.
    pub files: usize,
    /// Bytes of those that are done.
    pub bytes: u64,
}

/// What became of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was written.
    Written(Extracted),
    /// The same file was there from an earlier run.
    AlreadyThere(Extracted),
    /// It could not be made.
    Failed(Refusal),
    /// The run ended before it.
    NotDone,
}

/// A part and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartResult {
    /// Name of its file.
    pub file: String,
    /// What became of it.
    pub outcome: Outcome,
    /// The name that it was to have and that a source has.
    pub kept_source: Option<String>,
    /// Whether it shows what its source shows.
    pub proof: Proof,
}

impl PartResult {
    /// Its file is there.
    pub fn is_there(&self) -> bool {
        self.written().is_some()
    }

    /// What was written, now or by an earlier run.
    pub fn written(&self) -> Option<&Extracted> {
        match &self.outcome {
            Outcome::Written(extracted) | Outcome::AlreadyThere(extracted) => Some(extracted),
            Outcome::Failed(_) | Outcome::NotDone => None,
        }
    }
}

/// What became of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportReport {
    /// Parts in the order of the plan.
    pub parts: Vec<PartResult>,
    /// Why it ended before all parts; none: it did not.
    pub stopped: Option<Refusal>,
    /// Files of the names of parts that it did not come to: from an earlier run, it may
    /// be, and compared with nothing.
    pub from_before: usize,
    /// The file of what is left out, where one was wanted and pages are.
    pub excluded: Option<PartResult>,
    /// The manifest, where one was wanted.
    pub manifest: Option<PathBuf>,
    /// Files that earlier runs made of the same documents and that stay beside the parts.
    pub earlier: Vec<String>,
    /// So many others were removed.
    pub removed: usize,
    /// The first and the last number that is printed on pages, where there are any.
    pub numbers: Option<(String, String)>,
    /// Pages of the parts that are there that got a text layer.
    pub layered: usize,
}

impl ExportReport {
    /// Bytes of the parts that are there.
    pub fn bytes(&self) -> u64 {
        let sizes = self.parts.iter().map(|part| match &part.outcome {
            Outcome::Written(extracted) | Outcome::AlreadyThere(extracted) => extracted.bytes,
            _ => 0,
        });
        sizes.sum()
    }

    /// What a person should know of the parts that are there, in sentences; empty
    /// where there is nothing.
    pub fn remarks(&self) -> String {
        in_words(self.parts.iter().filter_map(|part| match &part.outcome {
            Outcome::Written(extracted) | Outcome::AlreadyThere(extracted) => {
                Some(extracted.remarks.as_slice())
            }
            _ => None,
        }))
    }

    /// Parts that are there.
    pub fn written(&self) -> usize {
        self.parts.iter().filter(|part| part.is_there()).count()
    }

    /// Parts that are there although nothing could tell whether they show what their
    /// sources show.
    pub fn not_proved(&self) -> impl Iterator<Item = &PartResult> {
        let there = self.parts.iter().filter(|part| part.is_there());
        there.filter(|part| matches!(part.proof, Proof::NotProved(_)))
    }

    /// Parts that could not be made, the one of what is left out among them.
    pub fn failed(&self) -> usize {
        let failed = |part: &&PartResult| matches!(part.outcome, Outcome::Failed(_));
        self.parts
            .iter()
            .chain(&self.excluded)
            .filter(failed)
            .count()
    }
}

/// Why an export cannot begin, or cannot end well.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The destination cannot be used.
    #[error("{} cannot be written: {error}", path.display())]
    Destination {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        #[source]
        error: io::Error,
    },
    /// The files are larger than the space that is free.
    #[error(
        "{} {}, and {} may be used where they go: {} stay free there",
        counted(*files as u64, "file needs", "files need"),
        size(*needed),
        size(*free),
        size(SPARE)
    )]
    NoRoom {
        /// Number of files.
        files: usize,
        /// Bytes that they need.
        needed: u64,
        /// Bytes that may be used.
        free: u64,
    },
    /// Workers cannot be started.
    #[error(transparent)]
    Worker(#[from] WorkerError),
    /// What was recognised on pages cannot be read.
    #[error("what was recognised on pages cannot be read: {0}")]
    Layers(#[from] LibraryError),
    /// Pages cannot have the numbers that they are to have.
    #[error(transparent)]
    Numbers(#[from] NumbersError),
    /// Threads cannot be started.
    #[error("threads cannot be started: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

impl ExportError {
    /// Whether room is missing at the destination: with more of it, it goes on.
    pub fn is_shortage(&self) -> bool {
        match self {
            Self::NoRoom { .. } => true,
            Self::Destination { error, .. } => is_full(error),
            _ => false,
        }
    }

    /// What a folder or file cannot be used for.
    pub(in crate::triage) fn destination(path: &Path, error: io::Error) -> Self {
        Self::Destination {
            path: path.to_owned(),
            error,
        }
    }
}

/// What a worker made of a part, by its place in the plan.
type Made = (usize, Result<(Extracted, Proof), Refusal>);

/// Consecutive parts of the same documents.
struct Chunk {
    originals: Vec<DocumentId>,
    parts: Vec<usize>,
    /// Use a fresh worker: this has ended one before.
    alone: bool,
}

impl Export {
    /// An export of a plan. `names` has one name for each part.
    pub fn new(
        plan: SplitPlan,
        documents: Vec<SplitDocument>,
        names: Vec<String>,
        options: ExportOptions,
    ) -> Self {
        let pages_before = plan.parts.iter().scan(0, |before, part| {
            let pages = *before;
            *before += part.pages.len() as u64;
            Some(pages)
        });
        Self {
            pages_before: pages_before.collect(),
            plan,
            documents,
            refused: Vec::new(),
            names: distinct(names),
            exact: None,
            kept: Vec::new(),
            layers: TextLayers::default(),
            options,
        }
    }

    /// An export of the one part of a plan into a file: it gets exactly this name, or
    /// none. The file's folder is the destination.
    pub fn into_file(
        plan: SplitPlan,
        documents: Vec<SplitDocument>,
        file: &Path,
        options: ExportOptions,
    ) -> Option<Self> {
        let name = file.file_name()?.to_owned();
        let folder = file
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let options = ExportOptions {
            destination: folder.unwrap_or(Path::new(".")).to_owned(),
            excluded: None,
            ..options
        };
        let shown = vec![name.to_string_lossy().into_owned()];
        Some(Self {
            exact: Some(name),
            ..Self::new(plan, documents, shown, options)
        })
    }

    /// Documents that could not be split: the manifest names them, and their files are
    /// sources as well.
    pub fn with_refused(self, refused: Vec<RefusedDocument>) -> Self {
        Self { refused, ..self }
    }

    /// These pages get text layers, where that is wanted.
    pub fn with_layers(self, layers: TextLayers) -> Self {
        match self.options.searchable {
            true => Self { layers, ..self },
            false => self,
        }
    }

    /// What its parts get of text layers.
    pub fn layer_forecast(&self) -> LayerForecast {
        self.layers.forecast(&self.plan)
    }

    /// A file that is never written either, as that of passwords.
    pub fn keeping(mut self, file: Option<PathBuf>) -> Self {
        self.kept.extend(file);
        self
    }

    /// Pages of all parts.
    pub fn page_count(&self) -> u64 {
        let parts = self.plan.parts.iter();
        parts.map(|part| part.pages.len() as u64).sum()
    }

    /// What tells it from other exports: which pages of which content become which part.
    pub fn identity(&self) -> String {
        let contents = self.documents.iter().filter_map(|document| {
            let ContentHash(hash) = document.source.opening.expected?;
            Some((document.facts.document, hash))
        });
        let contents: HashMap<DocumentId, [u8; 32]> = contents.collect();
        let mut hasher = blake3::Hasher::new();
        for part in &self.plan.parts {
            hasher.update(&(part.pages.len() as u64).to_le_bytes());
            for planned in &part.pages {
                let content = contents.get(&planned.page.document);
                hasher.update(content.map_or(&[][..], |hash| hash));
                hasher.update(&planned.page.number.to_le_bytes());
                hasher.update(&planned.turn.to_le_bytes());
            }
        }
        hasher.finalize().to_hex().to_string()
    }

    /// The number that is printed on a page of a part, by their places.
    fn number(&self, part: usize, page: usize) -> Option<String> {
        let numbering = self.options.numbering.as_ref()?;
        Some(numbering.number(self.pages_before.get(part)? + page as u64))
    }

    /// The first and the last number that is printed on parts that are there.
    fn printed(&self, results: &[PartResult]) -> Option<(String, String)> {
        let there = results.iter().zip(&self.plan.parts).enumerate();
        let there = there.filter(|(_, (result, part))| result.is_there() && !part.pages.is_empty());
        let mut there = there.map(|(at, (_, part))| (at, part.pages.len() - 1));
        let (first, last_of_first) = there.next()?;
        let (last, page) = there.next_back().unwrap_or((first, last_of_first));
        Some((self.number(first, 0)?, self.number(last, page)?))
    }

    /// The numbers that it prints, if any.
    pub fn numbering(&self) -> Option<&Numbering> {
        self.options.numbering.as_ref()
    }

    /// The same with these numbers.
    pub fn numbered(mut self, numbering: Numbering) -> Self {
        self.options.numbering = Some(numbering);
        self
    }

    /// Files of earlier runs are to be removed.
    pub fn removes_earlier(&self) -> bool {
        self.options.earlier == Earlier::Remove
    }

    /// Names of the files, in the order of the parts.
    pub fn files(&self) -> impl Iterator<Item = String> {
        self.names.iter().map(|name| match &self.exact {
            Some(_) => name.clone(),
            None => format!("{name}.pdf"),
        })
    }

    /// The files that pages come from, those that could not be opened, and what else
    /// must stay.
    pub fn sources(&self) -> Sources {
        let documents = self.documents.iter();
        let documents = documents.map(|document| document.source.opening.source.file());
        let refused = self.refused.iter().map(|refused| refused.source.file());
        let kept = self.kept.iter().map(PathBuf::as_path);
        Sources::new(documents.chain(refused).chain(kept))
    }

    /// Bytes of each part, exact, before anything is written.
    pub fn forecast(
        &self,
        pool: &Pool,
        cancel: &AtomicBool,
    ) -> Result<Vec<Result<u64, Refusal>>, ExportError> {
        let mut sizes = Vec::new();
        sizes.resize_with(self.plan.parts.len(), || Ok(0));
        self.make(pool, false, cancel, |results| {
            for (index, result) in results {
                sizes[index] = result.map(|(extracted, _)| extracted.bytes);
            }
        })?;
        Ok(sizes)
    }

    /// Bytes that can be used at the destination.
    pub fn free(&self) -> Result<u64, ExportError> {
        let destination = &self.options.destination;
        free_at(destination).map_err(|error| ExportError::destination(destination, error))
    }

    /// More bytes than the parts can need: each at most as large as the
    /// documents that it comes from, with room for what is made anew.
    fn most_bytes(&self) -> u64 {
        let documents = self.documents.iter();
        let sizes: HashMap<DocumentId, u64> =
            documents.map(|d| (d.facts.document, d.bytes)).collect();
        let parts = self.plan.parts.iter().map(|part| {
            let sources = documents_of(part).into_iter();
            let whole: u64 = sources.filter_map(|id| sizes.get(&id)).sum();
            let numbers = part.pages.len() as u64 * MOST_BYTES_OF_NUMBER;
            let pages = part.pages.iter();
            let layers: u64 = pages.map(|at| self.layers.most_bytes(at.page)).sum();
            (2 * whole).saturating_add((1 << 20) + numbers + layers)
        });
        parts.fold(0, u64::saturating_add)
    }

    /// Writes the parts, with workers beside those of `pool`.
    pub fn run(
        &self,
        pool: &Pool,
        progress: &dyn Fn(ExportProgress),
        cancel: &AtomicBool,
    ) -> Result<ExportReport, ExportError> {
        let destination = &self.options.destination;
        let staging =
            Staging::new(destination).map_err(|e| ExportError::destination(destination, e))?;
        let beside = pool;
        let pool = pool.writing_to(staging.path().to_owned());
        let free = self.free()?;
        // Where even the most would fit, nothing depends on the exact number.
        if self.most_bytes() > free {
            let needed = self.forecast(&pool, cancel)?.into_iter().flatten().sum();
            if needed > free {
                return Err(ExportError::NoRoom {
                    files: self.plan.parts.len(),
                    needed,
                    free,
                });
            }
        }
        let mut publisher = Publisher {
            export: self,
            staging: &staging,
            sources: self.sources(),
            given: HashSet::new(),
            waiting: Vec::new(),
            published: Instant::now(),
            results: self
                .files()
                .map(|file| PartResult {
                    file,
                    outcome: Outcome::NotDone,
                    kept_source: None,
                    proof: Proof::NotAsked,
                })
                .collect(),
            stopped: None,
            told: ExportProgress {
                files: self.plan.parts.len(),
                ..ExportProgress::default()
            },
            progress,
        };
        self.make(&pool, true, cancel, |results| publisher.take(results))?;
        publisher.publish();
        let mut excluded = None;
        if let Some(mut export) = self.of_excluded() {
            let parts = publisher
                .results
                .iter()
                .map(|part| destination.join(&part.file));
            export.kept = parts.chain(self.kept.iter().cloned()).collect();
            let beside_of = export.options.destination.clone();
            let report = export.run(beside, &|_| (), cancel)?;
            if let Some(stopped) = report.stopped {
                publisher.stopped.get_or_insert(stopped);
            }
            excluded = report.parts.into_iter().next();
            if let Some(excluded) = &mut excluded {
                excluded.file = from_folder(destination, &beside_of, &excluded.file);
            }
        }
        let mut manifest = None;
        if let Some(made_by) = self.options.manifest {
            let described = Manifest::new(
                made_by,
                &self.plan,
                &self.documents,
                &self.refused,
                &publisher.results,
                excluded.as_ref(),
                &PutOver {
                    number: &|part, page| self.number(part, page),
                    layer: &|page| self.layers.has(page),
                },
            );
            match self.write_manifest(&staging, &publisher.sources, &described) {
                Ok(path) => manifest = Some(path),
                // A full disk may have room for parts and none for this.
                Err(error) => publisher.stop(&error),
            }
        }
        let (results, stopped) = (publisher.results, publisher.stopped);
        let not_done = |part: &&PartResult| part.outcome == Outcome::NotDone;
        let from_before = results
            .iter()
            .filter(not_done)
            .filter(|part| destination.join(&part.file).exists())
            .count();
        let cancelled = cancel.load(Ordering::Relaxed) && results.iter().any(|r| !r.is_there());
        let mut report = ExportReport {
            parts: results,
            stopped: stopped.or(cancelled.then(|| Refusal::new(FailureKind::Cancelled, ""))),
            from_before,
            excluded,
            manifest,
            earlier: Vec::new(),
            removed: 0,
            numbers: None,
            layered: 0,
        };
        report.numbers = self.printed(&report.parts);
        let there = report.parts.iter().zip(&self.plan.parts);
        let there = there.filter(|(result, _)| result.is_there());
        let pages = there.flat_map(|(_, part)| &part.pages);
        report.layered = pages.filter(|at| self.layers.has(at.page)).count();
        self.find_earlier(&publisher.sources, &mut report);
        Ok(report)
    }

    /// Notes what of earlier runs lies beside the parts, or removes it.
    fn find_earlier(&self, sources: &Sources, report: &mut ExportReport) {
        if self.options.earlier == Earlier::Leave {
            return;
        }
        let folder = &self.options.destination;
        let written = || report.parts.iter().chain(&report.excluded);
        let new: HashSet<String> = written().map(|part| part.file.clone()).collect();
        let documents = self.documents.iter();
        let documents = documents.filter_map(|document| document.source.opening.expected);
        let left = LeftBehind::beside(folder, &documents.collect(), &new);
        let all = report.stopped.is_none()
            && self
                .refused
                .iter()
                .all(|refused| refused.left_out.is_some())
            && !report.parts.is_empty()
            && written().all(PartResult::is_there);
        report.earlier = left.files();
        if self.removes_earlier() && all {
            let paths: Vec<PathBuf> = new.iter().map(|file| folder.join(file)).collect();
            let kept = sources.with(paths.iter().map(PathBuf::as_path));
            let stay = left.remove(folder, &kept);
            report.removed = report.earlier.len() - stay.len();
            report.earlier = stay;
        }
    }

    /// The export of what is left out, where that is wanted and there is any.
    fn of_excluded(&self) -> Option<Self> {
        let wanted = self.options.excluded.as_ref()?;
        let place = |id| {
            let mut documents = self.documents.iter();
            documents.position(|document| document.facts.document == id)
        };
        let mut pages: Vec<PageId> = self.plan.excluded.iter().map(|out| out.page).collect();
        pages.sort_by_key(|page| (place(page.document), page.number));
        if pages.is_empty() {
            return None;
        }
        let pages = pages.into_iter().map(Into::into).collect();
        let plan = SplitPlan {
            parts: vec![PlannedPart::new(CutReason::Hand, pages)],
            excluded: vec![],
        };
        let documents = self.documents.clone();
        let options = ExportOptions {
            manifest: None,
            excluded: None,
            numbering: None,
            ..self.options.clone()
        };
        let export = match wanted {
            ExcludedFile::Exactly(file) => Self::into_file(plan, documents, file, options)?,
            ExcludedFile::Beside(name) => Self::new(plan, documents, vec![name.clone()], options),
        };
        let export = export.with_layers(self.layers.clone());
        Some(export.with_refused(self.refused.clone()))
    }

    /// Has workers lay out, or write, all parts, and gives results to `settle`
    /// as they come, on this thread. Ends early where the destination is full or
    /// cannot be written.
    fn make(
        &self,
        pool: &Pool,
        write: bool,
        cancel: &AtomicBool,
        mut settle: impl FnMut(Vec<Made>),
    ) -> Result<(), ExportError> {
        let workers = self.options.workers.max(1);
        let chunks = Mutex::new(self.chunks(workers));
        let halt = AtomicBool::new(false);
        let threads = rayon::ThreadPoolBuilder::new()
            .num_threads(workers)
            .thread_name(|number| format!("export {number}"))
            .build()?;
        let (sender, results): (Sender<_>, Receiver<_>) = unbounded();
        let failure = Mutex::new(None);
        threads.in_place_scope(|scope| {
            for _ in 0..workers {
                let sender = sender.clone();
                let (chunks, halt, failure) = (&chunks, &halt, &failure);
                scope.spawn(move |_| {
                    let going = || !halt.load(Ordering::Relaxed) && !cancel.load(Ordering::Relaxed);
                    if let Err(error) = self.work(pool, write, chunks, &going, &sender) {
                        halt.store(true, Ordering::Relaxed);
                        *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                    }
                });
            }
            drop(sender);
            while let Ok(first) = results.recv() {
                let group: Vec<_> = [first].into_iter().chain(results.try_iter()).collect();
                // Every later part would meet the same.
                let mut refusals = group.iter().filter_map(|(_, result)| result.as_ref().err());
                if refusals.any(is_about_destination) {
                    halt.store(true, Ordering::Relaxed);
                }
                settle(group);
            }
        });
        let failure = failure.into_inner().unwrap_or_else(PoisonError::into_inner);
        failure.map_or(Ok(()), |error| Err(error.into()))
    }

    /// One worker's share: chunk after chunk, those of the documents that it has
    /// parsed first.
    fn work(
        &self,
        pool: &Pool,
        write: bool,
        chunks: &Mutex<VecDeque<Chunk>>,
        going: &dyn Fn() -> bool,
        results: &Sender<Made>,
    ) -> Result<(), WorkerError> {
        let mut worker: Option<LeasedWorker<'_>> = None;
        let mut parsed = Vec::new();
        while going() {
            let chunk = {
                let mut chunks = chunks.lock().unwrap_or_else(PoisonError::into_inner);
                let mut waiting = chunks.iter();
                let same = waiting.position(|chunk| !chunk.alone && chunk.originals == parsed);
                chunks.remove(same.unwrap_or(0))
            };
            let Some(chunk) = chunk else {
                break;
            };
            if chunk.alone {
                worker = None;
            }
            let leased = match &mut worker {
                Some(leased) => leased,
                None if chunk.alone => worker.insert(pool.lease_fresh()?),
                None => worker.insert(pool.lease(None)?),
            };
            let mut answered = 0;
            let extraction = match self.extraction(&chunk, write) {
                Ok(extraction) => extraction,
                Err(error) => {
                    let detail = format!("what was recognised on its pages: {error}");
                    let refusal = Refusal::new(FailureKind::Unreadable, detail);
                    for part in chunk.parts {
                        let _ = results.send((part, Err(refusal.clone())));
                    }
                    continue;
                }
            };
            let extracted = caught(|| {
                leased.extract(&extraction, going, |result| {
                    // Fails only when nobody waits for results any more.
                    let _ = results.send((chunk.parts[answered], result));
                    answered += 1;
                })
            });
            parsed.clone_from(&chunk.originals);
            let Interrupted { error, unproved } = match extracted {
                Ok(Ok(())) => continue,
                Ok(Err(interrupted)) => interrupted,
                Err(broken) => WorkerError::from(broken).into(),
            };
            worker = None;
            parsed.clear();
            if matches!(error, WorkerError::Stopped) {
                break;
            }
            // Where all parts were answered, only the worker is lost.
            let Some((&at_fault, innocent)) = chunk.parts[answered..].split_first() else {
                continue;
            };
            // What takes too long to be drawn does so again.
            let too_long = matches!(error, WorkerError::DeadlinePassed(_));
            let settled = match unproved {
                Some(part) if chunk.alone || too_long => {
                    Some(Ok((part, Proof::NotProved(error.to_string()))))
                }
                None if chunk.alone => Some(Err(Refusal::from(&error))),
                _ => None,
            };
            let again = |parts: &[usize], alone| Chunk {
                originals: chunk.originals.clone(),
                parts: parts.to_vec(),
                alone,
            };
            let mut chunks = chunks.lock().unwrap_or_else(PoisonError::into_inner);
            if !innocent.is_empty() {
                chunks.push_front(again(innocent, false));
            }
            if let Some(settled) = settled {
                let _ = results.send((at_fault, settled));
                continue;
            }
            if let Some(output) = pool.output() {
                // It may have been begun; mostly it was not.
                let _ = fs::remove_file(output.join(temporary(at_fault)));
            }
            chunks.push_back(again(&[at_fault], true));
        }
        Ok(())
    }

    fn chunks(&self, workers: usize) -> VecDeque<Chunk> {
        // Small enough that all workers end at about the same time.
        let most = (self.plan.parts.len() / (4 * workers)).clamp(1, MOST_PARTS);
        let mut chunks: VecDeque<Chunk> = VecDeque::new();
        let mut layered = 0;
        for (index, part) in self.plan.parts.iter().enumerate() {
            let originals = documents_of(part);
            let layers = part.pages.iter().filter(|at| self.layers.has(at.page));
            layered += layers.count();
            match chunks.back_mut() {
                Some(chunk)
                    if chunk.originals == originals
                        && chunk.parts.len() < most
                        && layered <= MOST_LAYERS =>
                {
                    chunk.parts.push(index);
                }
                _ => {
                    layered = 0;
                    chunks.push_back(Chunk {
                        originals,
                        parts: vec![index],
                        alone: false,
                    });
                }
            }
        }
        chunks
    }

    fn extraction(&self, chunk: &Chunk, write: bool) -> Result<Extraction, LibraryError> {
        let documents = chunk.originals.iter().filter_map(|id| {
            let mut documents = self.documents.iter();
            documents.find(|document| document.facts.document == *id)
        });
        let place = |id: DocumentId| {
            let place = chunk.originals.iter().position(|known| *known == id);
            place
                .and_then(|place| u32::try_from(place).ok())
                .unwrap_or(u32::MAX)
        };
        let parts = chunk.parts.iter().map(|&index| {
            let part = &self.plan.parts[index];
            let pages: Vec<PageId> = part.pages.iter().map(|planned| planned.page).collect();
            Ok(PartOrder {
                layers: self.layers.of(&pages)?,
                pages: part
                    .pages
                    .iter()
                    .map(|planned| {
                        (
                            place(planned.page.document),
                            planned.page.number,
                            planned.turn,
                        )
                    })
                    .collect(),
                title: part.title.clone(),
                numbers: (0..part.pages.len())
                    .filter_map(|page| self.number(index, page))
                    .collect(),
                // Of a part that has ended a worker, nothing is drawn that need not be.
                in_free_corners: write && !chunk.alone,
                file: write.then(|| temporary(index)),
            })
        });
        Ok(Extraction {
            originals: documents.map(|document| document.source.clone()).collect(),
            parts: parts.collect::<Result<_, LibraryError>>()?,
            drop_signatures: self.options.drop_signatures,
            prove: write && self.options.prove,
        })
    }

    /// Writes the manifest: its name follows from the plan, so that going on
    /// with the same plan replaces it and another plan does not.
    fn write_manifest(
        &self,
        staging: &Staging,
        sources: &Sources,
        manifest: &Manifest<'_>,
    ) -> io::Result<PathBuf> {
        const MADE: &str = "manifest";
        let mut buffer = io::BufWriter::new(File::create(staging.path().join(MADE))?);
        serde_json::to_writer_pretty(&mut buffer, manifest)?;
        buffer
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?
            .sync_all()?;
        let stem = self.manifest_stem();
        for count in 1.. {
            let name = format!("{}{}", numbered(&stem, count), manifest::ENDING);
            let path = self.options.destination.join(name);
            let published = match staging.publish(MADE, &path)? {
                Published::Taken if is_manifest(&path) => staging.replace(MADE, &path, sources)?,
                published => published,
            };
            if published == Published::Done {
                return Ok(path);
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    fn manifest_stem(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for document in &self.documents {
            hasher.update(document.name.as_bytes());
            if let Some(ContentHash(hash)) = document.source.opening.expected {
                hasher.update(&hash);
            }
        }
        // Serialising plain data to memory cannot fail.
        let plan = serde_json::to_vec(&(&self.plan, &self.names)).unwrap_or_default();
        hasher.update(&plan);
        if let Some(numbering) = &self.options.numbering {
            hasher.update(numbering.number(0).as_bytes());
        }
        if self.options.searchable {
            hasher.update(b"searchable");
        }
        format!(
            "{}{}",
            manifest::BEGINNING,
            &hasher.finalize().to_hex()[..8]
        )
    }
}

/// The documents that a part's pages come from, each once.
fn documents_of(part: &crate::model::PlannedPart) -> Vec<DocumentId> {
    let mut documents = Vec::new();
    for planned in &part.pages {
        if documents.last() != Some(&planned.page.document)
            && !documents.contains(&planned.page.document)
        {
            documents.push(planned.page.document);
        }
    }
    documents
}

fn temporary(index: usize) -> String {
    format!("{index}.pdf")
}

fn is_about_destination(refusal: &Refusal) -> bool {
    matches!(
        refusal.kind,
        FailureKind::DestinationFull | FailureKind::CannotWrite
    )
}

/// Gives complete parts their names.
struct Publisher<'a> {
    export: &'a Export,
    staging: &'a Staging,
    sources: Sources,
    /// Names that parts of this run have got, in lower case.
    given: HashSet<String>,
    waiting: Vec<(usize, Extracted)>,
    published: Instant,
    results: Vec<PartResult>,
    stopped: Option<Refusal>,
    told: ExportProgress,
    progress: &'a dyn Fn(ExportProgress),
}

impl Publisher<'_> {
    fn take(&mut self, results: Vec<Made>) {
        for (index, result) in results {
            match result {
                Ok((extracted, proof)) => {
                    self.told.done += 1;
                    let result = &mut self.results[index];
                    result.proof = proof;
                    // Nobody is to hand it on unknowingly: it gets no name.
                    if let (Proof::Differs(_), Some(how)) = (&result.proof, result.proof.problem())
                    {
                        result.outcome = Outcome::Failed(Refusal::new(FailureKind::Differs, how));
                        self.staging.discard(&temporary(index));
                        continue;
                    }
                    self.told.bytes += extracted.bytes;
                    self.waiting.push((index, extracted));
                }
                Err(refusal) if is_about_destination(&refusal) => {
                    self.stopped.get_or_insert(refusal);
                }
                Err(refusal) => {
                    self.told.done += 1;
                    self.results[index].outcome = Outcome::Failed(refusal);
                }
            }
        }
        let bytes: u64 = self
            .waiting
            .iter()
            .map(|(_, extracted)| extracted.bytes)
            .sum();
        if bytes >= PUBLISH_BYTES || self.published.elapsed() >= PUBLISH_AFTER {
            self.publish();
        }
        (self.progress)(self.told);
    }

    fn publish(&mut self) {
        self.published = Instant::now();
        let waiting = std::mem::take(&mut self.waiting);
        if waiting.is_empty() {
            return;
        }
        let names: Vec<String> = waiting.iter().map(|(index, _)| temporary(*index)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        if let Err(error) = self.staging.flush(&names) {
            self.stop(&error);
            return;
        }
        for ((index, extracted), name) in waiting.into_iter().zip(names) {
            let made = self.staging.path().join(name);
            let is_file = fs::symlink_metadata(&made).is_ok_and(|found| found.is_file());
            if !is_file || !is_same(&made, &extracted) {
                self.results[index].outcome = Outcome::Failed(Refusal::new(
                    FailureKind::WorkerDied,
                    "what was written is not what the worker said",
                ));
                continue;
            }
            match self.name(index, &extracted, name) {
                Ok(outcome) => self.results[index].outcome = outcome,
                Err(error) => self.stop(&error),
            }
        }
    }

    /// Gives a part its name, or the next free one.
    fn name(&mut self, index: usize, extracted: &Extracted, made: &str) -> io::Result<Outcome> {
        let destination = &self.export.options.destination;
        let name = &self.export.names[index];
        for count in 1.. {
            let (file, to) = match &self.export.exact {
                Some(exact) => (name.clone(), destination.join(exact)),
                None => {
                    let file = format!("{}.pdf", numbered(name, count));
                    let to = destination.join(&file);
                    (file, to)
                }
            };
            if let (1, Some(pile)) = (count, to.parent()) {
                fs::create_dir_all(pile)?;
            }
            let mut published = self.staging.publish(made, &to)?;
            let mut outcome = Outcome::Written(extracted.clone());
            if published == Published::Taken {
                if self.given.contains(&file.to_lowercase()) {
                    continue;
                }
                if self.sources.include(&to) {
                    if self.export.exact.is_some() {
                        let refusal = Refusal::new(FailureKind::IsSource, "");
                        return Ok(Outcome::Failed(refusal));
                    }
                    self.results[index].kept_source.get_or_insert(file);
                    continue;
                }
                if is_same(&to, extracted) {
                    outcome = Outcome::AlreadyThere(extracted.clone());
                    published = Published::Done;
                } else if self.export.options.overwrite {
                    published = self.staging.replace(made, &to, &self.sources)?;
                }
            }
            if published == Published::Done {
                self.given.insert(file.to_lowercase());
                self.results[index].file = file;
                return Ok(outcome);
            }
            if self.export.exact.is_some() {
                break;
            }
        }
        Ok(Outcome::Failed(Refusal::new(FailureKind::NameTaken, "")))
    }

    fn stop(&mut self, error: &io::Error) {
        let kind = match is_full(error) {
            true => FailureKind::DestinationFull,
            false => FailureKind::CannotWrite,
        };
        self.stopped.get_or_insert(Refusal::by_system(kind, error));
    }
}

/// The name of a file in `folder` as a manifest in `destination` gives it: whole where it
/// does not lie below.
fn from_folder(destination: &Path, folder: &Path, file: &str) -> String {
    let whole = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let (destination, folder) = (whole(destination), whole(folder));
    let path = match folder.strip_prefix(&destination) {
        Ok(below) => below.join(file),
        Err(_) => folder.join(file),
    };
    path.to_string_lossy().into_owned()
}

/// Whether a file is a manifest of this program's: no other is replaced unasked.
fn is_manifest(path: &Path) -> bool {
    let mut start = [0; manifest::START.len()];
    regular_file::open(path).is_ok_and(|mut file| file.read_exact(&mut start).is_ok())
        && start == *manifest::START.as_bytes()
}

/// Whether a file is the very part that a worker told of.
fn is_same(path: &Path, part: &Extracted) -> bool {
    let same_size = fs::metadata(path).is_ok_and(|found| found.len() == part.bytes);
    same_size && part.hash.is_some() && hash_of(path) == part.hash
}
