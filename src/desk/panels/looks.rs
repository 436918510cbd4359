//! A page that looks otherwise since it was analysed again: before and now, side by side. Not
//! for finding that out (`triage::looking`), nor for comparing pages with each other
//! (`large::compare`).

use std::sync::Arc;

use eframe::egui::{ColorImage, Id, Image, Sense, TextureHandle, TextureOptions, Ui, Vec2, vec2};

use crate::desk::theme::section;
use crate::triage::{Looks, Thumbnail};

/// What they are called: on screen, and where nobody sees them.
const NAMES: [(&str, &str); 2] = [
    ("Before", "The page as it looked before"),
    ("Now", "The page as it looks now"),
];

/// Both pictures on the graphics card, and what they were made of.
type Shown = (Arc<Looks>, [TextureHandle; 2]);

/// Draws both, as wide as the panel; larger under the pointer.
pub fn ui(ui: &mut Ui, looks: &Arc<Looks>) {
    let id = Id::unique("looks before and now");
    let known = ui.data(|data| data.get_temp::<Shown>(id));
    let pictures = match known.filter(|(of, _)| Arc::ptr_eq(of, looks)) {
        Some((_, pictures)) => pictures,
        None => {
            let pictures = [&looks.before, &looks.now].map(|picture| texture(ui, picture));
            let shown: Shown = (Arc::clone(looks), pictures.clone());
            ui.data_mut(|data| data.insert_temp(id, shown));
            pictures
        }
    };
    section(ui, "Looks otherwise than before");
    let gap = ui.spacing().item_spacing.x;
    let width = ((ui.clip_rect().width() - gap) / 2.0 - gap).clamp(40.0, 256.0);
    ui.horizontal_top(|ui| {
        for ((name, told), picture) in NAMES.into_iter().zip(&pictures) {
            ui.vertical(|ui| {
                let size = fitted(picture.size_vec2(), width);
                let shown = ui.add(image(picture, size, told).sense(Sense::hover()));
                shown.on_hover_ui(|ui| {
                    ui.horizontal_top(|ui| {
                        for ((name, told), picture) in NAMES.into_iter().zip(&pictures) {
                            ui.vertical(|ui| {
                                ui.weak(name);
                                ui.add(image(picture, picture.size_vec2(), told));
                            });
                        }
                    });
                });
                ui.weak(name);
            });
        }
    });
    ui.add_space(12.0);
}

fn image(picture: &TextureHandle, size: Vec2, told: &'static str) -> Image<'static> {
    let image = Image::from_texture((picture.id(), size)).fit_to_exact_size(size);
    image.alt_text(told)
}

/// A size made smaller so that it is no wider than this.
fn fitted(size: Vec2, width: f32) -> Vec2 {
    let scale = (width / size.x.max(1.0)).min(1.0);
    vec2(size.x * scale, size.y * scale)
}

fn texture(ui: &Ui, picture: &Thumbnail) -> TextureHandle {
    let size = [picture.width, picture.height];
    let image = ColorImage::from_rgba_unmultiplied(size, &picture.rgba);
    ui.ctx()
        .load_texture("looks", image, TextureOptions::LINEAR)
}
