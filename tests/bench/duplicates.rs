//! How long it takes to find the pages that are the same among 100,000, and to
//! describe their groups, beside reading all fingerprints in the same run.

#[path = "../support/prng.rs"]
#[allow(dead_code)]
mod prng;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use pagesieve::analysis::pack;
use pagesieve::library::{Library, NewDocument, Opened, PageDone};
use pagesieve::model::{
    ContentHash, DocumentId, EngineKind, Look, Measurements, PageFingerprint, PageId, PageShape,
    Signals, Source,
};
use pagesieve::pdf::Ink;
use pagesieve::triage::{Sameness, describe_duplicates, find_duplicates};
use prng::Prng;

const DOCUMENTS: usize = 100;
const PAGES: u32 = 1000;
/// One page of so many is the same as an earlier one, and one looks like it.
const EVERY: u32 = 50;

fn main() {
    let place = tempfile::tempdir().expect("a temporary directory");
    let mut library = Library::open(place.path()).expect("a library");
    fill(&mut library);
    let reader = library.reader();
    let (read, kept) = time(|| reader.fingerprints().expect("fingerprints").len());
    let (find, found) = time(|| find_duplicates(reader).expect("duplicates").0);
    let (describe, groups) = time(|| {
        describe_duplicates(reader, &found.groups)
            .expect("groups")
            .len()
    });
    let exact = found
        .groups
        .iter()
        .filter(|group| group.sameness == Sameness::Exact)
        .count();
    println!(
        "{kept} pages, {exact} groups exactly the same, {} nearly",
        groups - exact
    );
    println!("reading fingerprints  {:.2} s", read.as_secs_f64());
    println!("finding duplicates    {:.2} s", find.as_secs_f64());
    println!("describing groups     {:.2} s", describe.as_secs_f64());
    println!(
        "finding / reading     {:.1}",
        find.as_secs_f64() / read.as_secs_f64()
    );
}

fn time<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let started = Instant::now();
    let made = work();
    (started.elapsed(), made)
}

fn fill(library: &mut Library) {
    let mut random = Prng::new(1);
    let names: Vec<NewDocument> = (0..DOCUMENTS)
        .map(|number| NewDocument {
            source: Source::File(PathBuf::from(format!("/clients/{number}.pdf"))),
            name: format!("{number}.pdf"),
            bytes: 1,
            modified: 1,
        })
        .collect();
    let documents = library
        .write(|writer| {
            let batch = writer.create_batch("clients", &[PathBuf::from("/clients")], 1)?;
            writer.add_documents(batch, &names)
        })
        .expect("documents");
    let mut earlier: Vec<PageFingerprint> = Vec::new();
    for document in documents {
        let shapes = vec![
            PageShape {
                width: 595.0,
                height: 842.0,
                rotation: 0,
            };
            PAGES as usize
        ];
        let pages: Vec<PageDone> = (1..=PAGES)
            .map(|number| done(document.id, number, &mut random, &mut earlier))
            .collect();
        library
            .write(|writer| {
                let opened = Opened {
                    hash: ContentHash(bytes(&mut random)),
                    bytes: 1,
                    encrypted: false,
                    shapes: &shapes,
                };
                writer.document_opened(document.id, &opened)?;
                writer.pages_done(&pages)
            })
            .expect("pages");
    }
}

fn bytes(random: &mut Prng) -> [u8; 32] {
    let mut bytes = [0; 32];
    for part in bytes.chunks_exact_mut(8) {
        part.copy_from_slice(&random.next_u64().to_le_bytes());
    }
    bytes
}

fn done(
    document: DocumentId,
    number: u32,
    random: &mut Prng,
    earlier: &mut Vec<PageFingerprint>,
) -> PageDone {
    let fingerprint = match (number % EVERY, earlier.last()) {
        (0, Some(same)) => same.clone(),
        (1, Some(alike)) => {
            let mut alike = alike.clone();
            alike.content = Some(ContentHash(bytes(random)));
            if let Some(look) = &mut alike.look {
                look.hash[0] ^= 1 << (number % 64);
            }
            alike
        }
        _ => {
            let mut ink = Ink::new(700, 990);
            for word in ink.words_mut().iter_mut().step_by(7) {
                *word = random.next_u64() & random.next_u64() & random.next_u64();
            }
            PageFingerprint {
                content: Some(ContentHash(bytes(random))),
                look: Some(Look {
                    hash: [(); 4].map(|()| random.next_u64()),
                    drawn: false,
                    ink: if number % EVERY < 3 || number % EVERY > EVERY - 3 {
                        pack(&ink)
                    } else {
                        // Never looked at: no other page is like it.
                        vec![0; 16]
                    },
                }),
            }
        }
    };
    earlier.push(fingerprint.clone());
    PageDone {
        run: None,
        id: PageId { document, number },
        measurements: Measurements {
            ink: Some(0.03),
            characters: 100,
            words: 20,
            engine: EngineKind::Hayro,
            disagreement: None,
            micros: 1000,
            signals: Signals::default(),
        },
        text: "words of a page".into(),
        fingerprint,
    }
}
