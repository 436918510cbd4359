//! Choosing pages in the window: chips, exact names, drags to piles, words on a page, and
//! pictures of every size.

use std::time::{Duration, Instant};

use eframe::egui::{self, Event, Key, Modifiers, Pos2, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use pagesieve::desk::Desk;
use pagesieve::triage::Analysers;

use super::support::program::Place;
use super::support::{self, scanned_pdf, text_pdf};
use super::{cell_of, click, click_cell, has, settle, type_into, until, until_label, window};

/// Where something with this label is.
fn place_of(harness: &Harness<'static, Desk>, role: Role, label: &str) -> egui::Rect {
    harness.get_by_role_and_label(role, label).rect()
}

fn drag(harness: &mut Harness<'static, Desk>, from: Pos2, to: Pos2) {
    harness.drag_at(from);
    harness.step();
    for at in [
        from + egui::vec2(12.0, 0.0),
        from + (to - from) * 0.5,
        to,
        to,
    ] {
        harness.hover_at(at);
        harness.step();
    }
}

#[test]
fn chips_say_how_many_are_left_and_put_their_terms_into_the_query() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(3));
    place.source("plain.pdf", &support::blank_pdf());
    let mut harness = window(&place);
    until_label(&mut harness, "6 pages in 2 documents");
    until_label(&mut harness, "Only Undecided: 6");
    until_label(&mut harness, "Only Blank: 2");
    super::click(&mut harness, "Only Blank: 2");
    until_label(&mut harness, "2 pages have it");
    until_label(&mut harness, "Only Blank: only these");
    // The others count what is left of the result.
    until_label(&mut harness, "Only Undecided: 2");
    assert!(has(&harness, "2 of 6 pages shown: with “blank:yes”"));
    // With the right button it is turned round.
    let chip = harness.get_by_label_contains("Only Blank: only these");
    chip.click_secondary();
    until_label(&mut harness, "4 pages have it");
    until_label(&mut harness, "Only Blank: none of these");
    until_label(&mut harness, "Only Undecided: 4");
    // What is typed stays, and so does what was clicked.
    type_into(&mut harness, "Search text", " page<3");
    until_label(&mut harness, "2 pages have it");
    super::click(&mut harness, "Only Blank: none of these");
    until_label(&mut harness, "Only Blank: 2");
    until_label(&mut harness, "4 pages have it");
    // By the keyboard as well.
    let chip = harness.get_by_label_contains("Only Blank: 2");
    chip.focus();
    settle(&mut harness);
    harness.key_press(Key::Space);
    until_label(&mut harness, "Only Blank: only these");
    until_label(&mut harness, "2 pages have it");
}

#[test]
fn a_pile_is_asked_for_by_all_of_its_name() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(2));
    let mut harness = window(&place);
    until_label(&mut harness, "2 pages in 1 document");
    for (page, pile) in [(1, "Tax"), (2, "Taxi")] {
        click_cell(&mut harness, "letter.pdf", page);
        harness.key_press(Key::L);
        until_label(&mut harness, "Name of the pile; empty: on none");
        type_into(&mut harness, "Name of the pile; empty: on none", pile);
        harness.key_press(Key::Enter);
        until_label(&mut harness, &format!("Pile {pile}"));
        settle(&mut harness);
    }
    let pile = harness.get_by_role_and_label(Role::Button, "Pile Tax");
    pile.click_secondary();
    settle(&mut harness);
    assert!(has(&harness, "Move its pages to another pile…"));
    super::click(&mut harness, "Show its pages");
    until_label(&mut harness, "1 page has it");
    assert!(has(&harness, &cell_of("letter.pdf", 1)));
    assert!(!has(&harness, &cell_of("letter.pdf", 2)));
    // Part of the name finds both, and the tabulator completes it to one of them.
    harness.key_press_modifiers(Modifiers::COMMAND, Key::F);
    settle(&mut harness);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.get_by_label("Search text").type_text("pile:tax");
    until_label(&mut harness, "2 pages have it");
    until_label(&mut harness, "pile=\"Taxi\"");
    harness.key_press(Key::Tab);
    until_label(&mut harness, "1 page has it");
    assert!(has(&harness, &cell_of("letter.pdf", 1)));
}

#[test]
fn selected_pages_are_dragged_to_a_pile_and_escape_gives_that_up() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(4));
    let mut harness = window(&place);
    until_label(&mut harness, "4 pages in 1 document");
    click_cell(&mut harness, "letter.pdf", 4);
    let cell = |harness: &Harness<'static, Desk>, page| {
        place_of(harness, Role::GridCell, &cell_of("letter.pdf", page)).center()
    };
    // Without a pile, a name is asked for.
    let target = place_of(&harness, Role::Button, "Pile").center();
    let from = cell(&harness, 4);
    drag(&mut harness, from, target);
    assert!(has(&harness, "Dragging letter.pdf · page 4"));
    harness.drop_at(target);
    until_label(&mut harness, "Name of the pile; empty: on none");
    type_into(&mut harness, "Name of the pile; empty: on none", "Tax");
    harness.key_press(Key::Enter);
    until_label(&mut harness, "letter.pdf, page 4, pile tax");
    // Two pages at once; what is not selected stays where it is.
    click_cell(&mut harness, "letter.pdf", 1);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
    settle(&mut harness);
    for give_up in [true, false] {
        let (from, target) = (
            cell(&harness, 2),
            place_of(&harness, Role::Button, "Pile Tax").center(),
        );
        drag(&mut harness, from, target);
        assert!(has(&harness, "Dragging 2 pages of 1 document"));
        if give_up {
            harness.key_press(Key::Escape);
            settle(&mut harness);
            assert!(!has(&harness, "Dragging"));
        }
        harness.drop_at(target);
        settle(&mut harness);
        assert_eq!(has(&harness, "letter.pdf, page 1, pile tax"), !give_up);
        assert_eq!(has(&harness, "letter.pdf, page 2, pile tax"), !give_up);
    }
    assert!(!has(&harness, "letter.pdf, page 3, pile tax"));
    // From what is not selected, the drag draws the band as ever.
    let from = cell(&harness, 3);
    let to = from + egui::vec2(172.0, 0.0);
    drag(&mut harness, from, to);
    assert!(!has(&harness, "Dragging"));
    harness.drop_at(to);
    until_label(&mut harness, "2 pages of 1 document selected");
    // A whole document, from the list: its pages are here, and nothing is asked.
    let document = place_of(&harness, Role::ListItem, "letter.pdf").center();
    let target = place_of(&harness, Role::Button, "Pile Tax").center();
    drag(&mut harness, document, target);
    assert!(has(&harness, "Dragging 4 pages of 1 document"));
    harness.drop_at(target);
    until_label(&mut harness, "letter.pdf, page 3, pile tax");
}

#[test]
fn rows_that_are_not_on_screen_are_dragged_only_once_it_is_said_how_many() {
    let place = Place::new();
    place.source("long.pdf", &text_pdf(60));
    let mut harness = window(&place);
    until_label(&mut harness, "60 pages in 1 document");
    click_cell(&mut harness, "long.pdf", 1);
    harness.key_press(Key::L);
    until_label(&mut harness, "Name of the pile; empty: on none");
    type_into(&mut harness, "Name of the pile; empty: on none", "Tax");
    harness.key_press(Key::Enter);
    until_label(&mut harness, "long.pdf, page 1, pile tax");
    harness.key_press(Key::Num2);
    settle(&mut harness);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    settle(&mut harness);
    let row = place_of(&harness, Role::Row, &cell_of("long.pdf", 3)).center();
    let target = place_of(&harness, Role::Button, "Pile Tax").center();
    drag(&mut harness, row, target);
    harness.drop_at(target);
    until_label(&mut harness, "Put on pile Tax: 60 pages?");
}

/// What Ctrl+C copies now; none: nothing.
fn copied(harness: &mut Harness<'static, Desk>) -> Option<String> {
    harness.event(Event::Copy);
    (0..3).find_map(|_| {
        harness.step();
        let commands = &harness.output().platform_output.commands;
        commands.iter().find_map(|command| match command {
            egui::OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        })
    })
}

/// Drags from one place to another until something is marked, and copies it: until the page
/// is drawn, it has no words.
fn copied_between(
    harness: &mut Harness<'static, Desk>,
    from: egui::Pos2,
    to: egui::Pos2,
) -> String {
    let patience = Instant::now() + Duration::from_secs(60);
    loop {
        drag(harness, from, to);
        harness.drop_at(to);
        settle(harness);
        if let Some(text) = copied(harness) {
            return text;
        }
        assert!(Instant::now() < patience, "no word is marked");
    }
}

/// The page of ordinary documents, points.
const A4: egui::Vec2 = egui::vec2(595.0, 842.0);

/// Opens the first page of a document large; where its points are on the screen, from its
/// upper left corner.
fn opened(
    harness: &mut Harness<'static, Desk>,
    document: &str,
) -> impl Fn(f32, f32) -> Pos2 + use<> {
    click_cell(harness, document, 1);
    harness.key_press(Key::Enter);
    until_label(harness, "Picture of page 1");
    settle(harness);
    let area = place_of(harness, Role::Image, "Picture of page 1");
    let scale = ((area.size() - egui::Vec2::splat(16.0)) / A4).min_elem();
    let corner = area.center() - A4 * scale / 2.0;
    move |x, y| corner + egui::vec2(x, y) * scale
}

#[test]
fn words_on_a_page_are_marked_by_dragging_over_them_and_copied() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(1));
    let mut harness = window(&place);
    until_label(&mut harness, "1 page in 1 document");
    let at = opened(&mut harness, "letter.pdf");
    assert_eq!(copied(&mut harness), None);
    let (from, to) = (at(MARGIN + 4.0, FIRST_LINE), at(560.0, FIRST_LINE));
    let text = copied_between(&mut harness, from, to);
    assert!(text.split_whitespace().count() > 2, "{text}");
    assert!(!text.contains('\n'), "{text}");
    // Escape marks nothing any more, and then goes back.
    harness.key_press(Key::Escape);
    settle(&mut harness);
    assert_eq!(copied(&mut harness), None);
    assert!(has(&harness, "Picture of page 1"));
    harness.key_press(Key::Escape);
    until(&mut harness, "the pages", |harness| {
        !has(harness, "Picture of page 1")
    });
}

#[cfg(unix)]
#[test]
fn words_that_an_analyser_has_read_are_marked_and_make_the_parts_searchable() {
    let place = Place::new();
    place.source("scan.pdf", &scanned_pdf());
    let words = [
        ("Net", [200, 400, 100, 20]),
        ("amount", [320, 400, 100, 20]),
    ];
    let file = support::recognised::declare(&place, &words);
    let mut options = super::options(&place);
    options.analysers = Analysers::read(&file);
    let mut harness = super::open(&place, options, vec![place.sources()]);
    until_label(&mut harness, "2 pages in 1 document");
    until_label(&mut harness, "Finished");

    // Before anything is recognised, the split view says so and has it done.
    harness.key_press(Key::Num4);
    until_label(&mut harness, "1 file, ");
    click(&mut harness, "Make scanned pages searchable");
    until_label(&mut harness, "2 pages lack recognised text");
    assert!(has(&harness, "0 pages get a text layer"));
    harness
        .get_by_role_and_label(Role::Button, "Recognise text")
        .click();
    until_label(&mut harness, "2 pages get a text layer");
    assert!(!has(&harness, "lack recognised text"));

    harness.key_press(Key::Num1);
    settle(&mut harness);
    let at = opened(&mut harness, "scan.pdf");
    let [from, to] = [0.22, 0.41].map(|share| at(share * A4.x, 0.41 * A4.y));
    let text = copied_between(&mut harness, from, to);
    assert_eq!(text, "Net amount");
}

/// Where the first line of an ordinary page stands, points from its upper left corner.
const MARGIN: f32 = 80.0;
const FIRST_LINE: f32 = 82.0;

#[test]
fn the_page_under_the_cursor_stays_where_it_is_while_pictures_grow() {
    let place = Place::new();
    place.source("long.pdf", &text_pdf(40));
    let mut harness = window(&place);
    until_label(&mut harness, "40 pages in 1 document");
    click_cell(&mut harness, "long.pdf", 10);
    let cursor = |harness: &Harness<'static, Desk>| {
        place_of(harness, Role::GridCell, &cell_of("long.pdf", 10))
    };
    let before = cursor(&harness).center().y;
    for key in [Key::Plus, Key::Plus, Key::Minus, Key::Minus] {
        harness.key_press(key);
        settle(&mut harness);
        let now = cursor(&harness).center().y;
        assert!((now - before).abs() < 2.0, "{before} {now}");
    }
    // As large as there is room for: one page a row, large enough to be read.
    for _ in 0..14 {
        harness.key_press(Key::Plus);
        harness.step();
    }
    settle(&mut harness);
    let page = cursor(&harness);
    assert!(page.width() > 600.0, "{page}");
    harness.key_press(Key::Minus);
    settle(&mut harness);
    let smaller = cursor(&harness);
    assert!(smaller.width() < page.width(), "one press is enough");
}
