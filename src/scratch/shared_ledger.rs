//! The ledger as threads share it: behind one lock, under which free space is read
//! and the answer given. Not for the rules themselves, which are the ledger's.
//!
//! What is written leaves the free space first and is recorded after that. Free
//! space that was read before the lock was taken may be from before a write that
//! the ledger has recorded since: the same bytes would be promised twice.

use super::budget::{Ledger, Shortage};
use super::sync::{Mutex, MutexGuard, PoisonError};

/// A ledger behind its lock.
#[derive(Debug)]
pub(super) struct SharedLedger(Mutex<Ledger>);

impl SharedLedger {
    pub(super) fn new(ledger: Ledger) -> Self {
        Self(Mutex::new(ledger))
    }

    /// The ledger, for this thread alone.
    pub(super) fn lock(&self) -> MutexGuard<'_, Ledger> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the ledger something whose answer depends on the free space (bytes),
    /// which is read when nobody else can record or ask.
    pub(super) fn ask<T>(
        &self,
        free: impl FnOnce(&mut Ledger) -> Result<u64, Shortage>,
        question: impl FnOnce(&mut Ledger, u64) -> Result<T, Shortage>,
    ) -> Result<T, Shortage> {
        let mut ledger = self.lock();
        let free = free(&mut ledger)?;
        question(&mut ledger, free)
    }
}
