//! What people said of pages, as the library keeps it: act after act. Not for what holds
//! now (`triage::decisions`).

use std::collections::HashSet;

use rusqlite::{Row, params};

use super::error::Result;
use super::reader::Reader;
use super::values::count_value;
use super::writer::{Writer, json_value, must_exist};
use crate::model::{Act, ActId, BatchId, Change, ContentHash, Deed, PageKey};

macro_rules! acts {
    ($condition:literal) => {
        concat!(
            "SELECT a.id, a.at, a.author, a.rule, a.changes, a.undoes, p.hash, p.number, a.batch
             FROM act a LEFT JOIN act_page p ON p.act = a.id WHERE ",
            $condition,
            " ORDER BY a.id"
        )
    };
}

/// One row of an act: what it is, and one of its pages.
struct Piece {
    act: Act,
    batch: BatchId,
}

impl Reader {
    /// All acts of a batch, in the order in which they were done.
    pub fn acts(&self, batch: BatchId) -> Result<Vec<Act>> {
        let pieces = self.list("reading decisions", acts!("a.batch = ?1"), [batch.0], piece)?;
        Ok(whole(pieces).into_iter().map(|(_, act)| act).collect())
    }

    /// All acts of other batches that have, or take back what has, a page of a document
    /// that is in this batch too: by batch, in the order in which they were done.
    pub fn acts_elsewhere(&self, batch: BatchId) -> Result<Vec<(BatchId, Act)>> {
        let pieces = self.list(
            "reading earlier decisions",
            acts!(
                "a.batch IN (
                    SELECT other.batch FROM act other JOIN act_page page ON page.act = other.id
                    WHERE other.batch <> ?1
                    AND page.hash IN (SELECT hash FROM document WHERE batch = ?1)
                 )"
            ),
            [batch.0],
            piece,
        )?;
        Ok(whole(pieces))
    }
}

impl Reader {
    /// Pages of a batch that somebody has seen.
    pub fn seen(&self, batch: BatchId) -> Result<HashSet<PageKey>> {
        let seen = self.list(
            "reading which pages were seen",
            "SELECT hash, number FROM seen_page WHERE batch = ?1",
            [batch.0],
            |row| {
                Ok(PageKey {
                    document: ContentHash(row.get(0)?),
                    number: row.get(1)?,
                })
            },
        )?;
        Ok(seen.into_iter().collect())
    }
}

impl Writer<'_> {
    /// Notes that somebody has seen pages; who saw them first stays.
    pub fn note_seen(
        &self,
        batch: BatchId,
        at: i64,
        author: &str,
        pages: &[PageKey],
    ) -> Result<()> {
        self.step("noting which pages were seen", |sql| {
            must_exist(sql, "batch", batch.0)?;
            let mut add = sql.prepare_cached(
                "INSERT OR IGNORE INTO seen_page (batch, hash, number, at, author)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?;
            for page in pages {
                let number = count_value(page.number.into());
                add.execute(params![batch.0, page.document.0, number, at, author])?;
            }
            Ok(())
        })
    }

    /// Adds an act at the end, and returns it as it is kept.
    pub fn add_act(
        &self,
        batch: BatchId,
        at: i64,
        author: &str,
        rule: Option<&str>,
        deed: Deed,
    ) -> Result<Act> {
        self.step("keeping a decision", |sql| {
            must_exist(sql, "batch", batch.0)?;
            let (changes, undoes) = match &deed {
                Deed::Change { changes, .. } => (Some(json_value(changes)?), None),
                Deed::Undo(act) => (None, Some(act.0)),
            };
            sql.prepare_cached(
                "INSERT INTO act (batch, at, author, rule, changes, undoes)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![batch.0, at, author, rule, changes, undoes])?;
            let id = ActId(sql.last_insert_rowid());
            if let Deed::Change { pages, .. } = &deed {
                let mut add = sql.prepare_cached(
                    "INSERT OR IGNORE INTO act_page (act, hash, number) VALUES (?1, ?2, ?3)",
                )?;
                for page in pages {
                    let number = count_value(page.number.into());
                    add.execute(params![id.0, page.document.0, number])?;
                }
            }
            Ok(Act {
                id,
                at,
                author: author.to_owned(),
                rule: rule.map(str::to_owned),
                deed: deed.clone(),
            })
        })
    }
}

fn piece(row: &Row<'_>) -> rusqlite::Result<Piece> {
    let undoes: Option<i64> = row.get(5)?;
    let deed = match undoes {
        Some(act) => Deed::Undo(ActId(act)),
        None => Deed::Change {
            changes: changes(&row.get::<_, String>(4)?),
            pages: match row.get::<_, Option<[u8; 32]>>(6)? {
                Some(hash) => vec![PageKey {
                    document: ContentHash(hash),
                    number: row.get(7)?,
                }],
                None => vec![],
            },
        },
    };
    Ok(Piece {
        act: Act {
            id: ActId(row.get(0)?),
            at: row.get(1)?,
            author: row.get(2)?,
            rule: row.get(3)?,
            deed,
        },
        batch: BatchId(row.get(8)?),
    })
}

/// What cannot be read changes nothing, and costs no other act.
fn changes(json: &str) -> Vec<Change> {
    serde_json::from_str(json).unwrap_or_else(|error| {
        tracing::warn!(%error, "a decision cannot be read");
        Vec::new()
    })
}

/// Puts the pages of each act together.
fn whole(pieces: Vec<Piece>) -> Vec<(BatchId, Act)> {
    let mut acts: Vec<(BatchId, Act)> = Vec::new();
    for Piece { act, batch } in pieces {
        match (acts.last_mut(), act.deed) {
            (Some((_, last)), Deed::Change { pages: more, .. }) if last.id == act.id => {
                if let Deed::Change { pages, .. } = &mut last.deed {
                    pages.extend(more);
                }
            }
            (_, deed) => acts.push((batch, Act { deed, ..act })),
        }
    }
    acts
}
