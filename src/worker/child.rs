//! The worker's own loop: requests from standard input, answers to standard
//! output, one document open at a time. A page that panics or overflows ends
//! the process; the host sees that, and it is the one way in which a bad page
//! is told from a good one.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Instant;

use super::archive;
use super::file::{has_pdf_header, read_file};
use super::protocol::{
    Analysed, Opened, Opening, Refusal, Reply, Request, View, read_frame, write_frame,
};
use crate::analysis::{THUMBNAIL_SIDE, count_text, encode_thumbnail, ink_share};
use crate::model::{ContentHash, FailureKind, Measurements, Source};
use crate::pdf::{Engine, HayroEngine, OpenDocument, OpenError, PageError, fit};
use crate::scratch::WorkerSlot;

/// Deeply nested but honest files need more stack than the usual 2 MiB.
const STACK: usize = 64 << 20;

/// Runs the worker until the host closes its standard input. `slot` is the
/// worker's directory in scratch; holding its lock proves that it lives.
pub fn run(slot: Option<&Path>) -> ExitCode {
    let _held = match slot.map(WorkerSlot::hold).transpose() {
        Ok(held) => held,
        Err(error) => {
            eprintln!("the worker's slot cannot be held: {error}");
            return ExitCode::FAILURE;
        }
    };
    let (sender, requests) = channel();
    let reader = thread::Builder::new()
        .name("requests".into())
        .spawn(move || {
            let mut input = io::stdin().lock();
            while let Ok(Some(request)) = read_frame::<Request>(&mut input) {
                if sender.send(request).is_err() {
                    return;
                }
            }
            // The host is gone or wants no more. Nobody waits for what is being
            // drawn, so leave in the middle of it.
            std::process::exit(0);
        });
    let serving = thread::Builder::new()
        .name("engine".into())
        .stack_size(STACK)
        .spawn(move || serve(&HayroEngine, &requests, &mut io::stdout().lock()));
    match (reader, serving.map(thread::JoinHandle::join)) {
        (Ok(_), Ok(Ok(Ok(())))) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// Answers requests until there are no more.
fn serve(
    engine: &dyn Engine,
    requests: &Receiver<Request>,
    replies: &mut impl Write,
) -> io::Result<()> {
    let mut next = None;
    loop {
        let Some(request) = next.take().or_else(|| requests.recv().ok()) else {
            return Ok(());
        };
        match request {
            Request::Open(opening) => {
                next = serve_document(engine, &opening, requests, replies)?;
            }
            Request::List { archive, limits } => {
                write_frame(replies, &Reply::Listing(archive::list(&archive, limits)))?;
            }
            Request::Analyse { pages } => {
                for number in pages {
                    let outcome = Err(no_document());
                    write_frame(replies, &Reply::Page { number, outcome })?;
                }
                write_frame(replies, &Reply::Finished { memory: resident() })?;
            }
            Request::View { .. } => write_frame(replies, &Reply::View(Err(no_document())))?,
        }
    }
}

/// Opens a document and answers for its pages; returns the first request that
/// is not for it.
fn serve_document(
    engine: &dyn Engine,
    opening: &Opening,
    requests: &Receiver<Request>,
    replies: &mut impl Write,
) -> io::Result<Option<Request>> {
    let (bytes, hash) = match read_source(opening) {
        Ok(read) => read,
        Err(refusal) => {
            write_frame(replies, &Reply::Opened(Err(refusal)))?;
            return Ok(None);
        }
    };
    let bytes = Arc::new(bytes);
    let passwords = std::iter::once(None).chain(opening.passwords.iter().map(|p| Some(p.as_str())));
    let mut served = Ok(None);
    let mut error = OpenError::NeedsPassword;
    for password in passwords {
        let opened = engine.with_document(Arc::clone(&bytes), password, &mut |document| {
            served = answer_for(
                document,
                (hash, bytes.len() as u64, password.is_some()),
                requests,
                replies,
            );
        });
        match opened {
            Ok(()) => return served,
            Err(OpenError::NeedsPassword) => {}
            Err(other) => {
                error = other;
                break;
            }
        }
    }
    let refusal = match error {
        OpenError::NeedsPassword => Refusal::new(FailureKind::NeedsPassword, ""),
        OpenError::UnsupportedEncryption(what) => {
            Refusal::new(FailureKind::UnsupportedEncryption, what)
        }
        OpenError::Damaged if !has_pdf_header(&bytes) => Refusal::new(FailureKind::NotPdf, ""),
        OpenError::Damaged => Refusal::new(FailureKind::Damaged, ""),
    };
    write_frame(replies, &Reply::Opened(Err(refusal)))?;
    Ok(None)
}

fn answer_for(
    document: &dyn OpenDocument,
    (hash, bytes, encrypted): (ContentHash, u64, bool),
    requests: &Receiver<Request>,
    replies: &mut impl Write,
) -> io::Result<Option<Request>> {
    let shapes: Result<Vec<_>, PageError> = (1..=document.page_count())
        .map(|number| document.shape(number))
        .collect();
    let opened = match shapes {
        Ok(shapes) if shapes.is_empty() => Err(Refusal::new(FailureKind::NoPages, "")),
        Ok(shapes) => Ok(Opened {
            hash,
            bytes,
            encrypted,
            shapes,
        }),
        Err(error) => Err(refuse_page(&error)),
    };
    write_frame(replies, &Reply::Opened(opened))?;
    while let Ok(request) = requests.recv() {
        match request {
            Request::Analyse { pages } => {
                for number in pages {
                    let outcome = analyse(document, number);
                    write_frame(replies, &Reply::Page { number, outcome })?;
                }
                write_frame(replies, &Reply::Finished { memory: resident() })?;
            }
            Request::View {
                number,
                width,
                height,
            } => {
                let view = document
                    .draw(number, width, height)
                    .map(|picture| View {
                        width: picture.width,
                        height: picture.height,
                        rgba: picture.rgba,
                    })
                    .map_err(|error| refuse_page(&error));
                write_frame(replies, &Reply::View(view))?;
            }
            other => return Ok(Some(other)),
        }
    }
    Ok(None)
}

/// Draws a page once and measures it.
fn analyse(document: &dyn OpenDocument, number: u32) -> Result<Analysed, Refusal> {
    let started = Instant::now();
    let shape = document.shape(number).map_err(|e| refuse_page(&e))?;
    let (width, height) = fit(shape, THUMBNAIL_SIDE);
    let picture = document
        .draw(number, width, height)
        .map_err(|e| refuse_page(&e))?;
    let text = document.text(number).map_err(|e| refuse_page(&e))?;
    let thumbnail = encode_thumbnail(&picture)
        .map_err(|error| Refusal::new(FailureKind::EngineFailed, error))?;
    let counts = count_text(&text);
    Ok(Analysed {
        measurements: Measurements {
            ink: ink_share(&picture),
            characters: counts.characters,
            words: counts.words,
            engine: document.engine(),
            micros: u32::try_from(started.elapsed().as_micros()).unwrap_or(u32::MAX),
        },
        text,
        thumbnail,
    })
}

/// Reads a source whole, within the limit, and hashes it.
fn read_source(opening: &Opening) -> Result<(Vec<u8>, ContentHash), Refusal> {
    let bytes = match &opening.source {
        Source::File(path) => read_file(path, opening.largest)?,
        Source::ArchiveEntry { archive, entry } => {
            archive::read_entry(archive, entry, opening.largest)?
        }
    };
    if bytes.is_empty() {
        return Err(Refusal::new(FailureKind::EmptyFile, ""));
    }
    let hash = ContentHash(*blake3::hash(&bytes).as_bytes());
    if opening.expected.is_some_and(|expected| expected != hash) {
        return Err(Refusal::new(FailureKind::Changed, ""));
    }
    Ok((bytes, hash))
}

fn refuse_page(error: &PageError) -> Refusal {
    Refusal::new(FailureKind::EngineFailed, error)
}

fn no_document() -> Refusal {
    Refusal::new(FailureKind::EngineFailed, "no document is open")
}

/// Memory that this process holds, in bytes; 0 where the system does not say.
fn resident() -> u64 {
    /// Linux on the machines that matter here; a wrong size only shifts when a
    /// worker is replaced.
    const PAGE: u64 = 4096;
    std::fs::read_to_string("/proc/self/statm")
        .ok()
        .and_then(|statm| statm.split_whitespace().nth(1)?.parse::<u64>().ok())
        .map_or(0, |pages| pages * PAGE)
}
