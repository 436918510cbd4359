//! The panel beside the split view: rules and names. Not for writing the parts (`write`).

use std::path::PathBuf;

use eframe::egui::{Button, Checkbox, DragValue, Frame, Label, Panel, ScrollArea, TextEdit, Ui};
use egui_material_icons::icons;
use serde::{Deserialize, Serialize};

use super::Split;
use super::offers::OFFERS;
use crate::desk::model::Model;
use crate::desk::requests::Queue;
use crate::desk::sheet::Sheet;
use crate::desk::theme::{Palette, section};
use crate::desk::words;
use crate::model::{Batch, BatchId, Numbering, NumberingError, lossless_path};
use crate::names;
use crate::triage::split::{Between, LinePattern, Rules, beyond, parse_ranges};

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
    pub in_reading_order: bool,
    pub upright: bool,
    pub first_line: Option<String>,
    /// Most bytes of a part, in MB.
    pub megabytes: Option<f64>,
    /// Piles that parts can be put on.
    pub piles: Vec<String>,
    /// Empty: the usual names.
    pub template: String,
    /// The batch whose folder and piles these are: one client's pages never go to
    /// another's folder because it was typed before.
    pub batch: Option<BatchId>,
    /// When that was made, seconds since 1970 (UTC): the batches of another library have the
    /// same numbers.
    pub batch_made: i64,
    /// The folder for the parts; empty: none yet.
    #[serde(with = "lossless_path")]
    pub folder: PathBuf,
    /// Pages that are left out are written to a PDF of their own.
    pub excluded: bool,
    /// What running numbers on pages begin with; none: no numbers. Never kept: a number that
    /// was given cannot be taken back, and another client has other ones.
    #[serde(skip)]
    pub number: Option<String>,
    /// Digits of running numbers.
    pub digits: u8,
    /// Pages whose text was recognised get it as a text layer.
    pub searchable: bool,
    #[serde(skip)]
    pub overwrite: bool,
    #[serde(skip)]
    pub drop_signatures: bool,
    /// Compare each page of a part with its source.
    #[serde(skip, default = "yes")]
    pub prove: bool,
}

/// The share of the panel that writing has, and the most of it, points; the rules have the
/// rest, whatever there is to say of writing.
const OF_PANEL: f32 = 0.52;
const MOST: f32 = 460.0;

/// In a lower panel, points, what is chosen once for all parts stands below the rules.
const ROOM_FOR_CHOICES: f32 = 620.0;

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
            in_reading_order: false,
            upright: false,
            first_line: None,
            megabytes: None,
            piles: vec![],
            template: String::new(),
            batch: None,
            batch_made: 0,
            folder: PathBuf::new(),
            excluded: false,
            number: None,
            digits: 6,
            searchable: false,
            overwrite: false,
            drop_signatures: false,
            prove: true,
        }
    }
}

impl Form {
    /// The same for a batch.
    pub fn of(self, batch: &Batch) -> Self {
        match (self.batch, self.batch_made) == (Some(batch.id), batch.created) {
            true => self,
            false => Self {
                batch: Some(batch.id),
                batch_made: batch.created,
                folder: PathBuf::new(),
                piles: Vec::new(),
                number: None,
                ..self
            },
        }
    }

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
            in_reading_order: self.in_reading_order,
            upright: self.upright,
            at_top_line: pattern
                .transpose()
                .map_err(|_| "The pattern for the top line is no regular expression.".to_owned())?,
            max_bytes: self.most_bytes(),
        })
    }

    /// The same rules, and nothing else of it.
    pub(super) fn only_rules(&self) -> Self {
        let usual = Self::default();
        Self {
            piles: usual.piles,
            template: usual.template,
            batch: usual.batch,
            batch_made: usual.batch_made,
            folder: usual.folder,
            excluded: usual.excluded,
            number: usual.number,
            digits: usual.digits,
            searchable: usual.searchable,
            overwrite: usual.overwrite,
            drop_signatures: usual.drop_signatures,
            prove: usual.prove,
            ..self.clone()
        }
    }

    /// The numbers that are to be printed on pages, or why they cannot be; none where none
    /// are wanted. Which is the first is known when parts are written.
    pub(super) fn numbering(&self) -> Option<Result<Numbering, NumberingError>> {
        let prefix = self.number.as_ref()?;
        Some(Numbering::new(prefix, self.digits, 1))
    }

    /// A folder is named.
    pub(super) fn has_folder(&self) -> bool {
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

impl Split {
    /// Draws the panel.
    pub fn panel(&mut self, ui: &mut Ui, model: &Model, sheet: &Sheet, queue: &mut Queue) {
        self.name(sheet);
        self.begin(sheet, queue);
        self.rested(ui.ctx(), sheet, queue);
        ui.spacing_mut().item_spacing.y = 4.0;
        // Always in reach, however many rules there are, and never all that is.
        let height = (ui.available_height() * OF_PANEL).min(MOST);
        let is_roomy = ui.available_height() >= ROOM_FOR_CHOICES;
        Panel::bottom("write parts")
            .frame(Frame::new())
            .show_separator_line(false)
            .exact_size(height)
            .show(ui, |ui| {
                ui.add_space(8.0);
                self.write_ui(ui, (model, sheet), is_roomy, queue);
            });
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            self.steps(ui);
            ui.add_space(8.0);
            // Above the rules, which are many: pages are dragged onto them.
            self.piles_ui(ui);
            ui.add_space(12.0);
            self.rules_ui(ui, sheet, queue);
            ui.add_space(12.0);
            self.names_ui(ui);
            if !is_roomy {
                ui.add_space(12.0);
                section(ui, "How they are written");
                self.write_choices(ui, (model, sheet), queue);
            }
        });
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

    fn rules_ui(&mut self, ui: &mut Ui, sheet: &Sheet, queue: &mut Queue) {
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
                self.propose(rules, queue);
            }
            if self.proposing {
                ui.spinner();
                ui.weak("Looking at the documents…");
            } else if self.rules_wait() {
                let said = "Not applied yet";
                ui.colored_label(Palette::of(ui).warning, said)
                    .on_hover_text("The parts are not cut by the rules that are ticked now");
            }
        });
        let counts = self.offers.counts(sheet);
        let found = OFFERS.iter().zip(counts).filter(|(_, count)| *count > 0);
        for (offer, count) in found {
            ui.horizontal(|ui| {
                let (one, several) = offer.nouns;
                // It stays: what is below it must not move when a rule is ticked.
                let is_left = !*(offer.rule)(&mut self.form) && !self.proposing;
                if ui
                    .add_enabled(is_left, Button::new(offer.button))
                    .on_hover_text("Ticks that rule and proposes cuts anew")
                    .clicked()
                {
                    *(offer.rule)(&mut self.form) = true;
                    if let Ok(rules) = self.form.rules() {
                        self.propose(rules, queue);
                    }
                }
                let found = words::counted(count as u64, one, several);
                ui.add(Label::new(found).truncate());
            });
        }
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
        kept(
            ui,
            form.at_blank,
            &mut form.keep_blank,
            "Keep them at the end of the part before",
        );
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
        let separated = form.at_separator || form.at_barcode.is_some();
        let keep = "Keep sheets at the end of the part before";
        kept(ui, separated, &mut form.keep_separators, keep);
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
        ui.checkbox(&mut form.upright, "Turn pages upright")
            .on_hover_text("Pages whose text lies sideways or upside down are turned");
        ui.checkbox(&mut form.in_reading_order, "Backs between fronts")
            .on_hover_text(
                "Where the printed numbers say that the fronts were scanned first and then the \
                 backs, or the last page first, pages are put in the order in which they are read",
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
}

/// A rule with a value: ticked, the value can be changed.
/// What becomes of the pages at which a rule cuts. It is there whether the rule is ticked or
/// not, so that nothing below it moves.
fn kept(ui: &mut Ui, ticked: bool, value: &mut bool, text: &str) {
    ui.indent(text, |ui| {
        ui.add_enabled(ticked, Checkbox::new(value, text));
    });
}

pub(super) fn optional<T: Clone>(
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
    fn a_folder_and_its_piles_are_of_one_batch() {
        let batch = |id, created| Batch {
            id: BatchId(id),
            name: "Client A".into(),
            created,
            cancelled: false,
            archived: false,
        };
        let form = Form {
            folder: PathBuf::from("/clients/a"),
            piles: vec!["Client A".to_owned()],
            at_blank: true,
            ..Form::default().of(&batch(1, 100))
        };
        assert_eq!(form.clone().of(&batch(1, 100)), form);
        // The first batch of another library has the same number.
        for other in [batch(2, 100), batch(1, 101)] {
            let other = form.clone().of(&other);
            assert!(!other.has_folder() && other.piles.is_empty() && other.at_blank);
        }
    }

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
