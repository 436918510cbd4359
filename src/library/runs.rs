//! Runs: passes of analysis over a batch, which pages each has measured, and what the run
//! before had found on them. Of a page two results are kept, the one that counts and the
//! one before, so that a library does not grow with every run. Not for the work of a run
//! (`triage`).

use std::sync::Arc;

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};

use super::error::Result;
use super::pages::select_pages;
use super::reader::Reader;
use super::search::index_page;
use super::values::count_at;
use super::writer::{SET_PAGE_STATE, Step, Writer, must_exist};
use crate::model::{BatchId, Page, PageId, PageState, Signals};

/// Key of a run in the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(pub i64);

/// One pass of analysis over a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Key in the library.
    pub id: RunId,
    /// The batch.
    pub batch: BatchId,
    /// When it began, seconds since 1970 (UTC).
    pub started: i64,
    /// When it ended; none while it goes on, and after a crash.
    pub finished: Option<i64>,
    /// The settings it ran with, as JSON.
    pub settings: String,
    /// How it ended.
    pub outcome: Option<String>,
    /// Number of pages of which its results count now.
    pub pages: u64,
}

/// One of the two results that are kept of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Results {
    /// That of the earlier run.
    Before,
    /// That of the later.
    Latest,
}

/// What a result is made of, but for its page.
macro_rules! result_columns {
    () => {
        "run, ink, characters, words, engine, micros, disagreement, signals"
    };
}

/// How many of them there are.
const RESULT_COLUMNS: usize = 8;

impl Reader {
    /// The runs of a batch, oldest first.
    pub fn runs(&self, batch: BatchId) -> Result<Vec<Run>> {
        self.list(
            "listing runs",
            "SELECT id, batch, started, finished, settings, outcome,
             (SELECT count(*) FROM measurement m WHERE m.run = run.id) FROM run
             WHERE batch = ?1 ORDER BY id",
            [batch.0],
            |row| {
                Ok(Run {
                    id: RunId(row.get(0)?),
                    batch: BatchId(row.get(1)?),
                    started: row.get(2)?,
                    finished: row.get(3)?,
                    settings: row.get(4)?,
                    outcome: row.get(5)?,
                    pages: count_at(row, 6)?,
                })
            },
        )
    }

    /// Pages of a batch as the run before the one that counts had found them, by the order
    /// of documents and by number; only those that were measured by more than one run.
    pub fn pages_before(&self, batch: BatchId) -> Result<Vec<Arc<Page>>> {
        let sql = select_pages!(
            "document d CROSS JOIN earlier_measurement m ON m.document = d.id
             JOIN page p ON p.document = m.document AND p.number = m.number",
            "WHERE d.batch = ?1 ORDER BY d.ordinal, m.number"
        );
        let (mut pages, _) = self.pages_of("reading earlier results", sql, batch)?;
        // What cannot be read is not compared.
        pages.retain(|page| page.measurements.is_some());
        Ok(pages)
    }
}

impl Writer<'_> {
    /// Notes that a run begins; the settings are JSON.
    pub fn start_run(&self, batch: BatchId, settings_json: &str, at: i64) -> Result<RunId> {
        self.step("noting the start of a run", |sql| {
            must_exist(sql, "batch", batch.0)?;
            sql.prepare_cached("INSERT INTO run (batch, started, settings) VALUES (?1, ?2, ?3)")?
                .execute(params![batch.0, at, settings_json])?;
            Ok(RunId(sql.last_insert_rowid()))
        })
    }

    /// Notes that a run has ended, and how.
    pub fn finish_run(&self, run: RunId, outcome: &str, at: i64) -> Result<()> {
        self.step("noting the end of a run", |sql| {
            must_exist(sql, "run", run.0)?;
            sql.prepare_cached("UPDATE run SET finished = ?2, outcome = ?3 WHERE id = ?1")?
                .execute(params![run.0, at, outcome])?;
            Ok(())
        })
    }

    /// Has the results of one of the two runs that are kept count on these pages, with their
    /// text; the others take their place beside them. Pages of which they count already, or
    /// that one run alone has measured, stay. What tells pages from others (their fingerprint)
    /// stays that of the latest run. Returns the pages that changed.
    pub fn use_results(&self, pages: &[PageId], which: Results) -> Result<Vec<PageId>> {
        self.step("taking other results", |sql| {
            let mut changed = Vec::new();
            for page in pages {
                if swap(sql, *page, which)? {
                    index_page(sql, *page)?;
                    changed.push(*page);
                }
            }
            Ok(changed)
        })
    }
}

/// Keeps what counts on a page, before a result of `run` takes its place. Whether there was
/// a result of another run; of two whose run is not known, the later is another.
pub(super) fn keep_before(sql: &Connection, page: PageId, run: Option<RunId>) -> Step<bool> {
    let kept = sql
        .prepare_cached(concat!(
            "INSERT OR REPLACE INTO earlier_measurement (document, number, ",
            result_columns!(),
            ", text) SELECT document, number, ",
            result_columns!(),
            ", coalesce((SELECT text FROM page_text t
               WHERE t.document = m.document AND t.number = m.number), '')
             FROM measurement m
             WHERE document = ?1 AND number = ?2 AND (?3 IS NULL OR run IS NOT ?3)"
        ))?
        .execute(params![page.document.0, page.number, run.map(|run| run.0)])?;
    Ok(kept == 1)
}

/// Changes the two results of a page round, where those that are wanted do not count and can
/// be read.
fn swap(sql: &Connection, page: PageId, which: Results) -> Step<bool> {
    let key = params![page.document.0, page.number];
    let beside: Option<Vec<Value>> = sql
        .prepare_cached(concat!(
            "SELECT text, document, number, ",
            result_columns!(),
            " FROM earlier_measurement WHERE document = ?1 AND number = ?2"
        ))?
        .query_row(key, |row| {
            (0..RESULT_COLUMNS + 3)
                .map(|column| row.get(column))
                .collect()
        })
        .optional()?;
    let Some(mut beside) = beside else {
        return Ok(false);
    };
    let run = |value: Option<&Value>| match value {
        Some(Value::Integer(run)) => Some(*run),
        _ => None,
    };
    let counts: Option<Option<i64>> = sql
        .prepare_cached("SELECT run FROM measurement WHERE document = ?1 AND number = ?2")?
        .query_row(key, |row| row.get(0))
        .optional()?;
    // Runs are counted upwards; what no run is known of is older than all of them. Where
    // nothing counts, the page has lost it.
    let is_older = counts.is_none_or(|counts| run(beside.get(3)) <= counts);
    if is_older != (which == Results::Before) || !is_readable(beside.last()) {
        return Ok(false);
    }
    if !keep_before(sql, page, None)? {
        sql.prepare_cached("DELETE FROM earlier_measurement WHERE document = ?1 AND number = ?2")?
            .execute(key)?;
    }
    let text = beside.remove(0);
    sql.prepare_cached(concat!(
        "INSERT OR REPLACE INTO measurement (document, number, ",
        result_columns!(),
        ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
    ))?
    .execute(params_from_iter(beside))?;
    sql.prepare_cached(
        "INSERT INTO page_text (document, number, text) VALUES (?1, ?2, ?3)
         ON CONFLICT (document, number) DO UPDATE SET text = excluded.text",
    )?
    .execute(params![page.document.0, page.number, text])?;
    sql.prepare_cached(SET_PAGE_STATE)?.execute(params![
        page.document.0,
        page.number,
        PageState::Done.as_str()
    ])?;
    Ok(true)
}

/// Whether signals can be read.
fn is_readable(signals: Option<&Value>) -> bool {
    match signals {
        Some(Value::Null) => true,
        Some(Value::Text(json)) => serde_json::from_str::<Signals>(json).is_ok(),
        _ => false,
    }
}
