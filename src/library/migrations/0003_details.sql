-- What inspecting a document's structure found, as JSON of the model. A document
-- that was opened and has no row here is still to be inspected.
CREATE TABLE document_details (
    document INTEGER PRIMARY KEY NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    details TEXT NOT NULL CHECK (json_valid(details))
) STRICT;
