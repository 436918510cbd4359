//! What each signal costs on a page, beside drawing the page in the same run: on pages
//! that a program wrote and on scans at 300 dpi. PDFs and folders of them that are named
//! on the command line are measured as well, each page as deeply as its contents ask for:
//! `cargo bench --bench signals -- FOLDER…`

#[path = "../support/mod.rs"]
mod support;

use std::hint::black_box;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pagesieve::analysis::{self, Depth, Gray, Looked};
use pagesieve::model::{Area, EngineKind};
use pagesieve::pdf::{Engines, OpenFile};
use support::pdf::PdfBuilder;
use support::{scan, text_pdf};

/// Pages of each kind.
const PAGES: usize = 40;

/// Times by name, in the order in which they were first taken.
#[derive(Default)]
struct Times(Vec<(&'static str, Duration)>);

impl Times {
    fn take<T>(&mut self, name: &'static str, work: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let made = black_box(work());
        let took = started.elapsed();
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, sum)) => *sum += took,
            None => self.0.push((name, took)),
        }
        made
    }

    fn of(&self, name: &str) -> f64 {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.map_or(0.0, |(_, sum)| sum.as_secs_f64())
    }

    fn print(&self, title: &str, pages: usize) {
        println!("{title}, {pages} pages");
        let draw = self.of("draw");
        for (name, sum) in &self.0 {
            let milliseconds = sum.as_secs_f64() * 1000.0 / pages as f64;
            let share = sum.as_secs_f64() / draw * 100.0;
            println!("  {name:<34}{milliseconds:>9.3} ms{share:>8.1} % of drawing");
        }
    }
}

fn main() {
    written();
    scanned();
    let named = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench");
    let mut files: Vec<PathBuf> = named.flat_map(files_below).collect();
    files.sort();
    for depth in [Depth::Drawn, Depth::Scanned] {
        of_files(&files, depth);
    }
}

fn files_below(path: String) -> impl Iterator<Item = PathBuf> {
    let entries = walkdir::WalkDir::new(path).into_iter().flatten();
    let files = entries.map(walkdir::DirEntry::into_path);
    files.filter(|path| path.extension().is_some_and(|ending| ending == "pdf"))
}

/// The pages of these files that are looked at this closely. What cannot be opened or
/// drawn is left out.
fn of_files(files: &[PathBuf], wanted: Depth) {
    let mut times = Times::default();
    let mut pages = 0;
    for path in files {
        let opened = std::fs::read(path).ok().and_then(|bytes| {
            let engines = Engines::default();
            engines
                .open(&[EngineKind::Hayro], Arc::new(bytes), &[])
                .ok()
        });
        let Some(file) = opened else {
            continue;
        };
        for number in 1..=file.page_count() {
            let shape = file.shape(number);
            let page = file.contents(number);
            let contents = page.as_ref().map(|page| &page.contents);
            if analysis::depth(contents, contents.is_some()) != wanted {
                continue;
            }
            let (width, height) = analysis::size(shape, wanted);
            let Ok(drawn) = times.take("draw", || file.draw(number, width, height)) else {
                continue;
            };
            let text = file.text(number, EngineKind::Hayro).unwrap_or_default();
            times.take("all: measure", || {
                analysis::measure(drawn.picture, shape, wanted, page.as_ref(), &text)
            });
            times.take("words", || analysis::count_text(&text));
            pages += 1;
        }
    }
    if pages > 0 {
        times.print(&format!("Pages of files, {wanted:?}"), pages);
        let all = times.of("all: measure") + times.of("words");
        println!("  all signals / drawing: {:.2}", all / times.of("draw"));
    }
}

fn open(pdf: Vec<u8>) -> OpenFile {
    let opened = Engines::default().open(&[EngineKind::Hayro], Arc::new(pdf), &[]);
    opened.expect("a sound PDF")
}

/// Pages of text, drawn at the size of thumbnails.
fn written() {
    let file = open(text_pdf(PAGES));
    let mut times = Times::default();
    for number in 1..=PAGES as u32 {
        let shape = file.shape(number);
        let (width, height) = analysis::size(shape, Depth::Drawn);
        let page = times.take("read: contents, text, words, look", || {
            file.contents(number)
        });
        let text = file.text(number, EngineKind::Hayro).expect("its text");
        let drawn = times.take("draw", || file.draw(number, width, height));
        let picture = drawn.expect("a picture").picture;
        let gray = times.take("gray", || Gray::of(&picture));
        let millimetre = picture.height as f32 / shape.millimetres().1;
        times.take("blank: marks", || analysis::drawn_marks(&gray, millimetre));
        times.take("colour: tones", || {
            analysis::tones(&picture, Looked::Pictures(&[]))
        });
        times.take("ink", || analysis::ink_share(&gray));
        times.take("words", || analysis::count_text(&text));
        times.take("garbled, language", || analysis::text_quality(&text));
        times.take("printed number", || analysis::printed_number(&text));
        let encoded = times.take("thumbnail", || analysis::encode_thumbnail(&picture));
        encoded.expect("a thumbnail");
        times.take("all: measure", || {
            analysis::measure(picture.clone(), shape, Depth::Drawn, page.as_ref(), &text)
        });
    }
    times.print("Written by a program", PAGES);
    let all = times.of("all: measure") + times.of("words");
    println!("  all signals / drawing: {:.2}", all / times.of("draw"));
}

/// Scans at 300 dpi, drawn at the resolution of barcodes.
fn scanned() {
    let text = text_pdf(PAGES);
    let mut pdf = PdfBuilder::new("Scans");
    for number in 0..PAGES {
        let clean = scan::render(&text, number, 300.0);
        let picture = scan::age(&clean, &scan::Look::default());
        scan::add_page(&mut pdf, &picture, 300.0, 60, None);
    }
    let file = open(pdf.finish());
    let mut times = Times::default();
    for number in 1..=PAGES as u32 {
        let shape = file.shape(number);
        let (width, height) = analysis::size(shape, Depth::Scanned);
        let page = times.take("read: contents", || file.contents(number));
        let drawn = times.take("draw", || file.draw(number, width, height));
        let picture = drawn.expect("a picture").picture;
        let whole = times.take("gray", || Gray::of(&picture));
        let small = times.take("halve", || analysis::half(&picture));
        let gray = Gray::of(&small);
        let millimetre = small.height as f32 / shape.millimetres().1;
        times.take("barcodes", || analysis::barcodes(&whole, &gray));
        times.take("colour: tones", || {
            analysis::tones(&small, Looked::Scan(Area::WHOLE))
        });
        let dark = times.take("darkness", || analysis::darkness(&gray));
        let found = times.take("blank: marks", || analysis::scanned_marks(dark, millimetre));
        let skew = times.take("skew", || analysis::skew(&found.text));
        let degrees = skew.map_or(0.0, |skew| skew.degrees);
        times.take("near duplicates: look", || {
            analysis::Fingerprint::of_scan(&found.look, millimetre, degrees)
        });
        times.take("all: measure", || {
            analysis::measure(picture.clone(), shape, Depth::Scanned, page.as_ref(), "")
        });
    }
    times.print("Scans at 300 dpi", PAGES);
    println!(
        "  all signals / drawing: {:.2}",
        times.of("all: measure") / times.of("draw")
    );
}
