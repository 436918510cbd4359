//! A page with all that is known of it, of which each field takes only what it needs: a
//! question about one number of a million pages looks nothing else up. Not for the fields
//! themselves (`pages`).

use std::cell::OnceCell;
use std::collections::HashMap;

use super::super::decisions::EarlierDecision;
use super::super::duplicates::Duplicates;
use crate::analysis::{DocumentVerdicts, SequenceNote, Thresholds, Verdicts, judge};
use crate::model::{Decision, DocumentId, Failure, Page, PageId};

/// What is known of the pages of a batch beside what was measured on them.
pub trait Knowledge: Sync {
    /// The name of a document; empty where it is not known.
    fn document_name(&self, document: DocumentId) -> &str;

    /// The name of the document that another is attached to.
    fn attached_to(&self, document: DocumentId) -> Option<&str>;

    /// The lines between verdicts.
    fn thresholds(&self) -> &Thresholds;

    /// A page as the run before had found it; none where one run alone has measured it.
    fn before(&self, page: PageId) -> Option<&Page>;

    /// What is said of a page by what is around it.
    fn surroundings(&self, page: PageId) -> Surroundings;

    /// Why a page failed, or kept earlier results.
    fn failure(&self, page: PageId) -> Option<&Failure>;

    /// What people say of a page.
    fn decision(&self, page: PageId) -> Option<&Decision>;

    /// Somebody has seen a page.
    fn is_seen(&self, page: PageId) -> bool;

    /// What was said of a page in another batch, where nothing is said of it in this one.
    fn earlier(&self, page: PageId) -> Option<&EarlierDecision>;

    /// What rules propose to say of a page.
    fn proposed(&self, page: PageId) -> Option<&str>;
}

/// A page, and all that is known of it.
#[derive(Clone)]
pub struct Subject<'a> {
    /// The page.
    pub page: &'a Page,
    knowledge: &'a dyn Knowledge,
    verdicts: OnceCell<Verdicts>,
    /// It is looked at as if no rule proposed anything.
    before_rules: bool,
}

impl<'a> Subject<'a> {
    /// A page, with where to look up what is known of it.
    pub fn new(page: &'a Page, knowledge: &'a dyn Knowledge) -> Self {
        Self {
            page,
            knowledge,
            verdicts: OnceCell::new(),
            before_rules: false,
        }
    }

    /// The page as rules see it, before any has proposed something.
    pub fn before_rules(page: &'a Page, knowledge: &'a dyn Knowledge) -> Self {
        Self {
            before_rules: true,
            ..Self::new(page, knowledge)
        }
    }

    /// The page as the run before had found it, under the thresholds of now; none where one
    /// run alone has measured it.
    pub fn before(&self) -> Option<Self> {
        let page = self.knowledge.before(self.page.id)?;
        Some(Self::new(page, self.knowledge))
    }

    /// The name of its document.
    pub fn document(&self) -> &'a str {
        self.knowledge.document_name(self.page.id.document)
    }

    /// The name of the document that its own is attached to.
    pub fn attached_to(&self) -> Option<&'a str> {
        self.knowledge.attached_to(self.page.id.document)
    }

    /// What is said of it under the thresholds of its batch.
    pub fn verdicts(&self) -> &Verdicts {
        let judged = || judge(self.page, self.knowledge.thresholds());
        self.verdicts.get_or_init(judged)
    }

    /// What is said of it by what is around it.
    pub fn surroundings(&self) -> Surroundings {
        self.knowledge.surroundings(self.page.id)
    }

    /// Why it failed, or kept earlier results.
    pub fn failure(&self) -> Option<&'a Failure> {
        self.knowledge.failure(self.page.id)
    }

    /// What people say of it.
    pub fn decision(&self) -> Option<&'a Decision> {
        self.knowledge.decision(self.page.id)
    }

    /// Somebody has seen it.
    pub fn is_seen(&self) -> bool {
        self.knowledge.is_seen(self.page.id)
    }

    /// What was said of it in another batch, where nothing is said of it in this one.
    pub fn earlier(&self) -> Option<&'a EarlierDecision> {
        self.knowledge.earlier(self.page.id)
    }

    /// What rules propose to say of it.
    pub fn proposed(&self) -> Option<&'a str> {
        let proposed = || self.knowledge.proposed(self.page.id);
        (!self.before_rules).then(proposed).flatten()
    }
}

/// What is said of a page by what is around it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Its document.
    pub document: DocumentVerdicts,
    /// Its place in the document.
    pub note: Option<SequenceNote>,
    /// The group of pages that paint exactly the same.
    pub exact_group: Option<u32>,
    /// The group of pages that are the same page.
    pub near_group: Option<u32>,
    /// The group of pages that look alike.
    pub similar_group: Option<u32>,
}

impl Surroundings {
    /// What is said of a page by what was found of all pages: the verdicts of documents,
    /// notes on the pages of each in their order, and groups.
    pub fn of(
        page: PageId,
        documents: &HashMap<DocumentId, DocumentVerdicts>,
        notes: &HashMap<DocumentId, Vec<Option<SequenceNote>>>,
        duplicates: &Duplicates,
    ) -> Self {
        let place = (page.number as usize).checked_sub(1);
        let notes = notes.get(&page.document);
        Self {
            document: documents.get(&page.document).copied().unwrap_or_default(),
            note: place.and_then(|place| notes?.get(place).copied().flatten()),
            exact_group: duplicates.exact.get(&page).copied(),
            near_group: duplicates.near.get(&page).copied(),
            similar_group: duplicates.similar.get(&page).copied(),
        }
    }
}

/// A batch of which tests know this much.
#[cfg(test)]
#[derive(Default)]
pub(crate) struct Known {
    pub document: &'static str,
    pub thresholds: Thresholds,
    pub before: HashMap<PageId, Page>,
    pub decisions: HashMap<PageId, Decision>,
}

#[cfg(test)]
impl Knowledge for Known {
    fn document_name(&self, _: DocumentId) -> &str {
        self.document
    }

    fn attached_to(&self, _: DocumentId) -> Option<&str> {
        None
    }

    fn thresholds(&self) -> &Thresholds {
        &self.thresholds
    }

    fn before(&self, page: PageId) -> Option<&Page> {
        self.before.get(&page)
    }

    fn surroundings(&self, _: PageId) -> Surroundings {
        Surroundings::default()
    }

    fn failure(&self, _: PageId) -> Option<&Failure> {
        None
    }

    fn decision(&self, page: PageId) -> Option<&Decision> {
        self.decisions.get(&page)
    }

    fn is_seen(&self, _: PageId) -> bool {
        false
    }

    fn earlier(&self, _: PageId) -> Option<&EarlierDecision> {
        None
    }

    fn proposed(&self, _: PageId) -> Option<&str> {
        None
    }
}
