//! The program's log: a file that rotates daily. Nothing of a client's text goes
//! into it: documents are named by their number in the library.

use std::path::Path;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{Builder, Rotation};
use tracing_subscriber::EnvFilter;

/// Days of logs that are kept.
const DAYS: usize = 7;

/// Starts the log in `dir`; it is written out when the guard is dropped. A
/// program without a log is better than none: where there is no room for one,
/// it goes on without.
pub fn start(dir: &Path) -> Option<WorkerGuard> {
    std::fs::create_dir_all(dir).ok()?;
    let file = Builder::new()
        .rotation(Rotation::DAILY)
        .filename_prefix("pagesieve")
        .filename_suffix("log")
        .max_log_files(DAYS)
        .build(dir)
        .ok()?;
    let (writer, guard) = tracing_appender::non_blocking(file);
    let filter = EnvFilter::try_from_env("PAGESIEVE_LOG")
        .unwrap_or_else(|_| EnvFilter::new("warn,pagesieve=info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer)
        .with_ansi(false)
        .try_init()
        .ok()?;
    Some(guard)
}
