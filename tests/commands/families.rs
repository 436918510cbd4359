//! Documents that are attached to others, from the command line.

use std::path::Path;

use serde_json::Value;

use crate::failure_of;
use crate::support::family::{locked_mail_pdf, mail_pdf};
use crate::support::peculiar::oddly_attached_pdf;
use crate::support::program::Place;
use crate::support::{text_pdf, zip_of};

fn names(rows: &[Value]) -> Vec<&str> {
    let names = rows.iter().map(|row| row["document"].as_str().unwrap());
    names.collect()
}

/// A mail with a contract that has an annex, and with letters in an archive.
fn mail() -> Vec<u8> {
    let contract = mail_pdf(2, &[("annex.pdf", &text_pdf(3))]);
    let letters = zip_of(&[("one.pdf", &text_pdf(1)), ("list.csv", b"a,b")]);
    let data: &[u8] = b"<xml/>";
    mail_pdf(
        1,
        &[
            ("contract.pdf", &contract),
            ("data.xml", data),
            ("letters.zip", &letters),
            ("mail.eml", b"Subject: more\r\n\r\n"),
        ],
    )
}

#[test]
fn what_is_attached_to_a_document_is_taken_in_after_it() {
    let place = Place::new();
    place.source("a mail.pdf", &mail());
    place.source("b.pdf", &text_pdf(4));
    let sources = place.sources();
    let ran = place.run([Path::new("process"), &sources, Path::new("--json")]);
    // Not all that may hold PDFs could be looked into.
    assert_eq!(ran.code(), 65, "{}", ran.errors());

    let documents = place.list("documents");
    assert_eq!(
        names(&documents),
        [
            "a mail.pdf",
            "a mail.pdf/contract.pdf",
            "a mail.pdf/contract.pdf/annex.pdf",
            "a mail.pdf/letters.zip/one.pdf",
            "b.pdf",
        ]
    );
    let pages: Vec<u64> = documents
        .iter()
        .map(|row| row["pages"].as_u64().unwrap())
        .collect();
    assert_eq!(pages, [1, 2, 3, 1, 4]);
    let holders: Vec<Option<&str>> = documents
        .iter()
        .map(|row| row["attached_to"].as_str())
        .collect();
    let mail = Some("a mail.pdf");
    assert_eq!(
        holders,
        [None, mail, Some("a mail.pdf/contract.pdf"), mail, None]
    );
    // Data is no part of a batch; a mail may hold PDFs, and is named.
    let left_out = &ran.output();
    assert!(left_out.contains("mail.eml"), "{left_out}");
    assert!(!left_out.contains("data.xml"), "{left_out}");

    let asked = [
        "pages",
        "--where",
        "attached_to:contract",
        "--format",
        "csv",
    ];
    let of_annex = place.run(asked);
    assert_eq!(of_annex.output().lines().count(), 1 + 3);

    // Nothing is there twice, and nothing is lost, when all is processed again.
    assert_eq!(place.process().code(), 0);
    place.run(["reprocess", "--all"]);
    assert_eq!(names(&place.list("documents")), names(&documents));
    assert!(
        place
            .list("pages")
            .iter()
            .all(|page| page["status"] == "done")
    );
}

#[test]
fn what_is_attached_to_a_locked_document_comes_with_its_password() {
    let place = Place::new();
    let annex = text_pdf(2);
    place.source(
        "mail.pdf",
        &locked_mail_pdf(&[("annex.pdf", &annex)], "geheim"),
    );
    assert_eq!(place.process().code(), 65);
    assert_eq!(place.documents().len(), 1);
    let passwords = place.path().join("passwords.txt");
    std::fs::write(&passwords, "geheim\n").unwrap();
    let sources = place.sources();
    let with = [
        Path::new("process"),
        &sources,
        Path::new("--password-file"),
        &passwords,
    ];
    let ran = place.run(with);
    assert_eq!(ran.code(), 0, "{}", ran.errors());
    let documents = place.documents();
    assert_eq!(documents["mail.pdf/annex.pdf"]["pages"], 2);
    assert_eq!(documents["mail.pdf/annex.pdf"]["encrypted"], "no");
}

#[test]
fn what_is_attached_too_deep_or_unpacks_to_too_much_is_named_and_costs_itself() {
    let place = Place::new();
    let mut deep = text_pdf(1);
    for _ in 0..6 {
        deep = mail_pdf(1, &[("inner.pdf", &deep)]);
    }
    place.source("deep.pdf", &deep);
    let bomb = vec![0; 60 << 20];
    place.source(
        "bomb.pdf",
        &mail_pdf(1, &[("bomb.pdf", &bomb), ("sound.pdf", &text_pdf(1))]),
    );
    let ran = place.process();
    assert_eq!(ran.code(), 65, "{}", ran.errors());
    let documents = place.documents();
    assert_eq!(documents["bomb.pdf/sound.pdf"]["status"], "ok");
    assert_eq!(failure_of(&documents["bomb.pdf/bomb.pdf"]), "bad_archive");
    let of_deep = documents.keys().filter(|name| name.starts_with("deep.pdf"));
    let of_deep: Vec<&str> = of_deep.map(|name| failure_of(&documents[name])).collect();
    assert_eq!(of_deep, ["", "", "", "", "", "bad_archive"]);
}

#[test]
fn when_a_document_changes_what_was_attached_is_looked_at_again() {
    let place = Place::new();
    let one = text_pdf(1);
    let before: [(&str, &[u8]); 2] = [("a.pdf", &one), ("b.pdf", &text_pdf(2))];
    place.source("mail.pdf", &mail_pdf(1, &before));
    assert_eq!(place.process().code(), 0);
    let held = mail_pdf(1, &[("c.pdf", &one)]);
    let after: [(&str, &[u8]); 2] = [("a.pdf", &text_pdf(3)), ("d.pdf", &held)];
    place.source("mail.pdf", &mail_pdf(4, &after));
    assert_eq!(place.process().code(), 65);
    let documents = place.documents();
    let pages = |name: &str| documents[name]["pages"].as_u64().unwrap();
    assert_eq!(pages("mail.pdf"), 4);
    assert_eq!(pages("mail.pdf/a.pdf"), 3);
    assert_eq!(pages("mail.pdf/d.pdf/c.pdf"), 1);
    // What is gone is said to be, and what is known of it stays.
    assert_eq!(failure_of(&documents["mail.pdf/b.pdf"]), "vanished");
    assert_eq!(pages("mail.pdf/b.pdf"), 2);
    assert_eq!(failure_of(&documents["mail.pdf/a.pdf"]), "");
}

#[test]
fn what_is_attached_in_unusual_ways_is_found() {
    let place = Place::new();
    place.source("odd.pdf", &oddly_attached_pdf(&text_pdf(1)));
    assert_eq!(place.process().code(), 0);
    assert_eq!(
        names(&place.list("documents")),
        [
            "odd.pdf",
            "odd.pdf/dead.pdf",
            "odd.pdf/chain.pdf",
            "odd.pdf/attachment",
        ]
    );
}
