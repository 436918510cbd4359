//! `scratch status` and `scratch clean`.

use super::arguments::{Arguments, ScratchVerb};
use super::{CommandError, Ending};
use crate::triage::{Places, Scratch};

/// Shows or cleans scratch.
pub fn scratch(
    arguments: &Arguments,
    places: &Places,
    verb: &ScratchVerb,
) -> Result<Ending, CommandError> {
    let (scratch, swept) = Scratch::open(arguments.scratch_settings(places))?;
    match verb {
        ScratchVerb::Status => status(&scratch, arguments.json),
        ScratchVerb::Clean { dry_run } => {
            let mut report = scratch.clean(*dry_run, None)?;
            // What was swept on the way in was cleaned as well.
            report.bytes += swept.bytes;
            report.removed.splice(0..0, swept.removed);
            for entry in &report.removed {
                if arguments.json {
                    println!("{}", serde_json::json!(entry));
                } else {
                    println!(
                        "{:>12} bytes  {}  ({})",
                        entry.bytes, entry.what, entry.whose
                    );
                }
            }
            for (path, why) in &report.left {
                eprintln!("pagesieve: {path} was left: {why}");
            }
            if !arguments.json {
                let done = if *dry_run {
                    "would be deleted"
                } else {
                    "deleted"
                };
                println!("{} bytes {done}", report.bytes);
            }
        }
    }
    Ok(Ending::Done)
}

fn status(scratch: &Scratch, json: bool) {
    let meter = scratch.meter(None, "");
    if json {
        println!("{}", serde_json::json!(meter));
        return;
    }
    let size = |bytes: u64| bytesize::ByteSize::b(bytes).display().si().to_string();
    let known = |bytes: Option<u64>| bytes.map_or("unknown".into(), size);
    let lines = [
        ("thumbnails", size(meter.other_batches)),
        ("other copies", size(meter.other_copies)),
        ("residue", size(meter.residue)),
        ("budget", size(meter.budget)),
        ("free on disk", known(meter.free)),
        ("never used", size(meter.floor)),
    ];
    for (name, value) in lines {
        println!("{name:<14}{value:>12}");
    }
    if meter.ram_backed {
        println!("RAM-backed: what is kept here uses memory");
    }
}
