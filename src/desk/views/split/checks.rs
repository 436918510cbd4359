//! What deserves a look before parts are written: pages in them that were rejected, or that
//! nobody decided about, that need OCR, that failed, that are there twice, and families that
//! are not in them as a whole. Worked out anew only when the plan or what is known of pages
//! has changed. Not for finding what is not in any
//! part (`write`).

use super::write::Chosen;
use crate::desk::sheet::Sheet;
use crate::model::DocumentId;
use crate::triage::Thresholds;
use crate::triage::query::{Hits, Query};

/// Pages that deserve a look.
pub struct Check {
    /// Which they are, as a query.
    pub question: &'static str,
    /// One of them, and several.
    pub nouns: (&'static str, &'static str),
    /// They are known once pages were compared with each other.
    pub compares: bool,
}

/// All checks, what is worst first.
pub const CHECKS: [Check; 7] = [
    check("decision:reject", "rejected page", "rejected pages"),
    check("status:failed", "page that failed", "pages that failed"),
    check(
        "undrawn_text:yes OR undrawn_parts:any",
        "page of which a part is not shown",
        "pages of which a part is not shown",
    ),
    check("decision:flag", "flagged page", "flagged pages"),
    check(
        "needs_ocr:yes,partial",
        "page that needs OCR, wholly or in part",
        "pages that need OCR, wholly or in part",
    ),
    Check {
        compares: true,
        ..check(
            "exact_dup_group:any OR near_dup_group:any",
            "page that is there in several copies",
            "pages that are there in several copies",
        )
    },
    check("decision:none", "undecided page", "undecided pages"),
];

/// The place of the pages that nobody decided about.
const UNDECIDED: usize = CHECKS.len() - 1;

const fn check(question: &'static str, one: &'static str, several: &'static str) -> Check {
    Check {
        question,
        nouns: (one, several),
        compares: false,
    }
}

/// What was counted, and for what.
type Counted = (u64, Vec<usize>, u64, u64, Thresholds);

/// What was found in the parts.
#[derive(Default)]
pub struct WorthALook {
    /// Number of pages, check by check.
    pub counts: [usize; CHECKS.len()],
    /// Families of which something is in the parts and something is not, by the document
    /// that the others are attached to.
    pub split_families: Vec<DocumentId>,
}

/// What was found last, and in what.
#[derive(Default)]
pub struct Checks {
    counted: Option<Counted>,
    found: WorthALook,
}

impl Checks {
    /// What deserves a look in the chosen parts of a plan of this version.
    pub fn found(&mut self, sheet: &Sheet, version: u64, chosen: &Chosen) -> &WorthALook {
        let said = sheet.said_changed();
        let places = chosen.places.clone();
        let now = (version, places, sheet.measured(), said, *sheet.thresholds());
        if self.counted.as_ref() != Some(&now) {
            self.counted = Some(now);
            self.found.counts = CHECKS.each_ref().map(|check| {
                let Ok(query) = Query::parse(check.question) else {
                    return 0;
                };
                let pages = chosen.plan.parts.iter().flat_map(|part| &part.pages);
                let pages = pages.filter_map(|planned| sheet.page(planned.page));
                let none = Hits::default();
                pages
                    .filter(|page| query.asks_for(&sheet.subject(page), &none))
                    .count()
            });
            // Where nothing is decided, nobody decides.
            let pages = chosen.plan.parts.iter().map(|part| part.pages.len());
            if self.found.counts[UNDECIDED] == pages.sum::<usize>() {
                self.found.counts[UNDECIDED] = 0;
            }
            let pages = chosen.plan.parts.iter().flat_map(|part| &part.pages);
            let documents = pages.map(|planned| planned.page.document).collect();
            self.found.split_families = sheet.collection.split_families(&documents);
        }
        &self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_is_a_question_that_can_be_asked() {
        for check in &CHECKS {
            let query = Query::parse(check.question);
            assert!(
                query.is_ok_and(|query| query.texts().is_empty()),
                "{}",
                check.question
            );
        }
    }
}
