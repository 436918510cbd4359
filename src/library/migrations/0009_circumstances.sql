-- What surrounded a failure, as JSON of the model.
ALTER TABLE failure ADD COLUMN circumstances TEXT
    CHECK (circumstances IS NULL OR json_valid(circumstances));
