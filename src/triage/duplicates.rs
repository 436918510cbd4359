//! Pages of a library that are the same, or the same page scanned anew. Not for
//! documents that are the same file.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::analysis::{
    self, Blank, Candidate, Groups, Kind, Seen, Thresholds, is_same_page, judge, pairs_to_compare,
};
use crate::library::{Comparisons, KeptFingerprint, Library, LibraryError, Reader};
use crate::model::{BatchId, ContentHash, Document, DocumentId, Page, PageId};

/// So many looks, of some 180 kB each, are in memory at a time.
const MOST_SEEN: usize = 1_000;

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
    /// Number of pages of its document.
    pub document_pages: u32,
    /// The content of its document.
    pub hash: Option<ContentHash>,
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
                        document_pages: document.pages,
                        hash: document.hash,
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

/// Compares the pages of a library that have not been compared yet, and keeps what that
/// tells, so that listing them finds it done. Nothing is done while another copy of the
/// program has the library: that one does it. The library is held only to keep what was
/// found. `stopped` is asked now and then; once it says so, nothing is kept.
pub fn compare_pages(dir: &Path, stopped: &dyn Fn() -> bool) -> Result<(), LibraryError> {
    let Some(reader) = Reader::open(dir)? else {
        return Ok(());
    };
    let (_, comparisons) = find_unless(&reader, stopped)?;
    if comparisons.compared.is_empty() {
        return Ok(());
    }
    match Library::open_if_free(dir) {
        Err(LibraryError::InUse { .. }) => Ok(()),
        opened => keep(&mut opened?, &comparisons),
    }
}

/// Which pages of the whole library are the same. Pages that have not been compared
/// yet are compared now, with those most like them; for what that told to be kept, see
/// [`keep`].
pub fn find(library: &Reader) -> Result<(Duplicates, Comparisons), LibraryError> {
    find_unless(library, &|| false)
}

fn find_unless(
    library: &Reader,
    stopped: &dyn Fn() -> bool,
) -> Result<(Duplicates, Comparisons), LibraryError> {
    library.consistent(|library| {
        let kept = library.fingerprints()?;
        let contents = by_content(&kept);
        // Of pages that are exactly the same, one is looked at.
        let looked: Vec<Looked<'_>> = contents
            .iter()
            .filter_map(|pages| Looked::of(&kept, pages))
            .collect();
        let mut groups = known_groups(library, &kept, &looked)?;
        let comparisons = compare_new(library, &looked, &mut groups, stopped)?;

        let dismissals = library.dismissals()?;
        let exact = contents.iter().filter(|pages| pages.len() > 1);
        let exact = exact.map(|pages| group_of(true, pages.iter().copied(), &kept, &dismissals));
        let near = groups.members().into_iter().map(|group| {
            let pages = group.iter().flat_map(|at| looked[*at].pages);
            group_of(false, pages.copied(), &kept, &dismissals)
        });
        let duplicates = Duplicates::of(exact.chain(near).collect());
        Ok((duplicates, comparisons))
    })
}

/// Keeps what [`find`] learned by comparing, so that it is not done again.
pub fn keep(library: &mut Library, comparisons: &Comparisons) -> Result<(), LibraryError> {
    if comparisons.compared.is_empty() {
        return Ok(());
    }
    library.write(|writer| writer.keep_comparisons(comparisons))
}

impl Duplicates {
    /// Applies what people said of groups by now.
    pub fn dismiss(&mut self, dismissals: &[BTreeSet<PageId>]) {
        let mut groups = std::mem::take(&mut self.groups);
        for group in &mut groups {
            group.dismissed = is_dismissed(group.pages.iter(), dismissals);
        }
        *self = Self::of(groups);
    }

    /// Numbers the groups that nobody dismissed.
    fn of(groups: Vec<DuplicateGroup>) -> Self {
        let (mut exact, mut near) = (HashMap::new(), HashMap::new());
        let (mut exact_groups, mut near_groups) = (0, 0);
        for group in groups.iter().filter(|group| !group.dismissed) {
            let (numbers, count) = match group.exact {
                true => (&mut exact, &mut exact_groups),
                false => (&mut near, &mut near_groups),
            };
            *count += 1;
            numbers.extend(group.pages.iter().map(|page| (*page, *count)));
        }
        Self {
            exact,
            near,
            groups,
        }
    }
}

/// A page that is compared, and those that paint exactly the same.
struct Looked<'a> {
    /// Stands for all of them.
    page: &'a KeptFingerprint,
    hash: [u64; 4],
    /// Indices of all of them.
    pages: &'a [usize],
    /// It was compared with those most like it.
    compared: bool,
}

impl<'a> Looked<'a> {
    /// None where they have no look.
    fn of(kept: &'a [KeptFingerprint], pages: &'a [usize]) -> Option<Self> {
        let page = kept.get(*pages.first()?)?;
        Some(Self {
            page,
            hash: page.look?,
            pages,
            compared: pages.iter().any(|at| kept[*at].compared),
        })
    }
}

/// Groups as far as they follow from earlier comparisons.
fn known_groups(
    library: &Reader,
    kept: &[KeptFingerprint],
    looked: &[Looked<'_>],
) -> Result<Groups, LibraryError> {
    let mut groups = Groups::new(looked.len());
    let same = library.same_pages()?;
    if same.is_empty() {
        return Ok(groups);
    }
    let places = looked.iter().enumerate();
    let places: HashMap<PageId, usize> = places
        .flat_map(|(place, looked)| looked.pages.iter().map(move |at| (kept[*at].page, place)))
        .collect();
    for (page, other) in same {
        if let (Some(a), Some(b)) = (places.get(&page), places.get(&other)) {
            groups.join(*a, *b);
        }
    }
    Ok(groups)
}

/// Compares pages that were not compared yet with those most like them.
fn compare_new(
    library: &Reader,
    looked: &[Looked<'_>],
    groups: &mut Groups,
    stopped: &dyn Fn() -> bool,
) -> Result<Comparisons, LibraryError> {
    let candidates: Vec<Candidate> = looked
        .iter()
        .map(|looked| Candidate {
            hash: looked.hash,
            new: !looked.compared,
        })
        .collect();
    let mut seen: HashMap<usize, Option<Seen>> = HashMap::new();
    let pairs = pairs_to_compare(&candidates);
    let same = groups.compare(&pairs, |pairs| -> Result<Vec<bool>, LibraryError> {
        if stopped() {
            return Ok(Vec::new());
        }
        if seen.len() > MOST_SEEN {
            seen.clear();
        }
        for at in pairs.iter().flat_map(|(a, b)| [*a, *b]) {
            if let Entry::Vacant(new) = seen.entry(at) {
                new.insert(see(library, looked[at].page)?);
            }
        }
        let same = pairs.par_iter().map(|(a, b)| {
            let (a, b) = (seen.get(a), seen.get(b));
            matches!((a, b), (Some(Some(a)), Some(Some(b))) if is_same_page(a, b))
        });
        Ok(same.collect())
    })?;
    if stopped() {
        return Ok(Comparisons::default());
    }
    let new = looked.iter().filter(|looked| !looked.compared);
    let page = |at: usize| looked[at].page.page;
    Ok(Comparisons {
        compared: new.map(|looked| (looked.page.page, looked.hash)).collect(),
        same: same.into_iter().map(|(a, b)| (page(a), page(b))).collect(),
    })
}

fn group_of(
    exact: bool,
    pages: impl Iterator<Item = usize>,
    kept: &[KeptFingerprint],
    dismissals: &[BTreeSet<PageId>],
) -> DuplicateGroup {
    let pages: Vec<PageId> = pages.map(|at| kept[at].page).collect();
    DuplicateGroup {
        exact,
        dismissed: is_dismissed(pages.iter(), dismissals),
        pages,
    }
}

/// Whether a person dismissed a group of these pages.
pub(super) fn is_dismissed<'a>(
    pages: impl Iterator<Item = &'a PageId> + Clone,
    dismissals: &[BTreeSet<PageId>],
) -> bool {
    dismissals
        .iter()
        .any(|dismissed| pages.clone().all(|page| dismissed.contains(page)))
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
