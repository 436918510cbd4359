//! The window of terms: a list, typed, pasted or read from a file, with the pages and
//! documents that have each; marked on pages in a colour and with a number of its own. Not
//! for looking them up (`triage::terms`).

use eframe::egui::{
    Button, Color32, Context, Grid, RichText, Role, ScrollArea, TextEdit, Ui, WidgetInfo,
};
use egui_material_icons::icons;

use super::window;
use crate::desk::requests::{PlaceFor, Queue, Request};
use crate::desk::theme::Palette;
use crate::desk::words;
use crate::model::BatchId;
use crate::names;
use crate::triage::Command;
use crate::triage::terms::{MOST_TERMS, TermHits, question, terms_of};

/// The window's state.
#[derive(Default)]
pub struct TermsWindow {
    pub open: bool,
    /// The list as it is typed; none: as it is kept.
    typed: Option<String>,
    /// Where terms are, and in which batch.
    found: Option<(BatchId, Vec<TermHits>)>,
    /// What was asked for last, and of which batch.
    asked: Option<(BatchId, Vec<String>)>,
}

/// The colour of a term by its place in the list, on paper.
pub fn colour(place: usize) -> Color32 {
    let palette = Palette::on_paper();
    let colours = [
        palette.accent,
        palette.good,
        palette.duplicate,
        palette.bad,
        palette.geometry,
        palette.warning,
    ];
    colours[place % colours.len()]
}

impl TermsWindow {
    /// The terms of a file take the place of the list.
    pub fn read(&mut self, list: &str) {
        self.typed = Some(terms_of(list).join("\n"));
    }

    /// Where terms are is known.
    pub fn arrive(&mut self, batch: BatchId, found: Vec<TermHits>) {
        self.found = Some((batch, found));
    }

    /// Shows the window while it is open. `kept`: the list that settings keep; `marked`:
    /// terms are marked on pages.
    pub fn ui(
        &mut self,
        context: &Context,
        batch: BatchId,
        kept: &mut Vec<String>,
        marked: &mut bool,
        queue: &mut Queue,
    ) {
        if !self.open {
            *self = Self::default();
            return;
        }
        let mut open = self.open;
        let opens = &mut self.typed.is_none();
        let typed = self.typed.get_or_insert_with(|| kept.join("\n"));
        let found = self.found.as_ref().filter(|(of, _)| *of == batch);
        window::show(context, "Terms", &mut open, 480.0, |ui| {
            ui.horizontal(|ui| {
                let file = format!("{}  From a file…", icons::ICON_FILE_OPEN.codepoint);
                let help = "A text file with a term a line";
                if ui.button(file).on_hover_text(help).clicked() {
                    queue.push(Request::Choose(PlaceFor::Terms));
                }
                ui.checkbox(marked, "Mark on pages");
            });
            ui.add_space(4.0);
            let field = TextEdit::multiline(typed)
                .hint_text("A term a line: a word, words in a row, or a beginning*")
                .desired_rows(5)
                .desired_width(f32::INFINITY);
            ScrollArea::vertical()
                .id_salt("list")
                .max_height(120.0)
                .show(ui, |ui| {
                    let response = ui.add(field);
                    response.widget_info(|| {
                        WidgetInfo::labeled(Role::MultilineTextInput, true, "Terms, one a line")
                    });
                    if std::mem::take(opens) {
                        response.request_focus();
                    }
                });
            ui.add_space(8.0);
            match found {
                Some((_, found)) => {
                    list(ui, context, found, queue);
                }
                None if !kept.is_empty() => {
                    ui.spinner();
                }
                None => {}
            }
        });
        self.open = open;
        let terms = terms_of(typed);
        if *kept != terms {
            kept.clone_from(&terms);
        }
        let wanted = (batch, terms);
        if !wanted.1.is_empty() && self.asked.as_ref() != Some(&wanted) {
            let terms = wanted.1.clone();
            queue.push(Command::CountTerms { batch, terms });
            self.asked = Some(wanted);
        }
    }
}

/// Where each term is.
fn list(ui: &mut Ui, context: &Context, found: &[TermHits], queue: &mut Queue) {
    let most = (context.content_rect().height() - 420.0).max(120.0);
    ScrollArea::vertical()
        .id_salt("found")
        .max_height(most)
        .show(ui, |ui| {
            Grid::new("terms")
                .num_columns(3)
                .spacing([16.0, 4.0])
                .striped(true)
                .show(ui, |ui| {
                    for (place, hits) in found.iter().enumerate() {
                        let number = RichText::new(format!("{}", place + 1));
                        ui.label(number.background_color(colour(place)).color(Color32::WHITE));
                        let name = names::cut_middle(&hits.term, 44);
                        let enabled = hits.pages > 0;
                        let link = ui.add_enabled(enabled, Button::new(name).frame(false));
                        if link.on_hover_text("Show these pages").clicked() {
                            queue.push(Request::ShowPagesOf(question(&hits.term)));
                        }
                        let said = match hits.pages {
                            0 => "nowhere".to_owned(),
                            pages => format!(
                                "{} in {}",
                                words::counted(pages as u64, "page", "pages"),
                                words::counted(hits.documents as u64, "document", "documents"),
                            ),
                        };
                        ui.weak(said);
                        ui.end_row();
                    }
                });
        });
    if found.len() == MOST_TERMS {
        ui.weak(format!("A list has at most {MOST_TERMS} terms."));
    }
}
