-- Which run found what counts now on a page; NULL where an earlier version did, or the run
-- is forgotten.
ALTER TABLE measurement ADD COLUMN run INTEGER REFERENCES run (id) ON DELETE SET NULL;

-- What the run before found on a page: it stays beside what is newer, so that both can be
-- compared, and what is newer be taken back. Of older runs nothing is kept.
CREATE TABLE earlier_measurement (
    document INTEGER NOT NULL,
    number INTEGER NOT NULL,
    run INTEGER REFERENCES run (id) ON DELETE SET NULL,
    ink REAL,
    characters INTEGER NOT NULL,
    words INTEGER NOT NULL,
    engine TEXT NOT NULL,
    micros INTEGER NOT NULL,
    disagreement TEXT,
    signals TEXT CHECK (signals IS NULL OR json_valid(signals)),
    text TEXT NOT NULL,
    PRIMARY KEY (document, number),
    FOREIGN KEY (document, number) REFERENCES page (document, number) ON DELETE CASCADE
) STRICT;

CREATE INDEX earlier_measurement_by_run ON earlier_measurement (run) WHERE run IS NOT NULL;
CREATE INDEX measurement_by_run ON measurement (run) WHERE run IS NOT NULL;
