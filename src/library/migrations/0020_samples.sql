-- Samples of pages, judged without seeing what was decided.
CREATE TABLE sample (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    batch INTEGER NOT NULL REFERENCES batch (id) ON DELETE CASCADE,
    query TEXT NOT NULL,
    population INTEGER NOT NULL,
    -- In per cent.
    confidence INTEGER NOT NULL,
    -- As a share.
    margin REAL NOT NULL,
    -- Seconds since 1970 (UTC).
    at INTEGER NOT NULL,
    author TEXT NOT NULL
) STRICT;
CREATE INDEX sample_by_batch ON sample (batch, id);

CREATE TABLE sample_page (
    sample INTEGER NOT NULL REFERENCES sample (id) ON DELETE CASCADE,
    -- From 0, in the order in which they are judged.
    place INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    number INTEGER NOT NULL,
    -- What was decided when it was drawn; none: nothing.
    said TEXT,
    -- What somebody says who did not see that; none: not judged yet.
    judged TEXT,
    judged_by TEXT,
    PRIMARY KEY (sample, place)
) STRICT, WITHOUT ROWID;
