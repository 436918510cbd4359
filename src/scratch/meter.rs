//! The meter: who holds how much of scratch, and how the disk is doing. Reads
//! only. What this copy writes is known from running totals; what others hold is
//! surveyed now and then.

use std::time::{Duration, Instant};

use serde::Serialize;

use super::copies::{self, Life, SweepLock};
use super::policy::Policy;
use super::space::Files;
use super::{Shared, lock, shelf, tree, unattributed};
use crate::model::BatchId;

/// What others hold is looked at again after this time …
const SURVEY_EVERY: Duration = Duration::from_secs(3);
/// … or after so many times what the last look took: at most 5 % of the time
/// goes into looking, however much there is.
const SURVEY_SHARE: u32 = 20;
/// Above this many percent of the budget the meter turns amber: eviction begins.
const AMBER_ABOVE: u64 = 85;

/// How the disk under scratch is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VolumeState {
    /// There is room.
    Green,
    /// Free space is below twice the floor, or the budget is nearly used up.
    Amber,
    /// Free space is below the floor, or the budget is used up: work waits.
    Red,
    /// Free space cannot be read.
    #[default]
    Unknown,
}

/// Who holds what. All amounts are bytes on disk; directories are not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Meter {
    /// The most that scratch may hold.
    pub budget: u64,
    /// Free space that is never used.
    pub floor: u64,
    /// Free space on the disk, for this user; 0 where it cannot be read.
    pub free: u64,
    /// Size of the disk; 0 where it cannot be read.
    pub total: u64,
    /// Scratch lives in memory.
    pub ram_backed: bool,
    /// Thumbnails of the batch that was asked about.
    pub this_batch: u64,
    /// Thumbnails of other batches, and of libraries that no copy has open.
    pub other_batches: u64,
    /// What workers of this copy have in their slots, and what was fetched for them.
    pub working: u64,
    /// What other running copies hold.
    pub other_copies: u64,
    /// What dead copies left and is still there.
    pub residue: u64,
    /// Files that were deleted here while a program has them open: in no directory,
    /// and on the disk all the same.
    pub unattributed: u64,
    /// Files that the disk still has room for; none where there is no such limit.
    pub files_free: Option<u64>,
    /// Room for files that is never used.
    pub files_floor: u64,
    /// What the library holds beside its database so that it works on a full disk;
    /// not part of scratch.
    pub ballast: u64,
    /// What the library's database holds; not part of scratch.
    pub library: u64,
    /// Free space on the library's disk, for this user; none where it cannot be told.
    pub library_free: Option<u64>,
    /// What must stay free there for results to be stored.
    pub library_floor: u64,
    /// The journal of deletions.
    pub journal: u64,
    /// Granted to leases of this copy and not yet written.
    pub reserved: u64,
    /// The most that this copy held at one time since it started.
    pub high_water: u64,
    /// How the disk is doing.
    pub volume_state: VolumeState,
}

impl Meter {
    /// Bytes on disk of everybody in scratch.
    pub fn used(&self) -> u64 {
        [
            self.this_batch,
            self.other_batches,
            self.working,
            self.other_copies,
            self.residue,
            self.unattributed,
            self.journal,
        ]
        .into_iter()
        .fold(0, u64::saturating_add)
    }
}

/// What the last look at others found.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Survey {
    taken: Option<Instant>,
    cost: Duration,
    pub other_copies: u64,
    pub residue: u64,
    pub working: u64,
    pub unattributed: u64,
    /// Some of the residue can be removed now.
    pub reclaimable: bool,
}

impl Survey {
    fn is_fresh(&self) -> bool {
        let keep = SURVEY_EVERY.max(self.cost * SURVEY_SHARE);
        self.taken.is_some_and(|taken| taken.elapsed() < keep)
    }
}

impl Shared {
    /// What others hold, looked at a moment ago.
    pub(super) fn survey(&self) -> Survey {
        let survey = *lock(&self.survey);
        if survey.is_fresh() {
            return survey;
        }
        // While another copy sweeps, the old numbers have to do.
        match SweepLock::try_take(&self.place.base) {
            Some(sweep_lock) => self.survey_now(&sweep_lock),
            None => survey,
        }
    }

    /// Looks at what others hold.
    pub(super) fn survey_now(&self, _: &SweepLock) -> Survey {
        // Another copy may have changed it.
        self.follow_policy(Policy::read(&self.place.base));
        let mut survey = lock(&self.survey);
        let begin = Instant::now();
        let mut found = Survey::default();
        let mut promised: u64 = 0;
        for (id, dir) in copies::list(&self.place).0 {
            if id == self.own.id {
                continue;
            }
            let bytes = tree::measure(&dir, self.place.device).bytes;
            match copies::probe(&dir) {
                Life::Running | Life::Unclear(_) => {
                    found.other_copies += bytes;
                    promised = promised.saturating_add(copies::promised(&dir));
                }
                Life::OrphanedWorkers(_) => found.residue += bytes,
                Life::Dead { .. } => {
                    found.residue += bytes;
                    found.reclaimable = true;
                }
            }
        }
        found.other_copies += self.shelf.survey(&self.place, &self.ledger);
        found.working = [self.own.slots_dir(), self.fetched_dir()]
            .iter()
            .map(|dir| tree::measure(dir, self.place.device).bytes)
            .sum();
        // Looking through all open files takes longer than the rest.
        found.unattributed = if survey.is_fresh() {
            survey.unattributed
        } else {
            unattributed::bytes(&self.place.base)
        };
        found.taken = Some(begin);
        found.cost = begin.elapsed();
        *survey = found;
        let others = found.other_copies.saturating_add(found.residue);
        self.ledger
            .lock()
            .set_others(others.saturating_add(promised));
        found
    }

    pub(super) fn meter(&self, this_batch: Option<BatchId>, library_id: &str) -> Meter {
        let survey = self.survey();
        let library = shelf::directory_name(library_id);
        let (this_batch, other_batches) = self.shelf.bytes(&library, this_batch);
        let space = self.place.space();
        let ledger = self.ledger.lock();
        let (budget, floor) = (ledger.budget(), ledger.floor());
        let volume_state = match &space {
            Err(_) => VolumeState::Unknown,
            Ok(space) if space.files.is_some_and(Files::are_scarce) => VolumeState::Red,
            Ok(space) => judge(space.free, floor, ledger.held(), budget),
        };
        let files = space.as_ref().ok().and_then(|space| space.files);
        let (free, total) = space.map_or((0, 0), |space| (space.free, space.total));
        Meter {
            budget,
            floor,
            free,
            total,
            ram_backed: self.ram_backed,
            this_batch,
            other_batches,
            working: survey.working,
            other_copies: survey.other_copies,
            residue: survey.residue,
            unattributed: survey.unattributed,
            files_free: files.map(|files| files.free),
            files_floor: files.map_or(0, Files::floor),
            ballast: 0,
            library: 0,
            library_free: None,
            library_floor: 0,
            journal: self.place.journal.bytes(),
            reserved: ledger.unwritten(),
            high_water: ledger.high_water(),
            volume_state,
        }
    }
}

fn judge(free: u64, floor: u64, held: u64, budget: u64) -> VolumeState {
    let nearly = u128::from(held) * 100 > u128::from(budget) * u128::from(AMBER_ABOVE);
    if free < floor || held >= budget {
        VolumeState::Red
    } else if free < floor.saturating_mul(2) || nearly {
        VolumeState::Amber
    } else {
        VolumeState::Green
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_colour_follows_floor_and_budget() {
        assert_eq!(judge(200, 50, 10, 100), VolumeState::Green);
        assert_eq!(judge(99, 50, 10, 100), VolumeState::Amber);
        assert_eq!(judge(49, 50, 10, 100), VolumeState::Red);
        assert_eq!(judge(200, 50, 85, 100), VolumeState::Green);
        assert_eq!(judge(200, 50, 86, 100), VolumeState::Amber);
        assert_eq!(judge(200, 50, 100, 100), VolumeState::Red);
    }
}
