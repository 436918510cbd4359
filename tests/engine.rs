//! The engine on documents of our own making: shapes, text, passwords, pictures.

mod support;

use std::sync::Arc;

use pagesieve::model::{EngineKind, PageShape, Secret};
use pagesieve::pdf::extract::Original;
use pagesieve::pdf::{
    Engine, Engines, HayroEngine, OpenDocument, OpenError, Picture, Sheet, SheetSize, fit, inspect,
};
use support::pdf::{Handler, Page, PdfBuilder};
use support::scan;
use support::{
    blank_pdf, boxes_pdf, encrypted_pdf, encrypted_pdf_rc4, encrypted_pdf_under,
    extreme_aspect_pdf, ocr_layer_pdf, text_pdf, truncated_pdf,
};

fn open<T>(
    bytes: Vec<u8>,
    password: Option<&str>,
    look: impl Fn(&dyn OpenDocument) -> T,
) -> Result<T, OpenError> {
    let document = HayroEngine.open(Arc::new(bytes), password)?;
    Ok(look(&*document))
}

fn shapes(bytes: Vec<u8>) -> Vec<PageShape> {
    open(bytes, None, |document| {
        (1..=document.page_count())
            .map(|number| document.shape(number).unwrap())
            .collect()
    })
    .unwrap()
}

fn thumbnail(document: &dyn OpenDocument, number: u32) -> Picture {
    let (width, height) = fit(document.shape(number).unwrap(), 256);
    document.draw(number, width, height).unwrap()
}

#[test]
fn shapes_are_those_that_a_viewer_shows() {
    let shapes = shapes(boxes_pdf());
    let seen: Vec<_> = shapes
        .iter()
        .map(|shape| {
            (
                shape.width.round() as i32,
                shape.height.round() as i32,
                shape.rotation,
            )
        })
        .collect();
    assert_eq!(seen[0], (595, 842, 0));
    assert_eq!(seen[1], (842, 595, 90));
    assert_eq!(seen[2], (595, 842, 180));
    assert_eq!(seen[3], (842, 595, 270));
    assert_eq!(seen[4], (495, 401, 0), "the crop box");
    assert!(
        seen[5].0 > 1000 || seen[5].1 > 1000,
        "UserUnit counts twice: {:?}",
        seen[5]
    );
}

#[test]
fn extreme_pages_are_drawn_at_their_aspect() {
    let sizes = open(extreme_aspect_pdf(), None, |document| {
        let tall = thumbnail(document, 1);
        let wide = thumbnail(document, 2);
        ((tall.width, tall.height), (wide.width, wide.height))
    });
    assert_eq!(sizes.unwrap(), ((1, 256), (256, 1)));
}

#[test]
fn text_is_read_in_words_and_lines() {
    let text = open(text_pdf(12), None, |document| document.text(7).unwrap()).unwrap();
    assert!(text.lines().any(|line| line == "Page 7 of 12"), "{text}");
}

#[test]
fn an_invisible_text_layer_is_read() {
    let text = open(ocr_layer_pdf(), None, |document| document.text(1).unwrap()).unwrap();
    assert!(text.split_whitespace().count() > 5, "{text}");
}

#[test]
fn a_page_without_text_has_none() {
    let text = open(blank_pdf(), None, |document| document.text(1).unwrap()).unwrap();
    assert_eq!(text, "");
}

#[test]
fn passwords_open_and_others_do_not() {
    for bytes in [
        encrypted_pdf("user", "owner"),
        encrypted_pdf_rc4("user", "owner"),
    ] {
        let pages = |password| open(bytes.clone(), password, |document| document.page_count());
        assert_eq!(pages(None), Err(OpenError::NeedsPassword));
        assert_eq!(pages(Some("wrong")), Err(OpenError::NeedsPassword));
        assert!(pages(Some("user")).unwrap() > 0);
    }
}

#[test]
fn users_and_owners_passwords_open_under_every_handler() {
    for handler in Handler::ALL {
        let bytes = Arc::new(encrypted_pdf_under(handler, "user", "owner"));
        let open = |passwords: &[&str]| {
            let passwords: Vec<Secret> = passwords.iter().map(|p| Secret::from(*p)).collect();
            let order = [EngineKind::Hayro];
            Engines::default().open(&order, Arc::clone(&bytes), &passwords)
        };
        for none in [&[][..], &["wrong"]] {
            assert_eq!(
                open(none).err(),
                Some(OpenError::NeedsPassword),
                "{handler:?}"
            );
        }
        for password in ["user", "owner"] {
            let file = open(&["wrong", password]).unwrap();
            assert_eq!(file.password(), Some(password), "{handler:?}");
            assert_eq!(file.page_count(), 3);
            let text = file.text(2, EngineKind::Hayro).unwrap();
            assert!(text.contains("Page 2 of 3"), "{handler:?} {password}");
            assert!(file.draw(2, 100, 140).is_ok());
            // Splitting and inspecting read the file by themselves.
            assert!(Original::read(Arc::clone(&bytes), Some(password), 3).is_ok());
            let details = inspect(&bytes, Some(password));
            assert!(
                details
                    .structure
                    .is_some_and(|found| found.encryption.is_some())
            );
        }
    }
}

#[test]
fn what_cannot_be_parsed_is_damaged() {
    let pages = |bytes| open(bytes, None, |document| document.page_count());
    assert_eq!(pages(truncated_pdf()), Err(OpenError::Damaged));
    assert_eq!(pages(vec![]), Err(OpenError::Damaged));
}

#[test]
fn a_page_that_is_not_there_is_an_error() {
    let missing = open(text_pdf(2), None, |document| {
        (document.draw(0, 10, 10).is_err(), document.text(3).is_err())
    });
    assert_eq!(missing.unwrap(), (true, true));
}

/// Painters are kept from page to page: nothing of one may show on the next.
#[test]
fn a_page_looks_the_same_whatever_was_drawn_before() {
    for sample in support::sample::batch() {
        let Some(pages) = sample.pages.map(|pages| pages as u32) else {
            continue;
        };
        let password = sample.password;
        let all = open(sample.bytes.clone(), password, |document| {
            (1..=pages)
                .rev()
                .map(|number| thumbnail(document, number))
                .collect::<Vec<_>>()
        })
        .unwrap();
        for (number, picture) in (1..=pages).rev().zip(all) {
            let alone = open(sample.bytes.clone(), password, |document| {
                thumbnail(document, number)
            });
            assert!(alone.unwrap() == picture, "{} page {number}", sample.path);
        }
    }
}

/// Pages that are one JPEG are decoded at reduced scale. A dot beside the picture makes the engine
/// draw the same page the long way: both must look alike, however the picture lies on the page.
#[test]
fn a_scan_decoded_small_looks_as_the_engine_draws_it() {
    let picture = scan::render(&text_pdf(1), 0, 150.0);
    let (width, height) = (595.0, 842.0);
    let across = format!("q {width} 0 0 {height} 0 0 cm /I Do Q");
    let placements = [
        ("upright", across.clone(), 0),
        ("turned page", across.clone(), 90),
        ("page upside down", across.clone(), 180),
        ("page turned back", across, 270),
        (
            "mirrored",
            format!("q -{width} 0 0 {height} {width} 0 cm /I Do Q"),
            0,
        ),
        (
            "upside down",
            format!("q {width} 0 0 -{height} 0 {height} cm /I Do Q"),
            0,
        ),
        ("on its side", "q 0 400 -300 0 450 200 cm /I Do Q".into(), 0),
        (
            "on its other side",
            "q 0 -400 300 0 100 700 cm /I Do Q".into(),
            90,
        ),
        (
            "on its side, mirrored",
            "q 0 400 300 0 100 200 cm /I Do Q".into(),
            0,
        ),
        ("in a corner", "q 200 0 0 300 20 30 cm /I Do Q".into(), 0),
        (
            "over the edge",
            "q 800 0 0 1000 -100 -80 cm /I Do Q".into(),
            0,
        ),
        ("skewed", "q 500 30 -40 700 60 50 cm /I Do Q".into(), 0),
        (
            "clipped",
            "q 60 450 250 300 re W n 595 0 0 842 0 0 cm /I Do Q".into(),
            0,
        ),
        (
            "clipped by its own edge",
            "q 0 0 595 842 re W n 595 0 0 842 0 0 cm /I Do Q".into(),
            0,
        ),
    ];
    for colour in [false, true] {
        for (name, operators, rotate) in &placements {
            let drawn = ["", "q 1 1 1 rg 1 1 0.5 0.5 re f Q"].map(|dot| {
                let mut pdf = PdfBuilder::new("Scan");
                let (w, h) = (picture.width as u32, picture.height as u32);
                let image = if colour {
                    pdf.jpeg(scan::tinted_jpeg(&picture, [1.0, 0.95, 0.8], 80), w, h, 3)
                } else {
                    pdf.jpeg(scan::jpeg(&picture, 80), w, h, 1)
                };
                let mut page = Page::a4();
                page.rotate = *rotate;
                page.raw(operators);
                page.raw(dot);
                let images =
                    lopdf::dictionary! { "XObject" => lopdf::dictionary! { "I" => image } };
                pdf.add_with_resources(page, images);
                open(pdf.finish(), None, |document| thumbnail(document, 1)).unwrap()
            });
            let [small, whole] = drawn;
            assert_eq!((small.width, small.height), (whole.width, whole.height));
            let differences = small
                .rgba
                .iter()
                .zip(&whole.rgba)
                .map(|(a, b)| a.abs_diff(*b));
            let mean = differences.map(f64::from).sum::<f64>() / small.rgba.len() as f64;
            assert!(mean < 2.0, "{name}, colour {colour}: {mean}");
            // Drawn the long way both times, they would be equal.
            let long_way = ["skewed", "clipped"].contains(name);
            assert_eq!(mean == 0.0, long_way, "{name}: {mean}");
            assert!(!small.is_white(), "{name}");
        }
    }
}

/// Pages that are one picture are decoded straight to what measures take. What the engine
/// draws of the same picture, with a white dot that makes it draw, is much the same.
#[test]
fn a_scan_is_measured_as_the_engine_draws_it() {
    let picture = scan::render(&text_pdf(1), 0, 100.0);
    let (w, h) = (picture.width as u32, picture.height as u32);
    let gray = |pdf: &mut PdfBuilder| pdf.jpeg(scan::jpeg(&picture, 90), w, h, 1);
    let tinted =
        |pdf: &mut PdfBuilder| pdf.jpeg(scan::tinted_jpeg(&picture, [1.0, 0.9, 0.6], 90), w, h, 3);
    let bits = |pdf: &mut PdfBuilder| pdf.bilevel(scan::bits(&picture), w, h);
    let inverted = |pdf: &mut PdfBuilder| {
        let bits = scan::bits(&picture).iter().map(|bits| !bits).collect();
        pdf.inverted_bilevel(bits, w, h)
    };
    let packed = |pdf: &mut PdfBuilder| pdf.gray(picture.pixels.clone(), w, h);
    let profiled = |pdf: &mut PdfBuilder| {
        let image = gray(pdf);
        pdf.profile(image, 1);
        image
    };
    type AddImage<'a> = &'a dyn Fn(&mut PdfBuilder) -> lopdf::ObjectId;
    let kinds: [(&str, AddImage<'_>); 6] = [
        ("a gray JPEG", &gray),
        ("a gray JPEG with a colour profile", &profiled),
        ("a coloured JPEG", &tinted),
        ("bits", &bits),
        ("bits where 1 is black", &inverted),
        ("shades of gray", &packed),
    ];
    let placements = [
        ("whole page", "q 595 0 0 842 0 0 cm /I Do Q", 0),
        ("turned", "q 595 0 0 842 0 0 cm /I Do Q", 90),
        (
            "in a corner, on its side",
            "q 0 -300 200 0 40 400 cm /I Do Q",
            0,
        ),
        (
            "in strips",
            "q 595 0 0 300 0 0 cm /I Do Q q 595 0 0 301.3 0 300 cm /I Do Q",
            0,
        ),
    ];
    let layer = "BT 3 Tr /Helvetica 12 Tf 40 700 Td (invisible) Tj ET";
    for (kind, image) in kinds {
        for (placed, operators, rotate) in placements {
            let [straight, drawn] = [layer, "q 1 1 1 rg 1 1 0.5 0.5 re f Q"].map(|more| {
                let mut pdf = PdfBuilder::new("Scan");
                let image = image(&mut pdf);
                let mut page = Page::a4();
                page.rotate = rotate;
                page.raw(operators);
                page.raw(more);
                let images =
                    lopdf::dictionary! { "XObject" => lopdf::dictionary! { "I" => image } };
                pdf.add_with_resources(page, images);
                open(pdf.finish(), None, |document| {
                    let (width, height) = fit(document.shape(1).unwrap(), 700);
                    let sheet = document.sheet(1, SheetSize::with_half((width, height)));
                    (sheet, Sheet::of(document.draw(1, width, height).unwrap()))
                })
                .unwrap()
            });
            let name = format!("{kind}, {placed}");
            assert!(
                drawn.0.is_none(),
                "{name}: a page with a dot is not one picture"
            );
            let (straight, drawn) = (straight.0.expect(&name), drawn.1);
            assert_eq!(straight.gray.width, drawn.gray.width, "{name}");
            let mean = |one: &[u8], other: &[u8]| {
                assert_eq!(one.len(), other.len(), "{name}");
                let differences = one.iter().zip(other).map(|(a, b)| a.abs_diff(*b));
                differences.map(f64::from).sum::<f64>() / one.len() as f64
            };
            let off = mean(&straight.gray.pixels, &drawn.gray.pixels);
            assert!(off < 2.0, "{name}: {off}");
            assert_eq!(
                straight.colours.is_some(),
                drawn.colours.is_some(),
                "{name}"
            );
            if let (Some(straight), Some(drawn)) = (&straight.colours, &drawn.colours) {
                let off = mean(&straight.rgba, &drawn.rgba);
                assert!(off < 2.0, "{name}, colours: {off}");
            }
        }
    }
}

/// A page of one line; `end` ends its stream, and `named` is the object of its contents.
fn line_pdf(end: &str, named: u32) -> Vec<u8> {
    let contents = "BT /F1 24 Tf 72 720 Td (Receipt) Tj ET";
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {named} 0 R \
             /Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        format!(
            "<< /Length {} >>\nstream\n{contents}\n{end}",
            contents.len()
        ),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut file = String::from("%PDF-1.4\n");
    let mut places = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        places.push(file.len());
        file += &format!("{} 0 obj\n{object}\nendobj\n", at + 1);
    }
    let table = file.len();
    file += "xref\n0 6\n0000000000 65535 f \n";
    for place in places {
        file += &format!("{place:010} 00000 n \n");
    }
    file += &format!("trailer << /Size 6 /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n");
    file.into_bytes()
}

#[test]
fn contents_that_are_there_and_cannot_be_read_make_no_empty_page() {
    let paints = |file| open(file, None, |document| document.paints(1)).unwrap();
    assert!(paints(line_pdf("endstream", 4)).unwrap());
    let lost = paints(line_pdf("enxstream", 4));
    assert!(lost.unwrap_err().to_string().contains("cannot be read"));
    let draws = |file| open(file, None, |document| document.draw(1, 100, 100).is_ok()).unwrap();
    assert!(!draws(line_pdf("enxstream", 4)));
    // Contents that are nowhere are none.
    assert!(!paints(line_pdf("endstream", 9)).unwrap());
    assert!(draws(line_pdf("endstream", 9)));
}
