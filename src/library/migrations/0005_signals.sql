-- What was found on a page beyond the first measurements, as JSON of the model.
-- NULL on pages that were measured before there were signals.
ALTER TABLE measurement ADD COLUMN signals TEXT CHECK (signals IS NULL OR json_valid(signals));

-- What tells a page from others: a hash of what it paints (32 bytes), a hash of
-- its look (32 bytes), whether that is of text that a program wrote, and its look,
-- packed. Apart from the measurements: only looking for duplicates reads them.
CREATE TABLE fingerprint (
    document INTEGER NOT NULL,
    number INTEGER NOT NULL,
    content BLOB,
    look BLOB,
    drawn INTEGER,
    ink BLOB,
    PRIMARY KEY (document, number),
    FOREIGN KEY (document, number) REFERENCES page (document, number) ON DELETE CASCADE,
    CHECK (content IS NULL OR length(content) = 32),
    CHECK (look IS NULL OR length(look) = 32),
    CHECK ((look IS NULL) = (ink IS NULL))
) STRICT;
