//! `watch`: takes in what comes into folders until it is interrupted, and says each time what
//! came. Not for seeing what is new (`triage`).

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::output::{self, complain, say};
use super::process::{self, Headway, Seen};
use super::{CommandError, Ending};
use crate::format::counted;
use crate::model::{BatchSummary, Secret};
use crate::triage::{Command, Options, Reader, cannot_move};

/// Takes in what comes into folders, and moves it to another afterwards where that is given.
pub fn watch(
    options: Options,
    (folders, move_to): (&[PathBuf], Option<&Path>),
    passwords: Vec<Secret>,
    json: bool,
) -> Result<Ending, CommandError> {
    if let Some(file) = folders.iter().find(|folder| !folder.is_dir()) {
        let file = file.display();
        return Err(CommandError::Usage(format!("{file} is no folder")));
    }
    if let Some(problem) = move_to.and_then(|to| cannot_move(folders, to)) {
        return Err(CommandError::Usage(problem));
    }
    let library = options.library.clone();
    let interrupted = process::catch_interruptions(|| {});
    let session = process::start(options, Duration::ZERO, &interrupted)?;
    session.send(Command::Watch {
        folders: folders.to_vec(),
        for_good: false,
        moved_to: move_to.map(Path::to_owned),
        passwords,
    });
    let mut headway = Headway::new();
    let mut told: Option<BatchSummary> = None;
    while !interrupted.load(Ordering::Relaxed) {
        let Ok(event) = session.events().recv_timeout(process::LOOK_AFTER) else {
            continue;
        };
        match headway.see(event)? {
            Seen::Going => {}
            Seen::Broken => return Ok(Ending::CanGoOn),
            Seen::Finished(summary) => {
                if told.as_ref() != Some(&summary) {
                    headway.bar.finish_and_clear();
                    tell(told.as_ref(), &summary, json);
                    told = Some(summary);
                    headway.begin_anew();
                    session.send(Command::FindDuplicates);
                }
            }
        }
    }
    headway.bar.finish_and_clear();
    complain!("pagesieve: the folders are watched no more; the same command goes on from here");
    // What was under way is stored.
    drop(session);
    let kept = match (Reader::open(&library)?, headway.batch) {
        (Some(reader), Some(batch)) => reader.batch(batch)?,
        _ => None,
    };
    Ok(match kept.is_none_or(|summary| summary.is_finished()) {
        true => Ending::Done,
        false => Ending::CanGoOn,
    })
}

/// Says what came since the batch was finished before.
fn tell(before: Option<&BatchSummary>, now: &BatchSummary, json: bool) {
    if json {
        output::print_json(&serde_json::json!(now));
        return;
    }
    let (batch, name) = (now.batch.id.0, &now.batch.name);
    let holds = format!(
        "batch {batch} \"{name}\" has {} and {}",
        counted(now.documents, "document", "documents"),
        counted(now.pages, "page", "pages"),
    );
    let failures = match now.failures {
        0 => String::new(),
        failures => format!(
            "; {}: `pagesieve failures {batch}` says why",
            counted(failures, "failure", "failures")
        ),
    };
    match before {
        None => say!("watching; {holds}{failures}"),
        Some(before) => {
            let came = now.documents.saturating_sub(before.documents);
            let came = match came {
                0 => "documents have changed".to_owned(),
                came => format!("{} came", counted(came, "document", "documents")),
            };
            say!("{came}; {holds}{failures}");
        }
    }
}
