//! Tests that need what a machine may not have. A test that is left out is said, past the
//! runner, which shows nothing of tests that pass; where the variable `PAGESIEVE_REQUIRE`
//! lists what it needs, it fails.

use std::io::Write;

/// Leaves a test out because something is missing: `pdfium`, `tesseract`, `mount`, `flock`,
/// `screen`, `reader`, `strace`, `parallel`, `moto_server` or `rclone`.
pub fn skip(what: &str, why: &str) {
    let required = std::env::var("PAGESIEVE_REQUIRE").unwrap_or_default();
    let is_required = required.split_whitespace().any(|named| named == what);
    assert!(!is_required, "{what} is required here, but {why}");
    let test = std::thread::current();
    let test = test.name().unwrap_or("a test");
    let _ = writeln!(
        std::io::stderr(),
        "skipped for want of {what}: {test}: {why}"
    );
}
