//! What the session told: batches, the one that is shown, scratch, engines, and what was
//! found out about the page under the cursor. Not for what a person chose (`choices`), nor
//! for following events (`app`).

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::Context;

use super::requests::Queue;
use super::sheet::Sheet;
use crate::desk::dialogs::writing::Writing;
use crate::model::{Analyser, BatchId, BatchSummary, PageId, WatchedFolder};
use crate::triage::{Command, Forecast, Inspection, Meter, PdfiumState};

/// While pages arrive, a sorted or filtered order is made anew this often: more
/// often it would jump under the pointer.
const SORT_AFTER: Duration = Duration::from_secs(1);

/// While pages arrive, those that have what is searched for are looked up this often.
const SEARCH_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// What is known.
pub struct Model {
    pub batches: Vec<BatchSummary>,
    /// Folders that are watched.
    pub watched: Vec<WatchedFolder>,
    /// The batch that is shown.
    pub sheet: Option<Sheet>,
    /// What is being written or checked.
    pub writing: Writing,
    pub meter: Option<Meter>,
    pub forecast: Option<Forecast>,
    /// External analysers, and whether their program is on this machine.
    pub analysers: Vec<(Arc<Analyser>, bool)>,
    pub pdfium: PdfiumState,
    pub inspection: Option<Inspection>,
    /// The page of which that was asked; none: it is to be asked again.
    pub inspected: Option<PageId>,
    /// Files of documents that were taken out of batches since the program started.
    pub taken_out: HashMap<BatchId, Vec<PathBuf>>,
    /// When pages were last put in order, when proposals were last worked out, and when
    /// what is searched for was last looked up.
    ordered: Instant,
    proposed: Instant,
    searched: Instant,
}

impl Default for Model {
    fn default() -> Self {
        let now = Instant::now();
        Self {
            batches: Vec::new(),
            watched: Vec::new(),
            sheet: None,
            writing: Writing::default(),
            meter: None,
            forecast: None,
            analysers: Vec::new(),
            pdfium: PdfiumState::Missing,
            inspection: None,
            inspected: None,
            taken_out: HashMap::new(),
            ordered: now,
            proposed: now,
            searched: now,
        }
    }
}

impl Model {
    /// The batch that is shown.
    pub fn shown(&self) -> Option<BatchId> {
        self.sheet.as_ref().map(Sheet::id)
    }

    /// The folders of the batch that is shown that are watched.
    pub fn watched_of_shown(&self) -> impl Iterator<Item = &WatchedFolder> {
        let shown = self.shown();
        let of_it = self.watched.iter();
        of_it.filter(move |watched| Some(watched.batch) == shown)
    }

    /// Sorts and filters anew: at once when a person asked, and now and then while results
    /// arrive. `sorts`: the view does. True once the cursor is to be followed.
    pub fn keep_order(&mut self, context: &Context, sorts: bool) -> bool {
        let Some(sheet) = &mut self.sheet else {
            return false;
        };
        sheet.keep_up();
        sheet.let_sort(sorts);
        if sheet.proposed.is_stale() && self.proposed.elapsed() >= SORT_AFTER {
            sheet.propose();
            self.proposed = Instant::now();
        } else if sheet.proposed.is_stale() {
            context.request_repaint_after(SORT_AFTER);
        }
        if !sheet.is_stale() {
            return false;
        }
        let is_due = sheet.is_as_it_lies() || self.ordered.elapsed() >= SORT_AFTER;
        if is_due || sheet.is_awaited() || sheet.order().is_empty() {
            sheet.refresh();
            self.ordered = Instant::now();
            return sheet.take_new_choice();
        }
        context.request_repaint_after(SORT_AFTER);
        false
    }

    /// While pages arrive, looks up again what is searched for: now and then, and once the
    /// run `ends`.
    pub fn search_again(&mut self, ends: bool) -> Option<Command> {
        if !ends && self.searched.elapsed() < SEARCH_AGAIN_AFTER {
            return None;
        }
        let sheet = self.sheet.as_mut()?;
        let (batch, typed) = (sheet.id(), sheet.search_again()?);
        self.searched = Instant::now();
        Some(Command::Search { batch, typed })
    }

    /// Has all be told of the page under the cursor.
    pub fn inspect_cursor(&mut self, queue: &mut Queue) {
        let Some(sheet) = &self.sheet else { return };
        let cursor = sheet.selection.cursor();
        if cursor != self.inspected {
            self.inspected = cursor;
            if let Some(page) = cursor {
                queue.push(Command::Inspect(page));
            }
        }
    }
}
