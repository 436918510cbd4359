//! What comes later and what moves: watched folders, the client's list, files that were
//! found again.

use std::path::Path;

use eframe::egui::{Key, Modifiers, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use pagesieve::desk::Desk;

use super::support::program::Place;
use super::support::text_pdf;
use super::{by_palette, click, has, open, options, settle, type_into, until, until_label, window};

/// Types a path into the question that stands in for a dialog, and answers it.
fn answer_with(harness: &mut Harness<'static, Desk>, label: &str, path: &Path) {
    until_label(harness, label);
    let field = harness.get_all_by_role(Role::TextInput).last();
    let path = path.to_string_lossy();
    field.expect("the field for a path").type_text(&path);
    settle(harness);
    harness.key_press(Key::Enter);
    settle(harness);
}

#[test]
fn the_list_of_the_client_is_compared_with_what_is_here() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(2));
    place.source("extra.pdf", &text_pdf(1));
    let list = place.path().join("list.csv");
    std::fs::write(&list, "File,Pages\nletter,3\ngone.pdf,2\n").unwrap();
    let mut harness = window(&place);
    until_label(&mut harness, "3 pages in 2 documents");
    by_palette(&mut harness, "compare with a list");
    assert!(has(&harness, "The client's list of what was sent"));
    type_into(&mut harness, "Path of the list", &list.to_string_lossy());
    harness.key_press(Key::Enter);
    settle(&mut harness);
    for said in [
        "The list has 2 documents and 5 pages; here are 2 documents and 3 pages.",
        "Missing: 1",
        "gone.pdf",
        "Other numbers of pages: 1",
        "2, listed 3",
        "Not in the list: 1",
    ] {
        assert!(has(&harness, said), "{said}");
    }
}

#[test]
fn what_comes_into_a_watched_folder_is_shown_until_that_is_stopped() {
    let place = Place::new();
    let folder = place.sources();
    let mut harness = open(&place, options(&place), vec![]);
    by_palette(&mut harness, "watch a folder");
    answer_with(&mut harness, "Path of a PDF", &folder);
    until_label(&mut harness, "Nothing has come yet");
    assert!(has(&harness, "Watching"));
    place.source("letter.pdf", &text_pdf(2));
    until_label(&mut harness, "2 pages in 1 document");
    drop(harness);
    // For good.
    let mut harness = open(&place, options(&place), vec![]);
    until_label(&mut harness, "Watching");
    place.source("later.pdf", &text_pdf(3));
    until_label(&mut harness, "5 pages in 2 documents");
    by_palette(&mut harness, "stop watching");
    until(&mut harness, "no watching", |harness| {
        !has(harness, "Watching")
    });
}

#[test]
fn files_that_were_moved_are_found_again_and_tried_again() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(2));
    let mut harness = window(&place);
    until_label(&mut harness, "2 pages in 1 document");
    let moved = place.path().join("moved");
    std::fs::rename(place.sources(), &moved).unwrap();
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::R);
    until_label(&mut harness, "1 failure");
    harness.key_press(Key::Num3);
    until_label(&mut harness, "The file is gone.");
    click(&mut harness, "Locate…");
    answer_with(
        &mut harness,
        "Path of a folder that they are in now",
        &moved,
    );
    until_label(&mut harness, "1 document found below");
    until_label(&mut harness, "Nothing has failed");
}
