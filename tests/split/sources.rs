//! Sources stay as they are, and what an earlier run made of them is none.

use super::*;

/// What a file holds, by its path.
fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .flatten()
        .filter(|entry| entry.path().is_file())
        .map(|entry| (entry.path(), std::fs::read(entry.path()).unwrap()))
        .collect();
    found.sort();
    found
}

#[test]
fn no_option_and_no_name_makes_a_part_take_the_place_of_a_source() {
    type Way = (&'static str, fn(&Place));
    let ways: [Way; 4] = [
        ("into their own folder", |place| {
            std::os::unix::fs::symlink(place.sources(), out(place)).unwrap();
        }),
        ("hard link", |place| {
            std::fs::create_dir(out(place)).unwrap();
            for name in ["a.pdf", "a-001.pdf"] {
                let source = place.sources().join("a.pdf");
                std::fs::hard_link(source, out(place).join(name)).unwrap();
            }
        }),
        ("symbolic link", |place| {
            std::fs::create_dir(out(place)).unwrap();
            let source = place.sources().join("a.pdf");
            std::os::unix::fs::symlink(source, out(place).join("a-001.pdf")).unwrap();
        }),
        ("archive", |place| {
            std::fs::create_dir(out(place)).unwrap();
            let source = place.sources().join("b.zip");
            std::fs::hard_link(source, out(place).join("a-001.pdf")).unwrap();
        }),
    ];
    for (way, prepare) in ways {
        for options in [&["--overwrite"][..], &["--overwrite", "--every", "1"], &[]] {
            let place = Place::new();
            place.source("a.pdf", &text_pdf(4));
            // Its name is that of the first part of the other.
            place.source("a-001.pdf", &text_pdf(1));
            place.source("b.zip", &support::zip_of(&[("a.pdf", &text_pdf(2))]));
            let before = contents(&place.sources());
            prepare(&place);
            let linked = contents(&out(&place));
            let ran = split(&place, options);
            assert_eq!(ran.code(), 0, "{way} {options:?}: {}", ran.errors());
            let after = contents(&place.sources());
            assert!(
                before.iter().all(|file| after.contains(file)),
                "{way} {options:?}"
            );
            let after = contents(&out(&place));
            assert!(
                linked.iter().all(|file| after.contains(file)),
                "{way} {options:?}"
            );
            let manifest = manifest(&out(&place));
            assert_eq!(manifest["complete"], true);
            let pages = manifest["parts"].as_array().unwrap().iter();
            let pages: usize = pages
                .map(|part| part["pages"].as_array().unwrap().len())
                .sum();
            assert_eq!(pages, 7, "{way} {options:?}");
            for part in manifest["parts"].as_array().unwrap() {
                let path = out(&place).join(part["file"].as_str().unwrap());
                let hash = blake3::hash(&std::fs::read(&path).unwrap());
                assert_eq!(part["blake3"], hash.to_hex().as_str(), "{way} {options:?}");
                assert!(before.iter().all(|(source, _)| *source != path), "{way}");
            }
        }
    }
}

#[test]
fn a_name_that_a_source_keeps_is_said() {
    let place = Place::new();
    let source = place.source("a.pdf", &text_pdf(2));
    let to = place.sources();
    let ran = command(&place, "split", &to, &["--overwrite"]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    assert!(
        ran.errors().contains("a.pdf is a source"),
        "{}",
        ran.errors()
    );
    assert_eq!(std::fs::read(source).unwrap(), text_pdf(2));
    assert!(to.join("a (2).pdf").exists());
}

#[test]
fn locked_sources_are_not_replaced_either() {
    let place = Place::new();
    let locked = place.source("a-001.pdf", &encrypted_pdf("secret", "owner"));
    place.source("a.pdf", &text_pdf(2));
    let before = std::fs::read(&locked).unwrap();
    let to = place.sources();
    let ran = command(&place, "split", &to, &["--overwrite", "--every", "1"]);
    assert_eq!(ran.code(), 65, "{}", ran.errors());
    assert_eq!(std::fs::read(&locked).unwrap(), before);
}

#[test]
fn parts_of_an_earlier_run_are_not_split_again() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(3));
    place.source("b/b.pdf", &rich_pdf());
    let to = place.sources();
    for _ in 0..3 {
        let ran = command(
            &place,
            "split",
            &to,
            &["--every", "1", "--name", "{document} {pages}"],
        );
        assert_eq!(ran.code(), 0, "{}", ran.errors());
        assert_eq!(files(&to).len(), 3 + 4 + 2, "{:?}", files(&to));
    }
    // By another rule, and to a folder of its own.
    let ran = split(&place, &["--every", "2"]);
    assert!(ran.errors().contains("not split again"), "{}", ran.errors());
    assert_eq!(files(&out(&place)).len(), 2 + 2);
    // A part whose document is gone is the only one that has its pages.
    std::fs::remove_file(to.join("a.pdf")).unwrap();
    std::fs::remove_dir_all(out(&place)).unwrap();
    split(&place, &[]);
    assert_eq!(files(&out(&place)).len(), 3 + 1);
    // And one that somebody names is meant.
    let (part, whole) = (to.join("b 2.pdf"), to.join("b"));
    let arguments = [
        Path::new("split"),
        &whole,
        &part,
        Path::new("--out"),
        &out(&place),
    ];
    let ran = place.run(arguments);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    assert!(out(&place).join("b 2.pdf").exists());
}

#[test]
fn a_document_that_two_arguments_lead_to_is_split_once() {
    let place = Place::new();
    let source = place.source("a.pdf", &text_pdf(2));
    let (sources, to) = (place.sources(), out(&place));
    let ran = place.run([
        Path::new("split"),
        &sources,
        &source,
        Path::new("--out"),
        &to,
    ]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    assert_eq!(files(&to), BTreeSet::from(["a.pdf".to_owned()]));
}

#[test]
fn a_file_that_only_has_the_name_of_a_manifest_stays() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(1));
    assert_eq!(split(&place, &[]).code(), 0);
    let mut entries = std::fs::read_dir(out(&place)).unwrap().flatten();
    let found = entries.find(|entry| entry.path().extension().is_some_and(|e| e == "json"));
    let manifest = found.unwrap().path();
    let written = std::fs::read(&manifest).unwrap();
    std::fs::write(&manifest, "mine").unwrap();
    assert_eq!(split(&place, &[]).code(), 0);
    assert_eq!(std::fs::read(&manifest).unwrap(), b"mine");
    let other = manifest.file_stem().unwrap().to_str().unwrap().to_owned() + " (2).json";
    assert_eq!(std::fs::read(out(&place).join(other)).unwrap(), written);
}
