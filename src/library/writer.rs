//! Changes to the library, always within a transaction. Not for deciding what
//! to change.

use std::cell::Cell;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::analysis::Thresholds;
use crate::model::{
    BatchId, ContentHash, Disagreement, Document, DocumentDetails, DocumentId, DocumentStatus,
    Failure, Finding, FindingId, Measurements, PageFingerprint, PageId, PagePair, PageShape,
    PageState, PrintedNumber, ProposalRule, Source, SplitPlan,
};

use super::error::{LibraryError, Result};
use super::families::{self, ROOM};
use super::reader::Reader;
use super::runs::{RunId, keep_before};
use super::search::index_page;
use super::short_json::signals_value;
use super::values::{count_value, length_value, look_value, path_value};

/// A document that may be new to a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDocument {
    /// Where its bytes are.
    pub source: Source,
    /// Path below the batch's root, with `/` between folders.
    pub name: String,
    /// Size of the source in bytes (of what lies in a file: unpacked).
    pub bytes: u64,
    /// Modification time of the source file, nanoseconds since 1970 (UTC).
    pub modified: i64,
}

/// What is known of a document once it has been opened.
#[derive(Clone, Copy, Debug)]
pub struct Opened<'a> {
    /// BLAKE3 of the bytes that were opened.
    pub hash: ContentHash,
    /// Size of the source in bytes.
    pub bytes: u64,
    /// It took a password to open it.
    pub encrypted: bool,
    /// Its pages, in order.
    pub shapes: &'a [PageShape],
}

/// What follows from opening a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentOpened {
    /// The first document of the batch with the same content, where that is
    /// another one.
    pub duplicate_of: Option<DocumentId>,
    /// Where this document is the first one: those that are now duplicates of
    /// it, because they were opened before.
    pub duplicates: Vec<DocumentId>,
    /// The same content was opened before: its pages have stayed as they were.
    pub same_content: bool,
}

/// A page that has been analysed.
#[derive(Clone, Debug, PartialEq)]
pub struct PageDone {
    /// Which page.
    pub id: PageId,
    /// What was measured.
    pub measurements: Measurements,
    /// Its text, as a reader would see it.
    pub text: String,
    /// What tells it from others.
    pub fingerprint: PageFingerprint,
    /// The run that analysed it; none where that could not be noted.
    pub run: Option<RunId>,
}

/// What became of pages that were to be stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PagesStored {
    /// How many were stored.
    pub count: usize,
    /// Those of which what another run had found is kept beside it now.
    pub replaced: Vec<PageId>,
}

/// What comparing pages with others has told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparisons {
    /// Pages that were compared with those most like them, with the hash of the look
    /// that was compared.
    pub compared: Vec<(PageId, [u64; 4])>,
    /// Pairs of compared pages that look alike.
    pub pairs: Vec<PagePair>,
}

impl Comparisons {
    /// Nothing was learned.
    pub fn is_empty(&self) -> bool {
        self.compared.is_empty() && self.pairs.is_empty()
    }
}

/// The state of a page that is to be analysed again: whether it has results is kept.
macro_rules! again {
    () => {
        "CASE WHEN state IN ('done', 'again') THEN 'again' ELSE 'waiting' END"
    };
}

/// Changes the library within one transaction ([`super::Library::write`]).
///
/// When a step fails, the transaction as a whole is lost, and later steps
/// return [`LibraryError::RolledBack`]. The exceptions are
/// [`LibraryError::Missing`], [`LibraryError::Misuse`] and
/// [`LibraryError::Path`]: they come before anything is changed, and the
/// transaction can go on.
#[derive(Debug)]
pub struct Writer<'a> {
    reader: &'a Reader,
    failed: Cell<bool>,
}

/// What can go wrong within a step.
pub(super) enum Trouble {
    Sqlite(rusqlite::Error),
    Library(LibraryError),
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<LibraryError> for Trouble {
    fn from(error: LibraryError) -> Self {
        Self::Library(error)
    }
}

pub(super) type Step<T> = std::result::Result<T, Trouble>;

impl<'a> Writer<'a> {
    pub(super) fn new(reader: &'a Reader) -> Self {
        Self {
            reader,
            failed: Cell::new(false),
        }
    }

    /// Refuses to go on after a step has failed. SQLite may have ended the
    /// transaction by itself by then, and what follows would be kept.
    pub(super) fn check(&self) -> Result<()> {
        if self.failed.get() || self.reader.connection().is_autocommit() {
            return Err(LibraryError::RolledBack);
        }
        Ok(())
    }

    /// Queries that see what this transaction has changed so far.
    pub fn reader(&self) -> &'a Reader {
        self.reader
    }

    /// Makes a batch.
    pub fn create_batch(&self, name: &str, roots: &[PathBuf], created: i64) -> Result<BatchId> {
        self.step("creating a batch", |sql| {
            let roots = path_values(roots)?;
            sql.prepare_cached("INSERT INTO batch (name, created) VALUES (?1, ?2)")?
                .execute(params![name, created])?;
            let batch = BatchId(sql.last_insert_rowid());
            insert_roots(sql, batch, &roots)?;
            Ok(batch)
        })
    }

    /// Adds paths that the user gave; known ones are left alone.
    pub fn add_roots(&self, batch: BatchId, roots: &[PathBuf]) -> Result<()> {
        let known = self.reader.roots(batch)?;
        let is_new = |root: &&PathBuf| !known.iter().any(|known| root.starts_with(known));
        let roots: Vec<PathBuf> = roots.iter().filter(is_new).cloned().collect();
        self.step("adding roots to a batch", |sql| {
            must_exist(sql, "batch", batch.0)?;
            insert_roots(sql, batch, &path_values(&roots)?)
        })
    }

    /// Adds documents at the end of a batch, in this order, and returns them; what is attached
    /// to a document of the batch comes after that. Those whose source the batch has already
    /// are left alone.
    pub fn add_documents(
        &self,
        batch: BatchId,
        documents: &[NewDocument],
    ) -> Result<Vec<Document>> {
        self.step("adding documents", |sql| {
            must_exist(sql, "batch", batch.0)?;
            let paths = documents
                .iter()
                .map(|document| path_value(document.source.file()))
                .collect::<Result<Vec<_>>>()?;
            let mut next: i64 = sql
                .prepare_cached(
                    "SELECT coalesce((max(ordinal) / ?2 + 1) * ?2, 0) FROM document WHERE batch = ?1",
                )?
                .query_row([batch.0, ROOM], |row| row.get(0))?;
            let mut insert = sql.prepare_cached(
                "INSERT INTO document
                 (batch, ordinal, name, source_path, archive_entry, bytes, modified, status)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT DO NOTHING",
            )?;
            let mut added = Vec::new();
            for (document, path) in documents.iter().zip(&paths) {
                let attached = families::place(sql, batch, &document.source)?;
                let place = attached.unwrap_or(next);
                let new = insert.execute(params![
                    batch.0,
                    place,
                    document.name,
                    path,
                    document.source.entry(),
                    count_value(document.bytes),
                    document.modified,
                    DocumentStatus::Waiting.as_str(),
                ])?;
                if new == 1 {
                    if attached.is_none() {
                        next += ROOM;
                    }
                    added.push(Document {
                        id: DocumentId(sql.last_insert_rowid()),
                        batch,
                        source: document.source.clone(),
                        name: document.name.clone(),
                        bytes: document.bytes,
                        modified: document.modified,
                        hash: None,
                        status: DocumentStatus::Waiting,
                        pages: 0,
                        encrypted: false,
                        duplicate_of: None,
                        left_out: None,
                    });
                }
            }
            Ok(added)
        })
    }

    /// The source is not what it was: the document waits to be opened again. What is
    /// known of its former content stays until the new one has been opened.
    pub fn source_changed(&self, document: DocumentId, bytes: u64, modified: i64) -> Result<()> {
        self.step("noting a changed source", |sql| {
            must_exist(sql, "document", document.0)?;
            sql.prepare_cached(REOPEN)?.execute([document.0])?;
            sql.prepare_cached("UPDATE document SET bytes = ?2, modified = ?3 WHERE id = ?1")?
                .execute(params![document.0, count_value(bytes), modified])?;
            Ok(())
        })
    }

    /// The source is at another place now, and is what it was; so is whatever else of any
    /// batch lies in the same file.
    pub fn source_moved(&self, document: DocumentId, source: &Source, modified: i64) -> Result<()> {
        let path = path_value(source.file())?;
        self.step("noting a moved source", |sql| {
            must_exist(sql, "document", document.0)?;
            // Batches are named so that each is looked up in its index. One that has taken the
            // file in at its new place already keeps both.
            sql.prepare_cached(
                "UPDATE OR IGNORE document SET source_path = ?2, modified = ?3
                 WHERE batch IN (SELECT id FROM batch)
                 AND source_path = (SELECT source_path FROM document WHERE id = ?1)",
            )?
            .execute(params![document.0, path, modified])?;
            Ok(())
        })
    }

    /// The document was opened. Its own failure record goes. Where the same
    /// content was opened before, its pages stay as they are; otherwise what was
    /// known of them goes and all wait, also for the analysers that had not looked
    /// yet. It is to be inspected again either way: a password may show more.
    ///
    /// Which document is the duplicate does not depend on the order in which
    /// they are opened: it is always the later one in the batch.
    pub fn document_opened(
        &self,
        document: DocumentId,
        opened: &Opened<'_>,
    ) -> Result<DocumentOpened> {
        self.step("storing an opened document", |sql| {
            must_exist(sql, "document", document.0)?;
            let pages = u32::try_from(opened.shapes.len())
                .map_err(|_| LibraryError::Misuse("a document has too many pages"))?;
            let before: Option<[u8; 32]> = sql
                .prepare_cached("SELECT hash FROM document WHERE id = ?1")?
                .query_row([document.0], |row| row.get(0))?;
            let same_content = before == Some(opened.hash.0);
            drop_pages(sql, document, if same_content { pages } else { 0 })?;
            drop_failure(sql, document, None)?;
            if same_content {
                sql.prepare_cached("UPDATE document_details SET waits = 1 WHERE document = ?1")?
                    .execute([document.0])?;
            } else {
                for statement in [
                    "DELETE FROM document_details WHERE document = ?1",
                    "DELETE FROM finding WHERE document = ?1 AND waits = 0",
                    "UPDATE finding SET finding = NULL WHERE document = ?1",
                ] {
                    sql.prepare_cached(statement)?.execute([document.0])?;
                }
            }
            sql.prepare_cached("DELETE FROM finding WHERE document = ?1 AND page > ?2")?
                .execute(params![document.0, pages])?;
            sql.prepare_cached(
                "UPDATE document SET status = ?2, hash = ?3, pages = ?4, encrypted = ?5,
                 bytes = ?6, left_out = NULL WHERE id = ?1",
            )?
            .execute(params![
                document.0,
                DocumentStatus::Ok.as_str(),
                opened.hash.0,
                pages,
                opened.encrypted,
                count_value(opened.bytes)
            ])?;
            let mut insert = sql.prepare_cached(
                "INSERT INTO page (document, number, state, width, height, rotation)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (document, number) DO UPDATE SET
                 width = excluded.width, height = excluded.height, rotation = excluded.rotation",
            )?;
            for (number, shape) in (1..=pages).zip(opened.shapes) {
                insert.execute(params![
                    document.0,
                    number,
                    PageState::Waiting.as_str(),
                    length_value(shape.width),
                    length_value(shape.height),
                    shape.rotation
                ])?;
            }
            let duplicate_of = self.reader.original_of(document)?;
            let duplicates = match duplicate_of {
                Some(_) => Vec::new(),
                None => self.reader.same_content(document)?,
            };
            Ok(DocumentOpened {
                duplicate_of,
                duplicates,
                same_content,
            })
        })
    }

    /// Stores what inspecting a document found, in place of what was found
    /// before. Returns false where the document is not in the library (any more).
    pub fn document_inspected(
        &self,
        document: DocumentId,
        details: &DocumentDetails,
    ) -> Result<bool> {
        self.step("storing a document's details", |sql| {
            let details = json_value(details)?;
            let stored = sql
                .prepare_cached(
                    "INSERT INTO document_details (document, details)
                     SELECT id, ?2 FROM document WHERE id = ?1
                     ON CONFLICT (document) DO UPDATE SET
                     details = excluded.details, waits = 0",
                )?
                .execute(params![document.0, details])?;
            Ok(stored == 1)
        })
    }

    /// A document could not be inspected again: what was found before stays. Returns
    /// false, and does nothing, where nothing was found before.
    pub fn keep_details(&self, document: DocumentId) -> Result<bool> {
        self.step("keeping a document's details", |sql| {
            let kept = sql
                .prepare_cached("UPDATE document_details SET waits = 0 WHERE document = ?1")?
                .execute([document.0])?;
            Ok(kept == 1)
        })
    }

    /// Notes what analysers are to look at. What they found there before stays until
    /// they have looked.
    pub fn begin_findings(&self, wanted: &[FindingId]) -> Result<()> {
        self.step("noting what analysers are to look at", |sql| {
            let mut statement = sql.prepare_cached(
                "INSERT INTO finding (document, page, analyser, waits)
                 SELECT id, ?2, ?3, 1 FROM document WHERE id = ?1
                 ON CONFLICT (document, page, analyser) DO UPDATE SET waits = 1",
            )?;
            for id in wanted {
                statement.execute(params![id.document.0, id.page.unwrap_or(0), id.analyser])?;
            }
            Ok(())
        })
    }

    /// Stores what an analyser found. Where it found nothing, and something before,
    /// that stays, with the reason beside it. Returns what is there now; none where
    /// nobody waits for it (any more).
    pub fn found(&self, finding: &Finding) -> Result<Option<Finding>> {
        self.step("storing a finding", |sql| {
            let id = &finding.id;
            let before: Option<Option<String>> = sql
                .prepare_cached(
                    "SELECT finding FROM finding
                     WHERE document = ?1 AND page = ?2 AND analyser = ?3 AND waits = 1",
                )?
                .query_row(
                    params![id.document.0, id.page.unwrap_or(0), id.analyser],
                    |row| row.get(0),
                )
                .optional()?;
            let Some(before) = before else {
                return Ok(None);
            };
            // What cannot be read is nothing to keep.
            let before = before.and_then(|json| serde_json::from_str::<Finding>(&json).ok());
            let stored = match (&finding.result, before) {
                (Err(reason), Some(before)) if before.result.is_ok() => Finding {
                    failed_again: Some(reason.clone()),
                    left: finding.left,
                    ms: finding.ms,
                    ..before
                },
                _ => finding.clone(),
            };
            sql.prepare_cached(
                "UPDATE finding SET finding = ?4, waits = 0
                 WHERE document = ?1 AND page = ?2 AND analyser = ?3",
            )?
            .execute(params![
                id.document.0,
                id.page.unwrap_or(0),
                id.analyser,
                json_value(&stored)?
            ])?;
            if let Some(number) = id.page {
                let document = id.document;
                index_page(sql, PageId { document, number })?;
            }
            Ok(Some(stored))
        })
    }

    /// Forgets what analysers were to look at in a batch; what they found before
    /// stays.
    pub fn drop_waiting_findings(&self, batch: BatchId) -> Result<()> {
        self.step("forgetting what waits for analysers", |sql| {
            for statement in [
                "DELETE FROM finding WHERE finding IS NULL
                 AND document IN (SELECT id FROM document WHERE batch = ?1)",
                "UPDATE finding SET waits = 0 WHERE waits = 1
                 AND document IN (SELECT id FROM document WHERE batch = ?1)",
            ] {
                sql.prepare_cached(statement)?.execute([batch.0])?;
            }
            Ok(())
        })
    }

    /// Keeps the plan for splitting a batch, in place of the one before. Returns
    /// false where the batch is not in the library (any more).
    pub fn keep_split(&self, batch: BatchId, plan: &SplitPlan) -> Result<bool> {
        self.step("keeping the plan for splitting", |sql| {
            let plan = json_value(plan)?;
            let kept = sql
                .prepare_cached(
                    "INSERT INTO split_plan (batch, plan) SELECT id, ?2 FROM batch WHERE id = ?1
                     ON CONFLICT (batch) DO UPDATE SET plan = excluded.plan",
                )?
                .execute(params![batch.0, plan])?;
            Ok(kept == 1)
        })
    }

    /// Keeps what comparing pages has told. Pages that look different by now are left
    /// out: they are still to be compared.
    pub fn keep_comparisons(&self, comparisons: &Comparisons) -> Result<()> {
        self.step("keeping comparisons of pages", |sql| {
            let mut compared = sql.prepare_cached(
                "INSERT OR IGNORE INTO compared_page (document, number)
                 SELECT document, number FROM fingerprint
                 WHERE document = ?1 AND number = ?2 AND look = ?3",
            )?;
            for (page, look) in &comparisons.compared {
                compared.execute(params![page.document.0, page.number, look_value(look)])?;
            }
            let mut same = sql.prepare_cached(
                "INSERT INTO same_page
                     (document, number, other_document, other_number, likeness, places)
                 SELECT a.document, a.number, b.document, b.number, ?5, ?6
                 FROM compared_page a, compared_page b
                 WHERE a.document = ?1 AND a.number = ?2 AND b.document = ?3 AND b.number = ?4
                 ON CONFLICT (document, number, other_document, other_number)
                 DO UPDATE SET likeness = excluded.likeness, places = excluded.places",
            )?;
            for pair in &comparisons.pairs {
                let places = (!pair.places.is_empty()).then(|| json_value(&pair.places));
                same.execute(params![
                    pair.page.document.0,
                    pair.page.number,
                    pair.other.document.0,
                    pair.other.number,
                    pair.likeness as i64,
                    places.transpose()?,
                ])?;
            }
            Ok(())
        })
    }

    /// Notes that a person said of these pages that they are not the same. Pages that
    /// are not in the library are left out.
    pub fn dismiss_duplicates(&self, pages: &[PageId]) -> Result<()> {
        self.step("dismissing duplicates", |sql| {
            sql.execute("INSERT INTO dismissal DEFAULT VALUES", [])?;
            let dismissal = sql.last_insert_rowid();
            let mut add = sql.prepare_cached(
                "INSERT INTO dismissed_page (dismissal, document, number)
                 SELECT ?1, document, number FROM page WHERE document = ?2 AND number = ?3",
            )?;
            for page in pages {
                add.execute(params![dismissal, page.document.0, page.number])?;
            }
            Ok(())
        })
    }

    /// Takes back each dismissal that has one of these pages.
    pub fn restore_duplicates(&self, pages: &[PageId]) -> Result<()> {
        self.step("restoring duplicates", |sql| {
            let mut restore = sql.prepare_cached(
                "DELETE FROM dismissal WHERE id IN
                 (SELECT dismissal FROM dismissed_page WHERE document = ?1 AND number = ?2)",
            )?;
            for page in pages {
                restore.execute(params![page.document.0, page.number])?;
            }
            Ok(())
        })
    }

    /// Keeps where the lines between verdicts are drawn in a batch; nothing is done
    /// where the batch is not in the library (any more).
    pub fn keep_thresholds(&self, batch: BatchId, thresholds: &Thresholds) -> Result<()> {
        self.step("keeping thresholds", |sql| {
            sql.prepare_cached(
                "INSERT INTO thresholds (batch, thresholds) SELECT id, ?2 FROM batch WHERE id = ?1
                 ON CONFLICT (batch) DO UPDATE SET thresholds = excluded.thresholds",
            )?
            .execute(params![batch.0, json_value(thresholds)?])?;
            Ok(())
        })
    }

    /// Keeps the rules that propose, in place of those there were.
    pub fn keep_rules(&self, rules: &[ProposalRule]) -> Result<()> {
        self.step("keeping rules", |sql| {
            sql.prepare_cached("DELETE FROM proposal_rule")?
                .execute([])?;
            let mut insert = sql.prepare_cached(
                "INSERT INTO proposal_rule (place, query, change) VALUES (?1, ?2, ?3)",
            )?;
            for (place, rule) in (0_i64..).zip(rules) {
                insert.execute(params![place, rule.query, json_value(&rule.change)?])?;
            }
            Ok(())
        })
    }

    /// The document could not be opened or read. One that was opened before keeps its
    /// pages and what is known of them, and stays opened; the failure stands beside
    /// that.
    pub fn document_failed(&self, status: DocumentStatus, failure: &Failure) -> Result<()> {
        self.step("storing a document's failure", |sql| {
            if !status.is_failure() || failure.page.is_some() {
                return Err(LibraryError::Misuse(
                    "a document's failure needs a status that says so, and no page",
                )
                .into());
            }
            must_exist(sql, "document", failure.document.0)?;
            sql.prepare_cached(
                "UPDATE document SET status = CASE WHEN pages > 0 THEN ?3 ELSE ?2 END
                 WHERE id = ?1",
            )?
            .execute(params![
                failure.document.0,
                status.as_str(),
                DocumentStatus::Ok.as_str()
            ])?;
            sql.prepare_cached("UPDATE page SET state = ?2 WHERE document = ?1 AND state = ?3")?
                .execute(params![
                    failure.document.0,
                    PageState::Done.as_str(),
                    PageState::Again.as_str()
                ])?;
            put_failure(sql, failure)
        })
    }

    /// Stores what was measured on pages; done again, the newest counts, and what the run
    /// before had found stays beside it. A failure record of such a page goes. Pages that
    /// are not in the library (any more) are passed over.
    pub fn pages_done(&self, pages: &[PageDone]) -> Result<PagesStored> {
        self.step("storing pages", |sql| {
            let mut set_state = sql.prepare_cached(SET_PAGE_STATE)?;
            let mut measure = sql.prepare_cached(
                "INSERT INTO measurement (document, number, ink, characters, words, engine, micros,
                 disagreement, signals, run) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                 ON CONFLICT (document, number) DO UPDATE SET
                 run = excluded.run, ink = excluded.ink, characters = excluded.characters, words = excluded.words,
                 engine = excluded.engine, micros = excluded.micros,
                 disagreement = excluded.disagreement, signals = excluded.signals",
            )?;
            let mut write_text = sql.prepare_cached(
                "INSERT INTO page_text (document, number, text) VALUES (?1, ?2, ?3)
                 ON CONFLICT (document, number) DO UPDATE SET text = excluded.text",
            )?;
            let mut fingerprint = sql.prepare_cached(
                "INSERT INTO fingerprint (document, number, content, look, drawn, ink)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (document, number) DO UPDATE SET
                 content = excluded.content, look = excluded.look, drawn = excluded.drawn,
                 ink = excluded.ink",
            )?;
            let mut stored = PagesStored::default();
            for page in pages {
                let (document, number) = (page.id.document.0, page.id.number);
                if set_state.execute(params![document, number, PageState::Done.as_str()])? == 0 {
                    continue;
                }
                if keep_before(sql, page.id, page.run)? {
                    stored.replaced.push(page.id);
                }
                let found = &page.measurements;
                measure.execute(params![
                    document,
                    number,
                    found.ink.filter(|ink| ink.is_finite()),
                    found.characters,
                    found.words,
                    found.engine.as_str(),
                    found.micros,
                    found.disagreement.map(Disagreement::as_str),
                    signals_value(&found.signals)?,
                    page.run.map(|run| run.0)
                ])?;
                write_text.execute(params![document, number, page.text])?;
                index_page(sql, page.id)?;
                let look = page.fingerprint.look.as_ref();
                fingerprint.execute(params![
                    document,
                    number,
                    page.fingerprint.content.map(|hash| hash.0),
                    look.map(|look| look_value(&look.hash)),
                    look.map(|look| look.drawn),
                    look.map(|look| look.ink.as_slice())
                ])?;
                drop_failure(sql, page.id.document, Some(number))?;
                stored.count += 1;
            }
            Ok(stored)
        })
    }

    /// The number that is printed on a page, read by an analyser. Returns false, and
    /// does nothing, where the page is not measured or says its number itself.
    pub fn page_numbered(&self, page: PageId, printed: PrintedNumber) -> Result<bool> {
        self.step("storing a page's number", |sql| {
            let stored = sql
                .prepare_cached(
                    "UPDATE measurement SET signals = json_set(signals, '$.printed', json(?3))
                     WHERE document = ?1 AND number = ?2 AND signals IS NOT NULL
                     AND json_extract(signals, '$.printed') IS NULL",
                )?
                .execute(params![page.document.0, page.number, json_value(&printed)?])?;
            Ok(stored == 1)
        })
    }

    /// A page could not be analysed. What an earlier run found on it stays, and it stays
    /// done; the failure stands beside that. Returns false, and does nothing, where the
    /// page is not in the library (any more).
    pub fn page_failed(&self, failure: &Failure) -> Result<bool> {
        self.step("storing a page's failure", |sql| {
            let Some(number) = failure.page else {
                return Err(LibraryError::Misuse("a page's failure needs a page number").into());
            };
            let known = sql
                .prepare_cached(
                    "UPDATE page SET state = CASE WHEN state IN (?3, ?4) THEN ?3 ELSE ?5 END
                     WHERE document = ?1 AND number = ?2",
                )?
                .execute(params![
                    failure.document.0,
                    number,
                    PageState::Done.as_str(),
                    PageState::Again.as_str(),
                    PageState::Failed.as_str()
                ])?;
            if known == 1 {
                put_failure(sql, failure)?;
            }
            Ok(known == 1)
        })
    }

    /// What was measured on a page cannot be read: it goes, and the page waits to be
    /// measured again, with this record.
    pub fn page_unreadable(&self, failure: &Failure) -> Result<()> {
        self.step("noting a page that cannot be read", |sql| {
            let Some(number) = failure.page else {
                return Err(LibraryError::Misuse("a page's failure needs a page number").into());
            };
            sql.prepare_cached("DELETE FROM measurement WHERE document = ?1 AND number = ?2")?
                .execute(params![failure.document.0, number])?;
            sql.prepare_cached(
                "UPDATE page SET state = CASE state WHEN ?3 THEN ?4 ELSE ?5 END
                 WHERE document = ?1 AND number = ?2",
            )?
            .execute(params![
                failure.document.0,
                number,
                PageState::Again.as_str(),
                PageState::Waiting.as_str(),
                PageState::Failed.as_str()
            ])?;
            put_failure(sql, failure)
        })
    }

    /// Records a failure of a document or page beside what is known of it, which stays as
    /// it is.
    pub fn record_failure(&self, failure: &Failure) -> Result<()> {
        self.step("recording a failure", |sql| {
            must_exist(sql, "document", failure.document.0)?;
            put_failure(sql, failure)
        })
    }

    /// These pages are to be analysed again. What is known of them stays until then.
    pub fn redo_pages(&self, pages: &[PageId]) -> Result<()> {
        self.step("noting pages to analyse again", |sql| {
            let mut redo = sql.prepare_cached(concat!(
                "UPDATE page SET state = ",
                again!(),
                " WHERE document = ?1 AND number = ?2"
            ))?;
            for page in pages {
                redo.execute(params![page.document.0, page.number])?;
            }
            Ok(())
        })
    }

    /// These documents are to be opened again, and all their pages to be analysed again.
    /// What is known of them stays until then.
    pub fn redo_documents(&self, documents: &[DocumentId]) -> Result<()> {
        self.step("noting documents to open again", |sql| {
            let mut redo = sql.prepare_cached(concat!(
                "UPDATE page SET state = ",
                again!(),
                " WHERE document = ?1"
            ))?;
            let mut reopen = sql.prepare_cached(REOPEN)?;
            for document in documents {
                redo.execute([document.0])?;
                reopen.execute([document.0])?;
            }
            Ok(())
        })
    }

    /// Stops a batch, or lets it go on.
    pub fn set_cancelled(&self, batch: BatchId, cancelled: bool) -> Result<()> {
        self.step("stopping or resuming a batch", |sql| {
            must_exist(sql, "batch", batch.0)?;
            sql.prepare_cached("UPDATE batch SET cancelled = ?2 WHERE id = ?1")?
                .execute(params![batch.0, cancelled])?;
            Ok(())
        })
    }

    /// Puts a batch away, or brings it back.
    pub fn set_archived(&self, batch: BatchId, archived: bool) -> Result<()> {
        self.step("archiving a batch", |sql| {
            must_exist(sql, "batch", batch.0)?;
            sql.prepare_cached("UPDATE batch SET archived = ?2 WHERE id = ?1")?
                .execute(params![batch.0, archived])?;
            Ok(())
        })
    }

    /// Has these roots of a batch be watched, and no others of it; files go from there to
    /// `moved_to`, where that is given, once they are analysed.
    pub fn watch(
        &self,
        batch: BatchId,
        folders: &[PathBuf],
        moved_to: Option<&Path>,
    ) -> Result<()> {
        let folders = path_values(folders)?;
        let moved_to = moved_to.map(path_value).transpose()?;
        self.step("watching folders", |sql| {
            must_exist(sql, "batch", batch.0)?;
            sql.prepare_cached("UPDATE batch_root SET watched = 0 WHERE batch = ?1 AND watched")?
                .execute([batch.0])?;
            let mut watch = sql.prepare_cached(
                "UPDATE batch_root SET watched = 1, moved_to = ?3 WHERE batch = ?1 AND path = ?2",
            )?;
            for folder in &folders {
                watch.execute(params![batch.0, folder, moved_to])?;
            }
            Ok(())
        })
    }

    /// Leaves a document out that cannot be read, for a reason, or takes that back.
    pub fn leave_out(&self, document: DocumentId, reason: Option<&str>) -> Result<()> {
        self.step("leaving a document out", |sql| {
            must_exist(sql, "document", document.0)?;
            sql.prepare_cached("UPDATE document SET left_out = ?2 WHERE id = ?1")?
                .execute(params![document.0, reason])?;
            Ok(())
        })
    }

    /// Gives a batch another name.
    pub fn rename_batch(&self, batch: BatchId, name: &str) -> Result<()> {
        self.step("renaming a batch", |sql| {
            must_exist(sql, "batch", batch.0)?;
            sql.prepare_cached("UPDATE batch SET name = ?2 WHERE id = ?1")?
                .execute(params![batch.0, name])?;
            Ok(())
        })
    }

    /// Removes a batch and everything known about it. Its room in the file is
    /// used again; [`super::Library::shrink`] gives it back to the disk.
    pub fn forget_batch(&self, batch: BatchId) -> Result<()> {
        self.step("forgetting a batch", |sql| {
            must_exist(sql, "batch", batch.0)?;
            sql.prepare_cached("DELETE FROM batch WHERE id = ?1")?
                .execute([batch.0])?;
            Ok(())
        })
    }

    /// Takes documents out of their batch, with all that is known of them, and the roots
    /// below which nothing of it is left and nobody waits for anything.
    pub fn take_out(
        &self,
        batch: BatchId,
        documents: impl IntoIterator<Item = DocumentId>,
    ) -> Result<()> {
        self.step("taking documents out of a batch", |sql| {
            must_exist(sql, "batch", batch.0)?;
            let mut delete =
                sql.prepare_cached("DELETE FROM document WHERE batch = ?1 AND id = ?2")?;
            for document in documents {
                delete.execute(params![batch.0, document.0])?;
            }
            Ok(())
        })?;
        let left = self.reader.documents(batch)?;
        let is_empty = |root: &PathBuf| {
            let mut files = left.iter().map(|document| document.source.file());
            !files.any(|file| file.starts_with(root))
        };
        let roots = self.reader.roots(batch)?;
        let empty: Vec<PathBuf> = roots.into_iter().filter(is_empty).collect();
        self.step("taking roots out of a batch", |sql| {
            let mut delete = sql.prepare_cached(
                "DELETE FROM batch_root WHERE batch = ?1 AND path = ?2 AND NOT watched",
            )?;
            for root in path_values(&empty)? {
                delete.execute(params![batch.0, root])?;
            }
            Ok(())
        })
    }

    /// Runs one step of the transaction.
    pub(super) fn step<T>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Connection) -> Step<T>,
    ) -> Result<T> {
        self.check()?;
        work(self.reader.connection()).map_err(|trouble| {
            let error = match trouble {
                Trouble::Sqlite(error) => LibraryError::sqlite(doing, error),
                Trouble::Library(error) => error,
            };
            let harmless = matches!(
                error,
                LibraryError::Missing { .. } | LibraryError::Misuse(_) | LibraryError::Path { .. }
            );
            if !harmless {
                self.failed.set(true);
            }
            error
        })
    }
}

/// A document that is to be opened again: whether it was opened is kept.
const REOPEN: &str = "UPDATE document SET status =
                      CASE WHEN pages > 0 THEN 'again' ELSE 'waiting' END WHERE id = ?1";

pub(super) const SET_PAGE_STATE: &str =
    "UPDATE page SET state = ?3 WHERE document = ?1 AND number = ?2";

/// Each step that needs a row asks for it before it changes anything.
pub(super) fn must_exist(sql: &Connection, what: &'static str, id: i64) -> Step<()> {
    let query = match what {
        "batch" => "SELECT 1 FROM batch WHERE id = ?1",
        "document" => "SELECT 1 FROM document WHERE id = ?1",
        "sample" => "SELECT 1 FROM sample WHERE id = ?1",
        _ => "SELECT 1 FROM run WHERE id = ?1",
    };
    if sql.prepare_cached(query)?.exists([id])? {
        return Ok(());
    }
    Err(LibraryError::Missing { what, id }.into())
}

/// A value of the model as the JSON that is kept of it. Refused where it could not be
/// read again: JSON has no infinity, for example.
pub(super) fn json_value<T: Serialize + DeserializeOwned>(value: &T) -> rusqlite::Result<String> {
    let json = serde_json::to_string(value);
    let read_again = json.and_then(|json| serde_json::from_str::<T>(&json).map(|_| json));
    read_again.map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

pub(super) fn path_values(paths: &[PathBuf]) -> Result<Vec<rusqlite::types::ToSqlOutput<'_>>> {
    paths.iter().map(|path| path_value(path)).collect()
}

pub(super) fn insert_roots(
    sql: &Connection,
    batch: BatchId,
    roots: &[rusqlite::types::ToSqlOutput<'_>],
) -> Step<()> {
    let mut insert = sql.prepare_cached(
        "INSERT INTO batch_root (batch, path) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    )?;
    for root in roots {
        insert.execute(params![batch.0, root])?;
    }
    Ok(())
}

/// Drops a document's pages after the first few, with all that hangs on them.
fn drop_pages(sql: &Connection, document: DocumentId, keep: u32) -> Step<()> {
    sql.prepare_cached("DELETE FROM page WHERE document = ?1 AND number > ?2")?
        .execute(params![document.0, keep])?;
    Ok(())
}

fn drop_failure(sql: &Connection, document: DocumentId, page: Option<u32>) -> Step<()> {
    sql.prepare_cached("DELETE FROM failure WHERE document = ?1 AND page IS ?2")?
        .execute(params![document.0, page])?;
    Ok(())
}

/// Stores a failure record in place of an older one.
fn put_failure(sql: &Connection, failure: &Failure) -> Step<()> {
    drop_failure(sql, failure.document, failure.page)?;
    let circumstances = failure
        .circumstances
        .as_deref()
        .map(json_value)
        .transpose()?;
    sql.prepare_cached(
        "INSERT INTO failure
         (document, page, stage, kind, detail, attempts, at, hash, version, circumstances)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute(params![
        failure.document.0,
        failure.page,
        failure.stage.as_str(),
        failure.kind.as_str(),
        failure.detail,
        failure.attempts,
        failure.at,
        failure.hash.map(|hash| hash.0),
        failure.version,
        circumstances
    ])?;
    Ok(())
}
