//! `shard run`: one shard from its plan to its result. Whatever kills it does no harm: it
//! is in a hidden folder until it is complete.

use std::path::{Path, PathBuf};
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::index::index;
use super::{RunArguments, output};
use crate::cli::arguments::{Arguments, read_passwords};
use crate::cli::output::{complain, say};
use crate::cli::process::{Compare, Finished, catch_interruptions, work};
use crate::cli::{CommandError, Ending, reader};
use crate::format::counted;
use crate::library::LibraryError;
use crate::model::{Address, Secret};
use crate::objects::Objects;
use crate::triage::shard::{
    Manifest, PlanFile, Roots, ShardError, THUMBNAILS, Workplace, finished, finished_at, publish,
    put, remove_local, save_thumbnails,
};
use crate::triage::{Command, KnownSources, Options, Places, Scratch, StartError};

/// Whoever asks a batch to end kills it before long: by then it has to be out.
const OUT_WITHIN: Duration = Duration::from_millis(4_500);
/// The exit code of one that was interrupted.
const TRY_AGAIN: i32 = 75;

/// Does a shard and says how it went.
pub fn run(
    arguments: &Arguments,
    places: &Places,
    asked: &RunArguments,
) -> Result<Ending, CommandError> {
    // A kill does no harm, so that ending at once does none either.
    let interrupted = catch_interruptions(|| {
        std::thread::sleep(OUT_WITHIN);
        process::exit(TRY_AGAIN);
    });
    let file = PlanFile::read(&asked.plan)?;
    let index = match asked.index {
        Some(index) => index,
        None => index_of_engine(file.plan.shards.len())?,
    };
    file.check_index(index)?;
    let roots = Roots::new(&file.plan, &asked.roots)?;
    let named = named_for(&asked.out, index);
    let (out, store) = match Address::of(&named) {
        None => (result_folder(named), None),
        Some(address) => {
            let scratch = Scratch::look(arguments.scratch_settings(places))?;
            let objects = Objects::new(&scratch);
            if let Some(manifest) =
                finished_at(&objects, &address, (file.hash, index), &interrupted)?
            {
                tell(&manifest, None, arguments.json);
                return Ok(ending(&manifest, asked));
            }
            (
                folder_for(&places.library, &address),
                Some((objects, address)),
            )
        }
    };
    // Refuses a folder with anything else in it before anything is made beside it.
    finished(&out, file.hash, index)?;
    let place = Workplace::take(&out, &task(&file, index, &roots))?;
    let (manifest, took) = match finished(&out, file.hash, index)? {
        Some(manifest) => (manifest, None),
        None => {
            roots.check(file.plan.of_shard(index))?;
            let options = Options {
                library: place.library(),
                ..arguments.options(places)?
            };
            let command = command(
                &file,
                index,
                &roots,
                read_passwords(asked.password_file.as_deref())?,
            );
            let patience = Duration::from_secs(asked.wait_for_space.into());
            let Some(done) = do_it(&options, &command, patience, &interrupted, &place)? else {
                return Ok(Ending::CanGoOn);
            };
            let pictures = asked.thumbnails;
            let manifest = hand_in(&file, index, &options, &place, &done, pictures)?;
            (manifest, Some(done.took))
        }
    };
    if let Some((objects, address)) = store {
        put(&objects, &out, &manifest, &address, &interrupted)?;
        remove_local(&out);
    }
    // Also where a run was killed after the result had appeared.
    place.dissolve();
    tell(&manifest, took, arguments.json);
    Ok(ending(&manifest, asked))
}

fn ending(manifest: &Manifest, asked: &RunArguments) -> Ending {
    match manifest.has_failures() && !asked.page_failures_ok {
        true => Ending::SomeFailed,
        false => Ending::Done,
    }
}

/// Where a result is made that is then put to a store: a run that was killed goes on there.
fn folder_for(library: &Path, address: &Address) -> PathBuf {
    let name = blake3::hash(address.to_string().as_bytes()).to_hex();
    library.join("shards").join(&name[..16])
}

/// Does all that is to be done; none where it was interrupted or found no room.
fn do_it(
    options: &Options,
    command: &Command,
    patience: Duration,
    interrupted: &AtomicBool,
    place: &Workplace,
) -> Result<Option<Finished>, CommandError> {
    let work = || {
        let (options, command) = (options.clone(), command.clone());
        work(options, command, patience, interrupted, Compare::Nothing)
    };
    let done = match work() {
        // Of no use to anybody: what a killed machine has left.
        Err(error) if is_damaged(&error) => {
            complain!("pagesieve: {error}; the shard begins anew");
            place.clear()?;
            work()
        }
        done => done,
    };
    Ok(done?.filter(|_| !interrupted.load(Ordering::Relaxed)))
}

/// Makes the result, and takes the thumbnails out of scratch, where nobody will look for
/// them any more.
fn hand_in(
    file: &PlanFile,
    index: u32,
    options: &Options,
    place: &Workplace,
    done: &Finished,
    thumbnails: bool,
) -> Result<Manifest, CommandError> {
    let reader = reader(&place.library())?;
    let packs = Scratch::look(options.scratch.clone())?.packs(&reader.id()?);
    let mut files = Vec::new();
    if thumbnails {
        let to = place.staging().join(THUMBNAILS);
        let batch = done.summary.batch.id;
        save_thumbnails(&packs, &reader, batch, (&file.plan, index), &to)
            .map_err(ShardError::io("write", &to))?;
        files.push(THUMBNAILS.to_owned());
    }
    drop(reader);
    let shards = u32::try_from(file.plan.shards.len()).unwrap_or(u32::MAX);
    let manifest = publish(place, (file.hash, index, shards), &done.summary, &files)?;
    packs.remove_library();
    Ok(manifest)
}

fn index_of_engine(shards: usize) -> Result<u32, CommandError> {
    index(shards, |name| std::env::var(name).ok()).map_err(CommandError::Configuration)
}

/// What was named for the result of this shard.
fn named_for(out: &Path, index: u32) -> PathBuf {
    match out.to_str() {
        Some(text) => PathBuf::from(text.replace("{index}", &index.to_string())),
        None => out.to_owned(),
    }
}

/// The folder of the result: absolute, so that it has a name and a folder above it.
fn result_folder(named: PathBuf) -> PathBuf {
    let absolute = std::path::absolute(&named).unwrap_or(named);
    // Without a closing slash.
    absolute.components().collect()
}

/// All that has to be the same for a run to go on with what a killed one has done.
fn task(file: &PlanFile, index: u32, roots: &Roots) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let roots = roots
        .iter()
        .map(|(name, folder)| format!("{name:?} {folder:?}\n"));
    format!(
        "{version}\n{} {index}\n{}",
        file.hash,
        roots.collect::<String>()
    )
}

fn command(file: &PlanFile, index: u32, roots: &Roots, passwords: Vec<Secret>) -> Command {
    let inputs = || file.plan.of_shard(index);
    Command::TakeInKnown {
        known: Arc::new(KnownSources {
            name: file.plan.name.clone(),
            roots: file.plan.sources.iter().map(|at| roots.path(at)).collect(),
            documents: inputs().map(|input| input.found(roots)).collect(),
            expected: inputs()
                .filter_map(|input| Some((input.source(roots), input.hash?)))
                .collect(),
        }),
        passwords,
    }
}

fn is_damaged(error: &CommandError) -> bool {
    match error {
        CommandError::Start(StartError::Library(error)) | CommandError::Library(error) => {
            matches!(
                error,
                LibraryError::Damaged { .. } | LibraryError::Newer { .. }
            )
        }
        _ => false,
    }
}

/// Says what a shard has come to, and in what time; none: an earlier run did it.
fn tell(manifest: &Manifest, took: Option<Duration>, json: bool) {
    if json {
        return output::print_json(manifest);
    }
    let when = match took {
        None => ", done before".to_owned(),
        Some(took) => format!(" in {:.1} s", took.as_secs_f64()),
    };
    say!(
        "shard {} of {}: {} documents, {} pages{when}",
        manifest.index,
        manifest.shards,
        manifest.documents,
        manifest.pages,
    );
    if manifest.has_failures() {
        let failures = counted(manifest.failures.len() as u64, "input", "inputs");
        say!("{failures} failed; manifest.json names them");
    }
}
