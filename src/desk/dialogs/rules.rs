//! The window of rules: which pages are proposed to be rejected, flagged or put on a pile,
//! how many that are, and accepting it. Nothing is decided by a rule alone. Not for finding
//! the pages (`triage::proposals`).

use eframe::egui::{Button, ComboBox, Context, Id, RichText, ScrollArea, TextEdit, Ui};
use egui_material_icons::icons;

use super::window;
use crate::desk::requests::{Queue, Request};
use crate::desk::sheet::Sheet;
use crate::desk::theme::Palette;
use crate::desk::words;
use crate::model::{Change, ProposalRule, Ruling};
use crate::triage::Command;
use crate::triage::query::Query;

/// Rules that are offered where there is none like them.
const USUAL: [(&str, Ruling); 3] = [
    ("blank:yes", Ruling::Reject),
    ("divider:yes OR separator:yes", Ruling::Reject),
    ("garbled:yes OR needs_ocr:yes", Ruling::Flag),
];

/// The window's state.
#[derive(Default)]
pub struct RulesWindow {
    pub open: bool,
    /// The rules as they are typed; they may stop half-way through a word.
    typed: Vec<ProposalRule>,
    /// The rules that are kept, or were last asked to be.
    asked: Vec<ProposalRule>,
    /// What was asked is not done yet.
    waits: bool,
}

impl RulesWindow {
    /// Shows the window while it is open.
    pub fn ui(&mut self, context: &Context, sheet: &Sheet, piles: &[String], queue: &mut Queue) {
        // What is typed before the rules are known would take their place.
        if !self.open || !sheet.proposed.knows_rules() {
            *self = Self {
                open: self.open,
                ..Self::default()
            };
            return;
        }
        let kept: Vec<ProposalRule> = sheet.proposed.rules().cloned().collect();
        self.waits &= kept != self.asked;
        if !self.waits && kept != self.asked {
            self.typed.clone_from(&kept);
            self.asked.clone_from(&kept);
        }
        let typed = &mut self.typed;
        window::show(context, "Rules", &mut self.open, 640.0, |ui| {
            ui.label(
                "Pages that a rule asks for are proposed, and decided only once you accept. What \
                 somebody has said of a page stands.",
            );
            ui.add_space(8.0);
            let mut gone = None;
            let most = (context.content_rect().height() - 280.0).max(120.0);
            ScrollArea::vertical().max_height(most).show(ui, |ui| {
                // Rows that cannot be read are not among those that are kept.
                let mut next = 0;
                for (row, rule) in typed.iter_mut().enumerate() {
                    let place = next;
                    let is_kept = kept.get(place) == Some(&trimmed(rule));
                    next += usize::from(is_sound(rule));
                    let count = is_kept.then(|| sheet.proposed.count(place));
                    match rule_ui(ui, row, rule, piles, count) {
                        Some(Row::Gone) => gone = Some(row),
                        Some(Row::Accept) => queue.push(Request::Accept(place..place + 1)),
                        Some(Row::Show) => {
                            queue.push(Request::ShowPagesOf(rule.query.clone()));
                        }
                        None => {}
                    }
                }
            });
            if let Some(place) = gone {
                typed.remove(place);
            }
            if add_ui(ui, typed) {
                let new = field_of(typed.len().saturating_sub(1));
                context.memory_mut(|memory| memory.request_focus(new));
            }
            ui.add_space(8.0);
            let all = sheet.proposed.count_all();
            let help = "Each rule is one step that Ctrl+Z takes back";
            let text = match all {
                0 => "Nothing is proposed".to_owned(),
                _ => format!(
                    "Accept all: {}",
                    words::counted(all as u64, "page", "pages")
                ),
            };
            let accept = ui.add_enabled(all > 0, Button::new(text));
            if accept.on_hover_text(help).clicked() {
                queue.push(Request::Accept(0..kept.len()));
            }
        });
        // What is being typed is kept once it can be read.
        let sound = self.typed.iter().filter(|rule| is_sound(rule)).map(trimmed);
        let sound: Vec<ProposalRule> = sound.collect();
        if !self.waits && sound != self.asked {
            self.waits = true;
            self.asked.clone_from(&sound);
            queue.push(Command::KeepRules(sound));
        }
    }
}

/// What was asked for in a row.
enum Row {
    Gone,
    Accept,
    Show,
}

fn is_sound(rule: &ProposalRule) -> bool {
    Query::parse(&rule.query).is_ok_and(|query| !query.is_empty())
        && rule.change.problem().is_none()
}

/// The rule as it is kept.
fn trimmed(rule: &ProposalRule) -> ProposalRule {
    ProposalRule {
        query: rule.query.trim().to_owned(),
        change: match &rule.change {
            Change::Pile(Some(pile)) => Change::Pile(Some(pile.trim().to_owned())),
            Change::Tag(tag) => Change::Tag(tag.trim().to_owned()),
            other => other.clone(),
        },
    }
}

/// A rule; `count` is the number of pages that it proposes something of, where that is
/// known.
fn rule_ui(
    ui: &mut Ui,
    place: usize,
    rule: &mut ProposalRule,
    piles: &[String],
    count: Option<usize>,
) -> Option<Row> {
    let mut asked = None;
    ui.horizontal(|ui| {
        let name = format!("Pages of rule {}", place + 1);
        let field = TextEdit::singleline(&mut rule.query)
            .id(field_of(place))
            .hint_text("blank:yes")
            .desired_width(220.0);
        let response = ui.add(field);
        response.widget_info(|| {
            eframe::egui::WidgetInfo::labeled(eframe::egui::Role::TextInput, true, name.as_str())
        });
        change_ui(ui, place, &mut rule.change, piles);
        let pages = count.unwrap_or(0);
        let accept = format!("Accept {}", words::grouped(pages as u64));
        let help = "Say it of the pages that are proposed; Ctrl+Z takes it back";
        if ui
            .add_enabled(pages > 0, Button::new(accept))
            .on_hover_text(help)
            .clicked()
        {
            asked = Some(Row::Accept);
        }
        if ui
            .button("Show")
            .on_hover_text("Show all pages that the rule asks for")
            .clicked()
        {
            asked = Some(Row::Show);
        }
        let remove = ui.button(icons::ICON_CLOSE.codepoint);
        let name = format!("Remove rule {}", place + 1);
        remove.widget_info(|| {
            eframe::egui::WidgetInfo::labeled(eframe::egui::Role::Button, true, name.as_str())
        });
        if remove.on_hover_text(name.as_str()).clicked() {
            asked = Some(Row::Gone);
        }
    });
    let palette = Palette::of(ui);
    if let Err(problem) = Query::parse(&rule.query) {
        ui.colored_label(palette.bad, problem.to_string());
    }
    if let Some(problem) = rule.change.problem() {
        ui.colored_label(palette.bad, problem);
    }
    asked
}

/// What a rule proposes.
fn change_ui(ui: &mut Ui, place: usize, change: &mut Change, piles: &[String]) {
    let rulings = Ruling::ALL.map(|ruling| Change::Rule(Some(ruling)));
    let piles = piles.iter().map(|pile| Change::Pile(Some(pile.clone())));
    ComboBox::from_id_salt(("what a rule proposes", place))
        .selected_text(kind_of(change))
        .width(120.0)
        .show_ui(ui, |ui| {
            for choice in rulings.into_iter().chain(piles) {
                let name = choice.in_words();
                ui.selectable_value(change, choice, name);
            }
            for choice in [
                Change::Pile(Some(String::new())),
                Change::Tag(String::new()),
            ] {
                let name = kind_of(&choice);
                ui.selectable_value(change, choice, name);
            }
        });
    if let Change::Pile(Some(name)) | Change::Tag(name) = change {
        let field = TextEdit::singleline(name)
            .hint_text("Name")
            .desired_width(90.0);
        ui.add(field);
    }
}

fn kind_of(change: &Change) -> String {
    match change {
        Change::Pile(_) => "Put on pile".to_owned(),
        Change::Tag(_) => "Tag".to_owned(),
        _ => change.in_words(),
    }
}

/// New rules: an empty one, and those that are usual.
/// The field in which the pages of a rule are typed.
fn field_of(place: usize) -> Id {
    Id::unique(("rule", place))
}

/// Offers new rules; true where an empty one was added, to be typed.
fn add_ui(ui: &mut Ui, typed: &mut Vec<ProposalRule>) -> bool {
    let mut is_empty = false;
    ui.horizontal_wrapped(|ui| {
        let new = |query: &str, ruling| ProposalRule {
            query: query.to_owned(),
            change: Change::Rule(Some(ruling)),
        };
        let add = format!("{}  Add a rule", icons::ICON_ADD.codepoint);
        if ui.button(add).clicked() {
            typed.push(new("", Ruling::Reject));
            is_empty = true;
        }
        for (query, ruling) in USUAL {
            let is_there = typed.iter().any(|rule| rule.query == query);
            let text = format!("{query}: {}", Change::Rule(Some(ruling)).in_words());
            let button = Button::new(RichText::new(text).small());
            if !is_there && ui.add(button).clicked() {
                typed.push(new(query, ruling));
            }
        }
    });
    is_empty
}
