//! Questions to the library. Not for changing anything.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use rusqlite::{
    CachedStatement, Connection, OptionalExtension, Params, Row, Transaction, TransactionBehavior,
    params,
};
use serde::de::DeserializeOwned;

use crate::analysis::Thresholds;
use crate::model::{
    Batch, BatchId, BatchSummary, ContentHash, Document, DocumentDetails, DocumentId,
    DocumentStatus, Failure, FailureKind, Finding, FindingId, Likeness, PageId, PagePair,
    ProposalRule, Source, SplitPlan, Stage, WatchedFolder,
};

use super::connection;
use super::error::{Doing, Result};
use super::search::{query, texts_read};
use super::values::{count_at, look_at, path_at, path_value, word_at};

/// A page that failed; without a number the document as a whole.
pub type FailedId = (DocumentId, Option<u32>);

/// What tells a page from others, as the library keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptFingerprint {
    /// Which page.
    pub page: PageId,
    /// Hash of what it paints and of its text.
    pub content: Option<ContentHash>,
    /// Hash of its look.
    pub look: Option<[u64; 4]>,
    /// The look is that of text that a program wrote.
    pub drawn: bool,
    /// The look has been compared with those most like it.
    pub compared: bool,
}

/// Reads the library. Each call sees one state of it; use
/// [`Reader::consistent`] for several calls that must agree.
#[derive(Debug)]
pub struct Reader {
    connection: Connection,
    /// The library's file, for errors that name it.
    file: PathBuf,
}

/// Columns of a document, in the order that [`document`] reads them.
macro_rules! select_documents {
    ($rest:literal) => {
        concat!(
            "SELECT d.id, d.batch, d.source_path, d.archive_entry, d.name, d.bytes, d.modified, ",
            "d.hash, d.status, d.pages, d.encrypted, ",
            "(SELECT o.id FROM document o WHERE o.batch = d.batch AND o.hash = d.hash ",
            "AND o.ordinal < d.ordinal ORDER BY o.ordinal LIMIT 1), ",
            "d.left_out FROM document d ",
            $rest
        )
    };
}

/// Columns of a batch with its counts; `$which` picks the batches.
macro_rules! select_batches {
    ($which:literal) => {
        concat!(
            "SELECT b.id, b.name, b.created, b.cancelled, b.archived, count(d.id), ",
            "coalesce(sum(d.status IN ('waiting', 'again')), 0), ",
            "coalesce(sum(d.status NOT IN ('waiting', 'again', 'ok')), 0), ",
            "coalesce(sum(d.pages), 0), coalesce(sum(d.pages_done), 0), ",
            "coalesce(sum(d.pages_failed), 0), ",
            "(SELECT count(*) FROM document fd JOIN failure f ON f.document = fd.id ",
            "WHERE fd.batch = b.id AND (f.page IS NOT NULL OR fd.left_out IS NULL)), ",
            "coalesce(sum(d.bytes), 0), coalesce(sum(d.left_out IS NOT NULL), 0) ",
            "FROM batch b LEFT JOIN document d ON d.batch = b.id ",
            $which,
            " GROUP BY b.id ORDER BY b.created DESC, b.id DESC"
        )
    };
}

/// Columns of a failure, in the order that [`failure`] reads them.
macro_rules! select_failures {
    ($rest:literal) => {
        concat!(
            "SELECT f.document, f.page, f.stage, f.kind, f.detail, f.attempts, f.at, f.hash, ",
            "f.version, f.circumstances FROM ",
            $rest
        )
    };
}

impl Reader {
    /// Opens the library in a directory for reading, beside a writer or
    /// without one. None where there is no library yet.
    pub fn open(dir: &Path) -> Result<Option<Self>> {
        let file = dir.join(connection::DATABASE);
        Ok(connection::open_reader(dir)?.map(|connection| Self::over(connection, &file)))
    }

    pub(super) fn over(connection: Connection, file: &Path) -> Self {
        Self {
            connection,
            file: file.to_owned(),
        }
    }

    /// A random name that the library got when it was made.
    pub fn id(&self) -> Result<String> {
        self.connection
            .query_row("SELECT value FROM meta WHERE key = 'id'", [], |row| {
                row.get(0)
            })
            .doing("reading the library's id")
            .map_err(|error| error.in_file(&self.file))
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Asks several questions of one and the same state of the library,
    /// whatever a writer does in the meantime.
    pub fn consistent<T>(&self, questions: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        if !self.connection.is_autocommit() {
            // Within a transaction they agree anyway.
            return questions(self);
        }
        let doing = "reading a consistent state";
        let snapshot = Transaction::new_unchecked(&self.connection, TransactionBehavior::Deferred)
            .doing(doing)?;
        let answer = questions(self)?;
        snapshot.rollback().doing(doing)?;
        Ok(answer)
    }

    /// All batches with their counts, newest first.
    pub fn batches(&self) -> Result<Vec<BatchSummary>> {
        self.list("listing batches", select_batches!(""), [], batch)
    }

    /// One batch with its counts.
    pub fn batch(&self, id: BatchId) -> Result<Option<BatchSummary>> {
        self.one(
            "reading a batch",
            select_batches!("WHERE b.id = ?1"),
            [id.0],
            batch,
        )
    }

    /// The newest batch with its counts.
    pub fn newest_batch(&self) -> Result<Option<BatchSummary>> {
        self.one(
            "reading the newest batch",
            select_batches!(
                "WHERE b.id = (SELECT id FROM batch ORDER BY archived, created DESC, id DESC LIMIT 1)"
            ),
            [],
            batch,
        )
    }

    /// The paths that the user gave for a batch, in that order.
    pub fn roots(&self, batch: BatchId) -> Result<Vec<PathBuf>> {
        self.list(
            "reading a batch's roots",
            "SELECT path FROM batch_root WHERE batch = ?1 ORDER BY id",
            [batch.0],
            |row| path_at(row, 0),
        )
    }

    /// The folders that are watched.
    pub fn watched(&self) -> Result<Vec<WatchedFolder>> {
        self.list(
            "reading which folders are watched",
            "SELECT batch, path, moved_to FROM batch_root WHERE watched ORDER BY batch, id",
            [],
            |row| {
                Ok(WatchedFolder {
                    batch: BatchId(row.get(0)?),
                    folder: path_at(row, 1)?,
                    // What is no path is none.
                    moved_to: path_at(row, 2).ok(),
                })
            },
        )
    }

    /// The newest batch whose roots are exactly these, in any order.
    pub fn batch_with_roots(&self, roots: &[PathBuf]) -> Result<Option<BatchId>> {
        let Some(first) = roots.first() else {
            return Ok(None);
        };
        let wanted: HashSet<&PathBuf> = roots.iter().collect();
        self.consistent(|reader| {
            let candidates = reader.list(
                "looking for a batch by its roots",
                "SELECT b.id FROM batch_root r JOIN batch b ON b.id = r.batch
                 WHERE r.path = ?1 ORDER BY b.created DESC, b.id DESC",
                [path_value(first)?],
                |row| row.get(0).map(BatchId),
            )?;
            for batch in candidates {
                let roots = reader.roots(batch)?;
                if roots.len() == wanted.len() && roots.iter().all(|root| wanted.contains(root)) {
                    return Ok(Some(batch));
                }
            }
            Ok(None)
        })
    }

    /// The documents of a batch, in their order.
    pub fn documents(&self, batch: BatchId) -> Result<Vec<Document>> {
        self.list(
            "listing documents",
            select_documents!("WHERE d.batch = ?1 ORDER BY d.ordinal"),
            [batch.0],
            document,
        )
    }

    /// One document.
    pub fn document(&self, id: DocumentId) -> Result<Option<Document>> {
        self.one(
            "reading a document",
            select_documents!("WHERE d.id = ?1"),
            [id.0],
            document,
        )
    }

    /// What inspecting a document found; none where it was not inspected yet.
    pub fn details_of(&self, document: DocumentId) -> Result<Option<DocumentDetails>> {
        self.one(
            "reading a document's details",
            "SELECT details FROM document_details WHERE document = ?1",
            [document.0],
            |row| Ok(details_at(row, 0)),
        )
    }

    /// What inspecting the documents of a batch found.
    pub fn details(&self, batch: BatchId) -> Result<HashMap<DocumentId, DocumentDetails>> {
        let list = self.list(
            "reading the details of documents",
            "SELECT d.id, i.details FROM document d
             JOIN document_details i ON i.document = d.id WHERE d.batch = ?1",
            [batch.0],
            |row| Ok((DocumentId(row.get(0)?), details_at(row, 1))),
        )?;
        Ok(list.into_iter().collect())
    }

    /// The plan for splitting a batch that was kept, if any.
    pub fn split_plan(&self, batch: BatchId) -> Result<Option<SplitPlan>> {
        let kept = self.one(
            "reading the plan for splitting",
            "SELECT plan FROM split_plan WHERE batch = ?1",
            [batch.0],
            |row| Ok(readable(row, 0, "a plan for splitting")),
        )?;
        Ok(kept.flatten())
    }

    /// Where the lines between verdicts are drawn in a batch; the usual ones where
    /// nobody has moved them.
    pub fn thresholds(&self, batch: BatchId) -> Result<Thresholds> {
        let kept = self.one(
            "reading thresholds",
            "SELECT thresholds FROM thresholds WHERE batch = ?1",
            [batch.0],
            |row| Ok(readable(row, 0, "the thresholds of a batch")),
        )?;
        Ok(kept.flatten().unwrap_or_default())
    }

    /// The rules that propose, in their order. One that cannot be read is left out.
    pub fn rules(&self) -> Result<Vec<ProposalRule>> {
        let rules = self.list(
            "listing rules",
            "SELECT query, change FROM proposal_rule ORDER BY place",
            [],
            |row| {
                let query = row.get(0)?;
                let change = readable(row, 1, "a rule");
                Ok(change.map(|change| ProposalRule { query, change }))
            },
        )?;
        Ok(rules.into_iter().flatten().collect())
    }

    /// The documents of a batch that are to be inspected: they were opened, and not
    /// inspected since.
    pub fn uninspected(&self, batch: BatchId) -> Result<Vec<DocumentId>> {
        self.list(
            "listing documents to inspect",
            "SELECT d.id FROM document d
             LEFT JOIN document_details i ON i.document = d.id
             WHERE d.batch = ?1 AND d.status = ?2 AND coalesce(i.waits, 1) = 1
             ORDER BY d.ordinal",
            params![batch.0, DocumentStatus::Ok.as_str()],
            |row| row.get(0).map(DocumentId),
        )
    }

    /// The text of a page; none where it is not done.
    pub fn page_text(&self, page: PageId) -> Result<Option<String>> {
        self.one(
            "reading a page's text",
            "SELECT text FROM page_text WHERE document = ?1 AND number = ?2",
            params![page.document.0, page.number],
            |row| Ok(row.get(0).unwrap_or_default()),
        )
    }

    /// What analysers have read on a page, by the names of the analysers.
    pub fn texts_read(&self, page: PageId) -> Result<Vec<String>> {
        texts_read(&self.connection, page).doing("reading what analysers read")
    }

    /// The pages of a batch whose text, or what analysers read, has all that was
    /// typed, by the order of documents and by number: words, `"phrases"`, and
    /// beginnings of words as `begin*`; whatever their case and accents.
    pub fn search(&self, batch: BatchId, typed: &str) -> Result<Vec<PageId>> {
        let Some(query) = query(typed) else {
            return Ok(Vec::new());
        };
        self.list(
            "searching the text of pages",
            "SELECT t.document, t.number FROM page_search
             JOIN page_text t ON t.id = page_search.rowid
             JOIN document d ON d.id = t.document
             WHERE page_search MATCH ?2 AND d.batch = ?1
             ORDER BY d.ordinal, t.number",
            params![batch.0, query],
            |row| {
                Ok(PageId {
                    document: DocumentId(row.get(0)?),
                    number: row.get(1)?,
                })
            },
        )
    }

    /// What external analysers found in a batch, by the order of documents and
    /// pages, without the places of words.
    pub fn findings(&self, batch: BatchId) -> Result<Vec<Finding>> {
        self.list(
            "listing findings",
            "SELECT f.document, f.page, f.analyser, json_remove(f.finding, '$.result.Ok.words')
             FROM document d
             CROSS JOIN finding f ON f.document = d.id
             WHERE d.batch = ?1 AND f.finding IS NOT NULL
             ORDER BY d.ordinal, f.page, f.analyser",
            [batch.0],
            finding,
        )
    }

    /// What external analysers found on a page.
    pub fn findings_of(&self, page: PageId) -> Result<Vec<Finding>> {
        self.list(
            "reading a page's findings",
            "SELECT document, page, analyser, finding FROM finding
             WHERE document = ?1 AND page = ?2 AND finding IS NOT NULL ORDER BY analyser",
            params![page.document.0, page.number],
            finding,
        )
    }

    /// The pages of a document of which an analyser knows where words stand, with the
    /// bytes that this takes in the library: 0 where it found none to be read.
    pub fn pages_with_words(&self, document: DocumentId) -> Result<Vec<(u32, u64)>> {
        self.list(
            "listing pages with recognised words",
            "SELECT page, sum(CASE WHEN json_array_length(finding, '$.result.Ok.words') > 0
                              THEN length(finding) ELSE 0 END)
             FROM finding
             WHERE document = ?1 AND (json_array_length(finding, '$.result.Ok.words') > 0
                                      OR json_extract(finding, '$.result.Ok.text') = '')
             GROUP BY page",
            [document.0],
            |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())),
        )
    }

    /// What external analysers are still to look at in a batch.
    pub fn findings_waiting(&self, batch: BatchId) -> Result<Vec<FindingId>> {
        self.list(
            "listing what waits for analysers",
            "SELECT f.document, f.page, f.analyser FROM document d
             CROSS JOIN finding f ON f.document = d.id
             WHERE d.batch = ?1 AND f.waits = 1
             ORDER BY d.ordinal, f.page, f.analyser",
            [batch.0],
            finding_id,
        )
    }

    /// The fingerprints of all pages of the library that are measured, by the order
    /// of intake and by number; without the looks themselves.
    pub fn fingerprints(&self) -> Result<Vec<KeptFingerprint>> {
        self.list(
            "listing fingerprints",
            "SELECT f.document, f.number, f.content, f.look, coalesce(f.drawn, 0),
             c.number IS NOT NULL
             FROM document d
             CROSS JOIN fingerprint f ON f.document = d.id
             JOIN measurement m ON m.document = f.document AND m.number = f.number
             LEFT JOIN compared_page c ON c.document = f.document AND c.number = f.number
             ORDER BY d.id, f.number",
            [],
            |row| {
                Ok(KeptFingerprint {
                    page: PageId {
                        document: DocumentId(row.get(0)?),
                        number: row.get(1)?,
                    },
                    content: hash_at(row, 2)?,
                    look: row.get::<_, Option<[u8; 32]>>(3)?.map(look_at),
                    drawn: row.get(4)?,
                    compared: row.get(5)?,
                })
            },
        )
    }

    /// Pairs of pages that were compared and look alike.
    pub fn alike_pages(&self) -> Result<Vec<PagePair>> {
        let page = |row: &Row<'_>, at: usize| -> rusqlite::Result<PageId> {
            Ok(PageId {
                document: DocumentId(row.get(at)?),
                number: row.get(at + 1)?,
            })
        };
        self.list(
            "listing pages that are alike",
            "SELECT document, number, other_document, other_number, likeness, places
             FROM same_page",
            [],
            |row| {
                let likeness = usize::try_from(row.get::<_, i64>(4)?).unwrap_or(0);
                let places: Option<String> = row.get(5)?;
                Ok(PagePair {
                    page: page(row, 0)?,
                    other: page(row, 2)?,
                    likeness: Likeness::ALL.get(likeness).copied().unwrap_or_default(),
                    // What cannot be read is not shown.
                    places: places
                        .and_then(|places| serde_json::from_str(&places).ok())
                        .unwrap_or_default(),
                })
            },
        )
    }

    /// What a page looks like, packed; none where it has no look.
    pub fn look_ink(&self, page: PageId) -> Result<Option<Vec<u8>>> {
        let ink: Option<Option<Vec<u8>>> = self.one(
            "reading a page's look",
            "SELECT ink FROM fingerprint WHERE document = ?1 AND number = ?2",
            params![page.document.0, page.number],
            |row| row.get(0),
        )?;
        Ok(ink.flatten())
    }

    /// Groups of pages of which a person said that they are not the same.
    pub fn dismissals(&self) -> Result<Vec<BTreeSet<PageId>>> {
        let pages = self.list(
            "listing dismissed duplicates",
            "SELECT dismissal, document, number FROM dismissed_page ORDER BY dismissal",
            [],
            |row| {
                let page = PageId {
                    document: DocumentId(row.get(1)?),
                    number: row.get(2)?,
                };
                Ok((row.get::<_, i64>(0)?, page))
            },
        )?;
        let groups = pages.chunk_by(|(a, _), (b, _)| a == b);
        Ok(groups
            .map(|group| group.iter().map(|(_, page)| *page).collect())
            .collect())
    }

    /// The failure records of a batch, by the order of documents; a document's
    /// own record comes before those of its pages.
    pub fn failures(&self, batch: BatchId) -> Result<Vec<Failure>> {
        self.list(
            "listing failures",
            select_failures!(
                "document d CROSS JOIN failure f ON f.document = d.id
                 WHERE d.batch = ?1 ORDER BY d.ordinal, f.page"
            ),
            [batch.0],
            failure,
        )
    }

    /// What failed in a batch, without the circumstances.
    pub fn failed(&self, batch: BatchId) -> Result<Vec<(FailedId, FailureKind)>> {
        self.list(
            "listing what failed",
            "SELECT f.document, f.page, f.kind FROM document d
             CROSS JOIN failure f ON f.document = d.id WHERE d.batch = ?1",
            [batch.0],
            |row| {
                let id = (DocumentId(row.get(0)?), row.get(1)?);
                let kind = word_at(row, 2, FailureKind::from_word);
                Ok((id, kind.unwrap_or(FailureKind::NotKept)))
            },
        )
    }

    /// The failure record of a page, or of the document as a whole.
    pub fn failure_of(&self, document: DocumentId, page: Option<u32>) -> Result<Option<Failure>> {
        self.one(
            "reading a failure",
            select_failures!("failure f WHERE f.document = ?1 AND f.page IS ?2"),
            params![document.0, page],
            failure,
        )
    }

    /// The first document of the batch with this document's content, where
    /// that is another one.
    pub(super) fn original_of(&self, document: DocumentId) -> Result<Option<DocumentId>> {
        self.one(
            "looking for the original",
            "SELECT o.id FROM document d JOIN document o ON o.batch = d.batch AND o.hash = d.hash
             WHERE d.id = ?1 AND o.ordinal < d.ordinal ORDER BY o.ordinal LIMIT 1",
            [document.0],
            |row| row.get(0).map(DocumentId),
        )
    }

    /// The other documents of the batch with this document's content, in their
    /// order.
    pub(super) fn same_content(&self, document: DocumentId) -> Result<Vec<DocumentId>> {
        self.list(
            "looking for duplicates",
            "SELECT o.id FROM document d JOIN document o ON o.batch = d.batch AND o.hash = d.hash
             WHERE d.id = ?1 AND o.id <> d.id ORDER BY o.ordinal",
            [document.0],
            |row| row.get(0).map(DocumentId),
        )
    }

    /// A statement, noted in tests.
    pub(super) fn prepared(&self, sql: &str) -> rusqlite::Result<CachedStatement<'_>> {
        #[cfg(test)]
        super::plans::note(sql);
        self.connection.prepare_cached(sql)
    }

    /// Has an error name the library's file.
    pub(super) fn named<T>(&self, result: Result<T>) -> Result<T> {
        result.map_err(|error| error.in_file(&self.file))
    }

    pub(super) fn list<T>(
        &self,
        doing: &'static str,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let list = || {
            let mut statement = self.prepared(sql)?;
            let rows = statement.query_map(params, read)?;
            rows.collect::<rusqlite::Result<_>>()
        };
        self.named(list().doing(doing))
    }

    pub(super) fn one<T>(
        &self,
        doing: &'static str,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>> {
        let one = || {
            let mut statement = self.prepared(sql)?;
            statement.query_row(params, read).optional()
        };
        self.named(one().doing(doing))
    }
}

fn batch(row: &Row<'_>) -> rusqlite::Result<BatchSummary> {
    Ok(BatchSummary {
        batch: Batch {
            id: BatchId(row.get(0)?),
            name: row.get(1)?,
            created: row.get(2)?,
            cancelled: row.get(3)?,
            archived: row.get(4)?,
        },
        documents: count_at(row, 5)?,
        documents_waiting: count_at(row, 6)?,
        documents_failed: count_at(row, 7)?,
        pages: count_at(row, 8)?,
        pages_done: count_at(row, 9)?,
        pages_failed: count_at(row, 10)?,
        failures: count_at(row, 11)?,
        bytes: count_at(row, 12).unwrap_or(0),
        documents_left_out: count_at(row, 13)?,
    })
}

/// A document; one whose row cannot be read in full counts as broken.
fn document(row: &Row<'_>) -> rusqlite::Result<Document> {
    let file = path_at(row, 2)?;
    let status = word_at(row, 8, DocumentStatus::from_word).unwrap_or(DocumentStatus::Broken);
    Ok(Document {
        id: DocumentId(row.get(0)?),
        batch: BatchId(row.get(1)?),
        source: match row.get(3)? {
            None => Source::File(file),
            Some(entry) => Source::Within { file, entry },
        },
        name: row.get(4)?,
        bytes: count_at(row, 5).unwrap_or(0),
        modified: row.get(6)?,
        hash: hash_at(row, 7).ok().flatten(),
        status,
        pages: row.get(9).unwrap_or(0),
        // Stored is what is known of documents that could be opened.
        encrypted: row.get(10).unwrap_or(false) || status == DocumentStatus::NeedsPassword,
        duplicate_of: row.get::<_, Option<i64>>(11)?.map(DocumentId),
        left_out: row.get(12).unwrap_or_default(),
    })
}

fn finding_id(row: &Row<'_>) -> rusqlite::Result<FindingId> {
    Ok(FindingId {
        document: DocumentId(row.get(0)?),
        page: Some(row.get(1)?).filter(|page| *page > 0),
        analyser: row.get(2)?,
    })
}

/// A finding; one that cannot be read is one of nothing, and can be looked for again.
fn finding(row: &Row<'_>) -> rusqlite::Result<Finding> {
    let id = finding_id(row)?;
    Ok(json_at(row, 3).unwrap_or_else(|error| Finding {
        id,
        result: Err(format!("it cannot be read from the library: {error}")),
        failed_again: None,
        left: None,
        ms: 0,
    }))
}

/// Details of a document; those that cannot be read say so.
fn details_at(row: &Row<'_>, column: usize) -> DocumentDetails {
    json_at(row, column).unwrap_or_else(|error| DocumentDetails {
        problem: Some(format!(
            "what was found cannot be read from the library: {error}"
        )),
        ..DocumentDetails::default()
    })
}

/// A failure record; what of it cannot be read is left out.
fn failure(row: &Row<'_>) -> rusqlite::Result<Failure> {
    Ok(Failure {
        document: DocumentId(row.get(0)?),
        page: row.get(1)?,
        stage: word_at(row, 2, Stage::from_word).unwrap_or(Stage::Analyse),
        kind: word_at(row, 3, FailureKind::from_word).unwrap_or(FailureKind::NotKept),
        detail: row.get(4)?,
        attempts: row.get(5).unwrap_or(1),
        at: row.get(6)?,
        hash: hash_at(row, 7).ok().flatten(),
        version: row.get(8)?,
        circumstances: json_at(row, 9).ok(),
    })
}

/// Reads what is kept as JSON; none, and a line in the log, where it cannot be read.
fn readable<T: DeserializeOwned>(row: &Row<'_>, column: usize, what: &str) -> Option<T> {
    match json_at(row, column) {
        Ok(value) => Some(value),
        Err(_) => {
            tracing::error!("{what} cannot be read from the library and counts as absent");
            None
        }
    }
}

fn json_at<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let json = row.get_ref(column)?.as_str()?;
    serde_json::from_str(json).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, error.into())
    })
}

fn hash_at(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<ContentHash>> {
    Ok(row.get::<_, Option<[u8; 32]>>(column)?.map(ContentHash))
}
