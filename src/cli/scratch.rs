//! `scratch status`, `scratch clean` and `scratch policy`.

use super::arguments::{Arguments, PolicyArguments, ScratchVerb};
use super::output::{self, complain, say};
use super::{CommandError, Ending};
use crate::format::size;
use crate::model::BatchId;
use crate::triage::{
    CleanWhat, LibraryBatch, Places, Policy, Reader, Scratch, SweepReport, VolumeState,
    bring_thumbnails,
};

/// Shows, cleans or moves scratch. Only a cleaning deletes anything.
pub fn scratch(
    arguments: &Arguments,
    places: &Places,
    verb: &ScratchVerb,
) -> Result<Ending, CommandError> {
    let settings = arguments.scratch_settings(places);
    if let ScratchVerb::Clean { dry_run: false } = verb {
        // Opening sweeps before it makes anything: the disk may be full of residue.
        let (scratch, mut cleaned) = Scratch::open(settings)?;
        cleaned.merge(scratch.clean(false, &CleanWhat::AllThumbnails)?);
        print_cleaning(&cleaned, "deleted", arguments.json);
        return Ok(Ending::Done);
    }
    let scratch = Scratch::look(settings)?;
    match verb {
        ScratchVerb::Status => status(&scratch, arguments.json),
        ScratchVerb::Clean { dry_run } => {
            let doomed = scratch.clean(*dry_run, &CleanWhat::AllThumbnails)?;
            print_cleaning(&doomed, "would be deleted", arguments.json);
        }
        ScratchVerb::Move { folder, back: _ } => {
            let moved = scratch.move_to(folder.as_deref())?;
            if moved.dir() != scratch.dir()
                && let Some(reader) = Reader::open(&places.library)?
            {
                let library = reader.id()?;
                bring_thumbnails(&scratch.packs(&library), &moved.packs(&library));
            }
            moved.announce()?;
            say!("scratch is in {}", moved.dir().display());
        }
        ScratchVerb::Policy(changes) => {
            let policy = changed(scratch.policy(), changes, places)?;
            if !changes.dry_run && policy != scratch.policy() {
                scratch.set_policy(policy.clone())?;
            }
            print_policy(&policy, arguments.json);
        }
    }
    Ok(Ending::Done)
}

fn print_cleaning(report: &SweepReport, done: &str, json: bool) {
    for removed in &report.removed {
        if json {
            output::print_json(removed);
        } else {
            let size = size(removed.bytes);
            say!("{size:>10}  {}  ({})", removed.path, removed.whose);
        }
    }
    for left in &report.left {
        complain!("pagesieve: {} stays: {}", left.path, left.reason);
    }
    if !json {
        say!("{} {done}", size(report.bytes()));
    }
}

/// The policy with the changes that were asked for.
fn changed(
    policy: Policy,
    changes: &PolicyArguments,
    places: &Places,
) -> Result<Policy, CommandError> {
    let mut changed = match changes.preset {
        Some(preset) => Policy {
            keep: policy.keep,
            discard: policy.discard,
            ..preset.policy()
        },
        None => policy,
    };
    if let Some(limit) = changes.budget {
        changed.budget = limit.0;
    }
    if let Some(limit) = changes.thumbnails_most {
        changed.thumbnails_most = limit.0;
    }
    if let Some(limit) = changes.thumbnails_days {
        changed.thumbnails_days = limit.0.and_then(|days| u32::try_from(days).ok());
    }
    for (to, new) in [
        (&mut changed.residue, changes.residue),
        (&mut changed.after_jobs, changes.after_jobs),
        (&mut changed.at_exit, changes.at_exit),
        (&mut changed.thumbnails_at_exit, changes.thumbnails_at_exit),
    ] {
        *to = new.unwrap_or(*to);
    }
    let named = [&changes.keep, &changes.discard, &changes.no_keep];
    if named.iter().all(|batches| batches.is_empty()) {
        return Ok(changed);
    }
    let reader = super::reader(&places.library)?;
    for number in changes.keep.iter().chain(&changes.discard) {
        super::chosen(&reader, Some(*number))?;
    }
    for number in named.into_iter().flatten() {
        let batch = kept(&reader, *number)?;
        changed.keep.remove(&batch);
        changed.discard.remove(&batch);
    }
    for number in &changes.keep {
        changed.keep.insert(kept(&reader, *number)?);
    }
    for number in &changes.discard {
        changed.discard.insert(kept(&reader, *number)?);
    }
    Ok(changed)
}

fn kept(reader: &Reader, number: i64) -> Result<LibraryBatch, CommandError> {
    Ok(LibraryBatch {
        library: reader.id()?,
        batch: BatchId(number),
    })
}

fn print_policy(policy: &Policy, json: bool) {
    if json {
        output::print_json(policy);
        return;
    }
    let on = |yes: bool| if yes { "on" } else { "off" }.to_owned();
    let preset = policy.preset().map_or("own", |preset| preset.as_str());
    let days = |days: u32| format!("{days} days");
    let lines = [
        ("preset", preset.to_owned()),
        ("budget", policy.budget.map_or("auto".into(), size)),
        ("residue of crashed runs", on(policy.residue)),
        ("after jobs", on(policy.after_jobs)),
        ("at exit", on(policy.at_exit)),
        ("thumbnails at exit", on(policy.thumbnails_at_exit)),
        (
            "thumbnails unused for",
            policy.thumbnails_days.map_or("never".into(), days),
        ),
        (
            "most of thumbnails",
            policy.thumbnails_most.map_or("any".into(), size),
        ),
    ];
    for (name, value) in lines {
        say!("{name:<24}{value:>12}");
    }
    for (batches, rule) in [(&policy.keep, "kept"), (&policy.discard, "deleted at exit")] {
        for one in batches {
            say!("{rule}: batch {} of library {}", one.batch.0, one.library);
        }
    }
}

fn status(scratch: &Scratch, json: bool) {
    let meter = scratch.meter(None, "");
    if json {
        output::print_json(&meter);
        return;
    }
    let free = match meter.volume_state {
        VolumeState::Unknown => "unknown".to_owned(),
        _ => size(meter.free),
    };
    let lines = [
        ("thumbnails", size(meter.other_batches)),
        ("other copies", size(meter.other_copies)),
        ("workers", size(meter.working)),
        ("residue", size(meter.residue)),
        ("unattributed", size(meter.unattributed)),
        ("budget", size(meter.budget)),
        ("free on disk", free),
        ("never used", size(meter.floor)),
    ];
    for (name, value) in lines {
        say!("{name:<14}{value:>12}");
    }
    if let Some(files) = meter.files_free {
        say!("{:<14}{files:>12}", "files free");
    }
    say!("in {}", scratch.dir().display());
    if let Some(dir) = scratch.unreachable() {
        say!("moved to {}, which is not there", dir.display());
    }
    if meter.ram_backed {
        say!("RAM-backed: what is kept here uses memory");
    }
}
