//! The worker's own loop: requests from standard input, answers to standard
//! output, one document open at a time. A page that panics or overflows ends
//! the process; the host sees that, and it is the one way in which a bad page
//! is told from a good one.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use super::archive::EntryReader;
use super::bounds;
use super::extraction::{Originals, splittable};
use super::fence::{Bounds, Fence};
use super::file::read_file;
use super::handing::Inbox;
use super::protocol::{
    Analysed, Description, FileInto, Opened, Opening, PackedLook, Refusal, Reply, Request, View,
    write_frame, write_version,
};
use super::signature::{self, Container, container, has_pdf_header, joined_pdfs};
use super::{WorkerLimits, archive, fence, page_file};
use crate::analysis::{self, CloseLook, Depth, count_text, encode_thumbnail};
use crate::model::{
    Barcode, ContentHash, DocumentDetails, FailureKind, Look, Measurements, PageFingerprint, Source,
};
use crate::pdf::{Engines, OpenError, OpenFile, PageError, PdfiumLibrary, inspect};
use crate::scratch::WorkerSlot;

/// Deeply nested but honest files need more stack than the usual 2 MiB.
const STACK: usize = 64 << 20;

/// What a worker process is given besides its limits.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// Its directory in scratch; holding its lock proves that it lives.
    pub slot: Option<PathBuf>,
    /// PDFium's library, where there is one.
    pub pdfium: Option<PathBuf>,
    /// The directory that it writes parts to, where it may.
    pub output: Option<PathBuf>,
}

/// Loads the engines, raises the fence, then reads requests and answers them until the
/// host closes its standard input. All threads are started behind the fence. Of the limits, those that hold within the process count here.
pub fn run(place: Place, limits: WorkerLimits) -> ExitCode {
    fence::close_inherited();
    if let Err(error) = write_version(&mut io::stdout().lock()) {
        eprintln!("the host cannot be told anything: {error}");
        return ExitCode::FAILURE;
    }
    let held = place.slot.as_deref().map(WorkerSlot::hold).transpose();
    let _held = match held {
        Ok(held) => held,
        Err(error) => {
            eprintln!("the worker's slot cannot be held: {error}");
            return ExitCode::FAILURE;
        }
    };
    // A library that starts threads of its own would do so before the fence; none does.
    let library = place.pdfium.as_deref().map(PdfiumLibrary::load).transpose();
    let fence = fence::raise(Bounds {
        own: place.slot.as_deref().map(WorkerSlot::work_dir_of),
        output: place.output.clone(),
        memory: limits.memory,
    });
    let description = Description {
        pdfium_problem: library.as_ref().err().map(ToString::to_string),
        fence: fence.rules(),
    };
    let serving = thread::Builder::new()
        .name("engine".into())
        .stack_size(STACK)
        .spawn(move || {
            let engines = Engines {
                pdfium: library.ok().flatten().map(PdfiumLibrary::engine),
            };
            let inbox = Inbox::open()?;
            let replies = &mut io::stdout().lock();
            serve(
                engines,
                place.output,
                limits,
                &fence,
                &description,
                &inbox,
                replies,
            )
        });
    match serving.map(thread::JoinHandle::join) {
        Ok(Ok(Ok(()))) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// Answers requests until there are no more.
fn serve(
    engines: Engines,
    output: Option<PathBuf>,
    limits: WorkerLimits,
    fence: &Fence,
    description: &Description,
    inbox: &Inbox,
    replies: &mut impl Write,
) -> io::Result<()> {
    let mut open: Option<OpenFile> = None;
    let mut originals = Originals::new(output.clone(), engines, limits);
    let mut entries = EntryReader::default();
    while let Some(request) = inbox.next() {
        let longest = request.longest_answer();
        let mut answer = |reply: &Reply| write_frame(replies, reply, longest);
        match request {
            Request::Describe => {
                let here = fence.rules();
                let described = Description {
                    fence: fence::in_force_for_both(&description.fence, here),
                    ..description.clone()
                };
                answer(&Reply::Described(described))?;
            }
            Request::Open(opening) => {
                // Two large documents at once may be more than there is room for.
                drop(open.take());
                originals.forget();
                let file = inbox.file();
                let length = file.as_ref().ok().and_then(|file| file.metadata().ok());
                let bytes = length.map_or(0, |metadata| metadata.len());
                let time = limits.open_deadline_for(bytes);
                fence::allow(limits.memory, limits.memory, time);
                let opened =
                    file.and_then(|file| open_document(engines, &opening, file, &mut entries));
                let reply = match opened {
                    Ok((file, opened)) => {
                        open = Some(file);
                        Ok(opened)
                    }
                    Err(refusal) => Err(refusal),
                };
                answer(&Reply::Opened(reply))?;
            }
            Request::Analyse { pages } => {
                for number in pages {
                    let outcome = opened(&open).and_then(|file| {
                        allow(file, number, limits);
                        analyse(file, number).map(Box::new)
                    });
                    answer(&Reply::Page { number, outcome })?;
                }
                answer(&Reply::Finished { memory: resident() })?;
            }
            Request::View {
                number,
                width,
                height,
            } => {
                let view = opened(&open).and_then(|file| {
                    allow(file, number, limits);
                    view(file, number, width, height)
                });
                answer(&Reply::View(view))?;
            }
            Request::CloseLook {
                number,
                scale,
                turned,
            } => {
                let look = opened(&open).and_then(|file| {
                    allow(file, number, limits);
                    close_look(file, number, (scale, turned))
                });
                answer(&Reply::CloseLook(look))?;
            }
            Request::Inspect => {
                fence::allow(limits.memory, limits.memory, limits.open_deadline);
                let details = opened(&open).map(|file| Box::new(inspect_file(file)));
                answer(&Reply::Inspected(details))?;
            }
            Request::ListAttached {
                within,
                limits: most,
            } => {
                fence::allow(limits.memory, limits.memory, limits.open_deadline);
                let listing = opened(&open).and_then(|file| {
                    archive::list_attached(file.bytes(), file.password(), &within, most)
                });
                answer(&Reply::Listing(listing))?;
            }
            Request::Barcodes { pages } => {
                for number in pages {
                    let outcome = opened(&open).and_then(|file| {
                        allow(file, number, limits);
                        read_barcodes(file, number)
                    });
                    answer(&Reply::Barcodes { number, outcome })?;
                }
                answer(&Reply::Finished { memory: resident() })?;
            }
            Request::TopLines { pages } => {
                for number in pages {
                    let line = opened(&open).ok().and_then(|file| {
                        allow(file, number, limits);
                        top_line(file, number)
                    });
                    answer(&Reply::TopLine { number, line })?;
                }
                answer(&Reply::Finished { memory: resident() })?;
            }
            Request::Splittable => {
                fence::allow(limits.memory, limits.memory, limits.open_deadline);
                let reply = opened(&open).and_then(splittable);
                answer(&Reply::Splittable(reply))?;
            }
            Request::Extract(extraction) => {
                drop(open.take());
                let allow = || fence::allow(limits.memory, limits.memory, limits.open_deadline);
                allow();
                originals.extract(&extraction, inbox, |reply| {
                    // Each part has its own time.
                    allow();
                    answer(&reply)
                })?;
                answer(&Reply::Finished { memory: resident() })?;
            }
            Request::File(order) => {
                let written = opened(&open).and_then(|file| {
                    allow(file, order.page.max(1), limits);
                    // A worker that writes parts may write files of any size.
                    if order.into == FileInto::Own {
                        fence::allow_files(order.most);
                    }
                    page_file::write(file, &order, output.as_deref())
                });
                if output.is_none() {
                    fence::allow_files(0);
                }
                answer(&Reply::File(written))?;
            }
            Request::List { limits, .. } => {
                drop(open.take());
                let listing = inbox.file().and_then(|file| archive::list(file, limits));
                answer(&Reply::Listing(listing))?;
            }
        }
    }
    Ok(())
}

/// Lets the process use what a page may need.
fn allow(file: &OpenFile, number: u32, limits: WorkerLimits) {
    let shape = file.shape(number);
    let memory = fence::page_memory(shape, file.bytes().len() as u64);
    // The host's deadline comes first; this one is for when it sleeps.
    fence::allow(memory, limits.memory, 2 * limits.deadline_for(shape));
}

fn opened(open: &Option<OpenFile>) -> Result<&OpenFile, Refusal> {
    open.as_ref()
        .ok_or_else(|| Refusal::new(FailureKind::EngineFailed, "no document is open"))
}

/// Reads a document and opens it.
fn open_document(
    engines: Engines,
    opening: &Opening,
    file: File,
    entries: &mut EntryReader,
) -> Result<(OpenFile, Opened), Refusal> {
    let (bytes, hash) = read_source(opening, file, entries)?;
    check_is_one_document(&bytes)?;
    let bytes = Arc::new(bytes);
    let file = engines
        .open(&opening.engines, Arc::clone(&bytes), &opening.passwords)
        .map_err(|error| match error {
            OpenError::NeedsPassword => Refusal::new(FailureKind::NeedsPassword, ""),
            OpenError::UnsupportedEncryption(what) => {
                Refusal::new(FailureKind::UnsupportedEncryption, what)
            }
            OpenError::Damaged if !has_pdf_header(&bytes) => {
                let start = &bytes[..bytes.len().min(signature::ENOUGH)];
                Refusal::new(FailureKind::NotPdf, signature::other_kind(start))
            }
            OpenError::Damaged => Refusal::new(FailureKind::Damaged, ""),
            OpenError::NoEngine => Refusal::new(FailureKind::EngineFailed, error),
        })?;
    if file.page_count() == 0 {
        return Err(Refusal::new(FailureKind::NoPages, ""));
    }
    bounds::check_pages(file.page_count().into(), bytes.len() as u64)?;
    let opened = Opened {
        hash,
        bytes: bytes.len() as u64,
        encrypted: file.password().is_some(),
        shapes: (1..=file.page_count())
            .map(|number| file.shape(number))
            .collect(),
    };
    Ok((file, opened))
}

/// Engines look for a PDF in whatever they are given, and show one of several.
fn check_is_one_document(bytes: &[u8]) -> Result<(), Refusal> {
    // Its name was looked at when it was taken in.
    match container("", bytes) {
        Some(Container::Foreign(words)) => return Err(Refusal::new(FailureKind::NotPdf, words)),
        Some(Container::Zip) => {
            let words = "it is a ZIP archive; unpack it first";
            return Err(Refusal::new(FailureKind::NotPdf, words));
        }
        None => {}
    }
    match joined_pdfs(bytes).len() {
        0 | 1 => Ok(()),
        count => Err(Refusal::new(
            FailureKind::SeveralPdfs,
            format!("{count} PDFs"),
        )),
    }
}

fn view(file: &OpenFile, number: u32, width: u16, height: u16) -> Result<View, Refusal> {
    let picture = file
        .draw(number, width, height)
        .map_err(|error| refuse_page(&error))?
        .picture;
    Ok(View {
        width: picture.width,
        height: picture.height,
        rgba: picture.rgba,
        words: file.words(number).unwrap_or_default(),
    })
}

fn close_look(file: &OpenFile, number: u32, lying: (f32, bool)) -> Result<PackedLook, Refusal> {
    let shape = file.shape(number);
    let sheet = file.sheet(number, analysis::sheet_size(shape));
    let sheet = sheet.map_err(|error| refuse_page(&error))?.picture;
    let look = CloseLook::of(&sheet, shape, lying);
    Ok(PackedLook {
        ink: analysis::pack(&look.ink),
        traces: analysis::pack(&look.traces),
        dirt: analysis::pack(&look.dirt),
        strokes: look.strokes,
    })
}

/// Inspects a file, with the number of pages that each engine sees.
fn inspect_file(file: &OpenFile) -> DocumentDetails {
    let mut details = inspect(file.bytes(), file.password());
    let counts = file.page_counts();
    let counts = counts
        .into_iter()
        .map(|(engine, pages)| (engine.as_str().to_owned(), pages));
    details.page_counts.extend(counts);
    details
}

/// Draws a page once, as large as it needs, and measures it. Only a page that
/// shows a likely barcode when drawn small is drawn again.
fn analyse(file: &OpenFile, number: u32) -> Result<Analysed, Refusal> {
    let started = Instant::now();
    let shape = file.shape(number);
    let page = file.contents(number);
    let contents = page.as_ref().map(|page| &page.contents);
    let has_text = contents.is_some() || file.has_text(number);
    let depth = analysis::depth(contents, has_text);
    let hash = page.as_ref().and_then(|page| page.hash);
    let most_text = bounds::page_text(file.bytes().len() as u64, file.page_count());
    let read = |engine| {
        let mut text = file.text(number, engine).map_err(|e| refuse_page(&e))?;
        let is_cut = bounds::cut(&mut text, most_text);
        Ok::<_, Refusal>((text, is_cut))
    };
    let (mut measured, text, is_cut, engine, disagreement);
    match depth {
        Depth::Drawn => {
            let (width, height) = analysis::size(shape, depth);
            let drawn = file.draw(number, width, height);
            let drawn = drawn.map_err(|error| refuse_page(&error))?;
            (engine, disagreement) = (drawn.engine, drawn.disagreement);
            (text, is_cut) = read(engine)?;
            measured = analysis::measure(drawn.picture, shape, page, &text);
        }
        Depth::Scanned => {
            let first = contents.and_then(|contents| analysis::first_look_size(shape, contents));
            let quick = first.and_then(|size| file.quick_sheet(number, size));
            let whole = || file.sheet(number, analysis::sheet_size(shape));
            let drawn = quick.map_or_else(whole, Ok);
            let drawn = drawn.map_err(|error| refuse_page(&error))?;
            (engine, disagreement) = (drawn.engine, drawn.disagreement);
            (text, is_cut) = read(engine)?;
            let draw = || Ok(whole()?.picture);
            let found = analysis::measure_sheet(&drawn.picture, shape, page, &text, draw);
            measured = found.map_err(|error| refuse_page(&error))?;
        }
    }
    let is_bare = measured.signals.marks.is_some_and(|marks| marks.body == 0);
    let undrawn = file.undrawn(number, engine, is_bare);
    if let Some(contents) = measured.signals.contents.as_mut() {
        contents.undrawn_parts.extend(undrawn);
        contents.empty &= contents.undrawn_parts.is_empty();
    }
    if measured.may_hold_barcodes {
        measured.signals.barcodes = Some(read_barcodes(file, number)?);
    }
    if let Some(codes) = &mut measured.signals.barcodes {
        bounds::limit_barcodes(codes);
    }
    measured.signals.text.cut = is_cut;
    let thumbnail = encode_thumbnail(&measured.thumbnail)
        .map_err(|error| Refusal::new(FailureKind::EngineFailed, error))?;
    let counts = count_text(&text);
    // What people wrote upon the page is found as well, and is no text of the page.
    let text = with_notes(text, &file.notes(number), most_text);
    let analysed = Analysed {
        measurements: Measurements {
            ink: measured.ink,
            characters: counts.characters,
            words: counts.words,
            engine,
            disagreement,
            micros: u32::try_from(started.elapsed().as_micros()).unwrap_or(u32::MAX),
            signals: measured.signals,
        },
        text,
        thumbnail,
        fingerprint: PageFingerprint {
            content: hash.filter(|_| measured.has_marks).map(ContentHash),
            look: measured.fingerprint.map(|found| Look {
                hash: found.hash,
                drawn: depth == Depth::Drawn,
                ink: analysis::pack(&found.ink),
            }),
        },
    };
    bounds::check_analysed(&analysed)?;
    Ok(analysed)
}

/// The text of a page and after it what is noted upon it and is not painted, up to so many
/// bytes.
fn with_notes(mut text: String, notes: &[String], most: usize) -> String {
    let painted = text.len();
    for note in notes {
        if !text[..painted].contains(note.as_str()) {
            text.push('\n');
            text.push_str(note);
        }
    }
    bounds::cut(&mut text, most);
    text
}

/// Draws a page as large as its barcodes need, and reads them.
fn read_barcodes(file: &OpenFile, number: u32) -> Result<Vec<Barcode>, Refusal> {
    let drawn = file
        .sheet(number, analysis::sheet_size(file.shape(number)))
        .map_err(|error| refuse_page(&error))?;
    let mut codes = analysis::page_barcodes(&drawn.picture);
    bounds::limit_barcodes(&mut codes);
    Ok(codes)
}

/// What stands at the top of a page; where that cannot be told, what is painted first.
fn top_line(file: &OpenFile, number: u32) -> Option<String> {
    let words = file.words(number).unwrap_or_default();
    if let Some(line) = analysis::top_line(&words, file.shape(number)) {
        return Some(line);
    }
    let text = file.text(number, file.engine()).ok()?;
    let mut lines = text.lines().map(str::trim);
    lines.find(|line| !line.is_empty()).map(str::to_owned)
}

/// Reads a source whole, within the limit, and hashes it.
pub(super) fn read_source(
    opening: &Opening,
    file: File,
    entries: &mut EntryReader,
) -> Result<(Vec<u8>, ContentHash), Refusal> {
    let bytes = match &opening.source {
        Source::File(_) => {
            entries.forget();
            read_file(&file, opening.largest)?
        }
        Source::Within { file: path, entry } => {
            entries.read((path, file), entry, opening.largest, &opening.passwords)?
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::EngineKind;
    use proptest::prelude::*;

    /// A page with a box, a unit and a picture as the numbers say.
    fn page(corner: &[String; 4], unit: &str, matrix: &[String; 6]) -> Vec<u8> {
        let content = format!(
            "q {} cm /Im Do Q BT /F 12 Tf 20 20 Td (some words) Tj ET 1 0 0 rg 9 9 40 4 re f",
            matrix.join(" ")
        );
        format!(
            "%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
             2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
             3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[{}]/UserUnit {unit}/Contents 4 0 R\
             /Resources<</Font<</F 5 0 R>>/XObject<</Im 6 0 R>>>>>>endobj\n\
             4 0 obj<</Length {}>>stream\n{content}\nendstream endobj\n\
             5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n\
             6 0 obj<</Type/XObject/Subtype/Image/Width 2/Height 2/ColorSpace/DeviceGray\
             /BitsPerComponent 8/Length 4>>stream\nabcd\nendstream endobj\n\
             trailer<</Root 1 0 R>>\n%%EOF",
            corner.join(" "),
            content.len()
        )
        .into_bytes()
    }

    /// Numbers as hostile pages have them, and honest ones.
    fn number() -> impl Strategy<Value = String> {
        let large = format!("1{}", "0".repeat(30));
        let huge = format!("1{}", "0".repeat(310));
        let tiny = format!("0.{}1", "0".repeat(30));
        prop::sample::select(vec![
            "0".to_owned(),
            "1".into(),
            "-595".into(),
            "842".into(),
            "0.0001".into(),
            "1e5".into(),
            large,
            huge,
            tiny,
        ])
    }

    #[test]
    fn a_page_without_a_size_has_no_place_that_is_no_number() {
        let numbers = |all: &[&str]| -> Vec<String> { all.iter().map(|n| (*n).into()).collect() };
        let huge = format!("1{}", "0".repeat(310));
        let corner = numbers(&["0", &huge, "0", &huge]).try_into().unwrap();
        let matrix = numbers(&["0"; 6]).try_into().unwrap();
        let bytes = Arc::new(page(&corner, "0", &matrix));
        let file = Engines::default().open(&[EngineKind::Hayro], bytes, &[]);
        let analysed = analyse(&file.unwrap(), 1);
        if let Err(refusal) = analysed {
            assert!(!refusal.detail.contains("finite"), "{}", refusal.detail);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn whatever_numbers_a_page_states_its_measurements_can_be_kept(
            corner in prop::array::uniform4(number()),
            unit in number(),
            matrix in prop::array::uniform6(number()),
        ) {
            let bytes = Arc::new(page(&corner, &unit, &matrix));
            let engines = Engines::default();
            if let Ok(file) = engines.open(&[EngineKind::Hayro], bytes, &[]) {
                prop_assert!(file.shape(1).is_bounded());
                let analysed = analyse(&file, 1);
                // Refused is fine for what cannot be drawn; other numbers are not.
                if let Err(refusal) = analysed {
                    prop_assert!(!refusal.detail.contains("finite"), "{}", refusal.detail);
                }
            }
        }
    }
}
