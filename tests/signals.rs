//! What the program says of pages whose every signal is known.

mod support;

use std::collections::{BTreeMap, HashMap};

use support::labelled::{Labelled, Truth, pages};
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

    let blank = table(&pages, "blank", |truth| word(truth.blank));
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

    for class in ["yes", "almost", "no"] {
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
    assert!(near.0 >= 0.98 && near.1 >= 0.95, "{near:?}");
}
