//! What is done next. Pure: no threads, no I/O, no clocks. Pages on screen come
//! first; then each document is opened, and its first pages with it, so that the
//! whole batch can be overlooked early; then the rest in order; then what is
//! inside the documents; then external analysers; last, alone, what has ended a
//! worker before.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::model::{Analyser, BatchId, DocumentId, PageId};
use crate::worker::Opening;

/// Time that one job should take: short enough that pause, cancel and a change
/// of what is on screen work at once, long enough that the cost of handing out
/// jobs vanishes.
const JOB_TIME: Duration = Duration::from_millis(60);

/// Pages that are analysed right after a document was opened, while the worker
/// has it open.
pub const FIRST_PAGES: u32 = 4;

/// Pages of a job before the document's speed is known, and at most.
const USUAL_PAGES: usize = 8;
const MOST_PAGES: usize = 64;

/// A job takes at most this share of what is left of a document.
const LAST_SHARE: usize = 4;

/// A document that jobs are about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its batch.
    pub batch: BatchId,
    /// How a worker opens it.
    pub opening: Opening,
}

impl Target {
    /// The document.
    pub fn document(&self) -> DocumentId {
        self.opening.document
    }
}

/// One piece of work for one worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The document.
    pub target: Arc<Target>,
    /// What to do with it.
    pub task: Task,
    /// Use a fresh worker: this has ended one before.
    pub alone: bool,
}

/// What to do with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// Open it, tell its pages and analyse the first ones.
    Open,
    /// Analyse these pages.
    Analyse(Vec<u32>),
    /// Make the thumbnails of these pages again; they are measured already.
    Redraw(Vec<u32>),
    /// Inspect its structure.
    Inspect,
    /// Have an external analyser look at a page, or at the document.
    External(Arc<Analyser>, Option<u32>),
}

/// An analyser, and the page that it is to look at; none: the document.
type External = (Arc<Analyser>, Option<u32>);

#[derive(Debug)]
struct Waiting {
    target: Arc<Target>,
    pages: BTreeSet<u32>,
    page_time: Option<Duration>,
}

/// The work that is left.
#[derive(Debug, Default)]
pub struct Queue {
    to_open: VecDeque<Arc<Target>>,
    /// By document: ids grow in the order of intake.
    waiting: BTreeMap<DocumentId, Waiting>,
    redraw: BTreeMap<DocumentId, (Arc<Target>, BTreeSet<u32>)>,
    inspect: BTreeMap<DocumentId, Arc<Target>>,
    /// By document: what external analysers are to look at.
    external: BTreeMap<DocumentId, (Arc<Target>, VecDeque<External>)>,
    alone: VecDeque<Job>,
    /// Pages on screen by document, in the order of the screen.
    looked_at: Vec<(DocumentId, Vec<u32>)>,
}

impl Queue {
    /// The files of the documents that are opened next, at most so many.
    pub fn next_to_open(&self, most: usize) -> impl Iterator<Item = &Path> {
        let next = self.to_open.iter().take(most);
        next.map(|target| target.opening.source.file())
    }

    /// A document to open.
    pub fn add_document(&mut self, target: Target) {
        self.to_open.push_back(Arc::new(target));
    }

    /// Pages to analyse.
    pub fn add_pages(&mut self, target: Target, pages: impl IntoIterator<Item = u32>) {
        let document = target.document();
        let target = Arc::new(target);
        let waiting = self.waiting.entry(document).or_insert_with(|| Waiting {
            target: Arc::clone(&target),
            pages: BTreeSet::new(),
            page_time: None,
        });
        waiting.target = target;
        waiting.pages.extend(pages);
        if waiting.pages.is_empty() {
            self.waiting.remove(&document);
        }
    }

    /// Thumbnails to make again.
    pub fn add_redraw(&mut self, target: Target, pages: impl IntoIterator<Item = u32>) {
        self.redraw
            .entry(target.document())
            .or_insert_with(|| (Arc::new(target), BTreeSet::new()))
            .1
            .extend(pages);
    }

    /// A document to inspect.
    pub fn add_inspection(&mut self, target: Target) {
        self.inspect.insert(target.document(), Arc::new(target));
    }

    /// What external analysers are to look at in a document.
    pub fn add_external(&mut self, target: Target, wanted: impl IntoIterator<Item = External>) {
        let document = target.document();
        let target = Arc::new(target);
        let (_, waiting) = self
            .external
            .entry(document)
            .or_insert_with(|| (target, VecDeque::new()));
        waiting.extend(wanted);
        if waiting.is_empty() {
            self.external.remove(&document);
        }
    }

    /// Drops what external analysers are to look at in a batch.
    pub fn remove_external(&mut self, batch: BatchId) {
        self.external.retain(|_, (target, _)| target.batch != batch);
        self.alone
            .retain(|job| job.target.batch != batch || !matches!(job.task, Task::External(..)));
    }

    /// Work that has ended a worker: tried once more, last, in a fresh one.
    pub fn add_alone(&mut self, target: Arc<Target>, task: Task) {
        self.alone.push_back(Job {
            target,
            task,
            alone: true,
        });
    }

    /// How long a page of a document took lately.
    pub fn set_page_time(&mut self, document: DocumentId, time: Duration) {
        if let Some(waiting) = self.waiting.get_mut(&document) {
            waiting.page_time = Some(time);
        }
    }

    /// The pages on screen, in the order of the screen. Of a document that is not opened yet
    /// any number will do.
    pub fn look_at(&mut self, pages: &[PageId]) {
        self.looked_at.clear();
        for page in pages {
            match self.looked_at.last_mut() {
                Some((document, numbers)) if *document == page.document => {
                    numbers.push(page.number);
                }
                _ => self.looked_at.push((page.document, vec![page.number])),
            }
        }
    }

    /// Drops all work on the documents that `gone` names.
    pub fn remove(&mut self, gone: impl Fn(&Target) -> bool) {
        self.to_open.retain(|target| !gone(target));
        self.waiting.retain(|_, waiting| !gone(&waiting.target));
        self.redraw.retain(|_, (target, _)| !gone(target));
        self.inspect.retain(|_, target| !gone(target));
        self.external.retain(|_, (target, _)| !gone(target));
        self.alone.retain(|job| !gone(&job.target));
    }

    /// Nothing is left.
    pub fn is_empty(&self) -> bool {
        self.to_open.is_empty()
            && self.waiting.is_empty()
            && self.redraw.is_empty()
            && self.inspect.is_empty()
            && self.external.is_empty()
            && self.alone.is_empty()
    }

    /// Hands out the next job. `open` are the documents that idle workers have
    /// open: going on with one of them saves opening it again.
    pub fn take(&mut self, open: &[DocumentId]) -> Option<Job> {
        self.take_looked_at()
            .or_else(|| {
                self.to_open.pop_front().map(|target| Job {
                    target,
                    task: Task::Open,
                    alone: false,
                })
            })
            .or_else(|| {
                let next = open.iter().find(|d| self.waiting.contains_key(d)).copied();
                let next = next.or_else(|| self.waiting.keys().next().copied())?;
                self.take_pages(next)
            })
            .or_else(|| {
                let (_, (target, pages)) = self.redraw.pop_first()?;
                Some(Job {
                    target,
                    task: Task::Redraw(pages.into_iter().collect()),
                    alone: false,
                })
            })
            .or_else(|| {
                let next = open.iter().find(|d| self.inspect.contains_key(d)).copied();
                let next = next.or_else(|| self.inspect.keys().next().copied())?;
                Some(Job {
                    target: self.inspect.remove(&next)?,
                    task: Task::Inspect,
                    alone: false,
                })
            })
            .or_else(|| self.take_external(open))
            .or_else(|| self.alone.pop_front())
    }

    fn take_external(&mut self, open: &[DocumentId]) -> Option<Job> {
        let next = open.iter().find(|d| self.external.contains_key(d)).copied();
        let next = next.or_else(|| self.external.keys().next().copied())?;
        let (target, waiting) = self.external.get_mut(&next)?;
        let target = Arc::clone(target);
        let wanted = waiting.pop_front();
        if waiting.is_empty() {
            self.external.remove(&next);
        }
        let (analyser, page) = wanted?;
        Some(Job {
            target,
            task: Task::External(analyser, page),
            alone: false,
        })
    }

    fn take_looked_at(&mut self) -> Option<Job> {
        for (document, numbers) in &self.looked_at {
            let mut to_open = self.to_open.iter();
            if let Some(at) = to_open.position(|target| target.document() == *document) {
                return Some(Job {
                    target: self.to_open.remove(at)?,
                    task: Task::Open,
                    alone: false,
                });
            }
            if let Some(waiting) = self.waiting.get_mut(document) {
                let pages = take_of(&mut waiting.pages, numbers);
                if !pages.is_empty() {
                    let target = Arc::clone(&waiting.target);
                    if waiting.pages.is_empty() {
                        self.waiting.remove(document);
                    }
                    return Some(Job {
                        target,
                        task: Task::Analyse(pages),
                        alone: false,
                    });
                }
            }
            if let Some((target, waiting)) = self.redraw.get_mut(document) {
                let pages = take_of(waiting, numbers);
                if !pages.is_empty() {
                    let target = Arc::clone(target);
                    if waiting.is_empty() {
                        self.redraw.remove(document);
                    }
                    return Some(Job {
                        target,
                        task: Task::Redraw(pages),
                        alone: false,
                    });
                }
            }
        }
        None
    }

    fn take_pages(&mut self, document: DocumentId) -> Option<Job> {
        let waiting = self.waiting.get_mut(&document)?;
        // Towards the end jobs grow small, so that all workers end together.
        let share = waiting.pages.len().div_ceil(LAST_SHARE);
        let count = pages_per_job(waiting.page_time).min(share);
        let pages: Vec<u32> = waiting.pages.iter().copied().take(count).collect();
        for page in &pages {
            waiting.pages.remove(page);
        }
        let target = Arc::clone(&waiting.target);
        if waiting.pages.is_empty() {
            self.waiting.remove(&document);
        }
        Some(Job {
            target,
            task: Task::Analyse(pages),
            alone: false,
        })
    }
}

/// Takes those of `wanted` that wait, at most one job's worth.
fn take_of(waiting: &mut BTreeSet<u32>, wanted: &[u32]) -> Vec<u32> {
    let mut taken = Vec::new();
    for &number in wanted {
        if taken.len() == USUAL_PAGES {
            break;
        }
        if waiting.remove(&number) {
            taken.push(number);
        }
    }
    taken
}

fn pages_per_job(page_time: Option<Duration>) -> usize {
    match page_time {
        None => USUAL_PAGES,
        Some(time) => {
            let pages = JOB_TIME.as_secs_f64() / time.as_secs_f64().max(1e-6);
            (pages as usize).clamp(1, MOST_PAGES)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Source;
    use proptest::prelude::*;

    fn target(document: i64) -> Target {
        Target {
            batch: BatchId(1),
            opening: Opening {
                document: DocumentId(document),
                source: Source::File(format!("/{document}.pdf").into()),
                engines: vec![],
                passwords: vec![],
                expected: None,
                largest: 1,
            },
        }
    }

    fn page(document: i64, number: u32) -> PageId {
        PageId {
            document: DocumentId(document),
            number,
        }
    }

    fn taken(job: Option<Job>) -> (i64, Task) {
        let job = job.unwrap();
        (job.target.document().0, job.task)
    }

    #[test]
    fn pages_on_screen_come_first() {
        let mut queue = Queue::default();
        queue.add_document(target(1));
        queue.add_pages(target(2), 1..=100);
        queue.look_at(&[page(2, 50), page(2, 51)]);
        assert_eq!(taken(queue.take(&[])), (2, Task::Analyse(vec![50, 51])));
        assert_eq!(taken(queue.take(&[])), (1, Task::Open));
    }

    #[test]
    fn a_document_that_is_looked_at_is_opened_first() {
        let mut queue = Queue::default();
        (1..=3).for_each(|document| queue.add_document(target(document)));
        queue.look_at(&[page(3, 1)]);
        let order = [(); 3].map(|()| taken(queue.take(&[])).0);
        assert_eq!(order, [3, 1, 2]);
    }

    #[test]
    fn every_document_is_opened_before_a_large_one_is_finished() {
        let mut queue = Queue::default();
        queue.add_pages(target(1), 1..=1000);
        queue.add_document(target(2));
        assert_eq!(taken(queue.take(&[DocumentId(1)])), (2, Task::Open));
        let next = taken(queue.take(&[DocumentId(1)]));
        assert_eq!(next, (1, Task::Analyse((1..=8).collect())));
    }

    #[test]
    fn a_document_that_a_worker_has_open_goes_on() {
        let mut queue = Queue::default();
        queue.add_pages(target(1), 1..=20);
        queue.add_pages(target(2), 1..=20);
        let _ = queue.take(&[DocumentId(2)]);
        assert_eq!(taken(queue.take(&[DocumentId(2)])).0, 2);
    }

    #[test]
    fn slow_pages_make_small_jobs() {
        let mut queue = Queue::default();
        queue.add_pages(target(1), 1..=20);
        queue.set_page_time(DocumentId(1), Duration::from_secs(2));
        assert_eq!(taken(queue.take(&[])), (1, Task::Analyse(vec![1])));
    }

    #[test]
    fn what_ended_a_worker_comes_last_and_alone() {
        let mut queue = Queue::default();
        queue.add_alone(Arc::new(target(1)), Task::Analyse(vec![3]));
        queue.add_document(target(2));
        assert_eq!(taken(queue.take(&[])), (2, Task::Open));
        let job = queue.take(&[]).unwrap();
        assert!(job.alone);
        assert_eq!(job.task, Task::Analyse(vec![3]));
        assert!(queue.is_empty());
    }

    #[test]
    fn what_is_inside_comes_after_the_pages_and_first_where_a_worker_is() {
        let mut queue = Queue::default();
        queue.add_inspection(target(1));
        queue.add_inspection(target(2));
        queue.add_pages(target(1), [1]);
        queue.add_alone(Arc::new(target(3)), Task::Open);
        let open = [DocumentId(2)];
        assert_eq!(taken(queue.take(&open)), (1, Task::Analyse(vec![1])));
        assert_eq!(taken(queue.take(&open)), (2, Task::Inspect));
        assert_eq!(taken(queue.take(&open)), (1, Task::Inspect));
        assert_eq!(taken(queue.take(&open)), (3, Task::Open));
    }

    #[test]
    fn a_cancelled_batch_leaves_nothing() {
        let mut queue = Queue::default();
        queue.add_document(target(1));
        queue.add_pages(target(2), 1..=3);
        queue.add_redraw(target(3), [1]);
        queue.add_alone(Arc::new(target(4)), Task::Open);
        queue.add_inspection(target(5));
        queue.remove(|target| target.batch == BatchId(1));
        assert!(queue.is_empty());
    }

    proptest! {
        #[test]
        fn each_page_is_handed_out_exactly_once(
            sizes in prop::collection::vec(0u32..200, 1..6),
            looks in prop::collection::vec((0usize..6, 1u32..220), 0..30),
            open in prop::collection::vec(0i64..6, 0..3),
        ) {
            let mut queue = Queue::default();
            let mut expected = BTreeSet::new();
            for (document, &size) in sizes.iter().enumerate() {
                queue.add_pages(target(document as i64), 1..=size);
                expected.extend((1..=size).map(|n| (document as i64, n)));
            }
            let looks: Vec<_> = looks.iter().map(|&(d, n)| page(d as i64, n)).collect();
            queue.look_at(&looks);
            let open: Vec<_> = open.into_iter().map(DocumentId).collect();
            let mut seen = BTreeSet::new();
            while let Some(job) = queue.take(&open) {
                let Task::Analyse(pages) = job.task else { panic!("not asked for") };
                prop_assert!(!pages.is_empty());
                for number in pages {
                    prop_assert!(seen.insert((job.target.document().0, number)));
                }
            }
            prop_assert_eq!(seen, expected);
        }
    }
}
