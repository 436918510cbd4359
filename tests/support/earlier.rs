//! A library as an earlier version of the program left it: what each migration brought is taken
//! back, newest first. It is not a way back for users; there is none.

use rusqlite::Connection;

/// What each migration brought, taken back, newest first: the schema that it led to, and how.
/// A new migration adds one line here.
const BACK: [(i32, &str); 18] = [
    (24, "ALTER TABLE batch_root DROP COLUMN moved_to"),
    (23, "ALTER TABLE document DROP COLUMN left_out"),
    (
        22,
        "UPDATE document SET ordinal = ordinal / (1024 * 1024 * 1024 * 1024)",
    ),
    (
        21,
        "DROP INDEX watched_root; ALTER TABLE batch_root DROP COLUMN watched",
    ),
    (20, "DROP TABLE sample_page; DROP TABLE sample"),
    (19, "DROP TABLE seen_page"),
    (
        18,
        "DROP INDEX batch_by_archived; ALTER TABLE batch DROP COLUMN archived",
    ),
    (
        17,
        "DROP TABLE earlier_measurement; DROP INDEX measurement_by_run;
         ALTER TABLE measurement DROP COLUMN run",
    ),
    (16, "DROP TABLE proposal_rule"),
    (
        15,
        "ALTER TABLE same_page DROP COLUMN places; ALTER TABLE same_page DROP COLUMN likeness",
    ),
    (14, "DROP TABLE act_page; DROP TABLE act"),
    (
        13,
        "ALTER TABLE finding DROP COLUMN waits; ALTER TABLE document_details DROP COLUMN waits",
    ),
    (
        12,
        "DROP TRIGGER look_removed; DROP TRIGGER look_changed;
         DROP TABLE compared_page; DROP TABLE same_page",
    ),
    (11, "DROP TABLE dismissed_page; DROP TABLE dismissal"),
    (10, "DELETE FROM meta WHERE key = 'commits'"),
    (9, "ALTER TABLE failure DROP COLUMN circumstances"),
    (8, "DROP TABLE thresholds"),
    (7, "DROP TRIGGER page_text_removed; DROP TABLE page_search"),
];

/// Takes a library back to what a program that knew `schema` (6 at least) would have left.
pub fn take_back_to(library: &Connection, schema: i32) {
    let newest: i32 = library
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    assert_eq!(newest, BACK[0].0, "the newest migration has no way back");
    for (_, back) in BACK.iter().take_while(|(led_to, _)| *led_to > schema) {
        library.execute_batch(back).unwrap();
    }
    library.pragma_update(None, "user_version", schema).unwrap();
}
