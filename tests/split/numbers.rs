//! Running numbers that are printed on pages.

use std::fs;

use super::*;

/// One page of 300 × 200 points, turned by viewers, that paints this.
fn small_page(rotate: u16, content: &str) -> Vec<u8> {
    raw_pdf([
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1/Resources<</Font<</F1 5 0 R>>>>>>".to_owned(),
        format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Rotate {rotate}/Contents 4 0 R>>"),
        format!("<</Length {}>>stream\n{content}\nendstream", content.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
    ])
}

/// What is printed on the first page of a file and where, its middle in shares of the page.
fn number_on(path: &Path) -> Option<(String, f32, f32)> {
    let bytes = fs::read(path).unwrap();
    let words = open(&bytes).words(1).unwrap().into_iter();
    let mut numbers = words.filter(|word| word.text.starts_with("ACME"));
    let number = numbers.next()?;
    let area = number.area;
    let middle = |from: f32, to: f32| (from + to) / 2.0;
    Some((
        number.text,
        middle(area.left, area.right),
        middle(area.top, area.bottom),
    ))
}

#[test]
fn numbers_go_on_from_part_to_part_and_none_is_given_twice() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(5));
    let numbered = ["--every", "2", "--number", "ACME", "--digits", "4"];
    let ran = split(&place, &numbered);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let said = "pages are numbered ACME0001 to ACME0005";
    assert!(ran.output().contains(said), "{}", ran.output());
    let described = manifest(&out(&place));
    let parts = described["parts"].as_array().unwrap().iter();
    let pages = parts.flat_map(|part| part["pages"].as_array().unwrap());
    let numbers: Vec<_> = pages.map(|page| page["number"].as_str().unwrap()).collect();
    let expected = ["ACME0001", "ACME0002", "ACME0003", "ACME0004", "ACME0005"];
    assert_eq!(numbers, expected);
    for part in described["parts"].as_array().unwrap() {
        assert_eq!(part["proof"], "proved");
        let path = out(&place).join(part["file"].as_str().unwrap());
        let bytes = fs::read(&path).unwrap();
        let document = open(&bytes);
        for (page, number) in part["pages"].as_array().unwrap().iter().zip(1..) {
            let text = document.text(number).unwrap();
            let printed = page["number"].as_str().unwrap();
            assert!(text.contains(printed), "{printed} is not in {text}");
        }
    }

    // The same again is the same.
    let before = files(&out(&place));
    let ran = split(&place, &numbered);
    assert!(ran.output().contains(said), "{}", ran.output());
    assert_eq!(files(&out(&place)), before);

    // Others get others.
    place.source("b.pdf", &text_pdf(1));
    let ran = split(&place, &numbered);
    let said = "pages are numbered ACME0006 to ACME0011";
    assert!(ran.output().contains(said), "{}", ran.output());
    let again = [&numbered[..], &["--number-from", "7", "--every", "3"]].concat();
    let ran = split(&place, &again[2..]);
    assert_ne!(ran.code(), 0);
    let said = "ACME0007 was given already: the next number is ACME0012";
    assert!(ran.errors().contains(said), "{}", ran.errors());
}

#[test]
fn a_number_stands_at_the_bottom_right_of_a_page_however_it_lies() {
    // Its content leaves a scale behind, and a state that it never restores.
    let content = "q 0.5 0 0 0.5 0 0 cm BT /F1 12 Tf 300 200 Td (Letter) Tj ET q 3 0 0 3 9 9 cm";
    for rotate in [0, 90, 180, 270] {
        let place = Place::new();
        place.source("a.pdf", &small_page(rotate, content));
        let ran = split(&place, &["--number", "ACME"]);
        assert_eq!(ran.code(), 0, "{}", ran.errors());
        let (number, x, y) = number_on(&out(&place).join("a.pdf")).unwrap();
        assert_eq!(number, "ACME000001");
        assert!(x > 0.7 && y > 0.85, "{rotate}: {x}, {y}");
    }
}

#[test]
fn a_number_is_printed_where_nothing_stands() {
    // Something stands at the bottom right and bottom left.
    let content = "0 g 200 0 100 40 re f 0 0 100 40 re f";
    let place = Place::new();
    place.source("a.pdf", &small_page(0, content));
    let ran = split(&place, &["--number", "ACME"]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let (_, x, y) = number_on(&out(&place).join("a.pdf")).unwrap();
    assert!(x > 0.7 && y < 0.15, "{x}, {y}");
}

#[test]
fn numbers_that_viewers_could_not_show_are_refused() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(1));
    for refused in [["Größe", "6"], ["ACME", "13"], ["ACME", "0"]] {
        let ran = split(&place, &["--number", refused[0], "--digits", refused[1]]);
        assert_eq!(ran.code(), 2, "{}", ran.errors());
        assert!(!out(&place).exists());
    }
}
