//! Form fields of documents that are put together or split.

use std::path::Path;

use lopdf::{Dictionary, Document, Object, decode_text_string};

use super::support::program::Place;
use super::support::whole::{document, stream};
use super::{annotations, out, part, split};

/// A form of one page that shows object 5, and of which object 4 is the first that is given.
fn form(form: &str, objects: &[&str]) -> Vec<u8> {
    document(
        &format!("/AcroForm<<{form}>>"),
        &["/Annots[5 0 R]"],
        objects,
    )
}

const WIDGET: &str = "/Type/Annot/Subtype/Widget/Rect[10 10 90 30]";

/// Puts documents together in their order.
fn merged(documents: &[Vec<u8>]) -> Document {
    let place = Place::new();
    for (bytes, number) in documents.iter().zip(1..) {
        place.source(&format!("{number}.pdf"), bytes);
    }
    let to = place.path().join("all.pdf");
    let ran = super::command(&place, "merge", &to, &[]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    Document::load(to).unwrap()
}

fn acroform(part: &Document) -> &Dictionary {
    let form = part.catalog().unwrap().get(b"AcroForm").unwrap();
    part.dereference(form).unwrap().1.as_dict().unwrap()
}

fn entries<'a>(part: &'a Document, of: &'a Object) -> &'a Dictionary {
    part.dereference(of).unwrap().1.as_dict().unwrap()
}

/// Whole names of the fields that have a value, with it.
fn values(part: &Document) -> Vec<(String, String)> {
    fn collect(part: &Document, field: &Object, above: &str, found: &mut Vec<(String, String)>) {
        let field = entries(part, field);
        let mut name = above.to_owned();
        if let Ok(own) = field.get(b"T") {
            let own = decode_text_string(own).unwrap();
            name = if above.is_empty() {
                own
            } else {
                format!("{above}.{own}")
            };
        }
        if let Ok(value) = field.get(b"V") {
            let value = match value {
                Object::Name(name) => String::from_utf8_lossy(name).into_owned(),
                value => decode_text_string(value).unwrap(),
            };
            found.push((name.clone(), value));
        }
        for kid in field
            .get(b"Kids")
            .and_then(Object::as_array)
            .into_iter()
            .flatten()
        {
            let parent = entries(part, kid).get(b"Parent").unwrap();
            assert!(
                std::ptr::eq(entries(part, parent), field),
                "kids know their field"
            );
            collect(part, kid, &name, found);
        }
    }
    let mut found = Vec::new();
    for field in acroform(part).get(b"Fields").unwrap().as_array().unwrap() {
        collect(part, field, "", &mut found);
    }
    found
}

fn named(values: &[(&str, &str)]) -> Vec<(String, String)> {
    let values = values.iter();
    values
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[test]
fn fields_of_one_name_stay_apart_however_they_are_built() {
    let in_one = |value: &str| {
        let field = format!("<<{WIDGET}/FT/Tx/T(Name)/V({value})>>");
        form("/Fields[5 0 R]", &["null", &field])
    };
    let with_kids = |value: &str| {
        let field = format!("<</FT/Tx/T(Name)/V({value})/Kids[5 0 R]>>");
        let widget = format!("<<{WIDGET}/Parent 4 0 R>>");
        form("/Fields[4 0 R]", &[&field, &widget])
    };
    let nested = |value: &str| {
        let field = format!("<</FT/Tx/T(Name)/V({value})/Parent 6 0 R/Kids[5 0 R]>>");
        let widget = format!("<<{WIDGET}/Parent 4 0 R>>");
        form(
            "/Fields[6 0 R]",
            &[&field, &widget, "<</T(Person)/Kids[4 0 R]>>"],
        )
    };
    for (first, second) in [
        (in_one("a"), in_one("b")),
        (with_kids("a"), with_kids("b")),
        (in_one("a"), with_kids("b")),
    ] {
        let part = merged(&[first, second]);
        assert_eq!(values(&part), named(&[("Name", "a"), ("Name-2", "b")]));
    }
    let part = merged(&[nested("a"), nested("b"), nested("c")]);
    let expected = [
        ("Person.Name", "a"),
        ("Person-2.Name", "b"),
        ("Person-3.Name", "c"),
    ];
    assert_eq!(values(&part), named(&expected));
}

#[test]
fn names_are_compared_and_changed_as_text() {
    let field = |name: &str, value: &str| {
        let field = format!("<<{WIDGET}/FT/Tx/T{name}/V({value})>>");
        form("/Fields[5 0 R]", &["null", &field])
    };
    let part = merged(&[
        field("<FEFF005300740072006100DF0065>", "a"),
        field("(Stra\\337e)", "b"),
        field("<EFBBBF53747261C39F65>", "c"),
    ]);
    let expected = [("Straße", "a"), ("Straße-2", "b"), ("Straße-3", "c")];
    assert_eq!(values(&part), named(&expected));
}

#[test]
fn a_new_name_is_one_that_no_field_has() {
    let field = |name: &str, value: &str| {
        let field = format!("<<{WIDGET}/FT/Tx/T({name})/V({value})>>");
        form("/Fields[5 0 R]", &["null", &field])
    };
    let part = merged(&[field("x", "a"), field("x", "b"), field("x-2", "c")]);
    assert_eq!(
        values(&part),
        named(&[("x", "a"), ("x-3", "b"), ("x-2", "c")])
    );
}

#[test]
fn fields_look_as_their_own_form_says() {
    let with = |form_entries: &str, name: &str, field_entries: &str, font: &str| {
        let field = format!("<<{WIDGET}/FT/Tx/T({name})/V(x){field_entries}>>");
        let font = format!("<</Type/Font/Subtype/Type1/BaseFont/{font}>>");
        let form_entries = format!("/Fields[5 0 R]/DR<</Font<</Helv 6 0 R>>>>{form_entries}");
        form(&form_entries, &["null", &field, &font])
    };
    let part = merged(&[
        with("/DA(/Helv 12 Tf 0 g)", "a", "", "Helvetica"),
        with(
            "/DA(/Helv 20 Tf 1 g)/Q 1/NeedAppearances true",
            "b",
            "",
            "Times-Bold",
        ),
        with("/DA(/Helv 12 Tf 0 g)", "c", "/DA(/Helv 9 Tf)", "Helvetica"),
        with("/DA(/Helv 8 Tf)", "d", "/DA(/Helv 7 Tf)", "Times-Bold"),
    ]);
    let form = acroform(&part);
    assert!(form.get(b"NeedAppearances").unwrap().as_bool().unwrap());
    let fonts = entries(&part, form.get(b"DR").unwrap())
        .get(b"Font")
        .unwrap();
    let fonts = entries(&part, fonts);
    assert_eq!(fonts.len(), 2);
    let fields = form.get(b"Fields").unwrap().as_array().unwrap();
    let look = |index: usize| {
        let field = entries(&part, &fields[index]);
        let appearance = field
            .get(b"DA")
            .or(form.get(b"DA"))
            .unwrap()
            .as_str()
            .unwrap();
        let appearance = String::from_utf8(appearance.to_vec()).unwrap();
        let (font, rest) = appearance[1..].split_once(' ').unwrap();
        let font = entries(&part, fonts.get(font.as_bytes()).unwrap());
        let font = font.get(b"BaseFont").unwrap().as_name().unwrap();
        let quadding = field.get(b"Q").or(form.get(b"Q"));
        let quadding = quadding.map_or(0, |quadding| quadding.as_i64().unwrap());
        (
            String::from_utf8_lossy(font).into_owned(),
            rest.to_owned(),
            quadding,
        )
    };
    let expected = |font: &str, rest: &str, quadding| (font.to_owned(), rest.to_owned(), quadding);
    assert_eq!(look(0), expected("Helvetica", "12 Tf 0 g", 0));
    assert_eq!(look(1), expected("Times-Bold", "20 Tf 1 g", 1));
    assert_eq!(look(2), expected("Helvetica", "9 Tf", 0));
    assert_eq!(look(3), expected("Times-Bold", "7 Tf", 0));
}

#[test]
fn a_widget_that_does_not_know_its_field_keeps_it() {
    let field = "<</FT/Tx/T(Orphan)/V(kept)/Kids[5 0 R]>>";
    let widget = format!("<<{WIDGET}>>");
    let place = Place::new();
    place.source("a.pdf", &form("/Fields[4 0 R]", &[field, &widget]));
    // Nor is a field that the form forgets left behind.
    let forgotten = format!("<<{WIDGET}/FT/Tx/T(Forgotten)/V(too)>>");
    place.source("b.pdf", &form("/Fields[]", &["null", &forgotten]));
    assert_eq!(split(&place, &["--every", "1"]).code(), 0);
    let orphan = part(&out(&place), "a.pdf");
    assert_eq!(values(&orphan), named(&[("Orphan", "kept")]));
    assert!(annotations(&orphan, 1)[0].has(b"Parent"));
    let forgotten = part(&out(&place), "b.pdf");
    assert_eq!(values(&forgotten), named(&[("Forgotten", "too")]));
}

#[test]
fn radio_buttons_on_two_pages_keep_their_value_on_each() {
    let states = stream(
        "/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<<>>",
        "0 0 9 9 re f",
    );
    let button = |state: &str, shown: &str| {
        format!("<<{WIDGET}/Parent 5 0 R/AS/{shown}/AP<</N<</{state} 8 0 R/Off 8 0 R>>>>>>")
    };
    let bytes = document(
        "/AcroForm<</Fields[5 0 R]>>",
        &["/Annots[6 0 R]", "/Annots[7 0 R]"],
        &[
            "<</FT/Btn/Ff 49152/T(choice)/V/b/Kids[6 0 R 7 0 R]>>",
            &button("a", "Off"),
            &button("b", "b"),
            &states,
        ],
    );
    let place = Place::new();
    place.source("a.pdf", &bytes);
    assert_eq!(split(&place, &["--every", "1"]).code(), 0);
    for name in ["a-001.pdf", "a-002.pdf"] {
        assert_eq!(values(&part(&out(&place), name)), named(&[("choice", "b")]));
    }
    let together = merged(&[bytes.clone(), bytes]);
    let expected = [("choice", "b"), ("choice-2", "b")];
    assert_eq!(values(&together), named(&expected));
}

#[test]
fn a_document_that_is_named_twice_is_there_twice() {
    let place = Place::new();
    let field = format!("<<{WIDGET}/FT/Tx/T(Name)/V(x)/P 3 0 R>>");
    let bytes = document(
        "/AcroForm<</Fields[5 0 R]>>/Outlines 7 0 R",
        &["/Annots[5 0 R 6 0 R]", "/Contents 9 0 R"],
        &[
            &field,
            "<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/Dest[4 0 R/Fit]>>",
            "<</First 8 0 R/Last 8 0 R/Count 1>>",
            "<</Title(Two)/Parent 7 0 R/Dest[4 0 R/Fit]>>",
            &stream("", &"% long\n".repeat(1000)),
        ],
    );
    let source = place.source("a.pdf", &bytes);
    let to = place.path().join("twice.pdf");
    let arguments = [
        Path::new("merge"),
        &source,
        &source,
        Path::new("--out"),
        &to,
    ];
    let ran = place.run(arguments);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let part = Document::load(&to).unwrap();
    let pages = part.get_pages();
    assert_eq!(pages.len(), 4);
    assert_eq!(values(&part), named(&[("Name", "x"), ("Name-2", "x")]));
    for (first, second) in [(1, 2), (3, 4)] {
        let link = annotations(&part, first)[1].get(b"Dest").unwrap();
        let target = link.as_array().unwrap()[0].as_reference().unwrap();
        assert_eq!(target, pages[&second], "links stay within their copy");
    }
    let titles = part
        .objects
        .values()
        .filter_map(|object| object.as_dict().ok());
    assert_eq!(titles.filter(|it| it.has(b"Title")).count(), 2);
    // What both copies show is there once.
    assert!(to.metadata().unwrap().len() < 12_000);
}

#[test]
fn what_cannot_stay_of_a_form_is_said() {
    let place = Place::new();
    let field = format!("<<{WIDGET}/FT/Tx/T(Sum)/V(x)/AA<</C<</S/JavaScript/JS(x)>>>>>>");
    let bytes = form("/Fields[5 0 R]/XFA(x)/CO[5 0 R]", &["null", &field]);
    place.source("a.pdf", &bytes);
    let ran = split(&place, &[]);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    assert!(
        ran.output().contains("XFA") && ran.output().contains("scripts"),
        "{}",
        ran.output()
    );
}
