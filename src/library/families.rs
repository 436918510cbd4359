//! Where documents that are attached to others stand in their batch: right after these, in
//! an order that does not depend on which was opened first. Not for finding them (`worker`)
//! nor for telling who belongs together ([`Source::around`]).

use rusqlite::{Connection, OptionalExtension, params};

use super::values::path_value;
use super::writer::Step;
use crate::model::{BatchId, Source};

/// How far apart documents stand, by how often they are attached: those that are not, those
/// that are attached to these, and so on. The first have room for 32,767 others, more than
/// are taken in of one file, the next for 8,191 and 4,095.
const ROOMS: [i64; 4] = [ROOM, 1 << 25, 1 << 12, 1];

/// How far apart documents stand that are attached to none.
pub(super) const ROOM: i64 = 1 << 40;

/// The place of a new document: after the last that is attached to the document that it is
/// attached to itself, or before those that are attached to it, when it was taken out and
/// comes back. None where it has no family.
pub(super) fn place(sql: &Connection, batch: BatchId, source: &Source) -> Step<Option<i64>> {
    if let Source::File(_) = source {
        return place_before(sql, batch, source);
    }
    for holder in source.all_around() {
        if let Some(holder) = place_of(sql, batch, &holder)? {
            return place_within(sql, batch, holder).map(Some);
        }
    }
    Ok(None)
}

fn place_of(sql: &Connection, batch: BatchId, source: &Source) -> Step<Option<i64>> {
    let path = path_value(source.file())?;
    // Each has an index of its own.
    let found = match source.entry() {
        None => sql
            .prepare_cached(
                "SELECT ordinal FROM document
                 WHERE batch = ?1 AND source_path = ?2 AND archive_entry IS NULL",
            )?
            .query_row(params![batch.0, path], |row| row.get(0)),
        Some(entry) => sql
            .prepare_cached(
                "SELECT ordinal FROM document
                 WHERE batch = ?1 AND source_path = ?2 AND archive_entry = ?3",
            )?
            .query_row(params![batch.0, path, entry], |row| row.get(0)),
    };
    Ok(found.optional()?)
}

fn place_before(sql: &Connection, batch: BatchId, source: &Source) -> Step<Option<i64>> {
    let first: Option<i64> = sql
        .prepare_cached(
            "SELECT min(ordinal) FROM document
             WHERE batch = ?1 AND source_path = ?2 AND archive_entry IS NOT NULL",
        )?
        .query_row(params![batch.0, path_value(source.file())?], |row| {
            row.get(0)
        })?;
    let Some(first) = first.filter(|first| first % ROOM != 0) else {
        return Ok(None);
    };
    let place = first - first % ROOM;
    let is_taken = sql
        .prepare_cached("SELECT 1 FROM document WHERE batch = ?1 AND ordinal = ?2")?
        .exists(params![batch.0, place])?;
    Ok((!is_taken).then_some(place))
}

/// Where there is no room for one more, it stands behind the whole family.
fn place_within(sql: &Connection, batch: BatchId, holder: i64) -> Step<i64> {
    let last_within = |from: i64, room: i64| -> Step<i64> {
        let mut last = sql.prepare_cached(
            "SELECT max(ordinal) FROM document
             WHERE batch = ?1 AND ordinal >= ?2 AND ordinal < ?2 + ?3",
        )?;
        Ok(last.query_row(params![batch.0, from, room], |row| row.get(0))?)
    };
    let level = ROOMS.iter().position(|room| holder % room == 0);
    if let Some([room, apart]) = level.and_then(|level| ROOMS.get(level..level + 2)) {
        let last = last_within(holder, *room)?;
        let place = last - last % apart + apart;
        if place < holder + room {
            return Ok(place);
        }
    }
    Ok(last_within(holder - holder % ROOM, ROOM)? + 1)
}
