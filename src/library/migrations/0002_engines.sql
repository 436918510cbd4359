-- How another engine saw a page differently, where one was asked: a word of the
-- model, or NULL.
ALTER TABLE measurement ADD COLUMN disagreement TEXT;
