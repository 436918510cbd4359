//! Decisions of several people in libraries of their own, put together: what was said of
//! pages there and not yet here is said here too, with who and when. Where two said
//! different things of one page, neither knowing of the other, what is here stays and the
//! conflict is told. Not for what holds (`decisions`) or for pages and measurements.
//!
//! Acts have numbers in their library only, so that what was said is known again by when it
//! was said, by whom, of which page, and what. An act that takes back another becomes one
//! that says what holds again: the other may be here for some of its pages alone.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::decisions::Decisions;
use crate::library::{Library, LibraryError, Reader};
use crate::model::{Act, BatchId, Change, ContentHash, Decision, Deed, PageKey};

/// What putting decisions together has come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Joined {
    /// Acts that were added here.
    pub added: u64,
    /// Acts about batches of which no document is here.
    pub elsewhere: u64,
    /// Pages of which two said different things.
    pub conflicts: Vec<Conflict>,
}

/// A page of which two people said different things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The batch that is here.
    pub batch: BatchId,
    /// The name of the document in it; its hash where it is not in it.
    pub document: String,
    /// The page.
    pub page: u32,
    /// What was said here, and stays.
    pub here: Said,
    /// What was said in the other library.
    pub there: Said,
}

/// Something that was said of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Who.
    pub author: String,
    /// When, seconds since 1970 (UTC).
    pub at: i64,
    /// The rule that proposed it; none: by hand.
    rule: Option<String>,
    /// What.
    pub changes: Vec<Change>,
}

/// What was said of pages, in order, each with the place of its act.
type History = HashMap<PageKey, Vec<(usize, Said)>>;

/// Takes over what was decided in other libraries, one after the other. Done again it does
/// nothing, and tells the conflicts that are still there.
pub fn join_decisions(library: &Path, others: &[PathBuf]) -> Result<Joined, LibraryError> {
    let mut library = Library::open(library)?;
    let mut joined = Joined::default();
    for dir in others {
        let other =
            Reader::open(dir)?.ok_or_else(|| LibraryError::Foreign { path: dir.clone() })?;
        let mut batches = other.batches()?;
        batches.reverse();
        for summary in batches {
            let acts = other.acts(summary.batch.id)?;
            let documents = hashes(&other, summary.batch.id)?;
            match likest(library.reader(), &documents)? {
                _ if acts.is_empty() => {}
                None => joined.elsewhere += acts.len() as u64,
                Some(batch) => join(&mut library, batch, acts, &mut joined)?,
            }
        }
    }
    Ok(joined)
}

/// The batch that has most of these documents, the newest of several; none where none has
/// any.
fn likest(reader: &Reader, wanted: &HashSet<ContentHash>) -> Result<Option<BatchId>, LibraryError> {
    let mut best = None;
    // Newest first.
    for summary in reader.batches()? {
        let batch = summary.batch.id;
        let shared = hashes(reader, batch)?.intersection(wanted).count();
        if shared > best.map_or(0, |(most, _)| most) {
            best = Some((shared, batch));
        }
    }
    Ok(best.map(|(_, batch)| batch))
}

fn hashes(reader: &Reader, batch: BatchId) -> Result<HashSet<ContentHash>, LibraryError> {
    let documents = reader.documents(batch)?.into_iter();
    Ok(documents.filter_map(|document| document.hash).collect())
}

fn join(
    library: &mut Library,
    batch: BatchId,
    acts: Vec<Act>,
    joined: &mut Joined,
) -> Result<(), LibraryError> {
    let (there, theirs) = told(acts);
    let (here, ours) = told(library.reader().acts(batch)?);
    let mut new: Vec<(usize, Said, Vec<PageKey>)> = Vec::new();
    let mut conflicts = Vec::new();
    for (page, said) in &theirs {
        let of_ours = ours.get(page).map_or(&[][..], Vec::as_slice);
        let only_theirs = beyond(said, of_ours);
        let only_ours = beyond(of_ours, said);
        let values = (here.of(page), there.of(page));
        match clash(&only_ours, &only_theirs, &values) {
            Some((ours, theirs)) => conflicts.push((*page, ours.clone(), theirs.clone())),
            None => new.extend(
                only_theirs
                    .into_iter()
                    .map(|(place, said)| (*place, said.clone(), vec![*page])),
            ),
        }
    }
    // In the order in which it was said; one act says one thing of many pages.
    new.sort_by_key(|(place, _, pages)| {
        let page = pages.first().map(|page| (page.document.0, page.number));
        (*place, page)
    });
    let mut acts: Vec<(usize, Said, Vec<PageKey>)> = Vec::new();
    for (place, said, pages) in new {
        let mut of_same = acts
            .iter_mut()
            .rev()
            .take_while(|(other, ..)| *other == place);
        match of_same.find(|(_, other, _)| *other == said) {
            Some((.., all)) => all.extend(pages),
            None => acts.push((place, said, pages)),
        }
    }
    joined.added += acts.len() as u64;
    library.write(|writer| {
        for (_, said, pages) in acts {
            let Said {
                author,
                at,
                rule,
                changes,
            } = said;
            let deed = Deed::Change { changes, pages };
            writer.add_act(batch, at, &author, rule.as_deref(), deed)?;
        }
        Ok(())
    })?;

    let documents = library.reader().documents(batch)?.into_iter();
    let names: HashMap<_, _> = documents
        .filter_map(|document| Some((document.hash?, document.name)))
        .collect();
    let mut conflicts: Vec<Conflict> = conflicts
        .into_iter()
        .map(|(page, here, there)| Conflict {
            batch,
            document: names
                .get(&page.document)
                .map_or_else(|| page.document.to_string(), Clone::clone),
            page: page.number,
            here,
            there,
        })
        .collect();
    conflicts.sort_by(|a, b| (&a.document, a.page).cmp(&(&b.document, b.page)));
    joined.conflicts.extend(conflicts);
    Ok(())
}

/// Goes through acts: what holds in the end, and what was said of each page on the way.
fn told(acts: Vec<Act>) -> (Decisions, History) {
    let mut decisions = Decisions::default();
    let mut history = History::new();
    let mut known: HashMap<PageKey, Decision> = HashMap::new();
    for (place, act) in acts.into_iter().enumerate() {
        let said = |changes| Said {
            author: act.author.clone(),
            at: act.at,
            rule: act.rule.clone(),
            changes,
        };
        for page in decisions.add(act.clone()) {
            let now = decisions.of(&page);
            let before = known.insert(page, now.clone()).unwrap_or_default();
            let changes = match &act.deed {
                Deed::Change { changes, .. } => changes.clone(),
                Deed::Undo(_) => difference(&before, &now),
            };
            if !changes.is_empty() {
                history
                    .entry(page)
                    .or_default()
                    .push((place, said(changes)));
            }
        }
    }
    (decisions, history)
}

/// What of `said` is not among `known`, each of which is taken for one at most.
fn beyond<'a>(said: &'a [(usize, Said)], known: &[(usize, Said)]) -> Vec<&'a (usize, Said)> {
    let mut left: Vec<&Said> = known.iter().map(|(_, said)| said).collect();
    let is_new = |one: &&(usize, Said)| match left.iter().position(|other| **other == one.1) {
        Some(place) => {
            left.swap_remove(place);
            false
        }
        None => true,
    };
    said.iter().filter(is_new).collect()
}

/// What both said last of the same thing without knowing of each other, where it holds that
/// they disagree.
fn clash<'a>(
    ours: &[&'a (usize, Said)],
    theirs: &[&'a (usize, Said)],
    values: &(Decision, Decision),
) -> Option<(&'a Said, &'a Said)> {
    let pairs = ours.iter().rev().flat_map(|(_, ours)| {
        let theirs = theirs.iter().rev();
        theirs.map(move |(_, theirs)| (ours, theirs))
    });
    let mut pairs = pairs.filter(|(ours, theirs)| {
        let changes = ours.changes.iter();
        changes.into_iter().any(|change| {
            let mut others = theirs.changes.iter();
            others.any(|other| is_about_same(change, other)) && !agree(change, values)
        })
    });
    pairs.next()
}

fn is_about_same(a: &Change, b: &Change) -> bool {
    use Change::{Note, Pile, Rule, Tag, Untag};
    match (a, b) {
        (Rule(_), Rule(_)) | (Pile(_), Pile(_)) | (Note(_), Note(_)) => true,
        (Tag(a) | Untag(a), Tag(b) | Untag(b)) => a == b,
        _ => false,
    }
}

/// Whether two decisions say the same of what a change is about.
fn agree(change: &Change, (a, b): &(Decision, Decision)) -> bool {
    match change {
        Change::Rule(_) => a.ruling == b.ruling,
        Change::Pile(_) => a.pile == b.pile,
        Change::Note(_) => a.note == b.note,
        Change::Tag(tag) | Change::Untag(tag) => a.tags.contains(tag) == b.tags.contains(tag),
    }
}

/// The changes that make one decision of another.
fn difference(before: &Decision, after: &Decision) -> Vec<Change> {
    let mut changes = Vec::new();
    if before.ruling != after.ruling {
        changes.push(Change::Rule(after.ruling));
    }
    if before.pile != after.pile {
        changes.push(Change::Pile(after.pile.clone()));
    }
    let tags = after.tags.difference(&before.tags).cloned();
    changes.extend(tags.map(Change::Tag));
    let untagged = before.tags.difference(&after.tags).cloned();
    changes.extend(untagged.map(Change::Untag));
    if before.note != after.note {
        changes.push(Change::Note(after.note.clone()));
    }
    changes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::library::{NewDocument, Opened};
    use crate::model::{PageShape, Ruling, Source};

    const HASH: ContentHash = ContentHash([7; 32]);

    fn page(number: u32) -> PageKey {
        PageKey {
            document: HASH,
            number,
        }
    }

    /// A library with one batch of one document.
    struct Desk(tempfile::TempDir);

    impl Desk {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let mut library = Library::open(dir.path()).unwrap();
            let shape = PageShape {
                width: 595.0,
                height: 842.0,
                rotation: 0,
            };
            library
                .write(|writer| {
                    let batch = writer.create_batch("a", &["/in".into()], 1)?;
                    let document = NewDocument {
                        source: Source::File("/in/a.pdf".into()),
                        name: "a.pdf".into(),
                        bytes: 9,
                        modified: 8,
                    };
                    let added = writer.add_documents(batch, &[document])?;
                    let opened = Opened {
                        hash: HASH,
                        bytes: 9,
                        encrypted: false,
                        shapes: &[shape; 9],
                    };
                    writer.document_opened(added[0].id, &opened)
                })
                .unwrap();
            Self(dir)
        }

        /// As it is copied to somebody else.
        fn copy(&self) -> Self {
            let dir = tempfile::tempdir().unwrap();
            let name = "library.sqlite";
            std::fs::copy(self.path().join(name), dir.path().join(name)).unwrap();
            Self(dir)
        }

        fn path(&self) -> &Path {
            self.0.path()
        }

        fn act(&self, author: &str, at: i64, deed: Deed) {
            let mut library = Library::open(self.path()).unwrap();
            let add = |writer: &crate::library::Writer<'_>| {
                writer.add_act(BatchId(1), at, author, None, deed)
            };
            library.write(add).unwrap();
        }

        fn say(&self, author: &str, at: i64, change: Change, pages: &[u32]) {
            let changes = vec![change];
            let pages = pages.iter().copied().map(page).collect();
            self.act(author, at, Deed::Change { changes, pages });
        }

        fn undo(&self, author: &str, at: i64) {
            for act in self.decisions().step(false) {
                self.act(author, at, Deed::Undo(act));
            }
        }

        fn decisions(&self) -> Decisions {
            let reader = Reader::open(self.path()).unwrap().unwrap();
            Decisions::new(reader.acts(BatchId(1)).unwrap())
        }

        fn join(&self, other: &Self) -> Joined {
            join_decisions(self.path(), &[other.path().to_owned()]).unwrap()
        }

        fn ruling(&self, number: u32) -> Option<Ruling> {
            self.decisions().of(&page(number)).ruling
        }
    }

    fn rule(ruling: Ruling) -> Change {
        Change::Rule(Some(ruling))
    }

    #[test]
    fn what_two_people_said_is_put_together_with_who_and_when() {
        let ann = Desk::new();
        ann.say("ann", 1, rule(Ruling::Keep), &[1, 2, 3]);
        let bob = ann.copy();
        bob.say("bob", 2, rule(Ruling::Reject), &[3, 4]);
        bob.say("bob", 3, Change::Tag("tax".into()), &[1]);
        ann.say("ann", 4, Change::Pile(Some("Law".into())), &[1]);
        let joined = ann.join(&bob);
        assert_eq!((joined.added, joined.conflicts.len()), (2, 0));
        assert_eq!(ann.ruling(3), Some(Ruling::Reject));
        let decisions = ann.decisions();
        let of_first = decisions.of(&page(1));
        assert!(of_first.tags.contains("tax") && of_first.pile.as_deref() == Some("Law"));
        let history = decisions.history(&page(4));
        assert_eq!((&*history[0].0.author, history[0].0.at), ("bob", 2));
        assert_eq!(ann.join(&bob), Joined::default(), "again");
        // And the other way round, so that both have the same.
        assert_eq!(bob.join(&ann).added, 1);
        assert_eq!(bob.decisions().now(), ann.decisions().now());
    }

    #[test]
    fn where_two_disagree_what_is_here_stays_and_is_told() {
        let ann = Desk::new();
        let bob = ann.copy();
        ann.say("ann", 5, rule(Ruling::Keep), &[2]);
        bob.say("bob", 6, rule(Ruling::Reject), &[1, 2, 3]);
        let joined = ann.join(&bob);
        let [conflict] = &joined.conflicts[..] else {
            panic!("{joined:?}");
        };
        assert_eq!((&*conflict.document, conflict.page), ("a.pdf", 2));
        assert_eq!((&*conflict.here.author, conflict.here.at), ("ann", 5));
        assert_eq!((&*conflict.there.author, conflict.there.at), ("bob", 6));
        let rulings = [1, 2, 3].map(|number| ann.ruling(number));
        let rejected = Some(Ruling::Reject);
        assert_eq!(rulings, [rejected, Some(Ruling::Keep), rejected]);
        let again = ann.join(&bob);
        assert_eq!((again.added, again.conflicts.len()), (0, 1));
        // Once they agree, what was said comes along.
        ann.say("ann", 7, rule(Ruling::Reject), &[2]);
        let settled = ann.join(&bob);
        assert_eq!((settled.added, settled.conflicts.len()), (1, 0));
        assert_eq!(ann.join(&bob), Joined::default());
    }

    #[test]
    fn what_was_taken_back_is_taken_back_here_too() {
        let ann = Desk::new();
        ann.say("ann", 1, rule(Ruling::Keep), &[1, 2]);
        let bob = ann.copy();
        bob.say("bob", 2, rule(Ruling::Reject), &[2]);
        bob.undo("bob", 3);
        bob.undo("bob", 4);
        assert_eq!(ann.join(&bob).conflicts, []);
        assert_eq!([1, 2].map(|number| ann.ruling(number)), [None, None]);
        assert_eq!(ann.join(&bob), Joined::default());
    }

    #[test]
    fn what_is_about_other_documents_is_left_and_counted() {
        let (ann, bob) = (Desk::new(), Desk::new());
        let mut library = Library::open(ann.path()).unwrap();
        library
            .write(|writer| writer.forget_batch(BatchId(1)))
            .unwrap();
        drop(library);
        bob.say("bob", 2, rule(Ruling::Reject), &[2]);
        assert_eq!(ann.join(&bob).elsewhere, 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        /// Of pages that one alone spoke of after the copy, that holds; and joining twice
        /// is joining once.
        #[test]
        fn joining_is_what_each_said_alone(
            said in prop::collection::vec((0..2usize, 0..4u32, 0..5u32), 1..14),
        ) {
            let ann = Desk::new();
            ann.say("ann", 1, rule(Ruling::Keep), &[1, 2, 3, 4]);
            let desks = [&ann.copy(), &ann];
            for (at, (who, what, number)) in (2..).zip(said) {
                // Pages 1 and 2 are Ann's, 3 and 4 are Bob's.
                let pages = [[1, 2], [3, 4]][who];
                let pages = &pages[number as usize % 2..];
                match what {
                    3 => desks[who].undo("x", at),
                    what => desks[who].say("x", at, rule(Ruling::ALL[what as usize]), pages),
                }
            }
            let (bob, ann) = (desks[1], desks[0]);
            let expected: Vec<_> = (1..=4)
                .map(|number| if number < 3 { ann.ruling(number) } else { bob.ruling(number) })
                .collect();
            let undid_all = |desk: &Desk| (1..=4).any(|number| desk.ruling(number).is_none());
            // Then one said something of the other's pages too.
            let undid_what_both_had = undid_all(ann) || undid_all(bob);
            let joined = ann.join(bob);
            if !undid_what_both_had {
                prop_assert_eq!(&joined.conflicts, &[]);
                let now: Vec<_> = (1..=4).map(|number| ann.ruling(number)).collect();
                prop_assert_eq!(now, expected);
            }
            let before = ann.decisions().now().clone();
            let again = ann.join(bob);
            prop_assert_eq!(again.added, 0);
            prop_assert_eq!(again.conflicts, joined.conflicts);
            let after = ann.decisions();
            prop_assert_eq!(after.now(), &before);
        }
    }
}
