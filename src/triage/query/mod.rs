//! The language in which pages are asked for: `blank:yes dpi<200 -decision:keep "net
//! amount"`. One tree, made from what was typed and the list of fields, and evaluated
//! page by page. Not for finding words in texts: the library's index does that
//! (`library::search`).

mod completing;
mod parse;
mod terms;

use std::collections::HashSet;

use super::fields::{Field, Kind, Subject, Value};
use crate::library::{LibraryError, Reader};
use crate::model::{BatchId, PageId};

pub use completing::{Completion, completions, exactly};
pub use parse::QueryError;
pub use terms::{Stance, Terms};

/// What pages are asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    root: Node,
    /// What texts are searched for, in the order in which it stands there.
    texts: Vec<String>,
}

/// The pages that have each of a query's texts, in the order of [`Query::texts`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hits(pub Vec<HashSet<PageId>>);

/// A part of a query.
#[derive(Clone, Debug, PartialEq)]
enum Node {
    /// All of these; of none: any page.
    All(Vec<Node>),
    /// At least one of these.
    Any(Vec<Node>),
    Not(Box<Node>),
    /// The page has the text of this place among the query's texts.
    Text(usize),
    /// The field says something like that.
    Field(&'static Field, Test),
}

/// What a field has to say.
#[derive(Clone, Debug, PartialEq)]
enum Test {
    /// Anything.
    Known,
    /// Nothing.
    Unknown,
    /// A number, both ends included.
    Between(f64, f64),
    Below(f64),
    Above(f64),
    /// One of these words.
    OneOf(Vec<&'static str>),
    /// A text that has one of these, whatever the case; where it ends with `*`, that
    /// begins so.
    Has(Vec<String>),
    /// A text that is one of these, whatever the case.
    Is(Vec<String>),
}

impl Default for Query {
    /// Asks for all pages.
    fn default() -> Self {
        Self {
            root: Node::All(Vec::new()),
            texts: Vec::new(),
        }
    }
}

impl Query {
    /// The longest query, in bytes.
    pub const LONGEST: usize = 10_000;

    /// Reads what was typed. Nothing asks for all pages.
    pub fn parse(typed: &str) -> Result<Self, QueryError> {
        parse::parse(typed)
    }

    /// What texts are searched for: words and phrases as the library's index takes them.
    pub fn texts(&self) -> &[String] {
        &self.texts
    }

    /// It asks for all pages.
    pub fn is_empty(&self) -> bool {
        matches!(&self.root, Node::All(nodes) if nodes.is_empty())
    }

    /// Looks its texts up.
    pub fn look_up(&self, reader: &Reader, batch: BatchId) -> Result<Hits, LibraryError> {
        let found = self.texts.iter().map(|text| {
            let pages = reader.search(batch, text)?;
            Ok(pages.into_iter().collect())
        });
        found.collect::<Result<_, _>>().map(Hits)
    }

    /// Whether it asks for a page. A word is also looked for in the name of the page's
    /// document.
    pub fn asks_for(&self, subject: &Subject, hits: &Hits) -> bool {
        self.node(&self.root, subject, hits, true)
    }

    /// Whether a page has what it asks for itself, whatever its document is called.
    pub fn is_on(&self, subject: &Subject, hits: &Hits) -> bool {
        self.node(&self.root, subject, hits, false)
    }

    /// `names`: words are looked for in names of documents as well.
    fn node(&self, node: &Node, subject: &Subject, hits: &Hits, names: bool) -> bool {
        let holds = |node: &Node| self.node(node, subject, hits, names);
        match node {
            Node::All(nodes) => nodes.iter().all(holds),
            Node::Any(nodes) => nodes.iter().any(holds),
            Node::Not(node) => !holds(node),
            Node::Text(at) => {
                let found = hits.0.get(*at);
                let is_named =
                    |text: &String| names && has(subject.document(), text.trim_matches(['"', '*']));
                found.is_some_and(|pages| pages.contains(&subject.page.id))
                    || self.texts.get(*at).is_some_and(is_named)
            }
            Node::Field(field, test) => test.holds(&(field.value)(subject)),
        }
    }
}

impl Test {
    fn holds(&self, value: &Value) -> bool {
        match self {
            Self::Known => value.is_one_of(&[]),
            Self::Unknown => !value.is_one_of(&[]),
            Self::Between(least, most) => {
                matches!(value, Value::Number(number) if (*least..=*most).contains(number))
            }
            Self::Below(line) => matches!(value, Value::Number(number) if number < line),
            Self::Above(line) => matches!(value, Value::Number(number) if number > line),
            Self::OneOf(words) => value.is_one_of(words),
            Self::Is(wanted) => value.has_text(|text| wanted.contains(&text.to_lowercase())),
            Self::Has(wanted) => {
                let is_wanted = |text: &str| {
                    wanted.iter().any(|wanted| match wanted.strip_suffix('*') {
                        Some(start) => text.to_lowercase().starts_with(start),
                        None => has(text, wanted),
                    })
                };
                value.has_text(is_wanted)
            }
        }
    }
}

/// Whether a text has another, whatever the case.
fn has(text: &str, wanted: &str) -> bool {
    text.to_lowercase().contains(&wanted.to_lowercase())
}

/// What stands after a field's name: an example.
pub fn example(field: &Field) -> String {
    let name = field.name;
    match field.kind {
        Kind::Count | Kind::Bytes => format!("{name}>10"),
        Kind::Number { .. } | Kind::Tilt { .. } => format!("{name}:1..5"),
        Kind::Share => format!("{name}<0.5%"),
        Kind::YesNo => format!("{name}:yes"),
        Kind::Word(choices) => {
            let words: Vec<&str> = choices.iter().map(|choice| choice.word).collect();
            format!("{name}:{}", words.join(","))
        }
        Kind::Text | Kind::Texts => format!("{name}:word"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{
        Decision, DocumentId, EngineKind, Measurements, Page, PageShape, PageState, Ruling,
    };
    use crate::triage::fields::Known;

    fn page(number: u32, ink: f32) -> Page {
        Page {
            id: PageId {
                document: DocumentId(1),
                number,
            },
            shape: PageShape::bounded(595.0, 842.0, 0),
            state: PageState::Done,
            measurements: Some(Measurements {
                ink: Some(ink),
                characters: number * 100,
                words: number,
                engine: EngineKind::Hayro,
                disagreement: None,
                micros: 1,
                signals: Default::default(),
            }),
        }
    }

    /// Which of ten pages a query asks for; the second has a text, the third was rejected.
    fn asked(typed: &str) -> Vec<u32> {
        let query = Query::parse(typed).unwrap();
        let texts = query.texts().iter();
        let hits = Hits(texts.map(|_| HashSet::from([page(2, 0.0).id])).collect());
        let rejected = Decision {
            ruling: Some(Ruling::Reject),
            tags: ["Court of Appeal".to_owned()].into(),
            ..Decision::default()
        };
        let known = Known {
            document: "Invoices/Letter.pdf",
            decisions: [(page(3, 0.0).id, rejected)].into(),
            ..Known::default()
        };
        (1..=10)
            .filter(|number| {
                let page = page(*number, *number as f32 / 100.0);
                query.asks_for(&Subject::new(&page, &known), &hits)
            })
            .collect()
    }

    #[test]
    fn fields_words_and_texts_are_asked_for() {
        let all: Vec<u32> = (1..=10).collect();
        assert_eq!(asked(""), all);
        assert_eq!(asked("words<3"), [1, 2]);
        assert_eq!(asked("words>=9"), [9, 10]);
        assert_eq!(asked("words:4..6"), [4, 5, 6]);
        assert_eq!(asked("words:7"), [7]);
        assert_eq!(asked("ink<2.5%"), [1, 2]);
        assert_eq!(asked("ink<2.5"), [1, 2]);
        assert_eq!(asked("decision:reject"), [3]);
        assert_eq!(asked("decision:reject,keep"), [3]);
        assert_eq!(asked("tags:court"), [3]);
        assert_eq!(asked("tags:\"of appeal\""), [3]);
        // All of it, not a part.
        assert!(asked("tags=\"of appeal\"").is_empty());
        assert_eq!(asked("tags=\"court of Appeal\""), [3]);
        // Two quotation marks stand for one.
        assert!(asked("tags=\"court \"\"of\"\" Appeal\"").is_empty());
        assert_eq!(asked("tags:any"), [3]);
        assert_eq!(asked("-tags:unknown"), [3]);
        assert_eq!(asked("harbour"), [2]);
        assert_eq!(asked("\"net amount\" words>1"), [2]);
        assert_eq!(asked("letter"), all);
        assert_eq!(asked("invoices OR words:2"), all);
        assert_eq!(asked("document:invoices*"), all);
        assert_eq!(asked("document:letter*"), Vec::<u32>::new());
        assert_eq!(asked("-(words<9 OR words:10)"), [9]);
        assert_eq!(asked("harbour OR decision:reject OR words:10"), [2, 3, 10]);
        assert_eq!(asked("words>1 -harbour words<4"), [3]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (typed, at, said) in [
            ("blank:perhaps", 6, "blank is yes, almost"),
            ("words:many", 6, "number"),
            ("blnk:yes", 0, "blank"),
            ("words<", 6, "number"),
            ("(words<3", 8, ")"),
            ("words<3)", 7, ")"),
            ("blank<3", 0, "blank is yes, almost"),
            ("\"open", 0, "quotation mark"),
            ("OR words<3", 0, "OR"),
            ("garbled:maybe", 8, "yes or no"),
        ] {
            let error = Query::parse(typed).unwrap_err();
            assert_eq!(error.at, at, "{typed}: {error}");
            assert!(error.to_string().contains(said), "{typed}: {error}");
        }
        assert!(Query::parse(&"x ".repeat(Query::LONGEST)).is_err());
        assert!(Query::parse(&"(".repeat(5_000)).is_err());
        assert!(Query::parse(&"-".repeat(5_000)).is_err());
    }

    /// A query, and what a plain reading of it says of a page.
    #[derive(Clone, Debug)]
    enum Plain {
        Below(u32),
        Above(u32),
        Not(Box<Plain>),
        And(Box<Plain>, Box<Plain>),
        Or(Box<Plain>, Box<Plain>),
    }

    impl Plain {
        fn typed(&self) -> String {
            match self {
                Self::Below(n) => format!("words<{n}"),
                Self::Above(n) => format!("words>{n}"),
                Self::Not(inner) => format!("-({})", inner.typed()),
                Self::And(a, b) => format!("({}) ({})", a.typed(), b.typed()),
                Self::Or(a, b) => format!("({} OR {})", a.typed(), b.typed()),
            }
        }

        fn holds(&self, words: u32) -> bool {
            match self {
                Self::Below(n) => words < *n,
                Self::Above(n) => words > *n,
                Self::Not(inner) => !inner.holds(words),
                Self::And(a, b) => a.holds(words) && b.holds(words),
                Self::Or(a, b) => a.holds(words) || b.holds(words),
            }
        }
    }

    fn plain() -> impl Strategy<Value = Plain> {
        let leaf = prop_oneof![
            (0..12u32).prop_map(Plain::Below),
            (0..12u32).prop_map(Plain::Above),
        ];
        leaf.prop_recursive(5, 24, 2, |inner| {
            prop_oneof![
                inner.clone().prop_map(|a| Plain::Not(Box::new(a))),
                (inner.clone(), inner.clone())
                    .prop_map(|(a, b)| Plain::And(Box::new(a), Box::new(b))),
                (inner.clone(), inner).prop_map(|(a, b)| Plain::Or(Box::new(a), Box::new(b))),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_query_says_what_a_plain_reading_says(plain in plain()) {
            let expected: Vec<u32> = (1..=10).filter(|words| plain.holds(*words)).collect();
            prop_assert_eq!(asked(&plain.typed()), expected);
        }

        #[test]
        fn an_exact_pile_is_that_pile_whatever_its_name(
            piles in proptest::collection::vec(r#"[TtAa"*,() :=-]{1,6}|Taxi?|any|unknown"#, 10),
            wanted in 0..10usize,
        ) {
            let pages: Vec<Page> = (1..=10).map(|number| page(number, 0.5)).collect();
            let on = |(page, pile): (&Page, &String)| {
                let pile = Some(pile.clone());
                (page.id, Decision { pile, ..Decision::default() })
            };
            let decisions = pages.iter().zip(&piles).map(on).collect();
            let known = Known { decisions, ..Known::default() };
            let query = Query::parse(&exactly("pile", &piles[wanted])).unwrap();
            for (page, pile) in pages.iter().zip(&piles) {
                let asked = query.asks_for(&Subject::new(page, &known), &Hits::default());
                prop_assert_eq!(asked, pile.to_lowercase() == piles[wanted].to_lowercase());
            }
        }

        #[test]
        fn whatever_is_typed_is_read_or_refused_within_it(typed in "[a-z:<>().,*\" ORé0-9%-]{0,40}") {
            if let Err(error) = Query::parse(&typed) {
                prop_assert!(error.at <= typed.len() && typed.is_char_boundary(error.at));
            }
        }
    }
}
