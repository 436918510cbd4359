//! Pages of the library that are the same, or the same page scanned anew. Not for
//! documents that are the same file.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::analysis::{self, Blank, Kind, Seen, Thresholds, is_same_page, judge};
use crate::library::{KeptFingerprint, LibraryError, Reader};
use crate::model::{BatchId, ContentHash, Document, DocumentId, Page, PageId};

/// So many looks, of some 90 kB each, are in memory at a time.
const MOST_SEEN: usize = 2_000;

/// Which pages belong together. A group has a number, from 1, in the order of
/// the library.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Duplicates {
    /// Pages that paint exactly the same.
    pub exact: HashMap<PageId, u32>,
    /// Pages that look the same: scanned anew, or a page and its own scan. Pages
    /// that are exactly the same are here only beside one that is not.
    pub near: HashMap<PageId, u32>,
    /// All groups, those that a person dismissed included.
    pub groups: Vec<DuplicateGroup>,
}

/// Pages that belong together, in the order of the library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuplicateGroup {
    /// They paint exactly the same; else they look the same.
    pub exact: bool,
    /// The pages.
    pub pages: Vec<PageId>,
    /// A person said that they are not the same, or that it does not matter: they
    /// are in no group of [`Duplicates::exact`] or [`Duplicates::near`].
    pub dismissed: bool,
}

/// A page of a group, for people.
#[derive(Clone, Debug, PartialEq)]
pub struct DuplicatePage {
    /// The page.
    pub page: Page,
    /// Its batch.
    pub batch: BatchId,
    /// The name of its batch.
    pub batch_name: String,
    /// The name of its document.
    pub document: String,
    /// Of the pages of its group, the one that is best kept.
    pub keep: bool,
}

/// A group with what people want to know of its pages.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribedGroup {
    /// See [`DuplicateGroup::exact`].
    pub exact: bool,
    /// See [`DuplicateGroup::dismissed`].
    pub dismissed: bool,
    /// The pages.
    pub pages: Vec<DuplicatePage>,
}

/// Names the pages of groups and says which of each is best kept: what a program
/// wrote before a scan, a text layer before none, more dots before fewer, straight
/// before skewed, the earlier before the later.
pub fn describe(
    library: &Reader,
    groups: &[DuplicateGroup],
) -> Result<Vec<DescribedGroup>, LibraryError> {
    library.consistent(|library| {
        let batches: HashMap<BatchId, String> = library
            .batches()?
            .into_iter()
            .map(|summary| (summary.batch.id, summary.batch.name))
            .collect();
        let mut documents: HashMap<DocumentId, Option<Document>> = HashMap::new();
        let mut described = Vec::new();
        for group in groups {
            let mut pages = Vec::new();
            for id in &group.pages {
                let document = match documents.entry(id.document) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(new) => new.insert(library.document(id.document)?),
                };
                if let (Some(document), Some(page)) = (document, library.page(*id)?) {
                    pages.push(DuplicatePage {
                        page,
                        batch: document.batch,
                        batch_name: batches.get(&document.batch).cloned().unwrap_or_default(),
                        document: document.name.clone(),
                        keep: false,
                    });
                }
            }
            // Separator sheets are all the same, and nobody wants to know.
            if pages.iter().all(|page| is_of_no_interest(&page.page)) {
                continue;
            }
            // Of equals the first is the best: it is the earliest.
            let best = pages
                .iter_mut()
                .rev()
                .max_by(|a, b| worth(&a.page).total_cmp(&worth(&b.page)));
            if let Some(best) = best {
                best.keep = true;
            }
            described.push(DescribedGroup {
                exact: group.exact,
                dismissed: group.dismissed,
                pages,
            });
        }
        Ok(described)
    })
}

fn is_of_no_interest(page: &Page) -> bool {
    let verdicts = judge(page, &Thresholds::default());
    verdicts.separator == Some(true) || verdicts.blank == Some(Blank::Yes)
}

/// How much a page is worth keeping beside others that look like it.
fn worth(page: &Page) -> f64 {
    let verdicts = judge(page, &Thresholds::default());
    let kind = match verdicts.kind {
        Some(Kind::Digital | Kind::Mixed | Kind::Vector) => 2.0,
        Some(Kind::ScanOcr) => 1.0,
        Some(Kind::Scan | Kind::Empty) | None => 0.0,
    };
    let readable = if verdicts.garbled == Some(true) {
        0.0
    } else {
        1.0
    };
    let dots = f64::from(verdicts.dpi.unwrap_or(0.0).min(1200.0));
    let straight = 20.0 - f64::from(verdicts.skew.unwrap_or(0.0).abs().min(20.0));
    (kind * 2.0 + readable) * 1e6 + dots.round() * 100.0 + straight
}

/// Looks through the whole library.
pub fn find(library: &Reader) -> Result<Duplicates, LibraryError> {
    library.consistent(|library| {
        let kept = library.fingerprints()?;
        let mut found = Duplicates::default();
        let contents = by_content(&kept);
        let dismissals = library.dismissals()?;
        let mut number = 0;
        for pages in contents.iter().filter(|pages| pages.len() > 1) {
            let group = group_of(true, pages.iter().map(|at| kept[*at].page), &dismissals);
            if !group.dismissed {
                number += 1;
                let numbered = group.pages.iter().map(|page| (*page, number));
                found.exact.extend(numbered);
            }
            found.groups.push(group);
        }
        // Of pages that are exactly the same, one is looked at.
        let looked: Vec<(usize, [u64; 4])> = contents
            .iter()
            .enumerate()
            .filter_map(|(at, pages)| Some((at, kept[pages[0]].look?)))
            .collect();
        let hashes: Vec<[u64; 4]> = looked.iter().map(|(_, hash)| *hash).collect();
        let mut seen: HashMap<usize, Option<Seen>> = HashMap::new();
        let groups = analysis::groups(&hashes, |pairs| -> Result<Vec<bool>, LibraryError> {
            if seen.len() > MOST_SEEN {
                seen.clear();
            }
            for at in pairs.iter().flat_map(|(a, b)| [*a, *b]) {
                if let Entry::Vacant(new) = seen.entry(at) {
                    new.insert(see(library, &kept[contents[looked[at].0][0]])?);
                }
            }
            let same = pairs.par_iter().map(|(a, b)| {
                let (a, b) = (seen.get(a), seen.get(b));
                matches!((a, b), (Some(Some(a)), Some(Some(b))) if is_same_page(a, b))
            });
            Ok(same.collect())
        })?;
        let mut number = 0;
        for group in groups {
            let pages = group.iter().flat_map(|at| &contents[looked[*at].0]);
            let group = group_of(false, pages.map(|at| kept[*at].page), &dismissals);
            if !group.dismissed {
                number += 1;
                let numbered = group.pages.iter().map(|page| (*page, number));
                found.near.extend(numbered);
            }
            found.groups.push(group);
        }
        Ok(found)
    })
}

fn group_of(
    exact: bool,
    pages: impl Iterator<Item = PageId>,
    dismissals: &[BTreeSet<PageId>],
) -> DuplicateGroup {
    let pages: Vec<PageId> = pages.collect();
    let dismissed = dismissals
        .iter()
        .any(|dismissed| pages.iter().all(|page| dismissed.contains(page)));
    DuplicateGroup {
        exact,
        pages,
        dismissed,
    }
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
