//! The grid: pages as pictures, in rows under the names of their documents; short
//! documents share a row. Only what is on screen is built, whatever the size of the
//! batch.

use eframe::egui::{
    Align2, Color32, Id, Key, Mesh, Modifiers, Painter, Rect, Response, Role, ScrollArea, Sense,
    Shape, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};
use egui_material_icons::icons;

use super::band::{Band, Corners};
use super::close_ups::CloseUps;
use super::marks;
use super::{About, Beside, Draw, Scene, nothing};
use super::{dragging, page_menu};
use crate::desk::actions::plain;
use crate::desk::dialogs::save_table::What;
use crate::desk::panels::deciding;
use crate::desk::requests::{Queue, Request};
use crate::desk::sheet::Sheet;
use crate::desk::textures::{Placed, Textures};
use crate::desk::theme::{CELL_CORNER, Palette, ROW, small};
use crate::desk::{dwelling, is_on_screen, manual, words};
use crate::model::{Decision, DocumentId, Page, PageId, PageState, Ruling};
use crate::names;
use crate::triage::fields::Mark;

/// Side of a cell's picture in points, from postage stamps to pages that fill a large
/// window, and by how much a step multiplies it.
pub const SMALLEST: f32 = 64.0;
pub const LARGEST: f32 = 1400.0;
pub const STEP: f32 = 1.25;

/// Room around a picture, and below it for its number.
const GAP: f32 = 12.0;
const CAPTION: f32 = 20.0;

/// What it is.
pub const ABOUT: About = About {
    name: "Grid",
    help: "Pages as pictures",
    icon: icons::ICON_GRID_VIEW,
    usual_key: plain(Key::Num1),
    chapter: ("grid", include_str!("../../../assets/manual/grid.md")),
    keys: manual::PAGES,
    saves: What::Pages,
    decides: true,
    has_pictures: true,
    shows_pages: true,
    beside: Beside::Inspector,
    counts: None,
};

/// Share of a cell's width that is free at each side of an upright page.
const BESIDE_PAGE: f64 = 0.14;

/// Rows above and below the screen whose thumbnails are loaded as well.
const AHEAD: f64 = 300.0;

/// One document's cells, or all cells when pages are not sorted by document.
struct Group {
    document: Option<DocumentId>,
    first: usize,
    count: usize,
    /// Top in the whole grid. f64: a million rows are more than f32 can count.
    top: f64,
    /// The column in which it begins, and the number of columns that it has.
    left: usize,
    columns: usize,
}

impl Group {
    /// Row and column of its page at `position` in the order.
    fn place(&self, position: usize) -> (usize, usize) {
        let within = position - self.first;
        (within / self.columns, self.left + within % self.columns)
    }
}

/// The grid's layout, kept while nothing changes it.
#[derive(Default)]
pub struct Grid {
    groups: Vec<Group>,
    height: f64,
    made_for: Option<(u64, usize, u32)>,
    columns: usize,
    side: f32,
    /// The largest side of a picture that there is room for; 0 before it was drawn.
    room: f32,
    /// A page on screen, and how far its middle is below the upper edge: where the size of
    /// pictures changes, it stays there.
    held: Option<(PageId, f64)>,
    band: Band,
    /// Bring the cursor into view in the next frame.
    follow_cursor: bool,
}

impl Grid {
    fn cell(side: f32) -> (f64, f64) {
        (f64::from(side + GAP), f64::from(side + CAPTION + GAP))
    }

    /// The largest side of a picture that there is room for, points.
    pub fn most(&self) -> f32 {
        match self.room {
            0.0 => LARGEST,
            room => room.clamp(2.0 * SMALLEST, LARGEST),
        }
    }

    /// Lays the same pages out anew where that has to be; true where only their size or the
    /// number of columns is another.
    fn lay_out(&mut self, sheet: &Sheet, columns: usize, side: f32) -> bool {
        let key = (sheet.version, columns, side.to_bits());
        if self.made_for == Some(key) {
            return false;
        }
        let before = self.made_for.replace(key);
        self.columns = columns;
        self.side = side;
        self.groups.clear();
        let order = sheet.order();
        let grouped = sheet.is_by_document();
        let (mut first, mut top, mut left) = (0, 0.0, 0);
        while first < order.len() {
            let document = order[first].document;
            let count = if grouped {
                order[first..]
                    .iter()
                    .take_while(|page| page.document == document)
                    .count()
            } else {
                order.len()
            };
            // What does not fit beside the ones before begins a row.
            if left > 0 && left + count > columns {
                top += self.group_height(1, grouped, side);
                left = 0;
            }
            let wide = count.min(columns);
            self.groups.push(Group {
                document: grouped.then_some(document),
                first,
                count,
                top,
                left,
                columns: wide,
            });
            left += wide;
            if left >= columns {
                top += self.group_height(count, grouped, side);
                left = 0;
            }
            first += count;
        }
        if left > 0 {
            top += self.group_height(1, grouped, side);
        }
        self.height = top;
        before.is_some_and(|(version, ..)| version == sheet.version)
    }

    /// How far the middle of a page's cell is from the beginning of the grid.
    fn middle_of(&self, sheet: &Sheet, page: PageId) -> Option<f64> {
        let (_, top) = self.place_of(sheet.position(page)?, self.side)?;
        Some(top + Self::cell(self.side).1 / 2.0)
    }

    /// How far to scroll so that the page that is held is where it was.
    fn offset_to_hold(&self, sheet: &Sheet, visible: f32) -> Option<f32> {
        let (page, below) = self.held?;
        let most = (self.height - f64::from(visible)).max(0.0);
        let offset = self.middle_of(sheet, page)? - below;
        Some(offset.clamp(0.0, most) as f32)
    }

    /// Holds the page under the cursor, or else the first on screen, where it is.
    fn hold(&mut self, sheet: &Sheet, on_screen: &[PageId], offset: f32) {
        let cursor = sheet
            .selection
            .cursor()
            .filter(|cursor| on_screen.contains(cursor));
        let page = cursor.or(on_screen.first().copied());
        let middle = page.and_then(|page| Some((page, self.middle_of(sheet, page)?)));
        self.held = middle.map(|(page, middle)| (page, middle - f64::from(offset)));
    }

    fn group_height(&self, count: usize, headed: bool, side: f32) -> f64 {
        let rows = count.div_ceil(self.columns) as f64;
        rows * Self::cell(side).1 + if headed { f64::from(ROW) + 8.0 } else { 0.0 }
    }

    fn group_of(&self, position: usize) -> Option<&Group> {
        let after = self.groups.partition_point(|group| group.first <= position);
        self.groups.get(after.checked_sub(1)?)
    }

    /// Where a page's cell is, in the whole grid.
    fn place_of(&self, position: usize, side: f32) -> Option<(f64, f64)> {
        let group = self.group_of(position)?;
        let (row, column) = group.place(position);
        let (width, height) = Self::cell(side);
        let head = if group.document.is_some() {
            f64::from(ROW)
        } else {
            0.0
        };
        Some((
            column as f64 * width,
            group.top + head + row as f64 * height,
        ))
    }

    /// By how much the position changes from here to the nearest cell so many rows
    /// further down (or up).
    fn rows_away(&self, from: usize, count: usize, rows: isize) -> isize {
        let side = self.side;
        let Some((x, mut y)) = self.place_of(from, side) else {
            return 0;
        };
        let mut best = from;
        for _ in 0..rows.unsigned_abs() {
            let mut found: Option<(f64, f64, usize)> = None;
            let mut at = best;
            loop {
                let next = at.checked_add_signed(rows.signum());
                let Some(next) = next.filter(|next| *next < count) else {
                    break;
                };
                at = next;
                let Some((left, top)) = self.place_of(at, side) else {
                    break;
                };
                if top == y {
                    continue;
                }
                match found {
                    Some((row, _, _)) if row != top => break,
                    Some((_, apart, _)) if apart <= (left - x).abs() => {}
                    _ => found = Some((top, (left - x).abs(), at)),
                }
            }
            let Some((row, _, position)) = found else {
                break;
            };
            (y, best) = (row, position);
        }
        best as isize - from as isize
    }

    /// Draws the pages; returns those on screen, in order.
    fn pages(
        &mut self,
        ui: &mut Ui,
        sheet: &mut Sheet,
        (textures, close_ups): (&mut Textures, &mut CloseUps),
        side: f32,
        queue: &mut Queue,
    ) -> Vec<PageId> {
        let mut on_screen = Vec::new();
        let (width, height) = Self::cell(side);
        let columns = ((f64::from(ui.available_width()) - 8.0) / width)
            .floor()
            .max(1.0) as usize;
        let visible_height = ui.available_height();
        let is_resized = self.lay_out(sheet, columns, side);
        self.keys(ui, sheet);
        let zoom = ui.input(|input| input.zoom_delta());
        if zoom != 1.0 && ui.rect_contains_pointer(ui.available_rect_before_wrap()) {
            queue.push(Request::Resize(side * zoom));
        }

        // Each batch is where it was left.
        let mut area = ScrollArea::vertical()
            .id_salt(("pages", sheet.id()))
            .auto_shrink(false);
        if is_resized && let Some(offset) = self.offset_to_hold(sheet, visible_height) {
            area = area.vertical_scroll_offset(offset);
        }
        let mut offset = 0.0;
        area.show_viewport(ui, |ui, viewport| {
            offset = viewport.min.y;
            ui.set_height(self.height.max(1.0) as f32);
            let origin = ui.min_rect().min;
            // Below the cells, which take clicks; what is dragged is the band's.
            if let Some(area) = self.band.drag(ui, sheet, origin) {
                let caught = self.caught(sheet, side, area);
                self.band.select(sheet, caught);
            }
            if std::mem::take(&mut self.follow_cursor)
                && let Some(cursor) = sheet.selection.cursor()
                && let Some(position) = sheet.position(cursor)
                && let Some((x, y)) = self.place_of(position, side)
            {
                let corner = pos2(origin.x + x as f32, origin.y + y as f32 - ROW);
                let size = vec2(width as f32, height as f32 + ROW);
                ui.scroll_to_rect(Rect::from_min_size(corner, size), None);
            }
            let top = f64::from(viewport.min.y) - AHEAD;
            let bottom = f64::from(viewport.min.y + visible_height) + AHEAD;
            // All groups of the last row that begins above.
            let above = self.groups.partition_point(|group| group.top <= top);
            let row = above.checked_sub(1).map_or(0.0, |at| self.groups[at].top);
            let start = self.groups.partition_point(|group| group.top < row);
            for (at, group) in self.groups.iter().enumerate().skip(start) {
                if group.top > bottom {
                    break;
                }
                let mut y = group.top;
                if let Some(document) = group.document {
                    let left = origin.x + (group.left as f64 * width) as f32;
                    let corner = pos2(left, origin.y + y as f32);
                    // With nothing beside it the name has the rest of the row.
                    let next = self.groups.get(at + 1);
                    let wide = match next.is_some_and(|next| next.top <= group.top) {
                        true => (group.columns as f64 * width) as f32,
                        false => ui.available_width() - (left - origin.x),
                    };
                    heading(
                        ui,
                        sheet,
                        document,
                        Rect::from_min_size(corner, vec2(wide, ROW)),
                    );
                    y += f64::from(ROW);
                }
                let rows = group.count.div_ceil(group.columns);
                let skip = ((top - y) / height).floor().max(0.0) as usize;
                for row in skip..rows {
                    let row_top = y + row as f64 * height;
                    if row_top > bottom {
                        break;
                    }
                    for column in 0..group.columns.min(group.count - row * group.columns) {
                        let page = sheet.order()[group.first + row * group.columns + column];
                        let corner = pos2(
                            origin.x + ((group.left + column) as f64 * width) as f32 + GAP / 2.0,
                            origin.y + row_top as f32 + GAP / 2.0,
                        );
                        let rect = Rect::from_min_size(corner, vec2(side, side + CAPTION));
                        if is_on_screen(ui, rect) {
                            on_screen.push(page);
                            cell(ui, sheet, (textures, close_ups), page, rect, queue);
                        } else if let Some(known) = sheet.page(page) {
                            let _ = textures.get(page, known.measurements.is_some());
                        }
                    }
                }
            }
            self.band.paint(ui, origin);
        });
        self.hold(sheet, &on_screen, offset);
        on_screen
    }

    /// Pages whose pictures an area of the whole grid touches.
    fn caught(&self, sheet: &Sheet, side: f32, (from, to): Corners) -> Vec<PageId> {
        let (width, height) = Self::cell(side);
        let gap = f64::from(GAP) / 2.0;
        let mut caught = Vec::new();
        for group in self.groups.iter().take_while(|group| group.top <= to.1) {
            let head = if group.document.is_some() {
                f64::from(ROW)
            } else {
                0.0
            };
            let top = group.top + head + gap;
            let rows = group.count.div_ceil(group.columns);
            let (side, caption) = (f64::from(side), f64::from(CAPTION));
            // The first row that ends below the upper edge.
            let first = ((from.1 - top - side - caption) / height).ceil().max(0.0) as usize;
            for row in first..rows {
                if top + row as f64 * height > to.1 {
                    break;
                }
                for column in 0..group.columns.min(group.count - row * group.columns) {
                    let left = (group.left + column) as f64 * width + gap;
                    // Most pages are upright: their pictures leave room at both sides.
                    let inset = side * BESIDE_PAGE;
                    if left + inset <= to.0 && left + side - inset >= from.0 {
                        caught.push(sheet.order()[group.first + row * group.columns + column]);
                    }
                }
            }
        }
        caught
    }

    fn keys(&mut self, ui: &Ui, sheet: &mut Sheet) {
        if ui.ctx().text_edit_focused() {
            return;
        }
        let count = sheet.order().len();
        let at = sheet
            .selection
            .cursor()
            .and_then(|page| sheet.position(page));
        let moves = [
            (Key::ArrowLeft, Move::Pages(-1)),
            (Key::ArrowRight, Move::Pages(1)),
            (Key::ArrowUp, Move::Rows(-1)),
            (Key::ArrowDown, Move::Rows(1)),
            (Key::PageUp, Move::Rows(-3)),
            (Key::PageDown, Move::Rows(3)),
            (Key::Home, Move::Pages(isize::MIN)),
            (Key::End, Move::Pages(isize::MAX)),
        ];
        for (key, by) in moves {
            for (modifiers, extend) in [(Modifiers::SHIFT, true), (Modifiers::NONE, false)] {
                if ui.input_mut(|input| input.consume_key(modifiers, key)) {
                    let by = match by {
                        Move::Pages(pages) => pages,
                        Move::Rows(rows) => at.map_or(0, |at| self.rows_away(at, count, rows)),
                    };
                    sheet.move_cursor(by, extend);
                    self.follow_cursor = true;
                }
            }
        }
    }
}

/// How far a key moves the cursor.
#[derive(Clone, Copy)]
enum Move {
    Pages(isize),
    Rows(isize),
}

fn heading(ui: &mut Ui, sheet: &Sheet, document: DocumentId, rect: Rect) {
    let Some(document) = sheet.document(document) else {
        return;
    };
    if !is_on_screen(ui, rect) {
        return;
    }
    let palette = Palette::of(ui);
    let painter = ui.painter();
    let middle = rect.center().y + 2.0;
    let font = eframe::egui::FontId::proportional(13.5);
    let pages = words::counted(document.pages.into(), "page", "pages");
    let pages = painter.layout_no_wrap(pages, small(), palette.dim);
    // The number of pages stands beside a name that leaves room for it.
    let room = rect.width() - GAP;
    let name = names::fitted(painter, &document.name, font, palette.text, room);
    let left = rect.left() + GAP / 2.0;
    let after = left + name.size().x + 10.0;
    let is_cut = name.text() != document.name;
    painter.galley(pos2(left, middle - name.size().y / 2.0), name, palette.text);
    if after + pages.size().x <= rect.right() {
        painter.galley(
            pos2(after, middle - pages.size().y / 2.0),
            pages,
            palette.dim,
        );
    }
    let id = Id::unique(("heading in the grid", document.id));
    let response = ui.interact(rect, id, Sense::hover());
    if is_cut {
        response.on_hover_text(names::whole(&document.name));
    }
}

impl Draw for Grid {
    fn ui(&mut self, ui: &mut Ui, scene: &mut Scene<'_>) {
        let Some(sheet) = &mut scene.model.sheet else {
            return;
        };
        if sheet.order().is_empty() {
            nothing::ui(ui, scene);
            return;
        }
        // Beside the bar that scrolls.
        self.room = ui.available_width() - 8.0 - GAP;
        let side = scene.choices.settings().cell.min(self.most());
        let pictures = &mut *scene.pictures;
        let pictures = (&mut pictures.textures, &mut pictures.close_ups);
        let on_screen = self.pages(ui, sheet, pictures, side, scene.queue);
        if side >= dwelling::READABLE {
            scene.seen.readable.clone_from(&on_screen);
        }
        scene.seen.look_at(on_screen, scene.queue);
    }

    fn follow_cursor(&mut self) {
        self.follow_cursor = true;
    }
}

/// One page.
fn cell(
    ui: &mut Ui,
    sheet: &mut Sheet,
    (textures, close_ups): (&mut Textures, &mut CloseUps),
    id: PageId,
    rect: Rect,
    queue: &mut Queue,
) {
    let Some(page) = sheet.page(id).cloned() else {
        return;
    };
    let selected = sheet.selection.contains(&id);
    let is_cursor = sheet.selection.cursor() == Some(id);
    // From what is selected a drag takes it along; from elsewhere it draws the band.
    let sense = match selected {
        true => Sense::click_and_drag(),
        false => Sense::click(),
    };
    let response = ui.interact(rect, Id::unique(("page in the grid", id)), sense);
    dragging::begin(&response, || sheet.chosen());
    let name = sheet
        .document(id.document)
        .map_or("", |d| d.name.as_str())
        .to_owned();
    let is_drawn = page.measurements.is_some();
    let thumbnail = textures.get(id, is_drawn);
    let longest = rect.width() * ui.ctx().pixels_per_point();
    let close_up = is_drawn.then(|| close_ups.get(id, longest)).flatten();
    let texture = close_up.or(thumbnail);
    let no_picture = match texture {
        Some(_) => None,
        None => textures.problem(id),
    };
    let decision = sheet.decision(id);
    response.widget_info(|| {
        let state = match page.state {
            PageState::Waiting => ", waiting",
            PageState::Again => ", waiting to be analysed again",
            PageState::Done if no_picture.is_some() => ", no picture",
            PageState::Done => "",
            PageState::Failed => ", failed",
        };
        let decided = deciding::in_words(&decision).join(", ");
        let decided = match decided.is_empty() {
            true => decided,
            false => format!(", {}", decided.to_lowercase()),
        };
        let label = format!("{name}, page {}{state}{decided}", id.number);
        WidgetInfo::selected(Role::GridCell, true, selected, label)
    });

    let side = rect.width();
    let area = Rect::from_min_size(rect.min, vec2(side, side));
    let picture = picture_rect(ui, &page, area);
    let palette = Palette::of(ui);
    paint_page(ui, &page, picture, texture);

    let painter = ui.painter();
    if selected {
        let edge = picture.expand(3.0);
        painter.rect_stroke(
            edge,
            CELL_CORNER,
            Stroke::new(2.0, palette.accent),
            StrokeKind::Middle,
        );
    } else if response.hovered() {
        let edge = picture.expand(3.0);
        painter.rect_stroke(
            edge,
            CELL_CORNER,
            Stroke::new(1.0, palette.dim),
            StrokeKind::Middle,
        );
    }
    if is_cursor {
        let edge = picture.expand(6.0);
        painter.rect_stroke(
            edge,
            CELL_CORNER,
            Stroke::new(1.0, palette.accent),
            StrokeKind::Middle,
        );
    }
    let colour = if selected { palette.text } else { palette.dim };
    let said = marks::marks(sheet, &page);
    // The number and the marks together stand under the middle.
    let beside = marks::width(&said) + if said.is_empty() { 0.0 } else { 6.0 };
    let middle = rect.bottom() - CAPTION / 2.0 + 2.0;
    let number = painter.text(
        pos2(rect.center().x - beside / 2.0, middle),
        Align2::CENTER_CENTER,
        id.number,
        small(),
        colour,
    );
    marks::paint(painter, &palette, &said, pos2(number.right() + 6.0, middle));
    paint_decision(painter, &palette, picture, &decision);
    let sign = match (page.state, no_picture) {
        (PageState::Failed, _) => Some((icons::ICON_ERROR, palette.bad)),
        (_, Some(_)) => Some((icons::ICON_BROKEN_IMAGE, palette.dim)),
        _ => None,
    };
    if let Some((icon, colour)) = sign {
        painter.text(
            picture.center(),
            Align2::CENTER_CENTER,
            icon.codepoint,
            eframe::egui::FontId::proportional(24.0),
            colour,
        );
    }
    marks::tell(ui.ctx(), &response, &said);
    act_on(
        ui,
        sheet,
        &response,
        &page,
        (&name, no_picture),
        &said,
        queue,
    );
}

/// What is decided about a page: its sign in the corner, the pile along the edge, and a
/// veil over what is thrown out.
pub fn paint_decision(painter: &Painter, palette: &Palette, picture: Rect, decision: &Decision) {
    if decision.ruling == Some(Ruling::Reject) {
        painter.rect_filled(picture, 0, palette.ground.gamma_multiply(0.6));
    }
    if let Some(pile) = &decision.pile {
        let strip = Rect::from_min_max(pos2(picture.left(), picture.bottom() - 16.0), picture.max);
        let colour = deciding::pile_colour(palette, pile);
        painter.rect_filled(strip, 0, palette.panel);
        painter.rect_filled(strip.with_max_x(strip.left() + 4.0), 0, colour);
        let room = strip.width() - 12.0;
        let name = names::fitted(painter, pile, small(), palette.text, room);
        let at = pos2(strip.left() + 8.0, strip.center().y - name.size().y / 2.0);
        painter.galley(at, name, palette.text);
    }
    if let Some(ruling) = decision.ruling {
        let centre = pos2(picture.left() + 12.0, picture.top() + 12.0);
        painter.circle_filled(centre, 10.0, palette.panel);
        painter.text(
            centre,
            Align2::CENTER_CENTER,
            deciding::icon(ruling),
            eframe::egui::FontId::proportional(16.0),
            deciding::colour(palette, ruling),
        );
    }
}

fn act_on(
    ui: &Ui,
    sheet: &mut Sheet,
    response: &Response,
    page: &Page,
    (name, no_picture): (&str, Option<&str>),
    said: &[&Mark],
    queue: &mut Queue,
) {
    let id = page.id;
    if response.double_clicked() {
        sheet.select(id, false, false);
        queue.push(Request::Open(id));
        return;
    }
    if response.clicked() {
        let modifiers = ui.input(|input| input.modifiers);
        sheet.select(id, modifiers.shift, modifiers.command);
    }
    if response.secondary_clicked() && !sheet.selection.contains(&id) {
        sheet.select(id, false, false);
    }
    page_menu::on(response, sheet, id, false, queue);
    if response.hovered() {
        let response = response.clone();
        response.on_hover_ui(|ui| {
            ui.label(format!("{name}, page {}", id.number));
            let fact = match (page.state, &page.measurements) {
                (PageState::Failed, _) => sheet
                    .failures
                    .of(id.document, Some(id.number))
                    .map_or("Failed".into(), |failure| {
                        failure.kind.explanation().to_owned()
                    }),
                (PageState::Done | PageState::Again, Some(m)) => format!(
                    "{} · {}",
                    words::paper(page.shape),
                    words::counted(m.words.into(), "word", "words")
                ),
                _ => format!("{} · waiting", words::paper(page.shape)),
            };
            ui.weak(fact);
            if let Some(reason) = no_picture {
                ui.label(format!("No picture: {reason}"));
            }
            for said in deciding::in_words(&sheet.decision(id)) {
                ui.label(said);
            }
            for mark in said {
                ui.label(mark.words);
            }
        });
    }
}

/// The page's true shape inside the cell, on whole pixels.
pub fn picture_rect(ui: &Ui, page: &Page, area: Rect) -> Rect {
    let (width, height) = (page.shape.width.max(1.0), page.shape.height.max(1.0));
    let scale = (area.width() / width).min(area.height() / height);
    // Extreme pages keep a visible width.
    let size = vec2((width * scale).max(2.0), (height * scale).max(2.0));
    let per_point = ui.ctx().pixels_per_point();
    let snap = |value: f32| (value * per_point).round() / per_point;
    let min = area.center() - size / 2.0;
    Rect::from_min_size(
        pos2(snap(min.x), snap(min.y)),
        vec2(snap(size.x), snap(size.y)),
    )
}

/// A page's picture, or paper of its true shape.
pub fn paint_page(ui: &Ui, page: &Page, rect: Rect, texture: Option<Placed>) {
    let palette = Palette::of(ui);
    let painter = ui.painter();
    match texture {
        Some(placed) => {
            let mut mesh = Mesh::with_texture(placed.texture);
            mesh.add_rect_with_uv(rect, placed.uv, Color32::WHITE);
            painter.add(Shape::mesh(mesh));
        }
        None => {
            painter.rect_filled(rect, 0, palette.paper);
        }
    }
    // White paper needs an edge on a light ground.
    let edge = if page.state == PageState::Failed {
        palette.bad
    } else {
        palette.line
    };
    painter.rect_stroke(rect, 0, Stroke::new(1.0, edge), StrokeKind::Outside);
}
