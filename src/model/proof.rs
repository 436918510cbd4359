//! Whether parts show what their sources show. Plain data; finding it out is for
//! `pdf::proof`.

use serde::{Deserialize, Serialize};

/// How a page of a part compares with the page of the source that it was taken from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PageProof {
    /// They show the same and read the same.
    Same,
    /// They do not.
    Differs(Difference),
    /// No engine can tell; with the reason.
    Unknown(String),
}

/// What differs between a page of a part and its source's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// The part cannot be opened, or its page cannot be drawn, where the source's can.
    Unreadable,
    /// Its size, or which way up it is.
    Shape,
    /// What is drawn.
    Picture,
    /// Its text.
    Text,
}

impl Difference {
    /// What is so of the page in the part, for people.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Unreadable => "cannot be drawn",
            Self::Shape => "has another size or lies another way",
            Self::Picture => "looks different",
            Self::Text => "has another text",
        }
    }
}

/// Whether a part shows what its source shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Proof {
    /// Nobody asked.
    #[default]
    NotAsked,
    /// Each page shows and reads the same.
    Proved,
    /// These pages of the part, from 1, differ.
    Differs(Vec<(u32, Difference)>),
    /// It cannot be told, for this reason; no page is known to differ.
    NotProved(String),
}

impl Proof {
    /// What follows for a part from its pages, in their order.
    pub fn of(pages: impl IntoIterator<Item = PageProof>) -> Self {
        let mut differing = Vec::new();
        let mut unknown = None;
        for (page, number) in pages.into_iter().zip(1..) {
            match page {
                PageProof::Same => {}
                PageProof::Differs(how) => differing.push((number, how)),
                PageProof::Unknown(why) => {
                    unknown.get_or_insert_with(|| format!("page {number}: {why}"));
                }
            }
        }
        match unknown {
            _ if !differing.is_empty() => Self::Differs(differing),
            Some(why) => Self::NotProved(why),
            None => Self::Proved,
        }
    }

    /// What is wrong, in words: none where it is proved, or nobody asked.
    pub fn problem(&self) -> Option<String> {
        /// Pages that are named in a sentence.
        const NAMED: usize = 3;
        match self {
            Self::NotAsked | Self::Proved => None,
            Self::NotProved(why) => Some(why.clone()),
            Self::Differs(pages) => {
                let named = pages.iter().take(NAMED);
                let named = named.map(|(page, how)| format!("page {page} {}", how.in_words()));
                let mut words = named.collect::<Vec<_>>().join(", ");
                if let more @ 1.. = pages.len().saturating_sub(NAMED) {
                    words = format!("{words}, and {more} more");
                }
                Some(words)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_page_that_differs_outweighs_all_others() {
        let differs = |how| PageProof::Differs(how);
        let unknown = || PageProof::Unknown("it hangs".into());
        assert_eq!(Proof::of([PageProof::Same]), Proof::Proved);
        assert_eq!(
            Proof::of([PageProof::Same, unknown()]),
            Proof::NotProved("page 2: it hangs".into())
        );
        let proof = Proof::of([unknown(), differs(Difference::Text)]);
        assert_eq!(proof, Proof::Differs(vec![(2, Difference::Text)]));
        let many = Proof::of(std::iter::repeat_n(differs(Difference::Picture), 5));
        assert_eq!(
            many.problem().unwrap(),
            "page 1 looks different, page 2 looks different, page 3 looks different, and 2 more"
        );
    }
}
