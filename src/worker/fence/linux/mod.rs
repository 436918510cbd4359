//! The fence on Linux: Landlock and seccomp. Not for resource limits.

mod attempts;
mod landlock;
mod seccomp;

use std::path::Path;

use rustix::process::{DumpableBehavior, set_dumpable_behavior};

pub use attempts::attempt_all;
use landlock::Landlock;

/// Raises it around this process, which has one thread yet: what a thread starts stands
/// where it stands. Only below `kept` may files be made. Returns why a part of it is
/// missing.
pub fn raise(kept: &[&Path], writes_parts: bool) -> Vec<String> {
    let mut gaps = Vec::new();
    if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        gaps.push(format!("its memory is open to others: {error}"));
    }
    let landlock = landlock::shut_in(kept);
    if let Landlock::Missing(problem) = &landlock {
        gaps.push(problem.clone());
    }
    // Without Landlock nothing tells parts from other files.
    let may_write = landlock == Landlock::Raised || writes_parts;
    gaps.extend(seccomp::allow_only_drawing(may_write).err());
    gaps
}

/// Raises both around this process before it becomes a command of the user's. Returns why
/// a part of it is missing.
pub fn raise_around_command(slot: &Path) -> Vec<String> {
    let mut gaps = Vec::new();
    if let Landlock::Missing(problem) = landlock::shut_in_command(slot) {
        gaps.push(problem);
    }
    gaps.extend(seccomp::refuse_command().err());
    gaps
}
