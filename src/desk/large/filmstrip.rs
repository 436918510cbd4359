//! The strip of pages below one that is shown large: those before and after it, in the order
//! that is shown, with what is decided. A click goes there. Not for the large page
//! (`canvas`).

use eframe::egui::{
    Align2, FontId, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use crate::desk::sheet::Sheet;
use crate::desk::textures::Textures;
use crate::desk::theme::Palette;
use crate::desk::views::dragging;
use crate::desk::views::grid;
use crate::model::PageId;

/// Height of the strip, side of a picture, and room for its number, points.
pub const HEIGHT: f32 = 104.0;
const SIDE: f32 = 76.0;
const CAPTION: f32 = 16.0;
const GAP: f32 = 8.0;

/// Draws the strip around a page; returns the pages on it, and one that was clicked.
pub fn ui(
    ui: &mut Ui,
    sheet: &Sheet,
    textures: &mut Textures,
    shown: PageId,
) -> (Vec<PageId>, Option<PageId>) {
    let width = ui.available_width();
    let (area, _) = ui.allocate_exact_size(vec2(width, HEIGHT), Sense::hover());
    let Some(at) = sheet.position(shown) else {
        return (vec![], None);
    };
    let order = sheet.order();
    let most = ((width / (SIDE + GAP)) as usize).max(1);
    // The page in the middle, but at the ends, where the strip stays full.
    let first = at.saturating_sub(most / 2);
    let first = first.min(order.len().saturating_sub(most));
    let pages = &order[first..order.len().min(first + most)];
    let left = area.center().x - pages.len() as f32 * (SIDE + GAP) / 2.0;
    let mut clicked = None;
    for (place, id) in pages.iter().enumerate() {
        let Some(page) = sheet.page(*id) else {
            continue;
        };
        let corner = pos2(left + place as f32 * (SIDE + GAP), area.top() + 4.0);
        let cell = Rect::from_min_size(corner, vec2(SIDE, SIDE + CAPTION));
        let response = ui.interact(
            cell,
            ui.scope_id().with(("strip", id)),
            Sense::click_and_drag(),
        );
        dragging::begin(&response, || vec![*id]);
        let name = format!("{} in the strip", sheet.name_of(*id));
        response
            .widget_info(|| WidgetInfo::selected(Role::Button, true, *id == shown, name.as_str()));
        let palette = Palette::of(ui);
        let picture = grid::picture_rect(ui, page, Rect::from_min_size(corner, vec2(SIDE, SIDE)));
        let texture = textures.get(*id, page.measurements.is_some());
        grid::paint_page(ui, page, picture, texture);
        if let Some(said) = sheet.said(*id) {
            grid::paint_decision(ui.painter(), &palette, picture, said);
        }
        let edge = match (*id == shown, response.hovered()) {
            (true, _) => Some(palette.accent),
            (false, true) => Some(palette.text),
            (false, false) => None,
        };
        if let Some(edge) = edge {
            let stroke = Stroke::new(2.0, edge);
            ui.painter()
                .rect_stroke(picture.expand(2.0), 2, stroke, StrokeKind::Outside);
        }
        // Where another document begins, its first page says so.
        let begins = place > 0 && pages[place - 1].document != id.document;
        if begins {
            let x = cell.left() - GAP / 2.0;
            let line = [pos2(x, cell.top()), pos2(x, cell.bottom())];
            ui.painter()
                .line_segment(line, Stroke::new(1.0, palette.line));
        }
        ui.painter().text(
            pos2(cell.center().x, cell.bottom()),
            Align2::CENTER_BOTTOM,
            id.number,
            FontId::proportional(11.0),
            if *id == shown {
                palette.text
            } else {
                palette.dim
            },
        );
        if response.on_hover_text(sheet.name_of(*id)).clicked() {
            clicked = Some(*id);
        }
    }
    (pages.to_vec(), clicked)
}
