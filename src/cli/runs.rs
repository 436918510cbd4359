//! `runs`: the runs over a batch, what the latest results say otherwise than those of the
//! run before, and taking newer results back. Not for beginning a run (`process`).

use std::path::Path;

use serde_json::json;

use super::arguments::RunsArguments;
use super::output::{self, say};
use super::print::{self, List, Wanted};
use super::{CommandError, Ending, chosen, decide, reader};
use crate::format::counted;
use crate::library::Library;
use crate::triage::Results;
use crate::triage::tables::{Listed, pages_where};

/// Lists runs or changes, or takes results back.
pub fn runs(
    library: &Path,
    asked: &RunsArguments,
    wanted: &Wanted,
    json: bool,
) -> Result<Ending, CommandError> {
    let reader = reader(library)?;
    let batch = chosen(&reader, asked.batch)?.batch.id;
    let wanted_results = [
        (&asked.take_back, Results::Before),
        (&asked.bring_back, Results::Latest),
    ];
    let mut wanted_results = wanted_results.into_iter();
    let results = wanted_results.find_map(|(typed, which)| Some((typed.as_ref()?, which)));
    let Some((typed, which)) = results else {
        let (list, listed) = match asked.changes {
            true => (List::Changes, Listed::Changes),
            false => (List::Runs, Listed::Runs),
        };
        print::print(list, listed.of(&reader, batch)?, wanted)?;
        return Ok(Ending::Done);
    };
    let query = decide::query(typed)?;
    if query.is_empty() {
        let problem = "it asks for no pages in particular; 'changed:*' is all that changed";
        return Err(CommandError::Usage(problem.into()));
    }
    let pages = pages_where(&reader, batch, &query)?;
    drop(reader);
    // Nobody else writes meanwhile.
    let mut library = Library::open(library)?;
    let changed = library.write(|writer| writer.use_results(&pages, which))?;
    match json {
        true => output::print_json(&json!({ "pages": changed.len() })),
        false => say!(
            "{}: {}",
            match which {
                Results::Before => "what was known before counts again",
                Results::Latest => "what the latest run found counts",
            },
            counted(changed.len() as u64, "page", "pages")
        ),
    }
    Ok(Ending::Done)
}
