//! What people send when something is wrong with the program: *About*, and reports of
//! crashes.

use std::path::PathBuf;

use eframe::egui::{self, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use pagesieve::desk::Desk;
use pagesieve::triage::Places;

use super::support::program::Place;
use super::support::text_pdf;
use super::{SIZE, has, options, settle, until_label};

/// A window that knows where its logs and reports of crashes are.
fn window_with_reports(place: &Place, paths: Vec<PathBuf>) -> (Harness<'static, Desk>, Places) {
    let at = |name: &str| place.path().join(name);
    let places = Places {
        library: place.library(),
        engines: at("engines"),
        scratch: place.scratch(),
        settings: at("settings.json"),
        analysers: at("analysers.toml"),
        logs: at("logs"),
        crashes: at("crashes"),
    };
    std::fs::create_dir_all(&places.crashes).unwrap();
    let (options, of_window) = (options(place), places.clone());
    let harness = Harness::builder()
        .with_size(SIZE)
        .build_eframe(move |creation| {
            let mut desk = Desk::new(&creation.egui_ctx, options, &of_window.settings, paths)
                .expect("a session");
            desk.put_places(&of_window);
            desk
        });
    (harness, places)
}

/// What was copied in the last frame.
fn copied(harness: &Harness<'static, Desk>) -> Option<String> {
    let commands = &harness.output().platform_output.commands;
    commands.iter().find_map(|command| match command {
        egui::OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    })
}

/// Clicks a button and gives what it copies.
fn copied_by(harness: &mut Harness<'static, Desk>, button: &str) -> String {
    // A window that has just opened still moves.
    super::settle(harness);
    harness.get_by_label(button).click();
    for _ in 0..20 {
        harness.step();
        if let Some(text) = copied(harness) {
            return text;
        }
    }
    panic!("{button}: nothing is copied");
}

#[test]
fn about_says_what_this_is_and_copies_it_without_paths() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(3));
    let (mut harness, _) = window_with_reports(&place, vec![place.sources()]);
    // Workers that are idle are no obstacle.
    until_label(&mut harness, "3 pages in 1 document");
    until_label(&mut harness, "Finished");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    settle(&mut harness);
    harness.get_by_label_contains("About Pagesieve").click();
    until_label(&mut harness, "rules in force");
    let version = concat!("Version ", env!("CARGO_PKG_VERSION"));
    for words in [version, "hayro", "PDFium not installed", "Open logs"] {
        assert!(has(&harness, words), "{words}");
    }
    let text = copied_by(&mut harness, "Copy for a bug report");
    for name in [
        "Pagesieve ",
        "System: ",
        "Engines: hayro ",
        "Fence",
        "Graphics: ",
    ] {
        assert!(text.contains(name), "{name}: {text}");
    }
    assert!(!text.contains(place.path().to_str().unwrap()), "{text}");
    settle(&mut harness);
    assert!(has(&harness, "Copied."));
}

#[test]
fn the_report_of_a_crash_is_offered_once_with_what_it_says() {
    let place = Place::new();
    let (harness, places) = window_with_reports(&place, vec![]);
    drop(harness);
    let report = places.crashes.join("crash-20250301T120000Z-7-0.new.txt");
    std::fs::write(
        &report,
        "Pagesieve went wrong\nWhere   src/desk/grid.rs:1:1\n",
    )
    .unwrap();
    let (mut harness, _) = window_with_reports(&place, vec![]);
    until_label(&mut harness, "went wrong when it ran before");
    // Nothing was done that could be undone.
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    settle(&mut harness);
    harness.get_by_label("Show report").click();
    until_label(&mut harness, "src/desk/grid.rs:1:1");
    assert!(has(&harness, "Open its folder"));
    let text = copied_by(&mut harness, "Copy the report");
    assert!(text.contains("src/desk/grid.rs:1:1"), "{text}");
    harness.key_press(Key::Escape);
    settle(&mut harness);
    assert!(!has(&harness, "Open its folder"));
    drop(harness);
    let (mut harness, _) = window_with_reports(&place, vec![]);
    settle(&mut harness);
    assert!(!has(&harness, "went wrong"));
    assert!(
        places
            .crashes
            .join("crash-20250301T120000Z-7-0.txt")
            .exists()
    );
}
