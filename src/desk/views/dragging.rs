//! Pages that are dragged to a pile: what is under the pointer on the way, and the places
//! where it can be let go. Escape gives a drag up. Not for the rubber band (`band`), nor for
//! moving pages between parts (`split`).

use eframe::egui::{
    Area, DragAndDrop, Frame, Id, Order, Response, RichText, Role, Stroke, StrokeKind, Ui,
    WidgetInfo, vec2,
};
use egui_material_icons::icons;

use crate::desk::sheet::Sheet;
use crate::desk::theme::{CORNER, Palette};
use crate::desk::words;
use crate::model::{DocumentId, PageId};
use crate::names;

/// From the pointer to what is shown of the pages, points.
const BESIDE: f32 = 14.0;

/// Letters of a name beside the pointer.
const NAME: usize = 48;

/// What is dragged.
struct Dragged(Vec<PageId>);

/// Begins a drag of these pages where something is dragged away.
pub fn begin(response: &Response, pages: impl FnOnce() -> Vec<PageId>) {
    if !response.drag_started() {
        return;
    }
    let pages = pages();
    if !pages.is_empty() {
        DragAndDrop::set_payload(&response.ctx, Dragged(pages));
    }
}

/// The same for all pages of a document.
pub fn begin_with_document(response: &Response, sheet: &Sheet, document: DocumentId) {
    begin(response, || {
        let pages = sheet.pages_of(document).iter();
        pages.map(|page| page.id).collect()
    });
}

/// Makes a place of a widget where pages can be let go: it lights up under them. The pages,
/// once they are.
pub fn take(ui: &Ui, response: &Response) -> Option<Vec<PageId>> {
    if !DragAndDrop::has_payload_of_type::<Dragged>(&response.ctx) {
        return None;
    }
    let palette = Palette::of(ui);
    let is_over = response.dnd_hover_payload::<Dragged>().is_some();
    let (width, colour) = match is_over {
        true => (2.0, palette.accent),
        false => (1.0, palette.dim),
    };
    let painter = ui.painter();
    if is_over {
        painter.rect_filled(response.rect, CORNER, palette.accent.gamma_multiply(0.25));
    }
    painter.rect_stroke(
        response.rect,
        CORNER,
        Stroke::new(width, colour),
        StrokeKind::Inside,
    );
    let dropped = response.dnd_release_payload::<Dragged>()?;
    Some(dropped.0.clone())
}

/// Shows what is dragged beside the pointer.
pub fn show(ui: &Ui, sheet: &Sheet) {
    let context = ui.ctx();
    let Some(dragged) = DragAndDrop::payload::<Dragged>(context) else {
        return;
    };
    let Some(pointer) = context.pointer_interact_pos() else {
        return;
    };
    let said = match dragged.0.as_slice() {
        [page] => names::cut_middle(&sheet.name_of(*page), NAME),
        pages => {
            let mut documents: Vec<DocumentId> = pages.iter().map(|page| page.document).collect();
            documents.sort();
            documents.dedup();
            let pages = words::counted(pages.len() as u64, "page", "pages");
            let documents = words::counted(documents.len() as u64, "document", "documents");
            format!("{pages} of {documents}")
        }
    };
    let icon = match dragged.0.len() {
        1 => icons::ICON_DESCRIPTION,
        _ => icons::ICON_FILE_COPY,
    };
    Area::new(Id::unique("what is dragged"))
        .order(Order::Tooltip)
        .interactable(false)
        .fixed_pos(pointer + vec2(BESIDE, BESIDE))
        .show(context, |ui| {
            Frame::popup(ui.style()).show(ui, |ui| {
                let text = format!("{}  {said}", icon.codepoint);
                let label = ui.label(RichText::new(text).color(Palette::of(ui).text));
                label.widget_info(|| {
                    WidgetInfo::labeled(Role::Label, true, format!("Dragging {said}"))
                });
            });
        });
}
