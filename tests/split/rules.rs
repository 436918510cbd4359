//! Where rules cut, and what they leave out.

use super::*;

/// A page that says something at a place, in points from its top left corner.
fn page_that_says(text: &str, y: f64) -> Page {
    let mut page = Page::a4();
    page.text(Font::Helvetica, 12.0, 250.0, y, BLACK, text);
    page
}

/// Seven pages, of which the second and sixth have nothing on them: a letter, an empty
/// page, an exhibit's title, a note, a filled field, an empty field, a letter.
fn nearly_blank_pdf() -> Vec<u8> {
    let page = |content: u32, annotation: &str| {
        format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 13 0 R>>>>\
             /Contents {content} 0 R/Annots[{annotation}]>>"
        )
    };
    let content = |text: &str| {
        let content = format!("BT /F1 12 Tf 250 400 Td ({text}) Tj ET");
        format!("<</Length {}>>stream\n{content}\nendstream", content.len())
    };
    let field = "/Type/Annot/Subtype/Widget/FT/Tx/T(f)/Rect[50 50 200 70]";
    raw_pdf([
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R 4 0 R 5 0 R 6 0 R 7 0 R 8 0 R 9 0 R]/Count 7>>".to_owned(),
        page(10, ""),
        page(12, ""),
        page(11, ""),
        page(
            12,
            "<</Type/Annot/Subtype/Text/Contents(Call her)/Rect[50 50 70 70]>>",
        ),
        page(12, &format!("<<{field}/V(Finch)>>")),
        page(12, &format!("<<{field}/V()>>")),
        page(10, ""),
        content("Dear Sir or Madam, thank you for your letter."),
        content("Exhibit C"),
        "<</Length 0>>stream\n\nendstream".to_owned(),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
    ])
}

fn left_out(manifest: &Value) -> Vec<u64> {
    let excluded = manifest["excluded"].as_array().unwrap().iter();
    excluded
        .map(|page| page["page"].as_u64().unwrap())
        .collect()
}

#[test]
fn only_what_is_called_blank_everywhere_is_left_out_as_blank() {
    let place = Place::new();
    place.source("a.pdf", &nearly_blank_pdf());
    let ran = split(&place, &["--at-blank", "--name", "{pages}"]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    assert_eq!(left_out(&manifest(&out(&place))), [2, 6]);
    let expected = ["1.pdf", "3-5.pdf", "7.pdf"].map(String::from);
    assert_eq!(files(&out(&place)), BTreeSet::from(expected));
    assert!(
        ran.output()
            .contains("left out of a.pdf: pages 2,6 (blank)"),
        "{}",
        ran.output()
    );
    place.process();
    let pages = place.list("pages");
    let blank = pages.iter().filter(|page| page["blank"] == "yes");
    let blank: Vec<u64> = blank.map(|page| page["page"].as_u64().unwrap()).collect();
    assert_eq!(blank, [2, 6]);
}

#[test]
fn what_is_left_out_is_written_to_a_file_of_its_own_where_that_is_wanted() {
    let place = Place::new();
    place.source("a.pdf", &nearly_blank_pdf());
    place.source("b.pdf", &text_pdf(3));
    let file = place.path().join("left out");
    let options = [
        "--at-blank",
        "--ranges",
        "1-2",
        "--excluded",
        file.to_str().unwrap(),
    ];
    let ran = split(&place, &options);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let written = std::fs::read(&file).unwrap();
    let pages = open(&written);
    // The second of the first document is blank, the others are in no range.
    assert_eq!(pages.page_count(), 6 + 1);
    assert_eq!(pages.text(2).unwrap().trim(), "Exhibit C");
    assert!(pages.text(7).unwrap().contains("Page 3 of 3"));
    let described = &manifest(&out(&place))["excluded_file"];
    assert_eq!(
        described["blake3"],
        blake3::hash(&written).to_hex().as_str()
    );
    // It is replaced no more than any other file.
    std::fs::write(&file, "mine").unwrap();
    let ran = split(&place, &options);
    assert_eq!(ran.code(), 65, "{}", ran.errors());
    assert_eq!(std::fs::read(&file).unwrap(), b"mine");
    let source = place.sources().join("b.pdf");
    let options = [
        "--ranges",
        "1",
        "--overwrite",
        "--excluded",
        source.to_str().unwrap(),
    ];
    assert_eq!(split(&place, &options).code(), 65);
    assert_eq!(std::fs::read(&source).unwrap(), text_pdf(3));
    let part = out(&place).join("b.pdf");
    let options = [
        "--ranges",
        "1",
        "--overwrite",
        "--excluded",
        part.to_str().unwrap(),
    ];
    assert_eq!(split(&place, &options).code(), 65);
    assert_eq!(open(&std::fs::read(&part).unwrap()).page_count(), 1);
}

#[test]
fn a_code_on_a_page_of_its_own_begins_a_part_and_the_page_stays() {
    let place = Place::new();
    let mut pdf = PdfBuilder::new("Stickers");
    for number in 1..=5 {
        let mut page = support::ordinary::text_page(number, 5);
        if number % 2 == 0 {
            support::barcode::code_39(&mut page, 80.0, 700.0, 1.5, 60.0, "PATCHT");
        }
        pdf.add(page);
    }
    place.source("a.pdf", &pdf.finish());
    let ran = split(&place, &["--at-barcode", "PATCHT", "--name", "{pages}"]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let expected = ["1.pdf", "2-3.pdf", "4-5.pdf"].map(String::from);
    assert_eq!(files(&out(&place)), BTreeSet::from(expected));
}

#[test]
fn separator_sheets_are_those_that_are_called_so_everywhere() {
    let place = Place::new();
    place.source("a.pdf", &separator_pdf(2, 2));
    let ran = split(&place, &["--at-separator", "--name", "{pages}"]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    assert_eq!(left_out(&manifest(&out(&place))), [1, 4]);
    place.process();
    let pages = place.list("pages");
    let sheets = pages.iter().filter(|page| page["separator"] == "yes");
    let sheets: Vec<u64> = sheets.map(|page| page["page"].as_u64().unwrap()).collect();
    assert_eq!(sheets, [1, 4]);
}

#[test]
fn ranges_count_from_either_end_and_say_what_is_beyond() {
    let place = Place::new();
    place.source("a.pdf", &text_pdf(5));
    let ran = split(
        &place,
        &["--ranges", "last-4,odd,even,r2", "--name", "{part} {pages}"],
    );
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let expected = ["1 5,4.pdf", "2 1,3,5.pdf", "3 2,4.pdf", "4 4.pdf"].map(String::from);
    assert_eq!(files(&out(&place)), BTreeSet::from(expected));
    let reversed = std::fs::read(out(&place).join("1 5,4.pdf")).unwrap();
    assert!(open(&reversed).text(1).unwrap().contains("Page 5 of 5"));
    for ranges in ["4-9", "7", "r9"] {
        let ran = split(&place, &["--ranges", ranges, "--dry-run"]);
        assert_eq!(ran.code(), 65, "{ranges}");
        let said = ran.errors();
        assert!(
            said.contains("a.pdf has 5 pages") && said.contains(ranges),
            "{said}"
        );
    }
    assert_eq!(split(&place, &["--ranges", "2-", "--dry-run"]).code(), 0);
}

#[test]
fn a_page_that_is_larger_than_wanted_by_itself_is_said() {
    let place = Place::new();
    let mut pdf = PdfBuilder::new("One large page");
    pdf.add(page_that_says("small", 100.0));
    let mut large = page_that_says("large", 100.0);
    // Operators that no packing makes small.
    let mut state = 1u32;
    for _ in 0..4000 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        large.raw(format!("{} {} m", state >> 8, state % 99_991));
    }
    pdf.add(large);
    place.source("a.pdf", &pdf.finish());
    for options in [
        &["--max-size", "9kB", "--dry-run"][..],
        &["--max-size", "9kB"],
    ] {
        let ran = split(&place, options);
        assert_eq!(ran.code(), 65, "{}", ran.errors());
        assert!(
            ran.errors().contains("a-002.pdf is one page of"),
            "{}",
            ran.errors()
        );
    }
    assert_eq!(files(&out(&place)).len(), 2);
}

#[test]
fn the_top_line_is_read_as_people_read_it() {
    let place = Place::new();
    let mut pdf = PdfBuilder::new("Headers that are drawn last");
    for header in ["Rechnung 1", "", "\u{dc}bergabe 2", ""] {
        let mut page = page_that_says("Dear customer, Rechnung und Dank", 300.0);
        page.text(Font::Helvetica, 12.0, 150.0, 80.0, BLACK, header);
        pdf.add(page);
    }
    place.source("a.pdf", &pdf.finish());
    for pattern in ["^RECHNUNG|^ubergabe", "^rechnung|^ÜBERGABE"] {
        let ran = split(&place, &["--at-text", pattern, "--dry-run", "--json"]);
        assert_eq!(ran.code(), 0, "{}", ran.errors());
        let rows = ran.output();
        let rows = rows
            .lines()
            .map(|row| serde_json::from_str::<Value>(row).unwrap());
        let pages: Vec<String> = rows
            .map(|row| row["pages"].as_str().unwrap().into())
            .collect();
        assert_eq!(pages, ["1-2", "3-4"], "{pattern}");
    }
}

#[test]
fn titles_of_either_byte_order_name_parts_and_long_ones_are_cut() {
    let place = Place::new();
    let hex = |text: &str, unit: fn(u16) -> [u8; 2]| -> String {
        let units = "\u{feff}".encode_utf16().chain(text.encode_utf16());
        units
            .flat_map(unit)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    };
    let long = "Vertrag über die Überlassung ".repeat(20);
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R/Outlines 6 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R 4 0 R 5 0 R]/Count 3/MediaBox[0 0 200 200]>>".to_owned(),
    ];
    objects.extend(["<</Type/Page/Parent 2 0 R>>"; 3].map(String::from));
    objects.push("<</Type/Outlines/First 7 0 R/Last 9 0 R/Count 3>>".to_owned());
    let titles = [
        hex("Mietvertrag Zoë", u16::to_le_bytes),
        hex("Договор", u16::to_be_bytes),
        hex(&long, u16::to_le_bytes),
    ];
    for (title, number) in titles.iter().zip(0..) {
        let next = match number {
            2 => String::new(),
            number => format!("/Next {} 0 R", number + 8),
        };
        let page = number + 3;
        objects.push(format!(
            "<</Title<{title}>/Parent 6 0 R/Dest[{page} 0 R/Fit]{next}>>"
        ));
    }
    place.source("a.pdf", &raw_pdf(objects));
    let ran = split(&place, &["--at-bookmark", "1", "--name", "{title} {part}"]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let names = files(&out(&place));
    assert!(names.contains("Mietvertrag Zoë 1.pdf"), "{names:?}");
    assert!(names.contains("Договор 2.pdf"), "{names:?}");
    let cut = names.iter().find(|name| name.ends_with(" 3.pdf")).unwrap();
    assert!(cut.len() <= 255 && cut.starts_with("Vertrag über"), "{cut}");
}

#[test]
fn nothing_to_split_is_said() {
    let place = Place::new();
    place.sources();
    let ran = split(&place, &[]);
    assert_eq!(ran.code(), 65);
    assert!(ran.errors().contains("no PDF"), "{}", ran.errors());
}

/// A letter whose text lies off upright by so many degrees clockwise, with a number at its
/// foot.
fn lying_page(degrees: u32, number: u32) -> Page {
    let mut page = Page::new(600.0, 600.0);
    page.raw(match degrees {
        90 => "0 -1 1 0 0 600 cm\n",
        180 => "-1 0 0 -1 600 600 cm\n",
        270 => "0 1 -1 0 600 0 cm\n",
        _ => "",
    });
    let style = Style::new(Font::Helvetica, 11.0);
    let text = "The committee looked at the proposal and found that it should be taken up again. ";
    page.paragraph(style, 60.0, 80.0, 480.0, &text.repeat(6));
    let number = format!("Page {number}");
    page.text(Font::Helvetica, 11.0, 280.0, 560.0, BLACK, &number);
    page
}

#[test]
fn pages_are_turned_upright_and_backs_put_between_their_fronts() {
    let place = Place::new();
    let mut pdf = PdfBuilder::new("Stack");
    for (degrees, number) in [(0, 1), (90, 3), (0, 5), (180, 6), (270, 4), (0, 2)] {
        pdf.add(lying_page(degrees, number));
    }
    place.source("stack.pdf", &pdf.finish());
    let notes = |folder: &Path| -> Vec<(String, String)> {
        let ran = place.run([Path::new("process"), folder]);
        assert_eq!(ran.code(), 0, "{}", ran.errors());
        let rows = place.list("pages").into_iter();
        let said = |row: &Value, name: &str| row[name].to_string().trim_matches('"').to_owned();
        rows.map(|row| (said(&row, "turned"), said(&row, "sequence_break")))
            .collect()
    };
    let before = notes(&place.sources());
    let turned: Vec<_> = before.iter().map(|(turned, _)| turned.as_str()).collect();
    assert_eq!(turned, ["0", "90", "0", "180", "270", "0"]);
    let breaks: Vec<_> = before.iter().map(|(_, odd)| odd.as_str()).collect();
    assert_eq!(breaks, ["no", "no", "no", "yes", "no", "no"]);

    let ran = split(&place, &["--upright", "--in-reading-order"]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let told = &manifest(&out(&place))["parts"][0]["pages"];
    let pages: Vec<_> = told.as_array().unwrap().iter().collect();
    let order: Vec<_> = pages.iter().map(|p| p["page"].as_u64().unwrap()).collect();
    assert_eq!(order, [1, 6, 2, 5, 3, 4]);
    let after = notes(&out(&place));
    let upright = ("0".to_owned(), "no".to_owned());
    assert_eq!(after, vec![upright; 6]);
}
