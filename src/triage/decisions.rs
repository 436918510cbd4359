//! What is said of the pages of a batch now, from all that people did: the newest change
//! holds unless it was taken back. Not for keeping acts (`library`).

use std::collections::{HashMap, HashSet};
use std::env;
use std::path::Path;

use super::thread::now_seconds;
use crate::library::{Library, LibraryError, Reader};
use crate::model::{Act, ActId, BatchId, Change, Decision, Deed, Document, PageId, PageKey};

/// The decisions of a batch.
#[derive(Clone, Debug, Default)]
pub struct Decisions {
    /// In the order in which they were done.
    acts: Vec<Act>,
    /// Acts that were taken back.
    undone: HashSet<ActId>,
    /// Places of acts that changed a page, in order.
    by_page: HashMap<PageKey, Vec<usize>>,
    /// What holds; pages of which nothing is said are left out.
    now: HashMap<PageKey, Decision>,
}

/// What undoing and redoing would do, in words; none: there is nothing to take back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Steps {
    /// The change that would be taken back.
    pub undo: Option<String>,
    /// The change that would be done again.
    pub redo: Option<String>,
}

/// What was said of a page in another batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierDecision {
    /// What holds there.
    pub decision: Decision,
    /// The name of that batch.
    pub batch: String,
}

/// All that is said of the pages of a batch.
#[derive(Clone, Debug, Default)]
pub struct Decided {
    /// In the batch; pages of which nothing is said are left out.
    pub now: HashMap<PageKey, Decision>,
    /// What undoing and redoing would do.
    pub steps: Steps,
    /// Pages that somebody has seen.
    pub seen: HashSet<PageKey>,
    /// Of the same content in other batches.
    pub earlier: HashMap<PageKey, EarlierDecision>,
}

/// How far deciding about a batch has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Who decided about how many pages, most first.
    pub by_person: Vec<(String, usize)>,
    /// When pages were decided about, seconds since 1970 (UTC), in order.
    pub times: Vec<i64>,
}

impl Tally {
    /// Decisions are counted over so long for the pace, seconds.
    const LATELY: i64 = 15 * 60;

    /// Pages decided in a minute lately, before `now`; none where it cannot be told.
    pub fn pace(&self, now: i64) -> Option<f64> {
        let since = now - Self::LATELY;
        let lately = &self.times[self.times.partition_point(|at| *at < since)..];
        let seconds = now - lately.first()?;
        // Of a few seconds nothing can be said.
        (seconds >= 20 && lately.len() >= 5).then(|| lately.len() as f64 * 60.0 / seconds as f64)
    }
}

impl Decided {
    /// What was said of a page in another batch, where nothing is said of it in this one.
    pub fn earlier_of(&self, page: &PageKey) -> Option<&EarlierDecision> {
        let earlier = self.earlier.get(page)?;
        (!self.now.contains_key(page)).then_some(earlier)
    }

    /// As the library has it.
    pub fn read(reader: &Reader, batch: BatchId) -> Result<Self, LibraryError> {
        Self::of(&Decisions::new(reader.acts(batch)?), reader, batch)
    }

    /// What holds by decisions that were read, and what the library has of other batches.
    pub fn of(
        decisions: &Decisions,
        reader: &Reader,
        batch: BatchId,
    ) -> Result<Self, LibraryError> {
        Ok(Self {
            now: decisions.now.clone(),
            steps: decisions.steps(),
            seen: reader.seen(batch)?,
            earlier: earlier(reader, batch)?,
        })
    }
}

/// What is said of pages of a batch in other batches; of several, in the newest.
fn earlier(
    reader: &Reader,
    batch: BatchId,
) -> Result<HashMap<PageKey, EarlierDecision>, LibraryError> {
    let mut by_batch: HashMap<BatchId, Vec<_>> = HashMap::new();
    for (other, act) in reader.acts_elsewhere(batch)? {
        by_batch.entry(other).or_default().push(act);
    }
    let mut batches: Vec<_> = by_batch.into_iter().collect();
    batches.sort_by_key(|(other, _)| *other);
    let mut earlier = HashMap::new();
    for (other, acts) in batches {
        let name = reader.batch(other)?.map(|summary| summary.batch.name);
        let name = name.unwrap_or_default();
        for (page, decision) in Decisions::new(acts).now() {
            let decision = EarlierDecision {
                decision: decision.clone(),
                batch: name.clone(),
            };
            earlier.insert(*page, decision);
        }
    }
    Ok(earlier)
}

impl Decisions {
    /// From all acts of a batch, in order.
    pub fn new(acts: Vec<Act>) -> Self {
        let mut decisions = Self::default();
        for act in acts {
            decisions.note(act);
        }
        decisions.work_out_anew();
        decisions
    }

    /// What holds of each page of which something is said.
    pub fn now(&self) -> &HashMap<PageKey, Decision> {
        &self.now
    }

    /// What is said of a page.
    pub fn of(&self, page: &PageKey) -> Decision {
        self.now.get(page).cloned().unwrap_or_default()
    }

    /// Takes an act over that was done just now; the pages whose decisions may differ.
    pub fn add(&mut self, act: Act) -> Vec<PageKey> {
        let changed = self.touched(&act.deed);
        self.note(act);
        for page in &changed {
            self.work_out(*page);
        }
        changed
    }

    /// The acts that undoing takes back, newest first: the newest change that holds, with
    /// all that was done with it.
    pub fn to_undo(&self) -> Vec<&Act> {
        let holding = self.acts.iter().rev().filter(|act| self.holds(act));
        let changes = holding.filter(|act| is_change(act));
        one_step(changes, Some)
    }

    /// The acts whose taking back redoing takes back, newest first: the newest, unless
    /// something was decided since.
    pub fn to_redo(&self) -> Vec<&Act> {
        let holding = self.acts.iter().rev().filter(|act| self.holds(act));
        // An act that took back an undoing stands for nothing by itself.
        let stands = |act: &&Act| self.undone_change(act).is_some() || is_change(act);
        one_step(holding.filter(stands), |act| self.undone_change(act))
    }

    /// The acts that undoing, or `again` redoing, takes back.
    pub fn step(&self, again: bool) -> Vec<ActId> {
        let acts = match again {
            false => self.to_undo(),
            true => self.to_redo(),
        };
        acts.into_iter().map(|act| act.id).collect()
    }

    /// What undoing and redoing would do.
    pub fn steps(&self) -> Steps {
        let redone = self.to_redo().into_iter();
        Steps {
            undo: all_in_words(self.to_undo()),
            redo: all_in_words(redone.filter_map(|act| self.undone_change(act)).collect()),
        }
    }

    /// All that was done to a page, oldest first, and whether it holds.
    pub fn history(&self, page: &PageKey) -> Vec<(&Act, bool)> {
        let places = self.by_page.get(page).into_iter().flatten();
        let acts = places.map(|place| &self.acts[*place]);
        acts.map(|act| (act, self.holds(act))).collect()
    }

    /// Who decided how many pages, and when. `times_there`: how
    /// often a page is in the batch.
    pub fn tally(&self, times_there: impl Fn(&PageKey) -> usize) -> Tally {
        let mut by_person: HashMap<&str, usize> = HashMap::new();
        let mut times = Vec::new();
        for (page, decision) in &self.now {
            if decision.ruling.is_none() {
                continue;
            }
            let rules = |act: &&Act| match &act.deed {
                Deed::Change { changes, .. } => changes
                    .iter()
                    .any(|change| matches!(change, Change::Rule(_))),
                Deed::Undo(_) => false,
            };
            let places = self.by_page.get(page).into_iter().flatten().rev();
            let mut acts = places.map(|place| &self.acts[*place]);
            if let Some(act) = acts.find(|act| self.holds(act) && rules(act)) {
                let times_there = times_there(page);
                *by_person.entry(&act.author).or_default() += times_there;
                times.extend(std::iter::repeat_n(act.at, times_there));
            }
        }
        times.sort_unstable();
        let by_person = by_person.into_iter();
        let mut by_person: Vec<_> = by_person.map(|(name, n)| (name.to_owned(), n)).collect();
        by_person.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        Tally { by_person, times }
    }

    /// All acts, oldest first, and whether each holds.
    pub fn acts(&self) -> impl Iterator<Item = (&Act, bool)> {
        self.acts.iter().map(|act| (act, self.holds(act)))
    }

    fn holds(&self, act: &Act) -> bool {
        !self.undone.contains(&act.id)
    }

    /// The change that an act takes back; none for one that does not.
    fn undone_change(&self, act: &Act) -> Option<&Act> {
        let Deed::Undo(undone) = act.deed else {
            return None;
        };
        self.act(undone).filter(|undone| is_change(undone))
    }

    fn act(&self, id: ActId) -> Option<&Act> {
        let place = self.acts.binary_search_by_key(&id, |act| act.id).ok()?;
        self.acts.get(place)
    }

    /// Pages whose decisions an act may change.
    fn touched(&self, deed: &Deed) -> Vec<PageKey> {
        match deed {
            Deed::Change { pages, .. } => pages.clone(),
            Deed::Undo(undone) => match self.act(*undone) {
                Some(act) => self.touched(&act.deed),
                None => Vec::new(),
            },
        }
    }

    fn note(&mut self, act: Act) {
        let place = self.acts.len();
        match &act.deed {
            Deed::Change { pages, .. } => {
                for page in pages {
                    self.by_page.entry(*page).or_default().push(place);
                }
            }
            Deed::Undo(undone) => {
                self.undone.insert(*undone);
                // What that one had taken back holds again.
                if let Some(Deed::Undo(earlier)) = self.act(*undone).map(|act| &act.deed) {
                    let earlier = *earlier;
                    self.undone.remove(&earlier);
                }
            }
        }
        self.acts.push(act);
    }

    fn work_out_anew(&mut self) {
        let pages: Vec<PageKey> = self.by_page.keys().copied().collect();
        for page in pages {
            self.work_out(page);
        }
    }

    fn work_out(&mut self, page: PageKey) {
        let mut decision = Decision::default();
        for place in self.by_page.get(&page).into_iter().flatten() {
            let act = &self.acts[*place];
            if self.holds(act)
                && let Deed::Change { changes, .. } = &act.deed
            {
                changes.iter().for_each(|change| decision.apply(change));
            }
        }
        match decision.is_empty() {
            true => self.now.remove(&page),
            false => self.now.insert(page, decision),
        };
    }
}

/// Says something of pages of a batch, in a library that no session holds; the number of
/// pages. Pages of documents that were not read yet are left out.
pub fn decide(
    dir: &Path,
    batch: BatchId,
    pages: &[PageId],
    changes: Vec<Change>,
    rule: Option<&str>,
) -> Result<usize, LibraryError> {
    let mut library = Library::open(dir)?;
    let pages = keys_of(&library.reader().documents(batch)?, pages);
    let number = pages.len();
    if number > 0 && !changes.is_empty() {
        let deed = Deed::Change { changes, pages };
        library.write(|writer| writer.add_act(batch, now_seconds(), &author(), rule, deed))?;
    }
    Ok(number)
}

/// Takes back what was said last, or says it again, in a library that no session holds;
/// what that was, in words. None: there is nothing.
pub fn step_back(dir: &Path, batch: BatchId, again: bool) -> Result<Option<String>, LibraryError> {
    let mut library = Library::open(dir)?;
    let decisions = Decisions::new(library.reader().acts(batch)?);
    let steps = decisions.steps();
    let acts = decisions.step(again);
    library.write(|writer| {
        for act in &acts {
            writer.add_act(batch, now_seconds(), &author(), None, Deed::Undo(*act))?;
        }
        Ok(())
    })?;
    Ok(if again { steps.redo } else { steps.undo })
}

/// The first of `acts`, and those after it that are one step with it: what a rule did at one
/// moment, as rejecting all copies of a page but one. `change` is the change that an act
/// makes or takes back; none: it ends the step.
fn one_step<'a>(
    acts: impl Iterator<Item = &'a Act>,
    change: impl Fn(&'a Act) -> Option<&'a Act>,
) -> Vec<&'a Act> {
    let mut step: Vec<(&Act, &Act)> = Vec::new();
    for act in acts {
        let Some(of) = change(act) else { break };
        let belongs = |(_, first): &(&Act, &Act)| {
            of.rule.is_some() && of.rule == first.rule && of.at == first.at
        };
        if !step.first().is_none_or(belongs) {
            break;
        }
        step.push((act, of));
    }
    step.into_iter().map(|(act, _)| act).collect()
}

/// The names of pages by their content, each once. Pages of documents that were not read yet
/// are left out.
pub(super) fn keys_of(documents: &[Document], pages: &[PageId]) -> Vec<PageKey> {
    let hashes: HashMap<_, _> = documents
        .iter()
        .filter_map(|document| Some((document.id, document.hash?)))
        .collect();
    once_each(pages.iter().filter_map(|page| {
        Some(PageKey {
            document: *hashes.get(&page.document)?,
            number: page.number,
        })
    }))
}

/// The same content at two places is one page to speak of.
pub(super) fn once_each(keys: impl Iterator<Item = PageKey>) -> Vec<PageKey> {
    let mut seen = HashSet::new();
    keys.filter(|key| seen.insert(*key)).collect()
}

/// The name of the user, as the system has it.
pub(super) fn author() -> String {
    let names = ["USER", "LOGNAME", "USERNAME"];
    let known = names.iter().filter_map(|name| env::var(name).ok());
    let mut known = known.filter(|name| !name.is_empty());
    known.next().unwrap_or_else(|| "unknown".to_owned())
}

fn is_change(act: &Act) -> bool {
    matches!(act.deed, Deed::Change { .. })
}

/// "Keep, 1 page; Reject, 3 pages", as they were done; none where there is nothing.
fn all_in_words(mut acts: Vec<&Act>) -> Option<String> {
    /// Nobody reads more.
    const NAMED: usize = 3;
    acts.sort_by_key(|act| act.id);
    let named: Vec<String> = acts.iter().take(NAMED).map(|act| in_words(act)).collect();
    let more = match acts.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!named.is_empty()).then(|| named.join("; ") + &more)
}

/// "Reject, 3 pages".
fn in_words(act: &Act) -> String {
    match &act.deed {
        Deed::Change { changes, pages } => {
            let pages = crate::format::counted(pages.len() as u64, "page", "pages");
            format!("{}, {pages}", Change::all_in_words(changes))
        }
        Deed::Undo(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{ContentHash, Ruling};

    fn key(number: u32) -> PageKey {
        PageKey {
            document: ContentHash([7; 32]),
            number,
        }
    }

    fn act(id: i64, deed: Deed) -> Act {
        Act {
            id: ActId(id),
            at: id,
            author: "ann".into(),
            rule: None,
            deed,
        }
    }

    fn rule(ruling: Ruling, pages: &[u32]) -> Deed {
        Deed::Change {
            changes: vec![Change::Rule(Some(ruling))],
            pages: pages.iter().map(|number| key(*number)).collect(),
        }
    }

    /// Does something next, as the session does.
    fn do_next(decisions: &mut Decisions, deed: Deed) {
        let id = decisions.acts.len() as i64 + 1;
        decisions.add(act(id, deed));
    }

    fn step(decisions: &mut Decisions, again: bool) -> bool {
        let acts = decisions.step(again);
        for act in &acts {
            do_next(decisions, Deed::Undo(*act));
        }
        !acts.is_empty()
    }

    fn undo(decisions: &mut Decisions) -> bool {
        step(decisions, false)
    }

    fn redo(decisions: &mut Decisions) -> bool {
        step(decisions, true)
    }

    #[test]
    fn the_newest_change_holds_and_undoing_brings_back_the_one_before() {
        let mut decisions = Decisions::default();
        do_next(&mut decisions, rule(Ruling::Keep, &[1, 2]));
        do_next(&mut decisions, rule(Ruling::Reject, &[2]));
        assert_eq!(decisions.of(&key(2)).ruling, Some(Ruling::Reject));
        assert_eq!(decisions.steps().undo.as_deref(), Some("Reject, 1 page"));
        assert!(undo(&mut decisions));
        assert_eq!(decisions.of(&key(2)).ruling, Some(Ruling::Keep));
        assert_eq!(decisions.steps().redo.as_deref(), Some("Reject, 1 page"));
        assert!(undo(&mut decisions));
        assert!(decisions.now().is_empty());
        assert!(!undo(&mut decisions));
        assert!(redo(&mut decisions) && redo(&mut decisions) && !redo(&mut decisions));
        assert_eq!(decisions.of(&key(1)).ruling, Some(Ruling::Keep));
        assert_eq!(decisions.of(&key(2)).ruling, Some(Ruling::Reject));
        assert_eq!(decisions.history(&key(2)).len(), 2);
    }

    #[test]
    fn what_was_taken_back_cannot_be_redone_once_something_else_is_decided() {
        let mut decisions = Decisions::default();
        do_next(&mut decisions, rule(Ruling::Keep, &[1]));
        undo(&mut decisions);
        do_next(&mut decisions, rule(Ruling::Flag, &[2]));
        assert_eq!(decisions.steps().redo, None);
        assert!(!redo(&mut decisions));
    }

    #[test]
    fn what_a_rule_did_at_one_moment_is_one_step() {
        let mut decisions = Decisions::default();
        do_next(&mut decisions, rule(Ruling::Flag, &[3]));
        for (id, deed) in [
            (2, rule(Ruling::Reject, &[2, 3])),
            (3, rule(Ruling::Keep, &[1])),
        ] {
            decisions.add(Act {
                at: 9,
                rule: Some("one of these".into()),
                ..act(id, deed)
            });
        }
        let steps = decisions.steps();
        assert_eq!(steps.undo.as_deref(), Some("Reject, 2 pages; Keep, 1 page"));
        assert!(undo(&mut decisions));
        assert_eq!(decisions.of(&key(3)).ruling, Some(Ruling::Flag));
        assert_eq!(decisions.now().len(), 1);
        assert!(redo(&mut decisions));
        assert_eq!(decisions.of(&key(1)).ruling, Some(Ruling::Keep));
        assert_eq!(decisions.of(&key(2)).ruling, Some(Ruling::Reject));
        assert!(undo(&mut decisions) && undo(&mut decisions) && !undo(&mut decisions));
        assert!(decisions.now().is_empty());
    }

    #[derive(Clone, Debug)]
    enum Step {
        Rule(Ruling, u32),
        Undo,
        Redo,
    }

    fn any_step() -> impl Strategy<Value = Step> {
        let ruling = prop::sample::select(&Ruling::ALL[..]);
        prop_oneof![
            3 => (ruling, 0..3u32).prop_map(|(ruling, page)| Step::Rule(ruling, page)),
            2 => Just(Step::Undo),
            2 => Just(Step::Redo),
        ]
    }

    proptest! {
        /// As a plain stack of states would have it, and the same when read anew.
        #[test]
        fn undoing_and_redoing_are_those_of_a_stack(steps in prop::collection::vec(any_step(), 0..60)) {
            let mut decisions = Decisions::default();
            let mut states = vec![HashMap::new()];
            let mut at = 0;
            for step in steps {
                match step {
                    Step::Rule(ruling, page) => {
                        do_next(&mut decisions, rule(ruling, &[page]));
                        let mut state: HashMap<u32, Ruling> = states[at].clone();
                        state.insert(page, ruling);
                        states.truncate(at + 1);
                        states.push(state);
                        at += 1;
                    }
                    Step::Undo => {
                        prop_assert_eq!(undo(&mut decisions), at > 0);
                        at = at.saturating_sub(1);
                    }
                    Step::Redo => {
                        let can = at + 1 < states.len();
                        prop_assert_eq!(redo(&mut decisions), can);
                        at += usize::from(can);
                    }
                }
                for page in 0..3 {
                    let expected = states[at].get(&page).copied();
                    prop_assert_eq!(decisions.of(&key(page)).ruling, expected);
                }
            }
            let again = Decisions::new(decisions.acts.clone());
            prop_assert_eq!(again.now(), decisions.now());
            prop_assert_eq!(again.steps(), decisions.steps());
        }
    }
}
