//! Finds pages that are the same among many, without comparing each with each.
//! Not for what a page looks like (`fingerprint`).

use std::collections::HashMap;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::fingerprint::{Difference, difference, distance};
use crate::pdf::Ink;

/// Two pages that programs wrote are the same if so many of their words are.
const SAME_WORDS: f32 = 0.98;

/// What is missing on the page that has more is at most this: something else in a
/// field is missing both ways. Two scans of one page differ by 0.0017 and 4 places,
/// two fillings of one form by 0.0032 and 5 places or more (measured on two sets of
/// 500 pages).
const MISSING: (f32, u32) = (0.0025, 4);

/// What is missing on the page that has less is at most this, as a mean and as places
/// that are bare: scans lose thin strokes, but no words.
const LOST: (f32, u32) = (0.05, 8);

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
    if a.drawn && b.drawn && common(&a.words, &b.words) < SAME_WORDS {
        return false;
    }
    let Difference { less, more } = difference(&a.ink, &b.ink);
    less.mean <= MISSING.0 && less.places <= MISSING.1 && more.mean <= LOST.0 && more.gone <= LOST.1
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

/// A look is compared with at most so many, those whose hashes are nearest: a
/// thousand fillings of one form are all near each other, and a page scanned anew is
/// nearer.
const MOST_COMPARED: usize = 32;

/// So many pairs are asked for at once.
const ASKED_AT_ONCE: usize = 256;

/// Hashes are cut into so many bands of 8 bits.
const BANDS: usize = 32;

/// Groups of looks that are the same, as indices into `hashes`, by the order of
/// their first; looks that are like no other are left out. `same` is asked for
/// pairs that may be, many at a time, and answers for each.
pub fn groups<E>(
    hashes: &[[u64; 4]],
    mut same: impl FnMut(&[(usize, usize)]) -> Result<Vec<bool>, E>,
) -> Result<Vec<Vec<usize>>, E> {
    let mut parents: Vec<usize> = (0..hashes.len()).collect();
    let near = nearest(hashes);
    let pairs: Vec<(usize, usize)> = (0..)
        .zip(&near)
        .flat_map(|(at, near)| near.iter().map(move |(_, other)| (*other as usize, at)))
        .collect();
    for asked in pairs.chunks(ASKED_AT_ONCE) {
        // What is known to be the same by others is not asked for again.
        let open: Vec<(usize, usize)> = asked
            .iter()
            .copied()
            .filter(|(a, b)| root(&mut parents, *a) != root(&mut parents, *b))
            .collect();
        for ((a, b), is_same) in open.iter().zip(same(&open)?) {
            if is_same {
                let (a, b) = (root(&mut parents, *a), root(&mut parents, *b));
                parents[a.max(b)] = a.min(b);
            }
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
    Ok(groups)
}

/// Earlier looks that are near, by distance: their distance and index.
type Near = Vec<(u32, u32)>;

/// For each look the earlier ones whose hashes are nearest.
///
/// Only hashes that share a band are compared: two of the same page share one even
/// where a third of their bits differ. Bands are looked through on all processors,
/// each with the hashes of its own beside each other, so that comparing reads memory
/// in order.
fn nearest(hashes: &[[u64; 4]]) -> Vec<Near> {
    (0..BANDS)
        .into_par_iter()
        .fold(
            || vec![Near::new(); hashes.len()],
            |mut found, band| {
                for bucket in buckets(hashes, band) {
                    for (place, (at, hash)) in bucket.iter().enumerate() {
                        for (other, theirs) in &bucket[..place] {
                            let apart = distance(hash, theirs);
                            if apart <= FARTHEST {
                                keep(&mut found[*at as usize], (apart, *other));
                            }
                        }
                    }
                }
                found
            },
        )
        .reduce(Vec::new, |mut some, more| {
            if some.is_empty() {
                return more;
            }
            for (known, near) in some.iter_mut().zip(more) {
                for found in near {
                    keep(known, found);
                }
            }
            some
        })
}

/// Hashes by the value of one of their bands, with their indices, in order.
fn buckets(hashes: &[[u64; 4]], band: usize) -> Vec<Vec<(u32, [u64; 4])>> {
    let mut buckets = vec![Vec::new(); 256];
    for (at, hash) in (0..).zip(hashes) {
        let value = hash[band / 8].to_le_bytes()[band % 8];
        buckets[usize::from(value)].push((at, *hash));
    }
    buckets
}

/// Keeps what is nearest, in order, each once.
fn keep(near: &mut Near, found: (u32, u32)) {
    let full = near.len() == MOST_COMPARED;
    if full && near.last().is_some_and(|last| found >= *last) {
        return;
    }
    if let Err(place) = near.binary_search(&found) {
        if full {
            near.pop();
        }
        near.insert(place, found);
    }
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

    #[test]
    fn of_very_many_that_are_alike_only_the_nearest_are_compared() {
        let mut hashes = vec![[0u64; 4]; 400];
        for (at, hash) in (0u64..).zip(&mut hashes) {
            // A third of the bits of one word: far from each other, near enough.
            hash[1] = at.wrapping_mul(0x9E37_79B9_7F4A_7C15) & 0x00FF_FFFF_0000_0000;
        }
        hashes.push(hashes[17]);
        let mut asked = 0;
        let found = groups(&hashes, |pairs| {
            asked += pairs.len();
            let same = pairs.iter().map(|pair| *pair == (17, 400));
            Ok::<_, ()>(same.collect())
        });
        assert_eq!(found, Ok(vec![vec![17, 400]]));
        assert!(asked <= 401 * MOST_COMPARED, "{asked}");
    }

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
            let found = groups(&all, |pairs| {
                let same = pairs.iter().map(|(a, b)| {
                    assert!(distance(&all[*a], &all[*b]) <= FARTHEST);
                    (*a, *b) == (0, last)
                });
                Ok::<_, ()>(same.collect())
            });
            prop_assert_eq!(found, Ok(vec![vec![0, last]]));
        }
    }
}
