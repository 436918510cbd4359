//! The pool of workers: leases one to a task, starts, keeps and replaces them.
//! Not for threads: the tasks that lease run on rayon's.

use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::process::Worker;
use super::{WorkerError, WorkerLimits, WorkerProgram};
use crate::model::{DocumentId, WorkerThen};
use crate::objects::Objects;
use crate::scratch::{Scratch, WorkerSlot};

/// Idle workers, and what is needed to start more.
pub struct Pool {
    program: Mutex<WorkerProgram>,
    /// Grows when the program changes: workers of an earlier one are not kept.
    generation: AtomicUsize,
    scratch: Scratch,
    objects: Objects,
    limits: WorkerLimits,
    idle: Mutex<Vec<Worker>>,
    /// Shared by pools of one program, for each slot has one worker.
    started: Arc<AtomicUsize>,
    stopped: Arc<AtomicBool>,
}

impl Pool {
    /// A pool that starts workers when they are first needed.
    pub fn new(program: WorkerProgram, scratch: Scratch, limits: WorkerLimits) -> Self {
        Self {
            program: Mutex::new(program),
            generation: AtomicUsize::new(0),
            objects: Objects::new(&scratch),
            scratch,
            limits,
            idle: Mutex::default(),
            started: Arc::default(),
            stopped: Arc::default(),
        }
    }

    /// What one worker may use.
    pub fn limits(&self) -> &WorkerLimits {
        &self.limits
    }

    /// PDFium's library, if there is one.
    pub fn pdfium(&self) -> Option<PathBuf> {
        self.program().pdfium.clone()
    }

    /// Gives PDFium to all workers from now on; idle ones without it are ended,
    /// the others when their lease ends.
    pub fn use_pdfium(&self, library: PathBuf) {
        self.program().pdfium = Some(library);
        self.generation.fetch_add(1, Ordering::Relaxed);
        self.dismiss_idle();
    }

    /// The directory that workers write parts to, if they may.
    pub fn output(&self) -> Option<PathBuf> {
        self.program().output.clone()
    }

    /// A pool beside this one whose workers may write parts to a directory.
    pub fn writing_to(&self, output: PathBuf) -> Self {
        Self {
            started: Arc::clone(&self.started),
            objects: self.objects.clone(),
            ..Self::new(
                WorkerProgram {
                    output: Some(output),
                    ..self.program().clone()
                },
                self.scratch.clone(),
                self.limits,
            )
        }
    }

    /// The same pool in another scratch directory. Both end together.
    pub fn in_scratch(&self, scratch: Scratch) -> Self {
        Self {
            stopped: Arc::clone(&self.stopped),
            ..Self::new(self.program().clone(), scratch, self.limits)
        }
    }

    fn program(&self) -> MutexGuard<'_, WorkerProgram> {
        self.program.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leases an idle worker, one that has `wanted` open where there is such a
    /// one, or a fresh worker.
    pub fn lease(&self, wanted: Option<DocumentId>) -> Result<LeasedWorker<'_>, WorkerError> {
        let idle = {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            let has_it = |worker: &Worker| {
                wanted.is_some() && worker.open_document().map(|open| open.document) == wanted
            };
            match idle.iter().position(has_it) {
                Some(index) => Some(idle.swap_remove(index)),
                None => idle.pop(),
            }
        };
        match idle {
            Some(worker) => Ok(self.leased(worker, self.generation.load(Ordering::Relaxed))),
            None => self.lease_fresh(),
        }
    }

    /// The program's own executable.
    pub fn executable(&self) -> PathBuf {
        self.program().executable.clone()
    }

    /// Where workers and analysers have their directories.
    pub fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    /// What lies in object storage.
    pub fn objects(&self) -> &Objects {
        &self.objects
    }

    /// True once all workers are to end.
    pub fn stopped(&self) -> &AtomicBool {
        &self.stopped
    }

    /// An empty directory for one worker, or for one run of an analyser.
    pub fn fresh_slot(&self) -> Result<WorkerSlot, WorkerError> {
        let number = self.started.fetch_add(1, Ordering::Relaxed);
        self.scratch
            .slot(number)
            .map_err(|error| WorkerError::Start(std::io::Error::other(error)))
    }

    /// Leases a worker that has seen no page yet: for work that killed one.
    pub fn lease_fresh(&self) -> Result<LeasedWorker<'_>, WorkerError> {
        let slot = self.fresh_slot()?;
        let generation = self.generation.load(Ordering::Relaxed);
        let program = self.program().clone();
        let worker = Worker::start(
            &program,
            &self.limits,
            slot,
            self.objects.clone(),
            Arc::clone(&self.stopped),
        )?;
        Ok(self.leased(worker, generation))
    }

    /// No worker is idle here.
    pub fn is_empty(&self) -> bool {
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_empty()
    }

    /// Ends all workers: those that are leased give up at once with
    /// [`WorkerError::Stopped`].
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        self.dismiss_idle();
    }

    /// Ends all idle workers.
    pub fn dismiss_idle(&self) {
        let idle = std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner));
        drop(idle);
    }

    /// The documents that idle workers have open.
    pub fn open_documents(&self) -> Vec<DocumentId> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.iter()
            .filter_map(|worker| Some(worker.open_document()?.document))
            .collect()
    }

    fn leased(&self, worker: Worker, generation: usize) -> LeasedWorker<'_> {
        LeasedWorker {
            pool: self,
            generation,
            free: self.scratch.free(),
            worker: Some(worker),
        }
    }

    fn take_back(&self, worker: Worker, generation: usize) {
        let worn_out = generation != self.generation.load(Ordering::Relaxed)
            || worker.history().pages >= self.limits.recycle_after_pages
            || worker.history().memory > self.limits.recycle_above_memory;
        if worker.is_dead() || worn_out {
            drop(worker);
            return;
        }
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(worker);
    }
}

/// A worker for as long as a task needs it; goes back to the pool when dropped.
pub struct LeasedWorker<'pool> {
    pool: &'pool Pool,
    generation: usize,
    /// Free space on the disk of scratch when the lease began.
    free: Option<u64>,
    /// Empty only while it is dropped.
    worker: Option<Worker>,
}

/// How things stood before something failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scene {
    /// Free space on the disk of scratch when the job began, bytes.
    pub free: Option<u64>,
    /// What the worker had done.
    pub worker: WorkerThen,
}

impl LeasedWorker<'_> {
    /// How things stand, for the record of a failure.
    pub fn scene(&self) -> Scene {
        Scene {
            free: self.free,
            worker: self.history().clone(),
        }
    }
}

impl Deref for LeasedWorker<'_> {
    type Target = Worker;

    fn deref(&self) -> &Worker {
        self.worker.as_ref().unwrap_or_else(|| unreachable!())
    }
}

impl DerefMut for LeasedWorker<'_> {
    fn deref_mut(&mut self) -> &mut Worker {
        self.worker.as_mut().unwrap_or_else(|| unreachable!())
    }
}

impl Drop for LeasedWorker<'_> {
    fn drop(&mut self) {
        if let Some(worker) = self.worker.take() {
            self.pool.take_back(worker, self.generation);
        }
    }
}
