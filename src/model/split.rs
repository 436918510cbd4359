//! A plan for splitting: which pages become which part, and which none. Plain
//! data; a plan is only proposed or edited here, never carried out.

use serde::{Deserialize, Serialize};

use super::PageId;

/// A page of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PlannedPage {
    /// Which page.
    pub page: PageId,
    /// Degrees by which it is turned, clockwise: 0, 90, 180 or 270.
    pub turn: u16,
}

impl From<PageId> for PlannedPage {
    fn from(page: PageId) -> Self {
        Self { page, turn: 0 }
    }
}

/// Why a part begins where it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CutReason {
    /// The document begins.
    Document,
    /// The part before has as many pages as it may.
    PageCount,
    /// A range that was given begins.
    Range,
    /// A blank page comes before.
    Blank,
    /// A separator sheet comes before, or this is one that is kept.
    Separator,
    /// A bookmark leads here.
    Bookmark,
    /// The page has another size than the one before.
    Size,
    /// The page lies the other way than the one before.
    Orientation,
    /// Printed page numbers begin anew.
    PageNumbers,
    /// Its first line says what was looked for.
    FirstLine,
    /// The part before has as many bytes as it may.
    Bytes,
    /// A person cut here.
    Hand,
    /// The page belongs on another pile than the one before.
    Pile,
}

impl CutReason {
    /// For people, after "new part:".
    pub fn label(self) -> &'static str {
        match self {
            Self::Document => "the document begins",
            Self::PageCount => "as many pages as wanted",
            Self::Range => "a range begins",
            Self::Blank => "after a blank page",
            Self::Separator => "after a separator",
            Self::Bookmark => "a bookmark leads here",
            Self::Size => "another page size",
            Self::Orientation => "another orientation",
            Self::PageNumbers => "page numbers begin anew",
            Self::FirstLine => "the first line matches",
            Self::Bytes => "as large as wanted",
            Self::Hand => "cut by hand",
            Self::Pile => "another pile",
        }
    }
}

/// Why a page is in no part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExclusionReason {
    /// It is blank.
    Blank,
    /// It is a separator sheet.
    Separator,
    /// It is in none of the ranges that were given.
    OutsideRanges,
    /// A person left it out.
    Hand,
    /// A person rejected it.
    Rejected,
}

impl ExclusionReason {
    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Blank => "blank",
            Self::Separator => "a separator",
            Self::OutsideRanges => "in none of the ranges",
            Self::Hand => "left out by hand",
            Self::Rejected => "rejected",
        }
    }
}

/// A part as planned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedPart {
    /// The name that a person gave it; none: the template names it.
    pub name: Option<String>,
    /// What it is about, where a rule found that: a bookmark's title.
    pub title: Option<String>,
    /// What the separator sheet before it says, where a rule cut there.
    #[serde(default)]
    pub barcode: Option<String>,
    /// The pile that it is put on: a folder of that name at the destination.
    #[serde(default)]
    pub pile: Option<String>,
    /// Why it begins where it does.
    pub reason: CutReason,
    /// Its pages in order.
    pub pages: Vec<PlannedPage>,
}

impl PlannedPart {
    /// A part that nothing is known of but its pages and why it begins.
    pub fn new(reason: CutReason, pages: Vec<PlannedPage>) -> Self {
        Self {
            name: None,
            title: None,
            barcode: None,
            pile: None,
            reason,
            pages,
        }
    }
}

/// A page that is in no part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExcludedPage {
    /// Which page.
    pub page: PageId,
    /// Why.
    pub reason: ExclusionReason,
}

/// What becomes of pages when they are split.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitPlan {
    /// Parts in order.
    pub parts: Vec<PlannedPart>,
    /// Pages that are in none.
    pub excluded: Vec<ExcludedPage>,
}

impl SplitPlan {
    /// Adds another plan at the end.
    pub fn extend(&mut self, other: Self) {
        self.parts.extend(other.parts);
        self.excluded.extend(other.excluded);
    }

    /// Number of pages, those of parts and those left out.
    pub fn page_count(&self) -> usize {
        let kept: usize = self.parts.iter().map(|part| part.pages.len()).sum();
        kept + self.excluded.len()
    }
}
