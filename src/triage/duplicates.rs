//! Pages of the library that are the same, or the same page scanned anew. Not for
//! documents that are the same file.

use std::collections::HashMap;

use crate::analysis::{self, Seen, is_same_page};
use crate::library::{KeptFingerprint, LibraryError, Reader};
use crate::model::{ContentHash, PageId};

/// Which pages belong together. A group has a number, from 1, in the order of
/// the library.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Duplicates {
    /// Pages that paint exactly the same.
    pub exact: HashMap<PageId, u32>,
    /// Pages that look the same: scanned anew, or a page and its own scan. Pages
    /// that are exactly the same are here only beside one that is not.
    pub near: HashMap<PageId, u32>,
}

/// Looks through the whole library.
pub fn find(library: &Reader) -> Result<Duplicates, LibraryError> {
    library.consistent(|library| {
        let kept = library.fingerprints()?;
        let mut found = Duplicates::default();
        let contents = by_content(&kept);
        let mut number = 0;
        for pages in &contents {
            if pages.len() > 1 {
                number += 1;
                found
                    .exact
                    .extend(pages.iter().map(|page| (kept[*page].page, number)));
            }
        }
        // Of pages that are exactly the same, one is looked at.
        let looked: Vec<(usize, [u64; 4])> = contents
            .iter()
            .enumerate()
            .filter_map(|(at, pages)| Some((at, kept[pages[0]].look?)))
            .collect();
        let hashes: Vec<[u64; 4]> = looked.iter().map(|(_, hash)| *hash).collect();
        let mut seen: HashMap<usize, Option<Seen>> = HashMap::new();
        let mut failed = None;
        let groups = analysis::groups(&hashes, |a, b| {
            for at in [a, b] {
                seen.entry(at).or_insert_with(|| {
                    let page = &kept[contents[looked[at].0][0]];
                    see(library, page).unwrap_or_else(|error| {
                        failed = Some(error);
                        None
                    })
                });
            }
            match (&seen[&a], &seen[&b]) {
                (Some(a), Some(b)) => is_same_page(a, b),
                _ => false,
            }
        });
        if let Some(error) = failed {
            return Err(error);
        }
        for (group, number) in groups.iter().zip(1..) {
            for at in group {
                let pages = &contents[looked[*at].0];
                found
                    .near
                    .extend(pages.iter().map(|page| (kept[*page].page, number)));
            }
        }
        Ok(found)
    })
}

/// What the library knows of a page's look; none where that is not known.
fn see(library: &Reader, page: &KeptFingerprint) -> Result<Option<Seen>, LibraryError> {
    let Some(packed) = library.look_ink(page.page)? else {
        return Ok(None);
    };
    let text = library.page_text(page.page)?.unwrap_or_default();
    let ink = analysis::unpack(&packed);
    Ok(ink.map(|ink| Seen::new(ink, page.drawn, &text)))
}

/// Pages by what they paint, as indices, in the order of their first. A page
/// whose content has no hash stands alone.
fn by_content(kept: &[KeptFingerprint]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut known: HashMap<ContentHash, usize> = HashMap::new();
    for (at, fingerprint) in kept.iter().enumerate() {
        let group = fingerprint
            .content
            .map(|hash| *known.entry(hash).or_insert(groups.len()));
        match group.and_then(|group| groups.get_mut(group)) {
            Some(pages) => pages.push(at),
            None => groups.push(vec![at]),
        }
    }
    groups
}
