//! Shards from end to end: the real program, real files, real kills.

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rusqlite::types::Value as Cell;
use rusqlite::{Connection, Row};
use serde_json::Value;
use support::family::mail_pdf;
use support::prng::Prng;
use support::program::{Place, Ran, signal, wait_for};
use support::skip::skip;
use support::{
    coloured_pdf, encrypted_pdf, hanging_pdf, scanned_pdf, text_pdf, truncated_pdf, zip_of,
};

/// Exit codes.
const DONE: i32 = 0;
const SOME_FAILED: i32 = 65;
const TRY_AGAIN: i32 = 75;
const CONFIGURATION: i32 = 78;

/// Documents of many kinds, some of them bad.
fn mixed_sources(place: &Place) {
    for pages in 1..=9 {
        place.source(&format!("letters/{pages}.pdf"), &text_pdf(pages));
    }
    place.source("copy.pdf", &text_pdf(4));
    place.source("colours.pdf", &coloured_pdf());
    place.source("scan.pdf", &scanned_pdf());
    place.source("locked.pdf", &encrypted_pdf("secret", "owner"));
    place.source("truncated.pdf", &truncated_pdf());
    let archive = zip_of(&[("in/a.pdf", &text_pdf(3)), ("in/b.pdf", &text_pdf(5))]);
    place.source("more.zip", &archive);
    place.source("broken.zip", b"PK\x03\x04 and nothing more");
    place.source("notes.txt", b"no PDF");
    let contract = mail_pdf(1, &[("annex.pdf", &text_pdf(3))]);
    let letters = zip_of(&[("mail.pdf", &mail_pdf(2, &[("contract.pdf", &contract)]))]);
    place.source("mails.zip", &letters);
    place.source("mail.pdf", &mail_pdf(2, &[("copy.pdf", &text_pdf(4))]));
}

fn plan_path(place: &Place) -> PathBuf {
    place.path().join("plan.json")
}

/// Where the results of shards are.
fn result(place: &Place, index: u32) -> PathBuf {
    place.path().join("results").join(index.to_string())
}

fn plan(place: &Place, shards: u32) -> Value {
    let (sources, out) = (place.sources(), plan_path(place));
    let ran = place.run([
        Path::new("shard"),
        Path::new("plan"),
        &sources,
        Path::new("--shards"),
        Path::new(&shards.to_string()),
        Path::new("--overwrite"),
        Path::new("--out"),
        &out,
    ]);
    assert_eq!(ran.code(), DONE, "{}", ran.errors());
    let text = std::fs::read_to_string(out).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["plan"].take()
}

fn run_command(place: &Place, index: u32, more: &[&str]) -> Command {
    let index_text = index.to_string();
    let mut command = place.command([Path::new("shard"), Path::new("run"), &plan_path(place)]);
    command.args(["--index", &index_text, "--out"]);
    command.arg(result(place, index)).args(more);
    command
}

fn run(place: &Place, index: u32) -> Ran {
    Ran(run_command(place, index, &[]).output().unwrap())
}

/// Runs all shards, although some inputs fail.
fn run_all(place: &Place, shards: u32) {
    for index in 0..shards {
        let ran = run_command(place, index, &["--page-failures-ok"]).output();
        let ran = Ran(ran.unwrap());
        assert_eq!(ran.code(), DONE, "{}", ran.errors());
    }
}

fn merge_of(place: &Place, results: &[PathBuf]) -> Ran {
    let mut command = place.command([Path::new("shard"), Path::new("merge"), &plan_path(place)]);
    command.args(results);
    Ran(command.output().unwrap())
}

fn merge(place: &Place) -> Ran {
    merge_of(place, &[place.path().join("results")])
}

fn manifest(place: &Place, index: u32) -> Value {
    let text = std::fs::read_to_string(result(place, index).join("manifest.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The hidden folder in which a shard is done.
fn workplace(place: &Place, index: u32) -> PathBuf {
    let name = format!(".{index}.pagesieve-shard");
    result(place, index).with_file_name(name)
}

/// Waits until a shard that goes on has so many pages done.
fn wait_for_pages(place: &Place, index: u32, pages: i64) {
    let library = workplace(place, index).join("library/library.sqlite");
    place.wait(|| {
        let library = Connection::open(&library).ok()?;
        let count = "SELECT count(*) FROM measurement";
        let done: i64 = library.query_row(count, [], |row| row.get(0)).ok()?;
        (done >= pages).then_some(())
    });
}

/// Another place with the same sources, processed in one run.
fn one_run(place: &Place) -> Place {
    let one = Place::new();
    let sources = place.sources();
    let ran = one.run([Path::new("process"), &sources]);
    assert!(
        [DONE, SOME_FAILED].contains(&ran.code()),
        "{}",
        ran.errors()
    );
    one
}

/// What a library says, but for times, runs and what surrounded failures.
fn tables(place: &Place) -> BTreeMap<&'static str, Vec<Vec<Cell>>> {
    const TABLES: [(&str, &str); 9] = [
        ("batches", "SELECT name, cancelled FROM batch"),
        ("roots", "SELECT path FROM batch_root ORDER BY path"),
        (
            "documents",
            "SELECT id, ordinal, name, source_path, archive_entry, bytes, modified, hash, status,
             pages, pages_done, pages_failed, encrypted FROM document ORDER BY id",
        ),
        ("pages", "SELECT * FROM page ORDER BY document, number"),
        (
            "measurements",
            "SELECT document, number, ink, characters, words, engine, disagreement, signals
             FROM measurement ORDER BY document, number",
        ),
        (
            "texts",
            "SELECT document, number, text FROM page_text ORDER BY document, number",
        ),
        (
            "fingerprints",
            "SELECT document, number, content, look, drawn, ink FROM fingerprint
             ORDER BY document, number",
        ),
        (
            "details",
            "SELECT document, details, waits FROM document_details ORDER BY document",
        ),
        (
            "failures",
            "SELECT document, page, stage, kind, detail, attempts, hash, version FROM failure
             ORDER BY document, page",
        ),
    ];
    let library = Connection::open(place.library().join("library.sqlite")).unwrap();
    let rows = |sql: &str| {
        let mut statement = library.prepare(sql).unwrap();
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| (0..columns).map(|at| row.get(at)).collect());
        rows.unwrap()
            .collect::<Result<Vec<Vec<Cell>>, _>>()
            .unwrap()
    };
    let places = rows("SELECT id, ordinal FROM document");
    let places: BTreeMap<i64, i64> = places
        .iter()
        .map(|row| (whole(&row[0]), whole(&row[1])))
        .collect();
    // Numbers of what is attached to documents depend on which was opened first; places do
    // not.
    let by_place = |mut rows: Vec<Vec<Cell>>| {
        for row in &mut rows {
            row[0] = Cell::Integer(places[&whole(&row[0])]);
        }
        rows.sort_by_key(|row| whole(&row[0]));
        rows
    };
    TABLES
        .iter()
        .map(|(name, sql)| match *name {
            "batches" | "roots" => (*name, rows(sql)),
            _ => (*name, by_place(rows(sql))),
        })
        .collect()
}

fn whole(cell: &Cell) -> i64 {
    match cell {
        Cell::Integer(number) => *number,
        other => panic!("{other:?} is no number"),
    }
}

/// A list, but for times.
fn list(place: &Place, what: &str) -> Vec<Value> {
    let ran = place.run([what, "--columns", "all", "--format", "jsonl"]);
    assert_eq!(ran.code(), DONE, "{what}: {}", ran.errors());
    let mut rows: Vec<Value> = ran
        .output()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for row in &mut rows {
        for time in ["ms", "at", "free_before"] {
            row.as_object_mut().unwrap().remove(time);
        }
    }
    rows
}

fn search(place: &Place, words: &str) -> Vec<Value> {
    let ran = place.run(["search", words, "--format", "jsonl"]);
    assert_eq!(ran.code(), DONE, "{}", ran.errors());
    let lines = ran.output();
    let lines = lines.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn assert_same(merged: &Place, one: &Place) {
    let (merged_tables, one_tables) = (tables(merged), tables(one));
    for (name, rows) in &one_tables {
        assert!(!rows.is_empty(), "{name}: nothing to compare");
        assert_eq!(&merged_tables[name], rows, "{name}");
    }
    for what in ["documents", "pages", "failures", "duplicates"] {
        let (merged_rows, one_rows) = (list(merged, what), list(one, what));
        assert_eq!(merged_rows.len(), one_rows.len(), "{what}");
        for (of_merged, of_one) in merged_rows.iter().zip(&one_rows) {
            assert_eq!(of_merged, of_one, "{what}");
        }
    }
    let found = search(one, "the");
    assert!(!found.is_empty());
    assert_eq!(search(merged, "the"), found);
}

#[test]
fn shards_make_the_batch_of_one_run_although_one_is_killed_and_inputs_fail() {
    let place = Place::new();
    mixed_sources(&place);
    let planned = plan(&place, 3);
    let shares = planned["shards"].as_array().unwrap();
    let pages = |share: &Value| share["pages"].as_u64().unwrap();
    let (most, least) = (
        shares.iter().map(pages).max(),
        shares.iter().map(pages).min(),
    );
    assert!(most.unwrap() - least.unwrap() <= 3, "{shares:?}");
    let inputs = planned["inputs"].as_array().unwrap();
    assert_eq!(inputs.len(), 19);
    let letter = inputs
        .iter()
        .find(|input| input["name"] == "letters/9.pdf")
        .unwrap();
    assert_eq!(letter["pages"], 9);
    let hash = blake3::hash(&text_pdf(9)).to_hex().to_string();
    assert_eq!(letter["hash"].as_str().unwrap(), hash);

    let mut child = run_command(&place, 1, &["--workers", "1"]).spawn().unwrap();
    wait_for_pages(&place, 1, 3);
    signal("KILL", child.id());
    child.wait().unwrap();
    assert!(!result(&place, 1).exists());
    let lacking = merge(&place);
    assert_eq!(lacking.code(), CONFIGURATION);

    for index in 0..3 {
        let ran = run(&place, index);
        let failures = manifest(&place, index)["failures"]
            .as_array()
            .unwrap()
            .len();
        let expected = if failures > 0 { SOME_FAILED } else { DONE };
        assert_eq!(ran.code(), expected, "{}", ran.errors());
        assert!(!workplace(&place, index).exists());
    }
    let failures: usize = (0..3)
        .map(|index| {
            manifest(&place, index)["failures"]
                .as_array()
                .unwrap()
                .len()
        })
        .sum();
    assert_eq!(failures, 3);
    assert_eq!(place.left_by_copies(), Vec::<PathBuf>::new());
    let thumbnails = std::fs::read_dir(place.scratch().join("thumbnails"));
    assert_eq!(
        thumbnails.map_or(0, Iterator::count),
        0,
        "thumbnails stayed"
    );

    let merged = merge(&place);
    assert_eq!(merged.code(), DONE, "{}", merged.errors());
    assert_same(&place, &one_run(&place));

    let again = merge(&place);
    assert_eq!(again.code(), DONE, "{}", again.errors());
    assert!(
        again.output().contains("is there already"),
        "{}",
        again.output()
    );
    assert_eq!(place.list("batches").len(), 1);
    // All of its own runs are there, and each page is of one of them.
    let runs = place.list("runs");
    assert!(runs.len() >= 3, "{runs:?}");
    let of_runs: u64 = runs.iter().map(|run| run["pages"].as_u64().unwrap()).sum();
    assert_eq!(of_runs as usize, tables(&place)["measurements"].len());
}

#[test]
fn a_merged_batch_stands_beside_others_and_is_worked_with_like_any() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(2));
    assert_eq!(place.process().code(), DONE);
    place.source("b.pdf", &text_pdf(3));
    place.source("c.pdf", &truncated_pdf());
    plan(&place, 2);
    run_all(&place, 2);
    assert_eq!(merge(&place).code(), DONE);
    let batches = place.list("batches");
    assert_eq!(batches.len(), 2);
    assert_eq!(place.list("pages").len(), 5);

    let decided = place.run(["decide", "--where", "page:1", "--reject"]);
    assert_eq!(decided.code(), DONE, "{}", decided.errors());
    assert_eq!(place.list("decisions").len(), 2);
    // The same sources go on with it, and find nothing to do but what failed.
    let ran = place.process();
    assert_eq!(ran.code(), SOME_FAILED, "{}", ran.errors());
    assert_eq!(place.list("batches").len(), 2);
    let again = place.run(["reprocess", "--where", "page:1"]);
    assert_eq!(again.code(), SOME_FAILED, "{}", again.errors());
}

#[test]
fn a_shard_that_is_done_is_not_done_again_and_nothing_else_is_replaced() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(2));
    plan(&place, 3);
    // Engines make folders beforehand.
    std::fs::create_dir_all(result(&place, 0)).unwrap();
    run_all(&place, 3);
    let when = |index| {
        let results = result(&place, index).join("results.sqlite");
        results.metadata().unwrap().modified().unwrap()
    };
    let before: Vec<_> = (0..3).map(when).collect();
    // Two shards have nothing to do, and that is a result too.
    let counts = (0..3).map(|index| manifest(&place, index)["pages"].as_u64().unwrap());
    assert_eq!(counts.sum::<u64>(), 2);
    // As where a run was killed after its result had appeared; the sources need not be there.
    std::fs::create_dir_all(workplace(&place, 0).join("library")).unwrap();
    std::fs::rename(place.sources(), place.path().join("moved")).unwrap();
    let again = run(&place, 0);
    assert_eq!(again.code(), DONE, "{}", again.errors());
    assert!(again.output().contains("done before"));
    assert!(!workplace(&place, 0).exists());
    assert_eq!((0..3).map(when).collect::<Vec<_>>(), before);

    // Of another shard, of somebody else, and half of one.
    let mut other = place.command([Path::new("shard"), Path::new("run"), &plan_path(&place)]);
    other.args(["--index", "1", "--out"]).arg(result(&place, 0));
    assert_eq!(other.output().unwrap().status.code(), Some(CONFIGURATION));
    std::fs::remove_file(result(&place, 1).join("_SUCCESS")).unwrap();
    let half = run(&place, 1);
    assert_eq!(half.code(), CONFIGURATION);
    assert!(
        half.errors().contains("nothing in it was touched"),
        "{}",
        half.errors()
    );
    assert_eq!(when(1), before[1]);
    let merged = merge(&place);
    assert_eq!(merged.code(), CONFIGURATION);
    assert!(
        merged.errors().contains("_SUCCESS is missing"),
        "{}",
        merged.errors()
    );
    // Done again; two of three had nothing to do.
    std::fs::remove_dir_all(result(&place, 1)).unwrap();
    let root = format!("sources={}", place.path().join("moved").display());
    let ran = Ran(run_command(&place, 1, &["--root", &root]).output().unwrap());
    assert_eq!(ran.code(), DONE, "{}", ran.errors());
    assert_eq!(merge(&place).code(), DONE);
    assert_eq!(place.list("pages").len(), 2);
}

#[test]
fn the_folder_of_a_result_may_be_named_by_its_shard_and_the_shard_by_the_engine() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(1));
    place.source("b.pdf", &text_pdf(1));
    plan(&place, 2);
    let run = |variables: &[(&str, &str)]| {
        let mut command = place.command([Path::new("shard"), Path::new("run"), &plan_path(&place)]);
        command
            .arg("--out")
            .arg(place.path().join("results/{index}"));
        Ran(command.envs(variables.iter().copied()).output().unwrap())
    };
    let none = run(&[]);
    assert_eq!(none.code(), CONFIGURATION);
    assert!(none.errors().contains("--index"), "{}", none.errors());
    let slurm = [
        ("SLURM_ARRAY_TASK_ID", "21"),
        ("SLURM_ARRAY_TASK_MIN", "20"),
        ("SLURM_ARRAY_TASK_COUNT", "2"),
    ];
    assert_eq!(run(&slurm).code(), DONE);
    assert!(result(&place, 1).join("_SUCCESS").exists() && !result(&place, 0).exists());
    assert_eq!(run(&[("PARALLEL_SEQ", "1")]).code(), DONE);
    assert!(result(&place, 0).join("_SUCCESS").exists());
    assert_eq!(
        run(&[("AWS_BATCH_JOB_ARRAY_INDEX", "2")]).code(),
        CONFIGURATION
    );
    assert_eq!(merge(&place).code(), DONE);
}

#[test]
fn sources_may_be_elsewhere_and_have_to_be_those_that_were_planned() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(2));
    place.source("b.pdf", &text_pdf(3));
    plan(&place, 1);
    let moved = place.path().join("moved");
    std::fs::rename(place.sources(), &moved).unwrap();
    let missing = run(&place, 0);
    assert_eq!(missing.code(), CONFIGURATION);
    assert!(
        missing.errors().contains("--root sources=DIR"),
        "{}",
        missing.errors()
    );
    let wrong = run_command(&place, 0, &["--root", "other=/tmp"])
        .output()
        .unwrap();
    assert_eq!(wrong.status.code(), Some(CONFIGURATION));

    // The same size, and another content.
    let mut other = text_pdf(3);
    let end = other.len() - 1;
    other[end] = b' ';
    assert_ne!(other, text_pdf(3));
    std::fs::write(moved.join("b.pdf"), other).unwrap();
    let root = format!("sources={}", moved.display());
    let ran = Ran(run_command(&place, 0, &["--root", &root]).output().unwrap());
    assert_eq!(ran.code(), SOME_FAILED, "{}", ran.errors());
    let failures = manifest(&place, 0)["failures"].clone();
    assert_eq!(failures[0]["document"], "b.pdf");
    assert_eq!(failures[0]["kind"], "changed");
    assert_eq!(failures.as_array().unwrap().len(), 1);
    assert_eq!(merge(&place).code(), DONE);
    assert_eq!(place.statuses("a.pdf"), ["done", "done"]);
}

#[test]
fn a_quick_plan_reads_no_document() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(2));
    place.source("b.pdf", &text_pdf(3));
    let mut command = place.command([Path::new("shard"), Path::new("plan"), &place.sources()]);
    command
        .args(["--quick", "--shards", "2", "--out"])
        .arg(plan_path(&place));
    assert!(command.output().unwrap().status.success());
    let text = std::fs::read_to_string(plan_path(&place)).unwrap();
    assert!(!text.contains("\"pages\":2"), "{text}");
    let file: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(file["plan"]["inputs"][0]["hash"], Value::Null);
    // A plan that is there is replaced only when asked.
    assert_eq!(command.output().unwrap().status.code(), Some(2));
    assert_eq!(std::fs::read_to_string(plan_path(&place)).unwrap(), text);

    std::fs::write(place.sources().join("b.pdf"), text_pdf(4)).unwrap();
    run_all(&place, 2);
    let failures = (0..2).map(|index| manifest(&place, index)["failures"].clone());
    let failures: Vec<Value> = failures
        .flat_map(|failures| failures.as_array().unwrap().clone())
        .collect();
    assert_eq!(failures.len(), 1, "{failures:?}");
    assert_eq!(failures[0]["kind"], "changed");
}

#[test]
fn results_that_do_not_belong_together_are_refused() {
    let place = Place::new();
    for pages in 1..=4 {
        place.source(&format!("{pages}.pdf"), &text_pdf(pages));
    }
    plan(&place, 4);
    run_all(&place, 4);
    let results: Vec<PathBuf> = (0..4).map(|index| result(&place, index)).collect();
    let refused = |dirs: &[PathBuf], because: &str| {
        let merged = merge_of(&place, dirs);
        assert_eq!(merged.code(), CONFIGURATION, "{}", merged.output());
        assert!(merged.errors().contains(because), "{}", merged.errors());
        assert_eq!(place.list("batches").len(), 0);
    };
    refused(&results[..1], "these shards lack: 1 to 3");
    refused(
        &[&results[..], &results[2..3]].concat(),
        "shard 2 is there twice",
    );
    refused(&[place.sources()], "these shards lack: 0 to 3");

    let copy = |name: &str| {
        let to = place.path().join(name);
        std::fs::create_dir(&to).unwrap();
        for entry in std::fs::read_dir(&results[3]).unwrap().flatten() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
        to
    };
    let without = |other: PathBuf| [&results[..3], &[other]].concat();
    for (name, file) in [("one", "results.sqlite"), ("two", "manifest.json")] {
        let copied = copy(name);
        let path = copied.join(file);
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        refused(&without(copied), "is not what its shard has written");
    }

    let plan_before = std::fs::read(plan_path(&place)).unwrap();
    place.source("5.pdf", &text_pdf(5));
    plan(&place, 4);
    refused(&results, "is the result of another plan");
    std::fs::write(plan_path(&place), &plan_before).unwrap();
    let text = String::from_utf8(plan_before.clone()).unwrap();
    std::fs::write(plan_path(&place), text.replace("4.pdf", "7.pdf")).unwrap();
    refused(&results, "was changed after it was made");
    std::fs::write(plan_path(&place), plan_before).unwrap();
    assert_eq!(merge_of(&place, &results).code(), DONE);
    assert_eq!(place.list("pages").len(), 10);
}

#[test]
fn a_shard_that_is_asked_to_end_is_out_in_time_and_goes_on_later() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(6));
    place.source("hanging.pdf", &hanging_pdf());
    plan(&place, 1);
    let start = || {
        let more = ["--workers", "1", "--page-deadline", "30"];
        run_command(&place, 0, &more).spawn().unwrap()
    };
    let mut child = start();
    wait_for_pages(&place, 0, 6);
    // Two runs of a shard do not meet.
    let other = run(&place, 0);
    assert_eq!(other.code(), TRY_AGAIN, "{}", other.errors());
    assert!(
        other.errors().contains("another run is at work"),
        "{}",
        other.errors()
    );

    let asked = Instant::now();
    signal("TERM", child.id());
    let status = child.wait().unwrap();
    assert!(
        asked.elapsed() < Duration::from_secs(5),
        "{:?}",
        asked.elapsed()
    );
    assert_eq!(status.code(), Some(TRY_AGAIN));
    assert!(!result(&place, 0).exists());

    // What was done is not done again.
    let before = measured(&place, 0);
    let again = Ran(run_command(&place, 0, &["--page-deadline", "1"])
        .output()
        .unwrap());
    assert_eq!(again.code(), SOME_FAILED, "{}", again.errors());
    let failures = manifest(&place, 0)["failures"].clone();
    assert_eq!(failures[0]["kind"], "deadline_passed", "{failures}");
    assert_eq!(merge(&place).code(), DONE);
    let library = Connection::open(place.library().join("library.sqlite")).unwrap();
    let after = measured_in(&library);
    assert!(before.len() >= 6, "{before:?}");
    assert!(
        before.iter().all(|page| after.contains(page)),
        "{before:?} {after:?}"
    );
    assert_eq!(after.len(), 8, "all pages but the one that hangs");
}

#[test]
fn a_shard_without_space_is_to_be_tried_again() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(2));
    plan(&place, 1);
    let small = ["--scratch-budget", "1KB", "--wait-for-space", "1"];
    let ran = Ran(run_command(&place, 0, &small).output().unwrap());
    assert_eq!(ran.code(), TRY_AGAIN, "{}", ran.errors());
    assert!(!result(&place, 0).exists());
    let again = run(&place, 0);
    assert_eq!(again.code(), DONE, "{}", again.errors());
    assert_eq!(manifest(&place, 0)["pages"], 2);
}

/// Each page that is done, and how long it took, which no two tries agree on.
fn measured(place: &Place, index: u32) -> Vec<(String, i64, i64)> {
    let library = workplace(place, index).join("library/library.sqlite");
    measured_in(&Connection::open(library).unwrap())
}

fn measured_in(library: &Connection) -> Vec<(String, i64, i64)> {
    let sql =
        "SELECT name, number, micros FROM measurement JOIN document ON document = document.id";
    let mut statement = library.prepare(sql).unwrap();
    let page = |row: &Row| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let rows = statement.query_map([], page).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// Starts a command again and again and kills it, at any time up to that at which it ended
/// when it was let; how often it was still at work.
fn kill_rounds(prng: &mut Prng, start: impl Fn() -> Child, after: impl Fn()) -> u32 {
    const ROUNDS: u32 = 15;
    let mut killed = 0;
    let mut longest = Duration::from_millis(50);
    for _ in 0..ROUNDS {
        let started = Instant::now();
        let mut child = start();
        let patience = longest.mul_f64(prng.between(0.0, 1.3));
        while started.elapsed() < patience && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(2));
        }
        if child.try_wait().unwrap().is_none() {
            child.kill().unwrap();
            killed += 1;
            // None has come to its end yet.
            longest = longest.mul_f64(1.3);
        }
        child.wait().unwrap();
        after();
    }
    killed
}

#[test]
fn killing_a_run_or_a_merge_anywhere_does_no_harm() {
    let place = Place::new();
    for pages in 1..=12 {
        place.source(&format!("{pages}.pdf"), &text_pdf(10 * pages));
    }
    plan(&place, 2);
    let mut prng = Prng::new(7);
    let mut killed = 0;
    let quiet = |mut command: Command| {
        let command = command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().unwrap()
    };
    for index in 0..2 {
        let result = result(&place, index);
        let start = || quiet(run_command(&place, index, &[]));
        killed += kill_rounds(&mut prng, start, || {
            assert_eq!(result.exists(), result.join("_SUCCESS").exists());
        });
        let ran = run(&place, index);
        assert_eq!(ran.code(), DONE, "{}", ran.errors());
        assert!(!workplace(&place, index).exists());
    }
    let start = || {
        let mut command =
            place.command([Path::new("shard"), Path::new("merge"), &plan_path(&place)]);
        command.arg(place.path().join("results"));
        quiet(command)
    };
    killed += kill_rounds(&mut prng, start, || {
        let batches = place.list("batches");
        assert!(
            batches.iter().all(|batch| batch["pages"] == 780),
            "{batches:?}"
        );
    });
    assert!(killed >= 15, "{killed} kills are too few to say anything");
    assert_eq!(merge(&place).code(), DONE);
    assert_eq!(place.list("batches").len(), 1);
    let (merged, one) = (tables(&place), tables(&one_run(&place)));
    for (name, rows) in &one {
        assert_eq!(&merged[name], rows, "{name}");
    }
}

#[test]
fn decisions_of_several_people_are_put_together() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(4));
    plan(&place, 1);
    run_all(&place, 1);
    // Each has the results in a library of their own.
    let library = |name: &str| place.path().join(name);
    let of = |name: &str, author: &str, arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pagesieve"));
        command.args(arguments).arg("--library").arg(library(name));
        let usual = place.command(["--version"]);
        let usual = usual
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?)));
        command.envs(usual).arg("--scratch").arg(place.scratch());
        command.args(["--scratch-floor", "1MB"]);
        let ran = Ran(command.env("USER", author).output().unwrap());
        assert!(
            [DONE, SOME_FAILED].contains(&ran.code()),
            "{}",
            ran.errors()
        );
        ran
    };
    let results = result(&place, 0);
    let plan_path = plan_path(&place);
    let merge = [
        "shard",
        "merge",
        plan_path.to_str().unwrap(),
        results.to_str().unwrap(),
    ];
    for name in ["ann", "bob"] {
        of(name, name, &merge);
    }
    of("ann", "ann", &["decide", "--where", "page:1", "--reject"]);
    of(
        "bob",
        "bob",
        &["decide", "--where", "page:1 OR page:2", "--keep"],
    );
    let bob = library("bob");
    let join = ["library", "merge", bob.to_str().unwrap(), "--json"];
    let joined = of("ann", "ann", &join);
    assert_eq!(joined.code(), SOME_FAILED);
    let told: Value = serde_json::from_str(&joined.output()).unwrap();
    assert_eq!(told["added"], 1);
    let conflicts = told["conflicts"].as_array().unwrap();
    assert_eq!(conflicts.len(), 1, "{told}");
    assert_eq!(
        (&conflicts[0]["document"], &conflicts[0]["page"]),
        (&"a.pdf".into(), &1.into())
    );
    assert_eq!(conflicts[0]["here"]["what"], "Reject");
    assert_eq!(conflicts[0]["there"]["author"], "bob");
    let pages = of(
        "ann",
        "ann",
        &["pages", "--columns", "decision", "--format", "csv"],
    );
    assert_eq!(pages.output(), "decision\nreject\nkeep\nnone\nnone\n");
    let again: Value = serde_json::from_str(&of("ann", "ann", &join).output()).unwrap();
    assert_eq!(again["added"], 0);
}

#[test]
fn thumbnails_come_along_where_they_are_wanted() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(2));
    place.source("b.pdf", &text_pdf(1));
    plan(&place, 2);
    for index in 0..2 {
        let ran = run_command(&place, index, &["--thumbnails"])
            .output()
            .unwrap();
        assert!(ran.status.success());
        let files = manifest(&place, index)["files"].clone();
        assert_eq!(files[1]["name"], "thumbnails.zip");
    }
    assert_eq!(merge(&place).code(), DONE);
    let mut packs = Vec::new();
    for library in std::fs::read_dir(place.scratch().join("thumbnails"))
        .unwrap()
        .flatten()
    {
        for pack in std::fs::read_dir(library.path().join("1"))
            .unwrap()
            .flatten()
        {
            packs.push((pack.file_name(), pack.metadata().unwrap().len() > 1_000));
        }
    }
    packs.sort();
    assert_eq!(packs, [("1.pack".into(), true), ("2.pack".into(), true)]);
}

/// As `assets/shards.md` has it.
#[test]
fn gnu_parallel_runs_the_shards_and_tries_again_what_was_killed() {
    let found = Command::new("parallel").arg("--version").output();
    if !found.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("GNU parallel")) {
        return skip("parallel", "GNU parallel is not installed");
    }
    let place = Place::new();
    mixed_sources(&place);
    plan(&place, 4);
    let shell = |script: &str| {
        let program = place.command(["--version"]);
        let mut command = Command::new("bash");
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let folder = Path::new(env!("CARGO_BIN_EXE_pagesieve")).parent().unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        command
            .env("PATH", format!("{}:{path}", folder.display()))
            .env("HOME", place.path())
            .args(["-ec", script])
            .current_dir(place.path());
        command
    };
    let recipe = "seq 0 3 | parallel --jobs 2 --retries 3 --resume-failed --joblog jobs.log \
                  pagesieve shard run plan.json --index {} --out results/{} \
                  --page-failures-ok";
    let mut child = shell(recipe).spawn().unwrap();
    // One of them is killed as soon as it is at work.
    let victim = wait_for(Duration::from_secs(60), || {
        let mut processes = std::fs::read_dir("/proc").ok()?.flatten();
        processes.find_map(|entry| {
            let id: u32 = entry.file_name().to_str()?.parse().ok()?;
            let line = std::fs::read(entry.path().join("cmdline")).ok()?;
            let folder = std::fs::read_link(entry.path().join("cwd")).ok()?;
            let is_run = line
                .split(|byte| *byte == 0)
                .any(|word| word == b"results/2");
            let is_ours = folder == place.path().canonicalize().ok()?;
            let is_program = line.starts_with(b"pagesieve");
            (is_run && is_ours && is_program).then_some(id)
        })
    });
    signal("KILL", victim);
    assert!(child.wait().unwrap().success());
    let log = std::fs::read_to_string(place.path().join("jobs.log")).unwrap();
    assert_eq!(log.lines().count(), 5, "{log}");
    // Begun anew, it finds nothing to do.
    assert!(shell(recipe).status().unwrap().success());
    assert_eq!(merge(&place).code(), DONE);
    assert_same(&place, &one_run(&place));
}
