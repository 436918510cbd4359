-- Groups of pages of which a person said that they are not the same, or that it
-- does not matter. A group is dismissed while all of its pages are in one of these.
CREATE TABLE dismissal (
    id INTEGER PRIMARY KEY AUTOINCREMENT
) STRICT;

CREATE TABLE dismissed_page (
    dismissal INTEGER NOT NULL REFERENCES dismissal (id) ON DELETE CASCADE,
    document INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (dismissal, document, number),
    FOREIGN KEY (document, number) REFERENCES page (document, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX dismissed_page_by_page ON dismissed_page (document, number);
