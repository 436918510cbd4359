//! What the program says of pages whose every signal is known.

mod support;

use std::collections::{BTreeMap, HashMap};

use pagesieve::library::Reader;
use support::barcode::separator_sheet;
use support::labelled::{Labelled, Truth, pages, some};
use support::metrics::Font;
use support::ordinary::text_page;
use support::pdf::{BLACK, Page, PdfBuilder, WHITE, raw_pdf};
use support::program::Place;

/// One page as `pagesieve pages --format csv` lists it.
type Row = HashMap<String, String>;

struct Judged {
    truth: Truth,
    name: String,
    row: Row,
}

fn judged() -> Vec<Judged> {
    let place = Place::new();
    let labelled = pages();
    if let Some(folder) = std::env::var_os("PAGESIEVE_KEEP_LABELLED") {
        for Labelled { name, pdf, .. } in &labelled {
            std::fs::write(std::path::Path::new(&folder).join(name), pdf).unwrap();
        }
    }
    for Labelled { name, pdf, .. } in &labelled {
        place.source(name, pdf);
    }
    let sources = place.sources();
    assert_eq!(
        place.run(["process".as_ref(), sources.as_os_str()]).code(),
        0
    );
    let csv = place.run(["pages", "--format", "csv"]).output();
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let mut rows: HashMap<String, Row> = reader
        .records()
        .map(|record| {
            let row: Row = headers
                .iter()
                .zip(record.unwrap().iter())
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            (row["document"].clone(), row)
        })
        .collect();
    labelled
        .into_iter()
        .map(|Labelled { name, truth, .. }| Judged {
            row: rows.remove(&name).expect("a row for each page"),
            truth,
            name,
        })
        .collect()
}

/// Counts of what was expected against what was said.
#[derive(Default)]
struct Confusion {
    counts: BTreeMap<(String, String), usize>,
    wrong: Vec<String>,
}

impl Confusion {
    fn add(&mut self, expected: &str, said: &str, page: &Judged) {
        let key = (expected.to_owned(), said.to_owned());
        *self.counts.entry(key).or_default() += 1;
        if expected != said {
            let line = format!(
                "{} ({}): {expected} was called {said:?}",
                page.name, page.truth.what
            );
            self.wrong.push(line);
        }
    }

    /// Counts what was said as what was expected where both mean the same to people.
    fn merge(&mut self, expected: &str, said: &str) {
        let key = |said: &str| (expected.to_owned(), said.to_owned());
        let count = self.counts.remove(&key(said)).unwrap_or(0);
        *self.counts.entry(key(expected)).or_default() += count;
    }

    fn f1(&self, class: &str) -> f64 {
        let count = |wanted: &dyn Fn(&str, &str) -> bool| -> f64 {
            let all = self.counts.iter().filter(|((e, s), _)| wanted(e, s));
            all.map(|(_, n)| *n as f64).sum()
        };
        let right = count(&|e, s| e == class && s == class);
        let missed = count(&|e, s| e == class && s != class);
        let false_alarms = count(&|e, s| e != class && s == class);
        2.0 * right / (2.0 * right + missed + false_alarms).max(1.0)
    }

    fn print(&self, name: &str) {
        println!("{name}:");
        for ((expected, said), count) in &self.counts {
            println!("  {expected:>10} -> {said:<10} {count}");
        }
        for line in &self.wrong {
            println!("    {line}");
        }
    }
}

fn table(pages: &[Judged], column: &str, truth: impl Fn(&Truth) -> Option<String>) -> Confusion {
    let mut table = Confusion::default();
    for page in pages {
        if let Some(expected) = truth(&page.truth) {
            table.add(&expected, &page.row[column], page);
        }
    }
    table.print(column);
    table
}

/// Precision and recall of pairs: pages that belong together.
fn pairs(
    pages: &[Judged],
    column: &str,
    truth: impl Fn(&Truth) -> Option<usize>,
    ignored: impl Fn(&Judged, &Judged) -> bool,
) -> (f64, f64) {
    let (mut right, mut said, mut expected) = (0.0, 0.0, 0.0);
    for (at, a) in pages.iter().enumerate() {
        for b in &pages[at + 1..] {
            if ignored(a, b) {
                continue;
            }
            let together = truth(&a.truth).is_some() && truth(&a.truth) == truth(&b.truth);
            let grouped = !a.row[column].is_empty() && a.row[column] == b.row[column];
            expected += f64::from(together);
            said += f64::from(grouped);
            right += f64::from(together && grouped);
            if together != grouped {
                let fault = if together { "missed" } else { "false" };
                println!("    {fault} pair: {} and {}", a.name, b.name);
            }
        }
    }
    let (precision, recall) = (right / f64::max(said, 1.0), right / f64::max(expected, 1.0));
    println!("{column}: precision {precision:.3}, recall {recall:.3} of {expected} pairs");
    (precision, recall)
}

#[test]
fn pages_are_called_what_they_are() {
    let pages = judged();
    println!("{} pages", pages.len());
    let word = |word: Option<&'static str>| word.map(str::to_owned);

    let mut blank = table(&pages, "blank", |truth| word(truth.blank));
    // Pale writing that is taken for ink is content, and that is as well.
    blank.merge("faint", "no");
    let empty = table(&pages, "structurally_empty", |truth| {
        Some(if truth.empty { "yes" } else { "no" }.to_owned())
    });
    let kind = table(&pages, "kind", |truth| word(truth.kind));
    let ocr = table(&pages, "needs_ocr", |truth| word(truth.needs_ocr));
    let colour = table(&pages, "colour", |truth| word(truth.colour));
    let language = table(&pages, "language", |truth| word(truth.language));
    let separator = table(&pages, "separator", |truth| {
        Some(if truth.separator { "yes" } else { "no" }.to_owned())
    });
    let divider = table(&pages, "divider", |truth| {
        Some(if truth.divider { "yes" } else { "no" }.to_owned())
    });
    let garbled = table(&pages, "garbled", |truth| {
        Some(if truth.garbled { "yes" } else { "no" }.to_owned())
    });

    let (mut close, mut tilted, mut false_skews) = (0, 0, Vec::new());
    for page in &pages {
        let Some(degrees) = page.truth.skew else {
            continue;
        };
        let said: Option<f64> = page.row["skew_deg"].parse().ok();
        tilted += 1;
        if said.is_some_and(|said| (said - degrees).abs() <= 0.2) {
            close += 1;
        } else {
            println!(
                "    {} ({}): {degrees:.2} was measured as {said:?}",
                page.name, page.truth.what
            );
        }
        if degrees == 0.0 && said.is_some_and(|said| said.abs() > 0.3) {
            false_skews.push(page.name.clone());
        }
    }
    println!("skew: {close} of {tilted} within 0.2°");

    let (mut found, mut wanted, mut wrong) = (0, 0, Vec::new());
    for page in &pages {
        let said: Vec<&str> = page.row["barcodes"]
            .split(';')
            .filter(|text| !text.is_empty())
            .collect();
        wanted += page.truth.barcodes.len();
        for text in &page.truth.barcodes {
            if said.contains(&text.as_str()) {
                found += 1;
            } else {
                println!(
                    "    {} ({}): {text} was not read",
                    page.name, page.truth.what
                );
            }
        }
        for text in said {
            if !page.truth.barcodes.iter().any(|known| known == text) {
                wrong.push(format!("{}: {text}", page.name));
            }
        }
    }
    println!("barcodes: {found} of {wanted} read, false: {wrong:?}");

    let mut off = Vec::new();
    for page in &pages {
        let Some(dpi) = page.truth.dpi else { continue };
        let said: f64 = page.row["dpi"].parse().unwrap_or(0.0);
        if (said - dpi).abs() > 1.5 {
            off.push(format!("{}: {said} for {dpi}", page.name));
        }
    }
    println!("dpi: off {off:?}");
    // All pages of the set stand upright, or lie as their drawing does.
    let scans = pages.iter().filter(|page| page.truth.skew.is_some());
    let (mut upright, mut unknown) = (0, 0);
    for page in scans {
        match page.row["turned"].as_str() {
            "0" => upright += 1,
            "" => unknown += 1,
            other => panic!("{} is called turned by {other}", page.name),
        }
    }
    println!("way up: {upright} of {} scans upright", upright + unknown);

    let exact = pairs(&pages, "exact_dup_group", |truth| truth.exact, |_, _| false);
    // Pages that are exactly the same are found by that; whether they are also
    // called alike is not asked.
    let near = pairs(
        &pages,
        "near_dup_group",
        |truth| truth.near,
        |a, b| {
            let same = a.truth.exact.is_some() && a.truth.exact == b.truth.exact;
            // Separator sheets are all the same, and of no interest.
            let both = |what| a.truth.what.contains(what) && b.truth.what.contains(what);
            same || both("scrap") || both("separator")
        },
    );

    for ((expected, said), count) in &blank.counts {
        let lost = said == "yes" && expected != "yes";
        assert!(!lost, "{count} pages of {expected} are called blank");
    }
    assert!(divider.wrong.is_empty());
    for class in ["yes", "almost", "faint", "no"] {
        assert!(
            blank.f1(class) >= 0.99,
            "blank {class}: {}",
            blank.f1(class)
        );
    }
    assert!(empty.wrong.is_empty());
    for (table, classes) in [
        (
            &kind,
            &["digital", "scan", "scan_ocr", "mixed", "vector", "empty"][..],
        ),
        (&ocr, &["yes", "partial", "no"]),
        (&colour, &["mono", "gray", "colour"]),
    ] {
        for class in classes {
            assert!(table.f1(class) >= 0.98, "{class}: {}", table.f1(class));
        }
    }
    assert!(language.wrong.len() * 50 <= language.counts.values().sum());
    assert!(separator.f1("yes") >= 0.98);
    assert!(garbled.f1("yes") >= 0.95);
    assert!(close as f64 >= 0.95 * f64::from(tilted));
    assert!(false_skews.is_empty(), "{false_skews:?}");
    assert!(found as f64 >= 0.98 * wanted as f64);
    assert!(wrong.is_empty());
    assert!(off.is_empty());
    assert_eq!(exact, (1.0, 1.0));
    assert!(near.0 == 1.0 && near.1 >= 0.95, "{near:?}");
}

#[test]
fn text_that_nobody_sees_is_told_and_what_is_seen_is_not() {
    const WORDS: &str = "Hortensia Blackwood";
    let at = |page: &mut Page, size: f64, x: f64, y: f64, colour| {
        page.text(Font::Helvetica, size, x, y, colour, WORDS);
    };
    let name = |page: &mut Page, colour| at(page, 11.0, 80.0, 300.0, colour);
    let shape = |page: &mut Page, colour| page.fill_rect(75.0, 290.0, 140.0, 16.0, colour);
    let place = Place::new();
    let add = |file: &str, draw: &dyn Fn(&mut Page)| {
        let mut page = Page::a4();
        page.text(
            Font::Helvetica,
            11.0,
            80.0,
            500.0,
            BLACK,
            "A letter to the bank",
        );
        draw(&mut page);
        let mut pdf = PdfBuilder::new("Redacted");
        pdf.add(page);
        place.source(file, &pdf.finish());
    };
    add("hidden by black.pdf", &|page| {
        name(page, BLACK);
        shape(page, BLACK);
    });
    add("hidden by white.pdf", &|page| {
        name(page, BLACK);
        shape(page, WHITE);
    });
    add("hidden by red.pdf", &|page| {
        name(page, BLACK);
        shape(page, [0.8, 0.1, 0.1]);
    });
    add("marked in yellow.pdf", &|page| {
        name(page, BLACK);
        shape(page, [1.0, 0.94, 0.24]);
    });
    add("hidden in white.pdf", &|page| name(page, WHITE));
    add("hidden black on black.pdf", &|page| {
        shape(page, BLACK);
        name(page, BLACK);
    });
    add("hidden in small print.pdf", &|page| {
        at(page, 0.8, 80.0, 300.0, BLACK)
    });
    add("hidden beside the page.pdf", &|page| {
        at(page, 11.0, 700.0, 300.0, BLACK)
    });
    add("hidden without paint.pdf", &|page| {
        page.invisible_text(Font::Helvetica, 11.0, 80.0, 300.0, WORDS);
    });
    add("white on black.pdf", &|page| {
        shape(page, BLACK);
        name(page, WHITE);
    });
    add("painted twice.pdf", &|page| {
        name(page, BLACK);
        shape(page, BLACK);
        name(page, WHITE);
    });
    add("with a shadow.pdf", &|page| {
        at(page, 11.0, 81.0, 301.0, WHITE);
        name(page, BLACK);
    });
    add("beside.pdf", &|page| {
        name(page, BLACK);
        page.fill_rect(75.0, 320.0, 140.0, 16.0, BLACK);
    });
    add("struck out.pdf", &|page| {
        name(page, BLACK);
        page.fill_rect(75.0, 295.5, 140.0, 1.0, BLACK);
    });
    add("framed.pdf", &|page| {
        name(page, BLACK);
        page.stroke_rect(75.0, 290.0, 140.0, 16.0, 1.0, BLACK);
    });
    assert_eq!(place.process().code(), 0);
    for row in place.list("pages") {
        let document = row["document"].as_str().unwrap();
        let is_hidden = document.starts_with("hidden");
        let said = if is_hidden { "yes" } else { "no" };
        assert_eq!(
            row["hidden_text"], said,
            "{document}: {}",
            row["hidden_words"]
        );
        let words = row["hidden_words"].to_string();
        assert_eq!(
            words.contains("Hortensia Blackwood"),
            is_hidden,
            "{document}: {words}"
        );
    }
}

#[test]
fn what_lets_text_through_or_lies_beside_it_hides_none() {
    let place = Place::new();
    let text = "BT /F 12 Tf 100 700 Td (Hortensia Blackwood) Tj ET";
    // A quarter of a circle around the corner of the box that it clips to.
    let round = "300 600 m 300 700 200 800 80 800 c 80 600 l h W n";
    let cases = [
        // Gray that darkens what is below, as markers do.
        (
            "multiplied.pdf",
            format!("0 g {text} /M gs 0.8 g 90 690 200 30 re f"),
        ),
        (
            "masked.pdf",
            format!("0 g {text} /S gs 0 g 90 690 200 30 re f"),
        ),
        // White upon a bar that is a line.
        (
            "upon a line.pdf",
            format!("0 G 40 w 60 704 m 400 704 l S 1 g {text}"),
        ),
        (
            "clipped.pdf",
            format!(
                "0 g 1 0 0 1 180 85 cm {text} 1 0 0 1 -180 -85 cm {round} 0 g 80 600 220 200 re f"
            ),
        ),
    ];
    for (name, content) in &cases {
        place.source(
            name,
            &raw_pdf([
                "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
                "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>".to_owned(),
                "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F 5 0 R>>\
                 /ExtGState<</M<</BM/Multiply>>/S<</SMask<</S/Alpha/G 6 0 R>>>>>>>>>>"
                    .to_owned(),
                format!("<</Length {}>>stream\n{content}\nendstream", content.len()),
                "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
                "<</Type/XObject/Subtype/Form/BBox[0 0 595 842]/Group<</S/Transparency>>\
                 /Length 0>>stream\n\nendstream"
                    .to_owned(),
            ]),
        );
    }
    assert_eq!(place.process().code(), 0);
    let rows = place.list("pages");
    assert_eq!(rows.len(), cases.len());
    for row in rows {
        let words = &row["hidden_words"];
        assert_eq!(row["hidden_text"], "no", "{}: {words}", row["document"]);
    }
}

/// A document whose pages viewers turn clockwise by so many degrees.
fn turned(pdf: &[u8], degrees: i64) -> Vec<u8> {
    let mut document = lopdf::Document::load_mem(pdf).unwrap();
    for id in document.get_pages().into_values().collect::<Vec<_>>() {
        let page = document.get_object_mut(id).unwrap();
        page.as_dict_mut().unwrap().set("Rotate", degrees);
    }
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

#[test]
fn the_way_up_of_scans_is_told_and_a_scan_upside_down_is_a_copy() {
    let place = Place::new();
    let scan = |name: &'static str| {
        let mut found = some(&|other| other == format!("{name}.pdf"));
        found.remove(0).pdf
    };
    for degrees in [0, 90, 180, 270] {
        let pdf = turned(&scan("twin-0-0-0"), degrees);
        place.source(&format!("{degrees}.pdf"), &pdf);
    }
    place.source("again.pdf", &turned(&scan("twin-0-0-1"), 180));
    assert_eq!(place.process().code(), 0);
    let pages = place.list("pages");
    let of = |name: &str| {
        let is_it = |row: &&serde_json::Value| row["document"] == name;
        pages.iter().find(is_it).unwrap()
    };
    for degrees in [0, 90, 180, 270] {
        let row = of(&format!("{degrees}.pdf"));
        assert_eq!(row["turned"], degrees.to_string(), "{degrees}");
    }
    assert_eq!(of("again.pdf")["turned"], "180");
    let group = |name: &str| {
        let row = of(name);
        let group = row["near_dup_group"].as_u64();
        group.unwrap_or_else(|| panic!("{name} is no copy: {row}"))
    };
    assert_eq!(group("again.pdf"), group("0.pdf"));
}

/// A document of numbered pages; 0 is a separator sheet.
fn numbered(numbers: &[usize]) -> Vec<u8> {
    let mut pdf = PdfBuilder::new("Numbered");
    for &number in numbers {
        pdf.add(match number {
            0 => separator_sheet(),
            number => text_page(number, 9),
        });
    }
    pdf.finish()
}

#[test]
fn missing_pages_and_missed_separators_are_told_page_by_page_and_summed_up() {
    let place = Place::new();
    place.source("gap.pdf", &numbered(&[1, 2, 4, 5, 5]));
    place.source("whole.pdf", &numbered(&[1, 2, 3]));
    place.source("missed.pdf", &numbered(&[1, 2, 0, 1, 2, 1, 2]));
    place.source("signed.pdf", &support::peculiar::signed_pdf());
    assert_eq!(place.process().code(), 0);
    let pages = place.list("pages");
    let said = |document: &str, column: &str| -> Vec<u64> {
        pages
            .iter()
            .filter(|row| row["document"] == document && row[column] == "yes")
            .map(|row| row["page"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(said("gap.pdf", "sequence_break"), [3, 5]);
    assert_eq!(said("missed.pdf", "missed_separator"), [6]);
    for (document, column) in [
        ("whole.pdf", "sequence_break"),
        ("missed.pdf", "sequence_break"),
        ("gap.pdf", "missed_separator"),
        ("whole.pdf", "signed"),
    ] {
        assert!(said(document, column).is_empty(), "{document} {column}");
    }
    assert!(!said("signed.pdf", "signed").is_empty());
    let numbers: Vec<_> = pages
        .iter()
        .filter(|row| row["document"] == "gap.pdf")
        .map(|row| row["printed_page"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, [1, 2, 4, 5, 5]);
    let documents = place.documents();
    assert_eq!(documents["gap.pdf"]["sequence_breaks"], 2);
    assert_eq!(documents["missed.pdf"]["separator_pages"], 1);
    assert_eq!(documents["missed.pdf"]["missed_separators"], 1);
    assert_eq!(documents["whole.pdf"]["languages"], "eng 3");
    assert_eq!(documents["whole.pdf"]["unhealthy"], "no");
}

/// Pages of one layout for people of other names, as payslips are.
fn payslips(people: std::ops::Range<u32>) -> Vec<u8> {
    let mut pdf = PdfBuilder::new("Payslips");
    for person in people {
        let mut page = text_page(1, 1);
        let heading = format!("Personnel number {:05}", 10_007 * person % 99_991);
        page.text(Font::HelveticaBold, 14.0, 60.0, 812.0, BLACK, &heading);
        pdf.add(page);
    }
    pdf.finish()
}

#[test]
fn pages_of_one_layout_are_no_copies_and_are_compared_once() {
    let place = Place::new();
    place.source("a.pdf", &payslips(1..60));
    place.source("b.pdf", &payslips(30..31));
    assert_eq!(place.process().code(), 0);
    let not_compared = || {
        let reader = Reader::open(&place.library()).unwrap().unwrap();
        // Of pages that paint the same, one stands for all.
        let kept = reader.fingerprints().unwrap();
        let not_compared = kept.into_iter().filter(|kept| !kept.compared);
        not_compared.map(|kept| kept.page).collect::<Vec<_>>()
    };
    assert_eq!(not_compared().len(), 1);
    let grouped = |kind: &str| -> Vec<(String, u64)> {
        let rows = place.list("duplicates").into_iter();
        let of_kind = rows.filter(|row| row["kind"] == kind);
        of_kind
            .map(|row| {
                let document = row["document"].as_str().unwrap().to_owned();
                (document, row["page"].as_u64().unwrap())
            })
            .collect()
    };
    assert!(grouped("near").is_empty());
    let copies = [("a.pdf".to_owned(), 30), ("b.pdf".to_owned(), 1)];
    assert_eq!(grouped("exact"), copies);

    // What comes later is compared with what is there.
    place.source("c.pdf", &payslips(60..70));
    assert_eq!(place.process().code(), 0);
    assert_eq!(not_compared().len(), 1);
    assert_eq!(grouped("exact"), copies);
}

#[test]
fn duplicates_are_listed_over_all_batches_with_the_one_to_keep() {
    let place = Place::new();
    let first = place.source("first/a.pdf", &numbered(&[1, 0]));
    let second = place.source("second/b.pdf", &numbered(&[0, 1, 0, 2]));
    for source in [first, second] {
        let ran = place.run(["process", "--new", source.to_str().unwrap()]);
        assert_eq!(ran.code(), 0, "{}", ran.errors());
    }
    let rows = place.list("duplicates");
    let said: Vec<_> = rows
        .iter()
        .map(|row| {
            let text = |column: &str| row[column].as_str().unwrap().to_owned();
            (
                text("document"),
                row["page"].as_u64().unwrap(),
                text("keep"),
                text("kind"),
            )
        })
        .collect();
    let row = |document: &str, page, keep: &str| {
        (
            document.to_owned(),
            page,
            keep.to_owned(),
            "exact".to_owned(),
        )
    };
    // Separator sheets are all the same; that is no news.
    assert_eq!(said, [row("a.pdf", 1, "yes"), row("b.pdf", 2, "no")]);
}

#[test]
fn a_page_whose_letters_no_font_has_is_not_blank() {
    let place = Place::new();
    let map = "begincmap 1 begincodespacerange <0000> <ffff> endcodespacerange \
        1 beginbfrange <7000> <7003> <0627> endbfrange \
        1 beginbfchar <7010> <0020> endbfchar endcmap";
    // White letters and spaces are no reason to think that something is missing.
    for (name, content) in [
        ("letters.pdf", "<7000700170027003>"),
        ("white.pdf", "1 g <7000700170027003>"),
        ("spaces.pdf", "<7010>"),
    ] {
        let stream =
            |content: &str| format!("<</Length {}>>stream\n{content}\nendstream", content.len());
        let (colour, text) = content.rsplit_once(' ').unwrap_or(("", content));
        place.source(
            name,
            &raw_pdf([
                "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
                "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>".to_owned(),
                "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>"
                    .to_owned(),
                stream(&format!("{colour} BT /F 20 Tf 100 700 Td {text} Tj ET")),
                "<</Type/Font/Subtype/Type0/BaseFont/Naskh/Encoding/Identity-H\
                 /DescendantFonts[6 0 R]/ToUnicode 7 0 R>>"
                    .to_owned(),
                "<</Type/Font/Subtype/CIDFontType2/BaseFont/Naskh\
                 /CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>>>"
                    .to_owned(),
                stream(map),
            ]),
        );
    }
    let sources = place.sources();
    assert_eq!(
        place.run(["process".as_ref(), sources.as_os_str()]).code(),
        0
    );
    let blank: BTreeMap<String, String> = place
        .list("pages")
        .into_iter()
        .map(|page| (text_of(&page["document"]), text_of(&page["blank"])))
        .collect();
    let expected = [
        ("letters.pdf", "no"),
        ("spaces.pdf", "yes"),
        // A program reads it, whether a person sees it or not.
        ("white.pdf", "no"),
    ];
    assert_eq!(
        blank,
        expected
            .map(|(name, blank)| (name.into(), blank.into()))
            .into()
    );
}

/// A document of one page, with its resources and contents, and further objects from 5 on;
/// `more` stands in its catalog.
fn one_page(more: &str, resources: &str, content: &str, objects: Vec<String>) -> Vec<u8> {
    let content = format!("<</Length {}>>stream\n{content}\nendstream", content.len());
    let first = [
        format!("<</Type/Catalog/Pages 2 0 R{more}>>"),
        "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>".to_owned(),
        format!("<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<<{resources}>>>>"),
        content,
    ];
    raw_pdf(first.into_iter().chain(objects))
}

/// A page that is one picture of 200 by 280 pixels, kept like this.
fn one_picture(filter: &str, depth: u32, data: &str) -> Vec<u8> {
    let picture = format!(
        "<</Subtype/Image/Width 200/Height 280/ColorSpace/DeviceGray/BitsPerComponent {depth}\
         {filter}/Length {}>>stream\n{data}\nendstream",
        data.len()
    );
    let place = "595 0 0 842 0 0 cm /X Do";
    one_page("", "/XObject<</X 5 0 R>>", place, vec![picture])
}

/// A page that paints a form, which paints another, and so on; the innermost fills a square.
fn nested_forms(deep: usize) -> Vec<u8> {
    let form = |number: usize| {
        let content = match number + 1 < deep {
            true => "/X Do",
            false => "99 99 200 200 re f",
        };
        format!(
            "<</Subtype/Form/BBox[0 0 595 842]/Resources<</XObject<</X {} 0 R>>>>/Length {}>>\
             stream\n{content}\nendstream",
            number + 6,
            content.len()
        )
    };
    let forms = (0..deep).map(form).collect();
    one_page("", "/XObject<</X 5 0 R>>", "/X Do", forms)
}

/// A page on a layer that is off; with the square on it, or empty.
fn on_a_layer(content: &str) -> Vec<u8> {
    one_page(
        "/OCProperties<</OCGs[5 0 R]/D<</OFF[5 0 R]>>>>",
        "/Properties<</L 5 0 R>>",
        &format!("/OC /L BDC {content} EMC"),
        vec!["<</Type/OCG/Name(layer)>>".to_owned()],
    )
}

#[test]
fn a_page_of_which_something_cannot_be_shown_is_not_blank() {
    let place = Place::new();
    let junk = "this is no picture at all".repeat(9);
    let white = "ff".repeat(200 * 280);
    let pages = [
        (
            "jpeg",
            one_picture("/Filter/DCTDecode", 8, &junk),
            "no",
            "picture",
        ),
        (
            "jpeg2000",
            one_picture("/Filter/JPXDecode", 8, &junk),
            "no",
            "picture",
        ),
        (
            "jbig2",
            one_picture("/Filter/JBIG2Decode", 1, &junk),
            "no",
            "picture",
        ),
        (
            "packed",
            one_picture("/Filter/FlateDecode", 8, &junk),
            "no",
            "picture",
        ),
        (
            "unknown",
            one_picture("/Filter/OfTomorrow", 8, &junk),
            "no",
            "picture",
        ),
        (
            "white",
            one_picture("/Filter/ASCIIHexDecode", 8, &white),
            "yes",
            "",
        ),
        ("shallow", nested_forms(20), "no", ""),
        ("deep", nested_forms(90), "no", "form"),
        ("layer", on_a_layer("99 99 200 200 re f"), "no", "layer"),
        ("nothing", on_a_layer(""), "yes", ""),
    ];
    for (name, bytes, ..) in &pages {
        place.source(&format!("{name}.pdf"), bytes);
    }
    assert_eq!(place.process().code(), 0);
    for page in place.list("pages") {
        let name = text_of(&page["document"]);
        let (_, _, blank, lacks) = pages
            .iter()
            .find(|(of, ..)| name.strip_suffix(".pdf") == Some(of))
            .expect("no other document is there");
        let said = page["undrawn_parts"]
            .as_array()
            .map_or(&[][..], Vec::as_slice);
        let said: Vec<String> = said.iter().map(text_of).collect();
        assert_eq!(
            (text_of(&page["blank"]).as_str(), said.join(" ").as_str()),
            (*blank, *lacks),
            "{name}"
        );
        let is_empty = *blank == "yes" && name != "white.pdf";
        let said = text_of(&page["structurally_empty"]) == "yes";
        assert_eq!(said, is_empty, "{name}");
    }
}

#[test]
fn words_are_found_however_their_letters_and_lines_are_written() {
    let place = Place::new();
    let mut wide = PdfBuilder::new("wide");
    // Letters that claim to be full-width forms, as in files from East Asia.
    wide.misnamed_font("Odd", 0xff00);
    let mut page = Page::a4();
    page.raw("BT /Odd 12 Tf 72 700 Td (INVOICE4711) Tj ET");
    wide.add(page);
    place.source("wide.pdf", &wide.finish());
    let mut parted = PdfBuilder::new("parted");
    let mut page = Page::a4();
    for (y, line) in [
        (100.0, "We thank all members of the cooper-"),
        (116.0, "ative for it."),
    ] {
        page.text(Font::Helvetica, 11.0, 72.0, y, BLACK, line);
    }
    parted.add(page);
    place.source("parted.pdf", &parted.finish());
    assert_eq!(place.process().code(), 0);
    let found = |typed: &str| -> Vec<String> {
        let out = place.run(["search", typed, "--format", "jsonl"]).output();
        let rows = out.lines().map(|line| {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            text_of(&row["document"])
        });
        rows.collect()
    };
    assert_eq!(found("invoice4711"), ["wide.pdf"]);
    assert_eq!(found("ＩＮＶＯＩＣＥ４７１１"), ["wide.pdf"]);
    assert_eq!(found("cooperative members"), ["parted.pdf"]);
    assert_eq!(found("\"of the cooper\""), ["parted.pdf"]);
    assert!(found("cooperation").is_empty());
}

fn text_of(value: &serde_json::Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
