//! Documents that are attached to others, in the window.

use eframe::egui::{Key, Modifiers, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use pagesieve::desk::Desk;

use super::support::family::mail_pdf;
use super::support::program::Place;
use super::support::text_pdf;
use super::{cell_of, click, click_cell, has, settle, until, until_label, window};

#[test]
fn what_is_attached_is_named_and_led_to_wherever_its_document_is_shown() {
    let place = Place::new();
    let contract = text_pdf(2);
    let attached: [(&str, &[u8]); 2] = [
        ("contract.pdf", &contract),
        ("mail.eml", b"Subject: more\r\n\r\n"),
    ];
    place.source("a mail.pdf", &mail_pdf(1, &attached));
    place.source("b.pdf", &text_pdf(1));
    let mut harness = window(&place);
    until_label(&mut harness, "4 pages in 3 documents");
    until_label(&mut harness, "Finished");

    // What may hold PDFs and was left out is said as long as the document is there.
    click_cell(&mut harness, "a mail.pdf", 1);
    until_label(&mut harness, "mail.eml within was left out: ");
    until_label(&mut harness, "Files within:");
    let link = |harness: &mut Harness<'static, Desk>, label: &str| {
        let link = |harness: &Harness<'static, Desk>, scroll: bool| {
            let link = harness.get_by_role_and_label(Role::Link, label);
            match scroll {
                true => link.scroll_to_me(),
                false => link.click(),
            }
        };
        link(harness, true);
        settle(harness);
        link(harness, false);
    };
    link(&mut harness, "contract.pdf");
    until_label(&mut harness, "2 of 4 pages shown");
    let of_contract = "a mail.pdf/contract.pdf";
    click_cell(&mut harness, of_contract, 1);
    until_label(&mut harness, "Attached to");
    link(&mut harness, "a mail.pdf");
    until_label(&mut harness, "1 of 4 pages shown");
    click(&mut harness, "Show all");
    settle(&mut harness);

    // The query may go on with the names of those that others are attached to.
    harness.key_press_modifiers(Modifiers::COMMAND, Key::F);
    settle(&mut harness);
    harness
        .get_by_label("Search text")
        .type_text("attached_to:");
    until_label(&mut harness, "attached_to:any");
    assert!(!has(&harness, "▸"), "what is half typed is not wrong");
    harness.key_press(Key::Tab);
    until_label(&mut harness, "2 of 4 pages shown");
    assert!(!has(&harness, &cell_of("b.pdf", 1)));

    harness.key_press(Key::Escape);
    settle(&mut harness);
    harness.key_press(Key::Num4);
    until_label(&mut harness, "attached to a mail.pdf");
    harness.key_press(Key::Num0);
    until(&mut harness, "its column", |harness| {
        harness
            .query_by_label("Sort documents by Attached to")
            .is_some()
    });
}
