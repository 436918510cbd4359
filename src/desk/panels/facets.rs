//! How many of the pages that are shown have what can be said of pages, as the numbers on
//! chips and in lists. Counted a slice a frame, so that no frame waits for it. Not for which
//! pages are shown (`sheet`), nor for choosing by them (`asking`).

use std::time::{Duration, Instant};

use eframe::egui::Context;

use crate::desk::sheet::{Edition, Sheet};
use crate::triage::RunState;
use crate::triage::fields::Said;

/// While results come in, pages are counted this often.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Pages of a slice, and time for slices in a frame.
const SLICE: usize = 1000;
const PER_FRAME: Duration = Duration::from_millis(2);

/// The counts.
#[derive(Default)]
pub struct Facets {
    /// In the order of [`Said::all`]; empty until all pages were counted.
    counts: Vec<usize>,
    /// What they are made for, or are being made for, and since when.
    made_for: Option<(Edition, Instant)>,
    /// The place of the next page to be counted, and the counts so far.
    counting: Option<(usize, Vec<usize>)>,
}

impl Facets {
    /// Number of shown pages of which it is said, by its place in [`Said::all`]; none before
    /// they were counted.
    pub fn count(&self, place: usize) -> Option<usize> {
        self.counts.get(place).copied()
    }

    /// Counts on, once a frame.
    pub fn follow(&mut self, context: &Context, sheet: &Sheet) {
        let now = sheet.edition();
        let progress = sheet.progress.as_ref();
        let runs = progress.is_some_and(|progress| progress.state == RunState::Running);
        match self.made_for {
            Some((made_for, _)) if made_for == now => {}
            Some((made_for, begun)) if runs && now.differs_by_results(&made_for) => {
                let rest = AGAIN_AFTER.saturating_sub(begun.elapsed());
                if self.counting.is_none() && rest.is_zero() {
                    self.begin(now);
                } else {
                    context.request_repaint_after(rest);
                }
            }
            _ => self.begin(now),
        }
        let Some((next, sums)) = &mut self.counting else {
            return;
        };
        let order = sheet.order();
        let began = Instant::now();
        while *next < order.len() && began.elapsed() < PER_FRAME {
            let end = order.len().min(*next + SLICE);
            for (sum, more) in sums.iter_mut().zip(sheet.count_said(&order[*next..end])) {
                *sum += more;
            }
            *next = end;
        }
        if *next >= order.len() {
            self.counts = std::mem::take(sums);
            self.counting = None;
        } else {
            context.request_repaint();
        }
    }

    fn begin(&mut self, now: Edition) {
        self.made_for = Some((now, Instant::now()));
        self.counting = Some((0, vec![0; Said::all().count()]));
    }
}
