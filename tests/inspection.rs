//! What the program finds in documents besides what their pages show.

mod support;

use pagesieve::library::Reader;
use pagesieve::model::{BoxKind, DocumentDetails, SecurityName};
use support::pdf::raw_pdf;
use support::peculiar::{
    active_pdf, attachments_pdf, disguised_pdf, hiding_pdf, revised_pdf, signed_pdf, xfa_pdf,
};
use support::program::Place;
use support::{crashing_pdf, encrypted_pdf, hanging_pdf, text_pdf};

/// Processes one document and returns its row of the list and what was found in it.
fn inspected(bytes: &[u8], options: &[&str]) -> (serde_json::Value, DocumentDetails) {
    let place = Place::new();
    let source = place.source("a.pdf", bytes);
    let arguments = ["process", source.to_str().unwrap()];
    let ran = place.run(arguments.iter().chain(options));
    assert!([0, 65].contains(&ran.code()), "{}", ran.errors());
    let row = place.documents().remove("a.pdf").unwrap();
    let reader = Reader::open(&place.library()).unwrap().unwrap();
    let batch = reader.newest_batch().unwrap().unwrap().batch.id;
    let details = reader.details(batch).unwrap().into_values().next();
    (row, details.expect("it was inspected"))
}

#[test]
fn an_ordinary_document_has_nothing_special() {
    let (row, details) = inspected(&text_pdf(3), &[]);
    for column in [
        "javascript",
        "launch",
        "open_action",
        "embedded_file",
        "xfa",
        "encrypted",
        "signed",
        "acroform",
        "hidden_names",
        "page_counts_differ",
    ] {
        assert_eq!(row[column], "no", "{column}");
    }
    assert_eq!(row["revisions"], 1);
    let structure = details.structure.unwrap();
    assert_eq!(row["fonts"], structure.fonts.len());
    assert_eq!(structure.pages, 3);
    let boxes: Vec<_> = structure.boxes.iter().map(|b| (b.kind, b.pages)).collect();
    assert_eq!(boxes, [(BoxKind::Media, 3)]);
    let helvetica = structure.fonts.iter().find(|f| f.name == "Helvetica");
    assert_eq!(helvetica.map(|font| font.embedded), Some(false));
    assert_eq!(structure.creator.as_deref(), Some("Pagesieve fixtures"));
    assert_eq!(details.page_counts["hayro"], 3);
    assert_eq!(details.page_counts["lopdf"], 3);
}

#[test]
fn boxes_of_pages_are_inherited_scaled_and_counted() {
    let pages = [
        "<< /Type /Page /Parent 2 0 R >>",
        "<< /Type /Page /Parent 2 0 R /CropBox [10 10 90 190] /TrimBox [90 190 10 10] >>",
        "<< /Type /Page /Parent 2 0 R /UserUnit 2 /MediaBox [0 0 100 50] >>",
    ];
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R 4 0 R 5 0 R] /Count 3 /MediaBox [0 0 100 200] >>".to_owned(),
    ];
    objects.extend(pages.map(str::to_owned));
    let (_, details) = inspected(&raw_pdf(objects), &[]);
    let boxes: Vec<_> = details.structure.unwrap().boxes;
    let found: Vec<_> = boxes
        .iter()
        .map(|b| (b.kind, b.width, b.height, b.pages))
        .collect();
    assert_eq!(
        found,
        [
            (BoxKind::Media, 100.0, 200.0, 2),
            (BoxKind::Media, 200.0, 100.0, 1),
            (BoxKind::Crop, 80.0, 180.0, 1),
            (BoxKind::Trim, 80.0, 180.0, 1),
        ]
    );
}

#[test]
fn scripts_and_actions_are_found() {
    let (row, details) = inspected(&active_pdf(), &[]);
    for column in ["javascript", "launch", "open_action"] {
        assert_eq!(row[column], "yes", "{column}");
    }
    assert_eq!(details.has(SecurityName::AA), Some(true));
    assert_eq!(row["hidden_names"], "no");
}

#[test]
fn disguised_names_are_found_and_said_to_be_disguised() {
    let (row, details) = inspected(&disguised_pdf(), &[]);
    assert_eq!(row["javascript"], "yes");
    assert_eq!(details.raw.escaped_names, 2);
}

#[test]
fn what_no_reader_sees_is_called_hidden() {
    let (row, details) = inspected(&hiding_pdf(), &[]);
    assert_eq!(row["launch"], "yes");
    assert_eq!(row["hidden_names"], "yes");
    assert_eq!(details.hidden_names(), [SecurityName::Launch]);
}

#[test]
fn files_within_are_named() {
    let (row, details) = inspected(&attachments_pdf(), &[]);
    assert_eq!(row["embedded_file"], "yes");
    let mut names: Vec<_> = details.structure.unwrap().attachments;
    names.sort_by(|a, b| a.name.cmp(&b.name));
    let names: Vec<_> = names.iter().map(|a| (a.name.as_str(), a.bytes)).collect();
    assert_eq!(names, [("notes.txt", Some(4)), ("prices.csv", Some(4))]);
}

#[test]
fn signatures_and_forms_are_found() {
    let (row, details) = inspected(&signed_pdf(), &[]);
    assert_eq!(row["signed"], "yes");
    assert_eq!(row["acroform"], "yes");
    assert_eq!(details.structure.unwrap().signers, ["Ada Winter"]);
    let (row, _) = inspected(&xfa_pdf(), &[]);
    assert_eq!(row["xfa"], "yes");
    assert_eq!(row["signed"], "no");
}

#[test]
fn revisions_are_counted_and_what_follows_the_end_is_seen() {
    let (row, details) = inspected(&revised_pdf(), &[]);
    assert_eq!(row["revisions"], 3);
    assert_eq!(details.raw.bytes_after_end, "trailing bytes".len() as u64);
}

#[test]
fn an_encrypted_document_is_inspected_with_its_password() {
    let passwords = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(passwords.path(), "secret\n").unwrap();
    let options = ["--password-file", passwords.path().to_str().unwrap()];
    let (row, details) = inspected(&encrypted_pdf("secret", "owner"), &options);
    assert_eq!(row["encrypted"], "yes");
    let encryption = details.structure.unwrap().encryption.unwrap();
    assert_eq!((encryption.version, encryption.bits), (5, Some(256)));
    assert_eq!(encryption.allowed, ["printing"]);
    // Without it nothing is opened, and so nothing inspected.
    let place = Place::new();
    place.source("a.pdf", &encrypted_pdf("secret", "owner"));
    assert_eq!(place.process().code(), 65);
    assert!(place.documents()["a.pdf"]["javascript"].is_null());
}

#[test]
fn pages_that_end_their_worker_do_not_keep_a_document_from_being_inspected() {
    for bytes in [crashing_pdf(), hanging_pdf()] {
        let (row, details) = inspected(&bytes, &["--page-deadline", "1"]);
        assert_eq!(row["javascript"], "no");
        assert_eq!(details.structure.unwrap().pages, 3);
    }
}

#[test]
fn a_run_that_was_stopped_before_inspecting_goes_on_with_it() {
    let place = Place::new();
    place.source("a.pdf", &active_pdf());
    assert_eq!(place.process().code(), 0);
    let library = rusqlite::Connection::open(place.library().join("library.sqlite")).unwrap();
    library.execute("DELETE FROM document_details", []).unwrap();
    drop(library);
    assert!(place.documents()["a.pdf"]["javascript"].is_null());
    assert_eq!(place.process().code(), 0);
    assert_eq!(place.documents()["a.pdf"]["javascript"], "yes");
}

#[test]
fn a_document_with_other_content_is_inspected_anew() {
    let place = Place::new();
    place.source("a.pdf", &active_pdf());
    assert_eq!(place.process().code(), 0);
    place.source("a.pdf", &text_pdf(1));
    assert_eq!(place.process().code(), 0);
    assert_eq!(place.documents()["a.pdf"]["javascript"], "no");
}
