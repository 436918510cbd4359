//! The meter: who holds what, now. Not for history and not for drawing.

use std::time::{Duration, Instant};

use serde::Serialize;

use super::packs::batch_dir;
use super::space::Space;
use super::{Shared, copies};
use crate::model::BatchId;

/// Other copies and residue are measured at most this often: it reads
/// directories.
const OTHERS_AFTER: Duration = Duration::from_secs(5);

/// With less room than this before a limit, work is about to be held.
const AMBER: u64 = 64 << 20;
/// With less room than this, it is.
const RED: u64 = 1 << 20;

/// How the volume under scratch is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VolumeState {
    /// There is room.
    Green,
    /// Little room is left on the disk.
    Amber,
    /// No room: work waits.
    Red,
    /// Free space cannot be read.
    Unknown,
}

/// Who holds what, in bytes on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Meter {
    /// The most that scratch may hold.
    pub budget: u64,
    /// Free space that is never used.
    pub floor: u64,
    /// What this user may still use of the disk; none where it cannot be read.
    pub free: Option<u64>,
    /// Size of the disk; none where it cannot be read.
    pub total: Option<u64>,
    /// The directory lives in memory.
    pub ram_backed: bool,
    /// Thumbnails of the shown batch.
    pub this_batch: u64,
    /// Thumbnails of other batches and libraries.
    pub other_batches: u64,
    /// What other running copies use.
    pub other_copies: u64,
    /// What dead copies left behind.
    pub residue: u64,
    /// Granted and not yet written.
    pub reserved: u64,
    /// The most that this copy held at any time.
    pub high_water: u64,
    /// How the disk is doing.
    pub volume_state: VolumeState,
}

impl Meter {
    /// All bytes in scratch.
    pub fn used(&self) -> u64 {
        self.this_batch + self.other_batches + self.other_copies + self.residue
    }
}

/// What was measured of others, and when.
#[derive(Default)]
pub(super) struct Others {
    measured: Option<Instant>,
    alive: u64,
    dead: u64,
}

impl Others {
    /// Measures anew at the next chance.
    pub fn forget(&mut self) {
        self.measured = None;
    }
}

pub(super) fn measure(shared: &Shared, this_batch: Option<BatchId>, library: &str) -> Meter {
    let (other_copies, residue) = {
        let mut others = shared.others();
        if others
            .measured
            .is_none_or(|measured| measured.elapsed() >= OTHERS_AFTER)
        {
            let (alive, dead) = copies::measure_others(&shared.dir, shared.device, &shared.copy.id);
            *others = Others {
                measured: Some(Instant::now()),
                alive,
                dead,
            };
            shared.ledger().set_others(alive + dead);
        }
        (others.alive, others.dead)
    };
    let (this, all) = {
        let shelf = shared.shelf();
        let this = this_batch.map_or(0, |batch| {
            shelf.bytes_below(&batch_dir(&shared.dir, library, batch))
        });
        (this, shelf.bytes())
    };
    let space = Space::of(&shared.dir).ok();
    let ledger = shared.ledger();
    let volume_state = match space {
        None => VolumeState::Unknown,
        Some(space) => {
            let left = space
                .free
                .saturating_sub(ledger.unwritten() + ledger.floor());
            match left {
                0..RED => VolumeState::Red,
                RED..AMBER => VolumeState::Amber,
                _ => VolumeState::Green,
            }
        }
    };
    Meter {
        budget: ledger.budget(),
        floor: ledger.floor(),
        free: space.map(|space| space.free),
        total: space.map(|space| space.total),
        ram_backed: shared.ram_backed,
        this_batch: this,
        other_batches: all.saturating_sub(this),
        other_copies,
        residue,
        reserved: ledger.unwritten(),
        high_water: ledger.high_water(),
        volume_state,
    }
}
