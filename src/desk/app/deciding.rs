//! Deciding about pages: which pages, where the cursor goes, and what is asked first. Not
//! for the bar of decisions (`desk::deciding`), nor for what holds (`triage`).

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;
use std::path::Path;

use super::Desk;
use crate::desk::actions::{Action, Group};
use crate::desk::dialogs::sample::Judging;
use crate::desk::dialogs::spread::Spread;
use crate::desk::dialogs::{Question, Say};
use crate::desk::large::compare::{self, Compare};
use crate::desk::panels::saved_views::SavedView;
use crate::desk::views::View;
use crate::desk::words;
use crate::model::{BatchId, Change, Decision, PageId, PageKey, Ruling};
use crate::regular_file;
use crate::triage::{Command, DuplicatePage, Steps};

impl Desk {
    pub(super) fn say_preset(&mut self, name: &str) {
        let mut presets = self.choices.kept.settings.presets.iter();
        if let Some(preset) = presets.find(|preset| preset.name == name) {
            self.say(preset.changes.clone());
        }
    }

    /// Pages that are decided about: the one that is shown large, or those chosen.
    fn pages_in_question(&mut self) -> Vec<PageId> {
        if let Some(compare) = &self.choices.compare {
            return vec![compare.focused()];
        }
        match (self.choices.opened, &self.model.sheet) {
            (Some(page), _) => vec![page],
            (None, Some(sheet)) => self.views.get(self.choices.view()).chosen(sheet),
            (None, None) => vec![],
        }
    }

    /// Pages that can be decided about are on screen; says so where they are not.
    fn shows_pages(&mut self) -> bool {
        if self.choices.judging.is_some() {
            self.notices
                .tell("Keep, reject or flag this page first, or go back.");
            return false;
        }
        let shows = self.choices.is_large() || self.choices.view().about().decides;
        if !shows {
            self.notices
                .tell("Pages are decided in the grid, in the table, and shown large.");
        }
        shows
    }

    /// Says something of pages; asks first where not all of them are on screen.
    pub(super) fn say(&mut self, changes: Vec<Change>) {
        if !self.shows_pages() {
            return;
        }
        if self.seen.is_too_soon() {
            return;
        }
        let pages = self.pages_in_question();
        self.say_of_chosen(pages, changes);
    }

    /// Says something of these pages; asks first where not all of them are on screen.
    pub(super) fn say_of_chosen(&mut self, pages: Vec<PageId>, changes: Vec<Change>) {
        if pages.is_empty() {
            self.notices.tell("Click a page first.");
            return;
        }
        let hidden = self.seen.hidden(&pages);
        if pages.len() > 1 && hidden > 0 {
            let sheet = self.model.sheet.as_ref();
            let otherwise = sheet.map_or(0, |sheet| sheet.decided_otherwise(&pages, &changes));
            self.dialogs.question = Some(Question::Many {
                changes,
                pages,
                hidden,
                otherwise,
            });
        } else {
            self.say_of(pages, changes);
        }
    }

    /// Asks of which other pages the same is to be said.
    pub(super) fn ask_for_others(&mut self) {
        if !self.shows_pages() {
            return;
        }
        let pages = self.pages_in_question();
        let Some(sheet) = &self.model.sheet else {
            return;
        };
        let parts = self.views.split.parts_of(sheet.id());
        self.dialogs.spread = Spread::new(sheet, &pages, parts);
        if self.dialogs.spread.is_none() {
            self.notices.tell("Nothing is said of these pages yet.");
        }
    }

    pub(super) fn say_of(&mut self, pages: Vec<PageId>, changes: Vec<Change>) {
        let Some(sheet) = &mut self.model.sheet else {
            return;
        };
        let piles = &mut self.choices.kept.settings.piles;
        for change in &changes {
            if let Change::Pile(Some(pile)) = change
                && !piles.contains(pile)
            {
                piles.push(pile.clone());
            }
        }
        // A page that was dragged to a pile need not be the one under the cursor.
        let current = self.choices.opened.or(sheet.selection.cursor());
        let goes_on = self.choices.kept.settings.go_on
            && pages.len() == 1
            && pages.first() == current.as_ref()
            && changes
                .iter()
                .all(|change| matches!(change, Change::Rule(Some(_)) | Change::Pile(Some(_))));
        self.session.send(Command::Decide {
            batch: sheet.id(),
            said: vec![(pages, changes)],
            rule: None,
        });
        if goes_on && let Some(compare) = &mut self.choices.compare {
            compare.go_on();
        } else if goes_on {
            if sheet.selection.cursor().is_none()
                && let Some(opened) = self.choices.opened
            {
                sheet.selection.put_cursor(opened);
            }
            sheet.move_cursor(1, false);
            self.follow_cursor();
        }
    }

    /// Puts the pages in question on a pile, or takes them off if all are on it.
    pub(super) fn put_on_pile(&mut self, pile: String) {
        let pages = self.pages_in_question();
        let Some(sheet) = &self.model.sheet else {
            return;
        };
        let is_on = |page: &PageId| sheet.decision(*page).pile.as_ref() == Some(&pile);
        let all = !pages.is_empty() && pages.iter().all(is_on);
        self.say(vec![Change::Pile((!all).then_some(pile))]);
    }

    /// Keeps the first page of each group and rejects the others, batch by batch.
    pub(super) fn keep_only(&mut self, groups: &[(DuplicatePage, Vec<DuplicatePage>)]) {
        let mut ruled: BTreeMap<BatchId, [Vec<PageId>; 2]> = BTreeMap::new();
        for (kept, others) in groups {
            let [keep, _] = ruled.entry(kept.batch).or_default();
            keep.push(kept.page.id);
            for page in others {
                let [_, reject] = ruled.entry(page.batch).or_default();
                reject.push(page.page.id);
            }
        }
        let others = || groups.iter().flat_map(|(_, others)| others);
        let names: BTreeSet<&str> = others().map(|page| page.document.as_str()).collect();
        let of = match names.first() {
            Some(name) if names.len() == 1 => (*name).to_owned(),
            _ => words::counted(names.len() as u64, "document", "documents"),
        };
        let pages = words::counted(others().count() as u64, "page", "pages");
        self.notices.tell(format!("Rejected: {pages} of {of}."));
        for (batch, [keep, reject]) in ruled {
            let rule = |ruling| vec![Change::Rule(Some(ruling))];
            self.session.send(Command::Decide {
                batch,
                said: vec![(keep, rule(Ruling::Keep)), (reject, rule(Ruling::Reject))],
                rule: Some("one of these".to_owned()),
            });
        }
    }

    /// Shows the selected pages side by side.
    pub(super) fn compare_selected(&mut self) {
        if self.choices.compare.take().is_some() || !self.shows_pages() {
            return;
        }
        if self.choices.kept.settings.view == View::Documents {
            self.notices
                .tell("Pages are compared from the grid and from the table.");
            return;
        }
        let Some(sheet) = &self.model.sheet else {
            return;
        };
        self.choices.compare = Compare::new(sheet.chosen(), sheet.selection.cursor());
        if self.choices.compare.is_none() {
            self.notices
                .tell(format!("Select two to {} pages first.", compare::MOST));
        } else {
            self.choices.opened = None;
        }
    }

    /// Of the pages that are compared, keeps the one that has the focus.
    pub(super) fn keep_only_focused(&mut self) {
        let (Some(compare), Some(sheet)) = (&self.choices.compare, &self.model.sheet) else {
            self.notices
                .tell("Compare pages first: select some, and press C.");
            return;
        };
        let rule = |ruling| vec![Change::Rule(Some(ruling))];
        let kept = (vec![compare.focused()], rule(Ruling::Keep));
        self.session.send(Command::Decide {
            batch: sheet.id(),
            said: vec![kept, (compare.others(), rule(Ruling::Reject))],
            rule: Some("one of these".to_owned()),
        });
    }

    pub(super) fn rule(&mut self, ruling: Option<Ruling>) {
        self.say(vec![Change::Rule(ruling)]);
    }

    /// Asks what to say.
    pub(super) fn ask_what_to_say(&mut self, what: Say) {
        if !self.shows_pages() {
            return;
        }
        let pages = self.pages_in_question();
        self.ask_what_to_say_of(pages, what);
    }

    /// Asks what to say of these pages.
    pub(super) fn ask_what_to_say_of(&mut self, pages: Vec<PageId>, what: Say) {
        let (Some(sheet), Some(first)) = (&self.model.sheet, pages.first()) else {
            self.notices.tell("Click a page first.");
            return;
        };
        let said = sheet.decision(*first);
        let typed = match what {
            Say::Pile => said.pile.unwrap_or_default(),
            Say::Tag => String::new(),
            Say::Note => said.note,
        };
        self.dialogs.question = Some(Question::Say { what, typed, pages });
    }

    /// Says of pages what was said of the same pages elsewhere.
    pub(super) fn take_over(&mut self) {
        if !self.shows_pages() {
            return;
        }
        let pages = self.pages_in_question();
        let Some(sheet) = &self.model.sheet else {
            return;
        };
        let mut taken: Vec<(Vec<PageId>, Vec<Change>)> = Vec::new();
        for page in pages {
            let Some(earlier) = sheet.earlier(page) else {
                continue;
            };
            let said = &earlier.decision;
            let mut changes = vec![Change::Rule(said.ruling), Change::Pile(said.pile.clone())];
            changes.extend(said.tags.iter().cloned().map(Change::Tag));
            changes.push(Change::Note(said.note.clone()));
            match taken.iter_mut().find(|(_, known)| *known == changes) {
                Some((pages, _)) => pages.push(page),
                None => taken.push((vec![page], changes)),
            }
        }
        if taken.is_empty() {
            self.notices
                .tell("Nothing was said of these pages in another batch.");
            return;
        }
        self.session.send(Command::Decide {
            batch: sheet.id(),
            said: taken,
            rule: Some("said before".to_owned()),
        });
    }

    /// Says of the pages in question what rules propose.
    pub(super) fn accept_chosen(&mut self) {
        if !self.shows_pages() {
            return;
        }
        let pages = self.pages_in_question();
        let Some(sheet) = &self.model.sheet else {
            return;
        };
        let pages: HashSet<PageId> = pages.into_iter().collect();
        if !pages.iter().any(|page| sheet.proposed.of(*page).is_some()) {
            self.notices
                .tell("No rule proposes anything for these pages.");
            return;
        }
        let rules = 0..sheet.proposed.rules().count();
        self.accept(rules, |page| pages.contains(&page));
    }

    /// Says what these rules propose of the pages that are meant, each rule by its name in
    /// the history.
    pub(super) fn accept(&self, rules: Range<usize>, is_meant: impl Fn(PageId) -> bool) {
        let Some(sheet) = &self.model.sheet else {
            return;
        };
        for place in rules.clone() {
            let Some(rule) = sheet.proposed.rules().nth(place) else {
                continue;
            };
            let mut pages = sheet.proposed_by(place);
            // Of two rules that say something of one kind, the first has said it.
            let is_said = |page: &PageId| {
                let earlier = sheet.proposed.of(*page).into_iter();
                let earlier = earlier.flat_map(|proposal| &proposal.rules);
                let earlier = earlier.filter(|rule| **rule < place && rules.contains(rule));
                let mut kinds = earlier.filter_map(|rule| sheet.proposed.rules().nth(*rule));
                kinds.any(|earlier| is_of_one_kind(&earlier.change, &rule.change))
            };
            pages.retain(|page| is_meant(*page) && !is_said(page));
            if !pages.is_empty() {
                self.session.send(Command::Decide {
                    batch: sheet.id(),
                    said: vec![(pages, vec![rule.change.clone()])],
                    rule: Some(rule.query.clone()),
                });
            }
        }
    }

    /// Takes a list of terms from a file.
    pub(super) fn read_terms(&mut self, file: &Path) {
        match regular_file::read_to_string(file) {
            Ok(list) => self.dialogs.terms.read(&list),
            Err(error) => self
                .notices
                .warn(format!("The list of terms cannot be read: {error}.")),
        }
    }

    /// Has pages of the sample judged.
    pub(super) fn begin_judging(&mut self) {
        let Some(sheet) = &self.model.sheet else {
            return;
        };
        self.choices.judging = self.dialogs.sample.of(sheet.id()).map(Judging::new);
        self.dialogs.sample.open = false;
    }

    /// Keeps what is said of the page of the sample that is shown, and goes on; false for
    /// what says nothing of a page. What would show or change decisions waits until the
    /// pages are judged.
    pub(super) fn judge(&mut self, action: Action) -> bool {
        let ruling = match action {
            Action::Keep => Ruling::Keep,
            Action::Reject => Ruling::Reject,
            Action::Flag => Ruling::Flag,
            Action::Larger | Action::Smaller => return false,
            action => {
                let group = action.info().group;
                return !matches!(group, Group::Views | Group::Window | Group::Files);
            }
        };
        let (Some(sheet), Some(judging)) = (&self.model.sheet, &mut self.choices.judging) else {
            return false;
        };
        self.session.send(Command::JudgeSample {
            batch: sheet.id(),
            place: judging.place,
            judged: ruling,
        });
        judging.place += 1;
        let all = self
            .dialogs
            .sample
            .of(sheet.id())
            .map_or(0, |of| of.pages.len());
        if judging.place >= all {
            // The result is there once the last judgement is kept.
            self.choices.judging = None;
            self.dialogs.sample.open = true;
        }
        true
    }

    /// Shows a view that was kept.
    pub(super) fn show_saved(&mut self, saved: &SavedView) {
        self.ask_for(saved.query.clone());
        if let (Some(sheet), Some(sort)) = (&mut self.model.sheet, saved.sorted_by()) {
            sheet.sort_by(sort, saved.descending);
        }
        self.show(saved.view);
    }

    /// Shows the pages of a query and no others.
    pub(super) fn ask_for(&mut self, typed: String) {
        let Some(sheet) = &mut self.model.sheet else {
            return;
        };
        self.choices.close_all();
        sheet.show_all();
        sheet.question.typed = typed;
        if let Some(typed) = sheet.next_search() {
            let batch = sheet.id();
            self.session.send(Command::Search { batch, typed });
        }
        if !matches!(self.choices.kept.settings.view, View::Grid | View::Table) {
            self.show(View::Grid);
        }
    }

    pub(super) fn go_to_undecided(&mut self) {
        if !self.shows_pages() {
            return;
        }
        let Some(sheet) = &mut self.model.sheet else {
            return;
        };
        if let Some(opened) = self.choices.opened {
            sheet.selection.put_cursor(opened);
        }
        if sheet.go_to_undecided() {
            self.follow_cursor();
        } else {
            self.notices.tell("Every page that is shown is decided.");
        }
    }

    /// Something holds now that did not.
    pub(super) fn decided(&mut self, changed: Vec<(PageKey, Decision)>, steps: Steps, show: bool) {
        let Some(sheet) = &mut self.model.sheet else {
            return;
        };
        let first = changed
            .first()
            .and_then(|(key, _)| sheet.collection.page_of(key));
        let before = sheet.selection.cursor();
        self.notices.something_was_done();
        let was = sheet.decisions.steps();
        let told = show.then(|| taken_back_or_done_again(was, &steps));
        sheet.put_decisions(changed, steps);
        let now = sheet.selection.cursor();
        if now != before {
            self.seen.cursor_moved();
            // A page that is large makes room for the next one as well.
            if self.choices.opened.is_some() && self.choices.opened == before {
                self.choices.opened = now;
            }
        }
        if let Some(split) = self.views.split.of(sheet.id()) {
            split.know_piles(&sheet.decisions);
        }
        let shown = first.filter(|page| sheet.position(*page).is_some());
        if let Some(told) = told.flatten() {
            let hidden = match shown {
                Some(_) => "",
                None => " It is on pages that are not shown.",
            };
            self.notices.tell(format!("{told}.{hidden}"));
        }
        if let Some(page) = shown.filter(|_| show) {
            sheet.select(page, false, false);
            self.follow_cursor();
        }
    }

    /// Brings the page under the cursor into view.
    pub(super) fn follow_cursor(&mut self) {
        if self.choices.opened.is_some() {
            let sheet = self.model.sheet.as_ref();
            self.choices.opened = sheet.and_then(|sheet| sheet.selection.cursor());
        }
        self.views.follow_cursor();
    }

    /// Undoes or redoes; the split view has steps of its own.
    pub(super) fn step_back(&mut self, again: bool) {
        let view = self.choices.kept.settings.view;
        if !again
            && view != View::Split
            && let Some(offer) = self.notices.take_back()
        {
            self.take_offer(offer);
            return;
        }
        if view != View::Duplicates && !self.shows_pages() {
            return;
        }
        if let Some(sheet) = &self.model.sheet {
            let batch = sheet.id();
            self.session.send(match again {
                false => Command::UndoDecision(batch),
                true => Command::RedoDecision(batch),
            });
        }
    }
}

/// What a step was, in words: it could be undone before and can be redone now, or the other way
/// round.
fn taken_back_or_done_again(before: &Steps, now: &Steps) -> Option<String> {
    let both = |one: &Option<String>, other: &Option<String>| {
        one.clone().filter(|what| other.as_ref() == Some(what))
    };
    let undone = both(&before.undo, &now.redo).map(|what| format!("Undone: {what}"));
    undone.or_else(|| both(&before.redo, &now.undo).map(|what| format!("Done again: {what}")))
}

/// Both say something of the same kind, which is said of a page once.
fn is_of_one_kind(one: &Change, other: &Change) -> bool {
    matches!(
        (one, other),
        (Change::Rule(_), Change::Rule(_))
            | (Change::Pile(_), Change::Pile(_))
            | (Change::Note(_), Change::Note(_))
    ) || one == other
}
