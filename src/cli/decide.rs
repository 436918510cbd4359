//! `decide`: says something of the pages that a query asks for, or takes it back.

use std::path::Path;

use serde_json::json;

use super::arguments::DecideArguments;
use super::output::{self, say};
use super::rules::place_of;
use super::{CommandError, Ending, chosen, reader};
use crate::format::counted;
use crate::library::Reader;
use crate::model::{BatchId, Change, PageId, Ruling};
use crate::triage::query::Query;
use crate::triage::{decide as keep, step_back, tables};

/// Says something of pages, or takes back what was said.
pub fn decide(library: &Path, asked: &DecideArguments, json: bool) -> Result<Ending, CommandError> {
    let reader = reader(library)?;
    let batch = chosen(&reader, asked.batch)?.batch.id;
    if asked.undo || asked.redo {
        let done = step_back(library, batch, asked.redo)?;
        match (json, &done) {
            (true, done) => output::print_json(&json!({ "done": done })),
            (false, Some(done)) if asked.undo => say!("taken back: {done}"),
            (false, Some(done)) => say!("decided again: {done}"),
            (false, None) => say!("there is nothing to take back"),
        }
        return Ok(Ending::Done);
    }
    if let Some(number) = asked.rule {
        return accept(library, &reader, batch, number, json);
    }
    let changes = changes(asked);
    if let Some(problem) = changes.iter().find_map(Change::problem) {
        return Err(CommandError::Usage(problem));
    }
    let typed = asked.query.as_deref().unwrap_or_default();
    // A script's empty variable must not mean all pages.
    if asked.query.is_some() && query(typed)?.is_empty() {
        let problem = "--where asks for no pages in particular; 'page:>=1' is all of them";
        return Err(CommandError::Usage(problem.into()));
    }
    let typed = match asked.only_undecided {
        true => format!("decision:none ({typed})"),
        false => typed.to_owned(),
    };
    let pages = tables::pages_where(&reader, batch, &query(&typed)?)?;
    say_of(library, batch, &pages, changes, None, json)
}

/// Says of pages what a rule proposes.
fn accept(
    library: &Path,
    reader: &Reader,
    batch: BatchId,
    number: usize,
    json: bool,
) -> Result<Ending, CommandError> {
    let mut rules = reader.rules()?;
    let place = place_of(number, &rules)?;
    let pages = tables::pages_proposed(reader, batch, place)?;
    let rule = rules.remove(place);
    say_of(
        library,
        batch,
        &pages,
        vec![rule.change],
        Some(&rule.query),
        json,
    )
}

fn say_of(
    library: &Path,
    batch: BatchId,
    pages: &[PageId],
    changes: Vec<Change>,
    rule: Option<&str>,
    json: bool,
) -> Result<Ending, CommandError> {
    let what = Change::all_in_words(&changes);
    let decided = keep(library, batch, pages, changes, rule)?;
    if json {
        output::print_json(&json!({ "pages": decided, "what": what }));
    } else {
        say!("{what}: {}", counted(decided as u64, "page", "pages"));
    }
    Ok(Ending::Done)
}

/// Reads a query; what is wrong with it is shown under its place.
pub fn query(typed: &str) -> Result<Query, CommandError> {
    Query::parse(typed).map_err(|error| {
        let before = console::measure_text_width(&typed[..error.at]);
        CommandError::Usage(format!("{error}\n  {typed}\n  {}^", " ".repeat(before)))
    })
}

fn changes(asked: &DecideArguments) -> Vec<Change> {
    let rulings = [
        (asked.keep, Some(Ruling::Keep)),
        (asked.reject, Some(Ruling::Reject)),
        (asked.flag, Some(Ruling::Flag)),
        (asked.undecided, None),
    ];
    let ruling = rulings.into_iter().filter(|(said, _)| *said);
    let ruling = ruling.map(|(_, ruling)| Change::Rule(ruling));
    let pile = asked.pile.clone().map(|pile| Change::Pile(Some(pile)));
    let off = asked.no_pile.then_some(Change::Pile(None));
    let tags = asked.tag.iter().cloned().map(Change::Tag);
    let untagged = asked.untag.iter().cloned().map(Change::Untag);
    let note = asked.note.clone().map(Change::Note);
    ruling
        .chain(pile)
        .chain(off)
        .chain(tags)
        .chain(untagged)
        .chain(note)
        .collect()
}
