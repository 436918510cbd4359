//! `batch`: renaming, archiving and forgetting a batch, and finding its files again. Not for listing them (`print`).

use std::path::Path;

use serde_json::json;

use super::arguments::BatchArguments;
use super::output::{self, say};
use super::{CommandError, Ending, chosen, reader};
use crate::format::visible;
use crate::library::Library;
use crate::model::{Batch, BatchId};
use crate::triage::{locate, relocate};

/// Does what is asked for with a batch. Thumbnails of one that is forgotten go with the
/// next cleaning.
pub fn batch(library: &Path, asked: &BatchArguments, json: bool) -> Result<Ending, CommandError> {
    let batch = chosen(&reader(library)?, Some(asked.batch))?.batch;
    if let Some(folder) = &asked.locate {
        return found_again(library, batch.id, folder, json);
    }
    // Nobody else writes meanwhile.
    let mut library = Library::open(library)?;
    let (said, done) = match &asked.rename {
        Some(name) => {
            let name = Batch::name_of(name).ok_or_else(|| {
                let most = Batch::LONGEST_NAME;
                CommandError::Usage(format!("a name is one line of 1 to {most} bytes"))
            })?;
            library.write(|writer| writer.rename_batch(batch.id, &name))?;
            ("renamed", name)
        }
        None if asked.forget => {
            library.write(|writer| writer.forget_batch(batch.id))?;
            ("forgotten", batch.name)
        }
        None => {
            library.write(|writer| writer.set_archived(batch.id, asked.archive))?;
            let said = if asked.archive {
                "archived"
            } else {
                "brought back"
            };
            (said, batch.name)
        }
    };
    match json {
        true => output::print_json(&json!({ "batch": batch.id, "name": done, "done": said })),
        false => say!("{said}: {}", visible(&done)),
    }
    Ok(Ending::Done)
}

/// Finds files that were moved.
fn found_again(
    library: &Path,
    batch: BatchId,
    folder: &Path,
    json: bool,
) -> Result<Ending, CommandError> {
    if !folder.is_dir() {
        let folder = folder.display();
        return Err(CommandError::Usage(format!("{folder} is no folder")));
    }
    let folder = std::path::absolute(folder)?;
    let mut library = Library::open(library)?;
    let located = locate(&library.reader().documents(batch)?, &folder);
    if !located.found.is_empty() {
        relocate(&mut library, batch, &folder, &located.found)?;
    }
    match json {
        true => output::print_json(&json!({
            "batch": batch,
            "found": located.found.len(),
            "missing": located.missing,
        })),
        false => say!("{}", located.sentence(&folder)),
    }
    Ok(match located.missing {
        0 => Ending::Done,
        _ => Ending::SomeFailed,
    })
}
