//! What belongs to a document as a whole, and what pages lean on: kept with a part where it
//! belongs to it, and said where it does not come along.

use std::path::Path;

use lopdf::{Dictionary, Document, Object};
use serde_json::Value;

use super::support::encrypted_pdf;
use super::support::pdf::raw_pdf;
use super::support::program::{Place, Ran};
use super::support::whole::{document, invoice_pdf, stream, tagged_pdf};
use super::{annotations, command, manifest, out, page, part, split};

fn entries<'a>(part: &'a Document, of: &'a Dictionary, key: &[u8]) -> Option<&'a Dictionary> {
    part.dereference(of.get(key).ok()?).ok()?.1.as_dict().ok()
}

/// The names under which files are attached, with what is in them.
fn attached(part: &Document) -> Vec<(String, String)> {
    let names = entries(part, part.catalog().unwrap(), b"Names");
    let Some(list) = names.and_then(|names| entries(part, names, b"EmbeddedFiles")) else {
        return Vec::new();
    };
    let list = list.get(b"Names").unwrap().as_array().unwrap();
    let keys: Vec<&[u8]> = list
        .iter()
        .step_by(2)
        .map(|key| key.as_str().unwrap())
        .collect();
    assert!(keys.is_sorted() && keys.windows(2).all(|pair| pair[0] != pair[1]));
    let files = list.iter().skip(1).step_by(2).map(|file| {
        let file = part.dereference(file).unwrap().1.as_dict().unwrap();
        let name = lopdf::decode_text_string(file.get(b"UF").unwrap()).unwrap();
        let content = entries(part, file, b"EF").unwrap().get(b"F").unwrap();
        let content = part.dereference(content).unwrap().1.as_stream().unwrap();
        (name, String::from_utf8(content.content.clone()).unwrap())
    });
    files.collect()
}

fn metadata(part: &Document) -> String {
    let Ok(metadata) = part.catalog().unwrap().get(b"Metadata") else {
        return String::new();
    };
    let metadata = part.dereference(metadata).unwrap().1.as_stream().unwrap();
    String::from_utf8(metadata.content.clone()).unwrap()
}

/// What the manifest says of a part: for programs, and in words.
fn remarks(place: &Place, part: usize) -> (Value, String) {
    let manifest = manifest(&out(place));
    let part = &manifest["parts"][part];
    let note = part["note"].as_str().unwrap_or_default().to_owned();
    (part["remarks"].clone(), note)
}

fn merge(place: &Place, to: &Path) -> Ran {
    let ran = command(place, "merge", to, &[]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    ran
}

#[test]
fn attachments_stay_with_a_document_that_stays_whole() {
    let place = Place::new();
    place.source("a.pdf", &invoice_pdf(4711));
    assert_eq!(split(&place, &[]).code(), 0);
    let whole = part(&out(&place), "a.pdf");
    let file = ("factur-x.xml".to_owned(), "<ID>4711</ID>".to_owned());
    assert_eq!(attached(&whole), std::slice::from_ref(&file));
    let associated = whole
        .catalog()
        .unwrap()
        .get(b"AF")
        .unwrap()
        .as_array()
        .unwrap();
    let file_there = whole
        .dereference(&associated[0])
        .unwrap()
        .1
        .as_dict()
        .unwrap();
    assert_eq!(
        file_there
            .get(b"AFRelationship")
            .unwrap()
            .as_name()
            .unwrap(),
        b"Alternative"
    );
    assert!(metadata(&whole).contains("pdfaid:part") && metadata(&whole).contains("INVOICE"));
    assert_eq!(remarks(&place, 0), (Value::Null, String::new()));
}

#[test]
fn attachments_that_do_not_come_along_are_counted() {
    let place = Place::new();
    place.source("a.pdf", &invoice_pdf(4711));
    let ran = split(&place, &["--every", "1"]);
    assert_eq!(ran.code(), 0);
    let first = part(&out(&place), "a-001.pdf");
    assert!(attached(&first).is_empty() && !first.catalog().unwrap().has(b"AF"));
    assert!(
        metadata(&first).contains("pdfaid:part"),
        "it still is PDF/A-3b"
    );
    assert!(
        !metadata(&first).contains("INVOICE"),
        "{}",
        metadata(&first)
    );
    let (programs, words) = remarks(&place, 0);
    assert_eq!(
        programs,
        serde_json::json!(["invoice", { "attachments": 1 }])
    );
    assert!(words.contains("1 attachment"), "{words}");
    assert!(
        ran.output().contains("2 attachments (2 files)"),
        "{}",
        ran.output()
    );
}

#[test]
fn attachments_of_several_documents_have_different_names() {
    let place = Place::new();
    place.source("1.pdf", &invoice_pdf(1));
    place.source("2.pdf", &invoice_pdf(2));
    let to = place.path().join("all.pdf");
    let ran = merge(&place, &to);
    let all = Document::load(&to).unwrap();
    let file = |name: &str, number: u32| (name.to_owned(), format!("<ID>{number}</ID>"));
    let expected = [file("factur-x (2).xml", 2), file("factur-x.xml", 1)];
    assert_eq!(attached(&all), expected);
    assert_eq!(metadata(&all), "");
    assert!(ran.output().contains("PDF/A"), "{}", ran.output());
}

#[test]
fn a_file_that_is_pinned_to_a_page_stays_there() {
    let place = Place::new();
    let bytes = document(
        "",
        &["", "/Annots[5 0 R]"],
        &[
            "<</Type/Annot/Subtype/FileAttachment/Rect[0 0 9 9]/FS 6 0 R>>",
            "<</Type/Filespec/F(notes.txt)/UF(notes.txt)/EF<</F 7 0 R>>>>",
            &stream("/Type/EmbeddedFile", "notes"),
        ],
    );
    place.source("a.pdf", &bytes);
    assert_eq!(split(&place, &["--every", "1"]).code(), 0);
    let second = part(&out(&place), "a-002.pdf");
    let file = entries(&second, annotations(&second, 1)[0], b"FS").unwrap();
    let content = entries(&second, file, b"EF").unwrap().get(b"F").unwrap();
    let content = second.dereference(content).unwrap().1.as_stream().unwrap();
    assert_eq!(content.content, b"notes");
    assert_eq!(remarks(&place, 0).1, "");
}

#[test]
fn a_portfolio_stays_one_and_is_told() {
    let place = Place::new();
    let portfolio = |pages: &[&str]| {
        let file = 3 + pages.len();
        let catalog =
            format!("/Collection<</View/D>>/Names<</EmbeddedFiles<</Names[(a){file} 0 R]>>>>");
        let spec = format!(
            "<</Type/Filespec/F(a.pdf)/UF(a.pdf)/EF<</F {} 0 R>>>>",
            file + 1
        );
        document(
            &catalog,
            pages,
            &[&spec, &stream("/Type/EmbeddedFile", "a")],
        )
    };
    place.source("cover.pdf", &portfolio(&[""]));
    place.source("more.pdf", &portfolio(&["", ""]));
    assert_eq!(split(&place, &["--every", "1"]).code(), 0);
    let cover = part(&out(&place), "cover.pdf");
    assert!(cover.catalog().unwrap().has(b"Collection"));
    assert_eq!(attached(&cover).len(), 1);
    assert_eq!(
        remarks(&place, 0).0,
        serde_json::json!([{ "whole_portfolio": 1 }])
    );
    let more = part(&out(&place), "more-001.pdf");
    assert!(!more.catalog().unwrap().has(b"Collection"));
    assert_eq!(
        remarks(&place, 1).0,
        serde_json::json!([{ "portfolio": 1 }])
    );
}

/// What the elements of the structure say, in the order in which they are read, with how deep
/// they lie.
fn read_aloud(part: &Document) -> Vec<(usize, String)> {
    fn read(part: &Document, of: &Dictionary, depth: usize, found: &mut Vec<(usize, String)>) {
        let Ok(kids) = of.get(b"K") else {
            return;
        };
        for kid in kids.as_array().unwrap() {
            let Ok(id) = kid.as_reference() else {
                continue;
            };
            let kid = part.get_dictionary(id).unwrap();
            if let Ok(text) = kid.get(b"ActualText") {
                let text = String::from_utf8_lossy(text.as_str().unwrap());
                found.push((depth, text.into_owned()));
            }
            assert!(std::ptr::eq(entries(part, kid, b"P").unwrap(), of));
            read(part, kid, depth + 1, found);
        }
    }
    let mut found = Vec::new();
    if let Some(root) = entries(part, part.catalog().unwrap(), b"StructTreeRoot") {
        read(part, root, 0, &mut found);
    }
    found
}

/// The elements that the content of a page belongs to, and those of its annotations.
fn owners(part: &Document, number: u32) -> Vec<String> {
    let root = entries(part, part.catalog().unwrap(), b"StructTreeRoot").unwrap();
    let tree = entries(part, root, b"ParentTree").unwrap();
    let pairs = tree.get(b"Nums").unwrap().as_array().unwrap().chunks(2);
    let all = |key: &Object| -> Vec<Object> {
        let mut pairs = pairs.clone();
        let pair = pairs.find(|pair| pair[0] == *key).unwrap();
        match &pair[1] {
            Object::Array(owners) => owners.clone(),
            owner => vec![owner.clone()],
        }
    };
    let page = page(part, number);
    let mut found = all(page.get(b"StructParents").unwrap());
    if page.has(b"Annots") {
        let annotations = annotations(part, number);
        found.extend(
            annotations
                .iter()
                .flat_map(|it| all(it.get(b"StructParent").unwrap())),
        );
    }
    let text = |owner: &Object| {
        let owner = part.dereference(owner).unwrap().1.as_dict().unwrap();
        String::from_utf8_lossy(owner.get(b"ActualText").unwrap().as_str().unwrap()).into_owned()
    };
    found.iter().map(text).collect()
}

#[test]
fn the_structure_of_a_part_is_that_of_its_pages() {
    let place = Place::new();
    place.source("a.pdf", &tagged_pdf());
    assert_eq!(split(&place, &["--ranges", "1,2,1-2"]).code(), 0);
    let said = |depth: usize, text: &str| (depth, text.to_owned());
    let first = part(&out(&place), "a-001.pdf");
    assert_eq!(read_aloud(&first), [said(2, "First")]);
    assert_eq!(owners(&first, 1), ["First"]);
    let second = part(&out(&place), "a-002.pdf");
    assert_eq!(
        read_aloud(&second),
        [said(2, "Second"), said(2, "Empty"), said(1, "Link")]
    );
    assert_eq!(owners(&second, 1), ["Second", "Link"]);
    let whole = part(&out(&place), "a-003.pdf");
    assert_eq!(read_aloud(&whole).len(), 4);
    let root = entries(&whole, whole.catalog().unwrap(), b"StructTreeRoot").unwrap();
    assert!(entries(&whole, root, b"RoleMap").unwrap().has(b"Grid"));
    for part in [&first, &second, &whole] {
        let marks = entries(part, part.catalog().unwrap(), b"MarkInfo").unwrap();
        assert!(marks.get(b"Marked").unwrap().as_bool().unwrap());
    }
}

#[test]
fn claims_are_made_only_while_they_are_true() {
    let place = Place::new();
    place.source("a.pdf", &tagged_pdf());
    assert_eq!(split(&place, &["--ranges", "1-2,1"]).code(), 0);
    let whole = metadata(&part(&out(&place), "a-001.pdf"));
    assert!(
        whole.contains("pdfaid:part='2'") && whole.contains("pdfuaid:part='1'"),
        "{whole}"
    );
    let first = metadata(&part(&out(&place), "a-002.pdf"));
    assert!(
        !first.contains(":part") && !first.contains("conformance"),
        "{first}"
    );
    let (programs, words) = remarks(&place, 1);
    assert_eq!(programs, serde_json::json!(["pdf_a", "pdf_ua"]));
    assert!(
        words.contains("PDF/A") && words.contains("PDF/UA"),
        "{words}"
    );
}

#[test]
fn structures_of_several_documents_do_not_mix() {
    let place = Place::new();
    place.source("1.pdf", &tagged_pdf());
    let other = String::from_utf8(tagged_pdf()).unwrap();
    let other = other
        .replace("(First)", "(Third)")
        .replace("<</Grid/Table>>", "<</Grid/Lists>>");
    place.source("2.pdf", other.as_bytes());
    let to = place.path().join("all.pdf");
    merge(&place, &to);
    let all = Document::load(&to).unwrap();
    assert_eq!(read_aloud(&all).len(), 8);
    assert_eq!(owners(&all, 1), ["First"]);
    assert_eq!(owners(&all, 2), ["Second", "Link"]);
    assert_eq!(owners(&all, 3), ["Third"]);
    let root = entries(&all, all.catalog().unwrap(), b"StructTreeRoot").unwrap();
    let kids = root.get(b"K").unwrap().as_array().unwrap();
    let role = |index: usize| {
        let element = all.dereference(&kids[index]).unwrap().1.as_dict().unwrap();
        element.get(b"S").unwrap().as_name().unwrap()
    };
    assert_eq!(
        [role(0), role(1)],
        [&b"Grid"[..], b"Lists"],
        "a role keeps its meaning"
    );
}

#[test]
fn a_structure_that_leads_nowhere_is_left_behind_and_said() {
    let place = Place::new();
    let tagged = String::from_utf8(tagged_pdf()).unwrap();
    place.source(
        "a.pdf",
        tagged.replace("/ParentTree<", "/NoneOfThem<").as_bytes(),
    );
    assert_eq!(split(&place, &[]).code(), 0);
    let part = part(&out(&place), "a.pdf");
    assert!(!part.catalog().unwrap().has(b"StructTreeRoot"));
    assert!(!part.catalog().unwrap().has(b"MarkInfo"));
    assert!(!page(&part, 1).has(b"StructParents"));
    assert!(
        remarks(&place, 0).1.contains("tags"),
        "{:?}",
        remarks(&place, 0)
    );
    assert!(!metadata(&part).contains("pdfuaid:part"));
}

#[test]
fn rights_that_readers_were_given_are_no_signature() {
    let place = Place::new();
    let rights = "<</Type/Sig/Filter/Adobe.PPKLite/ByteRange[0 1 2 3]/Contents<00>\
                  /Reference[<</TransformMethod/UR3>>]>>";
    place.source("a.pdf", &document("/Perms<</UR3 4 0 R>>", &[""], &[rights]));
    // What its author signed is a signature all the same.
    let certified = document("/Perms<</DocMDP 4 0 R>>", &[""], &[rights]);
    place.source("b.pdf", &certified);
    let ran = split(&place, &[]);
    assert_eq!(ran.code(), 65, "{}", ran.errors());
    assert!(out(&place).join("a.pdf").exists() && !out(&place).join("b.pdf").exists());
    assert!(!part(&out(&place), "a.pdf").catalog().unwrap().has(b"Perms"));
    assert_eq!(remarks(&place, 0).0, serde_json::json!(["usage_rights"]));
    place.process();
    let documents = place.documents();
    assert_eq!(documents["a.pdf"]["signed"], "no", "{}", documents["a.pdf"]);
    assert_eq!(documents["b.pdf"]["signed"], "yes");
}

#[test]
fn restrictions_and_passwords_that_a_part_does_not_have_are_said() {
    let place = Place::new();
    place.source("locked.pdf", &encrypted_pdf("secret", "owner"));
    place.source("restricted.pdf", &encrypted_pdf("", "owner"));
    let passwords = place.path().join("passwords");
    std::fs::write(&passwords, "secret\n").unwrap();
    let ran = split(&place, &["--password-file", passwords.to_str().unwrap()]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    assert!(ran.output().contains("restrictions"), "{}", ran.output());
    assert_eq!(
        remarks(&place, 0).0,
        serde_json::json!(["password", "restrictions"])
    );
    assert_eq!(remarks(&place, 1).0, serde_json::json!(["restrictions"]));
}

#[test]
fn links_whose_parts_are_objects_of_their_own_still_lead_somewhere() {
    let place = Place::new();
    let link = |rest: &str| format!("<</Type/Annot/Subtype/Link/Rect[0 0 9 9]{rest}>>");
    let annotations_of = "/Annots[5 0 R 6 0 R 7 0 R 8 0 R 9 0 R]";
    let bytes = document(
        "/URI<</Base(https://a.example/b/)>>",
        &[annotations_of, ""],
        &[
            &link("/A 10 0 R"),
            &link("/A<</S/URI/URI(c.html)>>"),
            &link("/A<</S/Named/N/NextPage>>"),
            &link("/A<</S 13 0 R/D 14 0 R>>"),
            &link("/A<</S/Launch/F(calc.exe)>>"),
            "<</S 11 0 R/URI 12 0 R>>",
            "/URI",
            "(https://d.example/)",
            "/GoTo",
            "[4 0 R/Fit]",
        ],
    );
    place.source("a.pdf", &bytes);
    assert_eq!(split(&place, &[]).code(), 0);
    let part = part(&out(&place), "a.pdf");
    let links = annotations(&part, 1);
    let address = |index: usize| {
        let action = entries(&part, links[index], b"A").unwrap();
        String::from_utf8_lossy(action.get(b"URI").unwrap().as_str().unwrap()).into_owned()
    };
    assert_eq!(address(0), "https://d.example/");
    assert_eq!(address(1), "https://a.example/b/c.html");
    let named = entries(&part, links[2], b"A").unwrap();
    assert_eq!(named.get(b"N").unwrap().as_name().unwrap(), b"NextPage");
    assert!(links[3].has(b"Dest"));
    assert!(!links[4].has(b"A"));
    assert_eq!(remarks(&place, 0).0, serde_json::json!(["links"]));
}

#[test]
fn what_leans_on_the_resources_of_the_page_finds_them() {
    let page_of = |annotations: &str, state: &str, used: &str| {
        // Resources that have no fonts at all are none where fonts are looked for.
        let appearance = stream(
            "/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<<>>>>",
            "/F2 9 Tf (x) Tj",
        );
        let mask = stream(
            "/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Group<</S/Transparency>>",
            "BT /F2 9 Tf (x) Tj ET",
        );
        let entries = format!(
            "/Contents 4 0 R{annotations}/Resources<</Font<</F1 5 0 R/F2 6 0 R>>\
             /ExtGState<</G1<<{state}>>>>>>"
        );
        let font = |name: &str| format!("<</Type/Font/Subtype/Type1/BaseFont/{name}>>");
        let annotation = "<</Type/Annot/Subtype/Stamp/Rect[0 0 9 9]/AP<</N<</On 8 0 R>>>>/AS/On>>";
        document(
            "",
            &[&entries],
            &[
                &stream("", used),
                &font("Helvetica"),
                &font("Times-Roman"),
                annotation,
                &appearance,
                &mask,
            ],
        )
    };
    let fonts = |bytes: &[u8]| {
        let place = Place::new();
        place.source("a.pdf", bytes);
        assert_eq!(split(&place, &["--every", "1"]).code(), 0);
        let part = part(&out(&place), "a.pdf");
        let resources = entries(&part, page(&part, 1), b"Resources").unwrap();
        entries(&part, resources, b"Font").map_or(0, Dictionary::len)
    };
    let content = "BT /F1 9 Tf (x) Tj ET /G1 gs 0 0 9 9 re f";
    assert_eq!(
        fonts(&page_of("", "", content)),
        1,
        "nothing leans on the other"
    );
    assert_eq!(fonts(&page_of("/Annots[7 0 R]", "", content)), 2);
    let mask = "/SMask<</S/Luminosity/G 9 0 R>>";
    assert_eq!(fonts(&page_of("", mask, content)), 2);
    assert_eq!(
        fonts(&page_of("", mask, "BT /F1 9 Tf (x) Tj ET")),
        1,
        "it is not used"
    );
}

#[test]
fn what_plays_in_a_page_leaves_its_picture_and_is_told() {
    let place = Place::new();
    let annotation =
        |more: &str| format!("<</Type/Annot{more}/Rect[0 0 50 50]/AP<</N 5 0 R>>/T(a)/F 4>>");
    let picture = "/Type/XObject/Subtype/Form/BBox[0 0 50 50]";
    place.source(
        "a.pdf",
        &raw_pdf([
            "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
            "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 200 200]>>".to_owned(),
            format!(
                "<</Type/Page/Parent 2 0 R/Annots[{}{}]>>",
                annotation("/Subtype/Sound/Sound 4 0 R"),
                annotation("/Subtype/Movie/Movie<</F(film.mpg)>>"),
            ),
            stream("/R 8000", "sound"),
            stream(picture, "1 0 0 rg 0 0 50 50 re f"),
        ]),
    );
    assert_eq!(split(&place, &[]).code(), 0);
    let part = part(&out(&place), "a.pdf");
    let shown = annotations(&part, 1);
    assert_eq!(shown.len(), 2);
    for annotation in shown {
        assert_eq!(
            annotation.get(b"Subtype").unwrap().as_name().unwrap(),
            b"Stamp"
        );
        assert!(annotation.has(b"AP") && !annotation.has(b"Sound") && !annotation.has(b"Movie"));
    }
    assert_eq!(remarks(&place, 0).0, serde_json::json!(["players"]));
}
