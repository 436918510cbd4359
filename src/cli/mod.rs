//! The command line: the same work without a window. Prints for people or, with
//! `--json` and `--format`, for programs. Not for the work itself (`triage`).

// Everything is printed by `output`.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod arguments;
mod batch;
mod decide;
mod engine;
mod export;
mod layout;
mod leave_out;
mod library;
mod log;
mod merge;
mod output;
mod print;
mod process;
mod reconcile;
mod replay;
mod report;
mod rules;
mod runs;
mod sample;
mod scratch;
mod shard;
mod shell;
mod split;
mod verify;
mod watch;

use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use thiserror::Error;

use crate::crash;
use crate::desk;
use crate::library::{Library, LibraryError};
use crate::model::{Address, BatchId, BatchSummary};
use crate::regular_file;
use crate::triage::engines::InstallError;
use crate::triage::query::Query;
use crate::triage::shard::ShardError;
use crate::triage::split::ExportError;
use crate::triage::tables::{self, Listed, SaveError};
use crate::triage::terms::{count_terms, terms_of};
use crate::triage::{
    Analysers, CommandPlace, Reader, ReplayError, Scope, ScratchError, StartError, WorkerError,
    WorkerPlace, become_analyser_command, close_memory, compare_pages, describe_duplicates,
    find_duplicates, run_analyser_command, run_worker,
};
use arguments::{Arguments, Verb};
use output::say;
use print::List;

/// How the program ended, for the shell and for batch systems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// All done.
    Done,
    /// Done, but some pages or documents failed; each has its record. Trying
    /// again will not help.
    SomeFailed,
    /// Interrupted or out of space; the same command goes on.
    CanGoOn,
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Done => Self::SUCCESS,
            Ending::SomeFailed => Self::from(65),
            Ending::CanGoOn => Self::from(75),
        }
    }
}

/// Why a command could not be carried out.
#[derive(Debug, Error)]
enum CommandError {
    #[error("{0}")]
    Usage(String),
    #[error("{0}")]
    Configuration(String),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Library(#[from] LibraryError),
    #[error(transparent)]
    Scratch(#[from] ScratchError),
    #[error(transparent)]
    Install(#[from] InstallError),
    #[error(transparent)]
    Worker(#[from] WorkerError),
    #[error(transparent)]
    Export(#[from] ExportError),
    #[error(transparent)]
    Save(#[from] SaveError),
    #[error(transparent)]
    Replay(#[from] ReplayError),
    #[error(transparent)]
    Shard(#[from] ShardError),
    #[error("{0}")]
    Refused(String),
    #[error(
        "the library in {} has gone while work went on, and what was done with it; the same \
         command does it again",
        .0.display()
    )]
    Lost(PathBuf),
    #[error("the output cannot be written: {0}")]
    Output(#[from] std::io::Error),
    #[error("the system starts no more threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

/// Exit code where the output could not be written (`EX_IOERR`, sysexits.h).
const OUTPUT_LOST: u8 = 74;

impl CommandError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::from(2),
            Self::Start(StartError::Library(error)) | Self::Library(error)
                if matches!(
                    error,
                    LibraryError::InUse { .. } | LibraryError::Full { .. }
                ) =>
            {
                Ending::CanGoOn.into()
            }
            Self::Start(error) if error.is_shortage() => Ending::CanGoOn.into(),
            Self::Start(StartError::Threads(_)) | Self::Refused(_) | Self::Lost(_) => {
                Ending::CanGoOn.into()
            }
            Self::Output(_) => ExitCode::from(OUTPUT_LOST),
            Self::Threads(_) => Ending::CanGoOn.into(),
            Self::Export(error) if error.is_shortage() => Ending::CanGoOn.into(),
            Self::Replay(ReplayError::NoRoom(_)) => Ending::CanGoOn.into(),
            Self::Shard(error) if error.may_pass() => Ending::CanGoOn.into(),
            _ => ExitCode::from(78),
        }
    }
}

/// Reads the arguments and does what they say.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(told) => return tell(&told),
    };
    if let Some(Verb::Worker { slot, output }) = &arguments.verb {
        let place = WorkerPlace {
            slot: Some(slot.clone()),
            pdfium: arguments.pdfium.clone(),
            output: output.clone(),
        };
        return run_worker(place, arguments.limits());
    }
    if let Some(Verb::AnalyserCommand {
        slot,
        memory,
        file_size,
        fenced,
        command,
    }) = &arguments.verb
    {
        let place = CommandPlace {
            slot: slot.clone(),
            memory: *memory,
            file_size: *file_size,
        };
        return match fenced {
            true => become_analyser_command(&place, command),
            false => run_analyser_command(&place, command),
        };
    }
    let ended = carry_out(&arguments).and_then(|ending| {
        output::finish()?;
        Ok(ending)
    });
    match ended {
        Ok(ending) => ending.into(),
        Err(error) => {
            let text = format!("pagesieve: {error}");
            text.lines().for_each(output::error_line);
            if let CommandError::Start(error) = &error
                && let Some(advice) = error.advice()
            {
                output::error_line(advice);
            }
            error.exit_code()
        }
    }
}

/// What is said where a window that is open has taken the paths.
fn handed_over(paths: &[PathBuf]) -> String {
    let took = match paths.len() {
        0 => "comes to the front".to_owned(),
        1 => "takes in what was named".to_owned(),
        count => format!("takes in the {count} paths that were named"),
    };
    format!("A window is open on this library; it {took}.")
}

/// Prints the help or the version, or what is wrong with the arguments.
fn tell(told: &clap::Error) -> ExitCode {
    let code = ExitCode::from(u8::try_from(told.exit_code()).unwrap_or(2));
    match told.print() {
        Err(error) if !told.use_stderr() && error.kind() != ErrorKind::BrokenPipe => {
            output::error_line(&format!("pagesieve: {}", CommandError::from(error)));
            ExitCode::from(OUTPUT_LOST)
        }
        _ => code,
    }
}

fn carry_out(arguments: &Arguments) -> Result<Ending, CommandError> {
    let places = arguments.places()?;
    crash::watch(places.crashes.clone());
    log::start(&places.logs);
    close_memory();
    // The pool that `rayon` makes by itself panics where no thread can be had.
    rayon::ThreadPoolBuilder::new().build_global()?;
    match &arguments.verb {
        None => {
            check_paths(&arguments.paths)?;
            let options = arguments.options(&places)?;
            match desk::run(options, &places, arguments.paths.clone()) {
                Ok(desk::Ended::Closed) => {}
                Ok(desk::Ended::HandedOver) => say!("{}", handed_over(&arguments.paths)),
                Err(desk::WindowError::Start(error)) => return Err(error.into()),
                Err(error) => return Err(CommandError::Configuration(error.to_string())),
            }
            Ok(Ending::Done)
        }
        Some(Verb::Process {
            paths,
            new,
            password_file,
            wait_for_space,
        }) => {
            check_paths(paths)?;
            let passwords = arguments::read_passwords(password_file.as_deref())?;
            let command = process::take_in(paths, *new, passwords);
            let patience = Duration::from_secs((*wait_for_space).into());
            process::drive(
                arguments.options(&places)?,
                command,
                patience,
                arguments.json,
            )
        }
        Some(Verb::Watch {
            folders,
            move_to,
            password_file,
        }) => {
            let passwords = arguments::read_passwords(password_file.as_deref())?;
            watch::watch(
                arguments.options(&places)?,
                (folders, move_to.as_deref()),
                passwords,
                arguments.json,
            )
        }
        Some(Verb::Reprocess {
            batch,
            failed,
            query,
            password_file,
            wait_for_space,
        }) => {
            let passwords = arguments::read_passwords(password_file.as_deref())?;
            let reader = reader(&places.library)?;
            let chosen = chosen(&reader, *batch)?.batch.id;
            let command = process::again(&reader, chosen, *failed, query.as_deref(), passwords)?;
            drop(reader);
            let patience = Duration::from_secs((*wait_for_space).into());
            process::drive(
                arguments.options(&places)?,
                command,
                patience,
                arguments.json,
            )
        }
        Some(Verb::Analyse {
            batch,
            with,
            failed,
            all,
            query,
            wait_for_space,
        }) => {
            let options = arguments.options(&places)?;
            if options.analysers.get(with).is_none() {
                return Err(match options.analysers.problem() {
                    Some(problem) => CommandError::Configuration(format!(
                        "the analyser {with} is not known: {problem}"
                    )),
                    None => CommandError::Usage(format!(
                        "there is no analyser {with}; `pagesieve analysers` lists them"
                    )),
                });
            }
            let reading = reader(&places.library)?;
            let chosen = chosen(&reading, *batch)?.batch.id;
            let query = match query {
                Some(typed) => Some(decide::query(typed)?),
                None => all.then(Query::default),
            };
            let scope = match query {
                Some(query) => Scope::Pages(tables::pages_where(&reading, chosen, &query)?),
                None if *failed => Scope::Failed(None),
                None => Scope::All,
            };
            drop(reading);
            let command = process::look(chosen, with, scope);
            let patience = Duration::from_secs((*wait_for_space).into());
            let ending = process::drive(options, command, patience, arguments.json)?;
            let failed = match ending {
                Ending::Done => process::tell_failed(&reader(&places.library)?, chosen, with)?,
                _ => false,
            };
            Ok(if failed { Ending::SomeFailed } else { ending })
        }
        Some(Verb::Analysers { list }) => {
            let analysers = Analysers::read(&places.analysers);
            print::analysers(&analysers, &places.analysers, &arguments.wanted(list))?;
            match analysers.problem() {
                Some(problem) => Err(CommandError::Configuration(problem.to_owned())),
                None => Ok(Ending::Done),
            }
        }
        Some(Verb::Batches { archived, list }) => {
            let mut batches = match brought_up_to_date(&places.library)? {
                Some(reader) => reader.batches()?,
                None => vec![],
            };
            batches.retain(|summary| *archived || !summary.batch.archived);
            print::batches(&batches, &arguments.wanted(list))?;
            Ok(Ending::Done)
        }
        Some(Verb::Batch(asked)) => batch::batch(&places.library, asked, arguments.json),
        Some(Verb::Documents { batch, query, list }) => {
            let reader = reader(&places.library)?;
            let batch = chosen(&reader, *batch)?.batch.id;
            let listed = match query {
                Some(typed) => Listed::DocumentsWhere(decide::query(typed)?),
                None => Listed::Documents,
            };
            let table = listed.of(&reader, batch)?;
            print::print(List::Documents, table, &arguments.wanted(list))?;
            Ok(Ending::Done)
        }
        Some(Verb::Pages { batch, query, list }) => {
            compare(&places.library);
            let reader = reader(&places.library)?;
            let batch = chosen(&reader, *batch)?.batch.id;
            let listed = match query {
                Some(typed) => Listed::PagesWhere(decide::query(typed)?),
                None => Listed::Pages,
            };
            let table = listed.of(&reader, batch)?;
            print::print(List::Pages, table, &arguments.wanted(list))?;
            Ok(Ending::Done)
        }
        Some(Verb::Search { words, batch, list }) => {
            let reader = reader(&places.library)?;
            let batch = chosen(&reader, *batch)?.batch.id;
            let hits = reader.search(batch, &words.join(" "))?;
            print::hits(&reader.documents(batch)?, &hits, &arguments.wanted(list))?;
            Ok(Ending::Done)
        }
        Some(Verb::Decide(decide)) => {
            compare(&places.library);
            decide::decide(&places.library, decide, arguments.json)
        }
        Some(Verb::LeaveOut(asked)) => leave_out::leave_out(&places.library, asked, arguments.json),
        Some(Verb::Replace(asked)) => {
            let command = leave_out::replace(&places.library, asked)?;
            process::drive(
                arguments.options(&places)?,
                command,
                Duration::ZERO,
                arguments.json,
            )
        }
        Some(Verb::Rules { verb }) => rules::rules(&places.library, verb.as_ref(), arguments.json),
        Some(Verb::Decisions { batch, list }) => {
            let reader = reader(&places.library)?;
            let batch = chosen(&reader, *batch)?.batch.id;
            let table = Listed::Decisions.of(&reader, batch)?;
            print::print(List::Decisions, table, &arguments.wanted(list))?;
            Ok(Ending::Done)
        }
        Some(Verb::Terms { file, batch, list }) => {
            let reader = reader(&places.library)?;
            let batch = chosen(&reader, *batch)?.batch.id;
            let list_of_terms = regular_file::read_to_string(file).map_err(|error| {
                CommandError::Configuration(format!("{}: {error}", file.display()))
            })?;
            let hits = count_terms(&reader, batch, &terms_of(&list_of_terms))?;
            print::terms(&hits, &arguments.wanted(list))?;
            Ok(Ending::Done)
        }
        Some(Verb::Reconcile { file, batch, list }) => {
            reconcile::reconcile(&places.library, file, *batch, &arguments.wanted(list))
        }
        Some(Verb::Sample(asked)) => {
            sample::sample(&places.library, asked, &arguments.wanted(&asked.list))
        }
        Some(Verb::Runs(asked)) => {
            let wanted = arguments.wanted(&asked.list);
            runs::runs(&places.library, asked, &wanted, arguments.json)
        }
        Some(Verb::Duplicates { dismissed, list }) => {
            compare(&places.library);
            let reader = reader(&places.library)?;
            let mut groups = find_duplicates(&reader)?.0.groups;
            groups.retain(|group| *dismissed || !group.dismissed);
            let groups = describe_duplicates(&reader, &groups)?;
            let table = tables::duplicates(&groups);
            print::print(List::Duplicates, table, &arguments.wanted(list))?;
            Ok(Ending::Done)
        }
        Some(Verb::Failures { batch, list }) => {
            let reader = reader(&places.library)?;
            let batch = chosen(&reader, *batch)?.batch.id;
            let table = Listed::Failures.of(&reader, batch)?;
            print::print(List::Failures, table, &arguments.wanted(list))?;
            Ok(Ending::Done)
        }
        Some(Verb::Replay {
            record,
            print,
            password_file,
        }) => {
            let passwords = arguments::read_passwords(password_file.as_deref())?;
            let record = replay::find(record, &places.library)?;
            if *print {
                return replay::print(&record);
            }
            replay::run(
                &record,
                &passwords,
                &arguments.options(&places)?,
                arguments.json,
            )
        }
        Some(Verb::Split(split)) => {
            check_paths(&split.paths)?;
            split::split(arguments, &places, split)
        }
        Some(Verb::Merge(merge)) => merge::merge(arguments, &places, merge),
        Some(Verb::Completions { shell }) => Ok(shell::completions(*shell)),
        Some(Verb::Manual { folder, html }) => shell::manual(folder.as_deref(), html.as_deref()),
        Some(Verb::Export(asked)) => export::export(arguments, &places, asked),
        Some(Verb::Report(asked)) => report::report(arguments, &places, asked),
        Some(Verb::Verify { manifest, source }) => verify::verify(manifest, source, arguments.json),
        Some(Verb::Library { verb }) => library::library(&places.library, verb, arguments.json),
        Some(Verb::Shard { verb }) => shard::shard(arguments, &places, verb),
        Some(Verb::Scratch { verb }) => scratch::scratch(arguments, &places, verb),
        Some(Verb::Engine { verb }) => engine::engine(arguments, &places, verb),
        Some(Verb::Worker { .. } | Verb::AnalyserCommand { .. }) => unreachable!("answered before"),
    }
}

/// Compares pages that a run that was cut short has left, so that listing them again
/// does not. What cannot be kept, as on a read-only disk, is compared by the listing.
fn compare(library: &std::path::Path) {
    if let Err(error) = compare_pages(library) {
        tracing::warn!(%error, "comparisons of pages were not kept");
    }
}

fn check_paths(paths: &[std::path::PathBuf]) -> Result<(), CommandError> {
    // A link that leads nowhere is there: it is taken in and gets its record. So does an
    // address where the store has nothing.
    let is_there =
        |path: &&std::path::PathBuf| Address::is(path) || path.symlink_metadata().is_ok();
    match paths.iter().find(|path| !is_there(path)) {
        Some(path) => Err(CommandError::Usage(format!(
            "{} is not there",
            path.display()
        ))),
        None => Ok(()),
    }
}

/// Opens a library for reading; one of an earlier version is brought up to date first, as
/// the window does. None where there is none.
fn brought_up_to_date(library: &std::path::Path) -> Result<Option<Reader>, LibraryError> {
    match Reader::open(library) {
        Err(LibraryError::Older { .. }) => {
            drop(Library::open(library)?);
            Reader::open(library)
        }
        opened => opened,
    }
}

fn reader(library: &std::path::Path) -> Result<Reader, CommandError> {
    brought_up_to_date(library)?.ok_or_else(|| {
        CommandError::Configuration(format!(
            "there is no library in {} yet; `pagesieve process` makes one",
            library.display()
        ))
    })
}

/// The batch that was named, or the newest.
fn chosen(reader: &Reader, batch: Option<i64>) -> Result<BatchSummary, CommandError> {
    match batch {
        Some(number) => reader.batch(BatchId(number))?.ok_or_else(|| {
            CommandError::Usage(format!(
                "there is no batch {number}; `pagesieve batches` lists them"
            ))
        }),
        None => reader
            .newest_batch()?
            .ok_or_else(|| CommandError::Configuration("the library has no batches yet".into())),
    }
}
