//! The window that says how far deciding about a batch is: what is left, by decision, pile
//! and person, and how long it will take at this pace. Not for deciding (`deciding`), nor
//! for how far the work of the program is (`status`).

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use eframe::egui::{Context, Grid, ProgressBar, RichText, ScrollArea, Ui};

use super::window;
use crate::desk::actions::Action;
use crate::desk::panels::deciding;
use crate::desk::requests::{Queue, Request};
use crate::desk::sheet::Sheet;
use crate::desk::theme::{Palette, section};
use crate::desk::words;
use crate::model::Ruling;
use crate::names;
use crate::triage::query::exactly;
use crate::triage::{Command, Tally};

/// Counts are made anew this often while the window is open.
const AGAIN_AFTER: Duration = Duration::from_millis(700);

/// Pages of a batch, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Counts {
    pages: usize,
    /// By decision, in the order of [`Ruling::ALL`].
    ruled: [usize; 3],
    /// Neither decided nor seen.
    unreviewed: usize,
    /// By pile: pages, and how many of them are decided.
    piles: BTreeMap<String, (usize, usize)>,
}

impl Counts {
    fn of(sheet: &Sheet) -> Self {
        let mut counts = Self {
            pages: sheet.page_count(),
            unreviewed: sheet.unreviewed(),
            ..Self::default()
        };
        for page in sheet.pages() {
            let Some(said) = sheet.said(page.id) else {
                continue;
            };
            if let Some(ruling) = said.ruling {
                let at = Ruling::ALL.iter().position(|of| *of == ruling);
                counts.ruled[at.unwrap_or(0)] += 1;
            }
            if let Some(pile) = &said.pile {
                let (pages, decided) = counts.piles.entry(pile.clone()).or_default();
                *pages += 1;
                *decided += usize::from(said.ruling.is_some());
            }
        }
        counts
    }

    fn decided(&self) -> usize {
        self.ruled.iter().sum()
    }

    fn left(&self) -> usize {
        self.pages - self.decided()
    }
}

/// The window's state.
#[derive(Default)]
pub struct HeadwayWindow {
    pub open: bool,
    /// What was counted, when, and what it was made for.
    counts: Option<(Instant, (u64, usize), Counts)>,
    tally: Option<Tally>,
}

impl HeadwayWindow {
    /// Who decided how much is known.
    pub fn arrive(&mut self, tally: Tally) {
        self.tally = Some(tally);
    }

    /// Shows the window while it is open.
    pub fn ui(&mut self, context: &Context, sheet: &Sheet, queue: &mut Queue) {
        if !self.open {
            *self = Self::default();
            return;
        }
        let now = (sheet.said_changed(), sheet.page_count());
        let is_old = |(made, made_for, _): &(Instant, (u64, usize), Counts)| {
            *made_for != now && made.elapsed() >= AGAIN_AFTER
        };
        if self.counts.as_ref().is_none_or(is_old) {
            self.counts = Some((Instant::now(), now, Counts::of(sheet)));
            queue.push(Command::Tally(sheet.id()));
        }
        let Some((_, made_for, counts)) = &self.counts else {
            return;
        };
        if *made_for != now {
            context.request_repaint_after(AGAIN_AFTER);
        }
        let tally = self.tally.as_ref();
        let mut open = self.open;
        window::show(context, "How far it is", &mut open, 420.0, |ui| {
            summary(ui, counts, tally, queue);
            let most = (context.content_rect().height() - 360.0).max(120.0);
            ScrollArea::vertical().max_height(most).show(ui, |ui| {
                if !counts.piles.is_empty() {
                    ui.add_space(8.0);
                    section(ui, "By pile");
                    piles(ui, counts, queue);
                }
                if let Some(tally) = tally.filter(|tally| !tally.by_person.is_empty()) {
                    ui.add_space(8.0);
                    section(ui, "By person");
                    people(ui, tally);
                }
            });
            ui.add_space(8.0);
            ui.horizontal(|ui| {
                let next = Action::NextUndecided;
                let enabled = counts.left() > 0;
                let button = ui.add_enabled(enabled, eframe::egui::Button::new(next.text()));
                if button.on_hover_text(next.tooltip(ui.ctx())).clicked() {
                    queue.push(next);
                }
            });
        });
        self.open = open;
    }
}

fn summary(ui: &mut Ui, counts: &Counts, tally: Option<&Tally>, queue: &mut Queue) {
    let palette = Palette::of(ui);
    let number = |number: usize| words::grouped(number as u64);
    let (decided, left) = (counts.decided(), counts.left());
    let title = match left {
        0 => "All pages are decided".to_owned(),
        _ => format!("{} left of {}", number(left), number(counts.pages)),
    };
    ui.label(RichText::new(title).size(20.0));
    let share = decided as f32 / counts.pages.max(1) as f32;
    let bar = ProgressBar::new(share).desired_height(8.0);
    ui.add(bar.fill(palette.accent));
    ui.add_space(4.0);
    ui.horizontal_wrapped(|ui| {
        for (ruling, count) in Ruling::ALL.into_iter().zip(counts.ruled) {
            let name = match ruling {
                Ruling::Keep => "kept",
                Ruling::Reject => "rejected",
                Ruling::Flag => "flagged",
            };
            let text = format!("{} {} {name}", deciding::icon(ruling), number(count));
            let colour = deciding::colour(&palette, ruling);
            let link = ui.link(RichText::new(text).color(colour));
            if link.on_hover_text("Show them").clicked() {
                let query = format!("decision:{}", ruling.as_str());
                queue.push(Request::ShowPagesOf(query));
            }
        }
    });
    let seen = left - counts.unreviewed.min(left);
    ui.horizontal_wrapped(|ui| {
        if seen > 0 {
            let text = format!("{} seen and not decided", number(seen));
            if ui.link(text).on_hover_text("Show them").clicked() {
                queue.push(Request::ShowPagesOf("reviewed:seen".to_owned()));
            }
        }
        if counts.unreviewed > 0 {
            let text = format!("{} that nobody has seen", number(counts.unreviewed));
            if ui.link(text).on_hover_text("Show them").clicked() {
                queue.push(Request::ShowPagesOf("reviewed:no".to_owned()));
            }
        }
    });
    if left > 0
        && let Some(pace) = tally.and_then(|tally| tally.pace(now()))
    {
        let minutes = (left as f64 / pace).ceil() as u64;
        let left = match minutes {
            0..=1 => "a minute".to_owned(),
            2..=90 => format!("{minutes} minutes"),
            _ => format!("{:.1} hours", minutes as f64 / 60.0),
        };
        ui.weak(format!(
            "{pace:.0} pages a minute lately; about {left} to go"
        ))
        .on_hover_text("Counted over the last quarter of an hour");
    }
}

fn piles(ui: &mut Ui, counts: &Counts, queue: &mut Queue) {
    Grid::new("piles")
        .num_columns(3)
        .spacing([24.0, 4.0])
        .show(ui, |ui| {
            for (pile, (pages, decided)) in &counts.piles {
                let palette = Palette::of(ui);
                let name = RichText::new(names::cut_middle(pile, 32));
                let name = name.color(deciding::pile_colour(&palette, pile));
                if ui.link(name).on_hover_text("Show its pages").clicked() {
                    queue.push(Request::ShowPagesOf(exactly("pile", pile)));
                }
                ui.label(words::counted(*pages as u64, "page", "pages"));
                ui.weak(match pages - decided {
                    0 => "all decided".to_owned(),
                    left => format!("{} left", words::grouped(left as u64)),
                });
                ui.end_row();
            }
        });
}

fn people(ui: &mut Ui, tally: &Tally) {
    Grid::new("people")
        .num_columns(2)
        .spacing([24.0, 4.0])
        .show(ui, |ui| {
            for (name, pages) in &tally.by_person {
                ui.label(names::cut_middle(name, 32));
                ui.label(words::counted(*pages as u64, "page", "pages"));
                ui.end_row();
            }
        });
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs().cast_signed())
}
