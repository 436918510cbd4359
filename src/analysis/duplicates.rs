//! Finds pages that are the same among many, without comparing each with each.
//! Not for what a page looks like (`fingerprint`).

use std::collections::BTreeMap;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use unicode_normalization::UnicodeNormalization;

use super::fingerprint::{Comparable, Lying, Missing, distance, looks_same, turned_hash};

/// Of pages that look alike, what is missing on the page that has more is at most this:
/// something else in a field is missing both ways. Two scans of one page differ by 0.0017 and
/// 4 places, two fillings of one form by 0.0032 and 5 places or more (measured on two sets of
/// 500 pages); which of them are one page is for a closer look.
const MISSING: Missing = Missing {
    mean: 0.004,
    places: 8,
    gone: 6,
};

/// What is missing on the page that has less is at most this: scans lose thin strokes and
/// points, but no lines.
const LOST: Missing = Missing {
    mean: 0.05,
    places: u32::MAX,
    gone: 24,
};

/// What tells texts apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Letters(blake3::Hash);

/// Tells texts apart by their numbers and by how often each letter is in them. Spaces,
/// hyphens, ligatures and the order of lines differ between programs that wrote the same
/// page; one other digit, or two in another order, is another page.
pub fn letters(text: &str) -> Letters {
    let text: String = text.nfkc().collect();
    let numbers = text.split(|letter: char| !letter.is_numeric());
    let letters = text.split_inclusive(|_| true);
    let letters = letters.filter(|letter| letter.chars().all(char::is_alphabetic));
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for part in numbers.chain(letters).filter(|part| !part.is_empty()) {
        *counts.entry(part).or_default() += 1;
    }
    let mut hasher = blake3::Hasher::new();
    for (part, count) in counts {
        hasher.update(part.as_bytes());
        hasher.update(&count.to_le_bytes());
    }
    Letters(hasher.finalize())
}

/// How the second of two pages lies over the first, where they look the same as a whole; it
/// may be `turned` upside down. What programs drew has its size and its place; `scanned`:
/// one of the two is none of that. One of them may still say another number: see
/// [`super::differences`].
pub fn alike(a: &Comparable, b: &Comparable, turned: bool, scanned: bool) -> Option<Lying> {
    let lying = match turned {
        true => looks_same(a, &b.turned(), (MISSING, LOST), scanned),
        false => looks_same(a, b, (MISSING, LOST), scanned),
    };
    lying.map(|lying| Lying { turned, ..lying })
}

/// Looks whose hashes differ in more bits than this are not compared, of 256:
/// those of unrelated pages of text differ in 80 to 130.
const FARTHEST: u32 = 76;

/// A look is compared with at most so many, those whose hashes are nearest: a
/// thousand fillings of one form are all near each other, and a page scanned anew is
/// nearer.
const MOST_COMPARED: usize = 32;

/// Hashes are cut into so many bands of 8 bits.
const BANDS: usize = 32;

/// A bucket of a band that holds more looks than this is one of pages that are alike,
/// as payslips are: of those, each is compared with this many on either side in the
/// order of the bits that follow, where the most similar lie beside each other. Chance
/// fills a bucket like this with 250,000 pages and more.
const MOST_IN_ORDER: usize = 1024;

/// Looks that belong together, by index.
pub struct Groups {
    parents: Vec<usize>,
}

impl Groups {
    /// Each of `count` looks is alone.
    pub fn new(count: usize) -> Self {
        Self {
            parents: (0..count).collect(),
        }
    }

    /// Puts the groups of two looks together.
    pub fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.first_of(a), self.first_of(b));
        self.parents[a.max(b)] = a.min(b);
    }

    /// Whether two looks are in one group.
    pub fn are_together(&mut self, a: usize, b: usize) -> bool {
        self.first_of(a) == self.first_of(b)
    }

    /// The groups of more than one, by the order of their first.
    pub fn members(&mut self) -> Vec<Vec<usize>> {
        let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for at in 0..self.parents.len() {
            members.entry(self.first_of(at)).or_default().push(at);
        }
        members
            .into_values()
            .filter(|group| group.len() > 1)
            .collect()
    }

    /// The first look of its group.
    pub fn first_of(&mut self, mut at: usize) -> usize {
        while self.parents[at] != at {
            self.parents[at] = self.parents[self.parents[at]];
            at = self.parents[at];
        }
        at
    }
}

/// The hash of a look, and whether the look is still to be compared with others.
#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    /// See [`super::Fingerprint::hash`].
    pub hash: [u64; 4],
    /// It was not compared yet.
    pub new: bool,
    /// It was scanned, perhaps upside down.
    pub scanned: bool,
}

/// Two looks that may be the same, as their places; the smaller first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// One of them.
    pub a: usize,
    /// The other.
    pub b: usize,
    /// One lies upside down beside the other.
    pub turned: bool,
}

/// Pairs of looks that may be the same: for each new one those nearest to it among the new
/// ones before it and all others, and for each new scan those nearest to it upside down.
pub fn pairs_to_compare(looks: &[Candidate]) -> Vec<Pair> {
    let upright = upright_pairs(looks).into_iter();
    let mut pairs: Vec<Pair> = upright
        .map(|(a, b)| Pair {
            a,
            b,
            turned: false,
        })
        .collect();
    let places = looks.iter().enumerate();
    let places = places.filter(|(_, look)| look.new && look.scanned);
    let places: Vec<usize> = places.map(|(place, _)| place).collect();
    let turned = places.iter().map(|place| Candidate {
        hash: turned_hash(&looks[*place].hash),
        ..looks[*place]
    });
    let known = looks.iter().map(|look| Candidate {
        new: false,
        ..*look
    });
    let both: Vec<Candidate> = turned.chain(known).collect();
    let first_known = places.len();
    let mut upside_down: Vec<Pair> = upright_pairs(&both)
        .into_iter()
        .filter(|(_, other)| *other >= first_known)
        .map(|(turned, other)| (places[turned], other - first_known))
        .filter(|(place, other)| place != other)
        .map(|(place, other)| Pair {
            a: place.min(other),
            b: place.max(other),
            turned: true,
        })
        .collect();
    upside_down.sort_unstable();
    upside_down.dedup();
    pairs.extend(upside_down);
    pairs
}

/// Pairs of looks whose hashes are near, as indices into `looks`, the smaller first: for
/// each new one those nearest to it among the new ones before it and all others.
fn upright_pairs(looks: &[Candidate]) -> Vec<(usize, usize)> {
    let near = nearest(looks);
    let pairs = (0u32..).zip(near).flat_map(|(at, near)| {
        near.into_iter()
            .map(move |(_, other)| (at.min(other) as usize, at.max(other) as usize))
    });
    pairs.collect()
}

/// Other looks that are near: their distance and index, nearest first.
type Near = Vec<(u32, u32)>;

/// For each new look those nearest to it.
///
/// Only hashes that share a band are compared: two of the same page share one even
/// where a third of their bits differ. Bands are looked through on all processors,
/// each with the hashes of its own beside each other, so that comparing reads memory
/// in order.
fn nearest(looks: &[Candidate]) -> Vec<Near> {
    if !looks.iter().any(|look| look.new) {
        return Vec::new();
    }
    (0..BANDS)
        .into_par_iter()
        .fold(
            || vec![Near::new(); looks.len()],
            |mut found, band| {
                for bucket in buckets(looks, band) {
                    bucket.compare(band, &mut found);
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

/// Looks whose hashes have one band in common, with their indices, in order.
#[derive(Clone, Default)]
struct Bucket {
    new: Vec<(u32, [u64; 4])>,
    known: Vec<(u32, [u64; 4])>,
}

impl Bucket {
    fn compare(self, band: usize, found: &mut [Near]) {
        if self.new.len() + self.known.len() > MOST_IN_ORDER {
            self.compare_neighbours(band, found);
            return;
        }
        for (place, (at, hash)) in self.new.iter().enumerate() {
            for (other, theirs) in self.new[..place].iter().chain(&self.known) {
                let apart = distance(hash, theirs);
                if apart <= FARTHEST {
                    keep(&mut found[*at as usize], (apart, *other));
                }
            }
        }
    }

    /// Compares those that are beside each other in the order of the bits that follow
    /// the band.
    fn compare_neighbours(self, band: usize, found: &mut [Near]) {
        let all = self.new.iter().map(|look| (true, *look));
        let all = all.chain(self.known.iter().map(|look| (false, *look)));
        let mut all: Vec<(bool, (u32, [u64; 4]))> = all.collect();
        all.sort_by_cached_key(|(_, (at, hash))| (following(hash, band), *at));
        for (place, (is_new, (at, hash))) in all.iter().enumerate() {
            for (other_is_new, (other, theirs)) in &all[place.saturating_sub(MOST_IN_ORDER)..place]
            {
                // A pair belongs to the new one; of two new ones, to the later.
                let (owner, near) = match (is_new, other_is_new) {
                    (true, true) => (at.max(other), at.min(other)),
                    (true, false) => (at, other),
                    (false, true) => (other, at),
                    (false, false) => continue,
                };
                let apart = distance(hash, theirs);
                if apart <= FARTHEST {
                    keep(&mut found[*owner as usize], (apart, *near));
                }
            }
        }
    }
}

/// The bytes of a hash from the band after this one on, around its end.
fn following(hash: &[u64; 4], band: usize) -> [u8; BANDS] {
    let mut bytes = [0; BANDS];
    for (bytes, word) in bytes.chunks_exact_mut(8).zip(hash) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    bytes.rotate_left((band + 1) % BANDS);
    bytes
}

/// Looks by the value of one of their bands.
fn buckets(looks: &[Candidate], band: usize) -> Vec<Bucket> {
    let mut buckets = vec![Bucket::default(); 256];
    for (at, look) in (0..).zip(looks) {
        let value = look.hash[band / 8].to_le_bytes()[band % 8];
        let bucket = &mut buckets[usize::from(value)];
        let side = if look.new {
            &mut bucket.new
        } else {
            &mut bucket.known
        };
        side.push((at, look.hash));
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn new(hashes: &[[u64; 4]]) -> Vec<Candidate> {
        let looks = hashes.iter().map(|hash| Candidate {
            hash: *hash,
            new: true,
            scanned: true,
        });
        looks.collect()
    }

    /// Hashes that are near each other, as those of payslips are.
    fn alike(count: u64) -> Vec<[u64; 4]> {
        let mixed = |at: u64| at.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (0..count)
            .map(|at| [0, mixed(at) & 0x00FF_FFFF_0000_0000, 0, 0])
            .collect()
    }

    #[test]
    fn of_very_many_that_are_alike_only_the_nearest_are_compared() {
        let mut hashes = alike(400);
        hashes.push(hashes[17]);
        let pairs = upright_pairs(&new(&hashes));
        assert!(pairs.contains(&(17, 400)));
        assert!(pairs.len() <= 401 * MOST_COMPARED, "{}", pairs.len());
    }

    #[test]
    fn among_more_than_are_looked_at_the_nearest_are_found_still() {
        let mut hashes = alike(3 * MOST_IN_ORDER as u64);
        let mut twin = hashes[100];
        twin[3] ^= 1 << 40;
        hashes.push(twin);
        assert!(upright_pairs(&new(&hashes)).contains(&(100, hashes.len() - 1)));
    }

    #[test]
    fn what_was_compared_is_not_compared_again_and_a_new_one_is_with_all() {
        let mut looks = new(&alike(20));
        for look in &mut looks {
            look.new = false;
        }
        assert!(upright_pairs(&looks).is_empty());
        looks[5].new = true;
        let mut pairs = upright_pairs(&looks);
        pairs.sort_unstable();
        let with_all: Vec<_> = (0..5)
            .map(|other| (other, 5))
            .chain((6..20).map(|other| (5, other)))
            .collect();
        assert_eq!(pairs, with_all);
    }

    #[test]
    fn scans_are_compared_with_pages_that_are_upside_down() {
        let hash = [0x0123_4567_89AB_CDEF; 4];
        let mut looks = new(&[hash, [!0, 0, 0, 7], turned_hash(&hash)]);
        looks[0].scanned = false;
        looks[1].scanned = false;
        let upside_down = |pair: &Pair| pair.turned;
        let pairs = pairs_to_compare(&looks);
        let found: Vec<&Pair> = pairs.iter().filter(|pair| upside_down(pair)).collect();
        let [pair] = found[..] else {
            panic!("{pairs:?}");
        };
        assert_eq!((pair.a, pair.b), (0, 2));
        // What a program wrote is not upside down.
        looks[2].scanned = false;
        assert!(!pairs_to_compare(&looks).iter().any(upside_down));
    }

    #[test]
    fn groups_have_the_earliest_as_their_first() {
        let mut groups = Groups::new(5);
        groups.join(3, 4);
        groups.join(4, 1);
        assert!(groups.are_together(1, 3));
        assert!(!groups.are_together(0, 1));
        assert_eq!(groups.first_of(4), 1);
        assert_eq!(groups.members(), [[1, 3, 4]]);
    }

    #[test]
    fn one_other_digit_is_another_text_and_other_spaces_are_not() {
        let text = "Net amount 1,038.20 EUR, \u{fb01}nal";
        assert_eq!(letters(text), letters("final EUR 1,038.20\nNet a-\nmount"));
        assert_ne!(letters(text), letters("Net amount 1,033.20 EUR, final"));
        assert_ne!(letters(text), letters("Net amount 1,083.20 EUR, final"));
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
            let pairs = upright_pairs(&new(&all));
            prop_assert!(pairs.contains(&(0, last)));
            for (a, b) in pairs {
                prop_assert!(distance(&all[a], &all[b]) <= FARTHEST);
            }
        }
    }
}
