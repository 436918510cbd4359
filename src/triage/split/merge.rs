//! Putting documents together: which pages of which inputs, one input after the other
//! or page by page in turn. Pure but for whether a file is there. Not for writing the
//! result (`export`).

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::facts::{Gathered, SplitDocument};
use super::naming::counted;
use super::ranges::{PageRange, parse_ranges};
use crate::model::{
    CutReason, DocumentId, ExcludedPage, ExclusionReason, PlannedPage, PlannedPart, SplitPlan,
};
use crate::triage::intake;

/// One input: a file, folder or archive, and which pages of each of its documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeInput {
    /// The file, folder or archive.
    pub path: PathBuf,
    /// Its pages in this order.
    pub ranges: Vec<PageRange>,
}

/// What is put together.
pub struct Merged {
    /// The pages, in order, and those that no range names.
    pub plan: SplitPlan,
    /// The documents that they come from; one that is named twice is there twice.
    pub documents: Vec<SplitDocument>,
    /// What is not as the inputs say, for people.
    pub problems: Vec<String>,
}

/// How the pages of two inputs are put together in turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interleave {
    /// The second input was scanned from its last page to its first.
    pub reverse_second: bool,
}

impl MergeInput {
    /// Reads `FILE` or `FILE:RANGES`. A file whose own name ends like that wins.
    pub fn parse(argument: &Path) -> Result<Self, String> {
        // A link that leads nowhere is there: it says why it cannot be read.
        let is_there = |path: &Path| path.symlink_metadata().is_ok();
        if is_there(argument) {
            return Ok(Self {
                path: argument.to_owned(),
                ranges: vec![PageRange::ALL],
            });
        }
        match at_last_colon(argument) {
            Some((path, ranges)) if is_there(&path) => match parse_ranges(&ranges) {
                Ok(ranges) => Ok(Self { path, ranges }),
                Err(problem) => Err(format!("{}: {problem}", path.display())),
            },
            _ => Err(format!("{} is not there", argument.display())),
        }
    }

    /// Whether a document was found in this input.
    fn holds(&self, document: &SplitDocument) -> bool {
        let roots = intake::absolute(std::slice::from_ref(&self.path));
        let file = document.source.opening.source.file();
        roots.iter().any(|root| file.starts_with(root))
    }
}

/// Paths need not be Unicode.
#[cfg(unix)]
fn at_last_colon(argument: &Path) -> Option<(PathBuf, String)> {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let bytes = argument.as_os_str().as_bytes();
    let at = bytes.iter().rposition(|byte| *byte == b':')?;
    let ranges = std::str::from_utf8(&bytes[at + 1..]).ok()?;
    Some((OsStr::from_bytes(&bytes[..at]).into(), ranges.to_owned()))
}

#[cfg(not(unix))]
fn at_last_colon(argument: &Path) -> Option<(PathBuf, String)> {
    let (path, ranges) = argument.to_str()?.rsplit_once(':')?;
    Some((path.into(), ranges.to_owned()))
}

/// Says which pages follow each other. `gathered` has the documents of all inputs.
pub fn merge(
    inputs: &[MergeInput],
    gathered: &Gathered,
    interleave: Option<Interleave>,
) -> Result<Merged, String> {
    let mut documents: Vec<SplitDocument> = Vec::new();
    let mut stacks: Vec<Vec<PlannedPage>> = Vec::new();
    let mut problems = Vec::new();
    let mut excluded = Vec::new();
    for input in inputs {
        let mut stack = Vec::new();
        let found = gathered.documents.iter().filter(|found| input.holds(found));
        for document in found {
            // Each time it is named it is a document of its own.
            let id = DocumentId(i64::try_from(documents.len()).unwrap_or(i64::MAX));
            let mut document = document.clone();
            document.facts.document = id;
            document.source.opening.document = id;
            let count = document.facts.page_count();
            problems.extend(beyond(&input.ranges, &document.name, count));
            let pages = input.ranges.iter().flat_map(|range| range.pages(count));
            let pages: Vec<u32> = pages.collect();
            let taken: HashSet<u32> = pages.iter().copied().collect();
            let not_taken = (1..=count).filter(|number| !taken.contains(number));
            excluded.extend(not_taken.map(|number| ExcludedPage {
                page: document.facts.page(number),
                reason: ExclusionReason::OutsideRanges,
            }));
            let pages = pages.into_iter();
            stack.extend(pages.map(|number| PlannedPage::from(document.facts.page(number))));
            documents.push(document);
        }
        if stack.is_empty() {
            return Err(format!(
                "{}: there is no page to take",
                input.path.display()
            ));
        }
        stacks.push(stack);
    }
    let pages = match (interleave, stacks.as_mut_slice()) {
        (None, stacks) => stacks.concat(),
        (Some(Interleave { reverse_second }), [first, second]) => {
            if reverse_second {
                second.reverse();
            }
            if first.len() != second.len() {
                problems.push(format!(
                    "the first input has {}, the second {}: those that have no counterpart are \
                     at the end",
                    counted(first.len(), "page", "pages"),
                    counted(second.len(), "page", "pages"),
                ));
            }
            in_turn(first, second)
        }
        (Some(_), stacks) => {
            return Err(format!(
                "two inputs can be put together in turn, not {}",
                stacks.len()
            ));
        }
    };
    Ok(Merged {
        plan: SplitPlan {
            parts: vec![PlannedPart::new(CutReason::Hand, pages)],
            excluded,
        },
        documents,
        problems,
    })
}

fn in_turn(first: &[PlannedPage], second: &[PlannedPage]) -> Vec<PlannedPage> {
    let longest = first.len().max(second.len());
    let turns = (0..longest).flat_map(|at| [first.get(at), second.get(at)]);
    turns.flatten().copied().collect()
}

/// Says which ranges name pages that a document does not have.
pub fn beyond(ranges: &[PageRange], name: &str, count: u32) -> Option<String> {
    let beyond: Vec<String> = ranges
        .iter()
        .filter(|range| range.is_beyond(count))
        .map(PageRange::to_string)
        .collect();
    let pages = counted(count as usize, "page", "pages");
    (!beyond.is_empty()).then(|| {
        format!(
            "{name} has {pages}: {} goes beyond its end",
            beyond.join(",")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_whose_name_ends_like_a_range_wins() {
        let place = tempfile::tempdir().unwrap();
        let (plain, odd) = (place.path().join("a.pdf"), place.path().join("a.pdf:1-3"));
        std::fs::write(&plain, "").unwrap();
        let parsed = MergeInput::parse(&odd).unwrap();
        assert_eq!((&parsed.path, parsed.ranges.len()), (&plain, 1));
        assert!(
            MergeInput::parse(&place.path().join("a.pdf:x"))
                .unwrap_err()
                .contains("range")
        );
        assert!(MergeInput::parse(&place.path().join("b.pdf:1")).is_err());
        std::fs::write(&odd, "").unwrap();
        let parsed = MergeInput::parse(&odd).unwrap();
        assert_eq!((&parsed.path, parsed.ranges), (&odd, vec![PageRange::ALL]));
    }

    #[test]
    fn pages_are_taken_in_turn() {
        let page = |number| {
            let document = DocumentId(1);
            PlannedPage::from(crate::model::PageId { document, number })
        };
        let pages = in_turn(&[page(1), page(3), page(5)], &[page(2)]);
        let numbers: Vec<u32> = pages.iter().map(|page| page.page.number).collect();
        assert_eq!(numbers, [1, 2, 3, 5]);
    }

    #[test]
    fn ranges_beyond_the_end_are_named() {
        let ranges = parse_ranges("1-2,2-9,7").unwrap();
        let said = beyond(&ranges, "a.pdf", 4).unwrap();
        assert_eq!(said, "a.pdf has 4 pages: 2-9,7 goes beyond its end");
        assert_eq!(beyond(&ranges[..1], "a.pdf", 4), None);
    }
}
