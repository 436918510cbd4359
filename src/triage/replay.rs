//! Bringing about a failure again: what dead runs had left, the free space, the
//! limits and what the worker had done before are made as the record has them, and
//! the same page or document is tried again. All of it in a scratch directory
//! inside a slot of the real one, so that it is leased, fenced and gone afterwards.

use std::time::Duration;

use thiserror::Error;

use super::options::Options;
use super::record::Record;
use crate::model::{
    BatchId, Circumstances, DocumentId, FailureKind, LimitsThen, PageId, ScratchThen, Secret,
    Source, Stage, WorkerThen,
};
use crate::scratch::{
    self, Lease, Owner, PackError, Purpose, Scratch, ScratchError, ScratchSettings, Shortage,
    SweepReport, WorkerSlot,
};
use crate::worker::{
    Analysed, LeasedWorker, Opening, Pool, Refusal, WorkerError, WorkerLimits, WorkerProgram,
};

/// What the replay itself writes besides what was left behind then: one thumbnail
/// and some locks.
const OWN_BYTES: u64 = 1 << 20;

/// The library's name for the thumbnails of replays.
const LIBRARY: &str = "replay";

/// Why a failure cannot be brought about again.
#[derive(Debug, Error)]
pub enum ReplayError {
    /// Scratch cannot be used.
    #[error("scratch cannot be used: {0}")]
    Scratch(#[from] ScratchError),
    /// There is no room for what dead runs had left then.
    #[error("there is no room for what was left behind then: {0}")]
    NoRoom(#[from] Shortage),
    /// No worker can be started.
    #[error(transparent)]
    Worker(#[from] WorkerError),
}

/// What came of a replay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// What was swept before the page was tried, in bytes.
    pub swept: u64,
    /// Pages that were analysed before, as the worker had done then.
    pub earlier: usize,
    /// What is not as it was then, in sentences.
    pub differences: Vec<String>,
    /// How it ended.
    pub ending: ReplayEnding,
}

/// How a replay ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplayEnding {
    /// In the same failure.
    Same(Refusal),
    /// In another one.
    Other(Refusal),
    /// There was no room; the page itself went through.
    Shortage(Shortage),
    /// It went through.
    Done,
}

/// Tries again what failed, as it was then.
pub fn replay(
    record: &Record,
    passwords: &[Secret],
    options: &Options,
) -> Result<Replayed, ReplayError> {
    let then = record.failure.circumstances.clone().unwrap_or_default();
    let (outer, _) = Scratch::open(options.scratch.clone())?;
    let place = Place::make(&outer, &then.scratch)?;
    let mut differences = differences(record, &then, &outer, options);

    let program = WorkerProgram {
        output: None,
        ..options.program.clone()
    };
    let pool = Pool::new(program, place.scratch.clone(), limits(&then.limits));
    let opening = |document, source: &Source, hash| Opening {
        document,
        source: source.clone(),
        engines: match then.engines.is_empty() {
            true => options.engines(),
            false => then.engines.clone(),
        },
        passwords: passwords.to_vec(),
        expected: hash,
        largest: pool.limits().largest_document,
    };
    let mut worker = pool.lease_fresh()?;
    let mut earlier = 0;
    for (document, pages) in groups(&then.worker) {
        let known = record.earlier.iter().find(|known| known.id == document);
        let opened = known.is_some_and(|known| {
            let opening = opening(document, &known.source, known.hash);
            matches!(worker.open(&opening), Ok(Ok(_)))
                && worker.analyse(&pages, |_, _| earlier += 1).is_ok()
        });
        if !opened {
            differences.push(format!(
                "Pages of document {} that the worker had analysed before cannot be analysed now.",
                document.0
            ));
            if worker.open_document().is_none() {
                worker = pool.lease_fresh()?;
            }
        }
    }
    let expected = record.failure.hash;
    let opening = opening(record.failure.document, &record.source, expected);
    let ending = try_again(&mut worker, &place.scratch, record, &opening);
    let ending = match ending {
        ReplayEnding::Same(refusal) if refusal.kind != record.failure.kind => {
            ReplayEnding::Other(refusal)
        }
        ending => ending,
    };
    Ok(Replayed {
        swept: place.swept.bytes(),
        earlier,
        differences,
        ending,
    })
}

/// Tries the page or document; each failure counts as the same for now.
fn try_again(
    worker: &mut LeasedWorker<'_>,
    scratch: &Scratch,
    record: &Record,
    opening: &Opening,
) -> ReplayEnding {
    match worker.open(opening) {
        Err(error) => return ReplayEnding::Same(Refusal::from(&error)),
        Ok(Err(refusal)) => return ReplayEnding::Same(refusal),
        Ok(Ok(_)) => {}
    }
    let (Stage::Analyse, Some(page)) = (record.failure.stage, record.failure.page) else {
        return ReplayEnding::Done;
    };
    let mut answer: Option<Result<Analysed, Refusal>> = None;
    match worker.analyse(&[page], |_, analysed| answer = Some(analysed)) {
        Err(error) => ReplayEnding::Same(Refusal::from(&error)),
        Ok(()) => match answer {
            Some(Ok(analysed)) => {
                let id = PageId {
                    document: record.failure.document,
                    number: page,
                };
                let packs = scratch.packs(LIBRARY);
                match packs.append(BatchId(0), id, &analysed.thumbnail) {
                    Err(PackError::Shortage(shortage)) => ReplayEnding::Shortage(shortage),
                    _ => ReplayEnding::Done,
                }
            }
            Some(Err(refusal)) => ReplayEnding::Same(refusal),
            None => ReplayEnding::Same(Refusal::new(FailureKind::WorkerDied, "")),
        },
    }
}

/// A scratch directory as it was then, inside a slot of the real one.
struct Place {
    // Dropped from the top: what is inside goes first.
    scratch: Scratch,
    swept: SweepReport,
    _slot: WorkerSlot,
    _lease: Lease,
}

impl Place {
    fn make(outer: &Scratch, then: &ScratchThen) -> Result<Self, ReplayError> {
        let bytes = then.residue.saturating_add(OWN_BYTES);
        let lease = outer.lease(Owner::Replay, Purpose::Replay, bytes)?;
        let slot = outer.slot(0)?;
        let dir = slot.work_dir().join("scratch");
        scratch::make_residue(&dir, then.residue)?;
        if !then.residue_is_cleaned {
            scratch::keep_residue(&dir)?;
        }
        // What thumbnails, workers and other copies held then is as good as gone
        // from the budget; what was free then is free now.
        let held = [
            then.thumbnails,
            then.working,
            then.other_copies,
            then.reserved,
        ];
        let held = held.into_iter().fold(0, u64::saturating_add);
        let is_known = then.budget > 0;
        let (scratch, swept) = Scratch::open(ScratchSettings {
            dir,
            budget: is_known.then(|| then.budget.saturating_sub(held)),
            floor: is_known.then_some(then.floor),
            offered: then.free.map(|free| free.saturating_add(then.residue)),
        })?;
        Ok(Self {
            scratch,
            swept,
            _slot: slot,
            _lease: lease,
        })
    }
}

fn limits(then: &LimitsThen) -> WorkerLimits {
    let usual = WorkerLimits::default();
    if then.memory == 0 {
        return usual;
    }
    WorkerLimits {
        open_deadline: Duration::from_millis(then.open_deadline_ms),
        page_deadline: Duration::from_millis(then.page_deadline_ms),
        memory: then.memory,
        largest_document: then.largest_document,
        ..usual
    }
}

/// The pages that a worker had analysed, in order, neighbours of one document
/// together.
fn groups(then: &WorkerThen) -> Vec<(DocumentId, Vec<u32>)> {
    let pages = &then.earlier;
    pages
        .chunk_by(|a, b| a.document == b.document)
        .filter_map(|group| {
            let numbers = group.iter().map(|page| page.number).collect();
            Some((group.first()?.document, numbers))
        })
        .collect()
}

/// What cannot be made as it was then.
fn differences(
    record: &Record,
    then: &Circumstances,
    outer: &Scratch,
    options: &Options,
) -> Vec<String> {
    let mut differences = Vec::new();
    let failure = &record.failure;
    if failure.circumstances.is_none() {
        differences.push("The record does not say what surrounded the failure.".to_owned());
    }
    let version = env!("CARGO_PKG_VERSION");
    if failure.version != version {
        differences.push(format!(
            "It failed in version {}, this is {version}.",
            failure.version
        ));
    }
    let platform = Circumstances::platform_now();
    if !then.platform.is_empty() && then.platform != platform {
        differences.push(format!(
            "It failed on {}, this is {platform}.",
            then.platform
        ));
    }
    let pdfium = options
        .program
        .pdfium
        .as_ref()
        .map(|path| path.display().to_string());
    if failure.circumstances.is_some() && then.pdfium != pdfium {
        let name = |library: &Option<String>| library.clone().unwrap_or_else(|| "none".to_owned());
        differences.push(format!(
            "PDFium was {}, now it is {}.",
            name(&then.pdfium),
            name(&pdfium)
        ));
    }
    let enough = then.scratch.budget.saturating_add(then.scratch.floor);
    if let (Some(free), Some(now)) = (then.scratch.free, outer.free())
        && is_much_less(now, free.min(enough))
    {
        differences.push(format!(
            "{free} bytes were free on the disk, now only {now} are."
        ));
    }
    differences
}

/// Whether the free space is a tenth below what it takes to go on as then. Other
/// programs move the free space of a disk all the time: a few megabytes of many
/// gigabytes are no difference.
fn is_much_less(now: u64, then: u64) -> bool {
    now < then - then / 10
}

impl Replayed {
    /// What came of it, for people.
    pub fn in_words(&self) -> String {
        let mut words = match &self.ending {
            ReplayEnding::Same(refusal) => format!("It failed in the same way: {refusal}"),
            ReplayEnding::Other(refusal) => format!("It failed in another way: {refusal}"),
            ReplayEnding::Shortage(shortage) => {
                format!("It went through, but there was no room for its thumbnail: {shortage}")
            }
            ReplayEnding::Done => "It went through this time.".to_owned(),
        };
        if self.earlier > 0 {
            let pages = if self.earlier == 1 { "page" } else { "pages" };
            words += &format!(
                " {} {pages} were analysed before it, as the first time.",
                self.earlier
            );
        }
        for difference in &self.differences {
            words += &format!(" {difference}");
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_space_differs_where_it_can_stand_in_the_way() {
        // What another program wrote in the meantime.
        assert!(!is_much_less(18_297_462_784, 18_300_313_600));
        assert!(!is_much_less(20_000_000_000, 18_300_313_600));
        assert!(is_much_less(1_000_000_000, 18_300_313_600));
        assert!(is_much_less(9_000_000, 20_000_000));
        assert!(!is_much_less(0, 0));
    }
}
