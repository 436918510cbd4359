//! Pages as files: pictures and text, on disks that fill up and in runs that are killed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::support::disk::Disk;
use super::support::program::{Place, Ran, signal, wait_for};
use super::support::{blank_pdf, encrypted_pdf, extreme_aspect_pdf, text_pdf};

fn out(place: &Place) -> PathBuf {
    place.path().join("out")
}

fn export(place: &Place, form: &str, more: &[&str]) -> Ran {
    let out = out(place);
    let mut arguments = vec!["export", "--as", form, "--out", out.to_str().unwrap()];
    arguments.extend(more);
    place.run(arguments)
}

/// Names of all that is in a folder, hidden ones as well; none where there is no folder.
fn files(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// Width, height and dots a metre of a picture, which is decoded whole.
fn picture(path: &Path) -> (u32, u32, u32) {
    let file = std::io::BufReader::new(std::fs::File::open(path).unwrap());
    let mut reader = png::Decoder::new(file).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    let info = reader.info();
    let dots = info.pixel_dims.unwrap();
    assert_eq!(dots.xppu, dots.yppu);
    (info.width, info.height, dots.xppu)
}

#[test]
fn pages_become_pictures_with_their_resolution_and_nothing_is_replaced() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(3));
    place.source("more/Letter.pdf", &text_pdf(2));
    place.source("plain.pdf", &blank_pdf());
    assert_eq!(place.process().code(), 0);
    let letters = ["--where", "document:letter", "--dpi", "100"];

    let planned = export(&place, "png", &[&letters[..], &["--dry-run"]].concat());
    assert_eq!(planned.code(), 0, "{}", planned.errors());
    assert!(
        planned.output().contains("5 files, about"),
        "{}",
        planned.output()
    );
    assert!(!out(&place).exists());

    let ran = export(&place, "png", &letters);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    assert!(ran.output().contains("5 files"), "{}", ran.output());
    let whole = files(&out(&place));
    let names = [
        "Letter (2)-001.png",
        "Letter (2)-002.png",
        "letter-001.png",
        "letter-002.png",
        "letter-003.png",
    ];
    assert_eq!(whole, names.map(str::to_owned).into());
    let (width, height, dots) = picture(&out(&place).join("letter-001.png"));
    assert!(width.max(height).abs_diff(1169) < 2, "{width} x {height}");
    assert!(dots.abs_diff(3937) < 5, "{dots} dots a metre");

    // Once more is the same, and another file keeps its name.
    assert_eq!(export(&place, "png", &letters).code(), 0);
    assert_eq!(files(&out(&place)), whole);
    std::fs::write(out(&place).join("letter-002.png"), "mine").unwrap();
    let ran = export(&place, "png", &letters);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    assert!(ran.errors().contains("taken already"), "{}", ran.errors());
    let mine = std::fs::read(out(&place).join("letter-002.png")).unwrap();
    assert_eq!(mine, b"mine");
    picture(&out(&place).join("letter-002 (2).png"));
    assert_eq!(files(&out(&place)).len(), 6);
}

#[test]
fn pages_become_contact_sheets_with_their_names_and_nothing_is_replaced() {
    let place = Place::new();
    place.source("Letter.pdf", &text_pdf(9));
    place.source("契約書.pdf", &text_pdf(8));
    place.source("plan.pdf", &extreme_aspect_pdf());
    place.source("locked.pdf", &encrypted_pdf("secret", "owner"));
    let known = place.path().join("passwords.txt");
    std::fs::write(&known, "secret\n").unwrap();
    let passwords = ["--password-file", known.to_str().unwrap()];
    let process =
        [Path::new("process"), &place.sources()].map(|it| it.to_str().unwrap().to_owned());
    let ran = place.run(process.iter().map(String::as_str).chain(passwords));
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let decided = place.run(["decide", "--where", "page:2", "--flag"]);
    assert_eq!(decided.code(), 0, "{}", decided.errors());

    assert_eq!(export(&place, "sheets", &["--columns", "9"]).code(), 2);
    let planned = export(&place, "sheets", &["--dry-run"]);
    assert!(
        planned.output().contains("contact-002.png"),
        "{}",
        planned.output()
    );
    assert!(planned.errors().contains("locked"), "{}", planned.errors());
    std::fs::create_dir(out(&place)).unwrap();
    std::fs::write(out(&place).join("contact-002.png"), "somebody else's").unwrap();

    // The pages of a locked document have their places all the same, and are named.
    let ran = export(&place, "sheets", &[]);
    assert_eq!(ran.code(), 65, "{}", ran.errors());
    assert!(
        ran.errors().contains("locked.pdf, page 1"),
        "{}",
        ran.errors()
    );
    let names = ["contact-001.png", "contact-002 (2).png", "contact-002.png"];
    assert_eq!(files(&out(&place)), names.map(str::to_owned).into());
    for name in &names[..2] {
        assert_eq!(picture(&out(&place).join(name)), (1654, 2339, 7875));
    }
    let others = std::fs::read(out(&place).join("contact-002.png")).unwrap();
    assert_eq!(others, b"somebody else's");
    // The same again is there already.
    export(&place, "sheets", &[]);
    assert_eq!(files(&out(&place)).len(), 3);
    let ran = export(
        &place,
        "sheets",
        &[&passwords[..], &["--columns", "8"]].concat(),
    );
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    assert!(ran.output().contains("1 file"), "{}", ran.output());
}

#[test]
fn pages_become_text_and_those_without_any_are_named() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(2));
    place.source("plain.pdf", &blank_pdf());
    assert_eq!(place.process().code(), 0);
    let ran = export(&place, "text", &[]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    assert!(ran.errors().contains("no text"), "{}", ran.errors());
    let text = std::fs::read_to_string(out(&place).join("letter-002.txt")).unwrap();
    assert!(text.contains("Page 2 of 2"), "{text}");
    assert!(text.ends_with('\n'));
    let nothing = export(&place, "text", &["--where", "document:none"]);
    assert_eq!(nothing.code(), 65);
    assert!(nothing.errors().contains("nothing to write"));
}

#[test]
fn pages_of_a_locked_document_take_its_password() {
    let place = Place::new();
    place.source("locked.pdf", &encrypted_pdf("secret", "owner"));
    place.source("open.pdf", &text_pdf(1));
    let passwords = place.path().join("passwords.txt");
    std::fs::write(&passwords, "secret\n").unwrap();
    let passwords = ["--password-file", passwords.to_str().unwrap()];
    let sources = place.sources();
    let process = ["process", sources.to_str().unwrap()];
    let ran = place.run([&process[..], &passwords].concat());
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let ran = export(&place, "png", &[]);
    assert_eq!(ran.code(), 65, "{}", ran.errors());
    assert!(
        ran.errors().contains("3 pages are locked"),
        "{}",
        ran.errors()
    );
    assert_eq!(files(&out(&place)), ["open-001.png".to_owned()].into());
    let ran = export(&place, "png", &passwords);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    assert_eq!(files(&out(&place)).len(), 4);
}

#[test]
fn pictures_on_a_disk_that_fills_up_are_whole_or_not_there() {
    let place = Place::new();
    // Room for the bytes, and for half of the files.
    let Some(disk) = Disk::mount(out(&place), "200m,nr_inodes=30") else {
        return;
    };
    place.source("a.pdf", &text_pdf(60));
    assert_eq!(place.process().code(), 0);
    let coarse = ["--dpi", "36"];
    let ran = export(&place, "png", &coarse);
    assert_eq!(ran.code(), 75, "{}", ran.errors());
    for name in files(&out(&place)) {
        picture(&out(&place).join(name));
    }
    disk.remount("nr_inodes=1000");
    assert_eq!(export(&place, "png", &coarse).code(), 0);
    assert_eq!(files(&out(&place)).len(), 60);
    // Too little room is said before anything is drawn.
    disk.remount("size=65m");
    let ran = export(&place, "png", &["--dpi", "600"]);
    assert_eq!(ran.code(), 75, "{}", ran.errors());
    assert!(ran.errors().contains("free"), "{}", ran.errors());
    assert_eq!(files(&out(&place)).len(), 60);
}

#[test]
fn a_run_that_is_killed_leaves_whole_pictures_and_the_next_clears_up() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(150));
    assert_eq!(place.process().code(), 0);
    let to = out(&place);
    let arguments = ["export", "--as", "png", "--dpi", "300", "--out"];
    let mut running = place.start([&arguments[..], &[to.to_str().unwrap()]].concat());
    let is_picture = |name: &String| name.ends_with(".png");
    wait_for(Duration::from_secs(60), || {
        files(&to).iter().any(is_picture).then_some(())
    });
    signal("KILL", running.id());
    running.wait().unwrap();
    let left = files(&to);
    let whole = left.iter().filter(|name| is_picture(name)).count();
    assert!(whole < 150, "it was killed too late");
    for name in left.iter().filter(|name| is_picture(name)) {
        picture(&to.join(name));
    }
    // Its workers end by themselves once their host is gone.
    let ran = export(&place, "png", &["--dpi", "300"]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    assert_eq!(files(&to).len(), 150);
    assert!(files(&to).iter().all(is_picture));
}
