//! PDFium beside hayro, through the real program. The library is the one that `PAGESIEVE_PDFIUM`
//! names; `pagesieve engine install` fetches one. Without it most tests are skipped, aloud.

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use support::pdf::raw_pdf;
use support::program::{Place, Ran};
use support::{
    boxes_pdf, crashing_pdf, encrypted_pdf, encrypted_pdf_rc4, extreme_aspect_pdf, highlighted_pdf,
    ocr_layer_pdf, scanned_pdf, text_pdf, vector_pdf,
};

/// None, with a word on why, where there is no PDFium.
fn pdfium() -> Option<PathBuf> {
    let path = std::env::var_os("PAGESIEVE_PDFIUM").map(PathBuf::from);
    if path.is_none() {
        support::skip::skip("pdfium", "PAGESIEVE_PDFIUM names no library");
    }
    path
}

fn process(place: &Place, engine: &str, more: &[&Path]) -> Ran {
    let sources = place.sources();
    let library = std::env::var_os("PAGESIEVE_PDFIUM").map(PathBuf::from);
    let named = library
        .iter()
        .flat_map(|path| [Path::new("--pdfium"), path]);
    let first = [Path::new("process"), &sources, Path::new("--new")];
    let choice = [Path::new("--engine"), Path::new(engine)];
    place.run(
        first
            .into_iter()
            .chain(choice)
            .chain(named)
            .chain(more.iter().copied()),
    )
}

/// Pages of the newest batch by document and number.
fn pages(place: &Place) -> BTreeMap<(String, u64), Value> {
    let key = |row: &Value| {
        let document = row["document"].as_str().unwrap().to_owned();
        (document, row["page"].as_u64().unwrap())
    };
    place
        .list("pages")
        .into_iter()
        .map(|row| (key(&row), row))
        .collect()
}

fn number(row: &Value, name: &str) -> f64 {
    row[name]
        .as_f64()
        .unwrap_or_else(|| panic!("{name}: {row}"))
}

#[test]
fn both_engines_see_the_same() {
    if pdfium().is_none() {
        return;
    }
    let place = Place::new();
    for (name, bytes) in [
        ("boxes.pdf", boxes_pdf()),
        ("extreme.pdf", extreme_aspect_pdf()),
        ("layer.pdf", ocr_layer_pdf()),
        ("scan.pdf", scanned_pdf()),
        ("text.pdf", text_pdf(12)),
        ("vector.pdf", vector_pdf()),
    ] {
        place.source(name, &bytes);
    }
    let seen = ["hayro", "pdfium"].map(|engine| {
        let ran = process(&place, engine, &[]);
        assert_eq!(ran.code(), 0, "{engine}: {}", ran.errors());
        pages(&place)
    });
    let [hayro, pdfium] = seen;
    assert_eq!(
        hayro.keys().collect::<Vec<_>>(),
        pdfium.keys().collect::<Vec<_>>()
    );
    for (page, by_hayro) in &hayro {
        let by_pdfium = &pdfium[page];
        assert_eq!(by_hayro["engine"], "hayro");
        assert_eq!(by_pdfium["engine"], "pdfium");
        assert_eq!(by_hayro["rotate"], by_pdfium["rotate"], "{page:?}");
        // Hairlines: hayro draws them a pixel wide at any size; a page that is drawn
        // large and scaled down has them as pale as they are thin.
        let ink = if page.0 == "vector.pdf" { 0.08 } else { 0.06 };
        for (name, tolerance) in [("width_mm", 0.2), ("height_mm", 0.2), ("ink", ink)] {
            let (a, b) = (number(by_hayro, name), number(by_pdfium, name));
            assert!((a - b).abs() <= tolerance, "{page:?} {name}: {a} and {b}");
        }
        let (a, b) = (number(by_hayro, "words"), number(by_pdfium, "words"));
        assert!((a - b).abs() <= 0.05 * a, "{page:?} words: {a} and {b}");
    }
}

#[test]
fn user_and_owner_passwords_open() {
    if pdfium().is_none() {
        return;
    }
    for bytes in [
        encrypted_pdf("user", "owner"),
        encrypted_pdf_rc4("user", "owner"),
    ] {
        let place = Place::new();
        place.source("a.pdf", &bytes);
        for (password, status) in [("user", "ok"), ("owner", "ok"), ("wrong", "needs_password")] {
            let file = place.path().join("passwords");
            std::fs::write(&file, password).unwrap();
            process(&place, "pdfium", &[Path::new("--password-file"), &file]);
            assert_eq!(place.documents()["a.pdf"]["status"], status, "{password}");
        }
    }
}

#[test]
fn a_page_that_crashes_one_engine_is_drawn_by_the_other() {
    if pdfium().is_none() {
        return;
    }
    let place = Place::new();
    place.source("crashes.pdf", &crashing_pdf());
    let ran = process(&place, "auto", &[]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let drawn: Vec<_> = pages(&place)
        .into_values()
        .map(|row| (row["engine"].clone(), row["disagreement"].clone()))
        .collect();
    assert_eq!(
        drawn,
        [
            ("hayro".into(), Value::Null),
            ("pdfium".into(), "failed".into()),
            ("hayro".into(), Value::Null),
        ]
    );
}

#[test]
fn a_page_that_one_engine_leaves_blank_is_drawn_by_the_other() {
    if pdfium().is_none() {
        return;
    }
    let place = Place::new();
    place.source("marked.pdf", &highlighted_pdf());
    process(&place, "hayro", &[]);
    let (_, page) = pages(&place).pop_first().unwrap();
    assert_eq!(
        number(&page, "ink"),
        0.0,
        "hayro draws it now: find another"
    );
    process(&place, "auto", &[]);
    let (_, page) = pages(&place).pop_first().unwrap();
    assert_eq!(page["engine"], "pdfium");
    assert_eq!(page["disagreement"], "blank");
    assert!(number(&page, "ink") > 0.0);
}

#[test]
fn the_program_says_which_library_it_uses_and_why() {
    let Some(path) = pdfium() else { return };
    let place = Place::new();
    let status = |arguments: &[&Path]| -> Value {
        let first = ["engine", "status", "--json"].map(Path::new);
        let ran = place.run(first.into_iter().chain(arguments.iter().copied()));
        assert_eq!(ran.code(), 0, "{}", ran.errors());
        serde_json::from_str(&ran.output()).unwrap()
    };
    let named = status(&[Path::new("--pdfium"), &path]);
    assert_eq!(named["pdfium"]["found"], "setting");
    assert_eq!(named["pdfium"]["problem"], Value::Null);
    let variable = place
        .command(["engine", "status", "--json"])
        .env("PAGESIEVE_PDFIUM", &path)
        .output()
        .unwrap();
    let variable: Value = serde_json::from_slice(&variable.stdout).unwrap();
    assert_eq!(variable["pdfium"]["found"], "variable");
    let foreign = place.source("not-a-library.so", b"text");
    let refused = status(&[Path::new("--pdfium"), &foreign]);
    assert!(refused["pdfium"]["problem"].is_string(), "{refused}");
}

#[test]
fn pdfium_alone_is_refused_where_it_is_missing() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(1));
    let sources = place.sources();
    let words = ["process", "--engine", "pdfium"].map(Path::new);
    let ran = place.run(words.into_iter().chain([&*sources]));
    assert_eq!(ran.code(), 78);
    assert!(
        ran.errors().contains("pagesieve engine install"),
        "{}",
        ran.errors()
    );
}

#[test]
fn a_library_that_cannot_be_bound_costs_no_page() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(3));
    let foreign = place.path().join("libpdfium.so");
    std::fs::write(&foreign, "text").unwrap();
    let sources = place.sources();
    let ran = place.run([
        Path::new("process"),
        &sources,
        Path::new("--pdfium"),
        &foreign,
    ]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    assert_eq!(place.statuses("a.pdf"), ["done"; 3]);
}

/// A document whose page tree is `kids` and says that it has `count` pages: object 3 is a
/// page, and 4 a node above it.
fn page_tree(kids: &str, count: u32) -> Vec<u8> {
    raw_pdf([
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!("<< /Type /Pages /Kids [{kids}] /Count {count} >>"),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 200] >>".to_owned(),
        "<< /Type /Pages /Parent 2 0 R /Kids [3 0 R] /Count 1 >>".to_owned(),
    ])
}

#[test]
fn the_engine_that_sees_more_pages_comes_first() {
    if pdfium().is_none() {
        return;
    }
    let place = Place::new();
    // hayro shows what is below a node once, however often the tree lists the node.
    place.source("repeated.pdf", &page_tree("4 0 R 4 0 R 4 0 R", 3));
    place.source("boasting.pdf", &page_tree("3 0 R", 100));
    assert_eq!(process(&place, "auto", &[]).code(), 0);
    let pages = pages(&place);
    let names: Vec<_> = pages.keys().map(|(name, page)| (&**name, *page)).collect();
    assert_eq!(
        names,
        [
            ("boasting.pdf", 1),
            ("repeated.pdf", 1),
            ("repeated.pdf", 2),
            ("repeated.pdf", 3)
        ]
    );
    assert_eq!(pages[&("repeated.pdf".to_owned(), 3)]["engine"], "pdfium");
}
