//! `shard`: plans a batch as parts for many machines, runs one of them, and puts the
//! results together. Not for starting them: that is what engines for batches do.

mod index;
mod run;

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::json;

use super::arguments::{Arguments, read_passwords};
use super::output::{self, complain, say};
use super::process::{catch_interruptions, compare};
use super::split::Bench;
use super::{CommandError, Ending, check_paths};
use crate::format::counted;
use crate::model::Address;
use crate::triage::shard::{self, PlanFile, Roots};
use crate::triage::{Places, Scratch};

/// Files that were left out and are named.
const NAMED: usize = 20;

/// How long merging waits for room to compare pages.
const PATIENCE: Duration = Duration::from_secs(30);

/// What to do with shards.
#[derive(Debug, Subcommand)]
pub enum ShardVerb {
    /// Deal the documents of sources out to shards with about as many pages each
    Plan(PlanArguments),
    /// Do one shard; running it again does nothing, or goes on where it was killed
    Run(RunArguments),
    /// Put the results of all shards into one batch of the library
    ///
    /// Refused where one lacks, is there twice, is of another plan or was changed. Done
    /// again it does nothing. Afterwards pages that are the same are looked for, as they are
    /// at the end of `process`; the closest looks need the sources.
    Merge(MergeArguments),
}

/// How to plan.
#[derive(Debug, Args)]
pub struct PlanArguments {
    /// Files, folders or ZIP archives
    #[arg(required = true)]
    sources: Vec<PathBuf>,
    /// How many shards
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    shards: u32,
    /// The file for the plan
    #[arg(long, value_name = "PLAN")]
    out: PathBuf,
    /// Go by the sizes of documents: open none, count no pages, note no hashes
    #[arg(long)]
    quick: bool,
    /// Replace the file where it is there already
    #[arg(long)]
    overwrite: bool,
    /// File with passwords to try, one a line
    #[arg(long, value_name = "FILE", conflicts_with = "quick")]
    password_file: Option<PathBuf>,
}

/// How to run a shard.
#[derive(Debug, Args)]
pub struct RunArguments {
    /// The plan
    plan: PathBuf,
    /// Which shard, from 0; unless given, what the engine that starts it says in its
    /// environment
    #[arg(long, value_name = "INDEX")]
    index: Option<u32>,
    /// Folder for the result of this shard, or an address in object storage; {index} in it
    /// stands for the shard
    ///
    /// It appears complete, or not at all. The work is done in a hidden folder beside it.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Where a root of the plan is on this machine
    #[arg(long = "root", value_name = "NAME=DIR", value_parser = root)]
    roots: Vec<(String, PathBuf)>,
    /// Keep thumbnails with the result
    #[arg(long)]
    thumbnails: bool,
    /// End with exit code 0 although some inputs failed; the manifest names them
    #[arg(long)]
    page_failures_ok: bool,
    /// File with passwords to try, one a line
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// How long to wait for space before giving up with exit code 75
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    wait_for_space: u32,
}

/// How to merge.
#[derive(Debug, Args)]
pub struct MergeArguments {
    /// The plan
    plan: PathBuf,
    /// Results of its shards, or folders of them; also addresses in object storage
    #[arg(required = true, value_name = "DIR")]
    results: Vec<PathBuf>,
    /// Where a root of the plan is on this machine, for looking at pages
    #[arg(long = "root", value_name = "NAME=DIR", value_parser = root)]
    roots: Vec<(String, PathBuf)>,
}

/// Does what was asked for.
pub fn shard(
    arguments: &Arguments,
    places: &Places,
    verb: &ShardVerb,
) -> Result<Ending, CommandError> {
    match verb {
        ShardVerb::Plan(asked) => plan(arguments, places, asked),
        ShardVerb::Run(asked) => run::run(arguments, places, asked),
        ShardVerb::Merge(asked) => merge(arguments, places, asked),
    }
}

fn plan(
    arguments: &Arguments,
    places: &Places,
    asked: &PlanArguments,
) -> Result<Ending, CommandError> {
    check_paths(&asked.sources)?;
    if !asked.overwrite && asked.out.exists() {
        let out = asked.out.display();
        return Err(CommandError::Usage(format!(
            "{out} is there already; --overwrite replaces it"
        )));
    }
    let passwords = read_passwords(asked.password_file.as_deref())?;
    let bench = Bench::new(arguments, places)?;
    let planned = shard::plan(
        &asked.sources,
        asked.shards,
        !asked.quick,
        &passwords,
        &bench.options.engines(),
        &bench.pool,
        &bench.cancel,
    )?;
    let Some(planned) = planned else {
        complain!("pagesieve: interrupted; there is no plan");
        return Ok(Ending::CanGoOn);
    };
    for sentence in planned.not_taken.sentences(NAMED) {
        complain!("pagesieve: {sentence}");
    }
    let plan = &planned.plan;
    let hash = PlanFile::write(plan, &asked.out, asked.overwrite)?;
    let pages: u64 = plan.shards.iter().map(|share| share.pages).sum();
    let uncounted = plan
        .inputs
        .iter()
        .filter(|input| input.pages.is_none())
        .count();
    if arguments.json {
        output::print_json(&json!({
            "plan": asked.out.to_string_lossy(),
            "hash": hash,
            "documents": plan.inputs.len(),
            "uncounted": uncounted,
            "pages": pages,
            "shards": plan.shards,
            "left_out": planned.not_taken.count(),
        }));
    } else {
        let documents = counted(plan.inputs.len() as u64, "document", "documents");
        let most = plan.shards.iter().map(|share| share.pages).max();
        say!(
            "{documents} with {pages} pages in {}, of at most {} pages",
            counted(plan.shards.len() as u64, "shard", "shards"),
            most.unwrap_or(0),
        );
        if uncounted > 0 {
            let pages = if uncounted == 1 {
                "those of 1 document"
            } else {
                "those of some documents"
            };
            say!("pages are counted, {pages} guessed by size ({uncounted} not opened)");
        }
    }
    // What may hold documents and was not opened counts as failed, as in `process`.
    Ok(match planned.not_taken.containers {
        0 if !plan.inputs.is_empty() => Ending::Done,
        _ => Ending::SomeFailed,
    })
}

fn merge(
    arguments: &Arguments,
    places: &Places,
    asked: &MergeArguments,
) -> Result<Ending, CommandError> {
    let file = PlanFile::read(&asked.plan)?;
    let roots = Roots::new(&file.plan, &asked.roots)?;
    let settings = arguments.scratch_settings(places);
    let interrupted = catch_interruptions(|| {});
    let (stores, mut results): (Vec<&PathBuf>, Vec<&PathBuf>) =
        asked.results.iter().partition(|path| Address::is(path));
    let mut brought = Vec::new();
    if !stores.is_empty() {
        let (scratch, _) = Scratch::open(settings.clone())?;
        for (number, address) in stores
            .into_iter()
            .filter_map(|path| Address::of(path))
            .enumerate()
        {
            brought.push(shard::bring(&scratch, number, &address, &interrupted)?);
        }
    }
    results.extend(brought.iter().flat_map(|brought| &brought.dirs));
    let results: Vec<PathBuf> = results.into_iter().cloned().collect();
    let merged = shard::merge(&file, &results, &roots, &places.library, settings)?;
    drop(brought);
    // No shard knows which of its pages are also in another.
    compare(arguments.options(places)?, PATIENCE, &interrupted)?;
    if interrupted.load(Ordering::Relaxed) {
        complain!("pagesieve: interrupted; the same command goes on from here");
        return Ok(Ending::CanGoOn);
    }
    let summary = &merged.batch;
    if arguments.json {
        let mut line = json!(summary);
        line["was_there"] = merged.was_there.into();
        output::print_json(&line);
        return Ok(Ending::Done);
    }
    let (number, name) = (summary.batch.id.0, &summary.batch.name);
    match merged.was_there {
        true => say!("batch {number} \"{name}\" is there already"),
        false => say!(
            "batch {number} \"{name}\": {} documents, {} pages of {} shards",
            summary.documents,
            summary.pages,
            file.plan.shards.len(),
        ),
    }
    Ok(Ending::Done)
}

/// Reads `NAME=DIR`.
fn root(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, folder)) if !name.is_empty() && !folder.is_empty() => {
            Ok((name.to_owned(), folder.into()))
        }
        _ => Err("NAME=DIR, with a name of the plan's roots".into()),
    }
}
