//! The program's log: a file that rotates daily. Nothing of a client's text goes
//! into it: documents are named by their number in the library.

use std::path::Path;

use tracing_appender::rolling::{Builder, Rotation};
use tracing_subscriber::EnvFilter;

/// Days of logs that are kept.
const DAYS: usize = 7;

/// Starts the log in `dir`. A program without a log is better than none: where there is
/// no room for one, it goes on without.
///
/// Lines are written by the thread that they come from: they are few, and a thread of
/// their own is one more that cannot always be had.
pub fn start(dir: &Path) {
    if std::fs::create_dir_all(dir).is_err() {
        return;
    }
    let file = Builder::new()
        .rotation(Rotation::DAILY)
        .filename_prefix("pagesieve")
        .filename_suffix("log")
        .max_log_files(DAYS)
        .build(dir);
    let Ok(file) = file else { return };
    let filter = EnvFilter::try_from_env("PAGESIEVE_LOG")
        .unwrap_or_else(|_| EnvFilter::new("warn,pagesieve=info"));
    let started = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(file)
        .with_ansi(false)
        // It would be told on standard error, and end the program where that is closed.
        .log_internal_errors(false)
        .try_init();
    if let Err(error) = started {
        tracing::warn!(%error, "there is a log already");
    }
}
