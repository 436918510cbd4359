//! Which pages of an export get a text layer: those whose text has to be recognised and of
//! which an analyser knows where words stand. Not for what a layer is (`pdf::extract`), nor
//! for recognising.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::SplitDocument;
use super::facts::batch_of;
use crate::analysis::judge;
use crate::library::{LibraryError, Reader};
use crate::model::words::words_read;
use crate::model::{BatchId, ContentHash, DocumentId, PageId, SplitPlan};
use crate::worker::Layer;

/// Text layers for the pages of an export.
#[derive(Clone, Debug, Default)]
pub struct TextLayers {
    library: PathBuf,
    pages: HashMap<PageId, Layered>,
    /// Pages whose text has to be recognised first.
    lacking: HashSet<PageId>,
    /// Pages of which it is not known whether they need one: they were not processed.
    unknown: HashSet<PageId>,
}

/// A page that gets a layer.
#[derive(Clone, Copy, Debug)]
struct Layered {
    /// The page as the library has it.
    known_as: PageId,
    /// Bytes that its words take in the library.
    bytes: u64,
    /// It has sound text of its own as well.
    beside_own: bool,
}

/// What a plan gets of text layers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LayerForecast {
    /// Pages of parts that get a layer.
    pub layered: usize,
    /// Pages of parts whose text has to be recognised first.
    pub lacking: Vec<PageId>,
    /// Pages of parts that were not processed.
    pub unknown: usize,
}

impl TextLayers {
    /// For documents of an open batch.
    pub fn of_batch(
        library: &Path,
        batch: BatchId,
        documents: &[SplitDocument],
    ) -> Result<Self, LibraryError> {
        match Reader::open(library)? {
            Some(reader) => Self::find(library, Some((reader, batch)), documents),
            None => Self::find(library, None, documents),
        }
    }

    /// For documents that are in no batch of their own: by what is known of the same content
    /// in the newest batch of exactly these sources.
    pub fn of_sources(
        library: &Path,
        roots: &[PathBuf],
        documents: &[SplitDocument],
    ) -> Result<Self, LibraryError> {
        Self::find(library, batch_of(library, roots)?, documents)
    }

    fn find(
        library: &Path,
        known: Option<(Reader, BatchId)>,
        documents: &[SplitDocument],
    ) -> Result<Self, LibraryError> {
        let mut layers = Self {
            library: library.to_owned(),
            ..Self::default()
        };
        let pages = documents
            .iter()
            .flat_map(|of| (1..=of.facts.page_count()).map(|number| of.facts.page(number)));
        layers.unknown = pages.collect();
        let Some((reader, batch)) = known else {
            return Ok(layers);
        };
        let thresholds = reader.thresholds(batch)?;
        // The same content has the same pages, wherever it lies.
        let mut as_here: HashMap<ContentHash, Vec<DocumentId>> = HashMap::new();
        for document in documents {
            if let Some(hash) = document.source.opening.expected {
                as_here
                    .entry(hash)
                    .or_default()
                    .push(document.facts.document);
            }
        }
        let mut here: HashMap<DocumentId, &[DocumentId]> = HashMap::new();
        for document in reader.documents(batch)? {
            if let Some(same) = document.hash.and_then(|hash| as_here.get(&hash)) {
                here.insert(document.id, same);
            }
        }
        let mut words: HashMap<PageId, u64> = HashMap::new();
        for &document in here.keys() {
            for (number, bytes) in reader.pages_with_words(document)? {
                words.insert(PageId { document, number }, bytes);
            }
        }
        for page in reader.pages(batch)? {
            let Some(same) = here.get(&page.id.document) else {
                continue;
            };
            let Some(measured) = &page.measurements else {
                continue;
            };
            let said = judge(&page, &thresholds);
            for &document in *same {
                let number = page.id.number;
                let id = PageId { document, number };
                layers.unknown.remove(&id);
                if !said.needs_recognition() || layers.pages.contains_key(&id) {
                    continue;
                }
                let Some(&bytes) = words.get(&page.id) else {
                    layers.lacking.insert(id);
                    continue;
                };
                layers.lacking.remove(&id);
                if bytes == 0 {
                    continue;
                }
                let layered = Layered {
                    known_as: page.id,
                    bytes,
                    beside_own: said.garbled != Some(true) && measured.characters > 0,
                };
                layers.pages.insert(id, layered);
            }
        }
        Ok(layers)
    }

    /// A page gets a layer.
    pub fn has(&self, page: PageId) -> bool {
        self.pages.contains_key(&page)
    }

    /// More bytes than the layer of a page takes.
    pub fn most_bytes(&self, page: PageId) -> u64 {
        /// A word of the library stands in content with its matrix, and each of its letters
        /// as four digits.
        const TIMES: u64 = 6;
        self.pages
            .get(&page)
            .map_or(0, |of| of.bytes.saturating_mul(TIMES))
    }

    /// The layers of pages, in their order; empty where none of them gets one.
    pub(super) fn of(&self, pages: &[PageId]) -> Result<Vec<Layer>, LibraryError> {
        if !pages.iter().any(|page| self.has(*page)) {
            return Ok(Vec::new());
        }
        let Some(reader) = Reader::open(&self.library)? else {
            return Ok(Vec::new());
        };
        let layer = |page: &PageId| match self.pages.get(page) {
            Some(of) => Ok(Layer {
                words: words_read(reader.findings_of(of.known_as)?),
                beside_own: of.beside_own,
            }),
            None => Ok(Layer::default()),
        };
        pages.iter().map(layer).collect()
    }

    /// What the parts of a plan get.
    pub fn forecast(&self, plan: &SplitPlan) -> LayerForecast {
        let pages = plan.parts.iter().flat_map(|part| &part.pages);
        let mut forecast = LayerForecast::default();
        for page in pages.map(|planned| planned.page) {
            if self.has(page) {
                forecast.layered += 1;
            } else if self.lacking.contains(&page) {
                forecast.lacking.push(page);
            } else if self.unknown.contains(&page) {
                forecast.unknown += 1;
            }
        }
        forecast
    }
}
