-- Rules that propose what to say of pages, for all batches, in the order in which a
-- person wrote them: a query, and the change that is proposed, as JSON of the model.
CREATE TABLE proposal_rule (
    place INTEGER PRIMARY KEY,
    query TEXT NOT NULL,
    change TEXT NOT NULL CHECK (json_valid(change))
) STRICT;
