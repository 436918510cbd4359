-- Folders that are watched: what comes into them is taken into their batch.
ALTER TABLE batch_root ADD COLUMN watched INTEGER NOT NULL DEFAULT 0;

CREATE INDEX watched_root ON batch_root (batch) WHERE watched;
