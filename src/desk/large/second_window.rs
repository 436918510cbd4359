//! A window beside the main one, for a second screen, that shows the page under the cursor
//! as large as it has room. Keys that are pressed there do what they do in the main one.
//! Not for how a page is drawn (`canvas`).

use eframe::egui::{CentralPanel, Context, Frame, Margin, ViewportBuilder, ViewportId, vec2};

use super::canvas::Canvas;
use crate::desk::keys;
use crate::desk::requests::{Queue, Request};
use crate::desk::sheet::Sheet;
use crate::desk::textures::Textures;
use crate::desk::theme::Palette;

/// Its size at first, points: a page of A4.
const SIZE: [f32; 2] = [760.0, 1040.0];

/// The window's state.
#[derive(Default)]
pub struct SecondWindow {
    pub open: bool,
    pub canvas: Canvas,
}

impl SecondWindow {
    /// Shows it while it is open. `listens`: keys that are pressed there do something.
    pub fn ui(
        &mut self,
        context: &Context,
        sheet: Option<&Sheet>,
        textures: &mut Textures,
        (findings, listens): (bool, bool),
        queue: &mut Queue,
    ) {
        if !self.open {
            return;
        }
        let page = sheet.and_then(|sheet| Some((sheet, sheet.page(sheet.selection.cursor()?)?)));
        let title = match page {
            Some((sheet, page)) => format!("{} – Pagesieve", sheet.name_of(page.id)),
            None => "Preview – Pagesieve".to_owned(),
        };
        let builder = ViewportBuilder::default()
            .with_title(title)
            .with_inner_size(SIZE)
            .with_min_inner_size([240.0, 320.0]);
        let mut closed = false;
        let canvas = &mut self.canvas;
        let id = ViewportId::from_hash_of("second window");
        context.show_viewport_immediate(id, builder, |ui, _| {
            let context = ui.ctx().clone();
            closed = context.input(|input| input.viewport().close_requested());
            if !canvas.keys(ui) {
                for bound in keys::pressed(&context).into_iter().filter(|_| listens) {
                    queue.push(bound);
                }
            }
            let frame = Frame::new()
                .fill(Palette::of(ui).ground)
                .inner_margin(Margin::same(8));
            CentralPanel::default().frame(frame).show(ui, |ui| {
                // Where it stands within the main window, it has to have a size.
                ui.set_min_size(vec2(240.0, 320.0));
                let Some((sheet, page)) = page else {
                    ui.centered_and_justified(|ui| ui.weak("Click a page in the main window."));
                    return;
                };
                let thumbnail = textures.get(page.id, page.measurements.is_some());
                let shown = sheet.shown_over_pages(findings);
                if canvas.ui(ui, page, thumbnail, shown, queue).0.is_some() {
                    queue.push(Request::DrawAnew);
                }
            });
        });
        self.open &= !closed;
    }
}
