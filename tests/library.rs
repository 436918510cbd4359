//! The library on real SQLite files: what is kept, what is refused, and what is
//! left after a kill and on a full disk.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use pagesieve::library::{
    Comparisons, DocumentOpened, Library, LibraryError, NewDocument, Opened, PageDone, Reader,
    Results, Run,
};
use pagesieve::model::{
    Area, Barcode, BatchId, ContentHash, Contents, CutReason, Document, DocumentDetails,
    DocumentId, DocumentStatus, EngineKind, Failure, FailureKind, Finding, FindingId, Found,
    Language, Likeness, Look, Marks, Measurements, Page, PageFingerprint, PageId, PagePair,
    PageShape, PageState, PlacedImage, PlannedPart, PrintedNumber, Series, Signals, Skew, Source,
    SplitPlan, Stage, TextQuality, Tone, Tones, WatchedFolder, entry_path,
};
use pagesieve::triage::Thresholds;
use proptest::prelude::*;
use rusqlite::Connection;
use tempfile::TempDir;

#[path = "support/disk.rs"]
#[allow(dead_code)]
mod disk;
#[path = "support/earlier.rs"]
mod earlier;
#[path = "support/skip.rs"]
mod skip;

#[cfg(target_os = "linux")]
use disk::Disk;

const A4: PageShape = PageShape {
    width: 595.276,
    height: 841.89,
    rotation: 90,
};

fn file(name: &str) -> NewDocument {
    NewDocument {
        source: Source::File(Path::new("/in").join(name)),
        name: name.to_owned(),
        bytes: 1000,
        modified: 1_700_000_000_123_456_789,
    }
}

fn hash(content: u8) -> ContentHash {
    ContentHash([content; 32])
}

fn page(document: DocumentId, number: u32) -> PageId {
    PageId { document, number }
}

fn done(document: DocumentId, number: u32, text: &str) -> PageDone {
    PageDone {
        run: None,
        id: page(document, number),
        measurements: Measurements {
            disagreement: None,
            ink: Some(0.0011),
            characters: text.len() as u32,
            words: number,
            engine: EngineKind::Hayro,
            micros: 4321,
            signals: signals(),
        },
        text: text.to_owned(),
        fingerprint: PageFingerprint {
            content: Some(hash(number as u8)),
            look: Some(Look {
                hash: [number.into(), 2, 3, u64::MAX],
                drawn: true,
                ink: vec![1, 2, 3],
            }),
        },
    }
}

/// Signals with something in every place.
fn signals() -> Signals {
    let area = Area {
        left: 0.1,
        top: 0.2,
        right: 0.3,
        bottom: 0.4,
    };
    Signals {
        contents: Some(Contents {
            glyphs: 7,
            image_cover: 0.333,
            largest_images: vec![PlacedImage {
                area,
                dpi: [200.0, 100.0],
            }],
            tone: Tone::Gray,
            ..Contents::default()
        }),
        printed: Some(PrintedNumber {
            number: 3,
            of: Some(8),
            certain: true,
            series: Series::Arabic,
        }),
        stamp: Some("ACME-0000101".into()),
        marks: Some(Marks {
            body: 3,
            largest_area: Some(area),
            ..Marks::default()
        }),
        tones: Some(Tones {
            coloured: 0.01,
            gray: 0.0,
        }),
        skew: Some(Skew {
            degrees: -1.25,
            confidence: None,
            text_turned: 90,
            rises: Some(0.5),
        }),
        text: TextQuality {
            language: Language::named("eng"),
            ..TextQuality::default()
        },
        barcodes: Some(vec![Barcode {
            text: "PATCHT".into(),
            kind: "Code39".into(),
            area,
            copies: 2,
        }]),
    }
}

fn failure(document: DocumentId, page: Option<u32>, detail: &str) -> Failure {
    Failure {
        circumstances: None,
        document,
        page,
        stage: Stage::Analyse,
        kind: FailureKind::WorkerDied,
        detail: detail.to_owned(),
        attempts: 2,
        at: 1_700_000_001,
        hash: Some(hash(9)),
        version: "0.1.0".to_owned(),
    }
}

/// A library with one batch of these documents.
fn library_with(names: &[&str]) -> (TempDir, Library, BatchId, Vec<Document>) {
    let dir = tempfile::tempdir().unwrap();
    let mut library = Library::open(dir.path()).unwrap();
    let (batch, documents) = batch_of(&mut library, names);
    (dir, library, batch, documents)
}

fn batch_of(library: &mut Library, names: &[&str]) -> (BatchId, Vec<Document>) {
    let new: Vec<_> = names.iter().map(|name| file(name)).collect();
    library
        .write(|w| {
            let batch = w.create_batch("in", &["/in".into()], 100)?;
            Ok((batch, w.add_documents(batch, &new)?))
        })
        .unwrap()
}

fn open(library: &mut Library, id: DocumentId, content: u8, pages: usize) -> DocumentOpened {
    library
        .write(|w| {
            w.document_opened(
                id,
                &Opened {
                    hash: hash(content),
                    bytes: 2000,
                    encrypted: true,
                    shapes: &vec![A4; pages],
                },
            )
        })
        .unwrap()
}

/// A second connection that knows nothing of the library's code.
fn raw(dir: &Path) -> Connection {
    Connection::open(dir.join("library.sqlite")).unwrap()
}

fn number(connection: &Connection, query: &str) -> i64 {
    connection.query_row(query, [], |row| row.get(0)).unwrap()
}

/// The number of the schema of the library in `dir`.
fn schema(dir: &Path) -> i64 {
    number(&raw(dir), "SELECT user_version FROM pragma_user_version")
}

/// SQLite finds nothing wrong, and the kept counts are the real ones.
fn assert_sound(dir: &Path) {
    let connection = raw(dir);
    let verdict: String = connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(verdict, "ok");
    let mut check = connection.prepare("PRAGMA foreign_key_check").unwrap();
    assert!(!check.exists([]).unwrap(), "a row without its parent");
    assert_eq!(
        number(
            &connection,
            "SELECT count(*) FROM document d WHERE
             pages_done <> (SELECT count(*) FROM page WHERE document = d.id AND state = 'done')
             OR pages_failed <> (SELECT count(*) FROM page WHERE document = d.id AND state = 'failed')
             OR pages <> (SELECT count(*) FROM page WHERE document = d.id)"
        ),
        0,
        "documents whose counts are wrong"
    );
    for table in ["measurement", "page_text"] {
        assert_eq!(
            number(
                &connection,
                &format!(
                    "SELECT count(*) FROM page p LEFT JOIN {table} m USING (document, number)
                     WHERE (p.state IN ('done', 'again')) <> (m.document IS NOT NULL)"
                )
            ),
            0,
            "pages that have results without {table}, or the reverse"
        );
    }
}

#[test]
fn reopening_keeps_everything() {
    let (dir, mut library, batch, documents) = library_with(&["a.pdf", "ü/b.pdf"]);
    let id = library.id().to_owned();
    assert_eq!(id.len(), 32);
    let [a, b] = [documents[0].id, documents[1].id];
    open(&mut library, a, 1, 3);
    let mut second = done(a, 2, "two\0Ω");
    second.measurements.ink = None;
    let run = library
        .write(|w| {
            w.pages_done(&[done(a, 1, "one"), second.clone()])?;
            assert!(w.page_failed(&failure(a, Some(3), "signal 11"))?);
            w.document_failed(DocumentStatus::Broken, &failure(b, None, "no trailer"))?;
            w.set_cancelled(batch, true)?;
            w.rename_batch(batch, "client")?;
            w.add_roots(batch, &["/other".into(), "/in".into()])?;
            let run = w.start_run(batch, r#"{"workers":2}"#, 200)?;
            w.finish_run(run, "finished", 300)?;
            Ok(run)
        })
        .unwrap();
    drop(library);

    let library = Library::open(dir.path()).unwrap();
    assert_eq!(library.id(), id);
    let reader = library.reader();
    let summary = reader.batch(batch).unwrap().unwrap();
    assert_eq!(summary.batch.name, "client");
    assert_eq!(summary.batch.created, 100);
    assert!(summary.batch.cancelled);
    assert_eq!((summary.documents, summary.documents_waiting), (2, 0));
    assert_eq!((summary.documents_failed, summary.pages), (1, 3));
    assert_eq!((summary.pages_done, summary.pages_failed), (2, 1));
    assert!(summary.is_finished());
    assert_eq!(
        reader.documents(batch).unwrap(),
        [
            Document {
                hash: Some(hash(1)),
                bytes: 2000,
                status: DocumentStatus::Ok,
                pages: 3,
                encrypted: true,
                ..documents[0].clone()
            },
            Document {
                status: DocumentStatus::Broken,
                ..documents[1].clone()
            }
        ]
    );
    assert_eq!(
        reader.document(b).unwrap().unwrap(),
        reader.documents(batch).unwrap()[1]
    );
    let pages = reader.pages(batch).unwrap();
    assert_eq!(pages.len(), 3);
    assert!(pages.iter().all(|page| page.shape == A4));
    assert_eq!(pages[0].measurements, Some(done(a, 1, "one").measurements));
    assert_eq!(pages[1].measurements, Some(second.measurements));
    assert_eq!(pages[2].state, PageState::Failed);
    assert_eq!(pages[2].measurements, None);
    assert_eq!(
        reader.page_text(page(a, 2)).unwrap().as_deref(),
        Some("two\0Ω")
    );
    assert_eq!(reader.page_text(page(a, 3)).unwrap(), None);
    assert_eq!(
        reader.failures(batch).unwrap(),
        [
            failure(a, Some(3), "signal 11"),
            failure(b, None, "no trailer")
        ]
    );
    let roots = [PathBuf::from("/in"), PathBuf::from("/other")];
    assert_eq!(reader.roots(batch).unwrap(), roots);
    assert_eq!(
        reader.runs(batch).unwrap(),
        [Run {
            id: run,
            batch,
            started: 200,
            finished: Some(300),
            settings: r#"{"workers":2}"#.to_owned(),
            outcome: Some("finished".to_owned()),
            pages: 0,
        }]
    );
    drop(library);
    assert_sound(dir.path());
}

#[test]
fn an_empty_file_becomes_a_library() {
    let dir = tempfile::tempdir().unwrap();
    let inner = dir.path().join("made/on the way");
    assert!(Reader::open(&inner).unwrap().is_none());
    std::fs::create_dir_all(&inner).unwrap();
    std::fs::write(inner.join("library.sqlite"), "").unwrap();
    assert!(Reader::open(&inner).unwrap().is_none());
    let library = Library::open(&inner).unwrap();
    assert!(library.reader().batches().unwrap().is_empty());
    assert_eq!(library.reader().newest_batch().unwrap(), None);
    // At the schema of any other new library, not at none.
    assert!(schema(&inner) > 0);
    // Two libraries are not the same one.
    let other = Library::open(&dir.path().join("other")).unwrap();
    assert_ne!(library.id(), other.id());
    assert_eq!(schema(&inner), schema(&dir.path().join("other")));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(dir.path().join("other"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "others can look into it");
    }
}

#[test]
fn a_newer_library_is_refused_and_left_alone() {
    let (dir, library, ..) = library_with(&["a.pdf"]);
    drop(library);
    let newest = schema(dir.path());
    raw(dir.path())
        .execute_batch(
            "PRAGMA user_version = 99; DROP TABLE page_text; PRAGMA journal_mode = DELETE",
        )
        .unwrap();
    let before = std::fs::read(dir.path().join("library.sqlite")).unwrap();
    for error in [
        Library::open(dir.path()).unwrap_err(),
        Reader::open(dir.path()).unwrap_err(),
    ] {
        assert!(
            matches!(error, LibraryError::Newer { found: 99, known } if i64::from(known) == newest),
            "{error:?}"
        );
        assert!(error.to_string().contains("newer"), "{error}");
    }
    assert!(std::fs::read(dir.path().join("library.sqlite")).unwrap() == before);
}

#[test]
fn a_file_that_is_no_library_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("library.sqlite");
    let is_foreign = |error| matches!(error, LibraryError::Foreign { .. });

    std::fs::write(&path, "%PDF-1.7 and what follows".repeat(100)).unwrap();
    let before = std::fs::read(&path).unwrap();
    assert!(is_foreign(Library::open(dir.path()).unwrap_err()));
    assert!(is_foreign(Reader::open(dir.path()).unwrap_err()));
    assert!(std::fs::read(&path).unwrap() == before);

    std::fs::remove_file(&path).unwrap();
    Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE TABLE song (title TEXT); PRAGMA user_version = 1")
        .unwrap();
    let before = std::fs::read(&path).unwrap();
    assert!(is_foreign(Library::open(dir.path()).unwrap_err()));
    assert!(is_foreign(Reader::open(dir.path()).unwrap_err()));
    assert!(std::fs::read(&path).unwrap() == before);
}

#[test]
fn a_word_that_no_version_wrote_costs_its_row_and_no_panic() {
    let (dir, library, batch, _) = library_with(&["a.pdf", "b.pdf"]);
    raw(dir.path())
        .execute("UPDATE document SET status = 'eaten' WHERE id = 1", [])
        .unwrap();
    let documents = library.reader().documents(batch).unwrap();
    let statuses: Vec<_> = documents.iter().map(|document| document.status).collect();
    assert_eq!(statuses, [DocumentStatus::Broken, DocumentStatus::Waiting]);
}

#[test]
fn one_writer_and_many_readers() {
    let (dir, mut library, batch, documents) = library_with(&["a.pdf"]);
    assert!(matches!(
        Library::open(dir.path()),
        Err(LibraryError::InUse { dir: in_use }) if in_use == dir.path()
    ));

    let second = Reader::open(dir.path()).unwrap().unwrap();
    let id = documents[0].id;
    library
        .write(|w| {
            w.document_opened(
                id,
                &Opened {
                    hash: hash(1),
                    bytes: 1,
                    encrypted: false,
                    shapes: &[A4],
                },
            )?;
            // The open transaction: seen from within, not from outside, also
            // not from another process.
            assert_eq!(w.reader().pages(batch)?.len(), 1);
            assert!(second.pages(batch)?.is_empty());
            assert!(Reader::open(dir.path())?.unwrap().pages(batch)?.is_empty());
            assert_eq!(ask_child(dir.path()), "in use, 0 pages");
            Ok(())
        })
        .unwrap();
    assert_eq!(second.pages(batch).unwrap().len(), 1);
    assert_eq!(ask_child(dir.path()), "in use, 1 pages");

    // A state that holds still while the writer goes on.
    second
        .consistent(|second| {
            let before = second.batch(batch)?;
            library.write(|w| w.pages_done(&[done(id, 1, "x")]))?;
            assert_eq!(second.batch(batch)?, before);
            Ok(())
        })
        .unwrap();
    assert_eq!(second.batch(batch).unwrap().unwrap().pages_done, 1);

    drop(library);
    drop(second);
    let alone = Reader::open(dir.path()).unwrap().unwrap();
    assert_eq!(alone.pages(batch).unwrap().len(), 1);
    assert_eq!(ask_child(dir.path()), "free, 1 pages");
    // A reader does not keep a writer out.
    Library::open(dir.path()).unwrap();
}

#[test]
fn an_error_undoes_the_whole_transaction() {
    let (dir, mut library, batch, documents) = library_with(&["a.pdf"]);
    let id = documents[0].id;
    open(&mut library, id, 1, 2);
    let before = library.reader().batches().unwrap();

    let error = library
        .write(|w| {
            w.pages_done(&[done(id, 1, "x")])?;
            w.create_batch("two", &[], 200)?;
            Err::<(), _>(LibraryError::Misuse("changed my mind"))
        })
        .unwrap_err();
    assert!(matches!(error, LibraryError::Misuse("changed my mind")));
    assert_eq!(library.reader().batches().unwrap(), before);
    assert_eq!(library.reader().page_text(page(id, 1)).unwrap(), None);

    // A failed step cannot be glossed over.
    let error = library
        .write(|w| {
            w.pages_done(&[done(id, 1, "x")])?;
            assert!(w.start_run(batch, "{no json", 1).is_err());
            assert!(matches!(
                w.pages_done(&[done(id, 2, "x")]),
                Err(LibraryError::RolledBack)
            ));
            Ok(())
        })
        .unwrap_err();
    assert!(matches!(error, LibraryError::RolledBack));
    assert_eq!(library.reader().batches().unwrap(), before);

    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        library
            .write(|w| {
                w.pages_done(&[done(id, 1, "x")])?;
                panic!("in mid-transaction")
            })
            .map(|(): ()| ())
    }));
    assert!(panicked.is_err());
    assert_eq!(library.reader().batches().unwrap(), before);

    // What is not there changes nothing, and the rest is kept.
    library
        .write(|w| {
            let gone = DocumentId(77);
            assert!(matches!(
                w.source_changed(gone, 1, 1),
                Err(LibraryError::Missing {
                    what: "document",
                    id: 77
                })
            ));
            assert!(matches!(
                w.rename_batch(BatchId(78), "x"),
                Err(LibraryError::Missing { what: "batch", .. })
            ));
            assert!(matches!(
                w.add_documents(BatchId(78), &[file("x")]),
                Err(LibraryError::Missing { .. })
            ));
            assert!(matches!(
                w.page_failed(&failure(id, None, "")),
                Err(LibraryError::Misuse(_))
            ));
            assert!(matches!(
                w.document_failed(DocumentStatus::Ok, &failure(id, None, "")),
                Err(LibraryError::Misuse(_))
            ));
            assert!(matches!(
                w.document_failed(DocumentStatus::Broken, &failure(id, Some(1), "")),
                Err(LibraryError::Misuse(_))
            ));
            assert!(!w.page_failed(&failure(id, Some(3), "no such page"))?);
            let answers = [done(gone, 1, "x"), done(id, 2, "x"), done(id, 3, "x")];
            assert_eq!(w.pages_done(&answers)?.count, 1);
            Ok(())
        })
        .unwrap();
    assert_eq!(
        library.reader().newest_batch().unwrap().unwrap().pages_done,
        1
    );
    assert!(library.reader().failures(batch).unwrap().is_empty());
    assert_sound(dir.path());
}

#[test]
fn the_same_source_is_added_once() {
    let (_dir, mut library, batch, _) = library_with(&["a.pdf"]);
    let entry = |entry: &str| NewDocument {
        source: Source::Within {
            file: "/in/a.zip".into(),
            entry: entry.to_owned(),
        },
        ..file("a.pdf")
    };
    let new = [
        file("a.pdf"),
        file("b.pdf"),
        entry("x"),
        entry("y"),
        entry("x"),
        entry(""),
    ];
    let added = library.write(|w| w.add_documents(batch, &new)).unwrap();
    let sources: Vec<_> = added.iter().map(|d| &d.source).collect();
    assert_eq!(
        sources,
        [
            &new[1].source,
            &new[2].source,
            &new[3].source,
            &new[5].source
        ]
    );
    assert_eq!(library.reader().documents(batch).unwrap()[1..], added);
    let again = library.write(|w| w.add_documents(batch, &new)).unwrap();
    assert!(again.is_empty());
    // Another batch may well have the same source.
    let (_, elsewhere) = batch_of(&mut library, &["a.pdf"]);
    assert_eq!(elsewhere.len(), 1);
}

#[test]
fn what_is_attached_to_documents_stands_behind_them_in_any_order_of_coming() {
    let (_dir, mut library, batch, _) = library_with(&["a.pdf", "b.pdf"]);
    let attached = |holder: &str, steps: &[&str]| {
        let step = |within: String, name: &&str| {
            let name = (*name).to_owned();
            entry_path::join(&within, &entry_path::Step { name, nth: 1 })
        };
        NewDocument {
            source: Source::at(
                format!("/in/{holder}").into(),
                &steps.iter().fold(String::new(), step),
            ),
            name: format!("{holder}/{}", steps.join("/")),
            ..file(holder)
        }
    };
    let coming = [
        vec![
            attached("b.pdf", &["one.pdf"]),
            attached("b.pdf", &["two.pdf"]),
        ],
        vec![attached("a.pdf", &["c.zip", "d.pdf"])],
        vec![file("c.pdf")],
        vec![attached("a.pdf", &["c.zip", "d.pdf", "e.pdf"])],
        vec![
            attached("a.pdf", &["f.pdf"]),
            attached("none.pdf", &["g.pdf"]),
            attached("a.pdf", &["c.zip", "d.pdf", "e.pdf", "h.pdf"]),
            // Too deep for a place right behind its document: behind the family then.
            attached("a.pdf", &["c.zip", "d.pdf", "e.pdf", "h.pdf", "i.pdf"]),
        ],
    ];
    for documents in coming {
        let added = library.write(|w| w.add_documents(batch, &documents));
        assert_eq!(added.unwrap().len(), documents.len());
    }
    let names: Vec<String> = library
        .reader()
        .documents(batch)
        .unwrap()
        .into_iter()
        .map(|d| d.name)
        .collect();
    assert_eq!(
        names,
        [
            "a.pdf",
            "a.pdf/c.zip/d.pdf",
            "a.pdf/c.zip/d.pdf/e.pdf",
            "a.pdf/c.zip/d.pdf/e.pdf/h.pdf",
            "a.pdf/f.pdf",
            "a.pdf/c.zip/d.pdf/e.pdf/h.pdf/i.pdf",
            "b.pdf",
            "b.pdf/one.pdf",
            "b.pdf/two.pdf",
            "c.pdf",
            "none.pdf/g.pdf",
        ]
    );
}

#[test]
fn batches_are_found_by_age_and_by_roots() {
    let dir = tempfile::tempdir().unwrap();
    let mut library = Library::open(dir.path()).unwrap();
    let paths = |names: &[&str]| names.iter().map(PathBuf::from).collect::<Vec<_>>();
    let mut create = |name: &str, roots: &[&str], at| {
        library
            .write(|w| w.create_batch(name, &paths(roots), at))
            .unwrap()
    };
    let middle = create("middle", &["/a", "/b"], 20);
    let old = create("old", &["/a", "/b"], 10);
    let newest = create("newest", &["/a"], 30);
    let tie = create("tie", &["/c", "/c"], 30);
    let reader = library.reader();
    let ids: Vec<_> = reader
        .batches()
        .unwrap()
        .iter()
        .map(|b| b.batch.id)
        .collect();
    assert_eq!(ids, [tie, newest, middle, old]);
    assert_eq!(reader.newest_batch().unwrap().unwrap().batch.id, tie);
    let find = |names: &[&str]| reader.batch_with_roots(&paths(names)).unwrap();
    assert_eq!(find(&["/b", "/a"]), Some(middle));
    assert_eq!(find(&["/a", "/a"]), Some(newest));
    assert_eq!(find(&["/c"]), Some(tie));
    assert_eq!(find(&["/b"]), None);
    assert_eq!(find(&["/a", "/b", "/c"]), None);
    assert_eq!(find(&[]), None);
    assert_eq!(reader.batch(BatchId(99)).unwrap(), None);
}

#[test]
fn opened_again_with_the_same_content_keeps_pages() {
    let (dir, mut library, batch, documents) = library_with(&["a.pdf"]);
    let id = documents[0].id;
    assert!(!open(&mut library, id, 1, 4).same_content);
    library
        .write(|w| {
            w.pages_done(&[done(id, 1, "one"), done(id, 4, "four")])?;
            w.page_failed(&failure(id, Some(2), "x"))?;
            w.document_failed(DocumentStatus::Broken, &failure(id, None, "drive went"))
        })
        .unwrap();
    assert_eq!(library.reader().failures(batch).unwrap().len(), 2);
    assert_eq!(library.reader().pages(batch).unwrap().len(), 4);

    assert!(open(&mut library, id, 1, 4).same_content);
    let reader = library.reader();
    assert_eq!(reader.failure_of(id, None).unwrap(), None);
    assert_eq!(
        reader.failure_of(id, Some(2)).unwrap(),
        Some(failure(id, Some(2), "x"))
    );
    assert_eq!(
        reader.page_text(page(id, 4)).unwrap().as_deref(),
        Some("four")
    );

    // An engine that sees fewer pages in the same bytes.
    assert!(open(&mut library, id, 1, 3).same_content);
    assert_eq!(library.reader().page_text(page(id, 4)).unwrap(), None);

    // Other content: nothing stays.
    assert!(!open(&mut library, id, 2, 2).same_content);
    let summary = library.reader().batch(batch).unwrap().unwrap();
    assert_eq!((summary.pages, summary.pages_done), (2, 0));
    assert_eq!(summary.pages_failed, 0);
    assert!(library.reader().failures(batch).unwrap().is_empty());
    assert_eq!(library.reader().page_text(page(id, 1)).unwrap(), None);
    assert_sound(dir.path());
}

/// What an analyser finds on a page.
fn finding(document: DocumentId, page: u32, result: Result<&str, &str>) -> Finding {
    Finding {
        id: FindingId {
            document,
            page: Some(page),
            analyser: "ocr".into(),
        },
        result: result
            .map(|text| Found {
                text: Some(text.to_owned()),
                ..Found::default()
            })
            .map_err(str::to_owned),
        failed_again: None,
        left: None,
        ms: 5,
    }
}

#[test]
fn what_is_known_of_a_changed_source_stays_until_its_new_content_is_opened() {
    let (dir, mut library, batch, documents) = library_with(&["a.pdf"]);
    let id = documents[0].id;
    open(&mut library, id, 1, 2);
    let details = DocumentDetails::default();
    let (read, unread) = (finding(id, 1, Ok("read")), finding(id, 2, Ok("")));
    library
        .write(|w| {
            w.pages_done(&[done(id, 1, "one"), done(id, 2, "two")])?;
            w.document_inspected(id, &details)?;
            w.begin_findings(&[read.id.clone(), unread.id.clone()])?;
            w.found(&read)?;
            w.source_changed(id, 5, 6)
        })
        .unwrap();
    let known = |library: &Library| {
        let reader = library.reader();
        (
            reader.pages(batch).unwrap(),
            reader.page_text(page(id, 1)).unwrap(),
            reader.fingerprints().unwrap(),
            reader.findings(batch).unwrap(),
            reader.details_of(id).unwrap(),
        )
    };
    let before = known(&library);
    assert_eq!(
        before.0[0].measurements,
        Some(done(id, 1, "one").measurements)
    );
    assert_eq!(before.3, [read]);
    let document = library.reader().document(id).unwrap().unwrap();
    assert_eq!((document.bytes, document.modified), (5, 6));
    assert_eq!(document.status, DocumentStatus::Again);
    assert_eq!(
        library
            .reader()
            .batch(batch)
            .unwrap()
            .unwrap()
            .documents_waiting,
        1
    );

    // The new content cannot be opened: the failure stands beside what is known.
    let gone = failure(id, None, "gone");
    library
        .write(|w| w.document_failed(DocumentStatus::Broken, &gone))
        .unwrap();
    assert_eq!(known(&library), before);
    let summary = library.reader().batch(batch).unwrap().unwrap();
    assert!(summary.is_finished() && summary.has_failures());
    assert_eq!((summary.documents_failed, summary.failures), (0, 1));

    // The same bytes after all: all stays. It is inspected again, and what was found
    // before is there until then.
    assert!(open(&mut library, id, 1, 2).same_content);
    assert_eq!(known(&library), before);
    assert_eq!(library.reader().uninspected(batch).unwrap(), [id]);
    assert!(library.write(|w| w.keep_details(id)).unwrap());
    assert!(library.reader().uninspected(batch).unwrap().is_empty());

    // Other content is there: what was known of the former goes, and what analysers had
    // not looked at yet still waits.
    assert!(!open(&mut library, id, 2, 2).same_content);
    let reader = library.reader();
    let pages = reader.pages(batch).unwrap();
    assert!(pages.iter().all(|page| page.measurements.is_none()));
    assert!(pages.iter().all(|page| page.state == PageState::Waiting));
    assert_eq!(reader.page_text(page(id, 1)).unwrap(), None);
    assert!(reader.fingerprints().unwrap().is_empty());
    assert!(reader.findings(batch).unwrap().is_empty());
    assert!(reader.failures(batch).unwrap().is_empty());
    assert_eq!(reader.findings_waiting(batch).unwrap(), [unread.id]);
    assert_eq!(reader.details_of(id).unwrap(), None);
    assert_sound(dir.path());
}

#[test]
fn of_a_page_two_results_are_kept_and_the_newer_can_be_taken_back() {
    let (dir, mut library, batch, documents) = library_with(&["a.pdf"]);
    let id = documents[0].id;
    open(&mut library, id, 1, 2);
    let begin = |library: &mut Library| library.write(|w| w.start_run(batch, "{}", 1)).unwrap();
    let of_run = |run, number, text: &str| PageDone {
        run: Some(run),
        ..done(id, number, text)
    };
    let texts = ["one", "two two", "three three three"];
    let mut runs = Vec::new();
    for text in texts {
        let run = begin(&mut library);
        let stored = library
            .write(|w| w.pages_done(&[of_run(run, 1, text)]))
            .unwrap();
        let replaced = if runs.is_empty() {
            vec![]
        } else {
            vec![page(id, 1)]
        };
        assert_eq!(stored.replaced, replaced);
        // Once more in the same run: nothing of an earlier one is lost by that.
        let stored = library
            .write(|w| w.pages_done(&[of_run(run, 1, text)]))
            .unwrap();
        assert!(stored.replaced.is_empty());
        runs.push(run);
    }
    library
        .write(|w| w.pages_done(&[of_run(runs[2], 2, "only once")]))
        .unwrap();
    let state = |library: &Library| {
        let reader = library.reader();
        let characters = |pages: Vec<std::sync::Arc<Page>>| -> Vec<usize> {
            let measured = pages.iter().filter_map(|page| page.measurements.as_ref());
            measured
                .map(|measured| measured.characters as usize)
                .collect()
        };
        let runs = reader.runs(batch).unwrap();
        (
            characters(reader.pages(batch).unwrap()),
            characters(reader.pages_before(batch).unwrap()),
            reader.page_text(page(id, 1)).unwrap().unwrap(),
            reader.search(batch, "three").unwrap().len(),
            runs.iter().map(|run| run.pages).collect::<Vec<u64>>(),
        )
    };
    let newer = (vec![17, 9], vec![7], texts[2].to_owned(), 1, vec![0, 0, 2]);
    assert_eq!(state(&library), newer);
    let both = [page(id, 1), page(id, 2)];
    let using =
        |library: &mut Library, which| library.write(|w| w.use_results(&both, which)).unwrap();
    let nothing: [PageId; 0] = [];
    assert_eq!(using(&mut library, Results::Latest), nothing);
    assert_eq!(using(&mut library, Results::Before), [page(id, 1)]);
    let older = (vec![7, 9], vec![17], texts[1].to_owned(), 0, vec![0, 1, 1]);
    assert_eq!(state(&library), older);
    // Asking for it twice changes nothing.
    assert_eq!(using(&mut library, Results::Before), nothing);
    assert_eq!(state(&library), older);
    assert_eq!(using(&mut library, Results::Latest), [page(id, 1)]);
    assert_eq!(state(&library), newer);
    // Where what counts is lost, what was known before is still there to be used.
    let connection = raw(dir.path());
    connection
        .execute_batch(
            "DELETE FROM measurement WHERE number = 1; DELETE FROM page_text WHERE number = 1",
        )
        .unwrap();
    assert_eq!(using(&mut library, Results::Before), [page(id, 1)]);
    let (counting, before, text, ..) = state(&library);
    assert_eq!(
        (counting, before, &text[..]),
        (vec![7, 9], vec![], texts[1])
    );
    // What cannot be read is neither compared nor used.
    let run = begin(&mut library);
    library
        .write(|w| w.pages_done(&[of_run(run, 1, "four")]))
        .unwrap();
    connection
        .execute_batch("UPDATE earlier_measurement SET signals = '{\"skew\":7}'")
        .unwrap();
    assert!(library.reader().pages_before(batch).unwrap().is_empty());
    assert_eq!(using(&mut library, Results::Before), nothing);
    // Results of no known run keep what was known before as well.
    library
        .write(|w| w.pages_done(&[done(id, 2, "of no run")]))
        .unwrap();
    assert_eq!(
        library.reader().pages_before(batch).unwrap()[0].id,
        page(id, 2)
    );
    // Other content is not what was measured before.
    library.write(|w| w.source_changed(id, 10, 20)).unwrap();
    open(&mut library, id, 9, 2);
    assert!(library.reader().pages_before(batch).unwrap().is_empty());
    drop(library);
    assert_sound(dir.path());
}

#[test]
fn a_page_done_twice_is_one_row() {
    let (dir, mut library, batch, documents) = library_with(&["a.pdf"]);
    let id = documents[0].id;
    open(&mut library, id, 1, 2);
    library
        .write(|w| {
            w.page_failed(&failure(id, Some(1), "first"))?;
            w.page_failed(&failure(id, Some(1), "second"))
        })
        .unwrap();
    assert_eq!(
        library.reader().failures(batch).unwrap(),
        [failure(id, Some(1), "second")]
    );
    let twice = [done(id, 1, "first"), done(id, 1, "second, longer")];
    library.write(|w| w.pages_done(&twice)).unwrap();
    library.write(|w| w.pages_done(&twice)).unwrap();
    let reader = library.reader();
    let pages = reader.pages(batch).unwrap();
    assert_eq!(pages.len(), 2);
    assert_eq!(pages[0].measurements, Some(twice[1].measurements.clone()));
    assert_eq!(
        reader.page_text(page(id, 1)).unwrap().as_deref(),
        Some("second, longer")
    );
    assert!(reader.failures(batch).unwrap().is_empty());
    assert_eq!(reader.batch(batch).unwrap().unwrap().pages_done, 1);
    let connection = raw(dir.path());
    for table in ["measurement", "page_text"] {
        assert_eq!(
            number(&connection, &format!("SELECT count(*) FROM {table}")),
            1
        );
    }
    // Failed after it was done: what was measured stays, with the failure beside it.
    let third = failure(id, Some(1), "third");
    library.write(|w| w.page_failed(&third)).unwrap();
    let reader = library.reader();
    let now = reader.pages(batch).unwrap().remove(0);
    assert_eq!(now.measurements, Some(twice[1].measurements.clone()));
    assert_eq!(now.state, PageState::Done);
    assert_eq!(reader.failures(batch).unwrap(), [third]);
    assert_sound(dir.path());
}

#[test]
fn what_is_done_again_keeps_its_results_until_newer_ones_are_there() {
    let (dir, mut library, batch, documents) = library_with(&["a.pdf", "b.pdf"]);
    let [a, b] = [documents[0].id, documents[1].id];
    open(&mut library, a, 1, 3);
    open(&mut library, b, 2, 1);
    library
        .write(|w| {
            w.pages_done(&[done(a, 1, "one"), done(a, 2, "two"), done(b, 1, "b")])?;
            w.page_failed(&failure(a, Some(3), "x"))?;
            w.redo_pages(&[page(a, 1), page(a, 3), page(a, 9)])
        })
        .unwrap();
    let states = |library: &Library| -> Vec<_> {
        let pages = library.reader().pages(batch).unwrap();
        let one = done(a, 1, "one").measurements;
        assert_eq!(pages[0].measurements, Some(one), "it is never dropped");
        let text = library.reader().page_text(page(a, 1)).unwrap();
        assert_eq!(text.as_deref(), Some("one"));
        assert_eq!(library.reader().search(batch, "one").unwrap(), [page(a, 1)]);
        pages.iter().map(|page| page.state).collect()
    };
    use PageState::{Again, Done, Failed, Waiting};
    assert_eq!(states(&library), [Again, Done, Waiting, Done]);
    let record = [failure(a, Some(3), "x")];
    assert_eq!(library.reader().failures(batch).unwrap(), record);

    library
        .write(|w| w.redo_documents(&[a, DocumentId(99)]))
        .unwrap();
    assert_eq!(states(&library), [Again, Again, Waiting, Done]);
    let document = library.reader().document(a).unwrap().unwrap();
    assert_eq!(document.status, DocumentStatus::Again);
    let summary = library.reader().batch(batch).unwrap().unwrap();
    assert_eq!((summary.documents_waiting, summary.pages_done), (1, 1));

    // Its source is away.
    library
        .write(|w| {
            w.page_failed(&failure(a, Some(3), "gone"))?;
            w.document_failed(DocumentStatus::Broken, &failure(a, None, "gone"))
        })
        .unwrap();
    assert_eq!(states(&library), [Done, Done, Failed, Done]);
    let document = library.reader().document(a).unwrap().unwrap();
    assert_eq!(document.status, DocumentStatus::Ok);
    assert_eq!(library.reader().failures(batch).unwrap().len(), 2);

    // One page fails when it is analysed again.
    library
        .write(|w| {
            w.redo_documents(&[a])?;
            w.page_failed(&failure(a, Some(1), "slow"))
        })
        .unwrap();
    assert_eq!(states(&library), [Done, Again, Waiting, Done]);
    assert_sound(dir.path());
}

#[test]
fn what_an_analyser_found_stays_until_it_has_found_more() {
    let (dir, mut library, batch, documents) = library_with(&["a.pdf"]);
    let id = documents[0].id;
    open(&mut library, id, 1, 1);
    let first = finding(id, 1, Ok("first"));
    let again = std::slice::from_ref(&first.id);
    library
        .write(|w| {
            w.pages_done(&[done(id, 1, "one")])?;
            w.begin_findings(again)?;
            w.found(&first)?;
            w.begin_findings(again)
        })
        .unwrap();
    let reader = library.reader();
    assert_eq!(
        reader.findings(batch).unwrap(),
        std::slice::from_ref(&first)
    );
    assert_eq!(reader.findings_waiting(batch).unwrap(), again);
    let failed = library
        .write(|w| w.found(&finding(id, 1, Err("it crashed"))))
        .unwrap()
        .unwrap();
    assert_eq!(failed.result, first.result);
    assert_eq!(failed.problem(), Some("it crashed"));
    assert_eq!(library.reader().findings(batch).unwrap(), [failed]);
    assert_eq!(
        library.reader().search(batch, "first").unwrap(),
        [page(id, 1)]
    );
    // Stopped before it has looked.
    library
        .write(|w| {
            w.begin_findings(again)?;
            w.drop_waiting_findings(batch)
        })
        .unwrap();
    assert_eq!(library.reader().findings(batch).unwrap().len(), 1);
    assert!(library.reader().findings_waiting(batch).unwrap().is_empty());
    let second = finding(id, 1, Ok("second"));
    let stored = library
        .write(|w| {
            w.begin_findings(again)?;
            w.found(&second)
        })
        .unwrap();
    assert_eq!(stored, Some(second));
    assert!(library.reader().search(batch, "first").unwrap().is_empty());
    assert_sound(dir.path());
}

/// Damages rows as no version writes them, whatever the schema's checks say.
fn damage(dir: &Path, statements: &[&str]) {
    let connection = raw(dir);
    connection
        .pragma_update(None, "ignore_check_constraints", true)
        .unwrap();
    for statement in statements {
        assert_eq!(connection.execute(statement, []).unwrap(), 1, "{statement}");
    }
}

#[test]
fn a_row_that_cannot_be_read_costs_itself_and_is_measured_again() {
    let (dir, mut library, batch, documents) = library_with(&["a.pdf", "b.pdf"]);
    let [a, b] = [documents[0].id, documents[1].id];
    open(&mut library, a, 1, 4);
    open(&mut library, b, 2, 1);
    let read = finding(b, 1, Ok("read"));
    library
        .write(|w| {
            let pages = (1..=4).map(|number| done(a, number, "x"));
            w.pages_done(&pages.collect::<Vec<_>>())?;
            w.pages_done(&[done(b, 1, "b")])?;
            w.document_inspected(a, &DocumentDetails::default())?;
            w.page_failed(&failure(a, Some(4), "beside"))?;
            w.begin_findings(std::slice::from_ref(&read.id))?;
            w.found(&read)?;
            w.keep_thresholds(batch, &Thresholds::default())?;
            w.redo_pages(&[page(a, 3)])
        })
        .unwrap();
    drop(library);
    damage(
        dir.path(),
        &[
            // As versions did that stored a number without an end.
            "UPDATE measurement SET signals = json_set(signals,
                 '$.contents.largest_images[0].dpi[0]', NULL) WHERE document = 1 AND number = 1",
            "UPDATE measurement SET engine = 'abacus' WHERE document = 1 AND number = 2",
            "UPDATE measurement SET micros = -1 WHERE document = 1 AND number = 3",
            "UPDATE page SET width = 9e999 WHERE document = 1 AND number = 4",
            "UPDATE failure SET kind = 'bad luck' WHERE document = 1",
            "UPDATE finding SET finding = '{}'",
            "UPDATE document_details SET details = '[]'",
            "UPDATE thresholds SET thresholds = '7'",
        ],
    );
    let mut library = Library::open(dir.path()).unwrap();
    let reader = library.reader();
    let (pages, unreadable) = reader.pages_and_damage(batch).unwrap();
    use PageState::{Again, Done, Failed, Waiting};
    let states: Vec<_> = pages.iter().map(|page| page.state).collect();
    assert_eq!(states, [Failed, Failed, Waiting, Done, Done]);
    assert_eq!(pages[3].shape.width, 0.0);
    let named: Vec<_> = unreadable
        .iter()
        .map(|f| (f.document, f.page, f.kind))
        .collect();
    let lost = |number| (a, Some(number), FailureKind::NotKept);
    assert_eq!(named, [lost(1), lost(2), lost(3)]);
    assert_eq!(
        reader.failures(batch).unwrap()[0].kind,
        FailureKind::NotKept
    );
    assert!(reader.findings(batch).unwrap()[0].problem().is_some());
    assert!(reader.findings_of(page(b, 1)).unwrap()[0].result.is_err());
    assert!(reader.details_of(a).unwrap().unwrap().problem.is_some());
    assert_eq!(reader.details(batch).unwrap().len(), 1);
    assert_eq!(reader.thresholds(batch).unwrap(), Thresholds::default());
    assert_eq!(reader.page(page(a, 1)).unwrap().unwrap().state, Failed);

    // Noted, then measured again.
    library
        .write(|w| {
            unreadable.iter().try_for_each(|f| w.page_unreadable(f))?;
            w.redo_pages(&[page(a, 1), page(a, 4)])
        })
        .unwrap();
    let (pages, unreadable) = library.reader().pages_and_damage(batch).unwrap();
    assert!(unreadable.is_empty());
    let states: Vec<_> = pages.iter().map(|page| page.state).collect();
    assert_eq!(states, [Waiting, Failed, Waiting, Again, Done]);
    library.write(|w| w.pages_done(&[done(a, 1, "x")])).unwrap();
    let first = library.reader().page(page(a, 1)).unwrap().unwrap();
    assert_eq!(first.measurements, Some(done(a, 1, "x").measurements));
}

#[test]
fn what_could_not_be_read_again_is_refused() {
    let (dir, mut library, batch, documents) = library_with(&["a.pdf"]);
    let id = documents[0].id;
    open(&mut library, id, 1, 2);
    let mut endless = done(id, 1, "x");
    let contents = endless.measurements.signals.contents.as_mut().unwrap();
    contents.largest_images[0].dpi[0] = f32::INFINITY;
    let error = library.write(|w| w.pages_done(&[endless])).unwrap_err();
    assert!(error.is_of_a_row(), "{error}");
    assert!(!error.is_fatal());
    library
        .write(|w| w.pages_done(&[done(id, 2, "x")]))
        .unwrap();
    assert_eq!(
        library.reader().batch(batch).unwrap().unwrap().pages_done,
        1
    );
    assert_sound(dir.path());
}

#[test]
fn a_damaged_file_is_named_with_what_to_do() {
    let (dir, mut library, batch, documents) = library_with(&["a.pdf"]);
    open(&mut library, documents[0].id, 1, 400);
    drop(library);
    drop(raw(dir.path()));
    let file = dir.path().join("library.sqlite");
    let mut bytes = std::fs::read(&file).unwrap();
    let length = bytes.len();
    bytes[4096..length].fill(0x55);
    std::fs::write(&file, bytes).unwrap();
    let damaged = match Reader::open(dir.path()) {
        Ok(reader) => reader.unwrap().pages(batch).unwrap_err(),
        Err(error) => error,
    };
    assert!(damaged.is_fatal(), "{damaged}");
    let words = damaged.to_string();
    assert!(
        words.contains("library.sqlite") && words.contains("process"),
        "{words}"
    );
}

#[test]
fn forgetting_a_batch_leaves_nothing_of_it() {
    let (dir, mut library, batch, documents) = library_with(&["a.pdf", "b.pdf"]);
    let (other, other_documents) = batch_of(&mut library, &["a.pdf"]);
    let a = documents[0].id;
    for (id, pages) in [(a, 400), (other_documents[0].id, 1)] {
        open(&mut library, id, 1, pages);
    }
    library
        .write(|w| {
            let pages: Vec<_> = (1..400).map(|n| done(a, n, &"x".repeat(2000))).collect();
            w.pages_done(&pages)?;
            w.pages_done(&[done(other_documents[0].id, 1, "kept")])?;
            w.page_failed(&failure(a, Some(400), "x"))?;
            w.document_failed(DocumentStatus::Broken, &failure(documents[1].id, None, "x"))?;
            w.start_run(batch, "{}", 1)
        })
        .unwrap();
    library.shrink().unwrap();
    let size = || {
        std::fs::metadata(dir.path().join("library.sqlite"))
            .unwrap()
            .len()
    };
    let before = size();
    library.write(|w| w.forget_batch(batch)).unwrap();

    let reader = library.reader();
    assert_eq!(reader.batches().unwrap().len(), 1);
    assert_eq!(reader.documents(other).unwrap().len(), 1);
    let connection = raw(dir.path());
    for (table, left) in [
        ("batch", 1),
        ("batch_root", 1),
        ("document", 1),
        ("page", 1),
        ("measurement", 1),
        ("page_text", 1),
        ("failure", 0),
        ("run", 0),
    ] {
        let rows = number(&connection, &format!("SELECT count(*) FROM {table}"));
        assert_eq!(rows, left, "{table}");
    }
    drop(connection);
    library.shrink().unwrap();
    assert!(size() + 500_000 < before, "{} of {before} left", size());

    // A late answer cannot land on something new: ids are never used twice.
    library.write(|w| w.forget_batch(other)).unwrap();
    let (again, new) = batch_of(&mut library, &["a.pdf"]);
    assert!(again > other && new[0].id > other_documents[0].id);
    assert_sound(dir.path());
}

/// Whoever holds the library only to write something down keeps nobody from opening it.
#[test]
fn a_library_that_is_held_for_a_moment_is_waited_for() {
    let (dir, library, _, _) = library_with(&[]);
    let refused = Library::open_if_free(dir.path());
    assert!(matches!(refused, Err(LibraryError::InUse { .. })));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(std::time::Duration::from_millis(300));
            drop(library);
        });
        Library::open(dir.path()).unwrap();
    });
}

#[cfg(unix)]
#[test]
fn names_that_are_not_unicode_come_back_as_they_were() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let (dir, mut library, batch, _) = library_with(&[]);
    let odd = |name: &[u8]| Path::new("/elsewhere").join(OsStr::from_bytes(name));
    let [one, two] = [odd(b"caf\xe9.pdf"), odd(b"caf\xff.pdf")];
    let new: Vec<_> = [&one, &two, &one]
        .map(|path| NewDocument {
            source: Source::File(path.clone()),
            ..file("caf?.pdf")
        })
        .to_vec();
    library
        .write(|w| {
            w.add_roots(batch, std::slice::from_ref(&one))?;
            w.add_documents(batch, &new)
        })
        .unwrap();
    drop(library);
    let reader = Reader::open(dir.path()).unwrap().unwrap();
    let documents = reader.documents(batch).unwrap();
    let paths: Vec<_> = documents.iter().map(|d| d.source.file()).collect();
    assert_eq!(paths, [&one, &two]);
    assert_eq!(reader.roots(batch).unwrap()[1], one);
    let roots = [one.clone(), PathBuf::from("/in")];
    assert_eq!(reader.batch_with_roots(&roots).unwrap(), Some(batch));
}

#[test]
fn odd_numbers_are_stored() {
    let (dir, mut library, batch, documents) = library_with(&["a.pdf"]);
    let id = documents[0].id;
    let shape = PageShape {
        width: f32::NAN,
        height: f32::INFINITY,
        rotation: 270,
    };
    library
        .write(|w| {
            w.document_opened(
                id,
                &Opened {
                    hash: hash(1),
                    bytes: u64::MAX,
                    encrypted: false,
                    shapes: &[shape],
                },
            )?;
            let mut odd = done(id, 1, "");
            odd.measurements.micros = u32::MAX;
            odd.measurements.ink = Some(f32::NAN);
            w.pages_done(&[odd])
        })
        .unwrap();
    let page = library.reader().pages(batch).unwrap().remove(0);
    assert_eq!((page.shape.width, page.shape.height), (0.0, 0.0));
    assert_eq!(page.measurements.as_ref().unwrap().micros, u32::MAX);
    assert_eq!(page.measurements.as_ref().unwrap().ink, None);
    let document = library.reader().document(id).unwrap().unwrap();
    assert_eq!(document.bytes, i64::MAX as u64);
    assert_sound(dir.path());
}

/// The rule for duplicates, said once more: the first with a content is the
/// original of all others.
fn originals(contents: &BTreeMap<usize, u8>) -> HashMap<usize, usize> {
    let mut first = HashMap::new();
    let mut originals = HashMap::new();
    for (ordinal, content) in contents {
        match first.get(content) {
            Some(original) => {
                originals.insert(*ordinal, *original);
            }
            None => {
                first.insert(*content, *ordinal);
            }
        }
    }
    originals
}

#[derive(Clone, Debug)]
enum Change {
    Open(usize, u8, usize),
    DocumentFailed(usize),
    SourceChanged(usize),
    RedoDocument(usize),
    Done(usize, u32),
    Failed(usize, u32),
    RedoPage(usize, u32),
}

fn change() -> impl Strategy<Value = Change> {
    let document = 0..3_usize;
    let page = 1..5_u32;
    prop_oneof![
        3 => (document.clone(), 0..2_u8, 0..5_usize).prop_map(|(d, c, n)| Change::Open(d, c, n)),
        1 => document.clone().prop_map(Change::DocumentFailed),
        1 => document.clone().prop_map(Change::SourceChanged),
        1 => document.clone().prop_map(Change::RedoDocument),
        6 => (document.clone(), page.clone()).prop_map(|(d, p)| Change::Done(d, p)),
        3 => (document.clone(), page.clone()).prop_map(|(d, p)| Change::Failed(d, p)),
        2 => (document, page).prop_map(|(d, p)| Change::RedoPage(d, p)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn duplicates_do_not_depend_on_the_order_of_opening(
        contents in prop::collection::vec(0..3_u8, 1..7),
        order in Just((0..12_usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let names: Vec<_> = (0..contents.len()).map(|n| format!("{n}.pdf")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let (_dir, mut library, batch, documents) = library_with(&names);
        // Documents of another batch are no originals.
        let (_, elsewhere) = batch_of(&mut library, &["0.pdf"]);
        open(&mut library, elsewhere[0].id, 0, 1);

        let mut opened = BTreeMap::new();
        // Each is opened once or twice.
        for ordinal in order.iter().map(|n| n % 6).filter(|n| *n < contents.len()) {
            opened.insert(ordinal, contents[ordinal]);
            let answer = open(&mut library, documents[ordinal].id, contents[ordinal], 1);
            let expected = originals(&opened);
            let id = |ordinal: &usize| documents[*ordinal].id;
            prop_assert_eq!(answer.duplicate_of, expected.get(&ordinal).map(id));
            let mut duplicates: Vec<_> = expected
                .iter()
                .filter(|(_, original)| **original == ordinal)
                .map(|(duplicate, _)| id(duplicate))
                .collect();
            duplicates.sort();
            prop_assert_eq!(answer.duplicates, duplicates);
            for (ordinal, document) in library.reader().documents(batch).unwrap().iter().enumerate() {
                prop_assert_eq!(document.duplicate_of, expected.get(&ordinal).map(id));
            }
        }
        prop_assert_eq!(opened.len(), contents.len());
        // The original changes: the next one takes its place.
        open(&mut library, documents[0].id, 9, 1);
        opened.remove(&0);
        let expected = originals(&opened);
        for (ordinal, document) in library.reader().documents(batch).unwrap().iter().enumerate() {
            prop_assert_eq!(
                document.duplicate_of,
                expected.get(&ordinal).map(|original| documents[*original].id)
            );
        }
    }

    #[test]
    fn counts_and_records_agree_whatever_happens(
        changes in prop::collection::vec(change(), 1..40),
    ) {
        let (dir, mut library, batch, documents) = library_with(&["0", "1", "2"]);
        let id = |ordinal: usize| documents[ordinal].id;
        for change in changes {
            match change {
                Change::Open(d, content, pages) => {
                    open(&mut library, id(d), content, pages);
                }
                Change::DocumentFailed(d) => library
                    .write(|w| w.document_failed(DocumentStatus::NotPdf, &failure(id(d), None, "")))
                    .unwrap(),
                Change::SourceChanged(d) => library.write(|w| w.source_changed(id(d), 1, 1)).unwrap(),
                Change::RedoDocument(d) => library.write(|w| w.redo_documents(&[id(d)])).unwrap(),
                Change::Done(d, n) => {
                    library.write(|w| w.pages_done(&[done(id(d), n, "x")])).unwrap();
                }
                Change::Failed(d, n) => {
                    library.write(|w| w.page_failed(&failure(id(d), Some(n), ""))).unwrap();
                }
                Change::RedoPage(d, n) => {
                    library.write(|w| w.redo_pages(&[page(id(d), n)])).unwrap();
                }
            }
            let reader = library.reader();
            let summary = reader.batch(batch).unwrap().unwrap();
            let pages = reader.pages(batch).unwrap();
            let documents = reader.documents(batch).unwrap();
            let count = |state| pages.iter().filter(|page| page.state == state).count() as u64;
            prop_assert_eq!(summary.pages, pages.len() as u64);
            prop_assert_eq!(summary.pages_done, count(PageState::Done));
            prop_assert_eq!(summary.pages_failed, count(PageState::Failed));
            let failed = documents.iter().filter(|d| d.status.is_failure()).count() as u64;
            prop_assert_eq!(summary.documents_failed, failed);
            for page in &pages {
                let has_results = matches!(page.state, PageState::Done | PageState::Again);
                prop_assert_eq!(has_results, page.measurements.is_some());
            }
            // A record for each failure; others are of what keeps earlier results.
            let records = reader.failures(batch).unwrap();
            prop_assert_eq!(records.len() as u64, summary.failures);
            let has = |id, page| records.iter().any(|r| r.document == id && r.page == page);
            for document in documents.iter().filter(|d| d.status.is_failure()) {
                prop_assert!(has(document.id, None));
                prop_assert_eq!(document.pages, 0);
            }
            for page in pages.iter().filter(|p| p.state == PageState::Failed) {
                prop_assert!(has(page.id.document, Some(page.id.number)));
            }
        }
        drop(library);
        assert_sound(dir.path());
    }
}

// Children: the test program itself, run again for one test.

const CHILD_DIR: &str = "PAGESIEVE_TEST_LIBRARY";
/// Pages that the writing child commits at a time.
const CHUNK: u32 = 48;
const PAGES: u32 = 48 * 100;

fn child(test: &str, dir: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", test])
        .env(CHILD_DIR, dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Says a line past the test harness, which holds back what tests print.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n> {line}").unwrap();
    out.flush().unwrap();
}

fn ask_child(dir: &Path) -> String {
    let output = child("child_that_asks", dir).wait_with_output().unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    let answer = output.lines().find_map(|line| line.strip_prefix("> "));
    answer
        .unwrap_or_else(|| panic!("no answer in {output}"))
        .to_owned()
}

#[test]
#[ignore = "run as a child by one_writer_and_many_readers"]
fn child_that_asks() {
    let Some(dir) = std::env::var_os(CHILD_DIR).map(PathBuf::from) else {
        return;
    };
    let reader = Reader::open(&dir).unwrap().unwrap();
    let batch = reader.newest_batch().unwrap().unwrap();
    let lock = match Library::open(&dir) {
        Ok(_) => "free",
        Err(LibraryError::InUse { .. }) => "in use",
        Err(other) => panic!("{other}"),
    };
    say(&format!("{lock}, {} pages", batch.pages));
}

#[test]
#[ignore = "run as a child by a_kill_loses_nothing_that_was_committed"]
fn child_that_writes() {
    let Some(dir) = std::env::var_os(CHILD_DIR).map(PathBuf::from) else {
        return;
    };
    let mut library = Library::open(&dir).unwrap();
    let batch = library.reader().newest_batch().unwrap().unwrap().batch.id;
    let id = library.reader().documents(batch).unwrap()[0].id;
    let text = "some words of a page ".repeat(70);
    for round in 0.. {
        for first in (1..=PAGES).step_by(CHUNK as usize) {
            let pages: Vec<_> = (first..first + CHUNK).map(|n| done(id, n, &text)).collect();
            library.write(|w| w.pages_done(&pages)).unwrap();
            say(&format!(
                "{}",
                if round == 0 { first + CHUNK - 1 } else { PAGES }
            ));
        }
    }
}

#[test]
fn a_kill_loses_nothing_that_was_committed() {
    for kill_after in [0_u32, 1, 5, 23, 60] {
        let (dir, mut library, batch, documents) = library_with(&["a.pdf"]);
        open(&mut library, documents[0].id, 1, PAGES as usize);
        drop(library);

        let mut writer = child("child_that_writes", dir.path());
        let lines = BufReader::new(writer.stdout.take().unwrap()).lines();
        let mut committed = 0;
        let mut killed = false;
        for line in lines.map_while(Result::ok) {
            if let Some(pages) = line.strip_prefix("> ") {
                committed = pages.parse().unwrap();
            }
            if !killed && committed >= kill_after * CHUNK && committed > 0 {
                // Somewhere in the middle of a later transaction.
                std::thread::sleep(Duration::from_micros(u64::from(kill_after) * 700));
                writer.kill().unwrap();
                killed = true;
            }
        }
        assert!(!writer.wait().unwrap().success());
        assert!(killed && committed > 0);

        // While nobody has repaired anything yet, a reader can read.
        let reader = Reader::open(dir.path()).unwrap().unwrap();
        let seen = reader.batch(batch).unwrap().unwrap().pages_done;
        drop(reader);
        let library = Library::open(dir.path()).unwrap();
        let pages = library.reader().pages(batch).unwrap();
        assert_eq!(pages.len(), PAGES as usize);
        let done = pages.iter().filter(|p| p.state == PageState::Done).count();
        assert_eq!(seen, done as u64);
        assert!(done >= committed as usize, "{done} of {committed}");
        assert_eq!(done % CHUNK as usize, 0, "half a transaction was kept");
        assert!(
            pages[..done].iter().all(|p| p.measurements.is_some()),
            "pages are not the first ones"
        );
        drop(library);
        assert_sound(dir.path());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_survived() {
    let Some(disk) = Disk::new("2m") else {
        return;
    };
    let dir = disk.0.join("library");
    let ballast = disk.0.join("ballast");
    let mut library = Library::open(&dir).unwrap();
    let (batch, documents) = batch_of(&mut library, &["a.pdf"]);
    let id = documents[0].id;
    open(&mut library, id, 1, 2000);
    std::fs::write(&ballast, vec![1; 700 << 10]).unwrap();

    let text = "x".repeat(3000);
    let chunk =
        |first: u32| -> Vec<_> { (first..first + 20).map(|n| done(id, n, &text)).collect() };
    let mut next = 1;
    let error = loop {
        match library.write(|w| w.pages_done(&chunk(next))) {
            Ok(stored) => assert_eq!(stored.count, 20),
            Err(error) => break error,
        }
        next += 20;
        assert!(next < 1900, "the disk does not fill");
    };
    assert!(matches!(error, LibraryError::Full { .. }), "{error:?}");
    assert!(error.to_string().contains("disk is full"), "{error}");
    assert!(next > 1, "full before anything was written");

    // What was committed is there, what failed is not, and reading goes on.
    let kept = u64::from(next - 1);
    let count = |reader: &Reader| reader.batch(batch).unwrap().unwrap().pages_done;
    assert_eq!(count(library.reader()), kept);
    assert_eq!(count(&Reader::open(&dir).unwrap().unwrap()), kept);
    // More than the cache holds: the disk is full before the commit.
    let large = PageDone {
        run: None,
        text: "y".repeat(20 << 20),
        ..done(id, next, "")
    };
    let error = library.write(|w| w.pages_done(&[large])).unwrap_err();
    assert!(matches!(error, LibraryError::Full { .. }), "{error:?}");
    assert_eq!(count(library.reader()), kept);
    assert_sound(&dir);

    // Closed and opened while there is no room at all.
    std::fs::write(disk.0.join("rest"), vec![1; 4 << 20]).unwrap_err();
    drop(library);
    match Library::open(&dir) {
        Ok(library) => assert_eq!(count(library.reader()), kept),
        Err(error) => assert!(matches!(error, LibraryError::Full { .. }), "{error:?}"),
    }

    std::fs::remove_file(&ballast).unwrap();
    std::fs::remove_file(disk.0.join("rest")).unwrap();
    let mut library = Library::open(&dir).unwrap();
    assert_eq!(count(library.reader()), kept);
    library.write(|w| w.pages_done(&chunk(next))).unwrap();
    drop(library);
    assert_sound(&dir);
    let library = Library::open(&dir).unwrap();
    assert_eq!(count(library.reader()), kept + 20);
}

/// Prints how long things take; how quick they are to be is for benchmarks.
#[test]
fn large_batches_are_kept_counted_and_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    let mut library = Library::open(dir.path()).unwrap();
    let names: Vec<_> = (0..10_000).map(|n| format!("folder/{n}.pdf")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let (batch, documents) = batch_of(&mut library, &names);
    let timed = |what: &str, from: Instant| println!("{what}: {:?}", from.elapsed());

    let from = Instant::now();
    library
        .write(|w| {
            for (n, document) in documents.iter().enumerate() {
                let mut hash = [0; 32];
                hash[..8].copy_from_slice(&(n as u64 / 2).to_le_bytes());
                w.document_opened(
                    document.id,
                    &Opened {
                        hash: ContentHash(hash),
                        bytes: 1,
                        encrypted: false,
                        shapes: &[A4; 10],
                    },
                )?;
                let pages: Vec<_> = (1..=10).map(|n| done(document.id, n, "")).collect();
                w.pages_done(&pages)?;
            }
            Ok(())
        })
        .unwrap();
    timed("10,000 documents opened, 100,000 pages done", from);

    let reader = Reader::open(dir.path()).unwrap().unwrap();
    let from = Instant::now();
    let summary = reader.batch(batch).unwrap().unwrap();
    timed("counts of 100,000 pages", from);
    assert_eq!(summary.pages_done, 100_000);
    let from = Instant::now();
    let listed = reader.documents(batch).unwrap();
    timed("listing 10,000 documents", from);
    let duplicates = listed.iter().filter(|d| d.duplicate_of.is_some()).count();
    assert_eq!(duplicates, 5_000);
    let from = Instant::now();
    assert_eq!(reader.pages(batch).unwrap().len(), 100_000);
    timed("listing 100,000 pages", from);
    let from = Instant::now();
    assert!(reader.failures(batch).unwrap().is_empty());
    timed("failures among 100,000 pages", from);

    let manual = library
        .write(|w| w.add_documents(batch, &[file("manual.pdf")]))
        .unwrap()[0]
        .id;
    open(&mut library, manual, 255, 2400);
    let pages: Vec<_> = (1..=2400)
        .map(|n| done(manual, n, &"word ".repeat(300)))
        .collect();
    let from = Instant::now();
    for chunk in pages.chunks(256) {
        library.write(|w| w.pages_done(chunk)).unwrap();
    }
    timed("2,400 pages with text", from);

    let from = Instant::now();
    library.write(|w| w.forget_batch(batch)).unwrap();
    timed("forgetting 102,400 pages", from);
    assert!(library.reader().batch(batch).unwrap().is_none());
}

#[test]
fn a_plan_for_splitting_is_kept_with_its_batch() {
    let (_dir, mut library, batch, documents) = library_with(&["a.pdf"]);
    assert_eq!(library.reader().split_plan(batch).unwrap(), None);
    let mut plan = SplitPlan::default();
    for number in [1, 2] {
        let page = page(documents[0].id, number).into();
        plan.parts
            .push(PlannedPart::new(CutReason::Hand, vec![page]));
        assert!(library.write(|w| w.keep_split(batch, &plan)).unwrap());
        assert_eq!(
            library.reader().split_plan(batch).unwrap(),
            Some(plan.clone())
        );
    }
    assert!(!library.write(|w| w.keep_split(BatchId(77), &plan)).unwrap());
    library.write(|w| w.forget_batch(batch)).unwrap();
    assert_eq!(library.reader().split_plan(batch).unwrap(), None);
}

#[test]
fn text_is_found_in_any_script_and_with_what_analysers_read() {
    let (dir, mut library, batch, documents) = library_with(&["a.pdf", "b.pdf"]);
    let (a, b) = (documents[0].id, documents[1].id);
    open(&mut library, a, 1, 4);
    open(&mut library, b, 2, 1);
    let text = [
        done(a, 1, "Invoice no. 7: the net amount is due in Straße 5"),
        done(
            a,
            2,
            "\u{8acb}\u{6c42}\u{66f8} 2026 \u{0645}\u{0631}\u{062d}\u{0628}\u{0627}",
        ),
        done(
            a,
            3,
            "\u{041f}\u{0440}\u{0438}\u{0432}\u{0435}\u{0442} caf\u{e9}, amount net",
        ),
        done(b, 1, ""),
    ];
    library.write(|w| w.pages_done(&text)).unwrap();
    let found = |library: &Library, typed: &str| -> Vec<(i64, u32)> {
        let hits = library.reader().search(batch, typed).unwrap();
        hits.iter()
            .map(|hit| (hit.document.0, hit.number))
            .collect()
    };
    assert_eq!(found(&library, "net amount"), [(a.0, 1), (a.0, 3)]);
    assert_eq!(found(&library, "\"net amount\""), [(a.0, 1)]);
    assert_eq!(found(&library, "INVOI*"), [(a.0, 1)]);
    assert_eq!(found(&library, "invoi"), []);
    assert_eq!(found(&library, "\u{6c42}\u{66f8}"), [(a.0, 2)]);
    assert_eq!(found(&library, "\u{66f8}\u{6c42}"), []);
    assert_eq!(
        found(&library, "\u{0645}\u{0631}\u{062d}\u{0628}\u{0627}"),
        [(a.0, 2)]
    );
    assert_eq!(found(&library, "cafe \u{43f}\u{440}\u{438}*"), [(a.0, 3)]);
    assert_eq!(found(&library, "\" ( NOT *"), []);
    // What an analyser reads is found as well.
    let id = FindingId {
        document: b,
        page: Some(1),
        analyser: "ocr".into(),
    };
    let finding = finding(b, 1, Ok("recognised words"));
    library
        .write(|w| w.begin_findings(std::slice::from_ref(&id)))
        .unwrap();
    assert_eq!(library.reader().findings_waiting(batch).unwrap(), [id]);
    assert!(library.write(|w| w.found(&finding)).unwrap().is_some());
    assert!(library.write(|w| w.found(&finding)).unwrap().is_none());
    assert_eq!(library.reader().findings(batch).unwrap(), [finding]);
    assert_eq!(found(&library, "recognised"), [(b.0, 1)]);
    // A page that is done again, or goes, is found no more by its old text.
    library
        .write(|w| w.pages_done(&[done(a, 1, "other")]))
        .unwrap();
    assert_eq!(found(&library, "invoice"), []);
    open(&mut library, a, 3, 4);
    assert_eq!(found(&library, "other"), []);
    library.write(|w| w.forget_batch(batch)).unwrap();
    let left = number(&raw(dir.path()), "SELECT count(*) FROM page_search_docsize");
    assert_eq!(left, 0);
    assert_sound(dir.path());
}

/// The journal of a library that was killed, and what becomes of it.
#[test]
fn a_damaged_journal_is_told_and_no_page_is_done_that_is_not_there() {
    type Damage = fn(&Path);
    let flip: Damage = |wal| {
        let mut bytes = std::fs::read(wal).unwrap();
        let place = bytes.len() / 2;
        bytes[place] ^= 1;
        std::fs::write(wal, bytes).unwrap();
    };
    let cut: Damage = |wal| {
        let half = std::fs::metadata(wal).unwrap().len() / 2;
        let file = std::fs::OpenOptions::new().write(true).open(wal).unwrap();
        file.set_len(half).unwrap();
    };
    let remove: Damage = |wal| std::fs::remove_file(wal).unwrap();
    for (name, damage) in [("flip", flip), ("cut", cut), ("remove", remove)] {
        let (dir, mut library, batch, documents) = library_with(&["a.pdf"]);
        let id = documents[0].id;
        open(&mut library, id, 1, 200);
        // What is there now is in the database itself.
        drop(library);
        let mut library = Library::open(dir.path()).unwrap();
        for number in 1..=200 {
            let page = done(id, number, "some words of a page");
            library.write(|w| w.pages_done(&[page])).unwrap();
        }
        // As after a kill: the journal is not tidied up.
        let copy = tempfile::tempdir().unwrap();
        for entry in std::fs::read_dir(dir.path()).unwrap().flatten() {
            if entry.file_name() != "ballast" {
                std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
            }
        }
        drop(library);
        let wal = std::fs::read_dir(copy.path())
            .unwrap()
            .flatten()
            .map(|entry| entry.path())
            .find(|path| path.to_string_lossy().ends_with("-wal"))
            .unwrap();
        damage(&wal);

        let library = Library::open(copy.path()).unwrap();
        let lost = library.lost_transactions();
        assert!(lost > 0, "{name}");
        let reader = library.reader();
        let pages = reader.pages(batch).unwrap();
        let there = pages
            .iter()
            .filter(|page| page.state == PageState::Done)
            .count();
        assert_eq!(there as u64 + lost, 200, "{name}");
        for page in &pages {
            let is_done = page.state == PageState::Done;
            assert_eq!(page.measurements.is_some(), is_done, "{name}");
            let text = reader.page_text(page.id).unwrap();
            assert_eq!(text.is_some(), is_done, "{name}");
        }
        assert_eq!(
            reader.batch(batch).unwrap().unwrap().pages_done,
            there as u64
        );
        drop(library);
        assert_sound(copy.path());
        // Told once; then it is as it is.
        assert_eq!(Library::open(copy.path()).unwrap().lost_transactions(), 0);
    }
}

#[test]
fn dismissed_duplicates_are_remembered_with_their_pages() {
    let (dir, mut library, batch, documents) = library_with(&["a.pdf", "b.pdf"]);
    let (a, b) = (documents[0].id, documents[1].id);
    open(&mut library, a, 1, 2);
    open(&mut library, b, 2, 1);
    let group = [page(a, 1), page(b, 1)];
    library.write(|w| w.dismiss_duplicates(&group)).unwrap();
    library
        .write(|w| w.dismiss_duplicates(&[page(a, 2), page(b, 1)]))
        .unwrap();
    drop(library);
    let mut library = Library::open(dir.path()).unwrap();
    let dismissals = library.reader().dismissals().unwrap();
    assert_eq!(dismissals.len(), 2);
    assert_eq!(dismissals[0], group.into());
    library
        .write(|w| w.restore_duplicates(&[page(a, 1)]))
        .unwrap();
    assert_eq!(library.reader().dismissals().unwrap().len(), 1);
    // What is no longer in the library leaves nothing of it.
    library.write(|w| w.forget_batch(batch)).unwrap();
    assert!(library.reader().dismissals().unwrap().is_empty());
    assert_sound(dir.path());
}

#[test]
fn watched_folders_are_kept_with_their_batch() {
    let (_dir, mut library, _, _) = library_with(&[]);
    let roots = ["/in/a", "/in/b"].map(PathBuf::from);
    let batch = library
        .write(|w| w.create_batch("in", &roots, 100))
        .unwrap();
    let watched = |library: &Library| library.reader().watched().unwrap();
    assert_eq!(watched(&library), []);
    library.write(|w| w.watch(batch, &roots, None)).unwrap();
    let [a, b] = roots.clone();
    let of = |folder: PathBuf, moved_to: Option<&str>| WatchedFolder {
        batch,
        folder,
        moved_to: moved_to.map(PathBuf::from),
    };
    assert_eq!(watched(&library), [of(a.clone(), None), of(b, None)]);
    let done = Path::new("/done");
    library
        .write(|w| w.watch(batch, &roots[..1], Some(done)))
        .unwrap();
    assert_eq!(watched(&library), [of(a, Some("/done"))]);
    // What is watched stays though nothing is left in it.
    library.write(|w| w.take_out(batch, [])).unwrap();
    assert_eq!(library.reader().roots(batch).unwrap(), roots[..1]);
    library.write(|w| w.forget_batch(batch)).unwrap();
    assert_eq!(watched(&library), []);
}

#[test]
fn a_library_of_any_earlier_version_is_brought_up_to_date() {
    let (dir, mut library, batch, documents) = library_with(&["a.pdf"]);
    open(&mut library, documents[0].id, 1, 1);
    let text = done(documents[0].id, 1, "older than the index");
    library.write(|w| w.pages_done(&[text])).unwrap();
    drop(library);
    for schema in 6..24 {
        earlier::take_back_to(&raw(dir.path()), schema);
        let library = Library::open(dir.path()).unwrap();
        let found = library.reader().search(batch, "older").unwrap();
        assert_eq!(found.len(), 1, "from schema {schema}");
        drop(library);
        assert_sound(dir.path());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_full_disk_the_ballast_goes_and_results_are_stored() {
    let Some(disk) = Disk::new("600m") else {
        return;
    };
    let place = disk.0.join("library");
    let ballast = place.join("ballast");
    let mut library = Library::open(&place).unwrap();
    let (_, documents) = batch_of(&mut library, &["a.pdf"]);
    open(&mut library, documents[0].id, 1, 2000);
    assert_eq!(ballast.metadata().unwrap().len(), 64 << 20);
    std::fs::write(disk.0.join("foreign"), vec![1; 600 << 20]).unwrap_err();
    let pages: Vec<_> = (1..=500)
        .map(|number| done(documents[0].id, number, &"x".repeat(3000)))
        .collect();
    let error = library.write(|w| w.pages_done(&pages)).unwrap_err();
    assert!(matches!(error, LibraryError::Full { .. }), "{error:?}");
    assert!(!ballast.exists());
    let stored = library.write(|w| w.pages_done(&pages)).unwrap();
    assert_eq!(stored.count, 500);
    drop(library);
    // It is laid again once there is room.
    std::fs::remove_file(disk.0.join("foreign")).unwrap();
    let library = Library::open(&place).unwrap();
    assert!(ballast.exists());
    drop(library);
    assert_sound(&place);
}

#[test]
fn a_library_that_is_gone_takes_nothing_more() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("library");
    let mut library = Library::open(&place).unwrap();
    let create = |library: &mut Library| library.write(|writer| writer.create_batch("a", &[], 0));
    create(&mut library).unwrap();
    let away = dir.path().join("away");
    std::fs::rename(&place, &away).unwrap();
    assert!(matches!(
        create(&mut library),
        Err(LibraryError::Gone { .. })
    ));
    // Another one in its place is not it.
    drop(Library::open(&place).unwrap());
    assert!(matches!(
        create(&mut library),
        Err(LibraryError::Gone { .. })
    ));
    std::fs::remove_dir_all(&place).unwrap();
    std::fs::rename(&away, &place).unwrap();
    create(&mut library).unwrap();
    assert_eq!(library.reader().batches().unwrap().len(), 2);
}

/// A page that is done, with a look of its own.
fn looks_like(id: PageId, look: u64) -> PageDone {
    let mut done = done(id.document, id.number, "text");
    done.fingerprint.content = Some(ContentHash([look as u8; 32]));
    done.fingerprint.look = Some(Look {
        hash: [look; 4],
        drawn: false,
        ink: vec![look as u8],
    });
    done
}

fn compared(library: &Library) -> Vec<PageId> {
    let kept = library.reader().fingerprints().unwrap();
    let compared = kept.iter().filter(|kept| kept.compared);
    compared.map(|kept| kept.page).collect()
}

#[test]
fn comparisons_are_kept_until_a_page_looks_different() {
    let (dir, mut library, batch, documents) = library_with(&["a.pdf"]);
    let document = documents[0].id;
    open(&mut library, document, 1, 4);
    let pages = [1, 2, 3, 4].map(|number| page(document, number));
    let all: Vec<_> = pages.iter().map(|id| looks_like(*id, 7)).collect();
    library.write(|w| w.pages_done(&all)).unwrap();
    assert_eq!(compared(&library), []);

    let pair = |page, other, likeness, places| PagePair {
        page,
        other,
        likeness,
        places,
    };
    let place = Area {
        left: 0.25,
        top: 0.5,
        right: 0.375,
        bottom: 0.625,
    };
    let mut comparisons = Comparisons {
        compared: pages.map(|id| (id, [7; 4])).to_vec(),
        // The first and the third are in one group by the second.
        pairs: vec![
            pair(pages[0], pages[1], Likeness::Alike, vec![]),
            pair(pages[1], pages[2], Likeness::Copy, vec![]),
        ],
    };
    library.write(|w| w.keep_comparisons(&comparisons)).unwrap();
    drop(library);
    let mut library = Library::open(dir.path()).unwrap();
    assert_eq!(compared(&library), pages);
    assert_eq!(library.reader().alike_pages().unwrap(), comparisons.pairs);

    // Looked at closely later.
    comparisons.pairs[0] = pair(pages[0], pages[1], Likeness::Similar, vec![place]);
    let closer = Comparisons {
        compared: vec![],
        pairs: comparisons.pairs.clone(),
    };
    pagesieve::triage::keep_comparisons(&mut library, &closer).unwrap();
    assert_eq!(library.reader().alike_pages().unwrap(), comparisons.pairs);

    // Measured again, with the same look.
    library.write(|w| w.pages_done(&all[1..2])).unwrap();
    assert_eq!(compared(&library), pages);
    let changed = looks_like(pages[1], 9);
    library.write(|w| w.pages_done(&[changed])).unwrap();
    assert_eq!(compared(&library), [pages[3]]);
    assert_eq!(library.reader().alike_pages().unwrap(), []);

    // What was compared is no longer what it looks like.
    library.write(|w| w.keep_comparisons(&comparisons)).unwrap();
    assert_eq!(compared(&library), [pages[0], pages[2], pages[3]]);
    assert_eq!(library.reader().alike_pages().unwrap(), []);
    library.write(|w| w.forget_batch(batch)).unwrap();
    assert_sound(dir.path());
}
