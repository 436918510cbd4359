//! Splitting the pages of an open batch: proposals, forecasts and exports, each
//! on a thread of its own, so that the analysis goes on beside them. The window
//! holds and edits the plan. Not for what a rule cuts or how parts are written
//! (`triage::split`).

use std::collections::{BTreeSet, HashMap, HashSet};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use super::super::background;
use super::super::event::{Event, ExportState};
use super::super::open_batch::OpenBatch;
use super::super::options::Options;
use super::super::run::Crew;
use super::super::split::{
    DocumentFacts, Export, ExportError, ExportOptions, ExportReport, GivenNumbers, PageFacts,
    RefusedDocument, Rules, SplitDocument, TextLayers, Writing, first_line, limit_bytes,
    look_inside, propose,
};
use crate::analysis::Thresholds;
use crate::library::Reader;
use crate::model::{BatchId, Document, DocumentId, DocumentStatus, FailureKind, PageId, SplitPlan};
use crate::worker::{Opening, PartSource, Pool, Refusal};

/// How an export ends: with a report, or for a reason in a sentence.
pub type Ended = Result<ExportReport, String>;

/// What splitting holds on to between commands.
pub struct Splitting {
    library: PathBuf,
    /// Workers that may be used at the same time.
    workers: usize,
    /// Stops the proposal that is under way.
    stop_proposal: Arc<AtomicBool>,
    /// Stops the forecast that is under way.
    stop_forecast: Arc<AtomicBool>,
    /// Stops the export that is under way.
    stop_export: Arc<AtomicBool>,
    /// The export that is under way, and its batch.
    export: Option<(BatchId, JoinHandle<()>)>,
}

impl Splitting {
    pub fn new(options: &Options) -> Self {
        Self {
            library: options.library.clone(),
            workers: options.workers,
            stop_proposal: Arc::default(),
            stop_forecast: Arc::default(),
            stop_export: Arc::default(),
            export: None,
        }
    }

    /// Proposes how to split documents.
    pub fn propose(
        &mut self,
        batch: BatchId,
        rules: Rules,
        mut documents: Vec<SplitDocument>,
        crew: &Arc<Crew>,
        tell: impl FnOnce(Event) + Send + 'static,
    ) {
        let stop = fresh(&mut self.stop_proposal);
        let (crew, library) = (Arc::clone(crew), self.library.clone());
        let workers = self.workers;
        let stopped = Arc::clone(&stop);
        let work = move || {
            if rules.need_navigation() || rules.need_barcodes() || rules.need_text() {
                look_inside_all(&crew.place().pool, &rules, &mut documents, &stop);
            }
            let reader = rules.need_text().then(|| Reader::open(&library));
            if let Some(Ok(Some(reader))) = reader {
                read_first_lines(&reader, &mut documents);
            }
            let mut plan = SplitPlan::default();
            for document in &documents {
                plan.extend(propose(&document.facts, &rules));
            }
            if let Some(most) = rules.max_bytes {
                let options = ExportOptions {
                    workers,
                    drop_signatures: true,
                    ..ExportOptions::default()
                };
                let how = (&options, &TextLayers::default());
                plan = limit_bytes(plan, &documents, most, how, &crew.place().pool, &stop)?;
            }
            Ok::<_, ExportError>(plan)
        };
        background::spawn("propose", work, move |proposed| {
            let proposed = match proposed {
                Ok(Ok(plan)) => Ok(plan),
                Ok(Err(error)) => Err(format!("Sizes cannot be told: {error}")),
                Err(broken) => Err(format!("No cuts can be proposed: {broken}")),
            };
            // Where it was stopped, a later one answers.
            if !stopped.load(Ordering::Relaxed) {
                tell(Event::SplitProposed(batch, proposed));
            }
        });
    }

    /// Says how large the parts of a plan would be. `version` comes back with
    /// the answer.
    pub fn forecast(
        &mut self,
        (batch, version): (BatchId, u64),
        plan: SplitPlan,
        mut options: ExportOptions,
        documents: Vec<SplitDocument>,
        crew: &Arc<Crew>,
        tell: impl FnOnce(Event) + Send + 'static,
    ) {
        options.workers = self.workers;
        let stop = fresh(&mut self.stop_forecast);
        let (crew, library) = (Arc::clone(crew), self.library.clone());
        let stopped = Arc::clone(&stop);
        let work = move || {
            let names = vec![String::new(); plan.parts.len()];
            let searchable = options.searchable;
            let layers = layers(&library, batch, &documents, searchable)?;
            let export = Export::new(plan, documents, names, options).with_layers(layers);
            let sizes = export.forecast(&crew.place().pool, &stop)?;
            let layers = searchable.then(|| export.layer_forecast());
            Ok::<_, ExportError>((sizes, export.free().ok(), layers))
        };
        background::spawn("forecast", work, move |forecast| {
            let cannot =
                |error: &dyn Error| Event::Trouble(format!("Sizes cannot be told: {error}"));
            let event = match forecast {
                Ok(Ok((sizes, free, layers))) => Event::SplitForecast {
                    batch,
                    version,
                    sizes: sizes
                        .into_iter()
                        .map(|size| size.map_err(|r| r.kind))
                        .collect(),
                    free,
                    layers,
                },
                Ok(Err(error)) => cannot(&error),
                Err(broken) => cannot(&broken),
            };
            if !stopped.load(Ordering::Relaxed) {
                tell(event);
            }
        });
    }

    /// Whether the parts of a batch can be written now.
    pub fn may_export(&self, batch: BatchId) -> MayExport {
        match &self.export {
            None => MayExport::Now,
            Some((under_way, _)) if *under_way == batch => MayExport::UnderWay,
            Some(_) => MayExport::AfterAnother,
        }
    }

    /// Writes the parts of a plan. `answer` is called in the end, whatever becomes of it.
    pub fn export(
        &mut self,
        batch: BatchId,
        (plan, names, mut options): (SplitPlan, Vec<String>, ExportOptions),
        (documents, refused): (Vec<SplitDocument>, Vec<RefusedDocument>),
        crew: &Arc<Crew>,
        tell: impl Fn(Event) + Send + 'static,
        answer: impl FnOnce(Ended) + Send + 'static,
    ) {
        options.workers = self.workers;
        let crew = Arc::clone(crew);
        let stop = fresh(&mut self.stop_export);
        let (given, library) = (GivenNumbers::beside(&self.library), self.library.clone());
        let writing = Writing {
            batch,
            folder: options.destination.clone(),
        };
        writing.begin(&library);
        let noted_in = library.clone();
        let work = move || {
            let layers = layers(&library, batch, &documents, options.searchable)?;
            let export = Export::new(plan, documents, names, options).with_refused(refused);
            let export = export.with_layers(layers);
            let export = given.number(export, None, false)?;
            let progress = |progress| tell(Event::Export(batch, ExportState::Running(progress)));
            export.run(&crew.place().pool, &progress, &stop)
        };
        let export = background::spawn("export", work, move |ended| {
            Writing::end(&noted_in);
            answer(match ended {
                Ok(ended) => ended.map_err(|error| error.to_string()),
                Err(broken) => Err(format!(
                    "Not all parts were written: {broken}. Those that have their names are whole."
                )),
            });
        });
        self.export = export.map(|thread| (batch, thread));
    }

    /// An export has given its answer.
    pub fn export_ended(&mut self) {
        if let Some((_, thread)) = self.export.take() {
            // It has given its answer.
            let _ = thread.join();
        }
    }

    /// Stops the export that is under way; complete parts stay.
    pub fn stop_export(&self) {
        self.stop_export.store(true, Ordering::Relaxed);
    }

    /// Ends everything, with the session.
    pub fn end(&mut self) {
        self.stop_proposal.store(true, Ordering::Relaxed);
        self.stop_forecast.store(true, Ordering::Relaxed);
        self.stop_export();
        // Its folder at the destination goes with it.
        self.export_ended();
    }
}

/// The text layers of documents, where they are wanted.
fn layers(
    library: &Path,
    batch: BatchId,
    documents: &[SplitDocument],
    wanted: bool,
) -> Result<TextLayers, ExportError> {
    Ok(match wanted {
        true => TextLayers::of_batch(library, batch, documents)?,
        false => TextLayers::default(),
    })
}

/// An export has ended, for the face.
pub fn ended(batch: BatchId, ended: Ended) -> Event {
    Event::Export(batch, ExportState::Ended(ended.map(Box::new)))
}

/// Whether parts can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MayExport {
    Now,
    /// Those of this batch are being written, and will end.
    UnderWay,
    /// Those of another batch are being written.
    AfterAnother,
}

/// Documents of a batch that could not be opened, or were not yet.
pub fn unsplittable(open: &OpenBatch) -> Vec<RefusedDocument> {
    let refused = open.in_order().into_iter().filter_map(|document| {
        let refusal = match document.status {
            DocumentStatus::Ok | DocumentStatus::Again => return None,
            DocumentStatus::Waiting => {
                Refusal::new(FailureKind::Cancelled, "it was not opened yet")
            }
            DocumentStatus::NeedsPassword => Refusal::new(FailureKind::NeedsPassword, ""),
            DocumentStatus::Broken => Refusal::new(FailureKind::Damaged, ""),
            DocumentStatus::Empty => Refusal::new(FailureKind::EmptyFile, ""),
            DocumentStatus::NotPdf => Refusal::new(FailureKind::NotPdf, ""),
        };
        Some(RefusedDocument {
            name: document.name.clone(),
            source: document.source.clone(),
            refusal,
            left_out: document.left_out.clone(),
        })
    });
    refused.collect()
}

/// Documents of a batch whose pages are known; `opening` tells how each is opened.
pub fn splittable(
    open: &OpenBatch,
    reader: &Reader,
    opening: impl Fn(&Document) -> Opening,
) -> Vec<SplitDocument> {
    let thresholds = reader.thresholds(open.batch.id);
    let thresholds = thresholds.unwrap_or_else(|error| {
        tracing::warn!(%error, "the usual thresholds are used");
        Thresholds::default()
    });
    let ready = open.in_order().into_iter();
    let ready = ready.filter(|document| document.status.is_opened());
    ready
        .map(|document| {
            let pages = open.pages.of(document.id).iter();
            let pages = pages.map(|page| {
                let measured = page.measurements.as_ref();
                let signals = measured.map(|measured| &measured.signals);
                PageFacts::new(page.shape, signals, &thresholds)
            });
            let mut facts = DocumentFacts {
                document: document.id,
                pages: pages.collect(),
                bookmarks: vec![],
                label_restarts: vec![],
                signed: false,
            };
            if let Some(hash) = document.hash {
                facts.take_decisions(hash, open.decisions.now());
            }
            SplitDocument {
                name: document.name.clone(),
                bytes: document.bytes,
                source: PartSource {
                    opening: opening(document),
                    pages: document.pages,
                },
                facts,
            }
        })
        .collect()
}

/// Stops what a flag would stop, and gives a flag for what begins in its place.
pub fn fresh(stop: &mut Arc<AtomicBool>) -> Arc<AtomicBool> {
    stop.store(true, Ordering::Relaxed);
    *stop = Arc::default();
    Arc::clone(stop)
}

/// A plan for documents as they are now: those that have other pages than the
/// plan knows, or are new, are whole at its end; those that are gone are not in
/// it.
pub fn up_to_date(mut plan: SplitPlan, documents: &[SplitDocument]) -> SplitPlan {
    let mut planned: HashMap<DocumentId, BTreeSet<u32>> = HashMap::new();
    let kept = plan.parts.iter().flat_map(|part| &part.pages);
    let kept = kept.map(|planned| planned.page);
    for page in kept.chain(plan.excluded.iter().map(|excluded| excluded.page)) {
        planned
            .entry(page.document)
            .or_default()
            .insert(page.number);
    }
    let (known, new): (Vec<_>, Vec<_>) = documents.iter().partition(|document| {
        let all = 1..=document.facts.page_count();
        let pages = planned.get(&document.facts.document);
        pages.is_some_and(|pages| pages.iter().copied().eq(all))
    });
    let known: HashSet<DocumentId> = known.iter().map(|d| d.facts.document).collect();
    for part in &mut plan.parts {
        part.pages
            .retain(|planned| known.contains(&planned.page.document));
    }
    plan.parts.retain(|part| !part.pages.is_empty());
    plan.excluded
        .retain(|excluded| known.contains(&excluded.page.document));
    for document in new {
        plan.extend(propose(&document.facts, &Rules::default()));
    }
    plan
}

/// Reads from the library what stands first on pages of which no top line was found:
/// their document cannot be opened now, or they have no text of their own and an
/// analyser has read one.
fn read_first_lines(reader: &Reader, documents: &mut [SplitDocument]) {
    for document in documents {
        let id = document.facts.document;
        let pages = document.facts.pages.iter_mut().zip(1..);
        for (page, number) in pages.filter(|(page, _)| page.top_line.is_none()) {
            let page_id = PageId {
                document: id,
                number,
            };
            let own = reader.page_text(page_id).ok().flatten();
            let line = own.as_deref().and_then(first_line);
            page.top_line = line.or_else(|| first_line_read(reader, page_id));
        }
    }
}

/// The first line of a page without text of its own, as an analyser has read it.
fn first_line_read(reader: &Reader, page: PageId) -> Option<String> {
    let texts = reader.texts_read(page).ok()?;
    texts.iter().find_map(|text| first_line(text))
}

/// Looks inside documents for what rules ask. What cannot be read is as if it were not
/// there: nothing is cut for it, and the document says why when its parts are made.
fn look_inside_all(pool: &Pool, rules: &Rules, documents: &mut [SplitDocument], stop: &AtomicBool) {
    use rayon::prelude::*;

    documents.par_iter_mut().for_each(|document| {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let opening = &document.source.opening;
        let Ok(mut worker) = pool.lease(Some(opening.document)) else {
            return;
        };
        if matches!(worker.open(opening), Ok(Ok(_)))
            && let Err(error) = look_inside(&mut worker, rules, &mut document.facts)
        {
            tracing::warn!(%error, "a document cannot be looked into for splitting");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CutReason, PageShape, PlannedPart, Source};
    use crate::worker::Opening;

    fn document(id: i64, pages: u32) -> SplitDocument {
        let shape = PageShape {
            width: 595.0,
            height: 842.0,
            rotation: 0,
        };
        let page = PageFacts::new(shape, None, &Thresholds::default());
        SplitDocument {
            name: format!("{id}.pdf"),
            bytes: 1,
            source: PartSource {
                opening: Opening {
                    document: DocumentId(id),
                    source: Source::File("a.pdf".into()),
                    engines: vec![],
                    passwords: vec![],
                    expected: None,
                    largest: 1,
                },
                pages,
            },
            facts: DocumentFacts {
                document: DocumentId(id),
                pages: vec![page; pages as usize],
                bookmarks: vec![],
                label_restarts: vec![],
                signed: false,
            },
        }
    }

    #[test]
    fn a_kept_plan_keeps_what_is_still_there_and_takes_in_what_is_new() {
        let page = |document, number| {
            PageId {
                document: DocumentId(document),
                number,
            }
            .into()
        };
        let part = |pages| PlannedPart::new(CutReason::Hand, pages);
        let kept = SplitPlan {
            parts: vec![
                part(vec![page(1, 2), page(2, 1)]),
                part(vec![page(1, 1), page(3, 1)]),
            ],
            excluded: vec![],
        };
        // The second has grown, the third is gone, the fourth is new.
        let documents = [document(1, 2), document(2, 2), document(4, 1)];
        let plan = up_to_date(kept, &documents);
        let parts: Vec<Vec<(i64, u32)>> = plan
            .parts
            .iter()
            .map(|part| {
                let pages = part.pages.iter().map(|planned| planned.page);
                pages.map(|page| (page.document.0, page.number)).collect()
            })
            .collect();
        assert_eq!(
            parts,
            [
                vec![(1, 2)],
                vec![(1, 1)],
                vec![(2, 1), (2, 2)],
                vec![(4, 1)]
            ]
        );
    }
}
