//! Extraction in the worker: documents parsed once for all parts that need them,
//! and parts written where the host says. Not for what a part holds
//! (`pdf::extract`).

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use super::child::read_source;
use super::handing::Inbox;
use super::protocol::{
    Bookmark, Extracted, Extraction, PartOrder, PartSource, Refusal, Reply, Splittable,
};
use super::{WorkerLimits, fence};
use crate::model::{ContentHash, FailureKind, PageProof};
use crate::pdf::extract::{ExtractError, Original, Part, PartOptions, PartPage, Stamp, assemble};
use crate::pdf::proof::{Shown, ShownPage, prove};
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
            let stamps = self.stamps(part, &mut report)?;
            fence::allow(limits.memory, limits.memory, limits.open_deadline);
            let made = self.part(part, extraction.drop_signatures, stamps, &mut content);
            let proved = extraction.prove && part.file.is_some() && made.is_ok();
            if proved {
                // Opening takes its time from that of the part, not of its first page.
                self.open_sources(part);
            }
            report(Reply::Part(made))?;
            if proved {
                let bytes = Arc::new(self.without_numbers(part, extraction, content));
                self.prove(part, &bytes, &mut report)?;
                content = Arc::try_unwrap(bytes).unwrap_or_default();
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

    /// Compares each page of a part with its source.
    fn prove(
        &self,
        order: &PartOrder,
        bytes: &Arc<Vec<u8>>,
        report: &mut impl FnMut(Reply) -> io::Result<()>,
    ) -> io::Result<()> {
        let pages = u32::try_from(order.pages.len()).unwrap_or(u32::MAX);
        let part = Shown::new(self.engines, Arc::clone(bytes), &[], pages);
        for (&(source, page, turn), number) in order.pages.iter().zip(1..) {
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
                    let after = ShownPage {
                        file: &part,
                        number,
                    };
                    prove(&named.opening.engines, before, after, turn)
                }
                // A part of it could not have been made.
                None => PageProof::Unknown("its source cannot be opened".into()),
            };
            report(Reply::PageProof(proof))?;
        }
        Ok(())
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
    fn parse(&self, source: &PartSource, file: File) -> Result<Source, Refusal> {
        let (bytes, _) = read_source(&source.opening, file)?;
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
        drop_signatures: bool,
        stamps: Vec<Stamp>,
        content: &mut Vec<u8>,
    ) -> Result<Extracted, Refusal> {
        let part = self.lay_out(order, drop_signatures, stamps)?;
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

    fn lay_out(
        &self,
        order: &PartOrder,
        drop_signatures: bool,
        stamps: Vec<Stamp>,
    ) -> Result<Part<'_>, Refusal> {
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
        let options = PartOptions {
            title: order.title.clone(),
            drop_signatures,
            stamps,
        };
        assemble(&originals, &pages, &options).map_err(|error| refuse(&error))
    }

    /// The bytes of a part as they would be without numbers, which is what can be compared
    /// with its sources. `content` is those of the part.
    fn without_numbers(
        &self,
        order: &PartOrder,
        extraction: &Extraction,
        content: Vec<u8>,
    ) -> Vec<u8> {
        if order.numbers.is_empty() {
            return content;
        }
        let mut plain = Vec::with_capacity(content.len());
        let part = self.lay_out(order, extraction.drop_signatures, Vec::new());
        // It was laid out before; writing to memory cannot fail.
        let written = part.map(|part| part.layout.write(&mut plain));
        debug_assert!(matches!(written, Ok(Ok(()))));
        plain
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
                let shown = self
                    .parsed
                    .get(source as usize)
                    .and_then(|(named, source)| {
                        let engine = named.opening.engines.first()?;
                        source.as_ref().ok()?.shown.by(*engine)
                    });
                corner = shown.and_then(|file| free_corner(&file, page, turn, number));
                report(Reply::Placed)?;
            }
            stamps.push(Stamp {
                words: number.clone(),
                corner: corner.unwrap_or_default(),
            });
        }
        Ok(stamps)
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
