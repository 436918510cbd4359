//! Everything that can be done in the window, as one list: its words, usual key and icon.
//! Menus, buttons, keys, help and the command palette are all made from it. Not for doing it
//! (`app`), nor for keys that a person has changed (`keys`).

use eframe::egui::{Context, Key, KeyboardShortcut, Modifiers};
use egui_material_icons::{MaterialIcon, icons};

use super::keys;
use super::views::View;

/// Words, key and icon of an action.
pub struct Info {
    /// By which settings name it.
    pub id: &'static str,
    /// What it is about.
    pub group: Group,
    /// Its name in menus and in the palette.
    pub name: &'static str,
    /// What it does, for the tooltip.
    pub help: &'static str,
    pub icon: MaterialIcon,
    /// The key that it has where nobody chose another.
    pub usual_key: Option<KeyboardShortcut>,
}

/// A key by itself.
pub const fn plain(key: Key) -> Option<KeyboardShortcut> {
    Some(KeyboardShortcut::new(Modifiers::NONE, key))
}

const fn shift(key: Key) -> Option<KeyboardShortcut> {
    Some(KeyboardShortcut::new(Modifiers::SHIFT, key))
}

const fn command(key: Key) -> Option<KeyboardShortcut> {
    Some(KeyboardShortcut::new(Modifiers::COMMAND, key))
}

const fn command_shift(key: Key) -> Option<KeyboardShortcut> {
    let both = Modifiers {
        shift: true,
        ..Modifiers::COMMAND
    };
    Some(KeyboardShortcut::new(both, key))
}

/// Makes the types from the list below it: an action is one entry here and one arm in `app`.
/// Those that show views come from the list of views.
macro_rules! actions {
    ($($group:ident { $($action:ident($name:literal, $help:literal, $icon:expr, $key:expr,);)* })*) => {
        /// Something an analyst can do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action {
            /// Shows a view.
            Show(View),
            $($(#[doc = $help] $action,)*)*
        }

        /// What actions are about, in the order in which a day goes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Group {
            $($group,)*
        }

        impl Group {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$group,)*];

            /// Its title.
            pub const fn title(self) -> &'static str {
                match self {
                    $(Self::$group => stringify!($group),)*
                }
            }

            /// What is in it.
            pub fn actions(self) -> impl Iterator<Item = Action> {
                let views: &'static [View] = match self {
                    Self::Views => View::ALL,
                    _ => &[],
                };
                let listed: &'static [Action] = match self {
                    $(Self::$group => &[$(Action::$action,)*],)*
                };
                let views = views.iter().map(|view| Action::Show(*view));
                views.chain(listed.iter().copied())
            }
        }

        impl Action {
            /// All actions, group by group.
            pub fn all() -> impl Iterator<Item = Self> {
                Group::ALL.iter().flat_map(|group| group.actions())
            }

            /// Words, usual key and icon.
            pub const fn info(self) -> Info {
                match self {
                    Self::Show(view) => {
                        let about = view.about();
                        Info {
                            id: view.id(),
                            group: Group::Views,
                            name: about.name,
                            help: about.help,
                            icon: about.icon,
                            usual_key: about.usual_key,
                        }
                    }
                    $($(Self::$action => Info {
                        id: stringify!($action),
                        group: Group::$group,
                        name: $name,
                        help: $help,
                        icon: $icon,
                        usual_key: $key,
                    },)*)*
                }
            }
        }
    };
}

actions! {
    Files {
        AddFiles(
            "Add files…",
            "Choose PDFs or ZIP archives",
            icons::ICON_NOTE_ADD,
            command(Key::O),
        );
        AddFolder(
            "Add folder…",
            "Choose a folder; all PDFs in it are taken in",
            icons::ICON_CREATE_NEW_FOLDER,
            command_shift(Key::O),
        );
        AddPath(
            "Add by path…",
            "Type or paste the path of a file or folder",
            icons::ICON_KEYBOARD,
            command_shift(Key::P),
        );
        WatchFolder(
            "Watch a folder…",
            "Take in what is in a folder and whatever comes into it later, once it is whole",
            icons::ICON_VISIBILITY,
            None,
        );
        StopWatching(
            "Stop watching",
            "Take in no more of what comes into the folders of this batch",
            icons::ICON_VISIBILITY_OFF,
            None,
        );
        MoveTaken(
            "Move what was taken in…",
            "Files go from the watched folders to another once they are analysed; what cannot be \
             read goes to \"failed\" within it, with the reason beside it",
            icons::ICON_DRIVE_FILE_MOVE,
            None,
        );
        LeaveTaken(
            "Move files no more",
            "What is taken in from the watched folders stays where it is from now on",
            icons::ICON_VISIBILITY,
            None,
        );
        Passwords(
            "Passwords…",
            "Type passwords to try on all locked documents of the batch",
            icons::ICON_KEY,
            command(Key::L),
        );
        Batches(
            "Batches…",
            "All batches of the library: open, rename, archive and forget them",
            icons::ICON_INVENTORY_2,
            command_shift(Key::B),
        );
        Reconcile(
            "Compare with a list…",
            "Whether all is here that the client says was sent: documents and pages",
            icons::ICON_CHECKLIST,
            None,
        );
        Locate(
            "Locate moved files…",
            "Files that are not where they were are found below a folder by their content",
            icons::ICON_WHERE_TO_VOTE,
            None,
        );
        BackUp(
            "Back up the library…",
            "Write a copy of all that was measured, read and decided into a file",
            icons::ICON_BACKUP,
            None,
        );
        PutBack(
            "Put back what was taken out",
            "Take documents in again that were taken out of this batch",
            icons::ICON_UNDO,
            None,
        );
        ForgetBatch(
            "Forget batch",
            "Remove this batch from the library; its files stay where they are",
            icons::ICON_DELETE,
            None,
        );
    }
    Views {}
    Pages {
        Search(
            "Search text",
            "Show only pages whose text has certain words",
            icons::ICON_SEARCH,
            command(Key::F),
        );
        Terms(
            "Terms…",
            "A list of terms, with the pages that have each, marked on the page",
            icons::ICON_LIST_ALT,
            command_shift(Key::F),
        );
        ShowAll(
            "Show all",
            "Clear the filter and the search",
            icons::ICON_FILTER_ALT_OFF,
            None,
        );
        OpenPage(
            "Open page",
            "Show the page large; Escape goes back",
            icons::ICON_OPEN_IN_FULL,
            plain(Key::Enter),
        );
        Compare(
            "Compare",
            "Two to four selected pages side by side, zoomed and moved in step",
            icons::ICON_COMPARE,
            plain(Key::C),
        );
        SelectAll(
            "Select all",
            "Select all pages shown",
            icons::ICON_SELECT_ALL,
            command(Key::A),
        );
        SelectNone(
            "Select none",
            "Clear the selection",
            icons::ICON_DESELECT,
            command_shift(Key::A),
        );
        ToggleOverlays(
            "Show findings on pages",
            "Pictures with their resolution, the largest mark, barcodes, skew, and words",
            icons::ICON_FRAME_INSPECT,
            plain(Key::V),
        );
        ToggleFilmstrip(
            "Filmstrip",
            "Show or hide the pages before and after, below one that is shown large",
            icons::ICON_THEATERS,
            shift(Key::F),
        );
        CopyText(
            "Copy text",
            "The words that are marked on the page, or all of its text",
            icons::ICON_CONTENT_COPY,
            None,
        );
        Larger(
            "Larger",
            "Larger pictures",
            icons::ICON_ZOOM_IN,
            plain(Key::Plus),
        );
        Smaller(
            "Smaller",
            "Smaller pictures",
            icons::ICON_ZOOM_OUT,
            plain(Key::Minus),
        );
        Thresholds(
            "Thresholds…",
            "Where the lines between verdicts are drawn, and which pages change by that",
            icons::ICON_TUNE,
            plain(Key::T),
        );
        SaveTable(
            "Save a table…",
            "Pages, documents, failures or duplicates, for spreadsheets and programs",
            icons::ICON_FILE_SAVE,
            command(Key::S),
        );
        SavePages(
            "Save pages…",
            "Pages as pictures or text, each as a file: what is selected, a document, or all shown",
            icons::ICON_IMAGE,
            command_shift(Key::S),
        );
        Verify(
            "Check a manifest…",
            "Whether files that were handed over are still as they were written",
            icons::ICON_FACT_CHECK,
            None,
        );
    }
    Deciding {
        Keep(
            "Keep", "The pages go on", icons::ICON_CHECK, plain(Key::K),
        );
        Reject(
            "Reject",
            "The pages are thrown out; the files stay as they are",
            icons::ICON_CLOSE,
            plain(Key::X),
        );
        Flag(
            "Flag",
            "Somebody has to look at the pages, or ask",
            icons::ICON_FLAG,
            plain(Key::F),
        );
        KeepOnly(
            "Keep only this",
            "Of the pages that are compared, keep this one and reject the others",
            icons::ICON_DONE_ALL,
            shift(Key::K),
        );
        Undecide(
            "Undecided",
            "Nothing is decided about the pages any more",
            icons::ICON_RADIO_BUTTON_UNCHECKED,
            plain(Key::U),
        );
        Pile(
            "Pile…",
            "Put pages on a pile by its name",
            icons::ICON_STACKS,
            plain(Key::L),
        );
        Tag(
            "Tag…",
            "Put a word on the pages, or take it off them",
            icons::ICON_SELL,
            plain(Key::G),
        );
        Note(
            "Note…",
            "Write a note on the pages",
            icons::ICON_STICKY_NOTE_2,
            plain(Key::E),
        );
        NextUndecided(
            "Next undecided",
            "Go to the next page that nobody has decided about",
            icons::ICON_SKIP_NEXT,
            plain(Key::N),
        );
        TakeOver(
            "Take over",
            "Say of the pages what was said of the same pages in another batch",
            icons::ICON_HISTORY,
            plain(Key::B),
        );
        Accept(
            "Accept",
            "Say of the pages what rules propose",
            icons::ICON_LIGHTBULB,
            plain(Key::A),
        );
        SayTheSame(
            "Say the same of…",
            "What is said of the pages, said of their copies, parts or documents as well",
            icons::ICON_CONTENT_PASTE_GO,
            plain(Key::D),
        );
        Presets(
            "Presets…",
            "Several things said of pages with one key or click",
            icons::ICON_BOLT,
            None,
        );
        Rules(
            "Rules…",
            "What is proposed for which pages, and accepting it",
            icons::ICON_LIGHTBULB,
            command(Key::U),
        );
        Headway(
            "How far it is…",
            "What is decided and what is left, by pile and person, and how long it will take",
            icons::ICON_AVG_PACE,
            command(Key::D),
        );
        Sample(
            "Quality sample…",
            "Pages drawn at random and judged without seeing what was decided",
            icons::ICON_GAVEL,
            None,
        );
        UndoDecision(
            "Undo decision",
            "Take back what was said last, also from before the program was closed",
            icons::ICON_UNDO,
            command(Key::Z),
        );
        RedoDecision(
            "Redo decision",
            "Say again what was taken back",
            icons::ICON_REDO,
            command_shift(Key::Z),
        );
    }
    Work {
        PauseOrResume(
            "Pause or resume",
            "Stop starting new pages, or go on",
            icons::ICON_PAUSE,
            plain(Key::P),
        );
        Cancel(
            "Cancel batch",
            "Stop this batch; what is done is kept, and Resume goes on",
            icons::ICON_STOP_CIRCLE,
            None,
        );
        ReprocessFailed(
            "Try failures again",
            "Process failed pages and documents again",
            icons::ICON_REPLAY,
            command(Key::R),
        );
        ReprocessSelection(
            "Process selection again",
            "Process the selected pages again",
            icons::ICON_RULE,
            plain(Key::R),
        );
        ReprocessBatch(
            "Process batch again",
            "Process every page of the batch again",
            icons::ICON_RESTART_ALT,
            command_shift(Key::R),
        );
        Changes(
            "What changed…",
            "What pages that were processed again say otherwise than before, and which of the \
            two counts",
            icons::ICON_DIFFERENCE,
            None,
        );
        ScratchSpace(
            "Scratch space…",
            "Who holds it, what cleaning would delete, and its budget",
            icons::ICON_CLEANING_SERVICES,
            command(Key::J),
        );
    }
    Window {
        CommandPalette(
            "Commands…",
            "Find anything that can be done",
            icons::ICON_KEYBOARD_COMMAND_KEY,
            command(Key::K),
        );
        ToggleDocuments(
            "List of documents",
            "Show or hide the list of documents",
            icons::ICON_LEFT_PANEL_OPEN,
            command(Key::B),
        );
        ToggleInspector(
            "Inspector",
            "Show or hide what was measured",
            icons::ICON_RIGHT_PANEL_OPEN,
            command(Key::I),
        );
        Settings(
            "Settings…",
            "Theme, workers, engines",
            icons::ICON_SETTINGS,
            command(Key::Comma),
        );
        Theme(
            "Light or dark",
            "Use the light theme, or the dark one",
            icons::ICON_CONTRAST,
            None,
        );
        Keys(
            "Keys…",
            "What every key does, and giving it another",
            icons::ICON_KEYBOARD_ALT,
            None,
        );
        SecondWindow(
            "Second window",
            "The page under the cursor in a window of its own, for another screen",
            icons::ICON_OPEN_IN_NEW,
            plain(Key::F12),
        );
        FullScreen(
            "Full screen",
            "Use the whole screen, or no longer",
            icons::ICON_FULLSCREEN,
            plain(Key::F11),
        );
        FirstSteps(
            "First steps…",
            "What this program is for, the sample batch, and where things are kept",
            icons::ICON_FLAG_CIRCLE,
            None,
        );
        Notices(
            "Notices…",
            "What was told since the program started, to be read again",
            icons::ICON_NOTIFICATIONS,
            None,
        );
        Help(
            "Manual",
            "What is on the screen, in the manual; ? does the same",
            icons::ICON_HELP,
            plain(Key::F1),
        );
        About(
            "About Pagesieve",
            "Version, system, engines and fence, to be read and to be copied",
            icons::ICON_INFO,
            None,
        );
        Quit(
            "Quit",
            "Close the window; an unfinished batch goes on when it is opened again",
            icons::ICON_LOGOUT,
            command(Key::Q),
        );
    }
}

impl Action {
    /// Icon and name, for buttons and menus.
    pub fn text(self) -> String {
        let info = self.info();
        format!("{}  {}", info.icon.codepoint, info.name)
    }

    /// What is typed after it is meant for what it opens.
    pub const fn opens_field(self) -> bool {
        matches!(
            self,
            Self::AddPath
                | Self::Passwords
                | Self::Search
                | Self::SaveTable
                | Self::SavePages
                | Self::Pile
                | Self::Tag
                | Self::Note
                | Self::CommandPalette
        )
    }

    /// Its key as people write it; empty where it has none.
    pub fn key_text(self, context: &Context) -> String {
        keys::of(context, self).map_or(String::new(), |key| context.format_shortcut(&key))
    }

    /// What it does and its key, for tooltips.
    pub fn tooltip(self, context: &Context) -> String {
        let (help, key) = (self.info().help, self.key_text(context));
        match key.is_empty() {
            true => help.to_owned(),
            false => format!("{help}  ({key})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_actions_share_a_name_or_a_usual_key() {
        let names: HashSet<_> = Action::all().map(|a| a.info().name).collect();
        assert_eq!(names.len(), Action::all().count());
        let keys: Vec<_> = Action::all().filter_map(|a| a.info().usual_key).collect();
        let distinct: HashSet<_> = keys.iter().map(|key| format!("{key:?}")).collect();
        assert_eq!(distinct.len(), keys.len());
    }
}
