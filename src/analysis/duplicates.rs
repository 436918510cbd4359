//! Finds pages that are the same among many, without comparing each with each.
//! Not for what a page looks like (`fingerprint`).

use std::collections::HashMap;

use super::fingerprint::{difference, distance};
use crate::pdf::Ink;

/// Two pages that programs wrote are the same if so many of their words are.
const SAME_WORDS: f32 = 0.98;

/// Looks of one page differ by at most this: two scans, a page and its scan. A
/// stain over a few letters is the same page, a field that is filled in otherwise
/// is not; what is scanned is a little bolder than what is drawn.
const SCANS: (f32, u32) = (0.0045, 5);
const PAGE_AND_SCAN: (f32, u32) = (0.0066, 12);

/// A page, to be compared with others.
#[derive(Clone, Debug)]
pub struct Seen {
    ink: Ink,
    drawn: bool,
    /// Its words, sorted.
    words: Vec<String>,
}

impl Seen {
    /// A page that looks so; `drawn` where a program wrote its text.
    pub fn new(ink: Ink, drawn: bool, text: &str) -> Self {
        let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        words.sort();
        Self { ink, drawn, words }
    }
}

/// Whether two pages are the same page.
pub fn is_same_page(a: &Seen, b: &Seen) -> bool {
    let (mean, places) = match (a.drawn, b.drawn) {
        (true, true) => {
            if common(&a.words, &b.words) < SAME_WORDS {
                return false;
            }
            PAGE_AND_SCAN
        }
        (false, false) => SCANS,
        _ => PAGE_AND_SCAN,
    };
    let found = difference(&a.ink, &b.ink);
    found.mean <= mean && found.places <= places
}

/// Share of the words of the longer text that both have.
fn common(a: &[String], b: &[String]) -> f32 {
    let (mut at, mut other, mut both) = (0, 0, 0usize);
    while at < a.len() && other < b.len() {
        match a[at].cmp(&b[other]) {
            std::cmp::Ordering::Less => at += 1,
            std::cmp::Ordering::Greater => other += 1,
            std::cmp::Ordering::Equal => {
                both += 1;
                at += 1;
                other += 1;
            }
        }
    }
    both as f32 / a.len().max(b.len()).max(1) as f32
}

/// Looks whose hashes differ in more bits than this are not compared, of 256:
/// those of unrelated pages of text differ in 80 to 130.
const FARTHEST: u32 = 76;

/// Groups of looks that are the same, as indices into `hashes`, by the order of
/// their first; looks that are like no other are left out. `same` is asked for
/// pairs that may be.
///
/// Hashes are cut into 32 bands of 8 bits, and only those that share a band are
/// compared: two of the same page share one even where a third of their bits
/// differ.
pub fn groups(hashes: &[[u64; 4]], mut same: impl FnMut(usize, usize) -> bool) -> Vec<Vec<usize>> {
    let mut bands: HashMap<(usize, u8), Vec<usize>> = HashMap::new();
    let mut parents: Vec<usize> = (0..hashes.len()).collect();
    let mut compared_with = vec![usize::MAX; hashes.len()];
    for (at, hash) in hashes.iter().enumerate() {
        let bytes = hash.iter().flat_map(|part| part.to_le_bytes());
        for band in bytes.enumerate() {
            let alike = bands.entry(band).or_default();
            for &other in alike.iter() {
                if compared_with[other] == at {
                    continue;
                }
                compared_with[other] = at;
                if distance(hash, &hashes[other]) > FARTHEST {
                    continue;
                }
                let (a, b) = (root(&mut parents, at), root(&mut parents, other));
                if a != b && same(other, at) {
                    parents[a.max(b)] = a.min(b);
                }
            }
            alike.push(at);
        }
    }
    let mut members: HashMap<usize, Vec<usize>> = HashMap::new();
    for at in 0..hashes.len() {
        let root = root(&mut parents, at);
        members.entry(root).or_default().push(at);
    }
    let mut groups: Vec<Vec<usize>> = members
        .into_values()
        .filter(|group| group.len() > 1)
        .collect();
    groups.sort();
    groups
}

fn root(parents: &mut [usize], mut at: usize) -> usize {
    while parents[at] != at {
        parents[at] = parents[parents[at]];
        at = parents[at];
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn hashes_a_few_bits_apart_meet_and_others_are_not_asked_about(
            hashes in prop::collection::vec(any::<[u64; 4]>(), 2..40),
            flips in prop::collection::vec(0usize..256, 0..40),
        ) {
            let mut all = hashes.clone();
            let mut twin = hashes[0];
            for flip in flips {
                twin[flip / 64] ^= 1 << (flip % 64);
            }
            all.push(twin);
            let last = all.len() - 1;
            let found = groups(&all, |a, b| {
                assert!(distance(&all[a], &all[b]) <= FARTHEST);
                a == 0 && b == last
            });
            prop_assert_eq!(found, vec![vec![0, last]]);
        }
    }
}
