//! Rules for where to cut. They only propose: a plan is for people to see and
//! edit before anything is written. Pure; what rules look at is gathered before
//! (`facts`).

use std::collections::BTreeSet;

use regex::Regex;

use super::facts::DocumentFacts;
use crate::model::{CutReason, ExcludedPage, ExclusionReason, PageShape, PlannedPart, SplitPlan};

/// Sizes that differ by less than this, in points, are the same: scanners and
/// printers round. 3 mm.
const SAME_SIZE: f32 = 8.5;

/// What becomes of pages between parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Between {
    /// They stay, at the end of the part before.
    Kept,
    /// They are left out.
    Dropped,
}

/// Where to cut. All rules that are set count together.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// After so many pages.
    pub every: Option<u32>,
    /// These pages, first and last, and no others.
    pub ranges: Vec<(u32, u32)>,
    /// At blank pages; several in a row are one cut.
    pub at_blank: Option<Between>,
    /// Pages with no more ink than this share of their area are blank.
    pub blank_ink: Option<f32>,
    /// At separator sheets: pages with a barcode that contains this text, in any
    /// case of letters. Several in a row are one cut.
    pub at_barcode: Option<(String, Between)>,
    /// At bookmarks of this level and those above.
    pub at_bookmark: Option<u32>,
    /// Where the page size changes.
    pub at_size: bool,
    /// Where pages lie the other way.
    pub at_orientation: bool,
    /// Where page numbers begin anew, printed ones or those that viewers show.
    pub at_page_numbers: bool,
    /// Where the first line of text matches.
    pub at_first_line: Option<Regex>,
    /// Where a part would grow larger than this, in bytes.
    pub max_bytes: Option<u64>,
}

/// Share of ink below which a page counts as blank unless a rule says otherwise:
/// dust and a punched hole are less, a page number is more.
pub const BLANK_INK: f32 = 0.001;

impl Rules {
    /// A rule looks at what is drawn.
    pub fn need_ink(&self) -> bool {
        self.at_blank.is_some()
    }

    /// A rule looks at barcodes.
    pub fn need_barcodes(&self) -> bool {
        self.at_barcode.is_some()
    }

    /// A rule looks at text.
    pub fn need_text(&self) -> bool {
        self.at_first_line.is_some()
    }

    /// A rule looks at what is measured on pages.
    pub fn need_measurements(&self) -> bool {
        self.need_ink() || self.need_text() || self.at_page_numbers
    }

    /// A rule looks at bookmarks or page numbers.
    pub fn need_navigation(&self) -> bool {
        self.at_bookmark.is_some() || self.at_page_numbers
    }
}

/// Proposes how to split one document, but for its size in bytes.
pub fn propose(facts: &DocumentFacts, rules: &Rules) -> SplitPlan {
    if rules.ranges.is_empty() {
        return stretch(facts, rules, 1, facts.page_count(), CutReason::Document);
    }
    let mut plan = SplitPlan::default();
    let mut outside: Vec<bool> = vec![true; facts.pages.len()];
    for &(first, last) in &rules.ranges {
        let last = last.min(facts.page_count());
        for page in first..=last {
            outside[page as usize - 1] = false;
        }
        plan.extend(stretch(facts, rules, first, last, CutReason::Range));
    }
    let left_out = (1..).zip(outside).filter(|(_, outside)| *outside);
    plan.excluded
        .extend(left_out.map(|(number, _)| ExcludedPage {
            page: facts.page(number),
            reason: ExclusionReason::OutsideRanges,
        }));
    plan
}

/// Proposes cuts within a stretch of pages.
fn stretch(
    facts: &DocumentFacts,
    rules: &Rules,
    first: u32,
    last: u32,
    begins: CutReason,
) -> SplitPlan {
    let mut plan = SplitPlan::default();
    let mut open: Option<PlannedPart> = None;
    let mut pending = Some(begins);
    let mut before: Option<PageShape> = None;
    let mut separator = None;
    let restarts = match rules.at_page_numbers {
        true => facts.number_restarts(),
        false => BTreeSet::new(),
    };
    for number in first..=last {
        let page = facts.page(number);
        if let Some((between, reason, exclusion)) = between(facts, rules, number) {
            separator = barcode(facts, rules, number).or(separator);
            match (between, &mut open) {
                (Between::Kept, Some(part)) => part.pages.push(page.into()),
                (Between::Kept, None) => {
                    let reason = pending.take().unwrap_or(begins);
                    open = Some(PlannedPart::new(reason, vec![page.into()]));
                }
                (Between::Dropped, _) => plan.excluded.push(ExcludedPage {
                    page,
                    reason: exclusion,
                }),
            }
            pending = Some(pending.take().unwrap_or(reason));
            before = None;
            continue;
        }
        let shape = facts.pages[number as usize - 1].shape;
        let full = open.as_ref().is_some_and(|part| {
            rules
                .every
                .is_some_and(|every| part.pages.len() >= every.max(1) as usize)
        });
        let title = bookmark(facts, rules, number);
        let found = if title.is_some() {
            Some(CutReason::Bookmark)
        } else if restarts.contains(&number) {
            Some(CutReason::PageNumbers)
        } else if matches_first_line(facts, rules, number) {
            Some(CutReason::FirstLine)
        } else if rules.at_size && before.is_some_and(|before| other_size(before, shape)) {
            Some(CutReason::Size)
        } else if rules.at_orientation && before.is_some_and(|b| is_wide(b) != is_wide(shape)) {
            Some(CutReason::Orientation)
        } else {
            full.then_some(CutReason::PageCount)
        };
        before = Some(shape);
        match (pending.take().or(found), &mut open) {
            (None, Some(part)) => part.pages.push(page.into()),
            (reason, _) => {
                plan.parts.extend(open.take());
                open = Some(PlannedPart {
                    title,
                    barcode: separator.take().map(str::to_owned),
                    ..PlannedPart::new(reason.unwrap_or(begins), vec![page.into()])
                });
            }
        }
    }
    plan.parts.extend(open);
    plan
}

/// What becomes of a page that lies between parts, and why; none for others.
fn between(
    facts: &DocumentFacts,
    rules: &Rules,
    number: u32,
) -> Option<(Between, CutReason, ExclusionReason)> {
    if let Some((_, between)) = &rules.at_barcode
        && barcode(facts, rules, number).is_some()
    {
        return Some((*between, CutReason::Separator, ExclusionReason::Separator));
    }
    let between = rules.at_blank.filter(|_| is_blank(facts, rules, number))?;
    Some((between, CutReason::Blank, ExclusionReason::Blank))
}

/// What the barcode says that makes a page a separator sheet.
fn barcode<'a>(facts: &'a DocumentFacts, rules: &Rules, number: u32) -> Option<&'a str> {
    let (text, _) = rules.at_barcode.as_ref()?;
    let wanted = text.to_lowercase();
    let mut barcodes = facts.pages[number as usize - 1].barcodes.iter();
    let found = barcodes.find(|found| found.to_lowercase().contains(&wanted))?;
    Some(found)
}

fn is_blank(facts: &DocumentFacts, rules: &Rules, number: u32) -> bool {
    let most = rules.blank_ink.unwrap_or(BLANK_INK);
    let ink = facts.pages[number as usize - 1].ink;
    ink.is_some_and(|ink| ink <= most)
}

/// The title of the first bookmark that leads to a page.
fn bookmark(facts: &DocumentFacts, rules: &Rules, number: u32) -> Option<String> {
    let deepest = rules.at_bookmark?;
    let mut bookmarks = facts.bookmarks.iter();
    let found = bookmarks.find(|b| b.page == number && b.level <= deepest)?;
    Some(found.title.clone())
}

fn matches_first_line(facts: &DocumentFacts, rules: &Rules, number: u32) -> bool {
    let line = facts.pages[number as usize - 1].first_line.as_deref();
    match (&rules.at_first_line, line) {
        (Some(pattern), Some(line)) => pattern.is_match(line),
        _ => false,
    }
}

/// A page that is only turned has the same size.
fn other_size(a: PageShape, b: PageShape) -> bool {
    let sides = |shape: PageShape| {
        let (w, h) = (shape.width, shape.height);
        (w.min(h), w.max(h))
    };
    let (a, b) = (sides(a), sides(b));
    (a.0 - b.0).abs() > SAME_SIZE || (a.1 - b.1).abs() > SAME_SIZE
}

fn is_wide(shape: PageShape) -> bool {
    shape.width > shape.height
}

/// Reads ranges such as `1-3,7,12-`; an open end is the last page.
pub fn parse_ranges(text: &str) -> Result<Vec<(u32, u32)>, String> {
    text.split(',')
        .map(|range| {
            let range = range.trim();
            let number = |text: &str| match text.trim().parse::<u32>() {
                Ok(number) if number > 0 => Ok(number),
                _ => Err(format!("\"{range}\" is no range: write 3, 1-3 or 7-")),
            };
            let (first, last) = match range.split_once('-') {
                None => (number(range)?, number(range)?),
                Some((first, "")) => (number(first)?, u32::MAX),
                Some((first, last)) => (number(first)?, number(last)?),
            };
            if first > last {
                return Err(format!("\"{range}\" ends before it begins"));
            }
            Ok((first, last))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::facts::PageFacts;
    use super::*;
    use crate::model::DocumentId;
    use crate::worker::Bookmark;
    use proptest::prelude::*;

    const A4: PageShape = PageShape {
        width: 595.0,
        height: 842.0,
        rotation: 0,
    };

    fn facts(inks: &[f32]) -> DocumentFacts {
        DocumentFacts {
            document: DocumentId(1),
            pages: inks
                .iter()
                .map(|ink| PageFacts {
                    shape: A4,
                    ink: Some(*ink),
                    first_line: None,
                    printed: None,
                    barcodes: vec![],
                })
                .collect(),
            bookmarks: vec![],
            label_restarts: vec![],
            signed: false,
        }
    }

    fn numbers(plan: &SplitPlan) -> Vec<Vec<u32>> {
        let pages = |part: &PlannedPart| part.pages.iter().map(|p| p.page.number).collect();
        plan.parts.iter().map(pages).collect()
    }

    #[test]
    fn without_rules_a_document_stays_whole() {
        let plan = propose(&facts(&[0.1; 3]), &Rules::default());
        assert_eq!(numbers(&plan), [[1, 2, 3]]);
    }

    #[test]
    fn parts_have_as_many_pages_as_wanted() {
        let rules = Rules {
            every: Some(2),
            ..Rules::default()
        };
        let plan = propose(&facts(&[0.1; 5]), &rules);
        assert_eq!(numbers(&plan), [vec![1, 2], vec![3, 4], vec![5]]);
    }

    #[test]
    fn blank_pages_in_a_row_are_one_cut() {
        let facts = facts(&[0.0, 0.1, 0.0, 0.0, 0.1, 0.1, 0.0]);
        let mut rules = Rules {
            at_blank: Some(Between::Dropped),
            ..Rules::default()
        };
        let plan = propose(&facts, &rules);
        assert_eq!(numbers(&plan), [vec![2], vec![5, 6]]);
        let dropped: Vec<u32> = plan.excluded.iter().map(|e| e.page.number).collect();
        assert_eq!(dropped, [1, 3, 4, 7]);
        rules.at_blank = Some(Between::Kept);
        let plan = propose(&facts, &rules);
        assert_eq!(numbers(&plan), [vec![1], vec![2, 3, 4], vec![5, 6, 7]]);
    }

    #[test]
    fn separators_in_a_row_are_one_cut_whatever_else_they_carry() {
        let mut facts = facts(&[0.1; 6]);
        for page in [1, 2, 4] {
            facts.pages[page].barcodes = vec!["*PatchT*".into()];
        }
        facts.pages[5].barcodes = vec!["4006381333931".into()];
        let rules = Rules {
            at_barcode: Some(("PATCHT".into(), Between::Dropped)),
            ..Rules::default()
        };
        let plan = propose(&facts, &rules);
        assert_eq!(numbers(&plan), [[1], [4], [6]]);
        assert_eq!(plan.parts[1].reason, CutReason::Separator);
        assert_eq!(plan.parts[0].barcode, None);
        assert_eq!(plan.parts[1].barcode.as_deref(), Some("*PatchT*"));
        assert_eq!(plan.excluded.len(), 3);
    }

    #[test]
    fn ranges_are_parts_and_the_rest_is_accounted_for() {
        let rules = Rules {
            ranges: parse_ranges("2-3,5-").unwrap(),
            every: Some(2),
            ..Rules::default()
        };
        let plan = propose(&facts(&[0.1; 7]), &rules);
        assert_eq!(numbers(&plan), [vec![2, 3], vec![5, 6], vec![7]]);
        assert_eq!(plan.page_count(), 7);
    }

    #[test]
    fn bookmarks_name_parts() {
        let mut facts = facts(&[0.1; 4]);
        facts.bookmarks = vec![
            Bookmark {
                level: 1,
                title: "One".into(),
                page: 1,
            },
            Bookmark {
                level: 2,
                title: "Inner".into(),
                page: 2,
            },
            Bookmark {
                level: 1,
                title: "Two".into(),
                page: 3,
            },
        ];
        let rules = Rules {
            at_bookmark: Some(1),
            ..Rules::default()
        };
        let plan = propose(&facts, &rules);
        assert_eq!(numbers(&plan), [[1, 2], [3, 4]]);
        let titles: Vec<_> = plan.parts.iter().map(|p| p.title.as_deref()).collect();
        assert_eq!(titles, [Some("One"), Some("Two")]);
    }

    #[test]
    fn changes_of_size_and_orientation_cut() {
        let mut facts = facts(&[0.1; 4]);
        facts.pages[1].shape = PageShape {
            width: 842.0,
            height: 595.0,
            rotation: 0,
        };
        facts.pages[2].shape = PageShape {
            width: 1191.0,
            height: 842.0,
            rotation: 0,
        };
        facts.pages[3].shape = facts.pages[2].shape;
        let size = Rules {
            at_size: true,
            ..Rules::default()
        };
        assert_eq!(numbers(&propose(&facts, &size)), [[1, 2], [3, 4]]);
        let orientation = Rules {
            at_orientation: true,
            ..Rules::default()
        };
        let plan = propose(&facts, &orientation);
        assert_eq!(numbers(&plan), [vec![1], vec![2, 3, 4]]);
    }

    #[test]
    fn ranges_that_make_no_sense_are_refused() {
        for text in ["", "0", "3-1", "a", "1-b", "1--2"] {
            assert!(parse_ranges(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_page_is_accounted_for_exactly_once(
            inks in prop::collection::vec(prop_oneof![Just(0.0f32), Just(0.2)], 1..60),
            every in prop::option::of(1u32..9),
            blank in prop::option::of(prop_oneof![Just(Between::Kept), Just(Between::Dropped)]),
            ranges in prop::collection::vec((1u32..30, 0u32..10), 0..4),
        ) {
            // Ranges that overlap put a page into several parts, as asked.
            let mut next = 1;
            let ranges: Vec<_> = ranges.into_iter().map(|(gap, more)| {
                let first = next + gap;
                next = first + more + 1;
                (first, first + more)
            }).collect();
            let count = inks.len();
            let rules = Rules { every, at_blank: blank, ranges, ..Rules::default() };
            let plan = propose(&facts(&inks), &rules);
            let mut pages: Vec<u32> = numbers(&plan).concat();
            pages.extend(plan.excluded.iter().map(|e| e.page.number));
            pages.sort();
            prop_assert_eq!(pages, (1..=count as u32).collect::<Vec<_>>());
            prop_assert!(plan.parts.iter().all(|part| !part.pages.is_empty()));
        }
    }
}
