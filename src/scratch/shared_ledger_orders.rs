//! The shared ledger with its threads in thousands of orders: the module is compiled
//! here once more, with locks whose order a scheduler chooses.

use shuttle::sync::{Arc, Mutex};

mod sync {
    pub(super) use shuttle::sync::{Mutex, MutexGuard};
    pub(super) use std::sync::PoisonError;
}
// On purpose: with other locks.
#[allow(clippy::duplicate_mod)]
#[path = "shared_ledger.rs"]
mod shared_ledger;

use super::budget::{self, Ledger, Owner, Purpose};
use shared_ledger::SharedLedger;

/// Orders that are tried: the fault that this was written for shows in one of some
/// twenty.
const ORDERS: usize = 3_000;

const FLOOR: u64 = 20;
const BUDGET: u64 = 90;

/// A disk that others leave alone, with bytes in scratch.
struct Disk {
    free: Mutex<u64>,
    used: Mutex<u64>,
}

impl Disk {
    fn write(&self, bytes: u64) {
        let mut free = self.free.lock().unwrap();
        *free -= bytes;
        assert!(
            *free >= FLOOR,
            "{free} bytes are free, {FLOOR} have to stay"
        );
        let mut used = self.used.lock().unwrap();
        *used += bytes;
        assert!(*used <= BUDGET, "{used} bytes are used of {BUDGET}");
    }

    fn delete(&self, bytes: u64) {
        *self.used.lock().unwrap() -= bytes;
        *self.free.lock().unwrap() += bytes;
    }
}

/// Takes a lease, writes into it in steps, grows it, and gives everything back; gives
/// up where there is no room.
fn job(ledger: &SharedLedger, disk: &Disk, number: usize, bytes: u64) {
    let free = |_: &mut Ledger| Ok(*disk.free.lock().unwrap());
    let lease = ledger.ask(free, |ledger, free| {
        ledger.request(Owner::Worker(number), Purpose::WorkerSlot, bytes, free)
    });
    let Ok(lease) = lease else {
        return;
    };
    let mut written = 0;
    for step in [bytes / 2, bytes - bytes / 2] {
        disk.write(step);
        written += step;
        ledger.lock().record_written(lease, written);
    }
    let grown = ledger.ask(free, |ledger, free| ledger.grow(lease, bytes, free));
    if grown.is_ok() {
        disk.write(bytes);
        written += bytes;
        ledger.lock().record_written(lease, written);
    }
    disk.delete(written);
    ledger.lock().release(lease);
}

#[test]
fn no_order_of_threads_breaks_the_floor_or_the_budget() {
    let once = || {
        let ledger = Arc::new(SharedLedger::new(Ledger::new(BUDGET, FLOOR)));
        let disk = Arc::new(Disk {
            free: Mutex::new(100),
            used: Mutex::new(0),
        });
        let threads: Vec<_> = [18, 25, 30]
            .into_iter()
            .enumerate()
            .map(|(number, bytes)| {
                let (ledger, disk) = (Arc::clone(&ledger), Arc::clone(&disk));
                shuttle::thread::spawn(move || job(&ledger, &disk, number, bytes))
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(ledger.lock().own(), 0);
        assert_eq!(*disk.free.lock().unwrap(), 100);
    };
    shuttle::check_random(once, ORDERS);
}
