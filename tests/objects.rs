//! Object storage from end to end: the real program, two real servers, and a network that
//! breaks.

#![cfg(unix)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use support::program::{Place, Ran};
use support::stores::{Asked, Fate, Proxy, SECRET, Store, with_store};
use support::tools::lacks;
use support::{coloured_pdf, text_pdf, truncated_pdf, vector_pdf, zip_of};

/// Exit codes.
const DONE: i32 = 0;
const SOME_FAILED: i32 = 65;

/// What the tests take in: name and content.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let archive = zip_of(&[("in/a.pdf", &text_pdf(3)), ("in/b.pdf", &text_pdf(2))]);
    vec![
        ("letters/2.pdf", text_pdf(2)),
        ("letters/10.pdf", text_pdf(1)),
        ("page 1.pdf", vector_pdf()),
        ("colours.pdf", coloured_pdf()),
        ("truncated.pdf", truncated_pdf()),
        ("more.zip", archive),
        ("notes.txt", b"no PDF".to_vec()),
        // Known by its content.
        ("letters/unnamed", text_pdf(4)),
        (".hidden.pdf", text_pdf(1)),
    ]
}

/// Below another name than the tests' own, which begins in the same way.
const BESIDE: &str = "sources-of-others/a.pdf";

fn moto_with(bucket: &str, files: &[(&str, Vec<u8>)]) -> Option<Store> {
    let store = Store::moto()?;
    store.bucket(bucket);
    for (name, bytes) in files {
        store.put(&format!("{bucket}/sources/{name}"), bytes);
    }
    Some(store)
}

fn command(place: &Place, port: u16, secret: &str, arguments: &[&str]) -> Command {
    let mut command = place.command(arguments);
    with_store(&mut command, port, secret);
    command
}

fn run(place: &Place, port: u16, arguments: &[&str]) -> Ran {
    Ran(command(place, port, SECRET, arguments).output().unwrap())
}

/// A table without what differs between two runs: places, times and rows' numbers.
fn table(place: &Place, what: &str) -> Vec<Value> {
    let mut rows = place.list(what);
    for row in &mut rows {
        let row = row.as_object_mut().unwrap();
        row.retain(|name, _| {
            ![
                "path", "source", "modified", "batch", "ms", "run", "folder", "file", "seen",
            ]
            .contains(&name.as_str())
        });
    }
    rows
}

/// Kind of failure and its words, by document.
fn failures(place: &Place) -> Vec<(String, String)> {
    let rows = place.list("failures");
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let row = |row: &Value| (text(row, "document"), row.to_string());
    rows.iter().map(row).collect()
}

/// Files below a place that hold a text.
fn holding(folder: &Path, text: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(holding(&path, text));
        } else if let Ok(bytes) = fs::read(&path)
            && bytes
                .windows(text.len())
                .any(|part| part == text.as_bytes())
        {
            found.push(path);
        }
    }
    found
}

/// Nothing that was written or said has the secret.
fn assert_secret_is_kept(place: &Place, ran: &Ran) {
    let found = holding(place.path(), SECRET);
    assert!(found.is_empty(), "{found:?}");
    assert!(!ran.errors().contains(SECRET) && !ran.output().contains(SECRET));
}

#[test]
fn what_lies_below_an_address_is_taken_in_as_a_folder_is() {
    let Some(store) = moto_with("clients", &files()) else {
        return;
    };
    store.put(&format!("clients/{BESIDE}"), &text_pdf(9));
    store.put("clients/sources/letters/", b"");
    let folder = Place::new();
    for (name, bytes) in files() {
        folder.source(name, &bytes);
    }
    let of_folder = folder.process();
    let place = Place::new();
    let address = "s3://clients/sources/";
    let ran = run(&place, store.port, &["process", address]);
    assert_eq!(ran.code(), of_folder.code(), "{}", ran.errors());
    assert_eq!(ran.code(), SOME_FAILED, "one is truncated");
    assert_eq!(ran.errors(), of_folder.errors(), "what was left out");
    for what in ["documents", "pages"] {
        let (here, there) = (table(&folder, what), table(&place, what));
        assert!(here.len() > 5);
        assert_eq!(here, there, "{what}");
    }
    let documents = place.list("documents");
    let places: Vec<&str> = documents
        .iter()
        .filter_map(|row| row["path"].as_str())
        .collect();
    assert!(
        places
            .iter()
            .all(|path| path.starts_with("s3://clients/sources/")),
        "{places:?}"
    );
    assert_secret_is_kept(&place, &ran);
    assert!(place.left_by_copies().is_empty());

    // The same again is the same batch; what was replaced is taken in anew.
    let again = run(
        &place,
        store.port,
        &["process", "s3://clients/sources", "--json"],
    );
    let summary: Value = serde_json::from_str(&again.output()).unwrap();
    assert_eq!(summary["id"], 1, "{summary}");
    store.put("clients/sources/letters/2.pdf", &text_pdf(5));
    run(&place, store.port, &["process", address]);
    assert_eq!(place.documents()["letters/2.pdf"]["pages"], 5);
    assert_eq!(place.list("batches").len(), 1);
}

#[test]
fn one_object_is_named_and_what_is_not_there_gets_its_record() {
    let Some(store) = moto_with("clients", &[("a.pdf", text_pdf(2))]) else {
        return;
    };
    let place = Place::new();
    let ran = run(
        &place,
        store.port,
        &[
            "process",
            "s3://clients/sources/a.pdf",
            "s3://clients/sources/b.pdf",
            "s3://nowhere",
        ],
    );
    assert_eq!(ran.code(), SOME_FAILED, "{}", ran.errors());
    assert_eq!(place.documents()["a.pdf"]["pages"], 2);
    let failed = failures(&place);
    assert_eq!(failed.len(), 2, "{failed:?}");
    for (document, row) in failed {
        assert!(row.contains("vanished"), "{document}: {row}");
    }
}

#[test]
fn a_real_disk_behind_a_key_is_read_with_the_key_alone() {
    let disk = tempfile::tempdir().unwrap();
    let bucket = disk.path().join("clients/in");
    fs::create_dir_all(&bucket).unwrap();
    fs::write(bucket.join("a.pdf"), text_pdf(3)).unwrap();
    fs::write(bucket.join("b.zip"), zip_of(&[("c.pdf", &text_pdf(2))])).unwrap();
    let Some(store) = Store::rclone(disk.path()) else {
        return;
    };
    let place = Place::new();
    let ran = run(&place, store.port, &["process", "s3://clients/in"]);
    assert_eq!(ran.code(), DONE, "{}", ran.errors());
    assert_eq!(place.list("pages").len(), 5);
    assert_secret_is_kept(&place, &ran);

    let refused = Place::new();
    let wrong = "wrong-secret-of-the-tests";
    let mut command = command(&refused, store.port, wrong, &["process", "s3://clients/in"]);
    let ran = Ran(command.output().unwrap());
    assert_eq!(ran.code(), SOME_FAILED, "{}", ran.errors());
    let failed = failures(&refused);
    assert_eq!(failed.len(), 1);
    let row = &failed[0].1;
    assert!(
        row.contains("permission_denied") && row.contains("does not allow it"),
        "{row}"
    );
    assert!(holding(refused.path(), wrong).is_empty());
}

/// Processes one object through a network on which it meets a fate, and returns what was asked.
fn through(
    place: &Place,
    store: &Store,
    fate: impl Fn(&Asked) -> Fate + Send + Sync + 'static,
) -> (Ran, Vec<Asked>) {
    let proxy = Proxy::start(store.port, fate);
    let ran = run(
        place,
        proxy.port,
        &["process", "s3://clients/sources/a.pdf"],
    );
    (ran, proxy.asked())
}

/// A PDF of some 300 kB: more than comes through at once.
fn long_pdf() -> Vec<u8> {
    let mut pdf = text_pdf(3);
    let end = pdf
        .windows(9)
        .rposition(|part| part == b"startxref")
        .unwrap();
    let comment = [b"%".as_slice(), &[b'x'; 300 << 10], b"\n"].concat();
    pdf.splice(end..end, comment);
    pdf
}

fn reads(asked: &[Asked]) -> usize {
    asked.iter().filter(|asked| asked.method == "GET").count()
}

#[test]
fn a_connection_that_is_cut_is_taken_up_where_it_broke_off() {
    let Some(store) = moto_with("clients", &[("a.pdf", long_pdf())]) else {
        return;
    };
    let place = Place::new();
    // What comes through falls short of the whole four times.
    let (ran, asked) = through(&place, &store, |asked| match asked.method.as_str() {
        "GET" => Fate::Cut(80 << 10),
        _ => Fate::Passed,
    });
    assert_eq!(ran.code(), DONE, "{}", ran.errors());
    assert_eq!(place.documents()["a.pdf"]["pages"], 3);
    assert_eq!(reads(&asked), 4, "{asked:?}");
}

#[test]
fn a_busy_store_is_asked_again() {
    let Some(store) = moto_with("clients", &[("a.pdf", text_pdf(2))]) else {
        return;
    };
    let place = Place::new();
    let (ran, asked) = through(&place, &store, |asked| match asked.before {
        0 | 1 => Fate::TooBusy,
        _ => Fate::Passed,
    });
    assert_eq!(ran.code(), DONE, "{}", ran.errors());
    assert_eq!(place.list("pages").len(), 2);
    assert!(reads(&asked) >= 3, "{asked:?}");
}

#[test]
fn an_object_that_is_replaced_while_it_is_read_is_one_of_the_two() {
    let Some(store) = moto_with("clients", &[("a.pdf", long_pdf())]) else {
        return;
    };
    let place = Place::new();
    let (ran, _) = through(&place, &store, |asked| {
        match (&*asked.method, asked.before) {
            ("GET", 0) => Fate::Replaced(80 << 10, text_pdf(7)),
            _ => Fate::Passed,
        }
    });
    assert_eq!(ran.code(), DONE, "{}", ran.errors());
    assert_eq!(place.documents()["a.pdf"]["pages"], 7);

    // One that never stays the same is refused.
    store.put("clients/sources/a.pdf", &long_pdf());
    let place = Place::new();
    let (ran, _) = through(&place, &store, |asked| match &*asked.method {
        "GET" => {
            let mut other = long_pdf();
            other.extend(format!("\n% {}", asked.before).bytes());
            Fate::Replaced(80 << 10, other)
        }
        _ => Fate::Passed,
    });
    assert_eq!(ran.code(), SOME_FAILED, "{}", ran.errors());
    let failed = failures(&place);
    assert!(
        failed[0].1.contains("it was replaced by another"),
        "{failed:?}"
    );
}

#[test]
fn what_is_larger_than_scratch_is_said_and_the_rest_is_done() {
    let mut large = text_pdf(1);
    large.extend(vec![b' '; 9 << 20]);
    let small: Vec<(&str, Vec<u8>)> = vec![
        ("large.pdf", large),
        ("one.pdf", text_pdf(1)),
        ("two.pdf", text_pdf(2)),
    ];
    let Some(store) = moto_with("clients", &small) else {
        return;
    };
    let place = Place::new();
    let arguments = ["process", "s3://clients/sources", "--scratch-budget", "8MB"];
    let ran = run(&place, store.port, &arguments);
    assert_eq!(ran.code(), SOME_FAILED, "{}", ran.errors());
    assert_eq!(place.list("pages").len(), 3);
    let failed = failures(&place);
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert!(failed[0].1.contains("whole scratch budget"), "{failed:?}");
}

/// Calls of the program and of all it starts by which sockets of a network are made.
#[cfg(target_os = "linux")]
fn network_calls(place: &Place, port: u16, source: &str) -> Vec<String> {
    let trace = place.path().join("trace");
    let program = command(place, port, SECRET, &["process", source]);
    let variables = program.get_envs();
    let (set, unset): (Vec<_>, Vec<_>) = variables.partition(|(_, value)| value.is_some());
    let mut strace = Command::new("strace");
    strace
        .args(["-f", "-qq", "-e", "trace=socket,connect", "-o"])
        .arg(&trace)
        .arg(program.get_program())
        .args(program.get_args())
        .envs(
            set.into_iter()
                .filter_map(|(name, value)| Some((name, value?))),
        );
    for (name, _) in unset {
        strace.env_remove(name);
    }
    let ran = Ran(strace.output().unwrap());
    assert_eq!(ran.code(), DONE, "{}", ran.errors());
    let calls = fs::read_to_string(trace).unwrap();
    let calls = calls.lines().filter(|call| {
        // A worker tries behind its fence whether it could.
        call.contains("AF_INET") && !call.contains("EPERM")
    });
    calls.map(str::to_owned).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn no_connection_is_opened_unless_an_address_is_named() {
    if lacks("strace") {
        return;
    }
    let Some(store) = moto_with("clients", &[("a.pdf", text_pdf(2))]) else {
        return;
    };
    let place = Place::new();
    let source = place.source("a.pdf", &text_pdf(2));
    let calls = network_calls(&place, store.port, source.to_str().unwrap());
    assert!(calls.is_empty(), "{calls:?}");
    let place = Place::new();
    let calls = network_calls(&place, store.port, "s3://clients/sources/a.pdf");
    assert!(!calls.is_empty(), "the test would see one");
}

#[test]
fn shards_fetch_their_sources_and_put_their_results_to_a_store() {
    let Some(store) = moto_with("clients", &files()) else {
        return;
    };
    let one = Place::new();
    run(&one, store.port, &["process", "s3://clients/sources"]);
    let place = Place::new();
    let plan = place.path().join("plan.json");
    let plan = plan.to_str().unwrap();
    let planned = run(
        &place,
        store.port,
        &[
            "shard",
            "plan",
            "s3://clients/sources",
            "--shards",
            "2",
            "--out",
            plan,
        ],
    );
    assert_eq!(planned.code(), DONE, "{}", planned.errors());
    let shard = |index: &str| {
        let out = "s3://clients/results/{index}";
        let arguments = [
            "shard",
            "run",
            plan,
            "--index",
            index,
            "--out",
            out,
            "--page-failures-ok",
        ];
        run(&place, store.port, &arguments)
    };
    for index in ["0", "1"] {
        let ran = shard(index);
        assert_eq!(ran.code(), DONE, "{}", ran.errors());
        assert!(
            store
                .get(&format!("clients/results/{index}/_SUCCESS"))
                .is_some()
        );
    }
    let left: Vec<_> = fs::read_dir(place.library().join("shards"))
        .unwrap()
        .collect();
    assert!(left.is_empty(), "{left:?}");
    let again = shard("0");
    assert!(again.output().contains("done before"), "{}", again.output());

    // Without its mark it is no result, and is put anew.
    store.remove("clients/results/1/_SUCCESS");
    let merge = || {
        run(
            &place,
            store.port,
            &["shard", "merge", plan, "s3://clients/results"],
        )
    };
    let lacking = merge();
    assert!(
        lacking.code() != DONE && lacking.errors().contains("1"),
        "{}",
        lacking.errors()
    );
    assert_eq!(shard("1").code(), DONE);
    let merged = merge();
    assert_eq!(merged.code(), DONE, "{}", merged.errors());
    for what in ["documents", "pages"] {
        assert_eq!(table(&one, what), table(&place, what), "{what}");
    }
    assert!(place.left_by_copies().is_empty());
    assert_secret_is_kept(&place, &merged);

    // What stands there of something else is not touched.
    store.put("clients/results/1/letter.txt", b"a person's");
    let occupied = shard("1");
    assert!(occupied.code() != DONE, "{}", occupied.output());
}
