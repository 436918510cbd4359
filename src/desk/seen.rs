//! What a person can see now: which pages are on the screen, which of them can be read, and
//! since when. Not for how long makes a page seen (`dwelling`).

use std::time::{Duration, Instant};

use eframe::egui::Context;

use super::dwelling::Dwelling;
use super::requests::Queue;
use super::sheet::Sheet;
use crate::model::PageId;
use crate::triage::Command;

/// Where the cursor moved by itself, a key pressed sooner than a person can have seen it
/// was meant for the page before.
const SEEN_AFTER: Duration = Duration::from_millis(300);

/// Pages that are seen.
pub struct Seen {
    /// Pages on the screen, as they were last told.
    on_screen: Vec<PageId>,
    /// Those that can be read in this frame.
    pub readable: Vec<PageId>,
    dwelling: Dwelling,
    /// When the cursor moved by itself, because its page is not shown any more.
    cursor_moved: Instant,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            on_screen: Vec::new(),
            readable: Vec::new(),
            dwelling: Dwelling::default(),
            cursor_moved: Instant::now(),
        }
    }
}

impl Seen {
    /// These pages are on the screen: they are done first.
    pub fn look_at(&mut self, pages: Vec<PageId>, queue: &mut Queue) {
        if self.on_screen != pages {
            self.on_screen.clone_from(&pages);
            queue.push(Command::Look(pages));
        }
    }

    /// Number of these pages that are not on the screen.
    pub fn hidden(&self, pages: &[PageId]) -> usize {
        let is_hidden = |page: &&PageId| !self.on_screen.contains(page);
        pages.iter().filter(is_hidden).count()
    }

    /// The cursor moved by itself.
    pub fn cursor_moved(&mut self) {
        self.cursor_moved = Instant::now();
    }

    /// Nobody can have seen yet where the cursor is.
    pub fn is_too_soon(&self) -> bool {
        self.cursor_moved.elapsed() < SEEN_AFTER
    }

    /// Notes pages that were on the screen for long enough.
    pub fn note(&mut self, context: &Context, sheet: Option<&mut Sheet>, queue: &mut Queue) {
        // In any of the program's windows.
        let is_watched = context.input(|input| {
            let mut windows = input.raw.viewports.values();
            input.focused || windows.any(|window| window.focused == Some(true))
        });
        let readable = if is_watched { &self.readable[..] } else { &[] };
        let (seen, next) = self.dwelling.see(readable, Instant::now());
        let Some(sheet) = sheet else { return };
        let unseen = self.readable.iter().any(|page| !sheet.is_seen(*page));
        let pages = sheet.put_seen(seen);
        if !pages.is_empty() {
            let batch = sheet.id();
            queue.push(Command::Seen { batch, pages });
        }
        if let Some(next) = next.filter(|_| unseen) {
            context.request_repaint_after(next);
        }
    }
}
