//! Words with their places as they are kept: each place as whole ten-thousandths of the
//! sides of the page, which is less than a tenth of a point on ISO A4 and takes a third of
//! the room. Not for where words come from.

use serde::{Deserialize, Deserializer, Serializer};

use super::{Area, Word};

/// The side of a page.
const SIDE: f32 = 10_000.0;

/// A word, and the left, top, right and bottom edge of its place.
type Kept<'a> = (std::borrow::Cow<'a, str>, [u16; 4]);

/// Writes words.
pub fn serialize<S: Serializer>(words: &[Word], to: S) -> Result<S::Ok, S::Error> {
    // Not a number becomes 0.
    let kept = |share: f32| (share * SIDE).round().clamp(0.0, SIDE) as u16;
    let words = words.iter().map(|word| {
        let Area {
            left,
            top,
            right,
            bottom,
        } = word.area;
        let kept: Kept<'_> = (
            word.text.as_str().into(),
            [left, top, right, bottom].map(kept),
        );
        kept
    });
    to.collect_seq(words)
}

/// Reads words.
pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Word>, D::Error> {
    let kept: Vec<Kept<'_>> = Vec::deserialize(from)?;
    let words = kept.into_iter().map(|(text, place)| {
        let [left, top, right, bottom] = place.map(|edge| (f32::from(edge) / SIDE).min(1.0));
        Word {
            text: text.into_owned(),
            area: Area {
                left,
                top,
                right,
                bottom,
            },
        }
    });
    Ok(words.collect())
}

#[cfg(test)]
mod tests {
    use super::super::Found;
    use super::*;

    #[test]
    fn words_are_kept_in_small_and_stay_within_the_page() {
        let word = |text: &str, left, right| Word {
            text: text.to_owned(),
            area: Area {
                left,
                top: 0.25,
                right,
                bottom: 0.3,
            },
        };
        let mut found = Found {
            words: vec![word("Dear", 0.12345, 0.2), word("Sir", f32::NAN, 7.0)],
            ..Found::default()
        };
        let kept = serde_json::to_string(&found).unwrap();
        assert!(
            kept.contains(r#"[["Dear",[1235,2500,2000,3000]],["Sir",[0,2500,10000,3000]]]"#),
            "{kept}"
        );
        let read: Found = serde_json::from_str(&kept).unwrap();
        assert_eq!(read.words[0].area.left, 0.1235);
        let odd = r#"{"text":null,"fields":{},"words":[["a",[0,0,65535,1]]]}"#;
        let read: Found = serde_json::from_str(odd).unwrap();
        assert_eq!(read.words[0].area.right, 1.0);
        // What earlier versions kept has none.
        found.words.clear();
        let none = serde_json::to_string(&found).unwrap();
        assert_eq!(none, r#"{"text":null,"fields":{}}"#);
        assert_eq!(serde_json::from_str::<Found>(&none).unwrap(), found);
    }
}
