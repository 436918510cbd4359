//! The session that both faces drive: commands in, events out. It takes in
//! batches, runs the analysis, keeps the results, and tells what happens. The
//! only door to the rooms below for the window and the command line. Not for
//! words on screen or for printing.

mod analysers;
mod background;
mod best_copy;
pub mod changes;
mod closer;
mod command;
mod decisions;
mod duplicates;
pub mod engines;
mod event;
mod external;
mod families;
pub mod fields;
mod forecast;
mod intake;
mod joining;
mod leaving_out;
mod locating;
mod looking;
mod moving;
mod open_batch;
mod options;
mod outbox;
pub mod page_files;
mod pages;
mod places;
mod progress;
mod proposals;
pub mod query;
mod queue;
mod reconciling;
mod record;
mod replay;
mod run;
pub mod sample;
mod session;
pub mod shard;
mod sources;
pub mod split;
mod staging;
pub mod tables;
pub mod terms;
mod thread;

pub use analysers::{Analysers, program_of};
pub use best_copy::Merit;
pub use command::{Command, Destination, Scope};
pub use decisions::{Decided, Decisions, EarlierDecision, Steps, Tally, decide, step_back};
pub use duplicates::{
    DescribedGroup, DuplicateGroup, DuplicatePage, Duplicates, Sameness, compare_pages,
    describe as describe_duplicates, find as find_duplicates, keep as keep_comparisons,
};
pub use event::{
    DrawnPage, Event, ExportState, Inspection, Looks, NotDrawn, PdfiumState, Progress, RunState,
    ScratchContents, Thumbnail, ViewedPage,
};
pub use families::Families;
pub use forecast::{Forecast, Short};
pub use joining::{Conflict, Joined, Said, join_decisions};
pub use leaving_out::{cannot_replace, leave_out};
pub use locating::{Located, locate, relocate};
pub use moving::cannot_move;
pub use options::{Options, Wake};
pub use outbox::Events;
pub use places::{Places, sample_batch};
pub use proposals::{Proposal, Proposals};
pub use reconciling::{
    ListError, Listed as ListedDocument, OtherPages, Reconciled, read_list, reconcile,
};
pub use record::{Record, RecordName};
pub use replay::{ReplayEnding, ReplayError, Replayed, replay};
pub use session::{Session, StartError};

pub use crate::analysis::{
    Blank, DocumentVerdicts, Kind, NeedsOcr, SequenceNote, Sums, Thresholds, Verdicts, judge,
    judge_document, notes_of, sum_up,
};
pub use crate::library::{FailedId, LibraryError, Reader, Results, search_marks};
pub use crate::model::EngineChoice;
pub use crate::scratch::{
    CleanWhat, JournalEntry, LibraryBatch, Meter, Policy, Preset, Scratch, ScratchError,
    ScratchSettings, Shortage, SweepReport, VolumeState, Why, bring_thumbnails,
};
pub use intake::{KnownSources, NotTaken, batch_name, whole};
pub use split::thresholds_of;

pub use crate::worker::analyser::{
    CommandPlace, become_command as become_analyser_command, run_command as run_analyser_command,
};
pub use crate::worker::fence::close_memory;
pub use crate::worker::{
    Place as WorkerPlace, Pool, WorkerError, WorkerLimits, WorkerProgram, machine,
    run_child as run_worker,
};
