//! The separator sheets of a batch, counted anew only when pages were measured or the lines
//! between verdicts were moved. Not for judging (`analysis`).

use super::super::sheet::Sheet;
use crate::model::PageId;
use crate::triage::{Thresholds, judge};

/// How many there are, and what that was counted for.
#[derive(Default)]
pub struct Separators {
    counted: Option<(u64, Thresholds)>,
    count: usize,
}

impl Separators {
    /// Number of separator sheets.
    pub fn count(&mut self, sheet: &Sheet) -> usize {
        let now = (sheet.measured(), *sheet.thresholds());
        if self.counted.as_ref() != Some(&now) {
            self.counted = Some(now);
            self.count = sheet.pages().filter(|page| is_one(sheet, page.id)).count();
        }
        self.count
    }
}

/// A page is judged a separator sheet.
pub fn is_one(sheet: &Sheet, page: PageId) -> bool {
    let page = sheet.page(page);
    page.is_some_and(|page| judge(page, sheet.thresholds()).separator == Some(true))
}
