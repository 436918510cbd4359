//! Deciding in the window: pages by keys, piles, presets, rules and copies; which pages are
//! asked for, and batches once they are done.

use std::path::Path;

use eframe::egui::{Key, Modifiers, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use pagesieve::desk::Desk;

use super::support::program::Place;
use super::support::{self, text_pdf};
use super::{
    cell_of, click, click_cell, has, open, options, settle, type_into, until, until_label, window,
};

/// Presses a key of a decision, once the window has had time to be seen.
fn decide_by_key(harness: &mut Harness<'static, Desk>, key: Key) {
    settle(harness);
    harness.key_press(key);
    settle(harness);
}

#[test]
fn pages_are_decided_by_keys_and_what_was_said_lasts() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(3));
    let mut harness = window(&place);
    until_label(&mut harness, "3 pages in 1 document");
    until_label(&mut harness, "0 of 3 decided");
    click_cell(&mut harness, "letter.pdf", 1);
    decide_by_key(&mut harness, Key::K);
    until_label(&mut harness, "letter.pdf, page 1, keep");
    // The cursor went on by itself.
    decide_by_key(&mut harness, Key::X);
    until_label(&mut harness, "letter.pdf, page 2, reject");
    until_label(&mut harness, "2 of 3 decided");
    drop(harness);

    let mut harness = open(&place, options(&place), vec![]);
    until_label(&mut harness, "letter.pdf, page 2, reject");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    until_label(&mut harness, "1 of 3 decided");
    until_label(&mut harness, "Undone: Reject, 1 page.");
    assert!(!has(&harness, "page 2, reject"));
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    until_label(&mut harness, "letter.pdf, page 2, reject");
    until_label(&mut harness, "Done again: Reject, 1 page.");
    // Where pages cannot be seen, no key decides about them.
    harness.key_press(Key::Num3);
    decide_by_key(&mut harness, Key::X);
    until_label(&mut harness, "Pages are decided in the grid");
    harness.key_press(Key::Num1);
    until_label(&mut harness, "2 of 3 decided");
    // The one that is left is one key away.
    decide_by_key(&mut harness, Key::N);
    decide_by_key(&mut harness, Key::F);
    until_label(&mut harness, "3 of 3 decided");
    until_label(&mut harness, "letter.pdf, page 3, flag");
}

#[test]
fn pages_are_put_on_piles_tagged_and_noted() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(2));
    let mut harness = window(&place);
    until_label(&mut harness, "2 pages in 1 document");
    click_cell(&mut harness, "letter.pdf", 1);
    let say = |harness: &mut Harness<'static, Desk>, key: Key, field: &str, what: &str| {
        decide_by_key(harness, key);
        until_label(harness, field);
        type_into(harness, field, what);
    };
    say(
        &mut harness,
        Key::L,
        "Name of the pile; empty: on none",
        "Tax",
    );
    harness.key_press(Key::Enter);
    until_label(&mut harness, "letter.pdf, page 1, pile tax");
    until_label(&mut harness, "Pile Tax");
    // Its key puts the next page there, and once more takes it off again.
    click_cell(&mut harness, "letter.pdf", 2);
    decide_by_key(&mut harness, Key::Num6);
    until_label(&mut harness, "letter.pdf, page 2, pile tax");
    decide_by_key(&mut harness, Key::Num6);
    until(&mut harness, "the pile to be left", |harness| {
        !has(harness, "page 2, pile tax")
    });
    decide_by_key(&mut harness, Key::E);
    until_label(&mut harness, "What is to be known of the pages");
    let note = harness.get_by_role(Role::MultilineTextInput);
    note.type_text("ask Ann");
    settle(&mut harness);
    harness
        .get_by_role_and_label(Role::Button, "Keep note")
        .click();
    until_label(&mut harness, "letter.pdf, page 2, “ask ann”");
    let rows = place.list("pages");
    assert_eq!(rows[0]["pile"], "Tax");
    assert_eq!(rows[0]["decision"], "none");
    assert_eq!(rows[1]["note"], "ask Ann");
}

#[test]
fn a_page_that_is_met_again_says_what_was_decided_and_takes_it_over() {
    let place = Place::new();
    let first = place.source("first/letter.pdf", &text_pdf(2));
    let second = place.source("second/renamed.pdf", &text_pdf(2));
    let folder = |file: &Path| file.parent().unwrap().to_owned();
    let mut harness = open(&place, options(&place), vec![folder(&first)]);
    until_label(&mut harness, "2 pages in 1 document");
    click_cell(&mut harness, "letter.pdf", 1);
    decide_by_key(&mut harness, Key::X);
    until_label(&mut harness, "letter.pdf, page 1, reject");
    drop(harness);
    let mut harness = open(&place, options(&place), vec![folder(&second)]);
    until_label(&mut harness, "2 pages in 1 document");
    drop(harness);
    let mut harness = open(&place, options(&place), vec![]);
    until_label(&mut harness, "renamed.pdf, page 1");
    click_cell(&mut harness, "renamed.pdf", 1);
    until_label(&mut harness, "The same page in first: Reject");
    decide_by_key(&mut harness, Key::B);
    until_label(&mut harness, "renamed.pdf, page 1, reject");
}

#[test]
fn many_pages_are_decided_only_once_it_is_said_how_many() {
    let place = Place::new();
    place.source("long.pdf", &text_pdf(60));
    let mut harness = window(&place);
    until_label(&mut harness, "60 pages in 1 document");
    click_cell(&mut harness, "long.pdf", 1);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    decide_by_key(&mut harness, Key::X);
    until_label(&mut harness, "Reject: 60 pages?");
    assert!(has(&harness, "0 of 60 decided"));
    click(&mut harness, "Reject, 60 pages");
    until_label(&mut harness, "60 of 60 decided");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    until_label(&mut harness, "0 of 60 decided");
}

#[test]
fn pages_are_asked_for_by_what_is_known_of_them() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(3));
    place.source("plain.pdf", &support::blank_pdf());
    let mut harness = window(&place);
    until_label(&mut harness, "6 pages in 2 documents");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::F);
    settle(&mut harness);
    harness
        .get_by_label("Search text")
        .type_text("blank:perhaps");
    // What is wrong is said, and what was shown before stays.
    until_label(&mut harness, "blank is yes, almost, faint, no");
    assert!(has(&harness, &cell_of("letter.pdf", 2)));
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness
        .get_by_label("Search text")
        .type_text("blank:no page<3");
    until_label(&mut harness, "2 pages have it");
    until(&mut harness, "the others to go", |harness| {
        !has(harness, &cell_of("plain.pdf", 1)) && !has(harness, &cell_of("letter.pdf", 3))
    });
    assert!(has(&harness, &cell_of("letter.pdf", 2)));
    // A name is found as well, and fields are completed.
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.get_by_label("Search text").type_text("plain -ske");
    until_label(&mut harness, "skewed:");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.get_by_label("Search text").type_text("plain");
    until_label(&mut harness, "1 document is called so");
    assert!(has(&harness, &cell_of("plain.pdf", 1)));
}

#[test]
fn rules_propose_until_a_person_accepts() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(2));
    place.source("plain.pdf", &support::blank_pdf());
    let mut harness = window(&place);
    until_label(&mut harness, "in 2 documents");
    click_cell(&mut harness, "plain.pdf", 1);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::U);
    until_label(&mut harness, "Nothing is proposed");
    click(&mut harness, "blank:yes: Reject");
    until_label(&mut harness, "Accept all: ");
    // Told of the page, and not as a decision.
    until_label(&mut harness, "Proposed: reject");
    until_label(&mut harness, "0 of ");
    harness.key_press(Key::Escape);
    settle(&mut harness);
    // One by its key, and it is no more proposed once it is undone by hand.
    decide_by_key(&mut harness, Key::A);
    until_label(&mut harness, "plain.pdf, page 1, reject");
    until_label(&mut harness, "1 of ");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    until_label(&mut harness, "0 of ");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::U);
    until_label(&mut harness, "Accept all: ");
    harness.get_by_label_contains("Accept all: ").click();
    until_label(&mut harness, "Nothing is proposed");
    until_label(&mut harness, "plain.pdf, page 1, reject");
    drop(harness);
    // Rules last.
    let mut harness = open(&place, options(&place), vec![]);
    until_label(&mut harness, "plain.pdf, page 1, reject");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::U);
    until_label(&mut harness, "Remove rule 1");
    click(&mut harness, "Remove rule 1");
    until_label(&mut harness, "blank:yes: Reject");
}

#[test]
fn what_is_said_of_a_page_is_said_of_its_document_but_where_something_else_is() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(4));
    let mut harness = window(&place);
    until_label(&mut harness, "4 pages in 1 document");
    click_cell(&mut harness, "letter.pdf", 3);
    decide_by_key(&mut harness, Key::K);
    click_cell(&mut harness, "letter.pdf", 1);
    // Nothing is said of it that others could say.
    decide_by_key(&mut harness, Key::D);
    until_label(&mut harness, "Nothing is said of these pages yet.");
    decide_by_key(&mut harness, Key::F);
    until_label(&mut harness, "letter.pdf, page 1, flag");
    // The cursor went on.
    harness.key_press(Key::ArrowLeft);
    decide_by_key(&mut harness, Key::D);
    // It has no copies: its document is offered at once.
    until_label(&mut harness, "1 page says something else:");
    until_label(&mut harness, "letter.pdf · page 3: Keep");
    click(&mut harness, "Say it of 2 pages");
    until_label(&mut harness, "letter.pdf, page 4, flag");
    until_label(&mut harness, "letter.pdf, page 3, keep");
    until_label(&mut harness, "4 of 4 decided");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    until_label(&mut harness, "2 of 4 decided");
}

#[test]
fn pages_are_compared_side_by_side_and_one_of_them_is_kept() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(5));
    let mut harness = window(&place);
    until_label(&mut harness, "5 pages in 1 document");
    click_cell(&mut harness, "letter.pdf", 2);
    harness.key_press(Key::C);
    until_label(&mut harness, "Select two to 4 pages first.");
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
    settle(&mut harness);
    harness.key_press(Key::C);
    until_label(&mut harness, "Comparing 3 pages");
    for page in 2..=4 {
        until_label(&mut harness, &format!("letter.pdf · page {page}"));
    }
    // The cursor stood on the last of them; what is decided is the page with the focus.
    harness.key_press(Key::ArrowLeft);
    decide_by_key(&mut harness, Key::F);
    until_label(&mut harness, "1 of 5 decided");
    harness.key_press(Key::ArrowLeft);
    settle(&mut harness);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::K);
    until_label(&mut harness, "3 of 5 decided");
    harness.key_press(Key::Escape);
    until_label(&mut harness, "letter.pdf, page 3, keep");
    until_label(&mut harness, "letter.pdf, page 2, reject");
    until_label(&mut harness, "letter.pdf, page 4, reject");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    until_label(&mut harness, "letter.pdf, page 3, flag");
    until_label(&mut harness, "1 of 5 decided");
}

#[test]
fn another_batch_ends_what_is_about_the_one_before() {
    let place = Place::new();
    let first = place.source("earlier/letter.pdf", &text_pdf(3));
    let second = place.source("second/other.pdf", &text_pdf(2));
    let folder = |file: &Path| file.parent().unwrap().to_owned();
    let mut harness = open(&place, options(&place), vec![folder(&first)]);
    until_label(&mut harness, "3 pages in 1 document");
    drop(harness);
    let mut harness = open(&place, options(&place), vec![folder(&second)]);
    until_label(&mut harness, "2 pages in 1 document");
    click_cell(&mut harness, "other.pdf", 1);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
    settle(&mut harness);
    harness.key_press(Key::C);
    until_label(&mut harness, "Comparing 2 pages");
    do_by_name(&mut harness, "earlier");
    until_label(&mut harness, "letter.pdf, page 1");
    assert!(!has(&harness, "Comparing"));
}

#[test]
fn a_large_page_that_leaves_the_filter_makes_room_for_the_next() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(3));
    let mut harness = window(&place);
    until_label(&mut harness, "3 pages in 1 document");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::F);
    settle(&mut harness);
    harness
        .get_by_label("Search text")
        .type_text("decision:none");
    until_label(&mut harness, "3 pages have it");
    harness.key_press(Key::Enter);
    settle(&mut harness);
    click(&mut harness, "Go on");
    click_cell(&mut harness, "letter.pdf", 1);
    harness.key_press(Key::Enter);
    until_label(&mut harness, "letter.pdf · page 1");
    decide_by_key(&mut harness, Key::X);
    until_label(&mut harness, "1 of 3 decided");
    // Page 2 is large now, and is what the next key is about.
    until_label(&mut harness, "Page 2 of 3");
    decide_by_key(&mut harness, Key::K);
    until_label(&mut harness, "2 of 3 decided");
    let decided = place.list("pages").into_iter();
    let decided: Vec<String> = decided
        .map(|row| row["decision"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(decided, ["reject", "keep", "none"]);
}

#[test]
fn a_preset_says_several_things_with_a_key_that_was_chosen_for_it() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(3));
    let mut harness = window(&place);
    until_label(&mut harness, "3 pages in 1 document");
    do_by_name(&mut harness, "presets");
    until_label(&mut harness, "A preset says several things");
    type_into(&mut harness, "Name", "Junk");
    type_into(&mut harness, "Pile", "Old");
    type_into(&mut harness, "Tag", "waste");
    click(&mut harness, "Add preset");
    until_label(&mut harness, "Remove the preset Junk");
    harness.key_press(Key::Escape);
    do_by_name(&mut harness, "keys");
    type_into(&mut harness, "Find a key", "junk");
    // X was the key of Reject, which has none now.
    click(&mut harness, "Key of Junk: none");
    until_label(&mut harness, "Key of Junk: Press a key…");
    harness.key_press(Key::X);
    until_label(&mut harness, "It was the key of “Reject”");
    until_label(&mut harness, "Key of Junk: X");
    assert!(
        has(&harness, "0 of 3 decided"),
        "the key was for the window"
    );
    harness.key_press(Key::Escape);
    settle(&mut harness);
    click_cell(&mut harness, "letter.pdf", 2);
    decide_by_key(&mut harness, Key::X);
    until_label(&mut harness, "letter.pdf, page 2, pile old, tag waste");
    drop(harness);
    // It is the same tomorrow, until all keys are as usual.
    let mut harness = open(&place, options(&place), vec![]);
    until_label(&mut harness, "letter.pdf, page 1");
    click_cell(&mut harness, "letter.pdf", 3);
    decide_by_key(&mut harness, Key::X);
    until_label(&mut harness, "letter.pdf, page 3, pile old, tag waste");
    do_by_name(&mut harness, "keys");
    click(&mut harness, "All as usual");
    harness.key_press(Key::Escape);
    settle(&mut harness);
    click_cell(&mut harness, "letter.pdf", 1);
    decide_by_key(&mut harness, Key::X);
    until_label(&mut harness, "letter.pdf, page 1, reject");
}

#[test]
fn a_view_is_kept_under_a_name_and_what_was_asked_comes_back() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(3));
    place.source("plain.pdf", &support::blank_pdf());
    let mut harness = window(&place);
    until_label(&mut harness, "6 pages in 2 documents");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::F);
    settle(&mut harness);
    harness.get_by_label("Search text").type_text("page<2");
    until_label(&mut harness, "2 pages have it");
    harness.key_press(Key::Enter);
    settle(&mut harness);
    click(&mut harness, "Kept views");
    type_into(&mut harness, "Name of the view", "First pages");
    harness.key_press(Key::Enter);
    until_label(&mut harness, "Forget the view First pages");
    harness.key_press(Key::Escape);
    settle(&mut harness);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::F);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.key_press(Key::Backspace);
    until_label(&mut harness, &cell_of("letter.pdf", 3));
    // Up brings back what was asked.
    harness.key_press(Key::ArrowUp);
    until_label(&mut harness, "2 pages have it");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.key_press(Key::Backspace);
    until_label(&mut harness, &cell_of("letter.pdf", 3));
    harness.key_press(Key::Escape);
    drop(harness);
    let mut harness = open(&place, options(&place), vec![]);
    until_label(&mut harness, &cell_of("letter.pdf", 3));
    do_by_name(&mut harness, "first pages");
    until_label(&mut harness, "2 pages have it");
}

#[test]
fn batches_are_renamed_archived_and_forgotten_from_the_overview() {
    let place = Place::new();
    let first = place.source("first/letter.pdf", &text_pdf(2));
    let second = place.source("second/other.pdf", &text_pdf(3));
    for file in [first, second] {
        let folder = file.parent().unwrap().to_owned();
        let mut harness = open(&place, options(&place), vec![folder]);
        until_label(&mut harness, "in 1 document");
        until_label(&mut harness, "Finished");
    }
    let mut harness = open(&place, options(&place), vec![]);
    until_label(&mut harness, "other.pdf, page 1");
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::B);
    until_label(&mut harness, "2 batches, 2 documents, 5 pages");
    let row = |name: &str| format!("Batch {name}");
    let of_row = |harness: &mut Harness<'static, Desk>, name: &str, entry: &str| {
        let label = row(name);
        harness
            .get_by_role_and_label(Role::Row, &label)
            .click_secondary();
        settle(harness);
        click(harness, entry);
    };
    of_row(&mut harness, "first", "Rename…");
    let field = harness.get_by_role_and_label(Role::TextInput, "New name of the batch");
    field.type_text(" of May");
    settle(&mut harness);
    harness.key_press(Key::Enter);
    until_label(&mut harness, "Batch first of May");
    of_row(&mut harness, "first of May", "Archive");
    until_label(&mut harness, "1 batch, 1 document, 3 pages");
    assert!(!has(&harness, "Batch first of May"));
    click(&mut harness, "With archived ones (1)");
    until_label(&mut harness, "Batch first of May");
    // One click opens it, archived or not.
    harness
        .get_by_role_and_label(Role::Row, "Batch first of May")
        .click();
    until_label(&mut harness, "letter.pdf, page 1");
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::B);
    until_label(&mut harness, "Batch second");
    of_row(&mut harness, "second", "Forget…");
    click(&mut harness, "Forget batch");
    until(&mut harness, "the batch to go", |harness| {
        !has(harness, "Batch second")
    });
    let listed = place.list("batches");
    assert!(listed.is_empty(), "{listed:?}");
}

#[test]
fn it_is_known_which_pages_were_seen_and_how_far_deciding_is() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(4));
    let mut harness = window(&place);
    until_label(&mut harness, "4 pages in 1 document");
    click_cell(&mut harness, "letter.pdf", 1);
    decide_by_key(&mut harness, Key::K);
    harness.key_press(Key::Enter);
    until_label(&mut harness, "letter.pdf · page 2 in the strip");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::D);
    until_label(&mut harness, "3 left of 4");
    until_label(&mut harness, "By person");
    // A page that is large for a second is seen.
    until_label(&mut harness, "1 seen and not decided");
    until_label(&mut harness, "2 that nobody has seen");
    harness.key_press(Key::Escape);
    settle(&mut harness);
    // The strip leads to another page.
    click(&mut harness, "letter.pdf · page 4 in the strip");
    until_label(&mut harness, "letter.pdf · page 4");
    until(&mut harness, "the page to be seen", |_| {
        let rows = place.list("pages");
        rows[3]["reviewed"] == "seen"
    });
    drop(harness);
    let reviewed = place.list("pages").into_iter();
    let reviewed: Vec<String> = reviewed
        .map(|row| row["reviewed"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(reviewed, ["decided", "seen", "no", "seen"]);
}

#[test]
fn a_sample_is_judged_blind_and_says_how_often_decisions_are_overturned() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(4));
    let mut harness = window(&place);
    until_label(&mut harness, "4 pages in 1 document");
    click_cell(&mut harness, "letter.pdf", 1);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    decide_by_key(&mut harness, Key::K);
    until_label(&mut harness, "4 of 4 decided");
    do_by_name(&mut harness, "quality sample");
    until_label(&mut harness, "From all pages of the batch: 4 pages");
    click(&mut harness, "Draw 4 pages");
    until_label(&mut harness, "0 of 4 judged");
    click(&mut harness, "Judge them");
    until_label(&mut harness, "Sample: page 1 of 4, 4 left");
    // What was decided is nowhere to be seen.
    assert!(!has(&harness, "4 of 4 decided") && !has(&harness, ", keep"));
    for (at, key) in [(2, Key::K), (3, Key::X), (4, Key::K)] {
        decide_by_key(&mut harness, key);
        until_label(&mut harness, &format!("Sample: page {at} of 4"));
    }
    // It goes on another day.
    drop(harness);
    let mut harness = open(&place, options(&place), vec![]);
    until_label(&mut harness, "4 of 4 decided");
    do_by_name(&mut harness, "quality sample");
    until_label(&mut harness, "3 of 4 judged");
    click(&mut harness, "Go on judging");
    until_label(&mut harness, "Sample: page 4 of 4, 1 left");
    decide_by_key(&mut harness, Key::K);
    until_label(&mut harness, "1 judged otherwise than decided: 25.0 %");
    until_label(&mut harness, "All pages were judged.");
    until_label(&mut harness, ": keep, judged reject");
    let kept = |harness: &Harness<'static, Desk>| {
        let cells = harness.query_all_by_label_contains(", keep");
        cells.count()
    };
    assert_eq!(kept(&harness), 4);
    click(&mut harness, "Decide as judged");
    until_label(&mut harness, ", reject");
}

#[test]
fn documents_are_sorted_chosen_and_decided_as_pages_are() {
    let place = Place::new();
    place.source("long.pdf", &text_pdf(5));
    place.source("plain.pdf", &support::blank_pdf());
    place.source("short.pdf", &text_pdf(1));
    let mut harness = window(&place);
    until_label(&mut harness, "9 pages in 3 documents");
    until_label(&mut harness, "Finished");
    harness.key_press(Key::Num0);
    until_label(&mut harness, "Document plain.pdf");
    let rows = |harness: &Harness<'static, Desk>| -> Vec<String> {
        let mut rows: Vec<(f32, String)> = harness
            .query_all_by_label_contains("Document ")
            .filter_map(|node| Some((node.rect().top(), node.accesskit_node().label()?)))
            .collect();
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        rows.into_iter().map(|(_, label)| label).collect()
    };
    let document = |name: &str| format!("Document {name}.pdf");
    assert_eq!(rows(&harness), ["long", "plain", "short"].map(document));
    click(&mut harness, "Sort documents by Blank");
    assert_eq!(rows(&harness)[0], document("plain"));
    click(&mut harness, "Sort documents by Pages");
    assert_eq!(rows(&harness), ["long", "plain", "short"].map(document));
    click(&mut harness, "Sort documents by Pages");
    assert_eq!(rows(&harness), ["short", "plain", "long"].map(document));
    // Two of them, by the keyboard.
    harness.key_press(Key::Home);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowDown);
    until_label(&mut harness, "2 documents with 4 pages chosen");
    decide_by_key(&mut harness, Key::X);
    until_label(&mut harness, "Reject: 4 pages?");
    // Keys are for the question, not for the rows below it.
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowDown);
    settle(&mut harness);
    harness.key_press(Key::Enter);
    until_label(&mut harness, "4 of 9 decided");
    until_label(&mut harness, "2 documents with 4 pages chosen");
    let decided: Vec<u64> = place
        .list("documents")
        .iter()
        .map(|row| row["decided_pages"].as_u64().unwrap())
        .collect();
    assert_eq!(decided, [0, 3, 1]);
    // Only documents that have what is asked for.
    harness.key_press_modifiers(Modifiers::COMMAND, Key::F);
    settle(&mut harness);
    harness.get_by_label("Search text").type_text("page:5");
    until(&mut harness, "the others to go", |harness| {
        rows(harness) == [document("long")]
    });
    harness.key_press(Key::Escape);
    settle(&mut harness);
    harness.key_press(Key::Home);
    settle(&mut harness);
    harness.key_press(Key::Enter);
    until_label(&mut harness, &cell_of("long.pdf", 5));
}

#[test]
fn the_page_under_the_cursor_is_shown_in_a_second_window() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(3));
    let mut harness = window(&place);
    until_label(&mut harness, "3 pages in 1 document");
    click_cell(&mut harness, "letter.pdf", 2);
    harness.key_press(Key::F12);
    until_label(&mut harness, "letter.pdf · page 2 – Pagesieve");
    harness.key_press(Key::ArrowRight);
    until_label(&mut harness, "letter.pdf · page 3 – Pagesieve");
    harness.key_press(Key::F12);
    until(&mut harness, "it to close", |harness| {
        !has(harness, "– Pagesieve")
    });
}

#[test]
fn a_list_of_terms_says_where_each_is_and_stays() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(3));
    place.source("plain.pdf", &support::blank_pdf());
    let mut harness = window(&place);
    until_label(&mut harness, "6 pages in 2 documents");
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::F);
    until_label(&mut harness, "Terms, one a line");
    let (role, name) = (Role::MultilineTextInput, "Terms, one a line");
    harness.get_by_role_and_label(role, name).click();
    settle(&mut harness);
    let list = harness.get_by_role_and_label(role, name);
    list.type_text("page 2\nunheardof\n\"page\"");
    until_label(&mut harness, "1 page in 1 document");
    until_label(&mut harness, "nowhere");
    until_label(&mut harness, "3 pages in 1 document");
    harness
        .get_by_role_and_label(Role::Button, "page 2")
        .click();
    until_label(&mut harness, "1 page has it");
    drop(harness);
    // The list is there tomorrow, and on the command line.
    let mut harness = open(&place, options(&place), vec![]);
    until_label(&mut harness, &cell_of("letter.pdf", 3));
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::F);
    until_label(&mut harness, "nowhere");
    drop(harness);
    let file = place.path().join("terms.txt");
    std::fs::write(&file, "# ours\npage 2\nunheardof\n").unwrap();
    let csv = place.run(["terms", file.to_str().unwrap(), "--format", "csv"]);
    assert_eq!(
        csv.output().lines().collect::<Vec<_>>(),
        ["term,pages,documents", "page 2,1,1", "unheardof,0,0"]
    );
}

/// Does what has these words in its name, by the list of all commands.
fn do_by_name(harness: &mut Harness<'static, Desk>, name: &str) {
    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    settle(harness);
    let field = harness.get_all_by_role(Role::TextInput).last();
    field.expect("the palette's field").type_text(name);
    settle(harness);
    harness.key_press(Key::Enter);
    settle(harness);
}
