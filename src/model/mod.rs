//! Plain data shared by all rooms: ids, documents, pages, measurements and
//! failure records. Not for behaviour beyond small conversions, and not for I/O.

mod address;
mod analyser;
mod batch;
mod circumstances;
mod decision;
mod details;
mod document;
mod engine;
pub mod entry_path;
mod failure;
mod finite;
mod kept_words;
mod likeness;
mod numbering;
mod page;
mod proof;
pub mod remark;
mod sample;
mod secret;
mod signals;
mod split;
pub mod words;

pub use address::{Address, StoreKind};
pub use analyser::{
    Analyser, AnalyserInput, AnalyserOutput, AnalyserPages, FieldValue, Finding, FindingId, Found,
    Leftover,
};
pub use batch::{Batch, BatchId, BatchSummary, WatchedFolder};
pub use circumstances::{Circumstances, LimitsThen, ScratchThen, WorkerThen};
pub use decision::{Act, ActId, Change, Decision, Deed, PageKey, ProposalRule, Ruling};
pub use details::{
    Attachment, BoxKind, DocumentDetails, Encryption, Font, LeftOutWithin, NameCounts, PageBoxes,
    RawFindings, SecurityName, Structure,
};
pub(crate) use document::lossless_path;
pub use document::{ContentHash, Document, DocumentId, DocumentStatus, Source};
pub use engine::{Disagreement, EngineChoice, EngineKind};
pub use failure::{Failure, FailureKind, Stage};
pub use finite::{NotFinite, check_finite};
pub use likeness::{Likeness, PagePair};
pub use numbering::{Numbering, NumberingError};
pub use page::{Look, Measurements, Page, PageFingerprint, PageId, PageShape, PageState};
pub use proof::{Difference, PageProof, Proof};
pub use remark::Remark;
pub use sample::{Confidence, Sample, SampleId, SamplePage};
pub use secret::Secret;
pub use signals::{
    Area, Barcode, Concealment, Contents, HiddenText, Language, LetterUse, Marks, PlacedImage,
    PrintedNumber, Series, Signals, Skew, TextQuality, Tone, Tones, Undrawn, Word,
};
pub use split::{CutReason, ExcludedPage, ExclusionReason, PlannedPage, PlannedPart, SplitPlan};
