//! How scratch and the disk went in the last hour, as a plot. Kept in memory
//! only.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use eframe::egui::{Rangef, Ui, vec2};
use egui_plot::{AxisHints, HLine, Line, Plot, PlotPoints};

use super::theme;
use super::words;
use crate::triage::Meter;

/// Older measurements are forgotten.
const KEPT: Duration = Duration::from_secs(60 * 60);

/// Measurements that are taken in quick succession count as one.
const APART: Duration = Duration::from_secs(1);

/// Height of the plot, points.
const HEIGHT: f32 = 220.0;

/// 1 MB, as sizes are shown.
const MB: f64 = 1e6;

struct Sample {
    at: Instant,
    used: u64,
    reserved: u64,
    free: u64,
}

/// Measurements of the last hour, oldest first.
#[derive(Default)]
pub struct History {
    samples: VecDeque<Sample>,
}

impl History {
    pub fn note(&mut self, meter: &Meter) {
        let at = Instant::now();
        let soon = |sample: &Sample| at.duration_since(sample.at) < APART;
        if self.samples.len() > 1 && self.samples.back().is_some_and(soon) {
            self.samples.pop_back();
        }
        self.samples.push_back(Sample {
            at,
            used: meter.used(),
            reserved: meter.reserved,
            free: meter.free,
        });
        while self
            .samples
            .front()
            .is_some_and(|sample| at.duration_since(sample.at) > KEPT)
        {
            self.samples.pop_front();
        }
    }

    pub fn ui(&self, ui: &mut Ui, meter: &Meter) {
        let palette = theme::Palette::of(ui);
        let Some(last) = self.samples.back() else {
            ui.weak("Nothing was measured yet.");
            return;
        };
        let now = last.at;
        let line = |amount: fn(&Sample) -> u64| -> PlotPoints<'_> {
            let points = self.samples.iter().map(|sample| {
                let ago = now.duration_since(sample.at).as_secs_f64() / 60.0;
                [-ago, amount(sample) as f64 / MB]
            });
            points.collect()
        };
        let highest = self.samples.iter().map(|sample| sample.used).max();
        ui.weak(format!(
            "Highest in the last hour: {}. Measured every 2 s while there is work.",
            words::size(highest.unwrap_or(0))
        ));
        let sizes = AxisHints::new_y()
            .formatter(|mark, _| words::size((mark.value * MB).max(0.0) as u64))
            .label_spacing(Rangef::new(18.0, 30.0));
        let minutes = AxisHints::new_x()
            .formatter(|mark, _| {
                let minutes = mark.value.abs();
                match mark.step_size < 1.0 {
                    true => format!("{:.0} s", minutes * 60.0),
                    false => format!("{minutes:.0} min"),
                }
            })
            .label("ago");
        // Free space and budget dwarf what is held; they are drawn where they are near
        // enough to matter.
        let near = |bytes: u64| bytes < highest.unwrap_or(0).saturating_mul(4);
        // Beside each other and above the plot, where they cover no curve.
        ui.horizontal(|ui| {
            ui.colored_label(palette.accent, "held in scratch");
            ui.colored_label(palette.duplicate, "reserved");
            if near(meter.free) {
                ui.colored_label(palette.good, "free on the disk");
            }
            if near(meter.budget) {
                ui.colored_label(palette.warning, "budget");
            }
        });
        Plot::new("history of scratch")
            .height(HEIGHT)
            .allow_drag(false)
            .allow_zoom(false)
            .allow_scroll(false)
            .allow_boxed_zoom(false)
            .custom_x_axes(vec![minutes])
            .custom_y_axes(vec![sizes])
            .include_y(0.0)
            // A minute at least: less has marks of half a second.
            .include_x(-1.0)
            .set_margin_fraction(vec2(0.0, 0.1))
            .show(ui, |plot| {
                let used = Line::new("held in scratch", line(|sample| sample.used));
                plot.line(used.color(palette.accent).width(2.0).fill(0.0));
                let reserved = Line::new("reserved", line(|sample| sample.reserved));
                plot.line(reserved.color(palette.duplicate).width(1.0));
                if near(meter.free) {
                    let free = Line::new("free on the disk", line(|sample| sample.free));
                    plot.line(free.color(palette.good).width(1.0));
                }
                if near(meter.budget) {
                    let budget = HLine::new("budget", meter.budget as f64 / MB);
                    plot.hline(budget.color(palette.warning));
                }
            });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measurements_in_quick_succession_count_as_one() {
        let mut history = History::default();
        for used in [1, 2, 3, 4] {
            history.note(&Meter {
                this_batch: used,
                ..Meter::default()
            });
        }
        let kept: Vec<_> = history.samples.iter().map(|sample| sample.used).collect();
        assert_eq!(kept, [1, 4]);
    }
}
