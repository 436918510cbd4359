//! The rules by which scratch is cleaned, in plain words. Not for carrying them
//! out.

use eframe::egui::{Checkbox, DragValue, Ui};

use crate::model::BatchId;
use crate::triage::{LibraryBatch, Policy};

/// What a limit begins with when it is switched on.
const USUAL_DAYS: u32 = 90;
const USUAL_MOST: u64 = MB * 1000;

/// 1 MB, as sizes are shown.
const MB: u64 = 1_000_000;

/// Shows the rules; the policy that results where one was changed.
pub fn ui(ui: &mut Ui, policy: &Policy, library: &str, shown: Option<BatchId>) -> Option<Policy> {
    let mut changed = policy.clone();
    let rules: [(&mut bool, &str, &str); 4] = [
        (
            &mut changed.residue,
            "Delete what crashed runs left behind",
            "At start, and whenever room is needed. Without this, what one run leaves can \
             stop a later one.",
        ),
        (
            &mut changed.after_jobs,
            "Empty a worker's folder after each job",
            "Also what your own analysers leave behind there.",
        ),
        (
            &mut changed.at_exit,
            "Delete the program's own temporary files at the end",
            "Thumbnails are another matter; see below.",
        ),
        (
            &mut changed.thumbnails_at_exit,
            "Delete thumbnails at the end",
            "They are made again the next time, which takes a while.",
        ),
    ];
    for (on, name, help) in rules {
        ui.add(Checkbox::new(on, name)).on_hover_text(help);
    }
    ui.horizontal(|ui| {
        let mut on = changed.thumbnails_days.is_some();
        if ui
            .checkbox(&mut on, "Delete thumbnails unused for")
            .changed()
        {
            changed.thumbnails_days = on.then_some(USUAL_DAYS);
        }
        if let Some(days) = &mut changed.thumbnails_days {
            ui.add(DragValue::new(days).range(1..=3650).suffix(" days"));
        }
    });
    ui.horizontal(|ui| {
        let mut on = changed.thumbnails_most.is_some();
        if ui.checkbox(&mut on, "Keep thumbnails below").changed() {
            changed.thumbnails_most = on.then_some(USUAL_MOST);
        }
        if let Some(most) = &mut changed.thumbnails_most {
            let mut megabytes = *most / MB;
            let value = DragValue::new(&mut megabytes)
                .range(10..=1_000_000)
                .suffix(" MB");
            if ui.add(value).changed() {
                *most = megabytes * MB;
            }
        }
    });
    if let Some(batch) = shown {
        let own = LibraryBatch {
            library: library.to_owned(),
            batch,
        };
        let now = (changed.keep.contains(&own), changed.discard.contains(&own));
        ui.horizontal(|ui| {
            ui.label("Thumbnails of this batch");
            for (choice, name, help) in [
                (
                    (false, false),
                    "follow the rules",
                    "As those of any other batch",
                ),
                (
                    (true, false),
                    "always stay",
                    "Whatever else is short, until the batch is removed",
                ),
                (
                    (false, true),
                    "go at the end",
                    "Deleted when the program ends, and made again when they are looked at",
                ),
            ] {
                if ui.radio(now == choice, name).on_hover_text(help).clicked() {
                    changed.keep.remove(&own);
                    changed.discard.remove(&own);
                    match choice {
                        (true, _) => changed.keep.insert(own.clone()),
                        (_, true) => changed.discard.insert(own.clone()),
                        _ => true,
                    };
                }
            }
        });
    }
    ui.add_space(4.0);
    ui.weak("These rules hold for all copies of the program that use this folder.");
    (changed != *policy).then_some(changed)
}
