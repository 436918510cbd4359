//! What is selected in a list and where the keyboard is in it: pages of a batch, documents,
//! pages of a plan. Pure. The list itself, in the order in which it is shown, is given to
//! what needs it. Not for keys and clicks, which the views take.

use std::collections::HashSet;
use std::hash::Hash;

/// What is selected of a list of `T`, and where the keyboard is in it.
#[derive(Clone, Debug)]
pub struct Selection<T> {
    items: HashSet<T>,
    cursor: Option<T>,
    /// Where a person put the cursor. It comes back here when a question that hid this is
    /// taken back.
    home: Option<T>,
    /// Where a range began.
    anchor: Option<T>,
}

impl<T> Default for Selection<T> {
    fn default() -> Self {
        Self {
            items: HashSet::new(),
            cursor: None,
            home: None,
            anchor: None,
        }
    }
}

impl<T: Copy + Eq + Hash> Selection<T> {
    /// What is selected, in no order.
    pub fn items(&self) -> &HashSet<T> {
        &self.items
    }

    pub fn contains(&self, item: &T) -> bool {
        self.items.contains(item)
    }

    pub fn len(&self) -> usize {
        self.items.len()
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Where the keyboard is.
    pub fn cursor(&self) -> Option<T> {
        self.cursor
    }

    /// Puts the cursor there; what is selected stays.
    pub fn put_cursor(&mut self, item: T) {
        self.cursor = Some(item);
        self.home = self.cursor;
    }

    /// A person works where the cursor is, however it came there: it does not go back.
    pub fn settle(&mut self) {
        self.home = self.cursor.or(self.home);
    }

    /// Selects these; the cursor stays.
    pub fn set(&mut self, items: impl IntoIterator<Item = T>) {
        self.items = items.into_iter().collect();
    }

    /// Selects nothing; the cursor stays.
    pub fn clear(&mut self) {
        self.items.clear();
    }

    /// Selects as lists do: an item alone, with all up to it (`extend`), or in addition to
    /// the others, or not any more (`toggle`).
    pub fn select(&mut self, item: T, extend: bool, toggle: bool, list: &[T]) {
        let place = |item: T| list.iter().position(|other| *other == item);
        let range = self.anchor.filter(|_| extend).and_then(place);
        match range.zip(place(item)) {
            Some((from, to)) => self.set(list[from.min(to)..=from.max(to)].iter().copied()),
            None if toggle => {
                if !self.items.remove(&item) {
                    self.items.insert(item);
                }
                self.anchor = Some(item);
            }
            None => {
                self.items = HashSet::from([item]);
                self.anchor = Some(item);
            }
        }
        self.put_cursor(item);
    }

    /// Moves the cursor by so many places, within the list, and selects what is there; with
    /// all up to it if `extend`. Without a cursor it comes from before the first.
    pub fn step(&mut self, by: isize, extend: bool, list: &[T]) {
        let Some(last) = list.len().checked_sub(1) else {
            return;
        };
        let at = self.cursor.and_then(|cursor| {
            let mut places = list.iter();
            places.position(|other| *other == cursor)
        });
        let to = match at {
            Some(at) => at.saturating_add_signed(by),
            None => 0usize.saturating_add_signed(by.saturating_sub(1)),
        };
        self.select(list[to.min(last)], extend, false, list);
    }

    /// What is selected, as it stands in the list; else what the cursor is at.
    pub fn chosen(&self, list: &[T]) -> Vec<T> {
        match self.items.is_empty() {
            true => self.cursor.into_iter().collect(),
            false => {
                let list = list.iter().copied();
                list.filter(|item| self.contains(item)).collect()
            }
        }
    }

    /// Forgets what does not exist any more.
    pub fn retain(&mut self, exists: impl Fn(&T) -> bool) {
        self.items.retain(|item| exists(item));
        self.cursor = self.cursor.filter(|item| exists(item));
        self.home = self.home.filter(|item| exists(item));
        self.anchor = self.anchor.filter(|item| exists(item));
    }

    /// The list was `before` and is `now`. What is not in it any more is not selected, and
    /// where that had the cursor it goes to the next that is left, or else to the one before.
    ///
    /// If a person asked for another list (`is_asked`) it goes back to where they had put it
    /// as soon as that is in the list again; `place` tells where in the whole an item lies.
    pub fn follow<P: Ord>(
        &mut self,
        before: &[T],
        now: &[T],
        is_asked: bool,
        place: impl Fn(&T) -> P,
    ) {
        if self.home.is_none() && self.cursor.is_none() && self.items.is_empty() {
            return;
        }
        let there: HashSet<T> = now.iter().copied().collect();
        self.items.retain(|item| there.contains(item));
        let home = self.home.filter(|_| is_asked);
        let wanted = [home, self.cursor].into_iter().flatten();
        let mut wanted = wanted.filter(|item| there.contains(item));
        let cursor = match (wanted.next(), home.or(self.cursor)) {
            (Some(wanted), _) => Some(wanted),
            (None, Some(lost)) => match before.iter().position(|item| *item == lost) {
                Some(at) => {
                    let (ahead, behind) = before.split_at(at);
                    let mut near = behind.iter().chain(ahead.iter().rev()).copied();
                    near.find(|item| there.contains(item))
                }
                None if is_asked => nearest(&lost, now, place),
                // Where it was not in the list before either, it waits to come back.
                None => return,
            },
            (None, None) => return,
        };
        if cursor == self.cursor {
            return;
        }
        self.cursor = cursor;
        if !is_asked {
            self.settle();
        }
        if self.items.is_empty() {
            self.items.extend(self.cursor);
            self.anchor = self.cursor;
        }
    }
}

/// The first item of a list that lies after one that is not in it, else the last before.
fn nearest<T: Copy, P: Ord>(lost: &T, list: &[T], place: impl Fn(&T) -> P) -> Option<T> {
    let lost = place(lost);
    let after = list.iter().filter(|item| place(item) >= lost);
    let after = after.min_by_key(|item| place(item));
    after
        .or_else(|| list.iter().max_by_key(|item| place(item)))
        .copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: [u32; 6] = [1, 2, 3, 4, 5, 6];

    /// The cursor at an item of [`LIST`], which is selected.
    fn at(item: u32) -> Selection<u32> {
        let mut selection = Selection::default();
        selection.select(item, false, false, &LIST);
        selection
    }

    fn follow(selection: &mut Selection<u32>, before: &[u32], now: &[u32], is_asked: bool) {
        selection.follow(before, now, is_asked, |item| *item);
    }

    #[test]
    fn ranges_and_single_items_are_selected_as_in_lists() {
        let mut selection = at(2);
        selection.select(4, true, false, &LIST);
        assert_eq!(selection.chosen(&LIST), [2, 3, 4]);
        // A range is drawn anew from where it began.
        selection.select(1, true, false, &LIST);
        assert_eq!(selection.chosen(&LIST), [1, 2]);
        selection.select(5, false, true, &LIST);
        selection.select(1, false, true, &LIST);
        assert_eq!(selection.chosen(&LIST), [2, 5]);
        selection.clear();
        assert_eq!(selection.chosen(&LIST), [1]);
    }

    #[test]
    fn the_cursor_stays_inside() {
        for (by, to) in [(isize::MAX, 6), (isize::MIN, 1), (-1, 1), (2, 2)] {
            let mut selection = Selection::default();
            selection.step(by, false, &LIST);
            assert_eq!(selection.cursor(), Some(to), "{by}");
        }
        let mut selection = at(5);
        selection.step(7, true, &LIST);
        assert_eq!(selection.chosen(&LIST), [5, 6]);
        selection.step(1, false, &[]);
        assert_eq!(selection.cursor(), Some(6));
    }

    #[test]
    fn what_leaves_the_list_makes_room_for_the_next_and_at_the_end_for_the_one_before() {
        let mut selection = at(5);
        follow(&mut selection, &LIST, &[1, 2, 3, 4, 6], false);
        assert_eq!(selection.cursor(), Some(6));
        follow(&mut selection, &[1, 2, 3, 4, 6], &[1, 2, 3, 4], false);
        assert_eq!(selection.chosen(&LIST), [4]);
        follow(&mut selection, &[1, 2, 3, 4], &[], false);
        assert_eq!(selection.cursor(), None);
    }

    #[test]
    fn a_question_that_is_taken_back_leaves_the_cursor_where_a_person_had_put_it() {
        let mut selection = at(4);
        // Half typed it finds nothing, then something else, then all again.
        follow(&mut selection, &LIST, &[], true);
        assert_eq!(selection.cursor(), None);
        follow(&mut selection, &[], &[1, 6], true);
        assert_eq!(selection.chosen(&LIST), [6]);
        follow(&mut selection, &[1, 6], &[1, 2, 6], true);
        assert_eq!(selection.cursor(), Some(6));
        follow(&mut selection, &[1, 2, 6], &LIST, true);
        assert_eq!(selection.cursor(), Some(4));
    }

    #[test]
    fn where_a_person_went_on_to_work_it_stays() {
        let mut selection = at(4);
        follow(&mut selection, &LIST, &[1, 6], true);
        selection.step(-1, false, &[1, 6]);
        follow(&mut selection, &[1, 6], &LIST, true);
        assert_eq!(selection.cursor(), Some(1));
        follow(&mut selection, &LIST, &[2, 6], true);
        selection.settle();
        follow(&mut selection, &[2, 6], &LIST, true);
        assert_eq!(selection.cursor(), Some(2));
    }

    #[test]
    fn results_that_reorder_the_list_do_not_move_the_cursor() {
        let mut selection = at(4);
        follow(&mut selection, &LIST, &[1, 2], true);
        follow(&mut selection, &[1, 2], &LIST, false);
        assert_eq!(selection.cursor(), Some(2));
        // One that was not in the list waits for it.
        selection.put_cursor(9);
        follow(&mut selection, &LIST, &[1, 2], false);
        assert_eq!(selection.cursor(), Some(9));
    }
}
