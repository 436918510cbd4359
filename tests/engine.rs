//! The engine on documents of our own making: shapes, text, passwords, pictures.

mod support;

use std::sync::Arc;

use pagesieve::model::PageShape;
use pagesieve::pdf::{Engine, HayroEngine, OpenDocument, OpenError, Picture, fit};
use support::{
    blank_pdf, boxes_pdf, encrypted_pdf, encrypted_pdf_rc4, extreme_aspect_pdf, ocr_layer_pdf,
    text_pdf, truncated_pdf,
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
