//! What surrounded a failure: with it `pagesieve replay` can bring about the same
//! again. A failure often depends on what happened before, not on its page alone.

use serde::{Deserialize, Serialize};

use super::{EngineKind, PageId};

/// What surrounded a failure. All amounts are bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Circumstances {
    /// The system's number for the error, where the system refused something.
    pub error_number: Option<i32>,
    /// Scratch before the job; none where it was not looked at.
    pub free_before: Option<u64>,
    /// Scratch after it.
    pub scratch: ScratchThen,
    /// What the worker might use.
    pub limits: LimitsThen,
    /// Engines that were to be tried, first to last.
    pub engines: Vec<EngineKind>,
    /// The file of PDFium's library, if there was one; its folder names the version.
    pub pdfium: Option<String>,
    /// Operating system and processor, as in `linux x86_64`.
    pub platform: String,
    /// The worker before it came to this.
    pub worker: WorkerThen,
}

/// Who held what of scratch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ScratchThen {
    /// Free space on the disk; none where it could not be read.
    pub free: Option<u64>,
    /// Size of the disk.
    pub total: u64,
    /// The most that scratch might hold.
    pub budget: u64,
    /// Free space that was never to be used.
    pub floor: u64,
    /// Thumbnails of all batches.
    pub thumbnails: u64,
    /// What workers and analysers had in their directories.
    pub working: u64,
    /// What other running copies held.
    pub other_copies: u64,
    /// What dead copies had left behind.
    pub residue: u64,
    /// Granted and not yet written.
    pub reserved: u64,
    /// What dead copies left was deleted where room was needed.
    pub residue_is_cleaned: bool,
}

/// What a worker might use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LimitsThen {
    /// Milliseconds for opening a document.
    pub open_deadline_ms: u64,
    /// Milliseconds for a page of ordinary size.
    pub page_deadline_ms: u64,
    /// Most address space.
    pub memory: u64,
    /// Largest document.
    pub largest_document: u64,
}

/// So many of its latest pages a worker is remembered for: enough to bring about
/// again what a few pages before have done to it.
const EARLIER_PAGES: usize = 32;

/// What a worker had done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WorkerThen {
    /// The latest pages that it had analysed, oldest first; none: it was fresh.
    pub earlier: Vec<PageId>,
    /// How many pages it had analysed.
    pub pages: u32,
    /// Memory that it held after its last job.
    pub memory: u64,
}

impl Circumstances {
    /// The system that this runs on, as in `linux x86_64`.
    pub fn platform_now() -> String {
        format!("{} {}", std::env::consts::OS, std::env::consts::ARCH)
    }
}

impl WorkerThen {
    /// Notes that it has analysed a page.
    pub fn note(&mut self, page: PageId) {
        self.pages += 1;
        if self.earlier.len() == EARLIER_PAGES {
            self.earlier.remove(0);
        }
        self.earlier.push(page);
    }
}
