//! The command line from end to end: the real program, real files, real kills.

#[path = "commands/exporting.rs"]
mod exporting;
#[path = "commands/families.rs"]
mod families;
mod support;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use support::disk::Disk;
use support::program::{Place, signal, wait_for, workers_of};
use support::{
    crashing_pdf, encrypted_pdf, hanging_pdf, not_a_pdf_png, repairable_pdf, tar_of, text_pdf,
    truncated_pdf, write_awkward_names, zero_bytes, zip_bomb, zip_of, zip_of_twins,
};

fn sample_batch() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/sample-batch"))
}

fn failure_of(row: &Value) -> &str {
    row["failure"].as_str().unwrap_or("")
}

#[test]
fn the_sample_batch_is_processed_and_each_page_accounted_for() {
    let place = Place::new();
    let ran = place.run([Path::new("process"), sample_batch()]);
    assert_eq!(ran.code(), 65, "{}{}", ran.output(), ran.errors());

    let documents = place.documents();
    assert_eq!(documents.len(), 14);
    let status = |name: &str| documents[name]["status"].as_str().unwrap().to_owned();
    assert_eq!(status("01 Engagement letter.pdf"), "ok");
    assert_eq!(status("Scans/scan 0107.pdf"), "ok");
    assert_eq!(status("Confidential salaries.pdf"), "needs_password");
    assert_eq!(status("Damaged upload.pdf"), "broken");
    assert_eq!(status("photo.pdf"), "not_pdf");
    assert_eq!(
        documents["Copy of Engagement letter.pdf"]["duplicate_of"],
        "01 Engagement letter.pdf"
    );

    let pages = place.list("pages");
    assert_eq!(pages.len(), 56);
    for page in &pages {
        assert_eq!(page["status"], "done", "{page}");
        assert!(
            page["ink"]
                .as_f64()
                .is_some_and(|ink| (0.0..=1.0).contains(&ink)),
            "{page}"
        );
    }
    let letter = &pages[0];
    assert_eq!(letter["width_mm"], 210.0);
    assert!(letter["words"].as_u64().unwrap() > 100, "{letter}");

    let unlocked = place.source("passwords.txt", b"wrong\nfinch2025\n");
    let again = place.run([
        Path::new("process"),
        sample_batch(),
        Path::new("--password-file"),
        &unlocked,
    ]);
    assert_eq!(again.code(), 65);
    assert_eq!(place.list("batches").len(), 1);
    assert_eq!(
        place.documents()["Confidential salaries.pdf"]["status"],
        "ok"
    );
    assert_eq!(place.list("pages").len(), 58);
}

#[test]
fn a_good_end_is_quiet_and_leaves_nothing_behind() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(3));
    let ran = place.process();
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    assert_eq!(ran.errors(), "");
    assert_eq!(place.left_by_copies(), Vec::<std::path::PathBuf>::new());
    assert!(place.scratch().join("thumbnails").exists());
}

#[test]
fn sources_are_never_written() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(2));
    place.source("b.zip", &zip_of(&[("c.pdf", &text_pdf(1))]));
    let look = || {
        let mut seen: Vec<_> = std::fs::read_dir(place.sources())
            .unwrap()
            .flatten()
            .map(|entry| {
                let metadata = entry.metadata().unwrap();
                let bytes = std::fs::read(entry.path()).unwrap();
                (entry.path(), metadata.modified().unwrap(), bytes)
            })
            .collect();
        seen.sort();
        seen
    };
    let before = look();
    assert_eq!(place.process().code(), 0);
    assert_eq!(look(), before);
}

#[test]
fn the_same_sources_go_on_with_their_batch() {
    let place = Place::new();
    let changing = place.source("a.pdf", &text_pdf(2));
    place.source("b.pdf", &text_pdf(3));
    assert_eq!(place.process().code(), 0);
    let before = place.list("pages");

    assert_eq!(place.process().code(), 0);
    assert_eq!(place.list("pages"), before, "nothing was done again");

    std::fs::write(&changing, text_pdf(5)).unwrap();
    place.source("c.pdf", &text_pdf(1));
    assert_eq!(place.process().code(), 0);
    assert_eq!(place.list("batches").len(), 1);
    assert_eq!(place.statuses("a.pdf").len(), 5);
    assert_eq!(place.statuses("c.pdf"), ["done"]);
    // Which pages of others are the same is no measurement of this one.
    let of_b = |rows: &[serde_json::Value]| -> Vec<serde_json::Value> {
        let mut rows = rows.to_vec();
        rows.retain(|row| row["document"] == "b.pdf");
        for row in &mut rows {
            row["near_dup_group"].take();
            row["similar_group"].take();
        }
        rows
    };
    assert_eq!(of_b(&place.list("pages")), of_b(&before));

    let sources = place.sources();
    let another = place.run([Path::new("process"), Path::new("--new"), &sources]);
    assert_eq!(another.code(), 0);
    assert_eq!(place.list("batches").len(), 2);
}

#[test]
fn every_kind_of_bad_file_ends_in_its_record() {
    let place = Place::new();
    place.source("empty.pdf", &zero_bytes());
    place.source("truncated.pdf", &truncated_pdf());
    place.source("repairable.pdf", &repairable_pdf());
    place.source("locked.pdf", &encrypted_pdf("secret", "owner"));
    place.source("picture.PDF", &not_a_pdf_png());
    place.source("good.pdf", &text_pdf(2));
    place.source("without ending", &text_pdf(1));
    place.source("notes.txt", b"no PDF");
    let ran = place.process();
    assert_eq!(ran.code(), 65, "{}", ran.errors());

    let documents = place.documents();
    let record = |name: &str| {
        let row = &documents[name];
        (row["status"].as_str().unwrap(), failure_of(row))
    };
    assert_eq!(record("empty.pdf"), ("empty", "empty_file"));
    assert_eq!(record("truncated.pdf"), ("broken", "damaged"));
    assert_eq!(record("locked.pdf"), ("needs_password", "needs_password"));
    assert_eq!(documents["locked.pdf"]["encrypted"], "yes");
    assert_eq!(documents["good.pdf"]["encrypted"], "no");
    assert_eq!(record("picture.PDF"), ("not_pdf", "not_pdf"));
    assert_eq!(record("repairable.pdf"), ("ok", ""));
    assert_eq!(record("good.pdf"), ("ok", ""));
    assert_eq!(record("without ending"), ("ok", ""));
    assert!(!documents.contains_key("notes.txt"));
    for row in documents.values().filter(|row| !failure_of(row).is_empty()) {
        assert!(!row["reason"].as_str().unwrap().is_empty());
    }
}

#[test]
fn what_a_person_names_is_taken_in_whatever_it_is() {
    let place = Place::new();
    let notes = place.source("notes.txt", b"no PDF");
    let link = place.sources().join("nowhere.pdf");
    std::os::unix::fs::symlink(place.path().join("gone"), &link).unwrap();
    assert_eq!(place.run([Path::new("process"), &notes, &link]).code(), 65);
    let documents = place.documents();
    assert_eq!(failure_of(&documents["notes.txt"]), "not_pdf");
    assert_eq!(failure_of(&documents["nowhere.pdf"]), "vanished");
}

/// Processes the sources as a user who may not read `secret`: root may read
/// everything.
fn as_nobody(place: &Place, secret: &Path) -> std::process::Output {
    use std::os::unix::fs::{PermissionsExt, chown};
    use std::os::unix::process::CommandExt;

    std::fs::set_permissions(secret, PermissionsExt::from_mode(0o000)).unwrap();
    let sources = place.sources();
    let mut command = place.command([Path::new("process"), &sources]);
    if std::fs::read(secret).is_ok() || std::fs::read_dir(secret).is_ok() {
        let nobody = 65534;
        chown(place.path(), Some(nobody), Some(nobody)).unwrap();
        // The program itself may stand where nobody can reach it. Copied by
        // another process: a file that this one has open for writing would be
        // handed on to what other tests start at that moment, and could not be run.
        let program = place.path().join("pagesieve");
        let copied = std::process::Command::new("cp")
            .arg(env!("CARGO_BIN_EXE_pagesieve"))
            .arg(&program)
            .status()
            .unwrap();
        assert!(copied.success());
        let mut other = std::process::Command::new(program);
        other.args(command.get_args());
        for (name, value) in command.get_envs() {
            other.env(name, value.unwrap_or_default());
        }
        other.uid(nobody).gid(nobody);
        command = other;
    }
    let output = command.output().unwrap();
    std::fs::set_permissions(secret, PermissionsExt::from_mode(0o700)).unwrap();
    output
}

#[test]
fn a_file_without_permission_ends_in_its_record() {
    let place = Place::new();
    let secret = place.source("secret.pdf", &text_pdf(1));
    place.source("open.pdf", &text_pdf(1));
    let output = as_nobody(&place, &secret);
    assert_eq!(
        output.status.code(),
        Some(65),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let documents = place.documents();
    assert_eq!(failure_of(&documents["secret.pdf"]), "permission_denied");
    assert_eq!(documents["open.pdf"]["status"], "ok");
}

#[test]
fn a_folder_that_cannot_be_looked_through_ends_in_its_record() {
    let place = Place::new();
    place.source("good.pdf", &text_pdf(1));
    place.source("closed/hidden.pdf", &text_pdf(1));
    let output = as_nobody(&place, &place.sources().join("closed"));
    assert_eq!(
        output.status.code(),
        Some(65),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let documents = place.documents();
    assert_eq!(failure_of(&documents["closed"]), "permission_denied");
    assert_eq!(documents["good.pdf"]["status"], "ok");
}

#[test]
fn names_in_any_alphabet_are_kept() {
    let place = Place::new();
    let written = write_awkward_names(&place.sources()).unwrap();
    let ran = place.process();
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let documents = place.documents();
    assert_eq!(documents.len(), written.len());
    for path in written {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert_eq!(documents[&name]["status"], "ok", "{name}");
    }
}

#[test]
fn a_name_that_is_no_unicode_is_kept() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let place = Place::new();
    let path = place.sources().join(OsStr::from_bytes(b"caf\xe9.pdf"));
    std::fs::write(path, text_pdf(1)).unwrap();
    assert_eq!(place.process().code(), 0);
    assert_eq!(place.list("pages").len(), 1);
}

#[test]
fn archives_are_read_in_place_and_bombs_refused() {
    let place = Place::new();
    let archive = zip_of(&[
        ("letters/a.pdf", &text_pdf(2)),
        ("letters/B.PDF", &text_pdf(1)),
        ("unnamed", &text_pdf(1)),
        ("picture.png", &not_a_pdf_png()),
    ]);
    place.source("batch.zip", &archive);
    place.source("bomb.zip", &zip_bomb());
    place.source("broken.zip", b"PK\x03\x04 and nothing more");
    let ran = place.process();
    assert_eq!(ran.code(), 65, "{}", ran.errors());
    let documents = place.documents();
    assert_eq!(documents["batch.zip/letters/a.pdf"]["pages"], 2);
    assert_eq!(documents["batch.zip/letters/B.PDF"]["status"], "ok");
    assert_eq!(documents["batch.zip/unnamed"]["status"], "ok");
    assert_eq!(documents.len(), 5);
    let bomb = documents
        .iter()
        .find(|(name, _)| name.starts_with("bomb.zip/"))
        .unwrap();
    assert_eq!(failure_of(bomb.1), "bad_archive");
    assert_eq!(failure_of(&documents["broken.zip"]), "bad_archive");
}

/// The summary of a run with `--json`.
fn summary_of(ran: &support::program::Ran) -> Value {
    serde_json::from_str(ran.output().lines().last().expect("a summary")).expect("JSON")
}

#[test]
fn archives_in_archives_are_taken_in_and_what_is_not_is_named() {
    let place = Place::new();
    let letter = text_pdf(1);
    let twins = zip_of_twins("invoice.pdf", &text_pdf(1), &text_pdf(2));
    let mut deep = zip_of(&[("deepest.pdf", &letter)]);
    for _ in 0..4 {
        deep = zip_of(&[("inner.zip", &deep)]);
    }
    let tar = tar_of(&[("one.pdf", &letter), ("two.pdf", &letter)]);
    let office = zip_of(&[("[Content_Types].xml", b"<Types/>"), ("a.pdf", &letter)]);
    let inner = zip_of(&[("b.pdf", &letter), ("more/c.pdf", &letter)]);
    place.source(
        "all.zip",
        &zip_of(&[
            ("inner.zip", &inner),
            ("without an ending", &twins),
            ("deep.zip", &deep),
            ("old.tar", &tar),
            ("named.pdf", &tar),
            ("packed.7z", b"7z\xbc\xaf\x27\x1c\0\x04"),
            ("mail.eml", b"Subject: invoices\r\n\r\nattached"),
            ("table.xlsx", &office),
            ("package", &office),
            ("notes.txt", b"nothing"),
        ]),
    );
    let sources = place.sources();
    let ran = place.run([Path::new("process"), &sources, Path::new("--json")]);
    assert_eq!(ran.code(), 65, "{}", ran.errors());

    let documents = place.documents();
    let pages = |name: &str| documents[name]["pages"].as_u64().unwrap();
    assert_eq!(pages("all.zip/inner.zip/b.pdf"), 1);
    assert_eq!(pages("all.zip/inner.zip/more/c.pdf"), 1);
    assert_eq!(pages("all.zip/without an ending/invoice.pdf"), 1);
    assert_eq!(pages("all.zip/without an ending/invoice (2).pdf"), 2);
    assert_eq!(documents["all.zip/named.pdf"]["status"], "not_pdf");
    assert_eq!(documents.len(), 5);

    let summary = summary_of(&ran);
    assert_eq!(summary["left_out"]["count"], 7);
    let reason = |name: &str| {
        let files = summary["left_out"]["files"].as_array().unwrap();
        let found = files.iter().find(|file| file["name"] == name);
        found.unwrap()["reason"].as_str().unwrap().to_owned()
    };
    assert!(reason("all.zip/old.tar").contains("TAR archive"));
    assert!(reason("all.zip/packed.7z").contains("7z archive"));
    assert!(reason("all.zip/mail.eml").contains("mail"));
    assert!(reason("all.zip/deep.zip/inner.zip/inner.zip/inner.zip").contains("deep"));
    assert_eq!(reason("all.zip/package"), "it is no PDF");
    assert!(
        ran.errors()
            .contains("all.zip/old.tar was left out: it is a TAR archive")
    );
    assert!(
        ran.errors()
            .contains("3 files are no PDFs and were left out")
    );

    // The same sources are known again, each of the twins as itself.
    let again = place.run([Path::new("process"), &sources]);
    assert_eq!(again.code(), 65, "{}", again.errors());
    assert_eq!(place.documents().len(), 5);
    let again = place.run(["reprocess"]);
    assert_eq!(again.code(), 65, "{}", again.errors());
    assert_eq!(
        place.statuses("all.zip/without an ending/invoice (2).pdf"),
        ["done"; 2]
    );
}

#[test]
fn archives_are_known_whatever_they_are_called() {
    let place = Place::new();
    let letter = text_pdf(1);
    place.source("good.pdf", &letter);
    place.source(
        "zip.pdf",
        &zip_of(&[("a.pdf", &letter), ("b.pdf", &letter)]),
    );
    let tar = tar_of(&[("one.pdf", &letter), ("two.pdf", &letter)]);
    place.source("tar.pdf", &tar);
    place.source("folder/letters.tar", &tar);
    let ran = place.process();
    assert_eq!(ran.code(), 65, "{}", ran.errors());
    let documents = place.documents();
    assert_eq!(documents["zip.pdf/a.pdf"]["status"], "ok");
    assert_eq!(documents["zip.pdf/b.pdf"]["status"], "ok");
    assert_eq!(documents["tar.pdf"]["status"], "not_pdf");
    // It begins as if it were a PDF, and so it has a record of its own as well.
    assert_eq!(documents["folder/letters.tar"]["status"], "not_pdf");
    assert_eq!(documents.len(), 5);
    // Named by a person it gets its record.
    let named = place.sources().join("folder/letters.tar");
    let ran = place.run([Path::new("process"), &named]);
    assert_eq!(ran.code(), 65, "{}", ran.errors());
    assert_eq!(place.documents()["letters.tar"]["status"], "not_pdf");
}

#[test]
fn pdfs_that_were_joined_as_files_are_not_taken_for_one() {
    let place = Place::new();
    place.source("good.pdf", &text_pdf(1));
    place.source("joined.pdf", &[text_pdf(2), text_pdf(3)].concat());
    let ran = place.process();
    assert_eq!(ran.code(), 65, "{}", ran.errors());
    let documents = place.documents();
    assert_eq!(failure_of(&documents["joined.pdf"]), "several_pdfs");
    assert_eq!(documents["good.pdf"]["status"], "ok");
}

#[test]
fn sources_without_pdfs_say_so() {
    let place = Place::new();
    let empty = place.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    let ran = place.run([Path::new("process"), &empty, Path::new("--json")]);
    assert_eq!(ran.code(), 65, "{}", ran.errors());
    assert!(
        ran.errors().contains("No PDFs were found in"),
        "{}",
        ran.errors()
    );
    let summary = summary_of(&ran);
    assert_eq!(
        summary["left_out"]["without_pdfs"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    // Beside others it is told, and the others count.
    place.source("good.pdf", &text_pdf(1));
    let ran = place.run([Path::new("process"), &empty, &place.sources()]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    assert!(
        ran.errors().contains("No PDFs were found in"),
        "{}",
        ran.errors()
    );
}

#[test]
fn a_page_that_hangs_or_crashes_the_engine_costs_only_itself() {
    let place = Place::new();
    place.source("hangs.pdf", &hanging_pdf());
    place.source("crashes.pdf", &crashing_pdf());
    place.source("good.pdf", &text_pdf(30));
    let sources = place.sources();
    let ran = place.run([
        Path::new("process"),
        &sources,
        Path::new("--page-deadline"),
        Path::new("2"),
    ]);
    assert_eq!(ran.code(), 65, "{}", ran.errors());
    assert_eq!(place.statuses("hangs.pdf"), ["done", "failed", "done"]);
    assert_eq!(place.statuses("crashes.pdf"), ["done", "failed", "done"]);
    assert!(
        place
            .statuses("good.pdf")
            .iter()
            .all(|status| status == "done")
    );
    let failed: Vec<_> = place
        .list("pages")
        .into_iter()
        .filter(|row| row["status"] == "failed")
        .map(|row| failure_of(&row).to_owned())
        .collect();
    assert_eq!(failed, ["worker_died", "deadline_passed"]);
}

#[test]
fn a_failure_is_brought_about_again_as_it_was() {
    let place = Place::new();
    let source = place.source("hangs.pdf", &hanging_pdf());
    // What a dead run left stays here, and is there when the page fails.
    assert_eq!(
        place.run(["scratch", "policy", "--residue", "off"]).code(),
        0
    );
    let dead = place
        .scratch()
        .join("copies")
        .join("d".repeat(32))
        .join("slots/0");
    std::fs::create_dir_all(&dead).unwrap();
    std::fs::write(dead.join("left"), vec![1; 3_000_000]).unwrap();
    let sources = place.sources();
    let options = ["--page-deadline", "1", "--worker-memory", "1GiB"].map(Path::new);
    let process = [Path::new("process"), &sources].into_iter().chain(options);
    assert_eq!(place.run(process).code(), 65);
    let failures = place.list("failures");
    let [failure] = failures.as_slice() else {
        panic!("{failures:?}");
    };
    assert_eq!(failure["kind"], "deadline_passed");
    assert!(failure["residue"].as_u64().unwrap() >= 3_000_000);
    assert!(failure["free_before"].as_u64().unwrap() > 0);
    let name = failure["record"].as_str().unwrap();

    let printed = place.run(["replay", name, "--print"]);
    let record: Value = serde_json::from_str(&printed.output()).unwrap();
    let circumstances = &record["failure"]["circumstances"];
    assert_eq!(circumstances["limits"]["page_deadline_ms"], 1000);
    assert_eq!(circumstances["limits"]["memory"], 1u64 << 30);
    assert_eq!(record["source"]["File"], source.to_str().unwrap());

    let replay = |place: &Place, record: &str| {
        let ran = place.run(["replay", record, "--json"]);
        let replayed: Value =
            serde_json::from_str(&ran.output()).unwrap_or_else(|_| panic!("{}", ran.errors()));
        (ran.code(), replayed)
    };
    let (code, replayed) = replay(&place, name);
    assert_eq!(code, 65);
    assert_eq!(replayed["ending"], "same");
    assert_eq!(replayed["differences"], serde_json::json!([]));
    // What was left behind then is not swept, now as then.
    assert_eq!(replayed["swept"], 0);
    assert_eq!(
        place.left_by_copies(),
        [dead.parent().unwrap().parent().unwrap()]
    );

    // On another machine the file of the record does it.
    let other = Place::new();
    let file = other.path().join("record.json");
    std::fs::write(&file, printed.output()).unwrap();
    let (code, replayed) = replay(&other, file.to_str().unwrap());
    assert_eq!((code, &replayed["ending"]), (65, &Value::from("same")));
    assert!(other.left_by_copies().is_empty());

    std::fs::write(&source, text_pdf(3)).unwrap();
    let (code, replayed) = replay(&place, name);
    assert_eq!((code, &replayed["ending"]), (65, &Value::from("other")));
    assert_eq!(replayed["kind_now"], "changed");
    assert_eq!(place.run(["replay", "77:1"]).code(), 2);
}

#[test]
fn a_source_that_vanishes_during_the_run_can_be_tried_again() {
    let place = Place::new();
    let first = place.source("a.pdf", &text_pdf(100));
    place.source("b.pdf", &hanging_pdf());
    // The one worker leaves the first document after its first pages and hangs in the second
    // until the deadline: time to take the first away.
    let mut child = place.start_and_hang();
    place.wait_for_pages(4);
    std::fs::rename(&first, place.path().join("elsewhere.pdf")).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(65));
    let pages = place.list("pages");
    assert_eq!(pages.len(), 103);
    let lost: Vec<_> = pages
        .iter()
        .filter(|row| row["status"] == "failed" && row["document"] == "a.pdf")
        .collect();
    assert_eq!(lost.len(), 96);
    assert!(lost.iter().all(|row| failure_of(row) == "vanished"));
    std::fs::rename(place.path().join("elsewhere.pdf"), &first).unwrap();
    place.run(["reprocess", "--failed", "--page-deadline", "1"]);
    assert!(
        place
            .list("pages")
            .iter()
            .all(|row| row["status"] == "done" || row["document"] == "b.pdf")
    );
}

#[test]
fn a_killed_worker_costs_a_retry_and_no_page() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(2000));
    let sources = place.sources();
    let child = place.start([Path::new("process"), &sources]);
    for pages in [50, 400, 800] {
        place.wait_for_pages(pages);
        if let Some(&worker) = workers_of(child.id()).first() {
            signal("KILL", worker);
        }
    }
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(place.list("pages").len(), 2000);
}

#[test]
fn a_killed_program_goes_on_where_it_was() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(3000));
    let sources = place.sources();
    for pages in [50, 500, 1200] {
        let mut child = place.start([Path::new("process"), &sources]);
        place.wait_for_pages(pages);
        let workers = workers_of(child.id());
        signal("KILL", child.id());
        child.wait().unwrap();
        // Orphans leave by themselves.
        wait_for(Duration::from_secs(10), || {
            let gone = |id: &u32| !Path::new(&format!("/proc/{id}")).exists();
            workers.iter().all(gone).then_some(())
        });
    }
    let ran = place.process();
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let pages = place.list("pages");
    assert_eq!(pages.len(), 3000);
    for (row, number) in pages.iter().zip(1..) {
        assert_eq!(row["page"], number);
        assert_eq!(row["status"], "done");
    }
    assert_eq!(place.list("batches").len(), 1);
    assert_eq!(place.left_by_copies(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn an_interrupted_run_says_that_it_can_go_on() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(20));
    place.source("b.pdf", &hanging_pdf());
    let child = place.start_and_hang();
    place.wait_for_pages(10);
    signal("INT", child.id());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(75));
    assert!(String::from_utf8_lossy(&output.stderr).contains("goes on"));
    assert_eq!(place.left_by_copies(), Vec::<std::path::PathBuf>::new());
    let sources = place.sources();
    let deadline = [Path::new("--page-deadline"), Path::new("1")];
    let again = place.run([Path::new("process"), &sources].into_iter().chain(deadline));
    assert_eq!(again.code(), 65, "{}", again.errors());
    assert_eq!(place.statuses("a.pdf"), ["done"; 20]);
    assert_eq!(place.statuses("b.pdf"), ["done", "failed", "done"]);
}

#[test]
fn exit_codes_tell_what_is_wrong() {
    let place = Place::new();
    assert_eq!(place.run(["process", "/there/is/no/such.pdf"]).code(), 2);
    assert_eq!(place.run(["no-such-command-or-file"]).code(), 2);
    assert_eq!(place.run(["pages"]).code(), 78, "no library yet");

    let foreign = place.path().join("scratch");
    std::fs::create_dir_all(&foreign).unwrap();
    std::fs::write(foreign.join("thesis.doc"), "years of work").unwrap();
    place.source("a.pdf", &text_pdf(1));
    let ran = place.process();
    assert_eq!(ran.code(), 78, "{}", ran.errors());
    assert_eq!(
        std::fs::read_to_string(foreign.join("thesis.doc")).unwrap(),
        "years of work"
    );
}

#[test]
fn a_library_in_use_is_left_alone() {
    let place = Place::new();
    place.source("a.pdf", &hanging_pdf());
    let mut child = place.start_and_hang();
    place.wait_for_pages(1);
    let second = place.process();
    assert_eq!(second.code(), 75, "{}", second.errors());
    assert!(second.errors().contains("in use"), "{}", second.errors());
    assert_eq!(child.wait().unwrap().code(), Some(65));
}

#[test]
fn without_space_it_waits_and_then_says_that_it_can_go_on() {
    let place = Place::new();
    let Some(_disk) = Disk::mount(place.scratch(), "16m") else {
        return;
    };
    // The directory is ours before somebody else fills its disk.
    place.source("a.pdf", &text_pdf(3));
    assert_eq!(place.process().code(), 0);
    let foreign = place.scratch().join("copies/foreign");
    std::fs::write(&foreign, vec![1; 31 << 19]).unwrap();
    place.source("b.pdf", &text_pdf(50));
    let sources = place.sources();
    let wait = [Path::new("--wait-for-space"), Path::new("1")];
    let ran = place.run([Path::new("process"), &sources].into_iter().chain(wait));
    assert_eq!(ran.code(), 75, "{}{}", ran.output(), ran.errors());
    assert!(ran.errors().contains("waiting"), "{}", ran.errors());
    assert!(foreign.exists());
    std::fs::remove_file(&foreign).unwrap();
    assert_eq!(place.process().code(), 0);
    assert!(
        place
            .statuses("b.pdf")
            .iter()
            .all(|status| status == "done")
    );
}

#[test]
fn work_waits_before_the_disk_of_the_library_is_full() {
    let place = Place::new();
    let Some(_disk) = Disk::mount(place.library(), "256m") else {
        return;
    };
    place.source("a.pdf", &text_pdf(3));
    assert_eq!(place.process().code(), 0);
    // Somebody else leaves less than the twentieth that results need.
    let foreign = place.library().join("foreign");
    let free = || {
        let stat = std::process::Command::new("df")
            .args(["--output=avail", "-B1"])
            .arg(place.library())
            .output()
            .unwrap();
        let stat = String::from_utf8(stat.stdout).unwrap();
        stat.lines()
            .last()
            .unwrap()
            .trim()
            .parse::<usize>()
            .unwrap()
    };
    std::fs::write(&foreign, vec![1; free() - (8 << 20)]).unwrap();
    place.source("b.pdf", &text_pdf(400));
    let sources = place.sources();
    let wait = [Path::new("--wait-for-space"), Path::new("1")];
    let ran = place.run([Path::new("process"), &sources].into_iter().chain(wait));
    assert_eq!(ran.code(), 75, "{}{}", ran.output(), ran.errors());
    let words = "the disk of the library has";
    assert!(ran.errors().contains(words), "{}", ran.errors());
    std::fs::remove_file(&foreign).unwrap();
    assert_eq!(place.process().code(), 0);
    assert_eq!(place.statuses("b.pdf"), vec!["done"; 400]);
}

#[test]
fn the_description_of_tables_names_each_column_in_order() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(1));
    assert_eq!(place.process().code(), 0);
    let described = include_str!("../assets/tables.md");
    for what in ["pages", "documents"] {
        let section = described.split("\n## ").find(|part| part.starts_with(what));
        let names: Vec<&str> = section
            .expect("a section")
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
            .collect();
        let csv = place.run([what, "--format", "csv"]).output();
        assert_eq!(
            csv.lines().next().unwrap().split(',').collect::<Vec<_>>(),
            names
        );
    }
}

#[test]
fn lists_have_the_same_columns_in_all_formats() {
    let place = Place::new();
    place.source("a, \"quoted\".pdf", &text_pdf(2));
    assert_eq!(place.process().code(), 0);
    for what in ["batches", "documents", "pages"] {
        let csv = place.run([what, "--format", "csv"]).output();
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let columns: Vec<String> = reader.headers().unwrap().iter().map(Into::into).collect();
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        let objects = place.list(what);
        assert_eq!(rows.len(), objects.len());
        for (row, object) in rows.iter().zip(&objects) {
            let object = object.as_object().unwrap();
            assert_eq!(object.len(), columns.len());
            for (column, field) in columns.iter().zip(row) {
                let value = match &object[column] {
                    Value::Null => String::new(),
                    Value::String(text) => text.clone(),
                    Value::Array(texts) => {
                        let texts = texts.iter().filter_map(Value::as_str);
                        texts.collect::<Vec<_>>().join(";")
                    }
                    other => other.to_string(),
                };
                assert_eq!(field, value, "{what} {column}");
            }
        }
        let table = place.run([what, "--columns", "all"]).output();
        let title = |column: &String| column.replace('_', " ");
        assert!(
            columns.iter().all(|column| table.contains(&title(column))),
            "{table}"
        );
    }
}

#[test]
fn ten_thousand_files_at_once() {
    let place = Place::new();
    let bytes = text_pdf(1);
    for number in 0..10_000 {
        place.source(&format!("{:03}/{number:05}.pdf", number / 100), &bytes);
    }
    let ran = place.process();
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let batch = &place.list("batches")[0];
    assert_eq!(batch["documents"], 10_000);
    assert_eq!(batch["pages_done"], 10_000);
}

#[test]
fn the_policy_of_scratch_is_shown_changed_and_tried() {
    let place = Place::new();
    let policy = |more: &[&str]| -> serde_json::Value {
        let ran = place.run(["scratch", "policy", "--json"].iter().chain(more));
        assert_eq!(ran.code(), 0, "{}", ran.errors());
        serde_json::from_str(&ran.output()).unwrap()
    };
    assert_eq!(policy(&[])["residue"], true);
    let tried = policy(&["--preset", "small", "--residue", "off", "--dry-run"]);
    assert_eq!(tried["budget"], 512 << 20);
    assert_eq!(tried["residue"], false);
    assert_eq!(policy(&[])["budget"], serde_json::Value::Null);
    policy(&["--preset", "careful", "--thumbnails-days", "never"]);
    let changed = policy(&["--budget", "1GB"]);
    assert_eq!(changed["budget"], 1_000_000_000);
    assert_eq!(changed["thumbnails_days"], serde_json::Value::Null);
    let shown = place.run(["scratch", "policy"]).output();
    assert!(
        shown.contains("1.0 GB") && shown.contains("never"),
        "{shown}"
    );
    // A batch to keep has to be there.
    assert_eq!(place.run(["scratch", "policy", "--keep", "1"]).code(), 78);
    place.source("letter.pdf", &text_pdf(1));
    assert_eq!(place.process().code(), 0);
    assert_eq!(policy(&["--keep", "1"])["keep"][0]["batch"], 1);
    assert_eq!(policy(&["--no-keep", "1"])["keep"], serde_json::json!([]));
    assert_eq!(
        place
            .run(["scratch", "policy", "--residue", "maybe"])
            .code(),
        2
    );
}

/// The program with its standard output, or error, on something that takes nothing.
fn onto(command: &mut std::process::Command, path: &str, which: &str) -> std::process::Output {
    let full = || std::fs::File::options().write(true).open(path).unwrap();
    if which.contains("out") {
        command.stdout(full());
    } else {
        command.stdout(std::process::Stdio::piped());
    }
    if which.contains("err") {
        command.stderr(full());
    } else {
        command.stderr(std::process::Stdio::piped());
    }
    command.spawn().unwrap().wait_with_output().unwrap()
}

/// Commands that print to standard output, of all kinds.
const PRINTING: [&[&str]; 17] = [
    &["pages"],
    &["pages", "--format", "csv"],
    &["pages", "--json"],
    &["documents"],
    &["documents", "--columns", "all"],
    &["batches"],
    &["failures", "--json"],
    &["duplicates"],
    &["search", "the"],
    &["analysers"],
    &["scratch", "status"],
    &["scratch", "status", "--json"],
    &["scratch", "policy"],
    &["scratch", "clean", "--dry-run"],
    &["engine", "status"],
    &["--help"],
    &["--version"],
];

#[test]
fn a_reader_of_a_pipe_that_has_gone_ends_each_command_quietly() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(3));
    assert_eq!(place.process().code(), 0);
    for arguments in PRINTING {
        let mut child = place.start(arguments);
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {errors}");
        assert_eq!(errors, "", "{arguments:?}");
    }
}

#[test]
fn an_output_that_cannot_be_written_is_said_and_no_panic() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(1));
    place.source("locked.pdf", &encrypted_pdf("secret", "owner"));
    assert_eq!(place.process().code(), 65);
    for arguments in PRINTING {
        let output = onto(&mut place.command(arguments), "/dev/full", "out");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(74), "{arguments:?}: {errors}");
        assert!(
            errors.contains("cannot be written"),
            "{arguments:?}: {errors}"
        );
        // With nowhere to say it, the exit code does.
        let output = onto(&mut place.command(arguments), "/dev/full", "out err");
        assert_eq!(output.status.code(), Some(74), "{arguments:?}");
    }
}

#[test]
fn a_command_that_works_goes_on_although_nobody_hears_of_it() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(2));
    place.source("locked.pdf", &encrypted_pdf("secret", "owner"));
    let sources = place.sources();
    let mut child = place.start([Path::new("process"), &sources]);
    drop((child.stdout.take(), child.stderr.take()));
    assert_eq!(child.wait().unwrap().code(), Some(65));
    assert_eq!(place.statuses("a.pdf"), ["done", "done"]);
    let parts = place.path().join("parts");
    let split = [Path::new("split"), &sources, Path::new("--out"), &parts];
    let output = onto(&mut place.command(split), "/dev/full", "err");
    assert_eq!(output.status.code(), Some(65));
    assert!(parts.join("a-001.pdf").exists() || parts.read_dir().unwrap().count() > 0);
    // Wrong usage, with nowhere to say so.
    let output = onto(
        &mut place.command(["pages", "--no-such"]),
        "/dev/full",
        "err",
    );
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn lists_fit_the_line_and_are_summed_up() {
    let place = Place::new();
    let long = "Correspondence with the landlord about the lease/".to_owned() + &"x".repeat(120);
    for number in 1..=3 {
        place.source(&format!("{long} {number}.pdf"), &text_pdf(2));
    }
    place.source("locked.pdf", &encrypted_pdf("secret", "owner"));
    assert_eq!(place.process().code(), 65);
    let lists: [&[&str]; 8] = [
        &["batches"],
        &["documents"],
        &["pages"],
        &["failures"],
        &["duplicates"],
        &["search", "the"],
        &["analysers"],
        &["documents", "--columns", "all"],
    ];
    for arguments in lists {
        let mut command = place.command(arguments);
        let ran = command.env_remove("COLUMNS").output().unwrap();
        let shown = String::from_utf8(ran.stdout).unwrap();
        assert!(!shown.contains('\u{1b}'), "no colours in a pipe: {shown}");
        for line in shown.lines().filter(|line| !line.starts_with("Your own")) {
            assert!(line.chars().count() <= 80, "{arguments:?}: {line}");
        }
    }
    let shown = place.run(["documents"]).output();
    assert!(
        shown.contains("… 1.pdf") || shown.contains("1.pdf"),
        "{shown}"
    );
    assert!(
        shown.contains("needs_password") && shown.contains(" kB"),
        "{shown}"
    );
    assert!(
        shown.ends_with("\n4 documents, 1 failed, 6 pages\n"),
        "{shown}"
    );
    let wide = place.command(["documents"]).env("COLUMNS", "300").output();
    assert!(
        String::from_utf8(wide.unwrap().stdout)
            .unwrap()
            .contains(&long)
    );
    let chosen = place.run([
        "documents",
        "--columns",
        "bytes,document",
        "--format",
        "csv",
    ]);
    assert!(
        chosen.output().starts_with("bytes,document\n"),
        "{}",
        chosen.output()
    );
    let wrong = place.run(["documents", "--columns", "size"]);
    assert_eq!(wrong.code(), 2);
    assert!(
        wrong.errors().contains("there is no column size"),
        "{}",
        wrong.errors()
    );
    // Times are those of a calendar.
    let batches = place.run(["batches"]).output();
    let year = jiff::Zoned::now().year().to_string();
    assert!(batches.contains(&format!("{year}-")), "{batches}");
}

#[test]
fn names_command_neither_a_terminal_nor_a_spreadsheet() {
    let place = Place::new();
    let names = [
        "\u{1b}[31mred\u{7}.pdf",
        "\u{202e}fdp.exe.pdf",
        "\u{9b}2Jgone.pdf",
        "two\nlines.pdf",
        "=cmd|'calc'!A1.pdf",
    ];
    for name in names {
        place.source(name, &encrypted_pdf("secret", "owner"));
    }
    let sources = place.sources();
    let harmless = |text: &str| {
        let harm = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}');
        assert!(!text.contains(harm), "{text:?}");
    };
    let processed = place.process();
    harmless(&(processed.output() + &processed.errors()));
    let out = place.path().join("parts");
    let split = place.run([Path::new("split"), &sources, Path::new("--out"), &out]);
    harmless(&(split.output() + &split.errors()));
    for list in ["documents", "failures"] {
        let shown = place.run([list]).output();
        harmless(&shown);
        assert!(shown.contains("\u{fffd}[31mred\u{fffd}.pdf"), "{shown}");
    }
    // For programs names are as they are; a spreadsheet takes none for a formula.
    let documents = place.documents();
    assert!(names.iter().all(|name| documents.contains_key(*name)));
    let csv = place.run(["documents", "--format", "csv"]).output();
    assert!(csv.contains("\n'=cmd|'calc'!A1.pdf,"), "{csv}");
}

/// A named pipe that nobody writes to.
fn pipe(place: &Place, name: &str) -> std::path::PathBuf {
    let path = place.path().join(name);
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.unwrap().success());
    path
}

#[test]
fn a_pipe_in_the_place_of_a_file_is_refused_at_once() {
    let place = Place::new();
    let source = place.source("a.pdf", &text_pdf(1));
    let pipe = pipe(&place, "pipe");
    // Without the user's analysers the work goes on.
    for (option, codes) in [("--password-file", [2, 78]), ("--analysers", [0, 0])] {
        let ran = place.run([Path::new("process"), &source, Path::new(option), &pipe]);
        assert!(codes.contains(&ran.code()), "{option}: {}", ran.errors());
        assert!(
            ran.errors().contains("not a file"),
            "{option}: {}",
            ran.errors()
        );
    }
    let ran = place.run([Path::new("replay"), &pipe]);
    assert_eq!(ran.code(), 2, "{}", ran.errors());
    // As a source it gets its record, like any file that cannot be read.
    assert_eq!(place.run([Path::new("process"), &pipe]).code(), 65);
    assert_eq!(failure_of(&place.documents()["pipe"]), "unreadable");
    // The library's own files.
    for name in ["library.sqlite", "library.lock"] {
        let other = Place::new();
        std::fs::create_dir_all(other.library()).unwrap();
        std::fs::rename(self::pipe(&other, "pipe"), other.library().join(name)).unwrap();
        let ran = other.run([Path::new("process"), &source]);
        assert_eq!(ran.code(), 78, "{name}: {}", ran.errors());
        let listed = other.run(["pages"]);
        assert_eq!(listed.code(), 78, "{name}: {}", listed.errors());
    }
}

#[test]
fn pages_are_asked_for_and_decided_on_the_command_line() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(3));
    place.source("plain.pdf", &support::blank_pdf());
    assert_eq!(place.process().code(), 0);
    let run = |arguments: &[&str]| place.run(arguments.iter().copied());
    let pages = |query: &str| {
        let listed = run(&[
            "pages",
            "--format",
            "csv",
            "--columns",
            "document,page",
            "--where",
            query,
        ]);
        assert_eq!(listed.code(), 0, "{}", listed.errors());
        listed
            .output()
            .lines()
            .skip(1)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        pages("page:2..3 document:letter"),
        ["letter.pdf,2", "letter.pdf,3"]
    );
    assert_eq!(pages("blank:yes page:1"), ["plain.pdf,1"]);
    let wrong = run(&["pages", "--where", "blank:perhaps"]);
    assert_eq!(wrong.code(), 2);
    assert!(
        wrong.errors().contains("blank is yes, almost, faint, no"),
        "{}",
        wrong.errors()
    );
    assert!(wrong.errors().contains("\n        ^"), "{}", wrong.errors());

    let decided = run(&[
        "decide",
        "--where",
        "blank:yes page:1",
        "--reject",
        "--tag",
        "empty",
    ]);
    assert_eq!(decided.code(), 0, "{}", decided.errors());
    assert!(
        decided.output().contains("Reject, Tag empty: 1 page"),
        "{}",
        decided.output()
    );
    run(&[
        "decide",
        "--where",
        "page>1 document:letter",
        "--keep",
        "--pile",
        "Tax",
    ]);
    assert_eq!(pages("decision:reject tags:empty"), ["plain.pdf,1"]);
    assert_eq!(pages("pile:tax"), ["letter.pdf,2", "letter.pdf,3"]);
    // What is decided already is left as it is.
    run(&[
        "decide",
        "--where",
        "document:letter",
        "--only-undecided",
        "--flag",
    ]);
    assert_eq!(pages("decision:flag"), ["letter.pdf,1"]);
    let undone = run(&["decide", "--undo"]);
    assert!(
        undone.output().contains("Flag, 1 page"),
        "{}",
        undone.output()
    );
    assert_eq!(pages("decision:flag"), Vec::<String>::new());
    run(&["decide", "--redo"]);
    assert_eq!(pages("decision:flag"), ["letter.pdf,1"]);
    let rows = place.list("decisions");
    assert_eq!(rows.len(), 6, "{rows:?}");
    assert_eq!(rows[0]["what"], "Reject, Tag empty");
    assert_eq!(rows[0]["document"], "plain.pdf");
    assert_eq!(run(&["decide", "--reject"]).code(), 2);
    assert_eq!(run(&["decide", "--where", "page:1"]).code(), 2);
}

#[test]
fn what_was_said_stays_with_the_content_when_its_file_moves() {
    let place = Place::new();
    let file = place.source("letter.pdf", &text_pdf(2));
    assert_eq!(place.process().code(), 0);
    place.run(["decide", "--where", "page:2", "--reject"]);
    std::fs::rename(&file, place.sources().join("renamed.pdf")).unwrap();
    assert_eq!(place.process().code(), 0);
    let rejected = [
        "pages",
        "--format",
        "csv",
        "--columns",
        "document,page",
        "--where",
        "decision:reject",
    ];
    let listed = place.run(rejected).output();
    assert!(listed.contains("renamed.pdf,2"), "{listed}");
}

#[test]
fn rules_propose_and_decide_nothing_until_that_is_accepted() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(3));
    place.source("plain.pdf", &support::blank_pdf());
    assert_eq!(place.process().code(), 0);
    let run = |arguments: &[&str]| {
        let ran = place.run(arguments.iter().copied());
        assert_eq!(ran.code(), 0, "{arguments:?}: {}", ran.errors());
        ran.output()
    };
    run(&["rules", "add", "blank:yes", "--reject"]);
    run(&["rules", "add", "page:1 \"page 1\"", "--pile", "First"]);
    run(&["rules", "add", "page:1", "--flag"]);
    let listed = run(&["rules"]);
    assert!(listed.contains("1  blank:yes: Reject"), "{listed}");
    let column = |name: &str| -> Vec<String> {
        let rows = place.list("pages").into_iter();
        rows.map(|row| row[name].as_str().unwrap_or("").to_owned())
            .collect()
    };
    let blanks = column("blank")
        .iter()
        .filter(|blank| *blank == "yes")
        .count();
    let proposed = column("proposed");
    assert!(
        proposed.contains(&"pile First, flag".to_owned()),
        "{proposed:?}"
    );
    let rejects = proposed.iter().filter(|said| said.starts_with("reject"));
    assert_eq!(rejects.count(), blanks);
    assert!(column("decision").iter().all(|said| said == "none"));

    // What a person says stands, and is proposed no more.
    run(&["decide", "--where", "document:plain page:1", "--keep"]);
    let accepted = run(&["decide", "--rule", "1"]);
    let pages = if blanks == 2 { "1 page" } else { "pages" };
    assert!(accepted.contains(pages), "{accepted}");
    let after = column("decision");
    assert_eq!(after.iter().filter(|said| *said == "keep").count(), 1);
    assert_eq!(
        after.iter().filter(|said| *said == "reject").count(),
        blanks - 1
    );
    assert!(
        !column("proposed")
            .iter()
            .any(|said| said.starts_with("reject"))
    );
    let history = run(&["decisions", "--format", "csv"]);
    assert!(history.contains("blank:yes"), "{history}");

    run(&["rules", "remove", "2"]);
    assert!(!run(&["rules"]).contains("First"));
    let wrong = place.run(["rules", "add", "blank:perhaps", "--reject"]);
    assert_eq!(wrong.code(), 2);
    assert_eq!(place.run(["decide", "--rule", "9"]).code(), 2);
}

#[test]
fn shells_and_the_manual_know_the_commands() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish"] {
        let ran = place.run(["completions", shell]);
        assert_eq!(ran.code(), 0, "{}", ran.errors());
        assert!(ran.output().contains("reprocess"), "{shell}");
    }
    let folder = place.path().join("man1");
    assert_eq!(place.run(["manual".as_ref(), folder.as_os_str()]).code(), 0);
    let page = |name: &str| std::fs::read_to_string(folder.join(name));
    assert!(page("pagesieve.1").unwrap().contains("Triage batches"));
    assert!(
        page("pagesieve-split.1")
            .unwrap()
            .contains("in\\-reading\\-order")
    );
    // What the program tells itself is nobody's business.
    assert!(page("pagesieve-worker.1").is_err());
    let file = place.path().join("manual.html");
    let ran = place.run(["manual".as_ref(), "--html".as_ref(), file.as_os_str()]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let manual = std::fs::read_to_string(&file).unwrap();
    assert!(manual.contains("Where it fails"));
    // One of them has to be named.
    assert_eq!(place.run(["manual"]).code(), 2);
}

#[test]
fn what_a_later_run_finds_otherwise_is_listed_and_taken_back() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(3));
    assert_eq!(place.process().code(), 0);
    let run = |arguments: &[&str]| {
        let ran = place.run(arguments.iter().copied());
        assert_eq!(ran.code(), 0, "{arguments:?}: {}", ran.errors());
        ran.output()
    };
    // As if another version had seen no text on two pages.
    let library = rusqlite::Connection::open(place.library().join("library.sqlite")).unwrap();
    library
        .execute_batch(
            "UPDATE measurement SET characters = 0, engine = 'pdfium' WHERE number < 3;
             UPDATE page_text SET text = '' WHERE number < 3",
        )
        .unwrap();
    drop(library);
    let changes = || -> Vec<(String, String, u64)> {
        let changes = run(&["runs", "--changes", "--format", "jsonl"]);
        let rows = changes
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
        rows.map(|row| {
            (
                text(&row["column"]),
                text(&row["now"]),
                row["pages"].as_u64().unwrap(),
            )
        })
        .collect()
    };
    assert!(changes().is_empty());
    run(&["reprocess", "--where", "page:1..2"]);
    let found = changes();
    assert!(
        found.contains(&("engine".into(), "hayro".into(), 2)),
        "{found:?}"
    );
    assert!(
        found.contains(&("characters".into(), String::new(), 2)),
        "{found:?}"
    );
    let pages = |query: &str| {
        run(&["pages", "--format", "csv", "--where", query])
            .lines()
            .count()
            - 1
    };
    assert_eq!((pages("changed:engine"), pages("changed:blank")), (2, 0));
    let runs = run(&["runs", "--format", "csv", "--columns", "pages,outcome"]);
    assert_eq!(
        runs.lines().skip(1).collect::<Vec<_>>(),
        ["1,finished", "2,finished"]
    );

    let said = run(&["runs", "--take-back", "changed:engine page:1"]);
    assert!(said.contains("1 page"), "{said}");
    assert_eq!(pages("engine:pdfium"), 1);
    run(&["runs", "--take-back", "changed:engine page:1"]);
    assert_eq!(pages("engine:pdfium"), 1, "asking twice changes nothing");
    run(&["runs", "--bring-back", "changed:engine page:1"]);
    assert_eq!(pages("engine:pdfium"), 0);
    assert_eq!(place.run(["runs", "--take-back", ""]).code(), 2);
}

#[test]
fn a_batch_is_handed_on_as_a_workbook_and_as_a_report() {
    let place = Place::new();
    let letter = place.source("<b>letter.pdf", &text_pdf(3));
    place.source("plain.pdf", &support::blank_pdf());
    assert_eq!(place.process().code(), 0);
    let workbook = place.run(["pages", "--format", "xlsx"]);
    assert_eq!(workbook.code(), 0, "{}", workbook.errors());
    assert!(workbook.0.stdout.starts_with(b"PK"));

    let out = place.path().join("report.html");
    let report = |more: &[&str]| {
        let mut arguments = vec!["report", "--out", out.to_str().unwrap()];
        arguments.extend(more);
        place.run(arguments)
    };
    let written = report(&["--where", "document:letter"]);
    assert_eq!(written.code(), 0, "{}", written.errors());
    assert!(written.output().contains("3 pages"), "{}", written.output());
    let html = std::fs::read_to_string(&out).unwrap();
    assert_eq!(html.matches("data:image/jpeg;base64,/9j/").count(), 3);
    assert!(html.contains("&lt;b&gt;letter.pdf") && !html.contains("<b>letter"));
    assert!(html.contains("3 of "), "it says how many pages there are");
    // Nothing outside of the file is asked for.
    assert!(!html.contains("http://") && !html.contains("https://"));

    let again = report(&[]);
    assert_ne!(again.code(), 0);
    assert!(
        again.errors().contains("is there already"),
        "{}",
        again.errors()
    );
    assert_eq!(report(&["--overwrite"]).code(), 0);
    // A client's file is never replaced.
    let before = std::fs::read(&letter).unwrap();
    let arguments = ["report", "--overwrite", "--out", letter.to_str().unwrap()];
    let refused = place.run(arguments);
    assert_ne!(refused.code(), 0);
    assert!(
        refused.errors().contains("never replaced"),
        "{}",
        refused.errors()
    );
    assert_eq!(std::fs::read(&letter).unwrap(), before);
}

#[test]
fn batches_are_renamed_archived_and_forgotten() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(2));
    assert_eq!(place.process().code(), 0);
    let ran = place.run(["batch", "1", "--rename", "Clients of May"]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    assert_eq!(place.list("batches")[0]["name"], "Clients of May");
    assert_eq!(place.run(["batch", "1", "--archive"]).code(), 0);
    assert!(place.list("batches").is_empty());
    let all = place
        .run(["batches", "--archived", "--format", "csv"])
        .output();
    assert!(all.contains(",archived,"), "{all}");
    // Archived or not, what is known of it stays.
    assert_eq!(place.list("pages").len(), 2);
    assert_eq!(place.run(["batch", "1", "--bring-back"]).code(), 0);
    assert_eq!(place.list("batches").len(), 1);
    for wrong in [
        vec!["batch", "1"],
        vec!["batch", "7", "--archive"],
        vec!["batch", "1", "--rename", " "],
        vec!["batch", "1", "--archive", "--forget"],
    ] {
        assert_eq!(place.run(&wrong).code(), 2, "{wrong:?}");
    }
    assert_eq!(place.run(["batch", "1", "--forget"]).code(), 0);
    assert!(place.list("batches").is_empty());
    assert!(place.sources().join("a.pdf").exists());
}

#[test]
fn a_sample_is_drawn_from_what_is_asked_for() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(30));
    assert_eq!(place.process().code(), 0);
    let none = place.run(["sample"]);
    assert!(none.errors().contains("no sample was drawn"));
    let decided = place.run(["decide", "--where", "page<=20", "--keep"]);
    assert_eq!(decided.code(), 0, "{}", decided.errors());
    let arguments = [
        "sample",
        "--draw",
        "--where",
        "decision:keep",
        "--margin",
        "20",
    ];
    let csv = place.run(arguments.into_iter().chain(["--format", "csv"]));
    assert_eq!(csv.code(), 0, "{}", csv.errors());
    // 24.01 pages of endlessly many are 11.2 of 20.
    let rows: Vec<String> = csv.output().lines().skip(1).map(str::to_owned).collect();
    assert_eq!(rows.len(), 12, "{rows:?}");
    let numbers: Vec<u32> = rows
        .iter()
        .map(|row| row.split(',').nth(2).unwrap().parse().unwrap())
        .collect();
    assert!(numbers.iter().all(|number| *number <= 20));
    assert!(rows.iter().all(|row| row.contains(",keep,,")), "{rows:?}");
    // The same again until another is drawn.
    let again = place.run(["sample", "--format", "csv"]).output();
    assert_eq!(again, csv.output());
    assert_eq!(place.run(["sample", "--draw", "--margin", "0"]).code(), 2);
    assert_eq!(
        place.run(["sample", "--draw", "--confidence", "80"]).code(),
        2
    );
}

#[test]
fn documents_are_asked_for_by_their_pages() {
    let place = Place::new();
    place.source("long.pdf", &text_pdf(5));
    place.source("short.pdf", &text_pdf(2));
    assert_eq!(place.process().code(), 0);
    let asked = place.run(["documents", "--where", "page:4", "--format", "csv"]);
    let names: Vec<String> = asked
        .output()
        .lines()
        .skip(1)
        .map(|row| row.split(',').next().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["long.pdf"]);
    assert_eq!(place.run(["documents", "--where", "page:x"]).code(), 2);
}

#[test]
fn a_library_of_an_earlier_version_is_brought_up_to_date_by_any_command() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(2));
    assert_eq!(place.process().code(), 0);
    let library = rusqlite::Connection::open(place.library().join("library.sqlite")).unwrap();
    support::earlier::take_back_to(&library, 17);
    drop(library);
    // Reading alone is enough.
    assert_eq!(place.list("documents").len(), 1);
    assert_eq!(place.list("batches").len(), 1);
    assert_eq!(place.run(["sample", "--draw"]).code(), 0);
}

#[test]
fn what_was_taken_in_moves_out_of_a_watched_folder_where_that_is_wanted() {
    let place = Place::new();
    let (sources, done) = (place.sources(), place.path().join("done"));
    let is_there = |name: &str| done.join(name).exists();
    place.source("a.pdf", &text_pdf(2));
    place.source("below/b.pdf", &text_pdf(1));
    // Another batch has one of them as well.
    let alone = [Path::new("process"), &sources.join("a.pdf")];
    assert_eq!(place.run(alone).code(), 0);
    place.source("broken.pdf", b"%PDF-1.7 and nothing more");
    place.source("letter.txt", b"no PDF");
    // Another file has the name that one will want.
    std::fs::create_dir(&done).unwrap();
    std::fs::write(done.join("a.pdf"), "somebody else's").unwrap();
    // One went there before a run could note it.
    place.source("c.pdf", &text_pdf(4));
    assert_eq!(place.process().code(), 65);
    std::fs::rename(sources.join("c.pdf"), done.join("c.pdf")).unwrap();

    let within = sources.join("done");
    let watch = |to: &Path| {
        let arguments = [Path::new("watch"), &sources, Path::new("--move-to"), to];
        arguments.map(Path::to_owned)
    };
    assert_eq!(place.run(watch(&within)).code(), 2);
    let child = place.start(watch(&done));
    let wait_for_file = |name: &str| place.wait(|| is_there(name).then_some(()));
    for name in ["a (2).pdf", "below/b.pdf", "failed/broken.pdf.txt"] {
        wait_for_file(name);
    }
    place.source("later.pdf", &text_pdf(3));
    wait_for_file("later.pdf");
    signal("INT", child.id());
    assert!(child.wait_with_output().unwrap().status.code().is_some());

    let others = std::fs::read(done.join("a.pdf")).unwrap();
    assert_eq!(others, b"somebody else's");
    assert!(is_there("failed/broken.pdf"));
    let reason = std::fs::read_to_string(done.join("failed/broken.pdf.txt")).unwrap();
    assert!(reason.contains("damaged"), "{reason}");
    let left = std::fs::read_dir(&sources).unwrap();
    let mut left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["below", "letter.txt"]);
    // They are found where they are now, in the other batch too.
    assert_eq!(place.run(["reprocess", "1"]).code(), 0);
    let again = place.run(["reprocess"]);
    assert_eq!(again.code(), 65, "{}", again.errors());
    let documents = place.documents();
    let failed = documents.values().filter(|of| of["status"] != "ok");
    assert_eq!((documents.len(), failed.count()), (5, 1), "{documents:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn files_that_cannot_move_out_of_a_watched_folder_stay_and_that_is_said() {
    let Some(disk) = Disk::new("20m") else {
        return;
    };
    let place = Place::new();
    let source = place.source("a.pdf", &text_pdf(2));
    let watch = |to: &Path| {
        let sources = place.sources();
        [Path::new("watch"), &sources, Path::new("--move-to"), to].map(Path::to_owned)
    };
    let file = place.path().join("a file");
    std::fs::write(&file, "").unwrap();
    assert_eq!(place.run(watch(&file)).code(), 2);

    let mut child = place.start(watch(&disk.0.join("done")));
    let errors = BufReader::new(child.stderr.take().unwrap());
    let (told, said) = std::sync::mpsc::channel();
    let read = move || {
        errors
            .lines()
            .map_while(Result::ok)
            .try_for_each(|line| told.send(line))
    };
    let reading = std::thread::spawn(read);
    place.wait(|| {
        said.try_recv()
            .ok()?
            .contains("is on another disk")
            .then_some(())
    });
    signal("INT", child.id());
    child.wait().unwrap();
    let _ = reading.join();
    assert!(source.exists());
    assert_eq!(place.documents().len(), 1);
}

#[test]
fn what_comes_into_a_watched_folder_is_taken_in_once() {
    let place = Place::new();
    place.source("before.pdf", &text_pdf(2));
    let sources = place.sources();
    let start = || place.start([Path::new("watch"), &sources]);
    let names = || place.documents().into_keys().collect::<Vec<_>>();
    let wait_for_names = |expected: &[&str]| place.wait(|| (names() == expected).then_some(()));

    let child = start();
    place.wait_for_pages(2);
    place.source("half.pdf.part", &text_pdf(1));
    place.source("later.pdf", &text_pdf(3));
    place.wait_for_pages(5);
    wait_for_names(&["before.pdf", "later.pdf"]);
    signal("INT", child.id());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("watching; batch 1"), "{said}");

    // It goes on with the same batch, and what is there is not done again.
    std::fs::rename(sources.join("half.pdf.part"), sources.join("whole.pdf")).unwrap();
    let child = start();
    place.wait_for_pages(6);
    wait_for_names(&["before.pdf", "later.pdf", "whole.pdf"]);
    signal("TERM", child.id());
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));
    assert_eq!(place.list("batches").len(), 1);
    assert_eq!(place.run(["watch", "/nowhere"]).code(), 2);
    // Nothing was moved or changed.
    assert_eq!(std::fs::read_dir(&sources).unwrap().count(), 3);
}

#[test]
fn a_library_is_backed_up_checked_and_restored() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(2));
    assert_eq!(place.process().code(), 0);
    assert_eq!(
        place.run(["decide", "--where", "page:1", "--keep"]).code(),
        0
    );
    assert_eq!(place.run(["library", "check"]).code(), 0);
    let copy = place.path().join("copy.sqlite");
    let back_up = || place.run([Path::new("library"), Path::new("backup"), &copy]);
    let backed_up = back_up();
    assert_eq!(backed_up.code(), 0, "{}", backed_up.errors());
    let again = back_up();
    assert!(again.code() != 0 && again.errors().contains("is there already"));

    let restore = |copy: &Path| place.run([Path::new("library"), Path::new("restore"), copy]);
    assert!(restore(&copy).errors().contains("is there already"));
    let before = place.run(["pages", "--format", "csv"]).output();
    std::fs::remove_dir_all(place.library()).unwrap();
    let restored = restore(&copy);
    assert_eq!(restored.code(), 0, "{}", restored.errors());
    assert_eq!(place.run(["pages", "--format", "csv"]).output(), before);
    assert!(before.contains(",keep,"), "{before}");

    // Neither what is damaged nor what is no library takes its place.
    std::fs::remove_dir_all(place.library()).unwrap();
    let mut bytes = std::fs::read(&copy).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 4096].fill(0x5a);
    let damaged = place.path().join("damaged.sqlite");
    std::fs::write(&damaged, &bytes).unwrap();
    assert!(restore(&damaged).code() != 0);
    assert!(restore(&place.sources().join("a.pdf")).code() != 0);
    assert!(restore(Path::new("/nowhere.sqlite")).code() != 0);
    assert!(!place.library().join("library.sqlite").exists());

    assert_eq!(restore(&copy).code(), 0);
    std::fs::write(place.library().join("library.sqlite"), &bytes).unwrap();
    let checked = place.run(["library", "check"]);
    assert!(checked.code() != 0, "{}", checked.output());
}

#[test]
fn a_batch_is_compared_with_the_list_of_the_client() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(2));
    place.source("sub/b.pdf", &text_pdf(3));
    place.source("extra.pdf", &text_pdf(1));
    assert_eq!(place.process().code(), 0);
    let list = place.path().join("list.csv");
    let reconcile = |rows: &str| {
        std::fs::write(&list, rows).unwrap();
        place.run([
            Path::new("reconcile"),
            &list,
            Path::new("--format"),
            Path::new("csv"),
        ])
    };
    let ran = reconcile("File;Pages\nA.pdf;2\nb;4\nc.pdf;7\n");
    assert_eq!(ran.code(), 65, "{}", ran.errors());
    assert_eq!(
        ran.output(),
        "document,difference,listed_pages,pages\nc.pdf,missing,7,\nextra.pdf,surplus,,\n\
         sub/b.pdf,other_pages,4,3\n"
    );
    let said = "listed: 3 documents, 13 pages; in the batch: 3 documents, 6 pages";
    assert!(ran.errors().contains(said), "{}", ran.errors());
    assert_eq!(reconcile("a\nb\nextra\n").code(), 0);
    assert_eq!(reconcile("").code(), 78);
}

#[test]
fn files_that_were_moved_are_found_again() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(2));
    place.source("b.pdf", &text_pdf(3));
    assert_eq!(place.process().code(), 0);
    let moved = place.path().join("moved");
    std::fs::rename(place.sources(), &moved).unwrap();
    std::fs::rename(moved.join("a.pdf"), moved.join("letter.pdf")).unwrap();
    let locate = |folder: &Path| {
        let arguments = ["batch", "1", "--locate"].map(Path::new);
        place.run(arguments.into_iter().chain([folder]))
    };
    assert_eq!(locate(&place.library()).code(), 65);
    let located = locate(&moved);
    assert_eq!(located.code(), 0, "{}", located.errors());
    assert!(located.output().contains("2 documents found below"));
    assert!(locate(&moved).output().contains("are where they were"));
    // They are processed again from there, and it is the same batch.
    assert_eq!(place.run(["reprocess"]).code(), 0);
    assert_eq!(place.run([Path::new("process"), &moved]).code(), 0);
    assert_eq!(place.list("batches").len(), 1);
    assert_eq!(place.documents().len(), 2);
    assert_eq!(place.statuses("a.pdf"), ["done"; 2]);
    assert_eq!(place.statuses("b.pdf"), ["done"; 3]);
    assert!(place.list("failures").is_empty());
    assert_eq!(place.run(["batch", "1", "--locate", "/nowhere"]).code(), 2);
}
