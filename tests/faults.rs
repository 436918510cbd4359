//! The real program under faults: killed at random moments, and with single calls of
//! the system failing. Nothing is lost, done twice or left behind.
//!
//! `PAGESIEVE_KILLS=400 cargo test --test faults kills` kills it more often.

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use pagesieve::scratch::{Scratch, ScratchSettings};
use pagesieve::triage::Reader;
use support::prng::Prng;
use support::program::{Place, Ran};
use support::text_pdf;

/// Kills in a usual run of the tests.
const KILLS: usize = 25;

/// Thumbnails by document, in the order of documents.
fn thumbnails(place: &Place) -> Vec<usize> {
    let library = Reader::open(&place.library()).unwrap().unwrap();
    let (scratch, _) = Scratch::open(ScratchSettings {
        dir: place.scratch(),
        budget: None,
        floor: Some(0),
        offered: None,
    })
    .unwrap();
    let packs = scratch.packs(&library.id().unwrap());
    let mut documents = packs.documents();
    documents.sort();
    let pages = documents
        .into_iter()
        .map(|(batch, document)| packs.pages(batch, document).len());
    pages.collect()
}

fn assert_sound(place: &Place) {
    let database = rusqlite::Connection::open(place.library().join("library.sqlite")).unwrap();
    let check: String = database
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(check, "ok");
}

/// What the lists say of each page, but for how long it took.
fn pages(place: &Place) -> Vec<serde_json::Value> {
    let mut rows = place.list("pages");
    for row in &mut rows {
        row.as_object_mut().unwrap().remove("ms");
    }
    rows
}

#[test]
fn hundreds_of_kills_lose_nothing_and_leave_nothing() {
    let kills = std::env::var("PAGESIEVE_KILLS")
        .ok()
        .and_then(|kills| kills.parse().ok())
        .unwrap_or(KILLS);
    let place = Place::new();
    let sizes = [40, 1, 25, 60, 3, 31];
    for (number, pages) in sizes.into_iter().enumerate() {
        place.source(&format!("{number}.pdf"), &text_pdf(pages));
    }
    let sources = place.sources();
    let mut random = Prng::new(7);
    let started = Instant::now();
    let mut finished = 0;
    for _ in 0..kills {
        // Once all is done, all of it is done again: there is always work to kill.
        let arguments: [&Path; 2] = match finished {
            0 => [Path::new("process"), &sources],
            _ => [Path::new("reprocess"), Path::new("--json")],
        };
        let mut child = place.start(arguments);
        let patience = Duration::from_millis(random.range(20, 350).unsigned_abs());
        let until = Instant::now() + patience;
        while Instant::now() < until && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(2));
        }
        if child.try_wait().unwrap().is_some() {
            finished += 1;
        }
        let _ = child.kill();
        let _ = child.wait();
    }
    println!(
        "{kills} kills in {:?}; {finished} runs ended first",
        started.elapsed()
    );
    let ran = place.process();
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let ran = place.run(["reprocess"]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());

    let undisturbed = Place::new();
    for (number, pages) in sizes.into_iter().enumerate() {
        undisturbed.source(&format!("{number}.pdf"), &text_pdf(pages));
    }
    undisturbed.process();
    assert_eq!(place.list("batches").len(), 1);
    assert!(pages(&place) == pages(&undisturbed), "other results");
    assert_eq!(thumbnails(&place), sizes);
    assert!(place.left_by_copies().is_empty());
    assert_sound(&place);
}

/// The program, in which one call of the system fails once: `inject` as strace has
/// it, on the file at `path` or on any.
fn with_fault(place: &Place, inject: &str, path: Option<&Path>, arguments: &[&str]) -> Ran {
    let trace = place.path().join("trace");
    let inner = place.command(arguments);
    let mut command = Command::new("strace");
    command
        .args(["-f", "-qq", "-o"])
        .arg(&trace)
        .args(["-e", &format!("inject={inject}")])
        .args(
            path.into_iter()
                .flat_map(|path| ["-P".as_ref(), path.as_os_str()]),
        )
        .arg(inner.get_program())
        .args(inner.get_args());
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    // A panic is told as people are told it.
    command.env_remove("RUST_BACKTRACE");
    let ran = Ran(command.stdin(Stdio::null()).output().expect("strace runs"));
    let trace = std::fs::read_to_string(trace).unwrap();
    assert!(trace.contains("(INJECTED)"), "{inject}: no such call");
    ran
}

fn can_inject() -> bool {
    let tried = Command::new("strace")
        .args([
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            "inject=fsync:error=ENOSPC",
            "true",
        ])
        .stderr(Stdio::null())
        .status();
    let can = tried.is_ok_and(|status| status.success());
    if !can {
        support::skip::skip("strace", "system calls cannot be made to fail");
    }
    can
}

/// The disk says no at the first, second … write of a thumbnail, for want of room
/// or because of a quota: work waits, goes on by itself, and all is there.
#[test]
fn each_write_of_thumbnails_may_fail() {
    if !can_inject() {
        return;
    }
    let place = Place::new();
    let first = place.source("first.pdf", &text_pdf(2));
    assert_eq!(place.run(["process", first.to_str().unwrap()]).code(), 0);
    let library = Reader::open(&place.library())
        .unwrap()
        .unwrap()
        .id()
        .unwrap();
    for (number, error) in [(1, "ENOSPC"), (2, "EDQUOT"), (3, "ENOSPC"), (7, "EDQUOT")] {
        let name = format!("{number}.pdf");
        let source = place.source(&name, &text_pdf(10 + number));
        let batches = place.list("batches").len() + 1;
        let pack = format!("thumbnails/{library}/{batches}/{batches}.pack");
        let ran = with_fault(
            &place,
            &format!("write:error={error}:when={number}"),
            Some(&place.scratch().join(pack)),
            &["process", source.to_str().unwrap(), "--workers", "1"],
        );
        assert_eq!(ran.code(), 0, "{number}: {}", ran.errors());
        assert_eq!(place.statuses(&name), vec!["done"; 10 + number]);
        assert_eq!(thumbnails(&place).last(), Some(&(10 + number)));
    }
    assert!(place.left_by_copies().is_empty());
}

/// The disk says no to the database: at a write of its journal, when it is flushed.
#[test]
fn each_write_of_the_library_may_fail() {
    if !can_inject() {
        return;
    }
    for (file, fault) in [
        ("library.sqlite-wal", "pwrite64:error=ENOSPC:when=1"),
        ("library.sqlite-wal", "pwrite64:error=ENOSPC:when=2"),
        ("library.sqlite-wal", "pwrite64:error=EDQUOT:when=9"),
        ("library.sqlite-wal", "pwrite64:error=ENOSPC:when=30..34"),
        ("library.sqlite-wal", "fsync,fdatasync:error=EIO:when=1"),
        ("library.sqlite", "pwrite64:error=ENOSPC:when=1"),
        ("library.sqlite", "fsync,fdatasync:error=ENOSPC:when=1"),
    ] {
        let place = Place::new();
        let source = place.source("a.pdf", &text_pdf(40));
        let arguments = ["process", source.to_str().unwrap(), "--wait-for-space", "5"];
        let file = place.library().join(file);
        let ran = with_fault(&place, fault, Some(&file), &arguments);
        let code = ran.code();
        assert!(
            [0, 75, 78].contains(&code),
            "{fault}: {code} {}",
            ran.errors()
        );
        let ran = place.run(["process", source.to_str().unwrap()]);
        assert_eq!(ran.code(), 0, "{fault}: {}", ran.errors());
        assert_eq!(place.statuses("a.pdf"), vec!["done"; 40], "{fault}");
        assert_eq!(place.list("batches").len(), 1, "{fault}");
        assert_sound(&place);
        assert!(place.left_by_copies().is_empty(), "{fault}");
    }
}

/// A part is there whole or not at all, whichever call fails on its way.
#[test]
fn each_step_of_writing_parts_may_fail() {
    if !can_inject() {
        return;
    }
    for fault in [
        "fsync,fdatasync:error=ENOSPC:when=1",
        "fsync,fdatasync:error=EIO:when=1",
        "syncfs:error=ENOSPC:when=1",
        "renameat2,linkat:error=ENOSPC:when=1",
        "renameat2,linkat:error=EDQUOT:when=2",
    ] {
        let place = Place::new();
        let source = place.source("a.pdf", &text_pdf(12));
        let out = place.path().join("parts");
        std::fs::create_dir(&out).unwrap();
        let arguments = [
            "split",
            source.to_str().unwrap(),
            "--out",
            out.to_str().unwrap(),
            "--every",
            "3",
        ];
        let ran = with_fault(&place, fault, None, &arguments);
        for part in parts(&out) {
            let bytes = std::fs::read(&part).unwrap();
            assert!(
                bytes.trim_ascii_end().ends_with(b"%%EOF"),
                "{fault}: {part:?}"
            );
        }
        assert_ne!(ran.code(), 101, "{fault}: {}", ran.errors());
        let ran = place.run(arguments);
        assert_eq!(ran.code(), 0, "{fault}: {}", ran.errors());
        assert_eq!(parts(&out).len(), 4, "{fault}");
        assert!(place.left_by_copies().is_empty());
    }
}

fn parts(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    let paths = entries.map(|entry| entry.path());
    paths
        .filter(|path| path.extension().is_some_and(|kind| kind == "pdf"))
        .collect()
}

/// The system gives no random numbers, without which Rust itself goes on by a panic.
#[test]
fn a_panic_leaves_a_report_that_quotes_nothing_of_documents() {
    if !can_inject() {
        return;
    }
    let place = Place::new();
    place.source("Zürich salaries.pdf", &text_pdf(2));
    let sources = place.sources();
    let arguments = ["process", sources.to_str().unwrap()];
    let ran = with_fault(&place, "getrandom:error=EIO:when=2+", None, &arguments);
    assert_ne!(ran.code(), 0);
    let crashes = place.path().join("data/pagesieve/crashes");
    for words in ["went wrong at std/src/", "a report without anything"] {
        assert!(ran.errors().contains(words), "{words}: {}", ran.errors());
    }
    let report = pagesieve::crash::take_new(&crashes).expect("a report");
    let text = pagesieve::crash::read(&report).unwrap();
    for words in [
        concat!("Pagesieve ", env!("CARGO_PKG_VERSION"), " went wrong"),
        "Where   ",
        ", thread ",
        "System  ",
        // Lines of files are there only where a build keeps them; functions always are.
        "pagesieve::cli::",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let home = std::env::var("HOME").unwrap_or("/root".into());
    for words in ["Zürich", place.path().to_str().unwrap(), &home] {
        assert!(!text.contains(words), "{words}: {text}");
    }
    // The next run is as if nothing had been.
    let ran = place.process();
    assert_eq!(ran.code(), 0, "{}", ran.errors());
}
