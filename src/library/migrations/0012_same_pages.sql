-- Which pages have been compared with those that look most like them, and which of
-- them are the same page. Comparing takes long, so it is done once; what is said here
-- goes with the look that it was said of.
CREATE TABLE compared_page (
    document INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (document, number),
    FOREIGN KEY (document, number) REFERENCES page (document, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE same_page (
    document INTEGER NOT NULL,
    number INTEGER NOT NULL,
    other_document INTEGER NOT NULL,
    other_number INTEGER NOT NULL,
    PRIMARY KEY (document, number, other_document, other_number)
) STRICT, WITHOUT ROWID;

CREATE INDEX same_page_by_other ON same_page (other_document, other_number);

-- Two pages may be in one group only by what both have in common with a third: where
-- that one goes or looks different, they are compared again.
CREATE TRIGGER comparison_forgotten BEFORE DELETE ON compared_page
BEGIN
    DELETE FROM compared_page WHERE (document, number) IN (
        SELECT other_document, other_number FROM same_page
        WHERE document = OLD.document AND number = OLD.number
        UNION ALL
        SELECT document, number FROM same_page
        WHERE other_document = OLD.document AND other_number = OLD.number
    );
    DELETE FROM same_page WHERE document = OLD.document AND number = OLD.number;
    DELETE FROM same_page WHERE other_document = OLD.document AND other_number = OLD.number;
END;

CREATE TRIGGER look_removed AFTER DELETE ON fingerprint
BEGIN
    DELETE FROM compared_page WHERE document = OLD.document AND number = OLD.number;
END;

-- The hash of the content is also one of the text, which is compared as well.
CREATE TRIGGER look_changed AFTER UPDATE ON fingerprint
WHEN NEW.content IS NULL OR NEW.content IS NOT OLD.content
    OR NEW.drawn IS NOT OLD.drawn OR NEW.ink IS NOT OLD.ink
BEGIN
    DELETE FROM compared_page WHERE document = OLD.document AND number = OLD.number;
END;
