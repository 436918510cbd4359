//! Thumbnails on the graphics card: atlas textures of fixed slots, reused by
//! least recent use, filled a few per frame. Also keeps account of which
//! thumbnails are wanted and not loaded. Not for large views.

use std::collections::{HashMap, HashSet, VecDeque};

use eframe::egui::{
    Color32, ColorImage, Context, Rect, TextureHandle, TextureId, TextureOptions, pos2, vec2,
};

use crate::analysis::THUMBNAIL_SIDE;
use crate::model::PageId;
use crate::triage::Thumbnail;

/// Side of a slot in pixels, and slots along one side of an atlas.
const SLOT: usize = THUMBNAIL_SIDE as usize;
const SLOTS_ALONG: usize = 8;
const SLOTS: usize = SLOTS_ALONG * SLOTS_ALONG;

/// Atlases that are kept; more are made only while more cells are on screen at
/// once. An atlas takes 16 MiB.
const ATLASES: usize = 4;
const MOST_ATLASES: usize = 16;

/// Thumbnails put on the card per frame: about 1 ms of a frame.
const UPLOADS_PER_FRAME: usize = 24;

/// Where a thumbnail is.
#[derive(Clone, Copy, Debug)]
pub struct Placed {
    pub texture: TextureId,
    pub uv: Rect,
}

#[derive(Clone, Copy)]
struct Slot {
    index: usize,
    width: usize,
    height: usize,
    /// Frame of the last use.
    used: u64,
}

/// The atlases and who is in them.
#[derive(Default)]
pub struct Textures {
    atlases: Vec<TextureHandle>,
    slots: HashMap<PageId, Slot>,
    free: Vec<usize>,
    arrived: VecDeque<Thumbnail>,
    frame: u64,
    wanted: Vec<PageId>,
    requested: HashSet<PageId>,
    /// Why a page has no thumbnail.
    problems: HashMap<PageId, String>,
}

impl Textures {
    /// The thumbnail of a page that is on screen; notes that it is wanted where
    /// it is not there. `drawn`: the page has a thumbnail that can be loaded.
    pub fn get(&mut self, page: PageId, drawn: bool) -> Option<Placed> {
        match self.slots.get_mut(&page) {
            Some(slot) => {
                slot.used = self.frame;
                Some(place(&self.atlases, *slot))
            }
            None => {
                if drawn {
                    self.wanted.push(page);
                }
                None
            }
        }
    }

    /// Why a page has no thumbnail; none where it has one, or will have.
    pub fn problem(&self, page: PageId) -> Option<&str> {
        self.problems.get(&page).map(String::as_str)
    }

    /// A thumbnail is missing and cannot be made. It is asked for again once it is
    /// looked at again.
    pub fn cannot_load(&mut self, page: PageId, reason: String) {
        self.problems.insert(page, reason);
    }

    /// A thumbnail was loaded.
    pub fn arrive(&mut self, thumbnail: Thumbnail) {
        self.problems.remove(&thumbnail.page);
        self.requested.remove(&thumbnail.page);
        self.arrived.push_back(thumbnail);
    }

    /// A page was drawn anew, or is to be: what is shown of it is old.
    pub fn forget(&mut self, page: PageId) {
        self.requested.remove(&page);
        self.problems.remove(&page);
        if let Some(slot) = self.slots.remove(&page) {
            self.free.push(slot.index);
        }
    }

    /// Forgets everything: another batch is shown.
    pub fn clear(&mut self) {
        let count = self.atlases.len();
        *self = Self {
            atlases: std::mem::take(&mut self.atlases),
            free: (0..count * SLOTS).rev().collect(),
            frame: self.frame,
            ..Self::default()
        };
    }

    /// Ends a frame: puts thumbnails on the card, and returns what is to be
    /// loaded where that has changed.
    pub fn end_frame(&mut self, context: &Context) -> Option<Vec<PageId>> {
        for _ in 0..UPLOADS_PER_FRAME {
            let Some(thumbnail) = self.arrived.pop_front() else {
                break;
            };
            self.upload(context, &thumbnail);
        }
        if !self.arrived.is_empty() {
            context.request_repaint();
        }
        self.frame += 1;
        let waiting: HashSet<PageId> = self.arrived.iter().map(|t| t.page).collect();
        let wanted: Vec<PageId> = std::mem::take(&mut self.wanted)
            .into_iter()
            .filter(|page| !waiting.contains(page) && !self.slots.contains_key(page))
            .collect();
        let is_new = wanted.iter().any(|page| !self.requested.contains(page));
        is_new.then(|| {
            self.requested = wanted.iter().copied().collect();
            wanted
        })
    }

    fn upload(&mut self, context: &Context, thumbnail: &Thumbnail) {
        let (width, height) = (thumbnail.width, thumbnail.height);
        let fits = (1..=SLOT).contains(&width) && (1..=SLOT).contains(&height);
        if !fits || thumbnail.rgba.len() != width * height * 4 {
            return;
        }
        let index = match self.slots.get(&thumbnail.page) {
            Some(slot) => slot.index,
            None => self.free_slot(context),
        };
        let image = ColorImage::from_rgba_unmultiplied([width, height], &thumbnail.rgba);
        let at = index % SLOTS;
        let corner = [at % SLOTS_ALONG * SLOT, at / SLOTS_ALONG * SLOT];
        if let Some(atlas) = self.atlases.get_mut(index / SLOTS) {
            atlas.set_partial(corner, image, TextureOptions::LINEAR);
        }
        self.slots.insert(
            thumbnail.page,
            Slot {
                index,
                width,
                height,
                used: self.frame,
            },
        );
    }

    /// A slot that nobody needs: never used, or least recently used and not on
    /// screen, or in a new atlas.
    fn free_slot(&mut self, context: &Context) -> usize {
        if let Some(index) = self.free.pop() {
            return index;
        }
        let oldest = self
            .slots
            .iter()
            .min_by_key(|(_, slot)| slot.used)
            .map(|(page, slot)| (*page, *slot));
        let may_grow = self.atlases.len() < ATLASES
            || (self.atlases.len() < MOST_ATLASES
                && oldest.is_none_or(|(_, slot)| slot.used + 1 >= self.frame));
        match oldest {
            Some((page, slot)) if !may_grow => {
                self.slots.remove(&page);
                slot.index
            }
            _ => {
                let first = self.atlases.len() * SLOTS;
                let side = SLOT * SLOTS_ALONG;
                let empty = ColorImage::filled([side, side], Color32::WHITE);
                let name = format!("thumbnails {}", self.atlases.len());
                self.atlases
                    .push(context.load_texture(name, empty, TextureOptions::LINEAR));
                self.free.extend((first + 1..first + SLOTS).rev());
                first
            }
        }
    }
}

/// Half a texel is left out at each edge, or neighbours in the atlas shine
/// through.
fn place(atlases: &[TextureHandle], slot: Slot) -> Placed {
    let side = (SLOT * SLOTS_ALONG) as f32;
    let at = slot.index % SLOTS;
    let corner = vec2(
        (at % SLOTS_ALONG * SLOT) as f32,
        (at / SLOTS_ALONG * SLOT) as f32,
    );
    let half = vec2(0.5, 0.5);
    let size = vec2(slot.width as f32, slot.height as f32);
    let min = (corner + half) / side;
    let max = (corner + size - half) / side;
    Placed {
        texture: atlases
            .get(slot.index / SLOTS)
            .map_or(TextureId::default(), TextureHandle::id),
        uv: Rect::from_min_max(pos2(min.x, min.y), pos2(max.x, max.y)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DocumentId;

    fn page(number: u32) -> PageId {
        PageId {
            document: DocumentId(1),
            number,
        }
    }

    fn thumbnail(number: u32) -> Thumbnail {
        Thumbnail {
            page: page(number),
            width: 4,
            height: 2,
            rgba: vec![255; 32],
        }
    }

    #[test]
    fn what_is_wanted_is_asked_for_once() {
        let context = Context::default();
        let mut textures = Textures::default();
        assert!(textures.get(page(1), true).is_none());
        assert!(textures.get(page(2), false).is_none());
        assert_eq!(textures.end_frame(&context), Some(vec![page(1)]));
        assert!(textures.get(page(1), true).is_none());
        assert_eq!(textures.end_frame(&context), None);
        textures.arrive(thumbnail(1));
        let _ = textures.end_frame(&context);
        assert!(textures.get(page(1), true).is_some());
    }

    #[test]
    fn the_oldest_gives_way_and_the_number_of_atlases_is_bounded() {
        let context = Context::default();
        let mut textures = Textures::default();
        let count = (ATLASES * SLOTS + 10) as u32;
        for number in 1..=count {
            textures.arrive(thumbnail(number));
            let _ = textures.end_frame(&context);
        }
        assert_eq!(textures.atlases.len(), ATLASES);
        assert!(textures.get(page(1), false).is_none());
        assert!(textures.get(page(count), false).is_some());
    }

    #[test]
    fn a_forgotten_page_is_asked_for_again() {
        let context = Context::default();
        let mut textures = Textures::default();
        textures.arrive(thumbnail(1));
        let _ = textures.end_frame(&context);
        textures.forget(page(1));
        assert!(textures.get(page(1), true).is_none());
        assert_eq!(textures.end_frame(&context), Some(vec![page(1)]));
    }
}
