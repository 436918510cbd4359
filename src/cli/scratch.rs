//! `scratch status` and `scratch clean`.

use bytesize::ByteSize;

use super::arguments::{Arguments, ScratchVerb};
use super::{CommandError, Ending};
use crate::triage::{CleanWhat, Places, Scratch, VolumeState};

/// Shows or cleans scratch. Opening it sweeps residue, as every start does.
pub fn scratch(
    arguments: &Arguments,
    places: &Places,
    verb: &ScratchVerb,
) -> Result<Ending, CommandError> {
    let (scratch, swept) = Scratch::open(arguments.scratch_settings(places))?;
    match verb {
        ScratchVerb::Status => status(&scratch, arguments.json),
        ScratchVerb::Clean { dry_run } => {
            let cleaned = scratch.clean(*dry_run, &CleanWhat::AllThumbnails)?;
            for removed in swept.removed.iter().chain(&cleaned.removed) {
                if arguments.json {
                    println!("{}", serde_json::json!(removed));
                } else {
                    let size = size(removed.bytes);
                    println!("{size:>10}  {}  ({})", removed.path, removed.whose);
                }
            }
            for left in swept.left.iter().chain(&cleaned.left) {
                eprintln!("pagesieve: {} was left: {}", left.path, left.reason);
            }
            if !arguments.json {
                if swept.bytes() > 0 {
                    println!("{} of residue deleted", size(swept.bytes()));
                }
                let done = if *dry_run {
                    "would be deleted"
                } else {
                    "deleted"
                };
                println!("{} {done}", size(cleaned.bytes()));
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
    let free = match meter.volume_state {
        VolumeState::Unknown => "unknown".to_owned(),
        _ => size(meter.free),
    };
    let lines = [
        ("thumbnails", size(meter.other_batches)),
        ("other copies", size(meter.other_copies)),
        ("residue", size(meter.residue)),
        ("budget", size(meter.budget)),
        ("free on disk", free),
        ("never used", size(meter.floor)),
    ];
    for (name, value) in lines {
        println!("{name:<14}{value:>12}");
    }
    if meter.ram_backed {
        println!("RAM-backed: what is kept here uses memory");
    }
}

fn size(bytes: u64) -> String {
    ByteSize::b(bytes).display().si().to_string()
}
