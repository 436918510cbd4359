-- A batch that a person has put away: lists leave it out, and all that is known of it stays.
ALTER TABLE batch ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;
