//! Reports of panics: what went wrong in the program itself, where, and on which system,
//! for a person to read and to send; nothing sends them. Not for what ends without a panic,
//! as by a driver for graphics or for lack of memory: that leaves no report. Not for workers,
//! whose end is a failure of the page that they were at.
//!
//! A report holds nothing of a document. What a panic says may quote one, so it is kept only
//! where it is a text of the program itself, or one of Rust's own in which nothing but
//! numbers differ. Names of functions and files of the source are as they were compiled.

use std::any::Any;
use std::backtrace::Backtrace;
use std::fs;
use std::io::{self, Write};
use std::panic::{self, PanicHookInfo};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use jiff::Timestamp;

use crate::{private, regular_file, system};

/// Reports that are kept.
const KEPT: usize = 10;

/// Reports that one run writes: what is caught may come again with every page.
const WRITTEN: usize = 3;

/// Lines of the way that led to a panic; without end where a function calls itself.
const LINES: usize = 300;

/// What a report is called that was not offered yet, and afterwards.
const NEW: &str = ".new.txt";
const OFFERED: &str = ".txt";
const PREFIX: &str = "crash-";

/// What Rust says of places beyond an end, with N for numbers.
const OF_NUMBERS: [&str; 4] = [
    "index out of bounds: the len is N but the index is N",
    "range start index N out of range for slice of length N",
    "range end index N out of range for slice of length N",
    "slice index starts at N but ends at N",
];

/// From now on each panic of this process, caught or not, leaves a report in `folder`. On
/// standard error, which desktops keep in a log, it is told in the same way; who sets
/// `RUST_BACKTRACE` is told in Rust's own words.
pub fn watch(folder: PathBuf) {
    let before = panic::take_hook();
    let written = AtomicUsize::new(0);
    panic::set_hook(Box::new(move |panic| {
        if std::env::var_os("RUST_BACKTRACE").is_some_and(|asked| asked != "0") {
            before(panic);
        } else {
            tell(&format!(
                "it went wrong at {}: {}",
                place(panic),
                said(panic.payload())
            ));
        }
        let number = written.fetch_add(1, Ordering::Relaxed);
        if number < WRITTEN
            && let Ok(path) = write(&folder, number, &report(panic))
        {
            let path = path.display();
            tell(&format!(
                "a report without anything of your documents is in {path}"
            ));
        }
    }));
}

fn tell(sentence: &str) {
    // Where standard error is closed there is nobody to tell.
    let _ = writeln!(io::stderr(), "pagesieve: {sentence}");
}

/// The newest report that was not offered yet. All are offered from then on.
pub fn take_new(folder: &Path) -> Option<PathBuf> {
    let mut newest = None;
    for report in reports(folder) {
        let name = report.file_name().and_then(|name| name.to_str());
        let Some(name) = name.and_then(|name| name.strip_suffix(NEW)) else {
            continue;
        };
        let offered = report.with_file_name(format!("{name}{OFFERED}"));
        newest = Some(match fs::rename(&report, &offered) {
            Ok(()) => offered,
            Err(_) => report,
        });
    }
    newest
}

/// The text of a report.
pub fn read(report: &Path) -> io::Result<String> {
    regular_file::read_to_string(report)
}

fn report(panic: &PanicHookInfo) -> String {
    let now = Timestamp::now().round(jiff::Unit::Second);
    format!(
        "Pagesieve {} went wrong\n\n\
         What    {}\n\
         Where   {}, thread {}\n\
         When    {}\n\
         System  {}\n\n\
         Nothing of any document is in this report.\n\n{}",
        system::VERSION,
        said(panic.payload()),
        place(panic),
        thread::current().name().unwrap_or("without a name"),
        now.unwrap_or_default(),
        system::name(),
        way(&Backtrace::force_capture().to_string()),
    )
}

/// Where in the source a panic was.
fn place(panic: &PanicHookInfo) -> String {
    panic.location().map_or_else(String::new, |place| {
        let (line, column) = (place.line(), place.column());
        format!("{}:{line}:{column}", shortened(place.file()))
    })
}

/// What a panic said, as far as it cannot quote a document.
fn said(payload: &(dyn Any + Send)) -> &str {
    if let Some(text) = payload.downcast_ref::<&'static str>() {
        return text;
    }
    match payload.downcast_ref::<String>() {
        Some(text) if OF_NUMBERS.contains(&without_numbers(text).as_str()) => text,
        _ => "(its words are left out: they could quote a document)",
    }
}

/// A text with N in the place of each number.
fn without_numbers(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for letter in text.chars() {
        if !letter.is_ascii_digit() {
            result.push(letter);
        } else if !result.ends_with('N') {
            result.push('N');
        }
    }
    result
}

/// The calls that led to a panic, without the folders in which the program was built.
fn way(backtrace: &str) -> String {
    let mut way = String::new();
    for line in backtrace.lines().take(LINES) {
        match line.trim_start().strip_prefix("at ") {
            Some(place) => way += &format!("             at {}\n", shortened(place)),
            None => way += &format!("{line}\n"),
        }
    }
    way
}

/// A file of the source: its package, and where it is in that.
fn shortened(file: &str) -> String {
    let parts: Vec<&str> = file.split(['/', '\\']).collect();
    let source = parts.iter().rposition(|part| *part == "src");
    let from = source.map_or(parts.len().saturating_sub(1), |at| at.saturating_sub(1));
    parts[from..].join("/")
}

/// Writes a report that only this user may read, and deletes the oldest.
fn write(folder: &Path, number: usize, text: &str) -> io::Result<PathBuf> {
    private::create_dir_all(folder)?;
    let now = Timestamp::now().strftime("%Y%m%dT%H%M%SZ");
    let name = format!("{PREFIX}{now}-{}-{number}{NEW}", std::process::id());
    let path = folder.join(name);
    private::create_new(&path)?.write_all(text.as_bytes())?;
    for old in reports(folder).into_iter().rev().skip(KEPT) {
        // What cannot be deleted now can with the next report.
        let _ = fs::remove_file(old);
    }
    Ok(path)
}

/// The reports in a folder, oldest first.
fn reports(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_ours = |name: &str| name.starts_with(PREFIX) && name.ends_with(OFFERED);
    let mut reports: Vec<PathBuf> = entries
        .filter(|entry| entry.file_name().to_str().is_some_and(is_ours))
        .map(|entry| entry.path())
        .collect();
    reports.sort();
    reports
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(panics: impl FnOnce() + panic::UnwindSafe) -> String {
        said(&*panic::catch_unwind(panics).unwrap_err()).to_owned()
    }

    #[test]
    fn what_could_quote_a_document_is_left_out() {
        let (text, numbers) = ("Zürich: salary 4711", [1, 2, 3]);
        let beyond = numbers.len();
        assert_eq!(kept(|| panic!("out of order")), "out of order");
        assert_eq!(
            kept(|| _ = std::hint::black_box(&numbers)[beyond]),
            "index out of bounds: the len is 3 but the index is 3"
        );
        assert_eq!(
            kept(|| drop(numbers[std::hint::black_box(beyond) - 1..1].to_vec())),
            "slice index starts at 2 but ends at 1"
        );
        for quotes in [
            kept(|| panic!("{text}")),
            kept(|| drop(text[..2].to_owned())),
            kept(|| _ = text.parse::<u8>().map_err(|_| text).unwrap()),
            kept(|| panic::panic_any(4711)),
        ] {
            assert!(quotes.starts_with("(its words"), "{quotes}");
        }
    }

    #[test]
    fn where_the_program_was_built_is_left_out() {
        for (file, short) in [
            ("src/triage/run.rs", "src/triage/run.rs"),
            ("./src/desk/app/mod.rs:3:4", "./src/desk/app/mod.rs:3:4"),
            (
                "/home/anna/registry/egui-0.37.0/src/ui.rs:9:1",
                "egui-0.37.0/src/ui.rs:9:1",
            ),
            ("C:\\Users\\anna\\sieve\\src\\main.rs", "sieve/src/main.rs"),
            ("/home/anna/odd.rs", "odd.rs"),
        ] {
            assert_eq!(shortened(file), short);
        }
        let way = way("   0: pagesieve::main\n             at /home/anna/p/src/main.rs:5:1\n");
        assert_eq!(
            way,
            "   0: pagesieve::main\n             at p/src/main.rs:5:1\n"
        );
    }

    #[test]
    fn ten_reports_stay_and_each_is_offered_once() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("crashes");
        assert_eq!(take_new(&folder), None);
        for number in 10..22 {
            write(&folder, number, &format!("report {number}")).unwrap();
        }
        fs::write(folder.join("notes.txt"), "a person's").unwrap();
        let newest = take_new(&folder).unwrap();
        assert_eq!(read(&newest).unwrap(), "report 21");
        assert_eq!(reports(&folder).len(), KEPT);
        assert_eq!(take_new(&folder), None);
        write(&folder, 22, "report 22").unwrap();
        assert_eq!(read(&take_new(&folder).unwrap()).unwrap(), "report 22");
        assert!(folder.join("notes.txt").exists());
    }
}
