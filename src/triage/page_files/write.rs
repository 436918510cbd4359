//! Writing files of pages: workers draw behind the fence into a hidden folder at the
//! destination, and files appear under their names when they are whole. What is whole stays
//! whatever happens then, and the same pages once more go on from there. Not for what is
//! written (`page_files`).

use std::collections::{HashSet, VecDeque};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{RecvTimeoutError, Sender, unbounded};
use png::Compression;

use super::sheet::{Cell, Division, PAPER, compose, read};
use super::{PageForm, PagesExport, text};
use crate::lettering::Lettering;
use crate::library::Reader;
use crate::model::{EngineKind, FailureKind};
use crate::regular_file;
use crate::triage::background::caught;
use crate::triage::split::{ExportError, ExportProgress, numbered};
use crate::triage::staging::{Published, Staging, free_at, hash_of, is_full};
use crate::worker::page_file::{most_bytes, write_png};
use crate::worker::{
    FileForm, FileInto, FileOrder, LeasedWorker, Opening, Pool, Refusal, WorkerError,
};

/// Pages that one worker draws at a time, at most.
const MOST_PAGES: usize = 32;

/// Files get their names after so many bytes, or so much time: waiting for the disk costs the
/// same for one as for many.
const PUBLISH_BYTES: u64 = 64 << 20;
const PUBLISH_AFTER: Duration = Duration::from_secs(1);

/// How soon a person who cancels is heard.
const HEARD_WITHIN: Duration = Duration::from_millis(100);

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileOutcome {
    /// It was written.
    Written,
    /// The same file was there.
    AlreadyThere,
    /// It could not be made.
    Failed(Refusal),
    /// The run ended before it.
    NotDone,
}

/// A file and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileResult {
    /// Its name.
    pub file: String,
    /// Its size; 0 where it is not there.
    pub bytes: u64,
    /// What became of it.
    pub outcome: FileOutcome,
}

/// What became of all files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PagesReport {
    /// Files in the order of their pages.
    pub files: Vec<FileResult>,
    /// Pages that are on a contact sheet and could not be drawn, by name, and why.
    pub undrawn: Vec<(String, Refusal)>,
    /// Why it ended before all files; none: it did not.
    pub stopped: Option<Refusal>,
}

impl PagesReport {
    /// Files that are there.
    pub fn there(&self) -> impl Iterator<Item = &FileResult> {
        let is_there = |file: &&FileResult| {
            matches!(
                file.outcome,
                FileOutcome::Written | FileOutcome::AlreadyThere
            )
        };
        self.files.iter().filter(is_there)
    }

    /// Files and pages that could not be made, and why.
    pub fn failed(&self) -> impl Iterator<Item = (&str, &Refusal)> {
        let files = self.files.iter().filter_map(|file| match &file.outcome {
            FileOutcome::Failed(refusal) => Some((file.file.as_str(), refusal)),
            _ => None,
        });
        let pages = self.undrawn.iter();
        files.chain(pages.map(|(page, refusal)| (page.as_str(), refusal)))
    }

    /// Bytes of the files that are there.
    pub fn bytes(&self) -> u64 {
        self.there().map(|file| file.bytes).sum()
    }
}

/// A file, or a page of one, by its place, and whether it was made.
type Made = (usize, Result<(), Refusal>);

/// Pages of one document, by their places, drawn by the same engine first.
struct Chunk {
    opening: Opening,
    pages: Vec<usize>,
    /// Use a fresh worker: this has ended one before.
    alone: bool,
}

impl PagesExport {
    /// Writes the files, pictures with workers beside those of `pool`.
    ///
    /// # Errors
    ///
    /// Where the destination cannot be used or has too little room, or workers cannot be
    /// started. What is whole by then stays.
    pub fn run(
        &self,
        pool: &Pool,
        reader: &Reader,
        progress: &dyn Fn(ExportProgress),
        cancel: &AtomicBool,
    ) -> Result<PagesReport, ExportError> {
        let cannot = |error| ExportError::destination(&self.folder, error);
        let needed = self.sizes().sum();
        let free = free_at(&self.folder).map_err(cannot)?;
        if needed > free {
            return Err(ExportError::NoRoom {
                files: self.files.len(),
                needed,
                free,
            });
        }
        let staging = Staging::new(&self.folder).map_err(cannot)?;
        let mut publisher = Publisher {
            export: self,
            staging: &staging,
            given: HashSet::new(),
            waiting: Vec::new(),
            published: Instant::now(),
            results: self
                .files()
                .map(|file| FileResult {
                    file,
                    bytes: 0,
                    outcome: FileOutcome::NotDone,
                })
                .collect(),
            stopped: None,
            told: ExportProgress {
                files: self.files.len(),
                ..ExportProgress::default()
            },
            progress,
        };
        let mut undrawn = Vec::new();
        match self.form {
            PageForm::Pictures { .. } => {
                let pool = pool.writing_to(staging.path().to_owned());
                self.draw(&pool, &mut publisher, cancel, |publisher, made| {
                    publisher.take(made);
                })?;
            }
            PageForm::Sheets { columns } => {
                let pool = pool.writing_to(staging.path().to_owned());
                let mut sheets = Sheets::new(self, Division::new(columns));
                self.draw(&pool, &mut publisher, cancel, |publisher, made| {
                    if let Some(made) = sheets.take(staging.path(), made) {
                        publisher.take(made);
                    }
                })?;
                undrawn = sheets.undrawn;
            }
            PageForm::Text => self.write_texts(reader, &mut publisher, cancel),
        }
        publisher.publish();
        undrawn.sort_by_key(|(page, _)| *page);
        let (files, stopped) = (publisher.results, publisher.stopped);
        let not_done = |file: &FileResult| file.outcome == FileOutcome::NotDone;
        let cancelled = cancel.load(Ordering::Relaxed) && files.iter().any(not_done);
        Ok(PagesReport {
            stopped: stopped.or(cancelled.then(|| Refusal::new(FailureKind::Cancelled, ""))),
            undrawn: undrawn
                .into_iter()
                .map(|(page, refusal)| (self.name(page), refusal))
                .collect(),
            files,
        })
    }

    fn write_texts(&self, reader: &Reader, publisher: &mut Publisher<'_>, cancel: &AtomicBool) {
        for (index, file) in self.files.iter().enumerate() {
            if cancel.load(Ordering::Relaxed) || publisher.stopped.is_some() {
                return;
            }
            let of_it = &self.pages[file.pages.start];
            let made = text::of(reader, of_it.id)
                .map_err(|error| Refusal::new(FailureKind::NotKept, error))
                .and_then(|text| {
                    let path = publisher.staging.path().join(self.temporary(index));
                    let text = text.unwrap_or_default() + "\n";
                    fs::write(path, text).map_err(|error| refuse(&error))
                });
            publisher.take((index, made));
        }
    }

    /// What a page of a contact sheet is called where it is told of.
    fn name(&self, page: usize) -> String {
        let caption = &self.captions[page];
        format!("{}, {}", caption.name, caption.said)
    }

    /// Has workers draw all pages, and settles them as they come, on this thread.
    fn draw(
        &self,
        pool: &Pool,
        publisher: &mut Publisher<'_>,
        cancel: &AtomicBool,
        mut settle: impl FnMut(&mut Publisher<'_>, Made),
    ) -> Result<(), ExportError> {
        let chunks = Mutex::new(self.chunks());
        let halt = AtomicBool::new(false);
        let threads = rayon::ThreadPoolBuilder::new()
            .num_threads(self.workers)
            .thread_name(|number| format!("pages {number}"))
            .build()?;
        let (sender, results) = unbounded();
        let failure = Mutex::new(None);
        threads.in_place_scope(|scope| {
            for _ in 0..self.workers {
                let sender = sender.clone();
                let (chunks, halt, failure) = (&chunks, &halt, &failure);
                scope.spawn(move |_| {
                    let going = || !halt.load(Ordering::Relaxed) && !cancel.load(Ordering::Relaxed);
                    if let Err(error) = self.work(pool, chunks, &going, &sender) {
                        halt.store(true, Ordering::Relaxed);
                        *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                    }
                });
            }
            drop(sender);
            loop {
                match results.recv_timeout(HEARD_WITHIN) {
                    Ok(made) => settle(publisher, made),
                    Err(RecvTimeoutError::Timeout) => publisher.publish_if_due(),
                    Err(RecvTimeoutError::Disconnected) => break,
                }
                if publisher.stopped.is_some() {
                    halt.store(true, Ordering::Relaxed);
                }
                // A page that takes its time is not waited for.
                if cancel.load(Ordering::Relaxed) {
                    pool.stop();
                }
            }
        });
        let failure = failure.into_inner().unwrap_or_else(PoisonError::into_inner);
        failure.map_or(Ok(()), |error| Err(error.into()))
    }

    /// One worker's share, chunk after chunk.
    fn work(
        &self,
        pool: &Pool,
        chunks: &Mutex<VecDeque<Chunk>>,
        going: &dyn Fn() -> bool,
        results: &Sender<Made>,
    ) -> Result<(), WorkerError> {
        let waiting = || chunks.lock().unwrap_or_else(PoisonError::into_inner);
        while going() {
            let Some(chunk) = waiting().pop_front() else {
                break;
            };
            let leased = match chunk.alone {
                true => pool.lease_fresh(),
                false => pool.lease(Some(chunk.opening.document)),
            };
            let mut worker = leased?;
            let mut answered = 0;
            let drawn = caught(|| {
                self.draw_chunk(&mut worker, &chunk, going, |made| {
                    answered += 1;
                    // Fails only when nobody waits for results any more.
                    let _ = results.send(made);
                })
            });
            let error = match drawn {
                Ok(Ok(())) => continue,
                Ok(Err(WorkerError::Stopped)) => break,
                Ok(Err(error)) => error,
                Err(broken) => broken.into(),
            };
            let Some((&at_fault, innocent)) = chunk.pages[answered..].split_first() else {
                continue;
            };
            let again = |pages: &[usize], alone| Chunk {
                opening: chunk.opening.clone(),
                pages: pages.to_vec(),
                alone,
            };
            // It may have been begun.
            if let Some(output) = pool.output() {
                let _ = fs::remove_file(output.join(self.drawn(at_fault)));
            }
            if !innocent.is_empty() {
                waiting().push_front(again(innocent, false));
            }
            match chunk.alone {
                true => drop(results.send((at_fault, Err(Refusal::from(&error))))),
                false => waiting().push_back(again(&[at_fault], true)),
            }
        }
        Ok(())
    }

    /// Draws the pages of a chunk; after an error, the first page without an answer is the
    /// one at fault.
    fn draw_chunk(
        &self,
        worker: &mut LeasedWorker<'_>,
        chunk: &Chunk,
        going: &dyn Fn() -> bool,
        mut answer: impl FnMut(Made),
    ) -> Result<(), WorkerError> {
        let opening = &chunk.opening;
        let is_open = worker.open_document().is_some_and(|open| {
            (open.document, &open.engines) == (opening.document, &opening.engines)
        });
        if !is_open && let Err(refusal) = worker.open(opening)? {
            for &index in &chunk.pages {
                answer((index, Err(refusal.clone())));
            }
            return Ok(());
        }
        for &index in &chunk.pages {
            let page = &self.pages[index];
            let Some(dpi) = self.dpi(page).filter(|_| going()) else {
                return Ok(());
            };
            let form = FileForm::Png { dpi };
            let order = FileOrder {
                page: page.id.number,
                form,
                into: FileInto::Parts,
                name: self.drawn(index),
                most: most_bytes(form, page.shape, worker.document_bytes()),
            };
            let made = worker.file(order)?;
            answer((index, made));
        }
        Ok(())
    }

    fn chunks(&self) -> VecDeque<Chunk> {
        // Small enough that all workers end at about the same time.
        let most = (self.pages.len() / (4 * self.workers)).clamp(1, MOST_PAGES);
        let mut chunks: VecDeque<Chunk> = VecDeque::new();
        for (index, page) in self.pages.iter().enumerate() {
            let Some(source) = self.sources.get(&page.id.document) else {
                continue;
            };
            // The engine that drew the thumbnail: the other may have failed.
            let engine = page.measurements.as_ref().map(|measured| measured.engine);
            let opening = with_engine_first(&source.opening, engine);
            match chunks.back_mut() {
                Some(chunk) if chunk.opening == opening && chunk.pages.len() < most => {
                    chunk.pages.push(index);
                }
                _ => chunks.push_back(Chunk {
                    opening,
                    pages: vec![index],
                    alone: false,
                }),
            }
        }
        chunks
    }

    /// The name of the picture of a page, as a worker draws it: that of its file, unless it
    /// is put on one with others.
    fn drawn(&self, page: usize) -> String {
        match self.form {
            PageForm::Sheets { .. } => format!("page {page}.png"),
            PageForm::Pictures { .. } | PageForm::Text => self.temporary(page),
        }
    }

    /// The name of a file while it is made.
    fn temporary(&self, index: usize) -> String {
        format!("{index}.{}", self.form.ending())
    }
}

/// Contact sheets: each is made once all of its pages are drawn.
struct Sheets<'a> {
    export: &'a PagesExport,
    division: Division,
    lettering: Lettering,
    /// How many pages of each sheet are still to be drawn.
    awaited: Vec<usize>,
    /// Pages that could not be drawn, by their places, and why.
    undrawn: Vec<(usize, Refusal)>,
}

impl<'a> Sheets<'a> {
    fn new(export: &'a PagesExport, division: Division) -> Self {
        Self {
            export,
            division,
            lettering: Lettering::default(),
            awaited: export.files.iter().map(|file| file.pages.len()).collect(),
            undrawn: Vec::new(),
        }
    }

    /// A page was drawn, or could not be; the sheet that is made by that.
    fn take(&mut self, staging: &Path, (page, drawn): Made) -> Option<Made> {
        let sheet = page / self.division.pages();
        match drawn {
            Ok(()) => {}
            // Every later page would meet the same.
            Err(refusal) if ends_all(&refusal) => return Some((sheet, Err(refusal))),
            Err(refusal) => self.undrawn.push((page, refusal)),
        }
        let awaited = self.awaited.get_mut(sheet)?;
        *awaited = awaited.saturating_sub(1);
        (*awaited == 0).then(|| (sheet, self.make(staging, sheet)))
    }

    fn make(&mut self, staging: &Path, sheet: usize) -> Result<(), Refusal> {
        let export = self.export;
        let mut cells = Vec::new();
        for page in export.files[sheet].pages.clone() {
            let made = staging.join(export.drawn(page));
            let picture = regular_file::read(&made).ok().and_then(|png| read(&png));
            let _ = fs::remove_file(&made);
            let is_told = self.undrawn.iter().any(|(undrawn, _)| *undrawn == page);
            if picture.is_none() && !is_told {
                let refusal = Refusal::new(FailureKind::WorkerDied, "it wrote no picture");
                self.undrawn.push((page, refusal));
            }
            cells.push(Cell {
                picture,
                caption: &export.captions[page],
            });
        }
        let number = format!("{} of {}", sheet + 1, export.files.len());
        let title = (export.title.as_str(), number.as_str());
        let picture = compose(&mut self.lettering, title, self.division, &cells);
        let file = File::create_new(staging.join(export.temporary(sheet)));
        let written = file.and_then(|file| {
            let mut out = BufWriter::new(file);
            write_png(&picture, PAPER, Compression::Balanced, &mut out)?;
            out.flush()
        });
        written.map_err(|error| refuse(&error))
    }
}

/// What keeps all later files from being made as well.
fn ends_all(refusal: &Refusal) -> bool {
    matches!(
        refusal.kind,
        FailureKind::DestinationFull | FailureKind::CannotWrite
    )
}

fn with_engine_first(opening: &Opening, engine: Option<EngineKind>) -> Opening {
    let mut opening = opening.clone();
    opening.engines.sort_by_key(|kind| Some(*kind) != engine);
    opening
}

fn refuse(error: &io::Error) -> Refusal {
    let kind = match is_full(error) {
        true => FailureKind::DestinationFull,
        false => FailureKind::CannotWrite,
    };
    Refusal::by_system(kind, error)
}

/// Gives files that are whole their names.
struct Publisher<'a> {
    export: &'a PagesExport,
    staging: &'a Staging,
    /// Names that files of this run have got, in lower case.
    given: HashSet<String>,
    waiting: Vec<usize>,
    published: Instant,
    results: Vec<FileResult>,
    stopped: Option<Refusal>,
    told: ExportProgress,
    progress: &'a dyn Fn(ExportProgress),
}

impl Publisher<'_> {
    fn take(&mut self, (index, made): Made) {
        match made {
            Ok(()) => self.take_whole(index),
            // Every later file would meet the same.
            Err(refusal) if ends_all(&refusal) => {
                self.stopped.get_or_insert(refusal);
                return;
            }
            Err(refusal) => self.results[index].outcome = FileOutcome::Failed(refusal),
        }
        self.told.done += 1;
        self.publish_if_due();
        (self.progress)(self.told);
    }

    /// What a worker says is looked at: it must have made a file, and no link.
    fn take_whole(&mut self, index: usize) {
        let made = self.staging.path().join(self.export.temporary(index));
        match fs::symlink_metadata(&made) {
            Ok(found) if found.is_file() => {
                self.results[index].bytes = found.len();
                self.told.bytes += found.len();
                self.waiting.push(index);
            }
            _ => {
                let refusal = Refusal::new(FailureKind::WorkerDied, "it wrote no file");
                self.results[index].outcome = FileOutcome::Failed(refusal);
            }
        }
    }

    fn publish_if_due(&mut self) {
        let bytes: u64 = self.waiting.iter().map(|at| self.results[*at].bytes).sum();
        if bytes >= PUBLISH_BYTES || self.published.elapsed() >= PUBLISH_AFTER {
            self.publish();
        }
    }

    fn publish(&mut self) {
        self.published = Instant::now();
        let waiting = std::mem::take(&mut self.waiting);
        let names: Vec<String> = waiting
            .iter()
            .map(|at| self.export.temporary(*at))
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        if waiting.is_empty() {
            return;
        }
        if let Err(error) = self.staging.flush(&names) {
            self.stop(&error);
            return;
        }
        for (index, made) in waiting.into_iter().zip(names) {
            match self.name(index, made) {
                Ok(outcome) => self.results[index].outcome = outcome,
                Err(error) => self.stop(&error),
            }
        }
        // How large files are was not known exactly.
        if free_at(&self.export.folder).is_ok_and(|free| free == 0) {
            let refusal = Refusal::new(FailureKind::DestinationFull, "");
            self.stopped.get_or_insert(refusal);
        }
    }

    /// Gives a file its name, or the next free one.
    fn name(&mut self, index: usize, made: &str) -> io::Result<FileOutcome> {
        let name = &self.export.files[index].name;
        let ending = self.export.form.ending();
        for count in 1.. {
            let file = format!("{}.{ending}", numbered(name, count));
            let to = self.export.folder.join(&file);
            let published = self.staging.publish(made, &to)?;
            let is_given = !self.given.insert(file.to_lowercase());
            let outcome = match published {
                Published::Done => FileOutcome::Written,
                Published::Taken if !is_given && is_same(&self.staging.path().join(made), &to) => {
                    self.staging.discard(made);
                    FileOutcome::AlreadyThere
                }
                Published::Taken => continue,
            };
            self.results[index].file = file;
            return Ok(outcome);
        }
        Ok(FileOutcome::Failed(Refusal::new(
            FailureKind::NameTaken,
            "",
        )))
    }

    fn stop(&mut self, error: &io::Error) {
        self.stopped.get_or_insert(refuse(error));
    }
}

/// Whether two files have the same content.
fn is_same(made: &Path, there: &Path) -> bool {
    let size = |path| fs::metadata(path).ok().map(|found| found.len());
    size(made) == size(there) && hash_of(made).is_some_and(|hash| hash_of(there) == Some(hash))
}
