//! The table: the same pages as rows of measurements, with columns that sort.
//! Only the rows on screen are built.

use eframe::egui::{
    Align, Key, Label, Layout, Modifiers, RichText, Role, ScrollArea, Sense, Ui, WidgetInfo,
};
use egui_extras::{Column, TableBuilder, TableRow};
use egui_material_icons::icons;

use super::sheet::{Sheet, SortBy};
use super::theme::{Palette, ROW};
use super::words;
use crate::model::{Page, PageId, PageState};

/// What happened in the table.
#[derive(Default)]
pub struct TableOutcome {
    pub opened: Option<PageId>,
    pub on_screen: Vec<PageId>,
}

/// Name, what it sorts by, and what it means. Numbers stand at the right.
const COLUMNS: [(&str, Option<SortBy>, &str); 8] = [
    (
        "Document",
        Some(SortBy::Document),
        "The file, in the order of intake",
    ),
    ("Page", None, "Number of the page in its document"),
    ("State", Some(SortBy::State), "Failed, waiting or done"),
    (
        "Size",
        Some(SortBy::Width),
        "Paper, as a viewer shows it; sorts by width",
    ),
    (
        "Ink %",
        Some(SortBy::Ink),
        "Share of the page that is darker than its paper",
    ),
    (
        "Characters",
        Some(SortBy::Characters),
        "Characters of the text layer",
    ),
    ("Words", Some(SortBy::Words), "Words of the text layer"),
    ("ms", Some(SortBy::Time), "Time that the page took"),
];

const NUMBERS: [&str; 5] = ["Page", "Ink %", "Characters", "Words", "ms"];

/// Draws the table. `follow`: bring the cursor into view.
pub fn ui(ui: &mut Ui, sheet: &mut Sheet, follow: &mut bool) -> TableOutcome {
    keys(ui, sheet, follow);
    // Narrow windows scroll sideways.
    ScrollArea::horizontal()
        .show(ui, |ui| columns(ui, sheet, follow))
        .inner
}

fn columns(ui: &mut Ui, sheet: &mut Sheet, follow: &mut bool) -> TableOutcome {
    let mut outcome = TableOutcome::default();
    let mut builder = TableBuilder::new(ui)
        .striped(false)
        .sense(Sense::click())
        .cell_layout(Layout::left_to_right(Align::Center))
        .column(Column::remainder().at_least(120.0).clip(true))
        .column(Column::initial(48.0).at_least(40.0))
        .column(Column::initial(72.0).at_least(60.0))
        .column(Column::initial(132.0).at_least(80.0).clip(true))
        .column(Column::initial(56.0).at_least(48.0))
        .column(Column::initial(76.0).at_least(60.0))
        .column(Column::initial(56.0).at_least(48.0))
        .column(Column::initial(44.0).at_least(40.0))
        .auto_shrink(false);
    if std::mem::take(follow)
        && let Some(row) = sheet.cursor.and_then(|cursor| sheet.position(cursor))
    {
        builder = builder.scroll_to_row(row, None);
    }
    let mut sort = None;
    builder
        .header(ROW, |mut header| {
            for (name, by, help) in COLUMNS {
                header.col(|ui| {
                    let layout = if NUMBERS.contains(&name) {
                        Layout::right_to_left(Align::Center)
                    } else {
                        Layout::left_to_right(Align::Center)
                    };
                    ui.with_layout(layout, |ui| {
                        if heading(ui, sheet, name, by, help) {
                            sort = by;
                        }
                    });
                });
            }
        })
        .body(|body| {
            body.rows(ROW, sheet.order().len(), |mut row| {
                let id = sheet.order()[row.index()];
                outcome.on_screen.push(id);
                row.set_selected(sheet.selection.contains(&id));
                fill(&mut row, sheet, id);
                let response = row.response();
                response.widget_info(|| {
                    let name = sheet.document(id.document).map_or("", |d| d.name.as_str());
                    let label = format!("{name}, page {}", id.number);
                    let selected = sheet.selection.contains(&id);
                    WidgetInfo::selected(Role::Row, true, selected, label)
                });
                if response.double_clicked() {
                    outcome.opened = Some(id);
                }
                if response.clicked() {
                    let modifiers = response.ctx.input(|input| input.modifiers);
                    sheet.select(id, modifiers.shift, modifiers.command);
                }
            });
        });
    if let Some(sort) = sort {
        sheet.set_sort(sort);
    }
    outcome
}

fn keys(ui: &Ui, sheet: &mut Sheet, follow: &mut bool) {
    if ui.ctx().text_edit_focused() {
        return;
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
                sheet.move_cursor(by, extend);
                *follow = true;
            }
        }
    }
}

/// A column's heading; true if it was clicked and sorts.
fn heading(ui: &mut Ui, sheet: &Sheet, name: &str, by: Option<SortBy>, help: &str) -> bool {
    let palette = Palette::of(ui);
    let sorted = by.is_some_and(|by| by == sheet.sort);
    let arrow = match (sorted, sheet.descending) {
        (false, _) => "",
        (true, false) => icons::ICON_ARROW_UPWARD.codepoint,
        (true, true) => icons::ICON_ARROW_DOWNWARD.codepoint,
    };
    let colour = if sorted { palette.accent } else { palette.dim };
    let text = RichText::new(format!("{name} {arrow}"))
        .color(colour)
        .size(12.0);
    let sense = if by.is_some() {
        Sense::click()
    } else {
        Sense::hover()
    };
    let response = ui.add(Label::new(text).sense(sense).selectable(false));
    response.widget_info(|| {
        WidgetInfo::labeled(Role::ColumnHeader, by.is_some(), format!("Sort by {name}"))
    });
    response.on_hover_text(help).clicked()
}

fn fill(row: &mut TableRow<'_, '_>, sheet: &Sheet, id: PageId) {
    let Some(page) = sheet.page(id) else {
        for _ in COLUMNS {
            row.col(|_| {});
        }
        return;
    };
    let name = sheet.document(id.document).map_or("", |d| d.name.as_str());
    let measured = page.measurements.as_ref();
    row.col(|ui| {
        ui.add(Label::new(name).truncate().selectable(false));
    });
    row.col(|ui| number(ui, Some(words::grouped(id.number.into()))));
    row.col(|ui| state(ui, page));
    row.col(|ui| {
        ui.add(
            Label::new(words::paper(page.shape))
                .truncate()
                .selectable(false),
        );
    });
    row.col(|ui| {
        let ink = measured.and_then(|m| m.ink);
        number(ui, ink.map(|ink| format!("{:.2}", ink * 100.0)));
    });
    row.col(|ui| number(ui, measured.map(|m| words::grouped(m.characters.into()))));
    row.col(|ui| number(ui, measured.map(|m| words::grouped(m.words.into()))));
    row.col(|ui| {
        number(
            ui,
            measured.map(|m| format!("{:.1}", f64::from(m.micros) / 1000.0)),
        );
    });
}

fn number(ui: &mut Ui, text: Option<String>) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| match text {
        Some(text) => ui.add(Label::new(RichText::new(text).monospace()).selectable(false)),
        None => ui.weak("–"),
    });
}

fn state(ui: &mut Ui, page: &Page) {
    let palette = Palette::of(ui);
    let (icon, word, colour) = match page.state {
        PageState::Waiting => (icons::ICON_SCHEDULE, "Waiting", palette.dim),
        PageState::Done => (icons::ICON_CHECK, "Done", palette.good),
        PageState::Failed => (icons::ICON_ERROR, "Failed", palette.bad),
    };
    let text = RichText::new(format!("{} {word}", icon.codepoint)).color(colour);
    ui.add(Label::new(text).selectable(false));
}
