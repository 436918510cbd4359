//! What a large batch costs in the window: until it is open, for a sort, a filter, a query,
//! a decision about all of it and a frame while scrolling, with the memory of the host.
//! 100,000 pages, or as many as the variable PAGES says. Nothing is analysed: the library is
//! filled as a run fills it.

#[path = "../support/prng.rs"]
#[allow(dead_code)]
mod prng;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::{
    Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, TouchPhase, Vec2, vec2,
};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use pagesieve::desk::Desk;
use pagesieve::library::{Library, NewDocument, Opened, PageDone};
use pagesieve::model::{
    Area, ContentHash, Contents, DocumentId, EngineKind, Language, Marks, Measurements,
    PageFingerprint, PageId, PageShape, Signals, Skew, Source, TextQuality, Tone, Tones,
};
use pagesieve::scratch::ScratchSettings;
use pagesieve::triage::{Analysers, EngineChoice, Options, WorkerLimits, WorkerProgram};
use prng::Prng;

/// Pages of each document, as of a long report.
const EACH: u32 = 1000;

/// Frames that are drawn while scrolling.
const FRAMES: usize = 400;

fn main() {
    let wanted = std::env::var("PAGES").ok();
    let wanted = wanted.and_then(|pages| pages.parse().ok());
    let pages: u32 = wanted.unwrap_or(100_000);
    let place = tempfile::tempdir().expect("a temporary directory");
    let (fill, ()) = timed(|| fill(place.path(), pages.div_ceil(EACH)));
    println!("{pages} pages, stored in {:.1} s", fill.as_secs_f64());
    let size = std::fs::metadata(place.path().join("library/library.sqlite"));
    let size = size.map_or(0, |file| file.len());
    println!("on disk, B a page      {:8}", size / u64::from(pages));

    let (open, mut window) = timed(|| {
        let mut window = window(place.path());
        until(&mut window, "pages in");
        window
    });
    told("open", open);
    memory("memory when open");

    window.get_by_label("Table").click();
    until(&mut window, "Sort by Characters");
    for (what, heading) in [
        ("sort by a number", "Sort by Characters"),
        ("sort by a word", "Sort by Kind"),
    ] {
        let (sort, ()) = timed(|| {
            window.get_by_label(heading).click();
            window.step();
            window.step();
        });
        told(what, sort);
    }

    key(&mut window, Modifiers::COMMAND, Key::F);
    window.event(Event::Text(
        "ink>4.5% blank:no (kind:digital OR dpi<150) -harbour".to_owned(),
    ));
    let (asked, ()) = timed(|| until(&mut window, "have it"));
    told("query with a word", asked);
    key(&mut window, Modifiers::NONE, Key::Escape);
    scroll(&mut window, "scroll the table");
    window.get_by_label("Grid").click();
    window.step();
    scroll(&mut window, "scroll the grid");
    memory("memory at the end");
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let started = Instant::now();
    let made = work();
    (started.elapsed(), made)
}

fn told(what: &str, took: Duration) {
    println!("{what:24} {:8.1} ms", took.as_secs_f64() * 1000.0);
}

/// What the process holds now, and has held at most.
fn memory(what: &str) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name));
        let number = line.and_then(|line| line.split_whitespace().nth(1));
        number.and_then(|kilobytes| kilobytes.parse::<u64>().ok())
    };
    if let (Some(now), Some(most)) = (line("VmRSS:"), line("VmHWM:")) {
        println!("{what:24} {:8} MB, at most {} MB", now / 1000, most / 1000);
    }
}

fn key(window: &mut Harness<'static, Desk>, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.step();
}

fn until(window: &mut Harness<'static, Desk>, label: &str) {
    let patience = Instant::now() + Duration::from_secs(30);
    loop {
        window.step();
        if window.query_all_by_label_contains(label).next().is_some() {
            return;
        }
        assert!(Instant::now() < patience, "waited in vain for {label}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// The time of a frame while pages fly past.
fn scroll(window: &mut Harness<'static, Desk>, what: &str) {
    let middle = vec2(640.0, 500.0).to_pos2();
    window.event(Event::PointerMoved(middle));
    let mut frames: Vec<Duration> = (0..FRAMES)
        .map(|_| {
            window.event(Event::MouseWheel {
                unit: MouseWheelUnit::Point,
                delta: Vec2::new(0.0, -700.0),
                phase: TouchPhase::Move,
                source: MouseWheelSource::Unknown,
                modifiers: Modifiers::NONE,
            });
            timed(|| window.step()).0
        })
        .collect();
    frames.sort_unstable();
    let at = |share: usize| frames[(FRAMES - 1) * share / 100].as_secs_f64() * 1000.0;
    println!("{what:24} {:8.1} ms a frame, p99 {:.1} ms", at(50), at(99));
}

fn window(place: &Path) -> Harness<'static, Desk> {
    let options = Options {
        library: place.join("library"),
        scratch: ScratchSettings {
            dir: place.join("scratch"),
            budget: Some(1_000_000_000),
            floor: Some(0),
            offered: None,
        },
        workers: 2,
        limits: WorkerLimits::default(),
        program: WorkerProgram {
            executable: PathBuf::from(env!("CARGO_BIN_EXE_pagesieve")),
            pdfium: None,
            output: None,
        },
        engines: place.join("engines"),
        engine: EngineChoice::Auto,
        analysers: Analysers::built_in(),
        wake: Arc::new(|| {}),
    };
    let settings = place.join("settings.json");
    Harness::builder()
        .with_size(vec2(2000.0, 900.0))
        .build_eframe(move |creation| {
            Desk::new(&creation.egui_ctx, options, &settings, vec![]).expect("a session")
        })
}

fn fill(place: &Path, documents: u32) {
    let mut library = Library::open(&place.join("library")).expect("a library");
    let mut random = Prng::new(1);
    let names: Vec<NewDocument> = (0..documents)
        .map(|number| NewDocument {
            source: Source::File(PathBuf::from(format!("/clients/{number}.pdf"))),
            name: format!("{number}.pdf"),
            bytes: 1,
            modified: 1,
        })
        .collect();
    let (run, documents) = library
        .write(|writer| {
            let batch = writer.create_batch("clients", &[PathBuf::from("/clients")], 1)?;
            let run = writer.start_run(batch, "{}", 1)?;
            Ok((run, writer.add_documents(batch, &names)?))
        })
        .expect("documents");
    let shapes = vec![PageShape::bounded(595.0, 842.0, 0); EACH as usize];
    for document in documents {
        let pages: Vec<PageDone> = (1..=EACH)
            .map(|number| PageDone {
                run: Some(run),
                ..done(document.id, number, &mut random)
            })
            .collect();
        library
            .write(|writer| {
                let mut hash = [0; 32];
                for part in hash.chunks_exact_mut(8) {
                    part.copy_from_slice(&random.next_u64().to_le_bytes());
                }
                let opened = Opened {
                    hash: ContentHash(hash),
                    bytes: 1,
                    encrypted: false,
                    shapes: &shapes,
                };
                writer.document_opened(document.id, &opened)?;
                writer.document_inspected(document.id, &Default::default())?;
                writer.pages_done(&pages)
            })
            .expect("pages");
    }
    library
        .write(|writer| writer.finish_run(run, "finished", 2))
        .expect("the end of the run");
}

/// A written page, as most are.
fn done(document: DocumentId, number: u32, random: &mut Prng) -> PageDone {
    let mut share = || (random.next_u64() % 10_000) as f32 / 10_000.0;
    let glyphs = 1000 + (share() * 2000.0) as u32;
    let signals = Signals {
        contents: Some(Contents {
            glyphs,
            readable: glyphs,
            inner_readable: glyphs,
            tone: if share() < 0.1 {
                Tone::Colour
            } else {
                Tone::Mono
            },
            ..Contents::default()
        }),
        marks: Some(Marks {
            body: 143,
            border: 2,
            body_area: share() * 5000.0,
            largest: 120.0,
            largest_area: Some(Area {
                left: 0.28,
                top: share(),
                right: 0.84,
                bottom: 0.99,
            }),
            ..Marks::default()
        }),
        tones: Some(Tones {
            coloured: share() / 1000.0,
            gray: 0.0,
        }),
        skew: Some(Skew::default()),
        text: TextQuality {
            characters: glyphs,
            alphanumerics: glyphs,
            letters: glyphs,
            white_space: 222,
            language: Language::named("eng"),
            ..TextQuality::default()
        },
        ..Signals::default()
    };
    let text = match share() < 0.01 {
        true => "The tenant of the harbour keeps the premises in good repair",
        false => "The tenant of the building keeps the premises in good repair",
    };
    PageDone {
        run: None,
        id: PageId { document, number },
        measurements: Measurements {
            ink: Some(share() / 20.0),
            characters: glyphs,
            words: glyphs / 6,
            engine: EngineKind::Hayro,
            disagreement: None,
            micros: 1000,
            signals,
        },
        text: text.to_owned(),
        fingerprint: PageFingerprint::default(),
    }
}
