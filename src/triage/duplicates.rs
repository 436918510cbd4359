//! Pages of a library that are the same, the same page scanned anew, or alike but for a
//! number or a signature. Not for documents that are the same file.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::best_copy::{Merit, best};
use crate::analysis::{
    self, Blank, Candidate, CloseLook, Comparable, Groups, Letters, Lying, Pair, Thresholds, alike,
    differences, distance, judge, letters, pairs_to_compare,
};
use crate::library::{Comparisons, KeptFingerprint, Library, LibraryError, Reader};
use crate::model::{
    Area, BatchId, ContentHash, Document, DocumentId, Likeness, Page, PageId, PagePair,
};

/// So many looks, of some 180 kB each, are in memory at a time.
const MOST_SEEN: usize = 1_000;

/// So many close looks, of some 1.3 MB each.
const MOST_CLOSE: usize = 120;

/// Looks whose hashes differ in no more bits than this may differ in a heading or a number
/// alone.
const NEARLY: u32 = 12;

/// So many of those are compared with a page that cannot be a copy of them.
const NEAREST: u32 = 2;

/// Of pairs that nobody looked at closely so many are looked at in one go, in both ways of
/// lying: what is found is kept at the end of it.
const MOST_UNSURE: usize = 400;

/// So many pairs are compared at once.
const AT_ONCE: usize = 256;

/// Takes the close look of a page from its source, enlarged so much and perhaps turned upside
/// down; none where that cannot be had.
pub type Closer<'a> = dyn Fn(PageId, (f32, bool)) -> Option<CloseLook> + 'a;

/// Which pages belong together. A group has a number, from 1, in the order of
/// the library.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Duplicates {
    /// Pages that paint exactly the same.
    pub exact: HashMap<PageId, u32>,
    /// Pages that are the same page: scanned anew, or a page and its own scan. Pages
    /// that are exactly the same are here only beside one that is not.
    pub near: HashMap<PageId, u32>,
    /// Pages that look alike and differ in some place, or were not looked at closely
    /// enough to tell.
    pub similar: HashMap<PageId, u32>,
    /// All groups, those that a person dismissed included.
    pub groups: Vec<DuplicateGroup>,
}

/// How the pages of a group belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sameness {
    /// They paint exactly the same.
    Exact,
    /// They are the same page, scanned anew or drawn by another program.
    Near,
    /// They look alike, and at least two of them are not the same page, as far as is known.
    Similar,
}

impl Sameness {
    /// Its name in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Near => "near",
            Self::Similar => "similar",
        }
    }
}

/// Pages that belong together, in the order of the library.
#[derive(Clone, Debug, PartialEq)]
pub struct DuplicateGroup {
    /// How they do.
    pub sameness: Sameness,
    /// The pages.
    pub pages: Vec<PageId>,
    /// Pairs of similar pages whose differences were seen.
    pub pairs: Vec<PagePair>,
    /// A person said that they are not the same, or that it does not matter: they
    /// are in no group of [`Duplicates`] that pages are numbered by.
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
    /// Of the pages of its group it is the one that is best kept, and by what; none of
    /// pages that are only similar.
    pub best: Option<Merit>,
}

/// A group with what people want to know of its pages.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribedGroup {
    /// See [`DuplicateGroup::sameness`].
    pub sameness: Sameness,
    /// See [`DuplicateGroup::dismissed`].
    pub dismissed: bool,
    /// The pages.
    pub pages: Vec<DuplicatePage>,
    /// See [`DuplicateGroup::pairs`].
    pub pairs: Vec<PagePair>,
}

impl DescribedGroup {
    /// Where two of its pages were seen to differ; none where nobody looked.
    pub fn differences(&self, page: PageId, other: PageId) -> &[Area] {
        let is_it = |pair: &&PagePair| {
            (pair.page, pair.other) == (page, other) || (pair.page, pair.other) == (other, page)
        };
        self.pairs
            .iter()
            .find(is_it)
            .map_or(&[], |pair| &pair.places)
    }
}

/// Names the pages of groups and says which of each is best kept.
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
                        best: None,
                    });
                }
            }
            // Separator sheets are all the same, and nobody wants to know.
            if pages.iter().all(|page| is_of_no_interest(&page.page)) {
                continue;
            }
            let copies = (group.sameness != Sameness::Similar).then_some(&pages);
            let found = copies.and_then(|pages| best(pages.iter().map(|page| &page.page)));
            if let Some((place, merit)) = found {
                pages[place].best = Some(merit);
            }
            described.push(DescribedGroup {
                sameness: group.sameness,
                dismissed: group.dismissed,
                pages,
                pairs: group.pairs.clone(),
            });
        }
        Ok(described)
    })
}

fn is_of_no_interest(page: &Page) -> bool {
    let verdicts = judge(page, &Thresholds::default());
    verdicts.separator == Some(true) || verdicts.blank == Some(Blank::Yes)
}

/// Compares the pages of a library that have not been compared yet, and keeps what that
/// tells, so that listing them finds it done. Nothing is done while another copy of the
/// program has the library: that one does it. The library is held only to keep what was
/// found. No page is looked at closely: that is for a session.
pub fn compare_pages(dir: &Path) -> Result<(), LibraryError> {
    let Some(reader) = Reader::open(dir)? else {
        return Ok(());
    };
    let (_, comparisons) = find(&reader)?;
    if comparisons.is_empty() {
        return Ok(());
    }
    match Library::open_if_free(dir) {
        Err(LibraryError::InUse { .. }) => Ok(()),
        opened => keep(&mut opened?, &comparisons),
    }
}

/// Which pages of the whole library are the same, as far as that is known without looking
/// at their sources. Pages that have not been compared yet are compared now, with those most
/// like them; for what that told to be kept, see [`keep`].
pub fn find(library: &Reader) -> Result<(Duplicates, Comparisons), LibraryError> {
    find_closely(library, None, &|| false)
}

/// The same; pages that look alike are looked at closely, those of earlier comparisons
/// included. `stopped` is asked now and then; once it says so, nothing more is compared.
pub fn find_closely(
    library: &Reader,
    closer: Option<&Closer<'_>>,
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
        let mut comparing = Comparing::new(library, &kept, &looked, closer)?;
        let compared = comparing.compare_new(stopped)?;

        let dismissals = library.dismissals()?;
        let group = |sameness, members: Vec<usize>, pairs| {
            let pages: Vec<PageId> = members.into_iter().map(|at| kept[at].page).collect();
            DuplicateGroup {
                sameness,
                dismissed: is_dismissed(pages.iter(), &dismissals),
                pages,
                pairs,
            }
        };
        let all_of = |group: &[usize]| -> Vec<usize> {
            group
                .iter()
                .flat_map(|at| looked[*at].pages)
                .copied()
                .collect()
        };
        let exact = contents.iter().filter(|pages| pages.len() > 1);
        let exact = exact.map(|pages| group(Sameness::Exact, pages.clone(), vec![]));
        let near = comparing.copies.members().into_iter();
        let near = near.map(|members| group(Sameness::Near, all_of(&members), vec![]));
        let similar = comparing.similar_groups().into_iter();
        let similar =
            similar.map(|(members, pairs)| group(Sameness::Similar, all_of(&members), pairs));
        let duplicates = Duplicates::of(exact.chain(near).chain(similar).collect());
        Ok((duplicates, compared))
    })
}

/// Keeps what [`find`] learned by comparing, so that it is not done again.
pub fn keep(library: &mut Library, comparisons: &Comparisons) -> Result<(), LibraryError> {
    if comparisons.is_empty() {
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
        let mut found = Self::default();
        let mut counts = [0; 3];
        for group in groups.iter().filter(|group| !group.dismissed) {
            let (numbers, count) = match group.sameness {
                Sameness::Exact => (&mut found.exact, &mut counts[0]),
                Sameness::Near => (&mut found.near, &mut counts[1]),
                Sameness::Similar => (&mut found.similar, &mut counts[2]),
            };
            *count += 1;
            numbers.extend(group.pages.iter().map(|page| (*page, *count)));
        }
        found.groups = groups;
        found
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

/// What is known of the likeness of pages, by earlier comparisons and by those made now.
/// Pages are meant by their places in `looked`.
struct Comparing<'a> {
    library: &'a Reader,
    looked: &'a [Looked<'a>],
    closer: Option<&'a Closer<'a>>,
    /// Pages that are one page.
    copies: Groups,
    /// Pages that look alike: copies, and those that are not.
    alike: Groups,
    /// Pairs that are not copies, as far as is known.
    pairs: Vec<PagePair>,
    /// Of these, those that are known to differ.
    different: Vec<(usize, usize)>,
    /// Pairs that earlier comparisons found alike and did not look at closely.
    unsure: Vec<Pair>,
    /// How many pages that cannot be copies each was compared with.
    tried: HashMap<usize, u32>,
    /// The letters of pages that programs wrote.
    letters: HashMap<usize, Letters>,
    seen: HashMap<usize, Option<Comparable>>,
    /// By page, and by how it lies: enlarged by (as its bits), and turned.
    close: HashMap<(usize, u32, bool), Option<CloseLook>>,
}

impl<'a> Comparing<'a> {
    fn new(
        library: &'a Reader,
        kept: &[KeptFingerprint],
        looked: &'a [Looked<'a>],
        closer: Option<&'a Closer<'a>>,
    ) -> Result<Self, LibraryError> {
        let mut known = Self {
            library,
            looked,
            closer,
            copies: Groups::new(looked.len()),
            alike: Groups::new(looked.len()),
            pairs: Vec::new(),
            different: Vec::new(),
            unsure: Vec::new(),
            tried: HashMap::new(),
            letters: HashMap::new(),
            seen: HashMap::new(),
            close: HashMap::new(),
        };
        let pairs = library.alike_pages()?;
        if pairs.is_empty() {
            return Ok(known);
        }
        let places = looked.iter().enumerate();
        let places: HashMap<PageId, usize> = places
            .flat_map(|(place, looked)| looked.pages.iter().map(move |at| (kept[*at].page, place)))
            .collect();
        for pair in pairs {
            let (Some(a), Some(b)) = (places.get(&pair.page), places.get(&pair.other)) else {
                continue;
            };
            let is_unsure = pair.likeness == Likeness::Alike && closer.is_some();
            if is_unsure && known.unsure.len() < MOST_UNSURE {
                known.unsure.extend([false, true].map(|turned| Pair {
                    a: *a.min(b),
                    b: *a.max(b),
                    turned,
                }));
            } else {
                known.add(*a, *b, pair);
            }
        }
        Ok(known)
    }

    fn add(&mut self, a: usize, b: usize, pair: PagePair) {
        self.alike.join(a, b);
        match pair.likeness {
            Likeness::Copy => self.copies.join(a, b),
            Likeness::Similar => {
                self.different.push((a, b));
                self.pairs.push(pair);
            }
            Likeness::Alike => self.pairs.push(pair),
        }
    }

    /// Compares pages that were not compared yet with those most like them, and looks at
    /// those closely of which earlier comparisons could not tell.
    fn compare_new(&mut self, stopped: &dyn Fn() -> bool) -> Result<Comparisons, LibraryError> {
        let candidates = self.looked.iter().map(|looked| Candidate {
            hash: looked.hash,
            new: !looked.compared,
            scanned: !looked.page.drawn,
        });
        let mut pairs = std::mem::take(&mut self.unsure);
        pairs.extend(pairs_to_compare(&candidates.collect::<Vec<_>>()));
        let mut found = Vec::new();
        for asked in pairs.chunks(AT_ONCE) {
            if stopped() {
                return Ok(Comparisons::default());
            }
            found.extend(self.compare(asked)?);
        }
        let new = self.looked.iter().filter(|looked| !looked.compared);
        Ok(Comparisons {
            compared: new.map(|looked| (looked.page.page, looked.hash)).collect(),
            pairs: found,
        })
    }

    /// Compares pairs, but for those of which the answer would tell nothing new.
    fn compare(&mut self, asked: &[Pair]) -> Result<Vec<PagePair>, LibraryError> {
        self.read_letters(asked)?;
        let mut open = asked.to_vec();
        open.retain(|pair| self.may_be_copies(pair) || self.may_be_similar(pair));
        open.retain(|pair| self.tells_something(pair));
        self.see(&open)?;
        Ok(self.compare_all(open))
    }

    /// Reads the letters of pages of pairs that are not known yet.
    fn read_letters(&mut self, pairs: &[Pair]) -> Result<(), LibraryError> {
        let unknown = |at: &usize| self.looked[*at].page.drawn && !self.letters.contains_key(at);
        let mut texts = Vec::new();
        for at in places(pairs).into_iter().filter(unknown) {
            let text = self.library.page_text(self.looked[at].page.page)?;
            texts.push((at, text.unwrap_or_default()));
        }
        let read = texts.into_par_iter();
        let read: Vec<_> = read.map(|(at, text)| (at, letters(&text))).collect();
        self.letters.extend(read);
        Ok(())
    }

    /// Takes the looks of pages of pairs that are not in memory.
    fn see(&mut self, pairs: &[Pair]) -> Result<(), LibraryError> {
        if self.seen.len() > MOST_SEEN {
            self.seen.clear();
        }
        let mut packed = Vec::new();
        for at in places(pairs) {
            if !self.seen.contains_key(&at) {
                packed.push((at, self.library.look_ink(self.looked[at].page.page)?));
            }
        }
        let seen = packed.into_par_iter();
        let seen: Vec<_> = seen
            .map(|(at, packed)| {
                let ink = packed.and_then(|packed| analysis::unpack(&packed));
                (at, ink.map(Comparable::new))
            })
            .collect();
        self.seen.extend(seen);
        Ok(())
    }

    /// Pages that cannot be copies are worth a look where their looks are nearly the same; to
    /// any of a thousand payslips they mostly are, so that the nearest ones are enough.
    fn may_be_similar(&mut self, pair: &Pair) -> bool {
        let hash = |at: usize| &self.looked[at].hash;
        if distance(hash(pair.a), hash(pair.b)) > NEARLY {
            return false;
        }
        let tried = self.tried.entry(pair.b).or_insert(0);
        *tried += 1;
        *tried <= NEAREST
    }

    fn compare_all(&mut self, pairs: Vec<Pair>) -> Vec<PagePair> {
        let (seen, letters) = (&self.seen, &self.letters);
        let alike: Vec<(usize, usize, Lying)> = pairs
            .into_par_iter()
            .filter_map(|Pair { a, b, turned }| {
                let (a_seen, b_seen) = (seen.get(&a)?.as_ref()?, seen.get(&b)?.as_ref()?);
                let scanned = [a, b].iter().any(|at| !letters.contains_key(at));
                Some((a, b, alike(a_seen, b_seen, turned, scanned)?))
            })
            .collect();
        let looked_at: Vec<(usize, usize, PagePair)> = alike
            .into_iter()
            .map(|(a, b, lying)| (a, b, self.look_closely(a, b, lying)))
            .collect();
        let mut found = Vec::new();
        // What differs first: it keeps copies apart that are each like a third.
        let is_copy = |(.., pair): &(usize, usize, PagePair)| pair.likeness == Likeness::Copy;
        let (copies, others): (Vec<_>, Vec<_>) = looked_at.into_iter().partition(is_copy);
        for (a, b, mut pair) in others.into_iter().chain(copies) {
            if pair.likeness == Likeness::Copy && self.copies_differ(a, b) {
                pair.likeness = Likeness::Similar;
            }
            let is_news = pair.likeness == Likeness::Copy || !self.alike.are_together(a, b);
            if is_news || !pair.places.is_empty() {
                found.push(pair.clone());
            }
            self.add(a, b, pair);
        }
        found
    }

    /// Whether a copy of one page is known to differ from a copy of the other.
    fn copies_differ(&mut self, a: usize, b: usize) -> bool {
        let copies = &mut self.copies;
        let groups = (copies.first_of(a), copies.first_of(b));
        self.different.iter().any(|(one, other)| {
            let between = (copies.first_of(*one), copies.first_of(*other));
            between == groups || between == (groups.1, groups.0)
        })
    }

    /// Copies are not compared again, nor pages that can only be similar and are known to be.
    fn tells_something(&mut self, pair: &Pair) -> bool {
        match self.may_be_copies(pair) {
            true => !self.copies.are_together(pair.a, pair.b),
            false => !self.alike.are_together(pair.a, pair.b),
        }
    }

    /// No program wrote other letters on one than on the other.
    fn may_be_copies(&self, pair: &Pair) -> bool {
        let both = self.letters.get(&pair.a).zip(self.letters.get(&pair.b));
        both.is_none_or(|(a, b)| a == b)
    }

    /// What a close look tells of two pages that look alike.
    fn look_closely(&mut self, a: usize, b: usize, lying: Lying) -> PagePair {
        let turned = lying.turned;
        let (likeness, places) = match self.may_be_copies(&Pair { a, b, turned }) {
            true => self.closely(a, b, lying),
            false => (Likeness::Similar, Vec::new()),
        };
        PagePair {
            page: self.looked[a].page.page,
            other: self.looked[b].page.page,
            likeness,
            places,
        }
    }

    fn closely(&mut self, a: usize, b: usize, lying: Lying) -> (Likeness, Vec<Area>) {
        let keys = [(a, 1.0f32, false), (b, lying.scale, lying.turned)];
        let keys = keys.map(|(at, scale, turned)| (at, scale.to_bits(), turned));
        if self.close.len() + 2 > MOST_CLOSE {
            self.close.retain(|key, _| keys.contains(key));
        }
        for key in keys {
            if let Some(closer) = self.closer {
                let (at, scale, turned) = key;
                let page = self.looked[at].page.page;
                let look = self.close.entry(key);
                look.or_insert_with(|| closer(page, (f32::from_bits(scale), turned)));
            }
        }
        let [a, b] = keys.map(|key| self.close.get(&key).and_then(Option::as_ref));
        let (Some(a), Some(b)) = (a, b) else {
            return (Likeness::Alike, Vec::new());
        };
        let places = differences(a, b, lying);
        match places.is_empty() {
            true => (Likeness::Copy, places),
            // On the other page they would be marked in the wrong places.
            false if lying.turned => (Likeness::Similar, Vec::new()),
            false => (Likeness::Similar, places),
        }
    }

    /// Groups of pages that look alike and are not all copies of one, with what is known of
    /// where they differ.
    fn similar_groups(&mut self) -> Vec<(Vec<usize>, Vec<PagePair>)> {
        let mut found = Vec::new();
        let mut group_of: HashMap<PageId, usize> = HashMap::new();
        for members in self.alike.members() {
            let copies = &mut self.copies;
            let first = members.first().copied().unwrap_or_default();
            if members.iter().all(|at| copies.are_together(first, *at)) {
                continue;
            }
            let pages = members.iter().map(|at| self.looked[*at].page.page);
            group_of.extend(pages.map(|page| (page, found.len())));
            found.push((members, Vec::new()));
        }
        for pair in std::mem::take(&mut self.pairs) {
            let group = group_of.get(&pair.page).and_then(|at| found.get_mut(*at));
            if let Some((_, pairs)) = group.filter(|_| !pair.places.is_empty()) {
                pairs.push(pair);
            }
        }
        found
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

/// The pages of pairs, each once.
fn places(pairs: &[Pair]) -> BTreeSet<usize> {
    pairs.iter().flat_map(|pair| [pair.a, pair.b]).collect()
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
