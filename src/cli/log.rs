//! The program's log: a file for each day. Nothing of a client's text goes into it:
//! documents are named by their number in the library.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use jiff::civil::Date;
use tracing_subscriber::EnvFilter;

use crate::private;

/// Days of logs that are kept.
const DAYS: usize = 7;

/// Parts that speak to object storage: in detail they could tell what opens it.
const QUIET: [&str; 6] = [
    "h2",
    "hyper",
    "hyper_util",
    "object_store",
    "reqwest",
    "rustls",
];

const PREFIX: &str = "pagesieve.";
const SUFFIX: &str = ".log";

/// Starts the log in `dir`. A program without a log is better than none: where there is
/// no room for one, it goes on without.
///
/// Lines are written by the thread that they come from: they are few, and a thread of
/// their own is one more that cannot always be had.
pub fn start(dir: &Path) {
    if private::create_dir_all(dir).is_err() {
        return;
    }
    private::close(dir);
    for (log, _) in logs(dir) {
        private::close(&log);
    }
    let mut log = DailyLog::new(dir);
    if log.turn_to(today()).is_err() {
        return;
    }
    let filter = EnvFilter::try_from_env("PAGESIEVE_LOG")
        .unwrap_or_else(|_| EnvFilter::new("warn,pagesieve=info"));
    // Whatever is asked for.
    let filter = QUIET
        .iter()
        .filter_map(|name| format!("{name}=warn").parse().ok())
        .fold(filter, EnvFilter::add_directive);
    let started = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(Mutex::new(log))
        .with_ansi(false)
        // It would be told on standard error, and end the program where that is closed.
        .log_internal_errors(false)
        .try_init();
    if let Err(error) = started {
        tracing::warn!(%error, "there is a log already");
    }
}

/// The file of today, which only this user may read.
struct DailyLog {
    dir: PathBuf,
    open: Option<(Date, File)>,
}

impl DailyLog {
    fn new(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            open: None,
        }
    }

    /// Goes on with the file of a day, and deletes old ones.
    fn turn_to(&mut self, day: Date) -> io::Result<&mut File> {
        if self.open.as_ref().is_none_or(|(open, _)| *open != day) {
            let path = self.dir.join(format!("{PREFIX}{day}{SUFFIX}"));
            let file = private::options().append(true).create(true).open(path)?;
            let mut logs = logs(&self.dir);
            logs.sort_by_key(|(_, day)| std::cmp::Reverse(*day));
            for (old, _) in logs.into_iter().skip(DAYS) {
                // What cannot be deleted today can tomorrow.
                let _ = fs::remove_file(old);
            }
            self.open = Some((day, file));
        }
        match &mut self.open {
            Some((_, file)) => Ok(file),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

impl Write for DailyLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.turn_to(today())?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The day, in UTC.
fn today() -> Date {
    jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date()
}

/// The logs in a folder, with their days.
fn logs(dir: &Path) -> Vec<(PathBuf, Date)> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let day = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
            Some((entry.path(), day.parse().ok()?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_day_has_its_file_and_a_week_of_them_stays() {
        let dir = tempfile::tempdir().unwrap();
        let mut log = DailyLog::new(dir.path());
        fs::write(dir.path().join("pagesieve.notes.log"), "a person's").unwrap();
        for day in 1..=9 {
            let day = Date::constant(2025, 3, day);
            log.turn_to(day).unwrap().write_all(b"line\n").unwrap();
            log.turn_to(day).unwrap().write_all(b"line\n").unwrap();
        }
        let mut days: Vec<i8> = logs(dir.path()).iter().map(|(_, day)| day.day()).collect();
        days.sort_unstable();
        assert_eq!(days, [3, 4, 5, 6, 7, 8, 9]);
        let last = dir.path().join("pagesieve.2025-03-09.log");
        assert_eq!(fs::read_to_string(last).unwrap(), "line\nline\n");
        assert!(dir.path().join("pagesieve.notes.log").exists());
    }
}
