//! The bar above: batches, adding, views, and what can be done with the batch.

use std::sync::Arc;

use eframe::egui::{Button, MenuBar, RichText, Role, Slider, Ui, WidgetInfo};
use egui_material_icons::icons;

use super::batch_menu::BatchMenu;
use crate::desk::actions::Action;
use crate::desk::model::Model;
use crate::desk::requests::{Queue, Request};
use crate::desk::sheet::{Looked, Sheet};
use crate::desk::theme::Palette;
use crate::desk::views::View;
use crate::desk::views::grid::SMALLEST;
use crate::desk::words;
use crate::model::{Analyser, AnalyserPages};
use crate::triage::{Command, RunState, Scope};

/// With less room than this at the right, buttons there have no names, while nothing
/// runs and while something does. Points; measured with the longest words.
const ROOM_FOR_NAMES: f32 = 345.0;
const ROOM_FOR_NAMES_RUNNING: f32 = 525.0;

/// Room that they need without names at most.
const ROOM_FOR_ICONS: f32 = 320.0;

/// In a narrower window, points, views have no names.
const ROOM_FOR_VIEWS: f32 = 1040.0;

/// Size of icons that stand alone, points.
const ICON: f32 = 18.0;

/// Room that the slider for the size of pictures has, and what is beside it, points.
const SLIDER: f32 = 90.0;
const BESIDE_SLIDER: f32 = 16.0;

/// Draws the bar. `size` is that of the grid's pictures, and the largest that there is room
/// for.
pub fn ui(
    ui: &mut Ui,
    model: &Model,
    view: View,
    size: (f32, f32),
    batch_menu: &mut BatchMenu,
    queue: &mut Queue,
) {
    let sheet = model.sheet.as_ref();
    MenuBar::new().ui(ui, |ui| {
        batch_menu.ui(ui, model, queue);
        let add = format!("{}  Add", icons::ICON_ADD.codepoint);
        ui.menu_button(add, |ui| {
            for action in [
                Action::AddFiles,
                Action::AddFolder,
                Action::AddPath,
                Action::WatchFolder,
            ] {
                entry(ui, action, queue);
            }
        });
        ui.separator();
        let roomy = ui.ctx().content_rect().width() >= ROOM_FOR_VIEWS;
        for of in View::in_bar() {
            let action = Action::Show(of);
            // Where there is little room, only the view that is shown has its name.
            let named = roomy || view == of;
            let mut text = match named {
                true => action.text(),
                false => action.info().icon.codepoint.to_owned(),
            };
            let counted = of
                .about()
                .counts
                .zip(sheet)
                .map(|(count, sheet)| count(sheet));
            let counted = counted.filter(|count| *count > 0);
            if let Some(count) = counted {
                text = format!("{text}  {}", words::grouped(count as u64));
            }
            let mut text = RichText::new(text);
            if counted.is_some() {
                text = text.color(Palette::of(ui).bad);
            }
            let response = ui.add(Button::selectable(view == of, text));
            let name = action.info().name;
            if !named {
                response.widget_info(|| WidgetInfo::selected(Role::Button, true, false, name));
            }
            let tooltip = format!("{name}: {}", action.tooltip(ui.ctx()));
            if response.on_hover_text(tooltip).clicked() {
                queue.push(action);
            }
        }
        let right = eframe::egui::Layout::right_to_left(eframe::egui::Align::Center);
        let whole = ui.available_width();
        ui.with_layout(right, |ui| {
            for action in [Action::Settings, Action::CommandPalette] {
                icon_button(ui, action, action.info().icon.codepoint, queue);
            }
            for action in [Action::ToggleInspector, Action::ToggleDocuments] {
                icon_button(ui, action, action.info().icon.codepoint, queue);
            }
            ui.separator();
            let Some(sheet) = sheet else { return };
            let state = sheet.progress.as_ref().map(|progress| &progress.state);
            let room = match state {
                Some(RunState::Finished) | None => ROOM_FOR_NAMES,
                Some(_) => ROOM_FOR_NAMES_RUNNING,
            };
            // The slider goes before names: icons say the same.
            let slides = view == View::Grid && whole >= ROOM_FOR_ICONS + SLIDER + BESIDE_SLIDER;
            let beside = if slides { SLIDER + BESIDE_SLIDER } else { 0.0 };
            let named = whole >= room + beside;
            menu(ui, icons::ICON_REPLAY.codepoint, "Again", named, |ui| {
                for action in [
                    Action::ReprocessFailed,
                    Action::ReprocessSelection,
                    Action::ReprocessBatch,
                ] {
                    entry(ui, action, queue);
                }
                ui.separator();
                entry(ui, Action::Changes, queue);
            });
            let analyse = icons::ICON_DOCUMENT_SCANNER.codepoint;
            menu(ui, analyse, "Analyse", named, |ui| {
                analyse_menu(ui, sheet, &model.analysers, queue);
            });
            let mut button = |ui: &mut Ui, action: Action, icon: &str, name: &str| {
                if named {
                    named_button(ui, action, icon, name, queue);
                } else {
                    icon_button(ui, action, icon, queue);
                }
            };
            match state {
                Some(RunState::Running | RunState::Held(_)) => {
                    let stop = icons::ICON_STOP_CIRCLE.codepoint;
                    button(ui, Action::Cancel, stop, "Cancel");
                    let pause = icons::ICON_PAUSE.codepoint;
                    button(ui, Action::PauseOrResume, pause, "Pause");
                }
                Some(state @ (RunState::Paused | RunState::Cancelled)) => {
                    if *state == RunState::Paused {
                        let stop = icons::ICON_STOP_CIRCLE.codepoint;
                        button(ui, Action::Cancel, stop, "Cancel");
                    }
                    let play = icons::ICON_PLAY_ARROW.codepoint;
                    button(ui, Action::PauseOrResume, play, "Resume");
                }
                Some(RunState::Finished | RunState::Lost(_)) | None => {}
            }
            if !view.about().has_pictures {
                let icon = Action::SaveTable.info().icon.codepoint;
                button(ui, Action::SaveTable, icon, "Save");
            }
            if view.about().has_pictures {
                icon_button(
                    ui,
                    Action::Larger,
                    Action::Larger.info().icon.codepoint,
                    queue,
                );
                if slides {
                    slider(ui, size, queue);
                }
                icon_button(
                    ui,
                    Action::Smaller,
                    Action::Smaller.info().icon.codepoint,
                    queue,
                );
            }
        });
    });
}

fn analyse_menu(
    ui: &mut Ui,
    sheet: &Sheet,
    analysers: &[(Arc<Analyser>, bool)],
    queue: &mut Queue,
) {
    ui.set_min_width(260.0);
    let selected = sheet.selection.len() as u64;
    let failed = sheet.count_looked(Looked::Failed);
    for (analyser, installed) in analysers {
        let all = match (analyser.input.is_page(), analyser.pages) {
            (true, AnalyserPages::NeedOcr) => "pages that need it",
            (true, AnalyserPages::All) => "all pages",
            (false, _) => "all documents",
        };
        let program = analyser.command.first().map_or("", String::as_str);
        let help = if *installed {
            analyser.about.clone()
        } else {
            format!("{program} is not installed on this machine")
        };
        let mut button = |scope: Scope, text: String| {
            let button = ui.add_enabled(*installed, Button::new(text));
            let button = button.on_hover_text(&help).on_disabled_hover_text(&help);
            if button.clicked() {
                queue.push(Command::RunAnalyser {
                    batch: sheet.id(),
                    analyser: analyser.name.clone(),
                    scope,
                });
            }
        };
        button(Scope::All, format!("{}: {all}", analyser.name));
        if selected > 0 {
            let pages = words::counted(selected, "selected page", "selected pages");
            let scope = Scope::Pages(sheet.selection.items().iter().copied().collect());
            button(scope, format!("{}: {pages}", analyser.name));
        }
        if failed > 0 {
            let text = format!("{}: where it failed", analyser.name);
            button(Scope::Failed(None), text);
        }
    }
    let waiting = sheet
        .progress
        .as_ref()
        .map_or(0, |progress| progress.unanalysed);
    if waiting > 0 {
        ui.separator();
        let text = format!("Stop: {} wait", words::grouped(waiting));
        if ui.button(text).clicked() {
            queue.push(Command::StopAnalysers(sheet.id()));
        }
    }
}

pub fn entry(ui: &mut Ui, action: Action, queue: &mut Queue) {
    let button = Button::new(action.text()).shortcut_text(action.key_text(ui.ctx()));
    if ui.add(button).on_hover_text(action.info().help).clicked() {
        queue.push(action);
    }
}

fn menu(ui: &mut Ui, icon: &str, name: &str, named: bool, content: impl FnOnce(&mut Ui)) {
    let text = match named {
        true => RichText::new(format!("{icon}  {name}")),
        false => RichText::new(icon).size(ICON),
    };
    let response = ui.menu_button(text, content).response;
    if !named {
        response.widget_info(|| {
            eframe::egui::WidgetInfo::labeled(eframe::egui::Role::Button, true, name)
        });
        response.on_hover_text(name);
    }
}

/// From postage stamps to as large as there is room for.
fn slider(ui: &mut Ui, (size, most): (f32, f32), queue: &mut Queue) {
    let mut chosen = size.min(most);
    ui.spacing_mut().slider_width = SLIDER;
    let slider = Slider::new(&mut chosen, SMALLEST..=most);
    let response = ui.add(slider.logarithmic(true).show_value(false));
    response.widget_info(|| WidgetInfo::slider(true, f64::from(chosen), "Size of pictures"));
    let response = response.on_hover_text("Size of pictures; Ctrl and scrolling over them too");
    if response.changed() {
        queue.push(Request::Resize(chosen));
    }
}

fn icon_button(ui: &mut Ui, action: Action, icon: &str, queue: &mut Queue) {
    let response = ui.add(Button::new(RichText::new(icon).size(ICON)).frame_when_inactive(false));
    response.widget_info(|| {
        eframe::egui::WidgetInfo::labeled(eframe::egui::Role::Button, true, action.info().name)
    });
    if response.on_hover_text(action.tooltip(ui.ctx())).clicked() {
        queue.push(action);
    }
}

fn named_button(ui: &mut Ui, action: Action, icon: &str, name: &str, queue: &mut Queue) {
    let response = ui.button(format!("{icon}  {name}"));
    if response.on_hover_text(action.tooltip(ui.ctx())).clicked() {
        queue.push(action);
    }
}
