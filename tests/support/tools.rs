//! Programs of other people that tests use where they are installed.

use super::skip::skip;

/// Whether a program is installed.
pub fn is_there(tool: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).any(|path| path.join(tool).is_file())
}

/// Leaves a test out where a program is not installed; true there.
pub fn lacks(tool: &str) -> bool {
    let lacks = !is_there(tool);
    if lacks {
        skip(tool, "it is not installed");
    }
    lacks
}
