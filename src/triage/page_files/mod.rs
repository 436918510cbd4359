//! Files of pages, for people and programs that want no PDF: pictures, text, and contact
//! sheets. What would be written is known before anything is, and nothing that is there is
//! ever replaced. Not for parts of documents (`split`), nor for what is known of pages
//! (`tables`).

mod forecast;
mod sheet;
mod text;
mod write;

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use super::decisions::Decisions;
use super::options::Options;
use super::split::{distinct, safe, stem};
use crate::library::{LibraryError, Reader};
use crate::model::{BatchId, Document, DocumentId, Page, PageId, PageKey, PageState, Secret};
use crate::names;
use crate::worker::Opening;
use crate::worker::page_file::is_drawn_smaller;

pub use forecast::{Concern, PagesForecast};
pub use sheet::COLUMNS;
use sheet::{Caption, Division};
pub use write::{FileOutcome, FileResult, PagesReport};

/// The resolutions that pictures can have, in dots an inch.
pub const DPI: std::ops::RangeInclusive<u16> = 36..=600;

/// Page numbers in names have at least so many digits, so that most documents sort alike.
const DIGITS: usize = 3;

/// As what pages are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageForm {
    /// A PNG of each page, with so many dots an inch.
    Pictures {
        /// One of [`DPI`].
        dpi: u16,
    },
    /// The text of each page, its own and what analysers have read on it, as UTF-8.
    Text,
    /// Many pages small on PNGs of the size of A4, each with its name and what was decided.
    Sheets {
        /// How many stand beside each other: one of [`COLUMNS`].
        columns: u8,
    },
}

impl PageForm {
    /// The ending of its files.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Pictures { .. } | Self::Sheets { .. } => "png",
            Self::Text => "txt",
        }
    }
}

/// What is to be written. Plain data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedPages {
    /// The pages, in their order.
    pub pages: Vec<PageId>,
    /// As what.
    pub form: PageForm,
    /// The folder; made where it is missing.
    pub folder: PathBuf,
}

/// A document that pages are taken from.
#[derive(Clone, Debug)]
pub struct PageSource {
    /// Its name.
    pub name: String,
    /// How it is opened.
    pub opening: Opening,
    /// It needs a password, and none is known.
    is_locked: bool,
    /// Pages that it has.
    pages: u32,
}

impl PageSource {
    /// A document of the library, and how it is opened.
    pub fn new(document: &Document, opening: Opening) -> Self {
        Self {
            name: document.name.clone(),
            is_locked: document.encrypted && opening.passwords.is_empty(),
            pages: document.pages,
            opening,
        }
    }

    /// The same, opened as these options say, by one of these passwords.
    pub fn opened_by(document: &Document, options: &Options, passwords: &[Secret]) -> Self {
        let opening = Opening {
            document: document.id,
            source: document.source.clone(),
            engines: options.engines(),
            passwords: passwords.to_vec(),
            expected: document.hash,
            largest: options.limits.largest_document,
        };
        Self::new(document, opening)
    }
}

/// A file that is written.
#[derive(Clone, Debug)]
struct PageFile {
    /// Its name, without its ending; of several with one name all but the first are numbered.
    name: String,
    /// Places of its pages among all that are written.
    pages: Range<usize>,
    /// How large it is, as nearly as that can be told.
    bytes: u64,
}

/// Pages with all that it takes to write them.
pub struct PagesExport {
    form: PageForm,
    folder: PathBuf,
    sources: HashMap<DocumentId, PageSource>,
    /// All that are written, in their order.
    pages: Vec<Arc<Page>>,
    files: Vec<PageFile>,
    /// Where pages stand together: what the sheets are called, and what each page is.
    title: String,
    captions: Vec<Caption>,
    /// Pages of which nothing is written.
    left_out: Vec<(PageId, Concern)>,
    /// Workers at a time.
    workers: usize,
}

impl PagesExport {
    /// What is to be written of a batch; `sources` are its documents, in their order. Pages
    /// that are gone are not in it.
    ///
    /// # Errors
    ///
    /// Where the library cannot be read.
    pub fn new(
        wanted: WantedPages,
        batch: BatchId,
        sources: Vec<PageSource>,
        reader: &Reader,
        workers: usize,
    ) -> Result<Self, LibraryError> {
        let asked: HashSet<PageId> = wanted.pages.iter().copied().collect();
        let pages = reader.pages(batch)?.into_iter();
        let known: HashMap<PageId, Arc<Page>> = pages
            .filter(|page| asked.contains(&page.id))
            .map(|page| (page.id, page))
            .collect();
        let names = names(&sources, &asked);
        let mut export = Self {
            form: wanted.form,
            folder: wanted.folder,
            pages: Vec::new(),
            files: Vec::new(),
            title: String::new(),
            captions: Vec::new(),
            left_out: Vec::new(),
            sources: HashMap::new(),
            workers: workers.max(1),
        };
        for source in sources {
            export.sources.insert(source.opening.document, source);
        }
        if let PageForm::Sheets { columns } = export.form {
            let pages = wanted.pages.iter().filter_map(|id| known.get(id));
            export.pages = pages.cloned().collect();
            export.lay_out(Division::new(columns), batch, reader)?;
            return Ok(export);
        }
        for id in wanted.pages {
            let (Some(page), Some((stem, digits))) = (known.get(&id), names.get(&id.document))
            else {
                continue;
            };
            let bytes = if let Some(dpi) = export.dpi(page) {
                forecast::picture_bytes(page, dpi)
            } else {
                match text::of(reader, id)? {
                    Some(text) if !text.trim().is_empty() => text.len() as u64,
                    Some(_) => {
                        export.left_out.push((id, Concern::NoText));
                        continue;
                    }
                    None => {
                        export.left_out.push((id, Concern::NotRead));
                        continue;
                    }
                }
            };
            let at = export.pages.len();
            export.pages.push(Arc::clone(page));
            export.files.push(PageFile {
                name: format!("{stem}-{:0digits$}", id.number),
                pages: at..at + 1,
                bytes,
            });
        }
        Ok(export)
    }

    /// Divides the pages among contact sheets.
    fn lay_out(
        &mut self,
        division: Division,
        batch: BatchId,
        reader: &Reader,
    ) -> Result<(), LibraryError> {
        /// Bytes of a sheet beside its pages: letters and paper.
        const OF_SHEET: u64 = 60_000;
        let named = reader.batch(batch)?;
        self.title = named.map_or_else(String::new, |named| named.batch.name);
        let decisions = Decisions::new(reader.acts(batch)?);
        self.captions = self
            .pages
            .iter()
            .map(|page| self.caption(page, &decisions))
            .collect();
        let count = self.pages.len();
        for (number, from) in (0..count).step_by(division.pages()).enumerate() {
            let pages = from..count.min(from + division.pages());
            let of_pages = self.pages[pages.clone()].iter();
            let bytes =
                of_pages.map(|page| forecast::picture_bytes(page, division.dpi(page.shape)));
            self.files.push(PageFile {
                name: format!("contact-{:0DIGITS$}", number + 1),
                bytes: bytes.sum::<u64>() + OF_SHEET,
                pages,
            });
        }
        Ok(())
    }

    /// What stands below a page on a contact sheet.
    fn caption(&self, page: &Page, decisions: &Decisions) -> Caption {
        let source = self.sources.get(&page.id.document);
        let hash = source.and_then(|source| source.opening.expected);
        let decision = hash.map(|document| {
            decisions.of(&PageKey {
                document,
                number: page.id.number,
            })
        });
        let decision = decision.unwrap_or_default();
        let ruling = decision.ruling.map(|ruling| ruling.as_str().to_owned());
        let said = [
            Some(format!("page {}", page.id.number)),
            ruling,
            decision.pile,
        ];
        let said: Vec<String> = said.into_iter().flatten().collect();
        Caption {
            name: source.map_or_else(String::new, |source| names::file(&source.name).to_owned()),
            said: said.join(" · "),
        }
    }

    /// Names of the files that are to be written, in their order.
    pub fn files(&self) -> impl Iterator<Item = String> {
        let ending = self.form.ending();
        self.files
            .iter()
            .map(move |file| format!("{}.{ending}", file.name))
    }

    /// How large the files are, in their order, in bytes and as nearly as that can be told.
    pub fn sizes(&self) -> impl Iterator<Item = u64> {
        self.files.iter().map(|file| file.bytes)
    }

    /// The resolution at which a page is drawn, in dots an inch; none where it is not.
    fn dpi(&self, page: &Page) -> Option<u16> {
        match self.form {
            PageForm::Pictures { dpi } => Some(dpi),
            PageForm::Sheets { columns } => Some(Division::new(columns).dpi(page.shape)),
            PageForm::Text => None,
        }
    }

    /// What of a page that is written deserves to be known.
    fn concern(&self, page: &Page) -> Option<Concern> {
        let dpi = self.dpi(page)?;
        let source = self.sources.get(&page.id.document);
        if source.is_none_or(|source| source.is_locked) {
            return Some(Concern::Locked);
        }
        match page.state {
            PageState::Failed => Some(Concern::Failed),
            _ if is_drawn_smaller(page.shape, dpi) => Some(Concern::Smaller),
            _ => None,
        }
    }
}

/// The name that each document gives to the files of its pages, and how many digits their
/// numbers have. Documents of one name in several folders are told apart.
fn names(sources: &[PageSource], asked: &HashSet<PageId>) -> HashMap<DocumentId, (String, usize)> {
    let documents: HashSet<DocumentId> = asked.iter().map(|page| page.document).collect();
    let named = sources.iter();
    let named = named.filter(|source| documents.contains(&source.opening.document));
    let named: Vec<&PageSource> = named.collect();
    let stems = named.iter().map(|source| safe(&stem(&source.name)));
    let stems = distinct(stems.collect()).into_iter();
    let digits = |source: &PageSource| source.pages.to_string().len().max(DIGITS);
    named
        .iter()
        .zip(stems)
        .map(|(source, stem)| (source.opening.document, (stem, digits(source))))
        .collect()
}
