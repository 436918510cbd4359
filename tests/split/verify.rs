//! Manifests of what was written, and checking against them later.

use super::*;

fn verify(place: &Place, manifest: &Path, options: &[&str]) -> (i32, Value) {
    let fixed = [Path::new("verify"), manifest, Path::new("--json")];
    let ran = place.run(fixed.into_iter().chain(options.iter().map(Path::new)));
    let found = serde_json::from_str(&ran.output());
    (
        ran.code(),
        found.unwrap_or_else(|_| panic!("{}", ran.errors())),
    )
}

#[test]
fn parts_are_checked_against_their_manifest_later() {
    let place = Place::new();
    place.source("stack.pdf", &text_pdf(4));
    assert_eq!(split(&place, &["--every", "1"]).code(), 0);
    let folder = out(&place);
    let manifest = manifest_path(&folder);
    let sources = place.sources();
    let sources = ["--source", sources.to_str().unwrap()];
    let (code, found) = verify(&place, &manifest, &sources);
    assert_eq!((code, &found["right"]), (0, &Value::Bool(true)));
    assert_eq!(
        (&found["same"], &found["sources_found"]),
        (&4.into(), &1.into())
    );

    let names: Vec<String> = files(&folder).into_iter().collect();
    let mut bytes = std::fs::read(folder.join(&names[0])).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(folder.join(&names[0]), bytes).unwrap();
    std::fs::remove_file(folder.join(&names[1])).unwrap();
    std::fs::write(folder.join("stranger.pdf"), "x").unwrap();
    std::fs::write(place.sources().join("stack.pdf"), text_pdf(3)).unwrap();
    let (code, found) = verify(&place, &manifest, &sources);
    assert_eq!((code, &found["same"]), (65, &2.into()));
    assert_eq!(found["changed"], serde_json::json!([names[0]]));
    assert_eq!(found["missing"], serde_json::json!([names[1]]));
    assert_eq!(found["unknown"], serde_json::json!(["stranger.pdf"]));
    assert_eq!(found["sources_missing"], serde_json::json!(["stack.pdf"]));

    let ran = place.run([Path::new("verify"), &manifest]);
    assert_eq!(ran.code(), 65);
    for word in [&names[0], &names[1], "stranger.pdf"] {
        assert!(ran.errors().contains(word), "{}", ran.errors());
    }
    let ran = place.run([Path::new("verify"), &place.sources().join("stack.pdf")]);
    assert_eq!(ran.code(), 2, "{}", ran.errors());
}

#[test]
fn what_is_put_together_accounts_for_each_page_and_is_no_leftover() {
    let place = Place::new();
    let source = place.source("a.pdf", &text_pdf(4));
    let folder = out(&place);
    std::fs::create_dir(&folder).unwrap();
    let together = folder.join("together.pdf");
    let input = format!("{}:3,1", source.display());
    let merge = [
        Path::new("merge"),
        Path::new(&input),
        Path::new("--out"),
        &together,
    ];
    assert_eq!(place.run(merge).code(), 0);
    assert_eq!(
        files(&folder).len(),
        1,
        "a manifest only where it is asked for"
    );
    assert!(std::fs::read_dir(&folder).unwrap().count() == 1);
    let with = merge.into_iter().chain([Path::new("--manifest")]);
    assert_eq!(place.run(with).code(), 0);
    let told = manifest(&folder);
    assert_eq!(told["made_by"], "merge");
    let pages = |list: &Value| -> Vec<u64> {
        let list = list.as_array().unwrap().iter();
        list.map(|page| page["page"].as_u64().unwrap()).collect()
    };
    assert_eq!(pages(&told["parts"][0]["pages"]), [3, 1]);
    assert_eq!(pages(&told["excluded"]), [2, 4]);
    assert_eq!(told["excluded"][0]["reason"], "outside_ranges");
    assert_eq!(verify(&place, &manifest_path(&folder), &[]).0, 0);

    // Parts of the same document beside it do not take it away.
    let ran = split(&place, &["--every", "2", "--remove-earlier"]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    assert!(together.exists());
    assert!(!ran.errors().contains("together"), "{}", ran.errors());
}

#[test]
fn the_file_of_passwords_is_never_written() {
    let place = Place::new();
    let source = place.source("a.pdf", &text_pdf(1));
    let passwords = place.path().join("passwords.txt");
    std::fs::write(&passwords, "secret").unwrap();
    let merge = ["merge".as_ref(), source.as_os_str(), "--overwrite".as_ref()];
    let files = [
        "--out".as_ref(),
        passwords.as_os_str(),
        "--password-file".as_ref(),
    ];
    let all = merge
        .into_iter()
        .chain(files)
        .chain([passwords.as_os_str()]);
    assert_eq!(place.run(all).code(), 2);
    assert_eq!(std::fs::read_to_string(&passwords).unwrap(), "secret");
}

#[test]
fn what_is_left_out_into_another_folder_is_not_missed() {
    let place = Place::new();
    place.source("stack.pdf", &text_pdf(3));
    let left = place.path().join("elsewhere").join("left.pdf");
    let left = left.to_str().unwrap();
    let ran = split(&place, &["--ranges", "1", "--excluded", left]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let manifest = manifest_path(&out(&place));
    let (code, found) = verify(&place, &manifest, &[]);
    assert_eq!((code, &found["same"]), (0, &1.into()));
    assert_eq!(found["elsewhere"].as_array().map(Vec::len), Some(1));

    // Below the folder of the parts it is checked as they are.
    let below = out(&place).join("left").join("left.pdf");
    let below = below.to_str().unwrap();
    let ran = split(
        &place,
        &["--ranges", "1", "--excluded", below, "--overwrite"],
    );
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let (code, found) = verify(&place, &manifest_path(&out(&place)), &[]);
    assert_eq!((code, &found["same"]), (0, &2.into()));
}

#[test]
fn parts_of_earlier_runs_go_also_where_new_ones_had_to_take_other_names() {
    let place = Place::new();
    place.source("stack.pdf", &text_pdf(5));
    assert_eq!(split(&place, &["--every", "2"]).code(), 0);
    let before = files(&out(&place));
    let ran = split(&place, &["--every", "3", "--remove-earlier"]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let after = files(&out(&place));
    assert_eq!(after.len(), 2, "{after:?}");
    assert!(after.is_disjoint(&before), "{after:?}");
}

#[test]
fn a_document_that_nobody_can_read_is_left_out_for_a_reason_that_the_manifest_gives() {
    let place = Place::new();
    place.source("good.pdf", &text_pdf(1));
    place.source("broken.pdf", b"%PDF-1.7 and nothing more");
    assert_eq!(place.process().code(), 65);
    let decided = ["--as-decided"];
    assert_ne!(split(&place, &decided).code(), 0);
    let manifest = manifest_path(&out(&place));
    let (code, found) = verify(&place, &manifest, &[]);
    assert_eq!(
        (code, &found["never_written"][0]),
        (65, &"broken.pdf".into())
    );

    let readable = place.run(["leave-out", "good.pdf", "--reason", "x"]);
    assert_eq!(readable.code(), 2);
    let reason = "the client sends it again";
    let ran = place.run(["leave-out", "broken.pdf", "--reason", reason]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    assert_eq!(place.documents()["broken.pdf"]["left_out"], reason);
    std::fs::remove_dir_all(out(&place)).unwrap();
    let ran = split(&place, &decided);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    assert!(ran.errors().contains(reason), "{}", ran.errors());
    let manifest = manifest_path(&out(&place));
    let (code, found) = verify(&place, &manifest, &[]);
    assert_eq!((code, &found["right"]), (0, &true.into()), "{found}");
    assert_eq!(found["left_out"][0], format!("broken.pdf ({reason})"));

    let summary = place.process();
    assert_eq!(summary.code(), 0, "it is dealt with: {}", summary.output());

    let ran = place.run(["leave-out", "broken.pdf", "--take-back"]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    std::fs::remove_dir_all(out(&place)).unwrap();
    assert_ne!(split(&place, &decided).code(), 0);
}

#[test]
fn a_document_that_nobody_can_read_is_replaced_by_another_file() {
    let place = Place::new();
    place.source("good.pdf", &text_pdf(1));
    place.source("broken.pdf", b"%PDF-1.7 and nothing more");
    assert_eq!(place.process().code(), 65);
    let elsewhere = place.path().join("sent again.pdf");
    let replace = |document: &str| {
        let elsewhere = elsewhere.to_str().unwrap();
        place.run(["replace", document, elsewhere])
    };
    assert_eq!(replace("broken.pdf").code(), 2, "the file is not there");
    std::fs::write(&elsewhere, text_pdf(3)).unwrap();
    assert_eq!(replace("good.pdf").code(), 2, "it can be read");
    let broken = place.sources().join("broken.pdf");
    let itself = place.run(["replace", "broken.pdf", broken.to_str().unwrap()]);
    assert_eq!(itself.code(), 2, "{}", itself.errors());

    let ran = replace("broken.pdf");
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let documents = place.documents();
    let reason = "replaced by sent again.pdf";
    assert_eq!(documents["broken.pdf"]["left_out"], reason);
    assert_eq!(documents["sent again.pdf"]["pages"], 3);
    // What it came from is both from now on.
    let split = split(&place, &["--as-decided", elsewhere.to_str().unwrap()]);
    assert_eq!(split.code(), 0, "{}", split.errors());
    let (code, found) = verify(&place, &manifest_path(&out(&place)), &[]);
    assert_eq!((code, &found["right"]), (0, &true.into()), "{found}");
    assert_eq!(found["left_out"][0], format!("broken.pdf ({reason})"));
    let both = [Path::new("process"), &place.sources(), &elsewhere];
    assert_eq!(place.run(both).code(), 0);
    assert_eq!(place.documents().len(), 3);
}
