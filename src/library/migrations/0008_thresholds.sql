-- Where the lines between verdicts are drawn in a batch, as JSON; a batch without
-- a row has the usual ones.
CREATE TABLE thresholds (
    batch INTEGER PRIMARY KEY NOT NULL REFERENCES batch (id) ON DELETE CASCADE,
    thresholds TEXT NOT NULL CHECK (json_valid(thresholds))
) STRICT;
