//! Documents put together: exactly as asked for, or not at all.

use super::*;

/// Documents of so many pages each, in the folder of sources.
fn documents(place: &Place, pages: &[usize]) -> Vec<PathBuf> {
    let numbered = pages.iter().zip(1..);
    numbered
        .map(|(pages, number)| place.source(&format!("{number}.pdf"), &text_pdf(*pages)))
        .collect()
}

fn merge(place: &Place, to: &Path, arguments: &[&str]) -> Ran {
    let fixed = [Path::new("merge"), Path::new("--out"), to];
    place.run(fixed.into_iter().chain(arguments.iter().map(Path::new)))
}

/// What the pages of a file say of themselves, such as `2 of 3`.
fn pages(file: &Path) -> Vec<String> {
    let document = open(&std::fs::read(file).unwrap());
    let lines = (1..=document.page_count()).map(|number| {
        let text = document.text(number).unwrap();
        let first = text.lines().next().unwrap();
        first.strip_prefix("Page ").unwrap().to_owned()
    });
    lines.collect()
}

#[test]
fn an_input_that_cannot_be_read_ends_it_before_anything_is_written() {
    let place = Place::new();
    documents(&place, &[2]);
    place.source("locked.pdf", &encrypted_pdf("secret", "owner"));
    let to = place.path().join("all.pdf");
    let ran = command(&place, "merge", &to, &[]);
    assert_eq!(ran.code(), 65, "{}", ran.errors());
    assert!(!to.exists());
    let said = ran.errors();
    for word in ["locked.pdf", "--password-file", "nothing was written"] {
        assert!(said.contains(word), "{said}");
    }
    let passwords = place.path().join("passwords");
    std::fs::write(&passwords, "secret\n").unwrap();
    let options = ["--password-file", passwords.to_str().unwrap()];
    let ran = command(&place, "merge", &to, &options);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    assert_eq!(pages(&to).len(), 2 + 3);
    // One that vanished, and a folder that has none.
    let link = place.sources().join("gone.pdf");
    std::os::unix::fs::symlink(place.path().join("nowhere"), &link).unwrap();
    let empty = place.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    let to = place.path().join("more.pdf");
    for input in [&link, &empty] {
        let ran = merge(&place, &to, &[input.to_str().unwrap()]);
        assert_eq!(ran.code(), 65, "{}", ran.errors());
        assert!(!to.exists() && ran.errors().contains("nothing was written"));
    }
}

#[test]
fn the_file_has_exactly_the_name_that_was_asked_for() {
    use std::os::unix::ffi::OsStrExt;

    let place = Place::new();
    let inputs = documents(&place, &[1, 2]);
    let inputs: Vec<&str> = inputs.iter().map(|input| input.to_str().unwrap()).collect();
    let folder = place.path().join("new folder ");
    for name in [
        &b"a:b*.PDF"[..],
        b"no ending",
        b"-dash. ",
        b"not \xff text.pdf",
    ] {
        let to = folder.join(std::ffi::OsStr::from_bytes(name));
        let ran = merge(&place, &to, &inputs);
        assert_eq!(ran.code(), 0, "{}", ran.errors());
        assert_eq!(pages(&to).len(), 3);
        let said = to.display().to_string();
        assert!(ran.output().contains(&said), "{}", ran.output());
    }
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 4);
}

#[test]
fn a_file_that_is_there_is_replaced_only_if_asked_and_never_if_it_is_an_input() {
    let place = Place::new();
    let sources = documents(&place, &[1, 2]);
    let inputs: Vec<&str> = sources
        .iter()
        .map(|input| input.to_str().unwrap())
        .collect();
    let to = place.path().join("all.pdf");
    std::fs::write(&to, "mine").unwrap();
    let ran = merge(&place, &to, &inputs);
    assert_eq!(ran.code(), 65);
    assert!(
        ran.errors().contains("all.pdf: Another file of that name"),
        "{}",
        ran.errors()
    );
    assert_eq!(std::fs::read(&to).unwrap(), b"mine");
    let with = |more: &'static str| -> Vec<&str> { inputs.iter().copied().chain([more]).collect() };
    assert_eq!(merge(&place, &to, &with("--overwrite")).code(), 0);
    assert_eq!(pages(&to).len(), 3);
    let (hard, link) = (place.path().join("hard.pdf"), place.path().join("link.pdf"));
    std::fs::hard_link(&sources[0], &hard).unwrap();
    std::os::unix::fs::symlink(&sources[0], &link).unwrap();
    for to in [&sources[0], &hard, &link] {
        let ran = merge(&place, to, &with("--overwrite"));
        assert_eq!(ran.code(), 2, "{}", ran.errors());
        assert_eq!(std::fs::read(to).unwrap(), text_pdf(1));
    }
    assert!(link.symlink_metadata().unwrap().is_symlink());
}

#[test]
fn inputs_say_which_of_their_pages_and_may_be_named_again() {
    let place = Place::new();
    let inputs = documents(&place, &[3, 5]);
    let of = |at: usize, ranges: &str| format!("{}:{ranges}", inputs[at].display());
    let to = place.path().join("all.pdf");
    let (first, second, again) = (of(0, "2-"), of(1, "last,1-2"), of(0, "1"));
    let ran = merge(&place, &to, &[&first, &second, &again, &first]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let expected = [
        "2 of 3", "3 of 3", "5 of 5", "1 of 5", "2 of 5", "1 of 3", "2 of 3", "3 of 3",
    ];
    assert_eq!(pages(&to), expected);
    for (input, code, said) in [
        (of(0, "x"), 2, "no range"),
        (of(0, "2-9"), 65, "1.pdf has 3 pages: 2-9"),
        (of(0, "7"), 65, "no page"),
        ("nowhere.pdf:1".to_owned(), 2, "not there"),
    ] {
        let to = place.path().join("other.pdf");
        let ran = merge(&place, &to, &[&input]);
        assert_eq!(ran.code(), code, "{input}: {}", ran.errors());
        assert!(ran.errors().contains(said), "{input}: {}", ran.errors());
    }
    // A folder has its files once, and one of them again where it is named too.
    let to = place.path().join("folder.pdf");
    let folder = place.sources();
    let ran = merge(&place, &to, &[folder.to_str().unwrap(), &of(1, "1")]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    assert_eq!(pages(&to).len(), 3 + 5 + 1);
}

#[test]
fn two_stacks_are_put_together_page_by_page() {
    let place = Place::new();
    let mut sheets = [PdfBuilder::new("Fronts"), PdfBuilder::new("Backs")];
    for number in 1..=6 {
        sheets[(number + 1) % 2].add(support::ordinary::text_page(number, 6));
    }
    let [fronts, backs] = sheets.map(PdfBuilder::finish);
    let fronts = place.source("fronts.pdf", &fronts).display().to_string();
    let backs = place.source("backs.pdf", &backs).display().to_string();
    // As a stack that was turned over comes out of the scanner.
    let turned = format!("{backs}:last-1");
    let to = place.path().join("all.pdf");
    let in_order = ["1 of 6", "2 of 6", "3 of 6", "4 of 6", "5 of 6", "6 of 6"];
    for arguments in [
        &[&*fronts, &*backs, "--interleave"][..],
        &[&*fronts, &*turned, "--interleave", "--reverse-second"],
    ] {
        let ran = merge(&place, &to, arguments);
        assert_eq!(ran.code(), 0, "{}", ran.errors());
        assert_eq!(pages(&to), in_order);
    }
    let fewer = format!("{backs}:1-2");
    let to = place.path().join("fewer.pdf");
    let ran = merge(&place, &to, &[&fronts, &fewer, "--interleave"]);
    assert_eq!(ran.code(), 65);
    assert!(
        ran.errors().contains("3 pages, the second 2"),
        "{}",
        ran.errors()
    );
    assert_eq!(pages(&to), &in_order[..5]);
    assert_eq!(merge(&place, &to, &[&fronts, "--interleave"]).code(), 65);
    assert_eq!(
        merge(&place, &to, &[&fronts, &backs, "--reverse-second"]).code(),
        2
    );
}
