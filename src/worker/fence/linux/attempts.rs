//! Finding out whether the fence holds: what it forbids is tried, and what is refused is
//! in force. Each attempt is harmless where it succeeds. Not for proving that nothing else
//! leads out, which tests do from inside.

use std::fs::{self, File};
use std::io;
use std::net::UdpSocket;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::Command;

use rustix::process::{DumpableBehavior, dumpable_behavior, getppid, test_kill_process};

use crate::worker::fence::Rule;

/// Tries it all from the calling thread. `own` is a directory that may be written.
pub fn attempt_all(own: Option<&Path>) -> Vec<Rule> {
    let mut rules = vec![
        all_threads(),
        refused("no network", UdpSocket::bind("127.0.0.1:0")),
        refused("no sockets of other programs", UnixDatagram::unbound()),
        refused("no processes, no programs", Command::new("true").status()),
        refused("no signals to other processes", signal_to_host()),
        refused("no memory of other processes", memory_of_host()),
        refused(
            "no reading but documents handed over, and fonts",
            File::open("/etc/passwd").and_then(|_| fs::read_dir("/")),
        ),
        memory_closed(),
    ];
    if let Some(own) = own {
        rules.extend([
            refused("no writing outside of its directory", write_outside(own)),
            refused("no changes of modes, owners and times", change_mode(own)),
            refused("no links", link(own)),
        ]);
    }
    rules
}

/// A refusal is an error of permission; any other tells nothing.
fn refused<T>(name: &str, attempt: io::Result<T>) -> Rule {
    let problem = match attempt {
        Ok(_) => Some("it was tried, and went".to_owned()),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => None,
        Err(error) => Some(format!("it was tried, and failed otherwise: {error}")),
    };
    Rule {
        name: name.to_owned(),
        problem,
    }
}

/// Every thread of this process is filtered, and can gain no privileges.
fn all_threads() -> Rule {
    let look = || -> io::Result<usize> {
        let mut outside = 0;
        for thread in fs::read_dir("/proc/self/task")? {
            let status = fs::read_to_string(thread?.path().join("status"))?;
            let has = |wanted: [&str; 2]| {
                status
                    .lines()
                    .any(|line| line.split_whitespace().eq(wanted))
            };
            if !has(["Seccomp:", "2"]) || !has(["NoNewPrivs:", "1"]) {
                outside += 1;
            }
        }
        Ok(outside)
    };
    Rule {
        name: "around every thread".into(),
        problem: match look() {
            Ok(0) => None,
            Ok(outside) => Some(format!("threads outside: {outside}")),
            Err(error) => Some(format!("its threads cannot be looked at: {error}")),
        },
    }
}

/// Signal 0 asks whether a signal could be sent, and sends none.
fn signal_to_host() -> io::Result<()> {
    let host = getppid().ok_or(io::ErrorKind::NotFound)?;
    Ok(test_kill_process(host)?)
}

fn memory_of_host() -> io::Result<File> {
    let host = getppid().ok_or(io::ErrorKind::NotFound)?;
    File::open(format!("/proc/{}/mem", host.as_raw_nonzero()))
}

fn memory_closed() -> Rule {
    let problem = match dumpable_behavior() {
        Ok(DumpableBehavior::NotDumpable) => None,
        Ok(_) => Some("other programs of the user may look into it".to_owned()),
        Err(error) => Some(error.to_string()),
    };
    Rule {
        name: "its memory is closed to other programs".into(),
        problem,
    }
}

fn write_outside(own: &Path) -> io::Result<()> {
    let outside = own.parent().unwrap_or(Path::new("/")).join("fence-attempt");
    File::create_new(&outside)?;
    // Nothing is to stay of an attempt that went.
    fs::remove_file(&outside)
}

/// Sets a mode that changes nothing.
fn change_mode(own: &Path) -> io::Result<()> {
    let mode = fs::metadata(own)?.permissions().mode();
    fs::set_permissions(own, fs::Permissions::from_mode(mode))
}

fn link(own: &Path) -> io::Result<()> {
    let link = own.join("link");
    symlink("nowhere", &link)?;
    fs::remove_file(&link)
}
