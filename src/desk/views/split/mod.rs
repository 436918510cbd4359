//! The split view: pages in order with cuts between them, rules that propose
//! cuts, and writing the parts. Holds the plan while it is edited; the session
//! gathers, measures and writes.

mod checks;
mod editor;
mod layers;
mod offers;
mod panel;
mod piles;
mod view;
mod write;

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use eframe::egui::{Context, Frame, Key, KeyboardShortcut, Margin, Modifiers, Panel, Ui};
use egui_material_icons::icons;

use super::{About, Beside, Draw, Scene};
use crate::desk::actions::plain;
use crate::desk::dialogs;
use crate::desk::dialogs::save_table::What;
use crate::desk::model::Model;
use crate::desk::requests::Queue;
use crate::desk::selection::Selection;
use crate::desk::sheet::Sheet;
use crate::desk::theme::Palette;
use crate::model::{
    Batch, BatchId, CutReason, DocumentId, FailureKind, Numbering, PageId, PlannedPart, SplitPlan,
};
use crate::triage::split::{
    Earlier, ExcludedFile, ExportOptions, ExportProgress, ExportReport, LayerForecast, MadeBy,
    Rules, Template, names,
};
use crate::triage::{Command, ExportState};

use editor::Editor;
pub use panel::Form;
pub use write::in_words;

/// A changed plan is measured when it has stayed the same for so long.
const FORECAST_AFTER: Duration = Duration::from_millis(400);

/// Name of the file for pages that are left out.
const LEFT_OUT: &str = "left out";

/// What it is.
pub const ABOUT: About = About {
    name: "Split",
    help: "Cut documents into parts, by rules and by hand",
    icon: icons::ICON_CONTENT_CUT,
    usual_key: plain(Key::Num4),
    chapter: ("split", include_str!("../../../../assets/manual/split.md")),
    keys: &[
        ("C", "Begin a part at this page, or no longer"),
        ("Delete", "Leave pages out, or take them back in"),
        ("[ ]", "Turn pages left or right"),
        ("F2", "Name the part"),
        ("Ctrl+Z, Ctrl+Shift+Z", "Undo, and do again"),
    ],
    saves: What::Pages,
    decides: false,
    has_pictures: true,
    shows_pages: true,
    beside: Beside::Panel,
    counts: None,
};

/// What a key does to the plan, at the page under the cursor or to the selected ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    Redo,
    Undo,
    ToggleCut,
    LeaveOut,
    TurnLeft,
    TurnRight,
    Rename,
}

impl Edit {
    /// All of them, each with its key and its words. A key with more modifiers stands before
    /// the same with fewer, which would take it.
    pub const ALL: [(Self, KeyboardShortcut, &'static str); 7] = [
        (Self::Redo, shift_command(Key::Z), "Do again"),
        (Self::Undo, command(Key::Z), "Undo"),
        (
            Self::ToggleCut,
            by_itself(Key::C),
            "Begin a part at this page, or no longer",
        ),
        (
            Self::LeaveOut,
            by_itself(Key::Delete),
            "Leave pages out, or take them back in",
        ),
        (
            Self::TurnLeft,
            by_itself(Key::OpenBracket),
            "Turn pages left",
        ),
        (
            Self::TurnRight,
            by_itself(Key::CloseBracket),
            "Turn pages right",
        ),
        (Self::Rename, by_itself(Key::F2), "Name the part"),
    ];
}

const fn by_itself(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::NONE, key)
}

const fn command(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND, key)
}

const fn shift_command(key: Key) -> KeyboardShortcut {
    let both = Modifiers {
        shift: true,
        ..Modifiers::COMMAND
    };
    KeyboardShortcut::new(both, key)
}

/// The view, with the batch that was split last.
#[derive(Default)]
pub struct SplitView {
    split: Option<Split>,
}

impl SplitView {
    /// That of a batch.
    pub fn of(&mut self, batch: BatchId) -> Option<&mut Split> {
        self.split.as_mut().filter(|split| split.batch == batch)
    }

    /// The pages of each part that is planned of a batch.
    pub fn parts_of(&self, batch: BatchId) -> Vec<Vec<PageId>> {
        let split = self.split.as_ref().filter(|split| split.batch == batch);
        split.map_or(vec![], Split::pages_of_parts)
    }

    /// Parts are written to this folder.
    pub fn set_folder(&mut self, folder: PathBuf) {
        if let Some(split) = &mut self.split {
            split.form.folder = folder;
        }
    }

    /// Has an edited plan kept before it goes from here.
    pub fn keep(&mut self) -> Option<Command> {
        self.split.as_mut().and_then(Split::keep)
    }

    /// Begins anew with the batch that is shown.
    fn begin(&mut self, sheet: &Sheet, form: &Form, queue: &mut Queue) {
        if let Some(keep) = self.keep() {
            queue.push(keep);
        }
        let mut split = Split::new(&sheet.batch, form.clone());
        split.know_piles(&sheet.decisions);
        self.split = Some(split);
        // Copies deserve a look before they are written.
        if !sheet.are_compared() {
            queue.push(Command::FindDuplicates);
        }
    }
}

/// Side of a picture at most, points: places between pages are looked for here, and pages
/// are read elsewhere.
const LARGEST: f32 = 256.0;

impl Draw for SplitView {
    fn ui(&mut self, ui: &mut Ui, scene: &mut Scene<'_>) {
        let (Some(sheet), Some(split)) = (&scene.model.sheet, &mut self.split) else {
            return;
        };
        let side = scene.choices.settings().cell.min(LARGEST);
        let textures = &mut scene.pictures.textures;
        let on_screen = split.ui(ui, sheet, textures, side, scene.queue);
        scene.seen.look_at(on_screen, scene.queue);
    }

    fn panel(&mut self, ui: &mut Ui, scene: &mut Scene<'_>) {
        let model: &Model = scene.model;
        let Some(sheet) = &model.sheet else {
            return;
        };
        let kept = &mut scene.choices.settings_mut().split;
        if self.of(sheet.id()).is_none() {
            self.begin(sheet, kept, scene.queue);
        }
        let Some(split) = &mut self.split else { return };
        let frame = Frame::new()
            .fill(Palette::of(ui).panel)
            .inner_margin(Margin::symmetric(12, 8));
        Panel::right("split panel")
            .default_size(300.0)
            .size_range(260.0..=600.0)
            .frame(frame)
            .show(ui, |ui| split.panel(ui, model, sheet, scene.queue));
        if *kept != split.form {
            kept.clone_from(&split.form);
        }
    }

    fn keys(&mut self, context: &Context, is_covered: bool, _: &mut Queue) {
        if let Some(split) = self.split.as_mut().filter(|_| !is_covered) {
            split.keys(context);
        }
    }
}

/// The split view's state for one batch.
pub struct Split {
    batch: BatchId,
    editor: Editor,
    /// Documents that the plan is made of; more may be opened later.
    documents: usize,
    proposing: bool,
    /// The proposal that is made is that of whole documents.
    beginning: bool,
    selection: Selection<PageId>,
    view: view::View,
    pub form: Form,
    names: Names,
    forecast: Option<Forecast>,
    /// The version that was changed last, and when.
    changed: (Asked, Instant),
    /// What was measured last.
    asked: Asked,
    /// The version that was kept last.
    kept: u64,
    pub export: Option<Export>,
    /// Something came that is to be seen at once, above what is written next.
    has_news: bool,
    /// The version of which parts were written last.
    written: u64,
    /// Which parts are written.
    which: write::Which,
    /// The rules by which cuts were proposed last.
    applied: Option<Form>,
    offers: offers::Offers,
    checks: checks::Checks,
}

/// What a forecast depends on.
#[derive(Clone, Debug, Default, PartialEq)]
struct Asked {
    /// Of the plan.
    version: u64,
    /// The numbers that its pages are to have.
    numbering: Option<Numbering>,
    /// Where its pages are to have text layers, how much was known of them by then.
    known: Option<u64>,
    /// Signed documents are taken apart.
    drop_signatures: bool,
    /// Where room is needed.
    folder: PathBuf,
}

/// Sizes of the parts of one version of the plan.
struct Forecast {
    version: u64,
    sizes: Vec<Result<u64, FailureKind>>,
    free: Option<u64>,
    /// What they get of text layers, where those are wanted.
    layers: Option<LayerForecast>,
}

/// Names of the parts, and what they were made for.
struct Names {
    made_for: Option<(u64, String)>,
    names: Result<Vec<String>, String>,
}

/// Parts being written, or how that ended.
pub enum Export {
    /// The destination is looked at.
    Looking(write::Looking),
    /// Files of these names are there already.
    Asks(write::Asking),
    /// To begin; the session has not answered yet.
    Beginning,
    Running(ExportProgress),
    Ended(Result<Box<ExportReport>, String>),
}

impl Split {
    /// A view with nothing proposed yet.
    pub fn new(batch: &Batch, form: Form) -> Self {
        Self {
            batch: batch.id,
            editor: Editor::default(),
            documents: 0,
            proposing: false,
            beginning: false,
            selection: Selection::default(),
            view: view::View::default(),
            form: form.of(batch),
            names: Names {
                made_for: None,
                names: Ok(vec![]),
            },
            forecast: None,
            changed: (Asked::default(), Instant::now()),
            asked: Asked::default(),
            kept: 0,
            export: None,
            has_news: false,
            written: 0,
            which: write::Which::default(),
            applied: None,
            offers: offers::Offers::default(),
            checks: checks::Checks::default(),
        }
    }

    /// The pages of each part that is planned.
    pub fn pages_of_parts(&self) -> Vec<Vec<PageId>> {
        let parts = self.editor.parts().iter();
        let pages = parts.map(|part| part.pages.iter().map(|page| page.page).collect());
        pages.collect()
    }

    /// Asks for a proposal where there is none yet, or where more documents have
    /// been opened and nothing was edited.
    pub fn begin(&mut self, sheet: &Sheet, queue: &mut Queue) {
        let ready = sheet.documents().iter().filter(|d| d.pages > 0).count();
        let untouched = !self.editor.can_undo() && !self.editor.can_redo();
        if self.proposing || ready == 0 || ready == self.documents || !untouched {
            return;
        }
        self.documents = ready;
        self.beginning = true;
        self.proposing = true;
        queue.push(Command::BeginSplit(self.batch));
    }

    fn propose(&mut self, rules: Rules, queue: &mut Queue) {
        self.proposing = true;
        self.applied = Some(self.form.only_rules());
        queue.push(Command::ProposeSplit {
            batch: self.batch,
            rules: Box::new(rules),
        });
    }

    /// Other rules are ticked than those by which cuts were proposed.
    fn rules_wait(&self) -> bool {
        let ticked = self.form.only_rules();
        match &self.applied {
            Some(applied) => *applied != ticked,
            // A plan that was kept may be by these rules.
            None => {
                let mut parts = self.editor.parts().iter();
                let by_rules = |part: &std::sync::Arc<PlannedPart>| {
                    !matches!(part.reason, CutReason::Document | CutReason::Hand)
                };
                ticked != Form::default().only_rules() && !parts.any(by_rules)
            }
        }
    }

    /// A proposal has come.
    pub fn proposed(&mut self, plan: SplitPlan) {
        self.proposing = false;
        if std::mem::take(&mut self.beginning) {
            // Whole documents are no step to go back to.
            let version = self.editor.version + 1;
            self.editor = Editor::new(plan, version);
        } else {
            self.editor.propose(plan);
        }
        self.selection.clear();
    }

    /// No proposal will come.
    pub fn not_proposed(&mut self) {
        self.proposing = false;
        self.beginning = false;
    }

    /// Sizes have come.
    pub fn forecast(
        &mut self,
        version: u64,
        sizes: Vec<Result<u64, FailureKind>>,
        free: Option<u64>,
        layers: Option<LayerForecast>,
    ) {
        if version == self.editor.version {
            self.forecast = Some(Forecast {
                version,
                sizes,
                free,
                layers,
            });
        }
    }

    /// Documents of the parts that were laid out last, and how that went.
    pub fn could_read(&self) -> Vec<(DocumentId, Result<(), FailureKind>)> {
        let forecast = self.forecast.as_ref();
        let sizes = forecast.filter(|forecast| forecast.version == self.editor.version);
        let sizes = sizes.iter().flat_map(|forecast| &forecast.sizes);
        let mut told = Vec::new();
        for (part, size) in self.editor.parts().iter().zip(sizes) {
            let read = size.as_ref().map(|_| ()).map_err(|kind| *kind);
            let documents = part.pages.iter().map(|planned| planned.page.document);
            told.extend(documents.map(|document| (document, read)));
            told.dedup();
        }
        told
    }

    /// What could not be laid out may be now: sizes are asked for anew.
    pub fn try_again(&mut self) {
        let refused = self.forecast.as_ref();
        if refused.is_some_and(|forecast| forecast.sizes.iter().any(Result::is_err)) {
            self.asked = Asked::default();
        }
    }

    /// News of the export.
    pub fn exported(&mut self, state: ExportState) {
        self.has_news |= matches!(state, ExportState::Ended(_));
        self.export = Some(match state {
            ExportState::Running(progress) => Export::Running(progress),
            ExportState::Ended(ended) => Export::Ended(ended),
        });
    }

    /// Asks for sizes once the plan has come to rest, and has it kept if a person
    /// has edited it.
    fn rested(&mut self, context: &Context, sheet: &Sheet, queue: &mut Queue) {
        let version = self.editor.version;
        // What is still being looked at is asked for once that is done.
        let known = layers::known(sheet).or(self.asked.known).or(Some(0));
        let options = self.options();
        let asked = Asked {
            version,
            known: known.filter(|_| self.form.searchable),
            numbering: options.numbering.clone(),
            drop_signatures: options.drop_signatures,
            folder: options.destination.clone(),
        };
        if self.changed.0 != asked {
            self.changed = (asked.clone(), Instant::now());
        }
        if version == 0 || self.asked == asked {
            return;
        }
        let rested = self.changed.1.elapsed();
        if rested < FORECAST_AFTER {
            context.request_repaint_after(FORECAST_AFTER - rested);
            return;
        }
        self.asked = asked;
        let (batch, plan) = (self.batch, self.editor.plan());
        if let Some(keep) = self.keep() {
            queue.push(keep);
        }
        queue.push(Command::ForecastSplit {
            batch,
            version,
            plan,
            options,
        });
    }

    /// Has the plan kept, if a person has edited it since.
    pub fn keep(&mut self) -> Option<Command> {
        let edited = self.editor.can_undo() || self.editor.can_redo();
        let version = self.editor.version;
        if !edited || self.kept == version {
            return None;
        }
        self.kept = version;
        Some(Command::KeepSplit {
            batch: self.batch,
            plan: self.editor.plan(),
        })
    }

    fn options(&self) -> ExportOptions {
        ExportOptions {
            destination: dialogs::whole_path(&self.form.folder),
            overwrite: self.form.overwrite,
            // Of some parts alone the others are no earlier ones.
            earlier: match self.which {
                write::Which::All => Earlier::Name,
                write::Which::Document | write::Which::Selected => Earlier::Leave,
            },
            drop_signatures: self.form.drop_signatures,
            manifest: Some(MadeBy::Split),
            prove: self.form.prove,
            excluded: (self.form.excluded).then(|| ExcludedFile::Beside(LEFT_OUT.into())),
            numbering: self.form.numbering().and_then(Result::ok),
            searchable: self.form.searchable,
            // The session knows how many workers there may be.
            ..ExportOptions::default()
        }
    }

    /// Names for the plan as it is now.
    fn name(&mut self, sheet: &Sheet) {
        let key = (self.editor.version, self.form.template.clone());
        if self.names.made_for.as_ref() == Some(&key) {
            return;
        }
        let template = self.form.template.trim();
        let template = match template {
            "" => Ok(None),
            text => Template::parse(text).map(Some),
        };
        let name_of = |id| sheet.document(id).map(|document| document.name.clone());
        self.names.names = template.and_then(|template| {
            let plan = self.editor.plan();
            names(&plan, name_of, template.as_ref(), &sheet.batch.name)
        });
        self.names.made_for = Some(key);
    }

    /// Keys of the split view. Those of the window must not get them as well.
    pub fn keys(&mut self, context: &Context) {
        if context.text_edit_focused() {
            return;
        }
        let pressed = |key: &_| context.input_mut(|input| input.consume_shortcut(key));
        // The key that many programs have for it.
        if pressed(&command(Key::Y)) {
            self.act(Edit::Redo);
        }
        for (edit, key, _) in &Edit::ALL {
            if pressed(key) {
                self.act(*edit);
            }
        }
    }

    /// Changes the plan.
    pub fn act(&mut self, edit: Edit) {
        let cursor = self.selection.cursor();
        let place = cursor.and_then(|page| self.editor.place_of(page));
        match (edit, place) {
            (Edit::Redo, _) => self.editor.redo(),
            (Edit::Undo, _) => self.editor.undo(),
            (Edit::ToggleCut, Some(place)) => self.editor.toggle_cut(place),
            (Edit::LeaveOut, _) => self.exclude_or_restore(),
            (Edit::TurnLeft, _) => self.editor.turn(&self.chosen(), 270),
            (Edit::TurnRight, _) => self.editor.turn(&self.chosen(), 90),
            (Edit::Rename, Some(place)) => {
                let names = self.names.names.as_deref().unwrap_or_default();
                self.view.begin_rename(place.part, names);
            }
            (Edit::ToggleCut | Edit::Rename, None) => {}
        }
    }

    /// The selection, or the page under the cursor.
    fn chosen(&self) -> HashSet<PageId> {
        match self.selection.is_empty() {
            true => self.selection.cursor().into_iter().collect(),
            false => self.selection.items().clone(),
        }
    }

    fn exclude_or_restore(&mut self) {
        let chosen = self.chosen();
        let all_out = chosen
            .iter()
            .all(|page| self.editor.place_of(*page).is_none());
        if all_out {
            self.editor.restore(&chosen);
        } else {
            let next = self.after(&chosen);
            self.editor.exclude(&chosen);
            // On to the page that follows: pressing the key twice leaves out two.
            if let Some(next) = next {
                self.select(next, false, false);
                self.view.follow_cursor = true;
            }
        }
    }

    /// The page of the plan that follows the last of these, or else the one before them.
    fn after(&self, pages: &HashSet<PageId>) -> Option<PageId> {
        let parts = self.editor.parts().iter();
        let kept = parts.flat_map(|part| part.pages.iter().map(|planned| planned.page));
        let kept: Vec<PageId> = kept.collect();
        let last = kept.iter().rposition(|page| pages.contains(page))?;
        let others = |page: &&PageId| !pages.contains(page);
        let before = || kept[..last].iter().rfind(others);
        kept.get(last + 1).or_else(before).copied()
    }

    /// All pages in the order of the view.
    fn order(&self) -> Vec<PageId> {
        let parts = self.editor.parts().iter();
        let kept = parts.flat_map(|part| part.pages.iter().map(|planned| planned.page));
        let excluded = self.editor.excluded().iter().map(|excluded| excluded.page);
        kept.chain(excluded).collect()
    }

    /// A click on a page.
    fn select(&mut self, page: PageId, extend: bool, toggle: bool) {
        let order = self.order();
        self.selection.select(page, extend, toggle, &order);
    }

    /// Moves the cursor by so many pages.
    fn move_cursor(&mut self, by: isize, extend: bool) {
        let order = self.order();
        self.selection.step(by, extend, &order);
        self.view.follow_cursor = true;
    }
}
