//! Pagesieve: triage of client PDF batches on the analyst's own machine.
//!
//! # The rooms
//!
//! Arrows point down only; a room never imports one above it. `model` is plain
//! data and may be used by all, as may `format`, `file_lock`, `number_file`, `regular_file`,
//! `private` (files that only this user may read), `system` (what it is called) and `crash`
//! (reports of panics).
//!
//! ```text
//! main.rs            which face to show: window, command line or worker
//!   desk             the window (egui)
//!   cli              the same work without a window
//!     triage         the session that both faces drive: commands in, events out;
//!                    splitting: rules, plans, exports; shards: plans, results, merging
//!       worker       pool of child processes, and the child's own loop; users' own
//!                    analysers
//!       objects      object storage, for what is named by an address; the only code that
//!                    opens connections
//!       library      SQLite: batches, documents, pages, measurements, failures,
//!                    findings of analysers, text search
//!       scratch      the only code that makes temporary bytes
//!         analysis   pixels and text in, measurements out; pure, no I/O
//!         pdf        everything that knows PDF: engines behind one trait,
//!                    inspection, extraction
//!           model    plain data shared by all
//! ```
//!
//! # Processes and threads
//!
//! The host is one process: a face (the window's thread or the command line),
//! one session thread that owns the library's only writing connection, and one
//! rayon pool. A rayon task leases a worker, a child process of the same
//! executable, sends it work, waits under a deadline and hands the answer to
//! the session thread. A PDF that crashes, hangs or eats memory takes down one
//! child and not the batch.
//!
//! # Data at rest
//!
//! The library is one SQLite file, with a folder's lock beside it. A `batch` is a list of
//! `document`s, the places where content was found; a `page` is a document and a number. A
//! `run` is one pass of analysis with its settings. Of each page the `measurement` and text
//! that count are kept with their run, and in `earlier_measurement` those of the run before;
//! nothing is deleted to make room for something that may not come. Verdicts are not kept:
//! they follow from measurements and the `thresholds` of the batch. What people say of pages
//! are `act`s, appended and never changed, under the hash of the document's content and the
//! page's number, so that it outlives renamed files and other batches. Thumbnails lie in
//! scratch and can be made again. Running numbers that were printed on pages stand in
//! `numbers.json` beside the library, for the window and the command line give them. Each change of the schema is a migration that opens what
//! every earlier version has left.
//!
//! # In memory
//!
//! The pages of an open batch are held once, as shared references; the session changes a
//! page by making it anew, and the face keeps what it has until it is told. Events on their
//! way fold into each other, so that a face that does not look costs nothing.
//!
//! # What is never done
//!
//! Sources are opened for reading only; they get other names only where a person has files of
//! a watched folder moved. Parts are written by workers, into a
//! hidden folder of their destination, and get their names when complete. Nothing
//! is written to scratch without a lease. Nothing the program did not make is
//! deleted. No connection to any network is opened, unless somebody names an address in object
//! storage: then by the host alone, to that store.

#![forbid(unsafe_code)]

pub mod analysis;
pub mod bidi;
pub mod cli;
pub mod crash;
pub mod desk;
pub mod file_lock;
pub mod format;
mod lettering;
pub mod library;
pub mod model;
pub mod names;
pub mod number_file;
pub mod objects;
pub mod pdf;
mod private;
pub mod regular_file;
pub mod scratch;
mod system;
pub mod triage;
mod wide;
pub mod worker;
