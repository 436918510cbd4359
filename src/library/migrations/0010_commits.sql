-- How many transactions were committed, to be compared with the mark beside the
-- database.
INSERT INTO meta (key, value) VALUES ('commits', '0');
