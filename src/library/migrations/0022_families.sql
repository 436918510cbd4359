-- Room between the documents of a batch for those that are attached to them, and to these
-- again: 4095 to each (see `families`).
UPDATE document SET ordinal = ordinal * 68719476736;
