//! The bar of decisions above pages: what is said of the page under the cursor, buttons
//! with their keys, piles, and how much is left. Not for carrying it out (`app`).

use eframe::egui::{Button, Color32, Response, RichText, Role as Access, Ui, WidgetInfo};
use egui_material_icons::icons;

use crate::desk::actions::Action;
use crate::desk::dialogs::presets::Preset;
use crate::desk::keys::{self, Bound};
use crate::desk::requests::{Queue, Request};
use crate::desk::sheet::Sheet;
use crate::desk::theme::Palette;
use crate::desk::views::dragging;
use crate::desk::words;
use crate::model::{Change, Decision, PageId, Ruling};
use crate::names;
use crate::triage::query::exactly;

/// With less room than this, points, buttons have no names: their icons, keys and tooltips
/// are there. Those of rulings keep theirs longest.
const ROOM_FOR_NAMES: f32 = 1100.0;
const ROOM_FOR_RULINGS: f32 = 560.0;

/// So many piles and presets have a button; others are chosen by name, or by their keys.
const MOST_BUTTONS: usize = 12;

/// Draws the bar. `page`: of which it tells what is said.
pub fn ui(
    ui: &mut Ui,
    sheet: &Sheet,
    page: Option<PageId>,
    piles: &[String],
    presets: &[Preset],
    go_on: &mut bool,
    queue: &mut Queue,
) {
    let decision = page.map(|page| sheet.decision(page));
    let named = ui.available_width() >= ROOM_FOR_NAMES;
    let rulings_named = ui.available_width() >= ROOM_FOR_RULINGS;
    ui.horizontal_wrapped(|ui| {
        let palette = Palette::of(ui);
        if !named {
            ui.spacing_mut().item_spacing.x /= 2.0;
        }
        // First, so that they stay beside each other however narrow it is.
        for (action, step) in [
            (Action::UndoDecision, &sheet.decisions.steps().undo),
            (Action::RedoDecision, &sheet.decisions.steps().redo),
        ] {
            let info = action.info();
            let response = ui.add_enabled(step.is_some(), Button::new(info.icon.codepoint));
            response.widget_info(|| WidgetInfo::labeled(Access::Button, step.is_some(), info.name));
            let what = step.as_deref().unwrap_or("nothing");
            let help = format!("{}: {what}\n{}", info.name, action.tooltip(ui.ctx()));
            if response.on_hover_text(help).clicked() {
                queue.push(action);
            }
        }
        apart(ui, named);
        let ruling = decision.as_ref().and_then(|decision| decision.ruling);
        for (action, of) in [
            (Action::Keep, Some(Ruling::Keep)),
            (Action::Reject, Some(Ruling::Reject)),
            (Action::Flag, Some(Ruling::Flag)),
            (Action::Undecide, None),
        ] {
            let is_said = decision.is_some() && ruling == of;
            let colour = of.map_or(palette.dim, |ruling| colour(&palette, ruling));
            let named = named || (rulings_named && of.is_some());
            if button(ui, action, named, is_said, colour).clicked() {
                queue.push(action);
            }
        }
        apart(ui, named);
        let pile = decision
            .as_ref()
            .and_then(|decision| decision.pile.as_deref());
        for name in piles.iter().take(MOST_BUTTONS) {
            let text = with_key(ui, name, &Bound::Pile(name.clone()));
            let text = RichText::new(text).color(pile_colour(&palette, name));
            let response = ui.add(Button::selectable(pile == Some(name.as_str()), text));
            response.widget_info(|| {
                WidgetInfo::selected(
                    Access::Button,
                    true,
                    pile == Some(name.as_str()),
                    format!("Pile {name}"),
                )
            });
            if let Some(pages) = dragging::take(ui, &response) {
                queue.push(Request::Say(pages, vec![Change::Pile(Some(name.clone()))]));
            }
            let help = format!(
                "Put pages on the pile {name}; once more takes them off it. Or drag pages here; \
                 right-click to see its pages"
            );
            let response = response.on_hover_text(help);
            response.context_menu(|ui| {
                if ui.button("Show its pages").clicked() {
                    queue.push(Request::ShowPagesOf(exactly("pile", name)));
                }
                let move_all = ui.button("Move its pages to another pile…");
                if move_all
                    .on_hover_text("Or give the pile another name")
                    .clicked()
                {
                    queue.push(Request::AskForPile(sheet.pages_on(name)));
                }
            });
            if response.clicked() {
                queue.push(Request::PutOnPile(name.clone()));
            }
        }
        for preset in presets.iter().take(MOST_BUTTONS) {
            let text = with_key(ui, &preset.name, &Bound::Preset(preset.name.clone()));
            let text = format!("{}  {text}", Action::Presets.info().icon.codepoint);
            let response = ui.button(text);
            let name = format!("Preset {}", preset.name);
            response.widget_info(|| WidgetInfo::labeled(Access::Button, true, name.as_str()));
            let help = Change::all_in_words(&preset.changes);
            if response.on_hover_text(help).clicked() {
                queue.push(Request::SayPreset(preset.name.clone()));
            }
        }
        for action in [Action::Pile, Action::Tag, Action::Note] {
            let response = button(ui, action, named, false, palette.dim);
            if action == Action::Pile
                && let Some(pages) = dragging::take(ui, &response)
            {
                queue.push(Request::AskForPile(pages));
            }
            if response.clicked() {
                queue.push(action);
            }
        }
        apart(ui, named);
        let (decided, all) = sheet.decided();
        let said = format!(
            "{} of {} decided",
            words::grouped(decided as u64),
            words::grouped(all as u64)
        );
        let shown = match named {
            true => said.as_str(),
            false => said.trim_end_matches(" decided"),
        };
        let shown = ui.add(Button::new(shown).frame_when_inactive(false));
        shown.widget_info(|| WidgetInfo::labeled(Access::Button, true, said.as_str()));
        let headway = Action::Headway;
        let help = format!("{said}\n{}", headway.tooltip(ui.ctx()));
        if shown.on_hover_text(help).clicked() {
            queue.push(headway);
        }
        if decided < all && button(ui, Action::NextUndecided, named, false, palette.dim).clicked() {
            queue.push(Action::NextUndecided);
        }
        ui.checkbox(go_on, "Go on").on_hover_text(
            "Go to the next page once this one is decided; a held key decides one page only",
        );
    });
    if let Some(proposal) = page.and_then(|page| sheet.proposed.of(page)) {
        ui.horizontal(|ui| {
            let palette = Palette::of(ui);
            let said = format!("Proposed: {}", names::cut_middle(&proposal.words, 60));
            ui.colored_label(palette.accent, said);
            if button(ui, Action::Accept, true, false, palette.accent).clicked() {
                queue.push(Action::Accept);
            }
        });
    }
    if let Some(earlier) = page.and_then(|page| sheet.earlier(page)) {
        ui.horizontal(|ui| {
            let palette = Palette::of(ui);
            let said = in_words(&earlier.decision).join(", ");
            let said = format!(
                "The same page in {}: {said}",
                names::cut_middle(&earlier.batch, 40)
            );
            ui.colored_label(palette.duplicate, said);
            if button(ui, Action::TakeOver, true, false, palette.duplicate).clicked() {
                queue.push(Action::TakeOver);
            }
        });
    }
}

/// A gap between buttons of another kind, with a line where there is room.
fn apart(ui: &mut Ui, has_room: bool) {
    match has_room {
        true => {
            ui.separator();
        }
        false => ui.add_space(4.0),
    }
}

/// A name as it has room on a button, with its key where it has one.
fn with_key(ui: &Ui, name: &str, bound: &Bound) -> String {
    let shown = names::cut_middle(name, 24);
    match keys::text(ui.ctx(), bound) {
        key if key.is_empty() => shown,
        key => format!("{shown}  {key}"),
    }
}

/// The button of an action, with its key.
pub fn button(
    ui: &mut Ui,
    action: Action,
    named: bool,
    selected: bool,
    colour: Color32,
) -> Response {
    let info = action.info();
    let name = info.name.trim_end_matches('…');
    let key = action.key_text(ui.ctx());
    let shown = [info.icon.codepoint, if named { name } else { "" }, &key];
    let shown: Vec<&str> = shown.into_iter().filter(|part| !part.is_empty()).collect();
    let text = shown.join("  ");
    let button = Button::selectable(selected, RichText::new(text).color(colour));
    let response = ui.add(button);
    response.widget_info(|| WidgetInfo::selected(Access::Button, true, selected, name));
    let help = format!("{name}: {}", action.tooltip(ui.ctx()));
    response.on_hover_text(help)
}

/// What is said of a page, piece by piece.
pub fn in_words(decision: &Decision) -> Vec<String> {
    let ruling = decision.ruling.map(|ruling| {
        match ruling {
            Ruling::Keep => "Keep",
            Ruling::Reject => "Reject",
            Ruling::Flag => "Flag",
        }
        .to_owned()
    });
    let pile = decision.pile.as_ref().map(|pile| format!("pile {pile}"));
    let tags = decision.tags.iter().map(|tag| format!("tag {tag}"));
    let note = (!decision.note.is_empty()).then(|| format!("“{}”", decision.note));
    ruling
        .into_iter()
        .chain(pile)
        .chain(tags)
        .chain(note)
        .collect()
}

/// The sign of a ruling.
pub fn icon(ruling: Ruling) -> &'static str {
    match ruling {
        Ruling::Keep => icons::ICON_CHECK.codepoint,
        Ruling::Reject => icons::ICON_CLOSE.codepoint,
        Ruling::Flag => icons::ICON_FLAG.codepoint,
    }
}

/// The colour of a ruling.
pub fn colour(palette: &Palette, ruling: Ruling) -> Color32 {
    match ruling {
        Ruling::Keep => palette.good,
        Ruling::Reject => palette.bad,
        Ruling::Flag => palette.warning,
    }
}

/// A pile has one colour wherever it is shown: its name decides.
pub fn pile_colour(palette: &Palette, name: &str) -> Color32 {
    let colours = [
        palette.accent,
        palette.duplicate,
        palette.geometry,
        palette.good,
        palette.warning,
    ];
    let sum = name.bytes().fold(0usize, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(byte.into())
    });
    colours[sum % colours.len()]
}
