//! Keys, as the manual lists them. Not for what they do (`actions`) and not for giving them
//! to others (`dialogs`).

use std::fmt::Write;

use eframe::egui::ModifierNames;

use super::KeyText;
use crate::desk::actions::{Action, Group};

/// Keys that are no action, with what they do.
pub type Keys = &'static [(&'static str, &'static str)];

/// Keys of views of pages.
pub const PAGES: Keys = &[
    (
        "Arrows",
        "Go from page to page; with Shift, select on the way",
    ),
    (
        "Ctrl+click, Shift+click",
        "Select single pages, or all between two",
    ),
    ("Home, End", "To the first page, to the last"),
    (
        "Drag",
        "Select the pictures that the frame touches; with Shift, more of them. From selected \
         pages: put them on a pile in the bar above",
    ),
    (
        "Right-click",
        "What can be done with the page, its file and its folder",
    ),
];

/// Keys of a page that is shown large.
pub const LARGE: Keys = &[
    ("Left, Right", "The page before, the page after"),
    ("Scroll, drag", "Zoom and move"),
    ("Drag over words", "Mark them; Ctrl+C copies them"),
    ("0", "Show the whole page"),
    ("[ ]", "Turn the page left or right, only here"),
    ("Escape", "Back to all pages"),
];

/// The key that an action has where nobody chose another.
pub fn usual(action: Action) -> String {
    let key = action.info().usual_key;
    key.map_or_else(String::new, |key| {
        key.format(&ModifierNames::NAMES, cfg!(target_os = "macos"))
    })
}

/// Keys that a view alone has; nothing where there are none.
pub fn section(keys: Keys) -> String {
    if keys.is_empty() {
        return String::new();
    }
    let mut text = "\n## Keys here\n\n".to_owned();
    for (key, does) in keys {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "- **{}**: {does}", escaped(key));
    }
    text
}

/// Everything that can be done, with its key.
pub fn chapter(key: KeyText<'_>) -> String {
    let mut text = "# Keys and commands\n\n\
                    Everything that can be done, by name. *Commands…* finds each by its name, and \
                    *Keys…* gives each a key, or another one.\n"
        .to_owned();
    for group in Group::ALL {
        let _ = write!(text, "\n## {}\n\n", group.title());
        for action in group.actions() {
            let info = action.info();
            let key = match key(action) {
                key if key.is_empty() => key,
                key => format!(" ({})", escaped(&key)),
            };
            let _ = writeln!(text, "- **{}**{key}: {}", info.name, info.help);
        }
    }
    text
}

/// Keys that mean something in Markdown.
fn escaped(key: &str) -> String {
    let mut text = String::new();
    for letter in key.chars() {
        if letter.is_ascii_punctuation() {
            text.push('\\');
        }
        text.push(letter);
    }
    text
}
