//! The arguments, and what the rest of the program is told by them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytesize::ByteSize;
use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};

use super::CommandError;
use super::library::LibraryVerb;
use super::output::complain;
use super::print::Wanted;
use super::shard::ShardVerb;
use crate::model::Secret;
use crate::regular_file;
use crate::triage::engines::{self, Found};
use crate::triage::{
    Analysers, EngineChoice, Options, Places, Preset, ScratchSettings, WorkerLimits, WorkerProgram,
    machine,
};

/// Time for opening a document however little a page has: it is read first.
const LEAST_FOR_OPENING: Duration = Duration::from_secs(10);

/// Triage batches of client PDFs. Without a command, opens the window.
#[derive(Debug, Parser)]
#[command(version, subcommand_precedence_over_arg = true)]
pub struct Arguments {
    /// Files, folders or ZIP archives to open in the window
    pub paths: Vec<PathBuf>,

    #[command(subcommand)]
    pub verb: Option<Verb>,

    /// Directory of the library
    #[arg(long, global = true, value_name = "DIR")]
    library: Option<PathBuf>,

    /// Directory for temporary files
    #[arg(long, global = true, value_name = "DIR")]
    scratch: Option<PathBuf>,

    /// Most that scratch may hold, such as 512MiB or 20GB
    #[arg(long, global = true, value_name = "SIZE")]
    scratch_budget: Option<ByteSize>,

    /// Free space of its disk that scratch never uses; unless given, 5 % of the disk,
    /// at least 2 GiB and at most 10 GiB
    #[arg(long, global = true, value_name = "SIZE")]
    scratch_floor: Option<ByteSize>,

    /// Number of worker processes; one per core unless given, fewer where memory is short
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    workers: Option<u16>,

    /// Time allowed for one page, in seconds; opening a document has twice as much
    #[arg(long, global = true, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
    page_deadline: Option<u32>,

    /// Most memory that one worker process may take, such as 2GiB; unless given, all
    /// workers together take at most three quarters of the machine's
    #[arg(long, global = true, value_name = "SIZE")]
    worker_memory: Option<ByteSize>,

    /// Which render engine draws; auto: the better one first, the other where
    /// that one fails
    #[arg(long, global = true, value_name = "auto|pdfium|hayro", value_parser = engine_choice)]
    pub engine: Option<EngineChoice>,

    /// PDFium's library, instead of the one that is found
    #[arg(long, global = true, value_name = "FILE")]
    pub pdfium: Option<PathBuf>,

    /// File that declares analysers of your own
    #[arg(long, global = true, value_name = "FILE")]
    analysers: Option<PathBuf>,

    /// Print for programs: JSON, one object a line
    #[arg(long, global = true)]
    pub json: bool,
}

/// A sample.
#[derive(Debug, clap::Args)]
pub struct SampleArguments {
    /// Number of the batch; the newest unless given
    pub batch: Option<i64>,
    /// Draw another; it is judged in the window, under Quality sample
    #[arg(long)]
    pub draw: bool,
    /// The pages that it is drawn from, such as 'decision:reject'; see `pagesieve pages --help`
    #[arg(long = "where", value_name = "QUERY", requires = "draw")]
    pub query: Option<String>,
    /// How sure its result is to be: 90, 95 or 99 per cent
    #[arg(long, value_name = "PERCENT", default_value_t = 95, requires = "draw")]
    pub confidence: u8,
    /// How far its result may be off, in per cent
    #[arg(long, value_name = "PERCENT", default_value_t = 5.0, requires = "draw", value_parser = margin)]
    pub margin: f64,
    #[command(flatten)]
    pub list: ListArguments,
}

fn margin(typed: &str) -> Result<f64, String> {
    let margin: f64 = typed.parse().map_err(|_| "that is no number".to_owned())?;
    match (0.1..=50.0).contains(&margin) {
        true => Ok(margin),
        false => Err("a margin is 0.1 to 50 per cent".to_owned()),
    }
}

/// What becomes of a batch.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what becomes of it").required(true))]
pub struct BatchArguments {
    /// Number of the batch; `pagesieve batches --archived` lists all
    pub batch: i64,
    /// Give it this name
    #[arg(long, value_name = "NAME", group = "what becomes of it")]
    pub rename: Option<String>,
    /// Put it away: lists leave it out, and all that is known of it stays
    #[arg(long, group = "what becomes of it")]
    pub archive: bool,
    /// List it again
    #[arg(long, group = "what becomes of it")]
    pub bring_back: bool,
    /// Look below this folder for its files that are not where they were; they are known by
    /// their content
    #[arg(long, value_name = "FOLDER", group = "what becomes of it")]
    pub locate: Option<PathBuf>,
    /// Remove it from the library, with all that was measured and said of its pages
    #[arg(long, group = "what becomes of it")]
    pub forget: bool,
}

/// What to do without a window.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Take in files, folders or ZIP archives and analyse each page
    ///
    /// The sources of an unfinished batch go on with that batch; those of a
    /// finished one only take in what is new or changed.
    Process {
        /// Files, folders or ZIP archives
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// Start another batch, whatever is in the library
        #[arg(long)]
        new: bool,
        /// File with passwords to try, one a line
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
        /// How long to wait for space before giving up with exit code 75
        #[arg(long, value_name = "SECONDS", default_value_t = 30)]
        wait_for_space: u32,
    },
    /// Take in what is in folders and whatever comes into them, until it is interrupted
    ///
    /// A file is taken in when nobody has changed it for some seconds, and again when it
    /// changes. Nothing in the folders is moved, changed or deleted, but what was taken in
    /// where `--move-to` says so. Started again, it goes
    /// on with the same batch. Folders are looked into again and again, so that it works on
    /// shares of a network as well.
    Watch {
        /// The folders
        #[arg(required = true, value_name = "FOLDER")]
        folders: Vec<PathBuf>,
        /// Move files to this folder, on the same disk, once they are analysed; what cannot be
        /// read goes to "failed" within it, with the reason beside it
        #[arg(long, value_name = "FOLDER")]
        move_to: Option<PathBuf>,
        /// File with passwords to try, one a line
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// Analyse pages of a batch again
    Reprocess {
        /// Number of the batch; the newest unless given
        batch: Option<i64>,
        /// Only documents and pages that failed
        #[arg(long)]
        failed: bool,
        /// Only these pages, such as 'needs_ocr:yes'; see `pagesieve pages --help`
        #[arg(long = "where", value_name = "QUERY", conflicts_with = "failed")]
        query: Option<String>,
        /// File with passwords to try, one a line
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
        /// How long to wait for space before giving up with exit code 75
        #[arg(long, value_name = "SECONDS", default_value_t = 30)]
        wait_for_space: u32,
    },
    /// Have an external analyser look at a batch, such as `ocr`
    Analyse {
        /// Number of the batch; the newest unless given
        batch: Option<i64>,
        /// Name of the analyser; `pagesieve analysers` lists them
        #[arg(long, value_name = "NAME")]
        with: String,
        /// Only where it found nothing before
        #[arg(long)]
        failed: bool,
        /// Every page, not only those that it is declared for
        #[arg(long, conflicts_with = "failed")]
        all: bool,
        /// Such pages, whatever it is declared for; see `pagesieve pages --help`
        #[arg(long = "where", value_name = "QUERY", conflicts_with_all = ["failed", "all"])]
        query: Option<String>,
        /// How long to wait for space before giving up with exit code 75
        #[arg(long, value_name = "SECONDS", default_value_t = 30)]
        wait_for_space: u32,
    },
    /// List the external analysers, and say where to declare your own
    Analysers {
        #[command(flatten)]
        list: ListArguments,
    },
    /// List the batches, newest first
    Batches {
        /// Those as well that were archived
        #[arg(long)]
        archived: bool,
        #[command(flatten)]
        list: ListArguments,
    },
    /// Rename, archive or forget a batch; the sources stay as they are
    Batch(BatchArguments),
    /// List the documents of a batch
    Documents {
        /// Number of the batch; the newest unless given
        batch: Option<i64>,
        /// Only those that have such pages; see `pagesieve pages --help`
        #[arg(long = "where", value_name = "QUERY")]
        query: Option<String>,
        #[command(flatten)]
        list: ListArguments,
    },
    /// Count on which pages each term of a list is
    Terms {
        /// A text file with a term a line: a word, words in a row, or a beginning*
        file: PathBuf,
        /// Number of the batch; the newest unless given
        batch: Option<i64>,
        #[command(flatten)]
        list: ListArguments,
    },
    /// Compare a batch with a client's list: what is missing, what is too much
    ///
    /// The list is a table of names and, if it has them, numbers of pages: a CSV file with
    /// headings or without, or a name a line. Documents are known by their path or their
    /// file name. The exit code is 65 where they differ.
    Reconcile {
        /// The list
        file: PathBuf,
        /// Number of the batch; the newest unless given
        batch: Option<i64>,
        #[command(flatten)]
        list: ListArguments,
    },
    /// Draw pages at random for quality control, and list what was judged of them
    Sample(SampleArguments),
    /// List the pages of a batch
    Pages {
        /// Number of the batch; the newest unless given
        batch: Option<i64>,
        /// Only pages that are asked for, such as 'blank:yes -decision:keep'
        ///
        /// Words and "phrases" are looked for in the text; begin* stands for all words that
        /// begin so. NAME:VALUE, NAME<NUMBER and NAME:FROM..TO ask for what the columns say
        /// (`assets/tables.md` lists them), NAME=TEXT for a text that is that and nothing
        /// more; a minus sign means not, OR and parentheses are
        /// there too.
        #[arg(long = "where", value_name = "QUERY")]
        query: Option<String>,
        #[command(flatten)]
        list: ListArguments,
    },
    /// List the pages of a batch whose text has certain words
    ///
    /// All words have to be on the page; words in quotation marks one after the
    /// other; begin* stands for all words that begin so.
    Search {
        /// What to search for
        #[arg(required = true)]
        words: Vec<String>,
        /// Number of the batch; the newest unless given
        #[arg(long)]
        batch: Option<i64>,
        #[command(flatten)]
        list: ListArguments,
    },
    /// Decide about pages of a batch: keep, reject, flag, pile, tag, note
    Decide(DecideArguments),
    /// Say why documents that cannot be read are not in what is handed over
    ///
    /// Manifests give the reason, and are complete without them: those of the window, and of
    /// `split --as-decided`.
    LeaveOut(LeaveOutArguments),
    /// Leave a document out that cannot be read, and take in another file instead of it
    ///
    /// Both stay in the batch: the manifest says that the one was replaced by the other.
    Replace(ReplaceArguments),
    /// Rules that propose what to say of pages; nothing is decided by them
    ///
    /// `pages --where 'proposed:reject'` shows what they propose, `decide --rule` accepts it.
    Rules {
        #[command(subcommand)]
        verb: Option<RulesVerb>,
    },
    /// List what was decided in a batch, act by act
    Decisions {
        /// Number of the batch; the newest unless given
        batch: Option<i64>,
        #[command(flatten)]
        list: ListArguments,
    },
    /// List the runs over a batch, or what the latest results say otherwise than before
    Runs(RunsArguments),
    /// List pages of the library that are the same, and which of them to keep
    Duplicates {
        /// Also those that were dismissed in the window
        #[arg(long)]
        dismissed: bool,
        #[command(flatten)]
        list: ListArguments,
    },
    /// List what failed in a batch, with the names of the records
    Failures {
        /// Number of the batch; the newest unless given
        batch: Option<i64>,
        #[command(flatten)]
        list: ListArguments,
    },
    /// Try again what failed, as it was then
    ///
    /// What dead runs had left, the free space, the limits and the pages that the
    /// worker had analysed before are made as the record has them.
    Replay {
        /// Name of the record, such as 12 or 12:7, or its file
        record: String,
        /// Only print the record, as a file for another machine
        #[arg(long)]
        print: bool,
        /// File with passwords to try, one a line
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// Split documents into parts by rules, or only say how
    Split(SplitArguments),
    /// Put documents together, in the given order
    ///
    /// After a colon an input can say which of its pages: a.pdf:1-3,7- or
    /// b.pdf:last-1 for all in reverse order.
    Merge(MergeArguments),
    /// Write pages of a batch as pictures or text, or only say what would be written
    ///
    /// Names come from the document and the number of the page, such as letter-003.png. A
    /// file that is there is never replaced: what is the same stays, others are numbered.
    Export(ExportArguments),
    /// Write a batch as one page of HTML with pictures, for people without the program
    Report(ReportArguments),
    /// Check files that were handed over against the manifest beside them
    ///
    /// Each file is hashed again; what changed, is missing, or is too many is named, and so
    /// is each page of the sources that is in no part and not left out.
    Verify {
        /// The manifest, such as out/pagesieve-1a2b3c4d.json
        manifest: PathBuf,
        /// A file or folder where the sources are looked for by their content
        #[arg(long, value_name = "PATH")]
        source: Vec<PathBuf>,
    },
    /// Put together what several people decided
    Library {
        #[command(subcommand)]
        verb: LibraryVerb,
    },
    /// Do a batch in parts on many machines, and put the results together
    ///
    /// Any engine for batches can start the parts: `assets/shards.md` has recipes.
    Shard {
        #[command(subcommand)]
        verb: ShardVerb,
    },
    /// Print the completions for a shell
    ///
    /// For bash, as an example: pagesieve completions bash >
    /// ~/.local/share/bash-completion/completions/pagesieve
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write the manual: pages for `man` into a folder, or all of it as one file of HTML
    #[command(group(ArgGroup::new("places").required(true).multiple(true)))]
    Manual {
        /// The folder for `man`, such as ~/.local/share/man/man1
        #[arg(group = "places")]
        folder: Option<PathBuf>,
        /// The file for a browser, with pictures
        #[arg(long, value_name = "FILE", group = "places")]
        html: Option<PathBuf>,
    },
    /// See or clean the place for temporary files
    Scratch {
        #[command(subcommand)]
        verb: ScratchVerb,
    },
    /// The render engines: which there are, and installing PDFium
    Engine {
        #[command(subcommand)]
        verb: EngineVerb,
    },
    /// One worker process; started by the program itself
    #[command(hide = true)]
    Worker {
        slot: PathBuf,
        /// The directory that it may write parts to
        #[arg(long)]
        output: Option<PathBuf>,
    },
    /// The command of an analyser; started by the program itself
    #[command(hide = true)]
    AnalyserCommand {
        slot: PathBuf,
        #[arg(long)]
        memory: u64,
        #[arg(long)]
        file_size: u64,
        /// Raise the fence and become the command
        #[arg(long)]
        fenced: bool,
        #[arg(last = true)]
        command: Vec<OsString>,
    },
}

/// What is decided, and about which pages.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("said").required(true).multiple(true).args([
    "keep", "reject", "flag", "undecided", "pile", "no_pile", "tag", "untag", "note", "rule", "undo", "redo",
]))]
#[command(group = ArgGroup::new("ruling").args(["keep", "reject", "flag", "undecided"]))]
#[command(group = ArgGroup::new("step").args(["undo", "redo"]).conflicts_with_all(["query", "ruling"]))]
pub struct DecideArguments {
    /// Number of the batch; the newest unless given
    pub batch: Option<i64>,
    /// The pages, such as 'blank:yes'; see `pagesieve pages --help`
    #[arg(long = "where", value_name = "QUERY", required_unless_present_any = ["undo", "redo", "rule"])]
    pub query: Option<String>,
    /// They go on
    #[arg(long)]
    pub keep: bool,
    /// They are thrown out
    #[arg(long)]
    pub reject: bool,
    /// Somebody has to look at them
    #[arg(long)]
    pub flag: bool,
    /// Nothing is decided about them any more
    #[arg(long)]
    pub undecided: bool,
    /// Put them on this pile
    #[arg(long, value_name = "NAME", conflicts_with = "no_pile")]
    pub pile: Option<String>,
    /// Take them off their piles
    #[arg(long)]
    pub no_pile: bool,
    /// Put this word on them
    #[arg(long, value_name = "WORD")]
    pub tag: Vec<String>,
    /// Take this word off them
    #[arg(long, value_name = "WORD")]
    pub untag: Vec<String>,
    /// Note this on them
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Only pages that nobody has decided about
    #[arg(long)]
    pub only_undecided: bool,
    /// Say of pages what this rule proposes; `pagesieve rules` lists them
    #[arg(long, value_name = "NUMBER", conflicts_with_all = [
        "query", "ruling", "pile", "no_pile", "tag", "untag", "note", "only_undecided", "undo", "redo",
    ])]
    pub rule: Option<usize>,
    /// Take back what was decided last
    #[arg(long)]
    pub undo: bool,
    /// Decide again what was taken back
    #[arg(long)]
    pub redo: bool,
}

/// Which documents are left out, and why.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("why").required(true).args(["reason", "take_back"]))]
pub struct LeaveOutArguments {
    /// Names of documents, as `pagesieve documents` lists them
    #[arg(required = true, value_name = "DOCUMENT")]
    pub documents: Vec<String>,
    /// Number of the batch; the newest unless given
    #[arg(long, value_name = "NUMBER")]
    pub batch: Option<i64>,
    /// Why, for those who get the manifest
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// They are not left out any more
    #[arg(long)]
    pub take_back: bool,
}

/// Which document is replaced by which file.
#[derive(Debug, Args)]
pub struct ReplaceArguments {
    /// Name of the document, as `pagesieve documents` lists it
    #[arg(value_name = "DOCUMENT")]
    pub document: String,
    /// The file that takes its place
    #[arg(value_name = "FILE")]
    pub by: PathBuf,
    /// Number of the batch; the newest unless given
    #[arg(long, value_name = "NUMBER")]
    pub batch: Option<i64>,
}

/// How a list is printed.
#[derive(Debug, Args)]
pub struct ListArguments {
    /// For people (table) or for programs
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Columns to print, such as document,pages,bytes; all: every one there is
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    columns: Vec<String>,
}

/// How to split. Rules count together; without any, documents stay whole.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("separators").multiple(true).args(["at_separator", "at_barcode"]))]
pub struct SplitArguments {
    /// Files, folders or ZIP archives
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// Folder for the parts; made where it is missing
    #[arg(long, value_name = "FOLDER")]
    pub out: PathBuf,
    /// Cut after so many pages
    #[arg(long, value_name = "PAGES", value_parser = clap::value_parser!(u32).range(1..))]
    pub every: Option<u32>,
    /// Only these pages, each range a part: 1-3,7,12- or last, r2 (the last but one),
    /// last-1 (all in reverse order), odd, even
    #[arg(long, value_name = "RANGES")]
    pub ranges: Option<String>,
    /// Cut at pages that are judged blank, which are left out
    #[arg(long)]
    pub at_blank: bool,
    /// Keep blank pages at the end of the part before
    #[arg(long, requires = "at_blank")]
    pub keep_blank: bool,
    #[arg(long, hide = true)]
    pub blank_ink: Option<String>,
    /// Cut at what is judged a separator sheet; those are left out
    #[arg(long)]
    pub at_separator: bool,
    /// As decided in the newest batch of these files: rejected pages are left out, kept ones
    /// are not, be they blank, and where the pile changes a part begins, in a folder of the
    /// pile's name
    #[arg(long)]
    pub as_decided: bool,
    /// Cut at barcodes that contain this text, such as PATCHT: sheets that have hardly
    /// more are left out, other pages begin a part
    #[arg(long, value_name = "TEXT")]
    pub at_barcode: Option<String>,
    /// Keep separator sheets at the end of the part before
    #[arg(long, requires = "separators")]
    pub keep_separators: bool,
    /// Cut at bookmarks of this level and those above; they name the parts
    #[arg(long, value_name = "LEVEL", value_parser = clap::value_parser!(u32).range(1..))]
    pub at_bookmark: Option<u32>,
    /// Cut where the page size changes
    #[arg(long)]
    pub at_size: bool,
    /// Cut where pages lie the other way
    #[arg(long)]
    pub at_orientation: bool,
    /// Cut where printed page numbers begin anew
    #[arg(long)]
    pub at_page_numbers: bool,
    /// Put pages in the order in which they are read where, by their printed numbers, the
    /// fronts were scanned first and then the backs, or the last page first
    #[arg(long, conflicts_with = "ranges")]
    pub in_reading_order: bool,
    /// Turn pages upright that lie sideways or upside down
    #[arg(long)]
    pub upright: bool,
    /// Cut where the top line of text matches a regular expression, whatever its case
    /// and accents
    #[arg(long, value_name = "PATTERN")]
    pub at_text: Option<String>,
    /// Cut where a part would grow larger, such as 5MB
    #[arg(long, value_name = "SIZE")]
    pub max_size: Option<ByteSize>,
    /// Names of parts: {client}, {document}, {part:03}, {pages}, {title}, {barcode}, {date}
    #[arg(long, value_name = "TEMPLATE")]
    pub name: Option<String>,
    /// Also write all pages that are left out to this file
    #[arg(long, value_name = "FILE")]
    pub excluded: Option<PathBuf>,
    /// Print a running number on each page that begins so, such as ACME or ''; the next one
    /// is remembered, and none is given twice
    #[arg(long, value_name = "PREFIX")]
    pub number: Option<String>,
    /// Digits of running numbers
    #[arg(long, value_name = "COUNT", default_value_t = 6, requires = "number")]
    pub digits: u8,
    /// The first running number, where some are to be left out
    #[arg(long, value_name = "NUMBER", requires = "number")]
    pub number_from: Option<u64>,
    /// Put what `analyse --with ocr` has read on scanned pages over them as text that is
    /// searched and copied and not seen
    #[arg(long)]
    pub searchable: bool,
    /// Only say which parts there would be, with their exact sizes
    #[arg(long)]
    pub dry_run: bool,
    /// Replace files that are there, but never a source
    #[arg(long)]
    pub overwrite: bool,
    /// Once all parts are there, remove the parts of earlier runs from the folder that
    /// nobody has changed since
    #[arg(long)]
    pub remove_earlier: bool,
    /// Take pages of signed documents although parts are not signed
    #[arg(long)]
    pub drop_signatures: bool,
    /// Write parts without comparing each of their pages with its source
    #[arg(long)]
    pub no_proof: bool,
    /// File with passwords to try, one a line
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
}

/// What to put together.
#[derive(Debug, Args)]
pub struct MergeArguments {
    /// Files, folders or ZIP archives, each with :RANGES where not all pages are wanted
    #[arg(required = true, value_name = "PATH[:RANGES]")]
    pub inputs: Vec<PathBuf>,
    /// The new file; it gets exactly this name
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Take a page of each of two inputs in turn: fronts and backs from a scanner that
    /// cannot scan both sides
    #[arg(long)]
    pub interleave: bool,
    /// Take the pages of the second input from its last to its first, as they come from
    /// a stack that was turned over
    #[arg(long, requires = "interleave")]
    pub reverse_second: bool,
    /// Replace the file if it is there, but never an input
    #[arg(long)]
    pub overwrite: bool,
    /// Take pages of signed documents although the new file is not signed
    #[arg(long)]
    pub drop_signatures: bool,
    /// Write the file without comparing each of its pages with its source
    #[arg(long)]
    pub no_proof: bool,
    /// Write a manifest beside the file: where each of its pages comes from, with hashes
    #[arg(long)]
    pub manifest: bool,
    /// File with passwords to try, one a line
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
}

/// Pages that are written, and as what.
#[derive(Debug, Args)]
pub struct ExportArguments {
    /// Number of the batch; the newest unless given
    pub batch: Option<i64>,
    /// As what the pages are written
    #[arg(long = "as", value_enum, value_name = "FORM")]
    pub form: ExportForm,
    /// The folder; made where it is missing
    #[arg(long, value_name = "FOLDER")]
    pub out: PathBuf,
    /// Only these pages, such as 'pile:contracts'; see `pagesieve pages --help`
    #[arg(long = "where", value_name = "QUERY")]
    pub query: Option<String>,
    /// Resolution of pictures, in dots an inch
    #[arg(long, value_name = "DPI", default_value_t = 150)]
    #[arg(value_parser = clap::value_parser!(u16).range(36..=600))]
    pub dpi: u16,
    /// Pages beside each other on a contact sheet
    #[arg(long, value_name = "NUMBER", default_value_t = 4)]
    #[arg(value_parser = clap::value_parser!(u8).range(2..=8))]
    pub columns: u8,
    /// Write nothing; say what would be written and about how large it is
    #[arg(long)]
    pub dry_run: bool,
    /// File with passwords to try, one a line
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
}

/// As what pages can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ExportForm {
    /// A picture of each page
    Png,
    /// The text of each page, its own and what text recognition has read
    Text,
    /// Contact sheets: many pages small on a picture of the size of A4, each with its name
    Sheets,
}

/// A report of a batch.
#[derive(Debug, Args)]
pub struct ReportArguments {
    /// Number of the batch; the newest unless given
    pub batch: Option<i64>,
    /// The file, such as report.html
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Only these pages, such as '-decision:reject'; see `pagesieve pages --help`
    #[arg(long = "where", value_name = "QUERY")]
    pub query: Option<String>,
    /// Replace the file where it is there already
    #[arg(long)]
    pub overwrite: bool,
}

/// Runs over a batch, and what they changed.
#[derive(Debug, Args)]
pub struct RunsArguments {
    /// Number of the batch; the newest unless given
    pub batch: Option<i64>,
    /// What pages that were analysed again say otherwise than before, and how many they are
    #[arg(long)]
    pub changes: bool,
    /// Have what was known before count again on these pages, such as 'changed:blank'
    #[arg(long, value_name = "QUERY", conflicts_with = "changes")]
    pub take_back: Option<String>,
    /// Have what the latest run found count on these pages, as it does at first
    #[arg(long, value_name = "QUERY", conflicts_with_all = ["changes", "take_back"])]
    pub bring_back: Option<String>,
    #[command(flatten)]
    pub list: ListArguments,
}

/// What to do with the rules.
#[derive(Debug, Subcommand)]
pub enum RulesVerb {
    /// Add a rule
    Add(AddRule),
    /// Remove a rule
    Remove {
        /// Its number
        number: usize,
    },
}

/// A rule that proposes.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("proposed").required(true).args(["keep", "reject", "flag", "pile", "tag"]))]
pub struct AddRule {
    /// The pages, such as 'blank:yes'; see `pagesieve pages --help`
    pub query: String,
    /// They go on
    #[arg(long)]
    pub keep: bool,
    /// They are thrown out
    #[arg(long)]
    pub reject: bool,
    /// Somebody has to look at them
    #[arg(long)]
    pub flag: bool,
    /// Put them on this pile
    #[arg(long, value_name = "NAME")]
    pub pile: Option<String>,
    /// Put this word on them
    #[arg(long, value_name = "WORD")]
    pub tag: Option<String>,
}

/// What to do with the engines.
#[derive(Debug, Subcommand)]
pub enum EngineVerb {
    /// Show which engines there are, where, and why
    Status,
    /// Download PDFium with pip, check it and put it into the data directory
    Install,
    /// Delete the PDFium that was installed
    Remove,
}

/// What to do with scratch.
#[derive(Debug, Subcommand)]
pub enum ScratchVerb {
    /// Show what scratch holds and whose it is
    Status,
    /// Delete what crashed runs left behind, and thumbnails
    Clean {
        /// Only say what would be deleted
        #[arg(long)]
        dry_run: bool,
    },
    /// Move scratch to another folder, such as one on a larger disk
    ///
    /// All copies of the program go there; those that run, with their next job.
    Move {
        /// The folder
        #[arg(required_unless_present = "back", conflicts_with = "back")]
        folder: Option<PathBuf>,
        /// Move it back to its usual place
        #[arg(long)]
        back: bool,
    },
    /// Show or change what is deleted when
    ///
    /// The policy belongs to the scratch directory: all copies of the program that
    /// use it follow it.
    Policy(PolicyArguments),
}

/// Changes of the cleanup policy.
#[derive(Debug, Args)]
pub struct PolicyArguments {
    /// Begin from a preset: normal, careful (2 GB) or small (512 MiB)
    #[arg(long, value_name = "normal|careful|small", value_parser = preset)]
    pub preset: Option<Preset>,
    /// Most that scratch may hold, such as 2GB; auto: half of what is free, 20 GiB at most
    #[arg(long, value_name = "SIZE|auto", value_parser = size_or("auto"))]
    pub budget: Option<Limit>,
    /// Delete what crashed runs left, at start and when room is needed
    #[arg(long, value_name = "on|off", value_parser = on_or_off)]
    pub residue: Option<bool>,
    /// Empty the directory of a worker or an analyser when its job ends
    #[arg(long, value_name = "on|off", value_parser = on_or_off)]
    pub after_jobs: Option<bool>,
    /// Delete this copy's directory when the program ends
    #[arg(long, value_name = "on|off", value_parser = on_or_off)]
    pub at_exit: Option<bool>,
    /// Delete thumbnails when the program ends
    #[arg(long, value_name = "on|off", value_parser = on_or_off)]
    pub thumbnails_at_exit: Option<bool>,
    /// Delete thumbnails that were not used for so many days; never: age is no reason
    #[arg(long, value_name = "DAYS|never", value_parser = number_or_never)]
    pub thumbnails_days: Option<Limit>,
    /// Most that thumbnails may hold, such as 500MB; any: the budget alone counts
    #[arg(long, value_name = "SIZE|any", value_parser = size_or("any"))]
    pub thumbnails_most: Option<Limit>,
    /// Keep the thumbnails of this batch
    #[arg(long, value_name = "BATCH")]
    pub keep: Vec<i64>,
    /// Delete the thumbnails of this batch when the program ends
    #[arg(long, value_name = "BATCH")]
    pub discard: Vec<i64>,
    /// Thumbnails of this batch follow the rules again
    #[arg(long, value_name = "BATCH")]
    pub no_keep: Vec<i64>,
    /// Only say what the policy would be
    #[arg(long)]
    pub dry_run: bool,
}

/// A number, or a word for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(pub Option<u64>);

/// How lists are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Table,
    /// Comma-separated values with a header line
    Csv,
    /// JSON, one object a line
    Jsonl,
    /// A workbook for spreadsheets; into a file, as in `> pages.xlsx`
    Xlsx,
    /// Apache Parquet, columns for programs; into a file, as in `> pages.parquet`
    #[cfg(feature = "parquet")]
    Parquet,
}

impl Format {
    /// Whether it is no text, which no terminal can show.
    pub fn is_binary(self) -> bool {
        !matches!(self, Self::Table | Self::Csv | Self::Jsonl)
    }
}

impl Arguments {
    /// The system's places, or those that were named.
    pub fn places(&self) -> Result<Places, CommandError> {
        let system = Places::of_system();
        if system.is_none() && (self.library.is_none() || self.scratch.is_none()) {
            return Err(CommandError::Configuration(
                "this user has no home directory: name --library and --scratch".into(),
            ));
        }
        let mut places = system.unwrap_or_else(|| {
            let library = self.library.clone().unwrap_or_default();
            Places {
                settings: library.join("settings.json"),
                logs: library.join("logs"),
                crashes: library.join("crashes"),
                engines: library.join("engines"),
                analysers: library.join("analysers.toml"),
                scratch: PathBuf::new(),
                library,
            }
        });
        if let Some(library) = &self.library {
            places.library.clone_from(library);
        }
        if let Some(scratch) = &self.scratch {
            places.scratch.clone_from(scratch);
        }
        if let Some(analysers) = &self.analysers {
            places.analysers.clone_from(analysers);
        }
        Ok(places)
    }

    /// What a session is started with.
    pub fn options(&self, places: &Places) -> Result<Options, CommandError> {
        let executable = std::env::current_exe().map_err(|error| {
            CommandError::Configuration(format!("the program cannot find itself: {error}"))
        })?;
        let (workers, limits) = self.crew();
        Ok(Options {
            library: places.library.clone(),
            scratch: self.scratch_settings(places),
            workers,
            limits,
            program: WorkerProgram {
                executable,
                pdfium: self.found_pdfium(places).map(|found| found.path),
                output: None,
            },
            engines: places.engines.clone(),
            engine: self.engine.unwrap_or_default(),
            analysers: Analysers::read(&places.analysers),
            wake: Arc::new(|| {}),
        })
    }

    /// How many workers there are, and what each may use: what was asked for, or what
    /// the machine has room for.
    fn crew(&self) -> (usize, WorkerLimits) {
        let asked = self.workers.map_or_else(
            || std::thread::available_parallelism().map_or(1, usize::from),
            usize::from,
        );
        let mut limits = self.limits();
        let total = machine::memory();
        if self.worker_memory.is_some() {
            if machine::is_too_much(total, asked, limits.memory) {
                warn(&format!(
                    "{asked} workers of {} each may take more memory than there is",
                    ByteSize::b(limits.memory).display().iec()
                ));
            }
            return (asked, limits);
        }
        let shares = machine::share(total, asked);
        limits.memory = shares.memory;
        limits.recycle_above_memory = limits.recycle_above_memory.min(shares.memory / 2);
        if self.workers.is_some() && shares.workers < asked {
            warn(&format!(
                "there is memory for {} workers at a time, not for {asked}",
                shares.workers
            ));
        }
        (shares.workers, limits)
    }

    /// What one worker may use.
    pub fn limits(&self) -> WorkerLimits {
        let mut limits = WorkerLimits::default();
        if let Some(seconds) = self.page_deadline {
            limits.page_deadline = Duration::from_secs(seconds.into());
            limits.open_deadline = (2 * limits.page_deadline).max(LEAST_FOR_OPENING);
        }
        if let Some(memory) = self.worker_memory {
            limits.memory = memory.as_u64();
        }
        limits
    }

    /// PDFium's library, if there is one.
    pub fn found_pdfium(&self, places: &Places) -> Option<Found> {
        engines::find(self.pdfium.as_deref(), &places.engines)
    }

    pub fn scratch_settings(&self, places: &Places) -> ScratchSettings {
        ScratchSettings {
            dir: places.scratch.clone(),
            budget: self.scratch_budget.map(|size| size.as_u64()),
            floor: self.scratch_floor.map(|size| size.as_u64()),
            offered: None,
        }
    }

    /// How a list is wanted.
    pub fn wanted(&self, list: &ListArguments) -> Wanted {
        let usual = match self.json {
            true => Format::Jsonl,
            false => Format::Table,
        };
        Wanted {
            format: list.format.unwrap_or(usual),
            columns: list.columns.clone(),
        }
    }
}

fn warn(sentence: &str) {
    tracing::warn!("{sentence}");
    complain!("pagesieve: {sentence}");
}

/// Passwords from a file, if there is one: on the command line other users could see them.
pub fn read_passwords(file: Option<&Path>) -> Result<Vec<Secret>, CommandError> {
    let Some(file) = file else {
        return Ok(Vec::new());
    };
    let text = regular_file::read_to_string(file).map_err(|error| {
        CommandError::Usage(format!("{} cannot be read: {error}", file.display()))
    })?;
    Ok(text
        .lines()
        .filter(|line| !line.is_empty())
        .map(Into::into)
        .collect())
}

fn preset(word: &str) -> Result<Preset, String> {
    Preset::from_word(word).ok_or_else(|| "one of normal, careful, small".into())
}

fn on_or_off(word: &str) -> Result<bool, String> {
    match word {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("on or off".into()),
    }
}

fn size_or(none: &'static str) -> impl Fn(&str) -> Result<Limit, String> + Clone {
    move |word| match word {
        word if word == none => Ok(Limit(None)),
        word => word
            .parse()
            .map(|size: ByteSize| Limit(Some(size.as_u64()))),
    }
}

fn number_or_never(word: &str) -> Result<Limit, String> {
    match word {
        "never" => Ok(Limit(None)),
        word => match word.parse::<u32>() {
            Ok(number) => Ok(Limit(Some(number.into()))),
            Err(error) => Err(error.to_string()),
        },
    }
}

fn engine_choice(word: &str) -> Result<EngineChoice, String> {
    EngineChoice::from_word(word).ok_or_else(|| "one of auto, pdfium, hayro".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn paths_without_a_command_are_for_the_window() {
        let arguments = Arguments::parse_from(["pagesieve", "a.pdf", "b"]);
        assert_eq!(arguments.paths.len(), 2);
        assert!(arguments.verb.is_none());
    }

    #[test]
    fn global_options_may_come_before_the_command() {
        let arguments = Arguments::parse_from(["pagesieve", "--library", "l", "process", "a.pdf"]);
        assert_eq!(arguments.library, Some(PathBuf::from("l")));
        assert!(matches!(arguments.verb, Some(Verb::Process { .. })));
        assert!(arguments.paths.is_empty());
    }

    #[test]
    fn global_options_may_follow_the_command() {
        let arguments =
            Arguments::parse_from(["pagesieve", "pages", "--json", "--scratch-budget", "512MiB"]);
        assert!(arguments.json);
        assert_eq!(arguments.scratch_budget, Some(ByteSize::mib(512)));
    }
}
