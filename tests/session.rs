//! The session as its faces drive it: commands in, events out, with real workers
//! and real disks.

mod support;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use pagesieve::library::{Library, NewDocument, Opened};
use pagesieve::model::{
    BatchId, ContentHash, Document, DocumentId, FailureKind, FindingId, PageId, PageShape, Source,
    SplitPlan,
};
use pagesieve::triage::split::{ExportOptions, Rules, Writing};
use pagesieve::triage::{
    Analysers, Command, Destination, EngineChoice, Event, ExportState, Options, Progress, Reader,
    RunState, Scope, Scratch, ScratchSettings, Session, WorkerLimits, WorkerProgram,
};
use support::disk::Disk;
use support::program::{Place, workers_of};
use support::{not_a_pdf_png, text_pdf, truncated_pdf};

fn start(place: &Place, scratch: PathBuf) -> Session {
    start_with(place, scratch, WorkerLimits::default())
}

fn start_with(place: &Place, scratch: PathBuf, limits: WorkerLimits) -> Session {
    Session::start(options(place, scratch, limits)).expect("a session")
}

fn options(place: &Place, scratch: PathBuf, limits: WorkerLimits) -> Options {
    Options {
        library: place.library(),
        scratch: ScratchSettings {
            dir: scratch,
            budget: None,
            // Little, so that a disk of this machine that is nearly full changes nothing.
            floor: Some(1 << 20),
            offered: None,
        },
        workers: 2,
        limits,
        program: WorkerProgram {
            executable: PathBuf::from(env!("CARGO_BIN_EXE_pagesieve")),
            pdfium: None,
            output: None,
        },
        engines: place.path().join("engines"),
        engine: EngineChoice::Auto,
        analysers: Analysers::built_in(),
        wake: Arc::new(|| {}),
    }
}

/// A session in which a thread of this name panics whenever it has told something.
fn start_with_a_fault(place: &Place, thread: &'static str) -> Session {
    let mut options = options(place, place.scratch(), WorkerLimits::default());
    options.wake = Arc::new(move || {
        let name = std::thread::current().name().map(str::to_owned);
        assert_ne!(name.as_deref(), Some(thread), "on purpose");
    });
    Session::start(options).expect("a session")
}

fn take_in(session: &Session, path: &Path) {
    session.send(Command::TakeIn {
        paths: vec![path.to_owned()],
        destination: Destination::Auto,
        passwords: vec![],
    });
}

/// Reads events until one is what is looked for; fails after a minute.
fn until<T>(session: &Session, what: &str, mut find: impl FnMut(Event) -> Option<T>) -> T {
    let patience = Instant::now() + Duration::from_secs(60);
    loop {
        let left = patience.saturating_duration_since(Instant::now());
        match session.events().recv_timeout(left) {
            Ok(event) => {
                if let Some(found) = find(event) {
                    return found;
                }
            }
            Err(_) => panic!("waited in vain for {what}"),
        }
    }
}

fn finished(event: Event) -> Option<Progress> {
    match event {
        Event::Progress(progress)
            if progress.state == RunState::Finished && progress.summary.documents > 0 =>
        {
            Some(progress)
        }
        _ => None,
    }
}

fn opened(session: &Session) -> BatchId {
    until(session, "a batch", |event| match event {
        Event::Opened { batch, .. } => Some(batch.id),
        _ => None,
    })
}

fn first_document(session: &Session) -> Document {
    until(session, "a document", |event| match event {
        Event::Documents(_, documents) => documents.into_iter().next(),
        _ => None,
    })
}

#[test]
fn a_thumbnail_is_there_soon_and_is_made_again_when_it_was_evicted() {
    let place = Place::new();
    let path = place.source("long.pdf", &text_pdf(500));
    let session = start(&place, place.scratch());
    let dropped = Instant::now();
    take_in(&session, &path);
    let document = first_document(&session);
    let page = PageId {
        document: document.id,
        number: 1,
    };
    until(&session, "the first page", |event| match event {
        Event::Pages(_, pages) => pages
            .iter()
            .any(|p| p.id == page && p.measurements.is_some())
            .then_some(()),
        _ => None,
    });
    let thumbnail = |session: &Session| {
        session.send(Command::Thumbnails(vec![page]));
        until(session, "a thumbnail", |event| match event {
            Event::Thumbnail(thumbnail) => Some(thumbnail),
            Event::Pages(..) => {
                // Made again: ask again, as the window does.
                session.send(Command::Thumbnails(vec![page]));
                None
            }
            _ => None,
        })
    };
    let first = thumbnail(&session);
    println!("first thumbnail after {:?}", dropped.elapsed());
    assert_eq!(first.width.max(first.height), 256);
    until(&session, "the end", finished);

    std::fs::remove_dir_all(place.scratch().join("thumbnails")).unwrap();
    let again = thumbnail(&session);
    assert_eq!(again, first);
}

#[test]
fn a_batch_forgotten_in_mid_run_does_not_stop_the_others() {
    let place = Place::new();
    let first = place.source("first/a.pdf", &text_pdf(2000));
    let second = place.source("second/b.pdf", &text_pdf(300));
    let session = start(&place, place.scratch());
    take_in(&session, first.parent().unwrap());
    let forgotten = opened(&session);
    let _ = first_document(&session);
    session.send(Command::Forget(forgotten));
    take_in(&session, second.parent().unwrap());
    let progress = until(&session, "the second batch", finished);
    assert_ne!(progress.summary.batch.id, forgotten);
    assert_eq!(progress.summary.pages_done, 300);
    drop(session);
    assert_eq!(place.list("batches").len(), 1);
}

#[test]
fn what_is_added_once_more_is_said_to_be_there_and_another_batch_follows_one_forgotten() {
    let place = Place::new();
    let first = place.source("first/a.pdf", &text_pdf(2));
    let second = place.source("second/b.pdf", &text_pdf(2));
    let session = start(&place, place.scratch());
    take_in(&session, first.parent().unwrap());
    let earlier = opened(&session);
    until(&session, "the first batch", finished);
    take_in(&session, second.parent().unwrap());
    let later = opened(&session);
    until(&session, "the second batch", |event| {
        finished(event).filter(|progress| progress.summary.batch.id == later)
    });
    take_in(&session, second.parent().unwrap());
    let mut documents = Vec::new();
    until(&session, "that it is there", |event| match event {
        Event::Opened { documents: all, .. } => {
            documents = all.iter().map(|document| document.id).collect();
            None
        }
        Event::Notice(words) => words.contains("already").then_some(()),
        _ => None,
    });
    assert_eq!(documents.len(), 1);
    // What was taken out and is put back was not there.
    let not_told = |event: &Event| {
        let is_told = matches!(event, Event::Notice(words) if words.contains("already"));
        assert!(!is_told, "it was not there");
    };
    session.send(Command::TakeOut {
        batch: later,
        documents,
    });
    let files = until(&session, "what was taken out", |event| match event {
        Event::TakenOut { files, .. } => Some(files),
        _ => None,
    });
    session.send(Command::PutBack {
        batch: later,
        files,
    });
    let mut is_back = false;
    until(&session, "all of it", |event| {
        not_told(&event);
        is_back |= matches!(&event, Event::Documents(batch, _) if *batch == later);
        finished(event).filter(|progress| is_back && progress.summary.pages_done == 2)
    });
    session.send(Command::Forget(later));
    until(&session, "the other batch", |event| {
        not_told(&event);
        match event {
            Event::Opened { batch, .. } => (batch.id == earlier).then_some(()),
            _ => None,
        }
    });
}

/// Taken out while it is worked on, a document is gone, its file stays, the others are
/// done, and taking it in again puts it back.
#[test]
fn documents_are_taken_out_in_mid_run_and_put_back() {
    let place = Place::new();
    let path = place.source("all/a.pdf", &text_pdf(150));
    place.source("all/b.pdf", &text_pdf(60));
    let session = start(&place, place.scratch());
    take_in(&session, path.parent().unwrap());
    let batch = opened(&session);
    let first = until(&session, "the first pages", |event| match event {
        Event::Pages(_, pages) => pages.first().map(|page| page.id.document),
        _ => None,
    });
    let others = |pages: u64| move |progress: &Progress| progress.summary.pages_done == pages;
    session.send(Command::TakeOut {
        batch,
        documents: vec![first, first, DocumentId(9999)],
    });
    let (names, files) = until(&session, "what was taken out", |event| match event {
        Event::TakenOut { names, files, .. } => Some((names, files)),
        _ => None,
    });
    assert_eq!((names.len(), files.len()), (1, 1));
    let (gone, left) = match names[0].as_str() {
        "a.pdf" => (150, 60),
        _ => (60, 150),
    };
    let progress = until(&session, "the others", |event| {
        finished(event).filter(others(left))
    });
    assert_eq!(progress.summary.documents, 1);
    assert!(files[0].exists());

    session.send(Command::TakeIn {
        paths: files,
        destination: Destination::Batch(batch),
        passwords: vec![],
    });
    let progress = until(&session, "all of it", |event| {
        finished(event).filter(others(left + gone))
    });
    assert_eq!(progress.summary.documents, 2);
    drop(session);
    assert_eq!(place.list("pages").len(), 210);
    // The folder is still where the batch comes from: it is known by it.
    let again = place.run(["process".as_ref(), path.parent().unwrap()]);
    assert_eq!(again.code(), 0, "{}", again.errors());
    assert_eq!(place.list("batches").len(), 1);
}

#[test]
fn processing_again_in_mid_run_ends_with_each_page_once() {
    let place = Place::new();
    let path = place.source("a.pdf", &text_pdf(1500));
    let session = start(&place, place.scratch());
    take_in(&session, &path);
    let batch = opened(&session);
    let _ = first_document(&session);
    for scope in [Scope::All, Scope::Failed(None), Scope::All] {
        std::thread::sleep(Duration::from_millis(100));
        session.send(Command::Reprocess {
            batch,
            scope,
            passwords: vec![],
        });
    }
    let progress = until(&session, "the end", finished);
    assert_eq!(progress.summary.pages_done, 1500);
    drop(session);
    assert_eq!(place.list("pages").len(), 1500);
}

#[test]
fn a_cancelled_batch_stands_still_and_can_be_resumed() {
    let place = Place::new();
    let path = place.source("a.pdf", &text_pdf(3000));
    let session = start(&place, place.scratch());
    take_in(&session, &path);
    let batch = opened(&session);
    let _ = first_document(&session);
    session.send(Command::Cancel(batch));
    until(&session, "the cancelled state", |event| match event {
        Event::Progress(progress) => (progress.state == RunState::Cancelled).then_some(()),
        _ => None,
    });
    session.send(Command::Resume);
    let progress = until(&session, "the end", finished);
    assert_eq!(progress.summary.pages_done, 3000);
}

#[test]
fn documents_that_are_found_after_a_batch_was_cancelled_wait_until_it_is_resumed() {
    let place = Place::new();
    let path = place.source("a.pdf", &text_pdf(3));
    let session = start(&place, place.scratch());
    take_in(&session, &path);
    // Before anything is found: a fresh library counts from 1.
    session.send(Command::Cancel(BatchId(1)));
    let document = first_document(&session);
    std::thread::sleep(Duration::from_secs(1));
    drop(session);
    assert_eq!(place.list("pages").len(), 0, "nothing was opened");
    let reader = Reader::open(&place.library()).unwrap().unwrap();
    let runs = reader.runs(document.batch).unwrap();
    let outcomes = runs.iter().map(|run| run.outcome.as_deref());
    assert!(
        outcomes
            .into_iter()
            .all(|outcome| outcome == Some("cancelled"))
    );
    drop(reader);

    let session = start(&place, place.scratch());
    take_in(&session, &path);
    let progress = until(&session, "the end", finished);
    assert_eq!(progress.summary.pages_done, 3);
    // A batch that was cancelled when it was done takes in more.
    session.send(Command::Cancel(document.batch));
    session.send(Command::TakeIn {
        paths: vec![place.source("b.pdf", &text_pdf(9))],
        destination: Destination::Batch(document.batch),
        passwords: vec![],
    });
    until(&session, "all pages", |event| match event {
        Event::Progress(progress) => (progress.summary.pages_done == 12).then_some(()),
        _ => None,
    });
}

#[test]
fn a_run_is_noted_with_the_engine_that_is_chosen_by_then() {
    let place = Place::new();
    let path = place.source("a.pdf", &text_pdf(1));
    let session = start(&place, place.scratch());
    session.send(Command::SetEngine(EngineChoice::Hayro));
    take_in(&session, &path);
    let batch = opened(&session);
    until(&session, "the end", finished);
    drop(session);
    let reader = Reader::open(&place.library()).unwrap().unwrap();
    let runs = reader.runs(batch).unwrap();
    let settings: serde_json::Value = serde_json::from_str(&runs[0].settings).unwrap();
    assert_eq!(settings["engine"], EngineChoice::Hayro.as_str());
}

fn plan(session: &Session, batch: BatchId) -> SplitPlan {
    session.send(Command::BeginSplit(batch));
    until(session, "a plan", |event| match event {
        Event::SplitProposed(_, plan) => Some(plan.expect("a plan")),
        _ => None,
    })
}

#[test]
fn an_export_ends_for_its_batch_even_by_a_panic_and_the_next_is_carried_out() {
    let place = Place::new();
    let path = place.source("a.pdf", &text_pdf(2));
    let session = start_with_a_fault(&place, "export");
    take_in(&session, &path);
    let batch = opened(&session);
    until(&session, "the end", finished);
    let plan = plan(&session, batch);
    // Each of them panics when it tells how far it is.
    for _ in 0..2 {
        session.send(Command::ExportSplit {
            batch,
            plan: plan.clone(),
            names: vec!["part".into()],
            options: ExportOptions {
                destination: place.path().join("parts"),
                workers: 1,
                ..ExportOptions::default()
            },
        });
        let (named, ended) = until(&session, "the end of the export", |event| match event {
            Event::Export(batch, ExportState::Ended(ended)) => Some((batch, ended)),
            _ => None,
        });
        assert_eq!(named, batch);
        let words = ended.unwrap_err();
        assert!(words.contains("an error in the program"), "{words}");
    }
    // What was being made is gone with it.
    let left = std::fs::read_dir(place.path().join("parts")).unwrap();
    assert_eq!(left.count(), 0);
}

#[test]
fn parts_that_were_being_written_when_the_program_ended_are_told_at_the_next_start() {
    let place = Place::new();
    let path = place.source("a.pdf", &text_pdf(2));
    let session = start(&place, place.scratch());
    take_in(&session, &path);
    let batch = opened(&session);
    until(&session, "the end", finished);
    let folder = place.path().join("parts");
    session.send(Command::ExportSplit {
        batch,
        plan: plan(&session, batch),
        names: vec!["part".into()],
        options: ExportOptions {
            destination: folder.clone(),
            workers: 1,
            ..ExportOptions::default()
        },
    });
    until(&session, "the end of the export", |event| match event {
        Event::Export(_, ExportState::Ended(ended)) => Some(ended.is_ok()),
        _ => None,
    });
    drop(session);
    // As it stands while parts are written.
    let told = |session: &Session| {
        let mut told = None;
        until(session, "the start", |event| match event {
            Event::Trouble(text) => {
                told = Some(text);
                None
            }
            Event::Scratch { .. } => Some(()),
            _ => None,
        });
        told
    };
    assert_eq!(told(&start(&place, place.scratch())), None);
    Writing { batch, folder }.begin(&place.library());
    let said = told(&start(&place, place.scratch())).expect("it is told");
    assert!(said.contains("“a.pdf” were not all written to"), "{said}");
    assert_eq!(told(&start(&place, place.scratch())), None);
}

#[test]
fn pages_are_drawn_and_thumbnails_loaded_after_a_panic_too() {
    for thread in ["view", "thumbnails"] {
        let place = Place::new();
        let path = place.source("a.pdf", &text_pdf(2));
        let session = start_with_a_fault(&place, thread);
        take_in(&session, &path);
        let document = first_document(&session);
        until(&session, "the end", finished);
        for number in [1, 2, 1] {
            let page = PageId {
                document: document.id,
                number,
            };
            session.send(match thread {
                "view" => Command::View(vec![(page, 300)]),
                _ => Command::Thumbnails(vec![page]),
            });
            until(&session, "a picture", |event| match event {
                Event::View(view) => (view.page == page).then_some(()),
                Event::Thumbnail(thumbnail) => (thumbnail.page == page).then_some(()),
                _ => None,
            });
        }
    }
}

#[test]
fn a_session_that_panics_says_so() {
    let place = Place::new();
    let session = start_with_a_fault(&place, "session");
    until(&session, "its last word", |event| match event {
        Event::Broken(words) => Some(words),
        _ => None,
    });
}

#[test]
fn a_forecast_keeps_no_proposal_from_coming() {
    let place = Place::new();
    let path = place.source("a.pdf", &text_pdf(60));
    let session = start(&place, place.scratch());
    take_in(&session, &path);
    let batch = opened(&session);
    until(&session, "the end", finished);
    let whole = plan(&session, batch);
    session.send(Command::ProposeSplit {
        batch,
        rules: Box::new(Rules {
            every: Some(7),
            max_bytes: Some(9_000),
            ..Rules::default()
        }),
    });
    session.send(Command::ForecastSplit {
        batch,
        version: 1,
        plan: whole,
        options: ExportOptions::default(),
    });
    let mut proposed = false;
    let mut forecast = false;
    until(&session, "both", |event| {
        proposed |= matches!(event, Event::SplitProposed(_, Ok(_)));
        forecast |= matches!(event, Event::SplitForecast { version: 1, .. });
        (proposed && forecast).then_some(())
    });
}

#[cfg(target_os = "linux")]
#[test]
fn workers_are_replaced_after_so_many_pages() {
    let place = Place::new();
    let path = place.source("a.pdf", &text_pdf(600));
    let limits = WorkerLimits {
        recycle_after_pages: 50,
        ..WorkerLimits::default()
    };
    let session = start_with(&place, place.scratch(), limits);
    take_in(&session, &path);
    let mut seen = std::collections::BTreeSet::new();
    let progress = until(&session, "the end", |event| {
        seen.extend(workers_of(std::process::id()));
        finished(event)
    });
    assert_eq!(progress.summary.pages_done, 600);
    // Other tests of this process have workers of their own, but not this many.
    assert!(seen.len() >= 6, "{seen:?}");
}

#[test]
fn a_disk_that_others_fill_holds_the_work_until_there_is_room() {
    let place = Place::new();
    let Some(disk) = Disk::mount(place.path().join("disk"), "16m") else {
        return;
    };
    // Less is left than the floor: nothing may be written.
    let foreign = disk.0.join("foreign");
    std::fs::write(&foreign, vec![1; 31 << 19]).unwrap();
    let path = place.source("a.pdf", &text_pdf(200));
    let session = start(&place, disk.0.join("scratch"));
    take_in(&session, &path);
    let reason = until(&session, "a shortage", |event| match event {
        Event::Progress(progress) => match progress.state {
            RunState::Held(reason) => Some(reason),
            _ => None,
        },
        _ => None,
    });
    assert!(
        reason.contains("missing") || reason.contains("refused"),
        "{reason}"
    );
    // It stays held, without a word of work in between.
    let until_then = Instant::now() + Duration::from_secs(5);
    let left = || until_then.saturating_duration_since(Instant::now());
    while let Ok(event) = session.events().recv_timeout(left()) {
        if let Event::Progress(progress) = event {
            assert!(
                matches!(progress.state, RunState::Held(_)),
                "{:?}",
                progress.state
            );
        }
    }
    assert!(foreign.exists(), "what others wrote is theirs");
    std::fs::remove_file(&foreign).unwrap();
    let progress = until(&session, "the end", finished);
    assert_eq!(
        (progress.summary.pages_done, progress.summary.pages_failed),
        (200, 0)
    );
    drop(session);
    drop(disk);
}

#[test]
fn scratch_moves_to_another_disk_while_a_batch_runs() {
    let place = Place::new();
    let path = place.source("long.pdf", &text_pdf(600));
    // Full of what others have put there: work waits for room.
    let Some(full) = Disk::mount(place.path().join("full"), "8m") else {
        return;
    };
    let session = start(&place, full.0.join("scratch"));
    let fill = full.0.join("theirs");
    assert!(std::fs::write(&fill, vec![1; 8 << 20]).is_err());
    take_in(&session, &path);
    until(&session, "work that is held", |event| match event {
        Event::Progress(progress) => matches!(progress.state, RunState::Held(_)).then_some(()),
        _ => None,
    });
    let larger = place.path().join("larger");
    std::fs::create_dir(&larger).unwrap();
    std::fs::write(larger.join("not ours"), "stays").unwrap();
    session.send(Command::MoveScratch(Some(larger.clone())));
    let progress = until(&session, "the end", finished);
    assert_eq!(progress.summary.pages_done, 600);
    assert_eq!(progress.summary.pages_failed, 0);
    drop(session);

    // The folder had something in it: scratch has one of its own there.
    let scratch = larger.join("pagesieve-scratch");
    assert!(count(&scratch.join("thumbnails")) > 0);
    assert!(larger.join("not ours").exists() && fill.exists());
    let before = full.0.join("scratch");
    assert_eq!(count(&before.join("thumbnails")), 0);
    assert_eq!(std::fs::read_dir(before.join("copies")).unwrap().count(), 0);

    // The next start goes there by itself, with all thumbnails.
    let settings = |dir: PathBuf| ScratchSettings {
        dir,
        budget: None,
        floor: Some(0),
        offered: None,
    };
    let (next, _) = Scratch::open(settings(before.clone())).unwrap();
    assert_eq!(next.dir(), scratch.canonicalize().unwrap());
    let library = Reader::open(&place.library())
        .unwrap()
        .unwrap()
        .id()
        .unwrap();
    let packs = next.packs(&library);
    let pages = packs
        .documents()
        .into_iter()
        .map(|(batch, id)| packs.pages(batch, id).len());
    assert_eq!(pages.sum::<usize>(), 600);
    drop((packs, next));

    // Its disk is not there: work goes on in the usual place, which says so.
    std::fs::rename(&scratch, place.path().join("unplugged")).unwrap();
    std::fs::remove_dir_all(&larger).unwrap();
    std::fs::write(&larger, "no folder any more").unwrap();
    let (next, _) = Scratch::open(settings(before.clone())).unwrap();
    assert_eq!(next.dir(), before.canonicalize().unwrap());
    assert_eq!(next.unreachable(), Some(&*scratch));
    drop(next);
}

/// Files in a directory, with all below.
fn count(dir: &Path) -> usize {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.path() {
            path if path.is_dir() => count(&path),
            path => usize::from(path.extension().is_some_and(|kind| kind == "pack")),
        })
        .sum()
}

/// Processes a document, then takes away its thumbnails.
fn without_thumbnails(place: &Place, session: &Session, path: &Path) -> PageId {
    take_in(session, path);
    let document = first_document(session).id;
    until(session, "the end", finished);
    std::fs::remove_dir_all(place.scratch().join("thumbnails")).unwrap();
    PageId {
        document,
        number: 1,
    }
}

/// Looks at a page whose thumbnail is missing, again and again as a person does, until
/// something is told of it that is looked for.
fn look_until<T>(session: &Session, page: PageId, find: impl Fn(&Event) -> Option<T>) -> T {
    let patience = Instant::now() + Duration::from_secs(60);
    loop {
        assert!(Instant::now() < patience, "looked in vain");
        session.send(Command::Thumbnails(vec![page]));
        while let Ok(event) = session.events().recv_timeout(Duration::from_millis(200)) {
            if let Event::Documents(..) | Event::Failures(..) = event {
                panic!("looking changed {event:?}")
            }
            if let Some(found) = find(&event) {
                return found;
            }
        }
    }
}

/// Why a page has no thumbnail.
fn no_thumbnail(page: PageId, event: &Event) -> Option<&str> {
    match event {
        Event::NoThumbnails { pages, reason } => pages.contains(&page).then_some(reason),
        _ => None,
    }
}

#[test]
fn looking_at_a_page_whose_source_is_away_changes_nothing() {
    let place = Place::new();
    let path = place.source("a.pdf", &text_pdf(3));
    let session = start(&place, place.scratch());
    let page = without_thumbnails(&place, &session, &path);
    let away = place.path().join("away.pdf");
    std::fs::rename(&path, &away).unwrap();
    // No worker has it open any more.
    drop(session);
    let session = start(&place, place.scratch());
    let before = (place.list("pages"), place.list("documents"));
    session.send(Command::Open(BatchId(1)));
    let _ = opened(&session);
    let until_told = |word: &str| {
        look_until(&session, page, |event| {
            let reason = no_thumbnail(page, event)?;
            reason.contains(word).then_some(())
        });
    };
    until_told("gone");
    // Other content under its name is no reason to forget anything either.
    std::fs::write(&path, text_pdf(2)).unwrap();
    until_told("changed");
    // It is back: its picture is as well.
    std::fs::rename(&away, &path).unwrap();
    look_until(&session, page, |event| {
        matches!(event, Event::Thumbnail(_)).then_some(())
    });
    drop(session);
    assert_eq!((place.list("pages"), place.list("documents")), before);
    assert!(place.list("failures").is_empty());
}

#[test]
fn looking_at_a_page_that_ends_its_worker_changes_nothing() {
    let place = Place::new();
    let path = place.source("a.pdf", &text_pdf(3));
    let session = start(&place, place.scratch());
    let page = without_thumbnails(&place, &session, &path);
    drop(session);
    let before = (place.list("pages"), place.list("documents"));
    // No answer comes in time, whatever is asked.
    let limits = WorkerLimits {
        open_deadline: Duration::ZERO,
        page_deadline: Duration::ZERO,
        ..WorkerLimits::default()
    };
    let session = start_with(&place, place.scratch(), limits);
    session.send(Command::Open(BatchId(1)));
    let _ = opened(&session);
    let reason = look_until(&session, page, |event| {
        no_thumbnail(page, event).map(str::to_owned)
    });
    assert!(reason.contains("longer than allowed"), "{reason}");
    drop(session);
    assert_eq!((place.list("pages"), place.list("documents")), before);
    assert!(place.list("failures").is_empty());
}

/// Analyses a batch again.
fn reprocess(session: &Session, batch: BatchId, scope: Scope) {
    session.send(Command::Reprocess {
        batch,
        scope,
        passwords: vec![],
    });
}

/// What is known of all pages, without how long it took and what failed since.
fn results(place: &Place) -> Vec<serde_json::Value> {
    let mut rows = place.list("pages");
    for row in &mut rows {
        for passing in ["ms", "failure", "reason"] {
            row[passing].take();
        }
    }
    rows
}

/// Waits for a batch to be finished anew.
fn finished_again(session: &Session) -> Progress {
    until(session, "work", |event| match event {
        Event::Progress(progress) => (progress.state == RunState::Running).then_some(()),
        _ => None,
    });
    until(session, "the end", finished)
}

#[test]
fn analysing_again_keeps_all_results_where_the_source_is_away() {
    let place = Place::new();
    let path = place.source("a.pdf", &text_pdf(6));
    place.source("b.pdf", &text_pdf(2));
    let session = start(&place, place.scratch());
    take_in(&session, &place.sources());
    let batch = opened(&session);
    until(&session, "the end", finished);
    let before = results(&place);
    let details = place.documents();
    let away = place.path().join("away.pdf");
    std::fs::rename(&path, &away).unwrap();
    let first = PageId {
        document: place_of(&place, "a.pdf"),
        number: 1,
    };
    for scope in [
        Scope::All,
        Scope::Documents(vec![first.document]),
        Scope::Pages(vec![first]),
        Scope::Failed(None),
    ] {
        // No worker has the file open.
        reprocess(&session, batch, scope.clone());
        let progress = finished_again(&session);
        assert_eq!(results(&place), before, "{scope:?}");
        let documents = place.documents();
        assert_eq!(documents["a.pdf"]["status"], "ok", "{scope:?}");
        assert_eq!(documents["a.pdf"]["fonts"], details["a.pdf"]["fonts"]);
        assert!(progress.summary.has_failures(), "{scope:?}");
        assert_eq!(documents["a.pdf"]["failure"], "vanished", "{scope:?}");
    }
    std::fs::rename(&away, &path).unwrap();
    reprocess(&session, batch, Scope::Failed(None));
    assert!(!finished_again(&session).summary.has_failures());
    assert_eq!(results(&place), before);
    drop(session);
    assert!(place.list("failures").is_empty());
}

/// The id of a document.
fn place_of(place: &Place, name: &str) -> DocumentId {
    let reader = Reader::open(&place.library()).unwrap().unwrap();
    let documents = reader.documents(BatchId(1)).unwrap();
    documents.iter().find(|d| d.name == name).unwrap().id
}

#[test]
fn pages_that_fail_when_they_are_analysed_again_keep_their_results() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(5));
    let session = start(&place, place.scratch());
    take_in(&session, &place.sources());
    let batch = opened(&session);
    until(&session, "the end", finished);
    drop(session);
    let before = results(&place);
    // No page is answered in time.
    let limits = WorkerLimits {
        page_deadline: Duration::ZERO,
        ..WorkerLimits::default()
    };
    let session = start_with(&place, place.scratch(), limits);
    session.send(Command::Open(batch));
    reprocess(&session, batch, Scope::All);
    let progress = finished_again(&session);
    assert_eq!(
        (progress.summary.pages_done, progress.summary.failures),
        (5, 5)
    );
    drop(session);
    assert_eq!(results(&place), before);
    let failures = place.list("failures");
    assert!(failures.iter().all(|row| row["kind"] == "deadline_passed"));
}

/// Has a page look as if an earlier run had drawn it black.
fn blacken(place: &Place, page: PageId) {
    let library = Reader::open(&place.library()).unwrap().unwrap();
    let settings = options(place, place.scratch(), WorkerLimits::default()).scratch;
    let (scratch, _) = Scratch::open(settings).unwrap();
    let packs = scratch.packs(&library.id().unwrap());
    let mut black = std::io::Cursor::new(Vec::new());
    image::GrayImage::new(181, 256)
        .write_to(&mut black, image::ImageFormat::Jpeg)
        .unwrap();
    packs.append(BatchId(1), page, black.get_ref()).unwrap();
}

#[test]
fn a_page_that_looks_otherwise_after_it_was_analysed_again_shows_both() {
    let place = Place::new();
    let path = place.source("a.pdf", &text_pdf(2));
    let session = start(&place, place.scratch());
    take_in(&session, &path);
    let document = first_document(&session).id;
    until(&session, "the end", finished);
    drop(session);
    let [first, second] = [1, 2].map(|number| PageId { document, number });
    blacken(&place, first);

    let session = start(&place, place.scratch());
    session.send(Command::Open(BatchId(1)));
    let batch = opened(&session);
    let looks = |page| {
        session.send(Command::Inspect(page));
        until(&session, "what is known of it", |event| match event {
            Event::Inspection(inspection) => Some(inspection.looks),
            _ => None,
        })
    };
    assert!(looks(first).is_none(), "it was analysed once");
    reprocess(&session, batch, Scope::All);
    finished_again(&session);
    let both = looks(first).expect("it looks otherwise");
    assert_eq!((both.before.rgba[0], both.now.rgba[0]), (0, 255));
    assert!(looks(second).is_none(), "it looks the same");
}

#[test]
fn analysing_again_that_is_cancelled_or_cut_short_keeps_results() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(400));
    let session = start(&place, place.scratch());
    take_in(&session, &place.sources());
    let batch = opened(&session);
    until(&session, "the end", finished);
    let before = results(&place);
    reprocess(&session, batch, Scope::All);
    session.send(Command::Cancel(batch));
    until(&session, "the cancelled state", |event| match event {
        Event::Progress(progress) => (progress.state == RunState::Cancelled).then_some(()),
        _ => None,
    });
    assert_eq!(results(&place), before);
    // Resumed, and cut short.
    session.send(Command::Resume);
    drop(session);
    assert_eq!(results(&place), before);
    let session = start(&place, place.scratch());
    session.send(Command::Open(batch));
    until(&session, "the end", finished);
    drop(session);
    assert_eq!(results(&place), before);
}

#[test]
fn results_of_a_source_that_changed_stay_until_it_is_opened() {
    let place = Place::new();
    let path = place.source("a.pdf", &text_pdf(3));
    let session = start(&place, place.scratch());
    take_in(&session, &path);
    until(&session, "the end", finished);
    let before = results(&place);
    // As while somebody writes it.
    std::fs::write(&path, "%PDF-1.7\nhalf of it").unwrap();
    take_in(&session, &path);
    finished_again(&session);
    assert_eq!(results(&place), before);
    assert_eq!(place.list("failures").len(), 1);
    std::fs::write(&path, text_pdf(5)).unwrap();
    take_in(&session, &path);
    let progress = finished_again(&session);
    assert_eq!(progress.summary.pages_done, 5);
    assert!(!progress.summary.has_failures());
    drop(session);
    assert_eq!(place.list("pages").len(), 5);
}

#[test]
fn what_failed_for_one_reason_is_tried_again_by_itself() {
    let place = Place::new();
    let cut = place.source("cut.pdf", &truncated_pdf());
    let photo = place.source("photo.pdf", &not_a_pdf_png());
    let session = start(&place, place.scratch());
    take_in(&session, &place.sources());
    until(&session, "the end", finished);
    for mended in [&cut, &photo] {
        std::fs::write(mended, text_pdf(2)).unwrap();
    }
    let damaged = Scope::Failed(Some(FailureKind::Damaged));
    reprocess(&session, BatchId(1), damaged);
    let progress = finished_again(&session);
    assert_eq!(progress.summary.pages_done, 2);
    assert_eq!(progress.summary.documents_failed, 1);
}

/// A library with a document of 8 pages that was opened, and of which pages and an
/// analyser still wait.
fn half_done(place: &Place, source: &Path) {
    let mut library = Library::open(&place.library()).unwrap();
    library
        .write(|w| {
            let batch = w.create_batch("half", &[source.to_owned()], 1)?;
            let new = NewDocument {
                source: Source::File(source.to_owned()),
                name: "a.pdf".into(),
                bytes: 1,
                modified: 1,
            };
            let document = w.add_documents(batch, &[new])?.remove(0).id;
            let shape = PageShape {
                width: 595.0,
                height: 842.0,
                rotation: 0,
            };
            w.document_opened(
                document,
                &Opened {
                    hash: ContentHash([7; 32]),
                    bytes: 1,
                    encrypted: false,
                    shapes: &[shape; 8],
                },
            )?;
            let waiting = [1, 7].map(|page| FindingId {
                document,
                page: Some(page),
                analyser: "ocr".into(),
            });
            w.begin_findings(&waiting)
        })
        .unwrap();
}

#[test]
fn a_batch_ends_whose_file_is_gone_while_an_analyser_waits() {
    let place = Place::new();
    half_done(&place, &place.sources().join("gone.pdf"));
    let session = start(&place, place.scratch());
    session.send(Command::Open(BatchId(1)));
    let progress = until(&session, "the end", finished);
    assert_eq!(progress.summary.pages_failed, 8);
    assert_eq!(progress.unanalysed, 0);
    drop(session);
    let problem = |row: &serde_json::Value| row["ocr.problem"].is_string();
    assert_eq!(place.list("pages").into_iter().filter(problem).count(), 2);
}

#[test]
fn a_batch_ends_whose_file_changes_while_an_analyser_waits() {
    let place = Place::new();
    let path = place.source("a.pdf", &text_pdf(3));
    half_done(&place, &path);
    let session = start(&place, place.scratch());
    session.send(Command::Open(BatchId(1)));
    let progress = until(&session, "the end", finished);
    assert_eq!(progress.summary.pages_done, 3);
    assert_eq!(progress.unanalysed, 0);
}

#[test]
fn a_row_that_the_library_refuses_costs_itself() {
    let place = Place::new();
    let path = place.source("a.pdf", &text_pdf(40));
    drop(start(&place, place.scratch()));
    let file = place.library().join("library.sqlite");
    let connection = rusqlite::Connection::open(file).unwrap();
    let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON measurement WHEN NEW.number = 17
                  BEGIN SELECT RAISE(ABORT, 'not this one'); END";
    connection.execute(refuse, []).unwrap();
    let session = start(&place, place.scratch());
    take_in(&session, &path);
    let progress = until(&session, "the end", finished);
    let counts = (progress.summary.pages_done, progress.summary.pages_failed);
    assert_eq!(counts, (39, 1));
    let failures = place.list("failures");
    assert_eq!(failures.len(), 1);
    assert_eq!(failures[0]["page"], 17);
    assert_eq!(failures[0]["kind"], "not_kept");
    // Nothing refuses it any more.
    connection.execute("DROP TRIGGER refuse", []).unwrap();
    reprocess(&session, BatchId(1), Scope::Failed(None));
    assert!(!finished_again(&session).summary.has_failures());
}

#[test]
fn rows_that_cannot_be_read_cost_themselves_and_are_measured_again() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(4));
    place.source("b.pdf", &text_pdf(2));
    assert_eq!(place.process().code(), 0);
    let before = results(&place);
    let file = place.library().join("library.sqlite");
    let connection = rusqlite::Connection::open(file).unwrap();
    let damage = "UPDATE measurement SET signals = json_set(signals, '$.text.letters', NULL)
                  WHERE document = 1 AND number IN (1, 3)";
    assert_eq!(connection.execute(damage, []).unwrap(), 2);
    drop(connection);
    // Lists go on beside them and name them.
    let lost = |rows: Vec<serde_json::Value>| {
        let lost = rows.into_iter().filter(|row| row["failure"] == "not_kept");
        lost.map(|row| row["page"].as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(lost(place.list("pages")), [1, 3]);
    assert_eq!(place.list("failures").len(), 2);
    assert_eq!(place.run(["duplicates"]).code(), 0);
    // So does what works on the batch, and ends.
    assert_eq!(place.process().code(), 65);
    assert_eq!(lost(place.list("pages")), [1, 3]);
    assert_eq!(place.run(["reprocess", "--failed"]).code(), 0);
    assert_eq!(results(&place), before);
}

#[test]
fn a_library_that_goes_in_mid_run_holds_the_work_until_it_is_back() {
    let place = Place::new();
    let path = place.source("a.pdf", &text_pdf(3000));
    let session = start(&place, place.scratch());
    take_in(&session, &path);
    let _ = first_document(&session);
    let aside = place.path().join("aside");
    std::fs::rename(place.library(), &aside).unwrap();
    let reason = until(&session, "the loss", |event| match event {
        Event::Progress(progress) => match progress.state {
            RunState::Held(reason) => Some(reason),
            _ => None,
        },
        _ => None,
    });
    assert!(
        reason.contains("gone") && reason.contains("library"),
        "{reason}"
    );
    let _ = std::fs::remove_dir_all(place.library());
    std::fs::rename(&aside, place.library()).unwrap();
    let progress = until(&session, "the end", finished);
    assert_eq!(progress.summary.pages_done, 3000);
    drop(session);
    assert_eq!(place.list("pages").len(), 3000);
}
