//! Reading pages with their measurements. Taking apart the JSON of a page takes longer
//! than reading its row, so where there are many it is done on all cores. Not for changing
//! pages (`writer`).

use std::fmt::Display;
use std::ops::Range;
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, bounded};
use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, OptionalExtension, Row, params};

use super::error::{Doing, Result};
use super::reader::Reader;
use super::values::{length_value, word_at};
use crate::model::{
    BatchId, Disagreement, DocumentId, EngineKind, Failure, FailureKind, Measurements, Page,
    PageId, PageShape, PageState, Signals, Stage,
};

/// So many rows are handed to another core at a time.
const ROWS: usize = 1024;

/// So many portions wait for each core at most: reading is faster than taking apart.
const WAITING: usize = 2;

/// Columns of a page with its measurements, in the order that [`Portion::push`] reads them.
macro_rules! select_pages {
    ($from:literal, $which:literal) => {
        concat!(
            "SELECT p.document, p.number, p.width, p.height, p.rotation, p.state, ",
            "m.engine, m.ink, m.characters, m.words, m.micros, m.disagreement, m.signals ",
            "FROM ",
            $from,
            " ",
            $which
        )
    };
}
pub(super) use select_pages;

/// Pages, and a record for each whose measurements cannot be read.
pub type PagesAndDamage = (Vec<Arc<Page>>, Vec<Failure>);

impl Reader {
    /// The pages of a batch, by the order of documents and by number.
    pub fn pages(&self, batch: BatchId) -> Result<Vec<Arc<Page>>> {
        Ok(self.pages_and_damage(batch)?.0)
    }

    /// The pages of a batch, and a record for each whose measurements cannot be read. Such
    /// a page counts as failed, and others are read beside it.
    pub fn pages_and_damage(&self, batch: BatchId) -> Result<PagesAndDamage> {
        // CROSS JOIN: documents first, in their order, so nothing is sorted.
        let sql = select_pages!(
            "document d CROSS JOIN page p ON p.document = d.id
             LEFT JOIN measurement m ON m.document = p.document AND m.number = p.number",
            "WHERE d.batch = ?1 ORDER BY d.ordinal, p.number"
        );
        self.pages_of("listing pages", sql, batch)
    }

    /// Pages as a statement over [`select_pages`] lists them for a batch.
    pub(super) fn pages_of(
        &self,
        doing: &'static str,
        sql: &str,
        batch: BatchId,
    ) -> Result<PagesAndDamage> {
        let read = || {
            let statement = self.prepared(sql)?;
            read_all(statement, batch)
        };
        self.named(read().doing(doing))
    }

    /// One page; none where it is not in the library.
    pub fn page(&self, id: PageId) -> Result<Option<Page>> {
        let sql = select_pages!(
            "page p LEFT JOIN measurement m ON m.document = p.document AND m.number = p.number",
            "WHERE p.document = ?1 AND p.number = ?2"
        );
        let read = || {
            let mut statement = self.prepared(sql)?;
            let mut portion = Portion::default();
            let key = params![id.document.0, id.number];
            let found = statement
                .query_row(key, |row| portion.push(row))
                .optional()?;
            let (mut pages, _) = portion.taken_apart();
            Ok(found.and_then(|()| pages.pop()).map(Arc::unwrap_or_clone))
        };
        self.named(read().doing("reading a page"))
    }
}

/// Reads the pages of a batch, the first portion here and, where there are more, the others
/// on all cores.
fn read_all(
    mut statement: CachedStatement<'_>,
    batch: BatchId,
) -> rusqlite::Result<PagesAndDamage> {
    let mut rows = statement.query([batch.0])?;
    let mut next = || -> rusqlite::Result<Portion> {
        let mut portion = Portion::default();
        while portion.rows.len() < ROWS
            && let Some(row) = rows.next()?
        {
            portion.push(row)?;
        }
        Ok(portion)
    };
    let first = next()?;
    if first.rows.len() < ROWS {
        return Ok(first.taken_apart());
    }
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let mut portions = vec![first.taken_apart()];
    thread::scope(|scope| {
        let (hand_over, portions_to_take) = bounded::<(usize, Portion)>(WAITING * cores);
        let helpers: Vec<_> = (0..cores)
            .filter_map(|_| {
                let portions = portions_to_take.clone();
                let helper = thread::Builder::new().name("pages".into());
                let helper = helper.spawn_scoped(scope, move || take_apart(&portions));
                // Where the system gives no thread, the work is done here.
                helper.ok()
            })
            .collect();
        drop(portions_to_take);
        let mut here = Vec::new();
        let mut read = || {
            for number in 0.. {
                let portion = next()?;
                if portion.rows.is_empty() {
                    break;
                }
                if helpers.is_empty() {
                    here.push(portion.taken_apart());
                } else if hand_over.send((number, portion)).is_err() {
                    break;
                }
            }
            Ok(())
        };
        let read: rusqlite::Result<()> = read();
        drop(hand_over);
        portions.append(&mut here);
        let mut parts: Vec<(usize, PagesAndDamage)> = Vec::new();
        for helper in helpers {
            match helper.join() {
                Ok(taken) => parts.extend(taken),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        parts.sort_unstable_by_key(|(number, _)| *number);
        portions.extend(parts.into_iter().map(|(_, part)| part));
        read
    })?;
    let mut pages = Vec::with_capacity(portions.iter().map(|(pages, _)| pages.len()).sum());
    let mut damage = Vec::new();
    for (some, damaged) in portions {
        pages.extend(some);
        damage.extend(damaged);
    }
    Ok((pages, damage))
}

fn take_apart(portions: &Receiver<(usize, Portion)>) -> Vec<(usize, PagesAndDamage)> {
    let portions = portions.iter();
    portions
        .map(|(number, portion)| (number, portion.taken_apart()))
        .collect()
}

/// Rows of pages whose signals are still JSON.
#[derive(Default)]
struct Portion {
    rows: Vec<StoredPage>,
    /// The signals of all of them, one after the other.
    json: String,
}

/// A row of a page.
struct StoredPage {
    page: Page,
    /// Its signals within the portion's JSON; none where none are kept.
    signals: Option<Range<usize>>,
    /// What is wrong with the row.
    problem: Option<rusqlite::Error>,
}

impl Portion {
    fn push(&mut self, row: &Row<'_>) -> rusqlite::Result<()> {
        let state = word_at(row, 5, PageState::from_word);
        let read = state.and_then(|state| Ok((state, measurements(row)?)));
        let (state, measurements, problem) = match read {
            Ok((state, measurements)) => (state, measurements, None),
            // Being measured again is the cure.
            Err(error) if row.get_ref(5)?.as_str() == Ok(PageState::Again.as_str()) => {
                (PageState::Waiting, None, Some(error))
            }
            Err(error) => (PageState::Failed, None, Some(error)),
        };
        let signals = match row.get_ref(12)? {
            ValueRef::Text(_) if measurements.is_some() => {
                let json = row.get_ref(12)?.as_str().unwrap_or_default();
                let from = self.json.len();
                self.json.push_str(json);
                Some(from..self.json.len())
            }
            _ => None,
        };
        let page = Page {
            id: PageId {
                document: DocumentId(row.get(0)?),
                number: row.get(1)?,
            },
            shape: PageShape {
                width: length_value(row.get(2)?),
                height: length_value(row.get(3)?),
                rotation: row.get(4).unwrap_or(0),
            },
            state,
            measurements,
        };
        self.rows.push(StoredPage {
            page,
            signals,
            problem,
        });
        Ok(())
    }

    /// The pages with their signals.
    fn taken_apart(self) -> PagesAndDamage {
        let mut damage = Vec::new();
        // Not collected: that would keep the room of the rows for the references.
        let mut pages = Vec::with_capacity(self.rows.len());
        pages.extend(self.rows.into_iter().map(|stored| {
            let StoredPage {
                mut page,
                signals,
                problem,
            } = stored;
            damage.extend(problem.map(|problem| unreadable(page.id, problem)));
            let json = signals.and_then(|at| self.json.get(at));
            if let Some(measured) = &mut page.measurements
                && let Some(json) = json
            {
                match serde_json::from_str(json) {
                    Ok(signals) => measured.signals = signals,
                    Err(error) => {
                        damage.push(unreadable(page.id, error));
                        page.measurements = None;
                        page.state = match page.state {
                            PageState::Again => PageState::Waiting,
                            _ => PageState::Failed,
                        };
                    }
                }
            }
            Arc::new(page)
        }));
        (pages, damage)
    }
}

/// What was measured on a page, but for its signals; none before it is done.
fn measurements(row: &Row<'_>) -> rusqlite::Result<Option<Measurements>> {
    if row.get_ref(6)? == ValueRef::Null {
        return Ok(None);
    }
    Ok(Some(Measurements {
        engine: word_at(row, 6, EngineKind::from_word)?,
        ink: row.get(7)?,
        characters: row.get(8)?,
        words: row.get(9)?,
        micros: row.get(10)?,
        disagreement: match row.get_ref(11)? {
            ValueRef::Null => None,
            _ => Some(word_at(row, 11, Disagreement::from_word)?),
        },
        signals: match row.get_ref(12)? {
            ValueRef::Null | ValueRef::Text(_) => Signals::default(),
            other => {
                return Err(rusqlite::Error::InvalidColumnType(
                    12,
                    "signals".into(),
                    other.data_type(),
                ));
            }
        },
    }))
}

/// The record of a page whose measurements cannot be read.
fn unreadable(page: PageId, problem: impl Display) -> Failure {
    Failure {
        document: page.document,
        page: Some(page.number),
        stage: Stage::Analyse,
        kind: FailureKind::NotKept,
        detail: format!("its row cannot be read: {problem}"),
        attempts: 1,
        at: 0,
        hash: None,
        version: env!("CARGO_PKG_VERSION").into(),
        circumstances: None,
    }
}
