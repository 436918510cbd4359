//! Native file dialogs and small questions. Native dialogs are awaited on a
//! thread of their own: they can be missing or hang, and the window never waits.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crossbeam_channel::{Receiver, TryRecvError, bounded};
use eframe::egui::{
    Button, Context, Id, Key, KeyboardShortcut, Modal, ModalResponse, Modifiers, Response,
    TextEdit, Ui,
};

use super::super::requests::{PlaceFor, Queue, Request};
use super::super::theme::Palette;
use super::super::words::{counted, day};
use crate::model::{Address, Batch, BatchId, Change, DocumentId, PageId};
use crate::names;
use crate::triage::{Command, Destination};

/// A dialog that is closed sooner than a person could was never shown: the
/// system has none.
const SOONEST: Duration = Duration::from_millis(400);

/// A native dialog that is open.
pub struct Picking {
    /// What it chooses.
    pub wanted: PlaceFor,
    answer: Receiver<Vec<PathBuf>>,
    opened: Instant,
}

/// How a native dialog ended.
pub enum Picked {
    /// What was chosen; nothing if it was closed.
    Paths(Vec<PathBuf>),
    /// The system has no dialogs.
    NoDialog,
}

impl Picking {
    /// Opens a dialog over the window.
    pub fn open(wanted: PlaceFor, frame: &eframe::Frame, context: &Context) -> Self {
        let dialog = rfd::AsyncFileDialog::new().set_parent(frame);
        let (sender, receiver) = bounded(1);
        let context = context.clone();
        // Made here and awaited there: some systems want dialogs made on the
        // window's thread.
        let task: Box<dyn FnOnce() -> Vec<PathBuf> + Send> = match &wanted {
            PlaceFor::Files => {
                let chosen = dialog
                    .set_title("Add files")
                    .add_filter("PDF and ZIP", &["pdf", "PDF", "zip", "ZIP"])
                    .add_filter("All files", &["*"])
                    .pick_files();
                Box::new(move || {
                    let files = pollster::block_on(chosen).unwrap_or_default();
                    files.iter().map(|file| file.path().to_owned()).collect()
                })
            }
            PlaceFor::Folders | PlaceFor::Watched => {
                let title = match wanted {
                    PlaceFor::Watched => "Watch a folder",
                    _ => "Add a folder",
                };
                let chosen = dialog.set_title(title).pick_folders();
                Box::new(move || {
                    let folders = pollster::block_on(chosen).unwrap_or_default();
                    folders
                        .iter()
                        .map(|folder| folder.path().to_owned())
                        .collect()
                })
            }
            PlaceFor::Parts
            | PlaceFor::Pages
            | PlaceFor::Scratch
            | PlaceFor::Moved
            | PlaceFor::Taken => {
                let chosen = dialog.set_title("Choose a folder").pick_folder();
                Box::new(move || {
                    let folder = pollster::block_on(chosen);
                    folder
                        .iter()
                        .map(|folder| folder.path().to_owned())
                        .collect()
                })
            }
            PlaceFor::Manifest | PlaceFor::Terms | PlaceFor::List | PlaceFor::Replacement(_) => {
                let (title, kind, ending): (_, _, &[&str]) = match &wanted {
                    PlaceFor::Replacement(_) => ("Replace by another file", "PDF", &["pdf", "PDF"]),
                    PlaceFor::Terms => ("Choose a list of terms", "Text", &["txt"]),
                    PlaceFor::List => ("Choose a list", "Tables", &["csv", "CSV", "txt", "tsv"]),
                    _ => ("Choose a manifest", "Manifests", &["json"]),
                };
                let chosen = dialog
                    .set_title(title)
                    .add_filter(kind, ending)
                    .add_filter("All files", &["*"])
                    .pick_file();
                Box::new(move || {
                    let file = pollster::block_on(chosen);
                    file.iter().map(|file| file.path().to_owned()).collect()
                })
            }
            PlaceFor::Table(_) | PlaceFor::Backup => {
                let (title, path) = match &wanted {
                    PlaceFor::Table(path) => ("Save as", path.clone()),
                    _ => ("Back up the library", usual_backup_name()),
                };
                let mut dialog = dialog.set_title(title);
                if let Some(folder) = path.parent() {
                    dialog = dialog.set_directory(folder);
                }
                if let Some(name) = path.file_name() {
                    dialog = dialog.set_file_name(name.to_string_lossy());
                }
                let chosen = dialog.save_file();
                Box::new(move || {
                    let file = pollster::block_on(chosen);
                    file.iter().map(|file| file.path().to_owned()).collect()
                })
            }
        };
        let started = std::thread::Builder::new()
            .name("dialog".into())
            .spawn(move || {
                let _ = sender.send(task());
                context.request_repaint();
            });
        if let Err(error) = started {
            tracing::error!(%error, "no thread for a dialog");
        }
        Self {
            wanted,
            answer: receiver,
            opened: Instant::now(),
        }
    }

    /// How it ended; none while it is open.
    pub fn picked(&self) -> Option<Picked> {
        match self.answer.try_recv() {
            Ok(paths) if paths.is_empty() && self.opened.elapsed() < SOONEST => {
                Some(Picked::NoDialog)
            }
            Ok(paths) => Some(Picked::Paths(paths)),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(Picked::NoDialog),
        }
    }
}

/// A question that waits for an answer.
pub enum Question {
    /// The path of a file or folder, for a new batch or for the one that is shown.
    Path {
        typed: String,
        shown: Option<(BatchId, String)>,
        to_shown: bool,
        /// What comes into it later is taken in as well.
        watch: bool,
    },
    /// The path of a manifest.
    Manifest { typed: String },
    /// The folder below which files are that were moved.
    Moved { typed: String },
    /// The folder that files go to once they were taken in.
    Taken { typed: String },
    /// The path of a new file for a copy of the library.
    Backup { typed: String },
    /// Whether to close the window although this is under way.
    Close { writing: String },
    /// Whether a batch is to be forgotten.
    Forget { batch: BatchId, name: String },
    /// Why a document that cannot be read is to be left out.
    LeaveOut {
        batch: BatchId,
        document: DocumentId,
        name: String,
        typed: String,
    },
    /// The file that takes the place of a document that cannot be read.
    Replacement {
        batch: BatchId,
        document: DocumentId,
        name: String,
        typed: String,
    },
    /// What to say of these pages.
    Say {
        what: Say,
        typed: String,
        pages: Vec<PageId>,
    },
    /// Whether to decide about pages that are not all on screen.
    Many {
        changes: Vec<Change>,
        pages: Vec<PageId>,
        hidden: usize,
        /// So many of them are ruled or put on a pile otherwise.
        otherwise: usize,
    },
}

/// Something that is typed and said of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Say {
    Pile,
    Tag,
    Note,
}

/// Name of a copy of the library, with the day.
fn usual_backup_name() -> PathBuf {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let seconds = since.map_or(0, |since| since.as_secs());
    let today = day(i64::try_from(seconds).unwrap_or(0));
    format!("pagesieve-library-{today}.sqlite").into()
}

/// Ends what has several lines.
const DONE: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Enter);

impl Question {
    /// Asks for a path; `shown` is the batch that is shown.
    pub fn path(shown: Option<&Batch>) -> Self {
        Self::Path {
            typed: String::new(),
            shown: shown.map(|batch| (batch.id, batch.name.clone())),
            to_shown: false,
            watch: false,
        }
    }

    /// Asks for the path of a folder that is to be watched.
    pub fn watched() -> Self {
        Self::Path {
            typed: String::new(),
            shown: None,
            to_shown: false,
            watch: true,
        }
    }
}

/// Whether a dialog was closed on purpose: a click beside it takes nothing away that was
/// typed.
pub fn is_closed<T>(modal: &ModalResponse<T>) -> bool {
    modal.should_close() && !modal.backdrop_response.clicked()
}

/// Shows the question; it is gone once it was answered or closed.
pub fn ask(context: &Context, question: &mut Option<Question>, queue: &mut Queue) {
    let Some(asked) = question else { return };
    let mut answer = None;
    let modal = Modal::new(Id::unique("question")).show(context, |ui| {
        ui.set_width(420.0);
        match asked {
            Question::Path {
                typed,
                shown,
                to_shown,
                watch,
            } => answer = path_ui(ui, typed, shown.as_ref(), (to_shown, watch)),
            Question::Manifest { typed } => answer = manifest_ui(ui, typed),
            Question::Moved { typed } => answer = moved_ui(ui, typed),
            Question::Taken { typed } => answer = taken_ui(ui, typed),
            Question::Backup { typed } => answer = backup_ui(ui, typed),
            Question::Close { writing } => close_ui(ui, writing, &mut answer),
            Question::Forget { batch, name } => forget_ui(ui, *batch, name, &mut answer),
            Question::LeaveOut {
                batch,
                document,
                name,
                typed,
            } => {
                if let Some(reason) = leave_out_ui(ui, name, typed) {
                    let command = Command::LeaveOut {
                        batch: *batch,
                        documents: vec![*document],
                        reason: Some(reason),
                    };
                    answer = Some(command.into());
                }
            }
            Question::Replacement {
                batch,
                document,
                name,
                typed,
            } => {
                if let Some(by) = replacement_ui(ui, name, typed) {
                    let (batch, document) = (*batch, *document);
                    answer = Some(
                        Command::Replace {
                            batch,
                            document,
                            by,
                        }
                        .into(),
                    );
                }
            }
            Question::Say { what, typed, pages } => {
                let count = pages.len();
                if let Some(changes) = say_ui(ui, *what, typed, count) {
                    answer = Some(Request::Say(pages.clone(), changes));
                }
            }
            Question::Many {
                changes,
                pages,
                hidden,
                otherwise,
            } => {
                if many_ui(ui, changes, pages.len(), (*hidden, *otherwise)) {
                    answer = Some(Request::SayOfAll(pages.clone(), changes.clone()));
                }
            }
        }
    });
    if answer.is_some() || is_closed(&modal) {
        *question = None;
    }
    if let Some(answer) = answer {
        queue.push(answer);
    }
}

fn path_ui(
    ui: &mut Ui,
    typed: &mut String,
    shown: Option<&(BatchId, String)>,
    (to_shown, watch): (&mut bool, &mut bool),
) -> Option<Request> {
    ui.heading("Add by path");
    ui.add_space(8.0);
    let label = "Path of a PDF, a ZIP archive or a folder, or an address such as s3://bucket/in";
    let (path, entered) = path_field(ui, typed, label);
    let there = Address::is(&path) || path.exists();
    if let Some((_, shown)) = shown {
        ui.add_space(4.0);
        ui.radio_value(to_shown, false, "As a new batch");
        let shown = names::cut_middle(shown, 40);
        ui.radio_value(to_shown, true, format!("Add to “{shown}”"));
    }
    // What is added to another batch is no batch of its own that could be watched.
    let can_watch = path.is_dir() && !*to_shown;
    if can_watch {
        ui.add_space(4.0);
        ui.checkbox(watch, "Watch it: take in what comes into it later");
    }
    let watches = can_watch && *watch;
    let name = if watches { "Watch" } else { "Add" };
    let is_asked = buttons(ui, name, there, entered);
    is_asked.then(|| {
        if watches {
            return Command::watch(vec![path]).into();
        }
        let to_batch = shown.filter(|_| *to_shown);
        let destination =
            to_batch.map_or(Destination::Auto, |(batch, _)| Destination::Batch(*batch));
        Request::TakeIn(vec![path], destination)
    })
}

fn manifest_ui(ui: &mut Ui, typed: &mut String) -> Option<Request> {
    ui.heading("Check a manifest");
    ui.add_space(8.0);
    let (path, entered) = path_field(ui, typed, "Path of the manifest, beside the files");
    let is_asked = buttons(ui, "Check", path.is_file(), entered);
    is_asked.then(|| Command::Verify(path).into())
}

fn moved_ui(ui: &mut Ui, typed: &mut String) -> Option<Request> {
    ui.heading("Locate moved files");
    ui.add_space(8.0);
    let (path, entered) = path_field(ui, typed, "Path of a folder that they are in now");
    let is_asked = buttons(ui, "Locate", path.is_dir(), entered);
    is_asked.then_some(Request::Locate(path))
}

fn taken_ui(ui: &mut Ui, typed: &mut String) -> Option<Request> {
    ui.heading("Move what was taken in");
    ui.add_space(8.0);
    let (path, entered) = path_field(ui, typed, "Path of a folder outside of the watched ones");
    let is_asked = buttons(ui, "Move", path.is_dir(), entered);
    is_asked.then_some(Request::MoveTaken(path))
}

fn backup_ui(ui: &mut Ui, typed: &mut String) -> Option<Request> {
    ui.heading("Back up the library");
    ui.add_space(8.0);
    let response = typed_line(ui, typed, "Path of the new file");
    let path = path_of(typed);
    let is_typed = !typed.trim().is_empty();
    if is_typed && path.exists() {
        ui.weak("There is such a file already.");
    }
    let entered = is_entered(ui, &response);
    let is_asked = buttons(ui, "Back up", is_typed && !path.exists(), entered);
    is_asked.then(|| Command::BackUp(path).into())
}

/// Asks why a document is left out; the reason, once there is one.
fn leave_out_ui(ui: &mut Ui, name: &str, typed: &mut String) -> Option<String> {
    /// Longer reasons are none, in bytes: a manifest is read by people.
    const LONGEST: usize = 1000;
    ui.heading("Leave out");
    ui.add_space(8.0);
    ui.label(names::cut_middle(name, 60));
    ui.add_space(4.0);
    let response = typed_line(ui, typed, "Why, as it is to stand in manifests");
    let reason = typed.trim();
    let entered = is_entered(ui, &response);
    let can = !reason.is_empty() && reason.len() <= LONGEST;
    let reason = reason.to_owned();
    buttons(ui, "Leave out", can, entered).then_some(reason)
}

/// Asks by which file a document is replaced; that file, once there is one.
fn replacement_ui(ui: &mut Ui, name: &str, typed: &mut String) -> Option<PathBuf> {
    ui.heading("Replace by another file");
    ui.add_space(8.0);
    ui.label(names::cut_middle(name, 60));
    ui.add_space(4.0);
    let (path, entered) = path_field(ui, typed, "Path of the file that takes its place");
    buttons(ui, "Replace", path.is_file(), entered).then_some(path)
}

/// The button that does it, where that can be done, and the one that does not; true once it
/// is asked for, also by entering what was typed.
fn buttons(ui: &mut Ui, name: &str, can: bool, entered: bool) -> bool {
    ui.add_space(12.0);
    ui.horizontal(|ui| {
        let clicked = ui.add_enabled(can, Button::new(name)).clicked();
        if ui.button("Cancel").clicked() {
            ui.close();
        }
        clicked || (entered && can)
    })
    .inner
}

/// A field that takes the keyboard when it is new.
fn typed_line(ui: &mut Ui, typed: &mut String, label: &str) -> Response {
    let label = ui.label(label);
    let response = ui
        .add(TextEdit::singleline(typed).desired_width(f32::INFINITY))
        .labelled_by(label.id);
    if !response.has_focus() && typed.is_empty() {
        response.request_focus();
    }
    response
}

/// Gives what stands first in a dialog the keyboard while nothing else in it has it.
pub fn take_keyboard(response: &Response) {
    let is_free = response.ctx.memory(|memory| memory.focused().is_none());
    if is_free && !response.lost_focus() {
        response.request_focus();
    }
}

fn is_entered(ui: &Ui, response: &Response) -> bool {
    response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter))
}

/// A field for a path, which says where it leads: the path, and whether it was entered.
fn path_field(ui: &mut Ui, typed: &mut String, label: &str) -> (PathBuf, bool) {
    let response = typed_line(ui, typed, label);
    let path = path_of(typed);
    if !typed.trim().is_empty() && !Address::is(&path) && !path.exists() {
        ui.weak("There is no such file or folder.");
    }
    if !typed.contains("://") {
        say_where(ui, Path::new(unquoted(typed)), &path);
    }
    let entered = is_entered(ui, &response);
    (path, entered)
}

/// File managers copy paths as `file://` addresses and in quotes.
pub fn path_of(typed: &str) -> PathBuf {
    let typed = unquoted(typed);
    if let Some(address) = Address::of(Path::new(typed)) {
        return address.path();
    }
    match typed.strip_prefix("file://") {
        Some(address) => path_from(percent_decoded(address)),
        None => whole_path(Path::new(typed)),
    }
}

fn unquoted(typed: &str) -> &str {
    typed.trim().trim_matches(['"', '\''])
}

/// A path from the root on: `~` is the home folder, and a relative path begins where the
/// program was started. An empty one stays empty.
pub fn whole_path(path: &Path) -> PathBuf {
    let home = path.strip_prefix("~").ok().and_then(|below| {
        let home = directories::BaseDirs::new()?.home_dir().to_owned();
        Some(home.join(below))
    });
    let path = home.unwrap_or_else(|| path.to_owned());
    // Fails for an empty one, and where the folder it would begin at has gone.
    std::path::absolute(&path).unwrap_or(path)
}

/// Says where a path leads that was typed in short.
pub fn say_where(ui: &mut Ui, typed: &Path, path: &Path) {
    if !typed.as_os_str().is_empty() && typed.components().ne(path.components()) {
        ui.weak(format!(
            "That is {}",
            names::cut_middle(&path.to_string_lossy(), 60)
        ));
    }
}

/// A path as text that [`path_of`] makes the same path of: itself where it is Unicode,
/// else its address.
pub fn text_of(path: &Path) -> String {
    match path.to_str() {
        Some(text) => text.to_owned(),
        None => path.as_os_str().as_encoded_bytes().iter().fold(
            "file://".to_owned(),
            |address, byte| match byte {
                b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                    address + &char::from(*byte).to_string()
                }
                byte => address + &format!("%{byte:02X}"),
            },
        ),
    }
}

/// On Unix any bytes are a path.
#[cfg(unix)]
fn path_from(bytes: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;

    std::ffi::OsString::from_vec(bytes).into()
}

#[cfg(not(unix))]
fn path_from(bytes: Vec<u8>) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(&bytes).into_owned())
}

fn percent_decoded(address: &str) -> Vec<u8> {
    let bytes = address.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = (bytes[at] == b'%')
            .then(|| address.get(at + 1..at + 3))
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        decoded.push(code.unwrap_or(bytes[at]));
        at += if code.is_some() { 3 } else { 1 };
    }
    decoded
}

/// Asks what to say; what was said.
fn say_ui(ui: &mut Ui, what: Say, typed: &mut String, pages: usize) -> Option<Vec<Change>> {
    let mut answer = None;
    let (title, explanation, button) = match what {
        Say::Pile => ("Pile", "Name of the pile; empty: on none", "Put there"),
        Say::Tag => (
            "Tag",
            "A word for the pages; with - before it, it is taken off them",
            "Put on pages",
        ),
        Say::Note => (
            "Note",
            "What is to be known of the pages; empty: nothing",
            "Keep note",
        ),
    };
    ui.heading(format!(
        "{title}, {}",
        counted(pages as u64, "page", "pages")
    ));
    ui.add_space(8.0);
    let label = ui.label(explanation);
    let edit = match what {
        Say::Note => TextEdit::multiline(typed).desired_rows(5),
        Say::Pile | Say::Tag => TextEdit::singleline(typed),
    };
    let id = Id::unique("say");
    let response = ui
        .add(edit.id(id).desired_width(f32::INFINITY))
        .labelled_by(label.id);
    take_keyboard(&response);
    let said = typed.trim();
    let change = match what {
        Say::Pile => Some(Change::Pile((!said.is_empty()).then(|| said.to_owned()))),
        Say::Tag => match said.strip_prefix('-').map(str::trim) {
            Some(tag) => Some(Change::Untag(tag.to_owned())),
            None => (!said.is_empty()).then(|| Change::Tag(said.to_owned())),
        },
        Say::Note => Some(Change::Note(said.to_owned())),
    };
    let problem = change.as_ref().and_then(Change::problem);
    if let Some(problem) = &problem {
        ui.weak(problem);
    }
    ui.add_space(12.0);
    let entered = match what {
        // Enter begins a line.
        Say::Note => ui.input_mut(|input| input.consume_shortcut(&DONE)),
        Say::Pile | Say::Tag => {
            response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter))
        }
    };
    ui.horizontal(|ui| {
        let ready = change.is_some() && problem.is_none();
        let clicked = ui.add_enabled(ready, Button::new(button));
        let help = match what {
            Say::Note => ui.ctx().format_shortcut(&DONE),
            Say::Pile | Say::Tag => "Enter".to_owned(),
        };
        let clicked = clicked.on_hover_text(help).clicked();
        if (clicked || entered && ready)
            && let Some(change) = change
        {
            answer = Some(vec![change]);
        }
        if ui.button("Cancel").clicked() {
            ui.close();
        }
    });
    answer
}

/// Asks whether so many pages are to be decided about, of which some are not on screen and
/// some are decided otherwise; true if they are.
fn many_ui(
    ui: &mut Ui,
    changes: &[Change],
    pages: usize,
    (hidden, otherwise): (usize, usize),
) -> bool {
    let mut yes_clicked = false;
    let what = Change::all_in_words(changes);
    let pages = counted(pages as u64, "page", "pages");
    ui.heading(format!("{what}: {pages}?"));
    ui.add_space(8.0);
    let hidden = counted(hidden as u64, "of them is", "of them are");
    ui.label(format!("{hidden} not on screen. It can be undone."));
    if otherwise > 0 {
        let otherwise = counted(otherwise as u64, "of them is", "of them are");
        let text = format!("{otherwise} decided otherwise.");
        ui.colored_label(Palette::of(ui).warning, text);
    }
    ui.add_space(12.0);
    ui.horizontal(|ui| {
        let yes = ui.button(format!("{what}, {pages}"));
        take_keyboard(&yes);
        if yes.clicked() {
            yes_clicked = true;
        }
        if ui.button("Cancel").clicked() {
            ui.close();
        }
    });
    yes_clicked
}

fn close_ui(ui: &mut Ui, writing: &str, answer: &mut Option<Request>) {
    ui.heading("Close while files are written?");
    ui.add_space(8.0);
    ui.label(format!(
        "{writing}. What is there stays, whole; the rest will be missing until it is written \
         anew, and nothing of it is left half."
    ));
    ui.add_space(12.0);
    ui.horizontal(|ui| {
        let stay = ui.button("Go on writing");
        take_keyboard(&stay);
        if stay.clicked() {
            ui.close();
        }
        if ui.button("Close now").clicked() {
            *answer = Some(Request::CloseNow);
        }
    });
}

fn forget_ui(ui: &mut Ui, batch: BatchId, name: &str, answer: &mut Option<Request>) {
    ui.heading("Forget this batch?");
    ui.add_space(8.0);
    ui.label(format!(
        "“{name}”, everything measured on it and everything decided about its pages is removed from the library. The files themselves stay where they are."
    ));
    ui.add_space(12.0);
    ui.horizontal(|ui| {
        if ui.button("Forget batch").clicked() {
            *answer = Some(Command::Forget(batch).into());
        }
        if ui.button("Keep it").clicked() {
            ui.close();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_addresses_are_paths() {
        assert_eq!(path_of(" /a/b c.pdf "), PathBuf::from("/a/b c.pdf"));
        assert_eq!(
            path_of("file:///a/b%20c%C3%A9.pdf"),
            PathBuf::from("/a/b cé.pdf")
        );
        assert_eq!(path_of("\"/a/100%.pdf\""), PathBuf::from("/a/100%.pdf"));
        assert_eq!(path_of(" s3://bucket/in/ ").as_os_str(), "s3://bucket/in");
    }

    #[cfg(unix)]
    #[test]
    fn a_path_that_is_no_unicode_goes_through_text_unharmed() {
        use std::os::unix::ffi::OsStrExt;

        let bytes: Vec<u8> = (1..=255).filter(|byte| *byte != b'/').collect();
        let name = std::ffi::OsStr::from_bytes(&bytes);
        let path = Path::new("/clients").join(name);
        assert_eq!(path_of(&text_of(&path)), path);
    }

    #[test]
    fn short_paths_are_completed() {
        let home = directories::BaseDirs::new().unwrap().home_dir().to_owned();
        assert_eq!(whole_path(Path::new("~")), home);
        assert_eq!(path_of("~/in box"), home.join("in box"));
        assert_eq!(whole_path(Path::new("/a/~/b")), Path::new("/a/~/b"));
        let here = std::env::current_dir().unwrap();
        assert_eq!(path_of("parts"), here.join("parts"));
        assert_eq!(whole_path(Path::new("")), Path::new(""));
        assert_eq!(text_of(Path::new("/a/b cé.pdf")), "/a/b cé.pdf");
    }
}
