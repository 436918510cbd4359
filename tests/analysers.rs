//! External analysers: real commands in real directories, honest and not.

#![cfg(unix)]

mod support;

use std::io::Read;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use support::disk::Disk;
use support::program::{Place, Ran, signal, wait_for};
use support::{scanned_pdf, text_pdf};

/// Declares analysers that run a shell script on each page as a PDF.
fn declare(place: &Place, analysers: &[(&str, &str, &str)]) {
    let mut text = String::new();
    for (name, script, more) in analysers {
        let given = |key: &str, usual: &str| {
            if more.contains(key) {
                String::new()
            } else {
                format!("{key} = {usual}\n")
            }
        };
        text.push_str(&format!(
            "[[analyser]]\nname = \"{name}\"\n\
             command = [\"/bin/sh\", \"-c\", '''{script}''', \"sh\", \"{{input}}\", \"{{page}}\"]\n\
             {}{}{}memory = \"1 GB\"\n{}{more}\n",
            given("input", "\"page-pdf\""),
            given("output", "\"json\""),
            given("scratch", "\"2 MB\""),
            given("seconds", "20"),
        ));
    }
    std::fs::write(place.path().join("analysers.toml"), text).unwrap();
}

fn analyse(place: &Place, with: &str, more: &[&str]) -> Ran {
    let file = place.path().join("analysers.toml");
    let mut arguments = vec!["analyse", "--with", with, "--analysers"];
    let file = file.to_string_lossy();
    arguments.push(&file);
    arguments.extend(more);
    place.run(arguments)
}

/// A batch of so many pages, processed.
fn batch(pages: usize) -> Place {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(pages));
    assert_eq!(place.process().code(), 0);
    place
}

fn column(place: &Place, list: &str, name: &str) -> Vec<Value> {
    place
        .list(list)
        .into_iter()
        .map(|row| row.get(name).cloned().unwrap_or(Value::Null))
        .collect()
}

#[test]
fn what_it_prints_becomes_columns_like_any_other() {
    let place = batch(3);
    let script = r#"head -c 5 "$1" | grep -q %PDF- || exit 3
        printf '{"page": %s, "stamp": true, "kind": "invoice", "text": "read"}' "$2""#;
    declare(&place, &[("look", script, "")]);
    let ran = analyse(&place, "look", &[]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    assert_eq!(column(&place, "pages", "look.page"), [1.0, 2.0, 3.0]);
    assert_eq!(column(&place, "pages", "look.stamp"), ["yes"; 3]);
    assert_eq!(column(&place, "pages", "look.kind"), ["invoice"; 3]);
    assert_eq!(column(&place, "pages", "look.text"), ["read"; 3]);
    assert_eq!(
        column(&place, "pages", "look.problem"),
        vec![Value::Null; 3]
    );
    // After everything else, so that programs find their columns where they were.
    let csv = place.run(["pages", "--format", "csv"]).output();
    let header = csv.lines().next().unwrap();
    assert!(
        header.contains(",attached_to,look.kind,look.page,"),
        "{header}"
    );
    assert!(place.left_by_copies().is_empty());
}

#[test]
fn numbers_that_it_reads_on_scans_tell_what_is_missing() {
    let place = Place::new();
    for name in ["a.pdf", "b.pdf", "c.pdf"] {
        place.source(name, &scanned_pdf());
    }
    let merged = place.path().join("merged");
    let sources = place.sources();
    let ran = place.run([
        Path::new("merge"),
        &sources,
        Path::new("--out"),
        &merged.join("scans.pdf"),
    ]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let ran = place.run([Path::new("process"), &merged.join("scans.pdf")]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let pages = column(&place, "pages", "page").len();
    assert_eq!(
        column(&place, "pages", "printed_page"),
        vec![Value::Null; pages]
    );
    // The third is the fourth of what was sent.
    let script = r#"n=$2; [ "$n" -lt 3 ] || n=$((n + 1))
        printf '{"text": "Dear Sir\\nPage %s of 9"}' "$n""#;
    declare(&place, &[("read", script, "")]);
    let ran = analyse(&place, "read", &[]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let told = || {
        let numbers = column(&place, "pages", "printed_page");
        let breaks = column(&place, "pages", "sequence_break");
        (numbers[..3].to_vec(), breaks[..3].to_vec())
    };
    let expected = (
        vec![1.into(), 2.into(), 4.into()],
        vec!["no".into(), "no".into(), "yes".into()],
    );
    assert_eq!(told(), expected);
    // What is known stays known when pages are measured again.
    assert_eq!(place.run(["reprocess"]).code(), 0);
    assert_eq!(told(), expected);
}

#[test]
fn each_input_is_what_was_declared() {
    let place = batch(2);
    let png = r#"printf '{"png": "%s"}' "$(head -c 4 "$1" | tail -c 3)""#;
    let text = r#"printf '{"letters": %s}' "$(tr -d '[:space:]' < "$1" | wc -c)""#;
    let document = r#"printf '{"bytes": %s}' "$(wc -c < "$1")""#;
    declare(
        &place,
        &[
            ("png", png, "input = \"page-png\"\ndpi = 72"),
            ("text", text, "input = \"page-text\""),
            ("whole", document, "input = \"document\""),
        ],
    );
    for name in ["png", "text", "whole"] {
        let ran = analyse(&place, name, &[]);
        assert_eq!(ran.code(), 0, "{name}: {}", ran.errors());
    }
    assert_eq!(column(&place, "pages", "png.png"), ["PNG"; 2]);
    let letters = column(&place, "pages", "text.letters");
    assert!(
        letters.iter().all(|n| n.as_f64().unwrap() > 50.0),
        "{letters:?}"
    );
    let size = std::fs::metadata(place.sources().join("letter.pdf"))
        .unwrap()
        .len();
    assert_eq!(column(&place, "documents", "whole.bytes"), [size as f64]);
}

#[test]
fn what_it_leaves_behind_is_reported_and_gone() {
    let place = batch(2);
    let script = r#"head -c 500000 /dev/zero > "$TMPDIR/left"; mkdir deep; echo x > deep/x
        test "$(pwd)" = "$TMPDIR" && test "$HOME" = "$TMPDIR" && printf '{}'"#;
    declare(&place, &[("messy", script, "")]);
    let ran = analyse(&place, "messy", &[]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    assert_eq!(
        column(&place, "pages", "messy.problem"),
        vec![Value::Null; 2]
    );
    assert_eq!(column(&place, "pages", "messy.left_files"), [2; 2]);
    assert!(
        column(&place, "pages", "messy.left_bytes")[0]
            .as_u64()
            .unwrap()
            >= 500_000
    );
    assert!(place.left_by_copies().is_empty());
    let journal = std::fs::read_to_string(place.scratch().join("journal.jsonl")).unwrap();
    assert!(journal.contains("\"leftover\""), "{journal}");
}

#[test]
fn one_that_fails_has_its_reason_and_fails_no_page() {
    let place = batch(1);
    declare(
        &place,
        &[
            ("refuses", "echo no such stamp >&2; exit 7", ""),
            ("babbles", "echo hello", ""),
            ("hangs", "sleep 100", "seconds = 1"),
            (
                "greedy",
                "head -c 9000000 /dev/zero > big || exit 9; printf '{}'",
                "",
            ),
            (
                "many",
                "for i in 1 2 3 4 5 6; do head -c 900000 /dev/zero > f$i; done; sleep 5",
                "",
            ),
        ],
    );
    for (name, said) in [
        ("refuses", "no such stamp"),
        ("babbles", "no JSON object"),
        ("hangs", "longer than 1 s"),
        ("greedy", "may write"),
        ("many", "may write"),
    ] {
        let ran = analyse(&place, name, &[]);
        assert_eq!(ran.code(), 65, "{name}: {}", ran.errors());
        assert!(ran.errors().contains("failed 1 of 1"), "{}", ran.errors());
        let problem = column(&place, "pages", &format!("{name}.problem"));
        let problem = problem[0].as_str().unwrap();
        assert!(problem.contains(said), "{name}: {problem}");
    }
    assert_eq!(place.statuses("letter.pdf"), ["done"]);
    // Where it failed, it can be run again.
    declare(&place, &[("refuses", "printf '{\"better\": true}'", "")]);
    assert_eq!(analyse(&place, "refuses", &["--failed"]).code(), 0);
    assert_eq!(column(&place, "pages", "refuses.better"), ["yes"]);
}

#[cfg(target_os = "linux")]
#[test]
fn what_it_hides_from_a_look_at_its_directory_counts_and_goes() {
    let place = batch(1);
    // Below a path that is longer than the system takes, and in a file without a name.
    let deep = r#"name=$(printf 'n%.0s' $(seq 200)); i=0
        while [ $i -lt 30 ]; do mkdir $name && cd -P $name || exit 9; i=$((i + 1)); done
        head -c 4000000 /dev/zero > one; head -c 4000000 /dev/zero > two; sleep 15"#;
    let deleted = r#"exec 3<>one 4<>two; rm one two
        head -c 4000000 /dev/zero >&3; head -c 4000000 /dev/zero >&4; sleep 15"#;
    let closed = r#"umask 477; mkdir closed; umask 077
        head -c 4000000 /dev/zero > closed/one; head -c 4000000 /dev/zero > closed/two; sleep 15"#;
    let hiding = [("deep", deep), ("deleted", deleted), ("closed", closed)];
    declare(&place, &hiding.map(|(name, script)| (name, script, "")));
    for (name, _) in hiding {
        let ran = analyse(&place, name, &[]);
        assert_eq!(ran.code(), 65, "{name}: {}", ran.errors());
        let problem = column(&place, "pages", &format!("{name}.problem"));
        let problem = problem[0].as_str().unwrap();
        assert!(problem.contains("may write"), "{name}: {problem}");
        assert!(place.left_by_copies().is_empty(), "{name}");
    }
}

#[test]
fn a_flood_of_output_is_cut_and_says_so() {
    let place = batch(1);
    let flood = "head -c 200000000 /dev/zero | tr '\\0' x";
    declare(
        &place,
        &[("flood", flood, "output = \"text\""), ("wrong", flood, "")],
    );
    let ran = analyse(&place, "flood", &[]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let cut = column(&place, "pages", "flood.cut");
    assert_eq!(cut, ["text, after 4194304 bytes"]);
    let ran = analyse(&place, "wrong", &[]);
    assert_eq!(ran.code(), 65, "{}", ran.errors());
    let problem = column(&place, "pages", "wrong.problem");
    let problem = problem[0].as_str().unwrap();
    assert!(problem.contains("more than 4194304 bytes"), "{problem}");
}

/// No process has this argument any more.
#[cfg(target_os = "linux")]
fn wait_for_the_end_of(argument: &str) {
    wait_for(Duration::from_secs(5), || {
        let processes = std::fs::read_dir("/proc").unwrap().flatten();
        let still = processes
            .filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok())
            .any(|line| {
                line.split(|byte| *byte == 0)
                    .any(|part| part == argument.as_bytes())
            });
        (!still).then_some(())
    });
}

#[cfg(target_os = "linux")]
#[test]
fn it_can_neither_write_elsewhere_nor_reach_others_nor_outlive_its_end() {
    let place = batch(1);
    let outside = place.path().join("outside");
    std::fs::write(&outside, "as it was").unwrap();
    let before = std::fs::metadata(&outside).unwrap();
    let mark = format!("{}", std::process::id());
    let script = format!(
        r#"outside={}
        exec 2>/dev/null
        ( echo x > $outside ) && exit 11
        ( exec 3<>/dev/tcp/127.0.0.1/9 ) && exit 12
        ( perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0) or exit 1' ) && exit 13
        chmod 777 $outside && exit 14
        chown 65534 $outside && exit 15
        touch -d 2001-01-01 $outside && exit 16
        ln $outside link && exit 17
        mknod device b 7 0 && exit 18
        host=$(sed -n 's/PPid:.//p' /proc/$PPID/status)
        kill -0 $host && exit 19
        kill -0 $PPID && exit 20
        ( : < /proc/$host/mem ) && exit 21
        ( : < /dev/kmsg ) && exit 22
        sleep 100 & kill $! || exit 23
        setsid sleep 1{mark} & sleep 1{mark} &
        printf '{{}}'"#,
        outside.display()
    );
    declare(&place, &[("bad", &script, "")]);
    let ran = analyse(&place, "bad", &[]);
    assert_eq!(column(&place, "pages", "bad.problem"), [Value::Null]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    assert_eq!(std::fs::read_to_string(&outside).unwrap(), "as it was");
    let after = std::fs::metadata(&outside).unwrap();
    assert_eq!(after.permissions(), before.permissions());
    assert_eq!(after.modified().unwrap(), before.modified().unwrap());
    wait_for_the_end_of(&format!("1{mark}"));
    assert!(place.left_by_copies().is_empty());
}

#[cfg(target_os = "linux")]
#[test]
fn it_ends_with_its_host_however_that_ends() {
    let place = batch(1);
    let mark = format!("2{}", std::process::id());
    let script = format!("sleep {mark} & touch started; sleep {mark}");
    declare(&place, &[("long", &script, "seconds = 300")]);
    let file = place.path().join("analysers.toml");
    let arguments = ["analyse", "--with", "long", "--analysers"];
    let mut host = place.start(arguments.map(Path::new).into_iter().chain([file.as_path()]));
    place.wait(|| {
        let copies = place.left_by_copies().into_iter();
        let slots = copies.filter_map(|copy| std::fs::read_dir(copy.join("slots")).ok());
        let mut slots = slots.flat_map(Iterator::flatten);
        slots
            .any(|slot| slot.path().join("work/started").exists())
            .then_some(())
    });
    signal("KILL", host.id());
    let _ = host.wait();
    wait_for_the_end_of(&mark);
}

#[test]
fn a_killed_run_goes_on_and_looks_at_each_page_once() {
    let place = batch(6);
    let log = place.path().join("looks");
    std::fs::write(&log, "").unwrap();
    let script = r#"sleep 0.3; printf '{"page": %s}' "$2""#;
    declare(&place, &[("slow", script, "")]);
    let file = place.path().join("analysers.toml");
    let arguments = ["analyse", "--with", "slow", "--workers", "1", "--analysers"];
    let mut child = place.start(arguments.map(Path::new).into_iter().chain([file.as_path()]));
    wait_for(Duration::from_secs(60), || {
        let ended = child.try_wait().unwrap();
        let done = column(&place, "pages", "slow.page");
        let done = done.iter().filter(|page| !page.is_null()).count();
        if let Some(status) = ended.filter(|_| done < 2) {
            let mut errors = String::new();
            let _ = child.stderr.take().unwrap().read_to_string(&mut errors);
            panic!("{status}: {errors}");
        }
        (done >= 2).then_some(())
    });
    signal("KILL", child.id());
    let _ = child.wait();
    // Opening the batch goes on with what waits.
    let sources = place.sources();
    let ran = place.run([
        Path::new("process"),
        sources.as_path(),
        Path::new("--analysers"),
        file.as_path(),
    ]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let pages: Vec<f64> = (1..=6).map(f64::from).collect();
    assert_eq!(column(&place, "pages", "slow.page"), pages);
    // What the killed run's last command still held goes with the next start.
    place.wait(|| {
        place.run(["scratch", "status"]);
        place.left_by_copies().is_empty().then_some(())
    });
}

/// The story that the program was made for: a small disk that dead runs have
/// filled, and an analyser that leaves 12 MB behind on each page.
#[test]
fn the_story() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(3));
    let Some(_disk) = Disk::mount(place.scratch(), "16m") else {
        return;
    };
    let script = r#"head -c 12000000 /dev/zero > "$TMPDIR/forgotten" && printf '{"done": true}'"#;
    declare(&place, &[("messy", script, "scratch = \"13 MB\"")]);
    let policy = |cleaning: &str| {
        let mut arguments = vec!["scratch", "policy", "--budget", "16MB"];
        for rule in ["--residue", "--after-jobs", "--at-exit"] {
            arguments.extend([rule, cleaning]);
        }
        assert_eq!(place.run(arguments).code(), 0);
    };
    // With cleaning off, the disk fills up with the first page and stays full.
    policy("off");
    assert_eq!(place.process().code(), 0);
    let ran = analyse(&place, "messy", &["--wait-for-space", "3"]);
    assert_eq!(ran.code(), 75, "{}", ran.errors());
    let done = column(&place, "pages", "messy.done");
    assert!(
        done.iter().filter(|page| !page.is_null()).count() < 3,
        "{done:?}"
    );
    let free = || {
        let status = place.run(["scratch", "status", "--json"]).output();
        let status: Value = serde_json::from_str(&status).unwrap();
        (
            status["free"].as_u64().unwrap(),
            status["residue"].as_u64().unwrap(),
        )
    };
    let (left_free, residue) = free();
    assert!(
        left_free < 5_000_000 && residue > 11_000_000,
        "{left_free} {residue}"
    );
    // A later, innocent run finds no room either.
    let again = analyse(&place, "messy", &["--wait-for-space", "3"]);
    assert_eq!(again.code(), 75, "{}", again.errors());
    // With cleaning on, the same batch on the same disk completes.
    policy("on");
    let ran = analyse(&place, "messy", &[]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    assert_eq!(column(&place, "pages", "messy.done"), ["yes"; 3]);
    assert_eq!(column(&place, "pages", "messy.left_files"), [1; 3]);
    let (left_free, residue) = free();
    assert!(
        left_free > 15_000_000 && residue == 0,
        "{left_free} {residue}"
    );
}

#[test]
fn tesseract_reads_what_needs_it() {
    if support::tools::lacks("tesseract") {
        return;
    }
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(1));
    place.source("scan.pdf", &scanned_pdf());
    assert_eq!(place.process().code(), 0);
    let ran = place.run(["analyse", "--with", "ocr"]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    for row in place.list("pages") {
        let text = row["ocr.text"].as_str().unwrap_or_default();
        if row["document"] == "scan.pdf" {
            assert!(text.split_whitespace().count() >= 20, "{row}");
        } else {
            assert_eq!(row["ocr.text"], Value::Null);
        }
    }
    assert!(place.left_by_copies().is_empty());
}
