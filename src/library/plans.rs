//! Checks, in tests, that no question to the library reads a large table from end to end
//! where it asks for a part of it. Each statement that a [`super::Reader`] runs in such a
//! test is noted and explained. Not for anything outside of tests.

use std::cell::RefCell;
use std::collections::BTreeSet;

use rusqlite::Connection;

thread_local! {
    static ASKED: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
}

/// Notes a statement that is run.
pub(super) fn note(sql: &str) {
    ASKED.with_borrow_mut(|asked| asked.insert(sql.to_owned()));
}

/// The steps of all statements since this was asked last in which SQLite reads a table or an
/// index from end to end, each after the beginning of its statement.
pub(super) fn scans(connection: &Connection) -> Vec<String> {
    let asked = ASKED.take();
    let steps = asked.iter().flat_map(|sql| {
        let explained = format!("EXPLAIN QUERY PLAN {sql}");
        let mut statement = connection.prepare(&explained).unwrap();
        let parameters = vec![rusqlite::types::Null; statement.parameter_count()];
        let parameters = rusqlite::params_from_iter(parameters);
        let steps = statement.query_map(parameters, |row| row.get::<_, String>(3));
        let steps: Vec<String> = steps.unwrap().map(Result::unwrap).collect();
        let start: String = sql.split_whitespace().collect::<Vec<_>>().join(" ");
        let scans = steps.into_iter().filter(|step| step.starts_with("SCAN"));
        scans.map(move |step| format!("{step} in {start}"))
    });
    steps.collect()
}

mod tests {
    use super::*;
    use crate::library::Library;
    use crate::model::{BatchId, DocumentId, PageId};

    #[test]
    fn a_question_about_a_part_never_reads_all_there_is() {
        let dir = tempfile::tempdir().unwrap();
        let library = Library::open(dir.path()).unwrap();
        let reader = library.reader();
        let (batch, document) = (BatchId(1), DocumentId(1));
        let page = PageId {
            document,
            number: 1,
        };
        reader.batch(batch).unwrap();
        reader.newest_batch().unwrap();
        reader.roots(batch).unwrap();
        reader.batch_with_roots(&["/a".into()]).unwrap();
        reader.documents(batch).unwrap();
        reader.document(document).unwrap();
        reader.details_of(document).unwrap();
        reader.details(batch).unwrap();
        reader.split_plan(batch).unwrap();
        reader.thresholds(batch).unwrap();
        reader.uninspected(batch).unwrap();
        reader.pages_and_damage(batch).unwrap();
        reader.pages_before(batch).unwrap();
        reader.page(page).unwrap();
        reader.page_text(page).unwrap();
        reader.search(batch, "word").unwrap();
        reader.findings(batch).unwrap();
        reader.findings_of(page).unwrap();
        reader.pages_with_words(page.document).unwrap();
        reader.findings_waiting(batch).unwrap();
        reader.look_ink(page).unwrap();
        reader.failures(batch).unwrap();
        reader.failed(batch).unwrap();
        reader.failure_of(document, Some(1)).unwrap();
        reader.runs(batch).unwrap();
        reader.acts(batch).unwrap();
        reader.acts_elsewhere(batch).unwrap();
        reader.seen(batch).unwrap();
        reader.latest_sample(batch).unwrap();
        let mut scans = scans(reader.connection());
        // The index of texts is a table of its own kind: it looks up words. The newest batch is
        // the first in its index, and no other is read.
        scans.retain(|step| {
            !step.contains("page_search VIRTUAL TABLE")
                && !step.contains("SCAN batch USING COVERING INDEX batch_by_archived")
        });
        assert!(scans.is_empty(), "{scans:#?}");
    }
}
