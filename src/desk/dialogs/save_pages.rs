//! The question which pages are to be saved as files, as what and where, with what would be
//! written; then how far that is, and how it ended. Not for making the files (`triage`).

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use directories::UserDirs;
use eframe::egui::{
    Button, CollapsingHeader, ComboBox, Context, Id, Key, Modal, ProgressBar, RichText, Role,
    ScrollArea, TextEdit, Ui, WidgetInfo,
};
use egui_material_icons::icons;

use super::{is_closed, path_of, say_where, take_keyboard, text_of};
use crate::desk::requests::{PlaceFor, Queue, Request};
use crate::desk::sheet::Sheet;
use crate::desk::theme::Palette;
use crate::desk::words;
use crate::model::{BatchId, DocumentId, PageId};
use crate::names;
use crate::triage::page_files::{COLUMNS, PageForm, PagesForecast, PagesReport, WantedPages};
use crate::triage::split::{ExportProgress, safe};
use crate::triage::{Command, ExportState};

/// Resolutions that are offered, in dots an inch, and the one that is chosen at first.
const RESOLUTIONS: [u16; 6] = [72, 100, 150, 200, 300, 600];
const USUAL_RESOLUTION: u16 = 150;

/// Pages beside each other on a contact sheet, at first.
const USUAL_COLUMNS: u8 = 4;

/// What would be written is worked out once nothing was changed for so long: not at every
/// letter of a path.
const FORECAST_AFTER: Duration = Duration::from_millis(250);

/// Files that could not be made are named up to so many.
const NAMED: usize = 20;

/// Characters that a name has room for.
const NAME: usize = 56;

/// Height of lists of names, points.
const LIST: f32 = 120.0;

/// Which pages are saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    Selected,
    Document,
    Shown,
}

/// As what they are saved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum What {
    #[default]
    Pictures,
    Text,
    Sheets,
}

/// Saving pages: the question while it is open, and what is being written.
#[derive(Default)]
pub struct SavePages {
    asking: Option<Asking>,
    /// What is being written, or was, is looked at.
    is_watched: bool,
    run: Option<Run>,
    /// Grows with each question for a forecast.
    version: u64,
}

/// The question.
struct Asking {
    which: Which,
    /// Pages of each kind, as they were when it was asked.
    selected: Vec<PageId>,
    document: Option<(String, Vec<PageId>)>,
    shown: Vec<PageId>,
    /// Documents that could not be opened, where all that there are would be in it.
    unopened: u64,
    what: What,
    dpi: u16,
    /// Pages beside each other on a contact sheet.
    columns: u8,
    /// Path of the folder.
    typed: String,
    /// When it was changed last, until a forecast is asked for.
    changed: Option<Instant>,
    forecast: Option<Result<Box<PagesForecast>, String>>,
}

/// What is being written, or was.
struct Run {
    batch: BatchId,
    folder: PathBuf,
    /// None before it has begun.
    state: Option<ExportState<PagesReport>>,
}

impl Run {
    fn is_under_way(&self) -> bool {
        !matches!(self.state, Some(ExportState::Ended(_)))
    }
}

impl SavePages {
    /// Asks which pages of the shown batch are to be saved: those of this document first, or
    /// what is selected or shown. `selected` is what is selected in the view, and `folder`
    /// where something was saved last. While pages are being written, shows how far that is.
    pub fn ask(
        &mut self,
        sheet: &Sheet,
        selected: Vec<PageId>,
        document: Option<DocumentId>,
        folder: Option<&Path>,
    ) {
        if self.run.as_ref().is_some_and(Run::is_under_way) {
            self.is_watched = true;
            return;
        }
        let user = UserDirs::new();
        let usual = user
            .as_ref()
            .map(|dirs| dirs.document_dir().unwrap_or(dirs.home_dir()));
        let folder = folder.filter(|folder| folder.is_dir()).or(usual);
        let folder = folder.unwrap_or(Path::new(""));
        let name = safe(&format!("{} pages", sheet.batch.name));
        let which = match document {
            Some(_) => Which::Document,
            None if !selected.is_empty() => Which::Selected,
            None => Which::Shown,
        };
        let cursor = sheet.selection.cursor().map(|page| page.document);
        let of = document.or(cursor).and_then(|id| sheet.document(id));
        self.asking = Some(Asking {
            which,
            selected,
            document: of.map(|document| {
                let pages = sheet.pages_of(document.id).iter();
                (document.name.clone(), pages.map(|page| page.id).collect())
            }),
            shown: sheet.order().to_vec(),
            unopened: match sheet.order().len() == sheet.pages().count() {
                true => {
                    let documents = sheet.documents().iter();
                    documents.filter(|it| it.status.is_failure()).count() as u64
                }
                false => 0,
            },
            what: What::default(),
            dpi: USUAL_RESOLUTION,
            columns: USUAL_COLUMNS,
            typed: text_of(&folder.join(name)),
            changed: Some(Instant::now()),
            forecast: None,
        });
    }

    /// It has the keys to itself.
    pub fn is_open(&self) -> bool {
        self.asking.is_some() || self.is_watched
    }

    /// Closes the question; what is being written goes on.
    pub fn close(&mut self) {
        self.asking = None;
        self.is_watched = false;
    }

    /// The folder that the system's dialog has chosen.
    pub fn chosen(&mut self, folder: &Path) {
        if let Some(asking) = &mut self.asking {
            asking.typed = text_of(folder);
            asking.changed = Some(Instant::now());
        }
    }

    /// What would be written, as it was asked for by this version.
    pub fn put_forecast(&mut self, version: u64, forecast: Result<Box<PagesForecast>, String>) {
        if let Some(asking) = &mut self.asking
            && version == self.version
        {
            asking.forecast = Some(forecast);
        }
    }

    /// How writing goes; where it has ended and nobody watches, how, and whether all went
    /// well.
    pub fn follow(&mut self, batch: BatchId, state: ExportState<PagesReport>) -> Option<Told> {
        let run = self.run.as_mut().filter(|run| run.batch == batch)?;
        let told = match &state {
            ExportState::Ended(ended) if !self.is_watched => {
                let (words, is_well) = match ended {
                    Ok(report) => (
                        format!("{} {}", in_words(report), where_to(&run.folder)),
                        report.stopped.is_none() && report.failed().next().is_none(),
                    ),
                    Err(problem) => (format!("Pages were not saved: {problem}"), false),
                };
                Some(Told {
                    words,
                    is_well,
                    folder: run.folder.clone(),
                })
            }
            _ => None,
        };
        run.state = Some(state);
        told
    }

    /// Draws it while it is open.
    pub fn ui(&mut self, context: &Context, sheet: &Sheet, queue: &mut Queue) {
        if !self.is_open() {
            return;
        }
        let modal = Modal::new(Id::unique("save pages")).show(context, |ui| {
            ui.set_width(500.0);
            ui.heading("Save pages");
            ui.add_space(8.0);
            match &mut self.asking {
                Some(asking) => {
                    let answer = asking.ui(ui, queue);
                    self.version += asking.keep_forecast(ui, sheet, self.version + 1, queue);
                    answer
                }
                None => {
                    let ends = self.run.as_ref().is_none_or(|run| run.ui(ui, queue));
                    ends.then_some(Answer::Close)
                }
            }
        });
        match modal.inner {
            Some(Answer::Save(wanted)) => {
                self.run = Some(Run {
                    batch: sheet.id(),
                    folder: wanted.folder.clone(),
                    state: None,
                });
                self.asking = None;
                self.is_watched = true;
                queue.push(Command::ExportPages {
                    batch: sheet.id(),
                    wanted,
                });
            }
            Some(Answer::Close) => self.close(),
            None if is_closed(&modal) => self.close(),
            None => {}
        }
    }
}

/// How writing has ended, for a notice.
pub struct Told {
    pub words: String,
    /// All is there.
    pub is_well: bool,
    /// Where it is.
    pub folder: PathBuf,
}

enum Answer {
    Save(WantedPages),
    Close,
}

impl Asking {
    /// Draws it; what was answered.
    fn ui(&mut self, ui: &mut Ui, queue: &mut Queue) -> Option<Answer> {
        let before = self.form();
        let (which, typed) = (self.which, self.typed.clone());
        self.pages_ui(ui);
        ui.add_space(8.0);
        self.what_ui(ui);
        ui.add_space(8.0);
        let entered = self.folder_ui(ui, queue);
        if (before, which) != (self.form(), self.which) || typed != self.typed {
            self.changed = Some(Instant::now());
            self.forecast = None;
        }
        ui.add_space(8.0);
        let can = self.forecast_ui(ui);
        ui.add_space(12.0);
        ui.horizontal(|ui| {
            let is_file = self.folder().is_file();
            let ready = can && !is_file && !self.typed.trim().is_empty();
            let why_not = match () {
                () if is_file => "There is a file of this name",
                () if self.typed.trim().is_empty() => "Name a folder first",
                () => "There is nothing that can be saved there",
            };
            let save = ui.add_enabled(ready, Button::new("Save"));
            let save = save.on_disabled_hover_text(why_not);
            let save = save.on_hover_text("Nothing that is there is replaced");
            if save.clicked() || entered && ready {
                return Some(Answer::Save(self.wanted()));
            }
            ui.button("Cancel").clicked().then_some(Answer::Close)
        })
        .inner
    }

    fn pages_ui(&mut self, ui: &mut Ui) {
        let count = |pages: &[PageId]| words::counted(pages.len() as u64, "page", "pages");
        if !self.selected.is_empty() {
            let text = match self.selected.len() {
                1 => "The selected page".to_owned(),
                _ => format!("The selected {}", count(&self.selected)),
            };
            ui.radio_value(&mut self.which, Which::Selected, text);
        }
        if let Some((name, pages)) = &self.document {
            let shown = names::cut_middle(names::file(name), 40);
            let text = format!("{shown}: {}", count(pages));
            ui.radio_value(&mut self.which, Which::Document, text)
                .on_hover_text(names::whole(name));
        }
        let text = format!("All that is shown: {}", count(&self.shown));
        ui.radio_value(&mut self.which, Which::Shown, text)
            .on_hover_text("What the query, the filter or the pile leaves");
    }

    fn what_ui(&mut self, ui: &mut Ui) {
        ui.horizontal(|ui| {
            ui.radio_value(&mut self.what, What::Pictures, "Pictures (PNG)");
            ui.add_enabled_ui(self.what == What::Pictures, |ui| {
                let chosen = format!("{} dpi", self.dpi);
                let resolution = ComboBox::from_id_salt("resolution")
                    .selected_text(chosen)
                    .width(80.0)
                    .show_ui(ui, |ui| {
                        for dpi in RESOLUTIONS {
                            ui.selectable_value(&mut self.dpi, dpi, format!("{dpi} dpi"));
                        }
                    })
                    .response;
                resolution.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, "Resolution"));
                resolution.on_hover_text("Dots an inch: 150 to read, 300 for text recognition");
            });
        });
        ui.radio_value(&mut self.what, What::Text, "Text")
            .on_hover_text("A file for each page: its own text, and what text recognition read");
        ui.horizontal(|ui| {
            let help = "Many pages small on pictures of the size of A4, each with its name and \
                        what was decided";
            ui.radio_value(&mut self.what, What::Sheets, "Contact sheets (PNG)")
                .on_hover_text(help);
            ui.add_enabled_ui(self.what == What::Sheets, |ui| {
                let columns = ComboBox::from_id_salt("columns")
                    .selected_text(format!("{} across", self.columns))
                    .width(80.0)
                    .show_ui(ui, |ui| {
                        for columns in COLUMNS {
                            let name = format!("{columns} across");
                            ui.selectable_value(&mut self.columns, columns, name);
                        }
                    })
                    .response;
                columns.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, "Pages across"));
            });
        });
    }

    /// The folder; true once it was entered.
    fn folder_ui(&mut self, ui: &mut Ui, queue: &mut Queue) -> bool {
        let label = ui.label("Folder");
        let entered = ui
            .horizontal(|ui| {
                let width = ui.available_width() - 96.0;
                let field = TextEdit::singleline(&mut self.typed).desired_width(width);
                let field = ui.add(field).labelled_by(label.id);
                take_keyboard(&field);
                if ui.button("Choose…").clicked() {
                    queue.push(Request::Choose(PlaceFor::Pages));
                }
                field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter))
            })
            .inner;
        say_where(ui, Path::new(self.typed.trim()), &self.folder());
        entered
    }

    /// What would be written; whether it can be.
    fn forecast_ui(&mut self, ui: &mut Ui) -> bool {
        let palette = Palette::of(ui);
        match &self.forecast {
            None => {
                ui.weak("Working out what would be written");
                false
            }
            Some(Err(problem)) => {
                ui.colored_label(palette.bad, problem);
                false
            }
            Some(Ok(forecast)) => {
                let files = words::counted(forecast.files as u64, "file", "files");
                let mut said = format!("{files}, about {}", words::size(forecast.bytes));
                if let Some(free) = forecast.free {
                    said = format!("{said}, {} free", words::size(free));
                }
                ui.label(RichText::new(said).strong());
                files_ui(ui, forecast);
                if self.which == Which::Shown && self.unopened > 0 {
                    let documents = words::counted(self.unopened, "document", "documents");
                    let said = format!("Left out: {documents} that could not be opened.");
                    ui.colored_label(palette.warning, said);
                }
                for sentence in forecast.sentences() {
                    ui.colored_label(palette.warning, sentence);
                }
                let short = forecast.free.is_some_and(|free| free < forecast.bytes);
                if short {
                    let short = forecast.bytes - forecast.free.unwrap_or_default();
                    let said = format!("About {} too little on that disk.", words::size(short));
                    ui.colored_label(palette.bad, said);
                }
                forecast.files > 0 && !short
            }
        }
    }

    /// Asks for a forecast where what is wanted has settled; how many were asked for.
    fn keep_forecast(&mut self, ui: &Ui, sheet: &Sheet, version: u64, queue: &mut Queue) -> u64 {
        let Some(since) = self.changed.map(|changed| changed.elapsed()) else {
            return 0;
        };
        if since < FORECAST_AFTER {
            ui.ctx().request_repaint_after(FORECAST_AFTER - since);
            return 0;
        }
        self.changed = None;
        queue.push(Command::ForecastPages {
            batch: sheet.id(),
            version,
            wanted: self.wanted(),
        });
        1
    }

    fn folder(&self) -> PathBuf {
        path_of(&self.typed)
    }

    fn form(&self) -> PageForm {
        match self.what {
            What::Pictures => PageForm::Pictures { dpi: self.dpi },
            What::Text => PageForm::Text,
            What::Sheets => PageForm::Sheets {
                columns: self.columns,
            },
        }
    }

    fn wanted(&self) -> WantedPages {
        let pages = match (self.which, &self.document) {
            (Which::Selected, _) => &self.selected,
            (Which::Document, Some((_, pages))) => pages,
            (Which::Document, None) | (Which::Shown, _) => &self.shown,
        };
        WantedPages {
            pages: pages.clone(),
            form: self.form(),
            folder: self.folder(),
        }
    }
}

/// The names that files would have, under a title that unfolds them.
fn files_ui(ui: &mut Ui, forecast: &PagesForecast) {
    let Some(first) = forecast.names.first() else {
        return;
    };
    let title = match forecast.files {
        1 => names::cut_middle(first, NAME),
        _ => format!("{} and so on", names::cut_middle(first, NAME)),
    };
    CollapsingHeader::new(title)
        .id_salt("files of pages")
        .show(ui, |ui| {
            names_area().show(ui, |ui| {
                for name in &forecast.names {
                    ui.weak(names::cut_middle(name, NAME))
                        .on_hover_text(names::whole(name));
                }
                more(ui, forecast.files - forecast.names.len());
            });
        });
}

/// As wide as there is room, so that it is no narrower than its title.
fn names_area() -> ScrollArea {
    ScrollArea::vertical()
        .max_height(LIST)
        .auto_shrink([false, true])
}

fn more(ui: &mut Ui, count: usize) {
    if count > 0 {
        ui.weak(format!("and {} more", words::grouped(count as u64)));
    }
}

impl Run {
    /// Draws how far it is or how it ended; true once that was closed.
    fn ui(&self, ui: &mut Ui, queue: &mut Queue) -> bool {
        let progress = match &self.state {
            None => ExportProgress::default(),
            Some(ExportState::Running(progress)) => *progress,
            Some(ExportState::Ended(ended)) => return self.ended_ui(ui, ended, queue),
        };
        ui.label(where_to(&self.folder));
        ui.add_space(8.0);
        let (share, text) = match self.state {
            None => (0.0, "About to begin".to_owned()),
            Some(_) => (
                progress.done as f32 / progress.files.max(1) as f32,
                format!(
                    "{} of {}, {}",
                    words::grouped(progress.done as u64),
                    words::counted(progress.files as u64, "file", "files"),
                    words::size(progress.bytes)
                ),
            ),
        };
        ui.add(ProgressBar::new(share).text(text));
        ui.add_space(12.0);
        ui.horizontal(|ui| {
            let stop = ui.button("Cancel").on_hover_text("Whole files stay");
            if stop.clicked() {
                queue.push(Command::StopPages);
            }
            ui.button("Hide")
                .on_hover_text("It goes on, and is told when it has ended")
                .clicked()
        })
        .inner
    }

    fn ended_ui(
        &self,
        ui: &mut Ui,
        ended: &Result<Box<PagesReport>, String>,
        queue: &mut Queue,
    ) -> bool {
        let palette = Palette::of(ui);
        match ended {
            Ok(report) => {
                let is_well = report.stopped.is_none() && report.failed().next().is_none();
                let colour = if is_well {
                    palette.good
                } else {
                    palette.warning
                };
                ui.colored_label(colour, in_words(report));
                ui.label(where_to(&self.folder));
                if let Some(stopped) = &report.stopped {
                    ui.colored_label(palette.warning, stopped.kind.explanation());
                    ui.label(stopped.kind.advice());
                }
                failed_ui(ui, report);
            }
            Err(problem) => {
                ui.colored_label(palette.bad, problem);
            }
        }
        ui.add_space(12.0);
        ui.horizontal(|ui| {
            let open = format!("{}  Open folder", icons::ICON_FOLDER_OPEN.codepoint);
            if self.folder.is_dir() && ui.button(open).clicked() {
                queue.push(Request::ShowFolder(self.folder.clone()));
            }
            ui.button("Close").clicked()
        })
        .inner
    }
}

/// Files that could not be made, with the reason.
fn failed_ui(ui: &mut Ui, report: &PagesReport) {
    let failed = report.failed().count();
    if failed == 0 {
        return;
    }
    let failed_words = match report.undrawn.is_empty() {
        true => words::counted(failed as u64, "file", "files") + " could not be made",
        false => words::counted(failed as u64, "page", "pages") + " could not be drawn",
    };
    CollapsingHeader::new(failed_words)
        .default_open(true)
        .show(ui, |ui| {
            names_area().show(ui, |ui| {
                for (file, refusal) in report.failed().take(NAMED) {
                    let name = names::cut_middle(file, NAME);
                    ui.label(format!("{name}: {}", refusal.kind.explanation()))
                        .on_hover_text(refusal.kind.advice());
                }
                more(ui, failed.saturating_sub(NAMED));
            });
        });
}

/// How many files are there, and how large they are.
fn in_words(report: &PagesReport) -> String {
    let there = report.there().count();
    let files = words::counted(there as u64, "file is", "files are");
    let of = match there == report.files.len() {
        true => String::new(),
        false => format!(" of {}", words::grouped(report.files.len() as u64)),
    };
    format!("{files} there{of}, {}.", words::size(report.bytes()))
}

fn where_to(folder: &Path) -> String {
    let folder = folder.to_string_lossy();
    format!("In {}", names::cut_middle(&folder, NAME))
}
