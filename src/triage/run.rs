//! The crew: rayon tasks that take jobs from the queue, lease a worker for each,
//! store thumbnails and report outcomes. Not for deciding what an outcome means
//! (`thread`) or what comes next (`queue`).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;

use super::background::caught;
use super::external::{Running, finding_id, not_found};
use super::queue::{FIRST_PAGES, Job, Queue, Target, Task};
use crate::model::{Address, DocumentDetails, Finding, Measurements, PageFingerprint, PageId};
use crate::scratch::{PackError, Packs};
use crate::worker::{Analysed, LeasedWorker, Listing, Opened, Pool, Refusal, Scene, WorkerError};

/// Pages are reported after this many, or this much time.
const REPORT_PAGES: usize = 32;
const REPORT_AFTER: Duration = Duration::from_millis(50);

/// What became of a job, for the session.
#[derive(Debug)]
pub enum Outcome {
    /// A document was opened, or cannot be. The first `begun` pages of it are
    /// being analysed already; where these are all, it is inspected next.
    Opened {
        target: Arc<Target>,
        result: Result<Opened, Refusal>,
        begun: u32,
        scene: Scene,
    },
    /// Pages were analysed; the engine may have refused some.
    Pages {
        target: Arc<Target>,
        pages: Vec<PageOutcome>,
    },
    /// Thumbnails were made again.
    Redrawn {
        target: Arc<Target>,
        pages: Vec<u32>,
    },
    /// Thumbnails could not be made again: for this reason, in words. Nothing
    /// else is changed by that.
    Undrawn {
        target: Arc<Target>,
        pages: Vec<u32>,
        reason: String,
    },
    /// A document was inspected, or cannot be opened for that. `attached`: what is attached
    /// to it, where something is.
    Inspected {
        target: Arc<Target>,
        result: Result<Box<DocumentDetails>, Refusal>,
        attached: Option<Result<Listing, Refusal>>,
    },
    /// A document that had been opened before cannot be opened now; these
    /// pages of it were asked for.
    Lost {
        target: Arc<Target>,
        refusal: Refusal,
        scene: Scene,
    },
    /// This ended its worker, or took too long.
    Ended {
        target: Arc<Target>,
        task: Task,
        alone: bool,
        error: WorkerError,
        scene: Scene,
    },
    /// An external analyser has looked at a page or a document.
    Found { finding: Box<Finding> },
    /// Nothing can be done for now; the work is back in the queue.
    Held(String),
}

/// One page of [`Outcome::Pages`].
#[derive(Debug)]
pub struct PageOutcome {
    pub number: u32,
    pub result: Result<Kept, (Refusal, Box<Scene>)>,
}

/// What the library keeps of a page that was analysed.
#[derive(Debug)]
pub struct Kept {
    pub measurements: Measurements,
    pub text: String,
    pub fingerprint: PageFingerprint,
}

/// The queue and who works on it.
#[derive(Default)]
struct Work {
    queue: Queue,
    /// Tasks that have been handed to rayon and have not ended.
    active: usize,
    /// Hand out no more jobs.
    halted: bool,
}

/// Where the crew works: workers and thumbnails, in one scratch directory.
pub struct Workplace {
    pub pool: Pool,
    pub packs: Packs,
}

/// What all tasks share.
pub struct Crew {
    /// Jobs end in the place where they began; see [`Crew::move_to`].
    place: Mutex<Arc<Workplace>>,
    threads: rayon::ThreadPool,
    work: Mutex<Work>,
    outcomes: Sender<Outcome>,
    pub(super) analysers: Running,
    /// Objects are fetched that are opened soon.
    fetches_ahead: Arc<AtomicBool>,
    /// Called with each task before it begins: a test makes it panic.
    #[cfg(test)]
    before: fn(&Task),
}

impl Crew {
    /// A crew of `workers` tasks at a time.
    pub fn new(
        workers: usize,
        place: Workplace,
        outcomes: Sender<Outcome>,
    ) -> Result<Self, rayon::ThreadPoolBuildError> {
        let threads = rayon::ThreadPoolBuilder::new()
            .num_threads(workers)
            .thread_name(|number| format!("crew {number}"))
            // Never called while tasks catch their panics; without it rayon would end
            // the program.
            .panic_handler(|_| tracing::error!("a task of the crew panicked"))
            .build()?;
        Ok(Self {
            place: Mutex::new(Arc::new(place)),
            threads,
            work: Mutex::default(),
            outcomes,
            analysers: Running::default(),
            fetches_ahead: Arc::default(),
            #[cfg(test)]
            before: |_| {},
        })
    }

    /// Changes the queue and puts idle hands to work.
    pub fn queue<T>(self: &Arc<Self>, change: impl FnOnce(&mut Queue) -> T) -> T {
        let mut work = self.work();
        let result = change(&mut work.queue);
        self.put_to_work(work);
        result
    }

    /// Where jobs that begin now are done.
    pub fn place(&self) -> Arc<Workplace> {
        Arc::clone(&self.place.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Has jobs that begin from now on be done in another place. Returns the one
    /// before; it is gone when the last job there has ended and it is dropped.
    pub fn move_to(&self, place: Workplace) -> Arc<Workplace> {
        let mut now = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *now, Arc::new(place));
        before.pool.dismiss_idle();
        before
    }

    /// Hands out no more jobs, or does so again.
    pub fn halt(self: &Arc<Self>, halted: bool) {
        let mut work = self.work();
        work.halted = halted;
        self.put_to_work(work);
    }

    /// No more jobs are handed out.
    pub(super) fn is_halted(&self) -> bool {
        self.work().halted
    }

    /// Something is being fetched that comes next.
    pub fn is_fetching_ahead(&self) -> bool {
        self.fetches_ahead.load(Ordering::Relaxed)
    }

    /// Number of jobs that are being worked on.
    pub fn active(&self) -> usize {
        self.work().active
    }

    fn work(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put_to_work(self: &Arc<Self>, mut work: MutexGuard<'_, Work>) {
        while !work.halted
            && !work.queue.is_empty()
            && work.active < self.threads.current_num_threads()
        {
            work.active += 1;
            let crew = Arc::clone(self);
            self.threads.spawn(move || {
                // What is at fault has its record already.
                let _ = caught(|| crew.take_turn());
                crew.end_turn();
            });
        }
    }

    /// One task: one job. The next job is another task, so that other work on
    /// the pool gets its turn.
    fn take_turn(&self) {
        let place = self.place();
        let open = place.pool.open_documents();
        let job = {
            let mut work = self.work();
            if work.halted {
                None
            } else {
                work.queue.take(&open)
            }
        };
        if let Some(job) = job {
            self.fetch_ahead(&place);
            let (target, task, alone) = (Arc::clone(&job.target), job.task.clone(), job.alone);
            self.survive(&target, &task, alone, || self.run(&place, job));
        }
    }

    /// While workers are at work, the objects are fetched that come next.
    fn fetch_ahead(&self, place: &Arc<Workplace>) {
        let most = self.threads.current_num_threads();
        let next: Vec<Address> = {
            let work = self.work();
            let next = work.queue.next_to_open(most);
            next.filter_map(Address::of).collect()
        };
        if next.is_empty() || self.fetches_ahead.swap(true, Ordering::Relaxed) {
            return;
        }
        let (place, busy) = (Arc::clone(place), Arc::clone(&self.fetches_ahead));
        let spawned = std::thread::Builder::new()
            .name("fetching ahead".into())
            .spawn(move || {
                let _ = caught(|| {
                    for address in &next {
                        place
                            .pool
                            .objects()
                            .fetch_ahead(address, place.pool.stopped());
                    }
                });
                // The end of the session waits for what holds scratch.
                drop(place);
                busy.store(false, Ordering::Relaxed);
            });
        if spawned.is_err() {
            self.fetches_ahead.store(false, Ordering::Relaxed);
        }
    }

    fn end_turn(self: &Arc<Self>) {
        let mut work = self.work();
        work.active -= 1;
        self.put_to_work(work);
    }

    /// Does the work of a task. A panic costs the task, as if it had ended its worker.
    fn survive(&self, target: &Arc<Target>, task: &Task, alone: bool, work: impl FnOnce()) {
        match (caught(work), task) {
            (Ok(()), _) => {}
            (Err(broken), Task::Redraw(pages)) => {
                self.undrawn(Arc::clone(target), pages.clone(), broken.to_string());
            }
            (Err(broken), _) => {
                self.end_each(target, task, alone, broken.into(), &Scene::default());
            }
        }
    }

    fn run(&self, place: &Workplace, job: Job) {
        let Job {
            target,
            task,
            alone,
        } = job;
        #[cfg(test)]
        (self.before)(&task);
        let leased = if alone {
            place.pool.lease_fresh()
        } else {
            place.pool.lease(Some(target.document()))
        };
        let mut worker = match leased {
            Ok(worker) => worker,
            Err(error) if let Task::Redraw(pages) = task => {
                return self.undrawn(target, pages, error.to_string());
            }
            Err(error) => {
                self.give_back(&target, task, alone);
                self.hold(error.to_string());
                return;
            }
        };
        match &task {
            Task::Open => match worker.open(&target.opening) {
                Ok(result) => self.opened(place, &mut worker, &target, result, alone),
                Err(WorkerError::Stopped) => self.give_back(&target, task, alone),
                Err(WorkerError::NoRoom(why)) => {
                    self.give_back(&target, task, alone);
                    self.hold(why);
                }
                Err(error) => self.report(Outcome::Ended {
                    target,
                    task,
                    alone,
                    error,
                    scene: worker.scene(),
                }),
            },
            Task::Analyse(pages) => {
                if self.ensure_open(&mut worker, &target, &task, alone) {
                    self.analyse(place, &mut worker, &target, pages, alone, false);
                }
            }
            Task::Redraw(pages) => {
                if self.ensure_open(&mut worker, &target, &task, alone) {
                    self.analyse(place, &mut worker, &target, pages, alone, true);
                }
            }
            Task::Inspect => {
                if self.ensure_open(&mut worker, &target, &task, alone) {
                    self.inspect(&mut worker, target, alone);
                }
            }
            Task::External(analyser, page) => {
                if self.ensure_open(&mut worker, &target, &task, alone) {
                    self.look(&place.pool, &mut worker, &target, (analyser, *page), alone);
                }
            }
        }
    }

    /// Tells that a document was opened, and goes on with its first pages while
    /// the worker has it open: small documents are one job.
    fn opened(
        &self,
        place: &Workplace,
        worker: &mut LeasedWorker<'_>,
        target: &Arc<Target>,
        result: Result<Opened, Refusal>,
        alone: bool,
    ) {
        let (hash, count) = match &result {
            Ok(opened) => (Some(opened.hash), opened.shapes.len()),
            Err(_) => (None, 0),
        };
        let begun = u32::try_from(count).unwrap_or(u32::MAX).min(FIRST_PAGES);
        self.report(Outcome::Opened {
            target: Arc::clone(target),
            result,
            begun,
            scene: worker.scene(),
        });
        if begun > 0 {
            let mut known = (**target).clone();
            known.opening.expected = hash;
            let known = Arc::new(known);
            let pages: Vec<u32> = (1..=begun).collect();
            let task = Task::Analyse(pages.clone());
            // The document is open whatever becomes of its pages.
            self.survive(&known, &task, false, || {
                self.analyse(place, worker, &known, &pages, alone, false);
            });
            // A small document is done while it is open: opening it again would
            // take longer.
            if begun as usize == count {
                if worker.open_document().is_some() {
                    self.inspect(worker, known, false);
                } else {
                    self.give_back(&known, Task::Inspect, false);
                }
            }
        }
    }

    /// Opens the job's document in the worker unless it is open there; reports
    /// why where that fails.
    fn ensure_open(
        &self,
        worker: &mut LeasedWorker<'_>,
        target: &Arc<Target>,
        task: &Task,
        alone: bool,
    ) -> bool {
        let wanted = &target.opening;
        let is_open = worker.open_document().is_some_and(|open| {
            open.document == wanted.document
                && open.engines == wanted.engines
                && (wanted.expected.is_none() || open.expected == wanted.expected)
        });
        if is_open {
            return true;
        }
        match worker.open(wanted) {
            Ok(Ok(_)) => true,
            Ok(Err(refusal)) if *task == Task::Inspect => {
                self.report(Outcome::Inspected {
                    target: Arc::clone(target),
                    result: Err(refusal),
                    attached: None,
                });
                false
            }
            Ok(Err(refusal)) if let Task::External(analyser, page) = task => {
                self.report(Outcome::Found {
                    finding: Box::new(not_found(
                        finding_id(target, analyser, *page),
                        refusal.to_string(),
                    )),
                });
                false
            }
            Ok(Err(refusal)) if let Task::Redraw(pages) = task => {
                self.undrawn(Arc::clone(target), pages.clone(), refusal.to_string());
                false
            }
            Ok(Err(refusal)) => {
                self.give_back(target, task.clone(), alone);
                self.report(Outcome::Lost {
                    target: Arc::clone(target),
                    refusal,
                    scene: worker.scene(),
                });
                false
            }
            Err(WorkerError::Stopped) => {
                self.give_back(target, task.clone(), alone);
                false
            }
            Err(WorkerError::NoRoom(why)) => {
                match task {
                    Task::Redraw(pages) => self.undrawn(Arc::clone(target), pages.clone(), why),
                    task => {
                        self.give_back(target, task.clone(), alone);
                        self.hold(why);
                    }
                }
                false
            }
            Err(error) => {
                self.end_each(target, task, alone, error, &worker.scene());
                false
            }
        }
    }

    fn inspect(&self, worker: &mut LeasedWorker<'_>, target: Arc<Target>, alone: bool) {
        let inspected = worker.inspect().and_then(|result| {
            let details = result.as_ref().ok();
            let has_attached = details.and_then(|details| details.has_attachments());
            let attached = match has_attached {
                Some(true) => Some(worker.list_attached()?),
                _ => None,
            };
            Ok((result, attached))
        });
        match inspected {
            Ok((result, attached)) => self.report(Outcome::Inspected {
                target,
                result,
                attached,
            }),
            Err(WorkerError::Stopped) => self.give_back(&target, Task::Inspect, alone),
            Err(error) => self.report(Outcome::Ended {
                target,
                task: Task::Inspect,
                alone,
                error,
                scene: worker.scene(),
            }),
        }
    }

    /// Opening is at fault and not the pages: those to analyse are tried again, one
    /// at a time, so that each ends in a record of its own.
    fn end_each(
        &self,
        target: &Arc<Target>,
        task: &Task,
        alone: bool,
        error: WorkerError,
        scene: &Scene,
    ) {
        let ended = |task, error| Outcome::Ended {
            target: Arc::clone(target),
            task,
            alone,
            error,
            scene: scene.clone(),
        };
        let Task::Analyse(pages) = task else {
            return self.report(ended(task.clone(), error));
        };
        for &page in pages {
            self.report(ended(Task::Analyse(vec![page]), error.again()));
        }
    }

    fn undrawn(&self, target: Arc<Target>, pages: Vec<u32>, reason: String) {
        self.report(Outcome::Undrawn {
            target,
            pages,
            reason,
        });
    }

    fn analyse(
        &self,
        place: &Workplace,
        worker: &mut LeasedWorker<'_>,
        target: &Arc<Target>,
        pages: &[u32],
        alone: bool,
        redraw: bool,
    ) {
        let mut reporter = Reporter::new((self, &place.packs), target, redraw, worker.scene());
        let mut answered = 0;
        let started = Instant::now();
        let result = worker.analyse(pages, |number, analysed| {
            answered += 1;
            reporter.take(number, analysed);
        });
        let page_time = started.elapsed() / u32::try_from(answered.max(1)).unwrap_or(u32::MAX);
        let (not_stored, shortage) = reporter.finish();

        let left = pages.get(answered..).unwrap_or_default();
        let (at_fault, innocent) = match &result {
            Ok(()) | Err(WorkerError::Stopped) => (&[][..], left),
            Err(_) => left.split_at(left.len().min(1)),
        };
        let back: Vec<u32> = not_stored
            .into_iter()
            .chain(innocent.iter().copied())
            .collect();
        self.work()
            .queue
            .set_page_time(target.document(), page_time);
        if !back.is_empty() {
            let task = if redraw {
                Task::Redraw(back)
            } else {
                Task::Analyse(back)
            };
            self.give_back(target, task, false);
        }
        if let Some(shortage) = shortage {
            self.hold(shortage);
        }
        if let (Err(error), [page]) = (result, at_fault) {
            self.report(Outcome::Ended {
                target: Arc::clone(target),
                task: if redraw {
                    Task::Redraw(vec![*page])
                } else {
                    Task::Analyse(vec![*page])
                },
                alone,
                error,
                scene: worker.scene(),
            });
        }
    }

    pub(super) fn give_back(&self, target: &Arc<Target>, task: Task, alone: bool) {
        let queue = &mut self.work().queue;
        match task {
            _ if alone => queue.add_alone(Arc::clone(target), task),
            Task::Open => queue.add_document((**target).clone()),
            Task::Analyse(pages) => queue.add_pages((**target).clone(), pages),
            Task::Redraw(pages) => queue.add_redraw((**target).clone(), pages),
            Task::Inspect => queue.add_inspection((**target).clone()),
            Task::External(analyser, page) => {
                queue.add_external((**target).clone(), [(analyser, page)]);
            }
        }
    }

    /// Stops handing out jobs at once and tells the session why; it decides
    /// when to go on.
    pub(super) fn hold(&self, reason: String) {
        self.work().halted = true;
        self.report(Outcome::Held(reason));
    }

    pub(super) fn report(&self, outcome: Outcome) {
        // Fails only when the session is gone, and then nobody wants to know.
        let _ = self.outcomes.send(outcome);
    }
}

/// Stores thumbnails as pages arrive and reports pages in groups.
struct Reporter<'a> {
    crew: &'a Crew,
    packs: &'a Packs,
    target: &'a Arc<Target>,
    redraw: bool,
    scene: Scene,
    ready: Vec<PageOutcome>,
    /// Pages whose thumbnails were made again.
    drawn: Vec<u32>,
    reported: Instant,
    /// Pages whose thumbnail found no room, to be done again.
    not_stored: Vec<u32>,
    shortage: Option<String>,
}

impl<'a> Reporter<'a> {
    fn new(
        (crew, packs): (&'a Crew, &'a Packs),
        target: &'a Arc<Target>,
        redraw: bool,
        scene: Scene,
    ) -> Self {
        Self {
            crew,
            packs,
            target,
            redraw,
            scene,
            ready: Vec::new(),
            drawn: Vec::new(),
            reported: Instant::now(),
            not_stored: Vec::new(),
            shortage: None,
        }
    }

    fn take(&mut self, number: u32, analysed: Result<Analysed, Refusal>) {
        let page = PageId {
            document: self.target.document(),
            number,
        };
        if self.redraw {
            self.redrawn(page, analysed);
        } else {
            self.analysed(page, analysed);
        }
        if self.ready.len() + self.drawn.len() >= REPORT_PAGES
            || self.reported.elapsed() >= REPORT_AFTER
        {
            self.report();
        }
    }

    /// Only a lack of space keeps a page from being done: thumbnails can be made
    /// again, and what else is wrong with them is for the log.
    fn analysed(&mut self, page: PageId, analysed: Result<Analysed, Refusal>) {
        let result = match analysed {
            Ok(analysed) => {
                match self.store(page, &analysed.thumbnail) {
                    Ok(()) => {}
                    Err(PackError::Shortage(shortage)) => {
                        self.not_stored.push(page.number);
                        self.shortage = Some(shortage.to_string());
                        return;
                    }
                    Err(error) => {
                        let (document, number) = (page.document.0, page.number);
                        tracing::warn!(document, number, %error, "thumbnail not kept");
                    }
                }
                Ok(Kept {
                    measurements: analysed.measurements,
                    text: analysed.text,
                    fingerprint: analysed.fingerprint,
                })
            }
            Err(refusal) => Err((refusal, Box::new(self.scene.clone()))),
        };
        self.scene.worker.note(page);
        let number = page.number;
        self.ready.push(PageOutcome { number, result });
    }

    /// A thumbnail that cannot be made or kept changes nothing that is known of its
    /// page, and holds no other work.
    fn redrawn(&mut self, page: PageId, analysed: Result<Analysed, Refusal>) {
        let drawn = match analysed {
            Ok(analysed) => self
                .store(page, &analysed.thumbnail)
                .map_err(|error| error.to_string()),
            Err(refusal) => Err(refusal.to_string()),
        };
        match drawn {
            Ok(()) => self.drawn.push(page.number),
            Err(reason) => {
                self.crew
                    .undrawn(Arc::clone(self.target), vec![page.number], reason);
            }
        }
    }

    fn store(&self, page: PageId, jpeg: &[u8]) -> Result<(), PackError> {
        self.packs.append(self.target.batch, page, jpeg)
    }

    fn report(&mut self) {
        self.reported = Instant::now();
        if !self.ready.is_empty() {
            self.crew.report(Outcome::Pages {
                target: Arc::clone(self.target),
                pages: std::mem::take(&mut self.ready),
            });
        }
        if !self.drawn.is_empty() {
            self.crew.report(Outcome::Redrawn {
                target: Arc::clone(self.target),
                pages: std::mem::take(&mut self.drawn),
            });
        }
    }

    fn finish(mut self) -> (Vec<u32>, Option<String>) {
        self.report();
        (self.not_stored, self.shortage)
    }
}

#[cfg(test)]
mod tests {
    use crossbeam_channel::bounded;

    use super::*;
    use crate::model::{BatchId, DocumentId, Source};
    use crate::scratch::{Scratch, ScratchSettings};
    use crate::worker::{Opening, WorkerLimits, WorkerProgram};

    #[test]
    fn a_task_that_panics_costs_itself_and_the_crew_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let (scratch, _) = Scratch::open(ScratchSettings {
            dir: folder.path().to_owned(),
            budget: None,
            floor: Some(0),
            offered: None,
        })
        .unwrap();
        let program = WorkerProgram {
            executable: folder.path().join("no such program"),
            pdfium: None,
            output: None,
        };
        let place = Workplace {
            pool: Pool::new(program, scratch.clone(), WorkerLimits::default()),
            packs: scratch.packs("a library"),
        };
        let (sender, outcomes) = bounded(8);
        let mut crew = Crew::new(1, place, sender).unwrap();
        crew.before = |task| assert!(*task != Task::Inspect, "on purpose");
        let crew = Arc::new(crew);
        let target = Target {
            batch: BatchId(1),
            opening: Opening {
                document: DocumentId(1),
                source: Source::File("a.pdf".into()),
                engines: vec![],
                passwords: vec![],
                expected: None,
                largest: 1,
            },
        };
        crew.queue(|queue| queue.add_inspection(target.clone()));
        let Outcome::Ended { task, error, .. } = outcomes.recv().unwrap() else {
            panic!("another outcome");
        };
        assert_eq!(task, Task::Inspect);
        assert!(error.to_string().contains("on purpose"), "{error}");
        // Its turn has ended: another task gets one.
        crew.queue(|queue| queue.add_document(target));
        assert!(matches!(outcomes.recv().unwrap(), Outcome::Held(_)));
    }
}
