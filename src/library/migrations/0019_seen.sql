-- Pages that a person has had before their eyes, large enough to read and long enough to be
-- called seen. Named by content, as what is said of them.
CREATE TABLE seen_page (
    batch INTEGER NOT NULL REFERENCES batch (id) ON DELETE CASCADE,
    hash BLOB NOT NULL,
    number INTEGER NOT NULL,
    -- Seconds since 1970 (UTC), the first time.
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    PRIMARY KEY (batch, hash, number),
    CHECK (length(hash) = 32)
) STRICT, WITHOUT ROWID;
