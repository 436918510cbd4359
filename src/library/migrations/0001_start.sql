-- The first schema. A migration that has been released is never edited: later
-- changes are new files.
--
-- States, kinds and engines are stored as the words of the model. Ids of
-- batches and documents are never used twice, so an answer that comes late,
-- after its batch was forgotten, cannot land on something new.

CREATE TABLE meta (
    key TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO meta (key, value) VALUES ('id', lower(hex(randomblob(16))));

CREATE TABLE batch (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    created INTEGER NOT NULL,
    cancelled INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX batch_by_age ON batch (created, id);

-- What the user gave: absolute paths of files and folders. Paths are the
-- system's bytes (a BLOB) on Unix, text elsewhere.
CREATE TABLE batch_root (
    id INTEGER PRIMARY KEY,
    batch INTEGER NOT NULL REFERENCES batch (id) ON DELETE CASCADE,
    path ANY NOT NULL,
    UNIQUE (batch, path)
) STRICT;

CREATE INDEX batch_root_by_path ON batch_root (path);

-- pages_done and pages_failed are kept by the triggers below, so that counting
-- a batch reads its documents and not its pages.
CREATE TABLE document (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    batch INTEGER NOT NULL REFERENCES batch (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    name TEXT NOT NULL,
    source_path ANY NOT NULL,
    archive_entry TEXT,
    bytes INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    hash BLOB,
    status TEXT NOT NULL,
    pages INTEGER NOT NULL DEFAULT 0,
    pages_done INTEGER NOT NULL DEFAULT 0,
    pages_failed INTEGER NOT NULL DEFAULT 0,
    encrypted INTEGER NOT NULL DEFAULT 0,
    UNIQUE (batch, ordinal),
    CHECK (hash IS NULL OR length(hash) = 32),
    CHECK (pages_done >= 0 AND pages_failed >= 0)
) STRICT;

-- NULLs are distinct to a UNIQUE constraint, hence one index for each sort.
CREATE UNIQUE INDEX document_by_file
    ON document (batch, source_path) WHERE archive_entry IS NULL;
CREATE UNIQUE INDEX document_by_archive_entry
    ON document (batch, source_path, archive_entry) WHERE archive_entry IS NOT NULL;

-- Duplicates are not stored: the first document of a batch with a hash is the
-- original, and this index finds it.
CREATE INDEX document_by_hash ON document (batch, hash, ordinal) WHERE hash IS NOT NULL;

CREATE TABLE page (
    document INTEGER NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    number INTEGER NOT NULL CHECK (number >= 1),
    state TEXT NOT NULL,
    width REAL NOT NULL,
    height REAL NOT NULL,
    rotation INTEGER NOT NULL,
    PRIMARY KEY (document, number)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER page_added AFTER INSERT ON page WHEN NEW.state <> 'waiting'
BEGIN
    UPDATE document SET
        pages_done = pages_done + (NEW.state = 'done'),
        pages_failed = pages_failed + (NEW.state = 'failed')
    WHERE id = NEW.document;
END;

CREATE TRIGGER page_moved AFTER UPDATE OF state ON page WHEN NEW.state <> OLD.state
BEGIN
    UPDATE document SET
        pages_done = pages_done + (NEW.state = 'done') - (OLD.state = 'done'),
        pages_failed = pages_failed + (NEW.state = 'failed') - (OLD.state = 'failed')
    WHERE id = NEW.document;
END;

CREATE TRIGGER page_removed AFTER DELETE ON page WHEN OLD.state <> 'waiting'
BEGIN
    UPDATE document SET
        pages_done = pages_done - (OLD.state = 'done'),
        pages_failed = pages_failed - (OLD.state = 'failed')
    WHERE id = OLD.document;
END;

-- One row for each page that is done. A later signal is one more column.
CREATE TABLE measurement (
    document INTEGER NOT NULL,
    number INTEGER NOT NULL,
    ink REAL,
    characters INTEGER NOT NULL,
    words INTEGER NOT NULL,
    engine TEXT NOT NULL,
    micros INTEGER NOT NULL,
    PRIMARY KEY (document, number),
    FOREIGN KEY (document, number) REFERENCES page (document, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Apart from the measurements, so that listing pages does not read text. It
-- has a row id because its rows are long and because a text index can be built
-- over it.
CREATE TABLE page_text (
    id INTEGER PRIMARY KEY,
    document INTEGER NOT NULL,
    number INTEGER NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (document, number),
    FOREIGN KEY (document, number) REFERENCES page (document, number) ON DELETE CASCADE
) STRICT;

-- At most one record for each page, and one for each document as a whole (its
-- page is NULL). A page's record goes with the page.
CREATE TABLE failure (
    id INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    page INTEGER,
    stage TEXT NOT NULL,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    at INTEGER NOT NULL,
    hash BLOB,
    version TEXT NOT NULL,
    UNIQUE (document, page),
    FOREIGN KEY (document, page) REFERENCES page (document, number) ON DELETE CASCADE,
    CHECK (hash IS NULL OR length(hash) = 32)
) STRICT;

CREATE UNIQUE INDEX failure_of_document ON failure (document) WHERE page IS NULL;

CREATE TABLE run (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    batch INTEGER NOT NULL REFERENCES batch (id) ON DELETE CASCADE,
    started INTEGER NOT NULL,
    finished INTEGER,
    settings TEXT NOT NULL CHECK (json_valid(settings)),
    outcome TEXT
) STRICT;

CREATE INDEX run_of_batch ON run (batch);
