//! The window of thresholds: where the lines between verdicts are drawn, over what
//! was measured in the batch. Moving one judges every page anew at once. Not for
//! judging (`analysis::verdicts`).

use std::collections::BTreeMap;

use eframe::egui::{
    Align, Button, ComboBox, Context, DragValue, Layout, RichText, Slider, TextEdit, Ui, vec2,
};
use egui_plot::{Bar, BarChart, Plot, VLine};

use super::window;
use crate::desk::requests::Queue;
use crate::desk::sheet::{Filter, Sheet};
use crate::desk::theme::Palette;
use crate::desk::words;
use crate::triage::fields::{Line, lines};
use crate::triage::{Command, Thresholds};

/// Bars of a histogram.
const BARS: usize = 48;

/// Thresholds beside each other.
const COLUMNS: usize = 2;

/// Height of a histogram, points.
const HEIGHT: f32 = 56.0;

/// The panel's state.
#[derive(Default)]
pub struct ThresholdsWindow {
    pub open: bool,
    /// Thresholds before each change, oldest first.
    undo: Vec<Thresholds>,
    /// The name of a profile that is being typed.
    profile: String,
    /// Histograms, and the sheet's version that they are of.
    histograms: Vec<[u32; BARS]>,
    drawn_for: Option<(crate::model::BatchId, u64)>,
}

impl ThresholdsWindow {
    /// Shows the panel while it is open.
    pub fn ui(
        &mut self,
        context: &Context,
        sheet: &mut Sheet,
        profiles: &mut BTreeMap<String, Thresholds>,
        queue: &mut Queue,
    ) {
        let mut open = self.open;
        let batch = sheet.id();
        let mut keep = |thresholds| {
            queue.push(Command::KeepThresholds {
                batch,
                thresholds: Box::new(thresholds),
            });
        };
        window::show(context, "Thresholds", &mut open, 640.0, |ui| {
            let before = *sheet.thresholds();
            let mut now = before;
            let mut moved = None;
            self.draw_histograms(sheet);
            // Two beside each other: the smallest window shows all of them.
            let lines: Vec<&Line> = lines().collect();
            for (row, pair) in lines.chunks(COLUMNS).enumerate() {
                ui.columns(COLUMNS, |columns| {
                    for (column, (ui, line)) in columns.iter_mut().zip(pair).enumerate() {
                        let index = row * COLUMNS + column;
                        if tune(ui, line, self.histograms.get(index), &mut now) {
                            moved = Some(index);
                        }
                    }
                });
            }
            ui.separator();
            flips(ui, sheet);
            ui.horizontal(|ui| {
                let can_undo = !self.undo.is_empty();
                if ui.add_enabled(can_undo, Button::new("Undo")).clicked()
                    && let Some(earlier) = self.undo.pop()
                {
                    sheet.set_thresholds(earlier, None);
                    keep(earlier);
                }
                let usual = Thresholds::default();
                let reset = ui.add_enabled(before != usual, Button::new("Reset"));
                if reset.on_hover_text("Back to the usual lines").clicked() {
                    now = usual;
                }
                self.profiles(ui, profiles, &mut now);
            });
            if now != before {
                // A slider that is dragged is one change.
                let dragging = moved.is_some() && ui.input(|input| input.pointer.any_down());
                if !(dragging && sheet.is_moving(moved)) {
                    self.undo.push(before);
                }
                sheet.set_thresholds(now, moved);
                keep(now);
            }
        });
        self.open = open;
    }

    fn profiles(
        &mut self,
        ui: &mut Ui,
        profiles: &mut BTreeMap<String, Thresholds>,
        now: &mut Thresholds,
    ) {
        let current = profiles
            .iter()
            .find(|(_, thresholds)| *thresholds == now)
            .map_or("Profiles", |(name, _)| name.as_str())
            .to_owned();
        ComboBox::from_id_salt("profiles")
            .selected_text(current)
            .show_ui(ui, |ui| {
                if profiles.is_empty() {
                    ui.weak("None are kept: type a name and press Keep.");
                }
                let mut gone = None;
                for (name, thresholds) in profiles.iter() {
                    ui.horizontal(|ui| {
                        if ui.selectable_label(thresholds == now, name).clicked() {
                            *now = *thresholds;
                        }
                        if ui.small_button("×").on_hover_text("Forget it").clicked() {
                            gone = Some(name.clone());
                        }
                    });
                }
                if let Some(name) = gone {
                    profiles.remove(&name);
                }
            });
        let field = TextEdit::singleline(&mut self.profile)
            .hint_text("Name")
            .desired_width(90.0);
        ui.add(field);
        let name = self.profile.trim();
        let keep = ui.add_enabled(!name.is_empty(), Button::new("Keep"));
        let help = "Keep these lines under a name, for other batches";
        if keep.on_hover_text(help).clicked() {
            profiles.insert(name.to_owned(), *now);
            self.profile.clear();
        }
    }

    /// Counts what was measured, once for each state of the batch.
    fn draw_histograms(&mut self, sheet: &Sheet) {
        let state = Some((sheet.id(), sheet.measured()));
        if self.drawn_for == state {
            return;
        }
        self.drawn_for = state;
        self.histograms = vec![[0; BARS]; lines().count()];
        for page in sheet.pages() {
            let Some(measured) = &page.measurements else {
                continue;
            };
            for (line, bars) in lines().zip(&mut self.histograms) {
                if let Some(value) = (line.measured)(&measured.signals) {
                    let at = (line.place(value) * BARS as f64) as usize;
                    bars[at.min(BARS - 1)] += 1;
                }
            }
        }
    }
}

/// A slider under its histogram; true if it was moved.
fn tune(ui: &mut Ui, line: &Line, bars: Option<&[u32; BARS]>, thresholds: &mut Thresholds) -> bool {
    let palette = Palette::of(ui);
    let mut value = (line.get)(thresholds);
    let (least, most) = line.range;
    let mut moved = false;
    ui.horizontal(|ui| {
        ui.label(RichText::new(line.name).strong())
            .on_hover_text(line.help);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let typed = DragValue::new(&mut value)
                .range(least..=most)
                .speed((most - least) / 1000.0)
                .suffix(line.unit)
                .max_decimals(3);
            moved |= ui.add(typed).on_hover_text(line.help).changed();
        });
    });
    let width = ui.available_width();
    let at_line = line.place(value) * BARS as f64;
    let chart: Vec<Bar> = bars
        .into_iter()
        .flatten()
        .enumerate()
        .map(|(at, &count)| {
            let colour = if (at as f64) < at_line {
                palette.dim
            } else {
                palette.accent
            };
            // Two pages beside two thousand can still be seen.
            let height = f64::from(count).sqrt();
            Bar::new(at as f64 + 0.5, height).width(0.9).fill(colour)
        })
        .collect();
    Plot::new(line.name)
        .height(HEIGHT)
        .width(width)
        .show_axes([false, false])
        .show_grid([false, false])
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .show_x(false)
        .show_y(false)
        .include_x(0.0)
        .include_x(BARS as f64)
        .set_margin_fraction(vec2(0.0, 0.05))
        .show(ui, |plot| {
            plot.bar_chart(BarChart::new(line.name, chart));
            plot.vline(
                VLine::new("line", at_line)
                    .color(palette.warning)
                    .width(2.0),
            );
        });
    ui.spacing_mut().slider_width = width;
    let slider = Slider::new(&mut value, least..=most)
        .logarithmic(line.logarithmic)
        .show_value(false);
    moved |= ui.add(slider).on_hover_text(line.help).changed();
    if moved {
        (line.set)(thresholds, value);
    }
    moved
}

/// How many pages are judged differently than by the usual lines, and a way to
/// look at just those.
fn flips(ui: &mut Ui, sheet: &mut Sheet) {
    let flipped = sheet.flipped() as u64;
    ui.horizontal(|ui| {
        let pages = words::counted(flipped, "page is", "pages are");
        ui.label(format!("{pages} judged otherwise by your thresholds"));
        let mut only = sheet.filter.flipped;
        let enabled = flipped > 0 || only;
        let button = Button::selectable(only, "Show only these");
        let help = "Sorted by how near they are to the line that was moved last";
        if ui
            .add_enabled(enabled, button)
            .on_hover_text(help)
            .clicked()
        {
            only = !only;
        }
        let filter = Filter {
            flipped: only,
            ..sheet.filter
        };
        sheet.set_filter(filter);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slider_reaches_the_usual_line_and_sets_what_it_shows() {
        for line in lines() {
            let mut thresholds = Thresholds::default();
            let usual = (line.get)(&thresholds);
            let (least, most) = line.range;
            assert!((least..=most).contains(&usual), "{}", line.name);
            (line.set)(&mut thresholds, most);
            assert!(((line.get)(&thresholds) - most).abs() < most * 1e-5);
            assert_eq!((line.place(least), line.place(most)), (0.0, 1.0));
        }
    }
}
