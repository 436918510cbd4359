-- What is known stays until something newer stands in its place.
--
-- The word 'again' is a state of pages and a status of documents: they have results,
-- and wait to be analysed or opened anew.

-- 1: an analyser is to look. What it found there before stays until then.
ALTER TABLE finding ADD COLUMN waits INTEGER NOT NULL DEFAULT 0;
UPDATE finding SET waits = 1 WHERE finding IS NULL;

-- 1: the document is to be inspected anew. What was found before stays until then.
ALTER TABLE document_details ADD COLUMN waits INTEGER NOT NULL DEFAULT 0;

-- Earlier versions kept these of pages whose measurements they had dropped.
DELETE FROM fingerprint WHERE NOT EXISTS (
    SELECT 1 FROM measurement m
    WHERE m.document = fingerprint.document AND m.number = fingerprint.number
);
DELETE FROM page_text WHERE NOT EXISTS (
    SELECT 1 FROM measurement m
    WHERE m.document = page_text.document AND m.number = page_text.number
);
