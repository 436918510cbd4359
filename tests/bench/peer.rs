//! Speed of `pagesieve process`, everything included, as a ratio to two
//! `pdftoppm` processes that only make the thumbnails, each of half of the pages.
//! Both run in turn, so that the machine's mood falls on both.

#[path = "../support/mod.rs"]
mod support;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use support::program::Place;
use support::text_pdf;

const PAGES: usize = 2000;
const RUNS: usize = 5;

fn main() {
    let place = Place::new();
    // A document named by the caller, or one of our own making.
    let document = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-'))
        .map_or_else(|| place.source("bench.pdf", &text_pdf(PAGES)), Into::into);
    let ours: Vec<Duration> = (0..=RUNS).map(|_| time(|| process(&document))).collect();
    println!("pagesieve  {:.2} s", median(&ours[1..]));
    if Command::new("pdftoppm")
        .arg("-v")
        .stderr(Stdio::null())
        .status()
        .is_err()
    {
        println!("pdftoppm is not installed: no ratio");
        return;
    }
    let mut ratios = Vec::new();
    let mut theirs = Vec::new();
    for _ in 0..RUNS {
        let our = time(|| process(&document));
        let their = time(|| thumbnails(&document, place.path()));
        ratios.push(Duration::from_secs_f64(
            our.as_secs_f64() / their.as_secs_f64(),
        ));
        theirs.push(their);
    }
    println!("pdftoppm   {:.2} s", median(&theirs));
    println!("ratio      {:.2}", median(&ratios));
}

fn process(document: &Path) {
    let place = Place::new();
    let ran = place.run([Path::new("process"), document]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
}

fn thumbnails(document: &Path, folder: &Path) {
    let pages = PAGES.to_string();
    let half = (PAGES / 2).to_string();
    let next = (PAGES / 2 + 1).to_string();
    let halves = [
        ("1", half.as_str(), "a"),
        (next.as_str(), pages.as_str(), "b"),
    ];
    let processes: Vec<_> = halves
        .into_iter()
        .map(|(first, last, name)| {
            Command::new("pdftoppm")
                .args(["-scale-to", "256", "-jpeg", "-f", first, "-l", last])
                .arg(document)
                .arg(folder.join(name))
                .spawn()
                .expect("pdftoppm starts")
        })
        .collect();
    for mut process in processes {
        assert!(process.wait().expect("pdftoppm ends").success());
    }
}

fn time(work: impl FnOnce()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}

fn median(times: &[Duration]) -> f64 {
    let mut times = times.to_vec();
    times.sort();
    times[times.len() / 2].as_secs_f64()
}
