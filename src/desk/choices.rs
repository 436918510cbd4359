//! What a person chose: what settings keep, and what is opened over the view. Which pages of
//! the batch are shown, in which order, and where the cursor is goes with the batch
//! (`sheet`). Not for what the session told (`model`).

use super::settings::Settings;
use super::settings_file::Kept;
use super::sheet::Sheet;
use super::views::View;
use crate::desk::dialogs::sample::Judging;
use crate::desk::large::compare::Compare;
use crate::model::PageId;

/// What is chosen now.
pub struct Choices {
    /// What lasts: the view, sizes, columns, piles, keys.
    pub kept: Kept,
    /// The page that is shown large.
    pub opened: Option<PageId>,
    /// Pages that are shown side by side.
    pub compare: Option<Compare>,
    /// A page of the sample is judged.
    pub judging: Option<Judging>,
}

impl Choices {
    /// As settings keep them, with nothing opened.
    pub fn new(kept: Kept) -> Self {
        Self {
            kept,
            opened: None,
            compare: None,
            judging: None,
        }
    }

    /// What lasts.
    pub fn settings(&self) -> &Settings {
        &self.kept.settings
    }

    /// The same, to be changed.
    pub fn settings_mut(&mut self) -> &mut Settings {
        &mut self.kept.settings
    }

    /// The view.
    pub fn view(&self) -> View {
        self.kept.settings.view
    }

    /// Pages are shown large over the view.
    pub fn is_large(&self) -> bool {
        self.opened.is_some() || self.compare.is_some()
    }

    /// Nothing is shown over the view any more.
    pub fn close_all(&mut self) {
        (self.opened, self.compare, self.judging) = (None, None, None);
    }

    /// Piles that pages can be put on.
    pub fn piles(&self, sheet: Option<&Sheet>) -> Vec<String> {
        let kept = &self.settings().piles;
        sheet.map_or_else(
            || kept.clone(),
            |sheet| sheet.decisions.piles_to_choose(kept),
        )
    }
}
