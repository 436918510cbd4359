//! One look of an external analyser at a page or a document: a lease, a directory,
//! its input, the command, and what it left behind. Not for choosing pages
//! (`thread::external`) or for running the command (`worker::analyser`).

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::queue::{Target, Task};
use super::run::{Crew, Outcome};
use crate::model::{
    Analyser, AnalyserInput, FailureKind, Finding, FindingId, Found, Leftover, Source,
};
use crate::scratch::{Lease, Owner, Purpose, Scratch, WorkerSlot};
use crate::worker::analyser::{AnalyserProblem, AnalyserRun};
use crate::worker::page_file::most_bytes;
use crate::worker::{FileForm, FileInto, FileOrder, LeasedWorker, Pool, WorkerError};

/// How soon an analyser that waits for another's room asks again.
const ASK_AGAIN_AFTER: Duration = Duration::from_millis(50);

/// Analysers that run now. While there are any, room will come back.
#[derive(Debug, Default)]
pub struct Running(AtomicUsize);

impl Running {
    fn one(&self) -> OneRunning<'_> {
        self.0.fetch_add(1, Ordering::Relaxed);
        OneRunning(self)
    }

    fn any(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }
}

struct OneRunning<'a>(&'a Running);

impl Drop for OneRunning<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What an analyser looks at: a page, or the document.
pub fn finding_id(target: &Target, analyser: &Analyser, page: Option<u32>) -> FindingId {
    FindingId {
        document: target.document(),
        page,
        analyser: analyser.name.clone(),
    }
}

/// The finding where an analyser could not even be run.
pub fn not_found(id: FindingId, reason: String) -> Finding {
    Finding {
        id,
        result: Err(reason),
        failed_again: None,
        left: None,
        ms: 0,
    }
}

/// Why nothing was found, and it is not the analyser's fault.
enum Later {
    /// There is no room; in words.
    NoRoom(String),
    /// The program ends, or no more work is handed out.
    Stopped,
    /// Making the input ended its worker.
    WorkerLost(WorkerError),
}

impl Crew {
    /// Has an analyser look at a page or a document, and reports what it found.
    pub(super) fn look(
        &self,
        pool: &Pool,
        worker: &mut LeasedWorker<'_>,
        target: &Arc<Target>,
        (analyser, page): (&Arc<Analyser>, Option<u32>),
        alone: bool,
    ) {
        let started = Instant::now();
        let task = Task::External(Arc::clone(analyser), page);
        let looked = self.try_to_look(pool, worker, target, analyser, page);
        let (result, left) = match looked {
            Ok(looked) => looked,
            Err(Later::Stopped) => return self.give_back(target, task, alone),
            Err(Later::NoRoom(reason)) => {
                self.give_back(target, task, alone);
                return self.hold(reason);
            }
            Err(Later::WorkerLost(error)) => {
                return self.report(Outcome::Ended {
                    target: Arc::clone(target),
                    task,
                    alone,
                    error,
                    scene: worker.scene(),
                });
            }
        };
        self.report(Outcome::Found {
            finding: Box::new(Finding {
                id: finding_id(target, analyser, page),
                result,
                failed_again: None,
                left,
                ms: u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX),
            }),
        });
    }

    fn try_to_look(
        &self,
        pool: &Pool,
        worker: &mut LeasedWorker<'_>,
        target: &Arc<Target>,
        analyser: &Analyser,
        page: Option<u32>,
    ) -> Result<(Result<Found, String>, Option<Leftover>), Later> {
        let form = form(analyser.input);
        let in_place = match (&target.opening.source, form) {
            (Source::File(path), FileForm::Document) => Some(path.clone()),
            _ => None,
        };
        let most = match in_place {
            Some(_) => 0,
            None => most_bytes(
                form,
                worker.shape(page.unwrap_or(1)),
                worker.document_bytes(),
            ),
        };
        let scratch = pool.scratch();
        let slot = pool.fresh_slot().map_err(Later::WorkerLost)?;
        let lease = self.wait_for_lease(
            scratch,
            slot.number(),
            analyser.scratch.saturating_add(most),
        )?;
        let _running = self.analysers.one();
        let input = match in_place {
            Some(path) => path,
            None => match make_input(worker, &slot, analyser.input, form, page, most)? {
                Ok(path) => path,
                Err(words) => return Ok((Err(words), None)),
            },
        };
        let found = AnalyserRun {
            executable: &pool.executable(),
            analyser,
            input: &input,
            page: page.unwrap_or(0),
            slot: &slot,
            lease: &lease,
            stopped: pool.stopped(),
            free: &|| scratch.free(),
            floor: scratch.floor(),
        }
        .run();
        if input.starts_with(slot.path()) {
            // What cannot be removed here goes with the directory.
            let _ = std::fs::remove_file(&input);
        }
        let left = slot.leftovers();
        let left = (!left.is_empty()).then_some(Leftover {
            bytes: left.bytes,
            files: left.files,
        });
        match found {
            Ok(found) => Ok((Ok(found), left)),
            Err(AnalyserProblem::Failed(words)) => Ok((Err(words), left)),
            Err(AnalyserProblem::Stopped) => Err(Later::Stopped),
            Err(error @ AnalyserProblem::NoRoom) => Err(Later::NoRoom(format!(
                "{}: {error} (no space left on device)",
                analyser.name
            ))),
        }
    }

    /// Asks for room, and waits for that of other analysers while any run.
    fn wait_for_lease(&self, scratch: &Scratch, slot: usize, bytes: u64) -> Result<Lease, Later> {
        loop {
            let lease = scratch.lease(Owner::Analyser(slot), Purpose::PageFile, bytes);
            match lease {
                Ok(lease) => return Ok(lease),
                Err(_) if self.is_halted() => return Err(Later::Stopped),
                Err(_) if self.analysers.any() => thread::sleep(ASK_AGAIN_AFTER),
                Err(shortage) => return Err(Later::NoRoom(shortage.to_string())),
            }
        }
    }
}

fn form(input: AnalyserInput) -> FileForm {
    match input {
        AnalyserInput::PagePdf => FileForm::Pdf,
        AnalyserInput::PagePng { dpi } => FileForm::Png { dpi },
        AnalyserInput::PageText => FileForm::Text,
        AnalyserInput::Document => FileForm::Document,
    }
}

/// Has the worker write the input, and moves it into the analyser's directory.
/// The inner error says why there is none.
fn make_input(
    worker: &mut LeasedWorker<'_>,
    slot: &WorkerSlot,
    input: AnalyserInput,
    form: FileForm,
    page: Option<u32>,
    most: u64,
) -> Result<Result<PathBuf, String>, Later> {
    let order = FileOrder {
        page: page.unwrap_or(1),
        form,
        into: FileInto::Own,
        name: input.file_name().to_owned(),
        most,
    };
    let written = worker.work_dir().join(input.file_name());
    match worker.file(order) {
        Ok(Ok(())) => {}
        Ok(Err(refusal)) if refusal.kind == FailureKind::DestinationFull => {
            return Err(Later::NoRoom(refusal.to_string()));
        }
        Ok(Err(refusal)) => return Ok(Err(refusal.to_string())),
        Err(WorkerError::Stopped) => return Err(Later::Stopped),
        Err(error) => return Err(Later::WorkerLost(error)),
    }
    let path = slot.work_dir().join(input.file_name());
    // Both places are in scratch, which is one file system.
    match std::fs::rename(&written, &path) {
        Ok(()) => Ok(Ok(path)),
        Err(error) => {
            let _ = std::fs::remove_file(&written);
            Ok(Err(format!("its input cannot be moved to it: {error}")))
        }
    }
}
