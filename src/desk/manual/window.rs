//! The manual on the screen: contents at the left, found by words, and a chapter beside them.
//! Not for what stands in it (the modules beside this one).

use std::collections::HashMap;

use eframe::egui::{
    Align, Button, ColorImage, Context, FontId, Frame, Image, Key, Label, Modifiers, RichText,
    Role, ScrollArea, TextEdit, TextureHandle, Ui, WidgetInfo, vec2,
};
use egui_material_icons::icons;

use super::reader::{Block, Piece, read};
use super::{Chapter, chapters, picture};
use crate::desk::actions::Action;
use crate::desk::dialogs::window;
use crate::desk::theme::{self, Palette};
use crate::names;

/// Points: the window, its contents at the left, and the longest line.
const WIDTH: f32 = 920.0;
const CONTENTS: f32 = 210.0;
const LONGEST_LINE: f32 = 640.0;

/// Height of a line of text, points: lower than what is clicked.
const LINE: f32 = 20.0;

/// Points of the window's height that are not the manual's: bars, its title and margins.
const AROUND: f32 = 190.0;

/// The window.
#[derive(Default)]
pub struct ManualWindow {
    pub open: bool,
    chapters: Vec<Shown>,
    /// The chapter that is read, by its place.
    at: usize,
    typed: String,
    /// The block to begin at.
    begin_at: Option<usize>,
    pictures: HashMap<String, TextureHandle>,
    /// It was opened a moment ago.
    opened: bool,
    /// The place that Enter goes to, among those that have the words.
    marked: usize,
}

/// A chapter, taken apart.
struct Shown {
    id: &'static str,
    title: String,
    blocks: Vec<Block>,
}

/// A place in the manual.
#[derive(Clone, Copy)]
struct Spot {
    chapter: usize,
    block: usize,
}

impl Shown {
    fn new(chapter: Chapter) -> Self {
        Self {
            id: chapter.id,
            title: chapter.title,
            blocks: read(&chapter.markdown),
        }
    }

    fn has(&self, typed: &str) -> bool {
        let words: Vec<String> = self.blocks.iter().map(Block::words).collect();
        names::has_words(&format!("{} {}", self.title, words.join(" ")), typed)
    }

    /// Its sections that have the words, by the places of their titles.
    fn sections_with<'a>(&'a self, typed: &'a str) -> impl Iterator<Item = (usize, String)> + 'a {
        let titles = self.blocks.iter().enumerate();
        let titles = titles.filter(|(_, block)| matches!(block, Block::Heading(_)));
        titles.filter_map(move |(at, title)| {
            let rest = self.blocks[at + 1..].iter();
            let own = rest.take_while(|block| !matches!(block, Block::Heading(_)));
            let words: Vec<String> = own.map(Block::words).collect();
            let title = title.words();
            names::has_words(&format!("{title} {}", words.join(" ")), typed).then_some((at, title))
        })
    }
}

impl ManualWindow {
    /// Opens it at a chapter.
    pub fn show(&mut self, context: &Context, chapter: &str) {
        // A person may have given keys to other commands since.
        let key = |action: Action| action.key_text(context);
        self.chapters = chapters(&key).into_iter().map(Shown::new).collect();
        self.open = true;
        self.opened = true;
        self.typed.clear();
        self.marked = 0;
        self.lead_to(chapter);
    }

    /// Draws it while it is open.
    pub fn ui(&mut self, context: &Context) {
        let mut open = self.open;
        let height = (context.content_rect().height() - AROUND).max(240.0);
        window::show(context, "Manual", &mut open, WIDTH, |ui| {
            let left_to_right = eframe::egui::Layout::left_to_right(Align::Min);
            ui.allocate_ui_with_layout(vec2(ui.available_width(), height), left_to_right, |ui| {
                ui.vertical(|ui| {
                    ui.set_width(CONTENTS);
                    ui.set_height(height);
                    if let Some(spot) = self.contents(ui) {
                        self.go_to(spot);
                    }
                });
                ui.separator();
                ui.vertical(|ui| {
                    ui.set_height(height);
                    self.chapter(ui);
                });
            });
        });
        self.open = open;
        if !self.open {
            self.pictures.clear();
        }
    }

    fn go_to(&mut self, spot: Spot) {
        self.at = spot.chapter;
        self.begin_at = Some(spot.block);
    }

    /// Shows a chapter by its name.
    fn lead_to(&mut self, id: &str) {
        if let Some(chapter) = self.chapters.iter().position(|chapter| chapter.id == id) {
            self.go_to(Spot { chapter, block: 0 });
        }
    }

    /// The field for words and the chapters that have them. Where to go, if that was asked.
    fn contents(&mut self, ui: &mut Ui) -> Option<Spot> {
        let id = ui.make_persistent_id("search the manual");
        let places = self.places();
        let last = places.len().saturating_sub(1);
        let is_typing = ui.memory(|memory| memory.has_focus(id));
        let pressed =
            |key| is_typing && ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        let steps = [(Key::ArrowDown, 1), (Key::ArrowUp, -1)];
        let step: isize = steps
            .iter()
            .filter(|(key, _)| pressed(*key))
            .map(|(_, by)| by)
            .sum();
        self.marked = self.marked.saturating_add_signed(step).min(last);
        let entered = pressed(Key::Enter);
        let field = TextEdit::singleline(&mut self.typed)
            .id(id)
            .hint_text("Search the manual")
            .desired_width(f32::INFINITY);
        let field = ui.add(field);
        field.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Search the manual"));
        if std::mem::take(&mut self.opened) {
            field.request_focus();
        }
        if field.changed() {
            self.marked = 0;
        }
        ui.add_space(8.0);
        let is_searching = !self.typed.trim().is_empty();
        let mut chosen = None;
        ScrollArea::vertical()
            .id_salt("contents of the manual")
            .auto_shrink(false)
            .show(ui, |ui| {
                for (at, (spot, title)) in places.iter().enumerate() {
                    let is_marked = match is_searching {
                        true => at == self.marked,
                        false => spot.chapter == self.at,
                    };
                    ui.horizontal(|ui| {
                        ui.add_space(if spot.block > 0 { 16.0 } else { 0.0 });
                        let entry = ui.add(Button::selectable(is_marked, title).truncate());
                        if is_marked && step != 0 {
                            entry.scroll_to_me(None);
                        }
                        if entry.clicked() || entered && is_searching && is_marked {
                            chosen = Some(*spot);
                        }
                    });
                }
                if places.is_empty() {
                    ui.weak("Nothing has these words.");
                }
            });
        chosen
    }

    /// The chapters and, while somebody searches, their sections that have the words.
    fn places(&self) -> Vec<(Spot, String)> {
        let typed = self.typed.trim();
        let mut places = Vec::new();
        for (chapter, shown) in self.chapters.iter().enumerate() {
            if !shown.has(typed) {
                continue;
            }
            places.push((Spot { chapter, block: 0 }, shown.title.clone()));
            if !typed.is_empty() {
                let sections = shown.sections_with(typed);
                places.extend(sections.map(|(block, title)| (Spot { chapter, block }, title)));
            }
        }
        places
    }

    /// The chapter that is read.
    fn chapter(&mut self, ui: &mut Ui) {
        let Some(shown) = self.chapters.get(self.at) else {
            return;
        };
        let begin_at = self.begin_at.take();
        let mut area = ScrollArea::vertical().id_salt(shown.id).auto_shrink(false);
        if begin_at == Some(0) {
            area = area.vertical_scroll_offset(0.0);
        }
        let (typed, pictures) = (self.typed.trim(), &mut self.pictures);
        let mut led = None;
        area.show(ui, |ui| {
            ui.set_max_width(LONGEST_LINE.min(ui.available_width() - 12.0));
            ui.spacing_mut().interact_size.y = LINE;
            ui.label(RichText::new(&shown.title).size(22.0));
            ui.add_space(8.0);
            for (at, block) in shown.blocks.iter().enumerate() {
                let drawn = ui.scope(|ui| match block {
                    Block::Heading(words) => {
                        ui.add_space(12.0);
                        let text: String = words.iter().map(|piece| piece.text.as_str()).collect();
                        ui.heading(text);
                    }
                    Block::Paragraph(words) => pieces(ui, words, typed, &mut led),
                    Block::Item(words) => {
                        ui.horizontal_top(|ui| {
                            ui.add_space(4.0);
                            ui.label("•");
                            ui.vertical(|ui| pieces(ui, words, typed, &mut led));
                        });
                    }
                    Block::Code(text) => code(ui, text),
                    Block::Picture { name, about } => draw_picture(ui, pictures, name, about),
                });
                if begin_at.is_some_and(|begin| begin == at && at > 0) {
                    ui.scroll_to_rect(drawn.response.rect, Some(Align::TOP));
                }
                ui.add_space(4.0);
            }
            ui.add_space(16.0);
            ui.spacing_mut().interact_size.y = theme::ROW;
            ui.horizontal(|ui| {
                let before = self.at.checked_sub(1).and_then(|at| self.chapters.get(at));
                let texts = [
                    (before, [icons::ICON_CHEVRON_LEFT.codepoint, ""]),
                    (
                        self.chapters.get(self.at + 1),
                        ["", icons::ICON_CHEVRON_RIGHT.codepoint],
                    ),
                ];
                for (chapter, [left, right]) in texts {
                    let Some(chapter) = chapter else { continue };
                    let text = format!("{left} {} {right}", chapter.title);
                    if ui.button(text.trim()).clicked() {
                        led = Some(format!("{}.md", chapter.id));
                    }
                }
            });
            ui.add_space(16.0);
        });
        if let Some(link) = led {
            self.lead_to(link.trim_end_matches(".md"));
        }
    }
}

/// Words that run on from line to line. `led`: where a link leads that was clicked.
fn pieces(ui: &mut Ui, words: &[Piece], typed: &str, led: &mut Option<String>) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        for piece in words {
            if let Some(link) = &piece.link {
                if ui.link(&piece.text).clicked() {
                    *led = Some(link.clone());
                }
                continue;
            }
            for (text, is_found) in cut_at(&piece.text, typed) {
                let mut text = RichText::new(text);
                if piece.strong {
                    text = text.strong();
                }
                if piece.emphasised {
                    text = text.italics();
                }
                if piece.code {
                    text = text.code();
                }
                if is_found {
                    text = text.background_color(ui.visuals().selection.bg_fill);
                }
                ui.add(Label::new(text).wrap().selectable(true));
            }
        }
    });
}

/// A text in pieces, those that were searched for apart.
fn cut_at<'a>(text: &'a str, typed: &str) -> Vec<(&'a str, bool)> {
    if typed.is_empty() {
        return vec![(text, false)];
    }
    // Other letters keep their number of bytes, so that places in one hold for the other.
    let (lower, typed) = (text.to_ascii_lowercase(), typed.to_ascii_lowercase());
    let mut cut = Vec::new();
    let mut from = 0;
    for (at, found) in lower.match_indices(&typed) {
        cut.push((&text[from..at], false));
        from = at + found.len();
        cut.push((&text[at..from], true));
    }
    cut.push((&text[from..], false));
    cut.retain(|(text, _)| !text.is_empty());
    cut
}

/// Lines that are typed.
fn code(ui: &mut Ui, text: &str) {
    let ground = Palette::of(ui).ground;
    Frame::new()
        .fill(ground)
        .inner_margin(8)
        .corner_radius(4)
        .show(ui, |ui| {
            let text = RichText::new(text).font(FontId::monospace(12.5));
            ui.add(Label::new(text).wrap().selectable(true));
        });
}

/// A picture, as wide as there is room and no larger than it is.
fn draw_picture(
    ui: &mut Ui,
    pictures: &mut HashMap<String, TextureHandle>,
    name: &str,
    about: &str,
) {
    if !pictures.contains_key(name) {
        let decoded = picture(name).and_then(|bytes| image::load_from_memory(bytes).ok());
        let Some(decoded) = decoded.map(|decoded| decoded.into_rgb8()) else {
            ui.weak(about);
            return;
        };
        let size = [decoded.width() as usize, decoded.height() as usize];
        let picture = ColorImage::from_rgb(size, &decoded);
        let texture = ui.ctx().load_texture(name, picture, Default::default());
        pictures.insert(name.to_owned(), texture);
    }
    let texture = &pictures[name];
    let image = Image::new(texture).max_width(ui.available_width());
    let drawn = ui.add(image.alt_text(about));
    drawn.on_hover_text(about);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_searched_for_is_cut_out_in_any_case() {
        assert_eq!(
            cut_at("Blank: a blank page", "blank"),
            [
                ("Blank", true),
                (": a ", false),
                ("blank", true),
                (" page", false)
            ]
        );
        assert_eq!(
            cut_at("größer", "ß"),
            [("gr\u{f6}", false), ("ß", true), ("er", false)]
        );
        assert_eq!(cut_at("words", ""), [("words", false)]);
    }
}
