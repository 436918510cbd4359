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

use pagesieve::analysis::{self, Depth, Looked};
use pagesieve::model::{Area, EngineKind, PageShape};
use pagesieve::pdf::{Engines, Gray, OpenFile, PageError, Picture, Sheet};
use support::pdf::PdfBuilder;
use support::{scan, text_pdf};

/// Pages of each kind.
const PAGES: usize = 40;

/// Times by name, in the order in which they were first taken, and the pages.
#[derive(Default)]
struct Times {
    sums: Vec<(&'static str, Duration)>,
    pages: usize,
}

impl Times {
    fn take<T>(&mut self, name: &'static str, work: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let made = black_box(work());
        let took = started.elapsed();
        match self.sums.iter_mut().find(|(known, _)| *known == name) {
            Some((_, sum)) => *sum += took,
            None => self.sums.push((name, took)),
        }
        made
    }

    /// Times each signal of the pages of a document that are looked at this closely.
    fn of_pages(&mut self, file: &OpenFile, wanted: Depth) {
        for number in 1..=file.page_count() {
            let page = self.take("read: contents, text, words, look", || {
                file.contents(number)
            });
            let contents = page.as_ref().map(|page| &page.contents);
            if analysis::depth(contents, contents.is_some()) != wanted {
                continue;
            }
            let shape = file.shape(number);
            let (width, height) = analysis::size(shape, wanted);
            let text = file.text(number, EngineKind::Hayro).unwrap_or_default();
            match wanted {
                Depth::Drawn => {
                    let drawn = self.take("draw", || file.draw(number, width, height));
                    let Ok(drawn) = drawn else { continue };
                    self.of_drawn(&drawn.picture, shape, &text);
                    self.take("all: measure", || {
                        analysis::measure(drawn.picture, shape, page, &text)
                    });
                }
                Depth::Scanned => {
                    let drawn =
                        self.take("draw", || file.sheet(number, analysis::sheet_size(shape)));
                    let Ok(drawn) = drawn else { continue };
                    self.of_scanned(&drawn.picture, shape);
                    let measured = self.take("all: measure", || {
                        analysis::measure_sheet(&drawn.picture, shape, page, &text, || {
                            Err(PageError::NoSuchPage(number))
                        })
                    });
                    measured.expect("a page of full size");
                }
            }
            self.pages += 1;
            self.take("all: words", || analysis::count_text(&text));
        }
    }

    fn of_drawn(&mut self, picture: &Picture, shape: PageShape, text: &str) {
        let gray = self.take("gray", || Gray::of(picture));
        let (across, down) = shape.millimetres();
        let millimetre = picture.width.max(picture.height) as f32 / across.max(down);
        self.take("blank: marks", || analysis::drawn_marks(&gray, millimetre));
        self.take("colour: tones", || {
            analysis::tones(picture, Looked::Pictures(&[]))
        });
        self.take("ink", || analysis::ink_share(&gray));
        self.take("garbled, language", || analysis::text_quality(text));
        self.take("printed number", || analysis::printed_number(text));
        let encoded = self.take("thumbnail", || analysis::encode_thumbnail(picture));
        encoded.expect("a thumbnail");
    }

    fn of_scanned(&mut self, sheet: &Sheet, shape: PageShape) {
        let gray = self.take("halve", || sheet.gray.half());
        let (across, down) = shape.millimetres();
        let millimetre = gray.width.max(gray.height) as f32 / across.max(down);
        self.take("barcodes", || analysis::barcodes(Some(&sheet.gray), &gray));
        self.take("colour: tones", || match &sheet.colours {
            Some(colours) => analysis::tones(colours, Looked::Scan(Area::WHOLE)),
            None => analysis::gray_tones(&gray, Area::WHOLE),
        });
        let dark = self.take("darkness", || analysis::darkness(&gray));
        let found = self.take("blank: marks", || {
            analysis::scanned_marks(&dark, millimetre)
        });
        let skew = self.take("skew", || analysis::skew(&analysis::text_ink(&found.text)));
        let degrees = skew.map_or(0.0, |skew| skew.degrees);
        self.take("near duplicates: look", || {
            analysis::Fingerprint::of_scan(&found.look, millimetre, degrees)
        });
    }

    fn of(&self, name: &str) -> f64 {
        let found = self.sums.iter().find(|(known, _)| *known == name);
        found.map_or(0.0, |(_, sum)| sum.as_secs_f64())
    }

    /// Prints each, and what all signals cost of drawing; nothing without pages.
    fn print(&self, title: &str) {
        if self.pages == 0 {
            return;
        }
        println!("{title}, {} pages", self.pages);
        let draw = self.of("draw");
        for (name, sum) in &self.sums {
            let milliseconds = sum.as_secs_f64() * 1000.0 / self.pages as f64;
            let share = sum.as_secs_f64() / draw * 100.0;
            println!("  {name:<34}{milliseconds:>9.3} ms{share:>8.1} % of drawing");
        }
        let all = self.of("all: measure") + self.of("all: words");
        println!("  all signals / drawing: {:.2}", all / draw);
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
    for path in files {
        let opened = std::fs::read(path).ok().and_then(|bytes| {
            let engines = Engines::default();
            engines
                .open(&[EngineKind::Hayro], Arc::new(bytes), &[])
                .ok()
        });
        if let Some(file) = opened {
            times.of_pages(&file, wanted);
        }
    }
    times.print(&format!("Pages of files, {wanted:?}"));
}

fn open(pdf: Vec<u8>) -> OpenFile {
    let opened = Engines::default().open(&[EngineKind::Hayro], Arc::new(pdf), &[]);
    opened.expect("a sound PDF")
}

/// Pages of text, drawn at the size of thumbnails.
fn written() {
    let mut times = Times::default();
    times.of_pages(&open(text_pdf(PAGES)), Depth::Drawn);
    times.print("Written by a program");
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
    let mut times = Times::default();
    times.of_pages(&open(pdf.finish()), Depth::Scanned);
    times.print("Scans at 300 dpi");
}
