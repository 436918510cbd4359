//! Speed of `pagesieve process`, everything included, beside peers that only make the
//! thumbnails, two processes of each with half of the pages: on pages that a program
//! wrote and on scans of each kind. All run in turn, so that the machine's mood falls on
//! all of them. Peers that are not installed are left out.
//!
//! Printed is a table for the README; `cargo bench --bench peer -- --plot FILE.svg` draws it as
//! well, and a document that is named is raced instead: `cargo bench --bench peer -- FILE`.
//! `cargo test --bench peer -- --short` races few pages, built as for tests, and says aloud
//! where a ratio has fallen by a fifth since it was kept in `peer_ratios.csv`.

#[path = "../support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use support::pdf::PdfBuilder;
use support::program::Place;
use support::scan::{self, Look};
use support::text_pdf;

/// How much is raced.
#[derive(Clone, Copy)]
struct Size {
    /// Pages that a program wrote.
    written: usize,
    /// Scans of each kind.
    scans: usize,
    runs: usize,
}

const WHOLE: Size = Size {
    written: 2000,
    scans: 80,
    runs: 5,
};

const SHORT: Size = Size {
    written: 400,
    scans: 16,
    runs: 3,
};

/// Scans are of so many different pages.
const DIFFERENT: usize = 8;

/// Ratios that the short race came to when they were kept: what is raced, the peer, and how
/// many times faster than it Pagesieve was.
const KEPT: &str = include_str!("peer_ratios.csv");

/// Of a ratio that was kept, less than this is said aloud.
const FALLEN: f64 = 0.8;

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
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_short = arguments.iter().any(|argument| argument == "--short");
    let plot = arguments.iter().position(|argument| argument == "--plot");
    let plot = plot.and_then(|at| arguments.get(at + 1));
    let mut named = arguments
        .iter()
        .filter(|argument| !argument.starts_with('-'));
    let named = named.find(|named| Some(*named) != plot);
    let peers: Vec<&Peer> = PEERS.iter().filter(|peer| peer.is_installed()).collect();
    let names: String = peers
        .iter()
        .map(|peer| format!(" {} | times faster |", peer.name))
        .collect();
    println!("| pages | Pagesieve: drawn, read, measured, stored |{names}");
    println!("|---|---:|{}", "---:|---:|".repeat(peers.len()));
    if let Some(named) = named {
        let path = PathBuf::from(named);
        let file = lopdf::Document::load(&path).expect("a sound PDF");
        race(named, &path, (file.get_pages().len(), WHOLE.runs), &peers);
        return;
    }
    let races = races(if is_short { SHORT } else { WHOLE }, &peers);
    if is_short {
        compare(&races);
    }
    if let Some(plot) = plot {
        std::fs::write(plot, drawn(&races)).expect("a place for the plot");
    }
}

/// Races pages of each kind.
fn races(size: Size, peers: &[&Peer]) -> Vec<Race> {
    let place = Place::new();
    let written = place.source("written.pdf", &text_pdf(size.written));
    let written = race(
        "written by a program",
        &written,
        (size.written, size.runs),
        peers,
    );
    type Add = fn(&mut PdfBuilder, &scan::Picture);
    let kinds: [(&str, f32, Add); 3] = [
        ("scans, JPEG, gray, 300 dpi", 300.0, |pdf, picture| {
            scan::add_page(pdf, picture, 300.0, 75, None);
        }),
        ("scans, JPEG, in colour, 200 dpi", 200.0, |pdf, picture| {
            scan::add_tinted_page(pdf, picture, 200.0, 75, [1.0, 0.97, 0.9], None);
        }),
        ("scans, black and white, 300 dpi", 300.0, |pdf, picture| {
            scan::add_bilevel_page(pdf, picture, 300.0);
        }),
    ];
    let scanned = kinds.map(|(name, dpi, add)| {
        let document = place.source("scans.pdf", &scans(size.scans, dpi, add));
        race(name, &document, (size.scans, size.runs), peers)
    });
    std::iter::once(written).chain(scanned).collect()
}

/// A document of scanned pages.
fn scans(pages: usize, dpi: f32, add: impl Fn(&mut PdfBuilder, &scan::Picture)) -> Vec<u8> {
    let text = text_pdf(DIFFERENT);
    let pictures: Vec<scan::Picture> = (0..DIFFERENT)
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
    for number in 0..pages {
        add(&mut pdf, &pictures[number % DIFFERENT]);
    }
    pdf.finish()
}

/// How a race went: pages a second, medians.
struct Race {
    name: String,
    ours: f64,
    /// Each peer's name, its speed, and the median of how many times faster than it
    /// Pagesieve was in the same run.
    peers: Vec<(&'static str, f64, f64)>,
}

/// Races so many pages so many times, and prints one row of the table.
fn race(name: &str, document: &Path, (pages, runs): (usize, usize), peers: &[&Peer]) -> Race {
    let mut ours = Vec::new();
    let mut theirs = vec![Vec::new(); peers.len()];
    for _ in 0..runs {
        ours.push(time(|| process(document)));
        for (peer, times) in peers.iter().zip(&mut theirs) {
            let place = Place::new();
            times.push(time(|| peer.draw(document, pages, place.path())));
        }
    }
    let speed = |times: &[f64]| pages as f64 / median(times.to_vec());
    let race = Race {
        name: name.to_owned(),
        ours: speed(&ours),
        peers: peers
            .iter()
            .zip(&theirs)
            .map(|(peer, times)| {
                let ratios = ours.iter().zip(times).map(|(our, their)| their / our);
                (peer.name, speed(times), median(ratios.collect()))
            })
            .collect(),
    };
    let mut row = format!("| {name} | {:.0} pages/s |", race.ours);
    for (_, speed, ratio) in &race.peers {
        row += &format!(" {speed:.0} pages/s | {ratio:.2} |");
    }
    println!("{row}");
    race
}

/// Says aloud which ratios have fallen.
fn compare(races: &[Race]) {
    for line in KEPT.lines().skip(1) {
        let mut cells = line.rsplitn(3, ';');
        let (Some(kept), Some(peer), Some(name)) = (cells.next(), cells.next(), cells.next())
        else {
            continue;
        };
        let kept: f64 = kept.parse().expect("a ratio that was kept");
        let race = races.iter().find(|race| race.name == name);
        let mut now = race.iter().flat_map(|race| &race.peers);
        if let Some((_, _, ratio)) = now.find(|(of, _, _)| *of == peer)
            && *ratio < FALLEN * kept
        {
            println!("SLOWER: {name}: {ratio:.2} times {peer}, and {kept:.2} when it was kept");
        }
    }
}

/// The races as bars: for each kind of pages one of Pagesieve and one of each peer, as long
/// as they are fast.
fn drawn(races: &[Race]) -> String {
    const BAR: f64 = 14.0;
    const GAP: f64 = 12.0;
    const LEFT: f64 = 210.0;
    const WIDTH: f64 = 420.0;
    const COLOURS: [&str; 4] = ["#2f6fed", "#8a8f98", "#b9bdc4", "#d9dce1"];
    let mut bars = String::new();
    let mut y = 8.0;
    for race in races {
        let ours = std::iter::once(("Pagesieve: all of it", race.ours));
        let theirs = race.peers.iter().map(|(name, speed, _)| (*name, *speed));
        let all: Vec<(&str, f64)> = ours.chain(theirs).collect();
        let fastest = all.iter().map(|(_, speed)| *speed).fold(1.0, f64::max);
        let middle = y + BAR * all.len() as f64 / 2.0 + 4.0;
        bars += &format!("<text x='0' y='{middle}'>{}</text>\n", race.name);
        for ((name, speed), colour) in all.into_iter().zip(COLOURS) {
            let width = WIDTH * speed / fastest;
            let (words, height) = (LEFT + width + 6.0, BAR - 2.0);
            let base = y + BAR - 4.0;
            bars += &format!(
                "<rect x='{LEFT}' y='{y}' width='{width:.1}' height='{height}' fill='{colour}'/>\n\
                 <text x='{words:.1}' y='{base}'>{name}, {speed:.0} pages/s</text>\n"
            );
            y += BAR;
        }
        y += GAP;
    }
    let width = LEFT + WIDTH + 180.0;
    format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {y}' width='{width}' height='{y}' \
         font-family='sans-serif' font-size='12' fill='#5b6068'>\n{bars}</svg>\n"
    )
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
