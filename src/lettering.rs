//! Letters on pictures that the program makes itself, such as contact sheets: laid out by the
//! window's text engine and drawn on the processor, in any script that the system has a font
//! for. Not for what the window shows (`desk`), nor for what stands on pages (`pdf`).

use std::sync::Arc;

use eframe::egui::epaint::text::{Fonts, TextOptions, ViewportKey};
use eframe::egui::{Color32, FontDefinitions, FontId, Galley};
use egui_system_font_provider::SystemFontProvider;

use crate::names;
use crate::pdf::Picture;

/// All lines are of one window, as far as the text engine is concerned.
const WINDOW: ViewportKey = ViewportKey::new(0);

/// Draws lines of text. Making one reads which fonts the system has.
pub struct Lettering {
    fonts: Fonts,
}

/// A line that is to be drawn. Lengths are in pixels.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// A name or a sentence; cut in the middle where it is too long.
    pub text: &'a str,
    /// Size of its letters.
    pub size: f32,
    /// From 0, black, to 255, white.
    pub gray: u8,
    /// Its left end and its top.
    pub at: (u32, u32),
    /// It is no longer than that.
    pub width: u32,
}

impl Default for Lettering {
    fn default() -> Self {
        let fonts = Fonts::new(TextOptions::default(), FontDefinitions::default());
        Self {
            fonts: fonts.with_font_providers(vec![Arc::new(SystemFontProvider::new())]),
        }
    }
}

impl Lettering {
    /// Draws a line over what is there.
    pub fn draw(&mut self, picture: &mut Picture, line: Line<'_>) {
        // Letters of many lines are kept; now and then those that nobody uses go.
        self.fonts.begin_pass(TextOptions::default(), WINDOW);
        let font = FontId::proportional(line.size);
        let mut view = self.fonts.with_pixels_per_point(1.0);
        let lay_out = |text: String| view.layout_no_wrap(text, font.clone(), Color32::WHITE);
        let galley = names::fitted_by(line.text, line.width as f32, lay_out);
        self.copy(picture, &galley, line);
    }

    /// How long a line is, in pixels, with letters of this size.
    pub fn width(&mut self, text: &str, size: f32) -> u32 {
        let mut view = self.fonts.with_pixels_per_point(1.0);
        let font = FontId::proportional(size);
        let galley = view.layout_no_wrap(names::whole(text), font, Color32::WHITE);
        galley.size().x.ceil() as u32
    }

    /// Copies each letter from where the text engine keeps it.
    fn copy(&self, picture: &mut Picture, galley: &Galley, line: Line<'_>) {
        let letters = self.fonts.texture_atlas().image();
        for row in &galley.rows {
            let visuals = &row.visuals;
            let vertices = &visuals.mesh.vertices[visuals.glyph_vertex_range.clone()];
            for corners in vertices.chunks_exact(4) {
                let (first, last) = (corners[0], corners[3]);
                let left = line.at.0 as f32 + row.pos.x + first.pos.x.min(last.pos.x);
                let top = line.at.1 as f32 + row.pos.y + first.pos.y.min(last.pos.y);
                let (left, top) = (left.round() as i64, top.round() as i64);
                let from = (first.uv.x.min(last.uv.x), first.uv.y.min(last.uv.y));
                let to = (first.uv.x.max(last.uv.x), first.uv.y.max(last.uv.y));
                for v in from.1 as usize..to.1 as usize {
                    for u in from.0 as usize..to.0 as usize {
                        let Some(letter) = letters.pixels.get(v * letters.width() + u) else {
                            continue;
                        };
                        let x = left + (u - from.0 as usize) as i64;
                        let y = top + (v - from.1 as usize) as i64;
                        blend(picture, (x, y), line.gray, letter.a());
                    }
                }
            }
        }
    }
}

/// Covers a pixel with gray, as far as `cover` of 255 says; nothing outside of the picture.
fn blend(picture: &mut Picture, (x, y): (i64, i64), gray: u8, cover: u8) {
    let inside = u32::try_from(x).ok().zip(u32::try_from(y).ok());
    let inside = inside.filter(|(x, y)| *x < picture.width && *y < picture.height);
    let Some((x, y)) = inside else {
        return;
    };
    let at = (y as usize * picture.width as usize + x as usize) * 4;
    if let Some(pixel) = picture.rgba.get_mut(at..at + 3) {
        for level in pixel {
            let (over, under) = (u32::from(gray), u32::from(*level));
            let cover = u32::from(cover);
            *level = ((over * cover + under * (255 - cover) + 127) / 255) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line on white paper; the columns in which it has ink.
    fn inked(text: &str, width: u32) -> Vec<u32> {
        let mut picture = Picture {
            width: 400,
            height: 40,
            rgba: vec![255; 400 * 40 * 4],
        };
        let line = Line {
            text,
            size: 20.0,
            gray: 0,
            at: (10, 5),
            width,
        };
        Lettering::default().draw(&mut picture, line);
        let is_inked = |x: &u32| {
            let mut column = (0..40).map(|y| picture.rgba[((y * 400 + x) * 4) as usize]);
            column.any(|level| level < 128)
        };
        (0..400).filter(is_inked).collect()
    }

    #[test]
    fn a_line_begins_where_it_should_and_is_no_longer_than_it_may() {
        let short = inked("Lease 2024.pdf", 300);
        assert!((10..14).contains(&short[0]), "{short:?}");
        assert!(short.len() > 60 && *short.last().unwrap() < 200);
        let long = inked(&"a very long name ".repeat(9), 120);
        assert!((100..131).contains(long.last().unwrap()), "{long:?}");
    }

    #[test]
    fn what_has_no_letters_draws_nothing() {
        assert!(inked("", 100).is_empty() && inked("  ", 100).is_empty());
    }
}
