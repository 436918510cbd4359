-- The plan for splitting a batch as a person has edited it, as JSON of the model.
CREATE TABLE split_plan (
    batch INTEGER PRIMARY KEY NOT NULL REFERENCES batch (id) ON DELETE CASCADE,
    plan TEXT NOT NULL CHECK (json_valid(plan))
) STRICT;
