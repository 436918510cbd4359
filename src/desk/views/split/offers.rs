//! What the pages of a batch ask for when they are split: separator sheets to cut at, pages
//! that do not stand upright, documents that were scanned in another order than they are read
//! in. Counted anew only when pages were measured or the lines between verdicts were moved.
//! Not for judging (`analysis`).

use super::panel::Form;
use crate::analysis::{SequenceNote, notes_of};
use crate::desk::sheet::Sheet;
use crate::model::PageId;
use crate::triage::{Thresholds, judge};

/// Something that a rule does about pages that were found.
pub struct Offer {
    /// One of what was found, and several.
    pub nouns: (&'static str, &'static str),
    /// The button that ticks the rule.
    pub button: &'static str,
    /// The rule.
    pub rule: fn(&mut Form) -> &mut bool,
    /// Whether a page is one of them.
    is_one: fn(&Sheet, PageId) -> bool,
}

/// All offers, in the order in which they are shown.
pub static OFFERS: [Offer; 4] = [
    Offer {
        nouns: ("separator sheet", "separator sheets"),
        button: "Cut at them",
        rule: |form| &mut form.at_separator,
        is_one: is_separator,
    },
    Offer {
        nouns: ("page to be turned", "pages to be turned"),
        button: "Turn upright",
        rule: |form| &mut form.upright,
        is_one: |sheet, page| {
            let page = sheet.page(page);
            let turned = page.and_then(|page| judge(page, sheet.thresholds()).turned);
            turned.is_some_and(|turned| turned != 0)
        },
    },
    Offer {
        nouns: (
            "document with backs after fronts",
            "documents with backs after fronts",
        ),
        button: "Put in order",
        rule: |form| &mut form.in_reading_order,
        is_one: |sheet, page| {
            is_noted(sheet, page, |note| {
                matches!(note, SequenceNote::Backs { .. })
            })
        },
    },
    Offer {
        nouns: (
            "document from back to front",
            "documents from back to front",
        ),
        button: "Put in order",
        rule: |form| &mut form.in_reading_order,
        is_one: |sheet, page| is_noted(sheet, page, |note| note == SequenceNote::Backwards),
    },
];

/// How many there are of each, and what that was counted for.
#[derive(Default)]
pub struct Offers {
    counted: Option<(u64, Thresholds)>,
    counts: [usize; OFFERS.len()],
}

impl Offers {
    /// Number of what was found, offer by offer.
    pub fn counts(&mut self, sheet: &Sheet) -> [usize; OFFERS.len()] {
        let now = (sheet.measured(), *sheet.thresholds());
        if self.counted.as_ref() != Some(&now) {
            self.counted = Some(now);
            self.counts = [0; OFFERS.len()];
            for page in sheet.pages() {
                for (count, offer) in self.counts.iter_mut().zip(&OFFERS) {
                    *count += usize::from((offer.is_one)(sheet, page.id));
                }
            }
        }
        self.counts
    }
}

/// Something is noted of the document that begins with a page: once a document, and not by
/// what the sheet has noted, which comes later.
fn is_noted(sheet: &Sheet, page: PageId, what: impl Fn(SequenceNote) -> bool) -> bool {
    let pages = sheet.pages_of(page.document);
    let notes = (page.number == 1).then(|| notes_of(pages, sheet.thresholds()));
    notes.into_iter().flatten().flatten().any(what)
}

/// A page is judged a separator sheet.
pub fn is_separator(sheet: &Sheet, page: PageId) -> bool {
    let page = sheet.page(page);
    page.is_some_and(|page| judge(page, sheet.thresholds()).separator == Some(true))
}
