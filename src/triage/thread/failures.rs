//! Records of failures: what failed, why, and what surrounded it. Not for deciding that
//! something failed (`scheduler`) or for storing it (`committer`).

use std::time::Duration;

use super::super::external::not_found;
use super::super::open_batch::OpenBatch;
use super::committer::Pending;
use super::now_seconds;
use super::scratch_keeper::ScratchKeeper;
use crate::model::{
    Circumstances, ContentHash, Document, DocumentId, DocumentStatus, EngineKind, Failure,
    FailureKind, LimitsThen, PageState, ScratchThen, Stage,
};
use crate::scratch::VolumeState;
use crate::worker::{Pool, Refusal, Scene};

/// A document, or a page of one, that failed.
#[derive(Clone, Copy, Debug)]
pub struct Failed {
    pub document: DocumentId,
    /// Its content, where that is known.
    pub hash: Option<ContentHash>,
    /// None: the document as a whole.
    pub page: Option<u32>,
    pub stage: Stage,
    pub attempts: u32,
}

impl Failed {
    /// Its record.
    pub fn record(self, refusal: &Refusal) -> Failure {
        Failure {
            document: self.document,
            page: self.page,
            stage: self.stage,
            kind: refusal.kind,
            detail: refusal.detail.clone(),
            attempts: self.attempts,
            at: now_seconds(),
            hash: self.hash,
            version: env!("CARGO_PKG_VERSION").into(),
            circumstances: None,
        }
    }

    /// Its record, with what surrounds it now.
    pub fn witnessed(self, refusal: &Refusal, circumstances: Circumstances) -> Failure {
        Failure {
            circumstances: Some(Box::new(circumstances)),
            ..self.record(refusal)
        }
    }
}

/// A document failed, and with it all that its batch waits for in it: pages without
/// results, and what analysers are to look at. This is the one place that gives a document
/// up, so that its batch ends.
pub fn given_up(
    open: &OpenBatch,
    document: &Document,
    (stage, attempts): (Stage, u32),
    refusal: &Refusal,
    circumstances: Circumstances,
) -> Vec<Pending> {
    let failed = |page| Failed {
        document: document.id,
        hash: document.hash,
        page,
        stage,
        attempts,
    };
    let unanalysed = open.unanalysed_in(document.id).into_iter();
    let findings = unanalysed.map(|id| Pending::found(not_found(id, refusal.to_string())));
    let pages = open.pages.of(document.id).iter();
    let waiting = pages.filter(|page| page.state == PageState::Waiting);
    let pages =
        waiting.map(|page| Pending::PageFailed(failed(Some(page.id.number)).record(refusal)));
    let mut given_up: Vec<Pending> = findings.chain(pages).collect();
    let failure = failed(None).witnessed(refusal, circumstances);
    given_up.push(Pending::DocumentFailed(status(refusal.kind), failure));
    given_up
}

fn status(kind: FailureKind) -> DocumentStatus {
    match kind {
        FailureKind::NeedsPassword => DocumentStatus::NeedsPassword,
        FailureKind::EmptyFile | FailureKind::NoPages => DocumentStatus::Empty,
        FailureKind::NotPdf => DocumentStatus::NotPdf,
        _ => DocumentStatus::Broken,
    }
}

/// What surrounds a failure now.
pub fn circumstances(
    scratch: &ScratchKeeper,
    pool: &Pool,
    engines: &[EngineKind],
    refusal: &Refusal,
    scene: &Scene,
) -> Circumstances {
    let meter = scratch.meter();
    let limits = pool.limits();
    let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    Circumstances {
        error_number: refusal.error_number,
        free_before: scene.free,
        scratch: ScratchThen {
            free: (meter.volume_state != VolumeState::Unknown).then_some(meter.free),
            total: meter.total,
            budget: meter.budget,
            floor: meter.floor,
            thumbnails: meter.this_batch + meter.other_batches,
            working: meter.working,
            other_copies: meter.other_copies,
            residue: meter.residue,
            reserved: meter.reserved,
            residue_is_cleaned: scratch.current().policy().residue,
        },
        limits: LimitsThen {
            open_deadline_ms: milliseconds(limits.open_deadline),
            page_deadline_ms: milliseconds(limits.page_deadline),
            memory: limits.memory,
            largest_document: limits.largest_document,
        },
        engines: engines.to_vec(),
        pdfium: pool.pdfium().map(|path| path.display().to_string()),
        platform: Circumstances::platform_now(),
        worker: scene.worker.clone(),
    }
}
