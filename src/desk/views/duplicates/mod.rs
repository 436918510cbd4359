//! Pages of the library that are the same: groups, two of their pages side by side
//! or laid over each other, which one is best kept, and dismissing what a person
//! finds different. Not for finding them (`triage`).

mod entries;
mod overlay;

use std::collections::HashMap;

use eframe::egui::{
    Align, Button, Checkbox, ColorImage, Context, Frame, Image, InputState, Key, Label, Layout,
    Margin, Modifiers, Panel, Rect, Response, RichText, Role, ScrollArea, Sense, Stroke,
    StrokeKind, TextStyle, TextureHandle, TextureOptions, Ui, Vec2, WidgetInfo, vec2,
};
use egui_material_icons::icons;

use super::page_menu;
use super::{About, Beside, Draw, Scene};
use crate::desk::actions::plain;
use crate::desk::dialogs::save_table::What;
use crate::desk::panels::deciding;
use crate::desk::requests::{Queue, Request};
use crate::desk::sheet::Sheet;
use crate::desk::theme::{Palette, ROW};
use crate::desk::words;
use crate::model::{Area, PageId, Ruling};
use crate::names;
use crate::triage::fields;
use crate::triage::{
    Command, DescribedGroup, DuplicatePage, Duplicates, RunState, Sameness, Thresholds, ViewedPage,
    judge,
};
use entries::{Entry, Kind, entries};
use overlay::lay_over;

/// Longest side of the pictures, pixels: enough to read ordinary print.
const LONGEST: u16 = 1280;

/// What it is.
pub const ABOUT: About = About {
    name: "Duplicates",
    help: "Pages of all batches that are the same, side by side",
    icon: icons::ICON_CONTENT_COPY,
    usual_key: plain(Key::Num5),
    chapter: (
        "duplicates",
        include_str!("../../../../assets/manual/duplicates.md"),
    ),
    keys: &[],
    saves: What::Duplicates,
    decides: false,
    has_pictures: false,
    shows_pages: false,
    beside: Beside::Nothing,
    counts: None,
};

/// A step that can be taken back.
enum Step {
    /// These groups were dismissed, or taken back (`restore`).
    Dismissed {
        groups: Vec<Vec<PageId>>,
        restore: bool,
    },
    /// Pages were decided; the library takes that back.
    Decided,
}

/// The view's state.
#[derive(Default)]
pub struct DuplicatesView {
    /// None until the library was looked through.
    found: Option<Vec<Entry>>,
    /// Pages are being compared.
    comparing: bool,
    show_dismissed: bool,
    /// Those of all batches are listed, not only of the one that is shown.
    all_batches: bool,
    kind: Kind,
    /// What was done, the newest last.
    steps: Vec<Step>,
    /// Pages of the chosen row, by which it is known again.
    chosen: Vec<PageId>,
    /// Which group of the row is shown: the first page of whole documents, the second …
    group: usize,
    /// The two pages that are compared, by their places in the group.
    left: usize,
    right: usize,
    overlay: bool,
    pictures: HashMap<PageId, Picture>,
    /// What is being drawn.
    waiting: Option<PageId>,
    /// Both pages laid over each other.
    overlaid: Option<Overlaid>,
}

struct Overlaid {
    pages: [PageId; 2],
    picture: TextureHandle,
    /// One has ink that the other has not.
    differs: bool,
}

enum Picture {
    Drawn(TextureHandle, ColorImage),
    Failed(String),
}

impl DuplicatesView {
    /// The library is being looked through.
    pub fn await_groups(&mut self) {
        self.comparing = true;
    }

    /// The library was looked through.
    pub fn arrive(&mut self, found: &Duplicates, groups: Vec<DescribedGroup>) {
        self.comparing = false;
        self.found = Some(entries(found, groups));
    }

    /// A page was drawn; false where it was not asked for here.
    pub fn take(&mut self, context: &Context, view: &ViewedPage) -> bool {
        if self.waiting != Some(view.page) || view.longest != LONGEST {
            return false;
        }
        self.waiting = None;
        let picture = match &view.picture {
            Ok(drawn) if drawn.rgba.len() == drawn.width * drawn.height * 4 => {
                let size = [drawn.width, drawn.height];
                let image = ColorImage::from_rgba_unmultiplied(size, &drawn.rgba);
                let options = TextureOptions::LINEAR;
                let texture = context.load_texture("duplicate", image.clone(), options);
                Picture::Drawn(texture, image)
            }
            Ok(_) => Picture::Failed("It could not be drawn.".to_owned()),
            Err(problem) => Picture::Failed(problem.to_string()),
        };
        self.pictures.insert(view.page, picture);
        true
    }

    /// A page is not drawn, because another was asked for: it is asked for again while
    /// it is shown.
    pub fn dropped(&mut self, page: PageId, longest: u16) {
        if self.waiting == Some(page) && longest == LONGEST {
            self.waiting = None;
        }
    }

    /// Draws the groups. `sheet`: the batch that is open. `more_to_come`: pages are still
    /// analysed and not compared yet.
    fn draw(&mut self, ui: &mut Ui, sheet: Option<&Sheet>, more_to_come: bool, queue: &mut Queue) {
        let batch = sheet.map(Sheet::id);
        let Some(found) = self.found.take() else {
            ui.centered_and_justified(|ui| ui.spinner());
            return;
        };
        let here: Vec<&Entry> = found
            .iter()
            .filter(|entry| self.all_batches || batch.is_none_or(|batch| entry.is_in(batch)))
            .collect();
        let shown: Vec<&Entry> = here
            .iter()
            .copied()
            .filter(|entry| self.kind.has(entry))
            .filter(|entry| self.show_dismissed || !entry.is_dismissed())
            .collect();
        if found.is_empty() {
            match self.comparing && !more_to_come {
                true => comparing(ui),
                false => nothing(ui, more_to_come),
            }
        } else {
            self.choose_by_keys(ui, &shown);
            self.list(ui, &here, &shown, sheet, more_to_come);
            let place = self.place(&shown);
            let entry = place.and_then(|place| shown.get(place));
            // Not right at the edge of the list.
            let frame = Frame::new().inner_margin(Margin {
                left: 12,
                ..Margin::ZERO
            });
            frame.show(ui, |ui| {
                if let Some(entry) = entry {
                    self.entry(ui, entry, sheet, queue);
                }
            });
        }
        self.found = Some(found);
    }

    /// Place of the chosen row among those shown; the first where it is gone.
    fn place(&mut self, shown: &[&Entry]) -> Option<usize> {
        let is_chosen = |entry: &&Entry| entry.pages().eq(self.chosen.iter().copied());
        let place = shown.iter().position(is_chosen);
        if place.is_none() {
            self.choose(shown.first().copied());
        }
        place.or((!shown.is_empty()).then_some(0))
    }

    fn choose(&mut self, entry: Option<&Entry>) {
        self.chosen = entry.map_or(vec![], |entry| entry.pages().collect());
        self.group = 0;
        let pages = entry.map_or(&[][..], |entry| &entry.groups[0].pages);
        // The one to keep at the left, and another beside it.
        self.left = pages
            .iter()
            .position(|page| page.best.is_some())
            .unwrap_or(0);
        self.right = usize::from(self.left == 0);
        self.pictures.retain(|page, _| self.chosen.contains(page));
        self.overlaid = None;
    }

    fn choose_by_keys(&mut self, ui: &Ui, shown: &[&Entry]) {
        if ui.ctx().text_edit_focused() {
            return;
        }
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        let by = match (pressed(Key::ArrowDown), pressed(Key::ArrowUp)) {
            (true, _) => 1,
            (_, true) => -1,
            _ => 0,
        };
        if pressed(Key::O) {
            self.overlay = !self.overlay;
        }
        if by != 0
            && let Some(place) = self.place(shown)
        {
            let to = place.saturating_add_signed(by).min(shown.len() - 1);
            self.choose(shown.get(to).copied());
        }
    }

    fn list(
        &mut self,
        ui: &mut Ui,
        here: &[&Entry],
        shown: &[&Entry],
        sheet: Option<&Sheet>,
        more_to_come: bool,
    ) {
        let decision = |page| sheet.and_then(|sheet| sheet.decision(page).ruling);
        let chosen = self.place(shown);
        let mut click = None;
        // The pictures beside it begin a little further right.
        let frame = Frame::new().inner_margin(Margin {
            right: 12,
            ..Margin::ZERO
        });
        Panel::left("duplicate groups")
            .frame(frame)
            .default_size(270.0)
            .size_range(200.0..=420.0)
            .show(ui, |ui| {
                ui.label(RichText::new("Duplicates").strong());
                ui.horizontal(|ui| {
                    ui.selectable_value(&mut self.all_batches, false, "This batch");
                    ui.selectable_value(&mut self.all_batches, true, "All batches")
                        .on_hover_text("Also those that are in other batches of the library only");
                });
                ui.horizontal_wrapped(|ui| {
                    for kind in Kind::ALL {
                        let open = here.iter().filter(|entry| !entry.is_dismissed());
                        let count = open.filter(|entry| kind.has(entry)).count();
                        let text = format!("{} {}", words::grouped(count as u64), kind.label());
                        ui.selectable_value(&mut self.kind, kind, text);
                    }
                });
                if more_to_come {
                    ui.weak(COMPARED_LATER);
                } else if self.comparing {
                    ui.weak(COMPARING);
                }
                let dismissed = here.iter().filter(|entry| entry.is_dismissed()).count();
                if dismissed > 0 {
                    let text = format!("Show {dismissed} dismissed");
                    ui.add(Checkbox::new(&mut self.show_dismissed, text));
                }
                ui.separator();
                if shown.is_empty() {
                    ui.weak(match (here.is_empty(), dismissed == here.len()) {
                        (true, _) => "None in this batch.",
                        (_, true) => "All are dismissed.",
                        _ => "None of this kind.",
                    });
                }
                ScrollArea::vertical().auto_shrink(false).show_rows(
                    ui,
                    ROW * 2.0,
                    shown.len(),
                    |ui, rows| {
                        for place in rows {
                            let entry = shown[place];
                            let is_settled = entry.is_settled(decision);
                            if row(ui, entry, chosen == Some(place), is_settled) {
                                click = Some(place);
                            }
                        }
                    },
                );
            });
        if let Some(place) = click {
            self.choose(shown.get(place).copied());
        }
    }

    fn entry(&mut self, ui: &mut Ui, entry: &Entry, sheet: Option<&Sheet>, queue: &mut Queue) {
        let decision = |page| sheet.map(|sheet| sheet.decision(page)).unwrap_or_default();
        self.group = self.group.min(entry.groups.len() - 1);
        let group = &entry.groups[self.group];
        let last = group.pages.len() - 1;
        self.left = self.left.min(last);
        self.right = self.right.min(last);
        ui.horizontal_wrapped(|ui| {
            ui.selectable_value(&mut self.overlay, false, "Side by side");
            ui.selectable_value(&mut self.overlay, true, "Difference")
                .on_hover_text("Both pages laid over each other  (O)");
            if entry.groups.len() > 1 {
                self.steps_ui(ui, entry.groups.len());
            }
            ui.separator();
            let restore = group.dismissed;
            let (name, help) = if restore {
                ("They are the same", "Takes the dismissal back")
            } else {
                (
                    "Not the same",
                    "Dismisses the group; it comes back when another page joins it  (Ctrl+Z)",
                )
            };
            if ui.button(name).on_hover_text(help).clicked() {
                let ids =
                    |group: &DescribedGroup| group.pages.iter().map(|page| page.page.id).collect();
                let groups: Vec<Vec<PageId>> = entry.groups.iter().map(ids).collect();
                self.steps.push(Step::Dismissed {
                    groups: groups.clone(),
                    restore,
                });
                dismiss(groups, restore, queue);
            }
        });
        ui.add_space(4.0);
        let both = [self.left, self.right].map(|place| &group.pages[place]);
        let places = group.differences(both[0].page.id, both[1].page.id);
        if group.sameness == Sameness::Similar {
            ui.label(RichText::new(how_they_differ(places.len())).strong());
        }
        if self.overlay {
            self.difference(ui, both, group.sameness);
        } else {
            let height = ui.available_height();
            ui.columns(2, |columns| {
                for (side, column) in columns.iter_mut().enumerate() {
                    column.set_min_height(height);
                    let place = if side == 0 {
                        &mut self.left
                    } else {
                        &mut self.right
                    };
                    choose_page(column, side, place, group);
                    let page = &group.pages[*place];
                    facts(column, page, decision(page.page.id).ruling);
                    // Decisions are about content: of one file at several places, what is too
                    // many leaves the batch.
                    let has_others = entry.has_others(page);
                    if group.sameness != Sameness::Similar
                        && keep_button(column, entry.groups.len(), has_others)
                    {
                        if has_others {
                            self.steps.push(Step::Decided);
                            queue.push(Request::KeepOnly(entry.kept(page)));
                        } else {
                            for (batch, documents) in entry.same_files(page) {
                                queue.push(Command::TakeOut { batch, documents });
                            }
                        }
                    }
                    let id = page.page.id;
                    let Some(shown) = show(column, self.pictures.get(&id), places) else {
                        continue;
                    };
                    if shown.double_clicked() {
                        queue.push(Request::GoTo(id));
                    }
                    let sheet = sheet.filter(|sheet| sheet.page(id).is_some());
                    if let Some(sheet) = sheet {
                        page_menu::on_one(&shown, sheet, id, queue);
                    }
                }
            });
        }
        let missing = both
            .iter()
            .map(|page| page.page.id)
            .find(|page| !self.pictures.contains_key(page));
        if let (Some(page), None) = (missing, self.waiting) {
            self.waiting = Some(page);
            queue.push(Command::View(vec![(page, LONGEST)]));
        }
    }

    /// Which page of documents that are wholly the same is shown.
    fn steps_ui(&mut self, ui: &mut Ui, count: usize) {
        let step = |ui: &mut Ui, icon: &str, name: &str, is_possible: bool| {
            let response = ui.add_enabled(is_possible, Button::new(icon));
            response.widget_info(|| WidgetInfo::labeled(Role::Button, is_possible, name));
            response.on_hover_text(name).clicked()
        };
        ui.separator();
        let back = icons::ICON_CHEVRON_LEFT.codepoint;
        if step(ui, back, "Page before", self.group > 0) {
            self.group -= 1;
        }
        ui.label(format!("{} of {count}", self.group + 1));
        let on = icons::ICON_CHEVRON_RIGHT.codepoint;
        if step(ui, on, "Page after", self.group + 1 < count) {
            self.group += 1;
        }
    }

    /// Both pages laid over each other: what only one has stands out.
    fn difference(&mut self, ui: &mut Ui, both: [&DuplicatePage; 2], sameness: Sameness) {
        let palette = Palette::of(ui);
        let ids = both.map(|page| page.page.id);
        let known = self.overlaid.as_ref().filter(|known| known.pages == ids);
        let said = match (sameness, known.map(|known| known.differs)) {
            (Sameness::Exact, _) => "Identical: both pages paint exactly the same.",
            (_, Some(false)) => "No difference can be seen at this size.",
            (_, Some(true)) => "They differ where there is colour.",
            (_, None) => "",
        };
        ui.label(RichText::new(said).strong());
        ui.horizontal_wrapped(|ui| {
            for (page, colour, sign) in [
                (both[0], palette.bad, icons::ICON_REMOVE),
                (both[1], palette.accent, icons::ICON_ADD),
            ] {
                let text = format!("{} only in {}", sign.codepoint, name_of(page));
                ui.add(Label::new(RichText::new(text).color(colour)).truncate());
            }
        });
        let (Some(Picture::Drawn(_, a)), Some(Picture::Drawn(_, b))) =
            (self.pictures.get(&ids[0]), self.pictures.get(&ids[1]))
        else {
            for page in both {
                if let Some(Picture::Failed(problem)) = self.pictures.get(&page.page.id) {
                    ui.colored_label(palette.bad, format!("{}: {problem}", name_of(page)));
                }
            }
            if self.waiting.is_some() {
                ui.spinner();
            }
            return;
        };
        if self
            .overlaid
            .as_ref()
            .is_none_or(|known| known.pages != ids)
        {
            let image = lay_over(a, b, palette.bad, palette.accent);
            let is_of_one = |pixel| [palette.bad, palette.accent].contains(pixel);
            let differs = image.pixels.iter().any(is_of_one);
            let options = TextureOptions::LINEAR;
            self.overlaid = Some(Overlaid {
                pages: ids,
                picture: ui.ctx().load_texture("difference", image, options),
                differs,
            });
        }
        if let Some(known) = &self.overlaid {
            picture(ui, &known.picture, "Both pages laid over each other", &[]);
        }
    }
}

impl Draw for DuplicatesView {
    fn ui(&mut self, ui: &mut Ui, scene: &mut Scene<'_>) {
        let sheet = scene.model.sheet.as_ref();
        let progress = sheet.and_then(|sheet| sheet.progress.as_ref());
        let more_to_come = progress.is_some_and(|progress| progress.state != RunState::Finished);
        self.draw(ui, sheet, more_to_come, scene.queue);
    }

    /// Takes back dismissing, if that was done last here. A decision that was the last is
    /// taken back as others are, and no longer known here.
    fn keys(&mut self, context: &Context, _: bool, queue: &mut Queue) {
        let undo = |input: &mut InputState| {
            !input.modifiers.shift && input.consume_key(Modifiers::COMMAND, Key::Z)
        };
        if let Some(Step::Dismissed { .. }) = self.steps.last()
            && !context.text_edit_focused()
            && context.input_mut(undo)
            && let Some(Step::Dismissed { groups, restore }) = self.steps.pop()
        {
            dismiss(groups, !restore, queue);
        }
    }
}

/// Dismisses groups, or takes that back (`restore`).
fn dismiss(groups: Vec<Vec<PageId>>, restore: bool, queue: &mut Queue) {
    for pages in groups {
        queue.push(Command::DismissDuplicates { pages, restore });
    }
}

/// Said while they are compared.
const COMPARING: &str = "Comparing pages …";

fn comparing(ui: &mut Ui) {
    ui.add_space(ui.available_height() * 0.3);
    ui.vertical_centered(|ui| {
        ui.spinner();
        ui.heading(COMPARING);
        ui.weak("Those that look alike are read again, to tell one digit from another.");
    });
}

/// Said while pages are still analysed.
const COMPARED_LATER: &str = "New pages are compared once all are analysed.";

fn nothing(ui: &mut Ui, more_to_come: bool) {
    ui.add_space(ui.available_height() * 0.3);
    ui.vertical_centered(|ui| {
        let icon = icons::ICON_CONTENT_COPY.codepoint;
        ui.label(RichText::new(icon).size(40.0).color(Palette::of(ui).dim));
        if more_to_come {
            ui.heading("No two pages are the same so far");
            ui.weak(COMPARED_LATER);
        } else {
            ui.heading("No two pages are the same");
            ui.weak("Copies, and scans of one page, are listed here over all batches.");
        }
    });
}

/// Characters of a document's name before its page: that is what tells two sides apart.
const LONGEST_NAME: usize = 36;

fn name_of(page: &DuplicatePage) -> String {
    let name = names::cut_middle(&page.document, LONGEST_NAME);
    format!("{name}, page {}", page.page.id.number)
}

fn row(ui: &mut Ui, entry: &Entry, chosen: bool, is_settled: bool) -> bool {
    let palette = Palette::of(ui);
    let size = vec2(ui.available_width(), ROW * 2.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let group = &entry.groups[0];
    let is_dismissed = entry.is_dismissed();
    let page = group.pages.first();
    let first = page.map(|page| match entry.groups.len() {
        1 => format!("{}, page {}", page.document, page.page.id.number),
        _ => page.document.clone(),
    });
    let first = first.unwrap_or_default();
    let word = match (is_dismissed, group.sameness) {
        (true, _) => "dismissed",
        _ if is_settled => "decided",
        (_, Sameness::Exact) => "exactly the same",
        (_, Sameness::Near) => "the same page again",
        (_, Sameness::Similar) => "alike, not the same",
    };
    let members = group.pages.len();
    let count = match entry.groups.len() {
        1 => format!("{members} pages, {word}"),
        pages if is_settled => format!("{members} documents of the same {pages} pages, decided"),
        pages => format!("{members} documents of the same {pages} pages"),
    };
    let is_done = is_dismissed || is_settled;
    let count = match is_done {
        true => format!("{} {count}", icons::ICON_CHECK.codepoint),
        false => count,
    };
    response
        .widget_info(|| WidgetInfo::selected(Role::Row, true, chosen, format!("{first}: {count}")));
    if chosen || response.hovered() {
        let fill = if chosen {
            palette.accent.gamma_multiply(0.25)
        } else {
            palette.raised
        };
        ui.painter().rect_filled(rect, 4, fill);
    }
    let mut inside = ui.new_child(
        eframe::egui::UiBuilder::new()
            .max_rect(rect.shrink2(vec2(8.0, 4.0)))
            .layout(Layout::top_down(Align::Min)),
    );
    let font = TextStyle::Body.resolve(inside.style());
    let width = inside.available_width();
    let shown = names::fitted(inside.painter(), &first, font, palette.text, width);
    inside.add(Label::new(shown).selectable(false));
    let colour = match is_done {
        true => palette.dim,
        false => palette.duplicate,
    };
    let count = RichText::new(count).size(12.0).color(colour);
    inside.add(Label::new(count).truncate().selectable(false));
    let all = || group.pages.iter().map(name_of).collect::<Vec<_>>();
    response
        .on_hover_ui(|ui| {
            ui.label(all().join("\n"));
        })
        .clicked()
}

/// What is known of how two pages differ that look alike.
fn how_they_differ(places: usize) -> String {
    match places {
        0 => "They look alike and are not known to be one page: compare what they say.".to_owned(),
        1 => "They differ in one place, which is marked.".to_owned(),
        _ => format!("They differ in {places} places, which are marked."),
    }
}

/// The button that keeps a page, or all pages of its document, of so many groups.
/// `has_others`: not all of them are the very same file.
fn keep_button(ui: &mut Ui, groups: usize, has_others: bool) -> bool {
    let help = match (groups, has_others) {
        (_, false) => {
            "They are the very same file: the others are taken out of the batch, and nothing is \
             decided about the pages; Ctrl+Z takes it back"
        }
        (1, true) => "Of the pages of this group; Ctrl+Z takes it back",
        (_, true) => {
            "All pages of this document are kept, those of the others rejected; Ctrl+Z takes it \
             back. What is the very same file is taken out of the batch"
        }
    };
    let name = match has_others {
        true => "Keep this, reject the others",
        false => "Keep this file, take out the others",
    };
    let keep = Button::new(name).truncate();
    ui.add(keep).on_hover_text(help).clicked()
}

/// Which page of the group stands at this side.
fn choose_page(ui: &mut Ui, side: usize, place: &mut usize, group: &DescribedGroup) {
    let label = |page: &DuplicatePage| {
        let star = page.best.map_or("", |_| icons::ICON_STAR.codepoint);
        format!("{star} {}", name_of(page)).trim().to_owned()
    };
    let current = label(&group.pages[*place]);
    eframe::egui::ComboBox::from_id_salt(("duplicate side", side))
        .width(ui.available_width() - 8.0)
        .selected_text(current)
        .truncate()
        .show_ui(ui, |ui| {
            for (at, page) in group.pages.iter().enumerate() {
                ui.selectable_value(place, at, label(page));
            }
        });
}

/// What speaks for a page, and what was decided about it.
fn facts(ui: &mut Ui, page: &DuplicatePage, ruling: Option<Ruling>) {
    let palette = Palette::of(ui);
    let verdicts = judge(&page.page, &Thresholds::default());
    let mut facts = vec![page.batch_name.clone()];
    facts.extend(
        verdicts
            .kind
            .map(|kind| fields::kind_in_words(kind).to_owned()),
    );
    facts.extend(verdicts.dpi.map(|dpi| format!("{dpi:.0} dpi")));
    facts.extend(
        verdicts
            .skew
            .filter(|_| verdicts.skewed)
            .map(|skew| format!("skewed by {:.1}°", skew.abs())),
    );
    ui.horizontal(|ui| {
        if let Some(ruling) = ruling {
            let done = match ruling {
                Ruling::Keep => "Kept",
                Ruling::Reject => "Rejected",
                Ruling::Flag => "Flagged",
            };
            let text = format!("{} {done}", deciding::icon(ruling));
            ui.label(RichText::new(text).color(deciding::colour(&palette, ruling)));
        }
        if let Some(merit) = page.best {
            let text = format!(
                "{} Best kept: {}",
                icons::ICON_STAR.codepoint,
                merit.label()
            );
            ui.label(RichText::new(text).color(palette.good))
                .on_hover_text(
                    "What a program wrote goes before a scan, a text layer before none, more \
                     dots before fewer, straight before skewed, earlier before later",
                );
        }
        ui.add(Label::new(RichText::new(facts.join(" · ")).weak()).truncate());
    });
}

/// Shows a page's picture with places marked on it, once it is drawn.
fn show(ui: &mut Ui, drawn: Option<&Picture>, places: &[Area]) -> Option<Response> {
    match drawn {
        Some(Picture::Drawn(texture, _)) => Some(picture(ui, texture, "The page", places)),
        Some(Picture::Failed(problem)) => {
            ui.colored_label(Palette::of(ui).bad, problem);
            None
        }
        None => {
            ui.spinner();
            None
        }
    }
}

fn picture(ui: &mut Ui, texture: &TextureHandle, alt: &str, places: &[Area]) -> Response {
    let space: Vec2 = ui.available_size();
    let image = Image::from_texture(texture)
        .max_size(space)
        .fit_to_exact_size(space)
        .maintain_aspect_ratio(true)
        .alt_text(alt)
        .sense(Sense::click());
    let shown = ui.add(image);
    let mark = Stroke::new(2.0, Palette::of(ui).warning);
    for place in places {
        let at = |right, down| shown.rect.lerp_inside(vec2(right, down));
        let place = Rect::from_min_max(at(place.left, place.top), at(place.right, place.bottom));
        let around = place.expand(3.0);
        ui.painter()
            .rect_stroke(around, 3, mark, StrokeKind::Outside);
    }
    shown
}
