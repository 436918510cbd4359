-- What external analysers found, or why they found nothing. A row without a
-- result waits. The page is 0 for a document as a whole, so that one index tells
-- all apart.
CREATE TABLE finding (
    id INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    page INTEGER NOT NULL CHECK (page >= 0),
    analyser TEXT NOT NULL,
    finding TEXT CHECK (finding IS NULL OR json_valid(finding)),
    UNIQUE (document, page, analyser)
) STRICT;
