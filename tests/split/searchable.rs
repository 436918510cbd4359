//! Text layers over scanned pages.

use std::fs;

use lopdf::dictionary;
use pagesieve::model::{Area, Word};

use super::support::recognised::declare;
use super::support::scan;
use super::*;

/// A page of text as a scan, turned so that viewers show it upright, or cropped, and the words
/// as they stand on what is shown.
fn scan(turn: i64, crop: Option<[f64; 4]>) -> (Vec<u8>, Vec<Word>) {
    const DPI: f32 = 200.0;
    let written = text_pdf(1);
    let picture = scan::render(&written, 0, DPI);
    let mut pdf = PdfBuilder::new("Scan");
    let (width, height) = (picture.width as u32, picture.height as u32);
    let image = pdf.bilevel(scan::bits(&picture), width, height);
    let (wide, high) = (595.0, 842.0);
    let mut page = match turn {
        90 | 270 => Page::new(high, wide),
        _ => Page::new(wide, high),
    };
    let matrix = match turn {
        90 => format!("0 1 -1 0 {high} 0"),
        180 => format!("-1 0 0 -1 {wide} {high}"),
        270 => format!("0 -1 1 0 0 {wide}"),
        _ => "1 0 0 1 0 0".to_owned(),
    };
    page.rotate = turn;
    page.crop = crop;
    page.raw(format!("q {matrix} cm"));
    // Its own place is from the top of the page as it lies.
    let top = page.height - high;
    page.image(image, 0.0, top, wide, high);
    page.raw("Q");
    pdf.add(page);
    let words = open(&written).words(1).unwrap().into_iter();
    let words = words.map(|word| Word {
        area: match crop {
            None => word.area,
            Some([left, top, right, bottom]) => {
                let x = |share: f32| ((f64::from(share) * wide - left) / (right - left)) as f32;
                let y = |share: f32| ((f64::from(share) * high - top) / (bottom - top)) as f32;
                Area {
                    left: x(word.area.left),
                    top: y(word.area.top),
                    right: x(word.area.right),
                    bottom: y(word.area.bottom),
                }
            }
        },
        ..word
    });
    let shown = words.filter(|word| {
        let at = word.area;
        at.left >= 0.0 && at.top >= 0.0 && at.right <= 1.0 && at.bottom <= 1.0
    });
    (pdf.finish(), shown.collect())
}

/// The share of words that a page has at the same place.
fn share_found(words: &[Word], page: &[Word]) -> f64 {
    let near = |a: Area, b: Area| {
        let edges = [
            (a.left, b.left),
            (a.right, b.right),
            (a.top, b.top),
            (a.bottom, b.bottom),
        ];
        edges.iter().all(|(a, b)| (a - b).abs() < 0.015)
    };
    let is_there = |word: &&Word| {
        let same = |other: &Word| other.text == word.text && near(other.area, word.area);
        page.iter().any(same)
    };
    words.iter().filter(is_there).count() as f64 / words.len().max(1) as f64
}

/// Splits with text layers, of which one page gets one; the part of this name.
fn made_searchable(place: &Place, name: &str) -> Vec<u8> {
    let ran = split(place, &["--searchable"]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    assert!(
        ran.output().contains("1 page has a text layer"),
        "{}",
        ran.output()
    );
    fs::read(out(place).join(name)).unwrap()
}

fn read_by(place: &Place, analyser: &str) {
    let file = place.path().join("analysers.toml");
    let mut arguments = vec![
        "analyse".to_owned(),
        "--with".to_owned(),
        analyser.to_owned(),
    ];
    if file.exists() {
        arguments.extend([
            "--analysers".to_owned(),
            file.to_string_lossy().into_owned(),
        ]);
    }
    let ran = place.run(arguments);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
}

#[test]
fn what_was_recognised_lies_over_the_page_at_its_place_however_that_lies() {
    if support::tools::lacks("tesseract") {
        return;
    }
    let place = Place::new();
    let crop = Some([60.0, 70.0, 560.0, 500.0]);
    let scans = [
        ("upright", scan(0, None)),
        ("turned", scan(90, None)),
        ("upside", scan(180, None)),
        ("other", scan(270, None)),
        ("cropped", scan(0, crop)),
    ];
    for (name, (bytes, _)) in &scans {
        place.source(&format!("{name}.pdf"), bytes);
    }
    place.source("letter.pdf", &text_pdf(1));
    assert_eq!(place.process().code(), 0);
    let ran = split(&place, &["--searchable", "--dry-run"]);
    let said = "5 pages lack recognised text";
    assert!(ran.errors().contains(said), "{}", ran.errors());
    read_by(&place, "ocr");
    let ran = split(&place, &["--searchable", "--dry-run"]);
    assert!(
        ran.output().contains("5 pages get a text layer"),
        "{}",
        ran.output()
    );
    assert!(!ran.errors().contains("lack"), "{}", ran.errors());
    let ran = split(&place, &["--searchable", "--number", "ACME-"]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    for (name, (bytes, words)) in &scans {
        let part = fs::read(out(&place).join(format!("{name}.pdf"))).unwrap();
        let found = open(&part).words(1).unwrap();
        let share = share_found(words, &found);
        assert!(
            words.len() > 50 && share > 0.9,
            "{name}: {share} of {}",
            words.len()
        );
        let text = open(&part).text(1).unwrap();
        assert!(text.contains("ACME-00000"), "{name}: {text}");
        assert!(part.len() < bytes.len() + 40_000, "{name}: {}", part.len());
    }
    // Text of its own is what it has.
    let letter = fs::read(out(&place).join("letter.pdf")).unwrap();
    assert!(!String::from_utf8_lossy(&letter).contains("PagesieveGlyphless"));
    let described = manifest(&out(&place));
    for part in described["parts"].as_array().unwrap() {
        assert_eq!(part["proof"], "proved", "{part}");
        let is_scan = part["file"] != "letter.pdf";
        assert_eq!(
            part["pages"][0]["text_layer"].as_bool(),
            is_scan.then_some(true)
        );
    }
}

#[test]
fn a_layer_paints_nothing_and_says_words_of_any_script_in_order() {
    let place = Place::new();
    let (bytes, _) = scan(0, None);
    place.source("scan.pdf", &bytes);
    declare(
        &place,
        &[
            ("Net", [100, 100, 60, 20]),
            ("amount", [180, 100, 120, 20]),
            ("due", [320, 100, 60, 20]),
            ("請求", [100, 200, 60, 20]),
            ("書", [160, 200, 30, 20]),
            // Read from right to left.
            ("שלום", [300, 300, 80, 20]),
            ("עולם", [200, 300, 80, 20]),
            ("naïve", [100, 400, 80, 20]),
            ("😀", [200, 400, 20, 20]),
        ],
    );
    assert_eq!(place.process().code(), 0);
    read_by(&place, "read");
    let forecast = split(&place, &["--searchable", "--dry-run", "--json"]);
    let written = made_searchable(&place, "scan.pdf");
    let said: Value = serde_json::from_str(forecast.output().lines().next().unwrap()).unwrap();
    assert_eq!(said["bytes"], written.len());

    let (before, after) = (open(&bytes), open(&written));
    assert!(
        before.draw(1, 600, 850) == after.draw(1, 600, 850),
        "it looks different"
    );
    let text = after.text(1).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines, ["Net amount due", "請求書", "שלום עולם", "naïve 😀"]);
    let amount = after
        .words(1)
        .unwrap()
        .into_iter()
        .find(|word| word.text == "amount");
    let area = amount.unwrap().area;
    for (edge, expected) in [
        (area.left, 0.18),
        (area.right, 0.3),
        (area.top, 0.1),
        (area.bottom, 0.12),
    ] {
        assert!((edge - expected).abs() < 0.002, "{area:?}");
    }

    // One font that has no glyphs, and text that is not seen.
    let part = part(&out(&place), "scan.pdf");
    let fonts = part
        .objects
        .values()
        .filter_map(|object| object.as_dict().ok());
    let fonts = fonts.filter(|font| font.has_type(b"Font"));
    let kinds: BTreeSet<&[u8]> = fonts
        .filter_map(|font| font.get(b"Subtype").and_then(Object::as_name).ok())
        .collect();
    assert_eq!(kinds, BTreeSet::from([&b"CIDFontType2"[..], b"Type0"]));
    let content = part.get_page_content(part.get_pages()[&1]);
    let content = String::from_utf8_lossy(&content);
    assert!(content.contains("BT 3 Tr"), "{content}");

    // Without being asked, nothing is put over any page.
    let ran = split(&place, &["--overwrite"]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let plain = fs::read(out(&place).join("scan.pdf")).unwrap();
    assert_eq!(open(&plain).text(1).unwrap(), "");
}

#[test]
fn text_of_a_page_itself_is_not_said_twice() {
    let place = Place::new();
    let (bytes, _) = scan(0, None);
    // A running head that a program wrote over the scan.
    let mut document = Document::load_mem(&bytes).unwrap();
    let id = document.get_pages()[&1];
    let font = document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica",
    });
    let resources = document.get_or_create_resources(id).unwrap();
    let fonts = dictionary! { "Head" => font };
    resources.as_dict_mut().unwrap().set("Font", fonts);
    let head = b"BT /Head 12 Tf 60 815 Td (FAXED BY FINCH) Tj ET".to_vec();
    document.add_page_contents(id, head).unwrap();
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    place.source("fax.pdf", &bytes);
    declare(
        &place,
        &[
            ("F4XED", [105, 17, 70, 15]),
            ("Dear", [100, 100, 60, 20]),
            ("Sir", [180, 100, 40, 20]),
        ],
    );
    assert_eq!(place.process().code(), 0);
    read_by(&place, "read");
    let part = made_searchable(&place, "fax.pdf");
    let text = open(&part).text(1).unwrap();
    assert_eq!(
        text.lines().collect::<Vec<_>>(),
        ["FAXED BY FINCH", "Dear Sir"]
    );
    assert_eq!(manifest(&out(&place))["parts"][0]["proof"], "proved");
}
