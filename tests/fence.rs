//! The fence around workers, from inside: what a hostile file that has taken over an engine would
//! try. Each attempt is made twice, without the fence too, so that a refusal is the fence's.

#![cfg(target_os = "linux")]

mod support;

use std::fs;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use pagesieve::worker::fence::{self, Bounds};
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
        let fence = fence::raise(Bounds {
            own: Some(folder.join("slot")),
            output: None,
            memory: MOST,
        });
        for rule in fence.rules() {
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
        "read" => fs::read(&outside).is_ok(),
        "list" => fs::read_dir(&folder).is_ok(),
        "mode" => fs::set_permissions(&outside, fs::Permissions::from_mode(0o666)).is_ok(),
        "times" => fs::File::open(folder.join("slot"))
            .and_then(|slot| slot.set_modified(std::time::SystemTime::UNIX_EPOCH))
            .is_ok(),
        "link" => fs::hard_link(&outside, folder.join("slot/link")).is_ok(),
        "symbolic link" => symlink(&outside, folder.join("slot/link")).is_ok(),
        "unix socket" => UnixDatagram::unbound().is_ok(),
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
        "unix socket",
        "program",
        "read",
        "list",
        "mode",
        "times",
        "link",
        "symbolic link",
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
    for what in ["thread", "slot", "little memory"] {
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

/// Code that took over an engine can run on any thread of the worker: it can send itself
/// signals.
#[test]
fn an_attacker_gets_nowhere_from_any_thread_of_a_worker() {
    let place = Place::new();
    let attacker = place.path().join("attacker.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/attacker.c");
    let compiled = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .args([&attacker, &source])
        .status();
    assert!(compiled.unwrap().success());
    let victim = place.path().join("victim");
    fs::write(&victim, "a client's file").unwrap();
    fs::set_permissions(&victim, fs::Permissions::from_mode(0o640)).unwrap();
    let orders = place.path().join("attacker.so.orders");
    fs::write(orders, victim.as_os_str().as_encoded_bytes()).unwrap();
    place.source("a.pdf", &hanging_pdf());
    let mut run = place
        .command([Path::new("process"), &place.sources()])
        .args(["--workers", "1", "--page-deadline", "20"])
        .env("LD_PRELOAD", &attacker)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let (worker, threads) = wait_for(Duration::from_secs(60), || {
        let worker = workers_of(run.id()).first().copied()?;
        let threads: Vec<String> = fs::read_dir(format!("/proc/{worker}/task"))
            .ok()?
            .filter_map(|thread| thread.ok()?.file_name().into_string().ok())
            .collect();
        // The first, the one that reads requests, and the engine's.
        (threads.len() >= 3).then_some((worker, threads))
    });
    for thread in &threads {
        let thread: i64 = thread.parse().unwrap();
        // SAFETY: sends a signal, which the attacker handles.
        let sent = unsafe {
            libc::syscall(
                libc::SYS_tgkill,
                i64::from(worker),
                thread,
                i64::from(libc::SIGRTMIN() + 4),
            )
        };
        assert_eq!(sent, 0);
    }
    for thread in &threads {
        let attempts = wait_for(Duration::from_secs(15), || {
            let copies = fs::read_dir(place.scratch().join("copies")).ok()?;
            let slots = copies.flatten().map(|copy| copy.path().join("slots"));
            let mut works = slots
                .filter_map(|slots| fs::read_dir(slots).ok())
                .flat_map(Iterator::flatten)
                .map(|slot| slot.path().join("work"));
            let report = works.find_map(|work| {
                fs::read_to_string(work.join(format!("attempts.{thread}"))).ok()
            })?;
            report.contains("end 1\n").then_some(report)
        });
        let went: Vec<&str> = attempts
            .lines()
            .filter(|line| line.ends_with(" 0"))
            .collect();
        assert!(attempts.lines().count() > 80, "{attempts}");
        assert!(went.is_empty(), "went from thread {thread}: {went:?}");
    }
    assert_eq!(fs::read_to_string(&victim).unwrap(), "a client's file");
    let mode = fs::metadata(&victim).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    run.kill().unwrap();
    run.wait().unwrap();
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

/// Files and folders below a folder that others may read, write or enter.
fn open_to_others(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .flat_map(|entry| {
            let path = entry.path();
            let found = fs::symlink_metadata(&path).unwrap();
            let below = match found.is_dir() {
                true => open_to_others(&path),
                false => vec![],
            };
            let open = found.permissions().mode() & 0o077 != 0;
            below.into_iter().chain(open.then_some(path))
        })
        .collect()
}

#[test]
fn what_the_program_keeps_is_closed_to_others_whatever_the_umask_and_the_folder() {
    let place = Place::new();
    // Folders that were there before.
    for folder in [place.library(), place.scratch()] {
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
    }
    place.source("a.pdf", &text_pdf(2));
    let analysers = place.path().join("analysers.toml");
    let declaration = r#"[[analyser]]
        name = "mode"
        command = ["/bin/sh", "-c", 'printf "{\"mode\": \"%s\"}" $(stat -c %a "$1")', "sh", "{input}"]
        input = "page-png"
        dpi = 72
        output = "json"
        scratch = "2 MB"
        memory = "1 GB"
        seconds = 20"#;
    fs::write(&analysers, declaration).unwrap();
    let run = |arguments: &[&Path]| {
        let program = place.command(arguments);
        let variables = program.get_envs();
        let ran = Command::new("sh")
            .args(["-c", "umask 000; exec \"$@\"", "sh"])
            .arg(program.get_program())
            .args(program.get_args())
            .envs(variables.filter_map(|(name, value)| Some((name, value?))))
            .status();
        assert!(ran.unwrap().success());
    };
    let closed = || {
        for kept in ["library", "scratch", "data", "cache", "config"] {
            let open = open_to_others(&place.path().join(kept));
            assert!(open.is_empty(), "{open:?}");
        }
    };
    run(&[Path::new("process"), &place.sources()]);
    closed();
    let analyse = ["analyse", "--with", "mode", "--analysers"].map(Path::new);
    run(&[&analyse[..], &[&analysers]].concat());
    closed();
    let modes: Vec<_> = place
        .list("pages")
        .iter()
        .map(|row| row["mode.mode"].clone())
        .collect();
    assert_eq!(modes, ["600", "600"]);
    // What an earlier version left open is closed.
    for kept in [
        place.library().join("library.sqlite"),
        place.library().join("mark"),
        place.scratch().join("thumbnails"),
        place.scratch().join("sweep.lock"),
    ] {
        let all = fs::Permissions::from_mode(0o777);
        fs::set_permissions(&kept, all).unwrap();
    }
    run(&[Path::new("process"), &place.sources()]);
    closed();
    // Parts are the user's.
    let parts = place.path().join("parts");
    run(&[
        Path::new("split"),
        &place.sources(),
        Path::new("--out"),
        &parts,
    ]);
    let part = fs::read_dir(&parts).unwrap().flatten().find(|entry| {
        entry
            .path()
            .extension()
            .is_some_and(|ending| ending == "pdf")
    });
    let mode = part.unwrap().metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o666);
}
