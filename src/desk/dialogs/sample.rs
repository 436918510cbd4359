//! Quality control: the window in which a sample of pages is drawn and its result is read,
//! and the view in which its pages are judged one after the other, without seeing what was
//! decided. Not for drawing it (`triage::sample`).

use eframe::egui::{
    Align, Button, Context, DragValue, Key, Label, Layout, Modifiers, RichText, ScrollArea, Ui,
};
use egui_material_icons::icons;

use super::window;
use crate::desk::actions::Action;
use crate::desk::large::canvas::Canvas;
use crate::desk::panels::deciding;
use crate::desk::requests::{Queue, Request};
use crate::desk::sheet::Sheet;
use crate::desk::textures::Textures;
use crate::desk::theme::{Palette, section};
use crate::desk::words;
use crate::model::{BatchId, Change, Confidence, PageId, Ruling, Sample, SamplePage};
use crate::names;
use crate::triage::Command;
use crate::triage::sample::{estimate, size};

/// So many of the pages that were judged otherwise are listed.
const LISTED: usize = 200;

/// Margins that can be chosen, in per cent.
const MARGINS: std::ops::RangeInclusive<f64> = 0.5..=25.0;

/// The window's state, and what is known of the sample.
pub struct SampleWindow {
    pub open: bool,
    /// The sample that was drawn last, and of which batch it is.
    sample: Option<(BatchId, Sample)>,
    confidence: Confidence,
    /// In per cent.
    margin: f64,
}

impl Default for SampleWindow {
    fn default() -> Self {
        Self {
            open: false,
            sample: None,
            confidence: Confidence::default(),
            margin: 5.0,
        }
    }
}

impl SampleWindow {
    /// The sample of a batch is known, or has changed.
    pub fn arrive(&mut self, batch: BatchId, sample: Option<Sample>) {
        self.sample = sample.map(|sample| (batch, sample));
    }

    /// The sample of a batch.
    pub fn of(&self, batch: BatchId) -> Option<&Sample> {
        let (of, sample) = self.sample.as_ref()?;
        (*of == batch).then_some(sample)
    }

    /// Shows the window while it is open.
    pub fn ui(&mut self, context: &Context, sheet: &Sheet, queue: &mut Queue) {
        let mut open = self.open;
        window::show(context, "Quality sample", &mut open, 480.0, |ui| {
            if let Some(sample) = self.of(sheet.id()) {
                result(ui, sheet, sample, queue);
                ui.add_space(12.0);
                section(ui, "Another sample");
            } else {
                ui.label(
                    "Pages are drawn at random and judged anew by somebody who does not see what \
                     was decided. How often the judgement differs says how far the decisions can \
                     be relied on.",
                );
                ui.add_space(8.0);
            }
            self.draw(ui, sheet, queue);
        });
        self.open = open;
    }

    fn draw(&mut self, ui: &mut Ui, sheet: &Sheet, queue: &mut Queue) {
        let pages = sheet.order().len();
        let which = match sheet.reasons() {
            reasons if reasons.is_empty() => "all pages of the batch".to_owned(),
            reasons => format!("the pages that are shown ({})", reasons.join(", ")),
        };
        let of = words::counted(pages as u64, "page", "pages");
        ui.add(Label::new(format!("From {which}: {of}")).wrap());
        ui.add_space(4.0);
        ui.horizontal(|ui| {
            ui.label("Confidence");
            for confidence in Confidence::ALL {
                let text = format!("{} %", confidence.percent());
                ui.selectable_value(&mut self.confidence, confidence, text);
            }
            ui.add_space(12.0);
            let label = ui.label("Margin");
            let value = DragValue::new(&mut self.margin).range(MARGINS).speed(0.1);
            ui.add(value.prefix("± ").suffix(" %"))
                .labelled_by(label.id);
        });
        ui.add_space(8.0);
        let margin = self.margin / 100.0;
        let number = size(pages, self.confidence, margin);
        let text = format!("Draw {}", words::counted(number as u64, "page", "pages"));
        let draw = ui.add_enabled(number > 0, Button::new(text));
        let help = "Choose which pages by the filter or by asking, before drawing";
        if draw.on_hover_text(help).clicked() {
            queue.push(Command::DrawSample {
                batch: sheet.id(),
                pages: sheet.order().to_vec(),
                query: sheet.reasons().join(", "),
                confidence: self.confidence,
                margin,
            });
        }
    }
}

/// What the sample has shown so far.
fn result(ui: &mut Ui, sheet: &Sheet, sample: &Sample, queue: &mut Queue) {
    let number = |number: usize| words::grouped(number as u64);
    let (judged, all) = (sample.judged(), sample.pages.len());
    ui.label(RichText::new(format!("{} of {} judged", number(judged), number(all))).size(20.0));
    let query = match sample.query.as_str() {
        "" => String::new(),
        query => format!(" ({})", names::cut_middle(query, 60)),
    };
    ui.weak(format!(
        "Drawn from {}{} on {} by {}, for ± {:.1} % at {} %",
        words::counted(sample.population, "page", "pages"),
        query,
        words::day(sample.at),
        sample.author,
        sample.margin * 100.0,
        sample.confidence.percent(),
    ));
    ui.add_space(4.0);
    if let Some(estimate) = estimate(sample) {
        let percent = |share: f64| format!("{:.1} %", share * 100.0);
        ui.label(format!(
            "{} judged otherwise than decided: {}",
            number(sample.overturned()),
            percent(estimate.share),
        ));
        let said = match estimate.least == estimate.most {
            true => "All pages were judged.".to_owned(),
            false => format!(
                "Of all pages between {} and {}, at {} % confidence",
                percent(estimate.least),
                percent(estimate.most),
                sample.confidence.percent(),
            ),
        };
        ui.label(said);
    }
    ui.add_space(4.0);
    if !sample.is_finished() {
        let text = match judged {
            0 => "Judge them",
            _ => "Go on judging",
        };
        let go_on = ui.button(format!("{}  {text}", icons::ICON_GAVEL.codepoint));
        if go_on.clicked() {
            queue.push(Request::Judge);
        }
        return;
    }
    let overturned: Vec<(PageId, &SamplePage)> = sample
        .pages
        .iter()
        .filter(|page| page.is_overturned())
        .filter_map(|page| Some((sheet.collection.page_of(&page.page)?, page)))
        .collect();
    if overturned.is_empty() {
        return;
    }
    list(ui, sheet, &overturned);
    ui.horizontal(|ui| {
        if ui.button("Show these pages").clicked() {
            let pages = overturned.iter().map(|(id, _)| *id).collect();
            queue.push(Request::ShowSelected(pages));
        }
        let say = ui.button("Decide as judged");
        let help = "Says of these pages what was judged; Ctrl+Z takes it back";
        if say.on_hover_text(help).clicked() {
            let said = Ruling::ALL.map(|ruling| {
                let judged = overturned.iter();
                let judged = judged.filter(|(_, page)| page.judged == Some(ruling));
                let pages = judged.map(|(id, _)| *id).collect();
                (pages, vec![Change::Rule(Some(ruling))])
            });
            queue.push(Command::Decide {
                batch: sheet.id(),
                said: said.into(),
                rule: Some("quality sample".to_owned()),
            });
        }
    });
}

fn list(ui: &mut Ui, sheet: &Sheet, overturned: &[(PageId, &SamplePage)]) {
    let name = |ruling: Option<Ruling>| ruling.map_or("undecided", Ruling::as_str);
    ScrollArea::vertical().max_height(160.0).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        for (id, page) in overturned.iter().take(LISTED) {
            let (said, judged) = (name(page.said), name(page.judged));
            ui.weak(format!("{}: {said}, judged {judged}", sheet.name_of(*id)));
        }
        if overturned.len() > LISTED {
            ui.weak(format!("and {} more", overturned.len() - LISTED));
        }
    });
}

/// The view in which pages are judged.
#[derive(Default)]
pub struct Judging {
    /// Of the page that is shown.
    pub place: usize,
    pub canvas: Canvas,
}

impl Judging {
    /// From the first page that is not judged on.
    pub fn new(sample: &Sample) -> Self {
        let mut pages = sample.pages.iter();
        Self {
            place: pages.position(|page| page.judged.is_none()).unwrap_or(0),
            canvas: Canvas::default(),
        }
    }

    /// Keys that zoom; true if one was used.
    pub fn zoom_keys(&mut self, ui: &Ui) -> bool {
        self.canvas.keys(ui)
    }

    /// Draws the page.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        sheet: &Sheet,
        sample: &Sample,
        textures: &mut Textures,
        queue: &mut Queue,
    ) {
        self.place = self.place.min(sample.pages.len().saturating_sub(1));
        let Some(page) = sample.pages.get(self.place) else {
            queue.push(Request::Leave);
            return;
        };
        let palette = Palette::of(ui);
        ui.horizontal(|ui| {
            let back = format!("{}  Back", icons::ICON_ARROW_BACK.codepoint);
            let back = ui.button(back).on_hover_text("Go on later  (Esc)");
            if back.clicked() {
                queue.push(Request::Leave);
            }
            for (action, ruling) in [
                (Action::Keep, Ruling::Keep),
                (Action::Reject, Ruling::Reject),
                (Action::Flag, Ruling::Flag),
            ] {
                let colour = deciding::colour(&palette, ruling);
                let is_said = page.judged == Some(ruling);
                if deciding::button(ui, action, true, is_said, colour).clicked() {
                    queue.push(action);
                }
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let left = sample.pages.len() - sample.judged();
                ui.label(format!(
                    "Sample: page {} of {}, {left} left",
                    self.place + 1,
                    sample.pages.len()
                ));
            });
        });
        ui.add_space(8.0);
        let typing = ui.ctx().text_edit_focused();
        let pressed =
            |key| !typing && ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        if pressed(Key::Escape) {
            queue.push(Request::Leave);
        }
        if pressed(Key::ArrowLeft) || pressed(Key::ArrowUp) {
            self.place = self.place.saturating_sub(1);
        }
        if pressed(Key::ArrowRight) || pressed(Key::ArrowDown) {
            self.place = (self.place + 1).min(sample.pages.len() - 1);
        }
        let found = sheet
            .collection
            .page_of(&page.page)
            .and_then(|id| sheet.page(id));
        let Some(found) = found else {
            ui.weak("This page is not in the batch any more.");
            return;
        };
        let thumbnail = textures.get(found.id, found.measurements.is_some());
        let shown = sheet.shown_over_pages(false);
        let (wanted, _) = self.canvas.ui(ui, found, thumbnail, shown, queue);
        if wanted.is_some() {
            queue.push(Request::DrawAnew);
        }
    }
}
