//! Where pages are asked for: the field with what it may go on with, chips that put common
//! terms into it, and the list of all that can be said of pages. Not for what can be asked
//! (`triage::query`), nor for counting (`facets`).

use eframe::egui::text::{CCursor, CCursorRange};
use eframe::egui::{
    Align, Button, ComboBox, Id, InputState, Key, Label, Layout, Modifiers, Response, RichText,
    Role, TextEdit, Ui, WidgetInfo,
};
use egui_material_icons::icons;

use super::facets::Facets;
use super::saved_views::{self, SavedViews};
use crate::desk::requests::Queue;
use crate::desk::sheet::{Filter, Found, Looked, Sheet};
use crate::desk::theme::{Palette, ROW, small};
use crate::desk::views::View;
use crate::desk::words;
use crate::triage::Command;
use crate::triage::fields::Said;
use crate::triage::query::{Stance, Terms, completions};

/// Room that a chip has at least, and between them, points.
const CHIP: f32 = 104.0;
const GAP: f32 = 4.0;

/// Draws all of it. `focus`: what is typed next goes to the field. `view` is the one that is
/// shown.
pub fn ui(
    ui: &mut Ui,
    sheet: &mut Sheet,
    view: View,
    saved: &mut SavedViews,
    facets: &Facets,
    focus: bool,
    queue: &mut Queue,
) {
    let before = sheet.question.typed.clone();
    let row = ui.horizontal(|ui| {
        let right = Layout::right_to_left(Align::Center);
        ui.with_layout(right, |ui| {
            saved_views::menu(ui, sheet, view, saved, queue);
            field(ui, sheet, saved, focus)
        })
    });
    let response = row.inner.inner;
    if response.lost_focus() && sheet.question.problem().is_none() {
        saved.ask(&sheet.question.typed);
    }
    // A click on an offer takes the focus from the field.
    let is_typed = response.has_focus() || response.lost_focus();
    let begun = match is_typed {
        true => offers(ui, sheet, response.id),
        false => None,
    };
    // What may go on is half typed and not wrong.
    let problem = sheet.question.problem();
    if problem.is_some_and(|problem| begun.is_none_or(|begun| problem.at < begun)) {
        say_wrong(ui, sheet);
    }
    let chosen = {
        let terms = Terms::of(&sheet.question.typed);
        let by_chip = chips(ui, terms.as_ref(), facets, sheet.are_compared());
        by_chip.or(kinds(ui, sheet, terms.as_ref(), facets))
    };
    match chosen {
        Some(Chosen::Typed(typed)) => sheet.question.typed = typed,
        Some(Chosen::Looked(looked)) => sheet.set_filter(Filter {
            looked,
            ..sheet.filter
        }),
        None => {}
    }
    if let Some(asked) = sheet.question.count()
        && sheet.question.problem().is_none()
    {
        ui.add(Label::new(RichText::new(in_words(asked)).weak()).wrap());
    }
    if sheet.question.typed != before
        && let Some(typed) = sheet.next_search()
    {
        let batch = sheet.id();
        queue.push(Command::Search { batch, typed });
    }
}

/// "226 pages have it, and 3 documents are called so".
fn in_words(found: Found) -> String {
    let pages = words::counted(found.pages as u64, "page has it", "pages have it");
    let named = found.named as u64;
    let named = words::counted(named, "document is called so", "documents are called so");
    match found {
        Found { named: 0, .. } => pages,
        Found { pages: 0, .. } => named,
        Found { .. } => format!("{pages}, and {named}"),
    }
}

/// The field for asking.
fn field(ui: &mut Ui, sheet: &mut Sheet, saved: &SavedViews, focus: bool) -> Response {
    let hint = format!("{}  Search text", icons::ICON_SEARCH.codepoint);
    let id = ui.make_persistent_id("search");
    let is_offered = ui.memory(|memory| memory.has_focus(id)) && complete(ui, sheet, id);
    let field = TextEdit::singleline(&mut sheet.question.typed)
        .id(id)
        .hint_text(hint)
        .lock_focus(is_offered)
        .desired_width(f32::INFINITY);
    let response = ui.add(field);
    response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Search text"));
    let help = "Words have to be on the page or in the name of its document; \"words in quotation \
                marks\" one after the other; begin* for all words that begin so, and so the \
                 last one while it is typed. Or what is known \
                of pages: blank:yes, dpi<200, -decision:none, (kind:scan OR words:0), \
                pile=\"all of its name\". F1 lists all.";
    let response = response.on_hover_text(help);
    if focus {
        response.request_focus();
    }
    if response.has_focus() {
        saved.step(ui, &mut sheet.question.typed);
    }
    response
}

/// With the tabulator, the first way in which what is typed may go on. Whether there is one.
fn complete(ui: &Ui, sheet: &mut Sheet, field: Id) -> bool {
    let (start, offered) = completions(&sheet.question.typed, |field| sheet.texts_of(field));
    let tab = |input: &mut InputState| input.consume_key(Modifiers::NONE, Key::Tab);
    if let Some(first) = offered.first()
        && ui.input_mut(tab)
    {
        take(ui, sheet, field, start, &first.term);
    }
    !offered.is_empty()
}

/// Ways in which what is typed may go on; a click takes one. Where the term begins that may,
/// if one does.
fn offers(ui: &mut Ui, sheet: &mut Sheet, field: Id) -> Option<usize> {
    let (start, offered) = completions(&sheet.question.typed, |field| sheet.texts_of(field));
    if offered.is_empty() {
        return None;
    }
    let mut chosen = None;
    ui.horizontal_wrapped(|ui| {
        for (at, offer) in offered.iter().enumerate() {
            let text = RichText::new(&offer.term).monospace().size(12.0);
            let key = if at == 0 { "  (Tab)" } else { "" };
            let link = ui.link(text);
            if link.on_hover_text(format!("{}{key}", offer.help)).clicked() {
                chosen = Some(&offer.term);
            }
        }
    });
    if let Some(term) = chosen {
        take(ui, sheet, field, start, term);
        ui.memory_mut(|memory| memory.request_focus(field));
    }
    Some(start)
}

/// Puts a term where the last one begins, and goes on typing behind it.
fn take(ui: &Ui, sheet: &mut Sheet, field: Id, start: usize, term: &str) {
    sheet.question.typed.truncate(start);
    sheet.question.typed.push_str(term);
    let mut state = TextEdit::load_state(ui.ctx(), field).unwrap_or_default();
    let end = CCursor::new(sheet.question.typed.chars().count());
    state.cursor.set_char_range(Some(CCursorRange::one(end)));
    TextEdit::store_state(ui.ctx(), field, state);
}

/// What is wrong with what is typed.
fn say_wrong(ui: &mut Ui, sheet: &Sheet) {
    let Some(problem) = sheet.question.problem() else {
        return;
    };
    let at = sheet.question.typed.len().min(problem.at);
    let before = sheet.question.typed[..at]
        .chars()
        .rev()
        .take(12)
        .collect::<Vec<_>>();
    let before: String = before.into_iter().rev().collect();
    let cut = if before.len() < at { "…" } else { "" };
    let palette = Palette::of(ui);
    let place = RichText::new(format!("{cut}{before}▸{}", &sheet.question.typed[at..]));
    ui.add(Label::new(place.monospace().color(palette.bad)).wrap());
    ui.colored_label(palette.bad, problem.to_string());
}

/// What was clicked.
enum Chosen {
    /// What is typed now.
    Typed(String),
    /// What external analysers have to have made of pages.
    Looked(Option<Looked>),
}

/// Common terms, each a click away. They stay where they are whatever is counted. `terms`:
/// none where what is typed is not understood. `are_compared`: pages were, with each other.
fn chips(
    ui: &mut Ui,
    terms: Option<&Terms<'_>>,
    facets: &Facets,
    are_compared: bool,
) -> Option<Chosen> {
    let chips = Said::all().enumerate();
    let chips: Vec<(usize, Said, &str)> = chips
        .filter_map(|(place, said)| Some((place, said, said.chip()?)))
        .collect();
    let room = ui.available_width();
    let columns = (((room + GAP) / (CHIP + GAP)) as usize).max(1);
    let width = (room + GAP) / columns as f32 - GAP;
    let mut chosen = None;
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing = [GAP, GAP].into();
        // "Undecided" has room beside a number of four digits.
        ui.spacing_mut().button_padding.x = GAP;
        ui.spacing_mut().icon_spacing = GAP / 2.0;
        for row in chips.chunks(columns) {
            ui.horizontal_top(|ui| {
                for (place, said, label) in row {
                    let count = match said.is_compared() && !are_compared {
                        true => Count::NotCompared,
                        false => facets.count(*place).map_or(Count::Unknown, Count::Pages),
                    };
                    let typed = chip(ui, terms, (*said, label), count, width);
                    chosen = typed.map(Chosen::Typed).or(chosen.take());
                }
            });
        }
    });
    chosen
}

/// How many of the pages that are shown a chip would leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Count {
    Pages(usize),
    /// They were not compared with each other, and nobody knows.
    NotCompared,
    /// They were not counted yet.
    Unknown,
}

/// One of them; what is typed once it was clicked.
fn chip(
    ui: &mut Ui,
    terms: Option<&Terms<'_>>,
    (said, label): (Said, &str),
    count: Count,
    width: f32,
) -> Option<String> {
    let palette = Palette::of(ui);
    let term = said.question();
    let stance = terms.map_or(Stance::Absent, |terms| terms.stance(&term));
    let counted = match count {
        Count::Pages(count) => words::grouped(count as u64),
        Count::NotCompared => "–".to_owned(),
        Count::Unknown => String::new(),
    };
    let colour = match (stance, count) {
        (Stance::Absent, Count::Pages(0)) => palette.dim,
        (Stance::Unwanted, _) => palette.bad,
        _ => palette.text,
    };
    let text = RichText::new(label).font(small()).color(colour);
    let (text, right) = match stance {
        Stance::Absent => (text, counted.as_str()),
        Stance::Wanted => (text.strong(), icons::ICON_CHECK.codepoint),
        Stance::Unwanted => (text.strikethrough(), icons::ICON_BLOCK.codepoint),
    };
    let right = RichText::new(right).font(small()).color(match stance {
        Stance::Absent => palette.dim,
        _ => colour,
    });
    let button = Button::new(text)
        .right_text(right)
        .selected(stance == Stance::Wanted)
        .truncate();
    let add = |ui: &mut Ui| ui.add_sized([width, ROW - GAP], button);
    let response = ui.add_enabled_ui(terms.is_some(), add).inner;
    let name = match stance {
        Stance::Absent if count == Count::NotCompared => format!("{label}: not compared yet"),
        Stance::Absent => format!("{label}: {counted}"),
        Stance::Wanted => format!("{label}: only these"),
        Stance::Unwanted => format!("{label}: none of these"),
    };
    let wanted = stance == Stance::Wanted;
    response.widget_info(|| {
        WidgetInfo::selected(
            Role::Button,
            terms.is_some(),
            wanted,
            format!("Only {name}"),
        )
    });
    let help = format!(
        "{name}\n{term}\nClick to ask for them or no longer; right-click, or Alt and click, to \
         leave them out"
    );
    let response = response
        .on_hover_text(help)
        .on_disabled_hover_text("What is typed is not understood");
    let refuses =
        response.secondary_clicked() || response.clicked() && ui.input(|input| input.modifiers.alt);
    let becomes = match (response.clicked() || refuses, refuses, stance) {
        (false, ..) => return None,
        (_, true, Stance::Unwanted) | (_, false, Stance::Wanted | Stance::Unwanted) => {
            Stance::Absent
        }
        (_, true, _) => Stance::Unwanted,
        (_, false, Stance::Absent) => Stance::Wanted,
    };
    Some(terms?.with(&term, becomes))
}

/// The list of all that pages can be asked for by, with what is left once they are.
fn kinds(ui: &mut Ui, sheet: &Sheet, terms: Option<&Terms<'_>>, facets: &Facets) -> Option<Chosen> {
    let looked = sheet.filter.looked;
    let is_wanted = |said: Said| {
        let stance = terms.map(|terms| terms.stance(&said.question()));
        stance == Some(Stance::Wanted)
    };
    let wanted = Said::all().filter(|said| is_wanted(*said)).map(Said::label);
    let all: Vec<&str> = wanted.chain(looked.map(Looked::label)).collect();
    let shown = match all.is_empty() {
        true => "Pages of all kinds".to_owned(),
        false => all.join(", "),
    };
    let list = ComboBox::from_id_salt("verdict")
        .selected_text(shown)
        .width(ui.available_width())
        .height(420.0)
        .truncate();
    let mut chosen = None;
    let response = list.show_ui(ui, |ui| {
        for (place, said) in Said::all().enumerate() {
            let wanted = is_wanted(said);
            let count = facets.count(place).unwrap_or(0);
            // What is said of no page would only make the list longer.
            if count == 0 && !wanted {
                continue;
            }
            let label = format!("{}  {}", said.label(), words::grouped(count as u64));
            if ui.selectable_label(wanted, label).clicked() {
                let becomes = match wanted {
                    true => Stance::Absent,
                    false => Stance::Wanted,
                };
                let typed = terms.map(|terms| terms.with(&said.question(), becomes));
                chosen = typed.map(Chosen::Typed);
            }
        }
        for kind in Looked::ALL {
            let count = sheet.count_looked(kind);
            let wanted = looked == Some(kind);
            if count > 0 || wanted {
                let label = format!("{}  {}", kind.label(), words::grouped(count as u64));
                if ui.selectable_label(wanted, label).clicked() {
                    chosen = Some(Chosen::Looked(Some(kind).filter(|_| !wanted)));
                }
            }
        }
    });
    let help = "Show only pages of which this is said";
    response.response.on_hover_text(help);
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_that_have_it_and_documents_of_that_name_are_told_apart() {
        let said = |pages, named| in_words(Found { pages, named });
        assert_eq!(said(0, 0), "0 pages have it");
        assert_eq!(said(1, 0), "1 page has it");
        assert_eq!(said(0, 1), "1 document is called so");
        let both = "226 pages have it, and 3 documents are called so";
        assert_eq!(said(226, 3), both);
    }
}
