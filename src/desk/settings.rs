//! Settings that last. Not for what belongs to a batch (library) and not for the file
//! that they are kept in (`settings_file`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use eframe::egui::ThemePreference;
use serde::{Deserialize, Serialize};

use super::keys::Keys;
use super::views::View;
use crate::desk::dialogs::presets::Preset;
use crate::desk::dialogs::scratch::Tab;
use crate::desk::panels::saved_views::SavedViews;
use crate::desk::views::split::Form as SplitForm;
use crate::model::{BatchId, lossless_path};
use crate::triage::fields::{Field, PAGE};
use crate::triage::{EngineChoice, Thresholds};

/// Which theme is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThemeChoice {
    #[default]
    System,
    Dark,
    Light,
}

impl From<ThemeChoice> for ThemePreference {
    fn from(choice: ThemeChoice) -> Self {
        match choice {
            ThemeChoice::System => Self::System,
            ThemeChoice::Dark => Self::Dark,
            ThemeChoice::Light => Self::Light,
        }
    }
}

/// What the window remembers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Of this file's layout.
    pub version: u32,
    pub theme: ThemeChoice,
    /// Colours stand further apart.
    pub high_contrast: bool,
    /// Nothing moves by itself.
    pub still: bool,
    /// Size of everything; 1 as the system has it.
    pub zoom: f32,
    pub view: View,
    /// The batch that was shown last.
    pub batch: Option<BatchId>,
    /// Side of a grid cell in points.
    pub cell: f32,
    pub documents_shown: bool,
    pub inspector_shown: bool,
    /// What was found on a page is drawn over it.
    pub overlays: bool,
    /// The pages before and after stand below one that is shown large.
    pub filmstrip: bool,
    /// Columns of the table.
    pub columns: Columns,
    /// Piles that pages can be put on, the first ones with a key each.
    pub piles: Vec<String>,
    /// What is said of pages with one key.
    pub presets: Vec<Preset>,
    /// Terms that are looked for, and whether they are marked on pages.
    pub terms: Vec<String>,
    pub terms_marked: bool,
    /// Views that a person kept, and what was asked for lately.
    pub saved: SavedViews,
    /// Keys that a person chose.
    pub keys: Keys,
    /// The cursor goes on once a page is decided.
    pub go_on: bool,
    /// Worker processes; none: one per core.
    pub workers: Option<u16>,
    /// Seconds allowed for one page.
    pub page_deadline: Option<u32>,
    /// Which engines draw.
    pub engine: EngineChoice,
    /// Thresholds that were kept under a name.
    pub profiles: BTreeMap<String, Thresholds>,
    /// What is typed in the split view.
    pub split: SplitForm,
    tables_folder: Option<Folder>,
    /// The part of the window about scratch that was shown last.
    pub scratch_tab: Tab,
    /// Size of the window in the system's points.
    pub window: Option<[f32; 2]>,
}

/// Room that a column has at least, points.
pub const NARROWEST: f32 = 40.0;

/// Which columns the table shows, as it differs from what is shown at first: a field that
/// a later version adds is where that version puts it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Columns {
    /// Names of fields that are shown besides.
    added: BTreeSet<String>,
    /// Names of fields that are not shown.
    removed: BTreeSet<String>,
    /// Widths that a person gave columns, points.
    widths: BTreeMap<String, f32>,
}

impl Columns {
    /// The columns, in the order of the fields.
    pub fn shown(&self) -> impl Iterator<Item = &'static Field> {
        PAGE.iter().filter(|field| self.shows(field))
    }

    /// It is among them.
    pub fn shows(&self, field: &Field) -> bool {
        let usual = field.column.shown && !self.removed.contains(field.name);
        usual || self.added.contains(field.name) || Self::is_always_shown(field)
    }

    /// The width that a person gave a column, points.
    pub fn width(&self, field: &Field) -> Option<f32> {
        /// More than a window has; a file may say anything.
        const WIDEST: f32 = 4000.0;
        let width = self.widths.get(field.name)?;
        Some(width.clamp(NARROWEST, WIDEST))
    }

    /// A person gave a column another width.
    pub fn set_width(&mut self, field: &Field, width: f32) {
        self.widths.insert(field.name.to_owned(), width);
    }

    /// A row says what it is about.
    pub fn is_always_shown(field: &Field) -> bool {
        field.name == "document"
    }

    /// Shows a column, or hides it.
    pub fn show(&mut self, field: &Field, shown: bool) {
        self.added.remove(field.name);
        self.removed.remove(field.name);
        match (shown, field.column.shown) {
            (true, false) => self.added.insert(field.name.to_owned()),
            (false, true) => self.removed.insert(field.name.to_owned()),
            _ => false,
        };
    }
}

/// A folder, whose name need not be Unicode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Folder(#[serde(with = "lossless_path")] PathBuf);

/// The smallest and the largest that everything can be.
pub const ZOOM: (f32, f32) = (0.5, 3.0);

/// Of the layout that this program writes.
const VERSION: u32 = 1;

impl Default for Settings {
    fn default() -> Self {
        Self {
            version: VERSION,
            theme: ThemeChoice::default(),
            high_contrast: false,
            still: false,
            zoom: 1.0,
            view: View::default(),
            batch: None,
            cell: 160.0,
            documents_shown: true,
            inspector_shown: true,
            overlays: false,
            filmstrip: true,
            columns: Columns::default(),
            piles: Vec::new(),
            presets: Vec::new(),
            terms: Vec::new(),
            terms_marked: true,
            saved: SavedViews::default(),
            keys: Keys::default(),
            go_on: true,
            workers: None,
            page_deadline: None,
            engine: EngineChoice::Auto,
            profiles: BTreeMap::new(),
            split: SplitForm::default(),
            tables_folder: None,
            scratch_tab: Tab::default(),
            window: None,
        }
    }
}

impl Settings {
    /// Size of everything; a file may say anything.
    pub fn zoom(&self) -> f32 {
        match self.zoom.is_finite() {
            true => self.zoom.clamp(ZOOM.0, ZOOM.1),
            false => 1.0,
        }
    }

    /// Where a table was saved last.
    pub fn tables_folder(&self) -> Option<&Path> {
        self.tables_folder.as_ref().map(|folder| folder.0.as_path())
    }

    /// Remembers where a table was saved.
    pub fn set_tables_folder(&mut self, folder: Option<&Path>) {
        self.tables_folder = folder.map(|folder| Folder(folder.to_owned()));
    }
}
