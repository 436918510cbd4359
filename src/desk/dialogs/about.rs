//! What this program is, on which system it runs and what it found there, to be read and to
//! be copied into a report of an error. Nothing of a batch and no path goes into it. Not for
//! how to use the program (`help`).

use std::path::{Path, PathBuf};

use eframe::egui::{Button, ColorImage, Context, Image, Label, RichText, TextureHandle, Ui};
use eframe::glow::HasContext;

use super::window;
use crate::desk::requests::{Queue, Request};
use crate::desk::system::scripts;
use crate::desk::{icon, theme, words};
use crate::system;
use crate::triage::engines::EngineStatus;
use crate::triage::{Command, Places};

/// Side of the icon, points.
const ICON: f32 = 56.0;

/// A name and what is known under it.
type Fact = (&'static str, String);

/// The window.
#[derive(Default)]
pub struct AboutWindow {
    pub open: bool,
    /// Logs, and reports of crashes.
    folders: Vec<(&'static str, PathBuf)>,
    asked: bool,
    engines: Option<Result<EngineStatus, String>>,
    icon: Option<TextureHandle>,
}

impl AboutWindow {
    /// The program's folders that people may be asked to look into.
    pub fn put_places(&mut self, places: &Places) {
        self.folders = vec![
            ("Open logs", places.logs.clone()),
            ("Open crash reports", places.crashes.clone()),
        ];
    }

    /// What a worker has said.
    pub fn put_engines(&mut self, engines: Result<EngineStatus, String>) {
        self.engines = Some(engines);
    }

    /// Shows the window while it is open. Whenever it opens, a worker is asked anew: PDFium
    /// may be there by now.
    pub fn ui(&mut self, context: &Context, frame: &eframe::Frame, queue: &mut Queue) {
        if !self.open {
            self.asked = false;
            return;
        }
        if !std::mem::replace(&mut self.asked, true) {
            queue.push(Command::DescribeEngines);
        }
        let mut facts = vec![("System", on_this_machine())];
        facts.extend(of_engines(self.engines.as_ref()));
        facts.push(("Graphics", graphics(context, frame)));
        let icon = self.icon(context);
        let mut open = self.open;
        window::show(context, "About Pagesieve", &mut open, 520.0, |ui| {
            title(ui, icon.as_ref());
            ui.add_space(8.0);
            theme::facts("about").show(ui, |ui| {
                for (name, fact) in &facts {
                    ui.weak(*name);
                    ui.add(Label::new(fact).wrap().selectable(true));
                    ui.end_row();
                }
            });
            boxes(ui);
            ui.add_space(12.0);
            ui.horizontal(|ui| {
                let help = "Versions, system, engines, fence and graphics; nothing of a document";
                let copy = ui.button("Copy for a bug report").on_hover_text(help);
                if copy.clicked() {
                    queue.push(Request::Copy(as_text(&facts)));
                }
                for (name, folder) in &self.folders {
                    if let Some(folder) = folder_button(ui, name, folder) {
                        queue.push(Request::ShowFolder(folder));
                    }
                }
            });
            ui.add_space(8.0);
            ui.weak(concat!("Licensed under ", env!("CARGO_PKG_LICENSE")));
        });
        self.open = open;
    }

    fn icon(&mut self, context: &Context) -> Option<TextureHandle> {
        if self.icon.is_none() {
            let icon = icon()?;
            let size = [icon.width as usize, icon.height as usize];
            let picture = ColorImage::from_rgba_unmultiplied(size, &icon.rgba);
            self.icon = Some(context.load_texture("icon", picture, Default::default()));
        }
        self.icon.clone()
    }
}

fn title(ui: &mut Ui, icon: Option<&TextureHandle>) {
    ui.horizontal(|ui| {
        if let Some(icon) = icon {
            ui.add(Image::new(icon).fit_to_exact_size([ICON, ICON].into()));
        }
        ui.vertical(|ui| {
            ui.label(RichText::new("Pagesieve").size(22.0));
            ui.label(format!("Version {}", system::VERSION));
        });
    });
    ui.add_space(8.0);
    ui.label(env!("CARGO_PKG_DESCRIPTION"));
    ui.label("No file leaves this machine.");
}

/// Which letters cannot be shown, and what helps. They are those of a batch, and are not
/// copied.
fn boxes(ui: &mut Ui) {
    let unfound = scripts::unfound(ui.ctx());
    if unfound.is_empty() {
        return;
    }
    ui.add_space(8.0);
    let scripts = unfound.join(", ");
    let text = format!(
        "Some letters are shown as boxes, for no font of this system has them: {scripts}. \
         Fonts that have them, such as Noto, are found once they are installed and Pagesieve is \
         started again."
    );
    ui.add(Label::new(text).wrap());
}

/// The folder, if it was asked for; one that is not there yet has nothing to show.
fn folder_button(ui: &mut Ui, name: &str, folder: &Path) -> Option<PathBuf> {
    let path = folder.display().to_string();
    let button = ui.add_enabled(folder.is_dir(), Button::new(name));
    let button = button
        .on_hover_text(&path)
        .on_disabled_hover_text("There are none yet");
    button.clicked().then(|| folder.to_owned())
}

fn on_this_machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let cores = words::counted(cores as u64, "processor", "processors");
    format!("{}, {cores}", system::name())
}

/// What a worker said of engines and fence. Where something cannot be used, why is left out:
/// it names files of this user.
fn of_engines(engines: Option<&Result<EngineStatus, String>>) -> Vec<Fact> {
    let status = match engines {
        None => return vec![("Engines", "a worker is being asked…".into())],
        Some(Err(_)) => return vec![("Engines", "no worker could be asked".into())],
        Some(Ok(status)) => status,
    };
    let pdfium = match &status.pdfium {
        None => "PDFium not installed".to_owned(),
        Some(pdfium) => {
            let version = pdfium.version.unwrap_or("of unknown version");
            let found = pdfium.found.replace('_', " ");
            let broken = pdfium.problem.as_ref().map_or("", |_| ", cannot be used");
            format!("PDFium {version} ({found}){broken}")
        }
    };
    let rules = &status.fence;
    let missing: Vec<&str> = rules
        .iter()
        .filter(|rule| rule.problem.is_some())
        .map(|rule| rule.name.as_str())
        .collect();
    let mut fence = format!(
        "{} of {} rules in force",
        rules.len() - missing.len(),
        rules.len()
    );
    if !missing.is_empty() {
        fence += &format!("; not: {}", missing.join(", "));
    }
    vec![
        ("Engines", format!("hayro {}, {pdfium}", status.hayro)),
        ("Fence around workers", fence),
    ]
}

/// What the window is drawn with and on.
fn graphics(context: &Context, frame: &eframe::Frame) -> String {
    let drawn = frame.gl().map_or("not OpenGL".to_owned(), |gl| {
        let version = gl.version();
        let kind = if version.is_embedded { "ES " } else { "" };
        let (major, minor) = (version.major, version.minor);
        format!("OpenGL {kind}{major}.{minor} {}", version.vendor_info)
    });
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let screen = match cfg!(target_os = "linux") {
        true if is_set("WAYLAND_DISPLAY") => ", Wayland",
        true => ", X11",
        false => "",
    };
    format!("{}{screen}, {}×", drawn.trim(), context.pixels_per_point())
}

/// For pasting elsewhere.
fn as_text(facts: &[Fact]) -> String {
    let mut text = format!("Pagesieve {}\n", system::VERSION);
    for (name, fact) in facts {
        text += &format!("{name}: {fact}\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::engines::{PdfiumStatus, Rule};

    #[test]
    fn what_is_copied_names_what_is_missing_and_no_paths() {
        let rule = |name: &str, problem: Option<&str>| Rule {
            name: name.into(),
            problem: problem.map(Into::into),
        };
        let status = EngineStatus {
            hayro: "0.9.0",
            pdfium: Some(PdfiumStatus {
                path: "/home/anna/libpdfium.so".into(),
                found: "beside_program",
                version: None,
                problem: Some("/home/anna/libpdfium.so: no such file".into()),
            }),
            fence: vec![
                rule("no network", None),
                rule("no links", Some("old kernel")),
            ],
        };
        let text = as_text(&of_engines(Some(&Ok(status))));
        let copied = format!(
            "Pagesieve {}\n\
             Engines: hayro 0.9.0, PDFium of unknown version (beside program), cannot be used\n\
             Fence around workers: 1 of 2 rules in force; not: no links\n",
            system::VERSION
        );
        assert_eq!(text, copied);
    }
}
