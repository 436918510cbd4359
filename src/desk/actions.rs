//! Everything that can be done in the window, as one list: its words, key and
//! icon. Menus, buttons, keys and the command palette are all made from it. Not
//! for doing it (`app`).

use eframe::egui::{Context, Key, KeyboardShortcut, Modifiers};
use egui_material_icons::{MaterialIcon, icons};

/// Something an analyst can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    AddFiles,
    AddFolder,
    AddPath,
    PauseOrResume,
    Cancel,
    ReprocessFailed,
    ReprocessSelection,
    ReprocessBatch,
    Changes,
    Passwords,
    ShowGrid,
    ShowTable,
    ShowFailures,
    ShowSplit,
    ShowDuplicates,
    OpenPage,
    Keep,
    Reject,
    Flag,
    Undecide,
    Pile,
    Tag,
    Note,
    TakeOver,
    Accept,
    NextUndecided,
    UndoDecision,
    RedoDecision,
    SelectAll,
    SelectNone,
    Larger,
    Smaller,
    ToggleDocuments,
    ToggleInspector,
    ToggleOverlays,
    Search,
    Thresholds,
    Rules,
    SaveTable,
    Verify,
    ScratchSpace,
    Settings,
    CommandPalette,
    PutBack,
    ForgetBatch,
    Help,
    About,
    FullScreen,
    Quit,
}

/// Words, key and icon of an action.
pub struct Info {
    /// Its name in menus and in the palette.
    pub name: &'static str,
    /// What it does, for the tooltip.
    pub help: &'static str,
    pub icon: MaterialIcon,
    pub key: Option<KeyboardShortcut>,
}

const fn plain(key: Key) -> Option<KeyboardShortcut> {
    Some(KeyboardShortcut::new(Modifiers::NONE, key))
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

impl Action {
    /// All actions. Keys with more modifiers stand before those with fewer:
    /// a key is consumed by the first that fits.
    pub const ALL: [Self; 49] = [
        Self::AddFolder,
        Self::ReprocessBatch,
        Self::AddPath,
        Self::SelectNone,
        Self::RedoDecision,
        Self::AddFiles,
        Self::PauseOrResume,
        Self::Cancel,
        Self::ReprocessFailed,
        Self::ReprocessSelection,
        Self::Changes,
        Self::Passwords,
        Self::ShowGrid,
        Self::ShowTable,
        Self::ShowFailures,
        Self::ShowSplit,
        Self::ShowDuplicates,
        Self::OpenPage,
        Self::Keep,
        Self::Reject,
        Self::Flag,
        Self::Undecide,
        Self::Pile,
        Self::Tag,
        Self::Note,
        Self::TakeOver,
        Self::Accept,
        Self::NextUndecided,
        Self::UndoDecision,
        Self::SelectAll,
        Self::Larger,
        Self::Smaller,
        Self::ToggleDocuments,
        Self::ToggleInspector,
        Self::ToggleOverlays,
        Self::Search,
        Self::Thresholds,
        Self::Rules,
        Self::SaveTable,
        Self::Verify,
        Self::ScratchSpace,
        Self::Settings,
        Self::CommandPalette,
        Self::PutBack,
        Self::ForgetBatch,
        Self::Help,
        Self::About,
        Self::FullScreen,
        Self::Quit,
    ];

    /// Words, key and icon.
    pub const fn info(self) -> Info {
        let (name, help, icon, key) = match self {
            Self::AddFiles => (
                "Add files…",
                "Choose PDFs or ZIP archives",
                icons::ICON_NOTE_ADD,
                command(Key::O),
            ),
            Self::AddFolder => (
                "Add folder…",
                "Choose a folder; all PDFs in it are taken in",
                icons::ICON_CREATE_NEW_FOLDER,
                command_shift(Key::O),
            ),
            Self::AddPath => (
                "Add by path…",
                "Type or paste the path of a file or folder",
                icons::ICON_KEYBOARD,
                command_shift(Key::P),
            ),
            Self::PauseOrResume => (
                "Pause or resume",
                "Stop starting new pages, or go on",
                icons::ICON_PAUSE,
                plain(Key::P),
            ),
            Self::Cancel => (
                "Cancel batch",
                "Stop this batch; what is done is kept, and Resume goes on",
                icons::ICON_STOP_CIRCLE,
                None,
            ),
            Self::ReprocessFailed => (
                "Try failures again",
                "Process failed pages and documents again",
                icons::ICON_REPLAY,
                command(Key::R),
            ),
            Self::ReprocessSelection => (
                "Process selection again",
                "Process the selected pages again",
                icons::ICON_RULE,
                plain(Key::R),
            ),
            Self::ReprocessBatch => (
                "Process batch again",
                "Process every page of the batch again",
                icons::ICON_RESTART_ALT,
                command_shift(Key::R),
            ),
            Self::Changes => (
                "What changed…",
                "What pages that were processed again say otherwise than before, and which of the \
                 two counts",
                icons::ICON_DIFFERENCE,
                None,
            ),
            Self::Passwords => (
                "Passwords…",
                "Type passwords to try on all locked documents of the batch",
                icons::ICON_KEY,
                command(Key::L),
            ),
            Self::ShowGrid => (
                "Grid",
                "Pages as pictures",
                icons::ICON_GRID_VIEW,
                plain(Key::Num1),
            ),
            Self::ShowTable => (
                "Table",
                "Pages as rows of measurements",
                icons::ICON_TABLE_ROWS,
                plain(Key::Num2),
            ),
            Self::ShowFailures => (
                "Failures",
                "What failed, why, and what to do",
                icons::ICON_ERROR,
                plain(Key::Num3),
            ),
            Self::ShowSplit => (
                "Split",
                "Cut documents into parts, by rules and by hand",
                icons::ICON_CONTENT_CUT,
                plain(Key::Num4),
            ),
            Self::ShowDuplicates => (
                "Duplicates",
                "Pages of all batches that are the same, side by side",
                icons::ICON_CONTENT_COPY,
                plain(Key::Num5),
            ),
            Self::OpenPage => (
                "Open page",
                "Show the page large; Escape goes back",
                icons::ICON_OPEN_IN_FULL,
                plain(Key::Enter),
            ),
            Self::Keep => ("Keep", "The pages go on", icons::ICON_CHECK, plain(Key::K)),
            Self::Reject => (
                "Reject",
                "The pages are thrown out; the files stay as they are",
                icons::ICON_CLOSE,
                plain(Key::X),
            ),
            Self::Flag => (
                "Flag",
                "Somebody has to look at the pages, or ask",
                icons::ICON_FLAG,
                plain(Key::F),
            ),
            Self::Undecide => (
                "Undecided",
                "Nothing is decided about the pages any more",
                icons::ICON_RADIO_BUTTON_UNCHECKED,
                plain(Key::U),
            ),
            Self::Pile => (
                "Pile…",
                "Put pages on a pile by its name",
                icons::ICON_STACKS,
                plain(Key::L),
            ),
            Self::Tag => (
                "Tag…",
                "Put a word on the pages, or take it off them",
                icons::ICON_SELL,
                plain(Key::G),
            ),
            Self::Note => (
                "Note…",
                "Write a note on the pages",
                icons::ICON_STICKY_NOTE_2,
                plain(Key::E),
            ),
            Self::TakeOver => (
                "Take over",
                "Say of the pages what was said of the same pages in another batch",
                icons::ICON_HISTORY,
                plain(Key::B),
            ),
            Self::Accept => (
                "Accept",
                "Say of the pages what rules propose",
                icons::ICON_LIGHTBULB,
                plain(Key::A),
            ),
            Self::NextUndecided => (
                "Next undecided",
                "Go to the next page that nobody has decided about",
                icons::ICON_SKIP_NEXT,
                plain(Key::N),
            ),
            Self::UndoDecision => (
                "Undo decision",
                "Take back what was said last, also from before the program was closed",
                icons::ICON_UNDO,
                command(Key::Z),
            ),
            Self::RedoDecision => (
                "Redo decision",
                "Say again what was taken back",
                icons::ICON_REDO,
                command_shift(Key::Z),
            ),
            Self::SelectAll => (
                "Select all",
                "Select all pages shown",
                icons::ICON_SELECT_ALL,
                command(Key::A),
            ),
            Self::SelectNone => (
                "Select none",
                "Clear the selection",
                icons::ICON_DESELECT,
                command_shift(Key::A),
            ),
            Self::Larger => (
                "Larger",
                "Larger pictures",
                icons::ICON_ZOOM_IN,
                plain(Key::Plus),
            ),
            Self::Smaller => (
                "Smaller",
                "Smaller pictures",
                icons::ICON_ZOOM_OUT,
                plain(Key::Minus),
            ),
            Self::ToggleDocuments => (
                "Documents",
                "Show or hide the list of documents",
                icons::ICON_LEFT_PANEL_OPEN,
                command(Key::B),
            ),
            Self::ToggleInspector => (
                "Inspector",
                "Show or hide what was measured",
                icons::ICON_RIGHT_PANEL_OPEN,
                command(Key::I),
            ),
            Self::ToggleOverlays => (
                "Show findings on pages",
                "Pictures with their resolution, the largest mark, barcodes, skew, and words",
                icons::ICON_FRAME_INSPECT,
                plain(Key::V),
            ),
            Self::Search => (
                "Search text",
                "Show only pages whose text has certain words",
                icons::ICON_SEARCH,
                command(Key::F),
            ),
            Self::Thresholds => (
                "Thresholds…",
                "Where the lines between verdicts are drawn, and which pages change by that",
                icons::ICON_TUNE,
                plain(Key::T),
            ),
            Self::Rules => (
                "Rules…",
                "What is proposed for which pages, and accepting it",
                icons::ICON_LIGHTBULB,
                command(Key::U),
            ),
            Self::SaveTable => (
                "Save a table…",
                "Pages, documents, failures or duplicates, for spreadsheets and programs",
                icons::ICON_FILE_SAVE,
                command(Key::S),
            ),
            Self::Verify => (
                "Check a manifest…",
                "Whether files that were handed over are still as they were written",
                icons::ICON_FACT_CHECK,
                None,
            ),
            Self::ScratchSpace => (
                "Scratch space…",
                "Who holds it, what cleaning would delete, and its budget",
                icons::ICON_CLEANING_SERVICES,
                command(Key::J),
            ),
            Self::Settings => (
                "Settings…",
                "Theme, workers, engines",
                icons::ICON_SETTINGS,
                command(Key::Comma),
            ),
            Self::CommandPalette => (
                "Commands…",
                "Find anything that can be done",
                icons::ICON_KEYBOARD_COMMAND_KEY,
                command(Key::K),
            ),
            Self::PutBack => (
                "Put back what was taken out",
                "Take documents in again that were taken out of this batch",
                icons::ICON_UNDO,
                None,
            ),
            Self::ForgetBatch => (
                "Forget batch",
                "Remove this batch from the library; its files stay where they are",
                icons::ICON_DELETE,
                None,
            ),
            Self::Help => (
                "Help",
                "What is on the screen, and all keys; ? does the same",
                icons::ICON_HELP,
                plain(Key::F1),
            ),
            Self::About => (
                "About Pagesieve",
                "Version and licence",
                icons::ICON_INFO,
                None,
            ),
            Self::FullScreen => (
                "Full screen",
                "Use the whole screen, or no longer",
                icons::ICON_FULLSCREEN,
                plain(Key::F11),
            ),
            Self::Quit => (
                "Quit",
                "Close the window; an unfinished batch goes on when it is opened again",
                icons::ICON_LOGOUT,
                command(Key::Q),
            ),
        };
        Info {
            name,
            help,
            icon,
            key,
        }
    }

    /// Icon and name, for buttons and menus.
    pub fn text(self) -> String {
        let info = self.info();
        format!("{}  {}", info.icon.codepoint, info.name)
    }

    /// What it does and its key, for tooltips.
    pub fn tooltip(self, context: &Context) -> String {
        let info = self.info();
        match info.key {
            Some(key) => format!("{}  ({})", info.help, context.format_shortcut(&key)),
            None => info.help.to_owned(),
        }
    }

    /// The actions whose keys were pressed. Keys without a modifier, and those that
    /// edit text, are left alone while a text field has the focus.
    pub fn pressed(context: &Context) -> Vec<Self> {
        let typing = context.text_edit_focused();
        let edits = |key: &KeyboardShortcut| {
            let types = key.modifiers.is_none() && !FUNCTION_KEYS.contains(&key.logical_key);
            types || EDITING.contains(&key.logical_key)
        };
        Self::ALL
            .into_iter()
            .filter(|action| {
                action.info().key.is_some_and(|key| {
                    !(typing && edits(&key))
                        && context.input_mut(|input| input.consume_shortcut(&key))
                })
            })
            .collect()
    }
}

/// Without a modifier these type nothing.
const FUNCTION_KEYS: [Key; 2] = [Key::F1, Key::F11];

/// With the command key these edit text: select all, copy, cut, paste, undo, redo.
const EDITING: [Key; 6] = [Key::A, Key::C, Key::X, Key::V, Key::Z, Key::Y];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_action_is_listed_once_and_no_key_serves_two() {
        let actions: HashSet<_> = Action::ALL.into_iter().collect();
        assert_eq!(actions.len(), Action::ALL.len());
        let keys: Vec<_> = Action::ALL.iter().filter_map(|a| a.info().key).collect();
        let distinct: HashSet<_> = keys.iter().map(|key| format!("{key:?}")).collect();
        assert_eq!(distinct.len(), keys.len());
    }

    #[test]
    fn keys_with_more_modifiers_come_first() {
        let keys: Vec<_> = Action::ALL.iter().filter_map(|a| a.info().key).collect();
        for (index, key) in keys.iter().enumerate() {
            for later in &keys[index + 1..] {
                let same = key.logical_key == later.logical_key;
                assert!(!(same && later.modifiers.shift && !key.modifiers.shift));
            }
        }
    }
}
