//! Damaged and forged input for everything that reads foreign bytes without an engine: messages of
//! workers, archives, inspection, extraction. Each case is a good file with a few changes, so that
//! it gets past the first check; a case that fails is made as small as it can be.
//!
//! A short run is part of the tests. A long one, with seeds of one's own:
//! `PROPTEST_CASES=200000 PAGESIEVE_SEEDS=FOLDER cargo test --release --test fuzz`. PDFs and ZIPs
//! below the folder are seeds, up to 200 kB each.

mod support;

use std::cell::RefCell;
use std::io::{Seek, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Once, OnceLock};

use pagesieve::pdf::extract::{Original, PartOptions, PartPage, assemble};
use pagesieve::pdf::{Engine, HayroEngine, inspect};
use pagesieve::worker::ArchiveLimits;
use pagesieve::worker::archive::{self, EntryReader};
use pagesieve::worker::protocol::{Reply, Request, read_frame, write_frame};
use proptest::prelude::*;
use support::{hostile, peculiar, rich};

/// Seeds larger than this make few cases a second.
const LARGEST_SEED: u64 = 200_000;

/// What turns up in PDFs and ZIPs and means something there.
const TOKENS: [&[u8]; 24] = [
    b"<<",
    b">>",
    b"[",
    b"]",
    b"(",
    b")",
    b" 0 R",
    b"obj",
    b"endobj",
    b"stream\n",
    b"endstream",
    b"/Kids",
    b"/Parent",
    b"/Length",
    b"/Annots",
    b"/Resources",
    b"/FlateDecode",
    b"-1",
    b"0",
    b"99999999999",
    b"xref",
    b"trailer",
    b"PK\x03\x04",
    b"\xff\xff\xff\xff",
];

/// A change to a file; places are shares of its length.
#[derive(Clone, Debug)]
enum Change {
    Set(u16, u8),
    Cut(u16),
    Remove(u16, u8),
    Repeat(u16, u8, u16),
    Insert(u16, usize),
    Number(u16, u32),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let change = prop_oneof![
        (any::<u16>(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        any::<u16>().prop_map(Change::Cut),
        (any::<u16>(), any::<u8>()).prop_map(|(at, length)| Change::Remove(at, length)),
        (any::<u16>(), any::<u8>(), any::<u16>()).prop_map(|(a, l, b)| Change::Repeat(a, l, b)),
        (any::<u16>(), 0..TOKENS.len()).prop_map(|(at, token)| Change::Insert(at, token)),
        (any::<u16>(), any::<u32>()).prop_map(|(at, number)| Change::Number(at, number)),
    ];
    prop::collection::vec(change, 0..6)
}

fn changed(seed: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for change in changes {
        let place = |share: u16| (bytes.len() * usize::from(share)) >> 16;
        match *change {
            Change::Set(at, byte) => {
                let at = place(at);
                if let Some(there) = bytes.get_mut(at) {
                    *there = byte;
                }
            }
            Change::Cut(at) => bytes.truncate(place(at)),
            Change::Remove(at, length) => {
                let at = place(at);
                let end = (at + usize::from(length)).min(bytes.len());
                bytes.drain(at..end);
            }
            Change::Repeat(from, length, to) => {
                let (from, to) = (place(from), place(to));
                let end = (from + usize::from(length)).min(bytes.len());
                let piece = bytes[from..end].to_vec();
                bytes.splice(to..to, piece);
            }
            Change::Insert(at, token) => {
                let at = place(at);
                bytes.splice(at..at, TOKENS[token].iter().copied());
            }
            // The next number in the file becomes another: lengths, offsets, references.
            Change::Number(at, number) => {
                let at = place(at);
                let digits = bytes[at..].iter().position(u8::is_ascii_digit);
                if let Some(start) = digits.map(|digits| at + digits) {
                    let count = bytes[start..]
                        .iter()
                        .take_while(|b| b.is_ascii_digit())
                        .count();
                    let number = number >> (number % 32);
                    bytes.splice(start..start + count, number.to_string().into_bytes());
                }
            }
        }
    }
    bytes
}

/// Files below the folder that `PAGESIEVE_SEEDS` names.
fn named_seeds(ending: &str) -> Vec<Vec<u8>> {
    fn walk(folder: &Path, ending: &str, found: &mut Vec<Vec<u8>>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, ending, found);
            } else if path
                .extension()
                .is_some_and(|e| e.eq_ignore_ascii_case(ending))
                && entry.metadata().is_ok_and(|m| m.len() <= LARGEST_SEED)
            {
                found.extend(std::fs::read(path));
            }
        }
    }
    let mut found = Vec::new();
    if let Some(folder) = std::env::var_os("PAGESIEVE_SEEDS") {
        walk(folder.as_ref(), ending, &mut found);
    }
    found
}

fn pdfs() -> &'static [Vec<u8>] {
    static PDFS: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    PDFS.get_or_init(|| {
        let mut pdfs = vec![
            rich::rich_pdf(),
            peculiar::active_pdf(),
            peculiar::attachments_pdf(),
            peculiar::revised_pdf(),
            peculiar::signed_pdf(),
            support::text_pdf(2),
            support::encrypted_pdf_rc4("", "owner"),
            support::boxes_pdf(),
            hostile::page_tree_cycle_pdf(),
        ];
        pdfs.extend(named_seeds("pdf"));
        pdfs
    })
}

fn zips() -> &'static [Vec<u8>] {
    static ZIPS: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    ZIPS.get_or_init(|| {
        let text = support::text_pdf(1);
        let mut zips = vec![
            support::zip_of(&[
                ("a.pdf", &text),
                ("folder/b.PDF", &text),
                ("c.txt", b"text"),
            ]),
            support::zip_of(&[]),
        ];
        zips.extend(named_seeds("zip"));
        zips
    })
}

thread_local! {
    /// Where this thread panicked.
    static PANICKED: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs a case on a stack as large as a worker's. A parser that gives up by panicking ends its
/// worker and costs that document, which is what workers are for: none. What is ours must not.
fn on_a_workers_stack<T: Send>(case: impl FnOnce() -> T + Send) -> Option<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let place = panic.location().map(|place| place.file().to_owned());
            let is_ours = place
                .as_ref()
                .is_some_and(|place| place.starts_with("src/"));
            PANICKED.set(place.unwrap_or_default());
            if is_ours || std::thread::current().name() != Some("case") {
                usual(panic);
            }
        }));
    });
    let outcome = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .name("case".into())
            .stack_size(64 << 20)
            .spawn_scoped(scope, || {
                catch_unwind(AssertUnwindSafe(case)).map_err(|_| PANICKED.take())
            });
        thread.unwrap().join().unwrap()
    });
    if let Err(place) = &outcome {
        assert!(!place.starts_with("src/"), "a panic in {place}");
    }
    outcome.ok()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn messages(changes in changes(), bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let mut seed = Vec::new();
        write_frame(&mut seed, &Request::Analyse { pages: vec![1, 2, 300] }, 100).unwrap();
        write_frame(&mut seed, &Reply::Finished { memory: 7 }, 100).unwrap();
        seed.extend(bytes);
        let stream = changed(&seed, &changes);
        let (mut requests, mut replies) = (stream.as_slice(), stream.as_slice());
        while let Ok(Some(_)) = read_frame::<Request>(&mut requests, || 1 << 20) {}
        while let Ok(Some(_)) = read_frame::<Reply>(&mut replies, || 1 << 20) {}
    }

    #[test]
    fn archives(seed in any::<prop::sample::Index>(), changes in changes()) {
        let bytes = changed(&zips()[seed.index(zips().len())], &changes);
        let archive = || {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&bytes).unwrap();
            file.rewind().unwrap();
            file
        };
        let limits = ArchiveLimits::default();
        if let Ok(listing) = archive::list(archive(), limits) {
            let total: u64 = listing.documents.iter().map(|d| d.bytes).sum();
            prop_assert!(total <= limits.total_bytes);
            for document in listing.documents {
                let most = 1 << 20;
                if let Ok(bytes) = EntryReader::default().read((Path::new("a.zip"), archive()), &document.path, most, &[]) {
                    prop_assert!(bytes.len() as u64 <= most);
                }
            }
        }
    }

    #[test]
    fn inspection(seed in any::<prop::sample::Index>(), changes in changes()) {
        let bytes = changed(&pdfs()[seed.index(pdfs().len())], &changes);
        let details = on_a_workers_stack(|| inspect(&bytes, None));
        if let Some(details) = details {
            prop_assert_eq!(details.structure.is_none(), details.problem.is_some());
        }
    }

    #[test]
    fn extraction(seed in any::<prop::sample::Index>(), changes in changes()) {
        let bytes = changed(&pdfs()[seed.index(pdfs().len())], &changes);
        let parts = on_a_workers_stack(|| {
            let shown = HayroEngine.open(std::sync::Arc::new(bytes.clone()), None).ok()?;
            let original = Original::read(std::sync::Arc::new(bytes.clone()), None, shown.page_count()).ok()?;
            let options = PartOptions { drop_signatures: true, ..PartOptions::default() };
            let pages: Vec<_> = (1..=original.page_count().min(4))
                .map(|number| PartPage { source: 0, number, turn: 90 })
                .collect();
            let part = assemble(&[&original], &pages, &options).ok()?;
            let mut written = Vec::new();
            part.layout.write(&mut written).ok()?;
            Some((pages.len() as u32, part.layout.length(), written))
        });
        if let Some(Some((pages, length, written))) = parts {
            prop_assert_eq!(length, written.len() as u64);
            prop_assert!(Original::read(std::sync::Arc::new(written.clone()), None, pages).is_ok());
        }
    }
}
