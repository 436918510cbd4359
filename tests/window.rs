//! The window by its labels, with a real session, real workers and real files
//! behind it; and pictures of it.

mod support;

#[path = "window/choosing.rs"]
mod choosing;
#[path = "window/coming.rs"]
mod coming;
#[path = "window/deciding.rs"]
mod deciding;
#[path = "window/exporting.rs"]
mod exporting;
#[path = "window/families.rs"]
mod families;
#[path = "window/manual.rs"]
mod manual;
#[path = "window/reports.rs"]
mod reports;
#[path = "window/typing.rs"]
mod typing;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::{self, Key, Modifiers, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use pagesieve::desk::{Desk, Window};
use pagesieve::library::Library;
use pagesieve::triage::{
    Analysers, EngineChoice, Options, ScratchSettings, WorkerLimits, WorkerProgram,
};
use support::peculiar::signed_pdf;
use support::program::Place;
use support::{encrypted_pdf, hanging_pdf, text_pdf, truncated_pdf};

const SIZE: [f32; 2] = [1280.0, 800.0];

fn options(place: &Place) -> Options {
    Options {
        library: place.library(),
        scratch: ScratchSettings {
            dir: place.scratch(),
            budget: Some(1_000_000_000),
            floor: Some(0),
            offered: None,
        },
        workers: 2,
        limits: WorkerLimits::default(),
        program: WorkerProgram {
            executable: PathBuf::from(env!("CARGO_BIN_EXE_pagesieve")),
            pdfium: None,
            output: None,
        },
        engines: place.path().join("engines"),
        engine: EngineChoice::Auto,
        analysers: Analysers::built_in(),
        wake: Arc::new(|| {}),
    }
}

fn open(place: &Place, options: Options, paths: Vec<PathBuf>) -> Harness<'static, Desk> {
    let settings = place.path().join("settings.json");
    Harness::builder()
        .with_size(SIZE)
        .build_eframe(move |creation| {
            Desk::new(&creation.egui_ctx, options, &settings, paths).expect("a session")
        })
}

/// A window on the folder of sources.
fn window(place: &Place) -> Harness<'static, Desk> {
    open(place, options(place), vec![place.sources()])
}

/// Draws frames until `done`; fails after a minute.
fn until(
    harness: &mut Harness<'static, Desk>,
    what: &str,
    done: impl Fn(&Harness<'static, Desk>) -> bool,
) {
    let patience = Instant::now() + Duration::from_secs(60);
    while !done(harness) {
        if Instant::now() >= patience {
            let shown = harness.query_all_by_label_contains("");
            let shown = shown.map(|it| it.accesskit_node());
            let shown: Vec<String> = shown.filter_map(|it| it.label().or(it.value())).collect();
            panic!("waited in vain for {what}; there is: {shown:#?}");
        }
        harness.step();
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn has(harness: &Harness<'static, Desk>, label: &str) -> bool {
    harness.query_all_by_label_contains(label).next().is_some()
}

fn until_label(harness: &mut Harness<'static, Desk>, label: &str) {
    until(harness, label, |harness| has(harness, label));
}

/// Steps until the window has asked for no other frame for a while, so that answers of other
/// threads, which ask for one, have arrived. Counted in frames: where these take long because
/// the machine is busy, answers do as well.
fn settle(harness: &mut Harness<'static, Desk>) {
    const QUIET: usize = 24;
    const MOST: usize = 60;
    let mut quiet = 0;
    for _ in 0..MOST {
        harness.step();
        std::thread::sleep(Duration::from_millis(5));
        let root = harness
            .output()
            .viewport_output
            .get(&egui::ViewportId::ROOT);
        let is_quiet = root.is_some_and(|root| root.repaint_delay > Duration::from_millis(50));
        quiet = if is_quiet { quiet + 1 } else { 0 };
        if quiet == QUIET {
            return;
        }
    }
}

/// Does what the palette finds first for this.
fn by_palette(harness: &mut Harness<'static, Desk>, typed: &str) {
    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    settle(harness);
    // The other field, in the list of documents, searches text.
    let field = harness.get_all_by_role(Role::TextInput).last();
    field.expect("the palette's field").type_text(typed);
    settle(harness);
    harness.key_press(Key::Enter);
    settle(harness);
}

fn cell_of(name: &str, page: u32) -> String {
    format!("{name}, page {page}")
}

fn click_cell(harness: &mut Harness<'static, Desk>, name: &str, page: u32) {
    harness
        .get_by_role_and_label(Role::GridCell, &cell_of(name, page))
        .click();
    settle(harness);
}

#[test]
fn an_empty_window_says_what_to_do() {
    let place = Place::new();
    let mut harness = open(&place, options(&place), vec![]);
    settle(&mut harness);
    assert!(has(&harness, "Drop PDFs, folders or ZIP archives here"));
    assert!(has(&harness, "Add folder…"));
    assert!(has(&harness, "pagesieve process"));
    assert!(has(&harness, "Scratch"));
}

#[test]
fn a_batch_fills_the_grid_and_a_page_tells_everything() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(12));
    let mut harness = window(&place);
    until_label(&mut harness, "12 pages in 1 document");
    click_cell(&mut harness, "letter.pdf", 7);
    assert!(has(&harness, "Page 7 of 12"));
    assert!(has(&harness, "A4, 210 × 297 mm"));
    assert!(has(&harness, "Drawn by"));
    until_label(&mut harness, "Page 7 of 12\n");
}

#[test]
fn a_page_whose_picture_is_lost_with_its_source_says_so_and_keeps_what_is_known() {
    let place = Place::new();
    let source = place.source("letter.pdf", &text_pdf(2));
    let mut harness = window(&place);
    until_label(&mut harness, "2 pages in 1 document");
    drop(harness);
    std::fs::remove_dir_all(place.scratch().join("thumbnails")).unwrap();
    std::fs::remove_file(source).unwrap();
    let mut harness = open(&place, options(&place), vec![]);
    until_label(&mut harness, "letter.pdf, page 1, no picture");
    let cell = cell_of("letter.pdf", 1);
    let cell = harness.query_all_by_label_contains(&cell).next().unwrap();
    cell.click();
    until_label(&mut harness, "The file is gone.");
    assert!(has(&harness, "Drawn by"));
    assert!(!has(&harness, "1 failure"));
}

#[test]
fn keys_move_open_and_leave_pages() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(12));
    let mut harness = window(&place);
    until_label(&mut harness, "12 pages in 1 document");
    click_cell(&mut harness, "letter.pdf", 1);
    harness.key_press(Key::ArrowRight);
    settle(&mut harness);
    assert!(has(&harness, "Page 2 of 12"));
    harness.key_press(Key::Enter);
    settle(&mut harness);
    assert!(has(&harness, "letter.pdf · page 2"));
    harness.key_press(Key::ArrowRight);
    settle(&mut harness);
    assert!(has(&harness, "letter.pdf · page 3"));
    harness.key_press(Key::Escape);
    settle(&mut harness);
    assert!(!has(&harness, "letter.pdf · page 3"));
    assert!(has(&harness, "Page 3 of 12"));
}

#[test]
fn short_documents_share_a_row_and_pages_say_what_they_are() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(1));
    place.source("b.pdf", &support::blank_pdf());
    place.source("c.pdf", &text_pdf(9));
    let mut harness = window(&place);
    until_label(&mut harness, "in 3 documents");
    until_label(&mut harness, "Finished");
    let cell = |harness: &Harness<'static, Desk>, name: &str| {
        let label = cell_of(name, 1);
        let cell = harness.get_by_role_and_label(Role::GridCell, &label);
        cell.rect()
    };
    let (a, b) = (cell(&harness, "a.pdf"), cell(&harness, "b.pdf"));
    assert!(a.top() == b.top() && a.right() < b.left());
    assert!(cell(&harness, "c.pdf").top() > a.bottom());
    // Down leads to the nearest page of the next row, not a row of nine further.
    click_cell(&mut harness, "a.pdf", 1);
    harness.key_press(Key::ArrowDown);
    settle(&mut harness);
    assert!(has(&harness, "Page 1 of 9"));
    harness.key_press(Key::ArrowUp);
    settle(&mut harness);
    assert!(has(&harness, "Page 1 of 1"));
    harness
        .get_by_role_and_label(Role::GridCell, &cell_of("b.pdf", 1))
        .hover();
    let blank = |harness: &Harness<'static, Desk>| harness.query_by_label("Blank").is_some();
    // Its column's name is elsewhere: only the tooltip says it of this page.
    until(&mut harness, "the tooltip", blank);
}

#[test]
fn folders_fold_in_the_list_and_their_pages_stay() {
    let place = Place::new();
    place.source("cover.pdf", &text_pdf(1));
    place.source("letters/first.pdf", &text_pdf(1));
    place.source("letters/second.pdf", &text_pdf(1));
    let mut harness = window(&place);
    until_label(&mut harness, "3 pages in 3 documents");
    let listed = |harness: &Harness<'static, Desk>, name: &str| {
        let found = harness.query_by_role_and_label(Role::ListItem, name);
        found.is_some()
    };
    assert!(listed(&harness, "cover.pdf") && listed(&harness, "first.pdf"));
    let fold = |harness: &mut Harness<'static, Desk>| {
        harness
            .get_by_role_and_label(Role::ListItem, "letters")
            .click();
        settle(harness);
    };
    fold(&mut harness);
    assert!(listed(&harness, "cover.pdf") && !listed(&harness, "first.pdf"));
    assert!(has(&harness, &cell_of("letters/first.pdf", 1)));
    fold(&mut harness);
    assert!(listed(&harness, "second.pdf"));
}

#[test]
fn the_table_lists_the_same_pages_and_sorts() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(2));
    place.source("b.pdf", &support::blank_pdf());
    let mut harness = window(&place);
    until_label(&mut harness, "in 2 documents");
    harness.get_by_label_contains("Table").click();
    settle(&mut harness);
    let rows = |harness: &Harness<'static, Desk>| -> Vec<String> {
        let mut rows: Vec<(f32, String)> = harness
            .query_all_by_role(Role::Row)
            .filter_map(|node| Some((node.rect().top(), node.accesskit_node().label()?)))
            .collect();
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        rows.into_iter().map(|(_, label)| label).collect()
    };
    assert_eq!(
        rows(&harness),
        [
            "a.pdf, page 1",
            "a.pdf, page 2",
            "b.pdf, page 1",
            "b.pdf, page 2",
            "b.pdf, page 3"
        ]
    );
    harness.get_by_label("Sort by Blank").click();
    std::thread::sleep(Duration::from_secs(1));
    settle(&mut harness);
    let sorted = rows(&harness);
    assert!(
        sorted[0].starts_with("b.pdf") && sorted[4].starts_with("a.pdf"),
        "{sorted:?}"
    );
}

#[test]
fn a_locked_document_is_opened_by_typing_its_password() {
    let place = Place::new();
    place.source("locked.pdf", &encrypted_pdf("secret", "owner"));
    let mut harness = window(&place);
    until_label(&mut harness, "1 failure");
    harness.key_press(Key::Num3);
    settle(&mut harness);
    assert!(has(&harness, "The PDF is encrypted and needs a password."));
    for (typed, opens) in [("wrong", false), ("secret", true)] {
        assert!(has(&harness, "Password for locked.pdf"));
        let field = |harness: &mut Harness<'static, Desk>| {
            let field = harness.get_by_role(Role::PasswordInput);
            // After a wrong one the field waits for the next.
            if !opens {
                field.focus();
            }
            field.type_text(typed);
        };
        field(&mut harness);
        settle(&mut harness);
        // Letters and digits of a password are no shortcuts.
        assert!(has(&harness, "The PDF is encrypted and needs a password."));
        harness.key_press(Key::Enter);
        settle(&mut harness);
        if opens {
            until_label(&mut harness, "3 pages in 1 document");
            assert!(has(&harness, "Nothing has failed"));
        } else {
            until_label(&mut harness, "That password does not open it.");
        }
    }
    let written = std::fs::read(place.library().join("library.sqlite")).unwrap();
    assert!(!written.windows(6).any(|window| window == b"secret"));
}

#[test]
fn a_password_that_is_typed_for_one_document_opens_the_others_that_have_it() {
    let place = Place::new();
    place.source("first.pdf", &encrypted_pdf("secret", "owner"));
    place.source("second.pdf", &encrypted_pdf("secret", "another owner"));
    place.source("third.pdf", &encrypted_pdf("other", "owner"));
    let mut harness = window(&place);
    until_label(&mut harness, "3 failures");
    harness.key_press(Key::Num3);
    until_label(&mut harness, "Password for second.pdf");
    let field = harness.get_by_label_contains("Password for second.pdf");
    field.focus();
    field.type_text("secret");
    settle(&mut harness);
    harness.key_press(Key::Enter);
    until_label(&mut harness, "6 pages in 3 documents");
    until_label(&mut harness, "1 failure");
    assert!(has(&harness, "Password for third.pdf"));
    assert!(!has(&harness, "That password does not open it."));
}

#[test]
fn a_document_that_nobody_can_read_is_left_out_with_a_reason_and_no_failure_any_more() {
    let place = Place::new();
    place.source("good.pdf", &text_pdf(1));
    place.source("cut.pdf", &truncated_pdf());
    let mut harness = window(&place);
    until_label(&mut harness, "1 failure");
    harness.key_press(Key::Num3);
    settle(&mut harness);
    harness.get_by_label("More").click();
    until_label(&mut harness, "Replace by another file…");
    harness.key_press(Key::Escape);
    settle(&mut harness);
    harness.get_by_label("Leave out…").click();
    settle(&mut harness);
    harness
        .get_by_label("Why, as it is to stand in manifests")
        .type_text("sent again");
    settle(&mut harness);
    harness.key_press(Key::Enter);
    until_label(&mut harness, "Left out: sent again");
    until_label(&mut harness, "1 left out");
    harness.get_by_label("Take back").click();
    until_label(&mut harness, "Leave out…");
    until(&mut harness, "the reason to go", |harness| {
        !has(harness, "Left out: sent again")
    });
}

#[test]
fn failures_say_why_and_what_to_do() {
    let place = Place::new();
    place.source("cut.pdf", &truncated_pdf());
    place.source("hangs.pdf", &hanging_pdf());
    let mut options = options(&place);
    options.limits.page_deadline = Duration::from_secs(1);
    let mut harness = open(&place, options, vec![place.sources()]);
    until_label(&mut harness, "2 failures");
    harness.key_press(Key::Num3);
    settle(&mut harness);
    assert!(has(&harness, "its structure cannot be read"));
    assert!(has(&harness, "It took longer than allowed, twice."));
    assert!(has(&harness, "page 2"));
    harness.get_by_label("Show page").click();
    settle(&mut harness);
    assert!(has(&harness, "hangs.pdf · page 2"));
}

#[test]
fn a_batch_is_paused_resumed_and_cancelled() {
    let place = Place::new();
    place.source("long.pdf", &text_pdf(4000));
    let mut harness = window(&place);
    until_label(&mut harness, "Pause");
    harness.get_by_label_contains("Pause").click();
    until_label(&mut harness, "Paused");
    settle(&mut harness);
    settle(&mut harness);
    let counted = |harness: &Harness<'static, Desk>| {
        let node = harness
            .query_all_by_label_contains(" of ")
            .find_map(|node| node.value().filter(|words| words.ends_with("pages")));
        node.unwrap_or_default()
    };
    let before = counted(&harness);
    assert!(!before.is_empty());
    std::thread::sleep(Duration::from_millis(300));
    settle(&mut harness);
    assert_eq!(
        counted(&harness),
        before,
        "nothing is done while it is paused"
    );
    harness.get_by_label_contains("Resume").click();
    until(&mut harness, "progress", |harness| {
        counted(harness) != before
    });
    harness.get_by_label_contains("Cancel").click();
    until_label(&mut harness, "Cancelled");
    harness.get_by_label_contains("Resume").click();
    until_label(&mut harness, "4,000 pages in 1 document");
}

#[test]
fn an_unfinished_batch_goes_on_when_the_window_is_opened_again() {
    let place = Place::new();
    place.source("long.pdf", &text_pdf(3000));
    let mut harness = window(&place);
    until_label(&mut harness, "Pause");
    drop(harness);
    let mut harness = open(&place, options(&place), vec![]);
    until_label(&mut harness, "3,000 pages in 1 document");
    assert!(has(&harness, "Finished"));
}

#[test]
fn a_selection_is_processed_again() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(12));
    let mut harness = window(&place);
    until_label(&mut harness, "12 pages in 1 document");
    click_cell(&mut harness, "letter.pdf", 2);
    let cell = cell_of("letter.pdf", 5);
    harness
        .get_by_role_and_label(Role::GridCell, &cell)
        .click_modifiers(Modifiers::SHIFT);
    settle(&mut harness);
    assert!(has(&harness, "4 pages of 1 document selected"));
    let runs = |place: &Place| {
        let database = place.library().join("library.sqlite");
        let connection = rusqlite::Connection::open(database).unwrap();
        let count = "SELECT count(*) FROM run WHERE outcome = 'finished'";
        connection
            .query_row(count, [], |row| row.get::<_, i64>(0))
            .unwrap()
    };
    assert_eq!(runs(&place), 1);
    harness.key_press(Key::R);
    until(&mut harness, "a second run", |_| runs(&place) == 2);
    until_label(&mut harness, "12 pages in 1 document");
}

#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|error| error.to_string())
    }
}

#[test]
fn dropped_files_are_a_batch_or_more_of_one() {
    let place = Place::new();
    let first = place.source("first.pdf", &text_pdf(1));
    let second = place.source("second.pdf", &text_pdf(2));
    let mut harness = open(&place, options(&place), vec![]);
    settle(&mut harness);

    harness
        .input_mut()
        .hovered_files
        .push(egui::HoveredFile::default());
    harness.step();
    assert!(harness.render().is_ok(), "the overlay is drawn");
    harness.input_mut().hovered_files.clear();
    harness
        .input_mut()
        .dropped_files
        .push(Arc::new(Dropped(first)));
    harness.step();
    until_label(&mut harness, "1 page in 1 document");

    // The middle of the window adds to the batch.
    harness
        .input_mut()
        .dropped_files
        .push(Arc::new(Dropped(second)));
    harness.hover_at([SIZE[0] * 0.5, 400.0].into());
    until_label(&mut harness, "3 pages in 2 documents");

    // That is undone, and that too.
    until_label(&mut harness, "second.pdf added to");
    harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::Z);
    until_label(&mut harness, "1 page in 1 document");
    until_label(&mut harness, "second.pdf was taken out");
    // The key undoes; that it was undone is for the button to undo.
    harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::Z);
    settle(&mut harness);
    assert!(has(&harness, "1 page in 1 document"));
    click(&mut harness, "Put back");
    until_label(&mut harness, "3 pages in 2 documents");

    // The right takes it to the split view.
    let third = place.source("third.pdf", &text_pdf(3));
    harness
        .input_mut()
        .dropped_files
        .push(Arc::new(Dropped(third)));
    harness.hover_at([SIZE[0] * 0.9, 400.0].into());
    until_label(&mut harness, "3 pages in 1 document");
    until_label(&mut harness, "Cut before page 2");
}

/// The split view of a batch of one document of 4 pages.
fn split_view(place: &Place) -> Harness<'static, Desk> {
    place.source("letter.pdf", &text_pdf(4));
    let mut harness = window(place);
    until_label(&mut harness, "4 pages in 1 document");
    harness.key_press(Key::Num4);
    until_label(&mut harness, "Cut before page 2");
    until_label(&mut harness, "1 file, ");
    harness
}

/// Clicks once it has come to rest: what arrives above it moves it.
fn click(harness: &mut Harness<'static, Desk>, label: &str) {
    let place = |harness: &Harness<'static, Desk>| harness.get_by_label_contains(label).rect();
    let mut before = place(harness);
    loop {
        harness.step();
        let now = place(harness);
        if now == before {
            break;
        }
        before = now;
    }
    harness.get_by_label_contains(label).click();
    settle(harness);
}

fn type_into(harness: &mut Harness<'static, Desk>, label: &str, text: &str) {
    harness
        .get_by_role_and_label(Role::TextInput, label)
        .click();
    settle(harness);
    harness
        .get_by_role_and_label(Role::TextInput, label)
        .type_text(text);
    settle(harness);
}

#[test]
fn what_cannot_be_made_is_worked_out_anew_when_a_choice_changes() {
    let place = Place::new();
    place.source("signed.pdf", &signed_pdf());
    let mut harness = window(&place);
    until_label(&mut harness, "1 page in 1 document");
    harness.key_press(Key::Num4);
    until_label(&mut harness, "Cannot be made: 1 part");
    click(&mut harness, "Take signed documents apart");
    until_label(&mut harness, "1 file, ");
    assert!(!has(&harness, "Cannot be made"));
}

#[test]
fn pages_are_cut_moved_and_left_out_by_hand_and_every_step_is_undone() {
    let place = Place::new();
    let mut harness = split_view(&place);
    click(&mut harness, "Cut before page 3");
    until_label(&mut harness, "2 files, ");
    assert!(has(&harness, "cut by hand"));
    assert!(!has(&harness, "Cut before page 3"));

    // A cut is taken away with the same key that makes it.
    click_cell(&mut harness, "letter.pdf", 3);
    harness.key_press(Key::C);
    until_label(&mut harness, "1 file, ");

    harness.key_press(Key::Delete);
    until_label(&mut harness, "1 page is left out");
    // The page after it is chosen now: the key leaves that out, and takes none back.
    harness.key_press(Key::Delete);
    until_label(&mut harness, "2 pages are left out");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    until_label(&mut harness, "1 page is left out");
    click(&mut harness, "Page 3 is left out: left out by hand");
    assert!(!has(&harness, "1 page is left out"));

    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    until_label(&mut harness, "1 page is left out");
    for _ in 0..3 {
        harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
        settle(&mut harness);
    }
    until_label(&mut harness, "1 file, ");
    assert!(!has(&harness, "left out"));
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    until_label(&mut harness, "2 files, ");
}

#[test]
fn a_page_is_dragged_to_another_place_and_escape_gives_it_up() {
    let place = Place::new();
    let mut harness = split_view(&place);
    let middle = |harness: &Harness<'static, Desk>, page| {
        let label = cell_of("letter.pdf", page);
        let cell = harness.get_by_role_and_label(Role::GridCell, &label);
        cell.rect().center()
    };
    let (first, last) = (middle(&harness, 1), middle(&harness, 4));
    let after_last = last + egui::vec2(60.0, 0.0);
    for give_up in [true, false] {
        harness.drag_at(first);
        settle(&mut harness);
        harness.hover_at(first + egui::vec2(40.0, 10.0));
        settle(&mut harness);
        harness.hover_at(after_last);
        settle(&mut harness);
        if give_up {
            harness.key_press(Key::Escape);
            settle(&mut harness);
        }
        harness.drop_at(after_last);
        settle(&mut harness);
        // Where page 4 was, the last place.
        let expected = if give_up { first } else { last };
        assert_eq!(middle(&harness, 1), expected);
    }
}

#[test]
fn a_plan_that_was_edited_is_there_again_after_a_restart() {
    let place = Place::new();
    let mut harness = split_view(&place);
    click(&mut harness, "Cut before page 3");
    // At once, with no time to rest.
    drop(harness);
    let mut harness = window(&place);
    until_label(&mut harness, "4 pages in 1 document");
    harness.key_press(Key::Num4);
    until_label(&mut harness, "2 files, ");
    assert!(has(&harness, "cut by hand"));
}

#[test]
fn pages_are_dropped_on_a_pile_and_become_a_folder() {
    let place = Place::new();
    let mut harness = split_view(&place);
    type_into(&mut harness, "New pile", "Leases");
    click(&mut harness, "Add pile");
    settle(&mut harness);
    // Dropped on it, a page becomes a part of its own on the pile.
    let cell = cell_of("letter.pdf", 2);
    let page = harness.get_by_role_and_label(Role::GridCell, &cell);
    let from = page.rect().center();
    let pile = harness.get_by_role_and_label(Role::Button, "Leases");
    let pile = pile.rect().center();
    harness.drag_at(from);
    settle(&mut harness);
    for at in [from + egui::vec2(40.0, 10.0), pile] {
        harness.hover_at(at);
        settle(&mut harness);
    }
    harness.drop_at(pile);
    settle(&mut harness);
    until_label(&mut harness, "Leases: 1 part, 1 page");
    // A click puts the chosen pages there as well.
    click_cell(&mut harness, "letter.pdf", 4);
    click(&mut harness, "Leases: 1 part, 1 page");
    until_label(&mut harness, "Leases: 2 parts, 2 pages");
    until_label(&mut harness, "3 files, ");
    let parts = place.path().join("parts");
    type_into(&mut harness, "To", parts.to_str().unwrap());
    click(&mut harness, "Write parts");
    until_label(&mut harness, "3 files are there");
    let on_pile = std::fs::read_dir(parts.join("Leases")).unwrap().count();
    assert_eq!(on_pile, 2);
}

#[test]
fn rules_propose_and_parts_are_written() {
    let place = Place::new();
    let mut harness = split_view(&place);
    click(&mut harness, "After so many pages");
    click(&mut harness, "Propose cuts");
    until_label(&mut harness, "4 files, ");
    until_label(&mut harness, "letter-004");
    let parts = place.path().join("parts");
    type_into(&mut harness, "To", parts.to_str().unwrap());
    click(&mut harness, "Write parts");
    until_label(&mut harness, "4 files are there");
    let names: Vec<_> = std::fs::read_dir(&parts).unwrap().flatten().collect();
    assert_eq!(names.len(), 5, "{names:?}");
}

#[test]
fn what_deserves_a_look_is_said_before_writing_and_pages_are_numbered() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(4));
    let mut harness = window(&place);
    until_label(&mut harness, "4 pages in 1 document");
    click_cell(&mut harness, "letter.pdf", 1);
    harness.key_press(Key::X);
    settle(&mut harness);
    harness.key_press(Key::Num4);
    until_label(&mut harness, "1 file, ");
    click(&mut harness, "Worth a look");
    until_label(&mut harness, "1 rejected page");
    until_label(&mut harness, "3 undecided pages");
    click(&mut harness, "Number the pages");
    until_label(&mut harness, "Such as 000001");
    let parts = place.path().join("parts");
    type_into(&mut harness, "To", parts.to_str().unwrap());
    click(&mut harness, "Write parts");
    until_label(&mut harness, "Pages are numbered 000001 to 000004.");
    click(&mut harness, "1 rejected page");
    until_label(&mut harness, "decision:reject");
}

#[test]
fn the_command_palette_finds_and_does() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(1));
    let mut harness = window(&place);
    until_label(&mut harness, "1 page in 1 document");
    by_palette(&mut harness, "failures");
    assert!(has(&harness, "Nothing has failed"));
    let before = harness.ctx.theme();
    by_palette(&mut harness, "light or dark");
    assert_ne!(harness.ctx.theme(), before);
}

#[test]
fn the_palette_has_what_views_do_by_keys_of_their_own() {
    let place = Place::new();
    let mut harness = split_view(&place);
    harness
        .get_by_role_and_label(Role::GridCell, &cell_of("letter.pdf", 3))
        .click();
    settle(&mut harness);
    by_palette(&mut harness, "begin a part");
    until_label(&mut harness, "2 files, ");
    by_palette(&mut harness, "turn right");
    until_label(&mut harness, "Write parts");
    assert!(!has(&harness, "Nothing has these words"));
    harness.key_press(Key::Num1);
    settle(&mut harness);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::F);
    settle(&mut harness);
    harness.get_by_label("Search text").type_text("page<2 ");
    until_label(&mut harness, "1 of 4 pages shown");
    by_palette(&mut harness, "show all");
    until(&mut harness, "all pages", |harness| {
        !has(harness, "1 of 4 pages shown")
    });
}

#[test]
fn a_cleaning_shows_what_goes_before_it_goes_and_is_on_record() {
    let place = Place::new();
    let first = place.source("first/letter.pdf", &text_pdf(3));
    let second = place.source("second/letter.pdf", &text_pdf(2));
    let folder = |file: &Path| file.parent().unwrap().to_owned();
    let mut harness = open(&place, options(&place), vec![folder(&first)]);
    until_label(&mut harness, "3 pages in 1 document");
    drop(harness);
    let mut harness = open(&place, options(&place), vec![folder(&second)]);
    until_label(&mut harness, "2 pages in 1 document");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::J);
    until_label(&mut harness, "Thumbnails by batch");
    until_label(&mut harness, "Delete ");
    assert!(!has(&harness, "cleaned by request"));
    let delete = harness.get_all_by_role(Role::Button).find(|node| {
        node.accesskit_node()
            .label()
            .is_some_and(|label| label.starts_with("Delete "))
    });
    delete.expect("the button").click();
    until_label(&mut harness, "There is nothing to clean.");
    until_label(&mut harness, "cleaned by request");
    settle(&mut harness);
    harness.get_by_label("Small").click();
    until_label(&mut harness, "of 536.9 MB");
    harness.key_press(Key::Escape);
    settle(&mut harness);
    assert!(!has(&harness, "Thumbnails by batch"));
}

#[test]
fn rules_of_cleaning_are_changed_and_history_is_drawn() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(3));
    let mut harness = window(&place);
    until_label(&mut harness, "3 pages in 1 document");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::J);
    until_label(&mut harness, "Enough for 1 file");
    click(&mut harness, "Rules");
    until_label(&mut harness, "Delete thumbnails at the end");
    click(&mut harness, "Delete thumbnails at the end");
    click(&mut harness, "always stay");
    let policy = place.scratch().join("policy.json");
    until(&mut harness, "the policy", |_| {
        std::fs::read_to_string(&policy).is_ok_and(|text| {
            text.contains("\"thumbnails_at_exit\": true") && text.contains("\"batch\": 1")
        })
    });
    click(&mut harness, "History");
    until_label(&mut harness, "Highest in the last hour");
}

#[test]
fn text_is_searched_while_it_is_typed() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(3));
    place.source("plain.pdf", &support::blank_pdf());
    let mut harness = window(&place);
    until_label(&mut harness, "in 2 documents");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::F);
    settle(&mut harness);
    harness.get_by_label("Search text").type_text("harb*");
    settle(&mut harness);
    until_label(&mut harness, "have it");
    let plain = cell_of("plain.pdf", 1);
    until(&mut harness, "the others to go", |harness| {
        !has(harness, &plain)
    });
    assert!(has(&harness, &cell_of("letter.pdf", 1)));
    // Keys that edit text are the field's while one types there.
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    settle(&mut harness);
    assert!(!has(&harness, "selected"));
    harness.get_by_label("Search text").type_text("nowhere");
    until(&mut harness, "the letter to go", |harness| {
        !has(harness, &cell_of("letter.pdf", 1))
    });
}

#[test]
fn a_broken_file_of_analysers_is_told_and_keeps_nothing_from_opening() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(2));
    let file = place.path().join("analysers.toml");
    std::fs::write(&file, "[[analyser]]\nname =").unwrap();
    let mut options = options(&place);
    options.analysers = Analysers::read(&file);
    let mut harness = open(&place, options, vec![place.sources()]);
    until_label(&mut harness, "2 pages in 1 document");
    until(&mut harness, "the problem", |harness| {
        has(harness, "Your own analysers are left out") && has(harness, "line 2")
    });
}

#[test]
fn the_window_is_there_while_another_copy_cleans_scratch() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(2));
    assert_eq!(place.process().code(), 0);
    // As a copy holds it that cleans a large scratch.
    let lock = std::fs::File::open(place.scratch().join("sweep.lock")).unwrap();
    lock.lock().unwrap();
    let options = options(&place);
    let settings = place.path().join("settings.json");
    let mut harness = Harness::builder()
        .with_size(SIZE)
        .build_eframe(move |creation| Window::new(&creation.egui_ctx, options, settings, vec![]));
    harness.step();
    assert!(
        harness
            .query_by_label_contains("Opening the library")
            .is_some()
    );
    lock.unlock().unwrap();
    for _ in 0..1000 {
        if harness
            .query_by_label_contains("2 pages in 1 document")
            .is_some()
        {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
        harness.step();
    }
    panic!("the window does not go on");
}

#[test]
fn a_library_that_cannot_be_opened_is_told_with_what_to_do() {
    let place = Place::new();
    let in_use = Library::open(&place.library()).unwrap();
    let (options, settings) = (options(&place), place.path().join("settings.json"));
    let mut harness = Harness::builder()
        .with_size(SIZE)
        .build_eframe(move |creation| Window::new(&creation.egui_ctx, options, settings, vec![]));
    let patience = Instant::now() + Duration::from_secs(60);
    for words in [
        "Pagesieve cannot start",
        "is in use by another Pagesieve",
        "name another library with --library",
    ] {
        while harness.query_by_label_contains(words).is_none() {
            assert!(Instant::now() < patience, "waited in vain for {words}");
            harness.step();
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    drop(in_use);
}

#[test]
fn a_page_has_a_menu_wherever_it_is_shown() {
    let place = Place::new();
    let source = place.source("letter.pdf", &text_pdf(3));
    place.source("note.pdf", &text_pdf(1));
    let mut harness = window(&place);
    until_label(&mut harness, "4 pages in 2 documents");
    settle(&mut harness);
    // The first press selects the page too.
    let menu = |harness: &mut Harness<'static, Desk>, role: Role| {
        let label = cell_of("letter.pdf", 1);
        harness
            .get_by_role_and_label(role, &label)
            .click_secondary();
        settle(harness);
        assert!(has(harness, "Process 1 page again") && has(harness, "Copy path"));
    };
    menu(&mut harness, Role::GridCell);
    click(&mut harness, "Only this document");
    until_label(&mut harness, "shown: of letter.pdf");
    harness.key_press(Key::Num2);
    settle(&mut harness);
    // What the system cannot open is said.
    std::fs::remove_file(source).unwrap();
    menu(&mut harness, Role::Row);
    click(&mut harness, "Open file");
    until_label(&mut harness, "letter.pdf is no longer there");
    menu(&mut harness, Role::Row);
    click(&mut harness, "Open page");
    until_label(&mut harness, "letter.pdf · page 1");
}

#[test]
fn all_batches_are_in_the_menu_and_found_by_their_names() {
    let place = Place::new();
    let mut library = Library::open(&place.library()).unwrap();
    for number in 1..=24 {
        let roots = [place.path().join(number.to_string())];
        let name = format!("client {number:02}");
        library
            .write(|writer| writer.create_batch(&name, &roots, number))
            .unwrap();
    }
    drop(library);
    let mut harness = open(&place, options(&place), vec![]);
    until(&mut harness, "the newest batch", |harness| {
        has(harness, "client 24")
    });
    harness.get_by_label_contains("client 24").click();
    until(&mut harness, "the field", |harness| {
        has(harness, "Find a batch")
    });
    harness.get_by_label("Find a batch").type_text("01 client");
    until(&mut harness, "the oldest batch", |harness| {
        has(harness, "client 01") && !has(harness, "client 02")
    });
    harness.key_press(egui::Key::Enter);
    until(&mut harness, "the oldest batch to open", |harness| {
        has(harness, "client 01") && !has(harness, "Find a batch")
    });
    // It is the one that is looked at, here and after a restart.
    drop(harness);
    let mut harness = open(&place, options(&place), vec![]);
    until(&mut harness, "the batch of before", |harness| {
        has(harness, "client 01")
    });
}

#[test]
fn a_document_that_was_taken_out_is_put_back_later() {
    let place = Place::new();
    place.source("letters/letter.pdf", &text_pdf(3));
    place.source("note.pdf", &text_pdf(1));
    let mut harness = window(&place);
    until_label(&mut harness, "4 pages in 2 documents");
    settle(&mut harness);
    let label = cell_of("letters/letter.pdf", 1);
    harness
        .get_by_role_and_label(Role::GridCell, &label)
        .click_secondary();
    settle(&mut harness);
    click(&mut harness, "Take the document out of the batch");
    until_label(&mut harness, "1 page in 1 document");
    by_palette(&mut harness, "put back");
    until_label(&mut harness, "4 pages in 2 documents");
    // It is called as it was.
    until_label(&mut harness, &label);
}

#[cfg(unix)]
#[test]
fn an_analyser_is_run_from_the_window() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(2));
    let file = place.path().join("analysers.toml");
    let declared = r#"
        [[analyser]]
        name = "stamp"
        command = ["/bin/sh", "-c", "printf '{\"found\": true}'"]
        input = "page-text"
        output = "json"
        scratch = "1 MB"
        memory = "1 GB"
        seconds = 10
    "#;
    std::fs::write(&file, declared).unwrap();
    let mut options = options(&place);
    options.analysers = Analysers::read(&file);
    let mut harness = open(&place, options, vec![place.sources()]);
    until_label(&mut harness, "2 pages in 1 document");
    click(&mut harness, "Analyse");
    until_label(&mut harness, "stamp: all pages");
    click(&mut harness, "stamp: all pages");
    settle(&mut harness);
    until(&mut harness, "the result", |harness| {
        !has(harness, " analysed")
    });
    click_cell(&mut harness, "letter.pdf", 1);
    until_label(&mut harness, "Analyser: stamp");
    assert!(has(&harness, "found"));
}

#[test]
fn a_shortage_waits_calmly_and_ends_with_a_larger_budget() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(3));
    let mut options = options(&place);
    options.scratch.budget = Some(1);
    let mut harness = open(&place, options, vec![place.sources()]);
    until_label(&mut harness, "Work waits for room.");
    assert!(has(&harness, "more than the whole scratch budget"));
    click(&mut harness, "Make room…");
    until_label(&mut harness, "Who holds it");
    click(&mut harness, "Normal");
    until_label(&mut harness, "3 pages in 1 document");
    assert!(!has(&harness, "Work waits for room."));
}

#[test]
fn settings_last() {
    let place = Place::new();
    let mut harness = open(&place, options(&place), vec![]);
    settle(&mut harness);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Comma);
    settle(&mut harness);
    harness.get_by_label("Light").click();
    settle(&mut harness);
    drop(harness);
    let settings = std::fs::read_to_string(place.path().join("settings.json")).unwrap();
    assert!(settings.contains("\"light\""), "{settings}");
}

#[test]
fn nothing_is_drawn_while_nothing_happens() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(3));
    let mut harness = window(&place);
    until_label(&mut harness, "3 pages in 1 document");
    settle(&mut harness);
    harness.run();
    let delay = harness.output().viewport_output[&egui::ViewportId::ROOT].repaint_delay;
    assert!(delay > Duration::from_secs(1), "{delay:?}");
}

/// A window whose theme is `theme`, whatever the settings say.
fn themed(place: &Place, theme: egui::Theme, paths: Vec<PathBuf>) -> Harness<'static, Desk> {
    let (settings, options) = (place.path().join("settings.json"), options(place));
    let name = if theme == egui::Theme::Dark {
        "dark"
    } else {
        "light"
    };
    std::fs::write(&settings, format!(r#"{{"version":1,"theme":"{name}"}}"#)).unwrap();
    let mut harness = Harness::builder()
        .with_size(SIZE)
        .with_theme(theme)
        .build_eframe(move |creation| {
            Desk::new(&creation.egui_ctx, options, &settings, paths).expect("a session")
        });
    harness.step();
    harness
}

/// A picture without the scratch meter: sizes on disk differ from one file
/// system to another.
fn picture(harness: &mut Harness<'static, Desk>, name: &str) {
    harness.mask(egui::Rect::from_min_size(
        [0.0, 768.0].into(),
        [340.0, 32.0].into(),
    ));
    harness.snapshot(name);
}

fn pictures_in(theme: egui::Theme, name: &str) {
    let place = Place::new();
    let sample = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/sample-batch"));
    let mut harness = themed(&place, theme, vec![sample.to_owned()]);
    until_label(&mut harness, "56 pages in 14 documents");
    // Notices go by themselves.
    until(&mut harness, "a quiet window", |harness| {
        !has(harness, "left out")
    });
    // Duplicates are searched for at the end, and pages are marked then.
    harness.key_press(Key::Num5);
    until_label(&mut harness, "documents of the same");
    harness.key_press(Key::Num1);
    settle(&mut harness);
    picture(&mut harness, &format!("grid_{name}"));
    harness.key_press(Key::Num3);
    settle(&mut harness);
    picture(&mut harness, &format!("failures_{name}"));
    harness.key_press(Key::Num4);
    until_label(&mut harness, "11 files, ");
    settle(&mut harness);
    picture(&mut harness, &format!("split_{name}"));
}

#[test]
fn pictures_of_the_dark_window() {
    pictures_in(egui::Theme::Dark, "dark");
}

#[test]
fn pictures_of_the_light_window() {
    pictures_in(egui::Theme::Light, "light");
}

#[test]
fn picture_of_the_empty_window() {
    let place = Place::new();
    let mut harness = themed(&place, egui::Theme::Light, vec![]);
    settle(&mut harness);
    picture(&mut harness, "empty_light");
}

#[test]
fn duplicates_are_shown_side_by_side_and_a_dismissal_is_remembered() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(1));
    let mut copy = text_pdf(1);
    // The same page in another file.
    copy.extend_from_slice(b"\n% saved again\n");
    place.source("letter again.pdf", &copy);
    place.source("other.pdf", &support::blank_pdf());
    let mut harness = window(&place);
    until_label(&mut harness, "in 3 documents");
    harness.key_press(Key::Num5);
    until_label(&mut harness, "2 pages, exactly the same");
    until_label(&mut harness, "Best kept");
    click(&mut harness, "Difference");
    until_label(&mut harness, "only in letter again.pdf");
    until_label(&mut harness, "Both pages laid over each other");
    click(&mut harness, "Not the same");
    until_label(&mut harness, "All are dismissed");
    drop(harness);

    let mut harness = window(&place);
    until_label(&mut harness, "in 3 documents");
    until_label(&mut harness, "All are dismissed");
    click(&mut harness, "Show 1 dismissed");
    until_label(&mut harness, "2 pages, dismissed");
    click(&mut harness, "They are the same");
    until_label(&mut harness, "2 pages, exactly the same");
}

#[test]
fn columns_of_the_table_are_chosen_and_sort() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(3));
    place.source("blank.pdf", &support::blank_pdf());
    let mut harness = window(&place);
    until_label(&mut harness, "in 2 documents");
    harness.key_press(Key::Num2);
    until_label(&mut harness, "Sort by Blank");
    assert!(!has(&harness, "Sort by Words"));
    harness.get_by_label("Sort by Blank").click_secondary();
    until_label(&mut harness, "Words");
    click(&mut harness, "Words");
    until_label(&mut harness, "Sort by Words");
    harness.key_press(Key::Escape);
    settle(&mut harness);
    let heading = harness.get_by_label("Sort by Blank").rect();
    click(&mut harness, "Sort by Blank");
    until(&mut harness, "the blank page first", |harness| {
        let top = |label: &str| harness.get_by_label(label).rect().top();
        top("blank.pdf, page 1") < top("letter.pdf, page 1")
    });
    // It is said, and undone with a click.
    until_label(&mut harness, "Sorted by Blank");
    // The heading is where it was, to be clicked again.
    assert_eq!(harness.get_by_label("Sort by Blank").rect(), heading);
    click(&mut harness, "As they lie");
    until(&mut harness, "the pages as they lie", |harness| {
        let top = |label: &str| harness.get_by_label(label).rect().top();
        top("blank.pdf, page 1") < top("letter.pdf, page 1") && !has(harness, "Sorted by")
    });
}

#[test]
fn a_column_is_as_wide_as_a_person_made_it_also_tomorrow() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(3));
    let mut harness = window(&place);
    until_label(&mut harness, "3 pages in 1 document");
    harness.key_press(Key::Num2);
    until_label(&mut harness, "Sort by Document");
    let cell = |harness: &Harness<'static, Desk>| harness.get_by_label("Sort by Document").rect();
    let before = cell(&harness);
    let edge = before.right_center()
        + egui::vec2(harness.ctx.global_style().spacing.item_spacing.x / 2.0, 0.0);
    harness.hover_at(edge);
    harness.step();
    harness.drag_at(edge);
    harness.step();
    harness.hover_at(edge + egui::vec2(60.0, 0.0));
    harness.step();
    harness.drop_at(edge + egui::vec2(60.0, 0.0));
    settle(&mut harness);
    let wider = cell(&harness);
    assert!(wider.width() > before.width() + 30.0, "{before} {wider}");
    drop(harness);

    let mut harness = open(&place, options(&place), vec![]);
    until_label(&mut harness, "Sort by Document");
    let again = cell(&harness);
    assert!(
        (again.width() - wider.width()).abs() < 2.0,
        "{wider} {again}"
    );
}

#[test]
fn tables_are_saved_from_the_window() {
    let place = Place::new();
    place.source("letters/Übersicht.pdf", &text_pdf(3));
    place.source("note.pdf", &text_pdf(1));
    let mut harness = window(&place);
    until_label(&mut harness, "4 pages in 2 documents");
    let saved = place.path().join("all.csv");
    let ask = |harness: &mut Harness<'static, Desk>| {
        harness.key_press_modifiers(Modifiers::COMMAND, Key::S);
        settle(harness);
    };
    let save = |harness: &mut Harness<'static, Desk>, path: &Path, button: &str| {
        let field = harness.get_by_role_and_label(Role::TextInput, "File");
        field.focus();
        settle(harness);
        harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
        let field = harness.get_by_role_and_label(Role::TextInput, "File");
        field.type_text(&path.display().to_string());
        settle(harness);
        harness.get_by_role_and_label(Role::Button, button).click();
        settle(harness);
    };
    ask(&mut harness);
    save(&mut harness, &saved, "Save");
    until_label(&mut harness, "4 rows are saved in");
    let all = std::fs::read_to_string(&saved).unwrap();
    assert!(all.starts_with("\u{feff}document,page,status,"), "{all}");
    assert_eq!(all.lines().count(), 5, "{all}");
    assert!(all.contains("letters/Übersicht.pdf,3,done"), "{all}");
    // One document is shown: only its pages, and the file is replaced when asked.
    harness
        .get_by_role_and_label(Role::ListItem, "note.pdf")
        .click();
    settle(&mut harness);
    ask(&mut harness);
    save(&mut harness, &saved, "Replace");
    until_label(&mut harness, "1 row is saved in");
    let one = std::fs::read_to_string(&saved).unwrap();
    assert_eq!(one.lines().count(), 2, "{one}");
    // What a client sent is never replaced.
    let source = place.sources().join("note.pdf");
    let before = std::fs::read(&source).unwrap();
    ask(&mut harness);
    save(&mut harness, &source, "Replace");
    until_label(&mut harness, "is one of the client's files");
    assert_eq!(std::fs::read(&source).unwrap(), before);
    // The same columns and rows as on the command line.
    let listed = place.run(["documents", "--format", "jsonl"]).output();
    let documents = place.path().join("documents.jsonl");
    ask(&mut harness);
    // The button that hides the list has the same name.
    let what = harness.query_all_by_label("Documents").last();
    what.expect("a choice").click();
    settle(&mut harness);
    click(&mut harness, "For programs (JSON Lines)");
    save(&mut harness, &documents, "Save");
    until_label(&mut harness, "2 rows are saved in");
    assert_eq!(std::fs::read_to_string(&documents).unwrap(), listed);
    // What is typed says which format.
    let report = place.path().join("report.html");
    ask(&mut harness);
    save(&mut harness, &report, "Save");
    until(&mut harness, "the report", |_| {
        std::fs::read_to_string(&report).is_ok_and(|html| html.contains("Übersicht.pdf"))
    });
}

#[test]
fn what_was_found_is_shown_on_the_page_until_it_is_switched_off() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(1));
    let mut harness = window(&place);
    until_label(&mut harness, "1 page in 1 document");
    click_cell(&mut harness, "letter.pdf", 1);
    harness.key_press(Key::Enter);
    until_label(&mut harness, "Findings");
    harness.key_press(Key::V);
    settle(&mut harness);
    drop(harness);
    let kept = std::fs::read_to_string(place.path().join("settings.json")).unwrap();
    assert!(kept.contains("\"overlays\": true"), "{kept}");
}

#[test]
fn only_some_pages_are_shown_with_the_reason_until_all_are_wanted() {
    let place = Place::new();
    let mut harness = split_view(&place);
    for key in [Key::Num1, Key::Num2] {
        harness.key_press(key);
        settle(&mut harness);
        assert!(!has(&harness, "shown: of"));
        let row = harness.get_all_by_label("letter.pdf").next();
        row.expect("the document in the list").click();
        settle(&mut harness);
        until_label(&mut harness, "shown: of letter.pdf");
        click(&mut harness, "Show all");
        settle(&mut harness);
        assert!(!has(&harness, "shown: of"));
    }
}

#[test]
fn help_is_about_what_is_on_the_screen() {
    let place = Place::new();
    let mut harness = split_view(&place);
    harness.key_press(Key::F1);
    until_label(&mut harness, "Documents cut into parts");
    harness.key_press(Key::Escape);
    settle(&mut harness);
    harness.key_press(Key::Num2);
    harness.key_press(Key::Questionmark);
    until_label(&mut harness, "rows of measurements. Click");
}

#[test]
fn pages_are_selected_by_dragging_around_them() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(4));
    let mut harness = window(&place);
    until_label(&mut harness, "4 pages in 1 document");
    settle(&mut harness);
    let cell = |harness: &Harness<'static, Desk>, page| {
        let label = cell_of("letter.pdf", page);
        harness.get_by_role_and_label(Role::GridCell, &label).rect()
    };
    let (first, third) = (cell(&harness, 1), cell(&harness, 3));
    let drag = |harness: &mut Harness<'static, Desk>, from: egui::Pos2, to: egui::Pos2| {
        harness.drag_at(from);
        harness.step();
        for at in [from + (to - from) * 0.5, to] {
            harness.hover_at(at);
            harness.step();
        }
    };
    // From below the first up to the middle of the third.
    let from = first.left_bottom() + egui::vec2(4.0, 40.0);
    drag(&mut harness, from, third.center());
    harness.drop_at(third.center());
    settle(&mut harness);
    assert!(has(&harness, "3 pages of 1 document selected"));
    // Escape gives back what was selected before.
    let second = cell(&harness, 2);
    drag(&mut harness, from, second.center());
    harness.step();
    assert!(has(&harness, "2 pages of 1 document selected"));
    harness.key_press(Key::Escape);
    settle(&mut harness);
    assert!(!has(&harness, "selected"));
    harness.drop_at(second.center());
}

#[test]
fn the_palette_finds_batches_and_documents() {
    let place = Place::new();
    let first = place.source("earlier/letter.pdf", &text_pdf(2));
    let second = place.source("second/note.pdf", &text_pdf(1));
    let folder = |file: &Path| file.parent().unwrap().to_owned();
    let harness = open(&place, options(&place), vec![folder(&first)]);
    let mut harness = harness;
    until_label(&mut harness, "2 pages in 1 document");
    drop(harness);
    let mut harness = open(&place, options(&place), vec![folder(&second)]);
    until_label(&mut harness, "1 page in 1 document");
    for (typed, shown) in [
        ("note.pdf", "shown: of note.pdf"),
        ("earlier", "2 pages in 1 document"),
    ] {
        by_palette(&mut harness, typed);
        until_label(&mut harness, shown);
    }
}

#[test]
fn a_narrow_window_folds_its_sides_until_one_is_wanted() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(2));
    let (options, settings) = (options(&place), place.path().join("settings.json"));
    let paths = vec![place.sources()];
    let mut harness = Harness::builder()
        .with_size([900.0, 600.0])
        .build_eframe(move |creation| {
            Desk::new(&creation.egui_ctx, options, &settings, paths).expect("a session")
        });
    until_label(&mut harness, "2 pages in 1 document");
    assert!(!has(&harness, "All 1 document"));
    click_cell(&mut harness, "letter.pdf", 1);
    assert!(!has(&harness, "Page 1 of 2"));
    harness.key_press_modifiers(Modifiers::COMMAND, Key::B);
    until_label(&mut harness, "All 1 document");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::I);
    until_label(&mut harness, "Page 1 of 2");
    assert!(!has(&harness, "All 1 document"));
}

#[test]
fn a_screen_reader_hears_names_without_icons_and_what_was_found() {
    let place = Place::new();
    place.source("blank.pdf", &support::blank_pdf());
    let mut harness = window(&place);
    until_label(&mut harness, "Finished");
    let described = |harness: &Harness<'static, Desk>, role: Role| {
        let cell = harness.get_by_role_and_label(role, "blank.pdf, page 1");
        cell.accesskit_node()
            .data()
            .description()
            .map(str::to_owned)
    };
    let said = described(&harness, Role::GridCell).unwrap_or_default();
    assert!(said.contains("Blank"), "{said}");
    let names = |harness: &Harness<'static, Desk>| -> Vec<String> {
        let all = harness.get_all_by_role(Role::Button);
        all.filter_map(|node| node.accesskit_node().label())
            .collect()
    };
    let heard = names(&harness);
    assert!(heard.contains(&"Add".to_owned()), "{heard:?}");
    let is_icon = |letter: char| ('\u{e000}'..='\u{f8ff}').contains(&letter);
    assert!(
        !heard.iter().any(|name| name.contains(is_icon)),
        "{heard:?}"
    );
    harness.key_press(Key::Num2);
    settle(&mut harness);
    assert_eq!(described(&harness, Role::Row), Some(said));
    assert_eq!(
        harness.root().accesskit_node().label().as_deref(),
        Some("Pagesieve")
    );
}

#[test]
fn documents_that_could_not_be_opened_are_in_the_table() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(1));
    place.source("cut.pdf", &truncated_pdf());
    place.source("locked.pdf", &encrypted_pdf("secret", "owner"));
    let mut harness = window(&place);
    until_label(&mut harness, "2 failures");
    harness.key_press(Key::Num2);
    settle(&mut harness);
    assert!(has(&harness, &cell_of("letter.pdf", 1)));
    assert!(has(&harness, "cut.pdf, Broken"));
    let locked = harness.query_all_by_label_contains("locked.pdf, ");
    assert!(locked.count() > 0);
}

#[test]
fn a_search_goes_on_in_names_and_shows_the_lines() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(2));
    place.source("Harbour plan.pdf", &support::blank_pdf());
    place.source("plain.pdf", &support::blank_pdf());
    let mut harness = window(&place);
    until_label(&mut harness, "in 3 documents");
    until_label(&mut harness, "Finished");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::F);
    settle(&mut harness);
    harness.get_by_label("Search text").type_text("harb");
    until_label(&mut harness, "2 pages have it, and 1 document is called so");
    let plain = cell_of("plain.pdf", 1);
    until(&mut harness, "the others to go", |harness| {
        !has(harness, &plain)
    });
    assert!(has(&harness, &cell_of("Harbour plan.pdf", 1)));
    assert!(has(&harness, "with “harb”"));
    click_cell(&mut harness, "letter.pdf", 2);
    until_label(&mut harness, "Found");
}

#[test]
fn a_large_page_turns_and_the_next_is_as_near() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(3));
    let mut harness = window(&place);
    until_label(&mut harness, "3 pages in 1 document");
    click_cell(&mut harness, "letter.pdf", 1);
    harness.key_press(Key::Enter);
    until_label(&mut harness, "letter.pdf · page 1");
    let is_fit = |harness: &Harness<'static, Desk>| {
        harness.get_by_label("Fit").accesskit_node().is_disabled()
    };
    assert!(is_fit(&harness));
    harness.key_press(Key::Plus);
    settle(&mut harness);
    harness.key_press(Key::ArrowRight);
    until_label(&mut harness, "letter.pdf · page 2");
    assert!(!is_fit(&harness));
    harness.key_press(Key::CloseBracket);
    until_label(&mut harness, "page 2, turned right");
    harness.key_press(Key::ArrowRight);
    until(&mut harness, "a page that is not turned", |harness| {
        !has(harness, "turned")
    });
    harness.key_press(Key::ArrowLeft);
    until_label(&mut harness, "page 2, turned right");
    harness.key_press(Key::Num0);
    settle(&mut harness);
    assert!(is_fit(&harness));
}

/// Names of the PDFs in a folder.
fn pdfs_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".pdf"))
        .collect();
    names.sort();
    names
}

/// Leaves out a whole document, in the menu of its first page.
fn leave_out(harness: &mut Harness<'static, Desk>, name: &str) {
    let cell = cell_of(name, 1);
    harness
        .get_by_role_and_label(Role::GridCell, &cell)
        .click_secondary();
    until_label(harness, "Leave out the whole document");
    click(harness, "Leave out the whole document");
}

#[test]
fn only_the_parts_that_were_chosen_are_written_and_what_is_in_none_is_named() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(3));
    place.source("note.pdf", &text_pdf(2));
    place.source("cut.pdf", &truncated_pdf());
    let mut harness = window(&place);
    until_label(&mut harness, "5 pages in 3 documents");
    harness.key_press(Key::Num4);
    until_label(&mut harness, "2 files, ");
    until_label(&mut harness, "Left out: 1 document");
    click(&mut harness, "Left out: 1 document");
    until_label(&mut harness, "cut.pdf: Broken");
    let parts = place.path().join("parts");
    type_into(&mut harness, "To", parts.to_str().unwrap());
    click_cell(&mut harness, "note.pdf", 1);
    click(&mut harness, "Which parts");
    click(&mut harness, "Only parts of note.pdf");
    until_label(&mut harness, "1 file, ");
    click(&mut harness, "Write parts");
    until_label(&mut harness, "1 file is there");
    assert_eq!(pdfs_in(&parts), ["note.pdf"]);
    assert!(has(&harness, "Open folder"));
    // All, after a change: what is there already is asked about.
    click(&mut harness, "Which parts");
    click(&mut harness, "All parts");
    leave_out(&mut harness, "letter.pdf");
    until_label(&mut harness, "3 pages are left out");
    until_label(&mut harness, "1 file, ");
    click(&mut harness, "Write parts");
    until_label(&mut harness, "1 of 1 file is there already:");
    click(&mut harness, "Do not write");
    assert!(!has(&harness, "is there already"));
    click(&mut harness, "Write parts");
    until_label(&mut harness, "1 of 1 file is there already:");
    harness
        .get_by_role_and_label(Role::Button, "Replace")
        .click();
    settle(&mut harness);
    until_label(&mut harness, "1 file is there, ");
    assert_eq!(pdfs_in(&parts), ["note.pdf"]);
}

#[test]
fn parts_that_could_not_be_made_come_first_with_the_reason_and_buttons_stay_in_place() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(3));
    let gone = place.source("note.pdf", &text_pdf(2));
    let mut harness = window(&place);
    until_label(&mut harness, "5 pages in 2 documents");
    until_label(&mut harness, "Finished");
    harness.key_press(Key::Num4);
    until_label(&mut harness, "2 files, ");
    std::fs::remove_file(gone).unwrap();
    let parts = place.path().join("parts");
    type_into(&mut harness, "To", parts.to_str().unwrap());
    let button = |harness: &Harness<'static, Desk>| {
        let button = harness.get_by_label_contains("Write parts");
        button.rect()
    };
    let before = button(&harness);
    click(&mut harness, "Write parts");
    until_label(&mut harness, "1 of 2 parts is there");
    assert!(has(&harness, "1 could not be made"));
    assert!(has(&harness, "note.pdf: The file is gone."));
    assert!(has(&harness, "Open folder"));
    assert_eq!(button(&harness), before);
    assert_eq!(pdfs_in(&parts), ["letter.pdf"]);
}

#[test]
fn parts_that_end_while_one_looks_elsewhere_are_told_of() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(60));
    let mut harness = window(&place);
    until_label(&mut harness, "60 pages in 1 document");
    until_label(&mut harness, "Finished");
    harness.key_press(Key::Num4);
    until_label(&mut harness, "1 file, ");
    click(&mut harness, "After so many pages");
    click(&mut harness, "Propose cuts");
    until_label(&mut harness, "60 files, ");
    let parts = place.path().join("parts");
    type_into(&mut harness, "To", parts.to_str().unwrap());
    click(&mut harness, "Replace files that are there");
    harness.get_by_label_contains("Write parts").click();
    harness.key_press(Key::Num1);
    until_label(&mut harness, "60 files are there");
    assert!(has(&harness, "Parts of "));
    assert!(has(&harness, "Open folder"));
    assert!(!has(&harness, "Write parts"));
}

#[test]
fn parts_of_an_earlier_run_are_named_and_removed_when_that_is_wanted() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(3));
    place.source("note.pdf", &text_pdf(2));
    let mut harness = window(&place);
    until_label(&mut harness, "5 pages in 2 documents");
    harness.key_press(Key::Num4);
    until_label(&mut harness, "2 files, ");
    let parts = place.path().join("parts");
    type_into(&mut harness, "To", parts.to_str().unwrap());
    click(&mut harness, "Write parts");
    until_label(&mut harness, "2 files are there");
    leave_out(&mut harness, "letter.pdf");
    until_label(&mut harness, "Before the plan was changed:");
    click(&mut harness, "Write parts");
    until_label(
        &mut harness,
        "1 file of earlier runs would lie beside them:",
    );
    assert_eq!(pdfs_in(&parts), ["letter.pdf", "note.pdf"]);
    click(&mut harness, "Remove those once all parts are there");
    harness
        .get_by_role_and_label(Role::Button, "Replace")
        .click();
    until_label(&mut harness, "1 file of earlier runs removed.");
    assert_eq!(pdfs_in(&parts), ["note.pdf"]);
}

#[test]
fn rules_that_are_ticked_but_not_applied_say_so() {
    let place = Place::new();
    let mut harness = split_view(&place);
    assert!(!has(&harness, "not applied"));
    click(&mut harness, "After so many pages");
    until_label(&mut harness, "The cuts are not those of the ticked rules");
    click(&mut harness, "Propose cuts");
    until_label(&mut harness, "4 files, ");
    assert!(!has(&harness, "The cuts are not those"));
}

/// A PDF with the same pages, in other bytes.
fn saved_again(pdf: &[u8]) -> Vec<u8> {
    let mut again = pdf.to_vec();
    again.extend_from_slice(b"\n% saved again\n");
    again
}

#[test]
fn documents_that_are_wholly_the_same_are_one_row_and_one_of_them_is_kept() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(3));
    place.source("letter again.pdf", &saved_again(&text_pdf(3)));
    let mut harness = window(&place);
    until_label(&mut harness, "6 pages in 2 documents");
    until_label(&mut harness, "Finished");
    harness.key_press(Key::Num5);
    until_label(&mut harness, "2 documents of the same 3 pages");
    assert!(has(&harness, "1 exact") && has(&harness, "0 scanned again"));
    click(&mut harness, "Page after");
    until_label(&mut harness, "2 of 3");
    click(&mut harness, "Difference");
    until_label(
        &mut harness,
        "Identical: both pages paint exactly the same.",
    );
    click(&mut harness, "Side by side");
    // The left one.
    let keep = harness
        .get_all_by_label("Keep this, reject the others")
        .next();
    keep.expect("a button").click();
    until_label(&mut harness, "Rejected: 3 pages of ");
    until_label(&mut harness, "Kept");
    harness.key_press(Key::Num1);
    until_label(&mut harness, "6 of 6 decided");
    // One step, which is taken back where it was done.
    harness.key_press(Key::Num5);
    settle(&mut harness);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    settle(&mut harness);
    harness.key_press(Key::Num1);
    until_label(&mut harness, "0 of 6 decided");
}

#[test]
fn a_dismissed_group_comes_back_with_the_key_that_undoes() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(1));
    place.source("letter again.pdf", &saved_again(&text_pdf(1)));
    let mut harness = window(&place);
    until_label(&mut harness, "2 pages in 2 documents");
    harness.key_press(Key::Num5);
    until_label(&mut harness, "2 pages, exactly the same");
    click(&mut harness, "Not the same");
    until_label(&mut harness, "All are dismissed");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    until_label(&mut harness, "2 pages, exactly the same");
}

/// Types passwords into the dialog for all documents, and has them tried.
fn enter_passwords(harness: &mut Harness<'static, Desk>, text: &str) {
    let field = harness.get_by_label_contains("One a line; all are tried");
    field.type_text(text);
    settle(harness);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
}

#[test]
fn a_dialog_for_passwords_stays_until_all_are_open() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(1));
    place.source("locked.pdf", &encrypted_pdf("secret", "owner"));
    let mut harness = window(&place);
    until_label(&mut harness, "1 failure");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::L);
    settle(&mut harness);
    enter_passwords(&mut harness, "wrong");
    until_label(&mut harness, "1 document is still locked: locked.pdf");
    // What is typed next is a password and decides nothing.
    harness.key_press(Key::X);
    settle(&mut harness);
    assert!(!has(&harness, "1 of 1 decided"));
    enter_passwords(&mut harness, "\nsecret");
    until_label(&mut harness, "4 pages in 2 documents");
    assert!(!has(&harness, "Passwords for this batch"));
}

#[test]
fn a_document_that_is_locked_again_is_named_before_parts_are_written() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(1));
    place.source("locked.pdf", &encrypted_pdf("secret", "owner"));
    let mut harness = window(&place);
    until_label(&mut harness, "1 failure");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::L);
    settle(&mut harness);
    enter_passwords(&mut harness, "secret");
    until_label(&mut harness, "4 pages in 2 documents");
    drop(harness);

    // Passwords are not kept.
    let mut harness = open(&place, options(&place), vec![]);
    until_label(&mut harness, "4 pages in 2 documents");
    harness.key_press(Key::Num4);
    until_label(&mut harness, "Cannot be made: 1 part");
    click(&mut harness, "Cannot be made: 1 part");
    until_label(
        &mut harness,
        "locked: The PDF is encrypted and needs a password.",
    );
}

#[test]
fn a_document_that_is_locked_again_takes_its_password_where_that_lacks() {
    let place = Place::new();
    place.source("locked.pdf", &encrypted_pdf("secret", "owner"));
    let mut harness = window(&place);
    until_label(&mut harness, "1 failure");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::L);
    settle(&mut harness);
    enter_passwords(&mut harness, "secret");
    until_label(&mut harness, "3 pages in 1 document");
    drop(harness);

    let why = "The PDF is encrypted and needs a password.";
    let answer = |harness: &mut Harness<'static, Desk>, text: &str| {
        // It has the keyboard.
        until_label(harness, "Password for locked.pdf");
        harness.get_by_role(Role::PasswordInput).type_text(text);
        settle(harness);
        harness.key_press(Key::Enter);
    };
    // On a page that is shown large, with the strip below it.
    let mut harness = open(&place, options(&place), vec![]);
    harness.set_size([900.0, 700.0].into());
    until_label(&mut harness, "3 pages in 1 document");
    click_cell(&mut harness, "locked.pdf", 1);
    harness.key_press(Key::Enter);
    until_label(&mut harness, why);
    settle(&mut harness);
    let said = harness.get_all_by_label_contains(why).next().unwrap();
    let strip = harness.get_by_label_contains("page 1 in the strip");
    assert!(said.rect().bottom() <= strip.rect().top());
    click(&mut harness, "Type the password…");
    answer(&mut harness, "wrong");
    until_label(&mut harness, "That password does not open it.");
    answer(&mut harness, "secret");
    until(&mut harness, "the page and no dialog", |harness| {
        !has(harness, why) && !has(harness, "Password for locked.pdf")
    });
    drop(harness);

    // At a part that cannot be made.
    let mut harness = open(&place, options(&place), vec![]);
    until_label(&mut harness, "3 pages in 1 document");
    harness.key_press(Key::Num4);
    until_label(&mut harness, "Type the password…");
    click(&mut harness, "Type the password…");
    answer(&mut harness, "secret");
    until_label(&mut harness, "1 file, ");
    until(&mut harness, "the dialog to go", |harness| {
        !has(harness, "Password for locked.pdf")
    });
}

#[test]
fn a_locked_document_takes_its_password_where_its_pages_would_be() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(1));
    place.source("locked.pdf", &encrypted_pdf("secret", "owner"));
    let mut harness = window(&place);
    until_label(&mut harness, "1 failure");
    let row = harness.get_all_by_label("locked.pdf").next();
    row.expect("the document in the list").click();
    until_label(&mut harness, "The PDF is encrypted and needs a password.");
    assert!(has(&harness, "Password for locked.pdf"));
    let field = |harness: &mut Harness<'static, Desk>, text: &str| {
        // It has the keyboard.
        harness.get_by_role(Role::PasswordInput).type_text(text);
        settle(harness);
        harness.key_press(Key::Enter);
    };
    field(&mut harness, "wrong");
    until_label(&mut harness, "That password does not open it.");
    field(&mut harness, "secret");
    until_label(&mut harness, "4 pages in 2 documents");
}

#[test]
fn of_one_file_at_several_places_the_others_leave_the_batch() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(2));
    place.source("letter (1).pdf", &text_pdf(2));
    let mut harness = window(&place);
    until_label(&mut harness, "4 pages in 2 documents");
    harness.key_press(Key::Num5);
    until_label(&mut harness, "2 documents of the same 2 pages");
    let keep = harness
        .get_all_by_label("Keep this file, take out the others")
        .next();
    keep.expect("a button").click();
    until_label(&mut harness, "was taken out of the batch.");
    until_label(&mut harness, "2 pages in 1 document");
    click(&mut harness, "Put back");
    until_label(&mut harness, "4 pages in 2 documents");
    // Said of the row, it is said of all its pages.
    until_label(&mut harness, "2 documents of the same 2 pages");
    click(&mut harness, "Not the same");
    until_label(&mut harness, "All are dismissed");
}

#[test]
fn a_view_that_no_filter_applies_to_says_so() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(1));
    place.source("blank.pdf", &support::blank_pdf());
    let mut harness = window(&place);
    until_label(&mut harness, "in 2 documents");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::F);
    settle(&mut harness);
    harness.get_by_label("Search text").type_text("page");
    until_label(&mut harness, "pages shown: with");
    // Out of the field.
    click_cell(&mut harness, "letter.pdf", 1);
    settle(&mut harness);
    for key in [Key::Num3, Key::Num4, Key::Num5] {
        harness.key_press(key);
        until_label(&mut harness, "this view shows everything");
    }
    click(&mut harness, "Show all");
    until(&mut harness, "the filter to go", |harness| {
        !has(harness, "this view shows everything")
    });
}

#[test]
fn splitting_offers_what_pages_ask_for() {
    let place = Place::new();
    let mut pdf = support::pdf::PdfBuilder::new("Stack");
    for number in [1, 3, 4, 2] {
        let mut page = support::pdf::Page::a4();
        let (font, black) = (support::pdf::Font::Helvetica, support::pdf::BLACK);
        page.text(font, 12.0, 80.0, 80.0, black, "A letter");
        page.text(font, 12.0, 280.0, 800.0, black, &format!("Page {number}"));
        pdf.add(page);
    }
    place.source("stack.pdf", &pdf.finish());
    let mut harness = window(&place);
    until_label(&mut harness, "4 pages in 1 document");
    harness.key_press(Key::Num4);
    until_label(&mut harness, "1 document with backs after fronts");
    click(&mut harness, "Put in order");
    until(&mut harness, "pages in order", |harness| {
        let mut cells: Vec<_> = harness
            .query_all_by_label_contains("stack.pdf, page ")
            .filter_map(|node| {
                let at = node.rect().min;
                Some((at.y as i32, at.x as i32, node.accesskit_node().label()?))
            })
            .collect();
        cells.sort();
        let numbers = cells.iter().filter_map(|(_, _, label)| {
            let number = label.strip_prefix("stack.pdf, page ")?;
            number.chars().next()
        });
        numbers.collect::<String>() == "1423"
    });
}

#[test]
fn in_a_window_of_another_size_the_page_that_parts_are_made_at_stays_in_sight() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(120));
    let mut harness = window(&place);
    until_label(&mut harness, "120 pages in 1 document");
    harness.key_press(Key::Num4);
    until_label(&mut harness, "Cut before page 2");
    for _ in 0..3 {
        harness.key_press(Key::PageDown);
        settle(&mut harness);
    }
    // One in the middle of the screen.
    {
        let mut cells = harness.query_all_by_role(Role::GridCell);
        let middle = cells.find(|cell| cell.rect().top() > 0.4 * SIZE[1]);
        middle.expect("a page").click();
    }
    settle(&mut harness);
    let chosen = |harness: &Harness<'static, Desk>| {
        let mut cells = harness.query_all_by_role(Role::GridCell);
        let chosen = cells
            .find(|cell| cell.accesskit_node().toggled() == Some(egui::accesskit::Toggled::True));
        chosen.map(|cell| (cell.rect().center().y, cell.accesskit_node().label()))
    };
    let (at, label) = chosen(&harness).expect("the page under the cursor");
    harness.set_size([900.0, SIZE[1]].into());
    settle(&mut harness);
    let (now, same) = chosen(&harness).expect("the same page, in another row");
    assert_eq!(same, label);
    assert!((now - at).abs() < 2.0, "{at} {now}");
}

#[test]
fn what_a_later_run_finds_otherwise_is_shown_and_taken_back() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(4));
    let harness = {
        let mut harness = window(&place);
        until_label(&mut harness, "4 pages in 1 document");
        until_label(&mut harness, "Finished");
        harness
    };
    drop(harness);
    // As if another version had seen another engine's picture on two pages.
    rusqlite::Connection::open(place.library().join("library.sqlite"))
        .unwrap()
        .execute_batch("UPDATE measurement SET engine = 'pdfium' WHERE number < 3")
        .unwrap();
    let mut harness = open(&place, options(&place), vec![]);
    until_label(&mut harness, "4 pages in 1 document");
    click(&mut harness, "Again");
    click(&mut harness, "What changed…");
    until_label(
        &mut harness,
        "No page of this batch was analysed more than once",
    );
    harness.key_press(Key::Escape);
    settle(&mut harness);
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::R);
    click(&mut harness, "Again");
    click(&mut harness, "What changed…");
    until_label(&mut harness, "Drawn by: pdfium, now hayro");
    until_label(&mut harness, "4 pages were analysed again");
    let press = |harness: &mut Harness<'static, Desk>, name: &str| {
        harness.get_by_role_and_label(Role::Button, name).click();
        settle(harness);
    };
    press(&mut harness, "Use before");
    until_label(&mut harness, "Drawn by: hayro, now pdfium");
    until_label(&mut harness, "counts again on 2 pages");
    // What is used already stays as it is.
    press(&mut harness, "Use before, all");
    until_label(&mut harness, "Drawn by: hayro, now pdfium");
    press(&mut harness, "Use latest, all");
    until_label(&mut harness, "Drawn by: pdfium, now hayro");
    press(&mut harness, "Use before");
    until_label(&mut harness, "Drawn by: hayro, now pdfium");
    harness.get_by_role_and_label(Role::Button, "Show").click();
    until_label(&mut harness, "2 of 4 pages");
}

#[test]
fn escape_closes_what_lies_topmost_and_no_more() {
    let place = Place::new();
    place.source("letter.pdf", &text_pdf(1));
    let mut harness = window(&place);
    until_label(&mut harness, "1 page in 1 document");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::U);
    until_label(&mut harness, "Nothing is proposed");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    until_label(&mut harness, "Command, batch or document");
    harness.key_press(Key::Escape);
    settle(&mut harness);
    assert!(!has(&harness, "Command, batch or document"));
    assert!(has(&harness, "Nothing is proposed"), "the window below it");
    harness.key_press(Key::Escape);
    settle(&mut harness);
    assert!(!has(&harness, "Nothing is proposed"));
}
