//! The command palette: every action, what can be done where one is, presets, kept views,
//! batches and documents by name.

use eframe::egui::{
    Button, Context, Id, Key, KeyboardShortcut, Modal, Modifiers, Rect, ScrollArea, TextEdit,
};
use egui_material_icons::icons;

use crate::desk::actions::Action;
use crate::desk::choices::Choices;
use crate::desk::keys::{self, Bound};
use crate::desk::requests::{Queue, Request};
use crate::desk::settings::Settings;
use crate::desk::theme::ROW;
use crate::desk::views::View;
use crate::desk::views::split::Edit;
use crate::desk::words;
use crate::model::{BatchSummary, Change, Document};
use crate::names::{self, has_words};
use crate::triage::Command;

/// Rows that are seen at once, characters that a name has room for.
const ROWS: f32 = 12.0;
const NAME: usize = 48;

/// An open palette.
#[derive(Default)]
pub struct CommandPalette {
    typed: String,
    chosen: usize,
}

/// A line of the palette.
struct Entry {
    request: Request,
    text: String,
    /// At the right end.
    beside: String,
    help: String,
}

/// What can be done only where one is, with its key and its words.
pub struct Here {
    pub request: Request,
    pub key: KeyboardShortcut,
    pub name: &'static str,
}

/// What can be done with what is shown large, or else in the view, by keys of its own.
pub fn here(choices: &Choices) -> Vec<Here> {
    let own = |request, key, name| Here {
        request,
        key: KeyboardShortcut::new(Modifiers::NONE, key),
        name,
    };
    match (choices.opened, choices.view()) {
        (Some(page), _) => vec![
            own(Request::Turn(page, 270), Key::OpenBracket, "Turn left"),
            own(Request::Turn(page, 90), Key::CloseBracket, "Turn right"),
            own(Request::FitPage, Key::Num0, "Show the whole page"),
        ],
        (None, View::Split) => {
            let edits = Edit::ALL.into_iter();
            let edits = edits.map(|(edit, key, name)| Here {
                request: Request::Split(edit),
                key,
                name,
            });
            edits.collect()
        }
        (None, _) => vec![],
    }
}

/// Shows the palette; it is gone once something was chosen or it was closed.
pub fn ui(
    context: &Context,
    palette: &mut Option<CommandPalette>,
    batches: &[BatchSummary],
    documents: &[Document],
    (settings, here): (&Settings, &[Here]),
    queue: &mut Queue,
) {
    let Some(open) = palette else { return };
    let mut is_chosen = false;
    let modal = Modal::new(Id::unique("command palette")).show(context, |ui| {
        ui.set_width(460.0);
        let key = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        let before = open.chosen;
        if key(Key::ArrowDown) {
            open.chosen += 1;
        }
        if key(Key::ArrowUp) {
            open.chosen = open.chosen.saturating_sub(1);
        }
        let enter = key(Key::Enter);
        let label = ui.label("Command, batch or document");
        let field = TextEdit::singleline(&mut open.typed).desired_width(f32::INFINITY);
        let response = ui.add(field).labelled_by(label.id);
        response.request_focus();
        if response.changed() {
            open.chosen = 0;
        }
        let known = (settings, here);
        let found = found(context, &open.typed, batches, documents, known);
        open.chosen = open.chosen.min(found.len().saturating_sub(1));
        let moved = open.chosen != before;
        ui.add_space(4.0);
        // Once few were found it had little room; it gets it back.
        let list = ScrollArea::vertical().max_height(ROW * ROWS);
        // As high however little is found: the field stays where it is.
        list.auto_shrink([true, false])
            .min_scrolled_height(ROW * ROWS)
            .show_rows(ui, ROW, found.len(), |ui, rows| {
                let first = rows.start;
                for at in rows {
                    let entry = &found[at];
                    let button = Button::selectable(at == open.chosen, &entry.text)
                        .shortcut_text(&entry.beside)
                        .min_size([ui.available_width(), ROW].into());
                    let response = ui.add(button).on_hover_text(&entry.help);
                    if response.clicked() || (enter && at == open.chosen) {
                        queue.push(entry.request.clone());
                        is_chosen = true;
                    }
                }
                if moved {
                    let step = ROW + ui.spacing().item_spacing.y;
                    let top = ui.min_rect().top() + (open.chosen as f32 - first as f32) * step;
                    let corner = [ui.min_rect().left(), top].into();
                    ui.scroll_to_rect(Rect::from_min_size(corner, [1.0, ROW].into()), None);
                }
            });
        ui.weak(match found.len() {
            0 => "Nothing has these words in its name.",
            _ => "Arrows choose, Enter does it, Escape leaves",
        });
    });
    if is_chosen || modal.should_close() {
        *palette = None;
    }
}

/// Actions by name; batches and documents as well, once something is typed.
fn found(
    context: &Context,
    typed: &str,
    batches: &[BatchSummary],
    documents: &[Document],
    (settings, here): (&Settings, &[Here]),
) -> Vec<Entry> {
    let mut actions: Vec<Action> = Action::all()
        .filter(|action| has_words(action.info().name, typed))
        .collect();
    actions.sort_by_key(|action| action.info().name);
    let actions = actions.into_iter().map(|action| Entry {
        request: action.into(),
        text: action.text(),
        beside: action.key_text(context),
        help: action.info().help.to_owned(),
    });
    let here = here.iter().filter(|own| has_words(own.name, typed));
    let here = here.map(|own| Entry {
        request: own.request.clone(),
        text: named(icons::ICON_KEYBOARD.codepoint, own.name),
        beside: context.format_shortcut(&own.key),
        help: own.name.to_owned(),
    });
    let presets = settings.presets.iter();
    let presets = presets.filter(|preset| has_words(&preset.name, typed));
    let presets = presets.map(|preset| Entry {
        request: Request::SayPreset(preset.name.clone()),
        text: named(Action::Presets.info().icon.codepoint, &preset.name),
        beside: keys::text(context, &Bound::Preset(preset.name.clone())),
        help: Change::all_in_words(&preset.changes),
    });
    let views = settings.saved.kept.iter();
    let views = views.filter(|view| has_words(&view.name, typed));
    let views = views.map(|view| Entry {
        request: Request::ShowView(view.clone()),
        text: named(icons::ICON_BOOKMARKS.codepoint, &view.name),
        beside: "view".to_owned(),
        help: view.pages().to_owned(),
    });
    let actions = here.chain(actions).chain(presets).chain(views);
    if typed.trim().is_empty() {
        return actions.collect();
    }
    let batches = batches
        .iter()
        .filter(|summary| has_words(&summary.batch.name, typed))
        .map(|summary| Entry {
            request: Command::Open(summary.batch.id).into(),
            text: named(icons::ICON_FOLDER.codepoint, &summary.batch.name),
            beside: format!("batch, {}", words::day(summary.batch.created)),
            help: format!("Open the batch {}", names::whole(&summary.batch.name)),
        });
    let documents = documents
        .iter()
        .filter(|document| has_words(&document.name, typed))
        .map(|document| Entry {
            request: Request::ShowDocument(document.id),
            text: named(icons::ICON_DESCRIPTION.codepoint, &document.name),
            beside: words::counted(document.pages.into(), "page", "pages"),
            help: format!("Show only {}", names::whole(&document.name)),
        });
    actions.chain(batches).chain(documents).collect()
}

fn named(icon: &str, name: &str) -> String {
    format!("{icon}  {}", names::cut_middle(name, NAME))
}
