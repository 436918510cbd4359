//! Damaged, odd and encrypted documents: their parts show what viewers show of them, or are
//! refused with the reason.

use pagesieve::pdf::extract::{Original, PartPage};

use super::support::damaged::{damaged_pdfs, whole_pdf};
use super::support::encrypted::{Encrypted, encrypted_pdfs, opened_pdf, strangely_encrypted_pdfs};
use super::*;

/// A page as a file of its own.
fn alone(original: &Original, number: u32) -> Result<Vec<u8>, ExtractError> {
    let page = PartPage {
        source: 0,
        number,
        turn: 0,
    };
    let part = assemble(&[original], &[page], &PartOptions::default())?;
    let mut bytes = Vec::new();
    part.layout.write(&mut bytes).unwrap();
    Ok(bytes)
}

#[test]
fn what_cannot_be_read_is_never_left_out_silently() {
    let place = Place::new();
    let whole = one_page("");
    let text = String::from_utf8_lossy(&whole).into_owned();
    // The object begins, and what follows is no object.
    let broken = text.replace("4 0 obj\n<</Length", "4 0 obj\n>><<Length");
    place.source("broken.pdf", broken.as_bytes());
    let ran = split(&place, &["--every", "1"]);
    assert!(!out(&place).join("broken.pdf").exists());
    assert_ne!(ran.code(), 0);
    let said = "page 1 needs its content: it is in the file, as object 4, and cannot be read";
    assert!(ran.errors().contains(said), "{}", ran.errors());
}

#[test]
fn what_a_page_says_amiss_it_inherits() {
    let content = "BT /F 40 Tf 20 60 Td (Inherited) Tj ET";
    for said in [
        "/Resources null",
        "/Resources 9 0 R",
        "/MediaBox null/Rotate null/CropBox null",
        "/Rotate 9 0 R",
        "/CropBox 9 0 R",
        "/CropBox[0 0]",
        "/MediaBox/None",
    ] {
        let bytes = raw_pdf([
            "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
            "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 300 200]/CropBox[0 0 250 150]\
             /Rotate 90/Resources<</Font<</F 5 0 R>>>>>>"
                .to_owned(),
            format!("<</Type/Page/Parent 2 0 R/Contents 4 0 R{said}>>"),
            format!("<</Length {}>>stream\n{content}\nendstream", content.len()),
            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
        ]);
        let whole = open(&bytes);
        let original = Original::read(Arc::new(bytes), None, 1).unwrap();
        let part = open(&alone(&original, 1).unwrap());
        assert_eq!(part.shape(1), whole.shape(1), "{said}");
        let drawn = part.draw(1, 150, 250).unwrap();
        assert!(!drawn.is_white(), "{said}");
        assert_eq!(Ok(drawn), whole.draw(1, 150, 250), "{said}");
    }
}

#[test]
fn damage_that_viewers_tolerate_is_mended() {
    let whole = open(&whole_pdf());
    let mut wrong = Vec::new();
    for (what, bytes) in damaged_pdfs() {
        let bytes = Arc::new(bytes);
        let original = match Original::read(bytes, None, 2) {
            Ok(original) => original,
            Err(error) => {
                wrong.push(format!("{what}: {error}"));
                continue;
            }
        };
        for number in 1..=2 {
            let part = match alone(&original, number) {
                Ok(part) => open(&part),
                Err(error) => {
                    wrong.push(format!("{what}: {error}"));
                    continue;
                }
            };
            if part.draw(1, 200, 200) != whole.draw(number, 200, 200)
                || part.text(1) != whole.text(number)
            {
                wrong.push(format!("{what}: page {number} looks different"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn objects_in_streams_are_found_where_nothing_says_where() {
    let whole = whole_pdf();
    let original = Original::read(Arc::new(whole.clone()), None, 2).unwrap();
    let pages = [1, 2].map(|number| PartPage {
        source: 0,
        number,
        turn: 0,
    });
    let mut packed = Vec::new();
    let part = assemble(&[&original], &pages, &PartOptions::default()).unwrap();
    part.layout.write(&mut packed).unwrap();
    let find = |word: &[u8]| {
        packed
            .windows(word.len())
            .rposition(|it| it == word)
            .unwrap()
    };
    let start = find(b"startxref");
    let table = packed[..start]
        .windows(4)
        .rposition(|it| it == b" obj")
        .unwrap()
        - 4;
    let middle = find(b"\nendobj") + 1;
    let first = packed.windows(7).position(|it| it == b"endobj\n").unwrap() + 7;
    assert!(first < middle && middle < start);
    let edited = |at: usize| [&packed[..at], b"% put in\n", &packed[at..]].concat();
    let whole = open(&whole);
    for (what, bytes) in [
        ("as it is", packed.clone()),
        ("no start", packed[..start].to_vec()),
        ("no table", packed[..table].to_vec()),
        ("junk before", [b"junk\n", packed.as_slice()].concat()),
        ("put in at the beginning", edited(first)),
        ("put in at the end", edited(middle)),
    ] {
        let original = Original::read(Arc::new(bytes), None, 2);
        let original = original.unwrap_or_else(|error| panic!("{what}: {error}"));
        for number in 1..=2 {
            let part = open(&alone(&original, number).unwrap());
            let looks = part.draw(1, 200, 200) == whole.draw(number, 200, 200);
            assert!(looks, "{what}: page {number}");
            assert_eq!(part.text(1), whole.text(number), "{what}: page {number}");
        }
    }
}

#[test]
fn whatever_way_a_document_is_encrypted_its_parts_are_as_it_was() {
    let opened = open(&opened_pdf());
    for Encrypted {
        how,
        bytes,
        password,
    } in encrypted_pdfs()
    {
        let bytes = Arc::new(bytes);
        let wrong = Original::read(Arc::clone(&bytes), Some("wrong"), 1);
        if how != "all clear" {
            assert_eq!(wrong.err(), Some(ExtractError::Locked), "{how}");
        }
        let original = Original::read(bytes, Some(&password), 1);
        let original = original.unwrap_or_else(|error| panic!("{how} {password}: {error}"));
        let part = alone(&original, 1).unwrap();
        let read = Document::load_mem(&part).unwrap();
        let about = read.trailer.get(b"Info").unwrap();
        let about = read.dereference(about).unwrap().1.as_dict().unwrap();
        let title = about.get(b"Title").unwrap().as_str().unwrap();
        assert_eq!(title, b"Sealed", "{how} {password}");
        let part = open(&part);
        assert!(
            part.draw(1, 200, 280) == opened.draw(1, 200, 280),
            "{how} {password} looks different"
        );
        assert_eq!(part.text(1), opened.text(1), "{how} {password}");
    }
}

#[test]
fn what_is_encrypted_in_an_unknown_way_is_refused() {
    for (how, bytes) in strangely_encrypted_pdfs() {
        let read = Original::read(Arc::new(bytes), Some("user"), 1);
        assert!(
            matches!(read.err(), Some(ExtractError::Unreadable(_))),
            "{how}"
        );
    }
}

#[test]
fn a_box_without_an_area_is_left_out() {
    for (odd, others) in [("[0 0 400.-0 --400]", "[0 0 100]"), ("[5 5 5 9]", "(box)")] {
        let bytes = raw_pdf([
            "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
            "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
            format!(
                "<</Type/Page/Parent 2 0 R/MediaBox{odd}/CropBox{others}/TrimBox[3 3 3 3]\
                 /Contents 4 0 R>>"
            ),
            "<</Length 24>>stream\n0 1 0 rg 70 70 20 20 re f\nendstream".to_owned(),
        ]);
        let original = Original::read(Arc::new(bytes), None, 1).unwrap();
        let part = alone(&original, 1).unwrap();
        let page = Document::load_mem(&part).unwrap();
        let page = page.get_dictionary(page.get_pages()[&1]).unwrap();
        for key in ["MediaBox", "CropBox", "TrimBox"] {
            assert!(!page.has(key.as_bytes()), "{odd}: {key} is there");
        }
    }
}

/// A page of 100 by 200 points with a resource, a picture state among them, and what else it
/// has; its content paints a red square if the state or annotation finds what it needs.
fn page_with(page: &str, content: &str, others: [&str; 2]) -> Vec<u8> {
    let stream = |entries: &str, content: &str| {
        let length = content.len();
        format!("<<{entries}/Length {length}>>stream\n{content}\nendstream")
    };
    let form = "/Type/XObject/Subtype/Form/BBox[0 0 100 200]";
    raw_pdf([
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 100 200]>>".to_owned(),
        format!("<</Type/Page/Parent 2 0 R/Contents 4 0 R{page}>>"),
        stream("", content),
        // What content, mask and annotation may lean on.
        stream(form, "1 0 0 rg 10 10 50 50 re f"),
        stream(&format!("{form}{}", others[0]), others[1]),
    ])
}

#[test]
fn what_leans_on_the_resources_of_its_page_finds_them() {
    let resources = "/Resources<</XObject<</Square 5 0 R>>/ExtGState<</Faded 7 0 R\
        /Masked<</SMask<</S/Luminosity/G 6 0 R>>>>>>>>";
    let annotated =
        format!("{resources}/Annots[<</Subtype/Stamp/F 4/Rect[0 0 100 200]/AP<</N 6 0 R>>>>]");
    let group = "/Group<</S/Transparency/CS/DeviceRGB>>";
    for (what, page, content, entries) in [
        (
            "annotation",
            annotated.as_str(),
            "0 1 0 rg 70 70 20 20 re f",
            "",
        ),
        (
            "mask",
            resources,
            "/Masked gs 0 0 1 rg 0 0 100 200 re f",
            group,
        ),
    ] {
        let bytes = page_with(page, content, [entries, "/Square Do"]);
        let original = Original::read(Arc::new(bytes.clone()), None, 1).unwrap();
        let part = alone(&original, 1).unwrap();
        let text = String::from_utf8_lossy(&part).into_owned();
        let read = Document::load_mem(&part).unwrap();
        let squares = read.objects.values().filter(|object| {
            object
                .as_stream()
                .is_ok_and(|stream| stream.content.starts_with(b"1 0 0 rg"))
        });
        assert_eq!(squares.count(), 1, "{what}: {text}");
        let (before, after) = (open(&bytes), open(&part));
        assert!(
            before.draw(1, 100, 200) == after.draw(1, 100, 200),
            "{what}"
        );
    }
}

#[test]
fn odd_rotations_stay_as_they_are_and_turn() {
    for (rotation, turn, expected) in [
        ("/Rotate 90.0", 0, 90),
        ("/Rotate 90.0", 90, 180),
        ("/Rotate -90", 0, 270),
        ("/Rotate 450", 90, 180),
        ("", 90, 90),
    ] {
        let bytes = page_with(rotation, "1 0 0 rg 0 0 9 9 re f", ["", ""]);
        let original = Original::read(Arc::new(bytes), None, 1).unwrap();
        let page = PartPage {
            source: 0,
            number: 1,
            turn,
        };
        let part = assemble(&[&original], &[page], &PartOptions::default()).unwrap();
        let mut bytes = Vec::new();
        part.layout.write(&mut bytes).unwrap();
        let shape = open(&bytes).shape(1).unwrap();
        assert_eq!(shape.rotation, expected, "{rotation} and {turn}");
    }
}

#[test]
fn a_page_that_is_twice_in_the_tree_counts_twice() {
    let content = |text: &str| {
        let content = format!("BT /F1 24 Tf 20 100 Td ({text}) Tj ET");
        format!("<</Length {}>>stream\n{content}\nendstream", content.len())
    };
    let page = |content: u32| {
        format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents {content} 0 R\
             /Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>"
        )
    };
    let place = Place::new();
    let bytes = raw_pdf([
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R 4 0 R 3 0 R 4 0 R]/Count 4>>".to_owned(),
        page(5),
        page(6),
        content("One"),
        content("Two"),
    ]);
    assert_eq!(open(&bytes).page_count(), 4);
    place.source("a.pdf", &bytes);
    assert_eq!(split(&place, &["--ranges", "2-3,4"]).code(), 0);
    let text = |name: &str, page: u32| {
        let part = std::fs::read(out(&place).join(name)).unwrap();
        open(&part).text(page).unwrap().trim().to_owned()
    };
    assert_eq!(text("a-001.pdf", 1), "Two");
    assert_eq!(text("a-001.pdf", 2), "One");
    assert_eq!(text("a-002.pdf", 1), "Two");
}
