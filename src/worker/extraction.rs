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
    Bookmark, Extracted, Extraction, PartOrder, PartSource, Refusal, Splittable,
};
use crate::model::{ContentHash, FailureKind};
use crate::pdf::OpenFile;
use crate::pdf::extract::{ExtractError, Original, PartOptions, PartPage, assemble};

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
    parsed: Vec<(PartSource, Result<Rc<Original>, Refusal>)>,
    /// The part that is written; kept, for asking the system for memory anew
    /// takes longer than filling it.
    content: Vec<u8>,
}

impl Originals {
    /// None yet.
    pub fn new(output: Option<PathBuf>) -> Self {
        Self {
            output,
            parsed: Vec::new(),
            content: Vec::new(),
        }
    }

    /// Gives up what is kept.
    pub fn forget(&mut self) {
        self.parsed.clear();
    }

    /// Lays out the parts, writes those that have a file, and gives each to
    /// `report` in order.
    pub fn extract(
        &mut self,
        extraction: &Extraction,
        inbox: &Inbox,
        mut report: impl FnMut(Result<Extracted, Refusal>) -> io::Result<()>,
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
                    Some((_, original)) => original.clone(),
                    None => file.and_then(|file| parse(source, file)).map(Rc::new),
                };
                self.parsed.push((source.clone(), parsed));
            }
        }
        for part in &extraction.parts {
            let mut content = std::mem::take(&mut self.content);
            content.clear();
            report(self.part(part, extraction.drop_signatures, &mut content))?;
            if content.capacity() <= LARGEST_KEPT {
                self.content = content;
            }
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

    fn part(
        &self,
        order: &PartOrder,
        drop_signatures: bool,
        content: &mut Vec<u8>,
    ) -> Result<Extracted, Refusal> {
        let mut originals = Vec::with_capacity(self.parsed.len());
        for (_, original) in &self.parsed {
            originals.push(&**original.as_ref().map_err(Clone::clone)?);
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
        };
        let part = assemble(&originals, &pages, &options).map_err(|error| refuse(&error))?;
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
}

/// Reads and parses a document with the first password that opens it.
fn parse(source: &PartSource, file: File) -> Result<Original, Refusal> {
    let (bytes, _) = read_source(&source.opening, file)?;
    let bytes = Arc::new(bytes);
    let passwords = source.opening.passwords.iter().map(|p| Some(p.as_str()));
    let mut refusal = ExtractError::Locked;
    for password in [None].into_iter().chain(passwords) {
        match Original::read(Arc::clone(&bytes), password, source.pages) {
            Err(ExtractError::Locked) => {}
            // With another password it may look broken.
            Err(error) if refusal == ExtractError::Locked => refusal = error,
            Err(_) => {}
            Ok(original) => return Ok(original),
        }
    }
    Err(refuse(&refusal))
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
