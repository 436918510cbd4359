//! Saving pages as files.

use std::path::Path;

use eframe::egui::{Key, Modifiers, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use pagesieve::desk::Desk;

use super::support::program::Place;
use super::support::text_pdf;
use super::{by_palette, click, has, settle, until, until_label, window};

/// Types a folder in place of the one that is offered.
fn put_folder(harness: &mut Harness<'static, Desk>, folder: &Path) {
    let field = |harness: &mut Harness<'static, Desk>, text: &str| {
        let field = harness.get_by_role_and_label(Role::TextInput, "Folder");
        match text {
            "" => field.click(),
            text => field.type_text(text),
        }
        settle(harness);
    };
    field(harness, "");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    settle(harness);
    field(harness, &folder.to_string_lossy());
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn pages_are_saved_as_pictures_and_as_text_after_a_look_at_what_that_makes() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(3));
    place.source("other.pdf", &text_pdf(1));
    let mut harness = window(&place);
    until_label(&mut harness, "4 pages in 2 documents");
    until_label(&mut harness, "Finished");
    let out = place.path().join("saved");

    let both = Modifiers {
        shift: true,
        ..Modifiers::COMMAND
    };
    harness.key_press_modifiers(both, Key::S);
    until_label(&mut harness, "All that is shown: 4 pages");
    until_label(&mut harness, "4 files, about");
    assert!(has(&harness, "letter-001.png and so on"));
    click(&mut harness, "Text");
    until_label(&mut harness, "letter-001.txt and so on");
    put_folder(&mut harness, &out);
    until_label(&mut harness, "4 files, about");
    // What would be written has made room for itself.
    settle(&mut harness);
    harness.get_by_role_and_label(Role::Button, "Save").click();
    until_label(&mut harness, "4 files are there");
    assert!(has(&harness, "Open folder"));
    let texts = [
        "letter-001.txt",
        "letter-002.txt",
        "letter-003.txt",
        "other-001.txt",
    ];
    assert_eq!(names(&out), texts);
    harness.key_press(Key::Escape);
    settle(&mut harness);
    assert!(!has(&harness, "Open folder"));

    // Of one document, by its own menu, beside what was saved before.
    let document = harness.get_all_by_label_contains("letter.pdf").next();
    document.expect("the document").click_secondary();
    settle(&mut harness);
    click(&mut harness, "Save the document's pages…");
    until_label(&mut harness, "letter.pdf: 3 pages");
    until_label(&mut harness, "3 files, about");
    put_folder(&mut harness, &out);
    until_label(&mut harness, "3 files, about");
    // What would be written has made room for itself.
    settle(&mut harness);
    harness.get_by_role_and_label(Role::Button, "Save").click();
    until_label(&mut harness, "3 files are there");
    assert_eq!(names(&out).len(), 7);
    click(&mut harness, "Close");
    settle(&mut harness);

    // Once more it says that the names are taken; what is the same stays.
    super::click_cell(&mut harness, "letter.pdf", 2);
    by_palette(&mut harness, "Save pages");
    until_label(&mut harness, "The selected page");
    click(&mut harness, "letter.pdf: 3 pages");
    put_folder(&mut harness, &out);
    until_label(&mut harness, "3 names are taken already");
    click(&mut harness, "Contact sheets (PNG)");
    until_label(&mut harness, "1 file, about");
    until_label(&mut harness, "contact-001.png");
    click(&mut harness, "Cancel");
    settle(&mut harness);
    assert!(!has(&harness, "names are taken"));
    assert_eq!(names(&out).len(), 7);
}

#[test]
fn questions_for_a_place_have_the_keyboard_and_are_answered_by_it() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(2));
    let mut harness = window(&place);
    until_label(&mut harness, "2 pages in 1 document");
    until_label(&mut harness, "Finished");
    let both = Modifiers {
        shift: true,
        ..Modifiers::COMMAND
    };
    for (modifiers, title) in [(Modifiers::COMMAND, "Save a table"), (both, "Save pages")] {
        harness.key_press_modifiers(modifiers, Key::S);
        until(&mut harness, title, |harness| {
            harness.query_by_label(title).is_some()
        });
        settle(&mut harness);
        harness.key_press(Key::Escape);
        until(&mut harness, "it to close", |harness| {
            harness.query_by_label(title).is_none()
        });
    }
    let (table, folder) = (place.path().join("all.csv"), place.path().join("saved"));
    for (modifiers, path, done) in [
        (Modifiers::COMMAND, &table, "2 rows are saved in"),
        (both, &folder, "2 files are there"),
    ] {
        harness.key_press_modifiers(modifiers, Key::S);
        settle(&mut harness);
        // What is chosen on the way takes nothing from the field.
        harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
        let field = harness.get_all_by_role(Role::TextInput).last();
        let field = field.expect("the field for the path");
        field.type_text(&path.to_string_lossy());
        settle(&mut harness);
        if modifiers == both {
            until_label(&mut harness, "2 files, about");
        }
        harness.key_press(Key::Enter);
        until_label(&mut harness, done);
    }
    assert!(table.is_file() && names(&folder).len() == 2);
}
