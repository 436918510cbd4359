//! The fence around workers, from inside: what a hostile file that has taken over an engine would
//! try. Each attempt is made twice, without the fence too, so that a refusal is the fence's.

#![cfg(target_os = "linux")]

mod support;

use std::fs;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use pagesieve::worker::fence;
use support::program::{Place, wait_for, workers_of};
use support::{hanging_pdf, text_pdf};

const ALLOWED: i32 = 10;
const REFUSED: i32 = 11;
const MOST: u64 = 4 << 30;

/// Makes one attempt in a process of its own.
fn attempt(what: &str, fenced: bool, folder: &Path) -> ExitStatus {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "inside", "--ignored", "--nocapture"])
        .env("ATTEMPT", what)
        .env("FENCED", if fenced { "yes" } else { "no" })
        .env("FOLDER", folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap()
}

#[test]
#[ignore = "started by the other tests, in a process of its own"]
fn inside() {
    let Some(folder) = std::env::var_os("FOLDER").map(PathBuf::from) else {
        return;
    };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let fenced = std::env::var("FENCED").unwrap() == "yes";
    if fenced {
        for rule in fence::raise(Some(&folder.join("slot")), None, MOST) {
            assert_eq!(rule.problem, None, "{}", rule.name);
        }
    }
    let allow = |memory, time| {
        if fenced {
            fence::allow(memory, MOST, time);
        }
    };
    let outside = folder.join("outside");
    let went = match std::env::var("ATTEMPT").unwrap().as_str() {
        "socket" => UdpSocket::bind("127.0.0.1:0").is_ok(),
        "connect" => TcpStream::connect(address).is_ok(),
        "program" => Command::new("/bin/true").status().is_ok(),
        "thread" => std::thread::Builder::new().spawn(|| {}).is_ok(),
        "read" => fs::read(&outside).is_ok() && fs::read_dir(&folder).is_ok(),
        "overwrite" => fs::write(&outside, "changed").is_ok(),
        "create" => fs::write(folder.join("new"), "new").is_ok(),
        "delete" => fs::remove_file(&outside).is_ok(),
        "rename" => fs::rename(&outside, folder.join("slot/taken")).is_ok(),
        "slot" => fs::write(folder.join("slot/file"), "mine").is_ok(),
        "large file" => fs::write(folder.join("slot/file"), vec![1; 8 << 20]).is_ok(),
        "memory" => {
            allow(64 << 20, Duration::from_secs(60));
            Vec::<u8>::new().try_reserve_exact(512 << 20).is_ok()
        }
        "little memory" => {
            allow(64 << 20, Duration::from_secs(60));
            Vec::<u8>::new().try_reserve_exact(16 << 20).is_ok()
        }
        "processor" => {
            allow(64 << 20, Duration::ZERO);
            let until = Instant::now() + Duration::from_secs(8);
            while Instant::now() < until {
                std::hint::spin_loop();
            }
            true
        }
        other => panic!("no such attempt: {other}"),
    };
    std::process::exit(if went { ALLOWED } else { REFUSED });
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("slot")).unwrap();
    fs::write(folder.path().join("outside"), "a client's file").unwrap();
    folder
}

#[test]
fn what_a_worker_must_not_do_is_refused() {
    for what in [
        "socket",
        "connect",
        "program",
        "overwrite",
        "create",
        "delete",
        "rename",
        "memory",
    ] {
        let folder = folder();
        let fenced = attempt(what, true, folder.path());
        assert_eq!(fenced.code(), Some(REFUSED), "{what}: {fenced}");
        let outside = fs::read_to_string(folder.path().join("outside")).unwrap();
        assert_eq!(outside, "a client's file");
        let free = attempt(what, false, folder.path());
        assert_eq!(free.code(), Some(ALLOWED), "{what} without a fence: {free}");
    }
}

#[test]
fn what_a_worker_needs_is_allowed() {
    for what in ["thread", "read", "slot", "little memory"] {
        let folder = folder();
        let fenced = attempt(what, true, folder.path());
        assert_eq!(fenced.code(), Some(ALLOWED), "{what}: {fenced}");
    }
}

#[test]
fn a_file_that_grows_and_a_loop_that_spins_end_the_worker() {
    for (what, signal) in [("large file", libc::SIGXFSZ), ("processor", libc::SIGXCPU)] {
        let folder = folder();
        let fenced = attempt(what, true, folder.path());
        assert_eq!(fenced.signal(), Some(signal), "{what}: {fenced}");
        let free = attempt(what, false, folder.path());
        assert_eq!(free.code(), Some(ALLOWED), "{what} without a fence: {free}");
    }
}

#[test]
fn workers_of_a_run_stand_behind_it() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(5));
    place.source("b.pdf", &hanging_pdf());
    let mut run = place.start_and_hang();
    let worker = wait_for(Duration::from_secs(60), || {
        workers_of(run.id()).first().copied()
    });
    // It is started before it raises the fence.
    wait_for(Duration::from_secs(60), || {
        let status = fs::read_to_string(format!("/proc/{worker}/status")).ok()?;
        let has = |line: &str| {
            status
                .lines()
                .any(|l| l.split_whitespace().eq(line.split(' ')))
        };
        (has("Seccomp: 2") && has("NoNewPrivs: 1")).then_some(())
    });
    let limits = fs::read_to_string(format!("/proc/{worker}/limits")).unwrap();
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max address space"))
        .unwrap();
    assert!(!line.contains("unlimited"), "{line}");
    run.kill().unwrap();
    run.wait().unwrap();
}

#[test]
fn the_program_says_what_is_in_force() {
    let place = Place::new();
    let ran = place.run(["engine", "status", "--json"]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let status: serde_json::Value = serde_json::from_str(&ran.output()).unwrap();
    let rules = status["fence"].as_array().unwrap();
    assert!(rules.len() >= 7, "{rules:?}");
    for rule in rules {
        assert!(rule["problem"].is_null(), "{rule}");
    }
}
