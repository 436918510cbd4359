//! A plan while a person edits it: cuts, moves, turns, names, and every step back
//! without limit. Pure; not for drawing.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::model::{
    CutReason, ExcludedPage, ExclusionReason, PageId, PlannedPage, PlannedPart, SplitPlan,
};

/// A place between pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which part.
    pub part: usize,
    /// Before which of its pages; their number: at its end.
    pub page: usize,
}

/// One state of the plan. Parts are shared between states, so that a thousand
/// steps back cost little.
#[derive(Clone, Debug, Default, PartialEq)]
struct State {
    parts: Vec<Arc<PlannedPart>>,
    excluded: Arc<Vec<ExcludedPage>>,
}

/// The plan and the way back.
#[derive(Debug, Default)]
pub struct Editor {
    state: State,
    done: Vec<State>,
    undone: Vec<State>,
    /// Grows with each change.
    pub version: u64,
}

impl Editor {
    /// A plan to start from, with no way back from it.
    pub fn new(plan: SplitPlan, version: u64) -> Self {
        let mut editor = Self::default();
        editor.propose(plan);
        editor.done.clear();
        editor.version = version;
        editor
    }

    /// The parts.
    pub fn parts(&self) -> &[Arc<PlannedPart>] {
        &self.state.parts
    }

    /// Pages that are in no part.
    pub fn excluded(&self) -> &[ExcludedPage] {
        &self.state.excluded
    }

    /// The plan as it is now.
    pub fn plan(&self) -> SplitPlan {
        SplitPlan {
            parts: self.state.parts.iter().map(|p| (**p).clone()).collect(),
            excluded: self.state.excluded.to_vec(),
        }
    }

    /// Takes over a plan that rules propose.
    pub fn propose(&mut self, plan: SplitPlan) {
        self.change(State {
            parts: plan.parts.into_iter().map(Arc::new).collect(),
            excluded: Arc::new(plan.excluded),
        });
    }

    /// There is a step back.
    pub fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    /// There is a step that was taken back.
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// One step back.
    pub fn undo(&mut self) {
        if let Some(before) = self.done.pop() {
            self.undone.push(std::mem::replace(&mut self.state, before));
            self.version += 1;
        }
    }

    /// The step that was taken back last, again.
    pub fn redo(&mut self) {
        if let Some(after) = self.undone.pop() {
            self.done.push(std::mem::replace(&mut self.state, after));
            self.version += 1;
        }
    }

    /// Where a page is; none where it is in no part.
    pub fn place_of(&self, page: PageId) -> Option<Place> {
        self.state
            .parts
            .iter()
            .enumerate()
            .find_map(|(part, planned)| {
                let at = planned.pages.iter().position(|p| p.page == page)?;
                Some(Place { part, page: at })
            })
    }

    /// Cuts before a page, or joins its part to the one before where there is a
    /// cut already.
    pub fn toggle_cut(&mut self, place: Place) {
        if place.page == 0 {
            self.join(place.part);
        } else {
            self.cut(place);
        }
    }

    fn cut(&mut self, place: Place) {
        let mut state = self.state.clone();
        let Some(part) = state.parts.get(place.part) else {
            return;
        };
        if place.page == 0 || place.page >= part.pages.len() {
            return;
        }
        let (before, after) = part.pages.split_at(place.page);
        let first = PlannedPart {
            pages: before.to_vec(),
            ..(**part).clone()
        };
        let second = PlannedPart {
            pile: part.pile.clone(),
            ..PlannedPart::new(CutReason::Hand, after.to_vec())
        };
        state.parts[place.part] = Arc::new(first);
        state.parts.insert(place.part + 1, Arc::new(second));
        self.change(state);
    }

    /// Joins a part to the one before.
    pub fn join(&mut self, part: usize) {
        if part == 0 || part >= self.state.parts.len() {
            return;
        }
        let mut state = self.state.clone();
        let joined = state.parts.remove(part);
        let before = Arc::make_mut(&mut state.parts[part - 1]);
        before.pages.extend(&joined.pages);
        self.change(state);
    }

    /// Leaves pages out.
    pub fn exclude(&mut self, pages: &HashSet<PageId>) {
        let mut state = self.state.clone();
        let taken = take_pages(&mut state, pages);
        if taken.is_empty() {
            return;
        }
        let left_out = taken.iter().map(|planned| ExcludedPage {
            page: planned.page,
            reason: ExclusionReason::Hand,
        });
        Arc::make_mut(&mut state.excluded).extend(left_out);
        drop_empty(&mut state);
        self.change(state);
    }

    /// Takes pages that were left out back in, after the page before them in
    /// their document, or as parts of their own.
    pub fn restore(&mut self, pages: &HashSet<PageId>) {
        let mut state = self.state.clone();
        let excluded = Arc::make_mut(&mut state.excluded);
        let mut back: Vec<PageId> = excluded.iter().map(|e| e.page).collect();
        back.retain(|page| pages.contains(page));
        if back.is_empty() {
            return;
        }
        excluded.retain(|excluded| !pages.contains(&excluded.page));
        back.sort();
        for page in back {
            put_back(&mut state, page);
        }
        self.change(state);
    }

    /// Turns pages clockwise by so many degrees more.
    pub fn turn(&mut self, pages: &HashSet<PageId>, by: u16) {
        let mut state = self.state.clone();
        for part in &mut state.parts {
            if part.pages.iter().any(|p| pages.contains(&p.page)) {
                for planned in &mut Arc::make_mut(part).pages {
                    if pages.contains(&planned.page) {
                        planned.turn = (planned.turn + by) % 360;
                    }
                }
            }
        }
        if state != self.state {
            self.change(state);
        }
    }

    /// Gives a part a name, or the template's again.
    pub fn rename(&mut self, part: usize, name: Option<String>) {
        let mut state = self.state.clone();
        if let Some(part) = state.parts.get_mut(part)
            && part.name != name
        {
            Arc::make_mut(part).name = name;
            self.change(state);
        }
    }

    /// Moves pages to another place, in the order in which they are now.
    pub fn move_to(&mut self, pages: &HashSet<PageId>, to: Place) {
        let Some(target) = self.state.parts.get(to.part) else {
            return;
        };
        // Where it is once the moved pages are gone from before it.
        let before = target.pages[..to.page.min(target.pages.len())].iter();
        let stay = before.filter(|p| !pages.contains(&p.page)).count();
        let mut state = self.state.clone();
        let taken = take_pages(&mut state, pages);
        if taken.is_empty() {
            return;
        }
        let part = Arc::make_mut(&mut state.parts[to.part]);
        part.pages.splice(stay..stay, taken);
        drop_empty(&mut state);
        if state != self.state {
            self.change(state);
        }
    }

    /// Puts pages on a pile, or on none: parts that are chosen whole as they
    /// are, other pages together as a part of their own after the one that the
    /// first of them comes from.
    pub fn put_on_pile(&mut self, pages: &HashSet<PageId>, pile: Option<&str>) {
        let mut state = self.state.clone();
        let mut loose = pages.clone();
        let mut first = None;
        for (index, part) in state.parts.iter_mut().enumerate() {
            let chosen = part.pages.iter().filter(|p| pages.contains(&p.page));
            if chosen.count() < part.pages.len() {
                let any = part.pages.iter().any(|p| pages.contains(&p.page));
                first = first.or(any.then_some(index));
                continue;
            }
            for planned in &part.pages {
                loose.remove(&planned.page);
            }
            if part.pile.as_deref() != pile {
                Arc::make_mut(part).pile = pile.map(str::to_owned);
            }
        }
        let taken = take_pages(&mut state, &loose);
        if let Some(first) = first.filter(|_| !taken.is_empty()) {
            let part = PlannedPart {
                pile: pile.map(str::to_owned),
                ..PlannedPart::new(CutReason::Hand, taken)
            };
            state.parts.insert(first + 1, Arc::new(part));
        }
        if state != self.state {
            self.change(state);
        }
    }

    /// The piles that parts are put on, with the number of parts and pages.
    pub fn piles(&self) -> BTreeMap<&str, (usize, usize)> {
        let mut piles = BTreeMap::new();
        for part in &self.state.parts {
            if let Some(pile) = &part.pile {
                let (parts, pages): &mut (usize, usize) = piles.entry(&**pile).or_default();
                *parts += 1;
                *pages += part.pages.len();
            }
        }
        piles
    }

    fn change(&mut self, state: State) {
        self.undone.clear();
        self.done.push(std::mem::replace(&mut self.state, state));
        self.version += 1;
    }
}

/// Takes pages out of all parts, in their order.
fn take_pages(state: &mut State, pages: &HashSet<PageId>) -> Vec<PlannedPage> {
    let mut taken = Vec::new();
    for part in &mut state.parts {
        if part.pages.iter().any(|p| pages.contains(&p.page)) {
            Arc::make_mut(part).pages.retain(|planned| {
                let goes = pages.contains(&planned.page);
                if goes {
                    taken.push(*planned);
                }
                !goes
            });
        }
    }
    taken
}

fn drop_empty(state: &mut State) {
    state.parts.retain(|part| !part.pages.is_empty());
}

fn put_back(state: &mut State, page: PageId) {
    // The nearest page before it that is in a part; else the nearest after it.
    let mut nearest: Option<(bool, u32, usize, usize)> = None;
    for (part, planned) in state.parts.iter().enumerate() {
        for (at, known) in planned.pages.iter().enumerate() {
            if known.page.document == page.document {
                let is_after = known.page.number > page.number;
                let distance = known.page.number.abs_diff(page.number);
                let here = (is_after, distance, part, at);
                if nearest.is_none_or(|n| (is_after, distance) < (n.0, n.1)) {
                    nearest = Some(here);
                }
            }
        }
    }
    match nearest {
        Some((is_after, _, part, at)) => {
            let at = if is_after { at } else { at + 1 };
            Arc::make_mut(&mut state.parts[part])
                .pages
                .insert(at, page.into());
        }
        None => {
            let alone = PlannedPart::new(CutReason::Hand, vec![page.into()]);
            state.parts.push(Arc::new(alone));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DocumentId;
    use proptest::prelude::*;

    fn page(number: u32) -> PageId {
        PageId {
            document: DocumentId(1),
            number,
        }
    }

    fn editor(pages: u32) -> Editor {
        let pages = (1..=pages).map(|n| page(n).into()).collect();
        let whole = PlannedPart::new(CutReason::Document, pages);
        let plan = SplitPlan {
            parts: vec![whole],
            excluded: vec![],
        };
        Editor::new(plan, 1)
    }

    fn numbers(editor: &Editor) -> Vec<Vec<u32>> {
        let pages = |part: &Arc<PlannedPart>| part.pages.iter().map(|p| p.page.number).collect();
        editor.parts().iter().map(pages).collect()
    }

    fn set(numbers: &[u32]) -> HashSet<PageId> {
        numbers.iter().map(|n| page(*n)).collect()
    }

    #[test]
    fn a_cut_is_made_and_taken_away_at_the_same_place() {
        let mut editor = editor(4);
        editor.toggle_cut(Place { part: 0, page: 2 });
        assert_eq!(numbers(&editor), [[1, 2], [3, 4]]);
        editor.toggle_cut(Place { part: 1, page: 0 });
        assert_eq!(numbers(&editor), [[1, 2, 3, 4]]);
    }

    #[test]
    fn pages_are_moved_in_their_order() {
        let mut editor = editor(6);
        editor.toggle_cut(Place { part: 0, page: 3 });
        editor.move_to(&set(&[1, 3]), Place { part: 1, page: 1 });
        assert_eq!(numbers(&editor), [vec![2], vec![4, 1, 3, 5, 6]]);
        editor.move_to(&set(&[2]), Place { part: 1, page: 5 });
        assert_eq!(numbers(&editor), [[4, 1, 3, 5, 6, 2]]);
    }

    #[test]
    fn pages_that_were_left_out_come_back_to_their_place() {
        let mut editor = editor(4);
        editor.exclude(&set(&[1, 3]));
        assert_eq!(numbers(&editor), [[2, 4]]);
        assert_eq!(editor.excluded().len(), 2);
        editor.restore(&set(&[3]));
        editor.restore(&set(&[1]));
        assert_eq!(numbers(&editor), [[1, 2, 3, 4]]);
        editor.exclude(&set(&[1, 2, 3, 4]));
        assert!(editor.parts().is_empty());
        editor.restore(&set(&[1, 2, 3, 4]));
        assert_eq!(numbers(&editor), [[1, 2, 3, 4]]);
    }

    #[test]
    fn whole_parts_stay_on_a_pile_and_other_pages_become_one() {
        let mut editor = editor(6);
        editor.toggle_cut(Place { part: 0, page: 2 });
        editor.put_on_pile(&set(&[1, 2, 4, 6]), Some("Leases"));
        assert_eq!(numbers(&editor), [vec![1, 2], vec![3, 5], vec![4, 6]]);
        let piles: Vec<_> = editor.parts().iter().map(|p| p.pile.as_deref()).collect();
        assert_eq!(piles, [Some("Leases"), None, Some("Leases")]);
        assert_eq!(editor.piles()["Leases"], (2, 4));
        // A cut leaves both halves where they were; nothing left to change is no step.
        editor.toggle_cut(Place { part: 0, page: 1 });
        assert_eq!(editor.piles()["Leases"], (3, 4));
        let version = editor.version;
        editor.put_on_pile(&set(&[1, 2]), Some("Leases"));
        assert_eq!(editor.version, version);
        editor.put_on_pile(&set(&[1, 2, 4, 6]), None);
        assert!(editor.piles().is_empty());
    }

    #[derive(Clone, Debug)]
    enum Step {
        Cut(usize, usize),
        Exclude(Vec<u32>),
        Restore(Vec<u32>),
        Turn(Vec<u32>),
        Pile(Vec<u32>, Option<&'static str>),
        Move(Vec<u32>, usize, usize),
        Undo,
        Redo,
    }

    fn step() -> impl Strategy<Value = Step> {
        let pages = || prop::collection::vec(1u32..12, 1..4);
        prop_oneof![
            (0usize..5, 0usize..8).prop_map(|(a, b)| Step::Cut(a, b)),
            pages().prop_map(Step::Exclude),
            pages().prop_map(Step::Restore),
            pages().prop_map(Step::Turn),
            (pages(), prop::option::of(Just("a pile"))).prop_map(|(p, pile)| Step::Pile(p, pile)),
            (pages(), 0usize..5, 0usize..8).prop_map(|(p, a, b)| Step::Move(p, a, b)),
            Just(Step::Undo),
            Just(Step::Redo),
        ]
    }

    proptest! {
        #[test]
        fn whatever_is_done_every_page_is_there_once_and_undone_it_is_as_before(
            steps in prop::collection::vec(step(), 0..40),
        ) {
            let mut editor = editor(11);
            let before = editor.plan();
            for step in steps {
                match step {
                    Step::Cut(part, page) => editor.toggle_cut(Place { part, page }),
                    Step::Exclude(pages) => editor.exclude(&set(&pages)),
                    Step::Restore(pages) => editor.restore(&set(&pages)),
                    Step::Turn(pages) => editor.turn(&set(&pages), 90),
                    Step::Pile(pages, pile) => editor.put_on_pile(&set(&pages), pile),
                    Step::Move(pages, part, page) => {
                        editor.move_to(&set(&pages), Place { part, page });
                    }
                    Step::Undo => editor.undo(),
                    Step::Redo => editor.redo(),
                }
                let mut pages: Vec<u32> = numbers(&editor).concat();
                pages.extend(editor.excluded().iter().map(|e| e.page.number));
                pages.sort();
                prop_assert_eq!(pages, (1..=11).collect::<Vec<_>>());
                prop_assert!(editor.parts().iter().all(|part| !part.pages.is_empty()));
            }
            while editor.can_undo() {
                editor.undo();
            }
            prop_assert_eq!(editor.plan(), before);
        }
    }
}
