//! Opening SQLite the way the library wants it, and bringing a file to the
//! newest schema. Not for queries.

use std::fs::TryLockError;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags, Transaction};
use rusqlite_migration::{M, Migrations};

use crate::file_lock::FileLock;
use crate::private;

use super::error::{Doing, LibraryError, Result};
use super::search;

/// Name of the database within the library's directory.
pub(super) const DATABASE: &str = "library.sqlite";
/// Name of the file that the writer locks.
const LOCK: &str = "library.lock";
/// "PGSV", so that a library is told from other SQLite files.
const APPLICATION_ID: i32 = 0x5047_5356;
/// The newest schema that this program knows.
const SCHEMA: i32 = 24;
/// How long to wait for another connection before giving up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Prepared statements kept ready; more than this room has.
const STATEMENTS: usize = 64;
/// Page cache of a connection; SQLite takes a negative number for KiB.
const CACHE: i64 = -8 * 1024;

/// How long to wait for one who holds the lock only to write something down, as listing
/// duplicates does; and how often to ask.
pub(super) const LOCK_PATIENCE: Duration = Duration::from_secs(2);
const ASK_EVERY: Duration = Duration::from_millis(20);

/// Takes the writer's lock, waiting at most so long for it.
pub(super) fn lock(dir: &Path, patience: Duration) -> Result<FileLock> {
    // It holds clients' text.
    private::create_dir_all(dir)
        .map_err(|e| LibraryError::io("cannot create the directory", dir, e))?;
    close_to_others(dir);
    let path = dir.join(LOCK);
    refuse_what_is_no_file(&path)?;
    let until = Instant::now() + patience;
    loop {
        let file = private::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|e| LibraryError::io("cannot open", &path, e))?;
        match FileLock::try_take(file) {
            Ok(lock) => return Ok(lock),
            Err(TryLockError::WouldBlock) if Instant::now() < until => {
                std::thread::sleep(ASK_EVERY);
            }
            Err(TryLockError::WouldBlock) => {
                return Err(LibraryError::InUse {
                    dir: dir.to_owned(),
                });
            }
            Err(TryLockError::Error(e)) => return Err(LibraryError::io("cannot lock", &path, e)),
        }
    }
}

/// Opening a pipe or a device in the place of a file could wait for ever.
fn refuse_what_is_no_file(path: &Path) -> Result<()> {
    match std::fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => Err(LibraryError::Foreign {
            path: path.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// Closes what an earlier version left open to others, or somebody put into a folder that
/// others may read.
fn close_to_others(dir: &Path) {
    let beside = ["-wal", "-shm", "-journal"].map(|ending| format!("{DATABASE}{ending}"));
    let names = [DATABASE, LOCK, super::mark::NAME, super::ballast::NAME].into_iter();
    for name in names.chain(beside.iter().map(String::as_str)) {
        private::close(&dir.join(name));
    }
}

/// Opens the database for writing, makes it where there is none, and brings it
/// to the newest schema. The caller holds the lock.
pub(super) fn open_writer(dir: &Path) -> Result<Connection> {
    let path = dir.join(DATABASE);
    open_to_write(&path).map_err(|error| error.in_file(&path))
}

fn open_to_write(path: &Path) -> Result<Connection> {
    let doing = "opening the library";
    refuse_what_is_no_file(path)?;
    // SQLite gives the files that it makes beside it the same mode. What stands in the
    // way here stands in its way as well, and it says so.
    let _ = private::create_new(path);
    let mut connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .doing(doing)?;
    set_up(&connection, path)?;

    // Nothing is changed before it is known whose file this is.
    match identify(&connection, path)? {
        Identity::Nothing => {
            // Has to come before the first table; lets a forgotten batch's
            // space be given back.
            connection
                .pragma_update(None, "auto_vacuum", "INCREMENTAL")
                .doing(doing)?;
            connection
                .pragma_update(None, "application_id", APPLICATION_ID)
                .doing(doing)?;
        }
        Identity::Schema(found) if found > SCHEMA => {
            return Err(LibraryError::Newer {
                found,
                known: SCHEMA,
            });
        }
        Identity::Schema(_) => {}
    }

    let mode: String = connection
        .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))
        .doing(doing)?;
    if !mode.eq_ignore_ascii_case("wal") {
        tracing::warn!(
            mode,
            "no write-ahead log here: readers will wait for writers"
        );
    }
    // After a kill nothing that was committed is lost; after a power cut the
    // last transactions may be, and the file is sound.
    connection
        .pragma_update(None, "synchronous", "NORMAL")
        .doing(doing)?;
    connection
        .pragma_update(None, "foreign_keys", true)
        .doing(doing)?;
    // A log that grew in a long transaction does not stay large.
    set_pragma(&connection, "journal_size_limit", 16 << 20).doing(doing)?;

    migrations()
        .to_latest(&mut connection)
        .map_err(migration_error)?;
    Ok(connection)
}

/// All migrations, oldest first. The schema's number is how many were applied.
fn migrations() -> Migrations<'static> {
    Migrations::new(vec![
        M::up(include_str!("migrations/0001_start.sql")),
        M::up(include_str!("migrations/0002_engines.sql")),
        M::up(include_str!("migrations/0003_details.sql")),
        M::up(include_str!("migrations/0004_split.sql")),
        M::up(include_str!("migrations/0005_signals.sql")),
        M::up(include_str!("migrations/0006_findings.sql")),
        M::up_with_hook(
            include_str!("migrations/0007_search.sql"),
            |transaction: &Transaction<'_>| {
                search::index_all(transaction)?;
                Ok(())
            },
        ),
        M::up(include_str!("migrations/0008_thresholds.sql")),
        M::up(include_str!("migrations/0009_circumstances.sql")),
        M::up(include_str!("migrations/0010_commits.sql")),
        M::up(include_str!("migrations/0011_dismissals.sql")),
        M::up(include_str!("migrations/0012_same_pages.sql")),
        M::up(include_str!("migrations/0013_again.sql")),
        M::up(include_str!("migrations/0014_decisions.sql")),
        M::up(include_str!("migrations/0015_likeness.sql")),
        M::up(include_str!("migrations/0016_rules.sql")),
        M::up(include_str!("migrations/0017_results_by_run.sql")),
        M::up(include_str!("migrations/0018_archived.sql")),
        M::up(include_str!("migrations/0019_seen.sql")),
        M::up(include_str!("migrations/0020_samples.sql")),
        M::up(include_str!("migrations/0021_watched.sql")),
        M::up(include_str!("migrations/0022_families.sql")),
        M::up(include_str!("migrations/0023_left_out.sql")),
        M::up(include_str!("migrations/0024_moved_to.sql")),
    ])
}

/// Opens the database for reading. None where there is no library yet.
pub(super) fn open_reader(dir: &Path) -> Result<Option<Connection>> {
    let path = dir.join(DATABASE);
    open_to_read(&path).map_err(|error| error.in_file(&path))
}

/// The same by the path of the file.
pub(super) fn open_to_read(path: &Path) -> Result<Option<Connection>> {
    match path.try_exists() {
        Ok(true) => {}
        Ok(false) => return Ok(None),
        Err(e) => return Err(LibraryError::io("cannot look for", path, e)),
    }
    refuse_what_is_no_file(path)?;
    let connection = match read_only(path) {
        Err(error) if is_left_half_done(&error) => {
            finish(path)?;
            read_only(path)?
        }
        opened => opened?,
    };
    match identify(&connection, path)? {
        // Its writer has just made the file.
        Identity::Nothing => Ok(None),
        Identity::Schema(found) => {
            readable(found, SCHEMA)?;
            Ok(Some(connection))
        }
    }
}

/// A library by the path of its file, of this version or an earlier one, to be read.
pub(super) fn library_at(path: &Path) -> Result<Connection> {
    let cannot = |error| LibraryError::io("cannot look at", path, error);
    path.metadata().map_err(cannot)?;
    refuse_what_is_no_file(path)?;
    let connection = read_only(path)?;
    match identify(&connection, path)? {
        Identity::Schema(found) if found <= SCHEMA => Ok(connection),
        Identity::Schema(found) => readable(found, SCHEMA).map(|()| connection),
        Identity::Nothing => Err(LibraryError::Foreign {
            path: path.to_owned(),
        }),
    }
}

fn read_only(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection =
        Connection::open_with_flags(path, flags).doing("opening the library to read")?;
    set_up(&connection, path)?;
    Ok(connection)
}

/// Its writer was killed while it had no write-ahead log, as at the very beginning: what it
/// had begun is to be taken back first, and that needs writing.
fn is_left_half_done(error: &LibraryError) -> bool {
    /// `SQLITE_READONLY_ROLLBACK`.
    const READ_ONLY_AND_HALF_DONE: i32 = 8 | (3 << 8);
    let LibraryError::Sqlite { source, .. } = error else {
        return false;
    };
    matches!(
        source,
        rusqlite::Error::SqliteFailure(error, _) if error.extended_code == READ_ONLY_AND_HALF_DONE
    )
}

/// Has SQLite take back what a dead writer had begun: the first look does that.
fn finish(path: &Path) -> Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection =
        Connection::open_with_flags(path, flags).doing("opening the library to mend it")?;
    set_up(&connection, path)
}

/// A reader needs exactly the schema that it knows.
fn readable(found: i32, known: i32) -> Result<()> {
    match found.cmp(&known) {
        std::cmp::Ordering::Less => Err(LibraryError::Older { found, known }),
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(LibraryError::Newer { found, known }),
    }
}

/// Settings that every connection has and that change nothing in the file.
fn set_up(connection: &Connection, path: &Path) -> Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection
        .busy_timeout(BUSY_TIMEOUT)
        // Mapped files turn a vanished drive into a signal that ends the process.
        .and_then(|()| set_pragma(connection, "mmap_size", 0))
        // Sorting must not make files in the system's temporary directory.
        .and_then(|()| connection.pragma_update(None, "temp_store", "MEMORY"))
        .and_then(|()| connection.pragma_update(None, "cache_size", CACHE))
        .map_err(|error| first_error("setting up the connection", path, error))
}

/// Sets a pragma that may or may not answer with its new value.
fn set_pragma(connection: &Connection, name: &str, value: i64) -> rusqlite::Result<()> {
    match connection.pragma_update_and_check(None, name, value, |_| Ok(())) {
        Err(rusqlite::Error::QueryReturnedNoRows) => Ok(()),
        other => other,
    }
}

/// An error before it is known what the file is.
fn first_error(doing: &'static str, path: &Path, error: rusqlite::Error) -> LibraryError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => LibraryError::Foreign {
            path: path.to_owned(),
        },
        _ => LibraryError::sqlite(doing, error),
    }
}

/// What a database file is.
enum Identity {
    /// Nothing yet: no tables, nobody's mark.
    Nothing,
    /// A library with this schema.
    Schema(i32),
}

fn identify(connection: &Connection, path: &Path) -> Result<Identity> {
    let doing = "looking at the library's schema";
    // One statement, so that what it sees belongs together even while another
    // process makes the library.
    let (application, schema, tables): (i32, i32, i64) = connection
        .query_row(
            "SELECT (SELECT application_id FROM pragma_application_id),
                    (SELECT user_version FROM pragma_user_version),
                    (SELECT count(*) FROM sqlite_schema)",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .map_err(|error| first_error(doing, path, error))?;
    match (application, schema, tables) {
        // The mark is set just before the first migration; a process that
        // dies between the two leaves the mark alone.
        (0 | APPLICATION_ID, 0, 0) => Ok(Identity::Nothing),
        (APPLICATION_ID, 1.., _) => Ok(Identity::Schema(schema)),
        _ => Err(LibraryError::Foreign {
            path: path.to_owned(),
        }),
    }
}

fn migration_error(error: rusqlite_migration::Error) -> LibraryError {
    let doing = "bringing the library to the newest schema";
    match error {
        rusqlite_migration::Error::RusqliteError { err, .. } => LibraryError::sqlite(doing, err),
        other => LibraryError::Sqlite {
            doing,
            source: rusqlite::Error::ToSqlConversionFailure(Box::new(other)),
        },
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::OptionalExtension;

    use super::*;

    #[test]
    fn migrations_are_valid() {
        migrations().validate().unwrap();
    }

    #[test]
    fn a_library_of_each_earlier_version_is_unharmed() {
        use crate::library::Library;
        use crate::model::{BatchId, DocumentId, DocumentStatus, PageId, PageState};

        const ROWS: &str = "
            INSERT INTO batch (name, created) VALUES ('old', 5);
            INSERT INTO batch_root (batch, path) VALUES (1, '/in');
            INSERT INTO document (batch, ordinal, name, source_path, bytes, modified, hash,
                    status, pages)
                VALUES (1, 0, 'a.pdf', '/in/a.pdf', 9, 8, zeroblob(32), 'ok', 3),
                       (1, 1, 'b.pdf', '/in/b.pdf', 9, 8, NULL, 'broken', 0);
            INSERT INTO page (document, number, state, width, height, rotation)
                VALUES (1, 1, 'done', 595, 842, 0), (1, 2, 'failed', 595, 842, 0),
                       (1, 3, 'waiting', 595, 842, 90);
            INSERT INTO measurement (document, number, ink, characters, words, engine, micros)
                VALUES (1, 1, 0.25, 7, 2, 'hayro', 3);
            INSERT INTO page_text (document, number, text) VALUES (1, 1, 'its text');
            INSERT INTO failure (document, page, stage, kind, detail, attempts, at, version)
                VALUES (1, 2, 'analyse', 'crashed', 'it broke', 2, 6, '0.1.0'),
                       (2, NULL, 'open', 'damaged', '', 1, 6, '0.1.0');";
        let mut new = Connection::open_in_memory().unwrap();
        migrations().to_latest(&mut new).unwrap();
        let latest: usize = pragma(&new, "user_version").parse().unwrap();
        assert!(latest > 10);
        for version in 1..=latest {
            let dir = tempfile::tempdir().unwrap();
            let mut old = Connection::open(dir.path().join(DATABASE)).unwrap();
            migrations().to_version(&mut old, version).unwrap();
            old.execute_batch(ROWS).unwrap();
            old.pragma_update(None, "application_id", APPLICATION_ID)
                .unwrap();
            drop(old);

            let library = Library::open(dir.path()).unwrap();
            let (reader, batch) = (library.reader(), BatchId(1));
            let documents = reader.documents(batch).unwrap();
            let known: Vec<_> = documents
                .iter()
                .map(|d| (&*d.name, d.status, d.pages))
                .collect();
            let expected = [
                ("a.pdf", DocumentStatus::Ok, 3),
                ("b.pdf", DocumentStatus::Broken, 0),
            ];
            assert_eq!(known, expected, "of version {version}");
            let (pages, damage) = reader.pages_and_damage(batch).unwrap();
            assert!(damage.is_empty(), "of version {version}: {damage:?}");
            let states: Vec<_> = pages.iter().map(|page| page.state).collect();
            let expected = [PageState::Done, PageState::Failed, PageState::Waiting];
            assert_eq!(states, expected, "of version {version}");
            let measured = pages[0].measurements.as_ref().unwrap();
            assert_eq!((measured.ink, measured.characters), (Some(0.25), 7));
            let page = PageId {
                document: DocumentId(1),
                number: 1,
            };
            let text = reader.page_text(page).unwrap();
            assert_eq!(text.as_deref(), Some("its text"), "of version {version}");
            let failures = reader.failures(batch).unwrap();
            assert_eq!(failures.len(), 2, "of version {version}");
            // Later on the index was kept by the program, which did not write these rows.
            let found = reader.search(batch, "text").unwrap();
            assert!(version >= 7 || found == [page], "of version {version}");
        }
    }

    fn pragma(connection: &Connection, name: &str) -> String {
        connection
            .pragma_query_value(None, name, |row| {
                row.get_ref(0).map(|value| match value {
                    rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                    other => other.as_str().unwrap_or_default().to_owned(),
                })
            })
            .optional()
            .unwrap()
            .unwrap_or_default()
    }

    #[test]
    fn connections_are_set_up() {
        let dir = tempfile::tempdir().unwrap();
        let writer = open_writer(dir.path()).unwrap();
        let reader = open_reader(dir.path()).unwrap().unwrap();
        for connection in [&writer, &reader] {
            // Empty where SQLite was built without mapping.
            assert!(matches!(pragma(connection, "mmap_size").as_str(), "0" | ""));
            assert_eq!(pragma(connection, "temp_store"), "2");
            assert_eq!(pragma(connection, "busy_timeout"), "5000");
            assert_eq!(pragma(connection, "journal_mode"), "wal");
        }
        assert_eq!(pragma(&writer, "synchronous"), "1");
        assert_eq!(pragma(&writer, "foreign_keys"), "1");
        assert_eq!(pragma(&writer, "auto_vacuum"), "2");
        assert_eq!(pragma(&writer, "journal_size_limit"), "16777216");
        let delete = "DELETE FROM meta";
        let refused = reader.execute(delete, []).unwrap_err();
        assert_eq!(
            refused.sqlite_error_code(),
            Some(rusqlite::ErrorCode::ReadOnly)
        );
        assert_eq!(writer.execute(delete, []).unwrap(), 2);
    }

    #[test]
    fn what_a_killed_writer_had_begun_without_a_log_is_taken_back_for_readers() {
        let dir = tempfile::tempdir().unwrap();
        let (path, killed) = (dir.path().join("a"), dir.path().join(DATABASE));
        let mut writer = Connection::open(&path).unwrap();
        migrations().to_latest(&mut writer).unwrap();
        writer
            .pragma_update(None, "application_id", APPLICATION_ID)
            .unwrap();
        writer.pragma_update(None, "cache_size", 1).unwrap();
        let many = "BEGIN; WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
                    LIMIT 9000) INSERT INTO batch (name, created) SELECT i, i FROM n;";
        writer.execute_batch(many).unwrap();
        std::fs::copy(&path, &killed).unwrap();
        let journal = |path: &Path| {
            path.with_file_name({
                let name = path.file_name().unwrap().to_str().unwrap();
                format!("{name}-journal")
            })
        };
        std::fs::copy(journal(&path), journal(&killed)).unwrap();
        assert!(is_left_half_done(&read_only(&killed).unwrap_err()));
        let reader = open_reader(dir.path()).unwrap().unwrap();
        let count = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
        let batches = reader.query_row("SELECT count(*) FROM batch", [], count);
        assert_eq!(batches.unwrap(), 0);
    }

    #[test]
    fn a_reader_takes_only_the_schema_it_knows() {
        assert!(readable(3, 3).is_ok());
        assert!(matches!(
            readable(2, 3),
            Err(LibraryError::Older { found: 2, known: 3 })
        ));
        assert!(matches!(
            readable(4, 3),
            Err(LibraryError::Newer { found: 4, known: 3 })
        ));
    }
}
