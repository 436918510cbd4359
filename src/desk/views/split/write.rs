//! The panel's foot: which parts are written, where to, and how that ended. Not for the
//! writing itself (`triage`).

use std::collections::HashSet;
use std::path::PathBuf;
use std::thread;

use crossbeam_channel::{Receiver, TryRecvError, bounded};
use eframe::egui::{
    Button, CollapsingHeader, ComboBox, Context, DragValue, Frame, Label, Margin, Panel,
    ProgressBar, RichText, Role, ScrollArea, TextEdit, Ui, WidgetInfo,
};
use egui_material_icons::icons;

use super::checks::{CHECKS, WorthALook};
use super::panel::optional;
use super::piles::across;
use super::{Export, LEFT_OUT, Split};
use crate::desk::model::Model;
use crate::desk::requests::{PlaceFor, Queue, Request};
use crate::desk::sheet::Sheet;
use crate::desk::theme::{Palette, section};
use crate::desk::{dialogs, words};
use crate::model::{ContentHash, FailureKind, Numbering, PlannedPart, SplitPlan};
use crate::names;
use crate::triage::Command;
use crate::triage::query::exactly;
use crate::triage::split::{Earlier, ExportReport, LeftBehind, Outcome, PartResult};

/// So many files are named of those that are written or there already.
const NAMED: usize = 4;

/// So many documents that are in no part, or parts that cannot be made, are named.
const MISSING: usize = 20;

/// So many families are shown at once.
const FAMILIES: usize = 20;

/// Characters that a name has room for.
const NAME: usize = 38;

/// Which parts are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    #[default]
    All,
    /// Those with pages of the document that the cursor is in.
    Document,
    /// Those with pages that are selected.
    Selected,
}

/// What is written: a plan, with a name for each of its parts.
pub struct Chosen {
    pub plan: SplitPlan,
    names: Vec<String>,
    /// Places of the parts in the whole plan.
    pub places: Vec<usize>,
}

/// What lies in the destination.
#[derive(Default)]
pub struct There {
    /// Files of the names that are to be written.
    same: Vec<String>,
    /// Files of earlier runs that have other names.
    earlier: Vec<String>,
}

/// What is asked before files are written beside or over others.
pub struct Asking {
    chosen: Chosen,
    there: There,
    /// Files of earlier runs are to go.
    remove: bool,
}

impl Asking {
    /// Names the files.
    fn ui(&mut self, ui: &mut Ui) {
        let there = &self.there;
        let parts = self.chosen.names.len() as u64;
        let files = words::counted(parts, "file", "files");
        let warning = Palette::of(ui).warning;
        let list = |ui: &mut Ui, said: String, files: &[String]| {
            if !files.is_empty() {
                ui.colored_label(warning, said);
                some_names(ui, files.iter().map(String::as_str), files.len());
            }
        };
        let said = match there.same.len() {
            1 => format!("1 of {files} is there already:"),
            count => format!(
                "{} of {files} are there already:",
                words::grouped(count as u64)
            ),
        };
        list(ui, said, &there.same);
        let earlier = words::counted(there.earlier.len() as u64, "file", "files");
        let said = format!("{earlier} of earlier runs would lie beside them:");
        list(ui, said, &there.earlier);
        if !there.earlier.is_empty() {
            let remove = "Remove those once all parts are there";
            ui.checkbox(&mut self.remove, remove)
                .on_hover_text("Only files that are still as they were written; never sources");
        }
    }
}

/// Looks into the destination, on a thread of its own: a folder may lie at the other end
/// of a network.
pub struct Looking {
    pub chosen: Chosen,
    there: Receiver<There>,
}

impl Looking {
    /// `documents`: what the parts are made of, if they are all that is made of it.
    fn start(
        context: &Context,
        folder: PathBuf,
        chosen: Chosen,
        documents: HashSet<ContentHash>,
    ) -> Self {
        let (send, there) = bounded(1);
        let files: Vec<String> = chosen.names.iter().map(|n| format!("{n}.pdf")).collect();
        let wake = context.clone();
        let look = move || {
            let is_there = |file: &String| folder.join(file).exists();
            let left_out = format!("{LEFT_OUT}.pdf");
            let new = files.iter().cloned().chain([left_out]).collect();
            let there = There {
                earlier: LeftBehind::beside(&folder, &documents, &new).files(),
                same: files.into_iter().filter(is_there).collect(),
            };
            // Fails only where nobody waits any more.
            let _ = send.send(there);
            wake.request_repaint();
        };
        if let Err(error) = thread::Builder::new().name("look".into()).spawn(look) {
            // Nothing is replaced: the export numbers what is there already.
            tracing::warn!(%error, "files at the destination are not looked for");
        }
        Self { chosen, there }
    }
}

impl Split {
    /// The parts that are to be written.
    fn parts_of(&self, which: Which) -> Chosen {
        let whole = self.editor.plan();
        let document = self.selection.cursor().map(|page| page.document);
        let is_meant = |page: crate::model::PageId| match which {
            Which::All => true,
            Which::Document => document == Some(page.document),
            Which::Selected => self.selection.contains(&page),
        };
        let has = |part: &PlannedPart| part.pages.iter().any(|planned| is_meant(planned.page));
        let known = self.names.names.as_deref().unwrap_or_default();
        let mut chosen = Chosen {
            plan: SplitPlan::default(),
            names: Vec::new(),
            places: Vec::new(),
        };
        for (place, part) in whole.parts.into_iter().enumerate() {
            if has(&part) {
                chosen.names.extend(known.get(place).cloned());
                chosen.places.push(place);
                chosen.plan.parts.push(part);
            }
        }
        let excluded = whole.excluded.into_iter();
        chosen.plan.excluded = excluded.filter(|left| is_meant(left.page)).collect();
        chosen
    }

    fn which_ui(&mut self, ui: &mut Ui, sheet: &Sheet) {
        let document = self
            .selection
            .cursor()
            .and_then(|page| sheet.document(page.document));
        let name = |which| match which {
            Which::All => "All parts".to_owned(),
            Which::Document => match document {
                Some(document) => {
                    let name = names::file(&document.name);
                    format!("Only parts of {}", names::cut_middle(name, 22))
                }
                None => "Only parts of one document".to_owned(),
            },
            Which::Selected => "Only parts with selected pages".to_owned(),
        };
        let choice = ComboBox::from_id_salt("which parts")
            .selected_text(name(self.which))
            .width(ui.available_width())
            .show_ui(ui, |ui| {
                for which in [Which::All, Which::Document, Which::Selected] {
                    ui.selectable_value(&mut self.which, which, name(which));
                }
            })
            .response;
        choice.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, "Which parts"));
        choice.on_hover_text("The document is that of the page that was clicked last");
    }

    /// Draws the foot of the panel, with what is chosen once for all parts where there is room.
    /// What is pressed keeps its place below; all else, which grows and shrinks, scrolls above.
    pub(super) fn write_ui(
        &mut self,
        ui: &mut Ui,
        (model, sheet): (&Model, &Sheet),
        is_roomy: bool,
        queue: &mut Queue,
    ) {
        self.look(queue);
        let chosen = self.parts_of(self.which);
        let begins = Panel::bottom("press to write")
            .frame(Frame::new().inner_margin(Margin::symmetric(0, 4)))
            .show_separator_line(false)
            .show(ui, |ui| self.pressed(ui, &chosen, queue))
            .inner;
        let mut area = ScrollArea::vertical().id_salt("write").auto_shrink(false);
        if std::mem::take(&mut self.has_news) {
            area = area.vertical_scroll_offset(0.0);
        }
        area.show(ui, |ui| {
            section(ui, "Write");
            self.news(ui, queue);
            self.which_ui(ui, sheet);
            self.about_to_write(ui, sheet, &chosen, queue);
            if is_roomy {
                ui.scope(|ui| {
                    ui.spacing_mut().item_spacing.y = 0.0;
                    self.write_choices(ui, (model, sheet), queue);
                });
            }
        });
        if begins {
            self.begin_writing(ui.ctx(), sheet, chosen, queue);
        }
    }

    /// What would be written now, what of it deserves a look, and where to.
    fn about_to_write(&mut self, ui: &mut Ui, sheet: &Sheet, chosen: &Chosen, queue: &mut Queue) {
        let parts = chosen.plan.parts.len();
        let forecast = self
            .forecast
            .as_ref()
            .filter(|forecast| forecast.version == self.editor.version);
        let size = |forecast: &super::Forecast| {
            let sizes = chosen
                .places
                .iter()
                .filter_map(|at| forecast.sizes.get(*at));
            sizes.flatten().sum()
        };
        let bytes: Option<u64> = forecast.map(size);
        let parts_there = chosen.places.iter().zip(&chosen.names);
        let cannot = parts_there.filter_map(|(at, name)| {
            let size = forecast?.sizes.get(*at)?;
            Some((name.clone(), *size.as_ref().err()?))
        });
        let cannot: Vec<(String, FailureKind)> = cannot.collect();
        let free = forecast.and_then(|forecast| forecast.free);
        let can = parts.saturating_sub(cannot.len());
        let mut said = words::counted(can as u64, "file", "files");
        if let Some(bytes) = bytes {
            said = format!("{said}, {}", words::size(bytes));
        }
        if let Some(free) = free.filter(|_| self.form.has_folder()) {
            said = format!("{said}, {} free", words::size(free));
        }
        ui.label(RichText::new(said).strong());
        not_in_them(ui, sheet);
        cannot_be_made(ui, &cannot);
        let version = self.editor.version;
        checks_ui(ui, sheet, self.checks.found(sheet, version, chosen), queue);
        if self.rules_wait() {
            let said = "The cuts are not those of the ticked rules: propose cuts first.";
            ui.colored_label(Palette::of(ui).warning, said);
        }
        let left_out = chosen.plan.excluded.len();
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
            let choose = ui.button("Choose…");
            if choose
                .on_hover_text("Choose a folder for the parts")
                .clicked()
            {
                queue.push(Request::Choose(PlaceFor::Parts));
            }
        });
        dialogs::say_where(
            ui,
            &self.form.folder,
            &dialogs::whole_path(&self.form.folder),
        );
    }

    /// The line of what is pressed, or how far writing is; true where it is to begin.
    fn pressed(&mut self, ui: &mut Ui, chosen: &Chosen, queue: &mut Queue) -> bool {
        let is_numbered = self.form.numbering().is_none_or(|numbers| numbers.is_ok());
        match &self.export {
            Some(Export::Looking(_)) => {
                one_line(ui, ProgressBar::new(0.0).text("Looking at the folder"));
            }
            Some(Export::Beginning) => {
                one_line(ui, ProgressBar::new(0.0).text("About to begin"));
            }
            Some(Export::Running(progress)) => {
                let share = progress.done as f32 / progress.files.max(1) as f32;
                let text = format!(
                    "{} of {} files, {}",
                    words::grouped(progress.done as u64),
                    words::grouped(progress.files as u64),
                    words::size(progress.bytes)
                );
                // At the other end than what began it: a second click there takes nothing back.
                across(ui, |ui| {
                    let cancel = ui.button("Cancel").on_hover_text("Complete files stay");
                    if cancel.clicked() {
                        queue.push(Command::StopExport);
                    }
                    ui.add(ProgressBar::new(share).text(text));
                });
            }
            Some(Export::Asks(_)) => self.answer(ui, queue),
            Some(Export::Ended(_)) | None => {
                let parts = chosen.plan.parts.len();
                let is_named = self.form.has_folder() && self.names.names.is_ok();
                let write = format!("{}  Write parts", icons::ICON_SAVE.codepoint);
                let is_ready = parts > 0 && is_named && is_numbered;
                let button = ui.add_enabled(is_ready, Button::new(write));
                let why_not = match parts {
                    0 => "There are no such parts",
                    _ if !is_numbered => "Pages cannot be numbered so",
                    _ => "Name a folder first",
                };
                let button = button.on_disabled_hover_text(why_not);
                return button.on_hover_text("The sources are only read").clicked();
            }
        }
        false
    }

    /// Writes the parts, after a look at the folder where nothing may be replaced unasked.
    fn begin_writing(
        &mut self,
        context: &Context,
        sheet: &Sheet,
        chosen: Chosen,
        queue: &mut Queue,
    ) {
        if self.form.overwrite {
            self.write(chosen, true, false, queue);
            return;
        }
        let documents = match self.which {
            Which::All => sheet.documents().iter().filter_map(|d| d.hash).collect(),
            Which::Document | Which::Selected => HashSet::new(),
        };
        let folder = dialogs::whole_path(&self.form.folder);
        let looking = Looking::start(context, folder, chosen, documents);
        self.export = Some(Export::Looking(looking));
    }

    /// What there is to know before all else: what is asked, or how writing has ended.
    fn news(&mut self, ui: &mut Ui, queue: &mut Queue) {
        match &mut self.export {
            Some(Export::Asks(asking)) => asking.ui(ui),
            Some(Export::Ended(Ok(report))) => {
                if self.written != self.editor.version {
                    ui.weak("Before the plan was changed:");
                }
                if ended(ui, report) {
                    let folder = dialogs::whole_path(&self.form.folder);
                    queue.push(Request::ShowFolder(folder));
                }
            }
            Some(Export::Ended(Err(problem))) => {
                ui.colored_label(Palette::of(ui).bad, problem.as_str());
            }
            _ => return,
        }
        ui.add_space(8.0);
    }

    /// Follows the look at the destination: what is there already is asked about.
    fn look(&mut self, queue: &mut Queue) {
        let Some(Export::Looking(looking)) = &self.export else {
            return;
        };
        let there = match looking.there.try_recv() {
            Err(TryRecvError::Empty) => return,
            there => there.unwrap_or_default(),
        };
        let Some(Export::Looking(looking)) = self.export.take() else {
            return;
        };
        if there.same.is_empty() && there.earlier.is_empty() {
            self.write(looking.chosen, false, false, queue);
            return;
        }
        self.has_news = true;
        self.export = Some(Export::Asks(Asking {
            chosen: looking.chosen,
            there,
            remove: false,
        }));
    }

    /// The ways to answer what is asked about files that are there already.
    fn answer(&mut self, ui: &mut Ui, queue: &mut Queue) {
        let Some(Export::Asks(asking)) = &self.export else {
            return;
        };
        let (mut replace, mut leave) = (None, false);
        let nothing_to_replace = asking.there.same.is_empty();
        ui.horizontal(|ui| {
            if nothing_to_replace {
                if ui.button("Write").clicked() {
                    replace = Some(false);
                }
                leave = ui.button("Do not write").clicked();
                return;
            }
            if ui
                .button("Replace")
                .on_hover_text("The new parts take their places. Sources are never replaced")
                .clicked()
            {
                replace = Some(true);
            }
            if ui
                .button("Keep both")
                .on_hover_text("New files get the next free number; what is the same stays")
                .clicked()
            {
                replace = Some(false);
            }
            leave = ui.button("Do not write").clicked();
        });
        if (replace.is_some() || leave)
            && let Some(Export::Asks(asking)) = self.export.take()
            && let Some(replace) = replace
        {
            self.write(asking.chosen, replace, asking.remove, queue);
        }
    }

    fn write(&mut self, chosen: Chosen, replace: bool, remove: bool, queue: &mut Queue) {
        let mut options = self.options();
        options.overwrite = replace;
        if remove {
            options.earlier = Earlier::Remove;
        }
        queue.push(Command::ExportSplit {
            batch: self.batch,
            plan: chosen.plan,
            names: chosen.names,
            options,
        });
        self.export = Some(Export::Beginning);
        self.written = self.editor.version;
    }

    fn number_ui(&mut self, ui: &mut Ui) {
        let (number, digits) = (&mut self.form.number, &mut self.form.digits);
        let text = "Number the pages";
        optional(ui, text, number, String::new(), |ui, prefix| {
            ui.add(
                TextEdit::singleline(prefix)
                    .hint_text("ACME-")
                    .desired_width(72.0),
            )
            .on_hover_text("What each number begins with");
            ui.add(DragValue::new(digits).range(1..=Numbering::MOST_DIGITS))
                .on_hover_text("Digits");
        });
        match self.form.numbering() {
            Some(Ok(numbering)) => {
                ui.weak(format!("Such as {}", numbering.number(0))).on_hover_text(
                    "Printed in a corner in which nothing stands. The next number is remembered, \
                     and none is given twice; the same parts again have the same numbers",
                );
            }
            Some(Err(problem)) => {
                ui.colored_label(Palette::of(ui).bad, format!("{problem}."));
            }
            None => {}
        }
    }

    /// Draws what is chosen once for all parts.
    pub(super) fn write_choices(
        &mut self,
        ui: &mut Ui,
        known: (&Model, &Sheet),
        queue: &mut Queue,
    ) {
        self.number_ui(ui);
        self.layers_ui(ui, known, queue);
        ui.checkbox(&mut self.form.overwrite, "Replace files that are there")
            .on_hover_text(
                "Otherwise you are asked, where files are there. Sources are never replaced",
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

/// What of the parts deserves a look, under a title that unfolds it, each with a link to its
/// pages; nothing where nothing does.
fn checks_ui(ui: &mut Ui, sheet: &Sheet, found: &WorthALook, queue: &mut Queue) {
    let is_known = sheet.are_compared();
    let has_some = found.counts.iter().any(|count| *count > 0);
    if is_known && !has_some && found.split_families.is_empty() {
        return;
    }
    let title = RichText::new("Worth a look").color(Palette::of(ui).warning);
    let header = CollapsingHeader::new(title).id_salt("worth a look");
    header.show(ui, |ui| {
        for (check, count) in CHECKS.iter().zip(found.counts) {
            let (one, several) = check.nouns;
            if check.compares && !is_known {
                ui.weak(format!("– {several}"))
                    .on_hover_text("The pages are not compared yet");
                continue;
            }
            if count == 0 {
                continue;
            }
            let link = ui.link(words::counted(count as u64, one, several));
            if link
                .on_hover_text("Show these pages of the batch")
                .clicked()
            {
                queue.push(Request::ShowPagesOf(check.question.to_owned()));
            }
        }
        let families = found.split_families.len();
        if families > 0 {
            let said = words::counted(
                families as u64,
                "family of attached documents that is not all there",
                "families of attached documents that are not all there",
            );
            if ui
                .link(said)
                .on_hover_text("Show the documents that are attached to each other")
                .clicked()
            {
                let shown = found.split_families.iter().take(FAMILIES);
                let names = shown.flat_map(|head| sheet.collection.names_of_family(*head));
                let asked: Vec<String> = names.map(|name| exactly("document", name)).collect();
                queue.push(Request::ShowPagesOf(asked.join(" OR ")));
            }
        }
    });
}

/// The documents that are in no part because they could not be opened, with the reason.
fn not_in_them(ui: &mut Ui, sheet: &Sheet) {
    let documents = sheet.documents().iter();
    let missing: Vec<_> = documents.filter(|d| d.status.is_failure()).collect();
    let count = words::counted(missing.len() as u64, "document", "documents");
    let title = format!("Left out: {count}");
    folded(
        ui,
        title,
        "not in them",
        &missing,
        ", see Failures",
        |ui, document| {
            let name = names::cut_middle(&document.name, NAME);
            ui.label(format!("{name}: {}", document.status.label()))
                .on_hover_text(names::whole(&document.name));
        },
    );
}

/// The parts that could not be made as things are, with the reason: a document that was
/// unlocked before the program was closed is locked again.
fn cannot_be_made(ui: &mut Ui, parts: &[(String, FailureKind)]) {
    let count = words::counted(parts.len() as u64, "part", "parts");
    let title = format!("Cannot be made: {count}");
    folded(
        ui,
        title,
        "cannot be made",
        parts,
        "",
        |ui, (name, kind)| {
            let shown = names::cut_middle(name, NAME);
            ui.label(format!("{shown}: {}", kind.explanation()))
                .on_hover_text(kind.advice());
        },
    );
}

/// A list under a title that unfolds it, the first of it a line each; nothing where there
/// is none. `more`: what to add where there are more.
fn folded<T>(
    ui: &mut Ui,
    title: String,
    id: &str,
    listed: &[T],
    more: &str,
    line: impl Fn(&mut Ui, &T),
) {
    if listed.is_empty() {
        return;
    }
    let title = RichText::new(title).color(Palette::of(ui).warning);
    CollapsingHeader::new(title).id_salt(id).show(ui, |ui| {
        for one in listed.iter().take(MISSING) {
            line(ui, one);
        }
        if listed.len() > MISSING {
            let left = words::grouped((listed.len() - MISSING) as u64);
            ui.weak(format!("and {left} more{more}"));
        }
    });
}

/// The first of so many names.
fn some_names<'a>(ui: &mut Ui, files: impl Iterator<Item = &'a str>, count: usize) {
    for file in files.take(NAMED) {
        ui.weak(names::cut_middle(file, NAME))
            .on_hover_text(names::whole(file));
    }
    if count > NAMED {
        ui.weak(format!(
            "and {} more",
            words::grouped((count - NAMED) as u64)
        ));
    }
}

/// As high as a button: what takes its place does not move what is above.
fn one_line(ui: &mut Ui, bar: ProgressBar) {
    ui.horizontal(|ui| ui.add(bar));
}

/// How an export ended, in a sentence without its full stop, and whether all is there: "62 of
/// 65 parts are there, 24.8 MB; 3 could not be made".
pub fn in_words(report: &ExportReport) -> (String, bool) {
    let (written, all) = (report.written(), report.parts.len());
    let (failed, size) = (report.failed(), words::size(report.bytes()));
    let count = |count: usize| words::grouped(count as u64);
    if written == all && failed == 0 && report.stopped.is_none() {
        let files = words::counted(written as u64, "file is", "files are");
        return (format!("{files} there, {size}"), true);
    }
    let parts = words::counted(all as u64, "part", "parts");
    let are = if written == 1 { "is" } else { "are" };
    let mut said = format!("{} of {parts} {are} there, {size}", count(written));
    if failed > 0 {
        said = format!("{said}; {} could not be made", count(failed));
    }
    let not_done = |part: &&PartResult| part.outcome == Outcome::NotDone;
    let not_done = report.parts.iter().filter(not_done).count();
    if not_done > 0 {
        let were = if not_done == 1 { "was" } else { "were" };
        said = format!("{said}; {} {were} not begun", count(not_done));
    }
    (said, false)
}

/// Why parts are not there.
fn not_there(ui: &mut Ui, report: &ExportReport) {
    let bad = Palette::of(ui).bad;
    if let Some(stopped) = &report.stopped {
        ui.colored_label(bad, stopped.kind.explanation());
        detail(ui, &stopped.detail);
        ui.label(stopped.kind.advice());
    }
    let parts = report.parts.iter().chain(&report.excluded);
    let failed = parts.filter_map(|part| match &part.outcome {
        Outcome::Failed(refusal) => Some((&part.file, refusal)),
        _ => None,
    });
    for (file, refusal) in failed.take(MISSING) {
        let file = names::cut_middle(file, NAME);
        ui.colored_label(bad, format!("{file}: {}", refusal.kind.explanation()));
        detail(ui, &refusal.detail);
    }
    if report.failed() > MISSING {
        let more = words::grouped((report.failed() - MISSING) as u64);
        ui.weak(format!("and {more} more"));
    }
}

/// What was found out about something that went wrong.
fn detail(ui: &mut Ui, detail: &str) {
    if !detail.is_empty() {
        let detail = RichText::new(names::whole(detail)).size(12.0).weak();
        ui.add(Label::new(detail).wrap().selectable(true));
    }
}

/// Says how an export ended; true if its folder is to be shown.
fn ended(ui: &mut Ui, report: &ExportReport) -> bool {
    let palette = Palette::of(ui);
    let (said, is_well) = in_words(report);
    if is_well {
        ui.colored_label(palette.good, format!("{said}."));
    } else {
        ui.label(
            RichText::new(format!("{said}."))
                .strong()
                .color(palette.bad),
        );
        not_there(ui, report);
    }
    let remarks = report.remarks();
    if !remarks.is_empty() {
        ui.label(remarks);
    }
    if let Some((first, last)) = &report.numbers {
        ui.label(format!("Pages are numbered {first} to {last}."));
    }
    if report.layered > 0 {
        let pages = words::counted(report.layered as u64, "page has", "pages have");
        ui.label(format!("{pages} a text layer."));
    }
    let there = report.parts.iter().filter(|part| part.is_there());
    some_names(ui, there.map(|part| part.file.as_str()), report.written());
    let open = format!("{}  Open folder", icons::ICON_FOLDER_OPEN.codepoint);
    let shows = ui.button(open).clicked();
    if let Some(excluded) = report.excluded.as_ref().filter(|file| file.is_there()) {
        ui.label(format!("What is left out is in {}.", excluded.file));
    }
    for part in &report.parts {
        if let Some(source) = &part.kept_source {
            let said = format!("{source} is a source and stays: the part is {}.", part.file);
            ui.colored_label(palette.warning, said);
        }
    }
    if report.removed > 0 {
        let files = words::counted(report.removed as u64, "file", "files");
        ui.label(format!("{files} of earlier runs removed."));
    }
    if !report.earlier.is_empty() {
        let files = words::counted(report.earlier.len() as u64, "file", "files");
        ui.colored_label(
            palette.warning,
            format!("{files} of earlier runs beside them:"),
        );
        let names = report.earlier.iter().map(String::as_str);
        some_names(ui, names, report.earlier.len());
    }
    if report.from_before > 0 {
        let files = words::counted(report.from_before as u64, "file is", "files are");
        ui.label(format!("{files} there from before and were not compared."));
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
    shows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Proof;
    use crate::worker::Refusal;

    fn report(outcomes: Vec<Outcome>) -> ExportReport {
        let parts = outcomes.into_iter().map(|outcome| PartResult {
            file: "part.pdf".to_owned(),
            outcome,
            kept_source: None,
            proof: Proof::NotAsked,
        });
        ExportReport {
            parts: parts.collect(),
            stopped: None,
            from_before: 0,
            excluded: None,
            manifest: None,
            earlier: vec![],
            removed: 0,
            numbers: None,
            layered: 0,
        }
    }

    #[test]
    fn parts_that_are_not_there_are_said_at_once() {
        let failed = || {
            Outcome::Failed(Refusal {
                kind: FailureKind::NeedsPassword,
                detail: String::new(),
                error_number: None,
            })
        };
        let said = |outcomes| in_words(&report(outcomes));
        let none = "0 of 3 parts are there, 0 B; 2 could not be made; 1 was not begun";
        let outcomes = vec![failed(), failed(), Outcome::NotDone];
        assert_eq!(said(outcomes), (none.to_owned(), false));
        assert_eq!(said(vec![]), ("0 files are there, 0 B".to_owned(), true));
    }
}
