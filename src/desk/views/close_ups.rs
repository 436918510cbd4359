//! Pages of the grid drawn larger than their thumbnails, while they are shown larger. Those
//! that are not on screen any more make room. Not for one page alone (`canvas`), nor for
//! thumbnails (`textures`).

use std::collections::{HashMap, HashSet};

use eframe::egui::{ColorImage, Context, Rect, TextureHandle, TextureOptions, pos2};

use crate::analysis::THUMBNAIL_SIDE;
use crate::desk::textures::Placed;
use crate::model::{DocumentId, PageId};
use crate::triage::ViewedPage;

/// Thumbnails are stretched by so much before pages are drawn anew.
const STRETCH: f32 = 1.25;

/// Longest sides are drawn in steps, so that a slightly larger size draws nothing anew; and
/// the longest of them. Pixels.
const STEP: f32 = 128.0;
const LONGEST: f32 = 2048.0;

/// Pixels that are kept of pages that are not on screen: 96 MB.
const MOST: usize = 24 * 1024 * 1024;

/// The pictures.
#[derive(Default)]
pub struct CloseUps {
    drawn: HashMap<PageId, CloseUp>,
    /// What is on screen in this frame and not there, with its longest side in pixels.
    wanted: Vec<(PageId, u16)>,
    /// What was asked for and has not arrived.
    requested: Vec<(PageId, u16)>,
    /// Pages that cannot be drawn.
    refused: HashSet<PageId>,
    frame: u64,
}

struct CloseUp {
    longest: u16,
    texture: TextureHandle,
    /// Frame of the last use.
    used: u64,
}

impl CloseUp {
    fn pixels(&self) -> usize {
        let [width, height] = self.texture.size();
        width * height
    }
}

impl CloseUps {
    /// The picture of a page that is on screen, where there is one; notes that it is wanted
    /// where none is large enough. `longest`: its longest side on screen, pixels.
    pub fn get(&mut self, page: PageId, longest: f32) -> Option<Placed> {
        if longest <= STRETCH * THUMBNAIL_SIDE as f32 {
            return None;
        }
        let wanted = ((longest / STEP).ceil() * STEP).min(LONGEST) as u16;
        let there = self.drawn.get_mut(&page);
        if there.as_ref().is_none_or(|there| there.longest < wanted)
            && !self.refused.contains(&page)
        {
            self.wanted.push((page, wanted));
        }
        let there = there?;
        there.used = self.frame;
        Some(Placed {
            texture: there.texture.id(),
            uv: Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0)),
        })
    }

    /// Ends a frame; true where something is to be drawn that was not asked for yet.
    pub fn end_frame(&mut self) -> bool {
        self.frame += 1;
        let wanted = std::mem::take(&mut self.wanted);
        let is_new = wanted.iter().any(|page| !self.requested.contains(page));
        if is_new {
            self.requested = wanted;
        }
        is_new
    }

    /// What was asked for and has not arrived.
    pub fn awaits(&self) -> impl Iterator<Item = (PageId, u16)> {
        self.requested.iter().copied()
    }

    /// A page was drawn.
    pub fn arrive(&mut self, context: &Context, view: &ViewedPage) {
        if !self.take(view.page, view.longest) {
            return;
        }
        match &view.picture {
            Ok(drawn) if drawn.rgba.len() == drawn.width * drawn.height * 4 => {
                let size = [drawn.width, drawn.height];
                let image = ColorImage::from_rgba_unmultiplied(size, &drawn.rgba);
                let close_up = CloseUp {
                    longest: view.longest,
                    texture: context.load_texture("close-up", image, TextureOptions::LINEAR),
                    used: self.frame,
                };
                self.drawn.insert(view.page, close_up);
                self.make_room();
            }
            Ok(_) | Err(_) => {
                self.refused.insert(view.page);
            }
        }
    }

    /// A page is not drawn, because others were asked for.
    pub fn dropped(&mut self, page: PageId, longest: u16) {
        self.take(page, longest);
    }

    /// Pages of a document are to be drawn anew.
    pub fn forget(&mut self, document: DocumentId) {
        self.drawn.retain(|page, _| page.document != document);
        self.requested.retain(|(page, _)| page.document != document);
        self.refused.retain(|page| page.document != document);
    }

    /// What could not be drawn may be now.
    pub fn try_again(&mut self) {
        self.refused.clear();
    }

    /// It was asked for, and is no longer.
    fn take(&mut self, page: PageId, longest: u16) -> bool {
        let before = self.requested.len();
        self.requested.retain(|wanted| *wanted != (page, longest));
        self.requested.len() < before
    }

    /// Lets those go that are not on screen, the least recently used first.
    fn make_room(&mut self) {
        let mut pixels: usize = self.drawn.values().map(CloseUp::pixels).sum();
        while pixels > MOST {
            let unseen = self.drawn.iter();
            let unseen = unseen.filter(|(_, close_up)| close_up.used + 1 < self.frame);
            let oldest = unseen.min_by_key(|(_, close_up)| close_up.used);
            let Some(page) = oldest.map(|(page, _)| *page) else {
                return;
            };
            if let Some(gone) = self.drawn.remove(&page) {
                pixels -= gone.pixels();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::{DrawnPage, NotDrawn};

    fn page(number: u32) -> PageId {
        PageId {
            document: DocumentId(1),
            number,
        }
    }

    fn view(number: u32, longest: u16) -> ViewedPage {
        let side = usize::from(longest);
        ViewedPage {
            page: page(number),
            longest,
            picture: Ok(DrawnPage {
                width: side,
                height: side,
                rgba: vec![255; side * side * 4],
                words: vec![],
            }),
        }
    }

    #[test]
    fn pages_are_drawn_once_thumbnails_are_too_small_and_asked_for_once() {
        let context = Context::default();
        let mut close_ups = CloseUps::default();
        assert!(close_ups.get(page(1), 256.0).is_none());
        assert!(!close_ups.end_frame());
        assert!(close_ups.get(page(1), 600.0).is_none());
        assert!(close_ups.end_frame());
        assert!(close_ups.get(page(1), 600.0).is_none());
        assert!(!close_ups.end_frame());
        assert_eq!(close_ups.awaits().collect::<Vec<_>>(), [(page(1), 640)]);
        close_ups.arrive(&context, &view(1, 640));
        assert!(close_ups.get(page(1), 610.0).is_some());
        assert!(!close_ups.end_frame());
        // Larger: what is there is shown until it is drawn anew.
        assert!(close_ups.get(page(1), 700.0).is_some());
        assert!(close_ups.end_frame());
    }

    #[test]
    fn what_is_off_screen_makes_room_and_what_cannot_be_drawn_is_not_asked_for_again() {
        let context = Context::default();
        let mut close_ups = CloseUps::default();
        for number in 1..=12 {
            close_ups.get(page(number), 2000.0);
            close_ups.end_frame();
            close_ups.arrive(&context, &view(number, 2048));
            close_ups.end_frame();
        }
        assert!(close_ups.drawn.len() * 2048 * 2048 <= MOST);
        assert!(close_ups.get(page(12), 2000.0).is_some());
        close_ups.get(page(1), 2000.0);
        close_ups.end_frame();
        close_ups.arrive(
            &context,
            &ViewedPage {
                picture: Err(NotDrawn::Other("broken".to_owned())),
                ..view(1, 2048)
            },
        );
        close_ups.get(page(1), 2000.0);
        assert!(!close_ups.end_frame());
    }
}
