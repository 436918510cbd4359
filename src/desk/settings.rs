//! Settings that last: read at start, written when changed, in a file with a
//! version of its own. Not for what belongs to a batch (library).

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use eframe::egui::ThemePreference;
use serde::{Deserialize, Serialize};

use super::columns::Column;
use super::split::Form as SplitForm;
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

/// The view in the middle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    #[default]
    Grid,
    Table,
    Failures,
    Split,
    Duplicates,
}

/// What the window remembers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Of this file's layout.
    pub version: u32,
    pub theme: ThemeChoice,
    pub view: View,
    /// Side of a grid cell in points.
    pub cell: f32,
    pub documents_shown: bool,
    pub inspector_shown: bool,
    /// What was found on a page is drawn over it.
    pub overlays: bool,
    /// Columns of the table that are not shown.
    pub hidden_columns: BTreeSet<Column>,
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
    /// Where a table was saved last.
    pub tables_folder: Option<PathBuf>,
    /// Size of the window in points.
    pub window: Option<[f32; 2]>,
}

/// Of the layout that this program writes.
const VERSION: u32 = 1;

impl Default for Settings {
    fn default() -> Self {
        Self {
            version: VERSION,
            theme: ThemeChoice::default(),
            view: View::default(),
            cell: 160.0,
            documents_shown: true,
            inspector_shown: true,
            overlays: false,
            hidden_columns: Column::USUALLY_HIDDEN.into(),
            workers: None,
            page_deadline: None,
            engine: EngineChoice::Auto,
            profiles: BTreeMap::new(),
            split: SplitForm::default(),
            tables_folder: None,
            window: None,
        }
    }
}

/// Settings and the file they are kept in.
pub struct Kept {
    pub settings: Settings,
    written: Settings,
    file: PathBuf,
}

impl Kept {
    /// Reads the file. One that is missing, broken or of a newer program counts
    /// as empty; it is replaced only when something is changed.
    pub fn read(file: &Path) -> Self {
        let settings = std::fs::read(file)
            .ok()
            .and_then(|bytes| serde_json::from_slice::<Settings>(&bytes).ok())
            .filter(|settings| settings.version <= VERSION)
            .unwrap_or_default();
        Self {
            written: settings.clone(),
            settings,
            file: file.to_owned(),
        }
    }

    /// Writes the file if anything changed.
    pub fn keep(&mut self) {
        if self.settings == self.written {
            return;
        }
        if let Err(error) = self.write() {
            tracing::warn!(%error, "settings could not be written");
        }
        // Also after an error: it would only fail again in each frame.
        self.written = self.settings.clone();
    }

    fn write(&self) -> io::Result<()> {
        if let Some(folder) = self.file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let text = serde_json::to_vec_pretty(&self.settings)?;
        // Whole or not at all: a crash must not leave half a file.
        let temporary = self.file.with_extension("json.new");
        std::fs::write(&temporary, text)?;
        std::fs::rename(&temporary, &self.file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_last_and_a_broken_file_is_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("deep/settings.json");
        let mut kept = Kept::read(&file);
        assert_eq!(kept.settings, Settings::default());
        kept.settings.cell = 224.0;
        kept.settings.theme = ThemeChoice::Light;
        kept.keep();
        assert_eq!(Kept::read(&file).settings, kept.settings);
        std::fs::write(&file, "{").unwrap();
        assert_eq!(Kept::read(&file).settings, Settings::default());
    }

    #[test]
    fn a_file_without_a_later_setting_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("settings.json");
        std::fs::write(&file, r#"{"version":1,"cell":128.0}"#).unwrap();
        assert_eq!(Kept::read(&file).settings.cell, 128.0);
    }
}
