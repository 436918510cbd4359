//! Which face to show: window, command line or worker.

use std::process::ExitCode;

/// Engines allocate and free all the time: 5 % of a page's time goes away with
/// it, and on most systems memory goes back to the system sooner.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    pagesieve::cli::main()
}
