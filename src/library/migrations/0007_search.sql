-- The index of all page text; its rows are those of page_text. It keeps no text of
-- its own. The program fills it, for it takes texts apart first.
CREATE VIRTUAL TABLE page_search USING fts5 (
    text,
    content = '',
    contentless_delete = 1,
    tokenize = "unicode61 remove_diacritics 2"
);

CREATE TRIGGER page_text_removed AFTER DELETE ON page_text
BEGIN
    DELETE FROM page_search WHERE rowid = OLD.id;
END;
