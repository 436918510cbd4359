-- A batch that a person has put away: lists leave it out, and all that is known of it stays.
ALTER TABLE batch ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;

-- The newest that is not put away is asked for often.
CREATE INDEX batch_by_archived ON batch (archived, created DESC, id DESC);
