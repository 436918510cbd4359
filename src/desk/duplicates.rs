//! Pages of the library that are the same: groups, two of their pages side by side
//! or laid over each other, which one is best kept, and dismissing what a person
//! finds different. Not for finding them (`triage`).

use std::collections::HashMap;

use eframe::egui::{
    Align, Checkbox, Color32, ColorImage, Context, Frame, Image, Key, Label, Layout, Margin,
    Modifiers, Panel, RichText, Role, ScrollArea, Sense, TextStyle, TextureHandle, TextureOptions,
    Ui, Vec2, WidgetInfo, vec2,
};
use egui_material_icons::icons;

use super::theme::{Palette, ROW};
use super::{names, words};
use crate::model::PageId;
use crate::triage::fields;
use crate::triage::{DescribedGroup, DuplicatePage, Thresholds, ViewedPage, judge};

/// Longest side of the pictures, pixels: enough to read ordinary print.
const LONGEST: u16 = 1280;

/// Pages are shifted against each other by at most this share of their size to lie
/// on each other: scanners feed paper a little differently each time.
const FARTHEST: f32 = 0.03;

/// Longest side of the pictures that are compared to find the shift.
const COARSE: usize = 200;

/// Pixels darker than this are ink.
const INK: u8 = 150;

/// What was asked for in the view.
pub enum Asked {
    /// Draw this page, so large.
    View(PageId, u16),
    /// These pages are not the same, or are after all (`restore`).
    Dismiss { pages: Vec<PageId>, restore: bool },
    /// Show a page of the open batch large.
    Open(PageId),
}

/// The view's state.
#[derive(Default)]
pub struct DuplicatesView {
    /// None until the library was looked through.
    groups: Option<Vec<DescribedGroup>>,
    show_dismissed: bool,
    /// Pages of the chosen group, by which it is known again.
    chosen: Vec<PageId>,
    /// The two pages that are compared, by their places in the group.
    left: usize,
    right: usize,
    overlay: bool,
    pictures: HashMap<PageId, Picture>,
    /// What is being drawn.
    waiting: Option<PageId>,
    /// Both pages laid over each other.
    overlaid: Option<([PageId; 2], TextureHandle)>,
}

enum Picture {
    Drawn(TextureHandle, ColorImage),
    Failed(String),
}

impl DuplicatesView {
    /// The library was looked through.
    pub fn arrive(&mut self, groups: Vec<DescribedGroup>) {
        self.groups = Some(groups);
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
            Err(problem) => Picture::Failed(problem.clone()),
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

    /// Draws the view. `more_to_come`: pages are still analysed and not compared yet.
    pub fn ui(&mut self, ui: &mut Ui, more_to_come: bool) -> Option<Asked> {
        let Some(groups) = self.groups.take() else {
            ui.centered_and_justified(|ui| ui.spinner());
            return None;
        };
        let shown: Vec<&DescribedGroup> = groups
            .iter()
            .filter(|group| group.pages.len() > 1 && (self.show_dismissed || !group.dismissed))
            .collect();
        let asked = if groups.is_empty() {
            nothing(ui, more_to_come);
            None
        } else {
            self.keys(ui, &shown);
            self.list(ui, &groups, &shown, more_to_come);
            let place = self.place(&shown);
            let group = place.and_then(|place| shown.get(place));
            // Not right at the edge of the list.
            let frame = Frame::new().inner_margin(Margin {
                left: 12,
                ..Margin::ZERO
            });
            let shown = frame.show(ui, |ui| group.and_then(|group| self.group(ui, group)));
            shown.inner
        };
        self.groups = Some(groups);
        asked
    }

    /// Place of the chosen group among those shown; the first where it is gone.
    fn place(&mut self, shown: &[&DescribedGroup]) -> Option<usize> {
        let is_chosen = |group: &&DescribedGroup| {
            group
                .pages
                .iter()
                .map(|page| page.page.id)
                .eq(self.chosen.iter().copied())
        };
        let place = shown.iter().position(is_chosen);
        if place.is_none() {
            self.choose(shown.first().copied());
        }
        place.or((!shown.is_empty()).then_some(0))
    }

    fn choose(&mut self, group: Option<&DescribedGroup>) {
        let pages = group.map_or(&[][..], |group| &group.pages);
        self.chosen = pages.iter().map(|page| page.page.id).collect();
        // The one to keep at the left, and another beside it.
        self.left = pages.iter().position(|page| page.keep).unwrap_or(0);
        self.right = usize::from(self.left == 0);
        self.pictures.retain(|page, _| self.chosen.contains(page));
        self.overlaid = None;
    }

    fn keys(&mut self, ui: &Ui, shown: &[&DescribedGroup]) {
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
        groups: &[DescribedGroup],
        shown: &[&DescribedGroup],
        more_to_come: bool,
    ) {
        let chosen = self.place(shown);
        let mut click = None;
        // The pictures beside it begin a little further right.
        let frame = Frame::new().inner_margin(Margin {
            right: 12,
            ..Margin::ZERO
        });
        Panel::left("duplicate groups")
            .frame(frame)
            .default_size(250.0)
            .size_range(180.0..=420.0)
            .show(ui, |ui| {
                let count = |exact: bool| {
                    let same = |group: &&DescribedGroup| group.exact == exact && !group.dismissed;
                    words::grouped(groups.iter().filter(same).count() as u64)
                };
                ui.label(RichText::new("Duplicates in the library").strong());
                ui.weak(format!(
                    "{} exact, {} nearly the same",
                    count(true),
                    count(false)
                ));
                if more_to_come {
                    ui.weak(COMPARED_LATER);
                }
                let dismissed = groups.iter().filter(|group| group.dismissed).count();
                if dismissed > 0 {
                    let text = format!("Show {dismissed} dismissed");
                    ui.add(Checkbox::new(&mut self.show_dismissed, text));
                }
                ui.separator();
                if shown.is_empty() {
                    ui.weak("All are dismissed.");
                }
                ScrollArea::vertical().auto_shrink(false).show_rows(
                    ui,
                    ROW * 2.0,
                    shown.len(),
                    |ui, rows| {
                        for place in rows {
                            if row(ui, shown[place], chosen == Some(place)) {
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

    fn group(&mut self, ui: &mut Ui, group: &DescribedGroup) -> Option<Asked> {
        let last = group.pages.len() - 1;
        self.left = self.left.min(last);
        self.right = self.right.min(last);
        let mut asked = None;
        ui.horizontal(|ui| {
            ui.selectable_value(&mut self.overlay, false, "Side by side");
            ui.selectable_value(&mut self.overlay, true, "Difference")
                .on_hover_text("Both pages laid over each other  (O)");
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let pages: Vec<PageId> = group.pages.iter().map(|page| page.page.id).collect();
                let restore = group.dismissed;
                let (name, help) = if restore {
                    ("They are the same", "Takes the dismissal back")
                } else {
                    (
                        "Not the same",
                        "Dismisses the group; it comes back when another page joins it",
                    )
                };
                if ui.button(name).on_hover_text(help).clicked() {
                    asked = Some(Asked::Dismiss { pages, restore });
                }
            });
        });
        ui.add_space(4.0);
        let both = [self.left, self.right].map(|place| &group.pages[place]);
        if self.overlay {
            self.difference(ui, both);
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
                    facts(column, page);
                    if show(column, self.pictures.get(&page.page.id)) {
                        asked = Some(Asked::Open(page.page.id));
                    }
                }
            });
        }
        let missing = both
            .iter()
            .map(|page| page.page.id)
            .find(|page| !self.pictures.contains_key(page));
        if let (Some(page), None, None) = (missing, self.waiting, &asked) {
            self.waiting = Some(page);
            asked = Some(Asked::View(page, LONGEST));
        }
        asked
    }

    /// Both pages laid over each other: what only one has stands out.
    fn difference(&mut self, ui: &mut Ui, both: [&DuplicatePage; 2]) {
        let palette = Palette::of(ui);
        let ids = both.map(|page| page.page.id);
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
            .is_none_or(|(shown, _)| *shown != ids)
        {
            let image = lay_over(a, b, palette.bad, palette.accent);
            let options = TextureOptions::LINEAR;
            let texture = ui.ctx().load_texture("difference", image, options);
            self.overlaid = Some((ids, texture));
        }
        if let Some((_, texture)) = &self.overlaid {
            picture(ui, texture, "Both pages laid over each other");
        }
    }
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

fn name_of(page: &DuplicatePage) -> String {
    format!("{}, page {}", page.document, page.page.id.number)
}

fn row(ui: &mut Ui, group: &DescribedGroup, chosen: bool) -> bool {
    let palette = Palette::of(ui);
    let size = vec2(ui.available_width(), ROW * 2.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let first = group.pages.first().map(name_of).unwrap_or_default();
    let word = match (group.dismissed, group.exact) {
        (true, _) => "dismissed",
        (_, true) => "exactly the same",
        _ => "nearly the same",
    };
    let count = format!("{} pages, {word}", group.pages.len());
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
    let colour = if group.dismissed {
        palette.dim
    } else {
        palette.duplicate
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

/// Which page of the group stands at this side.
fn choose_page(ui: &mut Ui, side: usize, place: &mut usize, group: &DescribedGroup) {
    let label = |page: &DuplicatePage| {
        let star = if page.keep {
            icons::ICON_STAR.codepoint
        } else {
            ""
        };
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

/// What speaks for a page.
fn facts(ui: &mut Ui, page: &DuplicatePage) {
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
        if page.keep {
            let text = format!("{} Keep this one", icons::ICON_STAR.codepoint);
            ui.label(RichText::new(text).color(palette.good))
                .on_hover_text(
                    "What a program wrote goes before a scan, a text layer before none, more \
                     dots before fewer, straight before skewed, earlier before later",
                );
        }
        ui.add(Label::new(RichText::new(facts.join(" · ")).weak()).truncate());
    });
}

/// Shows a page's picture; true if it was double-clicked.
fn show(ui: &mut Ui, drawn: Option<&Picture>) -> bool {
    match drawn {
        Some(Picture::Drawn(texture, _)) => picture(ui, texture, "The page"),
        Some(Picture::Failed(problem)) => {
            ui.colored_label(Palette::of(ui).bad, problem);
            false
        }
        None => {
            ui.spinner();
            false
        }
    }
}

fn picture(ui: &mut Ui, texture: &TextureHandle, alt: &str) -> bool {
    let space: Vec2 = ui.available_size();
    let image = Image::from_texture(texture)
        .max_size(space)
        .fit_to_exact_size(space)
        .maintain_aspect_ratio(true)
        .alt_text(alt)
        .sense(Sense::click());
    ui.add(image).double_clicked()
}

/// Where two pictures lie best on each other, and what only one of them has.
fn lay_over(a: &ColorImage, b: &ColorImage, only_a: Color32, only_b: Color32) -> ColorImage {
    let (shift_x, shift_y) = shift(a, b);
    let [width, height] = a.size;
    let mut image = ColorImage::filled(a.size, Color32::WHITE);
    let dark = |picture: &ColorImage, x: f32, y: f32| {
        let [width, height] = picture.size;
        let inside = (0.0..1.0).contains(&x) && (0.0..1.0).contains(&y);
        let at = (y * height as f32) as usize * width + (x * width as f32) as usize;
        inside
            && picture
                .pixels
                .get(at)
                .is_some_and(|pixel| luma(*pixel) < INK)
    };
    for row in 0..height {
        for column in 0..width {
            let x = (column as f32 + 0.5) / width as f32;
            let y = (row as f32 + 0.5) / height as f32;
            let both = (dark(a, x, y), dark(b, x + shift_x, y + shift_y));
            image.pixels[row * width + column] = match both {
                (true, true) => Color32::from_gray(120),
                (true, false) => only_a,
                (false, true) => only_b,
                (false, false) => continue,
            };
        }
    }
    image
}

fn luma(pixel: Color32) -> u8 {
    let [r, g, b, _] = pixel.to_array().map(u32::from);
    // Rec. 601 weights.
    ((r * 299 + g * 587 + b * 114) / 1000) as u8
}

/// By which share of its size `b` is to be shifted to lie on `a`: the place at which
/// their ink, drawn small, differs least.
fn shift(a: &ColorImage, b: &ColorImage) -> (f32, f32) {
    let side = |picture: &ColorImage| {
        let [width, height] = picture.size;
        let scale = COARSE as f32 / width.max(height).max(1) as f32;
        [width, height].map(|side| ((side as f32 * scale) as usize).max(1))
    };
    let size = side(a);
    let (a, b) = (shrink(a, size), shrink(b, size));
    let most = (COARSE as f32 * FARTHEST).ceil() as isize;
    let mut best = (f32::MAX, 0, 0);
    for dy in -most..=most {
        for dx in -most..=most {
            let far = (dx * dx + dy * dy) as f32;
            // Of equals the one that shifts least.
            let cost = cost(&a, &b, size, dx, dy) + far * 1e-6;
            if cost < best.0 {
                best = (cost, dx, dy);
            }
        }
    }
    (
        best.1 as f32 / size[0] as f32,
        best.2 as f32 / size[1] as f32,
    )
}

/// Mean darkness of the cells of a coarse picture, 0 to 1.
fn shrink(picture: &ColorImage, [width, height]: [usize; 2]) -> Vec<f32> {
    let [full_width, full_height] = picture.size;
    let mut cells = Vec::with_capacity(width * height);
    for row in 0..height {
        let rows = row * full_height / height..((row + 1) * full_height / height).max(1);
        for column in 0..width {
            let columns = column * full_width / width..((column + 1) * full_width / width).max(1);
            let mut sum = 0.0;
            let mut count = 0.0f32;
            for y in rows.clone() {
                for x in columns.clone() {
                    if let Some(pixel) = picture.pixels.get(y * full_width + x) {
                        sum += 1.0 - f32::from(luma(*pixel)) / 255.0;
                        count += 1.0;
                    }
                }
            }
            cells.push(sum / count.max(1.0));
        }
    }
    cells
}

fn cost(a: &[f32], b: &[f32], [width, height]: [usize; 2], dx: isize, dy: isize) -> f32 {
    let mut sum = 0.0;
    for row in 0..height {
        let Some(other) = row.checked_add_signed(dy).filter(|row| *row < height) else {
            sum += a[row * width..(row + 1) * width].iter().sum::<f32>();
            continue;
        };
        for column in 0..width {
            let here = a[row * width + column];
            let there = column
                .checked_add_signed(dx)
                .filter(|column| *column < width)
                .map_or(0.0, |column| b[other * width + column]);
            sum += (here - there).abs();
        }
    }
    sum / (width * height) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page with a few bars, shifted by so many pixels.
    fn bars(shift: usize) -> ColorImage {
        let mut image = ColorImage::filled([400, 400], Color32::WHITE);
        for (top, left) in [(40, 60), (120, 200), (260, 90)] {
            for y in top..top + 12 {
                for x in left..left + 80 {
                    image.pixels[(y + shift) * 400 + x + shift] = Color32::BLACK;
                }
            }
        }
        image
    }

    #[test]
    fn shifted_pages_lie_on_each_other_and_a_new_mark_stands_out() {
        let (a, mut b) = (bars(0), bars(8));
        let (x, y) = shift(&a, &b);
        assert!(
            (x - 0.02).abs() < 0.006 && (y - 0.02).abs() < 0.006,
            "{x} {y}"
        );
        let count =
            |image: &ColorImage, colour| image.pixels.iter().filter(|p| **p == colour).count();
        let same = lay_over(&a, &b, Color32::RED, Color32::BLUE);
        assert_eq!(count(&same, Color32::BLUE) + count(&same, Color32::RED), 0);
        for y in 350..370 {
            for x in 300..320 {
                b.pixels[y * 400 + x] = Color32::BLACK;
            }
        }
        let found = lay_over(&a, &b, Color32::RED, Color32::BLUE);
        assert_eq!(count(&found, Color32::BLUE), 400);
        assert_eq!(count(&found, Color32::RED), 0);
    }
}
