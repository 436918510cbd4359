//! Extraction in the worker: documents parsed once for all parts that need them,
//! and parts written where the host says. Not for what a part holds
//! (`pdf::extract`).

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use super::archive::EntryReader;
use super::child::read_source;
use super::handing::Inbox;
use super::protocol::{
    Bookmark, Extracted, Extraction, PartOrder, PartSource, Refusal, Reply, Splittable,
};
use super::{WorkerLimits, fence};
use crate::model::words::beside_own;
use crate::model::{ContentHash, FailureKind, PageProof, Word};
use crate::pdf::extract::{ExtractError, Original, Part, PartOptions, PartPage, Stamp, assemble};
use crate::pdf::proof::{Shown, ShownPage, prove, prove_look};
use crate::pdf::{Engines, OpenFile, free_corner};

/// What the open document has for splitting.
pub fn splittable(file: &OpenFile) -> Result<Splittable, Refusal> {
    let original = Original::read(Arc::clone(file.bytes()), file.password(), file.page_count())
        .map_err(|error| refuse(&error))?;
    let bookmarks = original.outline().iter().filter_map(|entry| {
        Some(Bookmark {
            level: entry.level,
            title: entry.title.clone(),
            page: entry.page?,
        })
    });
    Ok(Splittable {
        bookmarks: bookmarks.collect(),
        label_restarts: original.label_restarts(),
        signed: original.is_signed(),
    })
}

/// Room for a part that is kept for the next, at most, in bytes.
const LARGEST_KEPT: usize = 64 << 20;

/// The documents that the last request needed, kept for the next.
pub struct Originals {
    /// The directory for parts, if there is one.
    output: Option<PathBuf>,
    /// Those that prove parts.
    engines: Engines,
    limits: WorkerLimits,
    entries: EntryReader,
    /// What is named twice is parsed once.
    parsed: Vec<(PartSource, Result<Rc<Source>, Refusal>)>,
    /// The part that is written; kept, for asking the system for memory anew
    /// takes longer than filling it.
    content: Vec<u8>,
}

/// A document as pages are taken from it, and as it is shown.
struct Source {
    original: Original,
    /// Opened by an engine when it is first to be drawn.
    shown: Shown,
}

impl Originals {
    /// None yet.
    pub fn new(output: Option<PathBuf>, engines: Engines, limits: WorkerLimits) -> Self {
        Self {
            output,
            engines,
            limits,
            entries: EntryReader::default(),
            parsed: Vec::new(),
            content: Vec::new(),
        }
    }

    /// Gives up what is kept.
    pub fn forget(&mut self) {
        self.parsed.clear();
    }

    /// Lays out the parts, writes those that have a file, proves them if that is
    /// wanted, and answers for each by `report`.
    pub fn extract(
        &mut self,
        extraction: &Extraction,
        inbox: &Inbox,
        mut report: impl FnMut(Reply) -> io::Result<()>,
    ) -> io::Result<()> {
        let known = self.parsed.iter().map(|(source, _)| source);
        let is_known = known.eq(&extraction.originals);
        if !is_known {
            // Before the new ones: there may not be room for both.
            self.parsed.clear();
        }
        for source in &extraction.originals {
            let file = inbox.file();
            if !is_known {
                let mut known = self.parsed.iter();
                let same = known.find(|(known, _)| known.is_same_document(source));
                let parsed = match same {
                    Some((_, parsed)) => parsed.clone(),
                    None => file.and_then(|file| self.parse(source, file)).map(Rc::new),
                };
                self.parsed.push((source.clone(), parsed));
            }
        }
        for part in &extraction.parts {
            let limits = self.limits;
            fence::allow(limits.memory, limits.memory, limits.open_deadline);
            let mut content = std::mem::take(&mut self.content);
            content.clear();
            let options = PartOptions {
                title: part.title.clone(),
                drop_signatures: extraction.drop_signatures,
                stamps: self.stamps(part, &mut report)?,
                layers: self.layers(part, &mut report)?,
            };
            fence::allow(limits.memory, limits.memory, limits.open_deadline);
            let made = self.part(part, &options, &mut content);
            let proved = extraction.prove && part.file.is_some() && made.is_ok();
            if proved {
                // Opening takes its time from that of the part, not of its first page.
                self.open_sources(part);
            }
            report(Reply::Part(made))?;
            if proved {
                content = self.prove(part, options, content, &mut report)?;
            }
            if content.capacity() <= LARGEST_KEPT {
                self.content = content;
            }
        }
        Ok(())
    }

    fn open_sources(&self, order: &PartOrder) {
        for &(source, ..) in &order.pages {
            if let Some((named, Ok(source))) = self.parsed.get(source as usize)
                && let Some(&first) = named.opening.engines.first()
            {
                source.shown.by(first);
            }
        }
    }

    /// Compares each page of a part with its source: without what is put over pages all that
    /// it paints and says, and with a text layer what it looks like. `content` is that of the
    /// part; returns what has its room.
    fn prove(
        &self,
        order: &PartOrder,
        mut options: PartOptions,
        content: Vec<u8>,
        report: &mut impl FnMut(Reply) -> io::Result<()>,
    ) -> io::Result<Vec<u8>> {
        let layers = std::mem::take(&mut options.layers);
        let stamps = std::mem::take(&mut options.stamps);
        let bytes = match layers.is_empty() && stamps.is_empty() {
            true => content,
            false => self.laid_out(order, &options),
        };
        let bytes = Arc::new(bytes);
        let pages = u32::try_from(order.pages.len()).unwrap_or(u32::MAX);
        let shown = |bytes| Shown::new(self.engines, bytes, &[], pages);
        let part = shown(Arc::clone(&bytes));
        let is_layered = |at: usize| layers.get(at).is_some_and(|words| !words.is_empty());
        let layered: Vec<bool> = (0..order.pages.len()).map(is_layered).collect();
        options.layers = layers;
        let with_layers = layered
            .contains(&true)
            .then(|| shown(Arc::new(self.laid_out(order, &options))));
        for ((&(source, page, turn), number), layered) in order.pages.iter().zip(1..).zip(layered) {
            let source = self.parsed.get(source as usize);
            let shown =
                source.and_then(|(named, source)| Some((named, &source.as_ref().ok()?.shown)));
            let proof = match shown {
                Some((named, shown)) => {
                    let limits = self.limits;
                    fence::allow(limits.memory, limits.memory, 2 * limits.page_deadline);
                    let before = ShownPage {
                        file: shown,
                        number: page,
                    };
                    let of = |file| ShownPage { file, number };
                    let engines = &named.opening.engines;
                    let layered = with_layers.as_ref().filter(|_| layered);
                    match prove(engines, before, of(&part), turn) {
                        PageProof::Same => layered.map_or(PageProof::Same, |layered| {
                            prove_look(engines, before, of(layered), turn)
                        }),
                        other => other,
                    }
                }
                // A part of it could not have been made.
                None => PageProof::Unknown("its source cannot be opened".into()),
            };
            report(Reply::PageProof(proof))?;
        }
        drop(part);
        Ok(Arc::try_unwrap(bytes).unwrap_or_default())
    }

    /// Writes a file that must be new. A half one does not stay.
    fn write_new(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let Some(output) = &self.output else {
            return Err(io::ErrorKind::PermissionDenied.into());
        };
        let path = output.join(name);
        let mut file = File::create_new(&path)?;
        file.write_all(content).inspect_err(|_| {
            // The host removes the directory around it anyway.
            let _ = std::fs::remove_file(&path);
        })
    }

    /// Reads and parses a document with the first password that opens it.
    fn parse(&mut self, source: &PartSource, file: File) -> Result<Source, Refusal> {
        let (bytes, _) = read_source(&source.opening, file, &mut self.entries)?;
        let bytes = Arc::new(bytes);
        let known = &source.opening.passwords;
        let passwords = known.iter().map(|password| Some(password.as_str()));
        let mut refusal = ExtractError::Locked;
        for password in [None].into_iter().chain(passwords) {
            match Original::read(Arc::clone(&bytes), password, source.pages) {
                Err(ExtractError::Locked) => {}
                // With another password it may look broken.
                Err(error) if refusal == ExtractError::Locked => refusal = error,
                Err(_) => {}
                Ok(original) => {
                    let shown = Shown::new(self.engines, bytes, known, source.pages);
                    return Ok(Source { original, shown });
                }
            }
        }
        Err(refuse(&refusal))
    }

    fn part(
        &self,
        order: &PartOrder,
        options: &PartOptions,
        content: &mut Vec<u8>,
    ) -> Result<Extracted, Refusal> {
        let part = self.lay_out(order, options)?;
        let bytes = part.layout.length();
        let hash = match &order.file {
            None => None,
            Some(file) => {
                content.reserve(usize::try_from(bytes).unwrap_or(0));
                part.layout
                    .write(content)
                    .and_then(|()| self.write_new(file, content))
                    .map_err(|error| refuse_to_write(&error))?;
                Some(ContentHash(*blake3::hash(content).as_bytes()))
            }
        };
        Ok(Extracted {
            bytes,
            hash,
            remarks: part.remarks,
        })
    }

    fn lay_out(&self, order: &PartOrder, options: &PartOptions) -> Result<Part<'_>, Refusal> {
        let mut originals = Vec::with_capacity(self.parsed.len());
        for (_, source) in &self.parsed {
            originals.push(&source.as_ref().map_err(Clone::clone)?.original);
        }
        let pages = order.pages.iter().map(|&(source, number, turn)| PartPage {
            source: source as usize,
            number,
            turn,
        });
        let pages: Vec<PartPage> = pages.collect();
        assemble(&originals, &pages, options).map_err(|error| refuse(&error))
    }

    /// The bytes of a part that was laid out before, with less put over its pages.
    fn laid_out(&self, order: &PartOrder, options: &PartOptions) -> Vec<u8> {
        let mut bytes = Vec::new();
        let part = self.lay_out(order, options);
        // It was laid out before; writing to memory cannot fail.
        let written = part.map(|part| part.layout.write(&mut bytes));
        debug_assert!(matches!(written, Ok(Ok(()))));
        bytes
    }

    /// The numbers of a part's pages, each in the first corner in which nothing stands, where
    /// that is wanted.
    fn stamps(
        &self,
        order: &PartOrder,
        report: &mut impl FnMut(Reply) -> io::Result<()>,
    ) -> io::Result<Vec<Stamp>> {
        let mut stamps = Vec::with_capacity(order.numbers.len());
        for (&(source, page, turn), number) in order.pages.iter().zip(&order.numbers) {
            let mut corner = None;
            if order.in_free_corners {
                let limits = self.limits;
                fence::allow(limits.memory, limits.memory, limits.page_deadline);
                corner = self
                    .shown(source)
                    .and_then(|file| free_corner(&file, page, turn, number));
                report(Reply::Placed)?;
            }
            stamps.push(Stamp {
                words: number.clone(),
                corner: corner.unwrap_or_default(),
            });
        }
        Ok(stamps)
    }

    /// The words that are put over a part's pages.
    fn layers(
        &self,
        order: &PartOrder,
        report: &mut impl FnMut(Reply) -> io::Result<()>,
    ) -> io::Result<Vec<Vec<Word>>> {
        let mut layers = Vec::with_capacity(order.layers.len());
        for (&(source, page, _), layer) in order.pages.iter().zip(&order.layers) {
            let mut words = layer.words.clone();
            if layer.beside_own {
                let limits = self.limits;
                fence::allow(limits.memory, limits.memory, limits.page_deadline);
                let own = self.shown(source).and_then(|file| file.words(page));
                words = beside_own(&own.unwrap_or_default(), words);
                report(Reply::Placed)?;
            }
            layers.push(words);
        }
        // As if there were none: the part is the same.
        if layers.iter().all(Vec::is_empty) {
            layers.clear();
        }
        Ok(layers)
    }

    /// A document of the part as its first engine shows it; none where that cannot.
    fn shown(&self, source: u32) -> Option<Rc<OpenFile>> {
        let (named, source) = self.parsed.get(source as usize)?;
        let engine = named.opening.engines.first()?;
        source.as_ref().ok()?.shown.by(*engine)
    }
}

pub(super) fn refuse(error: &ExtractError) -> Refusal {
    let kind = match error {
        ExtractError::Locked => FailureKind::NeedsPassword,
        ExtractError::Signed => FailureKind::Signed,
        ExtractError::NoPages => FailureKind::NoPages,
        ExtractError::Unreadable(_)
        | ExtractError::OtherPages { .. }
        | ExtractError::Lost { .. }
        | ExtractError::NoSuchPage(_) => FailureKind::Damaged,
    };
    Refusal::new(kind, error)
}

fn refuse_to_write(error: &io::Error) -> Refusal {
    let kind = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => FailureKind::DestinationFull,
        _ => FailureKind::CannotWrite,
    };
    Refusal::by_system(kind, error)
}
