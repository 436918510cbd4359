//! The fence around a worker: what a hostile file can make it do ends here. Raised by the
//! worker's first thread once its engines are loaded, before it has another thread and
//! before it reads a client's first byte, and never taken down. Not for deadlines, which
//! the host keeps (`process`).
//!
//! On Linux: resource limits, Landlock (files are made only in the worker's own directory
//! and in that for parts, if it has one; nothing is read but what the host hands over
//! (`handing`), fonts, and what the system says of the process itself; no network, no
//! signals to others) and seccomp (no system calls but those that drawing and writing
//! take). Where the kernel has no Landlock, seccomp forbids writing anywhere instead.
//! Around a command of the user's, which may run programs and read files, the fence is
//! wider.
//!
//! On Windows: a job object, in which the worker can start no process, and no privileges
//! over other processes. On macOS and other Unix systems: resource limits; the crates
//! that know macOS' sandbox forbid writing anywhere in users' folders, where a worker's
//! slot is, or bring far more than a sandbox. On all of these the host ends a worker that
//! takes too much memory (`memory`). Where a rule is missing, a hostile file that takes
//! over an engine can do there what the user can; `engine status` says which are in
//! force.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::PageShape;

/// What a page may use grows from this with its size and its document's.
const PAGE_MEMORY: u64 = 768 << 20;

/// Memory for each byte of the document: the document itself, what is unpacked
/// from it, and a second engine's copy.
const MEMORY_PER_BYTE: u64 = 8;

/// Memory for each square point of the page: 4 bytes a pixel at 300 dpi is 70,
/// taken three times for scratch pictures and masks.
const MEMORY_PER_SQUARE_POINT: f64 = 210.0;

/// One rule of the fence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// What it forbids, in a few words.
    pub name: String,
    /// Why it is not in force; none: it is.
    pub problem: Option<String>,
}

/// Closes the files that this process was started with, besides standard input, output and
/// errors: what started the host may have left some open. To be called first of all.
#[cfg(target_os = "linux")]
pub fn close_inherited() {
    let open = std::fs::read_dir("/proc/self/fd").into_iter().flatten();
    let open: Vec<i32> = open
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|&number| number > 2)
        .collect();
    for number in open {
        // The folder that was just read is among them, and closed.
        let _ = nix::unistd::close(number);
    }
}

/// Nothing to close where a child inherits nothing, or nothing can be found out.
#[cfg(not(target_os = "linux"))]
pub fn close_inherited() {}

/// Closes the memory of this process to other programs of the user, and to what a file
/// may make a worker or an analyser do. Where that fails, Landlock still keeps those out.
#[cfg(target_os = "linux")]
pub fn close_memory() {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};

    if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        tracing::warn!(%error, "other programs of the user may read this one's memory");
    }
}

/// Nothing to close in a way that is known.
#[cfg(not(target_os = "linux"))]
pub fn close_memory() {}

/// Where a worker may write, and how much it may take.
#[derive(Clone, Debug, Default)]
pub struct Bounds {
    /// Its own directory.
    pub own: Option<PathBuf>,
    /// The directory for parts, where it may write some.
    pub output: Option<PathBuf>,
    /// Most address space, bytes.
    pub memory: u64,
}

/// The fence around this process.
#[derive(Clone, Debug)]
pub struct Fence {
    bounds: Bounds,
    /// Why a part of it is missing.
    gaps: Vec<String>,
}

/// Raises the fence around this process, for good. To be called while it has one thread.
/// What cannot be had is reported and not fatal: a worker behind half a fence is better
/// than none.
pub fn raise(bounds: Bounds) -> Fence {
    #[allow(unused_mut)]
    let mut gaps = limit_resources(&bounds);
    #[cfg(target_os = "linux")]
    {
        let kept = [&bounds.own, &bounds.output];
        let kept: Vec<&Path> = kept.into_iter().flatten().map(PathBuf::as_path).collect();
        gaps.extend(linux::raise(&kept, bounds.output.is_some()));
    }
    #[cfg(windows)]
    gaps.extend(windows::raise());
    Fence { bounds, gaps }
}

impl Fence {
    /// The rules, each with whether it is in force now for the calling thread. On Linux
    /// that is found out by trying.
    pub fn rules(&self) -> Vec<Rule> {
        let mut rules = limits(&self.bounds);
        #[cfg(target_os = "linux")]
        rules.extend(linux::attempt_all(self.bounds.own.as_deref()));
        #[cfg(not(target_os = "linux"))]
        {
            #[cfg(windows)]
            rules.push(Rule {
                name: "no processes, no programs (job object)".into(),
                problem: (!self.gaps.is_empty()).then(|| self.gaps.join("; ")),
            });
            #[cfg(not(windows))]
            rules.push(missing("no processes"));
            rules.extend(["no network", "no writing"].map(missing));
        }
        for problem in rules.iter_mut().filter_map(|rule| rule.problem.as_mut()) {
            for gap in &self.gaps {
                problem.push_str("; ");
                problem.push_str(gap);
            }
        }
        rules
    }
}

/// The rules as two threads found them: in force is what is in force for both.
pub fn in_force_for_both(one: &[Rule], other: Vec<Rule>) -> Vec<Rule> {
    let mut both = other;
    for rule in &mut both {
        if rule.problem.is_none() {
            let same = one.iter().find(|same| same.name == rule.name);
            rule.problem = same.and_then(|same| same.problem.clone());
        }
    }
    both
}

/// Raises the fence around this process before it becomes a command of the user's, for
/// good: it may write only below `slot`, reach no network, act on no other process and
/// leave its process group in no way, and no process of it takes more than `memory` bytes
/// of address space or writes a file larger than `file_size` bytes. Returns what cannot be
/// had, in words.
#[cfg(unix)]
pub fn raise_around_command(slot: &Path, memory: u64, file_size: u64) -> Vec<String> {
    use rlimit::{Resource, setrlimit};

    #[allow(unused_mut)]
    let mut gaps: Vec<String> = [
        (Resource::AS, memory),
        (Resource::FSIZE, file_size),
        (Resource::CORE, 0),
    ]
    .into_iter()
    .filter_map(|(resource, most)| {
        let error = setrlimit(resource, most, most).err()?;
        Some(format!("{resource:?} cannot be limited: {error}"))
    })
    .collect();
    #[cfg(target_os = "linux")]
    gaps.extend(linux::raise_around_command(slot));
    #[cfg(not(target_os = "linux"))]
    let _ = slot;
    gaps
}

/// Lets the worker write files of so many bytes from now on.
#[cfg(unix)]
pub fn allow_files(bytes: u64) {
    let most = bytes.clamp(FILE, LARGEST_FILE);
    // Fails only for a worker that writes parts, which may be of any size.
    let _ = rlimit::setrlimit(rlimit::Resource::FSIZE, most, LARGEST_FILE);
}

/// Lets the worker write files, where nothing is limited.
#[cfg(not(unix))]
pub fn allow_files(_: u64) {}

/// The largest file that a worker may write, bytes, unless it makes a page's file
/// for an analyser …
#[cfg(unix)]
const FILE: u64 = 1 << 20;

/// … and the largest of those: a page of ISO A2 at 300 dpi, not packed, is 200 MB.
pub const LARGEST_FILE: u64 = 256 << 20;

/// Memory that a page of this size, of a document of so many bytes, may use.
pub fn page_memory(shape: PageShape, document: u64) -> u64 {
    let area = f64::from(shape.width) * f64::from(shape.height);
    let pixels = (area * MEMORY_PER_SQUARE_POINT) as u64;
    PAGE_MEMORY
        .saturating_add(document.saturating_mul(MEMORY_PER_BYTE))
        .saturating_add(pixels)
}

/// Before a page: it may add `memory` bytes to what the process has, within the
/// `most` that the fence was raised with, and use so much processor time. The
/// latter is a second deadline, which holds when the host is stopped.
#[cfg(unix)]
pub fn allow(memory: u64, most: u64, time: Duration) {
    use rlimit::{Resource, setrlimit};

    // Neither fails where the fence was raised: soft limits below hard ones.
    let soft = address_space().saturating_add(memory).min(most);
    let _ = setrlimit(Resource::AS, soft, most);
    if let Ok(used) = cpu_seconds() {
        let soft = used + time.as_secs() + 1;
        let _ = setrlimit(Resource::CPU, soft, rlimit::INFINITY);
    }
}

/// Before a page: nothing to allow where nothing is limited.
#[cfg(not(unix))]
pub fn allow(_: u64, _: u64, _: Duration) {}

/// A resource with its name, and its soft and hard limit.
#[cfg(unix)]
type Limit = (&'static str, rlimit::Resource, u64, u64);

#[cfg(unix)]
fn limits_of(bounds: &Bounds) -> [Limit; 5] {
    use rlimit::Resource;

    /// Open files: pipes, a source, fonts of the system.
    const FILES: u64 = 64;

    // Parts may be of any size.
    let (file, largest_file) = match bounds.output {
        Some(_) => (rlimit::INFINITY, rlimit::INFINITY),
        None => (FILE, LARGEST_FILE),
    };
    let memory = bounds.memory;
    [
        ("memory", Resource::AS, memory, memory),
        ("size of files", Resource::FSIZE, file, largest_file),
        ("open files", Resource::NOFILE, FILES, FILES),
        ("no memory dumps", Resource::CORE, 0, 0),
        (
            "processor time",
            Resource::CPU,
            rlimit::INFINITY,
            rlimit::INFINITY,
        ),
    ]
}

/// Sets the limits; returns why one cannot be set.
#[cfg(unix)]
fn limit_resources(bounds: &Bounds) -> Vec<String> {
    let limits = limits_of(bounds).into_iter();
    limits
        .filter_map(|(name, resource, soft, hard)| {
            let error = rlimit::setrlimit(resource, soft, hard).err()?;
            Some(format!("{name} cannot be limited: {error}"))
        })
        .collect()
}

#[cfg(not(unix))]
fn limit_resources(_: &Bounds) -> Vec<String> {
    vec![]
}

/// The limits as they are; soft ones move from page to page.
#[cfg(unix)]
fn limits(bounds: &Bounds) -> Vec<Rule> {
    let limits = limits_of(bounds).into_iter();
    limits
        .map(|(name, resource, _, wanted)| Rule {
            name: name.into(),
            problem: match rlimit::getrlimit(resource) {
                Ok((_, hard)) if hard <= wanted => None,
                Ok((_, hard)) => Some(format!("the limit is {hard}")),
                Err(error) => Some(error.to_string()),
            },
        })
        .collect()
}

#[cfg(not(unix))]
fn limits(_: &Bounds) -> Vec<Rule> {
    vec![Rule {
        name: "memory (watched by the host)".into(),
        problem: None,
    }]
}

#[cfg(not(target_os = "linux"))]
fn missing(name: &str) -> Rule {
    Rule {
        name: name.into(),
        problem: Some("not on this system".into()),
    }
}

/// Address space that this process has, in bytes; 0 where the system does not
/// say.
#[cfg(unix)]
fn address_space() -> u64 {
    /// Linux on the machines that matter here; a wrong size only shifts a limit.
    const PAGE: u64 = 4096;
    std::fs::read_to_string("/proc/self/statm")
        .ok()
        .and_then(|statm| statm.split_whitespace().next()?.parse::<u64>().ok())
        .map_or(0, |pages| pages * PAGE)
}

/// Processor seconds that this process has used, rounded up.
#[cfg(unix)]
fn cpu_seconds() -> std::io::Result<u64> {
    /// Ticks per second of `/proc`, fixed by Linux' interface to programs.
    const TICKS: u64 = 100;
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // Fields 14 and 15; the name before them, in parentheses, may hold spaces.
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u64 = after_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse::<u64>().ok())
        .sum();
    Ok(ticks.div_ceil(TICKS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn larger_pages_of_larger_documents_may_use_more() {
        let shape = |width, height| PageShape {
            width,
            height,
            rotation: 0,
        };
        let a4 = page_memory(shape(595.0, 842.0), 1 << 20);
        assert!(a4 < 1 << 30, "{a4}");
        assert!(page_memory(shape(2384.0, 3370.0), 1 << 20) > 2 * a4);
        assert!(page_memory(shape(595.0, 842.0), 1 << 30) > 8 << 30);
        let endless = page_memory(shape(f32::INFINITY, 1.0), u64::MAX);
        assert_eq!(endless, u64::MAX);
    }
}
