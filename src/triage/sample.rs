//! How many pages a sample has to have, which they are, and what its result says of all
//! pages. Not for keeping samples (`library`).

use std::hash::{BuildHasher, RandomState};

use super::decisions::{Decisions, author, keys_of};
use super::thread::now_seconds;
use crate::library::{LibraryError, Reader};
use crate::model::{BatchId, Confidence, PageId, PageKey, Sample, SampleId, SamplePage};

/// Number of pages to draw from `population` so that the share of overturned decisions is
/// known within `margin` (a share) at this confidence: Cochran's formula for the share that
/// needs most, one half, with the correction for finite populations (W. G. Cochran, Sampling
/// Techniques, chapter 4).
pub fn size(population: usize, confidence: Confidence, margin: f64) -> usize {
    let deviations = confidence.deviations();
    let endless = deviations * deviations * 0.25 / (margin * margin).max(1e-9);
    let finite = endless / (1.0 + (endless - 1.0) / population.max(1) as f64);
    (finite.ceil() as usize).clamp(population.min(1), population)
}

/// Draws `number` of the pages, in the order in which they are judged. The same seed draws
/// the same pages, whatever their order: pages are ranked by a hash of the seed and
/// themselves, which is as good as drawing lots.
pub fn draw(pages: &[PageKey], number: usize, seed: [u8; 32]) -> Vec<PageKey> {
    let lot = |page: &PageKey| {
        let mut hasher = blake3::Hasher::new_keyed(&seed);
        hasher.update(&page.document.0);
        hasher.update(&page.number.to_le_bytes());
        *hasher.finalize().as_bytes()
    };
    let mut lots: Vec<_> = pages.iter().map(|page| (lot(page), *page)).collect();
    lots.sort_unstable_by_key(|(lot, _)| *lot);
    lots.dedup();
    lots.truncate(number);
    lots.into_iter().map(|(_, page)| page).collect()
}

/// A sample of these pages of a batch, with what is decided of them now; it gets its number
/// when it is kept. `query`: what asked for the pages.
pub fn sample_of(
    reader: &Reader,
    batch: BatchId,
    pages: &[PageId],
    query: &str,
    confidence: Confidence,
    margin: f64,
) -> Result<Sample, LibraryError> {
    let decisions = Decisions::new(reader.acts(batch)?);
    let keys = keys_of(&reader.documents(batch)?, pages);
    let drawn = draw(&keys, size(keys.len(), confidence, margin), seed());
    Ok(Sample {
        id: SampleId(0),
        query: query.to_owned(),
        population: keys.len() as u64,
        confidence,
        margin,
        at: now_seconds(),
        author: author(),
        pages: drawn
            .into_iter()
            .map(|page| SamplePage {
                page,
                said: decisions.of(&page).ruling,
                judged: None,
            })
            .collect(),
    })
}

/// Other than before each time, by the numbers that the standard library draws for its maps.
fn seed() -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for part in 0u8..4 {
        let drawn = RandomState::new().hash_one(part);
        hasher.update(&drawn.to_le_bytes());
    }
    *hasher.finalize().as_bytes()
}

/// What a sample says of the pages that it was drawn from: shares of overturned decisions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// In the sample.
    pub share: f64,
    /// Among all pages at least, at the confidence of the sample.
    pub least: f64,
    /// Among all pages at most.
    pub most: f64,
}

/// The estimate by what was judged so far; none before anything was. The interval is
/// Wilson's, which holds for small shares as well (E. B. Wilson, Probable inference, the law
/// of succession, and statistical inference, 1927).
pub fn estimate(sample: &Sample) -> Option<Estimate> {
    let (judged, overturned) = (sample.judged(), sample.overturned());
    if judged == 0 {
        return None;
    }
    let number = judged as f64;
    let share = overturned as f64 / number;
    if judged as u64 == sample.population {
        // All of them were judged: nothing is estimated.
        return Some(Estimate {
            share,
            least: share,
            most: share,
        });
    }
    let square = sample.confidence.deviations().powi(2);
    let centre = share + square / (2.0 * number);
    let spread = (share * (1.0 - share) / number + square / (4.0 * number * number)).sqrt();
    let spread = sample.confidence.deviations() * spread;
    let whole = 1.0 + square / number;
    Some(Estimate {
        share,
        least: ((centre - spread) / whole).max(0.0),
        most: ((centre + spread) / whole).min(1.0),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{ContentHash, Ruling};

    fn pages(count: u32) -> Vec<PageKey> {
        let page = |number| PageKey {
            document: ContentHash([7; 32]),
            number,
        };
        (1..=count).map(page).collect()
    }

    fn sample(population: u64, judged: usize, overturned: usize) -> Sample {
        let page = |(at, page)| SamplePage {
            page,
            said: Some(Ruling::Keep),
            judged: (at < judged).then_some(match at < overturned {
                true => Ruling::Reject,
                false => Ruling::Keep,
            }),
        };
        let pages = pages(judged.max(1) as u32);
        Sample {
            id: SampleId(1),
            query: String::new(),
            population,
            confidence: Confidence::NinetyFive,
            margin: 0.05,
            at: 0,
            author: String::new(),
            pages: pages.into_iter().enumerate().map(page).collect(),
        }
    }

    #[test]
    fn sizes_are_those_of_the_tables() {
        for (population, confidence, margin, pages) in [
            (1_000_000, Confidence::NinetyFive, 0.05, 384),
            (1_000, Confidence::NinetyFive, 0.05, 278),
            (1_000_000, Confidence::NinetyNine, 0.01, 16_317),
            (10_000, Confidence::Ninety, 0.1, 68),
            (10, Confidence::NinetyFive, 0.05, 10),
            (1, Confidence::NinetyFive, 0.2, 1),
            (0, Confidence::NinetyFive, 0.2, 0),
        ] {
            assert_eq!(size(population, confidence, margin), pages, "{population}");
        }
    }

    #[test]
    fn an_interval_holds_the_share_and_is_never_outside_all_and_nothing() {
        let of = |judged, overturned| estimate(&sample(10_000, judged, overturned)).unwrap();
        let none = of(100, 0);
        assert_eq!((none.share, none.least), (0.0, 0.0));
        // Wilson's interval for 0 of 100 at 95 %: 0 to 3.7 %.
        assert!((none.most - 0.0370).abs() < 0.0005, "{}", none.most);
        let some = of(100, 10);
        assert!((some.least - 0.0552).abs() < 0.0005 && (some.most - 0.1744).abs() < 0.0005);
        assert_eq!(estimate(&sample(10, 0, 0)), None);
        let all = estimate(&sample(10, 10, 3)).unwrap();
        assert_eq!((all.least, all.most), (0.3, 0.3));
    }

    proptest! {
        #[test]
        fn a_draw_is_of_the_pages_each_once_and_the_same_for_the_same_seed(
            count in 0u32..200, number in 0usize..250, seed: [u8; 32],
        ) {
            let pages = pages(count);
            let drawn = draw(&pages, number, seed);
            prop_assert_eq!(drawn.len(), number.min(pages.len()));
            let mut backwards = pages.clone();
            backwards.reverse();
            prop_assert_eq!(&draw(&backwards, number, seed), &drawn);
            let mut numbers: Vec<u32> = drawn.iter().map(|page| page.number).collect();
            numbers.sort_unstable();
            numbers.dedup();
            prop_assert_eq!(numbers.len(), drawn.len());
        }
    }

    #[test]
    fn each_page_is_drawn_as_often_as_any_other() {
        let pages = pages(20);
        let mut times = [0u32; 20];
        for seed in 0u64..2000 {
            let seed = *blake3::hash(&seed.to_le_bytes()).as_bytes();
            for page in draw(&pages, 5, seed) {
                times[page.number as usize - 1] += 1;
            }
        }
        // 500 each are expected, with a standard deviation below 20.
        assert!(
            times.iter().all(|times| (400..600).contains(times)),
            "{times:?}"
        );
    }
}
