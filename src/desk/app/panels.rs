//! The panels around the middle: the bars above and below, what needs room at once, notices,
//! and both sides. How each looks is in its own module.

use eframe::egui::{Align, Frame, Layout, Margin, Panel, Ui};

use super::Desk;
use crate::desk::panels::batch_menu::BatchMenu;
use crate::desk::panels::facets::Facets;
use crate::desk::panels::folding::{Folding, Side};
use crate::desk::panels::{asking, documents, inspector, shortage, status, toolbar};
use crate::desk::requests::Queue;
use crate::desk::sheet::Sheet;
use crate::desk::theme;
use crate::desk::theme::Palette;
use crate::desk::views::Beside;
use crate::triage::RunState;

/// What panels remember.
#[derive(Default)]
pub struct Panels {
    pub batch_menu: BatchMenu,
    pub folding: Folding,
    /// Numbers on chips.
    pub facets: Facets,
    /// What is typed next goes to the search.
    pub focus_search: bool,
}

impl Desk {
    /// All of them, in the order in which they take their room.
    pub(super) const PANELS: [fn(&mut Self, &mut Ui); 5] = [
        Self::top,
        Self::bottom,
        Self::shortage,
        Self::sides,
        // Over a corner of what is left: they take no room.
        |desk, ui| desk.notices.ui(ui, &mut desk.queue),
    ];

    fn top(&mut self, ui: &mut Ui) {
        let inner = Frame::new().inner_margin(Margin::symmetric(12, 0));
        let fill = Palette::of(ui).panel;
        Panel::top("top")
            .exact_size(theme::TOP_BAR)
            .frame(inner.fill(fill))
            .show(ui, |ui| {
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    toolbar::ui(
                        ui,
                        &self.model,
                        self.choices.kept.settings.view,
                        (self.choices.kept.settings.cell, self.views.grid.most()),
                        &mut self.panels.batch_menu,
                        &mut self.queue,
                    );
                });
            });
    }

    fn bottom(&mut self, ui: &mut Ui) {
        let fill = Palette::of(ui).panel;
        Panel::bottom("bottom")
            .exact_size(theme::STATUS_BAR)
            .frame(
                Frame::new()
                    .inner_margin(Margin::symmetric(12, 0))
                    .fill(fill),
            )
            .show(ui, |ui| {
                status::ui(ui, &self.model, &mut self.queue);
            });
    }

    /// The banner while work waits for space.
    fn shortage(&mut self, ui: &mut Ui) {
        let state = self
            .model
            .sheet
            .as_ref()
            .and_then(|sheet| Some(&sheet.progress.as_ref()?.state));
        let Some(RunState::Held(reason)) = state else {
            return;
        };
        shortage::ui(ui, reason, &mut self.queue);
    }

    fn sides(&mut self, ui: &mut Ui) {
        let Some(sheet) = &mut self.model.sheet else {
            return;
        };
        let palette = Palette::of(ui);
        let focus_search = std::mem::take(&mut self.panels.focus_search);
        self.panels.folding.follow(ui.available_width());
        if self
            .panels
            .folding
            .shows(Side::Documents, self.choices.kept.settings.documents_shown)
        {
            let around = Frame::new().fill(palette.panel).inner_margin(8);
            Panel::left("documents")
                .default_size(240.0)
                .size_range(160.0..=480.0)
                .frame(around)
                .show(ui, |ui| {
                    let settings = &mut self.choices.kept.settings;
                    let (view, saved) = (settings.view, &mut settings.saved);
                    let facets = &mut self.panels.facets;
                    facets.follow(ui.ctx(), sheet);
                    let ask = |ui: &mut Ui, sheet: &mut Sheet, queue: &mut Queue| {
                        asking::ui(ui, sheet, view, saved, facets, focus_search, queue);
                    };
                    documents::ui(ui, sheet, ask, &mut self.queue);
                });
        }
        let beside = match self.choices.opened {
            Some(_) => Beside::Inspector,
            None => self.choices.view().about().beside,
        };
        let wanted = self.choices.settings().inspector_shown;
        match beside {
            Beside::Panel => self.panel_of_view(ui),
            Beside::Inspector
                if self.panels.folding.shows(Side::Inspector, wanted)
                    // Two pages side by side need the room.
                    && self.choices.compare.is_none()
                    // What was decided stands there.
                    && self.choices.judging.is_none() =>
            {
                self.inspector(ui);
            }
            Beside::Inspector | Beside::Nothing => {}
        }
    }

    fn inspector(&mut self, ui: &mut Ui) {
        let Some(sheet) = &self.model.sheet else {
            return;
        };
        let palette = Palette::of(ui);
        let frame = Frame::new()
            .fill(palette.panel)
            .inner_margin(Margin::symmetric(12, 8));
        let is_large = self.choices.opened.is_some() || self.choices.compare.is_some();
        let thumbnail = sheet.selection.cursor().and_then(|id| {
            let measured = sheet.page(id)?.measurements.is_some();
            self.pictures.textures.get(id, measured)
        });
        let preview = (!is_large).then_some((&mut self.pictures.preview, thumbnail));
        let inspection = self.model.inspection.as_ref();
        let overlays = self.choices.kept.settings.overlays;
        Panel::right("inspector")
            .default_size(320.0)
            .size_range(240.0..=900.0)
            .frame(frame)
            .show(ui, |ui| {
                inspector::ui(ui, sheet, inspection, preview, overlays, &mut self.queue);
            });
    }
}
