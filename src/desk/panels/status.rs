//! The bar below: scratch, progress, and counts.

use eframe::egui::{Align, Label, Layout, ProgressBar, RichText, Ui};
use egui_material_icons::icons;

use super::meter;
use crate::desk::actions::Action;
use crate::desk::model::Model;
use crate::desk::requests::{Queue, Request};
use crate::desk::sheet::Share;
use crate::desk::theme::Palette;
use crate::desk::views::View;
use crate::desk::words;
use crate::triage::{Progress, RunState};

/// Draws the bar.
pub fn ui(ui: &mut Ui, model: &Model, queue: &mut Queue) {
    ui.horizontal_centered(|ui| {
        if let Some(meter) = &model.meter
            && meter::ui(ui, meter).clicked()
        {
            queue.push(Request::ShowScratch);
        }
        ui.separator();
        let Some(sheet) = &model.sheet else {
            model.writing.ui(ui);
            return;
        };
        if let Some(progress) = &sheet.progress {
            progress_ui(ui, progress, sheet.analysed());
        }
        model.writing.ui(ui);
        watched_ui(ui, model);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let failures = sheet.failures.open();
            if failures > 0 {
                let text = words::counted(failures as u64, "failure", "failures");
                let text = format!("{} {text}", icons::ICON_ERROR.codepoint);
                let colour = Palette::of(ui).bad;
                if ui
                    .link(RichText::new(text).size(12.0).color(colour))
                    .clicked()
                {
                    queue.push(Action::Show(View::Failures));
                }
            }
            let (pages, documents) = sheet.selected();
            if pages > 1 {
                let text = format!(
                    "{} of {} selected",
                    words::counted(pages as u64, "page", "pages"),
                    words::counted(documents as u64, "document", "documents"),
                );
                // Where there is little room, how far it is comes first.
                ui.add(Label::new(RichText::new(text).size(12.0)).truncate());
            }
        });
    });
}

/// That what comes into a folder is taken in.
fn watched_ui(ui: &mut Ui, model: &Model) {
    let folders: Vec<_> = model
        .watched_of_shown()
        .map(|watched| watched.folder.display().to_string())
        .collect();
    let mut moved_to = model.watched_of_shown();
    let moved_to = moved_to.find_map(|watched| watched.moved_to.as_ref());
    let moves = moved_to.map_or(String::new(), |to| {
        format!(" and moved to {} after that", to.display())
    });
    if !folders.is_empty() {
        let text = format!("{} Watching", icons::ICON_VISIBILITY.codepoint);
        let colour = Palette::of(ui).accent;
        ui.label(RichText::new(text).size(12.0).color(colour))
            .on_hover_text(format!(
                "What comes into {} is taken in once it is whole{moves}. The menu of batches \
                 stops it.",
                folders.join(" and ")
            ));
    }
}

/// How far a batch is; `analysed`: how much of what external analysers look at.
fn progress_ui(ui: &mut Ui, progress: &Progress, analysed: Option<Share>) {
    let palette = Palette::of(ui);
    let summary = &progress.summary;
    let ended = summary.pages_done + summary.pages_failed;
    let small = |text: String| RichText::new(text).size(12.0);
    let counts = if progress.state == RunState::Finished {
        format!(
            "{} in {}",
            words::counted(summary.pages, "page", "pages"),
            words::counted(summary.documents, "document", "documents"),
        )
    } else {
        let about = if progress.pages_expected > summary.pages {
            "about "
        } else {
            ""
        };
        format!(
            "{} of {about}{} pages",
            words::grouped(ended),
            words::grouped(progress.pages_expected)
        )
    };
    let bar = |ui: &mut Ui, share: f32| {
        let bar = ProgressBar::new(share)
            .desired_width(120.0)
            .desired_height(8.0);
        ui.add(bar.fill(palette.accent));
    };
    let are_pages_left = progress.state != RunState::Finished && ended < progress.pages_expected;
    if are_pages_left {
        bar(ui, ended as f32 / progress.pages_expected.max(1) as f32);
    }
    ui.label(small(counts));
    if let Some(Share { done, all }) = analysed {
        if !are_pages_left {
            bar(ui, done as f32 / all.max(1) as f32);
        }
        let (done, all) = (words::grouped(done), words::grouped(all));
        let text = format!("· {done} of {all} analysed");
        ui.label(small(text).color(palette.accent))
            .on_hover_text("By external analysers, such as text recognition");
    }
    match &progress.state {
        RunState::Finished => {
            let icon = icons::ICON_CHECK.codepoint;
            ui.label(small(format!("{icon} Finished")).color(palette.good));
        }
        RunState::Paused => {
            let icon = icons::ICON_PAUSE.codepoint;
            ui.label(small(format!("{icon} Paused")).color(palette.warning));
        }
        RunState::Cancelled => {
            let icon = icons::ICON_STOP_CIRCLE.codepoint;
            ui.label(small(format!("{icon} Cancelled")).color(palette.warning));
        }
        RunState::Held(reason) => {
            let text = format!("{} Waiting: {reason}", icons::ICON_WARNING.codepoint);
            reason_ui(ui, small(text).color(palette.warning), reason);
        }
        RunState::Lost(reason) => {
            let text = format!("{} Stopped: {reason}", icons::ICON_ERROR.codepoint);
            reason_ui(ui, small(text).color(palette.bad), reason);
        }
        RunState::Running => {
            if let Some(speed) = progress.pages_per_second {
                ui.label(small(format!("· {}", pace(speed))));
            }
            if let Some(left) = progress.time_left {
                ui.label(small(format!("· {} left", words::time(left))));
            }
        }
    }
}

/// Why nothing goes on, with room left for what stands at the right of it.
fn reason_ui(ui: &mut Ui, text: RichText, reason: &str) {
    /// As wide as "1,234 failures" with its icon, points.
    const FAILURES: f32 = 120.0;
    ui.scope(|ui| {
        ui.set_max_width((ui.available_width() - FAILURES).max(0.0));
        ui.add(Label::new(text).truncate()).on_hover_text(reason);
    });
}

/// "12/s" of pages per second; what is slower per minute.
fn pace(per_second: f64) -> String {
    match per_second as u64 {
        0 => format!("{}/min", ((per_second * 60.0).round() as u64).max(1)),
        _ => format!("{}/s", words::grouped(per_second.round() as u64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_goes_on_is_never_said_to_stand_still() {
        assert_eq!(pace(1234.4), "1,234/s");
        assert_eq!(pace(1.6), "2/s");
        assert_eq!(pace(0.6), "36/min");
        assert_eq!(pace(0.4), "24/min");
        assert_eq!(pace(0.001), "1/min");
    }
}
