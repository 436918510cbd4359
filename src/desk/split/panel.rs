//! The panel beside the split view: rules, names, and writing the parts.

use std::path::PathBuf;

use eframe::egui::{
    Button, CollapsingHeader, DragValue, Frame, Panel, ProgressBar, RichText, ScrollArea, TextEdit,
    Ui,
};
use egui_material_icons::icons;
use serde::{Deserialize, Serialize};

use super::super::sheet::Sheet;
use super::super::theme::{Palette, section};
use super::super::{dialogs, names, words};
use super::{Export, Split};
use crate::model::lossless_path;
use crate::triage::Command;
use crate::triage::split::{
    Between, ExportReport, LinePattern, Outcome, Rules, beyond, parse_ranges,
};

/// What is typed in the panel; kept between starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Form {
    pub every: Option<u32>,
    pub ranges: Option<String>,
    pub at_blank: bool,
    pub keep_blank: bool,
    pub at_separator: bool,
    /// Leave out what was rejected, and cut where the pile changes.
    pub as_decided: bool,
    /// What a barcode says at which is cut.
    pub at_barcode: Option<String>,
    pub keep_separators: bool,
    pub at_bookmark: Option<u32>,
    pub at_size: bool,
    pub at_orientation: bool,
    pub at_page_numbers: bool,
    pub first_line: Option<String>,
    /// Most bytes of a part, in MB.
    pub megabytes: Option<f64>,
    /// Piles that parts can be put on.
    pub piles: Vec<String>,
    /// Empty: the usual names.
    pub template: String,
    /// The folder for the parts; empty: none yet.
    #[serde(with = "lossless_path")]
    pub folder: PathBuf,
    /// Pages that are left out are written to a PDF of their own.
    pub excluded: bool,
    #[serde(skip)]
    pub overwrite: bool,
    #[serde(skip)]
    pub drop_signatures: bool,
    /// Compare each page of a part with its source.
    #[serde(skip, default = "yes")]
    pub prove: bool,
}

fn yes() -> bool {
    true
}

impl Default for Form {
    fn default() -> Self {
        Self {
            every: None,
            ranges: None,
            at_blank: false,
            keep_blank: false,
            at_separator: false,
            as_decided: false,
            at_barcode: None,
            keep_separators: false,
            at_bookmark: None,
            at_size: false,
            at_orientation: false,
            at_page_numbers: false,
            first_line: None,
            megabytes: None,
            piles: vec![],
            template: String::new(),
            folder: PathBuf::new(),
            excluded: false,
            overwrite: false,
            drop_signatures: false,
            prove: true,
        }
    }
}

impl Form {
    /// The rules that are set, or what is wrong with one.
    pub fn rules(&self) -> Result<Rules, String> {
        let ranges = self.ranges.as_deref().map(parse_ranges).transpose()?;
        let pattern = self.first_line.as_deref().map(LinePattern::parse);
        Ok(Rules {
            every: self.every,
            ranges: ranges.unwrap_or_default(),
            at_blank: self.at_blank.then(|| Between::kept(self.keep_blank)),
            at_separator: self.at_separator,
            as_decided: self.as_decided,
            at_barcode: self.at_barcode.clone(),
            separators: Between::kept(self.keep_separators),
            at_bookmark: self.at_bookmark,
            at_size: self.at_size,
            at_orientation: self.at_orientation,
            at_page_numbers: self.at_page_numbers,
            at_top_line: pattern
                .transpose()
                .map_err(|_| "The pattern for the top line is no regular expression.".to_owned())?,
            max_bytes: self.most_bytes(),
        })
    }

    /// A folder is named.
    fn has_folder(&self) -> bool {
        !self.folder.to_string_lossy().trim().is_empty()
    }

    /// Says where ranges name pages that a document does not have.
    fn ranges_beyond(&self, sheet: &Sheet) -> Option<String> {
        let ranges = parse_ranges(self.ranges.as_deref()?).ok()?;
        let opened = sheet
            .documents()
            .iter()
            .filter(|document| document.pages > 0);
        let mut said = opened.filter_map(|d| beyond(&ranges, &d.name, d.pages));
        let first = said.next()?;
        Some(match said.count() {
            0 => format!("{first}."),
            more => format!("{first}; so it is with {more} more."),
        })
    }

    /// Most bytes of a part.
    pub fn most_bytes(&self) -> Option<u64> {
        self.megabytes.map(|megabytes| (megabytes * 1e6) as u64)
    }
}

/// What was asked for in the panel.
#[derive(Default)]
pub struct Asked {
    pub commands: Vec<Command>,
    /// Choose the folder with a native dialog.
    pub choose_folder: bool,
}

impl Split {
    /// Draws the panel.
    pub fn panel(&mut self, ui: &mut Ui, sheet: &Sheet) -> Asked {
        let mut asked = Asked::default();
        self.name(sheet);
        asked.commands.extend(self.begin(sheet));
        asked.commands.extend(self.rested(ui.ctx()));
        ui.spacing_mut().item_spacing.y = 4.0;
        // Always in reach, however many rules there are.
        Panel::bottom("write parts")
            .frame(Frame::new())
            .show_separator_line(false)
            .show(ui, |ui| {
                ui.add_space(8.0);
                self.write_ui(ui, sheet, &mut asked);
                ui.add_space(4.0);
            });
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            self.steps(ui);
            ui.add_space(8.0);
            // Above the rules, which are many: pages are dragged onto them.
            self.piles_ui(ui);
            ui.add_space(12.0);
            self.rules_ui(ui, sheet, &mut asked);
            ui.add_space(12.0);
            self.names_ui(ui);
        });
        asked
    }

    fn steps(&mut self, ui: &mut Ui) {
        ui.horizontal(|ui| {
            let undo = format!("{}  Undo", icons::ICON_UNDO.codepoint);
            let button = ui.add_enabled(self.editor.can_undo(), Button::new(undo));
            if button.on_hover_text("One step back  (Ctrl+Z)").clicked() {
                self.editor.undo();
            }
            let redo = format!("{}  Redo", icons::ICON_REDO.codepoint);
            let button = ui.add_enabled(self.editor.can_redo(), Button::new(redo));
            if button
                .on_hover_text("That step again  (Ctrl+Shift+Z)")
                .clicked()
            {
                self.editor.redo();
            }
            // Beside the buttons: a row of its own would push all others down.
            if self.selection.len() > 1 {
                let selected = words::counted(self.selection.len() as u64, "page", "pages");
                ui.weak(format!("{selected} selected"));
            }
        });
    }

    fn rules_ui(&mut self, ui: &mut Ui, sheet: &Sheet, asked: &mut Asked) {
        section(ui, "Where to cut");
        // Above the rules: it stays where it is, whatever is ticked.
        let rules = self.form.rules();
        if let Err(problem) = &rules {
            ui.colored_label(Palette::of(ui).bad, problem);
        }
        ui.horizontal(|ui| {
            let button = ui.add_enabled(
                rules.is_ok() && !self.proposing,
                Button::new("Propose cuts"),
            );
            let help = "Cut all documents of the batch by these rules. Changes made by hand are \
                        replaced; Undo brings them back.";
            if button.on_hover_text(help).clicked()
                && let Ok(rules) = rules
            {
                asked.commands.extend(self.propose(rules));
            }
            if self.proposing {
                ui.spinner();
                ui.weak("Looking at the documents…");
            }
        });
        ui.add_space(4.0);
        ui.scope(|ui| {
            // A long list, read as one.
            ui.spacing_mut().item_spacing.y = 0.0;
            self.rule_rows(ui, sheet);
        });
    }

    fn rule_rows(&mut self, ui: &mut Ui, sheet: &Sheet) {
        let form = &mut self.form;
        optional(
            ui,
            "After so many pages",
            &mut form.every,
            1,
            |ui, every| {
                ui.add(DragValue::new(every).range(1..=100_000));
            },
        );
        optional(
            ui,
            "Only these pages",
            &mut form.ranges,
            "1-3,7".into(),
            |ui, ranges| {
                ui.add(TextEdit::singleline(ranges).desired_width(110.0));
            },
        );
        if let Some(said) = form.ranges_beyond(sheet) {
            ui.colored_label(Palette::of(ui).warning, said);
        }
        ui.checkbox(&mut form.at_blank, "At blank pages")
            .on_hover_text("Pages that are marked blank. Where the line is drawn: Thresholds");
        if form.at_blank {
            ui.indent("blank", |ui| {
                ui.checkbox(
                    &mut form.keep_blank,
                    "Keep them at the end of the part before",
                );
            });
        }
        ui.checkbox(&mut form.as_decided, "As decided")
            .on_hover_text("Rejected pages are left out; where the pile changes a part begins");
        ui.checkbox(&mut form.at_separator, "At separator sheets")
            .on_hover_text("Pages that are marked as separators");
        optional(
            ui,
            "At barcodes that say",
            &mut form.at_barcode,
            "PATCHT".into(),
            |ui, text| {
                ui.add(TextEdit::singleline(text).desired_width(90.0))
                    .on_hover_text("A page that has more than the code on it begins a part");
            },
        );
        if form.at_separator || form.at_barcode.is_some() {
            ui.indent("separators", |ui| {
                ui.checkbox(
                    &mut form.keep_separators,
                    "Keep sheets at the end of the part before",
                );
            });
        }
        optional(
            ui,
            "At bookmarks of level",
            &mut form.at_bookmark,
            1,
            |ui, level| {
                ui.add(DragValue::new(level).range(1..=20));
            },
        );
        ui.checkbox(&mut form.at_size, "Where the page size changes");
        ui.checkbox(&mut form.at_orientation, "Where pages lie the other way");
        ui.checkbox(&mut form.at_page_numbers, "Where page numbers begin anew");
        optional(
            ui,
            "Top line matches",
            &mut form.first_line,
            "^Invoice".into(),
            |ui, line| {
                ui.add(TextEdit::singleline(line).desired_width(110.0));
            },
        );
        optional(
            ui,
            "No part larger than",
            &mut form.megabytes,
            5.0,
            |ui, megabytes| {
                let value = DragValue::new(megabytes).range(0.01..=100_000.0);
                ui.add(value.speed(0.1).suffix(" MB"));
            },
        );
    }

    fn names_ui(&mut self, ui: &mut Ui) {
        section(ui, "Names");
        let hint = TextEdit::singleline(&mut self.form.template)
            .hint_text("{document}-{part:03}")
            .desired_width(f32::INFINITY);
        ui.add(hint).on_hover_text(
            "{client}, {document}, {part:03}, {pages}, {title}, {barcode}, {pile}, {date}. Empty: the document's \
             name, numbered where it has several parts.",
        );
        match &self.names.names {
            Err(problem) => {
                ui.colored_label(Palette::of(ui).bad, problem);
            }
            Ok(names) => {
                for name in names.iter().take(3) {
                    ui.weak(format!("{}.pdf", names::cut_middle(name, 40)));
                }
                if names.len() > 3 {
                    ui.weak(format!(
                        "and {} more",
                        words::grouped(names.len() as u64 - 3)
                    ));
                }
            }
        }
    }

    fn write_ui(&mut self, ui: &mut Ui, sheet: &Sheet, asked: &mut Asked) {
        section(ui, "Write");
        let parts = self.editor.parts().len();
        let forecast = self
            .forecast
            .as_ref()
            .filter(|forecast| forecast.version == self.editor.version);
        let bytes: Option<u64> = forecast.map(|f| f.sizes.iter().flatten().sum());
        let free = forecast.and_then(|forecast| forecast.free);
        let files = words::counted(parts as u64, "file", "files");
        let mut said = files;
        if let Some(bytes) = bytes {
            said = format!("{said}, {}", words::size(bytes));
        }
        if let Some(free) = free.filter(|_| self.form.has_folder()) {
            said = format!("{said}, {} free", words::size(free));
        }
        ui.label(RichText::new(said).strong());
        let left_out = self.editor.excluded().len();
        if left_out > 0 {
            let left_out = words::counted(left_out as u64, "page is", "pages are");
            ui.weak(format!("{left_out} left out."));
            ui.checkbox(&mut self.form.excluded, "Write them to a PDF of their own");
        }
        let too_large = match (forecast, self.form.most_bytes()) {
            (Some(forecast), Some(most)) => {
                let sizes = forecast.sizes.iter().flatten();
                sizes.filter(|size| **size > most).count()
            }
            _ => 0,
        };
        if too_large > 0 {
            let parts = words::counted(too_large as u64, "part is", "parts are");
            let said = format!("{parts} larger than wanted: one page alone is.");
            ui.colored_label(Palette::of(ui).warning, said);
        }
        if let (Some(bytes), Some(free)) = (bytes, free)
            && bytes > free
        {
            let short = format!("{} too little on that disk.", words::size(bytes - free));
            ui.colored_label(Palette::of(ui).bad, short);
        }
        ui.horizontal(|ui| {
            let label = ui.label("To");
            // A name that is no text is shown as well as can be and stays as it is
            // until somebody types.
            let mut typed = self.form.folder.display().to_string();
            let edit = TextEdit::singleline(&mut typed)
                .hint_text("Folder")
                .desired_width(ui.available_width() - 92.0);
            if ui.add(edit).labelled_by(label.id).changed() {
                self.form.folder = PathBuf::from(typed);
            }
            asked.choose_folder = ui
                .button("Choose…")
                .on_hover_text("Choose a folder for the parts")
                .clicked();
        });
        dialogs::say_where(
            ui,
            &self.form.folder,
            &dialogs::whole_path(&self.form.folder),
        );
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            self.write_choices(ui);
        });
        ui.add_space(4.0);
        if let Some(Export::Asked) = &self.export {
            ui.add(ProgressBar::new(0.0).text("About to begin"));
            return;
        }
        if let Some(Export::Running(progress)) = &self.export {
            let share = progress.done as f32 / progress.parts.max(1) as f32;
            let text = format!(
                "{} of {} files, {}",
                words::grouped(progress.done as u64),
                words::grouped(progress.parts as u64),
                words::size(progress.bytes)
            );
            ui.add(ProgressBar::new(share).text(text));
            if ui
                .button("Cancel")
                .on_hover_text("Complete files stay")
                .clicked()
            {
                asked.commands.push(Command::StopExport);
            }
            return;
        }
        let ready = parts > 0 && self.form.has_folder() && self.names.names.is_ok();
        let write = format!("{}  Write parts", icons::ICON_SAVE.codepoint);
        let button = ui.add_enabled(ready, Button::new(write));
        let button = button.on_disabled_hover_text("Name a folder first");
        if button.on_hover_text("The sources are only read").clicked()
            && let Ok(names) = &self.names.names
        {
            asked.commands.push(Command::ExportSplit {
                batch: self.batch,
                plan: self.editor.plan(),
                names: names.clone(),
                options: self.options(),
            });
            self.export = Some(Export::Asked);
        }
        match &self.export {
            Some(Export::Ended(Ok(report))) => ended(ui, sheet, report),
            Some(Export::Ended(Err(problem))) => {
                ui.colored_label(Palette::of(ui).bad, problem);
            }
            _ => {}
        }
    }

    fn write_choices(&mut self, ui: &mut Ui) {
        ui.checkbox(&mut self.form.overwrite, "Replace files that are there")
            .on_hover_text(
                "Otherwise the next free number is added to the name. Sources are never replaced",
            );
        ui.checkbox(
            &mut self.form.drop_signatures,
            "Take signed documents apart",
        )
        .on_hover_text("Parts of a signed document are not signed");
        ui.checkbox(&mut self.form.prove, "Compare each page with its source")
            .on_hover_text(
                "A part gets its name only if no page of it looks or reads other than in its source",
            );
    }
}

fn ended(ui: &mut Ui, sheet: &Sheet, report: &ExportReport) {
    let palette = Palette::of(ui);
    let written = words::counted(report.written() as u64, "file is", "files are");
    let said = format!("{written} there, {}.", words::size(report.bytes()));
    let all = report.written() == report.parts.len();
    ui.colored_label(if all { palette.good } else { palette.warning }, said);
    let remarks = report.remarks();
    if !remarks.is_empty() {
        ui.label(remarks);
    }
    let documents = sheet.documents().iter();
    let missing = documents
        .filter(|document| document.status.is_failure())
        .count();
    if missing > 0 {
        let missing = words::counted(missing as u64, "document", "documents");
        ui.colored_label(
            palette.warning,
            format!("Not in them: {missing} that could not be opened."),
        );
    }
    if let Some(excluded) = report.excluded.as_ref().filter(|file| file.is_there()) {
        ui.label(format!("What is left out is in {}.", excluded.file));
    }
    for part in &report.parts {
        if let Some(source) = &part.kept_source {
            let said = format!("{source} is a source and stays: the part is {}.", part.file);
            ui.colored_label(palette.warning, said);
        }
    }
    if report.from_before > 0 {
        let files = words::counted(report.from_before as u64, "file is", "files are");
        ui.label(format!("{files} there from before and were not compared."));
    }
    if let Some(stopped) = &report.stopped {
        ui.colored_label(palette.warning, stopped.kind.explanation());
        ui.label(stopped.kind.advice());
    }
    if report.failed() > 0 {
        let failed = words::counted(report.failed() as u64, "part", "parts");
        CollapsingHeader::new(format!("{failed} could not be made"))
            .default_open(true)
            .show(ui, |ui| {
                for part in report.parts.iter().chain(&report.excluded) {
                    if let Outcome::Failed(refusal) = &part.outcome {
                        let text = format!("{}: {}", part.file, refusal.kind.explanation());
                        ui.label(text).on_hover_text(&refusal.detail);
                    }
                }
            });
    }
    let not_proved = report.not_proved().count();
    if not_proved > 0 {
        let parts = words::counted(not_proved as u64, "part", "parts");
        CollapsingHeader::new(format!("{parts} could not be compared")).show(ui, |ui| {
            for part in report.not_proved() {
                let why = part.proof.problem().unwrap_or_default();
                ui.label(&part.file).on_hover_text(why);
            }
        });
    }
}

/// A rule with a value: ticked, the value can be changed.
fn optional<T: Clone>(
    ui: &mut Ui,
    text: &str,
    value: &mut Option<T>,
    usual: T,
    edit: impl FnOnce(&mut Ui, &mut T),
) {
    ui.horizontal(|ui| {
        let mut on = value.is_some();
        if ui.checkbox(&mut on, text).changed() {
            *value = on.then_some(usual);
        }
        if let Some(value) = value {
            edit(ui, value);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_folder_is_kept_whatever_its_name_is() {
        use std::os::unix::ffi::OsStrExt;

        for name in [&b" spaces "[..], b"not \xff text"] {
            let folder = PathBuf::from(std::ffi::OsStr::from_bytes(name));
            let form = Form {
                folder: folder.clone(),
                ..Form::default()
            };
            let kept = serde_json::to_string(&form).unwrap();
            let form: Form = serde_json::from_str(&kept).unwrap();
            assert_eq!(form.folder, folder);
            assert!(form.has_folder());
        }
        // As an earlier version kept it.
        let form: Form = serde_json::from_str(r#"{"folder": "/parts"}"#).unwrap();
        assert_eq!(form.folder, PathBuf::from("/parts"));
    }
}
