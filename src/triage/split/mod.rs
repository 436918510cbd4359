//! Splitting: rules propose a plan, people edit it, and the export writes its
//! parts. Not for what a part holds (`pdf::extract`).

mod broken_off;
mod earlier;
mod export;
mod facts;
mod layers;
mod manifest;
mod merge;
mod naming;
mod numbers;
mod pattern;
mod ranges;
mod recorded;
mod rules;
mod sizes;
mod verify;

use std::collections::HashMap;

use crate::model::{DocumentId, PlannedPart, SplitPlan};

pub use broken_off::Writing;
pub use earlier::LeftBehind;
pub use export::{
    Earlier, ExcludedFile, Export, ExportError, ExportOptions, ExportProgress, ExportReport,
    Outcome, PartResult,
};
pub use facts::{
    DocumentFacts, Gathered, PageFacts, RefusedDocument, SplitDocument, first_line, gather,
    look_inside, take_decisions, thresholds_of,
};
pub use layers::{LayerForecast, TextLayers};
pub use manifest::MadeBy;
pub use merge::{Interleave, MergeInput, Merged, beyond, merge};
pub use naming::{Fields, Template, counted, page_ranges, safe};
pub(in crate::triage) use naming::{distinct, numbered, stem};
pub use numbers::{GivenNumbers, NumbersError};
pub use pattern::LinePattern;
pub use ranges::{PageRange, parse_ranges};
pub use rules::{Between, Rules, propose};
pub use sizes::limit_bytes;
pub use verify::{Verified, verify};

/// Names for the parts of a plan, without their ending: those of parts that are
/// on a pile begin with its folder, unless the template says where it belongs. `name_of` gives the name
/// of a document, and `client` is the batch.
/// The template is the usual one where none is given: documents that stay whole
/// keep their name.
pub fn names(
    plan: &SplitPlan,
    name_of: impl Fn(DocumentId) -> Option<String>,
    template: Option<&Template>,
    client: &str,
) -> Result<Vec<String>, String> {
    let (whole, several) = (
        Template::parse(Template::WHOLE)?,
        Template::parse(Template::SEVERAL)?,
    );
    let date = jiff::Zoned::now().date().to_string();
    let first_document = |part: &PlannedPart| part.pages.first().map(|p| p.page.document);
    let mut counts: HashMap<Option<DocumentId>, u32> = HashMap::new();
    for part in &plan.parts {
        *counts.entry(first_document(part)).or_default() += 1;
    }
    let mut seen: HashMap<Option<DocumentId>, u32> = HashMap::new();
    let names = plan.parts.iter().map(|part| {
        let document = first_document(part);
        let number = seen.entry(document).or_default();
        *number += 1;
        let name = document.and_then(&name_of);
        let stem = name.map_or_else(String::new, |name| naming::stem(&name));
        let usual = if counts.get(&document) == Some(&1) {
            &whole
        } else {
            &several
        };
        let template = template.unwrap_or(usual);
        let name = match &part.name {
            Some(name) => naming::safe(name),
            None => template.name(&Fields {
                client: client.to_owned(),
                part: *number,
                pages: page_ranges(part.pages.iter().map(|p| p.page.number)),
                title: part.title.clone().unwrap_or_else(|| stem.clone()),
                document: stem,
                barcode: part.barcode.clone().unwrap_or_default(),
                pile: part.pile.clone().unwrap_or_default(),
                date: date.clone(),
            }),
        };
        match &part.pile {
            Some(pile) if part.name.is_some() || !template.has_pile() => {
                format!("{}/{name}", naming::safe(pile))
            }
            _ => name,
        }
    });
    Ok(names.collect())
}
