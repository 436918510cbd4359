//! One worker process as the host holds it: start, ask, wait under a deadline,
//! kill. Not for choosing a worker (`pool`).

use std::collections::VecDeque;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};

use super::bounds;
use super::handing::{Asking, Brought};
#[cfg(not(target_os = "linux"))]
use super::memory::MemoryWatch;
use super::protocol::{
    Analysed, ArchiveLimits, Description, Extracted, Extraction, FileOrder, Listing, Opened,
    Opening, Refusal, Reply, Request, Splittable, View, read_frame, read_version,
};
use super::{WorkerError, WorkerLimits, WorkerProgram};
use crate::analysis::CloseLook;
use crate::model::{Barcode, DocumentDetails, PageId, PageShape, Proof, WorkerThen};
use crate::objects::Objects;
use crate::scratch::WorkerSlot;

/// What a worker keeps of the host's environment: how programs are loaded and speak.
#[cfg(unix)]
const KEPT_VARIABLES: &[&str] = &[
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "DYLD_LIBRARY_PATH",
    "LANG",
    "LC_ALL",
];

/// How much of a dead worker's last words is kept, in bytes.
const LAST_WORDS: usize = 2048;

/// What Rust's runtime says before it ends a process that gets no memory.
const OUT_OF_MEMORY: &str = "memory allocation of";

/// Why nothing can be done after the program was replaced by an update.
const OTHER_VERSION: &str =
    "the program was replaced by another version while it runs; start it again";

/// Answers that may wait for the host before the worker's pipe fills up.
const WAITING_REPLIES: usize = 8;

/// How soon a task that waits for a worker notices that the program ends, or that the
/// worker takes too much.
const STOP_NOTICED_WITHIN: Duration = Duration::from_millis(50);

/// How long a process may take to end that was killed.
const KILLED_WITHIN: Duration = Duration::from_secs(5);

/// A worker process.
pub struct Worker {
    child: Child,
    asking: Asking,
    replies: Receiver<io::Result<Reply>>,
    /// Most bytes of an answer to what was asked last.
    longest: Arc<AtomicUsize>,
    last_words: Arc<Mutex<VecDeque<u8>>>,
    /// What it has open, with what the worker said of it.
    open: Option<Opening>,
    shapes: Vec<PageShape>,
    document_bytes: u64,
    limits: WorkerLimits,
    history: WorkerThen,
    /// It was asked something and has not answered all of it.
    busy: bool,
    dead: bool,
    objects: Objects,
    stopped: Arc<AtomicBool>,
    #[cfg(not(target_os = "linux"))]
    memory: MemoryWatch,
    /// Removed after the process has ended.
    slot: WorkerSlot,
}

/// Why a worker did not come to the end of an extraction.
#[derive(Debug)]
pub struct Interrupted {
    /// What ended it.
    pub error: WorkerError,
    /// The part that it had written and not yet proved, if any.
    pub unproved: Option<Extracted>,
}

impl From<WorkerError> for Interrupted {
    fn from(error: WorkerError) -> Self {
        Self {
            error,
            unproved: None,
        }
    }
}

/// A page's buffers, of some megabytes each, stay with the worker for its next page: glibc
/// would have the kernel clear them anew each time, which is a tenth of a scan's time. What
/// is larger, bytes, goes back at once. Only the first of its arenas keeps what a page
/// needs: the others are of 64 MB, and are given back whenever one of them is empty.
#[cfg(target_env = "gnu")]
const KEPT_MEMORY: [(&str, &str); 4] = [
    ("MALLOC_ARENA_MAX", "1"),
    ("MALLOC_MMAP_THRESHOLD_", "33554432"),
    ("MALLOC_TRIM_THRESHOLD_", "268435456"),
    ("MALLOC_TOP_PAD_", "16777216"),
];

impl Worker {
    /// Starts a worker from the program's own executable.
    pub(super) fn start(
        program: &WorkerProgram,
        limits: &WorkerLimits,
        slot: WorkerSlot,
        objects: Objects,
        stopped: Arc<AtomicBool>,
    ) -> Result<Self, WorkerError> {
        let mut command = Command::new(&program.executable);
        command.arg("worker").arg(slot.path());
        let seconds = limits.page_deadline.as_secs().max(1);
        command.arg("--page-deadline").arg(seconds.to_string());
        command
            .arg("--worker-memory")
            .arg(limits.memory.to_string());
        if let Some(output) = &program.output {
            command.arg("--output").arg(output);
        }
        if let Some(pdfium) = &program.pdfium {
            command.arg("--pdfium").arg(pdfium);
        }
        command
            .current_dir(slot.work_dir())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        #[cfg(unix)]
        {
            // What else is in the host's environment, such as keys to other things, is
            // nothing to a hostile file.
            let kept = KEPT_VARIABLES.iter();
            let kept = kept.filter_map(|name| Some((name, std::env::var_os(name)?)));
            let kept: Vec<_> = kept.collect();
            command.env_clear().envs(kept);
        }
        #[cfg(target_env = "gnu")]
        command.envs(KEPT_MEMORY);
        // Its last words are for the record: a sentence, no list of functions.
        command.env("RUST_BACKTRACE", "0");
        for variable in ["TMPDIR", "TMP", "TEMP", "HOME"] {
            command.env(variable, slot.work_dir());
        }
        let asking = Asking::of(&mut command).map_err(WorkerError::Start)?;
        let mut child = command.spawn().map_err(WorkerError::Start)?;
        // It holds the worker's end of what connects them.
        drop(command);
        let asking = asking.started(&mut child).map_err(WorkerError::Start)?;
        let (Some(output), Some(errors)) = (child.stdout.take(), child.stderr.take()) else {
            return Err(WorkerError::Start(io::Error::other("no pipes")));
        };
        let last_words = Arc::new(Mutex::new(VecDeque::new()));
        let (sender, replies) = bounded(WAITING_REPLIES);
        let longest = Arc::new(AtomicUsize::new(0));
        let longest_now = Arc::clone(&longest);
        let (greeter, greeting) = bounded(1);
        let started = thread::Builder::new()
            .name("worker replies".into())
            .spawn(move || {
                let mut output = BufReader::with_capacity(64 << 10, output);
                // Fails only when nobody waits any more.
                let _ = greeter.send(read_version(&mut output));
                loop {
                    let reply =
                        match read_frame(&mut output, || longest_now.load(Ordering::Acquire)) {
                            Ok(Some(reply)) => Ok(reply),
                            Ok(None) => return,
                            Err(error) => Err(error),
                        };
                    let broken = reply.is_err();
                    if sender.send(reply).is_err() || broken {
                        return;
                    }
                }
            })
            .and_then(|_| {
                let last_words = Arc::clone(&last_words);
                thread::Builder::new()
                    .name("worker errors".into())
                    .spawn(move || keep_last_words(errors, &last_words))
            });
        if let Err(error) = started {
            // The process may outlive this failure otherwise.
            let _ = child.kill();
            let _ = child.wait();
            return Err(WorkerError::Start(error));
        }
        let mut worker = Self {
            #[cfg(not(target_os = "linux"))]
            memory: MemoryWatch::new(child.id()),
            child,
            asking,
            replies,
            longest,
            last_words,
            open: None,
            shapes: Vec::new(),
            document_bytes: 0,
            limits: *limits,
            history: WorkerThen::default(),
            busy: false,
            dead: false,
            objects,
            stopped,
            slot,
        };
        worker.greet(&greeting)?;
        Ok(worker)
    }

    /// Waits until the worker has said that it knows the same messages.
    fn greet(&mut self, greeting: &Receiver<io::Result<bool>>) -> Result<(), WorkerError> {
        let until = Instant::now() + self.limits.open_deadline;
        loop {
            let why = match greeting.recv_timeout(STOP_NOTICED_WITHIN) {
                Ok(Ok(true)) => return Ok(()),
                Ok(Ok(false)) => OTHER_VERSION.to_owned(),
                Err(RecvTimeoutError::Timeout) if self.stopped.load(Ordering::Relaxed) => {
                    return Err(WorkerError::Stopped);
                }
                Err(RecvTimeoutError::Timeout) if Instant::now() < until => continue,
                _ => self.ended("").to_string(),
            };
            return Err(WorkerError::Start(io::Error::other(why)));
        }
    }

    /// What the worker has open; none where it owes an answer, for it can be asked
    /// nothing more then.
    pub fn open_document(&self) -> Option<&Opening> {
        self.open.as_ref().filter(|_| !self.busy)
    }

    /// The operating system's number for the process.
    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// It can be asked nothing more.
    pub(super) fn is_dead(&self) -> bool {
        self.dead || self.busy
    }

    /// What it has done until now.
    pub fn history(&self) -> &WorkerThen {
        &self.history
    }

    fn note_page(&mut self, number: u32) {
        if let Some(open) = &self.open {
            let document = open.document;
            self.history.note(PageId { document, number });
        }
    }

    /// Asks what engines the worker has.
    pub fn describe(&mut self, deadline: Duration) -> Result<Description, WorkerError> {
        match self.ask_once(&Request::Describe, deadline)? {
            Reply::Described(description) => Ok(description),
            _ => Err(self.out_of_step()),
        }
    }

    /// Opens a document in place of the one before.
    pub fn open(&mut self, opening: &Opening) -> Result<Result<Opened, Refusal>, WorkerError> {
        self.open = None;
        let request = Request::Open(opening.clone());
        let brought = self.bring(&request)?;
        if let Some(refusal) = brought.refusal() {
            return Ok(Err(refusal));
        }
        let deadline = self.limits.open_deadline_for(brought.bytes);
        self.ask_about(&request, brought)?;
        match self.only_answer(deadline)? {
            Reply::Opened(Ok(opened)) => {
                let other = opening.expected.is_some_and(|hash| hash != opened.hash);
                if other || opened.shapes.is_empty() || opened.bytes > opening.largest {
                    return Err(self.out_of_step());
                }
                if let Err(refusal) = bounds::check_opened(&opened) {
                    return Ok(Err(refusal));
                }
                self.shapes.clone_from(&opened.shapes);
                self.document_bytes = opened.bytes;
                self.open = Some(Opening {
                    expected: Some(opened.hash),
                    ..opening.clone()
                });
                Ok(Ok(opened))
            }
            Reply::Opened(Err(refusal)) => Ok(Err(refusal)),
            _ => Err(self.out_of_step()),
        }
    }

    /// Analyses pages of the open document. `each` gets them in the given order
    /// as they are done; after an error, the first page without an answer is
    /// the one at fault.
    pub fn analyse(
        &mut self,
        pages: &[u32],
        mut each: impl FnMut(u32, Result<Analysed, Refusal>),
    ) -> Result<(), WorkerError> {
        self.ask(&Request::Analyse {
            pages: pages.to_vec(),
        })?;
        for &page in pages {
            match self.answer(self.deadline_for(page))? {
                Reply::Page { number, outcome } if number == page => {
                    self.note_page(number);
                    let checked = outcome.and_then(|analysed| {
                        bounds::check_analysed(&analysed)?;
                        Ok(*analysed)
                    });
                    each(number, checked);
                }
                _ => return Err(self.out_of_step()),
            }
        }
        self.finished()
    }

    /// Draws one page of the open document.
    pub fn view(
        &mut self,
        number: u32,
        (width, height): (u16, u16),
    ) -> Result<Result<View, Refusal>, WorkerError> {
        let request = Request::View {
            number,
            width,
            height,
        };
        match self.ask_once(&request, self.deadline_for(number))? {
            Reply::View(Ok(view)) => {
                if (view.width, view.height) != (width.into(), height.into()) {
                    return Err(self.out_of_step());
                }
                Ok(bounds::check_view(&view).map(|()| view))
            }
            Reply::View(Err(refusal)) => Ok(Err(refusal)),
            _ => Err(self.out_of_step()),
        }
    }

    /// Takes the close look of one page of the open document, enlarged by `scale` and `turned`
    /// upside down.
    pub fn close_look(
        &mut self,
        number: u32,
        (scale, turned): (f32, bool),
    ) -> Result<Result<CloseLook, Refusal>, WorkerError> {
        let request = Request::CloseLook {
            number,
            scale,
            turned,
        };
        match self.ask_once(&request, self.deadline_for(number))? {
            Reply::CloseLook(Ok(packed)) => Ok(bounds::checked_look(packed)),
            Reply::CloseLook(Err(refusal)) => Ok(Err(refusal)),
            _ => Err(self.out_of_step()),
        }
    }

    /// Inspects the open document.
    pub fn inspect(&mut self) -> Result<Result<Box<DocumentDetails>, Refusal>, WorkerError> {
        let deadline = self.limits.open_deadline_for(self.document_bytes);
        match self.ask_once(&Request::Inspect, deadline)? {
            Reply::Inspected(details) => Ok(details.and_then(|details| {
                bounds::check_details(&details)?;
                Ok(details)
            })),
            _ => Err(self.out_of_step()),
        }
    }

    /// Lists the PDFs that are attached to the open document.
    pub fn list_attached(&mut self) -> Result<Result<Listing, Refusal>, WorkerError> {
        let open = self.open.as_ref();
        let within = open.and_then(|open| open.source.entry());
        let request = Request::ListAttached {
            within: within.unwrap_or_default().to_owned(),
            limits: ArchiveLimits::default(),
        };
        let deadline = self.limits.open_deadline_for(self.document_bytes);
        match self.ask_once(&request, deadline)? {
            Reply::Listing(listing) => Ok(listing),
            _ => Err(self.out_of_step()),
        }
    }

    /// Reads the barcodes on pages of the open document. `each` gets them in the
    /// given order, as with [`Self::analyse`].
    pub fn barcodes(
        &mut self,
        pages: &[u32],
        mut each: impl FnMut(u32, Result<Vec<Barcode>, Refusal>),
    ) -> Result<(), WorkerError> {
        self.ask(&Request::Barcodes {
            pages: pages.to_vec(),
        })?;
        for &page in pages {
            match self.answer(self.limits.page_deadline)? {
                Reply::Barcodes { number, outcome } if number == page => {
                    self.note_page(number);
                    let checked = outcome.and_then(|codes| {
                        bounds::check_barcodes(&codes)?;
                        Ok(codes)
                    });
                    each(number, checked);
                }
                _ => return Err(self.out_of_step()),
            }
        }
        self.finished()
    }

    /// Says what stands at the top of pages of the open document. `each` gets them in
    /// the given order, as with [`Self::analyse`].
    pub fn top_lines(
        &mut self,
        pages: &[u32],
        mut each: impl FnMut(u32, Option<String>),
    ) -> Result<(), WorkerError> {
        self.ask(&Request::TopLines {
            pages: pages.to_vec(),
        })?;
        for &page in pages {
            match self.answer(self.limits.page_deadline)? {
                Reply::TopLine { number, line } if number == page => {
                    self.note_page(number);
                    each(number, line);
                }
                _ => return Err(self.out_of_step()),
            }
        }
        self.finished()
    }

    /// Says what the open document has for splitting.
    pub fn splittable(&mut self) -> Result<Result<Splittable, Refusal>, WorkerError> {
        let deadline = self.limits.open_deadline_for(self.document_bytes);
        match self.ask_once(&Request::Splittable, deadline)? {
            Reply::Splittable(Ok(found)) => {
                let last = u32::try_from(self.shapes.len()).unwrap_or(u32::MAX);
                let bookmarked = found.bookmarks.iter().map(|bookmark| bookmark.page);
                let mut pages = bookmarked.chain(found.label_restarts.iter().copied());
                if pages.any(|page| !(1..=last).contains(&page)) {
                    return Err(self.out_of_step());
                }
                Ok(Ok(found))
            }
            Reply::Splittable(Err(refusal)) => Ok(Err(refusal)),
            _ => Err(self.out_of_step()),
        }
    }

    /// Lays out parts, and writes those that have a file. `each` gets them in
    /// the given order with what proving them told; after an error, the first part
    /// without an answer is the one at fault. Ends in the middle with
    /// [`WorkerError::Stopped`] once `going` says no. Closes the open document.
    pub fn extract(
        &mut self,
        extraction: &Extraction,
        going: &dyn Fn() -> bool,
        mut each: impl FnMut(Result<(Extracted, Proof), Refusal>),
    ) -> Result<(), Interrupted> {
        self.open = None;
        // Before the first part all documents are read.
        let request = Request::Extract(extraction.clone());
        let brought = self.bring(&request)?;
        let deadline = self.limits.open_deadline_for(brought.bytes);
        self.ask_about(&request, brought)?;
        for order in &extraction.parts {
            let is_written = order.file.is_some();
            for _ in 0..order.placed() {
                // The first waits for the documents to be read.
                match self.answer(deadline.max(self.limits.page_deadline))? {
                    Reply::Placed if going() => {}
                    Reply::Placed => {
                        self.kill();
                        return Err(WorkerError::Stopped.into());
                    }
                    _ => return Err(self.out_of_step().into()),
                }
            }
            let part = match self.answer(deadline)? {
                Reply::Part(Ok(part)) if part.hash.is_some() == is_written => part,
                Reply::Part(Err(refusal)) => {
                    each(Err(refusal));
                    continue;
                }
                _ => return Err(self.out_of_step().into()),
            };
            if !is_written || !extraction.prove {
                each(Ok((part, Proof::NotAsked)));
                continue;
            }
            let mut pages = Vec::with_capacity(order.pages.len());
            for _ in &order.pages {
                let answer = self.answer(self.limits.page_deadline);
                let error = match answer {
                    Ok(Reply::PageProof(page)) if going() => {
                        pages.push(page);
                        continue;
                    }
                    Ok(Reply::PageProof(_)) => {
                        self.kill();
                        WorkerError::Stopped
                    }
                    Ok(_) => self.out_of_step(),
                    Err(error) => error,
                };
                return Err(Interrupted {
                    error,
                    unproved: Some(part),
                });
            }
            each(Ok((part, Proof::of(pages))));
        }
        Ok(self.finished()?)
    }

    /// Has a file written of a page or of the document.
    pub fn file(&mut self, order: FileOrder) -> Result<Result<(), Refusal>, WorkerError> {
        let deadline = self.deadline_for(order.page).max(self.limits.open_deadline);
        match self.ask_once(&Request::File(order), deadline)? {
            Reply::File(written) => Ok(written),
            _ => Err(self.out_of_step()),
        }
    }

    /// Its own directory, where files for analysers are written.
    pub fn work_dir(&self) -> PathBuf {
        self.slot.work_dir()
    }

    /// Lists what an archive holds.
    pub fn list(
        &mut self,
        archive: &Path,
        limits: ArchiveLimits,
        deadline: Duration,
    ) -> Result<Result<Listing, Refusal>, WorkerError> {
        self.open = None;
        let request = Request::List {
            archive: archive.to_owned(),
            limits,
        };
        let brought = self.bring(&request)?;
        if let Some(refusal) = brought.refusal() {
            return Ok(Err(refusal));
        }
        self.ask_about(&request, brought)?;
        match self.only_answer(deadline)? {
            Reply::Listing(listing) => Ok(listing),
            _ => Err(self.out_of_step()),
        }
    }

    /// Size of a page of the open document; nothing where there is no such page.
    pub fn shape(&self, page: u32) -> PageShape {
        let index = (page as usize).checked_sub(1);
        let shape = index.and_then(|index| self.shapes.get(index)).copied();
        shape.unwrap_or(PageShape {
            width: 0.0,
            height: 0.0,
            rotation: 0,
        })
    }

    /// Size of the open document, bytes.
    pub fn document_bytes(&self) -> u64 {
        self.document_bytes
    }

    /// Time allowed for a page of the open document.
    fn deadline_for(&self, page: u32) -> Duration {
        self.limits.deadline_for(self.shape(page))
    }

    /// Fetches what a request is about and lies elsewhere: before the worker is asked, and
    /// without a deadline of its.
    fn bring(&self, request: &Request) -> Result<Brought, WorkerError> {
        Brought::of(request, &self.objects, &self.stopped)
    }

    /// Asks what is about no file, or about what is open.
    fn ask(&mut self, request: &Request) -> Result<(), WorkerError> {
        self.ask_about(request, Brought::default())
    }

    fn ask_about(&mut self, request: &Request, brought: Brought) -> Result<(), WorkerError> {
        // It has said more than it was asked for before.
        if matches!(self.replies.try_recv(), Ok(Ok(_))) {
            return Err(self.out_of_step());
        }
        self.busy = true;
        self.longest
            .store(request.longest_answer(), Ordering::Release);
        let patience = self.limits.open_deadline;
        self.asking
            .ask(request, brought, patience, &self.stopped)
            .map_err(|error| self.ended(&error.to_string()))
    }

    /// Asks what has one answer.
    fn ask_once(&mut self, request: &Request, deadline: Duration) -> Result<Reply, WorkerError> {
        self.ask(request)?;
        self.only_answer(deadline)
    }

    /// Waits for the only answer.
    fn only_answer(&mut self, deadline: Duration) -> Result<Reply, WorkerError> {
        let reply = self.answer(deadline)?;
        self.busy = false;
        Ok(reply)
    }

    /// Waits for the end of several answers.
    fn finished(&mut self) -> Result<(), WorkerError> {
        match self.answer(self.limits.page_deadline)? {
            Reply::Finished { memory } => {
                self.history.memory = memory;
                self.busy = false;
                Ok(())
            }
            _ => Err(self.out_of_step()),
        }
    }

    fn answer(&mut self, deadline: Duration) -> Result<Reply, WorkerError> {
        let until = Instant::now() + deadline;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.replies.recv_timeout(left.min(STOP_NOTICED_WITHIN)) {
                Ok(Ok(reply)) => return Ok(reply),
                Ok(Err(error)) => return Err(self.ended(&error.to_string())),
                Err(RecvTimeoutError::Disconnected) => return Err(self.ended("")),
                Err(RecvTimeoutError::Timeout) if self.stopped.load(Ordering::Relaxed) => {
                    self.kill();
                    return Err(WorkerError::Stopped);
                }
                Err(RecvTimeoutError::Timeout) if self.takes_too_much() => {
                    self.kill();
                    return Err(WorkerError::OutOfMemory);
                }
                Err(RecvTimeoutError::Timeout) if left > STOP_NOTICED_WITHIN => {}
                Err(RecvTimeoutError::Timeout) => {
                    self.kill();
                    return Err(WorkerError::DeadlinePassed(deadline));
                }
            }
        }
    }

    /// It has taken more memory than it may, where the system lets it.
    #[cfg(not(target_os = "linux"))]
    fn takes_too_much(&mut self) -> bool {
        let taken = self.memory.taken();
        taken.is_some_and(|taken| taken > self.limits.memory)
    }

    #[cfg(target_os = "linux")]
    fn takes_too_much(&self) -> bool {
        false
    }

    /// Ends a worker that says what it was not asked, or what cannot be: it holds
    /// files that may have taken it over.
    fn out_of_step(&mut self) -> WorkerError {
        self.kill();
        WorkerError::OutOfStep
    }

    /// Kills what is left of the process and says how it ended.
    fn ended(&mut self, cause: &str) -> WorkerError {
        // A process that closed its pipes is about to end by itself; its own
        // status says more than that of a kill.
        let patience = Instant::now() + Duration::from_millis(500);
        while Instant::now() < patience && matches!(self.child.try_wait(), Ok(None)) {
            thread::sleep(Duration::from_millis(5));
        }
        self.kill();
        let status = match self.child.try_wait() {
            Ok(Some(status)) => status.to_string(),
            _ => String::new(),
        };
        let last_words = {
            let kept = self
                .last_words
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let (front, back) = kept.as_slices();
            String::from_utf8_lossy(&[front, back].concat())
                .trim()
                .to_owned()
        };
        if last_words.contains(OUT_OF_MEMORY) {
            return WorkerError::OutOfMemory;
        }
        let parts = [status.as_str(), cause, last_words.as_str()];
        let said: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        WorkerError::Died(said.join("; "))
    }

    fn kill(&mut self) {
        self.dead = true;
        self.open = None;
        // Fails only where the process has ended already.
        let _ = self.child.kill();
        // One that waits for a drive that does not answer ends when that does.
        let patience = Instant::now() + KILLED_WITHIN;
        while Instant::now() < patience && matches!(self.child.try_wait(), Ok(None)) {
            thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.kill();
        tracing::debug!(slot = %self.slot.path().display(), pages = self.history.pages, "worker ended");
    }
}

fn keep_last_words(mut errors: impl Read, last_words: &Mutex<VecDeque<u8>>) {
    let mut buffer = [0; 512];
    while let Ok(read @ 1..) = errors.read(&mut buffer) {
        let mut kept = last_words.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(&buffer[..read]);
        let surplus = kept.len().saturating_sub(LAST_WORDS);
        kept.drain(..surplus);
    }
}
