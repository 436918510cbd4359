//! What the program and the system under it are called, for reports that people send. Not
//! for what the system can do, and nothing that tells one user of it from another.

use std::env::consts;
use std::path::Path;

use crate::regular_file;

/// The program's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The system with its version, where it says one, and the kind of processor.
pub fn name() -> String {
    let read = |path| regular_file::read_to_string(Path::new(path)).ok();
    let distribution = read("/etc/os-release").and_then(|text| pretty_name(&text));
    let kernel = read("/proc/sys/kernel/osrelease");
    let mut words: Vec<String> = distribution.into_iter().collect();
    words.push(kernel.map_or(consts::OS.to_owned(), |kernel| {
        format!("kernel {}", kernel.trim())
    }));
    words.push(consts::ARCH.to_owned());
    words.join(", ")
}

/// What a distribution calls itself.
fn pretty_name(os_release: &str) -> Option<String> {
    let line = os_release
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(line.trim_matches(['"', '\'']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distribution_is_called_what_it_calls_itself() {
        let text = "NAME=\"Debian GNU/Linux\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n";
        assert_eq!(
            pretty_name(text).as_deref(),
            Some("Debian GNU/Linux 12 (bookworm)")
        );
        assert_eq!(pretty_name("NAME=x\n"), None);
        assert!(name().ends_with(consts::ARCH));
    }
}
