//! What external analysers are to look at, and how their findings are told. Not for
//! queueing that (`scheduler`) or for running them (`triage::external`).

use std::collections::HashSet;

use super::super::analysers::Analysers;
use super::super::command::Scope;
use super::super::event::Event;
use super::super::external::not_found;
use super::super::open_batch::OpenBatch;
use crate::analysis::{Thresholds, judge, printed_number};
use crate::library::{Library, LibraryError, Reader};
use crate::model::{Analyser, AnalyserPages, Finding, FindingId, Page, PageId, PrintedNumber};

/// The page of a finding, with the number that is printed on it by what the analyser
/// read.
pub fn number_read(finding: &Finding) -> Option<(PageId, PrintedNumber)> {
    let page = PageId {
        document: finding.id.document,
        number: finding.id.page?,
    };
    let text = finding.result.as_ref().ok()?.text.as_deref()?;
    Some((page, printed_number(text)?))
}

/// The number that analysers have read on a page before, if any has.
pub fn number_read_before(reader: &Reader, page: PageId) -> Option<PrintedNumber> {
    // What cannot be read now is read when an analyser looks again.
    let texts = reader.texts_read(page).ok()?;
    texts.iter().find_map(|text| printed_number(text))
}

/// A finding for lists: texts and words are asked for page by page.
pub fn without_text(mut finding: Finding) -> Finding {
    if let Ok(found) = &mut finding.result {
        found.text = None;
        found.words.clear();
    }
    finding
}

/// Which analysers there are, for the face, and what is wrong with the user's own.
pub fn told(analysers: &Analysers) -> Vec<Event> {
    let problem = analysers.problem().map(|problem| {
        Event::Trouble(format!(
            "Your own analysers are left out until their file is mended and Pagesieve is \
             started again. {problem}"
        ))
    });
    let known = Event::Analysers(analysers.iter().cloned().collect());
    problem.into_iter().chain([known]).collect()
}

/// What an analyser is to look at.
pub fn wanted(
    reader: &Reader,
    open: &OpenBatch,
    analyser: &Analyser,
    scope: &Scope,
) -> Result<Vec<FindingId>, LibraryError> {
    let batch = open.batch.id;
    if matches!(scope, Scope::Failed(_)) {
        let findings = reader.findings(batch)?.into_iter();
        let failed = findings
            .filter(|finding| finding.id.analyser == analyser.name && finding.problem().is_some());
        return Ok(failed.map(|finding| finding.id).collect());
    }
    let id = |document, page| FindingId {
        document,
        page,
        analyser: analyser.name.clone(),
    };
    if analyser.input.is_page() {
        let thresholds = reader.thresholds(batch)?;
        let named: HashSet<PageId> = match scope {
            Scope::Pages(pages) => pages.iter().copied().collect(),
            _ => HashSet::new(),
        };
        let pages = open.documents.keys().flat_map(|id| open.pages.of(*id));
        let measured = pages.filter(|page| page.measurements.is_some());
        let wanted = measured.filter(|page| match scope {
            Scope::Pages(_) => named.contains(&page.id),
            Scope::Documents(wanted) => {
                wanted.contains(&page.id.document) && is_for(analyser, page, &thresholds)
            }
            Scope::All | Scope::Failed(_) => is_for(analyser, page, &thresholds),
        });
        return Ok(wanted
            .map(|page| id(page.id.document, Some(page.id.number)))
            .collect());
    }
    let documents = open.documents.values();
    let opened = documents.filter(|document| document.status.is_opened());
    let wanted = opened.filter(|document| match scope {
        Scope::Documents(wanted) => wanted.contains(&document.id),
        Scope::Pages(wanted) => wanted.iter().any(|page| page.document == document.id),
        Scope::All | Scope::Failed(_) => true,
    });
    Ok(wanted.map(|document| id(document.id, None)).collect())
}

/// It is declared for such pages.
fn is_for(analyser: &Analyser, page: &Page, thresholds: &Thresholds) -> bool {
    match analyser.pages {
        AnalyserPages::All => true,
        AnalyserPages::NeedOcr => judge(page, thresholds).needs_recognition(),
    }
}

/// Notes what is to be looked at. What is new of it: what waits already is queued already.
pub fn begin(
    library: &mut Library,
    open: &mut OpenBatch,
    wanted: Vec<FindingId>,
) -> Result<Vec<FindingId>, LibraryError> {
    let new = wanted.into_iter();
    let new: Vec<FindingId> = new.filter(|id| !open.unanalysed.contains(id)).collect();
    library.write(|writer| writer.begin_findings(&new))?;
    open.unanalysed.extend(new.iter().cloned());
    Ok(new)
}

/// Forgets what waits for analysers that are no longer declared: nobody would
/// ever look at it.
pub fn drop_undeclared(
    library: &mut Library,
    open: &mut OpenBatch,
    analysers: &Analysers,
) -> Result<(), LibraryError> {
    let reason = match analysers.problem() {
        Some(problem) => format!("its declaration cannot be read: {problem}"),
        None => "the analyser is no longer declared".to_owned(),
    };
    let waiting = open.unanalysed.iter();
    let gone: Vec<Finding> = waiting
        .filter(|id| analysers.get(&id.analyser).is_none())
        .map(|id| not_found(id.clone(), reason.clone()))
        .collect();
    if gone.is_empty() {
        return Ok(());
    }
    library.write(|writer| {
        for finding in &gone {
            writer.found(finding)?;
        }
        Ok(())
    })?;
    for finding in gone {
        open.unanalysed.remove(&finding.id);
    }
    Ok(())
}
