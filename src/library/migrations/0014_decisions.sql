-- What people said of pages: acts, never changed and never deleted while their batch is
-- there. A page is named by its document's content and its number, so that what was said
-- holds wherever the file lies and however it is called.

CREATE TABLE act (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    batch INTEGER NOT NULL REFERENCES batch (id) ON DELETE CASCADE,
    -- Seconds since 1970 (UTC).
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    -- The rule that proposed it; none: by hand.
    rule TEXT,
    -- JSON, a list of changes; none: this act takes back another.
    changes TEXT,
    undoes INTEGER REFERENCES act (id) ON DELETE CASCADE,
    CHECK ((changes IS NULL) <> (undoes IS NULL))
);
CREATE INDEX act_by_batch ON act (batch, id);
CREATE INDEX act_by_undone ON act (undoes) WHERE undoes IS NOT NULL;

CREATE TABLE act_page (
    act INTEGER NOT NULL REFERENCES act (id) ON DELETE CASCADE,
    hash BLOB NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (act, hash, number),
    CHECK (length(hash) = 32)
) WITHOUT ROWID;
CREATE INDEX act_page_by_hash ON act_page (hash, act);
