//! One page shown large, with zoom and pan: the thumbnail at once, then the page
//! drawn at the size that the screen needs. Not for measurements.

use std::collections::HashMap;

use eframe::egui::emath::Rot2;
use eframe::egui::text_selection::LabelSelectionState;
use eframe::egui::{
    Align, ColorImage, Context, Frame, Key, Layout, Mesh, Modifiers, Rect, Sense, Shape, Stroke,
    StrokeKind, TextureHandle, TextureOptions, Ui, UiBuilder, Vec2, pos2, vec2,
};
use eframe::egui::{Color32, CursorIcon, Event, PointerButton, Pos2, Response};

use super::marking::{self, Marking, nearest, word_at};
use super::overlays::{self, Overlay};
use crate::desk::requests::{Queue, Request};
use crate::desk::textures::Placed;
use crate::desk::theme::{CELL_CORNER, Palette};
use crate::model::{DocumentId, FailureKind, Page, PageId, PageState, Word};
use crate::triage::{NotDrawn, Thresholds, ViewedPage};

/// Zoom: 1 is the whole page.
const MOST_ZOOM: f32 = 16.0;

/// Longest side that is drawn, in pixels: 4,096 is A4 at 350 dpi, and takes
/// 48 MB.
const LONGEST: f32 = 4096.0;

/// Room around the page at least, points.
const MARGIN: f32 = 8.0;

/// Sizes are drawn in steps, so that a small change of the window draws nothing
/// anew.
const STEP: f32 = 256.0;

/// What of the words of a page is shown, and what it was made for.
struct ShownWords {
    typed: String,
    terms: Vec<String>,
    all: bool,
    overlays: Vec<Overlay>,
}

/// The page shown and how.
#[derive(Default)]
pub struct Canvas {
    page: Option<PageId>,
    /// Pages that were turned here, clockwise, in degrees.
    turned: HashMap<PageId, u16>,
    lens: Lens,
    drawn: Option<(PageId, u16, TextureHandle)>,
    requested: Option<(PageId, u16)>,
    /// The words of the page that was drawn, and what of them is shown.
    words: Vec<Word>,
    shown_words: Option<ShownWords>,
    /// Words that a person marked.
    marking: Marking,
    problem: Option<NotDrawn>,
}

/// How near a page is shown, and which part of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lens {
    /// 1: the whole page.
    zoom: f32,
    /// Where the middle of the area is on the page, 0 to 1 in both directions.
    centre: Vec2,
}

impl Default for Lens {
    fn default() -> Self {
        Self {
            zoom: 1.0,
            centre: vec2(0.5, 0.5),
        }
    }
}

/// What is shown over a page.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    /// What was found on it.
    pub found: bool,
    /// Where the lines between verdicts are drawn.
    pub thresholds: &'a Thresholds,
    /// What is searched for.
    pub typed: &'a str,
    /// Terms, each in a colour of its own.
    pub terms: &'a [String],
}

impl Canvas {
    /// The page was drawn.
    pub fn arrive(&mut self, context: &Context, view: &ViewedPage) {
        if self.requested != Some((view.page, view.longest)) {
            return;
        }
        match &view.picture {
            Ok(drawn) if drawn.rgba.len() == drawn.width * drawn.height * 4 => {
                let size = [drawn.width, drawn.height];
                let image = ColorImage::from_rgba_unmultiplied(size, &drawn.rgba);
                self.words.clone_from(&drawn.words);
                self.shown_words = None;
                let texture = context.load_texture("page", image, TextureOptions::LINEAR);
                self.drawn = Some((view.page, view.longest, texture));
                self.problem = None;
            }
            Ok(_) => {}
            Err(problem) => self.problem = Some(problem.clone()),
        }
    }

    /// The page is not drawn, because another was asked for: it is asked for again while
    /// it is shown.
    pub fn dropped(&mut self, page: PageId, longest: u16) {
        if self.requested == Some((page, longest)) {
            self.requested = None;
        }
    }

    /// Pages of a document are to be drawn anew.
    pub fn forget(&mut self, document: DocumentId) {
        if self.page.is_some_and(|page| page.document == document) {
            self.drawn = None;
            self.requested = None;
        }
    }

    /// What could not be drawn may be now.
    pub fn try_again(&mut self) {
        if self.problem.take().is_some() {
            self.requested = None;
        }
    }

    /// The words of a page are to be read anew, because more of them were recognised: the
    /// picture stays until they come.
    pub fn read_again(&mut self, page: PageId) {
        if self.page == Some(page) {
            self.requested = None;
            if let Some((_, longest, _)) = &mut self.drawn {
                *longest = 0;
            }
        }
    }

    /// Shows the whole page.
    pub fn fit(&mut self) {
        self.lens = Lens::default();
    }

    /// How near the page is shown.
    pub fn lens(&self) -> Lens {
        self.lens
    }

    /// Shows as near as this.
    pub fn set_lens(&mut self, lens: Lens) {
        self.lens = lens;
    }

    /// What was asked for and has not arrived: a page and its longest side, pixels.
    pub fn awaits(&self) -> Option<(PageId, u16)> {
        let arrived = self
            .drawn
            .as_ref()
            .map(|(page, longest, _)| (*page, *longest));
        self.requested
            .filter(|wanted| arrived != Some(*wanted) && self.problem.is_none())
    }

    /// The whole page is shown.
    pub fn is_fit(&self) -> bool {
        self.lens.zoom == 1.0
    }

    /// How far a page is turned here, clockwise, degrees.
    pub fn turned(&self, page: PageId) -> u16 {
        self.turned.get(&page).copied().unwrap_or(0)
    }

    /// Turns a page as it is shown here, clockwise, degrees: the file stays as it is.
    pub fn turn(&mut self, page: PageId, by: u16) {
        let turn = self.turned.entry(page).or_default();
        *turn = (*turn + by) % 360;
    }

    /// Draws the page into the rest of `ui`, as near as the one before; returns the size to
    /// draw it at where that is not asked for yet. Why it cannot be drawn stands over it.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        page: &Page,
        thumbnail: Option<Placed>,
        shown: Shown<'_>,
        queue: &mut Queue,
    ) -> (Option<u16>, Response) {
        if self.page != Some(page.id) {
            self.words.clear();
            self.shown_words = None;
            self.marking = Marking::default();
            self.page = Some(page.id);
            self.problem = None;
            // As near as before, from the top of the page on.
            self.lens.centre = vec2(self.lens.centre.x, 0.0);
        }
        let turn = self.turned(page.id);
        let (area, response) = ui.allocate_exact_size(ui.available_size(), Sense::click_and_drag());
        let (mut width, mut height) = (page.shape.width.max(1.0), page.shape.height.max(1.0));
        if turn % 180 == 90 {
            (width, height) = (height, width);
        }
        let room = area.size() - Vec2::splat(2.0 * MARGIN);
        let fit = (room.x / width).min(room.y / height);
        let size = vec2(width, height) * fit.max(0.001) * self.lens.zoom;

        let rect = self.place(ui, size, area);
        if !self.mark(&response, rect, turn) && response.dragged() {
            self.lens.centre -= response.drag_delta() / size;
        }
        self.copy_marked(ui);
        if response.double_clicked() {
            if self.lens.zoom > 1.0 {
                self.fit();
            } else if let Some(pointer) = response.interact_pointer_pos() {
                self.zoom_at(3.0, (pointer - area.center()) / size);
            }
        }
        if response.contains_pointer() {
            let (zoom, scroll) =
                ui.input(|input| (input.zoom_delta(), input.smooth_scroll_delta()));
            let factor = if zoom == 1.0 {
                (scroll.y / 300.0).exp()
            } else {
                zoom
            };
            if factor != 1.0
                && let Some(pointer) = response.hover_pos()
            {
                self.zoom_at(factor, (pointer - area.center()) / size);
            }
        }
        let size = vec2(width, height) * fit.max(0.001) * self.lens.zoom;
        self.keep_inside(size, area);

        let per_point = ui.ctx().pixels_per_point();
        let rect = self.place(ui, size, area);
        self.paint(ui, area, (rect, turn), page, thumbnail);
        self.paint_over(ui, area, (rect, turn), page, shown);
        self.say_problem(ui, area, page.id.document, queue);
        if page.state == PageState::Failed {
            return (None, response);
        }
        let wanted = (size.max_elem() * per_point / STEP).ceil() * STEP;
        let longest = wanted.clamp(STEP, LONGEST) as u16;
        // A step down is served by what is there.
        let there = self.drawn.as_ref().filter(|(id, ..)| *id == page.id);
        let enough = there.is_some_and(|(_, drawn, _)| *drawn >= longest && *drawn <= longest * 2);
        if enough || self.requested == Some((page.id, longest)) {
            return (None, response);
        }
        self.requested = Some((page.id, longest));
        (Some(longest), response)
    }

    /// Says why the page is not drawn, and asks for the password where one lacks.
    fn say_problem(&self, ui: &mut Ui, area: Rect, document: DocumentId, queue: &mut Queue) {
        let Some(problem) = &self.problem else {
            return;
        };
        let palette = Palette::of(ui);
        let over = UiBuilder::new()
            .id_salt("why it is not drawn")
            .max_rect(area.shrink(MARGIN))
            .layout(Layout::top_down(Align::Center));
        let mut over = ui.new_child(over);
        let frame = Frame::new().fill(palette.panel).corner_radius(CELL_CORNER);
        frame.inner_margin(8).show(&mut over, |ui| {
            ui.colored_label(palette.bad, problem.to_string());
            if *problem == NotDrawn::Refused(FailureKind::NeedsPassword)
                && ui.button("Type the password…").clicked()
            {
                queue.push(Request::AskForPasswords(Some(document)));
            }
        });
    }

    /// Where the page is, on whole pixels.
    fn place(&self, ui: &Ui, size: Vec2, area: Rect) -> Rect {
        let per_point = ui.ctx().pixels_per_point();
        let snap = |value: f32| (value * per_point).round() / per_point;
        let min = area.center() - self.lens.centre * size;
        Rect::from_min_size(pos2(snap(min.x), snap(min.y)), size)
    }

    /// Marks words with a drag that begins on one or beside it; true while it does. The page is in `rect`,
    /// turned clockwise by so many degrees. A click marks nothing any more.
    fn mark(&mut self, response: &Response, rect: Rect, turn: u16) -> bool {
        let place = |at: Pos2| {
            let at = (at - rect.min) / rect.size();
            match turn {
                90 => vec2(at.y, 1.0 - at.x),
                180 => vec2(1.0 - at.x, 1.0 - at.y),
                270 => vec2(1.0 - at.y, at.x),
                _ => at,
            }
        };
        if response.clicked() {
            self.marking = Marking::default();
        }
        let pressed = response.ctx.input(|input| input.pointer.press_origin());
        if response.drag_started_by(PointerButton::Primary)
            && let Some(word) = pressed.and_then(|at| word_at(&self.words, place(at), rect.size()))
        {
            self.marking.begin(word);
            // Of two texts that are marked, one would be copied unasked.
            let labels = response.ctx.plugin::<LabelSelectionState>();
            labels.lock().clear_selection();
        }
        if !response.dragged() {
            self.marking.rest();
        }
        let pointer = response.interact_pointer_pos().or(response.hover_pos());
        let place_of_pointer = pointer.map(place);
        if self.marking.is_drawn()
            && let Some(at) = place_of_pointer
            && let Some(word) = nearest(&self.words, at, rect.size())
        {
            self.marking.extend(word);
        }
        let word = place_of_pointer.and_then(|at| word_at(&self.words, at, rect.size()));
        if self.marking.is_drawn() || word.is_some() && !response.dragged() {
            response.ctx.set_cursor_icon(CursorIcon::Text);
        }
        self.marking.is_drawn()
    }

    /// Puts what is marked on the clipboard when that is asked for.
    fn copy_marked(&self, ui: &Ui) {
        let Some(text) = self.marked_text() else {
            return;
        };
        let asks = ui.input_mut(|input| {
            let before = input.events.len();
            input.events.retain(|event| *event != Event::Copy);
            input.events.len() < before
        });
        if asks {
            ui.ctx().copy_text(text);
        }
    }

    /// The words that are marked, as text; none: none are.
    pub fn marked_text(&self) -> Option<String> {
        self.marking.of(&self.words).map(marking::text)
    }

    /// Marks nothing any more; false where nothing was marked.
    pub fn unmark(&mut self) -> bool {
        std::mem::take(&mut self.marking).range().is_some()
    }

    /// Zooms so that the point under the pointer stays where it is. `from`: the
    /// pointer's distance from the middle, in pages.
    fn zoom_at(&mut self, factor: f32, from: Vec2) {
        let zoom = (self.lens.zoom * factor).clamp(1.0, MOST_ZOOM);
        let factor = zoom / self.lens.zoom;
        self.lens.centre += from * (1.0 - 1.0 / factor);
        self.lens.zoom = zoom;
    }

    /// Keys that zoom; returns true if one was used.
    pub fn keys(&mut self, ui: &Ui) -> bool {
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        if pressed(Key::Plus) || pressed(Key::Equals) {
            self.zoom_at(1.5, Vec2::ZERO);
        } else if pressed(Key::Minus) {
            self.zoom_at(1.0 / 1.5, Vec2::ZERO);
        } else if pressed(Key::Num0) {
            self.fit();
        } else {
            return false;
        }
        true
    }

    fn keep_inside(&mut self, size: Vec2, area: Rect) {
        for axis in 0..2 {
            let half = area.size()[axis] / size[axis] / 2.0;
            self.lens.centre[axis] = if half >= 0.5 {
                0.5
            } else {
                self.lens.centre[axis].clamp(half, 1.0 - half)
            };
        }
    }

    /// What was found on the page, and what was searched for.
    fn paint_over(
        &mut self,
        ui: &Ui,
        area: Rect,
        (rect, turn): (Rect, u16),
        page: &Page,
        shown: Shown<'_>,
    ) {
        let painter = ui.painter().with_clip_rect(area.intersect(ui.clip_rect()));
        let is_known = self.shown_words.as_ref().is_some_and(|for_| {
            for_.typed == shown.typed && for_.terms == shown.terms && for_.all == shown.found
        });
        if !is_known {
            let mut overlays = overlays::of_words(&self.words, shown.typed, shown.found);
            overlays.extend(overlays::of_terms(&self.words, shown.terms));
            self.shown_words = Some(ShownWords {
                typed: shown.typed.to_owned(),
                terms: shown.terms.to_vec(),
                all: shown.found,
                overlays,
            });
        }
        if let Some(shown) = &self.shown_words {
            overlays::paint(&painter, rect, turn, &shown.overlays);
        }
        if let Some(marked) = self.marking.of(&self.words) {
            overlays::paint(&painter, rect, turn, &overlays::of_marked(marked));
        }
        if shown.found {
            let found = overlays::of_page(page, shown.thresholds);
            overlays::paint(&painter, rect, turn, &found);
        }
    }

    fn paint(
        &self,
        ui: &Ui,
        area: Rect,
        (rect, turn): (Rect, u16),
        page: &Page,
        thumbnail: Option<Placed>,
    ) {
        let palette = Palette::of(ui);
        let painter = ui.painter().with_clip_rect(area.intersect(ui.clip_rect()));
        painter.rect_filled(rect, 0, palette.paper);
        let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        let drawn = self.drawn.as_ref().filter(|(id, ..)| *id == page.id);
        let picture = match (drawn, thumbnail) {
            (Some((.., texture)), _) => Some((texture.id(), whole)),
            (None, Some(placed)) => Some((placed.texture, placed.uv)),
            (None, None) => None,
        };
        if let Some((texture, uv)) = picture {
            let mut mesh = Mesh::with_texture(texture);
            let upright = match turn % 180 {
                0 => rect,
                _ => Rect::from_center_size(rect.center(), vec2(rect.height(), rect.width())),
            };
            mesh.add_rect_with_uv(upright, uv, Color32::WHITE);
            let angle = f32::from(turn).to_radians();
            mesh.rotate(Rot2::from_angle(angle), rect.center());
            painter.add(Shape::mesh(mesh));
        }
        let edge = if page.state == PageState::Failed {
            palette.bad
        } else {
            palette.line
        };
        painter.rect_stroke(rect, 0, Stroke::new(1.0, edge), StrokeKind::Outside);
    }
}
