//! Splitting: rules propose a plan, people edit it, and the export writes its
//! parts. Not for what a part holds (`pdf::extract`).

use crate::model::{DocumentId, SplitPlan};

mod export;
mod facts;
mod manifest;
mod naming;
mod rules;
mod sizes;
mod staging;

pub use export::{
    Export, ExportError, ExportOptions, ExportProgress, ExportReport, Outcome, PartResult,
};
pub use facts::{DocumentFacts, Gathered, PageFacts, SplitDocument, first_line, gather};
pub use naming::{Fields, Template, page_ranges};
pub use rules::{BLANK_INK, Between, Rules, parse_ranges, propose};
pub use sizes::limit_bytes;

/// Names for the parts of a plan, without their ending. `client` is the batch.
/// The template is the usual one where none is given: documents that stay whole
/// keep their name.
pub fn names(
    plan: &SplitPlan,
    documents: &[SplitDocument],
    template: Option<&Template>,
    client: &str,
) -> Result<Vec<String>, String> {
    let (whole, several) = (
        Template::parse(Template::WHOLE)?,
        Template::parse(Template::SEVERAL)?,
    );
    let date = jiff::Zoned::now().date().to_string();
    let first_document =
        |part: &crate::model::PlannedPart| part.pages.first().map(|p| p.page.document);
    let mut counts: std::collections::HashMap<Option<DocumentId>, u32> = Default::default();
    for part in &plan.parts {
        *counts.entry(first_document(part)).or_default() += 1;
    }
    let mut seen: std::collections::HashMap<Option<DocumentId>, u32> = Default::default();
    let names = plan.parts.iter().map(|part| {
        let document = first_document(part);
        let number = seen.entry(document).or_default();
        *number += 1;
        if let Some(name) = &part.name {
            return naming::safe(name);
        }
        let known = documents
            .iter()
            .find(|d| Some(d.facts.document) == document);
        let stem = known.map_or_else(String::new, |d| naming::stem(&d.name));
        let usual = if counts.get(&document) == Some(&1) {
            &whole
        } else {
            &several
        };
        template.unwrap_or(usual).name(&Fields {
            client: client.to_owned(),
            part: *number,
            pages: page_ranges(part.pages.iter().map(|p| p.page.number)),
            title: part.title.clone().unwrap_or_else(|| stem.clone()),
            document: stem,
            date: date.clone(),
        })
    });
    Ok(names.collect())
}
