//! The ledger of scratch: who may use how many bytes, and what is missing when
//! somebody may not. A pure state machine; not for reading disks or clocks.
//!
//! Two rules hold after each grant:
//!
//! 1. the sum of max(granted, written) over all leases, plus what is retained
//!    and what others hold, is at most the budget;
//! 2. free space, less everything that was granted and not yet written, is at
//!    least the floor.
//!
//! A worker may overrun its lease and a person may lower the budget. The ledger
//! then counts what is really there and grants nothing more until it fits.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use serde::Serialize;

use crate::format::size;
use crate::model::BatchId;

/// Who a lease belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// Work on one batch.
    Batch(BatchId),
    /// The worker in the slot of this number.
    Worker(usize),
    /// An external analyser in the slot of this number.
    Analyser(usize),
    /// The thumbnail packs, which all batches share.
    Thumbnails,
    /// A failure that is brought about again.
    Replay,
    /// What was fetched from object storage.
    Fetched,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Batch(batch) => write!(f, "batch {}", batch.0),
            Self::Worker(number) => write!(f, "worker {number}"),
            Self::Analyser(number) => write!(f, "analyser {number}"),
            Self::Thumbnails => write!(f, "thumbnails"),
            Self::Replay => write!(f, "a replay"),
            Self::Fetched => write!(f, "files fetched from object storage"),
        }
    }
}

/// What a lease is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Thumbnails about to be written.
    Thumbnails,
    /// What a worker may leave in its slot's directory.
    WorkerSlot,
    /// A page written out as a file for an analyser.
    PageFile,
    /// What dead runs had left when something failed that is brought about again.
    Replay,
    /// A render engine's library while it is downloaded and checked.
    Engine,
    /// A file fetched from object storage.
    Fetched,
}

/// Key of a lease in its ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeaseId(u64);

/// Which limit stands in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ShortageCause {
    /// The budget for scratch is used up.
    Budget,
    /// More than the whole budget is wanted: waiting does not help, a larger budget
    /// does.
    TooLarge,
    /// The disk would keep less free space than the floor.
    Floor,
    /// The disk refused a write: full, or over a quota.
    DiskFull,
    /// The disk would keep too little room for more files, whatever their size.
    Files,
    /// Free space cannot be read, so nothing can be promised.
    Unreadable,
}

/// Bytes and who holds them, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Holder {
    /// Who: "worker 3", "thumbnails", "other copies and residue".
    pub who: String,
    /// How many bytes.
    pub bytes: u64,
}

/// There is no room for a lease or its growth. Never a failure of the job: it
/// waits, or goes on without.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{}", self.words())]
pub struct Shortage {
    /// Bytes that were asked for.
    pub wanted: u64,
    /// Bytes that have to become free before the same request can be granted.
    pub missing: u64,
    /// The limit in the way.
    pub cause: ShortageCause,
    /// The largest holders of scratch space, largest first.
    pub holders: Vec<Holder>,
}

impl Shortage {
    fn words(&self) -> String {
        let limit = match self.cause {
            ShortageCause::Budget => "the scratch budget is used up",
            ShortageCause::TooLarge => "this needs more than the whole scratch budget",
            ShortageCause::Floor => "the disk would keep too little free space",
            ShortageCause::Files => "the disk has hardly any room for more files (inodes)",
            ShortageCause::DiskFull => "the disk refused to take more",
            ShortageCause::Unreadable => "free space cannot be read",
        };
        let mut text = format!(
            "{limit}: {} wanted, {} missing",
            size(self.wanted),
            size(self.missing)
        );
        for (position, holder) in self.holders.iter().enumerate() {
            let lead = if position == 0 { "; held by " } else { ", " };
            // Writing to a String cannot fail.
            let _ = write!(text, "{lead}{} ({})", holder.who, size(holder.bytes));
        }
        text
    }
}

/// One lease as the ledger keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseEntry {
    /// Who it belongs to.
    pub owner: Owner,
    /// What it is for.
    pub purpose: Purpose,
    /// The most bytes it may use.
    pub granted: u64,
    /// The bytes it was last seen to use.
    pub written: u64,
}

impl LeaseEntry {
    fn held(&self) -> u64 {
        self.granted.max(self.written)
    }

    fn unwritten(&self) -> u64 {
        self.granted.saturating_sub(self.written)
    }
}

/// The ledger. All amounts are bytes on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    budget: u64,
    floor: u64,
    leases: BTreeMap<LeaseId, LeaseEntry>,
    next: u64,
    retained: u64,
    others: u64,
    high_water: u64,
}

impl Ledger {
    /// How many holders a [`Shortage`] names: enough to act on, few enough to read.
    const HOLDERS_NAMED: usize = 3;

    /// An empty ledger.
    pub fn new(budget: u64, floor: u64) -> Self {
        Self {
            budget,
            floor,
            leases: BTreeMap::new(),
            next: 0,
            retained: 0,
            others: 0,
            high_water: 0,
        }
    }

    /// The most that scratch may hold.
    pub fn budget(&self) -> u64 {
        self.budget
    }

    /// The free space that is never used.
    pub fn floor(&self) -> u64 {
        self.floor
    }

    /// Bytes kept without a lease: thumbnails that were written.
    pub fn retained(&self) -> u64 {
        self.retained
    }

    /// What this copy holds: max(granted, written) of each lease, and what is
    /// retained.
    pub fn own(&self) -> u64 {
        self.leases
            .values()
            .fold(self.retained, |sum, lease| sum.saturating_add(lease.held()))
    }

    /// What counts against the budget: [`Self::own`] and what others hold.
    pub fn held(&self) -> u64 {
        self.own().saturating_add(self.others)
    }

    /// Granted and not yet written, over all leases.
    pub fn unwritten(&self) -> u64 {
        self.leases
            .values()
            .fold(0, |sum: u64, lease| sum.saturating_add(lease.unwritten()))
    }

    /// The most that [`Self::own`] ever was.
    pub fn high_water(&self) -> u64 {
        self.high_water
    }

    /// The lease, if it is live.
    pub fn lease(&self, id: LeaseId) -> Option<&LeaseEntry> {
        self.leases.get(&id)
    }

    /// Changes the budget. Nothing is taken back: what no longer fits stops new
    /// grants.
    pub fn set_budget(&mut self, bytes: u64) {
        self.budget = bytes;
    }

    /// Sets what other copies and residue hold, as last measured.
    pub fn set_others(&mut self, bytes: u64) {
        self.others = bytes;
    }

    /// Asks for a new lease of `bytes`, with `free` bytes free on the disk.
    pub fn request(
        &mut self,
        owner: Owner,
        purpose: Purpose,
        bytes: u64,
        free: u64,
    ) -> Result<LeaseId, Shortage> {
        self.check(bytes, bytes, bytes, free)?;
        let id = LeaseId(self.next);
        self.next += 1;
        self.leases.insert(
            id,
            LeaseEntry {
                owner,
                purpose,
                granted: bytes,
                written: 0,
            },
        );
        self.note_high_water();
        Ok(id)
    }

    /// Asks for `bytes` more on a live lease. A lease that is gone gets nothing
    /// and holds nothing.
    pub fn grow(&mut self, id: LeaseId, bytes: u64, free: u64) -> Result<(), Shortage> {
        let Some(entry) = self.leases.get(&id).copied() else {
            return Err(self.shortage(bytes, bytes, ShortageCause::Budget));
        };
        let grown = LeaseEntry {
            granted: entry.granted.saturating_add(bytes),
            ..entry
        };
        self.check(
            bytes,
            grown.held() - entry.held(),
            grown.unwritten() - entry.unwritten(),
            free,
        )?;
        self.leases.insert(id, grown);
        self.note_high_water();
        Ok(())
    }

    /// Notes how many bytes a lease's owner uses now (a total, not a step).
    pub fn record_written(&mut self, id: LeaseId, total: u64) {
        if let Some(entry) = self.leases.get_mut(&id) {
            entry.written = total;
        }
        self.note_high_water();
    }

    /// Ends a lease; its bytes are gone or were retained before.
    pub fn release(&mut self, id: LeaseId) {
        self.leases.remove(&id);
    }

    /// Moves granted bytes that are on disk now from a lease to what is
    /// retained. Returns how many were moved: never more than was granted.
    pub fn retain(&mut self, id: LeaseId, bytes: u64) -> u64 {
        let Some(entry) = self.leases.get_mut(&id) else {
            return 0;
        };
        let moved = bytes.min(entry.granted);
        entry.granted -= moved;
        self.retained = self.retained.saturating_add(moved);
        self.note_high_water();
        moved
    }

    /// Counts bytes that were found on disk, or no longer: retained went from
    /// `before` to `after`.
    pub fn recount_retained(&mut self, before: u64, after: u64) {
        self.retained = self.retained.saturating_sub(before).saturating_add(after);
        self.note_high_water();
    }

    /// A shortage with the present holders.
    pub fn shortage(&self, wanted: u64, missing: u64, cause: ShortageCause) -> Shortage {
        Shortage {
            wanted,
            missing,
            cause,
            holders: self.holders(),
        }
    }

    fn check(
        &self,
        wanted: u64,
        more_held: u64,
        more_unwritten: u64,
        free: u64,
    ) -> Result<(), Shortage> {
        // What adds nothing cannot break a rule, even where it is broken already.
        let over_budget = match more_held {
            0 => 0,
            more => self.held().saturating_add(more).saturating_sub(self.budget),
        };
        let under_floor = match more_unwritten {
            0 => 0,
            more => self
                .floor
                .saturating_add(self.unwritten())
                .saturating_add(more)
                .saturating_sub(free),
        };
        if over_budget == 0 && under_floor == 0 {
            return Ok(());
        }
        let cause = if more_held > self.budget {
            ShortageCause::TooLarge
        } else if over_budget >= under_floor {
            ShortageCause::Budget
        } else {
            ShortageCause::Floor
        };
        Err(self.shortage(wanted, over_budget.max(under_floor), cause))
    }

    fn holders(&self) -> Vec<Holder> {
        let mut holders: Vec<Holder> = self
            .leases
            .values()
            .filter(|lease| lease.owner != Owner::Thumbnails)
            .map(|lease| Holder {
                who: lease.owner.to_string(),
                bytes: lease.held(),
            })
            .collect();
        let thumbnails = self
            .leases
            .values()
            .filter(|lease| lease.owner == Owner::Thumbnails)
            .fold(self.retained, |sum, lease| sum.saturating_add(lease.held()));
        holders.push(Holder {
            who: Owner::Thumbnails.to_string(),
            bytes: thumbnails,
        });
        holders.push(Holder {
            who: "other copies and residue".to_owned(),
            bytes: self.others,
        });
        holders.retain(|holder| holder.bytes > 0);
        holders.sort_by_key(|holder| std::cmp::Reverse(holder.bytes));
        holders.truncate(Self::HOLDERS_NAMED);
        holders
    }

    fn note_high_water(&mut self) {
        self.high_water = self.high_water.max(self.own());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OWNER: Owner = Owner::Worker(1);

    #[test]
    fn more_than_the_whole_budget_is_said_to_be_too_large() {
        let mut ledger = Ledger::new(100, 0);
        let ask = |ledger: &mut Ledger, bytes| {
            ledger.request(Owner::Worker(1), Purpose::WorkerSlot, bytes, u64::MAX)
        };
        let shortage = ask(&mut ledger, 101).unwrap_err();
        assert_eq!(shortage.cause, ShortageCause::TooLarge);
        assert!(shortage.to_string().contains("whole scratch budget"));
        ask(&mut ledger, 60).unwrap();
        let shortage = ask(&mut ledger, 60).unwrap_err();
        assert_eq!(shortage.cause, ShortageCause::Budget);
    }

    #[test]
    fn a_shortage_says_what_is_missing_and_who_holds_it() {
        let mut ledger = Ledger::new(10_000_000, 0);
        let first = ledger.request(
            Owner::Batch(BatchId(3)),
            Purpose::PageFile,
            8_000_000,
            u64::MAX,
        );
        assert!(first.is_ok());
        let shortage = ledger
            .request(OWNER, Purpose::WorkerSlot, 3_000_000, u64::MAX)
            .unwrap_err();
        assert_eq!(shortage.missing, 1_000_000);
        assert_eq!(shortage.cause, ShortageCause::Budget);
        assert_eq!(
            shortage.to_string(),
            "the scratch budget is used up: 3.0 MB wanted, 1.0 MB missing; held by batch 3 (8.0 MB)"
        );
    }

    #[test]
    fn the_floor_counts_what_was_promised_and_not_yet_written() {
        let mut ledger = Ledger::new(u64::MAX, 100);
        let first = ledger.request(OWNER, Purpose::WorkerSlot, 50, 200).unwrap();
        let shortage = ledger
            .request(OWNER, Purpose::WorkerSlot, 60, 200)
            .unwrap_err();
        assert_eq!(
            (shortage.missing, shortage.cause),
            (10, ShortageCause::Floor)
        );
        // Once written, the bytes show in the free space instead.
        ledger.record_written(first, 50);
        assert!(ledger.request(OWNER, Purpose::WorkerSlot, 50, 150).is_ok());
    }

    #[test]
    fn an_overrun_counts_as_it_is_and_ends_with_its_lease() {
        let mut ledger = Ledger::new(100, 0);
        let id = ledger
            .request(OWNER, Purpose::WorkerSlot, 10, u64::MAX)
            .unwrap();
        ledger.record_written(id, 95);
        assert!(
            ledger
                .request(OWNER, Purpose::WorkerSlot, 10, u64::MAX)
                .is_err()
        );
        // Growth up to what is already there adds nothing to the sum.
        assert!(ledger.grow(id, 85, u64::MAX).is_ok());
        ledger.release(id);
        assert_eq!((ledger.held(), ledger.high_water()), (0, 95));
    }

    #[derive(Clone, Debug)]
    enum Step {
        Request(u64),
        Grow(usize, u64),
        Written(usize, u64),
        Release(usize),
        Retain(usize, u64),
        Evict(u64),
        Budget(u64),
        Others(u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        let bytes = 0..400_u64;
        let which = 0..8_usize;
        prop_oneof![
            4 => bytes.clone().prop_map(Step::Request),
            4 => (which.clone(), bytes.clone()).prop_map(|(i, n)| Step::Grow(i, n)),
            3 => (which.clone(), bytes.clone()).prop_map(|(i, n)| Step::Written(i, n)),
            2 => which.clone().prop_map(Step::Release),
            3 => (which, bytes.clone()).prop_map(|(i, n)| Step::Retain(i, n)),
            2 => bytes.clone().prop_map(Step::Evict),
            1 => (0..2000_u64).prop_map(Step::Budget),
            1 => bytes.prop_map(Step::Others),
        ]
    }

    /// The same rules written down a second time, plainly.
    #[derive(Default)]
    struct Naive {
        budget: i128,
        floor: i128,
        leases: Vec<(LeaseId, i128, i128)>,
        retained: i128,
        others: i128,
        high: i128,
    }

    impl Naive {
        fn own(&self) -> i128 {
            self.retained + self.leases.iter().map(|(_, g, w)| *g.max(w)).sum::<i128>()
        }
        fn unwritten(&self) -> i128 {
            self.leases.iter().map(|(_, g, w)| (g - w).max(0)).sum()
        }
        fn fits(&self, free: i128) -> bool {
            self.own() + self.others <= self.budget && free - self.unwritten() >= self.floor
        }
    }

    proptest! {
        #[test]
        fn agrees_with_a_naive_model_and_keeps_the_invariants(
            budget in 0..2000_u64,
            floor in 0..300_u64,
            steps in prop::collection::vec((step(), 0..3000_u64), 1..120),
        ) {
            let mut ledger = Ledger::new(budget, floor);
            let mut naive = Naive { budget: budget.into(), floor: floor.into(), ..Naive::default() };
            for (step, free) in steps {
                let count = naive.leases.len();
                let free_signed = i128::from(free);
                let before = ledger.clone();
                match step {
                    Step::Request(bytes) => {
                        let answer = ledger.request(OWNER, Purpose::WorkerSlot, bytes, free);
                        // The naive model just tries it and looks.
                        naive.leases.push((LeaseId(u64::MAX), bytes.into(), 0));
                        let expected = bytes == 0 || naive.fits(free_signed);
                        prop_assert_eq!(answer.is_ok(), expected);
                        match answer {
                            Ok(id) => {
                                naive.leases[count].0 = id;
                                if bytes > 0 {
                                    prop_assert!(ledger.held() <= ledger.budget());
                                    prop_assert!(free >= ledger.floor() + ledger.unwritten());
                                }
                            }
                            Err(shortage) => {
                                naive.leases.pop();
                                prop_assert_eq!(&ledger, &before);
                                prop_assert!(shortage.missing > 0);
                                // Exactly the missing bytes make the difference.
                                let mut richer = before.clone();
                                richer.set_budget(before.budget() + shortage.missing);
                                let again = |ledger: &mut Ledger, more| ledger
                                    .request(OWNER, Purpose::WorkerSlot, bytes, free + more).is_ok();
                                prop_assert!(again(&mut richer.clone(), shortage.missing));
                                richer.set_budget(before.budget() + shortage.missing - 1);
                                prop_assert!(!again(&mut richer, shortage.missing - 1));
                            }
                        }
                    }
                    Step::Grow(which, bytes) if count > 0 => {
                        let slot = which % count;
                        let (id, granted, written) = naive.leases[slot];
                        let answer = ledger.grow(id, bytes, free);
                        naive.leases[slot].1 += i128::from(bytes);
                        let more_held = granted.max(written) != naive.leases[slot].1.max(written);
                        let more_unwritten = naive.leases[slot].1 > written && bytes > 0;
                        let expected = (!more_held || naive.own() + naive.others <= naive.budget)
                            && (!more_unwritten
                                || free_signed - naive.unwritten() >= naive.floor);
                        prop_assert_eq!(answer.is_ok(), expected);
                        if answer.is_err() {
                            naive.leases[slot].1 -= i128::from(bytes);
                            prop_assert_eq!(&ledger, &before);
                        }
                    }
                    Step::Written(which, bytes) if count > 0 => {
                        let slot = which % count;
                        ledger.record_written(naive.leases[slot].0, bytes);
                        naive.leases[slot].2 = bytes.into();
                    }
                    Step::Release(which) if count > 0 => {
                        let (id, ..) = naive.leases.remove(which % count);
                        ledger.release(id);
                    }
                    Step::Retain(which, bytes) if count > 0 => {
                        let slot = which % count;
                        let moved = ledger.retain(naive.leases[slot].0, bytes);
                        prop_assert!(moved <= bytes);
                        prop_assert_eq!(i128::from(moved), naive.leases[slot].1.min(bytes.into()));
                        naive.leases[slot].1 -= i128::from(moved);
                        naive.retained += i128::from(moved);
                    }
                    Step::Evict(bytes) => {
                        let evicted = bytes.min(ledger.retained());
                        ledger.recount_retained(evicted, 0);
                        naive.retained -= i128::from(evicted);
                    }
                    Step::Budget(bytes) => {
                        ledger.set_budget(bytes);
                        naive.budget = bytes.into();
                    }
                    Step::Others(bytes) => {
                        ledger.set_others(bytes);
                        naive.others = bytes.into();
                    }
                    _ => {}
                }
                naive.high = naive.high.max(naive.own());
                prop_assert_eq!(i128::from(ledger.own()), naive.own());
                prop_assert_eq!(i128::from(ledger.held()), naive.own() + naive.others);
                prop_assert_eq!(i128::from(ledger.unwritten()), naive.unwritten());
                prop_assert_eq!(i128::from(ledger.high_water()), naive.high);
            }
        }
    }
}
