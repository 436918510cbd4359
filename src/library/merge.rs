//! Merging the libraries of shards into one batch, within one transaction. Rows are copied
//! as they are, with new numbers for documents and runs. Not for checking that the pieces
//! belong together (`triage::shard`).
//!
//! Each piece is read through a connection of its own: one transaction could not attach
//! more than ten of them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use rusqlite::types::ToSqlOutput;
use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, params};

use super::connection;
use super::error::{LibraryError, Result};
use super::families::ROOM;
use super::reader::Reader;
use super::search::indexed;
use super::values::path_value;
use super::writer::{Step, Writer, insert_roots, path_values};
use crate::model::{BatchId, Circumstances, DocumentId, Source};

/// Page cache while much is written, KiB, negative as SQLite takes it.
const CACHE: i64 = -256 * 1024;

const OTHER_DOCUMENTS: LibraryError =
    LibraryError::Misuse("a piece has other documents than were named for it");

/// What is to become one batch.
#[derive(Debug)]
pub struct Merge<'a> {
    /// Names what is merged: what the library has by this name already is not merged again.
    pub key: &'a str,
    /// Name of the batch.
    pub name: &'a str,
    /// Its roots.
    pub roots: &'a [PathBuf],
    /// When, seconds since 1970 (UTC).
    pub created: i64,
    /// What it is made of.
    pub pieces: &'a [Piece<'a>],
}

/// A library with a part of the documents, sealed ([`super::Library::seal`]).
#[derive(Debug)]
pub struct Piece<'a> {
    /// Its file.
    pub file: &'a Path,
    /// Its documents, in their order.
    pub documents: Vec<PieceDocument<'a>>,
}

/// A document of a piece, as it is to be in the batch.
#[derive(Debug)]
pub struct PieceDocument<'a> {
    /// Its place in the batch, from 0.
    pub place: u32,
    /// Its name.
    pub name: &'a str,
    /// Where its bytes are on this machine.
    pub source: Source,
}

impl Reader {
    /// Opens a sealed library by its file.
    pub fn open_sealed(file: &Path) -> Result<Self> {
        open(file).map(|connection| Self::over(connection, file))
    }

    /// The names of the documents of a batch, in order, without those that are attached to
    /// others.
    pub fn names_of_heads(&self, batch: BatchId) -> Result<Vec<String>> {
        self.list(
            "listing the names of documents",
            "SELECT name FROM document WHERE batch = ?1 AND ordinal % ?2 = 0 ORDER BY ordinal",
            [batch.0, ROOM],
            |row| row.get(0),
        )
    }

    /// The batch that was merged under a name; none where there is none, or no longer.
    pub fn merged(&self, key: &str) -> Result<Option<BatchId>> {
        let found = self.list(
            "looking for a merged batch",
            "SELECT b.id FROM meta m JOIN batch b ON b.id = CAST(m.value AS INTEGER)
             WHERE m.key = ?1",
            [mark(key)],
            |row| row.get(0).map(BatchId),
        )?;
        Ok(found.first().copied())
    }
}

impl Writer<'_> {
    /// Makes one batch of pieces, and returns it. The library must not have it yet.
    pub(super) fn merge(&self, merge: &Merge<'_>) -> Result<BatchId> {
        self.step("merging libraries", |sql| {
            sql.pragma_update(None, "cache_size", CACHE)?;
            sql.prepare_cached("INSERT INTO batch (name, created) VALUES (?1, ?2)")?
                .execute(params![merge.name, merge.created])?;
            let batch = sql.last_insert_rowid();
            insert_roots(sql, BatchId(batch), &path_values(merge.roots)?)?;
            let highest: Option<i64> = sql
                .prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = 'document'")?
                .query_row([], |row| row.get(0))
                .optional()?;
            let first = highest.unwrap_or(0) + 1;
            let planned: usize = merge.pieces.iter().map(|piece| piece.documents.len()).sum();
            let mut next = first + i64::try_from(planned).unwrap_or(i64::MAX - first);
            for piece in merge.pieces {
                copy_piece(sql, piece, (batch, first), &mut next)?;
            }
            sql.prepare_cached("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)")?
                .execute(params![mark(merge.key), batch.to_string()])?;
            Ok(BatchId(batch))
        })
    }
}

/// The library notes what was merged among what it knows of itself.
fn mark(key: &str) -> String {
    format!("merged {key}")
}

fn open(file: &Path) -> Result<Connection> {
    connection::open_to_read(file)?.ok_or_else(|| LibraryError::Foreign {
        path: file.to_owned(),
    })
}

fn copy_piece(
    to: &Connection,
    piece: &Piece<'_>,
    (batch, first): (i64, i64),
    next: &mut i64,
) -> Step<()> {
    let from = open(piece.file).map_err(|error| error.in_file(piece.file))?;
    let runs = copy_runs(&from, to, batch)?;
    let documents = copy_documents(&from, to, piece, (batch, first), next)?;
    let copy = |table, columns: &[&str], change: Change<'_>| {
        copy(&from, to, table, columns, &documents, change)
    };
    let as_it_is: Change<'_> = &mut |_, _| Ok(());
    let page = ["number", "state", "width", "height", "rotation"];
    copy("page", &page, as_it_is)?;
    let measurement = [
        "run",
        "number",
        "ink",
        "characters",
        "words",
        "engine",
        "micros",
        "disagreement",
        "signals",
    ];
    copy("measurement", &measurement, &mut |row, insert| {
        let run: Option<i64> = row.get(1)?;
        Ok(insert.raw_bind_parameter(2, run.and_then(|run| runs.get(&run)))?)
    })?;
    let fingerprint = ["number", "content", "look", "drawn", "ink"];
    copy("fingerprint", &fingerprint, as_it_is)?;
    copy("document_details", &["details", "waits"], as_it_is)?;
    let failure = [
        "circumstances",
        "page",
        "stage",
        "kind",
        "detail",
        "attempts",
        "at",
        "hash",
        "version",
    ];
    copy("failure", &failure, &mut |row, insert| {
        let circumstances: Option<String> = row.get(1)?;
        let circumstances = circumstances.map(|json| renumbered(json, &documents));
        Ok(insert.raw_bind_parameter(2, circumstances)?)
    })?;
    let mut index = to.prepare_cached("INSERT INTO page_search (rowid, text) VALUES (?1, ?2)")?;
    let mut id: i64 = to.query_row("SELECT coalesce(max(id), 0) FROM page_text", [], |row| {
        row.get(0)
    })?;
    copy(
        "page_text",
        &["id", "number", "text"],
        &mut |row, insert| {
            id += 1;
            index.execute(params![
                id,
                indexed(row.get_ref(3)?.as_str().unwrap_or_default())
            ])?;
            Ok(insert.raw_bind_parameter(2, id)?)
        },
    )
}

fn copy_runs(from: &Connection, to: &Connection, batch: i64) -> Step<HashMap<i64, i64>> {
    let mut select = from.prepare("SELECT id, started, finished, settings, outcome FROM run")?;
    let mut insert = to.prepare_cached(
        "INSERT INTO run (batch, started, finished, settings, outcome)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let mut runs = HashMap::new();
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        insert.raw_bind_parameter(1, batch)?;
        for column in 1..5 {
            insert.raw_bind_parameter(column + 1, ToSqlOutput::Borrowed(row.get_ref(column)?))?;
        }
        insert.raw_execute()?;
        runs.insert(row.get(0)?, to.last_insert_rowid());
    }
    Ok(runs)
}

/// Documents get the places that they would have got in one run, so that what is decided
/// by the order of intake, such as which of two copies is the first, is decided as there.
/// What is attached to them comes along, under the numbers from `next` on.
fn copy_documents(
    from: &Connection,
    to: &Connection,
    piece: &Piece<'_>,
    (batch, first): (i64, i64),
    next: &mut i64,
) -> Step<HashMap<i64, i64>> {
    const ORDER: &str = "SELECT id, bytes, modified, hash, status, pages, encrypted, ordinal, name,
                         archive_entry FROM document ORDER BY ordinal";
    let mut select = from.prepare(ORDER)?;
    // How many of its pages are done and failed, triggers count as pages are added.
    let mut insert = to.prepare_cached(
        "INSERT INTO document (id, bytes, modified, hash, status, pages, encrypted, batch,
         ordinal, name, source_path, archive_entry)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?;
    let mut numbers = HashMap::new();
    let mut documents = piece.documents.iter();
    let mut rows = select.query([])?;
    let mut holder = None;
    while let Some(row) = rows.next()? {
        let within: i64 = row.get::<_, i64>(7)? % ROOM;
        if within == 0 {
            holder = documents.next();
        }
        let document = holder.ok_or(OTHER_DOCUMENTS)?;
        let place = i64::from(document.place);
        let (number, name, entry) = match within {
            0 => (
                first + place,
                document.name.to_owned(),
                document.source.entry().map(str::to_owned),
            ),
            _ => {
                *next += 1;
                (*next - 1, row.get(8)?, row.get(9)?)
            }
        };
        insert.raw_bind_parameter(1, number)?;
        for column in 1..7 {
            insert.raw_bind_parameter(column + 1, ToSqlOutput::Borrowed(row.get_ref(column)?))?;
        }
        insert.raw_bind_parameter(8, batch)?;
        insert.raw_bind_parameter(9, place * ROOM + within)?;
        insert.raw_bind_parameter(10, name)?;
        insert.raw_bind_parameter(11, path_value(document.source.file())?)?;
        insert.raw_bind_parameter(12, entry)?;
        insert.raw_execute()?;
        numbers.insert(row.get(0)?, number);
    }
    match documents.next() {
        None => Ok(numbers),
        Some(_) => Err(OTHER_DOCUMENTS.into()),
    }
}

/// Changes the values that a row is about to be inserted with.
type Change<'a> = &'a mut dyn FnMut(&Row<'_>, &mut CachedStatement<'_>) -> Step<()>;

/// Copies the rows of a table that are about documents, which get their new numbers.
fn copy(
    from: &Connection,
    to: &Connection,
    table: &str,
    columns: &[&str],
    documents: &HashMap<i64, i64>,
    change: Change<'_>,
) -> Step<()> {
    let names = columns.join(", ");
    let values = ", ?".repeat(columns.len());
    let mut select = from.prepare(&format!("SELECT document, {names} FROM {table}"))?;
    let mut insert = to.prepare_cached(&format!(
        "INSERT INTO {table} (document, {names}) VALUES (?{values})"
    ))?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let document = documents.get(&row.get(0)?).ok_or(OTHER_DOCUMENTS)?;
        insert.raw_bind_parameter(1, document)?;
        for column in 1..=columns.len() {
            insert.raw_bind_parameter(column + 1, ToSqlOutput::Borrowed(row.get_ref(column)?))?;
        }
        change(row, &mut insert)?;
        insert.raw_execute()?;
    }
    Ok(())
}

/// What surrounded a failure names pages that its worker had analysed before.
fn renumbered(json: String, documents: &HashMap<i64, i64>) -> String {
    let Ok(mut circumstances) = serde_json::from_str::<Circumstances>(&json) else {
        return json;
    };
    for page in &mut circumstances.worker.earlier {
        if let Some(number) = documents.get(&page.document.0) {
            page.document = DocumentId(*number);
        }
    }
    serde_json::to_string(&circumstances).unwrap_or(json)
}
