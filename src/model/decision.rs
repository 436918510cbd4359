//! What people say of pages, as acts that follow one another. Plain data; not for keeping
//! it (`library`), nor for what holds now (`triage::decisions`).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::ContentHash;

/// The name of a page by its content: it stays the same when the file is moved, renamed
/// or taken in again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PageKey {
    /// BLAKE3 of the document's bytes.
    pub document: ContentHash,
    /// Position in the document, counted from 1.
    pub number: u32,
}

/// What becomes of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    /// It goes on.
    Keep,
    /// It is thrown out.
    Reject,
    /// Somebody has to look at it, or ask.
    Flag,
}

impl Ruling {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Keep, Self::Reject, Self::Flag];

    /// The word used in tables, queries and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Reject => "reject",
            Self::Flag => "flag",
        }
    }
}

/// All that is said of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// None: undecided.
    pub ruling: Option<Ruling>,
    /// Where it belongs; none: nowhere in particular.
    pub pile: Option<String>,
    /// Words that somebody put on it.
    pub tags: BTreeSet<String>,
    /// What somebody noted; empty: nothing.
    pub note: String,
}

/// A change of what is said of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It is to be kept, rejected, or asked about; none: undecided again.
    Rule(Option<Ruling>),
    /// It belongs on this pile; none: on none.
    Pile(Option<String>),
    /// It gets this tag.
    Tag(String),
    /// It loses this tag.
    Untag(String),
    /// Its note says this; empty: nothing.
    Note(String),
}

impl Change {
    /// The longest name of a pile or tag, in bytes; longer ones are refused.
    pub const LONGEST_NAME: usize = 200;
    /// The longest note, in bytes: some ten pages of text.
    pub const LONGEST_NOTE: usize = 32 << 10;

    /// What is wrong with it, in words; none: nothing.
    pub fn problem(&self) -> Option<String> {
        let name = |what: &str, name: &str| match name.trim() {
            "" => Some(format!("A {what} needs a name.")),
            name if name.len() > Self::LONGEST_NAME => Some(format!(
                "The name of a {what} has at most {} bytes.",
                Self::LONGEST_NAME
            )),
            name if name.contains(|c: char| c.is_control()) => {
                Some(format!("The name of a {what} is one line of text."))
            }
            _ => None,
        };
        match self {
            Self::Pile(Some(pile)) => name("pile", pile),
            Self::Tag(tag) => name("tag", tag),
            Self::Note(note) if note.len() > Self::LONGEST_NOTE => Some(format!(
                "A note has at most {} kB.",
                Self::LONGEST_NOTE >> 10
            )),
            Self::Rule(_) | Self::Pile(None) | Self::Untag(_) | Self::Note(_) => None,
        }
    }

    /// What several do together, for people: "Reject, Tag empty".
    pub fn all_in_words(changes: &[Self]) -> String {
        let words: Vec<String> = changes.iter().map(Self::in_words).collect();
        words.join(", ")
    }

    /// What it does, for people: "Reject", "Put on pile Tax".
    pub fn in_words(&self) -> String {
        match self {
            Self::Rule(Some(Ruling::Keep)) => "Keep".to_owned(),
            Self::Rule(Some(Ruling::Reject)) => "Reject".to_owned(),
            Self::Rule(Some(Ruling::Flag)) => "Flag".to_owned(),
            Self::Rule(None) => "Undecided".to_owned(),
            Self::Pile(Some(pile)) => format!("Put on pile {pile}"),
            Self::Pile(None) => "Take off its pile".to_owned(),
            Self::Tag(tag) => format!("Tag {tag}"),
            Self::Untag(tag) => format!("Remove tag {tag}"),
            Self::Note(note) if note.is_empty() => "Remove the note".to_owned(),
            Self::Note(_) => "Note".to_owned(),
        }
    }
}

impl Decision {
    /// Nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Takes a change over.
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::Rule(ruling) => self.ruling = *ruling,
            Change::Pile(pile) => self.pile.clone_from(pile),
            Change::Tag(tag) => {
                self.tags.insert(tag.clone());
            }
            Change::Untag(tag) => {
                self.tags.remove(tag);
            }
            Change::Note(note) => self.note.clone_from(note),
        }
    }
}

/// A rule that proposes something: what to say of the pages that a query asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposalRule {
    /// Which pages.
    pub query: String,
    /// What to say of them.
    pub change: Change,
}

/// The number of an act in its library; later ones are larger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActId(pub i64);

/// One thing that somebody did: to all its pages at once, and taken back at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// Its number.
    pub id: ActId,
    /// When, seconds since 1970 (UTC).
    pub at: i64,
    /// Who.
    pub author: String,
    /// What made a person say all of it at once, as keeping one of several pages does; none:
    /// it was said by itself.
    pub rule: Option<String>,
    /// What it does.
    pub deed: Deed,
}

/// What an act does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Changes what is said of pages, change by change.
    Change {
        /// The changes, in order.
        changes: Vec<Change>,
        /// The pages.
        pages: Vec<PageKey>,
    },
    /// Takes back an earlier act, which may itself have taken back another.
    Undo(ActId),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_notes_have_bounds() {
        assert_eq!(Change::Pile(Some("Tax".into())).problem(), None);
        assert_eq!(Change::Note(String::new()).problem(), None);
        for wrong in [
            Change::Pile(Some(" ".into())),
            Change::Tag("two\nlines".into()),
            Change::Tag("x".repeat(Change::LONGEST_NAME + 1)),
            Change::Note("x".repeat(1 << 20)),
        ] {
            assert!(wrong.problem().is_some());
        }
    }
}
