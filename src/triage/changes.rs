//! What a later run found otherwise than the run before: page by page, and counted. Made
//! from the list of fields, so that a new signal is compared as well. Not for keeping the
//! results of runs (`library::runs`).

use std::collections::HashMap;

use super::fields::{Field, Kind, PAGE, Subject, Value};
use crate::model::PageId;

/// A field that says something else than before.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Changed {
    /// Which.
    pub field: &'static str,
    /// What it said, as words of tables; empty where it said nothing, and for numbers,
    /// which differ in too many ways to be listed.
    pub before: String,
    /// What it says now.
    pub now: String,
}

impl Changed {
    /// As a person reads it.
    pub fn in_words(&self) -> String {
        let label = Field::named(self.field).map_or(self.field, |field| field.label);
        let or_nothing = |said: &str| match said {
            "" => "nothing".to_owned(),
            said => said.to_owned(),
        };
        match (&self.before[..], &self.now[..]) {
            ("", "") => format!("{label} changed"),
            (before, now) => format!("{label}: {}, now {}", or_nothing(before), or_nothing(now)),
        }
    }

    /// The query that asks for such pages; for those that said something else before, too.
    pub fn query(&self) -> String {
        let Self { field, now, .. } = self;
        let kind = Field::named(field).map(|field| field.kind);
        // Of a list each text is asked for by itself.
        let is_list = matches!(kind, Some(Kind::Texts));
        match now.is_empty() || now.contains('"') || is_list {
            true => format!("changed:{field}"),
            false => format!("changed:{field} {field}:\"{now}\""),
        }
    }
}

/// Fields that say something else of a page than before, with what they said and say.
fn differing<'a>(now: &Subject<'a>) -> Vec<(&'static Field, Value<'a>, Value<'a>)> {
    let Some(before) = now.before() else {
        return Vec::new();
    };
    let compared = PAGE.iter().filter(|field| is_compared(field));
    let values = compared.map(|field| (field, (field.value)(&before), (field.value)(now)));
    values.filter(|(_, before, now)| before != now).collect()
}

/// The names of fields that say something else of a page than before.
pub fn changed_fields(subject: &Subject) -> Vec<&'static str> {
    let fields = differing(subject).into_iter();
    fields.map(|(field, ..)| field.name).collect()
}

/// What is said otherwise of a page than before.
pub fn changes(subject: &Subject) -> Vec<Changed> {
    let fields = differing(subject).into_iter();
    let changes = fields.map(|(field, before, now)| match field.kind {
        Kind::Count => Changed {
            field: field.name,
            before: String::new(),
            now: String::new(),
        },
        _ => Changed {
            field: field.name,
            before: plain(&before),
            now: plain(&now),
        },
    });
    changes.collect()
}

/// The changes of many pages, each with its pages; those of the most pages first.
pub fn tally(
    changes: impl IntoIterator<Item = (PageId, Vec<Changed>)>,
) -> Vec<(Changed, Vec<PageId>)> {
    let mut found: HashMap<Changed, Vec<PageId>> = HashMap::new();
    for (page, changes) in changes {
        for changed in changes {
            found.entry(changed).or_default().push(page);
        }
    }
    let mut found: Vec<_> = found.into_iter().collect();
    let place = |changed: &Changed| PAGE.iter().position(|field| field.name == changed.field);
    found.sort_by_cached_key(|(changed, pages)| {
        let words = (changed.before.clone(), changed.now.clone());
        (std::cmp::Reverse(pages.len()), place(changed), words)
    });
    found
}

/// Numbers that are measured anew differ a little every time, and say nothing; the time a
/// page took is one of them. What is said of changes is no change.
fn is_compared(field: &Field) -> bool {
    let comparable = match field.kind {
        Kind::YesNo | Kind::Word(_) | Kind::Text | Kind::Texts => true,
        Kind::Count | Kind::Bytes => ["characters", "words"].contains(&field.name),
        Kind::Number { .. } | Kind::Tilt { .. } | Kind::Share => false,
    };
    comparable && field.name != "changed"
}

/// As a word of tables.
fn plain(value: &Value) -> String {
    match value {
        Value::Unknown => String::new(),
        Value::Number(number) => number.to_string(),
        Value::YesNo(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Word(word) => (*word).to_owned(),
        Value::Text(text) => text.clone().into_owned(),
        Value::Texts(texts) => texts.join("; "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        DocumentId, EngineKind, Language, Measurements, Page, PageShape, PageState,
    };
    use crate::triage::fields::Known;
    use crate::triage::query::{Hits, Query};

    fn page(number: u32, characters: u32, language: &str) -> Page {
        let mut signals = crate::model::Signals::default();
        signals.text.language = Language::named(language);
        Page {
            id: PageId {
                document: DocumentId(1),
                number,
            },
            shape: PageShape::bounded(595.0, 842.0, 0),
            state: PageState::Done,
            measurements: Some(Measurements {
                ink: Some(0.05),
                characters,
                words: 1,
                engine: EngineKind::Hayro,
                disagreement: None,
                micros: number,
                signals,
            }),
        }
    }

    /// A batch in which this page was another one before.
    fn before(page: Page) -> Known {
        Known {
            before: [(page.id, page)].into(),
            ..Known::default()
        }
    }

    #[test]
    fn what_differs_is_told_with_before_and_now_and_counted_by_pages() {
        let same = page(3, 10, "eng");
        let pairs = [
            (page(1, 10, "deu"), before(page(1, 10, "eng"))),
            (page(2, 12, "deu"), before(page(2, 10, "eng"))),
            (same.clone(), before(same.clone())),
            (same, Known::default()),
        ];
        let told = tally(pairs.each_ref().map(|(page, known)| {
            let subject = Subject::new(page, known);
            (page.id, changes(&subject))
        }));
        let told: Vec<(String, usize)> = told
            .iter()
            .map(|(changed, pages)| (changed.in_words(), pages.len()))
            .collect();
        let expected = [("Language: eng, now deu", 2), ("Characters changed", 1)];
        assert_eq!(
            told,
            expected.map(|(words, pages)| (words.to_owned(), pages))
        );
    }

    #[test]
    fn pages_that_changed_are_asked_for_by_what_changed() {
        let (now, known) = (page(1, 10, "deu"), before(page(1, 10, "eng")));
        let subject = Subject::new(&now, &known);
        let changed = &changes(&subject)[0];
        let asks = |typed: &str| {
            let query = Query::parse(typed).unwrap();
            query.asks_for(&subject, &Hits::default())
        };
        assert!(asks(&changed.query()), "{}", changed.query());
        assert!(asks("changed:language"));
        assert!(!asks("changed:blank"));
        let query = Query::parse("changed:language").unwrap();
        assert!(!query.asks_for(&Subject::new(&now, &Known::default()), &Hits::default()));
    }
}
