//! Files that try to break a reader, in one batch beside a good document: each ends in its record or
//! in pages, the good one is not held up, and the program stays small.

mod support;

use std::collections::VecDeque;
use std::path::Path;
use std::time::Duration;

use support::program::{Place, Ran, wait_for, workers_of};
use support::{hostile, text_pdf};

/// Runs the folder of sources and returns the most memory that the host held, in bytes.
fn process(place: &Place, more: &[&str]) -> (Ran, u64) {
    let sources = place.sources();
    let first = [Path::new("process"), &sources];
    let more = more.iter().map(Path::new);
    let mut child = place.start(first.into_iter().chain(more));
    let mut most = 0;
    let status = format!("/proc/{}/status", child.id());
    while child.try_wait().unwrap().is_none() {
        if let Some(peak) = std::fs::read_to_string(&status).ok().and_then(|s| peak(&s)) {
            most = most.max(peak);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    (Ran(child.wait_with_output().unwrap()), most)
}

/// The line `VmHWM` of `/proc/PID/status`, in bytes.
fn peak(status: &str) -> Option<u64> {
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
}

#[test]
fn hostile_files_end_in_their_records_and_cost_the_others_nothing() {
    let place = Place::new();
    place.source("good.pdf", &text_pdf(60));
    let (ran, alone) = process(&place, &[]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());

    let files = hostile::all();
    for (name, bytes) in &files {
        place.source(name, bytes);
    }
    let (ran, with_others) = process(&place, &["--new", "--page-deadline", "5"]);
    assert_eq!(ran.code(), 65, "{}", ran.errors());

    let documents = place.documents();
    assert_eq!(documents.len(), files.len() + 1);
    assert_eq!(place.statuses("good.pdf"), ["done"; 60]);
    for (name, document) in &documents {
        let pages = place.statuses(name);
        println!(
            "{name}: {} {:?}",
            document["status"],
            &pages[..pages.len().min(4)]
        );
        assert_ne!(document["status"], "waiting", "{name}");
        assert_eq!(
            document["pages"].as_u64().unwrap(),
            pages.len() as u64,
            "{name}"
        );
        assert!(pages.iter().all(|page| page != "waiting"), "{name}");
        if document["status"] != "ok" {
            assert!(document["failure"].is_string(), "{name}: {document}");
        }
    }
    // What can be drawn of a hostile file is drawn.
    for name in ["crash.pdf", "hang.pdf"] {
        assert_eq!(place.statuses(name), ["done", "failed", "done"], "{name}");
    }
    for name in [
        "endless-stream.pdf",
        "objects.pdf",
        "annotations.pdf",
        "inflating.pdf",
    ] {
        assert_eq!(place.statuses(name), ["done"], "{name}");
    }
    // The host parses nothing: it holds what it holds for a good document, and thumbnails.
    assert!(
        with_others < alone + (48 << 20),
        "{alone} bytes alone, {with_others} with the others"
    );
    assert_eq!(place.left_by_copies(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn numbers_that_no_reader_believes_spoil_nothing() {
    let place = Place::new();
    place.source("good.pdf", &text_pdf(3));
    let odd = hostile::odd_pages();
    for (name, bytes) in &odd {
        place.source(name, bytes);
    }
    let ran = place.process();
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let pages = place.list("pages");
    assert_eq!(pages.len(), odd.len() + 3);
    for page in &pages {
        assert_eq!(page["status"], "done", "{page}");
        for side in ["width_mm", "height_mm"] {
            let side = page[side].as_f64().expect("a size");
            assert!(side < 1e9, "{page}");
        }
    }
    assert_eq!(place.list("documents").len(), odd.len() + 1);
    assert_eq!(place.run(["duplicates", "--json"]).code(), 0);
    let again = place.run(["reprocess"]);
    assert_eq!(again.code(), 0, "{}", again.errors());
    assert_eq!(place.statuses("good.pdf"), ["done"; 3]);
}

#[test]
fn a_small_file_that_says_very_much_fills_neither_library_nor_host() {
    let place = Place::new();
    place.source("good.pdf", &text_pdf(20));
    let (ran, alone) = process(&place, &[]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let library = || {
        let files = std::fs::read_dir(place.library()).unwrap().flatten();
        let database = files.filter(|file| file.file_name() != "ballast");
        database
            .map(|file| file.metadata().unwrap().len())
            .sum::<u64>()
    };
    let before = library();
    let bomb = hostile::much_text_pdf(24, 12, 4);
    assert!(bomb.len() < 100_000);
    place.source("much.pdf", &bomb);
    let (ran, with_bomb) = process(&place, &["--new"]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    assert_eq!(place.statuses("good.pdf"), ["done"; 20]);
    assert_eq!(place.statuses("much.pdf"), ["done"; 24]);
    for page in place.list("pages") {
        let is_bomb = page["document"] == "much.pdf";
        let expected = if is_bomb { "yes" } else { "no" };
        assert_eq!(page["text_cut"], expected, "{page}");
    }
    let grown = library() - before;
    assert!(grown < 96 << 20, "the library grew by {grown} bytes");
    assert!(
        with_bomb < alone + (96 << 20),
        "{alone} bytes alone, {with_bomb} with it"
    );
}

#[test]
fn objects_that_refer_to_each_other_without_end_are_split_all_the_same() {
    let place = Place::new();
    place.source("good.pdf", &text_pdf(2));
    place.source("layers.pdf", &hostile::layers_within_themselves_pdf());
    place.source("titles.pdf", &hostile::shared_titles_pdf(3_000));
    let out = place.path().join("parts");
    let ran = place.run([
        Path::new("split"),
        &place.sources(),
        Path::new("--out"),
        &out,
        Path::new("--every"),
        Path::new("1"),
        Path::new("--worker-memory"),
        Path::new("700MiB"),
    ]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let parts = std::fs::read_dir(&out).unwrap().flatten();
    let parts = parts.filter(|file| file.path().extension().is_some_and(|e| e == "pdf"));
    assert_eq!(parts.count(), 4);
}

#[test]
fn a_file_that_claims_more_pages_than_it_can_hold_is_refused() {
    let place = Place::new();
    place.source("good.pdf", &text_pdf(2));
    place.source("pages.pdf", &hostile::more_pages_than_bytes_pdf(200_000));
    place.source("some.pdf", &hostile::more_pages_than_bytes_pdf(20));
    let ran = place.process();
    assert_eq!(ran.code(), 65, "{}", ran.errors());
    let documents = place.documents();
    assert_eq!(documents["pages.pdf"]["failure"], "too_large");
    assert_eq!(documents["some.pdf"]["pages"], 20);
    assert_eq!(place.statuses("good.pdf"), ["done"; 2]);
}

#[test]
fn a_page_that_needs_more_memory_than_allowed_says_so() {
    let place = Place::new();
    place.source("a.pdf", &hostile::inflating_pdf(600));
    let (ran, _) = process(&place, &["--worker-memory", "700MiB"]);
    assert_eq!(ran.code(), 65, "{}", ran.errors());
    let reasons: Vec<_> = place
        .list("pages")
        .into_iter()
        .chain(place.list("documents"))
        .filter_map(|row| row["failure"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(reasons, ["out_of_memory"]);
}

#[test]
fn a_file_cut_while_it_is_read_ends_in_a_record() {
    let place = Place::new();
    let cut = place.source("a.pdf", &text_pdf(100));
    place.source("b.pdf", &support::hanging_pdf());
    let mut run = place.start_and_hang();
    place.wait_for_pages(4);
    // The worker that had it open hangs in the other document: the rest is read anew.
    let whole = std::fs::read(&cut).unwrap();
    std::fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    assert_eq!(run.wait().unwrap().code(), Some(65));
    let documents = place.documents();
    assert_ne!(documents["a.pdf"]["status"], "waiting");
    assert!(place.statuses("a.pdf").iter().all(|page| page != "waiting"));
}

#[test]
fn the_pool_keeps_its_size() {
    let place = Place::new();
    for (name, bytes) in hostile::all() {
        place.source(name, &bytes);
    }
    let mut run = place.start_and_hang();
    let mut most = 0;
    let mut seen = VecDeque::new();
    while run.try_wait().unwrap().is_none() {
        seen.push_back(workers_of(run.id()));
        // One that was ended takes seconds to give its memory back on a busy machine.
        if seen.len() > 12 {
            seen.pop_front();
            let stay = seen[0].iter();
            let stay = stay.filter(|worker| seen.iter().all(|then| then.contains(*worker)));
            most = most.max(stay.count());
        }
        std::thread::sleep(Duration::from_millis(250));
    }
    // One worker, and for a moment the one that takes its place.
    assert!((1..=2).contains(&most), "{most} workers at once");
    wait_for(Duration::from_secs(10), || {
        workers_of(run.id()).is_empty().then_some(())
    });
}
