//! The manual, the first screen, notices that are read again, and how the window looks for
//! those who see little; and the pictures of the manual.

use std::path::{Path, PathBuf};

use eframe::egui::{self, Key, Modifiers, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use pagesieve::desk::Desk;
use pagesieve::triage::Places;

use super::support::program::Place;
use super::support::text_pdf;
use super::{
    by_palette, click, click_cell, has, open, options, settle, type_into, until, until_label,
    window,
};

/// As a program finds them that was started here.
fn places(place: &Place) -> Places {
    let below = |name: &str| place.path().join(name);
    Places {
        library: place.library(),
        engines: below("engines"),
        scratch: place.scratch(),
        settings: below("settings.json"),
        analysers: below("analysers.toml"),
        logs: below("logs"),
        crashes: below("crashes"),
    }
}

#[test]
fn keys_say_nothing_of_pages_behind_a_window() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(2));
    let mut harness = window(&place);
    until_label(&mut harness, "2 pages in 1 document");
    click_cell(&mut harness, "letter.pdf", 1);
    harness.key_press(Key::F1);
    until_label(&mut harness, "All pages as pictures.");
    harness.key_press(Key::X);
    settle(&mut harness);
    harness.key_press(Key::Escape);
    settle(&mut harness);
    assert!(has(&harness, "0 of 2 decided"));
    harness.key_press(Key::X);
    until_label(&mut harness, "1 of 2 decided");
}

#[test]
fn the_manual_opens_where_one_is_is_searched_and_leads_on() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(2));
    let mut harness = window(&place);
    until_label(&mut harness, "2 pages in 1 document");
    harness.key_press(Key::F1);
    until_label(&mut harness, "All pages as pictures.");
    type_into(&mut harness, "Search the manual", "PATCHT");
    assert!(!has(&harness, "Privacy and the fence"));
    harness.get_by_label("Rules").click();
    until_label(&mut harness, "Rules propose where to cut");
    // The chapter from its beginning, and a link within it.
    harness
        .get_by_role_and_label(Role::Button, "Splitting")
        .click();
    settle(&mut harness);
    harness.get_by_label("split view").click();
    until_label(&mut harness, "Documents cut into parts.");
    harness.key_press(Key::Escape);
    settle(&mut harness);
    harness.key_press(Key::Escape);
    settle(&mut harness);
    assert!(!has(&harness, "Documents cut into parts."));
    // Another page has another chapter.
    click_cell(&mut harness, "letter.pdf", 1);
    harness.key_press(Key::Enter);
    settle(&mut harness);
    harness.key_press(Key::F1);
    until_label(&mut harness, "as large as the window allows");
    // The same key closes it.
    harness.key_press(Key::F1);
    settle(&mut harness);
    assert!(!has(&harness, "as large as the window allows"));
}

#[test]
fn the_first_screen_opens_the_sample_batch_and_comes_back_as_a_window() {
    let place = Place::new();
    let mut harness = open(&place, options(&place), vec![]);
    harness.state_mut().put_places(&places(&place));
    settle(&mut harness);
    assert!(has(&harness, "Where things are kept"));
    let library = place.library().display().to_string();
    assert!(has(&harness, &library));
    click(&mut harness, "Sample batch");
    until_label(&mut harness, "56 pages in 14 documents");
    assert!(!has(&harness, "Where things are kept"));
    by_palette(&mut harness, "first steps");
    until_label(&mut harness, "Where things are kept");
    harness.key_press(Key::Escape);
    settle(&mut harness);
    assert!(!has(&harness, "Where things are kept"));
}

#[test]
fn a_notice_is_read_again_after_it_was_closed() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(1));
    let mut harness = window(&place);
    until_label(&mut harness, "1 page in 1 document");
    settle(&mut harness);
    let cell = |harness: &Harness<'static, Desk>| {
        let cell = super::cell_of("letter.pdf", 1);
        harness.get_by_role_and_label(Role::GridCell, &cell).rect()
    };
    let before = cell(&harness);
    harness.key_press(Key::R);
    until_label(&mut harness, "Select pages first.");
    settle(&mut harness);
    assert_eq!(cell(&harness), before, "a notice moves nothing");
    click(&mut harness, "Close the notice");
    until(&mut harness, "the notice closed", |harness| {
        !has(harness, "Select pages first.")
    });
    by_palette(&mut harness, "notices");
    until_label(&mut harness, "Select pages first.");
}

#[test]
fn high_contrast_and_the_size_of_everything_last() {
    let place = Place::new();
    let mut harness = open(&place, options(&place), vec![]);
    settle(&mut harness);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Comma);
    settle(&mut harness);
    click(&mut harness, "High contrast");
    click(&mut harness, "No motion");
    harness.get_by_label("100 %");
    harness.get_by_label("+").click();
    settle(&mut harness);
    harness.get_by_label("110 %");
    drop(harness);
    let harness = open(&place, options(&place), vec![]);
    assert_eq!(harness.ctx.zoom_factor(), 1.1);
    let style = harness.ctx.style_of(egui::Theme::Dark);
    assert_eq!(style.visuals.panel_fill, egui::Color32::BLACK);
    assert_eq!(style.animation_time, 0.0);
}

/// Writes what the window shows as a picture of the manual.
fn write_picture(harness: &mut Harness<'static, Desk>, name: &str) {
    let drawn = harness.render().expect("a picture");
    let picture = egui_picture(drawn);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/manual");
    let file = std::fs::File::create(folder.join(name)).expect("a file for a picture");
    let encoder = image::codecs::png::PngEncoder::new_with_quality(
        file,
        image::codecs::png::CompressionType::Best,
        image::codecs::png::FilterType::Adaptive,
    );
    picture.write_with_encoder(encoder).expect("a picture");
}

/// Without what shines through.
fn egui_picture(drawn: image::RgbaImage) -> image::RgbImage {
    image::DynamicImage::ImageRgba8(drawn).into_rgb8()
}

/// Makes the pictures of the manual anew:
/// `cargo test --test window pictures_of_the_manual -- --ignored`.
#[test]
#[ignore = "it writes into assets/manual"]
fn pictures_of_the_manual() {
    let place = Place::new();
    let sample = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/sample-batch"));
    let (settings, options) = (place.path().join("settings.json"), options(&place));
    std::fs::write(&settings, r#"{"version":1,"theme":"light"}"#).unwrap();
    let paths: Vec<PathBuf> = vec![sample.to_owned()];
    let mut harness = Harness::builder()
        .with_size([1120.0, 700.0])
        .with_theme(egui::Theme::Light)
        .build_eframe(move |creation| {
            Desk::new(&creation.egui_ctx, options, &settings, paths).expect("a session")
        });
    until_label(&mut harness, "56 pages in 14 documents");
    until(&mut harness, "a quiet window", |harness| {
        !has(harness, "left out")
    });
    harness.key_press(Key::Num5);
    until_label(&mut harness, "documents of the same");
    settle(&mut harness);
    write_picture(&mut harness, "duplicates.png");
    for (key, name) in [
        (Key::Num2, "table.png"),
        (Key::Num0, "documents.png"),
        (Key::Num3, "failures.png"),
        (Key::Num4, "split.png"),
        (Key::Num1, "grid.png"),
    ] {
        harness.key_press(key);
        settle(&mut harness);
        if key == Key::Num4 {
            until_label(&mut harness, "11 files, ");
        }
        if key == Key::Num1 {
            harness.key_press(Key::Home);
            harness.key_press(Key::ArrowRight);
        }
        settle(&mut harness);
        settle(&mut harness);
        write_picture(&mut harness, name);
    }
    harness.key_press(Key::Enter);
    harness.key_press(Key::V);
    settle(&mut harness);
    settle(&mut harness);
    write_picture(&mut harness, "page.png");
    harness.key_press(Key::Escape);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::J);
    until_label(&mut harness, "Who holds it");
    settle(&mut harness);
    write_picture(&mut harness, "scratch.png");
}
