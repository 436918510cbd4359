//! Text layers of the parts: whether they are wanted, how many pages get one, and having
//! those recognised that lack it. Not for what a layer is (`pdf::extract`).

use std::sync::Arc;

use eframe::egui::{Button, Ui};

use super::Split;
use crate::desk::model::Model;
use crate::desk::requests::Queue;
use crate::desk::sheet::Sheet;
use crate::desk::theme::Palette;
use crate::desk::words;
use crate::model::{Analyser, AnalyserOutput};
use crate::triage::split::LayerForecast;
use crate::triage::{Command, RunState, Scope};

/// Whether analysers have pages left to look at.
fn are_looking(sheet: &Sheet) -> bool {
    let progress = sheet.progress.as_ref();
    progress.is_some_and(|progress| progress.unanalysed > 0)
}

/// A number that changes when more is known of which pages get a layer; none while pages are
/// still being looked at.
pub(super) fn known(sheet: &Sheet) -> Option<u64> {
    let progress = sheet.progress.as_ref();
    let is_at_work = progress.is_some_and(|progress| progress.state == RunState::Running);
    let rests = !is_at_work && !are_looking(sheet);
    rests.then(|| sheet.found_changed() + sheet.measured())
}

impl Split {
    /// Draws whether scanned pages are made searchable, and which are not yet.
    pub(super) fn layers_ui(
        &mut self,
        ui: &mut Ui,
        (model, sheet): (&Model, &Sheet),
        queue: &mut Queue,
    ) {
        let text = "Make scanned pages searchable";
        ui.checkbox(&mut self.form.searchable, text).on_hover_text(
            "What text recognition has read on a page is put over it as text that is searched \
             and copied and not seen. The picture of the page and text of its own stay as they \
             are",
        );
        if !self.form.searchable {
            return;
        }
        let forecast = self.forecast.as_ref();
        let forecast = forecast.filter(|of| of.version == self.editor.version);
        match forecast.and_then(|forecast| forecast.layers.as_ref()) {
            None => {
                ui.weak("Looking at the pages…");
            }
            Some(layers) => {
                let pages = words::counted(layers.layered as u64, "page gets", "pages get");
                ui.weak(format!("{pages} a text layer"));
                lacking_ui(ui, layers, (model, sheet), queue);
            }
        }
    }
}

/// Says which pages get none although they need one, with a way to have them read.
fn lacking_ui(
    ui: &mut Ui,
    layers: &LayerForecast,
    (model, sheet): (&Model, &Sheet),
    queue: &mut Queue,
) {
    let warning = Palette::of(ui).warning;
    if layers.unknown > 0 {
        let pages = words::counted(layers.unknown as u64, "page is", "pages are");
        ui.colored_label(warning, format!("{pages} not analysed"));
    }
    if layers.lacking.is_empty() {
        return;
    }
    let pages = words::counted(layers.lacking.len() as u64, "page lacks", "pages lack");
    ui.colored_label(warning, format!("{pages} recognised text"));
    if are_looking(sheet) {
        ui.horizontal(|ui| {
            ui.spinner();
            ui.weak("Text is being recognised…");
        });
        return;
    }
    let Some((analyser, installed)) = reader(model) else {
        ui.weak("No analyser tells where words stand");
        return;
    };
    let program = analyser.command.first().map_or("", String::as_str);
    let button = ui.add_enabled(installed, Button::new("Recognise text"));
    let button = button.on_disabled_hover_text(format!("{program} is not installed"));
    let help = format!("Has the analyser {} read these pages", analyser.name);
    if button.on_hover_text(help).clicked() {
        queue.push(Command::RunAnalyser {
            batch: sheet.id(),
            analyser: analyser.name.clone(),
            scope: Scope::Pages(layers.lacking.clone()),
        });
    }
}

/// An analyser that tells where words stand, and whether its program is on this machine:
/// one that is, before others, and of several the last by name.
fn reader(model: &Model) -> Option<(&Arc<Analyser>, bool)> {
    let analysers = model.analysers.iter();
    let readers = analysers.filter(|(analyser, _)| {
        analyser.output == AnalyserOutput::Words && analyser.input.is_page()
    });
    let readers = readers.map(|(analyser, installed)| (analyser, *installed));
    readers.max_by_key(|(_, installed)| *installed)
}
