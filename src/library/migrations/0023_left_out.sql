-- Why somebody leaves a document out that cannot be read, for those who get the manifest.
ALTER TABLE document ADD COLUMN left_out TEXT;
