//! Speed of `pagesieve process`, everything included, beside peers that only make the
//! thumbnails, two processes of each with half of the pages: on pages that a program
//! wrote and on scans of each kind. All run in turn, so that the machine's mood falls on
//! all of them. What is printed is a table for the README. Peers that are not installed
//! are left out. A document that is named on the command line is raced instead:
//! `cargo bench --bench peer -- FILE`

#[path = "../support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use support::pdf::PdfBuilder;
use support::program::Place;
use support::scan::{self, Look};
use support::text_pdf;

/// Pages that a program wrote.
const WRITTEN: usize = 2000;

/// Scans of each kind, of so many different pages.
const SCANS: usize = 80;
const DIFFERENT: usize = 8;

const RUNS: usize = 5;

/// A program that draws thumbnails, and how it is told which pages to draw where.
struct Peer {
    name: &'static str,
    arguments: fn(first: usize, last: usize, document: &Path, to: &Path) -> Vec<String>,
}

const PEERS: [Peer; 2] = [
    Peer {
        name: "pdftoppm",
        arguments: |first, last, document, to| {
            let (first, last) = (first.to_string(), last.to_string());
            let options = ["-scale-to", "256", "-jpeg", "-f", &first, "-l", &last];
            let mut all: Vec<String> = options.map(str::to_owned).into();
            all.extend([document, to].map(|path| path.display().to_string()));
            all
        },
    },
    Peer {
        name: "mutool",
        arguments: |first, last, document, to| {
            let to = format!("{}-%d.pnm", to.display());
            let options = ["draw", "-q", "-w", "256", "-h", "256", "-o", &to];
            let mut all: Vec<String> = options.map(str::to_owned).into();
            all.push(document.display().to_string());
            all.push(format!("{first}-{last}"));
            all
        },
    },
];

fn main() {
    let place = Place::new();
    let named = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-'));
    let peers: Vec<&Peer> = PEERS.iter().filter(|peer| peer.is_installed()).collect();
    let names: String = peers
        .iter()
        .map(|peer| format!(" {} | times faster |", peer.name))
        .collect();
    println!("| pages | Pagesieve: drawn, read, measured, stored |{names}");
    println!("|---|---:|{}", "---:|---:|".repeat(peers.len()));
    if let Some(named) = named {
        let path = PathBuf::from(&named);
        let file = lopdf::Document::load(&path).expect("a sound PDF");
        return race(&named, &path, file.get_pages().len(), &peers);
    }
    let written = place.source("written.pdf", &text_pdf(WRITTEN));
    race("written by a program", &written, WRITTEN, &peers);
    type Make = fn() -> Vec<u8>;
    let kinds: [(&str, Make); 3] = [
        ("scans, JPEG, gray, 300 dpi", || {
            scans(300.0, |pdf, picture| {
                scan::add_page(pdf, picture, 300.0, 75, None);
            })
        }),
        ("scans, JPEG, in colour, 200 dpi", || {
            scans(200.0, |pdf, picture| {
                scan::add_tinted_page(pdf, picture, 200.0, 75, [1.0, 0.97, 0.9], None);
            })
        }),
        ("scans, black and white, 300 dpi", || {
            scans(300.0, |pdf, picture| {
                scan::add_bilevel_page(pdf, picture, 300.0);
            })
        }),
    ];
    for (name, make) in kinds {
        let document = place.source("scans.pdf", &make());
        race(name, &document, SCANS, &peers);
    }
}

/// A document of scanned pages.
fn scans(dpi: f32, add: impl Fn(&mut PdfBuilder, &scan::Picture)) -> Vec<u8> {
    let text = text_pdf(DIFFERENT);
    let pages: Vec<scan::Picture> = (0..DIFFERENT)
        .map(|page| {
            let look = Look {
                skew_degrees: page as f64 / 5.0 - 0.7,
                seed: page as u64 + 1,
                ..Look::default()
            };
            scan::age(&scan::render(&text, page, dpi), &look)
        })
        .collect();
    let mut pdf = PdfBuilder::new("Scans");
    for number in 0..SCANS {
        add(&mut pdf, &pages[number % DIFFERENT]);
    }
    pdf.finish()
}

/// Prints one row of the table: medians, and the medians of the ratios of each run.
fn race(name: &str, document: &Path, pages: usize, peers: &[&Peer]) {
    let mut ours = Vec::new();
    let mut theirs = vec![Vec::new(); peers.len()];
    for _ in 0..RUNS {
        ours.push(time(|| process(document)));
        for (peer, times) in peers.iter().zip(&mut theirs) {
            let place = Place::new();
            times.push(time(|| peer.draw(document, pages, place.path())));
        }
    }
    let speed = |seconds: f64| format!("{:.0} pages/s", pages as f64 / seconds);
    let mut row = format!("| {name} | {} |", speed(median(ours.clone())));
    for times in theirs {
        let ratios = ours.iter().zip(&times).map(|(our, their)| their / our);
        let ratio = median(ratios.collect());
        row += &format!(" {} | {ratio:.2} |", speed(median(times)));
    }
    println!("{row}");
}

impl Peer {
    fn is_installed(&self) -> bool {
        let mut version = Command::new(self.name);
        let version = version
            .arg("-v")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        version.status().is_ok()
    }

    fn draw(&self, document: &Path, pages: usize, folder: &Path) {
        let half = pages.div_ceil(2);
        let halves = [(1, half, "a"), (half + 1, pages, "b")];
        let processes: Vec<_> = halves
            .into_iter()
            .filter(|(first, last, _)| first <= last)
            .map(|(first, last, name)| {
                let arguments = (self.arguments)(first, last, document, &folder.join(name));
                let mut peer = Command::new(self.name);
                let peer = peer.args(arguments).stderr(Stdio::null());
                peer.spawn().expect("the peer starts")
            })
            .collect();
        for mut process in processes {
            assert!(process.wait().expect("the peer ends").success());
        }
    }
}

fn process(document: &Path) {
    let place = Place::new();
    let ran = place.run([Path::new("process"), document]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
}

/// Seconds that it takes.
fn time(work: impl FnOnce()) -> f64 {
    let started = Instant::now();
    work();
    started.elapsed().as_secs_f64()
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
