//! Cutting parts that would be larger than wanted. Asks for exact sizes, so that
//! no part that can be smaller is larger. Not for other rules (`rules`).

use std::sync::atomic::AtomicBool;

use super::export::{Export, ExportError, ExportOptions};
use super::facts::SplitDocument;
use super::layers::TextLayers;
use crate::model::{CutReason, PlannedPart, SplitPlan};
use crate::worker::Pool;

/// A part that is being cut: the pages that are left of it, and between which
/// lengths of its next piece the search goes on.
struct Search {
    /// The part, as it was planned.
    rest: PlannedPart,
    /// The longest piece that is known to fit; 1 page always counts as fitting,
    /// for it cannot be cut.
    fits: usize,
    /// The shortest that does not; one more than there are pages at first.
    too_long: usize,
    /// The pieces before.
    pieces: Vec<PlannedPart>,
}

impl Search {
    fn new(rest: PlannedPart) -> Self {
        let too_long = rest.pages.len() + 1;
        Self {
            rest,
            fits: 1,
            too_long,
            pieces: Vec::new(),
        }
    }

    /// The length to ask for next; none when the whole part is cut.
    fn next(&mut self) -> Option<usize> {
        while self.fits + 1 == self.too_long {
            let left = self.rest.pages.split_off(self.fits);
            let piece = std::mem::replace(&mut self.rest.pages, left);
            self.pieces.push(PlannedPart {
                pages: piece,
                ..self.rest.clone()
            });
            if self.rest.pages.is_empty() {
                return None;
            }
            self.rest.reason = CutReason::Bytes;
            self.fits = 1;
            self.too_long = self.rest.pages.len() + 1;
        }
        // All that is left first: mostly it fits.
        let all = self.too_long - 1;
        let asked_all = all < self.rest.pages.len();
        Some(if asked_all || self.fits > 1 {
            self.fits.midpoint(self.too_long)
        } else {
            all
        })
    }

    fn answer(&mut self, length: usize, fits: bool) {
        if fits {
            self.fits = length;
        } else {
            self.too_long = length;
        }
    }
}

/// Cuts parts until each has at most `most` bytes, or one page.
pub fn limit_bytes(
    plan: SplitPlan,
    documents: &[SplitDocument],
    most: u64,
    (options, layers): (&ExportOptions, &TextLayers),
    pool: &Pool,
    cancel: &AtomicBool,
) -> Result<SplitPlan, ExportError> {
    let mut searches: Vec<Search> = plan.parts.into_iter().map(Search::new).collect();
    loop {
        let asked: Vec<(usize, usize)> = searches
            .iter_mut()
            .enumerate()
            .filter(|(_, search)| !search.rest.pages.is_empty())
            .filter_map(|(index, search)| Some((index, search.next()?)))
            .collect();
        if asked.is_empty() {
            break;
        }
        let candidates = asked.iter().map(|&(index, length)| {
            let rest = &searches[index].rest;
            PlannedPart {
                pages: rest.pages[..length].to_vec(),
                ..rest.clone()
            }
        });
        let candidates = SplitPlan {
            parts: candidates.collect(),
            excluded: vec![],
        };
        let names = vec![String::new(); candidates.parts.len()];
        let export = Export::new(candidates, documents.to_vec(), names, options.clone());
        let export = export.with_layers(layers.clone());
        let sizes = export.forecast(pool, cancel)?;
        for ((index, length), size) in asked.into_iter().zip(sizes) {
            // A part that cannot be made says so when it is written.
            let fits = size.map_or(true, |size| size <= most);
            searches[index].answer(length, fits);
        }
    }
    Ok(SplitPlan {
        parts: searches.into_iter().flat_map(|s| s.pieces).collect(),
        excluded: plan.excluded,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{DocumentId, PageId};
    use proptest::prelude::*;

    fn part(pages: u32) -> PlannedPart {
        PlannedPart::new(
            CutReason::Document,
            (1..=pages)
                .map(|number| {
                    PageId {
                        document: DocumentId(1),
                        number,
                    }
                    .into()
                })
                .collect(),
        )
    }

    proptest! {
        #[test]
        fn pieces_are_as_long_as_they_can_be(
            sizes in prop::collection::vec(1u64..20, 1..80),
            most in 1u64..60,
        ) {
            let size = |part: &PlannedPart, length: usize| -> u64 {
                let pages = part.pages[..length].iter();
                pages.map(|p| sizes[p.page.number as usize - 1]).sum()
            };
            let mut search = Search::new(part(sizes.len() as u32));
            while let Some(length) = search.next() {
                let fits = size(&search.rest, length) <= most;
                search.answer(length, fits);
            }
            let numbers: Vec<u32> = search.pieces.iter()
                .flat_map(|piece| piece.pages.iter().map(|p| p.page.number)).collect();
            prop_assert_eq!(numbers, (1..=sizes.len() as u32).collect::<Vec<_>>());
            for (index, piece) in search.pieces.iter().enumerate() {
                let own = size(piece, piece.pages.len());
                prop_assert!(own <= most || piece.pages.len() == 1);
                if let Some(next) = search.pieces.get(index + 1) {
                    prop_assert!(own + size(next, 1) > most);
                }
            }
        }
    }
}
