-- Room between the documents of a batch for those that are attached to them, and to these
-- again (see `families`).
UPDATE document SET ordinal = ordinal * 1099511627776;
