//! Splitting and merging from the command line: what parts hold, what they leave behind, and that
//! no half file is ever seen.

mod support;

#[path = "split/forms.rs"]
mod forms;
#[path = "split/merge.rs"]
mod merge;
#[path = "split/numbers.rs"]
mod numbers;
#[path = "split/repair.rs"]
mod repair;
#[path = "split/rules.rs"]
mod rules;
#[path = "split/searchable.rs"]
mod searchable;
#[path = "split/sources.rs"]
mod sources;
#[path = "split/verify.rs"]
mod verify;
#[path = "split/whole.rs"]
mod whole;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use lopdf::{Dictionary, Document, Object};
use pagesieve::model::{
    CutReason, Difference, DocumentId, EngineKind, PageId, PageProof, PlannedPage, PlannedPart,
    Proof, Source, SplitPlan,
};
use pagesieve::pdf::extract::{ExtractError, PartOptions, assemble};
use pagesieve::pdf::proof::{Shown, ShownPage, prove};
use pagesieve::pdf::{Engine, Engines, HayroEngine, OpenDocument};
use pagesieve::triage::split::{
    DocumentFacts, Export, ExportOptions, ExportReport, MadeBy, Outcome, SplitDocument,
};
use pagesieve::triage::{Pool, Scratch, ScratchSettings, WorkerLimits, WorkerProgram};
use pagesieve::worker::{Opening, PartSource};
use serde_json::Value;
use support::disk::Disk;
use support::pdf::{BLACK, Font, Page, PdfBuilder, Style, raw_pdf};
use support::peculiar::signed_pdf;
use support::program::{Place, Ran, wait_for};
use support::rich::rich_pdf;
use support::{
    encrypted_pdf, hanging_pdf, highlighted_pdf, scanned_pdf, separator_pdf, text_pdf, vector_pdf,
};

/// Splits the folder of sources into `out`.
fn split(place: &Place, options: &[&str]) -> Ran {
    command(place, "split", &out(place), options)
}

fn command(place: &Place, verb: &str, to: &Path, options: &[&str]) -> Ran {
    let sources = place.sources();
    let fixed = [Path::new(verb), &sources, Path::new("--out"), to];
    let options = options.iter().map(Path::new);
    place.run(fixed.into_iter().chain(options))
}

fn out(place: &Place) -> PathBuf {
    place.path().join("out")
}

/// Names in the destination, hidden ones too, without the manifest.
fn files(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    let names = entries.map(|entry| entry.file_name().to_str().unwrap().to_owned());
    names.filter(|name| !name.ends_with(".json")).collect()
}

fn manifest_path(folder: &Path) -> PathBuf {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    let mut paths = entries.map(|entry| entry.path());
    let found = paths.find(|path| path.extension().is_some_and(|ending| ending == "json"));
    found.unwrap()
}

fn manifest(folder: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(manifest_path(folder)).unwrap()).unwrap()
}

fn open(bytes: &[u8]) -> Box<dyn OpenDocument> {
    HayroEngine.open(Arc::new(bytes.to_vec()), None).unwrap()
}

fn part(folder: &Path, name: &str) -> Document {
    Document::load(folder.join(name)).unwrap()
}

fn page(part: &Document, number: u32) -> &Dictionary {
    part.get_dictionary(part.get_pages()[&number]).unwrap()
}

fn annotations(part: &Document, number: u32) -> Vec<&Dictionary> {
    part.get_page_annotations(part.get_pages()[&number])
        .unwrap()
}

#[test]
fn each_page_looks_and_reads_as_before() {
    for (name, bytes) in [
        ("rich", rich_pdf()),
        ("text", text_pdf(3)),
        ("scan", scanned_pdf()),
        ("vector", vector_pdf()),
        ("highlight", highlighted_pdf()),
    ] {
        let place = Place::new();
        place.source("a.pdf", &bytes);
        let ran = split(&place, &["--every", "1", "--name", "{pages}"]);
        assert_eq!(ran.code(), 0, "{name}: {}", ran.errors());
        let source = open(&bytes);
        for number in 1..=source.page_count() {
            let part = std::fs::read(out(&place).join(format!("{number}.pdf"))).unwrap();
            let part = open(&part);
            assert_eq!(part.page_count(), 1, "{name}");
            let shape = source.shape(number).unwrap();
            assert_eq!(part.shape(1), Ok(shape), "{name} {number}");
            let (w, h) = ((shape.width * 1.4) as u16, (shape.height * 1.4) as u16);
            let (before, after) = (source.draw(number, w, h), part.draw(1, w, h));
            assert!(before == after, "{name} {number} looks different");
            assert_eq!(part.text(1), source.text(number), "{name} {number}");
        }
    }
}

/// A page of 595.27559 points across that says "Here".
fn one_page(extra: &str) -> Vec<u8> {
    let content = "BT /F1 24 Tf 20 700 Td (Here) Tj ET";
    let font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>";
    raw_pdf([
        format!("<</Type/Catalog/Pages 2 0 R{extra}>>"),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 -0.0000123456 595.27559 841.889763779528]\
         /Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>/Annots[6 0 R]>>"
            .to_owned(),
        format!("<</Length {}>>stream\n{content}\nendstream", content.len()),
        font.to_owned(),
        "<</Type/Annot/Subtype/Widget/Rect[20 20 90 40]/Parent 7 0 R>>".to_owned(),
        "<</FT/Tx/T(Name)/V(Finch)>>".to_owned(),
    ])
}

#[test]
fn boxes_keep_all_their_digits() {
    let place = Place::new();
    place.source("a.pdf", &one_page(""));
    assert_eq!(split(&place, &["--every", "1"]).code(), 0);
    let part = part(&out(&place), "a.pdf");
    let objects = part.objects.values().filter_map(|object| {
        let stream = object.as_stream().ok()?;
        let content = stream.get_plain_content().ok()?;
        stream.dict.has_type(b"ObjStm").then_some(content)
    });
    let objects: String = objects
        .map(|content| String::from_utf8_lossy(&content).into_owned())
        .collect();
    let boxes = "/MediaBox[0 -0.0000123456 595.27559 841.889763779528]";
    assert!(objects.contains(boxes), "{objects}");
}

#[test]
fn a_field_that_does_not_know_its_widget_comes_along() {
    let place = Place::new();
    place.source("a.pdf", &one_page("/AcroForm<</Fields[]>>"));
    assert_eq!(split(&place, &["--every", "1"]).code(), 0);
    let part = part(&out(&place), "a.pdf");
    let parent = annotations(&part, 1)[0].get(b"Parent").unwrap();
    let field = part.dereference(parent).unwrap().1.as_dict().unwrap();
    assert_eq!(field.get(b"V").unwrap().as_str().unwrap(), b"Finch");
    let form = part.catalog().unwrap().get(b"AcroForm").unwrap();
    let form = part.dereference(form).unwrap().1.as_dict().unwrap();
    assert_eq!(form.get(b"Fields").unwrap().as_array().unwrap().len(), 1);
}

#[test]
fn links_lead_where_they_led_if_that_is_there() {
    let place = Place::new();
    place.source("a.pdf", &rich_pdf());
    assert_eq!(split(&place, &["--ranges", "1-2,1-3"]).code(), 0);
    let leads = |name: &str| -> Vec<bool> {
        let part = part(&out(&place), name);
        annotations(&part, 1)
            .iter()
            .filter(|a| a.get(b"Subtype").unwrap().as_name().unwrap() == b"Link")
            .map(|link| link.has(b"Dest") || link.has(b"A"))
            .collect()
    };
    // To page 3, to the web, to a script, to a program.
    assert_eq!(leads("a-001.pdf"), [false, true, false, false]);
    assert_eq!(leads("a-002.pdf"), [true, true, false, false]);
    let whole = part(&out(&place), "a-002.pdf");
    let link = annotations(&whole, 1)[0].get(b"Dest").unwrap();
    let target = link.as_array().unwrap()[0].as_reference().unwrap();
    assert_eq!(target, whole.get_pages()[&3]);
}

#[test]
fn nothing_in_a_part_can_run() {
    let place = Place::new();
    place.source("a.pdf", &rich_pdf());
    assert_eq!(split(&place, &[]).code(), 0);
    let part = part(&out(&place), "a.pdf");
    for object in part.objects.values() {
        let written = format!("{object:?}");
        for word in ["JavaScript", "Launch", "OpenAction", "/AA", "/CO"] {
            assert!(!written.contains(word), "{word}: {written}");
        }
    }
}

#[test]
fn notes_keep_their_popups_and_replies() {
    let place = Place::new();
    place.source("a.pdf", &rich_pdf());
    assert_eq!(split(&place, &["--every", "1"]).code(), 0);
    let part = part(&out(&place), "a-001.pdf");
    let ids = page(&part, 1).get(b"Annots").unwrap().as_array().unwrap();
    let (note, popup, reply) = (&ids[3], &ids[4], &ids[5]);
    let entry = |of: &Object, key: &[u8]| {
        let (_, of) = part.dereference(of).unwrap();
        of.as_dict().unwrap().get(key).unwrap().clone()
    };
    assert_eq!(entry(note, b"Popup"), *popup);
    assert_eq!(entry(popup, b"Parent"), *note);
    assert_eq!(entry(reply, b"IRT"), *note);
}

#[test]
fn form_fields_come_with_their_page_in_a_form_of_their_own() {
    let place = Place::new();
    place.source("a.pdf", &rich_pdf());
    assert_eq!(split(&place, &["--every", "1"]).code(), 0);
    let fields = |name: &str| -> Option<Vec<(String, usize)>> {
        let part = part(&out(&place), name);
        let form = part.catalog().unwrap().get(b"AcroForm").ok()?;
        let form = part.dereference(form).unwrap().1.as_dict().unwrap();
        assert!(form.has(b"DR") && form.has(b"DA"));
        let fields = form.get(b"Fields").unwrap().as_array().unwrap();
        let described = fields.iter().map(|field| {
            let field = part.dereference(field).unwrap().1.as_dict().unwrap();
            let name = String::from_utf8_lossy(field.get(b"T").unwrap().as_str().unwrap());
            let kids = field
                .get(b"Kids")
                .map_or(0, |kids| kids.as_array().unwrap().len());
            (name.into_owned(), kids)
        });
        Some(described.collect())
    };
    assert_eq!(fields("a-001.pdf"), None);
    let second = fields("a-002.pdf").unwrap();
    assert_eq!(second, [("name".to_owned(), 0), ("choice".to_owned(), 1)]);
    assert_eq!(fields("a-003.pdf").unwrap(), [("choice".to_owned(), 1)]);
}

#[test]
fn widgets_without_a_form_get_none() {
    let place = Place::new();
    let bytes = raw_pdf([
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Annots [4 0 R] >>".to_owned(),
        "<< /Type /Annot /Subtype /Widget /FT /Tx /T (field) /Rect [10 10 90 30] >>".to_owned(),
    ]);
    place.source("a.pdf", &bytes);
    assert_eq!(split(&place, &["--every", "1"]).code(), 0);
    let part = part(&out(&place), "a.pdf");
    assert_eq!(annotations(&part, 1).len(), 1);
    assert!(!part.catalog().unwrap().has(b"AcroForm"));
}

#[test]
fn layers_labels_and_bookmarks_are_those_of_the_pages() {
    let place = Place::new();
    place.source("a.pdf", &rich_pdf());
    assert_eq!(split(&place, &["--ranges", "1-2,3-4,2-4"]).code(), 0);
    let first = part(&out(&place), "a-001.pdf");
    assert!(!first.catalog().unwrap().has(b"OCProperties"));
    let second = part(&out(&place), "a-002.pdf");
    let layers = second.catalog().unwrap().get(b"OCProperties").unwrap();
    let layers = layers.as_dict().unwrap();
    assert_eq!(layers.get(b"OCGs").unwrap().as_array().unwrap().len(), 2);
    let initial = layers.get(b"D").unwrap().as_dict().unwrap();
    assert_eq!(initial.get(b"OFF").unwrap().as_array().unwrap().len(), 1);

    let labels = |name: &str| {
        let part = part(&out(&place), name);
        let labels = part.catalog().unwrap().get(b"PageLabels").unwrap();
        format!("{labels:?}").replace(' ', "")
    };
    assert_eq!(labels("a-002.pdf"), "<</Nums[0<</S/D>>]>>");
    assert_eq!(labels("a-003.pdf"), "<</Nums[0<</S/r/St2>>1<</S/D>>]>>");

    let titles = |name: &str| -> Vec<String> {
        let part = part(&out(&place), name);
        let titles = part.objects.values().filter_map(|object| {
            let entries = object.as_dict().ok()?;
            let title = entries.get(b"Title").ok()?.as_str().ok()?;
            entries
                .has(b"Parent")
                .then(|| String::from_utf8_lossy(title).into_owned())
        });
        titles.collect()
    };
    assert_eq!(titles("a-001.pdf"), ["Part"]);
    assert_eq!(titles("a-002.pdf"), ["Part", "Third", "Fourth"]);
}

#[test]
fn what_a_page_does_not_use_stays_behind() {
    let place = Place::new();
    place.source("a.pdf", &rich_pdf());
    assert_eq!(split(&place, &["--every", "1"]).code(), 0);
    for name in files(&out(&place)) {
        let size = std::fs::metadata(out(&place).join(&name)).unwrap().len();
        assert!(size < 4_000, "{name}: {size} bytes");
    }
}

#[test]
fn forecasts_are_exact() {
    let place = Place::new();
    place.source("a.pdf", &rich_pdf());
    place.source("b.pdf", &text_pdf(7));
    let options = ["--every", "2", "--dry-run", "--json"];
    let ran = split(&place, &options);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    assert!(!out(&place).exists(), "a dry run writes nothing");
    let rows: Vec<Value> = ran
        .output()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(rows.len(), 6);
    assert_eq!(split(&place, &options[..2]).code(), 0);
    for row in rows {
        let file = out(&place).join(row["file"].as_str().unwrap());
        assert_eq!(row["bytes"], file.metadata().unwrap().len(), "{row}");
    }
}

#[test]
fn parts_are_no_larger_than_wanted() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(40));
    let ran = split(&place, &["--max-size", "12kB"]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let sizes: Vec<u64> = files(&out(&place))
        .iter()
        .map(|name| out(&place).join(name).metadata().unwrap().len())
        .collect();
    assert!(sizes.len() > 1, "{sizes:?}");
    assert!(sizes.iter().all(|size| *size <= 12_000), "{sizes:?}");
}

#[test]
fn the_manifest_accounts_for_every_page_once() {
    let place = Place::new();
    place.source("a.pdf", &support::blank_pdf());
    place.source("b.pdf", &text_pdf(5));
    place.source("c.pdf", b"no PDF");
    let ran = split(&place, &["--at-blank", "--every", "2"]);
    assert_eq!(ran.code(), 65, "{}", ran.errors());
    let manifest = manifest(&out(&place));
    assert_eq!(manifest["complete"], false, "a source is not in it");
    let mut pages = Vec::new();
    for part in manifest["parts"].as_array().unwrap() {
        let file = std::fs::read(out(&place).join(part["file"].as_str().unwrap())).unwrap();
        assert_eq!(part["blake3"], blake3::hash(&file).to_hex().as_str());
        assert_eq!(part["bytes"], file.len() as u64);
        pages.extend(part["pages"].as_array().unwrap());
    }
    pages.extend(manifest["excluded"].as_array().unwrap());
    let mut pages: Vec<_> = pages
        .iter()
        .map(|p| (p["source"].as_u64(), p["page"].as_u64()))
        .collect();
    pages.sort();
    let expected: Vec<_> = [(0, 3), (1, 5)]
        .into_iter()
        .flat_map(|(source, count)| (1..=count).map(move |page| (Some(source), Some(page))))
        .collect();
    assert_eq!(pages, expected);
    assert!(manifest["sources"][2]["failure"].is_string());
}

#[test]
fn rules_cut_where_they_say() {
    let place = Place::new();
    place.source("a.pdf", &rich_pdf());
    let cuts = |options: &[&str]| -> Vec<String> {
        let mut all = vec!["--dry-run", "--json"];
        all.extend(options);
        let ran = split(&place, &all);
        assert_eq!(ran.code(), 0, "{}", ran.errors());
        let rows = ran.output();
        let rows = rows
            .lines()
            .map(|l| serde_json::from_str::<Value>(l).unwrap());
        rows.map(|row| row["pages"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(cuts(&["--at-bookmark", "1"]), ["1-3", "4"]);
    assert_eq!(cuts(&["--at-bookmark", "2"]), ["1-2", "3", "4"]);
    assert_eq!(cuts(&["--at-page-numbers"]), ["1-2", "3-4"]);
    assert_eq!(cuts(&["--at-size"]), ["1", "2", "3-4"]);
    assert_eq!(cuts(&["--at-orientation"]), ["1", "2", "3-4"]);
    assert_eq!(cuts(&["--at-text", "^Page [24]$"]), ["1", "2-3", "4"]);
    assert_eq!(
        cuts(&["--at-text", "^Page 2$", "--every", "2"]),
        ["1", "2-3", "4"]
    );
}

#[test]
fn numbers_that_are_printed_on_pages_cut_where_they_begin_anew() {
    let place = Place::new();
    let mut pdf = PdfBuilder::new("Three letters");
    for line in [
        "Page 1 of 2",
        "Page 2 of 2",
        "Page 1 of 1",
        "",
        "Page 2 of 3",
        "Page 3 of 3",
    ] {
        let mut page = Page::a4();
        page.text(
            Font::Helvetica,
            11.0,
            60.0,
            700.0,
            BLACK,
            "Dear Sir or Madam,",
        );
        page.text(Font::Helvetica, 9.0, 60.0, 40.0, BLACK, line);
        pdf.add(page);
    }
    place.source("a.pdf", &pdf.finish());
    let ran = split(&place, &["--at-page-numbers", "--name", "{pages}"]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let expected = ["1-2.pdf", "3.pdf", "4-6.pdf"];
    assert_eq!(
        files(&out(&place)),
        BTreeSet::from(expected.map(String::from))
    );
}

#[test]
fn separator_sheets_cut_and_are_left_out_or_kept() {
    let place = Place::new();
    place.source("a.pdf", &separator_pdf(3, 2));
    let ran = split(&place, &["--at-barcode", "patcht", "--name", "{pages}"]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let expected = ["2-3.pdf", "5-6.pdf", "8-9.pdf"].map(String::from);
    assert_eq!(files(&out(&place)), BTreeSet::from(expected));
    let excluded = &manifest(&out(&place))["excluded"];
    assert_eq!(excluded.as_array().unwrap().len(), 3);
    assert_eq!(excluded[0]["reason"], "separator");
}

#[test]
fn separator_sheets_are_found_in_coarse_and_tilted_scans() {
    let place = Place::new();
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/sample-batch/Scans/");
    let scan = std::fs::read(format!("{sample}scan 0108 (separators).pdf")).unwrap();
    place.source("a.pdf", &scan);
    let ran = split(&place, &["--at-barcode", "PATCHT", "--name", "{pages}"]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let expected = ["2-3.pdf", "5-7.pdf", "9.pdf"].map(String::from);
    assert_eq!(files(&out(&place)), BTreeSet::from(expected));
}

#[test]
fn real_patch_bars_separate_like_barcodes_that_say_so() {
    let place = Place::new();
    let mut pdf = PdfBuilder::new("Patches");
    for turned in [false, true] {
        let mut sheet = Page::a4();
        // 0.08 and 0.2 inches, 2 inches long, the narrow one next to the edge (Kodak's T).
        let mut y = 700.0;
        for bar in [14.4, 5.76, 14.4, 5.76] {
            sheet.fill_rect(200.0, y, 144.0, bar, BLACK);
            y += bar + 5.76;
        }
        pdf.add(if turned { sheet.turned() } else { sheet });
        let mut letter = Page::a4();
        letter.fill_rect(60.0, 60.0, 300.0, 20.0, BLACK);
        pdf.add(letter);
    }
    place.source("a.pdf", &pdf.finish());
    let ran = split(&place, &["--at-barcode", "PATCHT", "--name", "{pages}"]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let expected = ["2.pdf", "4.pdf"].map(String::from);
    assert_eq!(files(&out(&place)), BTreeSet::from(expected));
}

#[test]
fn bookmarks_name_parts() {
    let place = Place::new();
    place.source("a.pdf", &rich_pdf());
    let options = ["--at-bookmark", "1", "--name", "{document} {title}"];
    assert_eq!(split(&place, &options).code(), 0);
    let expected = ["a Fourth.pdf", "a Part.pdf"].map(String::from);
    assert_eq!(files(&out(&place)), BTreeSet::from(expected));
}

#[test]
fn encrypted_documents_are_split_with_their_password() {
    let place = Place::new();
    place.source("a.pdf", &encrypted_pdf("secret", "owner"));
    assert_eq!(split(&place, &["--every", "1"]).code(), 65);
    assert!(files(&out(&place)).is_empty());
    let passwords = place.path().join("passwords");
    std::fs::write(&passwords, "wrong\nsecret\n").unwrap();
    let options = [
        "--every",
        "1",
        "--password-file",
        passwords.to_str().unwrap(),
    ];
    let ran = split(&place, &options);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let part = std::fs::read(out(&place).join("a-002.pdf")).unwrap();
    assert!(open(&part).text(1).unwrap().contains("Page 2 of 3"));
}

#[test]
fn a_part_without_pages_is_refused() {
    let part = assemble(&[], &[], &PartOptions::default());
    assert_eq!(part.err(), Some(ExtractError::NoPages));
}

#[test]
fn signed_documents_need_a_yes() {
    let place = Place::new();
    place.source("a.pdf", &signed_pdf());
    let ran = split(&place, &[]);
    assert_eq!(ran.code(), 65);
    assert!(ran.errors().contains("signed"), "{}", ran.errors());
    assert!(files(&out(&place)).is_empty());
    assert_eq!(split(&place, &["--drop-signatures"]).code(), 0);
    let part = part(&out(&place), "a.pdf");
    assert!(
        part.objects
            .values()
            .all(|o| !format!("{o:?}").contains("ByteRange"))
    );
    assert!(format!("{:?}", part.trailer).contains("Info"));
    let note = &manifest(&out(&place))["parts"][0]["note"];
    assert!(note.as_str().unwrap().contains("signature"));
}

#[test]
fn files_that_are_there_are_not_replaced_unasked() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(1));
    std::fs::create_dir(out(&place)).unwrap();
    std::fs::write(out(&place).join("a.pdf"), "mine").unwrap();
    for _ in 0..2 {
        // The second time its own file is there already.
        assert_eq!(split(&place, &[]).code(), 0);
        assert_eq!(std::fs::read(out(&place).join("a.pdf")).unwrap(), b"mine");
        let expected = ["a.pdf", "a (2).pdf"].map(String::from);
        assert_eq!(files(&out(&place)), BTreeSet::from(expected));
    }
    assert_eq!(split(&place, &["--overwrite"]).code(), 0);
    assert!(
        std::fs::read(out(&place).join("a.pdf"))
            .unwrap()
            .starts_with(b"%PDF")
    );
}

#[test]
fn documents_are_put_together() {
    let place = Place::new();
    place.source("1.pdf", &text_pdf(2));
    place.source("2.pdf", &rich_pdf());
    let to = place.path().join("all.pdf");
    let ran = command(&place, "merge", &to, &[]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let all = open(&std::fs::read(&to).unwrap());
    assert_eq!(all.page_count(), 6);
    assert!(all.text(2).unwrap().contains("Page 2 of 2"));
    assert!(all.text(3).unwrap().contains("Page 1"));
    assert_eq!(command(&place, "merge", &to, &[]).code(), 0);
    assert!(!place.path().join("all (2).pdf").exists(), "it is the same");
}

#[test]
fn a_full_destination_leaves_no_half_file_and_the_run_goes_on() {
    let place = Place::new();
    let Some(disk) = Disk::mount(out(&place), "72m") else {
        return;
    };
    place.source("a.pdf", &text_pdf(3));
    // All but 64 MiB and a little is taken: the parts need more than the little.
    let ballast = disk.0.join("ballast");
    std::fs::write(&ballast, vec![0; 8 << 20]).unwrap();
    let ran = split(&place, &["--every", "1"]);
    assert_eq!(ran.code(), 75, "{}", ran.errors());
    assert!(ran.errors().contains("free"), "{}", ran.errors());
    assert_eq!(files(&out(&place)), BTreeSet::from(["ballast".to_owned()]));
    std::fs::remove_file(&ballast).unwrap();
    assert_eq!(split(&place, &["--every", "1"]).code(), 0);
    assert_eq!(files(&out(&place)).len(), 3);
}

#[test]
fn a_destination_that_fills_up_midway_keeps_what_is_whole_and_the_run_goes_on() {
    let place = Place::new();
    // Room enough for the bytes, and files for less than half of the parts.
    let Some(disk) = Disk::mount(out(&place), "200m,nr_inodes=120") else {
        return;
    };
    place.source("a.pdf", &text_pdf(300));
    let ran = split(&place, &["--every", "1"]);
    assert_eq!(ran.code(), 75, "{}", ran.errors());
    for name in files(&out(&place)) {
        assert!(name.ends_with(".pdf"), "{name}");
        let part = open(&std::fs::read(out(&place).join(&name)).unwrap());
        assert_eq!(part.page_count(), 1, "{name}");
    }
    let whole = files(&out(&place)).len();
    assert!(whole > 0);
    // Still full, with room for a folder and its lock but for no part: what is there is
    // said, though nothing can be compared with it.
    // Files that are deleted give their room back a moment later.
    let leave_room_for = |files: usize| {
        wait_for(Duration::from_secs(10), || {
            let state = rustix::fs::statvfs(&disk.0).unwrap();
            (state.f_files - state.f_ffree == whole as u64 + 1).then_some(())
        });
        disk.remount(&format!("nr_inodes={}", whole + 1 + files));
    };
    leave_room_for(2);
    let ran = split(&place, &["--every", "1"]);
    assert_eq!(ran.code(), 75, "{}", ran.errors());
    let said = format!("{whole} more are there from before");
    assert!(ran.output().contains(&said), "{}", ran.output());
    // Not even for that.
    leave_room_for(0);
    let ran = split(&place, &["--every", "1"]);
    assert_eq!(ran.code(), 75, "{}", ran.errors());
    assert!(ran.errors().contains("No space left"), "{}", ran.errors());
    assert_eq!(files(&out(&place)).len(), whole);
    disk.remount("nr_inodes=1000");
    assert_eq!(split(&place, &["--every", "1"]).code(), 0);
    assert_eq!(files(&out(&place)).len(), 300);
    assert_eq!(manifest(&out(&place))["complete"], true);
}

#[test]
fn a_destination_that_cannot_be_written_says_so_and_stays_as_it_is() {
    let place = Place::new();
    let Some(disk) = Disk::mount(out(&place), "80m") else {
        return;
    };
    place.source("a.pdf", &text_pdf(3));
    disk.remount("ro");
    let ran = split(&place, &["--every", "1"]);
    assert_ne!(ran.code(), 0);
    assert!(
        ran.errors().contains("cannot be written"),
        "{}",
        ran.errors()
    );
    assert!(files(&out(&place)).is_empty());
    disk.remount("rw");
    assert_eq!(split(&place, &["--every", "1"]).code(), 0);
}

#[test]
fn barcodes_name_parts() {
    let place = Place::new();
    place.source("a.pdf", &separator_pdf(2, 2));
    let options = ["--at-barcode", "PATCHT", "--name", "{barcode} {part}"];
    assert_eq!(split(&place, &options).code(), 0);
    let names = files(&out(&place));
    assert!(
        names.iter().any(|name| name.contains("PATCHT")),
        "{names:?}"
    );
}

#[test]
fn a_run_that_is_killed_leaves_only_whole_parts_and_the_next_one_clears_up() {
    let place = Place::new();
    let bytes = text_pdf(300);
    place.source("a.pdf", &bytes);
    let (sources, to) = (place.sources(), out(&place));
    let arguments = [Path::new("split"), &sources, Path::new("--out"), &to];
    let arguments = arguments.into_iter().chain(["--every", "1"].map(Path::new));
    let mut killed = 0;
    for milliseconds in [40, 60, 80, 100, 150] {
        let mut child = place.start(arguments.clone());
        std::thread::sleep(std::time::Duration::from_millis(milliseconds));
        killed += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        if !to.exists() {
            continue;
        }
        for name in files(&to).iter().filter(|name| name.ends_with(".pdf")) {
            let part = open(&std::fs::read(to.join(name)).unwrap());
            assert_eq!(part.page_count(), 1, "{name}");
        }
    }
    println!("{killed} of 5 runs were killed in the middle");
    // Workers of the last run may still be at their last part.
    place.wait(|| (split(&place, &["--every", "1"]).code() == 0).then_some(()));
    let odd: Vec<String> = files(&to)
        .into_iter()
        .filter(|name| name.len() != "a-001.pdf".len())
        .collect();
    assert!(odd.is_empty(), "{odd:?}");
    assert_eq!(files(&to).len(), 300);
    assert_eq!(manifest(&to)["complete"], true);
}

#[test]
fn a_document_that_hangs_when_drawn_is_split_all_the_same() {
    let place = Place::new();
    place.source("a.pdf", &hanging_pdf());
    let ran = split(&place, &["--every", "1", "--page-deadline", "2"]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    assert_eq!(files(&out(&place)).len(), 3);
    assert!(ran.errors().contains("a-002.pdf"), "{}", ran.errors());
    let proofs = proofs(&out(&place));
    assert_eq!([&proofs[0], &proofs[2]], ["proved", "proved"]);
    assert!(
        proofs[1]["not_proved"]
            .as_str()
            .unwrap()
            .contains("no answer")
    );
}

/// What the manifest says of each part's proof.
fn proofs(folder: &Path) -> Vec<Value> {
    let manifest = manifest(folder);
    let parts = manifest["parts"].as_array().unwrap().iter();
    parts.map(|part| part["proof"].clone()).collect()
}

#[test]
fn each_part_is_proved_unless_nobody_asks() {
    for bytes in [
        rich_pdf(),
        text_pdf(3),
        scanned_pdf(),
        vector_pdf(),
        highlighted_pdf(),
    ] {
        let place = Place::new();
        place.source("a.pdf", &bytes);
        assert_eq!(split(&place, &["--every", "1"]).code(), 0);
        assert!(proofs(&out(&place)).iter().all(|proof| proof == "proved"));
        let other = place.path().join("other");
        let ran = command(&place, "split", &other, &["--every", "1", "--no-proof"]);
        assert_eq!(ran.code(), 0);
        assert!(proofs(&other).iter().all(|proof| proof == "not_asked"));
    }
}

/// What becomes of parts of so many pages each, taken from one document by these workers.
fn export(
    place: &Place,
    executable: PathBuf,
    (source, pages): (&Path, u32),
    parts: Vec<Vec<PlannedPage>>,
) -> ExportReport {
    let (scratch, _) = Scratch::open(ScratchSettings {
        dir: place.scratch(),
        budget: None,
        floor: Some(0),
        offered: None,
    })
    .unwrap();
    let program = WorkerProgram {
        executable,
        pdfium: None,
        output: None,
    };
    let pool = Pool::new(program, scratch, WorkerLimits::default());
    let document = SplitDocument {
        name: "a.pdf".into(),
        bytes: 1,
        source: PartSource {
            opening: Opening {
                document: DocumentId(0),
                source: Source::File(source.to_owned()),
                engines: vec![EngineKind::Hayro],
                passwords: vec![],
                expected: None,
                largest: u64::MAX,
            },
            pages,
        },
        facts: DocumentFacts {
            document: DocumentId(0),
            pages: vec![],
            bookmarks: vec![],
            label_restarts: vec![],
            signed: false,
        },
    };
    let names = (1..=parts.len()).map(|number| number.to_string()).collect();
    let parts = parts.into_iter();
    let plan = SplitPlan {
        parts: parts
            .map(|pages| PlannedPart::new(CutReason::Hand, pages))
            .collect(),
        excluded: vec![],
    };
    let options = ExportOptions {
        destination: out(place),
        workers: 1,
        manifest: Some(MadeBy::Split),
        prove: true,
        ..ExportOptions::default()
    };
    Export::new(plan, vec![document], names, options)
        .run(&pool, &|_| {}, &AtomicBool::new(false))
        .unwrap()
}

fn planned(number: u32, turn: u16) -> PlannedPage {
    PlannedPage {
        turn,
        ..PageId {
            document: DocumentId(0),
            number,
        }
        .into()
    }
}

#[test]
fn turned_pages_are_proved_too() {
    for bytes in [rich_pdf(), text_pdf(4), scanned_pdf(), vector_pdf()] {
        let place = Place::new();
        let source = place.source("a.pdf", &bytes);
        let pages = open(&bytes).page_count();
        let parts = (1..=pages)
            .flat_map(|number| [90, 180, 270].map(|turn| vec![planned(number, turn)]))
            .collect();
        let executable = PathBuf::from(env!("CARGO_BIN_EXE_pagesieve"));
        let report = export(&place, executable, (&source, pages), parts);
        for part in report.parts {
            assert_eq!(part.proof, Proof::Proved, "{}", part.file);
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "started by the other tests, as a worker"]
fn false_worker() {
    support::false_worker::serve();
}

#[cfg(target_os = "linux")]
#[test]
fn whatever_a_worker_says_the_export_ends_and_believes_nothing_that_cannot_be() {
    use support::false_worker::{MANNERS, program};

    for manner in MANNERS {
        let place = Place::new();
        let source = place.source("a.pdf", b"never read");
        let parts = (1..=12).map(|number| vec![planned(number, 0)]).collect();
        let executable = program(place.path(), "false_worker", manner);
        let report = export(&place, executable, (&source, 12), parts);
        assert_eq!(report.stopped, None, "{manner}");
        let written = report.written();
        match manner {
            // The last of each chunk is never told of, alone neither.
            "one part too few" => assert!(written < 12 && report.failed() == 12 - written),
            "tells of another file" | "leaves a link" => assert_eq!(written, 0, "{manner}"),
            "finds a difference" => {
                assert_eq!((written, report.failed()), (0, 12));
                let proof = &report.parts[3].proof;
                assert_eq!(*proof, Proof::Differs(vec![(1, Difference::Picture)]));
                let Outcome::Failed(refusal) = &report.parts[3].outcome else {
                    panic!("it was written");
                };
                assert_eq!(refusal.detail, "page 1 looks different");
                let differs = &proofs(&out(&place))[3]["differs"];
                assert_eq!(differs[0]["what"], "picture");
            }
            "dies while it proves" => {
                assert_eq!((written, report.not_proved().count()), (12, 12));
            }
            _ => assert_eq!(written, 12, "{manner}"),
        }
        assert_eq!(files(&out(&place)).len(), written, "{manner}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_worker_of_another_version_is_asked_nothing() {
    use support::false_worker::program;

    let place = Place::new();
    let (scratch, _) = Scratch::open(ScratchSettings {
        dir: place.scratch(),
        budget: None,
        floor: Some(0),
        offered: None,
    })
    .unwrap();
    let program = WorkerProgram {
        executable: program(place.path(), "false_worker", "is of another version"),
        pdfium: None,
        output: None,
    };
    let pool = Pool::new(program, scratch, WorkerLimits::default());
    let error = pool.lease(None).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("another version"), "{error}");
}

/// How a page of `part` compares with one of `source`, where each has one page.
fn compare(source: Vec<u8>, part: Vec<u8>, turn: u16) -> PageProof {
    let [source, part] =
        [source, part].map(|bytes| Shown::new(Engines::default(), Arc::new(bytes), &[], 1));
    let page = |file| ShownPage { file, number: 1 };
    prove(&[EngineKind::Hayro], page(&source), page(&part), turn)
}

/// A full page of a letter, and what else `add` puts on it.
fn letter_with(add: impl Fn(&mut PdfBuilder, &mut Page)) -> Vec<u8> {
    let mut pdf = PdfBuilder::new("Letter");
    let mut page = Page::a4();
    for line in 0..40 {
        let y = 80.0 + 15.0 * f64::from(line);
        let text = "All of the sums below are due within thirty days of this letter.";
        page.text(Font::Helvetica, 10.0, 60.0, y, BLACK, text);
    }
    add(&mut pdf, &mut page);
    pdf.add(page);
    pdf.finish()
}

#[test]
fn what_is_missing_on_a_page_is_found_however_small_it_is() {
    let whole = letter_with(|_, _| {});
    assert_eq!(compare(whole.clone(), whole.clone(), 0), PageProof::Same);
    let gray = |pdf: &mut PdfBuilder, level: u8| {
        pdf.jpeg(
            support::scan::jpeg(
                &support::scan::Picture {
                    width: 8,
                    height: 8,
                    pixels: vec![level; 64],
                },
                90,
            ),
            8,
            8,
            1,
        )
    };
    let cases: [(&str, Vec<u8>); 5] = [
        (
            "a small stamp",
            letter_with(|pdf, page| {
                let stamp = gray(pdf, 90);
                page.image(stamp, 500.0, 20.0, 6.0, 6.0);
            }),
        ),
        (
            "a pale stamp",
            letter_with(|pdf, page| {
                let stamp = gray(pdf, 235);
                page.image(stamp, 400.0, 20.0, 60.0, 60.0);
            }),
        ),
        (
            "a hairline",
            letter_with(|_, page| page.line((60.0, 740.0), (90.0, 740.0), 0.3, BLACK)),
        ),
        (
            "a full stop that is drawn",
            letter_with(|_, page| {
                page.fill_rect(300.0, 760.0, 1.2, 1.2, BLACK);
            }),
        ),
        (
            "a letter that is drawn",
            letter_with(|_, page| {
                page.polyline(
                    &[(300.0, 760.0), (303.0, 753.0), (306.0, 760.0)],
                    0.8,
                    BLACK,
                );
            }),
        ),
    ];
    for (what, with) in cases {
        let differs = PageProof::Differs(Difference::Picture);
        assert_eq!(compare(with.clone(), whole.clone(), 0), differs, "{what}");
        assert_eq!(compare(with.clone(), with, 0), PageProof::Same, "{what}");
    }
    let hidden = letter_with(|_, page| {
        page.invisible_text(Font::Helvetica, 10.0, 60.0, 760.0, "read by a scanner");
    });
    let differs = |what| PageProof::Differs(what);
    assert_eq!(compare(hidden, whole.clone(), 0), differs(Difference::Text));
    assert_eq!(
        compare(whole.clone(), whole.clone(), 90),
        differs(Difference::Shape)
    );
    assert_eq!(
        compare(whole, b"no PDF".to_vec(), 0),
        differs(Difference::Unreadable)
    );
}

#[test]
fn what_makes_no_sense_is_said_before_anything_is_read() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(1));
    for options in [
        ["--ranges", "3-x"],
        ["--blank-ink", "0.01"],
        ["--name", "{unknown}"],
        ["--at-text", "("],
        ["--every", "0"],
    ] {
        let ran = split(&place, &options);
        assert_eq!(ran.code(), 2, "{options:?}: {}", ran.errors());
    }
    std::fs::write(out(&place), "a file").unwrap();
    let ran = split(&place, &[]);
    assert_eq!(ran.code(), 78, "{}", ran.errors());
}

#[test]
fn a_split_follows_what_was_decided() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(5));
    assert_eq!(place.process().code(), 0);
    let decide = |query: &str, what: &[&str]| {
        let mut arguments = vec!["decide", "--where", query];
        arguments.extend(what);
        assert_eq!(place.run(arguments).code(), 0);
    };
    decide("page:2", &["--reject"]);
    decide("page:3..4", &["--pile", "Tax"]);
    let ran = split(&place, &["--as-decided"]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    assert!(
        ran.output()
            .contains("left out of a.pdf: page 2 (rejected)"),
        "{}",
        ran.output()
    );
    let taxed = files(&out(&place).join("Tax"));
    assert_eq!(taxed.len(), 1, "{taxed:?}");
    let part = out(&place).join("Tax").join(taxed.first().unwrap());
    assert_eq!(open(&std::fs::read(part).unwrap()).page_count(), 2);
    let manifest = manifest(&out(&place));
    assert_eq!(manifest["excluded"][0]["reason"], "rejected");
    assert_eq!(manifest["parts"].as_array().unwrap().len(), 3);
}
