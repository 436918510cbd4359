//! Which face to show: window, command line or worker.

use std::process::ExitCode;

fn main() -> ExitCode {
    pagesieve::cli::main()
}
