//! The pool of workers: leases one to a task, starts, keeps and replaces them.
//! Not for threads: the tasks that lease run on rayon's.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::process::Worker;
use super::{WorkerError, WorkerLimits, WorkerProgram};
use crate::model::DocumentId;
use crate::scratch::Scratch;

/// Idle workers, and what is needed to start more.
pub struct Pool {
    program: WorkerProgram,
    scratch: Scratch,
    limits: WorkerLimits,
    idle: Mutex<Vec<Worker>>,
    started: AtomicUsize,
    stopped: Arc<AtomicBool>,
}

impl Pool {
    /// A pool that starts workers when they are first needed.
    pub fn new(program: WorkerProgram, scratch: Scratch, limits: WorkerLimits) -> Self {
        Self {
            program,
            scratch,
            limits,
            idle: Mutex::default(),
            started: AtomicUsize::new(0),
            stopped: Arc::default(),
        }
    }

    /// What one worker may use.
    pub fn limits(&self) -> &WorkerLimits {
        &self.limits
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
            Some(worker) => Ok(self.leased(worker)),
            None => self.lease_fresh(),
        }
    }

    /// Leases a worker that has seen no page yet: for work that killed one.
    pub fn lease_fresh(&self) -> Result<LeasedWorker<'_>, WorkerError> {
        let number = self.started.fetch_add(1, Ordering::Relaxed);
        let slot = self
            .scratch
            .slot(number)
            .map_err(|error| WorkerError::Start(std::io::Error::other(error)))?;
        Ok(self.leased(Worker::start(
            &self.program,
            slot,
            Arc::clone(&self.stopped),
        )?))
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

    fn leased(&self, worker: Worker) -> LeasedWorker<'_> {
        LeasedWorker {
            pool: self,
            worker: Some(worker),
        }
    }

    fn take_back(&self, worker: Worker) {
        let worn_out = worker.pages_done() >= self.limits.recycle_after_pages
            || worker.memory() > self.limits.recycle_above_memory;
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
    /// Empty only while it is dropped.
    worker: Option<Worker>,
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
            self.pool.take_back(worker);
        }
    }
}
