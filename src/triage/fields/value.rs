//! The values of fields: how they sort, and how they are shown and written. Not for
//! where they come from (`pages`).

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::{Value as Json, json};

use super::Kind;
use crate::format::{grouped, size};

/// What a field says of a page.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// It was not measured, or cannot be.
    Unknown,
    /// A number.
    Number(f64),
    /// Yes or no.
    YesNo(bool),
    /// A word of a closed set.
    Word(&'static str),
    /// A text.
    Text(Cow<'a, str>),
    /// Several texts.
    Texts(Vec<&'a str>),
}

impl<'a> Value<'a> {
    pub(super) fn number(number: Option<impl Into<f64>>) -> Self {
        number.map_or(Self::Unknown, |number| Self::Number(number.into()))
    }

    pub(super) fn yes(answer: Option<bool>) -> Self {
        answer.map_or(Self::Unknown, Self::YesNo)
    }

    pub(super) fn word(word: Option<&'static str>) -> Self {
        word.map_or(Self::Unknown, Self::Word)
    }

    pub(super) fn text(text: Option<impl Into<Cow<'a, str>>>) -> Self {
        text.map_or(Self::Unknown, |text| Self::Text(text.into()))
    }

    /// It is known, and says one of these words; of no words: it says anything at all.
    pub fn is_one_of(&self, words: &[&str]) -> bool {
        match self {
            Self::Unknown => false,
            Self::Texts(texts) if texts.is_empty() => false,
            _ if words.is_empty() => true,
            Self::YesNo(yes) => words.contains(&if *yes { "yes" } else { "no" }),
            Self::Word(word) => words.contains(word),
            Self::Text(text) => words.contains(&text.as_ref()),
            Self::Texts(texts) => texts.iter().any(|text| words.contains(text)),
            Self::Number(_) => false,
        }
    }

    /// It is a text of which this is so, or one of its texts is.
    pub fn has_text(&self, is_so: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::Text(text) => is_so(text),
            Self::Texts(texts) => texts.iter().any(|text| is_so(text)),
            _ => false,
        }
    }

    /// What stands in the window's table; none where it is not known.
    pub fn shown(&self, kind: Kind) -> Option<String> {
        Some(match (self, kind) {
            (Self::Unknown, _) => return None,
            (Self::Number(number), Kind::Number { shown, .. } | Kind::Tilt { shown, .. }) => {
                let scale = 10f64.powi(shown as i32);
                // Adding 0 makes 0 of what rounds to −0.
                format!("{:.shown$}", (number * scale).round() / scale + 0.0)
            }
            (Self::Number(share), Kind::Share) => format!("{:.2}", share * 100.0),
            (Self::Number(bytes), Kind::Bytes) => size(*bytes as u64),
            (Self::Number(number), _) => grouped(*number as u64),
            (Self::YesNo(yes), _) => if *yes { "Yes" } else { "" }.to_owned(),
            (Self::Word(word), Kind::Word(choices)) => {
                let choice = choices.iter().find(|choice| choice.word == *word);
                choice.map_or(*word, |choice| choice.label).to_owned()
            }
            (Self::Word(word), _) => (*word).to_owned(),
            (Self::Text(text), _) => text.clone().into_owned(),
            (Self::Texts(texts), _) => texts.join("; "),
        })
    }

    /// What stands in tables for other programs.
    pub fn in_tables(&self, kind: Kind) -> Json {
        match (self, kind) {
            (Self::Unknown, _) => Json::Null,
            (Self::Number(number), Kind::Number { decimals, .. } | Kind::Tilt { decimals, .. }) => {
                rounded(*number, decimals)
            }
            (Self::Number(share), Kind::Share) => rounded(*share, 5),
            (Self::Number(number), _) => json!(*number as u64),
            (Self::YesNo(yes), _) => json!(if *yes { "yes" } else { "no" }),
            (Self::Word(word), _) => json!(word),
            (Self::Text(text), _) => json!(text),
            (Self::Texts(texts), _) => json!(texts),
        }
    }

    /// Which of two comes first, both of one kind. What is not known comes last, whichever
    /// way the rest is sorted; texts are ordered as people order names, "INV-9" before
    /// "INV-10".
    pub fn compare(&self, other: &Self, kind: Kind, descending: bool) -> Ordering {
        let ranks = self
            .rank(kind, descending)
            .cmp(&other.rank(kind, descending));
        let texts = || match (self, other) {
            (Self::Text(a), Self::Text(b)) => natord::compare_ignore_case(a, b),
            (Self::Texts(a), Self::Texts(b)) => {
                let differ = |(a, b): (&&str, &&str)| natord::compare_ignore_case(a, b);
                let mut orders = a.iter().zip(b).map(differ);
                let first = orders.find(|order| order.is_ne());
                first.unwrap_or_else(|| a.len().cmp(&b.len()))
            }
            _ => Ordering::Equal,
        };
        ranks.then_with(|| match descending {
            true => texts().reverse(),
            false => texts(),
        })
    }

    /// Its place among others of one kind, the first lowest; what is not known comes last,
    /// whichever way the rest is sorted. All texts have one rank.
    pub(super) fn rank(&self, kind: Kind, descending: bool) -> u64 {
        const LAST: u64 = u64::MAX;
        let rank = match (self, kind) {
            (Self::Unknown, _) => return LAST,
            (Self::Texts(texts), _) if texts.is_empty() => return LAST,
            (Self::Number(number), Kind::Tilt { .. }) => !by_size(number.abs()),
            (Self::Number(number), _) => by_size(*number),
            (Self::YesNo(yes), _) => u64::from(!yes),
            (Self::Word(word), Kind::Word(choices)) => {
                let place = choices.iter().position(|choice| choice.word == *word);
                place.map_or(0, |place| place as u64 + 1)
            }
            (Self::Word(_) | Self::Text(_) | Self::Texts(_), _) => 0,
        };
        let rank = if descending { !rank } else { rank };
        rank.min(LAST - 1)
    }
}

/// Bits that are ordered as numbers are (IEEE 754, total order).
fn by_size(number: f64) -> u64 {
    let bits = number.to_bits();
    match bits >> 63 {
        0 => bits | 1 << 63,
        _ => !bits,
    }
}

/// A number with so many digits after the point.
fn rounded(number: f64, digits: i32) -> Json {
    let scale = 10f64.powi(digits);
    // Adding 0 makes 0 of what rounds to −0.
    json!((number * scale).round() / scale + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_sort_whole_and_as_people_order_names() {
        let sorted = ["deu", "eng", "INV-2024-2", "INV-2024-10", "INV-2025-001"];
        let text = |text: &'static str| Value::Text(text.into());
        let mut texts = sorted;
        texts.reverse();
        texts.sort_by(|a, b| text(a).compare(&text(b), Kind::Text, false));
        assert_eq!(texts, sorted);
        let several = |texts: &[&'static str]| Value::Texts(texts.to_vec());
        let order = several(&["A"]).compare(&several(&["A", "B"]), Kind::Texts, false);
        assert!(order.is_lt());
    }

    #[test]
    fn what_is_not_known_comes_last_either_way() {
        for descending in [false, true] {
            let none = Value::Texts(vec![]);
            for unknown in [&Value::Unknown, &none] {
                let order = unknown.compare(&Value::Number(1.0), Kind::Count, descending);
                assert!(order.is_gt());
            }
        }
    }

    #[test]
    fn the_largest_tilt_comes_first_and_none_is_shown_as_zero() {
        let kind = Kind::Tilt {
            decimals: 2,
            shown: 1,
        };
        let order = Value::Number(-3.0).compare(&Value::Number(1.0), kind, false);
        assert!(order.is_lt());
        assert_eq!(Value::Number(-0.01).shown(kind).unwrap(), "0.0");
    }

    proptest::proptest! {
        #[test]
        fn numbers_are_ranked_by_size(a in proptest::num::f64::ANY, b in proptest::num::f64::ANY) {
            let kind = Kind::Share;
            let order = Value::Number(a).compare(&Value::Number(b), kind, false);
            proptest::prop_assert_eq!(order, a.total_cmp(&b));
            let back = Value::Number(a).compare(&Value::Number(b), kind, true);
            proptest::prop_assert_eq!(back, b.total_cmp(&a));
        }
    }
}
