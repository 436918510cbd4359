//! What is typed on a slow frame.

use eframe::egui::{Event, Key, Modifiers, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use pagesieve::desk::Desk;

use super::support::program::Place;
use super::support::text_pdf;
use super::{click, click_cell, has, settle, until, until_label, window};

fn key(key: Key, modifiers: Modifiers, pressed: bool) -> Event {
    Event::Key {
        key,
        physical_key: None,
        pressed,
        repeat: false,
        modifiers,
    }
}

/// A key with the command key, and what is typed after it, all in one frame.
fn at_once(harness: &mut Harness<'static, Desk>, opens: Key, typed: &[(Key, &str)]) {
    let mut events = vec![key(opens, Modifiers::COMMAND, true)];
    for (letter, text) in typed {
        events.push(key(*letter, Modifiers::NONE, true));
        events.push(Event::Text((*text).to_owned()));
    }
    harness.input_mut().events.extend(events);
    harness.step();
}

/// What stands in the last of the fields.
fn typed(harness: &Harness<'static, Desk>) -> Option<String> {
    let field = harness.query_all_by_role(Role::TextInput).last()?;
    field.accesskit_node().value()
}

#[test]
fn what_is_typed_together_with_the_key_that_opens_a_field_goes_into_it() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(3));
    let mut harness = window(&place);
    until_label(&mut harness, "3 pages in 1 document");
    until_label(&mut harness, "0 of 3 decided");
    click_cell(&mut harness, "letter.pdf", 1);
    let letters = [(Key::K, "k"), (Key::X, "x"), (Key::Num5, "5")];
    for (opens, field) in [
        (Key::F, "Search text"),
        (Key::K, "Command, batch or document"),
    ] {
        at_once(&mut harness, opens, &letters);
        until(&mut harness, field, |harness| {
            typed(harness).as_deref() == Some("kx5")
        });
        // What is typed next follows it.
        harness.event(Event::Text("y".to_owned()));
        until(&mut harness, field, |harness| {
            typed(harness).as_deref() == Some("kx5y")
        });
        harness.key_press(Key::Escape);
        settle(&mut harness);
    }
    assert!(has(&harness, "0 of 3 decided"), "no letter was a key");
}

/// Presses and lets go all of these before the next frame is drawn; letters type themselves
/// where something can be typed.
fn press_in_one_frame(harness: &mut Harness<'static, Desk>, keys: &[Key]) {
    let stroke = |of, pressed| key(of, Modifiers::NONE, pressed);
    for of in keys {
        let text = of.name().to_lowercase();
        let text = (text.len() == 1).then_some(Event::Text(text));
        let events = &mut harness.input_mut().events;
        events.push(stroke(*of, true));
        events.extend(text);
        events.push(stroke(*of, false));
    }
    harness.step();
}

#[test]
fn keys_that_come_in_one_frame_are_taken_one_after_the_other() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(4));
    let mut harness = window(&place);
    until_label(&mut harness, "4 pages in 1 document");
    click_cell(&mut harness, "letter.pdf", 1);
    let keys = [
        Key::ArrowRight,
        Key::ArrowRight,
        Key::K,
        Key::ArrowLeft,
        Key::ArrowLeft,
        Key::X,
    ];
    press_in_one_frame(&mut harness, &keys);
    until_label(&mut harness, "2 of 4 decided");
    until_label(&mut harness, "letter.pdf, page 3, keep");
    // Keeping went on to the fourth page.
    until_label(&mut harness, "letter.pdf, page 2, reject");

    // The key that opens a field is no letter in it.
    press_in_one_frame(&mut harness, &[Key::L, Key::T, Key::A, Key::X, Key::Enter]);
    until_label(&mut harness, "pile tax");
    settle(&mut harness);
    assert!(!has(&harness, "ltax"));
}

#[test]
fn what_is_typed_after_adding_a_rule_is_the_rule() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(2));
    let mut harness = window(&place);
    until_label(&mut harness, "2 pages in 1 document");
    click_cell(&mut harness, "letter.pdf", 1);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::U);
    until_label(&mut harness, "Nothing is proposed");
    click(&mut harness, "Add a rule");
    settle(&mut harness);
    press_in_one_frame(&mut harness, &[Key::K, Key::X]);
    settle(&mut harness);
    let field = harness.get_by_label("Pages of rule 1");
    assert_eq!(field.accesskit_node().value().as_deref(), Some("kx"));
    until_label(&mut harness, "0 of 2 decided");
}
