//! Rules for where to cut. They only propose: a plan is for people to see and
//! edit before anything is written. Pure; what rules look at is gathered before
//! (`facts`).

use std::collections::BTreeSet;

use super::facts::{DocumentFacts, PageFacts};
use super::pattern::LinePattern;
use super::ranges::PageRange;
use crate::analysis::is_separator_code;
use crate::model::{
    CutReason, ExcludedPage, ExclusionReason, PageShape, PlannedPage, PlannedPart, SplitPlan,
};

/// What becomes of pages between parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Between {
    /// They stay, at the end of the part before.
    Kept,
    /// They are left out.
    #[default]
    Dropped,
}

impl Between {
    /// Kept, or else dropped.
    pub fn kept(kept: bool) -> Self {
        if kept { Self::Kept } else { Self::Dropped }
    }
}

/// Where to cut. All rules that are set count together.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// After so many pages.
    pub every: Option<u32>,
    /// These pages, each range a part, and no others.
    pub ranges: Vec<PageRange>,
    /// At pages that are judged blank; several in a row are one cut.
    pub at_blank: Option<Between>,
    /// At what is judged a separator sheet. Several in a row are one cut.
    pub at_separator: bool,
    /// At barcodes that contain this text, in any case of letters. A sheet that has
    /// hardly more than that is a separator sheet; any other page begins a part.
    pub at_barcode: Option<String>,
    /// What becomes of separator sheets.
    pub separators: Between,
    /// At bookmarks of this level and those above.
    pub at_bookmark: Option<u32>,
    /// Where the page size changes.
    pub at_size: bool,
    /// Where pages lie the other way.
    pub at_orientation: bool,
    /// Where page numbers begin anew, printed ones or those that viewers show.
    pub at_page_numbers: bool,
    /// Where the top line of text matches.
    pub at_top_line: Option<LinePattern>,
    /// Pages whose fronts were scanned before their backs, or the last of which was scanned
    /// first, are put in the order in which they are read; not where ranges say which pages
    /// follow each other.
    pub in_reading_order: bool,
    /// Pages that lie sideways or upside down are turned upright.
    pub upright: bool,
    /// As people decided: what they rejected is left out, what they kept is not, whatever other
    /// rules say, and where the pile changes a part begins that goes there.
    pub as_decided: bool,
    /// Where a part would grow larger than this, in bytes.
    pub max_bytes: Option<u64>,
}

impl Rules {
    /// A rule looks at barcodes.
    pub fn need_barcodes(&self) -> bool {
        self.at_separator || self.at_barcode.is_some()
    }

    /// A rule looks at text.
    pub fn need_text(&self) -> bool {
        self.at_top_line.is_some()
    }

    /// A rule looks at what is measured on pages.
    pub fn need_measurements(&self) -> bool {
        self.at_blank.is_some()
            || self.need_barcodes()
            || self.at_page_numbers
            || self.in_reading_order
            || self.upright
    }

    /// A rule looks at bookmarks or page numbers.
    pub fn need_navigation(&self) -> bool {
        self.at_bookmark.is_some() || self.at_page_numbers
    }
}

/// Proposes how to split one document, but for its size in bytes.
pub fn propose(facts: &DocumentFacts, rules: &Rules) -> SplitPlan {
    let count = facts.page_count();
    if rules.ranges.is_empty() {
        let order = rules
            .in_reading_order
            .then(|| facts.reading_order(|page| is_separator(page, rules)));
        let all = order.flatten().unwrap_or_else(|| (1..=count).collect());
        return stretch(facts, rules, &all, CutReason::Document);
    }
    let mut plan = SplitPlan::default();
    let mut outside: BTreeSet<u32> = (1..=count).collect();
    for range in &rules.ranges {
        let pages = range.pages(count);
        for page in &pages {
            outside.remove(page);
        }
        plan.extend(stretch(facts, rules, &pages, CutReason::Range));
    }
    let left_out = outside.into_iter().map(|number| ExcludedPage {
        page: facts.page(number),
        reason: ExclusionReason::OutsideRanges,
    });
    plan.excluded.extend(left_out);
    plan
}

/// Proposes cuts within a stretch of pages.
fn stretch(facts: &DocumentFacts, rules: &Rules, pages: &[u32], begins: CutReason) -> SplitPlan {
    let mut plan = SplitPlan::default();
    let mut open: Option<PlannedPart> = None;
    let mut pending = Some(begins);
    let mut before: Option<PageShape> = None;
    let mut separator = None;
    // Out of their order numbers begin anew all the time.
    let restarts = match rules.at_page_numbers && pages.is_sorted() {
        true => facts.number_restarts(|page| is_separator(page, rules)),
        false => BTreeSet::new(),
    };
    for &number in pages {
        let page = facts.page(number);
        let decided = rules.as_decided.then(|| &facts.pages[number as usize - 1]);
        if decided.is_some_and(|page| page.rejected) {
            plan.excluded.push(ExcludedPage {
                page,
                reason: ExclusionReason::Rejected,
            });
            continue;
        }
        let pile = decided.and_then(|page| page.pile.as_ref());
        let code = separator_code(facts, rules, number);
        let is_elsewhere = open.as_ref().is_some_and(|part| part.pile.as_ref() != pile);
        if let Some((between, reason, exclusion)) = between(facts, rules, number) {
            separator = code.or(separator);
            let between = match decided.is_some_and(|page| page.kept) {
                true => Between::Kept,
                false => between,
            };
            match (between, &mut open) {
                (Between::Kept, Some(part)) if !is_elsewhere => {
                    part.pages.push(planned(facts, rules, number));
                }
                (Between::Kept, _) => {
                    let moved = is_elsewhere.then_some(CutReason::Pile);
                    let reason = pending.take().or(moved).unwrap_or(begins);
                    plan.parts.extend(open.take());
                    open = Some(PlannedPart {
                        pile: pile.cloned(),
                        ..PlannedPart::new(reason, vec![planned(facts, rules, number)])
                    });
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
        separator = code.or(separator);
        let shape = facts.pages[number as usize - 1].shape;
        let full = open.as_ref().is_some_and(|part| {
            rules
                .every
                .is_some_and(|every| part.pages.len() >= every.max(1) as usize)
        });
        let title = bookmark(facts, rules, number);
        let found = if is_elsewhere {
            Some(CutReason::Pile)
        } else if title.is_some() {
            Some(CutReason::Bookmark)
        } else if code.is_some() {
            Some(CutReason::Separator)
        } else if restarts.contains(&number) {
            Some(CutReason::PageNumbers)
        } else if matches_top_line(facts, rules, number) {
            Some(CutReason::FirstLine)
        } else if rules.at_size && before.is_some_and(|before| !before.is_same_size(&shape)) {
            Some(CutReason::Size)
        } else if rules.at_orientation && before.is_some_and(|b| b.is_wide() != shape.is_wide()) {
            Some(CutReason::Orientation)
        } else {
            full.then_some(CutReason::PageCount)
        };
        before = Some(shape);
        match (pending.take().or(found), &mut open) {
            (None, Some(part)) => part.pages.push(planned(facts, rules, number)),
            (reason, _) => {
                plan.parts.extend(open.take());
                open = Some(PlannedPart {
                    title,
                    barcode: separator.take().map(str::to_owned),
                    pile: pile.cloned(),
                    ..PlannedPart::new(
                        reason.unwrap_or(begins),
                        vec![planned(facts, rules, number)],
                    )
                });
            }
        }
    }
    plan.parts.extend(open);
    plan
}

/// A page as it goes into a part.
fn planned(facts: &DocumentFacts, rules: &Rules, number: u32) -> PlannedPage {
    let turned = facts.pages[number as usize - 1].turned;
    let turned = turned.filter(|_| rules.upright).unwrap_or(0);
    PlannedPage {
        turn: (360 - turned) % 360,
        ..facts.page(number).into()
    }
}

/// What becomes of a page that lies between parts, and why; none for others.
fn between(
    facts: &DocumentFacts,
    rules: &Rules,
    number: u32,
) -> Option<(Between, CutReason, ExclusionReason)> {
    let page = &facts.pages[number as usize - 1];
    if is_separator(page, rules) {
        let (cut, left_out) = (CutReason::Separator, ExclusionReason::Separator);
        return Some((rules.separators, cut, left_out));
    }
    let between = rules.at_blank.filter(|_| page.blank)?;
    Some((between, CutReason::Blank, ExclusionReason::Blank))
}

/// Whether a page is a sheet that only separates.
fn is_separator(page: &PageFacts, rules: &Rules) -> bool {
    let mut codes = page.codes.iter().flatten();
    codes.any(|code| code.sheet && separates(rules, &code.text))
}

/// What the barcode of a page says at which a rule cuts.
fn separator_code<'a>(facts: &'a DocumentFacts, rules: &Rules, number: u32) -> Option<&'a str> {
    let mut codes = facts.pages[number as usize - 1].codes.iter().flatten();
    let found = codes.find(|code| separates(rules, &code.text))?;
    Some(&found.text)
}

fn separates(rules: &Rules, text: &str) -> bool {
    let wanted = rules.at_barcode.as_ref();
    rules.at_separator && is_separator_code(text)
        || wanted.is_some_and(|wanted| text.to_lowercase().contains(&wanted.to_lowercase()))
}

/// The title of the first bookmark that leads to a page.
fn bookmark(facts: &DocumentFacts, rules: &Rules, number: u32) -> Option<String> {
    let deepest = rules.at_bookmark?;
    let mut bookmarks = facts.bookmarks.iter();
    let found = bookmarks.find(|b| b.page == number && b.level <= deepest)?;
    Some(found.title.clone())
}

fn matches_top_line(facts: &DocumentFacts, rules: &Rules, number: u32) -> bool {
    let line = facts.pages[number as usize - 1].top_line.as_deref();
    match (&rules.at_top_line, line) {
        (Some(pattern), Some(line)) => pattern.matches(line),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::facts::PageCode;
    use super::super::ranges::parse_ranges;
    use super::*;
    use crate::analysis::Thresholds;
    use crate::model::{DocumentId, PrintedNumber};
    use crate::worker::Bookmark;
    use proptest::prelude::*;

    const A4: PageShape = PageShape {
        width: 595.0,
        height: 842.0,
        rotation: 0,
    };

    const WRITTEN: bool = false;
    const BLANK: bool = true;

    fn facts(blank: &[bool]) -> DocumentFacts {
        let pages = blank.iter().map(|blank| PageFacts {
            blank: *blank,
            ..PageFacts::new(A4, None, &Thresholds::default())
        });
        DocumentFacts {
            document: DocumentId(1),
            pages: pages.collect(),
            bookmarks: vec![],
            label_restarts: vec![],
            signed: false,
        }
    }

    fn code(text: &str, sheet: bool) -> Option<Vec<PageCode>> {
        let text = text.to_owned();
        Some(vec![PageCode { text, sheet }])
    }

    fn numbers(plan: &SplitPlan) -> Vec<Vec<u32>> {
        let pages = |part: &PlannedPart| part.pages.iter().map(|p| p.page.number).collect();
        plan.parts.iter().map(pages).collect()
    }

    #[test]
    fn without_rules_a_document_stays_whole() {
        let plan = propose(&facts(&[WRITTEN; 3]), &Rules::default());
        assert_eq!(numbers(&plan), [[1, 2, 3]]);
    }

    #[test]
    fn parts_have_as_many_pages_as_wanted() {
        let rules = Rules {
            every: Some(2),
            ..Rules::default()
        };
        let plan = propose(&facts(&[WRITTEN; 5]), &rules);
        assert_eq!(numbers(&plan), [vec![1, 2], vec![3, 4], vec![5]]);
    }

    #[test]
    fn what_was_rejected_is_left_out_and_piles_become_parts() {
        let mut facts = facts(&[WRITTEN; 6]);
        facts.pages[1].rejected = true;
        for page in [2, 3] {
            facts.pages[page].pile = Some("Tax".into());
        }
        let mut rules = Rules {
            as_decided: true,
            ..Rules::default()
        };
        let plan = propose(&facts, &rules);
        assert_eq!(numbers(&plan), [vec![1], vec![3, 4], vec![5, 6]]);
        let piles: Vec<_> = plan.parts.iter().map(|part| part.pile.as_deref()).collect();
        assert_eq!(piles, [None, Some("Tax"), None]);
        assert_eq!(plan.excluded.len(), 1);
        assert_eq!(plan.excluded[0].reason, ExclusionReason::Rejected);
        rules.as_decided = false;
        assert_eq!(numbers(&propose(&facts, &rules)), [[1, 2, 3, 4, 5, 6]]);
    }

    #[test]
    fn what_a_person_kept_is_in_a_part_though_it_is_blank() {
        let mut facts = facts(&[WRITTEN, BLANK, WRITTEN, BLANK, WRITTEN, BLANK, WRITTEN]);
        facts.pages[1].kept = true;
        (facts.pages[3].kept, facts.pages[3].pile) = (true, Some("Tax".into()));
        let mut rules = Rules {
            at_blank: Some(Between::Dropped),
            as_decided: true,
            ..Rules::default()
        };
        let plan = propose(&facts, &rules);
        assert_eq!(
            numbers(&plan),
            [vec![1, 2], vec![3], vec![4], vec![5], vec![7]]
        );
        assert_eq!(plan.parts[2].pile.as_deref(), Some("Tax"));
        assert_eq!(plan.parts[2].reason, CutReason::Pile);
        assert_eq!(plan.excluded.len(), 1);
        rules.as_decided = false;
        let plan = propose(&facts, &rules);
        assert_eq!(numbers(&plan), [vec![1], vec![3], vec![5], vec![7]]);
    }

    #[test]
    fn stacks_are_put_in_order_and_turned_pages_upright() {
        let mut facts = facts(&[WRITTEN; 6]);
        for (page, number) in facts.pages.iter_mut().zip([1, 3, 5, 6, 4, 2]) {
            page.printed = Some(PrintedNumber {
                number,
                certain: true,
                ..PrintedNumber::default()
            });
        }
        facts.pages[1].turned = Some(90);
        facts.pages[2].turned = Some(0);
        let rules = Rules {
            in_reading_order: true,
            upright: true,
            at_page_numbers: true,
            every: Some(4),
            ..Rules::default()
        };
        let plan = propose(&facts, &rules);
        assert_eq!(numbers(&plan), [vec![1, 6, 2, 5], vec![3, 4]]);
        let turns: Vec<u16> = plan.parts[0].pages.iter().map(|page| page.turn).collect();
        assert_eq!(turns, [0, 0, 270, 0]);
        let as_it_lies = propose(&facts, &Rules::default());
        assert_eq!(numbers(&as_it_lies), [[1, 2, 3, 4, 5, 6]]);
        assert!(as_it_lies.parts[0].pages.iter().all(|page| page.turn == 0));
    }

    #[test]
    fn blank_pages_in_a_row_are_one_cut() {
        let facts = facts(&[BLANK, WRITTEN, BLANK, BLANK, WRITTEN, WRITTEN, BLANK]);
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
        let mut facts = facts(&[WRITTEN; 6]);
        for page in [1, 2, 4] {
            facts.pages[page].codes = code("*PatchT*", true);
        }
        facts.pages[5].codes = code("4006381333931", true);
        let rules = Rules {
            at_barcode: Some("PATCHT".into()),
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
    fn a_page_with_a_code_on_it_begins_a_part_and_is_no_sheet() {
        let mut facts = facts(&[WRITTEN; 5]);
        facts.pages[0].codes = code("PATCHT", false);
        facts.pages[2].codes = code("PATCHT", false);
        facts.pages[3].codes = code("_SEP", true);
        for rules in [
            Rules {
                at_separator: true,
                ..Rules::default()
            },
            Rules {
                at_separator: true,
                at_barcode: Some("ATCH".into()),
                ..Rules::default()
            },
        ] {
            let plan = propose(&facts, &rules);
            assert_eq!(numbers(&plan), [vec![1, 2], vec![3], vec![5]]);
            let codes: Vec<_> = plan
                .parts
                .iter()
                .map(|part| part.barcode.as_deref())
                .collect();
            assert_eq!(codes, [Some("PATCHT"), Some("PATCHT"), Some("_SEP")]);
            assert_eq!(plan.excluded.len(), 1);
        }
        let rules = Rules {
            at_separator: true,
            separators: Between::Kept,
            ..Rules::default()
        };
        assert_eq!(
            numbers(&propose(&facts, &rules)),
            [vec![1, 2], vec![3, 4], vec![5]]
        );
    }

    #[test]
    fn ranges_are_parts_and_the_rest_is_accounted_for() {
        let rules = Rules {
            ranges: parse_ranges("2-3,5-").unwrap(),
            every: Some(2),
            ..Rules::default()
        };
        let plan = propose(&facts(&[WRITTEN; 7]), &rules);
        assert_eq!(numbers(&plan), [vec![2, 3], vec![5, 6], vec![7]]);
        assert_eq!(plan.page_count(), 7);
        let rules = Rules {
            ranges: parse_ranges("last-3,odd").unwrap(),
            ..Rules::default()
        };
        let plan = propose(&facts(&[WRITTEN; 5]), &rules);
        assert_eq!(numbers(&plan), [[5, 4, 3], [1, 3, 5]]);
        let left_out: Vec<u32> = plan.excluded.iter().map(|e| e.page.number).collect();
        assert_eq!(left_out, [2]);
    }

    #[test]
    fn bookmarks_name_parts() {
        let mut facts = facts(&[WRITTEN; 4]);
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
        let mut facts = facts(&[WRITTEN; 4]);
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

    proptest! {
        #[test]
        fn every_page_is_accounted_for_exactly_once(
            blanks in prop::collection::vec(any::<bool>(), 1..60),
            every in prop::option::of(1u32..9),
            blank in prop::option::of(prop_oneof![Just(Between::Kept), Just(Between::Dropped)]),
            ranges in prop::collection::vec((1u32..30, 0u32..10), 0..4),
        ) {
            // Ranges that overlap put a page into several parts, as asked.
            let mut next = 1;
            let ranges: Vec<_> = ranges.into_iter().map(|(gap, more)| {
                let first = next + gap;
                next = first + more + 1;
                format!("{first}-{}", first + more)
            }).collect();
            let ranges = match ranges.as_slice() {
                [] => vec![],
                ranges => parse_ranges(&ranges.join(",")).unwrap(),
            };
            let count = blanks.len();
            let rules = Rules { every, at_blank: blank, ranges, ..Rules::default() };
            let plan = propose(&facts(&blanks), &rules);
            let mut pages: Vec<u32> = numbers(&plan).concat();
            pages.extend(plan.excluded.iter().map(|e| e.page.number));
            pages.sort();
            prop_assert_eq!(pages, (1..=count as u32).collect::<Vec<_>>());
            prop_assert!(plan.parts.iter().all(|part| !part.pages.is_empty()));
        }
    }
}
