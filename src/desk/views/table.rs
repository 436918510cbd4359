//! The table: the same pages as rows of measurements, with columns that sort.
//! Only the rows on screen are built.

use eframe::egui::{
    Align, Checkbox, Color32, Context, Grid, Id, Key, Label, Layout, Modifiers, Response, RichText,
    Role, ScrollArea, Sense, TextStyle, Ui, WidgetInfo,
};
use egui_extras::{Column as TableColumn, TableBuilder, TableRow};
use egui_material_icons::icons;

use super::{About, Beside, Draw, Scene, View, nothing};
use super::{dragging, failures, marks, page_menu};
use crate::desk::actions::{Action, plain};
use crate::desk::dialogs::save_table::What;
use crate::desk::manual;
use crate::desk::requests::{Queue, Request};
use crate::desk::settings::{Columns, NARROWEST};
use crate::desk::sheet::Sheet;
use crate::desk::theme::{Palette, ROW};
use crate::model::{DocumentId, Page, PageId, PageState};
use crate::names;
use crate::triage::fields::{Field, PAGE};

/// What it is.
pub const ABOUT: About = About {
    name: "Table",
    help: "Pages as rows of measurements",
    icon: icons::ICON_TABLE_ROWS,
    usual_key: plain(Key::Num2),
    chapter: ("table", include_str!("../../../assets/manual/table.md")),
    keys: manual::PAGES,
    saves: What::Pages,
    decides: true,
    has_pictures: false,
    shows_pages: true,
    beside: Beside::Inspector,
    counts: None,
};

/// The view's state.
#[derive(Default)]
pub struct TableView {
    /// Bring the cursor into view.
    follow: bool,
}

impl Draw for TableView {
    fn ui(&mut self, ui: &mut Ui, scene: &mut Scene<'_>) {
        let Some(sheet) = &mut scene.model.sheet else {
            return;
        };
        if sheet.order().is_empty() && sheet.without_pages().next().is_none() {
            nothing::ui(ui, scene);
            return;
        }
        let columns = &mut scene.choices.settings_mut().columns;
        let on_screen = draw(ui, sheet, columns, &mut self.follow, scene.queue);
        scene.seen.look_at(on_screen, scene.queue);
    }

    fn follow_cursor(&mut self) {
        self.follow = true;
    }
}

/// Draws the rows; returns the pages on screen, in order. `follow`: bring the cursor into
/// view.
fn draw(
    ui: &mut Ui,
    sheet: &mut Sheet,
    columns: &mut Columns,
    follow: &mut bool,
    queue: &mut Queue,
) -> Vec<PageId> {
    keys(ui, sheet, follow);
    let shown: Vec<&Field> = columns.shown().collect();
    // Narrow windows scroll sideways.
    ScrollArea::horizontal()
        .show(ui, |ui| rows(ui, sheet, &shown, columns, follow, queue))
        .inner
}

/// Room that a name has at least at first, in points.
const NAME: f32 = 190.0;

fn rows(
    ui: &mut Ui,
    sheet: &mut Sheet,
    shown: &[&'static Field],
    columns: &mut Columns,
    follow: &mut bool,
    queue: &mut Queue,
) -> Vec<PageId> {
    let mut on_screen = Vec::new();
    let context = ui.ctx().clone();
    let widths = shown.iter().filter_map(|field| {
        let usual = field.column.width?;
        Some(columns.width(field).unwrap_or(usual))
    });
    let between = ui.spacing().item_spacing.x * shown.len() as f32;
    let rest = ui.available_width() - widths.sum::<f32>() - between;
    let mut builder = TableBuilder::new(ui)
        .striped(false)
        .sense(Sense::click_and_drag())
        .cell_layout(Layout::left_to_right(Align::Center))
        // Another choice of columns has widths of its own.
        .id_salt(shown.iter().map(|field| field.name).collect::<Vec<_>>())
        .auto_shrink(false);
    for field in shown {
        let (width, narrowest) = match field.column.width {
            // What the others leave, until a person widens it.
            None => (rest.max(NAME), NAME / 2.0),
            Some(width) => (width, NARROWEST),
        };
        let width = columns.width(field).unwrap_or(width);
        let column = TableColumn::initial(width).at_least(narrowest);
        builder = builder.column(column.clip(true).resizable(true));
    }
    if std::mem::take(follow)
        && let Some(row) = sheet
            .selection
            .cursor()
            .and_then(|cursor| sheet.position(cursor))
    {
        builder = builder.scroll_to_row(row, None);
    }
    let was_sorted = Id::unique("the table was sorted anew");
    if context.data_mut(|data| data.remove_temp::<bool>(was_sorted).is_some()) {
        builder = builder.scroll_to_row(0, Some(Align::TOP));
    }
    let mut sort = None;
    let mut widths = Vec::with_capacity(shown.len());
    let pages = sheet.order().len();
    let without: Vec<DocumentId> = sheet.without_pages().map(|document| document.id).collect();
    builder
        .header(ROW, |mut header| {
            for &field in shown {
                header.col(|ui| {
                    widths.push(ui.max_rect().width());
                    let layout = if field.is_number() {
                        Layout::right_to_left(Align::Center)
                    } else {
                        Layout::left_to_right(Align::Center)
                    };
                    ui.with_layout(layout, |ui| {
                        let response = heading(ui, sheet, field);
                        if response.clicked() {
                            sort = Some(field);
                        }
                        response.context_menu(|ui| choose(ui, columns));
                    });
                });
            }
        })
        .body(|body| {
            body.rows(ROW, pages + without.len(), |mut row| {
                let Some(&id) = sheet.order().get(row.index()) else {
                    let document = without[row.index() - pages];
                    no_pages(&mut row, sheet, shown, document, queue);
                    return;
                };
                on_screen.push(id);
                row.set_selected(sheet.selection.contains(&id));
                fill(&mut row, sheet, shown, id);
                let response = row.response();
                response.widget_info(|| {
                    let name = sheet.document(id.document).map_or("", |d| d.name.as_str());
                    let label = format!("{name}, page {}", id.number);
                    let selected = sheet.selection.contains(&id);
                    WidgetInfo::selected(Role::Row, true, selected, label)
                });
                if let Some(page) = sheet.page(id) {
                    marks::tell(&response.ctx, &response, &marks::marks(sheet, page));
                }
                if response.double_clicked() {
                    queue.push(Request::Open(id));
                }
                let takes_it = response.secondary_clicked() || response.drag_started();
                if takes_it && !sheet.selection.contains(&id) {
                    sheet.select(id, false, false);
                }
                dragging::begin(&response, || sheet.chosen());
                page_menu::on(&response, sheet, id, false, queue);
                if response.clicked() {
                    let modifiers = response.ctx.input(|input| input.modifiers);
                    sheet.select(id, modifiers.shift, modifiers.command);
                }
            });
        });
    keep_widths(&context, shown, widths, columns);
    if let Some(sort) = sort {
        sheet.set_sort(sort);
        context.data_mut(|data| data.insert_temp(was_sorted, true));
    }
    on_screen
}

/// Keeps the widths of columns that a person drags. `widths`: as they are now.
fn keep_widths(
    context: &Context,
    shown: &[&'static Field],
    widths: Vec<f32>,
    columns: &mut Columns,
) {
    /// Frames after which a column has followed the pointer.
    const FOLLOWED: u8 = 2;
    let last = Id::unique("widths of the table's columns");
    let is_dragged = context.input(|input| input.pointer.primary_down());
    let (before, frames) = context.data_mut(|data| {
        let before = data.get_temp::<(Vec<f32>, u8)>(last);
        let (before, frames) = before.unwrap_or((widths.clone(), FOLLOWED));
        let frames = match is_dragged {
            true => 0,
            false => frames.saturating_add(1),
        };
        data.insert_temp(last, (widths.clone(), frames));
        (before, frames)
    });
    // Another choice of columns, or a wider window, changes widths by itself.
    if frames > FOLLOWED || before.len() != widths.len() {
        return;
    }
    for ((field, width), before) in shown.iter().zip(widths).zip(before) {
        if (width - before).abs() > 0.5 {
            columns.set_width(field, width);
        }
    }
}

/// The row of a document that could not be opened.
fn no_pages(
    row: &mut TableRow<'_, '_>,
    sheet: &Sheet,
    shown: &[&'static Field],
    id: DocumentId,
    queue: &mut Queue,
) {
    let Some(document) = sheet.document(id) else {
        for _ in shown {
            row.col(|_| {});
        }
        return;
    };
    for field in shown {
        row.col(|ui| match field.name {
            "document" => name_of(ui, &document.name),
            "status" => {
                let icon = icons::ICON_ERROR.codepoint;
                let text = format!("{icon} {}", document.status.label());
                let text = RichText::new(text).color(Palette::of(ui).bad);
                ui.add(Label::new(text).truncate().selectable(false));
            }
            _ => {
                ui.weak("–");
            }
        });
    }
    let response = row.response();
    let status = document.status.label();
    response.widget_info(|| {
        let label = format!("{}, {status}", document.name);
        WidgetInfo::selected(Role::Row, true, false, label)
    });
    response.context_menu(|ui| page_menu::document_entries(ui, sheet, id, queue));
    let failure = sheet.failures.of(id, None);
    if response.double_clicked() {
        queue.push(Action::Show(View::Failures));
    }
    response.on_hover_ui(|ui| {
        if let Some(failure) = failure {
            failures::why(ui, failure);
        }
        ui.weak("Double-click to see all failures");
    });
}

fn keys(ui: &Ui, sheet: &mut Sheet, follow: &mut bool) {
    for (by, extend) in steps(ui) {
        sheet.move_cursor(by, extend);
        *follow = true;
    }
}

/// By how many rows keys move the cursor of a table, and whether they choose on the way;
/// none while somebody types.
pub fn steps(ui: &Ui) -> Vec<(isize, bool)> {
    let mut steps = Vec::new();
    if ui.ctx().text_edit_focused() {
        return steps;
    }
    let moves = [
        (Key::ArrowUp, -1),
        (Key::ArrowDown, 1),
        (Key::PageUp, -20),
        (Key::PageDown, 20),
        (Key::Home, isize::MIN),
        (Key::End, isize::MAX),
    ];
    for (key, by) in moves {
        for (modifiers, extend) in [(Modifiers::SHIFT, true), (Modifiers::NONE, false)] {
            if ui.input_mut(|input| input.consume_key(modifiers, key)) {
                steps.push((by, extend));
            }
        }
    }
    steps
}

/// What stands beside the heading of a column: how it sorts, if it does.
pub fn arrow(sorts: bool, descending: bool) -> &'static str {
    match (sorts, descending) {
        (false, _) => "",
        (true, false) => icons::ICON_ARROW_UPWARD.codepoint,
        (true, true) => icons::ICON_ARROW_DOWNWARD.codepoint,
    }
}

/// Which columns are shown.
pub fn choose(ui: &mut Ui, columns: &mut Columns) {
    /// All fit on the smallest window beside each other.
    const BESIDE: usize = 3;
    Grid::new("columns").num_columns(BESIDE).show(ui, |ui| {
        let rows = PAGE.len().div_ceil(BESIDE);
        for row in 0..rows {
            for field in PAGE.iter().skip(row).step_by(rows) {
                let mut shown = columns.shows(field);
                let checkbox = Checkbox::new(&mut shown, field.column.heading);
                let response = ui.add_enabled(!Columns::is_always_shown(field), checkbox);
                if response.on_hover_text(capitalised(field.help)).changed() {
                    columns.show(field, shown);
                }
            }
            ui.end_row();
        }
    });
}

/// A column's heading. A click sorts, the other button chooses columns.
fn heading(ui: &mut Ui, sheet: &Sheet, field: &'static Field) -> Response {
    let palette = Palette::of(ui);
    let sorted = field == sheet.sort;
    let arrow = arrow(sorted, sheet.descending);
    let colour = if sorted { palette.accent } else { palette.dim };
    let name = field.column.heading;
    let text = RichText::new(format!("{name} {arrow}"))
        .color(colour)
        .size(12.0);
    let label = ui.add(Label::new(text).selectable(false));
    // All of the cell, not only the letters.
    let response = ui.interact(ui.max_rect(), label.id.with("sort"), Sense::click());
    response
        .widget_info(|| WidgetInfo::labeled(Role::ColumnHeader, true, format!("Sort by {name}")));
    let help = capitalised(field.help);
    response.on_hover_text(format!("{}\nRight-click to choose columns", help))
}

fn fill(row: &mut TableRow<'_, '_>, sheet: &Sheet, shown: &[&'static Field], id: PageId) {
    let Some(page) = sheet.page(id) else {
        for _ in shown {
            row.col(|_| {});
        }
        return;
    };
    let subject = sheet.subject(page);
    for &field in shown {
        row.col(|ui| match field.name {
            "document" => {
                let name = sheet.document(id.document).map_or("", |d| d.name.as_str());
                name_of(ui, name);
            }
            "status" => state(ui, page),
            _ => value(ui, field, field.shown(&subject)),
        });
    }
}

fn name_of(ui: &mut Ui, name: &str) {
    let font = TextStyle::Body.resolve(ui.style());
    let (colour, width) = (Color32::PLACEHOLDER, ui.available_width());
    let shown = names::fitted(ui.painter(), name, font, colour, width);
    let is_cut = shown.text() != name;
    let response = ui.add(Label::new(shown).selectable(false));
    if is_cut {
        response.on_hover_text(name);
    }
}

fn value(ui: &mut Ui, field: &Field, text: Option<String>) {
    if field.is_number() {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| match text {
            Some(text) => ui.add(Label::new(RichText::new(text).monospace()).selectable(false)),
            None => ui.weak("–"),
        });
    } else {
        ui.add(
            Label::new(text.as_deref().unwrap_or("–"))
                .truncate()
                .selectable(false),
        );
    }
}

fn state(ui: &mut Ui, page: &Page) {
    let palette = Palette::of(ui);
    let (icon, word, colour) = match page.state {
        PageState::Waiting => (icons::ICON_SCHEDULE, "Waiting", palette.dim),
        PageState::Again => (icons::ICON_SCHEDULE, "Done, again", palette.dim),
        PageState::Done => (icons::ICON_CHECK, "Done", palette.good),
        PageState::Failed => (icons::ICON_ERROR, "Failed", palette.bad),
    };
    let text = RichText::new(format!("{} {word}", icon.codepoint)).color(colour);
    ui.add(Label::new(text).selectable(false));
}

/// Help stands in the document of tables without a capital.
fn capitalised(help: &str) -> String {
    let mut letters = help.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}
