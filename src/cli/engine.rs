//! `engine status`, `engine install` and `engine remove`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::arguments::{Arguments, EngineVerb};
use super::output::{self, say};
use super::{CommandError, Ending};
use crate::triage::engines::{self, EngineStatus};
use crate::triage::{Places, Scratch};

/// Shows, installs or removes engines.
pub fn engine(
    arguments: &Arguments,
    places: &Places,
    verb: &EngineVerb,
) -> Result<Ending, CommandError> {
    match verb {
        EngineVerb::Status => {
            let scratch = Scratch::look(arguments.scratch_settings(places))?;
            let program = arguments.options(places)?.program;
            let found = arguments.found_pdfium(places);
            let status = engines::status(&program, found.as_ref(), &scratch)?;
            print(arguments, &status);
        }
        EngineVerb::Install => {
            let (scratch, _) = Scratch::open(arguments.scratch_settings(places))?;
            let stop = Arc::new(AtomicBool::new(false));
            let stopped = Arc::clone(&stop);
            ctrlc::set_handler(move || stopped.store(true, Ordering::Relaxed)).map_err(
                |error| CommandError::Configuration(format!("signals cannot be handled: {error}")),
            )?;
            let path = engines::install(&places.engines, &scratch, &stop)?;
            say!(
                "PDFium {} is at {}",
                engines::PDFIUM_VERSION,
                path.display()
            );
        }
        EngineVerb::Remove => {
            let removed = engines::remove(&places.engines).map_err(|error| {
                CommandError::Configuration(format!("PDFium cannot be removed: {error}"))
            })?;
            say!(
                "{}",
                if removed {
                    "PDFium is removed"
                } else {
                    "PDFium was not installed"
                }
            );
        }
    }
    Ok(Ending::Done)
}

fn print(arguments: &Arguments, status: &EngineStatus) {
    let choice = arguments.engine.unwrap_or_default();
    if arguments.json {
        let order: Vec<_> = choice
            .order()
            .iter()
            .map(|engine| engine.as_str())
            .collect();
        let mut object = serde_json::json!(status);
        object["choice"] = choice.as_str().into();
        object["order"] = order.into();
        output::print_json(&object);
        return;
    }
    say!("hayro     {}, compiled in", status.hayro);
    match &status.pdfium {
        None => say!("PDFium    not installed; `pagesieve engine install` does that"),
        Some(pdfium) => {
            let version = pdfium.version.unwrap_or("unknown version");
            say!("PDFium    {version}, {}", pdfium.found.replace('_', " "));
            say!("          {}", pdfium.path.display());
            if let Some(problem) = &pdfium.problem {
                say!("          cannot be used: {problem}");
            }
        }
    }
    let names: Vec<_> = choice.order().iter().map(|engine| engine.label()).collect();
    say!("order     {} ({})", names.join(", then "), choice.as_str());
    say!("Fence around each worker process:");
    for rule in &status.fence {
        match &rule.problem {
            None => say!("  in force      {}", rule.name),
            Some(problem) => say!("  not in force  {}: {problem}", rule.name),
        }
    }
}
