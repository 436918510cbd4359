-- How far two pages that look alike are the same: 0 where nobody looked closely, as
-- earlier versions did not, 1 for copies, 2 for pages that differ in some places, which
-- are kept as a list of areas in JSON.
ALTER TABLE same_page ADD COLUMN likeness INTEGER NOT NULL DEFAULT 0;
ALTER TABLE same_page ADD COLUMN places TEXT;
