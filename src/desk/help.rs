//! Help for what is on the screen, and the list of keys. Not for what single buttons do,
//! which their tooltips say, or for what this program is (`about`).

use eframe::egui::{Context, Id, Label, RichText, ScrollArea, Ui};

use super::actions::Group;
use super::theme::section;
use super::views::View;
use super::window;
use crate::triage::fields::PAGE;
use crate::triage::query::example;

/// Keys that are no action, with what they do.
pub type Keys = &'static [(&'static str, &'static str)];

/// Share of the width that keys and examples have.
const KEYS: f32 = 0.38;

/// Keys of views of pages.
pub const PAGES: Keys = &[
    (
        "Arrows",
        "Go from page to page; with Shift, select on the way",
    ),
    (
        "Ctrl+click, Shift+click",
        "Select single pages, or all between two",
    ),
    ("Home, End", "To the first page, to the last"),
    (
        "Drag",
        "Select the pictures that the frame touches; with Shift, more of them. From selected \
         pages: put them on a pile in the bar above",
    ),
    (
        "Right-click",
        "What can be done with the page, its file and its folder",
    ),
];

const LARGE: Keys = &[
    ("← →", "The page before, the page after"),
    ("Scroll, drag", "Zoom and move"),
    ("Drag over words", "Mark them; Ctrl+C copies them"),
    ("0", "Show the whole page"),
    ("[ ]", "Turn the page left or right, only here"),
    ("Escape", "Back to all pages"),
];

/// Shows help for a view, or for a page that is shown large, while `open`.
pub fn ui(context: &Context, open: &mut bool, view: View, is_large: bool) {
    window::show(context, "Help", open, 560.0, |ui| {
        let most = context.content_rect().height() - 160.0;
        let mut area = ScrollArea::vertical().id_salt((view, is_large));
        if is_opened_now(context) {
            area = area.vertical_scroll_offset(0.0);
        }
        area.max_height(most).show(ui, |ui| {
            let (words, keys) = match is_large {
                true => ("One page, as large as the window allows.", LARGE),
                false => (view.about().manual, view.about().keys),
            };
            ui.label(words);
            ui.add_space(12.0);
            if !keys.is_empty() {
                section(ui, "Here");
                list(ui, keys.iter().map(|(key, does)| (key.to_string(), *does)));
                ui.add_space(12.0);
            }
            section(ui, "What can be searched for");
            ui.label(
                "Words, “words in a row” and begin*; what is known of a page; - for not, OR, and \
                 parentheses. pile:tax is in its name, pile=\"Tax 2024\" is all of it. The \
                 tabulator completes.",
            );
            let fields = PAGE.iter().map(|field| (example(field), field.help));
            list(ui, fields);
            ui.add_space(12.0);
            for group in Group::ALL {
                section(ui, group.title());
                let actions = group.actions();
                let rows = actions.map(|action| (action.key_text(context), action.info().help));
                list(ui, rows.filter(|(key, _)| !key.is_empty()));
                ui.add_space(8.0);
            }
        });
    });
}

/// Help was not on the screen in the frame before: it begins at its beginning.
fn is_opened_now(context: &Context) -> bool {
    let shown = Id::unique("help was shown");
    let now = context.cumulative_frame_nr();
    let before: Option<u64> = context.data_mut(|data| {
        let before = data.get_temp(shown);
        data.insert_temp(shown, now);
        before
    });
    before.is_none_or(|before| before + 1 < now)
}

/// Keys or examples and what they do, in two columns; what is long goes on below.
fn list<'a>(ui: &mut Ui, rows: impl Iterator<Item = (String, &'a str)>) {
    let keys = ui.available_width() * KEYS;
    for (key, does) in rows {
        ui.horizontal_top(|ui| {
            ui.vertical(|ui| {
                ui.set_width(keys);
                ui.add(Label::new(RichText::new(key).monospace()).wrap());
            });
            ui.add(Label::new(does).wrap());
        });
    }
}
